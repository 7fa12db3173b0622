"""Finding and filtering on the map, in a real Chromium: search, filters, tree, list and link."""

from dataclasses import replace

import maps_scene
import numpy as np
import pytest
from maps_tab import NEEDS_CHROMIUM, browsing, showing

from landuse import maps, terms

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def scene():
    return maps_scene.rich()


@pytest.fixture(scope="module")
def browser():
    with browsing() as opened:
        yield opened


@pytest.fixture
def shown(browser, tmp_path):
    with showing(browser, tmp_path) as show:
        yield show


def pair(total):
    return f"{total['count']:,}", f"{total['area_m2'] * 0.0015:,.2f}"


def found(page, text):
    page.fill("#search", text)
    page.wait_for_timeout(250)
    ids = "Array.from(landuse.model.list.order, i => landuse.model.cases.get('case_id')(i))"
    return set(page.evaluate(ids))


def test_search_finds_by_code_contract_firm_project_and_initials(shown, scene):
    page = shown(maps.figure(scene))
    cases, supply = scene.cases.set_index("case_id"), scene.tables["supply"]
    row = supply.iloc[40]
    firm = cases.loc[row["supply_id"], "right_holder"]
    assert found(page, row["parcel_code"]) == {row["supply_id"]}
    assert found(page, "出让(2014)第0040号") == {row["supply_id"]}
    assert found(page, "豫(许昌)出让(2014)第0040号") == {row["supply_id"]}
    named = set(cases.index[cases["right_holder"] == firm])
    assert found(page, firm) == named
    assert found(page, f"{firm} 第0040") == {row["supply_id"]}
    # by the first letters of the reading; 鸿 and 恒 share one, and 长 is read in two ways
    firms = {"XCHJMJX": "许昌[鸿恒]精密机械", "cgsfzp": "长葛盛发制品", "zgsfzp": "长葛盛发制品"}
    for letters, meant in firms.items():
        known = cases["right_holder"].fillna("").str.contains(meant)
        assert known.any()
        assert found(page, letters) == set(cases.index[known]), letters
    assert found(page, "xchyjmjx") == set()
    assert found(page, "nowhere") == set()
    assert page.inner_text("#found") == "没有符合条件的地块"


def test_a_search_is_taken_as_written_and_not_as_a_pattern(shown, scene):
    page = shown(maps.figure(scene))
    for text in (".*", "[a-z]", "a]b", "^$", "x|y", "\\d"):
        assert found(page, text) == set(), text


def test_unfiltered_sums_equal_the_totals(shown, scene):
    for options in ({}, {"cluster_id": "XC02"}, {"park_id": "P1"}):
        page = shown(maps.figure(scene, **options))
        sums = page.evaluate("""() => {
            const m = landuse.model;
            return [...m.labels.keys()].map((s) => [s, m.summed((style) => style.status === s)]);
        }""")
        total = scene.totals["city"]
        if options:
            role = next(iter(options))
            total = next(t for t in scene.totals[f"{role[:-3]}s"] if t[role] == options[role])
        known = {s: k for state in total["states"].values() for s, k in state["statuses"].items()}
        for status, had in sums:
            assert had["count"] == known[status]["count"], (options, status)
            assert had["area_m2"] == pytest.approx(known[status]["area_m2"], abs=1e-6)


def test_filters_say_before_and_after_what_they_leave(shown, scene):
    page = shown(maps.figure(scene))
    page.click("#tab-filters")
    cases = scene.cases
    drawn = scene.pieces.groupby("case_id")["area_m2"].sum()
    area = cases["case_id"].map(drawn).fillna(cases["area_m2"])

    def row(facet, label):
        return page.locator(f"[data-facet={facet}] .facet-row").filter(has_text=label).first

    def figures(facet, label):
        return tuple(row(facet, label).locator(f".{k}").inner_text() for k in ("count", "mu"))

    def expected(holds):
        return f"{holds.sum():,}", f"{area[holds].sum() * 0.0015:,.2f}"

    is_idle = cases["status"].isin(terms.IDLE)
    is_a = cases["grade"] == "A"
    is_two = is_idle & (cases["full_years"] == 2)
    assert figures("grade", "A") == expected(is_a)
    assert figures("idle_band", "满两年不满三年") == expected(is_two)
    row("idle_band", "满两年不满三年").locator("input").check()
    row("idle_band", "满三年及以上").locator("input").check()
    is_long = is_idle & (cases["full_years"] >= 2)
    assert page.inner_text(".filter-sum") == "符合条件：{} 宗 {} 亩".format(*expected(is_long))
    assert figures("grade", "A") == expected(is_a & is_long)
    assert figures("idle_band", "满两年不满三年") == expected(is_two)  # its own filter is not held
    row("grade", "A").locator("input").check()
    both = is_a & is_long
    assert page.inner_text("#found") == f"{both.sum()} 宗" or both.sum() == 0
    assert page.inner_text("#tab-filters") == "筛选 (3)"
    lead = expected(cases["lead"] == "市国土资源局")
    page.click("#clear-filters")
    assert figures("lead", "市国土资源局") == lead
    row("measures", "征缴土地闲置费").locator("input").check()
    page.click("#tab-legend")
    holds = cases["measures"].fillna("").str.contains("征缴土地闲置费")
    row_of = page.locator("[data-state=supplied_unbuilt] > .legend-row")
    unbuilt = holds & (cases["state"] == "supplied_unbuilt")
    assert row_of.locator(".count").inner_text() == expected(unbuilt)[0]
    assert page.inner_text(".total .mu") == expected(holds)[1]
    page.uncheck("[data-state=supplied_unbuilt] > .legend-row input")
    left = holds & (cases["state"] != "supplied_unbuilt")
    assert page.inner_text(".total .mu") == expected(left)[1]


def test_the_tree_holds_the_totals_and_goes_there(shown, scene):
    page = shown(maps.figure(scene))
    page.click("#tab-tree")
    rows = page.locator(".tree-row")
    listed = [rows.nth(i).locator(".word").inner_text() for i in range(rows.count())]
    assert listed[:4] == ["许昌市", *maps_scene.NAMES.values()]
    rows.nth(2).click()
    cluster = scene.totals["clusters"][1]
    cells = [r.split("\t") for r in page.inner_text(".place-figures table").split("\n")]
    shown_rows = {
        row[0].strip(): tuple(c.strip() for c in row[1:]) for row in cells if len(row) > 2
    }
    for state, known in cluster["states"].items():
        assert shown_rows[terms.label(terms.State(state))] == pair(known)
    assert shown_rows["合计"] == pair(cluster)
    centre = page.evaluate("landuse.model.map.getCenter()")
    box = scene.tables["cluster"].to_crs(4490).geometry.iloc[1].bounds
    assert box[0] < centre["lng"] < box[2]
    assert box[1] < centre["lat"] < box[3]
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".tree-row").count() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.inner_text(".place-figures caption") == maps_scene.NAMES["XC01"]


def test_a_link_brings_back_what_was_seen(shown, scene):
    drawn = maps.figure(scene)
    page = shown(drawn)
    page.uncheck("[data-state=completed] > .legend-row input")
    page.click("#tab-filters")
    page.locator("[data-facet=grade] input").first.check()
    page.fill("#search", "有限公司")
    page.select_option("#sort-more", "supply.contract_number")
    page.click("#sort-turn")
    page.click("#tab-legend")
    page.locator(".legend-layers input").nth(1).uncheck()
    page.evaluate("landuse.model.map.setView([34.01, 113.68], 15, {animate: false})")
    page.wait_for_timeout(300)
    page.locator(".list-row").first.click()
    page.wait_for_timeout(400)
    seen = """() => [landuse.model.link.text(), [...landuse.model.levels].join(''),
        document.querySelector('#card h2').textContent, landuse.model.list.order.join(),
        landuse.model.layers.map((layer) => landuse.model.map.hasLayer(layer.group)).join(),
        [...document.querySelectorAll('.legend-layers input')].map((box) => box.checked).join()]"""
    before = page.evaluate(seen)
    address = page.evaluate("location.hash")
    assert address[1:] == before[0]
    assert "l=o.park" in address
    assert before[-1] == before[-2] == "true,false,true,false"
    other = shown(drawn, address=address)
    assert other.evaluate(seen) == before
    assert other.input_value("#search") == "有限公司"
    assert other.inner_text("#tab-filters") == "筛选 (1)"


@pytest.mark.parametrize("column", ["supply.signed_on", "gross_days", "grade", "reason"])
def test_the_list_sorts_by_any_column_of_the_card(shown, scene, column):
    """Amounts fall, days and words rise, and what is missing comes last whichever way."""
    days = scene.cases["gross_days"] + np.arange(len(scene.cases)) % 9
    page = shown(maps.figure(replace(scene, cases=scene.cases.assign(gross_days=days))))
    page.select_option("#sort-more", column)
    values = """(column) => Array.from(landuse.model.list.order, (i) => {
        const value = landuse.model.cases.get(column)(i);
        return value === "" ? null : value;
    })"""
    found = page.evaluate(values, column)
    there = [value for value in found if value is not None]
    assert len(set(there)) > 1 or column == "supply.signed_on"
    assert None not in found[: len(there)]
    if column == "gross_days":
        assert there == sorted(there, reverse=True)
    elif column != "reason":
        assert there == sorted(there)
    page.click("#sort-turn")
    turned = page.evaluate(values, column)
    assert sorted(turned[: len(there)], key=str) == sorted(there, key=str)
    assert turned[len(there) :] == [None] * (len(found) - len(there))
    if column == "grade":
        assert turned[: len(there)] == sorted(there, reverse=True)
        assert page.locator(".row-about").first.inner_text().startswith("C · ")


@pytest.mark.parametrize(
    "address",
    ["#v=a,b,c", "#f=x:y&f=grade&f=grade:Z&t=1999-01-01&c=none&s=zzz", "#%ff", "#q=<img src=x>"],
)
def test_a_broken_link_opens_the_map_all_the_same(shown, scene, address):
    page = shown(maps.figure(scene), address=address)
    assert page.inner_text(".total .count") == pair(scene.totals["city"])[0]
