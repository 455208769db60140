"""Periods of care from episodes, and what each episode changes in its period.

A period is one unbroken stretch of days: an episode that starts on the day an earlier one ends, or before it, goes on
with it, whatever the codes say (the codes are checked against the days in `rne_agrees`). Short breaks (V3, V4) are
periods of a kind of their own and never join or part periods of care.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.episodes.moves import (
    UNKNOWN,
    YES,
    Details,
    claims,
    details_of,
    is_temporary,
    legal_status_changed,
    moved,
    placement_changed,
    same_carer,
)
from helpers.episodes.order import Ordered, first_of, in_order, running_end

CARE, SHORT_BREAKS = "care", "short breaks"


def with_periods(episodes: pd.DataFrame) -> pd.DataFrame:
    """Add to each episode its period and what changes with it.

    episodes: official columns, rows in any order
    returns: the rows as given, with
        kind: CARE or SHORT_BREAKS
        period_id: whole number, one per period of the table, in order of child, kind and start
        period: number of the period among the child's periods of its kind, from 1
        starts_period: the first episode of its period
        placement: number of the placement in its period, from 1 (a stay with one carer; see stability.py)
        placement_changed, same_carer: against the episode before; missing where the columns do not tell
        legal_status_changed: against the episode before; False for the first
        rne_agrees: RNE says what the columns say; missing where they do not tell
        overlaps: starts before an earlier-starting episode of the child has ended, whichever that is and of either kind
        gap_before: days between the latest end before and this start; 0 where care goes on, missing for the first
    raises: ContractError counting the rows without CHILD or DECOM
    """
    order = in_order(episodes)
    found = _in_order_of(order).assign(overlaps=_overlaps(order))
    back = np.empty_like(order.at)
    back[order.at] = np.arange(len(order.at))
    found = found.iloc[back].set_axis(episodes.index)
    return episodes.assign(**dict(found.items()))


def periods_of_care(episodes: pd.DataFrame) -> pd.DataFrame:
    """Give one row per child and unbroken period.

    returns: CHILD, period_id, kind, period, started_on, ended_on (missing while open or not told), reason_ceased (REC
        of the episode that ends last; missing while open), counts_to (the last day known of, where the end is not
        told; else missing), episodes, placements, short_breaks_only; in order of child, kind and start
    raises: ContractError counting the rows without CHILD or DECOM
    """
    order = in_order(episodes)
    found = _in_order_of(order)
    first = np.flatnonzero(found["starts_period"].to_numpy())
    last = np.append(first[1:], len(found)) - 1 if len(first) else first
    ends_last = _row_that_ends_last(order, found["period_id"].to_numpy())
    end = order.end[ends_last]
    lost = _end_not_told(order)[ends_last]
    periods = found.iloc[first][["period_id", "kind", "period"]].reset_index(drop=True)
    ended = order.to_dates(end)
    blank = np.datetime64("NaT", "us")
    periods.insert(0, "CHILD", order.rows["CHILD"].iloc[first].to_numpy())
    reason = order.rows["REC"].iloc[ends_last].reset_index(drop=True)
    return periods.assign(
        started_on=order.to_dates(order.start[first]),
        ended_on=np.where(lost, blank, ended),
        reason_ceased=reason.where(pd.Series(~lost & (end < order.open_end), dtype=bool)),
        counts_to=np.where(lost, ended - np.timedelta64(1, "D"), blank),
        episodes=last - first + 1,
        placements=found["placement"].iloc[last].to_numpy(),
        short_breaks_only=periods["kind"] == SHORT_BREAKS,
    )


def _in_order_of(order: Ordered) -> pd.DataFrame:
    """Work out the columns of `with_periods` but the overlaps, for rows in order."""
    before = running_end(order.group, order.end)
    new_group = first_of(order.group)
    starts = new_group | (order.start > before)
    period_id = np.cumsum(starts)
    first_period = np.where(new_group, period_id, 0)
    gap = np.where(new_group, np.nan, np.maximum(order.start - before, 0))
    found = pd.DataFrame(
        {
            "kind": np.where(order.group % 2 == 1, SHORT_BREAKS, CARE),
            "period_id": period_id,
            "period": period_id - np.maximum.accumulate(first_period) + 1,
            "starts_period": starts,
        }
    )
    return found.assign(**_changes(order, starts, gap), gap_before=gap)


def _changes(order: Ordered, starts: NDArray[np.bool_], gap: NDArray[np.float64]) -> dict[str, object]:
    now = details_of(order.rows)
    rows = np.arange(len(starts))
    before = now.take(np.maximum(rows - 1, 0))
    claim = claims(order.rows["RNE"])
    goes_on = ~starts
    changed = np.where(goes_on, placement_changed(now, before), 0)
    legal = np.where(goes_on, legal_status_changed(now, before), 0)
    carer = np.where(goes_on, same_carer(now, before), UNKNOWN)
    return {
        "placement": _number_placements(now, claim["same_carer"].to_numpy(), starts),
        "placement_changed": _three_way(changed),
        "legal_status_changed": legal == YES,
        "same_carer": _three_way(carer),
        "rne_agrees": _three_way(_agreement(claim, changed, legal, carer, order, starts, gap)),
    }


def _number_placements(now: Details, claim: NDArray[np.int8], starts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number the placements of each period. A temporary stay has the number of the placement it interrupts."""
    rows = np.arange(len(starts))
    period_first = np.maximum.accumulate(np.where(starts, rows, 0))
    temporary = is_temporary(now)
    last_settled = np.append(-1, np.maximum.accumulate(np.where(temporary, -1, rows))[:-1])[: len(rows)]
    has_settled = ~starts & ~temporary & (last_settled >= period_first)
    after_temporary = np.append(False, temporary[:-1])[: len(rows)]
    elsewhere = moved(now, now.take(np.maximum(last_settled, 0)), claim, after_temporary)
    moves = np.cumsum(has_settled & elsewhere)
    return moves - moves[period_first] + 1


def _agreement(
    claim: pd.DataFrame,
    changed: NDArray,
    legal: NDArray,
    carer: NDArray,
    order: Ordered,
    starts: NDArray[np.bool_],
    gap: NDArray[np.float64],
) -> NDArray[np.int8]:
    """Compare RNE with the columns. A first episode that is not S may go on from a year that is not here."""
    says_start = (order.rows["RNE"] == "S").to_numpy()
    listed = (claim["placement_changed"] != UNKNOWN).to_numpy()
    against = np.zeros(len(starts), dtype=bool)
    for told, column in ((changed, "placement_changed"), (legal, "legal_status_changed"), (carer, "same_carer")):
        against |= (told != UNKNOWN) & (told != claim[column].to_numpy())
    unsure = ~against & ((changed == UNKNOWN) | (carer == UNKNOWN))
    going_on = np.where(against, 0, np.where(unsure, UNKNOWN, 1))
    starting = np.where(says_start, 1, np.where(np.isnan(gap), UNKNOWN, 0))
    result = np.where(starts, starting, np.where(says_start, 0, going_on))
    return np.where(says_start | listed, result, UNKNOWN).astype(np.int8)


def _three_way(told: NDArray) -> pd.array:
    return pd.arrays.BooleanArray(told == YES, told == UNKNOWN)


def _overlaps(order: Ordered) -> NDArray[np.bool_]:
    """Find overlaps of either kind: the order within a child is by start alone."""
    at = np.lexsort((order.end, order.start, order.child))
    found = order.start[at] < running_end(order.child[at], order.end[at])
    overlaps = np.empty_like(found)
    overlaps[at] = found
    return overlaps


def _row_that_ends_last(order: Ordered, period_id: NDArray[np.int64]) -> NDArray[np.intp]:
    at = np.lexsort((np.arange(len(period_id)), order.end, period_id))
    is_last = np.append(period_id[1:] != period_id[:-1], True)[: len(period_id)]
    return at[is_last]


def _end_not_told(order: Ordered) -> NDArray[np.bool_]:
    if "end_not_told" in order.rows:
        return order.rows["end_not_told"].to_numpy(bool)
    return np.zeros(len(order.rows), dtype=bool)
