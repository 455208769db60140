"""Shares of children as a council's document prints them: whole or rounded percentages, typed into a CSV of ours.

The columns are DOCUMENT_COLUMNS, one line per group; data/raw/README.md says what each holds. Nothing more is known of
a share than half its last printed place either way, so that travels with it as `share_error`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.codes import ALL, areas, find_borough, load_codelist
from helpers.errors import InputError, UnknownBoroughError
from helpers.read.census import ERA, EVERY_AGE
from helpers.read.csv_tables import CsvTable, TableRead, columns_named, refusal

DOCUMENT_COLUMNS = ["borough", "year", "dimension", "group", "percent", "decimals", "ages", "source"]
DIMENSIONS = ("ethnic_group", "gender", "age_band")
MOST_DECIMALS = 3
AGES = r"all|(?:\d{1,2}) to (?:\d{1,3})"
SET = ["borough_code", "year", "source", "age_from", "age_to", "dimension"]
"""What one set of percentages that adds up to 100 shares."""


def read_document_shares(table: CsvTable) -> TableRead:
    """Read the percentages of councils' documents; each set of groups must add up to 100, give or take its rounding.

    returns: rows with share and share_error; the groups of ethnicity are added up where a document has finer labels
    raises: InputError naming file, line and column of a cell that is not of the layout or a set that does not add up
    """
    text = columns_named(table, DOCUMENT_COLUMNS, "the percentages of a council's document")
    _refuse_odd_cells(text, table.file)
    ages = text["ages"].str.casefold()
    spans = ages.where(ages.ne("all"), f"0 to {EVERY_AGE}").str.split(" to ", expand=True).astype(int)
    odd = text.index[spans[0].gt(spans[1]) | spans[1].gt(EVERY_AGE)]
    if len(odd):
        expected = f"the first age, then the last, {EVERY_AGE} at most"
        raise refusal(table.file, odd[0], "ages", repr(text.loc[odd[0], "ages"]), expected, "Correct the cell.")
    decimals = text["decimals"].astype(int)
    shares = pd.DataFrame({
        "borough_code": _area_codes(text["borough"], table.file), "year": text["year"].astype(int),
        "dimension": text["dimension"], "age_from": spans[0], "age_to": spans[1],
        "source": "Council's document, rounded percentages of ages " + ages + ": " + text["source"],
        "share": text["percent"].astype(float) / 100, "share_error": 0.5 * np.power(0.1, decimals) / 100,
    })  # fmt: skip
    shares = shares.assign(**_groups(text, table.file))
    _refuse_sets(shares, table.file)
    years = shares["year"]
    days = (f"{years.min()}-01-01", f"{years.max()}-12-31")
    left_out = pd.Series("", index=text.index, dtype=object)
    kind = "rounded percentages of a council's document"
    year = int(years.max())
    return TableRead(table.file, table.checksum, ERA, kind, "", year, days, _to_rows(shares), left_out)


def _refuse_odd_cells(text: pd.DataFrame, file: str) -> None:
    """Refuse the first cell that is not of the layout."""
    places = text["percent"].str.extract(r"\.(\d*)$")[0].fillna("").str.len()
    decimals = text["decimals"].str.fullmatch(rf"[0-{MOST_DECIMALS}]")
    rules = (
        ("year", text["year"].str.fullmatch(r"20\d\d"), "a year such as 2021"),
        ("dimension", text["dimension"].isin(DIMENSIONS), f"one of {', '.join(DIMENSIONS)}"),
        ("percent", text["percent"].str.fullmatch(r"\d{1,2}(?:\.\d+)?|100(?:\.0+)?"), "a percentage from 0 to 100"),
        ("decimals", decimals, f"how many decimal places the document prints, 0 to {MOST_DECIMALS}"),
        ("percent", places <= text["decimals"].where(decimals, "0").astype(int), "no more places than `decimals` says"),
        ("ages", text["ages"].str.casefold().str.fullmatch(AGES), "ages such as '0 to 17', or 'all'"),
        ("source", text["source"].ne(""), "the document's name"),
    )
    for column, holds, expected in rules:
        odd = text.index[~holds]
        if len(odd):
            raise refusal(file, odd[0], column, repr(text.loc[odd[0], column]), expected, "Correct the cell.")


def _area_codes(names: pd.Series, file: str) -> pd.Series:
    """Give each borough, or London or England, its ONS code."""
    wider = areas()
    code = dict(zip(wider["label"].str.casefold(), wider["code"], strict=True))
    for line, name in names.drop_duplicates().items():
        if name.casefold() in code:
            continue
        try:
            code[name.casefold()] = find_borough(name)["code"]
        except UnknownBoroughError as error:
            raise InputError(f"{file}, line {line}, column borough: {error}\nNothing was written.") from error
    return names.str.casefold().map(code)


def _groups(text: pd.DataFrame, file: str) -> dict[str, pd.Series]:
    """Find each group among our labels: `group` of its dimension, and `label` where it is a finer ethnic group."""
    ethnicity = load_codelist("ethnicity")
    ethnicity = ethnicity[ethnicity["group"].ne("Unknown")]
    five, finer = ethnicity["group"].unique(), dict(zip(ethnicity["label"], ethnicity["group"], strict=True))
    known = {
        "ethnic_group": [*five, *finer],
        "gender": ["Male", "Female"],
        "age_band": load_codelist("age_bands")["label"].tolist(),
    }
    group = pd.Series("", index=text.index, dtype=object)
    for dimension, labels in known.items():
        own = text.loc[text["dimension"].eq(dimension), "group"]
        found = own.str.casefold().map({label.casefold(): label for label in labels})
        if found.isna().any():
            line = found.index[found.isna()][0]
            advice = "Correct the cell. Children whose group is not known are left out, and the others add up to 100."
            raise refusal(file, line, "group", repr(own[line]), f"one of {', '.join(labels)}", advice)
        group = group.mask(text["dimension"].eq(dimension), found)
    label = group.where(text["dimension"].eq("ethnic_group") & group.isin(list(finer)), "")
    return {"group": label.map(finer).where(label.ne(""), group), "label": label}


def _refuse_sets(shares: pd.DataFrame, file: str) -> None:
    """Refuse a set with a group twice, with groups and their own parts, or that does not add up to 100."""
    shown = shares["label"].where(shares["label"].ne(""), shares["group"])
    twice = shares.assign(shown=shown).duplicated([*SET, "shown"])
    if twice.any():
        line = shares.index[twice][0]
        raise refusal(file, line, "group", f"{shown[line]!r} again", "each group once", "Take the repeated line out.")
    for _, own in shares.groupby(SET, sort=False):
        line, finer = own.index[0], own["label"].ne("")
        if finer.any() and not finer.all() and own["dimension"].iloc[0] == "ethnic_group":
            found, advice = "groups and finer groups in one set", "Keep either the five groups or the finer ones."
            raise refusal(file, line, "group", found, "groups of one kind", advice)
        added, margin = 100 * own["share"].sum(), 100 * own["share_error"].sum()
        if abs(added - 100) > margin + 1e-9:
            raise refusal(
                file, line, "percent", f"{len(own)} percentages that add up to {added:g}",
                f"100, give or take {margin:g} for rounding", "Add the groups that are missing, or correct the cells.",
            )  # fmt: skip


def _to_rows(shares: pd.DataFrame) -> pd.DataFrame:
    """Add finer groups up to the five, whose rounding errors add up too, and give each set its whole."""
    keys = [key for key in SET if key != "dimension"]
    added = shares.groupby([*SET, "group"], sort=False)[["share", "share_error"]].sum().reset_index()
    finer = shares[shares["label"].ne("")].drop(columns="group").rename(columns={"label": "group"})
    parts = pd.concat([added, finer], ignore_index=True)
    rows = pd.DataFrame({
        **{key: parts[key] for key in [*keys, "share", "share_error"]},
        **{one: parts["group"].where(parts["dimension"].eq(one), ALL) for one in DIMENSIONS},
    })  # fmt: skip
    whole = shares[keys].drop_duplicates().assign(share=1.0, share_error=0.0, **dict.fromkeys(DIMENSIONS, ALL))
    return pd.concat([rows, whole], ignore_index=True)
