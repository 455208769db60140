"""Every kind of data sentence that council documents make, one pure function each: figures in, one sentence out.

Each sentence has at most 25 words and a number with its base or its unit. 'Rose', 'fell', 'higher', 'lower', 'better'
and 'over-represented' need the finding of a test; two values without one are 'was' and 'now'. A hidden or missing
figure gives the sentence that says so and never a number. No cause, no judgement. What may not be said raises
ValueError.

The kinds, with the function and an example of each:

- level: 430 children were in care on 31 March 2023.
- level: 41% of children in care lived in the borough.
- level: 100 practice alerts were raised in 2020/21.
- level: No children were excluded from school.
- level: 1 child was in secure accommodation.
- level: 89% of children in care were visited every 6 weeks (provisional).
- level_with_base: 312 of 430 children in care (73%) lived with foster and kinship carers.
- level_with_base: All 144 care leavers were in touch.
- level_with_base: Not one of the 206 children in care was missing on 31 March 2013.
- level_and_earlier: 206 children were in care on 31 March 2013 (217 in 2012, 210 in 2011).
- quantity: Few children in care (13%) had three or more homes in the year.
- quantity: Almost all children in care (97%) had an education plan.
- quantity: About half of children in care (54%) were boys.
- simple_fraction: About 1 in 5 children in care (19%) lived 20 miles or more from the borough.
- more_than: More than 60% of care leavers (63%) were in education, employment or training.
- in_year: 336 children were in care on 30 June 2022, within the year to 31 March 2023.
- events_and_people: 3 children went missing in 2012/13, 4 times in all.
- two_groups: 223 boys (57%) and 168 girls (43%) were in care.
- level_and_change: 430 children were in care on 31 March 2023, 17 more than a year before (413).
- level_and_change: 4 children were adopted in 2022/23, 12 fewer than in 2021/22 (16).
- level_and_change: 15 children were adopted in 2019/20, the same as in 2018/19.
- change_in_percent: 252 children came into care in 2022/23, 49 more (24%) than in 2021/22.
- was_now: Care leavers in suitable homes: was 84% in 2019/20, now 88%, a difference of 4 percentage points.
- was_now: Care leavers in suitable homes rose from 81% in 2018/19 to 87% (6 percentage points).
- was_now: Wellbeing score: was 12.5 in 2019/20, now 11.6: no clear change.
- since_year: Children who left to a special guardian: 27 in 2019, 11 in 2022, 3 years later.
- went_and_returned: The number of children in care fell from 417 in 2019 to 391 in 2021 and then rose to 430 in 2023.
- values_in_order: Children in care: 210 in 2011, 217 in 2012, 206 in 2013.
- run_of_changes: The number of children in care fell in each of the last 2 years: 417, 402, 391.
- run_at_least: Care leavers in education or work: 60%, at or above 60% for 2 years running.
- run_of_none: No adoptions broke down, for the 8th year running.
- record: Care leavers in education or work: 63%, the highest since our records begin in 2017/18.
- last_as_high: Members of the council of children in care: 30, last as high in 2014 (32).
- first_time_met: Long-term stability: 73%, the first time at or above the target of 69% since our records begin in
  2017/18.
- varied: Time to adoption: between 427 days and 431 days in each year since 2019.
- one_and_three_years: Time to adoption: 435 days in 2020/21; 503 days over 3 years (2018 to 2021).
- compared: Children in care per 10,000: 67, higher than London (52) but lower than England (70).
- compared: Long-term stability: 72%, higher than all comparators: London (70%) and England (71%).
- compared: Left to a special guardian: 10%, in line with London (10%) but lower than England (14%).
- better_or_worse: Three or more homes in a year: 13%, worse than England (10%).
- points_apart: Care leavers in education or work: 60%, 6 percentage points higher than London (54%) and 8 percentage
  points higher than England (52%).
- represented: White children are over-represented: 49% of children in care, 36% of local children.
- represented: Asian children are under-represented: 14% of children in care, 22% of local children.
- times_as_likely: Boys were 1.5 times as likely as girls to be in care (95% interval 1.2 to 1.9).
- times_the_figure: Pupils with English as a second language: 52%, 2.6 times the figure for England (20%).
- rank_range: Attainment of children in care: between 2nd and 14th highest of 32 London boroughs.
- against_target: Long-term stability: 72%, 3 percentage points above the target of 69%: target met.
- against_target: Three or more homes: 13%, 2 percentage points above the target of 11%: target not met, within the
  margin of chance.
- against_target: Court order to match: 218 days, 97 days above the target of 121 days: target not met.
- target_in_children: 17 of 24 care leavers (71%) were in education or work; 3 more would have met the target of 80%.
- against_threshold: 27 children were in care after coming to England alone (0.04%): below the threshold of 0.1% (64).
- against_range: Children for each reviewing officer: 71, above the recommended 50 to 70.
- planned_target: First health assessment in time: the council's target for 2021/22 is at least 70%; a plan, not a
  forecast.
- living: 50 (12%) lived in semi-independent homes, 5 more than a year before (45).
- where_people_live: Of the 430 children in care: / 312 (73%) lived with foster carers.
- residual: Of 206 children in care, 109 lived in the borough; the other 97 lived elsewhere.
- largest_parts: Most often, children in care lived with foster carers (312, 73%), then lived in semi-independent
  homes (50, 12%).
- listed_shares: Children in care by age: 16% 0 to 4, 14% 5 to 9, 40% 10 to 15 and 30% 16 or 17.
- of_whom: 318 care leavers were 18 or over, of whom 102 had come to England alone.
- came_and_left: 252 children came into care and 235 left in 2022/23.
- share_of_two_bases: 27 children had come to England alone: 6% of children in care, 0.04% of all children.
- rate_and_children: 67 in every 10,000 children were in care on 31 March 2023, which is 430 children.
- average_with_spread: Wellbeing score: 11.6 points on average, between 7 and 16 for the middle half.
- days_in_words: Time to adoption: 435 days (about 14 months).
- per_worker: 73 children for each reviewing officer, on average.
- not_told: Grade 5 in English and maths: hidden to protect children.
- not_told: Reading at age 7: we were not told.
- not_told: Adoptions by the council's own agency: this does not apply.
"""

from helpers.wording.amounts import average_with_spread, days_in_words, per_worker, rate_and_children
from helpers.wording.changes import (
    change_in_percent,
    first_time_met,
    last_as_high,
    level_and_change,
    one_and_three_years,
    record,
    run_at_least,
    run_of_changes,
    run_of_none,
    since_year,
    values_in_order,
    varied,
    was_now,
    went_and_returned,
)
from helpers.wording.comparisons import (
    Comparator,
    better_or_worse,
    compared,
    points_apart,
    rank_range,
    represented,
    times_as_likely,
    times_the_figure,
)
from helpers.wording.figures import (
    Figure,
    average,
    count,
    hidden,
    not_told,
    published_rate,
    published_share,
    rate,
    share,
    target_share,
)
from helpers.wording.levels import (
    events_and_people,
    in_year,
    level,
    level_and_earlier,
    level_with_base,
    more_than,
    quantity,
    quantity_band,
    simple_fraction,
    two_groups,
)
from helpers.wording.parts import (
    came_and_left,
    largest_parts,
    listed_shares,
    living,
    of_whom,
    residual,
    share_of_two_bases,
    where_people_live,
)
from helpers.wording.targets import (
    against_range,
    against_target,
    against_threshold,
    planned_target,
    target_in_children,
)

__all__ = [
    "Comparator",
    "Figure",
    "against_range",
    "against_target",
    "against_threshold",
    "average",
    "average_with_spread",
    "better_or_worse",
    "came_and_left",
    "change_in_percent",
    "compared",
    "count",
    "days_in_words",
    "events_and_people",
    "first_time_met",
    "hidden",
    "in_year",
    "largest_parts",
    "last_as_high",
    "level",
    "level_and_change",
    "level_and_earlier",
    "level_with_base",
    "listed_shares",
    "living",
    "more_than",
    "not_told",
    "of_whom",
    "one_and_three_years",
    "per_worker",
    "planned_target",
    "points_apart",
    "published_rate",
    "published_share",
    "quantity",
    "quantity_band",
    "rank_range",
    "rate",
    "rate_and_children",
    "record",
    "represented",
    "residual",
    "run_at_least",
    "run_of_changes",
    "run_of_none",
    "share",
    "share_of_two_bases",
    "simple_fraction",
    "since_year",
    "target_in_children",
    "target_share",
    "times_as_likely",
    "times_the_figure",
    "two_groups",
    "values_in_order",
    "varied",
    "was_now",
    "went_and_returned",
    "where_people_live",
]
