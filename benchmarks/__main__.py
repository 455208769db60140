"""Time the parts of the main job on this machine: median of several runs each, with cores and peak memory."""

from __future__ import annotations

import datetime as dt
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from helpers.clean import clean_returns
from helpers.codes import find_borough
from helpers.counts import release_counts
from helpers.indicators import count_returns
from helpers.made_up import write_made_up
from helpers.read.published import read_published
from helpers.read.returns import read_collections

RUNS = 3
SHARED = Path(__file__).resolve().parents[2] / "shared" / "published"


def timed(name: str, work: Callable[[], object]) -> object:
    """Run a piece of work several times, print the median of its seconds, and give its last result."""
    seconds, result = [], None
    for _ in range(RUNS):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    print(f"{name:<58} {statistics.median(seconds):7.2f} s")
    return result


def main() -> None:
    """Print one line per part."""
    print(f"{os.cpu_count()} cores, median of {RUNS} runs")
    place = find_borough("Barking and Dagenham")
    with tempfile.TemporaryDirectory() as folder:
        timed("make up the returns of three boroughs", lambda: write_made_up(Path(folder)))
        files = timed(
            "read five collections (12,000 rows)", lambda: read_collections(Path(folder) / "returns", place["label"])
        )
    cleaned = timed("clean and link them", lambda: clean_returns(files, borough_code=place["code"], secret=b"bench"))
    days = sorted({file.period for file in files})
    tables = {name: getattr(cleaned, name) for name in ("children", "episodes", "outcomes", "care_leavers")}
    counts = timed(
        "count every indicator for five years",
        lambda: count_returns(**tables, borough_code=place["code"], borough=place["label"], periods=days),
    )
    timed("hide small numbers", lambda: release_counts(counts, profile="la-1-5"))
    if SHARED.is_dir():
        timed("read DfE's and ONS's files of London, 2011 to 2025", lambda: read_published(SHARED))
    else:
        print("read DfE's and ONS's files: not timed, they are not on this machine")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB, {dt.date.today().isoformat()}")


if __name__ == "__main__":
    main()
