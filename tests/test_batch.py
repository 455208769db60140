"""The batch as a user meets it: what is written, what is skipped, what fails and how it is told."""

import json
import shutil

import pandas as pd
import pytest
from conftest import briefings, briefings_as_a_program
from lxml import html

FILES = {
    "briefing.html", "measures.html", "disproportionality.html", "trends.html", "data-quality.html", "tables.xlsx", "indicators.csv",
    "disproportionality.csv", "journey.csv", "trends.csv", "comparisons.csv", "run.json",
}  # fmt: skip
EDITIONS = {"barking-and-dagenham/2023-03-31", "bromley/2022-06-30", "redbridge/2013-03-31"}


def processed_with_published(run, tmp_path):
    """A processed folder in which the published tables have been read already: reading them again takes seconds."""
    shutil.copytree(run.processed / "published", tmp_path / "processed" / "published")
    return tmp_path / "processed"


def editions(reports):
    return {path.parent.relative_to(reports).as_posix() for path in reports.glob("*/*/briefing.html")}


def page_text(path):
    return " ".join(html.fromstring(path.read_text(encoding="utf-8")).text_content().split())


def test_each_borough_gets_its_latest_day_and_every_file_of_the_contract(made_up_run):
    assert editions(made_up_run.reports) == EDITIONS
    for edition in EDITIONS:
        assert {path.name for path in (made_up_run.reports / edition).iterdir()} == FILES
    assert (made_up_run.reports / "index.html").exists()


def test_nothing_half_written_is_left(made_up_run):
    assert not any(path.name.startswith(".") for path in made_up_run.reports.rglob("*"))


def test_run_json_tells_inputs_rows_and_seconds_and_no_child(made_up_run):
    for edition in EDITIONS:
        text = (made_up_run.reports / edition / "run.json").read_text(encoding="utf-8")
        told = json.loads(text)
        assert told["outcome"] == "written"
        rows = told["rows"]
        assert rows["rows_read"] == rows["rows_kept"] + rows["rows_set_aside"] + rows["rows_repeated"] > 0
        assert all(len(checksum) == 64 for checksum in told["inputs"].values())
        assert set(told["seconds"]) >= {"20_indicators", "30_borough_briefing"}
        assert "MADEUP" not in text


def test_every_page_says_that_the_children_are_made_up(made_up_run):
    pages = list(made_up_run.reports.rglob("*.html"))
    assert len(pages) == 5 * len(EDITIONS) + 1
    for page in pages:
        assert "Made-up children" in page_text(page), page.name


def test_columns_are_those_other_programs_read(made_up_run):
    folder = made_up_run.reports / "barking-and-dagenham" / "2023-03-31"
    compared = pd.read_csv(folder / "disproportionality.csv", nrows=1)
    trends = pd.read_csv(folder / "trends.csv", nrows=1)
    figures = pd.read_csv(folder / "indicators.csv", nrows=1)
    assert ",".join(compared).startswith(
        "borough,as_at,indicator,dimension,group,reference,population_source,count,population,share,population_share,"
        "rate_per_10000,rate_lower,rate_upper,ratio,ratio_lower,ratio_upper,excess,p_value,p_adjusted,finding,status,"
        "comparison,family,family_size,correction,rule,"
    )
    assert ",".join(trends).startswith(
        "borough,indicator,category,ethnic_group,gender,age_band,first_period,last_period,periods,first_value,last_value,"
        "change,change_lower,change_upper,annual_change_percent,annual_lower,annual_upper,method,p_value,finding,status,"
        "family,family_size,correction,rule,p_adjusted,recent_trend"
    )
    assert ",".join(figures) == (
        "borough_code,borough,period_end,period_type,indicator,category,ethnic_group,gender,age_band,numerator,"
        "denominator,unit,source,release,status,value,lower,upper,unit_of_value"
    )


def test_a_second_run_says_what_it_skips_and_changes_no_byte(made_up_run):
    before = {path: path.read_bytes() for path in made_up_run.reports.rglob("*") if path.is_file()}
    again = run_again(made_up_run)
    assert again.returncode == 0, again.stderr
    assert "skipped: 3 boroughs (nothing changed since the last run)" in again.stdout
    assert {path: path.read_bytes() for path in made_up_run.reports.rglob("*") if path.is_file()} == before


def run_again(run, *more, returns=None):
    return briefings(
        "run", "--returns", returns or run.made_up / "returns", "--published", run.made_up / "published",
        "--processed", run.processed, "--reports", run.reports, *more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def forced_again(made_up_run, made_up_folder, tmp_path_factory):
    """A forced run over Bromley, whose edition is there already and up to date, and Redbridge, whose return is broken.

    Its reports and processed folders are a copy of what the run of all three boroughs left.
    """
    base = tmp_path_factory.mktemp("forced")
    for borough in ("bromley", "redbridge"):
        shutil.copytree(made_up_folder / "returns" / borough, base / "returns" / borough)
    broken = next((base / "returns" / "redbridge" / "2013-03-31").glob("*header.csv"))
    broken.write_text("CHILD,SEX,DOB,ETHNIC\nMADEUP0001,1\n", encoding="utf-8")
    shutil.copytree(made_up_run.processed, base / "processed")
    for borough in ("barking-and-dagenham", "bromley"):
        shutil.copytree(made_up_run.reports / borough, base / "reports" / borough)
    done = briefings_as_a_program(
        "run", "--force", "--returns", base / "returns", "--published", made_up_folder / "published",
        "--processed", base / "processed", "--reports", base / "reports",
    )  # fmt: skip
    return done, broken.name, base / "reports"


def test_pages_are_the_same_bytes_on_a_forced_run(made_up_run, forced_again):
    done, _, reports = forced_again
    told = {
        folder: json.loads((folder / "bromley/2022-06-30/run.json").read_text())
        for folder in (made_up_run.reports, reports)
    }
    assert len({told[folder]["key"] for folder in told}) == 1, "nothing had changed: without --force it is skipped"
    assert "written: 1 borough" in done.stdout
    assert "skipped" not in done.stdout
    names = FILES - {"run.json"}
    before, again = (
        {name: (folder / "bromley" / "2022-06-30" / name).read_bytes() for name in names}
        for folder in (made_up_run.reports, reports)
    )
    assert again == before
    assert told[reports]["seconds"] != told[made_up_run.reports]["seconds"], "it was made again, not left"


def test_the_overview_lists_what_earlier_runs_wrote(forced_again):
    _, _, reports = forced_again
    assert "Barking and Dagenham" in page_text(reports / "index.html")


def test_one_failure_never_stops_the_rest(forced_again):
    """A return that cannot be read fails its own borough; the other is written and the overview gives the reason."""
    done, broken, reports = forced_again
    assert done.returncode == 1
    assert "FAILED  Redbridge" in done.stderr
    assert f"1 of 1 rows cannot be used, the first of them {broken}, line 2" in done.stderr
    assert "MADEUP0001" not in done.stderr
    assert editions(reports) == {"barking-and-dagenham/2023-03-31", "bromley/2022-06-30"}, "nothing of Redbridge"
    overview = page_text(reports / "index.html")
    assert "Not produced" in overview
    assert "Redbridge" in overview


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--borough", "Bromly"], 2, "Did you mean Bromley"),
        (["--borough", "Bromley", "--as-at", "2019-03-31"], 1, "Choose one of: 2020-03-31, 2021-03-31"),
        (["--borough", "Bromley", "--as-at", "31/03/2021"], 2, "such as 2023-03-31"),
        (["--borough", "Camden"], 1, "There is no data for Camden"),
    ],
)
def test_what_cannot_be_run_is_one_clear_message(made_up_run, made_up_folder, tmp_path, arguments, code, sentence):
    done = briefings(
        "run", *arguments, "--returns", made_up_folder / "returns", "--published", made_up_folder / "published",
        "--processed", processed_with_published(made_up_run, tmp_path), "--reports", tmp_path / "r",
    )  # fmt: skip
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "r").glob("*/*"))


def test_empty_folders_are_one_clear_message(tmp_path):
    (tmp_path / "returns").mkdir()
    done = briefings(
        "run",
        "--returns",
        tmp_path / "returns",
        "--published",
        tmp_path / "none",
        "--processed",
        tmp_path / "p",
        "--reports",
        tmp_path / "r",
    )
    assert done.returncode == 2
    assert "There is no data" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_published_file_at_all_is_one_clear_message(made_up_folder, tmp_path):
    done = briefings(
        "run", "--borough", "Bromley", "--returns", made_up_folder / "returns", "--published", tmp_path / "none",
        "--processed", tmp_path / "p", "--reports", tmp_path / "r",
    )  # fmt: skip
    assert done.returncode == 2
    assert "ONS mid-year population estimates" in done.stderr


def test_a_missing_population_is_one_clear_message(made_up_folder, tmp_path):
    published = tmp_path / "made_up" / "published"
    shutil.copytree(made_up_folder / "published", published)
    for file in [*published.rglob("*mid-year*"), *published.rglob("*census*")]:
        file.unlink()
    latest = shutil.copytree(
        made_up_folder / "returns" / "bromley" / "2022-06-30", tmp_path / "returns" / "bromley" / "2022-06-30"
    )
    done = briefings(
        "run", "--borough", "Bromley", "--returns", latest.parents[1], "--published", published,
        "--processed", tmp_path / "p", "--reports", tmp_path / "r",
    )  # fmt: skip
    assert done.returncode == 1
    assert "ONS mid-year population estimates" in done.stderr


def as_if_real(folder, place):
    """Copy files under other names and identifiers, as if their children were real."""
    for file in folder.rglob("*.csv"):
        copy = place / file.relative_to(folder).with_name(file.name.removeprefix("made_up_"))
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text(encoding="utf-8").replace("MADEUP", "PERSON"), encoding="utf-8")
    return place


def test_real_and_made_up_children_never_share_a_folder(made_up_run, made_up_folder, tmp_path):
    reports = shutil.copytree(made_up_run.reports, tmp_path / "reports")
    done = briefings(
        "run", "--returns", as_if_real(made_up_folder / "returns" / "bromley", tmp_path / "returns" / "bromley").parent,
        "--published", as_if_real(made_up_folder / "published", tmp_path / "published"),
        "--processed", tmp_path / "p", "--reports", reports,
    )  # fmt: skip
    assert done.returncode == 1
    assert "holds a briefing of made-up children" in done.stderr


def test_the_audit_finds_nothing_in_what_was_written_and_something_in_what_leaks(made_up_run, tmp_path):
    clean = briefings("audit", made_up_run.reports)
    assert clean.returncode == 0, clean.stderr
    leaking = tmp_path / "reports"
    shutil.copytree(made_up_run.reports, leaking)
    page = leaking / "bromley" / "2022-06-30" / "briefing.html"
    page.write_text(page.read_text(encoding="utf-8") + "<p>MADEUP0A1B</p>", encoding="utf-8")
    found = briefings("audit", leaking)
    assert found.returncode == 1
    assert "MADEUP0A1B" not in found.stderr, "a message never repeats what leaked"


def test_check_reports_one_return_and_writes_nothing(made_up_folder):
    folder = made_up_folder / "returns" / "bromley" / "2021-03-31"
    before = sorted(path.name for path in folder.iterdir())
    done = briefings("check", folder, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {entry["table"] for entry in told} >= {"header", "episodes", "uasc", "oc2", "oc3", "reviews", "local_visits"}
    for entry in told:
        assert entry["rows_read"] == entry["rows_kept"] + entry["rows_set_aside"] + entry["rows_repeated"] > 0
    assert sorted(path.name for path in folder.iterdir()) == before
