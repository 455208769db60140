"""False findings of over- and under-representation where the children in care are as the population is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import multinomial

from calibration.chances import any_in_case, as_families, binomial_chances, draw_groups, found
from calibration.results import drawn_row, exact_row
from helpers.disproportionality import findings, reference_findings

SIZES = tuple(range(100, 601, 10))
SHARES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.18, 0.2, 0.25, 0.3)
AT_MOST = "at most 5.5%"
FIVE_GROUPS = (0.2, 0.15, 0.1, 0.05, 0.5)
SEED = 101
RUNS = 20_000


def one_group(shares: Sequence[float] = SHARES, sizes: Sequence[int] = SIZES) -> list[dict]:
    """Go through every count of one group, by itself: the worst chance over boroughs of all sizes."""
    rows = []
    span = f"boroughs of {min(sizes)} to {max(sizes)} children, group of"
    for share in shares:
        either, over = zip(*(_chances(size, share) for size in sizes), strict=True)
        setting = f"{span} {100 * share:g}%, the worst size"
        rows.append(exact_row("Over- or under-represented, one group alone", setting, max(either), promised=AT_MOST))
        rows.append(exact_row("Over-represented, one group alone", setting, max(over), promised=AT_MOST))
    return rows


def _chances(size: int, share: float) -> tuple[float, float]:
    """Give the chance of any finding, and of over-represented, for one group of `share` of `size` children."""
    counts = np.arange(size + 1)
    table = as_families(np.stack([counts, size - counts], axis=1), (share, 1 - share))
    # Each row is a family of one, so that nothing is adjusted: the group stands by itself.
    result = findings(table, family=["case", "group"], whole=["case"])[::2]
    chances = binomial_chances(size, share)
    return float(chances @ found(result)), float(chances @ found(result, "over-represented"))


def rounded_share(percents: Sequence[int] = (5, 10, 20), sizes: Sequence[int] = (100, 300, 600)) -> list[dict]:
    """The same where the share is only known as a whole percentage, and the truth lies at the worst end of it."""
    rows = []
    for percent in percents:
        share, ends = percent / 100, np.array([(percent - 0.5) / 100, percent / 100, (percent + 0.5) / 100])
        worst = 0.0
        for size in sizes:
            counts = np.arange(size + 1)
            table = as_families(np.stack([counts, size - counts], axis=1), (share, 1 - share))
            table = table.assign(
                share_low=table["population_share"] - 0.005, share_high=table["population_share"] + 0.005
            )
            wrong = found(findings(table, family=["case", "group"], whole=["case"])[::2])
            worst = max(worst, *(float(binomial_chances(size, truth) @ wrong) for truth in ends))
        setting = f"boroughs of {', '.join(map(str, sizes))} children, group of {percent}% (rounded), the worst truth"
        rows.append(exact_row("Over- or under-represented, rounded share", setting, worst, promised=AT_MOST))
    return rows


def family_of_five(sizes: Sequence[int] = (100, 300, 600), runs: int = RUNS) -> list[dict]:
    """Draw five groups together: how often is any of them found, after Holm within the five?"""
    rows = []
    for place, size in enumerate(sizes):
        seed = SEED + place
        counts = draw_groups(np.random.default_rng(seed), runs, size, FIVE_GROUPS)
        result = findings(as_families(counts, FIVE_GROUPS), family=["case"])
        setting = f"5 groups of 5% to 50%, {size} children"
        for what, words in (
            ("Any of five groups over- or under-represented", ()),
            ("Any of five groups over-represented", ("over-represented",)),
        ):
            rows.append(drawn_row(what, setting, any_in_case(result, *words), seed, promised=AT_MOST))
    return rows


def against_reference(sizes: Sequence[int] = (60, 120)) -> list[dict]:
    """Go through every count of a group and of its reference, all other children beside them."""
    rows = []
    for share, reference in ((0.05, 0.5), (0.1, 0.3), (0.2, 0.2)):
        for size in sizes:
            wrong, chances = _against_reference(size, share, reference)
            setting = f"{size} children, group of {100 * share:g}%, reference of {100 * reference:g}%"
            what = "Over- or under-represented against a reference group, one group alone"
            rows.append(exact_row(what, setting, float(chances @ wrong), promised=AT_MOST))
    return rows


def _against_reference(size: int, share: float, reference: float) -> tuple[np.ndarray, np.ndarray]:
    own, other = (part.ravel() for part in np.meshgrid(np.arange(size + 1), np.arange(size + 1), indexing="ij"))
    possible = own + other <= size
    counts = np.stack([own, other, size - own - other], axis=1)[possible]
    shares = (share, reference, 1 - share - reference)
    result = reference_findings(as_families(counts, shares), reference="g1", family=["case", "group"], whole=["case"])
    return found(result[result["group"] == "g0"]), multinomial.pmf(counts, size, shares)


def against_reference_in_family(sizes: Sequence[int] = (100, 300, 600), runs: int = RUNS // 2) -> list[dict]:
    """Draw five groups together and compare four of them with the largest."""
    rows = []
    for place, size in enumerate(sizes):
        seed = SEED + 10 + place
        counts = draw_groups(np.random.default_rng(seed), runs, size, FIVE_GROUPS)
        result = reference_findings(as_families(counts, FIVE_GROUPS), reference="g4", family=["case"])
        what = "Any of four groups over- or under-represented against a reference group"
        setting = f"5 groups of 5% to 50%, the largest as reference, {size} children"
        rows.append(drawn_row(what, setting, any_in_case(result), seed, promised=AT_MOST))
    return rows


PARTS = (one_group, rounded_share, family_of_five, against_reference, against_reference_in_family)
