"""A borough's years compared with one another: what changed, and whether that is beyond chance.

Only released numbers go in, so nothing that comes out can give a hidden number away.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import display_ethnic_group, load_catalogue
from helpers.counts import select
from helpers.schemas import Trends, check, columns_of
from helpers.trends import change, trend_findings
from helpers.wording import change_words, trend_words

SERIES = ["indicator", "category", "ethnic_group", "gender", "age_band"]
LONGEST_STEP = pd.Timedelta(days=400)
YEARS_BACK = 6
"""A trend looks at no more than this many years: further back, definitions and the children are others."""


def trends_of(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Say of each of the borough's series what changed over its latest years, and whether that is beyond chance.

    released: contract schemas.Released
    returns: contract schemas.Trends; one row per series with two periods or more. Stocks are tested by entries against
        exits only; what is not tested is described and has the finding 'too few to say'
    """
    rows = _series_rows(released, borough, as_at)
    if rows.empty:
        return check(pd.DataFrame(columns=columns_of(Trends)), Trends, source="trends")
    found = trend_findings(rows, series=SERIES, family=["indicator"])
    hidden = rows.groupby(SERIES, sort=False)["suppressed"].any()
    status = found.set_index(SERIES).index.map(hidden.map({True: "suppressed", False: "shown"}))
    names = load_catalogue().set_index("key")["name"]
    found = found.assign(
        borough=borough,
        status=list(status),
        change_lower=found["change_low"],
        change_upper=found["change_high"],
        annual_lower=found["annual_low"],
        annual_upper=found["annual_high"],
        sentence=[_trend_sentence(row, names[row["indicator"]]) for _, row in found.iterrows()],
    )
    return check(found[columns_of(Trends)], Trends, source="trends")


def _series_rows(released: pd.DataFrame, borough: str, as_at: dt.date) -> pd.DataFrame:
    catalogue = load_catalogue().set_index("key")["trend_kind"]
    first = pd.Timestamp(as_at) - pd.DateOffset(years=YEARS_BACK)
    own = released[(released["borough"] == borough) & (released["period_end"] >= first)]
    own = own[own["indicator"].map(catalogue) != "mean"]
    own = own[(own["period_type"] != "in_year") & own["status"].isin(["shown", "provisional", "suppressed"])]
    rows = own.assign(
        period=own["period_end"],
        kind=own["indicator"].map(catalogue),
        events=own["numerator"],
        base=own["denominator"],
        suppressed=own["status"].eq("suppressed"),
    )
    flows = _flows_between(released, borough)
    rows = rows.join(flows, on=["indicator", *SERIES[1:], "period_end"])
    rows = _since_last_gap(rows.sort_values([*SERIES, "period"], ignore_index=True))
    enough = rows.groupby(SERIES)["period"].transform("nunique") >= 2
    return rows[enough].reset_index(drop=True)


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


def _trend_sentence(row: pd.Series, name: str) -> str:
    return trend_words(
        name=_series_name(row, name),
        rule=int(row["rule"]),
        finding=row["finding"],
        kind=row["kind"],
        first=row["first_value"],
        last=row["last_value"],
        first_day=row["first_period"],
        last_day=row["last_period"],
        annual=(row["annual_change_percent"], row["annual_low"], row["annual_high"]),
    )


def _series_name(row: pd.Series, name: str) -> str:
    parts = [] if row["category"] == "All" else [row["category"].lower()]
    if row["ethnic_group"] != "All":
        parts.append(display_ethnic_group(pd.Series([row["ethnic_group"]])).iloc[0])
    parts += [{"Male": "boys", "Female": "girls"}.get(row["gender"], "sex not known")] if row["gender"] != "All" else []
    parts += [f"aged {row['age_band'].lower()}"] if row["age_band"] != "All" else []
    return f"{name}: {', '.join(parts)}" if parts else name


def latest_change(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> str:
    """Say in one or two sentences how many children are in care, and how that differs from the stock before.

    The difference is tested by who came in against who left between the two days (methods.md, section f).
    """
    stocks = select(released, "cla_total", borough=borough).sort_values("period_end")
    stocks = stocks[stocks["period_end"] <= pd.Timestamp(as_at)]
    now, before = stocks.iloc[-1], stocks.iloc[-2] if len(stocks) > 1 else None
    if before is None or pd.isna(before["numerator"]) or pd.isna(now["numerator"]):
        return change_words(now=now["numerator"], day=now["period_end"])
    flows = [
        select(released, key, borough=borough, period_end=as_at)["numerator"] for key in ("cla_started", "cla_ceased")
    ]
    came, left = (flow.iloc[0] if len(flow) else float("nan") for flow in flows)
    tested = change(before["numerator"], now["numerator"], kind="stock", entries=came, exits=left)
    return change_words(
        now=now["numerator"],
        day=now["period_end"],
        before=before["numerator"],
        before_day=before["period_end"],
        came=came,
        left=left,
        p_value=float(tested.p_value),
    )
