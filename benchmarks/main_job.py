"""Time the parts of the main job on this machine: median of several runs each, with peak memory."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import machine, markdown, own_peak_mb
from helpers.clean import clean_returns
from helpers.codes import find_borough
from helpers.counts import release_counts
from helpers.indicators import Tables, count_returns
from helpers.made_up import write_made_up
from helpers.read.published import read_published
from helpers.read.returns import read_collections

RUNS = 3
SHARED = Path(__file__).resolve().parents[2] / "shared" / "published"


class Times:
    """The median seconds of each part, in the order they ran."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def of(self, name: str, work: Callable[[], object]) -> object:
        """Run a piece of work several times and keep the median of its seconds. returns: its last result."""
        seconds, result = [], None
        for _ in range(RUNS):
            began = time.perf_counter()
            result = work()
            seconds.append(time.perf_counter() - began)
        self.lines.append((name, f"{statistics.median(seconds):.2f}"))
        return result


def main() -> None:
    """Print one line per part."""
    times = Times()
    place = find_borough("Barking and Dagenham")
    with tempfile.TemporaryDirectory() as folder:
        times.of("make up the returns of three boroughs", lambda: write_made_up(Path(folder)))
        files = times.of("read five collections", lambda: read_collections(Path(folder) / "returns", place["label"]))
    cleaned = times.of("clean and link them", lambda: clean_returns(files, borough_code=place["code"], secret=b"bench"))
    days = sorted({file.period for file in files})
    tables = Tables(cleaned.children, cleaned.episodes, cleaned.outcomes, cleaned.care_leavers, cleaned.others)
    counts = times.of(
        "count every indicator for five years",
        lambda: count_returns(tables, borough_code=place["code"], borough=place["label"], periods=days),
    )
    times.of("hide small numbers", lambda: release_counts(counts, profile="la-1-5"))
    if SHARED.is_dir():
        times.of("read DfE's and ONS's files of London, 2011 to 2025", lambda: read_published(SHARED))
    print(f"Main job ({machine()}); median of {RUNS} runs; {sum(len(file.rows) for file in files):,} rows of returns\n")
    print(markdown(("part", "seconds"), times.lines))
    absent = "" if SHARED.is_dir() else " The published files are not on this machine and were not read."
    print(f"\nPeak memory {own_peak_mb():.0f} MB.{absent}")


if __name__ == "__main__":
    main()
