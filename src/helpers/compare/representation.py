"""A borough's groups compared with its population: the headline, and every other way to look at it.

Only released numbers go in, so nothing that comes out can give a hidden one away. group_shares.py: the shares that are
compared. sensitivity.py: other populations, unknown ethnicity. adjusting.py: ages and genders, combinations.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from helpers.codes import load_codelist
from helpers.compare.adjusting import RATIOS, adjusted_ratios
from helpers.compare.group_shares import (
    beside_population,
    children_of,
    groups_in_care,
    residents_for_rates,
    sources_of,
)
from helpers.compare.sensitivity import with_other_sources, with_unknown_bounds
from helpers.disproportionality import findings, reference_findings
from helpers.population import describe_source
from helpers.rates import rate
from helpers.schemas import Disproportionality, check, columns_of
from helpers.wording import doubt_words, reference_words, representation_words

DIMENSIONS = ("ethnic_group", "gender", "age_band")
FAMILY_OF = {"ethnic_group": "ethnic groups", "gender": "ages and genders", "age_band": "ages and genders"}
"""Ages and genders are one family: with a third, 6% of pages would have a false 'over-represented' by chance."""

QUESTIONS = (
    ("cla_total", "headline", DIMENSIONS),
    ("cla_started", "coming into care", DIMENSIONS),
    ("cla_not_uasc", "without unaccompanied children", DIMENSIONS),
    ("cla_total", "finer groups", ("ethnic_label",)),
)
COUNTED = {
    "cla_total": "children in care",
    "cla_started": "children who came into care in the year",
    "cla_not_uasc": "children in care who are not unaccompanied",
}
"""How the children of each indicator are told in a sentence, after a percentage of them."""

WHOLE = ["indicator", "dimension", "comparison", "source"]
"""What tells apart the sets of rows whose population shares add to 1."""


def compare_with_population(
    released: pd.DataFrame,
    population: pd.DataFrame,
    *,
    borough: str,
    as_at: dt.date,
    reference: str = "White British",
    counts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare each ethnic group's, sex's and age band's share of children in care with its share of local children.

    released, population, reference, counts: as in `representation_results`
    returns: contract schemas.Disproportionality, the headline rows alone; a dimension with no population to compare
        with has no rows
    """
    return headline(
        representation_results(released, population, borough=borough, as_at=as_at, reference=reference, counts=counts)
    )


def headline(compared: pd.DataFrame) -> pd.DataFrame:
    """Keep the answer: children in care against everyone else, with the preferred population."""
    return compared[compared["comparison"] == "headline"].reset_index(drop=True)


def representation_results(
    released: pd.DataFrame,
    population: pd.DataFrame,
    *,
    borough: str,
    as_at: dt.date,
    reference: str = "White British",
    counts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare groups of children in care with local children in every way that the data allow.

    released, population: contracts schemas.Released and schemas.Population
    reference: an ethnic group or a finer label. Where finer labels cannot be compared, its group takes its place
    counts: contract schemas.Counts with ethnic group by gender by age, for the adjusted ratio; None adjusts nothing
    returns: contract schemas.Disproportionality: the headline; children coming into care in the year; the same without
        unaccompanied children; finer ethnic groups; every further population; and against the reference group. What
        the data do not tell has no rows. Holm allows for the ethnic groups of one question, and for its ages and
        genders together; each further population is a family of its own
    """
    here = {"borough": borough, "as_at": as_at}
    released = released[(released["borough"] == borough) & (released["period_end"] == pd.Timestamp(as_at))]
    asked = _asked(released, population, **here)
    if asked.empty:
        return check(pd.DataFrame(columns=columns_of(Disproportionality)), Disproportionality, source="results")
    found = findings(asked, family=["family"], whole=WHOLE)
    found = pd.concat([found, _against_reference(asked, reference)], ignore_index=True)
    found = with_unknown_bounds(with_other_sources(found), released, **here)
    found = _with_adjusted_ratios(found, released, population, counts, **here)
    table = _as_contract(found.assign(sentence=[_sentence(row) for row in found.to_dict("records")]), released, **here)
    return check(table, Disproportionality, source="disproportionality")


def _asked(released: pd.DataFrame, population: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    """Lay every population beside every released breakdown: one row per group, with its question and its family."""
    here = {"borough": borough, "as_at": as_at}
    parts = []
    for indicator, comparison, dimensions in QUESTIONS:
        for dimension in dimensions:
            groups = groups_in_care(released, indicator, dimension, **here)
            sources = sources_of(population, groups, dimension, **here) if len(groups) else []
            for place, residents in enumerate(sources):
                if place and comparison not in ("headline", "coming into care"):
                    break
                family = f"{indicator}: {FAMILY_OF.get(dimension, 'finer ethnic groups')}"
                parts.append(
                    beside_population(groups, residents, dimension).assign(
                        indicator=indicator,
                        dimension=dimension,
                        comparison="other population" if place else comparison,
                        family=f"{family}, population {place + 1}" if place else family,
                    )
                )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def reference_used(asked: pd.DataFrame, reference: str) -> tuple[str, str]:
    """Give the dimension and the group that others are compared with: the label, or its group where labels are not."""
    group_of = load_codelist("ethnicity").set_index("label")["group"]
    if reference not in group_of.index:
        return "ethnic_group", reference
    as_one = load_codelist("finer_groups").set_index("label")["compared_as"]
    if (asked["dimension"] == "ethnic_label").any():
        return "ethnic_label", as_one[reference]
    return "ethnic_group", group_of[reference]


def _against_reference(asked: pd.DataFrame, reference: str) -> pd.DataFrame:
    dimension, group = reference_used(asked, reference)
    comparison = "finer groups" if dimension == "ethnic_label" else "headline"
    rows = asked[(asked["dimension"] == dimension) & (asked["comparison"] == comparison)]
    if group not in set(rows["group"]):
        return pd.DataFrame()
    rows = rows.assign(
        comparison="reference group",
        family=f"cla_total: {FAMILY_OF.get(dimension, 'finer ethnic groups')} against {group}",
        # The total has no part in a comparison of two groups, so a hidden number of unknown widens nothing here.
        share_low=(rows["population_share"] - rows["share_error"]).clip(lower=0),
    )
    return reference_findings(rows, reference=group, family=["family"], whole=WHOLE)


def _with_adjusted_ratios(
    found: pd.DataFrame,
    released: pd.DataFrame,
    population: pd.DataFrame,
    counts: pd.DataFrame | None,
    *,
    borough: str,
    as_at: dt.date,
) -> pd.DataFrame:
    """Put the adjusted ratio beside the headline of each ethnic group."""
    blank = found.assign(**dict.fromkeys(RATIOS, float("nan")), adjustment_matters="")
    if counts is None:
        return blank
    ratios = adjusted_ratios(counts, released, population, borough=borough, as_at=as_at).set_index("group")
    if ratios.empty:
        return blank
    own = (found["comparison"] == "headline") & (found["dimension"] == "ethnic_group")
    beside = ratios.reindex(found["group"].where(own)).set_index(found.index)
    return found.assign(**beside[RATIOS], adjustment_matters=beside["adjustment_matters"].fillna(""))


def _sentence(row: dict) -> str:
    """Say what may be said of a row, from the decision table; a finding that flips carries the doubt."""
    who, rule = children_of(row["dimension"], row["group"]), int(row["rule"])
    if row["comparison"] == "reference group":
        other = children_of(row["dimension"], row["reference"])
        ratio = {"ratio": row["ratio"], "low": row["ratio_low"], "high": row["ratio_high"]}
        return reference_words(rule=rule, who=who, reference=other, **ratio)
    pieces = ["count", "population_share", "index", "index_low", "index_high", "excess", "excess_low", "excess_high"]
    facts = {one: row[one] for one in pieces} | {"share": row["care_share"], "counted": COUNTED[row["indicator"]]}
    others = [(describe_source(name)["name"], finding) for name, finding in row["others"]]
    return representation_words(rule=rule, who=who, **facts) + doubt_words(finding=row["finding"], others=others)


def _as_contract(found: pd.DataFrame, released: pd.DataFrame, *, borough: str, as_at: dt.date) -> pd.DataFrame:
    local = residents_for_rates(released, found, borough=borough, as_at=as_at)
    known = found["count"].notna() & local.gt(0)
    rates = rate(found["count"].where(known), local.where(known))
    names = {
        "population_source": "source", "population_year": "year", "share": "care_share",
        "population_share_lower": "share_low", "population_share_upper": "share_high",
        "population_age_from": "age_from", "population_age_to": "age_to",
        **{f"{one}_lower": f"{one}_low" for one in ("index", "ratio", "excess")},
        **{f"{one}_upper": f"{one}_high" for one in ("index", "ratio", "excess")},
    }  # fmt: skip
    table = found.assign(
        borough=borough,
        as_at=pd.Timestamp(as_at),
        population=local,
        rate_per_10000=rates.value,
        rate_lower=rates.low,
        rate_upper=rates.high,
        status=found["suppressed"].map({True: "suppressed", False: "shown"}),
        **{name: found[source] for name, source in names.items()},
    )
    return table[columns_of(Disproportionality)]
