"""Numbers to words: the sentences a reader sees. No cause and no judgement is ever written by code.

words: numbers, days and groups; findings: what a test found; statements: one function per kind of data sentence,
with the list of kinds.
"""

from helpers.wording.findings import change_words, representation_words, trend_words
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
    "article_free",
    "change_words",
    "children_words",
    "date_words",
    "decimal",
    "group_words",
    "joined",
    "percent",
    "representation_words",
    "times",
    "trend_words",
    "whole",
]
