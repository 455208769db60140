"""Each kind of data sentence: the documents' own numbers in, the same fact out; what may not be said is refused.

Documents: B&D 2019/20, 2020/21 and 2023-25 (Barking and Dagenham), Redbridge 2013, Bromley August 2022.
"""

import datetime as dt
import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.wording import BANNED, statements
from helpers.wording.figures import Gap, gap
from helpers.wording.statements import (
    Comparator,
    Figure,
    average,
    count,
    hidden,
    published_rate,
    published_share,
    rate,
    share,
    target_share,
)

YEAR_END_2023 = "on 31 March 2023"
CHILDREN_2023 = 64_100
LONDON, ENGLAND = published_rate(52), published_rate(70)


def days(value):
    return average(value, "days")


def percents(*pairs):
    return [(year, published_share(value)) for year, value in pairs]


def counts(*pairs):
    return [(year, count(value)) for year, value in pairs]


SAID = [
    (
        "B&D 2023-25, 3: '430'",
        "level",
        (count(430), "were in care", YEAR_END_2023),
        "430 children were in care on 31 March 2023.",
    ),
    (
        "B&D 2023-25, 3: '41% placed in the borough'",
        "level",
        (published_share(41, "children in care"), "lived in the borough"),
        "41% of children in care lived in the borough.",
    ),
    (
        "B&D 2020/21, promise 2: '100 practice alerts were raised'",
        "level",
        (count(100, "practice alerts"), "were raised", "in 2020/21"),
        "100 practice alerts were raised in 2020/21.",
    ),
    (
        "Redbridge, 1: 'No children were excluded'",
        "level",
        (count(0), "were excluded from school"),
        "No children were excluded from school.",
    ),
    (
        "Redbridge, placements: 'Secure Accommodation 1'",
        "level",
        (count(1), "were in secure accommodation"),
        "1 child was in secure accommodation.",
    ),
    (
        "B&D 2023-25, headlines: 'Headline Performance (provisional 2022/23)'",
        "level",
        (share(382, 430, "children in care", status="provisional"), "were visited every 6 weeks"),
        "89% of children in care were visited every 6 weeks (provisional).",
    ),
    (
        "B&D 2023-25, 3: '312 (73%) lived with foster and kinship carers'",
        "level_with_base",
        (count(312, "children in care"), 430, "lived with foster and kinship carers"),
        "312 of 430 children in care (73%) lived with foster and kinship carers.",
    ),
    (
        "Redbridge, 4: '144 (100%) are still in touch'",
        "level_with_base",
        (count(144, "care leavers"), 144, "were in touch"),
        "All 144 care leavers were in touch.",
    ),
    (
        "Redbridge, 6: 'There were no looked after children missing'",
        "level_with_base",
        (count(0, "children in care"), 206, "were missing", "on 31 March 2013"),
        "Not one of the 206 children in care was missing on 31 March 2013.",
    ),
    (
        "Redbridge, 4: '206 looked after children (217 at the end of March 2012 and 210 at the end of March 2011)'",
        "level_and_earlier",
        (count(206), "were in care", "on 31 March 2013", counts(("2012", 217), ("2011", 210))),
        "206 children were in care on 31 March 2013 (217 in 2012, 210 in 2011).",
    ),
    (
        "B&D 2023-25, headlines: 'Few children in care experience more than 3 plus placements ... 13%'",
        "quantity",
        (share(56, 430, "children in care"), "had three or more homes in the year"),
        "Few children in care (13%) had three or more homes in the year.",
    ),
    (
        "B&D 2023-25, headlines: 'The majority ... visited every 6 weeks at 89%'",
        "quantity",
        (published_share(89, "children in care"), "were visited every 6 weeks"),
        "Most children in care (89%) were visited every 6 weeks.",
    ),
    (
        "B&D 2023-25, headlines: 'Almost all of our children in care have a Personal Education Plan (PEP) at 97%'",
        "quantity",
        (published_share(97, "children in care"), "had an education plan"),
        "Almost all children in care (97%) had an education plan.",
    ),
    (
        "B&D 2023-25, 3: 'Over half (54%) were males'",
        "quantity",
        (published_share(54, "children in care"), "were boys"),
        "About half of children in care (54%) were boys.",
    ),
    (
        "Bromley 3.4.7: 'placed 20 miles or more ... 19%'",
        "simple_fraction",
        (published_share(19, "children in care"), "lived 20 miles or more from the borough"),
        "About 1 in 5 children in care (19%) lived 20 miles or more from the borough.",
    ),
    (
        "B&D 2020/21, promise 5: 'over 60% ... improved this year to 63%'",
        "more_than",
        (published_share(63, "care leavers"), 60, "were in education, employment or training"),
        "More than 60% of care leavers (63%) were in education, employment or training.",
    ),
    (
        "Bromley 3.4.1: 'At the end of June 2022 Bromley had 336 Children in Care'",
        "in_year",
        (count(336), "were in care", dt.date(2022, 6, 30)),
        "336 children were in care on 30 June 2022, within the year to 31 March 2023.",
    ),
    (
        "Redbridge, 6: 'Three children were missing ... on 4 occasions'",
        "events_and_people",
        (count(3), count(4, "times"), "went missing", "in 2012/13"),
        "3 children went missing in 2012/13, 4 times in all.",
    ),
    (
        "B&D 2020/21, our children: '223 (57%) males and 168 (43%) females'",
        "two_groups",
        ([count(223, "boys"), count(168, "girls")], "were in care"),
        "223 boys (57%) and 168 girls (43%) were in care.",
    ),
    (
        "B&D 2023-25, 3: 'increased to 430 ... compared to 413'",
        "level_and_change",
        (count(430), count(413), "were in care", YEAR_END_2023),
        "430 children were in care on 31 March 2023, 17 more than a year before (413).",
    ),
    (
        "B&D 2023-25, headlines: '4 children were adopted (12 less than the 16 in than 2021/22)'",
        "level_and_change",
        (count(4), count(16), "were adopted", "in 2022/23", "in 2021/22"),
        "4 children were adopted in 2022/23, 12 fewer than in 2021/22 (16).",
    ),
    (
        "B&D 2019/20, our children: '15 children were adopted, the same as 2018/19'",
        "level_and_change",
        (count(15), count(15), "were adopted", "in 2019/20", "in 2018/19"),
        "15 children were adopted in 2019/20, the same as in 2018/19.",
    ),
    (
        "B&D 2023-25, 3: 'from 203 to 252, an increase of 49 children (24%)'",
        "change_in_percent",
        (count(252), count(203), "came into care", "in 2022/23", "in 2021/22"),
        "252 children came into care in 2022/23, 49 more (24%) than in 2021/22.",
    ),
    (
        "B&D 2019/20, our children: 'from 208 to 191, a decrease of 8%'",
        "change_in_percent",
        (count(191), count(208), "came into care", "in 2019/20", "in 2018/19"),
        "191 children came into care in 2019/20, 17 fewer (8%) than in 2018/19.",
    ),
    (
        "B&D 2020/21, promise 5: 'up by 4% on 2019/20' (84 to 88)",
        "was_now",
        ("Care leavers in suitable homes", published_share(88), published_share(84), "2019/20"),
        "Care leavers in suitable homes: was 84% in 2019/20, now 88%, a difference of 4 percentage points.",
    ),
    (
        "B&D 2019/20, promise 5: 'improve to 87% in 2019/20 compared to 81%', had a test found it",
        "was_now",
        ("Care leavers in suitable homes", published_share(87), published_share(81), "2018/19", "rising"),
        "Care leavers in suitable homes rose from 81% in 2018/19 to 87% (6 percentage points).",
    ),
    (
        "B&D 2020/21, promise 3: 'SDQ scores reduced from 12.5 to 11.6', not tested",
        "was_now",
        ("Wellbeing score", average(11.6, "points"), average(12.5, "points"), "2019/20", "no clear change"),
        "Wellbeing score: was 12.5 in 2019/20, now 11.6: no clear change.",
    ),
    (
        "Bromley 3.4.10: 'from 27 in 2019 to 11 in 2022'",
        "since_year",
        ("Children who left to a special guardian", count(11), "2022", count(27), "2019", 3),
        "Children who left to a special guardian: 27 in 2019, 11 in 2022, 3 years later.",
    ),
    (
        "B&D 2020/21, our children: 'decreased to 391'; 417 in 2019, 430 in 2023; had tests found both steps",
        "went_and_returned",
        (
            "The number of children in care",
            counts(("2019", 417), ("2021", 391), ("2023", 430)),
            ("falling", "rising"),
        ),
        "The number of children in care fell from 417 in 2019 to 391 in 2021 and then rose to 430 in 2023.",
    ),
    (
        "Redbridge, 4: 'looked after children (217 at the end'",
        "values_in_order",
        ("Children in care", counts(("2011", 210), ("2012", 217), ("2013", 206))),
        "Children in care: 210 in 2011, 217 in 2012, 206 in 2013.",
    ),
    (
        "B&D 2020/21, our children: 'has been declining in recent years', had a test found it",
        "run_of_changes",
        ("The number of children in care", counts(("2019", 417), ("2020", 402), ("2021", 391)), "falling"),
        "The number of children in care fell in each of the last 2 years: 417, 402, 391.",
    ),
    (
        "B&D 2020/21, promise 5: 'for the second consecutive year running, over 60%'",
        "run_at_least",
        (
            "Care leavers in education or work",
            percents(("2018/19", 54), ("2019/20", 63), ("2020/21", 60)),
            target_share(60),
        ),
        "Care leavers in education or work: 60%, at or above 60% for 2 years running.",
    ),
    (
        "B&D 2020/21, promise 2: 'no adoption disruptions for the eighth consecutive year'",
        "run_of_none",
        ([(str(year), count(0, "adoptions")) for year in range(2014, 2022)], "broke down"),
        "No adoptions broke down, for the 8th year running.",
    ),
    (
        "B&D 2019/20, promise 5: '63% ... our best performance ever'",
        "record",
        ("Care leavers in education or work", percents(("2017/18", 52), ("2018/19", 54), ("2019/20", 63))),
        "Care leavers in education or work: 63%, the highest since our records begin in 2017/18.",
    ),
    (
        "B&D 2019/20, promise 1: 'the largest representation we have had in over five years'",
        "last_as_high",
        ("Members of the council of children in care", counts(("2014", 32), ("2015", 20), ("2019", 24), ("2020", 30))),
        "Members of the council of children in care: 30, last as high in 2014 (32).",
    ),
    (
        "B&D 2019/20, key achievements: long-term stability '66% to 73% ... above target' (69%)",
        "first_time_met",
        (
            "Long-term stability",
            percents(("2017/18", 64), ("2018/19", 66), ("2019/20", 73)),
            target_share(69),
            "higher",
        ),
        "Long-term stability: 73%, the first time at or above the target of 69% since our records begin in 2017/18.",
    ),
    (
        "Bromley 3.4.10: 'has varied from 427 to 431 since 2019'",
        "varied",
        ("Time to adoption", [("2019", days(427)), ("2020", days(431)), ("2021", days(430))]),
        "Time to adoption: between 427 days and 431 days in each year since 2019.",
    ),
    (
        "B&D 2020/21, promise 2: '435 days ... three yearly rolling average for 2018-21 ... 503 days'",
        "one_and_three_years",
        ("Time to adoption", days(435), "2020/21", days(503), "2018 to 2021"),
        "Time to adoption: 435 days in 2020/21; 503 days over 3 years (2018 to 2021).",
    ),
    (
        "B&D 2023-25, 3: 'higher than the London rates but lower than national' (figures of London, England: DfE)",
        "compared",
        (
            "Children in care per 10,000",
            rate(430, CHILDREN_2023),
            [Comparator("London", LONDON, "higher"), Comparator("England", ENGLAND, "lower")],
        ),
        "Children in care per 10,000: 67, higher than London (52) but lower than England (70).",
    ),
    (
        "B&D 2023-25, headlines: '72% ... above national, London and statistical neighbours (70-71%)'",
        "compared",
        (
            "Long-term stability",
            published_share(72),
            [
                Comparator("London", published_share(70), "higher"),
                Comparator("England", published_share(71), "higher"),
            ],
        ),
        "Long-term stability: 72%, higher than all comparators: London (70%) and England (71%).",
    ),
    (
        "B&D 2023-25, headlines: 'in line with the London ... below the national average (14%)'",
        "compared",
        (
            "Left to a special guardian",
            published_share(10),
            [Comparator("London", published_share(10), "similar"), Comparator("England", published_share(14), "lower")],
        ),
        "Left to a special guardian: 10%, in line with London (10%) but lower than England (14%).",
    ),
    (
        "B&D 2023-25, headlines: '13% ... above ... benchmarks (10%)', lower is better",
        "better_or_worse",
        (
            "Three or more homes in a year",
            published_share(13),
            Comparator("England", published_share(10), "higher"),
            "lower_better",
        ),
        "Three or more homes in a year: 13%, worse than England (10%).",
    ),
    (
        "B&D 2020/21, promise 5: 'above London, similar areas, and England averages by 6% and 8%'",
        "points_apart",
        (
            "Care leavers in education or work",
            published_share(60),
            [
                Comparator("London", published_share(54), "higher"),
                Comparator("England", published_share(52), "higher"),
            ],
        ),
        "Care leavers in education or work: 60%, 6 percentage points higher than London (54%) "
        "and 8 percentage points higher than England (52%).",
    ),
    (
        "B&D 2020/21, our children: 'White children are over-represented ... 49% of children in care ... (36% in the local under 18 population)'",
        "represented",
        ("White children", published_share(49), published_share(36), "over-represented"),
        "White children are over-represented: 49% of children in care, 36% of local children.",
    ),
    (
        "B&D 2020/21, our children: 'Asian children are under-represented ... 14% ... 22%'",
        "represented",
        ("Asian children", published_share(14), published_share(22), "under-represented"),
        "Asian children are under-represented: 14% of children in care, 22% of local children.",
    ),
    (
        "Bromley 3.4.2: '61% are male and 39% are female' (ratio and interval: drawn)",
        "times_as_likely",
        ("Boys", 1.49, 1.2, 1.85, "girls", "to be in care"),
        "Boys were 1.5 times as likely as girls to be in care (95% interval 1.2 to 1.9).",
    ),
    (
        "B&D 2019/20, about the borough: 'more than 2.5 times than the national average'",
        "times_the_figure",
        ("Pupils with English as a second language", published_share(52), published_share(20), "England"),
        "Pupils with English as a second language: 52%, 2.6 times the figure for England (20%).",
    ),
    (
        "Redbridge, 1: 'LBR was 5th in the ... league tables', as the range that chance leaves",
        "rank_range",
        ("Attainment of children in care", 2, 14, 32),
        "Attainment of children in care: between 2nd and 14th highest of 32 London boroughs.",
    ),
    (
        "B&D 2023-25, headlines: '72%, above target (69%)'",
        "against_target",
        ("Long-term stability", published_share(72), target_share(69), "higher_better"),
        "Long-term stability: 72%, 3 percentage points above the target of 69%: target met.",
    ),
    (
        "B&D 2023-25, headlines: '13%. This is above target (11%)'",
        "against_target",
        ("Three or more homes", published_share(13), target_share(11), "lower_better", "not met, within margin"),
        "Three or more homes: 13%, 2 percentage points above the target of 11%: "
        "target not met, within the margin of chance.",
    ),
    (
        "B&D 2020/21, promise 2: '218 days (97 days above DfE threshold)' of 121",
        "against_target",
        ("Court order to match", days(218), days(121), "lower_better"),
        "Court order to match: 218 days, 97 days above the target of 121 days: target not met.",
    ),
    (
        "B&D 2020/21, promise 2: '435 days just 35 days off the DfE target' of 426: it is 9",
        "against_target",
        ("Time to adoption", days(435), days(426), "lower_better"),
        "Time to adoption: 435 days, 9 days above the target of 426 days: target not met.",
    ),
    (
        "Redbridge, 4: '17 out of 24 (71%)' with a target of 80%",
        "target_in_children",
        (count(17, "care leavers"), 24, target_share(80), "higher_better", "were in education or work"),
        "17 of 24 care leavers (71%) were in education or work; 3 more would have met the target of 80%.",
    ),
    (
        "B&D 2023-25, 3: '27 (0.04%) ... below threshold set at 0.1% (64 children)'",
        "against_threshold",
        (count(27), CHILDREN_2023, target_share(0.1, places=1), "were in care after coming to England alone"),
        "27 children were in care after coming to England alone (0.04%): below the threshold of 0.1% (64).",
    ),
    (
        "B&D 2020/21, promise 1: 'caseloads of around 71 children, just above ... 50-70'",
        "against_range",
        ("Children for each reviewing officer", count(71), 50, 70),
        "Children for each reviewing officer: 71, above the recommended 50 to 70.",
    ),
    (
        "B&D 2020/21, promise 3: 'local target of over 70% for 2021/22'",
        "planned_target",
        ("First health assessment in time", target_share(70), "2021/22"),
        "First health assessment in time: the council's target for 2021/22 is at least 70%; a plan, not a forecast.",
    ),
    (
        "B&D 2023-25, 3: '50 (12%) were in semi-independent placements - up 5 from the 45'",
        "living",
        (430, ("lived in semi-independent homes", count(50)), count(45)),
        "50 (12%) lived in semi-independent homes, 5 more than a year before (45).",
    ),
    (
        "Redbridge, 3: 'children placed out with the borough': 97 of 206",
        "residual",
        (
            count(206, "children in care"),
            [("lived in the borough", count(109))],
            ("lived elsewhere", count(97)),
        ),
        "Of 206 children in care, 109 lived in the borough; the other 97 lived elsewhere.",
    ),
    (
        "B&D 2023-25, 3: '312 (73%)', '50 (12%)', '44 (10%)'",
        "largest_parts",
        (
            count(430, "children in care"),
            [
                ("lived in residential care", count(44)),
                ("lived with foster carers", count(312)),
                ("lived in semi-independent homes", count(50)),
            ],
        ),
        "Most often, children in care lived with foster carers (312, 73%), then lived in semi-independent homes (50, 12%).",
    ),
    (
        "Bromley 3.4.3: 'currently 40%' of 10 to 15, 'represents 30%' of 16 and 17, 16% and 14% below",
        "listed_shares",
        (
            "Children in care by age",
            [
                ("0 to 4", published_share(16)),
                ("5 to 9", published_share(14)),
                ("10 to 15", published_share(40)),
                ("16 or 17", published_share(30)),
            ],
        ),
        "Children in care by age: 16% 0 to 4, 14% 5 to 9, 40% 10 to 15 and 30% 16 or 17.",
    ),
    (
        "B&D 2023-25, 3: '318 young people 18 plus were care leavers, of which 102 were former UASC'",
        "of_whom",
        (count(318, "care leavers"), "were 18 or over", count(102), "had come to England alone"),
        "318 care leavers were 18 or over, of whom 102 had come to England alone.",
    ),
    (
        "B&D 2023-25, 3: 'from 203 to 252 ... 235 children left care'",
        "came_and_left",
        (count(252), count(235), "in 2022/23"),
        "252 children came into care and 235 left in 2022/23.",
    ),
    (
        "B&D 2023-25, 3: 'decreased to 27 (0.04%)', of 430 in care",
        "share_of_two_bases",
        (
            count(27),
            "had come to England alone",
            [(430, "children in care"), (CHILDREN_2023, "all children")],
        ),
        "27 children had come to England alone: 6% of children in care, 0.04% of all children.",
    ),
    (
        "B&D 2023-25, 3: '430 ... a rate of 67 per 10,000 children'",
        "rate_and_children",
        (rate(430, CHILDREN_2023), "were in care", YEAR_END_2023),
        "67 in every 10,000 children were in care on 31 March 2023, which is 430 children.",
    ),
    (
        "B&D 2020/21, promise 3: 'SDQ scores ... 11.6' (quartiles: drawn)",
        "average_with_spread",
        ("Wellbeing score", average(11.6, "points", base=150), 7, 16),
        "Wellbeing score: 11.6 points on average, between 7 and 16 for the middle half.",
    ),
    (
        "B&D 2020/21, promise 2: '435 days'",
        "days_in_words",
        ("Time to adoption", days(435)),
        "Time to adoption: 435 days (about 14 months).",
    ),
    (
        "B&D 2019/20, promise 1: 'caseloads of around 73 children'",
        "per_worker",
        (count(73), "reviewing officer"),
        "73 children for each reviewing officer, on average.",
    ),
    (
        "Bromley 3.6.1, table: 'C'",
        "not_told",
        ("Grade 5 in English and maths", hidden("suppressed")),
        "Grade 5 in English and maths: hidden to protect children.",
    ),
    (
        "B&D 2020/21, promise 4: 'there is no data at KS1 or KS2 for 2020'",
        "not_told",
        ("Reading at age 7", hidden("not_available")),
        "Reading at age 7: we were not told.",
    ),
    (
        "Bromley, page 2: 'Not Applicable'",
        "not_told",
        ("Adoptions by the council's own agency", hidden("not_applicable")),
        "Adoptions by the council's own agency: this does not apply.",
    ),
]


@pytest.mark.parametrize(("source", "kind", "figures", "sentence"), SAID, ids=[row[0] for row in SAID])
def test_the_published_numbers_give_the_published_fact(source, kind, figures, sentence):
    assert getattr(statements, kind)(*figures) == sentence


DOCUMENTS = {
    "B&D 2023-25": "000_",
    "B&D 2020/21": "001_",
    "B&D 2019/20": "002_",
    "Redbridge": "003_",
    "Bromley": "004_",
}


def test_the_quotes_stand_in_the_documents(shared):
    for source, *_ in SAID:
        start = next(start for document, start in DOCUMENTS.items() if source.startswith(document))
        (path,) = (shared / "figures").glob(f"{start}*.txt")
        text = " ".join(path.read_text(encoding="utf-8").split()).casefold()
        quotes = re.findall(r"'([^']+)'", source)
        assert quotes, source
        for words in (words for quote in quotes for words in quote.split(" ... ")):
            assert words.casefold() in text, f"{source}: {words}"


@pytest.mark.parametrize("sentence", [row[3] for row in SAID])
def test_no_sentence_is_long_or_holds_a_banned_word(sentence):
    assert len(sentence.split()) <= 25
    assert not any(re.search(rf"\b{re.escape(word)}\b", sentence) for word in BANNED)


def listed_kinds():
    """The list in the docstring: function, then its example."""
    return re.findall(r"^- ([a-z_]+): (.+?)(?=\n- |\n*\Z)", inspect.getdoc(statements), flags=re.MULTILINE | re.DOTALL)


def test_the_list_of_kinds_holds_every_function_with_a_sentence_that_it_says():
    said = {(kind, sentence) for _, kind, _, sentence in SAID}
    listed = {(kind, " ".join(example.split())) for kind, example in listed_kinds()}
    assert listed - said == {
        ("where_people_live", "Of the 430 children in care: / 312 (73%) lived with foster carers.")
    }
    assert {kind for kind, _ in listed} >= {kind for _, kind, _, _ in SAID}
    assert len(listed) >= 38


def test_who_lives_where_is_a_list_in_the_order_given_and_never_more_than_the_whole():
    parts = [("lived with foster carers", count(312)), ("lived with parents", hidden("suppressed"))]
    assert statements.where_people_live(430, "children in care", parts, [count(293)]) == (
        "Of the 430 children in care:",
        "312 (73%) lived with foster carers, 19 more than a year before (293).",
        "Children who lived with parents: hidden to protect children.",
    )
    with pytest.raises(ValueError, match="more than the whole"):
        statements.where_people_live(300, "children in care", parts)


@pytest.mark.parametrize(("base", "refused"), [(312, True), (317, True), (318, False)])
def test_one_hidden_part_with_five_or_fewer_left_is_refused(base, refused):
    parts = [("lived with foster carers", count(312)), ("lived with parents", hidden("suppressed"))]
    if refused:
        with pytest.raises(ValueError, match="can be worked out"):
            statements.where_people_live(base, "children in care", parts)
    else:
        assert len(statements.where_people_live(base, "children in care", parts)) == 3


@pytest.mark.parametrize("value", [1, 2])
def test_a_noun_without_a_singular_is_refused_whatever_its_number(value):
    with pytest.raises(ValueError, match="no singular is known for 'sheep'"):
        count(value, "sheep")


def test_a_distance_to_a_hidden_figure_is_not_told():
    told = statements.points_apart(
        "X", published_share(60), [Comparator("London", hidden("not_available", "share"), "higher")]
    )
    assert told == "X: 60%; London not known."


def test_only_counts_change_by_a_number_of_people():
    for say in (statements.level_and_change, statements.change_in_percent):
        with pytest.raises(ValueError, match="only counts"):
            say(published_share(60), published_share(50), "came", "in 2022")


# What may not be said


def test_a_percentage_of_ten_people_or_fewer_is_refused():
    with pytest.raises(ValueError, match="no percentage of 10"):
        share(6, 10)
    with pytest.raises(ValueError, match="no percentage of 10"):
        Figure(0.6, "share", base=10)
    assert share(6, 11).base == 11
    assert statements.level_with_base(count(6), 10, "came home") == "6 of 10 children came home."
    with pytest.raises(ValueError, match="no percentage of 10"):
        statements.change_in_percent(count(20), count(10), "came", "in 2022")


def test_an_average_of_ten_people_or_fewer_is_refused():
    with pytest.raises(ValueError, match="no average of 10"):
        average(11.6, "points", base=10)


def test_a_rank_is_never_a_single_place():
    with pytest.raises(ValueError, match="never as a single place"):
        statements.rank_range("Attainment", 5, 5, 32)
    assert "cannot be told from chance" in statements.rank_range("Attainment", 1, 32, 32)


@pytest.mark.parametrize("say", ["better_or_worse", "against_target"])
def test_neither_direction_of_a_neutral_indicator_is_better(say):
    other = Comparator("England", published_share(70), "higher") if say == "better_or_worse" else target_share(70)
    with pytest.raises(ValueError, match="direction"):
        getattr(statements, say)("Children in care", published_share(89), other, "neutral")


def test_better_and_worse_need_a_test():
    with pytest.raises(ValueError, match="finding"):
        statements.better_or_worse(
            "X", published_share(89), Comparator("England", published_share(70)), "higher_better"
        )


@pytest.mark.parametrize("finding", [None, "no clear change", "too few to say"])
def test_without_a_finding_two_values_have_no_direction(finding):
    told = statements.was_now("X", published_share(88), published_share(84), "2020", finding)
    assert "was 84% in 2020, now 88%" in told
    assert not re.search("rose|fell|up|down|increase", told)


@pytest.mark.parametrize(("now", "before", "finding"), [(80, 90, "rising"), (90, 80, "falling")])
def test_a_finding_against_the_numbers_is_refused(now, before, finding):
    with pytest.raises(ValueError, match="do not agree"):
        statements.was_now("X", target_share(now), target_share(before), "2020", finding)


def test_a_place_that_was_not_tested_has_no_direction():
    told = statements.compared("X", published_share(60), [Comparator("London", published_share(54))])
    assert told == "X: 60%; London 54%."


def test_a_place_whose_figure_is_hidden_is_named_without_a_number():
    told = statements.compared(
        "X",
        published_share(60),
        [Comparator("London", published_share(54), "higher"), Comparator("England", hidden("suppressed", "share"))],
    )
    assert told == "X: 60%, higher than London (54%); England hidden."


def test_a_position_against_the_numbers_is_refused_but_not_for_what_rounding_hides():
    with pytest.raises(ValueError, match="do not agree"):
        statements.compared("X", share(500, 1000), [Comparator("London", published_share(54), "higher")])
    told = statements.compared("X", share(536, 1000), [Comparator("London", published_share(54), "higher")])
    assert "higher than London (54%)" in told


def test_a_hidden_remainder_that_can_be_worked_out_is_refused():
    with pytest.raises(ValueError, match="can be worked out"):
        statements.residual(count(206), [("stayed", count(202))], ("left", hidden("suppressed")))
    with pytest.raises(ValueError, match="not the whole less its parts"):
        statements.residual(count(206), [("stayed", count(202))], ("left", count(5)))


def test_a_hidden_year_could_hold_the_record():
    series = [("2018", count(20)), ("2019", hidden("suppressed")), ("2020", count(30)), ("2021", count(40))]
    with pytest.raises(ValueError, match="could hold the record"):
        statements.record("X", series)


def test_a_record_needs_three_years_and_says_when_it_is_shared():
    with pytest.raises(ValueError, match="no record"):
        statements.record("X", counts(("2020", 20), ("2021", 30)))
    with pytest.raises(ValueError, match="no record"):
        statements.record("X", counts(("2019", 40), ("2020", 20), ("2021", 30)))
    with pytest.raises(ValueError, match="there is no record"):
        statements.record("X", counts(("2019", 40), ("2020", 40), ("2021", 40)))
    assert "the joint lowest" in statements.record("X", counts(("2019", 40), ("2020", 30), ("2021", 30)))


def test_a_hidden_part_could_be_one_of_the_largest():
    parts = [("a", count(50)), ("b", count(20)), ("c", hidden("suppressed"))]
    with pytest.raises(ValueError, match="could be one of the largest"):
        statements.largest_parts(count(100), parts)
    assert "then b (20, 27%)" in statements.largest_parts(count(75), parts)


def test_the_year_end_is_no_day_within_the_year():
    with pytest.raises(ValueError, match="year's end"):
        statements.in_year(count(336), "were in care", dt.date(2022, 3, 31))
    assert "year to 31 March 2022" in statements.in_year(count(336), "were in care", dt.date(2022, 3, 30))


def test_a_hidden_figure_may_carry_no_number():
    with pytest.raises(ValueError, match="carries no number"):
        Figure(3, status="suppressed")
    with pytest.raises(ValueError, match="carries no number"):
        Figure(None, "share", status="suppressed", part=3)
    assert not Figure(float("nan"), status="suppressed").is_shown


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -1, 2.5])
def test_a_shown_count_is_a_whole_number(value):
    with pytest.raises(ValueError, match="figure"):
        count(value)


def test_a_long_sentence_and_a_banned_word_are_refused():
    with pytest.raises(ValueError, match="at most 25"):
        statements.was_now("word " * 25, published_share(80), published_share(70), "2020")
    with pytest.raises(ValueError, match="may not stand"):
        statements.level(count(80), "were LAC")


@pytest.mark.parametrize(("part", "base"), [(12, 11), (0, 0), (1.5, 20), (-1, 20)])
def test_a_part_lies_within_its_base_and_people_are_whole(part, base):
    with pytest.raises(ValueError, match="whole numbers of people"):
        share(part, base)


def test_the_word_limit_is_25():
    assert statements.not_told("word " * 21, hidden("suppressed"))
    with pytest.raises(ValueError, match="26 words"):
        statements.not_told("word " * 22, hidden("suppressed"))


def test_there_are_no_fewer_events_than_people():
    with pytest.raises(ValueError, match="fewer events"):
        statements.events_and_people(count(20), count(19, "times"), "went missing")
    told = statements.events_and_people(count(20), count(71, "times"), "went missing", "in June 2022")
    assert told == "20 children went missing in June 2022, 71 times in all."


def test_one_year_is_no_run():
    for values in ((54, 63), (63, 54)):
        with pytest.raises(ValueError, match="no run of years"):
            statements.run_at_least("X", percents(("2020", values[0]), ("2021", values[1])), target_share(60))
    with pytest.raises(ValueError, match="no run of years"):
        statements.run_of_none(counts(("2020", 7), ("2021", 0)), "left")


def test_a_hidden_year_ends_a_run():
    series = [("2018", count(0)), ("2019", hidden("suppressed")), ("2020", count(0)), ("2021", count(0))]
    assert statements.run_of_none(series, "left") == "No children left, for the 2nd year running."


@pytest.mark.parametrize("middle", [20, 30, 10])
def test_a_year_without_a_step_the_same_way_is_no_run_of_changes(middle):
    with pytest.raises(ValueError, match="not every year"):
        statements.run_of_changes("X", counts(("2019", 20), ("2020", middle), ("2021", 9), ("2022", 9)), "falling")


def test_last_as_high_counts_an_equal_year_and_stops_at_a_hidden_one():
    assert "last as high in 2020 (30)" in statements.last_as_high("X", counts(("2019", 40), ("2020", 30), ("2021", 30)))
    with pytest.raises(ValueError, match="could have been as high"):
        statements.last_as_high("X", [("2019", count(40)), ("2020", hidden("suppressed")), ("2021", count(30))])
    with pytest.raises(ValueError, match="use record"):
        statements.last_as_high("X", counts(("2020", 30), ("2021", 40)))


def test_a_target_met_before_is_not_met_for_the_first_time():
    with pytest.raises(ValueError, match="not the first time"):
        statements.first_time_met("X", percents(("2019", 61), ("2020", 50), ("2021", 63)), target_share(60), "higher")
    with pytest.raises(ValueError, match="not the first time"):
        statements.first_time_met("X", percents(("2020", 50), ("2021", 59)), target_share(60), "higher")
    told = statements.first_time_met("X", percents(("2020", 13), ("2021", 10)), target_share(11), "lower")
    assert told == "X: 10%, the first time at or below the target of 11% since our records begin in 2020."


def test_all_comparators_is_said_only_where_all_are_on_one_side():
    places = [
        Comparator("London", published_share(54), "higher"),
        Comparator("England", published_share(52), "higher"),
        Comparator("Bexley", published_share(70), "lower"),
    ]
    told = statements.compared("X", published_share(60), places)
    assert told == "X: 60%, higher than London (54%) and England (52%) but lower than Bexley (70%)."


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.4), (0.8, 1.0), (0.8, 1.4)])
def test_an_interval_that_holds_1_is_no_difference(low, high):
    told = statements.times_as_likely("Boys", 1.0, low, high, "girls", "to be in care")
    assert told.startswith("Boys and girls: no clear difference in how likely they were to be in care")


@pytest.mark.parametrize(("value", "side"), [(49, "below"), (50, "within"), (70, "within"), (71, "above")])
def test_the_ends_of_a_recommended_range_are_within_it(value, side):
    assert statements.against_range("X", count(value), 50, 70) == f"X: {value}, {side} the recommended 50 to 70."


def test_a_most_that_is_wanted_is_told_in_children_fewer():
    most = ("lower_better", "had three or more homes")
    told = statements.target_in_children(count(56), 430, target_share(11), *most)
    assert told.endswith("(13%) had three or more homes; 9 fewer would have met the target of 11%.")
    told = statements.target_in_children(count(47), 430, target_share(11), *most)
    assert told.endswith("had three or more homes: the target of 11% was met.")


@pytest.mark.parametrize(("value", "state"), [(72, "not met, clear"), (60, "met, clear"), (72, "green")])
def test_a_state_against_the_numbers_is_refused(value, state):
    with pytest.raises(ValueError, match="do not agree with the state"):
        statements.against_target("X", published_share(value), target_share(69), "higher_better", state)


def test_equally_large_parts_are_not_ranked():
    parts = [("a", count(50)), ("b", count(20)), ("c", count(20))]
    with pytest.raises(ValueError, match="equally large"):
        statements.largest_parts(count(90), parts)
    assert "a (50, 50%), and as often b (50, 50%)" in statements.largest_parts(
        count(100), [("a", count(50)), ("b", count(50))]
    )


def test_a_part_is_not_larger_than_its_whole():
    with pytest.raises(ValueError, match="larger than the whole"):
        statements.of_whom(count(20, "care leavers"), "came", count(21, "care leavers"), "left")


@pytest.mark.parametrize(
    ("value", "about"),
    [(13, ""), (14, " (about 2 weeks)"), (42, " (about 6 weeks)"), (90, " (about 13 weeks)"), (91, " (about 3 months)"),
     (426, " (about 14 months)"), (1095, " (about 36 months)"), (1096, " (about 3.0 years)")],
)  # fmt: skip
def test_days_are_told_in_weeks_months_or_years_by_their_length(value, about):
    assert statements.days_in_words("X", days(value)) == f"X: {format(value, ',')} days{about}."


def test_quartiles_stand_in_order():
    with pytest.raises(ValueError, match="not in order"):
        statements.average_with_spread("X", average(11.6, "points"), 16, 7)
    assert statements.average_with_spread("X", average(11.6, "points")) == "X: 11.6 points on average."


# Rounding


def test_rounded_values_that_seem_to_disagree_get_a_decimal():
    told = statements.was_now("X", share(284, 1000), share(276, 1000), "2020")
    assert told == "X: was 27.6% in 2020, now 28.4%, a difference of 0.8 percentage points."
    told = statements.was_now("X", share(355, 1000), share(344, 1000), "2020")
    assert told == "X: was 34.4% in 2020, now 35.5%, a difference of 1.1 percentage points."


def test_a_decimal_is_never_added_to_a_number_that_somebody_else_rounded():
    told = statements.against_target("X", published_share(60), target_share(60), "higher_better")
    assert told == "X: 60%, exactly the target: target met."
    told = statements.compared("X", share(694, 1000), [Comparator("London", published_share(69), "higher")])
    assert told == "X: 69.4%, higher than London (69%)."
    told = statements.points_apart("X", share(694, 1000), [Comparator("London", published_share(69), "higher")])
    assert told == "X: 69.4%, higher than London (69%)."


def test_a_target_that_is_just_missed_is_seen_to_be_missed():
    told = statements.against_target("X", share(596, 1000), target_share(60), "higher_better")
    assert told == "X: 59.6%, 0.4 percentage points below the target of 60.0%: target not met."


@pytest.mark.parametrize(
    ("part", "base", "told"),
    [(0, 206, "0%"), (1, 206, "Under 1%"), (27, 64_100, "0.04%"), (205, 206, "Over 99%"), (206, 206, "100%")],
)
def test_some_is_never_printed_as_none_nor_most_as_all(part, base, told):
    assert statements.level(share(part, base), "came") == f"{told} of children came."


@pytest.mark.parametrize(
    ("percent", "word"),
    [(0, "none"), (1, "few"), (14, "few"), (15, "some"), (44, "some"), (45, "about half"), (55, "about half"),
     (56, "most"), (89, "most"), (90, "almost all"), (99, "almost all"), (100, "all")],
)  # fmt: skip
def test_the_bands_of_quantity_are_fixed(percent, word):
    assert statements.quantity_band(percent / 100) == word


def test_the_word_for_a_quantity_follows_the_printed_percentage():
    assert statements.quantity_band(0.895) == "almost all"
    assert statements.quantity_band(0.999) == "almost all"
    assert statements.quantity_band(0.001) == "few"


# Properties

STATUSES = st.sampled_from(["suppressed", "not_available", "not_applicable"])
MANY = st.integers(0, 5000)
SHARES = st.integers(11, 5000).flatmap(lambda base: st.integers(0, base).map(lambda part: share(part, base)))


def every_sentence_with(figure, other):
    """Each kind that takes a first figure, with one that is hidden or shown."""
    comparators = [Comparator("London", other), Comparator("England", other)]
    years = [("2020", other), ("2021", other), ("2022", figure)]
    return [
        statements.was_now("Children adopted", figure, other, "2021"),
        statements.since_year("Children adopted", figure, "2022", other, "2019", 3),
        statements.values_in_order("Children adopted", years),
        statements.run_of_changes("Children adopted", years, None),
        statements.went_and_returned("Children adopted", years, (None, None)),
        statements.varied("Children adopted", years),
        statements.one_and_three_years("Children adopted", figure, "2022", other, "2020 to 2022"),
        statements.compared("Children adopted", figure, comparators),
        statements.against_target("Children adopted", figure, other, "higher_better"),
        statements.listed_shares("Children by age", [("under 10", figure), ("10 or over", other)]),
    ]


def counted_sentences_with(figure, other):
    return [
        statements.level(figure, "were adopted", "that year"),
        statements.level_with_base(figure, 5000, "were adopted"),
        statements.level_and_earlier(figure, "were adopted", "that year", [("2019", other)]),
        statements.level_and_change(figure, other, "were adopted", "that year"),
        statements.change_in_percent(figure, count(other.value + 11), "were adopted", "that year"),
        statements.in_year(figure, "were adopted", dt.date(2022, 6, 30)),
        statements.two_groups([figure, count(20, "girls")], "were in care"),
        statements.living(5000, ("were adopted", figure), other),
        statements.of_whom(count(5000), "left", figure, "were adopted"),
        statements.came_and_left(figure, other, "that year"),
        statements.share_of_two_bases(figure, "were adopted", [(6000, "children in care"), (60_000, "all children")]),
        statements.against_threshold(figure, 60_000, target_share(0.1, places=1), "were adopted"),
        statements.target_in_children(figure, 5000, target_share(80), "higher_better", "were adopted"),
        statements.per_worker(figure, "worker"),
        statements.events_and_people(figure, count(5000, "times"), "went missing"),
    ]


def check_readable(sentences):
    for sentence in sentences:
        assert 2 <= len(sentence.split()) <= 25, sentence
        assert sentence.endswith(".") and not sentence.endswith(".."), sentence
        assert not re.search(r"\b(nan|inf|None|NaN)\b|  ", sentence), sentence
        assert sentence[0] == sentence[0].upper(), sentence


@given(SHARES, SHARES)
def test_every_share_gives_short_sentences_without_a_missing_value(first, second):
    check_readable(every_sentence_with(first, second))


@given(MANY, MANY)
def test_every_count_gives_short_sentences_without_a_missing_value(first, second):
    check_readable(every_sentence_with(count(first), count(second)))
    check_readable(counted_sentences_with(count(first), count(second)))


@given(STATUSES, st.integers(6, 5000))
def test_a_hidden_figure_gives_no_number_that_could_be_it(status, other):
    told = counted_sentences_with(hidden(status), count(other))
    told += every_sentence_with(hidden(status), count(other))
    check_readable(told)
    for sentence in told:
        words = sentence.replace("over 3 years", "").replace("30 June 2022", "").replace("31 March 2023", "")
        numbers = {int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", words)}
        assert numbers <= {other, 5000, 20, 10, 2019, 2020, 2021, 2022}, sentence


@given(SHARES, SHARES)
def test_a_printed_difference_is_the_difference_of_the_printed_numbers(first, second):
    told = gap(first, second)
    assert isinstance(told, Gap)
    if told.size:
        one, two, size = (float(text.split()[0].rstrip("%")) for text in (told.first, told.second, told.size))
        assert abs(one - two) == pytest.approx(size)
        assert (size > 0) == (first.value != second.value)


@given(SHARES, SHARES)
def test_more_than_the_target_is_never_told_as_missing_it(figure, target):
    told = statements.against_target("X", figure, target, "higher_better")
    assert ("target met" in told) == (figure.value >= target.value)
    turned = statements.against_target("X", figure, target, "lower_better")
    assert ("target met" in turned) == (figure.value <= target.value)


@given(st.integers(0, 400), st.integers(11, 400), st.integers(1, 100))
def test_the_children_more_that_are_needed_just_meet_the_target(part, base, percent):
    part = min(part, base)
    told = statements.target_in_children(count(part), base, target_share(percent), "higher_better", "came")
    if found := re.search(r"; ([\d,]+) more would", told):
        more = int(found[1].replace(",", ""))
        assert (part + more) * 100 >= percent * base > (part + more - 1) * 100
    else:
        assert part * 100 >= percent * base
