"""Maps for everyone: every page of the sample opens, is accessible, fits a phone, reads in grey."""

import html
import json
import re
from datetime import date
from pathlib import Path

import maps_scene
import pandas as pd
import pytest
from maps_scene import PIXEL
from maps_tab import NEEDS_CHROMIUM, Tab, browsing, showing

import landuse
from landuse import maps
from landuse.maps import style

ROOT = Path(__file__).parents[1]
DAYS = (date(2017, 5, 31), date(2018, 5, 31))

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def scene():
    return maps_scene.rich(6)


@pytest.fixture(scope="module")
def browser():
    with browsing() as opened:
        yield opened


@pytest.fixture
def shown(browser, tmp_path):
    with showing(browser, tmp_path) as show:
        yield show


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The maps of the repository's own workspace, with the states of an earlier day."""
    folder = tmp_path_factory.mktemp("sample")
    run = landuse.run(ROOT, on=DAYS[1])
    now = run.cases[["case_id", "state", "status"]]
    then = now.assign(state="supplied_unbuilt", status="not_due", day=DAYS[0])
    maps.write(folder, run, frames=pd.concat([then, now.assign(day=DAYS[1])]))
    return folder, run.totals


def totals_of(told, totals):
    """The totals of the place a map shows, by the name its tree gives it."""
    named = {total["cluster_name"]: total for total in totals["clusters"]}
    named |= {total["park_name"]: total for total in totals["parks"]}
    named[totals["workspace"]] = totals["city"]
    named["产业集聚区以外"] = next(t for t in totals["clusters"] if t["cluster_id"] == "")
    return named[told["tree"]["name"]]


def told_in(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="landuse-settings">(.*?)</script>', text, re.DOTALL)[1])


def test_every_map_of_the_sample_opens_alone_and_shows_the_totals(browser, sample):
    folder, totals = sample
    files = sorted(folder.glob("*.html"))
    pages = [path for path in files if path.name != "index.html"]
    assert len(pages) == 1 + 11 + len(totals["parks"])
    for path in pages:
        known = totals_of(told_in(path), totals)
        tab = Tab(browser, path)
        page = tab.ready()
        figures = f"{known['count']:,}", f"{known['area_m2'] * 0.0015:,.2f}"
        found = tuple(page.inner_text(f".total .{name}") for name in ("count", "mu"))
        assert found == figures, path.name
        sums = page.evaluate("landuse.model.summed(() => true)")
        assert sums["count"] == known["count"], path.name
        assert sums["area_m2"] == pytest.approx(known["area_m2"], abs=0.01), path.name
        assert page.is_visible("#slider")
        assert tab.wrong == [], path.name
        tab.context.close()


def test_the_index_leads_to_every_map_with_its_figures(browser, sample):
    folder, totals = sample
    tab = Tab(browser, folder / "index.html")
    links = [a.get_attribute("href") for a in tab.page.query_selector_all(".tile a")]
    files = {path.name for path in folder.glob("*.html")} - {"index.html"}
    assert set(links) == files
    text = tab.page.inner_text("main")
    for total in [totals["city"], *totals["clusters"][:-1], *totals["parks"]]:
        assert f"{total['area_m2'] * 0.0015:,.2f}" in text
    tab.page.click(".clusters a >> nth=0")
    tab.ready()
    assert tab.wrong == []
    tab.context.close()


def serious(page):
    """Faults that axe-core calls serious or critical, with the elements."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (fault["id"], fault["impact"], [node["html"][:160] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_no_serious_fault_of_access(browser, sample, width, height):
    """The policy of the page forbids strangers' scripts, so it is set aside for axe-core."""
    folder, _ = sample
    park = min(path.name for path in folder.glob("parks-*.html"))
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    assert serious(page) == []
    page.goto((folder / ("overview.html" if width > 400 else park)).as_uri())
    page.wait_for_selector("html[data-state=ready]")
    for tab in ("legend", "filters", "tree"):
        page.click(f"#tab-{tab}")
        assert serious(page) == [], tab
    page.press("#search", "Enter")
    page.wait_for_selector("#card:not([hidden])")
    assert serious(page) == [], "card"
    context.close()


def test_all_that_can_be_done_can_be_done_with_the_keyboard_and_is_named(shown, scene):
    page = shown(maps.figure(scene))
    page.press("#search", "Enter")
    unnamed = page.evaluate("""() => {
        const all = document.querySelectorAll('button, input, select, [tabindex]');
        const isNamed = (n) => n.textContent.trim() || (n.labels && n.labels.length)
            || n.getAttribute('aria-label') || n.getAttribute('aria-labelledby');
        return [...all].filter((n) => n.offsetParent && !isNamed(n)).map((n) => n.outerHTML);
    }""")
    assert unnamed == []
    page.keyboard.press("Escape")
    page.focus("#tab-legend")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-filters"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.inner_text("#tab-filters") == "筛选 (1)"
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_nothing_runs_off_the_side(shown, scene, width, height):
    page = shown(maps.figure(scene), width=width, height=height)
    for tab in ("filters", "tree", "legend"):
        page.click(f"#tab-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
    page.press("#search", "Enter")
    box = page.locator("#card").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def grey(colour):
    """Lightness of a colour to the eye, 0 to 1 (sRGB luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True)) ** (1 / 2.2)


def test_what_the_law_minds_is_told_apart_without_colour():
    drawn = style.styles()
    patterns = {s.pattern for s in drawn}
    assert patterns == {"", "hatch", "cross", "dots"}
    for idle in (s for s in drawn if s.pattern in {"hatch", "cross"}):
        assert abs(grey(idle.fill) - grey(idle.ink)) > 0.15, idle.status
    states = [grey(fill) for fill in style.FILLS.values()]
    assert len({round(tone, 1) for tone in states}) >= 4


def test_english_by_request_and_the_data_as_they_are(browser, tmp_path):
    made = maps_scene.rich(4, hostile=False, lang="en")
    path = tmp_path / "a.html"
    maps.figure(made, lang="en").save(path)
    tab = Tab(browser, path)
    page = tab.ready()
    for name in ("filters", "tree"):
        page.click(f"#tab-{name}")
    labels = page.eval_on_selector_all("#filters legend", "all => all.map((n) => n.textContent)")
    assert labels == [
        "time idle (net of lawful pauses)", "grade", "measures", "lead department", "Findings",
    ]  # fmt: skip
    words = page.eval_on_selector_all(
        "#tabs, #tools button, #takeout, #filters p", "all => all.map((n) => n.textContent).join()"
    )
    assert not re.search("[\u4e00-\u9fff]", words)
    assert tab.wrong == []
    tab.context.close()


def test_hostile_text_in_every_field_is_only_text(shown, scene):
    """Every text column of every table, the pauses, findings, mark and captions."""
    from dataclasses import replace

    naughty = '</script><img src=x onerror="window.hit=1">{{7*7}}${1}`\\1\u2028]]>'
    cases = scene.cases.copy()
    for column in ("right_holder", "project_name", "reason", "articles", "measures", "lead",
                   "support", "missing", "grade", "evidence"):  # fmt: skip
        cases[column] = naughty
    tables = {}
    for role, table in scene.tables.items():
        tables[role] = table.copy()
        for name in table.columns:
            is_key = name.endswith("_id") or name == "geometry"
            if not is_key and str(table[name].dtype) in {"str", "string", "object"}:
                tables[role][name] = naughty
    chips = {case_id: [(date(2018, 5, 9), naughty, PIXEL)] for case_id in scene.chips}
    hostile = replace(scene, cases=cases, tables=tables, chips=chips)
    spec = maps.Spec("a", title=naughty, note=naughty, reported_by=naughty, marking=naughty)
    page = shown(maps.figure(hostile, spec))
    page.fill("#search", next(iter(scene.chips)))
    page.wait_for_selector("#found:text-is('1 宗')")
    page.press("#search", "Enter")
    for name in ("filters", "tree", "legend"):
        page.click(f"#tab-{name}")
    page.pdf(prefer_css_page_size=True)
    page.evaluate("landuse.model.sheet.poster()")
    assert page.evaluate("typeof window.hit") == "undefined"
    assert page.text_content("#card h2") == naughty
    assert page.text_content("#card figcaption >> nth=1") == "2018-05-09 " + naughty
    assert naughty in html.unescape(page.text_content("#sheet .sheet-foot"))
    images = page.locator("#app img:not(.swatch):not(.chip)")
    assert images.count() == 0
