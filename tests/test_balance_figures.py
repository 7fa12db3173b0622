"""Every figure of a small city, held against sums done by hand; the land is given, not cut."""

import math
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest
import shapely
from making import catalogue, tables

from landuse import balance, law
from landuse.balance import duties, stock
from landuse.balance.rows import Rows
from landuse.errors import LawError

DAY = date(2018, 6, 30)
KEYS = ["kind", "case_id", "approval_id", "cluster_id", "park_id", "state", "status", "area_m2"]
# kind, case, approval, cluster, park, state, status, m²
PIECES = [
    ("supply", "S1", "A1", "C1", "P1", "supplied_unbuilt", "idle_one_year", 100.0),
    ("supply", "S1", "A1", "C1", "", "supplied_unbuilt", "idle_one_year", 200.0),
    ("supply", "S2", "A2", "C1", "", "completed", "finished", 400.0),
    ("supply", "S3", "", "C1", "", "built_unfinished", "in_progress", 800.0),
    ("supply", "S4", "A2", "", "", "supplied_unbuilt", "idle_two_years", 1600.0),
    ("approval", "A1", "A1", "C1", "P1", "approved_unsupplied", "expropriated", 3200.0),
    ("approval", "A2", "A2", "", "", "approved_unsupplied", "lapsed", 6400.0),
]
SLIVERS = [("A1", "C1", "P1", 10.0), ("A2", "", "", 20.0)]
CASES = [  # case, kind, cluster, park, status, m², determined, due, lead
    ("S1", "supply", "C1", "P1", "idle_one_year", 300.0, True, "2018-12-31", "甲"),
    ("S2", "supply", "C1", "", "finished", 400.0, False, None, "甲"),
    ("S3", "supply", "C1", "", "in_progress", 800.0, False, "2019-01-01", None),
    ("S4", "supply", "", "", "idle_two_years", 1600.0, False, "2018-07-01", "甲"),
    ("S5", "supply", "", "", "idle_one_year", 50.0, True, None, None),
    ("A1", "approval", "C1", "P1", "expropriated", 3200.0, False, None, None),
    ("A2", "approval", "", "", "lapsed", 6400.0, False, None, None),
]
STATES = {status: state for *_, state, status, _ in PIECES}


def city(statutes=None):
    """Return the totals."""
    pieces = pd.DataFrame(PIECES, columns=KEYS)
    pieces["is_determined"] = pieces["case_id"] == "S1"
    slivers = pd.DataFrame(SLIVERS, columns=["approval_id", "cluster_id", "park_id", "area_m2"])
    names = ["case_id", "kind", "cluster_id", "park_id", "status", "area_m2", "is_determined",
             "due_on", "lead"]  # fmt: skip
    cases = pd.DataFrame(CASES, columns=names).assign(due_on=lambda t: pd.to_datetime(t["due_on"]))
    cases["state"] = cases["status"].map(STATES)
    # 7 m² of the first approval were approved before and count there
    accounts = pd.DataFrame({"area_m2": [3517.0, 8420.0], "lost_m2": [7.0, 0.0]})
    made = tables(
        cluster=[
            {"cluster_id": "C2", "cluster_name": "乙区", "division_code": "411081",
             "geometry": shapely.box(0, 200, 10, 210)},
            {"cluster_id": "C1", "cluster_name": "甲区", "division_code": "411023",
             "geometry": shapely.box(0, 0, 100, 100)},
        ],
        park=[{"park_id": "P1", "park_name": "园", "cluster_id": "C1",
               "geometry": shapely.box(0, 0, 100, 50)}],
        approval=[
            {"approval_id": "A1", "approved_on": "2016-05-01"},
            {"approval_id": "A2", "approved_on": "2012-05-01", "withdrawn_on": "2018-06-30"},
        ],
    )  # fmt: skip
    parts = SimpleNamespace(packed=pieces, slivers=slivers, accounts=accounts)
    return balance.totals(catalogue("supply"), made, cases, parts, statutes or law.on(DAY))


def test_the_page_says_of_what_it_is():
    found = city()
    assert {name: found[name] for name in list(found)[:6]} == {
        "workspace": "测试",
        "is_synthetic": False,
        "on": "2018-06-30",
        "as_of": {"supply": "2018-05-31"},
        "crs": "EPSG:4547",
        "area_method": "plane",
    }
    assert [(c["cluster_id"], c["cluster_name"]) for c in found["clusters"]] == [
        ("C1", "甲区"), ("C2", "乙区"), ("", ""),
    ]  # fmt: skip
    park = found["parks"][0]
    assert (park["park_id"], park["park_name"], park["cluster_id"]) == ("P1", "园", "C1")


def test_the_city_by_hand():
    found = city()["city"]
    assert found["count"] == 7
    assert found["area_m2"] == 100 + 200 + 400 + 800 + 1600 + 3200 + 6400 + 50
    assert found["idle"] == {"count": 3, "area_m2": 100 + 200 + 1600 + 50}
    assert found["determined"] == {"count": 2, "area_m2": 100 + 200 + 50}
    assert found["without_geometry"] == {"count": 1, "area_m2": 50}
    unbuilt = found["states"]["supplied_unbuilt"]
    assert (unbuilt["count"], unbuilt["area_m2"]) == (3, 1950)
    assert unbuilt["statuses"]["idle_one_year"] == {"count": 2, "area_m2": 350}
    assert unbuilt["statuses"]["not_due"] == {"count": 0, "area_m2": 0}
    approved = 3510 + 8420
    assert found["balance"] == {
        "cluster_m2": 100 * 100 + 10 * 10,
        "approved_m2": approved,
        "approved_outside_clusters_m2": 1600 + 6400 + 20,
        "unapproved_m2": 10_100 - approved + 8020,
        "supplied_m2": 3100,
        "supplied_outside_approval_m2": 800,
        "unsupplied_m2": 9600,
        "sliver_m2": 30,
        "residual_m2": 0,
    }
    assert found["rates"] == {
        "supply_rate": 2300 / approved,
        "built_rate": 400 / 3150,
        "idle_rate": 1950 / 3150,
    }
    assert found["duties"] == {
        "count": 3, "area_m2": 2700, "this_year": 2,
        "leads": {
            "": {"count": 1, "area_m2": 800, "this_year": 0},
            "甲": {"count": 2, "area_m2": 1900, "this_year": 2},
        },
    }  # fmt: skip


def test_a_place_takes_what_lies_in_it():
    found = city()
    one, two, outside = found["clusters"]
    assert [c["count"] for c in (one, two, outside)] == [4, 0, 3]
    assert [c["area_m2"] for c in (one, two, outside)] == [4700, 0, 8050]
    assert one["balance"]["approved_outside_clusters_m2"] is None
    assert one["balance"]["unapproved_m2"] == 10_000 - (100 + 200 + 400 + 3200 + 10)
    assert two["balance"]["cluster_m2"] == 100
    assert outside["balance"]["cluster_m2"] is None
    assert outside["balance"]["unapproved_m2"] is None
    assert outside["balance"]["approved_m2"] == 1600 + 6400 + 20
    park = found["parks"][0]
    assert park["area_m2"] == 3300
    assert park["balance"]["cluster_m2"] == 5000
    assert park["rates"] == {"supply_rate": 100 / 3310, "built_rate": 0, "idle_rate": 1}


def test_counties_by_the_division_of_today():
    found = city()["counties"]
    assert [c["division_code"] for c in found] == ["411003", "411081", ""]
    one, two, nowhere = found
    assert (one["count"], one["area_m2"], one["balance"]["cluster_m2"]) == (4, 4700, 10_000)
    assert (two["count"], two["area_m2"], two["balance"]["cluster_m2"]) == (0, 0, 100)
    assert (nowhere["count"], nowhere["area_m2"]) == (3, 8050)
    outside = [c["outside_clusters"] for c in found]
    assert [(c["count"], c["area_m2"]) for c in outside] == [(0, 0), (0, 0), (3, 8050)]
    assert outside[2]["balance"]["cluster_m2"] is None


def declared(tmp_path, unit, amount, day="2017-12-31"):
    """Return the law with a stock declared to measure disposal from."""
    (tmp_path / "layers" / "statutes").mkdir(parents=True, exist_ok=True)
    text = f"""
[baseline_stock]
unit = "{unit}"
modality = "defined"
[[baseline_stock.value]]
amount = {amount}
in_force = {day}
document = "示例市批而未供台账"
article = ""
verified = false
"""
    path = tmp_path / "layers" / "statutes" / "approvals.toml"
    path.write_text(text, encoding="utf-8")
    return law.on(DAY, tmp_path)


@pytest.mark.parametrize(
    ("unit", "amount"), [("m2", 16_000.0), ("ha", 1.6), ("mu", 24.0), ("km2", 0.016)]
)
def test_disposal_from_a_declared_stock_by_hand(tmp_path, unit, amount):
    statutes = declared(tmp_path, unit, f'{{ "2009-2018" = {amount} }}')
    old, new, other = city(statutes)["city"]["approvals"]["cohorts"]
    disposed = 16_000 - (9600 - 6400)
    assert old["baseline_m2"] == pytest.approx(16_000)
    assert old["disposed_m2"] == pytest.approx(disposed)
    assert old["disposal_rate"] == pytest.approx(disposed / 16_000)
    for entry in (new, other):
        assert [entry[k] for k in ("baseline_m2", "disposed_m2", "disposal_rate")] == [None] * 3


def test_only_what_was_approved_by_the_day_of_the_stock_is_measured(tmp_path):
    for day, left in (("2016-05-01", 3200), ("2016-04-30", 0)):  # A1 was approved on 1 May
        statutes = declared(tmp_path, "m2", '{ "2009-2018" = 5000.0 }', day)
        old = city(statutes)["city"]["approvals"]["cohorts"][0]
        assert old["disposed_m2"] == 5000 - left
    none = city(declared(tmp_path, "m2", '{ "2009-2018" = 0.0 }'))["city"]["approvals"]
    assert none["cohorts"][0]["disposal_rate"] is None


@pytest.mark.parametrize(
    ("unit", "amount"), [("year", '{ "2009-2018" = 1.0 }'), ("ha", '{ "2001-2002" = 1.0 }')]
)
def test_a_stock_nobody_can_read_is_refused(tmp_path, unit, amount):
    with pytest.raises(LawError, match=r"approvals\.baseline_stock: write unit m2, ha, mu or km2"):
        city(declared(tmp_path, unit, amount))


def test_approvals_by_hand():
    found = city()["city"]["approvals"]
    whole = {"count": 2, "approved_m2": 11_930, "supplied_m2": 2300, "unsupplied_m2": 9600,
             "lapsed_m2": 6400, "stock_m2": 3200, "supply_rate": 2300 / 11_930}  # fmt: skip
    none = {"baseline_m2": None, "disposed_m2": None, "disposal_rate": None}
    assert found["cohorts"][0] == {"cohort": "2009-2018", **whole, **none}
    assert [c["cohort"] for c in found["cohorts"]] == ["2009-2018", "2019-", "other"]
    assert found["five_year"] == {
        "after": "2013-06-30", "count": 1, "approved_m2": 3510, "supplied_m2": 300,
        "unsupplied_m2": 3200, "lapsed_m2": 0, "stock_m2": 3200, "supply_rate": 300 / 3510,
        "threshold": 0.6, "is_below": True,
    }  # fmt: skip
    assert found["expropriated_overdue"] == {"count": 1, "area_m2": 3200}
    assert found["partly_supplied"] == {"count": 2, "area_m2": 9600}
    assert found["withdrawn"] == {"count": 1, "area_m2": 6400}  # withdrawn on the day itself


@pytest.mark.parametrize("written", ["2009", "2009-18", "09-2018", "2009–2018", ""])
def test_years_of_approval_nobody_can_read_are_refused(written):
    with pytest.raises(LawError, match=f"'{written}' is not like"):
        stock._bounds(written)
    assert stock._bounds("2009-2018") == (2009, 2018)
    assert stock._bounds("2019-") == (2019, 9999)


def test_a_share_on_the_threshold_is_not_below_it():
    days = pd.DataFrame(
        {"approved_on": pd.to_datetime(["2017-01-01"]), "withdrawn_on": pd.to_datetime([None])},
        index=pd.Index(["A"], name="approval_id"),
    )
    for supplied, is_below in ((600.0, False), (599.0, True)):
        pieces = pd.DataFrame(
            {"kind": ["supply", "approval"], "approval_id": "A", "status": ["finished", "lapsed"],
             "area_m2": [supplied, 1000.0 - supplied]}
        )  # fmt: skip
        none = pieces[[]].assign(approval_id="", area_m2=0.0).iloc[:0]
        found = stock.figures(*stock.coded(days, pieces, none), law.on(DAY), is_city=True)
        assert found["five_year"]["is_below"] is is_below
        assert found["partly_supplied"]["count"] == 1
        assert found["withdrawn"] == {"count": 0, "area_m2": 0}


def test_a_blank_day_is_no_day():
    made = tables(approval=[{"approval_id": "A", "approved_on": "1900-01-01"}])["approval"]
    assert stock.days(made).loc["A"].isna().all()


def test_areas_nobody_knows_do_not_spoil_a_sum():
    cases = pd.DataFrame(
        {"due_on": pd.to_datetime(["2018-12-31", "2018-01-01"]), "lead": ["甲", "甲"],
         "area_m2": [math.nan, 5.0]}
    )  # fmt: skip
    assert duties.figures(Rows.of(cases), DAY)["leads"] == {
        "甲": {"count": 2, "area_m2": 5, "this_year": 2}
    }
