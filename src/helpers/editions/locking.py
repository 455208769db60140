"""One process at a time, on Linux, macOS and Windows: the system's own lock, which ends with its process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.private_files import OWNER_ONLY

if os.name == "nt":
    import msvcrt
else:
    import fcntl

BETWEEN_TRIES = 0.05


@contextmanager
def only_one(lock: Path, *, patience: float, busy: Exception) -> Iterator[None]:
    """Hold a lock file while the block runs. A process that dies lets go of it, so that no lock is left behind.

    patience: seconds to wait for another process; busy: what is raised when it has not let go by then
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    try:
        last = time.monotonic() + patience
        while not _taken(descriptor):
            if time.monotonic() > last:
                raise busy
            time.sleep(BETWEEN_TRIES)
        try:
            yield
        finally:
            _let_go(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _let_go(descriptor: int) -> None:
    if os.name == "nt":
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
