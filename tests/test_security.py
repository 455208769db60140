"""The return stays safe: one run over children with names that would be recognised, watched while it runs.

What is written is private from the first byte, nothing of a child or a key leaves, nothing is sent anywhere. The run is
of one small borough; its umask is 0, so that whatever does not ask for its own rights is open to everybody.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import nbformat
import nbformat.v4 as nb
import pandas as pd
import pytest
from conftest import ROOT, briefings
from lxml import html as lxml_html

from helpers import briefing, identifiers, overview
from helpers.briefing import build_briefing, check_parameters, run_notebook
from helpers.briefing_page import page_faults
from helpers.errors import InputError
from helpers.file_names import inputs_to_tell, is_usual, names_to_tell, without_file_names
from helpers.looking import NOT_FOR_RELEASE, refuse_to_mix_with_releases
from helpers.made_up import write_made_up
from helpers.notebook_tables import run_words
from helpers.private_files import make_private_folder, narrow_all, open_private
from helpers.processed import narrow_processed
from helpers.settings import Settings, cache_folder, make_settings

on_posix = pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
AS_AT = "2023-03-31"
OTHERS = 0o077
KEY = hashlib.sha256(b"a key for this test").digest()
NAME = "KANARIE"
"""Stands in identifiers, file names, social workers and cells that cannot be read; 4 more characters follow in ids."""
ATTACK = "<img src=x onerror=alert(1)>"
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")

NO_NETWORK = """
import os, socket
def refused(name):
    whole = getattr(socket.socket, name)
    def stand_in(self, *arguments):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            with open(os.environ["ATTEMPTS"], "a") as file:
                file.write(f"{name} {arguments}\\n")
            raise OSError("the network is blocked by the test")
        return whole(self, *arguments)
    setattr(socket.socket, name, stand_in)
for name in ("connect", "connect_ex", "listen", "sendto"):
    refused(name)
def no_names(*arguments, **_):
    with open(os.environ["ATTEMPTS"], "a") as file:
        file.write(f"getaddrinfo {arguments}\\n")
    raise OSError("the network is blocked by the test")
socket.getaddrinfo = no_names
open(os.environ["BLOCKED"], "a").write("x")
"""
"""Loaded by every Python that the run starts, kernels too."""


class Canaries(NamedTuple):
    """What the returns hold and nobody outside may see."""

    names: set[str]
    pupils: set[str]
    postcodes: set[str]
    births: set[str]


class Watched(NamedTuple):
    """A run, what it printed, the folders it wrote, and what could be read by others at any moment of it."""

    base: Path
    returns: Path
    processed: Path
    reports: Path
    done: subprocess.CompletedProcess
    checked: subprocess.CompletedProcess
    seen_open: set[str]
    canaries: Canaries


def plant(made_up: Path, base: Path) -> tuple[Path, Canaries]:
    """Copy two years of a made-up borough as if they were real, with canaries where a child could be recognised."""
    names, pupils, postcodes, births = set(), set(), set(), set()
    for file in sorted(made_up.glob("returns/*/202[23]-*/*.csv")):
        text = file.read_text(encoding="utf-8").replace("MADEUP", NAME)
        table = file.stem.split("_", 3)[3]
        names |= set(re.findall(rf"{NAME}\w+", text))
        postcodes |= set(POSTCODE.findall(text))
        if table == "header":
            rows = [line.split(",") for line in text.splitlines()[1:]]
            pupils |= {row[4] for row in rows if re.fullmatch(r"[A-Z]\d{12}", row[4])}
            births |= {row[2] for row in rows} | {row[6] for row in rows if row[6]}
            text += f"{NAME}ZZZZ,1,32/13/{NAME},WBRI,,,\n"  # a row that has to be set aside, and told of
            text = text.replace("CHILD,SEX", f"CHILD,{ATTACK},SEX").replace("\n" + NAME, "\n" + NAME)
            head, *body = text.splitlines()
            text = "\n".join([head, *(line.replace(",", f",{ATTACK},", 1) for line in body)]) + "\n"
        name = f"{ATTACK.replace('/', '')} {NAME}SMITH {table}.csv" if table == "header" else f"{NAME}SMITH {table}.csv"
        copy = base / "returns" / "bromley" / file.parent.name / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    for file in (made_up / "published").rglob("*.csv"):
        copy = base / "published" / file.name.removeprefix("made_up_")
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return base / "returns", Canaries(names, pupils, postcodes, births)


def open_to_others(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & OTHERS) and not path.is_symlink()
    except FileNotFoundError:
        return False


def look_through(folder: Path, *, into_private: bool) -> Iterator[Path]:
    """Give what in a folder others could read now; what lies in a private folder they cannot reach."""
    for top, folders, files in os.walk(folder):
        yield from (path for name in [*folders, *files] if open_to_others(path := Path(top) / name))
        if not into_private:
            folders[:] = [name for name in folders if open_to_others(Path(top) / name)]


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Watched:
    base = tmp_path_factory.mktemp("w")
    made_up = base / "made_up"
    write_made_up(made_up, boroughs=["Bromley"], children=60)
    returns, canaries = plant(made_up, base)
    processed, reports, temporary, home = (base / name for name in ("processed", "reports", "t", "home"))
    for folder in (temporary, home, base / "site", processed / "bromley", processed / "notes of ours"):
        folder.mkdir(parents=True, mode=0o755)
    for old in ("bromley/old.csv", "notes of ours/notes.txt"):  # as an earlier version left them
        (processed / old).write_text("old")
        (processed / old).chmod(0o644)
    (base / "site" / "sitecustomize.py").write_text(NO_NETWORK)
    (base / "key").write_bytes(KEY)
    environment = {
        **os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(cache_folder().parent),
        "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join([str(base / "site"), os.environ.get("PYTHONPATH", "")]), "ATTEMPTS": str(base / "attempts"),
        "BLOCKED": str(base / "blocked"), "BRIEFINGS_SECRET_FILE": str(base / "key"), "COLUMNS": "200",
    }  # fmt: skip
    environment.pop("IPYTHONDIR", None)
    over, seen_open = threading.Event(), set()
    before = {*processed.rglob("*"), processed}

    def look() -> None:
        while not over.wait(0.01):
            now = {*look_through(processed, into_private=True), *look_through(temporary, into_private=False)}
            seen_open.update(str(path.relative_to(base)) for path in now - before)

    def run(*command) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "helpers", *map(str, command)], cwd=ROOT, env=environment, capture_output=True,
            text=True, check=False, umask=0,
        )  # fmt: skip

    watch = threading.Thread(target=look)
    watch.start()
    try:
        done = run("run", "--returns", returns, "--published", base / "published", "--processed", processed,
                   "--reports", reports, "--borough", "Bromley", "--as-at", AS_AT)  # fmt: skip
    finally:
        over.set()
        watch.join()
    checked = run("check", returns / "bromley" / AS_AT, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return Watched(base, returns, processed, reports, done, checked, seen_open, canaries)


def every_file(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def content(path: Path) -> str:
    """The text of a file, and of every part of a workbook."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return path.read_text(encoding="utf-8")


# --- rights of files ----------------------------------------------------------------------------------------------


@on_posix
def test_all_that_a_run_keeps_is_its_owner_s_alone(watched):
    left = watched.processed / "notes of ours"
    kept = [watched.processed, *(path for path in watched.processed.rglob("*") if left not in (path, *path.parents))]
    assert len(kept) > 30
    assert [path for path in kept if path.stat().st_mode & OTHERS] == []
    assert {path.suffix for path in kept} >= {".parquet", ".ipynb"}


@on_posix
def test_at_no_moment_of_the_run_could_others_read_any_of_it(watched):
    assert watched.seen_open == set()


@on_posix
def test_what_an_earlier_version_left_open_is_narrowed_and_told_and_nothing_else_is_touched(watched):
    assert re.search(r"processed: 3 files and folders could be read by others; now by you alone", watched.done.stderr)
    assert (watched.processed / "notes of ours" / "notes.txt").stat().st_mode & 0o777 == 0o644


@on_posix
def test_reports_have_the_rights_of_any_file_because_they_are_to_be_shared(watched):
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in every_file(watched.reports))


@on_posix
def test_a_private_folder_is_made_with_private_parents_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        made = make_private_folder(tmp_path / "a" / "b" / "c")
        with open_private(made / "x.csv") as file:
            assert stat.S_IMODE((made / "x.csv").stat().st_mode) == 0o600
            file.write("1\n")
        (made / "y.csv").write_text("open to all")
        with open_private(made / "y.csv", "wb") as file:
            assert stat.S_IMODE((made / "y.csv").stat().st_mode) == 0o600
            file.write(b"1\n")
    finally:
        os.umask(before)
    assert [stat.S_IMODE((tmp_path / part).stat().st_mode) for part in ("a", "a/b", "a/b/c")] == [0o700] * 3


@on_posix
def test_narrowing_leaves_links_and_everybodys_folders_alone(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("shared")
    outside.chmod(0o644)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    folder.chmod(0o1777)
    assert narrow_all([folder]) == 0
    assert outside.stat().st_mode & 0o777 == 0o644
    folder.chmod(0o755)
    assert narrow_all([folder, tmp_path / "missing"]) == 1


@on_posix
def test_a_processed_folder_that_holds_the_home_is_not_narrowed(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    tmp_path.chmod(0o755)
    assert narrow_processed(tmp_path) == 0
    assert narrow_processed(tmp_path / "new" / "processed") == 0
    assert not (tmp_path / "new").exists(), "a command that is refused later has made nothing"


# --- nothing of a child, and no key, leaves -------------------------------------------------------------------------


def found(text: str, wanted: set[str]) -> list[str]:
    return [one for one in wanted if one in text]


def test_the_canaries_are_there_to_be_found(watched):
    """Or the tests below could not fail."""
    assert len(watched.canaries.names) > 60
    assert len(watched.canaries.pupils) > 20
    assert len(watched.canaries.postcodes) > 10
    assert "32/13/" in "".join(content(path) for path in every_file(watched.returns))
    assert ATTACK in " ".join(path.name for path in every_file(watched.returns))


def test_no_canary_is_in_any_file_of_the_reports(watched):
    births = watched.canaries.births | {"-".join(reversed(day.split("/"))) for day in watched.canaries.births}
    days = {"31/03", "03-31"}
    births = {day for day in births if not any(end in day for end in days)}  # the ends of years are no birthdays
    for path in every_file(watched.reports):
        text = content(path) + path.name
        assert NAME not in text, path.name
        assert found(text, watched.canaries.pupils | watched.canaries.postcodes | births) == [], path.name


def test_no_canary_is_in_what_the_commands_print(watched):
    for told in (watched.done.stdout, watched.done.stderr, watched.checked.stderr):
        assert NAME not in told
        assert found(told, watched.canaries.pupils | watched.canaries.postcodes | watched.canaries.births) == []


def test_check_names_the_files_to_its_analyst_and_nothing_of_a_child(watched):
    """Which file is at fault is what `check` is for; its answer stays on the analyst's screen."""
    assert watched.checked.returncode == 0, watched.checked.stderr
    entries = json.loads(watched.checked.stdout)
    assert sum(entry["rows_set_aside"] for entry in entries) > 0, "a row with a canary was told of"
    rest = json.dumps([{name: value for name, value in entry.items() if name != "file"} for entry in entries])
    assert NAME not in rest
    assert found(rest, watched.canaries.pupils | watched.canaries.postcodes | watched.canaries.births) == []


def test_no_identifier_is_in_an_executed_notebook_or_a_processed_table(watched):
    """Numbers of children may be there; who they are may not. File names are: they tell the analyst where to look."""
    inside = [path for path in every_file(watched.processed) if path.suffix in (".ipynb", ".parquet")]
    assert len(inside) > 20
    secrets = watched.canaries.names | watched.canaries.pupils | watched.canaries.postcodes
    for path in inside:
        assert found(content(path), secrets) == [], path.name


def test_the_key_of_identifiers_is_nowhere_but_in_its_file(watched):
    forms = [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), repr(KEY)[2:-1], str(list(KEY))]
    places = [*every_file(watched.processed), *every_file(watched.reports), *every_file(watched.base / "home")]
    for path in places:
        assert KEY not in path.read_bytes(), path.name
        if path.suffix in (".ipynb", ".json", ".html", ".csv", ".xlsx", ".parquet"):
            assert found(content(path), set(forms)) == [], path.name
    assert found(watched.done.stdout + watched.done.stderr + watched.checked.stdout, set(forms)) == []


def test_no_keyed_identifier_is_in_the_reports(watched):
    children = set(pd.read_parquet(watched.processed / "bromley" / "children.parquet")["child_id"])
    assert len(children) > 60
    for path in every_file(watched.reports):
        assert found(content(path), children) == [], path.name


def test_hostile_names_of_files_and_columns_are_words_on_the_pages(watched):
    pages = [path for path in every_file(watched.reports) if path.suffix == ".html"]
    assert len(pages) == 6
    for path in pages:
        assert page_faults(path.read_text(encoding="utf-8")) == []
        assert not lxml_html.parse(path).xpath("//img|//script")
    quality = next(path for path in pages if path.name == "data-quality.html")
    assert ATTACK in lxml_html.parse(quality).getroot().text_content(), "the column that is not used is told in words"


def test_run_json_names_no_file_that_could_tell_of_a_child_and_no_few_rows(watched):
    told = json.loads((watched.reports / "bromley" / AS_AT / "run.json").read_text(encoding="utf-8"))
    assert told["parameters"]["disclosure"] == "la-1-5"
    assert all(re.fullmatch(r"file \d+\.csv", file["file"]) for file in told["files"])
    assert not any(isinstance(value, int) for file in told["files"] for value in file.values())
    parts = ("rows_kept", "rows_set_aside", "rows_repeated")
    assert told["rows"] == {"rows_read": told["rows"]["rows_read"], **dict.fromkeys(parts)}, (
        "one row a year was set aside"
    )
    assert {re.sub(r"\d+\.csv", "N", name) for name in told["inputs"] if name.startswith("bromley/")} == {
        "bromley/2022-03-31/file N", f"bromley/{AS_AT}/file N",
    }  # fmt: skip


@pytest.mark.parametrize(("rows", "told"), [
    ((100, 100, 0, 0), (100, 100, 0, 0)), ((100, 90, 10, 0), (100, 90, 10, 0)), ((100, 97, 3, 0), (100, None, None, None)),
    ((100, 90, 6, 4), (100, None, None, None)), ((5, 5, 0, 0), (None, None, None, None)), ((0, 0, 0, 0), (0, 0, 0, 0)),
])  # fmt: skip
def test_a_few_rows_can_neither_be_read_nor_worked_out_from_run_json(rows, told):
    assert tuple(briefing._rows_to_tell(dict(zip(briefing.ROWS, rows, strict=True))).values()) == told


@pytest.mark.parametrize(("name", "usual"), [
    ("header.csv", True), ("made_up_2023-03-31_local_health_assessments.csv", True), ("SSDA903 Episodes 2022.csv", True),
    ("Bromley return 2023-24 (2).xlsx", True), ("Annex A.xlsx, sheet List 8", True), ("commentary.md", True),
    ("Amy Smith.csv", False), ("episodes 1234567.csv", False), (f"{ATTACK}.csv", False), ("épisodes.csv", False),
])  # fmt: skip
def test_a_files_name_is_told_where_its_words_are_those_of_tables_and_days(name, usual):
    assert is_usual(name) is usual
    assert (names_to_tell([name])[name] == name) is usual


def test_a_page_tells_a_failure_without_an_unusual_file_name(tmp_path):
    place = tmp_path / "bromley" / AS_AT
    place.mkdir(parents=True)
    for name in ("Amy Smith.csv", "header.csv"):
        (place / name).touch()
    reason = "Amy Smith.csv, line 2: not a date. header.csv, line 3: not a code."
    assert without_file_names(reason, tmp_path) == (
        "a file of the return, line 2: not a date. header.csv, line 3: not a code."
    )
    told = inputs_to_tell({f"bromley/{AS_AT}/Amy Smith.csv": "a", "ees_2024/la_children.csv": "b"})
    assert told == {f"bromley/{AS_AT}/file 1.csv": "a", "ees_2024/la_children.csv": "b"}


# --- nothing is sent, nothing is left -------------------------------------------------------------------------------


def test_a_run_and_a_check_try_no_connection_and_no_name(watched):
    assert len((watched.base / "blocked").read_text()) >= 8, "the block was in place in the command and in every kernel"
    attempts = watched.base / "attempts"
    assert not attempts.exists(), attempts.read_text()


SENDS = {"socket", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib",
         "xmlrpc", "webbrowser", "fsspec", "boto3", "dask"}  # fmt: skip


def test_no_module_imports_what_could_send():
    for path in (ROOT / "src" / "helpers").rglob("*.py"):
        imported = set(re.findall(r"^\s*(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.M))
        assert not imported & SENDS, path.name


def test_a_run_leaves_no_history_no_profile_and_no_temporary_file(watched):
    left = {path.relative_to(watched.base / "home").as_posix() for path in (watched.base / "home").rglob("*")}
    assert not any(re.search(r"ipython|jupyter|history", name) for name in left), left
    assert not list((watched.base / "t").glob("**/*.json"))
    assert not list((watched.base / "t").glob("briefings-*"))


# --- kernels and parameters -----------------------------------------------------------------------------------------

KERNEL = """
import json, os, stat, sys
import ipykernel
connection = ipykernel.get_connection_file()
told = {name: value for name, value in json.load(open(connection)).items() if name in ("transport", "ip")}
sockets = set()
for descriptor in os.listdir("/proc/self/fd"):
    try:
        sockets.add(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:
        pass
listening = []
for table in ("tcp", "tcp6"):
    for line in open(f"/proc/self/net/{table}").read().splitlines()[1:]:
        parts = line.split()
        if parts[3] == "0A" and f"socket:[{parts[9]}]" in sockets:
            listening.append(parts[1])
shell = get_ipython()
told |= {"rights": os.stat(connection).st_mode & 0o777, "folder": os.stat(os.path.dirname(connection)).st_mode & 0o777,
         "listening": listening, "place": os.path.dirname(connection), "ipython": shell.ipython_dir,
         "history": shell.history_manager.enabled, "sockets": len(sockets)}
print(json.dumps([told, a, b, c, d, e]))
"""
MARKER = "ran"


def hostile(marker: Path) -> dict[str, str]:
    """Text that would write a file if any of it were taken for code."""
    attack = f"open({str(marker)!r}, 'w')"
    return {
        "a": f'"; {attack}; "',
        "b": f'\\"; {attack} #',
        "c": f"'''); {attack}; ('''",
        "d": f"{{{attack}}} {{a}} %s $(touch {marker}) `touch {marker}` \\N{{DIGIT ONE}} \\x22; {attack}; \\",
        "e": json.dumps([["Sutton", AS_AT, "failed", f'"]]\n"""; {attack}']]),
    }


@pytest.fixture
def one_notebook(tmp_path, monkeypatch):
    """A project of one notebook with five parameters, whose only cell is given."""

    def made(source: str) -> None:
        defaults = "\n".join(f'{name} = ""' for name in "abcde")
        cells = [nb.new_code_cell(defaults, metadata={"tags": ["parameters"]}), nb.new_code_cell(source)]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        (tmp_path / "notebooks").mkdir()
        notebook = nb.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
        nbformat.write(notebook, tmp_path / "notebooks" / "one.ipynb")

    monkeypatch.setattr(briefing, "project_root", lambda: tmp_path)
    return made


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="sockets of a process are told in /proc")
def test_a_kernel_listens_on_no_port_keeps_no_history_and_takes_every_parameter_as_text(one_notebook, tmp_path, capfd):
    one_notebook(KERNEL)
    marker = tmp_path / MARKER
    given = hostile(marker)
    executed = run_notebook("one", tmp_path / "{runs}" / "one.ipynb", given)
    told, *taken = json.loads("".join(output.get("text", "") for output in executed.cells[-1].outputs))
    assert taken == list(given.values()), "each parameter arrives letter by letter"
    assert not marker.exists()
    assert told["transport"] == "ipc"
    assert told["sockets"] > 5
    assert told["listening"] == []
    assert (told["rights"], told["folder"]) == (0o600, 0o700)
    assert told["ipython"].startswith(told["place"])
    assert told["history"] is False
    assert not Path(told["place"]).exists(), "nothing of the kernel is left"
    assert (tmp_path / "{runs}" / "one.ipynb").exists(), "braces in a folder's name are no fields to fill in"
    assert "TCP" not in "".join(capfd.readouterr())


KNOWN = {"borough": {"default": '"Bromley"'}, "outcomes": {"default": '"[]"'}, "number": {"default": "3"}}


@pytest.mark.parametrize(("parameters", "told"), [
    ({"borough": "Bromley\nimport os"}, "no line break"),
    ({"borough": "Bromley\u2028x"}, "no line break"),
    ({"borough": "Brom\x00ley"}, "no line break"),
    ({"borough": "\u202eyelmorB"}, "not seen"),
    ({"borough": "B" * 4097}, "at most 4,096 characters"),
    ({"outcomes": "x" * 1_000_001}, "at most 1,000,000 characters"),
    ({"borough": ["Bromley"]}, "a value of the kind str was expected, and this is list"),
    ({"number": True}, "kind int was expected, and this is bool"),
    ({"__import__('os')": "x"}, "has no parameter"),
])  # fmt: skip
def test_a_parameter_that_is_not_of_its_kind_is_refused_before_anything_runs(parameters, told):
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        check_parameters("10_clean_returns", KNOWN, parameters)
    assert "yelmorB" not in str(caught.value)


@on_posix
def test_the_key_is_private_made_once_and_refused_inside_the_project(tmp_path, monkeypatch):
    place = tmp_path / "config" / "briefings" / "key"
    monkeypatch.setenv(identifiers.SECRET_FILE_VARIABLE, str(place))
    before = os.umask(0)
    try:
        made = identifiers.load_secret()
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (place, place.parent, place.parents[1])] == [
        0o600,
        0o700,
        0o700,
    ]
    place.chmod(0o644)
    assert identifiers.load_secret() == made
    assert stat.S_IMODE(place.stat().st_mode) == 0o600, "a copy that others could read is narrowed"
    monkeypatch.setenv(identifiers.SECRET_FILE_VARIABLE, str(ROOT / "data" / "key"))
    with pytest.raises(InputError, match="inside the project"):
        identifiers.load_secret()
    assert not (ROOT / "data" / "key").exists()


# --- disclosure none: for looking -----------------------------------------------------------------------------------


class Looked(NamedTuple):
    """Pages with small numbers, written from the notebooks of the watched run, and the processed folder they came from."""

    settings: Settings
    before: dict[str, bytes]


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in every_file(folder)}


@pytest.fixture(scope="module")
def looked(watched, tmp_path_factory) -> Looked:
    base = tmp_path_factory.mktemp("looked")
    processed = shutil.copytree(watched.processed, base / "processed")
    before = bytes_of(processed)
    choices = {"borough": "Bromley", "as_at": AS_AT, "returns": watched.returns, "processed": processed}
    usual = make_settings(**choices)
    settings = make_settings(**choices, reports=base / "looking", disclosure="none")
    shutil.copytree(usual.edition_folder, settings.edition_folder)
    runs = watched.processed / "runs"
    executed = {name: nbformat.read(runs / "bromley" / AS_AT / f"{name}.ipynb", 4) for name in briefing.ANALYSIS}
    london = nbformat.read(runs / "31_london_overview.ipynb", 4)
    umask = os.umask(0)
    try:
        with (
            mock.patch.object(briefing, "_run_all", lambda _: (executed, {})),
            mock.patch.object(overview, "run_notebook", lambda *_: london),
        ):
            outcome = build_briefing(settings, inputs={}, key="key", made_up=True)
            overview.publish_overview(settings, [outcome], made_up=True)
    finally:
        os.umask(umask)
    return Looked(settings, before)


def test_every_page_for_looking_says_across_its_head_that_it_is_not_for_release(looked):
    pages = [path for path in every_file(looked.settings.reports) if path.suffix == ".html"]
    assert {path.name for path in pages} == {file for file, _ in briefing.PAGES.values()} | {"index.html"}
    for path in pages:
        page = lxml_html.parse(path)
        assert page.xpath("string((//header//*[contains(@class, 'banner')])[1])") == NOT_FOR_RELEASE, path.name
        assert "small numbers hidden" not in page.xpath("string(//meta[@name='description']/@content)")


def test_the_workbook_and_run_json_of_a_look_say_so_too(looked):
    folder = looked.settings.report_folder
    assert NOT_FOR_RELEASE in content(folder / "tables.xlsx")
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["parameters"]["disclosure"] == "none"


@on_posix
def test_pages_for_looking_are_their_owner_s_alone(looked):
    written = [looked.settings.reports, *looked.settings.reports.rglob("*")]
    assert len(written) > 10
    assert [path for path in written if path.stat().st_mode & OTHERS] == []


def test_a_look_changes_nothing_that_a_release_is_made_from_and_enters_no_ledger(looked):
    processed = looked.settings.processed
    assert looked.settings.edition_folder == processed / "not-for-release" / "bromley" / AS_AT
    after = {name: text for name, text in bytes_of(processed).items() if not name.startswith("not-for-release")}
    assert after == looked.before


def test_a_release_is_refused_where_pages_for_looking_lie(looked):
    release = replace(looked.settings, disclosure="la-1-5")
    with pytest.raises(InputError, match="holds pages that are not for release"):
        refuse_to_mix_with_releases(release)
    refuse_to_mix_with_releases(looked.settings)  # another look may replace it


@pytest.mark.parametrize("reports", ["", "reports", "reports/looking", "{base}/Reports/x", "{released}"])
def test_a_look_is_refused_where_releases_lie_or_could(watched, tmp_path, reports):
    place = reports.format(base=tmp_path, released=watched.reports)
    before, ours = bytes_of(watched.reports), bytes_of(ROOT / "reports")
    done = briefings(
        "run", "--disclosure", "none", "--returns", watched.returns, "--published", watched.base / "published",
        "--processed", tmp_path / "processed", *(["--reports", place] if place else []),
    )  # fmt: skip
    assert done.returncode == 2
    assert "Nothing was written." in done.stderr
    assert "Traceback" not in done.stderr
    assert (bytes_of(watched.reports), bytes_of(ROOT / "reports"), list(tmp_path.iterdir())) == (before, ours, [])


def test_a_rule_that_does_not_exist_is_one_message(tmp_path):
    done = briefings("run", "--disclosure", "nobody", "--reports", tmp_path / "r", "--processed", tmp_path / "p")
    assert done.returncode == 2
    assert "Choose one of: la-1-5, la-1-4, none" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_notebook_run_by_hand_says_first_that_it_is_not_for_release():
    looking = make_settings(borough="Bromley", as_at=AS_AT, disclosure="none")
    assert run_words(looking, does="look").splitlines()[0] == NOT_FOR_RELEASE
    assert NOT_FOR_RELEASE not in run_words(replace(looking, disclosure="la-1-5"), does="look")
