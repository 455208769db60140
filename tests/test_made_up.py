"""The made-up returns, counted back from their files with plain pandas: nothing of the generator is used to count."""

import hashlib
import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import codes, episodes, postcodes
from helpers.errors import InputError, UnknownBoroughError
from helpers.made_up import write_made_up
from helpers.made_up.choosing import Kept, OutOfReachError, choose_options, choose_rows
from helpers.made_up.dates import age_on, birthday, to_day
from helpers.made_up.published import share_out
from helpers.made_up.returns import identifiers
from helpers.settings import slug

TABLES = {
    "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
    "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN",
    "uasc": "CHILD,SEX,DOB,DUC",
    "oc2": "CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK,IMMUNISATIONS,TEETH_CHECK,HEALTH_ASSESSMENT,"
    "SUBSTANCE_MISUSE,INTERVENTION_RECEIVED,INTERVENTION_OFFERED",
    "oc3": "CHILD,DOB,IN_TOUCH,ACTIV,ACCOM",
}
PERIODS = {
    "Barking and Dagenham": [f"{year}-03-31" for year in range(2019, 2024)],
    "Redbridge": [f"{year}-03-31" for year in range(2011, 2014)],
    "Bromley": ["2020-03-31", "2021-03-31", "2022-03-31", "2022-06-30"],
}
CODED = {
    ("header", "SEX"): "gender",
    ("header", "ETHNIC"): "ethnicity",
    ("episodes", "RNE"): "reason_new_episode",
    ("episodes", "LS"): "legal_status",
    ("episodes", "CIN"): "category_of_need",
    ("episodes", "PLACE"): "placement",
    ("episodes", "PLACE_PROVIDER"): "placement_provider",
    ("episodes", "REC"): "reason_ceased",
    ("oc3", "IN_TOUCH"): "in_touch",
    ("oc3", "ACTIV"): "activity",
    ("oc3", "ACCOM"): "accommodation",
}
TARGETS = codes.load_codelist("made_up_targets")
CATEGORIES = codes.load_codelist("made_up_categories")


# --- reading back -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(made_up_folder):
    return made_up_folder


@pytest.fixture(scope="module")
def returns(folder):
    return {
        borough: {period: read_return(folder, borough, period) for period in periods}
        for borough, periods in PERIODS.items()
    }


def read_return(folder, borough, period):
    here = folder / "returns" / slug(borough) / period
    return {
        table: pd.read_csv(here / f"made_up_{period}_{table}.csv", dtype=str, keep_default_na=False) for table in TABLES
    }


def dates(texts):
    return pd.to_datetime(texts.where(texts != ""), format="%d/%m/%Y")


def age(born, day):
    had_birthday = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (not had_birthday)


def every_episode(tables):
    """Episodes of all returns of a borough with dates; of a row told twice the later return's is kept."""
    parts = [part["episodes"].assign(period=period) for period, part in tables.items()]
    rows = pd.concat(parts).drop_duplicates(["CHILD", "DECOM"], keep="last")
    return rows.assign(start=dates(rows["DECOM"]), end=dates(rows["DEC"]))


def everybody(tables):
    rows = pd.concat([part["header"] for part in tables.values()]).drop_duplicates("CHILD", keep="last")
    return rows.assign(born=dates(rows["DOB"])).set_index("CHILD")


def people_counted(tables, day, counted):
    """One row per child: in care on the day, started or ceased in the year to it, or told of as a care leaver."""
    children, episodes = everybody(tables), every_episode(tables)
    year = pd.Timestamp(day) - pd.DateOffset(years=1)
    if counted == "in_care":
        told = min(period for period in tables if pd.Timestamp(period) >= day)
        own = tables[told]["episodes"]
        own = own.assign(start=dates(own["DECOM"]), end=dates(own["DEC"]))
        rows = own[(own["start"] <= day) & (own["end"].isna() | (own["end"] > day))]
    elif counted == "started":
        rows = episodes[(episodes["RNE"] == "S") & (episodes["start"] > year) & (episodes["start"] <= day)]
        rows = rows.sort_values("start").drop_duplicates("CHILD")
    elif counted == "ceased":
        left = ~episodes["REC"].isin(["", "X1"]) & (episodes["end"] > year) & (episodes["end"] <= day)
        rows = episodes[left].sort_values("end").drop_duplicates("CHILD", keep="last")
    elif counted == "first_started":
        rows = episodes.sort_values("start").drop_duplicates("CHILD")
        rows = rows[(rows["RNE"] == "S") & (rows["start"] > year) & (rows["start"] <= day)]
        born = children["born"].reindex(rows["CHILD"])
        ages = [age(date, start) for date, start in zip(born, rows["start"], strict=True)]
        return rows.assign(SEX="", ETHNIC="", uasc=False, age=ages)
    elif counted == "in_year":
        there = (episodes["start"] <= day) & (episodes["end"].isna() | (episodes["end"] > year))
        return episodes[there].assign(SEX="", ETHNIC="", uasc=False)
    elif counted in ("placed", "three_plus", "stable"):
        return placed_or_moved(tables, day, counted)
    else:
        told = {"care_leavers": "oc3", "in_care_12_months": "oc2"}[counted]
        rows = tables[f"{day:%Y-%m-%d}"][told]
        if told == "oc3":  # who went back to another country or died is a row and not a care leaver to support
            rows = rows[~rows["IN_TOUCH"].isin(["RHOM", "DIED"])]
        rows = rows[["CHILD"]].assign(PLACE="", PLACE_PROVIDER="", LS="", REC="", CIN="")
    assert not rows["CHILD"].duplicated().any()
    uasc = pd.concat([part["uasc"] for part in tables.values()]).drop_duplicates("CHILD", keep="last")
    ceased = dates(uasc.set_index("CHILD")["DUC"]).reindex(rows["CHILD"]).to_numpy()
    status = ~pd.isna(ceased) if counted == "care_leavers" else ceased > np.datetime64(day)
    born = children["born"].reindex(rows["CHILD"])
    return rows.assign(
        SEX=children["SEX"].reindex(rows["CHILD"]).to_numpy(),
        ETHNIC=children["ETHNIC"].reindex(rows["CHILD"]).to_numpy(),
        age=[age(date, day) for date in born],
        uasc=status,
    )


def typed_episodes(tables):
    """The episodes of all returns as the product has them: dates, and blanks as missing."""
    rows = every_episode(tables).reset_index(drop=True)
    text = ["RNE", "LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN", "REC", "HOME_POST"]
    rows[text] = rows[text].where(rows[text] != "")
    return rows.assign(DECOM=rows["start"], DEC=rows["end"])


def placed_or_moved(tables, day, counted):
    """Children in care on a day, with what the product says of where they live or how often they moved."""
    rows = typed_episodes(tables)
    stock = people_counted(tables, day, "in_care").set_index("CHILD", drop=False)
    if counted == "placed":
        stock[["HOME_POST", "PL_POST"]] = stock[["HOME_POST", "PL_POST"]].where(lambda cells: cells != "")
        return stock.join(postcodes.describe_placements(stock, day.date(), borough_code(tables)))
    year = episodes.placements_in_year(rows, (day - pd.DateOffset(years=1)).date(), day.date())
    since = episodes.in_same_placement_since(rows, day.date()).reindex(stock.index)
    long = (since["in_care_since"] <= day - pd.DateOffset(months=30)) & (stock["age"] < 16)
    stable = long & (since["stable_since"] <= day - pd.DateOffset(years=2))
    return stock.assign(long=long, stable=stable, three_plus=year.reindex(stock.index) >= 3)


def borough_code(tables):
    """Only the borough of a return knows that it has these columns; its homes lie in it."""
    homes = next(iter(tables.values()))["episodes"]["HOME_POST"]
    listed = codes.load_codelist("made_up_postcodes").set_index("postcode")["borough"]
    (name,) = set(homes[homes != ""].map(listed))
    return codes.find_borough(name)["code"]


def count_placed(people, category, code):
    touching = codes.load_codelist("touching_authorities")
    near = [code, *touching.loc[touching["code"] == code, "touching_code"]]
    counts = {
        "cla_placed_in_borough": people["in_borough"] == "in",
        "cla_placed_out_of_borough": people["in_borough"] == "out",
        "cla_placed_over_20_miles": people["distance_miles"] > 20,
        "cla_placed_in_or_surrounding_boroughs": people["placement_authority_code"].isin(near),
    }
    return int(counts[category["indicator"]].sum())


def count_category(people, category, code=None):
    if category["counted"] == "placed":
        return count_placed(people, category, code)
    if category["counted"] in ("three_plus", "stable"):
        return int(people[category["counted"]].sum())
    if category["counted"] == "in_year":
        both = (("legal_statuses", "LS"), ("placements", "PLACE"))
        (told,) = [people[column].isin(category[name].split()) for name, column in both if category[name]]
        return people.loc[told, "CHILD"].nunique()
    keep = pd.Series(True, index=people.index)
    columns = {
        "genders": "SEX", "ethnicities": "ETHNIC", "needs": "CIN", "placements": "PLACE", "providers": "PLACE_PROVIDER",
        "legal_statuses": "LS", "reasons": "REC",
    }  # fmt: skip
    for condition, column in columns.items():
        if category[condition]:
            keep &= people[column].isin(category[condition].split())
    if category["age_from"]:
        keep &= people["age"].between(int(category["age_from"]), int(category["age_to"]))
    if category["uasc"]:
        keep &= people["uasc"] == (category["uasc"] == "yes")
    return int(keep.sum())


def category_of(target):
    same = CATEGORIES[(CATEGORIES[["indicator", "dimension", "category"]]
                       == target[["indicator", "dimension", "category"]]).all(axis=1)]  # fmt: skip
    own = same[same["borough"] == target["borough"]]
    (row,) = (own if len(own) else same[same["borough"] == ""]).to_dict("records")
    return row


# --- the printed figures ------------------------------------------------------------------------------------------


def figure_holds(tables, target):
    """Tell whether a target is counted back; of one without a count, whether the share is the printed one."""
    category, day = category_of(target), pd.Timestamp(target["date"])
    if category["months_from"]:
        people = placed_or_moved(tables, day, "stable")
        return int(people["long"].sum()) == int(target["count"])
    people = people_counted(tables, day, category["counted"])
    count = count_category(people, category, codes.find_borough(target["borough"])["code"])
    if target["count"]:
        return count == int(target["count"])
    share = Decimal(100 * count) / Decimal(int(people["long"].sum()))
    return share.quantize(Decimal(target["printed"]), ROUND_HALF_UP) == Decimal(target["printed"])


@pytest.mark.parametrize("number", range(len(TARGETS)))
def test_every_figure_of_the_list_is_counted_back_from_the_files(returns, number):
    target = TARGETS.iloc[number]
    assert figure_holds(returns[target["borough"]], target)


def test_the_printed_base_of_a_share_is_the_number_it_is_a_share_of(returns):
    people = placed_or_moved(returns["Redbridge"], pd.Timestamp("2013-03-31"), "stable")
    assert people["long"].sum() == 71


def test_a_figure_is_kept_when_the_count_gives_the_printed_value():
    printed = TARGETS[(TARGETS["measure"] != "chosen") & (TARGETS["count"] != "")]
    for target in printed.to_dict("records"):
        exact = Decimal(target["count"])
        if target["measure"] == "percent":
            exact = 100 * exact / Decimal(target["base"])
        shown = exact.quantize(Decimal(target["printed"]), ROUND_HALF_UP)
        assert (shown == Decimal(target["printed"])) == (target["kept"] == "yes"), target


def test_a_figure_that_is_not_kept_or_not_printed_says_why():
    told = TARGETS[(TARGETS["kept"] == "no") | (TARGETS["measure"] == "chosen")]
    assert (told["note"].str.len() > 10).all()


def test_every_listed_figure_stands_in_the_councils_documents(shared):
    figures = pd.read_csv(shared / "figures" / "published_figures.csv", dtype=str, keep_default_na=False)
    figures = figures.rename(columns={"period_end": "date", "value": "printed"})
    keys = ["borough", "date", "indicator", "dimension", "category", "measure", "printed"]
    printed = TARGETS[(TARGETS["measure"] != "chosen") & ~TARGETS["note"].str.startswith("Printed for 31 July")]
    assert len(printed) > 200
    found = printed.merge(figures[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    assert found.loc[found["_merge"] == "left_only", keys].to_dict("records") == []


def test_printed_totals_homes_and_groups_of_the_years_are_all_in_the_list(shared):
    """Left out: changes between years, shares of the population, figures of days inside a year that nobody can count."""
    figures = pd.read_csv(shared / "figures" / "published_figures.csv", dtype=str, keep_default_na=False)
    wanted = figures[
        (figures["comparator"] == "borough")
        & figures["measure"].isin(["count", "percent"])
        & figures["indicator"].isin(["cla_total", "cla_placement_type", "cla_placement_provider", "cla_started",
                                     "cla_ceased", "cla_uasc", "cla_ceased_adopted", "cla_ceased_sgo",
                                     "cla_placed_in_borough", "cla_placed_out_of_borough", "cla_placed_over_20_miles",
                                     "cla_placed_in_or_surrounding_boroughs", "cla_three_plus_placements",
                                     "cla_long_term_stability"])
        & ~figures["dimension"].str.startswith(("change_on", "share_of_child"))
        & ~((figures["indicator"] == "cla_uasc") & (figures["dimension"] == "placement_type"))
        & ~figures["period_end"].isin(["2019-12-31", "2022-12-31", "2022-07-31"])
    ]  # fmt: skip
    keys = ["borough", "indicator", "dimension", "category", "measure"]
    listed = TARGETS.assign(period_end=TARGETS["date"], value=TARGETS["printed"])[[*keys, "period_end", "value"]]
    found = wanted.merge(listed.drop_duplicates(), how="left", indicator=True)
    assert len(wanted) > 150
    assert found.loc[found["_merge"] == "left_only", [*keys, "period_end", "value"]].to_dict("records") == []


@pytest.mark.parametrize(
    ("borough", "year", "children", "per", "printed"),
    [
        pytest.param("Barking and Dagenham", 2021, 391, 10_000, "61", id="391 in 2021"),
        pytest.param("Barking and Dagenham", 2020, 402, 10_000, "63", id="402 in 2020"),
        pytest.param("Barking and Dagenham", 2023, 430, 10_000, "67", id="430 in 2023"),
        pytest.param("Redbridge", 2013, 206, 10_000, "29.32", id="206 in 2013"),
        pytest.param("Redbridge", 2012, 217, 10_000, "32.9", id="217 in 2012"),
        pytest.param("Bromley", 2020, 333, 10_000, "44", id="chosen 333 in 2020"),
        pytest.param("Bromley", 2021, 338, 10_000, "44", id="338 in 2021"),
        pytest.param("Bromley", 2022, 336, 10_000, "45", id="336 in June 2022"),
        pytest.param("Barking and Dagenham", 2019, 44, 100, "0.07", id="unaccompanied 2019"),
        pytest.param("Barking and Dagenham", 2020, 39, 100, "0.06", id="unaccompanied 2020"),
        pytest.param("Barking and Dagenham", 2021, 33, 100, "0.05", id="unaccompanied 2021"),
        pytest.param("Barking and Dagenham", 2022, 29, 100, "0.04", id="unaccompanied 2022"),
        pytest.param("Barking and Dagenham", 2023, 27, 100, "0.04", id="unaccompanied 2023"),
    ],
)
def test_printed_rates_follow_from_the_estimate_of_the_year_before(folder, borough, year, children, per, printed):
    estimates = pd.read_csv(folder / "published" / "made_up_ons_mid-year_population_estimates.csv")
    own = estimates[(estimates["la_name"] == borough) & (estimates["time_period"] == year - 1)]
    rate = Decimal(children * per) / Decimal(int(own["population_estimate"].item()))
    assert rate.quantize(Decimal(printed), ROUND_HALF_UP) == Decimal(printed)


# --- the same bytes, and nothing left over -------------------------------------------------------------------------


def checksums(folder):
    return {file.relative_to(folder): hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.*")}


@pytest.fixture(scope="module")
def redbridge_alone(folder, tmp_path_factory):
    """Redbridge written by itself. It takes the folder of all three so that one process makes both."""
    alone = tmp_path_factory.mktemp("alone")
    write_made_up(alone, boroughs=["Redbridge"])
    return alone


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(redbridge_alone, tmp_path):
    first, again, other = redbridge_alone, tmp_path / "again", tmp_path / "other"
    write_made_up(again, boroughs=["redbridge"])
    write_made_up(other, boroughs=["Redbridge"], seed=1)
    assert checksums(first) == checksums(again)
    returns = [name for name in checksums(first) if name.parts[0] == "returns"]
    assert all(checksums(first)[name] != checksums(other)[name] for name in returns)


def test_a_borough_is_the_same_alone_and_beside_others(folder, redbridge_alone):
    beside = checksums(folder)
    alone = checksums(redbridge_alone / "returns")
    assert len(alone) >= 15
    assert set(alone) == {name.relative_to("returns") for name in beside if name.parts[:2] == ("returns", "redbridge")}
    assert all(beside["returns" / name] == checksum for name, checksum in alone.items())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_seed_keeps_the_figures_of_the_hardest_borough(tmp_path, seed):
    """Bromley: a day inside the year fixes sex, age, ethnicity and home three months after the last return."""
    write_made_up(tmp_path, boroughs=["Bromley"], seed=seed)
    tables = {period: read_return(tmp_path, "Bromley", period) for period in PERIODS["Bromley"]}
    for _, target in TARGETS[TARGETS["borough"] == "Bromley"].drop_duplicates(["date", "count"]).iterrows():
        assert figure_holds(tables, target), target.to_dict()


def test_a_second_run_replaces_the_first_and_touches_nothing_else(tmp_path):
    kept = tmp_path / "returns" / "bromley" / "2020-03-31" / "notes.txt"
    write_made_up(tmp_path, boroughs=["Bromley"], children=20)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("an analyst's own file")
    written = write_made_up(tmp_path, boroughs=["Sutton"], children=20)
    assert sorted(file for file in tmp_path.rglob("*.*") if file.is_file()) == sorted([*written, kept])
    assert kept.read_text() == "an analyst's own file"


def test_the_readme_says_that_everything_is_made_up_and_how(folder):
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "Every child in this folder is made up" in text
    assert "--seed 903" in text
    assert "--borough 'Redbridge'" in text


def test_a_readme_of_somebody_else_is_not_overwritten(tmp_path):
    (tmp_path / "README.md").write_text("# Our returns\n")
    with pytest.raises(InputError, match="not written by this command"):
        write_made_up(tmp_path, boroughs=["Bromley"])


def test_a_borough_without_printed_figures_needs_a_number(tmp_path):
    with pytest.raises(InputError, match="No printed figures are kept for Camden"):
        write_made_up(tmp_path, boroughs=["Camden"])
    assert not any(tmp_path.iterdir())


def test_unknown_boroughs_and_too_few_children_are_refused(tmp_path):
    with pytest.raises(UnknownBoroughError, match="Bromley"):
        write_made_up(tmp_path, boroughs=["Bromly"])
    with pytest.raises(InputError, match="20 or more"):
        write_made_up(tmp_path, children=3)


# --- the layouts --------------------------------------------------------------------------------------------------


def test_every_file_has_the_official_columns_and_says_that_it_is_made_up(folder, returns):
    files = sorted((folder / "returns").rglob("*.csv"))
    named = [re.fullmatch(r"made_up_\d{4}-\d\d-\d\d_([a-z0-9_]+)\.csv", file.name) for file in files]
    assert all(named)
    tables = [name[1] for name in named]
    assert {table: tables.count(table) for table in TABLES} == dict.fromkeys(TABLES, 12)
    for file, table in zip(files, tables, strict=True):
        raw = file.read_bytes()
        header = raw.decode("utf-8").splitlines()[0]
        assert table not in TABLES or header == TABLES[table]
        assert b"\r" not in raw
    for tables in returns.values():
        for parts in tables.values():
            for rows in parts.values():
                assert rows["CHILD"].str.fullmatch(r"MADEUP[0-9A-Z]{4}").all()


def test_every_date_is_written_day_first(returns):
    named = {"DOB", "MC_DOB", "DECOM", "DEC", "DUC"}
    for tables in returns.values():
        for parts in tables.values():
            for rows in parts.values():
                for column in named & set(rows):
                    assert rows[column].str.fullmatch(r"(\d\d/\d\d/\d{4})?").all()


@pytest.mark.parametrize(("table", "column"), CODED)
def test_every_code_is_listed_and_valid_in_its_return_year(returns, table, column):
    listed = codes.load_codelist(CODED[table, column])
    first = pd.to_numeric(listed["first_year"]).fillna(0)
    last = pd.to_numeric(listed["last_year"]).fillna(9999)
    for tables in returns.values():
        for period, parts in tables.items():
            year = pd.Timestamp(period).year + (pd.Timestamp(period).month > 3)
            valid = set(listed.loc[(first <= year) & (last >= year), "code"])
            blank = {""} if column in ("PLACE_PROVIDER", "REC") else set()
            assert set(parts[table][column]) <= valid | blank, (period, column)


def test_the_published_files_have_the_layouts_of_the_originals(folder, shared):
    published = folder / "published"
    originals = shared / "published"
    pairs = {
        "made_up_ons_mid-year_population_estimates.csv": "population/ons_mid-year_population_estimates_2012_to_2024.csv",
        "made_up_cla_number_and_rate_per_10k_children.csv": "ees_2023/cla_number_and_rate_per_10k_children.csv",
        "made_up_cla_number_and_rate_per_10k_children_2010_to_2013.csv":
            "ees_2023/cla_number_and_rate_per_10k_children.csv",
    }  # fmt: skip
    for made_up, original in pairs.items():
        ours = pd.read_csv(published / made_up, dtype=str, keep_default_na=False)
        theirs = pd.read_csv(originals / original, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        assert list(ours) == list(theirs)
        areas = list(theirs.columns[1:10])
        both = ours[areas].drop_duplicates().merge(theirs[areas].drop_duplicates())
        assert len(both) == len(ours[areas].drop_duplicates()), "areas are written as in the original"


def test_the_census_has_every_group_age_and_sex_and_adds_up(folder):
    census = pd.read_csv(folder / "published" / "made_up_census_2021_ethnic_group_by_age_and_sex.csv")
    assert ",".join(census) == (
        "Upper tier local authorities Code,Upper tier local authorities,Ethnic group (20 categories) Code,"
        "Ethnic group (20 categories),Age (101 categories) Code,Age (101 categories),Sex (2 categories) Code,"
        "Sex (2 categories),Observation"
    )
    assert len(census) == 3 * 20 * 18 * 2
    total = census.groupby("Upper tier local authorities")["Observation"].sum()
    assert total.to_dict() == {"Barking and Dagenham": 64_500, "Bromley": 75_000, "Redbridge": 75_300}
    barking = census[census["Upper tier local authorities"] == "Barking and Dagenham"]
    group = barking["Ethnic group (20 categories)"].str.split(":").str[0]
    share = 100 * barking.groupby(group)["Observation"].sum() / 64_500
    assert share["White"] == pytest.approx(36, abs=0.05)
    assert share["Asian, Asian British or Asian Welsh"] == pytest.approx(22, abs=0.05)
    older = barking.loc[barking["Age (101 categories) Code"] >= 16, "Observation"].sum()
    assert 100 * older / 64_500 == pytest.approx(9, abs=0.05)


def test_the_rates_of_london_and_england_follow_from_their_populations(folder):
    rates = pd.read_csv(folder / "published" / "made_up_cla_number_and_rate_per_10k_children.csv")
    assert sorted(rates["time_period"].unique()) == [2019, 2020, 2021, 2022, 2023]
    exact = 10_000 * rates["number"] / rates["population_estimate"]
    assert (rates["rate_per_10000"] == np.floor(exact + 0.5)).all()
    england = rates[(rates["geographic_level"] == "National") & (rates["time_period"] == 2020)]
    assert england["rate_per_10000"].item() == 64  # printed by Bromley


# --- lives --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=list(PERIODS))
def borough(request, returns):
    return returns[request.param]


def test_a_child_keeps_birth_date_sex_and_ethnicity(borough):
    told = pd.concat([part["header"] for part in borough.values()])
    assert not told.drop_duplicates(["CHILD", "SEX", "DOB", "ETHNIC"])["CHILD"].duplicated().any()
    assert told["CHILD"].duplicated().any(), "some children are told of in more than one year"
    for part in borough.values():
        assert not part["header"]["CHILD"].duplicated().any()
        for table in ("uasc", "oc2", "oc3"):
            assert not part[table]["CHILD"].duplicated().any()
            both = part[table].merge(part["header"], on="CHILD")
            assert len(both) == len(part[table])
            assert (both["DOB_x"] == both["DOB_y"]).all()
        assert set(part["episodes"]["CHILD"]) <= set(part["header"]["CHILD"])
        assert not part["episodes"].duplicated(["CHILD", "DECOM"]).any()


def test_every_return_holds_the_episodes_of_its_year_and_no_other(borough):
    episodes = every_episode(borough)
    for period, part in borough.items():
        last = pd.Timestamp(period)
        first = pd.Timestamp(last.year - (last.month <= 3), 4, 1)
        own = part["episodes"]
        assert (dates(own["DECOM"]) <= last).all()
        ended = dates(own["DEC"]).dropna()
        assert ended.between(first, last).all()
        assert ((own["DEC"] == "") == (own["REC"] == "")).all()
        due = episodes[(episodes["start"] <= last) & (episodes["end"].isna() | (episodes["end"] >= first))]
        assert set(zip(due["CHILD"], due["DECOM"], strict=True)) == set(zip(own["CHILD"], own["DECOM"], strict=True))


def test_an_open_episode_is_told_again_the_next_year_and_unchanged(borough):
    periods = list(borough)
    same = ["RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "HOME_POST", "PL_POST", "URN"]
    for before, after in zip(periods, periods[1:], strict=False):
        running = borough[before]["episodes"].query("DEC == ''")
        again = running.merge(borough[after]["episodes"], on=["CHILD", "DECOM"])
        assert len(again) == len(running)
        for column in same:
            assert (again[f"{column}_x"] == again[f"{column}_y"]).all()


def test_episodes_of_a_child_follow_one_another(borough):
    """Rules 355, 356, 388, 431, 432, 433, 501, 504 of the validators."""
    rows = every_episode(borough).sort_values(["CHILD", "start"])
    assert (rows["end"].isna() | (rows["end"] > rows["start"])).all()
    following = rows.shift(-1)
    same = rows["CHILD"] == following["CHILD"]
    closed_by_next = rows["REC"] == "X1"
    assert same[closed_by_next].all()
    assert (rows.loc[closed_by_next, "end"] == following.loc[closed_by_next, "start"]).all()
    assert (rows.loc[closed_by_next, "CIN"] == following.loc[closed_by_next, "CIN"]).all()
    left = same & ~closed_by_next
    assert (following.loc[left, "start"] > rows.loc[left, "end"]).all()
    assert (following.loc[left, "RNE"] == "S").all()
    assert (following.loc[closed_by_next, "RNE"] != "S").all()
    assert left.any(), "some children leave and come back"


def test_the_reason_for_an_episode_says_what_changed(borough):
    """Rules 434, 435, 436, and 225, 226 on reasons for a change of home."""
    rows = every_episode(borough).sort_values(["CHILD", "start"], ignore_index=True)
    before = rows.shift()
    next_one = rows["REC"].shift() == "X1"
    home = (rows[["PLACE", "PLACE_PROVIDER", "PL_POST"]] != before[["PLACE", "PLACE_PROVIDER", "PL_POST"]]).any(axis=1)
    status = rows["LS"] != before["LS"]
    reason = rows["RNE"]
    assert (status & ~home)[next_one & (reason == "L")].all()
    assert (home & ~status)[next_one & reason.isin(["P", "T"])].all()
    assert (home & status)[next_one & reason.isin(["B", "U"])].all()
    assert {"S", "L", "P", "B"} <= set(reason)
    moved = next_one & reason.isin(["P", "T", "B", "U"]) & (before["end"] >= "2015-04-01")
    temporary = rows["PLACE"].str.startswith("T") | before["PLACE"].eq("T1") | before["PLACE"].eq("T4")
    told = before["REASON_PLACE_CHANGE"]
    assert (told[moved & ~temporary] != "").all()
    assert (told[moved & temporary] == "").all()
    assert (told[next_one & (reason == "L")] == "").all()


def test_a_temporary_stay_lies_inside_a_care_and_leads_back_home(borough):
    rows = every_episode(borough).sort_values(["CHILD", "start"], ignore_index=True)
    away = rows.index[rows["PLACE"].str.startswith("T")]
    assert (rows.loc[away, "RNE"] != "S").all()
    assert (rows.loc[away, "REC"] == "X1").all()
    inside = away[away > 0]
    known = inside[rows.loc[inside - 1, "CHILD"].to_numpy() == rows.loc[inside, "CHILD"].to_numpy()]
    home = ["PLACE", "PLACE_PROVIDER", "PL_POST"]
    assert (rows.loc[known - 1, home].to_numpy() == rows.loc[known + 1, home].to_numpy()).all()


def test_nobody_is_in_care_before_birth_or_from_the_18th_birthday_on(borough):
    children = everybody(borough)
    rows = every_episode(borough)
    born = children["born"].reindex(rows["CHILD"]).to_numpy()
    turned = born.astype("M8[s]") + np.timedelta64(0)
    eighteen = pd.Series(pd.to_datetime(turned)) + pd.DateOffset(years=18)
    assert (rows["start"].to_numpy() > born).all()
    assert (rows["start"].to_numpy() < eighteen.to_numpy()).all()
    end = rows["end"].to_numpy()
    assert (end[~pd.isna(end)] <= eighteen.to_numpy()[~pd.isna(end)]).all()
    for period, part in borough.items():
        running = part["episodes"].query("DEC == ''")["CHILD"]
        assert all(age(day, pd.Timestamp(period)) < 18 for day in children["born"].reindex(running))


def test_homes_suit_the_child(borough):
    children = everybody(borough)
    rows = every_episode(borough)
    rows = rows.assign(age=[age(children.loc[child, "born"], day) for child, day in
                            zip(rows["CHILD"], rows["start"], strict=True)])  # fmt: skip
    uasc = set(pd.concat([part["uasc"] for part in borough.values()])["CHILD"])
    assert (rows.loc[rows["PLACE"].isin(["H5", "P2"]), "age"] >= 16).all()
    assert (rows.loc[rows["PLACE"].isin(["A5", "A6"]), "LS"] == "E1").all()
    assert (rows.loc[rows["PLACE"].isin(["A5", "A6"]), "age"] <= 8).all()
    assert rows.loc[rows["PLACE"] == "P1", "LS"].isin(["C1", "C2"]).all()
    assert ((rows["PLACE_PROVIDER"] == "PR0") == (rows["PLACE"] == "P1")).all()
    assert ((rows["PLACE_PROVIDER"] == "") == (rows["PLACE"].str.startswith("T") | (rows["PLACE"] == "Z1"))).all()
    assert rows.loc[rows["REC"].isin(["E11", "E12"]), "PLACE"].isin(["A5", "A6"]).all()
    assert not rows["CHILD"].isin(uasc)[rows["PLACE"].isin(["P1", "A5", "A6"])].any()
    police = rows[rows["LS"] == "L1"]
    assert len(police)
    assert ((police["end"] - police["start"]).dt.days <= 3).all()


def test_a_year_holds_about_one_to_three_homes_for_most_children(borough):
    for period, part in borough.items():
        homes = part["episodes"].groupby("CHILD")["PL_POST"].nunique()
        assert 0.85 < (homes <= 2).mean() < 1, period


def test_unaccompanied_children_are_mostly_boys_of_15_to_17(returns):
    for tables in returns.values():
        uasc = pd.concat([part["uasc"] for part in tables.values()]).drop_duplicates("CHILD")
        assert (uasc["SEX"] == "1").mean() > 0.75
        rows = every_episode(tables)
        starts = rows[(rows["RNE"] == "S") & rows["CHILD"].isin(uasc["CHILD"])]
        born = everybody(tables)["born"]
        ages = [age(born[child], day) for child, day in zip(starts["CHILD"], starts["start"], strict=True)]
        assert min(ages) >= 14
        assert np.mean([one >= 15 for one in ages]) > 0.8
        assert (rows.loc[rows["CHILD"].isin(uasc["CHILD"]), "CIN"] == "N8").all()
        assert (uasc["DUC"] != "").all()


def test_oc2_holds_the_children_in_care_for_twelve_months(borough):
    for number, (period, part) in enumerate(borough.items()):
        last = pd.Timestamp(period)
        year_before = last - pd.DateOffset(years=1)
        upto = {name: borough[name] for name in list(borough)[: number + 1]}
        rows = every_episode(upto).sort_values(["CHILD", "start"], ignore_index=True)
        goes_on = (rows["CHILD"] == rows["CHILD"].shift()) & (rows["start"] == rows["end"].shift())
        care = rows.groupby((~goes_on).cumsum()).agg(
            child=("CHILD", "first"), start=("start", "min"), open=("DEC", lambda ends: (ends == "").any()),
            told=("period", "max"),
        )  # fmt: skip
        due = care[care["open"] & (care["told"] == period) & (care["start"] <= year_before)]
        assert set(part["oc2"]["CHILD"]) == set(due["child"])
        oc2 = part["oc2"]
        ages = pd.Series([age(day, last) for day in dates(oc2["DOB"])], index=oc2.index)
        assert ((oc2["SDQ_SCORE"] != "") & (oc2["SDQ_REASON"] != "")).sum() == 0
        assert (((oc2["SDQ_SCORE"] == "") & (oc2["SDQ_REASON"] == "")) == (ages < 4)).all()
        assert (oc2.loc[ages < 4, "SDQ_SCORE"] == "").all()
        assert oc2["SDQ_SCORE"].replace("", "0").astype(int).between(0, 40).all()
        assert ((oc2["CONVICTED"] == "") == (ages < 10)).all()
        assert ((oc2["HEALTH_CHECK"] == "") == (ages >= 5)).all()
        assert ((oc2["INTERVENTION_RECEIVED"] == "") == (oc2["SUBSTANCE_MISUSE"] != "1")).all()
        assert ((oc2["INTERVENTION_OFFERED"] == "") == (oc2["INTERVENTION_RECEIVED"] != "0")).all()


def test_care_leavers_are_17_to_21_and_not_in_care(borough):
    for period, part in borough.items():
        last = pd.Timestamp(period)
        ages = [age(day, last) for day in dates(part["oc3"]["DOB"])]
        assert set(ages) <= set(range(17, 22))
        in_care = set(part["episodes"].query("DEC == ''")["CHILD"])
        assert not in_care & set(part["oc3"]["CHILD"])
        silent, gone = part["oc3"]["IN_TOUCH"] != "YES", part["oc3"]["IN_TOUCH"].isin(["RHOM", "DIED"])
        for column in ("ACTIV", "ACCOM"):  # a council may know of who is not in touch, but not where who is gone lives
            assert (silent | (part["oc3"][column] != "0")).all()
        assert (part["oc3"].loc[gone, "ACCOM"] == "0").all()


def test_every_postcode_is_one_of_a_public_building(borough):
    """The list is checked against the directory in test_made_up_places.py: nobody lives at these postcodes."""
    listed = codes.load_codelist("made_up_postcodes").set_index("postcode")["place"]
    for part in borough.values():
        rows = part["episodes"]
        assert set(rows["HOME_POST"]) - {""} <= set(listed.index[listed == "in"])
        assert set(rows["PL_POST"]) - {""} <= set(listed.index)
        withheld = rows["PL_POST"] == ""
        assert rows.loc[withheld, "PLACE"].isin(["A5", "A6"]).all()


# --- any borough, any number --------------------------------------------------------------------------------------


def test_any_borough_can_be_made_up_with_a_number_of_children(tmp_path):
    write_made_up(tmp_path, boroughs=["Camden", "Bromley"], children=150)
    for name in ("Camden", "Bromley"):
        tables = {period: read_return(tmp_path, name, period) for period in PERIODS["Barking and Dagenham"]}
        for period in tables:
            people = people_counted(tables, pd.Timestamp(period), "in_care")
            assert len(people) == 150
            assert 0.4 < (people["SEX"] == "1").mean() < 0.8
            assert people["PLACE"].str.startswith("U").mean() > 0.4
    estimates = pd.read_csv(tmp_path / "published" / "made_up_ons_mid-year_population_estimates.csv")
    assert set(estimates["la_name"].dropna()) == {"Camden", "Bromley"}


# --- the arithmetic -----------------------------------------------------------------------------------------------


def test_the_highest_scores_that_keep_the_counts_are_chosen():
    scores = np.array([9.0, 8.0, 7.0, 1.0])
    everyone, late = np.ones(4, dtype=bool), np.array([False, False, True, True])
    kept = [Kept(everyone, 2, 2), Kept(late, 1, 1)]
    assert choose_rows(scores, kept, told="a test").tolist() == [True, False, True, False]


def test_a_wish_is_missed_where_counts_forbid_it():
    scores = np.zeros(4)
    everyone, late = np.ones(4, dtype=bool), np.array([False, False, False, True])
    chosen = choose_rows(scores, [Kept(everyone, 3, 3), Kept(late, 3, 3, binding=False)], told="a test")
    assert chosen.sum() == 3
    assert chosen[3]


def test_counts_that_cannot_hold_are_told():
    with pytest.raises(OutOfReachError, match="a test: the counts asked for in made_up_targets.csv cannot all hold"):
        choose_rows(np.zeros(2), [Kept(np.ones(2, dtype=bool), 3, 3)], told="a test")


def test_a_child_with_no_option_is_told():
    with pytest.raises(InputError, match="fit no option"):
        choose_options(np.array([[0.0, 1.0], [-np.inf, -np.inf]]), [], told="a test")


@given(
    scores=st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=3, max_size=7),
    share=st.floats(0, 1),
)
def test_every_row_gets_an_option_and_the_count_is_kept(scores, share):
    table = np.array(scores)
    count = round(share * len(table))
    members = np.zeros(table.shape, dtype=bool)
    members[:, 0] = True
    chosen = choose_options(table, [Kept(members, count, count)], told="a test")
    assert (chosen == 0).sum() == count
    other = chosen[chosen != 0]
    best = 1 + table[chosen != 0, 1:].argmax(axis=1)
    assert (table[chosen != 0, other] == table[chosen != 0, best]).all()


@given(st.dates(pd.Timestamp("1985-01-01").date(), pd.Timestamp("2020-12-31").date()), st.integers(0, 9000))
def test_ages_and_birthdays_agree_with_the_calendar(born, later):
    if (born.month, born.day) == (2, 29):
        return
    day = to_day(born) + later
    date = (np.datetime64(born) + later).item()
    assert age_on(np.array([to_day(born)]), day)[0] == age(born, date)
    assert np.datetime64(int(birthday(np.array([to_day(born)]), 18)[0]), "D").item() == born.replace(
        year=born.year + 18
    )


@given(st.lists(st.integers(0, 100), min_size=1, max_size=20).filter(any), st.integers(0, 5000))
def test_shares_become_whole_numbers_that_add_up(weights, total):
    shares = np.array(weights) / sum(weights)
    counts = share_out(shares, total)
    assert counts.sum() == total
    assert (np.abs(counts - shares * total) < 1).all()


def test_identifiers_differ_and_show_no_order():
    names = identifiers(np.arange(200_000), 3)
    assert len(set(names)) == len(names)
    assert sorted(names[:100]) != list(names[:100])
