"""The same checks over our own counts, where the numbers are whole: figures that do not add up must not go out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from helpers.codes import ALL, load_catalogue, load_codelist
from helpers.errors import ContractError
from helpers.figure_checks.printed import limit
from helpers.rounding import format_date

PROBLEM_COLUMNS = [
    "rule", "kind", "borough", "period_end", "indicator", "sentence", "value", "expected", "to_do",
]  # fmt: skip
GROUPS = ("ethnic_group", "gender", "age_band")
MOST_NAMED = 5
PLACE = ["borough_code", "borough", "period_end", "period_type"]
BREAKDOWN_CELL = [*PLACE, "indicator", "category"]


def reconcile(counts: pd.DataFrame) -> pd.DataFrame:
    """Find figures of our own counts that contradict each other.

    counts: contract schemas.Counts, before disclosure control. Only rows counted from a return are checked
        (figure_own_sources.csv): published tables are rounded to 10 and have hidden numbers. A missing number accuses
        nobody
    returns: PROBLEM_COLUMNS, one row per problem; `value` and `expected` are exact numbers that may be of a few
        children, so they stay where the counts stay; `sentence` has no number in it
    """
    own = counts[counts["source"].isin(load_codelist("figure_own_sources")["source"])]
    told = own[own["numerator"].notna() & ~_of_a_hidden_breakdown(own)].reset_index(drop=True)
    rules = load_codelist("figure_reconciling_rules").set_index("key")
    found = [problem for check in _CHECKS for problem in check(told)]
    problems = pd.DataFrame(found, columns=["rule", *PLACE[1:3], "indicator", "what", "value", "expected"])
    problems = problems.assign(
        kind=problems["rule"].map(rules["kind"]),
        to_do=problems["rule"].map(rules["to_do"]),
        sentence=_sentences(problems),
    )
    return problems[PROBLEM_COLUMNS].sort_values(["borough", "period_end", "indicator", "rule"], ignore_index=True)


def _of_a_hidden_breakdown(own: pd.DataFrame) -> pd.Series:
    """Tell which rows are parts of a breakdown of which another part is missing: the rest need not add to the whole."""
    cell = ["borough_code", "period_end", "period_type", "indicator"]
    is_part = own["category"] != ALL
    hidden = own["numerator"].isna() & is_part
    return is_part & hidden.groupby([own[column] for column in cell]).transform("any")


def _sentences(problems: pd.DataFrame) -> list[str]:
    names = load_catalogue().set_index("key")["name"]
    explained = load_codelist("figure_reconciling_rules").set_index("key")["explanation"]
    return [
        f"{row.borough}, {format_date(row.period_end)}, {names.get(row.indicator, row.indicator)}{row.what}: "
        f"{explained[row.rule]}."
        for row in problems.itertuples()
    ]


def require_reconciled(counts: pd.DataFrame) -> None:
    """Refuse counts that contradict themselves. What is only worth asking about is let through.

    raises: ContractError naming the figures and what to do. It has no numbers in it, because it is told in the log
        and on the index page, and the numbers may be of a few children
    """
    problems = reconcile(counts)
    wrong = problems[problems["kind"] == "contradiction"]
    if wrong.empty:
        return
    named = "\n".join("- " + wrong["sentence"].head(MOST_NAMED))
    more = f"\nand {len(wrong) - MOST_NAMED:,} more." if len(wrong) > MOST_NAMED else ""
    to_do = " ".join(f"{text}." for text in wrong["to_do"].head(MOST_NAMED).unique())
    raise ContractError(
        f"The figures do not add up, so no briefing can be made from them:\n{named}{more}\n"
        f"{to_do} helpers.figure_checks.reconcile(counts) gives every figure with its numbers. Nothing was written."
    )


def _problems(rule: str, rows: pd.DataFrame, value: pd.Series, expected: pd.Series, what: pd.Series | str) -> Iterator:
    if rows.empty:
        return
    table = rows[["borough", "period_end", "indicator"]].assign(rule=rule, what=what, value=value, expected=expected)
    yield from table[["rule", "borough", "period_end", "indicator", "what", "value", "expected"]].itertuples(
        index=False, name=None
    )


def _cell_words(rows: pd.DataFrame) -> pd.Series:
    """Write which group a row is of, blank for a total."""
    words = pd.Series("", index=rows.index)
    for column in ("category", *GROUPS):
        words = words.mask(rows[column] != ALL, words + ", " + rows[column])
    return words


def _is_total(rows: pd.DataFrame) -> pd.Series:
    return (rows[["category", *GROUPS]] == ALL).all(axis=1)


# --- one row at a time --------------------------------------------------------------------------------------------


def _numerators(told: pd.DataFrame) -> Iterator:
    catalogue = load_catalogue().set_index("key")
    means = catalogue.index[catalogue["trend_kind"] == "mean"]
    people = told[~told["indicator"].isin(means)]
    above = people[people["numerator"] > people["denominator"]]
    yield from _problems(
        "numerator_above_denominator", above, above["numerator"], above["denominator"], _cell_words(above)
    )
    broken = people[(people["numerator"] < 0) | (people["numerator"] % 1 != 0)]
    yield from _problems(
        "not_a_whole_number", broken, broken["numerator"], broken["numerator"].round(), _cell_words(broken)
    )


# --- groups of one total ------------------------------------------------------------------------------------------


def _groups(told: pd.DataFrame) -> Iterator:
    """Groups that are all told of add to their total; groups of which some have no row may not pass it."""
    ethnicity = load_codelist("ethnicity")
    lists = {
        "ethnic_group": load_codelist("ethnic_groups")["label"].tolist(),
        "gender": ["Male", "Female"],
        "age_band": load_codelist("age_bands")["label"].tolist(),
    }
    for column, labels in lists.items():
        extra = ["Unknown"] if column == "gender" else []
        yield from _groups_add(told, column, labels, extra, parent=ALL)
    for group, fine in ethnicity.groupby("group")["label"]:
        if set(fine) != {group}:
            yield from _groups_add(told, "ethnic_group", [label for label in fine if label != group], [], parent=group)


def _groups_add(told: pd.DataFrame, column: str, labels: list[str], extra: list[str], *, parent: str) -> Iterator:
    others = [other for other in GROUPS if other != column]
    plain = told[(told[others] == ALL).all(axis=1)]
    cell = [*BREAKDOWN_CELL]
    wholes = plain[plain[column] == parent].set_index(cell)["numerator"]
    parts = plain[plain[column].isin([*labels, *extra])]
    sums = parts.groupby(cell)["numerator"].sum()
    seen = parts[parts[column].isin(labels)].groupby(cell)[column].nunique()
    both = pd.DataFrame({"whole": wholes, "sum": sums, "seen": seen}).dropna(subset=["whole", "sum"])
    complete = both["seen"] == len(labels)
    wrong = both[(both["sum"] > both["whole"]) | (complete & (both["sum"] != both["whole"]))].reset_index()
    words = f", by {column.replace('_', ' ')}" + ("" if parent == ALL else f" within {parent}")
    yield from _problems("groups_do_not_add", wrong, wrong["sum"], wrong["whole"], words)


def _group_bases(told: pd.DataFrame) -> Iterator:
    """A total without a base of its own is the base of its groups."""
    single = told[(told["category"] == ALL) & ((told[list(GROUPS)] != ALL).sum(axis=1) == 1)]
    totals = told[_is_total(told) & told["denominator"].isna()]
    joined = single.merge(totals[[*PLACE, "indicator", "numerator"]], on=[*PLACE, "indicator"], suffixes=("", "_total"))
    wrong = joined[joined["denominator"].notna() & (joined["denominator"] != joined["numerator_total"])]
    yield from _problems(
        "group_base_is_not_total", wrong, wrong["denominator"], wrong["numerator_total"], _cell_words(wrong)
    )


# --- parts of a complete breakdown, and figures told twice --------------------------------------------------------


def _listed(check: str) -> list[dict[str, str]]:
    listed = load_codelist("figure_reconciled")
    return listed[listed["check"] == check].to_dict("records")


def _cells(told: pd.DataFrame) -> dict[tuple, dict[tuple[str, str], tuple[float, float]]]:
    """Give numerator and denominator of every figure without a group, by place and day, then indicator and category.

    A year and a snapshot that end on one day are one day here.
    """
    rows = told[(told[list(GROUPS)] == ALL).all(axis=1)]
    cells: dict[tuple, dict] = defaultdict(dict)
    columns = ("borough", "period_end", "borough_code", "indicator", "category", "numerator", "denominator")
    for *place, indicator, category, numerator, denominator in zip(*(rows[column] for column in columns), strict=True):
        cells[tuple(place)][(indicator, category)] = (numerator, denominator)
    return cells


def _categories(told: pd.DataFrame) -> Iterator:
    for (borough, day, _), cells in _cells(told).items():
        parts: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for (indicator, category), cell in cells.items():
            if category != ALL:
                parts[indicator].append(cell)
        for rule in _listed("categories_add"):
            own = parts.get(rule["indicator"])
            if not own:
                continue
            total, bases = sum(numerator for numerator, _ in own), {base for _, base in own}
            base = max(bases)
            if total != base:
                yield "categories_do_not_add", borough, day, rule["indicator"], "", total, base
            whole = cells.get((rule["other_indicator"], rule["other_category"]), (base,))[0]
            if len(bases) > 1 or base != whole:
                yield "base_is_not_whole", borough, day, rule["indicator"], "", base, whole


def _told_twice(told: pd.DataFrame) -> Iterator:
    for (borough, day, _), cells in _cells(told).items():
        for rule in _listed("same"):
            one = cells.get((rule["indicator"], rule["category"]))
            other = cells.get((rule["other_indicator"], rule["other_category"]))
            if one and other and one[0] != other[0]:
                yield "told_twice_differently", borough, day, rule["indicator"], _beside(rule), one[0], other[0]


def _bases(told: pd.DataFrame) -> Iterator:
    for (borough, day, _), cells in _cells(told).items():
        for rule in _listed("base_is"):
            part = cells.get((rule["indicator"], rule["category"]))
            whole = cells.get((rule["other_indicator"], rule["other_category"]))
            if part and whole and part[1] != whole[0]:
                yield "base_is_not_whole", borough, day, rule["indicator"], _beside(rule), part[1], whole[0]


def _together(told: pd.DataFrame) -> Iterator:
    for (borough, day, _), cells in _cells(told).items():
        for rule in _listed("together_within"):
            one = cells.get((rule["indicator"], rule["category"]))
            other = cells.get((rule["other_indicator"], rule["other_category"]))
            if one and other and one[1] == other[1] and one[0] + other[0] > one[1]:
                both = one[0] + other[0]
                yield "together_above_base", borough, day, rule["indicator"], _beside(rule), both, one[1]


def _beside(rule: dict[str, str]) -> str:
    name = load_catalogue().set_index("key")["name"].get(rule["other_indicator"], rule["other_indicator"])
    return f", and {name}" + ("" if rule["other_category"] == ALL else f" ({rule['other_category']})")


# --- stock and flow -----------------------------------------------------------------------------------------------


def _stock_and_flow(told: pd.DataFrame) -> Iterator:
    """Compare each 31 March with the one before. Children who came or left twice are counted once, hence a bound."""
    totals = told[_is_total(told) & told["indicator"].isin(["cla_total", "cla_started", "cla_ceased"])]
    yearly = totals[totals["period_type"].isin(["snapshot", "year"])]
    place = ["borough_code", "borough", "period_end"]
    wide = yearly.pivot_table(index=place, columns="indicator", values="numerator", aggfunc="first").reset_index()
    if not {"cla_total", "cla_started", "cla_ceased"} <= set(wide):
        return
    before = wide[["borough_code", "period_end", "cla_total"]].rename(columns={"cla_total": "before"})
    before = before.assign(period_end=before["period_end"] + pd.DateOffset(years=1))
    years = wide.merge(before, on=["borough_code", "period_end"]).dropna()
    expected = years["before"] + years["cla_started"] - years["cla_ceased"]
    flow = years[["cla_started", "cla_ceased"]].max(axis=1)
    bound = (float(limit("people_counted_once")) * flow).clip(lower=float(limit("least_flow_difference")))
    wrong = years[(expected - years["cla_total"]).abs() > bound].assign(indicator="cla_total")
    yield from _problems("stock_and_flow_apart", wrong, wrong["cla_total"], expected.loc[wrong.index], "")


_CHECKS = (_numerators, _groups, _group_bases, _categories, _told_twice, _bases, _together, _stock_and_flow)
