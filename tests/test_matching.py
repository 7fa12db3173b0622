"""Projects placed on sites: limits, capacity, reasons, stability, hostile text, commands."""

import base64
import doctest
import gzip
import itertools
import json
import re
from datetime import date
from pathlib import Path

import geopandas as gpd
import making
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

import landuse
import landuse.units
from landuse import planning, workbook
from landuse.cli import sites as cli_sites
from landuse.errors import LanduseError
from landuse.matching import Wishes, assigned, limits, needs
from landuse.matching.themes import division, divisions
from landuse.planning import told

ROOT = Path(__file__).parents[1]
DAY = date(2018, 6, 30)
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


FAR = pd.DataFrame(columns=["site_id", "kind", "distance_m"])
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


def best_by_trying(wanted, land):
    """Return most projects and best score of whole sites and parts, by trying everything."""
    first = assigned(wanted, land, PLACES)
    score = {}
    for n in range(len(wanted)):
        for m in range(len(land)):
            alone = assigned(wanted.iloc[[n]], land.iloc[[m]], PLACES).placed
            score[n, m] = float(alone["score"].iloc[0]) if len(alone) else None
    best = (0, 0.0)
    for choice in itertools.product([None, *range(len(land))], repeat=len(wanted)):
        taken = [(n, m) for n, m in enumerate(choice) if m is not None]
        if any(score[pair] is None for pair in taken):
            continue
        room = dict(enumerate(land["area_m2"]))
        for n, m in taken:
            room[m] -= wanted["area_needed"].iloc[n]
        if all(left >= -1e-6 for left in room.values()):
            best = max(best, (len(taken), round(sum(score[pair] for pair in taken), 3)))
    return first, best


@settings(max_examples=12, deadline=None)
@example(needs=[3, 13], areas=[16, 6], roads=[330, 0, 0])
@given(
    needs=st.lists(st.integers(3, 14), min_size=2, max_size=4),
    areas=st.lists(st.integers(6, 20), min_size=1, max_size=3),
    roads=st.lists(st.integers(0, 500), min_size=3, max_size=3),
)
def test_equal_to_brute_force_on_small_cases(needs, areas, roads):
    wanted = projects(*({"area_needed": n * 1000.0} for n in needs))
    land = sites(*({"area_m2": a * 1000.0, "road_m": float(roads[n])}
                   for n, a in enumerate(areas)))  # fmt: skip
    answer, best = best_by_trying(wanted, land)
    assert answer.is_proven
    assert answer.most == len(answer.placed)
    assert (len(answer.placed), round(answer.placed["score"].sum(), 3)) == best


def greedy(wanted, land, scores):
    """Give each project, the best score first, the best site that still holds it."""
    room, taken = land["area_m2"].to_numpy().copy(), {}
    need = wanted["area_needed"].to_numpy()
    for score, n, m in sorted(scores, key=lambda each: (-each[0], each[1], each[2])):
        if n not in taken and need[n] <= room[m]:
            taken[n], room[m] = score, room[m] - need[n]
    return len(taken), sum(taken.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_never_worse_than_greedy_on_large_cases(seed):
    from benchmarks.matching import made

    wanted, land, places = made(120, 600, seed=seed)
    answer = assigned(wanted, land, places)
    assert answer.is_proven
    table = limits.grid(wanted, land, places, FAR, Wishes())
    scores = [(table.score[n, m], n, m) for n, m in zip(*np.nonzero(table.broken == limits.FREE),
                                                        strict=True)]  # fmt: skip
    ours = answer.placed.drop_duplicates("project_id")["score"]
    count, total = greedy(wanted, land, scores)
    assert len(ours) >= count
    assert len(ours) > count or ours.sum() >= total - 1e-9
    again = assigned(wanted, land.assign(area_m2=land["area_m2"] * 1.0001), places,
                     previous=answer.placed)  # fmt: skip
    before, after = placed(answer), placed(again)
    assert sum(after.get(name) != own for name, own in before.items()) <= 3


def test_many_projects_come_before_better_reasons_too():
    """One more project outweighs the reasons of all others together."""
    land = sites({"area_m2": 8_000.0, "road_m": 500.0, "path": "recover"},
                 *({"area_m2": 8_000.0, "east": n * 10_000} for n in range(1, 30)))  # fmt: skip
    wanted = projects(*({} for _ in range(29)), {"target_on": "2018-06-30"})
    late = land.assign(earliest_on=pd.Timestamp("2018-12-01").as_unit("s"))
    late.loc[1, "earliest_on"] = pd.Timestamp("2018-06-30").as_unit("s")
    answer = assigned(wanted, late, PLACES)
    assert len(answer.placed) == 30
    assert placed(answer)["P29"] == ["S1"]


NEEDS = {
    "供电400": 1, "供电": 1, "供电 300 米": 0, "power=": 0, "供热": 0, "尽快": 0, "": 1,
}  # fmt: skip


@pytest.mark.parametrize("text", NEEDS)
def test_a_project_says_which_networks_it_needs(text):
    near = pd.DataFrame({"site_id": ["S0"], "kind": ["power"], "distance_m": [400.0]})
    answer = assigned(projects({"network_needs": text}), sites({}), PLACES, networks=near)
    assert len(answer.placed) == NEEDS[text]
    if text in {"尽快", "power="}:
        assert answer.unplaced["cause"].tolist() == ["needs_unread"]


def test_a_project_may_ask_for_a_park_of_a_theme():
    land = sites({"road_m": 0.0}, {"park_id": "Q1", "road_m": 400.0})
    for theme, site in (("智能电网", "S1"), ("电网产业", "S1"), (None, "S1")):
        answer = assigned(projects({"park_theme": theme}), land, PLACES)
        assert placed(answer) == {"P0": [site]}
    other = assigned(projects({"park_theme": "冷链物流"}), land, PLACES)
    assert other.unplaced[["cause", "theme"]].iloc[0].tolist() == ["limit", 2]


def stayed(answer):
    return answer.earlier.set_index("project_id")["outcome"].to_dict()


@settings(max_examples=40, deadline=None)
@given(
    needs=st.lists(st.integers(2, 9), min_size=2, max_size=4),
    areas=st.lists(st.integers(6, 20), min_size=2, max_size=3),
    late=st.lists(st.booleans(), min_size=3, max_size=3),
    smaller=st.lists(st.integers(0, 6), min_size=3, max_size=3),
)
def test_who_can_stay_stays_unless_more_are_placed(needs, areas, late, smaller):
    """After new hard limits as many stay as any placement of the most projects allows."""
    wanted = projects(*({"area_needed": n * 1000.0} for n in needs))
    land = sites(*({"area_m2": a * 1000.0} for a in areas))
    first = assigned(wanted, land, PLACES)
    days = pd.to_datetime(np.where(late[: len(areas)], "2020-01-01", "2018-06-30"))
    less = land["area_m2"] - 1000.0 * np.array(smaller[: len(areas)])
    limited = land.assign(earliest_on=days.as_unit("s"), area_m2=np.maximum(less, 1000.0))
    answer = assigned(wanted, limited, PLACES, previous=first.placed)
    was = first.placed.set_index("project_id")["site_id"].to_dict()
    most = best_stays = 0
    names = limited["site_id"].tolist()
    for chosen in itertools.product([None, *range(len(names))], repeat=len(needs)):
        room = limited["area_m2"].to_numpy().copy()
        for n, site in enumerate(chosen):
            if site is not None:
                room[site] -= needs[n] * 1000.0 if not late[site] else np.inf
        if (room < 0).any():
            continue
        count = sum(site is not None for site in chosen)
        stays = sum(site is not None and was.get(f"P{n}") == names[site]
                    for n, site in enumerate(chosen))  # fmt: skip
        most, best_stays = max((most, best_stays), (count, stays))
    found = list(stayed(answer).values())
    assert (answer.placed["project_id"].nunique(), found.count("stays")) == (most, best_stays)
    assert answer.gain >= 0 or not was


def test_a_new_limit_moves_only_whom_it_hits():
    """The third site is no longer possible; nobody else moves, and the gain of moving is said."""
    land = sites(*({"road_m": 100.0 * n} for n in range(4)))
    first = assigned(projects({}, {}, {}), land, PLACES)
    was = placed(first)
    assert sorted(was.values()) == [["S0"], ["S1"], ["S2"]]
    hit = land.assign(use=["living", "production", "production", "production"])
    again = assigned(projects({}, {}, {}), hit, PLACES, previous=first.placed)
    moved = {name for name, own in placed(again).items() if own != was[name]}
    assert moved == {name for name, own in was.items() if own == ["S0"]}
    assert sorted(stayed(again).values()) == ["impossible", "stays", "stays"]
    better = land.assign(road_m=[500.0, 400.0, 300.0, 0.0])
    before = pd.DataFrame({"project_id": ["P0"], "site_id": ["S0"]})
    kept = assigned(projects({}), better, PLACES, previous=before)
    assert kept.gain == pytest.approx(0.1)
    assert set(stayed(kept).values()) == {"stays"}


def test_an_earlier_placement_is_kept_where_it_costs_little():
    land = sites({"road_m": 50.0}, {"road_m": 0.0})
    before = pd.DataFrame({"project_id": ["P0", "gone"], "site_id": ["S0", "S9"]})
    assert placed(assigned(projects({}), land, PLACES)) == {"P0": ["S1"]}
    assert placed(assigned(projects({}), land, PLACES, previous=before)) == {"P0": ["S0"]}


def test_hostile_text_stays_text():
    wanted = projects({"project_name": EVIL, "industry": EVIL})
    answer = assigned(wanted, sites({"park_id": EVIL}), PLACES)
    assert placed(answer) == {"P0": ["S0"]}
    names = ("placed", "unplaced", "alternatives", "left", "earlier")
    raw = {name: getattr(answer, name) for name in names}
    shown = told.match(raw, wanted, "zh")
    assert shown["placed"]["project_name"].tolist() == [EVIL]


@pytest.fixture(scope="module")
def ran():
    """Return a run of the sample, made once."""
    return landuse.run(ROOT, on=DAY)


def invoked(command, *args, ran=None, monkeypatch=None):
    """Run a command on the sample; on a run that is there already if one is given."""
    if ran is not None:
        monkeypatch.setattr(cli_sites, "_run", lambda *_: ran)
    args = ["--on", DAY.isoformat(), *args, str(ROOT)]
    return CliRunner().invoke(getattr(cli_sites, command), args)


def test_sites_as_a_workbook(tmp_path):
    file = tmp_path / "sites.xlsx"
    done = invoked("sites", "--set", "tax_mu=5,9.76,15", "--output", str(file))
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    book = openpyxl.load_workbook(file, read_only=True)
    assert book.sheetnames[:2] == ["连片地块", "可建地块"]
    assert "示意" in str(book.worksheets[0]["A2"].value)
    assert book.worksheets[0].max_row > 50
    rows = list(book["测算参数"].iter_rows(min_row=4, values_only=True))
    assert ("亩均税收", "tax_mu", None, 5, 9.76, 15, "万元/亩", "使用者设定") in [
        tuple(v if v != "" else None for v in row) for row in rows
    ]


def test_sites_and_placements_are_maps(tmp_path, ran, monkeypatch):
    kept = {}
    for command in ("sites", "match"):
        page, rows = tmp_path / f"{command}.html", tmp_path / f"{command}.json"
        for file in (page, rows):
            done = invoked(command, "--output", str(file), ran=ran, monkeypatch=monkeypatch)
            assert done.exit_code == 0, done.output
        html = page.read_text(encoding="utf-8")
        told = json.loads(re.search(r'id="landuse-settings">(.*?)</script>', html)[1])
        packed = re.search(r'id="landuse-package">(.*?)</script>', html)[1]
        content = gzip.decompress(base64.b64decode(packed)).decode("utf-8", "replace")
        counts = {
            layer["layer"].removeprefix("planning_"): layer["count"] for layer in told["layers"]
        }
        kept[command] = counts, json.loads(rows.read_text(encoding="utf-8")), content
    counts, record, content = kept["sites"]
    assert counts == {name: len(record[name]) for name in ("sites", "plots")}
    assert "供应方式：弹性年期出让" in content
    assert "土地闲置费（元）：" in content
    counts, record, content = kept["match"]
    assert counts == {"plots": len(record["left"]), "placed": len(record["placed"])}
    first = record["placed"][0]
    assert f"项目编号：{first['project_id']}" in content
    assert first["site_id"] in content


def test_a_match_is_written_and_kept(tmp_path, ran, monkeypatch):
    first = tmp_path / "match.json"
    needs = ["--need", "power=800", "--need", "XM20180001:供水=900", "--weight", "road=0.2"]
    done = invoked("match", *needs, "--output", str(first), ran=ran, monkeypatch=monkeypatch)
    assert done.exit_code == 0, done.output
    assert "已证明" in done.stderr
    table = tmp_path / "match.xlsx"
    done = invoked("match", *needs, "--previous", str(first), "--output", str(table), ran=ran,
                   monkeypatch=monkeypatch)  # fmt: skip
    assert done.exit_code == 0, done.output
    book = openpyxl.load_workbook(table, read_only=True)
    rows = list(book["项目落位"].iter_rows(min_row=4, values_only=True))
    before = json.loads(first.read_text(encoding="utf-8"))["placed"]
    assert [(r["project_id"], r["site_id"]) for r in before] == [(r[0], r[2]) for r in rows]
    wishes = list(book["约束与权重"].iter_rows(min_row=4, max_col=2, values_only=True))
    assert {("供电", 800), ("XM20180001 供水", 900), ("临路", 0.2)} <= set(wishes)
    for bad in (["--need", "power"], ["--weight", "luck=1"], ["--previous", str(table)]):
        wrong = invoked("match", *bad, ran=ran, monkeypatch=monkeypatch)
        assert isinstance(wrong.exception, LanduseError)


def test_map_files_of_sites_and_grounds(tmp_path, ran, monkeypatch):
    texts = []
    for name in ("a.gpkg", "b.gpkg", "c.geojson"):
        done = invoked("sites", "--max-mu", "300", "--lang", "en", "--output",
                       str(tmp_path / name), ran=ran, monkeypatch=monkeypatch)  # fmt: skip
        assert done.exit_code == 0, done.output
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]
    table = gpd.read_file(tmp_path / "a.gpkg")
    assert table.crs.to_epsg() == 4547
    assert (table["area_m2"] * 0.0015 <= 300.001).all()
    assert len(json.loads(texts[2])["features"]) == len(table)
    wrong = invoked("sites", "--output", str(tmp_path / "x.pdf"))
    assert isinstance(wrong.exception, LanduseError)
    assert "xlsx" in str(wrong.exception)


def test_no_square_metre_lies_in_two_sites_or_grounds_and_sums_reconcile(ran):
    offered = planning.offer(ran, min_mu=0.0)
    states = ran.totals["city"]["states"]
    free = pd.concat([offered.every.members, offered.narrow])[["piece_id", "area_m2"]]
    pieces = ran.pieces.set_index("piece_id")
    idle = free.groupby("piece_id")["area_m2"].sum()
    np.testing.assert_allclose(idle, pieces["area_m2"].reindex(idle.index), atol=1e-6)
    for state, own in pieces.groupby("state"):
        inside = idle[idle.index.isin(own.index)].sum()
        rest = own.loc[~own.index.isin(idle.index), "area_m2"].sum()
        assert inside + rest == pytest.approx(own["area_m2"].sum(), abs=1e-3)
        assert inside <= states[state]["area_m2"] + 1e-3
    shapes = offered.every.sites.geometry.to_numpy()
    area = offered.every.sites["area_m2"].sum()
    assert shapely.union_all(shapes).area == pytest.approx(area, abs=1.0)
    assert area == pytest.approx(offered.members["area_m2"].sum())
    grounds = planning.match(ran).grounds
    assert shapely.union_all(grounds.geometry.to_numpy()).area == pytest.approx(
        grounds["area_m2"].sum(), abs=1.0
    )
    inside = shapely.intersection(grounds.geometry.to_numpy(),
                                  shapely.union_all(shapes))  # fmt: skip
    assert shapely.area(inside).sum() == pytest.approx(grounds["area_m2"].sum(), abs=1.0)


def test_needs_are_read_as_the_docstring_says():
    (examples,) = doctest.DocTestFinder().find(needs.asked, globs={"asked": needs.asked})
    result = doctest.DocTestRunner().run(examples)
    assert (result.failed, result.attempted) == (0, 2)


def _rows(path, sheet):
    """Return the cells of each row of a list's sheet below the heads, by head."""
    book = openpyxl.load_workbook(path, read_only=True)
    rows = list(book[sheet].iter_rows(values_only=True)) if sheet in book.sheetnames else []
    head = next((n for n, row in enumerate(rows) if row[0] == "序号"), len(rows))
    return [
        dict(zip(rows[head], row, strict=True)) for row in rows[head:] if isinstance(row[0], int)
    ]


def test_the_list_may_hold_sites_and_placements_that_add_up(ran, tmp_path):
    plan = planning.Plan(ran)
    city, *lists = workbook.begin(tmp_path, ran, plan=plan, per_county=True).finish()
    for sheet in ("招商地块", "项目落位"):
        whole = _rows(city, sheet)
        parts = [row for path in lists for row in _rows(path, sheet)]
        told = [sorted(str([v for k, v in row.items() if k != "序号"]) for row in rows)
                for rows in (whole, parts)]  # fmt: skip
        assert whole
        assert told[0] == told[1], sheet
    book = openpyxl.load_workbook(city, read_only=True)
    assert book.sheetnames[-4:-1] == ["招商地块", "项目落位", "口径说明"]
    for sheet, area in (("招商地块", plan.offer.sites["area_m2"].sum()),
                        ("项目落位", plan.placement.grounds["area_m2"].sum())):  # fmt: skip
        rows = list(book[sheet].iter_rows(values_only=True))
        total = next(row for row in rows if "合计" in row)
        assert any(isinstance(v, float) and abs(v - area * 0.0015) < 0.01 for v in total), sheet
