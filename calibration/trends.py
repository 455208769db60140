"""False trends over 5, 8 and 13 years where nothing has changed underneath."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from calibration.chances import uneven_counts
from calibration.results import drawn_row
from helpers.trends import ratio_change, recent_trend, trend_findings

AT_MOST = "at most 5.5%"
YEARS = (5, 8, 13)
SEED = 201
RUNS = 20_000
GROWTH = 1.02
"""Population a year: a rate whose population stands still is a flow."""


def as_series(events: np.ndarray, kind: str, **columns: np.ndarray) -> pd.DataFrame:
    """Give figures of shape (runs, years) as rows for `trend_findings`: one case a run."""
    runs, years = events.shape
    table = pd.DataFrame({
        "case": np.repeat(np.arange(runs), years),
        "period": np.tile(np.arange(years), runs),
        "kind": kind,
        "events": events.ravel(),
    })  # fmt: skip
    return table.assign(**{name: np.broadcast_to(grid, events.shape).ravel() for name, grid in columns.items()})


def says_trend(table: pd.DataFrame) -> np.ndarray:
    """Say of each case whether the page would say that it is rising or falling."""
    return trend_findings(table, series=["case"])["finding"].isin(["rising", "falling"]).to_numpy()


def flows(means: Sequence[float] = (5, 20, 60, 150), runs: int = RUNS) -> list[dict]:
    """Flows that vary from year to year by chance alone."""
    rows = []
    for years in YEARS:
        for mean in means:
            seed = SEED + len(rows)
            events = np.random.default_rng(seed).poisson(mean, (runs, years))
            setting = f"{years} years, {mean:g} events a year"
            said = says_trend(as_series(events, "flow"))
            rows.append(drawn_row("Flow rising or falling", setting, said, seed, promised=AT_MOST))
    return rows


def uneven_flows(spreads: Sequence[float] = (1.5, 3.0), mean: float = 60, runs: int = 5 * RUNS) -> list[dict]:
    """Flows whose years differ by more than chance (such as siblings who come together), without any trend."""
    rows = []
    for years in (5, 6, 8, 13):
        for spread in spreads:
            seed = SEED + 20 + len(rows)
            events = uneven_counts(np.random.default_rng(seed), mean, spread, (runs, years))
            what = f"Flow rising or falling, years {spread:g} times as uneven as chance"
            setting = f"{years} years, {mean:g} events a year"
            said = says_trend(as_series(events, "flow"))
            rows.append(drawn_row(what, setting, said, seed, promised=AT_MOST))
    return rows


def rates(mean: float = 60, runs: int = RUNS) -> list[dict]:
    """A rate that stays while its population grows by 2% a year."""
    rows = []
    for place, years in enumerate(YEARS):
        growth = GROWTH ** np.arange(years)
        events = np.random.default_rng(SEED + 40 + place).poisson(mean * growth, (runs, years))
        said = says_trend(as_series(events, "rate", base=50_000 * growth))
        setting = f"{years} years, {mean:g} events in the first, population growing 2% a year"
        rows.append(drawn_row("Rate rising or falling", setting, said, SEED + 40 + place, promised=AT_MOST))
    return rows


def shares(runs: int = RUNS) -> list[dict]:
    """A share of each year's cohort that stays."""
    rows = []
    for years in YEARS:
        for children, share in ((30, 0.1), (30, 0.5), (100, 0.05), (100, 0.2), (100, 0.5)):
            seed = SEED + 60 + len(rows)
            events = np.random.default_rng(seed).binomial(children, share, (runs, years))
            said = says_trend(as_series(events, "proportion", base=np.full((1, years), children)))
            setting = f"{years} cohorts of {children}, share of {100 * share:g}%"
            rows.append(drawn_row("Share of a cohort rising or falling", setting, said, seed, promised=AT_MOST))
    return rows


def recent(runs: int = RUNS) -> list[dict]:
    """OHID's recent trend over five years; by its own rule it should speak in no more than 1 of 500 series."""
    rows = []
    for mean in (20, 60, 150):
        seed = SEED + 80 + len(rows)
        events = np.random.default_rng(seed).poisson(mean, (runs, 5))
        marker = recent_trend(events, np.full(5, 50_000), kind="rate").marker
        rows.append(_recent_row(f"rate, 5 years, {mean} events a year", marker, seed))
    for children, share in ((30, 0.5), (100, 0.2)):
        seed = SEED + 80 + len(rows)
        events = np.random.default_rng(seed).binomial(children, share, (runs, 5))
        marker = recent_trend(events, np.full(5, children), kind="proportion").marker
        rows.append(_recent_row(f"share of {100 * share:g}%, 5 cohorts of {children}", marker, seed))
    return rows


def _recent_row(setting: str, marker: np.ndarray, seed: int) -> dict:
    said = np.isin(marker.astype(str), ["increasing", "decreasing"])
    return drawn_row("Recent trend (OHID) increasing or decreasing", setting, said, seed, promised=AT_MOST)


def ratios(runs: int = 5 * RUNS) -> list[dict]:
    """A group's rate ratio that stays, over two years and over more."""
    rows = []
    for years in (2, *YEARS):
        for own, other in ((15, 60), (40, 160), (100, 400)):
            seed = SEED + 100 + len(rows)
            generator = np.random.default_rng(seed)
            counts = generator.poisson(own, (runs, years)), generator.poisson(other, (runs, years))
            found = ratio_change(counts[0], np.full(years, 5_000), counts[1], np.full(years, 40_000), np.arange(years))
            setting = f"{years} years, {own} events a year in the group, {other} in the others"
            what = "Disproportionality changing (ratio of two rates)"
            rows.append(drawn_row(what, setting, found.p_value < 0.05, seed, promised=AT_MOST))
    return rows


PARTS = (flows, uneven_flows, rates, shares, recent, ratios)
