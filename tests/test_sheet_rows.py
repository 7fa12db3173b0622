"""Rows written many at a time: what is done for all at once is what is done for each alone."""

import zipfile

import pandas as pd
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from landuse import facts
from landuse.cells import LONGEST, all_clean, clean
from landuse.workbook import body
from landuse.workbook.page import Page

TEXTS = st.lists(
    st.one_of(
        st.text(),
        st.text("土ab \n", min_size=30, max_size=200),
        st.sampled_from(
            ["<r>", "a<r>", "土" * LONGEST, "👨‍👩‍👧", "\u3000", "_x0041_", "=1", "a&b"]
        ),
    ),
    max_size=6,
)


@given(TEXTS, st.floats(1, 80))
def test_lines_of_a_column_are_those_of_each_text(texts, width):
    cells = [clean(text) or None for text in texts]
    told = body._lines(cells, width).tolist()
    assert told == [body.text_lines(cell or "", width) for cell in cells]


@given(TEXTS)
def test_what_is_called_clean_is(texts):
    if all_clean(texts):
        assert [clean(text) for text in texts] == texts


@given(TEXTS)
def test_texts_of_a_sheet_are_written_as_the_library_writes_them(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("texts")
    cells = ["head", *map(clean, texts)]
    with xlsxwriter.Workbook(folder / "ours.xlsx", {"constant_memory": True}) as book:
        book.add_worksheet("a", Page).write_texts(cells)
    with xlsxwriter.Workbook(folder / "theirs.xlsx", {"constant_memory": True}) as book:
        page = book.add_worksheet("a")
        for row, text in enumerate(cells):
            page.write_string(row, 0, text)
    sheets = [
        zipfile.ZipFile(folder / name).read("xl/worksheets/sheet1.xml")
        for name in ("ours.xlsx", "theirs.xlsx")
    ]
    assert sheets[0] == sheets[1]


@given(st.lists(st.one_of(st.none(), st.text(max_size=3))), st.lists(st.text(max_size=3)))
def test_among_others_is_being_one_of_them(values, others):
    told = facts.among(pd.Series(values, dtype="str"), pd.Series(others, dtype="str"))
    assert told.tolist() == [value in others for value in values]
