"""Why a row is set aside: the code and words of its rule, from codelists/rules.csv and set_aside_codes.csv."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from helpers.codes import load_codelist

AGAIN, BLANK, READ, LINE, AREA, LATER = "AGAIN", "BLANK", "READ", "LINE", "AREA", "LATER"
TABLE, OTHER = "TABLE", "OTHER"
LOG_COLUMNS = ["row", "column", "outcome", "code", "rule"]
"""What is told of a row that is not kept; period, file and table come with the file it stands in."""


@lru_cache
def message_of(code: str) -> str:
    """Give the words of a rule: what was found, what was expected and what to do."""
    own = load_codelist("set_aside_codes").set_index("code")["message"]
    return own[code] if code in own else _rules().drop_duplicates("code").set_index("code")["message"][code]


@lru_cache
def code_for_cell(table: str, column: str, otherwise: str) -> str:
    """Give the rule that a cell of this column breaks when it cannot be read or is blank; else the given code."""
    rules = _rules()
    about_cells = rules["parameters"].str.contains("set_aside=yes") & (rules["table"] == table)
    own = rules[about_cells & (rules["fields"].str.split().str[0] == column)]
    return own["code"].iloc[0] if len(own) else otherwise


def code_for_line(column: str) -> str:
    """Give the code of a line that could not become a row: of another borough or year, or not of the header's cells."""
    return AREA if column in ("LA", "YEAR") else LINE


def code_for_table(table: str) -> str:
    """Give the code of a table that is not counted from: a known list that is no part of a return, or unknown."""
    return OTHER if table.endswith(", not used") else TABLE


def aside(lines: pd.Series, column: str, code: str, rule: str, *, outcome: str = "set aside") -> pd.DataFrame:
    """Tell of rows that are not kept. lines: their numbers in the file; the index is kept."""
    told = {"row": lines, "column": column, "outcome": outcome, "code": code, "rule": rule}
    return pd.DataFrame(told, columns=LOG_COLUMNS, index=lines.index)


@lru_cache
def _rules() -> pd.DataFrame:
    return load_codelist("rules")
