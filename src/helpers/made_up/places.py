"""Where each made-up home lies, so that the printed shares in the borough, out of it and far away hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes
from helpers.made_up.choosing import Kept, choose_options
from helpers.made_up.draws import Draws
from helpers.made_up.postcodes import NEAR, ZONES, home_postcodes, place_postcodes

PARENTS = "P1"
ADOPTIVE = "A"
HOME, WITHHELD = "home", "withheld"
OPTIONS = [*ZONES, WITHHELD, HOME]
"""A place lies in a zone, is the parents' home, or its postcode is not told because adopters live there."""


def place_episodes(children: pd.DataFrame, episodes: pd.DataFrame, targets: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Give every place a postcode, the same for all its episodes and another than the place before or the home.

    children: in order of child; episodes: see events.to_episodes; targets: Plan.placed
    returns: episodes with HOME_POST and PL_POST; both are blank where nothing is told
    raises: OutOfReachError if no choice of places keeps every printed share
    """
    homes = home_postcodes(children, draws)
    places = episodes.drop_duplicates("place").reset_index(drop=True)
    options = _choose_zones(places, episodes, children["uasc"].to_numpy(bool), targets, draws)
    zone = np.array(OPTIONS)[options]
    # A foster carer whose postcode is withheld once the child is adopted lives near by until then.
    zoned = places[["child"]].assign(zone=np.where(zone == WITHHELD, NEAR, zone))
    posts = place_postcodes(zoned, homes, draws)
    posts = np.where(zone == HOME, homes[places["child"]], posts)
    told = pd.Series(posts, index=places["place"]).reindex(episodes["place"]).to_numpy(str)
    withheld = pd.Series(zone == WITHHELD, index=places["place"]).reindex(episodes["place"]).to_numpy()
    withheld = withheld & _adoptive(episodes)
    return episodes.assign(HOME_POST=homes[episodes["child"]], PL_POST=np.where(withheld, "", told))


def _choose_zones(
    places: pd.DataFrame, episodes: pd.DataFrame, uasc: NDArray[np.bool_], targets: pd.DataFrame, draws: Draws
) -> NDArray[np.int64]:
    """Choose one of OPTIONS for each place. Places on no printed day are drawn freely."""
    scores = _scores(places, draws)
    number = pd.Series(np.arange(len(places)), index=places["place"])
    there = {day: episodes[(episodes["day"] <= day) & (episodes["ended"] > day)] for day in targets["day"].unique()}
    open_on = {day: (rows, number.reindex(rows["place"]).to_numpy()) for day, rows in there.items()}
    may_withhold = np.zeros(len(places), dtype=bool)
    kept = []
    for day, (rows, at) in open_on.items():
        own = targets[targets["day"] == day]
        if _not_told(own, len(rows)):
            may_withhold[at[_adoptive(rows)]] = True
        for target in own.to_dict("records"):
            members = np.zeros(scores.shape, dtype=bool)
            members[at] = _counts(rows, uasc, target)
            kept.append(Kept(members, target["count"], target["count"]))
    scores[~may_withhold, OPTIONS.index(WITHHELD)] = -np.inf
    if not kept:
        return scores.argmax(axis=1)
    bound = np.unique(np.concatenate([at for _, at in open_on.values()]))
    chosen = scores.argmax(axis=1)
    inside = [count._replace(members=count.members[bound]) for count in kept]
    chosen[bound] = choose_options(scores[bound], inside, told=f"{draws.borough}, where homes lie")
    return chosen


def _scores(places: pd.DataFrame, draws: Draws) -> NDArray[np.float64]:
    """Give the random score of every option of every place; -inf where the option does not fit."""
    group = places["placement"].map(codes.load_codelist("placement").set_index("code")["group"])
    weights = np.zeros((len(places), len(OPTIONS)))
    for kind, rows in places.groupby(group, sort=True).indices.items():
        listed = draws.weights("place", kind)
        weights[rows] = [listed.get(option, 0.0) for option in OPTIONS]
    # A foster carer who goes on to adopt has the weights of foster care, and the postcode may be withheld later.
    withheld = draws.weights("place", "Placed for adoption").get(WITHHELD, 0.0)
    weights[:, OPTIONS.index(WITHHELD)] = withheld
    weights[(places["placement"] == PARENTS).to_numpy()] = np.eye(len(OPTIONS))[OPTIONS.index(HOME)]
    with np.errstate(divide="ignore"):
        return np.log(weights) + draws.rng.gumbel(size=weights.shape)


def _adoptive(episodes: pd.DataFrame) -> NDArray[np.bool_]:
    return episodes["placement"].str.startswith(ADOPTIVE).to_numpy(bool)


def _not_told(targets: pd.DataFrame, in_care: int) -> bool:
    """Tell whether the printed children in and out of the borough leave some of whom neither is known."""
    printed = targets.set_index("indicator")["count"]
    both = ["cla_placed_in_borough", "cla_placed_out_of_borough"]
    return set(both) <= set(printed.index) and printed[both].sum() < in_care


def _counts(rows: pd.DataFrame, uasc: NDArray[np.bool_], target: dict) -> NDArray[np.bool_]:
    """Tell for the episodes of one day with which options they count; shape (rows, options)."""
    zones = target["zones"].split()
    counts = np.tile([option in zones for option in OPTIONS], (len(rows), 1))
    counts[:, OPTIONS.index(WITHHELD)] = (NEAR in zones) & ~_adoptive(rows)
    if target["uasc"]:
        counts &= (uasc[rows["child"].to_numpy()] == (target["uasc"] == "yes"))[:, None]
    return counts
