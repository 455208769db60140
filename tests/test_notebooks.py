"""Every notebook runs top to bottom for the made-up boroughs, and reads like a report."""

import json
import re

import nbformat
import pytest
from conftest import ROOT

from helpers.briefing import run_notebook

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NUMBERS = ["10", "11", "20", "21", "22", "30", "31", "32"]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def test_every_notebook_of_the_design_is_there():
    assert [path.name[:2] for path in NOTEBOOKS] == NUMBERS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_reads_like_a_report(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = notebook.cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    headings = [
        line for cell in cells if cell.cell_type == "markdown" for line in cell.source.splitlines() if line[:1] == "#"
    ]
    assert len(cells) < 25
    assert sum("parameters" in tags(cell) for cell in cells) == 1, "with no such tag papermill's defaults win"
    assert not any(cell.outputs or cell.execution_count for cell in code), "outputs are committed"
    assert not any(re.search(r"^\s*(def|class|lambda) ", cell.source, re.M) for cell in code), "helpers hold functions"
    assert max(len(cell.source.splitlines()) for cell in code) <= 15
    assert headings[0].startswith("# ")
    assert any(line.startswith("## ") for line in headings)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_headings_are_questions_or_the_names_a_leader_expects(path):
    plain = {"Summary", "About this briefing"}
    notebook = nbformat.read(path, as_version=4)
    asked = [
        line[3:] for cell in notebook.cells if cell.cell_type == "markdown"
        for line in cell.source.splitlines() if line.startswith("## ")
    ]  # fmt: skip
    assert all(heading.endswith("?") or heading in plain for heading in asked), asked


def takeaways(executed):
    for cell in executed.cells:
        if "takeaway" in tags(cell):
            yield from ("".join(output.get("data", {}).get("text/html", "")) for output in cell.outputs)


IN_A_RUN = [path for path in NOTEBOOKS if not path.stem.startswith("32")]


@pytest.mark.parametrize("path", IN_A_RUN, ids=lambda path: path.stem)
def test_a_notebook_runs_and_says_something(path, made_up_run):
    name = path.stem
    runs = made_up_run.processed / "runs"
    places = [runs / f"{name}.ipynb"] if name[:2] in ("11", "31") else sorted(runs.glob(f"*/*/{name}.ipynb"))
    assert len(places) == (1 if name[:2] in ("11", "31") else 3), "one executed copy for each made-up borough"
    for place in places:
        executed = nbformat.read(place, as_version=4)
        code = [cell for cell in executed.cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in code), f"{place}: a cell did not run"
        said = list(takeaways(executed))
        assert said, "at least one section ends in a sentence made by code"
        assert not any(re.search(r"\b(nan|NaN|inf|None|NaT)\b", words) for words in said)


def test_a_notebooks_defaults_are_made_up_children_and_the_same_in_all():
    defaults = {}
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        cell = next(cell for cell in notebook.cells if "parameters" in tags(cell))
        for line in cell.source.splitlines():
            name, value = line.split("  #")[0].split(" = ")
            defaults.setdefault(name, set()).add(value)
    assert all(len(values) == 1 for values in defaults.values()), defaults
    assert all("made_up" in json.loads(*defaults[name]) for name in ("returns", "published", "processed"))


def test_a_board_reports_figures_are_checked_by_notebook_32(made_up_run, tmp_path):
    """The example of the documented layout: figures that agree, figures that do not, and contradictions, in words."""
    places = {"returns": made_up_run.made_up / "returns", "published": made_up_run.made_up / "published",
              "processed": made_up_run.processed, "figures": made_up_run.made_up / "board_figures.csv"}  # fmt: skip
    parameters = {"borough": "Redbridge", "as_at": "2013-03-31", **{name: str(path) for name, path in places.items()}}
    executed = run_notebook("32_check_published_figures", tmp_path / "32.ipynb", parameters)
    said = " ".join(takeaways(executed))
    assert re.search(r"figures of Redbridge: \d+ agree with the return, \d+ do not", said)
    assert re.search(r"contradict each other \d+ times", said)
    tables = " ".join(
        "".join(output.get("data", {}).get("text/html", "")) for cell in executed.cells if cell.cell_type == "code"
        for output in cell.outputs
    )  # fmt: skip
    assert "Figures that cannot all be true" in tables
    assert "54 of 71" in tables
