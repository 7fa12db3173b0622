"""
Runs kept in the workspace: what was known of which day, and when.

Each run is kept with the day asked for and the day it was made, its checked inputs, its law, its
cases and totals (`keeping`), every content once (`store`). Two runs are compared with the cause
of each change (`comparing`).
"""

from landuse.history.comparing import Diff, diff
from landuse.history.keeping import Snapshot, keep, known, load, of, runs, totals_text
from landuse.history.record import Kept
from landuse.history.store import Store
from landuse.history.upkeep import Upkeep, compact, prune

__all__ = [
    "Diff",
    "Kept",
    "Snapshot",
    "Store",
    "Upkeep",
    "compact",
    "diff",
    "keep",
    "known",
    "load",
    "of",
    "prune",
    "runs",
    "totals_text",
]
