"""Every borough of the run: number, rate with its range, change and largest gap, A to Z; and the rates in a chart."""

from __future__ import annotations

import pandas as pd

from helpers.charts import Chart, interval_chart
from helpers.counts import select
from helpers.london_page.editions import Edition, answers
from helpers.page_parts import Sentences, paragraph
from helpers.rounding import format_number
from helpers.settings import slug, to_date
from helpers.tables import Column, Link, Table
from helpers.wording import date_words, whole


def overview_sentences(editions: list[Edition]) -> Sentences:
    """Say how many boroughs there are, and how many could not be made."""
    failed = [edition.borough for edition in editions if edition.state == "failed"]
    made = len(editions) - len(failed)
    return paragraph(
        f"{whole(made)} {'borough has' if made == 1 else 'boroughs have'} a briefing.",
        f"Not produced: {', '.join(failed)}; the table gives the reason." if failed else "",
    )


def overview_table(editions: list[Edition]) -> Table:
    """Give one row per borough, A to Z: number, rate with its range, change, largest gap, day and reason."""
    rows = pd.DataFrame([_row(edition) for edition in editions])
    columns = (
        Column("borough", "Borough"),
        Column("day", "Day"),
        Column("number", "Children in care"),
        Column("rate", "In every 10,000 children"),
        Column("range", "Likely range"),
        Column("change", "Change"),
        Column("gap", "Largest gap"),
        Column("note", "Note"),
    )
    return Table("Children in care by borough", rows, columns)


def _row(edition: Edition) -> dict:
    if edition.released is None:
        blank = dict.fromkeys(("number", "rate", "range", "change", "gap"), "-")
        return {
            "borough": edition.borough,
            "day": edition.as_at or "-",
            **blank,
            "note": f"Not produced: {edition.reason}",
        }
    own = edition.released[edition.released["borough"] == edition.borough]
    stock = select(own, "cla_total")
    now = stock[stock["period_end"] == pd.Timestamp(edition.as_at)].iloc[0]
    rate = select(own, "cla_rate_per_10000", period_end=to_date(edition.as_at))
    shown = len(rate) and pd.notna(rate["value"].iloc[0])
    return {
        "borough": Link(edition.borough, f"{slug(edition.borough)}/{edition.as_at}/briefing.html"),
        "day": date_words(to_date(edition.as_at)),
        "number": whole(now["value"]) if pd.notna(now["value"]) else "hidden",
        "rate": format_number(rate["value"].iloc[0], "whole") if shown else "hidden" if len(rate) else "not available",
        "range": f"{format_number(rate['lower'].iloc[0], 'whole')} to {format_number(rate['upper'].iloc[0], 'whole')}"
        if shown
        else "-",
        "change": _change(edition.trends),
        "gap": _gap(edition.compared),
        "note": "-",
    }


def _change(trends: pd.DataFrame | None) -> str:
    rows = trends[
        (trends["indicator"] == "cla_total") & (trends[["ethnic_group", "gender", "age_band"]] == "All").all(axis=1)
    ]
    if rows.empty or pd.isna(rows["change"].iloc[0]):
        return "-"
    one = rows.iloc[0]
    sign = (
        "no change" if one["change"] == 0 else f"{whole(abs(one['change']))} {'more' if one['change'] > 0 else 'fewer'}"
    )
    return f"{sign} since {one['first_period']:%Y} ({one['finding']})"


def _gap(compared: pd.DataFrame | None) -> str:
    groups = answers(compared, "ethnic_group")
    over = groups[(groups["finding"] == "over-represented") & (groups["holds"] != "no")]
    if over.empty:
        return "none found"
    top = over.sort_values("ratio", ascending=False).iloc[0]
    return f"{top['group']} children, {format_number(top['ratio'], 'ratio')} times"


def rate_chart(editions: list[Edition]) -> Chart | Sentences:
    """Draw each borough's rate with its likely range."""
    rows = []
    for edition in editions:
        if edition.released is None:
            continue
        rate = select(
            edition.released, "cla_rate_per_10000", borough=edition.borough, period_end=to_date(edition.as_at)
        )
        rows += [
            {
                "group": edition.borough,
                "value": one["value"],
                "low": one["lower"],
                "high": one["upper"],
                "status": one["status"],
            }
            for _, one in rate.iterrows()
        ]
    frame = pd.DataFrame(rows)
    if frame.empty:
        return paragraph("No borough has a rate to draw.")
    known = frame.dropna(subset="value")
    alt = f"Dot plot of {len(frame)} boroughs' children in care for every 10,000 children, each with its likely range."
    if len(known):
        low, high = (format_number(value, "whole") for value in (known["value"].min(), known["value"].max()))
        alt += f" They run from {low} to {high}."
    return interval_chart(
        frame,
        key="boroughs",
        title="Children in care for every 10,000 children",
        subtitle="Each borough on its latest day",
        alt=alt,
        source="Sources stand on each borough's page.",
        unit="per 10,000 children",
        reference=None,
        log=False,
        kind="whole",
        group_header="Borough",
    )
