"""Every statistic for one borough of about 3,000 rows, and findings and trends for 33 boroughs; beside their goals.

The counts are drawn: 20 indicators of 10 groups over 15 years. What is timed is the arithmetic alone, once imports are
done; drawing is not counted, and neither are reading, disclosure and pages. `--small` is three boroughs of three
indicators, to see that it works.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.measuring import machine, markdown, whole

SEED = 2024
BOROUGHS, INDICATORS, GROUPS, YEARS = 33, 20, 10, 15
SMALL_BOROUGHS, SMALL_INDICATORS = 3, 3
KINDS = ("stock", "flow", "rate", "proportion", "stock share")
COUNTED = ("outcome", "children", "events", "base")
CELLS = pd.MultiIndex.from_product(
    [["Asian", "Black", "Mixed", "White", "Other"], ["Female", "Male"], ["0 to 4", "5 to 9", "10 to 15", "16 to 17"]],
    names=["ethnic_group", "gender", "age_band"],
)
GOAL_ONE_BOROUGH, GOAL_LONDON = 1.0, 20.0
"""Seconds: of every statistic of one borough, and of findings and trends of all on two cores."""


class Timed(NamedTuple):
    """One piece of work: the first run, and the quickest of those after it."""

    work: str
    rows: int
    first: float
    again: float


# ------------------------------------------------------------------------------------------------------------ drawn


def draw_counts(seed: int, indicators: int = INDICATORS) -> pd.DataFrame:
    """Draw one borough's counts: a row per indicator, group and year, with what each statistic needs beside it.

    returns: columns indicator, kind, group, period, events, base, entries, exits (for trends); count, total,
        population_share, unknown (for representation); children, all_events, all_children (for outcomes)
    """
    draws = np.random.default_rng(seed)
    share = draws.dirichlet(np.full(GROUPS, 3.0))
    size = (indicators, YEARS)
    total = draws.integers(250, 600, size)
    count = draws.multinomial(total, draws.dirichlet(60 * share, indicators)[:, None, :])
    index = pd.MultiIndex.from_product([range(indicators), range(YEARS), range(GROUPS)])
    indicator, year, group = (index.get_level_values(level).to_numpy() for level in range(3))
    flat = count.reshape(-1)
    all_events = (total * 0.4).astype(int)
    children = np.maximum(flat, 1)
    outcome = draws.binomial(children, 0.4)
    grid = outcome.reshape(indicators, YEARS, GROUPS)
    rows = {
        "indicator": [f"indicator {number}" for number in indicator],
        "kind": np.array(KINDS)[indicator % len(KINDS)],
        "group": np.array([f"group {number}" for number in range(GROUPS)])[group],
        "period": 2010 + year,
        "events": flat,
        "base": np.maximum(flat, 1) + draws.integers(50, 4000, len(flat)),
        "entries": draws.poisson(flat / 2.5),
        "exits": draws.poisson(flat / 2.5),
        "count": flat,
        "total": np.repeat(total.reshape(-1), GROUPS),
        "population_share": share[group],
        "unknown": np.repeat(draws.binomial(all_events, 0.05).reshape(-1), GROUPS),
        "children": children,
        "all_children": np.repeat(children.reshape(-1, GROUPS).sum(axis=1), GROUPS),
        "all_events": np.repeat(grid.sum(axis=2).reshape(-1), GROUPS),
        "outcome": outcome,
    }
    return pd.DataFrame(rows)


def draw_cells(seed: int) -> pd.DataFrame:
    """Draw children in care and all children by ethnic group, gender and age."""
    draws = np.random.default_rng(seed)
    population = draws.integers(200, 4000, len(CELLS))
    return CELLS.to_frame(index=False).assign(count=draws.poisson(population * 0.006), population=population)


def draw_children(seed: int, children: int = 400) -> pd.DataFrame:
    """Draw children in care, one a row, with an outcome, for the adjusted ratio."""
    draws = np.random.default_rng(seed)
    return pd.DataFrame({
        "moved": draws.random(children) < 0.35,
        "ethnic_group": draws.choice(["Asian", "Black", "White"], children),
        "gender": draws.choice(["Female", "Male"], children),
        "age_band": draws.choice(["0 to 9", "10 to 15", "16 to 17"], children),
    })  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ timed


def every_statistic(rows: pd.DataFrame, cells: pd.DataFrame, children: pd.DataFrame) -> None:
    """Compute everything that a borough's pages could ask of its counts."""
    from helpers.disproportionality import findings, outcome_findings, reference_findings, unknown_bounds
    from helpers.rates import rate, wilson_interval

    family = ["indicator", "period"]
    findings(rows, family=family)
    reference_findings(rows, reference="group 0", family=family)
    unknown_bounds(rows["count"], rows["total"], rows["unknown"], rows["population_share"])
    outcome_findings(rows.assign(events=rows["outcome"]), family=family)
    rate(rows["events"], rows["base"])
    wilson_interval(rows["outcome"], rows["children"])
    _over_time(rows)
    _beside_others(rows)
    _explained(cells, children)


def _over_time(rows: pd.DataFrame) -> None:
    from helpers.trends import control_limits, proportion_trend, ratio_change, recent_trend

    trends_of_every_series(rows)
    years = np.unique(rows["period"])
    grid = rows.pivot_table(index=["indicator", "group"], columns="period", values=list(COUNTED))
    outcome, children, counts, base = (grid[name].to_numpy() for name in COUNTED)
    proportion_trend(outcome, children, years)
    recent_trend(outcome, children, years, kind="proportion")
    others = counts.reshape(-1, GROUPS, YEARS).sum(axis=1).repeat(GROUPS, axis=0) - counts
    ratio_change(counts, base, others, GROUPS * base, years)
    for series in counts:
        control_limits(series, counts=True)


def trends_of_every_series(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of every series of a borough whether it rises or falls."""
    from helpers.trends import trend_findings

    return trend_findings(rows, series=["indicator", "group"], family=["indicator"])


def _beside_others(rows: pd.DataFrame) -> None:
    """Compare every row with England, London and a target; and boroughs with one another, once for each indicator."""
    from helpers.rates import funnel_limits, rank_range
    from helpers.trends import against_comparator, against_neighbours, against_target

    events, base = rows["events"].to_numpy(), rows["base"].to_numpy()
    against_comparator(events, base, 900 * events + 5000, 1000 * base, kind="rate", relation="fixed")
    against_comparator(events, base, 30 * events + 500, 33 * base, kind="rate", relation="contains")
    against_target(rows["outcome"], rows["children"], 0.5, better="higher")
    for _, own in rows.groupby("indicator", sort=False):
        counts, population = own["events"].to_numpy()[:BOROUGHS], own["base"].to_numpy()[:BOROUGHS]
        against_neighbours(counts[0], population[0], counts[1:11], population[1:11], kind="rate")
        funnel_limits(counts + 20, 50 * population, kind="rate")
        rank_range(counts, population, kind="rate")


def _explained(cells: pd.DataFrame, children: pd.DataFrame) -> None:
    from helpers.disproportionality import adjusted, adjusted_outcomes, intersections

    wide = cells.pivot_table(index="ethnic_group", columns=["gender", "age_band"], values=["count", "population"])
    count, population = wide["count"].to_numpy(), wide["population"].to_numpy()
    adjusted(count, population, count.sum(axis=0), population.sum(axis=0))
    intersections(cells)
    adjusted_outcomes(
        children, outcome="moved", group="ethnic_group", reference="White", adjust_for=["gender", "age_band"]
    )


def findings_and_trends(rows: pd.DataFrame) -> tuple[int, int]:
    """Find who is over-represented in each indicator and year, and what rises or falls; give how many of each."""
    from helpers.disproportionality import findings

    found, moving = findings(rows, family=["indicator", "period"]), trends_of_every_series(rows)
    return (
        int(found["finding"].isin(["over-represented", "under-represented"]).sum()),
        int(moving["finding"].isin(["rising", "falling"]).sum()),
    )


def timed(work: str, rows: int, run: Callable[[], object], times: int = 5) -> Timed:
    """Run once, and then again for the quickest of the others."""
    seconds = []
    for _ in range(1 + times):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return Timed(work, rows, seconds[0], min(seconds[1:]))


def import_seconds() -> float:
    """Give the seconds that imports take, once pandas is there: each statistic is used once, on one indicator."""
    rows, cells, children = draw_counts(SEED, 1), draw_cells(SEED), draw_children(SEED)
    began = time.perf_counter()
    every_statistic(rows, cells, children)
    return time.perf_counter() - began


def measure_one(indicators: int) -> Timed:
    """Time every statistic of one borough."""
    rows, cells, children = draw_counts(SEED, indicators), draw_cells(SEED), draw_children(SEED)
    return timed("every statistic, one borough", len(rows), lambda: every_statistic(rows, cells, children))


def measure_london(boroughs: int, indicators: int) -> tuple[Timed, list[tuple[int, int]]]:
    """Time findings by group and trends of every series of all boroughs, one worker a core; starting them is not."""
    drawn = [draw_counts(SEED + borough, indicators) for borough in range(boroughs)]
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        # Each worker starts and imports here, before the clock does.
        list(pool.map(findings_and_trends, [drawn[0].iloc[: GROUPS * YEARS]] * cores))
        found: list[tuple[int, int]] = []

        def run() -> None:
            found[:] = pool.map(findings_and_trends, drawn)

        work = f"findings and trends, {boroughs} boroughs by {YEARS} years by {indicators} indicators"
        return timed(work, sum(map(len, drawn)), run, times=1), found


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    small = "--small" in arguments
    boroughs, indicators = (SMALL_BOROUGHS, SMALL_INDICATORS) if small else (BOROUGHS, INDICATORS)
    imported = import_seconds()
    one = measure_one(indicators)
    london, found = measure_london(boroughs, indicators)
    lines = [
        (part.work, whole(part.rows), f"{part.first:.2f}", f"{part.again:.2f}", f"under {goal:.0f}")
        for part, goal in ((one, GOAL_ONE_BOROUGH), (london, GOAL_LONDON))
    ]
    print(f"The statistics ({machine()})\n")
    print(markdown(("work", "rows", "seconds, first run", "again", "goal"), lines))
    represented, moving = (sum(part) for part in zip(*found, strict=True))
    print(
        f"\nImports and a first use of each statistic, not counted: {imported:.1f} s.\n"
        f"Found in the drawn counts: {whole(represented)} groups over- or under-represented, {whole(moving)} series "
        f"rising or falling."
    )


if __name__ == "__main__":
    main(sys.argv[1:])
