"""What a reader can work out is exact: held against every table of whole numbers there is, one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from helpers.disclosure import attack
from helpers.disclosure.system import Builder, System

EXACT = 1e-6
MOST_TABLES = 200_000
FEW = settings(max_examples=60, deadline=None, derandomize=True)


# --------------------------------------------------------------------------------------------------------- drawing


def system_of(values, rows, **facts) -> System:
    """A system of statistics 0, 1, 2 ... and of rows (coefficients by place, low, high).

    facts: of System, one list each
    """
    builder = Builder()
    for place, value in enumerate(values):
        builder.add(place, float(value), **{name: of[place] for name, of in facts.items()})
    for terms, low, high in rows:
        builder.equation(terms, low, high)
    return builder.system()


def crossed(table: np.ndarray) -> System:
    """A table with its margins and grand total; statistic (i, j) stands at i * (columns + 1) + j."""
    whole = np.vstack([np.column_stack([table, table.sum(axis=1)]), [*table.sum(axis=0), table.sum()]])
    places = np.arange(whole.size).reshape(whole.shape)
    lines = [*places, *places.T]
    return system_of(
        whole.ravel(), [({**dict.fromkeys(line[:-1].tolist(), 1.0), line[-1]: -1.0}, 0, 0) for line in lines]
    )


@st.composite
def crossed_cases(draw) -> tuple[System, np.ndarray]:
    """A table of 2 by 3 or 3 by 3 with at most eight cells and margins hidden, the grand total never."""
    rows = draw(st.integers(2, 3))
    cells = draw(st.lists(st.integers(0, 4), min_size=rows * 3, max_size=rows * 3))
    system = crossed(np.array(cells).reshape(rows, 3))
    hidden = draw(st.lists(st.integers(0, system.size - 2), min_size=1, max_size=8, unique=True))
    return known_or_not(draw, system, flags(system, hidden))


@st.composite
def linked_cases(draw) -> tuple[System, np.ndarray]:
    """Two tables of the same children with one margin in common: two groups by sex, and by three homes."""
    by_sex = np.array(draw(st.lists(st.integers(0, 5), min_size=4, max_size=4))).reshape(2, 2)
    groups = by_sex.sum(axis=1)
    first = [draw(st.integers(0, int(group))) for group in groups]
    second = [draw(st.integers(0, int(group - one))) for group, one in zip(groups, first, strict=True)]
    homes = np.column_stack([first, second, groups - first - second])
    values = [*by_sex.ravel(), *homes.ravel(), *groups, *by_sex.sum(axis=0), *homes.sum(axis=0), groups.sum()]
    lines = [(0, 1, 10), (2, 3, 11), (4, 5, 6, 10), (7, 8, 9, 11), (0, 2, 12), (1, 3, 13), (4, 7, 14), (5, 8, 15),
             (6, 9, 16), (10, 11, 17)]  # fmt: skip
    system = system_of(values, [({**dict.fromkeys(line[:-1], 1.0), line[-1]: -1.0}, 0, 0) for line in lines])
    hidden = draw(st.lists(st.integers(0, 16), min_size=2, max_size=8, unique=True))
    return known_or_not(draw, system, flags(system, hidden))


@st.composite
def any_cases(draw) -> tuple[System, np.ndarray]:
    """Rows of any coefficients, some with room to one side or both: parts of a base, rounded totals, differences."""
    size = draw(st.integers(3, 6))
    values = np.array(draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)))
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        places = draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=min(size, 4), unique=True))
        weights = draw(
            st.lists(st.sampled_from([1.0, 1.0, 1.0, -1.0, -1.0, 2.0, 0.5]), min_size=len(places), max_size=len(places))
        )
        told = float(values[places] @ weights)
        down, up = (draw(st.sampled_from([0, 0, 0, 1, 5, np.inf])) for _ in range(2))
        rows.append((dict(zip(places, weights, strict=True)), told - down, told + up))
    system = system_of(values, rows, high=[float(value) + draw(st.integers(0, 5)) for value in values])
    hidden = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5, unique=True))
    return known_or_not(draw, system, flags(system, hidden))


@st.composite
def percentage_cases(draw) -> tuple[System, np.ndarray]:
    """A hidden number, its base (hidden or not), the rest in no file, and a whole percentage or a rounded total shown."""
    base = draw(st.integers(1, 30))
    number = draw(st.integers(0, base))
    percent = int(100 * number / base + 0.5)
    rounded = 10 * round(base / 10)
    rows = [
        ({0: 1.0, 1: -(percent - 0.5) / 100}, 0, np.inf),
        ({0: 1.0, 1: -(percent + 0.5) / 100}, -np.inf, 0),
        ({1: 1.0}, rounded - 5, rounded + 5),
        ({1: 1.0, 0: -1.0, 2: -1.0}, 0, 0),
    ]
    system = system_of([number, base, base - number], rows, offered=[True, True, False])
    return known_or_not(draw, system, np.array([True, draw(st.booleans()), False]))


ALL_CASES = st.one_of(crossed_cases(), linked_cases(), any_cases(), percentage_cases())


def known_or_not(draw, system: System, hidden: np.ndarray) -> tuple[System, np.ndarray]:
    """Withhold some of the hidden, and let nobody in the house know some of these."""
    withheld = hidden & np.array(draw(st.lists(st.booleans(), min_size=system.size, max_size=system.size)))
    value = np.where(withheld & draw(st.booleans()), np.nan, system.value)
    return replace(system, withheld=withheld, value=value), hidden


def flags(system: System, places) -> np.ndarray:
    chosen = np.zeros(system.size, dtype=bool)
    chosen[list(places)] = True
    return chosen


# --------------------------------------------------------------------------------------------------- brute force


def every_table(system: System, hidden: np.ndarray) -> np.ndarray:
    """Give every table of whole numbers that agrees with what is shown: one row each, one column a statistic.

    Numbers are put in one statistic after the other; what no numbers of the others could complete goes at once.
    """
    unseen = np.flatnonzero(system.unseen(hidden))
    matrix = system.matrix.toarray()
    most = np.nan_to_num(system.value).max() + 25  # no statistic drawn here can be larger: see test of the endless
    high = np.minimum(system.high, most)
    tables = np.where(system.unseen(hidden), 0.0, system.value)[None, :]
    for number, one in enumerate(unseen):
        values = np.arange(system.low[one], high[one] + 1)
        tables = np.repeat(tables, len(values), axis=0)
        tables[:, one] = np.tile(values, len(tables) // len(values))
        later = unseen[number + 1 :]
        ends = matrix[:, later] * system.low[later], matrix[:, later] * high[later]
        least, most_left = np.minimum(*ends).sum(axis=1), np.maximum(*ends).sum(axis=1)
        told = tables @ matrix.T
        agrees = (told + least <= system.row_high + EXACT) & (told + most_left >= system.row_low - EXACT)
        tables = tables[agrees.all(axis=1)]
        assume(len(tables) <= MOST_TABLES)
    return tables


@FEW
@given(ALL_CASES)
def test_the_interval_of_every_hidden_number_is_that_of_all_tables_there_are(case):
    system, hidden = case
    tables = every_table(system, hidden)
    found = attack.bounds(system, hidden)
    assert len(tables)
    assert not found.against.any()
    assert found.proved.all()
    np.testing.assert_array_equal(found.low, tables.min(axis=0))
    np.testing.assert_array_equal(found.high, tables.max(axis=0))


@FEW
@given(ALL_CASES, st.data())
def test_unsafe_is_what_no_table_takes_as_low_or_as_high_as_it_must_be_able_to_go(case, data):
    system, hidden = case
    tables = every_table(system, hidden)
    some = st.lists(st.one_of(st.just(np.nan), st.integers(0, 9)), min_size=system.size, max_size=system.size)
    down, up = (np.array(data.draw(some), dtype=float) for _ in range(2))
    expected = (tables.min(axis=0) > down) | (tables.max(axis=0) < up)  # a comparison with no need is false
    np.testing.assert_array_equal(attack.unsafe(system.with_needs(down, up), hidden), expected)


@FEW
@given(ALL_CASES)
def test_whole_numbers_never_tell_less_than_fractions(case):
    system, hidden = case
    found = attack.bounds(system, hidden)
    for one in np.flatnonzero(system.unseen(hidden)):
        low, high = interval_in_fractions(system, hidden, one)
        assert found.low[one] >= low - EXACT
        assert found.high[one] <= high + EXACT


def interval_in_fractions(system: System, hidden: np.ndarray, one: int) -> tuple[float, float]:
    unseen = system.unseen(hidden)
    limits = np.column_stack([np.where(unseen, system.low, system.value), np.where(unseen, system.high, system.value)])
    rows = sparse.vstack([system.matrix, -system.matrix])
    right = np.concatenate([system.row_high, -system.row_low])
    rows, right = rows.tocsr()[np.isfinite(right)], right[np.isfinite(right)]
    aim = np.zeros(system.size)
    aim[one] = 1
    least, most = (linprog(sign * aim, A_ub=rows, b_ub=right, bounds=limits) for sign in (1, -1))
    return least.fun, -most.fun if most.status == 0 else np.inf


def test_whole_numbers_tell_more_than_fractions_where_a_ring_is_odd():
    """Three hidden numbers, each pair of them adds to an odd total or one more: in fractions each could be 0 to 2."""
    pairs = [({0: 1.0, 1: 1.0}, 1, 1), ({1: 1.0, 2: 1.0}, 1, 1), ({0: 1.0, 2: 1.0}, 0, 1)]
    system = system_of([1, 0, 0], pairs, high=[9.0] * 3)
    hidden = np.ones(3, dtype=bool)
    found = attack.bounds(system, hidden)
    assert (found.low[1], found.high[1]) == (0, 1)
    triangle = replace(system, row_low=np.array([1.0, 1.0, 1.0]), row_high=np.array([1.0, 1.0, 2.0]))
    triangle = replace(triangle, value=np.array([1.0, 0.0, 1.0]))
    assert interval_in_fractions(triangle, hidden, 1) == pytest.approx((0, 0.5))
    found = attack.bounds(triangle, hidden)
    assert (found.low[1], found.high[1]) == (0, 0), "half a child is none"


def test_a_rounded_percentage_pins_the_number_behind_it():
    """17% of a group of 12 is 2 children, whatever is hidden; of a hidden group it leaves more."""
    rows = [({0: 1.0, 1: -0.165}, 0, np.inf), ({0: 1.0, 1: -0.175}, -np.inf, 0)]
    system = system_of([2, 12], rows, high=[100.0, 100.0])
    found = attack.bounds(system, np.array([True, False]))
    assert (found.low[0], found.high[0]) == (2, 2)
    found = attack.bounds(system, np.array([True, True]))
    assert (found.low[0], found.high[0]) == (0, 17)


# ---------------------------------------------------------------------------------------------------- properties


@FEW
@given(ALL_CASES, st.data())
def test_releasing_one_more_statistic_never_widens_an_interval(case, data):
    system, hidden = case
    known = hidden & ~np.isnan(system.value) & ~system.withheld
    assume(known.any())
    more = hidden.copy()
    more[data.draw(st.sampled_from(np.flatnonzero(known).tolist()))] = False
    before, after = attack.bounds(system, hidden), attack.bounds(system, more)
    assert (after.low >= before.low).all()
    assert (after.high <= before.high).all()


@FEW
@given(ALL_CASES, st.randoms(use_true_random=False))
def test_other_names_and_another_order_change_nothing(case, chance):
    system, hidden = case
    order = np.array(chance.sample(range(system.size), system.size))
    rows = np.array(chance.sample(range(len(system.row_low)), len(system.row_low)), dtype=int)
    again = permuted(system, order, rows)
    found, relabelled = attack.bounds(system, hidden), attack.bounds(again, hidden[order])
    np.testing.assert_array_equal(relabelled.low, found.low[order])
    np.testing.assert_array_equal(relabelled.high, found.high[order])


def permuted(system: System, order: np.ndarray, rows: np.ndarray) -> System:
    names = ("value", "low", "high", "offered", "withheld", "locked", "need_low", "need_high", "weight")
    return replace(
        system,
        **{name: getattr(system, name)[order] for name in names},
        matrix=sparse.csr_array(system.matrix[rows][:, order]),
        row_low=system.row_low[rows],
        row_high=system.row_high[rows],
    )


@FEW
@given(st.one_of(crossed_cases(), linked_cases()), st.data())
def test_only_what_is_asked_for_is_worked_out_and_it_is_the_same(case, data):
    system, hidden = case
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=system.size, max_size=system.size)))
    some, every = attack.bounds(system, hidden, wanted=wanted), attack.bounds(system, hidden)
    np.testing.assert_array_equal(some.low[wanted], every.low[wanted])
    np.testing.assert_array_equal(some.high[wanted], every.high[wanted])


# ------------------------------------------------------------------------------------- contradictions, trees, time


@FEW
@given(crossed_cases(), st.integers(1, 9))
def test_an_equation_that_cannot_hold_is_left_out_and_hurts_nothing_else(case, off):
    """A hidden part that would have to be below zero, beside a table that adds up."""
    system, hidden = case
    rows = [
        *rows_of(system),
        ({system.size - 1: 1.0, system.size: 1.0}, system.value[-1] - off, system.value[-1] - off),
    ]
    withheld, value = np.append(system.withheld, True), np.append(system.value, np.nan)
    found = attack.bounds(system, hidden)
    again = attack.bounds(system_of(value, rows, withheld=withheld.tolist()), np.append(hidden, True))
    assert again.against.tolist() == [False] * len(system.row_low) + [True]
    np.testing.assert_array_equal(again.low, np.append(found.low, 0))
    np.testing.assert_array_equal(again.high, np.append(found.high, np.inf))


def rows_of(system: System) -> list[tuple[dict[int, float], float, float]]:
    terms = [
        dict(zip(line.indices.tolist(), line.data.tolist(), strict=True))
        for line in (system.matrix[[row]] for row in range(len(system.row_low)))
    ]
    return list(zip(terms, system.row_low, system.row_high, strict=True))


def test_two_equations_of_one_hidden_number_that_cannot_both_hold_leave_no_bound_behind():
    """0 is 3 by one equation and 8 by two others: nobody knows which; what it does to the rest is forgotten too."""
    rows = [({0: 1.0, 1: 1.0}, 3, 3), ({0: 1.0, 2: 1.0}, 10, 10), ({2: 1.0, 3: 1.0}, 2, 2)]
    system = system_of([np.nan] * 4, rows, withheld=[True] * 4)
    found = attack.bounds(system, np.ones(4, dtype=bool))
    assert found.against[:2].any()
    without = system_of([np.nan] * 4, [row for row, bad in zip(rows, found.against, strict=True) if not bad],
                        withheld=[True] * 4)  # fmt: skip
    alone = attack.bounds(without, np.ones(4, dtype=bool))
    np.testing.assert_array_equal(found.low, alone.low)
    np.testing.assert_array_equal(found.high, alone.high)


@pytest.fixture
def no_solver(monkeypatch):
    def fail(*_, **__):
        raise AssertionError("an integer program was asked for")

    monkeypatch.setattr(attack, "milp", fail)


def test_a_tree_is_solved_without_an_integer_program(no_solver):
    """Groups and their finer labels: bounds that agree along a tree can all be met at once."""
    rows = [
        ({1: 1.0, 2: 1.0, 3: 1.0, 0: -1.0}, 0, 0),
        ({4: 1.0, 5: 1.0, 1: -1.0}, 0, 0),
        ({6: 1.0, 2: -1.0}, -np.inf, 0),
    ]
    values = [30, 12, 8, 10, 9, 3, 4]
    system = system_of(values, rows, need_low=[np.nan] * 5 + [1.0, np.nan], need_high=[np.nan] * 5 + [5.0, np.nan])
    hidden = flags(system, [1, 2, 5])
    found = attack.bounds(system, hidden)
    assert found.low.tolist() == [30, 9, 4, 10, 9, 0, 4]
    assert found.high.tolist() == [30, 16, 11, 10, 9, 7, 4]
    assert not attack.unsafe(system, hidden).any()


def test_a_ring_asks_for_one(no_solver):
    system = crossed(np.full((3, 3), 4))
    with pytest.raises(AssertionError, match="integer program"):
        attack.bounds(system, flags(system, [0, 1, 4, 5]))


def test_what_is_not_decided_in_time_keeps_outer_limits_and_counts_as_unsafe():
    table = np.arange(16).reshape(4, 4)
    system = crossed(table)
    hidden = flags(system, [0, 1, 5, 6])
    needs = np.where(hidden, 1.0, np.nan), np.where(hidden, 5.0, np.nan)
    exact, hurried = attack.bounds(system, hidden), attack.bounds(system, hidden, seconds=0)
    assert not hurried.proved[hidden].all()
    assert exact.proved.all()
    assert (hurried.low <= exact.low).all() and (hurried.high >= exact.high).all()
    assert (
        attack.unsafe(system.with_needs(*needs), hidden, seconds=0) >= attack.unsafe(system.with_needs(*needs), hidden)
    ).all()


def test_what_nothing_ends_is_endless_and_every_need_upwards_is_met():
    """A hidden part of a hidden whole, and what follows from a difference of two."""
    system = system_of([4, 20, 16], [({1: 1.0, 0: -1.0, 2: -1.0}, 0, 0)], need_high=[5.0, np.nan, np.nan])
    hidden = np.array([True, True, False])
    found = attack.bounds(system, hidden)
    assert (found.low[0], found.high[0]) == (0, np.inf)
    assert not attack.unsafe(system, hidden).any()


def test_what_everybody_knows_is_known_though_it_is_hidden():
    system = system_of(
        [3, 17, 20], [({0: 1.0, 1: 1.0, 2: -1.0}, 0, 0)], locked=[False, True, True], need_high=[5.0] * 3
    )
    found = attack.unsafe(system, np.array([True, True, True]))
    assert found.tolist() == [True, False, False]
