"""
Tile two layers at once: one arrangement of all boundaries, each face given to its strongest.

The answer carries a certificate: no node is so near an edge or another node that rounding decides
how they lie; for every shape, the faces it covers add up to its area, and so do the tiles it is in
and what it loses; every tile is valid. What fails is named, for `tiling` to do again with GEOS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse.partition import tracing
from landuse.partition.noding import grouped, noded, spread
from landuse.partition.overlay import CERTIFIED_M2, gathered
from landuse.partition.precedence import Overlaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.noding import Edges, Floats
    from landuse.partition.overlay import Index, Shapes
    from landuse.partition.tracing import Chains


@dataclass(frozen=True)
class Arrangement:
    """Chains, the cycle each is in, and the signed area of each cycle in m²."""

    chains: Chains
    cycle: Index
    area: Floats


@dataclass(frozen=True)
class Rings:
    """Rings of points: ring k has the points from `start[k]`, `size[k]` of them, not closed."""

    points: Floats
    start: Index
    size: Index

    def polygons(self, ring: Index, number: Index) -> Shapes:
        """Return polygons of `number[k]` rings each, taken from `ring` one after the other."""
        size = self.size[ring] + 1
        end = np.cumsum(size)
        index = spread(self.start[ring], size)
        index[end - 1] = self.start[ring]
        offsets = np.append(0, end), np.append(0, np.cumsum(number))
        kind = shapely.GeometryType.POLYGON
        made = shapely.from_ragged_array(kind, self.points[index], offsets)
        return np.asarray(made, dtype=object)


@dataclass(frozen=True)
class Faces:
    """
    Tiles ordered by first, then second layer (-1: none), overlaps, and what cannot be relied on.

    `failed[k]` tells that shape k (first layer, then second) fails the certificate. A failed
    shape may have been taken to cover any face: tiles and overlaps it is named in, and whatever
    is near it, are wrong too.
    """

    first: Index
    second: Index
    geometry: Shapes
    area: Floats
    overlaps: tuple[Overlaps, Overlaps]
    failed: NDArray[np.bool_]


def tiled(first: Shapes, second: Shapes) -> Faces:
    """
    Give every face of two layers to the first shape of each layer that covers it.

    Parameters
    ----------
    first, second
        Valid polygons, not empty, of one projected CRS in metres, the strongest of a layer first.

    Raises
    ------
    ArithmeticError
        If rounding makes the arrangement meaningless as a whole.
    """
    shapes = np.concatenate([first, second])
    whole = shapely.area(shapes)
    edges = noded(shapes)
    chains = tracing.chained(edges)
    leaders, cycle = grouped(tracing.cycles(chains.following))
    area = tracing.signed_areas(chains, edges.points, cycle, len(leaders))
    arranged = Arrangement(chains, cycle, area)
    covered, cover = _covers(arranged, edges, shapes, whole)
    in_first = cover < len(first)
    owner_first = _strongest(covered[in_first], cover[in_first], len(leaders))
    owner_second = _strongest(covered[~in_first], cover[~in_first] - len(first), len(leaders))
    one = _lost(area, covered[in_first], cover[in_first], owner_first)
    two = _lost(area, covered[~in_first], cover[~in_first] - len(first), owner_second)
    key = (owner_first + 1) * (len(second) + 1) + owner_second + 1
    tile, geometry = _outlined(arranged, edges.points, key)
    a, b = np.divmod(tile, len(second) + 1)
    covering = np.bincount(cover, area[covered], minlength=len(shapes))
    unsure = edges.unsure_shapes(len(shapes))
    unsure |= ~(np.abs(covering - whole) <= CERTIFIED_M2)
    faces = Faces(a - 1, b - 1, geometry, shapely.area(geometry), (one, two), unsure)
    return replace(faces, failed=unsure | _failed(faces, whole, len(first)))


def _covers(
    arranged: Arrangement, edges: Edges, shapes: Shapes, whole: Floats
) -> tuple[Index, Index]:
    """Return (cycle, shape) for every shape that covers the face of a cycle, ordered."""
    half = 2 * edges.edge + ~edges.forward
    ends = arranged.chains.last[half]
    chain, shape = arranged.chains.of[half[ends]], edges.shape[ends]
    bounded = distinct(chain * len(shapes) + shape)
    around = _around(arranged, edges, shapes, bounded)
    known = distinct(np.concatenate([arranged.cycle[chain] * len(shapes) + shape, around]))
    for _ in range(len(arranged.area)):
        cycle, shape = np.divmod(known, len(shapes))
        found = np.bincount(shape, arranged.area[cycle], minlength=len(shapes))
        short = np.abs(found - whole) > CERTIFIED_M2
        grown = _neighbours(arranged, bounded, known[short[shape]], len(shapes))
        grown = grown[~among(grown, known)]
        if not len(grown):
            break
        known = distinct(np.concatenate([known, grown]))
    cycle, shape = np.divmod(known, len(shapes))
    return cycle, shape


def _around(arranged: Arrangement, edges: Edges, shapes: Shapes, bounded: Index) -> Index:
    """Return keys of what covers the outside of each group of edges that hangs together."""
    chains = arranged.chains
    clockwise = np.flatnonzero(arranged.area[arranged.cycle] < 0)
    cycle, first = np.unique(arranged.cycle[clockwise], return_index=True)
    origin = chains.nodes[chains.start]
    node = origin[clockwise[first]]
    place = shapely.points(edges.points[node])
    which, shape = shapely.STRtree(shapes).query(place, predicate="within")
    # A node made by a crossing may lie a rounding inside the shape whose edge it is on.
    chain, bound = np.divmod(bounded, len(shapes))
    ends = np.concatenate([origin[chain], origin[chains.twin[chain]]])
    on_edge = among(
        node[which] * len(shapes) + shape, distinct(ends * len(shapes) + np.tile(bound, 2))
    )
    keys: Index = cycle[which[~on_edge]] * len(shapes) + shape[~on_edge]
    return keys


def _neighbours(arranged: Arrangement, bounded: Index, keys: Index, count: int) -> Index:
    """Return keys across the chains that do not bound the shape of a key."""
    if not len(keys):
        return keys
    cycle, shape = np.divmod(keys, count)
    order = np.argsort(arranged.cycle, kind="stable")
    begin = np.searchsorted(arranged.cycle[order], np.arange(len(arranged.area) + 1))
    number = np.diff(begin)[cycle]
    chain, shape = order[spread(begin[cycle], number)], np.repeat(shape, number)
    crossed = ~among(chain * count + shape, bounded)
    beyond = arranged.cycle[arranged.chains.twin[chain[crossed]]]
    return distinct(beyond * count + shape[crossed])


def distinct(keys: Index) -> Index:
    """Return the distinct keys in ascending order; sorting beats the hashing of `np.unique`."""
    keys = np.sort(keys)
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return keys[new]


def among(keys: Index, ascending: Index) -> NDArray[np.bool_]:
    """Whether each key is one of the ascending ones."""
    if not len(ascending):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[place] == keys
    return found


def _strongest(cycle: Index, shape: Index, count: int) -> Index:
    """Return the lowest shape of each cycle, -1 for none; pairs are ordered."""
    owner = np.full(count, -1, dtype=np.int64)
    owner[cycle[::-1]] = shape[::-1]
    return owner


def _lost(area: Floats, cycle: Index, shape: Index, owner: Index) -> Overlaps:
    """Return what shapes lose to the owner of faces they cover."""
    lost = np.flatnonzero(owner[cycle] != shape)
    kept, shape, area = owner[cycle[lost]], shape[lost], area[cycle[lost]]
    pairs, place = np.unique(np.stack([shape, kept], axis=1), axis=0, return_inverse=True)
    total = np.bincount(place.ravel(), area, minlength=len(pairs)).astype(np.float64)
    return Overlaps(pairs[:, 1], pairs[:, 0], total)


def _outlined(arranged: Arrangement, points: Floats, key: Index) -> tuple[Index, Shapes]:
    """Return the distinct keys above 0, and the outline of all faces of each."""
    chains = arranged.chains
    left = key[arranged.cycle]
    border = left != left[chains.twin]
    kept = np.flatnonzero(border & (left > 0))
    ahead = chains.following[kept]
    while not border[ahead].all():
        inside = np.flatnonzero(~border[ahead])
        ahead[inside] = chains.following[chains.twin[ahead[inside]]]
    place = np.empty(len(left), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    ahead = place[ahead]
    nodes, ring, leaders = tracing.rings(chains, kept, ahead, tracing.cycles(ahead))
    return _polygons(points[nodes], ring, left[kept[leaders]])


def _polygons(points: Floats, ring: Index, key: Index) -> tuple[Index, Shapes]:
    """Put rings together: counter-clockwise shells, with the clockwise holes inside them."""
    size = np.bincount(ring, minlength=len(key))
    start = np.cumsum(size) - size
    local = points - points[start][ring]
    there = np.roll(local, -1, axis=0)
    there[start + size - 1] = 0.0
    cross = local[:, 0] * there[:, 1] - local[:, 1] * there[:, 0]
    area = np.add.reduceat(cross, start) / 2 if len(start) else np.empty(0)
    order = np.flatnonzero((size > 2) & (area != 0))
    order = order[np.argsort(key[order], kind="stable")]
    shell, hole = order[area[order] > 0], order[area[order] < 0]
    rings = Rings(points, start, size)
    within = _shell_of(rings, key, area, shell, hole)
    sequence = np.argsort(np.concatenate([np.arange(len(shell)), within]), kind="stable")
    number = 1 + np.bincount(within, minlength=len(shell))
    polygons = rings.polygons(np.concatenate([shell, hole])[sequence], number)
    first, owner = grouped(key[shell])
    return key[shell][first], gathered(polygons, owner, len(first))


def _shell_of(rings: Rings, key: Index, area: Floats, shell: Index, hole: Index) -> Index:
    """Return the number of the shell around each hole: the smallest of its key that covers it."""
    begin = np.searchsorted(key[shell], key[hole], side="left")
    number = np.searchsorted(key[shell], key[hole], side="right") - begin
    if (number == 0).any():
        message = "a hole lies in no shell"
        raise ArithmeticError(message)
    for k in np.flatnonzero(number > 1):
        near = np.arange(begin[k], begin[k] + number[k])
        shells = rings.polygons(shell[near], np.ones(len(near), dtype=np.int64))
        inner = rings.polygons(hole[k : k + 1], np.ones(1, dtype=np.int64))
        size = np.where(shapely.covers(shells, inner), area[shell[near]], np.inf)
        begin[k] = near[np.argmin(size)]
    return begin


def _failed(faces: Faces, area: Floats, count: int) -> NDArray[np.bool_]:
    """Tell which shapes have invalid tiles, or tiles that do not add up to their area."""
    found = np.zeros(len(area) + 1)
    valid = shapely.is_valid(faces.geometry)
    failed = np.zeros(len(area) + 1, dtype=bool)
    for side in (faces.first, np.where(faces.second < 0, -1, faces.second + count)):
        found += np.bincount(side % len(found), faces.area, minlength=len(found))
        failed[side[~valid]] = True
    for overlaps, offset in zip(faces.overlaps, (0, count), strict=True):
        found += np.bincount(overlaps.lost + offset, overlaps.area, minlength=len(found))
        failed[overlaps.lost[overlaps.area < -CERTIFIED_M2] + offset] = True
    failed[:-1] |= ~(np.abs(found[:-1] - area) <= CERTIFIED_M2)
    return failed[:-1]
