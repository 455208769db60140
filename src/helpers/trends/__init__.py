"""What changed, how fast, and which changes are beyond chance; against other areas and against targets."""

from helpers.trends.annual import AnnualChange, annual_change
from helpers.trends.changes import Change, change
from helpers.trends.comparators import (
    Comparison,
    NeighbourComparison,
    TargetResult,
    against_comparator,
    against_neighbours,
    against_target,
)
from helpers.trends.control import ControlLimits, control_limits
from helpers.trends.findings import trend_findings
from helpers.trends.proportions import ProportionTrend, proportion_trend
from helpers.trends.ratios import RatioChange, ratio_change
from helpers.trends.recent import RankTrend, RecentTrend, rank_trend, recent_trend, recent_trend_of_values

__all__ = [
    "AnnualChange",
    "Change",
    "Comparison",
    "ControlLimits",
    "NeighbourComparison",
    "ProportionTrend",
    "RankTrend",
    "RatioChange",
    "RecentTrend",
    "TargetResult",
    "against_comparator",
    "against_neighbours",
    "against_target",
    "annual_change",
    "change",
    "control_limits",
    "proportion_trend",
    "rank_trend",
    "ratio_change",
    "recent_trend",
    "recent_trend_of_values",
    "trend_findings",
]
