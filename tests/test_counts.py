"""Both doors end in one table; rates come from the last mid-year; percentages of few are not given."""

import datetime as dt

import pandas as pd
import pytest

from helpers.counts import add_rates, gather, release_counts, select
from helpers.errors import NoDataError
from helpers.schemas import Counts, Population, columns_of

DAY = dt.date(2021, 3, 31)
CODES = {"Bromley": "E09000006", "London": "E12000007"}


def row(borough="Bromley", numerator=338.0, source="The council's own return (SSDA903)", **other):
    return {
        "borough_code": CODES[borough],
        "borough": borough,
        "period_end": pd.Timestamp(DAY),
        "period_type": "snapshot",
        "indicator": "cla_total",
        "category": "All",
        "ethnic_group": "All",
        "gender": "All",
        "age_band": "All",
        "numerator": numerator,
        "denominator": float("nan"),
        "unit": "children",
        "source": source,
        "release": "a release",
        "status": "shown",
        **other,
    }


def people(borough="Bromley", year=2020, children=75_000.0, source="ONS mid-year estimates 2012 to 2024"):
    return {
        "borough_code": CODES[borough],
        "year": year,
        "ethnic_group": "All",
        "gender": "All",
        "age_band": "All",
        "children": children,
        "age_from": 0,
        "age_to": 17,
        "share_error": 0.0,
        "source": source,
    }


def counts(*rows):
    return pd.DataFrame(list(rows), columns=columns_of(Counts))


def population(*rows):
    return pd.DataFrame(list(rows), columns=columns_of(Population))


def test_a_borough_with_returns_is_told_from_them_alone():
    own, published = counts(row()), counts(row(numerator=341.0, source="DfE"), row("London", 9_670.0, "DfE"))
    both = gather(own, published, borough="Bromley", as_at=DAY)
    assert both.set_index("borough")["numerator"].to_dict() == {"Bromley": 338, "London": 9_670}


def test_nothing_after_the_day_is_told():
    later = row(period_end=pd.Timestamp(2022, 3, 31))
    assert len(gather(counts(row(), later), None, borough="Bromley", as_at=DAY)) == 1


def test_a_day_without_data_is_one_clear_sentence():
    with pytest.raises(NoDataError, match="no count for Bromley at 2022-03-31"):
        gather(counts(row()), None, borough="Bromley", as_at=dt.date(2022, 3, 31))


def test_a_rate_uses_the_mid_year_before_the_day():
    people_of_both_years = population(people(year=2020, children=76_818.0), people(year=2021, children=80_000.0))
    rates = select(add_rates(counts(row()), people_of_both_years, borough="Bromley"), "cla_rate_per_10000")
    assert rates["denominator"].tolist() == [76_818]
    shown = release_counts(add_rates(counts(row()), people_of_both_years, borough="Bromley"), profile="la-1-5")
    assert select(shown, "cla_rate_per_10000")["value"].iloc[0] == pytest.approx(338 / 76_818 * 10_000)


def test_a_rate_that_the_source_gives_is_kept():
    given = row(indicator="cla_rate_per_10000", denominator=75_500.0, unit="children per 10,000")
    rates = select(add_rates(counts(row(), given), population(people()), borough="Bromley"), "cla_rate_per_10000")
    assert rates["denominator"].tolist() == [75_500]


def test_no_population_at_all_is_one_clear_sentence():
    with pytest.raises(NoDataError, match="no population of children for Bromley.*ONS mid-year"):
        add_rates(counts(row()), population(people("London")), borough="Bromley")


def test_a_population_of_other_years_only_leaves_the_rate_not_available():
    rates = select(add_rates(counts(row()), population(people(year=2022)), borough="Bromley"), "cla_rate_per_10000")
    assert rates["status"].tolist() == ["not_available"]


def test_a_percentage_of_ten_or_fewer_is_left_out_and_its_count_shown():
    few = row(indicator="cl_in_touch", numerator=10.0, denominator=10.0, period_type="year", unit="care leavers")
    shown = select(release_counts(counts(row(), few), profile="la-1-5"), "cl_in_touch").iloc[0]
    assert (shown["numerator"], shown["status"]) == (10, "shown")
    assert pd.isna(shown["value"])


def shares(indicator, **groups):
    """Rows of one measure by ethnic group: group=(number, base), and their whole."""
    rows = [
        row(indicator=indicator, ethnic_group=group, numerator=n, denominator=b) for group, (n, b) in groups.items()
    ]
    whole = [sum(pair[place] for pair in groups.values()) for place in (0, 1)]
    return [row(indicator=indicator, numerator=whole[0], denominator=whole[1]), *rows]


def in_care(**groups):
    total = sum(groups.values())
    rows = [row(ethnic_group=group, numerator=n, denominator=total) for group, n in groups.items()]
    return [row(numerator=total), *rows]


GROUPS = {"White": 120.0, "Mixed": 60.0, "Asian": 40.0, "Black": 118.0}
FAR = {"White": (60.0, 120.0), "Mixed": (30.0, 60.0), "Asian": (12.0, 40.0), "Black": (40.0, 118.0)}


def test_each_groups_share_of_a_journey_measure_is_released_with_its_value():
    rows = counts(*in_care(**GROUPS), *shares("cla_placed_out_of_borough", **FAR))
    shown = select(release_counts(rows, profile="la-1-5"), "cla_placed_out_of_borough", each="ethnic_group")
    assert shown.set_index("ethnic_group")["value"].to_dict() == pytest.approx(
        {"White": 50, "Mixed": 50, "Asian": 30, "Black": 100 * 40 / 118}
    )


def test_shares_of_groups_that_the_catalogue_keeps_inside_stay_there():
    rows = counts(*in_care(**GROUPS), *shares("cla_placed_in_borough", **FAR))
    shown = release_counts(rows, profile="none")
    assert select(shown, "cla_placed_in_borough", each="ethnic_group").empty
    assert len(select(shown, "cla_placed_in_borough")) == 1


@pytest.mark.parametrize("profile", ["la-1-5", "none"])
def test_combinations_of_group_gender_and_age_are_never_released(profile):
    cell = row(ethnic_group="Black", gender="Male", age_band="10 to 15", numerator=30.0, denominator=338.0)
    shown = release_counts(counts(row(), cell), profile=profile)
    assert len(shown) == 1


def test_shares_of_groups_never_hide_what_was_released_without_them():
    far = {**FAR, "Mixed": (3.0, 60.0)}
    plain = counts(*in_care(**GROUPS), *shares("cla_placed_out_of_borough", **far)[:1])
    without = release_counts(plain, profile="la-1-5")
    rows = counts(*in_care(**GROUPS), *shares("cla_placed_out_of_borough", **far))
    both = release_counts(rows, profile="la-1-5")
    again = both.merge(without[["indicator", "ethnic_group"]], on=["indicator", "ethnic_group"])
    pd.testing.assert_frame_equal(
        again[again["indicator"] == "cla_total"].reset_index(drop=True),
        without[without["indicator"] == "cla_total"].reset_index(drop=True),
    )
    hidden = both[(both["ethnic_group"] != "All") & both["status"].eq("suppressed")]
    assert "Mixed" in set(hidden["ethnic_group"])
    assert len(hidden) >= 2


def test_a_percentage_of_a_group_of_ten_is_left_out():
    groups, far = {**GROUPS, "Other": 10.0}, {**FAR, "Other": (10.0, 10.0)}
    rows = counts(*in_care(**groups), *shares("cla_placed_out_of_borough", **far))
    other = select(release_counts(rows, profile="la-1-5"), "cla_placed_out_of_borough", ethnic_group="Other").iloc[0]
    assert (other["numerator"], other["status"]) == (10, "shown")
    assert pd.isna(other["value"])


def test_children_who_are_not_unaccompanied_are_hidden_with_those_who_are():
    uasc = row(indicator="cla_uasc", numerator=4.0, denominator=338.0)
    others = row(indicator="cla_not_uasc", numerator=334.0, denominator=338.0)
    shown = release_counts(counts(row(), uasc, others), profile="la-1-5").set_index("indicator")["status"]
    assert shown["cla_uasc"] == shown["cla_not_uasc"] == "suppressed"
