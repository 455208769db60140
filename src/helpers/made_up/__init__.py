"""Made-up returns: invented children in the official layouts, shaped to totals that three councils printed.

Nothing here is about a real child. A history is lived period by period (history), each choice keeps the printed
counts (choosing), and what the history tells in a year is written as that year's return (returns).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helpers import codes
from helpers.errors import InputError
from helpers.made_up.plans import boroughs_with_figures, make_plan
from helpers.made_up.published import write_published
from helpers.made_up.returns import write_returns

README = "README.md"
BOARD_FIGURES = "board_figures.csv"
FIRST_LINE = "# Made-up children\n"


def write_made_up(
    folder: Path, *, boroughs: Sequence[str] | None = None, children: int | None = None, seed: int = 903
) -> list[Path]:
    """Write made-up returns, populations and comparators, and a README that says that all of it is invented.

    folder: made where it is missing; what an earlier run wrote there is replaced, no other file is touched
    boroughs: names as in codelists/areas.csv; None for the three whose printed figures shape the children
    children: children in care on every 31 March from 2019 to 2023 in each borough, in plausible proportions and
        without printed figures; None for the printed figures
    seed: the same seed gives the same bytes on the same versions of numpy, pandas and scipy
    returns: the files written, in order
    raises: InputError for a borough without printed figures where `children` is None, for a number of children
        below 20, or for a README in the folder that this command did not write; UnknownBoroughError for a name
    """
    names = list(dict.fromkeys(codes.find_borough(name)["label"] for name in boroughs or boroughs_with_figures()))
    if children is not None and children < 20:
        raise InputError(f"Cannot make up {children} children: ask for 20 or more, so that every age is there.")
    plans = [make_plan(name, children=children) for name in names]
    folder = Path(folder)
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    readme = folder / README
    readme.write_text(_readme(names, children, seed), encoding="utf-8", newline="\n")
    written = [readme]
    for plan in plans:
        written += write_returns(folder / "returns", plan, seed)
    written += write_published(folder / "published", names, children)
    return [*written, *_write_board_figures(folder, names, children)]


def _write_board_figures(folder: Path, names: Sequence[str], children: int | None) -> list[Path]:
    """Write the figures that the councils printed, in the layout of notebook 32: what the returns are shaped to."""
    if children is not None:
        return []
    printed = codes.load_codelist("printed_figures")
    path = folder / BOARD_FIGURES
    printed[printed["borough"].isin(names)].to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return [path]


def _clear(folder: Path) -> None:
    """Remove what an earlier run wrote: its files are known by name, and its README by its first line."""
    readme = folder / README
    if readme.exists() and not readme.read_text(encoding="utf-8").startswith(FIRST_LINE):
        raise InputError(f"{readme} was not written by this command. Choose an empty folder for made-up returns.")
    (folder / BOARD_FIGURES).unlink(missing_ok=True)
    for part, pattern in (("returns", "*/*/made_up_*.csv"), ("published", "made_up_*.csv")):
        for file in sorted((folder / part).glob(pattern)):
            file.unlink()
        for empty in sorted((folder / part).glob("**/"), reverse=True):
            if not any(empty.iterdir()):
                empty.rmdir()


def _readme(names: Sequence[str], children: int | None, seed: int) -> str:
    chosen = "".join(f" --borough '{name}'" for name in names) + (f" --children {children}" if children else "")
    shaped = (
        "The totals are shaped to figures that the councils printed; the children behind them are invented."
        if children is None
        else f"Each borough has {children:,} invented children in care on every 31 March, after no printed figure."
    )
    return (
        f"{FIRST_LINE}\n"
        "Every child in this folder is made up. No row is about a real child, no home is a real home, and no figure\n"
        "here is a real figure: do not quote, send or publish it as one. Every child's identifier begins with MADEUP\n"
        "and every file's name with made_up.\n\n"
        f"{shaped}\n\n"
        f"Written by `briefings made-up FOLDER{chosen} --seed {seed}`. Running it again replaces these files.\n"
    )
