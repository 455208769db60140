"""Postcodes of public buildings, so that made-up homes can be located and no family's home is meant.

made_up_postcodes.csv lists town halls, libraries, stations, hospitals, museums, stadiums and the like: nobody lives
there, and made-up children do not either. They stand in for homes in the borough, in boroughs that touch it, elsewhere
in London, and more than 20 miles from any of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes
from helpers.made_up.draws import Draws

IN, NEAR, LONDON, FAR = ZONES = ("in", "near", "london", "far")
"""In the borough, in a borough that touches it, two boroughs away, or more than 20 miles from all of London."""


@lru_cache(maxsize=64)
def postcodes_by_zone(borough: str) -> dict[str, NDArray[np.str_]]:
    """Give the postcodes of public buildings by where they lie, seen from a borough.

    LONDON goes two boroughs far and no further, so that every building there is within 20 miles of every other in the
    borough. Shared by all callers: not to be changed.
    """
    listed = codes.load_codelist("made_up_postcodes")
    code = listed["borough"].map(codes.boroughs().set_index("label")["code"])
    own = {codes.find_borough(borough)["code"]}
    # A county is touched by boroughs that are far apart, so the second step starts from boroughs only.
    near = _touching(own) & set(code) - own
    london = _touching(near) - near - own
    rows = {IN: code.isin(own), NEAR: code.isin(near), LONDON: code.isin(london), FAR: listed["place"] == FAR}
    return {zone: listed.loc[here, "postcode"].to_numpy(str) for zone, here in rows.items()}


def _touching(codes_of_areas: Iterable[str]) -> set[str]:
    listed = codes.load_codelist("touching_authorities")
    return set(listed.loc[listed["code"].isin(set(codes_of_areas)), "touching_code"])


def home_postcodes(children: pd.DataFrame, draws: Draws) -> NDArray[np.str_]:
    """Give each child a home in the borough; unaccompanied children have none (blank). children: in order of child."""
    posts = draws.rng.choice(postcodes_by_zone(draws.borough)[IN], len(children))
    return np.where(children["uasc"], "", posts)


def place_postcodes(places: pd.DataFrame, homes: NDArray[np.str_], draws: Draws) -> NDArray[np.str_]:
    """Give each place a postcode of its zone that is neither the home's nor the one of the place before.

    places: child and zone (ZONES), in order of child and first day; homes: in order of child
    """
    listed = postcodes_by_zone(draws.borough)
    child, zone = places["child"].to_numpy(), places["zone"].to_numpy(str)
    order = places.groupby("child").cumcount().to_numpy()
    part = draws.rng.random(len(places))
    posts = np.full(len(places), "", dtype="U8")
    for step in range(int(order.max(initial=-1)) + 1):
        at = np.flatnonzero(order == step)
        before = posts[at - 1] if step else homes[child[at]]
        for kind, offered in listed.items():
            here = zone[at] == kind
            rows = at[here]
            pick = np.floor(part[rows] * len(offered)).astype(np.int64)
            for _ in range(2):  # two postcodes are taken, so two steps on are always enough
                taken = (offered[pick] == homes[child[rows]]) | (offered[pick] == before[here])
                pick = (pick + taken) % len(offered)
            posts[rows] = offered[pick]
    return posts
