"""Vector files: formats, encodings, damaged records, what may be opened at all."""

import json
import os
import shutil
import sqlite3
import struct
import sys
import zipfile
import zlib

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
import shapely.affinity
from making import codes, layer, workspace

from landuse import read
from landuse.errors import LayerError
from landuse.read import archive, files

BOXES = [
    shapely.box(500_000, 3_700_000, 500_100, 3_700_100),
    shapely.box(500_200, 3_700_000, 500_300, 3_700_100),
]


def parcels(geometry=None, crs="EPSG:4547"):
    geometry = BOXES if geometry is None else geometry
    names = [f"A{n}" for n in range(1, len(geometry) + 1)]
    days = ["2018-03-01"] * len(geometry)
    return gpd.GeoDataFrame({"电子监管号": names, "签订日期": days}, geometry=geometry, crs=crs)


def written(root, frame, name, **options):
    folder = root / "layers" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(frame, folder / name, **options)


def supplies(root, name, **keys):
    return read.tables(workspace(root, {"s": layer("supply", name, **keys)}))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("s.gpkg", {}),
        ("s.geojson", {}),
        ("s.fgb", {}),
        ("s.gdb", {"driver": "OpenFileGDB"}),
        ("s.shp", {"encoding": "GBK"}),
    ],
)
def test_formats(tmp_path, name, options):
    frame = parcels().to_crs(4490) if name.endswith("geojson") else parcels()
    written(tmp_path, frame, name, **options)
    reading = supplies(tmp_path, name)
    table = reading.tables["supply"].sort_values("supply_id")
    assert table["supply_id"].tolist() == ["A1", "A2"]
    assert table["signed_on"].tolist() == [pd.Timestamp("2018-03-01")] * 2
    assert table.area.tolist() == pytest.approx([10_000, 10_000], abs=1e-3)
    assert table.crs == "EPSG:4547"
    assert sorted(table["source_row"]) == [1, 2]
    said = reading.inputs.iloc[0]
    assert (said["features_with_geometry"], said["crs_basis"]) == (2, "read")
    assert len(said["sha256"]) == 64


def test_a_zero_in_a_text_of_a_geopackage_is_told(tmp_path):
    frame = parcels().assign(坐落=["东路", "西路"], 面积=[1.0, 2.0])
    written(tmp_path, frame, "s.gpkg", layer='a"b')
    with sqlite3.connect(tmp_path / "layers" / "data" / "s.gpkg") as book:
        for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            book.execute('DROP TRIGGER "{}"'.format(name.replace('"', '""')))
        book.execute('UPDATE "a""b" SET 坐落 = CAST(x\'610062\' AS TEXT) WHERE fid = 2')
    book.close()
    found = supplies(tmp_path, "s.gpkg").findings
    assert found.loc[found["code"] == "text_cut_at_zero", "details"].tolist() == [
        {"file": "s.gpkg", "count": 1}
    ]


def test_kml(tmp_path):
    frame = parcels().to_crs(4326).rename(columns={"电子监管号": "Name"})[["Name", "geometry"]]
    written(tmp_path, frame, "s.kml", driver="KML")
    reading = supplies(tmp_path, "s.kml", columns={"supply_id": "Name"})
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    assert reading.tables["supply"].area.sum() == pytest.approx(20_000, abs=1e-2)


def test_a_nested_value_of_geojson_is_read_as_its_text(tmp_path):
    ring = [[500000, 3766000], [500100, 3766000], [500100, 3766100], [500000, 3766000]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    rows = [
        {"type": "Feature", "properties": {"supply_id": "A1", "more": more}, "geometry": shape}
        for more in ({"企业": "甲"}, None)
    ]
    made = workspace(tmp_path, {"s": layer("supply", "s.geojson", crs="EPSG:4547")})
    whole = {"type": "FeatureCollection", "features": rows}
    text = json.dumps(whole, ensure_ascii=False)
    (tmp_path / "layers" / "data" / "s.geojson").write_text(text, encoding="utf-8")
    tables = read.tables(made).tables
    assert list(tables["supply"]["supply_id"]) == ["A1", "A1"]


def test_geoparquet(tmp_path):
    (tmp_path / "layers" / "data").mkdir(parents=True)
    parcels().to_parquet(tmp_path / "layers" / "data" / "s.parquet")
    reading = supplies(tmp_path, "s.parquet")
    assert reading.tables["supply"].area.tolist() == pytest.approx([10_000, 10_000])
    assert reading.inputs["crs"].tolist() == ["EPSG:4547"]


def test_parquet_without_geometry_is_a_ledger(tmp_path):
    (tmp_path / "layers" / "data").mkdir(parents=True)
    pd.DataFrame({"supply_id": ["A1"]}).to_parquet(tmp_path / "layers" / "data" / "s.parquet")
    assert supplies(tmp_path, "s.parquet").tables["supply"]["geometry"].isna().all()


def test_a_zipped_shapefile(tmp_path):
    written(tmp_path, parcels(), "s.shp", encoding="GBK")
    folder = tmp_path / "layers" / "data"
    with zipfile.ZipFile(folder / "s.zip", "w") as archive:
        for part in folder.glob("s.*"):
            if part.suffix not in {".zip", ".cpg"}:
                archive.write(part, part.name)
    for part in folder.glob("s.*"):
        if part.suffix != ".zip":
            part.unlink()
    reading = supplies(tmp_path, "s.zip")
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    assert reading.inputs["encoding"].tolist() == ["GB18030"]


@pytest.mark.parametrize(
    ("cpg", "encoding", "found"),
    [
        ("GBK", "GB18030", None),
        (None, "GB18030", "encoding_inferred"),
        ("UTF-8", "GB18030", "encoding_contradicts"),
    ],
)
def test_encodings_of_shapefiles(tmp_path, cpg, encoding, found):
    written(tmp_path, parcels(), "s.shp", encoding="GBK")
    label = tmp_path / "layers" / "data" / "s.cpg"
    label.unlink()
    if cpg:
        label.write_text(cpg)
    reading = supplies(tmp_path, "s.shp")
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    assert reading.inputs["encoding"].tolist() == [encoding]
    assert found is None or codes(reading.findings)[found] == 1


def test_headings_a_dbf_cuts_short_are_completed(tmp_path):
    cut = {"签订日期": "合同签订日", "宗地": "土地使用权"}
    frame = parcels().assign(宗地="甲公司").rename(columns=cut)
    written(tmp_path, frame, "s.shp", encoding="GBK")
    reading = supplies(tmp_path, "s.shp")
    assert reading.tables["supply"]["signed_on"].tolist() == [pd.Timestamp("2018-03-01")] * 2
    assert reading.tables["supply"]["right_holder"].tolist() == ["甲公司"] * 2
    assert codes(reading.findings)["heading_completed"] == 2


def test_long_chinese_names_survive_the_round_trip_of_a_shapefile(tmp_path):
    """Ten bytes of a DBF hold five characters: what is cut is completed, the cells are whole."""
    texts = ["许昌市魏都区某某路与某某大道交叉口西南角" * 5, "㛃䶮镕堃有限公司"]
    frame = parcels().drop(columns="签订日期")
    frame = frame.assign(土地坐落=texts[0], 土地使用权人=texts[1], 约定动工日期="2016-01-01")
    data = tmp_path / "layers" / "data"
    data.mkdir(parents=True)
    cut = {name: name.encode("gb18030")[:10].decode("gb18030", "ignore") for name in frame}
    with_cut = frame.rename(columns={k: v for k, v in cut.items() if k != "geometry"})
    pyogrio.write_dataframe(with_cut, data / "s.shp", encoding="GB18030")
    assert (data / "s.cpg").read_text().strip() == "GB18030"
    reading = supplies(tmp_path, "s.shp")
    table = reading.tables["supply"]
    assert table["location"].tolist() == [texts[0]] * 2
    assert table["right_holder"].tolist() == [texts[1]] * 2
    assert table["agreed_commencement_on"].tolist() == [pd.Timestamp("2016-01-01")] * 2
    assert reading.inputs["encoding"].tolist() == ["GB18030"]
    assert codes(reading.findings)["heading_completed"] == 2
    assert shapely.equals_exact(
        shapely.normalize(table.geometry.to_numpy()),
        shapely.normalize(frame.geometry.to_numpy()),
        1e-9,
    ).all()


def test_a_prj_of_the_workspace_system_moves_nothing(tmp_path):
    frame = parcels([shapely.affinity.translate(box, 0.1, 1 / 3) for box in BOXES])
    written(tmp_path, frame, "s.shp", encoding="GBK")
    table = supplies(tmp_path, "s.shp").tables["supply"]
    assert shapely.equals_exact(
        shapely.normalize(table.geometry.to_numpy()),
        shapely.normalize(frame.geometry.to_numpy()),
        0,
    ).all()


def test_a_prj_that_is_no_text_is_refused(tmp_path):
    written(tmp_path, parcels(), "s.shp", encoding="GBK")
    words = tmp_path / "layers" / "data" / "s.prj"
    words.write_bytes(words.read_bytes().replace(b"CGCS2000", "许昌".encode("gbk")))
    with pytest.raises(LayerError, match=r"s\.prj is not text in UTF-8"):
        supplies(tmp_path, "s.shp")


def test_rare_characters_survive(tmp_path):
    frame = parcels().rename(columns={"签订日期": "项目名称"}).assign(项目名称="㛃䶮镕堃")
    written(tmp_path, frame, "s.shp", encoding="GB18030")
    assert supplies(tmp_path, "s.shp").tables["supply"]["project_name"].tolist() == ["㛃䶮镕堃"] * 2


def test_whole_numbers_beyond_floats_keep_their_digits(tmp_path):
    ids = pd.array([2**60 + 1, None], dtype="Int64")
    written(tmp_path, parcels().assign(电子监管号=ids), "s.gpkg")
    assert supplies(tmp_path, "s.gpkg").tables["supply"]["supply_id"].tolist()[0] == str(2**60 + 1)


def feature(name, ring):
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"supply_id": name}, "geometry": shape}


def test_one_damaged_record_costs_that_record(tmp_path):
    good = [[114, 34], [114.001, 34], [114.001, 34.001], [114, 34]]
    features = [feature("A1", good), feature("A2", good[:3]), feature("A3", good)]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    made = workspace(tmp_path, {"s": layer("supply", "s.geojson")}, {"s.geojson": text})
    reading = read.tables(made)
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A3"]
    assert reading.tables["supply"]["source_row"].tolist() == [1, 3]
    found = reading.findings[reading.findings["code"] == "feature_unreadable"]
    assert found["row"].tolist() == [2]
    assert reading.inputs["refused"].tolist() == [1]


def test_a_damaged_geometry_of_a_geopackage_costs_that_record(tmp_path):
    written(tmp_path, parcels(), "s.gpkg")
    with sqlite3.connect(tmp_path / "layers" / "data" / "s.gpkg") as base:
        triggers = base.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            base.execute(f'drop trigger "{name}"')
        (blob,) = base.execute("select geom from s where fid = 2").fetchone()
        base.execute("update s set geom = ? where fid = 2", (blob[:-8] + b"\0" * 8,))
    base.close()
    reading = supplies(tmp_path, "s.gpkg")
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1"]
    assert codes(reading.findings)["feature_unreadable"] == 1


def test_text_that_does_not_decode_costs_that_cell(tmp_path):
    written(tmp_path, parcels(), "s.gpkg")
    with sqlite3.connect(tmp_path / "layers" / "data" / "s.gpkg") as base:
        for (name,) in base.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            base.execute(f'drop trigger "{name}"')
        base.execute("update s set 签订日期 = cast(x'D6D0' as text) where fid = 2")
    base.close()
    reading = supplies(tmp_path, "s.gpkg")
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    assert reading.tables["supply"]["signed_on"].isna().tolist() == [False, True]
    found = reading.findings[reading.findings["code"] == "text_undecodable"].iloc[0]
    assert (found["row"], found["value"]) == (2, "d6 d0")


def test_a_shapefile_cut_short_is_said(tmp_path):
    written(tmp_path, parcels(BOXES * 3), "s.shp", encoding="GBK")
    part = tmp_path / "layers" / "data" / "s.dbf"
    part.write_bytes(part.read_bytes()[:-200])
    reading = supplies(tmp_path, "s.shp")
    lost = reading.findings[reading.findings["code"] == "records_lost"].iloc[0]["details"]
    assert lost["announced"] == 6
    assert lost["read"] == len(reading.tables["supply"]) < 6


def test_a_flatgeobuf_cut_short_costs_what_was_cut(tmp_path):
    written(tmp_path, parcels(), "s.fgb")
    part = tmp_path / "layers" / "data" / "s.fgb"
    part.write_bytes(part.read_bytes()[:-60])
    reading = supplies(tmp_path, "s.fgb")
    assert len(reading.tables["supply"]) == 1
    assert codes(reading.findings)["records_lost"] == 1


def test_a_named_layer_is_read(tmp_path):
    written(tmp_path, parcels(), "s.gpkg", layer="供地")
    written(tmp_path, parcels(BOXES[:1]), "s.gpkg", layer="其他", append=True)
    assert len(supplies(tmp_path, "s.gpkg", layer="供地").tables["supply"]) == 2
    with pytest.raises(LayerError, match=r"several layers.*供地, 其他"):
        supplies(tmp_path, "s.gpkg")


def test_a_link_out_of_the_workspace_is_refused(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "s.csv").write_text("supply_id\nA\n", encoding="utf-8")
    root = tmp_path / "inside"
    workspace(root, {"s": layer("supply", "s.csv")})
    try:
        (root / "layers" / "data" / "s.csv").symlink_to(outside / "s.csv")
    except OSError:
        pytest.skip("this system lets nobody make links")
    with pytest.raises(LayerError, match="outside the workspace"):
        supplies(root, "s.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_or_device_is_refused_and_not_waited_for(tmp_path):
    workspace(tmp_path, {"s": layer("supply", "s.csv")})
    os.mkfifo(tmp_path / "layers" / "data" / "s.csv")
    with pytest.raises(LayerError, match="neither a file nor a folder"):
        supplies(tmp_path, "s.csv")


@pytest.mark.parametrize("name", ["nul", "CON.csv", "com1.txt", "lpt9/s.csv"])
def test_devices_of_windows_are_refused_everywhere(tmp_path, name):
    with pytest.raises(LayerError, match="device of Windows"):
        workspace(tmp_path, {"s": layer("supply", name)})


def test_a_part_of_a_shapefile_may_not_lead_out_either(tmp_path):
    root = tmp_path / "inside"
    written(root, parcels(), "s.shp", encoding="GBK")
    part = root / "layers" / "data" / "s.dbf"
    shutil.move(part, tmp_path / "s.dbf")
    try:
        part.symlink_to(tmp_path / "s.dbf")
    except OSError:
        pytest.skip("this system lets nobody make links")
    with pytest.raises(LayerError, match="outside the workspace"):
        supplies(root, "s.shp")


def test_a_virtual_file_in_disguise_is_refused(tmp_path):
    text = '<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>'
    made = workspace(tmp_path, {"s": layer("supply", "s.geojson")}, {"s.geojson": text})
    with pytest.raises(LayerError, match="virtual"):
        read.tables(made)


def test_the_hash_follows_every_part_of_a_shapefile(tmp_path):
    written(tmp_path, parcels(), "s.shp", encoding="GBK")
    first = supplies(tmp_path, "s.shp").inputs["sha256"][0]
    (tmp_path / "layers" / "data" / "s.cpg").write_text("GB18030")
    assert supplies(tmp_path, "s.shp").inputs["sha256"][0] != first


MIF = """Version 300
Charset "{charset}"
Delimiter ","
Columns 2
  电子监管号 Char(20)
  土地使用权人 Char(40)
Data

Region 1
 5
500000 3700000
500100 3700000
500100 3700100
500000 3700100
500000 3700000
"""


@pytest.mark.parametrize(
    ("charset", "encoding", "keys", "found"),
    [
        ("WindowsSimpChinese", "gbk", {}, None),
        ("Neutral", "gbk", {}, "encoding_inferred"),
        ("Neutral", "gbk", {"encoding": "GBK"}, None),
        ("Neutral", "utf-8", {}, None),
    ],
)
def test_mapinfo_interchange(tmp_path, charset, encoding, keys, found):
    texts = {
        "s.mif": MIF.format(charset=charset).encode(encoding),
        "s.mid": '"A1","许昌甲公司"\n'.encode(encoding),
    }
    toml = layer("supply", "s.mif", crs="EPSG:4547", **keys)
    reading = read.tables(workspace(tmp_path, {"s": toml}, texts))
    row = reading.tables["supply"].iloc[0]
    assert (row["supply_id"], row["right_holder"]) == ("A1", "许昌甲公司")
    assert row["geometry"].area == 10_000
    assert found is None or codes(reading.findings)[found] == 1


def test_a_mapinfo_table(tmp_path):
    frame = parcels().rename(columns={"电子监管号": "supply_id", "签订日期": "signed_on"})
    options = {"driver": "MapInfo File", "BOUNDS": "400000,3600000,600000,3800000"}
    written(tmp_path, frame, "s.tab", **options)
    first = supplies(tmp_path, "s.tab", crs="EPSG:4547")
    assert first.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    assert first.tables["supply"].area.sum() == pytest.approx(20_000, rel=1e-3)
    part = tmp_path / "layers" / "data" / "s.dat"
    part.write_bytes(part.read_bytes() + b"\0")
    second = supplies(tmp_path, "s.tab", crs="EPSG:4547")
    assert first.inputs["sha256"][0] != second.inputs["sha256"][0]


def test_a_mapinfo_view_is_refused(tmp_path):
    text = '!table\n!version 100\nOpen Table "../../x.tab" Hide\nCreate View v As Select * From x\n'
    made = workspace(tmp_path, {"s": layer("supply", "s.tab")}, {"s.tab": text})
    with pytest.raises(LayerError, match="view of other tables"):
        read.tables(made)


def drawing(root):
    frame = gpd.GeoDataFrame(
        {"Layer": ["JZX", "JZX", "DL"]},
        geometry=[
            shapely.LineString(BOXES[0].exterior),
            BOXES[1],
            shapely.LineString([(500_000, 3_700_000), (500_100, 3_700_000)]),
        ],
        crs="EPSG:4547",
    )
    written(root, frame, "s.dxf", driver="DXF")


def test_closed_lines_of_a_drawing_are_polygons_and_that_is_said(tmp_path):
    drawing(tmp_path)
    keys = {"columns": {"supply_id": "EntityHandle"}, "crs": "EPSG:4547"}
    reading = supplies(tmp_path, "s.dxf", layer="JZX", **keys)
    assert reading.tables["supply"].area.tolist() == [10_000, 10_000]
    said = reading.findings[reading.findings["code"] == "lines_taken_as_polygons"].iloc[0]
    assert said["details"]["count"] == 1
    everything = supplies(tmp_path, "s.dxf", **keys)
    assert codes(everything.findings)["geometry_wrong_kind"] == 1
    assert everything.tables["supply"]["source_row"].tolist() == [1, 2, 3]
    with pytest.raises(LayerError, match="It has: DL, JZX"):
        supplies(tmp_path, "s.dxf", layer="道路", **keys)


def test_lines_of_a_drawing_stay_lines_for_a_network(tmp_path):
    drawing(tmp_path)
    written(tmp_path, parcels(), "s.gpkg")
    network = layer("network", "s.dxf", layer="JZX", crs="EPSG:4547")
    tomls = {"s": layer("supply", "s.gpkg"), "n": network}
    table = read.tables(workspace(tmp_path, tomls)).tables["network"]
    assert table.geom_type.tolist() == ["LineString", "Polygon"]


def test_several_layers_of_one_source(tmp_path):
    written(tmp_path, parcels(), "s.gdb", layer="供地_2017", driver="OpenFileGDB")
    more = parcels(BOXES[:1]).assign(电子监管号=["B1"])
    written(tmp_path, more, "s.gdb", layer="供地_2018", driver="OpenFileGDB", append=True)
    written(tmp_path, more, "s.gdb", layer="其他", driver="OpenFileGDB", append=True)
    reading = supplies(tmp_path, "s.gdb", layer="供地_*")
    table = reading.tables["supply"]
    assert table["supply_id"].tolist() == ["A1", "A2", "B1"]
    assert table["source_row"].tolist() == [1, 2, 3]
    said = reading.findings[reading.findings["code"] == "layers_joined"].iloc[0]
    assert said["details"]["ranges"] == "供地_2017 1–2; 供地_2018 3–3"


def test_layers_of_different_systems_are_not_joined(tmp_path):
    written(tmp_path, parcels(), "s.gpkg", layer="a1")
    written(tmp_path, parcels(crs="EPSG:4548"), "s.gpkg", layer="a2", append=True)
    with pytest.raises(LayerError, match="different reference systems"):
        supplies(tmp_path, "s.gpkg", layer="a*")


def test_a_pattern_of_files_keeps_each_a_source(tmp_path):
    written(tmp_path, parcels(), "a_s.shp", encoding="GBK")
    written(tmp_path, parcels(BOXES[:1]).assign(电子监管号=["B1"]), "b_s.gpkg")
    reading = supplies(tmp_path, "[ab]_s.*")
    assert reading.inputs["file"].tolist() == ["layers/data/a_s.shp", "layers/data/b_s.gpkg"]
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2", "B1"]


def test_styles_beside_the_only_spatial_layer_do_not_matter(tmp_path):
    written(tmp_path, parcels(), "s.gpkg", layer="供地")
    styles = pd.DataFrame({"styleQML": ["<qgis/>"]})
    pyogrio.write_dataframe(
        styles, tmp_path / "layers" / "data" / "s.gpkg", layer="layer_styles", append=True
    )
    assert len(supplies(tmp_path, "s.gpkg").tables["supply"]) == 2


def test_a_label_of_gbk_over_utf_8_is_not_believed(tmp_path):
    frame = parcels().rename(columns={"电子监管号": "supply_id", "签订日期": "right_hold"})
    frame["right_hold"] = ["许昌甲公司", "建安区乙公司"]
    written(tmp_path, frame, "s.shp", encoding="UTF-8")
    (tmp_path / "layers" / "data" / "s.cpg").write_text("GBK")
    reading = supplies(tmp_path, "s.shp", columns={"right_holder": "right_hold"})
    assert reading.tables["supply"]["right_holder"].tolist() == ["许昌甲公司", "建安区乙公司"]
    assert codes(reading.findings)["encoding_contradicts"] == 1


@pytest.mark.parametrize(
    ("cpg", "mark", "keys", "found"),
    [
        ("BIG5", 0, {}, None),
        ("950", 0, {}, None),
        (None, 0x4F, {}, None),
        (None, 0, {}, "encoding_inferred"),
        (None, 0, {"encoding": "BIG5"}, None),
    ],
)
def test_big5(tmp_path, cpg, mark, keys, found):
    frame = parcels().rename(columns={"电子监管号": "supply_id", "签订日期": "right_hold"})
    frame["right_hold"] = ["許昌產業集聚區管理委員會", "國土資源局辦公室"]
    written(tmp_path, frame, "s.shp", encoding="BIG5")
    folder = tmp_path / "layers" / "data"
    (folder / "s.cpg").unlink()
    if cpg:
        (folder / "s.cpg").write_text(cpg)
    table = bytearray((folder / "s.dbf").read_bytes())
    table[29] = mark
    (folder / "s.dbf").write_bytes(table)
    reading = supplies(tmp_path, "s.shp", columns={"right_holder": "right_hold"}, **keys)
    assert reading.tables["supply"]["right_holder"].tolist() == frame["right_hold"].tolist()
    assert found is None or codes(reading.findings)[found] == 1
    assert found or set(codes(reading.findings)) == {"columns_matched"}


def packed(names):
    """Return a zip whose names are in GBK without a mark, as Windows tools in China write it."""
    body = directory = b""
    for name, data in names:
        stored, check = name.encode("gbk"), zlib.crc32(data)
        same = (check, len(data), len(data), len(stored), 0)
        at = len(body)
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0, *same) + stored + data
        directory += (
            struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, *same, 0, 0, 0, 0, at)
            + stored
        )
    end = (0, 0, len(names), len(names), len(directory), len(body), 0)
    return body + directory + struct.pack("<IHHHHIIH", 0x06054B50, *end)


def test_a_zip_with_chinese_names_in_gbk(tmp_path):
    written(tmp_path, parcels(), "供地.shp", encoding="GBK")
    folder = tmp_path / "layers" / "data"
    parts = [(part.suffix, part.read_bytes()) for part in sorted(folder.glob("供地.*"))]
    names = [(f"许昌市/{n}/供地{end}", data) for n in ("2017", "2018") for end, data in parts]
    (folder / "one.zip").write_bytes(packed(names[: len(parts)]))
    (folder / "two.zip").write_bytes(packed(names))
    assert supplies(tmp_path, "one.zip", layer="供地").tables["supply"].area.sum() == 20_000
    with pytest.raises(LayerError, match="It has: 许昌市/2017/供地, 许昌市/2018/供地"):
        supplies(tmp_path, "two.zip")
    assert len(supplies(tmp_path, "two.zip", layer="许昌市/2018/*").tables["supply"]) == 2


def test_a_zipped_geodatabase_and_a_kmz(tmp_path):
    written(tmp_path, parcels(), "s.gdb", layer="供地", driver="OpenFileGDB")
    degrees = parcels().to_crs(4326).rename(columns={"电子监管号": "Name"})[["Name", "geometry"]]
    written(tmp_path, degrees, "doc.kml", driver="KML")
    folder = tmp_path / "layers" / "data"
    with zipfile.ZipFile(folder / "s.gdb.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        for part in (folder / "s.gdb").iterdir():
            pack.write(part, f"交付/s.gdb/{part.name}")
    with zipfile.ZipFile(folder / "s.kmz", "w") as pack:
        pack.write(folder / "doc.kml", "doc.kml")
    assert supplies(tmp_path, "s.gdb.zip").tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    reading = supplies(tmp_path, "s.kmz", columns={"supply_id": "Name"})
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]


@pytest.mark.parametrize(
    "name", ["../s.shp", "/s.shp", "a/../../s.shp", "C:/s.shp", "..\\s.shp", "2018:s.shp"]
)
def test_a_zip_that_leads_outside_or_names_a_drive_is_refused(tmp_path, name):
    made = workspace(tmp_path, {"s": layer("supply", "s.zip")}, {"s.zip": packed([(name, b"x")])})
    with pytest.raises(LayerError, match="leads outside the archive or has a colon"):
        read.tables(made)
    assert not list(tmp_path.rglob("s.shp"))


def test_a_link_in_a_zip_is_refused(tmp_path):
    made = workspace(tmp_path, {"s": layer("supply", "s.zip")})
    link = zipfile.ZipInfo("s.shp")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "layers" / "data" / "s.zip", "w") as pack:
        pack.writestr(link, "/etc/passwd")
    with pytest.raises(LayerError, match="leads outside the archive"):
        read.tables(made)


def test_a_zip_with_a_member_of_no_name_is_refused(tmp_path):
    """Python writes none; one is made where damage puts a zero byte in front of a name."""
    content = packed([("s.shp", b"x")]).replace(b"s.shp", b"\0.shp")
    made = workspace(tmp_path, {"s": layer("supply", "s.zip")}, {"s.zip": content})
    with pytest.raises(LayerError, match="cannot be unpacked"):
        read.tables(made)


def test_a_zip_that_unfolds_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_UNPACKED", 1 << 20)
    made = workspace(tmp_path, {"s": layer("supply", "s.zip")})
    with zipfile.ZipFile(tmp_path / "layers" / "data" / "s.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("s.shp", bytes(2 << 20))
    with pytest.raises(LayerError, match="unpacks to more than"):
        read.tables(made)


def test_unpacking_removes_what_killed_runs_left_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(archive.tempfile, "gettempdir", lambda: str(tmp_path))
    for name in ("landuse-notes", ".landuse", "landuse"):
        (tmp_path / name).mkdir()
    (tmp_path / f"{archive.UNPACKING}left").mkdir()
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as made:
        made.writestr("a.kml", "<kml/>")
    with archive.unpacked(tmp_path / "s.zip", "a.toml") as found:
        assert [path.name for _, path in found] == ["a.kml"]
    left = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    swept = set() if sys.platform != "win32" else {f"{archive.UNPACKING}left"}
    assert left == {"landuse-notes", ".landuse", "landuse", *swept}


def test_what_is_no_layer_is_not_even_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_UNPACKED", 1 << 20)
    made = workspace(tmp_path, {"s": layer("supply", "s.zip")})
    with zipfile.ZipFile(tmp_path / "layers" / "data" / "s.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("扫描件.pdf", bytes(2 << 20))
    with pytest.raises(LayerError, match="holds no shapefile, geodatabase or KML"):
        read.tables(made)


def test_a_zip_of_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MOST_MEMBERS", 2)
    names = [(f"{n}.shp", b"x") for n in range(3)]
    made = workspace(tmp_path, {"s": layer("supply", "s.zip")}, {"s.zip": packed(names)})
    with pytest.raises(LayerError, match="holds 3 files"):
        read.tables(made)


KML = """<?xml version="1.0" encoding="{encoding}"?>{doctype}
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{extra}<Placemark><name>{name}</name>
<Polygon><outerBoundaryIs><LinearRing><coordinates>114,34 114.001,34 114.001,34.001 114,34
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"""
LAUGHS = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LINK = "<NetworkLink><Link><href>http://example.com/x.kml</href></Link></NetworkLink>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "parts",
    [
        {"doctype": LAUGHS, "name": "&c;", "extra": ""},
        {"doctype": OUTSIDE, "name": "&a;", "extra": ""},
        {"doctype": "", "name": "A1", "extra": LINK},
    ],
)
def test_xml_that_unfolds_or_leads_elsewhere_is_refused(tmp_path, encoding, parts):
    text = KML.format(encoding=encoding, **parts).encode(encoding)
    made = workspace(tmp_path, {"s": layer("supply", "s.kml")}, {"s.kml": text})
    with pytest.raises(LayerError, match="not followed"):
        read.tables(made)


def test_a_text_format_larger_than_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", {".kml": 10})
    text = KML.format(encoding="utf-8", doctype="", name="A1", extra="")
    made = workspace(tmp_path, {"s": layer("supply", "s.kml")}, {"s.kml": text})
    with pytest.raises(LayerError, match=r"\.kml files are read up to"):
        read.tables(made)
