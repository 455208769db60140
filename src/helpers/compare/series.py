"""A borough's released figures as series: which years belong together, where a series is cut, which tell one thing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.codes import load_catalogue, load_codelist
from helpers.counts import SMALLEST_BASE, is_group_share, select

SERIES = ["indicator", "category", "ethnic_group", "gender", "age_band"]
LONGEST_STEP = pd.Timedelta(days=400)
YEARS_BACK = 10
"""Years of a trend at most: those that the charts draw, so that no finding rests on a year that nobody sees. A rise of
6% a year in a flow of 60 is found in 18 of 100 series of 5 years, and in 78 of 100 of 8 (methods.md, section f)."""
FEWEST_CHILDREN = 30
"""In care, for any finding: below it the City of London's few children would make trends (methods.md, section g)."""
TESTED_OVER_YEARS = ("flow", "rate", "proportion")
OF_A_BASE = ("stock share", "proportion", "mean")
DESCRIBED_AS = {"mean": "stock share"}
"""An average has a sum and a number of children, as a share has: it is described in the same way, never tested."""


def series_rows(released: pd.DataFrame, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Give the borough's figures of the last ten years as trends.trend_findings wants them.

    returns: the released columns with period, kind, events, base, suppressed, entries and exits; series of two periods
        or more, each cut at its last gap of more than a year and at a change of its definition
    """
    catalogue = load_catalogue().set_index("key")["trend_kind"]
    own = released[(released["borough"] == borough) & _within(released, as_at)]
    own = own[(own["period_type"] != "in_year") & own["status"].isin(["shown", "provisional", "suppressed"])]
    own = own[~is_group_share(own)]
    kind = own["indicator"].map(catalogue)
    # A share or an average of ten children or fewer is told nowhere.
    told = ~kind.isin(OF_A_BASE) | own["denominator"].gt(SMALLEST_BASE)
    rows = own.assign(
        period=own["period_end"],
        kind=kind.replace(DESCRIBED_AS),
        events=own["numerator"].where(told),
        base=own["denominator"],
        suppressed=own["status"].eq("suppressed"),
    )
    rows = rows.join(_flows_between(released, borough), on=["indicator", *SERIES[1:], "period_end"])
    rows = _since_last_gap(_since_break(rows).sort_values([*SERIES, "period"], ignore_index=True))
    counted = rows["period"].where(rows["events"].notna() | rows["suppressed"])
    enough = counted.groupby([rows[column] for column in SERIES]).transform("nunique") >= 2
    return rows[enough].reset_index(drop=True)


def return_year(period: pd.Series) -> pd.Series:
    """Give the year to 31 March that a day lies in: 30 June 2022 lies in 2023."""
    return period.dt.year + (period.dt.strftime("%m%d") > "0331")


def has_few_children(released: pd.DataFrame, borough: str, as_at: dt.date) -> bool:
    """Say whether a borough has too few children in care for any finding, or a number that is hidden or not told."""
    stock = select(released, "cla_total", borough=borough)
    stock = stock[stock["period_end"] <= pd.Timestamp(as_at)].sort_values("period_end")
    return stock.empty or not stock["numerator"].iloc[-1] >= FEWEST_CHILDREN


def told_twice(rows: pd.DataFrame) -> pd.MultiIndex:
    """Give the series that tell the same as another: a count beside its rate, a part beside the measure of its name.

    One question is tested once. The rate (or the measure with a name) is tested where it is as long as the other;
    where years of it are missing, the other is. source: codelists/same_statistic.csv
    """
    told = rows[rows["events"].notna() | rows["suppressed"]]
    spans = told[told["kind"].isin(TESTED_OVER_YEARS)].groupby(SERIES)["period"].agg(["min", "max", "count"])
    spans = spans.reset_index()
    pairs = load_codelist("same_statistic")[["indicator", "category", "same_as_indicator", "same_as_category"]]
    other = spans.rename(columns={"indicator": "same_as_indicator", "category": "same_as_category"})
    on = ["same_as_indicator", "same_as_category", *SERIES[2:]]
    both = spans.merge(pairs, on=["indicator", "category"]).merge(other, on=on, suffixes=("", "_as"))
    whole = both["min"].le(both["min_as"]) & both["max"].ge(both["max_as"]) & both["count"].ge(both["count_as"])
    second = both[SERIES].copy()
    for column in ("indicator", "category"):
        second[column] = np.where(whole, both[f"same_as_{column}"], both[column])
    return pd.MultiIndex.from_frame(second)


def _within(released: pd.DataFrame, as_at: dt.date) -> pd.Series:
    """Ten years of events, and the days that enclose them."""
    first = pd.Timestamp(as_at) - pd.DateOffset(years=YEARS_BACK)
    on_first = released["period_end"].eq(first) & released["period_type"].ne("year")
    return (released["period_end"].gt(first) | on_first) & released["period_end"].le(pd.Timestamp(as_at))


def _since_break(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out what lies before a change of a measure's definition. The pandemic is no such change: it is marked."""
    breaks = load_codelist("series_breaks")
    year, kept = return_year(rows["period"]), pd.Series(True, index=rows.index)
    for one in breaks[breaks["effect"] == "cut"].itertuples():
        own = rows["indicator"].eq(one.indicator) & (rows["category"].eq(one.category) if one.category else True)
        after = own & year.ge(int(one.year))
        kept &= ~(own & year.lt(int(one.year)) & after.any())
    return rows[kept]


def _since_last_gap(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep each series from its last gap of more than a year on: across one, definitions and flows are not known."""
    gap = rows.groupby(SERIES)["period"].diff() > LONGEST_STEP
    runs = gap.groupby([rows[column] for column in SERIES]).cumsum()
    return rows[runs == runs.groupby([rows[column] for column in SERIES]).transform("max")]


def _flows_between(released: pd.DataFrame, borough: str) -> pd.DataFrame:
    """Give the children who came into and left care since the stock before, by the stock's series and day."""
    own = released[(released["borough"] == borough) & released["indicator"].isin(["cla_started", "cla_ceased"])]
    wide = own.pivot_table(
        index=[*SERIES[1:], "period_end"], columns="indicator", values="numerator", dropna=False, observed=True
    )
    wide = wide.reindex(columns=["cla_started", "cla_ceased"]).rename(
        columns={"cla_started": "entries", "cla_ceased": "exits"}
    )
    # Age bands of a stock and of its flows hold other children each year, so only the whole and lasting groups match.
    lasting = wide.index.get_level_values("age_band") == "All"
    return pd.concat({"cla_total": wide[lasting]}, names=["indicator"])
