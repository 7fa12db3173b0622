"""The maps in a real Chromium, from file://, with every other address cut off."""

import re
from dataclasses import replace
from pathlib import Path

import maps_scene
import pytest
from maps_tab import NEEDS_CHROMIUM, Tab, browsing, showing

from landuse import maps, terms

NAUGHTY = Path(__file__).parents[2] / "shared" / "data" / "hostile-text" / "naughty-strings.txt"

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def scene():
    return maps_scene.scene(8)


@pytest.fixture(scope="module")
def browser():
    with browsing() as opened:
        yield opened


@pytest.fixture
def shown(browser, tmp_path):
    with showing(browser, tmp_path) as show:
        yield show


def rows(page, selector):
    found = {}
    for row in page.query_selector_all(selector):
        texts = [row.query_selector(f".{name}").inner_text() for name in ("word", "count", "mu")]
        found[texts[0]] = (texts[1], texts[2])
    return found


def figures(total):
    return f"{total['count']:,}", f"{total['area_m2'] * 0.0015:,.2f}"


@pytest.mark.parametrize("cluster", [None, "XC03"])
def test_the_legend_equals_the_totals(shown, scene, cluster):
    total = scene.totals["city"] if cluster is None else scene.totals["clusters"][2]
    page = shown(maps.figure(scene, cluster_id=cluster))
    for fold in page.query_selector_all(".fold[aria-expanded=false]"):
        if fold.is_visible():
            fold.click()
    found = rows(page, ".legend-state > .legend-row")
    assert found == {
        terms.label(terms.State(state)): figures(known) for state, known in total["states"].items()
    }
    found = rows(page, ".legend-row.status")
    known = {s: k for state in total["states"].values() for s, k in state["statuses"].items()}
    assert found == {
        terms.label(terms.Status(s)): figures(k) for s, k in known.items() if s != "undetermined"
    }
    assert rows(page, ".total") == {"合计": figures(total)}
    marks = list(rows(page, "[data-mark=idle], [data-mark=determined]").values())
    assert marks == [figures(total["idle"]), figures(total["determined"])]
    assert page.inner_text("#found") == f"{page.evaluate('landuse.model.cases.rows'):,} 宗"


def test_ticks_change_map_list_and_bottom_line_but_no_figure(shown, scene):
    page = shown(maps.figure(scene))
    before = rows(page, ".legend-state > .legend-row")
    page.uncheck("[data-state=completed] > .legend-row input")
    page.uncheck("[data-state=undetermined] > .legend-row input")
    states = scene.totals["city"]["states"]
    left = [states[s] for s in states if s not in {"completed", "undetermined"}]
    total = {key: sum(state[key] for state in left) for key in ("count", "area_m2")}
    assert rows(page, ".total") == {"已勾选": figures(total)}
    assert rows(page, ".legend-state > .legend-row") == before
    assert page.inner_text("#found") == f"{total['count']:,} 宗"
    page.click(".legend-head .plain")
    assert rows(page, ".total") == {"合计": figures(scene.totals["city"])}


def test_hostile_names_are_found_and_shown_as_they_are(shown, scene):
    page = shown(maps.figure(scene))
    for name in maps_scene.HOSTILE[:6]:
        page.fill("#search", name[2:])
        page.wait_for_selector("#found:text-is('1 宗')")
        page.press("#search", "Enter")
        assert page.text_content("#card h2") == name
        assert page.text_content(".list-row .row-name") == name
        page.keyboard.press("Escape")
    assert page.query_selector_all("#app iframe, #app script, #app object") == []
    assert {i.get_attribute("class") for i in page.query_selector_all("#app img")} == {"swatch"}


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="shared/data/hostile-text is not here")
def test_every_naughty_string_is_shown_unaltered(shown):
    lines = NAUGHTY.read_text(encoding="utf-8").split("\n")
    big = maps_scene.scene(16, hostile=False)
    names = [line for line in lines if line.strip()]
    cases = big.cases.sort_values("case_id").reset_index(drop=True)
    cases = cases.assign(kind="supply", project_name="项目")
    cases.loc[: len(names) - 1, "right_holder"] = names
    page = shown(maps.figure(replace(big, cases=cases)))
    read = """() => Array.from({ length: landuse.model.cases.rows }, (unused, i) => {
        landuse.model.choose(i);
        return document.querySelector('#card h2').textContent;
    })"""
    assert page.evaluate(read)[: len(names)] == names
    assert page.evaluate("typeof window.xss + typeof window.a") == "undefinedundefined"
    box = page.query_selector("#list")
    for top in range(0, len(cases) * 46, 600):
        box.evaluate("(box, top) => { box.scrollTop = top; }", top)
    assert {i.get_attribute("class") for i in page.query_selector_all("#app img")} == {"swatch"}


def test_the_keyboard_alone_reaches_everything(shown, scene):
    page = shown(maps.figure(scene))
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    for name in ("jump", "print", "fold", "search", "in-view", "list"):
        assert name in seen
    page.focus("#search")
    page.keyboard.type("精密")
    page.wait_for_selector("#found:has-text('宗')")
    page.wait_for_timeout(300)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = page.get_attribute("#list", "aria-activedescendant")
    assert page.get_attribute(f"#{active}", "aria-posinset") == "2"
    name = page.inner_text(f"#{active} .row-name")
    page.keyboard.press("Enter")
    assert page.inner_text("#card h2") == name
    assert page.evaluate("document.activeElement.id") == "card"
    page.keyboard.press("Escape")
    assert page.is_hidden("#card")
    assert page.evaluate("document.activeElement.id") == "list"


def test_a_click_opens_the_card_and_a_hole_does_not(shown, scene):
    page = shown(maps.figure(scene, cluster_id="XC01"))
    at = """(id) => {
        const model = landuse.model;
        for (let i = 0; i < model.cases.rows; i += 1) {
            if (model.cases.get('case_id')(i) !== id) continue;
            model.map.setView(model.boundsOf(i).getCenter(), 17, {animate: false});
            const box = model.map.getContainer().getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
        }
    }"""
    held = scene.pieces[
        scene.pieces.geometry.apply(lambda g: len(g.interiors) if g.geom_type == "Polygon" else 0)
        > 0
    ]
    case = held.loc[held["cluster_id"] == "XC01", "case_id"].iloc[0]
    x, y = page.evaluate(at, case)
    page.mouse.click(x, y)
    assert page.is_hidden("#card")
    page.mouse.click(x - 35, y)
    assert page.inner_text("#card [data-field=case_id]") == case
    assert page.get_attribute(".list-row[aria-selected=true]", "id")


def test_enter_on_the_map_opens_the_parcel_in_the_middle(shown, scene):
    page = shown(maps.figure(scene, cluster_id="XC02"))
    name = page.evaluate("""() => {
        const model = landuse.model;
        const i = [...model.style.keys()].find((k) => model.piecesOf(k).length === 1);
        model.map.setView(model.boundsOf(i).getCenter(), 18, {animate: false});
        model.map.panBy([12, -25], {animate: false});
        return model.nameOf(i);
    }""")
    page.focus(".folium-map")
    page.keyboard.press("Enter")
    assert page.text_content("#card h2") == name


def test_the_list_can_keep_to_what_is_in_view(shown, scene):
    page = shown(maps.figure(scene))
    whole = page.inner_text("#found")
    page.select_option("#jump", label="长葛产业集聚区")
    page.check("#in-view")
    drawn = scene.pieces.loc[scene.pieces["cluster_id"] == "XC03", "case_id"].nunique()
    assert page.inner_text("#found") == f"{drawn} 宗" != whole
    page.click("#sort [data-sort=area]")
    areas = [float(a.rstrip("亩")) for a in page.locator(".row-area").all_inner_texts()]
    assert areas == sorted(areas, reverse=True)


def test_a_case_counted_elsewhere_is_listed_apart(shown, scene):
    pieces = scene.pieces.copy()
    case = pieces.loc[pieces["cluster_id"] == "XC01", "case_id"].max()
    pieces.loc[pieces["case_id"] == case, "cluster_id"] = "XC02"
    page = shown(maps.figure(replace(scene, pieces=pieces), cluster_id="XC02"))
    count = scene.totals["clusters"][1]["count"]
    assert page.inner_text("#found") == f"{count} 宗\n另跨界 1 宗"
    page.fill("#search", case)
    page.wait_for_selector(".list-row:only-child")
    assert "计在其他区域" in page.inner_text(".row-about")


def test_the_policy_runs_nothing_that_is_not_ours(browser, tmp_path, scene):
    path = tmp_path / "map.html"
    maps.figure(scene).save(path)
    tab = Tab(browser, path)
    page = tab.ready()
    page.evaluate("""() => {
        const add = (html) => document.body.insertAdjacentHTML('beforeend', html);
        add('<img src=x onerror="window.hit = 1"><svg onload="window.hit = 2"></svg>');
        add('<img src="http://example.invalid/a.png">');
        document.body.appendChild(document.createElement('script')).textContent = 'window.hit = 3';
    }""")
    page.wait_for_timeout(200)
    assert page.evaluate("typeof window.hit") == "undefined"
    assert tab.wrong
    assert not any(line.startswith("request") for line in tab.wrong)
    tab.context.close()


def test_a_card_says_what_was_judged(shown, scene):
    page = shown(maps.figure(scene))
    case = scene.cases[(scene.cases["status"] == "idle_two_years") & ~scene.cases["is_determined"]]
    case = case.sort_values("case_id").iloc[-1]
    page.fill("#search", case["case_id"])
    page.wait_for_selector("#found:text-is('1 宗')")
    page.press("#search", "Enter")
    text = page.inner_text("#card")
    area = f"{case['area_m2'] / 1e4:,.4f} 公顷（{case['area_m2'] * 0.0015:,.2f} 亩）"
    for word in ("疑似闲置（满两年）", "供而未建", area, case["reason"], "第十四条", "2016-03-01"):
        assert word in text
    for word in ("731 天", "判定理由", "依据条文", "处置措施", "责任单位", "时限", "2018-07-30"):
        assert word in text
    assert "null" not in text
    assert "NaN" not in text


def test_a_browser_without_gunzip_opens_it_too(shown, scene):
    page = shown(maps.figure(scene), before="delete window.DecompressionStream")
    assert page.inner_text(".total .count") == figures(scene.totals["city"])[0]


def test_a_broken_file_says_so(browser, tmp_path, scene):
    text = maps.figure(scene).html()
    cut = re.sub(r'(id="landuse-package">.{400})[^<]*', r"\1", text)
    (tmp_path / "cut.html").write_text(cut, encoding="utf-8")
    tab = Tab(browser, tmp_path / "cut.html")
    tab.page.wait_for_selector("html[data-state=failed]")
    assert "地图无法打开" in tab.page.inner_text("#notice")
    tab.context.close()


def test_without_scripts_a_sentence_is_shown(browser, tmp_path, scene):
    path = tmp_path / "map.html"
    maps.figure(scene).save(path)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert "JavaScript" in page.inner_text(".noscript")
    assert "浏览器" in page.inner_text("#notice")
    context.close()


def test_it_prints_on_one_page(shown, scene):
    page = shown(maps.figure(scene))
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert page.text_content("#sheet h1") == "许昌市 土地利用现状图"
    assert figures(scene.totals["city"])[1] in page.text_content("#sheet .total")


def test_a_narrow_window_scrolls_but_never_sideways(shown, scene):
    page = shown(maps.figure(scene), width=400, height=800)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.click("#jump")
    page.select_option("#jump", label="长葛产业集聚区")
    assert page.evaluate("landuse.model.map.getZoom()") > 12


def test_english_has_no_chinese_but_in_the_data(shown):
    scene = maps_scene.scene(4, hostile=False, lang="en")
    page = shown(maps.figure(scene, lang="en"))
    assert page.get_attribute("html", "lang") == "en"
    text = page.inner_text("#legend") + page.inner_text("#list-tools") + page.inner_text("#bar p")
    assert not re.search("[\u4e00-\u9fff]", text)
    assert "synthetic sample data" in page.inner_text("#bar")


def test_the_index_opens_and_leads_to_the_maps(browser, tmp_path, scene):
    made = replace(scene, workspace=replace(scene.workspace, path=Path(__file__).parents[1]))
    maps.write(tmp_path, made)
    tab = Tab(browser, tmp_path / "index.html")
    tab.page.click("a >> nth=0")
    tab.ready()
    assert tab.wrong == []
    tab.context.close()
