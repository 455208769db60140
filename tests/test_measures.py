"""Every measure in sentences: what is said of each indicator of the catalogue, from drawn released rows."""

import datetime as dt
import re

import pandas as pd
import pytest

from helpers.codes import load_catalogue, load_codelist
from helpers.commentary import BoroughHeading
from helpers.page_parts import commentary_slots, measures

BOROUGH = "Barking and Dagenham"
CATALOGUE = load_catalogue().set_index("key")
WORDS = load_codelist("indicator_words").set_index("key")
DAY, BEFORE = dt.date(2023, 3, 31), dt.date(2022, 3, 31)
UNITS = {"days": "days", "points": "points"}


def row(
    key: str, day: dt.date, count: float, base: float, *, place: str = BOROUGH, status: str = "shown", **cell
) -> dict:
    rule = CATALOGUE.loc[key]
    count = count if status == "shown" else float("nan")
    base = float("nan") if rule["kind"] == "number" else base
    value = {"number": count, "mean": count / base, "rate": 1e4 * count / base, "share": 100 * count / base}[
        rule["kind"]
    ]
    return {
        "borough": place, "period_end": pd.Timestamp(day), "period_type": rule["period_type"], "indicator": key,
        "category": "All", "ethnic_group": "All", "gender": "All", "age_band": "All", "numerator": count,
        "denominator": base, "unit": rule["unit"], "status": status, "value": value, "lower": value, "upper": value, "source": "A return", "release": "Return of 2023",
        **cell,
    }  # fmt: skip


def said(*rows: dict, **other) -> str:
    return str(measures(pd.DataFrame(rows), borough=BOROUGH, as_at=DAY, **other))


def test_every_indicator_has_words_and_every_category_a_verb():
    told = CATALOGUE[
        ~CATALOGUE.index.isin(
            ["cla_category_of_need", "cla_placement_location", "cl_activity_status", "cl_activity_dfe"]
        )
    ]
    # Told already: by legal status, and as all children less those who are unaccompanied.
    told = told.drop(["cla_full_care_order", "cla_interim_care_order", "cla_section_20", "cla_not_uasc"])
    told = told[~told.index.str.contains("_rate_per_10000|started_by|_by_")]
    assert set(told.index) <= set(WORDS.index)
    verbs = load_codelist("category_words").set_index(["indicator", "category"])
    for key, by in CATALOGUE["by"].items():
        if key in verbs.index.get_level_values("indicator"):
            _, codelist, to = by.split("/")
            wanted = set(load_codelist(codelist)[to]) - {"Short breaks", "Not ceased"}
            assert wanted <= set(verbs.loc[key].index), key


@pytest.mark.parametrize("base", [1, 2, 10, 11, 430, 9_999])
@pytest.mark.parametrize("status", ["shown", "suppressed"])
def test_no_figure_makes_a_sentence_that_cannot_be_read(base, status):
    """At most 25 words (wording refuses more), no missing number, and never a percentage of ten people or fewer."""
    for count, before in ((0, base), (1, 0), (base // 2, 1), (base, base // 2)):
        rows = [
            one
            for key in WORDS.index[WORDS["did"] != ""]
            for one in (row(key, DAY, count, base), row(key, BEFORE, before, base, status=status))
        ]
        text = said(*rows)
        assert not re.search(r"\bnan\b|None", text)
        shares = [line for line in text.splitlines() if re.search(r"\d% of |\(\d+%\)", line)]
        assert base > 10 or not shares


def test_a_number_whose_base_is_not_printed_is_told_without_one():
    rows = [row(key, DAY, 12, float("nan"), value=12) for key in WORDS.index[WORDS["did"] != ""]]
    text = said(*rows, row("cla_uasc_rate_per_10000", DAY, 12, 64_400))
    assert "12 children in care lived in a family on 31 March 2023." in text
    assert "%" not in text


def test_a_share_is_told_with_its_base_and_beside_the_year_before():
    text = said(row("cla_family_setting", DAY, 332, 430), row("cla_family_setting", BEFORE, 317, 413))
    assert "332 of 430 children in care (77%) lived in a family on 31 March 2023." in text
    assert "Was 76.76% in March 2022, now 77.21%, a difference of 0.45 percentage points." in text


def test_where_the_figures_come_from_is_told():
    text = said(row("cla_total", DAY, 430, 0), row("cla_total", DAY, 9_000, 0, place="London", source="DfE"))
    assert "Source for Barking and Dagenham: A return, Return of 2023." in text
    assert "Source for London and England: DfE, Return of 2023." in text


def test_only_a_test_says_higher_or_lower():
    own = row("cla_placed_over_20_miles", DAY, 20, 430)
    near = row("cla_placed_over_20_miles", DAY, 500, 10_000, place="London")
    far = row("cla_placed_over_20_miles", DAY, 2_000, 10_000, place="England")
    text = said(own, near, far, row("cla_total", DAY, 430, 0))
    assert "in line with London (5%) but lower than England (20%)" in text


@pytest.mark.parametrize("stock", [{"count": 29}, {"count": 20, "status": "suppressed"}], ids=["few", "hidden"])
def test_a_borough_of_few_children_is_beside_other_places_without_a_finding(stock):
    own = row("cla_placed_over_20_miles", DAY, 20, 430)
    far = row("cla_placed_over_20_miles", DAY, 2_000, 10_000, place="England")
    text = said(own, far, row("cla_total", DAY, base=0, **stock))
    assert "England 20%" in text
    assert "lower" not in text


def test_a_target_is_met_or_not_and_chance_is_told():
    targets = pd.DataFrame(
        {
            "indicator": ["cla_long_term_stability"],
            "target": [69.0],
            "from_date": [pd.Timestamp(2022, 4, 1)],
            "to_date": pd.NaT,
        }
    )
    text = said(row("cla_long_term_stability", DAY, 72, 100), targets=targets)
    assert "72%, 3 percentage points above the target of 69%: target met, within the margin of chance." in text


def test_a_hidden_figure_is_told_in_words_and_its_change_is_not():
    text = said(row("cla_ceased_adopted", DAY, 4, 235, status="suppressed"), row("cla_ceased_adopted", BEFORE, 16, 181))
    assert "Children adopted. Hidden to protect children." in text
    assert "16" not in text


def test_unaccompanied_children_are_told_of_both_bases_and_against_the_threshold():
    targets = pd.DataFrame(
        {"indicator": ["cla_uasc"], "target": [0.1], "from_date": [pd.Timestamp(2022, 4, 1)], "to_date": pd.NaT}
    )
    text = said(row("cla_uasc", DAY, 27, 430), row("cla_uasc_rate_per_10000", DAY, 27, 64_400), targets=targets)
    assert "6% of children in care, 0.04% of all children" in text
    assert "below the threshold of 0.1% (64)" in text


def test_a_borough_arranges_measures_under_its_own_headings_and_adds_its_own_words():
    own = (BoroughHeading(1, "Promise 1: the best care", ("cla_family_setting", "cla_total")),)
    rows = [
        row("cla_family_setting", DAY, 332, 430),
        row("cla_total", DAY, 430, 0),
        row("cla_placed_in_borough", DAY, 176, 430),
    ]
    assert commentary_slots(own)["Promise 1: the best care"] == "Promise 1: the best care"
    page = measures(
        pd.DataFrame(rows), borough=BOROUGH, as_at=DAY, headings=own,
        commentary={"Promise 1: the best care": ("We opened <two> homes.",), "cla_placed_in_borough": ("More carers live here.",)},
    )  # fmt: skip
    assert [group.heading for group in page.groups] == ["Promise 1: the best care", "Where children live"]
    html = page._repr_html_()
    assert "&lt;two&gt;" in html
    assert html.count("In the council") == 2


@pytest.mark.parametrize("day", [dt.date(2022, 6, 30)])
def test_a_day_inside_the_year_is_named_and_a_part_of_a_year_has_no_year_before(day):
    stock = row("cla_total", day, 336, 0, period_type="in_year_snapshot")
    flow = row("cla_started", day, 38, 0, period_type="in_year")
    earlier = [row("cla_total", BEFORE, 330, 0), row("cla_started", BEFORE, 150, 0)]
    text = str(measures(pd.DataFrame([stock, flow, *earlier]), borough=BOROUGH, as_at=day))
    assert "336 children were in care on 30 June 2022, 6 more than on 31 March 2022 (330)." in text
    assert "38 children came into care from 1 April to 30 June 2022." in text
