"""The parts of a borough's pages: sentences, cards, charts and tables, made from released tables alone.

One function per part. None of them computes a statistic: values, intervals and findings come ready in the tables.
sections.py: what every part is made of. front.py: summary, key figures, questions. change.py: over time.
breakdowns.py: one day's groups. measures.py: every measure in sentences. representation.py: who is over-represented.
"""

from helpers.page_parts.breakdowns import (
    age_chart,
    breakdown_chart,
    breakdown_table,
    group_tables,
    homes,
    indicator_table,
    outcomes_table,
)
from helpers.page_parts.change import children_over_time, flows_chart, numbers_by_year, trend_sentences, trend_table
from helpers.page_parts.front import about, how_sure, key_figures, questions, summary
from helpers.page_parts.measures import Measures, commentary_slots, council_words, measures
from helpers.page_parts.representation import (
    representation_briefly,
    representation_chart,
    representation_part,
    representation_sentences,
    representation_table,
)
from helpers.page_parts.sections import Section, Sentences, paragraph, section

__all__ = [
    "Measures",
    "Section",
    "Sentences",
    "about",
    "age_chart",
    "breakdown_chart",
    "breakdown_table",
    "children_over_time",
    "commentary_slots",
    "council_words",
    "flows_chart",
    "group_tables",
    "homes",
    "how_sure",
    "indicator_table",
    "key_figures",
    "measures",
    "numbers_by_year",
    "outcomes_table",
    "paragraph",
    "questions",
    "representation_briefly",
    "representation_chart",
    "representation_part",
    "representation_sentences",
    "representation_table",
    "section",
    "summary",
    "trend_sentences",
    "trend_table",
]
