"""Spoiled files: always a result whose rows add up, or a refusal in words. BRIEFINGS_EXAMPLES=10000 tries more."""

import datetime as dt
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.clean import link_collections, type_collection
from helpers.errors import InputError, NoDataError
from helpers.read.returns import read_collection

EXAMPLES = int(os.environ.get("BRIEFINGS_EXAMPLES", "200"))
PERIOD = dt.date(2021, 3, 31)
SOUND = {
    "header.csv": b"CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nA1,1,14/02/2010,WBRI,UN1,,\nA2,2,31/03/2004,BAFR,UN1,1,01/02/2021\n",
    "episodes.csv": b"CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
    b"A1,01/05/2020,S,V2,N1,U6,PR1,,,,RM10 7BN,IG11 8PY,1234567\nA2,01/06/2019,S,C2,N1,K2,PR4,10/01/2021,E4A,,,,\n",
    "oc2.csv": b"CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_ASSESSMENT\nA1,14/02/2010,12,,0,1\nA2,31/03/2004,,SDQ2,0,1\n",
    "903.xml": b"<?xml version='1.0' encoding='utf-8'?>\n<EXPSSDA903>\n<CHILD><HEADER><CHILDID>A3</CHILDID><SEX>1</SEX>"
    b"<DOB>14/02/2010</DOB><ETHNIC>WBRI</ETHNIC><UASC>1</UASC><DUC>14/02/2028</DUC></HEADER>\n<EPISODE><DECOM>01/05/2020</DECOM>"
    b"<RNE>S</RNE><LS>V2</LS><CIN>N1</CIN><PL>U6</PL></EPISODE></CHILD>\n</EXPSSDA903>",
}
PIECES = st.sampled_from(
    [b",", b'"', b"\n", b"\r", b"\r\n", b";", b"\t", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"=cmd", b"\xc3\x89", b"\x81", b"<", b">",
     b"&a;", b"<!DOCTYPE x>", b"31/02/2021", b"44000", b"2021-01-01", b"a) WBRI", b"1.0", b"-", b"CHILD", b"DOB", b"LA,", b"YEAR,",
     b"2021", b"Bromley", b"A1", b"</CHILD>", b"<HEADER>", b"1E+99", b"\xa0", b"99999999999999999999", b"10/10/10"]
)  # fmt: skip
ONE = st.tuples(
    st.sampled_from(["put", "cut", "swap", "double", "piece"]),
    st.floats(0, 1),
    st.floats(0, 1),
    PIECES | st.binary(max_size=6),
)


def spoil(raw: bytes, steps) -> bytes:
    """Put something in, cut something out, change places or double a part, at places given as shares of the length."""
    for step, start, end, piece in steps:
        low, high = sorted((int(start * len(raw)), int(end * len(raw))))
        part = raw[low : min(high, low + 60)]
        done = {"put": piece, "cut": b"", "swap": part[::-1], "double": part * 2, "piece": piece * 3 + part}[step]
        raw = raw[:low] + done + raw[low + len(part) :]
    return raw


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(sorted(SOUND)),
    steps=st.lists(ONE, min_size=1, max_size=6),
    encoding=st.sampled_from(["", "utf-16", "utf-16-le"]),
)
def test_a_spoiled_file_gives_rows_that_add_up_or_a_refusal(tmp_path_factory, name, steps, encoding):
    folder = tmp_path_factory.mktemp("spoiled", numbered=True)
    sound = SOUND[name].decode().encode(encoding) if encoding else SOUND[name]
    (folder / "header.csv").write_bytes(SOUND["header.csv"])
    (folder / name).write_bytes(spoil(sound, steps))
    try:
        files = read_collection(folder, PERIOD)
        collection = type_collection(files)
    except (InputError, NoDataError) as refused:
        assert name in str(refused) or "column" in str(refused)
        return
    finally:
        for one in folder.iterdir():
            one.unlink()
    assert collection.files["rows_read"].tolist() == [len(file.rows) + len(file.aside) for file in files]
    kept = {table: len(rows) for table, rows in collection.tables.items()}
    assert collection.files.groupby("table")["rows_kept"].sum().loc[list(kept)].to_dict() == kept
    assert len(collection.set_aside) == collection.files[["rows_set_aside", "rows_repeated"]].sum().sum()
    cleaned = link_collections([collection], borough_code="E09000006", secret=b"a secret of the test")
    assert cleaned.files["rows_read"].tolist() == collection.files["rows_read"].tolist()
