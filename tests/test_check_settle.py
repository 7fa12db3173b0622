"""Rows of one id: counted once where they agree, kept apart where they do not."""

import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from making import codes, tables

from landuse import check, schema

BOX = shapely.box(0, 0, 10, 10)
TURNED = shapely.Polygon([(10, 10), (0, 10), (0, 0), (10, 0)])
OTHER = shapely.box(0, 0, 10, 11)


def test_equal_rows_are_counted_once_and_the_others_named():
    rows = [{"supply_id": "A", "right_holder": "甲", "geometry": g} for g in (BOX, TURNED, BOX)]
    settled, found = check.settled(tables(supply=[*rows, {"supply_id": "B"}]))
    assert settled["supply"]["supply_id"].tolist() == ["A", "B"]
    assert settled["supply"]["source_row"].tolist() == [1, 4]
    assert codes(found) == {"row_repeated": 2}
    assert found["row"].tolist() == [2, 3]
    assert {d["kept"] for d in found["details"]} == {"supply:1"}
    assert not settled["supply"]["is_conflicting"].any()


def test_rows_that_differ_stay_apart_in_conflict():
    rows = [
        {"supply_id": "A", "right_holder": "甲"},
        {"supply_id": "A", "right_holder": "乙", "source_row": 7},
        {"supply_id": "B"},
    ]
    settled, found = check.settled(tables(supply=rows))
    assert settled["supply"]["supply_id"].tolist() == ["A~supply:1", "B", "A~supply:7"]
    assert settled["supply"]["is_conflicting"].sum() == 2
    assert codes(found) == {"id_conflicting": 2}
    assert found["details"][0]["places"] == "supply:1、supply:7"
    assert found["value"].tolist() == ["A", "A"]


def test_geometry_alone_makes_a_conflict():
    rows = [{"cluster_id": "1", "cluster_name": "一", "geometry": g} for g in (BOX, OTHER)]
    settled, found = check.settled(tables(cluster=rows))
    assert codes(found) == {"id_conflicting": 2}
    assert settled["cluster"]["cluster_id"].is_unique


def test_polygons_of_one_feature_delivered_in_several_rows_are_joined():
    fact = {"approval_id": "A", "approved_on": "2016-01-01"}
    rows = [fact | {"geometry": shapely.box(x, 0, x + 10, 10)} for x in (0, 10, 50)]
    settled, found = check.settled(tables(approval=[*rows, fact | {"approval_id": "B"}]))
    assert settled["approval"]["approval_id"].tolist() == ["A", "B"]
    assert settled["approval"].geometry.iloc[0].area == 300
    assert codes(found) == {"parts_joined": 2}
    assert not settled["approval"]["is_conflicting"].any()


def test_polygons_of_one_id_with_other_facts_are_not_joined():
    rows = [
        {
            "approval_id": "A",
            "approved_on": f"201{n}-01-01",
            "geometry": shapely.box(n, 0, n + 1, 1),
        }
        for n in range(2)
    ]
    settled, found = check.settled(tables(approval=rows))
    assert codes(found) == {"id_conflicting": 2}
    assert len(settled["approval"]) == 2


def test_a_row_without_id_gets_one_and_is_named():
    settled, found = check.settled(tables(supply=[{"right_holder": "甲"}, {"right_holder": "甲"}]))
    assert settled["supply"]["supply_id"].tolist() == ["~supply:1", "~supply:2"]
    assert codes(found) == {"id_missing": 2}
    assert not settled["supply"]["is_conflicting"].any()


def test_footprints_need_no_id():
    settled, found = check.settled(tables(construction=[{"geometry": BOX}, {"geometry": BOX}]))
    assert settled["construction"]["construction_id"].is_unique
    assert codes(found) == {}


def test_two_files_of_a_layer_may_share_a_row_number():
    rows = [{"supply_id": "A", "right_holder": n, "source_row": 2} for n in ("甲", "乙")]
    made = tables(supply=rows)
    made["supply"]["source_file"] = ["layers/data/1.csv", "layers/data/2.csv"]
    settled, _ = check.settled(made)
    assert settled["supply"]["supply_id"].tolist() == ["A~supply:2", "A~supply:2#2"]


def test_pauses_repeat_their_supply_and_lose_only_equal_rows():
    pause = {"supply_id": "A", "cause": "G1", "begins_on": "2017-01-01"}
    settled, found = check.settled(tables(pause=[pause, pause, {**pause, "cause": "G2"}]))
    assert len(settled["pause"]) == 2
    assert codes(found) == {"row_repeated": 1}


def test_inputs_are_not_changed_and_the_index_is_fresh():
    made = tables(supply=[{"supply_id": "A"}, {"supply_id": "A"}, {"supply_id": None}])
    before = {role: table.copy() for role, table in made.items()}
    settled, _ = check.settled(made)
    for role, table in made.items():
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before[role]))
    assert settled["supply"].index.tolist() == [0, 1]
    assert settled["supply"].crs == "EPSG:4547"
    assert settled.keys() == made.keys()


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from(["甲", "乙"])), max_size=8
    )
)
def test_ids_are_unique_and_order_does_not_matter(pairs):
    rows = [
        {"supply_id": name, "right_holder": holder, "source_row": n}
        for n, (name, holder) in enumerate(pairs)
    ]
    settled, found = check.settled(tables(supply=rows))
    turned, again = check.settled(tables(supply=rows[::-1]))
    assert settled["supply"]["supply_id"].is_unique
    pd.testing.assert_frame_equal(pd.DataFrame(settled["supply"]), pd.DataFrame(turned["supply"]))
    pd.testing.assert_frame_equal(found, again)
    repeated = found["code"].tolist().count("row_repeated")
    assert len(settled["supply"]) == len(rows) - repeated
    assert schema.id_column("supply") in settled["supply"]
