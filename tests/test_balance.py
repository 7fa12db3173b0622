"""One set of figures, drawn from boxes a reader can add up."""

import dataclasses
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from making import catalogue, tables

from landuse import balance, classify, law, partition
from landuse.errors import LawError
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
    parts = ground.labelled(parts, cases)
    return balance.totals(workspace, made, cases, parts, law.on(DAY)), parts, cases


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


def test_counties_add_up_to_the_city():
    homes = [{**c, "division_code": d} for c, d in zip(CITY["cluster"], ("411023", "411081", None),
                                                       strict=True)]  # fmt: skip
    far = {"supply_id": "4110022016B00001", "declared_area": 500.0}
    found, _, _ = figures(**{**CITY, "cluster": homes, "supply": [*CITY["supply"], far]})
    counties = found["counties"]
    assert [c["division_code"] for c in counties] == ["411002", "411003", "411081", ""]
    city = found["city"]
    assert sum(c["count"] for c in counties) == city["count"]
    assert sum(c["area_m2"] for c in counties) == pytest.approx(city["area_m2"])
    for state, entry in city["states"].items():
        assert sum(c["states"][state]["count"] for c in counties) == entry["count"]
        added = sum(c["states"][state]["area_m2"] for c in counties)
        assert added == pytest.approx(entry["area_m2"])
    inside = {c["cluster_id"]: c for c in found["clusters"]}
    assert counties[1]["area_m2"] == pytest.approx(inside["C1"]["area_m2"])
    assert counties[0]["outside_clusters"]["area_m2"] == 500.0
    outside = sum(c["outside_clusters"]["area_m2"] for c in counties)
    assert outside == pytest.approx(inside[""]["area_m2"])


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


STOCK = {
    "approval": [
        {
            "approval_id": name,
            "approved_on": day,
            "compensation_done": paid,
            "withdrawn_on": withdrawn,
            "geometry": box(X + 200 * n, Y, 100, 100),
        }
        for n, (name, day, paid, withdrawn) in enumerate(
            [
                ("A1", "2008-12-31", True, None),  # before every cohort
                ("A2", "2012-05-01", True, None),  # half supplied, expropriated past two years
                ("A3", "2016-01-31", False, None),  # lapsed
                ("A4", "2017-07-31", True, "2018-05-01"),  # withdrawn
                ("A5", "2017-10-31", True, None),  # wholly supplied
                ("A6", "2013-06-30", True, None),  # exactly five years old
            ]
        )
    ],
    "supply": [
        {"supply_id": "S2", "signed_on": "2013-01-01", "geometry": box(X + 200, Y, 50, 100)},
        {"supply_id": "S5", "signed_on": "2018-01-01", "geometry": box(X + 800, Y, 100, 100)},
    ],
}


def test_approvals_are_reported_by_years_and_add_up():
    approvals = figures(**STOCK)[0]["city"]["approvals"]
    old, new, other = approvals["cohorts"]
    assert [entry["cohort"] for entry in (old, new, other)] == ["2009-2018", "2019-", "other"]
    assert [old["count"], new["count"], other["count"]] == [5, 0, 1]
    assert old["approved_m2"] == pytest.approx(50_000)
    assert old["supplied_m2"] == pytest.approx(15_000)
    assert old["lapsed_m2"] == pytest.approx(20_000)  # A3, and A4 that was withdrawn
    assert old["stock_m2"] == pytest.approx(15_000)
    assert old["supply_rate"] == pytest.approx(0.3)
    assert new["supply_rate"] is None
    assert old["baseline_m2"] is None
    assert old["disposal_rate"] is None


def test_the_five_year_supply_rate_takes_full_years():
    five = figures(**STOCK)[0]["city"]["approvals"]["five_year"]
    assert five["after"] == "2013-06-30"
    assert five["count"] == 3  # A3, A4, A5; A6 was approved on the day itself
    assert five["supply_rate"] == pytest.approx(1 / 3)
    assert five["threshold"] == 0.6
    assert five["is_below"] is True


def test_expropriated_past_two_years_part_supplied_and_withdrawn():
    approvals = figures(**STOCK)[0]["city"]["approvals"]
    assert approvals["expropriated_overdue"] == {"count": 3, "area_m2": pytest.approx(25_000)}
    assert approvals["partly_supplied"] == {"count": 1, "area_m2": pytest.approx(5_000)}
    assert approvals["withdrawn"] == {"count": 1, "area_m2": pytest.approx(10_000)}


def test_nothing_is_said_of_approvals_where_none_were_delivered():
    assert figures(supply=CITY["supply"])[0]["city"]["approvals"] is None


BASELINE = """
[baseline_stock]
unit = "ha"
modality = "defined"
[[baseline_stock.value]]
amount = { "2009-2018" = 5.0 }
in_force = 2017-12-31
document = "示例市批而未供台账"
article = ""
verified = false
"""


def disposal(tmp_path, text):
    (tmp_path / "layers" / "statutes").mkdir(parents=True)
    (tmp_path / "layers" / "statutes" / "approvals.toml").write_text(text, encoding="utf-8")
    made = {r: t.assign(is_conflicting=False) for r, t in tables(**STOCK).items()}
    parts = ground.occupied(partition.pieces(made, on=DAY), made, DAY)
    cases = classify.cases(made, parts.pieces, on=DAY, statutes=law.on(DAY))
    parts = ground.labelled(parts, cases)
    workspace = dataclasses.replace(catalogue("supply"), path=tmp_path)
    return balance.totals(workspace, made, cases, parts, law.on(DAY, tmp_path))


def test_disposal_is_measured_from_a_declared_baseline(tmp_path):
    totals = disposal(tmp_path, BASELINE)
    old, new, other = totals["city"]["approvals"]["cohorts"]
    assert old["baseline_m2"] == 50_000
    assert old["disposed_m2"] == pytest.approx(35_000)
    assert old["disposal_rate"] == pytest.approx(0.7)
    assert new["disposal_rate"] is None
    assert other["disposal_rate"] is None
    assert totals["clusters"][0]["approvals"]["cohorts"][0]["disposal_rate"] is None


@pytest.mark.parametrize(
    ("old", "new"), [('"2009-2018" =', '"2001-2002" ='), ('unit = "ha"', 'unit = "year"')]
)
def test_a_baseline_nobody_can_read_is_refused(tmp_path, old, new):
    with pytest.raises(LawError, match="baseline_stock"):
        disposal(tmp_path, BASELINE.replace(old, new))
