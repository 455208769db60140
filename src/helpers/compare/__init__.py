"""Which cells are compared with what: a borough's groups with its population, its years with one another."""

from helpers.compare.adjusting import combinations_beyond_their_parts
from helpers.compare.disproportionality_over_time import disproportionality_over_time
from helpers.compare.group_shares import children_of, unknown_of
from helpers.compare.journey import compare_along_journey
from helpers.compare.over_time import HEADLINE_FAMILY, latest_change, trends_of
from helpers.compare.places import compare_places
from helpers.compare.representation import compare_with_population, headline, representation_results
from helpers.compare.series import has_few_children

__all__ = [
    "HEADLINE_FAMILY",
    "children_of",
    "combinations_beyond_their_parts",
    "compare_along_journey",
    "compare_places",
    "compare_with_population",
    "disproportionality_over_time",
    "has_few_children",
    "headline",
    "latest_change",
    "representation_results",
    "trends_of",
    "unknown_of",
]
