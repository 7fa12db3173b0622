"""Pieces that tile: boxes a reader can draw, one rule a test."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from landuse import partition
from landuse.errors import CrsError, CrsMismatchError
from landuse.partition import Tolerances

ON = date(2018, 5, 31)
CRS = "EPSG:4526"
ROLES = ("approval", "supply", "construction", "cluster", "park")
DAYS = {"approval": "approved_on", "supply": "signed_on", "construction": "observed_on"}
BOW_TIE = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])


def layer(role, shapes, days=None, phase_of=None, crs=CRS):
    """Return a table of a role; shapes by identifier, days and parents by identifier."""
    ids = list(shapes)
    table = gpd.GeoDataFrame(
        {f"{role}_id": pd.Series(ids, dtype="str")},
        geometry=gpd.GeoSeries(list(shapes.values()), crs=crs),
        crs=crs,
    )
    if role in DAYS:
        table[DAYS[role]] = pd.to_datetime(
            pd.Series([(days or {}).get(i) for i in ids], dtype="datetime64[s]")
        )
    if role == "supply":
        table["phase_of"] = pd.Series([(phase_of or {}).get(i) for i in ids], dtype="str")
    return table.assign(
        source_layer=role, source_file=f"data/{role}.gpkg", source_row=np.arange(1, len(ids) + 1)
    )


def workspace(**layers):
    """Return all five tables; a role is given as shapes by identifier, or as a table."""
    made = {role: layers.get(role, {}) for role in ROLES}
    return {r: layer(r, t) if isinstance(t, dict) else t for r, t in made.items()}


def cut(*, on=ON, tolerances=None, **layers):
    return partition.pieces(workspace(**layers), on=on, tolerances=tolerances)


def areas(made):
    """Return area by piece_id."""
    return made.pieces.set_index("piece_id")["area_m2"].round(6).to_dict()


def test_what_is_not_supplied_remains():
    made = cut(approval={"A": box(0, 0, 100, 100)}, supply={"S": box(0, 0, 40, 100)})
    assert areas(made) == {"A////": 6000, "A/S/unbuilt//": 4000}
    assert made.accounts.iloc[0].to_dict() == {
        "approval_id": "A",
        "area_m2": 10000,
        "lost_m2": 0,
        "supplied_m2": 4000,
        "unsupplied_m2": 6000,
        "sliver_m2": 0,
        "residual_m2": 0,
    }


def test_tables_have_the_promised_columns():
    made = cut(approval={"A": box(0, 0, 100, 100)})
    assert list(made.pieces) == [
        "piece_id",
        "cluster_id",
        "park_id",
        "approval_id",
        "supply_id",
        "part",
        "area_m2",
        "geometry",
    ]
    assert list(made.slivers) == [
        "approval_id",
        "cluster_id",
        "park_id",
        "area_m2",
        "width_m",
        "geometry",
    ]
    assert made.pieces.crs == made.slivers.crs == CRS
    assert (made.pieces.drop(columns=["area_m2", "geometry"]).dtypes == "str").all()


def test_a_hole_in_an_approval_is_not_approved():
    holed = box(0, 0, 100, 100).difference(box(40, 40, 60, 60))
    made = cut(approval={"A": holed}, supply={"S": box(30, 30, 70, 70)})
    assert areas(made) == {"/S/unbuilt//": 400, "A////": 10000 - 1600, "A/S/unbuilt//": 1600 - 400}


def test_parts_of_a_multipart_approval_are_one_piece():
    parts = MultiPolygon([box(0, 0, 100, 100), box(200, 0, 300, 100)])
    made = cut(approval={"A": parts}, supply={"S": box(200, 0, 250, 100)})
    assert areas(made) == {"A////": 15000, "A/S/unbuilt//": 5000}


def test_a_supply_across_two_approvals_is_cut():
    made = cut(
        approval={"A": box(0, 0, 100, 100), "B": box(100, 0, 200, 100)},
        supply={"S": box(50, 0, 150, 100)},
    )
    assert areas(made) == {
        "A////": 5000,
        "A/S/unbuilt//": 5000,
        "B////": 5000,
        "B/S/unbuilt//": 5000,
    }


def test_a_supply_outside_every_approval_is_kept():
    made = cut(
        approval={"A": box(0, 0, 100, 100)},
        supply={"IN": box(50, 0, 150, 100), "OUT": box(500, 0, 600, 100)},
    )
    assert areas(made)["/OUT/unbuilt//"] == 10000
    assert areas(made)["/IN/unbuilt//"] == 5000


def test_touching_is_no_overlap():
    made = cut(
        approval={"A": box(0, 0, 100, 100), "B": box(100, 100, 200, 200)},
        supply={"S": box(100, 0, 200, 100)},
    )
    assert made.overlaps.empty
    assert areas(made) == {"/S/unbuilt//": 10000, "A////": 10000, "B////": 10000}


@pytest.mark.parametrize(
    ("days", "keeper"),
    [
        ({"S": "2010-01-01", "T": "2015-01-01"}, "T"),
        ({"S": "2015-01-01", "T": "2010-01-01"}, "S"),
        ({"S": "2010-01-01", "T": "2010-01-01"}, "S"),
        ({"T": "2010-01-01"}, "T"),
        ({}, "S"),
    ],
)
def test_land_supplied_again_belongs_to_the_latest_contract(days, keeper):
    shapes = {"S": box(0, 0, 100, 100), "T": box(50, 0, 150, 100)}
    made = cut(approval={"A": box(0, 0, 150, 100)}, supply=layer("supply", shapes, days))
    loser = {"S": "T", "T": "S"}[keeper]
    assert areas(made) == {f"A/{keeper}/unbuilt//": 10000, f"A/{loser}/unbuilt//": 5000}
    assert made.overlaps.to_dict("records") == [
        {
            "role": "supply",
            "kept_id": keeper,
            "lost_id": loser,
            "area_m2": 5000,
            "is_phase": False,
            "is_fault": True,
        }
    ]


@pytest.mark.parametrize(
    ("days", "keeper"),
    [
        ({"A": "2010-01-01", "B": "2015-01-01"}, "A"),
        ({"A": "2015-01-01", "B": "2010-01-01"}, "B"),
        ({"A": "2010-01-01", "B": "2010-01-01"}, "A"),
        ({"B": "2010-01-01"}, "B"),
    ],
)
def test_land_approved_twice_belongs_to_the_earlier_approval(days, keeper):
    shapes = {"A": box(0, 0, 100, 100), "B": box(50, 0, 150, 100)}
    made = cut(approval=layer("approval", shapes, days))
    account = made.accounts.set_index("approval_id")
    assert account.loc[keeper, "lost_m2"] == 0
    assert account["lost_m2"].sum() == 5000
    assert account["unsupplied_m2"].sum() == 15000


def test_land_under_three_is_lost_twice_to_the_first():
    shapes = {"A": box(0, 0, 100, 10), "B": box(0, 0, 100, 10), "C": box(0, 0, 100, 10)}
    made = cut(approval=shapes)
    assert list(zip(made.overlaps["kept_id"], made.overlaps["lost_id"], strict=True)) == [
        ("A", "B"),
        ("A", "C"),
    ]
    assert areas(made) == {"A////": 1000}


def test_a_phase_goes_before_its_parent_whatever_the_dates():
    shapes = {"P": box(0, 0, 100, 100), "Q": box(0, 0, 50, 100), "R": box(0, 0, 25, 100)}
    days = {"P": "2017-01-01", "Q": "2012-01-01"}
    supply = layer("supply", shapes, days, {"Q": "P", "R": "Q"})
    made = cut(supply=supply)
    assert areas(made) == {"/P/unbuilt//": 5000, "/Q/unbuilt//": 2500, "/R/unbuilt//": 2500}
    assert made.overlaps["is_phase"].all()
    assert not made.overlaps["is_fault"].any()


def test_phases_of_each_other_are_no_phases():
    shapes = {"P": box(0, 0, 100, 100), "Q": box(0, 0, 50, 100), "S": box(0, 0, 1, 1)}
    parents = {"P": "Q", "Q": "P", "S": "S"}
    made = cut(supply=layer("supply", shapes, {"P": "2017-01-01"}, parents))
    assert areas(made) == {"/P/unbuilt//": 10000}


def test_pieces_are_cut_at_cluster_borders():
    made = cut(
        approval={"A": box(0, 0, 100, 100)},
        supply={"S": box(0, 0, 100, 50)},
        cluster={"K": box(-50, -50, 50, 150), "L": box(50, -50, 80, 150)},
    )
    assert areas(made) == {
        "A////": 1000,
        "A///K/": 2500,
        "A///L/": 1500,
        "A/S/unbuilt//": 1000,
        "A/S/unbuilt/K/": 2500,
        "A/S/unbuilt/L/": 1500,
    }


def test_a_park_may_reach_beyond_its_cluster():
    made = cut(
        approval={"A": box(0, 0, 100, 100)},
        cluster={"K": box(0, 0, 50, 100)},
        park={"P": box(25, 0, 75, 100)},
    )
    assert areas(made) == {"A////": 2500, "A////P": 2500, "A///K/": 2500, "A///K/P": 2500}


def test_overlapping_clusters_belong_to_the_lower_identifier():
    made = cut(
        approval={"A": box(0, 0, 100, 100)},
        cluster={"L": box(0, 0, 100, 100), "K": box(50, 0, 100, 100)},
    )
    assert areas(made) == {"A///K/": 5000, "A///L/": 5000}
    assert made.overlaps[["role", "kept_id", "lost_id"]].to_numpy().tolist() == [
        ["cluster", "K", "L"]
    ]


def test_footprints_split_supplied_land_only():
    made = cut(
        approval={"A": box(0, 0, 200, 100)},
        supply={"S": box(0, 0, 100, 100)},
        construction={"F": box(80, 0, 120, 50), "G": box(90, 0, 100, 100), "H": box(0, 0, 10, 10)},
    )
    assert areas(made) == {"A////": 10000, "A/S/built//": 1000 + 500 + 100, "A/S/unbuilt//": 8400}


def test_a_strip_that_hangs_on_real_land_stays_with_it():
    made = cut(
        approval={"A": box(0, 0, 200, 100)},
        supply={"S": box(0, 0.3, 100, 100)},
        cluster={"K": box(0, 0, 50, 100)},
    )
    assert made.slivers.empty
    assert areas(made) == {
        "A////": 10015,
        "A///K/": 15,
        "A/S/unbuilt//": 4985,
        "A/S/unbuilt/K/": 4985,
    }


def test_a_strip_along_an_edge_surveyed_again_is_a_sliver():
    made = cut(
        approval={"A": box(0, 0, 100, 100)},
        supply={"S": box(0, 0.3, 100, 100)},
        cluster={"K": box(0, 0, 50, 100)},
    )
    assert list(made.pieces["supply_id"]) == ["S", "S"]
    assert made.slivers[["cluster_id", "area_m2"]].round(6).to_numpy().tolist() == [
        ["", 15],
        ["K", 15],
    ]
    assert made.slivers["width_m"].round(3).tolist() == [0.299, 0.299]
    assert made.accounts["sliver_m2"].round(6).tolist() == [30]


def test_a_thin_strip_of_a_mu_is_land():
    made = cut(approval={"A": box(0, 0, 1000, 50)}, supply={"S": box(0, 0.9, 1000, 50)})
    assert made.slivers.empty
    wide = Tolerances(sliver_area_m2=1000)
    made = cut(
        approval={"A": box(0, 0, 1000, 50)}, supply={"S": box(0, 0.9, 1000, 50)}, tolerances=wide
    )
    assert made.slivers["area_m2"].round(6).tolist() == [900]


def test_a_thin_approval_nothing_was_taken_from_is_land():
    made = cut(approval={"A": box(0, 0, 100, 0.5)})
    assert areas(made) == {"A////": 50}


def test_a_strip_of_a_supply_outside_stays_its_piece_and_is_counted():
    made = cut(approval={"A": box(0, 0, 100, 100)}, supply={"S": box(0, 0, 100.2, 100)})
    assert areas(made) == {"/S/unbuilt//": 20, "A/S/unbuilt//": 10000}
    assert made.outside_slivers.round(3).to_numpy().tolist() == [["S", 20, 0.2]]


def test_a_bow_tie_is_left_out_and_the_rest_goes_on():
    made = cut(
        approval={"A": box(0, 0, 100, 100), "X": BOW_TIE, "N": None},
        supply={"S": BOW_TIE, "T": box(0, 0, 50, 100), "U": None},
        construction={"F": shapely.Point(0, 0), "G": Polygon()},
        cluster={"K": Polygon([(0, 0), (np.inf, 0), (0, 9)])},
    )
    assert areas(made) == {"A////": 5000, "A/T/unbuilt//": 5000}
    assert made.unusable[["role", "feature_id", "source_row", "reason"]].to_numpy().tolist() == [
        ["approval", "N", 3, "missing"],
        ["approval", "X", 2, "invalid"],
        ["cluster", "K", 1, "not_finite"],
        ["construction", "F", 1, "not_polygonal"],
        ["construction", "G", 2, "empty"],
        ["supply", "S", 1, "invalid"],
    ]


@pytest.mark.parametrize("role", ROLES)
def test_any_layer_may_be_empty(role):
    full = {r: {f"{r}1": box(0, 0, 100, 100)} for r in ROLES}
    made = cut(**{**full, role: {}})
    assert (made.pieces[f"{role}_id"] == "").all() if f"{role}_id" in made.pieces else True
    assert made.pieces["area_m2"].sum() == (10000)


def test_all_layers_may_be_empty():
    made = cut()
    assert made.pieces.empty
    assert made.accounts.empty
    assert made.overlaps.empty


def test_a_supply_table_may_have_no_geometry_at_all():
    tables = workspace(approval={"A": box(0, 0, 10, 10)}, supply={"S": None})
    tables["supply"] = pd.DataFrame(tables["supply"].drop(columns="geometry"))
    made = partition.pieces(tables, on=ON)
    assert areas(made) == {"A////": 100}
    assert made.unusable.empty


def test_what_is_dated_later_does_not_exist_yet():
    later = {"B": "2018-06-01", "T": "2018-06-01", "F": "2018-06-01", "A": "2018-05-31"}
    tables = workspace(
        approval=layer("approval", {"A": box(0, 0, 10, 10), "B": box(20, 0, 30, 10)}, later),
        supply=layer("supply", {"S": box(0, 0, 5, 10), "T": box(5, 0, 10, 10)}, later),
        construction=layer("construction", {"F": box(0, 0, 5, 10)}, later),
    )
    assert areas(partition.pieces(tables, on=ON)) == {"A////": 50, "A/S/unbuilt//": 50}
    assert len(partition.pieces(tables, on=date(2018, 6, 1)).accounts) == 2


def test_one_reference_system_in_metres():
    shapes = {"S": box(0, 0, 1, 1)}
    tables = workspace(approval={"A": box(0, 0, 1, 1)}, supply=layer("supply", shapes, crs=4547))
    with pytest.raises(CrsMismatchError, match="4547"):
        partition.pieces(tables, on=ON)
    degrees = workspace(supply=layer("supply", shapes, crs=4490))
    with pytest.raises(CrsError, match="degrees"):
        partition.pieces(degrees, on=ON)


def test_identifiers_with_slashes_stay_apart():
    made = cut(
        approval={"a/b": box(0, 0, 10, 10), "a": box(20, 0, 30, 10)},
        supply={"b": box(20, 0, 25, 10), "50%": box(0, 0, 5, 10)},
    )
    assert made.pieces["piece_id"].tolist() == [
        "a%2Fb////",
        "a%2Fb/50%25/unbuilt//",
        "a////",
        "a/b/unbuilt//",
    ]


def test_footprints_without_identifiers_are_taken_in_any_order():
    footprints = layer("construction", {"1": box(0, 0, 5, 5), "2": box(3, 3, 9, 9)})
    footprints["construction_id"] = pd.Series([None, None], dtype="str")
    supply = {"S": box(0, 0, 10, 10)}
    forth = cut(supply=supply, construction=footprints)
    back = cut(supply=supply, construction=footprints.iloc[::-1])
    assert forth.pieces.to_wkb().equals(back.pieces.to_wkb())
