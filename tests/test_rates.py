"""Shares and rates: published limits, refusals, and what must hold for every count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact

from helpers.rates import (
    adjust_p_values,
    central_p,
    count_interval,
    exact_count_interval,
    exact_share_interval,
    rate,
    wilson_interval,
)
from helpers.rates.two_groups import difference_interval, fisher_p, ratio_interval

# PHEindicatormethods 2.1.0, tests/testthat/testdata_Byars_Wilson.xlsx, method "Wilson".
WILSON = [
    pytest.param(65, 100, 0.95, 0.552544, 0.736358, id="two in three"),
    pytest.param(1045, 5000, 0.95, 0.197955, 0.220491, id="large borough"),
    pytest.param(65, 100, 0.998, 0.495495, 0.778354, id="control limits"),
]


@pytest.mark.parametrize(("events", "children", "confidence", "low", "high"), WILSON)
def test_wilson_interval_agrees_with_published_limits(events, children, confidence, low, high):
    interval = wilson_interval([events], [children], confidence=confidence)
    assert interval.low[0] == pytest.approx(low, abs=5e-7)
    assert interval.high[0] == pytest.approx(high, abs=5e-7)


def test_no_children_gives_no_interval_rather_than_zero():
    interval = wilson_interval([0], [0])
    assert np.isnan(interval.low[0]) and np.isnan(interval.high[0])


@pytest.mark.parametrize("confidence", [95, 1, 0, -0.5])
@pytest.mark.parametrize("statistic", [wilson_interval, exact_share_interval, rate])
def test_confidence_that_is_not_a_share_of_one_is_refused(statistic, confidence):
    with pytest.raises(ValueError, match=f"not {confidence:g}"):
        statistic([3], [10], confidence=confidence)


@pytest.mark.parametrize("statistic", [wilson_interval, exact_share_interval])
def test_impossible_counts_name_their_row(statistic):
    with pytest.raises(ValueError, match="row 1: 12 events cannot come from 10 children"):
        statistic([3, 12], [10, 10])
    with pytest.raises(ValueError, match="row 0: -1 events is not a count"):
        statistic([-1], [10])


def test_a_rate_is_exact_below_ten_events_and_byar_from_ten():
    rates = rate([9, 10], [10_000, 10_000])
    exact = exact_count_interval([9, 10])
    assert rates.low[0] == pytest.approx(exact.low[0]) and rates.high[0] == pytest.approx(exact.high[0])
    byar = 10 * (1 - 1 / 90 - 1.959963984540054 / (3 * 10**0.5)) ** 3
    assert rates.low[1] == pytest.approx(byar, abs=1e-12)
    assert rates.low[1] != pytest.approx(exact.low[1], abs=1e-6)


def test_a_rate_without_population_is_refused_by_row():
    with pytest.raises(ValueError, match="row 1: a population of 0 gives no answer"):
        rate([1, 2], [100, 0])


def test_a_missing_or_suppressed_count_gives_no_rate_and_no_error():
    rates = rate(pd.Series([pd.NA, 20], dtype="Int64"), pd.Series([1000, 1000], dtype="Int64"))
    assert np.isnan([rates.value[0], rates.low[0], rates.high[0]]).all()
    assert rates.value[1] == 200


def test_rates_may_come_from_more_events_than_children():
    assert rate(30, 10, per=1).value == 3


@given(st.integers(0, 400), st.integers(1, 400))
def test_every_share_has_its_intervals_within_0_and_1_around_it(events, more):
    children = events + more - 1 or 1
    for interval in (wilson_interval(events, children), exact_share_interval(events, children)):
        assert 0 <= interval.low <= events / children <= interval.high <= 1


@given(st.integers(0, 3000), st.floats(0.5, 0.999))
def test_every_count_has_finite_limits_around_it(events, confidence):
    limits = count_interval(events, confidence=confidence)
    assert 0 <= limits.low <= events <= limits.high < np.inf


@given(st.integers(0, 300), st.integers(0, 300))
def test_exact_limits_are_those_of_scipy(events, others):
    children = events + others
    if children == 0:
        return
    ours = exact_share_interval(events, children)
    theirs = binomtest(events, children).proportion_ci(0.95, "exact")
    assert (float(ours.low), float(ours.high)) == pytest.approx(theirs, abs=1e-9)


def test_wilson_covers_a_rare_group_where_wald_does_not():
    """Exact coverage for a group of 1% of 300 children: Wald's is 80%, Wilson's at least 93% (pitfall 4)."""
    children, share = 300, 0.01
    counts = np.arange(children + 1)
    chance = np.array([_binomial(k, children, share) for k in counts])
    interval = wilson_interval(counts, children)
    assert chance[(interval.low <= share) & (share <= interval.high)].sum() >= 0.93
    wald = 1.96 * np.sqrt(counts / children * (1 - counts / children) / children)
    assert chance[np.abs(counts / children - share) <= wald].sum() < 0.85


def _binomial(k, n, p):
    from scipy.stats import binom

    return binom.pmf(k, n, p)


counts_of_two_groups = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)).filter(
    lambda four: four[0] + four[1] > 0 and four[2] + four[3] > 0
)


@given(counts_of_two_groups)
def test_fisher_is_that_of_scipy_for_every_table(four):
    a, b, c, d = four
    theirs = fisher_exact([[a, b], [c, d]])[1]
    assert float(fisher_p(a, a + b, c, c + d)) == pytest.approx(theirs, rel=1e-6, abs=1e-12)


def test_fisher_of_many_tables_is_fisher_of_each():
    rng = np.random.default_rng(5)
    n1, n2 = rng.integers(1, 80, 60), rng.integers(1, 80, 60)
    x1, x2 = rng.binomial(n1, 0.2), rng.binomial(n2, 0.3)
    together = fisher_p(x1, n1, x2, n2)
    assert together == pytest.approx([float(fisher_p(*row)) for row in zip(x1, n1, x2, n2, strict=True)], rel=1e-12)


@given(counts_of_two_groups)
def test_the_ratio_interval_is_ordered_and_swaps_to_one_over_itself(four):
    """Koopman's interval holds its estimate for every table, zeros included (pitfall 17)."""
    a, b, c, d = four
    interval = ratio_interval(a, a + b, c, c + d)
    swapped = ratio_interval(c, c + d, a, a + b)
    assert 0 <= interval.low <= interval.high
    assert not np.isnan([interval.low, interval.high]).any()
    if a and c:
        estimate = (a / (a + b)) / (c / (c + d))
        assert interval.low * (1 - 1e-9) <= estimate <= interval.high * (1 + 1e-9)
        assert float(interval.low) == pytest.approx(1 / swapped.high, rel=1e-9)
        assert float(interval.high) == pytest.approx(1 / swapped.low, rel=1e-9)
    assert (interval.low == 0) == (a == 0)
    assert np.isinf(interval.high) == (c == 0)


@given(counts_of_two_groups)
def test_the_difference_interval_holds_the_difference_and_mirrors(four):
    a, b, c, d = four
    interval = difference_interval(a, a + b, c, c + d)
    swapped = difference_interval(c, c + d, a, a + b)
    difference = a / (a + b) - c / (c + d)
    assert -1 - 1e-12 <= interval.low <= difference + 1e-12
    assert difference - 1e-12 <= interval.high <= 1 + 1e-12
    assert (float(interval.low), float(interval.high)) == pytest.approx((-swapped.high, -swapped.low), abs=1e-12)


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.001, 0.999))
def test_no_exact_p_value_is_zero(count, others, share):
    if count + others == 0:
        return
    assert 0 < central_p(count, count + others, share, share) <= 1


def test_holm_and_benjamini_hochberg_leave_missing_tests_out_of_the_family():
    holm = adjust_p_values([[0.01, np.nan, 0.04, 0.03, 0.005], [0.02, np.nan, np.nan, np.nan, np.nan]])
    assert holm[0] == pytest.approx([0.03, np.nan, 0.06, 0.06, 0.02], nan_ok=True)
    assert holm[1] == pytest.approx([0.02] + [np.nan] * 4, nan_ok=True)
    assert adjust_p_values([0.01, 0.04], correction="Benjamini-Hochberg") == pytest.approx([0.02, 0.04])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_permuting_the_groups_permutes_the_adjusted_p_values(p_values, random):
    order = list(range(len(p_values)))
    random.shuffle(order)
    for correction in ("Holm", "Benjamini-Hochberg"):
        adjusted = adjust_p_values(p_values, correction=correction)
        assert adjust_p_values([p_values[i] for i in order], correction=correction) == pytest.approx(adjusted[order])
        assert (adjusted >= np.array(p_values) - 1e-15).all()


def test_an_unknown_correction_or_p_value_is_refused():
    with pytest.raises(ValueError, match="'Sidak' is not known"):
        adjust_p_values([0.1], correction="Sidak")
    with pytest.raises(ValueError, match="row 1: 1.2 is not a p-value"):
        adjust_p_values([0.1, 1.2])
