"""Clean and check a return of 10,000 made-up children with the year before; csc-validator-be-903 on the same files.

Sample: csc-data-synthesizer's output in ../shared; without it there is nothing to time. Peak memory is the child
process's (os.wait4). `--no-peer` leaves the peer out: it takes two minutes and several GB.
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import helpers
from benchmarks.measuring import Measured, machine, markdown, run_measured, whole
from benchmarks.peer import NAME, VERSION, PeerRun, install, run_peer
from helpers.settings import slug

RUNS = 5
SAMPLE = Path(__file__).resolve().parents[2] / "shared/returns/samples/synthesizer/synth_10000.tar.gz"
RULES = Path(helpers.__file__).parent / "codelists" / "rules.csv"
LAST, THIS = 2022, 2023
BOROUGH = "Bromley"
"""Any: the sample is of no borough."""


class Ours(NamedTuple):
    """Medians of several runs. check: the command, start to end; stages: seconds of each in one process."""

    check: Measured
    fastest: float
    stages: dict[str, float]
    stages_peak_mb: float


def unpack(folder: Path) -> tuple[Path, Path]:
    """Lay the sample out as a council would: <borough>/<last day>/. returns: this year's and last year's folder"""
    with tarfile.open(SAMPLE) as packed:
        packed.extractall(folder, filter="data")
    borough = (folder / "synth_10000").rename(folder / slug(BOROUGH))
    this, last = ((borough / str(year)).rename(borough / f"{year}-03-31") for year in (THIS, LAST))
    return this, last


def rows_of(folder: Path) -> int:
    """Count the rows of a collection's CSV files, headers left out."""
    return sum(path.read_bytes().count(b"\n") - 1 for path in folder.glob("*.csv"))


def rule_codes() -> list[str]:
    """Give the codes of the rules that this project checks."""
    with RULES.open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def measure_ours(this_year: Path) -> Ours:
    """Run the command and the stages several times, each in a new process, after one run that is not counted."""
    python = [sys.executable, "-m"]
    checks, stages = (
        [run_measured([*python, *command]) for _ in range(1 + RUNS)][1:]
        for command in (
            ["helpers", "check", str(this_year), "--json"],
            ["benchmarks.stages", str(this_year.parents[1]), BOROUGH, "1"],
        )
    )
    if any(run.exit_code for run in [*checks, *stages]):
        raise SystemExit("The command failed: run it by hand on the sample.")
    spent = [json.loads(run.output) for run in stages]
    return Ours(
        Measured(*(_median(checks, name) for name in ("seconds", "cpu", "peak_mb")), 0, ""),
        min(run.seconds for run in checks),
        {name: statistics.median(one[name] for one in spent) for name in spent[0]},
        _median(stages, "peak_mb"),
    )


def _median(runs: Sequence[Measured], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


def table(rows: int, ours: Ours, peer: PeerRun | None) -> str:
    """Set the figures side by side."""
    check, own = ours.check, whole(len(set(rule_codes())))
    lines = [("`briefings check --json`", check.seconds, check.cpu, check.peak_mb, own)]
    if peer:
        told, name = peer.told, f"{NAME} {VERSION}"
        rules = f"{told['rules']}, {told['rules_crashed']} crashed"
        lines += [
            (f"{name}, no report", told["checked"], told["cpu_checked"], told["peak_mb_checked"], rules),
            (f"{name}, as its app runs it", peer.whole.seconds, peer.whole.cpu, peer.whole.peak_mb, rules),
        ]
    cells = [
        (
            name,
            f"{seconds:.1f}",
            f"{seconds / check.seconds:.0f}",
            f"{cpu:.1f}",
            whole(peak),
            whole(rows / seconds),
            many,
        )
        for name, seconds, cpu, peak, many in lines
    ]
    return markdown(("", "seconds", "times ours", "CPU seconds", "peak MB", "rows a second", "rules"), cells)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    print(f"Returns ({machine()})\n")
    if not SAMPLE.exists():
        print("Not timed: the sample of 10,000 made-up children (../shared) is not on this machine.")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        this_year, last_year = unpack(folder)
        here, before = rows_of(this_year), rows_of(last_year)
        print(f"{here:,} rows of this year with {before:,} of last year, median of {RUNS} runs; the peer runs once.\n")
        ours = measure_ours(this_year)
        refused = "it was left out" if "--no-peer" in arguments else install()
        peer = None if refused else run_peer(this_year, last_year, THIS, rule_codes(), folder)
    print(table(here + before, ours, peer))
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in ours.stages.items())
    print(f"\nOurs: fastest run {ours.fastest:.1f} s. CPU seconds by stage, both years: {stages} "
          f"({ours.stages_peak_mb:.0f} MB).")  # fmt: skip
    if peer:
        print(f"The peer's rules alone: {peer.told['in_shared_rules']:.1f} s in rules that are checked here too, "
              f"{peer.told['in_other_rules']:.1f} s in others.")  # fmt: skip
    else:
        print(f"{NAME} was not run: {refused or 'it crashed on these files'}.")


if __name__ == "__main__":
    main(sys.argv[1:])
