"""Codelists: the only module that opens codelists/*.csv, and the only one that turns codes into labels."""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib.resources import files

import numpy as np
import pandas as pd

from helpers.errors import InputError, UnknownBoroughError, UnlistedCodeError
from helpers.settings import slug

ALL = "All"


@lru_cache
def _read_list(path: str) -> pd.DataFrame:
    with (files("helpers") / path).open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def load_codelist(name: str) -> pd.DataFrame:
    """Give one codelist as text columns, blanks as empty strings. A fresh copy, so callers cannot change it.

    Codelists of codes have code,label,group,first_year,last_year (return years; blank means no limit).
    """
    return _read_list(f"codelists/{name}.csv").copy()


def load_catalogue() -> pd.DataFrame:
    """Give the catalogue of indicators (indicators.csv): key, name for readers, definition, unit, polarity, rules."""
    return _read_list("indicators.csv").copy()


def display_ethnic_group(groups: pd.Series) -> pd.Series:
    """Give the name a reader sees for each ethnic group; labels of the 18-group split and All stay as they are."""
    shown = load_codelist("ethnic_groups").set_index("code")["display"]
    return groups.map(shown).fillna(groups)


def age_order() -> list[str]:
    """Give every age band, wider ones too, in the order readers expect: by first age, a wider band before its parts."""
    bands = pd.concat([load_codelist("age_bands"), load_codelist("wider_ages")], ignore_index=True)
    ages = bands[["age_from", "age_to"]].astype(int)
    return bands.iloc[np.lexsort((-ages["age_to"], ages["age_from"]))]["label"].tolist()


def wider_ages(bands: str) -> dict[str, list[str]]:
    """Give a set of wider age bands ('four' or 'two'): label -> the bands of age_bands.csv that it takes together.

    Bands that stay as they are have no entry; any other name of a set has none at all.
    """
    listed = load_codelist("wider_ages")
    own = listed[listed["bands"] == bands]
    return {row.label: row.of.split("|") for row in own.itertuples()}


def decode(values: pd.Series, codelist: str, *, source: str, to: str = "label") -> pd.Series:
    """Turn codes into another column of their codelist (label, group). Missing stays missing.

    values: text codes, missing allowed
    returns: the same index, values from column `to`
    raises: UnlistedCodeError counting the rows of every code that no list has; nothing is guessed
    """
    listed = load_codelist(codelist).drop_duplicates("code").set_index("code")[to]
    unlisted = values[values.notna() & ~values.isin(listed.index)].value_counts()
    if unlisted.empty:
        return values.map(listed)
    found = ", ".join(f"{code!r} in {rows:,} {'row' if rows == 1 else 'rows'}" for code, rows in unlisted.items())
    raise UnlistedCodeError(
        f"{source}, column {values.name}: {found}, not listed in codelists/{codelist}.csv.\n"
        f"If the code is new this year, add it there with its first_year. "
        f"If it is a slip, add the right code to codelists/{codelist}_fixes.csv.\n"
        f"Nothing was written."
    )


def areas() -> pd.DataFrame:
    """Boroughs and the areas they are compared with: code, old_code, label, region, level."""
    return load_codelist("areas")


def boroughs() -> pd.DataFrame:
    """The 33 London boroughs, in order of name."""
    listed = areas()
    return listed[listed["level"] == "borough"].sort_values("label", ignore_index=True)


def find_borough(name: str) -> pd.Series:
    """Find a borough by name (any case, & or and), ONS code or three-digit code.

    raises: UnknownBoroughError with the nearest names
    """
    listed = boroughs()
    wanted = name.strip()
    match = listed[
        (listed["label"].map(slug) == slug(wanted))
        | (listed["code"] == wanted.upper())
        | (listed["old_code"] == wanted)
    ]
    if len(match) == 1:
        return match.iloc[0]
    label_of = dict(zip(listed["label"].map(slug), listed["label"], strict=True))
    names = [label_of[near] for near in difflib.get_close_matches(slug(wanted), label_of, n=3, cutoff=0.5)]
    hint = f"Did you mean {' or '.join(names)}?" if names else "Give a London borough, such as Bromley or E09000006."
    raise UnknownBoroughError(f"There is no borough called {name!r} in codelists/areas.csv. {hint}")


def find_ethnic_group(name: str) -> str:
    """Find an ethnic group to compare others with, among the five groups and their finer labels, in any case.

    raises: InputError with the groups there are, for another name and for groups that are not known
    """
    labels = load_codelist("ethnicity")
    known = labels[labels["group"] != "Unknown"]
    named = {one.casefold(): one for one in [*known["group"], *known["label"]]}
    if name.strip().casefold() in named:
        return named[name.strip().casefold()]
    choices = ", ".join(dict.fromkeys(named.values()))
    raise InputError(f"There is no ethnic group called {name!r} to compare with. Choose one of: {choices}.")
