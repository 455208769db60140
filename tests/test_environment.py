"""One list of dependencies, exact pins, and nothing that ties the repository to a machine."""

import re
import subprocess
import tomllib

import pytest
from conftest import ROOT


def requirement_names(requirements):
    return {re.split(r"[\[<>=!~;\s]", one)[0].lower().replace("_", "-") for one in requirements}


def test_constraints_pin_every_dependency_and_hold_nothing_else():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = requirement_names([*project["dependencies"], *project["optional-dependencies"]["dev"]])
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    assert wanted <= requirement_names(lines)


def test_conda_takes_its_dependencies_from_pyproject():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = [line.strip().removeprefix("- ") for line in text.splitlines() if line.strip().startswith("- ")]
    assert listed == ["conda-forge", "python=3.11", "pip", "pip:", "--constraint constraints.txt", "--editable .[dev]"]


def test_data_and_reports_are_ignored_but_for_their_readmes():
    for folder in ("data/raw", "data/processed", "reports"):
        assert _ignored(f"{folder}/barking/header.csv"), folder
        assert not _ignored(f"{folder}/README.md"), folder


def _ignored(path):
    done = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", path], cwd=ROOT, check=False)
    if done.returncode == 128:
        pytest.skip("this copy is not a git checkout")
    return done.returncode == 0
