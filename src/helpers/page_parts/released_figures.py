"""A row of the released table as the figure that a sentence tells: with its kind, its base and whether it is shown."""

from __future__ import annotations

import pandas as pd

from helpers.wording import statements
from helpers.wording.figures import LARGEST_BASE_WITHOUT_PERCENT
from helpers.wording.statements import Figure


def count_of(row: pd.Series, noun: str) -> Figure:
    """Give the number of a row; noun: what is counted, in the plural."""
    if pd.isna(row["numerator"]):
        return statements.hidden(row["status"], "count", noun)
    return statements.count(int(row["numerator"]), noun, status=row["status"])


def share_of(row: pd.Series, noun: str) -> Figure | None:
    """The share of a row; None for a base of ten or fewer, of which no percentage is told."""
    if pd.isna(row["numerator"]):
        return statements.hidden(row["status"], "share", noun)
    if pd.isna(row["denominator"]) or row["denominator"] <= LARGEST_BASE_WITHOUT_PERCENT:
        return None
    return statements.share(int(row["numerator"]), int(row["denominator"]), noun, status=row["status"])


def rate_of(row: pd.Series) -> Figure:
    """Give the rate per 10,000 children of a row."""
    if pd.isna(row["numerator"]) or pd.isna(row["denominator"]):
        return statements.hidden(row["status"] if pd.isna(row["numerator"]) else "not_available", "rate")
    return statements.rate(int(row["numerator"]), int(row["denominator"]), status=row["status"])


def mean_of(row: pd.Series) -> Figure | None:
    """The mean of a row; None for ten children or fewer, of whom no average is told."""
    if pd.isna(row["numerator"]):
        kind = "days" if row["unit"] == "days" else "average"
        return statements.hidden(row["status"], kind, row["unit"])
    if pd.isna(row["denominator"]) or row["denominator"] <= LARGEST_BASE_WITHOUT_PERCENT:
        return None
    return statements.average(row["numerator"] / row["denominator"], row["unit"], base=int(row["denominator"]))
