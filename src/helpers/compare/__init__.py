"""Which cells are compared with what: a borough's groups with its population, its years with one another."""

from helpers.compare.over_time import latest_change, trends_of
from helpers.compare.representation import compare_with_population

__all__ = ["compare_with_population", "latest_change", "trends_of"]
