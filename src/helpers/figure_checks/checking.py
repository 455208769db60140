"""All rules over a table of printed figures: one row per contradiction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pandas as pd

from helpers.codes import load_codelist
from helpers.figure_checks import bands, bases, changes, gaps, populations, shares, statements, values, wholes
from helpers.figure_checks.findings import Finding
from helpers.figure_checks.printed import Printed, read_figures

FINDING_COLUMNS = ["rule", "kind", "rows", "borough", "period_end", "indicator", "sentence", "smallest_gap"]
RULES: tuple[Callable[[Printed], Iterator[Finding]], ...] = (
    shares.percent_not_of_count,
    shares.rounded_unlike,
    shares.impossible_percent,
    bases.count_above_whole,
    bases.percent_of_another_base,
    bases.two_bases,
    wholes.parts_and_wholes,
    wholes.complements_of_whole_numbers,
    wholes.family_setting,
    bands.band_edges,
    values.two_values,
    values.stock_and_flow,
    populations.rates,
    populations.shares_of_population,
    populations.population_jumps,
    changes.changes,
    gaps.gaps,
    statements.statements,
    statements.runs,
)


def check_figures(figures: pd.DataFrame) -> pd.DataFrame:
    """Find what cannot all be true in a table of printed figures, and what is worth asking.

    figures: one row per printed figure, columns printed.COLUMNS, read as text so that the printed decimals are kept
    returns: FINDING_COLUMNS, one row per fact: `kind` is contradiction or ask (figure_check_rules.csv); `rows` are the
        rows of the file as a spreadsheet numbers them (the header is row 1), such as '14, 37'; `smallest_gap` is how
        far the figures are from fitting, beyond all rounding, in the unit of the measure (children, percentage points)
    raises: ContractError naming missing columns, or the row of a value that is not a number
    """
    printed = Printed(read_figures(figures))
    kinds = load_codelist("figure_check_rules").set_index("key")["kind"]
    found: dict[tuple, Finding] = {}
    for rule in RULES:
        for finding in rule(printed):
            same = found.get(finding.fact_key)
            found[finding.fact_key] = finding if same is None else _joined(same, finding)
    rows = [_as_row(finding, kinds[finding.rule]) for finding in found.values()]
    table = pd.DataFrame(rows, columns=FINDING_COLUMNS).astype({"smallest_gap": float})
    first = table["rows"].str.extract(r"^(\d+)", expand=False).astype(float)
    order = table.assign(first=first).sort_values(["first", "rule", "rows"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _joined(one: Finding, other: Finding) -> Finding:
    """One fact printed in several places is one finding with all its rows."""
    rows = tuple(dict.fromkeys((*one.figures, *other.figures)))
    return Finding(one.rule, rows, one.sentence, min(one.gap, other.gap), one.fact_key)


def _as_row(finding: Finding, kind: str) -> tuple:
    first = finding.figures[0]
    rows = ", ".join(str(row) for row in sorted({figure.row for figure in finding.figures}))
    day = pd.Timestamp(dt.date.isoformat(first.day))
    return (finding.rule, kind, rows, first.borough, day, first.indicator, finding.sentence, float(finding.gap))
