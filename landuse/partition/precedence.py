"""
Who keeps land that two of one kind claim: a stated order, each square metre counted once.

Approvals: the earlier approval, then the lower identifier; an unknown date comes last. Supplies:
the latest contract (land is supplied again after it came back), a phase before the parcel it is a
phase of, then the lower identifier; an unknown date comes last. Clusters and parks: the lower
identifier. Only real geometry counts; polygons that touch do not overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse.partition import overlay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Index, Shapes, Snapped

_UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Overlaps:
    """Land claimed twice: positions of who keeps and who loses it, and the area in m²."""

    kept: Index
    lost: Index
    area: NDArray[np.float64]


def approval_order(identifiers: NDArray[Any], approved: NDArray[Any]) -> Index:
    """Return positions, the strongest approval first: earliest day, then lowest identifier."""
    day = _seconds(approved)
    day[day == _UNKNOWN] = np.iinfo(np.int64).max
    return np.lexsort((identifiers, day))


def supply_order(identifiers: NDArray[Any], signed: NDArray[Any], parent: Index) -> Index:
    """
    Return positions, the strongest supply first.

    Parameters
    ----------
    identifiers, signed
        Identifier and day of contract (NaT unknown) of each supply.
    parent
        Position of the supply each is a phase of, -1 for none. A phase counts as signed no
        earlier than its parent and goes before it; supplies that are phases of each other in a
        circle count as no phases.
    """
    day, depth = _seconds(signed), np.zeros(len(parent), dtype=np.int64)
    phases = np.flatnonzero(parent >= 0)
    latest, above, steps = day[phases], parent[phases], np.zeros(len(phases), dtype=np.int64)
    for _ in range(len(phases)):
        up = above >= 0
        steps += up
        latest = np.where(up, np.maximum(latest, day[above]), latest)
        above = np.where(up, parent[above], -1)
    ends = above < 0
    day[phases[ends]], depth[phases[ends]] = latest[ends], steps[ends]
    known = day != _UNKNOWN
    return np.lexsort((identifiers, -depth, np.where(known, -day, 0), ~known))


def phase_pairs(kept: Index, lost: Index, parent: Index) -> NDArray[np.bool_]:
    """Whether `kept` is a phase of `lost`, directly or through other phases."""
    found = np.zeros(len(kept), dtype=bool)
    above = parent[kept]
    for _ in range(int((parent >= 0).sum())):
        found |= (above == lost) & (above >= 0)
        above = np.where(above >= 0, parent[above], -1)
    return found


def _seconds(days: NDArray[Any]) -> Index:
    """Return days as integers; NaT is the lowest integer."""
    return days.astype("datetime64[s]").astype(np.int64)


def owned(ranked: Shapes, snapped: Snapped) -> tuple[Shapes, Overlaps]:
    """
    Give every point to the first shape that covers it.

    Parameters
    ----------
    ranked
        Valid polygons, the strongest first, of one projected CRS in metres.
    snapped
        As in `overlay.robust`.

    Returns
    -------
    owned
        What each keeps, in the same order; possibly empty.
    overlaps
        One row for each pair (keeper, loser); land under three shapes is lost by two of them to
        the first. What a shape loses is the sum of its rows.
    """
    first, second = overlay.boxes_meeting(ranked, ranked)
    ahead = first < second
    first, second = first[ahead], second[ahead]
    shapely.prepare(ranked)
    met = shapely.relate_pattern(ranked[first], ranked[second], "T********")
    shapely.destroy_prepared(ranked)
    first, second = first[met], second[met]
    order = np.lexsort((first, second))
    first, second = first[order], second[order]
    kept = overlay.subtracted(ranked, second, ranked[first], snapped)
    shared = overlay.robust(shapely.intersection, ranked[second], kept[first], snapped)
    area = shapely.area(shared)
    found = shapely.area(kept) + np.bincount(second, area, minlength=len(kept))
    wrong = ~(np.abs(found - shapely.area(ranked)) <= overlay.CERTIFIED_M2)
    if wrong.any():
        pick = wrong[second]
        again = (ranked, second[pick], ranked[first[pick]])
        kept[wrong] = overlay.subtracted(*again, snapped, on_grid=True)[wrong]
        pick = wrong[first] | wrong[second]
        mine, theirs = ranked[second[pick]], kept[first[pick]]
        shared = overlay.robust(shapely.intersection, mine, theirs, snapped, on_grid=True)
        area[pick] = shapely.area(shared)
    real = area > 0
    return kept, Overlaps(first[real], second[real], area[real])
