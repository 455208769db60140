"""What the code lists and the catalogue say of the statistics of a release: the relations between them."""

from __future__ import annotations

from functools import lru_cache

from helpers.codes import load_catalogue, load_codelist, wider_ages
from helpers.disclosure import Relations

MEANS = ("days", "points")
"""Units of a mean: the numerator is the sum of them and the denominator the number of children."""
RATES = ("children per 10,000",)


@lru_cache
def load_relations() -> Relations:
    """Give what the statistics have to do with each other: bases, sums, parts, names of one number."""
    catalogue, bases = load_catalogue(), load_codelist("released_bases")
    named = catalogue.merge(bases[["base", "rows", "among"]], on=["rows", "among"], how="left", validate="m:1")
    own = (named["rows"] + ": " + named["among"]).where(named["rows"] != "", named["key"])
    named["base"] = named["base"].fillna(own)
    ethnicity, ages = load_codelist("ethnicity"), load_codelist("finer_ages")
    sensitive = catalogue[catalogue["sensitive"] != ""]
    return Relations(
        base_of=dict(zip(named["key"], named["base"], strict=True)),
        parents=dict(zip(ethnicity["label"], ethnicity["group"], strict=True)),
        age_parents=dict(zip(ages["label"], ages["group"], strict=True)),
        wider_ages=wider_ages("four"),
        same=load_codelist("same_statistic"),
        sums=load_codelist("sums"),
        bases=bases.drop_duplicates("base"),
        pairs=load_codelist("apart"),
        pooled=load_codelist("pooled_bases").astype({"years": int}),
        rests=load_codelist("rests"),
        sensitive=dict(zip(sensitive["key"], sensitive["sensitive"], strict=True)),
        means=frozenset(MEANS),
        rates=frozenset(RATES),
    )
