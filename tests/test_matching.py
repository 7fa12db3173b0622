"""Projects placed on sites: limits, capacity, reasons, stability, hostile text, commands."""

import json
from pathlib import Path

import geopandas as gpd
import making
import openpyxl
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse.cli import sites as cli_sites
from landuse.matching import Wishes, assigned
from landuse.matching.themes import division, divisions

ROOT = Path(__file__).parents[1]
EVIL = '=HYPERLINK("http://x","点")[red]<script>{0}'


def sites(*rows):
    made = []
    for n, row in enumerate(rows):
        blank = {"site_id": f"S{n}", "cluster_id": "C1", "park_id": "", "use": "production",
                 "path": "ready", "area_m2": 10_000.0, "road_m": 0.0, "compactness": 0.5,
                 "earliest_on": "2018-06-30", "east": n * 10_000}  # fmt: skip
        full = blank | row
        full["geometry"] = shapely.box(full["east"], 0, full["east"] + 100, full["area_m2"] / 100)
        made.append(full)
    frame = pd.DataFrame(made)
    frame["earliest_on"] = pd.to_datetime(frame["earliest_on"]).astype("datetime64[s]")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4547")


def projects(*rows):
    blank = {"industry": "C38", "area_needed": 8_000.0, "target_on": "2019-01-01"}
    return making.tables(
        project=[{"project_id": f"P{n}", "project_name": f"项目{n}"} | blank | row
                 for n, row in enumerate(rows)]
    )["project"]  # fmt: skip


PLACES = making.tables(
    cluster=[{"cluster_id": "C1", "cluster_name": "甲", "leading_industries": "电力装备"},
             {"cluster_id": "C2", "cluster_name": "乙", "leading_industries": "纺织、食品"}],
    park=[{"park_id": "Q1", "park_name": "丙", "cluster_id": "C1", "theme": "智能电网"}],
)  # fmt: skip


def placed(answer):
    return {
        name: sorted(own)
        for name, own in answer.placed.groupby("project_id")["site_id"]
    }  # fmt: skip


BROKEN = {
    "cluster": ({"cluster_id": "C2"}, {}),
    "use": ({}, {"use": "living"}),
    "theme": ({"industry": "C17"}, {"park_id": "Q1"}),
    "day": ({"target_on": "2018-06-29"}, {}),
    "area": ({"area_needed": 10_000.5}, {}),
}


@pytest.mark.parametrize("limit", BROKEN)
def test_each_limit_is_hard_and_named(limit):
    project, site = BROKEN[limit]
    answer = assigned(projects(project), sites(site), PLACES)
    assert answer.placed.empty
    row = answer.unplaced.iloc[0]
    assert (row["cause"], row[limit]) == ("limit", 1)
    assert placed(assigned(projects({}), sites({}), PLACES)) == {"P0": ["S0"]}


def test_a_site_without_a_day_is_no_site_yet():
    answer = assigned(projects({"target_on": None}), sites({"earliest_on": None}), PLACES)
    assert answer.unplaced["day"].tolist() == [1]


def test_networks_are_a_limit_where_asked():
    far = pd.DataFrame({"site_id": ["S0"], "kind": ["power"], "distance_m": [600.0]})
    for most, count in ((599.0, 0), (600.0, 1)):
        wishes = Wishes(needs={"P0": {"power": most}})
        answer = assigned(projects({}), sites({}), PLACES, networks=far, wishes=wishes)
        assert len(answer.placed) == count
    unknown = Wishes(network_m={"heat": 1e9})
    assert assigned(projects({}), sites({}), PLACES, networks=far, wishes=unknown).placed.empty


def test_no_area_stated_and_all_taken():
    answer = assigned(projects({}, {}, {"area_needed": None}), sites({}), PLACES)
    assert answer.unplaced["cause"].tolist() == ["all_taken", "no_area"]
    assert answer.placed["area_m2"].tolist() == [8_000]
    assert answer.left["left_m2"].tolist() == [2_000]


def test_without_sites():
    answer = assigned(projects({}), sites({}).iloc[:0], PLACES)
    assert answer.unplaced["cause"].tolist() == ["no_site"]


def test_two_projects_share_a_site_and_one_takes_two():
    shared = assigned(projects({"area_needed": 4_000.0}, {"area_needed": 6_000.0}), sites({}),
                      PLACES)  # fmt: skip
    assert placed(shared) == {"P0": ["S0"], "P1": ["S0"]}
    both = sites({"east": 0}, {"east": 150, "area_m2": 9_000.0})
    answer = assigned(projects({"area_needed": 15_000.0}), both, PLACES)
    assert placed(answer) == {"P0": ["S0", "S1"]}
    assert answer.placed["area_m2"].tolist() == [10_000, 5_000]
    apart = sites({"east": 0}, {"east": 5_000})
    assert assigned(projects({"area_needed": 15_000.0}), apart, PLACES).placed.empty


def test_more_projects_come_before_better_reasons():
    """P0 likes the large site best, but only there P1 has room."""
    land = sites({"area_m2": 20_000.0, "road_m": 0.0}, {"area_m2": 9_000.0, "road_m": 400.0})
    answer = assigned(projects({}, {"area_needed": 19_000.0}), land, PLACES)
    assert placed(answer) == {"P0": ["S1"], "P1": ["S0"]}


def test_lead_industries_and_themes_draw_a_project():
    land = sites({"cluster_id": "C2"}, {"cluster_id": "C1"}, {"cluster_id": "C1", "park_id": "Q1"})
    answer = assigned(projects({}), land, PLACES)
    assert placed(answer) == {"P0": ["S2"]}
    assert answer.alternatives["site_id"].tolist() == ["S1", "S0"]
    assert answer.alternatives["is_free"].all()
    assert divisions("智能电网") == {"38"}
    assert [division(code) for code in ("C38", "3823", None, "x")] == ["38", "38", "", ""]


NOISE = st.floats(-0.001, 0.001)


@settings(max_examples=25, deadline=None)
@given(noise=st.lists(NOISE, min_size=3, max_size=3), order=st.permutations([0, 1, 2]))
def test_small_changes_and_order_move_nobody(noise, order):
    land = sites({"road_m": 0.0}, {"area_m2": 12_000.0}, {"road_m": 300.0, "area_m2": 9_000.0})
    wanted = projects({}, {"area_needed": 11_000.0}, {"area_needed": 7_000.0})
    first = assigned(wanted, land, PLACES)
    other = wanted.assign(area_needed=wanted["area_needed"] * [1 + n for n in noise])
    again = assigned(other.iloc[order], land.iloc[order], PLACES, previous=first.placed)
    assert placed(again) == placed(first)


@settings(max_examples=25, deadline=None)
@given(
    needs=st.lists(st.floats(500, 30_000), min_size=1, max_size=6),
    areas=st.lists(st.floats(1_000, 40_000), min_size=1, max_size=4),
)
def test_no_site_is_taken_beyond_its_area_and_everyone_is_told(needs, areas):
    wanted = projects(*({"area_needed": n} for n in needs))
    land = sites(*({"area_m2": a, "east": n * 120} for n, a in enumerate(areas)))
    answer = assigned(wanted, land, PLACES)
    assert (answer.left["taken_m2"] <= answer.left["area_m2"] * (1 + 1e-6)).all()
    told = set(answer.placed["project_id"]) | set(answer.unplaced["project_id"])
    assert told == set(wanted["project_id"])
    assert not set(answer.placed["project_id"]) & set(answer.unplaced["project_id"])
    total = answer.placed.groupby("project_id")["area_m2"].sum()
    need = wanted.set_index("project_id")["area_needed"]
    assert total.to_numpy() == pytest.approx(need[total.index].to_numpy())


def test_an_earlier_placement_is_kept_where_it_costs_little():
    land = sites({"road_m": 50.0}, {"road_m": 0.0})
    before = pd.DataFrame({"project_id": ["P0", "gone"], "site_id": ["S0", "S9"]})
    assert placed(assigned(projects({}), land, PLACES)) == {"P0": ["S1"]}
    assert placed(assigned(projects({}), land, PLACES, previous=before)) == {"P0": ["S0"]}


def test_hostile_text_stays_text():
    wanted = projects({"project_name": EVIL, "industry": EVIL})
    answer = assigned(wanted, sites({"park_id": EVIL}), PLACES)
    assert placed(answer) == {"P0": ["S0"]}
    raw = {name: getattr(answer, name) for name in ("placed", "unplaced", "alternatives", "left")}
    shown = cli_sites._match_shown(raw, wanted, "zh")
    assert shown["placed"]["project_name"].tolist() == [EVIL]


@pytest.mark.parametrize("command", ["sites", "match"])
def test_commands_on_the_sample(command, tmp_path):
    file = tmp_path / f"{command}.xlsx"
    args = ["--on", "2018-06-30", "--output", str(file), str(ROOT)]
    done = CliRunner().invoke(getattr(cli_sites, command), args)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    book = openpyxl.load_workbook(file, read_only=True)
    assert book.sheetnames[0] == {"sites": "连片地块", "match": "项目落位"}[command]
    assert "示意" in str(book.worksheets[0]["A2"].value)
    assert book.worksheets[0].max_row > 50


def test_a_map_file_of_sites(tmp_path):
    texts = []
    for name in ("a.gpkg", "b.gpkg", "c.geojson"):
        args = ["--on", "2018-06-30", "--max-mu", "300", "--output", str(tmp_path / name)]
        done = CliRunner().invoke(cli_sites.sites, [*args, "--lang", "en", str(ROOT)])
        assert done.exit_code == 0, done.output
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]
    table = gpd.read_file(tmp_path / "a.gpkg")
    assert table.crs.to_epsg() == 4547
    assert (table["area_m2"] * 0.0015 <= 300.001).all()
    assert len(json.loads(texts[2])["features"]) == len(table)
    wrong = CliRunner().invoke(cli_sites.sites, ["--output", str(tmp_path / "x.pdf"), str(ROOT)])
    assert wrong.exit_code == 1
    assert "xlsx" in str(wrong.exception)
