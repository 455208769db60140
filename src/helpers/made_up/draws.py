"""Weighted draws from made_up_proportions.csv, and the numbering of children, periods of care and homes."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes
from helpers.errors import InputError
from helpers.made_up.dates import DAYS_IN_MONTH, DAYS_IN_YEAR, age_on, move_birthdays

EVERYBODY = "other"
UASC = "uasc"


MOST_BABIES_ARE_NEW = 3  # half of the babies come in the first seven weeks of life


class Draws:
    """The proportions of one borough with one random generator. Every draw moves the generator on."""

    def __init__(self, borough: str, rng: np.random.Generator) -> None:
        self.borough = borough
        self.rng = rng
        self._listed = codes.load_codelist("made_up_proportions").assign(
            weight=lambda rows: rows["weight"].astype(float),
            first_year=lambda rows: pd.to_numeric(rows["first_year"]).fillna(0),
            last_year=lambda rows: pd.to_numeric(rows["last_year"]).fillna(9999),
        )
        self._found: dict[tuple[str, str, int], tuple[NDArray[np.str_], NDArray[np.float64]]] = {}
        self._rates = self._listed[self._listed["draw"] == "rate"].set_index("value")["weight"].to_dict()

    def apart(self) -> Draws:
        """Give draws of the same proportions that do not move this generator on, so that nothing after them changes."""
        return Draws(self.borough, self.rng.spawn(1)[0])

    def rate(self, name: str) -> float:
        """Give one number of the codelist, such as moves_a_year."""
        return self._rates[name]

    def values(self, draw: str, size: int, *, group: str = EVERYBODY, year: int = 2000) -> NDArray[np.str_]:
        """Draw `size` values of a proportion: of the group, or for everybody else of the borough where it has its own.

        raises: InputError if the codelist has no such proportion in that return year
        """
        values, shares = self._proportion(draw, group, year)
        return self.rng.choice(values, size=size, p=shares)

    def _proportion(self, draw: str, group: str, year: int) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
        if (draw, group, year) not in self._found:
            listed = self._listed[(self._listed["draw"] == draw) & self._listed["weight"].gt(0)]
            listed = listed[(listed["first_year"] <= year) & (year <= listed["last_year"])]
            own = listed[listed["group"] == (self.borough if group == EVERYBODY else group)]
            own = own if len(own) else listed[listed["group"] == group]
            if own.empty:
                raise InputError(f"made_up_proportions.csv has no {draw} of {group} for the return year {year}.")
            weights = own["weight"].to_numpy()
            self._found[draw, group, year] = own["value"].to_numpy(str), weights / weights.sum()
        return self._found[draw, group, year]

    def group_of(self, draw: str, group: str) -> str:
        """Give the group if the codelist has a proportion of its own for it, and everybody otherwise."""
        return group if (self._listed["group"][self._listed["draw"] == draw] == group).any() else EVERYBODY

    def weights(self, draw: str, group: str) -> dict[str, float]:
        """Give each value of a proportion of a group (EVERYBODY where it has none of its own) with its weight."""
        listed = self._listed[(self._listed["draw"] == draw) & (self._listed["group"] == self.group_of(draw, group))]
        return dict(zip(listed["value"], listed["weight"], strict=True))

    def happens(self, size: int, share: float) -> NDArray[np.bool_]:
        """Draw True with a chance of `share`."""
        return self.rng.random(size) < share

    def day_between(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
        """Draw a day from `first` to `last`, both included."""
        first, last = np.asarray(first, dtype=np.int64), np.asarray(last, dtype=np.int64)
        return first + np.floor(self.rng.random(len(first)) * (last - first + 1)).astype(np.int64)

    def children(self, began: NDArray[np.int64], ages: str, *, uasc: bool | None = None) -> pd.DataFrame:
        """Draw children who are of an age of the proportion `ages` on their day in `began`.

        uasc: True for unaccompanied children only; None for the borough's share of them
        returns: born, gender, ethnicity, uasc, need, in the order of `began`
        """
        share = self.values("uasc_share", len(began)) == "yes"
        uasc = share if uasc is None else np.full(len(began), uasc)
        drawn = pd.DataFrame({"uasc": uasc})
        for column in ("gender", "ethnicity", "need", ages):
            values = self.values(column, len(began)).astype("U4")
            values[uasc] = self.values(column, int(uasc.sum()), group=UASC)
            drawn[column] = values
        # Nobody starts in the last week before the 18th birthday, nor on the day of birth.
        years = drawn.pop(ages).astype(int).to_numpy()
        part = self.rng.uniform(0.01, 0.97, len(began))
        years = years + np.where(years == 0, np.maximum(part**MOST_BABIES_ARE_NEW, 0.01), part)
        drawn["born"] = move_birthdays(np.asarray(began) - np.ceil(years * DAYS_IN_YEAR).astype(np.int64))
        return drawn


class Numbers:
    """Gives out running numbers by kind: children, periods of care, homes."""

    def __init__(self) -> None:
        self._next: Counter[str] = Counter()

    def take(self, kind: str, size: int) -> NDArray[np.int64]:
        start = self._next[kind]
        self._next[kind] += size
        return np.arange(start, start + size)


def seen_on(people: pd.DataFrame, day: NDArray[np.int64] | int) -> pd.DataFrame:
    """Add age in years and months in care on a day. people: born, began."""
    months = (day - people["began"].to_numpy()) / DAYS_IN_MONTH
    return people.assign(age=age_on(people["born"].to_numpy(), day), months=months)
