"""Contract of statistical neighbours: which authorities a borough is most like, in the order of the model."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

MOST_NEIGHBOURS = 10


class Neighbours(pa.DataFrameModel):
    """One row per borough and neighbour. Source: DfE's statistical neighbours for children's services.

    Traps: the list is chosen beforehand and is one model's for every borough; another model names other authorities.
    Most neighbours of a London borough lie outside London: `neighbour_code` is then DfE's three-digit number, and they
    have no figure here, so an average must say of how many neighbours it is.
    """

    borough_code: Series[str] = pa.Field(str_matches=r"^E09\d{6}$")
    borough: Series[str] = pa.Field(description="name of the borough, as in codelists/areas.csv")
    rank: Series[int] = pa.Field(ge=1, le=MOST_NEIGHBOURS, description="1 for the nearest neighbour")
    neighbour_code: Series[str] = pa.Field(
        str_matches=r"^(E\d{8}|\d{3})$", description="ONS code where codelists/areas.csv has it, else DfE's number"
    )
    neighbour: Series[str] = pa.Field(description="name of the neighbour; blank where no file tells it")
    closeness: Series[str] = pa.Field(
        description="how alike, in the model's own words: a label of neighbour_closeness.csv"
    )
    model: Series[str] = pa.Field(description="year of the model, such as 2025")

    class Config:
        strict = True
        coerce = True
        unique = ["borough_code", "rank"]

    @pa.dataframe_check(name="one_model")
    @classmethod
    def one_model(cls, neighbours: pd.DataFrame) -> bool:
        return len(neighbours["model"].unique()) <= 1

    @pa.dataframe_check(name="no_borough_is_its_own_neighbour")
    @classmethod
    def not_its_own(cls, neighbours: pd.DataFrame) -> pd.Series:
        return neighbours["borough_code"].ne(neighbours["neighbour_code"])
