"""A starter workspace for another city: layer files to adapt, tables with the right headings."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import xlsxwriter

from landuse import crs as crs_module
from landuse import schema
from landuse.errors import WorkspaceError

if TYPE_CHECKING:
    from datetime import date
    from importlib.resources.abc import Traversable
    from pathlib import Path

_TABLES = {
    "supplies": "supply",
    "pauses": "pause",
    "enterprises": "enterprise",
    "projects": "project",
}


def write(directory: Path, *, name: str, crs: str, on: date) -> None:
    """
    Write a starter workspace.

    Parameters
    ----------
    directory
        A folder that does not exist or is empty.
    name
        Name of the city.
    crs
        Projected CRS in metres, e.g. EPSG:4547.
    on
        Day that the layer files give as `as_of` until somebody corrects it.

    Raises
    ------
    WorkspaceError
        If the folder holds something already, or the name has a quote or a line break.
    CrsError
        If the CRS is not projected in metres.
    """
    crs_module.computable(crs, "landuse new")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise WorkspaceError("workspace.not_empty", folder=directory)
    if any(mark in name for mark in '"\\\n\r'):
        raise WorkspaceError("workspace.name", name=name)
    values = {"{name}": name, "{crs}": crs, "{today}": on.isoformat()}
    _copy(files("landuse") / "template", directory, values)
    for stem, role in _TABLES.items():
        _table(directory / "layers" / "data" / f"{stem}.xlsx", role, on)


def _copy(source: Traversable, target: Path, values: dict[str, str]) -> None:
    """Copy the template, putting name, CRS and day into its text."""
    target.mkdir(parents=True, exist_ok=True)
    for entry in sorted(source.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            _copy(entry, target / entry.name, values)
            continue
        text = entry.read_text(encoding="utf-8")
        for mark, value in values.items():
            text = text.replace(mark, value)
        (target / entry.name).write_text(text, encoding="utf-8")


def _table(path: Path, role: str, on: date) -> None:
    """Write an empty table whose headings the reader recognises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": on})
        head = book.add_format({"bold": True, "bg_color": "#DDE6ED", "border": 1})
        required = book.add_format({"bold": True, "bg_color": "#F4D9A6", "border": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(schema.columns(role)):
            style = {"day": day, "id": text, "text": text}.get(column.kind)
            sheet.set_column(position, position, 2 * len(column.zh) + 4, style)
            sheet.write_string(0, position, column.zh, required if column.required else head)
