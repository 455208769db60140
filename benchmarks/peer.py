"""csc-validator-be-903, the nearest program to compare with: an environment of its own, made once, and a run in it.

It needs pandas below 2 and Python 3.11 or older, so it cannot stand in this project's environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import Measured, run_measured

NAME, VERSION = "csc-validator-be-903", "0.1.17"
INSTALL_SECONDS = 900
DRIVER = Path(__file__).with_name("peer_driver.py")


class PeerRun(NamedTuple):
    """One run. whole: the process from start to end; told: what the driver printed (see peer_driver)."""

    whole: Measured
    told: dict


def _environment() -> Path:
    """Where the environment lies: the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "corporate-parenting-briefings" / "benchmarks" / f"{NAME}-{VERSION}"


def _old_enough_python() -> str | None:
    if sys.version_info[:2] in ((3, 10), (3, 11)):
        return sys.executable
    return next(filter(None, map(shutil.which, ("python3.11", "python3.10"))), None)


def install() -> str:
    """Make the environment unless it is there. returns: blank, or why the peer cannot run here"""
    folder = _environment()
    if (folder / "ready").exists():
        return ""
    python = _old_enough_python()
    if python is None:
        return "it needs Python 3.10 or 3.11, which is not on this machine"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    wanted = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Without this process's own settings of Python, so that it is compiled where it lies, as pip does by default.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        for command in ([python, "-m", "venv", str(folder)], [*wanted, f"{NAME}=={VERSION}"]):
            subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_SECONDS, env=plain)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        shutil.rmtree(folder, ignore_errors=True)
        return "it could not be installed; it is fetched from PyPI, so this needs the internet"
    (folder / "ready").touch()
    return ""


def run_peer(this_year: Path, last_year: Path, year: int, rules_shared: list[str], folder: Path) -> PeerRun | None:
    """Run it once over the CSV files of two years. returns: None where it crashed"""
    python = str(_environment() / "bin" / "python")
    shared = ",".join(rules_shared)
    # -I: the peer's own environment and nothing of this process's.
    whole = run_measured([python, "-I", str(DRIVER), str(this_year), str(last_year), str(year), shared], folder=folder)
    return PeerRun(whole, json.loads(whole.output)) if whole.exit_code == 0 else None
