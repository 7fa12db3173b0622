"""Files that claim, unfold or hold more than they should, each read in a process of its own."""

import json
import math
import sqlite3
import struct
import sys
import warnings
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from making import layer, workspace

import landuse
from landuse.read.wkb import refuse_nested

if sys.platform != "linux":
    pytest.skip("the limit of memory is one of Linux", allow_module_level=True)

from benchmarks.damage import apart, tables

BOX = shapely.box(500_000, 3_766_000, 500_100, 3_766_100)
KEYS = {
    "kml": {"columns": {"supply_id": "Name"}},
    "dxf": {"columns": {"supply_id": "EntityHandle"}, "crs": "EPSG:4547"},
    "mif": {"crs": "EPSG:4547"},
    "txt": {"columns": {"supply_id": "地块编号"}, "crs": "EPSG:4526"},
    "geojson": {"crs": "EPSG:4547"},
}
DRIVERS = {"kml": "KML", "dxf": "DXF", "mif": "MapInfo File"}


def space(root, ending, texts=None):
    workspace(root, {"s": layer("supply", f"s.{ending}", **KEYS.get(ending, {}))}, texts)
    return root


def package(root, shape, name="s.gpkg"):
    """Write a GeoPackage of which one shape is these bytes."""
    data = root / "layers" / "data"
    data.mkdir(parents=True)
    frame = gpd.GeoDataFrame({"supply_id": ["A", "B"]}, geometry=[BOX, BOX], crs=4547)
    pyogrio.write_dataframe(frame, data / name)
    with sqlite3.connect(data / name) as base:
        triggers = "select name from sqlite_master where type = 'trigger'"
        for (trigger,) in base.execute(triggers).fetchall():
            base.execute(f'drop trigger "{trigger}"')
        base.execute("update s set geom = ? where fid = 1", (b"GP\0\1\xc3\x11\0\0" + shape,))
    base.close()
    return space(root, "gpkg")


def wkb(kind, *counts):
    return b"\1" + struct.pack(f"<{1 + len(counts)}I", kind, *counts)


def nested(deep):
    return wkb(7, 1) * deep + wkb(1) + struct.pack("<dd", 500_000, 3_766_000)


def shapefile(root, at, number):
    """Write a shapefile and put a number into its first record."""
    data = root / "layers" / "data"
    data.mkdir(parents=True)
    frame = gpd.GeoDataFrame({"supply_id": ["A", "B"]}, geometry=[BOX, BOX], crs=4547)
    pyogrio.write_dataframe(frame, data / "s.shp")
    content = bytearray((data / "s.shp").read_bytes())
    content[144 + at : 148 + at] = struct.pack("<i", number)
    (data / "s.shp").write_bytes(content)
    return space(root, "shp")


def drawing(*entities, blocks=""):
    parts = [f"0\nSECTION\n2\n{n}\n{t}0\nENDSEC\n" for n, t in
             (("HEADER", ""), ("BLOCKS", blocks), ("ENTITIES", "".join(entities)))]  # fmt: skip
    return "".join(parts) + "0\nEOF\n"


def block(name, body):
    return f"0\nBLOCK\n2\n{name}\n10\n0\n20\n0\n{body}0\nENDBLK\n"


def inserted(name, columns=1, rows=1):
    return (
        f"0\nINSERT\n5\nA1\n8\n0\n2\n{name}\n10\n500000\n20\n3766000\n"
        f"70\n{columns}\n71\n{rows}\n44\n1\n45\n1\n"
    )


LINE = "0\nLINE\n8\n0\n10\n0\n20\n0\n11\n1\n21\n1\n"
POLYLINE = (
    "0\nLWPOLYLINE\n5\nA1\n8\n0\n90\n1000000000\n70\n1\n10\n500000\n20\n3766000\n"
    "10\n500100\n20\n3766000\n10\n500100\n20\n3766100\n"
)
NESTED = "".join(block(f"B{n}", inserted(f"B{n + 1}") * 10) for n in range(9)) + block("B9", LINE)
MIF = (
    'Version 300\nCharset "Neutral"\nDelimiter ","\nColumns 1\n  supply_id Char(20)\nData\n\n'
    "{}\n500000 3766000\n500100 3766000\n"
)
TXT = "[地块坐标]\n{},1.0,DK-1,甲,面,,,,@\nJ1,1,3766000,38500000\nJ2,1,{},38500100\n"
KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
    "<name>s</name><Placemark><name>A</name>{}</Placemark></Folder></Document></kml>"
)
COLLECTION = '{{"type": "GeometryCollection", "geometries": [{}]}}'


def geojson(shape):
    return (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", '
        f'"properties": {{"supply_id": "A"}}, "geometry": {shape}}}]}}'
    )


def deep_geojson(deep):
    head, tail = COLLECTION.format("|").split("|")
    return geojson(
        head * deep + '{"type": "Point", "coordinates": [500000, 3766000]}' + tail * deep
    )


def deep_kml(deep):
    inner = "<Point><coordinates>113,34</coordinates></Point>"
    return KML.format("<MultiGeometry>" * deep + inner + "</MultiGeometry>" * deep)


def file(ending, text, **more):
    names = {f"s.{ending}": text, **{f"s.{name}": value for name, value in more.items()}}
    return lambda root: space(root, ending, names)


CLAIMS = {
    "wkb rings": lambda root: package(root, wkb(3, 2**31 - 1)),
    "wkb points": lambda root: package(root, wkb(3, 1, 2**32 - 1)),
    "wkb polygons": lambda root: package(root, wkb(6, 2**31 - 1)),
    "wkb collection": lambda root: package(root, wkb(7, 2**31 - 1)),
    "wkb nested": lambda root: package(root, nested(1_000)),
    "wkb nested more": lambda root: package(root, nested(100_000)),
    "shp parts": lambda root: shapefile(root, 0, 2**31 - 1),
    "shp points": lambda root: shapefile(root, 4, 2**31 - 1),
    "shp many points": lambda root: shapefile(root, 4, 40_000_000),
    "txt": file("txt", TXT.format(10**9, 3_766_000)),
    "mif points": file("mif", MIF.format("Region 1\n 1000000000"), mid='"A"\n'),
    "mif parts": file("mif", MIF.format("Region 1000000000\n 5"), mid='"A"\n'),
    "dxf points": file("dxf", drawing(POLYLINE)),
    "dxf rows": file("dxf", drawing(inserted("B9", 30_000, 30_000), blocks=block("B9", LINE))),
    "dxf blocks": file("dxf", drawing(inserted("B0"), blocks=NESTED)),
    "kml nested": file("kml", deep_kml(1_000)),
    "geojson nested": file("geojson", deep_geojson(1_000)),
}  # fmt: skip
REFUSED = {
    "wkb nested more": "1,000", "dxf rows": "1,000,000 entities",
    "dxf blocks": "1,000,000 entities", "geojson nested": "nested", "kml nested": r"s\.kml",
}  # fmt: skip
SAID = {
    "txt": "exchange_count_differs", "mif points": "records_lost", "mif parts": "records_lost",
    "wkb nested": "geometry_wrong_kind", "dxf points": "lines_taken_as_polygons",
}  # fmt: skip


def test_corners_on_whole_metres_are_not_taken_for_nested_shapes():
    east = np.repeat(np.arange(500_000, 540_000), 2)
    north = np.tile([3_766_000, 3_766_100, 3_766_100, 3_766_000], len(east) // 4)
    comb = shapely.Polygon(np.column_stack([[*east, 540_000, 500_000],
                                            [*north, 3_765_000, 3_765_000]]))  # fmt: skip
    held = shapely.to_wkb(shapely.multipolygons([comb, shapely.box(0, 0, 1, 1)]))
    refuse_nested(pa.chunked_array([[held]]), "s.gpkg")


@pytest.fixture(scope="module")
def claimed(tmp_path_factory):
    """What became of each file, a process a crash."""
    roots = [make(tmp_path_factory.mktemp("b") / "w") for make in CLAIMS.values()]
    return dict(zip(CLAIMS, apart(tables, roots), strict=True))


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_costs_neither_memory_nor_time(claimed, name):
    told = claimed[name]
    assert told.kind == ("refused" if name in REFUSED else "read"), told.said
    assert told.seconds < 5
    assert told.mib < 300
    if name in REFUSED:
        assert pd.Series([told.said]).str.contains(REFUSED[name]).all()
    if name in SAID:
        assert SAID[name] in told.said


def facts(root):
    """Run a workspace; return how often each finding was made."""
    return landuse.run(root, on=date(2018, 6, 30)).findings["code"].value_counts().to_dict()


def placed(root, ending, number):
    """Write a parcel of which one coordinate is this number."""
    points = [(500_000, 3_766_000), (500_100, 3_766_000), (500_100, number), (500_000, 3_766_100)]
    said = "Infinity" if math.isinf(number) else "NaN" if math.isnan(number) else number
    ring = [[x, "|" if y == number else y] for x, y in [*points, points[0]]]
    texts = {
        "geojson": geojson(f'{{"type": "Polygon", "coordinates": [{json.dumps(ring)}]}}'),
        "txt": TXT.format(2, "|"),
        "kml": KML.format(
            "<Polygon><outerBoundaryIs><LinearRing><coordinates>113,34 113.01,34 113.01,| 113,34"
            "</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        ),
    }
    if ending in texts:
        text = texts[ending].replace('"|"', "|").replace("|", str(said))
        return space(root, ending, {f"s.{ending}": text})
    data = root / "layers" / "data"
    data.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numbers that are none; MapInfo has no bounds
        shape = shapely.Polygon(points)
        frame = gpd.GeoDataFrame({"supply_id": ["A"]}, geometry=[shape], crs=4547)
        if ending == "parquet":
            frame.to_parquet(data / "s.parquet")
        else:
            kept = frame[["geometry"]] if ending == "dxf" else frame
            pyogrio.write_dataframe(kept, data / f"s.{ending}", driver=DRIVERS.get(ending))
    return space(root, ending)


NUMBERS = [
    (ending, number)
    for ending in ("gpkg", "shp", "fgb", "geojson", "kml", "dxf", "mif", "parquet", "txt")
    for number in (math.nan, math.inf, 1e308)
    if ending == "geojson" or number == 1e308
]


def test_a_coordinate_that_is_no_place_is_a_finding_in_every_format(tmp_path):
    warnings.simplefilter("ignore")  # of numpy and pyproj, about numbers that are none
    for n, (ending, number) in enumerate(NUMBERS):
        found = facts(placed(tmp_path / str(n), ending, number))
        code = "exchange_point_not_number" if ending == "txt" else "geometry_not_finite"
        assert found.get(code) == 1, (ending, number, found)


def circled(n):
    around = np.linspace(0, 2 * np.pi, n, endpoint=False)
    far = 1_000 + 50 * np.sin(around * 5_000)
    return np.column_stack([500_000 + far * np.cos(around), 3_766_000 + far * np.sin(around)])


def touching(n):
    """A ring whose upper and lower teeth meet at n points."""
    east = 500_000 + 0.01 * np.arange(2 * n)
    teeth = np.arange(2 * n) % 2
    sides = (3_766_000 + teeth, 3_766_000 - teeth)
    upper, lower = (np.column_stack([east, side]) for side in sides)
    return np.concatenate([upper, lower[::-1]])


RINGS = {"many vertices": circled(300_000), "touches itself": touching(10_000)}


@pytest.mark.parametrize("name", RINGS)
def test_a_ring_without_end_is_worked_on_in_bounded_time(tmp_path, name):
    data = tmp_path / "layers" / "data"
    data.mkdir(parents=True)
    shape = shapely.Polygon(RINGS[name])
    frame = gpd.GeoDataFrame({"supply_id": ["A"]}, geometry=[shape], crs=4547)
    pyogrio.write_dataframe(frame, data / "s.gpkg")
    (told,) = apart(facts, [space(tmp_path, "gpkg")])
    assert told.kind == "read", told.said
    assert told.said.get("geometry_invalid", 0) == (name == "touches itself")
    assert told.seconds < 60
    assert told.mib < 1_500
