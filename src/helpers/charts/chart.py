"""What a chart is: a message, a picture with a description, and the table of its data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from helpers.charts.drawing import to_png, to_svg
from helpers.errors import ContractError
from helpers.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST_ALT = 250
_KEY = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart as leaders read it. Shows itself in JupyterLab and on the page; draws nothing by itself at import.

    key: stable name, such as 'care-rate'; it begins every id of the picture, so two charts of a page need two keys
    title: the message, 10 words at most. subtitle: measure, place, period and unit
    alt: type, subject, finding and key numbers in words, at most 250 characters
    table: the data of the chart, released values only
    draw: gives a new figure of the chart; called once for the SVG, and again by `png`
    note: a sentence below the picture that says how to read it
    raises: ContractError for a blank part, a key that is no id, or a description that is too long
    """

    key: str
    title: str
    subtitle: str
    alt: str
    source: str
    table: Table
    draw: Callable[[], Figure] = field(repr=False)
    note: str = ""
    svg: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ContractError(f"{self.key!r} cannot be a chart's key: use small letters, digits and hyphens.")
        blank = [part for part in ("title", "subtitle", "alt", "source") if not getattr(self, part).strip()]
        if blank:
            raise ContractError(f"The chart {self.key!r} has no {' and no '.join(blank)}. A reader needs each of them.")
        if len(self.alt) > LONGEST_ALT:
            raise ContractError(
                f"The description of the chart {self.key!r} has {len(self.alt)} characters; {LONGEST_ALT} is the most. "
                "Name the finding and its numbers; the table has the rest."
            )
        object.__setattr__(self, "svg", to_svg(self.draw(), key=self.key, title=self.title, description=self.alt))

    def _repr_html_(self) -> str:
        note = f'<p class="note">{escape(self.note)}</p>' if self.note else ""
        return (
            f'<figure class="chart" aria-labelledby="{self.key}-title">'
            f'<h3 id="{self.key}-title">{escape(self.title)}</h3><p class="subtitle">{escape(self.subtitle)}</p>'
            f'{self.svg}{note}<p class="source">Source: {escape(self.source)}</p>'
            f'<details class="data"><summary>Data for this chart: {escape(self.table.caption)}</summary>'
            f"{self.table._repr_html_()}</details></figure>"
        )

    def to_csv(self) -> str:
        """Give the data of the chart as csv text, rounded as on the page."""
        return self.table.to_csv()

    def png(self) -> bytes:
        """Give the picture for Word, 200 dots per inch, title and description inside; paste `alt` as its alt text."""
        return to_png(self.draw(), title=self.title, description=self.alt)
