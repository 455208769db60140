"""From rows of children to counts: in all, by group, by category, as a share or as a mean."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.codes import ALL, load_codelist

GROUPS = ("ethnic_group", "gender", "age_band")


def count_groups(rows: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Count one row per child in all and by ethnic group (5 groups and 18 labels), gender and age band.

    rows: child-level, with ethnicity_code, gender, age
    returns: key columns, numerator, denominator; the total has no denominator, a group has the total
    """
    total = len(rows)
    ethnicity = load_codelist("ethnicity").set_index("code")
    group = rows["ethnicity_code"].map(ethnicity["group"])
    label = rows["ethnicity_code"].map(ethnicity["label"])
    parts = [
        _tally(group, load_codelist("ethnic_groups")["label"], "ethnic_group", total),
        _tally(label, ethnicity["label"], "ethnic_group", total),
        _tally(rows["gender"], _genders(rows["gender"]), "gender", total),
        _tally(age_band(rows["age"]), load_codelist("age_bands")["label"], "age_band", total),
    ]
    whole = pd.DataFrame({"numerator": [float(total)], "denominator": [float("nan")]})
    return keyed(pd.concat([whole, *parts], ignore_index=True), indicator)


def count_categories(codes: pd.Series, codelist: str, indicator: str, *, to: str = "group") -> pd.DataFrame:
    """Count one row per child by a column of its code's codelist; a category nobody is in is a true zero.

    Codes missing from the row are counted as 'Not recorded', so that the parts always add to the whole.
    """
    listed = load_codelist(codelist)
    category = codes.map(listed.drop_duplicates("code").set_index("code")[to]).fillna("Not recorded")
    wanted = [*dict.fromkeys(listed[to]), *(["Not recorded"] if (category == "Not recorded").any() else [])]
    return keyed(_tally(category, wanted, "category", len(codes)), indicator)


def count_crossed(rows: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Count one row per child by ethnic group (5 groups and Unknown), gender and age band at once.

    rows: child-level, with ethnicity_code, gender, age
    returns: key columns, numerator (a combination nobody is in is a true zero), denominator (all rows). For results
        that are adjusted inside; far too fine to be released
    """
    group = rows["ethnicity_code"].map(load_codelist("ethnicity").set_index("code")["group"])
    cells = pd.DataFrame({"ethnic_group": group, "gender": rows["gender"], "age_band": age_band(rows["age"])})
    wanted = pd.MultiIndex.from_product(
        [load_codelist("ethnic_groups")["label"], _genders(rows["gender"]), load_codelist("age_bands")["label"]],
        names=list(GROUPS),
    )
    counted = cells.value_counts().reindex(wanted, fill_value=0).astype(float)
    return keyed(counted.rename("numerator").reset_index().assign(denominator=float(len(rows))), indicator)


def count_share_by_group(
    rows: pd.DataFrame, value: pd.Series, indicator: str, *, without: Iterable[str] = ()
) -> pd.DataFrame:
    """Count, of each ethnic group, sex and age band, the children with an event out of that group's own number.

    rows: with ethnicity_code, gender and age; value: 1 where it counts and 0 where not (for a mean the number to add
        up), missing where the rows do not tell; without: columns of groups that are left out
    returns: key columns, numerator, denominator; groups that nobody is in have no row
    """
    groups = {
        "ethnic_group": rows["ethnicity_code"].map(load_codelist("ethnicity").set_index("code")["group"]),
        "gender": rows["gender"],
        "age_band": age_band(rows["age"]),
    }
    groups = {column: values for column, values in groups.items() if column not in set(without)}
    cells: dict[str, list] = {"numerator": [], "denominator": [], **{column: [] for column in groups}}
    weights, told = value.to_numpy(float), value.notna().any()
    for column, values in groups.items():
        codes, names = pd.factorize(values, sort=True)
        known = codes >= 0
        sums = np.bincount(codes[known], weights=np.nan_to_num(weights[known]), minlength=len(names))
        cells["numerator"] += (sums if told else np.full(len(names), np.nan)).tolist()
        cells["denominator"] += np.bincount(codes[known], minlength=len(names)).astype(float).tolist()
        for other in groups:
            cells[other] += list(names) if other == column else [ALL] * len(names)
    return keyed(pd.DataFrame(cells), indicator)


def age_band(ages: pd.Series) -> pd.Series:
    """Give each age its band of codelists/age_bands.csv; missing stays missing. 18 and over is in the last band."""
    bands = load_codelist("age_bands")
    edges = [*bands["age_from"].astype(int), 200]
    return pd.cut(ages, bins=edges, right=False, labels=bands["label"]).astype(object)


def keyed(rows: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Add the indicator, and All in every key column that the rows do not fill."""
    numbers = {column: rows[column].to_numpy(float) for column in ("numerator", "denominator")}
    keys = {column: rows[column].fillna(ALL).to_numpy() if column in rows else ALL for column in ("category", *GROUPS)}
    return pd.DataFrame({**numbers, "indicator": indicator, **keys})


def _genders(seen: pd.Series) -> list[str]:
    return ["Male", "Female", *(["Unknown"] if (seen == "Unknown").any() else [])]


def _tally(values: pd.Series, wanted: Iterable[str], column: str, total: int) -> pd.DataFrame:
    counted = values.value_counts().reindex(list(wanted), fill_value=0)
    return pd.DataFrame({column: counted.index, "numerator": counted.to_numpy(float), "denominator": float(total)})
