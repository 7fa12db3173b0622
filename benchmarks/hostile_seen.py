"""
What became of hostile text in outputs: what ran, what a page may do, what was altered.

Every output is opened as its reader would: pages in Chromium, workbooks by two readers and by
LibreOffice, papers by their parts, tables by name. Used by `benchmarks.hostile`.
"""

from __future__ import annotations

import csv
import html
import re
import shutil
import subprocess
import unicodedata
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pyogrio
import python_calamine
from openpyxl.utils.escape import unescape

from benchmarks.browsing import CHROMIUM
from landuse import cells
from landuse.papers import blocks
from landuse.terms import IDLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Told = dict[str, tuple[str | None, str | None]]

_RUNS = re.compile(r"^(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r])")
_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
_OFFICE = re.compile(
    r'<(?:w:|x:)?(?:f|hyperlink|fldSimple|instrText|oleObject)[ />]|TargetMode="External"'
)
_PAGE_NUMBER = {"<w:instrText ", "<w:instrText>"}  # the only field our papers have
_LOOSE = re.compile(r"\*|https?:|'unsafe-|'self'")  # what a policy must not allow
_SHUT = {"default-src", "base-uri", "form-action"}  # the others are what default-src is
_INLINE = re.compile(
    r"<[a-zA-Z][^<>]*?\s(on[a-z]+\s*=|(?:href|src|action)\s*=\s*[\"']?javascript:)"
)
_STRANGE = (
    "img[onerror], [onload], [onclick], iframe, object, embed, script[src], base, "
    "link[rel=import], marquee, video, audio, form[action], math, svg script"
)
_WATCH = "addEventListener('securitypolicyviolation', e => (window.broken ||= []).push(e.blockedURI"
_WATCH += " + ' ' + e.violatedDirective))"
_NOTHING = {"", "\\"}  # of our strings, what the reader takes for a blank
_GONE = dict.fromkeys((0xFEFF, 0x200B, 0x2060))


def as_read(text: str) -> str | None:
    """
    Return what the rules of reading make of a string of ours; stated here once more, not called.

    Blanks around it go, marks that cannot be seen go, control characters become blanks, a joiner
    between ideographs goes and one between pictures stays.
    """
    kept = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text.translate(_GONE))
    kept = re.sub("(?<=[\u4e00-\u9fff])\u200d(?=[\u4e00-\u9fff])", "", kept.strip())
    return None if kept in _NOTHING else kept


def unguarded(paths: Sequence[Path]) -> list[str]:
    """Return pages whose policy lets them connect or run what stands in attributes, or is none."""
    found = []
    for path in (path for path in paths if path.suffix == ".html"):
        text = path.read_text("utf-8")
        told = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
        rules = dict((rule.strip() + " ").split(" ", 1) for rule in "".join(told).split(";"))
        own = " ".join(rule for name, rule in rules.items() if name != "style-src")
        loose = [word for word in own.split() if _LOOSE.match(word)]
        shut = {name for name in _SHUT if rules.get(name, "").strip() == "'none'"}
        if len(told) != 1 or shut != _SHUT or loose:
            found.append(f"{path.name}: {told} {loose}")
        bare = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)
        found += [f"{path.name}: {hit.group()[:80]}" for hit in _INLINE.finditer(bare)]
    return found


def executed(paths: Sequence[Path]) -> list[str]:
    """Return what ran, or would: a line each, with the file."""
    found = []
    for path in paths:
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as stream:
                run = {c for row in csv.reader(stream) for c in row if _RUNS.match(c)}
            found += [f"{path.name}: {c[:60]!r}" for c in run if not _NUMBER.fullmatch(c)]
        elif path.suffix == ".term":
            found += [f"{path.name}: {c!a}" for c in {*_STEERS.findall(path.read_text("utf-8"))}]
        elif path.suffix in {".xlsx", ".docx"}:
            with zipfile.ZipFile(path) as book:
                parts = [book.read(name).decode("utf-8", "replace") for name in book.namelist()]
            hits = {hit for text in parts for hit in _OFFICE.findall(text)}
            own = _PAGE_NUMBER if path.suffix == ".docx" else set()
            found += [f"{path.name}: {hit}" for hit in hits - own]
    return found + _opened([path for path in paths if path.suffix == ".html"])


@contextmanager
def _browser() -> Iterator[Any]:
    """Give a Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def _opened(pages: Sequence[Path]) -> list[str]:
    """Open pages in Chromium; return what went on that should not."""
    found: list[str] = []
    if not pages:
        return found
    with _browser() as browser:
        for path in pages:
            page = browser.new_page()
            page.add_init_script(_WATCH)
            _walked(page, path, found)
            page.close()
    return found


def _walked(page: Any, path: Path, found: list[str]) -> None:
    """Open a page, choose every parcel of a map, and note what should not be."""
    page.on("dialog", lambda dialog: _dismissed(found, path, dialog))
    page.on("pageerror", lambda error: found.append(f"{path.name}: {error}"))
    page.on("request", lambda request: _asked(found, path, request.url))
    page.on("console", lambda said: _heard(found, path, said))
    page.goto(path.as_uri())
    if page.query_selector("#app"):
        page.wait_for_selector("html[data-state=ready]", timeout=120_000)
        page.evaluate("""() => { for (let i = 0; i < landuse.model.cases.rows; i += 1)
            landuse.model.choose(i); }""")
    strange = page.eval_on_selector_all(_STRANGE, "all => all.map((n) => n.outerHTML)")
    found += [f"{path.name}: {text[:80]}" for text in strange]
    if page.evaluate("'hit' in window || 'xss' in window"):
        found.append(f"{path.name}: the window was marked")
    found += [
        f"{path.name}: policy broken by {what}" for what in page.evaluate("window.broken||[]")
    ]


def _dismissed(found: list[str], path: Path, dialog: Any) -> None:
    """Note a dialog."""
    found.append(f"{path.name}: dialog")
    dialog.dismiss()


def _asked(found: list[str], path: Path, url: str) -> None:
    """Note a request for anything but the page itself."""
    if not (url.split("#", maxsplit=1)[0] == path.as_uri() or url.startswith(("data:", "blob:"))):
        found.append(f"{path.name}: request {url[:80]}")


def _heard(found: list[str], path: Path, said: Any) -> None:
    """Note an error or a warning of the console."""
    if said.type in {"error", "warning"}:
        found.append(f"{path.name}: console {said.text[:120]}")


def held(name: str, told: Told, found: dict[str, set[tuple[Any, Any]]]) -> tuple[int, list[str]]:
    """Hold the texts of every supply of a table against what was read."""
    many, wrong = 0, list[str]()
    for case, wanted in told.items():
        for given in found.get(case, {("no row", "no row")}):
            many += 2
            pairs_ = zip(wanted, given, strict=True)
            wrong += [f"{name}: {case} {a!r:.60} is {b!r:.60}" for a, b in pairs_ if a != b]
    return many, wrong


def altered(root: Path, told: Told, paths: Sequence[Path]) -> tuple[int, list[str]]:
    """
    Return how many values were held against what was read, and those that came out otherwise.

    `told` is what the rules of reading make of the right holder and the project of each supply.
    """
    many, wrong = 0, list[str]()
    for name, rows in _tables(root / "out").items():
        more, others = held(name, told, rows)
        many, wrong = many + more, wrong + others
    lettered = _lettered(root / "out")
    for name, (shown, is_there) in _texts(root, paths).items():
        of = lettered if name == "drafts.docx" else set(told)
        asked = {shown(text) for case in of for text in told[case] if text is not None}
        many += len(asked)
        wrong += [f"{name}: {text[:60]!r}" for text in sorted(asked) if not is_there(text)]
    return many, wrong


def _lettered(out: Path) -> set[str]:
    """Return the supplies a letter is drafted for: idle, and not determined yet."""
    cases = pd.read_parquet(out / "cases.parquet")
    asks = (cases["kind"] == "supply") & ~cases["is_determined"] & cases["status"].isin(IDLE)
    return set(cases.loc[asks, "case_id"])


def _tables(out: Path) -> dict[str, dict[str, set[tuple[Any, Any]]]]:
    """Return the pair of texts of every supply in every table of the outputs."""
    pieces = out / "pieces.gpkg"
    frames = {
        "cases.parquet": pd.read_parquet(out / "cases.parquet"),
        "pieces.parquet": pd.read_parquet(out / "pieces.parquet"),
        "pieces.gpkg": pyogrio.read_dataframe(pieces, layer="pieces", read_geometry=False),
    }
    return {name: pairs(frame) for name, frame in frames.items()}


def pairs(frame: pd.DataFrame) -> dict[str, set[tuple[Any, Any]]]:
    """Return right holder and project by supply, None where missing."""
    key = "case_id" if "case_id" in frame else "supply_id"
    plain = frame[[key, "right_holder", "project_name"]].astype(object).replace("", None)
    found: dict[str, set[tuple[Any, Any]]] = {}
    for case, holder, project in plain.where(plain.notna(), None).itertuples(index=False):
        found.setdefault(case, set()).add((holder, project))
    return found


def _texts(
    root: Path, paths: Sequence[Path]
) -> dict[str, tuple[Callable[[str], str], Callable[[str], bool]]]:
    """Return for every output read by people: what it states to show, and whether it is there."""
    book = root / "out" / "lists" / "disposal.xlsx"
    found: dict[str, Any] = {
        "disposal.xlsx, calamine": (cells.clean, _cells(book).__contains__),
        "disposal.xlsx, openpyxl": (cells.clean, _by_openpyxl(book).__contains__),
        "cards of all.html": (str, _cards(root / "out" / "maps" / "all.html").__contains__),
    }
    if shutil.which("soffice"):
        through = _through_office(book, root / "office")
        found["disposal.xlsx, LibreOffice"] = (cells.clean, _cells(through).__contains__)
    for path in paths:
        if path.name in {"sheet.html", "sheet.docx", "sheet.md", "drafts.docx"}:
            found[path.name] = (_spaced, _words(path).__contains__)
    return found


def _spaced(text: str) -> str:
    """Return text as a paper states to show it, blanks aside."""
    return "".join(blocks.clean(text).split())


def _words(path: Path) -> str:
    """Return all text of a paper without markup and blanks."""
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as paper:
            text = paper.read("word/document.xml").decode("utf-8")
    else:
        text = path.read_text("utf-8")
    if path.suffix == ".md":
        text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(text))
    else:
        text = html.unescape(re.sub(r"<[^<>]*>", "", text))
    return "".join(text.split())


def _cells(book: Path) -> set[Any]:
    """Return all cells of a workbook."""
    sheets = [
        python_calamine.load_workbook(str(book)).get_sheet_by_name(name)
        for name in python_calamine.load_workbook(str(book)).sheet_names
    ]
    return {cell for sheet in sheets for row in sheet.iter_rows() for cell in row}


def _by_openpyxl(book: Path) -> set[Any]:
    """Return all cells of a workbook that are no formula."""
    opened = openpyxl.load_workbook(book)
    return {
        unescape(cell.value) if isinstance(cell.value, str) else cell.value
        for sheet in opened
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type != "f"
    }


def _through_office(book: Path, folder: Path) -> Path:
    """Return a workbook as LibreOffice writes it."""
    profile = (folder / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", folder, book], check=True, capture_output=True)
    return folder / book.name


def _cards(page: Path) -> set[str]:
    """Return the headings of all cards of a map."""
    with _browser() as browser:
        tab = browser.new_page()
        tab.goto(page.as_uri())
        tab.wait_for_selector("html[data-state=ready]", timeout=120_000)
        said = tab.evaluate("""() => Array.from({ length: landuse.model.cases.rows }, (u, i) => {
            landuse.model.choose(i);
            return document.querySelector('#card h2').textContent;
        })""")
    return set(said)
