"""A measured figure as a row: what was promised, what was found, and whether it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.rates import exact_share_interval

RESULTS = Path(__file__).with_name("results.csv")
COLUMNS = ["study", "what", "setting", "promised", "measured", "low", "high", "holds", "runs", "seed"]
PROMISE = re.compile(r"at (most|least) ([\d.]+)%")
DIGITS = 4


def promise_limit(promised: str) -> tuple[str, float]:
    """Give the side ('most' or 'least') and the limit, a share of 1, of a promise such as 'at most 5.5%'."""
    side, percent = PROMISE.fullmatch(promised).groups()
    return side, float(percent) / 100


def holds(promised: str, measured: float) -> bool | str:
    """Say whether the figure measured, before rounding and without any allowance, keeps the promise; '' for none."""
    if not promised:
        return ""
    side, limit = promise_limit(promised)
    return bool(measured <= limit if side == "most" else measured >= limit)


def exact_row(what: str, setting: str, measured: float, *, promised: str = "") -> dict:
    """Give the row of a figure that was worked out by going through every possible count."""
    return {"what": what, "setting": setting, "promised": promised, "measured": float(measured)} | {
        "low": np.nan, "high": np.nan, "holds": holds(promised, measured), "runs": "", "seed": "",
    }  # fmt: skip


def drawn_row(what: str, setting: str, hits: ArrayLike, seed: int, *, promised: str = "") -> dict:
    """Give the row of a share of runs: hits is True or False for each run; low and high are its exact 95% interval."""
    hits = np.asarray(hits, dtype=bool)
    limits = exact_share_interval(hits.sum(), len(hits))
    return exact_row(what, setting, hits.mean(), promised=promised) | {
        "low": float(limits.low), "high": float(limits.high), "runs": len(hits), "seed": seed,
    }  # fmt: skip


def mean_row(what: str, setting: str, values: ArrayLike, seed: int, *, promised: str = "") -> dict:
    """Give the row of a mean over runs, with two standard errors to each side."""
    values = np.asarray(values, dtype=float)
    reach = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    return exact_row(what, setting, values.mean(), promised=promised) | {
        "low": values.mean() - reach, "high": values.mean() + reach, "runs": len(values), "seed": seed,
    }  # fmt: skip


def rounded(value: float) -> str:
    """Give a figure to 4 significant digits, as it stands in the file; '' where there is none."""
    return "" if pd.isna(value) else f"{value:.{DIGITS}g}"


def as_table(study: str, rows: Sequence[dict]) -> pd.DataFrame:
    """Make the rows of one study a table of text, as it is written and read."""
    table = pd.DataFrame(rows).assign(study=study)[COLUMNS]
    for name in ("measured", "low", "high"):
        table[name] = table[name].map(rounded)
    return table.astype(str)


def read_results(path: Path = RESULTS) -> pd.DataFrame:
    """Read results as text; an empty table where none were written yet."""
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS, dtype=str)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def write_results(tables: Sequence[pd.DataFrame], order: Sequence[str], path: Path = RESULTS) -> pd.DataFrame:
    """Put the rows of the studies that ran in the place of their earlier ones, in the order of the studies."""
    new = pd.concat(tables, ignore_index=True)
    old = read_results(path)
    everything = pd.concat([old[~old["study"].isin(new["study"])], new], ignore_index=True)
    everything = everything[everything["study"].isin(order)]
    everything = everything.sort_values("study", key=lambda names: names.map(list(order).index), kind="stable")
    everything.to_csv(path, index=False, lineterminator="\n")
    return everything.reset_index(drop=True)
