"""What a land clerk is told before trusting a result."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from making import catalogue, codes, tables

from landuse import check, facts, findings, texts

ON = date(2018, 6, 6)
BOX = shapely.box(500_000, 3_760_000, 500_100, 3_760_100)  # 1 ha
GOOD = {
    "supply_id": "A",
    "declared_area": 10_000.0,
    "geometry": BOX,
    "signed_on": "2016-01-01",
    "agreed_commencement_on": "2016-06-01",
}


def moved(east, shape=BOX):
    """Return a shape some metres further east."""
    return shapely.transform(shape, lambda xy: xy + np.array([east, 0.0]))


def inspected(on=ON, workspace=None, **roles):
    """Return the findings about rows, without what is said of absent roles."""
    settled, _ = check.settled(tables(**roles))
    found = check.findings(settled, workspace or catalogue(), on)
    return found[~found["code"].str.match(r"no_\w+$")].reset_index(drop=True)


def supplied(on=ON, workspace=None, **facts_of_row):
    return inspected(on, workspace, supply=[{**GOOD, **facts_of_row}])


def test_a_good_row_is_left_in_peace():
    assert codes(supplied()) == {}


def test_nothing_to_classify_forbids():
    found = inspected()
    assert codes(found) == {"nothing_to_classify": 1}
    assert findings.forbid(found)


def test_absent_roles_are_said_once():
    settled, _ = check.settled(tables(supply=[GOOD]))
    found = codes(check.findings(settled, catalogue(), ON))
    assert found == dict.fromkeys(
        ["no_approval", "no_cluster", "no_construction", "no_enterprise", "no_pause"], 1
    )


@pytest.mark.parametrize("code", sorted(facts.CONTRADICTIONS))
def test_every_contradiction_names_both_days(code):
    early, late = facts.CONTRADICTIONS[code]
    row = {"commenced_on": None, early: "2016-02-01", late: "2016-03-01"}
    found = supplied(**row)
    hit = found[found["code"] == code]
    assert hit["value"].tolist() == ["2016-02-01"]
    assert hit["details"].iloc[0]["late"] == "2016-03-01"
    message = findings.rendered(hit)["message"].iloc[0]
    assert "2016-02-01" in message
    assert "2016-03-01" in message
    assert findings.severity(code) == "error"


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("start_agreed_before_signing", {"agreed_commencement_on": "2015-12-31"}),
        ("delivery_agreed_before_signing", {"agreed_delivery_on": "2015-12-31"}),
        ("completion_agreed_before_start", {"agreed_completion_on": "2016-05-31"}),
        ("start_before_permit", {"commenced_on": "2016-06-01", "permit_on": "2016-06-02"}),
        ("start_before_delivery", {"commenced_on": "2016-06-01", "delivered_on": "2016-06-02"}),
        ("delivered_before_signing", {"delivered_on": "2015-12-31"}),
        ("permit_before_signing", {"permit_on": "2015-12-31"}),
        ("extension_before_signing", {"extension_signed_on": "2015-12-31"}),
        ("suspended_fields_missing", {"commenced_on": "2017-01-01", "suspended_on": "2017-02-01"}),
        ("determined_fields_missing", {"determination_number": "某闲认〔2018〕1号"}),
        ("resumed_without_stop", {"resumed_on": "2017-01-01"}),
        ("suspended_without_start", {"suspended_on": "2017-01-01"}),
        ("completed_without_start", {"completed_on": "2017-01-01"}),
        ("area_zero", {"declared_area": 0.0, "geometry": None}),
        ("area_unknown", {"declared_area": None, "geometry": None}),
        ("area_differs", {"declared_area": 10_101.0}),
        ("invested_exceeds_planned", {"invested": 2.0, "planned_investment": 1.0}),
        ("developed_exceeds_required", {"developed_area": 2.0, "required_area": 1.0}),
        ("required_exceeds_declared", {"required_area": 10_001.0}),
        ("invested_below_price", {"invested": 1.0, "price": 2.0, "invested_includes_land": True}),
        ("invested_unclear", {"invested": 1.0}),
        ("day_blank", {"delivered_on": "1900-01-01"}),
        ("phase_unknown", {"phase_of": "Z"}),
        ("phase_of_itself", {"phase_of": "A"}),
        ("geometry_empty", {"geometry": shapely.Polygon()}),
        ("clock_unknown_layer", {"agreed_commencement_on": None}),
        ("signed_after_on", {"signed_on": "2018-06-07", "agreed_commencement_on": "2019-01-01"}),
        ("event_after_on", {"commenced_on": "2018-06-07"}),
    ],
)
def test_one_fault_is_one_finding(code, row):
    workspace = catalogue(on="2018-06-30")
    found = supplied(workspace=workspace, **row)
    assert codes(found).get(code) == 1, codes(found)


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("start_before_permit", {"commenced_on": "2016-06-01", "permit_on": "2016-06-01"}),
        ("invested_below_price", {"invested": 1.0, "price": 2.0, "invested_includes_land": False}),
        ("area_differs", {"declared_area": 10_060.0}),
        ("day_after_as_of", {"commenced_on": "2018-05-31"}),
        ("commenced_before_signed", {"commenced_on": "2016-01-01"}),
    ],
)
def test_no_finding_at_the_border(code, row):
    assert code not in codes(supplied(**row))


def test_a_large_parcel_may_not_differ_by_more_than_a_tenth_of_a_mu():
    large = shapely.box(0, 0, 1000, 1000)
    assert codes(supplied(geometry=large, declared_area=1_000_070.0))["area_differs"] == 1
    assert "area_differs" not in codes(supplied(geometry=large, declared_area=1_000_060.0))


def test_areas_are_measured_as_the_workspace_says():
    west = shapely.box(413_239, 3_760_000, 414_239, 3_761_000)  # 0.9 degrees west: 93 ppm too large
    plane = supplied(geometry=west, declared_area=1_000_000.0)
    ellipsoid = supplied(
        workspace=catalogue(method="ellipsoid"), geometry=west, declared_area=1_000_000.0
    )
    assert "area_differs" not in codes(plane)
    assert codes(ellipsoid)["area_differs"] == 1


def test_extensions():
    long = supplied(extended_commencement_on="2017-06-02", extension_signed_on="2016-05-01")
    assert codes(long) == {"extension_too_long": 1}
    message = findings.rendered(long)["message"].iloc[0]
    assert "第十二条" in message
    year = supplied(extended_commencement_on="2017-06-01", extension_signed_on="2016-05-01")
    assert codes(year) == {}
    unsigned = supplied(extended_commencement_on="2017-06-01")
    assert codes(unsigned) == {"extension_unsigned": 1}
    backdated = supplied(extended_commencement_on="2017-01-01", extension_signed_on="2017-02-01")
    assert codes(backdated) == {"extension_backdated": 1}


def test_an_extension_signed_after_the_day_is_not_yet_known():
    row = {"extended_commencement_on": "2019-06-01", "extension_signed_on": "2018-06-07"}
    assert "extension_too_long" not in codes(supplied(**row))


def test_days_a_source_cannot_know_yet():
    found = supplied(signed_on="2018-06-01", agreed_commencement_on="2019-01-01")
    hit = found[found["code"] == "day_after_as_of"].iloc[0]
    assert hit["details"]["as_of"] == "2018-05-31"
    assert hit["column"] == "signed_on"


def test_age_of_sources():
    assert "as_of_old" not in codes(supplied(workspace=catalogue(on="2017-06-06")))
    assert codes(supplied(workspace=catalogue(on="2017-06-05")))["as_of_old"] == 1
    assert codes(supplied(workspace=catalogue(on="2018-06-07")))["as_of_after_on"] == 1


def pauses(*rows):
    base = {"supply_id": "A", "cause": "G1", "begins_on": "2017-01-01", "document_number": "1号"}
    return codes(inspected(supply=[GOOD], pause=[{**base, **row} for row in rows]))


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("supply_unknown", {"supply_id": "Z"}),
        ("required_missing", {"supply_id": None}),
        ("pause_cause_unknown", {"cause": "G7"}),
        ("pause_cause_unknown", {"cause": None}),
        ("pause_without_begin", {"begins_on": None}),
        ("pause_without_begin", {"begins_on": "1900-01-01", "ends_on": "2017-01-01"}),
        ("pause_ends_before_begin", {"ends_on": "2016-12-31"}),
        ("pause_undocumented", {"document_number": None}),
    ],
)
def test_pauses(code, row):
    found = pauses(row)
    found.pop("day_blank", None)
    assert found == {code: 1}


def test_pauses_that_overlap():
    assert pauses({"ends_on": "2017-02-01"}, {"begins_on": "2017-02-02"}) == {}
    assert pauses({"ends_on": "2017-02-01"}, {"begins_on": "2017-02-01"}) == {"pauses_overlap": 1}
    assert pauses({}, {"begins_on": "2018-02-01"}) == {"pauses_overlap": 1}
    inner = pauses(
        {"ends_on": "2017-12-31"},
        {"begins_on": "2017-02-01", "ends_on": "2017-02-02"},
        {"begins_on": "2017-03-01", "ends_on": "2017-03-02"},
    )
    assert inner == {"pauses_overlap": 2}


def test_a_pause_finds_its_supply_though_that_is_in_conflict():
    rows = [GOOD, {**GOOD, "right_holder": "乙"}]
    found = inspected(supply=rows, pause=[{"supply_id": "A", "cause": "FM"}])
    assert "supply_unknown" not in codes(found)


def test_invalid_geometry_says_why_and_where():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)])
    found = supplied(geometry=bow_tie, declared_area=None)
    hit = found[found["code"] == "geometry_invalid"].iloc[0]
    assert hit["details"]["reason"] == "Self-intersection"
    assert hit["details"]["place"] == "5 5"
    assert findings.severity("geometry_invalid") == "error"


def test_a_coordinate_that_is_no_number():
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon([(0, 0), (10, np.nan), (10, 10), (0, 0)])
    assert codes(supplied(geometry=broken))["geometry_not_finite"] == 1


def test_missing_geometry_is_said_once_for_a_ledger_and_each_time_for_a_map():
    one, two = {**GOOD, "geometry": None}, {**GOOD, "supply_id": "B", "geometry": None}
    ledger = inspected(supply=[one, two])
    assert codes(ledger) == {"layer_without_geometry": 1}
    assert ledger["details"][0]["count"] == 2
    mixed = inspected(supply=[GOOD, two])
    assert codes(mixed) == {"geometry_missing": 1}
    cluster = {"cluster_id": "1", "cluster_name": "一"}
    assert codes(inspected(supply=[GOOD], cluster=[cluster])) == {"geometry_missing": 1}


def clusters():
    west, east = BOX, shapely.transform(BOX, lambda xy: xy + np.array([100, 0]))
    return [
        {"cluster_id": "W", "cluster_name": "西", "geometry": west},
        {"cluster_id": "E", "cluster_name": "东", "geometry": east},
    ]


@pytest.mark.parametrize(
    ("declared", "shift", "code"),
    [
        ("W", 0, None),
        ("E", 0, "cluster_differs"),
        ("W", 0.9, None),
        ("W", 49, "supply_straddles"),
        ("W", 51, "cluster_differs"),
        ("W", 1000, "cluster_elsewhere"),
        ("N", 0, "cluster_unknown"),
        (None, 0, None),
        (None, 1000, "supply_outside_clusters"),
    ],
)
def test_land_lies_where_its_papers_say(declared, shift, code):
    found = inspected(
        supply=[{**GOOD, "geometry": moved(shift), "cluster_id": declared}], cluster=clusters()
    )
    across = {"supply_straddles": 1} if shift == 51 else {}
    assert codes(found) == ({code: 1} if code else {}) | across


def test_a_cluster_that_is_only_touched_does_not_count():
    right = shapely.box(500_200, 3_760_000, 500_300, 3_760_100)
    found = inspected(supply=[{**GOOD, "geometry": right, "cluster_id": "E"}], cluster=clusters())
    assert codes(found) == {"cluster_elsewhere": 1}


def test_parks_and_enterprises_refer_to_what_exists():
    park = {"park_id": "P", "park_name": "园", "cluster_id": "X", "geometry": BOX}
    firm = {"enterprise_id": "1", "supply_id": "Z", "cluster_id": "W", "grade": "D"}
    found = codes(
        inspected(
            supply=[{**GOOD, "park_id": "Q"}], cluster=clusters(), park=[park], enterprise=[firm]
        )
    )
    assert found == {
        "park_unknown": 1,
        "cluster_unknown": 1,
        "supply_unknown": 1,
        "grade_unknown": 1,
    }


def test_a_parcel_code_is_shared_by_phases_only():
    one = {**GOOD, "parcel_code": "P"}
    stranger = {**GOOD, "supply_id": "B", "parcel_code": "P", "geometry": moved(200)}
    found = inspected(supply=[one, stranger])
    assert codes(found) == {"parcel_repeated": 2}
    assert found["details"][0]["others"] == "A、B"
    assert codes(inspected(supply=[one, {**stranger, "phase_of": "A"}])) == {}


def test_supplies_that_look_like_one():
    base = {**GOOD, "location": "路", "right_holder": "甲"}
    other = {**base, "supply_id": "B", "geometry": moved(200)}
    assert codes(inspected(supply=[base, other])) == {"supplies_alike": 2}
    assert codes(inspected(supply=[base, {**other, "right_holder": "乙"}])) == {}


def test_codes_are_held_to_their_form_where_most_of_a_layer_is():
    ids = ["4110022018B00001", "4110022018B00002-1", "411002-2018-3"]
    rows = [
        {**GOOD, "supply_id": name, "geometry": moved(200 * n), "signed_on": "2018-01-01",
         "agreed_commencement_on": "2018-05-01"}
        for n, name in enumerate(ids)
    ]  # fmt: skip
    found = inspected(supply=rows)
    assert codes(found) == {"supply_id_form": 1}
    assert found["value"].tolist() == ["411002-2018-3"]
    assert codes(inspected(supply=[{**GOOD, "supply_id": "x1"}])) == {}


def test_a_clock_that_nothing_starts_is_named_row_by_row_where_others_have_one():
    lost = {**GOOD, "supply_id": "B", "agreed_commencement_on": None, "geometry": moved(200)}
    assert codes(inspected(supply=[GOOD, lost])) == {"clock_unknown": 1}
    begun = {**lost, "commenced_on": "2017-01-01"}
    assert codes(inspected(supply=[GOOD, begun])) == {}


def test_a_layer_far_from_the_others_is_probably_in_another_system():
    cluster = {"cluster_id": "1", "cluster_name": "一", "geometry": shapely.box(0, 0, 10, 10)}
    assert codes(inspected(supply=[GOOD], cluster=[cluster]))["layer_misplaced"] == 2


def test_required_cells_and_approvals():
    row = {"approval_id": "P1", "approved_on": None, "geometry": BOX, "declared_area": 10_000.0}
    found = inspected(approval=[row])
    assert codes(found) == {"required_missing": 1}
    assert findings.rendered(found)["message"].iloc[0] == "缺少必填项“批准日期（approved_on）”。"
    early = {**row, "approved_on": "2017-01-01", "withdrawn_on": "2016-01-01"}
    assert codes(inspected(approval=[early])) == {"withdrawn_before_approved": 1}


def test_tables_are_not_changed():
    settled, _ = check.settled(tables(supply=[GOOD], cluster=clusters()))
    before = {role: pd.DataFrame(table).copy() for role, table in settled.items()}
    check.findings(settled, catalogue(), ON)
    for role, table in settled.items():
        pd.testing.assert_frame_equal(pd.DataFrame(table), before[role])


@pytest.mark.parametrize("act", ["read", "check"])
def test_the_wording_is_whole(act):
    for code, entry in texts.section(f"findings_{act}").items():
        assert findings.severity(code)
        for key in ("zh", "action_zh"):
            assert entry[key].endswith("。"), code
        for key in ("en", "action_en"):
            assert entry[key].endswith("."), code
        assert entry["responsible_zh"]
        assert entry["responsible_en"]
