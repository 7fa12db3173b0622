"""Small things everything stands on: geometry, reference systems, findings, facts, files."""

import math
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
import shapely.affinity
from making import tables

from landuse import crs, export, facts, findings, geometry, schema
from landuse.crs import ellipsoid
from landuse.errors import AssetError, CrsError, CrsMismatchError

BOWTIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
BOX = shapely.box(0, 0, 10, 10)


def test_only_valid_finite_polygons_are_usable():
    shapes = [BOX, BOWTIE, None, shapely.Point(0, 0), shapely.Polygon()]
    assert geometry.is_usable(shapes).tolist() == [True, False, False, False, False]
    wild = shapely.Polygon([(0, 0), (1, 0), (np.inf, 1)])
    assert not geometry.is_usable([wild])[0]


def test_a_repair_keeps_polygons_only():
    mended = geometry.repaired(np.array([BOWTIE, None], dtype=object))
    assert mended[0].geom_type == "MultiPolygon"
    assert mended[0].area == 50
    assert mended[1] is None
    line = shapely.Polygon([(0, 0), (10, 0), (0, 0)])
    assert geometry.repaired(np.array([line], dtype=object))[0] is None


def test_tables_in_different_systems_are_not_laid_over_each_other():
    a, b = (gpd.GeoDataFrame(geometry=[BOX], crs=code) for code in (4547, 4526))
    geometry.same_crs(a, a)
    with pytest.raises(CrsMismatchError, match="reproject"):
        geometry.same_crs(a, b)
    with pytest.raises(CrsMismatchError, match="Declare"):
        geometry.same_crs(a, gpd.GeoDataFrame(geometry=[BOX]))


@pytest.mark.parametrize("text", ["EPSG:4490", "EPSG:3857", "EPSG:2272", "Xuchang"])
def test_areas_are_not_computed_where_they_would_be_wrong(text):
    with pytest.raises(CrsError, match=r"EPSG|crs"):
        crs.computable(text, "layers/workspace.toml")


def test_a_point_of_xuchang_lands_where_it_was_measured():
    point = np.array([shapely.Point(113.8, 34.03)], dtype=object)
    wgs84 = pyproj.CRS("EPSG:4326")
    moved = crs.transformed(point, wgs84, pyproj.CRS("EPSG:4547"), "test")[0]
    assert (moved.x, moved.y) == pytest.approx((481529.527, 3767007.163), abs=0.002)
    zoned = crs.transformed(point, wgs84, pyproj.CRS("EPSG:4526"), "test")[0]
    assert zoned.x == pytest.approx(38481529.527, abs=0.002)


@pytest.mark.parametrize("written", ["EPSG:4526", pyproj.CRS("EPSG:4526").to_wkt("WKT1_ESRI")])
def test_a_zone_number_comes_off_to_the_last_bit(written):
    point = np.array([shapely.Point(38481529.25, 3767007.163), None], dtype=object)
    moved = crs.transformed(point, pyproj.CRS(written), pyproj.CRS("EPSG:4547"), "test")
    assert (moved[0].x, moved[0].y, moved[1]) == (481529.25, 3767007.163, None)


@pytest.mark.parametrize(("one", "other"), [(4546, 4547), (32650, 4509), (4526, 4509)])
def test_another_meridian_scale_or_width_of_zone_is_another_projection(one, other):
    point = np.array([shapely.Point(500_000 + 38e6 * (one == 4526), 3.767e6)], dtype=object)
    moved = crs.transformed(point, pyproj.CRS(one), pyproj.CRS(other), "test")[0]
    known = pyproj.Transformer.from_crs(one, other, always_xy=True).transform(point[0].x, 3.767e6)
    assert (moved.x, moved.y) == pytest.approx(known, abs=1e-6)
    assert abs(moved.y - 3.767e6) > 1


@pytest.mark.parametrize("code", [2362, 2383, 2414, 4610, 4214])
def test_old_datums_are_refused_rather_than_guessed(code):
    point = np.array([shapely.Point(113.8, 34.03)], dtype=object)
    with pytest.raises(CrsError, match="no datum shift"):
        crs.transformed(point, pyproj.CRS(code), pyproj.CRS(4547), "old.shp")


def test_an_area_on_the_ellipsoid_is_what_geodesy_says():
    square = np.array([shapely.box(413_300, 3_760_000, 413_500, 3_760_200), None], dtype=object)
    plane, round_ = (crs.areas(square, pyproj.CRS(4547), m) for m in ("plane", "ellipsoid"))
    assert plane[0] == pytest.approx(40_000)
    assert plane[0] / round_[0] - 1 == pytest.approx(185e-6, abs=5e-6)  # west limit of Yuzhou
    assert np.isnan(round_[1])


def test_the_formula_of_the_land_surveys_is_exact_between_parallels():
    axis, flattening = 6_378_137.0, 1 / 298.257222101
    ecc = math.sqrt(flattening * (2 - flattening))

    def up_to(latitude):  # closed form of the area from the equator, per radian of longitude
        s = ecc * math.sin(math.radians(latitude))
        return (axis * (1 - flattening)) ** 2 / (2 * ecc) * (s / (1 - s * s) + math.atanh(s))

    cells = np.array(
        [shapely.box(113.75, 34, 113.8125, 34 + 2.5 / 60), shapely.box(110, 30, 111, 31)]
    )  # a sheet of 1:10 000, and a degree
    for cell, area in zip(cells, ellipsoid.areas(cells), strict=True):
        west, south, east, north = cell.bounds
        exact = math.radians(east - west) * (up_to(north) - up_to(south))
        assert area == pytest.approx(exact, rel=2e-12)


def test_the_formula_of_the_land_surveys_agrees_with_geodesics_on_parcels():
    geod = pyproj.Geod(ellps="GRS80")
    for size in (200.0, 1000.0, 5000.0):
        angle = np.linspace(0.1, 2 * np.pi + 0.1, 12, endpoint=False)
        ring = [480_000, 3_760_000] + size * np.column_stack([np.cos(angle), np.sin(angle)])
        hole = shapely.affinity.scale(shapely.Polygon(ring), 0.3, 0.3)
        shape = np.array([shapely.Polygon(ring) - hole])
        measured = crs.areas(shape, pyproj.CRS(4547), "ellipsoid")[0]
        degrees = crs.transformed(shape, pyproj.CRS(4547), pyproj.CRS(4490), "s")[0]
        geodesic = abs(geod.geometry_area_perimeter(shapely.orient_polygons(degrees))[0])
        assert measured == pytest.approx(geodesic, rel=1e-9 * size)


def test_areas_of_what_is_no_polygon():
    shapes = [None, shapely.Polygon(), shapely.Point(113, 34), shapely.MultiPolygon()]
    measured = ellipsoid.areas(np.array(shapes, dtype=object))
    assert np.isnan(measured[0])
    assert measured[1:].tolist() == [0, 0, 0]


def test_a_finding_needs_wording():
    with pytest.raises(AssetError, match="no_such_code"):
        findings.rows("no_such_code")
    with pytest.raises(ValueError, match="elements"):
        findings.rows("slivers_sorted_out", layer=["a", "b"], row=[1])


def test_findings_keep_one_order_and_hostile_values_stay_values():
    values = ["{row}", "{0.__class__}", "=1+1", "x" * 900]
    one = findings.rows("built_but_not_commenced", layer="b", row=[4, 3, 2, 1], value=values)
    two = findings.rows("completed_but_bare", layer="a", row=1, value="{layer}")
    gathered = findings.gather([two, one, findings.none()])
    pd.testing.assert_frame_equal(gathered, findings.gather([one.iloc[::-1], two]))
    shown = findings.rendered(gathered, "zh")
    assert list(shown.columns) == list(findings.SHOWN)
    assert shown["severity"].tolist() == ["error"] * 4 + ["warning"]
    assert any("{0.__class__}" in message for message in shown["message"])
    assert shown["value"].str.len().max() <= 201
    assert not findings.forbid(gathered)


def test_a_csv_of_findings_runs_no_formula(tmp_path):
    table = findings.rows("completed_but_bare", feature_id=["=1+1", "@a", "甲"], value="-2")
    export.findings_csv(tmp_path / "f.csv", table, "zh")
    raw = (tmp_path / "f.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    cells = pd.read_csv(tmp_path / "f.csv")["feature_id"].tolist()
    assert sorted(cells) == ["'=1+1", "'@a", "甲"]


def test_what_happened_later_is_not_known():
    supply = {
        "supply_id": "S",
        "agreed_commencement_on": "2019-01-01",
        "commenced_on": "2018-07-01",
        "completed_on": "1900-01-01",
        "extension_signed_on": "2018-07-01",
        "extended_commencement_on": "2020-01-01",
        "production_on": "2019-01-01",
    }
    seen = facts.known(tables(supply=[supply])["supply"], date(2018, 6, 30)).iloc[0]
    assert pd.isna(seen["commenced_on"])
    assert pd.isna(seen["completed_on"])
    assert pd.isna(seen["extended_commencement_on"])
    assert seen["agreed_commencement_on"] == pd.Timestamp("2019-01-01")
    assert seen["production_on"] == pd.Timestamp("2019-01-01")


def test_a_table_takes_the_shape_of_its_role():
    made = schema.conform(
        pd.DataFrame({"supply_id": ["007"], "price": ["3.5"], "x": [1]}), "supply"
    )
    assert made["supply_id"].tolist() == ["007"]
    assert made["price"].tolist() == [3.5]
    assert made["signed_on"].isna().all()
    assert "x" not in made
    assert made["is_seized"].dtype == "boolean"
    with pytest.raises(KeyError):
        schema.column("supply", "x")
