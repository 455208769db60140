"""Places of different size around one value: a funnel of limits, each place a dot, those outside named at their dot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from helpers.charts.chart import Chart
from helpers.charts.drawing import AXIS, LINE_HEIGHT, TEXT, WIDTH, new_axes, palette, styled, text_width
from helpers.charts.lines import spread
from helpers.errors import ContractError
from helpers.rounding import format_number, kind_of
from helpers.tables import STATUS_WORDS, Column, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 300
POSITION_WORDS = {
    "far above": "above the outer line",
    "above": "above the inner line",
    "as expected": "between the lines",
    "below": "below the inner line",
    "far below": "below the outer line",
    "too few to say": "too few to say",
}
"""What a reader sees of the positions of `rates.funnel_limits`."""

OUTSIDE = ("far above", "above", "below", "far below")
NOTE = "Inner dashed lines: 95% limits. Outer lines: 99.8% limits."
OPEN_NOTE = "An open dot has too few children to say."
LIMITS = {"low_998": "99.8%", "low_95": "95%", "high_95": "95%", "high_998": "99.8%"}
_LINES = {"95%": {"linewidth": 1.2, "dashes": (4, 2.5)}, "99.8%": {"linewidth": 1.2}}
_TOP, _BOTTOM = 10, 40
_DOT = 3.5  # radius in points
_GAP = 4


def funnel_chart(
    frame: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    target: float,
    key: str,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    unit: str,
    size_unit: str,
    kind: str = "",
    area_header: str = "Borough",
    note: str = "",
) -> Chart:
    """Draw each place's value by its size among the limits that chance leaves around one target.

    frame: columns area, size (children), value (missing where it may not be shown), status, and position (a key of
        POSITION_WORDS; blank where there is no value); one row a place, released values only. Places outside the limits
        are named in the picture, those with too few children are open dots, and all are in the table, as given
    limits: columns size, low_95, high_95, low_998, high_998: points of the curves, in order of size
    target: the value the funnel narrows to, in the unit of the values
    size_unit: what size counts, such as 'Children aged 0 to 17'
    raises: ContractError for a place that is there twice, a position that is none, or no value to draw;
        LeakError where a suppressed row still has a value
    """
    shown = frame["value"].notna()
    unknown = sorted(set(frame.loc[shown, "position"]) - set(POSITION_WORDS))
    if frame["area"].duplicated().any() or unknown or not shown.any():
        raise ContractError(
            f"The chart {key!r} needs one row a place, a value for one of them at least, and positions among "
            f"{', '.join(POSITION_WORDS)}; it was given {', '.join(map(str, unknown)) or 'none or a place twice'}."
        )
    kind = kind or kind_of(unit)
    place_status = frame["status"].where(frame["status"].isin(STATUS_WORDS), "shown")
    rows = frame.assign(told=frame["position"].map(POSITION_WORDS).where(shown), told_status=place_status)
    columns = (
        Column("area", area_header),
        Column("size", size_unit, "whole"),
        Column("value", unit[:1].upper() + unit[1:], kind, "status"),
        Column("told", "Place in the funnel", "text", "told_status"),
    )
    draw = partial(_draw, frame[shown], limits, target, kind, size_unit)
    note = note or (f"{NOTE} {OPEN_NOTE}" if (frame["position"] == "too few to say").any() else NOTE)
    table = Table(subtitle, rows, columns, source=source)
    return Chart(key=key, title=title, subtitle=subtitle, alt=alt, source=source, table=table, draw=draw, note=note)


@styled
def _draw(places: pd.DataFrame, limits: pd.DataFrame, target: float, kind: str, size_unit: str) -> Figure:
    ticks = _ticks(max(places["value"].max(), target) * 1.1)
    right = max(map(text_width, [*LIMITS.values(), format_number(target, kind)])) + 8
    left = max(text_width(format_number(tick, _tick_kind(ticks))) for tick in ticks) + 8
    figure, axes = new_axes(HEIGHT, left=left, right=right, top=_TOP, bottom=_BOTTOM)
    axes.set_ylim(0, ticks[-1])
    axes.set_yticks(ticks, labels=[format_number(tick, _tick_kind(ticks)) for tick in ticks])
    widest = max(places["size"].max(), limits["size"].max())
    axes.set_xlim(0, widest)
    sizes = [tick for tick in _ticks(widest, steps=4) if tick <= widest]
    axes.set_xticks(sizes, labels=[format_number(tick, "whole") for tick in sizes])
    axes.tick_params("x", pad=7)
    axes.annotate(size_unit, (0, 0), xytext=(0, 6 - _BOTTOM), textcoords="offset points", annotation_clip=False)
    axes.spines["bottom"].set_color(AXIS)
    for line in [*axes.get_ygridlines(), axes.spines["bottom"]]:
        line.set_clip_on(False)
    _draw_limits(axes, limits, target, kind)
    _draw_places(axes, places)
    _name_places(axes, places, limits)
    return figure


def _ticks(highest: float, steps: int = 5) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    return list(MaxNLocator(nbins=steps, steps=[1, 2, 2.5, 5, 10]).tick_values(0, highest))


def _tick_kind(ticks: Sequence[float]) -> str:
    return "whole" if all(float(tick).is_integer() for tick in ticks) else "decimal(1)"


def _draw_limits(axes: Axes, limits: pd.DataFrame, target: float, kind: str) -> None:
    """Draw target and limits, each named at its right end. Limits outside the picture are left out, not cut off."""
    end, top = axes.get_xlim()[1], axes.get_ylim()[1]
    axes.plot([0, end], [target] * 2, color=TEXT, linewidth=1.2, clip_on=False)
    names = [(target, format_number(target, kind), TEXT)]
    for column, name in LIMITS.items():
        inside = limits[(limits[column] < top) & (limits[column] > 0)]
        style = dict(_LINES[name])
        dashes = style.pop("dashes", None)
        (line,) = axes.plot(inside["size"].tolist(), inside[column].tolist(), color=AXIS, clip_on=False, **style)
        if dashes:
            line.set_dashes(dashes)
        if len(inside) and inside["size"].iloc[-1] == limits["size"].iloc[-1]:
            names.append((inside[column].iloc[-1], name, AXIS))
    points = HEIGHT - _TOP - _BOTTOM
    heights = spread([points * y / top for y, *_ in names], [LINE_HEIGHT] * len(names), points)
    for (_, name, _), height in zip(names, heights, strict=True):
        axes.annotate(
            name,
            (end, height / points * top),
            xytext=(6, 0),
            textcoords="offset points",
            va="center_baseline",
            annotation_clip=False,
        )


def _draw_places(axes: Axes, places: pd.DataFrame) -> None:
    few = places["position"].eq("too few to say").to_numpy()
    outside = places["position"].isin(OUTSIDE).to_numpy()
    colour = palette()[0]
    for chosen, face, edge in ((few, "#ffffff", AXIS), (~few & ~outside, AXIS, AXIS), (outside, colour, colour)):
        own = places[chosen]
        axes.plot(
            own["size"].tolist(), own["value"].tolist(), marker="o", markersize=2 * _DOT, markeredgewidth=1.5,
            linestyle="none", color=edge, markerfacecolor=face, clip_on=False,
        )  # fmt: skip


def _name_places(axes: Axes, places: pd.DataFrame, limits: pd.DataFrame) -> None:
    """Write the name of each place outside the limits beside its dot, off other dots and off the limits."""
    # Names are placed in points from the lower left corner, where a letter has the same size everywhere.
    width, height = WIDTH * axes.get_position().width, HEIGHT - _TOP - _BOTTOM
    end, top = axes.get_xlim()[1], axes.get_ylim()[1]

    def in_points(x: pd.Series, y: pd.Series) -> list[tuple[float, float]]:
        return list(zip(x / end * width, y / top * height, strict=True))

    dots = in_points(places["size"], places["value"])
    curves = [point for column in LIMITS for point in in_points(limits["size"], limits[column])]
    taken = [*_squares(dots, _DOT), *_squares(curves, 1)]
    outside = places["position"].isin(OUTSIDE)
    named = [(area, dot) for area, dot, out in zip(places["area"], dots, outside, strict=True) if out]
    boxes = place_labels(named, taken, Box(0, 0, width, height + _TOP))
    for (area, _), box in zip(named, boxes, strict=True):
        at = (box.x / width * end, (box.y + box.top) / 2 / height * top)
        axes.annotate(area, at, va="center_baseline", annotation_clip=False)


# ---------------------------------------------------------------------------------------------------------- labels


class Box(NamedTuple):
    """A rectangle in points: left, foot, right, top."""

    x: float
    y: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """Give the area, in square points, that two rectangles share."""
        wide = min(self.right, other.right) - max(self.x, other.x)
        high = min(self.top, other.top) - max(self.y, other.y)
        return max(wide, 0) * max(high, 0)


def _squares(middles: Sequence[tuple[float, float]], reach: float) -> list[Box]:
    return [Box(x - reach, y - reach, x + reach, y + reach) for x, y in middles]


def place_labels(named: Sequence[tuple[str, tuple[float, float]]], taken: Sequence[Box], space: Box) -> list[Box]:
    """Put each name beside its dot where it covers least: of other names, of what is taken, of the picture's edge.

    named: name and dot of each, in points; taken: where dots and lines are; space: where names may stand
    returns: one rectangle a name, in the order given. The same names and dots give the same places
    """
    filled, placed = list(taken), []
    for name, dot in named:
        best = min(_places_beside(text_width(name), dot), key=lambda box: _covered(box, filled, space))
        placed.append(best)
        filled.append(best)
    return placed


def _places_beside(width: float, dot: tuple[float, float]) -> Iterator[Box]:
    """Give the places a name may have, the one that reads best first: right, left, above, below, and between."""
    x, y = dot
    half, near = LINE_HEIGHT / 2, _DOT + _GAP
    for left in (x + near, x - near - width):
        yield Box(left, y - half, left + width, y + half)
    for up in (LINE_HEIGHT, -LINE_HEIGHT):
        for left in (x - width / 2, x, x - width):
            yield Box(left, y + up - half, left + width, y + up + half)


def _covered(box: Box, taken: Sequence[Box], space: Box) -> float:
    outside = (box.right - box.x) * (box.top - box.y) - box.overlap(space)
    return round(sum(box.overlap(other) for other in taken) + 10 * outside, 6)
