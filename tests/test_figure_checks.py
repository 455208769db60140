"""Contradictions: nothing honest is accused, whatever way it was rounded, and what does not fit is found."""

from fractions import Fraction
from math import floor

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers.codes import load_codelist
from helpers.errors import ContractError
from helpers.figure_checks import check_figures, reconcile, require_reconciled
from helpers.figure_checks.printed import COLUMNS
from helpers.figure_checks.spans import ROUNDINGS, exactly, honest_span, printed_span
from helpers.indicators import MADE_UP_SOURCE, RETURN_SOURCE
from helpers.schemas import Counts, check

# --- honest figures -----------------------------------------------------------------------------------------------


def half_up(value: Fraction, places: int) -> Fraction:
    scaled = abs(value) * 10**places
    return (1 if value >= 0 else -1) * Fraction(floor(scaled + Fraction(1, 2)), 10**places)


def half_even(value: Fraction, places: int) -> Fraction:
    return Fraction(round(value * 10**places), 10**places)


def cut_off(value: Fraction, places: int) -> Fraction:
    return (1 if value >= 0 else -1) * Fraction(floor(abs(value) * 10**places), 10**places)


HONEST = {"half up": half_up, "half to even": half_even, "cut off": cut_off}


class Report:
    """A board report written from whole numbers by somebody honest, who rounds in one way."""

    def __init__(self, rounding, places, source="report"):
        self.round, self.places, self.source, self.rows = HONEST[rounding], places, source, []

    def text(self, value, places):
        shown = self.round(Fraction(value), places)
        return f"{float(shown):.{places}f}"

    def put(self, indicator, value, measure="count", *, places=0, base="", day="2021-03-31", **where):
        row = dict.fromkeys(COLUMNS, "") | {
            "source": self.source, "borough": "Anywhere", "section": "Data", "period_type": "snapshot",
            "period_end": day, "indicator": indicator, "dimension": "total", "category": "total",
            "comparator": "borough", "measure": measure, "value": self.text(value, places), "denominator": str(base),
        }  # fmt: skip
        self.rows.append(row | where)

    def share(self, indicator, part, base, **where):
        self.put(indicator, part, base=base, **where)
        self.put(indicator, Fraction(100 * part, base), "percent", places=self.places, base=base, **where)

    def frame(self):
        return pd.DataFrame(self.rows, columns=list(COLUMNS))


def split(total, weights):
    """Share out a total over parts, so that they add to it."""
    parts = [total * weight // sum(weights) for weight in weights[:-1]]
    return [*parts, total - sum(parts)]


HOMES = ("foster_and_kinship", "residential", "placed_with_parents", "semi_independent", "placed_for_adoption")
weights = st.lists(st.integers(1, 30), min_size=5, max_size=5)


@st.composite
def reports(draw, source="report", numbers=None):
    """Draw two years of figures and print everything that the rules look at."""
    report = Report(draw(st.sampled_from(sorted(HONEST))), draw(st.integers(0, 2)), source)
    numbers = numbers or draw(whole_numbers())
    before, came, left, population, homes, boys, adopted, now_in = (
        numbers[name] for name in ("before", "came", "left", "population", "homes", "boys", "adopted", "inside")
    )
    now = before + came - left
    totals = {"2020-03-31": before, "2021-03-31": now}
    for day, total in totals.items():
        report.put("cla_total", total, day=day)
        children = population[day]
        report.put("cla_rate_per_10000", Fraction(10_000 * total, children), "rate_per_10000",
                   places=report.places, base=children, day=day)  # fmt: skip
        for home, number in zip(HOMES, split(total, homes[day]), strict=True):
            report.share("cla_placement_type", number, total, dimension="placement_type", category=home, day=day)
        males = boys * total // 100
        report.share("cla_total", males, total, dimension="gender", category="male", day=day)
        report.share("cla_total", total - males, total, dimension="gender", category="female", day=day)
        inside = now_in[day] * total // 100
        for name, number in (("in", inside), ("out_of", total - inside)):
            report.put(f"cla_placed_{name}_borough", Fraction(100 * number, total), "percent",
                       places=report.places, base=total, day=day)  # fmt: skip
    family = sum(split(now, homes["2021-03-31"])) - sum(split(now, homes["2021-03-31"])[i] for i in (1, 3))
    report.share("cla_family_setting", family, now)
    report.put("cla_uasc", adopted)
    report.put("cla_uasc", Fraction(100 * adopted, population["2021-03-31"]), "percent", places=2,
               dimension="share_of_child_population", category="under_18")  # fmt: skip
    _flows(report, came, left, adopted)
    _changes(report, totals, numbers)
    return report


def _flows(report, came, left, adopted):
    report.put("cla_started", came, period_type="year")
    report.put("cla_ceased", left, period_type="year")
    report.share("cla_ceased_adopted", min(adopted, left), left, period_type="year")


def _changes(report, totals, numbers):
    before, now = totals.values()
    report.put("cla_total", now - before, dimension="change_on_previous_year", category="increase")
    report.put("cla_total", Fraction(100 * (now - before), before), "percent", places=report.places,
               dimension="change_on_previous_year", category="increase")  # fmt: skip
    shares = {day: Fraction(100 * (numbers["inside"][day] * total // 100), total) for day, total in totals.items()}
    points = shares["2021-03-31"] - shares["2020-03-31"]
    if numbers["from_printed"]:
        points = report.round(shares["2021-03-31"], report.places) - report.round(shares["2020-03-31"], report.places)
    report.put("cla_placed_in_borough", points, "points", places=report.places,
               dimension="change_on_previous_year", category="increase")  # fmt: skip
    london = Fraction(numbers["london"], 7)
    report.put("cla_family_setting", london, "percent", places=report.places, comparator="london")
    own = [row for row in report.rows if row["indicator"] == "cla_family_setting" and row["measure"] == "percent"][0]
    gap = Fraction(own["value"]) - report.round(london, report.places)
    report.put("cla_family_setting", gap, "points", places=report.places, comparator="london",
               dimension="gap_to_comparator", category="borough_minus_comparator")  # fmt: skip


@st.composite
def whole_numbers(draw):
    before = draw(st.integers(100, 900))
    came, left = draw(st.integers(1, 99)), draw(st.integers(1, 99))
    children = draw(st.integers(20_000, 90_000)) | 1  # one that ends in zeros may be rounded, and accuses less
    days = ("2020-03-31", "2021-03-31")
    return {
        "before": before, "came": came, "left": left, "boys": draw(st.integers(1, 99)),
        "population": {days[0]: children, days[1]: (children + children * draw(st.integers(-40, 40)) // 1000) | 1},
        "homes": {day: draw(weights) for day in days}, "adopted": draw(st.integers(1, 20)),
        "inside": {day: draw(st.integers(0, 100)) for day in days}, "london": draw(st.integers(7, 690)),
        "from_printed": draw(st.booleans()),
    }  # fmt: skip


def contradictions(figures):
    found = check_figures(figures)
    return found[found["kind"] == "contradiction"]


@settings(max_examples=120, deadline=None)
@given(reports())
def test_honest_figures_are_never_accused_whatever_way_they_were_rounded(report):
    found = contradictions(report.frame())
    assert found.empty, found["sentence"].tolist()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_two_honest_reports_of_the_same_numbers_are_never_accused(data):
    numbers = data.draw(whole_numbers())
    one, other = (data.draw(reports(source, numbers)) for source in ("first report", "second report"))
    found = contradictions(pd.concat([one.frame(), other.frame()], ignore_index=True))
    assert found.empty, found["sentence"].tolist()


@settings(max_examples=60, deadline=None)
@given(reports(), st.data())
def test_a_percentage_changed_beyond_rounding_is_found(report, data):
    figures = report.frame()
    with_count = figures["denominator"].ne("") & figures["measure"].eq("percent")
    with_count &= figures["indicator"].isin(["cla_placement_type", "cla_ceased_adopted"]) | figures["dimension"].eq(
        "gender"
    )
    row = data.draw(st.sampled_from(figures.index[with_count].tolist()))
    unit = Fraction(1, 10**report.places)
    figures.loc[row, "value"] = f"{float(Fraction(figures.loc[row, 'value']) + 2 * unit):.{report.places}f}"
    found = contradictions(figures)
    assert any(str(row + 2) in rows.split(", ") for rows in found["rows"])
    assert "percent_not_of_count" in set(found["rule"])


CHANGED = {
    "a change of the number": ("cla_total", "change_on_previous_year", "count", 1),
    "a change in points": ("cla_placed_in_borough", "change_on_previous_year", "points", 4),
    "a gap": ("cla_family_setting", "gap_to_comparator", "points", 4),
    "a rate": ("cla_rate_per_10000", "total", "rate_per_10000", 2),
    "a family setting percentage": ("cla_family_setting", "total", "percent", 2),
    "children who came": ("cla_started", "total", "count", 60),
}


@pytest.mark.parametrize("what", CHANGED)
@settings(max_examples=25, deadline=None)
@given(report=reports(), up=st.booleans())
def test_one_figure_changed_beyond_rounding_is_found(what, report, up):
    indicator, dimension, measure, units = CHANGED[what]
    figures = report.frame()
    own = figures["indicator"].eq(indicator) & figures["dimension"].eq(dimension) & figures["measure"].eq(measure)
    row = figures.index[own & figures["comparator"].ne("england")][0]
    places = len(figures.loc[row, "value"].partition(".")[2])
    moved = Fraction(figures.loc[row, "value"]) + (units if up or units == 60 else -units) * Fraction(1, 10**places)
    assume(measure != "rate_per_10000" or moved > 0)
    figures.loc[row, "value"] = f"{float(moved):.{places}f}"
    found = contradictions(figures)
    assert any(str(row + 2) in rows.split(", ") for rows in found["rows"]), found["sentence"].tolist()


@settings(max_examples=60, deadline=None)
@given(reports(), st.data())
def test_a_part_of_a_complete_breakdown_changed_by_one_child_is_found(report, data):
    figures = report.frame()
    parts = figures["dimension"].eq("gender") & figures["measure"].eq("count")
    row = data.draw(st.sampled_from(figures.index[parts].tolist()))
    figures.loc[row, "value"] = str(int(figures.loc[row, "value"]) + data.draw(st.sampled_from((-1, 1))))
    assert {"parts_above_whole", "parts_below_whole"} & set(contradictions(figures)["rule"])


# --- each rule on drawn figures -----------------------------------------------------------------------------------


def drawn(text):
    """Read figures drawn as lines: day | indicator | dimension:category | comparator | measure | value | base | note."""
    report = []
    for line in filter(None, map(str.strip, text.strip().splitlines())):
        day, indicator, group, comparator, measure, value, base, note = (cell.strip() for cell in line.split("|"))
        dimension, _, category = (group or "total:total").partition(":")
        source, _, section = note.partition("@")[2].partition("#")
        report.append(
            dict.fromkeys(COLUMNS, "") | {
                "source": source or "a", "section": section or "Data", "borough": "Anywhere", "period_end": day,
                "period_type": "year" if indicator in ("cla_started", "cla_ceased") else "snapshot",
                "indicator": indicator, "dimension": dimension, "category": category,
                "comparator": comparator or "borough", "measure": measure, "value": value, "denominator": base,
                "note": note.partition("@")[0],
            }
        )  # fmt: skip
    return pd.DataFrame(report, columns=list(COLUMNS))


CASES = {
    "a percentage that is not its count over its base": ("percent_not_of_count", """
        2021-03-31 | cla_placement_type | placement_type:residential | | count   | 34 | 402 |
        2021-03-31 | cla_placement_type | placement_type:residential | | percent | 9  | 402 |"""),
    "rounding up whatever follows": ("percent_not_of_count", """
        2021-03-31 | cla_placement_type | placement_type:placed_for_adoption | | count   | 5 | 430 |
        2021-03-31 | cla_placement_type | placement_type:placed_for_adoption | | percent | 2 | 430 |"""),
    "one percentage cut off where others are rounded": ("rounded_unlike", """
        2021-03-31 | cla_total | gender:male   | | count   | 12  | 336 |
        2021-03-31 | cla_total | gender:male   | | percent | 3.5 | 336 |
        2021-03-31 | cla_total | ethnicity:white | | count   | 39  | 336 |
        2021-03-31 | cla_total | ethnicity:white | | percent | 12  | 336 |
        2021-03-31 | cla_total | ethnicity:asian | | count   | 26  | 336 |
        2021-03-31 | cla_total | ethnicity:asian | | percent | 8   | 336 |"""),
    "a percentage that no whole number gives": ("impossible_percent", """
        2021-03-31 | cl_eet | age:19 | | percent | 72 | 24 |"""),
    "a part larger than its whole": ("count_above_whole", """
        2021-03-31 | cla_uasc |                                 | | count | 33 | |
        2021-03-31 | cla_uasc | placement_type:semi_independent | | count | 42 | |"""),
    "a percentage of another base": ("percent_of_another_base", """
        2021-03-31 | cla_total          | | | count   | 206  | |
        2021-03-31 | cla_family_setting | | | count   | 179  | |
        2021-03-31 | cla_family_setting | | | percent | 81.7 | |"""),
    "a base that is not the printed whole": ("two_bases", """
        2021-03-31 | cla_total                 | | | count   | 206  |     |
        2021-03-31 | cla_placed_out_of_borough | | | count   | 97   | 208 |
        2021-03-31 | cla_placed_out_of_borough | | | percent | 46.6 | 208 |"""),
    "two bases of one group of pupils": ("two_bases", """
        2021-03-31 | cla_ehcp        | | | count   | 72 | 180 |
        2021-03-31 | cla_sen_support | | | count   | 26 | |
        2021-03-31 | cla_sen_support | | | percent | 16 | |"""),
    "in and out of the borough above 100%": ("parts_above_whole", """
        2021-03-31 | cla_placed_in_borough     | | | percent | 45 | |
        2021-03-31 | cla_placed_out_of_borough | | | percent | 57 | |"""),
    "in and out of the borough leave somebody out": ("parts_below_whole", """
        2021-03-31 | cla_placed_in_borough     | | | percent | 39 | |
        2021-03-31 | cla_placed_out_of_borough | | | percent | 58 | |"""),
    "halves of two homes that no whole number has": ("parts_above_whole", """
        2021-03-31 | cl_suitable_accommodation   | | | percent | 96  |     |
        2021-03-31 | cl_unsuitable_accommodation | | | percent | 5   |     |
        2021-03-31 | cl_in_touch                 | | | count   | 218 | 243 |"""),
    "legal statuses that pass the total": ("parts_above_whole", """
        2021-03-31 | cla_total | legal_status:full_care_order | | count | 130 | 206 |
        2021-03-31 | cla_total | legal_status:section_20      | | count | 98  | 206 |"""),
    "age bands that pass the total": ("parts_above_whole", """
        2021-03-31 | cla_total | age:under_5 | | percent | 45 | |
        2021-03-31 | cla_total | age:10-15   | | percent | 40 | |
        2021-03-31 | cla_total | age:16-17   | | percent | 18 | |"""),
    "an age band inside another and larger": ("parts_above_whole", """
        2021-03-31 | cla_total | age:10-17 | | percent | 30 | |
        2021-03-31 | cla_total | age:16-17 | | percent | 32 | |"""),
    "kinds of fostering that do not add to fostering": ("parts_below_whole", """
        2021-03-31 | cla_placement_type | placement_type:foster_and_kinship       | | count | 233 | 336 |
        2021-03-31 | cla_placement_type | placement_type:foster_in_house          | | count | 101 | 336 |
        2021-03-31 | cla_placement_type | placement_type:foster_ifa               | | count | 92  | 336 |
        2021-03-31 | cla_placement_type | placement_type:foster_connected_persons | | count | 39  | 336 |"""),
    "a family setting figure that the homes do not give": ("family_setting", """
        2021-03-31 | cla_total          |                                   | | count   | 391 | |
        2021-03-31 | cla_family_setting |                                   | | percent | 78  | |
        2021-03-31 | cla_placement_type | placement_type:foster_and_kinship | | count   | 295 | 391 |
        2021-03-31 | cla_placement_type | placement_type:residential        | | count   | 96  | 391 |"""),
    "two values in two documents": ("two_values", """
        2021-03-31 | cla_uasc | | | count | 38 | | @a
        2021-03-31 | cla_uasc | | | count | 39 | | @b"""),
    "a comparator with two values": ("two_values", """
        2021-03-31 | cla_long_term_stability | | london | percent | 71 | | @a
        2021-03-31 | cla_long_term_stability | | london | percent | 73 | | @b"""),
    "stock and flow far apart": ("stock_and_flow", """
        2020-03-31 | cla_total   | | | count | 417 | |
        2021-03-31 | cla_started | | | count | 191 | |
        2021-03-31 | cla_ceased  | | | count | 204 | |
        2021-03-31 | cla_total   | | | count | 440 | |"""),
    "a rate of another population than printed": ("rate_population", """
        2021-03-31 | cla_total          | | | count          | 391 |       |
        2021-03-31 | cla_rate_per_10000 | | | rate_per_10000 | 66  | 64100 |"""),
    "two rates of two populations": ("rate_population_jump", """
        2012-03-31 | cla_total          | | | count          | 217   | |
        2013-03-31 | cla_total          | | | count          | 206   | |
        2012-03-31 | cla_rate_per_10000 | | | rate_per_10000 | 32.9  | |
        2013-03-31 | cla_rate_per_10000 | | | rate_per_10000 | 29.32 | |"""),
    "a share of another population": ("share_population", """
        2021-03-31 | cla_total          |                                    | | count          | 391  | |
        2021-03-31 | cla_rate_per_10000 |                                    | | rate_per_10000 | 61   | |
        2021-03-31 | cla_uasc           |                                    | | count          | 33   | |
        2021-03-31 | cla_uasc           | share_of_child_population:under_18 | | percent        | 0.07 | |"""),
    "a population that changes too fast": ("population_jump", """
        2019-06-30 | child_population | ethnicity:black_african | | percent | 25 | |
        2020-06-30 | child_population | ethnicity:black_african | | percent | 37 | |"""),
    "a change that its values do not give": ("change_not_of_values", """
        2020-03-31 | cla_health_assessment_up_to_date |                                  | | percent | 87 | | @b
        2021-03-31 | cla_health_assessment_up_to_date |                                  | | percent | 92 | | @a
        2021-03-31 | cla_health_assessment_up_to_date | change_on_previous_year:increase | | percent | 3  | | @a"""),
    "a change told in the wrong direction": ("change_wrong_direction", """
        2020-03-31 | cla_started |                                  | | count | 203 | |
        2021-03-31 | cla_started |                                  | | count | 252 | |
        2021-03-31 | cla_started | change_on_previous_year:decrease | | count | 49  | |"""),
    "points told as a percent": ("points_told_as_percent", """
        2020-03-31 | cla_placement_type | placement_type:residential                    | | count   | 34 | 402 |
        2021-03-31 | cla_placement_type | placement_type:residential                    | | count   | 54 | 391 |
        2021-03-31 | cla_placement_type | change_on_previous_year:residential_increase  | | percent | 5  |     |"""),
    "a percent told as points": ("percent_told_as_points", """
        2020-03-31 | cla_long_term_stability |                                  | | percent | 40 | |
        2021-03-31 | cla_long_term_stability |                                  | | percent | 60 | |
        2021-03-31 | cla_long_term_stability | change_on_previous_year:increase | | points  | 50 | |"""),
    "a gap told as a percent": ("points_told_as_percent", """
        2021-03-31 | cla_total | age:16-17               |        | percent | 30 | |
        2021-03-31 | cla_total | age:16-17               | london | percent | 37 | |
        2021-03-31 | cla_total | gap_to_comparator:16-17 | london | percent | -7 | |"""),
    "a gap that its values do not give": ("gap_not_of_values", """
        2020-03-31 | adoption_a10_days | averaging_period:three_year     | government_threshold | days | 426 | |
        2021-03-31 | adoption_a10_days | averaging_period:single_year    |                      | days | 435 | |
        2021-03-31 | adoption_a10_days | gap_to_comparator:single_year   | government_threshold | days | 35  | |"""),
    "below London in words and above it in numbers": ("statement_against_values", """
        2021-03-31 | cla_three_plus_placements | |        | percent | 13 | | below London
        2021-03-31 | cla_three_plus_placements | | london | percent | 10 | |"""),
    "better than London where higher is worse": ("statement_against_values", """
        2021-03-31 | cla_three_plus_placements | |        | percent | 13 | | better than London
        2021-03-31 | cla_three_plus_placements | | london | percent | 10 | |"""),
    "improved where it fell": ("trend_against_values", """
        2020-03-31 | cl_in_touch | | | percent | 96 | |
        2021-03-31 | cl_in_touch | | | percent | 90 | | improved again"""),
    "the best ever where an earlier one is better": ("trend_against_values", """
        2019-03-31 | cl_eet | | | percent | 66 | |
        2020-03-31 | cl_eet | | | percent | 54 | |
        2021-03-31 | cl_eet | | | percent | 63 | | our best performance ever"""),
    "a run of years that a value breaks": ("run_length", """
        2019-03-31 | adoption_disruptions |                                      | | count | 1 | |
        2021-03-31 | adoption_disruptions | run_length:consecutive_years_at_zero | | years | 8 | |"""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_contradiction_is_found_by_its_rule_and_by_no_other(case):
    rule, figures = CASES[case]
    found = contradictions(drawn(figures))
    assert found["rule"].tolist() == [rule], found["sentence"].tolist()
    assert (found["sentence"].str.len() > 40).all() and (found["smallest_gap"] >= 0).all()


def test_every_rule_of_the_list_that_accuses_has_a_case():
    listed = load_codelist("figure_check_rules")
    assert set(listed.loc[listed["kind"] == "contradiction", "key"]) == {rule for rule, _ in CASES.values()}


HONEST_CASES = {
    "15% and 14.6% are one value": """
        2021-03-31 | cl_eet | | | percent | 15   | | @a
        2021-03-31 | cl_eet | | | percent | 14.6 | | @b""",
    "a difference of two rounded values may be one off": """
        2020-03-31 | cla_placed_in_borough |                                  | | percent | 38 | 402 |
        2021-03-31 | cla_placed_in_borough |                                  | | percent | 39 | 391 |
        2021-03-31 | cla_placed_in_borough | change_on_previous_year:increase | | percent | 2  |     |""",
    "101% of two halves": """
        2021-03-31 | cl_suitable_accommodation   | | | percent | 96 | |
        2021-03-31 | cl_unsuitable_accommodation | | | percent | 5  | |""",
    "five rounded parts of 98%": """
        2021-03-31 | cla_total | legal_status:full_care_order | | percent | 60 | |
        2021-03-31 | cla_total | legal_status:section_20      | | percent | 38 | |""",
    "lower is better and lower it is": """
        2021-03-31 | cla_sdq_score | |        | mean_score | 11.6 | | better than London; below England
        2021-03-31 | cla_sdq_score | | london | mean_score | 13.1 | |
        2021-03-31 | cla_sdq_score | | england | mean_score | 14.0 | |""",
    "England's numbers are rounded to ten": """
        2012-03-31 | cla_total          |                       | england | count   | 67050 |       |
        2012-03-31 | cla_placement_type | placement_type:foster | england | count   | 50260 | 67050 |
        2012-03-31 | cla_placement_type | placement_type:foster | england | percent | 75    | 67050 |""",
    "a few hundred children, whose number may jump": """
        2012-03-31 | cla_total          | | | count          | 10  | |
        2013-03-31 | cla_total          | | | count          | 10  | |
        2012-03-31 | cla_rate_per_10000 | | | rate_per_10000 | 125 | |
        2013-03-31 | cla_rate_per_10000 | | | rate_per_10000 | 145 | |""",
    "a hidden value": """
        2021-03-31 | cla_ks4_english_maths_4plus | | | percent |    | |
        2021-03-31 | cla_ks4_english_maths_4plus | | | percent | 31 | |""",
}


@pytest.mark.parametrize("case", HONEST_CASES)
def test_what_rounding_or_custom_explains_is_not_even_asked_about(case):
    assert check_figures(drawn(HONEST_CASES[case])).empty


ASKED = {
    "over 80% beside 82%": ("told_roundly", """
        2021-03-31 | cla_pep_up_to_date | | | percent | 80 | | @a
        2021-03-31 | cla_pep_up_to_date | | | percent | 82 | | @b"""),
    "a provisional number and a final one": ("provisional_and_final", """
        2021-03-31 | cla_total | | | count | 428 | | provisional @a
        2021-03-31 | cla_total | | | count | 430 | | @b"""),
    "children who came or left twice": ("stock_and_flow_close", """
        2020-03-31 | cla_total   | | | count | 417 | |
        2021-03-31 | cla_started | | | count | 191 | |
        2021-03-31 | cla_ceased  | | | count | 204 | |
        2021-03-31 | cla_total   | | | count | 402 | |"""),
    "a rate that rises while the number falls": ("rate_against_number", """
        2021-03-31 | cla_total          | | | count          | 338 | |
        2022-03-31 | cla_total          | | | count          | 336 | |
        2021-03-31 | cla_rate_per_10000 | | | rate_per_10000 | 44  | |
        2022-03-31 | cla_rate_per_10000 | | | rate_per_10000 | 45  | |"""),
    "steady in words and a quarter up": ("static_but_changed", """
        2020-03-31 | cla_ceased_adopted | | | count | 8  | |
        2021-03-31 | cla_ceased_adopted | | | count | 10 | | fairly static"""),
    "a percentage and a count of one thing in two places": ("percent_not_of_count_elsewhere", """
        2021-03-31 | cl_in_touch | | | percent | 86  |     | @a#Summary
        2021-03-31 | cl_in_touch | | | count   | 218 | 243 | @a#Details"""),
    "bands that leave out five-year-olds": ("band_edges", """
        2021-03-31 | cla_total | age:under_5 | | count | 51 | 91 |
        2021-03-31 | cla_total | age:6-10    | | count | 40 | 91 |"""),
    "an age in two bands": ("band_edges", """
        2021-03-31 | cl_total | age:17-21 | | count | 243 | |
        2021-03-31 | cl_total | age:21-25 | | count | 47  | |"""),
    "a value of England called the United Kingdom's": ("comparator_place", """
        2021-03-31 | child_low_income_families | age:under_16 | england | percent | 19 | | the UK average"""),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED)
def test_what_is_no_proof_is_asked_about_and_not_accused(case):
    rule, figures = ASKED[case]
    found = check_figures(drawn(figures))
    assert found[["rule", "kind"]].to_numpy().tolist() == [[rule, "ask"]]


def test_one_fact_printed_in_three_places_is_one_finding_with_all_its_rows():
    rule, figures = CASES["a percentage that is not its count over its base"]
    one = drawn(figures)
    found = check_figures(pd.concat([one, one.assign(source="b"), one.assign(section="More")], ignore_index=True))
    assert found["rows"].tolist() == ["2, 3, 4, 5, 6, 7"]


def test_rows_keep_the_numbers_of_the_file_when_a_choice_of_them_is_checked():
    rule, figures = CASES["two values in two documents"]
    of_another = drawn(figures).assign(borough="Elsewhere", value="7")
    both = pd.concat([of_another, drawn(figures)], ignore_index=True)
    assert check_figures(both[both["borough"] == "Anywhere"])["rows"].tolist() == ["4, 5"]


def test_a_breakdown_that_added_up_on_three_days_must_add_up_on_the_fourth():
    lines = [
        f"{day} | cla_placement_type | placement_type:{home} | | count | {number} | {total} |"
        for day, total, numbers in (
            ("2019-03-31", 100, (60, 40)), ("2020-03-31", 110, (70, 40)), ("2021-03-31", 90, (50, 40)),
            ("2022-03-31", 100, (56, 40)),
        )
        for home, number in zip(("foster_and_kinship", "residential"), numbers, strict=True)
    ]  # fmt: skip
    assert contradictions(drawn("\n".join(lines)))["rule"].tolist() == ["parts_below_whole"]
    assert contradictions(drawn("\n".join(lines[2:]))).empty


@settings(max_examples=300, deadline=None)
@given(st.integers(-(10**6), 10**6), st.integers(1, 10**5), st.integers(0, 3), st.sampled_from(sorted(HONEST)))
def test_the_span_of_a_printed_number_holds_what_was_rounded(number, base, places, way):
    value = Fraction(number, base)
    printed = HONEST[way](value, places)
    rounding = ROUNDINGS[1] if way == "cut off" else ROUNDINGS[0]
    assert printed_span(printed, places, rounding).meets(exactly(value))
    assert honest_span(printed, places).meets(exactly(value))
    assert not honest_span(printed + Fraction(2, 10**places), places).meets(exactly(value))


@pytest.mark.parametrize(
    ("change", "words"),
    [({"value": "about 12"}, "row 2, column value"), ({"denominator": "0"}, "column denominator"),
     ({"period_end": "31/03/2021"}, "column period_end")],
)  # fmt: skip
def test_a_cell_that_is_no_number_or_day_is_named_and_never_guessed(change, words):
    figures = drawn("2021-03-31 | cla_total | | | count | 12 | |").assign(**change)
    with pytest.raises(ContractError, match=words) as told:
        check_figures(figures)
    assert "about 12" not in str(told.value) and "Nothing was written." in str(told.value)


def test_missing_columns_are_named():
    with pytest.raises(ContractError, match="section, measure"):
        check_figures(drawn("2021-03-31 | cla_total | | | count | 12 | |").drop(columns=["section", "measure"]))


def test_the_published_figures_give_at_least_forty_contradictions(shared):
    figures = pd.read_csv(shared / "figures" / "published_figures.csv", dtype=str, keep_default_na=False)
    found = contradictions(figures)
    assert len(found) >= 40
    assert not found.duplicated(["rule", "rows"]).any()
    assert found["rule"].nunique() >= 10


# --- our own counts -----------------------------------------------------------------------------------------------

PERIODS = ("2020-03-31", "2021-03-31")


def cell(indicator, numerator, denominator=float("nan"), *, day="2021-03-31", **where):
    """One row of counts. The rows that tell of a year are of period type year."""
    year = indicator.startswith(("cla_started", "cla_ceased"))
    return {
        "borough_code": "E09000006", "borough": "Bromley", "period_end": pd.Timestamp(day),
        "period_type": "year" if year else "snapshot", "indicator": indicator, "category": "All",
        "ethnic_group": "All", "gender": "All", "age_band": "All", "numerator": float(numerator),
        "denominator": float(denominator), "unit": "children", "source": RETURN_SOURCE, "release": "Return",
        "status": "shown",
    } | where  # fmt: skip


def total_with_groups(indicator, total, day):
    """A total and its groups, as count_groups gives them: every label of the lists has a row."""
    lists = {
        "ethnic_group": load_codelist("ethnic_groups")["label"].tolist(),
        "gender": ["Male", "Female"],
        "age_band": load_codelist("age_bands")["label"].tolist(),
    }
    rows = [cell(indicator, total, day=day)]
    for column, labels in lists.items():
        for label, number in zip(labels, split(total, list(range(1, len(labels) + 1))), strict=True):
            rows.append(cell(indicator, number, total, day=day, **{column: label}))
    return rows


def consistent_counts(before=300, came=100, left=90):
    """Counts that add up, of two years."""
    now = before + came - left
    rows = [*total_with_groups("cla_total", before, PERIODS[0]), *total_with_groups("cla_total", now, PERIODS[1])]
    rows += [*total_with_groups("cla_started", came, PERIODS[1]), *total_with_groups("cla_ceased", left, PERIODS[1])]
    for category, number in zip(("Foster care", "Residential"), split(now, [3, 1]), strict=True):
        rows.append(cell("cla_placement_type", number, now, category=category))
    for category, number in zip(("Adopted", "Home or relatives"), split(left, [1, 4]), strict=True):
        rows.append(cell("cla_ceased_by_reason", number, left, category=category))
    adopted = split(left, [1, 4])[0]
    rows += [
        cell("cla_ceased_adopted", adopted, left),
        cell("cla_rate_per_10000", now, 70_000, unit="children per 10,000"),
        cell("cla_placed_in_borough", now // 2, now), cell("cla_placed_out_of_borough", now - now // 2, now),
        cell("cla_uasc", 12, now), cell("cla_sdq_score", 1400, 100, unit="points"),
    ]  # fmt: skip
    return check(pd.DataFrame(rows), Counts, source="test")


def changed(counts, value, *, column="numerator", **where):
    chosen = pd.Series(True, index=counts.index)
    for name, wanted in (
        {"category": "All", "ethnic_group": "All", "gender": "All", "age_band": "All"} | where
    ).items():
        chosen &= counts[name] == (pd.Timestamp(wanted) if name == "period_end" else wanted)
    assert chosen.sum() == 1
    return counts.assign(**{column: counts[column].mask(chosen, value)})


@settings(max_examples=30, deadline=None)
@given(st.integers(50, 900), st.integers(1, 200), st.integers(1, 49))
def test_counts_that_add_up_have_no_problem(before, came, left):
    counts = consistent_counts(before, came, left)
    assert reconcile(counts).empty


def test_counts_that_add_up_are_let_through():
    require_reconciled(consistent_counts())


BROKEN = {
    "numerator_above_denominator": {"indicator": "cla_uasc", "value": 311},
    "groups_do_not_add": {"indicator": "cla_total", "gender": "Male", "period_end": "2020-03-31", "value": 99},
    "group_base_is_not_total": {
        "indicator": "cla_total", "gender": "Male", "period_end": "2020-03-31", "value": 301, "column": "denominator",
    },
    "categories_do_not_add": {"indicator": "cla_placement_type", "category": "Residential", "value": 70},
    "told_twice_differently": {"indicator": "cla_ceased_adopted", "value": 17},
    "together_above_base": {"indicator": "cla_placed_out_of_borough", "value": 160},
    "not_a_whole_number": {"indicator": "cla_placed_in_borough", "value": 12.5},
}  # fmt: skip


@pytest.mark.parametrize("rule", BROKEN)
def test_counts_that_do_not_add_up_are_refused_by_name_and_without_a_number(rule):
    broken = changed(
        consistent_counts(), BROKEN[rule]["value"], **{k: v for k, v in BROKEN[rule].items() if k != "value"}
    )
    problems = reconcile(broken)
    assert problems["rule"].unique().tolist() == [rule]
    with pytest.raises(ContractError, match="do not add up") as told:
        require_reconciled(broken)
    text = str(told.value)
    assert "Bromley" in text and "Nothing was written." in text
    days_left_out = text.replace("31 March 2021", "").replace("31 March 2020", "")
    assert not any(character.isdigit() for character in days_left_out)


def test_a_rate_counts_the_children_of_the_number():
    broken = changed(consistent_counts(), 309, indicator="cla_rate_per_10000")
    assert reconcile(broken)[["rule", "value", "expected"]].to_numpy().tolist() == [
        ["told_twice_differently", 309, 310]
    ]


def test_the_base_of_a_breakdown_is_the_total():
    counts = consistent_counts()
    homes = counts["indicator"] == "cla_placement_type"
    both = counts.assign(
        denominator=counts["denominator"].mask(homes, 309),
        numerator=counts["numerator"].mask(homes & counts["category"].eq("Residential"), 309 - 232),
    )
    assert set(reconcile(both)["rule"]) == {"base_is_not_whole"}


def test_the_base_of_a_share_is_the_total():
    broken = changed(consistent_counts(), 311, indicator="cla_uasc", column="denominator")
    assert reconcile(broken)[["rule", "value", "expected"]].to_numpy().tolist() == [["base_is_not_whole", 311, 310]]


def test_groups_of_which_some_have_no_row_may_be_fewer_and_never_more_than_the_total():
    counts = consistent_counts()
    rest = counts[counts["age_band"] != "Under 1"]
    assert reconcile(rest).empty
    more = changed(rest, 299, indicator="cla_total", age_band="16 and over", period_end="2020-03-31")
    assert reconcile(more)["rule"].tolist() == ["groups_do_not_add"]


def test_stock_and_flow_far_apart_is_asked_about_and_does_not_stop_a_run():
    close, apart = (changed_total(consistent_counts(), number) for number in (105, 130))
    assert reconcile(close).empty
    problems = reconcile(apart)
    assert problems[["rule", "kind"]].to_numpy().tolist() == [["stock_and_flow_apart", "ask"]]
    require_reconciled(apart)


def changed_total(counts, came):
    """Tell another number of children who came, and their groups with it."""
    rest = counts[counts["indicator"] != "cla_started"]
    return pd.concat([rest, pd.DataFrame(total_with_groups("cla_started", came, PERIODS[1]))], ignore_index=True)


def test_published_rows_and_hidden_numbers_accuse_nobody():
    counts = changed(consistent_counts(), 17, indicator="cla_ceased_adopted")
    assert reconcile(counts.assign(source="DfE, looked-after children")).empty
    hidden = counts.assign(numerator=float("nan"), status="suppressed")
    assert reconcile(hidden).empty
    home = changed(consistent_counts(), float("nan"), indicator="cla_placement_type", category="Residential")
    group = changed(consistent_counts(), float("nan"), indicator="cla_total", gender="Male", period_end="2020-03-31")
    assert reconcile(home).empty and reconcile(group).empty


def test_the_sources_that_are_checked_are_those_that_the_counting_writes():
    assert set(load_codelist("figure_own_sources")["source"]) == {RETURN_SOURCE, MADE_UP_SOURCE}
