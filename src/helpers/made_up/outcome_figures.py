"""Printed figures of outcomes, care leavers and local extras (codelists/made_up_outcome_targets.csv) as counts to keep.

A share is kept as the whole number of the base that prints as published. Years without a printed figure come near the
printed years of the same borough.
"""

from __future__ import annotations

import copy
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from helpers import codes
from helpers.made_up.dates import to_day
from helpers.made_up.draws import Draws
from helpers.made_up.plans import Plan

TARGETS = "made_up_outcome_targets"
KEPT = ("yes", "nearest")
"""A figure is kept as printed, or as near as the others leave room; `no` is one that contradicts another."""

SHARES = ("percent", "count", "chosen")
SMALLEST_BASE = 10
YEAR_TO_YEAR = 0.01  # spread of an unprinted year's share around its neighbours


class OutcomeFigures:
    """The kept figures of one borough; none for a borough that is made up without printed figures."""

    def __init__(self, borough: str | None) -> None:
        listed = codes.load_codelist(TARGETS)
        own = listed[(listed["borough"] == borough) & listed["kept"].isin(KEPT)]
        self.rows = own.assign(day=[to_day(date) for date in own["date"]])
        self._figures: dict[tuple[str, str], list[dict]] = {}
        shares = self.rows[self.rows["measure"].isin(SHARES)].sort_values("measure", kind="stable")
        for row in shares.sort_values("day", kind="stable").to_dict("records"):
            self._figures.setdefault((row["indicator"], row["category"]), []).append(row)

    @classmethod
    def of(cls, plan: Plan) -> OutcomeFigures:
        return cls(None if plan.care_leavers.empty else plan.borough)

    def of_indicator(self, indicator: str, category: str = "total") -> list[dict]:
        """Give the kept rows of one figure, shares only, in order of day, counts before percentages."""
        return self._figures.get((indicator, category), [])

    def count(self, indicator: str, day: int, base: int, category: str = "total") -> int | None:
        """Give how many of `base` the printed figure of a day says; None where none is printed."""
        for row in self.of_indicator(indicator, category):
            if row["day"] == day and row["measure"] != "percent":
                return min(int(row["printed"]), base)
            if row["day"] == day:
                return whole_number(int(row["base"] or base), row["printed"])
        return None

    def near(self, indicator: str, day: int, base: int, draws: Draws, *, spread: float = YEAR_TO_YEAR) -> int | None:
        """Give the printed count of a day, or one near the printed years of the borough; None where none is printed."""
        printed = self.count(indicator, day, base)
        rows = {
            row["day"]: _share(row)
            for row in self.of_indicator(indicator)
            if row["measure"] == "percent" or row["base"]
        }
        if printed is not None or not rows:
            return printed
        share = np.interp(day, list(rows), list(rows.values())) + draws.rng.normal(0, 1) * spread
        return int(np.clip(round(share * base), 0, base))

    def mean(self, indicator: str, day: int, draws: Draws | None = None) -> float | None:
        """Give the printed mean of a day; with draws, one near the printed years where the day has none."""
        rows = self.rows[(self.rows["indicator"] == indicator) & (self.rows["measure"] == "mean_score")]
        rows = rows.drop_duplicates("day").sort_values("day")
        if (rows["day"] == day).any():
            return float(rows.loc[rows["day"] == day, "printed"].iloc[0])
        if rows.empty or draws is None:
            return None
        return float(np.interp(day, rows["day"], rows["printed"].astype(float)) + draws.rng.normal(0, 0.2))


def _share(row: dict[str, str]) -> float:
    if row["measure"] == "percent":
        return float(row["printed"]) / 100
    return int(row["printed"]) / int(row["base"])


def whole_number(base: int, printed: str) -> int:
    """Give the whole number of `base` whose percentage prints as published, or the nearest where none does."""
    return int((Decimal(printed) * base / 100).quantize(Decimal(1), ROUND_HALF_UP))


def prints(count: int, base: int, printed: str) -> bool:
    """Tell whether count of base prints as published: half up, with as many decimals."""
    shown = (Decimal(100) * count / base).quantize(Decimal(printed), ROUND_HALF_UP)
    return shown == Decimal(printed)


def size_that_prints(usual: int, most: int, shares: list[str]) -> int:
    """Give a base near the usual one, and no larger than `most`, of which whole numbers print as the published shares.

    The base that suits the most shares is taken where none suits all.
    """

    def how_well(size: int) -> tuple[int, int]:
        return -sum(prints(whole_number(size, one), size, one) for one in shares), abs(size - usual)

    return min(range(min(SMALLEST_BASE, most), most + 1), key=how_well)


def own_draws(draws: Draws, day: int, kind: int) -> Draws:
    """Give draws of their own for one table of one day, so that nothing else that is drawn moves."""
    begun = np.atleast_1d(draws.rng.bit_generator.seed_seq.entropy).tolist()
    own = copy.copy(draws)
    own.rng = np.random.default_rng([*begun, day, kind])
    return own


def exactly(drawn: NDArray[np.bool_], count: int, draws: Draws, *, first: NDArray | None = None) -> NDArray[np.bool_]:
    """Keep as many of the drawn rows as count asks for, or add to them. `first`: rows with more are taken before."""
    last_resort = np.zeros(len(drawn)) if first is None else -np.asarray(first, dtype=float)
    order = np.lexsort([draws.rng.random(len(drawn)), ~np.asarray(drawn, dtype=bool), last_resort])
    chosen = np.zeros(len(drawn), dtype=bool)
    chosen[order[:count]] = True
    return chosen


def among(able: NDArray[np.bool_], drawn: NDArray[np.bool_], count: int, draws: Draws, **first: NDArray | None):
    """Do as `exactly` among the able rows alone; the others are False. Never more than are able."""
    rows = np.flatnonzero(able)
    told = {name: None if value is None else np.asarray(value)[rows] for name, value in first.items()}
    chosen = np.zeros(len(able), dtype=bool)
    chosen[rows] = exactly(np.asarray(drawn)[rows], count, draws, **told)
    return chosen


def redraw(name: str, wanted: set[str], values: NDArray, rows: NDArray[np.bool_], draws: Draws, year: int) -> NDArray:
    """Draw a proportion again for the rows whose value is not among the wanted ones."""
    values = np.asarray(values).astype("U4").copy()
    wrong = np.flatnonzero(rows & ~np.isin(values, sorted(wanted)))
    while len(wrong):
        values[wrong] = draws.values(name, len(wrong), year=year)
        wrong = wrong[~np.isin(values[wrong], sorted(wanted))]
    return values
