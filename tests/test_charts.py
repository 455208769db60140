"""Charts: drawn from released values alone, described, readable, small, the same bytes each time."""

import hashlib
import os
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from helpers.charts import Chart, bar_chart, funnel_chart, interval_chart, line_chart, rank_chart, rank_words, sparkline
from helpers.charts.drawing import AXIS, GRID, TEXT, text_width, wrap
from helpers.charts.funnel import Box, place_labels
from helpers.charts.lines import spread
from helpers.errors import ContractError, LeakError

BIGGEST_CHART = 11 * 1024
WORDS = {
    "title": "The rate & what it says",
    "subtitle": "Children in care per 10,000, Bexley, 2016 to 2025",
    "alt": "Line chart. 58.8 in Bexley, <below> England.",
    "source": "invented numbers",
}
NAN = float("nan")
YEARS = range(2016, 2026)


def line_rows(**levels: list[float]) -> pd.DataFrame:
    """One row per area and year, hidden where the value is missing. Invented numbers."""
    rows = [
        (pd.Timestamp(year, 3, 31), area.replace("_", " "), value, "suppressed" if value != value else "shown")
        for area, values in levels.items()
        for year, value in zip(YEARS, values, strict=False)
    ]
    return pd.DataFrame(rows, columns=["period", "area", "value", "status"])


def lines(frame: pd.DataFrame | None = None, **changes: object) -> Chart:
    frame = (
        line_rows(Bexley=[50, 52, 54, NAN, NAN, 58, 59, 60, 61, 58.8], England=[70.0] * 10) if frame is None else frame
    )
    return line_chart(frame, **{"key": "rate", "highlight": "Bexley", "unit": "per 10,000", **WORDS, **changes})


def interval_rows() -> pd.DataFrame:
    rows = [
        ("Refused or not yet known", 9.0, 8.0, 12.0, "shown", True),
        ("White", 0.5, 0.25, 1.0, "shown", False),
        ("Hidden group", NAN, NAN, NAN, "suppressed", False),
        ("Black, Black British, Caribbean or African", 2.0, 1.0, 4.0, "shown", True),
        ("Mixed", 1.0, 0.0, np.inf, "shown", False),
    ]
    return pd.DataFrame(rows, columns=["group", "value", "low", "high", "status", "clear"])


def intervals(frame: pd.DataFrame | None = None, **changes: object) -> Chart:
    words = {"key": "ratio", "unit": "times as likely", "reference_label": "Same rate as all children", **WORDS}
    return interval_chart(interval_rows() if frame is None else frame, **{**words, **changes})


def bar_rows() -> pd.DataFrame:
    rows = [
        ("Foster care", 40.0, "shown", "2024"),
        ("With parents", 0.0, "shown", "2024"),
        ("Children's home", 10.0, "shown", "2024"),
        ("Foster care", 30.0, "shown", "2025"),
        ("With parents", NAN, "suppressed", "2025"),
        ("Children's home", 60.0, "shown", "2025"),
    ]
    return pd.DataFrame(rows, columns=["category", "value", "status", "series"])


def bars(frame: pd.DataFrame | None = None, **changes: object) -> Chart:
    return bar_chart(bar_rows() if frame is None else frame, **{"key": "homes", "unit": "%", **WORDS, **changes})


def funnel_rows() -> pd.DataFrame:
    rows = [
        ("Bromley", 40_000.0, 50.0, "shown", "as expected"),
        ("Lambeth", 50_000.0, 90.0, "shown", "far above"),
        ("Harrow", 60_000.0, 30.0, "shown", "below"),
        ("City of London", 900.0, 70.0, "shown", "too few to say"),
        ("Merton", 45_000.0, NAN, "suppressed", ""),
    ]
    return pd.DataFrame(rows, columns=["area", "size", "value", "status", "position"])


def funnel(frame: pd.DataFrame | None = None, **changes: object) -> Chart:
    sizes = np.geomspace(900, 60_000, 30)
    reach = 1_000 / np.sqrt(sizes)
    limits = pd.DataFrame({"size": sizes, "low_998": 50 - 3 * reach, "low_95": 50 - 2 * reach,
                           "high_95": 50 + 2 * reach, "high_998": 50 + 3 * reach})  # fmt: skip
    words = {"key": "funnel", "target": 50.0, "unit": "per 10,000", "size_unit": "Children aged 0 to 17", **WORDS}
    return funnel_chart(funnel_rows() if frame is None else frame, limits, **{**words, **changes})


def rank_rows() -> pd.DataFrame:
    rows = [
        ("Bromley", 50.0, "shown", 2.0, 1.0, 3.0),
        ("Lambeth", 90.0, "shown", 1.0, 1.0, 2.0),
        ("City of London", 70.0, "shown", NAN, NAN, NAN),
        ("Harrow", 30.0, "shown", 3.0, 2.0, 3.0),
        ("Merton", NAN, "suppressed", NAN, NAN, NAN),
    ]
    return pd.DataFrame(rows, columns=["area", "value", "status", "rank", "rank_low", "rank_high"])


def ranks(frame: pd.DataFrame | None = None, **changes: object) -> Chart:
    words = {"key": "ranks", "unit": "per 10,000", **WORDS}
    return rank_chart(rank_rows() if frame is None else frame, **{**words, **changes})


MAKERS = (lines, intervals, bars, funnel, ranks)
CHARTS = pytest.mark.parametrize("make", MAKERS)


def picture(chart: Chart) -> etree._Element:
    return etree.fromstring(chart.svg.replace(' xmlns="http://www.w3.org/2000/svg"', ""))


def texts(chart: Chart) -> list[str]:
    return picture(chart).xpath("//g//text/text()")


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def drawn_lines(chart: Chart, **attributes: str) -> list[list[tuple[float, float]]]:
    wanted = "".join(f"[@{name.replace('_', '-')}='{value}']" for name, value in attributes.items())
    return [points(path.get("d")) for path in picture(chart).xpath(f"//g//path{wanted}")]


# --------------------------------------------------------------------------------------------------- every chart


@CHARTS
def test_the_picture_is_named_described_and_clean(make):
    svg = make().svg
    root = picture(make())
    assert root.get("role") == "img"
    names = root.get("aria-labelledby").split()
    assert [root.xpath(f"string(//*[@id='{name}'])") for name in names] == [WORDS["title"], WORDS["alt"]]
    assert root.get("viewBox").startswith("0 0 360 ")
    assert root.get("width") is None, "a page scales it"
    assert not re.search(r"style=|<style|<metadata|clip-path|xlink|<!--|<\?xml|DOCTYPE|\d{4}-\d\d-\d\dT", svg)
    assert len(svg.encode()) <= BIGGEST_CHART


@CHARTS
def test_every_id_begins_with_the_key_and_every_reference_is_met(make):
    root = picture(make(key="another-key"))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert all(name.startswith("another-key-") for name in ids)
    assert {link[1:] for link in root.xpath("//use/@href")} <= set(ids)


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_with_white(colour: str) -> float:
    return 1.05 / (luminance(colour) + 0.05)


def test_the_contrast_measure_agrees_with_published_values():
    # WebAIM's contrast checker: #767676 is the lightest grey that passes 4.5:1 on white.
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast_with_white("#12436d") == pytest.approx(10.25, abs=0.005)


@CHARTS
def test_every_colour_can_be_seen(make):
    root = picture(make())
    for text in root.xpath("//text"):
        assert text.get("fill", root.xpath("string(//svg/g/@fill)")) == TEXT
    assert contrast_with_white(TEXT) >= 4.5
    marks = {colour for colour in root.xpath("//@fill|//@stroke") if colour not in ("none", "#ffffff", GRID)}
    assert len(marks) >= 2
    assert all(contrast_with_white(colour) >= 3 for colour in marks), marks


@CHARTS
def test_the_figure_has_title_picture_source_and_table_in_that_order(make):
    root = lxml_html.fromstring(make()._repr_html_())
    assert (root.tag, root.get("class")) == ("figure", "chart")
    assert [part.tag for part in root if part.tag != "p"] == ["h3", "svg", "details"]
    assert root.xpath("string(//h3)") == WORDS["title"]
    assert root.xpath("string(//p[@class='subtitle'])") == WORDS["subtitle"]
    assert root.xpath("string(//p[@class='source'])") == "Source: invented numbers"
    assert root.xpath("string(//details[@class='data']/summary)") == f"Data for this chart: {WORDS['subtitle']}"
    assert root.xpath("count(//details//table/caption)") == 1
    assert root.get("aria-labelledby") == root.xpath("//h3/@id")[0]


@CHARTS
def test_a_hidden_value_is_the_word_in_picture_and_table_and_no_number(make):
    chart = make()
    places_only = make in (funnel, ranks)  # a place without a value has no place in these pictures
    assert places_only or [word for word in texts(chart) if "hidden" in word]
    assert "hidden" in chart.to_csv()
    assert not re.search(r"\b(nan|NaN|None|inf)\b", chart._repr_html_())


@pytest.mark.parametrize(
    ("make", "rows"),
    [
        (lines, line_rows(Bexley=[1.0] * 10)),
        (intervals, interval_rows()),
        (bars, bar_rows()),
        (funnel, funnel_rows()),
        (ranks, rank_rows()),
    ],
)
def test_a_suppressed_row_with_a_value_is_refused(make, rows):
    leaking = rows.assign(status="suppressed")
    with pytest.raises(LeakError):
        make(leaking)


@CHARTS
def test_png_is_a_picture_with_its_description_and_no_date(make):
    first, second = make().png(), make().png()
    assert first.startswith(b"\x89PNG\r\n")
    assert first == second
    assert WORDS["alt"].encode() in first
    assert not re.search(rb"matplotlib|Software|tIME", first)


@CHARTS
def test_a_description_or_key_that_cannot_serve_is_refused(make):
    with pytest.raises(ContractError, match="251 characters"):
        make(alt="x" * 251)
    make(alt="x" * 250)
    with pytest.raises(ContractError, match="no source"):
        make(source=" ")
    with pytest.raises(ContractError, match="key"):
        make(key="Two words")


def test_drawing_leaves_nothing_behind_and_imports_nothing_early():
    """In a fresh process, under another hash seed: no pyplot, no changed settings, the same bytes as here."""
    script = """
import sys, hashlib
import helpers.charts
early = [name for name in sys.modules if name.split('.')[0] in ('matplotlib', 'seaborn', 'afcharts')]
assert not early, 'imported early'
import matplotlib
before = {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != 'backend'}
sys.path.insert(0, 'tests')
import test_charts
charts = [make() for make in test_charts.MAKERS]
[chart.png() for chart in charts]
assert all(matplotlib.rcParams[key] == value for key, value in before.items()), 'settings changed'
assert 'matplotlib.pyplot' not in sys.modules, 'pyplot keeps figures open'
print(hashlib.sha256(''.join(chart._repr_html_() for chart in charts).encode()).hexdigest())
"""
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "7"}
    )
    assert out.returncode == 0, out.stderr
    here = "".join(make()._repr_html_() for make in MAKERS)
    assert out.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


# ----------------------------------------------------------------------------------------------------------- lines


def test_the_line_is_broken_where_a_value_is_hidden_and_never_falls_to_zero():
    stretches = drawn_lines(lines(), stroke="#12436d", stroke_width="3")
    assert [len(stretch) for stretch in stretches] == [3, 5]
    assert texts(lines()).count("hidden") == 1, "one word for a run of two years"


def test_the_line_is_broken_where_a_year_is_missing():
    frame = line_rows(Bexley=[50.0] * 10, England=[70.0] * 10)
    gap = frame[~((frame["area"] == "Bexley") & frame["period"].dt.year.isin([2019]))]
    assert [len(s) for s in drawn_lines(lines(gap), stroke="#12436d", stroke_width="3")] == [3, 6]
    both = frame[~frame["period"].dt.year.isin([2020, 2021])]
    assert [len(s) for s in drawn_lines(lines(both), stroke="#12436d", stroke_width="3")] == [4, 4], "missing for all"


def test_a_year_between_two_gaps_is_still_seen():
    alone = lines(line_rows(Bexley=[50, NAN, 54, NAN, 56, 57, 58, 59, 60, 61.0]))
    assert len(picture(alone).xpath("//use")) == 2, "2016 and 2018 stand alone"


def test_heights_are_in_proportion_from_zero():
    chart = lines(line_rows(Bexley=[20.0, 40.0, 60.0, 80.0], England=[70.0] * 4))
    ((first, second, third, fourth),) = drawn_lines(chart, stroke="#12436d", stroke_width="3")
    zero = next(float(t.get("y")) for t in picture(chart).xpath("//text[.='0']"))
    top = next(float(t.get("y")) for t in picture(chart).xpath("//text[.='80']"))
    assert fourth[1] == pytest.approx(10, abs=0.2), "80 is the top gridline"
    assert drawn_lines(chart, stroke=AXIS)[0][0][1] - first[1] == pytest.approx((zero - top) / 4, abs=0.2), "foot is 0"
    assert (zero - top) / 4 == pytest.approx(first[1] - second[1], abs=0.2)
    assert second[1] - third[1] == pytest.approx(first[1] - second[1], abs=0.2)


def test_ours_is_thick_solid_and_on_top_and_the_others_are_dashed_each_in_its_own_way():
    frame = line_rows(Bexley=[1.0] * 9, A=[2.0] * 9, B=[3.0] * 9, C=[4.0] * 9, D=[5.0] * 9)
    chart = lines(frame)
    dashes = picture(chart).xpath("//path/@stroke-dasharray")
    assert len(set(dashes)) == len(dashes) == 4
    thick = picture(chart).xpath("//path[@stroke-width='3']")
    assert len(thick) == 1
    assert thick[0].get("stroke-dasharray") is None
    assert not thick[0].xpath("following::path[@stroke-dasharray]"), "drawn last"


def test_the_end_of_each_line_is_named_with_its_last_value():
    frame = line_rows(Bexley=[50.0] * 9 + [NAN], Statistical_neighbours=[49.96] * 10)
    words = " ".join(texts(lines(frame)))
    assert "Bexley hidden" in words
    assert "Statistical neighbours 50.0" in words


def test_a_chart_of_hidden_values_only_says_hidden():
    chart = lines(line_rows(Bexley=[NAN] * 10))
    assert "hidden" in texts(chart)
    assert not drawn_lines(chart, stroke="#12436d", stroke_width="3")


def test_the_table_has_a_row_a_year_and_a_column_an_area():
    rows = lines().to_csv().splitlines()
    assert rows[0] == "Year,Bexley,England"
    assert rows[1] == "2016,50.0,70.0"
    assert rows[4] == "2019,hidden,70.0"
    assert len(rows) == 11


def test_months_are_named_where_periods_are_not_years():
    frame = line_rows(Bexley=[50.0] * 4).assign(
        period=pd.to_datetime(["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"])
    )
    assert lines(frame).to_csv().splitlines()[:2] == ["Date,Bexley", "Mar 2025,50.0"]


@pytest.mark.parametrize(
    ("frame", "changes", "told"),
    [
        (line_rows(Bexley=[1.0]), {"highlight": "Bromley"}, "Bromley"),
        (line_rows(**{name: [1.0] for name in ("Bexley", *"ABCDE")}), {}, "at most 5"),
        (pd.concat([line_rows(Bexley=[1.0])] * 2), {}, "two rows"),
    ],
)
def test_lines_that_cannot_be_drawn_are_refused(frame, changes, told):
    with pytest.raises(ContractError, match=told):
        lines(frame, **changes)


@given(st.lists(st.tuples(st.floats(0, 200), st.sampled_from([14.0, 28.0, 31.0])), min_size=1, max_size=5))
def test_labels_never_overlap_stay_inside_and_keep_their_order(labels):
    wanted, heights = [y for y, _ in labels], [h for _, h in labels]
    placed = spread(wanted, heights, 204)
    order = sorted(range(len(labels)), key=lambda n: (placed[n], wanted[n]))
    for low, high in pairwise(order):
        assert placed[high] - placed[low] >= (heights[low] + heights[high]) / 2 - 1e-6
        assert wanted[low] <= wanted[high]
    assert all(h / 2 - 1e-6 <= y <= 204 - h / 2 + 1e-6 for y, h in zip(placed, heights, strict=True))


def test_labels_that_have_room_stay_where_they_are():
    assert spread([20, 100, 60], [14, 14, 28], 204) == pytest.approx([20, 100, 60])


# ------------------------------------------------------------------------------------------------------- intervals


def test_groups_are_sorted_by_value_then_hidden_then_unknown():
    rows = [line.split(",")[0].strip('"') for line in intervals().to_csv().splitlines()]
    assert rows == ["Group", "Black", "Mixed", "White", "Hidden group", "Refused or not yet known"]
    kept = intervals(sort=False).to_csv().splitlines()[1]
    assert kept.startswith("Refused")


def test_the_ratio_scale_has_twice_as_far_from_one_as_half():
    places = {t.text: float(t.get("x")) for t in picture(intervals()).xpath("//text") if t.text in ("½", "1", "2", "4")}
    assert places["2"] - places["1"] == pytest.approx(places["1"] - places["½"], abs=0.2)
    assert places["4"] - places["2"] == pytest.approx(places["2"] - places["1"], abs=0.2)


def test_an_interval_spans_its_limits():
    places = {t.text: float(t.get("x")) for t in picture(intervals()).xpath("//text") if t.text in ("½", "1", "2", "4")}
    spans = [line for line in drawn_lines(intervals(), stroke="#12436d", stroke_width="2") if len(line) == 2]
    assert spans[0][0][0] == pytest.approx(places["1"], abs=0.2), "Black, from 1"
    assert spans[0][1][0] == pytest.approx(places["4"], abs=0.2), "to 4"
    assert len(spans) == 4, "the hidden group has none"


def test_limits_without_end_are_not_shown_as_numbers():
    assert "Mixed,1.0,0.0,n/a" in intervals().to_csv()


def test_the_line_of_no_difference_is_explained_in_words():
    assert "Same rate as all children" in texts(intervals())
    with pytest.raises(ContractError, match="reference_label"):
        intervals(reference_label="")
    assert "Same rate as all children" not in texts(intervals(reference=None))


def test_unclear_differences_have_open_dots_and_a_sentence_that_says_so():
    whites = picture(intervals()).xpath("//use[@fill='#ffffff']")
    assert len(whites) == 2
    assert intervals().note == "An open dot is a difference that may be chance."
    assert intervals(interval_rows().assign(clear=True)).note == ""
    assert not picture(intervals(interval_rows().drop(columns="clear"))).xpath("//use[@fill='#ffffff']")


def test_rates_are_drawn_from_zero():
    rows = interval_rows().dropna(subset="value").assign(high=12.0)
    chart = intervals(rows, log=False, reference=1.5, reference_label="Borough", unit="per 10,000")
    places = {t.text: float(t.get("x")) for t in picture(chart).xpath("//text") if t.text in ("0", "5", "10")}
    assert places["10"] - places["5"] == pytest.approx(places["5"] - places["0"], abs=0.2)


def test_all_hidden_is_drawn_without_a_number():
    frame = interval_rows().assign(value=NAN, low=NAN, high=NAN, status="suppressed")
    for log in (True, False):
        assert texts(intervals(frame, log=log)).count("hidden") == 5


# ------------------------------------------------------------------------------------------------------------ bars


def test_bars_are_as_long_as_their_values_and_begin_at_one_line():
    ours = picture(bars()).xpath("//path[@fill='#12436d']/@d")
    spans = [[x for x, _ in points(path)] for path in ours]
    lengths = [max(xs) - min(xs) for xs in spans]
    assert lengths[0] / lengths[1] == pytest.approx(60 / 30, rel=0.01)
    assert len({min(xs) for xs in spans}) == 1
    assert len(ours) == 2, "the hidden bar is not drawn"
    assert len(picture(bars()).xpath("//path[@fill='#6f777b']")) == 2, "and neither is the bar of zero"


def test_bars_are_sorted_by_the_last_series_and_the_first_row_says_which_is_which():
    assert [line.split(",")[0] for line in bars().to_csv().splitlines()[1:]] == [
        "Children's home",
        "Foster care",
        "With parents",
    ]
    assert {"10% in 2024", "60% in 2025", "30%", "0%", "hidden"} <= set(texts(bars()))


def test_words_beside_bars_stay_inside_the_picture():
    for chart in (bars(), bars(bar_rows().assign(value=lambda r: r["value"] * 1e6), unit="children")):
        for text in picture(chart).xpath("//text[not(@text-anchor)]"):
            assert float(text.get("x")) + text_width(text.text) <= 360


def test_one_series_needs_no_name():
    one = bar_rows().query("series == '2025'").drop(columns="series")
    assert bars(one, unit="children").to_csv().splitlines()[0] == "Category,Children"
    assert "60" in texts(bars(one, unit="children"))


def test_bars_that_cannot_be_drawn_are_refused():
    with pytest.raises(ContractError, match="0 or more"):
        bars(bar_rows().assign(value=-1.0, status="shown"))
    with pytest.raises(ContractError, match="at most 2 series"):
        bars(
            pd.concat([bar_rows(), bar_rows().assign(series="2023")])
            .replace({"2024": "2022"})
            .pipe(lambda r: pd.concat([r, bar_rows().assign(series="2021")]))
        )


# ---------------------------------------------------------------------------------------------------------- funnel


def dots_filled(chart: Chart, colour: str) -> list[tuple[float, float]]:
    return [(float(use.get("x")), float(use.get("y"))) for use in picture(chart).xpath(f"//use[@fill='{colour}']")]


def test_places_outside_the_limits_are_named_and_no_others():
    named = set(texts(funnel())) & set(funnel_rows()["area"])
    assert named == {"Lambeth", "Harrow"}


def test_a_place_stands_by_its_size_and_its_value():
    chart = funnel()
    axis = {t.text: (float(t.get("x")), float(t.get("y"))) for t in picture(chart).xpath("//text")}
    (lambeth, harrow) = sorted(dots_filled(chart, "#12436d"))
    right = points(picture(chart).xpath(f"//path[@stroke='{TEXT}']/@d")[0])[1][0]
    left = points(picture(chart).xpath(f"//path[@stroke='{TEXT}']/@d")[0])[0][0]
    assert (lambeth[0] - left) / (right - left) == pytest.approx(50 / 60, abs=0.005)
    assert harrow[0] == pytest.approx(right, abs=0.2), "the largest"
    tall = axis["0"][1] - axis["100"][1]
    assert (harrow[1] - lambeth[1]) / tall == pytest.approx(60 / 100, abs=0.005)


def test_too_few_children_is_an_open_dot_that_the_note_explains():
    assert len(dots_filled(funnel(), "#ffffff")) == 1
    assert funnel().note.endswith("An open dot has too few children to say.")
    without = funnel_rows()[lambda rows: rows["position"] != "too few to say"]
    assert "open dot" not in funnel(without).note


def test_a_hidden_place_is_not_drawn():
    assert len(picture(funnel()).xpath("//use")) == 4


def test_the_limits_are_told_apart_in_print_and_named_at_their_ends():
    dashes = picture(funnel()).xpath(f"//path[@stroke='{AXIS}'][@stroke-dasharray]")
    assert len(dashes) == 2, "the inner lines"
    assert [texts(funnel()).count(name) for name in ("95%", "99.8%", "50.0")] == [2, 2, 1]


def test_limits_stay_inside_the_picture():
    for line in drawn_lines(funnel(), stroke=AXIS):
        assert all(-0.1 <= y <= 300.1 for _, y in line)


def test_the_table_says_in_words_where_each_place_lies():
    rows = funnel().to_csv().splitlines()
    assert rows[0] == 'Borough,Children aged 0 to 17,"Per 10,000",Place in the funnel'
    assert rows[1:] == [
        "Bromley,40000,50.0,between the lines",
        "Lambeth,50000,90.0,above the outer line",
        "Harrow,60000,30.0,below the inner line",
        "City of London,900,70.0,too few to say",
        "Merton,45000,hidden,hidden",
    ]


@pytest.mark.parametrize(
    "frame",
    [
        pd.concat([funnel_rows()] * 2),
        funnel_rows().assign(position="higher"),
        funnel_rows().assign(value=NAN, status="suppressed"),
    ],
)
def test_a_funnel_that_cannot_be_drawn_is_refused(frame):
    with pytest.raises(ContractError, match="funnel"):
        funnel(frame)


def test_a_name_stands_beside_its_dot_where_nothing_else_is():
    space = Box(0, 0, 300, 200)
    dot = (100.0, 100.0)
    (free,) = place_labels([("Lambeth", dot)], [], space)
    assert free.x > dot[0], "right of it, where there is room"
    (moved,) = place_labels([("Lambeth", dot)], [Box(110, 95, 130, 105)], space)
    assert moved.right < dot[0], "left of it, where something is on the right"
    (edge,) = place_labels([("Lambeth", (290.0, 100.0))], [], space)
    assert edge.right <= space.right


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=8, unique=True))
def test_names_of_places_apart_never_cover_each_other(places):
    named = [("Bexley", (60.0 * column + 10, 20.0 * row + 10)) for column, row in places]
    boxes = place_labels(named, [], Box(0, 0, 320, 220))
    overlaps = [a.overlap(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :]]
    assert max(overlaps, default=0) == 0


# ----------------------------------------------------------------------------------------------------------- ranks


def test_ranks_come_in_order_and_places_without_one_last():
    rows = ranks().to_csv().splitlines()
    assert rows == [
        'Borough,"Per 10,000",Could be anywhere from',
        "Lambeth,90.0,1st to 2nd",
        "Bromley,50.0,1st to 3rd",
        "Harrow,30.0,2nd to 3rd",
        "City of London,70.0,too few to say",
        "Merton,hidden,hidden",
    ]
    assert "City of London" not in texts(ranks())


def test_a_line_spans_the_ranks_that_are_left_open():
    ticks = {t.text: float(t.get("x")) for t in picture(ranks()).xpath("//text") if t.text in ("1st", "3rd")}
    (path,) = picture(ranks()).xpath("//path[@stroke='#12436d'][@stroke-width='2']/@d")
    spans = [(a[0], b[0]) for a, b in zip(points(path)[::2], points(path)[1::2], strict=True)]
    middle = (ticks["1st"] + ticks["3rd"]) / 2
    expected = [(ticks["1st"], middle), (ticks["1st"], ticks["3rd"]), (middle, ticks["3rd"])]
    for span, wanted in zip(spans, expected, strict=True):
        assert span == pytest.approx(wanted, abs=0.2)


def test_a_single_rank_is_refused():
    single = rank_rows().assign(rank_high=lambda rows: rows["rank_low"])
    with pytest.raises(ContractError, match="two ranks or more"):
        ranks(single)


def test_ranges_of_ranks_are_told_in_words():
    assert rank_words(3.0, 11.0) == "3rd to 11th"


# ------------------------------------------------------------------------------------------------ text, sparklines


@given(st.lists(st.text("aeimwBMW,'-", min_size=1, max_size=12), min_size=1, max_size=8))
def test_wrapping_keeps_every_word_and_the_width(words):
    lines = wrap(" ".join(words), 110)
    assert " ".join(lines).split() == words
    assert all(text_width(line) <= 110 or " " not in line for line in lines)


def test_a_sparkline_is_named_and_breaks_where_a_value_is_missing():
    small = sparkline([1.0, None, 3.0, 4.0, NAN, 2.0], key="trend-1", name="Bexley: 1 to 2, one year & more hidden")
    root = etree.fromstring(small.svg)
    assert root.get("role") == "img"
    assert root[0].text == str(small) == "Bexley: 1 to 2, one year & more hidden"
    path = root[1].get("d")
    assert path.count("M") == 3, "three stretches"
    assert path.count("L") == 1
    assert len(small.svg) < 500
    heights = [y for _, y in points(path)]
    assert heights[2] == 2, "4, the highest, at the top"
    assert heights[0] == pytest.approx(18 - 16 / 4), "1 at a quarter of the height from zero"


def test_a_sparkline_of_nothing_is_an_empty_line():
    assert 'd=""' in sparkline([None, NAN], key="trend-2", name="City of London: hidden").svg
