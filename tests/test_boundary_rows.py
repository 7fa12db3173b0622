"""Rows of the decision table of boundary cases that need the partition, the check or disposal."""

from datetime import date

import pandas as pd
import pytest
import shapely
from making import catalogue, tables

from landuse import check, classify, dispose, law, partition
from landuse.partition import ground

DAY = date(2018, 6, 30)
X, Y = 500_000, 3_760_000


def box(x, y, width, height):
    return shapely.box(X + x, Y + y, X + x + width, Y + y + height)


def classified(**roles):
    """Return partition and cases of a few shapes."""
    made = {role: table.assign(is_conflicting=False) for role, table in tables(**roles).items()}
    parts = ground.occupied(partition.pieces(made, on=DAY), made, DAY)
    cases = classify.cases(made, parts.pieces, on=DAY, statutes=law.on(DAY))
    return parts, cases.set_index("case_id")


def found(**roles):
    """Return what the check finds, by code."""
    table = check.findings(tables(**roles), catalogue("supply", "approval"), DAY)
    return table.set_index("code")


APPROVAL = {"approval_id": "A", "approved_on": "2016-01-01", "compensation_done": True}


def test_row_04_an_approval_supplied_in_part_is_split_by_area():
    parts, cases = classified(
        approval=[APPROVAL | {"geometry": box(0, 0, 100, 100)}],
        supply=[
            {
                "supply_id": "S",
                "agreed_commencement_on": "2018-12-31",
                "geometry": box(0, 0, 40, 100),
            }
        ],
    )
    assert cases.loc["S", "area_m2"] == pytest.approx(4_000)
    assert cases.loc["S", "status"] == "not_due"
    assert cases.loc["A", "area_m2"] == pytest.approx(6_000)
    assert cases.loc["A", "status"] == "expropriated"
    assert parts.pieces["area_m2"].sum() == pytest.approx(10_000)


def test_row_04_what_is_left_of_an_approval_lapses_and_what_was_supplied_stands():
    old = {"approval_id": "A", "approved_on": "2016-01-01", "compensation_done": False}
    _, cases = classified(
        approval=[old | {"geometry": box(0, 0, 100, 100)}],
        supply=[
            {
                "supply_id": "S",
                "agreed_commencement_on": "2018-12-31",
                "geometry": box(0, 0, 40, 100),
            }
        ],
    )
    assert cases["status"].to_dict() == {"A": "lapsed", "S": "not_due"}
    assert cases["area_m2"].to_dict() == pytest.approx({"A": 6_000, "S": 4_000})


def test_row_05_a_sliver_is_no_case_and_stays_in_the_account():
    parts, cases = classified(
        approval=[APPROVAL | {"geometry": box(0, 0, 100, 100)}],
        supply=[{"supply_id": "S", "geometry": box(0, 0, 99.7, 100)}],
    )
    assert "A" not in cases.index
    assert parts.slivers["area_m2"].tolist() == pytest.approx([30.0])
    assert parts.accounts["residual_m2"][0] == pytest.approx(0, abs=1e-6)


def test_row_05_a_small_block_is_land_and_not_a_sliver():
    _, cases = classified(
        approval=[APPROVAL | {"geometry": box(0, 0, 100, 100)}],
        supply=[{"supply_id": "S", "geometry": box(0, 0, 100, 100) - box(0, 0, 5, 6)}],
    )
    assert cases.loc["A", "area_m2"] == pytest.approx(30.0)


def test_row_15_an_extension_beyond_a_year_is_found():
    row = {
        "supply_id": "S",
        "declared_area": 1.0,
        "agreed_commencement_on": "2016-06-30",
        "extension_signed_on": "2016-05-31",
    }
    late = found(supply=[row | {"extended_commencement_on": "2017-07-01"}])
    assert "extension_too_long" in late.index
    assert "extension_too_long" not in found(
        supply=[row | {"extended_commencement_on": "2017-06-30"}]
    )


def test_row_15_a_backdated_extension_is_found():
    backdated = {
        "supply_id": "S",
        "agreed_commencement_on": "2014-09-30",
        "extension_signed_on": "2016-07-19",
        "extended_commencement_on": "2015-09-30",
    }
    assert "extension_backdated" in found(supply=[backdated]).index


def test_row_29_the_unbuilt_part_of_a_started_parcel_is_not_idle_by_itself():
    parts, cases = classified(
        supply=[
            {
                "supply_id": "S",
                "commenced_on": "2017-01-01",
                "agreed_completion_on": "2019-01-01",
                "geometry": box(0, 0, 100, 100),
            }
        ],
        construction=[{"construction_id": "B", "geometry": box(0, 0, 20, 100)}],
    )
    areas = parts.pieces.groupby("part")["area_m2"].sum()
    assert areas["unbuilt"] == pytest.approx(8_000)
    assert cases.loc["S", "status"] == "in_progress"
    eligible = law.on(date(2025, 3, 4))
    assert any("未建部分" in kind for kind in eligible["bonds.also_eligible"].amount)
    assert eligible["bonds.eligible_until"].amount == date(2024, 11, 7)


def test_row_31_sealed_land_goes_the_way_of_the_court():
    sealed = {"supply_id": "S", "agreed_commencement_on": "2016-01-01", "is_seized": True}
    _, cases = classified(supply=[sealed])
    disposed = dispose.measures(
        cases.reset_index(),
        on=DAY,
        statutes=law.on(DAY),
        tables=tables(supply=[sealed]),
    ).iloc[0]
    assert disposed["status"] == "idle_two_years"
    assert "暂缓" in disposed["measures"]
    assert pd.isna(disposed["due_on"])


@pytest.mark.parametrize(
    ("declared", "is_found"), [(10_060, False), (10_070, True), (10_120, True)]
)
def test_row_44_the_ledger_against_the_map(declared, is_found):
    row = {"supply_id": "S", "declared_area": declared, "geometry": box(0, 0, 100, 100)}
    assert ("area_differs" in found(supply=[row]).index) is is_found


def test_row_45_overlapping_supplies_count_once_and_are_listed():
    parts, cases = classified(
        supply=[
            {"supply_id": "S1", "signed_on": "2015-01-01", "geometry": box(0, 0, 100, 100)},
            {"supply_id": "S2", "signed_on": "2016-01-01", "geometry": box(60, 0, 100, 100)},
        ],
    )
    assert parts.pieces["area_m2"].sum() == pytest.approx(16_000)
    assert cases["area_m2"].to_dict() == pytest.approx({"S1": 6_000, "S2": 10_000})
    conflict = parts.overlaps.iloc[0]
    assert (conflict["kept_id"], conflict["lost_id"]) == ("S2", "S1")
    assert conflict["area_m2"] == pytest.approx(4_000)
    assert conflict["is_fault"]


def test_recovery_must_name_the_government_that_approves_it():
    rule = law.on(date(2019, 4, 3))["idle_land.recovery_approval"]
    assert rule.modality == "shall"
    assert "批准机关" in rule.label
