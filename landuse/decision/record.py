"""What the papers say of one case, each fact with the file, sheet, row and day it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import facts as paper
from landuse import schema
from landuse.papers.blocks import Table, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landuse.brief.view import View
    from landuse.papers.blocks import Block

_FIRM_FACTS = ("grade", "halted_on")


class Origins:
    """Numbers the rows that facts stand on, in the order they are named."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._numbers: dict[tuple[str, str, int], str] = {}

    def mark(self, row: Any) -> str:
        """Return the mark of a row, for instance ``〔1〕``."""
        key = (str(row["source_layer"]), str(row["source_file"]), int(row["source_row"]))
        number = self._numbers.setdefault(key, str(len(self._numbers) + 1))
        return self._view.say("mark", number=number)

    def of(self, row: Any, name: str) -> str:
        """Return the mark of one fact of a row; a value the workspace declares says so."""
        source = self._view.source(str(row["source_layer"]))
        if source is not None and name in source.values:
            return self._view.say("declared")
        return self.mark(row)

    def table(self) -> Table:
        """Return the rows that were named: title, file, sheet or layer, row, as-of day."""
        rows: list[tuple[str, ...]] = []
        for (layer, file, line), number in self._numbers.items():
            source = self._view.source(layer)
            where = (
                self._view.say("mark", number=number),
                source.title if source else layer,
                file,
                (source.layer if source else None) or "—",
                str(line),
                source.as_of.isoformat() if source else "—",
            )
            rows.append(where)
        names = ("mark", "title", "file", "sheet", "row", "as_of")
        head = tuple(self._view.say(f"column_{column}") for column in names)
        return Table(head, tuple(rows), (0.11, 0.18, 0.3, 0.14, 0.09, 0.18))


def facts(view: View, origins: Origins) -> Iterator[Block]:
    """Yield every filled fact of the case's own row and of its firms."""
    origins.mark(view.row)
    rows = [
        (
            view.heading(column.name),
            _value(view, view.row[column.name], column),
            origins.of(view.row, column.name),
        )
        for column in schema.columns(view.role)
        if pd.notna(view.row[column.name]) and view.row[column.name] != ""
    ]
    for firm in view.firms.to_dict("records"):
        told = [
            view.say("pair", heading=view.heading(name, "enterprise"), value=view.shown(firm[name]))
            for name in _FIRM_FACTS
            if pd.notna(firm[name])
        ]
        if told:
            name = view.shown(firm["enterprise_name"])
            head = view.say("firm", name=name if name != "—" else firm["enterprise_id"])
            rows.append((head, view.say("comma").join(told), origins.mark(firm)))
    headings = tuple(view.say(f"column_{column}") for column in ("fact", "value", "mark"))
    yield Table(headings, tuple(rows), (0.29, 0.6, 0.11))


def _value(view: View, value: Any, column: schema.Column) -> str:
    """Return a fact as people read it; one of a later day says so."""
    shown = view.shown(value, column.kind)
    is_late = column.kind == "day" and value > pd.Timestamp(view.on)
    if is_late and column.name in (*paper.EVENTS, "extension_signed_on", "signed_on"):
        return view.say("unknown_day", value=shown)
    return shown


def evidence(view: View) -> Iterator[Block]:
    """Yield what stands on the land, and the footprints that were measured on it."""
    yield Text("line", str(view.case["evidence"]) or view.say("nothing"))
    for source in view.found.workspace.sources_of("construction"):
        day = source.observed_on or source.as_of
        yield Text("line", view.say("observed", title=source.title, file=source.path, day=day))
