"""Every measure of a borough in sentences: the figure with its base, the one before, other places, the target.

Drawn from the released table alone. What an indicator's sentence is made of (who, did what) is in
codelists/indicator_words.csv and category_words.csv; under which heading it stands is there too, or in the borough's
own headings. Directions come from tests. A cause is never written: the council's own words stand in a slot of their
own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from helpers.codes import load_catalogue, load_codelist
from helpers.commentary import BoroughHeading, CouncilWords
from helpers.compare import has_few_children
from helpers.counts import ethnic_groups_only, in_order, select
from helpers.page_parts.released_figures import count_of, mean_of, rate_of, share_of
from helpers.trends import against_comparator, against_target
from helpers.wording import date_words, joined, statements
from helpers.wording.statements import Comparator, Figure

COMPARATORS = {"London": "contains", "England": "fixed"}
LONGEST_STEP = pd.Timedelta(days=400)
GROUP_WORDS = {"age_band": "by age", "ethnic_group": "by ethnic group"}
PARTS_IN_A_SENTENCE = 3
BRIEFING_SLOT = "Briefing"
"""The heading of commentary.md whose words stand on the briefing itself."""


@dataclass(frozen=True)
class Measure:
    """One measure: its name, its sentences, and the parts of a breakdown, one sentence each."""

    name: str
    sentences: tuple[str, ...]
    parts: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        listed = "".join(f"<li>{escape(part)}</li>" for part in self.parts)
        nested = f"<ul>{listed}</ul>" if listed else ""
        return f"<li><strong>{escape(self.name)}.</strong> {escape(' '.join(self.sentences))}{nested}</li>"

    def __str__(self) -> str:
        return " ".join([f"{self.name}.", *self.sentences, *self.parts])


@dataclass(frozen=True)
class MeasureGroup:
    """One heading with its measures, and what the council adds in its own words."""

    heading: str
    measures: tuple[Measure, ...]
    words: CouncilWords = CouncilWords(())

    def _repr_html_(self) -> str:
        items = "".join(measure._repr_html_() for measure in self.measures)
        listed = f'<ul class="sentences">{items}</ul>' if items else ""
        return f"<h3>{escape(self.heading)}</h3>{listed}{self.words._repr_html_()}"

    def __str__(self) -> str:
        own = [str(self.words)] if self.words.paragraphs else []
        return "\n".join([self.heading, *map(str, self.measures), *own])


@dataclass(frozen=True)
class Measures:
    """All headings of a page with their measures, and where the figures come from."""

    groups: tuple[MeasureGroup, ...]
    sources: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        told = "".join(f'<p class="source">{escape(source)}</p>' for source in self.sources)
        return "".join(group._repr_html_() for group in self.groups) + told

    def __str__(self) -> str:
        return "\n\n".join(map(str, (*self.groups, *self.sources)))


def measures(
    released: pd.DataFrame,
    *,
    borough: str,
    as_at: dt.date,
    targets: pd.DataFrame | None = None,
    commentary: Mapping[str, Sequence[str]] | None = None,
    headings: Sequence[BoroughHeading] = (),
) -> Measures:
    """Say every measure that the released table has for the borough and the day.

    released: contract schemas.Released; targets: contract schemas.Targets, or None
    commentary: heading or indicator key -> paragraphs in the council's own words (read.commentary)
    headings: the borough's own headings, in order; a measure that they leave out stands under its usual heading of
        indicator_words.csv, after them
    """
    own = commentary or {}
    teller = _Teller(released, targets, borough, as_at)
    groups = []
    for heading, keys in _arranged(headings).items():
        told = [(key, measure) for key in keys if (measure := teller.measure(key)) is not None]
        words = [*own.get(heading, ()), *(line for key, _ in told for line in own.get(key, ()))]
        if told or words:
            groups.append(MeasureGroup(heading, tuple(measure for _, measure in told), CouncilWords(tuple(words))))
    return Measures(tuple(groups), _sources(released, borough, as_at))


def _sources(released: pd.DataFrame, borough: str, as_at: dt.date) -> tuple[str, ...]:
    """Say where the day's figures come from: the borough's, and those of the places beside it."""
    now = released[released["period_end"] == pd.Timestamp(as_at)]
    told = []
    for who, rows in (
        (borough, now["borough"] == borough),
        (joined(list(COMPARATORS)), now["borough"].isin(COMPARATORS)),
    ):
        origins = sorted(set(now.loc[rows, "source"] + ", " + now.loc[rows, "release"]))
        told += [f"Source for {who}: {'; '.join(origins)}."] if origins else []
    return tuple(told)


def commentary_slots(headings: Sequence[BoroughHeading] = ()) -> dict[str, str]:
    """Give what may stand after ## in commentary.md (headings, measures, Briefing), with the key it is returned as."""
    shown = list(_arranged(headings))
    names = load_catalogue().set_index("name")["key"]
    keys = load_codelist("indicator_words")["key"]
    told = {name: key for name, key in names.items() if key in set(keys)}
    return {BRIEFING_SLOT: BRIEFING_SLOT, **{one: one for one in shown}, **told, **dict(zip(keys, keys, strict=True))}


def council_words(commentary: Mapping[str, Sequence[str]]) -> CouncilWords | None:
    """Give the council's own words for the briefing itself; nothing where it wrote none."""
    words = CouncilWords(tuple(commentary.get(BRIEFING_SLOT, ())))
    return words if words.paragraphs else None


def _arranged(headings: Sequence[BoroughHeading]) -> dict[str, list[str]]:
    """Headings in order, each with its indicators: the borough's own first, the usual ones for what they leave out."""
    usual = load_codelist("indicator_words")
    arranged: dict[str, list[str]] = {}
    for own in sorted(headings, key=lambda heading: heading.order):
        arranged.setdefault(own.heading, []).extend(own.indicators)
    named = {key for keys in arranged.values() for key in keys}
    for row in usual[~usual["key"].isin(named)].itertuples():
        arranged.setdefault(row.section, []).append(row.key)
    return arranged


class _Teller:
    """Says the measures of one borough and day."""

    def __init__(self, released: pd.DataFrame, targets: pd.DataFrame | None, borough: str, as_at: dt.date) -> None:
        self.released, self.targets, self.borough, self.as_at = released, targets, borough, as_at
        self.few = has_few_children(released, borough, as_at)
        self.catalogue = load_catalogue().set_index("key")
        self.words = load_codelist("indicator_words").set_index("key")
        self.categories = load_codelist("category_words").set_index(["indicator", "category"])["did"]

    def measure(self, key: str) -> Measure | None:
        """Give one indicator's sentences; nothing where the day has no figure of it."""
        rule = self.catalogue.loc[key]
        if rule["by"]:
            return self._breakdown(key)
        rows = select(self.released, key, borough=self.borough).sort_values("period_end")
        now = rows[rows["period_end"] == pd.Timestamp(self.as_at)]
        if now.empty or now["status"].iloc[0] == "not_applicable":
            return None
        now, before = now.iloc[0], self._before(rows, now.iloc[0])
        say: dict[str, Callable[[str, pd.Series, pd.Series | None], list[str]]] = {
            "number": self._number,
            "share": self._share,
            "rate": self._rate,
            "mean": self._mean,
        }
        told = say[rule["kind"]](key, now, before)
        told += self._threshold(now) if key == "cla_uasc" else []
        told += self._groups(key) if rule["split"] == "groups" else []
        return Measure(self._name(key), _without_name(told, self._name(key))) if told else None

    # --- the kinds of measure -------------------------------------------------------------------------------------

    def _number(self, key: str, now: pd.Series, before: pd.Series | None) -> list[str]:
        noun, did = self.words.loc[key, ["noun", "did"]]
        figure = count_of(now, noun)
        if before is None:
            return [statements.level(figure, did, self._when(now))]
        earlier = count_of(before, noun)
        percent = now["period_type"] in ("year", "in_year") and earlier.is_shown and earlier.value > 10
        say = statements.change_in_percent if percent else statements.level_and_change
        return [say(figure, earlier, did, self._when(now), self._then(before))]

    def _share(self, key: str, now: pd.Series, before: pd.Series | None) -> list[str]:
        noun, did = self.words.loc[key, ["noun", "did"]]
        figure = count_of(now, noun)
        if not figure.is_shown:
            return [statements.not_told(self._name(key), figure)]
        if pd.isna(now["denominator"]):  # DfE prints some numbers without their base
            return [statements.level(figure, did, self._when(now))]
        told = [statements.level_with_base(figure, int(now["denominator"]), did, self._when(now))]
        share = share_of(now, noun)
        if share is None:
            return told
        if before is not None and (earlier := share_of(before, noun)) is not None:
            told.append(statements.was_now(self._name(key), share, earlier, self._year(before)))
        return [*told, *self._others(key, now, share), *self._target(key, now, share)]

    def _rate(self, key: str, now: pd.Series, before: pd.Series | None) -> list[str]:
        figure = rate_of(now)
        if not figure.is_shown:
            return []
        did = self.words.loc[key, "did"]
        told = [statements.rate_and_children(figure, did, self._when(now))]
        if key == "cla_rate_per_10000":
            local = statements.count(int(now["denominator"]))
            told.append(statements.level(local, "aged 0 to 17 lived in the borough"))
        if before is not None and (earlier := rate_of(before)).is_shown:
            told.append(statements.was_now(self._name(key), figure, earlier, self._year(before)))
        return [*told, *self._others(key, now, figure)]

    def _mean(self, key: str, now: pd.Series, before: pd.Series | None) -> list[str]:
        figure = mean_of(now)
        if figure is None:
            return []
        say = statements.days_in_words if now["unit"] == "days" else statements.average_with_spread
        told = [say(self._name(key), figure)]
        if before is not None and (earlier := mean_of(before)) is not None and earlier.is_shown and figure.is_shown:
            told.append(statements.was_now(self._name(key), figure, earlier, self._year(before)))
        return [*told, *self._target(key, now, figure)]

    def _breakdown(self, key: str) -> Measure | None:
        """Say a breakdown part by part, the largest first, each beside the day or year before.

        A source with other categories than ours (DfE's reasons for leaving) is left to the tables.
        """
        if key not in self.categories.index.get_level_values("indicator"):
            return None
        rows = select(self.released, key, borough=self.borough, each="category").sort_values("period_end")
        now = rows[rows["period_end"] == pd.Timestamp(self.as_at)]
        lived = now[now["numerator"].isna() | now["numerator"].gt(0)]
        worded = lived["category"].isin(self.categories[key].index).all()
        if lived.empty or not worded or lived["denominator"].isna().any():
            return None
        noun, base = self.words.loc[key, "noun"], int(lived["denominator"].iloc[0])
        shown, hidden = lived[lived["numerator"].notna()], lived[lived["numerator"].isna()]
        parts = [self._part(key, row, rows, base) for _, row in in_order(shown, "category").iterrows()]
        if len(hidden):
            parts.append(f"Hidden to protect children: {joined(sorted(hidden['category'].str.lower()))}.")
        return Measure(self._name(key), (f"Of {base:,} {noun} {self._when(lived.iloc[0])}:",), tuple(parts))

    def _part(self, key: str, row: pd.Series, rows: pd.DataFrame, base: int) -> str:
        noun = self.words.loc[key, "noun"]
        part = (self.categories[key, row["category"]], count_of(row, noun))
        before = self._before(rows[rows["category"] == row["category"]], row)
        if before is None:
            return statements.living(base, part)
        return statements.living(base, part, count_of(before, noun), self._then(before))

    def _groups(self, key: str) -> list[str]:
        """Say sexes, ages and ethnic groups of a number of children."""
        noun, did = self.words.loc[key, ["noun", "did"]]
        told = []
        sexes = self._group_rows(key, "gender")
        if set(sexes["gender"]) == {"Male", "Female"}:
            pair = [
                count_of(sexes[sexes["gender"] == sex].iloc[0], name)
                for sex, name in (("Male", "boys"), ("Female", "girls"))
            ]
            told.append(statements.two_groups(pair, did))
        for dimension, words in GROUP_WORDS.items():
            rows = self._group_rows(key, dimension)
            shares = [
                (row[dimension].lower() if dimension == "age_band" else row[dimension], share_of(row, noun))
                for _, row in rows.iterrows()
            ]
            shares = [(name, figure) for name, figure in shares if figure is not None]
            subject = f"{self._name(key)} {words}"
            for first in range(0, len(shares), PARTS_IN_A_SENTENCE):
                told.append(statements.listed_shares(subject, shares[first : first + PARTS_IN_A_SENTENCE]))
                subject = "The others"
        return told

    def _group_rows(self, key: str, dimension: str) -> pd.DataFrame:
        rows = select(self.released, key, borough=self.borough, period_end=self.as_at, each=dimension)
        return ethnic_groups_only(rows) if dimension == "ethnic_group" else in_order(rows, dimension)

    # --- what stands beside ---------------------------------------------------------------------------------------

    def _others(self, key: str, now: pd.Series, figure: Figure) -> list[str]:
        beside = [one for place in COMPARATORS if (one := self._comparator(key, now, place)) is not None]
        return [statements.compared(self._name(key), figure, beside)] if beside and figure.is_shown else []

    def _comparator(self, key: str, now: pd.Series, place: str) -> Comparator | None:
        rows = select(self.released, key, borough=place, period_end=now["period_end"], age_band=now["age_band"])
        rows = rows[(rows["period_type"] == now["period_type"]) & rows["numerator"].notna() & rows["denominator"].gt(0)]
        if rows.empty:
            return None
        other = rows.iloc[0]
        is_rate = now["unit"].endswith("per 10,000")
        figure = statements.published_rate(other["value"]) if is_rate else statements.published_share(other["value"])
        counts = (now["numerator"], now["denominator"], other["numerator"], other["denominator"])
        if self.few or any(map(pd.isna, counts[:2])) or counts[0] > counts[2] or counts[1] >= counts[3]:
            return Comparator(place, figure)
        kind = "rate" if is_rate else "proportion"
        found = against_comparator(*counts, kind=kind, relation=COMPARATORS[place])
        return Comparator(place, figure, str(found.position.item()))

    def _target(self, key: str, now: pd.Series, figure: Figure) -> list[str]:
        polarity = self.catalogue.loc[key, "polarity"]
        target = self._target_value(key)
        if target is None or polarity == "neutral" or not figure.is_shown:
            return []
        if figure.kind != "share":
            goal = statements.average(target, now["unit"])
            return [statements.against_target(self._name(key), figure, goal, polarity)]
        goal = statements.target_share(target, places=0 if target == int(target) else 1)
        state = None
        if 0 < target < 100:
            better = polarity.removesuffix("_better")
            state = str(against_target(now["numerator"], now["denominator"], target / 100, better=better).state.item())
        return [statements.against_target(self._name(key), figure, goal, polarity, state)]

    def _target_value(self, key: str) -> float | None:
        if self.targets is None:
            return None
        on = pd.Timestamp(self.as_at)
        # A target for one year's mean holds for the mean of three years too.
        told = self.targets[
            (self.targets["indicator"] == key.removesuffix("_three_years")) & (self.targets["from_date"] <= on)
        ]
        told = told[told["to_date"].isna() | (told["to_date"] >= on)]
        return None if told.empty else float(told.sort_values("from_date")["target"].iloc[-1])

    def _threshold(self, now: pd.Series) -> list[str]:
        """The share of all children that is unaccompanied, and the National Transfer Scheme's threshold where told."""
        rates = select(self.released, "cla_uasc_rate_per_10000", borough=self.borough, period_end=self.as_at)
        figure = count_of(now, "children")
        if rates.empty or not figure.is_shown or any(map(pd.isna, (rates["denominator"].iloc[0], now["denominator"]))):
            return []
        did, population = self.words.loc["cla_uasc", "did"], int(rates["denominator"].iloc[0])
        bases = [(int(now["denominator"]), "children in care"), (population, "all children")]
        told = [statements.share_of_two_bases(figure, did, bases)]
        limit = self._target_value("cla_uasc")
        if limit is not None:
            threshold = statements.target_share(limit, places=2 if round(limit, 1) != limit else 1)
            told.append(statements.against_threshold(figure, population, threshold, did))
        return told

    # --- words ----------------------------------------------------------------------------------------------------

    def _name(self, key: str) -> str:
        return self.catalogue.loc[key, "name"]

    def _before(self, rows: pd.DataFrame, now: pd.Series) -> pd.Series | None:
        """The figure of a year before; for a day inside a year, a stock's of the last year end."""
        earlier = rows[rows["period_end"] < now["period_end"]]
        if now["period_type"] == "in_year":
            return None
        same = ["snapshot", "in_year_snapshot"] if "snapshot" in now["period_type"] else [now["period_type"]]
        year_ends = earlier[earlier["period_type"].isin(same[:1])]
        near = year_ends[now["period_end"] - year_ends["period_end"] <= LONGEST_STEP]
        if near.empty or near["status"].iloc[-1] == "not_applicable":
            return None
        return near.iloc[-1]

    def _when(self, row: pd.Series) -> str:
        day = row["period_end"]
        style = self.words.loc[row["indicator"], "when"]
        if style == "school year":
            return "in the latest school year"
        if "snapshot" in row["period_type"]:
            return f"in the year to {date_words(day)}" if style == "year to the day" else f"on {date_words(day)}"
        return f"in {_year_words(day)}" if row["period_type"] == "year" else f"from 1 April to {date_words(day)}"

    def _then(self, row: pd.Series) -> str:
        return self._when(row) if "snapshot" in row["period_type"] else f"in {_year_words(row['period_end'])}"

    def _year(self, row: pd.Series) -> str:
        """Name the time of an earlier figure after 'in': March 2020, or 2019/20."""
        return f"{row['period_end']:%B %Y}" if "snapshot" in row["period_type"] else _year_words(row["period_end"])


def _without_name(sentences: Sequence[str], name: str) -> tuple[str, ...]:
    """Take a measure's name from the start of its sentences: it stands before them all."""
    bare = [sentence.removeprefix(f"{name}: ") for sentence in sentences]
    return tuple(f"{one[:1].upper()}{one[1:]}" for one in bare)


def _year_words(day: pd.Timestamp) -> str:
    """Name the year to 31 March: 2022/23."""
    return f"{day.year - 1}/{day.year % 100:02d}"
