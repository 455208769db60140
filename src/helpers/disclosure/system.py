"""One release as a reader sees it: the statistics, what is known of each, and the equations between them.

A statistic stands here once, however many tables and pages tell it: two cells with one key are one variable, which is
what makes linked tables work. Some statistics are in no file and follow from others (what is left of a base, what two
bases differ by); they are variables too, that nobody shows and everybody can work out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from helpers.errors import ContractError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class System:
    """n statistics, and m equations: row_low <= matrix @ y <= row_high, for whole numbers low <= y <= high.

    value: the numbers (n,); missing where nobody in the house knows it (its source hid it)
    low, high: what everybody knows of each before anything is shown (0 and endless, if nothing)
    offered: it has a cell in a file, and may be shown; the others follow from those that are
    withheld: it must not be shown: small, telling of a group, or hidden by its source
    locked: everybody knows it already (published elsewhere or in an earlier edition): hiding it hides nothing
    need_low, need_high: a reader must not be able to rule out that it is need_low or less, nor that it is need_high or
        more; missing where there is nothing to protect
    weight: what is lost when it is hidden
    only_with: pairs (k, 2): the first is shown only where the second is
    matrix: sparse (m, n), coefficients of the equations
    """

    value: Floats
    low: Floats
    high: Floats
    offered: Flags
    withheld: Flags
    locked: Flags
    need_low: Floats
    need_high: Floats
    weight: Floats
    only_with: Ints
    matrix: sparse.csr_array
    row_low: Floats
    row_high: Floats

    def __post_init__(self) -> None:
        if (self.withheld & self.locked).any():
            raise ContractError("A statistic is withheld and known to everybody. Lock it, and protect what follows.")
        if (self.offered & ~self.withheld & np.isnan(self.value)).any():
            raise ContractError("A statistic is to be shown and nobody knows its value. Withhold it.")

    @property
    def size(self) -> int:
        return len(self.value)

    @property
    def may_hide(self) -> Flags:
        """Statistics that could be shown and could be hidden: those a secondary suppression chooses from."""
        return self.offered & ~self.withheld & ~self.locked

    def unseen(self, hidden: Flags) -> Flags:
        """Give what a reader does not see: the hidden cells, and what is in no file and known from nowhere."""
        return (hidden | ~self.offered) & ~self.locked

    def with_needs(self, need_low: Floats, need_high: Floats) -> System:
        return replace(self, need_low=need_low, need_high=need_high)

    def withholding(self, withheld: Flags) -> System:
        return replace(self, withheld=withheld)


@dataclass
class Builder:
    """Collects statistics by a key of any kind, and equations between them; then makes the System."""

    place: dict = field(default_factory=dict)
    _columns: dict[str, list] = field(default_factory=lambda: {name: [] for name in _STATISTIC})
    _rows: list[tuple[Ints, Floats, float, float]] = field(default_factory=list)
    _pairs: list[tuple[int, int]] = field(default_factory=list)

    def add(self, key: object, value: float, **facts: float | bool) -> int:
        """Add a statistic, or find the one of that key. Facts are those of System; a second telling adds nothing."""
        if key not in self.place:
            self.place[key] = len(self.place)
            for name, usual in _STATISTIC.items():
                self._columns[name].append(facts.get(name, usual) if name != "value" else value)
        return self.place[key]

    def equation(self, terms: dict[int, float], low: float = 0, high: float | None = None) -> None:
        """Say that low <= sum of coefficient times statistic <= high (the same, where high is not given)."""
        columns = np.fromiter(terms, dtype=np.intp, count=len(terms))
        weights = np.fromiter(terms.values(), dtype=float, count=len(terms))
        self._rows.append((columns, weights, low, low if high is None else high))

    def only_with(self, one: int, other: int) -> None:
        """Say that a statistic is shown only where another is."""
        self._pairs.append((one, other))

    def set(self, place: int, **facts: float | bool) -> None:
        for name, fact in facts.items():
            self._columns[name][place] = fact

    def get(self, place: int, name: str) -> float | bool:
        return self._columns[name][place]

    def system(self) -> System:
        arrays = {
            name: np.array(column, dtype=bool if isinstance(_STATISTIC[name], bool) else float)
            for name, column in self._columns.items()
        }
        size = len(self.place)
        if self._rows:
            columns, weights, row_low, row_high = zip(*self._rows, strict=True)
            lines = np.repeat(np.arange(len(columns)), [len(one) for one in columns])
            shape = (len(columns), size)
            matrix = sparse.csr_array((np.concatenate(weights), (lines, np.concatenate(columns))), shape=shape)
        else:
            matrix, row_low, row_high = sparse.csr_array((0, size)), (), ()
        return System(
            **arrays,
            only_with=np.array(self._pairs, dtype=np.intp).reshape(-1, 2),
            matrix=matrix,
            row_low=np.array(row_low, dtype=float),
            row_high=np.array(row_high, dtype=float),
        )


_STATISTIC: dict[str, float | bool] = {
    "value": np.nan,
    "low": 0.0,
    "high": np.inf,
    "offered": True,
    "withheld": False,
    "locked": False,
    "need_low": np.nan,
    "need_high": np.nan,
    "weight": 1.0,
}
