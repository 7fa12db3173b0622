"""Who crosses which line in the coming months: golden days, and properties of all of them."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import asked
import making
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import landuse
from landuse import classify, law
from landuse.cli import main
from landuse.errors import LanduseError
from landuse.outlook import calendar, forecast, frozen, shown
from landuse.reclassify import Again
from landuse.terms import Status

ROOT = Path(__file__).parents[1]
DAY = date(2018, 6, 30)


def steps(found, case_id="S1"):
    rows = found.crossings[found.crossings["case_id"] == case_id]
    return [(str(r.day.date()), r.from_status, r.to_status) for r in rows.itertuples()]


def ahead(supply, *, on=DAY, months=12, pauses=(), firms=(), **kwargs):
    run = asked.run(
        on=on,
        supply=[{"supply_id": "S1", "declared_area": 20_000.0} | supply],
        pause=[{"supply_id": "S1"} | pause for pause in pauses],
        enterprise=[{"enterprise_id": f"E{n}", "supply_id": "S1"} | f for n, f in enumerate(firms)],
        **kwargs,
    )
    return forecast(run, months=months)


GOLDEN = {
    "agreed start 2017-07-01: a full year has passed first on 2018-07-02": (
        {"agreed_commencement_on": "2017-07-01"},
        [("2018-07-02", "overdue", "idle_one_year")],
    ),
    "agreed start 2018-07-31 is kept on that day and passed on the next": (
        {"agreed_commencement_on": "2018-07-31"},
        [("2018-08-01", "not_due", "overdue")],
    ),
    "two lines within the year": (
        {"agreed_commencement_on": "2016-08-01", "extended_commencement_on": "2017-08-15",
         "extension_signed_on": "2017-01-01"},
        [("2018-08-16", "overdue", "idle_one_year")],
    ),
    "works stopped on 2017-09-30 with 20 % invested": (
        {"commenced_on": "2016-01-01", "suspended_on": "2017-09-30", "planned_investment": 100.0,
         "invested": 20.0, "required_area": 100.0, "developed_area": 90.0},
        [("2018-10-01", "suspended", "idle_suspended")],
    ),
    "completion agreed for 2018-12-31": (
        {"commenced_on": "2016-01-01", "agreed_completion_on": "2018-12-31"},
        [("2019-01-01", "in_progress", "completion_overdue")],
    ),
    "completed two years ago with a third of the investment": (
        {"commenced_on": "2015-01-01", "completed_on": "2016-11-11", "planned_investment": 90.0,
         "invested": 30.0},
        [("2018-11-12", "finished", "underperforming")],
    ),
    "a contract signed after the day is no fact on it": (
        {"signed_on": "2018-07-10", "agreed_commencement_on": "2018-08-01"},
        [],
    ),
    "a start after the day is no fact on it": (
        {"agreed_commencement_on": "2018-07-10", "commenced_on": "2018-07-09"},
        [("2018-07-11", "not_due", "overdue")],
    ),
    "production that begins later does not begin": (
        {"commenced_on": "2015-01-01", "completed_on": "2018-01-01", "production_on": "2018-08-01"},
        [],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def golden():
    rows = [{"supply_id": name} | supply for name, (supply, _) in GOLDEN.items()]
    return forecast(asked.run(supply=rows), months=12)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_days(name, golden):
    assert steps(golden, name) == GOLDEN[name][1]


def test_a_line_of_no_years_is_crossed_with_the_agreed_day(tmp_path):
    asked.statute(tmp_path, asked.rule("not_commenced_years", ("2012-07-01", 0)))
    found = ahead({"agreed_commencement_on": "2018-07-10"}, path=tmp_path, months=1)
    assert steps(found) == [("2018-07-11", "not_due", "idle_one_year")]


def test_days_between_are_looked_into_where_nothing_tells_the_day():
    """A pause of twenty days before the line, ended on the day: the step still has its day."""
    supply = {"agreed_commencement_on": "2018-07-10", "commenced_on": None}
    found = ahead(supply, months=1, pauses=[{"cause": "G6", "begins_on": "2018-07-01"}])
    assert steps(found) == [("2018-07-11", "not_due", "overdue")]


def test_a_firm_that_halts_later_works_on():
    supply = {"commenced_on": "2015-01-01", "completed_on": "2018-01-01"}
    found = ahead(supply, months=3, firms=[{"halted_on": "2018-09-01"}])
    assert found.crossings.empty


def test_an_open_pause_leaves_later_steps_unknown():
    supply = {"agreed_commencement_on": "2017-01-01", "price": 1e6}
    found = ahead(supply, pauses=[{"cause": "G6", "begins_on": "2018-01-01"}])
    assert steps(found) == []
    row = found.unsettled.iloc[0]
    assert row["status"] == "idle_government"
    # 181 days were paused up to 30 June 2018, both ends counted: 1 January 2018 + 181 = 1 July
    assert str(row["earliest_on"].date()) == "2018-07-02"
    assert row["earliest_status"] == "idle_one_year"
    last = found.months[(found.months["place"] == "city")].iloc[-1]
    assert (last["status"], last["end_count"], last["unsettled_count"]) == ("idle_government", 1, 1)


def test_a_planned_end_of_a_pause_after_the_day_is_not_known():
    supply = {"agreed_commencement_on": "2017-01-01"}
    pause = {"cause": "G6", "begins_on": "2018-01-01"}
    known = ahead(supply, months=4, pauses=[pause | {"ends_on": "2018-09-30"}])
    open_ = ahead(supply, months=4, pauses=[pause])
    pd.testing.assert_frame_equal(known.unsettled, open_.unsettled)
    pd.testing.assert_frame_equal(known.months, open_.months)


def test_a_pause_that_begins_after_the_day_is_not_known():
    supply = {"agreed_commencement_on": "2017-07-01"}
    found = ahead(supply, months=1, pauses=[{"cause": "G6", "begins_on": "2018-07-01"}])
    assert steps(found) == [("2018-07-02", "overdue", "idle_one_year")]
    assert found.unsettled.empty


def test_land_not_handed_over_waits_and_is_unsettled():
    supply = {"agreed_commencement_on": "2018-03-01"}
    found = ahead(supply, months=1, pauses=[{"cause": "G1", "begins_on": "2018-02-01"}])
    assert steps(found) == []
    row = found.unsettled.iloc[0]
    assert (str(row["earliest_on"].date()), row["earliest_status"]) == ("2018-07-01", "overdue")


def test_a_step_that_another_end_of_the_pause_would_change_is_not_certain():
    supply = {"agreed_commencement_on": "2018-07-31"}
    found = ahead(supply, months=14, pauses=[{"cause": "G6", "begins_on": "2018-06-01"}])
    assert steps(found) == [
        ("2018-08-01", "not_due", "overdue"),
        ("2019-08-01", "overdue", "idle_government"),
    ]
    assert list(found.crossings["is_certain"]) == [True, False]
    row = found.unsettled.iloc[0]
    assert (str(row["earliest_on"].date()), row["earliest_status"]) == (
        "2019-08-01", "idle_one_year",
    )  # fmt: skip


def test_fees_are_known_or_counted_as_unknown():
    start = {"agreed_commencement_on": "2017-07-01"}
    run = asked.run(
        supply=[
            {"supply_id": "S1", "price": 1_000_000.0, "declared_area": 1.0} | start,
            {"supply_id": "S2", "declared_area": 2.0} | start,
            {"supply_id": "S3", "price": 5.0, "agreed_commencement_on": "2018-07-01"},
        ]
    )
    found = forecast(run, months=1)
    table = found.crossings.set_index("case_id")
    assert table.loc["S1", "fee_cny"] == 200_000.0
    assert pd.isna(table.loc["S2", "fee_cny"])
    assert list(table["is_fee_unknown"]) == [False, True, False]
    month = found.months.query("place == 'city' and status == 'idle_one_year'").iloc[0]
    assert (month["in_count"], month["in_m2"]) == (2, 3.0)
    assert (month["in_fee_cny"], month["in_fee_unknown"]) == (200_000.0, 1)


def test_an_approval_lapses_and_a_withdrawal_after_the_day_is_not_known():
    run = asked.run(
        approval=[
            {"approval_id": "A1", "approved_on": "2016-09-14", "compensation_done": False},
            {"approval_id": "A2", "approved_on": "2018-01-01", "compensation_done": True,
             "withdrawn_on": "2018-07-15"},
            {"approval_id": "A3", "approved_on": "2018-07-15", "compensation_done": False},
        ],
        pieces=[{"approval_id": name, "area_m2": 5_000.0} for name in ("A1", "A2", "A3")],
    )  # fmt: skip
    found = forecast(run, months=3)
    assert steps(found, "A1") == [("2018-09-15", "unexpropriated", "lapsed")]
    assert len(found.crossings) == 1
    assert set(found.months["status"]) == {"unexpropriated", "expropriated", "lapsed"}


def test_law_that_comes_into_force_in_between_counts_from_its_day(tmp_path):
    asked.statute(tmp_path, asked.rule("recovery_years", ("2012-07-01", 2), ("2018-09-10", 3)))
    two = {"agreed_commencement_on": "2016-01-01"}  # past two full years, not yet three
    soon = {"agreed_commencement_on": "2016-09-20"}  # would be two full years on 21 September
    run = asked.run(path=tmp_path, supply=[{"supply_id": "S1"} | two, {"supply_id": "S2"} | soon])
    found = forecast(run, months=7)
    assert steps(found, "S1") == [
        ("2018-09-10", "idle_two_years", "idle_one_year"),
        ("2019-01-02", "idle_one_year", "idle_two_years"),
    ]
    assert steps(found, "S2") == []


def test_days_on_which_law_changes_are_found(tmp_path):
    text = asked.rule("recovery_years", ("2012-07-01", 2), ("2018-09-10", 3), ("2018-09-12", 4))
    asked.statute(tmp_path, text + asked.rule("answer_days", ("2012-07-01", 30), (
        "2018-09-20", None), unit="day"))  # fmt: skip
    stops = [DAY, *calendar.ends(DAY, 4)]
    found = calendar.law_days(stops, lambda day: law.on(day, tmp_path))
    assert found == [date(2018, 9, 10), date(2018, 9, 12), date(2018, 9, 20)]


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        ("2018-06-30", 2, ["2018-07-31", "2018-08-31"]),
        ("2018-06-15", 2, ["2018-06-30", "2018-07-31", "2018-08-15"]),
        ("2018-02-28", 1, ["2018-03-31"]),
        ("2018-01-30", 1, ["2018-01-31", "2018-02-28"]),
        ("2020-02-29", 12, None),
    ],
)
def test_periods_are_months(on, months, expected):
    ends = calendar.ends(date.fromisoformat(on), months)
    assert ends == sorted(set(ends))
    if expected is None:
        assert (len(ends), ends[-1]) == (12, date(2021, 2, 28))
    else:
        assert [day.isoformat() for day in ends] == expected


@pytest.mark.parametrize("months", [0, -1, 121])
def test_a_number_of_months_that_cannot_be_is_wrong_use(months, tmp_path):
    with pytest.raises(LanduseError, match="120"):
        forecast(tmp_path / "nowhere", on=DAY, months=months)


def test_a_run_of_another_day_is_refused():
    run = asked.run(supply=[{"supply_id": "S1"}])
    with pytest.raises(LanduseError, match="2018-06-30"):
        forecast(run, on=date(2018, 7, 1))
    with pytest.raises(LanduseError, match="on="):
        forecast(ROOT)


NEAR = st.builds(
    lambda years, days: date(2018 - years, 7, 15) + timedelta(days=days),
    st.integers(0, 3), st.integers(-40, 40),
)  # fmt: skip
DAYS = st.none() | NEAR
SUPPLY = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ("signed_on", "delivered_on", "agreed_commencement_on", "agreed_completion_on",
             "commenced_on", "suspended_on", "resumed_on", "completed_on", "production_on"),
            DAYS,
        ),
        "developed_area": st.sampled_from([None, 20.0, 50.0]),
        "required_area": st.just(100.0),
        "invested": st.sampled_from([None, 20.0, 30.0, 60.0]),
        "planned_investment": st.just(100.0),
        "price": st.none() | st.just(10.0),
    }
)  # fmt: skip
PAUSE = st.fixed_dictionaries(
    {"cause": st.sampled_from(["G1", "G6", "E1"]), "begins_on": NEAR, "ends_on": DAYS,
     "supply_id": st.sampled_from(["S0", "S1", "S2"])}
)  # fmt: skip


def drawn(supplies, pauses):
    rows = [{"supply_id": f"S{n}", "declared_area": 1.0} | s for n, s in enumerate(supplies)]
    return asked.run(supply=rows, pause=pauses)


@settings(max_examples=5, deadline=None)
@given(st.lists(SUPPLY, min_size=25, max_size=25), st.lists(PAUSE, max_size=8))
def test_each_step_falls_on_the_earliest_day_with_the_new_status(supplies, pauses):
    run = drawn(supplies, pauses)
    found = forecast(run, months=1)
    again = Again(run.cases, frozen.tables(run.tables, DAY), run.land)
    before, expected = again.at(DAY, law.on(DAY))["status"], []
    for number in range(1, 32):
        day = DAY + timedelta(days=number)
        after = again.at(day, law.on(day))["status"]
        moved = after[after != before]
        expected += [(str(day), run.cases["case_id"][n], before[n], after[n]) for n in moved.index]
        before = after
    table = found.crossings
    shown = zip(
        table["day"].dt.strftime("%Y-%m-%d"), table["case_id"], table["from_status"],
        table["to_status"], strict=True,
    )  # fmt: skip
    assert sorted(shown) == sorted(expected)


@settings(max_examples=15, deadline=None)
@given(st.lists(SUPPLY, min_size=3, max_size=12), st.lists(PAUSE, max_size=6))
def test_holding_facts_still_changes_nothing_on_the_day(supplies, pauses):
    run = drawn(supplies, pauses)
    tables = frozen.tables(run.tables, DAY)
    seen = Again(run.cases, tables, run.land).at(DAY, run.statutes)
    assert (seen["status"] == run.cases.loc[seen.index, "status"]).all()
    assert len(seen) == len(run.cases)


@settings(max_examples=6, deadline=None)
@given(st.lists(SUPPLY, min_size=6, max_size=12), st.lists(PAUSE, max_size=6))
def test_stock_and_steps_reconcile(supplies, pauses):
    months = forecast(drawn(supplies, pauses), months=3).months
    for unit in ("count", "m2"):
        end = months[f"start_{unit}"] + months[f"in_{unit}"] - months[f"out_{unit}"]
        assert (end - months[f"end_{unit}"]).abs().max() == 0


@pytest.fixture(scope="module")
def sample():
    run = landuse.run(ROOT, on=DAY)
    return run, landuse.forecast(run, months=12)


def test_the_sample_begins_with_the_figures_of_the_run(sample):
    run, found = sample
    first = found.months[found.months["month"] == "2018-07"].set_index(
        ["place", "place_id", "status"]
    )
    entries = [("city", "", run.totals["city"])]
    entries += [("cluster", entry["cluster_id"], entry) for entry in run.totals["clusters"]]
    entries += [("park", entry["park_id"], entry) for entry in run.totals["parks"]]
    for place, name, entry in entries:
        for state in entry["states"].values():
            for status, figures in state["statuses"].items():
                key = (place, name, status)
                row = first.loc[key] if key in first.index else None
                count, area = (0, 0.0) if row is None else (row["start_count"], row["start_m2"])
                assert count == figures["count"]
                assert area == pytest.approx(figures["area_m2"], abs=1e-3)


def test_the_sample_reconciles_in_every_place_and_month(sample):
    months = sample[1].months
    for unit, limit in (("count", 0), ("m2", 1e-6)):
        end = months[f"start_{unit}"] + months[f"in_{unit}"] - months[f"out_{unit}"]
        assert (end - months[f"end_{unit}"]).abs().max() <= limit
    keys = ["place", "place_id", "status"]
    ends = months.set_index([*keys, "last_day"])["end_m2"]
    starts = months.assign(last_day=months["first_day"] - pd.Timedelta(days=1))
    starts = starts.set_index([*keys, "last_day"])["start_m2"]
    both = starts.index.intersection(ends.index)
    assert len(both) > 1000
    assert (starts[both] - ends[both]).abs().max() < 1e-6


def test_the_sample_is_what_a_later_classification_finds_where_nothing_happened(sample):
    run, found = sample
    later = date(2018, 12, 31)
    cases = classify.cases(
        run.tables, run.land, on=later, statutes=law.on(later, run.workspace.path)
    )
    steps = found.crossings[found.crossings["day"] <= pd.Timestamp(later)]
    now = run.cases.set_index(["kind", "case_id"])["status"].copy()
    for row in steps.itertuples():
        now[row.kind, row.case_id] = row.to_status
    then = cases.set_index(["kind", "case_id"])["status"].reindex(now.index)
    assert (now == then).mean() > 0.99  # the rest has facts dated after the day
    assert len(steps) > 50


def test_every_crossing_of_the_sample_names_an_office_and_a_place(sample):
    table = sample[1].crossings
    assert (table["lead"] != "").all()
    assert table["area_m2"].gt(0).all()
    assert {"市国土资源局", "市自然资源和规划局"} <= set(table["lead"])
    assert set(table["to_status"]) <= {status.value for status in Status}


def test_phases_cross_with_their_parcel_and_no_fee_is_counted_twice():
    run = asked.run(
        supply=[
            {"supply_id": "S1", "agreed_commencement_on": "2017-07-10", "declared_area": 30_000.0},
            {"supply_id": "S2", "phase_of": "S1", "declared_area": 10_000.0},
            {"supply_id": "S3", "phase_of": "S1", "declared_area": 10_000.0,
             "agreed_commencement_on": "2018-07-20"},
        ]
    )  # fmt: skip
    found = forecast(run, months=1)
    assert steps(found, "S1") == steps(found, "S2") == [("2018-07-11", "overdue", "idle_one_year")]
    assert steps(found, "S3") == [("2018-07-21", "not_due", "overdue")]
    unknown = found.crossings.set_index(["case_id", "to_status"])["is_fee_unknown"]
    assert unknown["S1", "idle_one_year"]
    assert not unknown["S2", "idle_one_year"]


def test_the_order_of_rows_does_not_matter(sample):
    run, found = sample
    shuffled = {role: table.iloc[::-1].reset_index(drop=True) for role, table in run.tables.items()}
    again = forecast(replace(run, tables=shuffled), months=12)
    pd.testing.assert_frame_equal(again.crossings, found.crossings)
    pd.testing.assert_frame_equal(again.months, found.months)


HOSTILE = ('=HYPERLINK("http://x","y")', "+1", "-1", "@a", "[red]红[/red]", "<r><t>a</t></r>",
           "{on}{0}%s", ":smile:", "\x1b[31m红")  # fmt: skip


def small(root, **layers):
    """Write a workspace with a supply table and return its path."""
    heads = "supply_id,right_holder,declared_area,price,agreed_commencement_on\n"
    rows = "".join(
        f'S{n},"{name.replace(chr(34), chr(34) * 2)}",{1000 + n},100000,2017-07-0{n % 9 + 1}\n'
        for n, name in enumerate(HOSTILE)
    )
    making.workspace(
        root, {"supply": making.layer("supply", "s.csv"), **layers}, {"s.csv": heads + rows}
    )
    return str(root)


def call(*arguments):
    return CliRunner().invoke(main, ["forecast", "--on", "2018-06-30", *arguments])


def test_the_command_prints_text_as_text(tmp_path):
    done = call("--months", "1", small(tmp_path))
    assert done.exit_code == 0, done.output
    for name in ("2018-07-02", "疑似闲置（满一年）", "20,000.00"):
        assert name in done.stdout
    assert "\x1b[31m" not in done.stdout


def test_files_hold_text_and_never_formulas(tmp_path):
    folder = small(tmp_path)
    for form in ("csv", "json", "xlsx"):
        done = call("--months", "1", "--output", str(tmp_path / f"out.{form}"), folder)
        assert done.exit_code == 0, done.output
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["到线日期"] for row in rows] == sorted(row["到线日期"] for row in rows)
    assert all(row["土地使用权人"][:1] not in "=+-@" for row in rows)
    assert (tmp_path / "out.months.csv").exists()
    record = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert record["on"] == "2018-06-30"
    assert {row["right_holder"] for row in record["crossings"]} >= {"[red]红[/red]", "{on}{0}%s"}
    assert record["crossings"][0]["fee_cny"] == 20_000
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["到线预测", "逐月存量", "暂停未结束待定"]
    for sheet in book:
        for line in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in line)


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    folder = small(tmp_path)
    for form in ("csv", "json", "xlsx"):
        contents = []
        for _ in range(2):
            done = call("--months", "1", "--output", str(tmp_path / f"out.{form}"), folder)
            assert done.exit_code == 0
            contents.append((tmp_path / f"out.{form}").read_bytes())
        assert contents[0] == contents[1]


def test_csv_and_json_go_to_stdout_without_a_file(tmp_path):
    folder, month = small(tmp_path), ("--months", "1")
    rows = list(csv.DictReader(io.StringIO(call("--format", "csv", *month, folder).stdout)))
    assert len(rows) == len(HOSTILE)
    record = json.loads(call("--format", "json", "--lang", "en", *month, folder).stdout)
    assert len(record["crossings"]) == len(HOSTILE)


def test_english_comes_from_the_same_catalogue(tmp_path):
    done = call("--lang", "en", "--months", "1", small(tmp_path))
    assert done.exit_code == 0
    assert "suspected idle (one full year)" in done.stdout
    assert "municipal land authority" in done.stdout
    assert "9 crossings" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--months", "0"], "1 到 120"),
        (["--format", "xlsx"], "--output"),
        (["--output", "ahead.txt"], "--format"),
    ],
)
def test_wrong_use_is_said_in_one_sentence_and_exits_2(arguments, word, tmp_path):
    done = call(*arguments, small(tmp_path))
    assert done.exit_code == 2
    assert word in done.stderr
    assert "Traceback" not in done.output


def test_a_file_that_cannot_be_written_is_wrong_use(tmp_path):
    folder = small(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = call("--months", "1", "--output", str(tmp_path / "file" / "out.csv"), folder)
    assert done.exit_code == 2
    assert "out.csv" in done.stderr


def test_an_empty_workspace_and_a_missing_one(tmp_path):
    heads = "supply_id,declared_area\n"
    making.workspace(tmp_path, {"supply": making.layer("supply", "s.csv")}, {"s.csv": heads})
    assert call(str(tmp_path)).exit_code == 1
    assert call(str(tmp_path / "nowhere")).exit_code == 2


def test_a_workspace_with_approvals_alone(tmp_path):
    ring = [[500000, 3760000], [500100, 3760000], [500100, 3760100], [500000, 3760100],
            [500000, 3760000]]  # fmt: skip
    properties = {"approval_id": "A1", "approved_on": "2016-08-01", "compensation_done": "否"}
    feature = {"type": "Feature", "properties": properties,
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    shapes = json.dumps({"type": "FeatureCollection", "features": [feature]})
    making.workspace(
        tmp_path,
        {"approval": making.layer("approval", "a.geojson", crs="EPSG:4547")},
        {"a.geojson": shapes},
    )
    done = call("--months", "3", "--format", "csv", str(tmp_path))
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["到线日期"], row["编号"], row["面积（平方米）"]) for row in rows] == [
        ("2018-08-02", "A1", "10000.00")
    ]


def test_remembered_law_is_named_above_the_tables_and_in_the_record():
    batch = {"approval_id": "A", "approved_on": "2017-01-31", "compensation_done": False}
    found = forecast(
        asked.run(approval=[batch], pieces=[{"approval_id": "A", "area_m2": 1.0}]), months=12
    )
    assert found.crossings["to_status"].tolist() == ["lapsed"]
    rule = law.on(DAY)["approvals.lapse_years"]
    assert not rule.verified
    assert all(rule.citation in sheet.note for sheet in shown.sheets(found))
    assert shown.record(found)["remembered"] == [rule.citation]


def test_law_that_was_read_needs_no_such_mark():
    found = forecast(
        asked.run(supply=[{"supply_id": "S", "agreed_commencement_on": "2018-07-31"}]), months=3
    )
    assert found.crossings["to_status"].tolist() == ["overdue"]
    assert shown.record(found)["remembered"] == []
