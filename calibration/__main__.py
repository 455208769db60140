"""`python -m calibration` runs every study, `python -m calibration power london` those named."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module

from calibration.page import PAGE, calibration_page, failed, read_studies
from calibration.results import as_table, write_results

CORES = 2
SLOW = ("combinations", "london", "power")
"""Studies whose parts take longest: started first, so that both cores end at about the same time."""


def run_part(study: str, number: int) -> tuple[list[dict], float]:
    """Run one part of a study; give its rows and the seconds it took."""
    started = time.perf_counter()
    return import_module(f"calibration.{study}").PARTS[number](), time.perf_counter() - started


def main(arguments: list[str]) -> int:
    """Run the studies named, or all; write the results and the page.

    returns: 0; 1 where a promise does not hold; 2 where there is no study of that name
    """
    order = list(read_studies().index)
    unknown = [name for name in arguments if name not in order]
    if unknown:
        print(f"There is no study called {unknown[0]!r}. The studies are {', '.join(order)}.", file=sys.stderr)
        return 2
    chosen = [name for name in order if name in arguments or not arguments]
    parts = {name: range(len(import_module(f"calibration.{name}").PARTS)) for name in chosen}
    tables = []
    with ProcessPoolExecutor(CORES) as workers:
        first = sorted(chosen, key=lambda name: name not in SLOW)
        jobs = {(name, number): workers.submit(run_part, name, number) for name in first for number in parts[name]}
        for name in chosen:
            done = [jobs[name, number].result() for number in parts[name]]
            tables.append(as_table(name, [row for rows, _ in done for row in rows]))
            print(f"{name}: {len(tables[-1])} figures, {sum(seconds for _, seconds in done):.0f} seconds of one core")
    results = write_results(tables, order)
    PAGE.write_text(calibration_page(results), encoding="utf-8")
    wrong = failed(results)
    for _, row in wrong.iterrows():
        print(f"Does not hold: {row['what']}, {row['setting']}: {row['measured']}, promised {row['promised']}")
    return 1 if len(wrong) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
