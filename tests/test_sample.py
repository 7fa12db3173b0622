"""The sample workspace is what its generator writes, and holds every fault it promises."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from benchmarks.sample import city, faults, files, names
from landuse import layers, schema
from landuse.terms import Status

ROOT = Path(__file__).parents[1]
DATA = ROOT / "layers" / "data"
DISTRICTS = Path(__file__).parents[2] / "shared/data/boundaries/xuchang_districts.geojson"
HOME = {"411071": {"411002", "411003"}}
"""The economic zone has no county of its own: its land lies in two."""


@pytest.fixture(scope="module")
def made():
    return city.build()


@pytest.fixture(scope="module")
def tables(made):
    return {
        role: gpd.GeoDataFrame(rows, geometry="geometry", crs=files.METRES)
        if "geometry" in rows[0]
        else pd.DataFrame(rows)
        for role, rows in made.tables.items()
    }


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _content(path):
    """Rows of a file, whatever the library that wrote it."""
    if path.suffix == ".csv":
        return path.read_bytes()
    if path.suffix == ".xlsx":
        return pd.read_excel(path, header=None, dtype=str, engine="openpyxl")
    return gpd.read_file(path)


def _same(one, other):
    if isinstance(one, bytes):
        return one == other
    if not isinstance(one, gpd.GeoDataFrame):
        return one.equals(other)
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.drop(columns="geometry")), pd.DataFrame(other.drop(columns="geometry"))
    )
    return bool(np.all(shapely.equals_exact(one.geometry, other.geometry, tolerance=2e-3)
                       | one.geometry.isna()))  # fmt: skip


def test_the_files_are_what_the_generator_writes(made, tmp_path):
    files.write(made, tmp_path / "data")
    kept, written = _bytes(DATA), _bytes(tmp_path / "data")
    assert list(kept) == list(written)
    # Another GDAL or SQLite may lay the same rows out in other bytes; then the rows must agree.
    for name in kept:
        is_row_file = Path(name).suffix not in {".shx", ".dbf", ".prj", ".cpg"}
        if kept[name] != written[name] and is_row_file:
            assert _same(_content(DATA / name), _content(tmp_path / "data" / name)), name


def test_writing_twice_gives_the_same_bytes(tmp_path):
    files.write(city.build(), tmp_path / "one")
    files.write(city.build(), tmp_path / "two")
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_the_timestamps_are_those_of_the_register():
    assert (DATA / "approvals.dbf").read_bytes()[1:4] == bytes([118, 5, 31])
    contents = pyogrio.read_dataframe(
        DATA / "plan.gpkg", sql="SELECT last_change FROM gpkg_contents", sql_dialect="SQLITE"
    )
    assert str(contents.iloc[0, 0]).startswith("2018-05-31")


def test_everything_together_stays_small():
    assert sum(path.stat().st_size for path in DATA.parent.rglob("*") if path.is_file()) < 3_500_000


def test_the_catalogue_names_files_and_fields_that_exist():
    workspace = layers.load(ROOT)
    assert workspace.is_synthetic
    for source in workspace.sources:
        found = sorted((ROOT / "layers").glob(source.path))
        assert found, source.name
        assert source.as_of == names.AS_OF
        for path in found:
            assert set(source.columns.values()) <= set(_fields(source, path))


def _fields(source, path):
    if path.suffix == ".csv":
        encoding = source.encoding or "utf-8-sig"
        with path.open(encoding=encoding, newline="") as stream:
            return next(csv.reader(stream))
    if path.suffix == ".xlsx":
        head = source.header_row - 1
        return pd.read_excel(path, header=head, nrows=0, engine="openpyxl").columns
    return pyogrio.read_info(path, layer=source.layer)["fields"]


def test_the_formats_are_mixed_on_purpose():
    crs = {path.name: pyogrio.read_info(path)["crs"] for path in DATA.rglob("*.gpkg")}
    assert crs["city.gpkg"] == files.METRES
    assert crs["counties.gpkg"] == files.ZONED
    assert pyogrio.read_info(DATA / "clusters.geojson")["crs"] == files.DEGREES
    assert (DATA / "approvals.cpg").read_text(encoding="ascii") == "GBK"
    assert (DATA / "pauses.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        (DATA / "projects.csv").read_text(encoding="utf-8")


def test_counts(tables):
    assert len(tables["cluster"]) == 10
    assert len(tables["park"]) == 12
    assert 1500 <= len(tables["supply"]) <= 2000
    assert len(tables["approval"]) >= 400
    assert set(tables) | {"imagery"} == {
        "cluster", "park", "approval", "supply", "construction", "pause", "enterprise", "project",
        "plan", "network", "imagery",
    }  # fmt: skip


def test_every_status_is_meant_to_occur_and_most_land_is_finished(made):
    counts = city.counts(made)
    assert set(counts) == set(Status)
    supplies = {row["supply_id"] for row in made.tables["supply"]}
    finished = sum(made.intended[number] == "finished" for number in supplies)
    assert 0.7 < finished / len(supplies) < 0.85


def test_columns_are_those_of_the_contract(made):
    for role, rows in made.tables.items():
        known = {*schema.names(role), "geometry", "pauses"}
        assert set().union(*rows) <= known, role


def test_outlines_lie_in_the_right_counties(tables):
    if not DISTRICTS.exists():
        pytest.skip("district boundaries are not part of the repository")
    districts = gpd.read_file(DISTRICTS).to_crs(files.METRES)
    shapes = dict(zip(districts["adcode"].astype(str), districts.geometry, strict=True))
    clusters = tables["cluster"].set_index("cluster_id")
    for row in clusters.itertuples():
        codes = HOME.get(row.division_code, {row.division_code})
        home = shapely.union_all([shapes[code] for code in codes]).buffer(1)
        assert home.covers(row.geometry), row.cluster_name
        parks = tables["park"].query("cluster_id == @row.Index")
        assert all(home.covers(shape) for shape in parks.geometry)


def test_outlines_are_schematic_disjoint_and_of_the_size_they_declare(tables):
    clusters = tables["cluster"]
    area = clusters.area / 1e6
    assert area.between(6, 25).all()
    assert np.allclose(area, clusters["planned_area"], rtol=0.05)
    assert clusters.area.sum() == pytest.approx(clusters.union_all().area)
    assert clusters.geometry.count_coordinates().max() <= 14


def test_one_park_is_larger_than_its_cluster_and_one_lies_partly_outside(tables):
    clusters = tables["cluster"].set_index("cluster_id")
    parks = tables["park"]
    host = clusters.loc[parks["cluster_id"]]
    inside = parks.intersection(host.geometry.reset_index(drop=True)).area / parks.area
    assert (inside < 0.999).sum() == 2
    larger = parks.area > host.area.to_numpy()
    assert parks.loc[larger, "park_id"].tolist() == ["QZY10"]
    assert not (parks["cluster_id"] == "XC03").any()


def test_neighbouring_plots_share_their_edges_exactly(tables):
    approvals = tables["approval"]
    shared = approvals.sindex.query(approvals.geometry, predicate="touches")
    assert len(shared.T) > 500
    points = shapely.get_coordinates(approvals.geometry)
    assert np.array_equal(points, np.round(points, 3))


def test_approvals_keep_land_that_is_never_supplied(tables):
    supplied = tables["supply"].make_valid().union_all()
    left = tables["approval"].difference(supplied).area / tables["approval"].area
    assert left.min() > 0.05
    assert (left > 0.999).sum() > 30
    assert left.between(0.35, 0.95).sum() > 40


def test_every_firm_is_marked_as_an_example(tables):
    assert tables["supply"]["right_holder"].str.contains("示例企业").all()
    assert tables["enterprise"]["enterprise_name"].str.contains("示例企业").all()
    assert set(names.HOSTILE_HOLDERS) <= set(tables["supply"]["right_holder"])


def test_codes_have_the_form_of_their_standards(tables):
    supplies = tables["supply"]
    assert supplies["supply_id"].str.fullmatch(r"41\d{4}20\d{2}[ABC]\d{5}(-2)?").all()
    assert supplies["parcel_code"].str.fullmatch(r"41\d{4}\d{6}GB\d{5}").all()
    assert tables["approval"]["approval_number"].str.fullmatch(r"豫政土〔20\d\d〕\d+号").all()


def test_faults_of_outlines(tables):
    supplies, approvals = tables["supply"], tables["approval"]
    drawn = supplies[supplies.geometry.notna()]
    assert len(supplies) - len(drawn) == 2
    assert (~drawn.is_valid).sum() == 1
    parts = drawn.geometry.map(shapely.get_num_geometries)
    assert (parts > 1).sum() == 4
    assert drawn[drawn.is_valid].geometry.map(_holes).sum() == 4
    assert approvals.geometry.map(_holes).gt(0).sum() >= 4
    assert (approvals.geometry.map(shapely.get_num_geometries) > 1).sum() > 20
    over = _overlaps(approvals)
    assert len(over[over > 1000]) == 6
    over = _overlaps(drawn[drawn.is_valid])
    assert len(over[over > 500]) >= 4 + 2 + 1  # supplied again, rows repeated, the shifted plot
    assert ((over > 0.5) & (over < 500)).sum() > 5  # plots surveyed anew, alone


def _holes(shape):
    return sum(len(part.interiors) for part in shapely.get_parts(shape))


def _overlaps(frame):
    """Areas where rows overlap each other, in m²."""
    shapes = frame.geometry.to_numpy()
    one, other = frame.sindex.query(frame.geometry, predicate="intersects")
    keep = one < other
    return shapely.area(shapely.intersection(shapes[one[keep]], shapes[other[keep]]))


def test_resurveyed_blocks_leave_slivers_along_approvals(tables):
    supplies = tables["supply"]
    supplies = supplies[supplies.is_valid & supplies.geometry.notna()]
    near, number = supplies.sindex.query(tables["approval"].boundary, predicate="crosses")
    assert 50 < len(set(number)) < 400
    assert len(near) >= len(set(number))


def test_faults_of_rows(tables):
    supplies, approvals = tables["supply"], tables["approval"]
    assert approvals["approved_on"].isna().sum() == 1
    repeated = supplies[supplies["supply_id"].duplicated(keep=False)]
    assert repeated["supply_id"].nunique() == 2
    facts = repeated.drop(columns=["geometry", "pauses"]).drop_duplicates()
    assert len(repeated) - len(facts) == 1
    off = supplies["declared_area"] * 10_000 / supplies.area - 1
    assert off.abs().between(0.14, 0.165).sum() == 12
    assert supplies["parcel_code"].str.startswith("411023").sum() == 5
    assert (supplies["agreed_commencement_on"].map(lambda d: getattr(d, "year", 0)) == 1900).any()
    assert (supplies["completed_on"].map(lambda d: getattr(d, "year", 0)) == 1900).sum() > 5
    assert supplies["phase_of"].dropna().isin(supplies["supply_id"]).all()
    assert supplies["phase_of"].notna().sum() >= 5
    assert (supplies["supply_mode"] == "租赁").sum() > 10
    assert (supplies["supply_mode"].eq("划拨") & supplies["price"].isna()).sum() > 10


def test_one_supply_names_another_cluster_than_it_lies_in(tables):
    supplies = tables["supply"].dropna(subset=["cluster_id", "geometry"]).reset_index(drop=True)
    clusters = tables["cluster"].set_index("cluster_id").geometry
    far = supplies.distance(clusters.loc[supplies["cluster_id"]].reset_index(drop=True)) > 1
    assert 1 <= far.sum() <= 2  # the one that lies outside every cluster may name one


def test_supplies_outside_approvals_and_outside_clusters(tables):
    supplies = tables["supply"]
    points = supplies[supplies.geometry.notna()].representative_point()
    assert (~points.within(tables["approval"].union_all())).sum() == 4
    assert (~points.within(tables["cluster"].union_all().buffer(300))).sum() == 1


def test_pauses_overlap_one_has_no_first_day_and_one_no_supply(tables):
    pauses = tables["pause"]
    assert pauses["begins_on"].isna().sum() == 1
    assert (~pauses["supply_id"].isin(tables["supply"]["supply_id"])).sum() == 1
    assert pauses["supply_id"].duplicated().sum() == 5
    assert set(pauses["cause"]) == {"G1", "G2", "G3", "G4", "G5", "G6", "FM"}


def test_firms_are_graded_as_the_rule_of_the_year_would(tables):
    firms = tables["enterprise"]
    graded = Counter(firms["grade"])
    total = sum(graded[grade] for grade in "ABC")
    assert 0.13 < graded["A"] / total < 0.19
    assert 0.08 < graded["C"] / total < 0.12
    assert firms["halted_on"].notna().sum() == 45
    assert firms["supply_id"].isin(tables["supply"]["supply_id"]).all()


def test_footprints_stand_inside_plots_and_some_where_nothing_was_granted(tables):
    built, supplies = tables["construction"], tables["supply"]
    assert built.is_valid.all()
    later = built["observed_on"].map(lambda day: day > names.ON)
    assert 5 < later.sum() < 40
    within = built.sindex.query(supplies.geometry[supplies.is_valid], predicate="intersects")
    assert len(built) - len(set(within[1])) > 20
    assert built["supply_id"].dropna().isin(supplies["supply_id"]).all()


def test_the_planned_functions_tile_each_cluster(tables):
    assert tables["plan"].area.sum() == pytest.approx(tables["cluster"].area.sum(), rel=1e-3)
    assert set(tables["plan"]["function"]) == {
        "production", "living", "business", "ecology", "infrastructure",
    }  # fmt: skip


def test_the_table_of_faults_is_in_the_documentation():
    for fault in ("bow-tie", "shifted plot", "exact duplicate", "hostile names", "historic code"):
        assert fault in faults.__doc__
