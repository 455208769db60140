"""Read, type, link and check one borough's collections, with the seconds of each stage.

Run as: python -m benchmarks.stages RETURNS BOROUGH CHECKED, which prints the CPU seconds as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import own_peak_mb
from helpers.clean import link_collections, type_collection
from helpers.codes import find_borough
from helpers.read.returns import read_collections
from helpers.rules import check_rules

STAGES = ("read", "type", "link", "rules")
SECRET = b"bench"


class Done(NamedTuple):
    """One borough. seconds and cpu: of each of STAGES; rows: read, of all tables; peak_mb: of this process so far."""

    seconds: dict[str, float]
    cpu: dict[str, float]
    rows: int
    rows_broken: int
    peak_mb: float


def run_stages(returns: Path, borough: str, checked: int) -> Done:
    """Do all that is done with a borough's returns before anything is counted.

    checked: rules are checked over this many collections, the latest ones, each with the year before
    """
    code = find_borough(borough)["code"]
    clock = [_now()]
    files = read_collections(returns, borough)
    clock.append(_now())
    collections = [type_collection(list(one)) for _, one in groupby(files, key=lambda file: file.period)]
    clock.append(_now())
    link_collections(collections, borough_code=code, secret=SECRET)
    clock.append(_now())
    pairs = list(zip([None, *collections[:-1]], collections, strict=True))[-checked:]
    broken = sum(len(check_rules(now, before, borough_code=code).rows) for before, now in pairs)
    clock.append(_now())
    seconds, cpu = (
        {stage: after[kind] - before[kind] for stage, before, after in zip(STAGES, clock[:-1], clock[1:], strict=True)}
        for kind in (0, 1)
    )
    return Done(seconds, cpu, sum(len(file.rows) for file in files), broken, own_peak_mb())


def _now() -> tuple[float, float]:
    """Give the clock on the wall and the processor's seconds on this process."""
    return time.perf_counter(), time.process_time()


if __name__ == "__main__":
    print(json.dumps(run_stages(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])).cpu))
