"""The real published files of London through the whole batch: two boroughs here, all of them by hand (README)."""

import datetime as dt

import pandas as pd
import pytest
from conftest import briefings
from lxml import html

from helpers.clean import clean_returns
from helpers.codes import find_borough
from helpers.indicators import Tables, count_returns
from helpers.made_up import write_made_up
from helpers.read.returns import read_collections


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


KEY = ["indicator", "category", "ethnic_group", "gender", "age_band"]
NOT_IN_A_RETURN = ("22", "23", "24", "25", "19", "16", "17", "18 and over")
"""Ages that DfE tells apart or that the return of care leavers does not ask for."""
DFE_ALONE = {
    ("cl_activity_dfe", "In education, training or work"): "told as cl_eet",
    ("cl_activity_dfe", "Not in education, training or work"): "the sum of its reasons",
    ("cl_activity_dfe", "Not in touch"): "the return gives such a care leaver no activity",
    ("cla_placement_provider", "Not reported"): "told as Not recorded where there is any",
}


def test_returns_are_counted_under_dfes_labels_and_with_dfes_bases(london, tmp_path):
    """Where both exist: every cell that DfE's files tell of a borough is a cell that its return is counted into."""
    published = pd.read_parquet(london.parent / "processed" / "published" / "counts.parquet")
    borough = find_borough("Barking and Dagenham")
    write_made_up(tmp_path, boroughs=[borough["label"]])
    files = read_collections(tmp_path / "returns", borough["label"])
    cleaned = clean_returns(files, borough_code=borough["code"], secret=b"x" * 32)
    counted = count_returns(
        Tables(cleaned.children, cleaned.episodes, cleaned.outcomes, cleaned.care_leavers, cleaned.others),
        borough_code=borough["code"], borough=borough["label"], periods=[dt.date(2021, 3, 31), dt.date(2023, 3, 31)],
    )  # fmt: skip
    told = published[published["borough"].eq("Barking and Dagenham") & ~published["age_band"].isin(NOT_IN_A_RETURN)]
    told = told[~told["category"].str.contains(r"\(to 20\d\d\)") & ~told["indicator"].str.contains("_rate_per_10000")]
    cells = set(told[KEY].itertuples(index=False, name=None))
    missing = cells - set(counted[KEY].itertuples(index=False, name=None))
    assert {cell for cell in missing if cell[:2] not in DFE_ALONE} == set()
    assert len(cells) > 100
    both = told.merge(counted, on=KEY, suffixes=("_dfe", "_own"))
    assert (both["unit_dfe"] == both["unit_own"]).all()
    assert (both["period_type_dfe"] == both["period_type_own"]).all()
    shares = both[both["denominator_dfe"].notna()]
    assert shares["denominator_own"].notna().all(), "what DfE tells of a base is counted of a base"
