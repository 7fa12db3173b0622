"""
The decision sheet (判定书) of a case: what was found, from which papers, by which articles.

It repeats what `classify` found. What remains possible and what would change the answer come from
the same `classify`, asked about supposed facts; nothing is decided here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from landuse import folder, papers, pipeline
from landuse.decision import compose
from landuse.errors import LanduseError, OutputError
from landuse.papers import markdown, page, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from landuse.brief.view import Found
    from landuse.papers.blocks import Document
    from landuse.texts import Lang

Format = Literal["text", "md", "html", "docx"]
FORMATS: tuple[Format, ...] = ("text", "md", "html", "docx")
"""The ways a sheet can be written."""


class Sheet(str):
    """
    Decision sheets as plain text, which know how to be written in other ways.

    A notebook shows them as a page; `print` gives the text.
    """

    __slots__ = ("documents", "lang")

    documents: tuple[Document, ...]
    lang: Lang

    def __new__(cls, documents: Sequence[Document]) -> Sheet:
        """Return the text of one sheet or several, one below the other."""
        made = super().__new__(cls, plain.write(documents))
        made.documents, made.lang = tuple(documents), documents[0].lang
        return made

    @property
    def text(self) -> str:
        """The plain text."""
        return str(self)

    def __str__(self) -> str:
        """Return the plain text, a `str` and nothing more."""
        return "".join(self)

    def to_markdown(self) -> str:
        """Return Markdown; whatever the data hold is text in it, never markup."""
        return markdown.write(self.documents)

    def to_html(self) -> str:
        """Return one HTML page without script or network, which prints on A4."""
        return page.write(self.documents)

    def to_docx(self, path: str | Path) -> Path:
        """
        Write a Word file in the layout of official papers.

        Parameters
        ----------
        path
            File to write; its folder exists. It is replaced whole or not at all.

        Raises
        ------
        OutputError
            If the file cannot be written; what was there is untouched.
        """
        return self.write(path, "docx")

    def write(self, path: str | Path, form: Format) -> Path:
        """
        Write a file in one of `FORMATS`.

        Raises
        ------
        OutputError
            If the file cannot be written; what was there is untouched.
        """
        target = Path(path)
        content = self._content(form)
        try:
            folder.put(target, content)
        except OSError as err:
            raise OutputError("output.sheet_unwritable", path=target, why=err) from err
        return target

    def _content(self, form: Format) -> bytes:
        """Return the bytes of a file."""
        if form == "docx":
            return papers.to_docx(self.documents)
        written = {"text": self.__str__, "md": self.to_markdown, "html": self.to_html}[form]()
        return written.encode("utf-8")

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the sheets without a style of their own."""
        return "\n".join(page.fragment(document) for document in self.documents)


def chosen_format(form: str | None, output: Path | None) -> Format:
    """
    Return the way a sheet is to be written: as asked, else as the file's name says, else text.

    Raises
    ------
    LanduseError
        If a file is needed and none is named.
    """
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    by_name = {"md": "md", "html": "html", "htm": "html", "docx": "docx"}.get(ending, "text")
    chosen = next(known for known in FORMATS if known == (form or by_name))
    if output is None and chosen in {"html", "docx"}:
        raise LanduseError("asked.no_output", format=chosen)
    return chosen


def require_ids(ids: Sequence[str]) -> list[str]:
    """
    Return the ids asked for, each once.

    Raises
    ------
    LanduseError
        If there is none.
    """
    if not ids:
        raise LanduseError("asked.no_id")
    return list(dict.fromkeys(ids))


def sheet(found: Found, case_id: str | Sequence[str], lang: Lang = "zh") -> Sheet:
    """
    Return the decision sheet of a supply or an unsupplied approval.

    Parameters
    ----------
    found
        What a run found.
    case_id
        The supply_id or approval_id; several give several sheets in one.
    lang
        Language of the sheet.

    Raises
    ------
    LanduseError
        If no case has this id (close ids are named), or none is given.
    LawError
        If a rule that is needed is not in force on the day.
    """
    ids = require_ids([case_id] if isinstance(case_id, str) else case_id)
    return Sheet([compose.sheet(found, name, lang) for name in ids])


def explain(
    found: Found | str | Path,
    case_id: str | Sequence[str],
    lang: Lang = "zh",
    *,
    on: date | None = None,
) -> Sheet:
    """
    Return the decision sheet of a case of a run, or of a workspace that is run first.

    Parameters
    ----------
    found
        What a run found, or the folder of a workspace.
    case_id
        The supply_id or approval_id; several give several sheets in one.
    lang
        Language of the sheet.
    on
        The day asked for; needed with a folder, a run has its own.

    Returns
    -------
    sheet
        A text with `to_markdown`, `to_html`, `to_docx`; shown as a page in notebooks.

    Raises
    ------
    LanduseError
        If no case has this id, no id is given, or a folder is given without a day.
    CheckFailed, WorkspaceError, LayerError, CrsError, LawError
        If the workspace cannot be run.

    Examples
    --------
    >>> first = found.cases["case_id"].iloc[0]
    >>> first in landuse.explain(found, first).to_markdown()
    True
    """
    if isinstance(found, str | Path):
        if on is None:
            raise LanduseError("asked.no_day", path=str(found))
        found = pipeline.run(found, on=on, lang=lang)
    return sheet(found, case_id, lang)
