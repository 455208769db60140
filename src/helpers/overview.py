"""All boroughs side by side: run notebook 31 over what was released and put index.html in its place."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from helpers.briefing import Outcome, page_facts, run_notebook
from helpers.briefing_page import export_page
from helpers.settings import Settings

NOTEBOOK = "31_london_overview"


def publish_overview(settings: Settings, outcomes: Sequence[Outcome], *, made_up: bool) -> None:
    """Write reports/index.html: every borough of the run, those that failed included, with the reason.

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
        "links": [],
    }
    page |= {
        "description": "Every borough's children in care, with links to each briefing.",
        "footer": page["footer"][:1],
    }
    beside = settings.reports / f".index.html.{os.getpid()}"
    beside.write_text(export_page(executed, page), encoding="utf-8")
    beside.replace(settings.reports / "index.html")


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
