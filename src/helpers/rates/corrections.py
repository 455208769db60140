"""Many tests at once: p-values adjusted within one family, which the caller names and counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.rates.inputs import Floats, as_numbers, refuse

Correction = Literal["Holm", "Benjamini-Hochberg"]


def adjust_p_values(p_values: ArrayLike, *, correction: Correction = "Holm") -> Floats:
    """Adjust the p-values of each family for the number of tests in it.

    p_values: shape (..., tests): one family along the last axis; NaN is no test and stays outside the family
    correction: 'Holm' for a headline family (at most 5% of families with any false finding), 'Benjamini-Hochberg' for
        an exploratory grid (at most 5% of the findings false on average)
    returns: the same shape, at most 1; a finding at 5% is an adjusted p-value below 0.05
    raises: ValueError for a correction that is not one of the two, or a p-value outside 0 to 1
    source: Holm (1979), Scandinavian Journal of Statistics 6:65-70; Benjamini and Hochberg (1995), JRSS-B 57:289-300
    """
    p = np.atleast_1d(as_numbers(p_values))
    refuse((p < 0) | (p > 1), lambda place: f"{p[place]:g} is not a p-value")
    order = np.argsort(p, axis=-1, kind="stable")  # NaN sorts last
    in_order = np.take_along_axis(p, order, axis=-1)
    tests = np.sum(~np.isnan(p), axis=-1, keepdims=True)
    place = np.arange(p.shape[-1])
    if correction == "Holm":
        stepped = np.maximum.accumulate(np.where(np.isnan(in_order), 0, in_order * (tests - place)), axis=-1)
    elif correction == "Benjamini-Hochberg":
        scaled = np.where(np.isnan(in_order), 1, in_order * tests / (place + 1))
        stepped = np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    else:
        raise ValueError(f"correction {correction!r} is not known; choose 'Holm' or 'Benjamini-Hochberg'")
    stepped = np.where(np.isnan(in_order), np.nan, np.minimum(stepped, 1))
    adjusted = np.empty_like(stepped)
    np.put_along_axis(adjusted, order, stepped, axis=-1)
    return adjusted


def adjust_in_families(
    p_values: ArrayLike, families: ArrayLike, *, correction: Correction = "Holm"
) -> tuple[Floats, NDArray[np.int64]]:
    """Adjust each p-value among those of its family.

    p_values: shape (tests,), NaN for no test; families: whole numbers from 0, shape (tests,), which family each is in
    returns: the adjusted p-values, and how many tests each one's family has, both of shape (tests,)
    """
    p, family = as_numbers(p_values), np.asarray(families, dtype=int)
    if len(p) == 0:
        return p, np.zeros(0, dtype=int)
    place = pd.Series(family).groupby(family).cumcount().to_numpy()
    grid = np.full((family.max() + 1, place.max() + 1), np.nan)
    grid[family, place] = p
    return adjust_p_values(grid, correction=correction)[family, place], np.sum(~np.isnan(grid), axis=1)[family]


def number_families(table: pd.DataFrame, columns: Sequence[str]) -> tuple[NDArray[np.int64], pd.Series | str]:
    """Tell which family each row is in: rows with the same values in columns; without columns all rows are one.

    returns: whole numbers from 0 in order of appearance, and the family's name for the page, one a row
    raises: ValueError where a column is missing
    """
    columns = [columns] if isinstance(columns, str) else list(columns)
    absent = [name for name in columns if name not in table.columns]
    if absent:
        raise ValueError(f"the table has no column {', '.join(absent)}; it has {', '.join(map(str, table.columns))}")
    if not columns:
        return np.zeros(len(table), dtype=int), "all rows"
    numbers = table.groupby(columns, dropna=False, sort=False, observed=True).ngroup().to_numpy()
    first_rows = table.iloc[np.unique(numbers, return_index=True)[1]]
    return numbers, name_rows(first_rows, columns).take(numbers).set_axis(table.index)


def name_rows(table: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Give one name to each row: its values in columns as text, with commas between; a missing value is 'not given'."""
    parts = [table[name].astype(str).fillna("not given") for name in columns]
    return pd.Series([", ".join(values) for values in zip(*parts, strict=True)], dtype=str)
