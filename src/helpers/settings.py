"""What a run may choose: borough, date, folders, disclosure rule, group compared with. Frozen for the whole run."""

from __future__ import annotations

import datetime as dt
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import InputError

DISCLOSURE_PROFILES = ("la-1-5", "la-1-4", "none")
OTHER_RULES = {"la-1-4": "la-1-4", "none": "not-for-release"}
"""Where results under another rule than the usual one lie: a look at them must never become the next run's release."""


def project_root(start: Path | None = None) -> Path:
    """Find the folder that holds `notebooks/` and `pyproject.toml`, from `start` (the working folder) upwards.

    A notebook run in JupyterLab works in `notebooks/`, one run by papermill in whatever folder papermill was
    called from: relative folders in parameters mean the same place in both.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "pyproject.toml").exists() and (folder / "notebooks").is_dir():
            return folder
    return here


def cache_folder() -> Path:
    """Where copies of public data lie that can be made again at any time: the user's own folder for caches."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(base) / "corporate-parenting-briefings"


def slug(name: str) -> str:
    """Turn a borough's name into its folder's name: 'Barking and Dagenham' becomes 'barking-and-dagenham'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace("&", " and ")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def to_date(value: str | dt.date | dt.datetime) -> dt.date:
    """Read a date of a parameter: ISO (2023-03-31) or a date. Anything else is refused in words."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip())
    except ValueError:
        raise InputError(f"{value!r} is not a date. Write it as year-month-day, such as 2023-03-31.") from None


@dataclass(frozen=True)
class Settings:
    """The choices of one run for one borough. Folders are absolute; `as_at` is the last day the briefing covers."""

    borough: str
    as_at: dt.date
    returns: Path
    published: Path
    processed: Path
    reports: Path
    disclosure: str = "la-1-5"
    reference: str = "White British"

    @property
    def slug(self) -> str:
        return slug(self.borough)

    @property
    def borough_folder(self) -> Path:
        """Child-level tables of the borough, all dates: children, episodes, set_aside."""
        return self.processed / self.slug

    @property
    def not_for_release(self) -> bool:
        """Small numbers are shown: for looking, never for passing on."""
        return self.disclosure == "none"

    @property
    def editions_folder(self) -> Path:
        """What the rule of this run lets out, all boroughs: <borough>/<date>/ as in `edition_folder`."""
        return self.processed / OTHER_RULES.get(self.disclosure, "")

    @property
    def edition_folder(self) -> Path:
        """Counts, released counts and results for one borough, one date and one rule."""
        return self.editions_folder / self.slug / self.as_at.isoformat()

    @property
    def runs_folder(self) -> Path:
        """Executed notebooks of the rule of this run; they may hold numbers that are not released."""
        return self.processed / "runs" / OTHER_RULES.get(self.disclosure, "")

    @property
    def published_folder(self) -> Path:
        """Tables read from the published releases, all areas."""
        return self.processed / "published"

    @property
    def report_folder(self) -> Path:
        return self.reports / self.slug / self.as_at.isoformat()


def make_settings(
    *,
    borough: str,
    as_at: str | dt.date,
    returns: str | Path = "data/raw/returns",
    published: str | Path = "data/raw/published",
    processed: str | Path = "data/processed",
    reports: str | Path = "reports",
    disclosure: str = "la-1-5",
    reference: str = "White British",
) -> Settings:
    """Check and freeze the choices of a run. Relative folders are taken from the project's root.

    reference: the ethnic group that others are also compared with, beside everyone else

    raises: InputError for a date that is not one, or a disclosure profile that does not exist
    """
    if disclosure not in DISCLOSURE_PROFILES:
        raise InputError(
            f"disclosure {disclosure!r} is not a profile. Choose one of: {', '.join(DISCLOSURE_PROFILES)}."
        )
    root = project_root()
    folders = {
        name: root / Path(value)
        for name, value in {
            "returns": returns,
            "published": published,
            "processed": processed,
            "reports": reports,
        }.items()
    }
    return Settings(borough=borough, as_at=to_date(as_at), disclosure=disclosure, reference=reference, **folders)
