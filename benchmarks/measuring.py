"""Seconds and peak memory of a process, how time grows with rows, and figures as a Markdown table.

Imports nothing heavy: Linux counts the memory of the process that starts another towards the other's peak.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import platform
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PEAK_PER_MB = 1024 if platform.system() == "Linux" else 1024 * 1024
"""The kernel counts in kilobytes on Linux and in bytes on a Mac."""


class Measured(NamedTuple):
    """One run of a command, from the start of its process to its end.

    seconds: by the clock on the wall; cpu: seconds the processor worked on it, which other work on the machine does
    not lengthen much; peak_mb: the most memory it had (RSS)
    """

    seconds: float
    cpu: float
    peak_mb: float
    exit_code: int
    output: str


def machine() -> str:
    """Say what the figures were measured on."""
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{dt.date.today().isoformat()}"
    )


def after_first_run(compiled: str) -> dict[str, str]:
    """Give an environment in which Python keeps what it compiles, as it does by default, in a folder of our own.

    The first run of a command also compiles what it imports, which takes some two seconds. A run before the ones that
    count takes that off, whatever this machine's settings are.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": compiled}


def run_measured(command: Sequence[str], *, folder: Path | None = None) -> Measured:
    """Run a command to its end and take its peak memory from the kernel (os.wait4).

    folder: where it runs; what it prints to stderr is thrown away
    """
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return Measured(
            seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / PEAK_PER_MB, process.returncode, output.read()
        )


def exponent(rows: Sequence[float], seconds: Sequence[float]) -> float:
    """Give b of seconds = a * rows ** b by least squares on logarithms: 1 is linear, 2 quadratic."""
    x, y = [math.log(one) for one in rows], [math.log(one) for one in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((one - mean_x) ** 2 for one in x)
    return sum((one - mean_x) * (other - mean_y) for one, other in zip(x, y, strict=True)) / spread


def markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Set out a table: the first column to the left, numbers to the right."""
    widths = [max(len(line[place]) for line in [heads, *lines]) for place in range(len(heads))]

    def row(cells: Sequence[str]) -> str:
        first, *rest = (cell.ljust(width) if not place else cell.rjust(width)
                        for place, (cell, width) in enumerate(zip(cells, widths, strict=True)))  # fmt: skip
        return f"| {' | '.join([first, *rest])} |"

    rule = "|" + "|".join("-" * (width + 1) + (":" if place else "-") for place, width in enumerate(widths)) + "|"
    return "\n".join([row(heads), rule, *map(row, lines)])


def own_peak_mb() -> float:
    """Give the most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_PER_MB


def whole(number: float) -> str:
    """Write a whole number with commas."""
    return f"{number:,.0f}"
