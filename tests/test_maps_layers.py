"""Basemaps and layers beside the parcels: what may be asked for, what comes of it, in Chromium."""

import base64
import json
import math
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date

import geopandas as gpd
import maps_scene
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from rasterio.transform import from_bounds

from landuse import findings, layers, maps, schema
from landuse.crs import webmaps
from landuse.errors import MapError
from landuse.maps import codec, grid, ground, spec
from landuse.maps.basemap import Basemap
from landuse.terms import Role

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # affine in rasterio
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
EXTENT = (113.65, 33.96, 113.75, 34.06)
TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""
NASTY = "<img src=x onerror=alert(1)></script>{{7*7}}${1}`\u2028\\1"


def space(tmp_path, text=""):
    (tmp_path / "maps").mkdir(exist_ok=True)
    (tmp_path / "maps" / "a.toml").write_text(text, encoding="utf-8")
    return tmp_path


def asked(tmp_path, text):
    return spec.load(space(tmp_path, "[[basemaps]]\n" + text))[0].basemaps[0]


def photo(path, **options):
    pixels = np.zeros((3, 40, 60), np.uint8)
    pixels[0, :, :30], pixels[2, :, 30:] = 200, 200
    form = {"driver": "GTiff", "width": 60, "height": 40, "count": 3, "dtype": "uint8"}
    with rasterio.open(path, "w", **form, **options) as made:
        made.write(pixels)
    return path


def mbtiles(path, form="png"):
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        base.execute("INSERT INTO metadata VALUES ('format', ?)", (form,))
        base.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        for zoom in (10, 11):
            middle = 2**zoom * (1 + math.asinh(math.tan(math.radians(34.0))) / math.pi) / 2
            column, row = int(2**zoom * (113.7 + 180) / 360), int(middle)
            for x in range(column - 3, column + 4):
                tile = (zoom, x, row, TILE)
                base.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", tile)
    return path


# what may be asked for


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "either file"),
        ('file = "a.tif"\nonline = "gaode"', "either file"),
        ('file = "../a.tif"', "leads out"),
        ('file = "/etc/a.tif"', "leads out"),
        ('file = "C:/a.tif"', "leads out"),
        ('file = "a.exe"', "should end with"),
        ('file = "a.png"\nbounds = [1, 2]', "bounds should be"),
        ('file = "a.png"\nbounds = [114, 34, 113, 35]', "bounds should be"),
        ('online = "tianditu"', "needs token"),
        ('online = "tianditu"\ntoken = "a b"', "needs token"),
        ('online = "tianditu"\ntoken = "a"\nlayer = "sat"', "Allowed: vec"),
        ('online = "gaode"', "shifted = true"),
        ('online = "javascript:alert(1)//{x}{y}{z}"', "Allowed: tianditu"),
        ('online = "https://a b/{x}/{y}/{z}"', "Allowed: tianditu"),
        ('online = "https://a.cn; script-src */{x}/{y}/{z}"', "Allowed: tianditu"),
        ('online = "https://a.cn/tile.png"', "Allowed: tianditu"),
        ('file = "a.tif"\ncolour = "red"', "unknown key colour"),
        ("file = 3", "should be text in quotes"),
    ],
)
def test_a_basemap_that_cannot_be_meant_is_refused(tmp_path, text, words):
    with pytest.raises(MapError, match=re.escape(words)):
        asked(tmp_path, text)


def test_basemaps_must_be_tables(tmp_path):
    with pytest.raises(MapError, match="should be a table"):
        spec.load(space(tmp_path, 'basemaps = ["a.tif"]'))


def test_a_layer_we_do_not_have_is_refused(tmp_path):
    with pytest.raises(MapError, match="layers names supply"):
        spec.load(space(tmp_path, 'layers = ["supply"]'))


# what the page may connect to


def test_a_page_may_load_pictures_from_the_hosts_of_its_basemaps_and_nothing_else():
    scene = maps_scene.scene(4)
    plain = maps.figure(scene).html()
    rule = re.search(r'Content-Security-Policy" content="([^"]+)"', plain)[1]
    assert "img-src data: blob:;" in rule
    assert "http" not in rule
    below = Basemap(online="tianditu", token="k", hidden=True)
    bureau = Basemap(online="http://10.1.2.3:8080/wmts/{TileMatrix}/{TileRow}/{TileCol}.png")
    text = maps.figure(scene, spec.Spec("a", basemaps=(below, bureau))).html()
    rule = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    hosts = [f"https://t{n}.tianditu.gov.cn" for n in range(8)]
    assert f"img-src data: blob: http://10.1.2.3:8080 {' '.join(hosts)};" in rule
    assert rule.replace(" http://10.1.2.3:8080 " + " ".join(hosts), "").count("http") == 0
    assert bureau.addresses() == ["http://10.1.2.3:8080/wmts/{z}/{y}/{x}.png"]


# pictures, tiles and outlines


def test_a_picture_is_cut_to_the_map_and_stands_where_it_lies(tmp_path):
    box = (113.68, 33.98, 113.90, 34.20)
    place = from_bounds(*box, 60, 40)
    found = ground.picture(photo(tmp_path / "a.tif", crs="EPSG:4490", transform=place), EXTENT)
    (south, west), (north, east) = found["bounds"]
    assert [west, south, east, north] == pytest.approx([113.68, 33.98, 113.75, 34.06], abs=0.004)
    assert found["url"].startswith("data:image/webp;base64,")
    again = ground.picture(tmp_path / "a.tif", EXTENT)
    assert again == found


def test_a_picture_in_a_survey_grid_lies_where_its_corners_say(tmp_path):
    place = from_bounds(471_000, 3_760_000, 472_000, 3_761_000, 60, 40)
    found = ground.picture(
        photo(tmp_path / "a.tif", crs="EPSG:4547", transform=place), (113, 33, 115, 35)
    )
    to_degrees = pyproj.Transformer.from_crs("EPSG:4547", "EPSG:4490", always_xy=True)
    low, high = to_degrees.transform(471_000, 3_760_000), to_degrees.transform(472_000, 3_761_000)
    (south, west), (north, east) = found["bounds"]
    assert [west, south, east, north] == pytest.approx([*low, *high], abs=3e-4)


def test_a_picture_without_a_place_needs_bounds(tmp_path):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        file = photo(tmp_path / "a.tif")
    with pytest.raises(MapError, match="does not say where"):
        ground.picture(file, EXTENT)
    found = ground.picture(file, EXTENT, (113.6, 33.9, 113.8, 34.1))
    assert found["bounds"][0] == pytest.approx([33.96, 113.65], abs=0.005)
    assert ground.picture(file, EXTENT, (100.0, 20.0, 101.0, 21.0)) is None
    with pytest.raises(MapError, match="outside the map"):
        asking(tmp_path, Basemap(file="a.tif", bounds=(100.0, 20.0, 101.0, 21.0)))
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(MapError, match="cannot be read"):
        ground.picture(tmp_path / "b.png", EXTENT)


def asking(path, below, *sources, **tables):
    """Return what a page is told of one basemap."""
    scene = maps_scene.scene(3, path=path)
    scene = replace(
        scene,
        workspace=replace(scene.workspace, sources=sources),
        tables=dict(scene.tables) | tables,
    )
    return maps.figure(scene, spec.Spec("a", basemaps=(below,))).content.settings["basemaps"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # a bare WebP
def test_imagery_of_the_workspace_is_drawn_by_its_layer(tmp_path):
    """Infrared is shown as red where there is no blue; files outside the map are left out."""
    (tmp_path / "layers").mkdir()
    places = {"east": (113.6, 33.9, 113.8, 34.1), "far": (100.0, 20.0, 101.0, 21.0)}
    form = {"driver": "GTiff", "width": 8, "height": 8, "count": 4, "dtype": "uint8"}
    for name, box in places.items():
        with rasterio.open(
            tmp_path / "layers" / f"{name}.tif", "w", **form, transform=from_bounds(*box, 8, 8)
        ) as made:
            made.write(np.stack([np.full((8, 8), n, np.uint8) for n in (10, 20, 30, 240)]))
    day = date(2018, 4, 2)
    bands = {"green": 2, "red": 3, "nir": 4}
    source = layers.Source("s2", Role.IMAGERY, "哨兵二号", "*.tif", day, crs="EPSG:4490",
                           observed_on=day, bands=bands)  # fmt: skip
    table = schema.empty("imagery").reindex(range(2))
    table["source_layer"] = "s2"
    table["source_file"] = ["layers/far.tif", "layers/east.tif"]
    found = asking(tmp_path, Basemap(imagery="s2"), source, imagery=table)
    assert [one["label"] for one in found] == ["哨兵二号 2018-04-02（east）"]
    with rasterio.MemoryFile(base64.b64decode(found[0]["url"].split(",")[1])) as memory:
        seen = memory.open().read()[:3].reshape(3, -1).mean(axis=1)
    assert seen == pytest.approx([240, 30, 20], abs=12)
    with pytest.raises(MapError, match=r"no layer of role imagery\. There are: s2"):
        asking(tmp_path, Basemap(imagery="s1"), source, imagery=table)


def test_wide_numbers_are_spread_over_the_bytes():
    pixels = np.zeros((4, 1, 101), np.uint16)
    pixels[:3] = np.arange(101) * 30
    pixels[3] = 65_535
    made = ground._stretched(pixels)
    assert made.dtype == np.uint8
    assert (made[0, 0, 0], made[0, 0, -1]) == (0, 255)


def test_tiles_are_cut_to_the_map_and_never_too_heavy(tmp_path, monkeypatch):
    file = mbtiles(tmp_path / "a.mbtiles")
    found = ground.tiles(file, EXTENT)
    assert found["zooms"] == [10, 11]
    assert all(re.fullmatch(r"1[01]/\d+/\d+", key) for key in found["tiles"])
    assert len(found["tiles"]) < 14
    coarse = sum(key.startswith("10/") for key in found["tiles"])
    monkeypatch.setattr(ground, "HEAVIEST", coarse * len(TILE))
    assert ground.tiles(file, EXTENT)["zooms"] == [10, 10]
    with pytest.raises(MapError, match="no tile inside"):
        ground.tiles(file, (100.0, 20.0, 101.0, 21.0))
    with pytest.raises(MapError, match="holds pbf"):
        ground.tiles(mbtiles(tmp_path / "b.mbtiles", "pbf"), EXTENT)
    (tmp_path / "c.mbtiles").write_bytes(b"nothing of the kind" * 99)
    with pytest.raises(MapError, match="not an MBTiles"):
        ground.tiles(tmp_path / "c.mbtiles", EXTENT)


def counties(path, name="许昌县"):
    shapes = [shapely.box(113.6, 33.9, 113.7, 34.1), shapely.box(100, 20, 101, 21)]
    gpd.GeoDataFrame({"name": [name, "远"]}, geometry=shapes, crs="EPSG:4490").to_file(path)


def test_outlines_of_a_file_are_cut_to_the_map(tmp_path):
    counties(space(tmp_path) / "maps" / "c.geojson")
    scene = maps_scene.scene(4, path=tmp_path)
    below = Basemap(file="maps/c.geojson", label="name")
    told = ground.told(
        scene,
        spec.Spec("a", basemaps=(below,)),
        [[33.96, 113.65], [34.06, 113.75]],
        codec.Package(),
    )
    assert told[0]["names"] == ["许昌县"]
    for wrong, words in (
        (replace(below, label="x"), "column x"),
        (Basemap(file="no.png"), "not a"),
    ):
        with pytest.raises(MapError, match=words):
            ground.told(
                scene, spec.Spec("a", basemaps=(wrong,)), [[33, 113], [35, 114]], codec.Package()
            )


def test_the_grid_is_that_of_the_workspace():
    told = grid.told(pyproj.CRS.from_epsg(4547))
    assert (told["meridian"], told["east"], told["scale"]) == (114, 500_000, 1)
    assert grid.told(pyproj.CRS.from_epsg(3857)) is None


# in Chromium

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    """Return a page that notes errors and answers every request with an empty picture."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    shown = context.new_page()
    shown.wrong, shown.asked = [], []

    def answer(route):
        url = route.request.url
        if url.startswith(("file:", "data:", "blob:")):
            route.continue_()
            return
        shown.asked.append(url)
        route.fulfill(
            content_type="image/svg+xml", body='<svg xmlns="http://www.w3.org/2000/svg"/>'
        )

    shown.route("**/*", answer)
    shown.on("pageerror", lambda error: shown.wrong.append(str(error)))
    shown.on("dialog", lambda dialog: (shown.wrong.append("dialog"), dialog.dismiss()))
    shown.on("console", lambda m: m.type == "error" and shown.wrong.append(m.text))
    yield shown
    assert shown.wrong == []
    context.close()


def opened(page, drawn, path):
    drawn.save(path)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-state=ready]", timeout=20_000)


def hostile(tmp_path, **keys):
    """Return the scene with nasty text in every field of every layer, and a figure of it."""
    counties(space(tmp_path) / "maps" / "c.geojson", NASTY)
    scene = maps_scene.scene(5, path=tmp_path)
    tables = dict(scene.tables)
    for role, columns in {
        "approval": ["approval_number", "batch_name"], "cluster": ["cluster_name"],
        "park": ["park_name"], "network": ["kind"], "plan": ["function"],
        "supply": ["parcel_code", "location", "supply_mode", "land_use", "contract_number"],
    }.items():  # fmt: skip
        tables[role] = tables[role].assign(**dict.fromkeys(columns, NASTY))
    shape = tables["cluster"].geometry.iloc[:1]
    site = {"name": [NASTY], "about": [NASTY]}
    places = gpd.GeoDataFrame(site, geometry=list(shape), crs=shape.crs)
    sites = maps.Overlay("site", f"地块{NASTY}", "#005F73", places, layer="site")
    count = len(tables["approval"])
    tables["approval"] = gpd.GeoDataFrame(
        tables["approval"], geometry=[*shape] * count, crs=shape.crs
    )
    supply = tables["supply"]["supply_id"].iloc[0]
    at = "471000 3765500"
    about = {"layer": NASTY, "row": 1, "feature_id": supply, "value": NASTY, "place": at}
    about |= {"other": NASTY, "amount": 1}
    found = findings.rows("supplies_nearly_touch", **about)
    texts = ["right_holder", "project_name", "reason", "measures", "lead", "missing", "articles"]
    cases = scene.cases.assign(**dict.fromkeys(texts, NASTY))
    totals = dict(scene.totals)
    totals["clusters"] = [dict(one, cluster_name=NASTY) for one in totals["clusters"]]
    made = replace(
        scene, workspace=replace(scene.workspace, name=NASTY), tables=tables, cases=cases,
        totals=totals, overlays=[sites], findings=findings.gather([found]),
    )  # fmt: skip
    below = (Basemap(title=NASTY, file="maps/c.geojson", label="name"),)
    asked = spec.Spec(
        "a", title=NASTY, note=NASTY, reported_by=NASTY, marking=NASTY, hidden=(),
        layers=("approval", "site", "finding"), basemaps=below, **keys,
    )  # fmt: skip
    return maps.figure(made, asked)


@needs_chromium
def test_nasty_text_in_every_layer_is_shown_as_it_is(page, tmp_path):
    drawn = hostile(tmp_path)
    assert "<img src=x" not in drawn.html()
    opened(page, drawn, tmp_path / "map.html")
    read = """() => {
      const seen = [];
      landuse.model.extras.forEach((entry) => {
        entry.open(0, null);
        seen.push([entry.told.layer, document.querySelector('.leaflet-popup-content').textContent]);
      });
      return seen;
    }"""
    seen = dict(page.evaluate(read))
    assert set(seen) == {"approval", "site", "finding"}
    assert all(NASTY in words for words in seen.values())
    labels = page.evaluate(
        "[...document.querySelectorAll('.outline-label')].map((n) => n.textContent)"
    )
    assert set(labels) == {NASTY}
    assert {"label-ground", "label-cluster", "label-park"} <= set(
        " ".join(
            page.evaluate(
                "[...document.querySelectorAll('.outline-label')].map((n) => n.className)"
            )
        ).split()
    )
    page.evaluate("() => landuse.model.choose(0, {})")
    assert NASTY in page.text_content("#card")
    assert page.query_selector_all("#app iframe, #app script, #app object, #sheet img[src=x]") == []
    assert page.evaluate("document.querySelectorAll('img[src=\"x\"]').length") == 0
    assert page.asked == []


@needs_chromium
def test_layers_are_switched_by_name_and_answer_to_a_click(page, tmp_path):
    drawn = hostile(tmp_path)
    opened(page, drawn, tmp_path / "map.html")
    branches = page.locator(".layer-branch .branch-word").all_inner_texts()
    assert branches == ["界线与设施", "专题", "底图"]
    box = page.locator("label:has-text('数据问题') input")
    assert box.is_checked()
    on = "() => landuse.model.extras.map((e) => landuse.model.map.hasLayer(e.group))"
    assert page.evaluate(on) == [True, True, True]
    box.uncheck()
    assert page.evaluate(on) == [True, True, False]
    box.check()
    at = page.evaluate("""() => {
      const model = landuse.model;
      model.map.setView(model.extras[2].placeOf(0), 16, { animate: false });
      const box = model.map.getContainer().getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    }""")
    page.wait_for_timeout(200)
    page.mouse.move(*at)
    page.mouse.click(*at)
    assert NASTY in page.text_content(".leaflet-popup-content")
    assert page.is_hidden("#card")


@needs_chromium
def test_things_of_a_layer_open_from_the_keyboard(page, tmp_path):
    opened(page, hostile(tmp_path), tmp_path / "map.html")
    page.focus(".next-thing >> nth=1")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "extra-card"
    assert NASTY in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Escape")
    assert "next-thing" in page.evaluate("document.activeElement.className")
    page.focus(".folium-map")  # the thing is still in the middle of the map
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "extra-card"
    page.keyboard.press("Escape")
    assert "folium-map" in page.evaluate("document.activeElement.className")
    assert page.is_hidden("#card")
    page.locator("label:has-text('地块') input").uncheck()
    assert page.is_hidden(".next-thing >> nth=1")


@needs_chromium
def test_offline_basemaps_are_drawn_and_ask_for_nothing(page, tmp_path):
    mbtiles(space(tmp_path) / "maps" / "a.mbtiles")
    photo(
        tmp_path / "maps" / "a.tif", crs="EPSG:4490",
        transform=from_bounds(113.6, 33.9, 113.8, 34.1, 60, 40),
    )  # fmt: skip
    below = (Basemap(file="maps/a.mbtiles"), Basemap(title="影像", file="maps/a.tif"))
    scene = maps_scene.scene(5, path=tmp_path)
    opened(page, maps.figure(scene, spec.Spec("a", basemaps=below)), tmp_path / "map.html")
    page.wait_for_selector(".leaflet-landuse-base-pane img.leaflet-tile-loaded", state="attached")
    picture = page.query_selector(".leaflet-landuse-base-pane img.leaflet-image-layer")
    assert picture.evaluate("(node) => node.naturalWidth > 10")
    page.uncheck("label:has-text('影像') input")
    assert page.query_selector(".leaflet-landuse-base-pane img.leaflet-image-layer") is None
    assert page.asked == []


@needs_chromium
def test_gaode_is_moved_back_and_says_so(page, tmp_path):
    below = (Basemap(title="高德", online="gaode", shifted=True),)
    scene = maps_scene.scene(5)
    opened(page, maps.figure(scene, spec.Spec("a", basemaps=below)), tmp_path / "map.html")
    page.wait_for_timeout(200)
    assert page.asked
    assert all(re.match(r"https://webrd0[1-4]\.is\.autonavi\.com/", url) for url in page.asked)
    assert "GCJ-02" in page.inner_text("#ground-note")
    lon, lat = np.array([113.7, 113.9]), np.array([34.0, 34.3])
    east, north = webmaps.shifted("GCJ-02", lon, lat)
    for i in range(2):
        ask = "(at) => { const p = landuse.gcj(...at); return [p.lat, p.lng]; }"
        got = page.evaluate(ask, [lat[i], lon[i]])
        assert got == pytest.approx([north[i], east[i]], abs=1e-9)
    # the tile that 高德 draws a place on must stand over that place
    gap = page.evaluate("""() => {
      const model = landuse.model;
      const tiles = model.grounds[0].group.getLayers()[0];
      const tile = Object.values(tiles._tiles)[0];
      const middle = tile.coords.scaleBy(L.point(256, 256)).add(L.point(128, 128));
      const drawn = model.map.unproject(middle, tile.coords.z);
      const holder = L.DomUtil.getPosition(tile.el.parentNode);
      const at = L.DomUtil.getPosition(tile.el).add(L.point(128, 128)).add(holder);
      const stands = model.map.layerPointToLatLng(at);
      const back = landuse.gcj(stands.lat, stands.lng);
      return model.map.distance(back, drawn) / model.map.distance(stands, drawn);
    }""")
    assert gap < 0.1


@needs_chromium
def test_places_are_said_in_the_survey_s_grid(page, tmp_path):
    opened(page, maps.figure(maps_scene.scene(4)), tmp_path / "map.html")
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(111, 117, 50), rng.uniform(20, 50, 50)
    for code in (4547, 4526):
        told = grid.told(pyproj.CRS.from_epsg(code))
        turn = pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{code}", always_xy=True)
        expected = np.column_stack(turn.transform(lon, lat))
        read = """([grid, points]) => points.map((p) => {
          const found = landuse.onGrid(grid, p[1], p[0]);
          return [found.east, found.north];
        })"""
        got = np.array(page.evaluate(read, [told, np.column_stack([lon, lat]).tolist()]))
        assert np.abs(got - expected).max() < 0.001
    page.mouse.move(800, 400)
    words = page.inner_text("#coordinates")
    east, north = (float(re.search(rf"{axis} ([\d.]+)", words)[1]) for axis in ("Y", "X"))
    lon, lat = (float(re.search(rf"{word} ([\d.]+)", words)[1]) for word in ("东经", "北纬"))
    turn = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True)
    assert turn.transform(lon, lat) == pytest.approx((east, north), abs=0.1)


@needs_chromium
def test_measuring_by_keyboard_and_mouse(page, tmp_path):
    opened(page, maps.figure(maps_scene.scene(4)), tmp_path / "map.html")
    page.focus(".tool-ruler")
    page.keyboard.press("Enter")
    assert page.get_attribute(".tool-ruler", "aria-pressed") == "true"
    page.evaluate("""() => {
      const { map, config } = landuse.model;
      const c = map.getCenter();
      const steps = [[0, 0], [0, 0.002], [0.002, 0.002], [0.002, 0]];
      window.square = steps.map((d) => L.latLng(c.lat + d[0], c.lng + d[1]));
      landuse.model.measure.add(window.square[0]);
      landuse.model.measure.add(window.square[1]);
      landuse.model.measure.add(window.square[2]);
      map.setView(window.square[3], map.getZoom(), { animate: false });
      window.square[3] = map.getCenter();
    }""")
    page.keyboard.press("Enter")
    corners = page.evaluate("window.square.map((p) => [p.lng, p.lat])")
    turn = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True)
    ring = shapely.Polygon([turn.transform(*at) for at in corners])
    said = page.inner_text("#measured").replace(",", "")
    assert float(re.search(r"面积 (\d+)", said)[1]) == pytest.approx(ring.area, rel=1e-3)
    assert page.is_hidden("#card")
    page.keyboard.press("Escape")
    page.wait_for_timeout(50)
    assert page.is_hidden("#measured")
    assert page.get_attribute(".tool-ruler", "aria-pressed") == "false"
    assert page.get_attribute(".tool-screen", "aria-label") == "全屏"


def test_the_same_basemaps_give_the_same_bytes(tmp_path):
    mbtiles(space(tmp_path) / "maps" / "a.mbtiles")
    counties(tmp_path / "maps" / "c.geojson")
    below = (Basemap(file="maps/a.mbtiles"), Basemap(file="maps/c.geojson", label="name"))
    asked = spec.Spec("a", basemaps=below, layers=("approval", "finding"))
    scene = maps_scene.scene(4, path=tmp_path)
    assert maps.figure(scene, asked).html() == maps.figure(scene, asked).html()
    told = json.dumps(maps.figure(scene, asked).content.settings["basemaps"][1], ensure_ascii=False)
    assert "许昌县" in told
