"""Templates of every table that is read: a CSV with the header alone, and a page that says what each column means."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from helpers.codes import load_codelist
from helpers.errors import InputError

README = "README.md"
FORMS = {
    "identifier": "text, kept exactly as it is, zeros at its start too",
    "text": "text",
    "dropped": "text",
    "date": "date dd/mm/yyyy",
    "code": "code of codelists/{codelist}.csv",
    "flag": "0 (no) or 1 (yes)",
    "number": "whole number from {lowest} to {highest}",
    "decimal": "number from {lowest} to {highest}, decimals after a point",
    "postcode": "full postcode, a space before its last three characters",
}
"""What a cell of each kind of ssda903_tables.csv looks like."""
FILLED = {
    "yes": "in every row",
    "column": "the column must be there; a cell may be blank",
    "": "may be blank or left out",
}
HOW_TO = """# Templates of the returns

Each file here has the header of one table and nothing else. Everything in the column "Example" is invented.

1. Take the files you need and put one row below the header for each thing the table tells of.
2. Leave the header as it is: a table is known by it. The order of columns and the name of the file do not matter.
3. Keep identifiers as text. A spreadsheet takes zeros off their start unless the column is formatted as text first.
4. Save as CSV (UTF-8) into `data/raw/returns/<borough>/<date>/`, where the date is the last day covered.
5. Look through it with `briefings check data/raw/returns/<borough>/<date>`.
"""


def write_templates(folder: Path) -> list[Path]:
    """Write one template per table of codelists/ssda903_tables.csv and the README.md beside them. Gives their paths.

    raises: InputError where one of the files is there already or the folder cannot be written; nothing is written then
    """
    contents = template_files()
    there = [name for name in contents if (folder / name).exists()]
    if there:
        raise InputError(
            f"{folder.as_posix()} holds {there[0]} already, and a template would take its place. "
            f"Give an empty folder. Nothing was written."
        )
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            # A mark of the encoding at its start lets a spreadsheet read a CSV as UTF-8.
            encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
            with (folder / name).open("x", encoding=encoding, newline="") as file:
                written.append(folder / name)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InputError(
            f"The templates cannot be written to {folder.as_posix()} ({error.strerror}). Give a folder that you may "
            f"write to. Nothing was written."
        ) from None
    return written


def template_files() -> dict[str, str]:
    """Give the text of every template by the name of its file, and README.md last."""
    tables = _documented_columns()
    files = {name: _header_line(columns["official"]) for name, columns in tables.groupby("file", sort=False)}
    return {**files, README: _readme(tables)}


def _documented_columns() -> pd.DataFrame:
    """Give one row per column: its place and kind in ssda903_tables, its file in return_files, its meaning."""
    spec = load_codelist("ssda903_tables")
    spec["official"] = spec["header"].where(spec["header"] != "", spec["column"])
    spec = spec.merge(load_codelist("return_files"), on="table", how="left", validate="many_to_one")
    return spec.merge(load_codelist("column_meanings"), on=["table", "column"], how="left", validate="one_to_one")


def _header_line(names: pd.Series) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(names)
    return line.getvalue()


# --- the page beside them -----------------------------------------------------------------------------------------


def _readme(tables: pd.DataFrame) -> str:
    parts = [HOW_TO]
    for _, columns in tables.groupby("file", sort=False):
        parts.append(_table_part(columns))
    parts.append("## Codes\n\nA code may be given with the years (of return) from and to which it is used.\n")
    used = [one for one in dict.fromkeys(tables["codelist"]) if one]
    parts += [_codes_part(one) for one in used]
    return "\n".join(parts)


def _table_part(columns: pd.DataFrame) -> str:
    table = columns.iloc[0]
    lines = [
        f"## {table['file']}: {table['name']}\n",
        f"One row for {table['each_row']}.\n",
        "| Column | Meaning | Form | Filled | Example |",
        "|---|---|---|---|---|",
    ]
    for _, column in columns.iterrows():
        cells = [column["official"], column["meaning"], _form(column), FILLED[column["needed"]], column["example"]]
        lines.append(f"| {' | '.join(cell or '(blank here)' for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _form(column: pd.Series) -> str:
    return FORMS[column["kind"]].format(codelist=column["codelist"], lowest=column["lowest"], highest=column["highest"])


def _codes_part(codelist: str) -> str:
    listed = load_codelist(codelist)
    years = [_years(first, last) for first, last in listed[["first_year", "last_year"]].itertuples(index=False)]
    lines = [
        f"- `{code}` {label}{when}" for code, label, when in zip(listed["code"], listed["label"], years, strict=True)
    ]
    return "\n".join([f"### codelists/{codelist}.csv\n", *lines]) + "\n"


def _years(first: str, last: str) -> str:
    if first and last:
        return f" ({first} to {last})"
    return f" (from {first})" if first else f" (to {last})" if last else ""
