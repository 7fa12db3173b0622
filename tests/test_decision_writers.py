"""The four ways a sheet is written: hostile text stays text, the same sheet the same bytes."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser

import docx
import pytest
import sheet_cases as made
from click.testing import CliRunner
from making import layer, workspace
from markdown_it import MarkdownIt

from landuse import decision, schema
from landuse.cli import main
from landuse.errors import LanduseError, OutputError

ID = made.GRANT["supply_id"]
HOSTILE = (
    "<script>alert(1)</script>{on!r}{{x}}%s\\ | `c` *b* [a](http://x) <img src=x onerror=y>"
    "\u202eevil\u2066\x00\x1b[31m\n# 题 &amp; '\"\ufeff"
)
SHOWN = (
    "<script>alert(1)</script>{on!r}{{x}}%s\\ | `c` *b* [a](http://x) <img src=x onerror=y>"
    "[U+202E]evil[U+2066]␀␛[31m # 题 &amp; '\"[U+FEFF]"
)
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def plain():
    run = made.found(supply=[made.GOVERNMENT], pause=made.CAUSES, synthetic=True)
    return decision.sheet(run, ID)


@pytest.fixture(scope="module")
def hostile():
    texts = [c.name for c in schema.columns("supply") if c.kind in {"text", "id"}]
    row = {**made.GRANT, **dict.fromkeys(texts, HOSTILE), "phase_of": None, "supply_mode": HOSTILE}
    pause = {**made.CAUSES[0], "supply_id": HOSTILE, "document_number": HOSTILE}
    firm = {"enterprise_id": "E", "enterprise_name": HOSTILE, "supply_id": HOSTILE, "grade": "B"}
    return decision.sheet(made.found(supply=[row], pause=[pause], enterprise=[firm]), HOSTILE)


class Seen(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


def test_html_shows_hostile_text_as_text(hostile):
    seen = Seen(hostile.to_html())
    assert seen.tags == {
        "html", "head", "meta", "title", "style", "body", "article", "h1", "h2", "p", "b",
        "blockquote", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert seen.attributes <= {"lang", "charset", "http-equiv", "content", "name", "class", "scope"}
    assert seen.text.count(SHOWN) >= 10
    assert "\u202e" not in hostile.to_html()


def test_html_needs_nothing_from_outside_and_says_so(plain):
    page = plain.to_html()
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert not re.search(r"(src|href)\s*=|url\(|@import|https?:", page)
    assert "size: A4" in style


def test_a_notebook_shows_the_sheet_without_a_style_of_its_own(plain):
    shown = plain._repr_html_()
    assert shown.startswith('<article class="sheet" lang="zh-CN">')
    assert "<style" not in shown
    assert "<td>测试机械有限公司</td>" in shown


def test_markdown_shows_hostile_text_as_text(hostile):
    page = MarkdownIt("commonmark").enable("table").render(hostile.to_markdown())
    seen = Seen(page)
    assert seen.tags <= {
        "h1", "h2", "p", "strong", "blockquote", "ol", "li", "table", "thead", "tbody", "tr",
        "th", "td",
    }  # fmt: skip
    assert "".join(seen.text).count(SHOWN) >= 10


def test_text_carries_no_commands_to_a_terminal(hostile):
    assert SHOWN in hostile
    assert not set(hostile) & set("\x00\x1b\u202e\u2066\r")


def cells(path):
    word = docx.Document(path)
    tables = [[cell.text for row in table.rows for cell in row.cells] for table in word.tables]
    return [p.text for p in word.paragraphs], [cell for table in tables for cell in table]


def test_word_shows_hostile_text_as_text(hostile, tmp_path):
    _, found = cells(hostile.to_docx(tmp_path / "a.docx"))
    assert found.count(SHOWN) >= 8


def test_word_holds_what_the_text_holds(plain, tmp_path):
    paragraphs, found = cells(plain.to_docx(tmp_path / "a.docx"))
    for document in plain.documents:
        for block in document.blocks:
            if hasattr(block, "text"):
                assert any(p.endswith(block.text) for p in paragraphs), block
            else:
                assert {cell for row in block.rows for cell in row} <= set(found)


def test_word_is_laid_out_as_an_official_paper(plain, tmp_path):
    word = docx.Document(plain.to_docx(tmp_path / "a.docx"))
    section = word.sections[0]
    size = (section.page_width.mm, section.page_height.mm)
    margins = (section.top_margin.mm, section.bottom_margin.mm, section.left_margin.mm)
    assert [round(value) for value in (*size, *margins)] == [210, 297, 37, 35, 28]
    assert "PAGE" in section.footer.paragraphs[0]._p.xml
    title, body = word.paragraphs[0], word.paragraphs[5]
    assert 'w:eastAsia="方正小标宋简体"' in title._p.xml
    assert 'w:eastAsia="仿宋"' in body._p.xml
    assert body.runs[0].font.size.pt == 16
    assert all(table.style.name == "Table Grid" for table in word.tables)
    assert "w:tblHeader" in word.tables[0].rows[0]._tr.xml


def test_the_same_sheet_gives_the_same_bytes(plain, tmp_path):
    run = made.found(supply=[made.GOVERNMENT], pause=made.CAUSES, synthetic=True)
    again = decision.sheet(run, ID)
    for form in decision.FORMATS:
        one, two = plain.write(tmp_path / "1", form), again.write(tmp_path / "2", form)
        assert one.read_bytes() == two.read_bytes()


def test_a_word_file_names_no_clock_and_nobody(plain, tmp_path):
    path = plain.to_docx(tmp_path / "a.docx")
    with zipfile.ZipFile(path) as container:
        days = {entry.date_time for entry in container.infolist()}
    assert days == {(1980, 1, 1, 0, 0, 0)}
    properties = docx.Document(path).core_properties
    assert properties.created.date() == properties.modified.date() == made.DAY
    assert properties.author == "landuse"


def test_several_sheets_stand_in_one_file_each_on_its_own_page(tmp_path):
    second = {**made.STOPPED, "supply_id": "S2"}
    both = decision.sheet(made.found(supply=[made.GRANT, second]), [ID, "S2", ID])
    assert [document.subject for document in both.documents] == [ID, "S2"]
    assert both.to_html().count("<article") == 2
    word = docx.Document(both.to_docx(tmp_path / "a.docx"))
    breaks = [p for p in word.paragraphs if p.paragraph_format.page_break_before]
    assert len(breaks) == 1
    assert both.to_markdown().count("# 测试市土地利用状态判定书") == 2
    assert both == both.text == str(both)


def test_a_file_that_cannot_be_written_leaves_what_was_there(plain, tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        plain.to_docx(tmp_path / "nowhere" / "a.docx")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError):
        plain.write(tmp_path / "taken", "md")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    ("form", "name", "chosen"),
    [
        (None, None, "text"),
        ("md", None, "md"),
        (None, "a.docx", "docx"),
        (None, "a.HTM", "html"),
        (None, "a.txt", "text"),
        ("html", "a.txt", "html"),
    ],
)
def test_the_name_of_the_file_says_how_it_is_written(form, name, chosen, tmp_path):
    output = None if name is None else tmp_path / name
    assert decision.chosen_format(form, output) == chosen


@pytest.mark.parametrize("form", ["docx", "html"])
def test_pages_and_papers_need_a_file(form):
    with pytest.raises(LanduseError, match="--output"):
        decision.chosen_format(form, None)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    root = tmp_path_factory.mktemp("city")
    rows = "电子监管号,约定动工日期,成交价款\nA1,2017-05-01,4000000\nA2,2016-05-01,1000000\n"
    workspace(root, {"supplies": layer("supply", "supplies.csv")}, {"supplies.csv": rows})
    return root


def asked(*arguments):
    return CliRunner().invoke(main, ["explain", "--on", "2018-06-30", *map(str, arguments)])


def test_the_command_prints_text_and_markdown(city):
    done = asked("A1", "A2", city)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == decision.explain(city, ["A1", "A2"], on=made.DAY).text
    assert asked("A1", "--format", "md", city).stdout.startswith("# 测试土地利用状态判定书")
    assert "decision sheet" in asked("A1", "--lang", "en", city).stdout


def test_the_command_writes_files(city, tmp_path):
    for name in ("a.docx", "a.html", "a.md", "a.txt"):
        done = asked("A1", "--output", tmp_path / name, city)
        assert done.exit_code == 0, done.stderr
        assert str(tmp_path / name) in done.stderr
        assert not done.stdout
    assert (tmp_path / "a.docx").read_bytes()[:2] == b"PK"
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_command_says_what_is_wrong(city, tmp_path):
    for arguments, said in [
        ((), "编号"),
        (("A9", city), "A1"),
        (("A1", "--format", "docx", city), "--output"),
        (("A1", "--output", tmp_path / "no" / "a.md", city), "无法写入"),
    ]:
        done = asked(*arguments)
        assert done.exit_code == 2
        assert said in done.stderr


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_prints_the_paper_on_a4(plain, tmp_path):
    plain.to_docx(tmp_path / "a.docx")
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    done = subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "a.docx")],
        check=False, capture_output=True, timeout=180,
        env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    read = ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"]
    text = subprocess.run(read, check=True, capture_output=True).stdout.decode("utf-8")
    assert "测试市土地利用状态判定书" in text
    assert re.search(r"—\s*1\s*—", text)
    assert re.search(r"G2 依法修改\S*\s+2017-01-01", text.replace("\u2011", "-"))
    about = subprocess.run(["pdfinfo", str(tmp_path / "a.pdf")], check=True, capture_output=True)
    assert b"A4" in about.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_browser_shows_the_page_and_runs_nothing(hostile, tmp_path):
    from playwright.sync_api import sync_playwright

    path = hostile.write(tmp_path / "a.html", "html")
    wrong = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url))
        page.goto(path.as_uri())
        assert SHOWN in page.locator("td").all_inner_texts()
        assert page.locator("h1").evaluate("e => getComputedStyle(e).textAlign") == "center"
        browser.close()
    assert wrong == [path.as_uri()]
