"""The overview: every borough of a run side by side, from released results alone.

editions.py: what a run left of each borough. boroughs.py: number, rate, change and gap of each.
side_by_side.py: who stands out in the funnel, and ranks as ranges. findings.py: what was found in each borough.
"""

from helpers.london_page.boroughs import overview_sentences, overview_table, rate_chart
from helpers.london_page.editions import Edition, load_editions
from helpers.london_page.findings import FINDING_COLUMNS, finding_rows, findings_sentences, findings_table
from helpers.london_page.side_by_side import (
    SideBySide,
    funnel,
    funnel_sentences,
    rank_sentences,
    ranks,
    side_by_side,
)

__all__ = [
    "FINDING_COLUMNS",
    "Edition",
    "SideBySide",
    "finding_rows",
    "findings_sentences",
    "findings_table",
    "funnel",
    "funnel_sentences",
    "load_editions",
    "overview_sentences",
    "overview_table",
    "rank_sentences",
    "ranks",
    "rate_chart",
    "side_by_side",
]
