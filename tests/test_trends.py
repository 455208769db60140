"""What changed and how fast: worked examples, library cross-checks, and what must hold for every series.

Pitfall numbers are those of the project's list of twenty mistakes and the test that catches each.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import StratifiedTable

from helpers.rates import rate, rate_ratio
from helpers.trends import (
    annual_change,
    change,
    control_limits,
    proportion_trend,
    rank_trend,
    ratio_change,
    recent_trend,
    recent_trend_of_values,
    trend_findings,
)

PUBLISHED = Path(__file__).parent / "published" / "worked_examples.csv"
steady = settings(deadline=None, derandomize=True)
"""The same cases on every machine and every day, and no clock: a busy machine fails no test."""

FINDINGS = {"rising", "falling", "no clear change", "too few to say"}
YEARS = np.arange(2016, 2024)


def yearly(events, *, kind="flow", name="one", **columns):
    dates = pd.to_datetime([f"{2016 + n}-03-31" for n in range(len(events))])
    return pd.DataFrame({"indicator": name, "period": dates, "kind": kind, "events": events, **columns})


def test_the_worked_example_of_a_stock_160_in_and_130_out():
    """methods page, section f1: from 400, +30 (-4 to +64), p = 0.09: entries against exits."""
    found = change(400, 430, kind="stock", entries=160, exits=130)
    assert [round(float(v)) for v in (found.change, found.change_low, found.change_high)] == [30, -4, 64]
    assert round(float(found.p_value), 2) == 0.09


def test_a_stock_without_its_flows_is_stated_and_not_tested():
    found = change([402, 402], [352, 352], kind="stock", entries=[100, np.nan], exits=[150, 150])
    assert found.change.tolist() == [-50, -50]
    assert found.p_value[0] < 0.05 and np.isnan([found.p_value[1], found.change_low[1]]).all()
    assert np.isnan(change(402, 352, kind="stock").p_value)


def test_two_flows_are_compared_as_halves_of_their_sum():
    found = change(130, 160, kind="flow")
    scipys = binomtest(160, 290, 0.5)
    assert float(found.p_value) == pytest.approx(scipys.pvalue, rel=1e-9)
    low, high = scipys.proportion_ci(0.95, "exact")
    assert (float(found.change_low), float(found.change_high)) == pytest.approx(
        (290 * (2 * low - 1), 290 * (2 * high - 1))
    )


def test_two_rates_are_compared_given_their_populations():
    found = change(50, 80, kind="rate", base_before=60_000, base_after=61_000)
    assert (float(found.before), float(found.after)) == pytest.approx((50 / 6, 80 / 6.1))
    assert float(found.change) == pytest.approx(80 / 6.1 - 50 / 6)
    same = change(60, 120, kind="rate", base_before=30_000, base_after=60_000)
    assert float(same.change) == pytest.approx(0) and float(same.p_value) == pytest.approx(1)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("level", {}, "kind 'level' is not known"),
        ("rate", {}, "a rate needs base_before and base_after"),
        ("flow", {"base_before": 10, "base_after": 10}, "a flow has no base"),
        ("flow", {"entries": 10, "exits": 10}, "entries and exits belong to a stock"),
        ("rate", {"base_before": 10, "base_after": 0}, "a population of 0 gives no answer"),
        ("proportion", {"base_before": 40, "base_after": 0}, "a year without children has no share"),
    ],
)
def test_a_change_that_has_no_answer_is_refused(kind, options, message):
    with pytest.raises(ValueError, match=message):
        change(10, 20, kind=kind, **options)


counts = st.integers(0, 300)
bases = st.integers(1, 50_000)


@steady
@given(counts, counts, bases, bases)
def test_interval_and_p_value_of_a_change_agree(before, after, base_before, base_after):
    for found in (
        change(before, after, kind="flow"),
        change(before, after, kind="rate", base_before=base_before, base_after=base_after),
        change(500, 500 + after - before, kind="stock", entries=after, exits=before),
    ):
        assert 0 < found.p_value <= 1
        assert found.change_low - 1e-9 <= found.change <= found.change_high + 1e-9
        if abs(found.p_value - 0.05) > 1e-9:
            assert (found.p_value < 0.05) == bool(found.change_low > 0 or found.change_high < 0)


@steady
@given(counts, counts, bases, bases)
def test_running_time_backwards_mirrors_a_change(before, after, base_before, base_after):
    forwards = change(before, after, kind="rate", base_before=base_before, base_after=base_after)
    backwards = change(after, before, kind="rate", base_before=base_after, base_after=base_before)
    scale = max(1.0, float(np.abs(forwards.change_high)), float(np.abs(forwards.change_low)))
    assert float(forwards.change_low) == pytest.approx(-backwards.change_high, abs=1e-7 * scale)
    assert float(forwards.p_value) == pytest.approx(float(backwards.p_value), rel=1e-6)


def test_annual_change_is_statsmodels_quasi_poisson_for_every_series():
    rng = np.random.default_rng(3)
    population = rng.uniform(50_000, 70_000, (12, 8))
    events = rng.poisson(90 * np.exp(0.04 * (YEARS - 2016)) * rng.gamma(30, 1 / 30, (12, 8)))
    found = annual_change(events, population, YEARS)
    for row in range(12):
        design = sm.add_constant(YEARS - 2016.0)
        model = sm.GLM(events[row], design, family=sm.families.Poisson(), offset=np.log(population[row])).fit()
        dispersion = max(1, model.pearson_chi2 / 6)
        assert found.percent[row] == pytest.approx(100 * np.expm1(model.params[1]), abs=1e-7)
        assert found.dispersion[row] == pytest.approx(dispersion, rel=1e-7)
        scaled = sm.GLM(events[row], design, family=sm.families.Poisson(), offset=np.log(population[row])).fit(
            scale=dispersion, use_t=dispersion > 1
        )
        low, high = 100 * np.expm1(scaled.conf_int()[1])
        assert (found.low[row], found.high[row]) == pytest.approx((low, high), abs=1e-6)
        assert found.p_value[row] == pytest.approx(scaled.pvalues[1], rel=1e-6)


def test_a_trend_on_stocks_is_refused():
    """Pitfall 12: 31 March counts of successive years are mostly the same children."""
    for trend in (annual_change, proportion_trend):
        with pytest.raises(ValueError, match="tested on flows only"):
            trend([30] * 8, [400] * 8, YEARS, kind="stock")


@pytest.mark.parametrize("periods", [1, 2, 3, 4])
def test_fewer_than_five_periods_are_no_trend(periods):
    """Pitfall 13."""
    found = annual_change([10 * 3**n for n in range(periods)], None, range(periods))
    assert np.isnan([found.percent, found.low, found.high, found.p_value]).all()
    said = trend_findings(yearly([100 * 3**n for n in range(periods)]), series=["indicator"])
    assert (said.loc[0, "finding"], said.loc[0, "rule"]) == ("too few to say", 2)


def test_years_without_a_figure_are_left_out_not_counted_as_zero():
    with_gap = annual_change([40, 44, np.nan, 53, 58, 64], None, [2016, 2017, 2018, 2019, 2020, 2021])
    without = annual_change([40, 44, 53, 58, 64], None, [2016, 2017, 2019, 2020, 2021])
    assert float(with_gap.percent) == pytest.approx(float(without.percent), rel=1e-12)
    assert with_gap.periods == 5


@steady
@given(st.lists(st.integers(0, 200), min_size=5, max_size=13), st.booleans())
def test_annual_change_never_fails_and_its_interval_agrees_with_its_p_value(events, with_population):
    population = np.linspace(50_000, 60_000, len(events)) if with_population else None
    found = annual_change(events, population, range(len(events)))
    edge = sum(events) == 0 or sum(events) in (events[0], events[-1])
    assert np.isnan(found.percent) == edge
    if not edge:
        assert np.isfinite([found.percent, found.low, found.high, found.dispersion]).all()
        assert found.low <= found.percent <= found.high
        if abs(found.p_value - 0.05) > 1e-9:
            assert (found.p_value < 0.05) == bool(found.low > 0 or found.high < 0)


@steady
@given(st.lists(st.integers(1, 200), min_size=5, max_size=10))
def test_scaling_the_population_leaves_the_annual_change(events):
    population = np.linspace(50_000, 60_000, len(events))
    one, other = (annual_change(events, scale * population, range(len(events))) for scale in (1, 1000))
    assert float(one.percent) == pytest.approx(float(other.percent), rel=1e-9, abs=1e-9)
    assert float(one.p_value) == pytest.approx(float(other.p_value), rel=1e-9)


def test_a_share_of_a_cohort_is_the_logistic_slope_of_statsmodels():
    events, children = np.array([20, 24, 31, 30, 38, 44]), np.array([100, 98, 103, 99, 104, 101])
    found = proportion_trend(events, children, range(6))
    model = sm.GLM(np.column_stack([events, children - events]), sm.add_constant(np.arange(6.0)),
                   family=sm.families.Binomial()).fit()  # fmt: skip
    assert float(np.log(found.odds_ratio)) == pytest.approx(model.params[1], rel=1e-9)
    if float(found.dispersion) == 1:
        assert (float(np.log(found.odds_low)), float(np.log(found.odds_high))) == pytest.approx(model.conf_int()[1])
    assert found.points > 0 and found.points_low <= found.points <= found.points_high


@steady
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=5, max_size=9))
def test_a_share_trend_never_fails(pairs):
    events, children = np.array([a for a, _ in pairs]), np.array([a + b for a, b in pairs])
    if (children > 0).sum() < 2:
        return
    found = proportion_trend(events, children, range(len(pairs)))
    assert not np.isinf(list(found)).any()
    known = 0 < events.sum() < children.sum()
    assert np.isnan(found.score) == (not known)


def test_a_stock_says_rising_only_by_entries_against_exits():
    """Pitfall 12: the same eight stocks, described without flows, and judged by the flows where they are known."""
    stock = 400 + 45 * np.arange(8)
    described = trend_findings(yearly(stock, kind="stock"), series=["indicator"])
    assert described.loc[0, ["rule", "finding", "method"]].to_list() == [3, "too few to say", "described, not tested"]
    assert described.loc[0, ["first_value", "last_value", "change"]].to_list() == [400, 715, 315]
    assert described[["change_low", "p_value", "annual_change_percent"]].isna().all(axis=None)
    judged = trend_findings(yearly(stock, kind="stock", entries=190, exits=145), series=["indicator"])
    assert judged.loc[0, ["rule", "finding"]].to_list() == [4, "rising"]
    fair = trend_findings(yearly(400 + 5 * np.arange(8), kind="stock", entries=140, exits=135), series=["indicator"])
    assert fair.loc[0, ["rule", "finding"]].to_list() == [5, "no clear change"]


def test_the_flows_of_a_stock_are_those_after_its_first_day():
    entries = [1000, 20, 20, 20]
    found = trend_findings(yearly([100, 105, 110, 115], kind="stock", entries=entries, exits=15), series=["indicator"])
    single = change(100, 115, kind="stock", entries=60, exits=45)
    assert found.loc[0, "p_value"] == pytest.approx(float(single.p_value))


def test_flows_that_clearly_move_against_the_stock_say_nothing():
    found = trend_findings(yearly([400, 380], kind="stock", entries=200, exits=100), series=["indicator"])
    assert found.loc[0, ["rule", "finding"]].to_list() == [3, "too few to say"]


@pytest.mark.parametrize(
    ("events", "base", "kind", "rule", "finding"),
    [
        pytest.param(100 + 10 * np.arange(8), None, "flow", 4, "rising", id="a rising flow"),
        pytest.param(170 - 10 * np.arange(8), 60_000, "rate", 4, "falling", id="a falling rate"),
        pytest.param(20 + 5 * np.arange(8), 100, "proportion", 4, "rising", id="a rising share"),
        pytest.param([50, 52, 47, 51, 49, 50, 53, 48], None, "flow", 5, "no clear change", id="a steady flow"),
        pytest.param([1, 2, 1, 3, 2, 3, 4, 3], None, "flow", 2, "too few to say", id="19 events"),
        pytest.param([0] * 8, None, "flow", 2, "too few to say", id="no events"),
        pytest.param([99] * 7 + [95], 100, "proportion", 2, "too few to say", id="12 without the event"),
        pytest.param([0] * 7 + [40], None, "flow", 2, "too few to say", id="all in one year"),
        pytest.param([400] * 8, 60_000, "stock rate", 3, "too few to say", id="a rate of a stock"),
        pytest.param([400] * 8, 800, "stock share", 3, "too few to say", id="a share of a stock"),
        pytest.param([12, 25, 12, 18], None, "stock", 2, "too few to say", id="fewer than 30 in care"),
        pytest.param([np.nan] * 8, None, "flow", 2, "too few to say", id="no figures"),
    ],
)
def test_the_first_matching_trend_rule_decides(events, base, kind, rule, finding):
    columns = {} if base is None else {"base": base}
    found = trend_findings(yearly(events, kind=kind, **columns), series=["indicator"])
    assert found.loc[0, ["rule", "finding"]].to_list() == [rule, finding]


def test_a_series_with_a_suppressed_year_has_no_value_and_no_direction():
    rows = yearly(100 + 10 * np.arange(8)).assign(suppressed=[False] * 3 + [True] + [False] * 4)
    found = trend_findings(rows, series=["indicator"])
    assert found.loc[0, ["rule", "finding"]].to_list() == [1, "too few to say"]
    assert found[["first_value", "last_value", "change", "p_value", "annual_change_percent"]].isna().all(axis=None)


def test_nothing_is_found_in_an_area_with_few_children():
    """The City of London: a steep rise is told, and is no finding, if any of its years is marked."""
    rows = yearly(10 * 2 ** np.arange(8))
    assert trend_findings(rows, series=["indicator"]).loc[0, "finding"] == "rising"
    found = trend_findings(rows.assign(few=[True] + [False] * 7), series=["indicator"])
    assert found.loc[0, ["rule", "finding", "last_value"]].to_list() == [2, "too few to say", 1280]
    stock = yearly(400 + 45 * np.arange(8), kind="stock", entries=190, exits=145, few=True)
    assert trend_findings(stock, series=["indicator"]).loc[0, ["rule", "finding"]].to_list() == [2, "too few to say"]
    with pytest.raises(ValueError, match="the column few must be True or False in every row"):
        trend_findings(rows.assign(few=[None] + [False] * 7), series=["indicator"])


def test_series_are_told_apart_and_families_adjusted():
    rows = pd.concat([yearly([50, 52, 55, 61, 60, 66, 70, 68], name=name) for name in ("one", "two", "three")])
    alone = trend_findings(rows, series=["indicator"])
    assert alone["indicator"].to_list() == ["one", "two", "three"]
    assert alone["p_adjusted"].to_list() == alone["p_value"].to_list()
    together = trend_findings(rows, series=["indicator"], family=[])
    assert together["p_adjusted"].to_list() == pytest.approx((3 * alone["p_value"]).to_list())
    assert (together["family_size"] == 3).all() and (together["correction"] == "Holm").all()


def test_rows_in_any_order_give_the_same_series():
    rows = pd.concat([yearly(40 + 3 * np.arange(8), name="a"), yearly(90 - 5 * np.arange(8), name="b")])
    mixed = rows.sample(frac=1, random_state=4)
    one, other = (
        trend_findings(part, series=["indicator"]).set_index("indicator").sort_index() for part in (rows, mixed)
    )
    pd.testing.assert_frame_equal(one, other)


def test_tables_that_cannot_be_series_are_refused():
    rows = yearly([1, 2, 3])
    with pytest.raises(ValueError, match="no column kind"):
        trend_findings(rows.drop(columns="kind"), series=["indicator"])
    with pytest.raises(ValueError, match="series one has the same period more than once"):
        trend_findings(pd.concat([rows, rows]), series=["indicator"])
    with pytest.raises(ValueError, match="kind 'level' is not known"):
        trend_findings(rows.assign(kind="level"), series=["indicator"])
    with pytest.raises(ValueError, match="series one has more than one kind"):
        trend_findings(rows.assign(kind=["flow", "flow", "stock"]), series=["indicator"])
    with pytest.raises(ValueError, match="no column base"):
        trend_findings(rows.assign(kind="rate"), series=["indicator"])
    assert trend_findings(rows.iloc[:0], series=["indicator"]).empty


@settings(steady, max_examples=60)
@given(st.lists(st.one_of(st.none(), st.integers(0, 120)), min_size=1, max_size=10),
       st.sampled_from(["flow", "rate", "proportion", "stock", "stock share", "stock rate"]))  # fmt: skip
def test_every_series_gets_one_of_four_findings_and_no_infinite_number(events, kind):
    rows = yearly([np.nan if e is None else e for e in events], kind=kind, base=120, entries=30, exits=25)
    found = trend_findings(rows, series=["indicator"])
    assert set(found["finding"]) <= FINDINGS
    assert not np.isinf(found.select_dtypes("number").to_numpy(dtype=float)).any()
    if len(events) < 5 and kind != "stock":
        assert found.loc[0, "finding"] == "too few to say"


def published():
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == "trends"]
    return [pytest.param(row, id=f"{row['example']} {row['statistic']} {row['output']}") for row in rows]


def armitage(x, n, t):
    found = proportion_trend(x, n, t)
    score = float(found.score)
    return {"z_abs": abs(score), "chi2": score**2, "p": float(found.p_value)}


def sen(x, y):
    found = rank_trend(y, x, confidence=0.93)
    return {"slope": found.slope, "lo": found.low, "hi": found.high}


def kendall(x, y):
    found = rank_trend(y, x)
    return {"tau": found.tau, "p": found.p_value}


def individuals(x):
    found = control_limits(x)
    return {"mean": found.mean, "ucl": found.high, "lcl": found.low}


REPRODUCE = {
    "cochran_armitage": armitage,
    "theil_sen": sen,
    "kendall": kendall,
    "control_limits": individuals,
    "logistic_slope": lambda x, n, t: {"slope": float(np.log(proportion_trend(x, n, t).odds_ratio))},
    "two_years_of_ratios": lambda x, n, x0, n0: {"p": float(ratio_change(x, n, x0, n0, [1, 2]).p_value)},
    "recent_trend": lambda kind, x, n: {"marker": recent_trend(x, n, kind=kind).marker.item()},
    "recent_trend_of_values": lambda value, lo, hi: {"marker": recent_trend_of_values(value, lo, hi).marker.item()},
}


@pytest.mark.parametrize("row", published())
def test_published_examples_are_reproduced(row):
    named = dict(part.strip().split("=") for part in row["inputs"].split(";"))
    kind = {"kind": named.pop("kind")} if "kind" in named else {}
    numbers = {name: [float(value) for value in values.split()] for name, values in named.items()}
    found = REPRODUCE[row["statistic"]](**kind, **numbers)[row["output"]]
    if row["output"] == "marker":
        assert found == row["expected"], row["source"]
    else:
        assert found == pytest.approx(float(row["expected"]), abs=float(row["tolerance"])), row["source"]


# --- false trends -----------------------------------------------------------------------------------------------------


def stationary_boroughs(years, boroughs=400, size=400, stay=0.68, seed=21):
    """Simulate boroughs where nothing changes: each year 68% of the children stay, and as many come as go on average."""
    rng = np.random.default_rng(seed)
    stock = rng.poisson(size, boroughs)
    rows = []
    for year in range(years):
        if year:
            left = rng.binomial(stock, 1 - stay)
            came = rng.poisson(size * (1 - stay), boroughs)
            stock = stock - left + came
        else:
            came = left = np.full(boroughs, np.nan)
        rows.append(pd.DataFrame({"borough": range(boroughs), "period": 2010 + year, "events": stock,
                                  "entries": came, "exits": left}))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("years", [5, 8, 13])
def test_an_unchanging_cohort_shows_false_trends_at_most_1_in_20_times(years):
    """Pitfall 12: naive tests of the stocks find 13% at 8 years and 22% at 13; ours of entries against exits at most 5%.
    400 boroughs of 400 children, fixed seed; 7% is 5% and less than two standard errors of 400 draws."""
    rows = stationary_boroughs(years)
    stocks = trend_findings(rows.assign(kind="stock"), series=["borough"])
    assert stocks["finding"].isin(["rising", "falling"]).mean() <= 0.07
    flows = rows.dropna().assign(events=lambda t: t["entries"], kind="flow")
    said = trend_findings(flows, series=["borough"])
    assert said["finding"].isin(["rising", "falling"]).mean() <= 0.07
    described = trend_findings(rows.drop(columns=["entries", "exits"]).assign(kind="stock"), series=["borough"])
    assert set(described["finding"]) == {"too few to say"}


def test_the_naive_test_of_stocks_would_fail_the_same_simulation():
    """The simulation can tell: a log-linear trend fitted to the stocks speaks far more often than 1 in 20 times."""
    rows = stationary_boroughs(13)
    stocks = rows.pivot_table(index="borough", columns="period", values="events").to_numpy()
    assert (annual_change(stocks, None, np.arange(13)).p_value < 0.05).mean() > 0.12


# --- OHID's recent trend ----------------------------------------------------------------------------------------------


def test_a_recent_trend_needs_five_years_in_a_row_and_no_zero():
    rising = [100, 130, 170, 220, 290]
    base = [10_000] * 5
    assert recent_trend(rising, base, kind="rate").marker.item() == "increasing"
    assert recent_trend(rising[::-1], base, kind="proportion").marker.item() == "decreasing"
    for events, times in [(rising[1:], None), ([0, *rising[1:]], None), (rising, [2015, 2016, 2018, 2019, 2020])]:
        found = recent_trend(events, base[: len(events)], times, kind="rate")
        assert found.marker.item() == "cannot be calculated" and np.isnan(found.chi_squared)
    full = recent_trend([40, 50, 60, 80, 100], [100] * 5, kind="proportion")
    assert full.marker.item() == "cannot be calculated", "everyone in the last year"
    hidden = recent_trend([100, np.nan, 170, 220, 290], base, kind="rate")
    assert hidden.marker.item() == "cannot be calculated"


def test_a_recent_trend_that_hangs_on_one_year_is_none():
    """A steady fall, and one last year high enough to turn the slope round: clear by the test, and not steady."""
    jump = recent_trend([100, 97, 94, 91, 200], [10_000] * 5, kind="rate")
    assert jump.chi_squared > 9.5495 and jump.marker.item() == "no significant change"


def test_many_recent_trends_are_each_recent_trend_and_only_the_last_five_years_count():
    rng = np.random.default_rng(3)
    events, base = rng.poisson(80, (40, 8)) + np.arange(8) * rng.integers(-8, 9, (40, 1)), np.full((40, 8), 900)
    for kind in ("rate", "proportion"):
        many = recent_trend(events, base, kind=kind)
        each = [recent_trend(row[-5:], base[0, -5:], kind=kind) for row in events]
        assert many.marker.tolist() == [one.marker.item() for one in each]
        assert many.chi_squared == pytest.approx([float(one.chi_squared) for one in each])
    assert {"increasing", "decreasing", "no significant change"} <= set(many.marker)


def test_a_recent_trend_of_values_is_that_of_their_counts():
    events, base = np.array([100, 130, 170, 180, 200]), np.full(5, 10_000)
    own = rate(events, base)
    one, other = recent_trend(events, base, kind="rate"), recent_trend_of_values(*own)
    assert float(one.chi_squared) == pytest.approx(float(other.chi_squared))


# --- ranks ------------------------------------------------------------------------------------------------------------


def test_five_figures_in_order_have_the_exact_p_value_of_kendall():
    """Pitfall 17: 2 of 120 orders, 0.0167; the normal approximation of other libraries gives 0.027."""
    found = rank_trend([3, 5, 8, 9, 20], range(5))
    assert (found.p_value, found.tau) == pytest.approx((2 / 120, 1), abs=1e-9)
    assert np.isnan(rank_trend([3, 5, 8, 9], range(4)).p_value)
    assert np.isnan(rank_trend([3, np.nan, 5, 8, 9], range(5)).p_value)
    assert rank_trend([4] * 6, range(6)).p_value == 1
    with pytest.raises(ValueError, match="a time is given twice"):
        rank_trend([1, 2, 3, 4, 5], [1, 1, 2, 3, 4])


# --- is disproportionality changing? ----------------------------------------------------------------------------------


def test_the_change_of_a_ratio_is_the_interaction_of_statsmodels():
    rng = np.random.default_rng(17)
    years = np.arange(8)
    count, reference = rng.poisson(40 * np.exp(0.08 * years), (6, 8)), rng.poisson(150, (6, 8))
    found = ratio_change(count, 6000, reference, 30_000, years)
    for row in range(6):
        tall = pd.DataFrame({"k": [*count[row], *reference[row]], "t": [*years, *years],
                             "group": [1.0] * 8 + [0.0] * 8, "size": [6000] * 8 + [30_000] * 8})  # fmt: skip
        design = sm.add_constant(tall[["t", "group"]].assign(change=tall["t"] * tall["group"]))
        plain = sm.GLM(tall["k"], design, family=sm.families.Poisson(), offset=np.log(tall["size"])).fit()
        dispersion = max(1, plain.pearson_chi2 / 12)
        scaled = sm.GLM(tall["k"], design, family=sm.families.Poisson(), offset=np.log(tall["size"])).fit(
            scale=dispersion, use_t=dispersion > 1
        )
        assert found.percent[row] == pytest.approx(100 * np.expm1(scaled.params["change"]), rel=1e-6)
        low, high = 100 * np.expm1(scaled.conf_int().loc["change"])
        assert (found.low[row], found.high[row]) == pytest.approx((low, high), rel=1e-5)
        assert found.p_value[row] == pytest.approx(scaled.pvalues["change"], rel=1e-5)
    assert found.method.tolist() == ["interaction over years"] * 6


def test_two_years_of_ratios_are_compared_by_breslow_and_day():
    found = ratio_change([40, 60], 6000, [180, 170], 30_000, [2022, 2023])
    tables = [np.array([[40, 5960], [180, 29_820]]), np.array([[60, 5940], [170, 29_830]])]
    theirs = StratifiedTable(tables).test_equal_odds(adjust=True)
    assert float(found.p_value) == pytest.approx(theirs.pvalue, rel=1e-6)
    assert float(found.percent) == pytest.approx(100 * ((60 / 170) / (40 / 180) - 1))
    assert found.method.item() == "two years"


def test_two_years_of_ratios_are_compared_in_order_of_time_and_only_where_there_are_two():
    forwards = ratio_change([12, 24], [900, 900], [40, 41], [3000, 3000], [2019, 2023])
    backwards = ratio_change([24, 12], [900, 900], [41, 40], [3000, 3000], [2023, 2019])
    assert float(forwards.percent) == pytest.approx(float(backwards.percent)) and forwards.percent > 0
    # A series of five years may have more events than children (a rate over years), though the one of two may not.
    count = [[12, 24, np.nan, np.nan, np.nan], [30, 32, 35, 37, 40]]
    both = ratio_change(count, [[900] * 5, [25] * 5], [[40] * 5, [41] * 5], [[3000] * 5] * 2, range(5))
    assert both.method.tolist() == ["two years", "interaction over years"]
    assert np.isfinite([both.percent, both.low, both.high, both.p_value]).all()


def test_significant_then_and_not_now_is_no_evidence_of_change():
    """Pitfall 15: the same ratio with half the children is clear at first and unclear later; nothing has changed."""
    earlier, later = rate_ratio(60, 6000, 180, 30_000), rate_ratio(30, 6000, 90, 30_000)
    assert earlier.p_value < 0.05 and float(earlier.ratio) == pytest.approx(float(later.ratio))
    halved = ratio_change([60, 60, 60, 30, 30, 30], 6000, [180, 180, 180, 90, 90, 90], 30_000, range(6))
    assert halved.p_value > 0.9 and float(halved.percent) == pytest.approx(0, abs=1e-9)
    assert ratio_change([60, 30], 6000, [180, 90], 30_000, [1, 2]).p_value > 0.9


@pytest.mark.parametrize(
    "count", [[40, 60, 50], [40, 60, 50, 70], [40, 9, 50, 70, 60], [40, np.nan, 50, np.nan, np.nan, 60]]
)
def test_a_ratio_with_few_years_or_few_children_cannot_be_judged(count):
    found = ratio_change(count, 6000, [180] * len(count), 30_000, range(len(count)))
    assert found.method.item() == "cannot be calculated"
    assert np.isnan([found.percent, found.low, found.high, found.p_value]).all()


def test_a_change_of_a_ratio_of_stocks_is_refused():
    with pytest.raises(ValueError, match="tested on flows only"):
        ratio_change([40] * 5, 6000, [180] * 5, 30_000, range(5), kind="stock")


def test_periods_may_be_years_dates_or_iso_text():
    rows = yearly([50, 52, 55, 61, 60, 66, 70, 68])
    each = [
        trend_findings(rows.assign(period=period), series="indicator").loc[0, "annual_change_percent"]
        for period in (
            rows["period"],
            range(2016, 2024),
            rows["period"].dt.date,
            rows["period"].dt.strftime("%Y-%m-%d"),
        )
    ]
    assert each == pytest.approx([each[0]] * 4, rel=1e-9)


def test_a_year_whose_cohort_is_empty_is_left_out():
    base = [100, 100, 0, 100, 100, 100, 100, 100]
    found = trend_findings(yearly([20, 25, 0, 30, 38, 41, 47, 50], kind="proportion", base=base), series=["indicator"])
    assert found.loc[0, ["periods", "finding"]].to_list() == [7, "rising"]
    with pytest.raises(ValueError, match="a population of 0 gives no answer"):
        trend_findings(yearly([20] * 8, kind="rate", base=base), series=["indicator"])
