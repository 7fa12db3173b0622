"""
Every shared file of a bureau's kind: read, or refused with a sentence.

`python -m pytest -s tests/test_shared_files.py` prints what was found, file by file.
"""

import shutil
from collections import Counter

import pytest
from making import SHARED, layer, workspace

from landuse import findings, read
from landuse.errors import LanduseError
from landuse.read.files import IN_PARTS, TABLES, VECTORS

FOLDERS = ("data/supply-records", "data/shapefile-gbk", "data/parcels", "txt-examples")
FILES = [
    path
    for folder in FOLDERS
    for path in sorted((SHARED / folder).glob("*"))
    if path.suffix in {*TABLES, *VECTORS} and path.name != "expected.json"
]
pytestmark = pytest.mark.skipif(not FILES, reason="the shared files are not here")

GUANGDONG = {"supply_id": "md5Mark", "declared_area": "area", "signed_on": "signTime"}
KEYS = {
    "beijing_2019_results.xlsx": {"columns": {"supply_id": "Electronic supervision number"}},
    "guangdong_2020_results.csv": {"columns": GUANGDONG, "units": {"declared_area": "ha"}},
    "landchina_2017_results.xls": {"columns": {"supply_id": "链接", "signed_on": "合同签订日期"}},
    "landchina_2018_gb18030.jsonl": {"columns": {"supply_id": "idnumber"}},
    "zhengzhou_allocation_results.csv": {"columns": {"supply_id": "唯一标识"}},
    "zhengzhou_auction_results.csv": {"columns": {"supply_id": "唯一标识"}},
    "chinese_poly.shp": {"columns": {"supply_id": "ADCODE99"}},
    "philadelphia_vacant_excerpt.gpkg": {"columns": {"supply_id": "opa_id"}},
    "prague_bubenec.gpkg": {"layer": "plots", "columns": {"supply_id": "ID_2"}},
}
"""What a bureau would have to declare of a file; of a TXT only where its numbers stand."""
SYSTEMS = {
    "chinese_poly.shp": "EPSG:32652",
    "philadelphia_vacant_excerpt.gpkg": "EPSG:26918",
    "prague_bubenec.gpkg": "EPSG:32633",
}
NUMBERS = {"columns": {"supply_id": "地块编号"}}
REFUSED = {"13_lonlat_degrees.txt": "Ask the supplier and declare it: crs = …"}
"""Files that cannot be used as they are, and what the sentence asks for: degrees of no datum."""
EMPTY = {
    "95_bad_no_at_no_header.txt",
    "zhengzhou_agreement_results.csv",
    "zhengzhou_allocation_results.csv",
    "zhengzhou_auction_results.csv",
}
"""Files whose header lacks a name, so that no row can be believed; points of no parcel."""


@pytest.fixture(scope="module")
def told():
    """Gather a line a file, and print them."""
    lines = []
    yield lines
    head = ("file", "rows", "with geometry", "refused", "system, encoding", "what was said")
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))  # noqa: T201
    print("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))  # noqa: T201


def brought(root, path):
    """Copy a file, and the other parts of it, into a workspace."""
    folder = root / "layers" / "data"
    folder.mkdir(parents=True)
    parts = path.parent.glob(f"{path.stem}.*") if path.suffix in IN_PARTS else [path]
    for part in parts:
        shutil.copyfile(part, folder / part.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shared_file_is_read_or_refused_with_a_sentence(tmp_path, path, told):
    brought(tmp_path, path)
    keys = KEYS.get(path.name, NUMBERS if path.suffix == ".txt" else {})
    system = SYSTEMS.get(path.name, "EPSG:4547")
    made = workspace(tmp_path, {"s": layer("supply", path.name, **keys)}, crs=system)
    if path.name in REFUSED:
        with pytest.raises(LanduseError) as caught:
            read.tables(made)
        told.append((path.name, "-", "-", "-", "-", f"refused: {caught.value}"))
        assert path.name in str(caught.value)
        assert REFUSED[path.name] in str(caught.value)
        return
    reading = read.tables(made)
    facts = reading.inputs.iloc[0]
    said = Counter(reading.findings["code"])
    assert all(len(text) > 10 for text in findings.rendered(reading.findings)["message"])
    where = ", ".join(text for text in (facts["crs"], facts["encoding"]) if text)
    counted = ", ".join(f"{code} {count}" for code, count in sorted(said.items()))
    there = facts["features_with_geometry"]
    told.append((path.name, facts["rows"], there, facts["refused"], where, counted))
    assert (facts["rows"] > 0) == (path.name not in EMPTY)
    assert facts["rows"] > 0 or said["layer_empty"] == 1
