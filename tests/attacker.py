"""A reader who knows every released row of a drawn council, and that all numbers are whole: what can they work out?

One dimension of groups; the children in care (a released count), those of them in care for a year, and six measures,
linked in every way that codelists/apart.csv has. Bounds are exact: integer programs, one for each end of each number.
Equations and programs are this module's own: nothing of helpers.disclosure.statistics or attack is used.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.disclosure import Relations, release

GROUPS = ("White", "Mixed", "Asian", "Black")
BASES = {"far": "in care", "further": "in care", "order": "in care", "agreed": "in care", "dentist": "a year",
         "offending": "a year"}  # fmt: skip
"""Measure -> the base it is a share of."""
RELATIONS = Relations(
    base_of={"cla_total": "in care", **BASES},
    bases=pd.DataFrame(
        [("in care", "cla_total", ""), ("a year", "", "in care")], columns=["base", "counted_by", "within"]
    ),
    pairs=pd.DataFrame(
        [("further", "far", "within"), ("agreed", "order", "apart")], columns=["indicator", "told_with", "how"]
    ),
    sensitive={"dentist": "all"},
)
NUMBERS = ("children", "a year", *BASES)
PARTS_OF = {
    "far": "children", "order": "children", "agreed": "children", "a year": "children",
    "further": "far", "dentist": "a year", "offending": "a year",
}  # fmt: skip
"""Every number is at most another of the same group: the number of children in care, or a part of it."""


def draw(seed: int, *, largest: int = 30) -> pd.DataFrame:
    """Draw a council: one row a group, one column for each of NUMBERS."""
    chance = np.random.default_rng(seed)
    rows = {}
    for group in GROUPS:
        one = {"children": chance.integers(0, largest)}
        one["a year"] = one["children"] - min(one["children"], chance.choice([0, 1, 3, 6, 9]))
        for name in ("far", "order", "agreed", "dentist", "offending"):
            one[name] = chance.binomial(one[PARTS_OF[name]], chance.choice([0.05, 0.3, 0.6, 0.95, 1]))
        one["agreed"] = min(one["agreed"], one["children"] - one["order"])
        one["further"] = chance.binomial(one["far"], chance.choice([0.3, 0.8, 1]))
        rows[group] = one
    return pd.DataFrame.from_dict(rows, orient="index")[list(NUMBERS)]


def counts_of_council(council: pd.DataFrame) -> pd.DataFrame:
    """Give the council's counts as the catalogue would: wholes, groups of children in care, and the groups' shares."""
    total = council.sum()
    rows = [("cla_total", "All", total["children"], np.nan)]
    rows += [("cla_total", group, row["children"], total["children"]) for group, row in council.iterrows()]
    column_of = {name: "children" if base == "in care" else base for name, base in BASES.items()}
    rows += [(name, "All", total[name], total[base]) for name, base in column_of.items()]
    rows += [
        (name, group, row[name], row[base])
        for name, base in column_of.items()
        for group, row in council.iterrows()
        if row[base]
    ]
    return _counts(rows)


def _counts(rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["indicator", "ethnic_group", "numerator", "denominator"])
    return frame.astype({"numerator": float, "denominator": float}).assign(
        borough_code="E09000002", period_end=pd.Timestamp(2021, 3, 31), period_type="snapshot", category="All",
        gender="All", age_band="All", unit="children", status="shown",
    )  # fmt: skip


def released_of(council: pd.DataFrame, relations: Relations = RELATIONS) -> pd.DataFrame:
    """Give what is released of a council, all rows at once."""
    counts = counts_of_council(council)
    return release(counts, relations, kept_whole=counts["ethnic_group"] != "All")


def shares_in(released: pd.DataFrame) -> pd.DataFrame:
    """Choose the groups' shares of a release."""
    return released[(released["indicator"] != "cla_total") & (released["ethnic_group"] != "All")]


def small_numbers(council: pd.DataFrame) -> list[dict[tuple[str, str], int]]:
    """Give every count, rest and difference of 1 to 5 children, as the sum of numbers that it is."""
    told = []
    for group, row in council.iterrows():
        sums = [{(name, group): 1} for name in NUMBERS]
        sums += [{(whole, group): 1, (part, group): -1} for part, whole in PARTS_OF.items()]
        sums.append({("children", group): 1, ("order", group): -1, ("agreed", group): -1})
        told += [one for one in sums if 1 <= sum(sign * row[name] for (name, _), sign in one.items()) <= 5]
    return told


class Reader:
    """Knows released rows; works out between which whole numbers a sum lies."""

    def __init__(self, council: pd.DataFrame, *released: pd.DataFrame, knows_empty_groups: bool = False) -> None:
        self.place = {cell: number for number, cell in enumerate((n, g) for n in NUMBERS for g in council.index)}
        self.rows: list[tuple[np.ndarray, float, float]] = []
        self._logic(council)
        if knows_empty_groups:
            self._empty_groups(council)
        for row in pd.concat(released).to_dict("records"):
            self._told(row, council.index)

    def between(self, sum_of: dict[tuple[str, str], int]) -> tuple[int, int]:
        aim = self._weights(sum_of)
        weights, low, high = (np.array(part) for part in zip(*self.rows, strict=True))
        wholes = {"integrality": np.ones(len(aim)), "bounds": Bounds(0, 200)}
        ends = []
        for sign in (1, -1):
            # HiGHS's presolve calls a few of these infeasible, though the council itself is an answer.
            tries = (
                milp(sign * aim, constraints=LinearConstraint(weights, low, high), options={"presolve": on}, **wholes)
                for on in (True, False)
            )
            ends.append(sign * next(found.fun for found in tries if found.success))
        return round(ends[0]), round(ends[1])

    def _logic(self, council: pd.DataFrame) -> None:
        for group in council.index:
            for part, whole in PARTS_OF.items():
                self._add({(whole, group): 1, (part, group): -1}, 0, np.inf)
            self._add({("children", group): 1, ("order", group): -1, ("agreed", group): -1}, 0, np.inf)

    def _empty_groups(self, council: pd.DataFrame) -> None:
        """A group that nobody is in has no row (or a shown zero); one with a row has someone in it."""
        for group, row in council.iterrows():
            for base in ("children", "a year"):
                self._add({(base, group): 1}, *((1, np.inf) if row[base] else (0, 0)))

    def _told(self, row: dict, groups: pd.Index) -> None:
        name = "children" if row["indicator"] == "cla_total" else row["indicator"]
        of = groups if row["ethnic_group"] == "All" else [row["ethnic_group"]]
        if pd.notna(row["numerator"]):
            self._add({(name, group): 1 for group in of}, row["numerator"], row["numerator"])
        if pd.notna(row["denominator"]) and row["indicator"] != "cla_total":
            base = BASES[name]
            whole = {(base if base == "a year" else "children", group): 1 for group in of}
            self._add(whole, row["denominator"], row["denominator"])

    def _add(self, sum_of: dict[tuple[str, str], int], low: float, high: float) -> None:
        self.rows.append((self._weights(sum_of), low, high))

    def _weights(self, sum_of: dict[tuple[str, str], int]) -> np.ndarray:
        weights = np.zeros(len(self.place))
        for cell, sign in sum_of.items():
            weights[self.place[cell]] = sign
        return weights


def leaks_of(council: pd.DataFrame, released: pd.DataFrame, **knows: bool) -> list[tuple[dict, tuple[int, int]]]:
    """Give the small numbers that a reader of these rows narrows to less than 1 to 5, each with what they find."""
    reader = Reader(council, released, **knows)
    told = [(one, reader.between(one)) for one in small_numbers(council)]
    return [(one, ends) for one, ends in told if ends[0] > 1 or ends[1] < 5]
