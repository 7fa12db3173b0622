"""Kept runs: whole, small, provable; and what moved between two of them, each with its cause."""

import base64
import dataclasses
import errno
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from kept_runs import JULY, JUNE, SUPPLIES, kept, write

import landuse
from landuse import history, law, replay
from landuse.cli import history as cli_history
from landuse.cli import main
from landuse.errors import LanduseError, OutputError
from landuse.history import frames, record, rules
from landuse.replay import proof
from landuse.replay.alerts import alerts

ROOT = Path(__file__).parents[1]
_STATUTE = """
[{name}]
label = "试"
unit = "{unit}"
modality = "shall"
[[{name}.value]]
amount = {amount}
in_force = {day}
document = "本市规定"
article = "第一条"
verified = false
"""


def changed(found):
    return {
        (row.case_id, row.change): (row.causes, row.effect) for row in found.changes.itertuples()
    }


def moved(tmp_path, **after):
    """Keep June, change the workspace, keep June again, and compare."""
    write(tmp_path)
    kept(tmp_path, JUNE, date(2018, 7, 1))
    write(tmp_path, **after)
    kept(tmp_path, JUNE, date(2018, 7, 9))
    return replay.diff(tmp_path, "#1", "#2")


def test_a_day_passes(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    kept(tmp_path, JULY, JULY)
    found = replay.diff(tmp_path, "2018-06-30", "2018-07-31")
    row = found.changes.query("change == 'status'").iloc[0]
    assert (row["from_status"], row["to_status"]) == ("overdue", "idle_one_year")
    assert (row["causes"], row["effect"]) == ("day", "alone")
    assert row["detail"] == "2018-06-30 → 2018-07-31"
    assert set(changed(found)) <= {("S1", "status"), ("S1", "measure")}
    assert found.facts.empty


def test_a_document_arrives(tmp_path):
    begun = {**SUPPLIES["S1"], "commenced_on": "2018-05-01"}
    found = moved(tmp_path, supplies={**SUPPLIES, "S1": begun})
    assert changed(found)["S1", "state"] == ("document", "alone")
    assert len(found.facts) == 1
    fact = found.facts.iloc[0]
    assert (fact["column"], fact["after"], fact["cause"]) == (
        "commenced_on", "2018-05-01", "document",
    )  # fmt: skip
    detail = found.changes.query("case_id == 'S1'")["detail"].iloc[0]
    assert detail == "supply.commenced_on — → 2018-05-01"


def test_the_source_is_corrected(tmp_path):
    other = {**SUPPLIES["S1"], "agreed_commencement_on": "2016-07-01"}
    found = moved(tmp_path, supplies={**SUPPLIES, "S1": other})
    assert changed(found)["S1", "status"] == ("correction", "alone")


def test_geometry_is_edited(tmp_path):
    wider = {**SUPPLIES["S3"], "width": 150.0}
    found = moved(tmp_path, supplies={**SUPPLIES, "S3": wider})
    assert changed(found) == {
        ("P1", "area"): ("geometry", "alone"),
        ("S3", "area"): ("geometry", "alone"),
    }
    row = found.changes.query("case_id == 'S3'").iloc[0]
    assert (round(row["area_before_m2"]), round(row["area_after_m2"])) == (10_000, 15_000)
    assert found.changes.query("case_id == 'P1'")["detail"].iloc[0] == "相关的其他记录"


def test_a_rule_changes(tmp_path):
    write(tmp_path, supplies={"S1": {**SUPPLIES["S1"], "agreed_commencement_on": "2016-01-01"}})
    kept(tmp_path, JUNE, date(2018, 7, 1))
    own = tmp_path / "layers" / "statutes"
    own.mkdir()
    key = law.on(JUNE)["idle_land.recovery_years"]
    text = _STATUTE.format(name="recovery_years", unit=key.unit, amount=3, day="2012-07-01")
    # a second rule that changes and moves nothing is not named
    unit = law.on(JUNE)["idle_land.fee_payment_days"].unit
    text += _STATUTE.format(name="fee_payment_days", unit=unit, amount=60, day="2012-07-01")
    (own / "idle_land.toml").write_text(text, encoding="utf-8")
    kept(tmp_path, JUNE, date(2018, 7, 9))
    found = replay.diff(tmp_path, "#1", "#2")
    row = found.changes.query("change == 'status'").iloc[0]
    assert (row["from_status"], row["to_status"]) == ("idle_two_years", "idle_one_year")
    assert (row["causes"], row["effect"], row["detail"]) == (
        "rule", "alone", "idle_land.recovery_years",
    )  # fmt: skip
    assert found.rules == ["idle_land.fee_payment_days", "idle_land.recovery_years"]


def test_rows_come_and_go(tmp_path):
    rest = {k: v for k, v in SUPPLIES.items() if k != "S3"} | {"S4": {"x": 550}}
    found = moved(tmp_path, supplies=rest)
    causes = changed(found)
    assert causes["S4", "new"] == ("document", "alone")
    assert causes["S3", "gone"] == ("correction", "alone")
    # S3 went and S4 came: the remainder is as large as before
    assert ("P1", "area") not in causes


def test_two_things_that_had_to_come_together(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    write(tmp_path, supplies={**SUPPLIES, "S3": {**SUPPLIES["S3"], "commenced_on": "2018-07-20"}})
    kept(tmp_path, JULY, JULY)
    found = replay.diff(tmp_path, "#1", "#2")
    assert changed(found)["S3", "state"] == ("day；document", "together")


def test_another_program_is_named(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    one = history.load(tmp_path, 1)
    cases = one.cases.copy()
    cases.loc[cases["case_id"] == "S3", "status"] = "overdue"
    old = dataclasses.replace(one, cases=cases)
    found = history.diff(old, one, replay.Judge().cases)
    assert changed(found) == {("S3", "status"): ("program", "alone")}


def test_nothing_moved(tmp_path):
    found = moved(tmp_path)
    assert found.changes.empty
    assert found.matrix["count"].sum() == 4


def test_the_matrix_reconciles_with_both_totals(tmp_path):
    rest = {**SUPPLIES, "S2": {**SUPPLIES["S2"], "completed_on": "2018-07-10", "width": 120.0}}
    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    write(tmp_path, supplies=rest | {"S5": {"x": 550, "signed_on": "2018-07-02"}})
    kept(tmp_path, JULY, JULY)
    found = replay.diff(tmp_path, "#1", "#2")
    stock = found.stock
    for unit in ("count", "m2"):
        assert stock[[f"gap_before_{unit}", f"gap_after_{unit}"]].abs().max().max() < 1e-6
        left = stock[f"before_{unit}"] + stock[f"in_{unit}"] - stock[f"out_{unit}"]
        assert (left - stock[f"after_{unit}"]).abs().max() < 1e-6
    for side, column in (("before", "from_status"), ("after", "to_status")):
        totals = getattr(found, side).totals["city"]
        flows = found.matrix[found.matrix[column] != ""]
        assert flows["count"].sum() == totals["count"]
        assert abs(flows["area_m2"].sum() - totals["area_m2"]) < 1e-6
    finished = found.matrix.query("from_status == 'in_progress' and to_status == 'finished'")
    assert (finished["count"].iloc[0], round(finished["area_m2"].iloc[0])) == (1, 10_000)


def test_as_known_then_and_as_known_now(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, date(2018, 7, 1))
    write(tmp_path, supplies={**SUPPLIES, "S3": {**SUPPLIES["S3"], "commenced_on": "2018-06-01"}})
    kept(tmp_path, JULY, date(2018, 8, 1))

    def status(point):
        cases = replay.snapshot(tmp_path, point).cases.set_index("case_id")
        return cases.loc["S3", "status"]

    assert status("2018-06-30") == "not_due"
    assert status("2018-06-30@2018-07-15") == "not_due"
    assert status("2018-06-30@now") == "in_progress"
    assert status("2018-07-31@2018-08-01") == "in_progress"
    # no run asked for 31 July was known by 15 July: it is judged from what was known
    assert status("2018-07-31@2018-07-15") == "not_due"
    # nor for 15 July, ever: by then the start was on file
    assert status("2018-07-15@2018-08-01") == "in_progress"
    # June asked for again in August is what is known now, and was not known in July
    kept(tmp_path, JUNE, date(2018, 8, 5))
    assert status("2018-06-30@2018-07-15") == "not_due"
    assert status("2018-06-30") == "in_progress"
    with pytest.raises(LanduseError, match="2018-06-01"):
        replay.snapshot(tmp_path, "2018-06-30@2018-06-01")
    for wrong in ("yesterday", "2018-02-30", "2018-06-30@", "#"):
        with pytest.raises(LanduseError, match="无法识别"):
            replay.snapshot(tmp_path, wrong)


def test_a_kept_run_comes_back_whole(tmp_path):
    write(tmp_path, pauses=["S1,G1,2017-08-01,2017-09-01,〔2017〕1号"])
    run = landuse.run(tmp_path, on=JUNE)
    history.keep(tmp_path, run, made_on=JULY)
    one = history.load(tmp_path, 1)
    pd.testing.assert_frame_equal(one.cases, run.cases)
    assert one.totals == run.totals
    for role, table in run.tables.items():
        back = one.tables[role]
        assert list(back.columns) == list(table.columns)
        plain = [c for c in table.columns if c != "geometry"]
        pd.testing.assert_frame_equal(pd.DataFrame(back[plain]), pd.DataFrame(table[plain]))
        if "geometry" in table:
            assert list(back.geometry.to_wkb()) == list(table.geometry.to_wkb())
            assert back.crs == table.crs
    old, new = run.statutes, one.statutes
    assert old.in_force() == new.in_force()
    assert rules.packed(new.layers) == rules.packed(old.layers)


def test_every_content_is_stored_once(tmp_path):
    write(tmp_path)
    assert kept(tmp_path, JUNE, JULY).number == 1
    store = history.Store(tmp_path)
    before = {p.name for p in store.root.rglob("*.*")}
    assert kept(tmp_path, JUNE, JULY).number == 1
    assert {p.name for p in store.root.rglob("*.*")} == before
    assert kept(tmp_path, JUNE, date(2018, 8, 1)).number == 2
    assert {p.name for p in store.root.rglob("*.*")} - before == {"0002.json"}
    write(tmp_path, supplies={**SUPPLIES, "S3": {**SUPPLIES["S3"], "width": 150.0}})
    kept(tmp_path, JUNE, date(2018, 8, 2))
    assert sorted(pq.read_metadata(path).num_rows for path in store.packs()) == [1, 4]


def test_what_was_kept_is_proved_by_hash(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, JULY)
    first = record.read(tmp_path / "history" / "runs" / "0001.json")
    proofs = proof.verify(tmp_path)
    assert [(one.verdict, one.detail) for one in proofs] == [("same", Path(first.cases).stem)]
    store = history.Store(tmp_path)
    one = history.load(tmp_path, 1)
    forged = store.put(frames.packed(one.cases.assign(reason="无")))
    record.write(store, dataclasses.replace(first, number=2, cases=forged))
    totals = store.put(history.totals_text(one.totals | {"area_method": "ellipsoid"}), ".json")
    record.write(store, dataclasses.replace(first, number=3, totals=totals))
    record.write(store, dataclasses.replace(first, number=4, pieces=first.pieces[::-1]))
    told = ["same", "other_cases", "other_totals", "other_pieces"]
    assert [p.verdict for p in proof.verify(tmp_path)] == told


@pytest.mark.parametrize("folder", ["objects", "shapes", "runs"])
@pytest.mark.parametrize("how", ["cut", "edited", "gone"])
def test_a_damaged_file_is_named(tmp_path, folder, how):
    write(tmp_path)
    kept(tmp_path, JUNE, JULY)
    path = next((tmp_path / "history" / folder).iterdir())
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-9] if how == "cut" else content.replace(b"e", b"f", 1))
    if folder == "runs" and how == "gone":
        assert history.runs(tmp_path) == []
        return
    with pytest.raises(LanduseError) as caught:
        history.load(tmp_path, 1)
    assert (path.name if how != "gone" else folder) in str(caught.value)
    found = proof.verify(tmp_path)
    assert [one.verdict for one in found] == ["unusable"]
    assert folder in found[0].detail


def test_a_record_that_is_forged_with_the_right_hash_is_refused(tmp_path):
    write(tmp_path)
    first = kept(tmp_path, JUNE, JULY)
    supply = first.tables["supply"]
    forged = [
        {"law": "../../../layers/workspace.toml"},
        {"totals": first.totals[:-5] + "x.json"},
        {"cases": first.law},
        {"tables": {"supply": {**supply, "table": {}}}},
        {"tables": {"supply": {**supply, "at": 10**20}}},
        {"tables": {"moon": supply}},
        {"tables": []},
        {"workspace": {}},
        {"workspace": {**first.workspace, "crs": "none"}},
    ]
    for number, changed in enumerate(forged, 2):
        said = {**first.said(), **changed}
        made = SimpleNamespace(number=number, said=lambda said=said: said)
        record.write(history.Store(tmp_path), made)
        with pytest.raises(LanduseError, match=f"{number:04d}[.]json"):
            history.load(tmp_path, number)
    assert history.load(tmp_path, 1).on == JUNE


def test_a_record_says_its_form_and_a_later_one_asks_for_a_later_program(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, JULY)
    path = tmp_path / "history" / "runs" / "0001.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["format"] == 1
    before_it_was_said = {name: value for name, value in said.items() if name != "format"}
    path.write_text(json.dumps(before_it_was_said), encoding="utf-8")
    assert history.load(tmp_path, 1).number == 1
    path.write_text(json.dumps({"format": 2, "anything": "else"}), encoding="utf-8")
    with pytest.raises(LanduseError, match=r"0001\.json .*更新版本"):
        history.load(tmp_path, 1)


@pytest.mark.parametrize("folder", ["objects", "shapes", "runs"])
def test_damage_does_not_stand_in_the_way_of_the_next_run(tmp_path, folder):
    write(tmp_path)
    kept(tmp_path, JUNE, JULY)
    for path in (tmp_path / "history" / folder).iterdir():
        path.write_bytes(path.read_bytes()[:-9])
    assert kept(tmp_path, JUNE, date(2018, 8, 1)).number == 2
    assert proof.verify(tmp_path)[1].verdict == "same"


def test_pruning_leaves_what_stays_whole(tmp_path):
    for n in range(4):
        write(tmp_path, supplies={**SUPPLIES, "S3": {**SUPPLIES["S3"], "width": 100.0 + n}})
        kept(tmp_path, JUNE, date(2018, 8, n + 1))
    store = history.Store(tmp_path)
    assert len(store.packs()) == 4
    before = store.size()
    assert history.compact(tmp_path).removed == 0
    assert len(store.packs()) == 1
    done = history.prune(tmp_path, 2)
    assert (done.removed, done.size) == (2, store.size())
    assert done.size < before
    assert [run.number for run in history.runs(tmp_path)] == [3, 4]
    assert {p.verdict for p in proof.verify(tmp_path)} == {"same"}
    assert kept(tmp_path, JULY, date(2018, 8, 9)).number == 5
    with pytest.raises(LanduseError, match="至少"):
        history.prune(tmp_path, 0)


_KEEP = """
import pickle, sys
from datetime import date
from pathlib import Path
from landuse import history
from landuse.history import store
run = pickle.loads(Path(sys.argv[2]).read_bytes())
stop = int(sys.argv[3])
place, count = store.place, 0
def slow(path, content):
    global count
    count += 1
    if count == stop:
        print("here", flush=True)
        import time
        time.sleep(60)
    place(path, content)
store.place = slow
from landuse.history import record
record.place = slow
for day in range(1, 1 + int(sys.argv[4])):
    history.keep(sys.argv[1], run, made_on=date(int(sys.argv[5]), 1, day))
"""


def keeper(tmp_path, *, stop=-1, times=1, year=2019):
    command = [sys.executable, "-c", _KEEP, str(tmp_path), str(tmp_path / "run.pickle")]
    return subprocess.Popen(
        [*command, str(stop), str(times), str(year)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def pickled(tmp_path):
    import pickle

    write(tmp_path)
    run = landuse.run(tmp_path, on=JUNE)
    (tmp_path / "run.pickle").write_bytes(pickle.dumps(run))
    return run


def test_a_file_is_not_asked_for_in_vain(tmp_path):
    done = invoke(main, "history", "--output", tmp_path / "a.csv", tmp_path)
    assert done.exit_code == 2
    assert "--on" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process the POSIX way")
@pytest.mark.parametrize("stop", [1, 8, 20, 23])
def test_killed_while_keeping(tmp_path, stop):
    pickled(tmp_path)
    with keeper(tmp_path, stop=stop) as process:
        assert process.stdout.readline() == "here\n", process.stderr.read()
        os.kill(process.pid, signal.SIGKILL)
    assert history.runs(tmp_path) == []
    (tmp_path / "history" / "objects" / ".growing-left").write_bytes(b"x")
    assert kept(tmp_path, JUNE, JULY).number == 1
    assert not list(tmp_path.rglob(".growing-*"))
    history.compact(tmp_path)
    assert [one.verdict for one in proof.verify(tmp_path)] == ["same"]


def test_two_that_keep_at_once(tmp_path):
    pickled(tmp_path)
    both = [keeper(tmp_path, times=8, year=year) for year in (2019, 2020)]
    for _ in range(5):
        time.sleep(0.2)
        history.compact(tmp_path)
    for process in both:
        assert process.wait(timeout=120) == 0, process.stderr.read()
        process.stdout.close()
        process.stderr.close()
    assert [run.number for run in history.runs(tmp_path)] == list(range(1, 17))
    assert {one.verdict for one in proof.verify(tmp_path)} == {"same"}


def test_a_clock_set_back_harms_no_run(tmp_path):
    write(tmp_path)
    run = landuse.run(tmp_path, on=JUNE)
    first = history.keep(tmp_path, run, made_on=JULY)
    later = history.keep(tmp_path, run, made_on=date(2001, 1, 1))
    assert (first.number, later.number) == (1, 2)
    assert history.known(history.runs(tmp_path), on=JUNE) == first
    assert {one.verdict for one in proof.verify(tmp_path)} == {"same"}


class Msvcrt:
    """The lock of Windows as Python shows it: held by somebody for some tries, or not there."""

    LK_NBLCK = 2

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def locking(self, number, mode, count):
        self.asked.append((os.lseek(number, 0, os.SEEK_CUR), mode, count))
        if self.answers:
            raise OSError(self.answers.pop(0), "imitated")


def test_the_lock_of_windows_waits_for_its_holder_and_for_nothing_else(tmp_path, monkeypatch):
    store = history.Store(tmp_path)
    monkeypatch.setattr("landuse.history.store._RETRY_S", 0)
    monkeypatch.setattr(sys, "platform", "win32")
    held = Msvcrt(errno.EACCES, errno.EDEADLK, errno.EACCES)
    monkeypatch.setitem(sys.modules, "msvcrt", held)
    with store.writing():
        assert held.asked == [(0, Msvcrt.LK_NBLCK, 1)] * 4
    monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt(errno.EINVAL))  # a drive without locks
    with pytest.raises(OutputError, match="Invalid argument"), store.writing():
        pytest.fail("the lock was not taken")


def test_a_history_that_cannot_be_written(tmp_path):
    run = pickled(tmp_path)
    (tmp_path / "history").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="--no-history"):
        history.keep(tmp_path, run, made_on=JULY)
    assert (tmp_path / "history").read_text(encoding="utf-8") == "mine"


HOSTILE = "=cmd|' /C calc'!A0\n[red]x[/red]"


@pytest.fixture
def two(tmp_path):
    holder = {"right_holder": HOSTILE}
    write(tmp_path, supplies={k: v | holder for k, v in SUPPLIES.items()})
    kept(tmp_path, JUNE, JUNE)
    kept(tmp_path, JULY, JULY)
    return tmp_path


def invoke(command, *arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def test_the_commands(two):
    listed = invoke(cli_history.history, two)
    assert listed.exit_code == 0
    assert "2018-07-31" in listed.stdout
    proved = invoke(cli_history.history, two, "--verify")
    assert (proved.exit_code, proved.stdout.count("一致") > 1) == (0, True)
    printed = invoke(cli_history.diff, "2018-06-30", "2018-07-31", two)
    assert printed.exit_code == 0, printed.output
    for word in ("日期推移", "疑似闲置（满一年）", "单项即变", "宗数差 0"):
        assert word in printed.stdout
    english = invoke(cli_history.diff, "2018-06-30", "2018-07-31", two, "--lang", "en")
    assert "a day passed" in english.stdout
    assert "the program changed" not in english.stdout
    small = invoke(cli_history.history, two, "--prune", 1)
    assert "删去 1 次" in small.stderr
    (two / "history" / "runs" / "0002.json").write_text("{}", encoding="utf-8")
    assert invoke(cli_history.history, two, "--verify").exit_code == 1


def test_files_hold_text_as_text(two):
    for name in ("moved.xlsx", "moved.csv", "moved.json"):
        done = invoke(cli_history.diff, "#1", "#2", two, "--output", two / name)
        assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(two / "moved.xlsx")
    assert book.sheetnames == [
        "变动清单", "存量与流量", "状态转移（宗）", "状态转移（亩）", "资料变动",
    ]  # fmt: skip
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=cmd") for cell in cells)
    assert "'=cmd" in (two / "moved.csv").read_text(encoding="utf-8-sig")
    whole = json.loads((two / "moved.json").read_text(encoding="utf-8"))
    assert {"changes", "stock", "matrix", "facts", "before", "after"} <= whole.keys()


def test_what_moved_is_a_map(two):
    for name in ("a.html", "b.html"):
        done = invoke(cli_history.diff, "#1", "#2", two, "--output", two / name)
        assert done.exit_code == 0, done.output
    page = (two / "a.html").read_text(encoding="utf-8")
    assert (two / "b.html").read_text(encoding="utf-8") == page
    head = re.search(r'id="landuse-settings">(.*?)</script>', page)[1]
    told = json.loads(head)
    found = replay.diff(two, "#1", "#2").changes["change"].value_counts().to_dict()
    drawn = {layer["layer"].removeprefix("move_"): layer["count"] for layer in told["layers"]}
    assert drawn == found
    assert found["status"] == 1
    assert [layer["hidden"] for layer in told["layers"]] == [name == "measure" for name in drawn]
    assert len(told["film"]["days"]) == 2
    packed = re.search(r'id="landuse-package">(.*?)</script>', page)[1]
    content = gzip.decompress(base64.b64decode(packed)).decode("utf-8", "replace")
    assert "逾期未动工 → 疑似闲置（满一年）" in content
    assert "原因：日期推移" in content


def test_alerts_name_who_crossed_and_who_will(two):
    found = alerts(two, on=JULY)
    assert found.since == JUNE
    crossed = found.crossed.set_index("case_id")
    assert list(crossed.index) == ["S1"]
    assert (crossed["from_status"].iloc[0], crossed["to_status"].iloc[0]) == (
        "overdue", "idle_one_year",
    )  # fmt: skip
    assert crossed["lead"].iloc[0]
    done = invoke(
        cli_history.alerts, two, "--on", JULY, "--output", two / "a.txt", "--output", two / "a.xlsx"
    )
    assert done.exit_code == cli_history.ALERT, done.output
    text = (two / "a.txt").read_text(encoding="utf-8-sig")
    line = next(line for line in text.splitlines() if "S1" in line)
    assert "逾期未动工 → 疑似闲置（满一年）" in line
    assert "=cmd|' /C calc'!A0 [red]x[/red]" in line
    assert openpyxl.load_workbook(two / "a.xlsx").sheetnames == ["新越线宗地", "将越线宗地"]


def test_alerts_look_ahead_by_day(tmp_path):
    write(tmp_path)
    # from 16 July S1 is one full year past its start
    for on, soon in ((date(2018, 6, 16), True), (date(2018, 6, 15), False)):
        found = alerts(tmp_path, on=on)
        assert list(found.ahead["case_id"]) == ["S1"]
        assert found.is_urgent is soon
        assert found.since is None
        assert found.crossed.empty
    assert alerts(tmp_path, on=date(2018, 4, 16)).ahead.empty
    quiet = invoke(cli_history.alerts, tmp_path, "--on", "2018-04-16")
    assert (quiet.exit_code, "无上次记录" in quiet.stdout) == (0, True)
    wrong = invoke(cli_history.alerts, tmp_path, "--output", "alerts.pdf")
    assert isinstance(wrong.exception, OutputError)
