"""Shares and rates: published examples, refusals, and what must hold for every count.

Pitfall numbers are those of the project's list of twenty mistakes and the test that catches each.
"""

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import barnard_exact, binom, binomtest, chi2_contingency, fisher_exact
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from helpers.rates import (
    adjust_p_values,
    binomial_tails,
    central_p,
    count_interval,
    difference_interval,
    direct_rate,
    exact_count_interval,
    exact_share_interval,
    expected_events,
    fisher_p,
    funnel_limits,
    kaplan_meier,
    mid_p_share_interval,
    poisson_p,
    rank_range,
    rate,
    rate_ratio,
    ratio_interval,
    score_difference_interval,
    standardised_ratio,
    wilson_interval,
)

PUBLISHED = Path(__file__).parent / "published" / "worked_examples.csv"
steady = settings(deadline=None, derandomize=True)
"""The same cases on every machine and every day, and no clock: a busy machine fails no test."""

# Doll and Hill (1950), BMJ 2:739-748: smokers and non-smokers among cases and controls, men and women.
DOLL_HILL = [[[647, 2], [622, 27]], [[41, 19], [28, 32]]]
# Freireich and others (1963), Blood 21:699-716: weeks in remission on 6-MP; False where it had not yet ended.
REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
ENDED = [True] * 9 + [False] * 12
# PHStatsMethods, test_methods.py: 19 five-year age bands and the European Standard Population 2013.
OHID_EVENTS = [50, 55, 55, 55, 60, 60, 65, 70, 70, 70, 70, 65, 60, 55, 50, 40, 25, 15, 10]
OHID_POPULATION = [509, 559, 559, 559, 609, 609, 659, 709, 709, 709, 709, 659, 609, 559, 509, 409, 259, 159, 109]
EUROPE = [
    5000,
    5500,
    5500,
    5500,
    6000,
    6000,
    6500,
    7000,
    7000,
    7000,
    7000,
    6500,
    6000,
    5500,
    5000,
    4000,
    2500,
    1500,
    1000,
]

# PHEindicatormethods, tests/testthat/testISRates.R: the reference of indirectly standardised ratios (third cell added).
REFERENCE_EVENTS = [10303, 2824, 2500, 3615, 3641, 3490, 3789, 3213, 3031, 2771, 3089, 3490, 3595, 4745, 5514, 7125,
                    5694, 6210, 5757]  # fmt: skip
REFERENCE_POPULATION = [50520, 57173, 60213, 54659, 44345, 50128, 62163, 67423, 62899, 55463, 60479, 49974, 44140, 40888,
                        37239, 30819, 18136, 15325, 13918]  # fmt: skip


def inputs_of(text):
    """Read 'x=1 2; n=5' as {'x': [1, 2], 'n': 5}."""
    if "=" not in text:
        return {}
    named = dict(part.strip().split("=") for part in text.split(";"))
    numbers = {name: [float(v) for v in values.split()] for name, values in named.items()}
    return {name: values if len(values) > 1 else values[0] for name, values in numbers.items()}


def limits(interval, per=1.0):
    return {"lo": float(interval.low) * per, "hi": float(interval.high) * per}


def funnel(target, kind, population, per):
    found = funnel_limits([1], [population], kind=kind, target=target / per, per=per, overdispersion=False)
    return {name: float(getattr(found, name)[0]) for name in ("low_95", "high_95", "low_998", "high_998")}


def position(x, n, target, kind="rate"):
    return {"position": funnel_limits([x], [n], kind=kind, target=target, overdispersion=False).position[0]}


def direct(x=OHID_EVENTS, n=OHID_POPULATION):
    found = direct_rate(x, n, EUROPE, per=100_000)
    return limits(found) | {"value": float(found.value)}


def indirect(x, n, confidence):
    expected = expected_events(n, REFERENCE_EVENTS, REFERENCE_POPULATION)
    found = standardised_ratio(sum(x), expected, per=100, confidence=confidence)
    return limits(found) | {"value": float(found.value), "expected": float(expected)}


def two_rates_mid_p(x1, t1, x2, t2):
    fair = t1 / (t1 + t2)
    return {"p_one": float(binomial_tails(x1, x1 + x2, fair, fair, mid_p=True)[0])}


def rejections(p, correction):
    return {"n": float((adjust_p_values(p, correction=correction) < 0.05).sum())}


# Each published statistic and the function of ours that must reproduce it. The last five are the libraries' functions
# that the methods page names and that no page of ours calls: their figures stand guard over a change of version.
REPRODUCE = {
    "clopper_pearson": lambda k, n: limits(exact_share_interval(k, n)),
    "central_binomial": lambda k, n, p0: {"p": float(central_p(k, n, p0, p0))},
    "binomial_mid_p_interval": lambda k, n: limits(mid_p_share_interval(k, n)),
    "binomial_mid_p": lambda k, n, p0: {"p": float(central_p(k, n, p0, p0, mid_p=True))},
    "miettinen_nurminen_difference": lambda **four: limits(score_difference_interval(*four.values())),
    "newcombe_difference": lambda **four: limits(difference_interval(*four.values())),
    "koopman_ratio": lambda **four: limits(ratio_interval(*four.values())),
    "fisher": lambda a, b, c, d: {"p": float(fisher_p(a, a + b, c, c + d))},
    "fisher_mid_p": lambda a, b, c, d: {"p": float(fisher_p(a, a + b, c, c + d, mid_p=True))},
    "two_rates_mid_p": two_rates_mid_p,
    "exact_count_interval": lambda x, confidence=0.95: limits(exact_count_interval(x, confidence=confidence)),
    "exact_rate": lambda x, t: limits(exact_count_interval(x), per=1 / t),
    "wilson": lambda x, n, confidence: limits(wilson_interval(x, n, confidence=confidence)),
    "wilson_percentage": lambda x, n: limits(wilson_interval(x, n), per=100),
    "rate": lambda x, n, per: limits(rate(x, n, per=per)) | {"value": float(rate(x, n, per=per).value)},
    "direct_rate": direct,
    "standardised_ratio": indirect,
    "funnel_rate": lambda population, years, target: funnel(target, "rate", population * years, 100_000),
    "funnel_proportion": lambda children, target: funnel(target, "proportion", children, 100),
    "funnel_ratio": lambda expected: funnel(100, "rate", expected, 100),
    "funnel_position": position,
    "funnel_position_of_proportion": lambda x, n, target: position(x, n, target, kind="proportion"),
    "holm_adjusted": lambda p: {str(n): value for n, value in enumerate(adjust_p_values(p))},
    "holm_rejections": lambda p: rejections(p, "Holm"),
    "bh_rejections": lambda p: rejections(p, "Benjamini-Hochberg"),
    "kaplan_meier": lambda: {
        str(week): float(kaplan_meier(REMISSION, ENDED, at=week).value) for week in (6, 7, 10, 13, 16, 22, 23)
    },
    "bonferroni_rejections": lambda p: {"n": float(multipletests(p, 0.05, method="bonferroni")[0].sum())},
    "fisher_one_sided": lambda a, b, c, d: {"p": fisher_exact([[a, b], [c, d]], "less")[1]},
    "suissa_shuster": lambda a, b, c, d: {"p": barnard_exact([[int(a), int(b)], [int(c), int(d)]]).pvalue},
    "chi_squared_yates": lambda a, b, c, d: {"p": chi2_contingency([[a, b], [c, d]]).pvalue},
    "cochran_mantel_haenszel": lambda: {
        "chi2": StratifiedTable([np.array(table) for table in DOLL_HILL]).test_null_odds(correction=False).statistic
    },
}


def examples(part):
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == part]
    return [pytest.param(row, id=f"{row['example']} {row['statistic']} {row['output']}") for row in rows]


@pytest.mark.parametrize("row", examples("rates"))
def test_published_examples_are_reproduced(row):
    found = REPRODUCE[row["statistic"]](**inputs_of(row["inputs"]))[row["output"]]
    if row["output"] == "position":
        assert found == row["expected"], row["source"]
        return
    assert found == pytest.approx(float(row["expected"]), abs=float(row["tolerance"])), row["source"]


def test_every_worked_example_given_to_the_project_is_transcribed(shared):
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        ours = {
            (r["example"], r["output"], float(r["expected"]))
            for r in csv.DictReader(file)
            if r["output"] not in ("marker", "position")
        }
    with (shared / "validation" / "published_examples.csv").open(encoding="utf-8", newline="") as file:
        given_rows = [(r["id"], r["output"], float(r["expected"])) for r in csv.DictReader(file)]
    assert len(given_rows) == 46
    assert [row for row in given_rows if row not in ours] == []


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
    for counts in (pd.Series([pd.NA, 20], dtype="Int64"), [None, 20], [pd.NA, 20], [np.nan, 20]):
        rates = rate(counts, pd.Series([1000, 1000], dtype="Int64"))
        assert np.isnan([rates.value[0], rates.low[0], rates.high[0]]).all()
        assert rates.value[1] == 200


def test_rates_may_come_from_more_events_than_children():
    assert rate(30, 10, per=1).value == 3


@steady
@given(st.integers(0, 400), st.integers(1, 400))
def test_every_share_has_its_intervals_within_0_and_1_around_it(events, more):
    children = events + more - 1 or 1
    for interval in (wilson_interval(events, children), exact_share_interval(events, children)):
        assert 0 <= interval.low <= events / children <= interval.high <= 1


@steady
@given(st.integers(0, 3000), st.floats(0.5, 0.999))
def test_every_count_has_finite_limits_around_it(events, confidence):
    limits = count_interval(events, confidence=confidence)
    assert 0 <= limits.low <= events <= limits.high < np.inf


@steady
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
    chance = binom.pmf(counts, children, share)
    interval = wilson_interval(counts, children)
    assert chance[(interval.low <= share) & (share <= interval.high)].sum() >= 0.93
    wald = 1.96 * np.sqrt(counts / children * (1 - counts / children) / children)
    assert chance[np.abs(counts / children - share) <= wald].sum() < 0.85


counts_of_two_groups = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)).filter(
    lambda four: four[0] + four[1] > 0 and four[2] + four[3] > 0
)


@steady
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


@steady
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


@steady
@given(counts_of_two_groups)
def test_the_difference_interval_holds_the_difference_and_mirrors(four):
    a, b, c, d = four
    interval = difference_interval(a, a + b, c, c + d)
    swapped = difference_interval(c, c + d, a, a + b)
    difference = a / (a + b) - c / (c + d)
    assert -1 - 1e-12 <= interval.low <= difference + 1e-12
    assert difference - 1e-12 <= interval.high <= 1 + 1e-12
    assert (float(interval.low), float(interval.high)) == pytest.approx((-swapped.high, -swapped.low), abs=1e-12)


@steady
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


@steady
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


@steady
@given(counts_of_two_groups)
def test_the_score_interval_holds_the_difference_where_statsmodels_fails(four):
    """Pitfall 17: statsmodels raises for 0/16 against 15/72; ours answers every table, mirrored when swapped."""
    a, b, c, d = four
    if a + b + c + d < 3:
        return
    interval, swapped = score_difference_interval(a, a + b, c, c + d), score_difference_interval(c, c + d, a, a + b)
    difference = a / (a + b) - c / (c + d)
    assert -1 <= interval.low <= difference + 1e-9 and difference - 1e-9 <= interval.high <= 1
    assert (float(interval.low), float(interval.high)) == pytest.approx((-swapped.high, -swapped.low), abs=1e-9)


TWO_GROUPS = [(7, 34, 1, 34), (44, 60, 120, 180), (3, 10, 20, 100)]


@pytest.mark.parametrize("row", TWO_GROUPS)
def test_newcombe_and_koopman_intervals_are_those_of_statsmodels_where_it_answers(row):
    newcombe = confint_proportions_2indep(*row, compare="diff", method="newcomb")
    koopman = confint_proportions_2indep(*row, compare="ratio", method="score", correction=False)
    for ours, theirs in [(difference_interval(*row), newcombe), (ratio_interval(*row), koopman)]:
        assert (float(ours.low), float(ours.high)) == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize("row", TWO_GROUPS)
def test_the_ends_of_the_score_interval_are_where_the_likelihood_puts_them(row):
    """Against a plain maximisation, because statsmodels 0.15.0 has count2 where the cubic of 1985 has n2 (0.3434, not
    0.3453, for 7/34 against 1/34), besides failing at zeros."""
    x1, n1, x2, n2 = row
    for end, wanted in zip(score_difference_interval(*row), (1.959963985, -1.959963985), strict=True):
        gap = float(end)

        def surprise(share, gap=gap):
            return -binom.logpmf(x1, n1, share + gap) - binom.logpmf(x2, n2, share)

        bounds = (max(0, -gap) + 1e-9, min(1, 1 - gap) - 1e-9)
        share = minimize_scalar(surprise, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x
        variance = (share + gap) * (1 - share - gap) / n1 + share * (1 - share) / n2
        score = (x1 / n1 - x2 / n2 - gap) / np.sqrt(variance * (n1 + n2) / (n1 + n2 - 1))
        assert score == pytest.approx(wanted, abs=1e-5)


@steady
@given(st.integers(0, 400), st.integers(1, 40_000), st.integers(0, 400), st.integers(1, 40_000))
def test_interval_and_p_value_of_a_rate_ratio_agree_and_swap(x, children, x0, children0):
    """Pitfalls 3 and 5: one inversion, exact arithmetic, and only the ratio of the populations matters."""
    found, swapped = rate_ratio(x, children, x0, children0), rate_ratio(x0, children0, x, children)
    thousandfold = rate_ratio(x, 1000 * children, x0, 1000 * children0)
    assert 0 < found.p_value <= 1 and 0 <= found.low <= found.high
    if abs(found.p_value - 0.05) > 1e-9:
        assert (found.p_value < 0.05) == bool(found.low > 1 or found.high < 1)
    assert float(found.p_value) == pytest.approx(float(swapped.p_value), rel=1e-6)
    assert float(found.p_value) == pytest.approx(float(thousandfold.p_value), rel=1e-6)
    if x and x0:
        exact = Fraction(x, children) / Fraction(x0, children0)
        assert float(found.ratio) == pytest.approx(float(exact), rel=1e-12)
        assert float(thousandfold.ratio) == pytest.approx(float(exact), rel=1e-12)
        assert float(found.low) == pytest.approx(1 / float(swapped.high), rel=1e-6)
        assert found.low <= found.ratio <= found.high
    assert np.isinf(found.high) == (x0 == 0)


def test_the_likelihood_ordered_p_value_of_r_is_known_and_not_used():
    """R's poisson.test prints p = 0.07967 for 11 in 800 against 21 in 3,011; ours doubles the smaller tail (pitfall 3)."""
    assert binomtest(11, 32, 800 / 3811).pvalue == pytest.approx(0.07967, abs=6e-6)
    assert float(rate_ratio(11, 800, 21, 3011).p_value) > 0.07967


@steady
@given(st.integers(0, 500), st.floats(0.1, 600))
def test_interval_and_p_value_of_a_count_against_a_fixed_value_agree(count, expected):
    interval, p = exact_count_interval(count), float(poisson_p(count, expected))
    assert 0 < p <= 1
    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == bool(interval.low > expected or interval.high < expected)


def test_a_standardised_ratio_is_observed_over_expected_with_limits_of_the_count():
    expected = expected_events([[1000, 2000], [500, 500]], [20, 60], [10_000, 12_000])
    assert expected == pytest.approx([2 + 10, 1 + 2.5])
    found = standardised_ratio([18, 7], expected, per=100)
    assert found.value == pytest.approx([150, 200])
    own = count_interval([18, 7])
    assert found.low == pytest.approx(100 * own.low / expected) and found.high == pytest.approx(
        100 * own.high / expected
    )
    with pytest.raises(ValueError, match="row 1: a number of expected events of 0"):
        standardised_ratio([1, 2], [1, 0])


def test_a_directly_standardised_rate_is_the_crude_rate_where_ages_are_alike():
    standard = [300, 500, 200]
    alike = direct_rate([30, 50, 20], [3000, 5000, 2000], standard)
    crude = rate(100, 10_000)
    assert (float(alike.value), float(alike.low), float(alike.high)) == pytest.approx(
        (float(crude.value), float(crude.low), float(crude.high))
    )
    assert np.isnan(direct_rate([3, 4, 2], [3000, 5000, 2000], standard).value), "fewer than 10 events"
    assert np.isnan(direct_rate([30, np.nan, 20], [3000, 5000, 2000], standard).value), "missing is not zero"


def test_kaplan_meier_agrees_with_statsmodels_and_knows_where_nobody_is_left():
    rng = np.random.default_rng(8)
    days, ended = rng.integers(1, 60, 80), rng.random(80) < 0.7
    theirs = SurvfuncRight(days.astype(float), ended.astype(int))
    ours = kaplan_meier(days, ended, at=theirs.surv_times)
    assert ours.value == pytest.approx(theirs.surv_prob)
    inside = ~np.isnan(ours.low)
    assert (ours.low[inside] < ours.value[inside]).all() and (ours.value[inside] < ours.high[inside]).all()
    assert np.isnan(kaplan_meier([3, 5], [True, False], at=6).value)
    assert float(kaplan_meier([3, 5], [True, False], at=5).value) == 0.5
    with pytest.raises(ValueError, match="no children"):
        kaplan_meier([], [], at=1)
    with pytest.raises(ValueError, match="row 1: a duration of -2"):
        kaplan_meier([1, -2], [True, True], at=1)


def drawn_areas(spread, areas=33, seed=6):
    rng = np.random.default_rng(seed)
    population = rng.integers(30_000, 90_000, areas)
    risk = rng.gamma(1 / spread**2, spread**2, areas) if spread else np.ones(areas)
    return rng.poisson(population * 0.006 * risk), population


@pytest.mark.parametrize("kind", ["rate", "proportion"])
def test_a_funnel_is_widened_only_where_areas_differ_beyond_chance(kind):
    even, uneven = (funnel_limits(*drawn_areas(spread), kind=kind) for spread in (0, 0.25))
    assert even.dispersion < 1.5 and even.widened_by == 1
    assert uneven.dispersion > 1.5 and uneven.widened_by == pytest.approx(uneven.dispersion**0.5)
    plain = funnel_limits(*drawn_areas(0.25), kind=kind, overdispersion=False)
    assert (uneven.high_95 > plain.high_95).all() and (uneven.low_95 < plain.low_95).all()
    assert (uneven.low_998 < uneven.low_95).all() and (uneven.high_95 < uneven.high_998).all()


@pytest.mark.parametrize("kind", ["rate", "proportion"])
def test_the_word_for_an_area_is_what_the_drawn_limits_show(kind):
    events, population = drawn_areas(0.25)
    found = funnel_limits(events, population, kind=kind, overdispersion=False)
    drawn = np.select(
        [
            found.value > found.high_998,
            found.value > found.high_95,
            found.value < found.low_998,
            found.value < found.low_95,
        ],
        ["far above", "above", "far below", "below"],
        default="as expected",
    )
    assert found.position.tolist() == drawn.tolist()
    assert set(found.position) == {"far above", "above", "as expected", "below", "far below"}


def test_a_tiny_area_is_shown_and_not_judged():
    """The City of London has too few children for a verdict, hidden areas have none, and neither breaks the rest."""
    events, population = drawn_areas(0)
    with_city = funnel_limits([*events, 0, np.nan], [*population, 1500, 40_000], kind="rate")
    assert with_city.position[-2:].tolist() == ["too few to say"] * 2
    assert np.isnan(with_city.value[-1]) and with_city.value[-2] == 0
    assert funnel_limits([19], [19], kind="proportion", target=0.5).position[0] == "too few to say"


@pytest.mark.parametrize(
    ("events", "population", "options", "message"),
    [
        ([1], [10], {"kind": "share"}, "kind 'share' is not known"),
        ([1], [0], {"kind": "rate"}, "a population of 0"),
        ([11], [10], {"kind": "proportion"}, "11 events cannot come from 10"),
        ([0, 0], [10, 10], {"kind": "rate"}, "a target of 0 events for each child leaves no funnel"),
        ([np.nan], [10], {"kind": "rate"}, "no area has a count"),
    ],
)
def test_a_funnel_without_an_answer_is_refused(events, population, options, message):
    with pytest.raises(ValueError, match=message):
        funnel_limits(events, population, **options)


def test_ranks_are_ranges_that_hold_the_rank():
    events, population = drawn_areas(0.2)
    events = np.append(events, np.nan).astype(float)
    found = rank_range(events, np.append(population, 50_000), kind="rate")
    assert np.isnan([found.rank[-1], found.low[-1], found.high[-1]]).all()
    rank, low, high = (part[:-1] for part in found)
    assert sorted(rank) == list(range(1, 34))
    assert (low <= rank).all() and (rank <= high).all() and (low >= 1).all() and (high <= 33).all()
    assert low[rank.argmax()] > 1 and high[rank.argmin()] < 33, "the extremes of a spread-out London are told apart"


def test_estimated_populations_need_not_be_whole_to_be_ranked_by_rate():
    assert rank_range([60, 20], [10_000.5, 9_999.5], kind="rate").rank.tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"10000\.5 children is not a whole number"):
        rank_range([60, 20], [10_000.5, 9_999], kind="proportion")
    with pytest.raises(ValueError, match="row 1: 20 events cannot come from 19"):
        rank_range([6, 20], [10, 19], kind="proportion")


def test_areas_of_equal_rates_could_hold_any_rank():
    found = rank_range([60] * 8, [10_000] * 8, kind="rate")
    assert found.low.tolist() == [1] * 8 and found.high.tolist() == [8] * 8
    lone = rank_range([60], [10_000], kind="proportion")
    assert [float(part[0]) for part in lone] == [1, 1, 1]


def test_the_rank_range_of_each_area_holds_its_true_rank():
    """Simulated London of 12 areas whose true rates are known: each range holds the true rank at least 95% of the time."""
    rng = np.random.default_rng(12)
    true = np.linspace(0.004, 0.009, 12)
    population = rng.integers(20_000, 60_000, 12)
    true_rank = np.arange(12, 0, -1)
    inside = []
    for _ in range(150):
        found = rank_range(rng.poisson(true * population), population, kind="rate")
        inside.append((found.low <= true_rank) & (true_rank <= found.high))
    assert np.mean(inside, axis=0).min() >= 0.95
