"""How often a true difference is found: ours beside the D2I notebook's test and chi-squared, on the same children.

Both other tests are written here from what they do, to be compared with; none of them is used by the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import chi2_contingency, chisquare

from calibration.chances import as_families, binomial_chances, found
from calibration.results import drawn_row, exact_row
from helpers.disproportionality import findings

SIZES = (100, 300, 600)
SHARES = (0.05, 0.1, 0.2)
TIMES = (1.0, 1.5, 2.0)
SEED = 501
RUNS = 10_000
AT_MOST = "at most 5.5%"
Test = Callable[[int, float], tuple[np.ndarray, np.ndarray]]
"""Given children and a population share: of every count, is a difference found, and is it said to be above."""


def ours(size: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The finding of the page for one group by itself, without any adjustment for other groups."""
    counts = np.arange(size + 1)
    table = as_families(np.stack([counts, size - counts], axis=1), (share, 1 - share))
    result = findings(table, family=["case", "group"], whole=["case"])[::2]
    return found(result), found(result, "over-represented")


def d2i_notebook(size: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The D2I disproportionality notebook's test: what is expected, rounded, stands as a second sample of children.

    A count of 0 has the p-value 0, and so counts as 'Sig'. Yates's correction is on, as in the notebook.
    """
    expected = round(size * share)
    significant = np.array([
        count == 0 or chi2_contingency([[count, size - count], [expected, size - expected]])[1] < 0.05
        for count in range(size + 1)
    ])  # fmt: skip
    return significant, significant & (np.arange(size + 1) > size * share)


def goodness_of_fit(size: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The chi-squared test of the group and everyone else against what is expected, without a correction."""
    counts = np.arange(size + 1)
    seen = np.stack([counts, size - counts])
    expected = size * np.array([[share], [1 - share]]) * np.ones_like(seen)
    significant = chisquare(seen, expected, axis=0).pvalue < 0.05
    return significant, significant & (counts > size * share)


TESTS: dict[str, Test] = {
    "this page, one group alone": ours,
    "D2I notebook": d2i_notebook,
    "chi-squared goodness of fit": goodness_of_fit,
}


def side_by_side(sizes: Sequence[int] = SIZES, shares: Sequence[float] = SHARES) -> list[dict]:
    """Go through every count of one group: each test's power at 1.5 and 2 times the share, and its false findings."""
    rows = []
    for size in sizes:
        for share in (*shares, 0.01):
            for times in TIMES if share in shares else (1.0,):
                for name, test in TESTS.items():
                    either, above = test(size, share)
                    wrong = times == 1
                    chance = float(binomial_chances(size, share * times) @ (either if wrong else above))
                    what = f"False findings: {name}" if wrong else f"Found at {times:g} times the share: {name}"
                    promised = AT_MOST if wrong and test is ours else ""
                    setting = f"{size} children, group of {100 * share:g}%"
                    rows.append(exact_row(what, setting, chance, promised=promised))
    return rows


def among_five(runs: int = RUNS) -> list[dict]:
    """Draw the group and four others: is it found after Holm within the five?"""
    rows = []
    for size in SIZES:
        for share in SHARES:
            for times in TIMES:
                seed = SEED + len(rows)
                setting = f"{size} children, group of {100 * share:g}%"
                hits = _found_among_five(size, share, times, seed, runs)
                name = "this page, among five groups (Holm)"
                if times == 1:
                    rows.append(drawn_row(f"False findings: {name}", setting, hits, seed, promised=AT_MOST))
                else:
                    rows.append(drawn_row(f"Found at {times:g} times the share: {name}", setting, hits, seed))
    return rows


def _found_among_five(size: int, share: float, times: float, seed: int, runs: int) -> np.ndarray:
    """Say of each run whether the group is found: over-represented, or either way where there is nothing to find."""
    others = np.array([0.4, 0.3, 0.2, 0.1])
    population = np.append(share, (1 - share) * others)
    truth = np.append(share * times, (1 - share * times) * others)
    counts = np.random.default_rng(seed).multinomial(size, truth, size=runs)
    result = findings(as_families(counts, population), family=["case"])[::5]
    return found(result) if times == 1 else found(result, "over-represented")


PARTS = (side_by_side, among_five)
