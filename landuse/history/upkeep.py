"""
The history made smaller: old runs left out, packs of geometry joined, what nobody names removed.

Records go first and content last, so stopping at any moment leaves every run that is listed whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landuse.errors import LanduseError
from landuse.history import frames, record
from landuse.history.store import Store, blamed, place

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.history.record import Kept


@dataclass(frozen=True)
class Upkeep:
    """What upkeep did: runs left out, bytes freed, bytes that remain."""

    removed: int
    freed: int
    size: int


def prune(workspace: str | Path, keep: int) -> Upkeep:
    """
    Leave out all but the newest runs, and compact.

    Parameters
    ----------
    workspace
        The workspace folder.
    keep
        How many runs stay, at least 1.

    Raises
    ------
    LanduseError
        If `keep` is below 1, or the record or geometry of a run that stays is damaged.
    OutputError
        If the history cannot be written.
    """
    if keep < 1:
        raise LanduseError("history.keep_one")
    return _done(Store(workspace), keep)


def compact(workspace: str | Path) -> Upkeep:
    """
    Join the packs of geometry and remove what no run names.

    Raises
    ------
    LanduseError
        If the record or geometry of a run is damaged.
    OutputError
        If the history cannot be written.
    """
    return _done(Store(workspace), None)


def _done(store: Store, keep: int | None) -> Upkeep:
    """Leave out old runs and remove what is not named any more."""
    with store.writing():
        files = record.files(store)
        old = [] if keep is None else files[:-keep]
        staying = [record.read(path) for path in files[len(old) :]]
        pack = _joined(store, staying)
        before = store.size()
        for path in old:
            path.unlink()
        names = {name for kept in staying for name in kept.names()}
        store.sweep(names, pack)
        size = store.size()
    return Upkeep(removed=len(old), freed=before - size, size=size)


def _joined(store: Store, staying: list[Kept]) -> set[str]:
    """
    Write one pack with the geometry of the runs that stay, and return its name.

    Raises
    ------
    LanduseError
        If geometry of theirs is missing.
    """
    wanted: set[bytes | None] = set()
    seen = {""}
    for kept in staying:
        fresh = {entry["keys"] for entry in kept.tables.values()} - seen
        seen |= fresh
        with blamed(store.record(kept.number)):
            wanted.update(*(frames.unpacked_keys(store.get(name)) for name in fresh))
    shapes = store.get_shapes(key for key in wanted if key is not None)
    if wanted - {None} - shapes.keys():
        raise LanduseError("history.missing", path=store.shapes)
    if not shapes:
        return set()
    content = frames.packed_shapes(shapes)
    name = f"{hashlib.sha256(content).hexdigest()}.parquet"
    place(store.shapes / name, content)
    return {name}
