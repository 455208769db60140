"""Contradictions: in a table of printed figures (any council's), and in our own counts before they are told.

Frames in, frames out. The rules, their limits and their words are data: codelists/figure_*.csv.
"""

from helpers.figure_checks.checking import FINDING_COLUMNS, check_figures
from helpers.figure_checks.reconciling import PROBLEM_COLUMNS, reconcile, require_reconciled

__all__ = ["FINDING_COLUMNS", "PROBLEM_COLUMNS", "check_figures", "reconcile", "require_reconciled"]
