"""What leaves the map: card, clipboard, workbook, CSV, print and picture, in a real Chromium."""

import csv
import io
import re
from dataclasses import replace

import maps_scene
import numpy as np
import openpyxl
import pandas as pd
import pytest
from maps_tab import NEEDS_CHROMIUM, browsing, showing

from landuse import maps
from landuse.maps import Spec
from landuse.maps.basemap import Basemap

pytestmark = NEEDS_CHROMIUM
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(1)", "a,b", 'say "x"', "_x0041_"]
SPEC = Spec("m", title="处置图", reported_by="许昌市国土资源局", marking="内部资料")


@pytest.fixture(scope="module")
def scene():
    made = maps_scene.rich()
    cases = made.cases.copy()
    is_supply = cases.index[cases["kind"] == "supply"]
    cases.loc[is_supply[: len(FORMULAS)], "project_name"] = FORMULAS
    return replace(made, cases=cases)


@pytest.fixture(scope="module")
def browser():
    with browsing() as opened:
        yield opened


@pytest.fixture
def shown(browser, tmp_path):
    with showing(browser, tmp_path) as show:
        yield show


def taken(page, button, path):
    with page.expect_download() as waiting:
        page.click(button)
    waiting.value.save_as(path)
    return waiting.value.suggested_filename


def opened(page, case_id):
    page.evaluate(f"""() => {{
        const m = landuse.model;
        for (let i = 0; i < m.cases.rows; i += 1)
            if (m.cases.get('case_id')(i) === '{case_id}') m.choose(i, {{go: true}});
    }}""")


def known(scene):
    """The facts of the scene by the headings of the list."""
    return scene.cases.set_index("case_id")


def test_the_workbook_reads_back_equal(shown, scene, tmp_path):
    page = shown(maps.figure(scene, SPEC))
    page.click("#sort [data-sort=area]")
    name = taken(page, "#xlsx", tmp_path / "a.xlsx")
    assert name == "许昌市 处置图 2018-05-31.xlsx"
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book.worksheets[0]
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    table = pd.DataFrame(rows, columns=head).set_index("编号")
    cases = known(scene)
    assert list(table.index) == page.evaluate(
        "Array.from(landuse.model.list.order, landuse.model.cases.get('case_id'))"
    )
    assert set(table.index) == set(cases.index)
    for case_id, row in table.iterrows():
        case = cases.loc[case_id]
        assert row["面积（平方米）"] == case["area_m2"]
        for heading, column in (("名称", "right_holder"), ("项目名称", "project_name")):
            if case["kind"] == "supply":
                assert unescaped(row[heading]) == case[column]
        assert (pd.isna(row["时限"]) and pd.isna(case["due_on"])) or row["时限"] == case["due_on"]
    city = scene.totals["city"]
    assert len(table) == city["count"]
    assert table["本图内面积（亩）"].sum() == pytest.approx(city["area_m2"] * 0.0015, abs=0.05)
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d"}  # no "f": formulas
    about = {r[0].value: r[1].value for r in book.worksheets[1].iter_rows()}
    assert about["说明"] == "示意数据 内部资料"
    assert about["填报单位"] == "许昌市国土资源局"
    assert about["宗"] == city["count"]
    assert about["亩"] == pytest.approx(city["area_m2"] * 0.0015, abs=1e-4)


def unescaped(text):
    return None if text is None else re.sub("_x005F_", "_", text)


def test_only_what_is_listed_is_exported_and_csv_runs_nothing(shown, scene, tmp_path):
    page = shown(maps.figure(scene, SPEC))
    for state in ("completed", "approved_unsupplied", "undetermined"):
        page.uncheck(f"[data-state={state}] > .legend-row input")
    taken(page, "#csv", tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    cases = known(scene)
    wanted = cases[cases["state"].isin(["supplied_unbuilt", "built_unfinished"])]
    assert {row["编号"] for row in rows} == set(wanted.index)
    for row in rows:
        assert not re.match(r"[=+\-@\t\r]", row["项目名称"] + row["名称"])
        plain = re.sub(r"^'(?=[=+\-@\t\r])", "", row["项目名称"])
        assert plain == cases.loc[row["编号"], "project_name"]


def test_a_cluster_s_list_adds_up_to_the_cluster(shown, scene, tmp_path):
    page = shown(maps.figure(scene, cluster_id="XC03"))
    taken(page, "#csv", tmp_path / "a.csv")
    table = pd.read_csv(tmp_path / "a.csv", encoding="utf-8-sig")
    total = scene.totals["clusters"][2]
    assert (table["计入本图宗数"] == "是").sum() == total["count"]
    assert table["本图内面积（亩）"].sum() == pytest.approx(total["area_m2"] * 0.0015, abs=0.05)


def test_the_card_draws_the_days_and_marks_what_is_late(shown, scene):
    page = shown(maps.figure(scene, SPEC))
    idle = next(iter(scene.chips))
    opened(page, idle)
    case = known(scene).loc[idle]
    late = page.locator("#card .timeline .late")
    assert late.count() == 1
    days = (pd.Timestamp("2018-05-31") - case["clock_from"]).days
    words = page.inner_text("#card figcaption >> nth=0")
    assert f"2016-03-01 至 2018-05-31，超期 {days} 天" in words
    # to scale: the late stretch over the whole line, as its days over all days (2014-12-05 signed)
    whole = (pd.Timestamp("2018-05-31") - pd.Timestamp("2014-12-05")).days
    width = float(late.get_attribute("width"))
    assert width / (316 - 24) == pytest.approx(days / whole, abs=0.01)
    pause = page.locator("#card .timeline .pause")
    assert float(pause.get_attribute("width")) == pytest.approx(90 / whole * 292, abs=0.5)
    text = page.inner_text("#card")
    for word in ("G1 未按约定的期限", "2017-01-01 – 2017-03-31 许政文〔2017〕9号", "数据问题"):
        assert word in text
    assert "【错误】缺少必填项“土地使用权人" in text
    chips = page.locator("#card .chip")
    page.wait_for_function("[...document.images].every((one) => one.complete)")
    assert chips.evaluate_all("all => all.map((one) => [one.alt, one.naturalWidth])") == [
        ["2016-05-12 影像", 1],
        ["2018-05-09 影像", 1],
    ]
    measures = page.locator("#card [data-field=measures] li").all_inner_texts()
    assert measures == case["measures"].split("；")
    finished = known(scene)
    opened(page, finished.index[finished["status"] == "finished"][0])
    assert page.locator("#card .timeline .late").count() == 0


def test_a_law_nobody_has_checked_is_marked(shown, scene):
    cases = scene.cases.copy()
    cases["articles"] = "闲置土地处置办法 第二条；土地管理法 第三十八条（条文待核对）"
    page = shown(maps.figure(replace(scene, cases=cases)))
    opened(page, cases["case_id"].iloc[0])
    marked = page.locator("#card [data-field=articles] .unchecked").all_inner_texts()
    assert marked == ["土地管理法 第三十八条（条文待核对）"]


def test_the_card_is_copied_whole(shown, scene):
    page = shown(maps.figure(scene, SPEC))
    idle = next(iter(scene.chips))
    opened(page, idle)
    page.evaluate("""() => document.addEventListener('copy', () => {
        window.copied = document.activeElement.value;
    })""")
    page.click("#card-copy")
    copied = page.evaluate("window.copied")
    for line in (known(scene).loc[idle, "right_holder"], f"电子监管号：{idle}", "示意数据"):
        assert line in copied.split("\n")
    assert page.inner_text("#toast") == "已复制卡片内容"


def pages(pdf):
    return re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)


def test_prints_on_a3_and_a4_carry_title_scale_north_day_reporter_and_marks(shown, scene):
    page = shown(maps.figure(scene, SPEC))
    sizes = {"A4": (842, 595), "A3": (1191, 842)}
    for paper, size in sizes.items():
        page.select_option("#paper", paper)
        pdf = page.pdf(prefer_css_page_size=True, print_background=True)
        found = pages(pdf)
        assert len(found) == 1
        assert tuple(map(float, found[0])) == pytest.approx(size, abs=1.5)
        text = page.evaluate("document.querySelector('#sheet').textContent")
        for word in ("许昌市 处置图", "示意数据", "内部资料", "≈ 1:", "填报单位：许昌市国土资源局"):
            assert word in text
        assert "判定日：2018-05-31" in text


def test_a_print_says_what_was_filtered(shown, scene):
    page = shown(maps.figure(scene))
    page.click("#tab-filters")
    page.locator("[data-facet=grade] input").first.check()
    page.pdf(prefer_css_page_size=True)
    assert page.text_content("#sheet .sheet-chosen") == "企业类别：A"
    assert "填报单位：\uff3f" in page.text_content("#sheet .sheet-foot")
    assert page.text_content("#sheet .total .mu") == page.text_content("#legend .total .mu")


def test_a_card_prints_on_one_upright_page_however_long(shown, scene):
    cases = scene.cases.copy()
    idle = next(iter(scene.chips))
    cases.loc[cases["case_id"] == idle, "reason"] = "理由很长，" * 900
    page = shown(maps.figure(replace(scene, cases=cases)))
    page.evaluate("window.print = () => undefined")
    opened(page, idle)
    page.click("#card-print")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert [tuple(round(float(v)) for v in size) for size in pages(pdf)] == [(595, 842)]
    assert "理由很长" in page.text_content("#sheet")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert len(pages(page.pdf(prefer_css_page_size=True))) == 1


def test_the_picture_is_the_map_with_its_legend(shown, scene, tmp_path):
    from PIL import Image

    page = shown(maps.figure(scene, SPEC))
    assert taken(page, "#picture", tmp_path / "a.png") == "许昌市 处置图 2018-05-31.png"
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width > 3000
        colours = {c for _, c in picture.convert("RGB").getcolors(1 << 24)}
    assert {(0xE6, 0x9F, 0x00), (255, 255, 255)} <= colours


def greens(page, path):
    """How many pixels of the picture are the green of the basemap."""
    from PIL import Image

    taken(page, "#picture", path)
    with Image.open(path) as picture:
        red, green, blue = (np.asarray(band, int) for band in picture.convert("RGB").split())
    return int(((green - red > 90) & (green - blue > 90)).sum())


def test_what_lies_beneath_and_beside_is_on_paper_too(shown, scene, tmp_path):
    from PIL import Image

    (tmp_path / "maps").mkdir()
    Image.new("RGB", (60, 40), (10, 220, 30)).save(tmp_path / "maps" / "a.png")
    made = replace(scene, workspace=replace(scene.workspace, path=tmp_path))
    below = Basemap(title="影像", file="maps/a.png", bounds=(113.6, 33.9, 113.8, 34.1))
    asked = replace(SPEC, basemaps=(below,), layers=("finding",), hidden=("plan",))
    page = shown(maps.figure(made, asked))
    page.wait_for_selector(".leaflet-landuse-base-pane img")
    page.wait_for_function("document.querySelector('.leaflet-landuse-base-pane img').complete")
    assert greens(page, tmp_path / "with.png") > 100_000
    page.uncheck("label:has-text('影像') input")
    assert greens(page, tmp_path / "without.png") == 0
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(pages(pdf)) == 1
