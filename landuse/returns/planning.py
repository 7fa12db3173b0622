"""What returned workbooks would change, cell by cell, against what went out and what holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import entries, slip, texts
from landuse.cells import clean
from landuse.errors import EntryError
from landuse.returns import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from landuse.returns.reading import Cell, Returned
    from landuse.texts import Lang

VERDICTS = ("clean", "conflict", "unreadable")
"""An edit nobody contradicts; one that meets another edit or a later entry; one nobody can read."""

ACCEPT, REFUSE = "accept", "refuse"

CHANGES = (
    "verdict", "decision", "kind", "case_id", "field", "given", "held", "value", "given_on",
    "file", "sheet", "row", "remark",
)  # fmt: skip
"""`given` is what the list said, `held` what was accepted meanwhile ("" for nothing)."""

NOTICES = ("key", "file", "sheet", "row", "what")


@dataclass(frozen=True)
class Plan:
    """Changes (`CHANGES`) and notices (`NOTICES`), each in the order of file, sheet and row."""

    changes: pd.DataFrame
    notices: pd.DataFrame


def planned(paths: Sequence[Path], workspace: Path, name: str, lang: Lang = "zh") -> Plan:
    """
    Say what workbooks would change.

    Parameters
    ----------
    paths
        Returned workbooks, of one office or several.
    workspace
        The workspace folder the list was made from.
    name
        The name of the workspace, as the list carries it.
    lang
        Language of the remarks.

    Raises
    ------
    EntryError
        If no file is given, one is no list of ours, or a list of another workspace.
    """
    if not paths:
        raise EntryError("entries.no_lists")
    returned = [reading.read(path) for path in paths]
    for found in returned:
        if found.workspace and found.workspace != slip.shown_text(clean(name)):
            raise EntryError(
                "entries.other_workspace", file=found.name, theirs=found.workspace, ours=name
            )
    holds = entries.latest(entries.read(workspace)).set_index(entries.KEY)["value"].to_dict()
    edits = [edit for found in returned for edit in _edits(found, holds, lang)]
    changes = pd.DataFrame(edits, columns=list(CHANGES)).drop_duplicates(
        [*entries.KEY, "value", "verdict"], ignore_index=True
    )
    return Plan(_judged(changes), _notices(returned, lang))


def _edits(found: Returned, holds: Mapping[Any, Any], lang: Lang) -> Iterable[dict[str, object]]:
    """Yield the cells that say something else than the list did and than what holds."""
    for cell in found.cells:
        about = cell.slip
        given = about.given.get(cell.field, "")
        held = holds.get((about.kind, about.case_id, cell.field))
        if cell.is_readable and cell.value in (given, held):
            continue
        verdict = _verdict(cell, given, held)
        yield {
            "verdict": verdict,
            "decision": ACCEPT if verdict == "clean" else "",
            "kind": about.kind,
            "case_id": about.case_id,
            "field": cell.field,
            "given": given,
            "held": held or "",
            "value": cell.value,
            "given_on": about.on,
            "file": found.name,
            "sheet": cell.sheet,
            "row": cell.row,
            "remark": _remark(cell, lang),
        }


def _verdict(cell: Cell, given: str, held: str | None) -> str:
    """Judge one edit against what holds."""
    if not cell.is_readable:
        return "unreadable"
    return "clean" if held is None or held == given else "conflict"


def _remark(cell: Cell, lang: Lang) -> str:
    """Say why a cell cannot be read."""
    return "" if cell.is_readable else texts.say(f"returns.fault_{slip.FIELDS[cell.field]}", lang)


def _judged(changes: pd.DataFrame) -> pd.DataFrame:
    """Mark different values for one field as a conflict, each with the other beside it."""
    readable = changes["verdict"] != "unreadable"
    number = changes[readable].groupby(entries.KEY)["value"].transform("nunique")
    torn = number.reindex(changes.index, fill_value=1) > 1
    judged = changes.copy()
    judged.loc[torn, "verdict"] = "conflict"
    judged.loc[torn, "decision"] = ""
    return judged


def _what(notice: reading.Notice, lang: Lang) -> str:
    """Return what a notice is about, in words."""
    return notice.what if isinstance(notice.what, str) else notice.what.said(lang)


def _notices(returned: Sequence[Returned], lang: Lang) -> pd.DataFrame:
    """Gather what people should know, and which cases no workbook holds any more."""
    rows = [
        (notice.key, found.name, notice.sheet, notice.row, _what(notice, lang))
        for found in returned
        for notice in found.notices
    ]
    seen = set().union(*(found.seen for found in returned)) if returned else set()
    for found in returned:
        gone = sorted(found.listed - seen)
        if gone:
            shown = "、".join(key.partition(":")[2] for key in gone[:5])
            rows.append(("rows_gone", found.name, "", len(gone), shown))
    return pd.DataFrame(rows, columns=list(NOTICES))
