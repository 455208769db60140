"""Contract of the annex: children in care by ethnic group, sex and age at once, rounded."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

BASE_OF_THE_ANNEX = 5
_PARTS = ("ethnic_group", "gender", "age_band")


class Annex(pa.DataFrameModel):
    """One row per combination of ethnic group, sex and age, and per total of them. Source: annex.intersectional_annex.

    'All' in ethnic_group, gender or age_band means the total. Every number is a multiple of 5, less than 5 from the
    true one: 0 means fewer than 5, and 5 means 1 to 9. Parts add to their totals. Empty where the annex is left out.
    Traps: the totals are rounded too. They are not the numbers of other tables and must not stand in for them; no
    percentage, rate or ratio is worked out from any of these numbers.
    """

    borough: Series[str] = pa.Field()
    as_at: Series[pd.Timestamp] = pa.Field()
    ethnic_group: Series[str] = pa.Field(description="a group of ethnic_groups.csv, several joined by |, or All")
    gender: Series[str] = pa.Field(isin=("All", "Male", "Female", "Unknown"))
    age_band: Series[str] = pa.Field(description="a label of age_bands.csv or wider_ages.csv, or All")
    rounded: Series[int] = pa.Field(ge=0, description="children, rounded to 5")

    class Config:
        strict = True
        coerce = True
        unique = [*_PARTS]

    @pa.dataframe_check(name="every_number_is_a_multiple_of_5")
    @classmethod
    def is_rounded(cls, annex: pd.DataFrame) -> pd.Series:
        return annex["rounded"] % BASE_OF_THE_ANNEX == 0

    @pa.dataframe_check(name="parts_add_to_their_totals")
    @classmethod
    def adds_up(cls, annex: pd.DataFrame) -> bool:
        for part in _PARTS:
            others = [name for name in _PARTS if name != part]
            totals = annex[annex[part] == "All"].set_index(others)["rounded"].sort_index()
            sums = annex[annex[part] != "All"].groupby(others)["rounded"].sum().sort_index()
            if not totals.index.equals(sums.index) or not (totals == sums).all():
                return False
        return True
