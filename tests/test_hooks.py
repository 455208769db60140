"""The pre-commit hook refuses files that hold records of single children."""

import importlib.util
import json

import pytest
from conftest import ROOT

spec = importlib.util.spec_from_file_location("refuse", ROOT / ".hooks" / "refuse_child_level_files.py")
refuse = importlib.util.module_from_spec(spec)
spec.loader.exec_module(refuse)

NOTEBOOK = {"cells": [{"cell_type": "code", "outputs": [{"text": "391"}], "source": ""}]}


@pytest.mark.parametrize(
    ("name", "text", "refused"),
    [
        ("tests/header.csv", "CHILD,SEX,DOB\n1,2,01/01/2010\n", True),
        ("tests/annex.csv", '"Child Unique ID",Gender\n1,M\n', True),
        ("reports/index.html", "<html>", True),
        ("data/raw/README.md", "# Data", False),
        ("tests/figures.csv", "borough,value\nBromley,338\n", False),
        ("return.xml", "<EXPSSDA903><CHILD/>", True),
        ("children.parquet", "", True),
        ("a.ipynb", json.dumps(NOTEBOOK), True),
        ("b.ipynb", json.dumps({"cells": [{"cell_type": "code", "outputs": [], "source": ""}]}), False),
    ],
)
def test_child_level_files_are_refused(tmp_path, monkeypatch, name, text, refused):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert refuse.main([name]) == (1 if refused else 0)
