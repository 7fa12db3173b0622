"""One set of figures, drawn from boxes a reader can add up."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from making import catalogue, tables

from landuse import balance, classify, law, partition
from landuse.partition import ground

DAY = date(2018, 6, 30)


def box(x, y, width, height):
    return shapely.box(x, y, x + width, y + height)


def figures(method="plane", **roles):
    """Return the totals of a small city; coordinates in m, EPSG:4547."""
    made = tables(**roles)
    made = {role: table.assign(is_conflicting=False) for role, table in made.items()}
    workspace = catalogue("supply", method=method)
    parts = partition.pieces(made, on=DAY)
    parts = ground.measured(parts, workspace.crs, method)
    parts = ground.occupied(parts, made, DAY)
    cases = classify.cases(made, parts.pieces, on=DAY, statutes=law.on(DAY))
    parts = ground.labelled(parts, cases, DAY)
    return balance.totals(workspace, made, cases, parts, DAY), parts, cases


X, Y = 500_000, 3_760_000
CITY = {
    "cluster": [
        {"cluster_id": "C1", "cluster_name": "一", "geometry": box(X, Y, 100, 100)},
        {"cluster_id": "C2", "cluster_name": "二", "geometry": box(X + 100, Y, 100, 100)},
        {"cluster_id": "C3", "cluster_name": "三", "geometry": box(X + 900, Y, 100, 100)},
    ],
    "park": [{"park_id": "P1", "park_name": "园", "geometry": box(X, Y, 50, 100)}],
    "approval": [
        {
            "approval_id": "A1",
            "approved_on": "2016-01-01",
            "compensation_done": True,
            "geometry": box(X + 20, Y, 140, 100),
        }
    ],
    "supply": [
        {
            "supply_id": "S1",
            "agreed_commencement_on": "2016-06-01",
            "geometry": box(X + 60, Y, 60, 100),
        },
        {
            "supply_id": "S2",
            "commenced_on": "2014-01-01",
            "completed_on": "2015-01-01",
            "geometry": box(X + 180, Y, 20, 50),
        },
        {"supply_id": "S3", "declared_area": 700.0},
    ],
    "construction": [{"construction_id": "B1", "geometry": box(X + 130, Y, 10, 10)}],
}


def test_the_balance_adds_up():
    totals, _, _ = figures(**CITY)
    balance_of = totals["city"]["balance"]
    assert balance_of["cluster_m2"] == pytest.approx(30_000)
    assert balance_of["approved_m2"] == pytest.approx(14_000)
    assert balance_of["supplied_m2"] == pytest.approx(7_000)
    assert balance_of["supplied_outside_approval_m2"] == pytest.approx(1_000)
    assert balance_of["unsupplied_m2"] == pytest.approx(8_000)
    assert balance_of["unapproved_m2"] == pytest.approx(16_000)
    assert balance_of["residual_m2"] == pytest.approx(0, abs=1e-6)
    assert totals["city"]["without_geometry"] == {"count": 1, "area_m2": 700.0}


def test_a_case_is_counted_where_most_of_it_lies_and_measured_on_each_side():
    totals, _, _ = figures(**CITY)
    one, two, three, outside = totals["clusters"]
    unbuilt = [c["states"]["supplied_unbuilt"] for c in (one, two)]
    assert [entry["count"] for entry in unbuilt] == [1, 0]
    assert [entry["area_m2"] for entry in unbuilt] == pytest.approx([4_000, 2_000])
    assert three["count"] == 0
    assert three["area_m2"] == 0
    assert outside["cluster_id"] == ""
    assert outside["count"] == 1  # the supply nobody drew


def test_land_built_on_without_papers_is_occupied():
    _, _, cases = figures(**CITY)
    remainder = cases.set_index("case_id").loc["A1"]
    assert remainder["status"] == "occupied"
    assert remainder["built_share"] == pytest.approx(100 / 8_000)


def test_rates():
    totals, _, _ = figures(**CITY)
    rates = totals["city"]["rates"]
    assert rates["supply_rate"] == pytest.approx(6_000 / 14_000)
    assert rates["built_rate"] == pytest.approx(1_000 / 7_000)
    assert rates["idle_rate"] == pytest.approx(6_000 / 7_000)


def test_what_cannot_be_known_is_none():
    totals, _, _ = figures(supply=CITY["supply"][2:])
    city = totals["city"]
    assert city["balance"]["cluster_m2"] is None
    assert city["balance"]["approved_m2"] is None
    assert city["rates"]["supply_rate"] is None
    assert city["states"]["undetermined"]["area_m2"] == 700.0


def test_the_ellipsoid_is_measured_and_still_balances():
    plane, _, _ = figures(**CITY)
    round_, parts, _ = figures(method="ellipsoid", **CITY)
    a, b = plane["city"]["balance"], round_["city"]["balance"]
    ratio = a["approved_m2"] / b["approved_m2"] - 1
    assert ratio == pytest.approx(0, abs=2e-6)  # on the central meridian of 114° the plane is true
    assert b["approved_m2"] == pytest.approx(
        b["unsupplied_m2"] + b["supplied_m2"] - b["supplied_outside_approval_m2"], abs=1e-6
    )
    assert isinstance(parts.pieces, gpd.GeoDataFrame)


def test_a_park_takes_only_its_own():
    totals, parts, _ = figures(**CITY)
    park = totals["parks"][0]
    assert park["states"]["approved_unsupplied"]["area_m2"] == pytest.approx(3_000)
    assert park["balance"]["cluster_m2"] == pytest.approx(5_000)
    assert set(pd.unique(parts.pieces["park_id"])) == {"", "P1"}
