"""Made-up populations, comparators and statistical neighbours in the layouts of the published files (ONS, DfE)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers import codes

EES = [
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code", "region_name",
]  # fmt: skip
POPULATION = [*EES, "old_la_code", "new_la_code", "la_name", "age_group", "population_estimate"]
RATE = [*EES, "old_la_code", "la_name", "new_la_code", "population_count", "population_estimate", "number",
        "rate_per_10000"]  # fmt: skip
CENSUS_AREA = "Upper tier local authorities"
ETHNIC, AGE, SEX = "Ethnic group (20 categories)", "Age (101 categories)", "Sex (2 categories)"
CENSUS = [f"{name}{part}" for name in (CENSUS_AREA, ETHNIC, AGE, SEX) for part in (" Code", "")] + ["Observation"]

NEIGHBOURS = 10
CLOSENESS = ["Close"] * 2 + ["Somewhat close"] * 4 + ["Not close"] * 4

ENGLAND = ("E92000001", "England")
FIRST_RELEASE_OF_NOW = 2019
CENSUS_YEAR = 2021
ANY = "any"
AGES = 18
USUAL_RATE = 60  # children in care per 10,000, for boroughs without a printed population


def write_published(folder: Path, boroughs: Sequence[str], children: int | None) -> list[Path]:
    """Write the population estimates, the census table, the rates of London and England and statistical neighbours.

    children: children in care in each borough; None for the populations that fit the councils' figures
    """
    folder.mkdir(parents=True, exist_ok=True)
    populations = _populations(boroughs, children)
    rates = _rates(populations)
    now = rates["time_period"] >= FIRST_RELEASE_OF_NOW
    name = "made_up_cla_number_and_rate_per_10k_children"
    files = {
        "made_up_ons_mid-year_population_estimates": _estimates(populations),
        "made_up_census_2021_ethnic_group_by_age_and_sex": _census(populations, boroughs),
        "made_up_statistical_neighbours_2025": _neighbours(boroughs),
        name: rates[now],
        f"{name}_2010_to_2013": rates[~now],
    }
    written = []
    for file, table in files.items():
        written.append(folder / f"{file}.csv")
        table.to_csv(written[-1], index=False, lineterminator="\n", encoding="utf-8")
    return written


def _populations(boroughs: Sequence[str], children: int | None) -> pd.DataFrame:
    """Children aged 0 to 17 by area and year: columns area, year, children."""
    listed = codes.load_codelist("made_up_populations")[["area", "year", "children"]].astype(
        {"year": int, "children": int}
    )
    wider = listed[listed["area"].isin(["London", "England"])]
    if children is None:
        return pd.concat([listed[listed["area"].isin(boroughs)], wider], ignore_index=True)
    size = round(children * 10_000 / USUAL_RATE)
    years = wider["year"].unique()
    own = [pd.DataFrame({"area": borough, "year": years, "children": size}) for borough in boroughs]
    return pd.concat([*own, wider], ignore_index=True)


def _with_area(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the ten leading columns of DfE's files. rows: area, time_period."""
    areas = codes.areas().set_index("label")
    level = rows["area"].map(areas["level"])
    region = rows["area"].where(level == "region", rows["area"].map(areas["region"])).where(level != "country", "")
    borough = level == "borough"
    return rows.assign(
        time_identifier="Reporting year",
        geographic_level=level.map({"borough": "Local authority", "region": "Regional", "country": "National"}),
        country_code=ENGLAND[0],
        country_name=ENGLAND[1],
        region_code=region.map(areas["code"]).fillna(""),
        region_name=region,
        old_la_code=rows["area"].map(areas["old_code"]).where(borough, ""),
        la_name=rows["area"].where(borough, ""),
        new_la_code=rows["area"].map(areas["code"]).where(borough, ""),
    )


def _estimates(populations: pd.DataFrame) -> pd.DataFrame:
    rows = populations.rename(columns={"year": "time_period", "children": "population_estimate"})
    return _with_area(rows).assign(age_group="Children aged 0 to 17 years")[POPULATION]


def _rates(populations: pd.DataFrame) -> pd.DataFrame:
    """Number and rate at 31 March; the rate's population is the mid-year estimate of the year before."""
    listed = codes.load_codelist("made_up_comparators").astype({"year": int, "children_in_care": int})
    base = populations.assign(year=populations["year"] + 1)
    rows = listed.merge(base, on=["area", "year"], how="left", validate="1:1")
    rate = np.floor(rows["children_in_care"] * 10_000 / rows["children"] + 0.5).astype(int)
    rows = rows.rename(columns={"year": "time_period", "children": "population_estimate", "children_in_care": "number"})
    label = "Children looked after at 31 March each year"
    return _with_area(rows).assign(population_count=label, rate_per_10000=rate)[RATE]


def _census(populations: pd.DataFrame, boroughs: Sequence[str]) -> pd.DataFrame:
    """Children by ethnic group, single year of age and sex, adding up to the mid-year estimate of the census year."""
    total = populations[populations["year"] == CENSUS_YEAR].set_index("area")["children"]
    return pd.concat([_census_of(borough, int(total[borough])) for borough in boroughs], ignore_index=True)


def _census_of(borough: str, total: int) -> pd.DataFrame:
    shares = _own(codes.load_codelist("made_up_population_shares"), borough)
    ages = _own(codes.load_codelist("made_up_population_ages"), borough).astype({"age_from": int, "age_to": int})
    by_age = np.zeros(AGES)
    for band in ages.itertuples():
        by_age[band.age_from : band.age_to + 1] = float(band.percent) / (band.age_to + 1 - band.age_from)
    groups = shares["percent"].astype(float).to_numpy()
    cells = groups[:, None, None] * by_age[None, :, None] * np.array([0.49, 0.51])[None, None, :]
    counts = share_out(cells.ravel() / cells.sum(), total)
    group, age, sex = (axis.ravel() for axis in np.indices(cells.shape))
    area = codes.find_borough(borough)
    return pd.DataFrame(
        {
            f"{CENSUS_AREA} Code": area["code"],
            CENSUS_AREA: borough,
            f"{ETHNIC} Code": shares["code"].to_numpy()[group],
            ETHNIC: shares["label"].to_numpy()[group],
            f"{AGE} Code": age,
            AGE: np.array([_age_label(year) for year in range(AGES)])[age],
            f"{SEX} Code": sex + 1,
            SEX: np.array(["Female", "Male"])[sex],
            "Observation": counts,
        }
    )[CENSUS]


def _neighbours(boroughs: Sequence[str]) -> pd.DataFrame:
    """Ten invented neighbours each: the other made-up boroughs first, then London boroughs in order of name."""
    listed = codes.boroughs()
    number = listed.set_index("label")["old_code"]
    names = listed["label"].tolist()
    rows = []
    for borough in boroughs:
        place = names.index(borough)
        after = [one for one in [*names[place + 1 :], *names[:place]] if one not in boroughs]
        nearest = [one for one in [*boroughs, *after] if one != borough][:NEIGHBOURS]
        row = {"old_la_code": number[borough], "la_name": borough, "region_ind": 3, "region_name": "London"}
        for rank, (name, closeness) in enumerate(zip(nearest, CLOSENESS, strict=True), start=1):
            row |= {f"SN_{rank}": number[name], f"SN_{rank}P": closeness}
        rows.append(row)
    return pd.DataFrame(rows)


def _own(listed: pd.DataFrame, borough: str) -> pd.DataFrame:
    own = listed[listed["area"] == borough]
    return own if len(own) else listed[listed["area"] == ANY]


def _age_label(age: int) -> str:
    return "Aged under 1 year" if age == 0 else f"Aged {age} {'year' if age == 1 else 'years'}"


def share_out(shares: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Turn shares that add up to 1 into whole numbers that add up to `total` (largest remainders first)."""
    exact = shares * total
    whole = np.floor(exact).astype(np.int64)
    rest = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    return whole
