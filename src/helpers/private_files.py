"""Files that only their owner may read: made so from the first byte, whatever the umask, and wider ones narrowed.

For everything that holds children's records or numbers that are not released. On Windows the rights of the folder
above hold, and nothing here changes them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import IO

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700
_OTHERS = 0o077


def make_private_folder(folder: Path) -> Path:
    """Make a folder and those missing above it, each for its owner alone; narrow the folder if it is there already."""
    for one in [*reversed(folder.parents), folder]:
        if not one.is_dir():
            # Each by itself: the mode of a mkdir(parents=True) is that of the last folder alone.
            one.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
    narrow(folder)
    return folder


def open_private(path: Path, mode: str = "w") -> IO:
    """Open a file for writing that nobody else can read at any moment; text is UTF-8 with its own ends of lines.

    A file that is there already is emptied, and narrowed before a byte is written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), OWNER_ONLY)
    if os.name == "posix":
        os.fchmod(descriptor, OWNER_ONLY)
    return os.fdopen(descriptor, mode) if "b" in mode else os.fdopen(descriptor, mode, encoding="utf-8", newline="")


def reserve_private(path: Path) -> Path:
    """Make an empty private file for another program to write into: opening it again keeps its rights."""
    open_private(path).close()
    return path


def narrow(path: Path) -> bool:
    """Take a file or folder of our own from everybody else; say whether it was open to others before.

    Left alone: links, what belongs to another user, and folders that are everybody's (/tmp).
    """
    if os.name != "posix":
        return False
    there = path.lstat()
    theirs = there.st_uid != os.geteuid() or stat.S_ISLNK(there.st_mode) or there.st_mode & stat.S_ISVTX
    if theirs or not there.st_mode & _OTHERS:
        return False
    path.chmod(stat.S_IMODE(there.st_mode) & ~_OTHERS)
    return True


def narrow_all(folders: Iterable[Path]) -> int:
    """Narrow folders and everything below them, following no link; gives how many were open to others before."""
    narrowed = 0
    for folder in folders:
        if folder.is_dir() and not folder.is_symlink():
            below = (Path(top) / name for top, folders_in, files in os.walk(folder) for name in [*folders_in, *files])
            narrowed += narrow(folder) + sum(narrow(one) for one in below)
    return narrowed
