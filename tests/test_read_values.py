"""Cells to values, one by one."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse import schema
from landuse.read import values


def wide(text):
    """Return a text as a Chinese input method writes it in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" for c in text)


def converted(cells, column, role="supply", unit=None, dtype=object):
    series = pd.Series(cells, dtype=dtype)
    rows = np.arange(2, len(series) + 2)
    given_cells = values.Cells(series, rows, np.full(len(series), None, dtype=object), "s", "h")
    result, found = values.converted(given_cells, schema.column(role, column), unit)
    codes = [
        (code, row)
        for table in found
        for code, row in zip(table["code"], table["row"], strict=True)
    ]
    return result, sorted(codes)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2018-06-06", "2018-06-06"),
        ("2018/6/6", "2018-06-06"),
        ("2018.6.6", "2018-06-06"),
        ("2018年6月6日", "2018-06-06"),
        (wide("2018") + "年" + wide("6") + "月" + wide("6") + "日", "2018-06-06"),
        ("20180606", "2018-06-06"),
        ("2018-06-06 18:26:52 ", "2018-06-06"),
        ("2018-06-06T00:00:00Z", "2018-06-06"),
        ("43257", "2018-06-06"),
        (43257, "2018-06-06"),
        (43257.75, "2018-06-06"),
        (20180606.0, "2018-06-06"),
        (dt.datetime.fromisoformat("2018-06-06T23:59"), "2018-06-06"),
        (dt.date(2018, 6, 6), "2018-06-06"),
        ("1900-01-01", "1900-01-01"),
        (1, "1900-01-01"),
        ("2016-02-29", "2016-02-29"),
    ],
)
def test_days(cell, day):
    result, faults = converted([cell], "signed_on")
    assert result.tolist() == [pd.Timestamp(day)]
    assert faults == []
    assert result.dtype == "datetime64[s]"


@pytest.mark.parametrize(
    "cell",
    ["2018-02-30", "9999-12-31", "待定", True, "2018-06/06", "1528243200000", float("inf"), 0,
     "二〇一八年十三月一日", "二〇一八年二月三十日", "2019年5月14日至2019年5月30日"],
)  # fmt: skip
def test_days_that_are_not_certain_are_missing_and_said(cell):
    result, faults = converted([cell], "signed_on")
    assert result.isna().all()
    assert faults == [("day_unreadable", 2)]


@pytest.mark.parametrize("cell", ["06/07/18", "06/07/2018", "6.6.2018", "18.6.6", "13-06-2018"])
def test_a_day_that_could_be_several_is_never_guessed(cell):
    result, faults = converted([cell], "signed_on")
    assert result.isna().all()
    assert faults == [("day_ambiguous", 2)]


@pytest.mark.parametrize("cell", ["2018年6月", "2018", 2018, "2018-06", "2018.6", "2018年"])
def test_a_month_is_no_day(cell):
    result, faults = converted([cell], "signed_on")
    assert result.isna().all()
    assert faults == [("day_incomplete", 2)]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("二〇一八年六月六日", "2018-06-06"),
        ("二零一八年十二月三十一日", "2018-12-31"),
        ("二○一八年十月十日", "2018-10-10"),
        ("二〇〇九年一月二十日", "2009-01-20"),
        ("二〇二〇 年 十一 月 廿六 日", "2020-11-26"),
        ("2018年6月6", "2018-06-06"),
    ],
)
def test_days_in_words(cell, day):
    result, faults = converted([cell], "signed_on")
    assert result.tolist() == [pd.Timestamp(day)]
    assert faults == []


@pytest.mark.parametrize(
    "cell", ["", " ", "-", "——", "/", "无", None, float("nan"), "\u3000", "NULL"]
)
def test_blanks_are_missing_and_nothing_else(cell):
    for column in ("supply_id", "signed_on", "declared_area", "determination_number"):
        result, faults = converted([cell], column)
        assert result.isna().all(), column
        assert faults == []


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (wide("007 "), "007"),
        ("007", "007"),
        (411000.0, "411000"),
        (411000, "411000"),
        (2**60, str(2**60)),
        ('="0411"', "0411"),
        ("'0411", "0411"),
        ("GB－12", "GB-12"),
    ],
)
def test_ids(cell, text):
    result, faults = converted([cell], "supply_id")
    assert result.tolist() == [text]
    assert faults == []


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("cell", "text", "is_said"),
    [
        ("\ufeffA\u200b1", "A1", True),
        ("许昌\u200d某厂", "许昌某厂", True),
        ("某厂\u2060\x00", "某厂", True),
        (f"甲\u200d {FAMILY}\u200d", f"甲 {FAMILY}", True),
        (f"{FAMILY} 1", f"{FAMILY} 1", False),
        ("\u0915\u094d\u200d\u0937 1", "\u0915\u094d\u200d\u0937 1", False),  # Devanagari
        ("\u0645\u06cc\u200c\u062e 1", "\u0645\u06cc\u200c\u062e 1", False),  # Persian
        ("\u202e反向 1", "\u202e反向 1", False),
        ("某厂\n二期\t", "某厂 二期", False),
    ],
)
@pytest.mark.parametrize("column", ["supply_id", "right_holder"])
def test_what_cannot_be_seen_goes_with_a_word_and_what_joins_signs_stays(
    column, cell, text, is_said
):
    result, faults = converted([cell], column)
    assert result.tolist() == [text]
    assert faults == [("invisible_removed", 2)] * is_said


@pytest.mark.parametrize("cell", ["4.11002E+15", float(2**53), 1e22])
def test_ids_whose_digits_cannot_be_relied_on_are_kept_and_said(cell):
    result, faults = converted([cell], "supply_id")
    assert result.notna().all()
    assert faults == [("id_unreliable", 2)]


@pytest.mark.parametrize(
    ("cell", "code", "faults"),
    [
        (601.0, "0601", [("zero_restored", 2)]),
        ("601", "0601", [("zero_restored", 2)]),
        (5, "05", [("zero_restored", 2)]),
        ("60102", "060102", [("zero_restored", 2)]),
        ("0601", "0601", []),
        ("1104A", "1104A", []),
        ("M1", "M1", []),
    ],
)
def test_a_zero_that_a_spreadsheet_took_off_is_put_back_and_said(cell, code, faults):
    result, said = converted([cell], "land_use_code")
    assert result.tolist() == [code]
    assert said == faults


@pytest.mark.parametrize("cell", ["4.11003001002E+27", "4.11003E+27", 4.11003001002e27])
def test_a_unit_code_in_scientific_notation_has_lost_its_digits(cell):
    result, faults = converted([cell], "parcel_code")
    assert result.notna().all()
    assert faults == [("id_unreliable", 2)]


def test_numbers_stored_as_text_beside_numbers_are_said_once():
    result, faults = converted([1.5, "2.5", "3", 4], "declared_area")
    assert result.tolist() == [1.5, 2.5, 3, 4]
    assert faults == [("numbers_as_text", 3)]
    assert converted(["1", "2"], "declared_area")[1] == []


def test_text_keeps_its_punctuation():
    result, _ = converted([f"许国土〔{wide('2018')}〕{wide('1')}号（网）", 12.0], "contract_number")
    assert result.tolist() == ["许国土〔2018〕1号（网）", "12"]


@pytest.mark.parametrize(
    ("cell", "unit", "stored"),
    [
        ("1,234.5", None, 1234.5),
        (wide("1,234"), None, 1234),
        ("1.5", "ha", 15000),
        ("3", "mu", 2000),
        ("42538.29平方米", "ha", 42538.29),
        ("2公顷", None, 20000),
        ("3 亩", "m2", 2000),
        ("3平米", "ha", 3),
        ("1.2 hm²", None, 12000),
        ("1.2HM2", None, 12000),
        ("0.5平方公里", None, 500_000),
        (2, "ha", 20000),
        ("0", None, 0),
        (".5", None, 0.5),
    ],
)
def test_areas(cell, unit, stored):
    result, faults = converted([cell], "declared_area", unit=unit)
    assert result.tolist() == pytest.approx([stored])
    assert [code for code, _ in faults if code != "unit_from_cells"] == []


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("12,34", "number_unreadable"),
        ("约3", "number_unreadable"),
        ("3万元", "number_unreadable"),
        ("1.2.3", "number_unreadable"),
        (".", "number_unreadable"),
        ("e5", "number_unreadable"),
        (True, "number_unreadable"),
        ("-3", "number_negative"),
        (-3.0, "number_negative"),
        ("NaN", "number_not_finite"),
        ("inf", "number_not_finite"),
        (float("inf"), "number_not_finite"),
        ("#REF!", "cell_error"),
    ],
)
def test_areas_that_cannot_be_right_are_missing_and_said(cell, code):
    result, faults = converted([cell], "declared_area")
    assert result.isna().all()
    assert faults == [(code, 2)]


def test_columns_of_plain_numbers_take_the_same_rules():
    result, faults = converted(
        [1.5, -1.0, np.inf, np.nan], "price", unit="wan_yuan", dtype="float64"
    )
    assert result.tolist()[0] == 15000
    assert result.isna().tolist() == [False, True, True, True]
    assert faults == [("number_negative", 3), ("number_not_finite", 4)]


def test_money_and_its_words():
    result, faults = converted(["44523万元", "5元", "6"], "price", unit="wan_yuan")
    assert result.tolist() == [445_230_000, 5, 60_000]
    assert faults == [("unit_from_cells", 2), ("unit_from_cells", 3)]


def test_a_loss_may_be_negative():
    result, faults = converted(["-5"], "profit", role="enterprise")
    assert result.tolist() == [-5]
    assert faults == []


def test_flags():
    cells = ["是", "否", "有", "无", "Y", "n", 1, 0.0, True, "FALSE", "", "也许"]
    result, faults = converted(cells, "is_seized")
    assert result.tolist()[:10] == [True, False] * 5
    assert result.isna().tolist()[10:] == [True, True]
    assert faults == [("flag_unreadable", 13)]


@settings(max_examples=50, deadline=None)
@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_a_day_is_the_same_however_it_is_written(day):
    serial = (day - dt.date(1899, 12, 30)).days
    ways = [day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}", serial, day]
    ways.append(f"{day.year}年{day.month}月{day.day}日")
    result, faults = converted(ways, "signed_on")
    assert faults == []
    assert set(result) == {pd.Timestamp(day)}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.booleans(), st.dates()))
)
def test_no_cell_is_too_strange(cells):
    for column in ("supply_id", "location", "signed_on", "declared_area", "is_seized"):
        result, faults = converted(cells, column)
        assert len(result) == len(cells)
        assert all(2 <= row < len(cells) + 2 for _, row in faults)
