"""All boroughs side by side: run notebook 31 over what was released, and put index.html and findings.csv in place."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from helpers.briefing import Outcome, page_facts, run_notebook, write_csv
from helpers.briefing_page import export_page
from helpers.london_page import finding_rows, load_editions
from helpers.settings import Settings

NOTEBOOK = "31_london_overview"
FINDINGS = "findings.csv"


def publish_overview(settings: Settings, outcomes: Sequence[Outcome], *, made_up: bool) -> None:
    """Write reports/index.html and findings.csv: every borough of the run, those that failed included, with the reason.

    Both are written beside their places first, so that neither is ever there in part, or without the other.
    settings: folders of the run; its borough and date are not used
    """
    settings.reports.mkdir(parents=True, exist_ok=True)
    runs = settings.processed / "runs"
    told = [[one.borough, one.as_at, one.state, one.reason] for one in outcomes]
    told += _editions_kept(settings, {one.borough for one in outcomes}, made_up=made_up)
    parameters = {"processed": str(settings.processed), "outcomes": json.dumps(told)}
    executed = run_notebook(NOTEBOOK, runs / f"{NOTEBOOK}.ipynb", parameters)
    title = "Children in care: the boroughs side by side"
    page = page_facts(settings, title, "index.html", {"made_up": made_up, "inputs": {}}) | {
        "title": title,
        "as_at": "",
        "borough": "London",
        "links": [("Findings (CSV)", FINDINGS)],
    }
    page |= {
        "description": "Every borough's children in care, with links to each briefing.",
        "footer": page["footer"][:1],
    }
    text = export_page(executed, page)
    beside = {name: settings.reports / f".{name}.{os.getpid()}" for name in (FINDINGS, "index.html")}
    try:
        write_csv(finding_rows(load_editions(settings.processed, json.dumps(told))), beside[FINDINGS])
        beside["index.html"].write_text(text, encoding="utf-8")
        for name, path in beside.items():
            path.replace(settings.reports / name)
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)


def _editions_kept(settings: Settings, run: set[str], *, made_up: bool) -> list[list[str]]:
    """List the latest edition of every borough that an earlier run wrote and this one did not touch.

    Made-up and real boroughs are never listed on one page.
    """
    latest: dict[str, list[str]] = {}
    for file in sorted(settings.reports.glob("*/*/run.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["borough"] not in run and told["made_up"] == made_up:
            latest[told["borough"]] = [told["borough"], told["as_at"], "kept", "written by an earlier run"]
    return list(latest.values())
