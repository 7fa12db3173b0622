"""Ledgers: CSV, Excel and JSON lines, their headings and their encodings."""

import datetime as dt
import json

import openpyxl
import pandas as pd
import pytest
from making import codes, layer, workspace

from landuse import findings, read, schema
from landuse.terms import Role

WIDE_08 = "\uff10\uff18"
LEDGER = "电子监管号,供应面积,合同签订日期,备注\n0411002018B00001,10000,2018-03-01,甲\n"


def supplies(root, text, name="s.csv", **keys):
    made = workspace(root, {"s": layer("supply", name, **keys)}, {name: text})
    return read.tables(made)


def test_every_role_is_there_with_every_column(tmp_path):
    reading = supplies(tmp_path, LEDGER)
    assert set(reading.tables) == {str(role) for role in Role}
    for role, table in reading.tables.items():
        wanted = schema.empty(role)
        assert list(table.columns[: wanted.shape[1]]) == list(wanted.columns)
        assert (table.dtypes.iloc[: wanted.shape[1]] == wanted.dtypes).all(), role
        assert isinstance(table.index, pd.RangeIndex)
        assert ("geometry" in table) is schema.may_have_geometry(role)
    assert reading.tables["cluster"].crs == "EPSG:4547"


def test_a_ledger_is_read_with_provenance_and_said(tmp_path):
    reading = supplies(tmp_path, LEDGER)
    row = reading.tables["supply"].iloc[0]
    assert row["supply_id"] == "0411002018B00001"
    assert row["declared_area"] == 10000
    assert row["signed_on"] == pd.Timestamp("2018-03-01")
    assert (row["source_layer"], row["source_file"], row["source_row"]) == (
        "s",
        "layers/data/s.csv",
        2,
    )
    assert row["geometry"] is None
    said = reading.inputs.iloc[0]
    assert (said["rows"], said["refused"], said["encoding"]) == (1, 0, "UTF-8")
    assert said["as_of"] == "2018-05-31"
    assert "supply_id=电子监管号; declared_area=供应面积; signed_on=合同签订日期" in said["matched"]
    assert codes(reading.findings) == {"columns_matched": 1}


def test_progress_is_reported(tmp_path):
    made = workspace(tmp_path, {"s": layer("supply", "s.csv")}, {"s.csv": LEDGER})
    heard = []
    read.tables(made, lambda name, rows: heard.append((name, rows)))
    assert heard == [("s", 1)]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (LEDGER.encode("utf-8"), "UTF-8"),
        (LEDGER.encode("utf-8-sig"), "UTF-8"),
        (LEDGER.encode("gb18030"), "GB18030"),
        (LEDGER.replace("甲", "㛃䶮镕堃").encode("gb18030"), "GB18030"),
        (LEDGER.replace(",", "\t").encode("utf-16"), "UTF-16"),
        (LEDGER.replace("\n", "\r\n").encode("gbk"), "GB18030"),
    ],
)
def test_encodings(tmp_path, data, shown):
    reading = supplies(tmp_path, data)
    assert reading.tables["supply"]["supply_id"].tolist() == ["0411002018B00001"]
    assert reading.inputs["encoding"].tolist() == [shown]


def test_a_declared_encoding_is_followed(tmp_path):
    reading = supplies(tmp_path, LEDGER.encode("gbk"), encoding="GB2312")
    assert reading.inputs["encoding"].tolist() == ["GB18030"]
    assert len(reading.tables["supply"]) == 1


def test_rows_of_another_width_are_refused_and_never_shifted(tmp_path):
    text = (
        "电子监管号,项目名称,合同签订日期,约定动工日期\n"
        "A1,甲,2018-01-01,2018-06-01\n"
        "A2,乙,多出,2018-01-02,2018-06-02\n"
        "A3,丙,2018-01-03\n"
        "A4,丁,2018-01-04,2018-06-04,,\n"
    )
    reading = supplies(tmp_path, text)
    table = reading.tables["supply"]
    assert table["supply_id"].tolist() == ["A1", "A4"]
    assert table["source_row"].tolist() == [2, 5]
    assert table["agreed_commencement_on"].tolist() == [
        pd.Timestamp("2018-06-01"),
        pd.Timestamp("2018-06-04"),
    ]
    refused = reading.findings[reading.findings["code"] == "row_width"]
    assert refused["row"].tolist() == [3, 4]
    assert [d["fields"] for d in refused["details"]] == [5, 3]
    assert reading.inputs["refused"].tolist() == [2]


def test_a_header_that_ends_empty_contradicts_a_surplus_that_is_filled(tmp_path):
    reading = supplies(tmp_path, "电子监管号,网址,标识,\nA1,2020-05-12,http://x,abc,\n")
    assert len(reading.tables["supply"]) == 0
    assert codes(reading.findings)["row_width"] == 1
    assert codes(reading.findings)["layer_empty"] == 1


def test_an_unclosed_quote_costs_its_own_line(tmp_path):
    text = '电子监管号,项目名称\nA1,甲\nA2,"乙\nA3,丙\nA4,"两\n行"\nA5,戊\n'
    reading = supplies(tmp_path, text)
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A3", "A4", "A5"]
    assert reading.tables["supply"]["source_row"].tolist() == [2, 4, 5, 7]
    refused = reading.findings[reading.findings["code"] == "row_unreadable"]
    assert refused["row"].tolist() == [3]


def test_blank_rows_and_rows_of_totals_are_no_records(tmp_path):
    reading = supplies(tmp_path, "电子监管号,供应面积\nA1,1\n,\n\n合 计,1\n填表人：张三,\n")
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1"]
    found = reading.findings[reading.findings["code"] == "row_of_totals"]
    assert found["row"].tolist() == [5]
    assert codes(reading.findings)["row_of_notes"] == 1
    assert reading.inputs["refused"].tolist() == [0]


def test_two_headings_for_one_column_leave_it_empty(tmp_path):
    text = "电子监管号,签订日期,合同签订日期\nA1,2018-01-01,2018-02-02\n"
    reading = supplies(tmp_path, text)
    assert reading.tables["supply"]["signed_on"].isna().all()
    found = reading.findings[reading.findings["code"] == "column_ambiguous"].iloc[0]
    assert (found["column"], found["value"]) == ("signed_on", "签订日期, 合同签订日期")
    declared = supplies(tmp_path, text, columns={"signed_on": "签订日期"})
    assert declared.tables["supply"]["signed_on"].tolist() == [pd.Timestamp("2018-01-01")]


def test_repeated_and_empty_headings_are_said(tmp_path):
    text = "电子监管号,项目名称,项目名称,,坐落\nA1,甲,乙,丙,丁\n"
    reading = supplies(tmp_path, text)
    assert reading.tables["supply"]["project_name"].isna().all()
    assert reading.tables["supply"]["location"].tolist() == ["丁"]
    assert {"heading_repeated", "heading_empty", "column_ambiguous"} <= set(codes(reading.findings))
    told = supplies(tmp_path, text, columns={"project_name": "项目名称#2"})
    assert told.tables["supply"]["project_name"].tolist() == ["乙"]


def test_headings_are_matched_by_chinese_english_own_name_and_alias(tmp_path):
    text = (
        "\u3000监管号 ,parcel_code,right holder,项目名称\ufeff,供应面积（公顷）\nA1,Z1,甲,乙,1.5\n"
    )
    reading = supplies(tmp_path, text)
    row = reading.tables["supply"].iloc[0]
    assert row[["supply_id", "parcel_code", "right_holder", "project_name"]].tolist() == [
        "A1",
        "Z1",
        "甲",
        "乙",
    ]
    assert row["declared_area"] == 15000
    assert codes(reading.findings)["unit_of_heading"] == 1
    declared = supplies(tmp_path, text, units={"declared_area": "mu"})
    assert declared.tables["supply"]["declared_area"].iloc[0] == pytest.approx(1000)
    assert codes(declared.findings)["unit_contradicts_heading"] == 1


def test_headings_may_be_broken_over_lines(tmp_path):
    text = '"电子\n监管号","供应面积\n（亩）","right\nholder"\nA1,3,甲\n'
    reading = supplies(tmp_path, text)
    row = reading.tables["supply"].iloc[0]
    assert (row["supply_id"], row["right_holder"], row["source_row"]) == ("A1", "甲", 5)
    assert row["declared_area"] == pytest.approx(2000)


def test_areas_that_look_like_hectares_are_doubted(tmp_path):
    rows = "".join(f"A{n},{n}.12345\n" for n in range(1, 8))
    assert codes(supplies(tmp_path, f"电子监管号,供应面积\n{rows}").findings)["unit_suspected"] == 1
    told = supplies(tmp_path, f"电子监管号,供应面积\n{rows}", units={"declared_area": "ha"})
    assert "unit_suspected" not in codes(told.findings)
    assert told.tables["supply"]["declared_area"].iloc[0] == pytest.approx(11234.5)


def test_a_pattern_reads_every_file_and_keeps_them_apart(tmp_path):
    made = workspace(
        tmp_path,
        {"s": layer("supply", "s*.csv")},
        {"s2.csv": "电子监管号\nB\n", "s1.csv": "电子监管号\nA\n", "other.csv": "x\n1\n"},
    )
    reading = read.tables(made)
    assert reading.tables["supply"]["supply_id"].tolist() == ["A", "B"]
    assert reading.tables["supply"]["source_file"].tolist() == [
        "layers/data/s1.csv",
        "layers/data/s2.csv",
    ]
    assert len(reading.inputs) == 2
    assert reading.inputs["sha256"].nunique() == 2


def workbook(root, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    (root / "layers" / "data").mkdir(parents=True, exist_ok=True)
    book.save(root / "layers" / "data" / "s.xlsx")


def test_excel_cells_become_what_they_mean(tmp_path):
    title = ["许昌市供地台账", None, None, None, None]
    head = ["电子监管号", "宗地编号", "合同签订日期", "约定动工日期", "是否查封"]
    rows = [
        [411000.0, "007", dt.datetime.fromisoformat("2018-06-06"), 43257, "是"],
        [4.110020180000001e18, WIDE_08, dt.date(2018, 6, 6), "2018年6月6日", "否"],
        ["合计", None, None, None, None],
    ]
    workbook(tmp_path, {"空": [], "供地": [title, head, *rows]})
    made = workspace(tmp_path, {"s": layer("supply", "s.xlsx", header_row=2)})
    reading = read.tables(made)
    table = reading.tables["supply"]
    assert table["supply_id"].tolist() == ["411000", "4110020180000001024"]
    assert table["parcel_code"].tolist() == ["007", "08"]
    assert table["signed_on"].tolist() == [pd.Timestamp("2018-06-06")] * 2
    assert table["agreed_commencement_on"].tolist() == [pd.Timestamp("2018-06-06")] * 2
    assert table["is_seized"].tolist() == [True, False]
    assert table["source_row"].tolist() == [3, 4]
    found = reading.findings[reading.findings["code"] == "id_unreliable"]
    assert found["row"].tolist() == [4]


def test_a_sheet_is_named_where_there_are_several(tmp_path):
    workbook(tmp_path, {"一": [["电子监管号"], ["A"]], "二": [["电子监管号"], ["B"]]})
    made = workspace(tmp_path, {"s": layer("supply", "s.xlsx", layer="二")})
    assert read.tables(made).tables["supply"]["supply_id"].tolist() == ["B"]


def test_json_lines_with_brackets_and_trailing_commas(tmp_path):
    lines = ["[", json.dumps({"supply_id": "007", "declared_area": 1.5, "plan": {"a": 1}}) + ","]
    lines += ['{"supply_id": 12345678901234567890}', '{"supply_id": ', "]["]
    reading = supplies(tmp_path, "\n".join(lines).encode("gb18030"), name="s.jsonl")
    table = reading.tables["supply"]
    assert table["supply_id"].tolist() == ["007", "12345678901234567890"]
    assert table["declared_area"].iloc[0] == 1.5
    assert table["source_row"].tolist() == [2, 3]
    assert reading.findings.loc[reading.findings["code"] == "row_unreadable", "row"].tolist() == [4]


def test_every_finding_has_words_in_both_languages(tmp_path):
    text = "电子监管号,项目名称,项目名称,,供应面积\nA1,甲,乙,丙,x\nA2\n合计,,,,\n"
    found = supplies(tmp_path, text).findings
    for lang in ("zh", "en"):
        shown = findings.rendered(found, lang)
        assert len(shown) == len(found) >= 6
        assert not shown["message"].str.contains("[{}]").any()
