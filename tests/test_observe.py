"""What imagery says beside the papers: grades, the visit list, and the command."""

import dataclasses
import json
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import landuse
from benchmarks import scenery
from landuse import cli, fieldwork
from landuse.errors import LayerError
from landuse.fieldwork import mapped, worth
from landuse.imagery import evidence, parcels
from landuse.terms import IDLE, Agreement, Seen, Status

ON = date(2018, 6, 30)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """The run without scenes, what is seen of it with scenes of two clusters, and the lies."""
    folder = tmp_path_factory.mktemp("city") / "ws"
    truth, run = scenery.write(folder, ["XC03", "XC06"])
    return run, landuse.observe(folder, on=ON), truth


def papers_of(state, signed="2015-01-01", commenced=None, completed=None, kind="supply"):
    """Return one parcel as `parcels.parcels` does."""
    days = {"signed_on": signed, "commenced_on": commenced, "completed_on": completed}
    row = {"case_id": "a", "kind": kind, "state": state, "status": "x"}
    return pd.DataFrame([row | {name: pd.Timestamp(day) for name, day in days.items()}])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (papers_of("completed", completed="2018-05-13"), "completed"),
        (papers_of("completed", commenced="2016-01-01", completed="2018-05-14"), "started"),
        (papers_of("completed", commenced="2018-06-01", completed="2018-06-02"), "not_started"),
        (papers_of("built_unfinished"), "started"),
        (papers_of("supplied_unbuilt"), "not_started"),
        (papers_of("undetermined"), "unknown"),
    ],
)
def test_papers_are_read_for_the_day_of_the_image(row, said):
    assert parcels.papers(row, pd.Series([pd.Timestamp("2018-05-13")])).tolist() == [said]


@pytest.mark.parametrize(
    ("papers", "seen", "changed", "commenced", "grade"),
    [
        ("completed", Seen.BUILT, 0, "2012-01-01", Agreement.AGREE),
        ("completed", Seen.VEGETATION, 1, "2012-01-01", Agreement.CONFLICT),
        ("completed", Seen.BARE, 0, "2012-01-01", Agreement.CONFLICT),
        ("completed", Seen.BUILDING, 1, "2012-01-01", Agreement.DOUBT),
        ("started", Seen.BUILDING, 1, "2017-01-01", Agreement.AGREE),
        ("started", Seen.BARE, 0, "2017-01-01", Agreement.CONFLICT),
        ("started", Seen.BARE, 0, "2012-01-01", Agreement.NONE),
        ("started", Seen.VEGETATION, 0, "2017-01-01", Agreement.CONFLICT),
        ("started", Seen.VEGETATION, 0, "2012-01-01", Agreement.DOUBT),
        ("not_started", Seen.BARE, 0, None, Agreement.AGREE),
        ("not_started", Seen.VEGETATION, 1, None, Agreement.AGREE),
        ("not_started", Seen.BUILT, 1, None, Agreement.CONFLICT),
        ("not_started", Seen.BUILDING, 1, None, Agreement.DOUBT),
        ("unknown", Seen.BUILT, 1, None, Agreement.NONE),
    ],
)
def test_three_grades(papers, seen, changed, commenced, grade):
    row = {
        "papers": papers, "seen": seen.value, "is_changed": changed, "source": "scene",
        "confidence": 0.95, "map_built_share": np.nan, "since": pd.Timestamp("2016-05-08"),
        "on": pd.Timestamp("2018-05-13"), "map_on": pd.NaT, "footprint_on": pd.NaT,
        "footprint_share": np.nan,
    }  # fmt: skip
    days = pd.Series([pd.Timestamp(commenced)])
    assert evidence._grades(pd.DataFrame([row]), days).tolist() == [grade]
    if grade == Agreement.CONFLICT:
        weak = pd.DataFrame([row | {"confidence": 0.7}])
        assert evidence._grades(weak, days).tolist() == [Agreement.DOUBT]
        by_map = 0.0 if seen == Seen.BUILT else 1.0
        other = pd.DataFrame([row | {"map_built_share": by_map}])
        assert evidence._grades(other, days).tolist() == [Agreement.DOUBT]
        day = pd.Timestamp("2018-05-13")
        drawn = pd.DataFrame([row | {"footprint_on": day, "footprint_share": 0.3}])
        told = Agreement.CONFLICT if seen == Seen.BUILT else Agreement.DOUBT
        assert evidence._grades(drawn, days).tolist() == [told]
        later = drawn.assign(footprint_on=pd.Timestamp("2018-05-14"))
        assert evidence._grades(later, days).tolist() == [Agreement.CONFLICT]
    unseen = pd.DataFrame([row | {"source": ""}])
    assert evidence._grades(unseen, days).tolist() == [Agreement.NONE]


@pytest.mark.parametrize(
    ("shares", "seen", "confidence"),
    [
        ({"built": 0.8, "bare": 0.1}, Seen.BUILT, 0.8),
        ({"built": 0.0, "bare": 0.0}, Seen.HIDDEN, None),  # all of a class without a name
        ({"built": 0.4, "bare": 0.1}, Seen.HIDDEN, None),
    ],
)
def test_a_class_map_speaks_where_a_class_holds_half(shares, seen, confidence):
    made = pd.DataFrame([{"seen": Seen.HIDDEN.value, "source": "", "confidence": np.nan}])
    rows = [{"what": what, "value": value} for what, value in shares.items()]
    told = pd.DataFrame(rows).assign(
        scene="k", on=pd.Timestamp("2018-05-13"), parcel=0, whole_pixels=40
    )
    row = evidence._class_maps(made, told).iloc[0]
    assert (row["seen"], row["source"] == "class_map") == (seen, confidence is not None)
    assert row["map_built_share"] == shares["built"]
    assert confidence is None or row["confidence"] == confidence


def test_imagery_changes_no_state(city):
    plain, found, _ = city
    pd.testing.assert_frame_equal(plain.cases, found.run.cases)


def test_lies_of_the_papers_are_found(city):
    _, found, truth = city
    table = found.evidence.merge(truth, on=["kind", "case_id"])
    told = table[(table["source"] == "scene") & table["papers"].isin(["completed", "started"])]
    lies = told[told["is_lie"] & (told["papers"] == "completed")]
    assert len(lies) >= 5
    assert lies["grade"].isin([Agreement.CONFLICT, Agreement.DOUBT]).mean() > 0.9
    true = told[~told["is_lie"] & (told["papers"] == "completed")]
    assert (true["grade"] == Agreement.AGREE).mean() > 0.97


def test_what_no_scene_reaches_is_not_seen(city):
    _, found, _ = city
    far = found.evidence[found.parcels["cluster_id"] == "XC10"]
    assert (far["seen"] == Seen.HIDDEN).all()
    assert (far["grade"] == Agreement.NONE).all()
    assert not far["case_id"].isin(found.visits["case_id"]).any()


def test_a_sentence_says_papers_and_imagery(city):
    _, found, _ = city
    row = found.evidence[found.evidence["grade"] == Agreement.CONFLICT].iloc[0]
    assert row["sentence"].startswith("台账：")
    assert "影像 2018-05-13：" in row["sentence"]
    assert "2016-05-08" in row["sentence"]


def test_visits_stand_by_what_they_would_decide(city):
    _, found, _ = city
    table = found.visits
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    after = table["status_if"].fillna(table["status"])
    crosses = table["status"].isin(IDLE) != after.isin(IDLE)
    group = np.select([crosses, after != table["status"]], [0, 1], 2)
    assert (np.diff(group) >= 0).all()
    assert crosses.any()
    first = table.iloc[0]
    assert first["decides"].startswith("如现场与影像一致：")
    assert Status(first["status_if"]) in IDLE or Status(first["status"]) in IDLE


def test_an_idle_parcel_that_is_built_would_no_longer_be_idle(city):
    _, found, _ = city
    table = found.visits
    built = table[table["status"].isin(IDLE) & (table["seen"] == Seen.BUILT)]
    assert not built["status_if"].isin([Status.IDLE_TWO_YEARS, Status.IDLE_ONE_YEAR]).any()
    empty = found.evidence[(found.evidence["kind"] == "approval")]
    taken = table.merge(empty[["case_id", "seen"]], on=["case_id", "seen"])
    taken = taken[(taken["kind"] == "approval") & (taken["seen"] == Seen.BUILT)]
    assert (taken["status_if"] == Status.OCCUPIED).all()


def test_the_map_has_the_list_and_the_pictures(city, tmp_path):
    _, found, _ = city
    assert found.chips
    case, pictures = next(iter(found.chips.items()))
    assert case in set(found.visits["case_id"])
    assert [day for day, *_ in pictures] == [date(2016, 5, 8), date(2018, 5, 13)]
    drawn = mapped.scene(found)
    assert len(drawn.overlays[0].places) == len(found.visits)
    mapped.write(tmp_path / "v.html", found)
    page = (tmp_path / "v.html").read_text(encoding="utf-8")
    assert "核查清单" in page


def test_a_bureau_sees_what_the_evidence_is_worth(city):
    _, found, _ = city
    told = worth.evaluated(found, None, (1, 0)).table
    whole = told[(told["from_mu"] == 0) & np.isinf(told["to_mu"])].set_index("what")
    assert whole.loc["change", "auc"] > whole.loc["change", "chance_auc"]
    assert whole.loc["built", "precision"] > 0.9
    assert whole.loc["magnitude", ["precision", "recall"]].isna().all()
    parts = told[told["what"] == "change"].iloc[:-1]
    assert parts["parcels"].sum() == whole.loc["change", "parcels"]


def test_scenes_of_later_days_are_left_aside(city):
    _, found, _ = city
    early = dataclasses.replace(found.run, on=date(2016, 1, 1))
    with pytest.raises(LayerError, match="没有 2016-01-01 及以前的影像"):
        landuse.observe(early)


@pytest.fixture
def command(city, monkeypatch):
    """Return the command over what is already seen."""
    found = city[1]
    asked = []

    def observe(path, **given):
        asked.append((path, given))
        return found

    monkeypatch.setattr(fieldwork, "observe", observe)

    def run(*arguments):
        line = ["observe", str(found.workspace.path), f"--on={ON}", *map(str, arguments)]
        return CliRunner().invoke(cli.main, line)

    run.asked = asked
    return run


def test_the_command_writes_what_is_asked_for(city, command, tmp_path):
    found = city[1]
    book, page, record = (tmp_path / name for name in ("v.xlsx", "v.html", "v.json"))
    outputs = [f"--output={path}" for path in (book, page, record)]
    result = command(*outputs, "--inner=7.5")
    assert result.exit_code == 0, result.output
    ((path, given),) = command.asked
    assert (path, given["on"], given["inner_m"]) == (found.workspace.path, ON, 7.5)
    given["report"]("imagery", 4)  # the bar that the other commands have
    sheets = openpyxl.load_workbook(book)
    assert sheets.sheetnames == ["核查清单", "影像证据", "影像与阈值"]
    rows = list(sheets["核查清单"].iter_rows(min_row=3, values_only=True))
    assert rows[0][:2] == ("序号", "电子监管号/批次编号")
    assert [row[1] for row in rows[1:]] == found.visits["case_id"].tolist()
    assert "[示意数据]" in sheets["核查清单"]["A2"].value
    told = json.loads(record.read_text(encoding="utf-8"))
    assert told["visits"][0]["case_id"] == rows[1][1]
    assert "layers/data/imagery/cloud.vrt" in {row["file"] for row in told["inputs"]}
    basis = "\n".join(str(cell.value) for cell in sheets["影像与阈值"]["D"])
    assert "取自本景" in basis
    assert "宗台账确定未变" in basis


def test_the_command_refuses_what_it_cannot_write(command, tmp_path):
    result = command(f"--output={tmp_path / 'v.pdf'}")
    assert result.exit_code == 2
    assert "xlsx" in result.output
    result = command("--evaluate", f"--output={tmp_path / 'v.html'}")
    assert result.exit_code == 2


def test_the_command_prints_the_list_and_what_it_is_worth(command, tmp_path):
    result = command()
    assert "核查清单" in result.output
    assert "影像只是证据，不改变任何状态" in result.output
    result = command("--evaluate", f"--output={tmp_path / 'w.csv'}")
    assert result.exit_code == 0, result.output
    lines = (tmp_path / "w.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("项目,面积（亩）,宗数")
    assert any(line.startswith("对照：四波段变化幅度,≥ 0,") for line in lines)


def test_a_label_raster_is_the_truth_where_it_is_given(city, command):
    label = city[1].workspace.path / "layers" / "data" / "imagery" / "cloud_XC03.tif"
    result = command("--evaluate", f"--truth={label}", "--changed=1", "--unchanged=0")
    assert result.exit_code == 0, result.output
    assert "真值：标注栅格" in result.output
