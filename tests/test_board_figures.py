"""A board report's figures held against the return, and the status of every figure that three councils printed."""

import datetime as dt

import pandas as pd
import pytest
from drawn import table

from helpers.board_figures import NOT_REACHED, check_layout, hold_against_return
from helpers.clean import clean_returns
from helpers.codes import find_borough, load_codelist
from helpers.errors import InputError
from helpers.figure_checks import check_figures
from helpers.indicators import Tables
from helpers.read.published import read_published
from helpers.read.returns import read_collections

STATUSES = {"reproduced", "contradicts itself", "not in any return", "definition not given"}
NEEDED = "borough,period_type,period_end,indicator,dimension,category,comparator,measure,value"


def figures(*lines: str) -> pd.DataFrame:
    rows = [dict(zip(NEEDED.split(","), line.split(","), strict=True)) for line in lines]
    return check_layout(pd.DataFrame(rows), source="figures.csv")


@pytest.mark.parametrize(
    ("line", "column", "found"),
    [
        ("Bromley,snapshot,31/03/2023,cla_total,total,total,borough,count,430", "period_end", "31/03/2023"),
        ("Bromley,snapshot,2023-03-31,cla_total,total,total,borough,count,73%", "value", "73%"),
        ("Bromley,snapshot,2023-03-31,cla_total,total,total,borough,number,430", "measure", "number"),
        ("Bromley,day,2023-03-31,cla_total,total,total,borough,count,430", "period_type", "day"),
    ],
)
def test_a_cell_that_cannot_be_right_is_named_with_its_line(line, column, found):
    good = "Bromley,snapshot,2023-03-31,cla_total,total,total,borough,count,430"
    with pytest.raises(InputError, match=f"figures.csv, line 3, column {column}: found '{found}'"):
        figures(good, line)


def test_a_column_that_is_missing_is_named():
    with pytest.raises(InputError, match="no column measure"):
        check_layout(load_codelist("printed_figures").drop(columns="measure"), source="figures.csv")


# --- on small drawn tables ----------------------------------------------------------------------------------------

CHILDREN = pd.DataFrame({"child_id": list("abc")}).assign(
    borough_code="E09000006", birth_month=pd.Timestamp(2010, 2, 1), gender=["Male", "Male", "Female"],
    ethnicity_code=["WBRI", "BAFR", "WBRI"], uasc_from_return=[True, False, False], uasc_ceased_on=pd.NaT,
    mother=float("nan"), made_up=False,
)  # fmt: skip
EPISODES = table(
    """
    | child_id | started_on | reason_new_code | legal_status_code | placement_code | ended_on   | reason_ceased_code | period | placement |
    | a        | 2021-06-01 | S               | V2                | U6             |            |                    | 1      | 1         |
    | b        | 2022-07-01 | S               | L1                | K2             |            |                    | 1      | 1         |
    | c        | 2021-06-01 | S               | C2                | U6             | 2022-09-01 | E4A                | 1      | 1         |
    """
).assign(
    need_code="N1", provider_code="PR1", age_at_start=11.0, age_at_end=12.0, short_break=False, in_borough=None,
    told_on=pd.Timestamp(2023, 3, 31), placement_authority_code=None, distance_miles=float("nan"),
)  # fmt: skip
NO_ROWS = pd.DataFrame({"told_on": pd.Series(dtype="datetime64[us]")})
POPULATION = pd.DataFrame(
    {"borough_code": "E09000006", "year": [2022], "ethnic_group": "All", "gender": "All", "age_band": "All",
     "children": [10_000.0], "age_from": 0, "age_to": 17, "share_error": 0.0, "source": "drawn"}
)  # fmt: skip


def held(*lines: str) -> list[tuple]:
    tables = Tables(CHILDREN, EPISODES, NO_ROWS, NO_ROWS, {})
    told = hold_against_return(figures(*lines), tables, POPULATION, borough="Bromley")
    return list(told[["ours", "agrees"]].itertuples(index=False, name=None))


def test_levels_shares_rates_and_changes_are_counted_at_the_printed_precision():
    told = held(
        "Bromley,snapshot,2023-03-31,cla_total,total,total,borough,count,2",
        "Bromley,snapshot,2023-03-31,cla_total,gender,male,borough,percent,100",
        "Bromley,snapshot,2023-03-31,cla_rate_per_10000,total,total,borough,rate_per_10000,2.00",
        "Bromley,snapshot,2023-03-31,cla_uasc,share_of_cla,all,borough,percent,50.0",
        "Bromley,snapshot,2023-03-31,cla_uasc,share_of_child_population,under_18,borough,percent,0.01",
        "Bromley,year,2023-03-31,cla_started,route_into_care,police_protection,borough,percent,99",
    )
    assert told == [("2", True), ("100", True), ("2.00", True), ("50.0", True), ("0.01", True), ("100", False)]


def test_a_figure_soon_after_the_last_return_is_held_against_it_and_a_later_one_is_not():
    lines = [f"Bromley,snapshot,{day},cla_total,total,total,borough,count,2" for day in ("2023-05-31", "2023-07-31")]
    told = hold_against_return(
        figures(*lines), Tables(CHILDREN, EPISODES, NO_ROWS, NO_ROWS, {}), POPULATION, borough="Bromley"
    )
    assert told["counted_on"].tolist()[0] == "2023-03-31"
    assert told["agrees"].tolist()[0] is True
    assert told["why"].tolist()[1] == NOT_REACHED


def test_where_no_home_is_known_there_is_no_share_in_the_borough():
    told = held("Bromley,snapshot,2023-03-31,cla_placed_in_borough,total,total,borough,percent,0")
    assert told == [(None, None)]


# --- every figure that three councils printed ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    return check_layout(load_codelist("printed_figures"), source="printed_figures.csv")


@pytest.fixture(scope="module")
def counted(made_up_folder, printed) -> pd.DataFrame:
    """Every figure counted by the product from the made-up returns: read, clean, count."""
    population = read_published(made_up_folder / "published").population
    parts = []
    for borough in printed["borough"].unique():
        files = read_collections(made_up_folder / "returns", borough)
        cleaned = clean_returns(files, borough_code=find_borough(borough)["code"], secret=b"x" * 32)
        tables = Tables(cleaned.children, cleaned.episodes, cleaned.outcomes, cleaned.care_leavers, cleaned.others)
        parts.append(hold_against_return(printed, tables, population, borough=borough))
    return pd.concat(parts).sort_index()


@pytest.fixture(scope="module")
def status(request, printed) -> pd.DataFrame:
    path = request.path.parent / "published" / "figures_status.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_every_printed_figure_has_a_status_and_a_reason(status, printed):
    keys = [
        "source",
        "section",
        "borough",
        "period_end",
        "indicator",
        "dimension",
        "category",
        "comparator",
        "measure",
        "value",
    ]
    pd.testing.assert_frame_equal(status[keys], printed[keys])
    assert set(status["status"]) == STATUSES
    assert (status.loc[status["status"] != "reproduced", "why"] != "").all()


def test_a_figure_is_reproduced_exactly_where_the_product_counts_the_printed_value(status, counted):
    assert len(counted) == len(status) == 659
    agrees = counted["agrees"].eq(True).to_numpy()
    wrong = status[agrees != status["status"].eq("reproduced").to_numpy()]
    assert wrong.empty, wrong.to_string()
    assert agrees.sum() >= 360


def test_a_figure_contradicts_itself_only_where_a_rule_finds_it(status, printed):
    found = check_figures(printed)
    found = found[found["kind"] == "contradiction"]
    thing = [
        "borough",
        "indicator",
        "dimension",
        "category",
        "comparator",
        "period_end",
    ]  # a count and its share are one
    rules: dict[tuple, set[str]] = {}
    for finding in found.itertuples():
        for row in finding.rows.split(", "):
            rules.setdefault(tuple(printed.loc[int(row) - 2, thing]), set()).add(finding.rule)
    own = status[status["status"] == "contradicts itself"]
    assert all(row["rule"] in rules.get(tuple(row[thing]), ()) for _, row in own.iterrows())
    assert len(found) >= 40
    assert not found.duplicated("sentence").any()


def test_what_no_return_tells_says_where_it_would_come_from(status, counted):
    own = status[status["status"].eq("not in any return")]
    assert (own["where"] != "").all()
    assert counted.loc[own.index, "agrees"].isna().all()


def test_the_example_is_the_list_of_figures_we_were_given(shared, printed):
    given = pd.read_csv(shared / "figures" / "published_figures.csv", dtype=str, keep_default_na=False)
    columns = [column for column in given if column != "source"]
    pd.testing.assert_frame_equal(printed[columns], given[columns])


def test_days_of_figures_are_days():
    assert all(dt.date.fromisoformat(day) for day in load_codelist("printed_figures")["period_end"])
