"""The pictures of a page: every mark is turned back into a number and held against the table of its chart.

Bars have no axis: all must lie on one scale that gives every bar the number written beside it. Dots and lines have
axes: their scale is read from the gridlines and the numbers written at them. A mark that no number of the chart's
table explains, or a number in the picture that stands nowhere in the figure, is a fault.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from lxml import html

from helpers.audit.grid import Grid, grid_of, plain, words
from helpers.audit.result import Audit

RESOLUTION = 0.12  # points: coordinates are written with one decimal, and drawn lines begin at rounded ones
_GRID, _AXIS_COLOURS = "#cccccc", ("#0b0c0c", "#6f777b")
_NUMBER = re.compile(r"-?[\d,]*\.?\d+(?:e-?\d+)?")
_PAIRS = re.compile(r"([ML])(-?[\d.]+)[ ,](-?[\d.]+)")
_BAR = re.compile(r"M(-?[\d.]+) (-?[\d.]+)L(-?[\d.]+) \2L\3 (-?[\d.]+)L\1 \4z")
_FRACTIONS = {"\u215b": 0.125, "\u00bc": 0.25, "\u00bd": 0.5}
_TOLD_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_LABEL_HEIGHT = 4.6  # points from the middle of a line of text to its foot


class Point(NamedTuple):
    """A place in a picture, in its own units (points), from the upper left corner."""

    x: float
    y: float


class Label(NamedTuple):
    """A text in a picture: where its foot stands, how it is set, and what it says."""

    x: float
    y: float
    anchor: str
    text: str


class Span(NamedTuple):
    """What a written number may have been before rounding."""

    low: float
    high: float

    def holds(self, value: float, slack: float) -> bool:
        return self.low - slack <= value <= self.high + slack


class Axis(NamedTuple):
    """The scale of one axis: value = start + step * coordinate, of the value's logarithm (base 2) where `log`."""

    start: float
    step: float
    log: bool

    def value(self, at: float) -> float:
        told = self.start + self.step * at
        return 2**told if self.log else told

    def slack(self, at: float) -> float:
        """How far a value may be off because coordinates are rounded."""
        return abs(self.value(at + RESOLUTION) - self.value(at - RESOLUTION)) / 2


class Drawing(NamedTuple):
    """What a picture is made of."""

    labels: list[Label]
    bars: list[tuple[Point, Point]]
    dots: list[Point]
    arrows: list[Point]
    lines: list[list[Point]]
    across: list[float]
    upright: list[float]


def check_figures(root: html.HtmlElement, place: str, audit: Audit) -> None:
    """Look at every picture of a page."""
    for number, picture in enumerate(root.iter("svg"), start=1):
        where = f"{place}, picture {number}"
        figure = next(picture.iterancestors("figure"), None)
        table = figure.find(".//table") if figure is not None else None
        if table is None:
            audit.fault(where, "a picture without the table of its numbers")
            continue
        grid, drawing = grid_of(table), drawing_of(picture)
        _check_numbers(picture, figure, drawing, where, audit)
        _check_marks(grid, drawing, where, audit)
        audit.count("pictures")


def drawing_of(picture: html.HtmlElement) -> Drawing:
    """Sort the parts of a picture into what they stand for, by their shape and colour."""
    drawing = Drawing([], [], [], [], [], [], [])
    round_ids = {"#" + path.get("id", "") for path in picture.iter("path") if "C" in path.get("d", "")}
    for element in picture.iter():
        if element.tag == "text":
            told = Label(
                float(element.get("x", 0)),
                float(element.get("y", 0)),
                element.get("text-anchor", "start"),
                words(element),
            )
            drawing.labels.append(told)
        elif element.tag == "use":
            # An arrow has no curves: it says that a range goes on outside the picture.
            kind = drawing.dots if element.get("href") in round_ids else drawing.arrows
            kind.append(Point(float(element.get("x", 0)), float(element.get("y", 0))))
        elif element.tag == "path" and element.getparent().tag != "defs":
            _sort_path(element, drawing)
    return drawing


def _sort_path(path: html.HtmlElement, drawing: Drawing) -> None:
    shape = path.get("d", "")
    if bar := _BAR.fullmatch(shape):
        left, top, right, foot = map(float, bar.groups())
        drawing.bars.append((Point(left, top), Point(right, foot)))
        return
    stretches: list[list[Point]] = []
    for step, x, y in _PAIRS.findall(shape):
        if step == "M":
            stretches.append([])
        stretches[-1].append(Point(float(x), float(y)))
    stretches = [points for points in stretches if len(points) > 1]
    if path.get("stroke") == _GRID and stretches:
        first, last = stretches[0][0], stretches[0][-1]
        (drawing.across if first.y == last.y else drawing.upright).append(first.y if first.y == last.y else first.x)
    elif path.get("stroke") not in _AXIS_COLOURS and path.get("stroke-width") != "0.7":
        drawing.lines.extend(stretches)


# --------------------------------------------------------------------------------------------------- numbers


def span_of(text: str) -> Span | None:
    """Give what a written number may have been before it was rounded half up; None where there is none."""
    cell = plain(text).replace("\u2212", "-").removesuffix("%").replace(",", "")
    if not _NUMBER.fullmatch(cell):
        return None
    half = 0.5 * 10 ** -len(cell.partition(".")[2])
    return Span(float(cell) - half, float(cell) + half)


def _check_numbers(
    picture: html.HtmlElement, figure: html.HtmlElement, drawing: Drawing, where: str, audit: Audit
) -> None:
    """Every number in the picture and its description stands in the figure's text, or at a gridline."""
    told = [words(part) for part in figure.iter("p", "h3", "summary", "td", "th", "caption")]
    known = {number for text in told for number in _TOLD_NUMBER.findall(text)}
    rows = len(list(figure.iter("tr"))) - 1
    known |= {str(number) for number in range(rows + 1)} if rows > 10 else {str(rows)}  # how many places, of all
    spans = [span for text in told if (span := span_of(text)) is not None]
    ticks = {id(label) for label in drawing.labels if _is_tick(label, drawing)}
    written = [label.text for label in drawing.labels if id(label) not in ticks]
    texts = [*written, *(words(part) for part in picture.iter("title", "desc"))]
    unknown = {number for text in texts for number in _TOLD_NUMBER.findall(text) if number not in known}
    unknown = {number for number in unknown if not _rounds(number, spans)}
    # A funnel narrows to the value of all places together, which is no place's own.
    if len(unknown) > _is_funnel(grid_of(figure.find(".//table"))):
        audit.fault(where, "tells a number that stands nowhere in its figure")


def _rounds(number: str, spans: list[Span]) -> bool:
    """Say whether a number may be a coarser rounding of one of the table."""
    own = span_of(number)
    return own is not None and any(own.low <= span.high and span.low <= own.high for span in spans)


def _is_tick(label: Label, drawing: Drawing) -> bool:
    beside = any(abs(label.y - _LABEL_HEIGHT - at) < 1 for at in drawing.across) and label.anchor == "end"
    return beside or (
        label.anchor == "middle" and (not drawing.upright or any(abs(label.x - at) < 1 for at in drawing.upright))
    )


# ----------------------------------------------------------------------------------------------------- marks


def _check_marks(grid: Grid, drawing: Drawing, where: str, audit: Audit) -> None:
    if drawing.bars:
        fault = _bar_fault(grid, drawing)
    elif drawing.across:
        fault = _line_fault(grid, drawing)
    elif drawing.upright and _axis(drawing, sideways=True) is not None:
        fault = _dot_fault(grid, drawing)
    else:
        shown = sum(span_of(row[1]) is not None for row in grid.rows if len(row) > 1)
        audit.count("pictures_counted")
        drawn = max(len(drawing.dots), len(drawing.lines), len(drawing.arrows))
        fault = "more marks than its table has numbers" if drawn > shown else ""
    if fault:
        audit.fault(where, fault)
    audit.count("marks", len(drawing.bars) + len(drawing.dots) + sum(map(len, drawing.lines)))


def _bar_fault(grid: Grid, drawing: Drawing) -> str:
    """Bars: each has its number at its end, the numbers are the table's, and one scale fits all."""
    told = Counter(plain(cell) for row in grid.rows for cell in row[1:] if span_of(cell) is not None)
    low, high, written = 0.0, math.inf, Counter()
    for start, end in drawing.bars:
        beside = [
            label for label in drawing.labels if start.y < label.y - _LABEL_HEIGHT < end.y and label.anchor == "start"
        ]
        span = span_of(beside[0].text.split(" in ")[0]) if len(beside) == 1 else None
        if span is None:
            return "a bar without its number"
        written[beside[0].text.split(" in ")[0]] += 1
        wide = end.x - start.x
        low = max(low, (wide - 2 * RESOLUTION) / span.high)
        high = min(high, (wide + 2 * RESOLUTION) / span.low) if span.low > 0 else high
    if written - told:
        return "a bar whose number is not in its table"
    if any(span_of(cell).low > 0 for cell in told - written):
        return "a number of its table without a bar"
    return "bars that do not lie on one scale with their numbers" if low > high else ""


def _line_fault(grid: Grid, drawing: Drawing) -> str:
    """Lines and dots over an upright axis: each point is a number of the table, and there are no more of them."""
    axis = _axis(drawing, sideways=False)
    if axis is None:
        return "marks over an axis that cannot be read"
    spans = [span for row in grid.rows for cell in row[1:] if (span := span_of(cell)) is not None]
    series = [line for line in drawing.lines if len({point.x for point in line}) == len(line)]
    dots_alone = not series or _is_funnel(grid)
    points = drawing.dots if dots_alone else [*drawing.dots, *(point for line in series for point in line)]
    columns = {2} if _is_funnel(grid) else set(range(1, len(grid.heads)))
    spans = [span for row in grid.rows for n, cell in enumerate(row) if n in columns and (span := span_of(cell))]
    return "a mark that no number of its table explains" if _unmatched(points, spans, axis) else ""


def _is_funnel(grid: Grid) -> bool:
    """A table of places with size, value and their place in the funnel; the lines drawn are its limits."""
    return len(grid.heads) == 4 and "Place in the funnel" in grid.heads


def _dot_fault(grid: Grid, drawing: Drawing) -> str:
    """Dots with a line for their range, a row each: the number at the end of the row is the dot's, and the table's."""
    axis = _axis(drawing, sideways=True)
    ends = [label for label in drawing.labels if label.anchor == "end" or not _is_tick(label, drawing)]
    told = Counter(plain(row[1]) for row in grid.rows if len(row) > 1 and span_of(row[1]) is not None)
    for dot in drawing.dots:
        level = [label for label in ends if abs(label.y - _LABEL_HEIGHT - dot.y) < 1]
        spans = [span for label in level if (span := span_of(label.text)) is not None and label.text in told]
        if not any(span.holds(axis.value(dot.x), axis.slack(dot.x)) for span in spans):
            return "a dot that is not at the number of its row"
    ends = {end for line in drawing.lines for end in (line[0], line[-1])}
    if any(all(abs(arrow.x - end.x) > 1 or abs(arrow.y - end.y) > 1 for end in ends) for arrow in drawing.arrows):
        return "an arrow that is at the end of no line"
    for line in drawing.lines:
        cells = [row for row in grid.rows if len(row) > 3 and _on_row(line, row, axis)]
        if not cells:
            return "a line that is no range of its table"
    return "more marks than its table has numbers" if len(drawing.lines) > sum(told.values()) else ""


def _on_row(line: list[Point], row: tuple[str, ...], axis: Axis) -> bool:
    """Say whether a line may be the range of a row; an end that the picture cuts off lies further out."""
    spans = [span_of(row[2]), span_of(row[3])]
    told = [axis.value(line[0].x), axis.value(line[-1].x)]
    slack = [axis.slack(line[0].x), axis.slack(line[-1].x)]
    low = spans[0] is None or spans[0].holds(told[0], slack[0]) or spans[0].high < told[0]
    high = spans[1] is None or spans[1].holds(told[1], slack[1]) or spans[1].low > told[1]
    return low and high


def _unmatched(points: Iterable[Point], spans: list[Span], axis: Axis) -> bool:
    """Say whether a point is left that no number explains; each number explains one point."""
    left = sorted(spans)
    for point in sorted(points, key=lambda one: axis.value(one.y)):
        value, slack = axis.value(point.y), axis.slack(point.y)
        match = next((span for span in left if span.holds(value, slack)), None)
        if match is None:
            return True
        left.remove(match)
    return False


def _axis(drawing: Drawing, *, sideways: bool) -> Axis | None:
    """Read a scale from gridlines and the numbers at them; None where there are not two of them."""
    lines = drawing.upright if sideways else drawing.across
    told = []
    for at in lines:
        for label in drawing.labels:
            near = (
                abs(label.x - at) < 1 and label.anchor == "middle"
                if sideways
                else label.anchor == "end" and abs(label.y - _LABEL_HEIGHT - at) < 1
            )
            value = _FRACTIONS.get(label.text, _tick_value(label.text))
            if near and value is not None:
                told.append((at, value))
    if len(told) < 2:
        return None
    (first, low), (last, high) = min(told), max(told)
    log = all(value > 0 for _, value in told) and len(told) > 2 and not _is_even(told)
    a, b = (math.log2(low), math.log2(high)) if log else (low, high)
    step = (b - a) / (last - first)
    return Axis(a - step * first, step, log)


def _tick_value(text: str) -> float | None:
    span = span_of(text)
    return None if span is None else (span.low + span.high) / 2


def _is_even(told: list[tuple[float, float]]) -> bool:
    (first, low), (last, high) = min(told), max(told)
    return all(
        abs(low + (high - low) * (at - first) / (last - first) - value) <= 0.02 * abs(high - low) for at, value in told
    )
