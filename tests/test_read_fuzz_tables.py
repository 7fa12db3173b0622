"""
Damaged and hostile workbooks, ledgers and lines: nothing but our own errors comes out.

Bytes are damaged in the file, and for xlsx also inside the packed sheet, where the reader trusts.
"""

import io
import time
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import codes, layer, workspace

from landuse import packed, read
from landuse.errors import LanduseError, LayerError

SECONDS = 20
XLS = Path(__file__).parent / "sheets" / "merged_header.xls"
CSV = (
    "电子监管号,土地使用权人,供应面积,成交价款,合同签订日期,是否查封\n"
    '4110032016B00001,某公司,1.5,300,2016-01-01,否\n4110032016B00002,"某,厂",2,10,2016.1.2,是\n'
)
JSONL = '{"电子监管号": "4110032016B00001", "供应面积": 1.5, "合同签订日期": "2016-01-01"}\n' * 3


def xlsx():
    """Return a workbook with a merged header of two rows."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 1, 0, "电子监管号")
    sheet.merge_range(0, 1, 0, 2, "供应情况")
    sheet.write_row(1, 1, ["供应面积", "成交价款"])
    sheet.write_row(2, 0, ["4110032016B00001", 1.5, 300])
    sheet.write_row(3, 0, ["4110032016B00002", "2公顷", "三"])
    book.close()
    return held.getvalue()


SEEDS = {
    "s.xlsx": xlsx(),
    "s.xls": XLS.read_bytes(),
    "s.csv": CSV.encode("gb18030"),
    "s.jsonl": JSONL.encode(),
}
INSIDE = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml")
SHARE = st.floats(0, 1, exclude_max=True)
SPOTS = st.lists(st.tuples(SHARE, st.integers(0, 255)), max_size=6)
DAMAGE = {"spots": SPOTS, "cut": st.none() | SHARE, "twice": st.none() | SHARE}


def damaged(data, spots, cut, twice):
    """Return bytes with some replaced, the end cut off, a stretch repeated."""
    changed = bytearray(data)
    for place, byte in spots:
        changed[int(place * len(changed))] = byte
    if cut is not None:
        changed = changed[: int(cut * len(changed))]
    at = int((twice or 0) * len(changed))
    return bytes(changed[:at] + changed[at // 2 : at] * 2 + changed[at:])


def repacked(change):
    """Return the workbook with the text of some of its parts changed."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(SEEDS["s.xlsx"])) as old,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)))
    return held.getvalue()


def tried(root, name, data):
    """Read one file; only our errors may come, and soon."""
    made = workspace(root, {"s": layer("supply", name)}, {name: data})
    begun = time.process_time()
    with suppress(LanduseError):
        read.tables(made)
    assert time.process_time() - begun < SECONDS


bounded = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("name", SEEDS)
@bounded
@given(**DAMAGE)
def test_damaged_ledgers(name, tmp_path, spots, cut, twice):
    tried(tmp_path, name, damaged(SEEDS[name], spots, cut, twice))


@pytest.mark.parametrize("part", INSIDE)
@bounded
@given(**DAMAGE)
def test_damage_inside_a_workbook(part, tmp_path, spots, cut, twice):
    data = repacked(lambda n, text: damaged(text, spots, cut, twice) if n == part else text)
    tried(tmp_path, "s.xlsx", data)


CELL = st.text(max_size=8) | st.sampled_from(["1.5", "2016-01-01", "合计", '"', "\n", "=1", "é"])


@pytest.mark.parametrize("ending", ["csv", "tsv"])
@bounded
@given(rows=st.lists(st.lists(CELL, max_size=7), max_size=8))
def test_any_cells_as_a_ledger(ending, tmp_path, rows):
    head = CSV.splitlines()[0]
    text = "\n".join([head, *(",".join(row) for row in rows)])
    tried(tmp_path, f"s.{ending}", text.encode("utf-8", "surrogatepass"))


@bounded
@given(lines=st.lists(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=6),
    lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6,
), max_size=6))  # fmt: skip
def test_any_objects_as_lines(tmp_path, lines):
    text = "\n".join(str(line).replace("'", '"') for line in lines)
    tried(tmp_path, "s.jsonl", (JSONL + text).encode("utf-8", "surrogatepass"))


def refused(root, name, data):
    made = workspace(root, {"s": layer("supply", name)}, {name: data})
    with pytest.raises(LayerError) as caught:
        read.tables(made)
    return str(caught.value)


def far(fill):
    """Return a workbook whose last cell is the last there can be."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["电子监管号", "供应面积"])
    sheet.write_row(1, 0, ["4110032016B00001", 1.5])
    if fill:
        sheet.write(1_048_575, 16_383, "x")
    else:
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    book.close()
    return held.getvalue()


def test_two_cells_that_ask_for_half_a_terabyte(tmp_path):
    said = refused(tmp_path, "s.xlsx", far(fill=True))
    assert "row 1048576 and column 16384" in said
    assert "Delete what stands far outside" in said


def test_cells_that_do_not_say_where_they_are_count_too(tmp_path):
    rows = b"<row>" + b"<c><v>1</v></c>" * 400 + b"</row>"
    data = repacked(
        lambda name, text: (
            text.partition(b"<sheetData>")[0] + b"<sheetData>" + rows * 2 + b'<row r="1048576">'
            b'<c r="A1048576"><v>1</v></c></row></sheetData></worksheet>'
            if name == INSIDE[0]
            else text
        )
    )
    assert "reach row 1048576" in refused(tmp_path, "s.xlsx", data)


def test_formats_without_contents_reach_as_far_as_they_like(tmp_path):
    made = workspace(tmp_path, {"s": layer("supply", "s.xlsx")}, {"s.xlsx": far(fill=False)})
    assert read.tables(made).tables["supply"]["supply_id"].tolist() == ["4110032016B00001"]


@pytest.mark.parametrize("name", ["s.xlsx", "s.xlsm", "s.xls"])
def test_a_workbook_that_unpacks_without_end(tmp_path, monkeypatch, name):
    monkeypatch.setattr(packed, "LARGEST_UNPACKED", 1 << 22)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("[Content_Types].xml", SEEDS["s.csv"])
        pack.writestr("xl/sharedStrings.xml", b" " * (8 << 20))
    tracemalloc.start()
    said = refused(tmp_path, name, held.getvalue())
    assert "unpacks to more than" in said
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_entities_in_a_workbook_are_refused(tmp_path, part):
    lots = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    data = repacked(
        lambda name, text: text.replace(b"?>", b"?>" + lots, 1) if name == part else text
    )
    assert "declares entities" in refused(tmp_path, "s.xlsx", data)


def test_more_parts_than_a_workbook_has(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as pack:
        for n in range(10_001):
            pack.writestr(str(n), b"")
    assert "holds 10001 parts" in refused(tmp_path, "s.xlsx", held.getvalue())


def test_a_workbook_of_the_old_format_with_merged_headings(tmp_path):
    made = workspace(tmp_path, {"s": layer("supply", "s.xls")}, {"s.xls": XLS.read_bytes()})
    reading = read.tables(made)
    table = reading.tables["supply"]
    assert codes(reading.findings) == {
        "unit_of_sheet": 2, "header_found": 1, "row_of_notes": 1, "row_of_totals": 1,
        "columns_matched": 1,
    }  # fmt: skip
    assert table["source_row"].tolist() == [4, 5, 6, 7, 8, 9]
    assert table["declared_area"].tolist() == pytest.approx(
        [12_345.0 + 10_000 * n for n in range(6)]
    )
    assert table["price"].tolist() == [3e6 + 10_000 * n for n in range(6)]
    days = table[["signed_on", "agreed_commencement_on", "commenced_on"]]
    assert [str(day.date()) for day in days.iloc[0]] == ["2016-01-01", "2016-06-01", "2016-11-26"]
