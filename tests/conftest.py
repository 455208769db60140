"""What tests share: where the material for tests lies, and how a missing part is told."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
from playwright.sync_api import sync_playwright

from helpers import __main__ as command
from helpers.made_up import write_made_up
from helpers.read.published import Published, read_published

ROOT = Path(__file__).resolve().parents[1]


def _missing(what: str, switch: str) -> None:
    """Skip with the reason on a user's machine; fail where the switch says that the part must be there."""
    if os.environ.get(switch) == "1":
        pytest.fail(f"{what} is missing, and {switch}=1 says that it must be here")
    pytest.skip(f"{what} is not on this machine")


GROUPS = {
    "london": "london",
    "made_up_run": "made-up",
    "made_up_folder": "made-up",
    "real_published": "published",
    "watched": "watched",
}
"""Fixtures that run whole batches, or make what many read: the tests that share one stay in one process, so that it is
made once. pytest-xdist hands out the largest group first, so no long group is left for the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests of a shared run, before pytest-xdist reads the groups."""
    for item in items:
        groups = [group for fixture, group in GROUPS.items() if fixture in getattr(item, "fixturenames", ())]
        if groups:
            item.add_marker(pytest.mark.xdist_group(groups[0]))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published files, samples and worked examples beside the project."""
    folder = ROOT.parent / "shared"
    if not (folder / "published").is_dir():
        _missing("the folder ../shared with the published files", "REQUIRE_SHARED")
    return folder


@pytest.fixture(scope="session")
def real_published(shared) -> Published:
    """Every real published file of DfE and ONS, read once."""
    return read_published(shared / "published")


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """A real Chromium without a window. Skips where there is none, and fails under REQUIRE_BROWSER=1."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        _missing("Chromium", "REQUIRE_BROWSER")
    with sync_playwright() as run:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = run.chromium.launch(executable_path=found, args=arguments)
        yield chromium
        chromium.close()


class Run(NamedTuple):
    """Folders of a run over the three made-up boroughs, and what the command printed."""

    made_up: Path
    processed: Path
    reports: Path
    done: subprocess.CompletedProcess


@pytest.fixture(scope="session")
def made_up_folder(tmp_path_factory) -> Path:
    """The made-up returns and publications of the three boroughs."""
    folder = tmp_path_factory.mktemp("data") / "made_up"
    write_made_up(folder)
    return folder


def briefings_as_a_program(*arguments) -> subprocess.CompletedProcess:
    """Start the command as a user would, from the project's root, with workers of its own: seconds of imports each."""
    return subprocess.run(
        [sys.executable, "-m", "helpers", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def briefings(*arguments) -> subprocess.CompletedProcess:
    """Give the command's own door these arguments in this process: the same parsing, messages, files and exit code.

    Boroughs are run one after another here, not in spawned workers; their notebooks run in kernels of their own all the
    same. What is about processes takes `briefings_as_a_program`. An error that would be a traceback fails the test.
    """
    line = ["briefings", *map(str, arguments)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(ROOT),
        mock.patch.object(sys, "argv", line),
        mock.patch("helpers.batch.ProcessPoolExecutor", _InThisProcess),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            command.main()
        except SystemExit as ended:
            code = ended.code or 0
    return subprocess.CompletedProcess(line, code, out.getvalue(), err.getvalue())


class _InThisProcess(Executor):
    """Takes the place of a pool of workers: a job is done when it is handed over."""

    def __init__(self, **_: object) -> None:
        pass

    def submit(self, job: Callable, *arguments: object) -> Future:
        done: Future = Future()
        done.set_result(job(*arguments))
        return done


@pytest.fixture(scope="session")
def made_up_run(made_up_folder, tmp_path_factory) -> Run:
    """One run of the whole batch over the made-up boroughs, shared by every test that looks at its results."""
    base = tmp_path_factory.mktemp("run")
    processed, reports = base / "processed", base / "reports"
    done = briefings_as_a_program(
        "run", "--returns", made_up_folder / "returns", "--published", made_up_folder / "published",
        "--processed", processed, "--reports", reports,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Run(made_up_folder, processed, reports, done)
