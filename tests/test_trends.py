"""What changed and how fast: worked examples, library cross-checks, and what must hold for every series."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from helpers.trends import annual_change, change, proportion_trend, trend_findings

FINDINGS = {"rising", "falling", "no clear change", "too few to say"}
YEARS = np.arange(2016, 2024)


def yearly(events, *, kind="flow", name="one", **columns):
    dates = pd.to_datetime([f"{2016 + n}-03-31" for n in range(len(events))])
    return pd.DataFrame({"indicator": name, "period": dates, "kind": kind, "events": events, **columns})


def test_the_worked_example_of_a_stock_160_in_and_130_out():
    """methods.md section f1: from 400, +30 (-4 to +64), p = 0.09: entries against exits."""
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


@given(st.lists(st.one_of(st.none(), st.integers(0, 120)), min_size=1, max_size=10),
       st.sampled_from(["flow", "rate", "proportion", "stock", "stock share", "stock rate"]))  # fmt: skip
@settings(max_examples=60)
def test_every_series_gets_one_of_four_findings_and_no_infinite_number(events, kind):
    rows = yearly([np.nan if e is None else e for e in events], kind=kind, base=120, entries=30, exits=25)
    found = trend_findings(rows, series=["indicator"])
    assert set(found["finding"]) <= FINDINGS
    assert not np.isinf(found.select_dtypes("number").to_numpy(dtype=float)).any()
    if len(events) < 5 and kind != "stock":
        assert found.loc[0, "finding"] == "too few to say"
