"""
Damaged files of every vector format: nothing but our own errors comes out, and it comes soon.

Each run takes a small valid file, damages some bytes (seeded by hypothesis, so that a failure can
be repeated), and reads it as a layer. Whether it is read, refused or quarantined does not matter
here; that no other exception escapes, and that neither time nor memory run away, does.
"""

import resource
import sys
import time
import warnings
import zipfile
from contextlib import suppress

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from making import layer, workspace

from landuse import read
from landuse.errors import LanduseError
from landuse.read.exchange import read_exchange

SECONDS = 20.0  # for one damaged file of a few kB, on a busy machine
GROWTH = 1 << 30  # bytes of memory all runs together may add
BOXES = [shapely.box(n * 200, 0, n * 200 + 100, 100) for n in range(4)]
FRAME = gpd.GeoDataFrame(
    {"supply_id": ["A1", "A2", "A3", "A4"], "right_hold": ["许昌甲公司"] * 4},
    geometry=[shapely.affinity.translate(box, 500_000, 3_766_000) for box in BOXES],
    crs="EPSG:4547",
)
TXT = """[属性描述]
格式版本号=1.01版本
坐标系=2000国家大地坐标系
几度分带=3
带号=38
[地块坐标]
5,1.0000,DK-1,甲,面,,工业用地,0601,@
J1,1,3766000.000,38500000.000
J2,1,3766000.000,38500100.000
J3,1,3765900.000,38500100.000
J4,1,3765900.000,38500000.000
J1,1,3766000.000,38500000.000
4,0.2500,DK-2,乙,面,,工业用地,0601,@
1,1,3766000.000,38500200.000
2,1,3766000.000,38500250.000
3,1,3765950.000,38500250.000
4,1,3765950.000,38500200.000
"""
FORMATS = {
    "s.gpkg": {},
    "s.gdb/a00000009.gdbtable": {},
    "s.gdb": {"driver": "OpenFileGDB"},
    "s.geojson": {},
    "s.fgb": {},
    "s.shp": {"encoding": "GBK"},
    "s.dbf": {},
    "s.shx": {},
    "s.cpg": {},
    "s.prj": {},
    "s.kml": {"driver": "KML"},
    "s.dxf": {"driver": "DXF"},
    "s.mif": {"driver": "MapInfo File"},
    "s.tab": {"driver": "MapInfo File"},
    "s.map": {},
    "s.dat": {},
    "s.parquet": {},
    "s.zip": {},
    "s.txt": {},
}
PART_OF = {
    "s.dbf": "s.shp", "s.shx": "s.shp", "s.cpg": "s.shp", "s.prj": "s.shp",
    "s.map": "s.tab", "s.dat": "s.tab", "s.gdb/a00000009.gdbtable": "s.gdb",
}  # fmt: skip


def valid(folder, name):
    """Write a small valid source; return what else its layer declares."""
    frame = FRAME
    if name in {"s.geojson", "s.kml"}:
        frame = FRAME.to_crs(4326)
    if name == "s.txt":
        (folder / name).write_text(TXT, encoding="utf-8")
        return {"columns": {"supply_id": "地块编号"}}
    if name == "s.parquet":
        frame.to_parquet(folder / name)
    elif name == "s.zip":
        pyogrio.write_dataframe(frame, folder / "x.shp", encoding="GBK")
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as pack:
            for part in sorted(folder.glob("x.*")):
                pack.write(part, f"许昌/{part.name}")
    elif name == "s.dxf":
        pyogrio.write_dataframe(frame[["geometry"]], folder / name, driver="DXF")
        return {"columns": {"supply_id": "EntityHandle"}, "crs": "EPSG:4547"}
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MapInfo has no bounds for the grid
            pyogrio.write_dataframe(frame, folder / name, **FORMATS[name])
    if name == "s.kml":
        return {"columns": {"supply_id": "Name"}}
    return {}


def damaged(data, spots, cut, doubled):
    """Return bytes with some replaced, the end cut off, a stretch doubled."""
    changed = bytearray(data)
    for place, byte in spots:
        changed[int(place * len(changed)) % len(changed)] = byte
    if cut is not None:
        changed = changed[: int(cut * len(changed))]
    if doubled is not None and changed:
        at = int(doubled * len(changed))
        changed = changed[:at] + changed[at // 2 : at] * 3 + changed[at:]
    return bytes(changed)


SHARE = st.floats(0, 1, exclude_max=True)
SPOTS = st.lists(st.tuples(SHARE, st.integers(0, 255)), max_size=6)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Make every valid source once."""
    made = {}
    for name in FORMATS:
        whole = PART_OF.get(name, name)
        if whole not in made:
            root = tmp_path_factory.mktemp("seed") / "w"
            (root / "layers" / "data").mkdir(parents=True)
            made[whole] = root, valid(root / "layers" / "data", whole)
    return made


@pytest.fixture(scope="module", autouse=True)
def memory():
    """Bound what all runs together may add to the memory in use."""
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    yield
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    assert after - before < GROWTH


# fiona cannot log what GDAL says about a file in bytes that are no text, and says only that
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "s.gdb"])
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(spots=SPOTS, cut=st.none() | SHARE, doubled=st.none() | SHARE)
def test_damaged_files(name, seeds, spots, cut, doubled):
    whole = PART_OF.get(name, name)
    root, keys = seeds[whole]
    part = root / "layers" / "data" / name
    original = part.read_bytes()
    begun = time.process_time()
    try:
        part.write_bytes(damaged(original, spots, cut, doubled))
        made = workspace(root, {"s": layer("supply", whole, **keys)})
        with suppress(LanduseError):
            read.tables(made)
    finally:
        part.write_bytes(original)
    assert time.process_time() - begun < SECONDS


LINES = st.lists(
    st.sampled_from(
        [*TXT.splitlines(), "J1,1,,", "@", "[", ",,,,,,,,@", "[地块坐标]", "J9,2,1e308,1"]
    )
    | st.text(max_size=40),
    max_size=40,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(lines=LINES, newline=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_lines_as_an_exchange_file(tmp_path_factory, lines, newline):
    path = tmp_path_factory.mktemp("x") / "x.txt"
    path.write_bytes(newline.join(lines).encode("utf-8", "surrogatepass"))
    try:
        parcels, found = read_exchange(path)
    except LanduseError:
        return
    assert len(parcels) == parcels["source_row"].nunique()
    assert (found["row"] >= 1).all()


def test_a_hostile_exchange_file_is_done_soon(tmp_path):
    """Rings without end in one parcel, and lines that are nothing: no square of their number."""
    rings = [
        f"{i},{ring},{3766000 + ring + (i in (2, 3))},{500000 + (i in (3, 4))}"
        for ring in range(30_000)
        for i in (1, 2, 3, 4)
    ]
    path = tmp_path / "x.txt"
    path.write_text("\n".join(["4,1,DK,甲,面,,,,@", *rings, *["x"] * 100_000]), encoding="utf-8")
    begun = time.process_time()
    parcels, found = read_exchange(path)
    assert parcels.geometry[0] is None
    assert len(found) < 10
    assert time.process_time() - begun < SECONDS
