"""All boroughs side by side: run notebook 31 over what was released, and put index.html and findings.csv in place."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from helpers.briefing import Outcome, page_facts, run_notebook, write_csv
from helpers.briefing_page import export_page
from helpers.file_names import without_file_names
from helpers.london_page import finding_rows, load_editions
from helpers.looking import rule_of
from helpers.private_files import make_private_folder, reserve_private
from helpers.settings import Settings

NOTEBOOK = "31_london_overview"
FINDINGS = "findings.csv"


def publish_overview(settings: Settings, outcomes: Sequence[Outcome], *, made_up: bool) -> None:
    """Write reports/index.html and findings.csv: every borough of the run, those that failed included, with the reason.

    Both are written beside their places first, so that neither is ever there in part, or without the other.
    settings: folders of the run; its borough and date are not used
    """
    if settings.not_for_release:
        make_private_folder(settings.reports)
    settings.reports.mkdir(parents=True, exist_ok=True)
    told = [[one.borough, one.as_at, one.state, without_file_names(one.reason, settings.returns)] for one in outcomes]
    told += _editions_kept(settings, {one.borough for one in outcomes}, made_up=made_up)
    parameters = {"processed": str(settings.editions_folder), "outcomes": json.dumps(told)}
    executed = run_notebook(NOTEBOOK, settings.runs_folder / f"{NOTEBOOK}.ipynb", parameters)
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
        if settings.not_for_release:
            for path in beside.values():
                reserve_private(path)
        write_csv(finding_rows(load_editions(settings.editions_folder, json.dumps(told))), beside[FINDINGS])
        beside["index.html"].write_text(text, encoding="utf-8")
        for name, path in beside.items():
            path.replace(settings.reports / name)
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)


def _editions_kept(settings: Settings, run: set[str], *, made_up: bool) -> list[list[str]]:
    """List the latest edition of every borough that an earlier run wrote and this one did not touch.

    Made-up and real boroughs, and those of another disclosure rule, are never listed on one page.
    """
    latest: dict[str, list[str]] = {}
    for file in sorted(settings.reports.glob("*/*/run.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        same_rule = settings.processed / rule_of(told) == settings.editions_folder
        if told["borough"] not in run and told["made_up"] == made_up and same_rule:
            latest[told["borough"]] = [told["borough"], told["as_at"], "kept", "written by an earlier run"]
    return list(latest.values())
