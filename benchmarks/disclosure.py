"""How few further cells protect a release, and how quickly: three drawn cases of linked tables, and a whole release.

Each case beside the "next smallest" rule of published tables (how many numbers it leaves to be worked out) and beside
the optimum: the cheapest protection there is, or the cost that none can be below where that was not proved in time.
Goals: at most 1.5 times the cost of the optimum, in at most 6.5, 25 and 69 seconds of two cores. `--small` leaves out
all but the first case. Seconds are those of the wall and of the processor: the second grow little with other work on
the machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.measuring import machine, markdown
from helpers.disclosure import attack
from helpers.disclosure.suppress import Protected, protect
from tests.disclosure_cases import Case, draw_case, draw_release, next_smallest

GOALS = {"small": 6.5, "report": 25.0, "threeway": 69.0}
"""Seconds: what the trial of the specification took."""
GOAL_RELEASE = 4.0
RATIO = 1.5
MUCH = 600.0


class Row(NamedTuple):
    """One case: what was hidden by each way, and in what time."""

    case: str
    cells: int
    equations: int
    withheld: int
    leaks_of_next_smallest: int
    hidden_more: int
    cost: float
    seconds: float
    processor: float
    goal: float
    least: float
    is_optimal: bool
    uniform_more: int
    uniform_seconds: float


def measure(case: Case, goal: float) -> Row:
    """Protect a case in its goal's time, and with and without the rule that hides which cells are secondaries."""
    system = case.system
    leaks = attack.unsafe(system, next_smallest(case)) if case.name in GOALS else np.zeros(1)
    began = time.process_time()
    ours = protect(system, seconds=goal, uniform=False)
    processor = time.process_time() - began
    uniform = protect(system, seconds=goal)
    assert not attack.unsafe(system, ours.hidden).any() and not attack.unsafe(system, uniform.hidden).any()
    best = _optimum(case, ours)
    return Row(
        case.name, system.size, system.matrix.shape[0], int(system.withheld.sum()), int(leaks.sum()),
        int(ours.secondary.sum()), ours.cost, ours.seconds, processor, goal, best.least, best.is_optimal,
        int(uniform.secondary.sum()), uniform.seconds,
    )  # fmt: skip


def _optimum(case: Case, ours: Protected) -> Protected:
    """Look for the optimum without regard to time, where that is possible at all."""
    return ours if ours.is_optimal or case.name not in GOALS else protect(case.system, seconds=MUCH, uniform=False)


def as_cells(row: Row) -> list[str]:
    known = row.least > 0
    return [
        row.case, f"{row.cells:,} / {row.equations:,}", str(row.withheld),
        str(row.leaks_of_next_smallest) if row.case in GOALS else "", f"+{row.hidden_more}", f"{row.cost:.1f}",
        f"{row.seconds:.1f} ({row.processor:.1f})", f"{row.goal:g}",
        (f"{row.least:.1f}" if row.is_optimal else f"at least {row.least:.1f}") if known else "not looked for",
        f"{row.cost / row.least:.2f}" if known else "", f"+{row.uniform_more} in {row.uniform_seconds:.1f}",
    ]  # fmt: skip


HEADINGS = (
    "case", "statistics / equations", "withheld", "leaks of next smallest", "hidden more", "cost",
    "seconds (processor)", "goal", "cost of the optimum", "ratio", "hidden more, all alike",
)  # fmt: skip


def kept(row: Row) -> bool:
    """Tell whether a case kept its goals."""
    is_cheap = row.least == 0 or row.cost <= RATIO * row.least + 1e-6
    return is_cheap and row.processor <= row.goal


def main(arguments: Sequence[str]) -> int:
    """Print a row per case; 0 where every goal was kept, 1 where one was not."""
    names = list(GOALS)[:1] if "--small" in arguments else list(GOALS)
    rows = [measure(draw_case(name, seed), GOALS[name]) for name in names for seed in (1, 2, 3)]
    if "--small" not in arguments:
        rows.append(measure(draw_release(), GOAL_RELEASE))
    print(f"## Disclosure: secondary suppression\n\n{machine()}\n")
    print(markdown(HEADINGS, [as_cells(row) for row in rows]))
    missed = [row.case for row in rows if not kept(row)]
    print(f"\nGoals missed: {', '.join(missed)}" if missed else "\nEvery goal was kept.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
