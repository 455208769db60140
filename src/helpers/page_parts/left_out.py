"""Breakdowns that are left out whole, because more than a quarter of them would be hidden: which, and why."""

from __future__ import annotations

import pandas as pd

from helpers.codes import load_codelist
from helpers.counts import is_group_share, name_of
from helpers.page_parts.sections import DIMENSION_WORDS, Sentences
from helpers.wording import joined

FINER = "the 18 ethnic groups"


def left_out_rows(released: pd.DataFrame) -> pd.Series:
    """Tell the rows of breakdowns of which nothing is shown: two parts and more, hidden on every day.

    released: contract schemas.Released of one borough; each group's share of a measure belongs to the journey and is
        told there
    """
    varies = _breakdown(released)
    told = varies.ne("") & released["status"].isin(["shown", "provisional", "suppressed"]) & ~is_group_share(released)
    table = released["indicator"] + "/" + varies
    hidden = released["status"].eq("suppressed").where(told)
    all_hidden = hidden.astype("boolean").groupby(table).all() & table[told].groupby(table[told]).size().gt(1)
    return told & table.map(all_hidden.fillna(False)).astype(bool)


def left_out_sentences(released: pd.DataFrame, *, borough: str) -> Sentences:
    """Say which breakdowns are left out; nothing where none is."""
    own = released[released["borough"] == borough]
    gone = own[left_out_rows(own)]
    named = pd.DataFrame({"indicator": gone["indicator"], "by": _breakdown(gone)}).drop_duplicates()
    said = [
        f"{name_of(one)} by {joined(sorted(rows['by']))}: left out, because more than a quarter would be hidden."
        for one, rows in named.groupby("indicator", sort=True)
    ]
    return Sentences(tuple(said))


def _breakdown(rows: pd.DataFrame) -> pd.Series:
    """Give in words what each row is a part by; blank for totals."""
    groups = load_codelist("ethnic_groups")["label"]
    finer = rows["ethnic_group"].ne("All") & ~rows["ethnic_group"].isin(groups)
    words = pd.Series("", index=rows.index)
    for column, name in DIMENSION_WORDS.items():
        words = words.mask(rows[column].ne("All"), words.where(words.eq(""), words + " and ") + name)
    return words.mask(finer, FINER)
