"""Places in order, each with the range of ranks that chance leaves it; no single rank is written anywhere."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from helpers.charts.chart import Chart
from helpers.charts.drawing import GRID, LINE_HEIGHT, WIDTH, new_axes, palette, styled, text_width, wrap, write_lines
from helpers.errors import ContractError
from helpers.rounding import kind_of
from helpers.tables import STATUS_WORDS, Column, Table
from helpers.wording.changes import ordinal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAME_WIDTH = 116
_ROW_GAP = 7
_EDGE = 6  # points between the plot and the words beside it
_FEWEST_TICKS_APART = 3


def rank_words(low: float, high: float) -> str:
    """Write a range of ranks: '3rd to 11th'."""
    return f"{ordinal(int(low))} to {ordinal(int(high))}"


def rank_chart(
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    unit: str,
    kind: str = "",
    area_header: str = "Borough",
    note: str = "",
) -> Chart:
    """Draw the ranks that each place could hold as a line, with a dot where its value stands in the order.

    frame: columns area, value, status, rank, rank_low, rank_high (1 is the highest; missing for a place without a
        rank); one row a place, released values only. Places come in the order of their rank; those without one are in
        the table alone, after the others
    raises: ContractError for a place that is there twice, a range that is a single rank or does not hold the rank;
        LeakError where a suppressed row still has a value
    """
    ranked = frame.dropna(subset="rank_low").sort_values("rank", kind="stable", ignore_index=True)
    single = ranked["rank_low"] >= ranked["rank_high"]
    outside = (ranked["rank"] < ranked["rank_low"]) | (ranked["rank"] > ranked["rank_high"])
    if frame["area"].duplicated().any() or ranked.empty or (single | outside).any():
        raise ContractError(f"The chart {key!r} needs one row a place, and a range of two ranks or more around each.")
    rows = pd.concat([ranked, frame[frame["rank_low"].isna()]], ignore_index=True)
    words = [rank_words(low, high) for low, high in zip(ranked["rank_low"], ranked["rank_high"], strict=True)]
    rows["told"] = rows["status"].where(rows["status"].isin(STATUS_WORDS), "shown")
    rows["words"] = pd.Series([*words, *["too few to say"] * (len(rows) - len(ranked))]).where(rows["told"] == "shown")
    columns = (
        Column("area", area_header),
        Column("value", unit[:1].upper() + unit[1:], kind or kind_of(unit), "status"),
        Column("words", "Could be anywhere from", "text", "told"),
    )
    table = Table(subtitle, rows, columns, source=source)
    draw = partial(_draw, ranked, words)
    return Chart(key=key, title=title, subtitle=subtitle, alt=alt, source=source, table=table, draw=draw, note=note)


@styled
def _draw(ranked: pd.DataFrame, words: list[str]) -> Figure:
    names = [wrap(area, _NAME_WIDTH) for area in ranked["area"]]
    heights = [len(lines) * LINE_HEIGHT + _ROW_GAP for lines in names]
    height = sum(heights)
    left = max(text_width(line) for lines in names for line in lines) + _EDGE + 4
    right = max(map(text_width, words)) + _EDGE + 4
    figure, axes = new_axes(height + 22, left=left, right=right, top=2, bottom=20)
    axes.set_ylim(height, 0)
    last = int(ranked["rank_high"].max())
    axes.set_xlim(1, last)
    ticks = [1, *(tick for tick in range(10, last - _FEWEST_TICKS_APART, 10)), last]
    axes.set_xticks(ticks, labels=[ordinal(tick) for tick in ticks])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.grid(axis="x", color=GRID, clip_on=False)
    wide = WIDTH * axes.get_position().width
    middles = [sum(heights[:row]) + heights[row] / 2 for row in range(len(heights))]
    where = {"xycoords": axes.get_yaxis_transform()}
    for lines, middle, word in zip(names, middles, words, strict=True):
        write_lines(axes, -_EDGE / wide, middle, lines, ha="right", **where)
        write_lines(axes, 1 + _EDGE / wide, middle, [word], ha="left", **where)
    # One path for all lines and one for all dots: 33 of each would double the size of the picture.
    gap = [float("nan")] * len(ranked)
    ends = [x for line in zip(ranked["rank_low"], ranked["rank_high"], gap, strict=True) for x in line]
    levels = [y for middle in middles for y in (middle, middle, float("nan"))]
    colour = palette()[0]
    axes.plot(ends, levels, color=colour, linewidth=2, solid_capstyle="butt", clip_on=False)
    axes.plot(ranked["rank"], middles, linestyle="none", marker="o", markersize=6, color=colour, clip_on=False)
    return figure
