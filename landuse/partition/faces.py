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

from landuse.kernels import twin
from landuse.partition import assembling, tracing
from landuse.partition.noding import among, grouped, noded, spread
from landuse.partition.overlay import CERTIFIED_M2
from landuse.partition.precedence import Overlaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.noding import Edges, Floats
    from landuse.partition.overlay import Index, Shapes
    from landuse.partition.tracing import Chains
    from landuse.rings import Rings


@dataclass(frozen=True)
class Arrangement:
    """Chains, the cycle each is in, and the signed area of each cycle in m²."""

    chains: Chains
    cycle: Index
    area: Floats


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
    entire, same = _entire(key, covered, cover, shapes)
    traced, outlines = _outlined(arranged, edges.points, np.where(among(key, entire), 0, key))
    geometry, valid = assembling.made(outlines, len(traced))
    order = np.argsort(np.append(entire, traced))
    a, b = np.divmod(np.append(entire, traced)[order], len(second) + 1)
    geometry = np.append(shapes[same], geometry)[order]
    valid = np.append(np.ones(len(same), dtype=bool), valid)[order]
    size = np.append(whole[same], outlines.areas(len(traced)))[order]
    covering = np.bincount(cover, area[covered], minlength=len(shapes))
    unsure = edges.unsure_shapes(len(shapes))
    unsure |= ~(np.abs(covering - whole) <= CERTIFIED_M2)
    faces = Faces(a - 1, b - 1, geometry, size, (one, two), unsure)
    return replace(faces, failed=unsure | _failed(faces, valid, whole, len(first)))


def _covers(
    arranged: Arrangement, edges: Edges, shapes: Shapes, whole: Floats
) -> tuple[Index, Index]:
    """Return (cycle, shape) for every shape that covers the face of a cycle, ordered."""
    half = 2 * edges.edge + ~edges.forward
    ends = arranged.chains.last[half]
    chain, shape = arranged.chains.of[half[ends]], edges.shape[ends]
    around = _around(arranged, edges, shapes, chain, shape)
    cycle = np.concatenate([arranged.cycle[chain], around[0]])
    known = cycle, np.concatenate([shape, around[1]])
    chains = arranged.chains
    bound, sizes = (chain, shape), (arranged.area, whole)
    return _flooded(known, bound, arranged.cycle, chains.twin, *sizes, CERTIFIED_M2)


@twin("covering")
def _flooded(  # noqa: PLR0913, PLR0917  plain arrays, as a compiled function takes them
    known: tuple[Index, Index],
    bound: tuple[Index, Index],
    cycle: Index,
    twin: Index,
    area: Floats,
    whole: Floats,
    equal: float,
) -> tuple[Index, Index]:
    """
    Return (cycle, shape) for every shape that covers the face of a cycle, ordered.

    Parameters
    ----------
    known, bound
        Pairs (cycle, shape) to begin with, and (chain, shape) of chains with a shape on the left.
    cycle, twin, area, whole
        Cycle and twin of each chain, area of each cycle, area of each shape.
    equal
        A shape whose faces add up to its area within this many m² is known.
    """
    count = len(whole)
    bounded = distinct(bound[0] * count + bound[1])
    keys = distinct(known[0] * count + known[1])
    order = np.argsort(cycle, kind="stable")
    begin = np.searchsorted(cycle[order], np.arange(len(area) + 1))
    for _ in range(len(area)):
        face, shape = np.divmod(keys, count)
        short = np.abs(np.bincount(shape, area[face], minlength=count) - whole) > equal
        face, shape = face[short[shape]], shape[short[shape]]
        number = np.diff(begin)[face]
        chain, shape = order[spread(begin[face], number)], np.repeat(shape, number)
        crossed = ~among(chain * count + shape, bounded)
        grown = distinct(cycle[twin[chain[crossed]]] * count + shape[crossed])
        grown = grown[~among(grown, keys)]
        if not len(grown):
            break
        keys = distinct(np.concatenate([keys, grown]))
    face, shape = np.divmod(keys, count)
    return face, shape


def _around(
    arranged: Arrangement, edges: Edges, shapes: Shapes, chain: Index, bound: Index
) -> tuple[Index, Index]:
    """Return (cycle, shape) of what covers the outside of groups of edges that hang together."""
    chains = arranged.chains
    clockwise = np.flatnonzero(arranged.area[arranged.cycle] < 0)
    cycle, first = np.unique(arranged.cycle[clockwise], return_index=True)
    origin = chains.nodes[chains.start]
    node = origin[clockwise[first]]
    place = shapely.points(edges.points[node])
    which, shape = shapely.STRtree(shapes).query(place, predicate="within")
    # A node made by a crossing may lie a rounding inside the shape whose edge it is on.
    keys = node[which] * len(shapes) + shape
    ends = np.concatenate([origin[chain], origin[chains.twin[chain]]])
    asked = np.zeros(len(edges.points), dtype=bool)
    asked[node[which]] = True
    of_asked = asked[ends]
    ends = ends[of_asked] * len(shapes) + np.tile(bound, 2)[of_asked]
    off_edge = ~among(keys, distinct(ends))
    return cycle[which[off_edge]], shape[off_edge]


def distinct(keys: Index) -> Index:
    """Return the distinct keys in ascending order; sorting beats the hashing of `np.unique`."""
    keys = np.sort(keys)
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return keys[new]


def _strongest(cycle: Index, shape: Index, count: int) -> Index:
    """Return the lowest shape of each cycle, -1 for none; pairs are ordered."""
    owner = np.full(count, -1, dtype=np.int64)
    owner[cycle[::-1]] = shape[::-1]
    return owner


def _lost(area: Floats, cycle: Index, shape: Index, owner: Index) -> Overlaps:
    """Return what shapes lose to the owner of faces they cover."""
    lost = np.flatnonzero(owner[cycle] != shape)
    kept, shape, area = owner[cycle[lost]], shape[lost], area[cycle[lost]]
    many = int(kept.max(initial=0)) + 1
    pairs, place = np.unique(shape * many + kept, return_inverse=True)
    total = np.bincount(place, area, minlength=len(pairs)).astype(np.float64)
    return Overlaps(pairs % many, pairs // many, total)


def _entire(key: Index, covered: Index, cover: Index, shapes: Shapes) -> tuple[Index, Index]:
    """
    Return the keys above 0 whose faces are all of a shape and nothing else, ascending, and it.

    A tile that is a whole shape is that shape, as its surveyor wrote it: nothing is traced, its
    area is exact and it is as valid as it was.
    """
    first, tile = grouped(key)
    of = tile[covered]
    some = np.full(len(shapes), -1)
    some[cover] = of
    spread_out = np.zeros(len(shapes), dtype=bool)
    spread_out[cover[of != some[cover]]] = True
    shape = np.flatnonzero((some >= 0) & ~spread_out)
    of, faces = some[shape], np.bincount(cover, minlength=len(shapes))[shape]
    same = (np.bincount(tile)[of] == faces) & (key[first[of]] > 0)
    entire, place = np.unique(key[first[of[same]]], return_index=True)
    found = shape[same][place]
    parts = np.flatnonzero(shapely.get_type_id(shapes[found]) != shapely.GeometryType.POLYGON)
    lone = found[parts[shapely.get_num_geometries(shapes[found[parts]]) == 1]]
    shapes[lone] = shapely.get_geometry(shapes[lone], 0)
    return entire, found


def _outlined(arranged: Arrangement, points: Floats, key: Index) -> tuple[Index, Rings]:
    """Return the distinct keys above 0, those of one polygon first, and the outline of each."""
    chains = arranged.chains
    left = key[arranged.cycle]
    kept, ring, keys = tracing.outlines(left, left[chains.twin], chains.following, chains.twin)
    traced = tracing.closed(points, chains.nodes, chains.start, chains.length, kept, ring)
    return assembling.put_together(*traced, keys)


def _failed(faces: Faces, valid: NDArray[np.bool_], area: Floats, count: int) -> NDArray[np.bool_]:
    """Tell which shapes have invalid tiles, or tiles that do not add up to their area."""
    found = np.zeros(len(area) + 1)
    failed = np.zeros(len(area) + 1, dtype=bool)
    for side in (faces.first, np.where(faces.second < 0, -1, faces.second + count)):
        found += np.bincount(side % len(found), faces.area, minlength=len(found))
        failed[side[~valid]] = True
    for overlaps, offset in zip(faces.overlaps, (0, count), strict=True):
        found += np.bincount(overlaps.lost + offset, overlaps.area, minlength=len(found))
        failed[overlaps.lost[overlaps.area < -CERTIFIED_M2] + offset] = True
    failed[:-1] |= ~(np.abs(found[:-1] - area) <= CERTIFIED_M2)
    return failed[:-1]
