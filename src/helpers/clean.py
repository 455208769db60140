"""Clean a borough's returns: shape, then types, then values. Every row is kept, set aside with its reason, or a repeat.

The tables that come out keep the contracts of schemas.py. No rule changes a value: what cannot be read with
certainty is set aside, with the file, line, column, what was found and what to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import pandas as pd

from helpers.codes import load_codelist
from helpers.identifiers import hash_identifiers
from helpers.schemas import CareLeavers, Children, Episodes, FilesRead, Outcomes, SetAside, check, columns_of

ROW = "_row"
MADE_UP_PREFIX = "MADEUP"
UNKNOWN_TABLE_RULE = (
    "The file's columns are those of no table that is read so far. Nothing in it was used. "
    "If it should be one of them, put its header right."
)


class ReceivedFile(Protocol):
    """What `clean` needs of a file as read: see read.returns.ReturnFile."""

    period: dt.date
    file: str
    table: str
    checksum: str
    rows: pd.DataFrame


class Cleaned(NamedTuple):
    """The tables of one borough, all years linked, and the account of every row. Contracts: schemas.py."""

    children: pd.DataFrame
    episodes: pd.DataFrame
    outcomes: pd.DataFrame
    care_leavers: pd.DataFrame
    set_aside: pd.DataFrame
    files: pd.DataFrame


class _Part(NamedTuple):
    """One file on its way: rows still kept (typed), and the log of those that are not."""

    received: ReceivedFile
    kept: pd.DataFrame
    log: list[pd.DataFrame]


def clean_returns(files: Sequence[ReceivedFile], *, borough_code: str, secret: bytes) -> Cleaned:
    """Clean and link all collections of one borough.

    files: oldest collection first (read.returns.read_collections)
    secret: the installation's key for child identifiers
    returns: Cleaned, each table checked against its contract; set_aside keeps file and line, never an identifier
    """
    parts = [_clean_file(file) for file in files]
    parts = _set_aside_without_header(parts)
    children = _link_children(parts, borough_code, secret)
    return Cleaned(
        children=check(children, Children, source="children"),
        episodes=check(_link_episodes(parts, secret), Episodes, source="episodes"),
        outcomes=check(_link_outcomes(parts, secret), Outcomes, source="outcomes"),
        care_leavers=check(_link_care_leavers(parts, children, secret), CareLeavers, source="care_leavers"),
        set_aside=check(_account_rows(parts), SetAside, source="set_aside"),
        files=check(_account_files(parts), FilesRead, source="files"),
    )


def age_on(births: pd.Series, days: pd.Series | pd.Timestamp) -> pd.Series:
    """Give whole years of age on a day; missing where the day or birth is missing or the child is not yet born.

    A child born on 29 February has a birthday on 1 March of other years, as in law.
    """
    days = pd.Series(days, index=births.index) if isinstance(days, pd.Timestamp) else days
    had_birthday = (days.dt.month > births.dt.month) | (
        (days.dt.month == births.dt.month) & (days.dt.day >= births.dt.day)
    )
    age = days.dt.year - births.dt.year - (~had_birthday).astype(int)
    return age.where(births.notna() & days.notna() & (days >= births)).astype(float)


def return_year(period: dt.date) -> int:
    """Give the return year a day belongs to: the year of the next 31 March (30 June 2022 is 2023)."""
    return period.year + ((period.month, period.day) > (3, 31))


# --- one file -----------------------------------------------------------------------------------------------------


def _clean_file(file: ReceivedFile) -> _Part:
    spec = load_codelist("ssda903_tables")
    spec = spec[spec["table"] == file.table]
    if spec.empty:
        everything = _log(file, file.rows[ROW], "set aside", "", UNKNOWN_TABLE_RULE)
        return _Part(file, file.rows.iloc[:0], [everything])
    part = _drop_repeats(_Part(file, file.rows.reindex(columns=[*spec["column"], ROW]), []))
    for column in spec.itertuples(index=False):
        part = _type_column(part, column)
    return _check_values(part)


def _drop_repeats(part: _Part) -> _Part:
    repeated = part.kept.duplicated(subset=[column for column in part.kept if column != ROW])
    return _remove(part, repeated, "", "The same row stands earlier in the file.", outcome="exact repeat")


def _type_column(part: _Part, column: NamedTuple) -> _Part:
    """Turn one text column into its type; rows whose cell cannot be read are set aside, never blanked."""
    text = part.kept[column.column].fillna("")
    blank = text == ""
    read, wanted = _READERS[column.kind](text, column.codelist)
    unread = ~blank & read.isna()
    part = part._replace(kept=part.kept.assign(**{column.column: read.where(~blank)}))
    part = _remove(part, unread, column.column, f"The cell is not {wanted}. Put it right in the return and run again.")
    if column.needed == "yes":
        missing = part.kept[column.column].isna()
        part = _remove(
            part, missing, column.column, "The cell is blank and must be filled. Fill it in the return and run again."
        )
    return part


def _read_text(text: pd.Series, _codelist: str) -> tuple[pd.Series, str]:
    return text, "text"


def _read_date(text: pd.Series, _codelist: str) -> tuple[pd.Series, str]:
    """Day first, always: dd/mm/yyyy, or ISO as spreadsheets write it. Two forms, each read exactly."""
    wanted = "a date such as 31/03/2021"
    known = {one: _to_day(one) for one in text.unique()}
    return text.map(known).astype("datetime64[us]"), wanted


def _to_day(cell: str) -> pd.Timestamp:
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return pd.Timestamp(dt.datetime.strptime(cell, form))
        except ValueError:
            continue
    return pd.NaT


def _read_code(text: pd.Series, codelist: str) -> tuple[pd.Series, str]:
    upper = text.str.upper()
    listed = set(load_codelist(codelist)["code"])
    return upper.where(upper.isin(listed)), f"a code of codelists/{codelist}.csv"


def _read_flag(text: pd.Series, _codelist: str) -> tuple[pd.Series, str]:
    return text.map({"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0}).astype(float), "0 or 1"


def _read_number(text: pd.Series, _codelist: str) -> tuple[pd.Series, str]:
    whole = text.str.fullmatch(r"\d{1,2}(\.0)?")
    return text.where(whole).astype(float), "a whole number from 0 to 40"


_READERS = {
    "identifier": _read_text,
    "text": _read_text,
    "dropped": _read_text,
    "date": _read_date,
    "code": _read_code,
    "flag": _read_flag,
    "number": _read_number,
}


def _check_values(part: _Part) -> _Part:
    rows = part.kept
    if part.received.table == "episodes":
        part = _remove(
            part, rows["DEC"] < rows["DECOM"], "DEC", "The episode ends before it starts. Put DECOM or DEC right."
        )
        part = _remove(
            part,
            part.kept["DECOM"] > pd.Timestamp(part.received.period),
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
    if part.received.table == "oc2":
        part = _remove(part, rows["SDQ_SCORE"] > 40, "SDQ_SCORE", "The score is over 40. Put it right in the return.")
    if part.received.table == "header":
        part = _remove(
            part,
            rows["DOB"] > pd.Timestamp(part.received.period),
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


def _remove(part: _Part, rows: pd.Series, column: str, rule: str, *, outcome: str = "set aside") -> _Part:
    rows = rows.fillna(False).astype(bool)
    if not rows.any():
        return part
    log = _log(part.received, part.kept.loc[rows, ROW], outcome, column, rule)
    return part._replace(kept=part.kept[~rows], log=[*part.log, log])


def _log(file: ReceivedFile, lines: pd.Series, outcome: str, column: str, rule: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": file.period.isoformat(),
            "file": file.file,
            "table": file.table,
            "row": lines,
            "column": column,
            "outcome": outcome,
            "rule": rule,
        }
    )


def _set_aside_without_header(parts: list[_Part]) -> list[_Part]:
    """Set aside episodes of a child no header tells: without birth date and ethnicity it cannot be counted."""
    told = {child for part in parts if part.received.table == "header" for child in part.kept["CHILD"]}
    rule = "No header row of any year tells this child's birth date and ethnicity. Add the child to the header table."
    return [
        _remove(part, ~part.kept["CHILD"].isin(told), "CHILD", rule)
        if part.received.table in ("episodes", "uasc", "oc2")
        else part
        for part in parts
    ]


# --- all years of the borough -------------------------------------------------------------------------------------


def _stack(parts: list[_Part], table: str) -> pd.DataFrame:
    """Put the rows of one table of all years together, oldest first, with the day their collection ends."""
    spec = load_codelist("ssda903_tables")
    columns = spec.loc[spec["table"] == table, "column"].tolist()
    rows = [
        part.kept.assign(told_on=pd.Timestamp(part.received.period)) for part in parts if part.received.table == table
    ]
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


def _account_rows(parts: list[_Part]) -> pd.DataFrame:
    logs = [log for part in parts for log in part.log]
    if not logs:
        return pd.DataFrame(columns=columns_of(SetAside))
    return pd.concat(logs).sort_values(["period", "file", "row"], kind="stable")


def _account_files(parts: list[_Part]) -> pd.DataFrame:
    def lines(part: _Part, outcome: str) -> int:
        return sum((log["outcome"] == outcome).sum() for log in part.log)

    return pd.DataFrame(
        [
            (
                part.received.period.isoformat(),
                part.received.file,
                part.received.table,
                part.received.checksum,
                len(part.received.rows),
                len(part.kept),
                lines(part, "set aside"),
                lines(part, "exact repeat"),
            )
            for part in parts
        ],
        columns=columns_of(FilesRead),
    )
