"""The same land by another law: who moves, which rule moves it, and figures that reconcile."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import asked
import making
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import landuse
from landuse import law
from landuse.cli import main
from landuse.errors import LanduseError, LawError
from landuse.trial import shown, whatif

ROOT = Path(__file__).parents[1]
DAY = date(2018, 6, 30)

STOPPED = {"commenced_on": "2015-01-01", "suspended_on": "2017-01-01", "required_area": 100.0,
           "planned_investment": 100.0, "declared_area": 1_000.0}  # fmt: skip
LAND = [
    # past its start by two full years and a half: free recovery
    {"supply_id": "S1", "agreed_commencement_on": "2015-12-31", "price": 1e6, "declared_area": 7.0},
    # by one full year and a half: 20 % of the price
    {"supply_id": "S2", "agreed_commencement_on": "2016-12-31", "price": 1e6, "declared_area": 5.0},
    # the same without a price on file
    {"supply_id": "S3", "agreed_commencement_on": "2016-12-31", "declared_area": 3.0},
    # stopped, short of both shares; and short of neither
    {"supply_id": "S4", "developed_area": 30.0, "invested": 20.0} | STOPPED,
    {"supply_id": "S5", "developed_area": 40.0, "invested": 40.0} | STOPPED,
    {"supply_id": "S6", "agreed_commencement_on": "2019-01-01", "declared_area": 2.0},
]


@pytest.fixture(scope="module")
def run():
    return asked.run(supply=LAND)


def moves(found):
    return {
        row.case_id: (row.from_status, row.to_status, row.rules, row.effect)
        for row in found.moves.itertuples()
    }


def test_one_rule_moves_one_case(run):
    found = whatif(run, values={"idle_land.recovery_years": 3})
    assert moves(found) == {
        "S1": ("idle_two_years", "idle_one_year", "idle_land.recovery_years", "alone")
    }
    row = found.moves.iloc[0]
    assert row["area_m2"] == 7.0
    assert (row["fee_after_cny"], row["fee_change_cny"]) == (200_000.0, 200_000.0)
    rules = found.rules.iloc[0]
    assert (rules["before"], rules["after"], rules["moved_alone"]) == ("2", "3", 1)
    assert "假设" in rules["citation_after"]


def test_a_fee_that_changes_while_the_status_stays(run):
    found = whatif(run, values={"idle_land.fee_share": "1/10"})
    assert moves(found) == {"S2": ("idle_one_year", "idle_one_year", "", "")}
    row = found.moves.iloc[0]
    assert (row["fee_rules"], row["fee_effect"]) == ("idle_land.fee_share", "alone")
    assert row["fee_change_cny"] == -100_000.0


def test_status_and_fee_each_name_their_rules(run):
    values = {"idle_land.recovery_years": 3, "idle_land.fee_share": "10%"}
    found = whatif(run, values=values)
    row = found.moves.set_index("case_id").loc["S1"]
    assert (row["rules"], row["effect"]) == ("idle_land.recovery_years", "alone")
    assert row["fee_rules"] == "idle_land.fee_share；idle_land.recovery_years"
    assert row["fee_effect"] == "together"
    assert row["fee_after_cny"] == 100_000.0


def test_a_case_that_only_both_rules_move(run):
    # 30 % built and 20 % invested: either shortfall alone keeps it idle
    both = {"idle_land.developed_share": "1/4", "idle_land.invested_share": "1/10"}
    found = whatif(run, values=both)
    assert moves(found) == {
        "S4": (
            "idle_suspended", "suspended_inefficient",
            "idle_land.developed_share；idle_land.invested_share", "together",
        )
    }  # fmt: skip
    assert list(found.rules["moved_alone"]) == [0, 0]


def test_a_case_that_each_rule_moves(run):
    each = {"idle_land.developed_share": "1/2", "idle_land.invested_share": "1/2"}
    found = whatif(run, values=each)
    assert moves(found)["S5"][2:] == (
        "idle_land.developed_share；idle_land.invested_share", "each",
    )  # fmt: skip


def test_a_rule_nobody_asks_for_moves_nothing(run):
    found = whatif(run, values={"idle_land.fee_payment_days": 60})
    assert found.moves.empty
    assert not found.rules["is_used"].any()


def test_totals_reconcile_and_unknown_fees_are_counted(run):
    found = whatif(run, values={"idle_land.recovery_years": 3, "idle_land.fee_share": "1/4"})
    totals = found.totals
    for unit in ("count", "m2"):
        after = totals[f"before_{unit}"] + totals[f"in_{unit}"] - totals[f"out_{unit}"]
        assert (after - totals[f"after_{unit}"]).abs().max() == 0
    row = totals.query("place == 'city' and status == 'idle_one_year'").iloc[0]
    assert (row["before_count"], row["in_count"], row["after_count"]) == (2, 1, 3)
    assert (row["before_fee_cny"], row["after_fee_cny"]) == (200_000.0, 500_000.0)
    assert (row["before_fee_unknown"], row["after_fee_unknown"]) == (1, 1)


def test_the_law_of_another_day(tmp_path):
    asked.statute(tmp_path, asked.rule("recovery_years", ("2012-07-01", 2), ("2019-01-01", 3)))
    found = whatif(asked.run(supply=LAND, path=tmp_path), as_of_law=date(2020, 1, 1))
    assert moves(found)["S1"][2:] == ("idle_land.recovery_years", "alone")
    assert {"departments.land", "idle_land.recovery_years"} <= set(found.rules["key"])


def test_the_same_law_moves_nothing(run):
    found = whatif(run, as_of_law=DAY)
    assert found.moves.empty
    assert found.rules.empty
    assert (found.totals["before_count"] == found.totals["after_count"]).all()


def test_a_day_without_the_law_says_since_when_it_is_in_force(run):
    with pytest.raises(LawError, match="in force"):
        whatif(run, as_of_law=date(1990, 1, 1))


@pytest.mark.parametrize("kind", ["file", "folder", "workspace"])
def test_files_of_rules_are_laid_over_the_law(run, tmp_path, kind):
    text = asked.rule("recovery_years", ("2012-07-01", 3))
    file = asked.statute(tmp_path, text)
    given = {"file": file, "folder": file.parent, "workspace": tmp_path}[kind]
    assert moves(whatif(run, statutes=given))["S1"][1] == "idle_one_year"


def test_a_rule_of_a_file_that_is_not_yet_in_force_changes_nothing(run, tmp_path):
    file = asked.statute(tmp_path, asked.rule("recovery_years", ("2018-07-01", 3)))
    assert whatif(run, statutes=file).moves.empty


def test_amounts_lie_over_files_and_files_over_the_workspace(tmp_path):
    asked.statute(tmp_path, asked.rule("recovery_years", ("2012-07-01", 4)))
    run = asked.run(supply=LAND, path=tmp_path)
    file = asked.statute(tmp_path / "other", asked.rule("recovery_years", ("2012-07-01", 2)))
    assert moves(whatif(run, statutes=file))["S1"][:2] == ("idle_one_year", "idle_two_years")
    both = whatif(run, statutes=file, values={"idle_land.recovery_years": "4"})
    assert both.moves.empty


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"values": {"idle_land.recovery_year": 3}}, "idle_land.recovery_years"),
        ({"values": {"fee_share": "1/4"}}, "idle_land.fee_share"),
        ({"values": {"idle_land.recovery_years": "three"}}, "three"),
        ({"values": {"idle_land.recovery_years": -1}}, "-1"),
        ({"values": {"idle_land.recovery_years": "2.5"}}, "2.5"),
        ({"values": {"idle_land.fee_share": "1/0"}}, "1/0"),
        ({"values": {"idle_land.fee_share": "nan"}}, "nan"),
        ({"values": {"idle_land.fee_share": "1e-999999999"}}, "1e-999999999"),
        ({"values": {"idle_land.fee_share": "101%"}}, "101%"),
        ({"values": {"idle_land.recovery_years": "10000000"}}, "10000000"),
        ({"values": {"planning.road_density": "inf"}}, "inf"),
        ({"values": {"planning.interest": "0.04,0.05"}}, "0.04,0.05"),
        ({"values": {"approvals.occupied_is_unsupplied": "maybe"}}, "maybe"),
        ({}, "--set"),
    ],
)
def test_what_cannot_be_meant_is_said(run, change, word):
    with pytest.raises(LanduseError, match=word):
        whatif(run, **change)


def test_files_that_cannot_be_used_are_said(run, tmp_path):
    with pytest.raises(LawError, match="toml"):
        whatif(run, statutes=tmp_path)
    wrong = asked.statute(tmp_path, asked.rule("recovery_yaers", ("2012-07-01", 3)))
    with pytest.raises(LawError, match="recovery_years"):
        whatif(run, statutes=wrong)
    other = asked.statute(
        tmp_path / "b", asked.rule("recovery_years", ("2012-07-01", 3)), "my.toml"
    )
    with pytest.raises(LawError, match=r"idle_land\.recovery_years"):
        whatif(run, statutes=other)
    broken = asked.statute(tmp_path / "c", "[recovery_years")
    with pytest.raises(LawError, match="TOML"):
        whatif(run, statutes=broken)


def test_lists_and_percentages_are_read(run):
    found = whatif(
        run,
        values={
            "idle_land.government_causes": "G1，G2",
            "idle_land.invested_share": "12.5%",
            "planning.interest": "0.04、0.05、0.06",
        },
    )
    after = found.rules.set_index("key")["after"]
    assert after["idle_land.government_causes"] == "G1、G2"
    assert after["idle_land.invested_share"] == "1/8"
    assert after["planning.interest"] == "0.04、0.05、0.06"


@pytest.fixture(scope="module")
def sample():
    return landuse.run(ROOT, on=DAY)


def test_the_sample_reconciles_with_the_figures_of_the_run(sample):
    found = landuse.whatif(sample, values={"idle_land.recovery_years": 3})
    totals = found.totals
    for unit, limit in (("count", 0), ("m2", 1e-6)):
        after = totals[f"before_{unit}"] + totals[f"in_{unit}"] - totals[f"out_{unit}"]
        assert (after - totals[f"after_{unit}"]).abs().max() <= limit
    entries = [("city", "", sample.totals["city"])]
    entries += [("cluster", c["cluster_id"], c) for c in sample.totals["clusters"]]
    rows = totals.set_index(["place", "place_id", "status"])
    for place, name, entry in entries:
        for state in entry["states"].values():
            for status, figures in state["statuses"].items():
                if figures["count"]:
                    row = rows.loc[place, name, status]
                    assert row["before_count"] == figures["count"]
                    assert row["before_m2"] == pytest.approx(figures["area_m2"], abs=1e-3)
    city = totals[totals["place"] == "city"].set_index("status")
    moved = found.moves[found.moves["from_status"] == "idle_two_years"]
    assert len(moved) > 5
    assert city.loc["idle_two_years", "out_count"] == len(moved)


def test_the_order_of_rows_does_not_matter(run):
    shuffled = asked.run(supply=LAND[::-1])
    values = {"idle_land.recovery_years": 3, "idle_land.fee_share": "1/4"}
    straight, other = whatif(run, values=values), whatif(shuffled, values=values)
    pd.testing.assert_frame_equal(straight.moves, other.moves)
    pd.testing.assert_frame_equal(straight.totals, other.totals)


HOSTILE = ('=HYPERLINK("http://x","y")', "[red]红[/red]", "{on}{0}%s", "@a")


def small(root):
    heads = "supply_id,right_holder,declared_area,price,agreed_commencement_on\n"
    rows = "".join(
        f'S{n},"{name.replace(chr(34), chr(34) * 2)}",{1000 + n},100000,2016-01-0{n + 1}\n'
        for n, name in enumerate(HOSTILE)
    )
    making.workspace(root, {"supply": making.layer("supply", "s.csv")}, {"s.csv": heads + rows})
    return str(root)


def call(*arguments):
    return CliRunner().invoke(main, ["whatif", "--on", "2018-06-30", *arguments])


def test_the_command_prints_who_moves_by_which_rule(tmp_path):
    done = call("--set", "idle_land.recovery_years=3", small(tmp_path))
    assert done.exit_code == 0, done.output
    for word in ("idle_land.recovery_years", "疑似闲置（满两年）", "单条即变", "20,000.00"):
        assert word in done.stdout
    english = call("--set", "idle_land.recovery_years=3", "--lang", "en", str(tmp_path))
    assert "suspected idle (two full years)" in english.stdout
    assert "4 cases change" in english.stderr


def test_files_hold_text_and_never_formulas(tmp_path):
    folder = small(tmp_path)
    change = ("--set", "idle_land.recovery_years=3")
    for form in ("csv", "json", "xlsx"):
        done = call(*change, "--output", str(tmp_path / f"out.{form}"), folder)
        assert done.exit_code == 0, done.output
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    holders = [row["土地使用权人"] for row in csv.DictReader(io.StringIO(text))]
    assert len(holders) == len(HOSTILE)
    assert all(holder[0] not in "=@" for holder in holders)
    record = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert {row["right_holder"] for row in record["moves"]} == set(HOSTILE)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["变动宗地", "前后对照", "规则差异"]
    assert all(c.data_type != "f" for sheet in book for line in sheet.iter_rows() for c in line)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "--set"),
        (["--set", "idle_land.recovery_years"], "规则=数值"),
        (["--set", "a=1", "--set", "a=2"], "两次"),
        (["--set", "idle_land.recovery_yaers=3"], "idle_land.recovery_years"),
        (["--set", "idle_land.recovery_years=3", "--format", "xlsx"], "--output"),
    ],
)
def test_wrong_use_is_said_in_one_sentence_and_exits_2(arguments, word, tmp_path):
    done = call(*arguments, small(tmp_path))
    assert done.exit_code == 2
    assert word in done.stderr
    assert "Traceback" not in done.output


def test_an_empty_workspace_forbids_a_result(tmp_path):
    heads = "supply_id,declared_area\n"
    making.workspace(tmp_path, {"supply": making.layer("supply", "s.csv")}, {"s.csv": heads})
    assert call("--set", "idle_land.recovery_years=3", str(tmp_path)).exit_code == 1


def test_remembered_law_is_named_above_the_tables():
    batch = {"approval_id": "A", "approved_on": "2016-01-31", "compensation_done": False}
    run = asked.run(approval=[batch], pieces=[{"approval_id": "A", "area_m2": 1.0}])
    found = whatif(run, values={"approvals.lapse_years": 3})
    rule = law.on(run.on)["approvals.lapse_years"]
    assert found.moves["from_status"].tolist() == ["lapsed"]
    assert all(rule.citation in sheet.note for sheet in shown.sheets(found))
