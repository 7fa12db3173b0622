"""Vector files: formats, encodings, damaged records, what may be opened at all."""

import json
import shutil
import sqlite3
import zipfile

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
import shapely.affinity
from making import codes, layer, workspace

from landuse import read
from landuse.errors import LayerError

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


def test_kml(tmp_path):
    frame = parcels().to_crs(4326).rename(columns={"电子监管号": "Name"})[["Name", "geometry"]]
    written(tmp_path, frame, "s.kml", driver="KML")
    reading = supplies(tmp_path, "s.kml", columns={"supply_id": "Name"})
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    assert reading.tables["supply"].area.sum() == pytest.approx(20_000, abs=1e-2)


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


def test_a_prj_of_the_workspace_system_moves_nothing(tmp_path):
    frame = parcels([shapely.affinity.translate(box, 0.1, 1 / 3) for box in BOXES])
    written(tmp_path, frame, "s.shp", encoding="GBK")
    table = supplies(tmp_path, "s.shp").tables["supply"]
    assert shapely.equals_exact(
        shapely.normalize(table.geometry.to_numpy()),
        shapely.normalize(frame.geometry.to_numpy()),
        0,
    ).all()


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
