"""A council's own words and headings: plain text under known headings, small numbers and links refused by line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.commentary import (
    INSTEAD,
    MOST_WORDS,
    BoroughHeading,
    CouncilWords,
    line_faults,
    parse_commentary,
    parse_headings,
    tells_small_number,
)
from helpers.errors import InputError
from helpers.read.commentary import LARGEST, read_commentary, read_headings
from helpers.wording import BANNED

HEADINGS = {"How many children are in care?": "level", "Where do children live?": "homes", "cla_total": "cla_total"}
KEYS = ["cla_total", "cl_eet", "cl_suitable_accommodation"]


def commentary(text):
    return parse_commentary(text, "commentary.md", HEADINGS)


def refusal(text):
    with pytest.raises(InputError) as caught:
        commentary(text)
    return str(caught.value)


def test_paragraphs_come_under_the_key_of_their_heading_as_plain_text():
    told = commentary(
        "# Bromley, June 2022\n\n## how many CHILDREN are in care?  \nOur edge of care team\nstarted in May.\n\n"
        "We think it helped & will see.\n## Where do children live?\n\n## cla_total\nMore came alone.\n"
    )
    assert told == {
        "level": ("Our edge of care team started in May.", "We think it helped & will see."),
        "cla_total": ("More came alone.",),
    }


def test_a_file_with_nothing_in_it_gives_nothing():
    assert commentary("") == {}
    assert commentary("# Only a title\n\n## cla_total\n\n") == {}


def test_what_is_shown_is_escaped_and_labelled():
    shown = CouncilWords(("5 < 7 & \"so\" > 'on'",))._repr_html_()
    assert "In the council&#x27;s own words" in shown
    assert "5 &lt; 7 &amp; &quot;so&quot; &gt; &#x27;on&#x27;" in shown
    assert CouncilWords(())._repr_html_() == str(CouncilWords(())) == ""
    assert str(CouncilWords(("One.", "Two."))) == "In the council's own words:\n\nOne.\n\nTwo."


def test_an_unknown_heading_names_the_line_the_nearest_and_all_that_are_known():
    message = refusal("## Where do childen live?\nText.\n")
    assert message.startswith("commentary.md, line 1: the heading is not known. Nearest: Where do children live?.")
    assert all(heading in message for heading in HEADINGS)
    assert message.endswith("Nothing was written.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Words.\n## cla_total\n", "line 1: words before the first heading"),
        ("## cla_total\nA.\n### More\n", "line 3: a heading starts with ##"),
        ("## cla_total\nA.\n# More\n", "line 3: a heading starts with ##"),
        ("## cla_total\nA.\n## CLA_total\nB.\n", "line 3: the heading stands on line 1 already"),
        ("## cla_total\nSee [the plan](plan.html).\n", "line 2: a link"),
        ("## cla_total\nSee https://example.org/plan\n", "line 2: a link"),
        ("## cla_total\nSee bromley.gov.uk for more.\n", "line 2: a link"),
        ("## cla_total\nWrite to a.person@council\n", "line 2: a link"),
        ("## cla_total\nA <b>bold</b> word\n", "line 2: html"),
        ("## cla_total\n<script>alert(1)</script>\n", "line 2: html"),
        ("## cla_total\n< img src=x>\n", "line 2: html"),
        ("## cla_total\nNow &lt;b&gt;\n", "line 2: html"),
        ("## cla_total\n\n- one thing\n", "line 3: marks of a list"),
        ("## cla_total\n| a | b |\n", "line 2: marks of a list"),
        ("## cla_total\n**Good** work\n", "line 2: marks of a list"),
        ("## cla_total\nHe lives at BR1 3UH now.\n", "line 2: a postcode"),
        ("## cla_total\nCase 00123456 is open.\n", "line 2: a postcode"),
        ("## cla_total\nBorn 12/03/2010.\n", "line 2: a postcode"),
        ("## cla_total\nThree children went missing.\n", "line 2: a number from 1 to 5 of children"),
        ("## cla_total\nOf these, three\nchildren went missing.\n", "after line 1: a number from 1 to 5 of children"),
        ("## cla_total\nOur LAC did well.\n", "line 2: the word 'LAC'. Write: children in care."),
        ("## cla_total\nA Significant rise.\n", "line 2: the word 'significant'"),
        ("## cla_total\nAll were looked\nafter well.\n", "after line 1: the word 'looked after'"),
    ],
)  # fmt: skip
def test_what_may_not_be_shown_is_refused_by_file_and_line(text, said):
    message = refusal(text)
    assert f"commentary.md, {said}" in message
    assert message.endswith("right and run again. Nothing was written.")


@pytest.mark.parametrize("secret", ["BR1 3UH", "00123456", "12/03/2010", "Three children", "a.person@council"])
def test_a_refusal_never_repeats_what_may_tell_of_a_child(secret):
    assert secret not in refusal(f"## cla_total\nThe words {secret} stand here.\n")


def test_all_faults_are_told_at_once_and_no_more_than_ten():
    message = refusal("## cla_total\n" + "Our LAC.\n" * 12)
    assert message.count("the word 'LAC'") == 10
    assert "And 2 more." in message


def test_a_slot_holds_120_words_and_not_one_more():
    assert len(commentary(f"## cla_total\n{'word ' * MOST_WORDS}")["cla_total"][0].split()) == 120
    assert "line 1: 121 words under this heading" in refusal(f"## cla_total\n{'word ' * 60}\n\n{'word ' * 61}")


@pytest.mark.parametrize(
    "line",
    [
        "1 child left", "Two children left", "5 young people left", "three of our children", "4 out of 30 children",
        "2 of the 206 children", "fewer than 5 children", "between 2 and 4 children", "3 to 5 children", "One care leaver",
        "two young unaccompanied children", "only  one   child", "four boys", "three siblings", "under 5 children",
    ],
)  # fmt: skip
def test_a_number_from_1_to_5_of_children_is_found(line):
    assert tells_small_number(line)


@pytest.mark.parametrize(
    "line",
    [
        "6 children left", "15 children left", "1,204 children", "2.5 children for each worker", "3% of children",
        "1 in 5 children", "One in four care leavers", "Key stage 2 pupils", "Year 4 pupils", "two thirds of children",
        "children aged 4 to 5 and their carers", "Promise 3: we keep children healthy", "4-year-old children",
        "five promises to children", "two new children's homes", "twenty-one children", "one hundred children",
        "within 3 months children are seen", "In 2021 children moved less", "a few children",
    ],
)  # fmt: skip
def test_what_is_no_count_of_a_few_children_is_not_refused(line):
    assert not tells_small_number(line)


def test_every_banned_word_is_refused_with_another_to_use():
    assert set(BANNED) <= set(INSTEAD)
    for word, instead in INSTEAD.items():
        assert any(f"'{word}'" in fault and instead in fault for fault in line_faults(f"Some {word} here."))
        assert not line_faults(instead), instead


def test_a_word_that_only_holds_a_banned_one_is_not_refused():
    assert line_faults("Clear insignificance: placid Clara lacked nothing.") == []


@given(st.text(max_size=200))
def test_no_text_is_shown_unescaped_or_fails_otherwise_than_in_words(text):
    try:
        told = commentary(f"## cla_total\n{text}")
    except InputError as error:
        assert str(error).startswith("commentary.md, ")
        return
    for paragraphs in told.values():
        inside = re.sub(
            r"</?(?:div|p|strong)(?: class=\"council-words\")?>", "", CouncilWords(paragraphs)._repr_html_()
        )
        assert "<" not in inside and ">" not in inside
        assert sum(len(paragraph.split()) for paragraph in paragraphs) <= MOST_WORDS


# headings.csv


def headings(text):
    return parse_headings(text, "headings.csv", KEYS)


def test_a_boroughs_headings_arrange_indicators_in_their_order():
    told = headings(
        'order,heading,indicator\n2,Promise 5: To be successful,cl_eet\n1,"Promise 1: Care, the best",cla_total\n\n'
        "2,Promise 5: To be successful,cl_suitable_accommodation\n"
    )
    assert told == (
        BoroughHeading(1, "Promise 1: Care, the best", ("cla_total",)),
        BoroughHeading(2, "Promise 5: To be successful", ("cl_eet", "cl_suitable_accommodation")),
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,Promise 1,cla_totl", "row 2: column indicator: not in the catalogue. Nearest: cla_total."),
        ("1,Promise 1,cla_total\n1,Promise 1,cla_total", "row 3: column indicator: cla_total stands under this heading"),
        ("1,Promise 1,cla_total\n1,Promise 2,cl_eet", "row 3: column order: 1 belongs to another heading"),
        ("1,Promise 1,cla_total\n2,Promise 1,cl_eet", "row 3: column heading: it has another number above"),
        ("first,Promise 1,cla_total", "row 2: column order: not a whole number"),
        ("1,,cla_total", "row 2: column heading: 0 characters"),
        (f"1,{'P' * 61},cla_total", "row 2: column heading: 61 characters"),
        ("1,Promise, the first,cla_total", "row 2: 4 cells"),
        ("1,See www.example.org,cla_total", "row 2: column heading: a link"),
        ("1,<b>Promise</b>,cla_total", "row 2: column heading: html"),
        ("1,Our LAC promise,cla_total", "row 2: column heading: the word 'LAC'"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_refused_by_row_and_column(rows, said):
    with pytest.raises(InputError) as caught:
        headings(f"order,heading,indicator\n{rows}\n")
    assert f"headings.csv, {said}" in str(caught.value)
    assert str(caught.value).endswith("Nothing was written.")


@pytest.mark.parametrize("text", ["", "heading,order,indicator\n1,A,cla_total\n", "order;heading;indicator\n"])
def test_other_columns_are_refused(text):
    with pytest.raises(InputError, match="row 1: the columns are order, heading, indicator"):
        headings(text)


# The files


def test_a_missing_file_gives_nothing(tmp_path):
    assert read_commentary(tmp_path / "commentary.md", HEADINGS) == {}
    assert read_headings(tmp_path / "headings.csv", KEYS) == ()


def test_files_are_read_as_windows_writes_them(tmp_path):
    path = tmp_path / "commentary.md"
    path.write_bytes("\ufeff## cla_total\r\nWe’re seeing fewer.\r\n\r\nAnd again.\r\n".encode())
    assert read_commentary(path, HEADINGS) == {"cla_total": ("We’re seeing fewer.", "And again.")}
    path.write_bytes("## cla_total\r\nWe\x92re seeing fewer.\r\n".encode("latin-1"))
    assert read_commentary(path, HEADINGS) == {"cla_total": ("We’re seeing fewer.",)}
    table = tmp_path / "headings.csv"
    table.write_bytes("\ufefforder,heading,indicator\r\n1,Promise 1,cla_total\r\n".encode())
    assert read_headings(table, KEYS) == (BoroughHeading(1, "Promise 1", ("cla_total",)),)


def test_an_empty_file_gives_nothing(tmp_path):
    path = tmp_path / "commentary.md"
    path.write_bytes(b"\n")
    assert read_commentary(path, HEADINGS) == {}
    assert read_headings(path, KEYS) == ()


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"PK\x03\x04" + b"x" * 10, "is a zip file or a workbook"), (b"x" * (LARGEST + 1), "has more than 64 KB")],
)
def test_a_file_that_is_no_small_text_is_refused_in_words(tmp_path, raw, said):
    path = tmp_path / "commentary.md"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=said) as caught:
        read_commentary(path, HEADINGS)
    assert str(caught.value).endswith("Nothing was written.")


def test_a_folder_in_the_files_place_is_refused_in_words(tmp_path):
    (tmp_path / "commentary.md").mkdir()
    with pytest.raises(InputError, match="cannot be opened"):
        read_commentary(tmp_path / "commentary.md", HEADINGS)
