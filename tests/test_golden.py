"""One whole briefing's figures, and the figures that councils and DfE printed."""

import json
import shutil

import pandas as pd
import pytest
from conftest import ROOT, briefings
from lxml import html

GOLDEN = ROOT / "tests" / "golden" / "barking-and-dagenham-2021-03-31.json"

# Barking and Dagenham's corporate parenting report 2020/21, as printed (../shared/figures).
PRINTED_2021 = {
    ("cla_total", "All", "All"): 391,
    ("cla_total", "All", "Male"): 223,
    ("cla_total", "All", "Female"): 168,
    ("cla_placement_type", "Foster and kinship carers", "All"): 268,
    ("cla_placement_type", "Residential care", "All"): 54,
    ("cla_placement_type", "With parents", "All"): 15,
    ("cla_placement_type", "Semi-independent living", "All"): 42,
    ("cla_placement_type", "Placed for adoption", "All"): 12,
    ("cla_started", "All", "All"): 193,
    ("cla_ceased", "All", "All"): 204,
}


@pytest.fixture(scope="module")
def edition(made_up_run, tmp_path_factory):
    """The briefing of Barking and Dagenham at 31 March 2021, from the made-up returns."""
    base = tmp_path_factory.mktemp("golden")
    processed, reports = base / "processed", base / "reports"
    shutil.copytree(made_up_run.processed / "published", processed / "published")
    done = briefings(
        "run", "--borough", "Barking and Dagenham", "--as-at", "2021-03-31", "--returns", made_up_run.made_up / "returns",
        "--published", made_up_run.made_up / "published", "--processed", processed, "--reports", reports,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return reports / "barking-and-dagenham" / "2021-03-31"


def figures_of(edition, day="2021-03-31"):
    rows = pd.read_csv(edition / "indicators.csv", dtype={"age_band": str})
    return rows[(rows["borough"] == "Barking and Dagenham") & (rows["period_end"] == day)]


def test_the_made_up_return_tells_what_the_council_printed(edition):
    rows = figures_of(edition)
    whole = rows[(rows["ethnic_group"] == "All") & (rows["age_band"] == "All")]
    told = whole.set_index(["indicator", "category", "gender"])["numerator"]
    assert {key: told[key] for key in PRINTED_2021} == PRINTED_2021


def test_no_figure_after_the_day_is_told(edition):
    assert pd.read_csv(edition / "indicators.csv")["period_end"].max() == "2021-03-31"


def golden_facts(edition):
    """What a reader of the page sees: every sentence, card and cell, and every released figure of the day."""
    page = html.fromstring((edition / "briefing.html").read_text(encoding="utf-8"))
    main = page.get_element_by_id("main")
    rows = figures_of(edition)
    keys = ["indicator", "category", "ethnic_group", "gender", "age_band"]
    return {
        "sentences": [" ".join(item.text_content().split()) for item in main.iter("li")],
        "cards": [" ".join(card.text_content().split()) for card in main.find_class("card")],
        "tables": [
            [" ".join(cell.text_content().split()) for cell in row] for row in main.iter("tr")
        ],
        "figures": {
            " / ".join(row[key] for key in keys): row["status"] if pd.isna(row["numerator"]) else int(row["numerator"])
            for _, row in rows.iterrows()
        },
    }  # fmt: skip


def test_the_whole_briefing_tells_the_golden_figures(edition):
    """To accept a change: delete the file, run this test twice, read the difference, and tell it in CHANGELOG."""
    facts = golden_facts(edition)
    if not GOLDEN.exists():
        GOLDEN.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.fail("the golden file was missing and has been written: read it, then run again")
    assert facts == json.loads(GOLDEN.read_text(encoding="utf-8"))
