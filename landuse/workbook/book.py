"""An open workbook: its sheets, its sentences, and how cells look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from landuse.workbook.ledger import say
from landuse.workbook.page import Page

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format

    from landuse.texts import Lang
    from landuse.workbook.ledger import Results
    from landuse.workbook.sheets import Column

NUMBER_FORMATS = {
    "count": "0",
    "days": "0",
    "ha": "#,##0.0000",
    "mu": "#,##0.00",
    "m2": "#,##0.00",
    "wan": "#,##0.00##",
    "share": "0.0%",
    "points": "0.0",
    "day": "yyyy-mm-dd",
}
"""Style of a column → how its unrounded values are shown."""

ALIGNMENTS = {"text": "left", "center": "center", "status": "center", "day": "center"}
"""Style of a column → how its text stands; `slip` is plain, it is never seen."""

_TONES: dict[str, dict[str, Any]] = {
    "grave": {"bg_color": "#F2B8A2", "bold": True},
    "idle": {"bg_color": "#F9DDB1", "bold": True},
    "government": {"bg_color": "#DCE6F2", "italic": True, "bold": True},
    "late": {"bg_color": "#FFF6D5"},
    "inefficient": {"bg_color": "#E6E0EE", "italic": True},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "strong": {"bold": True, "bg_color": "#F2F2F2"},
    "muted": {"italic": True, "font_color": "#595959"},
    "sum": {"bold": True, "bg_color": "#E7E6E6"},
}
"""Kind of a row → how its cells look."""
_FILL_IN = {"bg_color": "#FFFEF2", "locked": False}


@dataclass
class Book:
    """An open workbook with the formats made so far."""

    file: xlsxwriter.Workbook
    results: Results
    lang: Lang
    place: str
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties, made once."""
        whole = {
            "font_name": self.say("font_text"),
            "font_size": 10,
            "valign": "vcenter",
            **properties,
        }
        key = tuple(sorted(whole.items()))
        if key not in self.formats:
            self.formats[key] = self.file.add_format(whole)
        return self.formats[key]

    def cell(self, column: Column, variant: str = "", tone: str = "") -> Format:
        """Return the format of a cell of a column."""
        style = column.style
        properties: dict[str, Any] = {
            "border": 1,
            "text_wrap": style in ALIGNMENTS,
            "align": ALIGNMENTS.get(
                style, "center" if style in {"count", "days", "points"} else "right"
            ),
        }
        if style in NUMBER_FORMATS:
            properties["num_format"] = NUMBER_FORMATS[style]
        filled_in = _FILL_IN if column.is_filled_in and not variant else {}
        return self.format(
            **properties, **(filled_in | VARIANTS.get(variant, {}) | _TONES.get(tone, {}))
        )

    def add(self, sheet: str, number: int = 1) -> Page:
        """Add a sheet, or one in which it goes on."""
        page: Page = self.file.add_worksheet(self.named(sheet, number), worksheet_class=Page)
        return page

    def named(self, sheet: str, number: int) -> str:
        """Return the name of a sheet, `workbook.sheet_<key>`, with its number from the second."""
        name = self.say(f"sheet_{sheet}")
        return name if number == 1 else f"{name} ({number})"

    def discard(self) -> None:
        """Let go of the rows of every sheet; nothing is left to do once the file is closed."""
        for page in self.file.worksheets():
            page.discard()

    def say(self, key: str, **values: Any) -> str:
        """Return a sentence of the workbook in its language."""
        return say(key, self.lang, **values)
