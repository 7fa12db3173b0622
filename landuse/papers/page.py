"""Sheets as one HTML file that needs no network, runs no script and prints on A4."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from landuse.papers.blocks import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landuse.papers.blocks import Document, Table

_FRAMES = {
    "title": "<h1>{}</h1>",
    "subtitle": '<p class="subtitle">{}</p>',
    "section": "<h2>{}</h2>",
    "lead": '<p class="lead">{}</p>',
    "mark": '<p class="mark">{}</p>',
    "warning": '<p class="warning">{}</p>',
    "quote": "<blockquote>{}</blockquote>",
    "line": "<p>{}</p>",
    "caption": '<p class="subtitle">{}</p>',
    "note": "<p><small>{}</small></p>",
    "address": "<p>{}</p>",
    "signature": "<p>{}</p>",
}
_LANGUAGES = {"zh": "zh-CN", "en": "en"}


def write(documents: Sequence[Document]) -> str:
    """
    Return one page holding the sheets, each beginning on paper of its own.

    Raises
    ------
    AssetError
        If the style is missing from the installed package.
    """
    style = (files("landuse") / "assets" / "sheet.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    language = _LANGUAGES[documents[0].lang]
    title = escape(documents[0].title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{language}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            *(fragment(document) for document in documents),
            "</body>",
            "</html>",
            "",
        ]
    )


def fragment(document: Document) -> str:
    """Return one sheet as an article without a style of its own, as notebooks show it."""
    shape = "sheet" if document.form == "a4" else f"sheet {document.form}"
    head = f'<article class="{shape}" lang="{_LANGUAGES[document.lang]}">'
    return "\n".join([head, *_parts(document), "</article>"])


def _parts(document: Document) -> Iterator[str]:
    """Yield the elements of one sheet; every text is escaped."""
    for block, number in document.numbered():
        if not isinstance(block, Text):
            yield _table(block.table(), is_wide=document.form == "a3")
        elif number:
            yield f'<p class="item"><b>{number}.</b> {escape(block.text)}</p>'
        else:
            yield _FRAMES[block.kind].format(escape(block.text))


def _table(table: Table, *, is_wide: bool = False) -> str:
    """Return a table with its heading; on a wide sheet its columns keep their shares."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = [
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    ]
    shares = "".join(f'<col width="{share:.2%}">' for share in table.widths)
    columns = [f"<colgroup>{shares}</colgroup>"] if is_wide else []
    return "\n".join(
        [
            "<table>",
            *columns,
            f"<thead><tr>{head}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            "</table>",
        ]
    )
