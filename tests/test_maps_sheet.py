"""
The workbook and the CSV that a map writes by itself, with hostile text wherever text is.

The scripts run in node, as a browser runs them; what they wrote is opened by two readers and by
LibreOffice. `test_maps_take.py` takes the same files from a page in Chromium.
"""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import python_calamine
from openpyxl.utils.escape import unescape

from benchmarks.hostile import STRINGS

NODE = shutil.which("node")
SCRIPT = Path(__file__).parent / "js" / "sheet.js"
LONG = ("长" * 32_767, "a" * 32_766 + "😀", "b" * 32_762 + "😀😀😀", "=" + "c" * 40_000)
TEXTS = [
    *STRINGS,
    *LONG,
    "\0",
    "\x1b",
    "\uffff",
    "a\rb",
    "a\r\nb",
    "_x000D_",
    "_x005F_x0041_",
    "\ud800半",
    '"',
    "'=1+1",
]
RUNS = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
CUT = "…[…]"
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def shown(text):
    """What a cell holds of a text: all of it, or as much as there is room for and a mark."""
    whole = text.encode("utf-16-le", "surrogatepass")
    if len(whole) > 2 * 32_767:
        whole = whole[: 2 * (32_767 - len(CUT))]
        text = whole.decode("utf-16-le", "ignore") + CUT
    return text.replace("\ud800", "\ufffd")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A workbook and a CSV: every text in a cell of its own, headings too."""
    root = tmp_path_factory.mktemp("sheet")
    kinds = [("text", 22), ("number", 12), ("day", 12), ("whole", 12)]
    columns = [
        {"label": text, "kind": k, "width": w} for text, (k, w) in zip(TEXTS, kinds, strict=False)
    ]
    rows = [[text, n, None, TEXTS[-n - 1]] for n, text in enumerate(TEXTS)]
    sheets = [
        {"name": 'a"<&>b', "columns": columns, "rows": rows},
        {"name": "二", "columns": columns, "rows": rows[::-1]},
    ]
    told, book, table = root / "told.json", root / "a.xlsx", root / "a.csv"
    told.write_text(json.dumps(sheets), encoding="utf-8")
    subprocess.run([NODE, SCRIPT, told, book, table], check=True)
    return rows, book, table


def test_text_is_text_in_every_cell(written):
    rows, book, _ = written
    opened = openpyxl.load_workbook(book)
    assert opened.sheetnames == ['a"<&>b', "二"]
    heads, *found = opened.worksheets[0].iter_rows()
    assert [unescape(cell.value) for cell in heads] == TEXTS[:4]
    for row, cells in zip(rows, found, strict=True):
        assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
        assert all(cell.hyperlink is None for cell in cells)
        for text, cell in ((row[0], cells[0]), (row[3], cells[3])):
            assert unescape(cell.value) == shown(text)
        assert cells[1].value == row[1]


def test_the_parts_hold_no_formula_no_link_and_nothing_outside(written):
    _, book, _ = written
    with zipfile.ZipFile(book) as parts:
        assert parts.testzip() is None
        names = parts.namelist()
        texts = [parts.read(name).decode("utf-8") for name in names]
    assert not [name for name in names if re.search("external|vba|comment|drawing|embed", name)]
    tags = {tag for text in texts for tag in re.findall(r"<([A-Za-z:]+)", text)}
    assert not tags & {
        "f",
        "hyperlink",
        "hyperlinks",
        "externalReference",
        "oleObject",
        "definedName",
    }
    assert not [text for text in texts if 'TargetMode="External"' in text]


def test_another_reader_and_an_office_program_open_it(written, tmp_path):
    rows, book, _ = written
    ours = python_calamine.load_workbook(str(book)).get_sheet_by_index(1).to_python()
    assert len(ours) == len(rows) + 1
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path, book], check=True, capture_output=True)
    saved = openpyxl.load_workbook(tmp_path / book.name)
    cells = [cell for sheet in saved for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink is not None]
    texts = {cell.value for cell in cells}
    assert {
        "=1+1",
        "'=1+1",
        "=cmd|' /C calc'!A0",
        "</script><script>window.hit=1</script>",
    } <= texts


def test_the_csv_has_no_cell_that_runs_and_loses_none(written):
    rows, _, table = written
    text = table.read_bytes().decode("utf-8-sig")
    heads, *found = csv.reader(io.StringIO(text, newline=""))
    assert not [cell for row in (heads, *found) for cell in row if RUNS.match(cell)]
    plain = [cell[1:] if RUNS.match(cell[1:]) and cell[0] == "'" else cell for cell, *_ in found]
    assert plain == [
        (row[0][1:] if row[0].startswith("'=") else row[0]).replace("\ud800", "\ufffd")
        for row in rows
    ]
