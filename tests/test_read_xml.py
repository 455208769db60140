"""The collection as XML: every row of it is kept or set aside, however it is written, and nothing in it is followed."""

import pytest
from return_forms import PERIOD, account, typed, write_files

from helpers.errors import InputError
from helpers.read.xml import read_xml

HEAD = "<CHILDID>{}</CHILDID><SEX>1</SEX><DOB>14/02/2010</DOB><ETHNIC>WBRI</ETHNIC>"
EPISODE = "<EPISODE><DECOM>01/05/2020</DECOM><RNE>S</RNE><LS>V2</LS><CIN>N1</CIN><PL>U6</PL><DEC/></EPISODE>"
CHILD = f"<CHILD><HEADER>{HEAD.format('A1')}</HEADER>\n{EPISODE}</CHILD>\n"
WHOLE = {"header": (1, 1, 0, 0), "episodes": (1, 1, 0, 0)}


def document(inside, encoding="utf-8"):
    return f"<?xml version='1.0' encoding='{encoding}'?>\n<EXPSSDA903>\n{inside}</EXPSSDA903>\n"


def read(folder, text, encoding="utf-8"):
    return typed(write_files(folder, {"903.xml": text.encode(encoding)}))


def refusal(text, encoding="utf-8") -> str:
    with pytest.raises(InputError) as refused:
        read_xml(text.encode(encoding), "903.xml", PERIOD)
    assert str(refused.value).startswith("903.xml") and str(refused.value).endswith("Nothing was written.")
    return str(refused.value)


# --- written otherwise --------------------------------------------------------------------------------------------

NIL = '<DUC xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
OTHERWISE = {
    "one child": document(CHILD),
    "small letters": document(CHILD.lower().replace("a1", "A1")),
    "a prefix": "<x:EXPSSDA903 xmlns:x='urn:a'>" + CHILD.replace("<", "<x:").replace("<x:/", "</x:") + "</x:EXPSSDA903>",
    "a name space": "<EXPSSDA903 xmlns='urn:a'>" + CHILD + "</EXPSSDA903>",
    "comments": document(CHILD.replace("14/02", "14/<!-- day -->02").replace("<SEX>", "<!-- s --><?p i?><SEX>")),
    "marked text": document(CHILD.replace(">1<", "><![CDATA[1]]><").replace("A1", "A&#49;")),
    "attributes": document(CHILD.replace("<SEX>", "<SEX a='1'>").replace("</HEADER>", NIL + "</HEADER>")),
    "the same element twice": document(CHILD.replace("<SEX>1</SEX>", "<SEX>1</SEX><SEX>1</SEX>")),
    "blank lines first": "\n\n" + document(CHILD),
    "no declaration": f"<EXPSSDA903>{CHILD}</EXPSSDA903>",
    "elements around": document(f"<CHILDREN>{CHILD.replace('<EPISODE>', '<EPISODES><EPISODE>').replace('</EPISODE>', '</EPISODE></EPISODES>')}</CHILDREN>"),
    "an episode in the header": document(f"<CHILD><HEADER>{HEAD.format('A1')}{EPISODE}</HEADER></CHILD>"),
    "many levels": "<EXPSSDA903>" + "<A>" * 200 + CHILD + "</A>" * 200 + "</EXPSSDA903>",
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERWISE)
def test_a_collection_that_is_written_otherwise_gives_the_same_rows(tmp_path, case):
    collection = read(tmp_path, OTHERWISE[case])
    assert {table: counts for table, counts in account(collection).items() if any(counts)} == WHOLE
    assert collection.tables["header"].iloc[0][["CHILD", "SEX", "ETHNIC"]].tolist() == ["A1", "1", "WBRI"]
    assert collection.tables["header"]["DOB"].dt.day.tolist() == [14]
    assert collection.tables["episodes"].iloc[0][["CHILD", "PLACE"]].tolist() == ["A1", "U6"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("told", ["utf-8", "UTF-16", "iso-8859-1", "us-ascii", "windows-1252", "klingon"])
def test_what_the_declaration_says_of_the_encoding_does_not_matter(tmp_path, encoding, told):
    collection = read(tmp_path, document(CHILD.replace("A1", "É1"), told), encoding)
    assert collection.tables["episodes"]["CHILD"].tolist() == ["É1"]


def test_rows_are_found_however_deep_they_stand(tmp_path):
    review = "<AREVIEW><REVIEW>01/06/2020</REVIEW><REVIEW_CODE>PN1</REVIEW_CODE></AREVIEW>"
    inner = CHILD.replace("A1", "A2").replace("<EPISODE>", f"<EPISODE>{review}")
    collection = read(tmp_path, document(CHILD.replace("</CHILD>", f"{inner}</CHILD>")))
    assert collection.tables["header"]["CHILD"].tolist() == ["A1", "A2"]
    assert collection.tables["episodes"]["CHILD"].tolist() == ["A1", "A2"], "a row is of the CHILD it stands in"
    assert collection.tables["reviews"]["CHILD"].tolist() == ["A2"]
    assert collection.set_aside.empty


# --- every row is accounted for -----------------------------------------------------------------------------------

ASIDE = {
    "a CHILD without a HEADER": (CHILD + f"<CHILD>{EPISODE}</CHILD>", {"episodes": (2, 1, 1, 0)}, [""]),
    "a row in no CHILD": (CHILD + EPISODE, {"episodes": (2, 1, 1, 0)}, [""]),
    "two HEADERs": (f"<CHILD><HEADER>{HEAD.format('A1')}</HEADER><HEADER>{HEAD.format('A2')}</HEADER>{EPISODE}</CHILD>",
                    {"header": (2, 0, 2, 0), "episodes": (1, 0, 1, 0)}, ["", "", ""]),
    "two identifiers": (CHILD.replace("<SEX>", "<CHILDID>A2</CHILDID><SEX>"), {"header": (1, 0, 1, 0), "episodes": (1, 0, 1, 0)}, ["CHILD", "CHILD"]),
    "two values": (CHILD.replace("<SEX>", "<SEX>2</SEX><SEX>"), {"header": (1, 0, 1, 0), "episodes": (1, 1, 0, 0)}, ["SEX"]),
    "no identifier": (CHILD.replace("A1", ""), {"header": (1, 0, 1, 0), "episodes": (1, 0, 1, 0)}, ["CHILD", "CHILD"]),
    "an element in a value": (CHILD.replace("<DEC/>", "<DEC><b>01/06/2020</b></DEC>"), {"episodes": (1, 0, 1, 0)}, ["DEC"]),
    "a value in an attribute": (CHILD.replace("<DEC/>", "<DEC v='01/06/2020'/>"), {"episodes": (1, 0, 1, 0)}, ["DEC"]),
    "rows in a value": (CHILD.replace("<ETHNIC>WBRI", "<ETHNIC>" + EPISODE.replace("05/2020", "06/2020") + "WBRI"), {"header": (1, 0, 1, 0), "episodes": (2, 2, 0, 0)}, ["ETHNIC"]),
    "a HEADER in a HEADER": (CHILD.replace("<SEX>", f"<HEADER>{HEAD.format('A2')}</HEADER><SEX>", 1), {"header": (2, 0, 2, 0), "episodes": (1, 0, 1, 0)}, ["", "", ""]),
    "a flag that is none": (CHILD.replace("</HEADER>", "<UASC>maybe</UASC></HEADER>"), {"uasc": (1, 0, 1, 0)}, ["UASC"]),
}  # fmt: skip


@pytest.mark.parametrize("case", ASIDE)
def test_what_cannot_be_trusted_is_set_aside_with_its_reason(tmp_path, case):
    inside, counts, columns = ASIDE[case]
    collection = read(tmp_path, document(inside))
    assert {table: account(collection)[table] for table in counts} == counts
    assert collection.set_aside["column"].tolist() == columns
    assert (collection.set_aside["rule"] != "").all()


def test_the_flag_on_the_header_is_a_row_of_the_uasc_table(tmp_path):
    flags = {
        "A1": "<UASC>1</UASC>",
        "A2": "<UASC>0</UASC>",
        "A3": "<UASC/><DUC>14/02/2028</DUC>",
        "A4": "<UASC>No</UASC>",
    }
    inside = "".join(f"<CHILD><HEADER>{HEAD.format(child)}{flag}</HEADER></CHILD>" for child, flag in flags.items())
    uasc = read(tmp_path, document(inside)).tables["uasc"]
    assert uasc["CHILD"].tolist() == ["A1", "A3"]
    assert uasc["DUC"].isna().tolist() == [True, False], "a child whose status has not ceased is still one"


def test_what_is_not_used_is_told(tmp_path):
    inside = CHILD.replace("<SEX>", "<SHOE>9</SHOE>text<SEX>").replace("<EPISODE>", "<LATER><X>1</X></LATER><EPISODE>")
    collection = read(tmp_path, document(inside))
    told = collection.changes[~collection.changes["why"].str.contains("did not come")]
    assert told["column"].tolist() == ["SHOE", "SHOE", "LATER"], "the text behind the element too"
    assert "UPN" in collection.tables["header"].attrs["absent"]
    assert collection.changes.query("column == 'UPN'")["why"].str.contains("did not come").all()


# --- refused ------------------------------------------------------------------------------------------------------

BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><EXPSSDA903><CHILD><HEADER><CHILDID>&b;</CHILDID></HEADER></CHILD></EXPSSDA903>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><EXPSSDA903><CHILD><HEADER><CHILDID>&a;</CHILDID></HEADER></CHILD></EXPSSDA903>'
BAD = {
    "an entity bomb": (BOMB, "document type or an entity"),
    "an outside entity": (OUTSIDE, "document type or an entity"),
    "an outside document type": ("<!doctype x SYSTEM 'http://example.org/x.dtd'>" + document(CHILD)[40:], "document type"),
    "an entity of nobody": (document(CHILD.replace("A1", "&child;")), "line 3"),
    "cut off": (document(CHILD)[:150], "may be cut off"),
    "a byte that XML cannot hold": (document(CHILD.replace("A1", "A\x0b1")), "line 3"),
    "five thousand levels": ("<A>" * 5000 + "</A>" * 5000, "cannot be read"),
    "other XML": ("<html><body/></html>", "no SSDA903 collection"),
    "no children": (document(""), "no SSDA903 collection"),
    "a table as text": ("CHILD,SEX,DOB,ETHNIC\nA1,1,14/02/2010,WBRI\n", "cannot be read"),
    "a formula": (document(CHILD.replace(">1<", ">=cmd|' /C calc'!A0<")), "line 3, column SEX: the cell begins with ="),
    "a hidden formula": (document(CHILD.replace(">1<", ">&#61;cmd|x<")), "line 3, column SEX: the cell begins with ="),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_bad_xml_is_refused_in_words_without_following_anything(case, encoding):
    text, told = BAD[case]
    message = refusal(text, encoding)
    assert told in message
    assert "A1" not in message and "root:" not in message


def test_a_file_is_never_fetched_by_an_inclusion(tmp_path):
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    collection = read(tmp_path, document(CHILD.replace("</HEADER>", include + "</HEADER>")))
    assert account(collection)["header"] == (1, 1, 0, 0)
    assert "INCLUDE" in collection.changes["column"].tolist()


def test_text_exported_as_a_formula_is_read_as_text(tmp_path):
    collection = read(tmp_path, document(CHILD.replace(">A1<", '>="00123"<')))
    assert collection.tables["episodes"]["CHILD"].tolist() == ["00123"]
