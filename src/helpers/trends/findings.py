"""What may be said of each series: rising, falling, no clear change, or too few to say; the first rule that matches.

The rows of the decision table are codelists/finding_rules.csv; its thresholds are fixed beforehand, here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.codes import load_codelist
from helpers.rates.corrections import adjust_in_families, number_families
from helpers.rates.inputs import Floats
from helpers.trends.annual import FEWEST_PERIODS, annual_change
from helpers.trends.changes import change
from helpers.trends.proportions import proportion_trend
from helpers.trends.series import SeriesGrid, to_grid

SIGNIFICANCE = 0.05
SIGNIFICANCE_OF_FIVE_PERIODS = 0.04
"""Of flows and rates told by five periods alone: five show too little of how uneven the years are, and 0.05 would be
wrong up to 6 times in 100 where years are two or three times as uneven as chance (docs/calibration.md)."""
FEWEST_EVENTS = 20
FEWEST_IN_STOCK = 30
ANNUAL_KINDS = ("flow", "rate", "proportion")
CHANGES = ("first_value", "last_value", "change", "change_low", "change_high")
ANNUAL = ("annual_change_percent", "annual_low", "annual_high")


def trend_findings(
    table: pd.DataFrame, *, series: Sequence[str], family: Sequence[str] | None = None, per: float = 10_000
) -> pd.DataFrame:
    """Say of each series whether it is rising or falling, over all the periods given.

    table: one row per series and period, any order, with the columns of `series` and
        period      the day (stock) or the last day of the year (flow), as a date or as a year
        kind        one a series: 'stock' (children on a day), 'stock rate' and 'stock share' (the same, of a base),
                    'flow' (children over a year), 'rate' (a flow, of a population) or 'proportion' (of a year's cohort)
        events      whole number of children; missing where the source has none (that period is left out)
        base        the population or the cohort; only looked at where the kind has one
        entries, exits  optional, for stocks: those since the series' period before; the first row's are not used
        suppressed  optional: True where the figure may not be used
        few         optional: True where the area has too few children for any test (fewer than 30 in care, as the City
                    of London has); its series are told and never found to rise or fall
    series: columns that tell the series apart. Cut a series where its definition breaks before it comes here
    family: columns that tell families of series apart (Holm within each); None means each series stands alone
    per: rates are events per this many children
    returns: one row per series, in the order of the table: the columns of `series`, kind, first_period, last_period,
        periods (that have a figure), first_value, last_value, change, change_low, change_high (children, events per
        `per`, or shares of 1), annual_change_percent, annual_low, annual_high (percent a year; of a proportion's odds),
        method, p_value, p_adjusted, family, family_size, correction, rule (row of the trend table in
        codelists/finding_rules.csv) and finding: 'rising', 'falling', 'no clear change' or 'too few to say'.
        A stock is never tested as independent years. Its finding comes from the entries against the exits between its
        first and its last day; without them it is described (rule 3) and the finding is 'too few to say', because
        nothing was tested, and 'no clear change' would be a claim. A flow needs 5 periods: two points are no trend.
        A series with a suppressed figure has blank values and the finding 'too few to say'.
    raises: ValueError where a column is missing, a series has two kinds or one period twice, or counts are impossible
    source: sections f and g of the methods page
    """
    grid = to_grid(table, series)
    came, went = _between(grid, grid.entries), _between(grid, grid.exits)
    measures = {**_changes(grid, came, went, per), **_annual(grid)}
    measures["p_value"] = np.where(grid.kind == "stock", measures["stock_p"], measures["annual_p"])
    families, name = (
        (np.arange(len(grid.keys)), "each series") if family is None else number_families(grid.keys, family)
    )
    adjusted, sizes = adjust_in_families(measures["p_value"], families)
    rule = _rule(grid, measures, adjusted, came + went)
    low = np.where(grid.kind == "stock", measures["change_low"], measures["annual_low"])
    return grid.keys.assign(
        periods=grid.periods,
        **{column: measures[column] for column in (*CHANGES, *ANNUAL)},
        method=_methods(grid.kind, measures["p_value"]),
        p_value=measures["p_value"],
        p_adjusted=adjusted,
        family=name,
        family_size=sizes,
        correction="none" if family is None else "Holm",
        rule=rule,
        finding=_finding(rule, low),
    )


def _between(grid: SeriesGrid, flows: Floats) -> Floats:
    """Add the flows up from the first day of a stock (not with it) to the last; NaN where any is not known."""
    place = np.arange(flows.shape[1])
    within = (place > grid.first[:, None]) & (place <= grid.last[:, None])
    total = np.sum(np.where(within, flows, 0.0), axis=1)
    return np.where((grid.kind == "stock") & within.any(axis=1), total, np.nan)


def _changes(grid: SeriesGrid, came: Floats, went: Floats, per: float) -> dict[str, Floats]:
    """Compute first and last value and the change between them, each kind by its own method."""
    ends = [grid.at(part, place) for part in (grid.events, grid.base) for place in (grid.first, grid.last)]
    values = {name: np.full(len(grid.kind), np.nan) for name in (*CHANGES, "stock_p")}
    for kind in set(grid.kind):
        here = grid.kind == kind
        before, after, base_before, base_after = (part[here] for part in ends)
        if kind == "stock":
            found = change(before, after, kind="stock", entries=came[here], exits=went[here])
            values["stock_p"][here] = found.p_value
        elif kind == "flow":
            found = change(before, after, kind="flow")
        elif kind in ("rate", "proportion"):
            found = change(before, after, kind=kind, base_before=base_before, base_after=base_after, per=per)
        else:
            unit = per if kind == "stock rate" else 1.0
            first, last = unit * before / base_before, unit * after / base_after
            blank = np.full(first.shape, np.nan)
            found = (first, last, last - first, blank, blank)
        for name, part in zip(CHANGES, found, strict=False):
            values[name][here] = part
    return values


def _annual(grid: SeriesGrid) -> dict[str, Floats]:
    """Compute the annual change and its p-value for the kinds that have one; blank for stocks."""
    values = {name: np.full(len(grid.kind), np.nan) for name in (*ANNUAL, "annual_p")}
    for kind in set(grid.kind) & set(ANNUAL_KINDS):
        here = grid.kind == kind
        events, base, times = grid.events[here], grid.base[here], grid.times[here]
        if kind == "proportion":
            found = proportion_trend(events, base, times)
            percent = [100 * (part - 1) for part in (found.odds_ratio, found.odds_low, found.odds_high)]
            p_value = np.where(np.isnan(found.odds_low), np.nan, found.p_value)
        else:
            found = annual_change(events, None if kind == "flow" else base, times)
            percent, p_value = [found.percent, found.low, found.high], found.p_value
        for name, part in zip((*ANNUAL, "annual_p"), (*percent, p_value), strict=True):
            values[name][here] = part
    return values


def _rule(grid: SeriesGrid, measures: dict[str, Floats], adjusted: Floats, moves: Floats) -> np.ndarray:
    """Give the number of the first row of the decision table that each series matches."""
    stock, described = grid.kind == "stock", np.isin(grid.kind, ("stock rate", "stock share"))
    events = np.nansum(grid.events, axis=1)
    others = np.where(grid.kind == "proportion", np.nansum(grid.base, axis=1) - events, np.inf)
    few_events = (grid.periods < FEWEST_PERIODS) | (np.minimum(events, others) < FEWEST_EVENTS)
    few_moves = moves < FEWEST_EVENTS
    few_children = ~(np.fmax(measures["first_value"], measures["last_value"]) >= FEWEST_IN_STOCK)
    few = np.where(stock, few_moves | few_children, ~described & (few_events | np.isnan(measures["p_value"])))
    of_five = np.isin(grid.kind, ("flow", "rate")) & (grid.periods == FEWEST_PERIODS)
    significant = adjusted < np.where(of_five, SIGNIFICANCE_OF_FIVE_PERIODS, SIGNIFICANCE)
    against = significant & (np.sign(measures["change"]) != np.sign(measures["change_low"] + measures["change_high"]))
    low = np.where(stock, measures["change_low"], measures["annual_low"])
    high = np.where(stock, measures["change_high"], measures["annual_high"])
    return np.select(
        [
            grid.suppressed,
            grid.few | few,
            described | (stock & (np.isnan(measures["p_value"]) | against)),
            significant & ((low > 0) | (high < 0)),
        ],
        [1, 2, 3, 4],
        default=5,
    )


def _finding(rule: np.ndarray, low: Floats) -> np.ndarray:
    """Look the finding of each rule up in the codelist; rule 4 has one for each direction."""
    rules = load_codelist("finding_rules")
    rules = rules[rules["table"] == "trend"].set_index(["rule", "direction"])["finding"]
    direction = np.where(rule == 4, np.where(low > 0, "up", "down"), "")
    return rules.reindex(pd.MultiIndex.from_arrays([rule.astype(str), direction])).to_numpy(dtype=object)


def _methods(kind: np.ndarray, p_value: Floats) -> np.ndarray:
    """Name the method behind each p-value, for the page and the file."""
    return np.select(
        [np.isnan(p_value), kind == "stock", kind == "proportion", kind == "rate"],
        [
            "described, not tested",
            "entries against exits, exact binomial",
            "Cochran-Armitage test and logistic slope",
            "quasi-Poisson annual change, given the population",
        ],
        default="quasi-Poisson annual change",
    ).astype(object)
