"""The catalogue of indicators as one page of docs, generated from indicators.csv (`make docs`)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.codes import load_catalogue

POLARITY = {"higher_better": "higher is better", "lower_better": "lower is better", "neutral": "neither is better"}
KINDS = {"number": "a number", "share": "a percentage of its base", "rate": "per 10,000 children", "mean": "a mean"}
SOURCES = (
    ("Counted from the SSDA903 return", lambda source: not source.startswith("local extra")),
    ("Counted from local extras", lambda source: source.startswith("local extra")),
)
OPENING = """# Indicators

Made by `make docs` from `src/helpers/indicators.csv`: change that file, not this page. Every figure on a page is one of
these, with its base. "Day" is 31 March, or the last day of an in-year collection. "Year" is the year up to it, or for
an in-year collection the part of the year since 1 April.

An analyst can change a rule in the file. `rows` names the rows that are counted (see the list at the end); `among` says
which of them are the base and `counted` which are the number, as conditions: `placement_code=U1|U2 & age=10..17`.
"""


def catalogue_page() -> str:
    """Give the page as markdown: one section per source, one block per indicator, and the list of bases."""
    catalogue = load_catalogue()
    parts = [OPENING]
    for heading, belongs in SOURCES:
        own = catalogue[catalogue["source_table"].map(belongs)]
        parts.append(f"## {heading}\n")
        parts += [_block(row) for row in own.to_dict("records")]
    parts.append(_bases(catalogue))
    return "\n".join(parts)


def _block(row: dict[str, str]) -> str:
    lines = [
        ("Key", f"`{row['key']}`"),
        ("What it tells", f"{row['definition']}."),
        ("Told as", f"{KINDS[row['kind']]}, counted in {row['unit']}; {POLARITY[row['polarity']]}"),
        ("Number", row["numerator_rule"]),
        ("Base", row["denominator_rule"]),
        ("Source", row["source_table"]),
        ("Published by", row["comparator"] or "nobody, so there is no comparison"),
        ("Local practice", row["local_practice"]),
        ("Years", _years(row)),
        ("Rule", _rule(row)),
    ]
    told = "\n".join(f"- {name}: {text}" for name, text in lines if text)
    return f"### {row['name']}\n\n{told}\n"


def _years(row: dict[str, str]) -> str:
    if not row["first_year"] and not row["last_year"]:
        return ""
    return f"from return year {row['first_year'] or 'the first'} to {row['last_year'] or 'now'}"


def _rule(row: dict[str, str]) -> str:
    if not row["rows"]:
        return "worked out from another indicator and the population"
    told = [f"rows `{row['rows']}`"]
    told += [f"among `{row['among']}`"] if row["among"] else []
    told += [f"counted `{row['counted']}`"] if row["counted"] else []
    told += [f"mean of `{row['average']}`"] if row["average"] else []
    told += [f"by `{row['by']}`"] if row["by"] else []
    return ", ".join(told)


def _bases(catalogue: pd.DataFrame) -> str:
    used = catalogue[catalogue["rows"] != ""].groupby("rows", sort=True)["name"].apply("; ".join)
    lines = "\n".join(f"- `{base}`: {names}" for base, names in used.items())
    return f"## Rows that figures are counted from\n\n{lines}\n"


def write_catalogue_page(path: Path) -> Path:
    """Write the page to docs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(catalogue_page(), encoding="utf-8", newline="\n")
    return path
