"""Sheets as plain text, for a terminal or an e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.papers.blocks import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landuse.papers.blocks import Document

_LEADS = {"quote": "　", "warning": "※ ", "mark": "※ "}


def write(documents: Sequence[Document]) -> str:
    """Return the sheets one below the other; cells of a row are told in one line."""
    return "\n".join("\n".join(_lines(document)) + "\n" for document in documents)


def _lines(document: Document) -> Iterator[str]:
    """Yield the lines of one sheet."""
    colon, semicolon = ("：", "；") if document.lang == "zh" else (": ", "; ")
    for block, number in document.numbered():
        if not isinstance(block, Text):
            for first, *rest in block.table().rows:
                told = semicolon.join(rest).replace(f"{semicolon}〔", "〔")
                yield f"{first}{colon}{told}"
        elif number:
            yield f"{number}. {block.text}"
        elif block.kind == "section":
            yield from ("", block.text)
        else:
            yield f"{_LEADS.get(block.kind, '')}{block.text}"
