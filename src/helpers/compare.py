"""Which released cells are compared with what: a borough's groups with its population, its years with one another.

Only released numbers go in, so nothing that comes out can give a hidden number away.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import areas, display_ethnic_group, load_catalogue
from helpers.counts import in_order, select
from helpers.disproportionality import findings
from helpers.population import preferred_population
from helpers.rates import rate
from helpers.schemas import Disproportionality, Trends, check, columns_of
from helpers.trends import change, trend_findings
from helpers.wording import change_words, group_words, representation_words, trend_words

DIMENSIONS = ("ethnic_group", "gender", "age_band")
REFERENCE = "everyone else"


def compare_with_population(
    released: pd.DataFrame, population: pd.DataFrame, *, borough: str, as_at: dt.date
) -> pd.DataFrame:
    """Compare each ethnic group's, sex's and age band's share of children in care with its share of local children.

    released, population: contracts schemas.Released and schemas.Population
    returns: contract schemas.Disproportionality; a dimension with no population to compare with has no rows
    """
    parts = [
        _compare_dimension(released, population, dimension, borough=borough, as_at=as_at) for dimension in DIMENSIONS
    ]
    filled = [part for part in parts if not part.empty]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns_of(Disproportionality))
    return check(table, Disproportionality, source="disproportionality")


def _compare_dimension(
    released: pd.DataFrame, population: pd.DataFrame, dimension: str, *, borough: str, as_at: dt.date
) -> pd.DataFrame:
    stock = select(released, "cla_total", borough=borough, period_end=as_at)
    groups = in_order(select(released, "cla_total", borough=borough, period_end=as_at, each=dimension), dimension)
    residents = preferred_population(population, _code(borough), as_at.year, dimension)
    residents = residents[residents[dimension].isin(groups[dimension])] if len(residents) else residents
    known = groups[groups[dimension] != "Unknown"]
    if (
        residents.empty
        or stock.empty
        or stock["numerator"].isna().all()
        or set(known[dimension]) - set(residents[dimension])
    ):
        return pd.DataFrame()
    table = _shares(known, residents, dimension)
    total, least = _known_total(stock["numerator"].iloc[0], groups, dimension)
    table = table.assign(
        total=total,
        # Where the number of unknown group is hidden, the known total is known only within bounds: the index at the
        # lower bound is the index at the same total with the share scaled down, so the share's range takes it up.
        share_low=((table["population_share"] - table["share_error"]).clip(lower=0) * (least / total)),
        share_high=(table["population_share"] + table["share_error"]).clip(upper=1),
        suppressed=table["count"].isna(),
    )
    return _results(findings(table), released, dimension, borough=borough, as_at=as_at)


def _shares(known: pd.DataFrame, residents: pd.DataFrame, dimension: str) -> pd.DataFrame:
    own = known[[dimension, "numerator"]].rename(columns={dimension: "group", "numerator": "count"})
    local = residents[[dimension, "children", "share_error", "source", "year"]].rename(columns={dimension: "group"})
    table = own.merge(local, on="group", how="left", validate="1:1")
    return table.assign(population_share=table["children"] / table["children"].sum())


def _known_total(total: float, groups: pd.DataFrame, dimension: str) -> tuple[float, float]:
    """Give the children in care whose group is known, and the least that number can be when Unknown is hidden."""
    unknown = groups.loc[groups[dimension] == "Unknown", "numerator"]
    if unknown.empty:
        return total, total
    if unknown.notna().all():
        return total - unknown.iloc[0], total - unknown.iloc[0]
    shown = groups.loc[groups[dimension] != "Unknown", "numerator"].sum()
    return total, min(shown, total)


def _results(
    table: pd.DataFrame, released: pd.DataFrame, dimension: str, *, borough: str, as_at: dt.date
) -> pd.DataFrame:
    local = _residents_for_rates(released, table, borough=borough, as_at=as_at)
    known = table["count"].notna() & local.gt(0)
    rates = rate(table["count"].where(known), local.where(known))
    display = display_ethnic_group(table["group"]) if dimension == "ethnic_group" else table["group"]
    who = [group_words(dimension, group, shown) for group, shown in zip(table["group"], display, strict=True)]
    return pd.DataFrame(
        {
            "borough": borough,
            "as_at": pd.Timestamp(as_at),
            "indicator": "cla_total",
            "dimension": dimension,
            "group": table["group"],
            "reference": REFERENCE,
            "population_source": table["source"],
            "population_year": table["year"],
            "count": table["count"],
            "population": local,
            "share": table["care_share"],
            "population_share": table["population_share"],
            "rate_per_10000": rates.value,
            "rate_lower": rates.low,
            "rate_upper": rates.high,
            "index": table["index"],
            "index_lower": table["index_low"],
            "index_upper": table["index_high"],
            "ratio": table["ratio"],
            "ratio_lower": table["ratio_low"],
            "ratio_upper": table["ratio_high"],
            "excess": table["excess"],
            "p_value": table["p_value"],
            "p_adjusted": table["p_adjusted"],
            "finding": table["finding"],
            "sentence": _sentences(table, who),
            "status": table["suppressed"].map({True: "suppressed", False: "shown"}),
        }
    )


def _residents_for_rates(released: pd.DataFrame, table: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.Series:
    """Children of each group: its share of the census times the latest mid-year total, as methods.md section b says."""
    whole = select(released, "cla_rate_per_10000", borough=borough, period_end=as_at)
    latest = whole["denominator"].dropna()
    total = latest.iloc[0] if len(latest) else table["children"].sum()
    return table["population_share"] * total


def _sentences(table: pd.DataFrame, who: list[str]) -> list[str]:
    pieces = ["count", "population_share", "index", "index_low", "index_high", "excess", "excess_low", "excess_high"]
    return [
        representation_words(
            rule=int(row["rule"]), who=name, share=row["care_share"], **{one: row[one] for one in pieces}
        )
        for name, (_, row) in zip(who, table.iterrows(), strict=True)
    ]


def _code(borough: str) -> str:
    return areas().set_index("label")["code"][borough]


# --- change over time ---------------------------------------------------------------------------------------------

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
