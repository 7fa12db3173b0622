"""The bulletin: its figures are those of the totals, and it opens in an office program."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pandas as pd
import pytest

import landuse
from landuse import bulletin, entries, history, units
from landuse.papers import Bars, Table, Text
from landuse.terms import State
from tests import kept_runs

ROOT = Path(__file__).parents[1]
DAY = date(2018, 6, 30)


@pytest.fixture(scope="module")
def result():
    return landuse.run(ROOT, on=DAY)


@pytest.fixture(scope="module")
def paper(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("bulletin") / "bulletin.docx"
    bulletin.write(path, result)
    return path


def rows(document, head):
    """Return the rows of the table whose first heading is this."""
    return next(b.rows for b in document.blocks if isinstance(b, Table) and b.head[0] == head)


def lines(document):
    return [block.text for block in document.blocks if isinstance(block, Text)]


def number(text):
    return float(text.replace(",", ""))


def test_the_city_is_that_of_the_totals(result):
    listed = {row[0]: row for row in rows(bulletin.compose(result), "类别")}
    city = result.totals["city"]
    for state, name in zip(
        State, ("批而未供", "供而未建", "建而未成", "已建成", "待核实"), strict=True
    ):
        entry = city["states"][state.value]
        assert int(listed[name][1]) == entry["count"]
        assert number(listed[name][3]) == round(units.mu(entry["area_m2"]), 2)
    assert int(listed["合计"][1]) == city["count"]
    assert number(listed["合计"][3]) == round(units.mu(city["area_m2"]), 2)


def test_clusters_are_those_of_the_totals(result):
    listed = {row[0]: row for row in rows(bulletin.compose(result), "产业集聚区")}
    assert len(listed) == len(result.totals["clusters"]) + 1
    for cluster in result.totals["clusters"]:
        row = listed[cluster["cluster_name"] or "集聚区外"]
        assert int(row[1]) == cluster["count"]
        assert number(row[5]) == round(units.mu(cluster["idle"]["area_m2"]), 2)
        assert row[8] == f"{cluster['rates']['idle_rate']:.1%}"


def test_duties_are_cases_with_a_deadline_and_no_others(result):
    document = bulletin.compose(result)
    open_ = result.cases[result.cases["due_on"].notna()]
    duties = result.totals["city"]["duties"]
    assert duties["count"] == len(open_) < len(result.cases)
    leads = rows(document, "牵头单位")
    assert sum(int(row[1]) for row in leads) == len(open_)
    places = next(
        b.rows for b in document.blocks if isinstance(b, Table) and b.head[-1] == "完成率"
        and b.head[0] == "产业集聚区"
    )  # fmt: skip
    assert sum(int(row[1]) for row in places[:-1]) == int(places[-1][1]) == len(open_)
    rest = len(result.cases) - len(open_)
    assert any(f"其余{rest}宗" in line and "不列为任务" in line for line in lines(document))


def test_what_was_reported_as_done_is_counted(result):
    case = result.cases[result.cases["due_on"].notna()].iloc[0]
    entry = dict.fromkeys(entries.COLUMNS, "") | {
        "kind": case["kind"], "case_id": case["case_id"], "field": "progress",
        "value": "已处置完毕", "row": 1,
    }  # fmt: skip
    told = replace(result, entries=pd.DataFrame([entry]))
    listed = {row[0]: row for row in rows(bulletin.compose(told), "牵头单位")}
    assert listed[case["lead"]][4] == "1"
    assert {row[4:] for name, row in listed.items() if name != case["lead"]} == {("—", "—")}
    assert any("处置完毕1宗" in line for line in lines(bulletin.compose(told)))
    silent = bulletin.compose(result)
    assert {row[4] for row in rows(silent, "牵头单位")} == {"—"}
    assert any("完成情况未知" in line for line in lines(silent))


def test_lines_ahead_are_those_of_the_cases(result):
    listed = rows(bulletin.compose(result), "将转为")
    days = (result.cases["next_status_on"] - pd.Timestamp(DAY)).dt.days
    assert sum(int(row[1]) for row in listed) == int(((days > 0) & (days <= 30)).sum())
    assert sum(int(row[2]) for row in listed) == int(((days > 0) & (days <= 90)).sum())


def test_charts_are_the_areas_of_the_totals(result):
    states, idle = (b for b in bulletin.compose(result).blocks if isinstance(b, Bars))
    inside = {c["cluster_name"]: c for c in result.totals["clusters"] if c["cluster_id"]}
    assert {name for name, _ in states.rows} == set(inside)
    for name, amounts in states.rows:
        found = [inside[name]["states"][state.value]["area_m2"] for state in State]
        assert amounts == tuple(found)
    for name, amounts in idle.rows:
        assert sum(amounts) == pytest.approx(units.mu(inside[name]["idle"]["area_m2"]))


def test_sections_are_numbered_in_their_order(result):
    heads = [b.text for b in bulletin.compose(result).blocks if isinstance(b, Text)
             and b.kind == "section"]  # fmt: skip
    assert [head[:2] for head in heads] == [f"{n}、" for n in "一二三四五六七八"]
    assert "重点项目进展" in heads[6]


def test_major_projects_are_those_the_plan_follows(result):
    table = result.tables["project"]
    major = table[table["investment"] >= 500_000_000]
    document = bulletin.compose(result)
    listed = next(b.rows for b in document.blocks if isinstance(b, Table)
                  and b.head[:3] == ("项目", "进展", "总投资"))  # fmt: skip
    assert [row[0] for row in listed] == major.sort_values("investment", ascending=False)[
        "project_name"
    ].tolist()
    assert len(listed) == 40
    told = lines(document)
    assert any("重点推进40个" in line for line in told)
    known = major[major["invested"].notna()]
    share = known["invested"].sum() / known["investment"].sum()
    assert any(
        f"其中{len(known)}个报送" in line and f"{share:.1%}" in line
        and f"{40 - len(known)}个未报" in line
        for line in told
    )  # fmt: skip
    goal = major["invested_this_year"].sum() / 300e8
    assert any(f"全年300亿元目标的{goal:.1%}，时间进度49.6%" in line for line in told)
    ranked = major.sort_values(["investment", "project_id"], ascending=[False, True])
    for row, invested in zip(listed, ranked["invested"], strict=True):
        assert (row[3:6] == ("—", "—", "—")) == pd.isna(invested)
    another_year = replace(result, on=date(2019, 1, 31))
    assert not any("时间进度" in line for line in lines(bulletin.compose(another_year)))
    later = replace(result, statutes=landuse.law.on(date(2019, 6, 30), ROOT))
    assert not any("重点推进" in line for line in lines(bulletin.compose(later)))
    bare = replace(result, tables={**result.tables, "project": table.iloc[:0]})
    assert not any("重点项目" in line for line in lines(bulletin.compose(bare)))


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """A small city whose earlier month was kept; one case became idle since."""
    root = kept_runs.write(tmp_path_factory.mktemp("kept"))
    kept_runs.kept(root, kept_runs.JUNE, kept_runs.JUNE)
    return landuse.run(root, on=kept_runs.JULY)


def test_what_moved_leads_from_the_kept_run_to_the_totals(later):
    document = bulletin.compose(later)
    before = history.load(later.workspace.path, 1).totals["city"]
    after = later.totals["city"]
    table = next(b for b in document.blocks if isinstance(b, Table) and len(b.head) == 7)
    listed = {row[0]: row for row in table.rows}
    names = dict(zip(State, ("批而未供", "供而未建", "建而未成", "已建成", "待核实"), strict=True))
    for state, name in names.items():
        was, came, went, now = (int(cell) for cell in listed[name][1:5])
        assert was == before["states"][state.value]["count"]
        assert now == after["states"][state.value]["count"]
        assert was + came - went == now
        assert number(listed[name][6]) == round(units.mu(after["states"][state]["area_m2"]), 2)
    assert listed["其中：疑似闲置"][1:5] == ("0", "1", "0", "1")
    ways = rows(document, "原状态")
    assert [row[:3] for row in ways] == [("逾期未动工", "疑似闲置（满一年）", "1")]
    assert ways[0][4] == "日期推移"


def test_the_way_to_the_end_of_the_year_is_that_of_the_series(later):
    document = bulletin.compose(later)
    chart = next(b for b in document.blocks if isinstance(b, Bars) and b.form == "columns")
    series = later.past.series
    idle = series[(series["place"] == "city") & (series["measure"] == "idle")]
    assert [label for label, _ in chart.rows] == ["2018-06", "2018-07"]
    for (_, amounts), month in zip(chart.rows, idle.itertuples(), strict=True):
        assert amounts == (units.mu(month.area_m2), units.mu(month.target_m2))
    assert any("超出" in line and "进度滞后" in line for line in lines(document))


def test_without_an_earlier_run_nothing_is_compared(result):
    told = lines(bulletin.compose(result))
    if result.past.moved is None:
        assert any("此前没有留存" in line for line in told)
        assert any("只留存本期" in line for line in told)


def test_the_file_says_what_the_bulletin_says(paper):
    word = docx.Document(str(paper))
    text = "\n".join(p.text for p in word.paragraphs)
    assert "示意数据" in text
    assert "疑似闲置" in text
    assert not re.search(r"[{}]", text)
    charts = [p for p in word.part.package.iter_parts() if "/charts/" in p.partname]
    assert len(charts) == 2
    assert all(b"<c:numLit>" in chart.blob for chart in charts)
    table = word.tables[0]
    assert [c.text for c in table.rows[0].cells] == ["类别", "宗数", "公顷", "亩", "占比"]
    assert word.core_properties.title.startswith("许昌市")


def test_the_same_run_gives_the_same_bytes(result, paper, tmp_path):
    bulletin.write(tmp_path / "again.docx", result)
    assert (tmp_path / "again.docx").read_bytes() == paper.read_bytes()
    with zipfile.ZipFile(paper) as book:
        assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_english(result):
    document = bulletin.compose(result, "en")
    assert document.title == "许昌市: land in industrial clusters, bulletin"
    assert rows(document, "State")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_it_opens_in_libreoffice(paper, tmp_path):
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(paper)], check=True, timeout=180)
    assert (tmp_path / "bulletin.pdf").stat().st_size > 10_000
