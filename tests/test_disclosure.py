"""Small numbers are hidden, and with them what gives them away by subtraction."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.disclosure import release
from helpers.errors import InputError

NOTHING = pd.DataFrame(columns=["indicator", "category", "same_as_indicator", "same_as_category"])


def counts_of(parts, *, total=None, indicator="cla_total", column="gender", status="shown"):
    rows = [{column: name, "numerator": value, "denominator": total} for name, value in parts.items()]
    whole = {"numerator": total, "denominator": float("nan")}
    frame = pd.DataFrame([whole, *rows]).astype({"numerator": float, "denominator": float})
    keys = {
        name: frame[name].fillna("All") if name in frame else "All"
        for name in ("category", "ethnic_group", "gender", "age_band")
    }
    return frame.assign(
        borough_code="E09000002",
        period_end=pd.Timestamp(2021, 3, 31),
        period_type="snapshot",
        indicator=indicator,
        unit="children",
        status=frame["numerator"].notna().map({True: status, False: "suppressed"}),
        **keys,
    )


def hidden_of(counts, column="gender", same=NOTHING, parents=None, profile="la-1-5"):
    released = release(counts, profile=profile, parents=parents or {}, same=same)
    assert released.loc[released["status"] == "suppressed", "numerator"].isna().all()
    return set(released.loc[released["status"] == "suppressed", column])


def test_one_to_five_are_hidden_with_the_next_smallest_and_zero_is_shown():
    counts = counts_of(
        {"White": 90, "Asian": 12, "Black": 30, "Other": 3, "Mixed": 0}, total=135, column="ethnic_group"
    )
    assert hidden_of(counts, "ethnic_group") == {"Other", "Asian"}


@pytest.mark.parametrize("count", [1, 5])
def test_the_edges_of_small_are_hidden(count):
    assert hidden_of(counts_of({"Male": 100, "Female": count}, total=100 + count)) == {"Male", "Female"}


def test_six_and_zero_are_shown():
    assert hidden_of(counts_of({"Male": 100, "Female": 6}, total=106)) == set()
    assert hidden_of(counts_of({"Male": 100, "Female": 0}, total=100)) == set()


def test_a_complement_of_one_to_five_is_hidden():
    share = counts_of({}, total=50).assign(numerator=47.0, denominator=50.0, indicator="cl_in_touch")
    assert hidden_of(share, "indicator") == {"cl_in_touch"}


def test_a_single_value_the_source_suppressed_is_not_given_away():
    """DfE's files of 2011 to 2014 and 2016 leave single hidden cells beside a shown total."""
    counts = counts_of(
        {"White": 251, "Mixed": 46, "Asian": 19, "Black": 84, "Other": 15, "Unknown": None},
        total=420,
        column="ethnic_group",
    )
    assert hidden_of(counts, "ethnic_group") == {"Unknown", "Other"}


def test_finer_groups_do_not_give_their_hidden_group_away():
    parents = {"White British": "White", "White Irish": "White", "Indian": "Asian", "Chinese": "Asian"}
    groups = counts_of({"White": 80, "Asian": 16, "Black": 4}, total=100, column="ethnic_group")
    finer = counts_of(
        {"White British": 60, "White Irish": 20, "Indian": 9, "Chinese": 7}, total=100, column="ethnic_group"
    ).iloc[1:]
    hidden = hidden_of(pd.concat([groups, finer], ignore_index=True), "ethnic_group", parents=parents)
    assert {"Black", "Asian"} <= hidden
    assert hidden & {"Indian", "Chinese"}, "the labels of a hidden group add up to it"
    assert "White" not in hidden


def test_a_rate_is_hidden_with_its_count():
    total = counts_of({}, total=4)
    rate = total.assign(indicator="cla_rate_per_10000", numerator=4.0, denominator=1000.0, unit="children per 10,000")
    same = pd.DataFrame(
        {
            "indicator": ["cla_rate_per_10000"],
            "category": ["All"],
            "same_as_indicator": ["cla_total"],
            "same_as_category": ["All"],
        }
    )
    assert hidden_of(pd.concat([total, rate], ignore_index=True), "indicator", same=same) == {
        "cla_total",
        "cla_rate_per_10000",
    }


def test_a_count_told_under_two_names_is_hidden_under_both():
    reasons = counts_of(
        {"Adopted": 9, "Turned 18": 40, "Other": 2}, total=51, indicator="cla_ceased_by_reason", column="category"
    )
    adopted = counts_of({}, total=51, indicator="cla_ceased_adopted").assign(numerator=9.0, denominator=51.0)
    same = pd.DataFrame(
        {
            "indicator": ["cla_ceased_adopted"],
            "category": ["All"],
            "same_as_indicator": ["cla_ceased_by_reason"],
            "same_as_category": ["Adopted"],
        }
    )
    both = pd.concat([reasons, adopted], ignore_index=True)
    assert "cla_ceased_adopted" in hidden_of(both, "indicator", same=same)


def test_profiles_choose_the_limit_and_unknown_ones_are_refused():
    counts = counts_of({"Male": 100, "Female": 5}, total=105)
    assert hidden_of(counts, profile="la-1-4") == set()
    assert hidden_of(counts, profile="none") == set()
    with pytest.raises(InputError, match="not a profile"):
        release(counts, profile="la-1-6", parents={}, same=NOTHING)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(parts=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_no_small_number_is_shown_and_no_single_hidden_part_beside_its_total(parts):
    names = [f"part {number}" for number in range(len(parts))]
    counts = counts_of(dict(zip(names, parts, strict=True)), total=sum(parts), column="category")
    released = release(counts, profile="la-1-5", parents={}, same=NOTHING)
    shown = released["numerator"].dropna()
    assert not shown.between(1, 5).any()
    hidden = released["category"].ne("All") & released["status"].eq("suppressed")
    total_shown = released.loc[released["category"] == "All", "status"].eq("shown").all()
    assert not (total_shown and hidden.sum() == 1), "the hidden part is the total less the others"
