"""Small numbers are hidden, and with them what gives them away: rule by rule, on tables of a few rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.codes import load_catalogue
from helpers.disclosure import PROFILES, Relations, find_profile, leaks, read_as_a_reader, release
from helpers.disclosure_rules import load_relations
from helpers.errors import ContractError, InputError

NOTHING = Relations()
HOMES = "cla_placement_type"


def rows_of(*rows, **facts):
    """Counts of one day: (indicator, number, base), or with a fourth, the group or category that the row tells of."""
    frame = pd.DataFrame(
        [(*row, {}) if len(row) == 3 else row for row in rows], columns=["indicator", "numerator", "denominator", "of"]
    )
    keys = {
        name: [one.get(name, "All") for one in frame["of"]]
        for name in ("category", "ethnic_group", "gender", "age_band")
    }
    usual = {
        "borough_code": "E09000002",
        "period_end": pd.Timestamp(2021, 3, 31),
        "period_type": "snapshot",
        "unit": "children",
    }
    frame = frame.drop(columns="of").astype({"numerator": float, "denominator": float}).assign(**usual | keys)
    frame["status"] = frame["numerator"].notna().map({True: "shown", False: "suppressed"})
    return frame.assign(**facts)


def counts_of(parts, *, total=None, indicator="cla_total", column="gender"):
    """A total and its parts along one column."""
    rows = [(indicator, value, total, {column: name}) for name, value in parts.items()]
    return rows_of((indicator, total, None), *rows)


def together(*tables):
    return pd.concat(tables, ignore_index=True)


def release_of(*tables, relations=NOTHING, kept=True, **options):
    """Release tables; `kept` says that none of their breakdowns is left out whole."""
    counts = together(*tables)
    whole = pd.Series(kept, index=counts.index)
    released = release(counts, relations, kept_whole=whole, **options)
    assert released.loc[released["status"] == "suppressed", "numerator"].isna().all()
    assert released.loc[released["status"] == "shown", "numerator"].notna().all()
    return released


def hidden_of(*tables, column="gender", **options):
    released = release_of(*tables, **options)
    return set(released.loc[released["status"] == "suppressed", column])


def pairs(*rows):
    return pd.DataFrame(rows, columns=["indicator", "told_with", "how"])


def same_name(*rows):
    columns = ["indicator", "category", "same_as_indicator", "same_as_category", "how"]
    return Relations(same=pd.DataFrame(rows, columns=columns))


# ---------------------------------------------------------------------------------------- counts of one to five


def test_one_to_five_are_hidden_with_the_next_smallest_and_zero_is_shown():
    counts = counts_of(
        {"White": 90, "Asian": 12, "Black": 30, "Other": 3, "Mixed": 0}, total=135, column="ethnic_group"
    )
    assert hidden_of(counts, column="ethnic_group") == {"Other", "Asian"}


@pytest.mark.parametrize("count", [1, 5])
def test_the_edges_of_small_are_hidden(count):
    counts = counts_of({"Male": 100, "Female": count}, total=100 + count)
    assert hidden_of(counts) == {"Male", "Female"}


def test_six_and_zero_are_shown():
    assert hidden_of(counts_of({"Male": 100, "Female": 6}, total=106)) == set()
    assert hidden_of(counts_of({"Male": 100, "Female": 0}, total=100)) == set()


def test_a_total_of_one_to_five_is_hidden_with_all_that_is_a_share_of_it():
    released = release_of(counts_of({"Male": 3, "Female": 1}, total=4))
    assert released["numerator"].isna().all()
    assert released["denominator"].isna().all()


def test_the_base_of_a_part_does_not_tell_a_hidden_total():
    """Hiding the total of 100 helps nothing where every part says that it is of 100."""
    counts = counts_of({"White": 80, "Asian": 16, "Black": 4}, total=100, column="ethnic_group")
    released = release_of(counts)
    total_is_told = released["denominator"].notna().any() or released["numerator"].notna().iloc[0]
    assert released["numerator"].iloc[1:].isna().sum() >= 2 or not total_is_told
    relations = Relations(
        base_of={"cla_total": "in care"},
        bases=pd.DataFrame([("in care", "cla_total", "")], columns=["base", "counted_by", "within"]),
    )
    shown = counts.assign(numerator=counts["numerator"].mask(counts["ethnic_group"].isin(["All", "Black"])))
    shown["status"] = shown["numerator"].notna().map({True: "shown", False: "suppressed"})
    assert leaks(shown, relations, limit=5).tolist() == [False, False, False, True]


def test_two_hidden_parts_that_add_to_less_than_six_are_not_left_alone():
    """3 and 2 leave 5 of the total between them: neither could be 5 where the other is a child."""
    counts = counts_of({"White": 90, "Asian": 3, "Black": 30, "Other": 2}, total=125, column="ethnic_group")
    hidden = hidden_of(counts, column="ethnic_group")
    assert len(hidden) >= 2 and {"Asian", "Other"} <= hidden
    read = read_as_a_reader(release_of(counts), NOTHING, limit=5)
    assert (read.low[2], read.high[2]) == (0, pytest.approx(read.high[2])) and read.high[2] >= 5


@pytest.mark.parametrize(("count", "is_hidden"), [(47, True), (49, True), (45, True), (44, False), (50, False)])
def test_a_complement_of_one_to_five_is_hidden(count, is_hidden):
    share = rows_of(("cl_in_touch", count, 50))
    assert (hidden_of(share, column="indicator") == {"cl_in_touch"}) is is_hidden


def test_a_rate_is_hidden_with_its_count():
    total = rows_of(("cla_total", 4, None))
    rate = rows_of(("cla_rate_per_10000", 4, 1000), unit="children per 10,000")
    both = {"cla_total", "cla_rate_per_10000"}
    assert hidden_of(total, rate, column="indicator", relations=load_relations()) == both
    large = total.assign(numerator=40.0), rate.assign(numerator=40.0)
    assert hidden_of(*large, column="indicator", relations=load_relations()) == set()


def test_a_rate_that_nobody_names_as_one_is_hidden_for_its_own_number():
    rate = rows_of(("cla_ceased_rate_per_10000", 4, 1000), unit="children per 10,000")
    assert len(hidden_of(rate, column="indicator", relations=load_relations())) == 1


@pytest.mark.parametrize(("children", "is_hidden"), [(9, True), (10, False)])
def test_a_mean_of_fewer_than_ten_is_hidden_and_its_sum_may_be_small(children, is_hidden):
    mean = rows_of(("cla_days_to_adoption", 3, children), unit="days")
    assert (len(hidden_of(mean, column="indicator", relations=load_relations())) == 1) is is_hidden


# -------------------------------------------------------------------------------------------- differences of one to five


def test_a_share_that_its_source_hid_stays_hidden_and_another_goes_with_it():
    """DfE's files of 2011 to 2014 and 2016 leave single hidden cells beside a shown total."""
    counts = counts_of(
        {"White": 251, "Mixed": 46, "Asian": 19, "Black": 84, "Other": 15, "Unknown": None},
        total=420,
        column="ethnic_group",
    )
    assert leaks(counts, NOTHING, limit=5, is_own=False).tolist() == [False] * 6 + [True]
    assert hidden_of(counts, column="ethnic_group", is_own=False) == {"Unknown", "Other"}


def test_a_published_table_that_does_not_add_up_tells_of_its_rounding_and_hides_nothing():
    counts = counts_of({"White": 251, "Black": 84}, total=338, column="ethnic_group")
    assert hidden_of(counts, column="ethnic_group", is_own=False) == set()
    assert hidden_of(counts, column="ethnic_group"), "of the council's own, three children are in no group"


@pytest.mark.parametrize(("both", "is_hidden"), [(97, True), (95, True), (94, False), (100, False)])
def test_two_bases_that_differ_by_one_to_five_are_not_both_told(both, is_hidden):
    """Children in care, and those of them who were in care for a year."""
    bases = pd.DataFrame(
        [("in care", "cla_total", ""), ("a year", "", "in care")], columns=["base", "counted_by", "within"]
    )
    relations = Relations(base_of={"dentist": "a year"}, bases=bases)
    released = release_of(rows_of(("cla_total", 100, None), ("dentist", 60, both)), relations=relations)
    assert released["denominator"].iloc[1:].isna().all() == is_hidden
    assert released["status"].iloc[1] == ("suppressed" if is_hidden else "shown")
    assert released["status"].iloc[0] == "shown"


@pytest.mark.parametrize(("here", "is_hidden"), [(30, False), (28, True), (25, True), (24, False)])
def test_a_measure_within_another_is_not_told_beside_it_where_they_differ_by_one_to_five(here, is_hidden):
    relations = Relations(pairs=pairs(("still here", "missing", "within")))
    hidden = hidden_of(rows_of(("missing", 30, 90), ("still here", here, 80)), column="indicator", relations=relations)
    assert (len(hidden) >= 1) == is_hidden


@pytest.mark.parametrize(("agreed", "is_hidden"), [(37, True), (40, False), (34, False), (35, True)])
def test_measures_that_a_child_is_in_one_of_may_not_leave_one_to_five_of_their_base(agreed, is_hidden):
    """Of 100 children 60 are under one order and some under another: the rest has neither."""
    relations = Relations(
        base_of={"order": "in care", "agreed": "in care"},
        bases=pd.DataFrame([("in care", "cla_total", "")], columns=["base", "counted_by", "within"]),
        pairs=pairs(("agreed", "order", "apart")),
    )
    tables = rows_of(("cla_total", 100, None), ("order", 60, 100), ("agreed", agreed, 100))
    hidden = hidden_of(tables, column="indicator", relations=relations)
    assert bool(hidden) == is_hidden
    assert "cla_total" not in hidden


def test_three_measures_apart_are_looked_at_together():
    relations = Relations(
        base_of={"one": "in care", "two": "in care", "three": "in care"},
        pairs=pairs(("one", "two", "apart"), ("one", "three", "apart"), ("two", "three", "apart")),
    )
    assert relations.apart == [("one", "three"), ("one", "two"), ("three", "two"), ("one", "three", "two")]
    tables = rows_of(("one", 30, 100), ("two", 40, 100), ("three", 27, 100))
    assert hidden_of(tables, column="indicator", relations=relations)


def test_near_names_that_differ_by_two_are_not_both_told():
    """Special guardianship orders, and those with the few arrangements orders."""
    reasons = counts_of(
        {"Guardianship": 12, "Home": 40, "Turned 18": 30}, total=82, indicator="reasons", column="category"
    )
    relations = same_name(("guardianship", "All", "reasons", "Guardianship", "within"))
    near = rows_of(("guardianship", 10, 82))
    assert hidden_of(reasons, near, column="indicator", relations=relations)
    apart_enough = rows_of(("guardianship", 6, 82))
    assert not hidden_of(reasons, apart_enough, column="indicator", relations=relations)


@pytest.mark.parametrize(("started", "is_hidden"), [(30, False), (33, True), (35, True), (36, False)])
def test_children_who_came_and_went_in_the_year_are_not_told_by_three_totals(started, is_hidden):
    """Who came, less those in care who are not in care for a year: codelists/rests.csv."""
    relations = load_relations()
    tables = rows_of(("cla_total", 100, None), ("cla_started", started, None), ("cla_dental_check_up_to_date", 50, 70))
    hidden = hidden_of(tables, column="indicator", relations=relations)
    assert bool(hidden) == is_hidden
    assert "cla_total" not in hidden, "the number in care is the last to go"


def test_one_number_under_two_names_is_hidden_under_both():
    reasons = counts_of(
        {"Adopted": 9, "Turned 18": 40, "Other": 2}, total=51, indicator="cla_ceased_by_reason", column="category"
    )
    adopted = rows_of(("cla_ceased_adopted", 9, 51))
    released = release_of(reasons, adopted, relations=load_relations())
    shown = released.set_index(["indicator", "category"])["status"]
    assert shown["cla_ceased_by_reason", "Adopted"] == shown["cla_ceased_adopted", "All"]
    alone = release_of(reasons, relations=load_relations())
    assert alone.set_index("category")["status"]["Adopted"] == "suppressed", "it is the next smallest"


def test_a_sum_of_parts_does_not_give_its_hidden_part_away():
    sums = pd.DataFrame(
        [("home", "at home", "All", "All", "whole"), ("home", "homes", "Parents", "All", "part"),
         ("home", "homes", "Relatives", "All", "part")],
        columns=["line", "indicator", "category", "age_band", "role"],
    )  # fmt: skip
    homes = counts_of(
        {"Parents": 3, "Relatives": 20, "Carers": 9, "Other": 68}, total=100, indicator="homes", column="category"
    )
    released = release_of(homes, rows_of(("at home", 23, 100)), relations=Relations(sums=sums))
    shown = released.assign(name=released["category"].where(released["category"] != "All", released["indicator"]))
    shown = set(shown.loc[shown["status"] == "shown", "name"])
    assert "Parents" not in shown
    assert not {"at home", "Relatives"} <= shown, "23 less 20 is 3"
    assert shown >= {"homes", "Other"}


@pytest.mark.parametrize(("babies", "is_hidden"), [(4, True), (14, False)])
def test_a_row_that_tells_an_age_band_again_is_hidden_with_it(babies, is_hidden):
    """codelists/sums.csv: who came under 1 is an age band of who came."""
    ages = counts_of(
        {"Under 1": babies, "1 to 4": 40, "5 to 9": 56}, total=96 + babies, indicator="cla_started", column="age_band"
    )
    again = rows_of(("cla_started_under_1", babies, 96 + babies))
    released = release_of(ages, again, relations=load_relations())
    assert (released["status"].iloc[-1] == "suppressed") == is_hidden


# ---------------------------------------------------------------------------- finer groups, and groups as a whole


FINER = Relations(parents={"White British": "White", "White Irish": "White", "Indian": "Asian", "Chinese": "Asian"})


def test_finer_groups_do_not_give_their_hidden_group_away():
    groups = counts_of({"White": 80, "Asian": 16, "Black": 4}, total=100, column="ethnic_group")
    finer = counts_of(
        {"White British": 60, "White Irish": 20, "Indian": 9, "Chinese": 7}, total=100, column="ethnic_group"
    ).iloc[1:]
    hidden = hidden_of(groups, finer, column="ethnic_group", relations=FINER)
    assert "Black" in hidden
    assert hidden & {"Asian", "White"}
    if "Asian" in hidden:
        assert hidden & {"Indian", "Chinese"}, "the labels of a hidden group add up to it"
    if "White" in hidden:
        assert hidden & {"White British", "White Irish"}


def test_eighteen_groups_collapse_to_five_where_more_than_a_quarter_would_be_hidden():
    groups = counts_of({"White": 80, "Asian": 20}, total=100, column="ethnic_group")
    finer = counts_of(
        {"White British": 77, "White Irish": 3, "Indian": 11, "Chinese": 9}, total=100, column="ethnic_group"
    ).iloc[1:]
    released = release_of(groups, finer, relations=FINER, kept=False).set_index("ethnic_group")
    assert released.loc[["All", "White", "Asian"], "status"].eq("shown").all()
    left = released.loc[["White British", "White Irish", "Indian", "Chinese"]]
    assert left["status"].eq("suppressed").all()
    assert left["denominator"].isna().all()


def test_a_breakdown_of_which_more_than_a_quarter_would_be_hidden_is_left_out_whole():
    wide = {"A": 3, "B": 12, "C": 30, "D": 40, "E": 50, "F": 60, "G": 70, "H": 80}
    counts = counts_of(wide, total=345, indicator="reasons", column="category")
    assert hidden_of(counts, column="category", kept=False) == {"A", "B"}, "two of eight are a quarter"
    short = {name: wide[name] for name in "ABCDEFG"}
    counts = counts_of(short, total=265, indicator="reasons", column="category")
    assert hidden_of(counts, column="category", kept=False) == set(short), "two of seven are more"
    assert hidden_of(counts, column="category", kept=True) == {"A", "B"}
    assert hidden_of(counts, column="category", kept=False, is_own=False) == {"A", "B"}, "a publisher's tables stay"


def test_children_of_no_known_group_are_no_cell_of_a_breakdown_and_go_with_it():
    counts = counts_of(
        {"White": 90, "Asian": 40, "Black": 30, "Mixed": 20, "Other": 10, "Unknown": 2},
        total=192,
        column="ethnic_group",
    )
    hidden = hidden_of(counts, column="ethnic_group", kept=False)
    assert hidden == {"Other", "Unknown"}, "one of five groups is hidden, and Unknown"


SENSITIVE = Relations(base_of={"dentist": "in care", "not alone": "in care"},
                      bases=pd.DataFrame([("in care", "cla_total", "")], columns=["base", "counted_by", "within"]),
                      sensitive={"dentist": "all", "not alone": "none"})  # fmt: skip


def group_shares(indicator, *numbers):
    """Shares of one measure: (children with it, children of the group), for as many groups as are given."""
    names = ("White", "Mixed", "Asian", "Black")
    groups = counts_of(
        {name: base for name, (_, base) in zip(names, numbers, strict=False)},
        total=sum(base for _, base in numbers),
        column="ethnic_group",
    )
    shares = rows_of((indicator, sum(one for one, _ in numbers), sum(base for _, base in numbers)),
                     *((indicator, one, base, {"ethnic_group": name}) for name, (one, base) in zip(names, numbers, strict=False)))  # fmt: skip
    return together(groups, shares)


def hidden_shares(indicator, *numbers):
    counts = group_shares(indicator, *numbers)
    released = release_of(counts, relations=SENSITIVE)
    return set(
        released.loc[(released["status"] == "suppressed") & (released["indicator"] == indicator), "ethnic_group"]
    )


def test_everybody_of_a_group_in_a_sensitive_category_is_hidden_and_in_another_it_is_shown():
    everybody = ((40, 90), (60, 60), (15, 50), (10, 40))
    assert "Mixed" in hidden_shares("dentist", *everybody)
    assert hidden_shares("offending that is not sensitive", *everybody) == set()


def test_nobody_of_a_group_is_hidden_where_that_tells_of_all_of_it():
    """Nobody of a group is 'not alone': all of them are alone."""
    nobody = ((40, 90), (0, 60), (15, 50), (10, 40))
    assert "Mixed" in hidden_shares("not alone", *nobody)
    assert hidden_shares("dentist", *nobody) == set(), "that nobody went to a dentist is a true zero"


def test_everybody_of_a_borough_is_no_group():
    released = release_of(rows_of(("cla_total", 150, None), ("dentist", 150, 150)), relations=SENSITIVE)
    assert released["status"].eq("shown").all()


def test_shares_of_large_groups_are_shown():
    assert hidden_shares("far", (40, 90), (12, 30), (9, 20), (31, 60)) == set()


@pytest.mark.parametrize("small", [(5, 30), (25, 30), (1, 30), (29, 30)])
def test_a_group_with_few_in_or_few_out_is_hidden_with_another(small):
    counts = group_shares("far", (40, 90), small, (9, 20), (31, 60))
    released = release_of(counts, relations=SENSITIVE)
    far = released[released["indicator"] == "far"].set_index("ethnic_group")
    hidden = far.index[far["status"] == "suppressed"]
    assert "Mixed" in hidden
    assert len(hidden) >= 2
    assert far["denominator"].notna().all(), "the base is itself a released count of children in care"


# ----------------------------------------------------------------------------------------- profiles and odd input


def test_profiles_choose_the_limit_and_unknown_ones_are_refused():
    counts = counts_of({"Male": 100, "Female": 5}, total=105)
    assert hidden_of(counts) == {"Male", "Female"}
    assert hidden_of(counts, profile="la-1-4") == set()
    assert hidden_of(counts, profile="none") == set()
    with pytest.raises(InputError, match=r"not a profile.*la-1-5, la-1-4, none"):
        release(counts, NOTHING, profile="la-1-6")


def test_the_profile_none_changes_nothing_and_may_not_leave():
    counts = counts_of({"Male": 2, "Female": 1}, total=3)
    pd.testing.assert_frame_equal(release(counts, NOTHING, profile="none"), counts)
    assert [name for name in PROFILES if not find_profile(name).may_leave] == ["none"]


def test_under_the_lower_limit_four_is_hidden_and_could_be_one_to_four():
    counts = counts_of({"White": 90, "Asian": 12, "Black": 30, "Other": 4}, total=136, column="ethnic_group")
    released = release_of(counts, profile="la-1-4")
    assert not released["numerator"].between(1, 4).any()
    assert not leaks(released, NOTHING, limit=4).any()


def test_rows_that_are_no_numbers_stay_as_they_are():
    counts = counts_of({"Male": 100, "Female": 50}, total=150)
    odd = rows_of(("cl_eet", None, None), status="not_available")
    released = release_of(counts, odd, relations=load_relations())
    assert released["status"].tolist() == ["shown"] * 3 + ["not_available"]


def test_no_rows_give_no_rows():
    nothing = counts_of({}, total=1).iloc[:0]
    pd.testing.assert_frame_equal(release(nothing, NOTHING), nothing)


def test_a_provisional_number_is_a_number():
    counts = counts_of({"Male": 100, "Female": 4}, total=104).assign(status="provisional")
    released = release(counts, NOTHING, kept_whole=pd.Series(True, index=counts.index))
    assert released["status"].tolist() == ["provisional", "suppressed", "suppressed"]


# -------------------------------------------------------------------------------------------- what is already out


def settled(counts, **columns):
    """Add the columns of schemas.editions.Settled, as editions.settle gives them."""
    usual = {"already_out": False, "hidden_before": False, "must_hide": False, "base_changed_by_few": False,
             "need_low": np.nan, "need_high": np.nan}  # fmt: skip
    return counts.assign(**usual | columns)


BY_GROUP = counts_of({"White": 90, "Asian": 12, "Black": 30, "Other": 3, "Mixed": 20}, total=155, column="ethnic_group")


def test_columns_of_an_edition_that_say_nothing_change_nothing():
    plain = release_of(BY_GROUP)
    pd.testing.assert_frame_equal(release_of(settled(BY_GROUP))[plain.columns], plain)


def test_a_number_that_is_already_out_is_not_hidden_for_another_and_another_is_hidden():
    out = BY_GROUP["ethnic_group"].eq("Asian")
    assert hidden_of(BY_GROUP, column="ethnic_group") == {"Other", "Asian"}
    hidden = hidden_of(settled(BY_GROUP, already_out=out), column="ethnic_group")
    assert "Asian" not in hidden
    assert {"Other", "Mixed"} <= hidden


def test_a_small_number_that_is_already_out_cannot_be_taken_back_and_stops_nothing():
    out = BY_GROUP["ethnic_group"].isin(["Other", "All"])
    released = release_of(settled(BY_GROUP, already_out=out))
    assert released.loc[released["ethnic_group"] == "Asian", "status"].tolist() == ["shown"]


def test_what_earlier_editions_have_given_away_already_stops_nothing():
    """Everything but the small one is out: nobody can hide it any more."""
    out = ~BY_GROUP["ethnic_group"].eq("Other")
    released = release_of(settled(BY_GROUP, already_out=out))
    assert released["status"].tolist().count("suppressed") == 1


@pytest.mark.parametrize("column", ["must_hide", "hidden_before"])
def test_a_number_that_must_stay_hidden_is_not_found_by_subtraction_either(column):
    chosen = BY_GROUP["ethnic_group"].eq("White")
    hidden = hidden_of(settled(BY_GROUP, **{column: chosen}), column="ethnic_group")
    assert "White" in hidden and "Other" in hidden


def test_a_number_that_moved_by_few_must_be_able_to_be_what_it_was():
    """90 were 93: a reader may not be able to rule out 88 or 93."""
    chosen = BY_GROUP["ethnic_group"].eq("White")
    window = settled(
        BY_GROUP, must_hide=chosen, need_low=np.where(chosen, 60.0, np.nan), need_high=np.where(chosen, 100.0, np.nan)
    )
    released = release_of(window)
    read = read_as_a_reader(released, NOTHING, limit=5)
    white = released["ethnic_group"].eq("White").to_numpy()
    assert read.low[white] <= 60 and read.high[white] >= 100
    assert (released["status"] == "suppressed").sum() >= 3, "Other and Asian alone leave too little room"


def test_a_base_that_moved_by_few_is_not_told():
    counts = settled(rows_of(("cl_eet", 30, 60), ("cl_in_touch", 40, 60)), base_changed_by_few=True)
    released = release_of(counts, relations=load_relations())
    assert released["denominator"].isna().all()
    assert released["status"].eq("suppressed").all(), "a share is shown only where its base is"


def test_a_need_of_a_number_that_everybody_knows_is_refused_inside():
    """The contract between the parts: nothing is withheld and known to everybody."""
    from helpers.disclosure.system import Builder

    builder = Builder()
    builder.add("one", 3.0, withheld=True, locked=True)
    with pytest.raises(ContractError, match="known to everybody"):
        builder.system()


# --------------------------------------------------------------------------------------------------- properties


@settings(max_examples=25, deadline=None, derandomize=True)
@given(parts=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_no_small_number_is_shown_and_no_single_hidden_part_beside_its_total(parts):
    names = [f"part {number}" for number in range(len(parts))]
    counts = counts_of(dict(zip(names, parts, strict=True)), total=sum(parts), column="category")
    released = release_of(counts)
    assert not released["numerator"].between(1, 5).any()
    hidden = released["category"].ne("All") & released["status"].eq("suppressed")
    total_shown = released.loc[released["category"] == "All", "status"].eq("shown").all()
    assert not (total_shown and hidden.sum() == 1), "the hidden part is the total less the others"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(parts=st.lists(st.integers(0, 12), min_size=2, max_size=4))
def test_every_hidden_small_part_could_be_one_to_five(parts):
    """Brute force over every line of whole numbers with the shown parts and the total."""
    names = [f"part {number}" for number in range(len(parts))]
    released = release_of(counts_of(dict(zip(names, parts, strict=True)), total=sum(parts), column="category"))
    total, told = released["numerator"].iloc[0], released["numerator"].iloc[1:].to_numpy()
    if np.isnan(total):
        return  # any number of children
    ranges = [np.arange(total + 1) if np.isnan(number) else np.array([number]) for number in told]
    lines = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, len(told))
    lines = lines[lines.sum(axis=1) == total]
    for place, number in enumerate(parts):
        if 1 <= number <= 5:
            assert lines[:, place].min() <= 1
            assert lines[:, place].max() >= 5


# --------------------------------------------------------------------------- numbers that are told in another way too


def adopted_in(year, children, indicator="adoption_a10_days"):
    days = 500 * children
    return rows_of((indicator, days, children), unit="days", period_end=pd.Timestamp(year, 3, 31), period_type="year")


def test_the_base_of_a_mean_does_not_tell_the_hidden_number_of_children_adopted():
    """12 of 14 who left were adopted, and the days of all 12 are known."""
    reasons = counts_of({"Adopted": 12, "Other": 2}, total=14, indicator="cla_ceased_by_reason", column="category")
    adopted = rows_of(("cla_ceased_adopted", 12, 14))
    released = release_of(reasons, adopted, adopted_in(2021, 12), relations=load_relations())
    total, base = released["numerator"].iloc[0], released["denominator"].iloc[-1]
    assert np.isnan(total) or np.isnan(base), "14 less 12 is 2"


def test_a_number_of_three_years_does_not_tell_the_year_that_is_hidden():
    years = [adopted_in(2021, 12), adopted_in(2022, 4), adopted_in(2023, 11)]
    pooled = adopted_in(2023, 27, "adoption_a10_days_three_years")
    released = release_of(*years, pooled, relations=load_relations())
    assert released["denominator"].isna().iloc[1]
    assert released["denominator"].isna().sum() >= 2, "27 less 12 and 11 is 4"


BASES_OF_THEIR_OWN = {
    "missing": "spells, not children",
    "visits_due": "visits, not children",
    "health_assessments_due": "assessments, not children",
    "survey": "people who answered",
}
NOT_YET_LINKED = {"missing_children"}  # fmt: skip
"""Bases that are a part of another base, and released_bases.csv does not say so yet: differences of few are not seen."""


def test_every_base_of_the_catalogue_is_linked_to_others_or_named_here():
    relations, catalogue = load_relations(), load_catalogue().set_index("key")
    listed = set(relations.bases["base"])
    alone = {
        catalogue.loc[key, "rows"]
        for key, base in relations.base_of.items()
        if base not in listed and catalogue.loc[key, "rows"]
    }
    assert alone - set(BASES_OF_THEIR_OWN) == NOT_YET_LINKED
