"""What may be said of a borough's years: which series are tested, with which others, and what is never said."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from helpers import page_parts as parts
from helpers.codes import load_catalogue, load_codelist
from helpers.compare import disproportionality_over_time, trends_of
from helpers.counts import add_rates, gather, release_counts

BOROUGH = "Barking and Dagenham"
CODE = "E09000002"
DAY = dt.date(2024, 3, 31)


def series(indicator, values, *, base=np.nan, unit="children", period="year", last=2024, hidden=(), **groups):
    """Draw one series of a released table, one row a year up to the last."""
    years = range(last - len(values) + 1, last + 1)
    bases = base if np.ndim(base) else [base] * len(values)
    rows = pd.DataFrame(
        {
            "borough_code": CODE,
            "borough": BOROUGH,
            "period_end": [pd.Timestamp(year, 3, 31) for year in years],
            "period_type": period,
            "indicator": indicator,
            "category": "All",
            "ethnic_group": "All",
            "gender": "All",
            "age_band": "All",
            "numerator": np.array(values, dtype=float),
            "denominator": np.array(bases, dtype=float),
            "unit": unit,
            "source": "drawn",
            "release": "drawn",
            "status": ["suppressed" if year in hidden else "shown" for year in years],
        }
    ).assign(**groups)
    rows["numerator"] = rows["numerator"].where(rows["status"] == "shown")
    return rows.assign(value=rows["numerator"], lower=np.nan, upper=np.nan, unit_of_value=unit)


def stock(values=(400,), **more):
    return series("cla_total", values, period="snapshot", **more)


def rate(indicator, values, base=60_000, **more):
    return series(f"{indicator}_rate_per_10000", values, base=base, unit="children per 10,000", **more)


def found_in(*drawn, as_at=DAY):
    table = trends_of(pd.concat(drawn, ignore_index=True), borough=BOROUGH, as_at=as_at)
    return table.set_index("indicator")


STEEP = [300, 250, 210, 175, 145, 120, 100, 83, 69, 58]


@pytest.mark.parametrize("years", [2, 3, 4])
def test_fewer_than_five_years_are_never_called_rising_or_falling(years):
    row = found_in(stock(), series("cla_started", STEEP[:years])).loc["cla_started"]
    assert row["finding"] == "too few to say"
    assert row["recent_trend"] == "cannot be calculated"
    assert not any(word in row["sentence"] for word in ("rising", "falling", "trend"))
    assert pd.isna(row["p_value"])
    assert row["family_size"] == 0


def test_a_change_between_two_years_is_told_with_its_interval_and_no_direction():
    row = found_in(stock(), series("cla_started", [204, 181])).loc["cla_started"]
    assert (row["change"], row["change_lower"] < -23 < row["change_upper"]) == (-23, True)
    assert row["sentence"] == "Children who came into care: was 204 in the year to 31 March 2023, now 181."


def test_a_stock_without_its_flows_is_described_however_steep():
    row = found_in(stock([900, 800, 700, 600, 500, 400, 300, 200])).loc["cla_total"]
    assert row["sentence"] == "Children in care: was 900 on 31 March 2017, now 200 on 31 March 2024."
    assert (row["finding"], row["method"]) == ("too few to say", "described, not tested")


def test_a_stock_is_tested_by_who_came_in_against_who_left():
    table = found_in(stock([500, 440, 380]), series("cla_started", [90, 90, 90]), series("cla_ceased", [150, 150, 150]))
    row = table.loc["cla_total"]
    assert row["finding"] == "falling"
    assert row["method"] == "entries against exits, exact binomial"


def test_a_count_is_described_where_its_rate_is_tested():
    table = found_in(stock(), series("cla_started", STEEP), rate("cla_started", STEEP))
    assert table.loc["cla_started_rate_per_10000", "finding"] == "falling"
    assert table.loc["cla_started", "finding"] == "too few to say"
    assert pd.isna(table.loc["cla_started", ["p_value", "annual_change_percent", "annual_upper"]]).all()
    assert table["family_size"].max() == 1, "one question is one test"


def test_the_count_is_tested_where_the_population_of_a_year_is_missing():
    table = found_in(stock(), series("cla_started", STEEP), rate("cla_started", STEEP[2:]))
    assert table.loc["cla_started", "finding"] == "falling"
    assert table.loc["cla_started_rate_per_10000", "finding"] == "too few to say"


def test_headline_measures_are_one_family_by_holm_and_all_others_one_by_benjamini_and_hochberg():
    level = [100, 104, 98, 101, 97, 103, 99, 100]
    table = trends_of(
        pd.concat(
            [
                stock(),
                series("cla_started", level),
                series("cla_ceased", level),
                *(series("cla_started", level, gender=sex, base=200) for sex in ("Male", "Female")),
                series("cla_missing_episodes", [100, 104, 98, 101, 97], unit="spells"),
            ],
            ignore_index=True,
        ),
        borough=BOROUGH,
        as_at=DAY,
    )
    sizes = table[table["family"] != ""].groupby(["family", "correction"])["family_size"].agg(["size", "first"])
    assert sizes.loc[("headline measures", "Holm")].tolist() == [2, 2]
    assert sizes.loc[("other series", "Benjamini-Hochberg")].tolist() == [3, 3]
    tested = table[table["family"] != ""]
    assert (tested["p_adjusted"] >= tested["p_value"] - 1e-12).all()


def test_a_finding_that_its_family_takes_away_is_no_clear_change():
    slope = [100, 100, 103, 107, 110, 114, 118, 121]
    alone = found_in(stock(), series("cla_started", slope)).loc["cla_started"]
    level = series("cla_ceased", [100, 104, 98, 101, 97, 103, 99, 100])
    both = found_in(stock(), series("cla_started", slope), level).loc["cla_started"]
    assert both["p_value"] == alone["p_value"]
    assert both["p_adjusted"] == pytest.approx(2 * both["p_value"])
    assert alone["p_value"] < 0.05 < both["p_adjusted"]
    assert (alone["finding"], both["finding"]) == ("rising", "no clear change")


@pytest.mark.parametrize("children", [29, np.nan])
def test_a_borough_with_few_or_hidden_children_in_care_has_no_finding(children):
    hidden = (2024,) if np.isnan(children) else ()
    table = found_in(stock([children], hidden=hidden), series("cla_started", STEEP), rate("cla_ceased", STEEP))
    assert set(table["finding"]) == {"too few to say"}
    assert set(table["recent_trend"]) == {"cannot be calculated"}
    assert table["p_value"].isna().all()


def test_one_hidden_year_leaves_no_direction_and_no_number():
    row = found_in(stock(), series("cla_started", STEEP, hidden=(2018,))).loc["cla_started"]
    assert row["sentence"] == "Children who came into care: numbers are too small to publish."
    numbers = ["first_value", "last_value", "change", "annual_change_percent", "p_value", "annual_without_2021_percent"]
    assert pd.isna(row[numbers]).all()
    assert (row["status"], row["finding"]) == ("suppressed", "too few to say")


def test_the_pandemic_year_is_left_out_only_where_the_series_spans_it():
    dip = [100, 102, 98, 101, 99, 100, 40, 101, 98, 100]
    table = found_in(stock(), series("cla_started", dip), series("cla_ceased", dip[:5], last=2019))
    row = table.loc["cla_started"]
    assert row["annual_without_2021_lower"] < row["annual_without_2021_percent"] < row["annual_without_2021_upper"]
    assert abs(row["annual_without_2021_percent"]) < 0.5 < abs(row["annual_change_percent"])
    assert "pandemic" in row["breaks"]
    assert pd.isna(table.loc["cla_ceased", "annual_without_2021_percent"])
    assert table.loc["cla_ceased", "breaks"] == ""


def test_a_series_is_cut_where_its_definition_changes_and_not_at_the_pandemic():
    table = found_in(stock(), series("cla_missing_episodes", STEEP), series("cla_started", STEEP))
    assert table.loc["cla_missing_episodes", "first_period"] == pd.Timestamp(2019, 3, 31)
    assert "2019" in table.loc["cla_missing_episodes", "breaks"]
    assert table.loc["cla_started", "first_period"] == pd.Timestamp(2015, 3, 31)


def test_no_year_before_the_ten_that_are_drawn_is_used():
    table = found_in(stock(), series("cla_started", [100] * 14))
    assert table.loc["cla_started", "periods"] == 10


def test_an_average_is_described_in_its_unit():
    score = series("cla_sdq_score", [2800, 3000], base=[200, 200], unit="points", period="snapshot")
    row = found_in(stock(), score).loc["cla_sdq_score"]
    assert row["sentence"].endswith("was 14.0 points on 31 March 2023, now 15.0 points on 31 March 2024.")
    assert (row["first_value"], row["finding"], row["method"]) == (14, "too few to say", "described, not tested")


def test_a_share_of_ten_children_or_fewer_is_not_told():
    share = series("cla_placed_over_20_miles", [4, 30, 40], base=[10, 200, 200], period="snapshot")
    row = found_in(stock(), share).loc["cla_placed_over_20_miles"]
    assert (row["periods"], row["first_value"]) == (2, 0.15)
    two = share.iloc[[0, 2]].assign(period_end=share["period_end"].iloc[1:].array)
    table = found_in(stock([400, 400]), two)
    assert "cla_placed_over_20_miles" not in table.index, "one year that is told is no change"


def test_a_proportion_tells_no_yearly_change_of_its_odds():
    share = series("cla_ceased_adopted", [60, 54, 48, 41, 36, 30, 24, 18, 13, 8], base=200)
    row = found_in(stock(), share).loc["cla_ceased_adopted"]
    assert row["finding"] == "falling"
    assert "a year" not in row["sentence"].replace("in the year", "")


def test_the_list_of_breaks_names_its_sources_and_known_measures():
    breaks = load_codelist("series_breaks")
    assert set(breaks["indicator"]) <= {"all", *load_catalogue()["key"]}
    assert breaks["source"].ne("").all()
    assert set(breaks["effect"]) == {"pandemic", "cut", "marked"}
    assert (breaks["effect"] == "pandemic").sum() == 1


# --------------------------------------------------------------------------------------------- the ratio over years

POPULATION = pd.DataFrame(
    {
        "borough_code": CODE,
        "year": 2021,
        "ethnic_group": ["White", "Black"],
        "gender": "All",
        "age_band": "All",
        "children": [45_000.0, 15_000.0],
        "age_from": 0,
        "age_to": 17,
        "share_error": 0.0,
        "source": "ONS Census 2021, children",
    }
)


def ratios_of(white, black, *, hidden_unknown=False, children=400, last=2024):
    total = np.array(white, dtype=float) + np.array(black) + (5 if hidden_unknown else 0)
    years = range(last - len(white) + 1, last + 1)
    rows = [
        stock([children]),
        series("cla_started", total, last=last),
        rate("cla_started", total, last=last),
        series("cla_started", white, ethnic_group="White", base=total, last=last),
        series("cla_started", black, ethnic_group="Black", base=total, last=last),
    ]
    if hidden_unknown:
        rows.append(series("cla_started", [5] * len(white), ethnic_group="Unknown", hidden=tuple(years), last=last))
    table = disproportionality_over_time(pd.concat(rows, ignore_index=True), POPULATION, borough=BOROUGH, as_at=DAY)
    return table.set_index("group")


def test_a_ratio_that_grows_is_rising_and_the_other_groups_mirrors_it():
    table = ratios_of([200, 195, 190, 185, 180, 175, 170], [50, 58, 67, 77, 88, 100, 115])
    assert table["finding"].to_dict() == {"White": "falling", "Black": "rising"}
    assert table["family_size"].tolist() == [2, 2]
    for sentence in table["sentence"]:
        assert "improv" not in sentence
        assert max(len(part.split()) for part in sentence.split(". ")) <= 25


def test_the_same_ratio_with_half_the_children_is_no_evidence_of_change():
    table = ratios_of([200, 200, 200, 100, 100, 100], [100, 100, 100, 50, 50, 50])
    assert set(table["finding"]) == {"no clear change"}
    assert table["percent"].abs().max() < 1e-6
    assert table["sentence"].str.contains("No evidence of change").all()


def test_two_years_are_compared_and_never_called_rising():
    table = ratios_of([300, 200], [50, 150])
    assert set(table["method"]) == {"two years"}
    assert set(table["finding"]) == {"too few to say"}
    assert table["sentence"].str.contains("two years are no trend").all()
    assert not table["sentence"].str.contains("rising|falling").any()


@pytest.mark.parametrize("black", [[50, 58, 67], [9, 12, 14, 17, 20, 24, 29]])
def test_three_years_or_a_year_under_ten_children_say_nothing(black):
    table = ratios_of([200] * len(black), black)
    assert set(table["finding"]) == {"too few to say"}
    assert table[["percent", "p_value", "first_ratio"]].isna().all(axis=None)


def test_a_borough_with_few_children_has_no_finding_about_ratios():
    table = ratios_of([200, 195, 190, 185, 180, 175, 170], [50, 58, 67, 77, 88, 100, 115], children=20)
    assert set(table["finding"]) == {"too few to say"}


def test_children_of_hidden_unknown_group_only_widen_the_interval():
    drawn = ([200, 195, 190, 185, 180, 175, 170], [50, 58, 67, 77, 88, 100, 115])
    known, hidden = ratios_of(*drawn), ratios_of(*drawn, hidden_unknown=True)
    assert (hidden["lower"] < known["lower"]).all()
    assert (hidden["upper"] > known["upper"]).all()
    assert (hidden["p_value"] >= known["p_value"]).all()


def test_a_group_with_a_hidden_year_has_no_direction():
    white, black = [200] * 6, [50, 58, 67, 77, 88, 100]
    rows = [
        stock(),
        series("cla_started", np.add(white, black)),
        rate("cla_started", np.add(white, black)),
        series("cla_started", white, ethnic_group="White", base=250),
        series("cla_started", black, ethnic_group="Black", base=250, hidden=(2021,)),
    ]
    table = disproportionality_over_time(pd.concat(rows, ignore_index=True), POPULATION, borough=BOROUGH, as_at=DAY)
    row = table.set_index("group").loc["Black"]
    assert row["sentence"].endswith("numbers are too small to publish.")
    assert (row["status"], row["finding"], row["periods"]) == ("suppressed", "too few to say", 0)
    assert pd.isna(row[["percent", "p_value", "first_ratio", "last_ratio"]]).all()


# ------------------------------------------------------------------------------------------------------ on the page


def test_a_page_without_findings_says_so_in_words():
    table = trends_of(pd.concat([stock([20]), series("cla_started", STEEP)]), borough=BOROUGH, as_at=DAY)
    nothing = disproportionality_over_time(stock(), POPULATION, borough=BOROUGH, as_at=DAY)
    assert str(parts.clear_changes(table)) == "No other series could be tested."
    assert "nothing is said" in str(parts.ratio_trend_sentences(nothing))
    assert "Nothing here could be tested." in str(parts.how_sure_of_trends(table, nothing))


def test_a_tested_rate_stands_before_its_count():
    table = trends_of(
        pd.concat([stock(), series("cla_started", STEEP), rate("cla_started", STEEP)]), borough=BOROUGH, as_at=DAY
    )
    first, second = str(parts.trend_sentences(table, ["cla_started"])).splitlines()
    assert first.startswith("Children who came into care per 10,000 children") and "falling" in first
    assert second == "Children who came into care: was 300 in the year to 31 March 2015, now 58."


@pytest.mark.parametrize("borough", [BOROUGH, "Croydon", "City of London"])
def test_real_london(real_published, borough):
    counts = add_rates(
        gather(None, real_published.counts, borough=borough, as_at=DAY), real_published.population, borough=borough
    )
    table = trends_of(release_counts(counts, profile="la-1-5"), borough=borough, as_at=DAY)
    clear = table["finding"].isin(["rising", "falling"])
    if borough == "City of London":
        assert set(table["finding"]) == {"too few to say"}
        assert table["p_value"].isna().all()
        return
    assert (table.loc[clear, "p_adjusted"] < 0.05).all()
    assert (table.loc[clear & ~table["indicator"].eq("cla_total"), "periods"] >= 5).all()
    whole = table[(table[["category", "ethnic_group", "gender", "age_band"]] == "All").all(axis=1)]
    stock_row = whole.set_index("indicator").loc["cla_total"]
    assert stock_row["finding"] == ("falling" if borough == "Croydon" else "no clear change")


def test_a_table_across_two_ways_of_counting_chinese_children_says_so():
    source = "DfE, Children looked after in England including adoptions"
    old = series("cla_total", [40, 41], period="snapshot", last=2017, ethnic_group="Asian")
    new = series("cla_total", [60, 61], period="snapshot", last=2021, ethnic_group="Asian")
    old, new = (
        old.assign(source=source, release="SFR 2017"),
        new.assign(source=source, release="2021 (to 31 March 2021)"),
    )
    said = str(parts.scheme_change(pd.concat([old, new]), borough=BOROUGH))
    assert said == (
        "From 31 March 2020 Chinese children are counted with 'Asian or Asian British', before with 'Other ethnic group'."
    )
    assert str(parts.scheme_change(new, borough=BOROUGH)) == ""
    assert str(parts.scheme_change(new.iloc[:0], borough=BOROUGH)) == ""


def test_the_summary_keeps_room_for_who_is_over_represented():
    """Three measures that move must not push the finding that matters most out of five sentences."""
    stock = series("cla_total", [430, 440], period="snapshot")
    moving = ["cla_ceased_rate_per_10000", "cla_started_rate_per_10000", "cla_total"]
    whole = dict.fromkeys(["category", "ethnic_group", "gender", "age_band"], "All")
    trends = pd.DataFrame({"indicator": moving, "sentence": moving}).assign(
        family="headline measures", finding="falling", **whole
    )
    compared = pd.DataFrame(
        {
            "comparison": "headline", "dimension": "ethnic_group", "group": ["Black", "White", "Mixed"],
            "finding": ["over-represented", "under-represented", "over-represented"], "holds": ["yes", "yes", "no"],
            "p_adjusted": [0.02, 0.01, 0.001], "sentence": ["Black: more.", "White: fewer.", "Mixed: more, but."],
        }
    )  # fmt: skip
    said = parts.summary(stock, compared, trends, borough=BOROUGH, as_at=DAY).items
    assert len(said) <= 5
    assert said[-2:] == ("White: fewer.", "Black: more.")
    assert [one for one in said if one in moving] == ["cla_total"]
