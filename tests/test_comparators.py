"""Other areas, targets and month-by-month limits: what is higher, what is met, what is beyond the usual.

Pitfall numbers are those of the project's list of twenty mistakes and the test that catches each.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

import helpers
from helpers.rates import rate, rate_ratio
from helpers.trends import against_comparator, against_neighbours, against_target, control_limits

steady = settings(deadline=None, derandomize=True)
"""The same cases on every machine and every day, and no clock: a busy machine fails no test."""


# --- control limits ---------------------------------------------------------------------------------------------------


def test_control_limits_mark_points_beyond_runs_and_climbs():
    calm = [10, 11, 9, 10, 12, 10, 9, 11, 10, 11, 9, 10]
    beyond = control_limits([*calm, 25], baseline=12)
    assert beyond.signal.tolist() == [""] * 12 + ["beyond the limits"] and beyond.enough
    run = control_limits([*calm, *[11] * 8], baseline=12)
    assert run.signal.tolist() == [""] * 12 + ["8 on one side"] * 8
    climb = control_limits([10, 9, 10, 8, 9, 9.5, 10, 10.5, 11, 11.5, 9, 10, 9, 11])
    assert climb.signal.tolist().count("6 rising or falling") == 7
    assert climb.signal.tolist()[3:10] == ["6 rising or falling"] * 7


def test_few_points_or_few_children_are_not_enough_for_control_limits():
    assert not control_limits([10, 11, 9]).enough
    months = control_limits([2, 3, 1, 4, 2, 3, 1, 2, 4, 3, 2, 1, 3], counts=True)
    assert not months.enough and months.low == 0
    with pytest.raises(ValueError, match="fewer than 2 points"):
        control_limits([5])


# --- other areas and targets ------------------------------------------------------------------------------------------


def test_overlapping_intervals_can_hide_a_clear_difference():
    """Pitfall 14: the two intervals overlap, and the test between the rates is clear."""
    one, other = rate(120, 20_000), rate(160, 20_000)
    assert one.high > other.low
    found = against_comparator(160, 20_000, 120, 20_000, kind="rate", relation="separate")
    assert found.p_value < 0.02 and found.position.item() == "higher"


def test_no_code_compares_the_limits_of_two_estimates():
    """Pitfall 14: overlap is not a test. Limits may be held against fixed numbers, never against other limits."""
    pattern = re.compile(r"(\w+)\.(?:low|high)(?:\[[^\]]*\])?\s*[<>]=?\s*(?!\1\b)\w+\.(?:low|high)\b")
    assert pattern.search("one.low > other.high"), "the search can find what it forbids"
    folder = Path(helpers.__file__).parent
    sources = [path for name in ("rates", "disproportionality", "trends") for path in (folder / name).glob("*.py")]
    assert len(sources) >= 20
    found = [(path.name, hit.group(0)) for path in sources for hit in pattern.finditer(path.read_text("utf-8"))]
    assert found == []


def test_london_is_compared_without_the_borough():
    """Pitfall 6: the borough is taken out of London before it is compared with it."""
    found = against_comparator(400, 60_000, 10_000, 1_900_000, kind="rate", relation="contains")
    apart = rate_ratio(400, 60_000, 9600, 1_840_000)
    assert float(found.comparator) == pytest.approx(10_000 * 9600 / 1_840_000)
    assert float(found.p_value) == pytest.approx(float(apart.p_value))
    assert found.position.item() == "higher"


def test_an_area_is_never_compared_with_itself():
    with pytest.raises(ValueError, match="Bromley is among the areas it is compared with"):
        against_comparator(
            300, 60_000, 900, 200_000, kind="rate", relation="separate", area="Bromley",
            comparator_areas=["Bexley", "Bromley"],
        )  # fmt: skip
    with pytest.raises(ValueError, match="said to contain it"):
        against_comparator(300, 60_000, 200, 100_000, kind="rate", relation="contains")
    with pytest.raises(ValueError, match="do not contain"):
        against_comparator(300, 60_000, 400, 60_000, kind="rate", relation="contains")
    with pytest.raises(ValueError, match="Bromley is among the areas"):
        against_neighbours(300, 60_000, [1], [10], kind="rate", area="Bromley", neighbours=["Bromley"])


def test_england_is_a_fixed_value():
    found = against_comparator([300, 300], [60_000, 60_000], 83_000, 12_000_000, kind="rate", relation="fixed")
    assert found.comparator == pytest.approx(10_000 * 83_000 / 12_000_000)
    assert found.ratio == pytest.approx(300 / (60_000 * 83_000 / 12_000_000))
    assert found.position.tolist() == ["lower"] * 2
    share = against_comparator(44, 60, 800, 1000, kind="proportion", relation="fixed")
    assert float(share.p_value) == pytest.approx(float(binomial_central(44, 60, 0.8)))


def binomial_central(k, n, p):
    return min(1, 2 * min(binomtest(k, n, p, "less").pvalue, binomtest(k, n, p, "greater").pvalue))


@steady
@given(
    st.integers(0, 60), st.integers(0, 60), st.integers(0, 400), st.integers(1, 400),
    st.sampled_from(["rate", "proportion"]), st.sampled_from(["fixed", "contains", "separate"]),
)  # fmt: skip
def test_every_comparison_gives_a_word_that_its_p_value_allows(a, b, c, d, kind, relation):
    if a + b == 0:
        return
    area = (a, a + b)
    whole = (a + c, a + b + c + d) if relation == "contains" else (c, c + d)
    found = against_comparator(*area, *whole, kind=kind, relation=relation)
    assert found.position.item() in {"higher", "lower", "similar", "too few to say"}
    if found.position.item() in ("higher", "lower"):
        assert found.p_value < 0.05
        assert (found.value > found.comparator) == (found.position.item() == "higher")
    hidden = against_comparator(np.nan, a + b, *whole, kind=kind, relation=relation)
    assert hidden.position.item() == "too few to say" and np.isnan(hidden.p_value)


def test_neighbours_are_added_up_and_ranked_as_a_range():
    found = against_neighbours(120, 20_000, [100, 90, np.nan, 150], [20_000, 21_000, 30_000, 19_000], kind="rate")
    assert found.neighbours == 3
    assert float(found.comparison.comparator) == pytest.approx(10_000 * 340 / 60_000)
    assert found.rank == 2 and found.rank_low <= 2 <= found.rank_high
    with pytest.raises(ValueError, match="no neighbour has a figure"):
        against_neighbours(120, 20_000, [np.nan], [20_000], kind="rate")


@pytest.mark.parametrize(
    ("events", "children", "target", "better", "state"),
    [
        pytest.param(44, 60, 0.80, "higher", "not met, within margin", id="methods page, section f10: p = 0.13"),
        pytest.param(30, 60, 0.80, "higher", "not met, clear", id="far below"),
        pytest.param(49, 60, 0.80, "higher", "met, within margin", id="just above"),
        pytest.param(59, 60, 0.80, "higher", "met, clear", id="far above"),
        pytest.param(48, 60, 0.80, "higher", "met, within margin", id="exactly met"),
        pytest.param(1, 60, 0.10, "lower", "met, clear", id="few where few are wanted"),
        pytest.param(9, 60, 0.10, "lower", "not met, within margin", id="a little above the most wanted"),
        pytest.param(30, 60, 0.10, "lower", "not met, clear", id="far above the most wanted"),
    ],
)
def test_a_target_has_four_states(events, children, target, better, state):
    assert against_target(events, children, target, better=better).state.item() == state


def test_the_worked_example_of_a_target():
    assert round(float(against_target(44, 60, 0.8, better="higher").p_value), 2) == 0.13
    assert against_target(np.nan, 60, 0.8, better="higher").state.item() == ""
    for options, message in [
        ({"target": 80, "better": "higher"}, "a target of 80 is not a share"),
        ({"target": 0.8, "better": "up"}, "not 'up'"),
    ]:
        with pytest.raises(ValueError, match=message):
            against_target(44, 60, **options)
    with pytest.raises(ValueError, match="a number of children of 0 gives no answer"):
        against_target(0, 0, 0.8, better="higher")


@steady
@given(st.integers(0, 80), st.integers(1, 80), st.floats(0.01, 0.99))
def test_more_events_never_worsen_a_target_where_more_is_better(events, more, target):
    children = events + more
    order = ["not met, clear", "not met, within margin", "met, within margin", "met, clear"]
    one, other = (against_target(e, children, target, better="higher").state.item() for e in (events, events + 1))
    assert order.index(one) <= order.index(other)
    mirrored = against_target(children - events, children, 1 - target, better="lower").state.item()
    assert mirrored == one or events / children == pytest.approx(target)


@steady
@given(st.lists(st.integers(0, 60) | st.none(), min_size=2, max_size=40), st.booleans())
def test_every_series_of_months_has_limits_and_words(months, counts):
    values = [np.nan if month is None else month for month in months]
    pairs = [pair for pair in zip(values, values[1:], strict=False) if not np.isnan(pair).any()]
    if not pairs:
        with pytest.raises(ValueError, match="fewer than 2 points follow each other"):
            control_limits(values, counts=counts)
        return
    found = control_limits(values, counts=counts)
    assert np.isfinite([found.mean, found.low, found.high, found.moving_range]).all()
    assert found.low <= found.mean <= found.high and (found.low >= 0 or not counts)
    assert set(found.signal) <= {"", "beyond the limits", "8 on one side", "6 rising or falling"}
    assert (found.signal[np.isnan(values)] == "").all()


def test_a_level_series_of_shares_is_not_beyond_its_own_mean():
    """The mean of fourteen times 0.1 is 0.10000000000000002: the last digit of a float is no signal."""
    assert set(control_limits([0.1] * 14).signal) == {""}
    assert control_limits([0.1] * 13 + [0.2]).signal[-1] == "beyond the limits"


@steady
@given(
    st.integers(0, 60),
    st.integers(60, 5000),
    st.lists(st.tuples(st.integers(0, 60), st.integers(60, 5000)) | st.none(), min_size=1, max_size=10),
    st.sampled_from(["rate", "proportion"]),
    st.randoms(use_true_random=False),
)
def test_neighbours_in_any_order_and_without_those_that_have_no_figure(events, population, pairs, kind, random):
    told = [pair for pair in pairs if pair is not None]
    columns = np.array([(np.nan, np.nan) if pair is None else pair for pair in pairs]).T
    if not told:
        with pytest.raises(ValueError, match="no neighbour has a figure"):
            against_neighbours(events, population, *columns, kind=kind)
        return
    found = against_neighbours(events, population, *columns, kind=kind)
    shuffled = np.array(random.sample(told, len(told))).T
    again = against_neighbours(events, population, *shuffled, kind=kind)
    assert found.neighbours == len(told) and found[1:] == again[1:]
    assert float(found.comparison.p_value) == pytest.approx(float(again.comparison.p_value))
    assert 1 <= found.rank_low <= found.rank <= found.rank_high <= len(told) + 1
    assert found.comparison.position.item() in ("higher", "lower", "similar", "too few to say")


def test_a_fixed_comparator_without_events_gives_no_word():
    found = against_comparator(12, 400, 0, 90_000, kind="rate", relation="fixed")
    assert found.position.item() == "too few to say" and np.isnan(found.p_value)
