"""
The monthly bulletin (通报): what a leader reads in two pages, every figure from the totals.

It repeats what others have found and judges nothing. Text, tables and bars are blocks of
`papers`; here stands only what is said, and in which order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse import papers
from landuse.bulletin import duties, moves, projects, sections
from landuse.bulletin.saying import say
from landuse.errors import OutputError
from landuse.papers import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from landuse.bulletin.saying import Results
    from landuse.papers import Block, Document
    from landuse.texts import Lang

__all__ = ["compose", "write"]


def compose(results: Results, lang: Lang = "zh") -> Document:
    """
    Return the bulletin of a run as blocks.

    Parameters
    ----------
    results
        What a run found. Areas in m², shown in mu and hectares; sums are made before rounding.
    lang
        Language of every word that is not data.
    """
    parts = (
        sections.head,
        sections.whole,
        moves.moves,
        sections.clusters,
        duties.target,
        duties.duties,
        sections.ahead,
        projects.projects,
        sections.data,
        sections.basis,
        sections.signature,
    )
    blocks = _numbered((block for part in parts for block in part(results, lang)), lang)
    return papers.document(results.workspace.name, results.on.isoformat(), lang, blocks)


def _numbered(blocks: Iterable[Block], lang: Lang) -> Iterator[Block]:
    """Put numbers before the sections there are, as official papers do."""
    numbers = iter(say("numbers", lang).split("|"))
    for block in blocks:
        if isinstance(block, Text) and block.kind == "section":
            yield Text("section", next(numbers) + block.text)
        else:
            yield block


def write(path: Path, results: Results, *, lang: Lang = "zh") -> None:
    """
    Write the bulletin as a Word file; the same results give the same bytes.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    content = papers.to_docx([compose(results, lang)])
    try:
        path.write_bytes(content)
    except OSError as err:
        raise OutputError("output.in_use", path=path, reason=err) from err
