"""Differences between groups along the journey: each against all other children who are already in care."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.disproportionality.comparisons import outcome_gap
from helpers.disproportionality.findings import decide, finding_of
from helpers.rates.corrections import adjust_in_families, number_families
from helpers.rates.inputs import as_numbers


def outcome_findings(table: pd.DataFrame, *, family: Sequence[str] = ()) -> pd.DataFrame:
    """Compare each group's outcome with that of all other children in care, over a whole grid of groups and indicators.

    This is not disproportionality in the population: see outcome_gap.
    table: one row per group and indicator with columns group, events (children with the outcome), children (of the
        group), all_events and all_children (of every known group together). Optional: suppressed (True hides the row;
        without it a missing count is a suppressed one)
    family: columns that tell grids apart; none means that all rows are one exploratory grid
    returns: the same rows with every field of outcome_gap (the group against the others), expected (events, if the
        group's share were the others'), excess, p_adjusted (Benjamini-Hochberg), family, family_size, correction, rule
        and finding, by the same decision table as representation: 'over-represented' means that the outcome is more
        frequent in the group. Groups without children, or without others to compare, are outside the family and 'too
        few to say'. Ratios with no finite value are blank
    raises: ValueError where a column is missing, a count is missing but not suppressed, or a part exceeds its whole
    source: sections c, e and g of the methods page
    """
    rows, suppressed = _prepare(table)
    askable = ~suppressed & (rows["children"] > 0) & (rows["all_children"] > rows["children"])
    part = rows[askable]
    others = part["all_children"] - part["children"]
    gap = outcome_gap(part["events"], part["children"], part["all_events"] - part["events"], others)
    expected = part["children"].to_numpy() * gap.other_share
    measures = gap._asdict() | {"expected": expected, "excess": part["events"].to_numpy() - expected}
    measures = {name: _spread(values, askable) for name, values in measures.items()}
    families, name = number_families(table, family)
    adjusted, sizes = adjust_in_families(measures["p_value"], families, correction="Benjamini-Hochberg")
    # A test and an interval from two engines can differ at the edge: nothing is said unless both are clear.
    doubtful = (measures["difference_low"] <= 0) & (measures["difference_high"] >= 0)
    told = {
        "expected": measures["expected"], "excess": measures["excess"],
        "index_low": measures["ratio_low"], "index_high": measures["ratio_high"],
        "p_value_at_share": measures["p_value"],
    }  # fmt: skip
    total = rows["all_children"].to_numpy()
    rule = decide(told, np.where(doubtful, np.nan, adjusted), suppressed=suppressed, total=total)
    return table.assign(
        **{column: rows[column].to_numpy() for column in rows.columns},
        **{measure: np.where(np.isfinite(values), values, np.nan) for measure, values in measures.items()},
        p_adjusted=adjusted,
        family=name,
        family_size=sizes,
        correction="Benjamini-Hochberg",
        rule=rule,
        finding=finding_of(rule, measures["excess"]),
    )


def _prepare(table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Check the rows; give their counts, blank where suppressed, and which rows are suppressed."""
    columns = ["events", "children", "all_events", "all_children"]
    absent = [name for name in ["group", *columns] if name not in table.columns]
    if absent:
        raise ValueError(f"the table has no column {', '.join(absent)}; it has {', '.join(map(str, table.columns))}")
    rows = pd.DataFrame({name: as_numbers(table[name]) for name in columns})
    missing = rows.isna().any(axis=1).to_numpy()
    suppressed = table["suppressed"].to_numpy(dtype=bool) if "suppressed" in table.columns else missing
    wrong = {
        "have no count and are not marked as suppressed": missing & ~suppressed,
        "have more events than all groups together": (rows["events"] > rows["all_events"]).to_numpy(),
        "have more children than all groups together": (rows["children"] > rows["all_children"]).to_numpy(),
    }
    for what, where in wrong.items():
        if where.any():
            raise ValueError(f"groups {', '.join(dict.fromkeys(table['group'].astype(str).to_numpy()[where]))} {what}")
    return rows.mask(suppressed[:, None] & np.ones(rows.shape, dtype=bool)), suppressed


def _spread(values: np.ndarray, places: pd.Series) -> np.ndarray:
    """Lay the values of some rows out over all rows, blank elsewhere."""
    spread = np.full(len(places), np.nan)
    spread[places.to_numpy()] = values
    return spread
