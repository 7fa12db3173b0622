"""Sheets as Markdown, for notes and for pages that render it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landuse.papers.blocks import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landuse.papers.blocks import Document, Table

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~^$=:])")
_FRAMES = {
    "title": "# {}",
    "subtitle": "**{}**",
    "section": "## {}",
    "lead": "**{}**",
    "mark": "> **{}**",
    "warning": "> {}",
    "quote": "> {}",
    "line": "{}",
    "caption": "**{}**",
    "note": "{}",
    "address": "{}",
    "signature": "{}",
}


def write(documents: Sequence[Document]) -> str:
    """Return the sheets, a rule between them; whatever they hold is text and never markup."""
    return "\n---\n\n".join("\n\n".join(_parts(document)) + "\n" for document in documents)


def _parts(document: Document) -> Iterator[str]:
    """Yield the paragraphs and tables of one sheet."""
    for block, number in document.numbered():
        if not isinstance(block, Text):
            yield _table(block.table())
        elif number:
            yield f"{number}. {_escaped(block.text)}"
        else:
            yield _FRAMES[block.kind].format(_escaped(block.text))


def _table(table: Table) -> str:
    """Return a table with its heading."""
    lines = [table.head, ("---",) * len(table.head), *table.rows]
    cells = [lines[1] if n == 1 else tuple(map(_escaped, row)) for n, row in enumerate(lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _escaped(text: str) -> str:
    """Return text of which nothing is markup: neither of Markdown nor of HTML."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(_harmless, plain)


def _harmless(found: re.Match[str]) -> str:
    """Return a character behind a backslash, unless it is plain between letters and figures."""
    text, at, character = found.string, found.start(), found.group()
    before = text[at - 1 : at] if at else ""
    after = text[at + 1 : at + 2]
    is_inner = character in "-.:" and before.isalnum() and after.isalnum()
    return character if is_inner else f"\\{character}"
