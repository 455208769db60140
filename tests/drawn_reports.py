"""A small reports folder, drawn from released tables by the functions that draw the real ones: what audits look at."""

import datetime as dt
import json

import nbformat
import pandas as pd

from helpers.briefing import write_csv
from helpers.briefing_page import export_page
from helpers.charts import interval_chart
from helpers.notebook_tables import latest_table
from helpers.page_parts import (
    breakdown_chart,
    breakdown_table,
    children_over_time,
    indicator_table,
    numbers_by_year,
    trend_table,
)
from helpers.tables import Column, Table, write_workbook
from helpers.wording import date_words

BOROUGH, AS_AT = "Bromley", dt.date(2022, 3, 31)
EDITION = "bromley/2022-03-31"
HIDDEN = "Semi-independent living"
COUNTS = {
    "ethnic_group": {"White": 178, "Mixed": 69, "Asian": 40, "Black": None, "Other": None, "Unknown": 0},
    "category": {"Foster and kinship carers": 233, "Residential care": 50, HIDDEN: None, "With parents": None},
}
INDICATORS = {"ethnic_group": "cla_total", "category": "cla_placement_type"}
WHOLE = {2021: 330, 2022: 338}
ALL_CUTS = dict.fromkeys(("category", "ethnic_group", "gender", "age_band"), "All")


def _row(year: int, indicator: str, count: float | None, base: float | None, **facts: str) -> dict:
    per, unit_of_value = (10_000, "per 10,000 children") if "rate" in indicator else (100, "%")
    value = None if count is None else count if base is None else per * count / base
    return {
        "borough_code": "E09000006", "borough": BOROUGH, "period_end": pd.Timestamp(year, 3, 31),
        "period_type": "snapshot", "indicator": indicator, **ALL_CUTS, "numerator": count, "denominator": base,
        "unit": "children per 10,000" if "rate" in indicator else "children",
        "source": "Made-up return: every child is invented", "release": f"Return to 31 March {year}",
        "status": "suppressed" if count is None else "shown", "value": value,
        "lower": None if value is None else value * 0.9, "upper": None if value is None else value * 1.1,
        "unit_of_value": "children" if base is None else unit_of_value, **facts,
    }  # fmt: skip


def released() -> pd.DataFrame:
    """Counts of two years: the whole, five ethnic groups, where children live, and the rates of three areas."""
    rows = [_row(year, "cla_total", whole, None) for year, whole in WHOLE.items()]
    for area, rate in {BOROUGH: 44, "London": 52, "England": 68}.items():
        rows += [_row(year, "cla_rate_per_10000", rate * 10 + year - 2020, 100_000, borough=area) for year in WHOLE]
    for dimension, counts in COUNTS.items():
        for year, whole in WHOLE.items():
            rows += [
                _row(year, INDICATORS[dimension], count, whole, **{dimension: group}) for group, count in counts.items()
            ]
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(("numerator", "denominator", "value", "lower", "upper"), float))


def compared() -> pd.DataFrame:
    """Who is over-represented: the columns of disproportionality.csv that the pages tell."""
    rows = []
    for group, count in COUNTS["ethnic_group"].items():
        told = group != "Unknown" and count is not None
        ratio = (count / 60 if told else None, count / 80 if told else None, count / 45 if told else None)
        rows.append({
            "borough": BOROUGH, "as_at": pd.Timestamp(AS_AT), "indicator": "cla_total", "dimension": "ethnic_group",
            "group": group, "count": count, "total": 338.0, "share": count / 338 if told else None,
            "population_share": 0.2, "rate_per_10000": None, "rate_lower": None, "rate_upper": None,
            "ratio": ratio[0], "ratio_lower": ratio[1], "ratio_upper": ratio[2], "finding": "too few to say",
            "status": "shown" if told else "suppressed", "comparison": "headline",
        })  # fmt: skip
    return pd.DataFrame(rows[:-1])


def trends() -> pd.DataFrame:
    """First and last value of two series: the whole, and a kind of home that is hidden."""
    columns = {
        "borough": BOROUGH, "first_period": pd.Timestamp(2021, 3, 31), "last_period": pd.Timestamp(2022, 3, 31),
        "annual_lower": None, "annual_upper": None, "recent_trend": "not applicable", "finding": "too few to say",
        "rule": 3, "family": "",
    }  # fmt: skip
    whole = {"indicator": "cla_total", "first_value": 330.0, "last_value": 338.0, "change": 8.0, "status": "shown"}
    part = {"indicator": "cla_placement_type", "first_value": None, "last_value": None, "change": None}
    return pd.DataFrame(
        [{**ALL_CUTS, **columns, **whole}, {**ALL_CUTS, **columns, **part, "category": HIDDEN, "status": "suppressed"}]
    ).astype(dict.fromkeys(("first_value", "last_value", "change", "annual_lower", "annual_upper"), float))


def _times() -> object:
    rows = compared().rename(columns={"ratio": "value", "ratio_lower": "low", "ratio_upper": "high"})
    return interval_chart(
        rows[["group", "value", "low", "high", "status"]], key="times", title="Who is over-represented", unit="times",
        subtitle=f"Times as likely to be in care as all other children in {BOROUGH}, {date_words(AS_AT)}",
        alt="Dot plot by ethnic group.", source="Made up", reference_label="Same as everyone else",
        group_header="Ethnic group",
    )  # fmt: skip


def page(title: str, *parts: object) -> str:
    """Give a page that shows parts, through the template of every page."""
    outputs = [
        nbformat.v4.new_output("display_data", data={"text/html": part._repr_html_() if hasattr(part, "_repr_html_") else part})
        for part in parts
    ]  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[one]) for one in outputs])
    return export_page(notebook, {"title": title, "description": title, "as_at": date_words(AS_AT)})


def write_reports(folder) -> None:
    """Write a reports folder of one edition, with an overview."""
    edition = folder / EDITION
    edition.mkdir(parents=True)
    told, here = released(), {"borough": BOROUGH, "as_at": AS_AT}
    sentences = "<h2>Who is in care?</h2><p>69 of 338 children in care are from mixed backgrounds.</p><p>Numbers of 1 to 5 children are hidden.</p>"
    homes = breakdown_chart(
        told, "cla_placement_type", **here, each="category", key="homes", title="Where children in care live"
    )
    (edition / "briefing.html").write_text(
        page(
            "Children in care in Bromley", sentences, children_over_time(told, trends(), **here), _times(), homes,
            breakdown_table(told, "cla_placement_type", **here, each="category"),
            numbers_by_year(told, "cla_total", borough=BOROUGH, each="ethnic_group"),
            trend_table(trends(), borough=BOROUGH),
        ),
        encoding="utf-8",
    )  # fmt: skip
    (edition / "measures.html").write_text(page("Measures", latest_table(told, **here)), encoding="utf-8")
    write_csv(told, edition / "indicators.csv")
    write_csv(compared(), edition / "disproportionality.csv")
    write_csv(trends(), edition / "trends.csv")
    own = told[told["borough"] == BOROUGH]
    write_workbook(
        [indicator_table(rows, borough=BOROUGH) for _, rows in own.groupby("indicator")],
        edition / "tables.xlsx",
        title="Children in care",
        notes=["Numbers from 1 to 5, and what would give them away, are hidden."],
        sources=["Made up"],
    )
    run = {"borough": BOROUGH, "as_at": "2022-03-31", "made_up": True, "inputs": {"bromley/2022-03-31/header.csv": "0"}}
    (edition / "run.json").write_text(json.dumps({**run, "files": [{"period": "2022-03-31", "rows_read": 338}]}))
    _write_overview(folder)


def _write_overview(folder) -> None:
    rows = pd.DataFrame([{"borough": BOROUGH, "day": date_words(AS_AT), "number": "338", "rate": "44"}])
    heads = {"borough": "Borough", "day": "Day", "number": "Children in care", "rate": "In every 10,000 children"}
    overview = Table("Children in care by borough", rows, tuple(Column(*one) for one in heads.items()))
    (folder / "index.html").write_text(page("Boroughs side by side", overview), encoding="utf-8")
    (folder / "findings.csv").write_text("borough,sentence\nBromley,There is no clear evidence of a difference.\n")
