"""The tiles approvals and supplies make: what is supplied within, outside, and not at all."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse import kernels
from landuse.partition import cutting, faces, overlay
from landuse.partition.frame import frame_of
from landuse.partition.precedence import Overlaps, owned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Index, Shapes, Snapped

BLOCK = 4_000
"""Shapes in one arrangement: some tens of megabytes of arrays, about what a cache holds."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tiling:
    """
    Tiles without overlap, ordered by approval, then supply.

    `approval[k]` and `supply[k]` are positions in the ranked input, -1 for none, never both;
    `drawn` is the area of the geometry in m², `area` what it was before coordinates were rounded;
    `taken` and `again` list what approvals and supplies lose to stronger ones.
    """

    approval: Index
    supply: Index
    geometry: Shapes
    area: NDArray[np.float64]
    drawn: NDArray[np.float64]
    taken: Overlaps
    again: Overlaps


def tiled(
    approvals: Shapes, supplies: Shapes, is_own: NDArray[np.bool_], snapped: Snapped
) -> tuple[Tiling, Index]:
    """
    Tile approvals and supplies.

    Parameters
    ----------
    approvals, supplies
        Valid polygons of one projected CRS in metres, the strongest first.
    is_own
        For each approval, then each supply, whether its tiles are asked for. A tile belongs to
        its approval, else to its supply; whatever meets what is asked for must be there.
    snapped
        As in `overlay.robust`.

    Returns
    -------
    tiling
        The areas of the tiles of an approval and of what it loses add up to its area, and so
        for each supply, to what rounding makes of coordinates.
    inside
        Supplies asked for that lie in approvals, wholly or partly; ascending.

    Notes
    -----
    One arrangement of all boundaries answers at once, block by block to stay in the cache; shapes
    whose tiles fail its certificate are laid over their neighbours again, pair by pair, with GEOS.
    """
    shapes, count = np.concatenate([approvals, supplies]), len(approvals)
    if not is_own.any():
        nothing = shapes[:0]
        return overlaid(nothing, nothing, snapped), np.empty(0, dtype=np.int64)
    tree = shapely.STRtree(shapes)

    def part(own: Index) -> tuple[tuple[NDArray[Any], ...], Snapped]:
        """Tile a block; tiles of a shape depend on nothing but the shapes it meets."""
        of_block = np.zeros(len(shapes) + 1, dtype=bool)
        of_block[own] = True
        is_member = of_block[:-1].copy()
        is_member[tree.query(shapes[own])[1]] = True
        members = np.flatnonzero(is_member)
        first, second = members[members < count], members[members >= count]
        on_grid: Snapped = []
        made = _block(shapes[first], shapes[second], on_grid)
        return _named(made, first, second - count, of_block, count), on_grid

    blocks = _blocks(shapes, np.flatnonzero(is_own))
    found, lists = zip(*kernels.beside(part, blocks), strict=True)
    snapped += [each for on_grid in lists for each in on_grid]
    columns = zip(*found, strict=True)
    approval, supply, geometry, area, drawn, *rest = (np.concatenate(column) for column in columns)
    taken, again = Overlaps(*rest[:3]), Overlaps(*rest[3:6])
    made = Tiling(approval, supply, geometry, area, drawn, taken, again)
    return _in_order(made), np.sort(rest[6])


def _blocks(shapes: Shapes, own: Index) -> list[Index]:
    """Split what is asked for into blocks of neighbours: strips by x, cut by y."""
    west, south, east, north = shapely.bounds(shapes[own]).T
    count = math.ceil(len(own) / BLOCK)
    strips = math.ceil(math.sqrt(count))
    place = np.empty(len(own), dtype=np.int64)
    place[np.argsort(west + east, kind="stable")] = np.arange(len(own))
    order = np.lexsort((south + north, place * strips // len(own)))
    return np.array_split(own[order], count)


def _named(
    made: Tiling, first: Index, second: Index, is_own: NDArray[np.bool_], count: int
) -> tuple[NDArray[Any], ...]:
    """Return the tiles and overlaps of a block's own shapes, by their positions in all shapes."""
    approval, supply = np.append(first, -1)[made.approval], np.append(second, -1)[made.supply]
    own = np.where(approval >= 0, is_own[approval], is_own[supply + count])
    taken, again = _renamed(made.taken, first), _renamed(made.again, second)
    lost, lost_again = is_own[taken.lost], is_own[again.lost + count]
    inside = np.zeros(len(is_own), dtype=bool)
    inside[supply[(approval >= 0) & (supply >= 0)] + count] = True
    return (
        approval[own],
        supply[own],
        made.geometry[own],
        made.area[own],
        made.drawn[own],
        taken.kept[lost],
        taken.lost[lost],
        taken.area[lost],
        again.kept[lost_again],
        again.lost[lost_again],
        again.area[lost_again],
        np.flatnonzero(inside & is_own) - count,
    )


def _block(approvals: Shapes, supplies: Shapes, snapped: Snapped) -> Tiling:
    """Tile a block by one arrangement, mended where that fails; in any order of tiles."""
    try:
        found = faces.tiled(approvals, supplies)
    except ArithmeticError:
        logger.info("arrangement of %d shapes failed", len(approvals) + len(supplies))
        return overlaid(approvals, supplies, snapped)
    tiling = Tiling(
        found.first, found.second, found.geometry, found.area, found.area, *found.overlaps
    )
    if not found.failed.any():
        return tiling
    doubtful = _doubtful(tiling, found.failed, approvals, supplies)
    return _mended(tiling, approvals, supplies, doubtful, snapped)


def _doubtful(
    tiling: Tiling, failed: NDArray[np.bool_], approvals: Shapes, supplies: Shapes
) -> NDArray[np.bool_]:
    """Tell what cannot be relied on: failed shapes, their neighbours, what they are named with."""
    shapes, count = np.concatenate([approvals, supplies]), len(approvals)
    doubtful = failed.copy()
    doubtful[overlay.boxes_meeting(shapes[failed], shapes)[1]] = True
    tile = (tiling.approval >= 0) & (tiling.supply >= 0)
    named = [
        (tiling.approval[tile], tiling.supply[tile] + count),
        (tiling.taken.kept, tiling.taken.lost),
        (tiling.again.kept + count, tiling.again.lost + count),
    ]
    for one, other in named:
        doubtful[one[failed[other]]] = True
        doubtful[other[failed[one]]] = True
    return doubtful


def _mended(
    tiling: Tiling,
    approvals: Shapes,
    supplies: Shapes,
    doubtful: NDArray[np.bool_],
    snapped: Snapped,
) -> Tiling:
    """Do the tiles of doubtful shapes again; their neighbours are all it takes to know them."""
    shapes = np.concatenate([approvals, supplies])
    near = overlay.boxes_meeting(shapes[doubtful], shapes)[1]
    logger.debug("%d of %d shapes are laid over again", doubtful.sum(), len(shapes))
    members = np.unique(np.concatenate([near, np.flatnonzero(doubtful)]))
    first, second = members[members < len(approvals)], members[members >= len(approvals)]
    again = overlaid(shapes[first], shapes[second], snapped)
    second = second - len(approvals)
    again = Tiling(
        np.append(first, -1)[again.approval],
        np.append(second, -1)[again.supply],
        again.geometry,
        again.area,
        again.drawn,
        _renamed(again.taken, first),
        _renamed(again.again, second),
    )
    bad_first = np.append(doubtful[: len(approvals)], False)
    bad_second = np.append(doubtful[len(approvals) :], False)
    old = ~(bad_first[tiling.approval] | bad_second[tiling.supply])
    new = bad_first[again.approval] | bad_second[again.supply]
    return Tiling(
        np.concatenate([tiling.approval[old], again.approval[new]]),
        np.concatenate([tiling.supply[old], again.supply[new]]),
        np.concatenate([tiling.geometry[old], again.geometry[new]]),
        np.concatenate([tiling.area[old], again.area[new]]),
        np.concatenate([tiling.drawn[old], again.drawn[new]]),
        _merged(tiling.taken, again.taken, bad_first),
        _merged(tiling.again, again.again, bad_second),
    )


def _renamed(overlaps: Overlaps, names: Index) -> Overlaps:
    """Return overlaps with other positions."""
    return Overlaps(names[overlaps.kept], names[overlaps.lost], overlaps.area)


def _merged(old: Overlaps, new: Overlaps, bad: NDArray[np.bool_]) -> Overlaps:
    """Return the old overlaps of good shapes and the new ones of bad shapes."""
    keep = ~(bad[old.kept] | bad[old.lost])
    take = bad[new.kept] | bad[new.lost]
    return Overlaps(
        np.concatenate([old.kept[keep], new.kept[take]]),
        np.concatenate([old.lost[keep], new.lost[take]]),
        np.concatenate([old.area[keep], new.area[take]]),
    )


def overlaid(approvals: Shapes, supplies: Shapes, snapped: Snapped) -> Tiling:
    """Tile approvals and supplies pair by pair; arguments and result as for `tiled`."""
    shapes = np.concatenate([approvals, supplies])
    if not len(shapes):
        return _laid_over(approvals, supplies, snapped)
    frame = frame_of(shapes)
    local: Snapped = []
    made = _laid_over(frame.local(approvals), frame.local(supplies), local)
    snapped += [(operation, frame.back(np.array([shape]))[0]) for operation, shape in local]
    geometry = frame.back(made.geometry)
    return replace(made, geometry=geometry, drawn=shapely.area(geometry))


def _laid_over(approvals: Shapes, supplies: Shapes, snapped: Snapped) -> Tiling:
    """Tile approvals and supplies pair by pair, in the coordinates they are in."""
    approved, taken = owned(approvals, snapped)
    supplied, again = owned(supplies, snapped)
    parts = cutting.cut(supplied, shapely.area(supplied), approved, snapped, by_geos=True)
    within = parts.zone >= 0
    left, remains = _remainders(approved, parts.zone[within], parts.geometry[within], snapped)
    geometry = np.concatenate([parts.geometry, remains])
    area = shapely.area(geometry)
    tiling = Tiling(
        np.concatenate([parts.zone, left]),
        np.concatenate([parts.shape, np.full(len(left), -1)]),
        geometry,
        area,
        area,
        taken,
        again,
    )
    return _in_order(tiling)


def _in_order(made: Tiling) -> Tiling:
    """Order tiles by approval, then supply, without those that hold no land."""
    order = np.argsort(made.approval * (made.supply.max(initial=0) + 2) + made.supply)
    order = order[made.drawn[order] > 0]
    return replace(
        made,
        approval=made.approval[order],
        supply=made.supply[order],
        geometry=made.geometry[order],
        area=made.area[order],
        drawn=made.drawn[order],
    )


def _remainders(
    approved: Shapes, which: Index, supplied: Shapes, snapped: Snapped
) -> tuple[Index, Shapes]:
    """Return the approvals that are not supplied throughout, and what is left of each."""
    area = shapely.area(approved)
    left = area - np.bincount(which, shapely.area(supplied), minlength=len(approved))
    open_ = left > overlay.DUST_M2
    order = np.argsort(which, kind="stable")
    order = order[open_[which[order]]]
    rest = overlay.subtracted(approved, which[order], supplied[order], snapped)
    wrong = open_ & ~(np.abs(shapely.area(rest) - left) <= overlay.CERTIFIED_M2)
    if wrong.any():
        order = order[wrong[which[order]]]
        again = (approved, which[order], supplied[order])
        rest[wrong] = overlay.subtracted(*again, snapped, on_grid=True)[wrong]
    return np.flatnonzero(open_), rest[open_]
