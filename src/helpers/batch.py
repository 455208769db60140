"""Many boroughs: find them, run each in a worker, keep going when one fails, and say what became of every one."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from helpers.audit import Audit, audit_reports
from helpers.briefing import (
    Outcome,
    build_briefing,
    checksums,
    code_checksums,
    input_checksum,
    run_notebook,
)
from helpers.codes import boroughs, find_borough, find_ethnic_group
from helpers.disclosure import find_profile
from helpers.errors import BriefingError, NoDataError
from helpers.looking import refuse_to_mix_with_releases
from helpers.overview import publish_overview
from helpers.private_files import open_private
from helpers.processed import load_or_none, narrow_processed
from helpers.read.commentary import is_own_words, own_words_files
from helpers.read.returns import borough_folder, find_collections, tells_of_made_up_children
from helpers.schemas import Counts
from helpers.settings import Settings, make_settings, slug, to_date

KEY_FILE = "key.txt"


@dataclass(frozen=True)
class Job:
    """One borough's briefing to make: its settings, its inputs' checksums and the key of all it depends on."""

    settings: Settings
    inputs: dict[str, str]
    key: str
    made_up: bool
    force: bool


@dataclass(frozen=True)
class Choice:
    """What the command line chose. `names` empty means every borough that has data."""

    names: Sequence[str]
    as_at: str | None
    folders: dict[str, Path]
    disclosure: str
    workers: int
    force: bool
    reference: str = "White British"


def run_all(choice: Choice, *, told: Callable[[str], None], done: Callable[[Outcome, int, int], None]) -> list[Outcome]:
    """Run every borough chosen and publish the overview.

    told: called with a line for the log; done: called with each outcome, how many are finished and of how many
    returns: one outcome per borough, in order of name; failures are outcomes, never exceptions
    raises: BriefingError when the choice itself cannot be run: no data at all, a borough that does not exist
    """
    choices = {"disclosure": choice.disclosure, "reference": find_ethnic_group(choice.reference)}
    template = make_settings(borough="", as_at="2000-01-01", **choices, **choice.folders)
    wanted = [find_borough(name)["label"] for name in choice.names]
    refuse_to_mix_with_releases(template)
    if narrowed := narrow_processed(template.processed):
        told(f"{_shown(template.processed)}: {narrowed} files and folders could be read by others; now by you alone")
    collections = _collections(template.returns)
    published_inputs = _read_published(template, force=choice.force, told=told)
    periods = _periods(collections, template)
    jobs, outcomes = _plan(wanted, choice, template, periods, collections, published_inputs)
    outcomes += _run_jobs(jobs, choice.workers, done, len(jobs) + len(outcomes))
    outcomes.sort(key=lambda one: one.borough)
    received = [*_files_of(collections), *_csv_files(template.published)]
    publish_overview(template, outcomes, made_up=tells_of_made_up_children(received))
    return outcomes


def audit_written(outcomes: list[Outcome], reports: Path, *, disclosure: str) -> Audit | None:
    """Look through the whole reports folder as an outsider would; None where nothing was written, or may not leave."""
    if not find_profile(disclosure).may_leave or not any(one.state == "written" for one in outcomes):
        return None
    return audit_reports(reports)


def _collections(folder: Path) -> pd.DataFrame:
    if folder.is_dir():
        return find_collections(folder)
    return pd.DataFrame(columns=["borough_code", "borough", "period", "path"])


def _read_published(settings: Settings, *, force: bool, told: Callable[[str], None]) -> dict[str, str]:
    """Run notebook 11 once for all areas, unless the same files were read by the same code before."""
    folder = settings.published
    files = _csv_files(folder)
    if not files:
        return {}
    inputs = checksums(files, within=folder)
    key = input_checksum({**inputs, **code_checksums()})
    marker = settings.published_folder / KEY_FILE
    if marker.exists() and marker.read_text() == key and not force:
        told("published tables: nothing changed, not read again")
        return inputs
    told(f"published tables: reading {len(files)} files")
    parameters = {"published": str(folder), "processed": str(settings.processed)}
    run_notebook("11_read_published", settings.processed / "runs" / "11_read_published.ipynb", parameters)
    with open_private(marker) as file:
        file.write(key)
    return inputs


def _csv_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".csv") if folder.is_dir() else []


def _periods(collections: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """List the days each borough has data for: borough, period, door (returns or published)."""
    own = collections[["borough", "period"]].assign(door="returns")
    counts = load_or_none(Counts, settings.published_folder / "counts.parquet")
    if counts is None:
        return own
    known = counts[counts["borough"].isin(boroughs()["label"]) & counts["indicator"].eq("cla_total")]
    days = known[["borough"]].assign(period=known["period_end"].dt.date, door="published").drop_duplicates()
    # A borough with returns of its own is told from them; the published tables then give its comparators.
    return pd.concat([own, days[~days["borough"].isin(own["borough"])]], ignore_index=True)


def _plan(
    wanted: list[str],
    choice: Choice,
    template: Settings,
    periods: pd.DataFrame,
    collections: pd.DataFrame,
    published_inputs: dict[str, str],
) -> tuple[list[Job], list[Outcome]]:
    if periods.empty:
        raise NoDataError(
            f"There is no data: {_shown(template.returns)} holds no borough's folder and "
            f"{_shown(template.published)} no published table. Put returns in the first as <borough>/<date>/, or "
            f"DfE's files in the second; or try "
            f"`briefings run --made-up` after `briefings made-up data/raw/made_up`."
        )
    if not published_inputs:
        raise NoDataError(
            f"{_shown(template.published)} holds no CSV file. Put the ONS mid-year population estimates there, as "
            f"downloaded, and DfE's tables for London and England: without them there is no rate."
        )
    names = wanted or sorted(periods["borough"].unique())
    made_by = code_checksums()
    jobs, failed = [], []
    for name in names:
        days = sorted(periods.loc[periods["borough"] == name, "period"])
        as_at = to_date(choice.as_at) if choice.as_at else (days[-1] if days else None)
        if as_at not in days:
            failed.append(
                Outcome(name, str(as_at or ""), "failed", template.reports / slug(name), _no_data(name, as_at, days))
            )
            continue
        settings = replace(template, borough=name, as_at=as_at)
        own_words = own_words_files(borough_folder(settings.returns, name), as_at).values()
        files = [*_files_of(collections[collections["borough"] == name]), *own_words]
        inputs = {**checksums(files, within=template.returns), **published_inputs}
        chosen = {"as_at": as_at.isoformat(), "disclosure": choice.disclosure, "reference": settings.reference}
        facts = {**inputs, **made_by, **chosen}
        made_up = tells_of_made_up_children([*files, *_csv_files(template.published)])
        jobs.append(Job(settings, inputs, input_checksum(facts), made_up, choice.force))
    return jobs, failed


def _files_of(collections: pd.DataFrame) -> list[Path]:
    found = [file for folder in collections["path"] for file in folder.iterdir()]
    return sorted(file for file in found if file.is_file() and not file.name.startswith(".") and not is_own_words(file))


def _shown(folder: Path) -> str:
    """Name a folder by its last two parts: a message never shows where it lies on a machine."""
    return "/".join(folder.parts[-2:])


def _no_data(name: str, as_at: object, days: list) -> str:
    if not days:
        return f"There is no data for {name}. Put its returns in data/raw/returns/{slug(name)}/<date>/."
    there = ", ".join(day.isoformat() for day in days)
    return f"There is no data for {name} at {as_at}. Choose one of: {there}."


def _run_jobs(jobs: list[Job], workers: int, done: Callable[[Outcome, int, int], None], total: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    finished = total - len(jobs)
    if not jobs:
        return outcomes
    # Spawned, not forked: the parent holds threads, and Windows can do nothing else.
    with ProcessPoolExecutor(
        max_workers=min(workers, len(jobs)), mp_context=multiprocessing.get_context("spawn")
    ) as pool:
        futures = {pool.submit(run_job, job): job for job in jobs}
        for future in as_completed(futures):
            outcome = _outcome_of(future, futures[future])
            outcomes.append(outcome)
            finished += 1
            done(outcome, finished, total)
    return outcomes


def run_job(job: Job) -> Outcome:
    """Make one borough's briefing in a worker; what goes wrong in words becomes a failed outcome."""
    try:
        return build_briefing(job.settings, inputs=job.inputs, key=job.key, made_up=job.made_up, force=job.force)
    except BriefingError as error:
        return _failed(job, str(error))


def _outcome_of(future: Future[Outcome], job: Job) -> Outcome:
    """Take a worker's outcome; whatever else ends a worker is told too, and never stops the other boroughs."""
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        return _failed(
            job, "The worker was ended from outside (memory, or a stop). Run again; finished boroughs are skipped."
        )
    return _failed(job, f"An error nobody foresaw: {type(error).__name__}: {error}")


def _failed(job: Job, reason: str) -> Outcome:
    return Outcome(job.settings.borough, job.settings.as_at.isoformat(), "failed", job.settings.report_folder, reason)
