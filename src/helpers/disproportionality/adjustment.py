"""Whether age, gender or other differences between groups explain a difference in care or in an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri

from helpers.disproportionality.comparisons import outcome_gap
from helpers.rates.inputs import Floats, as_numbers, check_confidence, check_counts, together
from helpers.rates.standardised import expected_events, standardised_ratio

EVENTS_A_PARAMETER = 10
MATTERS_FROM = 0.10
UNADJUSTED = {"ratio": np.nan, "low": np.nan, "high": np.nan, "p_value": np.nan, "method": "unadjusted only"}


class Adjusted(NamedTuple):
    """Arrays of the shape of the groups: observed over expected children, crude and adjusted; 1 is as expected."""

    observed: Floats
    expected: Floats
    ratio: Floats
    low: Floats
    high: Floats
    crude_ratio: Floats
    changes_the_story: np.ndarray


def adjusted(
    count: ArrayLike,
    population: ArrayLike,
    all_count: ArrayLike,
    all_population: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Adjusted:
    """Give how many children of a group are in care for each one expected from the group's ages and genders.

    count, population: children in care and all children of the group in each cell (age band by gender), (..., cells)
    all_count, all_population: the same of all children, the group's own among them, (cells,) or (..., cells)
    returns: Adjusted of arrays, shape (...): observed, expected, ratio (indirectly standardised) with its interval,
        crude_ratio (the same without cells), and changes_the_story: True where the two differ by more than 10%, which
        is when the adjusted ratio is worth showing. NaN where a cell is missing, or nobody is expected
    raises: ValueError naming the first cell with an impossible count, or without children
    source: indirect standardisation, Breslow and Day (1987), vol II, section 2.3; limits as standardised_ratio
    """
    x, children, everyone, base = together(count, population, all_count, all_population)
    check_counts(x, "children in care", whole=True)
    observed, expected = x.sum(axis=-1), expected_events(children, everyone, base)
    found = standardised_ratio(observed, np.where(expected > 0, expected, np.nan), confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        crude = observed / (children.sum(axis=-1) * everyone.sum(axis=-1) / base.sum(axis=-1))
        changes = np.abs(found.value / crude - 1) > MATTERS_FROM
    return Adjusted(observed, expected, *found, crude, changes)


def adjusted_outcomes(
    children: pd.DataFrame,
    *,
    outcome: str,
    group: str,
    reference: str,
    adjust_for: Sequence[str],
    siblings: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Give each group's ratio of an outcome to the reference group's, adjusted for what else differs between them.

    children: one row per child; outcome is 0 or 1 (or bool); group and adjust_for are categories with nothing missing.
        Never adjust for what happens after entering care on the way to the outcome (such as the kind of placement)
    reference: the group that ratios are relative to; siblings: column that tells families apart, if known
    returns: one row per other group, by name: group, reference, children, events, crude_ratio with crude_low and
        crude_high (Koopman), ratio, low, high and p_value (modified Poisson), method, ratio_mantel_haenszel (the check
        without a model) and events_a_parameter. Where there are fewer than 10 events for each parameter, or the group
        or the reference has no events, the adjusted columns are blank and method says 'unadjusted only'
    raises: ValueError where a column is missing, has missing values, outcome is not 0 or 1, or reference is absent
    source: Zou (2004), American Journal of Epidemiology 159:702-706 (robust Poisson; clustered on siblings: Yelland and
        others 2011, AJE 174:984-992); Mantel-Haenszel ratio, Greenland and Robins (1985), Biometrics 41:55-68
    """
    check_confidence(confidence)
    adjust_for = list(adjust_for)
    _check_children(children, [outcome, group, *adjust_for, *([siblings] if siblings else [])], outcome)
    if not (children[group] == reference).any():
        raise ValueError(f"no child is in the reference group {reference!r}; there are {sorted(set(children[group]))}")
    happened = as_numbers(children[outcome])
    sizes = pd.Series(happened).groupby(children[group].to_numpy(), observed=True).agg(["sum", "size"])
    fitted, events_a_parameter = _fit(children, happened, [group, *adjust_for], reference, siblings, confidence)
    rows = []
    for name in sorted(set(sizes.index) - {reference}, key=str):
        crude = outcome_gap(*sizes.loc[name], *sizes.loc[reference], confidence=confidence)
        rows.append(
            {"group": name, "reference": reference, "children": sizes.loc[name, "size"]}
            | {"events": sizes.loc[name, "sum"], "crude_ratio": float(crude.ratio)}
            | {"crude_low": float(crude.ratio_low), "crude_high": float(crude.ratio_high)}
            | fitted.get(name, UNADJUSTED)
            | {"ratio_mantel_haenszel": _mantel_haenszel(children, happened, group, (name, reference), adjust_for)}
            | {"events_a_parameter": events_a_parameter}
        )
    return pd.DataFrame(rows)


def _check_children(children: pd.DataFrame, used: list[str], outcome: str) -> None:
    absent = [name for name in used if name not in children.columns]
    if absent:
        raise ValueError(f"the table has no column {', '.join(absent)}")
    missing = children[used].isna().sum()
    for name in missing[missing > 0].index:
        raise ValueError(f"{name} is missing in {missing[name]} rows; leave them out and count them beside the result")
    if not children[outcome].isin([0, 1]).all():
        raise ValueError(f"{outcome} must be 0 or 1 for every child")


def _fit(
    children: pd.DataFrame,
    happened: Floats,
    categories: list[str],
    reference: str,
    siblings: str | None,
    confidence: float,
) -> tuple[dict[str, dict], float]:
    """Fit the modified Poisson model: each group's ratio (none where there are too few events), events a parameter."""
    # statsmodels takes seconds to import, which every command would pay for if this stood at the top.
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    # A category without any event has a fitted rate of 0 and moves no other ratio: its children are left aside.
    kept = np.ones(len(children), dtype=bool)
    for name in categories:
        kept &= pd.Series(happened).groupby(children[name].to_numpy()).transform("sum").to_numpy() > 0
    part = children[kept].reset_index(drop=True)
    groups = pd.get_dummies(part[categories[0]], prefix="group", dtype=float)
    others = [pd.get_dummies(part[name], prefix=name, drop_first=True, dtype=float) for name in categories[1:]]
    design = pd.concat([groups.drop(columns=f"group_{reference}", errors="ignore"), *others], axis=1)
    design.insert(0, "everyone", 1.0)
    events_a_parameter = float(happened.sum() / design.shape[1])
    if events_a_parameter < EVENTS_A_PARAMETER or f"group_{reference}" not in groups:
        return {}, events_a_parameter
    robust = {"cov_type": "HC1"}
    if siblings is not None:
        robust = {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(part[siblings])[0]}}
    result = GLM(happened[kept], design, family=Poisson()).fit(**robust)
    method = "modified Poisson" if siblings is None else "modified Poisson, siblings together"
    reach = ndtri((1 + confidence) / 2) * result.bse
    table = pd.DataFrame({
        "ratio": np.exp(result.params), "low": np.exp(result.params - reach), "high": np.exp(result.params + reach),
        "p_value": result.pvalues, "method": method,
    })  # fmt: skip
    names = [name for name in part[categories[0]].unique() if name != reference]
    return {name: table.loc[f"group_{name}"].to_dict() for name in names}, events_a_parameter


def _mantel_haenszel(
    children: pd.DataFrame, happened: Floats, group: str, pair: tuple[str, str], adjust_for: list[str]
) -> float:
    """Give the Mantel-Haenszel ratio over every combination of adjust_for; NaN where the reference has no events."""
    stratum = np.zeros(len(children), dtype=int)
    if adjust_for:
        stratum = children.groupby(adjust_for, observed=True).ngroup().to_numpy()
    events, sizes = (
        [np.bincount(stratum, weights * (children[group] == name), stratum.max() + 1) for name in pair]
        for weights in (happened, np.ones(len(children)))
    )
    both = np.maximum(sizes[0] + sizes[1], 1)
    top, bottom = np.sum(events[0] * sizes[1] / both), np.sum(events[1] * sizes[0] / both)
    return float(top / bottom) if bottom > 0 else np.nan
