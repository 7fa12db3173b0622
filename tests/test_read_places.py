"""Reference systems and geometry on the way into the workspace; imagery."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from making import codes, layer, workspace

from landuse import layers, read
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
    if crs is None:
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


@pytest.mark.parametrize("epsg", [4490, 4526, 4547, 4546, 4548, 4525, 4527])
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


def test_swapped_axes_are_told_and_not_swapped(tmp_path):
    vector(tmp_path, "c.gpkg", [BOX.buffer(20_000)], 4547)
    swapped = shapely.transform(BOX, lambda xy: xy[:, ::-1])
    vector(tmp_path, "s.parquet", [swapped], None)
    with pytest.raises(CrsError, match="north and east were swapped"):
        reading(tmp_path, {"c": clusters("c.gpkg"), "s": supply("s.parquet")})


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
