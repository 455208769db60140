"""What a run tells while it runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

if TYPE_CHECKING:
    from helpers.briefing import Outcome


class Progress:
    """Boroughs done, failed and time left. Use as a context."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._failed = 0
        self._bar: RichProgress | None = None
        self._task = None

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._bar = RichProgress(
                TextColumn("boroughs"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[failed]} failed"),
                TextColumn("time left"),
                TimeRemainingColumn(),
                console=self._console,
            )
            self._bar.start()
            self._task = self._bar.add_task("boroughs", total=None, failed=0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def told(self, line: str) -> None:
        """Print a line of what the run is doing."""
        if self._bar:
            self._bar.console.print(line)
        else:
            print(line, file=sys.stderr, flush=True)

    def done(self, outcome: Outcome, finished: int, total: int) -> None:
        """Tell that a borough is done: written, skipped or failed."""
        self._failed += outcome.state == "failed"
        if self._bar:
            self._bar.update(self._task, completed=finished, total=total, failed=self._failed)
        else:
            print(f"{finished} of {total}: {outcome.borough} {outcome.state}", file=sys.stderr, flush=True)
