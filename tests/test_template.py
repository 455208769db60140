"""The page: what it shows, what it never shows, and its structure. Browser tests run where Chromium is found."""

import base64
import copy
import hashlib
import re

import nbformat.v4 as nb
import numpy as np
import pandas as pd
import pytest
from lxml import html as lxml_html

from helpers.briefing_page import anchored, export_page, page_faults
from helpers.charts import bar_chart, interval_chart, line_chart, sparkline
from helpers.errors import ContractError, InputError
from helpers.tables import Card, Cards, Column, Link, Table

BIGGEST_PAGE = 150 * 1024
MOST_SHEETS = 4
WIDTHS = (1280, 390, 320)
SOURCE = "invented numbers, made for this test"
GROUPS = {
    "White": (0.82, 0.70, 0.95),
    "Mixed or multiple ethnic groups": (1.41, 1.12, 1.78),
    "Asian or Asian British": (0.48, 0.31, 0.72),
    "Black, Black British, Caribbean or African": (2.13, 1.64, 2.71),
    "Other ethnic group": (1.12, 0.61, 1.94),
    "Refused or not yet known": (np.nan, np.nan, np.nan),
}
HOMES = {
    "Foster care with relatives or friends": (15.2, 17.4),
    "Foster care, other": (53.1, 50.3),
    "Children's home or semi-independent": (13.0, 14.2),
    "Placed with parents": (6.4, 6.1),
    "Independent living": (10.1, np.nan),
}


# ------------------------------------------------------------------------------------------- a made-up briefing


def status_of(values: pd.Series) -> pd.Series:
    return values.isna().map({True: "suppressed", False: "shown"})


def rate_chart(key: str = "care-rate"):
    levels = {"Barking and Dagenham": 62.0, "Statistical neighbours": 57.0, "Outer London": 49.0, "England": 70.0}
    frame = pd.DataFrame(
        [
            (pd.Timestamp(year, 3, 31), area, level + ((year * 7 + len(area)) % 5))
            for area, level in levels.items()
            for year in range(2016, 2026)
        ],
        columns=["period", "area", "value"],
    )
    hidden = (frame["area"] == "Barking and Dagenham") & frame["period"].dt.year.eq(2019)
    frame["value"] = frame["value"].mask(hidden)
    return line_chart(
        frame.assign(status=status_of(frame["value"])),
        key=key,
        highlight="Barking and Dagenham",
        title="The rate of children in care shows no clear change",
        subtitle="Children in care per 10,000 aged under 18, Barking and Dagenham, 31 March 2016 to 2025",
        alt="Line chart of children in care per 10,000. Barking and Dagenham stays between 62 and 66, below England.",
        source=SOURCE,
        unit="per 10,000",
    )


def ratio_chart(key: str = "ethnic-ratio"):
    rows = pd.DataFrame.from_dict(GROUPS, orient="index", columns=["value", "low", "high"]).rename_axis("group")
    rows = rows.reset_index().assign(clear=lambda r: (r["low"] > 1) | (r["high"] < 1))
    return interval_chart(
        rows.assign(status=status_of(rows["value"])),
        key=key,
        title="Black children are over-represented",
        subtitle="Rate of children in care compared with all other children, by ethnic group, 31 March 2025",
        alt="Dot plot. Black children are 2.1 times as likely to be in care as all other children (1.6 to 2.7).",
        source=SOURCE,
        unit="times as likely",
        reference_label="Same rate as all other children",
        group_header="Ethnic group",
    )


def homes_chart(key: str = "homes"):
    rows = pd.DataFrame.from_dict(HOMES, orient="index", columns=["2024", "2025"]).rename_axis("category")
    rows = rows.reset_index().melt("category", var_name="series")
    return bar_chart(
        rows.assign(status=status_of(rows["value"])),
        key=key,
        title="Half of children in care live with foster carers",
        subtitle="Percentage of children in care by where they live, Barking and Dagenham, 31 March 2024 and 2025",
        alt="Bar chart. 50% of children in care live with foster carers who are not relatives; 53% a year earlier.",
        source=SOURCE,
        unit="%",
        category_header="Where children live",
    )


def quality_table() -> Table:
    checks = pd.DataFrame(
        {
            "check": [
                "Children with no ethnicity recorded",
                "Records that failed a check",
                "Late returns",
                "Escape <b>",
            ],
            "number": [19.0, 0.0, np.nan, np.nan],
            "status": ["shown", "shown", "suppressed", "not_available"],
        }
    )
    columns = (Column("check", "Check"), Column("number", "Number", "whole", "status"))
    return Table("What was found in the data", checks, columns)


def boroughs_table() -> Table:
    names = ["Barking and Dagenham", "Kensington and Chelsea", "City of London"]
    frame = pd.DataFrame(
        {
            "borough": [Link(name, f"{n}/briefing.html") for n, name in enumerate(names)],
            "children": [365.0, 1240.0, np.nan],
            "rate": [58.84, 31.25, np.nan],
            "trend": [
                sparkline([60.1, None, 58.8], key=f"trend-{n}", name=f"{name}: 60.1 to 58.8")
                for n, name in enumerate(names)
            ],
            "compared": ["Higher than London", "Lower than London", "Too few children to say"],
            "status": ["shown", "shown", "suppressed"],
        }
    )
    columns = (
        Column("borough", "Borough"),
        Column("children", "Children in care", "whole", "status"),
        Column("rate", "Rate per 10,000", "decimal(1)", "status"),
        Column("trend", "Trend"),
        Column("compared", "Compared with London"),
    )
    return Table("Children in care by borough, 31 March 2025", frame, columns)


CARDS = Cards(
    (
        Card("Children in care", "365", "31 March 2025; 372 a year earlier"),
        Card("Rate per 10,000", "58.8", "no clear change on last year"),
        Card("Compared with London", "Higher", "London 42.2 per 10,000"),
        Card("Largest gap", "2.1 times", "Black compared with other children"),
    )
)
SUMMARY = """## Summary

- **The rate shows no clear change.** 58.8 in every 10,000 children were in care on 31 March 2025; 59.8 a year earlier.
- **The rate is higher than London's (42.2) and lower than England's (71.9).**
- **Black children are over-represented.** They are 2.1 times as likely to be in care (95% interval 1.6 to 2.7).
"""
PAGE = {
    "title": "Children in care in Barking and Dagenham, 31 March 2025",
    "description": "How many children are in care in Barking and Dagenham, and what is changing. Invented numbers.",
    "borough": "Barking and Dagenham",
    "as_at": pd.Timestamp("2025-03-31").date(),
    "status": "Made-up children: every child on this page is invented.",
    "links": [Link("Who is over-represented", "disproportionality.html"), ("Tables (.xlsx)", "tables.xlsx")],
    "footer": ["Made by corporate-parenting-briefings 0.1.0", "Inputs: SHA-256 0123456789abcdef"],
}


def shows(*objects: object, tags: tuple[str, ...] = (), streams: tuple[str, ...] = ()) -> dict:
    """A code cell as it is after a run: the objects' own html, and what was printed."""
    outputs = [nb.new_output("stream", name="stderr", text=text) for text in streams]
    for thing in objects:
        data = {"text/html": thing._repr_html_()} if hasattr(thing, "_repr_html_") else thing
        outputs.append(nb.new_output("display_data", data={"text/plain": "<repr>", **data}))
    return nb.new_code_cell("secret_code = 1", outputs=outputs, metadata={"tags": list(tags)}, execution_count=7)


def made_up_briefing() -> dict:
    """A notebook with everything a briefing has: 7 charts, cards, tables, questions, hidden cells."""
    text = nb.new_markdown_cell
    cells = [
        text("# Borough briefing\n\nFor analysts.", metadata={"tags": ["hide"]}),
        nb.new_code_cell('borough = "Bexley"', metadata={"tags": ["parameters"]}),
        nb.new_code_cell('borough = "Barking"', metadata={"tags": ["injected-parameters"]}),
        shows(streams=("100% done",)),
        text(SUMMARY),
        shows(CARDS),
        shows(
            {"text/markdown": "## What should we ask?\n\n1. What do families say they need earlier?\n2. Which homes?"}
        ),
        text("## How many children are in care, and is it changing?\n\nSmall changes from year to year can be chance."),
        shows(rate_chart()),
        text(
            "## Which children are over-represented?\n\nThe lines show 95% intervals: the range the rate could lie in."
        ),
        shows(ratio_chart()),
        shows(ratio_chart("ethnic-ratio-leavers")),
        text("## Where do children live?"),
        shows(homes_chart()),
        shows(rate_chart("near-home")),
        text("## How stable is it?"),
        shows(homes_chart("moves")),
        text("## Who comes into and leaves care?"),
        shows(homes_chart("entries")),
        text("## How sure are we?\n\nNumbers from 1 to 5 are hidden, so that no child can be recognised."),
        shows(quality_table()),
        text("## About this briefing\n\nRead the [official statistics](https://www.gov.uk/) for definitions."),
    ]
    return nb.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


@pytest.fixture(scope="module")
def page_text() -> str:
    return export_page(made_up_briefing(), PAGE)


@pytest.fixture(scope="module")
def root(page_text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(page_text)


def page_of(*cells: dict, **changes: object) -> str:
    return export_page(nb.new_notebook(cells=list(cells)), {**PAGE, **changes})


def html_cell(markup: str) -> dict:
    return shows({"text/html": markup})


# ------------------------------------------------------------------------------------- what is shown, and what not


def test_the_words_and_outputs_are_shown_and_the_machinery_is_not(page_text):
    for wanted in (
        "The rate shows no clear change.",
        "What should we ask?",
        "Ethnic group",
        "not available",
        "2.1 times",
    ):
        assert wanted in page_text
    for machinery in ("secret_code", "100% done", "&lt;repr&gt;", "borough =", "For analysts", "In [", "Out["):
        assert machinery not in page_text


def test_tracebacks_and_progress_bars_are_left_out():
    error = nb.new_output("error", ename="ValueError", evalue="boom", traceback=["Traceback", "secret place"])
    widget = nb.new_output(
        "display_data", data={"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "50% secret"}
    )
    text = page_of(nb.new_markdown_cell("## Words"), nb.new_code_cell("1", outputs=[error, widget]))
    assert "secret" not in text
    assert "boom" not in text


def test_the_result_of_a_cell_is_shown_like_a_display():
    result = nb.new_output("execute_result", data={"text/plain": "x < 1"}, execution_count=1)
    assert '<p class="plain">x &lt; 1</p>' in page_of(nb.new_code_cell("1", outputs=[result]))


def test_html_is_preferred_to_markdown_and_markdown_to_text():
    assert "<b>best</b>" in page_of(shows({"text/html": "<b>best</b>", "text/markdown": "*second*"}))
    assert "<em>second</em>" in page_of(shows({"text/markdown": "*second*"}))


@pytest.mark.parametrize(
    "place", ["title", "description", "service", "borough", "as_at", "subtitle", "status", "footer"]
)
def test_everything_given_to_the_page_is_escaped(place):
    text = page_of(**{place: "A <script>alert('1')</script> & \"quoted\" title"})
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_html_in_markdown_is_text():
    text = page_of(nb.new_markdown_cell("## A <img src=x onerror=y>\n\n<script>1</script>"))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;1&lt;/script&gt;" in text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_a_link_that_would_run_code_is_refused(address):
    with pytest.raises(ContractError, match="harmful-link"):
        page_of(nb.new_markdown_cell(f"[words]({address})"))


def test_links_and_dates_are_shown(root):
    links = {a.text: a.get("href") for a in root.xpath("//footer//a")}
    assert links == {"Who is over-represented": "disproportionality.html", "Tables (.xlsx)": "tables.xlsx"}
    assert root.xpath("string(//header)").split()[-3:] == ["is", "invented."] or "31 March 2025" in root.xpath(
        "string(//header)"
    )


def test_an_unknown_setting_is_refused_with_the_near_one():
    with pytest.raises(InputError, match="Did you mean 'status'"):
        page_of(statuss="x")
    with pytest.raises(InputError, match="a title and a description"):
        export_page(nb.new_notebook(), {})


def test_the_notebook_is_not_changed_and_the_page_is_the_same_each_time(page_text):
    notebook = made_up_briefing()
    before = copy.deepcopy(notebook)
    assert export_page(notebook, PAGE) == page_text
    assert notebook == before


# -------------------------------------------------------------------------------------------------------- structure


def test_the_page_stands_alone_and_is_small(page_text, root):
    assert page_text.startswith('<!doctype html>\n<html lang="en-GB">')
    assert len(page_text.encode()) <= BIGGEST_PAGE
    assert len(root.xpath("//figure")) == 7
    assert not re.search(r"<script|style=|@import|url\(|https?://(?!www\.gov\.uk|www\.w3\.org/2000/svg)", page_text)
    assert root.xpath("//link/@href") == ["data:,"]


def test_the_policy_allows_the_page_s_own_style_and_nothing_else(page_text, root):
    (style,) = re.findall(r"<style>(.*?)</style>", page_text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_one_h1_and_the_contents_lead_to_every_section(root):
    assert [h.text for h in root.xpath("//h1")] == [PAGE["title"]] == [root.xpath("string(//title)")]
    sections = [(h.get("id"), h.text_content()) for h in root.xpath("//main//h2")]
    contents = [(a.get("href")[1:], a.text_content()) for a in root.xpath("//nav[@aria-label='Contents']//a")]
    assert contents == sections
    assert len(sections) == 9


def test_headings_with_the_same_words_get_their_own_ids():
    body = anchored(
        "<h2>A &amp; b</h2><h3>A and b</h3><h2 class='x'>A &amp; b</h2><h1>Gone</h1><p id=\"a-and-b-2\"></p>"
    )
    assert re.findall(r'<h\d id="([^"]+)"', body.html) == ["a-and-b", "a-and-b-3", "a-and-b-4"]
    assert [heading.text for heading in body.contents] == ["A & b", "A & b"]
    assert "Gone" not in body.html


def test_headings_that_are_all_signs_still_get_an_id():
    assert anchored("<h2>?</h2>").contents[0].anchor == "section"


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ("<script>1</script>", "scripts"),
        ("<p style='color:red'>x</p>", "style= attributes"),
        ("<p onclick='x'>x</p>", "run code"),
        ("<img src='https://a.example/x.png' alt='x'>", "would be loaded"),
        ("<img src='data:image/png;base64,x'>", "images without a description"),
        ("<style>p{}</style>", "style blocks"),
        ("<table><tr><th scope='col'>x</th></tr></table>", "without a caption"),
        ("<table><caption>x</caption><tr><th>x</th></tr></table>", "without a scope"),
        ("<svg><title>x</title></svg>", "pictures without a role"),
        ("<svg role='img'></svg>", "pictures without a role"),
        ("<figure><svg role='img'><title>x</title></svg></figure>", "charts without a description"),
        ("<p id='x'></p><p id='x'></p>", "'x' is there 2 times"),
        ("<p aria-labelledby='y'></p>", "'y' is referred to"),
        ("<a href='#nowhere'>x</a>", "'nowhere' is referred to"),
        ("<a href='x.html'> </a>", "links without words"),
        ("<a href='javascript:1'>x</a>", "links that run code"),
        ("<h4>x</h4>", "level 4 directly under level 1"),
        ("<h2> </h2>", "empty headings"),
        ("<p>nan children</p>", "'nan'"),
        ("<p>&lt;Thing object at 0x7f&gt;</p>", "object at 0x"),
    ],
)
def test_a_page_that_breaks_a_rule_is_refused_by_name(markup, told):
    with pytest.raises(ContractError, match=re.escape(told)) as caught:
        page_of(html_cell(markup))
    assert PAGE["title"] in str(caught.value)


def test_a_picture_without_words_is_refused_unless_it_is_hidden():
    picture = {"image/png": "iVBOR", "text/plain": "<Figure>"}
    with pytest.raises(ContractError, match="cell 1 shows a picture without words"):
        page_of(shows(picture))
    assert "Figure" not in page_of(shows(picture, tags=("hide",)))


def test_a_frame_shown_as_it_is_is_refused():
    with pytest.raises(ContractError, match=r"tables\.Table"):
        page_of(shows(pd.DataFrame({"a": [1]})))


def test_the_sample_page_has_no_fault(page_text):
    assert page_faults(page_text) == []


# ---------------------------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def addresses(page_text: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    wide = page_of(nb.new_markdown_cell("## Boroughs"), shows(boroughs_table()), status=())
    for name, text in (("briefing", page_text), ("overview", wide)):
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in ("briefing", "overview")}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["briefing", "overview"])
def test_the_page_fits_the_screen_asks_for_nothing_and_says_nothing_in_the_console(browser, addresses, name, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked, told = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(addresses[name])
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert asked == [addresses[name]]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('main *')]
            .filter(e => !e.closest('.table') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert beyond == []
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_chart_labels_stay_in_their_picture_and_do_not_overlap(browser, addresses, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(addresses["briefing"])
    overlaps = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const frame = svg.getBoundingClientRect()
            const words = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
            const out = words.filter(([, r]) => r.left < frame.left - 1 || r.right > frame.right + 1).map(([w]) => w)
            // A line of text is higher than its letters: only an overlap of more than 3 points counts.
            const over = (r, s) => Math.min(r.right, s.right) - Math.max(r.left, s.left) > 1 &&
                Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 3 * frame.width / 360
            const hits = words.flatMap(([a, r], i) =>
                words.slice(i + 1).filter(([, s]) => over(r, s)).map(([b]) => a + ' | ' + b))
            return [...out, ...hits]
        })"""
    )
    assert overlaps == []
    size = page.evaluate("document.querySelector('figure svg').getBoundingClientRect().width * 12 / 360")
    assert size >= 9.5, "the smallest screen still shows labels of more than 9 pixels"
    page.close()


def test_the_contents_are_seen_on_a_wide_screen_and_folded_on_a_phone(browser, addresses):
    for width, seen in ((1280, True), (390, False)):
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(addresses["briefing"])
        assert page.locator("nav.contents a").first.is_visible() is seen
        page.close()


def test_the_keyboard_reaches_first_the_skip_link_and_then_a_visible_focus(browser, addresses):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(addresses["overview"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    stops = []
    for _ in range(8):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.className || document.activeElement.tagName"))
        if stops[-1] == "BODY":
            break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert stops[0] == "SUMMARY", "the contents come first"
    assert stops.count("A") == 5, "three boroughs and two links below"
    assert "table" in stops, "a table that scrolls sideways can be scrolled by keyboard"
    page.close()


def test_the_print_opens_the_data_and_keeps_headings_with_what_they_head(browser, addresses, tmp_path):
    page = browser.new_page()
    page.goto(addresses["briefing"])
    pdf = tmp_path / "briefing.pdf"
    page.pdf(path=str(pdf), prefer_css_page_size=True, tagged=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))
    assert 1 < sheets <= MOST_SHEETS
    page.emulate_media(media="print")
    assert page.locator("details.data table").first.is_visible()
    assert not page.locator("details.data summary").first.is_visible()
    page.close()
