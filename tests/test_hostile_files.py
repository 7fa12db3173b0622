"""Files that would lead the program elsewhere, wait for ever, or lose shapes without a word."""

import itertools
import json
import os
import shutil
import socket
import sqlite3
import struct
import sys
import threading
import zipfile
from datetime import date

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import shapely
from making import codes, layer, workspace

from landuse import offline, pipeline, read
from landuse.errors import LayerError, MapError, OutputError
from landuse.maps import basemap, ground

BOXES = [shapely.box(x, 3_766_000, x + 100, 3_766_100) for x in (500_000, 500_200)]
LAND = gpd.GeoDataFrame({"supply_id": ["A", "B"]}, geometry=BOXES, crs=4547)


@pytest.fixture
def address():
    """An address that notes whether somebody came."""
    came = []
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        threading.Thread(target=noted, args=(server, came), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/a", came


def noted(server, came):
    try:
        while True:
            one, _ = server.accept()
            came.append(1)
            one.close()
    except OSError:
        return


def supplies(root, file, **keys):
    return read.tables(workspace(root, {"s": layer("supply", file, **keys)}))


def data(root):
    made = root / "layers" / "data"
    made.mkdir(parents=True)
    return made


SERVICES = {
    "wfs": "<OGRWFSDataSource><URL>{}</URL></OGRWFSDataSource>",
    "gml": (
        '<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" '
        'xmlns:gml="http://www.opengis.net/gml" xmlns:a="http://a" xmlns:xsi='
        '"http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://a {}?SERVICE=WFS'
        '&amp;REQUEST=DescribeFeatureType&amp;VERSION=1.0.0&amp;TYPENAME=a:b"><gml:featureMember>'
        '<a:b fid="1"><a:c>1</a:c></a:b></gml:featureMember></wfs:FeatureCollection>'
    ),
}


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "fgb", "dxf", "tab", "mif", "kml"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_in_disguise_is_refused_and_never_asked(tmp_path, address, service, ending):
    at, came = address
    (data(tmp_path) / f"s.{ending}").write_text("\n" + SERVICES[service].format(at), "utf-8")
    with pytest.raises(LayerError, match=r"XML|holds"):
        supplies(tmp_path, f"s.{ending}")
    assert came == []


def image(path, **told):
    facts = {"width": 600, "height": 600, "count": 1, "dtype": "uint8", "crs": "EPSG:4547"}
    place = rasterio.Affine(1, 0, 500_000, 0, -1, 3_766_600)
    with rasterio.open(path, "w", driver="GTiff", transform=place, **facts) as made:
        made.write(np.zeros((1, 600, 600), dtype="uint8"))
        made.update_tags(ns="OVERVIEWS", **told)


@pytest.mark.parametrize("lead", ["{}.tif", "/vsicurl_streaming/{}.tif", 'NETCDF:"{}.nc":a'])
def test_an_image_that_points_elsewhere_for_its_overviews_is_refused(tmp_path, address, lead):
    at, came = address
    image(data(tmp_path) / "i.tif", OVERVIEW_FILE=lead.format(at))
    (tmp_path / "layers" / "data" / "s.csv").write_text("supply_id\nA\n", "utf-8")
    seen = layer("imagery", "i.tif") + "observed_on = 2018-01-01\n[bands]\nred = 1\n"
    with pytest.raises(LayerError, match="overviews"):
        read.tables(workspace(tmp_path, {"s": layer("supply", "s.csv"), "i": seen}))
    assert came == []


def test_a_basemap_that_is_a_service_is_refused_and_never_asked(tmp_path, address):
    at, came = address
    (tmp_path / "b.png").write_text(f"<GDAL_WMS>{at}</GDAL_WMS>", "utf-8")
    (asked,) = basemap.parsed([{"file": "b.png"}], "m.toml")
    with pytest.raises(MapError, match="XML"):
        ground._file(tmp_path, asked)
    with pytest.raises(MapError):
        ground.picture(tmp_path / "b.png", (112, 33, 114, 35))
    assert came == []


@pytest.mark.filterwarnings("ignore")  # of the driver, that it came to nothing
def test_nothing_is_reached_while_reading_and_settings_come_back(monkeypatch, address):
    at, came = address
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("http_proxy", raising=False)
    with offline.cut_off():
        for where in (f"/vsicurl/{at}.json", f"/vsicurl_streaming/{at}.json", f"WFS:{at}"):
            with pytest.raises(pyogrio.errors.DataSourceError):
                pyogrio.list_layers(where)
    assert came == []
    assert os.environ["no_proxy"] == "127.0.0.1"
    assert "http_proxy" not in os.environ


def elsewhere(tmp_path, ending):
    """Write land outside the workspace, and return its folder and what a layer may see."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    for folder, ids in ((outside, ["SECRET"]), (inside, ["A"])):
        folder.mkdir()
        LAND.head(1).assign(supply_id=ids).to_file(folder / f"s.{ending}")
    return outside, inside


@pytest.mark.skipif(
    sys.platform == "win32", reason="paths with a drive are taken as they are there"
)
@pytest.mark.parametrize(
    ("way", "ending"),
    [("archive", "shp"), *itertools.product(("folder", "link", "tab"), ("gpkg", "fgb", "shp"))],
)
def test_a_path_that_reads_like_an_address_opens_nothing_else(tmp_path, way, ending):
    """`a!/b` would be /b, and `s.gpkg;a.gpkg` the link beside it that nobody looked at."""
    outside, inside = elsewhere(tmp_path, ending)
    made, told = data(tmp_path / "w"), f"s.{ending}"
    place = made / f"a!{outside}"
    if way == "archive":
        told = "s.zip"
        with zipfile.ZipFile(made / told, "w") as packed:
            for path in inside.iterdir():
                packed.write(path, f"a!{outside}/{path.name}")
    elif way == "folder":
        shutil.copytree(inside, place)
        told = f"a!{outside}/s.{ending}"
    else:
        told = f"l.{ending};s.{ending}" if way == "link" else f"l\t.{ending}"
        for path in outside.iterdir():
            (made / f"l{path.suffix}").symlink_to(path)
        for path in inside.iterdir():
            name = f"l.{ending};s{path.suffix}" if way == "link" else f"l\t{path.suffix}"
            shutil.copy(path, made / name)
    toml = layer("supply", "?").replace('"data/?"', json.dumps(f"data/{told}"))
    with pytest.raises(LayerError, match="address of another file"):
        read.tables(workspace(tmp_path / "w", {"s": toml}))


@pytest.mark.skipif(
    sys.platform == "win32", reason="paths with a drive are taken as they are there"
)
def test_outputs_are_not_written_where_a_path_reads_like_an_address(tmp_path):
    (tmp_path / "a!b").mkdir()
    with pytest.raises(OutputError, match="address of another file"):
        pipeline.build(tmp_path, on=date(2018, 6, 30), out=tmp_path / "a!b" / "out")
    assert list((tmp_path / "a!b").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a path with a drive is no address")
def test_outlines_whose_path_reads_like_an_address_are_refused(tmp_path):
    _, inside = elsewhere(tmp_path, "geojson")
    shutil.copytree(inside, tmp_path / "w" / "a!b")
    (asked,) = basemap.parsed([{"file": "a!b/s.geojson"}], "m.toml")
    file = ground._file(tmp_path / "w", asked)
    with pytest.raises(MapError, match="address of another file"):
        ground._outlines(file, asked, (112, 33, 114, 35), "a", None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
@pytest.mark.parametrize("part", ["s.dbf", "s.cpg", "s.prj"])
def test_a_pipe_among_the_parts_of_a_file_is_not_waited_for(tmp_path, part):
    made = data(tmp_path)
    pyogrio.write_dataframe(LAND, made / "s.shp")
    (made / part).unlink(missing_ok=True)
    os.mkfifo(made / part)
    with pytest.raises(LayerError, match="a device or a pipe"):
        supplies(tmp_path, "s.shp")


OUTSIDE = [
    "/dev/zero", "\\\\server\\share\\s.csv", "//server/share/s.csv", "file:///etc/passwd",
    "/vsicurl/http://a.example/s.csv", "vsi:s.csv", "https://a.example/s.geojson", "../../s.csv",
]  # fmt: skip


@pytest.mark.parametrize("file", OUTSIDE)
def test_a_file_elsewhere_is_refused_before_it_is_looked_at(tmp_path, file):
    toml = layer("supply", "s.csv").replace('"data/s.csv"', f"'{file}'")
    with pytest.raises(LayerError, match="must lie below layers"):
        workspace(tmp_path, {"s": toml})


BAD = {
    "cut": shapely.to_wkb(BOXES[0])[:40],
    "claim": b"\1" + struct.pack("<II", 3, 2**31 - 1),
    "no shape": b"\xde\xad" * 20,
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_a_damaged_shape_is_a_finding_and_its_row_is_kept(tmp_path, ending, bad):
    at = data(tmp_path) / f"s.{ending}"
    if ending == "gpkg":
        pyogrio.write_dataframe(LAND, at)
        with sqlite3.connect(at) as base:
            names = base.execute("select name from sqlite_master where type = 'trigger'").fetchall()
            for (name,) in names:
                base.execute(f'drop trigger "{name}"')
            base.execute("update s set geom = ? where fid = 1", (b"GP\0\1\xc3\x11\0\0" + BAD[bad],))
        base.close()
    else:
        LAND.to_parquet(at)
        table = pq.read_table(at)
        place = table.schema.get_field_index("geometry")
        held = pa.array([BAD[bad], shapely.to_wkb(BOXES[1])])
        pq.write_table(table.set_column(place, table.schema.field(place), held), at)
    reading = supplies(tmp_path, at.name)
    (found,) = reading.findings.query("code == 'geometry_damaged'").itertuples()
    assert found.row == 1
    assert reading.tables["supply"]["supply_id"].tolist() == ["A", "B"]
    assert reading.tables["supply"].geometry.isna().tolist() == [True, False]


SHAPES = {
    '{"type": "Polygon", "coordinates": [[500000, 3766000]]}': 1,
    '{"type": "Polygon", "coordinates": "x"}': 1,
    "null": 0,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_damaged_shape_of_geojson_is_told_from_none(tmp_path, shape):
    sound = shapely.to_geojson(BOXES[1])
    features = ",".join(
        f'{{"type": "Feature", "properties": {{"supply_id": "{name}"}}, "geometry": {one}}}'
        for name, one in (("A", shape), ("B", sound))
    )
    text = f'{{"type": "FeatureCollection", "features": [{features}]}}'
    (data(tmp_path) / "s.geojson").write_text(text, "utf-8")
    found = codes(supplies(tmp_path, "s.geojson", crs="EPSG:4547").findings)
    assert found.get("geometry_damaged", 0) == SHAPES[shape]


@pytest.mark.parametrize("index", ["YES", "NO"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_flatgeobuf_that_states_a_false_number_loses_nothing_silently(tmp_path, index, count):
    at = data(tmp_path) / "s.fgb"
    pyogrio.write_dataframe(LAND, at, SPATIAL_INDEX=index)
    assert "records_lost" not in codes(supplies(tmp_path, "s.fgb").findings)
    held = at.read_bytes()
    place = held.index(struct.pack("<Q", 2))
    at.write_bytes(held[:place] + struct.pack("<Q", count) + held[place + 8 :])
    assert codes(supplies(tmp_path, "s.fgb").findings)["records_lost"] == 1


@pytest.mark.parametrize("index", ["YES", "NO"])
def test_a_flatgeobuf_keeps_a_text_past_a_zero_unless_read_record_by_record(tmp_path, index):
    at = data(tmp_path) / "s.fgb"
    frame = LAND.assign(project_name=["甲Q乙", "丙"], price=[1.0, None])
    pyogrio.write_dataframe(frame, at, SPATIAL_INDEX=index)
    held = at.read_bytes().replace("甲Q乙".encode(), "甲\0乙".encode())
    at.write_bytes(held)
    whole = supplies(tmp_path, "s.fgb")
    assert sorted(whole.tables["supply"]["project_name"]) == ["丙", "甲 乙"]
    assert "text_cut_at_zero" not in codes(whole.findings)
    assert codes(whole.findings)["invisible_removed"] == 1
    ring = held.rindex(struct.pack("<I", 2 * 5))
    at.write_bytes(held[:ring] + struct.pack("<I", 9) + held[ring + 4 :])
    found = supplies(tmp_path, "s.fgb").findings
    assert found.loc[found["code"] == "text_cut_at_zero", "details"].tolist() == [
        {"file": "s.fgb", "count": 1}
    ]


def test_a_zero_in_a_geojson_is_told_under_its_other_ending(tmp_path):
    text = LAND.assign(project_name="a\0b").to_crs(4490).to_json(drop_id=True)
    (data(tmp_path) / "s.json").write_text(text, "utf-8")
    assert codes(supplies(tmp_path, "s.json").findings)["text_cut_at_zero"] == 1
