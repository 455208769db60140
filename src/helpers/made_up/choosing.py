"""Choose children, and homes, statuses or reasons for children, so that every printed count holds at once.

Each choice is a weighted draw: the score of a choice is the logarithm of its weight plus Gumbel noise, and the choice
with the highest sum of scores is taken. Without counts to keep, that is an ordinary weighted draw, in linear time (the
Gumbel-max trick; Kool, van Hoof and Welling 2019, ICML). With counts to keep, the highest sum that keeps them
is an integer problem, solved with scipy's HiGHS.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from helpers import codes
from helpers.errors import InputError
from helpers.made_up.plans import CONDITIONS

# What one child away from a wish costs. The noise of a score has a spread of 1.3, so a wish moves most choices.
PRICE_OF_A_WISH = 3.0

# A draw half a percent below the best one is as good a draw, and is found far sooner.
SOLVER = {"mip_rel_gap": 5e-3, "presolve": True}


class OutOfReachError(InputError):
    """The counts asked for cannot be met from the children drawn; another draw may meet them."""


class Kept(NamedTuple):
    """A count to keep. members: True where a choice counts, shape (n,) or (n, options); low, high: both included.

    binding: False for a wish, which may be missed at a price
    """

    members: NDArray[np.bool_]
    low: int
    high: float
    binding: bool = True


@lru_cache(maxsize=128)
def load_options(name: str, year: int, weight: str = "weight") -> pd.DataFrame:
    """Give the options of made_up_<name>.csv that are valid in a return year and weigh something, numbers as numbers.

    weight: the column that must be above 0 (weight, or weight_at_start). Shared by all callers: not to be changed.
    """
    options = codes.load_codelist(f"made_up_{name}")
    if "first_year" in options:
        first = pd.to_numeric(options["first_year"]).fillna(0)
        last = pd.to_numeric(options["last_year"]).fillna(9999)
        options = options[(first <= year) & (year <= last)]
    numbers = {
        column: pd.to_numeric(options[column])
        for column in ("age_from", "age_to", "months_from", "months_to", "weight", "weight_at_start")
        if column in options
    }
    options = options.assign(**numbers)
    return options[options[weight] > 0].reset_index(drop=True)


def fits(options: pd.DataFrame, people: pd.DataFrame, ignoring: Iterable[str] = ()) -> NDArray[np.bool_]:
    """Tell which options a child may have. people: age, months, uasc, need and current codes; returns (n, options)."""
    columns = {"placements": "placement", "legal_statuses": "legal_status", "needs": "need", "after": "legal_status"}
    lists = {key: column for key, column in columns.items() if key in options and key not in set(ignoring)}
    people_values = {column: people[column].to_numpy(str) for column in set(lists.values())}
    age, uasc = people["age"].to_numpy(), people["uasc"].to_numpy(bool)
    months = people["months"].to_numpy() if "months_from" in options else None
    fit = np.empty((len(people), len(options)), dtype=bool)
    for k, option in enumerate(options.to_dict("records")):
        fit[:, k] = (age >= option["age_from"]) & (age <= option["age_to"])
        if option["uasc"]:
            fit[:, k] &= uasc == (option["uasc"] == "yes")
        if months is not None and not np.isnan(option["months_from"]):
            fit[:, k] &= months >= option["months_from"]
        if months is not None and not np.isnan(option["months_to"]):
            fit[:, k] &= months <= option["months_to"]
        for key, column in lists.items():
            if option[key]:
                fit[:, k] &= np.isin(people_values[column], option[key].split())
    return fit


def score(weights: NDArray[np.float64], fit: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float64]:
    """Give a random score per child and option; -inf where the option does not fit or weighs nothing."""
    with np.errstate(divide="ignore"):
        logs = np.where(fit, np.log(np.broadcast_to(weights, fit.shape)), -np.inf)
    return logs + rng.gumbel(size=fit.shape)


def counts_for(
    targets: pd.DataFrame, people: pd.DataFrame, options: pd.DataFrame | None = None
) -> list[NDArray[np.bool_]]:
    """Tell, for each target, who would count: shape (n,), or (n, options) where options are given.

    targets: rows with the columns of plans.CONDITIONS, age_from, age_to, uasc
    options: what is being chosen; its codes count in the place of those a child has now
    """
    return [_members(target, people, options) for target in targets.to_dict("records")]


def _members(target: dict, people: pd.DataFrame, options: pd.DataFrame | None) -> NDArray[np.bool_]:
    person = np.ones(len(people), dtype=bool)
    choice = np.ones(1 if options is None else len(options), dtype=bool)
    for key, column in CONDITIONS.items():
        wanted = target[key].split()
        if wanted and options is not None and column in options:
            choice &= options[column].isin(wanted).to_numpy()
        elif wanted:
            person &= people[column].isin(wanted).to_numpy()
    if target["age_from"] != "":
        person &= people["age"].between(int(target["age_from"]), int(target["age_to"])).to_numpy()
    if target["uasc"]:
        person &= people["uasc"].to_numpy(bool) == (target["uasc"] == "yes")
    return person if options is None else person[:, None] & choice[None, :]


def choose_rows(scores: NDArray[np.float64], kept: list[Kept], *, told: str) -> NDArray[np.bool_]:
    """Choose rows for the highest sum of scores, with every count kept.

    scores: shape (n,), finite; kept: counts over rows, members of shape (n,)
    raises: OutOfReachError if no choice keeps every count; `told` says of what
    """
    matrix = csr_array(np.array([count.members for count in kept], dtype=float))
    return _solve(scores, matrix, kept, told)


def choose_options(scores: NDArray[np.float64], kept: list[Kept], *, told: str) -> NDArray[np.int64]:
    """Choose one option for each row for the highest sum of scores, with every count kept.

    scores: shape (n, options), -inf where an option may not be chosen
    returns: the option of each row, shape (n,)
    raises: InputError if a row has no option; OutOfReachError if no choice keeps every count; `told` says of what
    """
    if not len(scores):
        return np.zeros(0, dtype=np.int64)
    if not np.isfinite(scores).any(axis=1).all():
        raise InputError(f"{told}: some children fit no option of the codelist. Give every kind of child an option.")
    if not kept:
        return scores.argmax(axis=1)
    return _choose_by_signature(scores, kept, told)


def _choose_by_signature(scores: NDArray[np.float64], kept: list[Kept], told: str) -> NDArray[np.int64]:
    """Options that count alike for a child differ only in score: only the best of them enters the integer problem."""
    signature = np.zeros(scores.shape, dtype=np.int64)
    for bit, count in enumerate(kept):
        signature += count.members.astype(np.int64) << bit
    kinds = np.unique(signature[np.isfinite(scores)])
    best = np.full((len(scores), len(kinds)), -np.inf)
    option = np.zeros(best.shape, dtype=np.int64)
    for position, kind in enumerate(kinds):
        alike = np.where(signature == kind, scores, -np.inf)
        option[:, position], best[:, position] = alike.argmax(axis=1), alike.max(axis=1)
    row, column = np.nonzero(np.isfinite(best))
    cells = np.arange(len(row))
    one_each = csr_array((np.ones(len(row)), (row, cells)), shape=(len(scores), len(row)))
    inside = [((kinds[column] >> bit) & 1).astype(float) for bit in range(len(kept))]
    matrix = csr_array(vstack([one_each, csr_array(np.array(inside))]))
    each = Kept(np.zeros(0, dtype=bool), 1, 1)
    rules = [*[each] * len(scores), *kept]
    chosen = _solve(best[row, column], matrix, rules, told)
    result = np.zeros(len(scores), dtype=np.int64)
    result[row[chosen]] = option[row[chosen], column[chosen]]
    return result


def _solve(scores: NDArray[np.float64], matrix: csr_array, rules: list[Kept], told: str) -> NDArray[np.bool_]:
    """Find the best choice of columns. matrix: one row per rule; a wish gets two columns more, for below and above."""
    size = len(scores)
    wishes = np.flatnonzero([not rule.binding for rule in rules])
    misses = csr_array(
        (np.repeat([1.0, -1.0], len(wishes)), (np.tile(wishes, 2), np.arange(2 * len(wishes)))),
        shape=(len(rules), 2 * len(wishes)),
    )
    found = milp(
        np.concatenate([-scores, np.full(2 * len(wishes), PRICE_OF_A_WISH)]),
        integrality=np.repeat([1, 0], [size, 2 * len(wishes)]),
        bounds=Bounds(0, np.repeat([1, np.inf], [size, 2 * len(wishes)])),
        constraints=LinearConstraint(
            csr_array(hstack([matrix, misses])), [rule.low for rule in rules], [rule.high for rule in rules]
        ),
        options=SOLVER,
    )
    if not found.success:
        raise OutOfReachError(f"{told}: the counts asked for in made_up_targets.csv cannot all hold ({found.message})")
    return found.x[:size] > 0.5
