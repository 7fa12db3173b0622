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
from landuse import bulletin, entries, units
from landuse.papers import Bars, Table
from landuse.terms import State

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


def test_duties_add_up(result):
    listed = rows(bulletin.compose(result), "牵头单位")
    open_ = result.cases[result.cases["due_on"].notna()]
    assert sum(int(row[1]) for row in listed) == len(open_)
    assert sum(int(row[4]) for row in listed) == 0


def test_what_was_reported_as_done_is_counted(result):
    case = result.cases[result.cases["due_on"].notna()].iloc[0]
    entry = dict.fromkeys(entries.COLUMNS, "") | {
        "kind": case["kind"], "case_id": case["case_id"], "field": "progress",
        "value": "已处置完毕", "row": 1,
    }  # fmt: skip
    told = replace(result, entries=pd.DataFrame([entry]))
    listed = {row[0]: row for row in rows(bulletin.compose(told), "牵头单位")}
    assert listed[case["lead"]][4] == "1"


def test_lines_ahead_are_those_of_the_cases(result):
    listed = rows(bulletin.compose(result), "将转为")
    days = (result.cases["next_status_on"] - pd.Timestamp(DAY)).dt.days
    assert sum(int(row[1]) for row in listed) == int(((days > 0) & (days <= 30)).sum())
    assert sum(int(row[2]) for row in listed) == int(((days > 0) & (days <= 90)).sum())


def test_bars_are_the_areas_of_the_states(result):
    bars = next(b for b in bulletin.compose(result).blocks if isinstance(b, Bars))
    by_name = dict(bars.rows)
    inside = [c for c in result.totals["clusters"] if c["cluster_id"]]
    assert len(by_name) == len(inside)
    for cluster in inside:
        assert by_name[cluster["cluster_name"]] == tuple(
            cluster["states"][state.value]["area_m2"] for state in State
        )


def test_the_file_says_what_the_bulletin_says(paper):
    word = docx.Document(str(paper))
    text = "\n".join(p.text for p in word.paragraphs)
    assert "示意数据" in text
    assert "疑似闲置" in text
    assert not re.search(r"[{}]", text)
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
