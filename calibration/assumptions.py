"""What the tests do where an assumption does not hold: siblings come together, years are uneven for other reasons.

Every test takes each child for a draw of their own. In `groups`, `two_years` and `many_years` 7 of 10 families bring
one child, 2 bring two and 1 brings three, all of one ethnic group: invented shares, to see how far the error rates
move. In `uneven_years` the years differ by 1.5 or 3 times what chance allows. No promise is made for these cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calibration.chances import any_in_case, as_families, uneven_counts
from calibration.representation import FIVE_GROUPS
from calibration.results import drawn_row
from calibration.trends import YEARS, as_series, says_trend
from helpers.disproportionality import findings
from helpers.trends import change

FAMILY_SIZES = np.array([0.7, 0.2, 0.1])
"""Of families with children in care, the shares that have one, two and three of them there."""
SEED = 901
RUNS = 10_000


def children_of_families(generator: np.random.Generator, families: np.ndarray) -> np.ndarray:
    """Draw how many children numbers of families have in care, the same shape."""
    ones_twos_threes = generator.multinomial(families, FAMILY_SIZES)
    return ones_twos_threes @ np.array([1, 2, 3])


def groups(sizes: Sequence[int] = (100, 300, 600), runs: int = RUNS) -> list[dict]:
    """Five ethnic groups, whose families are as the population is."""
    rows = []
    a_family = float(FAMILY_SIZES @ [1, 2, 3])
    for place, size in enumerate(sizes):
        seed = SEED + place
        generator = np.random.default_rng(seed)
        families = generator.multinomial(round(size / a_family), FIVE_GROUPS, size=runs)
        counts = children_of_families(generator, families)
        result = findings(as_families(counts, FIVE_GROUPS), family=["case"])
        setting = f"5 groups of 5% to 50%, about {size} children, siblings together"
        rows.append(drawn_row("Any of five groups over- or under-represented", setting, any_in_case(result), seed))
        over = any_in_case(result, "over-represented")
        rows.append(drawn_row("Any of five groups over-represented", setting, over, seed))
    return rows


def two_years(runs: int = RUNS) -> list[dict]:
    """A flow of two years, and entries against exits of one year, of families rather than of children."""
    rows = []
    for place, families in enumerate((30, 100)):
        seed = SEED + 10 + place
        generator = np.random.default_rng(seed)
        before, after = (children_of_families(generator, generator.poisson(families, runs)) for _ in range(2))
        setting = f"{families} families a year, siblings together"
        what = "Change in a flow between two years (the same numbers: entries against exits of a year)"
        wrong = change(before, after, kind="flow").p_value < 0.05
        rows.append(drawn_row(what, setting, wrong, seed))
    return rows


def uneven_years(mean: float = 60, runs: int = RUNS) -> list[dict]:
    """Two years of a flow that varies between years by more than chance, with nothing changing in the long run."""
    rows = []
    for place, spread in enumerate((1.5, 3.0)):
        seed = SEED + 15 + place
        before, after = uneven_counts(np.random.default_rng(seed), mean, spread, (2, runs))
        wrong = change(before, after, kind="flow").p_value < 0.05
        what = "Change in a flow between two years (the same numbers: entries against exits of a year)"
        setting = f"{mean:g} events a year, years {spread:g} times as uneven as chance"
        rows.append(drawn_row(what, setting, wrong, seed))
    return rows


def many_years(runs: int = RUNS) -> list[dict]:
    """A flow of families over 5, 8 and 13 years: this test looks at how uneven the years are."""
    rows = []
    for years in YEARS:
        seed = SEED + 20 + years
        generator = np.random.default_rng(seed)
        events = children_of_families(generator, generator.poisson(40, (runs, years)))
        setting = f"{years} years, 40 families a year, siblings together"
        rows.append(drawn_row("Flow rising or falling", setting, says_trend(as_series(events, "flow")), seed))
    return rows


PARTS = (groups, two_years, uneven_years, many_years)
