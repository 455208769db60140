"""Tell from two episodes that follow each other what changed: the placement, the carer, the legal status.

The return says it in one code (RNE). The columns say it too, and where the two differ an analyst should look.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.codes import load_codelist

FOSTER, ADOPTION = "Foster and kinship carers", "Placed for adoption"
URN_NOT_KNOWN = "XXXXXXX"

NO, YES, UNKNOWN = 0, 1, -1


class Details(NamedTuple):
    """What tells of a placement, per row. Codes of text are numbers, -1 where the cell is blank."""

    place: NDArray[np.intp]
    group: NDArray[np.object_]
    role: NDArray[np.object_]
    provider: NDArray[np.intp]
    address: NDArray[np.intp]
    urn: NDArray[np.intp]
    legal: NDArray[np.intp]

    def take(self, at: NDArray[np.intp]) -> Details:
        """Give the rows at these places."""
        return Details(*(column[at] for column in self))


def details_of(rows: pd.DataFrame) -> Details:
    """Take from the official columns what tells of a placement."""
    group = load_codelist("placement").set_index("code")["group"]
    role = load_codelist("placement_roles").set_index("code")["role"]
    return Details(
        place=pd.factorize(rows["PLACE"])[0],
        group=rows["PLACE"].map(group).fillna("").to_numpy(object),
        role=rows["PLACE"].map(role).fillna("").to_numpy(object),
        provider=pd.factorize(rows["PLACE_PROVIDER"])[0],
        address=pd.factorize(rows["PL_POST"])[0],
        urn=pd.factorize(rows["URN"].mask(rows["URN"] == URN_NOT_KNOWN))[0],
        legal=pd.factorize(rows["LS"])[0],
    )


def is_temporary(details: Details) -> NDArray[np.bool_]:
    """Tell temporary stays (T0 to T4, and M2 and M3 of old returns): the child goes back to the placement before."""
    return details.role == "temporary"


def placement_changed(now: Details, before: Details) -> NDArray[np.int8]:
    """Tell whether placement type, provider, postcode or URN differ: YES, NO or UNKNOWN.

    A blank cell differs from nothing. UNKNOWN where all that is filled agrees but the address is not among it.
    """
    differs = _differ(now.place, before.place) | _differ(now.provider, before.provider)
    differs |= _differ(now.address, before.address) | _differ(now.urn, before.urn)
    return np.where(differs, YES, np.where(_tellable(now, before), NO, UNKNOWN)).astype(np.int8)


def legal_status_changed(now: Details, before: Details) -> NDArray[np.int8]:
    """Tell whether the legal status differs."""
    return (now.legal != before.legal).astype(np.int8)


def same_carer(now: Details, before: Details) -> NDArray[np.int8]:
    """Tell whether the child stays with the carer: YES, NO or UNKNOWN.

    The same postcode is the same carer, whatever the placement is called now. A foster carer at another postcode may
    have moved house, and one URN stands for all carers of an agency, so between foster placements another postcode
    tells nothing for certain. A3 and A5 say in their code that the foster carer adopts, A4 and A6 that others do.
    """
    families = np.isin(now.group, (FOSTER, ADOPTION)) & np.isin(before.group, (FOSTER, ADOPTION))
    home_differs = _differ(now.address, before.address)
    other_urn = ~families & _differ(now.urn, before.urn)
    same_urn = ~families & (now.urn == before.urn) & (now.urn >= 0) & (now.group == before.group)
    conditions = [
        (now.role == "adoptive with the same carer") & np.isin(before.group, (FOSTER, ADOPTION)),
        (now.role == "adoptive with new carers") & (before.group == FOSTER),
        (now.address == before.address) & (now.address >= 0),
        ~families & (now.group != before.group),
        families & home_differs & _differ(now.provider, before.provider),
        ~families & (home_differs | other_urn),
        same_urn,
    ]
    return np.select(conditions, [YES, NO, YES, NO, NO, NO, YES], UNKNOWN).astype(np.int8)


def claims(reason_new: pd.Series) -> pd.DataFrame:
    """Give what each RNE claims: placement_changed, legal_status_changed, same_carer as YES, NO or UNKNOWN."""
    listed = load_codelist("reason_new_episode_claims").set_index("code")
    told = listed[["placement_changed", "legal_status_changed", "same_carer"]].replace("", str(UNKNOWN)).astype(np.int8)
    return told.reindex(reason_new, fill_value=UNKNOWN).reset_index(drop=True)


def moved(now: Details, settled: Details, claim: NDArray[np.int8], after_temporary: NDArray[np.bool_]) -> NDArray:
    """Tell whether the child has moved to another carer since the last placement that was not temporary.

    now, settled: the episode and the last one before it that is not temporary
    claim: same_carer as RNE claims it; used only where the columns do not tell
    after_temporary: the episode follows a temporary stay, of which RNE then tells, not of the placement before it
    """
    carer = same_carer(now, settled)
    elsewhere = _differ(now.address, settled.address)
    as_claimed = np.where(claim == UNKNOWN, elsewhere, claim == NO)
    as_claimed = np.where(after_temporary, elsewhere & (claim == NO), as_claimed)
    return np.where(carer == UNKNOWN, as_claimed, carer == NO).astype(bool)


def _differ(now: NDArray[np.intp], before: NDArray[np.intp]) -> NDArray[np.bool_]:
    return (now != before) & (now >= 0) & (before >= 0)


def _tellable(now: Details, before: Details) -> NDArray[np.bool_]:
    address = (now.address >= 0) & (before.address >= 0)
    urn = (now.urn >= 0) & (before.urn >= 0) & ~np.isin(now.group, (FOSTER, ADOPTION))
    return address | urn
