"""Secondary suppression: what is accepted is safe by the independent attack, nothing is hidden without need, and so on."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from helpers.disclosure import attack
from helpers.disclosure.rounding import controlled_round
from helpers.disclosure.suppress import protect
from helpers.disclosure.system import Builder, System
from helpers.errors import ContractError, LeakError
from tests.disclosure_cases import LIMIT, draw_case, draw_release, next_smallest

WITHOUT_END = 900
"""No number drawn here comes near; the attack looks no further than about 1,000 above the largest."""
SMALL = {"need_low": 1.0, "need_high": float(LIMIT)}


def answer(name: str, *, uniform: bool = False):
    return _answer(name, uniform)


@cache
def _answer(name: str, uniform: bool):
    case = draw_case(name)
    return case, protect(case.system, uniform=uniform)


@st.composite
def crossed_tables(draw) -> System:
    """Draw a small table of two breakdowns with its margins; some cells may be shown only where their row's total is."""
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    cells = np.array(draw(st.lists(st.integers(0, 14), min_size=rows * columns, max_size=rows * columns)))
    return system_of(cells.reshape(rows, columns), pairs=draw(st.booleans()))


def system_of(table: np.ndarray, *, pairs: bool = False, locked: tuple = ()) -> System:
    builder = Builder()
    whole = np.vstack([np.column_stack([table, table.sum(axis=1)]), [*table.sum(axis=0), table.sum()]])
    for row, column in np.ndindex(whole.shape):
        number, is_locked = float(whole[row, column]), (row, column) in locked
        small = 1 <= number <= LIMIT and not is_locked
        facts = {**(SMALL if small else {}), "withheld": small, "locked": is_locked, "weight": 1 + np.log1p(number)}
        builder.add((row, column), number, **facts)
    for line in (*whole_lines(whole.shape), *(line[::-1] for line in whole_lines(whole.shape[::-1]))):
        places = [builder.place[tuple(cell)] for cell in line.T]
        builder.equation({**dict.fromkeys(places[:-1], 1.0), places[-1]: -1.0})
    if pairs:
        builder.only_with(builder.place[0, 0], builder.place[0, table.shape[1]])
    return builder.system()


def whole_lines(shape: tuple[int, int]) -> list[np.ndarray]:
    return [np.array([[row] * shape[1], range(shape[1])]) for row in range(shape[0])]


def test_a_protected_release_passes_the_attack_in_every_drawn_case():
    for name, uniform in itertools.product(("small", "report"), (False, True)):
        case, protected = answer(name, uniform=uniform)
        assert not attack.unsafe(case.system, protected.hidden).any()
        assert (protected.hidden >= case.system.withheld).all()
        assert (protected.secondary == (protected.hidden & ~case.system.withheld)).all()


def test_without_secondary_suppression_and_with_the_next_smallest_rule_every_drawn_case_leaks():
    for name in ("small", "report"):
        case, _ = answer(name)
        assert attack.unsafe(case.system, case.system.withheld).any()
        assert attack.unsafe(case.system, next_smallest(case)).any()


def test_showing_any_one_secondary_again_is_found_by_the_attack():
    case, protected = answer("small")
    assert protected.secondary.any()
    for place in np.flatnonzero(protected.secondary):
        shown = protected.hidden.copy()
        shown[place] = False
        assert attack.unsafe(case.system, shown).any()


def test_the_optimum_is_proved_for_the_small_and_the_report_case():
    for name in ("small", "report"):
        _, protected = answer(name)
        assert protected.is_optimal
        assert protected.cost == pytest.approx(protected.least)


@settings(max_examples=8, deadline=None)
@given(crossed_tables())
def test_no_choice_of_hidden_cells_is_safe_and_cheaper_than_an_optimal_one(system):
    try:
        protected = protect(system, uniform=False)
    except LeakError:
        assert attack.unsafe(system, system.withheld | system.may_hide).any()
        return
    assert not attack.unsafe(system, protected.hidden).any()
    for chosen in cheaper_choices(system, protected):
        assert attack.unsafe(system, system.withheld | chosen).any() or not keeps_pairs(system, chosen)


def cheaper_choices(system: System, protected) -> list[np.ndarray]:
    """Give every choice of at most two secondaries that costs less than the answer (all, where the answer is small)."""
    places = np.flatnonzero(system.may_hide)
    found = []
    for many in range(3):
        for some in itertools.combinations(places, many):
            chosen = np.zeros(system.size, dtype=bool)
            chosen[list(some)] = True
            if protected.is_optimal and system.weight[chosen].sum() < protected.cost - 1e-6:
                found.append(chosen)
    return found


def keeps_pairs(system: System, chosen: np.ndarray) -> bool:
    hidden = chosen | system.withheld
    return all(hidden[one] or not hidden[other] for one, other in system.only_with)


def test_relabelling_the_statistics_and_equations_leaves_the_cost_as_it_is():
    case, protected = answer("small")
    system, draws = case.system, np.random.default_rng(5)
    order, rows = draws.permutation(system.size), draws.permutation(system.matrix.shape[0])
    again = permuted(system, order, rows)
    relabelled = protect(again, uniform=False)
    assert relabelled.is_optimal
    assert relabelled.cost == pytest.approx(protected.cost)


def permuted(system: System, order: np.ndarray, rows: np.ndarray) -> System:
    names = ("value", "low", "high", "offered", "withheld", "locked", "need_low", "need_high", "weight")
    return replace(
        system,
        **{name: getattr(system, name)[order] for name in names},
        matrix=sparse.csr_array(system.matrix[rows][:, order]),
        row_low=system.row_low[rows],
        row_high=system.row_high[rows],
    )


@settings(max_examples=10, deadline=None)
@given(crossed_tables(), st.data())
def test_showing_one_statistic_more_never_widens_an_interval(system, data):
    hidden = system.withheld | np.array(data.draw(st.lists(st.booleans(), min_size=system.size, max_size=system.size)))
    before = attack.bounds(system, hidden)
    if hidden.any():
        shown = hidden.copy()
        shown[data.draw(st.sampled_from(np.flatnonzero(hidden).tolist()))] = False
        after = attack.bounds(system, shown)
        assert (after.low >= before.low).all()
        assert ((after.high <= before.high) | (before.high >= WITHOUT_END)).all()


def test_every_hidden_cell_looks_alike_so_that_no_secondary_tells_a_small_number_apart():
    for name in ("small", "report"):
        case, protected = answer(name, uniform=True)
        low = attack.bounds(case.system, protected.hidden).low
        assert ((low <= 1) | (low > LIMIT))[protected.hidden].all()


def test_a_cell_is_shown_only_where_the_one_it_goes_with_is():
    system = draw_release(children=150, indicators=6, years=1).system
    hidden = protect(system).hidden
    one, other = system.only_with.T
    assert not attack.unsafe(system, hidden).any()
    assert hidden[one][hidden[other]].all()
    assert hidden[other].any()


def test_a_number_that_everybody_knows_is_never_hidden_and_another_is_found():
    table = np.array([[3, 8, 20], [9, 7, 30], [11, 12, 40]])
    free = protect(system_of(table), uniform=False)
    place = {cell: number for number, cell in enumerate(np.ndindex(4, 4))}
    known = tuple(cell for cell in place if free.secondary[place[cell]])[:1]
    system = system_of(table, locked=known)
    around = protect(system, uniform=False)
    assert not around.hidden[system.locked].any()
    assert around.cost > free.cost
    assert not attack.unsafe(system, around.hidden).any()


def test_a_release_that_cannot_be_protected_is_refused_in_words_and_counts_the_numbers():
    builder = Builder()
    small, rest, whole = (builder.add(name, number) for name, number in (("a", 3.0), ("b", 20.0), ("all", 23.0)))
    builder.set(small, withheld=True, **SMALL)
    for place in (rest, whole):
        builder.set(place, locked=True)
    builder.equation({small: 1.0, rest: 1.0, whole: -1.0})
    with pytest.raises(LeakError, match=r"^1 number .*Nothing was written\.$"):
        protect(builder.system())


def test_what_an_earlier_edition_hid_is_hidden_again_where_that_is_safe():
    table = np.array([[3, 20, 20], [20, 20, 20], [20, 20, 20]])
    system = system_of(table)
    start = np.zeros(system.size, dtype=bool)
    start[[2, 8, 10]] = True
    protected = protect(system, start=start, uniform=False)
    assert not attack.unsafe(system, protected.hidden).any()
    assert (protected.secondary == start).all()


def test_a_number_that_its_source_hid_is_protected_without_anybody_knowing_it():
    case = draw_case("small")
    value = np.where(case.system.withheld, np.nan, case.system.value)
    unknown = replace(case.system, value=value)
    protected = protect(unknown, uniform=False)
    assert not attack.unsafe(unknown, protected.hidden).any()


def test_two_runs_give_one_answer():
    for system in (draw_case("report").system, draw_release(children=150, indicators=6, years=1).system):
        first, second = (protect(system, uniform=False) for _ in range(2))
        assert (first.hidden == second.hidden).all()


# --------------------------------------------------------------------------------------------------------- rounding


@settings(max_examples=40, deadline=None)
@given(crossed_tables(), st.sampled_from([3, 5, 10]))
def test_a_rounded_table_adds_up_and_no_number_moves_by_a_base(system, base):
    rounded = controlled_round(system.value, system.matrix, base=base)
    assert (rounded % base == 0).all()
    assert (abs(rounded - system.value) < base).all()
    assert (system.matrix @ rounded == 0).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=7))
def test_no_rounded_line_is_nearer_to_the_truth_than_the_one_given(parts):
    values, matrix = np.array([*parts, sum(parts)]), np.array([[1.0] * len(parts) + [-1.0]])
    rounded = controlled_round(values, matrix)
    either = [{number // 5 * 5, -(-number // 5) * 5} for number in values.tolist()]
    possible = [line for line in itertools.product(*either) if sum(line[:-1]) == line[-1]]
    assert abs(rounded - values).sum() == min(abs(np.array(line) - values).sum() for line in possible)


def test_drawn_cases_round_and_numbers_that_do_not_add_up_are_refused():
    for name in ("small", "report", "threeway"):
        system = draw_case(name).system
        rounded = controlled_round(system.value, system.matrix)
        assert (system.matrix @ rounded == 0).all() and abs(rounded - system.value).max() < 5
    with pytest.raises(ContractError, match=r"does not add up.*Nothing was written\.$"):
        controlled_round([1, 2, 4], [[1, 1, -1]])
