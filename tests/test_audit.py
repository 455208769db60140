"""The audit of a reports folder: nothing is found in what the program draws, and every way to leak is found."""

import base64
import csv
import getpass
import io
import re
import shutil
import struct
import zipfile
import zlib

import drawn_reports
import pandas as pd
import pytest
from conftest import briefings
from drawn_reports import EDITION, HIDDEN

from helpers.audit import audit_folder, audit_overview, audit_reports, canaries
from helpers.audit.canaries import days_told, user_pattern
from helpers.audit.equations import attack_editions
from helpers.audit.grid import grid_of
from helpers.audit.marks import check_figures
from helpers.audit.markup import parse
from helpers.audit.pages import READERS
from helpers.audit.result import Audit
from helpers.audit.sentences import Said, check_sentences
from helpers.charts import bar_chart, funnel_chart, interval_chart, line_chart, rank_chart
from helpers.codes import load_codelist
from helpers.errors import NoDataError
from helpers.tables import Card, Cards

BRIEFING, MEASURES = f"{EDITION}/briefing.html", f"{EDITION}/measures.html"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "reports"
    drawn_reports.write_reports(folder)
    return folder


@pytest.fixture
def reports(drawn, tmp_path):
    """A copy of the drawn folder, to tamper with."""
    return shutil.copytree(drawn, tmp_path / "reports")


def replace(path, old: str, new: str, times: int = 1) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= times, f"{path.name} has no {old!r} to tamper with"
    path.write_text(text.replace(old, new, times), encoding="utf-8")


def faults_of(folder, name: str = "") -> str:
    return "\n".join(line for line in audit_reports(folder).faults if line.startswith(name))


# --------------------------------------------------------------------------------------------------- what is right


def test_nothing_is_found_in_what_the_program_draws_and_what_was_proved_has_numbers(drawn):
    found = audit_reports(drawn)
    assert found.faults == []
    assert found.files == 9
    told = " ".join(found.proved)
    assert f"{found.counted['cells']} cells of tables" in told
    assert "{n}" not in told
    for what in ("counts", "hidden", "cells", "marks", "sheet_cells", "parts", "results", "pages", "run_files"):
        assert found.counted[what] > 0, what


def test_nothing_is_found_in_a_real_run(made_up_run):
    found = audit_reports(made_up_run.reports)
    assert found.faults == []
    assert found.counted["cells"] > 4_000
    assert found.counted["sheet_cells"] > 7_000


def hidden_cells(source: str) -> set[tuple[int, int, int]]:
    """Give the table, row and column of every hidden cell of a page."""
    return {
        (number, line, column)
        for number, table in enumerate(parse(source).iter("table"), start=1)
        for line, row in enumerate(list(table.iter("tr"))[1:], start=1)
        for column, cell in enumerate(row, start=1)
        if cell.find("span[@class='hidden-value']") is not None
    }


def cells_found(faults: list[str], name: str) -> set[tuple[int, int, int]]:
    told = [re.search(rf"{name}, table (\d+), row (\d+), column (\d+)", line) for line in faults]
    return {tuple(map(int, one.groups())) for one in told if one}


@pytest.mark.parametrize("number", ["27", "8%"])
def test_every_hidden_cell_of_every_page_of_a_real_run_is_found_when_it_is_shown(made_up_run, tmp_path, number):
    folder = shutil.copytree(made_up_run.reports / "bromley" / "2022-06-30", tmp_path / "bromley" / "2022-06-30")
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    for name, source in sources.items():
        (folder / name).write_text(source.replace(WORD, number), encoding="utf-8")
    faults = audit_folder(folder).faults
    hidden = {name: hidden_cells(source) for name, source in sources.items()}
    assert sum(map(len, hidden.values())) > 500
    for name, cells in hidden.items():
        assert cells <= cells_found(faults, name), name


def test_editions_may_be_looked_at_one_by_one(reports):
    assert audit_folder(reports / EDITION).faults == []
    parts = [audit_folder(reports / EDITION)]
    whole, apart = audit_reports(reports), audit_overview(reports, parts)
    apart.add(attack_editions(reports))
    assert (whole.faults, whole.files, whole.proved) == (apart.faults, apart.files, apart.proved)


def test_many_editions_are_looked_at_as_one_is(reports):
    for place in ("barnet", "bexley", "brent", "camden", "croydon", "ealing", "enfield"):
        shutil.copytree(reports / EDITION, reports / place / "2022-03-31")
    found = audit_reports(reports)
    assert found.faults == []
    assert found.counted["editions"] == 8


def test_the_command_tells_leaks_on_stderr_and_exits_with_1(reports):
    clean = briefings("audit", reports)
    assert clean.returncode == 0, clean.stderr
    assert "0 faults found" in clean.stdout
    replace(reports / BRIEFING, "<p>69 of", "<p>MADEUP0A1B has 69 of")
    found = briefings("audit", reports)
    assert found.returncode == 1
    assert "LEAK" in found.stderr
    assert "MADEUP0A1B" not in found.stderr + found.stdout, "a message never repeats what leaked"


def test_an_edition_of_an_older_version_without_some_files_is_looked_at_all_the_same(reports):
    for name in ("disproportionality.csv", "trends.csv"):
        (reports / EDITION / name).unlink()
    assert audit_reports(reports).faults == []
    (reports / EDITION / "indicators.csv").unlink()
    assert "nothing can be held against it" in faults_of(reports)


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(NoDataError, match="no files"):
        audit_reports(tmp_path)


# ------------------------------------------------------------------------------------------------- under which rule


def under(reports, rule: str, place: str = EDITION) -> None:
    replace(reports / place / "run.json", '"made_up"', f'"parameters": {{"disclosure": "{rule}"}}, "made_up"')


def show_children(reports, number: int, words: str) -> None:
    """Let a row, a sentence, a table and run.json of the edition tell of a few children."""
    with (reports / EDITION / "indicators.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    one = {**rows[0], "indicator": "cla_offending", "numerator": str(number), "value": str(number)}
    with (reports / EDITION / "indicators.csv").open("a", newline="", encoding="utf-8") as file:
        csv.DictWriter(file, fieldnames=list(one), lineterminator="\n").writerow(one)
    replace(reports / BRIEFING, "</main>", f"<p>{words} children moved.</p>{few_in_a_table(number)}</main>")
    replace(reports / EDITION / "run.json", '"rows_read": 338', f'"rows_read": {number}')


def few_in_a_table(number: int) -> str:
    heads, row = "<th scope='col'>Kind</th><th scope='col'>Children</th>", f"<td>a</td><td>{number}</td>"
    return f"<table><caption>Moves</caption><tr>{heads}</tr><tr>{row}</tr></table>"


SHOWS_FEW = (
    "csv, line .*: shows a number of 1 to {}", "table .*: shows a number of 1 to {}", "tells of 1 to {} children",
    "counts 1 to {} rows",
)  # fmt: skip


def test_five_children_may_be_shown_under_the_rule_of_1_to_4(reports):
    under(reports, "la-1-4")
    show_children(reports, 5, "Five")
    replace(reports / BRIEFING, "Numbers of 1 to 5 children are hidden.", "Numbers of 1 to 4 children are hidden.")
    found = audit_reports(reports)
    assert found.faults == []
    assert "no number of 1 to 4" in " ".join(found.proved)
    assert not re.search("1 to 5|{", " ".join(found.proved))


@pytest.mark.parametrize(("number", "words"), [(4, "Four"), (1, "One"), (4, "4")])
def test_fewer_children_are_found_under_the_rule_of_1_to_4(reports, number, words):
    under(reports, "la-1-4")
    show_children(reports, number, words)
    found = faults_of(reports)
    for what in SHOWS_FEW:
        assert re.search(what.format(4), found), what


@pytest.mark.parametrize("rule", ["la-1-5", "la-1-3", "", None])
def test_five_children_are_found_under_the_usual_rule_and_where_none_is_named(reports, rule):
    if rule is not None:
        under(reports, rule)
    show_children(reports, 5, "Five")
    found = faults_of(reports)
    for what in SHOWS_FEW:
        assert re.search(what.format(5), found), what


@pytest.mark.parametrize("told", ['"la-1-4"', '["la-1-4"]', '{"disclosure": ["la-1-4"]}', "null"])
def test_a_rule_that_cannot_be_read_is_the_usual_one(reports, told):
    replace(reports / EDITION / "run.json", '"made_up"', f'"parameters": {told}, "made_up"')
    show_children(reports, 5, "Five")
    assert "shows a number of 1 to 5" in faults_of(reports)


def test_a_run_json_in_a_folder_inside_names_no_rule(reports):
    inside = reports / EDITION / "a" / "run.json"
    inside.parent.mkdir()
    inside.write_text('{"parameters": {"disclosure": "la-1-4"}}')
    show_children(reports, 5, "Five")
    assert "shows a number of 1 to 5" in faults_of(reports)


def test_a_run_that_hides_nothing_is_a_fault_by_itself_and_its_small_numbers_are_found(reports):
    under(reports, "none")
    fault = f"{EDITION}/run.json: is of a run that hides nothing: not for release"
    assert audit_folder(reports / EDITION).faults == audit_reports(reports).faults == [fault]
    show_children(reports, 5, "Five")
    found = faults_of(reports)
    for what in SHOWS_FEW:
        assert re.search(what.format(5), found), what


def test_the_overview_follows_the_rule_of_its_editions(reports):
    replace(reports / "index.html", "</main>", f"<p>Five children moved.</p>{few_in_a_table(5)}</main>")
    assert len(re.findall("of 1 to 5", faults_of(reports, "index.html"))) == 2
    under(reports, "la-1-4")
    assert faults_of(reports, "index.html") == ""


def attacked(reports) -> str:
    return "\n".join(attack_editions(reports).faults)


def test_what_a_hidden_number_may_be_follows_the_rule(reports):
    """The two hidden groups of 338 are 4 together: 5 is no longer possible, which tells of one where 1 to 5 are hidden."""
    white = {"ethnic_group": "White", "period_end": "2022-03-31"}
    change_row(reports / EDITION / "indicators.csv", white, numerator="225")
    assert attacked(reports).count("can be worked out to fewer than 1 to 5") == 2
    under(reports, "la-1-4")
    assert attacked(reports) == ""
    change_row(reports / EDITION / "indicators.csv", white, numerator="226")
    assert attacked(reports).count("can be worked out to fewer than 1 to 4") == 2


def test_two_editions_may_differ_by_five_children_where_that_is_no_small_number(reports):
    later = "bromley/2022-06-30"
    shutil.copytree(reports / EDITION, reports / later)
    whole = {"indicator": "cla_total", "period_end": "2021-03-31", "ethnic_group": "All"}
    change_row(reports / later / "indicators.csv", whole, numerator="335")
    assert "two editions differ by 1 to 5" in attacked(reports)
    under(reports, "la-1-4")
    assert "two editions differ by 1 to 5" in attacked(reports), "the stricter of two rules"
    under(reports, "la-1-4", later)
    assert "two editions differ" not in attacked(reports)
    change_row(reports / later / "indicators.csv", whole, numerator="334")
    assert "two editions differ by 1 to 4" in attacked(reports)


# --------------------------------------------------------------------------------------------------------- canaries

SECRETS = {
    "0a1b2c3d4e5f6071": "a keyed identifier",
    "MADEUP0A1B": "made-up child",
    "A123456789012": "pupil number",
    "B12345678901C": "pupil number",
    "IG11 7LU": "postcode",
    "BR13UH": "postcode",
    "SWE123456": "social worker",
    "/home/ada/returns.csv": "path of a machine",
    r"C:\Users\ada\returns.csv": "path of a machine",
    r"\\server\share\returns": "path of a machine",
    "file://server/returns.csv": "path of a machine",
    "ada.lovelace@example.gov.uk": "e-mail",
    "Traceback (most recent call last)": "traceback",
    "14/05/2009": "a day",
    "2009-05-14": "a day",
    "born on 14 May 2009": "a day",
    "14th May 2009": "a day",
}
PLACES = {
    "page": (BRIEFING, "<p>69 of", "<p>{} 69 of"),
    "alt text": (BRIEFING, "<desc id=", '<desc class="{}" id='),
    "description": (BRIEFING, "Dot plot by", "{} Dot plot by"),
    "csv": (f"{EDITION}/indicators.csv", "Made-up return: every", "{} every"),
    "results": (f"{EDITION}/trends.csv", "not applicable", "{}"),
    "run": (f"{EDITION}/run.json", '"made_up": true', '"made_up": "{}"'),
    "overview": ("index.html", "</main>", "<p>{}</p></main>"),
    "findings": ("findings.csv", "There is", "{} There is"),
}


@pytest.mark.parametrize("secret", SECRETS)
def test_every_kind_of_identifier_is_found_in_every_kind_of_file(reports, secret):
    for name, old, new in PLACES.values():
        replace(
            reports / name, old, new.replace("{}", secret.replace("\\", "\\\\") if name.endswith("json") else secret)
        )
    found = faults_of(reports)
    for name, *_ in PLACES.values():
        assert re.search(f"{re.escape(name)}.*: .*{SECRETS[secret]}", found), name
    assert secret not in found, "a message never repeats what leaked"


@pytest.mark.parametrize("secret", ["14/05/2009", "IG11 7LU", "0a1b2c3d4e5f6071"])
def test_an_identifier_in_letters_written_by_number_is_found(reports, secret):
    replace(reports / BRIEFING, "<p>69 of", f"<p>{''.join(f'&#{ord(one)};' for one in secret)} 69 of")
    assert SECRETS[secret] in faults_of(reports, BRIEFING)


def test_the_user_who_ran_it_is_found_and_an_ordinary_word_is_no_user(reports, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "alovelace")
    replace(reports / BRIEFING, "<p>69 of", "<p>Run by ALovelace. 69 of")
    assert "name of the user" in faults_of(reports, BRIEFING)
    assert [user_pattern(name) for name in ("ada", "root", "Runner", "bromley")] == [None] * 4


def test_days_are_read_in_figures_and_words_and_only_those_of_the_calendar():
    assert days_told("1 Apr 2020; 2021-02-30; 31/12/2019, 2 May 2021") == {"2020-04-01", "2019-12-31", "2021-05-02"}
    assert canaries.with_days_after(["2022-03-31"]) == {"2022-03-31", "2022-04-01"}


# ------------------------------------------------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (f"{EDITION}/.hidden", "no run writes"),
        (f"{EDITION}/children.parquet", "no run writes"),
        (f"{EDITION}/inside/indicators.csv", "no run writes"),
        ("bromley/note.txt", "no run writes"),
        ("indicators.csv", "no run writes"),
        ("elsewhere/2022-03-31/run.json", "not named after a borough"),
        ("bromley/.2022-03-31.77/run.json", "not named after a borough"),
    ],
)
def test_a_file_that_no_run_writes_is_found(reports, name, what):
    (reports / name).parent.mkdir(parents=True, exist_ok=True)
    (reports / name).write_text("{}", encoding="utf-8")
    assert what in faults_of(reports)


@pytest.mark.parametrize("name", ["A123456789012.csv", "MADEUP0A1B/run.json", "0a1b2c3d4e5f6071.html"])
def test_the_name_of_a_file_that_may_be_of_a_child_is_not_repeated(reports, name):
    (reports / EDITION / name).parent.mkdir(exist_ok=True)
    (reports / EDITION / name).write_text("text", encoding="utf-8")
    found = faults_of(reports)
    assert f"{EDITION}/(name not told)" in found
    assert name.split("/")[0].split(".")[0] not in found


def test_a_link_to_another_place_is_found(reports, tmp_path):
    (tmp_path / "outside.csv").write_text("a\n")
    (reports / EDITION / "journey.csv").symlink_to(tmp_path / "outside.csv")
    assert "a link to another place" in faults_of(reports)


# ------------------------------------------------------------------------------------------------------- the source

MARKUP = {
    "<script>1</script>": "a script",
    '<p onclick="x()">a</p>': "runs code",
    '<form action="https://example.org/"></form>': "<form>",
    '<iframe src="https://example.org/"></iframe>': "<iframe>",
    '<img alt="" src="https://example.org/a.png">': "request to another place",
    '<img alt="" srcset="https://example.org/a.png 2x">': "request to another place",
    '<link rel="stylesheet" href="https://example.org/a.css">': "request to another place",
    "<style>p { background: url(https://example.org/a) }</style>": "loads from another place",
    "<style>@import 'a.css';</style>": "loads from another place",
    "<style>p::after { content: \"3 children\" }</style>": "words of its own",
    '<meta http-equiv="refresh" content="0">': "instruction to the browser",
    '<p data-count="3">a</p>': "data- attribute",
    "<!-- 3 of them -->": "a comment",
    '<p style="color: red">a</p>': "an attribute of <p>",
    '<input value="3">': "<input>",
    '<a href="javascript:x()">a</a>': "a link that runs code",
    '<svg><circle r="3"/></svg>': "<circle>",
    '<svg><use href="other.svg#a"/></svg>': "request to another place",
    f'<img alt="" src="data:text/html;base64,{base64.b64encode(b"<p>a</p>").decode()}">': "no picture",
}  # fmt: skip


@pytest.mark.parametrize("added", MARKUP)
def test_what_runs_loads_or_hides_is_found(reports, added):
    replace(reports / BRIEFING, "</main>", f"{added}</main>")
    assert MARKUP[added] in faults_of(reports, BRIEFING)


def test_a_count_kept_in_an_attribute_of_a_picture_is_found(reports):
    replace(reports / BRIEFING, "<svg ", '<svg data-count="3" ')
    assert "data- attribute" in faults_of(reports, BRIEFING)


def test_words_inside_a_picture_are_found(reports):
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", bytes(13))
        + chunk(b"tEXt", b"Comment\0A123456789012")
        + chunk(b"IEND", b"")
    )
    replace(
        reports / BRIEFING,
        "</main>",
        f'<img alt="" src="data:image/png;base64,{base64.b64encode(png).decode()}"></main>',
    )
    found = faults_of(reports, BRIEFING)
    assert "keeps words of its own" in found
    assert "carried picture 1: a unique pupil number" in found


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("default-src 'none'", "default-src *", "allowing nothing"),
        ("style-src 'sha256-", "style-src 'unsafe-inline' 'sha256-", "whose hash is not"),
        ("body { margin: 0;", "body { margin: 1px;", "whose hash is not"),
        ("img-src data:", "img-src *", "more than a page needs"),
        ('http-equiv="Content-Security-Policy"', 'name="policy"', "0 Content-Security-Policies"),
    ],
)
def test_a_policy_that_is_wider_than_the_page_is_found(reports, old, new, what):
    replace(reports / BRIEFING, old, new)
    assert what in faults_of(reports, BRIEFING)


# -------------------------------------------------------------------------------------------------- what is said

LEAKS = (
    "3 children", "Only two young people were missing.", "There was one child.", "five boys went missing",
    "Four of the 69 children in care moved.", "2 of 69 children in care (3%) moved.", "All but 4 are in foster care.",
    "<strong>3</strong> children", "3&nbsp;care leavers", "4 (2%) were placed for adoption", "3 health assessments",
    "1 unaccompanied child", "67 of 69 children in care had a check.", "only 3 were found", "2 of them",
)  # fmt: skip
SAYINGS = (
    "Numbers of 1 to 5 children are hidden.", "Up to 5 children.", "1 in 20 children", "25 of 34 children under 5 (68%)",
    "Not one of the 336 children in care was missing.", "That is about 5 more children than expected.",
    "The rate is falling in 1 of 2 boroughs.", "Children aged 1 to 4 are under-represented.", "1.5 times as likely",
    "Three or more homes in a year", "The two years cannot be compared.", "5% of 100 local children", "4.5 children",
    "3 more than on 31 March 2021 (335)", "children of two groups", "22 children", "Within the five groups",
)  # fmt: skip


@pytest.mark.parametrize("said", LEAKS)
def test_a_sentence_that_tells_of_few_children_is_found(reports, said):
    replace(reports / BRIEFING, "</main>", f"<p>{said}</p></main>")
    assert re.search("1 to 5 children|leaves 1 to 5", faults_of(reports, BRIEFING))


@pytest.mark.parametrize("said", SAYINGS)
def test_a_sentence_that_tells_of_nobody_is_let_be(said):
    audit = Audit()
    check_sentences([Said("here", said)], "page", audit, None)
    assert audit.faults == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<desc id=", '<desc id="x">3 children</desc><desc id='),
        ("Dot plot by ethnic group.", "Dot plot by ethnic group: 3 children are hidden."),
        ('role="group" aria-label="', 'role="group" aria-label="3 children, '),
        ('<meta name="description" content="', '<meta name="description" content="3 children. '),
        ("<title>", "<title>3 children, "),
        ("<summary>Data for", "<summary>3 children. Data for"),
    ],
)
def test_few_children_in_a_description_a_label_or_a_title_are_found(reports, old, new):
    replace(reports / BRIEFING, old, new)
    assert "tells of 1 to 5 children" in faults_of(reports, BRIEFING)


def test_a_number_of_a_base_that_was_not_released_is_found(reports):
    replace(reports / BRIEFING, "69 of 338 children", "27 of 338 children")
    assert "a base that no released row has" in faults_of(reports, BRIEFING)


def test_a_number_of_children_that_was_not_released_is_found(reports):
    replace(reports / BRIEFING, "</main>", "<p>27 children live in semi-independent homes.</p></main>")
    assert "a number of children that no released row has" in faults_of(reports, BRIEFING)


COUNCIL = '<div class="council-words"><p>{}</p></div></main>'


def test_a_councils_own_words_may_tell_their_own_numbers_and_days_but_no_child(reports):
    told = "On 5 May 2022 the board heard 45 young people."
    replace(reports / BRIEFING, "</main>", COUNCIL.format(told))
    assert faults_of(reports, BRIEFING) == ""
    replace(reports / BRIEFING, told, "3 children, born on 14 May 2009, were heard.")
    found = faults_of(reports, BRIEFING)
    assert "tells of 1 to 5 children" in found
    assert "a day that is none" in found


# ----------------------------------------------------------------------------------------------------------- tables


def tamper_cell(path, caption: str, row: str, old: str, new: str) -> None:
    """Change one cell of the row of a table, in the source."""
    text = path.read_text(encoding="utf-8")
    start = text.index(f'scope="row">{row}<', text.index(f"<span>{caption}"))
    end = text.index("</tr>", start)
    line = text[start:end]
    assert old in line, f"the row of {row} has no {old}"
    path.write_text(text[:start] + line.replace(old, new, 1) + text[end:], encoding="utf-8")


WORD = '<span class="hidden-value">hidden</span>'
CELLS = {
    "breakdown": (BRIEFING, "Where children live in Bromley by group", HIDDEN, WORD, "27"),
    "breakdown percent": (
        BRIEFING,
        "Where children live in Bromley by group",
        HIDDEN,
        f">{WORD}</td></tr",
        ">8%</td></tr",
    ),
    "breakdown shown": (BRIEFING, "Where children live in Bromley by group", "Residential care", "50", "51"),
    "by year": (BRIEFING, "Children in care in Bromley by ethnic group", "Other ethnic group", WORD, "31"),
    "chart": (BRIEFING, "Percentage of children in care in Bromley", HIDDEN, WORD, "8%"),
    "rate": (BRIEFING, "Children in care for every 10,000", "2021", "44", "45"),
    "times": (BRIEFING, "Times as likely to be in care", "Black", WORD, "1.4"),
    "measures": (MEASURES, "Released figures of Bromley", f"Where children live and {HIDDEN}", WORD, "27"),
    "change": (BRIEFING, "Change over time in Bromley", "Children in care", "338 (2022)", "339 (2022)"),
}


@pytest.mark.parametrize("which", CELLS)
def test_a_hidden_cell_that_is_shown_and_a_shown_one_that_is_changed_are_found(reports, which):
    name, caption, row, old, new = CELLS[which]
    if which == "breakdown percent":
        old, new = f"{WORD}</td>", "8%</td>"
        tamper_cell(reports / name, caption, row, old, "kept</td>")
        tamper_cell(reports / name, caption, row, old, new)
    else:
        tamper_cell(reports / name, caption, row, old, new)
    assert re.search("table .*: (shows a number that is hidden|does not say the released)", faults_of(reports, name))


def test_few_children_in_a_table_of_any_kind_are_found(reports):
    added = "<table><caption>Moves</caption><tr><th scope='col'>Kind</th><th scope='col'>Children</th></tr><tr><td>a</td><td>3</td></tr></table>"
    replace(reports / BRIEFING, "</main>", f"{added}</main>")
    assert "shows a number of 1 to 5" in faults_of(reports, BRIEFING)


@pytest.mark.parametrize("page", [BRIEFING, MEASURES])
def test_every_number_of_every_table_is_found_when_it_is_another(reports, page):
    source = (reports / page).read_text(encoding="utf-8")
    (reports / page).write_text(re.sub(r'(<td class="number">)(\d+)', lambda one: f"{one[1]}{int(one[2]) + 1}", source))
    number_cells = len(re.findall(r'<td class="number">\d', source))
    assert len(cells_found(audit_reports(reports).faults, page)) == number_cells > 15


@pytest.mark.parametrize(("figure", "found"), [("338", False), ("337", True), ("3", True)])
def test_a_key_figure_is_the_released_number(reports, figure, found):
    card = Cards((Card("Children in care", figure, "31 March 2022"),))._repr_html_()
    replace(reports / BRIEFING, "</main>", f"{card}</main>")
    assert ("key figure 1: does not say" in faults_of(reports, BRIEFING)) == found


def test_the_overview_tells_the_number_of_the_edition(reports):
    replace(reports / "index.html", ">338<", ">339<")
    assert "does not say the released number" in faults_of(reports, "index.html")


# ---------------------------------------------------------------------------------------------------------- pictures


def bars_of(path) -> list[str]:
    return re.findall(r'<path d="(M[\d. ]+L[\d. ]+L[\d. ]+L[\d. ]+z)"', path.read_text(encoding="utf-8"))


def test_a_bar_that_shows_a_hidden_number_is_found(reports):
    bar = bars_of(reports / BRIEFING)[0]
    x, y = re.match(r"M([\d.]+) ([\d.]+)", bar).groups()
    added = f"M{x} 160L{float(x) + 12} 160L{float(x) + 12} 172L{x} 172z"
    replace(reports / BRIEFING, f'<path d="{bar}"', f'<path d="{added}" fill="#12436d"/><path d="{bar}"')
    assert re.search("picture .*: a bar without its number", faults_of(reports, BRIEFING))


def test_a_bar_whose_length_is_another_number_is_found(reports):
    bar = bars_of(reports / BRIEFING)[0]
    right = re.match(r"M[\d.]+ [\d.]+L([\d.]+)", bar)[1]
    replace(reports / BRIEFING, bar, bar.replace(f"L{right} ", f"L{float(right) - 9:.1f} "))
    assert "do not lie on one scale" in faults_of(reports, BRIEFING)


def test_a_point_of_a_line_that_is_another_number_is_found(reports):
    text = (reports / BRIEFING).read_text(encoding="utf-8")
    line = re.search(r'<path d="(M[\d.]+ ([\d.]+)L[\d. ]+)" fill="none" stroke="#12436d" stroke-width="3"', text)
    replace(reports / BRIEFING, line[1], line[1].replace(f" {line[2]}L", f" {float(line[2]) - 20:.1f}L", 1))
    assert "a mark that no number of its table explains" in faults_of(reports, BRIEFING)


def test_a_dot_beside_a_hidden_number_and_one_that_was_moved_are_found(reports):
    text = (reports / BRIEFING).read_text(encoding="utf-8")
    dot = re.search(r'<use x="([\d.]+)" y="([\d.]+)"[^>]*/>', text)
    hidden = re.search(r'y="([\d.]+)"[^>]*>hidden<', text[dot.end() :])
    replace(reports / BRIEFING, dot[0], dot[0] + dot[0].replace(dot[2], f"{float(hidden[1]) - 4.6:.1f}"))
    assert "a dot that is not at the number of its row" in faults_of(reports, BRIEFING)
    (reports / BRIEFING).write_text(text.replace(dot[0], dot[0].replace(dot[1], f"{float(dot[1]) - 15:.1f}")))
    assert "a dot that is not at the number of its row" in faults_of(reports, BRIEFING)


def test_a_range_of_a_hidden_number_is_found(reports):
    text = (reports / BRIEFING).read_text(encoding="utf-8")
    line = re.search(
        r'<path d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+" fill="none" stroke="#12436d" stroke-width="2"/>', text
    )
    added = line[0].replace(line[1], f"{float(line[1]) - 21:.1f}")
    replace(reports / BRIEFING, line[0], line[0] + added)
    assert re.search("a line that is no range|more marks", faults_of(reports, BRIEFING))


def test_a_number_written_into_a_picture_is_found(reports):
    replace(reports / BRIEFING, ">hidden</text>", ">27</text>")
    assert "stands nowhere in its figure" in faults_of(reports, BRIEFING)


def test_a_picture_without_a_table_is_found(reports):
    replace(reports / BRIEFING, "</main>", '<svg><path d="M0 0L3 0L3 9L0 9z"></path></svg></main>')
    assert "without the table of its numbers" in faults_of(reports, BRIEFING)


def charts() -> dict[str, object]:
    """One chart of every kind, with hidden places and values that leave the picture."""
    said = {"title": "A chart", "subtitle": "Places", "alt": "A chart.", "source": "Made up"}
    days = pd.to_datetime(["2019-03-31", "2020-03-31", "2021-03-31", "2022-03-31"])
    gap = pd.DataFrame({"period": days, "area": "A", "value": [41.2, None, 40.4, 47], "status": "shown"})
    gap.loc[1, "status"] = "suppressed"
    names = [f"Place {n}" for n in range(12)]
    rates = [30.0 + 7 * n for n in range(12)]
    size = [20_000.0 + 900 * n for n in range(12)]
    limits = pd.DataFrame(
        {
            "size": [10_000, 40_000.0],
            "low_95": [30, 50.0],
            "high_95": [90, 70.0],
            "low_998": [20, 40.0],
            "high_998": [95, 80.0],
        }
    )
    wide = pd.DataFrame(
        {
            "group": ["A", "B", "C"],
            "value": [1.2, 40, None],
            "low": [0.9, 0.05, None],
            "high": [1.6, 90, None],
            "status": ["shown", "shown", "suppressed"],
        }
    )
    spread = pd.DataFrame(
        {"group": ["A", "B"], "value": [-3.0, 12.0], "low": [-9.0, 4.0], "high": [2.0, 24.0], "status": "shown"}
    )
    places = pd.DataFrame(
        {
            "area": names,
            "value": rates,
            "status": "shown",
            "size": size,
            "position": ["above", *["as expected"] * 10, "too few to say"],
        }
    )
    ranked = places.assign(
        rank=range(1, 13),
        rank_low=[max(n - 2, 1) for n in range(1, 13)],
        rank_high=[min(n + 2, 12) for n in range(1, 13)],
    )
    bars = pd.DataFrame(
        {
            "category": ["A", "B", "C"] * 2,
            "value": [12.4, None, 0.3, 14.6, 3.2, 0],
            "status": ["shown", "suppressed", *["shown"] * 4],
            "series": ["2021"] * 3 + ["2022"] * 3,
        }
    )
    return {
        "line": line_chart(gap, key="line", highlight="A", unit="per 10,000", **said),
        "log": interval_chart(wide, key="log", unit="times", reference_label="Same", **said),
        "linear": interval_chart(spread, key="linear", unit="percentage points", log=False, reference=0.0, reference_label="Same", **said),
        "funnel": funnel_chart(places, limits, key="funnel", unit="per 10,000", target=60.0, size_unit="Children aged 0 to 17", **said),
        "rank": rank_chart(ranked, key="rank", unit="per 10,000", **said),
        "bar": bar_chart(bars, key="bar", unit="%", **said),
    }  # fmt: skip


@pytest.fixture(scope="module")
def every_chart():
    return charts()


@pytest.mark.parametrize("kind", ["line", "log", "linear", "funnel", "rank", "bar"])
def test_every_kind_of_chart_agrees_with_its_own_table_and_not_with_another(every_chart, kind):
    text = every_chart[kind]._repr_html_()
    audit = Audit()
    check_figures(parse(text), "page", audit)
    assert audit.faults == []
    assert audit.counted["marks"] > 0
    hidden = Audit()
    shown = max(grid_of(parse(text).find(".//table")).rows, key=lambda row: sum(cell[:1].isdigit() for cell in row[1:]))
    start = text.index(f'scope="row">{shown[0]}<')
    end = text.index("</tr>", start)
    row = re.sub(r'(<td class="number">)[^<]*', rf"\1{WORD}", text[start:end])
    check_figures(parse(text[:start] + row + text[end:]), "page", hidden)
    assert hidden.faults, "a mark of a row that its table hides"


# -------------------------------------------------------------------------------------------------------------- CSV


def change_row(path, match: dict[str, str], **cells: str) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    own = next(row for row in rows if all(row[name] == value for name, value in match.items()))
    own.update(cells)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(own), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


HOME, GROUP = {"category": HIDDEN, "period_end": "2022-03-31"}, {"group": "Black"}
TAMPERED = {
    "a small count": ("indicators", {"ethnic_group": "Asian"}, {"numerator": "3"}, "shows a number of 1 to 5"),
    "a small rest": ("indicators", {"ethnic_group": "Asian"}, {"numerator": "326"}, "leaves a number of 1 to 5"),
    "a count beside hidden": ("indicators", HOME, {"numerator": "27"}, "marked hidden and shows"),
    "a value beside hidden": ("indicators", HOME, {"value": "7.9"}, "marked hidden and shows"),
    "a limit beside hidden": ("indicators", HOME, {"upper": "9.1"}, "marked hidden and shows"),
    "a formula": ("indicators", HOME, {"release": "=1+1"}, "run as a formula"),
    "a formula of a sign": ("trends", {"category": HIDDEN}, {"finding": "@SUM(1)"}, "run as a formula"),
    "a share of hidden in trends": ("trends", {"category": HIDDEN}, {"last_value": "0.08"}, "marked hidden and shows"),
    "a share of hidden told as shown": (
        "trends", {"category": HIDDEN}, {"last_value": "0.08", "status": "shown"}, "otherwise than indicators.csv",
    ),
    "another last value": ("trends", {"category": "All"}, {"last_value": "339"}, "otherwise than indicators.csv"),
    "a rate of hidden": ("disproportionality", GROUP, {"rate_per_10000": "12.5"}, "marked hidden and shows"),
    "a ratio told as shown": (
        "disproportionality", GROUP, {"ratio": "1.2", "status": "shown"}, "otherwise than indicators.csv",
    ),
    "another count": ("disproportionality", {"group": "White"}, {"count": "179"}, "otherwise than indicators.csv"),
    "a small total": ("disproportionality", {"group": "White"}, {"total": "182"}, "leaves a number of 1 to 5"),
}  # fmt: skip


@pytest.mark.parametrize("which", TAMPERED)
def test_a_tampered_csv_file_is_found(reports, which):
    table, match, cells, what = TAMPERED[which]
    change_row(reports / EDITION / f"{table}.csv", match, **cells)
    assert what in faults_of(reports, f"{EDITION}/{table}.csv, line")


def test_a_number_in_one_file_and_hidden_in_the_other_is_found_in_all_that_show_it(reports):
    cells = {"numerator": "", "value": "", "lower": "", "upper": "", "status": "suppressed"}
    change_row(reports / EDITION / "indicators.csv", {"ethnic_group": "White", "period_end": "2022-03-31"}, **cells)
    found = faults_of(reports)
    for name in ("briefing.html", "measures.html", "disproportionality.csv", "tables.xlsx"):
        assert f"{EDITION}/{name}" in found, name


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"inputs"', '"children": 3, "inputs"', "keys that no run writes"),
        ('"bromley/2022-03-31/header.csv"', '"/data/in/header.csv"', "its path on a machine"),
        ('"rows_read": 338', '"rows_read": 3', "counts 1 to 5 rows"),
        ('"made_up"', '"rows": {"rows_read": 2}, "made_up"', "counts 1 to 5 rows"),
        ('{"borough"', '["borough"', "is no JSON, or not of a run"),
    ],
)
def test_a_tampered_run_json_is_found(reports, old, new, what):
    replace(reports / EDITION / "run.json", old, new)
    assert what in faults_of(reports, f"{EDITION}/run.json")


# ------------------------------------------------------------------------------------------------------ spreadsheet


def repack(path, changed: dict[str, tuple[str, str]], added: dict[str, str] | None = None) -> None:
    """Write the packed file again with text replaced in its parts, and parts added."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name).decode() for name in packed.namelist()}
    for name, (old, new) in changed.items():
        assert old in parts[name], f"{name} has no {old!r}"
        parts[name] = parts[name].replace(old, new, 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in {**parts, **(added or {})}.items():
            packed.writestr(name, text)
    path.write_bytes(out.getvalue())


SHEET = "xl/worksheets/sheet4.xml"
PARTS = {
    "a hidden sheet": ({"xl/workbook.xml": ('<sheet name="Table 1"', '<sheet state="hidden" name="Table 1"')}, "hidden sheet"),
    "a very hidden sheet": (
        {"xl/workbook.xml": ('<sheet name="Table 1"', '<sheet state="veryHidden" name="Table 1"')}, "hidden sheet",
    ),
    "a sheet of another name": ({"xl/workbook.xml": ('name="Table 1"', 'name="Children"')}, "no table of a briefing"),
    "a person in the properties": (
        {"docProps/core.xml": ("<dc:creator></dc:creator>", "<dc:creator>Ada Lovelace</dc:creator>")}, "name a person",
    ),
    "names for cells": (
        {"xl/workbook.xml": ("</sheets>", "</sheets><definedNames><definedName name='a'>1</definedName></definedNames>")},
        "names for cells",
    ),
    "a hidden column": ({SHEET: ('<col min="1"', '<col hidden="1" min="1"')}, "hidden rows or columns"),
    "a formula": ({SHEET: ("<v>338</v>", "<f>337+1</f><v>338</v>")}, "a formula"),
    "another number": ({SHEET: ("<v>338</v>", "<v>339</v>")}, "does not say the released number"),
    "an identifier in a cell": (
        {"xl/sharedStrings.xml": ("<si><t>", "<si><t>A123456789012 ")}, "a unique pupil number",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", PARTS)
def test_a_tampered_spreadsheet_is_found(reports, which):
    changed, what = PARTS[which]
    repack(reports / EDITION / "tables.xlsx", changed)
    assert what in faults_of(reports, f"{EDITION}/tables.xlsx")


def test_a_hidden_number_shown_in_a_cell_is_found(reports):
    path = reports / EDITION / "tables.xlsx"
    with zipfile.ZipFile(path) as packed:
        strings = re.findall(r"<si><t[^>]*>(.*?)</t></si>", packed.read("xl/sharedStrings.xml").decode())
        sheets = {
            name: packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/sheet")
        }
    place = strings.index("hidden")
    name, cell = next(
        (name, found[0])
        for name, text in sheets.items()
        if (found := re.search(rf'<c r="F\d+" s="\d+" t="s"><v>{place}</v></c>', text))
    )
    repack(path, {name: (cell, cell.replace(' t="s"', "").replace(f"<v>{place}<", "<v>27<"))})
    assert "shows a number that is hidden" in faults_of(reports, f"{EDITION}/tables.xlsx, sheet")


@pytest.mark.parametrize(
    "name",
    [
        "xl/comments1.xml",
        "customXml/item1.xml",
        "xl/embeddings/file1.bin",
        "xl/externalLinks/externalLink1.xml",
        "xl/vbaProject.bin",
    ],
)
def test_a_part_that_a_briefings_spreadsheet_has_not_is_found(reports, name):
    repack(reports / EDITION / "tables.xlsx", {}, {name: "<a>text</a>"})
    assert "parts that a briefing's spreadsheet has not" in faults_of(reports, f"{EDITION}/tables.xlsx")


def test_a_hidden_sheet_with_a_childs_identifier_is_found_twice(reports):
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>0a1b2c3d4e5f6071</t></is></c></row></sheetData></worksheet>'
    repack(
        reports / EDITION / "tables.xlsx",
        {
            "xl/workbook.xml": ("</sheets>", '<sheet name="Table 9" sheetId="99" state="hidden" r:id="rId99"/></sheets>'),
            "xl/_rels/workbook.xml.rels": ("</Relationships>", '<Relationship Id="rId99" Target="worksheets/sheet99.xml"/></Relationships>'),
        },
        {"xl/worksheets/sheet99.xml": sheet},
    )  # fmt: skip
    found = faults_of(reports, f"{EDITION}/tables.xlsx")
    assert "a hidden sheet" in found
    assert "a keyed identifier of a child" in found
    assert "0a1b2c3d4e5f6071" not in found


def test_a_file_that_is_no_spreadsheet_is_found(reports):
    (reports / EDITION / "tables.xlsx").write_bytes(b"no zip")
    assert "no spreadsheet that can be opened" in faults_of(reports)


# -------------------------------------------------------------------------------------------------------------- PDF


def pdf(shown: bytes, *, facts: bytes = b"", more: bytes = b"") -> bytes:
    packed = zlib.compress(b"BT /F1 12 Tf " + shown + b" Tj ET")
    return (
        b"%PDF-1.7\n1 0 obj\n<</Type /Catalog " + facts + b">>\nendobj\n2 0 obj\n<</Length %d /Filter /FlateDecode>>\n" % len(packed)
        + b"stream\n" + packed + b"\nendstream\nendobj\n" + more + b"%%EOF\n"
    )  # fmt: skip


def stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"3 0 obj\n<</Filter /FlateDecode /Length %d>>\nstream\n" % len(packed) + packed + b"\nendstream\nendobj\n"


def test_a_printed_page_without_an_identifier_is_let_be(reports):
    (reports / EDITION / "printed.pdf").write_bytes(pdf(b"(Children in care on 31 March 2022)"))
    found = audit_reports(reports)
    assert found.faults == []
    assert found.counted["pdfs"] == 1


LETTERS = (
    b"1 beginbfrange <0001> <0008> <0030> <0009> <000A> [<0038> <0039>] endbfrange "
    b"2 beginbfchar <0010> <0042> <0011> <0041> endbfchar"
)
"""A font's table: 1 to 10 are the digits 0 to 9, and 17 is the letter A."""
PDFS = {
    "in a string": pdf(b"(A123456789012)"),
    "in figures": pdf(b"<" + b"A123456789012".hex().encode() + b">"),
    "through a font's table": pdf(
        b"<0011" + b"".join(b"%04x" % (int(digit) + 1) for digit in "123456789012") + b">", more=stream(LETTERS)
    ),
    "in its properties": pdf(b"(a)", facts=b"/Title (A123456789012)"),
}


@pytest.mark.parametrize("which", PDFS)
def test_a_pupil_number_in_a_pdf_is_found(reports, which):
    (reports / EDITION / "printed.pdf").write_bytes(PDFS[which])
    found = faults_of(reports, f"{EDITION}/printed.pdf")
    assert "a unique pupil number" in found


def test_a_page_printed_by_a_browser_is_read(reports, browser):
    printed = browser.new_page()
    printed.goto((reports / BRIEFING).as_uri())
    printed.pdf(path=reports / EDITION / "printed.pdf")
    assert audit_reports(reports).faults == []
    printed.set_content("<p>A123456789012 lives at IG11 7LU</p>")
    printed.pdf(path=reports / EDITION / "printed.pdf")
    found = faults_of(reports, f"{EDITION}/printed.pdf")
    assert "a unique pupil number" in found
    assert "a full postcode" in found


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (pdf(b"(a)", facts=b"/Author (Ada Lovelace)"), "name a person"),
        (pdf(b"(a)", facts=b"/Encrypt 9 0 R"), "is locked"),
        (pdf(b"(a)", facts=b"/EmbeddedFiles 9 0 R"), "files inside"),
        (pdf(b"<00010002>"), "letters that cannot be read"),
        (pdf(b"(a)", more=b"3 0 obj\n<</Filter /FlateDecode>>\nstream\nnot packed\nendstream\n"), "cannot be read"),
        (b"text", "no PDF"),
    ],
)
def test_a_pdf_that_keeps_more_than_a_page_is_found(reports, content, what):
    (reports / "printed.pdf").write_bytes(content)
    assert what in faults_of(reports, "printed.pdf")


# ------------------------------------------------------------------------------------------------------- codelists


def test_every_way_to_read_a_table_is_known_and_every_proof_is_counted():
    assert set(load_codelist("audit_tables")["reads"]) == set(READERS)
    assert load_codelist("audit_proofs")["sentence"].str.contains("{n}", regex=False).all()
