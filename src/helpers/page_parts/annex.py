"""The annex: how many children there are in each combination of ethnic group, sex and age, rounded."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import ALL, age_order, display_ethnic_group
from helpers.counts import select
from helpers.indicators import MADE_UP_SOURCE, RETURN_SOURCE
from helpers.page_parts.representation import Details
from helpers.page_parts.sections import Section, Sentences, paragraph, section
from helpers.tables import Column, Table
from helpers.wording import date_words

ROUNDED_NOTE = (
    "Numbers are rounded to 5, so that no child can be recognised: 0 means fewer than 5, and 5 means fewer than 10.",
    "They add up here and differ by up to 4 from other tables.",
    "A percentage of a rounded number would mislead, so none is given.",
)
TOGETHER_NOTE = "Groups whose own number is hidden in other tables are told together."
NOT_CROSSED = "The data do not tell children by ethnic group, sex and age at once."
TOO_FEW = "There are too few children in care for a table by ethnic group, sex and age at once."
LEFT_OUT = (
    "A table by ethnic group, sex and age at once is left out. Beside the other tables, even rounded numbers could "
    "tell of a child."
)
SEXES = {"Male": "boys", "Female": "girls", "Unknown": "sex not recorded"}
FEWEST_IN_CARE = 30


def annex_part(annex: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> Section | Sentences:
    """Give the annex with what its numbers mean, or say why there is none.

    annex, released: contracts schemas.Annex and schemas.Released
    """
    if annex.empty:
        return paragraph(_why_there_is_none(released, borough=borough, as_at=as_at))
    together = [TOGETHER_NOTE] if annex["ethnic_group"].str.contains("|", regex=False).any() else []
    return section(paragraph(*ROUNDED_NOTE, *together), Details(annex_table(annex, borough=borough, as_at=as_at)))


def annex_table(annex: pd.DataFrame, *, borough: str, as_at: dt.date) -> Table:
    """Give the annex as a table, for the page and the spreadsheet: a row per ethnic group and sex, a column per age.

    annex: contract schemas.Annex, with rows
    """
    names = list(dict.fromkeys(zip(annex["ethnic_group"], annex["gender"], strict=True)))
    wide = annex.set_index(["ethnic_group", "gender", "age_band"])["rounded"].unstack().loc[names]  # noqa: PD010
    ages = [age for age in age_order() if age in wide]
    rows = wide.reset_index().assign(head=[_row_words(group, sex) for group, sex in names])
    columns = (
        Column("head", "Ethnic group and sex"),
        *(Column(age, f"Aged {age}" if age[0].isdigit() else age, "whole") for age in ages),
        Column(ALL, "All ages", "whole"),
    )
    caption = f"Children in care in {borough} by ethnic group, sex and age, rounded to 5, {date_words(as_at)}"
    return Table(caption, rows, columns)


def _row_words(group: str, sex: str) -> str:
    shown = display_ethnic_group(pd.Series(group.split("|"))).tolist()
    who = "All children" if group == ALL else "; ".join(shown) + (" (together)" if len(shown) > 1 else "")
    return who if sex == ALL else f"{who}: {SEXES[sex]}"


def _why_there_is_none(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> str:
    whole = select(released, "cla_total", borough=borough, period_end=as_at)
    if not whole["source"].isin([RETURN_SOURCE, MADE_UP_SOURCE]).any():
        return NOT_CROSSED
    return TOO_FEW if not whole["numerator"].ge(FEWEST_IN_CARE).all() else LEFT_OUT
