"""`make bench` times every part; `make bench PART=returns` one. Each part is a process of its own.

A part starts small, so that the peak memory of what it starts is that of the work and not of the part before.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

from benchmarks.measuring import after_first_run

PARTS = ("main_job", "returns", "london", "statistics", "disclosure")


def main(arguments: list[str]) -> int:
    """Run the parts named, or all of them. Options, such as --no-peer, go to every part.

    returns: 0; 2 where there is no part of that name; else the exit code of the part that failed
    """
    chosen = [name for name in arguments if not name.startswith("-")]
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        print(f"There is no part called {unknown[0]!r}. The parts are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    options = [option for option in arguments if option.startswith("-")]
    with tempfile.TemporaryDirectory() as compiled:
        for name in chosen or PARTS:
            command = [sys.executable, "-m", f"benchmarks.{name}", *options]
            done = subprocess.run(command, env=after_first_run(compiled), check=False)
            if done.returncode:
                return done.returncode
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
