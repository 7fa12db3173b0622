"""The main job on the sample workspace, as a user runs it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import landuse
from landuse import schema, texts
from landuse.cli import main
from landuse.terms import STATE_OF, State, Status

ROOT = Path(__file__).parents[1]
DAY = date(2018, 6, 30)
FILES = {
    "pieces.parquet", "pieces.gpkg", "cases.parquet", "totals.json", "findings.csv",
    "manifest.json", "lists/disposal.xlsx", "maps/index.html", "maps/overview.html",
}  # fmt: skip


def files(folder):
    return {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("sample") / "out"
    return landuse.build(ROOT, on=DAY, out=out), out


def test_every_output_is_there_and_in_the_manifest(built):
    _, out = built
    found = files(out)
    assert found.keys() >= FILES
    manifest = json.loads(found["manifest.json"].read_text(encoding="utf-8"))
    assert manifest["outputs"].keys() == found.keys() - {"manifest.json"}
    assert manifest["is_synthetic"]
    assert manifest["schema"] == 1
    assert len(manifest["inputs"]) == 11


def test_every_status_of_the_contract_occurs(built):
    result, _ = built
    assert set(result.cases["status"]) == {status.value for status in Status}


def test_the_files_hold_what_the_contract_names(built):
    _, out = built
    cases = pd.read_parquet(out / "cases.parquet")
    assert list(cases.columns) == list(schema.CASE_COLUMNS)
    pieces = gpd.read_parquet(out / "pieces.parquet")
    assert pieces.crs.to_epsg() == 4547
    first = ["piece_id", "cluster_id", "park_id", "approval_id", "supply_id", "part", "area_m2"]
    assert list(pieces.columns[: len(first)]) == first
    assert {"state", "status", "on"} <= set(pieces.columns)
    again = gpd.read_file(out / "pieces.gpkg", layer="pieces")
    assert len(again) == len(pieces)
    assert again["area_m2"].sum() == pytest.approx(pieces["area_m2"].sum())


def test_area_is_conserved_for_each_approval(built):
    result, _ = built
    accounts = result.partition.accounts
    assert accounts["residual_m2"].abs().max() < 1e-5
    parts = accounts[["lost_m2", "supplied_m2", "unsupplied_m2", "sliver_m2"]].sum(axis=1)
    assert (accounts["area_m2"] - parts).abs().max() < 1e-5


def test_counts_of_clusters_sum_to_the_city_and_states_to_the_whole(built):
    totals = built[0].totals
    city, clusters = totals["city"], totals["clusters"]
    assert len(clusters) == 11
    assert len(totals["parks"]) == 12
    assert sum(c["count"] for c in clusters) == city["count"]
    for state in State:
        entry = city["states"][state]
        assert sum(c["states"][state]["count"] for c in clusters) == entry["count"]
        areas = sum(c["states"][state]["area_m2"] for c in clusters)
        assert areas == pytest.approx(entry["area_m2"], abs=1e-5)
        assert sum(s["count"] for s in entry["statuses"].values()) == entry["count"]
    balance = city["balance"]
    inside = balance["supplied_m2"] - balance["supplied_outside_approval_m2"]
    assert inside + balance["unsupplied_m2"] + balance["sliver_m2"] == pytest.approx(
        balance["approved_m2"], abs=1e-3
    )


def test_the_workbook_shows_the_same_figures(built):
    result, out = built
    book = openpyxl.load_workbook(out / "lists" / "disposal.xlsx")
    assert [page.title for page in book if page.sheet_state == "visible"] == [
        "汇总", "批而未供", "供而未建", "建而未成", "低效", "待核实", "数据问题", "口径说明",
    ]  # fmt: skip
    cells = [cell.value for row in book["汇总"].iter_rows() for cell in row]
    city = result.totals["city"]["states"]
    for state in State:
        assert city[state]["count"] in cells
        shown = [v for v in cells if isinstance(v, int | float)]
        assert any(abs(v - city[state]["area_m2"] * 0.0015) < 1e-6 for v in shown)


def test_the_same_inputs_give_the_same_bytes_elsewhere(built, tmp_path):
    """Another process, folder, language, time zone, coding of text and order of hashing."""
    _, out = built
    place = {
        "PYTHONHASHSEED": "4711", "PYTHONUTF8": "0", "PYTHONPATH": str(ROOT),
        "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C",
    }  # fmt: skip
    again = tmp_path / "again"
    command = [sys.executable, "-m", "landuse", "build", "--on", "2018-06-30"]
    subprocess.run(
        [*command, "--no-history", "--out", again, ROOT],
        cwd=tmp_path, env={**os.environ, **place}, check=True, capture_output=True,
    )  # fmt: skip
    assert {n: p.read_bytes() for n, p in files(out).items()} == {
        n: p.read_bytes() for n, p in files(again).items()
    }
    shutil.copyfile(out / "manifest.json", again / "manifest.json")  # the record that was given
    assert run("verify", again).exit_code == 0


def test_rows_shuffled_and_layers_split_give_the_same_figures(built, tmp_path):
    result, _ = built
    shutil.copytree(ROOT / "layers", tmp_path / "layers")
    folder = tmp_path / "layers" / "data" / "supplies"
    for path in sorted(folder.glob("*.gpkg")):
        table = gpd.read_file(path, layer="供地").sample(frac=1, random_state=7)
        path.unlink()
        for n, part in enumerate((table.iloc[: len(table) // 3], table.iloc[len(table) // 3 :])):
            part.to_file(folder / f"{path.stem}_{n}.gpkg", layer="供地", driver="GPKG")
    again = landuse.run(tmp_path, on=DAY)
    known = result.cases[~result.cases["case_id"].str.contains("~")].reset_index(drop=True)
    found = again.cases[~again.cases["case_id"].str.contains("~")].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, found)
    assert again.totals == result.totals


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill outright")
def test_killed_at_any_moment_the_previous_outputs_are_whole(built, tmp_path):
    _, out = built
    target = tmp_path / "out"
    shutil.copytree(out, target)
    before = {n: p.read_bytes() for n, p in files(target).items()}
    command = [
        sys.executable,
        "-m",
        "landuse",
        "build",
        "--no-history",
        "--on",
        "2018-06-29",
        "--out",
        target,
        ROOT,
    ]
    for n in range(5):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            time.sleep(1.0 + 0.35 * n)
            run.kill()
        found = {name: p.read_bytes() for name, p in files(target).items()}
        manifest = json.loads(found["manifest.json"])
        assert found == before or manifest["on"] == "2018-06-29"
        assert manifest["outputs"].keys() == found.keys() - {"manifest.json"}


def test_a_day_before_the_plan_and_a_day_long_after():
    for day in (date(2013, 1, 1), date(2026, 11, 24)):
        result = landuse.run(ROOT, on=day)
        assert {STATE_OF[Status(s)] for s in result.cases["status"]} == set(
            map(State, result.cases["state"])
        )
        supplies = result.cases[result.cases["kind"] == "supply"]
        assert len(supplies) == len(result.tables["supply"])


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_build_prints_the_day_the_figures_and_where_to_look(tmp_path):
    done = run("build", "--no-history", "--on", "2018-06-30", "--out", tmp_path / "out", ROOT)
    assert done.exit_code == 0
    assert "2018-06-30" in done.stderr
    assert "批而未供" in done.stdout
    assert str(tmp_path / "out" / "maps" / "index.html") in done.stderr


def test_english_comes_from_the_same_catalogue(tmp_path):
    done = run(
        "build",
        "--no-history",
        "--on",
        "2018-06-30",
        "--lang",
        "en",
        "--out",
        tmp_path / "out",
        ROOT,
    )
    assert done.exit_code == 0
    assert "approved, not supplied" in done.stdout
    book = openpyxl.load_workbook(tmp_path / "out" / "lists" / "disposal.xlsx")
    assert "synthetic" in str(book.worksheets[0]["A1"].value).lower()


def test_check_writes_findings_and_scores_and_nothing_else(tmp_path):
    done = run("check", "--on", "2018-06-30", "--out", tmp_path / "seen", ROOT)
    assert done.exit_code == 0
    table = pd.read_csv(tmp_path / "seen" / "findings.csv", encoding="utf-8-sig")
    assert list(table.columns)[:5] == ["layer", "row", "feature_id", "code", "severity"]
    assert {"supply_overlap", "geometry_invalid"} & set(table["code"])
    path = tmp_path / "seen" / "scores.csv"
    scores = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)
    is_whole = scores["responsible"] == ""
    for severity in ("error", "warning", "info"):
        told = (table["severity"] == severity).sum()
        assert scores.loc[is_whole, severity].sum() == told
        assert scores.loc[~is_whole, severity].sum() == told
    assert sorted(p.name for p in (tmp_path / "seen").iterdir()) == ["findings.csv", "scores.csv"]


def test_check_never_writes_into_the_outputs_of_a_build(built):
    _, out = built
    before = (out / "findings.csv").read_bytes()
    done = run("check", "--on", "2018-06-30", "--out", out, ROOT)
    assert done.exit_code == 2
    assert "清单登记了其中的数据问题" in done.stderr
    assert (out / "findings.csv").read_bytes() == before
    assert not (out / "scores.csv").exists()


def test_explain_names_facts_articles_and_dates(built):
    result, _ = built
    case = result.cases[result.cases["status"] == Status.IDLE_ONE_YEAR].iloc[0]
    done = run("explain", case["case_id"], "--on", "2018-06-30", ROOT)
    assert done.exit_code == 0
    assert "第二条第一款" in done.stdout
    assert "layers/data/supplies" in done.stdout
    assert done.stdout == landuse.explain(result, case["case_id"])


def test_explain_of_an_unknown_id_names_close_ones(built):
    result, _ = built
    known = result.cases["case_id"].iloc[-1]
    done = run("explain", known[:-1] + "x", "--on", "2018-06-30", ROOT)
    assert done.exit_code == 2
    assert known[:6] in done.stderr


def test_law_prints_value_article_and_certainty():
    done = run("law", "approvals.lapse_years", "--on", "2018-06-30")
    assert done.exit_code == 0
    assert "条文待核对" in done.stdout
    assert run("law", "no.such", "--on", "2018-06-30").exit_code == 2


def test_a_folder_that_is_no_workspace_is_wrong_use(tmp_path):
    done = run("build", "--on", "2018-06-30", tmp_path)
    assert done.exit_code == 2
    assert "landuse new" in done.stderr
    assert not any(tmp_path.iterdir())


def test_nothing_to_classify_forbids_a_result(tmp_path):
    target = tmp_path / "city"
    assert run("new", target, "--name", "示例市").exit_code == 0
    done = run("build", "--on", "2018-06-30", target)
    assert done.exit_code == 1
    assert done.stderr.strip()
    assert not (target / "out").exists()


def test_a_starter_filled_with_one_row_gives_a_result(tmp_path):
    target = tmp_path / "city"
    run("new", target, "--name", "示例市")
    path = target / "layers" / "data" / "supplies.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.active
    heads = {cell.value: cell.column for cell in sheet[1]}
    facts = {"电子监管号": "0001", "约定动工日期": date(2016, 1, 1), "成交价款": 100}
    for name, value in facts.items():
        sheet.cell(2, heads[name], value)
    book.save(path)
    done = run("build", "--on", "2018-06-30", target)
    assert done.exit_code == 0, done.stderr
    cases = pd.read_parquet(target / "out" / "cases.parquet")
    assert cases["case_id"].tolist() == ["0001"]
    assert cases["status"].tolist() == ["idle_two_years"]


def test_every_command_and_option_explains_itself_in_both_languages():
    for name in main.places:
        for example, more in (("示例：", ()), ("Example: ", ("--lang", "en"))):
            done = run(name, "--help", *more)
            assert done.exit_code == 0, done.stderr
            assert f"{example}landuse {name}" in done.stdout


def test_no_explanation_is_of_something_else():
    asked = {"usage", "options", "options_metavar", "commands", "example", "more", "main"}
    for name in main.places:
        command = main.get_command(None, name)
        asked |= {name, f"{name}.example", "any.help"}
        for option in command.params:
            asked |= {f"{name}.{option.name}", f"any.{option.opts[-1].removeprefix('--')}"}
    assert set(texts.section("help")) <= asked


@pytest.mark.parametrize(
    ("args", "zh", "en"),
    [
        (["bild"], "没有命令 bild；可用：build", "There is no command bild"),
        (["build", "--outt", "x"], "没有选项 --outt；相近：--out", "has no option --outt"),
        (["build", "--on", "30.6.2018"], "应是日期，写作 2018-06-30", "must be a day like"),
        (["law", "--run", "/nowhere"], "--run 应是存在的文件夹", "must be a folder that is there"),
        (["notices", "--kind", "x"], "只能是：investigation、determination", "must be one of"),
        (["sites", "--min-mu", "-1"], "--min-mu 应是范围内的数", "within its bounds"),
        (["diff"], "缺少 DAY_A", "needs DAY_A"),
        (["build", "a", "b c"], "多出 b c；有空格的路径请加引号", "is too much"),
    ],
)
def test_wrong_use_is_told_in_the_language_asked_for(args, zh, en):
    chinese, english = run(*args), run(*args, "--lang", "en")
    assert (chinese.exit_code, english.exit_code) == (2, 2)
    assert zh in chinese.stderr
    assert en in english.stderr
    assert not re.search("[\u4e00-\u9fff]", english.stderr)


def test_help_loads_no_act():
    code = "import sys; from landuse.cli import main; main(['--help'], standalone_mode=False); "
    code += "print(sorted({'pandas', 'shapely', 'folium', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip().endswith("[]")
