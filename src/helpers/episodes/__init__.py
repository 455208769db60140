"""What episodes of care say: periods of care, placements, moves and days.

All functions take the typed table of one borough (official SSDA903 columns, one row per episode, rows in any order);
the result of `link_years.link_episodes` is such a table. Leave out its superseded rows first:
`episodes[~episodes["superseded"]]`. An episode that is open and not told by the latest collection (`end_not_told`)
counts up to the last day of the collection that tells it and no further.
"""

from helpers.episodes.periods import CARE, SHORT_BREAKS, periods_of_care, with_periods
from helpers.episodes.stability import days_in_care, in_same_placement_since, placements, placements_in_year

__all__ = [
    "CARE",
    "SHORT_BREAKS",
    "days_in_care",
    "in_same_placement_since",
    "periods_of_care",
    "placements",
    "placements_in_year",
    "with_periods",
]
