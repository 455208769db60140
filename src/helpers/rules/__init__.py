"""Rules over the tables of one collection: what is broken, what is not, and what could not be checked.

The rules are rows of codelists/rules.csv, each naming a function of this package. No rule changes the data.
"""

from helpers.rules.engine import RuleReport, check_rules, load_rules

__all__ = ["RuleReport", "check_rules", "load_rules"]
