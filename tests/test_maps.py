import base64
import gzip
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import folium
import geopandas as gpd
import maps_scene
import numpy as np
import pandas as pd
import pytest
import shapely

from landuse import maps, terms
from landuse.errors import AssetError, MapError
from landuse.maps import assets, codec, page, spec, style, writer
from landuse.maps import scene as scenes
from landuse.maps.atlas import Atlas

NODE = shutil.which("node")
JS = Path(__file__).parent / "js"


@pytest.fixture(scope="module")
def scene():
    return maps_scene.scene(6)


def workspace(tmp_path, **files):
    (tmp_path / "maps").mkdir(exist_ok=True)
    for name, text in files.items():
        (tmp_path / "maps" / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def told(drawn):
    return drawn.content.settings


# specifications


def test_without_a_maps_folder_one_overview_is_meant(tmp_path):
    assert spec.load(tmp_path) == (spec.Spec("overview"),)


def test_the_repository_s_own_specifications_are_read():
    names = [found.name for found in spec.load(Path(__file__).parents[1])]
    assert {"overview", "clusters"} <= set(names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('colour = "red"', ["maps/a.toml", "colour", "Allowed: title"]),
        ("title = 3", ["title = 3", "text in quotes"]),
        ('states = "completed"', ["states", "list"]),
        ('states = ["idle"]', ["states names idle", "supplied_unbuilt"]),
        ('statuses = ["completed"]', ["statuses names completed", "finished"]),
        ('outlines = ["supply"]', ["outlines names supply", "cluster"]),
        ("states = [3]", ["states names 3"]),
        ('split_by = "county"', ["split_by", "Allowed: cluster, park"]),
        ('lang = "fr"', ["lang = 'fr'", "Allowed: zh, en"]),
        ("title = ", ["not valid TOML"]),
    ],
)
def test_a_specification_that_cannot_be_meant_is_refused(tmp_path, text, words):
    with pytest.raises(MapError) as caught:
        spec.load(workspace(tmp_path, a=text))
    assert all(word in str(caught.value) for word in words)


def test_index_is_kept_for_the_page_that_lists_the_maps(tmp_path):
    with pytest.raises(MapError, match=r"index\.html"):
        spec.load(workspace(tmp_path, Index=""))


def test_ticks_follow_states_and_statuses(scene):
    asked = spec.Spec("a", states=("completed",), statuses=("idle_one_year",))
    ticked = told(maps.figure(scene, asked))["ticked"]
    assert ticked == ["idle_one_year", "finished", "not_in_production", "halted", "underperforming"]


# what is written


def test_files_are_one_a_map_one_a_cluster_and_an_index(tmp_path):
    files = {"whole": 'title = "全图"', "part": 'title = "分图"\nsplit_by = "cluster"'}
    made = maps_scene.scene(6, path=workspace(tmp_path, **files))
    seen = []
    paths = maps.write(tmp_path / "out", made, report=lambda done, of: seen.append((done, of)))
    names = [path.name for path in paths]
    assert names == [
        "part-XC01.html",
        "part-XC02.html",
        "part-XC03.html",
        "whole.html",
        "index.html",
    ]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    listed = paths[-1].read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)"', listed) == ["whole.html", *names[:3]]
    city = made.totals["city"]
    assert f"<dd>{city['count']:,}</dd>" in listed
    assert f"<dd>{city['area_m2'] * 0.0015:,.2f}</dd>" in listed
    assert "示意数据" in listed
    assert "2018-04-30 至 2018-05-31；判定日 2018-05-31" in listed


def test_two_builds_are_byte_identical_whatever_the_order_of_rows(scene):
    once = maps.figure(scene).html()
    shuffled = replace(
        scene,
        pieces=scene.pieces.sample(frac=1, random_state=1),
        cases=scene.cases.sample(frac=1, random_state=2),
    )
    assert maps.figure(shuffled).html() == once


def test_nothing_given_is_changed(scene):
    before = scene.pieces.copy(), scene.cases.copy()
    maps.figure(scene, cluster_id="XC01")
    pd.testing.assert_frame_equal(scene.pieces, before[0])
    pd.testing.assert_frame_equal(scene.cases, before[1])


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [(tag, k, v) for k, v in attrs if k in {"src", "href", "srcset", "data"}]


def test_a_page_links_to_nothing(scene):
    text = maps.figure(scene).html()
    reader = Links()
    reader.feed(text)
    assert reader.found == []
    assert "default-src 'none'" in text
    assert "unsafe-inline' 'unsafe-eval" not in text
    assert "Copyright (c) 2010-2022, Volodymyr Agafonkin" in text


def test_names_of_files_are_safe_and_differ():
    ids = [
        "XC01",
        "a/b",
        "a_b",
        "../x",
        "CON",
        "xc02",
        "XC02",
        "a b.",
        "",
        "outside",
        "许昌",
        "x" * 300,
    ]
    stems = writer._stems(ids)
    assert len({stem.casefold() for stem in stems.values()}) == len(ids)
    assert all(re.fullmatch(r"[\w-]{1,72}", stem) for stem in stems.values())
    assert (stems["XC01"], stems["许昌"]) == ("XC01", "许昌")


def test_a_map_may_ask_for_its_own_language(tmp_path, scene):
    files = {"ours": 'title = "全图"\ntitle_en = "All"', "theirs": 'title_en = "All"\nlang = "en"'}
    space = replace(scene.workspace, path=workspace(tmp_path, **files))
    maps.write(tmp_path / "out", replace(scene, workspace=space))
    ours, theirs = (
        (tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8") for name in files
    )
    assert '<html lang="zh-CN">' in ours
    assert '<html lang="en">' in theirs
    assert "打印" in ours
    assert "打印" not in theirs


def test_two_maps_in_one_file_are_refused(tmp_path):
    files = {"a": 'split_by = "cluster"', "A-XC01": ""}
    made = maps_scene.scene(6, path=workspace(tmp_path, **files))
    with pytest.raises(MapError, match="two maps"):
        maps.write(tmp_path / "out", made)


# figures


@pytest.mark.parametrize("cluster", [None, "XC02"])
def test_the_legend_holds_the_totals(scene, cluster):
    totals = scene.totals
    total = totals["city"] if cluster is None else totals["clusters"][1]
    figures = told(maps.figure(scene, cluster_id=cluster))["figures"]
    assert figures["total"] == {"count": total["count"], "area_m2": total["area_m2"]}
    for state in figures["states"]:
        known = total["states"][state["state"]]
        assert (state["count"], state["area_m2"]) == (known["count"], known["area_m2"])
        assert state["label"] == terms.label(terms.State(state["state"]))
        found = {s["status"]: (s["count"], s["area_m2"]) for s in state["statuses"]}
        assert found == {s: (k["count"], k["area_m2"]) for s, k in known["statuses"].items()}


def test_a_cluster_shows_its_cases_and_those_that_reach_into_it(scene):
    case = scene.cases.loc[scene.cases["cluster_id"] == "XC01", "case_id"].min()
    pieces = scene.pieces.copy()
    row = pieces.index[pieces["case_id"] == case][0]
    pieces.loc[row, "cluster_id"] = "XC02"
    moved = Atlas(replace(scene, pieces=pieces)).view(scenes.Place(terms.Role.CLUSTER, "XC02"))
    own = set(scene.cases.loc[scene.cases["cluster_id"] == "XC02", "case_id"])
    assert set(moved.cases["case_id"]) == own | {case}
    assert moved.totals["cluster_id"] == "XC02"


def test_land_without_a_case_is_not_drawn_and_nothing_at_all_still_is_a_map(scene):
    pieces = scene.pieces.assign(case_id="")
    assert len(Atlas(replace(scene, pieces=pieces)).view().pieces) == 0
    empty = replace(scene, pieces=scene.pieces.iloc[:0], cases=scene.cases.iloc[:0], tables={})
    assert told(maps.figure(empty))["bounds"] == [[18.0, 73.0], [54.0, 135.0]]


def test_every_status_has_a_style_that_differs():
    drawn = style.styles()
    assert {s.status for s in drawn} == set(terms.Status)
    looks = [(s.fill, s.stroke, s.pattern, s.dash) for s in drawn]
    inefficient = [s for s in drawn if s.status in terms.INEFFICIENT]
    assert {s.pattern for s in inefficient} == {"dots"}
    assert {s.pattern for s in drawn if s.status in terms.IDLE} == {"hatch", "cross"}
    assert len(set(looks)) >= len(looks) - 4


def test_cards_speak_of_approvals_and_supplies(scene):
    atlas = Atlas(scene)
    table, shown = atlas.cards.of(atlas.view().rows)
    columns = {f.column: f for f in shown}
    assert columns["reason"].label == "判定理由"
    assert columns["supply.parcel_code"].label == "宗地编号"
    is_approval = table["kind"] == "approval"
    assert table.loc[is_approval, "supply.parcel_code"].isna().all()
    assert (table.loc[is_approval, "approval.compensation_done"] == "是").all()
    names = {"许昌市2014年度第三批城市建设用地", *maps_scene.HOSTILE}
    assert set(table.loc[is_approval, "name"]) <= names
    assert "fee_cny" not in columns


# text is text


def test_hostile_text_is_never_compiled(scene):
    text = maps.figure(scene).html()
    assert "onerror=alert" not in text  # cells travel packed
    table = Atlas(scene).cards.table
    assert set(maps_scene.HOSTILE) <= set(table["name"])


def test_hostile_titles_and_names_stay_text(scene):
    name = '</script><img src=x onerror=alert(1)>{{7*7}}"`${1}`\u2028'
    space = replace(scene.workspace, name=name)
    tables = dict(scene.tables)
    tables["cluster"] = tables["cluster"].assign(cluster_name=name)
    totals = dict(
        scene.totals, clusters=[dict(c, cluster_name=name) for c in scene.totals["clusters"]]
    )
    hostile = replace(scene, workspace=space, tables=tables, totals=totals)
    drawn = maps.figure(hostile, spec.Spec("a", title=name), cluster_id="XC01")
    text = drawn.html()
    assert "<img src=x" not in text
    assert told(drawn)["workspace"] == name
    found = re.search(r'id="landuse-settings">(.*?)</script>', text, re.DOTALL)[1]
    assert json.loads(found)["workspace"] == name


def test_json_in_a_page_comes_back_whole():
    data = {"a": "</script><!--&\u2028\u2029\x00\ud800"}
    text = page.as_json(data)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == data


# folium


def test_a_planner_can_add_layers_and_other_maps_are_left_alone(scene):
    links = list(folium.Map.default_js)
    drawn = maps.figure(scene)
    folium.GeoJson({"type": "Point", "coordinates": [113.7, 34.0]}).add_to(drawn)
    text = drawn.html()
    assert "113.7" in text
    assert "iframe" in drawn._repr_html_()
    drawn.add_js_link("mine", "x.js")
    assert links == folium.Map.default_js


def test_a_layer_that_needs_the_network_is_refused_unless_allowed(scene):
    from folium.plugins import Fullscreen

    with pytest.raises(MapError, match="from outside"):
        Fullscreen().add_to(maps.figure(scene)).get_root().render()
    text = Fullscreen().add_to(maps.figure(scene, is_offline=False)).get_root().render()
    assert "Content-Security-Policy" not in text


def test_another_leaflet_is_refused(monkeypatch):
    monkeypatch.setattr(assets, "_leaflet", lambda _: b"var L = {}")
    with pytest.raises(AssetError, match=r"1\.9\.3"):
        assets.scripts.__wrapped__()


# codec


FRAME = pd.DataFrame(
    {
        "text": pd.Series(
            ["许昌", None, "</script>", "a\x1fb\x00\ufeff", "", "\ud800x", "\U0001f3ed"],
            dtype=object,
        ),
        "whole": pd.array([0, -5, 2**30, None, 17, -(2**30), 3], dtype="Int64"),
        "day": pd.to_datetime(
            ["1969-12-31", None, "2018-05-31", "1950-01-01", "2262-01-01"] + [None] * 2
        ),
        "float": [0.1, np.nan, -1e300, 5e-324, 10521.6133333333333, -0.0, 1 / 3],
    }
)
SHAPES = [
    shapely.Polygon(
        [(113, 34), (113.001, 34), (113.001, 34.001)],
        [[(113.0008, 34.0002), (113.0009, 34.0002), (113.0009, 34.0003)]],
    ),
    None,
    shapely.MultiPolygon([shapely.box(112, 33, 112.5, 33.5), shapely.box(-70, -33, -69, -32)]),
    shapely.Polygon(),
    shapely.box(113.123456, 34, 113.2, 34.1),
]  # fmt: skip


@pytest.mark.parametrize("reader", ["stream", "inflate"])
def test_what_is_packed_comes_out_exactly(tmp_path, reader):
    if NODE is None:
        pytest.skip("node is not installed")
    package = codec.Package()
    packings = {"text": "text", "whole": "whole", "day": "whole", "float": "float"}
    package.add_table("t", FRAME, packings)
    package.add_table("empty", FRAME.iloc[:0], packings)
    package.add_shapes("s", SHAPES)
    package.add_shapes("lines", [shapely.LineString([(113, 34), (114, 35), (113, 34)])])
    package.add_shapes("none", [])
    (tmp_path / "package").write_text(package.base64(), encoding="ascii")
    columns = json.dumps({"t": [*FRAME], "empty": [*FRAME]})
    command = [NODE, str(JS / "unpack.js"), str(tmp_path / "package"), reader, columns]
    done = subprocess.run(command, capture_output=True, check=True)
    found = json.loads(done.stdout)
    table = found["tables"]["t"]
    assert table["text"] == [None if pd.isna(v) else v for v in FRAME["text"]]
    assert table["whole"] == [None if pd.isna(v) else v for v in FRAME["whole"]]
    assert table["day"][2] == 17682
    assert table["day"][:2] == [-1, None]
    for got, given in zip(table["float"], FRAME["float"], strict=True):
        assert got == given or (got is None and np.isnan(given))
    assert found["tables"]["empty"] == {name: [] for name in FRAME}
    check_shapes(found["shapes"])


def check_shapes(found):
    assert [len(rings) for rings in found["s"]] == [2, 0, 2, 0, 1]
    outer, hole = (shapely.LinearRing([(x, y) for y, x in ring]) for ring in found["s"][0])
    assert outer.is_ccw != hole.is_ccw
    for given, rings in zip(SHAPES, found["s"], strict=True):
        points = shapely.get_coordinates(given)
        seen = np.array([(x, y) for ring in rings for y, x in ring]).reshape(-1, 2)
        apart = np.abs(points[:, None] - seen[None]).max(axis=2)
        assert all((apart.min(axis=axis) < 1.5e-6).all() for axis in (0, 1) if apart.size)
    assert found["lines"] == [[[[34, 113], [35, 114], [34, 113]]]]
    assert found["none"] == []


def test_a_number_too_large_is_refused():
    with pytest.raises(ValueError, match="32 bits"):
        codec.Package().add_table("t", pd.DataFrame({"a": [2**31]}), {"a": "whole"})


def test_pictures_of_a_case_lie_in_the_page_once(scene):
    first, second = scene.cases["case_id"].sort_values().head(2)
    chip = maps.Chip(maps_scene.ON, "影像", maps_scene.PIXEL)
    drawn = maps.figure(replace(scene, chips={first: [chip, chip], second: [chip], "none": [chip]}))
    picture = ("2018-05-31 影像", "image/png")
    assert told(drawn)["chips"] == {first: [(*picture, 0), (*picture, 1)], second: [(*picture, 2)]}
    raw = gzip.decompress(base64.b64decode(drawn.content.package))
    assert raw.count(maps_scene.PIXEL) == 1


def test_a_picture_no_page_can_show_is_refused(scene):
    first = scene.cases["case_id"].iloc[0]
    chips = {first: [maps.Chip(maps_scene.ON, "影像", b"<svg onload=alert(1)>")]}
    with pytest.raises(MapError, match="neither PNG, JPEG nor WebP"):
        maps.figure(replace(scene, chips=chips))


def test_pieces_without_a_reference_system_are_taken_to_be_the_workspace_s(scene):
    bare = gpd.GeoDataFrame(
        scene.pieces.drop(columns="geometry"), geometry=list(scene.pieces.geometry)
    )
    assert maps.figure(replace(scene, pieces=bare)).html() == maps.figure(scene).html()
