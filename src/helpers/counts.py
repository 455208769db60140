"""Both doors into one table: the borough's own counts, its comparators, the rates, and what of it may be released."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from helpers.clean import OTHERS
from helpers.codes import ALL, age_order, areas, load_catalogue, load_codelist, wider_ages
from helpers.disclosure import LEFT_OUT, collapse_ages, find_profile, release
from helpers.disclosure_rules import MEANS, load_relations
from helpers.editions import earlier_editions, note_revisions, settle
from helpers.errors import NoDataError
from helpers.indicators import MADE_UP_SOURCE, RETURN_SOURCE, Tables, count_returns
from helpers.processed import load_or_none, load_table
from helpers.rates import rate, wilson_interval
from helpers.schemas import (
    KEY,
    CareLeavers,
    Children,
    Counts,
    Episodes,
    FilesRead,
    Outcomes,
    Released,
    check,
    columns_of,
)
from helpers.settings import Settings

RATES = {
    "cla_total": "cla_rate_per_10000",
    "cla_uasc": "cla_uasc_rate_per_10000",
    "cla_started": "cla_started_rate_per_10000",
    "cla_ceased": "cla_ceased_rate_per_10000",
}
PER = 10_000
TOLD_BY_WIDER_AGES = ("cla_total", "cla_started", "cla_ceased")
SMALLEST_BASE = 10
"""A percentage of ten children or fewer is not shown: see the disclosure rule and methods.md section g."""

NOT_RELEASED_FROM_RETURNS = (
    "cla_placement_dfe",
    "cla_ceased_by_reason_dfe",
    "cla_started_by_legal_status_dfe",
    "cl_activity_dfe",
)
"""The same children in DfE's categories: told beside the council's own groups they would give small numbers away."""


def count_cleaned(settings: Settings) -> pd.DataFrame | None:
    """Count the borough's cleaned returns, every collection up to the date; None when there is no return.

    returns: contract schemas.Counts
    """
    folder = settings.borough_folder
    files = load_or_none(FilesRead, folder / "files.parquet")
    if files is None:
        return None
    periods = [period for period in map(dt.date.fromisoformat, files["period"].unique()) if period <= settings.as_at]
    tables = load_cleaned(folder)
    code = tables.children["borough_code"].iloc[0]
    return count_returns(tables, borough_code=code, borough=settings.borough, periods=periods)


def load_cleaned(folder: Path) -> Tables:
    """Read the cleaned tables of one borough, as notebook 10 wrote them.

    raises: NoDataError when notebook 10 has not run
    """
    needed = {"children": Children, "episodes": Episodes, "outcomes": Outcomes, "care_leavers": CareLeavers}
    tables = {
        name: load_table(contract, folder / f"{name}.parquet", made_by="10_clean_returns")
        for name, contract in needed.items()
    }
    further = {name: load_or_none(contract, folder / f"{name}.parquet") for name, contract in OTHERS.items()}
    return Tables(**tables, others={name: table for name, table in further.items() if table is not None})


def gather(own: pd.DataFrame | None, published: pd.DataFrame | None, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Put the borough's counts and those of London and England together, up to a day.

    own: counts from the borough's returns, or None; published: counts from DfE's tables, or None
    returns: contract schemas.Counts. With returns, the borough is told from them alone and the published tables give
        the comparators: two sources of one borough are never mixed in one series.
    raises: NoDataError when there is nothing for the borough up to the day
    """
    comparators = areas().loc[lambda listed: listed["level"] != "borough", "label"]
    parts = []
    if own is not None:
        parts.append(own)
    if published is not None:
        wanted = [*comparators, *([] if own is not None else [borough])]
        parts.append(published[published["borough"].isin(wanted)])
    counts = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(Counts.to_schema().columns))
    counts = counts[counts["period_end"] <= pd.Timestamp(as_at)]
    if not ((counts["borough"] == borough) & (counts["period_end"] == pd.Timestamp(as_at))).any():
        raise NoDataError(
            f"There is no count for {borough} at {as_at}. Run notebook 10 (returns) or 11 (published tables) with a "
            f"folder that covers that day."
        )
    return check(counts.sort_values(KEY), Counts, source="counts")


def add_rates(counts: pd.DataFrame, population: pd.DataFrame, *, borough: str) -> pd.DataFrame:
    """Add the rates per 10,000 children that the source does not give, from the last mid-year before each day.

    counts, population: contracts schemas.Counts and schemas.Population
    raises: NoDataError when there is no population of the borough at all
    """
    totals = population[
        (population["ethnic_group"] == ALL) & (population["gender"] == ALL) & (population["age_band"] == ALL)
    ]
    totals = totals[(totals["age_from"] == 0) & (totals["age_to"] == 17)]
    own_code = counts.loc[counts["borough"] == borough, "borough_code"].iloc[0]
    if not (totals["borough_code"] == own_code).any():
        raise NoDataError(
            f"There is no population of children for {borough}. Put the ONS mid-year population estimates (the CSV as "
            f"downloaded) into the published folder and run notebook 11 again."
        )
    whole = counts[(counts[["category", "ethnic_group", "gender", "age_band"]] == ALL).all(axis=1)]
    missing = whole[
        whole["indicator"].isin(RATES) & whole["period_type"].isin(["snapshot", "in_year_snapshot", "year"])
    ]
    made = missing.assign(indicator=missing["indicator"].map(RATES))
    there = counts.set_index(KEY).index
    made = made[~made.set_index(KEY).index.isin(there)]
    made = made.assign(unit="children per 10,000", denominator=_residents_before(made, totals))
    made = made.assign(
        status=made["status"].mask(made["denominator"].isna() & made["status"].eq("shown"), "not_available"),
        numerator=made["numerator"].where(made["denominator"].notna()),
    )
    return check(pd.concat([counts, made]).sort_values(KEY), Counts, source="counts")


def _residents_before(rows: pd.DataFrame, totals: pd.DataFrame) -> pd.Series:
    """Children aged 0 to 17 at the last 30 June before each row's day; missing where no estimate is that old."""
    day = rows["period_end"]
    year = day.dt.year - (day <= pd.to_datetime(day.dt.year.astype(str) + "-06-30")).astype(int)
    # Two sources of one year (before and after rebasing): the one whose label sorts last is the newest release.
    known = totals.sort_values("source").drop_duplicates(["borough_code", "year"], keep="last")
    known = known.set_index(["borough_code", "year"])["children"]
    found = known.reindex(pd.MultiIndex.from_arrays([rows["borough_code"], year]))
    return pd.Series(found.to_numpy(), index=rows.index)


def release_edition(counts: pd.DataFrame, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Decide what of one borough's counts may leave the building, beside what earlier editions have told already.

    counts: contract schemas.Counts, as `gather` and `add_rates` give it
    returns: the counts as this edition tells them (a day whose figures moved by few stays as published), and what of
        them is released: contracts schemas.Counts and schemas.Released
    raises: LedgerError where the ledger of editions is damaged; LeakError as release_counts does
    """
    made_up = bool(counts["source"].eq(MADE_UP_SOURCE).any())
    earlier = earlier_editions(settings, made_up=made_up)
    limit = find_profile(settings.disclosure).limit
    settled, moved = settle(_with_wider_ages(counts), earlier, limit=limit, means=MEANS)
    settled = _with_bases_told(settled, earlier)
    released = release_counts(settled, profile=settings.disclosure)
    note_revisions(settings, released, moved, made_up=made_up)
    narrow = settled[~settled["age_band"].isin(wider_ages("four"))]
    return check(narrow[columns_of(Counts)], Counts, source="counts"), released


def _with_bases_told(settled: pd.DataFrame, earlier: pd.DataFrame | None) -> pd.DataFrame:
    """Add base_out and base_hidden_before: what the latest edition that told a row did with its base."""
    if earlier is None:
        return settled
    then = earlier.set_index(KEY)["denominator"]
    keys = pd.MultiIndex.from_frame(settled[KEY])
    base = pd.Series(then.reindex(keys).to_numpy(), index=settled.index)
    told = pd.Series(keys.isin(then.index), index=settled.index)
    return settled.assign(
        base_out=base.notna() & base.eq(settled["denominator"]),
        base_hidden_before=told & base.isna() & settled["denominator"].notna(),
    )


def _with_wider_ages(counts: pd.DataFrame) -> pd.DataFrame:
    """Add the rows of wider age bands (wider_ages.csv) of the council's own numbers of children, beside their parts.

    Disclosure control tells them in the place of their parts where too much of a breakdown by age would be hidden
    """
    plain = (counts[["category", "ethnic_group", "gender"]] == ALL).all(axis=1)
    own = counts["source"].isin([RETURN_SOURCE, MADE_UP_SOURCE]) & counts["indicator"].isin(TOLD_BY_WIDER_AGES)
    wide = collapse_ages(counts[own & plain], wider_ages("four"))
    return pd.concat([counts, wide[wide["age_band"].isin(wider_ages("four"))]], ignore_index=True).sort_values(KEY)


def release_counts(counts: pd.DataFrame, *, profile: str) -> pd.DataFrame:
    """Hide small numbers and what would give them away, and add the value a reader sees with its 95% interval.

    counts: contract schemas.Counts of one borough and of the areas it is compared with, all that a reader will see;
        or schemas.editions.Settled
    returns: contract schemas.Released
    raises: LeakError where a hidden number could be worked out from what would be shown
    """
    of_areas = counts["borough"].isin(areas().loc[lambda listed: listed["level"] != "borough", "label"])
    own = counts[~of_areas]
    from_returns = own["source"].isin([RETURN_SOURCE, MADE_UP_SOURCE])
    own = _of_the_day(own[~(from_returns & _stays_inside(own))])
    is_own, shares = bool(from_returns.any()), is_group_share(own)
    released = release(own, load_relations(), profile=profile, is_own=is_own, kept_whole=shares)
    released = _with_one_set_of_ages(released)
    released = _with_empty_groups(released[released["status"] != LEFT_OUT], profile)
    both = pd.concat([released, _of_areas(counts[of_areas], profile)], ignore_index=True)
    both = both[columns_of(Counts)].sort_values(KEY, ignore_index=True)
    return check(_add_values(both), Released, source="released")


def _of_the_day(own: pd.DataFrame) -> pd.DataFrame:
    """Keep of groups' shares those of the last day; of earlier days, what earlier editions told is known already.

    Nobody compares groups' shares of two years here, and each year of them would hide others.
    """
    earlier = is_group_share(own) & (own["period_end"] < own["period_end"].max())
    told = own["already_out"] | own["hidden_before"] if "already_out" in own else pd.Series(False, index=own.index)
    own = own.assign(status=own["status"].mask(earlier, LEFT_OUT))
    return own[~earlier | told].reset_index(drop=True)


def _with_one_set_of_ages(released: pd.DataFrame) -> pd.DataFrame:
    """Keep of each breakdown by age the wider bands where they are told, and else their parts."""
    plain = (released[["category", "ethnic_group", "gender"]] == ALL).all(axis=1)
    bands = wider_ages("four")
    is_wide = plain & released["age_band"].isin(bands)
    told = set(released.loc[is_wide & released["numerator"].notna(), "indicator"])
    is_part = plain & released["age_band"].isin([part for parts in bands.values() for part in parts])
    is_told = released["indicator"].isin(told)
    return released[~(is_wide & ~is_told) & ~(is_part & is_told)]


def _with_empty_groups(released: pd.DataFrame, profile: str) -> pd.DataFrame:
    """Give ethnic groups that nobody of a base is in a hidden row where others of the line are hidden.

    Counts have no row for a share of nobody. A hidden row would then tell that there is somebody.
    """
    shares = released[is_group_share(released) & released["ethnic_group"].ne(ALL)]
    hidden = shares[shares["status"].eq("suppressed")].drop_duplicates("indicator")
    if not find_profile(profile).limit or hidden.empty:
        return released
    groups = pd.DataFrame({"ethnic_group": load_codelist("ethnic_groups")["label"]})
    every = hidden.drop(columns="ethnic_group").merge(groups, how="cross")[released.columns]
    every = every.assign(numerator=float("nan"), denominator=float("nan"))
    there = released.set_index(KEY).index
    return pd.concat([released, every[~every.set_index(KEY).index.isin(there)]], ignore_index=True)


def _of_areas(counts: pd.DataFrame, profile: str) -> pd.DataFrame:
    """Release the figures of London and England: DfE rounds them to 10; only few tell of a child."""
    small = counts["numerator"].between(1, find_profile(profile).limit)
    return counts.assign(numerator=counts["numerator"].mask(small), status=counts["status"].mask(small, "suppressed"))


def _stays_inside(counts: pd.DataFrame) -> pd.Series:
    """Tell the rows that the catalogue keeps inside: each would hide others of the journey.

    Children told by ethnic group, sex and age at once stay inside too: an annex tells them, rounded.
    """
    grouped = counts[["ethnic_group", "gender", "age_band"]].ne(ALL).sum(axis=1)
    split = load_catalogue().set_index("key")["split"].str.split()
    inside = split[split.map(lambda words: "inside" in words)].index
    shares_inside = grouped.gt(0) & counts["indicator"].isin(inside)
    return counts["indicator"].isin(NOT_RELEASED_FROM_RETURNS) | shares_inside | grouped.eq(3)


def _add_values(released: pd.DataFrame) -> pd.DataFrame:
    count, base = released["numerator"], released["denominator"]
    is_rate = released["unit"].eq("children per 10,000")
    is_mean = released["unit"].isin(MEANS)
    is_share = base.notna() & ~is_rate & ~is_mean
    known = count.notna()
    share_shown = known & is_share & (base > SMALLEST_BASE)
    values = pd.DataFrame(
        {
            "value": (count / base).where(is_mean, count).where(~is_share & ~is_rate),
            "lower": float("nan"),
            "upper": float("nan"),
            "unit_of_value": released["unit"].mask(is_share, "%").mask(is_rate, "per 10,000 children"),
        }
    )
    shares = wilson_interval(count[share_shown], base[share_shown])
    values.loc[share_shown, ["value", "lower", "upper"]] = pd.DataFrame(
        {
            "value": 100 * count[share_shown] / base[share_shown],
            "lower": 100 * shares.low,
            "upper": 100 * shares.high,
        }
    )
    rate_shown = known & is_rate & base.gt(0)
    rates = rate(count[rate_shown], base[rate_shown], per=PER)
    values.loc[rate_shown, ["value", "lower", "upper"]] = pd.DataFrame(
        {"value": rates.value, "lower": rates.low, "upper": rates.high}, index=count.index[rate_shown]
    )
    return released.assign(**values)


# --- choosing rows of the released table --------------------------------------------------------------------------


def select(released: pd.DataFrame, indicator: str, **where: str | dt.date) -> pd.DataFrame:
    """Choose rows of one indicator. Columns not named in `where` among category, ethnic_group, gender and age_band
    must be All; `each='ethnic_group'` lets that column vary instead (its total left out).
    """
    each = where.pop("each", None)
    rows = released[released["indicator"] == indicator]
    for column in ("category", "ethnic_group", "gender", "age_band"):
        kept = rows[column] != ALL if column == each else rows[column] == where.pop(column, ALL)
        rows = rows[kept]
    for column, value in where.items():
        rows = rows[rows[column] == (pd.Timestamp(value) if column == "period_end" else value)]
    return rows.reset_index(drop=True)


def is_group_share(rows: pd.DataFrame) -> pd.Series:
    """Tell the rows that are one group's own share of a measure: the journey alone compares them.

    Care leavers' two ages are no such groups: DfE publishes them by themselves
    """
    split = load_catalogue().set_index("key")["split"].str.split()
    of_groups = rows["indicator"].map(split.map(lambda words: "shares" in words)).astype(bool)
    bands = [ALL, *age_order()]
    grouped = rows[["ethnic_group", "gender", "age_band"]].ne(ALL).any(axis=1) & rows["age_band"].isin(bands)
    return of_groups & grouped


def ethnic_groups_only(rows: pd.DataFrame, *, with_unknown: bool = True) -> pd.DataFrame:
    """Keep the rows of the five ethnic groups (and Unknown), in their display order; the finer labels are left out."""
    order = load_codelist("ethnic_groups")
    wanted = [group for group in order["label"] if with_unknown or group != "Unknown"]
    own = rows[rows["ethnic_group"].isin(wanted)]
    return own.sort_values("ethnic_group", key=lambda column: column.map(wanted.index), ignore_index=True)


def in_order(rows: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Sort rows as readers expect: ethnic groups and ages in their list's order, categories by size, largest first."""
    if dimension == "ethnic_group":
        return ethnic_groups_only(rows)
    if dimension == "age_band":
        bands = age_order()
        return rows[rows["age_band"].isin(bands)].sort_values(
            "age_band", key=lambda column: column.map(bands.index), ignore_index=True
        )
    return rows.sort_values(["numerator", dimension], ascending=[False, True], na_position="last", ignore_index=True)


def latest_release(released: pd.DataFrame, borough: str) -> str:
    """Give the release (or return) that the borough's latest figures come from, for the page."""
    own = released[released["borough"] == borough]
    latest = own[own["period_end"] == own["period_end"].max()]
    return "; ".join(sorted(set(latest["source"] + ", " + latest["release"])))


def name_of(indicator: str) -> str:
    """Give the reader's name of an indicator."""
    return load_catalogue().set_index("key")["name"][indicator]
