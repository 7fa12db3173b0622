"""The walk-through of the README, step by step, as somebody new takes it."""

import json
import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from making import SHARED, codes, layer, workspace

import landuse
from landuse import planning, read
from landuse.cli import main
from landuse.errors import LayerError

ROOT = Path(__file__).parents[1]
PARCELS = SHARED / "data" / "parcels"
TITLES = {"README.md": "### A planner's hour", "README.zh-CN.md": "### 规划人员的一小时"}
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.S)


def steps(document):
    """Return the fenced blocks of the walk-through: language and text."""
    text = (ROOT / document).read_text(encoding="utf-8")
    own = text.partition(TITLES[document] + "\n")[2]
    return FENCE.findall(re.split(r"\n##", own)[0])


def walked(parcels, monkeypatch, folder):
    """Take every step of the README; return what the commands said."""
    monkeypatch.chdir(folder)
    said = []
    for language, text in steps("README.md"):
        if language == "toml":
            name = text.partition("\n")[0].removeprefix("# ")
            Path(name).write_text(text, encoding="utf-8")
            continue
        for line in text.splitlines():
            arguments = shlex.split(line.removeprefix("python -m landuse "))
            done = CliRunner().invoke(main, arguments)
            assert done.exit_code == 0, (line, done.stderr)
            said.append(done)
            if arguments[0] == "new":
                shutil.copy(parcels, folder / "bubenec" / "layers" / "data" / "prague_bubenec.gpkg")
    return said


def made(path):
    """Write plots, buildings and streets of the shape of the real file: no day, no kind of road."""
    side, block = 60.0, 3
    corner = np.array([1_603_100.0, 6_463_700.0])
    plots, houses = [], []
    for n in range(36):
        west, south = corner + np.array([n % 6, n // 6]) * (side + 2) + (n // 18) * 40
        plots.append(shapely.box(west, south, west + side, south + side))
        if n % block == 0:
            houses.append(shapely.box(west + 10, south + 10, west + 40, south + 40))
    west, south, east, north = shapely.union_all(plots).bounds
    streets = [shapely.LineString([(west, south - 9), (east, south - 9)]),
               shapely.LineString([(west - 9, south), (west - 9, north)])]  # fmt: skip
    ids = {"ID": range(36), "ID_2": [f"24021{n:05d}" for n in range(36)]}
    frames = {
        "plots": gpd.GeoDataFrame(ids, geometry=plots),
        "buildings": gpd.GeoDataFrame({"uID": range(len(houses))}, geometry=houses),
        "streets": gpd.GeoDataFrame(geometry=streets),
    }
    for name, frame in frames.items():
        pyogrio.write_dataframe(frame.set_crs(3857), path, layer=name)
    return path


def held(said, folder):
    """Hold what came out against what the README says of it."""
    check, printed, page = said[1], said[2], said[3]
    assert "approved_on=2010-01-01" in check.stderr
    assert "kind=road" in check.stderr
    assert "records_lost" not in check.stderr
    assert "批准日期 = 2010-01-01" in printed.output
    assert "S:24" in printed.output
    html = (folder / "sites.html").read_text(encoding="utf-8")
    assert "批准日期 = 2010-01-01" in html
    assert "sites.html" in page.stderr


def offered(folder):
    """The layers of a build with sites wait for their tick; each place has its card."""
    plan = planning.Plan(landuse.run(folder / "bubenec", on=date(2026, 6, 30)))
    sites, plots, placed = plan.layers("zh", with_placed=True)
    assert sites.places["name"].tolist() == plan.offer.sites["site_id"].tolist()
    assert len(sites.places) > 0
    assert len(plots.places) == len(plan.offer.plots)
    assert len(placed.places) == 0
    for about in sites.places["about"]:
        assert re.search(r"可用矩形长（米）：\d+\n", about)
        assert "（元）：0" not in about
    assert "不足 30 米宽的地" in plan.basis("zh")


def test_both_readmes_take_the_same_steps():
    assert steps("README.md") == steps("README.zh-CN.md")
    assert [language for language, _ in steps("README.md")] == ["", "toml", "toml", "toml", ""]


def test_the_walk_through_works_on_a_file_of_the_same_shape(tmp_path, monkeypatch):
    held(walked(made(tmp_path / "made.gpkg"), monkeypatch, tmp_path), tmp_path)
    arguments = ["build", "bubenec", "--on", "2026-06-30", "--no-history", "--with-sites"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    out = tmp_path / "bubenec" / "out"
    offered(tmp_path)
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    declared = {row["layer"]: row["declared"] for row in record["inputs"]}
    assert declared["plots"] == "approved_on=2010-01-01; compensation_done=True"
    assert declared["buildings"] == ""
    assert "value_declared" in (out / "findings.csv").read_text(encoding="utf-8")
    sheet = CliRunner().invoke(main, ["explain", "2402100001", "bubenec", "--on", "2026-06-30"])
    assert "批准日期：2010-01-01；工作区声明" in sheet.output
    none = CliRunner().invoke(main, ["sites", "bubenec", "--on", "2026-06-30", "--min-mu", "999"])
    assert "没有达到 999 亩的连片地块" in none.stderr


@pytest.mark.skipif(not PARCELS.is_dir(), reason="the shared parcels are not here")
def test_the_walk_through_works_on_the_real_file(tmp_path, monkeypatch):
    held(walked(PARCELS / "prague_bubenec.gpkg", monkeypatch, tmp_path), tmp_path)


@pytest.mark.skipif(not PARCELS.is_dir(), reason="the shared parcels are not here")
def test_vacant_lots_alone_give_sites(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ["new", "lots", "--name", "费城", "--crs", "EPSG:32129"]
    assert CliRunner().invoke(main, asked).exit_code == 0
    file = "philadelphia_vacant_excerpt.gpkg"
    shutil.copy(PARCELS / file, tmp_path / "lots" / "layers" / "data" / file)
    text = layer("approval", file, columns={"approval_id": "opa_id"})
    toml = tmp_path / "lots" / "layers" / "lots.toml"
    toml.write_text(text + "[values]\napproved_on = 2010-01-01\n", encoding="utf-8")
    asked = ["sites", "lots", "--on", "2026-06-30", "--min-mu", "3", "--output", "lots.html"]
    done = CliRunner().invoke(main, asked)
    assert "连片地块 2 个" in done.stderr  # lots of row houses are narrower than 30 m
    asked += ["--width-m", "8"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.stderr
    assert "连片地块 5 个" in done.stderr


LEDGER = (
    "电子监管号,供应面积（平方米）,合同签订日期\n4110032016B00001,9000,\n4110032016B00002,8000,{}\n"
)


def ledger(root, values, day="", columns=""):
    text = layer("supply", "s.csv") + columns + f"[values]\n{values}\n"
    return workspace(root, {"s": text}, {"s.csv": LEDGER.format(day)})


def test_a_value_for_every_row_is_read_like_a_cell_and_said(tmp_path):
    values = 'signed_on = 2016-03-01\nprice = 12.5\nis_seized = false\nland_use = "工业用地"'
    made = read.tables(ledger(tmp_path, values + '\n[units]\nprice = "wan_yuan"'))
    table = made.tables["supply"]
    assert table["price"].tolist() == [125_000.0, 125_000.0]
    assert table["signed_on"].dt.strftime("%Y-%m-%d").tolist() == ["2016-03-01"] * 2
    assert table["is_seized"].tolist() == [False, False]
    assert codes(made.findings)["value_declared"] == 4
    assert made.inputs["declared"].tolist() == [
        "signed_on=2016-03-01; price=12.5; is_seized=False; land_use=工业用地"
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ('supply_id = "1"', "tells rows apart"),
        ('signed_on = "2016-03-01"', "a day like"),
        ("signed_on = 2016-03-01T00:00:00", "a day like"),
        ("price = true", "a number"),
        ("is_seized = 1", "true or false"),
        ('land_use = ""', "text in quotes"),
        ("colour = 1", "which role supply does not have"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(tmp_path, values, words):
    with pytest.raises(LayerError, match=words):
        ledger(tmp_path, values)


def test_a_value_never_overrides_the_source(tmp_path):
    both = ledger(tmp_path, "signed_on = 2016-03-01", day="2017-01-01")
    with pytest.raises(LayerError, match="tells it in 合同签订日期"):
        read.tables(both)
    with pytest.raises(LayerError, match="leave one out"):
        ledger(tmp_path, "price = 1.0", columns='[columns]\nprice = "供应面积"\n')
