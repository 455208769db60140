"""Run csc-validator-be-903 over one return and the year before, in its own environment; prints what it took as JSON.

Run by the peer's Python, so it imports nothing of this project. Its app reads the files and checks the rules, then
writes three reports; both stages are timed. Run as: python peer_driver.py THIS_YEAR LAST_YEAR YEAR RULES_SHARED
"""

import dataclasses
import json
import logging
import resource
import sys
import time
from pathlib import Path

from lac_validator.lac_validator import LacValidator, create_issue_df
from lac_validator.report import Report
from lac_validator.rules.ruleset_utils import get_year_ruleset

LOCAL_AUTHORITY = "E09000002"


def uploads(this_year: str, last_year: str) -> list:
    """Give the CSV files of both years as its app hands them over."""
    return [
        {"name": path.name, "description": description, "file_content": path.read_bytes()}
        for description, folder in (("This year", this_year), ("Prev year", last_year))
        for path in sorted(Path(folder).glob("*.csv"))
    ]


def with_clock(ruleset: dict, shared: set, spent: dict) -> dict:
    """Give the rules with a clock around each: seconds in rules that this project checks too, and in others."""

    def timed(rule):
        def run(tables):
            began = time.perf_counter()
            try:
                return rule.func(tables)
            finally:
                spent[str(rule.code) in shared] += time.perf_counter() - began

        return dataclasses.replace(rule, func=run)

    return {code: timed(rule) for code, rule in ruleset.items()}


def write_reports(checked: LacValidator, ruleset: dict) -> int:
    """Make the reports that its app gives its user. returns: their size in characters"""
    report = Report(checked.ds_results, ruleset)
    tables = [create_issue_df(report.report, report.error_report), report.error_summary, report.child_summary]
    return sum(len(table.to_json(orient="records")) for table in tables)


def peak_mb() -> float:
    """Give the most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(this_year: str, last_year: str, year: str, rules_shared: str) -> None:
    """Check, report and print the figures."""
    logging.disable(logging.CRITICAL)
    spent = {True: 0.0, False: 0.0}
    ruleset = with_clock(get_year_ruleset(year), set(rules_shared.split(",")), spent)
    began = time.perf_counter()
    checked = LacValidator(
        metadata={"collectionYear": year, "localAuthority": LOCAL_AUTHORITY},
        files=uploads(this_year, last_year),
        registry=ruleset,
    )
    told = {"checked": time.perf_counter() - began, "cpu_checked": time.process_time(), "peak_mb_checked": peak_mb()}
    write_reports(checked, ruleset)
    told.update(
        reported=time.perf_counter() - began, rules=len(ruleset), rules_crashed=len(checked.fails),
        in_shared_rules=spent[True], in_other_rules=spent[False],
    )  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
