"""Children in care by ethnic group, sex and age at once: rounded to 5, and looked at as a reader before it leaves.

The table is far too fine to be told exactly, and hiding small numbers would hide most of it. So every number, totals
too, goes to a multiple of 5 just below or above, so that all of them still add up (controlled rounding).

Groups whose own number is hidden elsewhere are told together, and ages are made wider until at most one band holds
hidden numbers: their sum is known from the others anyway, so the annex says nothing of any hidden number. Then the
annex is read as somebody would who has the released totals and knows how it was rounded. Where that narrows a small
number too far, the annex is rounded otherwise, then with wider ages, and in the end it is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.codes import ALL, age_order, load_codelist, wider_ages
from helpers.disclosure import attack
from helpers.disclosure.rounding import controlled_round
from helpers.disclosure.system import Builder, Flags, Floats, Ints
from helpers.errors import ContractError
from helpers.schemas import Annex, check, columns_of

PARTS = ("ethnic_group", "gender", "age_band")
GROUP, SEX, AGE = PARTS
WHOLE = "cla_total"
PIECES = ("cla_uasc", "cla_not_uasc")
"""Every child in care is one or the other, and both are told by one thing at once elsewhere: nearly all unaccompanied
children are boys of 16 and over, so a reader can place many of them in the cells."""
BASE = 5
LIMIT = 5
"""The largest number that is small, under the strictest rule: an annex is the same under every rule."""
WIDTH = 4
"""A small number must be able to be 5 different ones, as 0 to 4 are."""
FEWEST_IN_CARE = 30
"""Among fewer children nearly all numbers would be 0: a table that tells nothing."""
AGES = ("", "four", "two")
"""Sets of bands of wider_ages.csv, tried in this order; the first are the bands of age_bands.csv."""
ROUNDINGS = 6
TOGETHER = "|"
"""Stands between ethnic groups that are told together."""

Key = tuple[str, str, str]


def intersectional_annex(counts: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Give the borough's children in care on the day by ethnic group, sex and age at once, rounded to 5.

    counts: contract schemas.Counts, with cla_total crossed by ethnic group, sex and age: whole numbers of children
    released: contract schemas.Released, all that a reader sees of the borough beside the annex
    returns: contract schemas.Annex. Ages are as in age_bands.csv, else four bands, else two (wider_ages.csv). No row
        where nothing is crossed, some of it is not known or contradicts the other counts, fewer than 30 children are in
        care, or no rounding keeps every small number safe
    source: controlled rounding after Cox (1987); audited in whole numbers beside the released totals
    """
    cells = _crossed(_of_the_day(counts, borough, as_at))
    told = {one: _of_the_day(released, borough, as_at, one) for one in (WHOLE, *PIECES)}
    totals = {part: _totals(told[WHOLE], part) for part in PARTS}
    pieces = [{part: _totals(told[one], part) for part in PARTS} for one in PIECES if len(told[one])]
    if cells.sum() >= FEWEST_IN_CARE:
        for bands in AGES:
            wide = _told_together(cells, totals, wider_ages(bands))
            annex = None if wide is None else _Annex.of(wide, pieces)
            rounded = None if annex is None else _safely_rounded(annex)
            if rounded is not None:
                return _as_contract(annex.keys, rounded, borough, as_at)
    return _as_contract([], [], borough, as_at)


def _of_the_day(rows: pd.DataFrame, borough: str, as_at: dt.date, indicator: str = WHOLE) -> pd.DataFrame:
    return rows[
        (rows["borough"] == borough)
        & (rows["period_end"] == pd.Timestamp(as_at))
        & (rows["indicator"] == indicator)
        & (rows["category"] == ALL)
    ]


def _crossed(inside: pd.DataFrame) -> pd.Series:
    """Give the cells as a series by ethnic group, sex and age; empty where one of them is not known."""
    cells = inside[inside[list(PARTS)].ne(ALL).all(axis=1)].set_index(list(PARTS))["numerator"]
    return cells if cells.notna().all() else cells.iloc[:0]


def _totals(told: pd.DataFrame, part: str) -> pd.Series:
    """Give the released numbers by one thing, and of everyone (All); missing where they are hidden."""
    others = [one for one in PARTS if one != part]
    return told[told[others].eq(ALL).all(axis=1)].set_index(part)["numerator"]


def _as_contract(keys: Sequence[Key], rounded: Sequence[int], borough: str, as_at: dt.date) -> pd.DataFrame:
    rows = pd.DataFrame(keys, columns=list(PARTS)).assign(
        borough=borough, as_at=pd.Timestamp(as_at), rounded=np.array(rounded, dtype=np.int64)
    )
    return check(rows[columns_of(Annex)], Annex, source="annex")


# --- what is told together, so that no hidden number is touched -------------------------------------------------------


def _told_together(
    cells: pd.Series, totals: Mapping[str, pd.Series], wider: Mapping[str, Sequence[str]]
) -> pd.Series | None:
    """Give the cells with hidden groups together and ages as wide as told; None where hidden numbers would be touched.

    Of each thing at most one label may hold hidden numbers, and all others must add with it to everyone: what the
    hidden ones are together is then known from the released numbers alone
    """
    groups = [name for name in cells.index.unique(GROUP) if np.isnan(totals[GROUP].get(name, np.nan))]
    joins = {
        GROUP: dict.fromkeys(groups, TOGETHER.join(groups)),
        SEX: {},
        AGE: {band: label for label, bands in wider.items() for band in bands},
    }
    for part in PARTS:
        cells = cells.rename(index=joins[part], level=part)
    cells = cells.groupby(level=list(PARTS), sort=False).sum()
    fits = all(_is_known(cells.groupby(level=part).sum(), totals[part], part) for part in PARTS)
    return cells if fits and len(cells.index.unique(GROUP)) > 1 else None


def _is_known(sums: pd.Series, totals: pd.Series, part: str) -> bool:
    """Tell whether the released totals say every sum by one thing, the same one; and each a sum of whole rows."""
    if np.isnan(totals.get(ALL, np.nan)) or totals[ALL] != sums.sum():
        return False
    unknown = 0
    for label, number in sums.items():
        rows = totals.reindex(_rows_of(label, part, totals))
        unknown += rows.empty or rows.isna().any()
        if rows.empty or (rows.notna().all() and rows.sum() != number):
            return False
    return unknown <= 1


def _rows_of(label: str, part: str, totals: pd.Series) -> list[str]:
    """Give the released rows that a label of the annex is the sum of; none where they are not whole rows."""
    if part == GROUP:
        return label.split(TOGETHER)
    if part == SEX or label == ALL:
        return [label]
    bands = _bands_of_ages()
    rows = [age for age in totals.index if age in bands and bands[age] <= bands[label]]
    held = [band for age in rows for band in bands[age]]
    return rows if sorted(held) == sorted(bands[label]) else []


def _bands_of_ages() -> dict[str, frozenset[str]]:
    """Give for each age band, wider ones too, the bands of age_bands.csv that it holds."""
    narrow = {band: frozenset([band]) for band in load_codelist("age_bands")["label"]}
    wide = {label: frozenset(bands) for name in AGES for label, bands in wider_ages(name).items()}
    return narrow | wide


# --- rounding ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Annex:
    """The numbers (n,) of an annex with its totals, true and in order of `keys`; sums: equations (m, n) that are 0.

    pieces: released totals by each thing of the measures that the children are divided into, where they are told
    """

    keys: Sequence[Key]
    true: Floats
    sums: sparse.csr_array
    pieces: Sequence[Mapping[str, pd.Series]] = ()

    @classmethod
    def of(cls, cells: pd.Series, pieces: Sequence[Mapping[str, pd.Series]] = ()) -> _Annex:
        labels = [[*sorted(cells.index.unique(part), key=_order(part)), ALL] for part in PARTS]
        keys = list(product(*labels))
        true = cells.reindex(pd.MultiIndex.from_tuples(keys, names=PARTS), fill_value=0.0).to_numpy(copy=True)
        true = true.reshape([len(each) for each in labels])
        for axis in range(len(PARTS)):
            slices = np.moveaxis(true, axis, 0)
            slices[-1] = slices[:-1].sum(axis=0)
        return cls(keys, true.ravel(), _sums(keys, labels), pieces)

    @property
    def is_released(self) -> Flags:
        """Tell the totals by one thing alone, and of everyone: a reader knows them exactly."""
        return np.array([key.count(ALL) >= len(PARTS) - 1 for key in self.keys])

    @property
    def small(self) -> Flags:
        return ~self.is_released & (self.true >= 1) & (self.true <= LIMIT)


def _order(part: str) -> Callable[[str], int]:
    """Give where a label stands, so that the same counts in any order make the same annex."""
    listed = {
        GROUP: load_codelist("ethnic_groups")["label"].tolist(),
        SEX: ["Male", "Female", "Unknown"],
        AGE: age_order(),
    }[part]
    return lambda label: listed.index(label.split(TOGETHER)[0])


def _sums(keys: Sequence[Key], labels: Sequence[Sequence[str]]) -> sparse.csr_array:
    """Say of every total that its parts by each thing add to it."""
    place = {key: number for number, key in enumerate(keys)}
    lines = [(key, axis) for key in keys for axis in range(len(PARTS)) if key[axis] == ALL]
    matrix = sparse.lil_array((len(lines), len(keys)))
    for line, (key, axis) in enumerate(lines):
        for label in labels[axis][:-1]:
            matrix[line, place[(*key[:axis], label, *key[axis + 1 :])]] = 1
        matrix[line, place[key]] = -1
    return sparse.csr_array(matrix)


def _safely_rounded(annex: _Annex) -> Ints | None:
    """Round until no small number can be narrowed, sending the narrowed ones up; None where that does not succeed."""
    go_up = np.zeros(len(annex.keys), dtype=bool)
    for _ in range(ROUNDINGS):
        try:
            rounded = _rounded(annex, go_up)
        except ContractError:  # there is no such table that adds up
            return None
        narrowed, hidden_too = _narrowed(annex, rounded)
        if not narrowed.any() and not hidden_too:
            return rounded
        more = narrowed & (rounded == 0)
        if not more.any():
            return None
        go_up = go_up | more
    return None


def _rounded(annex: _Annex, go_up: Flags) -> Ints:
    """Round the annex; numbers of 1 to 4 that must go up are tied, each to a further number of its own.

    With t another number of 1 to 4, (5 - t) * number - (5 - number) * t = 5 * (number - t). In multiples of 5 that
    holds only where both go up.
    """
    places, size = np.flatnonzero(go_up), len(annex.keys)
    if not len(places):
        return controlled_round(annex.true, annex.sums, base=BASE)
    values, ties = [*annex.true, BASE], sparse.lil_array((len(places), size + 1 + len(places)))
    for line, place in enumerate(places):
        number = annex.true[place]
        other = 1 if number != 1 else 2
        ties[line, place], ties[line, size + 1 + line] = BASE - other, number - BASE
        ties[line, size] = other - number
        values.append(other)
    wider = sparse.csr_array((annex.sums.shape[0], 1 + len(places)))
    matrix = sparse.vstack([sparse.hstack([annex.sums, wider]), ties], format="csr")
    return controlled_round(values, sparse.csr_array(matrix), base=BASE)[:size]


def _narrowed(annex: _Annex, rounded: Ints) -> tuple[Flags, bool]:
    """Tell which small numbers a reader can narrow too far, and whether a hidden total of a piece.

    The reader knows the released totals, of the pieces too, and how this was rounded
    """
    builder, size = Builder(), len(annex.keys)
    for key, true, number, known in zip(annex.keys, annex.true, rounded.tolist(), annex.is_released, strict=True):
        low, high = max(number - BASE + 1, 0), number + BASE - 1
        builder.add(key, true, low=low, high=high, offered=False, locked=bool(known))
    for line in range(annex.sums.shape[0]):
        row = annex.sums[[line]].tocoo()
        builder.equation(dict(zip(row.coords[1].tolist(), row.data.tolist(), strict=True)))
    _add_pieces(builder, annex)
    for place in np.flatnonzero(annex.small).tolist():
        number = rounded[place]
        builder.set(place, need_low=0.0 if number == 0 else 1.0, need_high=float(BASE - 1 if number == 0 else LIMIT))
    system = builder.system()
    found = attack.unsafe(system, system.withheld)
    if not found.any():
        return found[:size], False
    seen = attack.bounds(system, system.withheld, wanted=found)
    may_be_small = (seen.low <= LIMIT) & (seen.high >= 1)  # what cannot be 1 to 5 tells of no child
    return (found & (seen.high - seen.low < WIDTH))[:size], bool((found & may_be_small)[size:].any())


def _add_pieces(builder: Builder, annex: _Annex) -> None:
    """Add what the children of each cell are divided into, with the totals that are told; hidden ones need 1 to 5."""
    if not annex.pieces:
        return
    cells = [key for key in annex.keys if ALL not in key]
    for key in cells:
        some = [builder.add((number, *key), np.nan, offered=False) for number in range(len(PIECES))]
        builder.equation(dict.fromkeys(some, 1.0) | {builder.place[key]: -1.0})
    for number, totals in enumerate(annex.pieces):
        for axis, part in enumerate(PARTS):
            for label in dict.fromkeys([key[axis] for key in cells] + [ALL]):
                rows = totals[part].reindex(_rows_of(label, part, totals[part]))
                own = {builder.place[(number, *key)]: 1.0 for key in cells if label in (ALL, key[axis])}
                if len(rows) and rows.notna().all():
                    builder.equation(own, float(rows.sum()))
                elif len(rows) == 1 and rows.index[0] in totals[part].index:
                    needs = {"need_low": 1.0, "need_high": float(LIMIT)}
                    total = builder.add(("total", number, part, label), np.nan, offered=False, **needs)
                    builder.equation(own | {total: -1.0})
