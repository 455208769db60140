"""Statistical neighbours: DfE's two layouts, the newest model alone, names where they are told, and faults in words."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import InputError, NoDataError, UnknownBoroughError, UnlistedCodeError
from helpers.read.neighbours import neighbours_of, neighbours_table
from helpers.read.published import Published, read_published
from helpers.schemas import Neighbours, columns_of

TEN = ["308", "821", "313", "333", "336", "307", "304", "312", "874", "203"]
ESTIMATES = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "new_la_code,la_name,age_group,population_estimate\n2024,Reporting year,Local authority,E92000001,England,"
    "E13000002,Outer London,301,E09000002,Barking and Dagenham,Children aged 0 to 17 years,66000\n"
)


def of_2025(rows: list[tuple[str, str, list[str]]], word: str = "Close ") -> str:
    """Draw DfE's model of 2025, byte order mark and trailing spaces as downloaded."""
    columns = [f"SN_{rank},SN_{rank}P" for rank in range(1, 11)]
    lines = [",".join([number, name, "3", "London", *(f"{one},{word}" for one in ten)]) for number, name, ten in rows]
    return "\n".join(["\ufeffold_la_code,la_name,region_ind,region_name," + ",".join(columns), *lines, ""])


def of_2021(rows: list[tuple[str, str, list[str]]]) -> str:
    """Draw the model of 2021: every closeness column is called SNP, and an empty column stands at the end."""
    columns = [f"SN{rank},SNP" for rank in range(1, 11)]
    lines = [
        ",".join([number, name, number, "3", "London (Outer)", *(f"{one},Not Close" for one in ten), ""])
        for number, name, ten in rows
    ]
    return "\n".join(["\ufeffLA num,LA Name,LA number,GOInd,GOReg," + ",".join(columns) + ",", *lines, ""])


def read(folder: Path, **files: str) -> Published:
    """Write the files (double underscore for a dot) beside one of ONS, and read the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"ons__csv": ESTIMATES, **files}.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    return read_published(folder)


ROW = ("301", "Barking and Dagenham", TEN)


def test_neighbours_are_read_in_order_with_code_name_and_closeness(tmp_path):
    luton = ("821", "Luton", [*TEN[:1], "301", *TEN[2:]])
    found = read(tmp_path, sn_model_2025_wide__csv=of_2025([ROW, luton]))
    own = neighbours_of(found.neighbours, "Barking & Dagenham")
    assert own["rank"].tolist() == list(range(1, 11))
    assert own.loc[0, ["neighbour_code", "neighbour", "closeness"]].tolist() == ["E09000010", "Enfield", "Close"]
    # Luton lies outside London: DfE's number, and the name that its own line tells. 333 has no line, so no name.
    assert own.loc[1, ["neighbour_code", "neighbour"]].tolist() == ["821", "Luton"]
    assert own.loc[3, ["neighbour_code", "neighbour"]].tolist() == ["333", ""]
    assert found.neighbours["borough_code"].unique().tolist() == ["E09000002"]
    files = found.files.set_index("file")
    assert files.loc["sn_model_2025_wide.csv", "why"] == "1 row: area not in codelists/areas.csv"


def test_the_list_of_authorities_names_the_others(tmp_path):
    names = "LA Number,LA Name,Region,Type\n333,Sandwell,West Midlands,MD\n336,Wolverhampton,West Midlands,MD\n"
    found = read(tmp_path, sn__csv=of_2025([ROW]), la_code_list__csv=names)
    own = neighbours_of(found.neighbours, "Barking and Dagenham").set_index("neighbour_code")["neighbour"]
    assert (own["333"], own["336"], own["874"]) == ("Sandwell", "Wolverhampton", "")
    assert found.files.set_index("file").loc["la_code_list.csv", "rows_used"] == 2


def test_the_newest_model_is_taken_and_the_other_is_told(tmp_path):
    other = ("301", "Barking and Dagenham", TEN[::-1])
    found = read(tmp_path, new__csv=of_2025([ROW]), old__csv=of_2021([other]))
    assert found.neighbours["model"].unique().tolist() == ["2025"]
    assert neighbours_of(found.neighbours, "Barking and Dagenham")["neighbour"].iloc[0] == "Enfield"
    files = found.files.set_index("file")
    assert files.loc["old.csv", "why"] == "1 row: older model of 2021 not used"
    assert files.loc["old.csv", ["rows_used", "rows_left_out"]].tolist() == [0, 1]


def test_the_model_of_2021_is_read_where_it_is_the_only_one(tmp_path):
    found = read(tmp_path, New_Groupings_April_2021__csv=of_2021([ROW])).neighbours
    assert found["model"].unique().tolist() == ["2021"]
    assert found["closeness"].unique().tolist() == ["Not close"]
    assert found["neighbour_code"].iloc[0] == "E09000010"


def test_the_year_of_a_later_model_is_that_of_its_file(tmp_path):
    found = read(tmp_path, sn_model_2029_wide__csv=of_2025([ROW]), sn_model_2025_wide__csv=of_2025([ROW]))
    assert found.neighbours["model"].unique().tolist() == ["2029"]


def test_invented_neighbours_say_so(tmp_path):
    found = read(tmp_path, made_up_statistical_neighbours_2025__csv=of_2025([ROW])).neighbours
    assert found["model"].unique().tolist() == ["2025 (made up)"]


def test_no_file_gives_an_empty_table_of_the_contract(tmp_path):
    found = read(tmp_path).neighbours
    assert found.empty
    assert list(found.columns) == columns_of(Neighbours)
    assert neighbours_of(found, "Bromley").empty
    assert "Statistical neighbours" in neighbours_table(found).caption


def test_neighbours_alone_are_no_table_of_dfe_or_ons(tmp_path):
    (tmp_path / "sn.csv").write_text(of_2025([ROW]), encoding="utf-8")
    with pytest.raises(NoDataError, match="holds no table"):
        read_published(tmp_path)


def test_a_borough_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(UnknownBoroughError, match="Bromly"):
        neighbours_of(pd.DataFrame(columns=columns_of(Neighbours)), "Bromly")


@pytest.mark.parametrize(
    ("ten", "message"),
    [
        (["30", *TEN[1:]], "sn.csv, line 2, column SN_1: found '30', expected an authority's number of three digits"),
        ([*TEN[:2], "301", *TEN[3:]], "line 2, column SN_3: found the authority itself, expected ten others"),
        (["821", *TEN[1:]], "line 2, column SN_1 to SN_10: found one authority twice, expected ten different ones"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_right_is_refused(tmp_path, ten, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, sn__csv=of_2025([("301", "Barking and Dagenham", ten)]))


def test_a_table_with_a_fault_is_refused(tmp_path):
    with pytest.raises(InputError, match="line 3, column old_la_code: found an authority of an earlier line"):
        read(tmp_path / "a", sn__csv=of_2025([ROW, ROW]))
    with pytest.raises(UnlistedCodeError, match="line 2, column SN_1P: 'Rather close' in 1 rows, not listed in"):
        read(tmp_path / "b", sn__csv=of_2025([ROW], word="Rather close"))
    with pytest.raises(UnlistedCodeError, match="line 2, column SNP after SN1: 'Not known' in 1 rows"):
        read(tmp_path / "d", sn__csv=of_2021([ROW]).replace("Not Close", "Not known"))
    other = ("301", "Barking and Dagenham", TEN[::-1])
    with pytest.raises(InputError, match="a.csv and b.csv give different statistical neighbours of one model"):
        read(tmp_path / "c", a__csv=of_2025([ROW]), b__csv=of_2025([other]))


def test_files_of_one_model_that_differ_in_a_word_alone_are_refused(tmp_path):
    with pytest.raises(InputError, match="a.csv and b.csv give different statistical neighbours of one model"):
        read(tmp_path, a__csv=of_2025([ROW]), b__csv=of_2025([ROW], word="Very close"))


def test_one_model_saved_twice_is_one_list(tmp_path):
    found = read(tmp_path, a__csv=of_2025([ROW]), b__csv=of_2025([ROW], word="CLOSE")).neighbours
    assert found["rank"].tolist() == list(range(1, 11))


def test_a_reader_is_told_how_many_neighbours_are_in_london(tmp_path):
    table = neighbours_table(read(tmp_path, sn__csv=of_2025([ROW])).neighbours)
    told = table.frame.iloc[0]
    assert told["within"] == sum(number.startswith(("2", "30", "31", "320")) for number in TEN)
    assert told["listed"].startswith("Enfield, authority 821, ")
    assert told["model"] == "2025"


def test_the_real_models_are_read(shared, real_published):
    """Ten neighbours of all 33 boroughs; seven of Barking and Dagenham's differ between the models (peers.md)."""
    found = real_published.neighbours
    assert found.groupby("borough_code")["rank"].apply(list).eq([list(range(1, 11))] * 33).all()
    assert found["model"].unique().tolist() == ["2025"]
    assert found["neighbour"].ne("").all()
    assert found["neighbour_code"].ne(found["borough_code"]).all()
    assert not found.duplicated(["borough_code", "neighbour_code"]).any()
    croydon = neighbours_of(found, "Croydon")
    assert croydon["neighbour"].tolist()[:2] == ["Lewisham", "Waltham Forest"]
    assert croydon["neighbour_code"].tolist()[2] == "383"  # Leeds, outside London: DfE's number is kept
    assert croydon["closeness"].unique().tolist() == ["Close"]
    own = neighbours_of(found, "Barking and Dagenham")
    assert own["neighbour"].tolist()[:2] == ["Enfield", "Luton"]
    old = pd.read_csv(shared / "published/neighbours/New_Statistical_Neighbour_Groupings_April_2021.csv", dtype=str)
    line = old.set_index("LA num").loc["301"]
    before = {line[f"SN{rank}"] for rank in range(1, 11)}
    assert len(before - {"308", "821", "313", "333", "336", "307", "304", "312", "874", "203"}) == 7
