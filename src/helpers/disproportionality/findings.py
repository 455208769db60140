"""What may be said of each group: the decision table for representation, evaluated from the top, first match wins.

The thresholds are fixed beforehand, the same for every borough; the table's rows are codelists/finding_rules.csv.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.codes import load_codelist
from helpers.disproportionality.representation import ROUNDING_ERROR, representation
from helpers.rates.corrections import adjust_in_families, number_families
from helpers.rates.inputs import Floats, as_numbers

SIGNIFICANCE = 0.05
FEWEST_IN_CARE = 30
FEWEST_OBSERVED_AND_EXPECTED = 5
SMALLEST_EXCESS = 5
IN_LINE = (0.80, 1.25)
WIDEST_INTERVAL = 4
SHARES_ADD_UP_WITHIN = 0.015


def findings(table: pd.DataFrame, *, family: Sequence[str] = (), whole: Sequence[str] | None = None) -> pd.DataFrame:
    """Compare every group of a table with everyone else, adjust for the number of groups, and say what may be said.

    table: one row per group with columns group, count (children in care in the group), total (children in care of
        known group), population_share (0 to 1; shares of one whole add to 1). Optional: share_low, share_high (the
        range of a rounded share) and suppressed (True hides the row; without it a missing count is a suppressed one).
        Leave children of unknown group out of the rows and out of total, and count them beside the table
    family: columns that tell families of tests apart (such as indicator and period_end); none means that all rows are
        one family: the groups of one headline question, in one measure and one year
    whole: columns that tell apart the sets of rows whose population shares add to 1 and that have one total; None means
        that each family is one whole. A family may hold several: age bands and genders, each with its own shares
    returns: the same rows, index and columns, with every field of `representation` added (blank where suppressed),
        reference, p_adjusted, family, family_size, correction, rule (the number of the row in the decision table) and
        finding: 'over-represented', 'under-represented', 'no clear difference' or 'too few to say'. A finding never
        comes from a point estimate: it needs the adjusted p-value, the interval at both ends of the share's range, and
        5 children. A ratio with no finite value (every child in care is in the group) is blank, as are the upper ends
        of index and ratio where share_low is 0.
        The family is every row with a p-value. Suppressed rows, groups with no or with all children of the population,
        and wholes with no children in care are outside it: their measures are blank
    raises: ValueError naming the groups where a column is missing, a count is missing but not suppressed, the shares
        of a whole do not add to 1, counts exceed their total, 5 children in care or more belong to a group with no
        children, or 30 or more are compared where one group is the whole population
    source: the decision table of the methods page; Holm (1979) for the family
    """
    families, name = number_families(table, family)
    rows = _prepare(table, families if whole is None else number_families(table, whole)[0])
    measures = _measure(rows)
    adjusted, sizes = adjust_in_families(measures["p_value"], families)
    rule = decide(measures, adjusted, suppressed=rows["suppressed"].to_numpy(), total=as_numbers(rows["total"]))
    return table.assign(
        **{column: as_numbers(rows[column]) for column in ("count", "total")},
        **{measure: np.where(np.isfinite(values), values, np.nan) for measure, values in measures.items()},
        reference="everyone else",
        p_adjusted=adjusted,
        family=name,
        family_size=sizes,
        correction="Holm",
        rule=rule,
        finding=finding_of(rule, measures["excess"]),
    )


def decide(measures: dict[str, Floats], adjusted: Floats, *, suppressed: np.ndarray, total: Floats) -> np.ndarray:
    """Give the number of the first row of the decision table that each group matches.

    measures: the fields of `representation`, arrays of one shape; adjusted: p-values adjusted in their family
    suppressed: True where the count may not be used; total: children in care of known group
    returns: whole numbers 1 to 7, the same shape
    """
    observed_and_expected = measures["excess"] + 2 * measures["expected"]
    enough_children = np.abs(measures["excess"]) >= SMALLEST_EXCESS - ROUNDING_ERROR
    one_side = (measures["index_low"] > 1) | (measures["index_high"] < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = measures["index_high"] / measures["index_low"]
    return np.select(
        [
            suppressed,
            ~(total >= FEWEST_IN_CARE) | ~(observed_and_expected >= FEWEST_OBSERVED_AND_EXPECTED - ROUNDING_ERROR),
            (adjusted < SIGNIFICANCE) & one_side & enough_children,
            measures["p_value_at_share"] < SIGNIFICANCE,
            (measures["index_low"] >= IN_LINE[0]) & (measures["index_high"] <= IN_LINE[1]),
            ~(width <= WIDEST_INTERVAL),
        ],
        [1, 2, 3, 4, 5, 6],
        default=7,
    )


def finding_of(rule: np.ndarray, excess: Floats) -> np.ndarray:
    """Look the finding of each rule up in the codelist; rule 3 has one for more and one for fewer than expected."""
    rules = load_codelist("finding_rules")
    rules = rules[rules["table"] == "representation"].set_index(["rule", "direction"])["finding"]
    direction = np.where(rule == 3, np.where(excess > 0, "over", "under"), "")
    return rules.reindex(pd.MultiIndex.from_arrays([rule.astype(str), direction])).to_numpy(dtype=object)


def _prepare(table: pd.DataFrame, wholes: np.ndarray) -> pd.DataFrame:
    """Check the rows and give them with suppressed rows blanked."""
    absent = [name for name in ("group", "count", "total", "population_share") if name not in table.columns]
    if absent:
        raise ValueError(f"the table has no column {', '.join(absent)}; it has {', '.join(map(str, table.columns))}")
    count, total = as_numbers(table["count"]), as_numbers(table["total"])
    missing = np.isnan(count) | np.isnan(total)
    suppressed = table["suppressed"].to_numpy(dtype=bool) if "suppressed" in table.columns else missing
    share = as_numbers(table["population_share"])
    names = table["group"].astype(str).to_numpy()
    _refuse_groups(missing & ~suppressed, names, "have no count and are not marked as suppressed")
    _refuse_groups(np.isnan(share), names, "have no population share; leave children of unknown group out of the rows")
    rows = pd.DataFrame({
        "group": names,
        "count": np.where(suppressed, np.nan, count),
        "total": np.where(suppressed, np.nan, total),
        "share": share,
        "low": share_end(table, "share_low"),
        "high": share_end(table, "share_high"),
        "suppressed": suppressed,
    })  # fmt: skip
    empty = (rows["high"] == 0) & (rows["count"] >= FEWEST_OBSERVED_AND_EXPECTED)
    _refuse_groups(empty, names, "have children in care, but the population has none; the two sources do not match")
    alone = (rows["share"] == 1) & (rows["total"] >= FEWEST_IN_CARE)
    _refuse_groups(alone, names, "are all the children of the population, so there is nobody to compare them with")
    _check_wholes(rows, wholes)
    return rows


def share_end(table: pd.DataFrame, end: str) -> Floats:
    """Give share_low or share_high of each row; the share itself where the table has none."""
    share = as_numbers(table["population_share"])
    if end not in table.columns:
        return share
    given = as_numbers(table[end])
    return np.where(np.isnan(given), share, given)


def _measure(rows: pd.DataFrame) -> dict[str, Floats]:
    """Compute every measure where there is a question to answer; elsewhere blank."""
    share, total = as_numbers(rows["share"]), as_numbers(rows["total"])
    askable = (share > 0) & (share < 1) & (total > 0)
    part = rows[askable]
    found = representation(part["count"], part["total"], part["share"], share_low=part["low"], share_high=part["high"])
    measures = {}
    for name, values in found._asdict().items():
        measures[name] = np.full(len(rows), np.nan)
        measures[name][askable] = values
    return measures


def _check_wholes(rows: pd.DataFrame, wholes: np.ndarray) -> None:
    """Refuse a whole whose shares cannot add to 1, or whose counts add to more than their total."""
    sums = rows.groupby(wholes)[["share", "low", "high", "count"]].sum()
    off = (sums["low"] - SHARES_ADD_UP_WITHIN > 1) | (sums["high"] + SHARES_ADD_UP_WITHIN < 1)
    for number, values in sums[off].iterrows():
        names = ", ".join(rows.loc[wholes == number, "group"])
        raise ValueError(f"the population shares of {names} add to {values['share']:.3f}; they must add to 1")
    totals = rows.groupby(wholes)["total"].agg(["min", "max"])
    for number in sums.index[(totals["min"] != totals["max"]) & totals["min"].notna()]:
        names = ", ".join(rows.loc[wholes == number, "group"])
        raise ValueError(f"the rows of {names} give different totals; groups of one whole have one total")
    for number in sums.index[sums["count"] > totals["max"]]:
        names = ", ".join(rows.loc[wholes == number, "group"])
        raise ValueError(
            f"the counts of {names} add to {sums.loc[number, 'count']:g}, more than their total of "
            f"{totals.loc[number, 'max']:g}; is a total among the groups?"
        )


def _refuse_groups(wrong: np.ndarray, names: np.ndarray, what: str) -> None:
    if wrong.any():
        raise ValueError(f"groups {', '.join(dict.fromkeys(names[wrong]))} {what}")
