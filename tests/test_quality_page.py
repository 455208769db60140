"""The data-quality page: every number on it may be read outside, and each part says so when there is nothing to say."""

import pandas as pd
import pytest
from drawn import table, write_return

from helpers import schemas
from helpers.clean import clean_returns, link_collections, type_collections
from helpers.completeness import count_not_known
from helpers.data_quality import check_latest, not_known_latest, refuse_unusable
from helpers.errors import ContractError, InputError
from helpers.quality_page import (
    arrived_table,
    band,
    broken_table,
    changed_table,
    corrected_table,
    few,
    first_things,
    in_short,
    not_known_table,
    set_aside_table,
    skipped_table,
)
from helpers.read.returns import read_collections
from helpers.settings import to_date

HEADER = """
| CHILD | SEX | DOB        | ETHNIC | UPN | MOTHER | MC_DOB |
| X7711 | 1   | 14/02/2010 | WBRI   | UN1 |        |        |
| X7712 | 2   | 31/03/2006 | NOBT   | UN1 |        |        |
"""
EPISODES = """
| CHILD | DECOM      | RNE | LS | CIN | PLACE | PLACE_PROVIDER | DEC | REC | REASON_PLACE_CHANGE | HOME_POST | PL_POST | URN |
| X7711 | 2020-05-01 | S   | v2 | N1  | U6    | PR1            |     |     |                     |           |         |     |
| X7712 | 01/06/2019 | S   | C2 | N1  | K2    |                |     |     |                     |           |         |     |
"""
AS_AT = to_date("2021-03-31")


def quality_of(folder, **tables):
    write_return(folder / "bromley" / "2021-03-31", **tables)
    collections = type_collections(read_collections(folder, "Bromley"))
    cleaned = link_collections(collections, borough_code="E09000006", secret=b"a secret of the test")
    rules, lines = check_latest(collections, AS_AT, borough_code="E09000006")
    return cleaned, rules, lines, not_known_latest(cleaned, AS_AT)


@pytest.fixture
def quality(tmp_path):
    return quality_of(tmp_path, header=HEADER, episodes=EPISODES)


@pytest.mark.parametrize(("number", "told"), [(0, "none"), (1, "up to 5"), (5, "up to 5"), (6, "6"), (1204, "1,204")])
def test_few_rows_are_never_told_exactly(number, told):
    assert few(number) == told


@pytest.mark.parametrize(
    ("part", "base", "told"),
    [
        (0, 12, "none"),
        (1, 12, "up to 5"),  # 'up to 1 in 10' of 12 could only be one child
        (5, 374, "up to 5"),
        (9, 374, "up to 1 in 20"),
        (19, 374, "up to 1 in 10"),
        (93, 374, "up to 1 in 4"),
        (187, 374, "up to half"),
        (188, 374, "more than half"),
        (374, 374, "more than half"),
    ],
)
def test_what_is_not_known_is_told_as_a_band(part, base, told):
    assert band(part, base) == told


def test_what_is_not_known_is_counted_among_those_it_should_be_known_of(quality):
    cleaned, *_ = quality
    counted = count_not_known(cleaned, AS_AT).set_index("key")
    assert counted.loc["ethnicity", ["missing", "children"]].tolist() == [1, 2]
    assert counted.loc["provider", ["missing", "children"]].tolist() == [1, 2]
    assert counted.loc["distance", ["missing", "children"]].tolist() == [2, 2]
    assert "sdq" not in counted.index, "no outcomes arrived, so nobody is missing a score"


def test_an_in_year_collection_has_no_outcomes_to_miss(quality):
    cleaned, *_ = quality
    assert "health_assessment" not in set(count_not_known(cleaned, to_date("2021-06-30"))["key"])


def test_the_summary_says_in_words_whether_the_figures_can_be_trusted(quality):
    cleaned, rules, _, gaps = quality
    told = str(in_short(cleaned, rules, gaps, borough="Bromley", as_at=AS_AT))
    assert "The return of 31 March 2021 has up to 5 rows in 2 tables; every row could be used." in told
    assert "Ethnicity is not known for up to 5 children in care." in told
    assert "could not be checked" in told


def test_every_part_shows_itself_and_no_small_number(quality):
    cleaned, rules, _, gaps = quality
    parts = [
        arrived_table(cleaned.files, borough="Bromley"),
        changed_table(cleaned.changes, borough="Bromley"),
        set_aside_table(cleaned.set_aside, borough="Bromley"),
        not_known_table(gaps, borough="Bromley"),
        broken_table(rules, borough="Bromley"),
        corrected_table(cleaned.corrections, borough="Bromley"),
        first_things(rules, cleaned.set_aside),
    ]
    text = "".join(part._repr_html_() for part in parts)
    assert "The date was written year first." in text
    assert "X77" not in text
    for cell in (">1<", ">2<", ">3<", ">4<", ">5<"):
        assert cell not in text


def test_rules_that_could_not_run_are_told_with_their_reason(quality):
    text = skipped_table(quality[1], borough="Bromley")._repr_html_()
    assert "Table reviews did not arrive." in text


def test_a_borough_without_a_return_has_a_page_all_the_same():
    cleaned = clean_returns([], borough_code="E09000006", secret=b"s")
    rules, lines = check_latest([], AS_AT, borough_code="E09000006")
    gaps = not_known_latest(cleaned, AS_AT)
    assert rules.empty
    assert lines.empty
    assert "No return of Bromley was given" in str(in_short(cleaned, rules, gaps, borough="Bromley", as_at=AS_AT))
    for part in (arrived_table(cleaned.files, borough="Bromley"), broken_table(rules, borough="Bromley")):
        assert part._repr_html_() == ""
    assert "Nothing has to be put right." in str(first_things(rules, cleaned.set_aside))


def test_rules_of_this_year_and_last_stand_beside_each_other(tmp_path):
    quality_of(tmp_path, header=HEADER, episodes=EPISODES)
    write_return(
        tmp_path / "bromley" / "2020-03-31", header=HEADER, episodes=EPISODES.replace("2020-05-01", "2019-05-01")
    )
    collections = type_collections(read_collections(tmp_path, "Bromley"))
    rules, lines = check_latest(collections, AS_AT, borough_code="E09000006")
    assert sorted(rules["period"].unique()) == ["2020-03-31", "2021-03-31"]
    assert len(lines) == rules["rows_broken"].sum()
    statuses = rules.set_index(["period", "code"])["status"]
    assert statuses["2021-03-31", "502"] == "broken", "an episode that was open is not carried over"
    assert statuses["2020-03-31", "502"] == "skipped"


def test_a_rule_that_did_not_run_before_is_not_told_as_none():
    columns = [
        "period",
        "code",
        "table",
        "severity",
        "status",
        "rows_checked",
        "rows_broken",
        "reason_skipped",
        "message",
    ]
    rules = table(
        """
        | period     | code | table    | severity | status  | rows_checked | rows_broken | reason_skipped | message |
        | 2022-03-31 | Y    | episodes | error    | skipped | 0            | 0           | It needs more. | Mend.   |
        | 2023-03-31 | Y    | episodes | error    | broken  | 20           | 7           | -              | Mend.   |
        """
    ).assign(period=["2022-03-31", "2023-03-31"])
    text = broken_table(rules[columns], borough="Bromley")._repr_html_()
    assert "not checked" in text
    assert ">7<" in text


def test_the_contracts_refuse_an_account_that_does_not_add_up():
    row = pd.DataFrame(
        [["2021-03-31", "a.csv", "header", "0", 3, 1, 1, 0]], columns=schemas.columns_of(schemas.FilesRead)
    )
    with pytest.raises(ContractError, match="nothing_is_lost"):
        schemas.check(row, schemas.FilesRead, source="files")


def test_a_return_of_which_most_rows_cannot_be_used_gives_no_figures(tmp_path):
    cleaned, *_ = quality_of(tmp_path, header=HEADER, episodes=EPISODES)
    refuse_unusable(cleaned)
    spoiled, *_ = quality_of(tmp_path, header=HEADER, episodes=EPISODES.replace("v2", "QQ").replace("C2", "QQ"))
    with pytest.raises(InputError, match="episodes table of 2021-03-31: 2 of 2 rows cannot be used"):
        refuse_unusable(spoiled)
