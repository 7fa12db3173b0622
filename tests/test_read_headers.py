"""What stands around the records of a ledger: titles, merged headers, sums, notes, units."""

import openpyxl
import pandas as pd
import pytest
import shapely
from making import codes, layer, workspace

from landuse import read


def supplies(root, text, name="s.csv", **keys):
    made = workspace(root, {"s": layer("supply", name, **keys)}, {name: text})
    return read.tables(made)


def sheet(root, rows, merged=(), **keys):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    (root / "layers" / "data").mkdir(parents=True, exist_ok=True)
    book.save(root / "layers" / "data" / "s.xlsx")
    return read.tables(workspace(root, {"s": layer("supply", "s.xlsx", **keys)}))


def test_a_title_above_the_header_is_passed_and_said(tmp_path):
    text = "许昌市供地台账,,\n截至2018年5月,,\n电子监管号,供应面积,备注\nA1,10,\n"
    reading = supplies(tmp_path, text)
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1"]
    assert reading.tables["supply"]["source_row"].tolist() == [4]
    found = reading.findings[reading.findings["code"] == "header_found"]
    assert found["row"].tolist() == [3]


def test_a_declared_header_row_is_followed(tmp_path):
    text = "电子监管号,供应面积\n电子监管号,项目名称\nA1,甲\n"
    reading = supplies(tmp_path, text, header_row=2)
    assert reading.tables["supply"]["project_name"].tolist() == ["甲"]
    assert "header_found" not in codes(reading.findings)


def test_a_header_of_two_rows_with_merged_cells(tmp_path):
    rows = [
        ["供地台账"],
        ["电子监管号", "约定", None, "基本情况", None, "供应面积"],
        [None, "开工时间", "竣工时间", "项目名称", "土地坐落", "公顷"],
        ["A1", "2018-01-01", "2019-01-01", "甲", "路", 1.5],
    ]
    reading = sheet(tmp_path, rows, ["A1:F1", "A2:A3", "B2:C2", "D2:E2"])
    row = reading.tables["supply"].iloc[0]
    assert row["agreed_commencement_on"] == pd.Timestamp("2018-01-01")
    assert row["agreed_completion_on"] == pd.Timestamp("2019-01-01")
    assert row[["supply_id", "project_name", "location"]].tolist() == ["A1", "甲", "路"]
    assert row["declared_area"] == 15_000
    assert row["source_row"] == 4
    assert codes(reading.findings)["header_of_rows"] == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("合计,9", "row_of_totals"),
        ("合计（公顷）,9", "row_of_totals"),
        ("魏都区小计,9", "row_of_totals"),
        (",本页小计", "row_of_totals"),
        ("注：以上为截至五月的数据,", "row_of_notes"),
        ("填报单位：某局,", "row_of_notes"),
        ("数据来源：台账,", "row_of_notes"),
        ("电子监管号,供应面积", "row_of_headings"),
    ],
)
def test_rows_that_are_no_records(tmp_path, line, code):
    reading = supplies(tmp_path, f"电子监管号,供应面积\nA1,9\n{line}\nA2,1\n")
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "A2"]
    found = reading.findings[reading.findings["code"] == code]
    assert found["row"].tolist() == [3]
    assert reading.inputs["refused"].tolist() == [0]


def test_a_row_that_numbers_the_columns(tmp_path):
    head = "电子监管号,供应面积,项目名称\n"
    reading = supplies(tmp_path, f"{head}1,2,3\nA1,9,甲\n1,2,3\n")
    assert reading.tables["supply"]["supply_id"].tolist() == ["A1", "1"]
    found = reading.findings[reading.findings["code"] == "row_of_numbers"]
    assert found["row"].tolist() == [2]


def test_a_firm_whose_name_holds_the_word_is_a_record(tmp_path):
    text = "电子监管号,土地使用权人\nA1,合计财务有限公司\nA2,备注文具店\n"
    assert len(supplies(tmp_path, text).tables["supply"]) == 2


def test_a_unit_above_the_header_counts_for_the_sheet(tmp_path):
    rows = [["供地台账", "单位：公顷、万元"], ["电子监管号", "供应面积", "成交价款"], ["A1", 1, 2]]
    reading = sheet(tmp_path, rows)
    row = reading.tables["supply"].iloc[0]
    assert (row["declared_area"], row["price"]) == (10_000, 20_000)
    assert codes(reading.findings)["unit_of_sheet"] == 2
    told = sheet(tmp_path, rows, units={"declared_area": "mu"})
    assert told.tables["supply"]["declared_area"].iloc[0] == pytest.approx(2000 / 3)


def test_a_unit_is_proved_by_another_column(tmp_path):
    rows = "".join(f"A{n},{n}.5,{n * 15 + 7.5}\n" for n in range(1, 8))
    reading = supplies(tmp_path, f"电子监管号,供应面积,折合面积(亩)\n{rows}")
    assert reading.tables["supply"]["declared_area"].iloc[0] == 15_000
    found = reading.findings[reading.findings["code"] == "unit_proved_by_column"].iloc[0]
    assert (found["value"], found["details"]["count"]) == ("ha", 7)
    other = "".join(f"A{n},{n}.5,{n}\n" for n in range(1, 8))
    plain = supplies(tmp_path, f"电子监管号,供应面积,绿地面积(亩)\n{other}")
    assert plain.tables["supply"]["declared_area"].iloc[0] == 1.5


def drawn(root, factor, units=None):
    """Read seven squares whose area stands beside them, divided by a factor."""
    boxes = [shapely.box(500_000, 3_760_000, 500_000 + 100 * n, 3_760_100) for n in range(1, 8)]
    features = ",".join(
        f'{{"type":"Feature","properties":{{"电子监管号":"A{n}","供应面积":{box.area / factor}}},'
        f'"geometry":{shapely.to_geojson(box)}}}'
        for n, box in enumerate(boxes)
    )
    text = f'{{"type":"FeatureCollection","features":[{features}]}}'
    keys = {"units": units} if units else {}
    toml = layer("supply", "s.geojson", crs="EPSG:4547", **keys)
    return read.tables(workspace(root, {"s": toml}, {"s.geojson": text}))


@pytest.mark.parametrize(("factor", "unit"), [(10_000, "ha"), (2000 / 3, "mu")])
def test_a_unit_is_proved_by_the_outlines(tmp_path, factor, unit):
    reading = drawn(tmp_path, factor)
    assert reading.tables["supply"]["declared_area"].iloc[0] == pytest.approx(10_000)
    found = reading.findings[reading.findings["code"] == "unit_proved_by_geometry"]
    assert found["value"].tolist() == [unit]


def test_a_declared_unit_is_followed_against_the_outlines_and_that_is_said(tmp_path):
    reading = drawn(tmp_path, 2000 / 3, {"declared_area": "ha"})
    assert reading.tables["supply"]["declared_area"].iloc[0] == pytest.approx(150_000)
    assert codes(reading.findings)["unit_contradicted"] == 1
    right = drawn(tmp_path, 10_000, {"declared_area": "ha"})
    assert "unit_contradicted" not in codes(right.findings)


def test_columns_that_say_the_same_are_one(tmp_path):
    text = "电子监管号,坐落,项目位置\nA1,东路,东路\nA2,,西路\n"
    reading = supplies(tmp_path, text)
    assert reading.tables["supply"]["location"].tolist() == ["东路", "西路"]
    assert codes(reading.findings)["columns_agree"] == 1
    crossed = supplies(tmp_path, "电子监管号,坐落,项目位置\nA1,东路,\nA2,,西路\n")
    assert crossed.tables["supply"]["location"].isna().all()
    assert codes(crossed.findings)["column_ambiguous"] == 1


def test_field_names_of_a_cadastre(tmp_path):
    text = (
        "dzjgh,ZDDM,BDCDYH,QLRMC,ZL,DLBM,ZDMJ,QSXZ\n"
        "A1,411003001002GB00012,411003001002GB00012W00000000,甲,路,0601,9,20\n"
    )
    row = supplies(tmp_path, text).tables["supply"].iloc[0]
    assert row[["supply_id", "parcel_code", "right_holder", "land_use_code"]].tolist() == [
        "A1",
        "411003001002GB00012",
        "甲",
        "0601",
    ]
    assert row["declared_area"] == 9


def test_exchanged_limits_of_the_plot_ratio(tmp_path):
    head = "电子监管号,约定容积率下限,约定容积率上限\n"
    reading = supplies(tmp_path, head + "A1,2,1\nA2,3,1\nA3,1,2\nA4,1,1\n")
    found = reading.findings[reading.findings["code"] == "pair_swapped"].iloc[0]
    assert (found["value"], found["details"]["count"]) == ("2", 3)
    single = supplies(tmp_path, head + "A1,1,2\nA2,3,1\nA3,1,2\n")
    assert single.findings.loc[single.findings["code"] == "pair_reversed", "row"].tolist() == [3]


def test_a_row_that_slipped_is_named(tmp_path):
    text = (
        "电子监管号,供应面积,合同签订日期,约定动工日期\n"
        "A1,9,2018-01-01,2018-06-01\nA2,甲,9,2018-01-01\nA3,9,2018-01-01,约定\n"
    )
    found = supplies(tmp_path, text).findings
    hit = found[found["code"] == "row_shifted"]
    assert hit["row"].tolist() == [3]
    assert hit["feature_id"].tolist() == ["A2"]


def test_a_price_that_is_too_cheap_is_doubted(tmp_path):
    rows = "".join(f"A{n},10000,{n}00\n" for n in range(1, 8))
    assert codes(supplies(tmp_path, f"电子监管号,供应面积,成交价格\n{rows}").findings)[
        "money_suspected"
    ]
    told = supplies(tmp_path, f"电子监管号,供应面积,成交价格（万元）\n{rows}")
    assert "money_suspected" not in codes(told.findings)
