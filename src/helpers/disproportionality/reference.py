"""Each group against one reference group, for comparison with figures that are published that way (YJB, DfE)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.disproportionality.findings import decide, finding_of, findings, share_end
from helpers.disproportionality.representation import representation
from helpers.rates.corrections import adjust_in_families, number_families
from helpers.rates.inputs import as_numbers

COMPARED = ("ratio", "ratio_low", "ratio_high", "p_value", "p_value_at_share")


def reference_findings(
    table: pd.DataFrame, *, reference: str, family: Sequence[str] = (), whole: Sequence[str] | None = None
) -> pd.DataFrame:
    """Compare every group's rate of care with the rate of one reference group.

    table, family, whole: as in `findings`, the reference group among the rows of each whole
    reference: the group compared with (such as White British). Say on the page why it was chosen; where it is below
        20% of local children, say that its ratios are unstable
    returns: the rows of the other groups as `findings` gives them, with reference named, and with ratio, ratio_low,
        ratio_high, p_value, expected (children, if the group had the reference's rate), excess, p_adjusted,
        family_size, rule and finding against the reference. care_share, index and their intervals stay against the
        population; excess_low, excess_high and tipping_share have no meaning here and are blank. Where the reference is
        suppressed, nothing may be said of any group of its whole
    raises: ValueError as `findings` does, or where a whole lacks the reference or has it twice
    source: as rate_ratio: with the events of both groups taken together, their populations give the share that is fair
    """
    found = findings(table, family=family, whole=whole)
    families, _ = number_families(table, family)
    wholes = families if whole is None else number_families(table, whole)[0]
    is_reference = (table["group"].astype(str) == reference).to_numpy()
    missing = np.setdiff1d(wholes, wholes[is_reference])
    if len(missing) or is_reference.sum() > len(np.unique(wholes)):
        raise ValueError(f"the groups whose shares add to 1 must have the reference group {reference!r} in one row")
    place = np.flatnonzero(is_reference)[np.argsort(wholes[is_reference])][wholes]
    suppressed = (found["rule"] == 1).to_numpy()
    suppressed = suppressed | suppressed[place]
    measures = _against(found, place, suppressed)
    others = ~is_reference
    rows = found[others].assign(**{name: values[others] for name, values in measures.items()})
    adjusted, sizes = adjust_in_families(rows["p_value"], families[others])
    ratios = {"index_low": measures["ratio_low"], "index_high": measures["ratio_high"]}
    told = {name: values[others] for name, values in (measures | ratios).items()}
    rule = decide(told, adjusted, suppressed=suppressed[others], total=as_numbers(rows["total"]))
    finite = {name: np.where(np.isfinite(told[name]), told[name], np.nan) for name in ("ratio", "ratio_high")}
    return rows.assign(
        **finite,
        excess_low=np.nan,
        excess_high=np.nan,
        tipping_share=np.nan,
        reference=reference,
        p_adjusted=adjusted,
        family_size=sizes,
        rule=rule,
        finding=finding_of(rule, told["excess"]),
    )


def _against(found: pd.DataFrame, place: np.ndarray, suppressed: np.ndarray) -> dict[str, np.ndarray]:
    """Compute ratio, expected and excess of each row against the row at its place; blank where there is no answer."""
    count, share = as_numbers(found["count"]), as_numbers(found["population_share"])
    low, high = share_end(found, "share_low"), share_end(found, "share_high")
    measures = {name: np.full(len(found), np.nan) for name in (*COMPARED, "expected", "excess")}
    ok = ~suppressed & (count + count[place] > 0) & (share > 0) & (share[place] > 0)
    ok &= np.arange(len(found)) != place
    reference = place[ok]
    fair, fair_low, fair_high = (
        own[ok] / (own[ok] + other[reference]) for own, other in ((share, share), (low, high), (high, low))
    )
    pair = representation(count[ok], count[ok] + count[reference], fair, share_low=fair_low, share_high=fair_high)
    for name in COMPARED:
        measures[name][ok] = getattr(pair, name)
    measures["expected"][ok] = count[reference] * share[ok] / share[reference]
    measures["excess"][ok] = count[ok] - measures["expected"][ok]
    return measures
