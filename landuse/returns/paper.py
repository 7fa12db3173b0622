"""The plan as a workbook: a person writes accept or refuse beside each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from landuse import packed, texts
from landuse.cells import LIKE_ESCAPE, holdable
from landuse.errors import EntryError, OutputError
from landuse.returns.planning import ACCEPT, CHANGES, REFUSE
from landuse.returns.reading import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.returns.planning import Plan
    from landuse.texts import Lang

_WIDTHS = (9, 9, 9, 22, 12, 24, 24, 30, 12, 22, 14, 7, 30)
_SHEET = "plan"


def write(path: Path, plan: Plan, lang: Lang) -> None:
    """
    Write the changes of a plan, with a list to choose from in the column of decisions.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    book = openpyxl.Workbook()
    page = book.active
    page.title = _SHEET
    heads = [texts.say(f"returns.head_{name}", lang) for name in CHANGES]
    for row, cells in enumerate([CHANGES, heads, *plan.changes[list(CHANGES)].to_numpy()], start=1):
        for column, text in enumerate(cells, start=1):
            cell = page.cell(row, column, LIKE_ESCAPE.sub("_x005F_", holdable(str(text))))
            cell.data_type = "s"  # never a formula, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row > 2 and cells[0] != "clean":
                cell.fill = PatternFill("solid", fgColor="FFF6D5")
            elif row == 2:
                cell.fill = PatternFill("solid", fgColor="D9E1E8")
                cell.font = Font(bold=True)
    for column, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.row_dimensions[1].hidden = True
    last = max(len(plan.changes) + 2, 3)
    rule = DataValidation("list", formula1=f'"{ACCEPT},{REFUSE}"', allow_blank=True)
    rule.add(f"B3:B{last}")
    page.add_data_validation(rule)
    page.freeze_panes = "F3"
    page.auto_filter.ref = f"A2:{get_column_letter(len(CHANGES))}{last}"
    try:
        book.save(path)
    except OSError as err:
        raise OutputError("output.in_use", path=path, reason=err) from err


def is_plan(path: Path) -> bool:
    """Whether a file is a plan of ours."""
    try:
        with packed.workbook(path, COMMAND) as book:
            names: list[str] = book.sheet_names
    except packed.Unreadable:
        return False
    return names == [_SHEET]


def read(path: Path) -> pd.DataFrame:
    """
    Read a plan back, with the decisions a person wrote.

    Raises
    ------
    EntryError
        If the file is no plan, or a decision is neither accept, refuse nor empty.
    """
    try:
        with packed.workbook(path, COMMAND) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except packed.Unreadable as err:
        raise EntryError("entries.plan_unreadable", path=path, reason=err) from err
    is_ours = bool(rows) and tuple(rows[0][: len(CHANGES)]) == CHANGES
    cells = [[_text(cell) for cell in row[: len(CHANGES)]] for row in rows[2:] if any(row)]
    changes = pd.DataFrame(cells if is_ours else [], columns=list(CHANGES), dtype="str")
    if not is_ours or not changes["row"].str.fullmatch(r"[0-9]{1,7}").all():
        raise EntryError("entries.not_plan", path=path, columns=[*CHANGES])
    wrong = changes[~changes["decision"].isin([ACCEPT, REFUSE, ""])]
    if len(wrong):
        row = wrong.iloc[0]
        raise EntryError(
            "entries.decision",
            path=path,
            field=row["field"],
            case=row["case_id"],
            given=row["decision"],
            accept=ACCEPT,
            refuse=REFUSE,
        )
    return changes.astype({"row": "int64"})


def _text(cell: Any) -> str:
    """Return a cell as text; whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
