"""
A sheet of the library whose rows are gone once written, and whole columns of cells at once.

The library writes a cell by a chain of calls; a list of a city has millions. `Page.write_rows`
puts the same XML into the file the library keeps its rows in, a row at a time.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from landuse.cells import LIKE_ESCAPE

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from xlsxwriter.format import Format


class Page(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet of a workbook kept in constant memory."""

    def merge_written(self, first: int, last: int, column: int) -> None:
        """Merge cells of one column that are written; `merge_range` would write them again."""
        self.merge.append([first, column, last, column])

    def run_above(self, left: str, right: str) -> None:
        """
        Set what stands above every printed page; it is text and never a code of the program.

        `set_header` would take `&&G` for a picture and then leave the header out. The typeface ends
        the size before it: a name that begins with a digit would be read as part of it.
        """
        sides = zip("LR", (left, right), strict=True)
        shown = [f'&{at}&9&"-,Regular"{text.replace("&", "&&")}' for at, text in sides]
        self.header, self.header_footer_changed = "".join(shown), True

    def discard(self) -> None:
        """Let go of the rows written so far, if the workbook is not closed."""
        if not self.row_data_fh.closed:
            self.row_data_fh.close()
            Path(self.row_data_filename).unlink(missing_ok=True)

    def write_rows(
        self,
        first: int,
        cells: Sequence[Sequence[Any]],
        heights: Iterable[float],
        looks: Sequence[Hashable],
        formats: Mapping[Any, Sequence[Format]],
    ) -> None:
        """
        Write whole rows below what is written, as the library would cell by cell.

        Parameters
        ----------
        first
            Where the first row goes, counted from 0.
        cells
            The cells of each column: text, finite numbers, None where blank.
        heights
            Height of each row in points.
        looks
            Which of `formats` each row has.
        formats
            Look → format of each cell of a row.
        """
        last = first + len(looks) - 1
        self._check_dimensions(first, 0)
        self._check_dimensions(last, len(cells) - 1)
        self._write_single_row(last + 1)  # the row before is written out
        templates = {look: _template(formats[look]) for look in dict.fromkeys(looks)}
        columns = [self._shown(values) for values in cells]
        sizes: dict[int, list[Any]] = {}
        written = []
        for number, (row, height, look) in enumerate(
            zip(zip(*columns, strict=True), heights, looks, strict=True), start=first
        ):
            pixels = int(height * 4.0 / 3.0 + 0.5)
            self.row_sizes[number] = sizes.setdefault(pixels, [pixels, False])
            tall = f"{pixels * 0.75:.16g}"
            written.append(templates[look].format(str(number + 1), tall, *row))
        self.row_data_fh.write("".join(written))

    def write_texts(self, texts: Sequence[str]) -> None:
        """Write the only column of a sheet, from its first row."""
        self._check_dimensions(0, 0)
        self._check_dimensions(len(texts) - 1, 0)
        rows = (
            f'<row r="{n}"><c r="A{n}"{self._text(text)}</row>' for n, text in enumerate(texts, 1)
        )
        self.row_data_fh.write("".join(rows))

    @staticmethod
    def _escape_control_characters(data: str) -> str:
        """Escape what reads like an escape, also where two share a sign; `clean` left no other."""
        return LIKE_ESCAPE.sub("_x005F_", data)

    def _shown(self, values: Sequence[Any]) -> list[str]:
        """Return what follows the name and the format of each cell of a column."""
        texts = {value for value in values if value.__class__ is str}
        known: dict[Any, str] = {None: "/>", **{text: self._text(text) for text in texts}}
        return [
            f"><v>{value:.16G}</v></c>" if value.__class__ in _NUMBERS else known[value]
            for value in values
        ]

    def _text(self, text: str) -> str:
        """Return what follows in a cell of text."""
        if text.isprintable() and not _MARKED.search(text):
            return f' t="inlineStr"><is><t>{text}</t></is></c>'
        kept = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
        held = self._escape_data(self._escape_control_characters(text))
        return f' t="inlineStr"><is><t{kept}>{held}</t></is></c>'


_NUMBERS = frozenset({int, float})
_MARKED = re.compile('[&<>"]|_x|^ | $')  # what XML, or a reader of workbooks, takes for a mark


def _template(formats: Sequence[Format]) -> str:
    """Return a row with gaps for its number, its height and what is in its cells."""
    cells = "".join(
        f'<c r="{xl_col_to_name(position)}{{0}}" s="{form._get_xf_index()}"{{{position + 2}}}'
        for position, form in enumerate(formats)
    )
    return f'<row r="{{0}}" ht="{{1}}" customHeight="1">{cells}</row>'
