"""A whole London run where every borough's children in care are as its population is: how many pages accuse falsely?

london.csv holds 33 invented boroughs: children in care, and percentages of local children by ethnic group, age and
gender, whole numbers that add to 100 within each. They are like London's in size and spread, and no borough's own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from calibration.results import drawn_row
from helpers.disproportionality import findings

BOROUGHS = Path(__file__).with_name("london.csv")
DIMENSIONS = {
    "ethnic group": ["Asian", "Black", "Mixed", "Other", "White"],
    "age": ["Under 1", "1 to 4", "5 to 9", "10 to 15", "16 to 17"],
    "gender": ["Girls", "Boys"],
}
FAMILIES = {"ethnic group": "ethnic group", "age": "age and gender", "gender": "age and gender"}
"""The decision: ethnic group is one Holm family, age and gender together are the second."""
BANDS = {"below 100 children": (0, 99), "100 to 299 children": (100, 299), "300 children or more": (300, 10_000)}
SEED = 401
RUNS = 10_000
AT_ONCE = 100
"""Runs whose findings are computed together: bounds the memory, not the result."""


def draw_pages(generator: np.random.Generator, runs: int) -> pd.DataFrame:
    """Draw the children in care of every borough `runs` times: one row per run, borough, dimension and group."""
    boroughs, parts = pd.read_csv(BOROUGHS), []
    for number, borough in boroughs.iterrows():
        for dimension, groups in DIMENSIONS.items():
            shares = borough[groups].to_numpy(dtype=float) / 100
            children = int(borough["children_in_care"])
            counts = generator.multinomial(children, shares, size=runs)
            parts.append(pd.DataFrame({
                "page": np.repeat(np.arange(runs) * len(boroughs) + number, len(groups)),
                "dimension": dimension,
                "family": FAMILIES[dimension],
                "group": np.tile(groups, runs),
                "count": counts.ravel(),
                "total": children,
                "population_share": np.tile(shares, runs),
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def pages_found(table: pd.DataFrame, family: str) -> pd.DataFrame:
    """Say of each page whether any group is found over-represented, and whether any is found at all.

    family: the column whose values are the Holm families of a page ('family' as decided, 'dimension' for three)
    """
    # Holm stands within the family; shares add to 1 within the dimension.
    result = findings(table, family=["page", family], whole=["page", "dimension"])
    over = result["finding"].eq("over-represented").groupby(result["page"]).any()
    under = result["finding"].eq("under-represented").groupby(result["page"]).any()
    return pd.DataFrame({"over": over, "any": over | under, "total": result.groupby("page")["total"].first()})


def _run(family: str, runs: int) -> pd.DataFrame:
    generator = np.random.default_rng(SEED)
    chunks = []
    for _ in range(runs // AT_ONCE):
        found = pages_found(draw_pages(generator, AT_ONCE), family)
        chunks.append(found.assign(run=np.repeat(np.arange(AT_ONCE), len(found) // AT_ONCE) + len(chunks) * AT_ONCE))
    return pd.concat(chunks, ignore_index=True)


def as_decided(runs: int = RUNS) -> list[dict]:
    """Ethnic group one family of 5, age and gender together one of 7: what the pages do."""
    pages = _run("family", runs)
    setting = "33 boroughs, two families: ethnic group (5), age and gender (7)"
    rows = [
        drawn_row("Pages with a false 'over-represented'", setting, pages["over"], SEED, promised="at most 5%"),
        drawn_row("Pages with any false finding", setting, pages["any"], SEED),
    ]
    for name, (fewest, most) in BANDS.items():
        part = pages.loc[pages["total"].between(fewest, most), "over"]
        rows.append(drawn_row("Pages with a false 'over-represented'", f"two families, boroughs of {name}", part, SEED))
    false_pages = pages.groupby("run")["over"].sum()
    rows.append(drawn_row("London runs without a false 'over-represented'", "two families", false_pages == 0, SEED))
    return rows


def three_families(runs: int = RUNS // 2) -> list[dict]:
    """Each of the three dimensions its own family: what it would have been."""
    pages = _run("dimension", runs)
    setting = "33 boroughs, three families: ethnic group (5), age (5), gender (2); not what the pages do"
    return [
        drawn_row("Pages with a false 'over-represented'", setting, pages["over"], SEED),
        drawn_row("Pages with any false finding", setting, pages["any"], SEED),
    ]


PARTS = (as_decided, three_families)
