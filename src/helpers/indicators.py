"""Counting rules: from cleaned tables to `counts`. One pure function per rule; definitions stand in indicators.csv.

Every function counts children, not episodes: two episodes of one child on one day are one child. Short breaks
(legal status V3, V4) are left out, as DfE leaves them out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from helpers.codes import ALL, load_catalogue, load_codelist
from helpers.schemas import KEY, Counts, check

RETURN_SOURCE = "The council's own return (SSDA903)"
MADE_UP_SOURCE = "Made-up return: every child is invented"
SHORT_BREAKS = ("V3", "V4")
NEW_EPISODE_SAME_DAY = "X1"
GROUPS = ("ethnic_group", "gender", "age_band")


# --- who is in care, who came and who left ------------------------------------------------------------------------


def in_care_on(children: pd.DataFrame, episodes: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Give the children in care on a day, one row per child with the attributes that are counted.

    children, episodes: contracts schemas.Children, schemas.Episodes
    returns: child_id, ethnicity_code, gender, age, uasc and the codes of the episode open that day.
        An episode is open from its first day to the day before it ends (a child who leaves on 31 March is not in care
        that day); one with no end counts only up to the last collection that tells it.
    source: DfE's guide to the return; indicators.csv, cla_total
    """
    on = pd.Timestamp(day)
    running = episodes["ended_on"].isna() & (episodes["told_on"] >= on)
    is_open = (episodes["started_on"] <= on) & (running | (episodes["ended_on"] > on))
    own = episodes[is_open & ~episodes["legal_status_code"].isin(SHORT_BREAKS)]
    own = own.sort_values(["child_id", "started_on"]).drop_duplicates("child_id", keep="last")
    stock = own.merge(children.drop(columns=["borough_code"]), on="child_id", how="left", validate="1:1")
    status_runs = stock["uasc_ceased_on"].isna() | (stock["uasc_ceased_on"] > on)
    return stock.assign(age=age_at_month_end(stock["birth_month"], on), uasc=stock["uasc_from_return"] & status_runs)


def age_at_month_end(birth_month: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Give whole years of age on the last day of a month from the month of birth: exact, since that month's
    birthdays have all passed by then. On any other day a child born later in that very month is told a year too old.
    """
    return (day.year - birth_month.dt.year - (birth_month.dt.month > day.month)).astype(float)


def started_between(children: pd.DataFrame, episodes: pd.DataFrame, after: dt.date, to: dt.date) -> pd.DataFrame:
    """Give the children who came into care after one day and up to another, each child once (the latest start)."""
    when = episodes["started_on"]
    starts = episodes[
        (when > pd.Timestamp(after))
        & (when <= pd.Timestamp(to))
        & (episodes["reason_new_code"] == "S")
        & ~episodes["legal_status_code"].isin(SHORT_BREAKS)
    ]
    latest = starts.sort_values(["child_id", "started_on"]).drop_duplicates("child_id", keep="last")
    return _with_child(latest, children).assign(age=lambda rows: rows["age_at_start"])


def ceased_between(children: pd.DataFrame, episodes: pd.DataFrame, after: dt.date, to: dt.date) -> pd.DataFrame:
    """Give the children who left care after one day and up to another, each child once (the latest leaving)."""
    when = episodes["ended_on"]
    ends = episodes[
        (when > pd.Timestamp(after))
        & (when <= pd.Timestamp(to))
        & (episodes["reason_ceased_code"] != NEW_EPISODE_SAME_DAY)
        & ~episodes["legal_status_code"].isin(SHORT_BREAKS)
    ]
    latest = ends.sort_values(["child_id", "ended_on"]).drop_duplicates("child_id", keep="last")
    return _with_child(latest, children).assign(age=lambda rows: rows["age_at_end"])


def _with_child(episodes: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    return episodes.merge(children.drop(columns=["borough_code"]), on="child_id", how="left", validate="1:1")


# --- counting -----------------------------------------------------------------------------------------------------


def count_groups(rows: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Count one row per child in all and by ethnic group (5 groups and 18 labels), gender and age band.

    rows: child-level, with ethnicity_code, gender, age
    returns: key columns, numerator, denominator; the total has no denominator, a group has the total
    """
    total = len(rows)
    ethnicity = load_codelist("ethnicity").set_index("code")
    group = rows["ethnicity_code"].map(ethnicity["group"])
    label = rows["ethnicity_code"].map(ethnicity["label"])
    parts = [
        _tally(group, load_codelist("ethnic_groups")["label"], "ethnic_group", total),
        _tally(label, ethnicity["label"], "ethnic_group", total),
        _tally(rows["gender"], _genders(rows["gender"]), "gender", total),
        _tally(age_band(rows["age"]), load_codelist("age_bands")["label"], "age_band", total),
    ]
    whole = pd.DataFrame({"numerator": [float(total)], "denominator": [float("nan")]})
    return _keyed(pd.concat([whole, *parts], ignore_index=True), indicator)


def count_categories(codes: pd.Series, codelist: str, indicator: str, *, to: str = "group") -> pd.DataFrame:
    """Count one row per child by a column of its code's codelist; a category nobody is in is a true zero.

    Codes missing from the row are counted as 'Not recorded', so that the parts always add to the whole.
    """
    listed = load_codelist(codelist)
    category = codes.map(listed.drop_duplicates("code").set_index("code")[to]).fillna("Not recorded")
    wanted = [*dict.fromkeys(listed[to]), *(["Not recorded"] if (category == "Not recorded").any() else [])]
    return _keyed(_tally(category, wanted, "category", len(codes)), indicator)


def count_share(events: pd.Series, indicator: str, *, age_band: str = ALL) -> pd.DataFrame:
    """Count the children with an event (True) out of all rows given."""
    row = pd.DataFrame({"numerator": [float(events.sum())], "denominator": [float(len(events))], "age_band": age_band})
    return _keyed(row, indicator)


def age_band(ages: pd.Series) -> pd.Series:
    """Give each age its band of codelists/age_bands.csv; missing stays missing. 18 and over is in the last band."""
    bands = load_codelist("age_bands")
    edges = [*bands["age_from"].astype(int), 200]
    return pd.cut(ages, bins=edges, right=False, labels=bands["label"]).astype(object)


def _genders(seen: pd.Series) -> list[str]:
    return ["Male", "Female", *(["Unknown"] if (seen == "Unknown").any() else [])]


def _tally(values: pd.Series, wanted: Iterable[str], column: str, total: int) -> pd.DataFrame:
    counted = values.value_counts().reindex(list(wanted), fill_value=0)
    return pd.DataFrame({column: counted.index, "numerator": counted.to_numpy(float), "denominator": float(total)})


def _keyed(rows: pd.DataFrame, indicator: str) -> pd.DataFrame:
    keys = {column: rows[column].fillna(ALL) if column in rows else ALL for column in ("category", *GROUPS)}
    return rows.assign(indicator=indicator, **keys)


# --- one day or year of one borough -------------------------------------------------------------------------------


def count_snapshot(children: pd.DataFrame, episodes: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Count everything that is told of one day: children in care by group, home, legal status, need and provider."""
    stock = in_care_on(children, episodes, day)
    return pd.concat(
        [
            count_groups(stock, "cla_total"),
            count_categories(stock["placement_code"], "placement", "cla_placement_type"),
            count_categories(stock["placement_code"], "placement", "cla_placement_dfe", to="dfe_group"),
            count_categories(stock["legal_status_code"], "legal_status", "cla_legal_status"),
            count_categories(stock["need_code"], "category_of_need", "cla_category_of_need"),
            count_categories(stock["provider_code"], "placement_provider", "cla_placement_provider", to="label"),
            count_share(stock["uasc"], "cla_uasc"),
        ],
        ignore_index=True,
    )


def count_flows(children: pd.DataFrame, episodes: pd.DataFrame, after: dt.date, to: dt.date) -> pd.DataFrame:
    """Count the children who came into care and who left in a period."""
    started = started_between(children, episodes, after, to)
    ceased = ceased_between(children, episodes, after, to)
    reason = ceased["reason_ceased_code"]
    reasons = load_codelist("reason_ceased").set_index("code")
    guardianship = reasons.index[reasons["label"].str.startswith("Special guardianship")]
    return pd.concat(
        [
            count_groups(started, "cla_started"),
            count_categories(started["legal_status_code"], "legal_status", "cla_started_by_legal_status"),
            count_categories(started["need_code"], "category_of_need", "cla_started_by_need"),
            count_groups(ceased, "cla_ceased"),
            count_categories(reason, "reason_ceased", "cla_ceased_by_reason"),
            count_share(reason.map(reasons["group"]) == "Adopted", "cla_ceased_adopted"),
            count_share(reason.isin(guardianship), "cla_ceased_sgo"),
        ],
        ignore_index=True,
    )


def count_outcomes(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Count the outcomes of children in care for 12 months. A cell left blank in the return is not a yes.

    outcomes: contract schemas.Outcomes, one return year
    """
    under_5, over_10, school = outcomes["age"] < 5, outcomes["age"] >= 10, outcomes["age"].between(5, 16)
    return pd.concat(
        [
            count_share(outcomes["health_assessment"] == 1, "cla_health_assessment_up_to_date"),
            count_share(outcomes["immunisations"] == 1, "cla_immunisations_up_to_date"),
            count_share(outcomes["teeth_check"] == 1, "cla_dental_check_up_to_date"),
            count_share(outcomes["substance_misuse"] == 1, "cla_substance_misuse"),
            count_share(outcomes.loc[under_5, "health_check"] == 1, "cla_development_assessment_up_to_date"),
            count_share(outcomes.loc[over_10, "convicted"] == 1, "cla_offending"),
            count_share(outcomes.loc[school, "sdq_score"].notna(), "cla_sdq_completed"),
        ],
        ignore_index=True,
    )


def count_care_leavers(leavers: pd.DataFrame) -> pd.DataFrame:
    """Count care leavers of one return year in DfE's two age groups. Those who died or returned home are left out.

    leavers: contract schemas.CareLeavers, one return year
    """
    lists = {name: load_codelist(name).set_index("code")["group"] for name in ("in_touch", "activity", "accommodation")}
    base = leavers[leavers["in_touch_code"].map(lists["in_touch"]) != "Left out"]
    parts = []
    for band, low, high in (("17 to 18", 17, 18), ("19 to 21", 19, 21)):
        own = base[base["age"].between(low, high)]
        activity, home = (
            own["activity_code"].map(lists["activity"]),
            own["accommodation_code"].map(lists["accommodation"]),
        )
        parts += [
            count_share(own["in_touch_code"] == "YES", "cl_in_touch", age_band=band),
            count_share(activity == "In education or work", "cl_eet", age_band=band),
            count_share(home == "Suitable", "cl_suitable_accommodation", age_band=band),
            count_share(home == "Not suitable", "cl_unsuitable_accommodation", age_band=band),
        ]
    return pd.concat(parts, ignore_index=True)


# --- all periods of one borough -----------------------------------------------------------------------------------


def count_returns(
    children: pd.DataFrame,
    episodes: pd.DataFrame,
    outcomes: pd.DataFrame,
    care_leavers: pd.DataFrame,
    *,
    borough_code: str,
    borough: str,
    periods: Iterable[dt.date],
) -> pd.DataFrame:
    """Count every indicator for each collection's last day and the year (or part of a year) up to it.

    periods: last days of the borough's collections
    returns: contract schemas.Counts, without rates (see population.add_rates)
    """
    made_up = bool(children["made_up"].any())
    parts = [
        _count_period(children, episodes, outcomes, care_leavers, period).assign(
            release=f"Return to {period.day} {period:%B %Y}"
        )
        for period in sorted(periods)
    ]
    counts = pd.concat(parts, ignore_index=True).assign(
        borough_code=borough_code, borough=borough, source=MADE_UP_SOURCE if made_up else RETURN_SOURCE
    )
    nobody = counts["denominator"] == 0  # a share of nobody is not zero: there is no statistic
    counts = counts.assign(
        numerator=counts["numerator"].mask(nobody), status=nobody.map({True: "not_applicable", False: "shown"})
    )
    units = load_catalogue().set_index("key")["unit"]
    counts = counts.assign(unit=counts["indicator"].map(units)).sort_values(KEY, ignore_index=True)
    return check(counts, Counts, source=f"counts from the returns of {borough}")


def _count_period(
    children: pd.DataFrame, episodes: pd.DataFrame, outcomes: pd.DataFrame, care_leavers: pd.DataFrame, period: dt.date
) -> pd.DataFrame:
    year_end = (period.month, period.day) == (3, 31)
    begin = last_year_end_before(period)
    year = begin.year + 1
    stocks = [count_snapshot(children, episodes, period)]
    if year_end:
        stocks.append(count_outcomes(outcomes[outcomes["return_year"] == year]))
    flows = [count_flows(children, episodes, begin, period)]
    if year_end:
        flows.append(count_care_leavers(care_leavers[care_leavers["return_year"] == year]))
    snapshot = pd.concat(stocks).assign(period_type="snapshot" if year_end else "in_year_snapshot")
    flow = pd.concat(flows).assign(period_type="year" if year_end else "in_year")
    return pd.concat([snapshot, flow], ignore_index=True).assign(period_end=pd.Timestamp(period))


def last_year_end_before(day: dt.date) -> dt.date:
    """Give the last 31 March before a day (for 31 March itself, the one a year earlier)."""
    return dt.date(day.year if (day.month, day.day) > (3, 31) else day.year - 1, 3, 31)
