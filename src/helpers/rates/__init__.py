"""Shares and rates of children with their intervals; exact tests; standardised rates; funnels; ranks as ranges."""

from helpers.rates.corrections import adjust_p_values
from helpers.rates.exact import (
    Interval,
    binomial_tails,
    central_p,
    exact_count_interval,
    exact_share_interval,
    mid_p_share_interval,
    poisson_p,
)
from helpers.rates.funnels import Funnel, RankRange, funnel_limits, rank_range
from helpers.rates.intervals import Rate, count_interval, rate, wilson_interval
from helpers.rates.standardised import direct_rate, expected_events, kaplan_meier, standardised_ratio
from helpers.rates.two_groups import (
    RateRatio,
    difference_interval,
    fisher_p,
    rate_ratio,
    ratio_interval,
    score_difference_interval,
)

__all__ = [
    "Funnel",
    "Interval",
    "RankRange",
    "Rate",
    "RateRatio",
    "adjust_p_values",
    "binomial_tails",
    "central_p",
    "count_interval",
    "difference_interval",
    "direct_rate",
    "exact_count_interval",
    "exact_share_interval",
    "expected_events",
    "fisher_p",
    "funnel_limits",
    "kaplan_meier",
    "mid_p_share_interval",
    "poisson_p",
    "rank_range",
    "rate",
    "rate_ratio",
    "ratio_interval",
    "score_difference_interval",
    "standardised_ratio",
    "wilson_interval",
]
