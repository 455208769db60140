"""Disclosure control: small numbers hidden, and with them what would give them away, over a whole release at once.

Arithmetic on frames: opens no file, knows no borough.
    profiles.py     the rules to choose from
    relations.py    what statistics have to do with each other, as the code lists say it
    statistics.py   counts as statistics and equations: one variable for each distinct statistic
    system.py       the contract between the parts
    attack.py       what a reader can work out: exact integer bounds of every hidden statistic
    suppress.py     the fewest further cells to hide (with local.py, witness.py and, for small releases, exact.py)
    releasing.py    the released table
    collapsing.py   wider ages, where too much of a breakdown would be hidden
    rounding.py     controlled rounding, for tables of crossed cells
"""

from helpers.disclosure.collapsing import collapse_ages
from helpers.disclosure.profiles import PROFILES, Profile, find_profile
from helpers.disclosure.relations import Relations
from helpers.disclosure.releasing import Reading, leaks, read_as_a_reader, release
from helpers.disclosure.statistics import LEFT_OUT

__all__ = [
    "LEFT_OUT",
    "PROFILES",
    "Profile",
    "Reading",
    "Relations",
    "collapse_ages",
    "find_profile",
    "leaks",
    "read_as_a_reader",
    "release",
]
