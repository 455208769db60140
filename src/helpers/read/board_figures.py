"""A board report's figures as an analyst typed them: one CSV, one row per figure, every cell kept as text."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
from pandas.errors import ParserError

from helpers.errors import InputError, NoDataError
from helpers.read.text import AGAIN, to_text

LARGEST = 1 << 24
"""Bytes. A report prints hundreds of figures, not hundreds of thousands."""


def read_board_figures(path: Path) -> pd.DataFrame:
    """Read the figures of one or more reports; board_figures.check_layout says whether they can be used.

    returns: every cell as text, blanks as empty text, in the file's order
    raises: NoDataError where there is no file; InputError for one that is no CSV
    """
    if not path.is_file():
        raise NoDataError(
            f"{path.name} is not there. Write one row per printed figure, with the columns of "
            f"docs/checking_published_figures.md; `briefings made-up` writes an example, board_figures.csv."
        )
    wanted = "Save the figures as CSV (UTF-8)"
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path.name} has more than {LARGEST >> 20} MB. {wanted} and run again. {AGAIN}")
    text = to_text(path.read_bytes(), path.name, wanted)
    try:
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    except ParserError as error:
        raise InputError(
            f"{path.name} is not a CSV with one header: {error}. {wanted} and run again. {AGAIN}"
        ) from error
    return table.rename(columns=str.strip).map(str.strip)
