"""Whole columns at once say what cell by cell reading says."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse import geometry, schema
from landuse.read import bulk, values

TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            "0123456789\uff10\uff19AZaz许昌无〇（）()〔〕[].,-_/ #='，。、E+\t"
            "\u3000\u00a0\ufeff\u200b"
        ),
        st.characters(codec="utf-8"),
    ),
    max_size=12,
)
COLUMNS = {"id": "parcel_code", "text": "right_holder", "number": "declared_area"}


def cell_by_cell(texts, kind):
    column = schema.column("supply", COLUMNS[kind])
    said = np.full(len(texts), None, dtype=object)
    mixed = pd.Series([*texts, 1.5], dtype=object)  # a number makes it no column of texts
    cells = values.Cells(mixed, np.arange(len(mixed)), np.append(said, None), "s", "h")
    assert bulk.sure(mixed, kind) is None
    result, found = values.converted(cells, column, None)
    faulty = {
        row for table in found for row in table["row"] if table["code"].iloc[0] != "numbers_as_text"
    }
    return result.iloc[:-1], faulty


@pytest.mark.parametrize("kind", ["id", "text", "number"])
@pytest.mark.parametrize("dtype", ["str", object])
@settings(max_examples=80, deadline=None)
@given(texts=st.lists(st.one_of(TEXTS, st.none()), min_size=1, max_size=8))
def test_what_is_sure_is_what_one_cell_alone_reads_as(texts, kind, dtype):
    cells = pd.Series(texts, dtype=dtype)
    found = bulk.sure(cells, kind)
    if found is None:
        assert all(text is None for text in texts) or any(
            "\ud800" <= sign <= "\udfff" for text in texts if text for sign in text
        )
        return
    alone, faulty = cell_by_cell(texts, kind)
    for n in np.flatnonzero(found.where):
        assert n not in faulty
        whole, one = found.values.iloc[n], alone.iloc[n]
        assert (pd.isna(whole) and pd.isna(one)) or whole == one


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("id", "4110032016B00001"),
        ("id", "411003001002GB00012F00010001"),
        ("text", "许昌某某实业有限公司"),
        ("text", "年产3万件（一期）"),
        ("text", "划拨"),
        ("number", "42538.29"),
        ("number", "0"),
    ],
)
def test_what_ledgers_hold_is_sure(kind, text):
    assert bulk.sure(pd.Series([text, None, text], dtype="str"), kind).where.all()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("id", "1.0E+15"), ("id", "无"), ("id", "null"), ("id", "\uff21\uff11\uff12\uff13\uff14"),
        ("id", "12345 "),
        ("id", "（12345）"), ("text", "无"), ("text", "——"), ("text", "N/A"), ("text", "<null>"),
        ("text", "第\uff12\uff13\uff14号"), ("text", "\u3000许昌许昌"), ("number", "1,000"),
        ("number", "12亩"), ("number", "-3"), ("number", "1e5"), ("number", "0012"),
    ],
)  # fmt: skip
def test_what_is_in_any_doubt_is_not(kind, text):
    known = {"id": "4110032016B00001", "text": "许昌实业公司", "number": "7"}[kind]
    found = bulk.sure(pd.Series([known, text], dtype="str"), kind)
    assert found.where.tolist() == [True, False]


@pytest.mark.parametrize("dtype", ["str", object])
def test_certain_and_doubtful_cells_of_one_column_keep_their_places_and_findings(dtype):
    cells = pd.Series(
        ["4110032016B00001", None, "1.0E+15", "\uff14\uff11\uff11", "无", "B2"], dtype=dtype
    )
    ids = np.full(6, None, dtype=object)
    held = values.Cells(cells, np.arange(2, 8), ids, "s", "h")
    result, found = values.converted(held, schema.column("supply", "supply_id"), None)
    assert result.dtype == "str"
    assert result.fillna("").tolist() == ["4110032016B00001", "", "1.0E+15", "411", "", "B2"]
    assert [(t["code"][0], list(t["row"])) for t in found if len(t)] == [("id_unreliable", [4])]


def test_numbers_in_texts_come_in_the_stored_unit():
    cells = pd.Series(["1.5", "2公顷", "三", None], dtype="str")
    held = values.Cells(cells, np.arange(4), np.full(4, None, dtype=object), "s", "h")
    result, found = values.converted(held, schema.column("supply", "declared_area"), "mu")
    assert result.tolist()[:2] == [pytest.approx(1000.0), 20_000.0]
    assert result.isna().tolist() == [False, False, True, True]
    assert sorted(t["code"][0] for t in found if len(t)) == ["number_unreadable", "unit_from_cells"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [0, 2, 3])
def test_one_coordinate_that_is_no_number_is_seen_wherever_it_is(bad, at):
    ring = np.array([(0.0, 0), (4, 0), (4, 4), (0, 4)])
    ring[at, at % 2] = bad
    closed = np.vstack([ring, ring[:1]])
    hole = np.array([(1.0, 1), (2, 1), (2, 2), (1, 1)])
    with np.errstate(all="ignore"):
        shapes = [
            shapely.LineString(ring),
            shapely.Point(ring[at]),
            shapely.MultiPoint(ring),
            shapely.GeometryCollection([shapely.Point(ring[at])]),
        ]
        if not np.isnan(bad) or at:
            shapes.append(shapely.LineString(closed))
    clean = [None, shapely.Point(), shapely.Point(1, 2), shapely.Polygon(ring_of(4), [hole])]
    found = geometry.is_finite(np.array([*shapes, *clean], dtype=object))
    assert found.tolist() == [False] * len(shapes) + [True] * len(clean)


def ring_of(size):
    return np.array([(0.0, 0), (size, 0), (size, size), (0, size), (0, 0)])
