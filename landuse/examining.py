"""What comes before any result: a workspace read and checked, and what stands against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from landuse import check, findings, grading, layers, partition, read
from landuse.errors import CheckFailed, reached
from landuse.partition import ground

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    import pandas as pd

    Report = Callable[[str, int], None]


@dataclass(frozen=True)
class Examined:
    """A workspace that was read and checked."""

    workspace: layers.Workspace
    tables: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    inputs: pd.DataFrame


def _silent(stage: str, rows: int) -> None:
    """Report nothing."""
    del stage, rows


def examine(path: str | Path, *, on: date, report: Report = _silent) -> Examined:
    """
    Read a workspace and check what was read.

    Parameters
    ----------
    path
        The workspace folder.
    on
        The day asked for.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    WorkspaceError, LayerError, CrsError
        If the workspace or one of its layers cannot be read as declared.

    Examples
    --------
    >>> seen = landuse.examine(folder, on=date(2018, 6, 30))
    >>> len(seen.tables["supply"]) > 0
    True
    """
    return checked(taken(path, report=report), on=on, report=report)


def taken(path: str | Path, *, report: Report = _silent) -> Examined:
    """
    Read a workspace and make its ids unique; `checked` says what else is wrong with it.

    Parameters and errors are those of `examine`.
    """
    with reached(path):
        workspace = layers.load(path)
        reading = read.tables(workspace, report)
    report("read", sum(len(table) for table in reading.tables.values()))
    tables, settled = check.settled(reading.tables)
    found = findings.gather([reading.findings, settled])
    return Examined(workspace, tables, found, reading.inputs)


def checked(seen: Examined, *, on: date, report: Report = _silent) -> Examined:
    """Check what was taken in; the supplies, and what else has shapes, stay as they are."""
    tables, workspace = seen.tables, seen.workspace
    found = check.findings(tables, workspace, on)
    firms = grading.filled(tables["enterprise"], tables["supply"], workspace.path, on)
    found = findings.gather([seen.findings, found])
    report("check", len(found))
    return replace(seen, tables={**tables, "enterprise": firms}, findings=found)


def gate(path: str | Path, *, on: date, report: Report = _silent) -> Examined:
    """
    Read and check a workspace, and lay its layers over each other for what only that shows.

    Parameters
    ----------
    path
        The workspace folder.
    on
        The day asked for.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    WorkspaceError, LayerError, CrsError
        If the workspace or one of its layers cannot be read as declared.
    """
    seen = examine(path, on=on, report=report)
    if findings.forbid(seen.findings):
        return seen
    parts = partition.pieces(seen.tables, on=on)
    report("partition", len(parts.packed))
    laid = ground.found(parts, seen.tables, partition.Tolerances())
    return replace(seen, findings=findings.gather([seen.findings, laid]))


def refuse(table: pd.DataFrame) -> None:
    """
    Stop where a finding forbids a result.

    Raises
    ------
    CheckFailed
        With the sentences of the findings that forbid.
    """
    if findings.forbid(table):
        raise CheckFailed("output.forbidden", lines=findings.Forbidding(table))
