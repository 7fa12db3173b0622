"""Every notebook runs from top to bottom, and is kept in git without outputs."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from landuse import texts
from landuse.papers import fonts

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebook_runs(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert len(notebook.cells) <= 20
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": NOTEBOOKS}}).execute()


def test_there_are_at_least_six_and_they_tell_a_story_in_chinese():
    books = [nbformat.read(path, as_version=4) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    assert len(books) >= 6
    for book in books:
        told = "".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
        assert len(re.findall(r"[\u4e00-\u9fff]", told)) > 50


def test_charts_find_a_chinese_font_or_say_that_there_is_none():
    assert fonts.found(["DejaVu Sans", "SimHei", "Microsoft YaHei"]) == "Microsoft YaHei"
    assert fonts.found(["DejaVu Sans"]) is None
    assert "Noto Sans CJK" in texts.say("handout.no_font")
