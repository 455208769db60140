"""What tests share: where the material for tests lies, and how a missing part is told."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from helpers.made_up import write_made_up

ROOT = Path(__file__).resolve().parents[1]


def _missing(what: str, switch: str) -> None:
    """Skip with the reason on a user's machine; fail where the switch says that the part must be there."""
    if os.environ.get(switch) == "1":
        pytest.fail(f"{what} is missing, and {switch}=1 says that it must be here")
    pytest.skip(f"{what} is not on this machine")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published files, samples and worked examples beside the project."""
    folder = ROOT.parent / "shared"
    if not (folder / "published").is_dir():
        _missing("the folder ../shared with the published files", "REQUIRE_SHARED")
    return folder


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
