"""Who is over- or under-represented, how sure we are, and what may be said."""

from helpers.disproportionality.adjustment import Adjusted, adjusted, adjusted_outcomes
from helpers.disproportionality.comparisons import (
    OutcomeGap,
    UnknownBounds,
    outcome_gap,
    unknown_bounds,
)
from helpers.disproportionality.findings import decide, findings
from helpers.disproportionality.intersections import Shrunk, intersections, partial_pooling
from helpers.disproportionality.outcomes import outcome_findings
from helpers.disproportionality.reference import reference_findings
from helpers.disproportionality.representation import (
    Representation,
    count_range,
    representation,
    representation_of_percentage,
)
from helpers.rates.two_groups import RateRatio, rate_ratio

__all__ = [
    "Adjusted",
    "OutcomeGap",
    "RateRatio",
    "Representation",
    "Shrunk",
    "UnknownBounds",
    "adjusted",
    "adjusted_outcomes",
    "count_range",
    "decide",
    "findings",
    "intersections",
    "outcome_findings",
    "outcome_gap",
    "partial_pooling",
    "rate_ratio",
    "reference_findings",
    "representation",
    "representation_of_percentage",
    "unknown_bounds",
]
