"""Findings with their place: the point a fault names, or the outline of the row."""

from datetime import date

import numpy as np
import pandas as pd
import shapely
from making import catalogue, tables

from landuse import check, findings

ON = date(2018, 6, 6)
BOX = shapely.box(500_000, 3_760_000, 500_100, 3_760_100)
FAR = shapely.box(501_000, 3_760_000, 501_100, 3_760_100)
BOW = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)])


def supply(name, shape, **facts):
    return {"supply_id": name, "signed_on": "2016-01-01", "geometry": shape, **facts}


def located(lang="zh", **roles):
    settled, said = check.settled(tables(**roles))
    found = findings.gather([said, check.findings(settled, catalogue(), ON)])
    return findings.located(found, settled, lang), found


def of(placed, code):
    return placed[placed["code"] == code].reset_index(drop=True)


def test_a_fault_of_a_row_lies_where_the_row_lies():
    placed, found = located(supply=[supply("A", BOX), supply("B", FAR, commenced_on="2015-01-01")])
    fault = of(placed, "commenced_before_signed")
    assert list(placed.columns) == list(findings.ON_MAP)
    assert placed.crs.to_epsg() == 4547
    assert fault["geometry"].tolist() == [FAR]
    assert fault.loc[0, ["layer", "row", "feature_id", "severity"]].tolist() == [
        "supply", 2, "B", "error",
    ]  # fmt: skip
    shown = findings.rendered(found)
    assert fault["sentence"][0] in set(shown["message"])


def test_a_crossing_lies_at_the_crossing_and_no_outline_at_all_is_left_out():
    crossing = shapely.transform(BOW, lambda xy: xy + np.array([500_000, 3_760_000]))
    placed, found = located(supply=[supply("A", crossing), supply("B", None), supply("C", FAR)])
    assert of(placed, "geometry_invalid")["geometry"].tolist() == [
        shapely.Point(500_050, 3_760_050)
    ]
    assert "geometry_missing" in set(found["code"])
    assert not len(of(placed, "geometry_missing"))


def test_coordinates_that_are_no_numbers_are_never_drawn():
    endless = shapely.Polygon([(0, 0), (float("inf"), 0), (1, 1), (0, 0)])
    placed, found = located(supply=[supply("A", endless), supply("B", BOX)])
    assert "geometry_not_finite" in set(found["code"])
    assert not len(of(placed, "geometry_not_finite"))


def test_a_pause_and_an_enterprise_lie_on_their_supply():
    pause = {"supply_id": "B", "cause": "G1", "begins_on": None}
    firm = {"enterprise_id": "E", "supply_id": "B", "grade": "D"}
    placed, _ = located(
        supply=[supply("A", BOX), supply("B", FAR)], pause=[pause], enterprise=[firm]
    )
    assert of(placed, "pause_without_begin")["geometry"].tolist() == [FAR]
    assert of(placed, "grade_unknown")["geometry"].tolist() == [FAR]


def test_rows_of_one_id_lie_each_on_its_own_outline():
    placed, _ = located(
        supply=[supply("A", BOX, right_holder="甲"), supply("A", FAR, right_holder="乙")]
    )
    assert set(of(placed, "id_conflicting")["geometry"]) <= {BOX, FAR}


def test_of_two_files_with_the_same_row_numbers_the_id_tells_them_apart():
    rows = [supply("A", BOX, source_row=1), supply("B", FAR, source_row=1)]
    placed, _ = located(supply=[{**row, "delivered_on": "1900-01-01"} for row in rows])
    blank = of(placed, "day_blank").set_index("feature_id")["geometry"]
    assert blank.to_dict() == {"A": BOX, "B": FAR}


def test_nothing_found_is_an_empty_map_layer():
    none = findings.located(findings.none(), tables(supply=[supply("A", BOX)]))
    assert list(none.columns) == list(findings.ON_MAP)
    assert not len(none)
    assert none.crs.to_epsg() == 4547


def test_words_come_in_both_languages():
    rows = [supply("A", BOX, commenced_on="2015-01-01")]
    zh, _ = located(supply=rows)
    en, _ = located("en", supply=rows)
    assert zh["sentence"].str.contains("[\u4e00-\u9fff]").all()
    assert not pd.Series(en["sentence"]).str.contains("[\u4e00-\u9fff]").any()
