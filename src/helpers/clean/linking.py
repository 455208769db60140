"""All collections of one borough linked into one history: children, episodes, and every other table that arrived.

The tables that come out keep the contracts of schemas. What contradicts itself is set aside with its reason; what a
later collection tells otherwise is logged. Periods of care, ages and distances are worked out here, from the full
dates and postcodes, because only the month and the district go on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa

from helpers import schemas
from helpers.clean.ages import age_on, return_year
from helpers.clean.collection import Collection, ReceivedFile, type_collection
from helpers.clean.contradictions import log_rows, move_aside, set_aside_contradictions
from helpers.clean.protecting import protect
from helpers.clean.setting_aside import LATER
from helpers.codes import load_codelist
from helpers.episodes import CARE, with_periods
from helpers.link_years import LOG_COLUMNS, Linked, link_episodes, link_headers, link_rows
from helpers.postcodes import describe_placements
from helpers.schemas import check, columns_of

MADE_UP_PREFIX = "MADEUP"
OTHERS: dict[str, type[pa.DataFrameModel]] = {
    "reviews": schemas.Reviews,
    "adoptions": schemas.Adoptions,
    "adoption_decisions": schemas.AdoptionDecisions,
    "previous_permanence": schemas.PreviousPermanence,
    "missing_spells": schemas.MissingSpells,
    "social_workers": schemas.SocialWorkers,
    "liberty_orders": schemas.LibertyOrders,
    "annex_a_children": schemas.AnnexAChildren,
    "annex_a_care_leavers": schemas.AnnexACareLeavers,
    "annex_a_adoption": schemas.AnnexAAdoption,
    "education_plans": schemas.EducationPlans,
    "visits": schemas.Visits,
    "initial_health_assessments": schemas.InitialHealthAssessments,
    "pathway_plans": schemas.PathwayPlans,
    "education": schemas.Education,
    "survey_answers": schemas.SurveyAnswers,
    "targets": schemas.Targets,
    "board_figures": schemas.BoardFigures,
}
"""Tables that are there only where they arrived: one that did not is not a table without rows."""


class Cleaned(NamedTuple):
    """The tables of one borough, all years linked, and the account of every row. Contracts: schemas.

    others: name in OTHERS -> table, for those that arrived
    """

    children: pd.DataFrame
    episodes: pd.DataFrame
    outcomes: pd.DataFrame
    care_leavers: pd.DataFrame
    others: dict[str, pd.DataFrame]
    set_aside: pd.DataFrame
    files: pd.DataFrame
    changes: pd.DataFrame
    corrections: pd.DataFrame


def clean_returns(files: Sequence[ReceivedFile], *, borough_code: str, secret: bytes) -> Cleaned:
    """Clean and link all collections of one borough.

    files: oldest collection first (read.returns.read_collections)
    secret: the installation's key for child identifiers
    returns: Cleaned, each table checked against its contract; set_aside keeps file and line, never an identifier
    """
    return link_collections(type_collections(files), borough_code=borough_code, secret=secret)


def type_collections(files: Sequence[ReceivedFile]) -> list[Collection]:
    """Type the files of several collections, one Collection for each period, in the order of the files."""
    periods = dict.fromkeys(file.period for file in files)
    return [type_collection([file for file in files if file.period == period]) for period in periods]


def link_collections(
    collections: Sequence[Collection], *, borough_code: str, secret: bytes, others: Container[str] = tuple(OTHERS)
) -> Cleaned:
    """Link typed collections of one borough, oldest first, into one history; see clean_returns.

    others: which of the tables of OTHERS are wanted
    """
    consistent, history = _link_episodes(set_aside_contradictions(collections))
    headers = _link(consistent, "header")
    children = _children(headers.rows, _link(consistent, "uasc").rows, borough_code, secret)
    births = headers.rows.set_index("CHILD")["DOB"]
    latest = max((one.period for one in consistent), default=dt.date.max)
    episodes = _episodes(history.rows, births, latest, borough_code, secret)
    found, logs = _others(consistent, others, secret)
    return Cleaned(
        children=check(children, schemas.Children, source="children"),
        episodes=check(episodes, schemas.Episodes, source="episodes"),
        outcomes=check(_outcomes(consistent, secret), schemas.Outcomes, source="outcomes"),
        care_leavers=check(_care_leavers(consistent, children, secret), schemas.CareLeavers, source="care_leavers"),
        others=found,
        set_aside=_together([one.set_aside for one in consistent], schemas.SetAside),
        files=_together([one.files for one in consistent], schemas.FilesRead),
        changes=_together([one.changes for one in consistent], schemas.Changes),
        corrections=_together([history.log, headers.log, *logs], schemas.Corrections),
    )


# --- linking ------------------------------------------------------------------------------------------------------


def _told(collections: Sequence[Collection], table: str) -> list[tuple[dt.date, pd.DataFrame]]:
    return [(one.period, one.tables[table]) for one in collections if table in one.tables]


def _link(collections: Sequence[Collection], table: str) -> Linked:
    """Link one table of all collections as codelists/cleaned_tables.csv says; an empty table where none arrived."""
    told = _told(collections, table)
    if not told:
        return Linked(_no_rows(table), pd.DataFrame(columns=LOG_COLUMNS))
    if table == "episodes":
        return link_episodes(told)
    if table == "header":
        return link_headers(told)
    listed = load_codelist("cleaned_tables").set_index("table").loc[table]
    if listed["link"] == "each collection":
        rows = [one.assign(told_on=pd.Timestamp(day)) for day, one in told]
        return Linked(pd.concat(rows, ignore_index=True), pd.DataFrame(columns=LOG_COLUMNS))
    return link_rows(told, listed["one_row_per"].split(), table)


def _no_rows(table: str) -> pd.DataFrame:
    spec = load_codelist("ssda903_tables").query("table == @table")
    kinds = {"date": "datetime64[us]", "flag": float, "number": float, "decimal": float}
    columns = {column.column: pd.Series(dtype=kinds.get(column.kind, "str")) for column in spec.itertuples()}
    marks = {"end_not_told": pd.Series(dtype=bool), "superseded": pd.Series(dtype=bool)} if table == "episodes" else {}
    return pd.DataFrame({**columns, "told_on": pd.Series(dtype="datetime64[us]"), **marks})


def _link_episodes(collections: Sequence[Collection]) -> tuple[list[Collection], Linked]:
    """Link the episodes; those that a later collection contradicts are set aside in their own collection."""
    linked = _link(collections, "episodes")
    gone = linked.rows[linked.rows["superseded"]]
    if gone.empty:
        return list(collections), linked
    kept = []
    for one in collections:
        own = gone[gone["told_on"] == pd.Timestamp(one.period)][["CHILD", "DECOM"]]
        rows = one.tables.get("episodes", gone.iloc[:0])
        same = rows[["CHILD", "DECOM"]].reset_index().merge(own, on=["CHILD", "DECOM"])["index"]
        kept.append(move_aside(one, [log_rows(rows.loc[sorted(same)], "episodes", "DECOM", LATER)]))
    return kept, linked._replace(rows=linked.rows[~linked.rows["superseded"]].reset_index(drop=True))


# --- what is kept -------------------------------------------------------------------------------------------------


def _children(header: pd.DataFrame, uasc: pd.DataFrame, borough_code: str, secret: bytes) -> pd.DataFrame:
    ceased = uasc.set_index("CHILD")["DUC"]
    children = protect(header, "header", secret).assign(
        borough_code=borough_code,
        uasc_from_return=header["CHILD"].isin(ceased.index),
        uasc_ceased_on=ceased.reindex(header["CHILD"]).to_numpy("datetime64[us]"),
        made_up=header["CHILD"].str.startswith(MADE_UP_PREFIX).astype(bool),
    )
    return children.sort_values("child_id", ignore_index=True)


def _episodes(told: pd.DataFrame, births: pd.Series, latest: dt.date, borough_code: str, secret: bytes) -> pd.DataFrame:
    born = pd.Series(births.reindex(told["CHILD"]).to_numpy("datetime64[us]"), index=told.index)
    periods = with_periods(told)
    places = describe_placements(told, latest, borough_code)
    episodes = protect(told, "episodes", secret).assign(
        age_at_start=age_on(born, told["DECOM"]),
        age_at_end=age_on(born, told["DEC"]),
        **{name: places[name] for name in ("placement_authority_code", "distance_miles", "in_borough")},
        **{name: periods[name] for name in ("period", "starts_period", "placement", "overlaps")},
        placement_changed=periods["placement_changed"].astype("Float64").to_numpy(float, na_value=float("nan")),
        short_break=periods["kind"] != CARE,
        end_not_told=told["end_not_told"].astype(bool),
        told_on=told["told_on"],
    )
    return episodes.sort_values(["child_id", "started_on"], ignore_index=True)


def _outcomes(collections: Sequence[Collection], secret: bytes) -> pd.DataFrame:
    told = _link(collections, "oc2").rows
    outcomes = protect(told, "oc2", secret).assign(
        return_year=told["told_on"].map(return_year),
        told_on=told["told_on"],
        age=age_on(told["DOB"], told["told_on"]),
    )
    return outcomes.sort_values(["told_on", "child_id"], ignore_index=True)


def _care_leavers(collections: Sequence[Collection], children: pd.DataFrame, secret: bytes) -> pd.DataFrame:
    told = _link(collections, "oc3").rows
    leavers = protect(told, "oc3", secret)
    known = children.set_index("child_id")
    leavers = leavers.assign(
        return_year=told["told_on"].map(return_year),
        told_on=told["told_on"],
        age=age_on(told["DOB"], told["told_on"]),
        gender=leavers["child_id"].map(known["gender"]).fillna("Unknown"),
        ethnicity_code=leavers["child_id"].map(known["ethnicity_code"]).fillna("NOBT"),
    )
    return leavers.sort_values(["told_on", "child_id"], ignore_index=True)


def _others(
    collections: Sequence[Collection], wanted: Container[str], secret: bytes
) -> tuple[dict[str, pd.DataFrame], list[pd.DataFrame]]:
    """Link and protect every other table that arrived, and give the logs of linking them."""
    found, logs = {}, []
    for listed in load_codelist("cleaned_tables").itertuples(index=False):
        if listed.name not in OTHERS or listed.name not in wanted or not _told(collections, listed.table):
            continue
        linked = _link(collections, listed.table)
        rows = protect(linked.rows, listed.table, secret).assign(told_on=linked.rows["told_on"])
        contract = OTHERS[listed.name]
        rows = rows.sort_values(columns_of(contract), ignore_index=True)
        found[listed.name] = check(rows, contract, source=listed.name)
        logs.append(linked.log)
    return found, logs


def _together(parts: list[pd.DataFrame], contract: type[pa.DataFrameModel]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns_of(contract))
    order = [name for name in ("period", "file", "row") if name in table]
    if contract is not schemas.FilesRead:
        table = table.sort_values(order, kind="stable", ignore_index=True)
    return check(table, contract, source=contract.__name__)
