"""
What a paper is made of, before anybody decides how it is written.

One document is composed once; text, Markdown, HTML and Word are four ways to write the same blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from landuse import cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from landuse.texts import Lang

Kind = Literal[
    "title", "subtitle", "mark", "section", "line", "lead", "item", "quote", "warning", "caption",
    "note", "address", "signature",
]  # fmt: skip


Form = Literal["a4", "letter", "a3"]

_HEADS = ("title", "subtitle")


@dataclass(frozen=True)
class Text:
    """One paragraph and what it is for: `lead` is the conclusion, `mark` and `warning` caution."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells under headings; `widths` are shares of the line, `is_dense` sets it smaller."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    is_dense: bool = False

    def table(self) -> Table:
        """Return itself: what writers that draw no charts ask of every block that is no text."""
        return self


@dataclass(frozen=True)
class Bars:
    """
    A chart: names of the parts, and (label, amounts) of each bar.

    `form` is `shares` (stacked bars of one length), `amounts` (stacked bars of their own length)
    or `columns` (parts beside each other). `title` says what it shows.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    form: Literal["shares", "amounts", "columns"] = "shares"
    title: str = ""

    def table(self) -> Table:
        """Return the figures of each bar as a table, for writers that draw none."""
        width = 0.7 / len(self.names)
        rows = [
            (label, *(f"{share:.1%}" for share in self.shares(amounts)))
            if self.form == "shares"
            else (label, *(f"{amount:,.2f}" for amount in amounts))
            for label, amounts in self.rows
        ]
        return Table(("", *self.names), tuple(rows), (0.3, *(width,) * len(self.names)))

    @staticmethod
    def shares(amounts: tuple[float, ...]) -> tuple[float, ...]:
        """Return the shares of the parts of one bar; zeros where it has no length."""
        whole = sum(amounts)
        return tuple(amount / whole if whole else 0.0 for amount in amounts)


Block = Text | Table | Bars


@dataclass(frozen=True)
class Document:
    """
    A paper about one thing (`subject`: a case, a city) on one day.

    `form` is the paper it is made for: `a4` upright, as official papers are, `letter` the same set
    closer, or `a3` on its side and set small, for one large table on one page.
    """

    subject: str
    on: str
    lang: Lang
    blocks: tuple[Block, ...]
    form: Form = "a4"

    @property
    def title(self) -> str:
        """Title and subtitle in one line."""
        heads = [b.text for b in self.blocks if isinstance(b, Text) and b.kind in _HEADS]
        return " ".join(heads)

    def numbered(self) -> Iterator[tuple[Block, int]]:
        """Yield the blocks, each item with its number in its section, all others with 0."""
        number = 0
        for block in self.blocks:
            is_item = isinstance(block, Text) and block.kind == "item"
            if isinstance(block, Text) and block.kind == "section":
                number = 0
            number += is_item
            yield block, number if is_item else 0


def clean(text: str) -> str:
    r"""
    Return text that says on paper what it holds.

    Line breaks become spaces, tabs their pictures; for the rest see `cells.spelled`.
    """
    line = re.sub(r"\s*[\r\n]+\s*", " ", text)
    return cells.spelled(line).replace("\t", "\u2409")


def document(
    subject: str, on: str, lang: Lang, blocks: Iterable[Block], form: Form = "a4"
) -> Document:
    """Return a document of blocks whose every text is clean."""
    return Document(clean(subject), on, lang, tuple(_cleaned(block) for block in blocks), form)


def _cleaned(block: Block) -> Block:
    """Return a block with clean text."""
    if isinstance(block, Text):
        return replace(block, text=clean(block.text))
    if isinstance(block, Bars):
        return replace(block, rows=tuple((clean(label), parts) for label, parts in block.rows))
    rows = tuple(tuple(clean(cell) for cell in row) for row in block.rows)
    return replace(block, rows=rows)
