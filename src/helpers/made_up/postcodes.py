"""Postcodes of places that do not exist, in the right part of the country.

The district is real. The last two letters are drawn from C, I, K, M, O and V, which Royal Mail uses at the end of no
postcode, so that no home of a real family can be meant (Royal Mail, Programmer's Guide to the Postcode Address File).
Distances cannot be worked out from them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes
from helpers.made_up.draws import Draws

NEVER_AT_THE_END = np.array(list("CIKMOV"))
PARENTS = "P1"


def home_postcodes(children: pd.DataFrame, draws: Draws) -> NDArray[np.str_]:
    """Give each child a home in the borough; unaccompanied children have none (blank). children: in order of child."""
    posts = _posts(_districts(draws.borough, "in"), len(children), draws)
    return np.where(children["uasc"], "", posts)


def place_postcodes(episodes: pd.DataFrame, homes: NDArray[np.str_], draws: Draws) -> NDArray[np.str_]:
    """Give each place one postcode: the home's own for parents, otherwise in the borough, around it or far.

    episodes: child, place, placement, in order of child and day
    returns: the postcode of each episode; two places that follow one another never share it
    """
    places = episodes.drop_duplicates("place").sort_values("place", ignore_index=True)
    listed = codes.load_codelist("placement").set_index("code")
    group = places["placement"].map(listed["group"])
    posts = np.empty(len(places), dtype="U8")
    for kind, rows in places.groupby(group, sort=True).groups.items():
        where = draws.values("place", len(rows), group=draws.group_of("place", kind))
        for part in ("in", "near", "far"):
            here = rows[where == part]
            posts[here] = _posts(_districts(draws.borough, part), len(here), draws)
    parents = (places["placement"] == PARENTS).to_numpy()
    posts[parents] = homes[places.loc[parents, "child"]]
    told = pd.Series(posts, index=places["place"])
    follows = (episodes["child"] == episodes["child"].shift()) & (episodes["place"] != episodes["place"].shift())
    of_episode = episodes["place"].map(told)
    twice = episodes.loc[follows & (of_episode == of_episode.shift()) & (episodes["placement"] != PARENTS), "place"]
    told.loc[twice] = _next_door(told.loc[twice])
    return episodes["place"].map(told).to_numpy(str)


def _districts(borough: str, place: str) -> NDArray[np.str_]:
    listed = codes.load_codelist("made_up_postcodes")
    listed = listed[listed["place"] == place]
    own = listed[listed["borough"] == borough]
    return (own if len(own) else listed[listed["borough"] == ""])["district"].to_numpy(str)


def _posts(districts: NDArray[np.str_], size: int, draws: Draws) -> NDArray[np.str_]:
    rng = draws.rng
    parts = [rng.choice(districts, size), np.full(size, " "), rng.integers(0, 10, size).astype(str)]
    letters = [rng.choice(NEVER_AT_THE_END, size), rng.choice(NEVER_AT_THE_END, size)]
    return _join([*parts, *letters])


def _next_door(posts: pd.Series) -> pd.Series:
    return posts.str[:-3] + ((posts.str[-3].astype(int) + 1) % 10).astype(str) + posts.str[-2:]


def _join(parts: list[NDArray[np.str_]]) -> NDArray[np.str_]:
    joined = parts[0].astype("U8")
    for part in parts[1:]:
        joined = np.char.add(joined, part)
    return joined
