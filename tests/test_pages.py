"""The pages that a run writes, as a reader, a screen reader and a browser meet them."""

import re

import pytest
from lxml import html

from helpers.briefing_page import page_faults
from helpers.wording import BANNED

WIDTHS = (1280, 390, 320)
LARGEST_PAGE = 150 * 1024


@pytest.fixture(scope="module")
def pages(made_up_run):
    """Every page of the run by its path in the reports folder."""
    found = {path.relative_to(made_up_run.reports).as_posix(): path for path in made_up_run.reports.rglob("*.html")}
    assert len(found) == 16
    return found


def test_every_page_keeps_the_structural_rules(pages):
    for name, path in pages.items():
        text = path.read_text(encoding="utf-8")
        assert page_faults(text) == [], name
        assert len(text.encode()) <= LARGEST_PAGE, name


def test_every_table_has_a_caption_every_header_a_scope_and_every_picture_a_title(pages):
    for name, path in pages.items():
        page = html.fromstring(path.read_text(encoding="utf-8"))
        assert page.get("lang") == "en-GB", name
        assert len(page.findall(".//h1")) == 1, name
        assert all(table.find("caption") is not None for table in page.iter("table")), name
        assert all(cell.get("scope") for cell in page.iter("th")), name
        assert all(picture.find("{*}title") is not None for picture in page.iter("{*}svg")), name
        assert not list(page.iter("script")), name


def test_no_banned_word_and_no_missing_value_is_read(pages):
    banned = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in BANNED))
    for name, path in pages.items():
        main = html.fromstring(path.read_text(encoding="utf-8")).get_element_by_id("main")
        words = " ".join(main.text_content().split())
        # "looked after" stands once where the legal term is given, and in the name of DfE's publication.
        words = words.replace("means looked after in law", "").replace("Children looked after in England", "")
        assert not banned.search(words), f"{name}: {banned.search(words)}"
        assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", words), name


def test_the_briefing_states_release_and_date(pages):
    text = html.fromstring(pages["bromley/2022-06-30/briefing.html"].read_text(encoding="utf-8")).text_content()
    assert "30 June 2022" in text
    assert "Return to 30 June 2022" in text


def test_links_lead_to_files_that_are_there(pages, made_up_run):
    for path in pages.values():
        for link in html.fromstring(path.read_text(encoding="utf-8")).iter("a"):
            href = link.get("href")
            if not href.startswith("#"):
                assert (path.parent / href).exists(), f"{path.name} links to {href}"


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_the_screen_and_ask_for_nothing(browser, pages, width):
    for name, path in pages.items():
        page = browser.new_page(viewport={"width": width, "height": 800})
        asked, told = [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, told=told: told.append(message.text))
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert asked == [path.as_uri()], name
        assert told == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.close()
