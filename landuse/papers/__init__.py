"""
Papers for people: one document of blocks, written as text, Markdown, a page or a Word file.

Knows nothing of land; decision sheets and the bulletin are composed elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.papers.blocks import Bars, Block, Document, Table, Text, clean, document

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Bars", "Block", "Document", "Table", "Text", "clean", "document", "to_docx"]


def to_docx(documents: Sequence[Document]) -> bytes:
    """Return a .docx file; the library is loaded only when one is written."""
    from landuse.papers import word as writer

    return writer.write(documents)
