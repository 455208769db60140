"""A borough beside other places: London without it, England, and its statistical neighbours together.

Only released and published numbers go in, of the same period, and no place is ever compared with itself.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.codes import load_catalogue
from helpers.compare.series import LONGEST_STEP, has_few_children
from helpers.counts import SMALLEST_BASE, name_of
from helpers.rates import rank_range
from helpers.rates.corrections import adjust_in_families
from helpers.read.neighbours import neighbours_of
from helpers.schemas import Comparisons, check, columns_of
from helpers.trends import against_comparator
from helpers.wording import statements
from helpers.wording.over_time import beside_words, rank_words

RATES = ("cla_rate_per_10000", "cla_started_rate_per_10000", "cla_ceased_rate_per_10000")
RELATIONS = {"London": "contains", "England": "fixed"}
NEIGHBOURS = "statistical neighbours"
FEWEST_NEIGHBOURS = 3
"""With a figure, to stand for all: the sum of one or two is those places, not the neighbours."""
FEW_CHILDREN = 5
"""Neighbours' children added up, or all but them, that are as few as this are not told, nor compared with."""
ROUNDED_BY = 5.0
"""DfE rounds the numbers of London and England to 10, so the true one lies up to 5 away."""
SIGNIFICANCE = 0.05
PER = 10_000
CELL = ["indicator", "category", "age_band", "period_end", "period_type"]
TESTED = ["value", "comparator_value", "ratio", "ratio_lower", "ratio_upper", "p_value"]


def compare_places(
    released: pd.DataFrame,
    published_counts: pd.DataFrame | None,
    neighbours: pd.DataFrame | None,
    *,
    borough: str,
    as_at: dt.date,
) -> pd.DataFrame:
    """Compare a borough's rates and shares with London without it, with England and with its statistical neighbours.

    released, published_counts, neighbours: contracts schemas.Released, Counts and Neighbours; None where there are none
    returns: contract schemas.Comparisons: the rates of children in care, coming in and leaving, and every share that
        DfE publishes, at the last year end up to as_at; one row per place with a figure of the same period. The
        position comes from p-values adjusted within each indicator (Holm). Without a test, 'too few to say': a hidden
        figure, a share of ten children or fewer, fewer than three neighbours with a figure, few children of all the
        neighbours, fewer than 30 children in care
    raises: ValueError where the borough is among its own neighbours
    """
    own = _own_figures(released, borough, as_at)
    listed = [] if neighbours is None else neighbours_of(neighbours, borough)["neighbour_code"].tolist()
    parts = [_with_area(own, released, place) for place in RELATIONS]
    if published_counts is not None and listed:
        parts.append(_with_neighbours(own, published_counts, listed, borough))
    pairs = (
        pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else own.iloc[:0]
    )
    if pairs.empty:
        return check(pd.DataFrame(columns=columns_of(Comparisons)), Comparisons, source="comparisons")
    table = _decided(pairs, few=has_few_children(released, borough, as_at))
    table = table.assign(
        borough=borough,
        as_at=pd.Timestamp(as_at),
        comparator=table["place"].replace({"London": f"London without {borough}"}),
        unit_of_value=np.where(table["kind"] == "rate", "per 10,000", "share of 1"),
    )
    order = (
        table[CELL].apply(tuple, axis=1).map({key: place for place, key in enumerate(own[CELL].apply(tuple, axis=1))})
    )
    table = table.iloc[np.argsort(order, kind="stable")]
    table = table.assign(sentence=[_sentence(row) for _, row in table.iterrows()])
    return check(table[columns_of(Comparisons)], Comparisons, source="comparisons")


def _own_figures(released: pd.DataFrame, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Give the latest figure of each of the borough's rates and published shares, hidden ones too."""
    catalogue = load_catalogue()
    shares = catalogue.loc[catalogue["comparator"].eq("DfE") & catalogue["kind"].eq("share"), "key"]
    day = pd.Timestamp(as_at)
    rows = released[
        released["borough"].eq(borough)
        & released["indicator"].isin([*RATES, *shares])
        & released["ethnic_group"].eq("All")
        & released["gender"].eq("All")
        # Care leavers are told by age alone; a child's age band beside another place's is a question of its own.
        & (released["age_band"].eq("All") | released["indicator"].str.startswith("cl_"))
        & released["period_type"].isin(["snapshot", "year"])
        & released["period_end"].between(day - LONGEST_STEP, day)
        & released["status"].isin(["shown", "provisional", "suppressed"])
    ]
    rows = rows.sort_values([*CELL[:3], "period_end"]).drop_duplicates(CELL[:3], keep="last")
    order = {key: place for place, key in enumerate(catalogue["key"])}
    rows = rows.sort_values("indicator", key=lambda column: column.map(order), kind="stable")
    return rows[[*CELL, "status"]].assign(
        kind=np.where(rows["indicator"].isin(RATES), "rate", "proportion"),
        events=rows["numerator"],
        base=rows["denominator"],
    )


def _figures_of(counts: pd.DataFrame) -> pd.DataFrame:
    """Keep the figures that are told, of all children, as comparator_events and comparator_base."""
    shown = counts[counts["status"].isin(["shown", "provisional"]) & counts["denominator"].gt(0)]
    shown = shown[shown["ethnic_group"].eq("All") & shown["gender"].eq("All")]
    return shown.rename(columns={"numerator": "comparator_events", "denominator": "comparator_base"})


def _with_area(own: pd.DataFrame, released: pd.DataFrame, place: str) -> pd.DataFrame:
    """Test each figure against an area that holds the borough (London) or is far larger (England)."""
    theirs = _figures_of(released[released["borough"] == place])
    pairs = own.merge(theirs[[*CELL, "comparator_events", "comparator_base"]], on=CELL, validate="1:1")
    relation = RELATIONS[place]
    pairs = pairs.assign(place=place, relation=relation, neighbours=np.nan, position="too few to say")
    pairs = pairs.assign(**dict.fromkeys([*TESTED, "rank_low", "rank_high", "rank_of"], np.nan))
    fits = pairs["events"].notna() & pairs["base"].gt(0)
    if relation == "contains":
        left = pairs["comparator_base"] - pairs["base"]
        rest = pairs["comparator_events"] - pairs["events"]
        # Rounded to 10, or told by another source, the whole may seem too small to hold its part: nothing is tested.
        fits &= rest.ge(0) & left.gt(ROUNDED_BY) & (rest.le(left) | pairs["kind"].eq("rate"))
    for kind in ("rate", "proportion"):
        here = fits & pairs["kind"].eq(kind)
        if here.any():
            found = _tested(pairs[here], kind, relation)
            pairs.loc[here, found.columns] = found
    if relation == "contains":
        pairs["comparator_events"] -= pairs["events"]
        pairs["comparator_base"] -= pairs["base"]
    return pairs


def _tested(pairs: pd.DataFrame, kind: str, relation: str) -> pd.DataFrame:
    """Test at the printed numbers of the other place and at both ends of what they were rounded from."""
    x, n, x0, n0 = (pairs[name].to_numpy(float) for name in ("events", "base", "comparator_events", "comparator_base"))
    least, most = (x, x + n0 - n) if relation == "contains" else (np.zeros_like(x), n0)
    most = most if kind == "proportion" else np.full_like(x, np.inf)
    slack = np.where(x0 % 10 == 0, ROUNDED_BY, 0.0) if relation != "separate" else np.zeros_like(x0)
    wide = slack if kind == "proportion" else np.zeros_like(slack)
    ends = [
        against_comparator(x, n, np.clip(x0 + way * slack, least, most - wide), n0 - way * wide,
                           kind=kind, relation=relation, per=PER)
        for way in (0, -1, 1)
    ]  # fmt: skip
    same = np.all([end.position == ends[0].position for end in ends], axis=0)
    return pd.DataFrame(
        {
            "value": ends[0].value,
            "comparator_value": ends[0].comparator,
            "ratio": ends[0].ratio,
            "ratio_lower": np.min([end.low for end in ends], axis=0),
            "ratio_upper": np.max([end.high for end in ends], axis=0),
            "p_value": np.max([end.p_value for end in ends], axis=0),
            "position": np.where(same | (ends[0].position == "too few to say"), ends[0].position, "similar"),
        },
        index=pairs.index,
    )


def _with_neighbours(own: pd.DataFrame, published: pd.DataFrame, listed: list[str], borough: str) -> pd.DataFrame:
    """Test each figure against the neighbours' children added up, and rank the borough among them."""
    published = published[published["borough_code"].isin(listed) & published["indicator"].isin(own["indicator"])]
    theirs = _figures_of(published).merge(own[CELL], on=CELL)
    if borough in set(theirs["borough"]):
        raise ValueError(f"{borough} is among its own statistical neighbours; take it out of the list")
    pooled = theirs.groupby(CELL, as_index=False).agg(
        comparator_events=("comparator_events", "sum"),
        comparator_base=("comparator_base", "sum"),
        neighbours=("borough_code", "size"),
    )
    pairs = own.merge(pooled, on=CELL).assign(place=NEIGHBOURS, relation="separate", position="too few to say")
    pairs = pairs.assign(**dict.fromkeys([*TESTED, "rank_low", "rank_high", "rank_of"], np.nan))
    few = pairs["comparator_events"].between(1, FEW_CHILDREN)
    few |= (pairs["comparator_base"] - pairs["comparator_events"]).between(1, FEW_CHILDREN)
    # One place's figure, or two, is not told under the neighbours' name, nor are few children of all of them.
    told = pairs["neighbours"].ge(FEWEST_NEIGHBOURS) & ~few
    pairs[["comparator_events", "comparator_base"]] = pairs[["comparator_events", "comparator_base"]].where(told)
    fits = told & pairs["events"].notna() & pairs["base"].gt(0)
    for kind in ("rate", "proportion"):
        here = fits & pairs["kind"].eq(kind)
        if here.any():
            found = _tested(pairs[here], kind, "separate")
            pairs.loc[here, found.columns] = found
    by_cell = dict(list(theirs.groupby(CELL)[["comparator_events", "comparator_base"]]))
    for place in np.flatnonzero(fits):
        row = pairs.iloc[place]
        part = by_cell[tuple(row[CELL])]
        events = np.append(part["comparator_events"], row["events"])
        ranks = rank_range(events, np.append(part["comparator_base"], row["base"]), kind=row["kind"])
        pairs.loc[place, ["rank_low", "rank_high", "rank_of"]] = [ranks.low[-1], ranks.high[-1], len(events)]
    return pairs


def _decided(pairs: pd.DataFrame, *, few: bool) -> pd.DataFrame:
    """Adjust the p-values within each indicator, and keep as higher or lower only what is still clear."""
    small = pairs["kind"].eq("proportion") & pairs["base"].le(SMALLEST_BASE)
    tested = pairs["position"].ne("too few to say") & pairs["p_value"].notna() & ~small & (not few)
    p_value = pairs["p_value"].where(tested)
    families, _ = pd.factorize(pairs["indicator"])
    adjusted, size = adjust_in_families(p_value, families)
    clear = tested & (adjusted < SIGNIFICANCE)
    unit = np.where(pairs["kind"] == "rate", PER, 1.0)
    blank = {
        name: pairs[name].where(tested) for name in ("ratio", "ratio_lower", "ratio_upper", "rank_low", "rank_high")
    }
    return pairs.assign(
        **blank,
        rank_of=pairs["rank_of"].where(tested),
        value=(unit * pairs["events"] / pairs["base"]).where(~small & pairs["base"].gt(0)),
        p_value=p_value,
        p_adjusted=adjusted,
        family=pairs["indicator"],
        family_size=size,
        correction=np.where(tested, "Holm", "none"),
        position=np.where(~tested, "too few to say", np.where(clear, pairs["position"], "similar")),
    )


def _sentence(row: pd.Series) -> str:
    name = measure_name(row["indicator"], row["category"], row["age_band"])
    if row["status"] == "suppressed":
        return f"{name}: numbers are too small to publish."
    if row["place"] == NEIGHBOURS and row["neighbours"] < FEWEST_NEIGHBOURS:
        return f"{name}: fewer than {FEWEST_NEIGHBOURS} statistical neighbours have a figure."
    if pd.isna(row["value"]) or pd.isna(row["comparator_value"]):
        return f"{name}: too few children to say."
    figure, other = figure_of(row, "events", "base"), figure_of(row, "comparator_events", "comparator_base")
    told = beside_words(name, figure, [statements.Comparator(place_words(row), other, row["position"])])
    return f"{told} {rank_words(row['rank_low'], row['rank_high'], row['rank_of'])}".strip()


def figure_of(row: pd.Series, events: str, base: str) -> statements.Figure:
    """Give one of a comparison's two figures as a sentence needs it."""
    make = statements.rate if row["unit_of_value"] == "per 10,000" else statements.share
    return make(int(row[events]), int(row[base]))


def measure_name(indicator: str, category: str, age_band: str) -> str:
    """Name a compared figure: the indicator, or the part of it, with the age where it is of one."""
    name = name_of(indicator) if category == "All" else category
    return name if age_band == "All" else f"{name}, aged {age_band.lower()}"


def place_words(row: pd.Series) -> str:
    """Name the place of a comparison as a sentence does."""
    if row["comparator"] == NEIGHBOURS:
        return f"{row['neighbours']:.0f} of its statistical neighbours"
    return "the rest of London" if row["relation"] == "contains" else row["comparator"]
