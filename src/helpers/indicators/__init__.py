"""Counting rules: from cleaned tables to `counts`. What each indicator means stands in indicators.csv.

people.py: who is in care, who came, who left. stability.py, timeliness.py, adoption.py: what is worked out for them.
bases.py: the rows figures are counted from. conditions.py: which of them count, as data. counting.py: the sums.
counted.py: every indicator of the catalogue for every collection.
"""

from helpers.indicators.bases import BASES, Bases
from helpers.indicators.conditions import meets, parse
from helpers.indicators.counted import MADE_UP_SOURCE, RETURN_SOURCE, count_indicator, count_returns, count_window
from helpers.indicators.counting import age_band, count_categories, count_crossed, count_groups, count_share_by_group
from helpers.indicators.people import age_at_month_end, ceased_between, in_care_on, started_between
from helpers.indicators.tables import Tables
from helpers.indicators.windows import Window, last_year_end_before, return_window, years_before

__all__ = [
    "BASES",
    "MADE_UP_SOURCE",
    "RETURN_SOURCE",
    "Bases",
    "Tables",
    "Window",
    "age_at_month_end",
    "age_band",
    "ceased_between",
    "count_categories",
    "count_crossed",
    "count_groups",
    "count_indicator",
    "count_returns",
    "count_share_by_group",
    "count_window",
    "in_care_on",
    "last_year_end_before",
    "meets",
    "parse",
    "return_window",
    "started_between",
    "years_before",
]
