"""A borough's groups compared with its population: which released cells are held against what.

Only released numbers go in, so nothing that comes out can give a hidden number away.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import areas, display_ethnic_group
from helpers.counts import in_order, select
from helpers.disproportionality import findings
from helpers.population import preferred_population
from helpers.rates import rate
from helpers.schemas import Disproportionality, check, columns_of
from helpers.wording import group_words, representation_words

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
