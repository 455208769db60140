"""All collections of one borough linked into one history: children, episodes, outcomes and care leavers.

The tables that come out keep the contracts of schemas.py. What contradicts itself is set aside with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from helpers.clean.ages import age_on, return_year
from helpers.clean.collection import FILE, ROW, Collection, ReceivedFile, type_collection
from helpers.codes import load_codelist
from helpers.identifiers import hash_identifiers
from helpers.schemas import CareLeavers, Children, Episodes, FilesRead, Outcomes, SetAside, check, columns_of

MADE_UP_PREFIX = "MADEUP"
LINKED = ("header", "episodes", "uasc", "oc2", "oc3")


class Cleaned(NamedTuple):
    """The tables of one borough, all years linked, and the account of every row. Contracts: schemas.py."""

    children: pd.DataFrame
    episodes: pd.DataFrame
    outcomes: pd.DataFrame
    care_leavers: pd.DataFrame
    set_aside: pd.DataFrame
    files: pd.DataFrame


class _Part(NamedTuple):
    """One table of one collection on its way: rows still kept (typed), and the log of those that are not."""

    period: dt.date
    table: str
    kept: pd.DataFrame
    log: list[pd.DataFrame]


def clean_returns(files: Sequence[ReceivedFile], *, borough_code: str, secret: bytes) -> Cleaned:
    """Clean and link all collections of one borough.

    files: oldest collection first (read.returns.read_collections)
    secret: the installation's key for child identifiers
    returns: Cleaned, each table checked against its contract; set_aside keeps file and line, never an identifier
    """
    periods = dict.fromkeys(file.period for file in files)
    collections = [type_collection([file for file in files if file.period == period]) for period in periods]
    return link_collections(collections, borough_code=borough_code, secret=secret)


def link_collections(collections: Sequence[Collection], *, borough_code: str, secret: bytes) -> Cleaned:
    """Link typed collections of one borough, oldest first, into one history; see clean_returns."""
    parts = [
        _check_values(_Part(one.period, table, one.tables[table], []))
        for one in collections
        for table in LINKED
        if table in one.tables
    ]
    parts = _set_aside_without_header(parts)
    children = _link_children(parts, borough_code, secret)
    set_aside = _account_rows(collections, parts)
    return Cleaned(
        children=check(children, Children, source="children"),
        episodes=check(_link_episodes(parts, secret), Episodes, source="episodes"),
        outcomes=check(_link_outcomes(parts, secret), Outcomes, source="outcomes"),
        care_leavers=check(_link_care_leavers(parts, children, secret), CareLeavers, source="care_leavers"),
        set_aside=check(set_aside, SetAside, source="set_aside"),
        files=check(_account_files(collections, parts), FilesRead, source="files"),
    )


# --- one table of one collection ----------------------------------------------------------------------------------


def _check_values(part: _Part) -> _Part:
    rows = part.kept
    if part.table == "episodes":
        part = _remove(
            part, rows["DEC"] < rows["DECOM"], "DEC", "The episode ends before it starts. Put DECOM or DEC right."
        )
        part = _remove(
            part,
            part.kept["DECOM"] > pd.Timestamp(part.period),
            "DECOM",
            "The episode starts after the collection's last day. Put DECOM right, or the folder's name.",
        )
        return _keep_first(
            part,
            ["CHILD", "DECOM"],
            by="DEC",
            rule="The child has another episode that starts on this day; "
            "the one with an end date was kept. Take one out of the return.",
        )
    if part.table == "header":
        part = _remove(
            part,
            rows["DOB"] > pd.Timestamp(part.period),
            "DOB",
            "The child is born after the collection's last day. Put DOB right, or the folder's name.",
        )
    return _keep_first(
        part,
        ["CHILD"],
        by=None,
        rule="The child has another row in this table; the first was kept. Take one out of the return.",
    )


def _keep_first(part: _Part, keys: list[str], *, by: str | None, rule: str) -> _Part:
    """Keep one row per key: the one with `by` filled, else the first in the file."""
    order = part.kept.sort_values(by, na_position="last", kind="stable") if by else part.kept
    again = order.duplicated(subset=keys).reindex(part.kept.index)
    return _remove(part, again, keys[-1], rule)


def _remove(part: _Part, rows: pd.Series, column: str, rule: str) -> _Part:
    rows = rows.fillna(False).astype(bool)
    if not rows.any():
        return part
    lines = part.kept.loc[rows, [FILE, ROW]]
    log = pd.DataFrame(
        {
            "period": part.period.isoformat(),
            "file": lines[FILE],
            "table": part.table,
            "row": lines[ROW],
            "column": column,
            "outcome": "set aside",
            "rule": rule,
        }
    )
    return part._replace(kept=part.kept[~rows], log=[*part.log, log])


def _set_aside_without_header(parts: list[_Part]) -> list[_Part]:
    """Set aside episodes of a child no header tells: without birth date and ethnicity it cannot be counted."""
    told = {child for part in parts if part.table == "header" for child in part.kept["CHILD"]}
    rule = "No header row of any year tells this child's birth date and ethnicity. Add the child to the header table."
    return [
        _remove(part, ~part.kept["CHILD"].isin(told), "CHILD", rule)
        if part.table in ("episodes", "uasc", "oc2")
        else part
        for part in parts
    ]


# --- all years of the borough -------------------------------------------------------------------------------------


def _stack(parts: list[_Part], table: str) -> pd.DataFrame:
    """Put the rows of one table of all years together, oldest first, with the day their collection ends."""
    spec = load_codelist("ssda903_tables")
    columns = spec.loc[spec["table"] == table, "column"].tolist()
    rows = [part.kept.assign(told_on=pd.Timestamp(part.period)) for part in parts if part.table == table]
    if not rows:
        empty = pd.DataFrame({column: pd.Series(dtype=object) for column in [*columns, "told_on"]})
        dates = spec.loc[(spec["table"] == table) & (spec["kind"] == "date"), "column"]
        return empty.astype(dict.fromkeys([*dates, "told_on"], "datetime64[us]"))
    return pd.concat(rows, ignore_index=True)


def _link_children(parts: list[_Part], borough_code: str, secret: bytes) -> pd.DataFrame:
    header = _stack(parts, "header").drop_duplicates("CHILD", keep="last")
    uasc = _stack(parts, "uasc").drop_duplicates("CHILD", keep="last").set_index("CHILD")
    gender = load_codelist("gender").set_index("code")["label"]
    children = pd.DataFrame(
        {
            "child_id": hash_identifiers(header["CHILD"], secret),
            "borough_code": borough_code,
            "birth_month": header["DOB"].dt.to_period("M").dt.to_timestamp(),
            "gender": header["SEX"].map(gender),
            "ethnicity_code": header["ETHNIC"],
            "uasc_from_return": header["CHILD"].isin(uasc.index),
            "uasc_ceased_on": uasc["DUC"].reindex(header["CHILD"]).to_numpy("datetime64[us]"),
            "made_up": header["CHILD"].str.startswith(MADE_UP_PREFIX).astype(bool),
        }
    )
    return children.sort_values("child_id", ignore_index=True)


def _birth_of(parts: list[_Part]) -> pd.Series:
    header = _stack(parts, "header").drop_duplicates("CHILD", keep="last")
    return header.set_index("CHILD")["DOB"]


def _link_episodes(parts: list[_Part], secret: bytes) -> pd.DataFrame:
    told = _stack(parts, "episodes").drop_duplicates(["CHILD", "DECOM"], keep="last")
    births = pd.Series(_birth_of(parts).reindex(told["CHILD"]).to_numpy("datetime64[us]"), index=told.index)
    episodes = pd.DataFrame(
        {
            "child_id": hash_identifiers(told["CHILD"], secret),
            "started_on": told["DECOM"],
            "reason_new_code": told["RNE"],
            "legal_status_code": told["LS"],
            "need_code": told["CIN"],
            "placement_code": told["PLACE"],
            "provider_code": told["PLACE_PROVIDER"],
            "ended_on": told["DEC"],
            "reason_ceased_code": told["REC"],
            "age_at_start": age_on(births, told["DECOM"]),
            "age_at_end": age_on(births, told["DEC"]),
            "told_on": told["told_on"],
        }
    )
    return episodes.sort_values(["child_id", "started_on"], ignore_index=True)


def _link_outcomes(parts: list[_Part], secret: bytes) -> pd.DataFrame:
    told = _stack(parts, "oc2")
    flags = ["CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE"]
    outcomes = pd.DataFrame(
        {
            "child_id": hash_identifiers(told["CHILD"], secret),
            "return_year": told["told_on"].map(return_year),
            "age": age_on(told["DOB"].astype("datetime64[us]"), told["told_on"]),
            "sdq_score": told["SDQ_SCORE"].astype(float),
            **{flag.lower(): told[flag].astype(float) for flag in flags},
        }
    )
    return outcomes.sort_values(["return_year", "child_id"], ignore_index=True).reindex(columns=columns_of(Outcomes))


def _link_care_leavers(parts: list[_Part], children: pd.DataFrame, secret: bytes) -> pd.DataFrame:
    told = _stack(parts, "oc3")
    child_id = hash_identifiers(told["CHILD"], secret)
    known = children.set_index("child_id")
    leavers = pd.DataFrame(
        {
            "child_id": child_id,
            "return_year": told["told_on"].map(return_year),
            "age": age_on(told["DOB"].astype("datetime64[us]"), told["told_on"]),
            "gender": child_id.map(known["gender"]).fillna("Unknown"),
            "ethnicity_code": child_id.map(known["ethnicity_code"]).fillna("NOBT"),
            "in_touch_code": told["IN_TOUCH"],
            "activity_code": told["ACTIV"],
            "accommodation_code": told["ACCOM"],
        }
    )
    return leavers.sort_values(["return_year", "child_id"], ignore_index=True)


# --- the account --------------------------------------------------------------------------------------------------


def _account_rows(collections: Sequence[Collection], parts: list[_Part]) -> pd.DataFrame:
    logs = [one.set_aside for one in collections] + [log for part in parts for log in part.log]
    if not logs:
        return pd.DataFrame(columns=columns_of(SetAside))
    return pd.concat(logs).sort_values(["period", "file", "row"], kind="stable")


def _account_files(collections: Sequence[Collection], parts: list[_Part]) -> pd.DataFrame:
    """Take the rows left out here from those kept by type_collection, file by file."""
    key = ["period", "file", "table"]
    if not collections:
        return pd.DataFrame(columns=columns_of(FilesRead))
    files = pd.concat([one.files for one in collections], ignore_index=True)
    logs = [log for part in parts for log in part.log]
    if not logs:
        return files
    removed = pd.concat(logs).groupby(key).size()
    here = removed.reindex(pd.MultiIndex.from_frame(files[key]), fill_value=0).to_numpy()
    return files.assign(rows_kept=files["rows_kept"] - here, rows_set_aside=files["rows_set_aside"] + here)
