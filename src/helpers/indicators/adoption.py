"""How long adoption took: A10 (care to moving in) and A2 (placement order to match), as DfE's scorecards count.

Both are means of days over the children adopted in a window of one or of three years.
"""

from __future__ import annotations

import pandas as pd

from helpers.codes import load_codelist
from helpers.indicators.people import ceased_between
from helpers.indicators.stability import ADOPTIVE
from helpers.indicators.tables import Tables
from helpers.indicators.windows import Window

PLACEMENT_ORDER = "E1"
WITH_FOSTER_CARER = ("A3", "A5")
"""Placed for adoption with the child's current foster carer: the clock stopped when the child came to that carer."""


def adopted_children(tables: Tables, spells: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Give the children adopted in the window, each with its days.

    spells: stability.placement_spells of the episodes
    returns: the rows of people.ceased_between with a reason of adoption, and
        days_to_family: from the first day of the care to the first day with the adoptive family; for a child adopted
            by its foster carers, to the first day with them; to the order where no such placement is told; missing
            where the returns do not tell when the care began
        days_order_to_match: from the first day of the placement order in that care to the match; missing where either
            is not told
    source: DfE adoption scorecards, indicators A10 and A2
    """
    left = ceased_between(tables.children, tables.episodes, window.after, window.day)
    reasons = load_codelist("reason_ceased").set_index("code")["group"]
    adopted = left[left["reason_ceased_code"].map(reasons) == "Adopted"]
    family = _first_day_with_family(adopted, tables, spells)
    care = spells.drop_duplicates(["child_id", "period"])
    began = _of_period(adopted, care, "care_from").where(_opens(adopted, tables.episodes))
    return adopted.assign(
        days_to_family=(family - began).dt.days.astype(float),
        days_order_to_match=(_matched_on(adopted, tables) - _ordered_on(adopted, tables.episodes)).dt.days.astype(
            float
        ),
    )


def _of_period(rows: pd.DataFrame, told: pd.DataFrame, column: str) -> pd.Series:
    """Look up a column by child and period, in the order of the rows."""
    found = told.set_index(["child_id", "period"])[column]
    keys = pd.MultiIndex.from_frame(rows[["child_id", "period"]])
    return pd.Series(found.reindex(keys).to_numpy(), index=rows.index)


def _opens(adopted: pd.DataFrame, episodes: pd.DataFrame) -> pd.Series:
    """Tell whose care opens in the returns: its first told episode starts a period (RNE S)."""
    first = episodes.sort_values("started_on").drop_duplicates(["child_id", "period"])
    return _of_period(adopted, first.assign(opens=first["reason_new_code"] == "S"), "opens").fillna(False).astype(bool)


def _first_day_with_family(adopted: pd.DataFrame, tables: Tables, spells: pd.DataFrame) -> pd.Series:
    own = tables.episodes.merge(adopted[["child_id", "period"]], on=["child_id", "period"])
    group = own["placement_code"].map(load_codelist("placement").set_index("code")["group"])
    adoptive = own[group == ADOPTIVE].sort_values("started_on").drop_duplicates(["child_id", "period"])
    first = spells[["child_id", "period", "placement", "first"]]
    at = adoptive.merge(first, on=["child_id", "period", "placement"], how="left", validate="1:1")
    with_carer = at["placement_code"].isin(WITH_FOSTER_CARER) | at["child_id"].isin(_by_foster_carers(tables))
    at = at.assign(day=at["first"].where(with_carer, at["started_on"]))
    return _of_period(adopted, at, "day").fillna(adopted["ended_on"])


def _by_foster_carers(tables: Tables) -> pd.Series:
    told = tables.others.get("adoptions")
    if told is None:
        return pd.Series(dtype=str)
    return told.loc[told["by_foster_carers"] == 1, "child_id"]


def _ordered_on(adopted: pd.DataFrame, episodes: pd.DataFrame) -> pd.Series:
    under = episodes[episodes["legal_status_code"] == PLACEMENT_ORDER]
    first = under.groupby(["child_id", "period"], as_index=False)["started_on"].min()
    return _of_period(adopted, first, "started_on")


def _matched_on(adopted: pd.DataFrame, tables: Tables) -> pd.Series:
    told = tables.others.get("adoptions")
    if told is None:
        return pd.Series(pd.NaT, index=adopted.index)
    return adopted["child_id"].map(told.drop_duplicates("child_id", keep="last").set_index("child_id")["matched_on"])
