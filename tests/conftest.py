"""What tests share: where the material for tests lies, and how a missing part is told."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import sync_playwright

from helpers.made_up import write_made_up

ROOT = Path(__file__).resolve().parents[1]


def _missing(what: str, switch: str) -> None:
    """Skip with the reason on a user's machine; fail where the switch says that the part must be there."""
    if os.environ.get(switch) == "1":
        pytest.fail(f"{what} is missing, and {switch}=1 says that it must be here")
    pytest.skip(f"{what} is not on this machine")


SHARED_RUNS = ("made_up_run", "london")
"""Fixtures that run whole batches: the tests that share one stay in one process, so that it is run once."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests of a shared run, before pytest-xdist reads the groups."""
    for item in items:
        names = [name for name in SHARED_RUNS if name in getattr(item, "fixturenames", ())]
        if names:
            item.add_marker(pytest.mark.xdist_group(names[0]))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published files, samples and worked examples beside the project."""
    folder = ROOT.parent / "shared"
    if not (folder / "published").is_dir():
        _missing("the folder ../shared with the published files", "REQUIRE_SHARED")
    return folder


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


def briefings(*arguments) -> subprocess.CompletedProcess:
    """Run the command as a user would, from the project's root."""
    return subprocess.run(
        [sys.executable, "-m", "helpers", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def made_up_run(made_up_folder, tmp_path_factory) -> Run:
    """One run of the whole batch over the made-up boroughs, shared by every test that looks at its results."""
    base = tmp_path_factory.mktemp("run")
    processed, reports = base / "processed", base / "reports"
    done = briefings(
        "run", "--returns", made_up_folder / "returns", "--published", made_up_folder / "published",
        "--processed", processed, "--reports", reports,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Run(made_up_folder, processed, reports, done)
