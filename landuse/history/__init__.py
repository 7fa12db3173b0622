"""
Runs kept in the workspace: what was known of which day, and when.

Each run is kept with the day asked for and the day it was made, its checked inputs, its law, its
cases and totals (`keeping`), every content once (`store`). Two runs are compared with the cause
of each change (`comparing`); beside a run stands its `Past`: the film of the kept days, the
series by month, and what moved since the one before.
"""

from landuse.history.comparing import Diff, diff
from landuse.history.keeping import (
    Snapshot,
    figures,
    keep,
    known,
    load,
    of,
    runs,
    totals_text,
)
from landuse.history.moves import Moved, moved, transitions
from landuse.history.past import Past
from landuse.history.record import Kept
from landuse.history.reel import film, frame, series
from landuse.history.store import Store
from landuse.history.upkeep import Upkeep, compact, prune

__all__ = [
    "Diff",
    "Kept",
    "Moved",
    "Past",
    "Snapshot",
    "Store",
    "Upkeep",
    "compact",
    "diff",
    "figures",
    "film",
    "frame",
    "keep",
    "known",
    "load",
    "moved",
    "of",
    "prune",
    "runs",
    "series",
    "totals_text",
    "transitions",
]
