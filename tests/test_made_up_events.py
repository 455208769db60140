"""Reviews, missing spells and adoptions of the made-up returns, counted back from the files with plain pandas."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import codes
from helpers.episodes import in_same_placement_since, placements_in_year
from helpers.made_up.adoption import bring_to_sum
from helpers.made_up.adoption_days import Path, settle_adoption_days
from helpers.made_up.choosing import OutOfReachError
from helpers.made_up.dates import NEVER, to_day
from helpers.made_up.draws import Draws
from helpers.made_up.event_draws import ORDERS, EventDraws, load_event_targets
from helpers.made_up.history import live
from helpers.made_up.plans import make_plan
from helpers.made_up.pupil_numbers import pupil_numbers
from helpers.made_up.reviews import months_after
from helpers.read.recognising import recognise
from helpers.settings import slug

TABLES = {
    "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
    "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN",
    "uasc": "CHILD,SEX,DOB,DUC",
    "reviews": "CHILD,DOB,REVIEW,REVIEW_CODE",
    "ad1": "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR",
    "placed_adoption": "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED",
    "prev_perm": "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM",
    "missing": "CHILD,DOB,MISSING,MIS_START,MIS_END",
}
PERIODS = {
    "Barking and Dagenham": [f"{year}-03-31" for year in range(2019, 2024)],
    "Redbridge": [f"{year}-03-31" for year in range(2011, 2014)],
    "Bromley": ["2020-03-31", "2021-03-31", "2022-03-31", "2022-06-30"],
}
TARGETS = codes.load_codelist("made_up_event_targets")
KEPT = TARGETS[TARGETS["kept"] == "yes"].to_dict("records")


# --- reading back -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def returns(made_up_folder):
    return {
        borough: {period: read_return(made_up_folder, borough, period) for period in periods}
        for borough, periods in PERIODS.items()
    }


@pytest.fixture(scope="module", params=list(PERIODS))
def borough(request, returns):
    return returns[request.param]


def read_return(folder, borough, period):
    here = folder / "returns" / slug(borough) / period
    files = {table: here / f"made_up_{period}_{table}.csv" for table in TABLES}
    return {
        table: pd.read_csv(file, dtype=str, keep_default_na=False) for table, file in files.items() if file.exists()
    }


def dates(texts):
    return pd.to_datetime(texts.where(texts != ""), format="%d/%m/%Y")


def linked(tables, table, keys):
    """Rows of all returns of a borough; of a row told twice the later return's is kept."""
    parts = [part[table].assign(told=pd.Timestamp(period)) for period, part in tables.items() if table in part]
    return pd.concat(parts, ignore_index=True).drop_duplicates(keys, keep="last")


def care(tables):
    """Episodes of all returns with dates, and of the unbroken care of each: number, first day told, and whether it is
    the first of the care (`opens`), which a return does not tell of a care that changed before its year."""
    rows = linked(tables, "episodes", ["CHILD", "DECOM"])
    rows = rows.assign(start=dates(rows["DECOM"]), end=dates(rows["DEC"])).sort_values(["CHILD", "start"])
    goes_on = (rows["CHILD"] == rows["CHILD"].shift()) & (rows["start"] == rows["end"].shift())
    rows = rows.assign(care=(~goes_on).cumsum())
    cares = rows.groupby("care")
    began, opens = cares["start"].transform("min"), cares["RNE"].transform("first") == "S"
    return rows.assign(began=began, opens=opens).reset_index(drop=True)


def in_care(episodes, day):
    return episodes[(episodes["start"] <= day) & (episodes["end"].isna() | (episodes["end"] > day))
                    & (episodes["told"] >= day)]  # fmt: skip


# --- counting -----------------------------------------------------------------------------------------------------


def reviewed_in_time(tables, day):
    """Of children in care for more than 20 working days: those with every review due in the year held by its day."""
    episodes = care(tables)
    here = in_care(episodes, day).drop_duplicates("CHILD")
    here = here.assign(first_due=np.busday_offset(here["began"].to_numpy("M8[D]"), 20, roll="preceding"))
    here = here[here["first_due"] < day]
    reviews = linked(tables, "reviews", ["CHILD", "REVIEW"])
    reviews = reviews.assign(held=dates(reviews["REVIEW"])).sort_values(["CHILD", "held"])
    held = {child: rows["held"].tolist() for child, rows in reviews.groupby("CHILD")}
    told_from = pd.Timestamp(min(tables)) - pd.DateOffset(years=1)
    year, good = day - pd.DateOffset(years=1), 0
    for child in here.itertuples():
        own = [one for one in held.get(child.CHILD, []) if child.began <= one <= day]
        # The reviews of a care that began before the first return are not all told: the first told has no due day.
        due, number = (child.first_due, 0) if child.first_due > told_from and child.opens else (None, 2)
        in_time = True
        for one in [*own, None]:
            if (
                due is not None
                and year < due <= day
                and ((one is None and due < day) or (one is not None and one > due))
            ):
                in_time = False
            number += 1
            if one is not None:
                due = one + pd.DateOffset(months=3 if number == 1 else 6)
        good += in_time
    return good, len(here)


def missing_between(tables, after, to):
    spells = linked(tables, "missing", ["CHILD", "MIS_START"])
    began = dates(spells["MIS_START"])
    return spells[(began > after) & (began <= to)]


def missing_on(tables, day):
    spells = linked(tables, "missing", ["CHILD", "MIS_START"])
    began, back = dates(spells["MIS_START"]), dates(spells["MIS_END"])
    return spells[(began <= day) & (back.isna() | (back > day))]


def adopted_between(tables, after, to):
    """One row per adopted child: days to the family and from the placement order to the match."""
    episodes, details = care(tables), linked(tables, "ad1", ["CHILD"]).set_index("CHILD")
    ends = episodes[episodes["REC"].isin(["E11", "E12"]) & (episodes["end"] > after) & (episodes["end"] <= to)]
    rows = []
    for last in ends.itertuples():
        own = episodes[episodes["care"] == last.care].reset_index(drop=True)
        adoptive = own[own["PLACE"].isin(["A3", "A4", "A5", "A6"])]
        family = adoptive["start"].min() if len(adoptive) else last.end
        if details.loc[last.CHILD, "FOSTER_CARE"] == "1":
            at = adoptive.index[0]
            family = first_day_with_carer(own, at)
        ordered = own.loc[own["LS"] == "E1", "start"].min()
        matched = pd.to_datetime(details.loc[last.CHILD, "DATE_MATCH"], format="%d/%m/%Y")
        rows.append({"to_family": (family - own["start"].min()).days, "to_match": (matched - ordered).days})
    return pd.DataFrame(rows)


def first_day_with_carer(own, at):
    """Back from a placement with the foster carers who adopt, over episodes that say that the carer is the same."""
    before = [k for k in range(at) if not own.loc[k, "PLACE"].startswith("T")]
    if not before or not own.loc[before[-1], "PLACE"].startswith(("U", "A")):
        return own.loc[at, "start"]
    here = before[-1]
    while here > 0 and own.loc[here, "RNE"] in ("L", "T", "U"):
        here -= 1
    return own.loc[here, "start"]


def counted(tables, target):
    """Give the value of one row of the list as an exact decimal."""
    day = pd.Timestamp(target["date"])
    indicator, category = target["indicator"], target["category"]
    after = day.replace(day=1) - pd.Timedelta(days=1) if category == "month" else day - pd.DateOffset(years=1)
    if indicator == "cla_reviews_in_timescale":
        good, base = reviewed_in_time(tables, day)
        return 100 * Decimal(good) / Decimal(base)
    if indicator == "cla_missing_episodes":
        return Decimal(len(missing_between(tables, after, day)))
    if indicator == "cla_missing_children":
        rows = missing_on(tables, day) if category == "on_the_day" else missing_between(tables, after, day)
        return Decimal(rows["CHILD"].nunique())
    years = 3 if category == "three_year" else 1
    days = adopted_between(tables, day - pd.DateOffset(years=years), day)
    column = {"adoption_a10_days": "to_family", "adoption_a2_days": "to_match"}[indicator]
    return Decimal(int(days[column].sum())) / Decimal(len(days))


# --- the printed figures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", KEPT, ids=lambda row: f"{row['borough']} {row['date']} {row['indicator']} {row['category']}"
)
def test_every_kept_figure_is_counted_back_from_the_files(returns, target):
    value = counted(returns[target["borough"]], target)
    assert value.quantize(Decimal(target["printed"]), ROUND_HALF_UP) == Decimal(target["printed"])


def test_a_figure_that_is_not_kept_or_was_chosen_says_why():
    told = TARGETS[(TARGETS["kept"] == "no") | (TARGETS["source"] == "chosen here")]
    assert (told["note"].str.len() > 10).all()


def test_every_printed_figure_stands_in_the_councils_documents(shared):
    figures = pd.read_csv(shared / "figures" / "published_figures.csv", dtype=str, keep_default_na=False)
    figures = figures[figures["comparator"] == "borough"].rename(columns={"period_end": "date", "value": "printed"})
    keys = ["borough", "date", "indicator", "measure", "printed"]
    printed = TARGETS[TARGETS["source"] != "chosen here"]
    found = printed.merge(figures[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    assert found.loc[found["_merge"] == "left_only", keys].to_dict("records") == []


def test_every_printed_figure_of_these_kinds_is_in_the_list(shared):
    figures = pd.read_csv(shared / "figures" / "published_figures.csv", dtype=str, keep_default_na=False)
    kinds = [
        "cla_reviews_in_timescale",
        "cla_missing_episodes",
        "cla_missing_children",
        "adoption_a10_days",
        "adoption_a2_days",
    ]
    wanted = figures[(figures["comparator"] == "borough") & figures["indicator"].isin(kinds)
                     & ~figures["dimension"].str.startswith("change_on")]  # fmt: skip
    keys = ["borough", "date", "indicator", "printed"]
    wanted = wanted.rename(columns={"period_end": "date", "value": "printed"})[keys]
    assert len(wanted) >= 15
    found = wanted.merge(TARGETS[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    assert found.loc[found["_merge"] == "left_only", keys].to_dict("records") == []


# --- the tables ---------------------------------------------------------------------------------------------------


def test_a_return_has_every_table_of_its_year_and_each_is_recognised(borough):
    for period, part in borough.items():
        wanted = set(TABLES) - (set() if period >= "2014" else {"prev_perm"})
        assert set(part) == wanted
        for table, rows in part.items():
            assert ",".join(rows.columns) == TABLES[table]
            assert recognise(list(rows.columns)) == table


def test_every_child_of_a_table_has_an_episode_in_the_return_and_one_birth_date(borough):
    for part in borough.values():
        born = part["header"].set_index("CHILD")["DOB"]
        for table in ("reviews", "ad1", "placed_adoption", "prev_perm", "missing"):
            rows = part.get(table, part["header"].iloc[:0])
            assert set(rows["CHILD"]) <= set(part["episodes"]["CHILD"])
            assert (rows["DOB"] == born.reindex(rows["CHILD"]).to_numpy()).all()


def test_reviews_lie_in_care_and_in_the_year_and_say_how_the_child_took_part(borough):
    episodes = care(borough)
    for period, part in borough.items():
        rows = part["reviews"].assign(day=dates(part["reviews"]["REVIEW"]))
        last = pd.Timestamp(period)
        first = pd.Timestamp(last.year - (last.month <= 3), 4, 1)
        assert rows["day"].between(first, last).all()
        assert not rows.duplicated(["CHILD", "REVIEW"]).any()
        young = rows["day"] < dates(rows["DOB"]) + pd.DateOffset(years=4)
        assert ((rows["REVIEW_CODE"] == "PN0") == young).all()
        both = rows.merge(episodes, on="CHILD")
        inside = both[(both["start"] <= both["day"]) & (both["end"].isna() | (both["day"] < both["end"]))]
        assert inside[["CHILD", "REVIEW"]].drop_duplicates().shape[0] == len(rows)


def test_short_care_has_no_review(borough):
    episodes = care(borough)
    whole = episodes.groupby("care").agg(CHILD=("CHILD", "first"), began=("start", "min"), end=("end", "max"),
                                         open=("DEC", lambda ends: (ends == "").any()))  # fmt: skip
    short = whole[~whole["open"] & ((whole["end"] - whole["began"]).dt.days < 14)]
    assert len(short)
    reviews = linked(borough, "reviews", ["CHILD", "REVIEW"]).assign(day=lambda rows: dates(rows["REVIEW"]))
    both = reviews.merge(short, on="CHILD")
    assert not both["day"].between(both["began"], both["end"]).any()


def test_missing_spells_lie_in_care_and_do_not_touch(borough):
    spells = linked(borough, "missing", ["CHILD", "MIS_START"])
    spells = spells.assign(start=dates(spells["MIS_START"]), end=dates(spells["MIS_END"])).sort_values(
        ["CHILD", "start"]
    )
    back = spells["end"].fillna(spells["told"] + pd.Timedelta(days=1))
    assert (back >= spells["start"]).all()
    same = spells["CHILD"] == spells["CHILD"].shift()
    assert (spells["start"] > back.shift())[same].all()
    assert set(spells["MISSING"]) <= {"M", "A"}
    episodes = care(borough)
    whole = episodes.groupby("care").agg(CHILD=("CHILD", "first"), began=("start", "min"), until=("end", "max"),
                                         open=("DEC", lambda ends: (ends == "").any()))  # fmt: skip
    both = spells.assign(back=back).merge(whole, on="CHILD")
    inside = both[(both["start"] >= both["began"]) & (both["open"] | (both["back"] <= both["until"]))]
    assert inside[["CHILD", "MIS_START"]].drop_duplicates().shape[0] == len(spells)
    assert ((dates(spells["DOB"]) + pd.DateOffset(years=11)) <= spells["start"]).all()


def test_a_spell_that_is_open_is_told_again_the_next_year(borough):
    periods = list(borough)
    opened = 0
    for before, after in zip(periods, periods[1:], strict=False):
        running = borough[before]["missing"].query("MIS_END == ''")
        again = running.merge(borough[after]["missing"], on=["CHILD", "MIS_START"])
        assert len(again) == len(running)
        opened += len(running)
    assert opened


def test_every_adoption_and_no_other_end_has_details_that_agree(borough):
    for part in borough.values():
        adopted = part["episodes"][part["episodes"]["REC"].isin(["E11", "E12"])].set_index("CHILD")
        details = part["ad1"].set_index("CHILD")
        assert sorted(adopted.index) == sorted(details.index)
        adopted = adopted.reindex(details.index)
        decided, matched, left = dates(details["DATE_INT"]), dates(details["DATE_MATCH"]), dates(adopted["DEC"])
        assert (decided <= matched).all()
        assert (matched < left).all()
        assert ((details["FOSTER_CARE"] == "1") == adopted["PLACE"].isin(["A3", "A5"])).all()
        single = details["SEX_ADOPTR"].isin(["M1", "F1"])
        assert ((details["NB_ADOPTR"] == "1") == single).all()
        assert ((details["LS_ADOPTR"] == "L0") == single).all()
        placed = part["placed_adoption"].drop_duplicates("CHILD", keep="last").set_index("CHILD")
        assert (placed["DATE_PLACED"].reindex(details.index) == details["DATE_INT"]).all()
        assert (placed["DATE_PLACED_CEASED"].reindex(details.index) == "").all()


def test_every_child_to_be_placed_for_adoption_has_a_decision(borough):
    """Rules 551 and 553."""
    for part in borough.values():
        episodes = part["episodes"]
        to_be = episodes[episodes["PLACE"].str.startswith("A") | (episodes["LS"] == "E1")]
        assert set(to_be["CHILD"]) == set(part["placed_adoption"]["CHILD"])


def test_children_who_started_have_a_row_on_permanence_and_most_had_none(returns):
    told = []
    for tables in returns.values():
        for period, part in tables.items():
            if period < "2014":
                continue
            assert not part["prev_perm"]["CHILD"].duplicated().any()
            last = pd.Timestamp(period)
            first = pd.Timestamp(last.year - (last.month <= 3), 4, 1)
            started = part["episodes"][(part["episodes"]["RNE"] == "S") & (dates(part["episodes"]["DECOM"]) >= first)]
            assert set(started["CHILD"]) == set(part["prev_perm"]["CHILD"])
            order = part["prev_perm"].merge(started.drop_duplicates("CHILD"), on="CHILD")
            assert ((order["PREV_PERM"] == "Z1") == (order["DATE_PERM"] == "")).all()
            given = dates(order["DATE_PERM"])
            assert (given.isna() | ((given > dates(order["DOB"])) & (given < dates(order["DECOM"])))).all()
            told.append(part["prev_perm"])
    share = (pd.concat(told)["PREV_PERM"] == "Z1").mean()
    assert 0.85 < share < 1


def test_a_status_that_ended_is_told_no_more_and_nobody_s_is_lost(borough):
    seen = set()
    for period, part in borough.items():
        last = pd.Timestamp(period)
        first = pd.Timestamp(last.year - (last.month <= 3), 4, 1)
        over = part["uasc"][dates(part["uasc"]["DUC"]) < first]
        assert not set(over["CHILD"]) & seen
        seen |= set(part["header"]["CHILD"])


# --- days of adopted children that move ---------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["Barking and Dagenham", "Bromley"])
def history(request):
    """A lived history with the blanks that the return fills in, and the same with the days of adoption settled."""
    plan = make_plan(request.param, children=None)
    for attempt in range(9):
        try:
            children, spells, episodes = live(plan, Draws(plan.borough, np.random.default_rng([77, attempt])))
            break
        except OutOfReachError:
            assert attempt < 8
    episodes = episodes.assign(PL_POST=episodes["place"].astype(str), URN="")
    return (
        plan,
        children,
        (spells, episodes),
        settle_adoption_days(children, spells, episodes, plan, load_event_targets(plan), EventDraws(77, plan, ORDERS)),
    )


def told_in(plan, episodes):
    """The episodes of a history that the returns tell, in the official columns."""
    rows = episodes[(episodes["day"] <= plan.returns[-1].last_day) & (episodes["ended"] >= plan.returns[0].first_day)]
    ended = pd.Series(rows["ended"].to_numpy().clip(max=40_000).astype("M8[D]").astype("M8[us]"), index=rows.index)
    official = {"child": "CHILD", "rne": "RNE", "legal_status": "LS", "placement": "PLACE", "provider": "PLACE_PROVIDER",
                "rec": "REC"}  # fmt: skip
    told = rows.rename(columns=official).replace({"PLACE_PROVIDER": "", "URN": "", "REC": ""}, None)
    return told.assign(
        DECOM=rows["day"].to_numpy().astype("M8[D]").astype("M8[us]"), DEC=ended.mask(rows["ended"] == NEVER)
    )


def seen_on(plan, episodes, day):
    """Where everybody is on a day and under which status, and what is counted of their moves."""
    told, on = told_in(plan, episodes), pd.Timestamp(np.datetime64(day, "D"))
    here = told[(told["DECOM"] <= on) & (told["DEC"].isna() | (told["DEC"] > on))].set_index("CHILD").sort_index()
    since = in_same_placement_since(told, on.date()).reindex(here.index)
    homes = placements_in_year(told, (on - pd.DateOffset(years=1)).date(), on.date()).reindex(here.index)
    long_term = since["in_care_since"] <= on - pd.DateOffset(months=30)
    return here[["LS", "PLACE", "PLACE_PROVIDER", "PL_POST"]].assign(
        long_term=long_term,
        settled=long_term & (since["stable_since"] <= on - pd.DateOffset(years=2)),
        three_plus=homes >= 3,
    )


def test_moving_days_of_adopted_children_moves_no_count(history):
    plan, _, (_, before), (_, after) = history
    days = [period.to for period in plan.periods if period.to >= plan.returns[0].first_day]
    assert len(days) >= 5
    for day in days:
        pd.testing.assert_frame_equal(seen_on(plan, before, day), seen_on(plan, after, day))
    opening = plan.returns[0].first_day - 1
    in_care_then = [
        set(rows.loc[(rows["day"] <= opening) & (rows["ended"] > opening), "child"]) for rows in (before, after)
    ]
    assert in_care_then[0] == in_care_then[1]


def test_moving_days_keeps_starts_and_ends_of_every_year(history):
    plan, _, (_, before), (_, after) = history
    for told in plan.returns:
        for rne, column in (("S", "day"), (None, "ended")):
            found = []
            for rows in (before, after):
                own = rows[(rows["rne"] == rne)] if rne else rows[rows["rec"] != "X1"]
                found.append(sorted(own.loc[own[column].between(told.first_day, told.last_day), "child"]))
            assert found[0] == found[1]


def test_moved_episodes_still_follow_one_another_after_birth(history):
    _, children, _, (spells, after) = history
    born = children.set_index("child")["born"]
    following = after.shift(-1)
    goes_on = after["rec"] == "X1"
    assert (after["spell"] == following["spell"])[goes_on].all()
    assert (after["ended"] == following["day"])[goes_on].all()
    assert (after["next_rne"] == following["rne"])[goes_on].all()
    assert (after["ended"] > after["day"]).all()
    assert (after["day"] > after["child"].map(born)).all()
    first = after.drop_duplicates("spell").set_index("spell")
    assert (first["rne"] == "S").all()
    assert (spells.set_index("spell")["began"].reindex(first.index) == first["day"]).all()
    assert after.loc[after["placement"].isin(["A5", "A6"]), "legal_status"].eq("E1").all()
    adopted = after.loc[after["rec"].isin(["E11", "E12"]), "spell"]
    ordered = after[after["spell"].isin(adopted) & (after["legal_status"] == "E1")]
    assert not ordered["placement"].str.startswith("P").any()


def drawn_path(*changes):
    """A period of care of a child born in 2012, adopted in September 2019; the first return begins on 1 April 2019."""
    rows = [
        {"spell": 1, "day": to_day(day), "placement": home, "provider": "PR1", "legal_status": status, "place": place,
         "rne": "S" if number == 0 else "P", "ended": NEVER, "rec": "", "next_rne": ""}
        for number, (day, home, status, place) in enumerate(changes)
    ]  # fmt: skip
    rows[-1] |= {"ended": to_day("2019-09-01"), "rec": "E12"}
    counted = np.array([to_day("2019-03-31"), to_day("2020-03-31")])
    path = Path(rows, to_day("2012-06-02"), to_day("2019-04-01"), counted)
    path.tell_the_beginning()
    return path


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param(
            [("2015-01-05", "U6", "C1", 1), ("2019-06-01", "A6", "E1", 2)], [("U6", "C1", "S"), ("A6", "E1", "P")],
            id="told as it was",
        ),
        pytest.param(
            [("2015-01-05", "U6", "C1", 1), ("2016-01-05", "U4", "E1", 2), ("2019-06-01", "A6", "E1", 3)],
            [("U4", "C1", "S"), ("U4", "E1", "L"), ("A6", "E1", "P")],
            id="order made before the first return",
        ),
        pytest.param(
            [("2015-01-05", "U6", "C2", 1), ("2019-02-01", "A6", "E1", 2)], [("U6", "C2", "S"), ("A6", "E1", "B")],
            id="placed before the first return",
        ),
        pytest.param(
            [("2015-01-05", "U6", "C1", 1), ("2018-01-05", "U6", "E1", 2), ("2019-04-01", "A6", "E1", 3)],
            [("U6", "C1", "S"), ("A6", "E1", "B")],
            id="placed on the first day that is told",
        ),
        pytest.param(
            [("2015-01-05", "U6", "C1", 1), ("2019-03-28", "T1", "C1", 2), ("2019-04-01", "U6", "C1", 1),
             ("2019-06-01", "A6", "E1", 3)],
            [("U6", "C1", "S"), ("A6", "E1", "P")],
            id="back home on the first day that is told",
        ),
    ],
)  # fmt: skip
def test_what_ended_before_the_first_return_is_left_out_of_an_adoption(changes, told):
    rows = drawn_path(*changes).linked()
    assert [(row["placement"], row["legal_status"], row["rne"]) for row in rows] == told
    assert all(row["day"] < row["ended"] for row in rows)
    assert rows[0]["ended"] >= to_day("2019-04-01")


def test_days_are_taken_from_the_beginning_first_and_cross_no_counted_day():
    path = drawn_path(("2018-01-05", "U6", "C1", 1), ("2019-06-01", "A6", "E1", 2))
    low, high = path.bounds()
    assert low < path.days < high
    for days in (low, path.days, high):
        path.take(days)
        assert path.days == days
        begin, moved_in = path.rows[0]["day"], path.rows[1]["day"]
        assert begin < to_day("2019-03-31")
        assert to_day("2019-04-01") < moved_in < to_day("2019-09-01")


def test_an_adoption_of_a_printed_year_is_told_from_its_beginning(history):
    plan, _, _, (_, after) = history
    targets = load_event_targets(plan)
    printed = targets.loc[targets["indicator"] == "adoption_a10_days", "day"]
    adopted = after[after["rec"].isin(["E11", "E12"]) & (after["ended"] <= printed.max())]
    own = after[after["spell"].isin(adopted.loc[adopted["ended"] >= plan.returns[0].first_day, "spell"])]
    first = own.drop_duplicates("spell")
    assert len(first) > 10
    assert (first["ended"] >= plan.returns[0].first_day).all()


# --- pupil numbers ------------------------------------------------------------------------------------------------


def test_pupil_numbers_are_of_no_authority_and_stay_and_differ(borough):
    told = pd.concat([part["header"] for part in borough.values()])
    real = told[~told["UPN"].str.startswith("UN")].drop_duplicates(["CHILD", "UPN"])
    assert real["UPN"].str.fullmatch(r"[A-HJ-NP-RT-Z]000\d{9}").all()
    assert not real["CHILD"].duplicated().any()
    assert not real["UPN"].duplicated().any()
    for part in borough.values():
        young = dates(part["header"]["DOB"]) > pd.Timestamp(max(borough)) - pd.DateOffset(years=4)
        assert (part["header"].loc[young, "UPN"] == "UN1").all()


@given(
    st.lists(st.integers(0, 1_679_615), min_size=1, max_size=30, unique=True),
    st.dates(pd.Timestamp("1990-01-01").date(), pd.Timestamp("2015-12-31").date()),
)
def test_the_check_letter_is_that_of_the_digits(numbers, born):
    made = pupil_numbers(np.full(len(numbers), to_day(born)), np.array(numbers), to_day("2023-03-31"))
    for upn in made:
        total = sum(int(digit) * weight for digit, weight in zip(upn[1:], range(2, 14), strict=True))
        assert upn[0] == "ABCDEFGHJKLMNPQRTUVWXYZ"[total % 23]
    assert len(set(made)) == len(numbers)


# --- the arithmetic -----------------------------------------------------------------------------------------------


@given(st.dates(pd.Timestamp("2000-01-01").date(), pd.Timestamp("2030-12-31").date()), st.sampled_from([3, 6]))
def test_months_after_a_day_are_calendar_months(day, months):
    found = months_after(np.array([to_day(day)]), np.array([months]))[0]
    assert np.datetime64(int(found), "D") == np.datetime64((pd.Timestamp(day) + pd.DateOffset(months=months)).date())


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12),
    st.floats(0, 1),
)
def test_values_are_brought_to_a_sum_within_their_bounds(rows, share):
    table = np.sort(np.array(rows), axis=1)
    least, values, most = table.T
    total = int(least.sum() + share * (most.sum() - least.sum()))
    found = bring_to_sum(values, least, most, total)
    assert found.sum() == total
    assert ((least <= found) & (found <= most)).all()
