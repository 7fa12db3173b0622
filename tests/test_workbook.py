"""The disposal workbook: what it holds, that its sums are the totals, and that text stays text."""

import hashlib
import os
import pickle
import re
import shutil
import subprocess
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
import python_calamine
import xlsxwriter
from shapely.geometry import box

from landuse import (
    __version__,
    check,
    dispose,
    entries,
    facts,
    findings,
    grading,
    law,
    layers,
    returns,
    schema,
    terms,
    units,
    workbook,
)
from landuse.cells import LONGEST, clean
from landuse.errors import OutputError
from landuse.executor import Here
from landuse.terms import IDLE, INEFFICIENT, STATE_OF, State, Status
from landuse.workbook import layout, lists, notes, rows, summary, words
from landuse.workbook.counties import of as of_counties
from landuse.workbook.page import Page
from landuse.workbook.sheets import COLUMNS, ORDER, STATE_SHEETS

ON = date(2018, 6, 30)
SHARED = Path(__file__).parents[2] / "shared"
DIVISIONS = ("411002", "411003", "411024", "411025", "411081", "411082")
CLUSTERS = {f"C{n:02d}": f"第{n}产业集聚区" for n in range(1, 11)}
EMPTY_CLUSTER = "C07"
PARKS = {"P1": ("电力装备产业园", "C01"), "P2": ("医药健康产业园", "C02"), "P3": ("飞地园", None)}
USED = [c for c in CLUSTERS if c != EMPTY_CLUSTER]
HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "{{7*7}}",
    "http://example.org/",
    "<r>x</r>",
)


def day(text):
    return pd.Timestamp(text)


def make_workspace(folder, synthetic=True):
    layer_files = {
        "workspace": f'name = "许昌市"\ndivision_code = "411000"\ncrs = "EPSG:4547"\n'
        f"synthetic = {str(synthetic).lower()}\n",
        "supplies": 'role = "supply"\ntitle = "供地台账"\nfile = "data/s.gpkg"\n'
        'as_of = 2018-05-31\nsource = "许昌市国土资源局"\n',
        "approvals": 'role = "approval"\ntitle = "批地台账"\nfile = "data/a.gpkg"\n'
        'as_of = 2018-06-30\nsource = "许昌市国土资源局"\n',
    }
    (folder / "layers").mkdir(parents=True)
    for name, text in layer_files.items():
        (folder / "layers" / f"{name}.toml").write_text(text, encoding="utf-8")
    return layers.load(folder)


def make_cases():
    listed = []
    for turn in range(3):
        for number, status in enumerate(Status):
            place = (number + 7 * turn) % (len(USED) + 1)
            is_supply = STATE_OF[status] is not State.APPROVED_UNSUPPLIED
            late = {
                Status.IDLE_TWO_YEARS: 900,
                Status.IDLE_ONE_YEAR: 500,
                Status.IDLE_GOVERNMENT: 620,
            }
            cluster = "" if place == len(USED) else USED[place]
            listed.append(
                {
                    "case_id": f"{DIVISIONS[number % 6]}2016A{turn}{number:04d}"
                    if is_supply
                    else f"A{number}-{turn}",
                    "kind": "supply" if is_supply else "approval",
                    "cluster_id": cluster,
                    "park_id": {"C01": "P1", "C02": "P2", "": "P3"}.get(cluster, ""),
                    "right_holder": f"许昌示例{number}号装备制造有限公司" if is_supply else None,
                    "project_name": f"年产{number + 1}万台套智能装备项目" if is_supply else None,
                    "area_m2": 10_000 / 3 + 1_234.567 * (number + 1) * (turn + 1),
                    "state": STATE_OF[status].value,
                    "status": status.value,
                    "is_determined": status is Status.IDLE_TWO_YEARS and turn == 0,
                    "clock_from": day("2016-12-31"),
                    "clock_basis": ("agreed_commencement_on", "delivered_on", "agreed_delivery_on")[
                        turn
                    ],
                    "gross_days": float(late.get(status, 40 * turn)),
                    "paused_days": 300.0 if status is Status.IDLE_GOVERNMENT else 0.0,
                    "net_days": float(late.get(status, 40 * turn))
                    - 300 * (status is Status.IDLE_GOVERNMENT),
                    "next_status_on": day("2018-09-01") if status is Status.OVERDUE else pd.NaT,
                    "built_share": 0.25 if status is Status.IDLE_SUSPENDED else np.nan,
                    "invested_share": 0.2 if status is Status.IDLE_SUSPENDED else np.nan,
                    "missing": "agreed_commencement_on；delivered_on"
                    if status is Status.UNDETERMINED
                    else None,
                    "reason": "缺少约定动工日期和交地日期，不能认定。",
                    "grade": ("A", "C", None)[turn],
                    "fee_cny": 1_234_567.8 if status is Status.IDLE_ONE_YEAR and turn else np.nan,
                }
            )
    frame = pd.DataFrame(listed)
    for name, kind in schema.CASE_COLUMNS.items():
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype=object)
        frame[name] = frame[name].astype(schema.DTYPES[kind])
    frame = frame[list(schema.CASE_COLUMNS)]
    return dispose.measures(frame, on=ON, statutes=law.on(ON))


def make_tables(cases):
    tables = {role: schema.empty(role) for role in terms.Role}
    clusters = pd.DataFrame({"cluster_id": list(CLUSTERS), "cluster_name": list(CLUSTERS.values())})
    clusters["division_code"] = [DIVISIONS[n % 6] for n in range(10)]
    tables["cluster"] = schema.conform(clusters, "cluster")
    parks = [{"park_id": p, "park_name": name, "cluster_id": c} for p, (name, c) in PARKS.items()]
    tables["park"] = schema.conform(pd.DataFrame(parks), "park")
    supplies = cases.loc[
        cases["kind"] == "supply", ["case_id", "right_holder", "project_name", "status"]
    ]
    supplies = supplies.rename(columns={"case_id": "supply_id"}).reset_index(drop=True)
    begun = supplies["status"].map(
        lambda s: STATE_OF[Status(s)] in {State.BUILT_UNFINISHED, State.COMPLETED}
    )
    stopped = supplies["status"].str.contains("suspended")
    supplies = supplies.assign(
        parcel_code="411002001001GB00001",
        location="魏武大道以东、永兴路以北",
        supply_mode="挂牌出让",
        land_use="工业用地",
        land_use_code="0601",
        price=6_543_210.0,
        signed_on=day("2015-12-08"),
        agreed_delivery_on=day("2016-03-01"),
        agreed_commencement_on=day("2016-12-31"),
        agreed_completion_on=day("2018-01-31"),
        commenced_on=pd.Series(day("2017-03-01"), supplies.index).where(begun),
        suspended_on=pd.Series(day("2017-05-01"), supplies.index).where(stopped),
        planned_investment=80_000_000.0,
        invested=16_000_000.0,
        required_area=9_000.0,
        developed_area=2_250.0,
        is_mortgaged=supplies["status"] == Status.SUSPENDED,
        geometry=[box(n, 0, n + 1, 1) if n % 9 else None for n in range(len(supplies))],
    )
    supplies.loc[supplies["status"] == Status.IDLE_ONE_YEAR, "price"] = np.nan
    tables["supply"] = schema.conform(supplies, "supply")
    approvals = cases.loc[cases["kind"] == "approval", ["case_id"]].reset_index(drop=True)
    approvals = approvals.rename(columns={"case_id": "approval_id"}).assign(
        approval_number="豫政土〔2016〕123号",
        batch_name="许昌市2016年度第三批城市建设用地",
        approved_on=day("2016-05-04"),
    )
    tables["approval"] = schema.conform(approvals, "approval")
    government = cases.loc[cases["status"] == Status.IDLE_GOVERNMENT, "case_id"]
    pauses = pd.DataFrame({"supply_id": government, "cause": "G2", "begins_on": day("2017-01-10")})
    tables["pause"] = schema.conform(pauses.reset_index(drop=True), "pause")
    halted = cases.loc[cases["status"] == Status.HALTED, "case_id"].reset_index(drop=True)
    enterprises = pd.DataFrame({"supply_id": halted}).assign(
        enterprise_id=[f"E{n}" for n in range(len(halted))], enterprise_name="许昌示例停产企业",
        halted_on=day("2017-04-01"), tax=321_000.0
    )  # fmt: skip
    tables["enterprise"] = schema.conform(enterprises, "enterprise")
    return tables


def figures(cases):
    def part(rows):
        return {"count": len(rows), "area_m2": float(rows["area_m2"].sum())}

    states = {}
    for state in State:
        own = cases[cases["state"] == state]
        statuses = {str(s): part(own[own["status"] == s]) for s in Status if STATE_OF[s] is state}
        states[str(state)] = part(own) | {"statuses": statuses}
    idle = cases[cases["status"].isin([str(s) for s in IDLE])]
    total = part(cases) | {
        "states": states,
        "idle": part(idle),
        "determined": part(idle[idle["is_determined"]]),
    }
    balance = {"sliver_m2": 10.0 * len(cases), "residual_m2": 0.0}
    rates = {"supply_rate": 0.75, "built_rate": None, "idle_rate": 0.1}
    return total | {"rates": rates, "balance": balance}


def make_totals(cases):
    clusters = [
        {
            "cluster_id": c,
            "cluster_name": CLUSTERS.get(c, ""),
            **figures(cases[cases["cluster_id"] == c]),
        }
        for c in [*CLUSTERS, ""]
    ]
    parks = [
        {
            "park_id": p,
            "park_name": name,
            "cluster_id": c or "",
            **figures(cases[cases["park_id"] == p]),
        }
        for p, (name, c) in PARKS.items()
    ]
    home = facts.counties(cases, make_tables(cases)["cluster"])
    is_outside = cases["cluster_id"] == ""
    counties = [
        {
            "division_code": code,
            **figures(cases[home == code]),
            "outside_clusters": figures(cases[(home == code) & is_outside]),
        }
        for code in [*sorted(DIVISIONS), ""]
    ]
    return {"city": figures(cases), "clusters": clusters, "parks": parks, "counties": counties}


def make_findings():
    """Return one finding of each of twelve codes, with every fact its sentence asks for."""
    own = {"layer", "row", "feature_id", "column", "value"}
    found = []
    for number, (code, entry) in enumerate(sorted(findings.catalogue().items())[:12]):
        sentences = entry["zh"] + entry["en"] + entry["action_zh"] + entry["action_en"]
        names = {name.split(":")[0] for _, name, _, _ in Formatter().parse(sentences) if name}
        facts = dict.fromkeys(names - own, 1)
        place = {"layer": "supplies", "row": number + 3, "feature_id": "4110022016A00001"}
        found.append(findings.rows(code, column="signed_on", value="=1+1", **place, **facts))
    return findings.gather(found)


def make_results(folder, cases=None, synthetic=True):
    cases = make_cases() if cases is None else cases
    approvals = cases[cases["kind"] == "approval"]
    accounts = pd.DataFrame(
        {"approval_id": approvals["case_id"], "unsupplied_m2": approvals["area_m2"]}
    )
    accounts = accounts.assign(area_m2=accounts["unsupplied_m2"] + 5000.0, supplied_m2=4990.0)
    return SimpleNamespace(
        entries=entries.read(folder),
        scheme=grading.load(),
        on=ON,
        workspace=make_workspace(folder, synthetic),
        statutes=law.on(ON),
        tables=make_tables(cases),
        cases=cases,
        partition=SimpleNamespace(
            accounts=accounts.assign(lost_m2=0.0, sliver_m2=10.0, residual_m2=0.0)
        ),
        totals=make_totals(cases),
        findings=make_findings(),
        scores=pd.DataFrame(
            [
                (
                    "supplies",
                    "许昌市国土资源局",
                    "县（市、区）国土资源部门",
                    51,
                    1,
                    2,
                    3,
                    4,
                    3,
                    48 / 51,
                )
            ],
            columns=list(check.scores.COLUMNS),
        ),
        inputs=pd.DataFrame({"layer": ["supplies"], "file": ["data/s.gpkg"], "rows": [51]}),
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workbook")
    results = make_results(folder / "workspace")
    workbook.write(folder / "disposal.xlsx", results)
    return results, folder / "disposal.xlsx"


@pytest.fixture(scope="module")
def book(built):
    return openpyxl.load_workbook(built[1])


def first_row(sheet):
    return 5 if any(column.group for column in COLUMNS[sheet]) else 4


def heads(page, sheet):
    """Return the lowest heading of every column; a merged head stands in its upper cell."""
    low = first_row(sheet) - 1
    return [
        (page.cell(low, n).value or page.cell(3, n).value).replace("\n", "")
        for n in range(1, len(COLUMNS[sheet]) + 1)
    ]


def body(page, sheet):
    """Return the rows of a sheet as dicts by key of the column, down to the sums."""
    keys = [column.key for column in COLUMNS[sheet]]
    found = []
    for row in page.iter_rows(min_row=first_row(sheet), max_col=len(keys), values_only=True):
        if row[0] in {"合计", "全市合计"}:
            break
        found.append(dict(zip(keys, row, strict=True)))
    return found


def sum_rows(page, sheet):
    keys = [column.key for column in COLUMNS[sheet]]
    start = first_row(sheet) + len(body(page, sheet))
    rows_below = page.iter_rows(
        min_row=start, max_row=start + 2, max_col=len(keys), values_only=True
    )
    return [dict(zip(keys, row, strict=True)) for row in rows_below]


def page_of(book, sheet):
    return book.worksheets[ORDER.index(sheet)]


def test_sheets_stand_in_the_order_of_the_form(book):
    assert book.sheetnames == [
        "汇总",
        "批而未供",
        "供而未建",
        "建而未成",
        "低效",
        "待核实",
        "数据问题",
        "口径说明",
        "下发登记",
    ]
    assert book["下发登记"].sheet_state == "veryHidden"


def test_forms_have_the_columns_of_a_bureau(book):
    unsupplied = heads(page_of(book, "unsupplied"), "unsupplied")
    assert "|".join(unsupplied) == (
        "序号|县（市、区）|产业集聚区|区中园|批准文号|批次/项目名称|批准日期|批准面积（公顷）|"
        "已供面积（公顷）|未供面积（公顷）|未供面积（亩）|批准年限（年）|批而未征/征而未供|"
        "是否实际已用|未供原因|处置表情形|优先级（分）|优先级构成|再供应方式|拟处置方式|责任单位|配合单位|责任人|完成时限|处置进展|现场核实|备注|回填标识"
    )
    unbuilt = heads(page_of(book, "unbuilt"), "unbuilt")
    assert {"电子监管号", "超期天数", "扣除政府原因后时长", "测算闲置费（万元）"} <= set(unbuilt)
    unfinished = heads(page_of(book, "unfinished"), "unfinished")
    assert {"停工日期", "开发比例", "投资比例", "逾期竣工天数"} <= set(unfinished)
    assert "测算闲置费（万元）" not in unfinished  # 第十二条 land pays no fee


@pytest.mark.parametrize("sheet", COLUMNS)
def test_every_sheet_is_set_up_to_print_and_to_filter(book, sheet):
    page = page_of(book, sheet)
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.paperSize == layout._PAPER_A3
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToWidth in {None, 1}  # one is what an absent number means
    assert page.page_setup.fitToHeight == 0
    assert page.print_title_rows == f"$1:${first_row(sheet) - 1}"
    assert page.freeze_panes == f"E{first_row(sheet)}"
    last = first_row(sheet) + len(body(page, sheet)) - 1
    assert page.auto_filter.ref.startswith(f"A{first_row(sheet) - 1}:")
    assert page.auto_filter.ref.endswith(str(last))
    assert "示意数据" in page["A1"].value
    assert "示意数据" in page.oddHeader.right.text
    assert "&P" in page.oddFooter.center.text


@pytest.mark.parametrize("state", [s for s in State if s is not State.COMPLETED])
def test_sums_of_the_sheets_are_the_totals(built, book, state):
    total = built[0].totals["city"]["states"][state.value]
    sheet = STATE_SHEETS[state]
    found = sum_rows(page_of(book, sheet), sheet)[0]
    ha, mu = ("unsupplied_ha", "unsupplied_mu") if sheet == "unsupplied" else ("area_ha", "area_mu")
    assert found["park"] == total["count"] == len(body(page_of(book, sheet), sheet))
    assert found[ha] == pytest.approx(units.ha(total["area_m2"]), rel=1e-12)
    assert found[mu] == pytest.approx(units.mu(total["area_m2"]), rel=1e-12)


def test_every_case_counts_once(built, book):
    cases = built[0].cases
    counted = sum(
        sum_rows(page_of(book, s), s)[0]["park"] for s in ("unsupplied", "unbuilt", "unfinished")
    )
    counted += sum_rows(page_of(book, "undetermined"), "undetermined")[0]["park"]
    whole, here, there = sum_rows(page_of(book, "inefficient"), "inefficient")
    assert whole["park"] == here["park"] + there["park"] == cases["status"].isin(INEFFICIENT).sum()
    finished = (cases["status"] == Status.FINISHED).sum()
    assert counted + here["park"] + finished == len(cases)


def test_inefficient_land_counted_elsewhere_is_not_filled_in_twice(book):
    for row in body(page_of(book, "inefficient"), "inefficient"):
        is_elsewhere = row["counted_in"] == "建而未成"
        assert is_elsewhere == str(row["remark"]).startswith("见《建而未成》")
        assert is_elsewhere == (row["measures"] is None)
        if is_elsewhere:
            number = int(str(row["remark"]).split("第")[1].split("号")[0])
            home = body(page_of(book, "unfinished"), "unfinished")[number - 1]
            assert home["supply_id"] == row["supply_id"]


def test_summary_is_the_totals(built, book):
    totals = built[0].totals
    page = page_of(book, "summary")
    listed = body(page, "summary")
    clusters = [row for row in listed if row["seq"]]
    assert [row["cluster"] for row in clusters] == list(CLUSTERS.values())
    for row, entry in zip(clusters, totals["clusters"], strict=False):
        for state in State:
            assert row[f"{state}_count"] == entry["states"][state]["count"]
            assert row[f"{state}_mu"] == pytest.approx(units.mu(entry["states"][state]["area_m2"]))
    empty = clusters[list(CLUSTERS).index(EMPTY_CLUSTER)]
    assert (empty["all_count"], empty["all_ha"], empty["idle_count"]) == (0, 0, 0)
    outside = next(row for row in listed if row["cluster"] == "集聚区外")
    assert outside["all_count"] == totals["clusters"][-1]["count"]
    assert [row["park"] for row in listed if row["park"]] == [
        f"其中：{n}" for n, _ in PARKS.values()
    ]
    city = sum_rows(page, "summary")[0]
    for key in [c.key for c in COLUMNS["summary"] if c.key.endswith(("_count", "_ha", "_mu"))]:
        if not key.startswith("disposed"):
            added = sum(row[key] for row in [*clusters, outside])
            assert city[key] == pytest.approx(added), key
    assert city["built_rate"] is None  # an unknown rate stays blank
    assert sum(city[f"{state}_ha"] for state in State) == pytest.approx(city["all_ha"])


def test_what_was_accepted_as_done_stands_in_the_summary_and_the_unknown_stays_blank(built):
    results = built[0]
    own = results.cases[(results.cases["cluster_id"] == "C01") & results.cases["due_on"].notna()]
    told = zip(("已处置完毕", "处置中"), own[["kind", "case_id"]].head(2).to_numpy(), strict=True)
    listed = [
        dict.fromkeys(entries.COLUMNS, "")
        | {"kind": kind, "case_id": case_id, "field": "progress", "value": word, "row": 1}
        for word, (kind, case_id) in told
    ]
    accepted = SimpleNamespace(**vars(results) | {"entries": pd.DataFrame(listed)})
    table, (city,) = summary.of(accepted, "zh")
    row = table[table["cluster"] == CLUSTERS["C01"]].iloc[0]
    area = own["area_m2"].iloc[0]
    assert row["disposed_count"] == city.values["disposed_count"] == 1
    assert row["disposed_ha"] == pytest.approx(units.ha(area))
    assert row["disposal_rate"] == pytest.approx(area / own["area_m2"].sum())
    others = table[table["cluster"].notna() & (table["cluster"] != CLUSTERS["C01"])]
    assert others["disposed_count"].isna().all()  # nobody has reported there
    untold, (whole,) = summary.of(results, "zh")
    assert untold["disposal_rate"].isna().all()
    assert pd.isna(whole.values["disposed_count"])


def test_causes_may_be_chosen_by_code(book):
    offered = {
        validation.formula1
        for sheet in ("unsupplied", "unbuilt", "unfinished")
        for validation in page_of(book, sheet).data_validations.dataValidation
        if validation.type == "list"
    }
    assert any("E1 资金不足" in words and "E9" in words for words in offered)
    assert any("S2 项目落空" in words for words in offered)
    assert all(len(words) <= 257 for words in offered)  # 255 and the quotes


def test_days_are_days_and_blanks_are_blank(book):
    for row in body(page_of(book, "unbuilt"), "unbuilt"):
        assert row["signed_on"] == day("2015-12-08")
        assert row["delivered_on"] is None
        assert isinstance(row["due_on"], datetime)
    page = page_of(book, "unbuilt")
    column = [c.key for c in COLUMNS["unbuilt"]].index("signed_on") + 1
    assert page.cell(5, column).number_format == "yyyy-mm-dd"


def test_an_unknown_fee_is_blank_and_said(book):
    idle = [r for r in body(page_of(book, "unbuilt"), "unbuilt") if "满一年" in r["status_word"]]
    unknown = [row for row in idle if row["fee_wan"] is None]
    assert len(unknown) == 1
    assert "价款缺失，需人工核定" in unknown[0]["remark"]
    assert [row["fee_wan"] for row in idle if row["fee_wan"]] == [123.45678] * 2
    total = sum_rows(page_of(book, "unbuilt"), "unbuilt")[0]
    assert total["fee_wan"] == pytest.approx(2 * 123.45678)


def test_idle_is_suspected_until_determined(book):
    shown = [
        r["status_word"]
        for r in body(page_of(book, "unbuilt"), "unbuilt")
        if "满两年" in r["status_word"]
    ]
    assert sorted(shown) == ["疑似闲置（满两年）", "疑似闲置（满两年）", "闲置土地（满两年）"]


def test_government_causes_are_named(book):
    listed = body(page_of(book, "unbuilt"), "unbuilt")
    government = [row for row in listed if "政府原因" in row["status_word"]]
    assert {row["cause_word"] for row in government} == {"G2 依法修改土地利用总体规划、城乡规划"}
    assert {(row["gross"], row["net"], row["days_late"]) for row in government} == {
        ("1年255天", "320天", 620)
    }


def test_enterprises_give_halt_and_tax(book):
    halted = [
        r
        for r in body(page_of(book, "inefficient"), "inefficient")
        if r["status_word"] == "停产半停产"
    ]
    assert {row["enterprise"] for row in halted} == {"许昌示例停产企业"}
    assert {row["halted_on"] for row in halted} == {day("2017-04-01")}
    for row in halted:
        assert row["tax_per_mu"] == pytest.approx(32.1 / row["area_mu"])


def test_findings_are_sentences_with_headings(book):
    listed = body(page_of(book, "findings"), "findings")
    assert len(listed) == 12
    assert {row["layer"] for row in listed} == {"供地台账"}
    assert {row["column"] for row in listed} == {"合同签订日期"}
    assert {row["value"] for row in listed} == {"=1+1"}
    assert all(row["message"] and row["action"] for row in listed)


def test_what_is_missing_is_named_in_words(book):
    for row in body(page_of(book, "undetermined"), "undetermined"):
        assert row["missing_word"] == "约定动工日期；实际交地日期"


def test_notes_name_the_law_and_what_nobody_read(built, book):
    page = page_of(book, "notes")
    cells = {str(c.value) for row in page.iter_rows() for c in row if c.value is not None}
    together = "\n".join(cells)
    for text in (
        "EPSG:4547",
        "2018年6月30日",
        "2018-05-31",
        "条文待核对",
        f"landuse {__version__}",
        "第十四条第二项",
    ):
        assert text in together, text
    for value in built[0].statutes.in_force():
        assert value.label in cells
    for status in Status:
        assert any(cell.endswith(terms.label(status)) for cell in cells)
    assert "相差" not in together
    row = next(r for r in page.iter_rows(values_only=True) if r[1] == "县（市、区）国土资源部门")
    assert row[:6] == ("供地台账", "县（市、区）国土资源部门", "94.1%", 3, 3, 3)


def test_notes_list_the_policy_of_each_grade(book):
    page = page_of(book, "notes")
    told = [[cell.value for cell in row] for row in page.iter_rows(max_col=4)]
    (land,) = [row for row in told if row[0] == "用地"]
    assert land == ["用地", *(p for p in grading.load().policies[2].values() if p != "用地")]
    assert ["方面", "A类（优先发展）", "B类（鼓励提升）", "C类（倒逼转型）"] in told


def test_a_gap_between_sheets_and_totals_is_said(built, tmp_path):
    results = SimpleNamespace(**vars(built[0]))
    totals = make_totals(results.cases)
    totals["city"]["states"]["supplied_unbuilt"]["area_m2"] += 5000
    results.totals = totals
    workbook.write(tmp_path / "gap.xlsx", results)
    page = openpyxl.load_workbook(tmp_path / "gap.xlsx")["口径说明"]
    assert any("相差 0.5000 公顷" in str(c.value) for row in page.iter_rows() for c in row)


def hostile_texts():
    lines = [
        *HOSTILE,
        "a\x00b\x0bc\x1bd",
        "x" * 40_000,
        "土" * 40_000,
        "_x0041_",
        "a\u2028b\u2029c\x85d",
        "  两头空格  ",
        "2018-06-06",
        "0601",
        "TRUE",
        "#REF!",
        "'引号",
        "\u202e反向",
        "<r><t>x</t></r>",
        "＝1+1",
        "\t=1+1",
        '=HYPERLINK("http://example.invalid","甲")',
        "http://example.invalid/?a=1",
        "file:///etc/passwd",
        "{{ 7*7 }}${7*7}`甲`",
        "</script><script>alert(1)</script>",
        "1e309",
        "-0",
        "NaN",
        "12345678901234567890",
        "👨\u200d👩\u200d👧",
        "e\u0301\u0301\u0301",
        "\\'; DROP TABLE cases; --",
    ]
    for path in sorted((SHARED / "data" / "hostile-text").glob("*.txt")):
        lines += path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [line for line in lines if line.strip()]


def with_hostile_text(results, lines):
    """Put hostile text into every cell of text a source may fill but identifiers."""
    brief = [line for line in lines if len(line) < 500]
    for table in [*results.tables.values(), results.cases]:
        for number, name in enumerate(table.columns):
            kept = name in schema.CASE_COLUMNS and name not in {"right_holder", "project_name"}
            if table[name].dtype == "str" and not (
                kept or name == "cause" or name.endswith(("_id", "_of"))
            ):
                some = lines if name == "location" else brief
                texts = [
                    some[(n + n // len(some) + 7 * number) % len(some)] for n in range(len(table))
                ]
                table[name] = pd.array(texts, dtype="str")
    return results


def test_text_is_never_a_formula(tmp_path):
    lines = hostile_texts()
    cases = make_cases()
    many = pd.concat([cases] * max(len(lines) // len(cases) + 2, 24), ignore_index=True)
    many["case_id"] = [f"4110022016A{n:05d}" for n in range(len(many))]
    results = with_hostile_text(make_results(tmp_path / "workspace", many), lines)
    workbook.write(tmp_path / "hostile.xlsx", results)
    with zipfile.ZipFile(tmp_path / "hostile.xlsx") as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8")
            assert not re.search(r"<(f|hyperlink)[ />]|externalLink", text), name
    read = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    assert not [c for page in read for row in page.iter_rows() for c in row if c.data_type in "fe"]
    for sheet, column in (("unbuilt", "right_holder"), ("unfinished", "location")):
        table = dict(rows.of(results, "zh"))[sheet].whole()
        with python_calamine.load_workbook(str(tmp_path / "hostile.xlsx")) as book:
            cells = book.get_sheet_by_name(page_of(read, sheet).title).to_python()
        place = [c.key for c in COLUMNS[sheet]].index(column)
        shown = [row[place] for row in cells[first_row(sheet) - 1 :][: len(table)]]
        assert shown == [clean(text) for text in table[column]]
        assert len(set(shown)) > 20
    back = returns.planned([tmp_path / "hostile.xlsx"], tmp_path / "workspace", "许昌市")
    assert back.changes.empty
    assert back.notices.empty


def test_whole_rows_are_written_as_the_library_writes_cells(tmp_path):
    lines = [clean(text) for text in hostile_texts()]
    cells = [
        [*lines, " 前", "后\u3000", "_x0041_", "a{0}b", None],
        [n / 7 if n % 3 else None for n in range(len(lines) + 5)],
        [n - 3 for n in range(len(lines) + 5)],
    ]
    heights = [20 + n % 5 for n in range(len(cells[0]))]
    looks = ["muted" if n % 4 == 1 else "" for n in range(len(cells[0]))]
    written = {}
    for way in ("rows", "cells"):
        path = tmp_path / f"{way}.xlsx"
        with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as file:
            file.set_properties({"created": datetime(2018, 6, 30, tzinfo=UTC)})
            page = file.add_worksheet("页", worksheet_class=Page)
            page.write_string(0, 0, "heads", file.add_format({"bold": True}))
            page.write_comment(2, 1, "why")
            formats = {
                look: [file.add_format({"indent": n, "italic": bool(look)}) for n in range(3)]
                for look in dict.fromkeys(looks)
            }
            if way == "rows":
                middle = len(looks) // 2
                for start, stop in ((0, middle), (middle, len(looks))):
                    some = [column[start:stop] for column in cells]
                    rest = heights[start:stop], looks[start:stop], formats
                    page.write_rows(1 + start, some, *rest)
            else:
                write_cell_by_cell(page, cells, heights, looks, formats)
            page.write_number(len(looks) + 1, 0, 1)
        with zipfile.ZipFile(path) as parts:
            written[way] = {name: parts.read(name) for name in parts.namelist()}
    assert written["rows"] == written["cells"]


def write_cell_by_cell(page, cells, heights, looks, formats):
    for row, (values, height, look) in enumerate(
        zip(zip(*cells, strict=True), heights, looks, strict=True), start=1
    ):
        page.set_row(row, height)
        for position, value in enumerate(values):
            style = formats[look][position]
            if value is None:
                page.write_blank(row, position, None, style)
            elif isinstance(value, str):
                page.write_string(row, position, value, style)
            else:
                page.write_number(row, position, value, style)


def test_clean_replaces_what_a_cell_cannot_hold():
    assert clean("=1+1") == "=1+1"
    assert clean("a\x00b\x1f") == "a␀b␟"
    assert clean("a\r\nb\rc\td") == "a\nb\nc\td"
    assert clean("\ud800\uffff") == "��"
    assert clean("<r>&amp;</r>") == "\uff1cr>&amp;</r>"
    long = clean("𠮷" * LONGEST)
    assert len(long.encode("utf-16-le")) // 2 <= LONGEST
    assert long.endswith("…[…]")


def test_the_same_results_give_the_same_bytes(built, tmp_path):
    results, path = built
    shuffled = SimpleNamespace(**vars(results))
    shuffled.cases = results.cases.sample(frac=1, random_state=3)
    shuffled.tables = {
        role: table.sample(frac=1, random_state=5).reset_index(drop=True)
        for role, table in results.tables.items()
    }
    workbook.write(tmp_path / "again.xlsx", shuffled)
    digests = {hashlib.sha256(p.read_bytes()).digest() for p in (path, tmp_path / "again.xlsx")}
    assert len(digests) == 1


def test_nothing_given_is_changed(built, tmp_path):
    results, _ = built
    before = {role: table.copy() for role, table in results.tables.items()}
    cases = results.cases.copy()
    workbook.write(tmp_path / "once.xlsx", results)
    pd.testing.assert_frame_equal(results.cases, cases)
    for role, table in before.items():
        pd.testing.assert_frame_equal(pd.DataFrame(results.tables[role]), pd.DataFrame(table))


def test_real_land_is_not_called_synthetic(tmp_path):
    workbook.write(tmp_path / "real.xlsx", make_results(tmp_path / "workspace", synthetic=False))
    read = openpyxl.load_workbook(tmp_path / "real.xlsx")
    cells = (str(c.value) for page in read for row in page.iter_rows() for c in row)
    assert not any("示意数据" in cell for cell in cells)


def test_an_empty_city_still_has_its_forms(tmp_path):
    results = make_results(tmp_path / "workspace", make_cases().iloc[:0])
    workbook.write(tmp_path / "empty.xlsx", results)
    read = openpyxl.load_workbook(tmp_path / "empty.xlsx")
    assert len(read.sheetnames) == len(ORDER) + 1  # and the hidden register
    assert page_of(read, "unbuilt").cell(5, 1).value == "本期无此类记录"
    assert len([r for r in body(page_of(read, "summary"), "summary") if r["seq"]]) == len(CLUSTERS)


def test_english_holds_no_chinese_but_data(tmp_path, built):
    workbook.write(tmp_path / "en.xlsx", built[0], lang="en")
    read = openpyxl.load_workbook(tmp_path / "en.xlsx")
    for sheet in COLUMNS:
        assert all(
            str(text).isascii() or "m²" in text for text in heads(page_of(read, sheet), sheet)
        )
    listed = body(page_of(read, "unbuilt"), "unbuilt")
    assert "suspected idle (one full year)" in {row["status_word"] for row in listed}


def test_a_file_that_cannot_be_written_is_said(built, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        workbook.write(tmp_path / "nowhere" / "disposal.xlsx", built[0])


def test_what_a_sheet_cannot_hold_goes_on_in_numbered_ones(built, tmp_path, monkeypatch):
    whole, apart = tmp_path / "whole.xlsx", tmp_path / "apart.xlsx"
    workbook.write(whole, built[0])
    monkeypatch.setattr(workbook.body, "MOST_ROWS", 2)
    workbook.write(apart, built[0])
    one, many = openpyxl.load_workbook(whole), openpyxl.load_workbook(apart)
    names = [name for name in many.sheetnames if name.startswith("供而未建")]
    assert len(names) > 2
    assert names[:2] == ["供而未建", "供而未建 (2)"]
    numbered = [row for name in names for row in body(many[name], "unbuilt") if row["supply_id"]]
    assert numbered == body(page_of(one, "unbuilt"), "unbuilt")
    last, said = many[names[-1]], [cell.value for cell in many[names[0]]["A"]]
    assert "下接工作表“供而未建 (2)”；合计在最后一张。" in said
    assert "合计" not in said
    sums = [[r.value for r in row] for row in last.iter_rows() if row[0].value == "合计"]
    page = page_of(one, "unbuilt")
    assert sums == [[r.value for r in row] for row in page.iter_rows() if row[0].value == "合计"]
    ours, theirs = (returns.reading.read(path) for path in (whole, apart))
    assert (theirs.listed, theirs.seen) == (ours.listed, ours.seen)


def test_spans_are_counted_as_the_law_counts_years():
    spans = words.duration(pd.Series([np.nan, 0.0, 365.0, 366.0, 731.0]), date(2018, 6, 7), "zh")
    assert [None if pd.isna(s) else s for s in spans] == [None, None, "365天", "1年1天", "2年1天"]


def test_tables_do_not_round(built):
    results = built[0]
    table = dict(rows.of(results, "zh"))["unbuilt"].whole()
    own = results.cases[results.cases["state"] == "supplied_unbuilt"]["area_m2"]
    assert sorted(table["area_ha"]) == pytest.approx(sorted(own / 10_000), rel=1e-15)
    assert summary.sums("unbuilt", table, "zh")[0].count == len(own)


def test_every_heading_and_note_exists_in_both_languages(built):
    for lang in ("zh", "en"):
        for columns in COLUMNS.values():
            assert all(column.shown(lang) for column in columns)
        listed = {sheet: found.whole() for sheet, found in rows.of(built[0], lang)}
        assert list(notes._blocks(built[0], listed, lang, None))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_every_sheet(built, tmp_path):
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        [*command, "--outdir", str(tmp_path), str(built[1])],
        check=False, capture_output=True, timeout=180, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "disposal.pdf").stat().st_size > 20_000


@pytest.mark.parametrize("kind", ["supply", "approval"])
def test_one_layer_is_enough(tmp_path, kind):
    cases = make_cases()
    results = make_results(tmp_path / "workspace", cases[cases["kind"] == kind])
    kept = results.tables[kind].drop(columns="geometry", errors="ignore")
    results.tables = {role: schema.empty(role) for role in terms.Role} | {kind: kept}
    city = results.totals["city"]
    outside = {"cluster_id": "", "cluster_name": ""} | figures(results.cases)
    results.totals = {"city": city, "clusters": [outside], "parks": []}
    results.findings = findings.none()
    results.inputs = pd.DataFrame(columns=["layer", "file", "rows"])
    workbook.write(tmp_path / "one.xlsx", results)
    read = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert len(body(page_of(read, "summary"), "summary")) == 1
    remarks = [row["remark"] for row in body(page_of(read, "unbuilt"), "unbuilt")]
    assert all("无图形" in remark for remark in remarks if kind == "supply")


@pytest.fixture(scope="module")
def counties(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("counties")
    return workbook.begin(folder, built[0], per_county=True).finish()[1:]


def test_the_lists_of_the_counties_add_up_to_that_of_the_city(book, counties):
    names = [path.stem for path in counties]
    assert names == [f"disposal-{code}" for code in (*sorted(DIVISIONS), "other")]
    books = [openpyxl.load_workbook(path) for path in counties]
    assert (
        books[0]["供而未建"]["A1"].value == "许昌市魏都区产业集聚区供而未建土地处置台账（示意数据）"
    )
    for sheet, columns in COLUMNS.items():
        lists = [sum_rows(page_of(one, sheet), sheet)[0] for one in books]
        whole = sum_rows(page_of(book, sheet), sheet)[0]
        for column in columns:
            is_counted = sheet == "summary" and column.key.endswith(("_count", "_ha", "_mu"))
            if column.is_summed or (is_counted and not column.is_filled_in):
                added = sum(row[column.key] or 0 for row in lists)
                assert added == pytest.approx(whole[column.key] or 0), (sheet, column.key)
        if sheet != "summary":
            count = columns[3].key  # the fourth cell of a row of sums says how many rows there are
            assert sum(row[count] for row in lists) == whole[count], sheet
    assert sum_rows(page_of(books[0], "summary"), "summary")[0]["seq"] == "合计"
    assert sum_rows(page_of(book, "summary"), "summary")[0]["seq"] == "全市合计"
    listed = [row["cluster"] for row in body(page_of(books[0], "summary"), "summary")]
    assert [name for name in listed if name] == ["第1产业集聚区", "第7产业集聚区", "集聚区外"]


class Away(Here):
    """Does jobs as if they came from elsewhere and went back there; counts what is sent."""

    is_here = False

    def __init__(self):
        self.sent = {}

    def results(self, function, jobs, ahead):
        assert ahead == 2 + len(DIVISIONS)
        for job in jobs:
            packed = pickle.dumps((function, job))
            self.sent[str(job)] = job.results.tables
            does, what = pickle.loads(packed)
            yield pickle.loads(pickle.dumps(does(what)))


def test_lists_written_elsewhere_are_the_same_bytes(built, counties, tmp_path):
    away = Away()
    begun = workbook.begin(tmp_path, built[0], per_county=True, executor=away)
    assert not list(tmp_path.iterdir())
    made = begun.finish()
    assert [path.name for path in made] == ["disposal.xlsx", *(path.name for path in counties)]
    for one, other in zip(made, (built[1], *counties), strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert all("geometry" not in table for sent in away.sent.values() for table in sent.values())
    whole, own = (len(away.sent[name]["supply"]) for name in (made[0].name, made[1].name))
    assert 0 < own < whole


def test_long_lists_and_lists_of_land_to_offer_are_written_here(built, tmp_path, monkeypatch):
    results = built[0]
    monkeypatch.setattr(lists, "AHEAD", len(results.cases) - 1)
    away = Away()
    made = workbook.begin(tmp_path, results, executor=away).finish()
    assert made[0].read_bytes() == built[1].read_bytes()
    workbook.begin(tmp_path, results, plan=object(), per_county=True, executor=away)
    assert not away.sent


def test_a_list_from_elsewhere_that_cannot_be_put_in_its_place_says_so(built, tmp_path):
    (tmp_path / "disposal.xlsx").mkdir()
    begun = workbook.begin(tmp_path, built[0], per_county=True, executor=Away())
    with pytest.raises(OutputError, match=r"disposal\.xlsx"):
        begun.finish()


def test_every_case_and_finding_is_in_one_county(built):
    results = built[0]
    parts = [county for _, _, county in of_counties(results, "zh")]
    ids = [case for part in parts for case in part.cases["case_id"]]
    assert sorted(ids) == sorted(results.cases["case_id"])
    assert sum(len(part.findings) for part in parts) == len(results.findings)


def test_lists_of_counties_come_back_together(built, counties, tmp_path):
    workspace = built[0].workspace.path
    untouched = returns.planned(counties, workspace, "许昌市")
    assert untouched.changes.empty
    assert untouched.notices.empty
    edited = []
    for source, person in ((counties[0], "张三"), (built[1], "李四")):
        opened = openpyxl.load_workbook(source)
        page = opened["供而未建"]
        column = [c.key for c in COLUMNS["unbuilt"]].index("person") + 1
        place = [c.key for c in COLUMNS["unbuilt"]].index("supply_id") + 1
        wanted = openpyxl.load_workbook(counties[0])["供而未建"].cell(5, place).value
        row = next(r for r in range(5, page.max_row) if page.cell(r, place).value == wanted)
        page.cell(row, column).value = person
        opened.save(tmp_path / source.name)
        edited.append(tmp_path / source.name)
    plan = returns.planned([*edited, *counties[1:]], workspace, "许昌市")
    assert plan.changes[["verdict", "file", "value"]].values.tolist() == [
        ["conflict", "disposal-411002.xlsx", "张三"],
        ["conflict", "disposal.xlsx", "李四"],
    ]
