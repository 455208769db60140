"""A borough's years compared with one another: what changed, and whether that is beyond chance.

Only released numbers go in, so nothing that comes out can give a hidden number away.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.codes import display_ethnic_group, load_catalogue, load_codelist
from helpers.compare.series import LONGEST_STEP, SERIES, has_few_children, return_year, series_rows, told_twice
from helpers.counts import select
from helpers.rates.corrections import adjust_in_families
from helpers.schemas import Trends, check, columns_of
from helpers.trends import change, recent_trend, trend_findings
from helpers.wording import change_words, trend_words
from helpers.wording.over_time import without_year_words

ANNUAL_KINDS = ("flow", "rate", "proportion")
HEADLINE = ("cla_total", "cla_started", "cla_started_rate_per_10000", "cla_ceased", "cla_ceased_rate_per_10000")
"""Series whose totals answer the page's first questions: how many children, how many come in, how many leave."""
HEADLINE_FAMILY = "headline measures"
FAMILIES = {HEADLINE_FAMILY: "Holm", "other series": "Benjamini-Hochberg"}
"""Families of tests, with the correction of each (methods.md, section c)."""
SIGNIFICANCE = 0.05
RECENT_YEARS = 5
DESCRIBED = "described, not tested"
ANNUAL = ("annual_change_percent", "annual_low", "annual_high")

__all__ = ["FAMILIES", "HEADLINE", "HEADLINE_FAMILY", "LONGEST_STEP", "latest_change", "trends_of"]


def trends_of(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Say of each of the borough's series what changed over its latest years, and whether that is beyond chance.

    released: contract schemas.Released
    returns: contract schemas.Trends; one row per series with two periods or more, of ten years at most. Stocks are
        tested by entries against exits only; averages, and series that tell a tested one again (a count beside its
        rate), are described. What is not tested has the finding 'too few to say'. A borough with fewer than 30
        children in care, or with that number hidden, has no other finding. Headline measures are adjusted together
        (Holm), all other series together (Benjamini-Hochberg)
    """
    rows = series_rows(released, borough, as_at)
    if rows.empty:
        return check(pd.DataFrame(columns=columns_of(Trends)), Trends, source="trends")
    rows = rows.assign(few=has_few_children(released, borough, as_at))
    found = _decided(trend_findings(rows, series=SERIES), told_twice(rows))
    found = found.assign(**_series_facts(rows, found), **_without_pandemic(rows, found))
    found = found.assign(recent_trend=_recent_trends(rows, found), breaks=_breaks(found))
    catalogue = load_catalogue().set_index("key")
    found = found.assign(
        borough=borough,
        change_lower=found["change_low"],
        change_upper=found["change_high"],
        annual_lower=found["annual_low"],
        annual_upper=found["annual_high"],
        trend_kind=found["indicator"].map(catalogue["trend_kind"]),
        name=found["indicator"].map(catalogue["name"]),
    )
    found = found.assign(sentence=[_trend_sentence(row) for _, row in found.iterrows()])
    return check(found[columns_of(Trends)], Trends, source="trends")


def _decided(found: pd.DataFrame, twice: pd.MultiIndex) -> pd.DataFrame:
    """Adjust the p-values within their families and decide again: an adjusted p-value only takes findings away."""
    second = pd.MultiIndex.from_frame(found[SERIES]).isin(twice)
    rule = found["rule"].mask(second & found["rule"].gt(3), 3)
    tested = rule.gt(3)
    p_value = found["p_value"].where(tested)
    headline = found["indicator"].isin(HEADLINE) & (found[SERIES[1:]] == "All").all(axis=1)
    adjusted, size = np.full(len(found), np.nan), np.zeros(len(found), dtype=int)
    for (_, correction), own in zip(FAMILIES.items(), (headline, ~headline), strict=True):
        adjusted[own], size[own] = adjust_in_families(
            p_value[own], np.zeros(own.sum(), dtype=int), correction=correction
        )
    rule = rule.mask(rule.eq(4) & ~(adjusted < SIGNIFICANCE), 5)
    words = load_codelist("finding_rules").query("table == 'trend' and direction == ''").set_index("rule")["finding"]
    names = np.where(headline, *FAMILIES)
    return found.assign(
        rule=rule,
        finding=found["finding"].where(rule.eq(4), rule.astype(str).map(words)),
        method=found["method"].where(tested, DESCRIBED),
        p_value=p_value,
        p_adjusted=adjusted,
        family=np.where(tested, names, ""),
        family_size=np.where(tested, size, 0),
        correction=np.where(tested, pd.Series(names).map(FAMILIES), "none"),
        # A change with an interval that leaves out 0 would be a finding by the back door where nothing was tested.
        **{column: found[column].where(tested) for column in ANNUAL},
    )


def _series_facts(rows: pd.DataFrame, found: pd.DataFrame) -> dict[str, list]:
    """Give what each series' rows say of it: whether a figure is hidden, and the unit of its figures."""
    keys = pd.MultiIndex.from_frame(found[SERIES])
    told = rows.groupby(SERIES, sort=False).agg(hidden=("suppressed", "any"), unit=("unit", "first")).reindex(keys)
    return {"status": told["hidden"].map({True: "suppressed", False: "shown"}).tolist(), "unit": told["unit"].tolist()}


def _without_pandemic(rows: pd.DataFrame, found: pd.DataFrame) -> dict[str, np.ndarray]:
    """Give the annual change of each tested series without the pandemic year, where it spans that year."""
    breaks = load_codelist("series_breaks")
    year = int(breaks.loc[breaks["effect"] == "pandemic", "year"].iloc[0])
    names = [f"annual_without_2021_{part}" for part in ("percent", "lower", "upper")]
    spans = return_year(found["first_period"]).le(year) & return_year(found["last_period"]).ge(year)
    spans &= found["annual_change_percent"].notna()
    part = rows[(return_year(rows["period"]) != year) & rows["kind"].isin(ANNUAL_KINDS)]
    if part.empty or not spans.any():
        return dict.fromkeys(names, np.full(len(found), np.nan))
    again = trend_findings(part, series=SERIES).set_index(SERIES)[list(ANNUAL)]
    again = again.reindex(pd.MultiIndex.from_frame(found[SERIES]))
    return {name: np.where(spans, again[column], np.nan) for name, column in zip(names, ANNUAL, strict=True)}


def _recent_trends(rows: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Give OHID's marker of the last five years of each tested flow, rate and proportion."""
    keys = pd.MultiIndex.from_frame(found[SERIES])
    place = rows.groupby(SERIES).cumcount(ascending=False)
    last = rows.assign(place=place)[place < RECENT_YEARS]
    grids = {
        name: last.pivot_table(index=SERIES, columns="place", values=name)
        .reindex(index=keys, columns=range(RECENT_YEARS - 1, -1, -1))
        .to_numpy(float)
        for name in ("events", "base")
    }
    marker = np.full(len(found), "not applicable", dtype=object)
    for kind in ANNUAL_KINDS:
        here = found["kind"].eq(kind).to_numpy() & (found["method"].ne(DESCRIBED) | found["rule"].le(2)).to_numpy()
        events, base = grids["events"][here], grids["base"][here]
        # A plain count is the rate of one population that stays the same.
        base = np.ones_like(events) if kind == "flow" else base
        marker[here] = recent_trend(events, base, kind="proportion" if kind == "proportion" else "rate").marker
    return np.where(found["rule"].le(2) & (marker != "not applicable"), "cannot be calculated", marker)


def _breaks(found: pd.DataFrame) -> list[str]:
    """Tell, in words, what of the list of breaks falls into each series' span."""
    breaks = load_codelist("series_breaks")
    first, last = return_year(found["first_period"]), return_year(found["last_period"])
    told = [[] for _ in range(len(found))]
    for one in breaks.itertuples():
        meant = first.le(int(one.year)) & last.ge(int(one.year))
        if one.indicator != "all":
            meant &= found["indicator"].eq(one.indicator)
        if one.category:
            meant &= found["category"].eq(one.category)
        for place in np.flatnonzero(meant):
            told[place].append(one.what)
    return [" ".join(sentences) for sentences in told]


def _trend_sentence(row: pd.Series) -> str:
    told = trend_words(
        name=_series_name(row),
        rule=int(row["rule"]),
        finding=row["finding"],
        kind=row["trend_kind"],
        first=row["first_value"],
        last=row["last_value"],
        first_day=row["first_period"],
        last_day=row["last_period"],
        annual=(row["annual_change_percent"], row["annual_low"], row["annual_high"]),
        unit=row["unit"],
    )
    if row["finding"] not in ("rising", "falling"):
        return told
    without = [row[f"annual_without_2021_{part}"] for part in ("percent", "lower", "upper")]
    return f"{told} {without_year_words(2021, *without)}".strip()


def _series_name(row: pd.Series) -> str:
    parts = [] if row["category"] == "All" else [row["category"].lower()]
    if row["ethnic_group"] != "All":
        parts.append(display_ethnic_group(pd.Series([row["ethnic_group"]])).iloc[0])
    parts += [{"Male": "boys", "Female": "girls"}.get(row["gender"], "sex not known")] if row["gender"] != "All" else []
    parts += [f"aged {row['age_band'].lower()}"] if row["age_band"] != "All" else []
    return f"{row['name']}: {', '.join(parts)}" if parts else row["name"]


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
