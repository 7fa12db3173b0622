"""
The monthly bulletin (通报): what a leader reads in two pages, every figure from the totals.

It repeats what others have found and judges nothing. Text, tables and bars are blocks of
`papers`; here stands only what is said, and in which order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse import papers
from landuse.bulletin import sections
from landuse.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.bulletin.sections import Results
    from landuse.papers import Document
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
    blocks = [
        *sections.head(results, lang),
        *sections.whole(results, lang),
        *sections.clusters(results, lang),
        *sections.duties(results, lang),
        *sections.ahead(results, lang),
        *sections.projects(results, lang),
        *sections.data(results, lang),
        *sections.basis(results, lang),
    ]
    return papers.document(results.workspace.name, results.on.isoformat(), lang, blocks)


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
        message = f"{path} cannot be written ({err}); close it if it is open elsewhere."
        raise OutputError(message) from err
