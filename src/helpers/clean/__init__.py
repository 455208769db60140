"""Clean a borough's returns: shape, then types, then values. Every row is kept, set aside with its reason, or a repeat.

No rule changes a value: what is read with certainty in another form is logged, and what cannot be read is set aside,
with the file, line, column, what was expected and what to do.
"""

from helpers.clean.ages import age_on, return_year
from helpers.clean.collection import Collection, type_collection, year_warnings
from helpers.clean.contradictions import set_aside_contradictions
from helpers.clean.linking import OTHERS, Cleaned, clean_returns, link_collections, type_collections

__all__ = [
    "OTHERS",
    "Cleaned",
    "Collection",
    "age_on",
    "clean_returns",
    "link_collections",
    "set_aside_contradictions",
    "type_collections",
    "return_year",
    "type_collection",
    "year_warnings",
]
