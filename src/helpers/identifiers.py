"""Child identifiers: a keyed hash, so that no processed table holds a council's own identifier.

A plain hash of a short identifier is undone by trying them all; HMAC-SHA256 with a secret of this installation is not
(RFC 2104). The secret is made on first use, outside the repository, and is readable by its owner alone.
"""

from __future__ import annotations

import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.private_files import OWNER_ONLY, make_private_folder, narrow
from helpers.settings import project_root

SECRET_FILE_VARIABLE = "BRIEFINGS_SECRET_FILE"
SECRET_BYTES = 32
ID_LENGTH = 16


def secret_path() -> Path:
    """Where the secret lies: $BRIEFINGS_SECRET_FILE, or the user's own configuration folder."""
    named = os.environ.get(SECRET_FILE_VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA") or Path.home() / ".config"
    return Path(base) / "corporate-parenting-briefings" / "child-identifier-secret"


def load_secret() -> bytes:
    """Read this installation's secret, making it on first use.

    raises: InputError when it can be neither read nor made; the message names the variable that moves it
    """
    path = secret_path()
    try:
        _private_place(path)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(SECRET_BYTES))
        # Another process may have made the file and not yet written it: wait for its bytes by reading again.
        for _ in range(100):
            narrow(path)  # a copy carried over from another machine may be open to others
            secret = path.read_bytes()
            if len(secret) == SECRET_BYTES:
                return secret
    except OSError as error:
        raise InputError(
            f"The secret for child identifiers can be neither read nor made ({error.strerror}). "
            f"Set {SECRET_FILE_VARIABLE} to a file that only you can read, outside the repository."
        ) from None
    raise InputError(
        f"The file of the secret for child identifiers is damaged: it should hold {SECRET_BYTES} bytes. "
        f"Remove it, or set {SECRET_FILE_VARIABLE}; then run notebook 10 again for every borough."
    )


def _private_place(path: Path) -> None:
    """Make the secret's folder for its owner alone, and refuse one inside the project, whose files could enter git.

    A folder that is there already is left as it is: it may be a home. The file itself is narrowed.
    """
    root = project_root()
    if root in path.resolve().parents and (root / "pyproject.toml").exists():
        raise InputError(
            f"{SECRET_FILE_VARIABLE} names a file inside the project, where it could enter git or be passed on with "
            f"the tables that it protects. Give a file outside it that only you can read. Nothing was written."
        )
    if not path.parent.is_dir():
        make_private_folder(path.parent)


def hash_identifiers(identifiers: pd.Series, secret: bytes) -> pd.Series:
    """Turn local identifiers into 16 hexadecimal characters, the same each time on this installation."""
    places, unique = pd.factorize(identifiers)
    hashed = pd.array([_hash_one(one, secret) for one in unique], dtype="str")
    return pd.Series(hashed.take(places, allow_fill=True), index=identifiers.index, name=identifiers.name)


# A child stands in ten tables of ten years: kept in this process's memory for as long as it runs, and nowhere else.
@lru_cache(maxsize=100_000)
def _hash_one(identifier: str, secret: bytes) -> str:
    return hmac.digest(secret, identifier.encode(), "sha256").hex()[:ID_LENGTH]
