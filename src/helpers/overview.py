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
    parameters = {
        "processed": str(settings.processed),
        "outcomes": json.dumps([[one.borough, one.as_at, one.state, one.reason] for one in outcomes]),
    }
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
