"""An analyst's slips are caught: no record of a single child enters git, whatever its file is called or holds."""

import gzip
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pandas as pd
import pytest
from conftest import ROOT

HOOK = ROOT / ".hooks" / "refuse_child_level_files.py"
spec = importlib.util.spec_from_file_location("refuse", HOOK)
refuse = importlib.util.module_from_spec(spec)
spec.loader.exec_module(refuse)


def tracked() -> list[str]:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("this is no git checkout")
    return [name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()]


def notebook(**changes) -> str:
    cell = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None} | changes
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def packed(kind: str) -> bytes:
    inside = b"CHILD,SEX\n1,2\n"
    if kind == "gz":
        return gzip.compress(inside)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("header.csv", inside)
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pd.DataFrame({"child_id": ["1"]}).to_parquet(file)
    return file.getvalue()


def workbook() -> bytes:
    file = io.BytesIO()
    import xlsxwriter

    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("List 8").write_row(0, 0, ["Child Unique ID", "Gender", "Ethnicity"])
    return file.getvalue()


HEADER = "CHILD,SEX,DOB,ETHNIC\n1001,2,01/08/2009,WBRI\n1002,1,15/06/2012,MWBC\n1003,1,16/06/2012,MWBC\n"
PEOPLE = "".join(f"Person {n};{n % 28 + 1:02}/0{n % 9 + 1}/2010;SE{n} 7PB\n" for n in range(1, 20))
DAYS = "who,born\n" + "".join(f"{n},20{n:02}-03-{n:02}\n" for n in range(10, 30))
PUPIL = "G000150113223"

REFUSED = {
    "a return": ("tests/header.csv", HEADER),
    "in small letters": ("a.csv", HEADER.lower()),
    "with a byte order mark": ("a.csv", "\ufeff" + HEADER),
    "with semicolons": ("a.csv", HEADER.replace(",", ";")),
    "with tabs": ("a.csv", HEADER.replace(",", "\t")),
    "in quotes": ("a.csv", '"Child Unique ID","Gender"\n"1","M"\n'),
    "a header in two words": ("a.csv", "child_id , sex\n1,2\n"),
    "below a title": ("a.csv", "Return of 2022\n\nAs sent\n" + HEADER),
    "as UTF-16, as spreadsheets save it": ("a.txt", HEADER.encode("utf-16")),
    "in an older encoding": ("a.csv", (HEADER + "Zoë\n").encode("cp1252")),
    "called text": ("notes.txt", HEADER),
    "called by no ending": ("notes", HEADER),
    "called markdown": ("docs/notes.md", "# Notes\n\n" + HEADER),
    "called code": ("src/notes.py", 'TABLE = """\n' + HEADER + HEADER.split("\n", 1)[1] * 3 + '"""\n'),
    "a pupil's number": ("a.csv", f"who,number\n1,{PUPIL}\n"),
    "people under other names": ("a.csv", PEOPLE),
    "dates of birth alone": ("a.csv", DAYS),
    "Annex A": ("annex_a.xlsx", workbook()),
    "a workbook by another name": ("notes.txt", workbook()),
    "an archive": ("a.zip", packed("zip")),
    "an archive by another name": ("docs/a.md", packed("zip")),
    "a compressed file": ("a.csv.gz", packed("gz")),
    "parquet": ("children.parquet", parquet()),
    "parquet by another name": ("children.dat", parquet()),
    "a document that cannot be looked through": ("a.pdf", b"%PDF-1.7 page"),
    "the return in XML": ("return.xml", "<SSDA903><CHILD><CHILD_ID>1</CHILD_ID></CHILD></SSDA903>"),
    "the return in XML by another name": ("return.txt", "<?xml version='1.0'?>\n<EXPSSDA903><CHILD/></EXPSSDA903>"),
    "a large file": ("notes.md", "word " * 60_000),
    "a page": ("reports/index.html", "<html>"),
    "a page kept elsewhere": ("docs/index.html", "<html><p>Made by corporate-parenting-briefings 0.1.0.</p>"),
    "a processed table": ("data/processed/bromley/children.csv", "a\n1\n"),
    "data in other letters": ("Data/raw/a.csv", "a\n1\n"),
    "a notebook with outputs": ("a.ipynb", notebook(outputs=[{"text": "391"}])),
    "a notebook that was run": ("a.ipynb", notebook(execution_count=3)),
    "a notebook with a pasted picture": ("a.ipynb", notebook(attachments={"a.png": {}})),
    "a notebook that is broken": ("a.ipynb", "{"),
    "a checkpoint": ("notebooks/.ipynb_checkpoints/a-checkpoint.ipynb", notebook()),
    "the key of identifiers": ("child-identifier-secret", "\x01\x02" * 16),
    "the key by another name": ("notes.txt", bytes(range(32))),
    "the key in letters": ("notes.txt", "0f" * 32),
    "a private key": ("notes.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"),
    "a file of settings with secrets": (".env", "A=1\n"),
}  # fmt: skip

KEPT = {
    "the README of data": ("data/raw/README.md", "# Data\n\nCHILD is the identifier.\n"),
    "published figures": ("tests/figures.csv", "borough,period,value\nBromley,2022-03-31,338\nBexley,2022-03-31,250\n"),
    "a list of columns": ("columns.csv", "table,column,kept\nheader,CHILD,hash\nepisodes,CHILD,hash\n"),
    "code that names columns": ("a.py", "COLUMNS = ['CHILD', 'SEX', 'DOB']\n"),
    "a small drawn table": ("tests/a.py", 'drawn("""\n| CHILD | SEX |\n| A1 | 2 |\n| A2 | 1 |\n""")\n'),
    "a notebook without outputs": ("a.ipynb", notebook()),
    "a notebook's words": ("b.ipynb", json.dumps({"cells": [{"cell_type": "markdown", "source": ["# A\n", "b"]}]})),
}


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


@pytest.mark.parametrize(("name", "content"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_tells_of_single_children_is_refused(tmp_path, monkeypatch, capsys, name, content):
    monkeypatch.chdir(tmp_path)
    assert refuse.main([put(tmp_path, name, content)]) == 1
    told = capsys.readouterr().out
    assert name in told
    assert not any(secret in told for secret in ("1001", "2009", PUPIL, "0f0f")), "a message repeats nothing of a child"


@pytest.mark.parametrize(("name", "content"), KEPT.values(), ids=KEPT)
def test_a_file_that_tells_of_no_child_is_kept(tmp_path, monkeypatch, name, content):
    monkeypatch.chdir(tmp_path)
    assert refuse.main([put(tmp_path, name, content)]) == 0


def test_every_file_that_git_tracks_would_be_kept():
    """The hook may not be installed where a file was committed: here, and in CI, all of them are looked at."""
    refused = {name: why for name in tracked() if (why := refuse.reason_to_refuse(ROOT / name, ROOT))}
    assert refused == {}


def test_every_made_up_return_would_be_refused_by_what_it_holds(made_up_folder, tmp_path):
    """Made-up returns are in the official layouts: what refuses them refuses real ones."""
    returns = sorted((made_up_folder / "returns").rglob("*.csv"))
    assert len(returns) > 100
    for number, file in enumerate(returns):
        copy = shutil.copy(file, tmp_path / f"{number}.txt")
        assert refuse.reason_to_refuse(copy, tmp_path) or file.stem.endswith(("targets", "survey")), file.name


@pytest.mark.parametrize("name", [
    "data/raw/returns/bromley/2022-03-31/header.csv", "data/processed/bromley/children.parquet", "reports/index.html",
    "data/processed/runs/bromley/2022-03-31/30_borough_briefing.ipynb", "data/processed/released/bromley.parquet",
    "notebooks/.ipynb_checkpoints/10_clean_returns-checkpoint.ipynb", "children.parquet", "notebooks/children.parquet",
    "child-identifier-secret", "notebooks/Annex A.xlsx", "runs/10_clean_returns.ipynb", "notebooks/30_borough_briefing.html",
])  # fmt: skip
def test_git_ignores_what_a_run_or_jupyterlab_writes(name):
    tracked()
    done = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", name], cwd=ROOT, check=False)
    assert done.returncode == 0


@pytest.fixture
def repository(tmp_path):
    """A repository with the project's hooks installed as CONTRIBUTING.md says; no other hook than ours runs."""
    if not shutil.which("git"):
        pytest.skip("git is not on this machine")
    place = tmp_path / "repository"
    place.mkdir()
    environment = {
        **os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "SKIP": "nbstripout,ruff,ruff-format,layers",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a", "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a",
    }  # fmt: skip

    def run(*command):
        return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)

    run("git", "init", "--quiet")
    shutil.copytree(HOOK.parent, place / ".hooks")
    config = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (place / ".pre-commit-config.yaml").write_text(
        config.replace(".venv/bin/python .hooks", f"{sys.executable} .hooks"), encoding="utf-8"
    )
    assert run(sys.executable, "-m", "pre_commit", "install").returncode == 0
    return place, run


def test_a_commit_of_a_return_and_of_a_notebook_with_outputs_is_stopped(repository):
    place, run = repository
    put(place, "notes.md", "# Notes\n")
    run("git", "add", "--force", ".")
    first = run("git", "commit", "--message", "notes")
    assert first.returncode == 0, first.stdout + first.stderr
    for name, content in (
        ("data/a.csv", "a\n"),
        ("return.txt", HEADER),
        ("a.ipynb", notebook(outputs=[{"text": "3"}])),
    ):
        put(place, name, content)
        run("git", "add", "--force", name)
    done = run("git", "commit", "--message", "by mistake")
    assert done.returncode != 0
    told = done.stdout + done.stderr
    assert all(f"{name}: " in told for name in ("data/a.csv", "return.txt", "a.ipynb")), told
    assert run("git", "rev-list", "--count", "HEAD").stdout.strip() == "1"
