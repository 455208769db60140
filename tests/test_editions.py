"""What was published is kept, cannot be changed unseen, and no later edition undoes what it hid."""

import itertools
import json
import os
import shutil
import stat
import subprocess
import sys
from functools import lru_cache, partial

import numpy as np
import pandas as pd
import pytest
from drawn import table
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from helpers.briefing import write_csv
from helpers.editions import (
    LedgerError,
    earlier_editions,
    editions_summary,
    note_revisions,
    publishing_edition,
    put_together,
    record_edition,
    revisions,
    settle,
)
from helpers.editions import ledger as ledger_module
from helpers.schemas import KEY, Counts, columns_of
from helpers.schemas.editions import PublishedFigures
from helpers.settings import make_settings

LIMIT = 5
MEANS = ("days",)
UNITS = {"days_to_adoption": "days", "rate": "children per 10,000"}
settled = partial(settle, limit=LIMIT, means=MEANS)


def counts_of(drawn, *, borough="Bromley", code="E09000006"):
    """Fill a table of day, indicator, category, numerator (and denominator) up to the contract of counts."""
    rows = (table(drawn) if isinstance(drawn, str) else drawn).reset_index(drop=True)
    rows = rows.reindex(columns=["day", "indicator", "category", "numerator", "denominator"])
    rows = rows.astype({"numerator": float, "denominator": float})
    fixed = dict.fromkeys(["ethnic_group", "gender", "age_band"], "All")
    rows = rows.assign(
        borough_code=code,
        borough=borough,
        period_end=pd.to_datetime(rows.pop("day")).astype("datetime64[ns]"),
        period_type="snapshot",
        category=rows["category"].fillna("All"),
        unit=rows["indicator"].map(UNITS).fillna("children"),
        source="Return",
        release="Return to 31 March",
        status=rows["numerator"].notna().map({True: "shown", False: "suppressed"}),
        **fixed,
    )
    return rows[columns_of(Counts)].sort_values(KEY, ignore_index=True)


def released_of(rows, hidden=()):
    """Hide what must not be told, as disclosure control would, and the rows of some categories beside."""
    number, base = rows["numerator"], rows["denominator"]
    few = number.between(1, LIMIT) & ~rows["unit"].isin(MEANS)
    hide = (rows["must_hide"] | few | rows["category"].isin(hidden)) & ~rows["already_out"]
    numbers = number.mask(hide)
    return rows[columns_of(Counts)].assign(
        numerator=numbers,
        denominator=base.mask(rows["base_changed_by_few"] | base.between(1, LIMIT)),
        status=rows["status"].mask(hide, "suppressed"),
    )


@lru_cache
def published(drawn):
    """Give what a first edition of drawn counts tells. Callers do not change it."""
    return released_of(settled(counts_of(drawn), None)[0])


def of(rows, column, day="2022-03-31"):
    day_rows = rows[rows["period_end"] == day]
    return dict(zip(day_rows["category"], day_rows[column], strict=True))


FIRST = """
    day        | indicator | category | numerator | denominator
    2022-03-31 | home      | Foster   | 60        | 100
    2022-03-31 | home      | Kinship  | 20        | 100
    2022-03-31 | home      | Hostel   | 17        | 100
    2022-03-31 | home      | Other    | 3         | 100
    2023-03-31 | home      | Foster   | 50        | 90
"""


# --- the rule -----------------------------------------------------------------------------------------------------


def test_before_the_first_edition_nothing_is_out_and_nothing_is_revised():
    counts = counts_of(FIRST)
    rows, moved = settled(counts, None)
    pd.testing.assert_frame_equal(rows[columns_of(Counts)], counts)
    assert not rows[["already_out", "hidden_before", "as_published", "must_hide"]].any(axis=None)
    assert moved.empty


def test_the_same_counts_again_stand_and_are_already_out_where_they_were_shown():
    rows, moved = settled(counts_of(FIRST), put_together({1: published(FIRST)}))
    pd.testing.assert_frame_equal(rows[columns_of(Counts)], counts_of(FIRST))
    assert of(rows, "already_out") == {"Foster": True, "Hostel": True, "Kinship": True, "Other": False}
    assert of(rows, "hidden_before") == {"Foster": False, "Hostel": False, "Kinship": False, "Other": True}
    assert not rows["must_hide"].any()
    assert moved.empty


def test_a_day_of_small_corrections_stays_as_published_and_other_days_are_free():
    now = counts_of(FIRST.replace("| 60 ", "| 58 ").replace("| 3  ", "| 5  ").replace("| 50 ", "| 80 "))
    rows, moved = settled(now, put_together({1: published(FIRST)}))
    assert of(rows, "numerator") == pytest.approx(
        {"Foster": 60, "Hostel": 17, "Kinship": 20, "Other": float("nan")}, nan_ok=True
    )
    assert of(rows, "status")["Other"] == "suppressed"
    assert all(of(rows, "as_published").values())
    assert of(rows, "numerator", "2023-03-31") == {"Foster": 80}
    assert moved.set_index("period_end")["treatment"].astype(str).tolist() == ["as published", "revised"]


def test_a_day_that_stays_gets_no_new_part_keeps_a_gone_one_and_hides_a_new_total():
    now = """
        day        | indicator | category | numerator | denominator
        2022-03-31 | home      | Foster   | 62        | 100
        2022-03-31 | home      | Kinship  | 20        | 100
        2022-03-31 | home      | Secure   | 1         | 100
        2022-03-31 | home      | Hostel   | 17        | 100
        2022-03-31 | reviewed  | All      | 70        | 100
    """
    rows, _ = settled(counts_of(now), put_together({1: published(FIRST)}))
    assert of(rows, "status") == {
        "All": "suppressed", "Foster": "shown", "Hostel": "shown", "Kinship": "shown", "Other": "suppressed"
    }  # fmt: skip
    new = rows[rows["indicator"] == "reviewed"].iloc[0]
    assert pd.isna(new["numerator"])
    assert pd.isna(new["denominator"])


def test_in_a_revised_day_what_moved_by_few_must_be_hidden_behind_its_window():
    now = counts_of(FIRST.replace("| 60 ", "| 40 ").replace("| 20 ", "| 23 ").replace("| 17 ", "| 13 "))
    rows, moved = settled(now, put_together({1: published(FIRST)}))
    assert of(rows, "must_hide") == {"Foster": False, "Hostel": True, "Kinship": True, "Other": False}
    assert (of(rows, "need_low")["Kinship"], of(rows, "need_high")["Kinship"]) == (21, 25)
    assert (of(rows, "need_low")["Hostel"], of(rows, "need_high")["Hostel"]) == (12, 16)
    assert set(of(rows, "status").values()) == {"shown"}
    assert of(rows, "numerator")["Foster"] == 40
    assert of(moved, "treatment") == {"Foster": "revised", "Hostel": "hidden", "Kinship": "hidden"}
    assert of(moved, "difference") == {"Foster": -20, "Hostel": -4, "Kinship": 3}
    assert set(moved["edition"]) == {1}


def test_a_window_ends_at_zero():
    first = "day | indicator | category | numerator\n2022-03-31 | home | A | 60\n2022-03-31 | home | B | 0"
    rows, _ = settled(counts_of(first.replace("60", "80").replace("| 0", "| 2")), put_together({1: published(first)}))
    assert (of(rows, "need_low")["B"], of(rows, "need_high")["B"]) == (1, 5)
    second = first.replace("| B | 0", "| B | 8")
    rows, _ = settled(counts_of(second.replace("60", "80").replace("| 8", "| 4")), put_together({1: published(second)}))
    assert (of(rows, "need_low")["B"], of(rows, "need_high")["B"]) == (3, 7)
    told = put_together({1: published(second).replace({"numerator": {8.0: 2.0}})})
    rows, _ = settled(counts_of(second.replace("60", "80").replace("| 8", "| 1")), told)
    assert (of(rows, "need_low")["B"], of(rows, "need_high")["B"]) == (0, 1)


def test_a_base_that_moved_by_few_must_not_be_told_and_a_rest_hides_its_number():
    first = """
        day        | indicator | category | numerator | denominator
        2022-03-31 | seen      | base     | 60        | 100
        2022-03-31 | seen      | rest     | 30        | 50
        2022-03-31 | seen      | far      | 30        | 70
    """
    now = """
        day        | indicator | category | numerator | denominator
        2022-03-31 | seen      | base     | 60        | 103
        2022-03-31 | seen      | rest     | 40        | 57
        2022-03-31 | seen      | far      | 60        | 70
    """
    rows, moved = settled(counts_of(now), put_together({1: published(first)}))
    assert of(rows, "base_changed_by_few") == {"base": True, "far": False, "rest": False}
    assert of(rows, "already_out") == {"base": True, "far": False, "rest": False}
    assert of(rows, "must_hide") == {"base": False, "far": False, "rest": True}
    assert of(moved, "treatment") == {"base": "hidden", "far": "revised", "rest": "hidden"}


def test_a_mean_is_hidden_until_more_than_few_children_are_new_behind_it():
    first = """
        day        | indicator        | category | numerator | denominator
        2022-03-31 | days_to_adoption | same     | 6000      | 20
        2022-03-31 | days_to_adoption | one more | 6000      | 20
        2022-03-31 | days_to_adoption | many     | 6000      | 20
        2022-03-31 | home             | Foster   | 60        |
    """
    now = """
        day        | indicator        | category | numerator | denominator
        2022-03-31 | days_to_adoption | same     | 6400      | 20
        2022-03-31 | days_to_adoption | one more | 6400      | 21
        2022-03-31 | days_to_adoption | many     | 9000      | 30
        2022-03-31 | home             | Foster   | 80        |
    """
    rows, _ = settled(counts_of(now), put_together({1: published(first)}))
    assert of(rows, "must_hide") == {"Foster": False, "many": False, "one more": True, "same": True}
    one_moved = first.replace("same     | 6000", "same     | 9999")
    kept, _ = settled(counts_of(one_moved), put_together({1: published(first)}))
    assert of(kept, "numerator")["same"] == 6000, "whose days moved, and of how many children, nobody can say"


def test_a_new_population_revises_nothing():
    first = "day | indicator | category | numerator | denominator\n2022-03-31 | rate | All | 300 | 80000"
    rows, moved = settled(counts_of(first.replace("80000", "80003")), put_together({1: published(first)}))
    assert rows.iloc[0][["already_out", "as_published", "base_changed_by_few"]].tolist() == [True, False, False]
    assert rows.iloc[0]["denominator"] == 80003
    assert moved.empty


def test_a_day_that_drifts_by_steps_is_told_anew_once_it_is_far_enough():
    editions = {1: published(FIRST)}
    told = []
    for edition, foster in enumerate((63, 65, 66), start=2):
        rows, _ = settled(counts_of(FIRST.replace("| 60 ", f"| {foster} ")), put_together(editions))
        editions[edition] = released_of(rows)
        told.append(of(editions[edition], "numerator")["Foster"])
    assert told == [60, 60, 66]


def test_what_an_older_edition_showed_keeps_its_window_when_the_latest_edition_hid_it():
    second = FIRST.replace("| 60 ", "| 40 ").replace("| 20 ", "| 23 ")
    earlier = {1: published(FIRST)}
    earlier[2] = released_of(settled(counts_of(second), put_together(earlier))[0])
    rows, moved = settled(counts_of(second), put_together(earlier))
    assert not rows["as_published"].any()
    assert of(rows, "already_out")["Foster"]
    assert (of(rows, "need_low")["Kinship"], of(rows, "need_high")["Kinship"]) == (21, 25)
    assert of(moved, "treatment") == {"Kinship": "hidden"}


def test_a_category_that_is_gone_counts_as_none():
    rows, moved = settled(counts_of(FIRST.replace("Hostel", "Flat  ")), put_together({1: published(FIRST)}))
    assert not rows["as_published"].any(), "17 children moved"
    assert of(moved, "difference") == {"Hostel": -17}


def test_places_of_comparison_are_left_as_they_are():
    london = counts_of(FIRST, borough="London", code="E12000007").assign(numerator=1000.0, status="shown")
    now = pd.concat([counts_of(FIRST.replace("| 60 ", "| 62 ")), london])
    rows, _ = settled(now, put_together({1: published(FIRST)}))
    others = rows[rows["borough"] == "London"]
    assert others["numerator"].eq(1000).all()
    assert not others[["already_out", "as_published"]].any(axis=None)


def test_the_list_of_revisions_is_that_of_settling():
    now, earlier = counts_of(FIRST.replace("| 60 ", "| 40 ")), put_together({1: published(FIRST)})
    pd.testing.assert_frame_equal(revisions(now, earlier, limit=LIMIT, means=MEANS), settled(now, earlier)[1])


# --- whatever the returns, editions side by side tell no small difference -------------------------------------------

STATISTICS = [("cla_total", "All"), ("home", "A"), ("home", "B"), ("home", "C"), ("seen", "All")]
STATISTICS += [("days_to_adoption", "All")]
MOVES = np.array([0] * 12 + [1, -2, 3, 5, -5, 6, -8, 12])
DAYS, VERSIONS = 40, 4


def history(chance):
    """Versions of one borough's counts of many days: rows come and go, some days move by few, some by many."""
    keys = pd.MultiIndex.from_tuples(STATISTICS, names=["indicator", "category"]).to_frame(index=False)
    days = pd.DataFrame({"day": pd.date_range("2022-01-31", periods=DAYS, freq="ME")})
    rows = days.merge(keys, how="cross")
    number, base = chance.integers(0, 40, len(rows)), chance.integers(0, 60, len(rows))
    calm = rows["day"].map(dict(zip(days["day"], chance.random(DAYS) < 0.5, strict=True))).to_numpy()
    for _ in range(VERSIONS):
        there = (chance.random(len(rows)) < 0.95) | (rows["indicator"] == "cla_total")
        yield counts_of(rows.assign(numerator=number, denominator=number + base)[there])
        moves = chance.choice(MOVES, (2, len(rows)))
        moves = np.where(calm & (abs(moves) > LIMIT), 0, moves)
        number, base = np.maximum(number + moves[0], 0), np.maximum(base + moves[1], 0)


def small_differences(editions):
    """Every pair of editions in which a number, a base, or what is left of a base differs by 1 to 5."""
    rows = pd.concat([one.assign(edition=number) for number, one in editions.items()])
    rows = rows.assign(rest=rows["denominator"] - rows["numerator"])
    mean, found = rows["unit"].isin(MEANS), []
    for column, kind in (("numerator", rows[~mean]), ("denominator", rows), ("rest", rows[~mean])):
        for key, values in kind.dropna(subset=column).groupby(KEY)[column]:
            apart = [abs(one - other) for one, other in itertools.combinations(values, 2)]
            found += [(column, key) for one in apart if 0 < one <= LIMIT]
    for key, line in rows[mean].dropna(subset=["numerator", "denominator"]).groupby(KEY):
        told = set(zip(line["numerator"], line["denominator"], strict=True))
        found += [("mean", key) for one, other in itertools.combinations(told, 2) if abs(one[1] - other[1]) <= LIMIT]
    return found


@given(st.integers(0, 2**32 - 1))
@hypothesis_settings(max_examples=3, deadline=None)
def test_editions_side_by_side_tell_no_small_difference(seed):
    chance = np.random.default_rng(seed)
    editions, earlier, kinds = {}, None, set()
    for edition, counts in enumerate(history(chance), start=1):
        rows, moved = settled(counts, earlier)
        assert not (rows["already_out"] & rows["must_hide"]).any(), "nobody can hide what is out"
        window = rows["must_hide"] & rows["need_low"].notna()
        assert rows.loc[window, "numerator"].between(rows.loc[window, "need_low"], rows.loc[window, "need_high"]).all()
        nothing = moved["difference"].eq(0) & moved["base_then"].eq(moved["base_now"])
        assert not nothing.any(), "what did not move is no revision"
        kinds |= set(moved["treatment"])
        editions[edition] = released_of(rows, hidden=chance.choice(["A", "B", "C"], chance.integers(0, 3)))
        earlier = put_together(editions)
    assert kinds == {"as published", "hidden", "revised"}, "the histories go through every rule"
    assert small_differences(editions) == []


def test_without_settling_the_same_histories_would_tell():
    """The search for small differences finds them: without the rule it has hundreds to find."""
    raw = dict(enumerate(history(np.random.default_rng(1)), start=1))
    assert {kind for kind, _ in small_differences(raw)} == {"numerator", "denominator", "rest", "mean"}


# --- the ledger -----------------------------------------------------------------------------------------------------


def choices(folder, as_at="2023-03-31", **others):
    return make_settings(
        borough="Bromley", as_at=as_at, processed=folder / "processed", reports=folder / "reports", **others
    )


FILES = {"briefing.html": "00" * 32}


def recorded(folder, *drawn, as_at="2023-03-31", made_up=False):
    for one in drawn:
        record_edition(choices(folder, as_at), published(one), made_up=made_up, files=FILES)
    return folder / "processed" / "released" / "bromley"


SECOND, THIRD = FIRST.replace("| 60 ", "| 70 "), FIRST.replace("| 60 ", "| 80 ")


def test_before_anything_was_published_there_is_no_edition_and_no_folder(tmp_path):
    assert earlier_editions(choices(tmp_path), made_up=False) is None
    assert not (tmp_path / "processed").exists()


def test_three_editions_tell_what_was_shown_first_and_last(tmp_path):
    recorded(tmp_path, FIRST, SECOND)
    recorded(tmp_path, FIRST.replace("| 17 ", "| 4  "), as_at="2022-03-31")
    earlier = earlier_editions(choices(tmp_path), made_up=False)
    assert of(earlier, "numbers") == {"Foster": (60, 70), "Hostel": (17,), "Kinship": (20,), "Other": ()}
    assert of(earlier, "last_number")["Foster"] == 60, "the third edition told the first number again"
    assert of(earlier, "last_shown")["Hostel"] == 2
    assert of(earlier, "first_shown")["Hostel"] == 1
    assert of(earlier, "status")["Hostel"] == "suppressed"
    assert of(earlier, "bases")["Other"] == (100,)


def test_the_same_rows_again_add_nothing_and_no_clock_is_in_it(tmp_path):
    once = recorded(tmp_path / "once", FIRST)
    before = {path: path.read_bytes() for path in once.rglob("*") if path.is_file()}
    recorded(tmp_path / "once", FIRST, FIRST)
    assert {path: path.read_bytes() for path in once.rglob("*") if path.is_file()} == before
    again = recorded(tmp_path / "again", FIRST)
    for path, content in before.items():
        assert (again / path.relative_to(once)).read_bytes() == content


def test_an_edition_that_goes_back_to_an_older_one_is_a_new_edition(tmp_path):
    folder = recorded(tmp_path, FIRST, SECOND, FIRST)
    assert len((folder / "ledger.csv").read_text().splitlines()) == 4


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of the folder on Windows")
def test_the_ledger_is_its_owners_alone(tmp_path):
    folder = recorded(tmp_path, FIRST)
    for path in (folder.parent, folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def edit(name, change):
    def damage(folder):
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return damage


def lines(order):
    def damage(folder):
        path = folder / "ledger.csv"
        there = path.read_text().splitlines(keepends=True)
        path.write_text("".join(there[number] for number in order))

    return damage


DAMAGES = {
    "a cell changed": (edit("ledger.csv", lambda text: text.replace(b",4,", b",9,", 1)), "ledger.csv"),
    "the last line changed": (edit("ledger.csv", lambda text: text[:-3] + b"00\n"), "line 4"),
    "the last line says made up": (edit("ledger.csv", lambda text: b",yes,".join(text.rsplit(b",no,", 1))), "line 4"),
    "the first line missing": (lines([0, 2, 3]), "line 2"),
    "a line in between missing": (lines([0, 1, 3]), "line 3"),
    "the last line missing": (lines([0, 1, 2]), "2023-03-31/3.parquet"),
    "lines in another order": (lines([0, 2, 1, 3]), "line 2"),
    "a line twice": (lines([0, 1, 1, 2, 3]), "line 3"),
    "no names of columns": (lines([1, 2, 3]), "line 1"),
    "half a line": (edit("ledger.csv", lambda text: text[:-90]), "line 4"),
    "empty": (edit("ledger.csv", lambda text: b""), "line 1"),
    "not text": (edit("ledger.csv", lambda text: b"\xff\xfe" + text), "cannot be read"),
    "the ledger gone": (lambda folder: (folder / "ledger.csv").unlink(), "1.parquet"),
    "figures changed": (edit("2023-03-31/2.parquet", lambda held: held[:-9] + b"x" + held[-8:]), "2.parquet"),
    "figures gone": (lambda folder: (folder / "2023-03-31/1.parquet").unlink(), "1.parquet"),
    "figures of another edition": (
        lambda folder: (folder / "2023-03-31/1.parquet").replace(folder / "2023-03-31/2.parquet"),
        "1.parquet",
    ),
    "figures nobody listed": (
        lambda folder: (folder / "2023-03-31/4.parquet").write_bytes(b"copied here"),
        "no line for 2023-03-31/4.parquet",
    ),
}


@pytest.fixture(scope="module")
def three_editions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("three")
    recorded(folder, FIRST, SECOND, THIRD)
    return folder


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES)
def test_a_ledger_that_is_not_as_written_is_refused_in_words(three_editions, tmp_path, damage, told):
    shutil.copytree(three_editions, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "processed/released/bromley"
    damage(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    settings = choices(tmp_path)
    with pytest.raises(LedgerError, match="Restore the whole folder .* from a copy; never delete") as refused:
        earlier_editions(settings, made_up=False)
    assert told in str(refused.value)
    assert "processed/released/bromley/" in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    with pytest.raises(LedgerError, match="Nothing was written"):
        record_edition(settings, published(FIRST), made_up=False, files=FILES)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_made_up_and_real_editions_are_never_mixed(tmp_path):
    recorded(tmp_path, FIRST, made_up=True)
    with pytest.raises(LedgerError, match="editions of made-up children and this run is of real ones"):
        earlier_editions(choices(tmp_path), made_up=False)
    with pytest.raises(LedgerError, match="another --processed folder"):
        recorded(tmp_path, SECOND, made_up=False)
    assert earlier_editions(choices(tmp_path), made_up=True) is not None


def test_what_is_for_looking_only_is_no_edition(tmp_path):
    record_edition(choices(tmp_path, disclosure="none"), published(FIRST), made_up=False, files=FILES)
    assert earlier_editions(choices(tmp_path), made_up=False) is None


def test_a_folder_that_did_not_appear_is_no_edition(tmp_path):
    folder = recorded(tmp_path, FIRST)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    publishing = publishing_edition(choices(tmp_path), published(SECOND), made_up=False, files=FILES)
    with pytest.raises(PermissionError), publishing:
        raise PermissionError("a page is open in another program")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_figures_that_may_be_out_when_a_run_is_stopped_count_as_out(tmp_path):
    recorded(tmp_path, FIRST)
    publishing = publishing_edition(choices(tmp_path), published(SECOND), made_up=False, files=FILES)
    with pytest.raises(KeyboardInterrupt), publishing:
        raise KeyboardInterrupt
    earlier = earlier_editions(choices(tmp_path), made_up=False)
    assert of(earlier, "numbers")["Foster"] == (60, 70)


def test_a_run_that_is_stopped_before_its_figures_are_kept_leaves_nothing(tmp_path, monkeypatch):
    folder = recorded(tmp_path, FIRST)
    write = ledger_module._write_whole
    with monkeypatch.context() as patched:

        def stops(path, content):
            if path.suffix == ".parquet":
                raise KeyboardInterrupt
            write(path, content)

        patched.setattr(ledger_module, "_write_whole", stops)
        with pytest.raises(KeyboardInterrupt):
            recorded(tmp_path, SECOND)
    assert of(earlier_editions(choices(tmp_path), made_up=False), "numbers")["Foster"] == (60,)
    assert len(recorded(tmp_path, THIRD).joinpath("ledger.csv").read_text().splitlines()) == 3
    assert not (folder / "ledger.csv.coming").exists()


def test_a_ledger_in_use_is_waited_for_and_then_told(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger_module, "PATIENCE", 0.1)
    settings = choices(tmp_path)
    publishing = publishing_edition(settings, published(FIRST), made_up=False, files=FILES)
    with publishing, pytest.raises(LedgerError, match="in use by another run"):
        earlier_editions(settings, made_up=False)
    assert earlier_editions(settings, made_up=False) is not None


APPEND_THREE = """
import sys
from pathlib import Path
import pandas as pd
from helpers.editions import record_edition
from helpers.settings import make_settings

folder, as_at = Path(sys.argv[1]), sys.argv[2]
settings = make_settings(borough="Bromley", as_at=as_at, processed=folder / "processed", reports=folder / "reports")
released = pd.read_parquet(folder / "released.parquet")
for more in range(3):
    rows = released.assign(numerator=released["numerator"] + 10 * more)
    record_edition(settings, rows, made_up=False, files={})
"""


def test_dates_of_one_borough_that_run_at_once_all_get_a_line(tmp_path):
    published(FIRST).to_parquet(tmp_path / "released.parquet")
    dates = ("2022-03-31", "2023-03-31")
    runs = [subprocess.Popen([sys.executable, "-c", APPEND_THREE, str(tmp_path), as_at]) for as_at in dates]
    assert [run.wait(100) for run in runs] == [0, 0]
    ledger = pd.read_csv(tmp_path / "processed/released/bromley/ledger.csv")
    assert ledger["sequence"].tolist() == [1, 2, 3, 4, 5, 6]
    assert ledger["as_at"].value_counts().to_dict() == dict.fromkeys(dates, 3)
    assert earlier_editions(choices(tmp_path), made_up=False) is not None


def report_of(folder, rows, *, made_up=False, disclosure="la-1-5"):
    """Write a report folder as an earlier run left it."""
    place = choices(folder).report_folder
    place.mkdir(parents=True)
    write_csv(rows, place / "indicators.csv")
    (place / "run.json").write_text(json.dumps({"made_up": made_up, "parameters": {"disclosure": disclosure}}))


def test_reports_that_the_ledger_does_not_know_are_taken_up(tmp_path):
    rows = published(FIRST)
    london = rows.assign(borough="London", borough_code="E12000007")
    report_of(tmp_path, pd.concat([rows, london]))
    earlier = earlier_editions(choices(tmp_path, "2024-03-31"), made_up=False)
    kept = recorded(tmp_path, FIRST)  # the report itself, published again
    assert of(earlier, "numbers") == {"Foster": (60,), "Hostel": (17,), "Kinship": (20,), "Other": ()}
    assert len((kept / "ledger.csv").read_text().splitlines()) == 2
    pd.testing.assert_frame_equal(pd.read_parquet(kept / "2023-03-31/1.parquet"), rows[columns_of(PublishedFigures)])


@pytest.mark.parametrize("other", [{"made_up": True}, {"disclosure": "none"}])
def test_reports_of_made_up_children_or_for_looking_are_not_taken_up(tmp_path, other):
    report_of(tmp_path, published(FIRST), **other)
    assert earlier_editions(choices(tmp_path), made_up=False) is None


# --- what is told of it ---------------------------------------------------------------------------------------------


def run(folder, drawn, as_at="2023-03-31"):
    """Do what a run does, from counts to a published edition."""
    settings = choices(folder, as_at)
    rows, found = settled(counts_of(drawn), earlier_editions(settings, made_up=False))
    released = released_of(rows)
    note_revisions(settings, released, found, made_up=False)
    told = editions_summary(settings)
    record_edition(settings, released, made_up=False, files=FILES)
    return released, told


def test_the_same_run_again_releases_and_says_the_same(tmp_path):
    run(tmp_path, FIRST, "2022-03-31")
    now = FIRST.replace("| 60 ", "| 40 ").replace("| 20 ", "| 23 ").replace("| 50 ", "| 52 ")
    first, told = run(tmp_path, now)
    again, told_again = run(tmp_path, now)
    pd.testing.assert_frame_equal(again, first)
    assert told_again == told
    assert told == [
        "One figure of 31 March 2022 was revised.",
        "The figures of 31 March 2023 stay as published; one has since changed by 5 or fewer.",
    ]
    ledger = (tmp_path / "processed/released/bromley/ledger.csv").read_text()
    assert len(ledger.splitlines()) == 3


def test_nothing_is_said_where_nothing_moved_and_plurals_are_right(tmp_path):
    assert editions_summary(choices(tmp_path)) == []
    assert run(tmp_path, FIRST, "2022-03-31")[1] == []
    now = FIRST.replace("| 60 ", "| 58 ").replace("| 20 ", "| 22 ")
    assert run(tmp_path, now)[1] == [
        "The figures of 31 March 2022 stay as published; 2 have since changed by 5 or fewer."
    ]
