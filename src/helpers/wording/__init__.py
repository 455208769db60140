"""Numbers to words: the sentences a reader sees. No cause and no judgement is ever written by code.

words: numbers, days and groups; findings: what a test found; representation: how sure that is; statements: one
function per kind of data sentence, with the list of kinds.
"""

from helpers.wording.findings import change_words, representation_words, trend_words
from helpers.wording.journey import JOURNEY_NOTE, journey_group_words, journey_others_words, journey_words
from helpers.wording.representation import (
    adjusted_words,
    combinations_words,
    doubt_words,
    family_words,
    reference_words,
    tipping_words,
    unknown_words,
    unstable_reference_words,
)
from helpers.wording.words import (
    BANNED,
    article_free,
    children_words,
    date_words,
    decimal,
    group_words,
    joined,
    percent,
    times,
    whole,
)

__all__ = [
    "BANNED",
    "JOURNEY_NOTE",
    "adjusted_words",
    "article_free",
    "change_words",
    "children_words",
    "combinations_words",
    "date_words",
    "decimal",
    "doubt_words",
    "family_words",
    "group_words",
    "joined",
    "journey_group_words",
    "journey_others_words",
    "journey_words",
    "percent",
    "reference_words",
    "representation_words",
    "times",
    "tipping_words",
    "trend_words",
    "unknown_words",
    "unstable_reference_words",
    "whole",
]
