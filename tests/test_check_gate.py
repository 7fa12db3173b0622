"""Land beside land, stages of a parcel's life, and the score of each source."""

import dataclasses
from datetime import date

import numpy as np
import pytest
import shapely
from making import catalogue, codes, tables

from landuse import check, findings
from landuse.cli import build

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
    return shapely.transform(shape, lambda xy: xy + np.array([east, 0.0]))


def inspected(**roles):
    settled, said = check.settled(tables(**roles))
    found = findings.gather([said, check.findings(settled, catalogue(), ON)])
    return found[~found["code"].str.match(r"no_\w+$")].reset_index(drop=True)


def two(east, **facts):
    return [GOOD, {**GOOD, "supply_id": "B", "geometry": moved(east), **facts}]


@pytest.mark.parametrize(
    ("east", "said"),
    [
        (0, {"supplies_coincide": 1}),
        (4.9, {"supplies_coincide": 1}),  # 95.1 % of each under the other
        (5.1, {}),
        (100, {}),
        (100.0005, {}),  # half a millimetre is no strip
        (100.2, {"supplies_nearly_touch": 1}),
        (100.51, {}),
    ],
)
def test_neighbours(east, said):
    assert codes(inspected(supply=two(east))) == said


def test_land_drawn_twice_names_the_other_and_the_share():
    found = inspected(supply=two(1))
    assert found["feature_id"].tolist() == ["B"]
    assert found["details"][0] == {"other": "A", "amount": "99"}
    assert "A" in findings.rendered(found)["message"].iloc[0]


def test_a_phase_may_lie_on_its_parent_and_a_part_in_its_whole():
    assert codes(inspected(supply=two(0, phase_of="A"))) == {}
    half = shapely.box(500_000, 3_760_000, 500_050, 3_760_100)
    assert codes(inspected(supply=two(0, geometry=half, declared_area=5_000.0))) == {}


def test_approvals_drawn_twice():
    base = {"approved_on": "2015-01-01", "declared_area": 10_000.0, "geometry": BOX}
    found = inspected(approval=[{**base, "approval_id": "P"}, {**base, "approval_id": "Q"}])
    assert codes(found) == {"approvals_coincide": 1}


def approval(name, approved_on, shape=BOX):
    return {
        "approval_id": name,
        "approved_on": approved_on,
        "declared_area": float(shape.area),
        "geometry": shape,
    }


@pytest.mark.parametrize(
    ("approvals", "said"),
    [
        ([approval("P", "2016-01-01")], {}),
        ([approval("P", "2016-01-02")], {"signed_before_approval": 1}),
        ([approval("P", "2016-01-02", moved(51))], {}),  # under less than half of it
        ([approval("P", None)], {"required_missing": 1}),
    ],
)
def test_supplied_before_approved(approvals, said):
    assert codes(inspected(supply=[GOOD], approval=approvals)) == said


def test_an_earlier_approval_of_the_same_land_is_enough():
    both = [approval("P", "2016-02-01"), approval("Q", "2015-02-01")]
    assert codes(inspected(supply=[GOOD], approval=both)) == {"approvals_coincide": 1}


def test_a_stop_asks_for_what_article_two_needs():
    stopped = {**GOOD, "commenced_on": "2016-07-01", "suspended_on": "2017-01-01"}
    whole = {"required_area": 9.0, "developed_area": 1.0, "planned_investment": 4.0}
    found = inspected(supply=[{**stopped, **whole}])
    assert codes(found) == {"suspended_fields_missing": 1}
    assert found["details"][0]["absent"] == "已投资额"
    assert "第二条" in findings.rendered(found)["message"].iloc[0]
    told = {**whole, "invested": 1.0, "invested_includes_land": False}
    assert codes(inspected(supply=[{**stopped, **told}])) == {}
    again = {**stopped, "resumed_on": "2017-02-01"}
    assert codes(inspected(supply=[again])) == {}


def test_what_a_ledger_never_tells_is_not_asked_of_every_row():
    rows = [{**GOOD, "supply_id": str(n), "geometry": moved(200 * n)} for n in range(4)]
    assert codes(inspected(supply=rows)) == {}
    most = [{**row, "right_holder": "甲"} for row in rows[:3]] + rows[3:]
    assert codes(inspected(supply=most)) == {"signed_fields_missing": 1}


def test_a_conflict_says_where_the_rows_differ():
    rows = [GOOD, {**GOOD, "right_holder": "乙", "geometry": moved(300)}]
    found = inspected(supply=rows)
    hit = found[found["code"] == "id_conflicting"]
    assert hit["details"].iloc[0]["differing"] == "土地使用权人、图形"
    assert "土地使用权人、图形" in findings.rendered(hit)["message"].iloc[0]


def test_the_score_of_a_source():
    rows = [{**GOOD, "supply_id": str(n), "geometry": moved(200 * n)} for n in range(4)]
    rows[0]["commenced_on"] = "2015-01-01"
    rows[1]["phase_of"] = "Z"
    rows[1]["delivered_on"] = "1900-01-01"
    settled, _ = check.settled(tables(supply=rows))
    workspace = catalogue()
    named = dataclasses.replace(workspace.sources[0], source="某县局")
    workspace = dataclasses.replace(workspace, sources=(named,))
    found = check.findings(settled, workspace, ON)
    refused = findings.rows("row_width", layer="supply", row=9, fields=1, expected=2)
    scores = check.scorecard(settled, findings.gather([found, refused]), workspace)
    assert tuple(scores.columns) == check.scores.COLUMNS
    whole = scores[(scores["layer"] == "supply") & (scores["responsible"] == "")].iloc[0]
    assert whole["source"] == "某县局"
    assert (whole["rows"], whole["rows_with_errors"], whole["error"]) == (5, 3, 3)
    assert whole["sound_share"] == pytest.approx(0.4)
    offices = scores[(scores["layer"] == "supply") & (scores["responsible"] != "")]
    assert offices["error"].sum() == 3
    assert scores["layer"].iloc[0] == "supply"
    assert (scores.loc[scores["layer"] == "", "sound_share"].isna()).all()


def test_the_terminal_says_what_the_first_finding_of_each_code_says(capsys):
    found = inspected(supply=two(1))
    twice = findings.gather([found, found.assign(row=found["row"] + 1)])
    for lang in ("zh", "en"):
        build._print_findings(twice, lang)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.split(maxsplit=3)[1:3] == ["2", "supplies_coincide"]
        assert line.endswith(findings.rendered(twice, lang)["message"].iloc[0])


def test_a_sentence_without_end_takes_one_line_of_the_terminal(capsys):
    found = inspected(supply=two(1))
    found["details"] = [{**each, "other": "甲\n" * 10**5} for each in found["details"]]
    build._print_findings(found, "zh")
    (line,) = capsys.readouterr().err.splitlines()
    assert len(line) < 400
    assert line.endswith("…[…]")
