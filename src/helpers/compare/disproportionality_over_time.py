"""Is disproportionality itself changing? Each group's ratio to everyone else, over the years, by one test.

"Over-represented then, not now" is no evidence of change. Only released numbers go in: a group with a hidden year gets
no figure. Where the number of unknown group is hidden, everyone else is known within bounds, and a finding must hold at
every end of them.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.codes import areas, display_ethnic_group
from helpers.compare.series import LONGEST_STEP, YEARS_BACK, has_few_children
from helpers.counts import ethnic_groups_only, select
from helpers.population import preferred_population
from helpers.rates.corrections import adjust_p_values
from helpers.schemas import RatioTrends, check, columns_of
from helpers.trends import RatioChange, ratio_change
from helpers.wording import group_words
from helpers.wording.over_time import ratio_trend_words

DIMENSION = "ethnic_group"
COUNTED = "cla_started"
RESIDENTS = "cla_started_rate_per_10000"
FAMILY = "children who came into care, by ethnic group"
SIGNIFICANCE = 0.05


class _Years(NamedTuple):
    """Children who came into care: grids of shape (groups, years), with the local children they came from."""

    groups: list[str]
    years: list[pd.Timestamp]
    counts: np.ndarray
    most_others: np.ndarray
    least_others: np.ndarray
    population: np.ndarray
    other_population: np.ndarray
    source: str
    source_year: int


def disproportionality_over_time(
    released: pd.DataFrame, population: pd.DataFrame, *, borough: str, as_at: dt.date
) -> pd.DataFrame:
    """Say of each ethnic group whether its ratio of coming into care, to everyone else's, is rising or falling.

    released, population: contracts schemas.Released and schemas.Population
    returns: contract schemas.RatioTrends, one row per group; no row where the data do not give children who came into
        care by ethnic group in two years, or there is no local population by ethnic group. Years since the last gap,
        ten at most. Local children are each year's mid-year total times the shares of one source, the same for every
        year. A finding needs five years, ten children of the group and ten others in each (two years are compared
        and have no finding), and a borough with 30 children in care or more
    """
    told = _years(released, population, borough, as_at)
    if told is None:
        return check(pd.DataFrame(columns=columns_of(RatioTrends)), RatioTrends, source="disproportionality over time")
    hidden = np.isnan(told.counts + told.most_others).any(axis=1)
    out = hidden | has_few_children(released, borough, as_at)
    return check(_results(told, _at_every_end(told, out), hidden, borough), RatioTrends, source="ratio trends")


def _at_every_end(told: _Years, out: np.ndarray) -> RatioChange:
    """Test with everyone else at the most they can be, and tilted both ways; keep the widest interval and largest p.

    A slope moves furthest where the early years are at one end of what everyone else can be and the late years at the
    other. The estimate is of the most, in which every child of unknown group is one of everyone else.
    """
    early = np.arange(len(told.years)) < len(told.years) / 2
    most, least = told.most_others, told.least_others
    ends = (most, np.where(early, most, least), np.where(early, least, most))
    counts = np.where(out[:, None], np.nan, told.counts)
    years = [day.year for day in told.years]
    found = [ratio_change(counts, told.population, end, told.other_population, years) for end in ends]
    known = np.all([np.isfinite(one.percent) for one in found], axis=0)
    return found[0]._replace(
        percent=np.where(known, found[0].percent, np.nan),
        low=np.min([one.low for one in found], axis=0),
        high=np.max([one.high for one in found], axis=0),
        p_value=np.max([one.p_value for one in found], axis=0),
        method=np.where(known, found[0].method, "cannot be calculated"),
    )


def _years(released: pd.DataFrame, population: pd.DataFrame, borough: str, as_at: dt.date) -> _Years | None:
    rows = select(released, COUNTED, borough=borough, each=DIMENSION)
    rows = rows[rows["period_type"].eq("year") & rows["status"].isin(["shown", "provisional", "suppressed"])]
    known = ethnic_groups_only(rows, with_unknown=False)
    first = pd.Timestamp(as_at) - pd.DateOffset(years=YEARS_BACK)
    days = known.loc[known["period_end"].between(first, pd.Timestamp(as_at), inclusive="right"), "period_end"]
    residents = select(released, RESIDENTS, borough=borough).set_index("period_end")["denominator"].dropna()
    years = _since_last_gap(sorted(set(days) & set(residents.index)))
    code = areas().set_index("label")["code"][borough]
    local = preferred_population(population, code, as_at.year, DIMENSION).set_index(DIMENSION)
    groups = list(dict.fromkeys(known["ethnic_group"]))
    if len(years) < 2 or set(groups) - set(local.index):
        return None
    local = local.loc[groups]
    counts = known.pivot_table(index=DIMENSION, columns="period_end", values="numerator")
    counts = counts.reindex(index=groups, columns=years)
    most, least = _everyone_else(released, rows, counts, borough)
    share = (local["children"] / local["children"].sum()).to_numpy()[:, None]
    totals = residents[years].to_numpy(float)
    return _Years(
        groups, years, counts.to_numpy(float), most, least, share * totals, (1 - share) * totals,
        source=local["source"].iloc[0], source_year=int(local["year"].iloc[0]),
    )  # fmt: skip


def _everyone_else(
    released: pd.DataFrame, rows: pd.DataFrame, counts: pd.DataFrame, borough: str
) -> tuple[np.ndarray, np.ndarray]:
    """Give the most and the least that all other children of known group can be, each year, shape (groups, years)."""
    years = counts.columns
    whole = select(released, COUNTED, borough=borough).set_index("period_end")["numerator"].reindex(years)
    unknown = rows[rows["ethnic_group"] == "Unknown"].set_index("period_end")["numerator"].reindex(years)
    grid, total, blank = counts.to_numpy(float), whole.to_numpy(float), unknown.to_numpy(float)
    most = total - np.nan_to_num(blank) - grid
    shown = np.nansum(grid, axis=0) - np.nan_to_num(grid)
    least = np.where(np.isnan(blank), np.minimum(shown, most), most)
    return most, least


def _since_last_gap(years: list[pd.Timestamp]) -> list[pd.Timestamp]:
    kept = years[-1:]
    for earlier in reversed(years[:-1]):
        if kept[0] - earlier > LONGEST_STEP:
            break
        kept.insert(0, earlier)
    return kept


def _results(told: _Years, found: RatioChange, hidden: np.ndarray, borough: str) -> pd.DataFrame:
    adjusted = adjust_p_values(found.p_value)
    finding = _findings(found, adjusted)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (told.counts / told.population) / (told.most_others / told.other_population)
    ratio = np.where(np.isfinite(found.percent)[:, None], ratio, np.nan)
    display = display_ethnic_group(pd.Series(told.groups))
    table = pd.DataFrame(
        {
            "borough": borough,
            "dimension": DIMENSION,
            "group": told.groups,
            "first_period": told.years[0],
            "last_period": told.years[-1],
            "periods": np.where(hidden, 0, found.periods).astype(int),
            "first_ratio": ratio[:, 0],
            "last_ratio": ratio[:, -1],
            "percent": found.percent,
            "lower": found.low,
            "upper": found.high,
            "p_value": found.p_value,
            "p_adjusted": adjusted,
            "family": FAMILY,
            "family_size": int(np.isfinite(found.p_value).sum()),
            "correction": "Holm",
            "method": found.method,
            "population_source": told.source,
            "population_year": told.source_year,
            "finding": finding,
            "status": np.where(hidden, "suppressed", "shown"),
        }
    )
    who = [group_words(DIMENSION, group, shown) for group, shown in zip(told.groups, display, strict=True)]
    return table.assign(sentence=[_sentence(row, name) for (_, row), name in zip(table.iterrows(), who, strict=True)])


def _findings(found: RatioChange, adjusted: np.ndarray) -> np.ndarray:
    """Rising or falling over five years or more, by the adjusted p-value and the interval both; never of two years."""
    over_years = (found.method == "interaction over years") & np.isfinite(found.p_value)
    clear = over_years & (adjusted < SIGNIFICANCE)
    return np.select(
        [clear & (found.low > 0), clear & (found.high < 0), over_years],
        ["rising", "falling", "no clear change"],
        default="too few to say",
    ).astype(object)


def _sentence(row: pd.Series, who: str) -> str:
    return ratio_trend_words(
        who=who,
        finding=row["finding"],
        method=row["method"],
        hidden=row["status"] == "suppressed",
        first=row["first_ratio"],
        last=row["last_ratio"],
        first_day=row["first_period"],
        last_day=row["last_period"],
        change=(row["percent"], row["lower"], row["upper"]),
        clear=bool(row["p_adjusted"] < SIGNIFICANCE),
    )
