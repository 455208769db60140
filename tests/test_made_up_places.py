"""Where made-up children live: public buildings that the postcode directory knows, and which authorities touch."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from helpers import codes, postcodes
from helpers.made_up import write_made_up
from helpers.made_up.draws import Draws
from helpers.made_up.plans import make_plan
from helpers.made_up.postcodes import FAR, IN, LONDON, NEAR, place_postcodes, postcodes_by_zone

LISTED = codes.load_codelist("made_up_postcodes")
TOUCHING = codes.load_codelist("touching_authorities")
BOROUGHS = codes.boroughs()["label"].tolist()
ON = dt.date(2021, 3, 31)
MOST_MILES = 20
SHAPED = ("Barking and Dagenham", "Redbridge", "Bromley")


@pytest.fixture(scope="module")
def located():
    return LISTED.join(postcodes.locate(LISTED["postcode"], ON))


def miles(some, others):
    east = np.subtract.outer(some["easting"].to_numpy(), others["easting"].to_numpy())
    north = np.subtract.outer(some["northing"].to_numpy(), others["northing"].to_numpy())
    return np.hypot(east, north) / postcodes.METRES_PER_MILE


def test_every_postcode_is_in_the_directory_and_in_the_borough_of_its_row(located):
    assert (located["status"] == postcodes.LOCATED).all()
    own = located[located["place"] == IN]
    code = codes.boroughs().set_index("label")["code"]
    assert (own["authority_code"] == own["borough"].map(code)).all()
    assert set(located.loc[located["place"] != IN, "place"]) == {FAR}


def test_a_postcode_stands_once_and_says_which_building_it_is():
    assert not LISTED["postcode"].duplicated().any()
    assert not LISTED["building"].duplicated().any()
    assert (LISTED["building"].str.len() > 5).all()


def test_there_are_enough_buildings_of_each_borough():
    own = LISTED[LISTED["place"] == IN]["borough"].value_counts()
    assert set(own.index) == set(BOROUGHS)
    assert (own >= 3).all()
    assert (own[list(SHAPED)] >= 12).all()


def test_far_is_more_than_20_miles_from_every_building_in_london_and_spread_over_england(located):
    far, london = located[located["place"] == FAR], located[located["place"] == IN]
    assert miles(far, london).min() > MOST_MILES
    assert far["authority_code"].nunique() >= 15
    assert far["authority_code"].str.startswith("E").all()


@pytest.mark.parametrize("borough", BOROUGHS)
def test_what_is_not_far_is_within_20_miles_of_every_home_of_the_borough(located, borough):
    zones = postcodes_by_zone(borough)
    rows = located.set_index("postcode")
    for zone in (IN, NEAR, LONDON):
        assert len(zones[zone]) >= 3
        assert miles(rows.loc[zones[IN]], rows.loc[zones[zone]]).max() < MOST_MILES
    code = codes.find_borough(borough)["code"]
    touching = set(TOUCHING.loc[TOUCHING["code"] == code, "touching_code"])
    assert set(rows.loc[zones[NEAR], "authority_code"]) <= touching
    assert not set(rows.loc[zones[LONDON], "authority_code"]) & {code, *touching}
    assert not set(rows.loc[zones[FAR], "authority_code"]) & {code, *touching} or borough in FAR_COUNTIES


# Canterbury is in Kent, and Kent touches these boroughs: far and touching at once.
FAR_COUNTIES = {"Bromley", "Bexley", "Havering", "Enfield", "Redbridge", "Waltham Forest", "Hillingdon"}


def test_authorities_touch_both_ways_and_never_themselves():
    pairs = set(zip(TOUCHING["code"], TOUCHING["touching_code"], strict=True))
    assert len(pairs) == len(TOUCHING)
    assert all((second, first) in pairs and first != second for first, second in pairs)
    assert set(codes.boroughs()["code"]) <= set(TOUCHING["code"])


def test_neighbours_that_anybody_can_look_up_touch():
    """Across the river too: Barking and Dagenham faces Greenwich and Bexley, and Bexley faces Thurrock."""
    name = codes.boroughs().set_index("code")["label"]
    barking = TOUCHING.loc[TOUCHING["code"] == "E09000002", "touching_code"].map(name)
    assert set(barking) == {"Redbridge", "Havering", "Newham", "Greenwich", "Bexley"}
    bromley = set(TOUCHING.loc[TOUCHING["code"] == "E09000006", "touching_code"])
    assert {"E10000016", "E10000030"} < bromley  # Kent and Surrey
    assert "E06000034" in set(TOUCHING.loc[TOUCHING["code"] == "E09000004", "touching_code"])
    assert "E09000033" not in bromley


@pytest.mark.parametrize("borough", ["Barking and Dagenham", "Sutton"])
def test_no_place_has_the_postcode_of_the_home_or_of_the_place_before(borough):
    draws = Draws(borough, np.random.default_rng(1))
    homes = np.repeat(postcodes_by_zone(borough)[IN][:3], 40)
    places = pd.DataFrame({"child": np.repeat(np.arange(120), 5), "zone": [IN, IN, NEAR, IN, FAR] * 120})
    told = pd.Series(place_postcodes(places, homes, draws))
    assert (told != homes[places["child"]]).all()
    follows = places["child"] == places["child"].shift()
    assert (told[follows] != told.shift()[follows]).all()
    zones = postcodes_by_zone(borough)
    assert all(post in set(zones[zone]) for post, zone in zip(told, places["zone"], strict=True))


def test_a_borough_without_printed_figures_has_no_target_of_places_or_moves(tmp_path):
    plan = make_plan("Bromley", children=40)
    assert plan.placed.empty
    assert plan.moves.empty
    written = write_made_up(tmp_path, boroughs=["Bromley"], children=40)
    rows = pd.concat(pd.read_csv(file, dtype=str) for file in written if file.name.endswith("_episodes.csv"))
    assert rows["PL_POST"].notna().all()


def test_children_live_in_touching_boroughs_elsewhere_and_far_away(tmp_path):
    written = write_made_up(tmp_path, boroughs=["Camden"], children=300)
    rows = pd.concat(pd.read_csv(file, dtype=str) for file in written if file.name.endswith("_episodes.csv"))
    found = postcodes.describe_placements(rows.reset_index(drop=True), ON, codes.find_borough("Camden")["code"])
    assert (found["placement_status"] == postcodes.LOCATED).all()
    assert 0.2 < (found["in_borough"] == "in").mean() < 0.6
    assert 0.1 < (found["distance_miles"] > MOST_MILES).mean() < 0.35
    assert found["placement_authority_code"].nunique() > 20
