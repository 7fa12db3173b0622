"""Files of a workspace that nobody can mean: found by the fuzzers, refused with a sentence."""

import io
import json
import re
import zipfile
from zlib import crc32

import openpyxl
import pandas as pd
import pytest

from benchmarks import fuzz
from landuse import cells, entries, packed, returns, slip
from landuse.errors import EntryError, LanduseError
from landuse.returns.planning import CHANGES, NOTICES

DEEP = "a = " + "[" * 3_000
ENTRY = {**dict.fromkeys(entries.COLUMNS, "a"), "row": 6}
STRANGE = {
    "workspace": [DEEP, 'name = "a"\ncrs = 3'],
    "layer": [DEEP],
    "map": [DEEP, "title = ['a']"],
    "statute": [DEEP, "a = 3", "[a]\nmodality = 'shall'\nvalue = [3]"],
    "measures": [DEEP, "row = [3]", "row = 3", "priority = 3", "[priority]\nweight = 'a'"],
    "grading": [DEEP, "label = 'a'\nvariant = {}", "label = 'a'\ntop = '1/0'",
                "label = 'a'\nnew_years = inf", "label = 'a'\nindicator = [3]"],
    "entries": ["[" * 100_000, "\udcd6", "[]", "3", json.dumps({**ENTRY, "row": "a"}),
                json.dumps({**ENTRY, "row": 2**70}), json.dumps({**ENTRY, "value": {"a": 1}})],
    "manifest": ["[" * 100_000, "\udcd6"],
    "mosaic": ["<!DOCTYPE a>", "<a>" * 100_000],
}  # fmt: skip
"""Target of the fuzzer → contents that came out otherwise, or nearly did."""


@pytest.mark.parametrize(
    ("name", "content"), [(name, text) for name, texts in STRANGE.items() for text in texts]
)
def test_what_nobody_can_mean_is_refused_with_a_sentence(tmp_path, name, content):
    seeds, work = fuzz.targets()[name].begun(tmp_path)
    with pytest.raises(LanduseError, match=r"\w{3}"):
        work(content.encode("utf-8", "surrogateescape"))
    if name not in {"mosaic", "manifest"}:
        work(seeds[0])  # what the fuzzer begins from is read


def test_a_record_of_a_run_that_is_nested_without_end_is_named(tmp_path):
    _, work = fuzz.targets()["record"].begun(tmp_path)
    for content in (b"[" * 100_000, b"[]", b'{"format": "a"}'):
        with pytest.raises(LanduseError, match="0001"):
            work(content)


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """A small list of ours, and the folder of its workspace."""
    root = tmp_path_factory.mktemp("list")
    return root, fuzz.book_of_list(root)


def planned(listed, change):
    """Return the plan of a list with the text of its parts changed."""
    root, content = listed
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    path = root / "back.xlsx"
    path.write_bytes(held.getvalue())
    return returns.planned([path], root, "许昌市")


def test_a_list_as_it_went_out_changes_nothing(listed):
    plan = planned(listed, lambda _, text: text)
    assert plan.changes.empty
    assert plan.notices.empty


def test_a_list_whose_sheets_are_damaged_is_refused(listed):
    with pytest.raises(EntryError, match=r"back\.xlsx"):
        planned(listed, lambda _, text: text.replace(b"<sheetData>", b"<sheetData></c>"))


@pytest.mark.parametrize(
    "said",
    [
        '{"v":2}', '{"v":2,"kind":3,"case":"a","on":"a","given":{},"facts":"a"}', "[" * 100_000,
        '{"v":2,"kind":"supply","case":"\\ud800","on":"a","given":{},"facts":"a"}',
        '{"v":2,"kind":"supply","case":"a","on":"a","given":["b"],"facts":"a"}',
        '{"v":2,"kind":"supply","case":"a","on":"a","given":{"lead":[]},"facts":"a"}',
    ],
)  # fmt: skip
def test_a_forged_mark_changes_nothing(said):
    with pytest.raises((EntryError, AttributeError, ValueError, KeyError, TypeError)):
        slip.parsed(f"{crc32(said.encode()):08x}{said}")


def test_forged_marks_in_a_list_are_named(listed):
    said = '{"v":2,"kind":3,"case":"a","on":"a","given":{},"facts":"a"}'
    forged = f"{crc32(said.encode()):08x}{said}".replace('"', "&quot;").encode()
    pattern = re.compile(rb"[0-9a-f]{8}\{(&quot;|\")[^<]*")
    plan = planned(listed, lambda _, text: pattern.sub(lambda _: forged, text))
    assert plan.changes.empty
    assert "slip_altered" in set(plan.notices["key"])


def test_a_list_that_unpacks_without_end_is_refused(listed, monkeypatch):
    monkeypatch.setattr(packed, "LARGEST_UNPACKED", 1 << 22)
    lots = b" " * (8 << 20)
    with pytest.raises(LanduseError, match="GiB"):
        planned(listed, lambda name, text: text + lots if "sheet3" in name else text)


def test_a_plan_whose_rows_are_words_is_refused(tmp_path):
    row = dict.fromkeys(CHANGES, "a") | {"decision": "accept", "row": "6"}
    plan = returns.Plan(pd.DataFrame([row]), pd.DataFrame(columns=list(NOTICES)))
    path = tmp_path / "plan.xlsx"
    returns.write(path, plan, "zh")
    assert returns.read(path)["row"].tolist() == [6]
    book = openpyxl.load_workbook(path)
    book.active.cell(3, CHANGES.index("row") + 1, cells.holdable("第六行"))
    book.save(path)
    with pytest.raises(EntryError, match=r"plan\.xlsx"):
        returns.read(path)
