"""Conditions as data: what a term means, on small drawn rows."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import InputError
from helpers.indicators import meets, parse

ROWS = pd.DataFrame(
    {
        "placement_code": ["U1", "K2", None, "H5"],
        "age": [0.0, 10.0, 17.0, float("nan")],
        "uasc": [True, False, False, True],
        "distance_miles": [20.0, 20.1, float("nan"), 3.0],
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [True, True, True, True]),
        ("placement_code=U1|H5", [True, False, False, True]),
        ("placement_code!=U1|H5", [False, True, True, False]),
        ("age=0..10", [True, True, False, False]),
        ("age>=10", [False, True, True, False]),
        ("distance_miles>20", [False, True, False, False]),
        ("uasc=yes", [True, False, False, True]),
        ("uasc=no & age=known", [False, True, True, False]),
        ("placement_code=unknown", [False, False, True, False]),
        ("age=17", [False, False, True, False]),
    ],
)
def test_a_missing_cell_meets_only_unknown_and_none_of(text, expected):
    assert meets(ROWS, text).tolist() == expected


def test_a_term_that_cannot_be_read_is_named():
    with pytest.raises(InputError, match="'placement_code U1' is not a condition"):
        parse("age=0..4 & placement_code U1")


def test_a_column_that_is_not_there_is_refused_and_never_met_by_nobody():
    with pytest.raises(InputError, match="asks for legal_status_code"):
        meets(ROWS, "legal_status_code=C1")


@given(ages=st.lists(st.integers(0, 20), min_size=1), low=st.integers(0, 20), high=st.integers(0, 20))
def test_bands_that_touch_share_nobody_and_leave_out_nobody(ages, low, high):
    rows = pd.DataFrame({"age": pd.Series(ages, dtype=float)})
    low, high = min(low, high), max(low, high)
    parts = [meets(rows, f"age={a}..{b}") for a, b in ((0, low - 1), (low, high), (high + 1, 20)) if a <= b]
    assert (sum(part.astype(int) for part in parts) == 1).all()
