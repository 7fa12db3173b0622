"""
Lay polygons over polygons, exactly, with GEOS: what lies where, and what is left.

One overlay that fails never stops the others: a block is retried element by element, and an
element that still fails, or whose parts do not add up to its area, is snapped, as a last resort,
and put on a list. Nothing else is snapped: a precision grid costs 0.05 m2 an approval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Index = NDArray[np.int64]
    Snapped = list[tuple[str, Any]]

DUST_M2 = 1e-6
"""m². Area that rounding makes: half a unit in the last place of a coordinate of 4e7 m (4e-9 m)
along an edge of some hundred metres. Less than this is no piece of land."""

SNAP_UNITS = 16
"""Grid on which a single overlay is repeated after GEOS has failed on it, in units of the last
place of the largest coordinate: 1.2e-7 m at 4e7 m. Edges that differ by 1e-15 can make GEOS 3.14
return a wrong shape without a word; on a grid they are one edge."""

CERTIFIED_M2 = 9e-7
"""m². Parts of a shape that differ more than this from its area are made again."""

BLOCK = 4_096
"""Overlays in one call; one failure sends only its block through element by element."""


def robust(
    operation: Callable[..., Any],
    left: Shapes,
    right: Shapes,
    snapped: Snapped,
    *,
    on_grid: bool = False,
) -> Shapes:
    """
    Apply a binary overlay to arrays of one length, block by block; failures never spread.

    Parameters
    ----------
    operation
        `shapely.intersection` or `shapely.difference`.
    left, right
        Valid polygons of one projected CRS in metres.
    snapped
        Receives (name of the operation, left shape) for every element that had to be snapped.
    on_grid
        Snap every element.
    """
    if on_grid and len(left):
        snapped += [(operation.__name__, shape) for shape in left]
        return np.asarray(operation(left, right, grid_size=_grid(left, right)), dtype=object)
    made = np.empty(len(left), dtype=object)
    for begin in range(0, len(left), BLOCK):
        block = slice(begin, begin + BLOCK)
        try:
            made[block] = operation(left[block], right[block])
        except shapely.GEOSException:
            pairs = zip(left[block], right[block], strict=True)
            made[block] = [_single(operation, a, b, snapped) for a, b in pairs]
    return made


def _grid(*shapes: Any) -> float:
    """Return the grid in m for the coordinates of shapes."""
    reach = max(np.abs(shapely.total_bounds(some)).max() for some in shapes)
    return SNAP_UNITS * float(np.spacing(reach))


def _single(operation: Callable[..., Any], left: Any, right: Any, snapped: Snapped) -> Any:
    """Apply an overlay to one pair, snapped if nothing else helps."""
    try:
        return operation(left, right)
    except shapely.GEOSException:
        snapped.append((operation.__name__, left))
        return operation(left, right, grid_size=_grid(left, right))


def polygonal(shapes: Shapes) -> Shapes:
    """Return the polygonal part of each shape; an empty polygon where there is none."""
    kinds = shapely.get_type_id(shapes)
    mixed = np.flatnonzero((kinds != 3) & (kinds != 6))
    if not len(mixed):
        return shapes
    kept = shapes.copy()
    parts, owner = shapely.get_parts(shapes[mixed], return_index=True)
    is_polygon = shapely.get_type_id(parts) == 3
    kept[mixed] = gathered(parts[is_polygon], owner[is_polygon], len(mixed))
    return kept


def gathered(polygons: Shapes, owner: Index, count: int) -> Shapes:
    """Join the polygons of each owner (ascending) into one shape, empty for owners without."""
    made = np.full(count, shapely.Polygon(), dtype=object)
    number = np.bincount(owner, minlength=count)
    single = number[owner] == 1
    made[owner[single]] = polygons[single]
    if not single.all():
        several, position = np.unique(owner[~single], return_inverse=True)
        made[several] = shapely.multipolygons(polygons[~single], indices=position)
    return made


def boxes_meeting(left: Shapes, right: Shapes) -> tuple[Index, Index]:
    """Return the pairs whose bounding boxes meet, ordered by left, then right."""
    if not len(left) or not len(right):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing
    first, second = shapely.STRtree(right).query(left)
    order = np.lexsort((second, first))
    return first[order], second[order]


def subtracted(
    shapes: Shapes, which: Index, others: Shapes, snapped: Snapped, *, on_grid: bool = False
) -> Shapes:
    """
    Return each shape without all of `others[k]` for which `which[k]` is its position.

    Parameters
    ----------
    shapes
        Valid polygons. Those named by no `which` are returned as they are.
    which
        Positions in `shapes`, ascending.
    others
        Valid polygons to take away, as long as `which`.
    snapped, on_grid
        As in `robust`.
    """
    made = shapes.copy()
    changed, joined = united(which, others)
    rest = robust(shapely.difference, shapes[changed], joined, snapped, on_grid=on_grid)
    made[changed] = polygonal(rest)
    return made


def united(which: Index, others: Shapes) -> tuple[Index, Shapes]:
    """Return the distinct positions in `which` (ascending) and the union of the others of each."""
    changed, begin, number = np.unique(which, return_index=True, return_counts=True)
    joined = np.empty(len(changed), dtype=object)
    for size in np.unique(number):
        same = np.flatnonzero(number == size)
        table = others[begin[same][:, None] + np.arange(size)]
        joined[same] = table[:, 0] if size == 1 else _unions(table)
    return changed, joined


def _unions(table: Shapes) -> Shapes:
    """Unite the rows of a table of shapes; a row that fails is united pair by pair."""
    try:
        return np.asarray(shapely.union_all(table, axis=1), dtype=object)
    except shapely.GEOSException:
        return np.array([_union(row) for row in table], dtype=object)


def _union(row: Shapes) -> Any:
    """Unite one row, on a grid if nothing else helps."""
    try:
        return shapely.union_all(row)
    except shapely.GEOSException:
        return shapely.union_all(row, grid_size=_grid(row))
