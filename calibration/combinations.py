"""False findings of a combination of ethnic group, gender and age where each has only its own effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from calibration.results import drawn_row
from helpers.disproportionality import intersections

AT_MOST = "at most 5.5%"
SEED = 301
RUNS = 200
CHILDREN = 50_000
GROUPS = {"Asian": (0.2, 0.6), "Black": (0.15, 2.0), "Mixed": (0.1, 1.6), "Other": (0.05, 1.0), "White": (0.5, 0.9)}
GENDERS = {"Female": (0.49, 0.9), "Male": (0.51, 1.1)}
AGES = {"Under 1": (0.05, 1.0), "1 to 4": (0.21, 0.6), "5 to 9": (0.28, 0.7)} | {
    "10 to 15": (0.34, 1.2),
    "16 to 17": (0.12, 2.5),
}
"""Each group's share of local children, and how many times as likely they are to be in care, whatever else they are."""


def additive_truth() -> pd.DataFrame:
    """Give every combination with its population and its chance among children in care, without any extra effect."""
    parts = {"ethnic_group": GROUPS, "gender": GENDERS, "age_band": AGES}
    cells = pd.MultiIndex.from_product(parts.values(), names=parts.keys()).to_frame(index=False)
    population, chance = np.full(len(cells), float(CHILDREN)), np.ones(len(cells))
    for name, groups in parts.items():
        population = population * cells[name].map(lambda group, groups=groups: groups[group][0]).to_numpy()
        chance = chance * cells[name].map(lambda group, groups=groups: groups[group][1]).to_numpy()
    chance = chance * population
    return cells.assign(population=population.round(), chance=chance / chance.sum())


def _any_flagged(children: int, seed: int, runs: int) -> np.ndarray:
    truth, generator = additive_truth(), np.random.default_rng(seed)
    cells = truth.drop(columns="chance")
    return np.array([
        intersections(cells.assign(count=generator.multinomial(children, truth["chance"])))["finding"]
        .isin(["over-represented", "under-represented"])
        .any()
        for _ in range(runs)
    ])  # fmt: skip


def _row(children: int, seed: int, runs: int) -> list[dict]:
    setting = f"50 combinations, {children} children, truth without any extra effect"
    what = "Any combination over- or under-represented beyond its parts"
    return [drawn_row(what, setting, _any_flagged(children, seed, runs), seed, promised=AT_MOST)]


def one_true(times: float = 2.0, runs: int = RUNS) -> list[dict]:
    """One combination is twice as likely to be in care as its parts explain: how often is it found?"""
    cell = ("Black", "Male", "10 to 15")
    rows = []
    truth = additive_truth()
    place = int(np.flatnonzero((truth[["ethnic_group", "gender", "age_band"]] == cell).all(axis=1))[0])
    chance = truth["chance"].to_numpy().copy()
    chance[place] *= times
    cells, generator = truth.drop(columns="chance"), np.random.default_rng(SEED + 3)
    draws = [cells.assign(count=generator.multinomial(600, chance / chance.sum())) for _ in range(runs)]
    said = [intersections(table)["finding"].iloc[place] == "over-represented" for table in draws]
    setting = f"50 combinations, 600 children, one of them {times:g} times what its parts explain"
    rows.append(drawn_row("That combination found over-represented", setting, said, SEED + 3))
    return rows


def small(runs: int = RUNS) -> list[dict]:
    """A borough of 100 children in care."""
    return _row(100, SEED, runs)


def medium(runs: int = RUNS) -> list[dict]:
    """A borough of 300 children in care."""
    return _row(300, SEED + 1, runs)


def large(runs: int = RUNS) -> list[dict]:
    """A borough of 600 children in care."""
    return _row(600, SEED + 2, runs)


PARTS = (small, medium, large, one_true)
