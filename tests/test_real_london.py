"""The real published files of London through the whole batch: two boroughs here, all of them by hand (README)."""

import pandas as pd
import pytest
from conftest import briefings
from lxml import html


@pytest.fixture(scope="module")
def london(shared, tmp_path_factory):
    """Barking and Dagenham at 31 March 2021, and the City of London, whose figures are almost all hidden."""
    base = tmp_path_factory.mktemp("london")
    for borough, day in (
        ("Barking and Dagenham", "2021-03-31"),
        ("Redbridge", "2013-03-31"),
        ("City of London", "2025-03-31"),
    ):
        done = briefings(
            "run", "--borough", borough, "--as-at", day, "--returns", base / "none", "--published", shared / "published",
            "--processed", base / "processed", "--reports", base / "reports",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return base / "reports"


def rows_of(london, edition, day):
    rows = pd.read_csv(london / edition / "indicators.csv", dtype={"age_band": str})
    return rows[(rows["period_end"] == day) & (rows["indicator"] == "cla_total")]


def page_text(london, edition):
    page = html.fromstring((london / edition / "briefing.html").read_text(encoding="utf-8"))
    return " ".join(" ".join(page.get_element_by_id("main").itertext()).split())


def test_barking_and_dagenham_is_as_dfe_published_it(london):
    """DfE's own figures, not the council's report, which says 223 boys and 31% Black African."""
    rows = rows_of(london, "barking-and-dagenham/2021-03-31", "2021-03-31")
    own = rows[rows["borough"] == "Barking and Dagenham"]
    by_group = own.set_index("ethnic_group")
    assert own.loc[own["gender"] == "Male", "numerator"].tolist() == [220]
    told = {group: by_group.loc[group, "numerator"] for group in ("White", "Black", "Mixed", "Asian")}
    assert told == {"White": 193, "Black": 80, "Mixed": 56, "Asian": 48}
    assert by_group.loc["Other", "status"] == "suppressed"
    assert pd.isna(by_group.loc["Other", "numerator"]), "a suppressed cell is never 0"
    text = page_text(london, "barking-and-dagenham/2021-03-31")
    for part in ("391", "220 56%", "193 49%", "31 March 2021", "2025 (to 31 March 2025)"):
        assert part in text, part


def test_redbridge_2013_comes_from_the_sfr_files(london):
    rows = rows_of(london, "redbridge/2013-03-31", "2013-03-31")
    own = rows[(rows["borough"] == "Redbridge") & (rows["gender"] == "All") & (rows["age_band"] == "All")]
    told = own.set_index("ethnic_group")["numerator"].to_dict()
    assert told == {"All": 206, "White": 93, "Mixed": 36, "Asian": 27, "Black": 43, "Other": 7, "Unknown": 0}
    assert "SFR 36/2013" in page_text(london, "redbridge/2013-03-31")


def test_a_borough_almost_all_hidden_has_a_page_and_no_finding(london):
    found = pd.read_csv(london / "city-of-london" / "2025-03-31" / "disproportionality.csv")
    assert not found["finding"].isin(["over-represented", "under-represented"]).any()
    assert "too small to publish" in page_text(london, "city-of-london/2025-03-31")
    rows = pd.read_csv(london / "city-of-london" / "2025-03-31" / "indicators.csv")
    shown = rows[(rows["borough"] == "City of London") & (rows["status"] == "shown")]
    assert not shown["numerator"].between(1, 5).any()
