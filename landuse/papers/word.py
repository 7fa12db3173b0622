"""
Sheets as a Word file in the layout of official papers: A4, 小标宋, 仿宋, 黑体, numbered pages.

Margins, sizes and line pitch are those of GB/T 9704 公文格式; tables are set smaller. Where a
machine lacks a typeface the office program takes its own.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from landuse.cells import short
from landuse.papers import charts
from landuse.papers.blocks import Bars, Table, Text
from landuse.papers.looks import LOOKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.papers.blocks import Document
    from landuse.papers.looks import Look

_TITLE, _SONG, _BODY, _HEAD, _KAI = "方正小标宋简体", "宋体", "仿宋", "黑体", "楷体"
_LATIN = "Times New Roman"
_INNER_HYPHEN = re.compile(r"(?<=\d)-(?=\d)")
_AMOUNT = re.compile(r"[-+]?[\d,]+(?:\.\d+)?%?|—")
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
_RED = RGBColor(0xB7, 0x1C, 0x1C)


def write(documents: Sequence[Document]) -> bytes:
    """
    Return a .docx file holding the sheets, each beginning on a page of its own.

    All sheets are on the form of paper of the first.

    The same sheets give the same bytes: the properties of the file name the day asked for, the
    container a fixed day.
    """
    word = docx.Document()
    look = LOOKS[documents[0].form]
    _page(word, documents[0], look)
    for n, document in enumerate(documents):
        _sheet(word, document, look, is_first=n == 0)
    stream = io.BytesIO()
    word.save(stream)
    return _fixed(stream.getvalue())


def _page(word: Any, document: Document, look: Look) -> None:
    """Set paper, margins, running typeface, page numbers and the properties of the file."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(look.width), Mm(look.height)
    if look.width > look.height:
        section.orientation = WD_ORIENT.LANDSCAPE
    top, bottom, left, right = map(Mm, look.margins)
    section.top_margin, section.bottom_margin = top, bottom
    section.left_margin, section.right_margin = left, right
    section.footer_distance = Mm(look.footer)
    normal = word.styles["Normal"]
    normal.font.size = Pt(look.body)
    _typeface(normal.element.get_or_add_rPr(), _BODY)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    normal.element.get_or_add_rPr().append(language)
    _footer(section, look.sizes["page"])
    _properties(word, document)


def _typeface(properties: Any, name: str) -> None:
    """Set the typeface of Chinese, and of Latin letters and figures beside it."""
    fonts = properties.get_or_add_rFonts()
    for attribute in [key for key in fonts.attrib if key.endswith("Theme")]:
        del fonts.attrib[attribute]
    fonts.set(qn("w:eastAsia"), name)
    for script in ("w:ascii", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), _LATIN)


def _footer(section: Any, size: float) -> None:
    """Put the number of the page between dashes, as official papers do."""
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", _SONG, size)
    run = _run(paragraph, "", _SONG, size)
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("", "1"), ("end", "")):
        run._r.append(_field(kind, text))
    _run(paragraph, " —", _SONG, size)


def _field(kind: str, text: str) -> Any:
    """Return one part of the field that holds the page number."""
    if kind:
        part = OxmlElement("w:fldChar")
        part.set(qn("w:fldCharType"), kind)
        return part
    part = OxmlElement("w:instrText" if text.isalpha() else "w:t")
    part.text = text
    return part


def _properties(word: Any, document: Document) -> None:
    """Name the sheet and its day in the properties of the file; nobody and no clock."""
    day = datetime.fromisoformat(document.on)
    properties = word.core_properties
    properties.title = short(document.title, 255)
    properties.author = properties.last_modified_by = "landuse"
    properties.comments = properties.keywords = properties.subject = properties.category = ""
    properties.created = properties.modified = properties.last_printed = day
    properties.revision = 1
    properties.language = "zh-CN" if document.lang == "zh" else "en"


def _sheet(word: Any, document: Document, look: Look, *, is_first: bool) -> None:
    """Add one sheet."""
    for n, (block, number) in enumerate(document.numbered()):
        if isinstance(block, Bars):
            charts.add(word, block, block.title)
            continue
        if isinstance(block, Table):
            _table(word, block, look)
            continue
        paragraph = word.add_paragraph()
        if n == 0 and not is_first:
            paragraph.paragraph_format.page_break_before = True
        _paragraph(paragraph, block, number, look)


def _paragraph(paragraph: Any, block: Text, number: int, look: Look) -> None:
    """Set one paragraph as its kind asks."""
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch)
    size = look.sizes.get(block.kind, look.body)
    if block.kind in {"title", "subtitle"}:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        is_title = block.kind == "title"
        layout.line_spacing = Pt(look.title_pitch)
        layout.space_after = Pt(0 if is_title else look.pitch / 2)
        _run(paragraph, block.text, _TITLE if is_title else _KAI, size)
        return
    if block.kind == "caption":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        layout.keep_with_next = True
        _run(paragraph, block.text, _HEAD, size)
        return
    if block.kind == "signature":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        layout.right_indent = Pt(4 * size)
    elif block.kind != "address":
        layout.first_line_indent = Pt(2 * size)
    if block.kind == "section":
        layout.keep_with_next = True
        _run(paragraph, block.text, _HEAD, size)
    elif block.kind in {"mark", "warning"}:
        run = _run(paragraph, block.text, _HEAD if block.kind == "mark" else _BODY, size)
        run.font.color.rgb = _RED
    elif block.kind == "quote":
        layout.left_indent = Pt(2 * look.body)
        layout.line_spacing = Pt(look.pitch * 6 / 7)
        layout.first_line_indent = Pt(0)
        _run(paragraph, block.text, _KAI, size)
    elif block.kind == "note":
        layout.line_spacing = Pt(look.cell_pitch)
        _run(paragraph, block.text, _BODY, size)
    else:
        text = f"{number}. {block.text}" if number else block.text
        run = _run(paragraph, text, _BODY, size)
        run.bold = block.kind == "lead"


def _run(paragraph: Any, text: str, typeface: str, size: float) -> Any:
    """Add text in a typeface and a size; days and numbers are not torn at their hyphens."""
    first, *rest = _INNER_HYPHEN.split(text)
    run = paragraph.add_run(first)
    for part in rest:
        run._r.append(OxmlElement("w:noBreakHyphen"))
        run.add_text(part)
    run.font.size = Pt(size)
    _typeface(run._r.get_or_add_rPr(), typeface)
    return run


def _table(word: Any, table: Table, look: Look) -> None:
    """Add a table with borders; its heading repeats on every page, no row is torn apart."""
    made = word.add_table(rows=0, cols=len(table.head))
    made.style = word.styles["Table Grid"]
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    made._tblPr.find(qn("w:tblLook")).addprevious(_sides(look))
    widths = [Mm(look.text_width * share) for share in table.widths]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for n, texts in enumerate((table.head, *table.rows)):
        row = made.add_row()
        flags = ["w:cantSplit"] + (["w:tblHeader"] if n == 0 else [])
        for flag in flags:
            row._tr.get_or_add_trPr().append(OxmlElement(flag))
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            layout = paragraph.paragraph_format
            layout.space_before = layout.space_after = Pt(look.cell_gap)
            layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
            layout.line_spacing = Pt(look.dense_pitch if table.is_dense else look.cell_pitch)
            size = look.sizes["dense" if table.is_dense else "table"]
            if n == 0:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            elif look.has_amounts_right and _AMOUNT.fullmatch(text):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _run(paragraph, text, _BODY if n else _HEAD, size)
    _gap(word, look)


def _sides(look: Look) -> Any:
    """Return how much room stands beside the text of every cell."""
    sides = OxmlElement("w:tblCellMar")
    for name in ("w:left", "w:right"):
        side = OxmlElement(name)
        side.set(qn("w:w"), str(round(look.cell_side * 20)))
        side.set(qn("w:type"), "dxa")
        sides.append(side)
    return sides


def _gap(word: Any, look: Look) -> None:
    """Leave a little room below a table."""
    after = word.add_paragraph().paragraph_format
    after.space_before = after.space_after = Pt(0)
    after.line_spacing_rule, after.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch * 2 / 7)


def _fixed(content: bytes) -> bytes:
    """Return the container with its parts in order and on a fixed day."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        names = sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            entry = zipfile.ZipInfo(name, _ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            target.writestr(entry, source.read(name))
    return stream.getvalue()
