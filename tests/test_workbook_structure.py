"""
Hostile text in the structure of office files and not in their cells.

Names of sheets, headers, titles, comments, names defined, the register: where the name of the
workspace, its marking, its sources and what staff wrote end up. Programs obey codes there
(`&P`, `&G`, `&"Arial"`), take digits for a size, undo `_x0041_` and refuse what is too long.
"""

import dataclasses
import io
import re
import shutil
import subprocess
import zipfile
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
import python_calamine
import xlsxwriter
from docx import Document
from lxml import etree
from test_workbook import make_cases, make_results, make_totals

from landuse import entries, papers, returns, texts, workbook
from landuse.cells import clean, holdable
from landuse.papers import Text, blocks
from landuse.returns import paper, planning
from landuse.workbook import layout
from landuse.workbook.book import Book

STRINGS = (
    "=1+1", "'=1+1", "@SUM(A1)", "a'", "'a", "[a]", "a:b", "*?/\\", "History", "Print_Area",
    "_xlnm.Print_Titles", "2018年许昌", "9", "&", "&&", "a&", "& 甲", "&P", "&[File]", "&G",
    "&[Picture]", '&"Arial,Bold"&72X', "&A&F&D&T&N&Z", "&L左&C中&R右", "&K000000&U&S", "&9",
    "土" * 31, "长" * 400, "&" * 300, "😀" * 200, "a\x07b\x1bc", "a\nb", "a\r\nb", "\ttab",
    "a\ufffe", "\u202e反\u2066", "\u200f右", "_x0041_", "_x000D_", "_x005F_x0041_", "<&>\"'", "]]>",
    "&#60;", "&lt;b&gt;", "<r><t>x</t></r>", "😀", "http://a.example/", "",
)  # fmt: skip
_CODE = re.compile(r'&([LCR])|&"([^"]*)"|&(\d+)|&(&)|&(.)|([^&]+)', re.DOTALL)
WHOLE = ("&G", "长" * 400, "a\x07b\x1bc", "\ttab", "a\r\nb", "<r><t>x</t></r>")
_LEGAL = re.compile(r"(?!')[^\[\]:*?/\\]{1,31}(?<!')")


def header_read(text):
    """Read a header as Excel does: the text of each side, and the codes beside place and look."""
    sides, at, codes = {"L": "", "C": "", "R": ""}, "C", []
    for side, font, size, sign, code, plain in _CODE.findall(text):
        at = side or at
        sides[at] += "&" if sign else plain
        codes += [code] if code else []
        assert font in {"", "-,Regular"}
        assert size in {"", "9"}
    return sides, codes


def unescaped(text):
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def shown_above(text, most):
    line = " ".join(clean(text).split("\n"))
    most = most // 2 if "&" in line else most
    if len(line.encode("utf-16-le")) <= 2 * most:
        return line
    return line.encode("utf-16-le")[: 2 * (most - 4)].decode("utf-16-le", "ignore") + "…[…]"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    cases = make_cases()
    return make_results(
        tmp_path_factory.mktemp("structure") / "w", cases[cases["kind"] == "supply"]
    )


def named(results, text):
    """What a run found in a workspace where everything that has a name is called so."""
    space = results.workspace
    told = [dataclasses.replace(s, title=text, source=text, path=text) for s in space.sources]
    renamed = dataclasses.replace(space, name=text, marking=text, sources=tuple(told))
    return SimpleNamespace(**vars(results) | {"workspace": renamed})


@pytest.fixture(scope="module")
def pages(results, tmp_path_factory):
    """A workbook with a sheet a string: title, line below, header and footer."""
    path = tmp_path_factory.mktemp("pages") / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as file:
        for number, text in enumerate(STRINGS, start=1):
            book = Book(file, named(results, text), "zh", text)
            page = book.add("summary", number)
            layout._title(book, page, "summary", 9)
            layout._signatures(book, page, 4, 9)
            layout.printed(book, page, 3)
    return path


@pytest.fixture(scope="module")
def books(results, tmp_path_factory):
    """Whole workbooks of workspaces with such names."""
    folder = tmp_path_factory.mktemp("books")
    few = results.cases.head(2)
    some = named(SimpleNamespace(**vars(results) | {"cases": few, "totals": make_totals(few)}), "")
    paths = [(text, folder / f"{number}.xlsx") for number, text in enumerate(WHOLE)]
    for text, path in paths:
        workbook.write(path, named(some, text))
    return paths


def parts_of(path):
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        return {name: etree.fromstring(book.read(name)) for name in book.namelist()}


def test_what_stands_above_a_page_is_text_and_never_a_code(pages):
    parts = parts_of(pages)
    for number, text in enumerate(STRINGS, start=1):
        part = parts[f"xl/worksheets/sheet{number}.xml"]
        above = part.findtext(".//{*}oddHeader")
        assert len(above.encode("utf-16-le")) <= 2 * 255, text
        sides, codes = header_read(unescaped(above))
        assert codes == [], text
        assert sides["L"] == f"{shown_above(text, 60)}  2018-06-30"
        assert sides["R"] == f"示意数据  {shown_above(text, 120)}".strip()
        assert header_read(part.findtext(".//{*}oddFooter"))[1] == ["P", "N"]


def test_titles_and_sources_on_a_sheet_are_text(pages):
    with python_calamine.load_workbook(str(pages)) as book:
        sheets = [book.get_sheet_by_index(n).to_python() for n in range(len(STRINGS))]
    for text, rows in zip(STRINGS, sheets, strict=True):
        title = texts.say("workbook.title_summary", "zh", place=text)
        assert rows[0][0].startswith(clean(title)), text
        assert clean(f"x{text}")[1:][:9_000] in rows[-1][0].replace("\uff1cr>", "<r>"), text
    cells = [c for page in openpyxl.load_workbook(pages) for row in page.iter_rows() for c in row]
    assert not [cell for cell in cells if cell.data_type in "fe" or cell.hyperlink]


def test_names_of_sheets_and_names_defined_hold_no_text_of_the_workspace(books):
    seen = set()
    for _, path in books:
        assert all(_LEGAL.fullmatch(name) for name in openpyxl.load_workbook(path).sheetnames)
        parts = parts_of(path)
        seen.add(tuple(etree.tostring(parts[f"{n}.xml"]) for n in ("xl/workbook", "docProps/app")))
        assert all(
            rule.get("type") in {"list", "date"}
            for part in parts.values()
            for rule in part.iterfind(".//{*}dataValidation")
        )
    assert len(seen) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_a_sheet_can_have_is_a_legal_one(lang):
    named_by = ("forecast", "history", "whatif", "sites", "matching", "imagery")
    keys = [f"{at}.{key}" for at in named_by for key in texts.section(at) if key[:6] == "title_"]
    keys += [f"workbook.{key}" for key in texts.section("workbook") if key[:6] == "sheet_"]
    for key in {*keys, "map.list", "map.col_about"} - {"sites.title_map"}:
        assert _LEGAL.fullmatch(texts.say(key, lang)), key


def test_titles_of_files_are_the_text_or_are_marked_as_cut(books):
    for text, path in books:
        title = unescaped(parts_of(path)["docProps/core.xml"].findtext(".//{*}title") or "")
        whole = clean(texts.say("workbook.title_summary", "zh", place=text))
        assert title == whole or (len(title) <= 255 and title.endswith("…[…]"))
    for text in STRINGS:
        sheet = papers.document("x", "2018-06-30", "zh", [Text("title", text)])
        told = Document(io.BytesIO(papers.to_docx([sheet]))).core_properties.title
        assert told == blocks.clean(text) or told.endswith("…[…]")


def test_a_list_comes_back_to_a_workspace_of_any_name(books, tmp_path):
    for text, path in books:
        assert returns.planned([path], tmp_path, text).changes.empty


def test_comments_hold_what_staff_wrote(tmp_path):
    cases = make_cases()
    results = make_results(tmp_path / "w", cases)
    supplies = cases.loc[cases["status"] == "in_progress", "case_id"].tolist()
    fields = ("progress", "person", "remark", "site_check", "lead", "support", "measures")
    places = [(case, field) for case in supplies for field in fields]
    strings = [text for text in STRINGS if text != "_x005F_x0041_"]  # the library knows no two
    batches = [strings[n : n + len(places)] for n in range(0, len(strings), len(places))]
    for batch in batches:
        lines = [
            dict.fromkeys(entries.COLUMNS, "")
            | {"kind": "supply", "case_id": case, "field": field, "value": text}
            | {"accepted_by": text, "accepted_on": "2018-06-01", "why": text, "given": text}
            for text, (case, field) in zip(batch, places, strict=False)
        ]
        results.entries = pd.DataFrame(lines)
        workbook.write(tmp_path / "a.xlsx", results)
        found = openpyxl.load_workbook(tmp_path / "a.xlsx")
        page = found["建而未成"]
        told = {unescaped(c.comment.text) for row in page.iter_rows() for c in row if c.comment}
        for text in batch:
            said = texts.say(
                "workbook.accepted", "zh", by=text, on="2018-06-01", why=text, given=text or "—"
            )
            whole = clean(said)
            assert whole in told or f"{whole[:500]}" in {t[:500] for t in told}, text
            assert all(len(t) <= 1000 for t in told)


def test_a_plan_holds_and_gives_back_every_text(tmp_path):
    lines = [
        dict.fromkeys(planning.CHANGES, text) | {"row": str(n + 1), "decision": ""}
        for n, text in enumerate(STRINGS)
    ]
    plan = SimpleNamespace(changes=pd.DataFrame(lines))
    paper.write(tmp_path / "plan.xlsx", plan, "zh")
    back = paper.read(tmp_path / "plan.xlsx")
    for column in ("value", "given", "remark", "file"):
        assert back[column].tolist() == [holdable(text) for text in STRINGS]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_shows_the_same_above_a_page(pages, tmp_path):
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "fods"]
    subprocess.run([*command, "--outdir", tmp_path, pages], check=True, capture_output=True)
    tree = etree.parse(tmp_path / "a.fods")
    left = {spaced(part) for part in tree.iterfind(".//{*}header/{*}region-left")}
    assert {
        "".join(f"{shown_above(t, 60)}2018-06-30".split()) for t in STRINGS if "_x" not in t
    } <= left
    fields = {part.tag.split("}")[1] for part in tree.iterfind(".//{*}header//*")}
    assert fields <= {"p", "span", "s", "tab", "region-left", "region-center", "region-right"}


def spaced(part):
    return "".join("".join(part.itertext()).split())
