"""The annex: every combination rounded so that all still adds up, and nobody can work a small number out of it."""

import datetime as dt
import itertools
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from helpers import annex as made
from helpers.annex import intersectional_annex
from helpers.codes import load_codelist, wider_ages
from helpers.disclosure import attack
from helpers.disclosure.collapsing import collapse_ages
from helpers.disclosure.system import Builder
from helpers.errors import ContractError
from helpers.indicators import MADE_UP_SOURCE
from helpers.page_parts.annex import LEFT_OUT, NOT_CROSSED, TOO_FEW, annex_part, annex_table
from helpers.schemas import Annex, Counts, check, columns_of
from helpers.wording import BANNED

BOROUGH, DAY = "Bromley", dt.date(2022, 3, 31)
PARTS = ["ethnic_group", "gender", "age_band"]
GROUPS = load_codelist("ethnic_groups")["label"].tolist()
BANDS = load_codelist("age_bands")["label"].tolist()
SEXES = ["Male", "Female"]


def rows_of(frame):
    every = {name: "All" for name in PARTS if name not in frame}
    return frame.assign(
        **every, borough_code="E09000006", borough=BOROUGH, period_end=pd.Timestamp(DAY), period_type="snapshot",
        indicator="cla_total", category="All", unit="children", source=MADE_UP_SOURCE, release="Return", status="shown",
    )  # fmt: skip


def counts_of(cells):
    """Give the counts of a series of cells by ethnic group, sex and age: everyone, by one thing, and all at once."""
    cells = cells.astype(float)
    parts = [pd.DataFrame({"numerator": [cells.sum()], "denominator": [np.nan]})]
    for part in PARTS:
        parts.append(cells.groupby(level=part, sort=False).sum().rename("numerator").reset_index())
    crossed = cells.rename("numerator").reset_index()
    named = pd.concat([*(rows_of(one) for one in parts), rows_of(crossed)], ignore_index=True)
    named["denominator"] = float(cells.sum())
    named.loc[named[PARTS].eq("All").all(axis=1), "denominator"] = np.nan
    return check(named[columns_of(Counts)], Counts, source="drawn")


def released_of(counts, hidden=None):
    """Give what a reader sees: totals by one thing, those of some labels hidden; the small ones where none are named."""
    hidden = small_and_next(counts) if hidden is None else hidden
    told = counts[counts[PARTS].ne("All").sum(axis=1) < 2]
    gone = told[PARTS].isin(list(hidden)).any(axis=1)
    return told.assign(numerator=told["numerator"].mask(gone), status=told["status"].mask(gone, "suppressed"))


def small_and_next(counts):
    """Give the labels whose total is 1 to 5, and of the same thing the next larger one with each: what would be hidden."""
    hidden = []
    for part in PARTS:
        totals = counts[counts[part].ne("All") & counts[[one for one in PARTS if one != part]].eq("All").all(axis=1)]
        totals = totals.set_index(part)["numerator"].sort_values()
        small = totals[totals.between(1, 5)]
        hidden += [*small.index, *(totals[totals > 5].index[:1] if len(small) else [])]
    return hidden


def cells_of(numbers, groups=GROUPS, sexes=SEXES, bands=BANDS):
    return pd.Series(list(numbers), index=pd.MultiIndex.from_product([groups, sexes, bands], names=PARTS))


def a_council(seed=1, children=330, unknown=0.015):
    draws = np.random.default_rng(seed)
    group = np.array([0.52, 0.17, 0.07, 0.2, 0.04 - unknown, unknown])
    shares = np.einsum("g,s,a->gsa", group, [0.57, 0.43], [0.03, 0.14, 0.16, 0.4, 0.27])
    return cells_of(draws.multinomial(children, shares.ravel() / shares.sum()))


def annex_of(counts, released):
    return intersectional_annex(counts, released, borough=BOROUGH, as_at=DAY)


def true_numbers(cells, annex):
    """Give the true number of every row of an annex, from its own labels alone."""
    wide = {age: bands for name in ("four", "two") for age, bands in wider_ages(name).items()}
    table = cells.reset_index(name="n")
    found = []
    for row in annex.itertuples():
        own = table
        for part in PARTS:
            label = getattr(row, part)
            named = wide.get(label, label.split("|"))
            own = own if label == "All" else own[own[part].isin(named)]
        found.append(own["n"].sum())
    return np.array(found)


# --- the numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_every_number_of_a_council_is_a_multiple_of_5_next_to_the_true_one_and_all_add_up(seed):
    cells = a_council(seed, children=[90, 210, 330, 600][seed])
    counts = counts_of(cells)
    annex = annex_of(counts, released_of(counts))
    assert len(annex)
    true, rounded = true_numbers(cells, annex), annex["rounded"].to_numpy()
    assert (rounded % 5 == 0).all()
    assert (np.abs(rounded - true) < 5).all()
    assert ((rounded == true) | (true % 5 != 0)).all()
    at = annex.set_index(PARTS)["rounded"]
    for part in PARTS:
        others = [one for one in PARTS if one != part]
        sums = at[at.index.get_level_values(part) != "All"].groupby(level=others).sum()
        assert sums.to_dict() == at.xs("All", level=part).to_dict()


def test_a_real_sized_annex_takes_less_than_a_second_and_a_half_and_is_the_same_in_any_order_of_rows():
    counts = counts_of(a_council())
    released = released_of(counts, hidden=("Other", "Unknown"))
    began = time.process_time()
    first = annex_of(counts, released)
    assert time.process_time() - began < 1.5
    mixed = annex_of(counts.sample(frac=1, random_state=1), released.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(first, mixed)


def every_table_that_fits(true, rounded):
    """Enumerate the 2 x 2 x 2 tables with the true totals by one thing whose numbers all lie less than 5 away.

    true, rounded: (3, 3, 3), totals last. Four cells are chosen and the totals give the other four
    """
    low, high = np.maximum(rounded - 4, 0), rounded + 4
    spans = [np.arange(low[one], high[one] + 1) for one in ((0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0))]
    a, b, c, d = (each.ravel() for each in np.meshgrid(*spans, indexing="ij"))
    tables = np.zeros((len(a), 3, 3, 3))
    tables[:, 0, 0, 0], tables[:, 0, 0, 1], tables[:, 0, 1, 0], tables[:, 1, 0, 0] = a, b, c, d
    tables[:, 0, 1, 1] = true[0, 2, 2] - a - b - c
    tables[:, 1, 0, 1] = true[2, 0, 2] - a - b - d
    tables[:, 1, 1, 0] = true[2, 2, 0] - a - c - d
    tables[:, 1, 1, 1] = true[2, 2, 2] - tables[:, :2, :2, :2].reshape(len(a), -1).sum(axis=1)
    for axis in (1, 2, 3):
        slices = np.moveaxis(tables, axis, 0)
        slices[2] = slices[:2].sum(axis=0)
    return tables[((tables >= low) & (tables <= high)).reshape(len(a), -1).all(axis=1)]


SMALL = {"groups": ["White", "Black"], "bands": ["5 to 9", "16 and over"]}


@given(st.lists(st.integers(0, 11), min_size=8, max_size=8))
@settings(max_examples=8, deadline=None)
def test_what_a_reader_can_narrow_is_what_counting_every_table_finds(numbers):
    one = made._Annex.of(cells_of(numbers, **SMALL))
    try:
        rounded = made._rounded(one, np.zeros(27, dtype=bool))
    except ContractError:
        return
    fits = every_table_that_fits(one.true.reshape(3, 3, 3), rounded.reshape(3, 3, 3)).reshape(-1, 27)
    assert len(fits)
    width = fits.max(axis=0) - fits.min(axis=0)
    assert (made._narrowed(one, rounded)[0] == (one.small & (width < 4))).all()


@given(st.lists(st.integers(0, 12), min_size=8, max_size=8))
@settings(max_examples=8, deadline=None)
def test_no_small_number_of_an_annex_can_be_narrowed_by_counting_every_table(numbers):
    cells = cells_of(numbers, **SMALL)
    annex = annex_of(counts_of(cells), released_of(counts_of(cells)))
    if len(annex):
        true, rounded = true_numbers(cells, annex).reshape(3, 3, 3), annex["rounded"].to_numpy().reshape(3, 3, 3)
        fits = every_table_that_fits(true, rounded).reshape(-1, 27)
        crossed = (annex[PARTS].ne("All").sum(axis=1) >= 2).to_numpy()
        small = crossed & (true.ravel() >= 1) & (true.ravel() <= 5)
        assert (fits.max(axis=0) - fits.min(axis=0) >= 4)[small].all()


def test_most_small_tables_have_an_annex_and_some_have_none():
    draws = np.random.default_rng(3)
    told = []
    for _ in range(14):
        counts = counts_of(cells_of(draws.integers(0, 12, 8), **SMALL))
        told.append(len(annex_of(counts, released_of(counts))) > 0)
    assert 0 < sum(told) < 14


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_number_that_must_go_up_goes_up(number):
    one = made._Annex.of(cells_of([number, 20, 20, 20, 20, 20, 20, 40 - number], **SMALL))
    up = one.true == number
    assert (made._rounded(one, up)[up] == 5).all()


# --- beside hidden numbers --------------------------------------------------------------------------------------------


def intervals_of_hidden(released, annex=None):
    """Give what a reader makes of every hidden total by one thing, with or without the annex; for one day alone."""
    builder, whole = Builder(), released.set_index(PARTS)["numerator"]
    for key, number in whole.items():
        builder.add(key, number, withheld=bool(np.isnan(number)))
    for place in range(3):
        line = {builder.place[key]: 1.0 for key in whole.index if key[place] != "All"}
        builder.equation(line | {builder.place["All", "All", "All"]: -1.0})
    cells = [] if annex is None else list(itertools.product(GROUPS, SEXES, BANDS))
    for cell in cells:
        builder.add(("cell", *cell), np.nan, offered=False)
    for place, labels in enumerate((GROUPS, SEXES, BANDS)) if cells else ():
        for label in labels:
            key = ["All"] * 3
            key[place] = label
            own = {builder.place[("cell", *cell)]: 1.0 for cell in cells if cell[place] == label}
            builder.equation(own | {builder.place[tuple(key)]: -1.0})
    wide = {age: bands for name in ("four", "two") for age, bands in wider_ages(name).items()}
    for row in annex.itertuples() if annex is not None else ():
        named = [set(label.split("|")) | set(wide.get(label, ())) for label in (getattr(row, part) for part in PARTS)]
        own = {
            builder.place[("cell", *cell)]: 1.0
            for cell in cells
            if all(label in some or "All" in some for label, some in zip(cell, named, strict=True))
        }
        builder.equation(own, max(row.rounded - 4, 0), row.rounded + 4)
    system = builder.system()
    wanted = system.withheld
    seen = attack.bounds(system, system.withheld, wanted=wanted)
    assert seen.proved.all()
    return list(zip(seen.low[wanted], seen.high[wanted], strict=True))


@pytest.mark.parametrize(
    ("hidden", "ages"),
    [(("Other", "Unknown"), 5), (("Asian", "Other", "Unknown"), 5), (("Under 1", "1 to 4"), 4), (("Under 1", "5 to 9"), 2)],
)  # fmt: skip
def test_an_annex_says_nothing_of_a_number_that_is_hidden_in_other_tables(hidden, ages):
    counts = counts_of(a_council(5))
    released = released_of(counts, hidden=hidden)
    annex = annex_of(counts, released)
    assert annex["age_band"].nunique() == ages + 1
    assert intervals_of_hidden(released, annex) == intervals_of_hidden(released)


def test_what_unaccompanied_children_tell_of_the_others_counts_too():
    """12 of 15 Asian children are unaccompanied, and no girl is: at most 3 Asian girls, whatever their rounded number."""
    cells = cells_of([20] * 60)
    cells.loc["Asian"] = 0
    cells.loc[[("Asian", "Male", "16 and over"), ("Asian", "Male", "5 to 9"), ("Asian", "Female", "5 to 9")]] = [
        12,
        1,
        2,
    ]
    others = cells.copy()
    others["Asian", "Male", "16 and over"] = 0
    released = released_of(counts_of(cells), hidden=())
    assert len(annex_of(counts_of(cells), released))
    piece = released_of(counts_of(others), hidden=()).assign(indicator="cla_not_uasc")
    assert annex_of(counts_of(cells), pd.concat([released, piece], ignore_index=True)).empty


def test_groups_that_are_hidden_elsewhere_are_told_together():
    counts = counts_of(a_council(2))
    annex = annex_of(counts, released_of(counts, hidden=("Other", "Unknown")))
    assert set(annex["ethnic_group"]) == {"White", "Mixed", "Asian", "Black", "Other|Unknown", "All"}


def test_ages_that_are_wider_in_the_other_tables_are_as_wide_in_the_annex():
    counts = counts_of(a_council(2))
    annex = annex_of(counts, collapse_ages(released_of(counts, hidden=("Other", "Unknown")), wider_ages("four")))
    assert set(annex["age_band"]) == {"0 to 4", "5 to 9", "10 to 15", "16 and over", "All"}


@pytest.mark.parametrize(
    "hidden", [("Under 1", "16 and over"), ("Male", "Female"), tuple(GROUPS), tuple(BANDS), ("All",)]
)
def test_where_hidden_numbers_would_be_touched_there_is_no_annex(hidden):
    counts = counts_of(a_council(2))
    assert annex_of(counts, released_of(counts, hidden=hidden)).empty


def test_there_is_no_annex_of_few_children_of_published_counts_or_of_counts_that_contradict_it():
    few = counts_of(cells_of([0] * 59 + [29]))
    assert annex_of(few, released_of(few)).empty
    counts = counts_of(a_council())
    assert annex_of(counts[counts[PARTS].ne("All").sum(axis=1) < 3], released_of(counts)).empty
    moved = released_of(counts)
    moved["numerator"] += moved["age_band"].isin(["5 to 9"]) * 2.0 - moved["age_band"].isin(["10 to 15"]) * 2.0
    assert annex_of(counts, moved).empty
    missing = counts.assign(numerator=counts["numerator"].mask(counts.index == counts.index[-1]), status="suppressed")
    assert annex_of(missing, released_of(counts)).empty


@pytest.mark.parametrize("rounded", [3, 10])
def test_a_table_that_is_not_rounded_or_does_not_add_up_is_no_annex(rounded):
    annex = annex_of(counts_of(a_council()), released_of(counts_of(a_council())))
    with pytest.raises(ContractError):
        check(
            annex.assign(rounded=annex["rounded"].mask(annex.index == 0, annex["rounded"] + rounded)), Annex, source="x"
        )


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_what_rounded_numbers_mean_and_shows_no_percentage():
    counts = counts_of(a_council())
    released = released_of(counts, hidden=("Other", "Unknown"))
    annex = annex_of(counts, released)
    page = html.fromstring(annex_part(annex, released, borough=BOROUGH, as_at=DAY)._repr_html_())
    words = page.text_content()
    assert "0 means fewer than 5, and 5 means fewer than 10" in words
    assert "told together" in words
    assert "%" not in words
    assert page.xpath("//details//table/caption")
    assert not [rule for rule in BANNED if rule in words]


def test_the_table_tells_each_number_of_the_annex_once():
    counts = counts_of(a_council())
    annex = annex_of(counts, released_of(counts))
    shown = annex_table(annex, borough=BOROUGH, as_at=DAY).released()
    assert list(shown.columns[1:]) == [
        "Under 1",
        "Aged 1 to 4",
        "Aged 5 to 9",
        "Aged 10 to 15",
        "Aged 16 and over",
        "All ages",
    ]
    assert sorted(int(each) for each in shown.iloc[:, 1:].to_numpy().ravel()) == sorted(annex["rounded"])


def test_where_there_is_no_annex_the_page_says_why():
    counts = counts_of(a_council())
    nothing = annex_of(counts[:0], released_of(counts))
    reasons = {
        LEFT_OUT: released_of(counts),
        TOO_FEW: released_of(counts_of(cells_of([0] * 59 + [12])), hidden=()),
        NOT_CROSSED: released_of(counts).assign(source="DfE"),
    }
    for reason, released in reasons.items():
        assert str(annex_part(nothing, released, borough=BOROUGH, as_at=DAY)) == reason
