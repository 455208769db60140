"""One drawn return with every table, and the three doors it can come through: CSV files, XML, a workbook."""

import csv
import datetime as dt
import io
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

from helpers.clean import Collection, type_collection
from helpers.codes import load_codelist
from helpers.read.returns import read_collection

PERIOD = dt.date(2021, 3, 31)
HEADER = """
| CHILD | SEX | DOB        | ETHNIC | UPN           | MOTHER | MC_DOB     |
| A1    | 1   | 14/02/2010 | WBRI   | UN1           |        |            |
| A2    | 2   | 31/03/2004 | BAFR   | A123456789012 | 1      | 01/02/2021 |
| 003   | 2   | 29/02/2016 | MWAS   | UN2           | 0      |            |
"""
EPISODES = """
| CHILD | DECOM      | RNE | LS | CIN | PLACE | PLACE_PROVIDER | DEC        | REC | REASON_PLACE_CHANGE | HOME_POST | PL_POST  | URN     |
| A1    | 01/05/2020 | S   | V2 | N1  | U6    | PR1            | 01/09/2020 | X1  | CARPL               | RM10 7BN  | IG11 8PY | 1234567 |
| A1    | 01/09/2020 | P   | V2 | N1  | U4    | PR4            |            |     |                     | RM10 7BN  | E1 1AA   | 0012345 |
| A2    | 01/06/2019 | S   | C2 | N1  | K2    | PR4            | 10/01/2021 | E4A |                     |           |          |         |
| 003   | 02/06/2019 | S   | C1 | N5  | H5    | PR5            |            |     |                     |           |          |         |
"""
DRAWN = {
    "header": HEADER,
    "episodes": EPISODES,
    "reviews": """
    | CHILD | DOB        | REVIEW     | REVIEW_CODE |
    | A1    | 14/02/2010 | 01/06/2020 | PN1         |
    | A1    | 14/02/2010 | 01/12/2020 | PN5         |
    | 003   | 29/02/2016 | 01/12/2020 | PN0         |
    """,
    "uasc": """
    | CHILD | SEX | DOB        | DUC        |
    | A2    | 2   | 31/03/2004 | 31/03/2022 |
    """,
    "oc2": """
    | CHILD | DOB        | SDQ_SCORE | SDQ_REASON | CONVICTED | HEALTH_CHECK | IMMUNISATIONS | TEETH_CHECK | HEALTH_ASSESSMENT | SUBSTANCE_MISUSE | INTERVENTION_RECEIVED | INTERVENTION_OFFERED |
    | A1    | 14/02/2010 | 12        |            | 0         |              | 1             | 1           | 1                 | 0                |                       |                      |
    | 003   | 29/02/2016 |           | SDQ2       |           | 1            | 0             | 0           | 0                 | 1                | 0                     | 1                    |
    """,
    "oc3": """
    | CHILD | DOB        | IN_TOUCH | ACTIV | ACCOM |
    | A2    | 31/03/2004 | YES      | F1    | U1    |
    """,
    "ad1": """
    | CHILD | DOB        | DATE_INT   | DATE_MATCH | FOSTER_CARE | NB_ADOPTR | SEX_ADOPTR | LS_ADOPTR |
    | 003   | 29/02/2016 | 01/02/2020 | 01/03/2020 | 0           | 2         | MF         | L11       |
    """,
    "placed_adoption": """
    | CHILD | DOB        | DATE_PLACED | DATE_PLACED_CEASED | REASON_PLACED_CEASED |
    | 003   | 29/02/2016 | 01/04/2020  | 01/05/2020         | RD1                  |
    """,
    "prev_perm": """
    | CHILD | DOB        | PREV_PERM | LA_PERM | DATE_PERM  |
    | A1    | 14/02/2010 | P1        | WAL     | 01/02/2015 |
    """,
    "missing": """
    | CHILD | DOB        | MISSING | MIS_START  | MIS_END    |
    | A2    | 31/03/2004 | M       | 01/06/2020 | 02/06/2020 |
    | A2    | 31/03/2004 | A       | 01/07/2020 |            |
    """,
    "social_worker": """
    | CHILD | DOB        | SW_ID | SW_DECOM   | SW_DEC | SW_REASON |
    | A1    | 14/02/2010 | SW123 | 01/05/2020 |        | FCONTA    |
    """,
    "dolo": """
    | CHILD | DOB        | DOLO_START | DOLO_END |
    | A1    | 14/02/2010 | 01/05/2020 |          |
    """,
}
IN_CSV_ONLY = ("social_worker", "dolo")
"""Tables that the XML layout of 2021 has no element for."""

Rows = list[dict[str, str]]


def drawn_rows(text: str) -> Rows:
    """Give the rows of a drawn table as text, blanks as empty text."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def drawn_return(*without: str) -> dict[str, Rows]:
    """Give every drawn table but those named."""
    return {table: drawn_rows(text) for table, text in DRAWN.items() if table not in without}


def columns_of(table: str) -> list[str]:
    """Give a table's columns in the order of its official layout."""
    spec = load_codelist("ssda903_tables")
    return spec.loc[spec["table"] == table, "column"].tolist()


def as_csv(table: str, rows: Rows) -> bytes:
    """Write one table as a CSV file in the official layout."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns_of(table), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def as_csv_files(tables: dict[str, Rows]) -> dict[str, bytes]:
    """Write every table as a CSV file of its own."""
    return {f"{table}.csv": as_csv(table, rows) for table, rows in tables.items()}


# --- XML: ssda903_format.md, section 4 ----------------------------------------------------------------------------

INSIDE = {
    "AMISSING": ("missing", ["MISSING", "MIS_START", "MIS_END"]),
    "AREVIEW": ("reviews", ["REVIEW", "REVIEW_CODE"]),
    "PERMANENCE": ("prev_perm", ["PREV_PERM", "LA_PERM", "DATE_PERM"]),
    "OC2": ("oc2", []),
    "AD_PLACED": ("placed_adoption", ["DATE_PLACED", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED"]),
}
ON_HEADER = [
    "CHILDID", "UPN", "SEX", "DOB", "ETHNIC", "UASC", "DUC", "DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR",
    "SEX_ADOPTR", "LS_ADOPTR", "IN_TOUCH", "ACTIV", "ACCOM",
]  # fmt: skip
OWN_ON_HEADER = {
    "uasc": ["UASC", "DUC"],
    "ad1": ["DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"],
    "oc3": ["IN_TOUCH", "ACTIV", "ACCOM"],
}
"""Elements of the header that are of a table of their own in CSV: left out where that table is not written."""
EPISODE = [
    "DECOM", "RNE", "LS", "CIN", "PL", "PL_POST", "HOME_POST", "URN", "PLACE_PROVIDER", "DEC", "REC",
    "REASON_PLACE_CHANGE",
]  # fmt: skip


def as_xml(tables: dict[str, Rows]) -> bytes:
    """Write one collection as XML, each child's elements in the order of the XSD of 2021."""
    own: dict[str, dict[str, Rows]] = {}
    for table, rows in tables.items():
        for row in rows:
            own.setdefault(row["CHILD"], {}).setdefault(table, []).append(row)
    absent = {name for table in OWN_ON_HEADER if table not in tables for name in OWN_ON_HEADER[table]}
    names = [name for name in ON_HEADER if name not in absent]
    children = "".join(_child(child, own[child["CHILD"]], names) for child in tables["header"])
    return f"<?xml version='1.0' encoding='utf-8'?>\n<EXPSSDA903>\n{children}</EXPSSDA903>\n".encode()


def _child(header: dict[str, str], own: dict[str, Rows], names: list[str]) -> str:
    told = {"CHILDID": header["CHILD"], "UASC": "1" if own.get("uasc") else "0"}
    for table in ("header", "uasc", "ad1", "oc3"):
        told |= own.get(table, [{}])[0]
    block = {tag: _blocks(tag, *INSIDE[tag], own) for tag in INSIDE}
    head = _leaves(told, names) + block["AMISSING"] + block["AREVIEW"] + _leaves(told, ["MOTHER", "MC_DOB"])
    head += block["PERMANENCE"] + block["OC2"] + block["AD_PLACED"]
    episodes = [row | {"PL": row.get("PLACE", "")} for row in own.get("episodes", [])]
    care = "".join(f"<EPISODE>{_leaves(row, EPISODE)}</EPISODE>\n" for row in episodes)
    return f"<CHILD><HEADER>{head}</HEADER>\n{care}</CHILD>\n"


def _blocks(tag: str, table: str, names: list[str], own: dict[str, Rows]) -> str:
    names = names or columns_of(table)[2:]
    return "".join(f"<{tag}>{_leaves(row, names)}</{tag}>" for row in own.get(table, []))


def _leaves(row: dict[str, str], names: list[str]) -> str:
    return "".join(f"<{name}>{escape(row[name])}</{name}>" if row.get(name) else f"<{name}/>" for name in names)


# --- workbook -----------------------------------------------------------------------------------------------------

DATE, NUMBERS = "date", ("flag", "number")


def as_workbook(tables: dict[str, Rows], *, title: str = "") -> bytes:
    """Write one workbook with a sheet per table: dates as spreadsheet dates, flags and numbers as numbers."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    kinds = load_codelist("ssda903_tables").set_index(["table", "column"])["kind"]
    for table, rows in tables.items():
        sheet = book.add_worksheet(table)
        if title:
            sheet.write_string(0, 0, title)
        first = 2 if title else 0
        for place, column in enumerate(columns_of(table)):
            sheet.write_string(first, place, column)
            for line, row in enumerate(rows, start=first + 1):
                _write(sheet, line, place, row.get(column, ""), kinds[table, column], date)
    book.close()
    return out.getvalue()


def _write(sheet, line: int, place: int, cell: str, kind: str, date) -> None:
    if cell and kind == DATE:
        day, month, year = map(int, cell.split("/"))
        sheet.write_datetime(line, place, dt.datetime(year, month, day), date)
    elif cell and kind in NUMBERS:
        sheet.write_number(line, place, float(cell))
    elif cell:
        sheet.write_string(line, place, cell)


# --- through the door ---------------------------------------------------------------------------------------------


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Put files into a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (folder / name).write_bytes(raw if isinstance(raw, bytes) else raw.encode("utf-8"))
    return folder


def typed(folder: Path, period: dt.date = PERIOD) -> Collection:
    """Read and type the collection in a folder."""
    return type_collection(read_collection(folder, period))


def account(collection: Collection) -> dict[str, tuple[int, int, int, int]]:
    """Rows read, kept, set aside and repeated, by table."""
    names = ["rows_read", "rows_kept", "rows_set_aside", "rows_repeated"]
    counts = collection.files.groupby("table", sort=False)[names].sum()
    return {table: tuple(row) for table, row in zip(counts.index, counts.to_numpy().tolist(), strict=True)}
