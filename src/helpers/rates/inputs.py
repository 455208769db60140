"""What the statistics take in: numbers as arrays, refused by row when they cannot be counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def as_numbers(values: ArrayLike) -> Floats:
    """Give numbers as an array of floats; a missing value of any kind (None, pd.NA, NaN) is NaN."""
    if isinstance(values, (pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return values.to_numpy(dtype=float, na_value=np.nan)
    array = np.asarray(values)
    if array.dtype == object:
        array = np.where(pd.isna(array), np.nan, array)
    return array.astype(float)


def together(*values: ArrayLike) -> tuple[Floats, ...]:
    """Give several arrays of numbers in one shape (NumPy's broadcasting)."""
    return tuple(np.broadcast_arrays(*(as_numbers(value) for value in values)))


def refuse(wrong: NDArray[np.bool_], say: Callable[[tuple[int, ...]], str]) -> None:
    """Raise ValueError for the first row that is wrong; `say` tells what is wrong with the row at an index."""
    rows = np.argwhere(wrong)
    if len(rows) == 0:
        return
    place = tuple(int(part) for part in rows[0])
    row = f"row {', '.join(map(str, place))}: " if place else ""
    raise ValueError(row + say(place))


def check_confidence(confidence: float) -> None:
    """Refuse a confidence that is not a share of 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share of 1, such as 0.95, not {confidence:g}")


def check_counts(counts: Floats, what: str, *, whole: bool = False) -> None:
    """Refuse counts below 0, endless, or (where the method needs whole numbers) fractional. NaN passes."""
    wrong = (counts < 0) | np.isinf(counts)
    refuse(wrong, lambda place: f"{counts[place]:g} {what} is not a count")
    if whole:
        refuse(counts % 1 > 0, lambda place: f"{counts[place]:g} {what} is not a whole number")


def check_parts(parts: Floats, wholes: Floats, part: str, whole: str) -> None:
    """Refuse a part that is larger than its whole. NaN passes."""
    refuse(parts > wholes, lambda place: f"{parts[place]:g} {part} cannot come from {wholes[place]:g} {whole}")


def check_positive(values: Floats, what: str) -> None:
    """Refuse a base of 0 or less, because nothing can be divided by it. NaN passes."""
    wrong = (values <= 0) | np.isinf(values)
    refuse(wrong, lambda place: f"a {what} of {values[place]:g} gives no answer; it must be above 0")
