"""Hold a table against its contract."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from functools import cache

import pandas as pd
import pandera.pandas as pa
from pandera.dtypes import DataType, immutable
from pandera.engines.pandas_engine import STRING
from pandera.errors import SchemaErrors

from helpers.errors import ContractError


def columns_of(contract: type[pa.DataFrameModel]) -> list[str]:
    """Give the columns of a contract, in order."""
    return list(contract.to_schema().columns)


@immutable(init=True)
class _Text(STRING):
    """Text, told in one answer: pandera's own type answers for every cell, and to look through the answers takes longer
    than all other checks together."""

    def check(self, pandera_dtype: DataType, data_container: pd.Series | None = None) -> bool | Iterable[bool]:
        return getattr(pandera_dtype, "type", None) == self.type or super().check(pandera_dtype, data_container)


@cache
def _schema_of(contract: type[pa.DataFrameModel]) -> pa.DataFrameSchema:
    schema = deepcopy(contract.to_schema())
    for column in schema.columns.values():
        if type(column.dtype) is STRING:
            column.dtype = _Text(column.dtype.storage)
    return schema


def check(table: pd.DataFrame, contract: type[pa.DataFrameModel], *, source: str) -> pd.DataFrame:
    """Give the table with its contract's types and column order, or refuse it.

    source: the file or notebook the table comes from, for the message
    raises: ContractError naming every column and rule that fails, with how many rows; never a value of a row
    """
    try:
        return _schema_of(contract).validate(table, lazy=True)[columns_of(contract)].reset_index(drop=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        told = cases.groupby([cases["column"].fillna("the table").astype(str), cases["check"].astype(str)]).size()
    lines = "\n".join(
        f"- {column}: {rule} ({rows} {'row' if rows == 1 else 'rows'})" for (column, rule), rows in told.items()
    )
    raise ContractError(f"{source} does not keep the contract {contract.__name__} of schemas.py:\n{lines}")
