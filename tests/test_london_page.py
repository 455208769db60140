"""The overview of all boroughs: who stands out, ranks as ranges, what was found; from released results alone."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers import london_page as page
from helpers import overview
from helpers.briefing import Outcome
from helpers.charts import Chart
from helpers.errors import ContractError
from helpers.london_page import Edition
from helpers.settings import make_settings
from helpers.wording import BANNED

DAY = "2024-03-31"
BOROUGHS = (
    "Barnet", "Bexley", "Brent", "Bromley", "Camden", "Croydon", "Ealing", "Enfield", "Greenwich", "Hackney", "Haringey",
    "Harrow",
)  # fmt: skip
NOTHING_COMPARED = pd.DataFrame(
    columns=[
        "indicator",
        "dimension",
        "comparison",
        "group",
        "finding",
        "sentence",
        "population_source",
        "ratio",
        "holds",
    ]
)
NO_SERIES = pd.DataFrame(
    columns=["indicator", "category", "ethnic_group", "gender", "age_band", "finding", "sentence", "change"]
)


def rates(borough: str, **children_by_day: tuple[float, float, str]) -> pd.DataFrame:
    """One released rate a day: children in care, children in the borough, status. A hidden one has no number."""
    rows = []
    for day, (children, population, status) in children_by_day.items():
        numerator = np.nan if status == "suppressed" else children
        rows.append({
            "borough": borough, "period_end": pd.Timestamp(day.strip("_").replace("_", "-")),
            "indicator": "cla_rate_per_10000", "numerator": numerator, "denominator": population,
            "value": 10_000 * numerator / population, "status": status,
        })  # fmt: skip
    return pd.DataFrame(rows).assign(category="All", ethnic_group="All", gender="All", age_band="All")


def edition(borough: str, children: float = 300, population: float = 60_000, as_at: str = DAY, **more) -> Edition:
    status = more.pop("status", "shown")
    released = more.pop("released", None)
    if released is None:
        released = rates(borough, **{f"_{as_at.replace('-', '_')}": (children, population, status)})
    parts = {"compared": NOTHING_COMPARED, "trends": NO_SERIES, **more}
    return Edition(borough, as_at, "written", "", released, **parts)


def london(**others: tuple[float, float]) -> list[Edition]:
    """Twelve boroughs of one size that differ as chance does, and the others given as children, population."""
    usual = [edition(name, 300 + 8 * (n % 3 - 1)) for n, name in enumerate(BOROUGHS)]
    return usual + [edition(name.replace("_", " "), *numbers) for name, numbers in others.items()]


def failed(borough: str, reason: str = "There is no data for it.") -> Edition:
    return Edition(borough, "", "failed", reason, None)


# ------------------------------------------------------------------------------------------------ one day for all


def test_boroughs_are_compared_on_the_day_most_of_them_have_and_the_others_are_named():
    told = [edition("Barnet"), edition("Bexley"), edition("Bromley", as_at="2022-06-30"), failed("Sutton")]
    one_day = page.side_by_side(told)
    assert one_day.day == dt.date(2024, 3, 31)
    assert one_day.rows["borough"].tolist() == ["Barnet", "Bexley"]
    assert one_day.left_out == ("Bromley (30 June 2022)",)
    assert "Left out, because their day is another: Bromley (30 June 2022)." in str(page.funnel_sentences(one_day))


def test_a_borough_told_of_a_later_day_is_compared_by_its_row_of_the_common_day():
    later = rates("Brent", _2024_03_31=(200, 50_000, "shown"), _2024_12_31=(260, 50_000, "shown"))
    told = [edition("Barnet"), edition("Bexley"), edition("Brent", as_at="2024-12-31", released=later)]
    one_day = page.side_by_side(told)
    assert one_day.rows.set_index("borough")["children"]["Brent"] == 200
    assert one_day.left_out == ()


def test_of_two_days_as_common_the_later_is_taken():
    told = [edition("Barnet", as_at="2023-03-31"), edition("Bexley"), edition("Brent", as_at="2022-03-31")]
    assert page.side_by_side(told).day == dt.date(2024, 3, 31)


@pytest.mark.parametrize("told", [[], [failed("Sutton")], [edition("City of London", 0, 900)]])
def test_without_a_rate_to_compare_sentences_stand_in_place_of_the_charts(told):
    one_day = page.side_by_side(told)
    for part in (page.funnel(one_day), page.ranks(one_day), page.funnel_sentences(one_day)):
        assert not isinstance(part, Chart)
    assert "A funnel needs 10 boroughs of one day; there " in str(page.funnel_sentences(one_day))
    assert "A rank needs 3 boroughs of one day; there " in str(page.rank_sentences(one_day))


# ---------------------------------------------------------------------------------------------------------- funnel


def test_fewer_than_ten_boroughs_make_no_funnel_and_the_sentence_says_how_many_there_are():
    one_day = page.side_by_side([edition(name) for name in BOROUGHS[:9]])
    assert not isinstance(page.funnel(one_day), Chart)
    assert str(page.funnel_sentences(one_day)) == "A funnel needs 10 boroughs of one day; there are 9 on 31 March 2024."
    assert isinstance(page.funnel(page.side_by_side([edition(name) for name in BOROUGHS[:10]])), Chart)


def test_who_stands_out_is_named_in_title_sentence_description_and_table():
    one_day = page.side_by_side(london(Lambeth=(540, 60_000)))
    chart = page.funnel(one_day)
    assert chart.title == "Lambeth stands out among London boroughs"
    assert str(page.funnel_sentences(one_day)).startswith(
        "Lambeth stands out: its rate lies above the outer line.\n12 of 13 boroughs lie between the lines"
    )
    assert "Outside the lines: Lambeth 90." in chart.alt
    assert "Lambeth,60000,90,above the outer line" in chart.to_csv()


def test_beyond_the_inner_line_alone_a_borough_may_stand_out():
    one_day = page.side_by_side(london(Richmond_upon_Thames=(262, 60_000)))
    assert page.funnel(one_day).title == "Richmond upon Thames may stand out among London boroughs"
    assert "may stand out: its rate lies below the inner line." in str(page.funnel_sentences(one_day))


def test_boroughs_that_differ_as_chance_does_leave_nobody_outside_and_the_limits_as_they_are():
    one_day = page.side_by_side(london())
    chart = page.funnel(one_day)
    assert chart.title == "No borough stands out among London boroughs"
    assert "they are not widened" in chart.subtitle
    assert "they differ no more than chance allows." in str(page.funnel_sentences(one_day))


def test_where_boroughs_differ_by_more_than_chance_the_subtitle_says_how_much_limits_are_widened():
    spread = [edition(name, 150 + 30 * n) for n, name in enumerate(BOROUGHS)]
    one_day = page.side_by_side(spread)
    # By hand: scores with their furthest tenth drawn in, squared, on average; the limits widen by its root.
    children = np.array([150 + 30 * n for n in range(12)])
    score = (children - children.mean()) / np.sqrt(children.mean())
    drawn_in = np.clip(score, *np.quantile(score, [0.1, 0.9]))
    factor = np.sqrt(np.mean(drawn_in**2))
    assert (
        f"London boroughs differ by more than chance: limits are widened {factor:.1f} times."
        in page.funnel(one_day).subtitle
    )
    assert "no more than London boroughs usually do." in str(page.funnel_sentences(one_day))


def test_the_curves_of_the_funnel_narrow_to_all_boroughs_together():
    one_day = page.side_by_side(london(Camley=(120, 20_000)))
    curves = one_day.limits
    assert one_day.target == pytest.approx(10_000 * (12 * 300 + 120) / (12 * 60_000 + 20_000))
    assert (curves["low_998"] < curves["low_95"]).all()
    assert (curves["high_95"] < curves["high_998"]).all()
    width = curves["high_95"] - curves["low_95"]
    assert (np.diff(width) < 0).all(), "the more children, the narrower"
    assert curves["size"].iloc[[0, -1]].tolist() == pytest.approx([20_000, 60_000])


def test_the_city_of_london_is_too_few_to_say_has_no_rank_and_is_not_a_finding():
    one_day = page.side_by_side(london(City_of_London=(7, 900)))
    row = one_day.rows.set_index("borough").loc["City of London"]
    assert (row["position"], row[["rank", "rank_low", "rank_high"]].isna().all()) == ("too few to say", True)
    assert "Too few children to say: City of London." in str(page.funnel_sentences(one_day))
    assert "Without a rank: City of London." in str(page.rank_sentences(one_day))
    assert str(page.rank_sentences(one_day)).startswith("No rank of 12 is")


def test_a_hidden_borough_has_no_position_no_rank_and_no_number_anywhere():
    told = [*london(), edition("Merton", 3, 47_349, status="suppressed")]
    one_day = page.side_by_side(told)
    row = one_day.rows.set_index("borough").loc["Merton"]
    assert row["position"] == ""
    assert row[["children", "value", "rank", "rank_low", "rank_high"]].isna().all()
    assert "Hidden: Merton." in str(page.funnel_sentences(one_day))
    assert "Merton,47349,hidden,hidden" in page.funnel(one_day).to_csv()
    assert "Merton,hidden,hidden" in page.ranks(one_day).to_csv()


# ----------------------------------------------------------------------------------------------------------- ranks


def test_ranks_that_cannot_be_told_apart_span_all_places_and_say_so():
    one_day = page.side_by_side([edition(name) for name in BOROUGHS[:6]])
    assert str(page.rank_sentences(one_day)).startswith("No rank of 6 is certain to within 5 places.")
    assert "the place among 6 London boroughs cannot be told from chance" in str(page.rank_sentences(one_day))


def test_clear_ranks_are_counted_and_still_told_as_a_range():
    one_day = page.side_by_side(london(Lambeth=(900, 60_000), Merton=(60, 60_000)))
    ranked = one_day.ranked
    assert ranked["borough"].tolist()[:1] + ranked["borough"].tolist()[-1:] == ["Lambeth", "Merton"]
    assert ranked.iloc[0][["rank_low", "rank_high"]].tolist() == [1, 2], "1st alone, and its neighbour's place"
    assert ranked.iloc[-1][["rank_low", "rank_high"]].tolist() == [13, 14]
    told = str(page.rank_sentences(one_day))
    assert told.startswith("2 of 14 ranks are certain to within 5 places. Half of the boroughs could hold any of 12")
    assert "Lambeth: between 1st and 2nd highest of 14 London boroughs." in told


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(900, 90_000)), min_size=3, max_size=12))
def test_no_rank_is_ever_a_single_place_and_every_range_holds_its_rank(numbers):
    told = [edition(name, *pair) for name, pair in zip(BOROUGHS, numbers, strict=False)]
    ranked = page.side_by_side(told).ranked
    if len(ranked) > 1:
        assert (ranked["rank_low"] < ranked["rank_high"]).all()
        assert ranked["rank"].between(ranked["rank_low"], ranked["rank_high"]).all()
        assert (ranked["rank_low"].min(), ranked["rank_high"].max()) == (1, len(ranked))


# -------------------------------------------------------------------------------------------------------- findings

COMPARED = table("""
| indicator   | dimension    | comparison       | group  | finding             | sentence          | population_source |
| cla_total   | ethnic_group | headline         | White  | under-represented   | White: fewer.     | Census 2021       |
| cla_total   | ethnic_group | headline         | Black  | over-represented    | Black: more.      | Census 2021       |
| cla_total   | ethnic_group | headline         | Mixed  | over-represented    | Mixed: more.      | Census 2021       |
| cla_total   | ethnic_group | headline         | Asian  | no clear difference | Asian: unclear.   | Census 2021       |
| cla_total   | ethnic_group | headline         | Other  | too few to say      | Other: too few.   | Census 2021       |
| cla_total   | ethnic_group | other population | Asian  | over-represented    | not an answer     | Census 2011       |
| cla_started | ethnic_group | coming into care | Asian  | over-represented    | another question  | Census 2021       |
| cla_total   | gender       | headline         | Male   | over-represented    | another dimension | ONS               |
| cla_started | ethnic_group | headline         | Other  | over-represented    | of a year         | Census 2021       |
""")
SERIES = table("""
| indicator              | category | ethnic_group | gender | age_band | finding         | sentence         |
| cla_ceased             | All      | All          | All    | All      | no clear change | Left: unclear.   |
| cla_started            | All      | All          | All    | All      | falling         | Came in: fewer.  |
| cla_started_rate_per_10000 | All  | All          | All    | All      | falling         | Rate: lower.     |
| cla_total              | All      | All          | All    | All      | rising          | In care: more.   |
| cla_total              | All      | Black        | All    | All      | falling         | a part of it     |
| cla_ceased_rate_per_10000  | All  | All          | All    | All      | rising          | Rate: higher.    |
""")
PLACES = table("""
| indicator          | category | age_band | comparator             | position | sentence      |
| cla_rate_per_10000 | All      | All      | London without Bromley | higher   | beside London |
| cla_rate_per_10000 | All      | All      | England                | similar  | England       |
| cl_eet             | All      | 19 to 21 | England                | lower    | a part of it  |
""")
COMPARED["holds"] = ""
FOUND = edition("Bromley", compared=COMPARED, trends=SERIES, places=PLACES)


def test_the_table_has_one_row_a_borough_with_headline_answers_and_whole_series_alone():
    shown = page.findings_table([FOUND]).released()
    assert shown.to_dict("records") == [
        {
            "Borough": "Bromley",
            "Over-represented": "Mixed and Black",
            "Under-represented": "White",
            "Rising or falling": "rising: children in care, children who left care (rate); "
            "falling: children who came into care (number and rate)",
            "Rate of children in care": "higher than London, similar to England",
            "Groups with too few children to say": "Other",
        }
    ]


def test_a_finding_that_another_population_undoes_is_marked_and_not_counted():
    doubted = edition("Bromley", compared=COMPARED.assign(holds=COMPARED["group"].map({"Mixed": "no"}).fillna("yes")))
    shown = page.findings_table([doubted]).released()
    assert shown["Over-represented"].tolist() == ["Mixed (not with another population) and Black"]
    assert "over-represented: Black in 1 of 1" in str(page.findings_sentences([doubted]))
    assert page.finding_rows([doubted]).set_index("group")["holds"].loc["Mixed"] == "no"


def test_a_borough_that_was_not_produced_has_a_row_with_its_reason():
    rows = page.findings_table([FOUND, failed("Sutton", "Its files could not be read.")]).released()
    assert rows["Borough"].tolist() == ["Bromley", "Sutton"]
    assert rows["Note"].tolist() == ["'-", "Not produced: Its files could not be read."]
    assert rows["Over-represented"].tolist()[1] == "'-"


def test_none_too_few_and_not_compared_are_different_words():
    few = COMPARED[:5].assign(finding="too few to say")
    unclear = COMPARED[:5].assign(finding="no clear difference")
    told = [edition("Barnet", compared=unclear), edition("City of London", compared=few), edition("Ealing")]
    rows = page.findings_table(told).released().set_index("Borough")
    over, too_few = rows["Over-represented"], rows["Groups with too few children to say"]
    assert over.to_dict() == {"Barnet": "none", "City of London": "none", "Ealing": "not compared"}
    assert too_few.to_dict() == {"Barnet": "none", "City of London": "all groups", "Ealing": "not compared"}
    assert rows["Note"]["Ealing"] == "No population by ethnic group to compare with"


def test_sentences_count_boroughs_and_name_those_without_a_finding():
    quiet = edition("City of London", compared=COMPARED[:5].assign(finding="too few to say"))
    told = [FOUND, edition("Brent", compared=COMPARED[1:2], trends=SERIES), quiet, failed("Sutton")]
    assert str(page.findings_sentences(told)).splitlines() == [
        "Ethnic groups over-represented: Black in 2 and Mixed in 1 of 3 boroughs compared.",
        "Ethnic groups under-represented: White in 1 of 3 boroughs compared.",
        "The number of children in care is rising in 2 of 2 boroughs.",
        "Nothing was found beyond chance in City of London.",
    ]


def test_rows_to_share_tell_every_answer_and_say_what_each_is_about():
    rows = page.finding_rows([FOUND, failed("Sutton", "No data.")])
    assert rows.columns.tolist() == page.FINDING_COLUMNS
    assert rows.groupby("about", sort=False).size().to_dict() == {
        "ethnic group": 5,
        "change over time": 5,
        "other places": 2,
        "not produced": 1,
    }
    assert rows[rows["finding"] == "over-represented"]["group"].tolist() == ["Black", "Mixed"]
    assert rows.iloc[-1].to_dict() == {
        "borough": "Sutton", "as_at": "", "about": "not produced", "indicator": "", "group": "",
        "finding": "not produced", "sentence": "No data.", "population_source": "", "holds": "",
    }  # fmt: skip
    assert not rows.isna().any().any()


def test_no_word_that_readers_should_not_meet_stands_in_the_sentences():
    one_day = page.side_by_side(london(Lambeth=(540, 60_000), City_of_London=(7, 900)))
    parts = [page.funnel_sentences(one_day), page.rank_sentences(one_day), page.findings_sentences([FOUND])]
    charts = [page.funnel(one_day), page.ranks(one_day)]
    text = " ".join([*map(str, parts), *(f"{one.title} {one.subtitle} {one.alt} {one.note}" for one in charts)])
    assert [word for word in BANNED if word in text.split()] == []
    assert all(len(one.title.split()) <= 10 for one in charts)


# ------------------------------------------------------------------------------------------------------- publishing


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of which notebook 31 is stood in for: a page of one sentence."""
    cell = new_code_cell(outputs=[new_output("execute_result", data={"text/html": "<p>One borough.</p>"})])
    monkeypatch.setattr(overview, "run_notebook", lambda *_: new_notebook(cells=[cell]))
    told = [Outcome("Sutton", DAY, "failed", tmp_path, "Its files, as sent, could not be read.")]
    choices = make_settings(borough="", as_at=DAY, processed=tmp_path / "processed", reports=tmp_path / "reports")
    return choices, told


def test_the_findings_are_written_beside_the_overview_and_linked_from_it(run):
    choices, told = run
    overview.publish_overview(choices, told, made_up=False)
    assert sorted(path.name for path in choices.reports.iterdir()) == ["findings.csv", "index.html"]
    assert '<a href="findings.csv">' in (choices.reports / "index.html").read_text(encoding="utf-8")
    rows = pd.read_csv(choices.reports / "findings.csv", keep_default_na=False)
    assert ",".join(rows) == "borough,as_at,about,indicator,group,finding,sentence,population_source,holds"
    assert rows["sentence"].tolist() == ["Its files, as sent, could not be read."]


@pytest.mark.parametrize("stopped", ["export_page", "write_csv"])
def test_a_stop_halfway_leaves_both_files_as_they_were(run, monkeypatch, stopped):
    choices, told = run
    overview.publish_overview(choices, told, made_up=False)
    before = {path.name: path.read_bytes() for path in choices.reports.iterdir()}

    def stop(*parts: object) -> None:
        if stopped == "write_csv":
            parts[1].write_text("half of a file")
        raise ContractError("stopped")

    monkeypatch.setattr(overview, stopped, stop)
    again = [Outcome("Bromley", DAY, "failed", choices.reports, "Another reason.")]
    with pytest.raises(ContractError, match="stopped"):
        overview.publish_overview(choices, again, made_up=False)
    assert {path.name: path.read_bytes() for path in choices.reports.iterdir()} == before


def test_editions_of_another_version_are_told_as_failed_with_what_to_do(tmp_path):
    folder = tmp_path / "bromley" / DAY
    folder.mkdir(parents=True)
    pd.DataFrame({"borough": ["Bromley"]}).to_parquet(folder / "released.parquet")
    (one,) = page.load_editions(tmp_path, json.dumps([["Bromley", DAY, "written", ""]]))
    assert (one.state, one.released) == ("failed", None)
    assert "run it again" in one.reason
