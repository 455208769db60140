"""A made-up London: 33 boroughs of ten years, about 1 million episode rows, cleaned, linked and checked in parallel.

Then one borough of ten years that grows to eight times an ordinary borough, which tells how time grows with rows: in an
ordinary one the cost of a collection, whatever its size, would hide it. The returns are written to a temporary folder
first (some 150 MB), which is not counted; starting the workers is. `--small` is a tenth of it, to see that it works.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from benchmarks.lives import YEARS
from benchmarks.london_returns import write_borough
from benchmarks.measuring import exponent, machine, markdown, whole
from benchmarks.stages import STAGES, Done, run_stages
from helpers.codes import boroughs
from helpers.settings import slug

EPISODE_ROWS = 1_000_000
YEARS_CHECKED = 2
"""The rules are checked over the latest collection and the one before it, as notebook 10 does."""
GROWING = (30_000, 60_000, 120_000, 240_000)
"""Episode rows of one borough; the first is an ordinary borough of this London."""
SMALL = 10
SEED = 903


class London(NamedTuple):
    """All boroughs. seconds: wall clock from starting the workers to the last borough's end."""

    episode_rows: int
    seconds: float
    boroughs: list[Done]


def in_parallel(work: Callable, *arguments: Iterable, workers: int | None = None) -> list:
    """Do the work for each borough on as many processes as there are cores, each new and empty."""
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, *arguments))


def measure_london(episode_rows: int) -> London:
    """Write a London of about so many episode rows; read, type, link and check every borough; take it away."""
    names = boroughs()["label"].tolist()
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / slug(borough) for borough in names]
        many = [episode_rows // len(names)] * len(names)
        written = in_parallel(write_borough, folders, many, range(SEED, SEED + len(names)))
        began = time.perf_counter()
        done = in_parallel(run_stages, [Path(name)] * len(names), names, [YEARS_CHECKED] * len(names))
        seconds = time.perf_counter() - began
    return London(sum(one["episodes"] for one in written), seconds, done)


def measure_growth(sizes: Sequence[int]) -> list[Done]:
    """Do the same for one borough of each size, one after the other in one process; the first is done once before."""
    name = boroughs()["label"].iloc[0]
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(size) for size in sizes]
        in_parallel(write_borough, [home / slug(name) for home in homes], sizes, [SEED] * len(sizes))
        order = [homes[0], *homes]
        done = in_parallel(run_stages, order, [name] * len(order), [YEARS_CHECKED] * len(order), workers=1)
    return done[1:]


def london_lines(london: London) -> str:
    """Set out the figures of London."""
    done = london.boroughs
    rows, cpu = sum(one.rows for one in done), {stage: sum(one.cpu[stage] for one in done) for stage in STAGES}
    line = (whole(london.episode_rows), whole(rows), f"{london.seconds:.1f}", f"{sum(cpu.values()):.1f}",
            whole(rows / london.seconds), whole(max(one.peak_mb for one in done)))  # fmt: skip
    spent = ", ".join(f"{stage} {seconds:.0f}" for stage, seconds in cpu.items())
    heads = ("episode rows", "all rows", "seconds", "CPU seconds", "rows a second", "peak MB of a worker")
    return (
        f"{markdown(heads, [line])}\n\nCPU seconds by stage, all workers together: {spent}; "
        f"{whole(sum(one.rows_broken for one in done))} rows broke a rule."
    )


def growth_lines(sizes: Sequence[Done]) -> str:
    """Set out one borough at every size, the exponent by least squares on logarithms, and a straight line."""
    rows, seconds = [one.rows for one in sizes], [sum(one.seconds.values()) for one in sizes]
    lines = [
        (whole(one.rows), f"{spent:.1f}", whole(one.rows / spent), whole(one.peak_mb))
        for one, spent in zip(sizes, seconds, strict=True)
    ]
    line = statistics.linear_regression(rows, seconds)
    return (
        f"{markdown(('rows of one borough', 'seconds', 'rows a second', 'peak MB'), lines)}\n\n"
        f"Seconds grow as rows to the power {exponent(rows, seconds):.2f} (1 is linear); "
        f"{exponent(rows[-2:], seconds[-2:]):.2f} over the last doubling.\n"
        f"As a straight line: {line.intercept:.1f} s for {len(YEARS)} collections of any size, "
        f"and {line.slope * 1e6:.1f} s more for each million rows."
    )


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    share = SMALL if "--small" in arguments else 1
    london = measure_london(EPISODE_ROWS // share)
    print(
        f"A made-up London ({machine()}); {len(london.boroughs)} boroughs of {len(YEARS)} years, "
        f"rules over the latest {YEARS_CHECKED}\n"
    )
    print(london_lines(london))
    print(f"\n{growth_lines(measure_growth([size // share for size in GROWING]))}")


if __name__ == "__main__":
    main(sys.argv[1:])
