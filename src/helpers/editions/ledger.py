"""The ledger of what was released: append-only, checksummed, one per borough, under processed/released/.

`<slug>/ledger.csv` has a line per edition and `<slug>/<as_at>/<sequence>.parquet` the figures that went out. Each line
carries a checksum of itself and of the line before, so that a line that is changed, missing or moved is found; a file
without a line is found too. There is no clock in it: the same editions in the same order give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from helpers import __version__
from helpers.disclosure.profiles import find_profile
from helpers.editions.locking import only_one
from helpers.editions.settling import DECIMALS, put_together
from helpers.errors import BriefingError
from helpers.private_files import make_private_folder, open_private
from helpers.processed import load_or_none, save_table
from helpers.schemas import KEY, check, columns_of
from helpers.schemas.editions import PublishedFigures, Revisions
from helpers.settings import Settings
from helpers.wording import date_words, whole

PATIENCE = 60.0
"""Seconds to wait for another run of the same borough; each holds the ledger for well under one."""


REVISIONS = "revisions.parquet"


class LedgerError(BriefingError):
    """The ledger of released editions is not as it was written, or cannot be written; says which file, what to do."""


class Entry(NamedTuple):
    """One line of a ledger, as text: one edition of one borough. `made_up` is yes or no."""

    sequence: str
    borough: str
    as_at: str
    file: str
    file_sha256: str
    rows: str
    shown: str
    made_up: str
    published_sha256: str
    software_version: str
    previous_sha256: str
    entry_sha256: str


class _Ledger(NamedTuple):
    folder: Path
    entries: list[Entry]

    @property
    def path(self) -> Path:
        return self.folder / "ledger.csv"

    @property
    def coming(self) -> Path:
        """The ledger with one line more, while a report folder is being put in its place."""
        return self.folder / "ledger.csv.coming"

    def named(self, name: str = "ledger.csv") -> str:
        return f"processed/released/{self.folder.name}/{name}"


@contextmanager
def publishing_edition(
    settings: Settings, released: pd.DataFrame, *, made_up: bool, files: Mapping[str, str]
) -> Iterator[None]:
    """Keep what a report folder tells while the block puts that folder in its place.

    The line is ready before the folder appears and joins the ledger after. Where the block fails with an OSError the
    folder did not appear, and the line is taken back; where the run dies in between, nobody knows, so the next run
    adds the line: figures that may be out count as out. The same rows as in the latest edition of the borough and date
    add nothing.

    released: contract schemas.Released; the borough's own rows are kept
    files: name of each published file -> its SHA-256, to tell of a page in hand which edition it is
    raises: LedgerError before the block runs, where the ledger was changed or holds the other kind of children
    """
    if settings.not_for_release:  # for looking: no reader holds it
        yield
        return
    rows = _own_rows(released, settings.borough)
    with _held(settings) as folder:
        ledger = _complete(settings, _read(folder, made_up), made_up)
        latest = _latest(ledger, settings.as_at.isoformat())
        if latest and _same_rows(folder, latest, rows):
            yield
            return
        noted = load_or_none(Revisions, settings.edition_folder / REVISIONS)
        entry = _written(ledger, rows, settings.as_at.isoformat(), made_up=made_up, files=files)
        if noted is not None:
            save_table(noted, Revisions, _revisions_of(folder, entry))
        try:
            yield
        except OSError:
            for file in (ledger.coming, folder / entry.file, _revisions_of(folder, entry)):
                file.unlink(missing_ok=True)
            raise
        ledger.coming.replace(ledger.path)


def record_edition(settings: Settings, released: pd.DataFrame, *, made_up: bool, files: Mapping[str, str]) -> None:
    """Append one edition that is already in its place; see publishing_edition, which a run uses."""
    with publishing_edition(settings, released, made_up=made_up, files=files):
        pass


def earlier_editions(settings: Settings, *, made_up: bool) -> pd.DataFrame | None:
    """Give every statistic ever told of the borough, once the whole ledger was found as it was written.

    Report folders that the ledger does not know (the processed folder was emptied, say) are taken up first.
    returns: contract schemas EarlierFigures; None before the first edition
    raises: LedgerError for a line or file that is changed, missing, moved or unreadable, and where the ledger is of
        made-up children and the run of real ones, or the other way round
    """
    if not (_folder(settings).is_dir() or _unknown_reports(settings, set(), made_up)):
        return None
    with _held(settings) as folder:
        ledger = _complete(settings, _read(folder, made_up), made_up)
        editions = {int(entry.sequence): pd.read_parquet(folder / entry.file) for entry in ledger.entries}
    return put_together(editions) if editions else None


def note_revisions(settings: Settings, released: pd.DataFrame, found: pd.DataFrame, *, made_up: bool) -> pd.DataFrame:
    """Write revisions.parquet of the borough and date, and give it back.

    A run that releases the same again is the same edition: it keeps the list that the edition was published with, so
    that its page says the same. Held against itself nothing would be revised.
    released: contract schemas.Released; found: contract Revisions, from settle
    """
    path, noted = settings.edition_folder / REVISIONS, None
    if _folder(settings).is_dir() and not settings.not_for_release:
        with _held(settings) as folder:
            ledger = _complete(settings, _read(folder, made_up), made_up)
            latest = _latest(ledger, settings.as_at.isoformat())
            if latest and _same_rows(folder, latest, _own_rows(released, settings.borough)):
                noted = load_or_none(Revisions, _revisions_of(folder, latest))
    noted = found if noted is None else noted
    save_table(noted, Revisions, path)
    return noted


def editions_summary(settings: Settings) -> list[str]:
    """Give a sentence for each day whose figures stay as published though counts moved, or were revised.

    Says how many figures; never which, nor by how much. Empty where nothing moved, or nothing was out.
    """
    listed = load_or_none(Revisions, settings.edition_folder / REVISIONS)
    if listed is None:
        return []
    limit, sentences = find_profile(settings.disclosure).limit, []
    for (day, treatment), rows in listed.groupby(["period_end", "treatment"]):
        count, when = len(rows), date_words(day.date())
        if treatment == "as published":
            have = "one has" if count == 1 else f"{whole(count)} have"
            sentences.append(f"The figures of {when} stay as published; {have} since changed by {limit} or fewer.")
        elif treatment == "revised":
            were = "One figure of {} was" if count == 1 else whole(count) + " figures of {} were"
            sentences.append(f"{were.format(when)} revised.")
    return sentences


# --- reading and verifying ----------------------------------------------------------------------------------------


def _folder(settings: Settings) -> Path:
    return settings.processed / "released" / settings.slug


@contextmanager
def _held(settings: Settings) -> Iterator[Path]:
    """Give the borough's folder to one process at a time: two dates of one borough may be run at once."""
    folder = make_private_folder(_folder(settings))
    busy = LedgerError(
        f"processed/released/{folder.name}/ has been in use by another run for {PATIENCE:.0f} seconds. Let that run "
        f"end, or end it, and run again. Nothing was written."
    )
    with only_one(folder / ".lock", patience=PATIENCE, busy=busy):
        yield folder


def _read(folder: Path, made_up: bool) -> _Ledger:
    """Read the ledger and hold every line and file against its checksum; end what a stopped run left half done.

    raises: LedgerError, see earlier_editions
    """
    ledger = _Ledger(folder, [])
    if ledger.coming.exists():
        begun = _entries(ledger, ledger.coming)
        if begun and (folder / begun[-1].file).exists():
            ledger.coming.replace(ledger.path)
        else:
            ledger.coming.unlink()
    ledger = _Ledger(folder, _entries(ledger, ledger.path) if ledger.path.exists() else [])
    _verify_files(ledger)
    kinds = {entry.made_up for entry in ledger.entries}
    if kinds - {_yes(made_up)}:
        there, new = ("real", "made-up") if made_up else ("made-up", "real")
        raise LedgerError(
            f"{ledger.named()} lists editions of {there} children and this run is of {new} ones. Give another "
            f"--processed folder: the two are never mixed. Nothing was written."
        )
    return ledger


def _entries(ledger: _Ledger, path: Path) -> list[Entry]:
    """Read the lines and verify their chain."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(ledger, f"cannot be read ({type(error).__name__})") from None
    if not lines or lines[0] != _line(Entry._fields):
        raise _damaged(ledger, "line 1: the names of the columns are not those that were written")
    previous, entries = _sha256(lines[0]), []
    for number, line in enumerate(lines[1:], start=1):
        cells = next(csv.reader([line]), [])
        where = f"line {number + 1}: "
        if len(cells) != len(Entry._fields):
            raise _damaged(ledger, f"{where}{len(cells)} cells were found and {len(Entry._fields)} expected")
        entry = Entry(*cells)
        if entry.sequence != str(number) or entry.previous_sha256 != previous:
            raise _damaged(ledger, f"{where}a line before it is missing, added, changed or in another place")
        if entry.entry_sha256 != _sha256(_line(entry[:-1])):
            raise _damaged(ledger, f"{where}the line was changed after it was written")
        previous = entry.entry_sha256
        entries.append(entry)
    return entries


def _verify_files(ledger: _Ledger) -> None:
    listed = {entry.file for entry in ledger.entries}
    for entry in ledger.entries:
        path = ledger.folder / entry.file
        if not path.is_file():
            raise _damaged(ledger, "its ledger lists it and it is not there", entry.file)
        if hashlib.sha256(path.read_bytes()).hexdigest() != entry.file_sha256:
            raise _damaged(ledger, "it was changed after it was written", entry.file)
    there = {path.relative_to(ledger.folder).as_posix() for path in ledger.folder.glob("*/*.parquet")}
    for file in sorted(there - listed):
        if not file.endswith(f".{REVISIONS}"):
            raise _damaged(ledger, f"it has no line for {file}, which lies beside it")


def _damaged(ledger: _Ledger, found: str, file: str = "ledger.csv") -> LedgerError:
    return LedgerError(
        f"{ledger.named(file)}: {found}. It was expected as it was written, because it tells what readers hold. "
        f"Restore the whole folder processed/released/{ledger.folder.name}/ from a copy; never delete or mend it: a "
        f"later edition could then give small numbers away. Nothing was written."
    )


# --- writing ------------------------------------------------------------------------------------------------------


def _own_rows(released: pd.DataFrame, borough: str) -> pd.DataFrame:
    own = released.loc[released["borough"] == borough, columns_of(PublishedFigures)]
    own = own.assign(numerator=own["numerator"].round(DECIMALS))
    return check(own.sort_values(KEY), PublishedFigures, source="released")


def _latest(ledger: _Ledger, as_at: str) -> Entry | None:
    return next((entry for entry in reversed(ledger.entries) if entry.as_at == as_at), None)


def _same_rows(folder: Path, entry: Entry, rows: pd.DataFrame) -> bool:
    kept = check(pd.read_parquet(folder / entry.file), PublishedFigures, source=entry.file)
    return kept.equals(rows)


def _revisions_of(folder: Path, entry: Entry) -> Path:
    return folder / entry.as_at / f"{entry.sequence}.{REVISIONS}"


def _written(ledger: _Ledger, rows: pd.DataFrame, as_at: str, *, made_up: bool, files: Mapping[str, str]) -> Entry:
    """Write the ledger with one line more beside the ledger, then the figures; neither counts until the one is both.

    In this order a run that dies in between leaves no file without a line.
    """
    file = io.BytesIO()
    rows.to_parquet(file, index=False)
    sequence = str(len(ledger.entries) + 1)
    previous = ledger.entries[-1].entry_sha256 if ledger.entries else _sha256(_line(Entry._fields))
    cells = {
        "sequence": sequence,
        "borough": rows["borough"].iloc[0],
        "as_at": as_at,
        "file": f"{as_at}/{sequence}.parquet",
        "file_sha256": hashlib.sha256(file.getvalue()).hexdigest(),
        "rows": str(len(rows)),
        "shown": str(rows["numerator"].notna().sum()),
        "made_up": _yes(made_up),
        "published_sha256": _sha256(json.dumps(dict(files), sort_keys=True)),
        "software_version": __version__,
        "previous_sha256": previous,
    }
    entry = Entry(**cells, entry_sha256=_sha256(_line(cells.values())))
    lines = [_line(one) for one in (Entry._fields, *ledger.entries, entry)]
    _write_whole(ledger.coming, "".join(f"{line}\n" for line in lines).encode("utf-8"))
    _write_whole(ledger.folder / entry.file, file.getvalue())
    return entry


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner alone."""
    make_private_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with open_private(beside, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


# --- reports that the ledger does not know ------------------------------------------------------------------------


def _complete(settings: Settings, ledger: _Ledger, made_up: bool) -> _Ledger:
    """Take up report folders that the ledger does not know: who empties the processed folder recalls no page."""
    for folder in _unknown_reports(settings, {entry.as_at for entry in ledger.entries}, made_up):
        rows = _figures_of(folder, settings.borough)
        if rows.empty:
            continue
        entry = _written(ledger, rows, folder.name, made_up=made_up, files=_checksums(folder))
        ledger.coming.replace(ledger.path)
        ledger = _Ledger(ledger.folder, [*ledger.entries, entry])
    return ledger


def _unknown_reports(settings: Settings, known: set[str], made_up: bool) -> list[Path]:
    found = []
    for run in sorted(settings.report_folder.parent.glob("*/run.json")):
        hidden = run.parent.name.startswith(".")
        if hidden or run.parent.name in known or not (run.parent / "indicators.csv").exists():
            continue
        told = json.loads(run.read_text(encoding="utf-8"))
        looked_at = told.get("parameters", {}).get("disclosure") == "none"
        if told.get("made_up") == made_up and not looked_at:
            found.append(run.parent)
    return found


def _figures_of(folder: Path, borough: str) -> pd.DataFrame:
    """Read the figures back from a published indicators.csv."""
    columns = columns_of(PublishedFigures)
    text = pd.read_csv(folder / "indicators.csv", dtype=str, keep_default_na=False, usecols=columns)
    numbers = {name: pd.to_numeric(text[name].where(text[name] != "")) for name in ("numerator", "denominator")}
    read = text.assign(**numbers, period_end=pd.to_datetime(text["period_end"], format="%Y-%m-%d"))
    return _own_rows(read, borough)


def _checksums(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != "run.json"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
