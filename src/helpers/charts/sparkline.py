"""A line small enough for a table cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from helpers.charts.drawing import TEXT
from helpers.tables import missing

_WIDTH, _HEIGHT, _MARGIN = 80, 20, 2


@dataclass(frozen=True)
class Sparkline:
    """A small line with its finding as its name. In csv and in a spreadsheet the name stands for it."""

    name: str
    svg: str

    def __str__(self) -> str:
        return self.name

    def _repr_html_(self) -> str:
        return self.svg


def sparkline(values: Sequence[float | None], *, key: str, name: str) -> Sparkline:
    """Draw values at equal steps, from 0 to their highest; a missing value is a gap.

    key: begins the id of the picture's title, one for each on a page
    name: the finding in words, with first and last number; say in it what is hidden
    """
    shown = [value for value in values if not missing(value)]
    top = max(shown, default=0) or 1
    step = (_WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)
    path, joined = "", False
    for n, value in enumerate(values):
        if missing(value):
            joined = False
            continue
        x, y = _MARGIN + n * step, _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * value / top
        alone = not joined and (n + 1 == len(values) or missing(values[n + 1]))
        path += f"{'L' if joined else 'M'}{x:.1f} {y:.1f}" + ("h.1" if alone else "")
        joined = True
    return Sparkline(
        name,
        f'<svg class="sparkline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'height="{_HEIGHT}" role="img" aria-labelledby="{key}-name">'
        f'<title id="{key}-name">{escape(name, quote=False)}</title>'
        f'<path d="{path}" fill="none" stroke="{TEXT}" stroke-width="1.5" stroke-linecap="round"/></svg>',
    )
