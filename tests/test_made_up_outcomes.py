"""Printed figures of outcomes, care leavers and local extras, counted back from the files with plain pandas."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from helpers import codes
from helpers.made_up import write_made_up
from helpers.made_up.outcome_figures import OutcomeFigures, exactly, own_draws, prints, whole_number
from helpers.made_up.outcomes import with_sum
from helpers.settings import slug

TARGETS = codes.load_codelist("made_up_outcome_targets")
NAMES = codes.load_codelist("made_up_local_names")
KEPT = TARGETS[TARGETS["kept"] == "yes"].reset_index(drop=True)
PERIODS = {
    "Barking and Dagenham": [f"{year}-03-31" for year in range(2019, 2024)],
    "Redbridge": [f"{year}-03-31" for year in range(2011, 2014)],
    "Bromley": ["2020-03-31", "2021-03-31", "2022-03-31", "2022-06-30"],
}
DATES = ("DOB", "DECOM", "DEC", "VISIT_DUE", "VISIT_DATE", "IHA_DUE", "IHA_DATE", "PEP_DUE", "PEP_DATE",
         "PATHWAY_PLAN_DUE", "PATHWAY_PLAN_DATE", "SCHOOL_YEAR_END", "ASKED_ON", "FROM_DATE", "TO_DATE")  # fmt: skip
EXTRAS = ("local_visits", "local_health_assessments", "local_education_plans", "local_pathway_plans",
          "local_education", "local_survey", "local_targets")  # fmt: skip


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
    tables = {}
    for file in sorted(here.glob("made_up_*.csv")):
        rows = pd.read_csv(file, dtype=str, keep_default_na=False)
        for column in set(DATES) & set(rows):
            rows[column] = pd.to_datetime(rows[column].where(rows[column] != ""), format="%d/%m/%Y")
        tables[file.stem.removeprefix(f"made_up_{period}_")] = rows
    return tables


def everything(tables, name):
    rows = [part[name].assign(period=period) for period, part in tables.items() if name in part]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def ages(born, day):
    day = pd.Timestamp(day)
    early = (born.dt.month > day.month) | ((born.dt.month == day.month) & (born.dt.day > day.day))
    return day.year - born.dt.year - early


def births(tables):
    return everything(tables, "header").drop_duplicates("CHILD").set_index("CHILD")["DOB"]


def in_care(tables, day):
    day = pd.Timestamp(day)
    told = min(period for period in tables if pd.Timestamp(period) >= day)
    rows = tables[told]["episodes"]
    return rows.loc[(rows["DECOM"] <= day) & (rows["DEC"].isna() | (rows["DEC"] > day)), "CHILD"]


def share(yes):
    return int(yes.sum()), len(yes)


# --- one counting rule per figure ---------------------------------------------------------------------------------


def of_outcomes(column):
    def count(tables, day, target):
        return share(tables[day]["oc2"][column] == "1")

    return count


def sdq_completed(tables, day, target):
    rows = tables[day]["oc2"]
    return share(rows.loc[ages(rows["DOB"], day) >= 4, "SDQ_SCORE"] != "")


def sdq_score(tables, day, target):
    scores = tables[day]["oc2"]["SDQ_SCORE"]
    scores = scores[scores != ""].astype(int)
    return int(scores.sum()), len(scores)


def leavers(tables, day, *, everybody=False):
    rows = tables[day]["oc3"]
    header = tables[day]["header"].set_index("CHILD")
    uasc = set(everything(tables, "uasc")["CHILD"])
    rows = rows.assign(
        age=ages(rows["DOB"], day),
        sex=header["SEX"].reindex(rows["CHILD"]).to_numpy(),
        ethnicity=header["ETHNIC"].reindex(rows["CHILD"]).to_numpy(),
        uasc=rows["CHILD"].isin(uasc),
    )
    return rows if everybody else rows[~rows["IN_TOUCH"].isin(["RHOM", "DIED"])]


def of_leavers(column, pattern):
    def count(tables, day, target):
        rows = leavers(tables, day)
        if target["dimension"] == "age":
            rows = rows[rows["age"] == int(target["category"])]
        return share(rows[column].str.fullmatch(pattern))

    return count


def activity(tables, day, target):
    patterns = {"full_time_eet": "F.", "part_time_eet": "P.", "neet_pregnancy_or_parenting": "G6",
                "neet_disability": "G4", "neet_other": "G5"}  # fmt: skip
    return share(leavers(tables, day, everybody=True)["ACTIV"].str.fullmatch(patterns[target["category"]]))


def care_leavers(tables, day, target):
    every = leavers(tables, day, everybody=True)
    rows = every if target["base"] == str(len(every)) or target["category"] == "all" else leavers(tables, day)
    groups = {
        "male": rows["sex"] == "1",
        "19": rows["age"] == 19,
        "former_uasc": rows["uasc"],
        "black_asian_or_mixed": rows["ethnicity"].str.match("A|B|M|CHNE"),
        "returned_home": rows["IN_TOUCH"] == "RHOM",
        "all": rows["CHILD"] != "",
    }
    return share(groups[target["category"]])


def visited(window):
    def count(tables, day, target):
        visits = everything(tables, "local_visits")
        day = pd.Timestamp(day)
        seen = visits[(visits["VISIT_DATE"] > day - window) & (visits["VISIT_DATE"] <= day)]
        return share(in_care(tables, day).isin(seen["CHILD"]))

    return count


def due_in_time(table, due, done, after):
    def count(tables, day, target):
        rows = everything(tables, table)
        rows = rows[(rows[due] > after(pd.Timestamp(day))) & (rows[due] <= day)]
        return share(rows[done] <= rows[due])

    return count


def march_before(day):
    return pd.Timestamp(day.year - ((day.month, day.day) <= (3, 31)), 3, 31)


def education_plans(tables, day, target):
    day = pd.Timestamp(day)
    august = pd.Timestamp(day.year - ((day.month, day.day) <= (8, 31)), 8, 31)
    born, episodes = births(tables), everything(tables, "episodes").drop_duplicates(["CHILD", "DECOM"], keep="last")
    open_then = episodes[(episodes["DECOM"] <= day) & (episodes["DEC"].isna() | (episodes["DEC"] > day))]
    who = open_then["CHILD"][ages(born.reindex(open_then["CHILD"]), august).between(5, 15).to_numpy()]
    plans = everything(tables, "local_education_plans")
    recent = plans[(plans["PEP_DATE"] > day - pd.DateOffset(months=6)) & (plans["PEP_DATE"] <= day)]
    return share(who.isin(recent["CHILD"]))


def pathway_plans(tables, day, target):
    months = 7 if target["borough"] == "Bromley" else 6
    rows, on = everything(tables, "local_pathway_plans"), pd.Timestamp(day)
    done = rows["PATHWAY_PLAN_DATE"]
    recent = rows[(done > on - pd.DateOffset(months=months)) & (done <= on)]
    return share(leavers(tables, day)["CHILD"].isin(recent["CHILD"]))


def pupils(tables, day, stage=None):
    rows = everything(tables, "local_education")
    on = pd.Timestamp(day)
    end = pd.Timestamp(on.year + ((on.month, on.day) > (8, 31)), 8, 31)
    rows = rows[rows["SCHOOL_YEAR_END"] == end]
    return rows if stage is None else rows[rows["KEY_STAGE"] == stage]


def of_pupils(column, value, stage=None):
    def count(tables, day, target):
        return share(pupils(tables, day, "KS4" if target["category"] == "ks4" else stage)[column] == value)

    return count


def attainment(tables, day, target):
    points = pupils(tables, day, "KS4")["ATTAINMENT_8"].map(Fraction)
    return sum(points), len(points)


def name_of(target, table):
    keys = ["indicator", "dimension", "category"]
    (name,) = NAMES.loc[(NAMES["table"] == table) & (NAMES[keys] == target[keys]).all(axis=1), "name"]
    return name


def survey(tables, day, target):
    rows = everything(tables, "local_survey")
    rows = rows[(rows["QUESTION"] == name_of(target, "local_survey")) & (rows["ASKED_ON"].dt.year == int(day[:4]))]
    answers = rows["ANSWERS"].astype(int)
    assert sorted(rows["ANSWER"]) == ["No", "Yes"]
    return int(answers[rows["ANSWER"] == "Yes"].sum()), int(answers.sum())


RULES = {
    "cla_health_assessment_up_to_date": of_outcomes("HEALTH_ASSESSMENT"),
    "cla_dental_check_up_to_date": of_outcomes("TEETH_CHECK"),
    "cla_immunisations_up_to_date": of_outcomes("IMMUNISATIONS"),
    "cla_offending": of_outcomes("CONVICTED"),
    "cla_sdq_completed": sdq_completed,
    "cla_sdq_score": sdq_score,
    "cl_in_touch": of_leavers("IN_TOUCH", "YES"),
    "cl_not_in_touch": of_leavers("IN_TOUCH", "(?!YES).*"),
    "cl_eet": of_leavers("ACTIV", "[FP]."),
    "cl_in_higher_education": of_leavers("ACTIV", "[FP]1"),
    "cl_suitable_accommodation": of_leavers("ACCOM", ".1"),
    "cl_staying_put": of_leavers("ACCOM", "Z."),
    "cl_activity_status": activity,
    "cl_total": care_leavers,
    "cla_visited_6_weekly": visited(pd.Timedelta(days=42)),
    "cla_visited_3_monthly": visited(pd.DateOffset(months=3)),
    "cla_visits_in_timescale": due_in_time("local_visits", "VISIT_DUE", "VISIT_DATE",
                                           lambda day: day - pd.DateOffset(years=1)),
    "cla_initial_health_assessment_in_time": due_in_time("local_health_assessments", "IHA_DUE", "IHA_DATE",
                                                         march_before),
    "cla_pep_up_to_date": education_plans,
    "cl_pathway_plan_up_to_date": pathway_plans,
    "cla_ehcp": of_pupils("SEN", "E"),
    "cla_sen_support": of_pupils("SEN", "K"),
    "cla_ks4_english_maths_4plus": of_pupils("ENGLISH_MATHS_4", "1", "KS4"),
    "cla_ks4_attainment8": attainment,
    "cla_ks2_expected_standard": of_pupils("READING_MATHS", "1", "KS2"),
    "cla_fixed_term_exclusion": of_pupils("SUSPENDED", "1"),
    "cla_permanent_exclusion": of_pupils("EXCLUDED", "1"),
    "cla_school_absence": of_pupils("ABSENT", "1"),
}  # fmt: skip


def printed_value(target, tables):
    rule = survey if target["indicator"].startswith("survey_") else RULES[target["indicator"]]
    number, base = rule(tables, target["date"], target)
    if target["measure"] in ("count", "chosen"):
        return Decimal(int(number))
    exact = Fraction(number) / base * (100 if target["measure"] == "percent" else 1)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(target["printed"]), ROUND_HALF_UP)


# --- the printed figures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", KEPT.index[~KEPT["measure"].isin(["target", "government_threshold"])])
def test_every_kept_figure_is_counted_back_from_the_files(returns, number):
    target = KEPT.loc[number]
    assert printed_value(target, returns[target["borough"]]) == Decimal(target["printed"])


@pytest.mark.parametrize(
    "number", TARGETS.index[(TARGETS["kept"] == "no") & (TARGETS["measure"] != "government_threshold")]
)
def test_a_figure_that_is_not_kept_is_another_one_in_the_files_and_says_why(returns, number):
    target = TARGETS.loc[number]
    assert len(target["note"]) > 10
    if target["indicator"] in RULES:
        assert printed_value(target, returns[target["borough"]]) != Decimal(target["printed"])


@pytest.mark.parametrize("number", TARGETS.index[TARGETS["kept"] == "nearest"])
def test_a_figure_that_cannot_be_printed_is_the_nearest_that_can(returns, number):
    target = TARGETS.loc[number]
    count, base = RULES[target["indicator"]](returns[target["borough"]], target["date"], target)
    printed = Fraction(target["printed"])
    assert abs(Fraction(100 * count, base) - printed) <= Fraction(50, base)
    assert not any(prints(whole, base, target["printed"]) for whole in range(base + 1))
    assert len(target["note"]) > 10


@pytest.mark.parametrize("number", KEPT.index[KEPT["measure"].isin(["target", "government_threshold"])])
def test_every_printed_target_stands_in_the_extras_of_its_time(returns, number):
    target = KEPT.loc[number]
    rows = everything(returns[target["borough"]], "local_targets")
    source = {"target": "Council", "government_threshold": "Government"}[target["measure"]]
    holds = (rows["FROM_DATE"] <= target["date"]) & (rows["TO_DATE"].isna() | (rows["TO_DATE"] == target["date"]))
    found = rows[holds & (rows["INDICATOR"] == name_of(target, "local_targets"))]
    assert found[["TARGET", "TARGET_SOURCE"]].to_numpy().tolist() == [[target["printed"], source]]


def test_every_listed_figure_stands_in_the_councils_documents(shared):
    figures = pd.read_csv(shared / "figures" / "published_figures.csv", dtype=str, keep_default_na=False)
    july = figures["borough"].eq("Bromley") & figures["period_end"].eq("2022-07-31")
    figures = figures.assign(date=figures["period_end"].mask(july, "2022-06-30"), printed=figures["value"])
    figures["measure"] = figures["measure"].mask(figures["comparator"] != "borough", figures["comparator"])
    keys = ["borough", "date", "indicator", "dimension", "category", "measure", "printed"]
    listed = TARGETS[TARGETS["measure"] != "chosen"]
    found = listed.merge(figures[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    assert found.loc[found["_merge"] == "left_only", keys].to_dict("records") == []


def test_a_figure_that_is_chosen_says_why():
    assert (TARGETS.loc[TARGETS["measure"] == "chosen", "note"].str.len() > 10).all()


# --- what the files hold ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=list(PERIODS))
def borough(request, returns):
    return returns[request.param]


def test_who_is_in_education_or_work_is_in_touch(borough):
    for part in borough.values():
        works = part["oc3"]["ACTIV"].str.match("[FP]")
        assert (part["oc3"].loc[works, "IN_TOUCH"] == "YES").all()
        in_touch = part["oc3"]["IN_TOUCH"] == "YES"
        assert (part["oc3"].loc[in_touch, ["ACTIV", "ACCOM"]] != "0").all().all()


def test_nobody_whose_care_another_council_took_over_is_a_care_leaver(borough):
    episodes = everything(borough, "episodes")
    gone = episodes.loc[episodes["REC"].isin(["E2", "E3"]), "CHILD"]
    assert not set(gone) & set(everything(borough, "oc3")["CHILD"])


def test_nobody_under_18_stays_with_a_former_foster_carer(borough):
    for period, part in borough.items():
        stays = part["oc3"]["ACCOM"].str.startswith("Z")
        assert (ages(part["oc3"].loc[stays, "DOB"], period) >= 18).all()


def test_a_care_leaver_who_is_told_of_once_is_mostly_told_of_again(borough):
    periods = list(borough)
    for before, after in zip(periods, periods[1:], strict=False):
        rows = borough[before]["oc3"]
        young = rows[ages(rows["DOB"], after) <= 21]
        assert young["CHILD"].isin(borough[after]["oc3"]["CHILD"]).mean() > 0.8, after


def test_scores_are_of_children_from_4_and_none_was_17_when_the_year_began(borough):
    for period, part in borough.items():
        oc2 = part["oc2"]
        age, began = ages(oc2["DOB"], period), ages(oc2["DOB"], pd.Timestamp(period) - pd.DateOffset(years=1))
        scored = oc2["SDQ_SCORE"] != ""
        assert (age[scored] >= 4).all()
        assert (began[scored] < 17).all()
        assert ((oc2["SDQ_REASON"] != "") == (~scored & (age >= 4))).all()


def test_every_date_of_an_extra_lies_in_a_time_of_care_of_its_child(borough):
    episodes = everything(borough, "episodes").drop_duplicates(["CHILD", "DECOM"], keep="last")
    for table, column in (("local_visits", "VISIT_DUE"), ("local_visits", "VISIT_DATE"),
                          ("local_health_assessments", "IHA_DATE"), ("local_education_plans", "PEP_DATE")):  # fmt: skip
        rows = everything(borough, table).reset_index()
        rows = rows[rows[column].notna()]
        both = rows.merge(episodes[["CHILD", "DECOM", "DEC"]], on="CHILD")
        inside = (both["DECOM"] <= both[column]) & (both["DEC"].isna() | (both["DEC"] >= both[column]))
        missing = set(rows["index"]) - set(both.loc[inside, "index"])
        # A visit a week after coming into care is due after the last day of the return for the latest to come.
        late = rows[rows["index"].isin(missing)]
        assert (late[column] > late["period"]).all(), (table, column)


def test_nothing_is_told_that_was_done_after_the_last_day_or_before_the_year(borough):
    for period, part in borough.items():
        last = pd.Timestamp(period)
        first = march_before(last) + pd.Timedelta(days=1)
        for table, column in (("local_visits", "VISIT_DATE"), ("local_education_plans", "PEP_DATE"),
                              ("local_pathway_plans", "PATHWAY_PLAN_DATE"), ("local_survey", "ASKED_ON"),
                              ("local_health_assessments", "IHA_DATE")):  # fmt: skip
            if table in part:
                assert part[table][column].dropna().between(first, last).all()


def test_extras_hold_the_official_columns_and_no_blank_table(folder):
    listed = codes.load_codelist("ssda903_tables")
    for file in sorted((folder / "returns").glob("*/*/made_up_*_local_*.csv")):
        table = "local_" + file.stem.split("_local_")[1]
        rows = pd.read_csv(file, dtype=str, keep_default_na=False)
        assert table in EXTRAS
        assert list(rows) == listed.loc[listed["table"] == table, "column"].tolist()
        assert len(rows)


def test_a_borough_without_printed_figures_has_visits_plans_and_health_assessments_alone(tmp_path):
    written = write_made_up(tmp_path, boroughs=["Camden"], children=100)
    extras = {"local_" + file.stem.split("_local_")[1] for file in written if "_local_" in file.stem}
    assert extras == {"local_visits", "local_health_assessments", "local_education_plans", "local_pathway_plans"}


# --- the arithmetic -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "printed", "count"),
    [(149, "89.9", 134), (391, "99.5", 389), (29, "31.0", 9), (40, "22.5", 9), (200, "0", 0), (7, "100", 7)],
)
def test_the_whole_number_that_prints_as_published_is_found(base, printed, count):
    assert whole_number(base, printed) == count
    assert prints(count, base, printed)


def test_no_whole_number_of_40_prints_as_27_2_percent():
    assert not any(prints(count, 40, "27.2") for count in range(41))


@pytest.fixture
def drawn():
    from helpers.made_up.draws import Draws

    return own_draws(Draws("Bromley", np.random.default_rng([1, 2, 3])), 4, 5)


def test_as_few_rows_change_as_the_number_needs(drawn):
    before = drawn.happens(200, 0.4)
    for count in (0, 20, int(before.sum()), 150, 200):
        after = exactly(before, count, drawn)
        assert after.sum() == count
        assert (after != before).sum() == abs(count - before.sum())


def test_scores_keep_their_sum_and_their_bounds(drawn):
    scores = drawn.rng.integers(0, 41, 60)
    for total in (0, 500, 60 * 40):
        moved = with_sum(scores, total, 40, drawn)
        assert moved.sum() == total
        assert moved.min() >= 0
        assert moved.max() <= 40


def test_draws_of_their_own_move_nothing_else():
    from helpers.made_up.draws import Draws

    one, other = (Draws("Bromley", np.random.default_rng([1, 2, 3])) for _ in range(2))
    own_draws(one, 7, 1).rng.random(5)
    assert (one.rng.random(5) == other.rng.random(5)).all()


def test_an_unprinted_year_comes_near_its_neighbours(drawn):
    figures = OutcomeFigures("Barking and Dagenham")
    day = np.datetime64("2022-03-31").astype(int)
    counts = [figures.near("cl_suitable_accommodation", int(day), 300, drawn) for _ in range(20)]
    assert 0.8 < np.mean(counts) / 300 < 0.97
    assert OutcomeFigures(None).near("cl_suitable_accommodation", int(day), 300, drawn) is None
