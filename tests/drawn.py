"""Small tables drawn as text, so that a test reads as what it says."""

import io

import pandas as pd


def table(text: str) -> pd.DataFrame:
    """Read a drawn table: cells between bars, a blank cell missing, numbers and ISO dates typed."""
    lines = [line.strip().strip("|") for line in text.strip().splitlines() if set(line.strip()) - set("|-+ ")]
    frame = pd.read_csv(io.StringIO("\n".join(lines)), sep="|", skipinitialspace=True, dtype=str)
    frame.columns = frame.columns.str.strip()
    frame = frame.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    frame = frame.mask(frame == "")
    for column in frame:
        cells = frame[column].dropna()
        if len(cells) and cells.str.fullmatch(r"-?\d+(\.\d+)?").all():
            frame[column] = frame[column].astype(float)
        elif len(cells) and cells.str.fullmatch(r"\d{4}-\d\d-\d\d").all():
            frame[column] = pd.to_datetime(frame[column])
    return frame


def write_return(folder, **tables: str) -> None:
    """Write drawn tables as the CSV files of one collection."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.strip().splitlines()]
        (folder / f"{name}.csv").write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
