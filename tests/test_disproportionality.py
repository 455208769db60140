"""Who is over-represented: the worked example, the decision table, and what must hold for every count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.disproportionality import findings, representation

FINDINGS = {"over-represented", "under-represented", "no clear difference", "too few to say"}


def table(counts, shares, *, total=None, **columns):
    groups = [f"group {n}" for n in range(1, len(counts) + 1)]
    known = sum(count for count in counts if count is not None) if total is None else total
    return pd.DataFrame({"group": groups, "count": counts, "total": known, "population_share": shares, **columns})


def test_the_worked_example_56_of_400_where_the_group_is_10_percent_of_children():
    """methods.md section b: index 1.40 (1.08-1.78), ratio 1.47 (1.08-1.95), excess +16 (3 to 31), p = 0.013."""
    found = representation(56, 400, 0.10)
    assert [round(float(v), 2) for v in (found.index, found.index_low, found.index_high)] == [1.40, 1.08, 1.78]
    assert [round(float(v), 2) for v in (found.ratio, found.ratio_low, found.ratio_high)] == [1.47, 1.08, 1.95]
    assert [round(float(v)) for v in (found.excess, found.excess_low, found.excess_high)] == [16, 3, 31]
    assert round(float(found.p_value), 3) == 0.013
    assert round(100 * float(found.tipping_share), 1) == 10.8


def test_a_share_published_as_10_percent_may_be_9_5_to_10_5_percent():
    """methods.md section b: the interval becomes 1.02-1.87 and p lies from 0.005 to 0.033; the worst is reported."""
    found = representation(56, 400, 0.10, share_low=0.095, share_high=0.105)
    assert [round(float(v), 2) for v in (found.index_low, found.index_high)] == [1.02, 1.87]
    assert round(float(found.p_value), 3) == 0.033
    assert round(float(representation(56, 400, 0.095).p_value), 3) == 0.005


def test_a_group_close_to_its_share_is_in_line_with_the_population():
    """methods.md section g: 160 of 400 where the group is 41% of children: index 0.98 (0.86-1.10), rule 5."""
    found = findings(table([160, 240], [0.41, 0.59]))
    assert [round(v, 2) for v in found.loc[0, ["index", "index_low", "index_high"]]] == [0.98, 0.86, 1.10]
    assert found.loc[0, "rule"] == 5
    assert found.loc[0, "finding"] == "no clear difference"


# Each row: counts, population shares (the first group is the one looked at), rule, finding.
DECISIONS = [
    pytest.param([20, 9], [0.5, 0.5], 2, "too few to say", id="fewer than 30 in care"),
    pytest.param([0, 400], [0.01, 0.99], 2, "too few to say", id="0 counted and 4 expected"),
    pytest.param([80, 320], [0.10, 0.90], 3, "over-represented", id="twice the share"),
    pytest.param([15, 385], [0.10, 0.90], 3, "under-represented", id="well below the share"),
    pytest.param([0, 400], [0.10, 0.90], 3, "under-represented", id="nobody where 40 are expected"),
    pytest.param([8, 392], [0.0075, 0.9925], 3, "over-represented", id="exactly 5 more than expected"),
    pytest.param([7, 393], [0.0055, 0.9945], 4, "no clear difference", id="clear but fewer than 5 children"),
    pytest.param([200, 200], [0.50, 0.50], 5, "no clear difference", id="in line"),
    pytest.param([3, 397], [0.01, 0.99], 6, "too few to say", id="could be far lower or far higher"),
    pytest.param([46, 354], [0.10, 0.90], 7, "no clear difference", id="no clear evidence"),
]


@pytest.mark.parametrize(("counts", "shares", "rule", "finding"), DECISIONS)
def test_the_first_matching_rule_decides(counts, shares, rule, finding):
    found = findings(table(counts, shares))
    assert (found.loc[0, "rule"], found.loc[0, "finding"]) == (rule, finding)


def test_a_group_whose_count_is_suppressed_has_no_statistic_and_no_direction():
    """Pitfall 20, and rule 1: nothing may be said, and the family shrinks to the groups that are shown."""
    given_counts = table([150, 60, 3, 187], [0.5, 0.1, 0.1, 0.3], suppressed=[False, False, True, False])
    found = findings(given_counts)
    hidden = found.loc[2]
    assert (hidden["rule"], hidden["finding"]) == (1, "too few to say")
    added = found.columns.difference([*given_counts.columns, "family", "family_size", "correction", "rule", "finding"])
    assert hidden[["count", "total", *added]].isna().all()
    assert (found["family_size"] == 3).all()
    shown = representation([150, 60, 187], 400, [0.5, 0.1, 0.3])
    assert found.loc[[0, 1, 3], "index"].to_list() == pytest.approx(shown.index)


def test_a_missing_count_is_suppressed_unless_the_table_says_otherwise():
    counts = table([150, None, 187], [0.5, 0.2, 0.3], total=400)
    assert findings(counts).loc[1, "rule"] == 1
    with pytest.raises(ValueError, match="group 2 have no count and are not marked as suppressed"):
        findings(counts.assign(suppressed=False))


def test_adjusting_for_many_groups_can_take_a_finding_away():
    """56 of 400 against 10% has p = 0.013: a finding alone, and not among five groups (0.013 x 5 is above 0.05)."""
    alone = findings(table([56, 344], [0.10, 0.90]))
    among = findings(table([56, 86, 86, 86, 86], [0.10, 0.225, 0.225, 0.225, 0.225]))
    assert alone.loc[0, "finding"] == "over-represented"
    assert (among.loc[0, "rule"], among.loc[0, "finding"]) == (4, "no clear difference")
    assert among.loc[0, "p_adjusted"] == pytest.approx(5 * among.loc[0, "p_value"])
    assert among.loc[0, ["family_size", "correction"]].to_list() == [5, "Holm"]


def test_a_finding_that_hangs_on_the_rounding_of_the_share_is_none():
    exact = findings(table([55, 345], [0.10, 0.90]))
    rounded = table([55, 345], [0.10, 0.90], share_low=[0.095, 0.895], share_high=[0.105, 0.905])
    assert exact.loc[0, "finding"] == "over-represented"
    assert (findings(rounded).loc[0, "rule"], findings(rounded).loc[0, "finding"]) == (4, "no clear difference")


def test_each_family_is_adjusted_by_itself():
    one, two = table([80, 320], [0.1, 0.9]), table([40, 60, 300], [0.1, 0.2, 0.7])
    both = pd.concat([one.assign(indicator="in care"), two.assign(indicator="started")], ignore_index=True)
    found = findings(both, family=["indicator"])
    assert found["p_adjusted"].to_list() == pytest.approx([*findings(one)["p_adjusted"], *findings(two)["p_adjusted"]])
    assert found["family_size"].to_list() == [2, 2, 3, 3, 3]
    assert found["family"].to_list() == ["in care"] * 2 + ["started"] * 3


def test_a_group_without_children_in_the_population_gets_no_measure():
    found = findings(table([0, 100, 300], [0.0, 0.3, 0.7]))
    assert (found.loc[0, "rule"], found.loc[0, "finding"]) == (2, "too few to say")
    assert np.isnan(found.loc[0, "index"]) and (found["family_size"] == 2).all()
    with pytest.raises(ValueError, match="group 1 have children in care, but the population has none"):
        findings(table([20, 100, 280], [0.0, 0.3, 0.7]))


def test_nobody_in_care_is_too_few_and_no_error():
    assert (findings(table([0, 0], [0.4, 0.6]))["finding"] == "too few to say").all()
    assert findings(table([], [])).empty


def test_tables_that_cannot_be_right_are_refused_by_name():
    with pytest.raises(ValueError, match="no column population_share"):
        findings(table([1, 2], [0.5, 0.5]).drop(columns="population_share"))
    with pytest.raises(ValueError, match=r"shares of group 1, group 2 add to 0\.800"):
        findings(table([50, 50], [0.5, 0.3]))
    with pytest.raises(ValueError, match="add to 150, more than their total of 100; is a total among the groups"):
        findings(table([50, 100], [0.5, 0.5], total=100))
    with pytest.raises(ValueError, match="group 2 have no population share; leave children of unknown group out"):
        findings(table([50, 10], [1.0, None]))
    with pytest.raises(ValueError, match="give different totals"):
        findings(table([50, 10], [0.5, 0.5], total=[60, 70]))


@pytest.mark.parametrize(
    ("count", "total", "share", "message"),
    [
        (3, 0, 0.1, "3 children in the group cannot come from 0"),
        (0, 0, 0.1, "no children in care of known group"),
        (3, 10, 0.0, "a population share of 0 leaves nobody to compare"),
        (3, 10, 1.0, "a population share of 1 leaves nobody to compare"),
        (2.5, 10, 0.1, "2.5 children in the group is not a whole number"),
        (-1, 10, 0.1, "-1 children in the group is not a count"),
    ],
)
def test_questions_without_an_answer_are_refused(count, total, share, message):
    with pytest.raises(ValueError, match=message):
        representation(count, total, share)


shares = st.floats(0.005, 0.995)
cases = st.tuples(st.integers(0, 600), st.integers(0, 600), shares).filter(lambda case: case[0] + case[1] > 0)


@given(cases)
def test_interval_and_p_value_agree_for_every_count(case):
    """Pitfalls 2 and 3: p is never 0, and is below 0.05 exactly when the interval leaves out 1."""
    count, others, share = case
    found = representation(count, count + others, share)
    assert 0 < found.p_value <= 1
    if abs(found.p_value - 0.05) > 1e-9:
        assert (found.p_value < 0.05) == bool(found.index_low > 1 or found.index_high < 1)
    assert found.index_low <= found.index <= found.index_high
    assert found.excess_low <= found.excess <= found.excess_high
    assert found.ratio_low <= found.ratio <= found.ratio_high
    assert (found.index > 1) == (found.ratio > 1) or found.index == pytest.approx(1)
    if count == 0:
        assert found.index_low == 0 and found.ratio_low == 0


@given(cases, st.floats(0, 0.05), st.floats(0, 0.05))
def test_interval_and_p_value_agree_over_a_range_of_shares(case, below, above):
    count, others, share = case
    low, high = max(share - below, 0.001), min(share + above, 0.999)
    found = representation(count, count + others, share, share_low=low, share_high=high)
    if abs(found.p_value - 0.05) > 1e-9:
        assert (found.p_value < 0.05) == bool(found.index_low > 1 or found.index_high < 1)
    at_ends = representation(count, count + others, [low, share, high])
    assert found.p_value >= at_ends.p_value.max() - 1e-12
    assert found.index_low <= at_ends.index_low.min() + 1e-12
    assert found.index_high >= at_ends.index_high.max() - 1e-12


@given(cases)
def test_everyone_else_is_the_mirror_of_the_group(case):
    count, others, share = case
    group = representation(count, count + others, share)
    rest = representation(others, count + others, 1 - share)
    assert float(group.p_value) == pytest.approx(float(rest.p_value), rel=1e-6, abs=1e-300)
    assert float(group.excess) == pytest.approx(-rest.excess, abs=1e-9)
    assert float(group.excess_low) == pytest.approx(-rest.excess_high, abs=1e-6)
    if count and others:
        assert float(group.ratio) == pytest.approx(1 / rest.ratio, rel=1e-9)
        assert float(group.ratio_low) == pytest.approx(1 / rest.ratio_high, rel=1e-6)


@given(st.integers(30, 600), shares)
@settings(max_examples=40)
def test_more_children_never_lower_the_index_or_turn_over_into_under(total, share):
    counts = np.arange(total + 1)
    found = representation(counts, total, share)
    for field in ("index", "index_low", "index_high", "excess", "excess_low", "excess_high", "ratio_low"):
        assert (np.diff(getattr(found, field)) >= -1e-12).all(), field
    both = pd.DataFrame({
        "group": np.tile(["group", "rest"], total + 1),
        "count": np.column_stack([counts, total - counts]).ravel(),
        "total": total,
        "population_share": np.tile([share, 1 - share], total + 1),
        "draw": np.repeat(counts, 2),
    })  # fmt: skip
    said = findings(both, family=["draw"])
    assert set(said["finding"]) <= FINDINGS
    order = said["finding"].map({"under-represented": -1, "over-represented": 1}).fillna(0)
    group, rest = order[::2].to_numpy(), order[1::2].to_numpy()
    assert (np.diff(group) >= 0).all()
    assert (group == -rest).all(), "what is over for the group is under for everyone else"


@given(st.integers(0, 100), st.integers(1, 10_000), st.integers(0, 300), st.integers(1, 50_000))
def test_only_shares_of_the_population_matter_not_its_size(count, children, others, other_children):
    if count + others == 0:
        return
    share = children / (children + other_children)
    thousandfold = 1000 * children / (1000 * children + 1000 * other_children)
    one, other = representation(count, count + others, share), representation(count, count + others, thousandfold)
    assert float(one.index) == pytest.approx(float(other.index), rel=1e-12)
    assert float(one.p_value) == pytest.approx(float(other.p_value), rel=1e-9)


@given(cases)
def test_every_column_of_a_finding_is_finite_or_blank_and_a_finding_is_one_of_four(case):
    count, others, share = case
    found = findings(table([count, others], [share, 1 - share]))
    numbers = found.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy(dtype=float)).any()
    assert set(found["finding"]) <= FINDINGS
    assert found[["index", "excess", "p_value"]].notna().all(axis=None)
    assert not (found["finding"].isin(["over-represented", "under-represented"]) & (found["expected"] < 3) &
                (found["count"] == 0)).any()  # fmt: skip


def test_findings_leave_their_table_as_it_was_and_keep_its_index():
    counts = table([80, 320], [0.1, 0.9]).set_axis([7, 3])
    before = counts.copy()
    assert findings(counts).index.to_list() == [7, 3]
    pd.testing.assert_frame_equal(counts, before)
