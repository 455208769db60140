"""The parts of a borough's pages: sentences, cards, charts and tables, made from released tables alone.

One function per part. None of them computes a statistic: values, intervals and findings come ready in the tables.
sections.py: what every part is made of. front.py: summary, key figures, questions. change.py: over time.
places.py: other places. breakdowns.py: one day's groups. measures.py: every measure in sentences.
left_out.py: what is left out.
representation.py: who is over-represented;
representation_checks.py: whether other ways of looking say the same.
"""

from helpers.page_parts.annex import annex_part, annex_table
from helpers.page_parts.breakdowns import (
    age_chart,
    breakdown_chart,
    breakdown_table,
    group_tables,
    homes,
    indicator_table,
    outcomes_table,
)
from helpers.page_parts.change import (
    children_over_time,
    clear_changes,
    flows_chart,
    how_sure_of_trends,
    numbers_by_year,
    ratio_trend_sentences,
    ratio_trend_table,
    scheme_change,
    trend_sentences,
    trend_table,
)
from helpers.page_parts.front import about, how_sure, key_figures, questions, summary
from helpers.page_parts.journey import journey_chart, journey_note, journey_part, journey_sentences, journey_table
from helpers.page_parts.left_out import left_out_rows, left_out_sentences
from helpers.page_parts.measures import Measures, commentary_slots, council_words, measures
from helpers.page_parts.places import places_chart, places_how_sure, places_sentences, places_table
from helpers.page_parts.representation import (
    coming_into_care_part,
    finer_groups_part,
    representation_briefly,
    representation_chart,
    representation_part,
    representation_sentences,
    representation_table,
)
from helpers.page_parts.representation_checks import findings_allow_for, other_ways_part
from helpers.page_parts.sections import Section, Sentences, paragraph, section

__all__ = [
    "annex_part",
    "annex_table",
    "Measures",
    "Section",
    "Sentences",
    "about",
    "age_chart",
    "breakdown_chart",
    "breakdown_table",
    "children_over_time",
    "clear_changes",
    "coming_into_care_part",
    "commentary_slots",
    "council_words",
    "findings_allow_for",
    "finer_groups_part",
    "flows_chart",
    "group_tables",
    "homes",
    "how_sure",
    "how_sure_of_trends",
    "indicator_table",
    "journey_chart",
    "journey_note",
    "journey_part",
    "journey_sentences",
    "journey_table",
    "key_figures",
    "left_out_rows",
    "left_out_sentences",
    "measures",
    "numbers_by_year",
    "other_ways_part",
    "outcomes_table",
    "paragraph",
    "places_chart",
    "places_how_sure",
    "places_sentences",
    "places_table",
    "questions",
    "ratio_trend_sentences",
    "ratio_trend_table",
    "representation_briefly",
    "representation_chart",
    "representation_part",
    "representation_sentences",
    "representation_table",
    "scheme_change",
    "section",
    "summary",
    "trend_sentences",
    "trend_table",
]
