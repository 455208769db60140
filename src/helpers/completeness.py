"""What is not known: of how many children of one collection a cell is blank, or says that it is not known.

codelists/completeness.csv lists what is looked at and among whom. A cell that cannot be known from what the return
asks (the provider of a temporary stay, the postcode of an unaccompanied child) is counted as not known all the same:
the table says what a figure built on it would lack.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.clean import Cleaned
from helpers.codes import load_codelist
from helpers.indicators import in_care_on
from helpers.schemas import Completeness, check, columns_of


def count_not_known(cleaned: Cleaned, period: dt.date) -> pd.DataFrame:
    """Count what is not known about the children of one collection.

    period: last day of the collection
    returns: contract schemas.Completeness; nothing for a base that the collection has nobody of
    """
    bases = _bases(cleaned, period)
    found = []
    for line in load_codelist("completeness").itertuples(index=False):
        cells = bases[line.base][line.column]
        if len(cells):
            blank = cells.isna() | cells.isin(line.not_known.split("|"))
            found.append((period.isoformat(), line.key, int(blank.sum()), len(cells)))
    return check(pd.DataFrame(found, columns=columns_of(Completeness)), Completeness, source="completeness")


def _bases(cleaned: Cleaned, period: dt.date) -> dict[str, pd.DataFrame]:
    outcomes = _of_collection(cleaned.outcomes, period)
    leavers = _of_collection(cleaned.care_leavers, period)
    return {
        "in care": in_care_on(cleaned.children, cleaned.episodes, period),
        "in care 12 months": outcomes,
        "in care 12 months and aged 10 or over": outcomes[outcomes["age"] >= 10],
        "in care 12 months and under 5": outcomes[outcomes["age"] < 5],
        "in care 12 months and aged 4 to 16": outcomes[outcomes["age"].between(4, 16)],
        "care leavers in touch": leavers[leavers["in_touch_code"] == "YES"],
    }


def _of_collection(rows: pd.DataFrame, period: dt.date) -> pd.DataFrame:
    """Give the outcomes or care leavers that this collection tells; an in-year one often has none."""
    return rows[rows["told_on"] == pd.Timestamp(period)]
