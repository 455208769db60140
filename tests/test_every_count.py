"""Every count from 0 to N through every decision: no crash, no infinity, a blank only where the page says so."""

import itertools

import numpy as np
import pandas as pd
import pytest

from helpers.disproportionality import findings, outcome_findings, reference_findings
from helpers.trends import trend_findings

pytestmark = pytest.mark.filterwarnings("error")

FINDINGS = {"over-represented", "under-represented", "no clear difference", "too few to say"}
TREND_FINDINGS = {"rising", "falling", "no clear change", "too few to say"}
SHARES = (0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 0.999)
MIRRORED = {"over-represented": "under-represented", "under-represented": "over-represented"}


def every_count(rounded):
    """All splits of 1 to 40 children into two groups, for a grid of shares: exact ones, or ones rounded to 1%."""
    splits = [(share, count, total) for total in range(1, 41) for share in SHARES for count in range(total + 1)]
    share, count, total = np.array(splits).T
    low, high = (np.maximum(share - 0.005, 0), np.minimum(share + 0.005, 1)) if rounded else (share, share)
    return pd.DataFrame({
        "draw": np.repeat(np.arange(len(splits)), 2),
        "group": ["group", "rest"] * len(splits),
        "count": np.column_stack([count, total - count]).ravel(),
        "total": np.repeat(total, 2),
        "population_share": np.column_stack([share, 1 - share]).ravel(),
        "share_low": np.column_stack([low, 1 - high]).ravel(),
        "share_high": np.column_stack([high, 1 - low]).ravel(),
    })  # fmt: skip


def blanks(table):
    """Check that no number is infinite, and give the columns with a blank."""
    numbers = table.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy(dtype=float)).any()
    return set(numbers.columns[numbers.isna().any()])


@pytest.mark.parametrize("rounded", [False, True])
def test_every_count_has_every_measure_and_one_of_four_findings(rounded):
    found = findings(every_count(rounded), family=["draw"])
    everybody = found["count"] == found["total"]
    assert found.loc[everybody, ["ratio", "ratio_high"]].isna().all(axis=None)
    open_ended = found["share_low"] == 0
    assert found.loc[open_ended, "index_high"].isna().all()
    assert blanks(found[~everybody & ~open_ended]) == set()
    assert blanks(found) == {"ratio", "ratio_high"} | ({"index_high"} if rounded else set())
    assert set(found["finding"]) == FINDINGS
    assert (found.loc[found["total"] < 30, "finding"] == "too few to say").all()
    group, rest = found["finding"][::2].to_numpy(), found["finding"][1::2].to_numpy()
    assert [MIRRORED.get(word) for word in group] == [MIRRORED.get(word) and word for word in rest]


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("reference", ["group", "rest"])
def test_every_count_can_be_held_against_every_reference(reference, rounded):
    found = reference_findings(every_count(rounded), reference=reference, family=["draw"])
    meaningless = {"excess_low", "excess_high", "tipping_share"}
    assert blanks(found) == {"ratio", "ratio_high"} | meaningless | ({"index_high"} if rounded else set())
    assert set(found["finding"]) == FINDINGS
    assert found["p_value"].between(0, 1, inclusive="right").all()


def every_table(sizes, others):
    """All 2 x 2 tables of an outcome in a group of each size and in others of each size."""
    tables = [
        (events, size, other_events, other)
        for size, other in itertools.product(sizes, others)
        for events, other_events in itertools.product(range(size + 1), range(other + 1))
    ]
    events, size, other_events, other = np.array(tables).T
    return pd.DataFrame({
        "draw": np.repeat(np.arange(len(tables)), 2),
        "group": ["group", "rest"] * len(tables),
        "events": np.column_stack([events, other_events]).ravel(),
        "children": np.column_stack([size, other]).ravel(),
        "all_events": np.repeat(events + other_events, 2),
        "all_children": np.repeat(size + other, 2),
    })  # fmt: skip


@pytest.mark.parametrize(("sizes", "others"), [(range(8), range(8)), ((1, 12), (30,)), ((25,), (40,))])
def test_every_outcome_of_every_size_of_group_is_told_or_too_few(sizes, others):
    found = outcome_findings(every_table(sizes, others), family=["draw"])
    assert set(found["finding"]) <= FINDINGS
    asked = found[(found["children"] > 0) & (found["all_children"] > found["children"])]
    assert blanks(asked) <= {"ratio", "ratio_high"}
    assert asked["p_value"].between(0, 1, inclusive="right").all()
    assert found.loc[~found.index.isin(asked.index), "p_value"].isna().all()
    assert (found.loc[found["finding"] == "over-represented", "difference_low"] > 0).all()
    assert (found.loc[found["finding"] == "under-represented", "difference_high"] < 0).all()


@pytest.mark.parametrize("kind", ["flow", "rate", "proportion", "stock", "stock rate", "stock share"])
def test_every_series_of_zeros_ones_and_more_is_told(kind):
    """All 3,125 series of five years from 0, 1, 2, 5 and 30 children."""
    series = np.array(list(itertools.product([0, 1, 2, 5, 30], repeat=5)))
    rows = pd.DataFrame({
        "series": np.repeat(np.arange(len(series)), 5),
        "period": np.tile(np.arange(2018, 2023), len(series)),
        "kind": kind,
        "events": series.ravel(),
        "base": {"rate": 5000, "stock rate": 5000, "proportion": 30}.get(kind, 60),
        "entries": series.ravel(),
        "exits": series[::-1].ravel(),
    })  # fmt: skip
    found = trend_findings(rows, series=["series"])
    assert set(found["finding"]) <= TREND_FINDINGS
    told = {"periods", "first_value", "last_value", "change"}
    assert not blanks(found) & told
    untested = found["p_value"].isna()
    assert (found.loc[untested, "finding"] == "too few to say").all()
    slope = found["change_low"] if kind == "stock" else found["annual_low"]
    assert (slope[found["finding"] == "rising"] > 0).all()
    assert found["finding"].isin(["rising", "falling"]).any() == (
        kind not in ("proportion", "stock rate", "stock share")
    )
