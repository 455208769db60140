"""docs/calibration.md, made from the results alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd

from calibration.results import promise_limit
from helpers.rounding import format_number

STUDIES = Path(__file__).with_name("studies.csv")
PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
HEAD = """# How often the statistics are wrong

Made by `python -m calibration` from `calibration/results.csv`: change the studies, not this page.

A page of ours says that a group is over-represented, or that a number is rising, only when a test says so. Here the
functions behind the pages are run on made-up children whose truth is known, to measure how often they are wrong. "Gone
through" means that every possible count was tried and the chances added up: nothing is drawn, and the figure is exact.
"Drawn" means simulated from the seed that stands in `calibration/results.csv`; the 95% interval of the figure stands
in brackets. A promise is held against the figure itself, before rounding, with nothing allowed for chance.
"""
NOT_MEASURED = """### What none of these studies measured

- Populations are taken as known, except in the rows with a rounded share. A wrong population makes a wrong finding.
- Hidden numbers: every count is known here. A series or group with a hidden number gets no finding at all.
- Several questions on one page: each study looks at one kind of finding. A page with ten tables of findings has more
  chances to be wrong than one table; only the study of a London run counts whole pages, for over-representation alone.
- Only the sizes, shares and settings in the tables were tried.
"""
AGAIN = """## How to run it again

```
make calibrate                                  # every study; or
.venv/bin/python -m calibration power london    # those named; the others keep their rows
```

Each row of `calibration/results.csv` that was drawn has its number of runs and its seed; the same code gives the same
file again. `tests/test_calibration_page.py` goes through some of the rows anew on every test run, and fails if the code
gives another figure than the file, or if this page is not what the file gives.
"""


def read_studies() -> pd.DataFrame:
    """Read what is said of each study, indexed by its name, in the order of the page."""
    return pd.read_csv(STUDIES, dtype=str, keep_default_na=False).set_index("study")


def calibration_page(results: pd.DataFrame) -> str:
    """Give the page as Markdown; results: the rows of results.csv as text, all studies or some."""
    studies = read_studies()
    studies = studies[studies.index.isin(results["study"])]
    parts = [HEAD, _in_short(results, studies), _what_fails(results)]
    for name, study in studies.iterrows():
        rows = results[results["study"] == name]
        table = _wide_table(rows) if study["columns_from_what"] == "yes" else _long_table(rows)
        parts.append(f"## {study['title']}\n\n{study['question']}\n\n{study['how']}\n\n{table}\n{_verdict(rows)}")
        if study["meaning"]:
            parts.append(f"{study['meaning']}\n")
    return "\n".join([*parts, AGAIN])


def failed(results: pd.DataFrame) -> pd.DataFrame:
    """Give the rows whose promise does not hold."""
    return results[results["holds"] == "False"]


def _in_short(results: pd.DataFrame, studies: pd.DataFrame) -> str:
    lines = ["## In short", "", "| study | promise | figures | hold | nearest to the limit |", "|---|---|--:|--:|--:|"]
    for name, study in studies.iterrows():
        rows = results[(results["study"] == name) & (results["promised"] != "")]
        for promised, part in rows.groupby("promised"):
            held = int((part["holds"] == "True").sum())
            lines.append(
                f"| {study['title']} | {promised} | {len(part)} | {held} | {_share(_nearest(part)['measured'])} |"
            )
        if rows.empty:
            lines.append(f"| {study['title']} | none made | {int((results['study'] == name).sum())} | | |")
    return "\n".join([*lines, ""])


def _nearest(rows: pd.DataFrame) -> pd.Series:
    """Give the row nearest to the limit of its promise, or farthest beyond it."""
    measured = rows["measured"].astype(float)
    side, _ = promise_limit(rows["promised"].iloc[0])
    return rows.loc[measured.idxmax() if side == "most" else measured.idxmin()]


def _what_fails(results: pd.DataFrame) -> str:
    parts = ["## What does not hold or is only average", ""]
    wrong = failed(results)
    if len(wrong):
        parts += ["### Promises that do not hold", "", _long_table(wrong)]
    else:
        parts += ["Every promise that is made holds in every setting that was tried.", ""]
    near = results[[_could_fail(row) for _, row in results.iterrows()]]
    if len(near):
        said = "The figure holds, but the interval around it reaches beyond the limit: too few runs to be sure."
        parts += ["### Promises that chance leaves open", "", said, "", _long_table(near)]
    low = results[
        (results["study"] == "coverage") & (results["promised"] == "") & (results["measured"].astype(float) < 0.95)
    ]
    if len(low):
        said = (
            "These intervals hold the truth less than 95% of the time somewhere in the grid. They promise 95% only on "
            "average. The interval of the change of a flow, in children, promises nothing but to agree with its test: "
            "where the change is large it is too narrow."
        )
        parts += ["### Intervals that are below 95% somewhere", "", said, "", _long_table(low)]
    return "\n".join([*parts, *_beyond_promises(results), NOT_MEASURED])


def _could_fail(row: pd.Series) -> bool:
    if row["holds"] != "True" or row["low"] == "":
        return False
    side, limit = promise_limit(row["promised"])
    return float(row["high"]) > limit if side == "most" else float(row["low"]) < limit


def _beyond_promises(results: pd.DataFrame) -> list[str]:
    """Say what the promises leave out: London's pages together, and assumptions that may not hold."""
    parts = []
    clean = results[results["what"].str.startswith("London runs without")]
    for _, row in clean.iterrows():
        parts += [
            "### Thirty-three pages together",
            "",
            f"The limit of 5% is for one page. Of whole runs of 33 pages, {_share(row['measured'])} had no page with a "
            "false 'over-represented'; the others had at least one.",
            "",
        ]
    loose = results[results["study"] == "assumptions"]
    if len(loose):
        worst = loose.loc[loose["measured"].astype(float).idxmax()]
        parts += [
            "### Children who do not come one by one",
            "",
            "Every promise takes each child for a draw of their own. Where siblings come together, or years are uneven "
            f"for other reasons, more is found that is not there: up to {_share(worst['measured'])} in the settings "
            f"tried ({_small(worst['what'])}; {worst['setting']}). See the last study.",
            "",
        ]
    return parts


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _verdict(rows: pd.DataFrame) -> str:
    promised = rows[rows["promised"] != ""]
    if promised.empty:
        return "No promise is made for these figures.\n"
    wrong = failed(promised)
    if wrong.empty:
        return f"Figures with a promise: {len(promised)}. All hold.\n"
    return f"Figures with a promise: {len(promised)}. Of them do not hold: {len(wrong)}.\n"


def _long_table(rows: pd.DataFrame) -> str:
    lines = ["| what | setting | measured | promised | holds |", "|---|---|--:|---|---|"]
    for _, row in rows.iterrows():
        word = {"True": "yes", "False": "**no**"}.get(row["holds"], "")
        lines.append(f"| {row['what']} | {row['setting']} | {_measured(row)} | {row['promised']} | {word} |")
    return "\n".join([*lines, ""])


def _wide_table(rows: pd.DataFrame) -> str:
    """Lay rows whose `what` has the form 'figure: column' side by side; rows without a column stand below."""
    split = rows["what"].str.split(": ", n=1, expand=True).reindex(columns=[0, 1])
    wide = rows.assign(figure=split[0], column=split[1])
    single, wide = wide[wide["column"].isna()], wide[wide["column"].notna()]
    columns = list(dict.fromkeys(wide["column"]))
    lines = ["| figure | setting | " + " | ".join(columns) + " |", "|---|---|" + "--:|" * len(columns)]
    for (figure, setting), part in wide.groupby(["figure", "setting"], sort=False):
        cells = part.set_index("column").apply(_measured, axis=1).reindex(columns).fillna("")
        lines.append(f"| {figure} | {setting} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""]) + ("\n" + _long_table(single) if len(single) else "")


def _measured(row: pd.Series) -> str:
    if row["low"] == "":
        return _share(row["measured"])
    return f"{_share(row['measured'])} ({_share(row['low'])} to {_share(row['high'])})"


def _share(text: str) -> str:
    return format_number(Decimal(text), "share(2)")
