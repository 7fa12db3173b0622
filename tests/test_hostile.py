"""Hostile text in every field of every layer: nothing runs in any output, nothing is altered."""

import re
from pathlib import Path

import pytest
from maps_tab import NEEDS_CHROMIUM

from benchmarks import hostile, hostile_seen

pytestmark = NEEDS_CHROMIUM
PACKAGE = Path(__file__).parents[1] / "landuse"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return hostile.tried(
        tmp_path_factory.mktemp("hostile") / "w",
        hostile.STRINGS[::4],
        {"explain": ("sheet.html",)},
        hostile.DAYS[1:],
        with_database=False,
    )


def test_every_field_of_text_was_tried(told):
    assert told["strings"] >= 15
    assert told["fields"] >= 29
    assert told["outputs"] >= 12
    assert told["compared"] >= 100
    assert {".html", ".xlsx", ".docx", ".csv", ".json", ".parquet", ".gpkg"} <= set(told["endings"])


def test_nothing_ran_and_no_page_broke_its_policy(told):
    assert told["executed"] == []


def test_every_page_forbids_connections_and_handlers(told):
    assert told["unguarded"] == []


def test_nothing_was_altered(told):
    assert told["altered"] == []


def test_pages_are_made_in_three_places_and_each_has_a_policy():
    """A map, the index, a paper: whatever writes another page must be tried here too."""
    makers = {
        path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8")
        for path in PACKAGE.rglob("*.py")
        if re.search(r"<!DOCTYPE html|Content-Security-Policy", path.read_text("utf-8"), re.I)
    }
    assert set(makers) == {"maps/index.py", "maps/page.py", "papers/page.py"}
    assert all("Content-Security-Policy" in text for text in makers.values())


def test_what_runs_would_be_seen(tmp_path):
    page = tmp_path / "a.html"
    page.write_text(
        "<img src=x onerror='window.hit=1'><a href='javascript:1'>b</a><script>alert(1)</script>",
        encoding="utf-8",
    )
    strict = tmp_path / "b.html"
    rules = "; ".join(f"{name} 'none'" for name in ("default-src", "base-uri", "form-action"))
    rule = f'<meta http-equiv="Content-Security-Policy" content="{rules}">'
    strict.write_text(f"{rule}<img src='c.png'>", encoding="utf-8")
    (tmp_path / "a.csv").write_text("=1+1,-2.5\n", encoding="utf-8")
    seen = hostile_seen.executed([page, strict, tmp_path / "a.csv"])
    assert len(seen) >= 4
    assert any("b.html: policy broken" in line for line in seen)
    assert len(hostile_seen.unguarded([page, strict])) == 3
    assert hostile_seen.held("t", {"A": ("a", "b")}, {"A": {("a", "c")}}) == (
        2,
        ["t: A 'b' is 'c'"],
    )
