"""Along the journey: each group's outcomes beside those of all other children in care, from released numbers alone.

Of children in care only: this is not disproportionality in the population (methods.md, section e).
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import ALL, load_codelist
from helpers.counts import SMALLEST_BASE
from helpers.disproportionality import outcome_findings
from helpers.schemas import Journey, check, columns_of
from helpers.wording import journey_group_words, journey_others_words, journey_words

DIMENSIONS = ("ethnic_group", "gender")
"""Ages are left out: most of the journey is a matter of age, and a difference by age would say nothing more."""
UNKNOWN = "Unknown"
SHOWN = ("shown", "provisional")
SAID = ["events", "children", "other_events", "other_children", "difference_lower", "difference_upper"]
MEASURED = ["share", "other_share", "difference", "difference_lower", "difference_upper"]
TESTED = ["ratio", "ratio_lower", "ratio_upper", "p_value"]


def compare_along_journey(released: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Compare every group with all other children, over every measure of codelists/journey.csv.

    released: contract schemas.Released
    returns: contract schemas.Journey; a measure that the borough has no groups of on the day has no row. Rows whose
        group or whose whole is hidden have no result and are no part of the family, and neither are groups (or others)
        of ten children or fewer. Children of unknown group are left out; where their number is hidden they are few and
        stay among the others. All measures of a dimension are one family (Benjamini-Hochberg)
    """
    own = released[(released["borough"] == borough) & (released["period_end"] == pd.Timestamp(as_at))]
    journey = load_codelist("journey")
    own = own[own["indicator"].isin(journey["indicator"]) & own["category"].eq(ALL)]
    parts = [table for dimension in DIMENSIONS if len(table := _groups(own, dimension))]
    if not parts:
        return check(pd.DataFrame(columns=columns_of(Journey)), Journey, source="along the journey")
    table = pd.concat(parts, ignore_index=True).merge(journey, on="indicator", how="left", validate="m:1")
    found = outcome_findings(table.assign(suppressed=table["status"] != "shown"), family=["dimension"])
    found = found.rename(columns=lambda name: name.replace("_low", "_lower").replace("_high", "_upper"))
    told = table["status"].isin(["shown", "not_applicable"])
    found = found.assign(
        borough=borough,
        as_at=pd.Timestamp(as_at),
        events=table["events"].where(told),
        children=table["children"].where(told),
        other_events=(table["all_events"] - table["events"]).where(told),
        other_children=(table["all_children"] - table["children"]).where(told),
        rule=found["rule"].mask(table["status"] == "not_applicable", 2).astype(int),
    )
    ordered = _in_order(found.assign(sentence=_sentences(found)))
    return check(ordered[columns_of(Journey)], Journey, source="along the journey")


def _groups(own: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Give the groups of one dimension with the numbers of all groups that are known, and whether they may be told."""
    others = [name for name in ("ethnic_group", "gender", "age_band") if name != dimension]
    rows = own[(own[others] == ALL).all(axis=1)]
    wholes = rows[rows[dimension] == ALL].set_index("indicator")
    unknown = rows[(rows[dimension] == UNKNOWN) & rows["numerator"].notna()].set_index("indicator")
    listed = load_codelist("ethnic_groups")["label"] if dimension == "ethnic_group" else ["Male", "Female"]
    groups = rows[rows[dimension].isin(listed) & rows[dimension].ne(UNKNOWN) & rows["status"].ne("not_applicable")]
    groups = groups[groups["indicator"].isin(wholes.index)]
    table = pd.DataFrame(
        {
            "indicator": groups["indicator"],
            "dimension": dimension,
            "group": groups[dimension],
            "events": groups["numerator"],
            "children": groups["denominator"],
            "all_events": _known(groups["indicator"], wholes["numerator"], unknown["numerator"]),
            "all_children": _known(groups["indicator"], wholes["denominator"], unknown["denominator"]),
        }
    )
    return table.assign(status=_statuses(table, groups["status"])).reset_index(drop=True)


def _known(indicators: pd.Series, whole: pd.Series, unknown: pd.Series) -> pd.Series:
    """Take the children of unknown group from the whole; where their number is hidden they stay among the others."""
    of_unknown = unknown.reindex(whole.index, fill_value=0.0)
    return indicators.map((whole - of_unknown).to_dict()).astype(float)


def _statuses(table: pd.DataFrame, status: pd.Series) -> pd.Series:
    shown = status.isin(SHOWN) & table[["events", "children"]].notna().all(axis=1)
    beside = table[["all_events", "all_children"]].notna().all(axis=1)
    few = (table["children"] <= SMALLEST_BASE) | (table["all_children"] - table["children"] <= SMALLEST_BASE)
    result = status.where(~shown | beside, "not_available")
    return result.mask(shown & beside, "shown").mask(shown & beside & few, "not_applicable")


def _sentences(found: pd.DataFrame) -> list[str]:
    return [
        journey_words(
            rule=row["rule"],
            status=row["status"],
            who=journey_group_words(row["dimension"], row["group"], row["who"]),
            outcome=row["outcome"],
            others=journey_others_words(row["dimension"], row["group"], row["others"], row["who"]),
            **{name: row[name] for name in SAID},
        )
        for row in found.to_dict("records")
    ]


def _in_order(found: pd.DataFrame) -> pd.DataFrame:
    """Sort as the journey goes, and groups as they are listed."""
    stages = list(dict.fromkeys(load_codelist("journey")["stage"]))
    groups = [*load_codelist("ethnic_groups")["label"], "Male", "Female"]
    keys = pd.DataFrame(
        {
            "stage": found["stage"].map(stages.index),
            "order": found["order"].astype(int),
            "dimension": found["dimension"].map(DIMENSIONS.index),
            "group": found["group"].map(groups.index),
        }
    )
    return found.loc[keys.sort_values(list(keys)).index]
