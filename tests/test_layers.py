"""Imports point down only. The layers stand here, top first; a module may import from lower lines, never its own."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "helpers"
LAYERS = [
    ["__main__"],
    ["batch", "progress"],
    ["overview"],
    ["briefing"],
    ["audit"],
    [
        "briefing_page",
        "data_quality",
        "corrected_return",
        "return_templates",
        "notebook_tables",
        "quality_page",
        "london_page",
        "catalogue_page",
        "figure_check_page",
        "file_names",
    ],
    ["page_parts", "completeness"],
    ["compare"],
    ["counts", "board_figures", "annex"],
    ["editions"],
    ["read", "clean", "rules", "population", "indicators", "made_up", "processed", "disclosure_rules"],
    ["episodes", "postcodes", "link_years"],
    ["charts"],
    ["schemas", "disproportionality", "trends", "tables"],
    ["figure_checks"],
    ["codes", "rates", "disclosure", "identifiers", "commentary", "looking"],
    ["wording"],
    ["rounding", "spreadsheet_text"],
    ["settings"],
    ["errors", "private_files", "private_kernel"],
]
DEPTH = {module: depth for depth, line in enumerate(LAYERS) for module in line}


def module_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("helpers.")} - {"__version__"}


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down(path):
    own = module_of(path)
    if own == "__init__":
        return
    assert own in DEPTH, f"{own} has no place in the layers"
    wrong = {name for name in imported_modules(path) if name != own and DEPTH.get(name, -1) <= DEPTH[own]}
    assert not wrong, f"{own} may not import {sorted(wrong)}"


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_briefing_knows_papermill_and_only_codes_opens_codelists(path):
    text = path.read_text(encoding="utf-8")
    if module_of(path) != "briefing":
        assert "papermill" not in {
            line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
        }
    if module_of(path) != "codes":
        assert 'files("helpers")' not in text or "codelists" not in text


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_hidden_by_a_catch_all(path):
    text = path.read_text(encoding="utf-8")
    for bad in ("except Exception", "except:", 'errors="coerce"', "errors='coerce'"):
        assert bad not in text, f"{path.name} contains {bad}"
    assert len(text.splitlines()) <= 450, f"{path.name} is too long: split it by meaning"
