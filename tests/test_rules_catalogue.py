"""Every rule of codelists/rules.csv: a smallest return that breaks it, and one beside it that does not.

A case starts from a clean return of this year and last, and edits it. An edit is `table line COLUMN=cell ...`; the
first line of a table is 2, as in its file; `table +2 ...` adds a copy of line 2; `table -` takes all rows out; a table
called last.<name> is last year's; a blank after the equals sign is a blank cell. Edits are joined by semicolons.
"""

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

import pandas as pd
import pytest

from helpers.codes import load_codelist
from helpers.link_years import link_episodes
from helpers.rules import check_rules, load_rules
from helpers.rules.engine import CHECKS

SPEC = load_codelist("ssda903_tables")
COLUMNS = {table: own["column"].tolist() for table, own in SPEC.groupby("table", sort=False)}
DATES = set(SPEC.loc[SPEC["kind"] == "date", "column"])
NUMBERS = {*SPEC.loc[SPEC["kind"].isin(["flag", "number", "decimal"]), "column"], "UASC"}
BOROUGH = "E09000006"
"""Bromley, where HOME_POST lies; PL_POST lies in Westminster."""
SET_ASIDE = ["period", "file", "table", "row", "column", "outcome", "code", "rule"]

# A: in care since 2023. D: adopted this year. L: a care leaver. Invented, all of it.
CLEAN = {
    "header": [
        "CHILD=A SEX=F DOB=2010-05-05 ETHNIC=WBRI UPN=A123456789012 MOTHER=0",
        "CHILD=D SEX=M DOB=2020-02-02 ETHNIC=BCRB UPN=UN1",
        "CHILD=L SEX=M DOB=2004-06-06 ETHNIC=AIND UPN=UN3",
    ],
    "episodes": [
        "CHILD=A DECOM=2023-05-01 RNE=S LS=C2 CIN=N1 PLACE=U4 PLACE_PROVIDER=PR1 HOME_POST=BR1_3UH PL_POST=SW1A_1AA URN=SC00001",
        "CHILD=D DECOM=2023-05-01 RNE=S LS=E1 CIN=N1 PLACE=A6 PLACE_PROVIDER=PR1 DEC=2024-09-01 REC=E12 HOME_POST=BR1_3UH PL_POST=SW1A_1AA URN=SC00001",
    ],
    "reviews": ["CHILD=A DOB=2010-05-05 REVIEW=2024-06-01 REVIEW_CODE=PN1"],
    "uasc": ["CHILD=A SEX=F DOB=2010-05-05 DUC=2028-05-05"],
    "oc2": ["CHILD=A DOB=2010-05-05 SDQ_SCORE=10 CONVICTED=0 IMMUNISATIONS=1 TEETH_CHECK=1 HEALTH_ASSESSMENT=1 SUBSTANCE_MISUSE=0"],
    "oc3": ["CHILD=L DOB=2004-06-06 IN_TOUCH=YES ACTIV=F1 ACCOM=U1"],
    "ad1": ["CHILD=D DOB=2020-02-02 DATE_INT=2023-08-01 DATE_MATCH=2023-10-01 FOSTER_CARE=0 NB_ADOPTR=2 SEX_ADOPTR=MF LS_ADOPTR=L11"],
    "placed_adoption": ["CHILD=D DOB=2020-02-02 DATE_PLACED=2023-08-01"],
    "prev_perm": ["CHILD=A DOB=2010-05-05 PREV_PERM=Z1"],
    "missing": ["CHILD=A DOB=2010-05-05 MISSING=M MIS_START=2024-07-01 MIS_END=2024-07-03"],
    "social_worker": ["CHILD=A DOB=2010-05-05 SW_ID=SW1 SW_DECOM=2023-05-01 SW_REASON=FCONTA"],
    "dolo": ["CHILD=A DOB=2010-05-05 DOLO_START=2026-06-01 DOLO_END=2026-07-01"],
    "annex_a_8": ["CHILD=A DOB=2010-05-05 AGE=14 STARTED_ON=2023-05-01 LEGAL_STATUS_ON=2023-06-01 PLACED_ON=2023-05-01 REVIEWED_ON=2024-06-01 VISITED_ON=2025-03-01 IRO_VISITED_ON=2025-01-01 HEALTH_ASSESSED_ON=2024-08-01 DENTAL_CHECK_ON=2024-08-01 MISSING_EPISODES=1 INTERVIEW_OFFERED=1 INTERVIEW_ACCEPTED=1 PL_POST=SW1A_1AA"],
    "annex_a_9": ["CHILD=L DOB=2004-06-06 AGE=20.81 PATHWAY_PLAN_ON=2024-12-01 CONTACTED_ON=2025-03-01"],
    "annex_a_10": ["CHILD=D DOB=2020-02-02 AGE=5 STARTED_ON=2023-05-01 DECIDED_ON=2023-08-01 PLACEMENT_ORDER_ON=2023-09-01 DATE_MATCH=2023-10-01 DATE_PLACED=2023-11-01 ADOPTED_ON=2024-09-01"],
}  # fmt: skip
CLEAN_LAST = {
    "header": [line.replace("SEX=F", "SEX=2").replace("SEX=M", "SEX=1") for line in CLEAN["header"]],
    "episodes": [line.replace("DEC=2024-09-01 REC=E12 ", "") for line in CLEAN["episodes"]],
    "uasc": CLEAN["uasc"],
    "missing": ["CHILD=A DOB=2010-05-05 MISSING=M MIS_START=2023-07-01 MIS_END=2023-07-03"],
    "dolo": CLEAN["dolo"],
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
    return _typed(table, tuple(tuple(row.items()) for row in rows), file).copy()


@lru_cache
def _typed(table: str, rows: tuple, file: str) -> pd.DataFrame:
    told = [dict(row) for row in rows]
    extra = sorted({name for row in told for name in row} - set(COLUMNS[table]))
    frame = pd.DataFrame(told, columns=[*COLUMNS[table], *extra], dtype="str").replace("", None)
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
    gone = []
    for edit in filter(None, (part.strip() for part in edits.split(";"))):
        table, line, *rest = edit.split()
        if line == "-":
            held[table] = []
        elif line.startswith("+"):
            held[table].append(held[table][int(line[1:]) - 2] | cells(" ".join(rest)))
        elif line == "aside":
            column, outcome = ("", "exact repeat") if rest[0] == "repeat" else (rest[0], "set aside")
            gone.append(["2025-03-31", f"{table}.csv", table, 99, column, outcome, "", "why"])
        else:
            held[table][int(line) - 2] |= cells(" ".join(rest))
    tables = {name: typed(name.removeprefix("last."), rows, f"{name}.csv") for name, rows in held.items()}
    this = {name: rows for name, rows in tables.items() if not name.startswith("last.")}
    last = {name.removeprefix("last."): rows for name, rows in tables.items() if name.startswith("last.")}
    return (
        Drawn(dt.date(year, 3, 31), year, this, pd.DataFrame(gone, columns=SET_ASIDE)),
        Drawn(dt.date(year - 1, 3, 31), year - 1, last, pd.DataFrame(columns=SET_ASIDE)),
    )


# code, table (blank: the only one), edits that break it, lines told, edits beside it that do not, return year
CASES = [
    ("102", "", "header 2 DOB=", [2], "header 2 DOB=2010-05-06"),
    ("301", "", "header 2 DOB=2025-04-01", [2], "header 2 DOB=2025-03-31"),
    ("351", "", "header 4 DOB=1999-03-31", [4], "header 4 DOB=1999-04-01"),
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
    ("144", "", "episodes 2 LS=; episodes 3 LS=C9", [2, 3], "episodes 2 LS=V4; episodes 3 LS=D1"),
    ("145", "", "episodes 2 CIN=N9", [2], "episodes 2 CIN=N8"),
    ("146", "", "episodes 2 PLACE=Z11", [2], "episodes 2 PLACE=K3"),
    ("149", "", "episodes 3 REC=E44", [3], "episodes 3 REC=E48"),
    ("1009", "", "episodes 3 REASON_PLACE_CHANGE=LIIAF", [3], "episodes 3 REASON_PLACE_CHANGE=CUSTOD"),
    ("178", "", "episodes 2 PLACE_PROVIDER=PR9; episodes 3 PLACE=T0", [2, 3], "episodes 2 PLACE_PROVIDER=PR5; episodes 3 PLACE=T0 PLACE_PROVIDER="),
    ("392c", "", "episodes 2 PL_POST=BR9_9ZZ; episodes 3 HOME_POST=ZZ99_3VZ", [2, 3], "episodes 2 PL_POST=; episodes 3 HOME_POST=BT1_5GS"),
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
    ("388", "", NEXT + "DECOM=2024-06-02; episodes 3 REC=X1; episodes +2 CHILD=L DEC= REC=X1", [2, 3, 5], NEXT + "; episodes 2 DEC="),
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
    ("218", "", "episodes 2 URN=", [2], "episodes 2 URN=XXXXXXX; episodes 3 URN= PL_POST=CF10_4UW; episodes +3 PL_POST=BT1_5GS; episodes +3 PL_POST=IM1_1AA"),
    ("222", "", "episodes 2 PLACE=P1", [2], "episodes 2 PLACE=P1 URN=XXXXXXX; episodes 3 PLACE=P1 URN="),
    ("222", "episodes", "episodes 2 PLACE=H5", [2], "episodes 2 PLACE=K3", 2023),
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
    ("303", "", "header 2 UASC=0", [2], "header 2 UASC=1; uasc +2 CHILD=D"),
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
    ("1000", "", "episodes 3 REC=E2; oc3 2 CHILD=D; last.episodes +2 CHILD=Q REC=E2; oc3 +2 CHILD=Q", [2, 3], "oc3 2 CHILD=D"),
    ("202", "", "header 2 SEX=M", [2], "header 2 SEX=2"),
    ("203", "", "header 2 DOB=2010-05-06", [2], "header 2 DOB="),
    ("204", "", "header 2 ETHNIC=WIRI", [2], "header 2 ETHNIC=WIRI; last.header 2 ETHNIC=NOBT"),
    ("208", "", "header 2 UPN=UN1", [2], "header 3 UPN=B123456789012"),
    ("205A", "", "uasc -", [2], "uasc -; last.uasc 2 DUC=2024-03-31"),
    ("205B", "", "uasc 2 DUC=2028-05-04; uasc +2 CHILD=D DUC=2024-06-01; last.uasc +2 CHILD=D DUC=2028-01-01", [2, 3], "uasc 2 DUC=2024-06-01; uasc +2 CHILD=D; last.uasc +2 CHILD=D DUC="),
    ("205C", "", "header 2 UASC=0; last.header 2 UASC=0", [2], "header 2 UASC=0; last.header 2 UASC=1"),
    ("205D", "", "uasc +2 CHILD=D", [3], "uasc +2 CHILD=Q"),
    ("502", "", "episodes 2 DECOM=2023-05-02", [2], "episodes 2 DECOM=2023-05-02; last.episodes 2 DEC=2024-03-31"),
    *((f"503{letter}", "", f"episodes 2 {name}={other}", [2], f"episodes 2 {name}={other} DECOM=2024-05-01") for letter, name, other in [
        ("A", "RNE", "P"), ("B", "LS", "C1"), ("C", "CIN", ""), ("E", "PLACE_PROVIDER", "PR4")]),
    ("503F", "", "episodes 2 URN=SC00002", [2], "episodes 2 URN=SC00002; last.episodes 2 URN=XXXXXXX"),
    ("503D", "", "episodes 2 PLACE=U1", [2], "last.episodes 2 PLACE=H5; episodes 2 PLACE=K3"),
    ("503G", "", "episodes 2 PL_POST=SW1A_1BA; episodes +2 CHILD=E PL_POST=CF10_4UW; last.episodes +2 CHILD=E", [4], "episodes 2 PL_POST=; last.episodes 3 HOME_POST="),
    ("503H", "", "episodes 2 PL_POST=CF10_4UW", [2], "episodes 2 PL_POST=SW1A_2AA"),
    ("503J", "", "episodes 2 PL_POST=BR1_3UH", [2], "episodes 2 PL_POST=CF10_4UW; last.episodes 3 PL_POST="),
    ("NoE", "", "episodes +2 CHILD=L", [4], "episodes +2 CHILD=L DECOM=2024-04-01"),
    ("562", "", "episodes 2 DECOM=2023-05-02; episodes +2 CHILD=L", [2, 4], "episodes 2 DECOM=2024-05-02"),
    ("1010", "", "episodes 2 CHILD=Q; oc3 2 CHILD=A", [2], "oc3 2 CHILD=A"),
    ("576", "", "last.missing 2 MIS_END=", [2], "last.missing 2 MIS_END=; missing 2 MIS_START=2023-07-01"),
    ("SW18", "", "social_worker 2 SW_DEC=2023-04-30", [2], "social_worker 2 SW_DEC=2023-05-01"),
    ("SW08", "", "social_worker +2 SW_DECOM=2024-05-01", [2], "social_worker 2 SW_DEC=2024-05-01; social_worker +2 SW_DECOM=2024-05-01 SW_DEC="),
    ("SW10", "", "social_worker 2 SW_DEC=2024-05-02; social_worker +2 SW_DECOM=2024-05-01 SW_DEC=", [3], "social_worker 2 SW_DEC=2024-05-01; social_worker +2 SW_DECOM=2024-05-01 SW_DEC="),
    ("SW19", "", "social_worker +2", [2, 3], "social_worker +2 SW_DECOM=2024-05-01"),
    ("SW13STG1", "", "social_worker 2 SW_REASON=BORED", [2], "social_worker 2 SW_REASON=OTHERS"),
    # The first field cannot be read: the row was set aside, and stands in the account of those that were.
    *((code, "", f"{table} aside {column}", [99], f"{table} 2 {column}=") for code, table, column in [
        ("165", "header", "MOTHER"), ("171", "header", "MC_DOB"), ("POST01", "episodes", "HOME_POST"), ("POST02", "episodes", "PL_POST"),
        ("1005", "missing", "MIS_END"), ("113", "ad1", "DATE_MATCH"), ("114", "ad1", "FOSTER_CARE"), ("116", "placed_adoption", "DATE_PLACED_CEASED")]),
    *((code, "", f"{table} aside {column}", [99], f"{table} 2 {column}=", year) for code, table, column, year in [
        ("SW05", "social_worker", "SW_DEC", 2025), ("701", "dolo", "DOLO_END", 2027)]),
    *((code, "", f"{table} 2 {column}=; {table} aside {column}", [2, 99], f"{table} 2 {column}=2024-05-01", year) for code, table, column, year in [
        ("104", "uasc", "DUC", 2025), ("1004", "missing", "MIS_START", 2025), ("112", "ad1", "DATE_INT", 2025), ("115", "placed_adoption", "DATE_PLACED", 2025),
        ("SW04", "social_worker", "SW_DECOM", 2025), ("700", "dolo", "DOLO_START", 2027), ("A802", "annex_a_8", "STARTED_ON", 2025), ("A1002", "annex_a_10", "DECIDED_ON", 2025)]),
    # header
    ("174", "", "header 3 MC_DOB=2024-05-01", [3], "header 2 MC_DOB=2024-05-01"),
    ("209", "", "header 3 DOB=2019-08-31", [3], "header 3 DOB=2019-09-01"),
    ("210", "", "header 2 UPN=UN4", [2], "header 2 UPN=UN4; episodes 2 DECOM=2025-03-24; header 3 UPN=UN4"),
    ("611", "", "header 2 MOTHER=1", [2], "header 2 MOTHER=1 MC_DOB=2024-05-01; header 3 MOTHER=0"),
    ("612", "", "header 2 MOTHER=0 MC_DOB=2024-05-01; header 4 MC_DOB=2024-05-01", [2, 4], "header 2 MOTHER=1 MC_DOB=2024-05-01"),
    ("620", "", "header 2 MOTHER=1 DOB=2013-04-02", [2], "header 2 MOTHER=1 DOB=2013-04-01"),
    ("621", "", "header 2 MC_DOB=2010-05-05", [2], "header 2 MC_DOB=2024-05-05"),
    ("625", "", "header 2 MC_DOB=2025-04-01", [2], "header 2 MC_DOB=2025-03-31"),
    ("207", "", "last.header 2 MOTHER=1; header 2 MOTHER=0", [2], "last.header 2 MOTHER=0; header 2 MOTHER=1"),
    ("624", "", "last.header 2 MC_DOB=2024-02-01; header 2 MC_DOB=2024-02-02", [2], "last.header 2 MC_DOB=2024-02-01; header 2 MC_DOB=2024-02-01"),
    # episodes
    ("392d", "", "episodes 2 PL_POST=BR1_3UH", [2], "episodes 2 PL_POST=BR1_3UH PLACE=P1; episodes 3 PL_POST= HOME_POST="),
    ("372", "", "episodes 3 PLACE=R5", [3], "episodes 2 PLACE=R5"),
    ("373", "", "episodes 3 PLACE=S1", [3], "episodes 3 PLACE=S1 DECOM=2024-02-02"),
    ("374", "", "episodes 2 PLACE=P3", [2], "episodes 2 PLACE=P3 DECOM=2024-05-05"),
    ("358", "", "episodes 3 LS=J1", [3], "episodes 2 LS=J1"),
    ("359", "", "header 2 DOB=2007-03-30", [2], "header 2 DOB=2007-03-31; header 3 DOB=2006-09-01"),
    ("359", "episodes", "header 2 DOB=2006-05-05; episodes 2 LS=V2", [2], "header 2 DOB=2006-05-05; episodes 2 LS=V2 PLACE=K2"),
    ("389", "", "episodes 3 REC=E7", [3], "episodes 3 REC=E7; header 3 DOB=2008-09-01"),
    ("407", "", "episodes 3 REC=E46; header 3 DOB=2006-09-01", [3], "episodes 3 REC=E46; header 3 DOB=2006-09-02"),
    ("460", "", "episodes 3 REC=E17; header 3 DOB=2006-09-02", [3], "episodes 3 REC=E17; header 3 DOB=2006-09-01"),
    ("362", "", "episodes 2 LS=L2 DECOM=2024-05-01 DEC=2024-05-23", [2], "episodes 2 LS=L2 DECOM=2024-05-01 DEC=2024-05-22"),
    ("363", "", "episodes 2 LS=L3 DECOM=2025-03-23", [2], "episodes 2 LS=L3 DECOM=2025-03-24"),
    ("375", "", "episodes 2 PLACE=T1 DECOM=2024-05-01 DEC=2024-06-13", [2], "episodes 2 PLACE=T1 DECOM=2024-05-01 DEC=2024-06-12"),
    ("376", "", "episodes 2 PLACE=T3 DECOM=2024-05-01 DEC=2024-05-23", [2], "episodes 2 PLACE=T3 DECOM=2024-05-01 DEC=2024-05-22"),
    ("379", "", "episodes 2 PLACE=T4 DECOM=2024-05-01 DEC=2024-05-09", [2], "episodes 2 PLACE=T4 DECOM=2024-05-01 DEC=2024-05-08"),
    ("366", "", "episodes 2 LS=V3 RNE=P", [2], "episodes 2 LS=V3; episodes 3 RNE=P"),
    ("378", "", "episodes 2 PLACE=P1 LS=V2", [2], "episodes 2 PLACE=P1; episodes 3 LS=V2"),
    ("382", "", "episodes 2 LS=V4 PLACE=T0", [2], "episodes 2 LS=V4; episodes 3 PLACE=T0"),
    ("384", "", "episodes 2 LS=V3", [2], "episodes 2 LS=V3 PLACE=U6"),
    ("390", "", "episodes 3 PLACE=U5", [3], "episodes 3 PLACE=A3"),
    ("408", "", "episodes 3 LS=C2", [3], "episodes 3 LS=C2 PLACE=A4"),
    ("516", "", "episodes 3 REC=E45", [3], "episodes 3 REC=E45 PLACE=U3"),
    *((code, "", f"episodes 2 PLACE_PROVIDER={provider} PLACE={place}", [2], f"episodes 2 PLACE_PROVIDER={provider} PLACE={other}") for code, provider, place, other in [
        ("527", "PR1", "R5", "K2"), ("528", "PR2", "R2", "U4"), ("529", "PR3", "K2", "R2"), ("530", "PR4", "P1", "U4"), ("531", "PR5", "P1", "U4")]),
    ("230", "", "episodes 2 PLACE=H5 URN=", [2], "episodes 2 PLACE=H5 URN= PL_POST=CF10_4UW; episodes 3 PLACE=H5 URN= DEC=2023-10-28"),
    ("551", "", "placed_adoption 2 DATE_PLACED=", [3], "episodes 3 PLACE=U4; placed_adoption -"),
    ("551", "episodes", "placed_adoption 2 CHILD=A", [3], "placed_adoption 2 DATE_PLACED=2019-01-01"),
    ("630", "", "episodes +2 CHILD=L DECOM=2024-05-01", [4], "episodes +2 CHILD=L DECOM=2024-03-31; episodes +2 CHILD=L DECOM=2024-05-01 RNE=P"),
    # reviews, missing, unaccompanied children
    ("REV01", "", "reviews 2 REVIEW=2010-05-04", [2], "reviews 2 REVIEW=2010-05-05"),
    ("REV02", "", "reviews 2 REVIEW=2024-03-31; reviews +2 REVIEW=2025-04-01", [2, 3], "reviews 2 REVIEW=2024-04-01; reviews +2 REVIEW=2025-03-31"),
    ("REV03", "", "reviews 2 CHILD=D REVIEW=2024-09-02", [2], "reviews 2 CHILD=D REVIEW=2024-09-01; reviews +2 CHILD=L"),
    ("REV03", "reviews", "episodes 2 DEC=2024-05-01; episodes +2 DECOM=2024-07-01 DEC=", [2], "episodes 2 DEC=2024-06-01; episodes +2 DECOM=2024-05-01 DEC=2024-05-02"),
    ("UASC01", "", "uasc 2 DUC=2010-05-05", [2], "uasc 2 DUC=2010-05-06"),
    ("1006", "", "missing 2 MISSING=X; missing +2 MISSING=", [2, 3], "missing 2 MISSING=A"),
    ("570", "", "missing 2 MIS_START=2025-04-01", [2], "missing 2 MIS_START=2025-03-31"),
    ("571", "", "missing 2 MIS_END=2024-03-31; missing +2 MIS_END=2025-04-01", [2, 3], "missing 2 MIS_END=2024-04-01; missing +2 MIS_END="),
    ("578", "", "missing 2 CHILD=D MIS_START=2024-09-02", [2], "missing 2 CHILD=D MIS_START=2024-09-01; missing +2 CHILD=A MIS_START=2025-01-01"),
    ("581", "", "missing 2 MIS_START=2023-04-30", [2], "missing 2 MIS_START=2023-05-01; missing +2 CHILD=Q"),
    ("586", "", "missing 2 MIS_START=2010-05-04", [2], "missing 2 MIS_START=2010-05-05"),
    # outcomes: A is 14, and was in care the whole year
    ("196", "", "oc2 2 SDQ_REASON=SDQ9", [2], "oc2 2 SDQ_REASON=SDQ5"),
    ("157", "", "oc2 2 SDQ_SCORE= SDQ_REASON=SDQ1", [2], "oc2 2 SDQ_REASON=SDQ1; header 2 DOB=2008-03-31"),
    ("186", "", "oc2 2 SDQ_SCORE=", [2], "oc2 2 SDQ_SCORE= SDQ_REASON=SDQ2; oc2 +2 CHILD=D SDQ_SCORE="),
    ("197B", "", "oc2 2 SDQ_SCORE=; header 2 DOB=2007-04-01", [2], "oc2 2 SDQ_SCORE=; header 2 DOB=2007-03-31"),
    ("188", "", "header 2 DOB=2021-04-01", [2], "header 2 DOB=2021-03-31"),
    ("189", "", "header 2 DOB=2007-04-01", [2], "header 2 DOB=2007-04-02"),
    ("542", "", "header 2 DOB=2015-04-01", [2], "header 2 DOB=2015-03-31"),
    ("543", "", "oc2 2 CONVICTED=", [2], "oc2 2 CONVICTED=; header 2 DOB=2015-04-01"),
    ("545", "", "header 2 DOB=2020-04-01", [2], "header 2 DOB=2020-03-31"),
    ("546", "", "oc2 2 HEALTH_CHECK=1; header 2 DOB=2020-03-31", [2], "oc2 2 HEALTH_CHECK=1; header 2 DOB=2020-04-01; oc2 +2 CHILD=D"),
    # care leavers
    ("153", "", "oc3 2 ACTIV=", [2], "oc3 2 IN_TOUCH=NO ACTIV=0 ACCOM=0; oc3 +2 IN_TOUCH= ACTIV= ACCOM="),
    ("391", "", "header 4 DOB=2008-04-01", [2], "header 4 DOB=2008-03-31"),
    ("1011", "", "episodes 3 REC=E3; oc3 2 CHILD=D", [2], "episodes 3 REC=E3; episodes +3 DECOM=2024-10-01 DEC=2025-01-01 REC=E4A; oc3 2 CHILD=D"),
    ("347", "", "oc3 2 ACCOM=T1; header 4 DOB=2007-04-01", [2], "oc3 2 ACCOM=T1; header 4 DOB=2007-03-31"),
    ("3001", "", "oc3 2 ACCOM=Z1; header 4 DOB=2007-04-01", [2], "oc3 2 ACCOM=Z1; header 4 DOB=2007-03-31"),
    # adoption
    ("175", "", "ad1 2 NB_ADOPTR=3", [2], "ad1 2 NB_ADOPTR=1"),
    ("176", "", "ad1 2 SEX_ADOPTR=XX", [2], "ad1 2 SEX_ADOPTR=FF"),
    ("177", "", "ad1 2 LS_ADOPTR=L9", [2], "ad1 2 LS_ADOPTR=L2"),
    ("151", "", "ad1 2 FOSTER_CARE=", [2], "ad1 2 FOSTER_CARE=1"),
    ("333", "", "ad1 2 DATE_INT=2023-10-02", [2], "ad1 2 DATE_INT=2023-10-01"),
    ("335", "", "ad1 2 FOSTER_CARE=1", [2], "ad1 2 FOSTER_CARE=1; episodes 3 PLACE=A5"),
    *((code, "", f"ad1 2 LS_ADOPTR={legal} SEX_ADOPTR={sex}", [2], f"ad1 2 LS_ADOPTR={legal} SEX_ADOPTR={other}") for code, legal, sex, other in [
        ("514", "L0", "MF", "F1"), ("517", "L3", "MM", "MF"), ("518", "L4", "MF", "FF"), ("519", "L2", "M1", "MF"), ("520", "L11", "FF", "MF"), ("524", "L12", "MF", "MM")]),
    ("511", "", "ad1 2 SEX_ADOPTR=M1", [2], "ad1 2 SEX_ADOPTR=MM"),
    ("ADO01", "", "ad1 2 NB_ADOPTR=1", [2], "ad1 2 NB_ADOPTR=1 SEX_ADOPTR=F1"),
    ("ADO02", "", "ad1 2 DATE_INT=2020-02-01", [2], "ad1 2 DATE_INT=2020-02-02"),
    ("ADO03", "", "ad1 2 DATE_MATCH=2025-04-01", [2], "ad1 2 DATE_MATCH=2025-03-31"),
    ("582", "", "ad1 2 DATE_MATCH=2024-09-01", [2], "ad1 2 DATE_MATCH=2024-08-31; ad1 +2 CHILD=A DATE_MATCH=2025-01-01"),
    ("523", "", "ad1 2 DATE_INT=2023-08-02", [2], "ad1 2 DATE_INT=2023-08-02 CHILD=A; placed_adoption +2 DATE_PLACED=2023-09-01; ad1 +2 DATE_INT=2023-09-01"),
    ("120", "", "placed_adoption 2 REASON_PLACED_CEASED=RD9", [2], "placed_adoption 2 REASON_PLACED_CEASED=RD3"),
    ("119", "", "placed_adoption 2 REASON_PLACED_CEASED=RD3; placed_adoption +2 REASON_PLACED_CEASED= DATE_PLACED_CEASED=2024-06-01", [2, 3], "placed_adoption 2 REASON_PLACED_CEASED=RD3 DATE_PLACED_CEASED=2024-06-01"),
    ("117", "", "placed_adoption 2 DATE_PLACED=2024-09-02", [2], "placed_adoption 2 DATE_PLACED=2024-09-01"),
    ("118", "", "placed_adoption 2 DATE_PLACED_CEASED=2024-03-31", [2], "placed_adoption 2 DATE_PLACED_CEASED=2024-04-01"),
    ("PLA01", "", "placed_adoption 2 DATE_PLACED=2025-04-01", [2], "placed_adoption 2 DATE_PLACED=2025-03-31"),
    ("184", "", "placed_adoption 2 DATE_PLACED=2020-02-01", [2], "placed_adoption 2 DATE_PLACED=2020-02-02"),
    ("522", "", "placed_adoption 2 DATE_PLACED_CEASED=2023-07-31", [2], "placed_adoption 2 DATE_PLACED_CEASED=2023-08-01"),
    ("558", "", "placed_adoption 2 DATE_PLACED_CEASED=2024-06-01", [2], "placed_adoption 2 DATE_PLACED_CEASED=2023-09-01; placed_adoption +2 DATE_PLACED=2024-01-01 DATE_PLACED_CEASED="),
    ("579", "", "placed_adoption +2 DATE_PLACED=2024-01-01", [3], "placed_adoption 2 DATE_PLACED_CEASED=2024-01-01; placed_adoption +2 DATE_PLACED=2024-01-01 DATE_PLACED_CEASED="),
    ("1003", "", "placed_adoption 2 DATE_PLACED=2023-04-30", [2], "placed_adoption 2 DATE_PLACED=2023-05-01"),
    ("REP04", "", "placed_adoption +2 REASON_PLACED_CEASED=RD1", [2, 3], "placed_adoption +2 DATE_PLACED=2024-01-01"),
    # previous permanence
    ("631", "", "prev_perm 2 PREV_PERM=P9", [2], "prev_perm 2 PREV_PERM=P4"),
    ("632", "", "prev_perm 2 DATE_PERM=2024-05-01; episodes 2 DECOM=2024-05-01; prev_perm aside DATE_PERM", [2, 99], "prev_perm 2 DATE_PERM=2024-04-30; episodes 2 DECOM=2024-05-01"),
    ("633", "", "prev_perm 2 LA_PERM=Bromley", [2], "prev_perm 2 LA_PERM=305; prev_perm +2 LA_PERM=WAL"),
    ("635", "", "prev_perm 2 LA_PERM=305; prev_perm +2 LA_PERM= DATE_PERM=2015-01-01", [2, 3], "prev_perm 2 LA_PERM=305 PREV_PERM=P1"),
    ("PRM01", "", "prev_perm 2 DATE_PERM=2010-05-04", [2], "prev_perm 2 DATE_PERM=2010-05-05"),
    ("PRM02", "", "prev_perm 2 DATE_PERM=2025-04-01", [2], "prev_perm 2 DATE_PERM=2025-03-31"),
    # social workers
    ("SW02", "", "social_worker 2 SW_ID=A1", [2], "social_worker 2 SW_ID=XX1"),
    ("SW06", "", "social_worker 2 SW_DECOM=2025-04-01", [2], "social_worker 2 SW_DECOM=2025-03-31"),
    ("SW07", "", "social_worker 2 SW_DEC=2024-03-31", [2], "social_worker 2 SW_DEC=2024-04-01"),
    ("SW09", "", "social_worker 2 SW_DEC=2023-05-01", [2], "social_worker 2 SW_DEC=2023-05-02"),
    ("SW01", "", "social_worker 2 CHILD=D", [2], "social_worker 2 SW_DEC=2024-05-01"),
    ("SW17", "", "social_worker 2 SW_DEC=2026-03-30", [2], "social_worker 2 SW_DEC=2026-03-31; episodes +2 CHILD=Q", 2026),
    ("SWK01", "", "social_worker 2 CHILD=Q", [2], "social_worker 2 CHILD=D"),
    ("SWK02", "", "social_worker 2 DOB=2001-01-01; social_worker aside DOB", [2, 99], "social_worker 2 DOB="),
    ("SWK03", "", "social_worker 2 SW_DECOM=2010-05-04", [2], "social_worker 2 SW_DECOM=2010-05-05"),
    # deprivation of liberty: A is in care from 2023 and still open
    ("702", "", "dolo 2 DOLO_END=2026-06-01", [2], "dolo 2 DOLO_END=2026-06-02", 2027),
    ("703", "", "dolo 2 DOLO_START=2027-04-01", [2], "dolo 2 DOLO_START=2027-03-31", 2027),
    ("704", "", "dolo 2 DOLO_END=2026-03-31; dolo +2 DOLO_END=2027-04-01", [2, 3], "dolo 2 DOLO_END=2026-04-01; dolo +2 DOLO_END=", 2027),
    ("705", "", "dolo +2 DOLO_START=2026-06-30; dolo +2 CHILD=D DOLO_END=; dolo +2 CHILD=D DOLO_START=2026-09-01", [3, 5], "dolo +2 DOLO_START=2026-07-01", 2027),
    ("706", "", "last.dolo +2 DOLO_START=2026-01-01 DOLO_END=", [3], "last.dolo +2 DOLO_START=2026-06-01 DOLO_END=", 2028),
    ("707", "", "dolo 2 DOLO_END=; dolo +2 DOLO_END=2026-08-02; episodes 2 DEC=2026-08-01 REC=E4A", [2, 3], "dolo 2 DOLO_END=; dolo +2 CHILD=D DOLO_END=2024-09-01", 2027),
    ("708", "", "dolo 2 DOLO_START=2010-05-05", [2], "dolo 2 DOLO_START=2010-05-06", 2027),
    ("709", "", "episodes 2 PLACE=U4", [2], "episodes 2 PLACE=K2; episodes +2 PLACE=U4 DECOM=2025-01-01 DEC=2026-06-01; episodes +2 CHILD=D PLACE=U4", 2027),
    ("710", "", "episodes 2 PLACE=P1", [2], "episodes 2 PLACE=P1 DECOM=2026-07-02; dolo +2 CHILD=D", 2027),
    ("DOLO01", "", "dolo 2 CHILD=Q", [2], "dolo 2 CHILD=D", 2027),
    ("DOLO02", "", "dolo 2 DOB=2001-01-01; dolo aside DOB", [2, 99], "dolo 2 DOB=", 2027),
    ("DOLO03", "", "header 2 DOB=2008-06-01", [2], "header 2 DOB=2008-06-02", 2027),
    ("DOLO04", "", "episodes 2 DEC=2026-05-31", [2], "episodes 2 DEC=2026-06-01; dolo +2 CHILD=Q", 2027),
    ("DOLO05", "", "dolo 2 CHILD=L", [2], "dolo 2 CHILD=D", 2027),
    ("REP05", "", "dolo +2 DOLO_END=", [2, 3], "dolo +2 DOLO_START=2026-08-01", 2027),
    # The rest of DfE's rules over care that need no list of providers
    ("445", "", "episodes 2 LS=D1", [2], "episodes 2 LS=D1 DECOM=2005-12-30", 2024),
    ("446", "", "episodes 3 DECOM=2005-12-29", [3], "episodes 3 DECOM=2005-12-30; episodes 2 DECOM=2005-12-29"),
    ("364", "", "episodes 2 LS=J2 DECOM=2024-05-01 DEC=2024-05-23", [2], "episodes 2 LS=J2 DECOM=2024-05-01 DEC=2024-05-22"),
    ("217", "", "episodes 3 PLACE=A5 RNE=P", [3], "episodes 3 PLACE=A5 RNE=T; episodes 2 RNE=P"),
    ("553", "", "placed_adoption 2 DATE_PLACED=", [3], "placed_adoption 2 CHILD=A; episodes 3 LS=C2"),
    ("393", "", "header 2 MOTHER=; header 4 SEX=F MOTHER=", [2], "header 2 MOTHER=1; header 4 SEX=F MOTHER="),
    ("UASC02", "", "uasc 2 DUC=2024-03-31", [2], "uasc 2 DUC=2024-04-01"),
    ("215", "", "oc3 2 CHILD=A", [2], "oc3 2 CHILD=A; oc2 2 CONVICTED= IMMUNISATIONS= TEETH_CHECK= HEALTH_ASSESSMENT= SUBSTANCE_MISUSE="),
    ("187", "oc3", "oc3 2 CHILD=A", [2], "oc3 2 CHILD=A; episodes 2 DECOM=2024-05-01"),
    ("187", "ad1", "ad1 2 CHILD=A", [2], "ad1 2 CHILD=D"),
    # Annex A
    ("A801", "", "annex_a_8 +2 AGE=15", [2, 3], "annex_a_8 +2 STARTED_ON=2024-01-01"),
    ("A803", "", "annex_a_8 2 CEASED_ON=2023-04-30", [2], "annex_a_8 2 CEASED_ON=2023-05-01"),
    ("A804", "", "annex_a_8 2 CEASED_ON=2024-05-01; annex_a_8 +2 CEASED_ON= REC=E4A", [2, 3], "annex_a_8 2 CEASED_ON=2024-05-01 REC=E4A"),
    *((f"A8{number:02d}", "", f"annex_a_8 2 {column}=2025-04-01", [2], f"annex_a_8 2 {column}=2025-03-31; annex_a_8 +2 {column}=") for number, column in enumerate(
        ["STARTED_ON", "CEASED_ON", "LEGAL_STATUS_ON", "REVIEWED_ON", "VISITED_ON", "IRO_VISITED_ON", "HEALTH_ASSESSED_ON", "DENTAL_CHECK_ON", "PLACED_ON"], start=5)),
    ("A814", "", "annex_a_8 2 PLACED_ON=2023-04-30", [2], "annex_a_8 2 PLACED_ON=2023-05-01"),
    ("A815", "", "header -; annex_a_8 2 STARTED_ON=2010-05-04", [2], "header -; annex_a_8 2 STARTED_ON=2010-05-05"),
    ("A816", "", "header -; annex_a_8 2 DOB=2007-03-31", [2], "header -; annex_a_8 2 DOB=2007-04-01; annex_a_8 +2 DOB=2007-03-31 CEASED_ON=2025-03-01"),
    ("A817", "", "annex_a_8 2 AGE=15; annex_a_8 +2 AGE=13.99", [2, 3], "annex_a_8 2 AGE=14.9; annex_a_8 +2 AGE="),
    ("A818", "", "annex_a_8 2 INTERVIEW_OFFERED=0", [2], "annex_a_8 2 INTERVIEW_OFFERED=0 INTERVIEW_ACCEPTED=0"),
    ("A819", "", "annex_a_8 2 MISSING_EPISODES=0", [2], "annex_a_8 2 MISSING_EPISODES=0 INTERVIEW_OFFERED= INTERVIEW_ACCEPTED="),
    ("A820", "", "annex_a_8 2 PL_POST=BR9_9ZZ", [2], "annex_a_8 2 PL_POST="),
    ("A901", "", "annex_a_9 +2 AGE=19", [2, 3], "annex_a_9 +2 CHILD=Q"),
    ("A902", "", "annex_a_9 2 PATHWAY_PLAN_ON=2025-04-01", [2], "annex_a_9 2 PATHWAY_PLAN_ON=2025-03-31"),
    ("A903", "", "annex_a_9 2 CONTACTED_ON=2025-04-01", [2], "annex_a_9 2 CONTACTED_ON=2025-03-31"),
    ("A904", "", "header -; annex_a_9 2 DOB=2009-04-01; annex_a_9 +2 DOB=1999-03-31", [2, 3], "header -; annex_a_9 2 DOB=2009-03-31; annex_a_9 +2 DOB=1999-04-01"),
    ("A905", "", "annex_a_9 2 AGE=21", [2], "annex_a_9 2 AGE=20"),
    ("A906", "", "header -; annex_a_9 2 CONTACTED_ON=2004-06-05", [2], "header -; annex_a_9 2 CONTACTED_ON=2004-06-06"),
    ("A1001", "", "annex_a_10 +2 AGE=4", [2, 3], "annex_a_10 +2 DECIDED_ON=2023-07-01"),
    *((f"A10{number:02d}", "", f"annex_a_10 2 {column}=2025-04-01", [2], f"annex_a_10 2 {column}=2025-03-31; annex_a_10 +2 {column}=") for number, column in enumerate(
        ["STARTED_ON", "DECIDED_ON", "PLACEMENT_ORDER_ON", "DATE_MATCH", "DATE_PLACED", "ADOPTED_ON", "DATE_PLACED_CEASED", "FOSTERED_TO_ADOPT_ON"], start=3)),
    *((f"A10{number}", "", f"annex_a_10 2 {first}=2024-01-02 {second}=2024-01-01", [2], f"annex_a_10 2 {first}=2024-01-01 {second}=2024-01-01") for number, first, second in [
        (11, "STARTED_ON", "DECIDED_ON"), (12, "DECIDED_ON", "DATE_MATCH"), (13, "DATE_MATCH", "DATE_PLACED"), (14, "DATE_PLACED", "ADOPTED_ON"), (15, "DECIDED_ON", "DATE_PLACED_CEASED")]),
    ("A1016", "", "annex_a_10 2 DATE_PLACED_CEASED=2024-05-01", [2], "annex_a_10 2 DATE_PLACED_CEASED=2024-05-01 ADOPTED_ON="),
    ("A1017", "", "annex_a_10 2 DATE_PLACED_CEASED=2024-05-01; annex_a_10 +2 DATE_PLACED_CEASED= REASON_PLACED_CEASED=RD1", [2, 3], "annex_a_10 2 DATE_PLACED_CEASED=2024-05-01 REASON_PLACED_CEASED=RD1"),
    ("A1018", "", "header -; annex_a_10 2 DECIDED_ON=2020-02-01", [2], "header -; annex_a_10 2 DECIDED_ON=2020-02-02"),
    ("A1019", "", "header -; annex_a_10 2 DOB=2006-09-01", [2], "header -; annex_a_10 2 DOB=2006-09-02"),
    ("A1020", "", "annex_a_10 2 AGE=4", [2], "annex_a_10 2 AGE=5.9"),
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
    line, told = find(check_rules(this, last, borough_code=BOROUGH, only=frozenset({code})), code, table)
    assert (line["status"], line["rows_broken"], told) == ("broken", len(lines), lines)


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_a_return_beside_it_does_not_break_the_rule(case):
    code, table, _, _, beside, *year = case
    this, last = draw(beside, *year)
    line, told = find(check_rules(this, last, borough_code=BOROUGH, only=frozenset({code})), code, table)
    assert (line["status"], line["reason_skipped"], told) == ("passed", "", [])


def test_the_clean_return_breaks_no_rule():
    this, last = draw()
    told = check_rules(this, last, borough_code=BOROUGH).summary
    assert set(told.loc[told["status"] == "broken", "code"]) == set()
    skipped = told[told["status"] == "skipped"]
    other_years = skipped["reason_skipped"].str.contains("^The rule (?:holds from|held up to) return year")
    assert other_years.all(), "nothing but the year keeps a rule from running over a whole return of two years"


def test_every_rule_has_a_function_and_a_case():
    rules = load_rules()
    assert {rule.check for rule in rules} == set(CHECKS)
    tested = {(code, table) for code, table, *_ in CASES}
    codes = {rule.code for rule in rules if (rule.code, "") not in tested and (rule.code, rule.table) not in tested}
    assert codes == set()


def test_every_row_of_the_catalogue_is_complete():
    listed = load_codelist("rules")
    assert " ".join(listed) == (
        "code table fields severity rule_class check parameters first_year last_year message needs_previous source"
    )
    assert not listed.duplicated(["code", "table"]).any()
    assert set(listed["severity"]) == {"error", "warning"}
    assert set(listed["needs_previous"]) == {"yes", ""}
    assert (listed["needs_previous"] == "yes").equals(
        listed["table"].str.startswith("previous.") | listed["fields"].str.contains("previous.")
    )
    for name in ("code", "table", "fields", "check", "message", "source"):
        assert (listed[name] != "").all(), name
    assert listed["message"].str.count(r"\. |\.$").ge(3).all(), "found, expected, to do"
    assert not listed["message"].str.contains(r"\b(?:LAC|CLA|looked-after)\b", regex=True).any()


def test_every_field_is_a_column_of_the_layout():
    """A slip in a field would skip its rule for ever. header.UASC is the XML layout's."""
    known = {(table, column) for table, columns in COLUMNS.items() for column in columns} | {("header", "UASC")}
    for rule in load_rules():
        for field in rule.fields:
            table, column = field.rsplit(".", 1) if "." in field else (rule.table, field)
            assert (table.removeprefix("previous."), column) in known, f"{rule.code}: {field}"


def test_every_column_a_parameter_names_stands_among_the_fields():
    """Only what stands there is asked for before the rule runs: a column that did not arrive must skip it, not crash it."""
    for rule in load_rules():
        own = {field for field in rule.fields if "." not in field}
        other = {field.rsplit(".", 1)[1] for field in rule.fields if "." in field}
        details = {name for kind in ("details", "given", "missing", "blank") for name in rule.values(kind)} - {"broken"}
        assert details <= own | other, rule.code


def test_one_rule_at_most_tells_of_a_cell_that_cannot_be_read():
    """A row that is set aside is told with the code of one rule: that of its table and first field."""
    told = [(rule.table, rule.fields[0]) for rule in load_rules() if rule.parameters.get("set_aside") == "yes"]
    assert len(told) == len(set(told))


def test_rows_set_aside_for_a_cell_are_told_by_the_rule_that_names_them():
    """Every code, flag, number and date of the SSDA903 tables that DfE gives a rule of its own has one here."""
    told = {(rule.table, rule.fields[0]) for rule in load_rules() if rule.parameters.get("set_aside") == "yes"}
    ssda903 = SPEC[
        ~SPEC["table"].str.startswith(("annex", "local")) & ~SPEC["kind"].isin(["identifier", "text", "dropped"])
    ]
    untold = {(row.table, row.column) for row in ssda903.itertuples()} - told
    # Yes-or-no answers on health share DfE's rule 181, which is about all of them and so names none.
    assert {table for table, _ in untold} <= {"oc2", "annex_a_8"}, untold


# Rules of the shared list that change data, and where this project meets what they are about instead.
MET_ELSEWHERE = {
    "LIIA-1/2": "left open in an old year: marked end_not_told and counted to that collection's last day, never closed",
    "LIIA-3": "told again with the same start: the later collection's row counts and every difference is logged",
    "LIIA-4/5": "overlaps what a later collection tells: marked superseded, and the later collection counts",
}
SPANS = {
    "INT03": [f"INT0{n}" for n in range(1, 10)],
    "INT11-18": [f"INT{n}" for n in range(11, 19)],
    "INT31-36": [f"INT{n}" for n in range(31, 37)],
    "205A-D": [f"205{letter}" for letter in "ABCD"],
    "503A-J": [f"503{letter}" for letter in "ABCDEFGHJ"],
}
"""Rows of the shared list that name several codes other than with a slash; DfE has no 503I."""


def test_every_rule_that_was_collected_is_in_the_catalogue(shared):
    wanted = pd.read_csv(shared / "returns" / "rules.csv", dtype=str)
    repairs = set(wanted.loc[wanted["severity_suggested"] == "fix", "rule"])
    assert repairs == set(MET_ELSEWHERE)
    codes = {code for rule in set(wanted["rule"]) - repairs for code in SPANS.get(rule, rule.split("/"))}
    assert codes - {rule.code for rule in load_rules()} == set()


def test_the_catalogue_agrees_with_the_list_on_table_and_severity(shared):
    tables = {"Header": "header", "Episodes": "episodes", "Reviews": "reviews", "UASC": "uasc", "OC2": "oc2", "OC3": "oc3", "AD1": "ad1",
              "Missing": "missing", "PrevPerm": "prev_perm", "SWEpisodes": "social_worker"}  # fmt: skip
    rules = {rule.code: rule for rule in load_rules()}
    wanted = pd.read_csv(shared / "returns" / "rules.csv", dtype=str)
    for row in wanted[wanted["severity_suggested"] != "fix"].itertuples():
        for code in SPANS.get(row.rule, row.rule.split("/")):
            own = rules[code]
            assert own.severity == row.severity_suggested, code
            if row.table in tables:
                assert own.table == tables[row.table] or code in SPANS.get("INT03", []), code


def test_what_repairs_data_elsewhere_is_marked_here_and_never_invented():
    """LIIA-1 to 5: an end, a code or a row that nobody sent is never written; three marks and a log say what was found."""

    def told(*lines: str) -> pd.DataFrame:
        return typed("episodes", [cells(line) for line in lines], "episodes.csv")

    earlier = told(
        "CHILD=open DECOM=2023-05-01 RNE=S LS=C2 CIN=N1 PLACE=U4 PLACE_PROVIDER=PR1",
        "CHILD=again DECOM=2023-05-01 RNE=S LS=C2 CIN=N1 PLACE=U4 PLACE_PROVIDER=PR1",
        "CHILD=over DECOM=2023-06-01 DEC=2024-03-20 REC=E4A RNE=S LS=C2 CIN=N1 PLACE=U4 PLACE_PROVIDER=PR1",
    )
    later = told(
        "CHILD=again DECOM=2023-05-01 RNE=S LS=C2 CIN=N1 PLACE=U4 PLACE_PROVIDER=PR1 DEC=2024-06-01 REC=E4A",
        "CHILD=over DECOM=2024-03-01 RNE=S LS=C2 CIN=N1 PLACE=U4 PLACE_PROVIDER=PR1",
    )
    linked = link_episodes([(dt.date(2024, 3, 31), earlier), (dt.date(2025, 3, 31), later)])
    rows = linked.rows.set_index("CHILD")
    assert rows.loc[["open"], "end_not_told"].tolist() == [True], "LIIA-1 and 2"
    assert rows.loc[["open"], ["DEC", "REC"]].isna().all(axis=None), "and nothing was made up"
    assert rows.loc[["again"], "DEC"].tolist() == [pd.Timestamp(2024, 6, 1)], "LIIA-3: one row, the later telling"
    assert rows.loc[["over"], "superseded"].tolist() == [True, False], "LIIA-4 and 5"
    sent = set(pd.concat([earlier, later])["REC"].dropna())
    assert set(linked.rows["REC"].dropna()) <= sent
    assert {"E99", "LIIAF"}.isdisjoint(load_codelist("reason_ceased")["code"])
    assert set(linked.log["column"]) >= {"DEC", "DECOM"}, "what was marked or changed is logged"
