"""One row per group: dots with intervals beside a reference line, or bars from zero, each with its value beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import pandas as pd

from helpers.charts.chart import Chart
from helpers.charts.drawing import (
    GRID,
    LAST_YEAR,
    LINE_HEIGHT,
    TEXT,
    WIDTH,
    new_axes,
    palette,
    styled,
    text_width,
    wrap,
    write_lines,
)
from helpers.codes import load_codelist
from helpers.errors import ContractError
from helpers.rounding import format_number, kind_of
from helpers.tables import STATUS_WORDS, Column, Table, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_SERIES = 2
OPEN_DOT_NOTE = "An open dot is a difference that may be chance."
_NAME_WIDTH = 116
_ROW_GAP = 9
_BAR = 13
_FRACTIONS = {Fraction(1, 8): "⅛", Fraction(1, 4): "¼", Fraction(1, 2): "½"}
_LOG_LIMITS = (1 / 8, 16)  # an interval that goes on ends in an arrow


@lru_cache
def _unknown_names() -> frozenset[str]:
    """The names our codelists have for a group that is not known; these rows come last, whatever their value."""
    ethnic, gender = load_codelist("ethnic_groups"), load_codelist("gender")
    ethnic = ethnic[ethnic["label"] == "Unknown"]
    return frozenset({*ethnic["label"], *ethnic["display"], *gender.loc[gender["label"] == "Unknown", "label"]})


def _in_reading_order(frame: pd.DataFrame, name: str) -> list[str]:
    """Sort names by value, highest first; then rows without a value, then the unknown. Ties keep their order."""
    order = frame.assign(unknown=frame[name].isin(_unknown_names()), low=-frame["value"])
    return order.sort_values(["unknown", "low"], kind="stable", na_position="last")[name].tolist()


# ------------------------------------------------------------------------------------------------------- intervals


def interval_chart(
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    unit: str,
    reference: float | None = 1.0,
    reference_label: str = "",
    log: bool = True,
    sort: bool = True,
    kind: str = "",
    group_header: str = "Group",
    note: str = "",
) -> Chart:
    """Draw one dot with its 95% interval per group, and a line at the value that means no difference.

    frame: columns group, value, low, high (missing where they may not be shown), status; one row a group, released
        values only. A column `clear` (true or false), where given, makes the dots of unclear differences open
    reference, reference_label: where the line stands, and what it means in words ('Same rate as all children')
    log: a ratio scale, on which twice and half are equally far from 1; otherwise the axis begins at 0, or below it
        where a value or an end of an interval is
    raises: ContractError for a group that is there twice, or a reference line without words;
        LeakError where a suppressed row still has a value
    """
    if frame["group"].duplicated().any():
        raise ContractError(f"The chart {key!r} has a group twice. Give one row for each group.")
    if reference is not None and not reference_label.strip():
        raise ContractError(f"The chart {key!r} draws a line at {reference:g}. Say in reference_label what it means.")
    kind = kind or kind_of(unit)
    rows = frame.set_index("group", drop=False)
    rows = rows.loc[_in_reading_order(frame, "group") if sort else list(frame["group"])].reset_index(drop=True)
    table = _interval_table(rows, caption=subtitle, unit=unit, kind=kind, head=group_header, source=source)
    draw = partial(_draw_intervals, rows, reference, reference_label, log, kind)
    if not note and "clear" in rows and not rows.loc[rows["value"].notna(), "clear"].all():
        note = OPEN_DOT_NOTE
    return Chart(key=key, title=title, subtitle=subtitle, alt=alt, source=source, table=table, draw=draw, note=note)


def _interval_table(rows: pd.DataFrame, *, caption: str, unit: str, kind: str, head: str, source: str) -> Table:
    shown = rows["status"].where(rows["status"].isin(STATUS_WORDS), "shown")
    limits = {}
    for limit in ("low", "high"):
        finite = rows[limit].map(lambda value: not missing(value) and math.isfinite(value))
        limits[limit] = rows[limit].where(finite | shown.ne("shown"))
        limits[f"{limit}_status"] = shown.where(finite | shown.ne("shown"), "not_applicable")
    columns = (
        Column("group", head),
        Column("value", unit[:1].upper() + unit[1:], kind, "status"),
        Column("low", "95% interval from", kind, "low_status"),
        Column("high", "95% interval to", kind, "high_status"),
    )
    return Table(caption, rows.assign(**limits), columns, source=source)


@styled
def _draw_intervals(rows: pd.DataFrame, reference: float | None, reference_label: str, log: bool, kind: str) -> Figure:
    names = [wrap(group, _NAME_WIDTH) for group in rows["group"]]
    middles, height = _row_middles([len(lines) * LINE_HEIGHT for lines in names])
    words = [_value_words(value, status, kind) for value, status in zip(rows["value"], rows["status"], strict=True)]
    left = max(text_width(line) for lines in names for line in lines) + 10
    # Values stand in a column of their own at the right, where no line crosses them.
    numbers = [word for word, status in zip(words, rows["status"], strict=True) if status not in STATUS_WORDS]
    right = max(map(text_width, numbers), default=0) + 14
    top = 22 if reference is not None else 4
    figure, axes = new_axes(height + top + 22, left=left, right=right, top=top, bottom=22)
    axes.set_ylim(height, 0)
    _value_axis(axes, rows, reference, log, kind)
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.grid(axis="x", color=GRID, clip_on=False)
    if reference is not None:
        axes.plot([reference] * 2, [-4, height], color=TEXT, linewidth=1.2, dashes=(3, 2), clip_on=False)
        _write_reference(axes, reference, reference_label)
    for y, lines, word, row in zip(middles, names, words, rows.to_dict("records"), strict=True):
        write_lines(axes, -6 / _points_wide(axes), y, lines, ha="right", xycoords=axes.get_yaxis_transform())
        _draw_interval(axes, y, row, word, right - 2)
    return figure


def _row_middles(heights: Sequence[float]) -> tuple[list[float], float]:
    """Stack rows: give the middle of each, from the top, and the height of all, in points."""
    middles, y = [], 0.0
    for height in heights:
        middles.append(y + (height + _ROW_GAP) / 2)
        y += height + _ROW_GAP
    return middles, y


def _value_words(value: float, status: str, kind: str) -> str:
    return STATUS_WORDS.get(status) or format_number(value, kind)


def _points_wide(axes: Axes) -> float:
    return WIDTH * axes.get_position().width


def _value_axis(axes: Axes, rows: pd.DataFrame, reference: float | None, log: bool, kind: str) -> None:
    values = pd.concat([rows["value"], rows["low"], rows["high"], pd.Series([reference], dtype=float)]).dropna()
    values = values[values.map(math.isfinite)]
    if log:
        low = max(min([*values[values > 0], 0.5]), _LOG_LIMITS[0])
        high = min(max([*values, 2.0]), _LOG_LIMITS[1])
        axes.set_xscale("log", base=2)
        axes.set_xlim(low / 1.08, high * 1.08)
        ticks = [Fraction(2) ** power for power in range(-3, 5) if low <= 2**power <= high]
        axes.set_xticks([float(t) for t in ticks], labels=[_FRACTIONS.get(tick, f"{tick}") for tick in ticks])
        axes.minorticks_off()
        return
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(min([*values, 0.0]) * 1.04, max([*values, 0.0]) * 1.04 or 1)
    start, stop = axes.get_xlim()
    ticks = [t for t in MaxNLocator(nbins=5, steps=[1, 2, 5, 10]).tick_values(start, stop) if start <= t <= stop]
    whole = all(float(tick).is_integer() for tick in ticks)
    tick_kind = "percent" if kind.startswith("percent") and whole else "whole" if whole else "decimal(1)"
    axes.set_xticks(ticks, labels=[format_number(tick, tick_kind) for tick in ticks])


def _write_reference(axes: Axes, reference: float, label: str) -> None:
    """Write what the line means above it, moved sideways where it would leave the picture."""
    to_points = axes.transData.transform((reference, 0))[0] * 72 / axes.figure.dpi
    start = min(max(to_points - text_width(label) / 2, 0), WIDTH - text_width(label))
    axes.annotate(
        label,
        (reference, -8),
        xytext=(start - to_points, 0),
        textcoords="offset points",
        va="baseline",
        annotation_clip=False,
    )


def _draw_interval(axes: Axes, y: float, row: dict, word: str, right: float) -> None:
    start, stop = axes.get_xlim()
    if missing(row["value"]):
        axes.annotate(word, (start, y), xytext=(4, 0), textcoords="offset points", va="center_baseline")
        return
    colour = palette()[0]
    low, high = (row["value"] if missing(limit) else limit for limit in (row["low"], row["high"]))
    ends = [min(max(end, start), stop) for end in (low, high)]
    axes.plot(ends, [y, y], color=colour, linewidth=2, solid_capstyle="butt", clip_on=False)
    for end, cut, marker in ((start, low < start, "<"), (stop, high > stop, ">")):
        if cut:
            axes.plot([end], [y], marker=marker, markersize=7, color=colour, clip_on=False)
    if start <= row["value"] <= stop:
        face = colour if row.get("clear", True) else "#ffffff"
        axes.plot(
            [row["value"]],
            [y],
            marker="o",
            markersize=8,
            color=colour,
            markerfacecolor=face,
            markeredgewidth=2,
            clip_on=False,
        )
    axes.annotate(
        word,
        (1, y),
        xycoords=axes.get_yaxis_transform(),
        xytext=(right, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        annotation_clip=False,
    )


# ------------------------------------------------------------------------------------------------------------ bars


def bar_chart(
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    unit: str,
    sort: bool = True,
    kind: str = "",
    category_header: str = "Category",
    note: str = "",
) -> Chart:
    """Draw horizontal bars from zero with their values beside them, for one series or two (last year grey, this blue).

    frame: columns category, value (missing where it may not be shown), status, and series where there are two;
        released values only. Series come in the frame's order; the last is ours, and bars are sorted by it
    sort: False keeps the frame's order, for ages and other categories with an order of their own
    raises: ContractError for more than 2 series, a negative value, or two rows for one bar;
        LeakError where a suppressed row still has a value
    """
    rows = frame if "series" in frame else frame.assign(series=unit)
    series = list(dict.fromkeys(rows["series"]))
    if len(series) > MOST_SERIES or rows.duplicated(["category", "series"]).any() or (rows["value"] < 0).any():
        raise ContractError(
            f"The chart {key!r} needs one value of 0 or more for each bar, and at most {MOST_SERIES} series; "
            f"it was given {', '.join(map(str, series))}."
        )
    wide = _one_row_a_category(rows, series, sort=sort)
    kind = kind or kind_of(unit)
    heads = [unit[:1].upper() + unit[1:]] if len(series) == 1 else [f"{name} ({unit})" for name in series]
    columns = [Column(f"value {n}", head, kind, f"status {n}") for n, head in enumerate(heads)]
    table = Table(subtitle, wide, (Column("category", category_header), *columns), source=source)
    draw = partial(_draw_bars, wide, series, kind)
    return Chart(key=key, title=title, subtitle=subtitle, alt=alt, source=source, table=table, draw=draw, note=note)


def _one_row_a_category(rows: pd.DataFrame, series: Sequence[str], *, sort: bool) -> pd.DataFrame:
    """Lay the rows out: one line a category, a value and a status for each series by its number."""
    categories = list(dict.fromkeys(rows["category"]))
    if sort:
        last = rows[rows["series"] == series[-1]].set_index("category").reindex(categories)
        categories = _in_reading_order(last.reset_index(), "category")
    wide = pd.DataFrame({"category": categories})
    for n, name in enumerate(series):
        own = rows[rows["series"] == name].set_index("category").reindex(categories)
        wide[f"value {n}"] = own["value"].to_numpy(dtype=float)
        wide[f"status {n}"] = own["status"].fillna("not_available").to_numpy()
    return wide


@styled
def _draw_bars(wide: pd.DataFrame, series: Sequence[str], kind: str) -> Figure:
    names = [wrap(category, _NAME_WIDTH) for category in wide["category"]]
    middles, height = _row_middles([max(len(lines) * LINE_HEIGHT, len(series) * _BAR) for lines in names])
    words = _bar_words(wide, series, kind)
    left = max(text_width(line) for lines in names for line in lines) + 10
    figure, axes = new_axes(height + 4, left=left, right=2, top=2, bottom=2)
    axes.set_ylim(height, 0)
    # The longest bar leaves room for its own words, so one scale fits them all.
    room = _points_wide(axes) - 6
    sizes = [(wide.loc[row, f"value {n}"], text_width(word)) for (row, n), word in words.items()]
    scale = min([(room - width) / value for value, width in sizes if value > 0], default=1)
    axes.set_xlim(0, _points_wide(axes) / scale)
    axes.set_axis_off()
    colours = [LAST_YEAR, palette()[0]][-len(series) :]
    for row, (middle, lines) in enumerate(zip(middles, names, strict=True)):
        write_lines(axes, -6 / _points_wide(axes), middle, lines, ha="right", xycoords=axes.get_yaxis_transform())
        for n, colour in enumerate(colours):
            y = middle + (n - (len(series) - 1) / 2) * _BAR
            value = wide.loc[row, f"value {n}"]
            if value > 0:
                axes.barh(y, value, height=_BAR - 1, color=colour, linewidth=0, clip_on=False)
            end = 0 if missing(value) else value
            axes.annotate(
                words[row, n],
                (end, y),
                xytext=(4, 0),
                textcoords="offset points",
                va="center_baseline",
                annotation_clip=False,
            )
    axes.plot([0, 0], [0, height], color=TEXT, linewidth=1, clip_on=False)
    return figure


def _bar_words(wide: pd.DataFrame, series: Sequence[str], kind: str) -> dict[tuple[int, int], str]:
    """Give the words at the end of each bar, by row and series; the first row also says which series is which."""
    words = {}
    for row in range(len(wide)):
        for n, name in enumerate(series):
            word = _value_words(wide.loc[row, f"value {n}"], wide.loc[row, f"status {n}"], kind)
            words[row, n] = f"{word} in {name}" if row == 0 and len(series) > 1 else word
    return words
