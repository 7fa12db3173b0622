"""The main job on real public files: every row a case, areas conserved, a second opinion agrees."""

import csv
import io
from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from making import SHARED, layer, workspace
from test_real_files import GUANGDONG, brought

import landuse
from landuse.errors import CheckFailed

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real files are not here")
DAY = date(2020, 4, 15)


def anniversary(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def day_of(text):
    return date.fromisoformat(text) if text else None


def second_opinion(row, on):  # noqa: PLR0911  one line of the contract after the other
    """Return the status of a ledger row, read off the contract line by line, with no table."""
    signed, start, finish = (
        day_of(row[n]) for n in ("signTime", "agreedStartTime", "agreedCompletionTime")
    )
    delivery = day_of(row["agreedDeliveryTime"])
    begun, done = day_of(row["actualStartTime"]), day_of(row["actualCompletionTime"])
    begun = begun if begun and begun <= on else None
    done = done if done and done <= on else None
    if signed > on:
        return "undetermined"
    if (begun and begun < signed) or (done and done < signed) or (begun and done and done < begun):
        return "undetermined"
    if done:
        return "finished"
    if begun:
        if finish is None or on <= finish:
            return "in_progress"
        late = on > anniversary(finish, 2)
        return "completion_overdue_two_years" if late else "completion_overdue"
    clock = start or (anniversary(delivery, 1) if delivery else None)
    if clock is None:
        return "undetermined"
    steps = [(anniversary(clock, 2), "idle_two_years"), (anniversary(clock, 1), "idle_one_year")]
    passed = [name for last, name in [*steps, (clock, "overdue")] if on > last]
    return passed[0] if passed else "not_due"


@pytest.fixture(scope="module")
def guangdong(tmp_path_factory):
    root = tmp_path_factory.mktemp("guangdong")
    brought(root, "supply-records/guangdong_2020_results.csv")
    units = {"declared_area": "ha", "price": "wan_yuan"}
    ledger = layer(
        "supply",
        "guangdong_2020_results.csv",
        as_of="2020-04-15",
        columns=GUANGDONG,
        units=units,
    )
    return workspace(root, {"ledger": ledger})


@pytest.mark.parametrize("on", [DAY, date(2019, 4, 15)])
def test_every_row_of_guangdong_has_the_status_a_second_reading_gives(guangdong, on):
    text = (DATA / "supply-records" / "guangdong_2020_results.csv").read_text(encoding="gb18030")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    found = landuse.run(guangdong.path, on=on).cases.set_index("case_id")["status"]
    assert len(found) == 1075
    expected = {row["md5Mark"]: second_opinion(row, on) for row in rows}
    assert found.to_dict() == expected


def test_the_main_job_writes_guangdong_without_a_map_of_it(guangdong, tmp_path):
    result = landuse.build(guangdong.path, on=DAY, out=tmp_path / "out")
    assert Counter(result.cases["status"]) == {
        "finished": 209, "not_due": 140, "overdue": 139, "completion_overdue": 133,
        "completion_overdue_two_years": 115, "in_progress": 111, "undetermined": 95,
        "idle_two_years": 71, "idle_one_year": 62,
    }  # fmt: skip
    city = result.totals["city"]
    assert city["count"] == city["without_geometry"]["count"] == 1075
    assert (tmp_path / "out" / "lists" / "disposal.xlsx").is_file()


def test_zhengzhou_is_refused_with_its_rows(tmp_path):
    brought(tmp_path, "supply-records/zhengzhou_agreement_results.csv")
    ledger = layer("supply", "zhengzhou_agreement_results.csv", as_of="2020-05-12")
    made = workspace(tmp_path, {"ledger": ledger})
    with pytest.raises(CheckFailed):
        landuse.build(made.path, on=DAY, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_prague_plots_and_buildings_are_conserved(tmp_path):
    brought(tmp_path, "parcels/prague_bubenec.gpkg")
    name, as_of = "prague_bubenec.gpkg", "2020-01-01"
    plots = layer("supply", name, layer="plots", as_of=as_of, columns={"supply_id": "ID_2"})
    buildings = layer("construction", name, layer="buildings", as_of=as_of)
    made = workspace(tmp_path, {"plots": plots, "buildings": buildings}, crs="EPSG:32633")
    result = landuse.run(made.path, on=DAY)
    shapes, built = (
        pyogrio.read_dataframe(DATA / "parcels" / name, layer=n).to_crs(32633).geometry
        for n in ("plots", "buildings")
    )
    union, footprints = shapely.union_all(shapes), shapely.union_all(built)
    pieces = result.pieces
    assert pieces["area_m2"].sum() == pytest.approx(union.area, abs=1e-3)
    on_plots = shapely.intersection(union, footprints).area
    assert pieces.loc[pieces["part"] == "built", "area_m2"].sum() == pytest.approx(
        on_plots, abs=1e-3
    )
    shares = result.cases.set_index("case_id")["built_share"]
    ids = pyogrio.read_dataframe(DATA / "parcels" / name, layer="plots")["ID_2"]
    overlapping = set(result.partition.overlaps["lost_id"])
    for supply_id, shape in zip(ids, shapes, strict=True):
        if supply_id in shares.index and supply_id not in overlapping:
            direct = shape.intersection(footprints).area / shape.area
            assert shares[supply_id] == pytest.approx(direct, abs=1e-6)
    assert 0 < result.partition.overlaps["area_m2"].sum() < 1


def test_philadelphia_overlaps_are_found_in_square_metres(tmp_path):
    brought(tmp_path, "parcels/philadelphia_vacant_excerpt.gpkg")
    parcels = layer(
        "supply",
        "philadelphia_vacant_excerpt.gpkg",
        as_of="2020-01-01",
        columns={"supply_id": "opa_id"},
    )
    made = workspace(tmp_path, {"parcels": parcels}, crs="EPSG:26918")
    result = landuse.run(made.path, on=DAY)
    raw = pyogrio.read_dataframe(DATA / "parcels" / "philadelphia_vacant_excerpt.gpkg")
    shapes = raw.to_crs(26918).geometry.to_numpy()
    assert result.pieces["area_m2"].sum() == pytest.approx(shapely.union_all(shapes).area, abs=1e-3)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = shapely.area(shapely.intersection(shapes[a[a < b]], shapes[b[a < b]]))
    assert result.partition.overlaps["is_fault"].sum() == (pairs > 1.0).sum()
    feet = raw.geometry.area * (1200 / 3937) ** 2
    assert np.median(result.cases["area_m2"]) == pytest.approx(np.median(feet), rel=2e-3)
    assert isinstance(result.findings, pd.DataFrame)
