"""Outcomes of children in care, group against group: adjusted for what else differs, and combinations of groups.

Pitfall numbers are those of the project's list of twenty mistakes and the test that catches each.
"""

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from helpers.disproportionality import (
    adjusted,
    adjusted_outcomes,
    intersections,
    outcome_findings,
    outcome_gap,
    partial_pooling,
)

steady = settings(deadline=None, derandomize=True)
"""The same cases on every machine and every day, and no clock: a busy machine fails no test."""
few = settings(steady, max_examples=40)

FINDINGS = {"over-represented", "under-represented", "no clear difference", "too few to say"}


# --- outcomes of children in care -------------------------------------------------------------------------------------


def journey(events, children, **columns):
    groups = [f"group {n}" for n in range(1, len(events) + 1)]
    everyone = {"all_events": np.nansum(events), "all_children": np.nansum(children)}
    return pd.DataFrame({"group": groups, "events": events, "children": children, **(everyone | columns)})


def test_an_outcome_is_compared_with_all_other_children_in_care():
    found = outcome_findings(journey([20, 40, 0, 5], [60, 250, 20, 100]))
    gap = outcome_gap(20, 60, 45, 370)
    assert found.loc[0, "difference"] == pytest.approx(20 / 60 - 45 / 370) == pytest.approx(float(gap.difference))
    assert found.loc[0, "expected"] == pytest.approx(60 * 45 / 370)
    assert found["finding"].to_list() == [
        "over-represented", "no clear difference", "too few to say", "under-represented"
    ]  # fmt: skip
    assert found["correction"].unique().tolist() == ["Benjamini-Hochberg"]


def test_a_grid_of_outcomes_hides_suppressed_rows_and_bears_empty_groups():
    found = outcome_findings(journey([20, np.nan, 0], [60, 250, 0], all_events=65, all_children=430))
    assert found["rule"].to_list()[1:] == [1, 2]
    assert (found["finding"][1:] == "too few to say").all()
    hidden = ["children", "all_events", "difference", "ratio", "p_value", "p_adjusted", "expected", "excess"]
    assert found.loc[1, ["events", *hidden]].isna().all()
    assert (found["family_size"] == 1).all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (journey([5, 3], [10, 10]).drop(columns="all_events"), "no column all_events"),
        (journey([5, 3], [10, 10], all_events=4), "group 1 have more events than all groups together"),
        (journey([5, 3], [10, 30], all_children=20), "group 2 have more children than all groups together"),
        (journey([5, np.nan], [10, 10], suppressed=False), "group 2 have no count and are not marked as suppressed"),
    ],
)
def test_outcome_tables_that_cannot_be_right_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        outcome_findings(rows)


@few
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200), st.integers(0, 200))
def test_every_outcome_gets_one_of_four_findings_and_swaps(a, b, c, d):
    found = outcome_findings(journey([a, c], [a + b, c + d]))
    assert set(found["finding"]) <= FINDINGS
    assert not np.isinf(found.select_dtypes("number").to_numpy(dtype=float)).any()
    if a + b and c + d:
        assert found["difference"].sum() == pytest.approx(0, abs=1e-12)
        assert found.loc[0, "p_value"] == pytest.approx(found.loc[1, "p_value"], rel=1e-6)
    directions = set(found["finding"]) & {"over-represented", "under-represented"}
    assert directions <= {"over-represented"} or len(directions) == 2 or (found["finding"] != "over-represented").all()


# --- adjustment -------------------------------------------------------------------------------------------------------


def test_indirect_standardisation_takes_an_age_difference_away():
    """A group that is older, in a borough where older children are more often in care, is expected to have more."""
    all_count, all_population = [50, 150], [10_000, 10_000]
    found = adjusted([5, 45], [1000, 3000], all_count, all_population)
    assert float(found.expected) == pytest.approx(1000 * 0.005 + 3000 * 0.015) == pytest.approx(50)
    assert float(found.ratio) == pytest.approx(1)
    assert float(found.crude_ratio) == pytest.approx(50 / (4000 * 0.01))
    assert bool(found.changes_the_story)
    assert found.low < 1 < found.high
    same = adjusted([[10, 30], [0, 0]], [[1000, 1000], [0, 0]], all_count, all_population)
    assert not same.changes_the_story[0] and np.isnan(same.ratio[1])


@steady
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 900), st.integers(1, 60), st.integers(0, 5000)), min_size=1,
                max_size=10), st.randoms(use_true_random=False))  # fmt: skip
def test_every_count_can_be_adjusted_in_any_order_of_cells_and_size_of_population(cells, random):
    count, population, others, rest = np.array(cells).T
    all_count, all_population = count + others, population + rest
    found = adjusted(count, population, all_count, all_population)
    assert np.isfinite([found.expected, found.ratio, found.low, found.high, found.crude_ratio]).all()
    assert found.low <= found.ratio <= found.high and (found.ratio == 0) == (count.sum() == 0)
    order = random.sample(range(len(cells)), len(cells))
    again = adjusted(count[order], 10 * population[order], all_count[order], 10 * all_population[order])
    assert list(again[:6]) == pytest.approx(list(found[:6]), rel=1e-9)
    one_cell = adjusted([count.sum()], [population.sum()], [all_count.sum()], [all_population.sum()])
    assert float(one_cell.ratio) == pytest.approx(float(found.crude_ratio)) and not one_cell.changes_the_story


def test_an_impossible_count_in_one_cell_is_refused():
    with pytest.raises(ValueError, match="row 0: -1 children in care is not a count"):
        adjusted([-1, 5], [100, 100], [5, 5], [1000, 1000])


def child_rows(n=900, seed=11):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({
        "ethnic_group": rng.choice(["White", "Black", "Asian", "Other"], n, p=[0.45, 0.35, 0.19, 0.01]),
        "gender": rng.choice(["Male", "Female"], n),
        "age_band": rng.choice(["0 to 9", "10 to 15", "16 to 17"], n),
        "family": rng.integers(0, 500, n),
    })  # fmt: skip
    risk = 0.2 * np.where(rows["age_band"] == "16 to 17", 1.8, 1) * np.where(rows["ethnic_group"] == "Black", 1.4, 1)
    rows["moved"] = (rng.random(n) < risk).astype(int)
    return rows.assign(moved=rows["moved"].where(rows["ethnic_group"] != "Other", 0))


ADJUST = {"outcome": "moved", "group": "ethnic_group", "reference": "White", "adjust_for": ["gender", "age_band"]}


@pytest.mark.parametrize("siblings", [None, "family"])
def test_adjusted_outcomes_are_the_modified_poisson_model_of_statsmodels(siblings):
    rows = child_rows()
    found = adjusted_outcomes(rows, **ADJUST, siblings=siblings).set_index("group")
    part = rows[rows["ethnic_group"] != "Other"]
    robust = {"cov_type": "HC1"} if siblings is None else {
        "cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(part["family"])[0]}
    }  # fmt: skip
    formula = 'moved ~ C(ethnic_group, Treatment("White")) + gender + age_band'
    model = smf.glm(formula, part, family=sm.families.Poisson()).fit(**robust)
    for group in ("Black", "Asian"):
        name = f'C(ethnic_group, Treatment("White"))[T.{group}]'
        assert found.loc[group, "ratio"] == pytest.approx(np.exp(model.params[name]), rel=1e-6)
        assert found.loc[group, ["low", "high"]].to_list() == pytest.approx(
            np.exp(model.conf_int().loc[name]), rel=1e-6
        )
        assert found.loc[group, "p_value"] == pytest.approx(model.pvalues[name], rel=1e-6)
    assert found.loc["Other", "method"] == "unadjusted only" and np.isnan(found.loc["Other", "ratio"])
    assert found.loc["Other", "crude_ratio"] == 0


def test_the_check_without_a_model_is_mantel_and_haenszels():
    rows = child_rows()
    found = adjusted_outcomes(rows, **ADJUST).set_index("group").loc["Black", "ratio_mantel_haenszel"]
    pair = rows[rows["ethnic_group"].isin(["Black", "White"])]
    tables = [
        [[(part["moved"][part["ethnic_group"] == g] == m).sum() for m in (1, 0)] for g in ("Black", "White")]
        for _, part in pair.groupby(["gender", "age_band"])
    ]
    assert found == pytest.approx(StratifiedTable([np.array(t) for t in tables]).riskratio_pooled, rel=1e-9)


def test_too_few_events_are_not_adjusted_and_missing_values_are_counted():
    few = adjusted_outcomes(child_rows(80), **ADJUST)
    assert (few["method"] == "unadjusted only").all() and (few["events_a_parameter"] < 10).all()
    rows = child_rows()
    rows.loc[[3, 5], "gender"] = None
    with pytest.raises(ValueError, match="gender is missing in 2 rows"):
        adjusted_outcomes(rows, **ADJUST)
    with pytest.raises(ValueError, match="no child is in the reference group 'Green'"):
        adjusted_outcomes(child_rows(), **(ADJUST | {"reference": "Green"}))
    with pytest.raises(ValueError, match="moved must be 0 or 1"):
        adjusted_outcomes(child_rows().assign(moved=2), **ADJUST)


# --- combinations of ethnicity, gender and age ------------------------------------------------------------------------


def combinations(seed=4, extra=1.0):
    rng = np.random.default_rng(seed)
    ages = ["0 to 4", "5 to 9", "10 to 15", "16 to 17"]
    groups = ["White", "Mixed", "Asian", "Black", "Other"]
    names = list(itertools.product(groups, ["Male", "Female"], ages))
    rows = pd.DataFrame(names, columns=["ethnic_group", "gender", "age_band"])
    rows["population"] = rng.integers(1500, 6000, len(rows))
    special = (rows["ethnic_group"] == "Black") & (rows["gender"] == "Male") & (rows["age_band"] == "16 to 17")
    risk = 0.008 * np.where(rows["ethnic_group"] == "Black", 1.7, 1) * np.where(rows["age_band"] == "16 to 17", 1.5, 1)
    rows["count"] = rng.poisson(rows["population"] * risk * np.where(special, extra, 1))
    return rows


def test_the_expected_count_is_the_main_effects_poisson_model():
    rows = combinations()
    model = smf.glm(
        "count ~ ethnic_group + gender + age_band",
        rows, family=sm.families.Poisson(), offset=np.log(rows["population"]),
    ).fit()  # fmt: skip
    assert intersections(rows)["expected"].to_numpy() == pytest.approx(model.fittedvalues.to_numpy(), rel=1e-6)


def test_a_combination_far_beyond_its_parts_is_found_and_even_ones_are_not():
    """Others of its ethnicity, gender and age fall below their expectation in turn, so the largest ratio is what counts."""
    far = intersections(combinations(extra=3.0))
    top = far.loc[far["ratio"].idxmax()]
    assert top[["ethnic_group", "gender", "age_band"]].to_list() == ["Black", "Male", "16 to 17"]
    assert top["finding"] == "over-represented" and top["chance_above"] > 0.975 and top["low"] > 1
    assert set(intersections(combinations())["finding"]) == {"no clear difference"}


@settings(steady, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0.5, 40)), min_size=2, max_size=10), st.randoms())
def test_pooled_ratios_lie_between_the_raw_ratio_and_1_in_any_order(cells, random):
    """Pitfall 18."""
    count, expected = np.array([c for c, _ in cells]), np.array([e for _, e in cells])
    found = partial_pooling(count, expected)
    raw = count / expected
    assert ((np.minimum(raw, 1) - 1e-9 <= found.ratio) & (found.ratio <= np.maximum(raw, 1) + 1e-9)).all()
    assert ((found.low <= found.ratio) & (found.ratio <= found.high)).all()
    assert np.isfinite(np.concatenate(found)).all()
    order = list(range(len(cells)))
    random.shuffle(order)
    again = partial_pooling(count[order], expected[order])
    assert again.ratio == pytest.approx(found.ratio[order], rel=1e-9)


def test_pooling_is_never_absurdly_certain_and_gives_way_to_numbers():
    """Pitfall 18: even cells keep an interval at least 0.3 wide (plug-in estimates gave 0.08); large ones their own ratio."""
    even = partial_pooling([10] * 12, [10] * 12)
    assert (even.high - even.low >= 0.3).all()
    large = partial_pooling([150_000, 100_000, 80_000], [100_000, 100_000, 100_000])
    assert large.ratio == pytest.approx([1.5, 1, 0.8], abs=0.001)


def test_combinations_are_the_same_in_any_order_of_rows():
    rows = combinations(extra=3.0)
    mixed = rows.sample(frac=1, random_state=9)
    one, other = intersections(rows), intersections(mixed).sort_index()
    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("total", [0, 1, 7])
def test_every_placing_of_few_children_in_eight_combinations_is_borne(total):
    rows = pd.DataFrame(list(itertools.product("AB", "FM", "01")), columns=["ethnic_group", "gender", "age_band"])
    for place in range(8):
        found = intersections(
            rows.assign(population=1000 + 10 * np.arange(8), count=np.where(rows.index == place, total, 0))
        )
        assert np.isfinite(found["expected"]).all() and found["expected"].sum() == pytest.approx(total)
        assert not np.isinf(found.select_dtypes("number").to_numpy(dtype=float)).any()
        assert set(found["finding"]) <= FINDINGS


def test_combinations_that_cannot_be_right_are_refused_and_empty_ones_have_no_ratio():
    rows = combinations()
    empty = intersections(rows.assign(population=rows["population"].where(rows.index != 2, 0),
                                      count=rows["count"].where(rows.index != 2, 0)))  # fmt: skip
    assert empty.loc[2, "finding"] == "too few to say" and np.isnan(empty.loc[2, "ratio"])
    with pytest.raises(ValueError, match="stands in more than one row"):
        intersections(pd.concat([rows, rows]))
    with pytest.raises(ValueError, match="a combination has no ethnic_group or gender or age_band; leave unknown"):
        intersections(rows.assign(gender=rows["gender"].where(rows.index != 1)))
    with pytest.raises(ValueError, match="a count or a population is missing"):
        intersections(rows.assign(count=rows["count"].where(rows.index != 1)))
    with pytest.raises(ValueError, match="children in care of no children"):
        intersections(rows.assign(population=0))
