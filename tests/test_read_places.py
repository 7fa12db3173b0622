"""Reference systems and geometry on the way into the workspace; imagery."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
import shapely.affinity
from making import codes, layer, workspace

from landuse import layers, read
from landuse.crs import grids, webmaps
from landuse.errors import CrsError, LayerError

BOX = shapely.box(500_000, 3_760_000, 500_100, 3_760_100)
BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)])


def shifted(geometry, dx=500_000, dy=3_760_000):
    return shapely.transform(geometry, lambda xy: xy + np.array([dx, dy]))


def vector(root, name, geometries, crs, ids=None):
    """Write a GeoPackage; crs None writes none."""
    folder = root / "layers" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    ids = ids or [f"A{n}" for n in range(1, len(geometries) + 1)]
    frame = gpd.GeoDataFrame({"id": ids}, geometry=list(geometries), crs=crs)
    if name.endswith(".parquet"):
        frame.to_parquet(folder / name)
    else:
        frame.to_file(folder / name)


def reading(root, tomls, **keys):
    return read.tables(workspace(root, tomls, **keys))


def supply(name, **keys):
    return layer("supply", name, columns={"supply_id": "id"}, **keys)


def clusters(name, **keys):
    return layer("cluster", name, columns={"cluster_id": "id", "cluster_name": "id"}, **keys)


def in_crs(geometry, epsg):
    return gpd.GeoSeries([geometry], crs=4547).to_crs(epsg).to_list()


@pytest.mark.parametrize("epsg", [4490, 4526, 4547, 4546, 4548, 4525, 4527, 4497, 4498, 3857])
def test_a_missing_system_is_inferred_where_exactly_one_fits(tmp_path, epsg):
    vector(tmp_path, "c.gpkg", [BOX.buffer(20_000)], 4547)
    vector(tmp_path, "s.parquet", in_crs(BOX, epsg), None)
    made = reading(tmp_path, {"c": clusters("c.gpkg"), "s": supply("s.parquet")})
    row = made.inputs.set_index("layer").loc["s"]
    assert (row["crs"], row["crs_basis"]) == (f"EPSG:{epsg}", "inferred")
    assert codes(made.findings)["crs_inferred"] == 1
    assert shapely.hausdorff_distance(made.tables["supply"].geometry[0], BOX) < 1e-3


def test_nothing_is_inferred_without_a_known_layer(tmp_path):
    vector(tmp_path, "s.parquet", [BOX], None)
    with pytest.raises(CrsError, match="no other layer tells"):
        reading(tmp_path, {"s": supply("s.parquet")})


def test_nothing_is_inferred_between_two_that_fit(tmp_path):
    vector(tmp_path, "c.gpkg", [BOX.buffer(20_000)], 4547)
    vector(tmp_path, "s.parquet", in_crs(BOX, 4548), None)
    with pytest.raises(CrsError, match="fit equally well"):
        reading(tmp_path, {"c": clusters("c.gpkg"), "s": supply("s.parquet")}, crs="EPSG:32650")


def turned(geometry):
    return shapely.transform(geometry, lambda xy: xy[:, ::-1])


@pytest.mark.parametrize("epsg", [4490, 4526, 4547, 4497])
def test_swapped_axes_are_swapped_back_where_exactly_one_reading_fits(tmp_path, epsg):
    vector(tmp_path, "c.gpkg", [BOX.buffer(20_000)], 4547)
    vector(tmp_path, "s.parquet", [turned(g) for g in in_crs(BOX, epsg)], None)
    made = reading(tmp_path, {"c": clusters("c.gpkg"), "s": supply("s.parquet")})
    assert codes(made.findings)["axes_swapped"] == 1
    assert codes(made.findings)["crs_inferred"] == 1
    assert shapely.hausdorff_distance(made.tables["supply"].geometry[0], BOX) < 1e-3


@pytest.mark.parametrize(("epsg", "times"), [(4326, 1), (32649, 1), (4490, 0), (4526, 0)])
def test_that_two_datums_are_taken_as_one_is_said(tmp_path, epsg, times):
    vector(tmp_path, "s.gpkg", in_crs(BOX, epsg), epsg)
    made = reading(tmp_path, {"s": supply("s.gpkg")})
    assert codes(made.findings).get("datums_taken_as_one", 0) == times
    assert shapely.hausdorff_distance(made.tables["supply"].geometry[0], BOX) < 1e-3


@pytest.mark.parametrize("keys", [{}, {"crs": "EPSG:4547"}])
def test_axes_that_a_file_s_own_system_does_not_allow_are_swapped_back(tmp_path, keys):
    vector(tmp_path, "s.gpkg", [turned(BOX)], 4547)
    made = reading(tmp_path, {"s": supply("s.gpkg", **keys)})
    assert made.tables["supply"].geometry[0].equals(BOX)
    assert codes(made.findings)["axes_swapped"] == 1


@pytest.mark.parametrize(
    ("said", "prefix", "meant"), [(4547, 38e6, 4526), (4526, 0, 4547), (4498, 0, 4509)]
)
@pytest.mark.parametrize("is_declared", [True, False])
def test_a_zone_number_tells_which_of_two_systems_is_meant(
    tmp_path, said, prefix, meant, is_declared
):
    vector(tmp_path, "s.gpkg", [shapely.affinity.translate(BOX, prefix)], said)
    keys = {"crs": f"EPSG:{said}"} if is_declared else {}
    made = reading(tmp_path, {"s": supply("s.gpkg", **keys)})
    assert made.inputs["crs"].tolist() == [f"EPSG:{meant}"]
    assert codes(made.findings)["zone_number_contradicts"] == 1
    if meant != 4509:
        assert shapely.hausdorff_distance(made.tables["supply"].geometry[0], BOX) < 1e-3


@pytest.mark.parametrize("epsg", [4526, 4547, 4490, 4497])
def test_a_shapefile_s_own_words_for_a_system_are_no_contradiction(tmp_path, epsg):
    vector(tmp_path, "s.shp", in_crs(BOX, epsg), epsg)
    made = reading(tmp_path, {"s": supply("s.shp")})
    assert set(codes(made.findings)) == {"columns_matched"}
    assert made.inputs["crs"].tolist() == [f"EPSG:{epsg}"]


def test_the_number_of_another_zone_is_not_believed(tmp_path):
    there = in_crs(BOX, 4525)[0]
    vector(tmp_path, "c.gpkg", [BOX.buffer(20_000)], 4547)
    vector(tmp_path, "s.gpkg", [there], 4526)
    tomls = {"c": clusters("c.gpkg"), "s": supply("s.gpkg")}
    made = reading(tmp_path, tomls)
    row = made.inputs.set_index("layer").loc["s"]
    assert (row["crs"], row["crs_basis"]) == ("EPSG:4525", "inferred")
    tomls["s"] = supply("s.gpkg", crs="EPSG:4526")
    with pytest.raises(CrsError, match="another zone"):
        reading(tmp_path, tomls)


def test_swapped_axes_may_be_declared(tmp_path):
    vector(tmp_path, "s.gpkg", [turned(BOX)], 4547)
    made = reading(tmp_path, {"s": supply("s.gpkg", crs="EPSG:4547 +axis=neu")})
    assert made.tables["supply"].geometry[0].equals(BOX)
    assert "axes_swapped" not in codes(made.findings)


def test_a_layer_far_away_is_not_taken_for_a_swapped_one(tmp_path):
    far = shapely.box(200_000, 4_400_000, 200_100, 4_400_100)
    vector(tmp_path, "s.gpkg", [far], 4547)
    made = reading(tmp_path, {"s": supply("s.gpkg")})
    assert made.tables["supply"].geometry[0].equals(far)


def test_a_declared_system_comes_before_the_file(tmp_path):
    vector(tmp_path, "s.gpkg", [BOX], 4548)
    made = reading(tmp_path, {"s": supply("s.gpkg", crs="EPSG:4547")})
    assert made.inputs["crs_basis"].tolist() == ["declared"]
    assert codes(made.findings)["crs_overridden"] == 1
    assert made.tables["supply"].geometry[0].equals(BOX)


def test_geojson_may_be_declared_cgcs2000(tmp_path):
    vector(tmp_path, "s.geojson", in_crs(BOX, 4326), 4326)
    made = reading(tmp_path, {"s": supply("s.geojson", crs="EPSG:4490")})
    assert "crs_overridden" not in codes(made.findings)
    assert made.tables["supply"].area[0] == pytest.approx(10_000, abs=1e-2)


def test_a_workspace_may_be_named_relatively(tmp_path, monkeypatch):
    vector(tmp_path, "s.gpkg", [BOX], 4547)
    workspace(tmp_path, {"s": supply("s.gpkg")})
    monkeypatch.chdir(tmp_path)
    made = read.tables(layers.load("."))
    assert made.inputs["file"].tolist() == ["layers/data/s.gpkg"]


def test_metres_that_call_themselves_degrees_are_not_believed(tmp_path):
    text = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "A"},'
        '"geometry": {"type": "Polygon", "coordinates": [[[500000, 3760000], [500100, 3760000],'
        "[500100, 3760100], [500000, 3760000]]]}}]}"
    )
    vector(tmp_path, "c.gpkg", [BOX.buffer(20_000)], 4547)
    tomls = {"c": clusters("c.gpkg"), "s": supply("s.geojson")}
    made = reading(tmp_path, tomls, texts={"s.geojson": text})
    assert codes(made.findings)["crs_implausible"] == 1
    assert made.inputs.set_index("layer").loc["s", "crs"] == "EPSG:4547"
    with pytest.raises(CrsError, match="in degrees"):
        reading(tmp_path, {**tomls, "s": supply("s.geojson", crs="EPSG:4490")})


def test_an_old_datum_is_refused(tmp_path):
    vector(tmp_path, "s.gpkg", [BOX], 2383)
    with pytest.raises(CrsError, match="no datum shift"):
        reading(tmp_path, {"s": supply("s.gpkg")})
    with pytest.raises(CrsError, match="no datum shift"):
        reading(tmp_path, {"s": supply("s.gpkg", crs="EPSG:2383")})


# Dx, Dy, Dz in metres, rotations in arc-seconds, scale in ppm: invented, of the usual size
SEVEN = (-15.4, 118.7, 42.9, 1.27, -0.83, 2.14, -6.3)


def by_hand(points, values):
    """Bursa-Wolf as textbooks print it, Krassowsky-free: from IAG 1975 to CGCS2000."""
    down = pyproj.Transformer.from_crs(2383, 4610, always_xy=True)
    up = pyproj.Transformer.from_crs(4490, 4547, always_xy=True)
    lon, lat = np.radians(down.transform(*points.T))
    a, f = 6378140.0, 1 / 298.257
    e2 = f * (2 - f)
    n = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    x, y, z = (
        n * np.cos(lat) * np.cos(lon),
        n * np.cos(lat) * np.sin(lon),
        n * (1 - e2) * np.sin(lat),
    )
    dx, dy, dz, *angles, ppm = values
    rx, ry, rz = np.radians(np.array(angles) / 3600)
    k = 1 + ppm * 1e-6
    x, y, z = (
        dx + k * (x + rz * y - ry * z),
        dy + k * (-rz * x + y + rx * z),
        dz + k * (ry * x - rx * y + z),
    )
    a, f = 6378137.0, 1 / 298.257222101
    e2, p = f * (2 - f), np.hypot(x, y)
    phi = np.arctan2(z, p * (1 - e2))
    for _ in range(10):
        n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
        phi = np.arctan2(z + e2 * n * np.sin(phi), p)
    return np.column_stack(up.transform(np.degrees(np.arctan2(y, x)), np.degrees(phi)))


@pytest.mark.parametrize("name", ["bursa", "towgs84"])
def test_xian_1980_is_transformed_with_declared_parameters(tmp_path, name):
    vector(tmp_path, "s.gpkg", [BOX], 2383)
    dx, dy, dz, rx, ry, rz, ppm = SEVEN
    values = SEVEN if name == "bursa" else (dx, dy, dz, -rx, -ry, -rz, ppm)
    declared = f"EPSG:2383 +{name}={','.join(map(str, values))}"
    made = reading(tmp_path, {"s": supply("s.gpkg", crs=declared)})
    found = shapely.get_coordinates(made.tables["supply"].geometry[0])
    assert np.abs(found - by_hand(shapely.get_coordinates(BOX), SEVEN)).max() < 1e-3
    told = made.findings[made.findings["code"] == "datum_shifted"].iloc[0]
    moved = np.hypot(*(found - shapely.get_coordinates(BOX)).T).mean()
    assert float(told["details"]["metres"]) == pytest.approx(moved, abs=2.5)  # less the ellipsoid
    assert made.inputs["crs"].tolist() == ["EPSG:2383"]


def test_beijing_1954_is_transformed_in_the_plane(tmp_path):
    vector(tmp_path, "s.gpkg", [shifted(shapely.box(0, 0, 100, 100), 38_500_000)], 2414)
    declared = "EPSG:2414 +plane=-35.5,-80.25,0,1"
    made = reading(tmp_path, {"s": supply("s.gpkg", crs=declared)})
    west, south, _, _ = made.tables["supply"].geometry[0].bounds
    assert (west, south) == pytest.approx((500_000 - 80.25, 3_760_000 - 35.5), abs=1e-4)


def test_a_rotation_in_the_plane_turns_north_towards_east(tmp_path):
    vector(tmp_path, "s.gpkg", [BOX], 2435)
    quarter = 5e-5 * 3600 * 180 / np.pi  # 50 millionths of a radian
    made = reading(tmp_path, {"s": supply("s.gpkg", crs=f"EPSG:2435 +plane=0,0,{quarter},1")})
    west, south, _, _ = made.tables["supply"].geometry[0].bounds
    assert west == pytest.approx(500_000 + 3_760_000 * 5e-5, abs=0.01)
    assert south == pytest.approx(3_760_000 - 500_000 * 5e-5, abs=0.01)


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:2383 +bursa=1,2,3", "takes 7 numbers"),
        ("EPSG:2383 +plane=1,2,x,1", "takes 4 numbers"),
        ("EPSG:2383 +axis=wsu", "north first"),
        ("EPSG:2383 +plane=0,0,0,1 +towgs84=1,2,3", "give one"),
        ("EPSG:4610 +plane=0,0,0,1", "Gauss-Krüger"),
        ("EPSG:2383 +towgs84=9000,0,0", "move the layer by"),
        ("EPSG:2383 +bursa=0,0,0,300,0,0,0", "move the layer by"),
        ("GCJ-02", "in degrees"),
    ],
)
def test_parameters_that_cannot_be_meant(tmp_path, crs, words):
    vector(tmp_path, "s.gpkg", [BOX], 2383)
    with pytest.raises(CrsError, match=words):
        reading(tmp_path, {"s": supply("s.gpkg", crs=crs)})


# prcoords 1.0.2 (public domain), the reference the formats paper names
WEB = {
    "GCJ-02": [(113.0663429292646, 33.688637397685355), (114.32582443985703, 34.408809309134845)],
    "BD-09": [(113.07280457629327, 33.694696256139075), (114.33232771485348, 34.41472916648492)],
}


@pytest.mark.parametrize("system", WEB)
def test_web_maps_are_shifted_as_the_reference_does(system):
    lon, lat = np.array([113.06, 114.32]), np.array([33.69, 34.41])
    there = np.column_stack(webmaps.shifted(system, lon, lat))
    assert np.abs(there - WEB[system]).max() < 1e-9
    back = np.column_stack(webmaps.undone(system, *there.T))
    assert np.abs(back - np.column_stack([lon, lat])).max() < 1e-10


def web(geometry, system):
    degrees = in_crs(geometry, 4490)[0]
    return shapely.transform(degrees, lambda xy: np.column_stack(webmaps.shifted(system, *xy.T)))


def test_a_web_map_outside_china_is_not_undone(tmp_path):
    vector(tmp_path, "s.geojson", [shapely.box(14.4, 50.1, 14.41, 50.11)], 4326)
    with pytest.raises(CrsError, match="longitude first"):
        reading(tmp_path, {"s": supply("s.geojson", crs="GCJ-02")})


@pytest.mark.parametrize("system", WEB)
def test_a_declared_web_map_is_undone_and_its_accuracy_said(tmp_path, system):
    vector(tmp_path, "s.geojson", [web(BOX, system)], 4326)
    made = reading(tmp_path, {"s": supply("s.geojson", crs=system)})
    assert shapely.hausdorff_distance(made.tables["supply"].geometry[0], BOX) < 0.02
    told = made.findings[made.findings["code"] == "web_map_undone"].iloc[0]
    assert told["details"]["accuracy"] == "5"
    low, high = {"GCJ-02": (540, 620), "BD-09": (1240, 1320)}[system]
    assert low < float(told["details"]["metres"]) < high
    assert made.inputs["crs"].tolist() == [system]


def lots(count=40):
    grid = [(n % 8, n // 8) for n in range(count)]
    return [shapely.box(0, 0, 120 + 3 * x, 90 + 5 * y) for x, y in grid], grid


@pytest.mark.parametrize("system", [*WEB, None])
def test_a_web_map_is_recognised_by_the_parcels_below_and_undone(tmp_path, system):
    boxes, grid = lots()
    plots = [
        shifted(b, 500_000 + 400 * x, 3_760_000 + 350 * y)
        for b, (x, y) in zip(boxes, grid, strict=True)
    ]
    houses = [shapely.affinity.scale(plot, 0.4, 0.4) for plot in plots]
    vector(tmp_path, "s.gpkg", plots, 4547)
    drawn = [web(g, system) if system else in_crs(g, 4490)[0] for g in houses]
    vector(tmp_path, "b.geojson", drawn, 4326)
    tomls = {"s": supply("s.gpkg"), "b": layer("construction", "b.geojson")}
    made = reading(tmp_path, tomls)
    found = made.findings[made.findings["code"] == "web_map_recognised"]
    assert found["value"].tolist() == ([system] if system else [])
    houses_read = made.tables["construction"].geometry
    assert shapely.hausdorff_distance(houses_read[0], houses[0]) < 0.02
    if not system:
        return
    undone = made.findings[made.findings["code"] == "web_map_undone"].iloc[0]
    assert undone["details"]["accuracy"] == "5"
    bases = dict(zip(made.inputs["layer"], made.inputs["crs_basis"], strict=True))
    assert bases == {"b": "recognised", "s": "read"}
    for crs, off in ((system, 0.02), ("EPSG:4490", 1500)):
        tomls["b"] = layer("construction", "b.geojson", crs=crs)
        declared = reading(tmp_path, tomls)
        assert "web_map_recognised" not in codes(declared.findings)
        apart = shapely.hausdorff_distance(declared.tables["construction"].geometry[0], houses[0])
        assert (apart < 0.02) == (crs == system)
        assert apart < off


def test_wgs_84_counts_as_cgcs2000(tmp_path):
    vector(tmp_path, "s.gpkg", in_crs(BOX, 4326), 4326)
    made = reading(tmp_path, {"s": supply("s.gpkg")})
    assert made.tables["supply"].area[0] == pytest.approx(10_000, abs=1e-3)


def test_survey_feet_become_metres(tmp_path):
    box = shapely.box(2_700_000, 240_000, 2_700_100, 240_100)
    vector(tmp_path, "s.gpkg", [box], 2272)
    made = reading(tmp_path, {"s": supply("s.gpkg")}, crs="EPSG:26918")
    assert made.tables["supply"].area[0] == pytest.approx(10_000 * (1200 / 3937) ** 2, rel=1e-3)


def test_heights_are_dropped_and_said(tmp_path):
    vector(tmp_path, "s.gpkg", [shapely.force_3d(BOX, 70)], 4547)
    made = reading(tmp_path, {"s": supply("s.gpkg")})
    assert not made.tables["supply"].has_z.any()
    assert codes(made.findings)["heights_dropped"] == 1


def test_a_line_where_a_polygon_is_needed(tmp_path):
    vector(tmp_path, "s.gpkg", [shapely.LineString(BOX.exterior)], 4547)
    made = reading(tmp_path, {"s": supply("s.gpkg")})
    assert made.tables["supply"]["geometry"].isna().all()
    found = made.findings[made.findings["code"] == "geometry_wrong_kind"].iloc[0]
    assert (found["row"], found["feature_id"]) == (1, "A1")


def test_lines_and_points_where_they_belong(tmp_path):
    vector(tmp_path, "s.gpkg", [BOX], 4547)
    vector(tmp_path, "n.gpkg", [shapely.LineString(BOX.exterior)], 4547)
    vector(tmp_path, "p.gpkg", [BOX.centroid], 4547)
    project = layer("project", "p.gpkg", columns={"project_id": "id", "project_name": "id"})
    tomls = {"s": supply("s.gpkg"), "n": layer("network", "n.gpkg"), "p": project}
    made = reading(tmp_path, tomls)
    assert made.tables["network"].length[0] == pytest.approx(400)
    assert made.tables["project"].geometry[0].equals(BOX.centroid)


@pytest.mark.parametrize("repair", [True, False])
def test_repair_only_where_the_layer_allows_it(tmp_path, repair):
    vector(tmp_path, "s.gpkg", [shifted(BOW_TIE), BOX], 4547)
    made = reading(tmp_path, {"s": supply("s.gpkg", repair=repair)})
    table = made.tables["supply"]
    assert table.is_valid.tolist() == [repair, True]
    assert codes(made.findings).get("geometry_repaired", 0) == repair
    if repair:
        found = made.findings[made.findings["code"] == "geometry_repaired"].iloc[0]
        assert found["details"]["before"] == "0.00"
        assert found["details"]["after"] == "50.00"
        assert "Self-intersection" in found["value"]


def test_a_spatial_role_needs_geometry(tmp_path):
    tomls = {"s": layer("supply", "s.csv"), "c": layer("cluster", "c.csv")}
    texts = {"s.csv": "supply_id\nA\n", "c.csv": "cluster_id,cluster_name\n1,一\n"}
    with pytest.raises(LayerError, match="needs geometry"):
        reading(tmp_path, tomls, texts=texts)


def image(root, name, crs="EPSG:4547", bands=2):
    (root / "layers" / "data").mkdir(parents=True, exist_ok=True)
    shape = {"width": 2, "height": 2, "count": bands, "dtype": "uint8"}
    where = rasterio.Affine(10, 0, 500_000, 0, -10, 3_760_000)
    path = root / "layers" / "data" / name
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=where, **shape) as raster:
        raster.write(np.zeros((bands, 2, 2), dtype="uint8"))


def imagery(**keys):
    return layer("imagery", "i.tif", **keys) + "[bands]\nred = 2\n"


def test_imagery_is_a_row(tmp_path):
    image(tmp_path, "i.tif")
    text = imagery().replace("as_of", "observed_on = 2018-04-02\nas_of")
    made = reading(
        tmp_path, {"s": layer("supply", "s.csv"), "i": text}, texts={"s.csv": "supply_id\nA\n"}
    )
    row = made.tables["imagery"].iloc[0]
    assert str(row["observed_on"].date()) == "2018-04-02"
    assert row["source_file"] == "layers/data/i.tif"
    assert made.inputs.set_index("layer").loc["i", "crs"] == "EPSG:4547"


@pytest.mark.parametrize(
    ("bands", "observed", "words"),
    [(1, "observed_on = 2018-04-02\n", "bands 1 to 1"), (2, "", "observed_on")],
)
def test_imagery_that_is_not_as_declared(tmp_path, bands, observed, words):
    image(tmp_path, "i.tif", bands=bands)
    tomls = {"s": layer("supply", "s.csv"), "i": observed + imagery()}
    with pytest.raises(LayerError, match=words):
        reading(tmp_path, tomls, texts={"s.csv": "supply_id\nA\n"})


def test_imagery_without_a_system_is_said(tmp_path):
    image(tmp_path, "i.tif", crs=None)
    tomls = {"s": layer("supply", "s.csv"), "i": "observed_on = 2018-04-02\n" + imagery()}
    made = reading(tmp_path, tomls, texts={"s.csv": "supply_id\nA\n"})
    assert codes(made.findings)["raster_without_crs"] == 1


@pytest.mark.parametrize("datum", grids.GEOGRAPHIC)
@pytest.mark.parametrize("width", [3, 6])
@pytest.mark.parametrize("has_prefix", [True, False])
def test_every_grid_of_china_is_the_code_it_claims(datum, width, has_prefix):
    for zone in grids.ZONES[width]:
        grid = grids.Grid(datum, width, zone, has_prefix)
        origin = grid.crs.coordinate_operation.params
        easting = next(p.value for p in origin if p.name == "False easting")
        meridian = next(p.value for p in origin if p.name == "Longitude of natural origin")
        assert (easting, meridian) == (500_000 + 1e6 * zone * has_prefix, grid.meridian)
        assert grid.crs.geodetic_crs.to_epsg() == grids.GEOGRAPHIC[datum]
        assert grids.of(grid.crs) == grid
