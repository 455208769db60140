"""Tables: rounding once and half up, words where there is no number, the same numbers on page, csv and spreadsheet."""

import datetime as dt
import math
import zipfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from helpers.errors import ContractError, LeakError
from helpers.rounding import format_date, format_number, half_up, kind_of
from helpers.tables import STATUS_WORDS, Card, Cards, Column, Link, Table, write_workbook

CHILDREN_IN_ENGLAND = 15_000_000
SHEET = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


# -------------------------------------------------------------------------------------------------------- rounding


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        pytest.param(0.5, 0, "1", id="a half goes up, where Python's round gives 0"),
        pytest.param(2.5, 0, "3", id="also to an odd number"),
        pytest.param(2.675, 2, "2.68", id="a float is the decimal it stands for, though it lies below it"),
        pytest.param(57 / 200 * 100, 0, "29", id="28.5 percent, computed as 28.499999999999996"),
        pytest.param(28.4999999999, 0, "28", id="what lies near a half and is none is not one"),
        pytest.param(1.005, 2, "1.01", id="a float just below a half"),
        pytest.param(-2.5, 0, "-3", id="halves go away from zero"),
        pytest.param(-0.04, 1, "0.0", id="no minus zero"),
        pytest.param(1234, 1, "1234.0", id="whole numbers"),
        pytest.param(12345678901234567, 0, "12345678901234567", id="whole numbers keep all digits"),
        pytest.param(Fraction(1, 3), 3, "0.333", id="fractions"),
        pytest.param(Decimal("0.25"), 1, "0.3", id="decimals"),
        pytest.param(np.float64(0.25), 1, "0.3", id="numpy"),
        pytest.param(np.int64(7), 0, "7", id="numpy whole"),
        pytest.param(pd.Series([3], dtype="Int64")[0], 0, "3", id="pandas whole"),
    ],
)
def test_half_up_rounds_as_a_person_would(value, places, expected):
    assert str(half_up(value, places)) == expected


@given(
    base=st.integers(1, CHILDREN_IN_ENGLAND),
    data=st.data(),
    per=st.sampled_from([1, 100, 10_000]),
    places=st.integers(0, 2),
)
def test_a_share_computed_in_floats_rounds_like_the_exact_fraction(base, data, per, places):
    children = data.draw(st.integers(0, base))
    exact = math.floor(Fraction(children, base) * per * 10**places + Fraction(1, 2))
    assert half_up(children / base * per, places) == Decimal(exact).scaleb(-places)
    assert half_up(per * children / base, places) == Decimal(exact).scaleb(-places)


@given(tenths=st.integers(0, 10**7))
def test_every_written_half_goes_up(tenths):
    assert half_up(float(f"{tenths}.5"), 0) == tenths + 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ContractError, match="status"):
        format_number(value, "whole")


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1234567.5, "whole", "1,234,568"),
        (0, "whole", "0"),
        (0.0, "decimal(1)", "0"),
        (0.04, "decimal(1)", "0.0"),
        (58.849, "decimal(1)", "58.8"),
        (2.05, "ratio", "2.1"),
        (2.049, "ratio(2)", "2.05"),
        (17.5, "percent", "18%"),
        (17.44, "percent(1)", "17.4%"),
        (0.285, "share", "29%"),
        (Fraction(57, 200), "share(1)", "28.5%"),
        (-1234.5, "whole", "\N{MINUS SIGN}1,235"),
        (-0.2, "whole", "0"),
    ],
)
def test_numbers_are_written_for_a_reader(value, kind, expected):
    assert format_number(value, kind) == expected


@pytest.mark.parametrize("kind", ["number", "decimal", "percent(x)", "text", ""])
def test_an_unknown_kind_is_refused_with_the_kinds_there_are(kind):
    with pytest.raises(ContractError, match=r"whole, percent, share, ratio"):
        format_number(1, kind)


def test_dates_and_units():
    assert format_date(dt.date(2025, 3, 1)) == "1 March 2025"
    assert [
        kind_of(u) for u in ("%", "% of children", "children", "per 10,000", "times as likely", "average score")
    ] == [
        "percent",
        "percent",
        "whole",
        "decimal(1)",
        "decimal(1)",
        "decimal(1)",
    ]


# ---------------------------------------------------------------------------------------------------------- tables

NAN = float("nan")
COLUMNS = (
    Column("group", "Ethnic group"),
    Column("children", "Children in care", "whole", "status"),
    Column("rate", "Rate per 10,000", "decimal(1)", "status"),
    Column("counted_on", "Counted on", "date"),
)


def drawn(**changes: object) -> pd.DataFrame:
    """A small table: one row of each status. Invented numbers."""
    frame = pd.DataFrame(
        {
            "group": ["Asian or Asian British", "Mixed", "White", "Black", "Other"],
            "children": [1234.0, 0.0, NAN, NAN, NAN],
            "rate": [58.85, 0.0, NAN, NAN, NAN],
            "status": ["shown", "provisional", "suppressed", "not_available", "not_applicable"],
            "counted_on": pd.to_datetime(["2025-03-31"] * 5),
        }
    )
    return frame.assign(**changes)


def cells(table: Table) -> list[list[str]]:
    root = lxml_html.fromstring(table._repr_html_())
    return [[cell.text_content() for cell in row.xpath("th|td")] for row in root.xpath("//tr")]


def test_each_status_is_shown_in_its_own_words():
    assert cells(Table("Children by group", drawn(), COLUMNS)) == [
        ["Ethnic group", "Children in care", "Rate per 10,000", "Counted on"],
        ["Asian or Asian British", "1,234", "58.9", "31 March 2025"],
        ["Mixed", "0 provisional", "0 provisional", "31 March 2025"],
        ["White", "hidden", "hidden", "31 March 2025"],
        ["Black", "not available", "not available", "31 March 2025"],
        ["Other", "n/a", "n/a", "31 March 2025"],
    ]


def test_the_markup_is_what_a_screen_reader_needs():
    markup = Table("Children by group", drawn(), COLUMNS, row_header="group")._repr_html_()
    root = lxml_html.fromstring(markup)
    assert root.xpath("string(//table/caption)") == "Children by group"
    assert [th.get("scope") for th in root.xpath("//th")] == ["col"] * 4 + ["row"] * 5
    assert len(root.xpath("//thead/tr")) == 1
    assert len(root.xpath("//tbody/tr/td[@class='number']")) == 10, "numbers, and the words in their place, stand right"
    assert len(root.xpath("//*[@class='hidden-value']")) == 2
    assert "style=" not in markup
    assert (root.get("role"), root.get("tabindex")) == ("group", "0"), "a wide table scrolls by keyboard, under a label"
    assert root.get("aria-label")


def test_a_narrow_table_is_no_stop_for_the_keyboard():
    assert "tabindex" not in Table("Narrow", drawn(), COLUMNS[:3])._repr_html_()


@pytest.mark.parametrize("value", [3.0, 0.0, float("inf")])
def test_a_hidden_cell_that_still_has_a_number_is_never_shown(value):
    with pytest.raises(LeakError, match="row White, column 'Children in care'") as caught:
        Table("Children by group", drawn(children=[1234.0, 0.0, value, NAN, NAN]), COLUMNS)
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize("value", [NAN, None, float("inf"), pd.NA])
def test_a_shown_cell_without_a_number_is_refused(value):
    with pytest.raises(ContractError):
        Table("Children by group", drawn(rate=pd.Series([value, 0.0, NAN, NAN, NAN], dtype=object)), COLUMNS)


def test_a_missing_value_without_a_status_column_is_not_available_and_never_zero():
    table = Table("One", pd.DataFrame({"a": ["x"], "b": [NAN]}), (Column("a", "A"), Column("b", "B", "whole")))
    assert cells(table)[1] == ["x", "not available"]


@pytest.mark.parametrize(
    ("caption", "columns", "told"),
    [
        ("  ", COLUMNS, "caption"),
        ("One", (*COLUMNS, Column("nobody", "Nobody")), "nobody"),
        ("One", (Column("group", "Same"), Column("rate", "Same", "whole", "status")), "different header"),
    ],
)
def test_a_table_that_a_reader_could_not_use_is_refused(caption, columns, told):
    with pytest.raises(ContractError, match=told):
        Table(caption, drawn(), columns)


def test_a_later_change_of_the_frame_does_not_reach_the_table():
    frame = drawn()
    table = Table("Children by group", frame, COLUMNS)
    frame["group"] = "changed"
    assert cells(table)[1][0] == "Asian or Asian British"


def test_a_table_without_rows_says_so():
    assert "No rows" in Table("Empty", drawn().iloc[:0], COLUMNS)._repr_html_()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_any_text_comes_out_as_it_went_in(text):
    frame = pd.DataFrame({"a": [text], "b": [1]})
    root = lxml_html.fromstring(Table(text, frame, (Column("a", "A"), Column("b", f"B{text}", "whole")))._repr_html_())
    assert root.xpath("string(//caption)") == text
    assert root.xpath("string(//tbody/tr/th)") == text
    assert root.xpath("string(//thead/tr/th[2])") == f"B{text}"


def test_links_keep_their_words_everywhere():
    frame = pd.DataFrame({"a": [Link("Bexley & others", 'x.html?"')], "b": [1]})
    table = Table("Links", frame, (Column("a", "A"), Column("b", "B", "whole")))
    assert '<a href="x.html?&quot;">Bexley &amp; others</a>' in table._repr_html_()
    assert table.to_csv() == "A,B\nBexley & others,1\n"


def test_cards_are_a_list_of_terms_and_values():
    root = lxml_html.fromstring(
        Cards((Card("Children <in> care", "365", "372 a year earlier"), Card("Gap", "2.1")))._repr_html_()
    )
    assert root.tag == "dl"
    assert [[part.text_content() for part in card] for card in root] == [
        ["Children <in> care", "365", "372 a year earlier"],
        ["Gap", "2.1"],
    ]
    assert [part.tag for part in root[0]] == ["dt", "dd", "dd"]


# --------------------------------------------------------------------------------------------- csv and spreadsheet


def test_csv_has_the_numbers_of_the_page():
    assert Table("Children by group", drawn(), COLUMNS).to_csv() == (
        'Ethnic group,Children in care,"Rate per 10,000",Counted on\n'
        "Asian or Asian British,1234,58.9,2025-03-31\n"
        "Mixed,0,0.0,2025-03-31\n"
        "White,hidden,hidden,2025-03-31\n"
        "Black,not available,not available,2025-03-31\n"
        "Other,n/a,n/a,2025-03-31\n"
    )


def workbook(tmp_path: Path, name: str = "tables.xlsx", tables: tuple[Table, ...] = ()) -> Path:
    path = tmp_path / name
    write_workbook(
        tables or (Table("Children by group", drawn(), COLUMNS), Table("Again", drawn(), COLUMNS[:2])),
        path,
        title="Children in care in Bexley",
        notes=["Small numbers are hidden.", "=SUM(1)"],
        sources=["Invented numbers, see [a](b) and $$c$$"],
    )
    return path


def sheets(path: Path) -> dict[str, list[list[str | float]]]:
    """Read a workbook back without the library that wrote it: rows of cells by sheet name."""
    with zipfile.ZipFile(path) as file:
        texts = ["".join(t.itertext()) for t in etree.fromstring(file.read("xl/sharedStrings.xml"))]
        names = etree.fromstring(file.read("xl/workbook.xml")).xpath("//x:sheet/@name", namespaces=SHEET)
        found = {}
        for n, name in enumerate(names, start=1):
            root = etree.fromstring(file.read(f"xl/worksheets/sheet{n}.xml"))
            assert not root.xpath("//x:mergeCell|//x:f", namespaces=SHEET), f"{name}: merged cells or formulas"
            found[name] = [
                [texts[int(c[0].text)] if c.get("t") == "s" else float(c[0].text) for c in row]
                for row in root.xpath("//x:row", namespaces=SHEET)
            ]
    return found


def test_the_workbook_has_cover_contents_notes_and_one_table_a_sheet(tmp_path):
    found = sheets(workbook(tmp_path))
    assert list(found) == ["Cover", "Contents", "Notes", "Table 1", "Table 2"]
    assert found["Cover"][0] == ["Children in care in Bexley"]
    assert ["Table 2", "Again"] in found["Contents"]
    assert any("hidden" in cell for row in found["Cover"] for cell in row), "the words in place of numbers are told"


def test_the_workbook_has_the_numbers_of_the_page(tmp_path):
    rows = sheets(workbook(tmp_path))["Table 1"][-6:]
    shown = cells(Table("Children by group", drawn(), COLUMNS))
    assert rows[0] == shown[0]
    assert rows[1] == ["Asian or Asian British", 1234.0, 58.9, "2025-03-31"]
    assert [row[1] for row in rows[3:]] == list(STATUS_WORDS.values()) == [row[1] for row in shown[3:]]


@pytest.mark.parametrize("text", ["=1+1", "+44 20", "-5 to 0", "@name", "\t=1+1"])
def test_text_that_could_run_as_a_formula_is_made_safe(tmp_path, text):
    table = Table(text, pd.DataFrame({"a": [text], "b": [-1.0]}), (Column("a", text), Column("b", "B", "whole")))
    rows = sheets(workbook(tmp_path, tables=(table,)))["Table 1"]
    assert rows[-1] == [f"'{text}", -1.0], "a negative number stays a number"
    assert rows[0] == [f"'{text}"]
    assert table.to_csv().splitlines()[-1].startswith(f"'{text}")


def test_the_same_tables_make_the_same_bytes(tmp_path):
    first, second = workbook(tmp_path, "a.xlsx"), workbook(tmp_path, "b.xlsx")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as file:
        assert {item.date_time for item in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in file.read("docProps/core.xml")


def test_a_table_without_rows_can_be_written(tmp_path):
    rows = sheets(workbook(tmp_path, tables=(Table("Empty", drawn().iloc[:0], COLUMNS),)))["Table 1"]
    assert rows[-1] == ["No rows", "n/a", "n/a", "n/a"]


def test_a_dash_in_a_cell_can_be_written(tmp_path):
    table = Table("Dash", pd.DataFrame({"a": ["x"], "b": ["-"]}), (Column("a", "A"), Column("b", "B")))
    assert sheets(workbook(tmp_path, tables=(table,)))["Table 1"][-1] == ["x", "n/a"]
