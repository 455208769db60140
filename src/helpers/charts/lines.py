"""Change over time: one thick line for the borough, thinner dashed ones beside it, names at the ends of the lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from helpers.charts.chart import Chart
from helpers.charts.drawing import AXIS, LINE_HEIGHT, WIDTH, new_axes, palette, styled, text_width, wrap, write_lines
from helpers.errors import ContractError
from helpers.rounding import format_number, kind_of
from helpers.tables import STATUS_WORDS, Column, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LINES = 5
HEIGHT = 240
_TOP, _BOTTOM = 10, 26
_LABEL_WIDTH = 112
_LEADER = 10  # points between the end of a line and its name
# Line and gap lengths in line widths: solid is ours alone, and no two of the others look alike in grey print.
_DASHES = ((5, 2), (1, 1.2), (6, 2, 1, 2), (3, 1.2))


def line_chart(
    frame: pd.DataFrame,
    *,
    key: str,
    highlight: str,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    unit: str,
    kind: str = "",
    note: str = "",
) -> Chart:
    """Draw one value over time for up to 5 areas; the axis begins at 0, and every gap in time is a gap in the line.

    frame: columns period (a date), area, value (missing where it may not be shown), status; one row per area and
        period, released values only. Areas are drawn and listed in the frame's order
    highlight: the area of the thick line
    unit: what a value is, such as 'per 10,000' or '%'; it chooses how numbers are shown unless `kind` says it
    raises: ContractError for more than 5 areas, no such area, or two rows for one area and period;
        LeakError where a suppressed row still has a value
    """
    areas = list(dict.fromkeys(frame["area"]))
    if highlight not in areas or len(areas) > MOST_LINES:
        raise ContractError(
            f"The chart {key!r} needs {highlight!r} among at most {MOST_LINES} areas; it was given {', '.join(areas)}."
        )
    if frame.duplicated(["area", "period"]).any():
        raise ContractError(f"The chart {key!r} has two rows for one area and period. Keep one value for each.")
    rows = frame.assign(period=pd.to_datetime(frame["period"])).sort_values("period", kind="stable", ignore_index=True)
    kind = kind or kind_of(unit)
    table = _table(rows, areas, caption=subtitle, kind=kind, source=source)
    draw = partial(_draw, rows, areas, highlight, kind)
    return Chart(key=key, title=title, subtitle=subtitle, alt=alt, source=source, table=table, draw=draw, note=note)


def _table(rows: pd.DataFrame, areas: Sequence[str], *, caption: str, kind: str, source: str) -> Table:
    """Lay the rows out: one line a period, one column an area. Where an area has no row it is not available."""
    periods = rows["period"].drop_duplicates()
    wide = pd.DataFrame({"period": [_period_name(period, _yearly(rows)) for period in periods]})
    for area in areas:
        own = rows[rows["area"] == area].set_index("period").reindex(periods)
        wide[f"value {area}"] = own["value"].to_numpy(dtype=float)
        wide[f"status {area}"] = own["status"].fillna("not_available").to_numpy()
    columns = [Column(f"value {area}", area, kind, f"status {area}") for area in areas]
    head = Column("period", "Year" if _yearly(rows) else "Date")
    return Table(caption, wide, (head, *columns), source=source)


def _yearly(rows: pd.DataFrame) -> bool:
    return len(set(rows["period"].dt.strftime("%m-%d"))) == 1


def _period_name(period: pd.Timestamp, yearly: bool) -> str:
    return f"{period:%Y}" if yearly else f"{period:%b} {period:%Y}"


# ---------------------------------------------------------------------------------------------------------- drawing


class _Label(NamedTuple):
    """The name at the end of a line: where the line ends, the words, and how high they stand in points."""

    end: float
    y: float
    lines: list[str]
    bold: bool
    colour: str

    @property
    def height(self) -> float:
        return len(self.lines) * LINE_HEIGHT + 3


@styled
def _draw(rows: pd.DataFrame, areas: Sequence[str], highlight: str, kind: str) -> Figure:
    ends = {area: _end_words(rows[rows["area"] == area], area, kind, bold=area == highlight) for area in areas}
    widest = max(text_width(line, bold=area == highlight) for area in areas for line in ends[area])
    ticks = _value_ticks(rows["value"].max())
    left = max(text_width(format_number(tick, _tick_kind(kind, ticks))) for tick in ticks) + 8
    figure, axes = new_axes(HEIGHT, left=left, right=widest + _LEADER + 4, top=_TOP, bottom=_BOTTOM)
    axes.set_ylim(0, ticks[-1])
    axes.set_yticks(ticks, labels=[format_number(tick, _tick_kind(kind, ticks)) for tick in ticks])
    _period_axis(axes, rows)
    labels = []
    others = iter(zip(palette()[1:], _DASHES, strict=False))
    for area in sorted(areas, key=lambda name: name == highlight):  # ours last, so that it lies on top
        ours = area == highlight
        colour, dashes = (palette()[0], None) if ours else next(others)
        own = rows[rows["area"] == area]
        _draw_line(axes, own, _gap(rows), color=colour, linewidth=3 if ours else 1.6, dashes=dashes)
        shown = own.dropna(subset="value")
        end = (_x(shown["period"]).iloc[-1], shown["value"].iloc[-1]) if len(shown) else (axes.get_xlim()[1], 0)
        labels.append(_Label(*end, ends[area], ours, colour))
    _write_labels(axes, labels)
    axes.spines["bottom"].set_color(AXIS)
    axes.tick_params("x", pad=7)
    for line in [*axes.get_ygridlines(), axes.spines["bottom"]]:
        line.set_clip_on(False)
    return figure


def _x(periods: pd.Series) -> pd.Series:
    return periods.map(pd.Timestamp.toordinal)


def _gap(rows: pd.DataFrame) -> float:
    """Give the number of days that two neighbouring points may lie apart: once and a half the usual step."""
    steps = _x(rows["period"].drop_duplicates()).diff().dropna()
    return 1.5 * steps.min() if len(steps) else 1.0


def _end_words(own: pd.DataFrame, area: str, kind: str, *, bold: bool) -> list[str]:
    """Name the line and its last value, or the word that stands for it."""
    last = own.iloc[-1]
    value = STATUS_WORDS.get(last["status"]) or format_number(last["value"], kind)
    return wrap(f"{area} {value}", _LABEL_WIDTH, bold=bold)


def _value_ticks(highest: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    top = highest if highest > 0 else 1  # NaN, where all is hidden, compares as false
    return list(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(0, top))


def _tick_kind(kind: str, ticks: Sequence[float]) -> str:
    if all(float(tick).is_integer() for tick in ticks):
        return "percent" if kind.startswith("percent") else "share" if kind.startswith("share") else "whole"
    return kind if kind.startswith(("percent", "share")) else "decimal(1)" if ticks[1] * 10 % 1 == 0 else "decimal(2)"


def _period_axis(axes: Axes, rows: pd.DataFrame) -> None:
    periods = rows["period"].drop_duplicates().reset_index(drop=True)
    yearly = _yearly(rows)
    every = max(1, -(-(len(periods) - 1) // (4 if yearly else 3)))
    # Counted back from the last, which is the one a reader looks for.
    named = periods.iloc[::-1].iloc[::every].iloc[::-1]
    axes.set_xticks(_x(named), labels=[_period_name(period, yearly) for period in named])
    first, last = periods.iloc[0].toordinal(), periods.iloc[-1].toordinal()
    axes.set_xlim(first - (first == last), last + (first == last))


def _draw_line(
    axes: Axes, own: pd.DataFrame, gap: float, *, color: str, linewidth: float, dashes: tuple | None
) -> None:
    for stretch in _stretches(own, gap):
        x, y = _x(stretch["period"]).tolist(), stretch["value"].tolist()
        if len(stretch) == 1:
            axes.plot(x, y, marker="o", markersize=linewidth + 2.5, color=color, linestyle="none", clip_on=False)
            continue
        (line,) = axes.plot(x, y, color=color, linewidth=linewidth, solid_joinstyle="round", clip_on=False)
        if dashes:
            line.set_dashes(dashes)
    for run, word in _missing_runs(own):
        _write_gap(axes, own, run, word)


def _stretches(own: pd.DataFrame, gap: float) -> Iterator[pd.DataFrame]:
    """Cut a line wherever a value is missing, or a period is."""
    breaks = own["value"].isna() | (_x(own["period"]).diff() > gap)
    for _, stretch in own.groupby(breaks.cumsum(), sort=True):
        shown = stretch.dropna(subset="value")
        if len(shown):
            yield shown


def _missing_runs(own: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, str]]:
    """Give each run of periods without a value, and its word."""
    word = own["status"].map(STATUS_WORDS).where(own["value"].isna())
    for _, run in own.groupby((word != word.shift()).cumsum(), sort=True):
        if isinstance(word[run.index[0]], str):
            yield run, word[run.index[0]]


def _write_gap(axes: Axes, own: pd.DataFrame, run: pd.DataFrame, word: str) -> None:
    """Write the word in the gap, at the height the neighbouring points have; at the foot where there are none."""
    middle = _x(run["period"]).mean()
    shown = own.dropna(subset="value")
    near = [
        shown[shown["period"] < run["period"].iloc[0]].tail(1),
        shown[shown["period"] > run["period"].iloc[-1]].head(1),
    ]
    beside = pd.concat(near)["value"]
    low, high = axes.get_ylim()
    height = beside.mean() if len(beside) else high * 0.08
    left, right = axes.get_xlim()
    place = (
        "left"
        if middle - left < 0.06 * (right - left)
        else "right"
        if right - middle < 0.06 * (right - left)
        else "center"
    )
    axes.annotate(
        word, (middle, min(max(height, high * 0.05), high * 0.95)), ha=place, va="center", annotation_clip=False
    )


def _write_labels(axes: Axes, labels: Sequence[_Label]) -> None:
    """Write the names right of the plot, apart from each other, each with a thin line to the end of its line."""
    points = HEIGHT - _TOP - _BOTTOM
    low, high = axes.get_ylim()
    wanted = [points * label.y / high for label in labels]
    right = axes.get_xlim()[1]
    width = WIDTH * axes.get_position().width
    for label, y in zip(labels, spread(wanted, [label.height for label in labels], points), strict=True):
        at = y / points * (high - low)
        leader = right + (_LEADER - 2) / width * (right - axes.get_xlim()[0])
        if label.end == right:  # a line that ended earlier must not be drawn on
            axes.plot([right, leader], [label.y, at], color=label.colour, linewidth=0.7, clip_on=False, zorder=1)
        step = _LEADER / width * (right - axes.get_xlim()[0])
        write_lines(axes, right + step, at, label.lines, bold=label.bold, ha="left")


def spread(wanted: Sequence[float], heights: Sequence[float], space: float) -> list[float]:
    """Move the middles of labels as little as needed that none overlaps and all stay between 0 and `space`.

    wanted, heights: in points, same length. Labels keep their order; too many for the space are stacked from 0.
    source: least squares in a given order, Best and Chakravarti (1990), through scipy
    """
    from scipy.optimize import isotonic_regression

    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    below = [sum(heights[m] for m in order[:place]) for place in range(len(order))]
    # What is free below a label, besides the labels below it, can only grow on the way up.
    free = isotonic_regression([wanted[n] - heights[n] / 2 - under for n, under in zip(order, below, strict=True)]).x
    free = free.clip(0, max(space - sum(heights), 0))
    middles = {n: under + gap + heights[n] / 2 for n, under, gap in zip(order, below, free, strict=True)}
    return [float(middles[n]) for n in range(len(wanted))]
