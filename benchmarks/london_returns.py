"""The returns of a made-up London: SSDA903 files of ten years for each borough, as sound data, for tests of size.

A period of care goes on over the years: an open episode is told again each year, a few values come late (URN, ethnic
group), one open episode in 500 is not told again, and 2025 has the sex codes M and F. So linking has its work.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from benchmarks.lives import YEARS, Lives, birthday, live, to_day

EPISODES_PER_CHILD = 3.88
"""Episode rows of all years that one child brings, as measured; sets the number of children."""
FIRST_DAY_SHOWN = to_day("1985-01-01")
DAYS_SHOWN = (
    pd.Index(np.arange("1985-01-01", "2050-01-01", dtype="datetime64[D]")).strftime("%d/%m/%Y").to_numpy(object)
)
REVIEWS = (20, 110, 180)
"""Days to the first review, to the second, and between those after it."""


def write_borough(folder: Path, episode_rows: int, seed: int) -> dict[str, int]:
    """Write ten collections under folder/<date>/. The same seed gives the same bytes.

    episode_rows: wanted over all years; met within a few in a hundred
    returns: rows written, by table
    """
    rng = np.random.default_rng(seed)
    lives = live(max(30, round(episode_rows / EPISODES_PER_CHILD)), rng)
    chance = rng.random((len(lives.children), 8))
    written: dict[str, int] = {}
    for year in YEARS:
        here = folder / f"{year}-03-31"
        here.mkdir(parents=True)
        for name, rows in collection(lives, chance, year).items():
            _write(rows, here / f"{name}.csv")
            written[name] = written.get(name, 0) + len(rows)
    return written


def _write(rows: pd.DataFrame, path: Path) -> None:
    """Write a table without quotes; pyarrow alone would put them around the header."""
    with path.open("wb") as file:
        file.write((",".join(rows.columns) + "\n").encode())
        csv.write_csv(
            pa.Table.from_pandas(rows, preserve_index=False),
            file,
            csv.WriteOptions(include_header=False, quoting_style="none"),
        )


def collection(lives: Lives, chance: np.ndarray, year: int) -> dict[str, pd.DataFrame]:
    """Give the tables of one return year as text. chance: numbers from 0 to 1 for each child, the same each year."""
    first, last = to_day(f"{year - 1}-04-01"), to_day(f"{year}-03-31")
    told = _told(lives.episodes, first, last)
    leavers = _leavers(lives, last)
    children = np.union1d(told["child"].unique(), leavers)
    alone = lives.children.loc[children, "unaccompanied"]
    alone &= birthday(_born(lives, children), 18) >= first
    return {
        "header": _header(lives, children, year, first),
        "episodes": _episodes(told, first, last),
        "reviews": _reviews(lives, first, last),
        "uasc": _uasc(lives, alone.index[alone].to_numpy(), year),
        "oc2": _oc2(lives, chance, first, last),
        "oc3": _oc3(lives, chance, leavers, last),
    }


def _text(days: np.ndarray) -> np.ndarray:
    return DAYS_SHOWN[np.asarray(days) - FIRST_DAY_SHOWN]


def _identifiers(children: np.ndarray) -> np.ndarray:
    """Give MADEUP and four figures or letters of base 36."""
    figures = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), dtype=object)
    rest = np.asarray(children)
    name = np.full(len(rest), "", dtype=object)
    for _ in range(4):
        rest, place = np.divmod(rest, 36)
        name = figures[place] + name
    return "MADEUP" + name


def _pupil_numbers(children: np.ndarray) -> np.ndarray:
    """Give a unique pupil number of the right form; no authority has the number 000."""
    return "A000" + pd.Series(children).astype(str).str.zfill(9).to_numpy(object)


def _born(lives: Lives, children: np.ndarray) -> np.ndarray:
    return lives.children["born"].to_numpy()[children]


def _sex(lives: Lives, children: np.ndarray, year: int) -> np.ndarray:
    boy, girl = ("M", "F") if year >= 2025 else ("1", "2")
    return np.where(lives.children["boy"].to_numpy()[children], boy, girl)


def _told(episodes: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Give the episodes with a day in the year; a forgotten one is told in the year it begins and not again."""
    return episodes[
        (episodes["start"] <= last)
        & (episodes["end"] >= first)
        & ~(episodes["forgotten"] & (episodes["start"] < first))
    ]


def _header(lives: Lives, children: np.ndarray, year: int, first: int) -> pd.DataFrame:
    of = lives.children.iloc[children]
    boy = of["boy"].to_numpy()
    return pd.DataFrame(
        {
            "CHILD": _identifiers(children),
            "SEX": _sex(lives, children, year),
            "DOB": _text(of["born"]),
            "ETHNIC": np.where(of["told_late"] & (of["entry"] >= first), "NOBT", of["ethnic"]),
            "UPN": np.where(birthday(_born(lives, children), 4) > first, "UN1", _pupil_numbers(children)),
            "MOTHER": np.where(boy, "", "0"),
            "MC_DOB": "",
        }
    )


def _episodes(told: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    ended = (told["end"] <= last).to_numpy()
    urn_comes_later = told["urn_late"] & (told["start"] >= first) & (told["urn"] != "")
    return pd.DataFrame(
        {
            "CHILD": _identifiers(told["child"].to_numpy()),
            "DECOM": _text(told["start"]),
            "RNE": told["new"].to_numpy(),
            "LS": told["order"].to_numpy(),
            "CIN": told["need"].to_numpy(),
            "PLACE": told["place"].to_numpy(),
            "PLACE_PROVIDER": told["provider"].to_numpy(),
            "DEC": np.where(ended, _text(told["end"]), ""),
            "REC": np.where(ended, told["left"], ""),
            "REASON_PLACE_CHANGE": np.where(ended, told["moves_on"], ""),
            "HOME_POST": np.where(told["need"] == "N8", "", told["home"]),
            "PL_POST": told["postcode"].to_numpy(),
            "URN": np.where(urn_comes_later, "XXXXXXX", told["urn"]),
        }
    )


def _reviews(lives: Lives, first: int, last: int) -> pd.DataFrame:
    spells = lives.spells
    days = (spells["end"] - spells["start"]).to_numpy()
    many = 1 + np.where(days > REVIEWS[1], 1 + (days - REVIEWS[1]) // REVIEWS[2], 0)
    spell = np.repeat(np.arange(len(spells)), many)
    nth = np.arange(len(spell)) - np.repeat(many.cumsum() - many, many)
    held = spells["start"].to_numpy()[spell] + np.where(nth == 0, REVIEWS[0], REVIEWS[1] + REVIEWS[2] * (nth - 1))
    here = (held >= first) & (held <= last) & (held < spells["end"].to_numpy()[spell])
    child, held = spells["child"].to_numpy()[spell[here]], held[here]
    born = _born(lives, child)
    spoke = np.array(["PN1", "PN2", "PN3", "PN6"])[(child + held) % 4]
    return pd.DataFrame(
        {
            "CHILD": _identifiers(child),
            "DOB": _text(born),
            "REVIEW": _text(held),
            "REVIEW_CODE": np.where(birthday(born, 4) > held, "PN0", spoke),
        }
    )


def _uasc(lives: Lives, children: np.ndarray, year: int) -> pd.DataFrame:
    born = _born(lives, children)
    return pd.DataFrame(
        {
            "CHILD": _identifiers(children),
            "SEX": _sex(lives, children, year),
            "DOB": _text(born),
            "DUC": _text(birthday(born, 18)),
        }
    )


def _oc2(lives: Lives, chance: np.ndarray, first: int, last: int) -> pd.DataFrame:
    """Children in care on the last day and for the 12 months before it."""
    here = lives.spells[(lives.spells["start"] <= first) & (lives.spells["end"] > last)]
    child = here["child"].to_numpy()
    born, luck = _born(lives, child), chance[child]
    asked = (birthday(born, 4) <= last) & (birthday(born, 17) > first)
    scored, misused, helped = asked & (birthday(born, 17) > last), luck[:, 0] < 0.05, luck[:, 1] < 0.5
    flag = np.where(luck < 0.85, "1", "0")
    return pd.DataFrame(
        {
            "CHILD": _identifiers(child),
            "DOB": _text(born),
            "SDQ_SCORE": np.where(scored, (luck[:, 2] * 30).astype(int).astype(str), ""),
            "SDQ_REASON": np.where(asked & ~scored, "SDQ1", ""),
            "CONVICTED": np.where(birthday(born, 10) <= last, np.where(luck[:, 3] < 0.03, "1", "0"), ""),
            "HEALTH_CHECK": np.where(birthday(born, 5) > last, flag[:, 4], ""),
            "IMMUNISATIONS": flag[:, 5],
            "TEETH_CHECK": flag[:, 6],
            "HEALTH_ASSESSMENT": flag[:, 7],
            "SUBSTANCE_MISUSE": np.where(misused, "1", "0"),
            "INTERVENTION_RECEIVED": np.where(misused, np.where(helped, "1", "0"), ""),
            "INTERVENTION_OFFERED": np.where(misused & ~helped, "1", ""),
        }
    )


def _leavers(lives: Lives, last: int) -> np.ndarray:
    """Give those of 17 to 21 who were in care after their 16th birthday and no longer are."""
    spells = lives.spells
    born = _born(lives, spells["child"].to_numpy())
    aged = (birthday(born, 17) <= last) & (birthday(born, 22) > last)
    cared = spells["end"].to_numpy() > birthday(born, 16) + 91
    out = spells.groupby("child")["end"].transform("max").to_numpy() <= last
    return np.unique(spells["child"].to_numpy()[aged & cared & out])


def _oc3(lives: Lives, chance: np.ndarray, leavers: np.ndarray, last: int) -> pd.DataFrame:
    born, luck = _born(lives, leavers), chance[leavers]
    known = luck[:, 0] < 0.92
    activity = np.array(["F1", "F2", "P2", "G4", "G5"])[(luck[:, 1] * 5).astype(int)]
    home = np.array(["B1", "D1", "U1", "R2", "Z1"])[
        (luck[:, 2] * np.where(birthday(born, 18) <= last, 5, 4)).astype(int)
    ]
    return pd.DataFrame(
        {
            "CHILD": _identifiers(leavers),
            "DOB": _text(born),
            "IN_TOUCH": np.where(known, "YES", "NO"),
            "ACTIV": np.where(known, activity, "0"),
            "ACCOM": np.where(known, home, "0"),
        }
    )
