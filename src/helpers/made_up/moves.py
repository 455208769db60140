"""How often made-up children move, so that the printed shares of many moves and of long stays hold.

A history is lived first. Then each child who is counted gets a few other versions of it: without the moves that can be
undone, or with one or two more in one year. What each version would count is told by the product's own reading of
episodes (helpers.episodes), and one version is chosen for each child so that every printed count holds at once. The
kinds of home, the legal statuses and the days of coming and leaving are the same in every version.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.episodes import with_periods
from helpers.made_up.care import FOSTERED
from helpers.made_up.choosing import Kept, OutOfReachError, choose_options
from helpers.made_up.dates import NEVER, age_on
from helpers.made_up.draws import Draws
from helpers.made_up.events import EVENT, KINSHIP, to_episodes
from helpers.made_up.plans import MANY_PLACEMENTS, STABLE, Plan, Return

TEMPORARY = "T"
ADOPTIVE = "A"
SETTLED = ["P1", "P2", "A5", "A6", "R5"]
"""Homes that nobody moves between: adopters, parents, a flat of one's own, a prison."""

MOST_ADDED = 2
ROOM = 12
"""Days between two events that one move more needs."""

LONG = "long"
MANY, MONTHS_OF_A_LONG_TIME, OLDEST, YEARS_IN_ONE_HOME = 3, 30, 15, 2
PRICE_OF_A_CHANGE = 3.0  # as lived is the likeliest version by far, and each change makes a version less likely


class Version(NamedTuple):
    """One way to change a history. undone: periods whose moves are undone; added: moves more in the period `within`.

    The first period is the time before the returns, in which moves are undone only: the fewer of them, the further
    back does the first return tell of a stay in care.
    """

    undone: tuple[int, ...] = ()
    within: int = -1
    added: int = 0


def shape_moves(
    events: pd.DataFrame, spells: pd.DataFrame, children: pd.DataFrame, plan: Plan, draws: Draws
) -> pd.DataFrame:
    """Give the changes of a history (events.EVENT) with moves added and undone until the printed counts hold.

    events, spells, children: as history.live has them
    raises: OutOfReachError if no choice of versions keeps every printed count
    """
    if plan.moves.empty:
        return events
    days = sorted(plan.moves["day"].unique().tolist())
    own = events[events["child"].isin(_in_care(spells, days))]
    rows = _with_ends(own, spells)
    windows = _windows(plan.returns)
    versions = _versions(len(windows))
    added = _moves_to_add(rows, windows, draws)
    numbered = pd.concat([_version(rows, added, windows, one).assign(version=k) for k, one in enumerate(versions)])
    numbered = numbered.assign(child=numbered["child"] * len(versions) + numbered["version"])
    counts = _count(numbered, spells, children, plan, days, len(versions))
    chosen = _choose(counts, versions, plan, draws)
    kept = numbered[numbered["child"].isin(chosen)]
    changed = kept.assign(child=kept["child"] // len(versions), place=_renumber(kept["place"], events["place"].max()))
    return pd.concat([events[~events["child"].isin(own["child"])], changed[EVENT]], ignore_index=True)


def _in_care(spells: pd.DataFrame, days: list[int]) -> NDArray[np.int64]:
    there = np.zeros(len(spells), dtype=bool)
    for day in days:
        there |= ((spells["began"] <= day) & (spells["ended"] > day)).to_numpy()
    return spells.loc[there, "child"].unique()


def _windows(returns: list[Return]) -> list[tuple[int, int]]:
    """Give the time before the returns, and the years or parts of a year that each tells of: first and last day."""
    ends = [returns[0].first_day - 1, *(told.last_day for told in returns)]
    return [(-NEVER, ends[0]), *((before + 1, end) for before, end in zip(ends, ends[1:], strict=False))]


def _versions(windows: int) -> list[Version]:
    every = tuple(range(1, windows))
    found = [Version(), Version((0,)), Version(every), Version((0, *every))]
    for k in every:
        found += [Version((k,)), Version(every[:k]), Version(every[k - 1 :]), Version((0,), k, 1)]
        for added in range(1, MOST_ADDED + 1):
            found += [Version((), k, added), Version(every, k, added), Version((k,), k, added)]
    return list(dict.fromkeys(found))


def _with_ends(own: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Add to events in order of child and day: `until` (the next event or the end), and what kind of move each is.

    returns: EVENT and until, temporary, moved (to another home that is not a temporary stay), undoable
    """
    rows = own.sort_values(["child", "day"], kind="stable", ignore_index=True)
    same = rows["spell"].eq(rows["spell"].shift(-1))
    ended = spells.set_index("spell")["ended"].reindex(rows["spell"]).to_numpy()
    rows["until"] = np.where(same, rows["day"].shift(-1, fill_value=NEVER), ended)
    rows["temporary"] = rows["placement"].str.startswith(TEMPORARY)
    settled = rows[~rows["temporary"]]
    before = settled.shift()
    goes_on = settled["spell"].eq(before["spell"])
    moved = goes_on & settled["place"].ne(before["place"])
    kin = settled["placement"].isin(KINSHIP).eq(before["placement"].isin(KINSHIP))
    fostered = settled["placement"].str[0].isin(FOSTERED) & before["placement"].str[0].isin(FOSTERED)
    alike = settled["placement"].eq(before["placement"]) | (fostered & kin)
    undoable = moved & alike & settled["provider"].eq(before["provider"])
    rows["moved"] = moved.reindex(rows.index, fill_value=False)
    rows["undoable"] = undoable.reindex(rows.index, fill_value=False)
    return rows


def _moves_to_add(rows: pd.DataFrame, windows: list[tuple[int, int]], draws: Draws) -> pd.DataFrame:
    """Draw, for each child and period, the days of up to MOST_ADDED moves more to a home of the same kind.

    returns: rows like `rows`, with window and order (from 1), each with a place of its own
    """
    found = []
    quiet = rows["temporary"] | rows["placement"].isin(SETTLED)
    quiet |= quiet.shift(-1, fill_value=False) & rows["spell"].eq(rows["spell"].shift(-1))
    for window, (first, end) in enumerate(windows[1:], start=1):
        low = np.maximum(rows["day"], first) + 2
        room = np.minimum(rows["until"], end) - 2 - low
        free = rows.assign(low=low, room=room)[(room >= ROOM * MOST_ADDED) & ~quiet]
        free = free.sort_values(["child", "room"], kind="stable").drop_duplicates("child", keep="last")
        part = free["room"].to_numpy() // MOST_ADDED
        for order in range(1, MOST_ADDED + 1):
            start = free["low"].to_numpy() + part * (order - 1)
            day = draws.day_between(start + 1, start + part - 2)
            found.append(free.assign(day=day, window=window, order=order, moved=True, undoable=False))
    added = pd.concat(found, ignore_index=True)
    return added.assign(place=-1 - np.arange(len(added)))


def _version(rows: pd.DataFrame, added: pd.DataFrame, windows: list[tuple[int, int]], version: Version) -> pd.DataFrame:
    """Give one version of the history of the children who can have it: EVENT, each child's in order of day."""
    undone = np.zeros(len(rows), dtype=bool)
    for window in version.undone:
        first, end = windows[window]
        undone |= rows["undoable"].to_numpy() & rows["day"].between(first, end).to_numpy()
    changed = rows.assign(moved=rows["moved"].to_numpy() & ~undone)
    able = np.ones(len(rows), dtype=bool)
    if version.undone:
        able &= rows["child"].isin(rows.loc[undone, "child"]).to_numpy() | (version.added > 0)
    if version.added:
        more = added[(added["window"] == version.within) & (added["order"] <= version.added)]
        able &= rows["child"].isin(more["child"]).to_numpy()
        changed = pd.concat([changed[able], more[more["child"].isin(rows.loc[able, "child"])]], ignore_index=True)
        changed = changed.sort_values(["child", "day"], kind="stable", ignore_index=True)
    else:
        changed = changed[able].reset_index(drop=True)
    # A home lasts until the next move that is left: temporary stays lead back to it.
    settled = changed[~changed["temporary"]]
    begins = settled["moved"] | settled["spell"].ne(settled["spell"].shift())
    place = settled["place"].where(begins).ffill().astype(np.int64)
    changed.loc[settled.index, "place"] = place
    return changed[EVENT]


def _count(
    numbered: pd.DataFrame, spells: pd.DataFrame, children: pd.DataFrame, plan: Plan, days: list[int], versions: int
) -> dict[tuple[int, str], pd.Series]:
    """Count every version. returns: by day and kind of count, a truth per version of a child in care on that day.

    The kinds are plans.MANY_PLACEMENTS, plans.STABLE and LONG, whom stable is a share of.
    """
    codes = numbered[["child", "spell"]].drop_duplicates()
    own = spells.set_index("spell").loc[codes["spell"], ["ended", "reason"]]
    # The same period of care is another one in each version.
    unique = pd.factorize(pd.MultiIndex.from_frame(numbered[["child", "spell"]]))[0]
    episodes = to_episodes(numbered.assign(spell=unique), own.assign(spell=np.arange(len(codes))))
    first_day = plan.returns[0].first_day
    homes = _homes(episodes[episodes["ended"] >= first_day])
    born = children.set_index("child")["born"].to_numpy()
    found = {}
    for day in days:
        year_before, long_ago, two_years = (_before(day, months) for months in (12, MONTHS_OF_A_LONG_TIME, 24))
        in_year = homes[(homes["first"] <= day) & (homes["end"] > year_before + 1)]
        here = homes[(homes["first"] <= day) & (homes["end"] > day)].set_index("child")
        many = in_year.groupby("child").size().reindex(here.index) >= MANY
        young = age_on(born[here.index.to_numpy() // versions], day) <= OLDEST
        long = (here["care_from"] <= long_ago) & young
        found[day, MANY_PLACEMENTS] = many
        found[day, LONG] = long
        found[day, STABLE] = long & (here["since"] <= two_years)
    return found


def _before(day: int, months: int) -> int:
    return (pd.Timestamp(day, unit="D") - pd.DateOffset(months=months)).to_numpy().astype("M8[D]").astype(int)


def _homes(episodes: pd.DataFrame) -> pd.DataFrame:
    """Number the homes of told episodes as the product does: child, first, end, care_from, since (see episodes)."""
    told = pd.DataFrame(
        {
            "CHILD": episodes["child"],
            "DECOM": pd.to_datetime(episodes["day"], unit="D"),
            "DEC": pd.to_datetime(episodes["ended"].where(episodes["ended"] < NEVER), unit="D"),
            "RNE": episodes["rne"],
            "LS": episodes["legal_status"],
            "PLACE": episodes["placement"],
            "PLACE_PROVIDER": episodes["provider"].where(episodes["provider"] != ""),
            "PL_POST": episodes["place"],
            "URN": None,
        }
    )
    numbered = with_periods(told)[["period_id", "placement"]].assign(
        child=episodes["child"],
        day=episodes["day"],
        ended=episodes["ended"],
        adoptive=episodes["placement"].str.startswith(ADOPTIVE),
    )
    numbered = numbered.sort_values(["child", "day"], kind="stable")
    homes = numbered.groupby(["child", "period_id", "placement"], as_index=False).agg(
        first=("day", "min"), end=("ended", "max"), adoptive=("adoptive", "first")
    )
    together = homes["adoptive"] & homes["period_id"].eq(homes["period_id"].shift())
    return homes.assign(
        care_from=homes.groupby("period_id")["first"].transform("min"),
        since=homes["first"].mask(together, homes["first"].shift()),
    )


def _choose(
    counts: dict[tuple[int, str], pd.Series], versions: list[Version], plan: Plan, draws: Draws
) -> NDArray[np.int64]:
    """Choose a version of each child. returns: child and version as one number."""
    numbers = np.unique(np.concatenate([truth.index.to_numpy() for truth in counts.values()]))
    children = np.unique(numbers // len(versions))
    changes = np.array([len(one.undone) / 2 + one.added for one in versions])
    scores = draws.rng.gumbel(size=(len(children), len(versions))) - PRICE_OF_A_CHANGE * changes
    able = _spread(pd.Series(True, index=numbers), children, len(versions))
    kept = []
    for target in plan.moves.to_dict("records"):
        members = _spread(counts[target["day"], target["counted"]], children, len(versions))
        if target["count"] >= 0:
            kept.append(Kept(members, target["count"], target["count"]))
            continue
        long = _spread(counts[target["day"], LONG], children, len(versions))
        base, low, high = _share(target["printed"], long, able, told=f"{draws.borough}, moves")
        kept += [Kept(long, base, base), Kept(members, low, high)]
    chosen = choose_options(np.where(able, scores, -np.inf), kept, told=f"{draws.borough}, moves")
    return children * len(versions) + chosen


def _spread(truth: pd.Series, children: NDArray[np.int64], versions: int) -> NDArray[np.bool_]:
    """Lay a truth by child and version out as a table of children and versions."""
    table = np.zeros((len(children), versions), dtype=bool)
    true = truth.index.to_numpy()[truth.to_numpy(bool)]
    table[np.searchsorted(children, true // versions), true % versions] = True
    return table


def _share(printed: str, long: NDArray[np.bool_], able: NDArray[np.bool_], *, told: str) -> tuple[int, int, int]:
    """Give a base near what was lived, of which some part is the printed share, and the fewest and most that are it.

    raises: OutOfReachError if no base in reach has such a part
    """
    lived = int(long[:, 0].sum())
    fewest, most = int((long | ~able).all(axis=1).sum()), int(long.any(axis=1).sum())
    for base in sorted(range(max(fewest, 1), most + 1), key=lambda one: abs(one - lived)):
        parts = [(Decimal(100 * one) / base).quantize(Decimal(printed), ROUND_HALF_UP) for one in range(base + 1)]
        fitting = [one for one, part in enumerate(parts) if part == Decimal(printed)]
        if fitting:
            return base, fitting[0], fitting[-1]
    raise OutOfReachError(f"{told}: no part of {fewest} to {most} children is the printed {printed}%")


def _renumber(places: pd.Series, last: int) -> NDArray[np.int64]:
    """Give the homes that moves were added to (negative so far) running numbers after the last."""
    number, found = pd.factorize(places.where(places < 0))
    return np.where(number >= 0, last + 1 + number, places).astype(np.int64)
