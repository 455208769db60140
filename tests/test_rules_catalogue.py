"""Every rule of codelists/rules.csv: a smallest return that breaks it, and one beside it that does not.

A case starts from a clean return of this year and last, and edits it. An edit is `table line COLUMN=cell ...`; the
first line of a table is 2, as in its file; `table +2 ...` adds a copy of line 2; `table -` takes all rows out; a table
called last.<name> is last year's; a blank after the equals sign is a blank cell. Edits are joined by semicolons.
"""

import datetime as dt
from typing import NamedTuple

import pandas as pd
import pytest

from helpers.codes import load_codelist
from helpers.rules import check_rules, load_rules
from helpers.rules.engine import CHECKS

COLUMNS = {
    "header": "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB",
    "episodes": "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN",
    "reviews": "CHILD DOB REVIEW REVIEW_CODE",
    "uasc": "CHILD SEX DOB DUC",
    "oc2": "CHILD DOB SDQ_SCORE SDQ_REASON CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED",
    "oc3": "CHILD DOB IN_TOUCH ACTIV ACCOM",
    "ad1": "CHILD DOB DATE_INT DATE_MATCH FOSTER_CARE NB_ADOPTR SEX_ADOPTR LS_ADOPTR",
    "placed_adoption": "CHILD DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED",
    "prev_perm": "CHILD DOB PREV_PERM LA_PERM DATE_PERM",
    "missing": "CHILD DOB MISSING MIS_START MIS_END",
    "social_worker": "CHILD DOB SW_ID SW_DECOM SW_DEC SW_REASON",
}
DATES = {
    "DOB",
    "MC_DOB",
    "DECOM",
    "DEC",
    "REVIEW",
    "DUC",
    "DATE_INT",
    "DATE_MATCH",
    "DATE_PLACED",
    "DATE_PLACED_CEASED",
    "DATE_PERM",
    "MIS_START",
    "MIS_END",
    "SW_DECOM",
    "SW_DEC",
}
NUMBERS = {
    "MOTHER",
    "SDQ_SCORE",
    "CONVICTED",
    "HEALTH_CHECK",
    "IMMUNISATIONS",
    "TEETH_CHECK",
    "HEALTH_ASSESSMENT",
    "SUBSTANCE_MISUSE",
    "INTERVENTION_RECEIVED",
    "INTERVENTION_OFFERED",
    "FOSTER_CARE",
    "NB_ADOPTR",
    "UASC",
    "PL_DISTANCE",
}
POSTCODES = frozenset({"AA1 1AA", "AA2 2AA"})
SET_ASIDE = ["period", "file", "table", "row", "column", "outcome", "rule"]

# A: in care since 2023. D: adopted this year. L: a care leaver. Invented, all of it.
CLEAN = {
    "header": [
        "CHILD=A SEX=F DOB=2010-05-05 ETHNIC=WBRI UPN=A123456789012",
        "CHILD=D SEX=M DOB=2020-02-02 ETHNIC=BCRB UPN=UN1",
        "CHILD=L SEX=M DOB=2004-06-06 ETHNIC=AIND UPN=UN3",
    ],
    "episodes": [
        "CHILD=A DECOM=2023-05-01 RNE=S LS=C2 CIN=N1 PLACE=U4 PLACE_PROVIDER=PR1 HOME_POST=AA1_1AA PL_POST=AA2_2AA URN=SC00001",
        "CHILD=D DECOM=2023-05-01 RNE=S LS=E1 CIN=N1 PLACE=A5 PLACE_PROVIDER=PR1 DEC=2024-09-01 REC=E12 HOME_POST=AA1_1AA PL_POST=AA2_2AA URN=SC00001",
    ],
    "reviews": ["CHILD=A DOB=2010-05-05 REVIEW=2024-06-01 REVIEW_CODE=PN1"],
    "uasc": ["CHILD=A SEX=F DOB=2010-05-05 DUC=2028-05-05"],
    "oc2": ["CHILD=A DOB=2010-05-05 SDQ_SCORE=10 CONVICTED=0 IMMUNISATIONS=1 TEETH_CHECK=1 HEALTH_ASSESSMENT=1 SUBSTANCE_MISUSE=0"],
    "oc3": ["CHILD=L DOB=2004-06-06 IN_TOUCH=YES ACTIV=F1 ACCOM=U1"],
    "ad1": ["CHILD=D DOB=2020-02-02 DATE_INT=2023-08-01 DATE_MATCH=2023-10-01 FOSTER_CARE=0 NB_ADOPTR=2 SEX_ADOPTR=MF LS_ADOPTR=L11"],
    "placed_adoption": ["CHILD=D DOB=2020-02-02 DATE_PLACED=2023-11-01"],
    "prev_perm": ["CHILD=A DOB=2010-05-05 PREV_PERM=Z1"],
    "missing": ["CHILD=A DOB=2010-05-05 MISSING=M MIS_START=2024-07-01 MIS_END=2024-07-03"],
    "social_worker": ["CHILD=A DOB=2010-05-05 SW_ID=SW1 SW_DECOM=2023-05-01 SW_REASON=FCONTA"],
}  # fmt: skip
CLEAN_LAST = {
    "header": [line.replace("SEX=F", "SEX=2").replace("SEX=M", "SEX=1") for line in CLEAN["header"]],
    "episodes": [line.replace("DEC=2024-09-01 REC=E12 ", "") for line in CLEAN["episodes"]],
    "uasc": CLEAN["uasc"],
    "missing": ["CHILD=A DOB=2010-05-05 MISSING=M MIS_START=2023-07-01 MIS_END=2023-07-03"],
}
NEXT = "episodes 2 DEC=2024-06-01 REC=X1; episodes +2 DECOM=2024-06-01 DEC= REC= "
"""A second episode of A from 1 June 2024, line 4."""
TEMPORARY = "episodes 2 DEC=2024-06-01 REC=X1; episodes +2 DECOM=2024-06-01 RNE=P PLACE=T1 PLACE_PROVIDER= DEC=2024-06-05; episodes +2 DECOM=2024-06-05 RNE=P DEC= REC= "
"""A temporary placement of A, line 4, and one after it, line 5."""


class Drawn(NamedTuple):
    """A collection as the rules see it."""

    period: dt.date
    return_year: int
    tables: dict[str, pd.DataFrame]
    set_aside: pd.DataFrame


def cells(text: str) -> dict[str, str]:
    return {
        name: cell.replace("_", " ") if name.endswith("POST") else cell
        for name, cell in (part.split("=", 1) for part in text.split())
    }


def typed(table: str, rows: list[dict], file: str) -> pd.DataFrame:
    """Rows of text cells as the contract of the typed tables has them."""
    extra = sorted({name for row in rows for name in row} - set(COLUMNS[table].split()))
    frame = pd.DataFrame(rows, columns=[*COLUMNS[table].split(), *extra], dtype="str").replace("", None)
    for name in frame:
        frame[name] = (
            pd.to_datetime(frame[name]).astype("datetime64[us]")
            if name in DATES
            else frame[name].astype("float64" if name in NUMBERS else "str")
        )
    return frame.assign(_file=pd.Series([file] * len(frame), dtype="str"), _row=range(2, len(frame) + 2))


def draw(edits: str = "", year: int = 2025) -> tuple[Drawn, Drawn]:
    """The clean return of this year and last, with edits."""
    held = {name: [cells(line) for line in lines] for name, lines in CLEAN.items()}
    held |= {f"last.{name}": [cells(line) for line in lines] for name, lines in CLEAN_LAST.items()}
    gone = {name: [] for name in ("this", "last")}
    for edit in filter(None, (part.strip() for part in edits.split(";"))):
        table, line, *rest = edit.split()
        if line == "-":
            held[table] = []
        elif line.startswith("+"):
            held[table].append(held[table][int(line[1:]) - 2] | cells(" ".join(rest)))
        elif line == "aside":
            outcome = "exact repeat" if rest[0] == "repeat" else "set aside"
            gone["this"].append(
                ["2025-03-31", f"{table}.csv", table, 99, "" if rest[0] == "repeat" else rest[0], outcome, "why"]
            )
        else:
            held[table][int(line) - 2] |= cells(" ".join(rest))
    tables = {name: typed(name.removeprefix("last."), rows, f"{name}.csv") for name, rows in held.items()}
    this = {name: rows for name, rows in tables.items() if not name.startswith("last.")}
    last = {name.removeprefix("last."): rows for name, rows in tables.items() if name.startswith("last.")}
    return (
        Drawn(dt.date(year, 3, 31), year, this, pd.DataFrame(gone["this"], columns=SET_ASIDE)),
        Drawn(dt.date(year - 1, 3, 31), year - 1, last, pd.DataFrame(columns=SET_ASIDE)),
    )


# code, table (blank: the only one), edits that break it, lines told, edits beside it that do not, return year
CASES = [
    ("102", "", "header 2 DOB=", [2], "header 2 DOB=2010-05-06"),
    ("301", "", "header 2 DOB=2025-04-01", [2], "header 2 DOB=2025-03-31"),
    ("351", "", "header 4 DOB=1998-04-01", [4], "header 4 DOB=1998-04-02"),
    ("101", "", "header 2 SEX=X", [2], "header 2 SEX=2"),
    ("YEAR01", "", "header 2 SEX=2", [2], "header 2 SEX=U"),
    ("232", "", "header 2 SEX=U", [2], "header 2 SEX=F"),
    ("103", "", "header 2 ETHNIC=; header 3 ETHNIC=UNKN", [2, 3], "header 2 ETHNIC=NOBT"),
    ("168", "", "header 2 UPN=I123456789012; header 3 UPN=UN6", [2, 3], "header 2 UPN=A12345678901B; header 3 UPN=UN5"),
    ("442", "", "header 2 UPN=", [2], "header 4 UPN="),
    ("444", "", "header 3 UPN=A123456789012", [2, 3], "header +2 SEX=F; header 3 UPN=UN3", 2026),
    ("141", "", "episodes 2 DECOM=", [2], "episodes 2 DECOM=2023-05-02"),
    ("147", "", "episodes aside DEC", [99], "episodes 2 DEC="),
    ("143", "", "episodes 2 RNE=Q", [2], "episodes 2 RNE=B"),
    ("144", "", "episodes 2 LS=", [2], "episodes 2 LS=V4"),
    ("145", "", "episodes 2 CIN=N9", [2], "episodes 2 CIN=N8"),
    ("146", "", "episodes 2 PLACE=Z11", [2], "episodes 2 PLACE=K3"),
    ("149", "", "episodes 3 REC=E44", [3], "episodes 3 REC=E48"),
    ("1009", "", "episodes 3 REASON_PLACE_CHANGE=LIIAF", [3], "episodes 3 REASON_PLACE_CHANGE=CUSTOD"),
    ("178", "", "episodes 2 PLACE_PROVIDER=PR9; episodes 3 PLACE=T0", [2, 3], "episodes 2 PLACE_PROVIDER=PR5; episodes 3 PLACE=T0 PLACE_PROVIDER="),
    ("392c", "", "episodes 2 PL_POST=AA9_9ZZ", [2], "episodes 2 PL_POST="),
    ("148", "", "episodes 2 REC=E4A; episodes 3 REC=", [2, 3], "episodes 2 DEC=2025-03-01 REC=E4A"),
    ("142", "", "episodes +2 DECOM=2024-06-01", [2], NEXT + "RNE=P"),
    ("355", "", "episodes 3 DEC=2023-05-01", [3], "episodes 3 DEC=2023-05-02"),
    ("356", "", "episodes 3 DEC=2023-04-30", [3], "episodes 3 DEC=2023-05-01"),
    ("353", "", "episodes 2 DECOM=1991-10-13", [2], "episodes 2 DECOM=1991-10-14"),
    ("354", "", "episodes 2 DECOM=2025-04-01", [2], "episodes 2 DECOM=2025-03-31"),
    ("385", "", "episodes 3 DEC=2025-04-01", [3], "episodes 3 DEC=2025-03-31"),
    ("302", "", "episodes 2 DECOM=2010-05-04", [2], "episodes 2 DECOM=2010-05-05"),
    ("352", "", "header 2 DOB=2005-05-01", [2], "header 2 DOB=2005-05-02"),
    ("501", "", "episodes 2 DEC=2024-06-02 REC=X1; episodes +2 DECOM=2024-06-01 DEC= REC=", [4], NEXT),
    ("357", "", "episodes 2 RNE=P DECOM=2024-05-01", [2], "episodes 2 RNE=P"),
    ("431", "", NEXT + "RNE=S", [4], NEXT + "RNE=P"),
    ("432", "", NEXT + "RNE=P; episodes 2 REC=E4A", [4], NEXT + "RNE=S; episodes 2 REC=E4A"),
    ("433", "", NEXT + "RNE=P; episodes 4 DECOM=2024-06-02", [4], NEXT + "RNE=P"),
    ("388", "", NEXT + "DECOM=2024-06-02; episodes 3 REC=X1", [2, 3], NEXT),
    ("434", "", NEXT + "RNE=L; episodes +2 CHILD=E DEC=2024-06-01; episodes +2 CHILD=E RNE=L LS=C1 PLACE=U1 DECOM=2024-06-01 DEC=", [4, 6], NEXT + "RNE=L LS=C1"),
    ("435", "", NEXT + "RNE=P; episodes +2 CHILD=E DEC=2024-06-01; episodes +2 CHILD=E RNE=T LS=C1 PLACE=U1 DECOM=2024-06-01 DEC=", [4, 6], NEXT + "RNE=T URN=SC00002"),
    ("436", "", NEXT + "RNE=B LS=C1", [4], NEXT + "RNE=U LS=C1 PLACE=U1"),
    ("437", "", NEXT + "RNE=S DEC=2024-07-01 REC=E4A; episodes 2 REC=E2; episodes +4 DECOM=2024-08-01 DEC= REC=", [4, 5], NEXT + "RNE=S; episodes 2 REC=E4A"),
    ("504", "", NEXT + "RNE=P CIN=N2", [4], NEXT + "RNE=S CIN=N2; episodes 2 REC=E4A"),
    ("225", "", NEXT + "RNE=P PLACE=U1", [2], NEXT + "RNE=P PLACE=U1; episodes 2 REASON_PLACE_CHANGE=CARPL"),
    ("226", "", TEMPORARY + "; episodes 2 REASON_PLACE_CHANGE=CARPL", [2], TEMPORARY),
    ("233", "", "episodes 2 REASON_PLACE_CHANGE=CARPL", [2], "episodes 3 REASON_PLACE_CHANGE=CARPL", 2026),
    ("380", "", "episodes 2 PLACE=T0", [2], "episodes 2 PLACE=T0 RNE=P"),
    ("381", "", "episodes 3 PLACE=T4", [3], TEMPORARY),
    ("383", "", TEMPORARY + "PLACE=U1", [5], TEMPORARY),
    ("365", "", "episodes 2 LS=V3 DECOM=2024-05-01 DEC=2024-05-19", [2], "episodes 2 LS=V3 DECOM=2024-05-01 DEC=2024-05-18"),
    ("367", "", "episodes 2 LS=V3 DECOM=2024-05-01 DEC=2024-07-10; episodes +2 DECOM=2024-08-01 DEC=2024-08-07", [2, 4], "episodes 2 LS=V3 DECOM=2024-05-01 DEC=2024-07-10; episodes +2 DECOM=2024-08-01 DEC=2024-08-06"),
    ("361", "", "episodes 2 LS=L1 DECOM=2024-05-01 DEC=2024-05-03; episodes +2 DECOM=2024-05-03 DEC=2024-05-05", [4], "episodes 2 LS=L1 DECOM=2024-05-01 DEC=2024-05-04"),
    ("371", "", "episodes 2 PLACE=K3", [2], "episodes 2 PLACE=K3; header 2 DOB=2007-05-01"),
    ("386", "", "header 3 DOB=2006-09-01", [3], "header 3 DOB=2006-09-02"),
    ("387", "", "episodes 3 REC=E5", [3], "episodes 3 REC=E6; header 3 DOB=2010-09-01"),
    ("526", "", "episodes 2 PLACE_PROVIDER=", [2], "episodes 2 PLACE_PROVIDER= PLACE=T0"),
    ("550", "", "episodes 2 PLACE_PROVIDER=PR0", [2], "episodes 2 PLACE_PROVIDER=PR0 PLACE=P1"),
    ("218", "", "episodes 2 URN=", [2], "episodes 2 URN=XXXXXXX; episodes 3 URN= PL_POST=CF1_1AA"),
    ("222", "", "episodes 2 PLACE=P1", [2], "episodes 2 PLACE=P1 URN=XXXXXXX; episodes 3 PLACE=P1 URN="),
    ("601", "", "ad1 2 LS_ADOPTR=", [3], "episodes 3 DEC=2024-03-31; ad1 2 LS_ADOPTR="),
    ("602", "", "episodes 3 REC=E4A", [2], "episodes 3 REC=E11"),
    *((code, "", f"{table} 2 CHILD=Q", [2], f"{table} 2 CHILD=A") for code, table in {
        "INT01": "ad1", "INT02": "placed_adoption", "INT03": "episodes", "INT04": "missing", "INT05": "oc2", "INT06": "oc3", "INT07": "prev_perm", "INT08": "reviews", "INT09": "uasc"}.items()),
    *((code, "", f"{table} 2 DOB=2001-01-01", [2], f"{table} 2 DOB=") for code, table in {
        "INT11": "ad1", "INT12": "placed_adoption", "INT13": "missing", "INT14": "oc2", "INT15": "oc3", "INT16": "prev_perm", "INT17": "reviews", "INT18": "uasc"}.items()),
    ("INT21", "", "uasc 2 SEX=1", [2], "uasc 2 SEX=2"),
    *((code, "", f"{table} +2", [2, len(CLEAN[table]) + 2], f"{table} +2 CHILD=Q") for code, table in {
        "INT31": "ad1", "INT32": "header", "INT33": "oc2", "INT34": "oc3", "INT35": "prev_perm", "INT36": "uasc"}.items()),
    ("REP01", "", "episodes +2 LS=C1; episodes aside repeat", [2, 4, 99], NEXT),
    ("REP02", "", "reviews +2", [2, 3], "reviews +2 REVIEW=2024-12-01"),
    ("REP03", "", "missing +2", [2, 3], "missing +2 MIS_START=2024-08-01"),
    ("EPI", "", "header +2 CHILD=Q", [5], "header +2 CHILD=Q; oc3 +2 CHILD=Q"),
    *(("1012", table, f"{table} 2 CHILD=L", [2], f"{table} 2 CHILD=D") for table in ["ad1", "placed_adoption", "reviews", "missing", "oc2", "prev_perm"]),
    ("166", "", "reviews 2 REVIEW=", [2], "reviews 2 REVIEW=2024-07-01"),
    ("167", "", "reviews 2 REVIEW_CODE=", [2], "reviews 2 REVIEW_CODE=PN7"),
    ("440", "", "reviews 2 REVIEW_CODE=PN0 DOB=2020-06-01", [2], "reviews 2 REVIEW_CODE=PN0 DOB=2020-06-02"),
    ("441", "", "reviews 2 DOB=2020-06-02", [2], "reviews 2 DOB=2020-06-01"),
    ("303", "", "header 2 UASC=0", [2], "header 2 UASC=1"),
    ("304", "", "uasc 2 DUC=2028-05-06", [2], "uasc 2 DUC=2028-05-05"),
    ("567", "", "missing 2 MIS_END=2024-06-30", [2], "missing 2 MIS_END=2024-07-01"),
    ("574", "", "missing +2 MIS_START=2024-07-02; missing +2 CHILD=D MIS_END=; missing +2 CHILD=D MIS_START=2024-09-01", [3, 5], "missing +2 MIS_START=2024-07-03"),
    ("577", "", "missing 2 CHILD=D MIS_END=", [2], "missing 2 MIS_END="),
    ("180", "", "oc2 2 SDQ_SCORE=41; oc2 +2 SDQ_SCORE=1.5; oc2 +2 SDQ_SCORE=-1", [2, 3, 4], "oc2 2 SDQ_SCORE=40; oc2 +2 SDQ_SCORE=0"),
    ("197a", "", "oc2 2 SDQ_REASON=SDQ2", [2], "oc2 2 SDQ_SCORE= SDQ_REASON=SDQ2"),
    ("191", "", "oc2 2 TEETH_CHECK=", [2], "oc2 2 CONVICTED="),
    ("190", "", "episodes 2 DECOM=2024-04-02", [2], "episodes 2 DECOM=2024-04-01"),
    ("158", "", "oc2 2 INTERVENTION_RECEIVED=1 INTERVENTION_OFFERED=0", [2], "oc2 2 INTERVENTION_RECEIVED=0 INTERVENTION_OFFERED=1"),
    ("159", "", "oc2 2 SUBSTANCE_MISUSE=1 INTERVENTION_RECEIVED=0", [2], "oc2 2 SUBSTANCE_MISUSE=1 INTERVENTION_RECEIVED=1"),
    ("192", "", "oc2 2 SUBSTANCE_MISUSE=1", [2], "oc2 2 SUBSTANCE_MISUSE=1 INTERVENTION_RECEIVED=0"),
    ("193", "", "oc2 2 INTERVENTION_OFFERED=0", [2], "oc2 2 SUBSTANCE_MISUSE=1 INTERVENTION_RECEIVED=1"),
    ("131", "", "oc3 2 IN_TOUCH=", [2], "oc3 2 IN_TOUCH=NREQ"),
    ("132", "", "oc3 2 ACTIV=F9", [2], "oc3 2 ACTIV=F3"),
    ("YEAR02", "", "oc3 2 ACTIV=F3", [2], "oc3 2 ACTIV=F4"),
    ("133", "", "oc3 2 ACCOM=S1; oc3 +2 ACCOM=X1", [2, 3], "oc3 2 ACCOM=S2; oc3 +2 ACCOM=X2"),
    ("344", "", "oc3 2 IN_TOUCH=RHOM ACTIV=0", [2], "oc3 2 IN_TOUCH=RHOM ACTIV=0 ACCOM=0"),
    ("345", "", "oc3 2 ACTIV=0; oc3 +2 ACTIV=F1 ACCOM=", [2, 3], "oc3 2 IN_TOUCH=NO ACTIV= ACCOM="),
    ("1000", "", "episodes 3 REC=E2; oc3 2 CHILD=D", [2], "oc3 2 CHILD=D"),
    ("202", "", "header 2 SEX=M", [2], "header 2 SEX=2"),
    ("203", "", "header 2 DOB=2010-05-06", [2], "header 2 DOB="),
    ("204", "", "header 2 ETHNIC=WIRI", [2], "header 2 ETHNIC=WIRI; last.header 2 ETHNIC=NOBT"),
    ("208", "", "header 2 UPN=UN1", [2], "header 3 UPN=B123456789012"),
    ("205A", "", "uasc -", [2], "uasc -; last.uasc 2 DUC=2024-03-31"),
    ("205B", "", "uasc 2 DUC=2028-05-04", [2], "last.uasc 2 DUC="),
    ("205C", "", "header 2 UASC=0; last.header 2 UASC=0", [2], "header 2 UASC=0; last.header 2 UASC=1"),
    ("205D", "", "uasc +2 CHILD=D", [3], "uasc +2 CHILD=Q"),
    ("502", "", "episodes 2 DECOM=2023-05-02", [2], "episodes 2 DECOM=2023-05-02; last.episodes 2 DEC=2024-03-31"),
    *((f"503{letter}", "", f"episodes 2 {name}={other}", [2], f"episodes 2 {name}={other} DECOM=2024-05-01") for letter, name, other in [
        ("A", "RNE", "P"), ("B", "LS", "C1"), ("C", "CIN", ""), ("D", "PLACE", "U1"), ("E", "PLACE_PROVIDER", "PR4")]),
    ("503F", "", "episodes 2 URN=SC00002", [2], "episodes 2 URN=SC00002; last.episodes 2 URN=XXXXXXX"),
    ("503G", "", "episodes 2 PL_DISTANCE=3.0; last.episodes 2 PL_DISTANCE=2.5", [2], "episodes 2 PL_DISTANCE=3.0; last.episodes 2 PL_DISTANCE=2.9"),
    ("503H", "", "episodes 2 PL_LA=E1; last.episodes 2 PL_LA=E2", [2], "episodes 2 PL_LA=E1; last.episodes 2 PL_LA=E1"),
    ("503J", "", "episodes 2 PL_LOCATION=IN; last.episodes 2 PL_LOCATION=OUT", [2], "episodes 2 PL_LOCATION=IN; last.episodes 2 PL_LOCATION=IN"),
    ("NoE", "", "episodes +2 CHILD=L", [4], "episodes +2 CHILD=L DECOM=2024-04-01"),
    ("562", "", "episodes 2 DECOM=2023-05-02", [2], "episodes 2 DECOM=2024-05-02"),
    ("1010", "", "episodes 2 CHILD=Q; oc3 2 CHILD=A", [2], "oc3 2 CHILD=A"),
    ("576", "", "last.missing 2 MIS_END=", [2], "last.missing 2 MIS_END=; missing 2 MIS_START=2023-07-01"),
    ("SW18", "", "social_worker 2 SW_DEC=2023-04-30", [2], "social_worker 2 SW_DEC=2023-05-01"),
    ("SW08", "", "social_worker +2 SW_DECOM=2024-05-01", [2], "social_worker 2 SW_DEC=2024-05-01; social_worker +2 SW_DECOM=2024-05-01 SW_DEC="),
    ("SW10", "", "social_worker 2 SW_DEC=2024-05-02; social_worker +2 SW_DECOM=2024-05-01 SW_DEC=", [3], "social_worker 2 SW_DEC=2024-05-01; social_worker +2 SW_DECOM=2024-05-01 SW_DEC="),
    ("SW19", "", "social_worker +2", [2, 3], "social_worker +2 SW_DECOM=2024-05-01"),
    ("SW13STG1", "", "social_worker 2 SW_REASON=BORED", [2], "social_worker 2 SW_REASON=OTHERS"),
]  # fmt: skip


def find(report, code: str, table: str):
    found = report.summary[(report.summary["code"] == code) & (report.summary["table"] == table if table else True)]
    assert len(found) == 1, f"{code} {table} should be one rule"
    line = found.iloc[0]
    told = report.rows[(report.rows["code"] == code) & (report.rows["table"] == line["table"])]
    return line, sorted(told["row"])


def case_id(case) -> str:
    return f"{case[0]} {case[1]}".strip()


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_smallest_return_breaks_the_rule_on_its_lines(case):
    code, table, breaking, lines, _, *year = case
    this, last = draw(breaking, *year)
    line, told = find(check_rules(this, last, known_postcodes=POSTCODES, only=frozenset({code})), code, table)
    assert (line["status"], line["rows_broken"], told) == ("broken", len(lines), lines)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_return_beside_it_does_not_break_the_rule(case):
    code, table, _, _, beside, *year = case
    this, last = draw(beside, *year)
    line, told = find(check_rules(this, last, known_postcodes=POSTCODES, only=frozenset({code})), code, table)
    assert (line["status"], line["reason_skipped"], told) == ("passed", "", [])


def test_the_clean_return_breaks_no_rule():
    this, last = draw()
    told = check_rules(this, last, known_postcodes=POSTCODES).summary
    assert set(told.loc[told["status"] == "broken", "code"]) == set()
    assert set(told.loc[told["status"] == "skipped", "code"]) == {"303", "205C", "503G", "503H", "503J", "444", "233"}


def test_every_rule_has_a_function_and_a_case():
    rules = load_rules()
    assert {rule.check for rule in rules} == set(CHECKS)
    tested = {(code, table) for code, table, *_ in CASES}
    codes = {rule.code for rule in rules if (rule.code, "") not in tested and (rule.code, rule.table) not in tested}
    assert codes == set()


def test_every_row_of_the_catalogue_is_complete():
    listed = load_codelist("rules")
    assert list(listed) == [
        "code",
        "table",
        "fields",
        "severity",
        "rule_class",
        "check",
        "parameters",
        "first_year",
        "last_year",
        "message",
        "needs_previous",
        "source",
    ]
    assert not listed.duplicated(["code", "table"]).any()
    assert set(listed["severity"]) == {"error", "warning"}
    assert set(listed["needs_previous"]) == {"yes", ""}
    assert (listed["needs_previous"] == "yes").equals(
        listed["table"].str.startswith("previous.") | listed["fields"].str.contains("previous.")
    )
    for name in ("code", "table", "fields", "check", "message", "source"):
        assert (listed[name] != "").all(), name
    assert listed["message"].str.count(r"\. |\.$").ge(3).all(), "found, expected, to do"
    tables = {*COLUMNS, *(f"previous.{name}" for name in COLUMNS)}
    assert set(listed["table"]) <= tables


def test_every_rule_that_was_collected_is_in_the_catalogue(shared):
    """The list of rules worth checking, each code of its own, but for the three that change data."""
    wanted = pd.read_csv(shared / "returns" / "rules.csv", dtype=str)
    spans = {
        "INT03": [f"INT0{n}" for n in range(1, 10)], "INT11-18": [f"INT{n}" for n in range(11, 19)], "INT31-36": [f"INT{n}" for n in range(31, 37)],
        "205A-D": ["205A", "205B", "205C", "205D"], "503A-J": [f"503{letter}" for letter in "ABCDEFGHJ"],
    }  # fmt: skip
    codes = [
        code
        for rule in wanted.loc[wanted["severity_suggested"] != "fix", "rule"]
        for code in spans.get(rule, rule.split("/"))
    ]
    assert set(codes) - {rule.code for rule in load_rules()} == set()
