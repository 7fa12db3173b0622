"""
Clip polygons by others where their boundaries cross cleanly; whatever else is left to GEOS.

A group is a polygon and what is laid over it. Boundaries that cross with room to spare, in points
apart from every node, need no arrangement of the plane: each crossing tells which boundary goes
inwards, and what is kept is walked from crossing to crossing. Boundaries that touch or run along
each other, and parts that are invalid or do not add up, leave their whole group open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse import kernels
from landuse.partition import assembling, tracing
from landuse.partition.curves import around, crossings, curves_of
from landuse.partition.noding import REACH, UNSURE, length_of, spread
from landuse.partition.overlay import CERTIFIED_M2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.curves import Curves, Events
    from landuse.partition.noding import Floats
    from landuse.partition.overlay import Index, Shapes

    Flags = NDArray[np.bool_]

BLOCK = 500_000
"""Edges times boundaries of the groups clipped in one go, about."""

MOST = 2_000_000
"""Edges times boundaries of a group that is clipped at most; one of more is left open."""


@dataclass(frozen=True)
class Clipped:
    """
    What groups became: `geometry[k]`, of `area[k]` m², is a part of the polygon of `group[k]`.

    `under[k]` tells whether it lies under what is laid over. Of groups that are `open` nothing is
    known and no part listed.
    """

    group: Index
    under: Flags
    geometry: Shapes
    area: Floats
    open: Flags


def clipped(shapes: Shapes, area: Floats, which: Index, what: Index, others: Shapes) -> Clipped:
    """
    Split each shape into what lies under the union of its others and what does not.

    Parameters
    ----------
    shapes, area
        Valid polygons of one projected CRS in metres, one a group, and their areas in m².
    which
        Positions in `shapes`, ascending; each occurs.
    what
        Positions in `others`, as long as `which`.
    others
        Valid polygons of the same CRS; they may overlap each other.
    """
    begin = np.searchsorted(which, np.arange(len(shapes) + 1))
    edges = shapely.get_num_coordinates(shapes)
    over = shapely.get_num_coordinates(others)[what]
    edges = edges + np.bincount(which, over, minlength=len(shapes)).astype(np.int64)
    cost = edges * (1 + np.diff(begin))
    block = np.cumsum(cost) // BLOCK
    bounds = np.flatnonzero(np.diff(block, prepend=-1, append=-1))

    def part(number: int) -> Clipped:
        first, last = bounds[number], bounds[number + 1]
        pairs = slice(begin[first], begin[last])
        group, chosen = which[pairs] - first, what[pairs]
        skipped = cost[first:last] > MOST
        curves = curves_of(shapes[first:last], group, chosen, others)
        made = _clipped(shapes[first:last], area[first:last], curves, skipped)
        return Clipped(made.group + first, made.under, made.geometry, made.area, made.open)

    blocks = [
        nothing(shapes[:0], area, which, what, others),
        *kernels.beside(part, range(len(bounds) - 1)),
    ]
    columns = {name: np.concatenate([vars(b)[name] for b in blocks]) for name in vars(blocks[0])}
    return Clipped(**columns)


def nothing(shapes: Shapes, area: Floats, which: Index, what: Index, others: Shapes) -> Clipped:
    """Leave every group open; arguments as in `clipped`."""
    del area, which, what, others
    none = np.empty(0, dtype=bool)
    is_open = np.ones(len(shapes), dtype=bool)
    return Clipped(np.empty(0, dtype=np.int64), none, shapes[:0], np.empty(0), is_open)


def _clipped(shapes: Shapes, area: Floats, curves: Curves, skipped: Flags) -> Clipped:
    """Clip the groups of a block."""
    near = UNSURE * REACH * float(np.spacing(np.abs(curves.points).max()))
    events, doubt = crossings(curves, near, skipped)
    within, depth, unsure = around(curves, skipped)
    doubt |= unsure
    stops = _stops(events)
    doubt[_crowded(curves, stops, near)] = True
    arcs = _arcs(curves, stops, within, depth, doubt)
    points = np.concatenate([curves.points, events.places[:, 2:]])
    parts, entire = _parts(curves, points, stops, arcs, doubt)
    return _certified(parts, entire, shapes, area)


@dataclass(frozen=True)
class Stops:
    """
    Crossings as each of their two curves comes by them, in order of curve, edge and place (0 to 1).

    Stop k is at crossing `node[k]`, which the other curve, `other[k]`, passes at stop
    `partner[k]`; `inwards[k]` tells whether this curve goes into the other there.
    """

    node: Index
    curve: Index
    edge: Index
    place: Floats
    other: Index
    partner: Index
    inwards: Flags


def _stops(events: Events) -> Stops:
    """Return each crossing twice, curve by curve."""
    count = len(events.met)
    curve, edge = events.met[:, [0, 2]].T.ravel(), events.met[:, [1, 3]].T.ravel()
    place, inwards = events.places[:, :2].T.ravel(), np.append(events.inwards, ~events.inwards)
    order = np.lexsort((place, edge, curve))
    at = np.empty(2 * count, dtype=np.int64)
    at[order] = np.arange(2 * count)
    return Stops(
        node=order % max(count, 1),
        curve=curve[order],
        edge=edge[order],
        place=place[order],
        other=np.roll(curve, count)[order],
        partner=np.roll(at, count)[order],
        inwards=inwards[order],
    )


def _crowded(curves: Curves, stops: Stops, near: float) -> Index:
    """Return the groups in which two crossings of an edge are as near to each other as that."""
    edge, place = stops.edge, stops.place
    same = (stops.curve[1:] == stops.curve[:-1]) & (edge[1:] == edge[:-1])
    x, y = curves.points.T
    length = length_of(x, y, edge[1:], edge[1:] + 1)
    same &= (place[1:] - place[:-1]) * length <= near
    crowded: Index = curves.group[stops.curve[1:][same]]
    return crowded


@dataclass(frozen=True)
class Arcs:
    """
    Stretches of rings from crossing to crossing, and whole rings that cross nothing.

    Arc k begins at stop k and is followed by arc `following[k]` of its ring; the arcs after those
    are whole rings. Of each arc `ring` is its ring and `curve` its curve; `within` and `depth`
    (as `curves.around` tells them of a point) hold all along it.
    """

    following: Index
    ring: Index
    curve: Index
    within: Index
    depth: Index


def _arcs(curves: Curves, stops: Stops, within: Index, depth: Index, doubt: Flags) -> Arcs:
    """Return the arcs of groups; what cannot be is put down as doubt."""
    number_of_rings = curves.rings[curves.shape]
    every = np.repeat(np.arange(len(curves.shape)), number_of_rings)
    rings = spread(curves.ring[curves.shape], number_of_rings)
    ring = np.searchsorted(curves.start, stops.edge, side="right") - 1
    own = ring - curves.ring[curves.shape[stops.curve]]
    own += (np.cumsum(number_of_rings) - number_of_rings)[stops.curve]
    number = np.bincount(own, minlength=len(every))
    begin = np.cumsum(number) - number
    stop = np.arange(len(own))
    following = stop + 1
    crossed, free = np.flatnonzero(number), np.flatnonzero(number == 0)
    following[begin[crossed] + number[crossed] - 1] = begin[crossed]
    step = np.where(stops.inwards, 1, -1)
    of_group = np.isin(stops.other, curves.first[:-1])
    held = []
    for state, moved in ((within, step * of_group), (depth, step * ~of_group)):
        total = np.cumsum(moved)
        now = state[own] + total - (total - moved)[begin[own]]
        wrong = (now < 0) | ((following <= stop) & (now != state[own]))
        doubt[curves.group[stops.curve[wrong]]] = True
        held.append(np.append(now, state[free]))
    ring, curve = np.append(ring, rings[free]), np.append(stops.curve, every[free])
    return Arcs(following, ring, curve, *held)


def _parts(
    curves: Curves, points: Floats, stops: Stops, arcs: Arcs, doubt: Flags
) -> tuple[Clipped, Index]:
    """
    Walk along what is kept, and put the parts of groups together.

    `points` has the points of crossings behind those of `curves`. Also returned is whether each
    group is wholly aside of what is laid over it (1), wholly under it (2) or neither (0); only of
    the latter parts are made.
    """
    groups, count = len(doubt), len(arcs.curve)
    group, own = curves.group[arcs.curve], np.isin(arcs.curve, curves.first[:-1])
    rest, under = 2 * group + 1, 2 * group + 2
    side = np.where(arcs.depth > 0, under, rest)
    left = np.where(own, side, np.where(arcs.within > 0, under, 0))
    right = np.where(own | (arcs.within == 0), 0, side)
    cut = np.bincount(group[~own & (left != right)], minlength=groups)
    lying = np.bincount(group[own & (arcs.depth > 0)], minlength=groups)
    bare = np.bincount(group[own & (arcs.depth == 0)], minlength=groups)
    entire = np.where(cut > 0, 0, np.where(lying == 0, 1, np.where(bare == 0, 2, 0)))
    left, right = np.append(left, right), np.append(right, left)
    ahead, both = _ahead(stops, arcs), np.tile(group, 2)
    doubt[both[left != left[ahead]]] = True
    aside = doubt[both] | (entire[both] > 0)
    left[aside] = right[aside] = 0
    other_way = np.roll(np.arange(2 * count), count)
    kept, ring, keys = tracing.outlines(left, right, ahead, other_way)
    nodes, start, number = _nodes(curves, stops, arcs, kept)
    traced = tracing.closed(points, nodes, start, number, np.arange(len(kept)), ring)
    keys, outlines = assembling.put_together(*traced, keys)
    geometry, valid = assembling.made(outlines, len(keys))
    of = (keys - 1) // 2
    doubt[of[~valid]] = True
    return Clipped(of, keys % 2 == 0, geometry, outlines.areas(len(keys)), doubt), entire


def _certified(parts: Clipped, entire: Index, shapes: Shapes, area: Floats) -> Clipped:
    """Return the parts that add up, group by group, and shapes that are their own only part."""
    found = np.bincount(parts.group, parts.area, minlength=len(shapes))
    equal = np.abs(found - area) <= 2 * CERTIFIED_M2
    open_ = parts.open | ((entire == 0) & ~equal)
    good, same = ~open_[parts.group], np.flatnonzero((entire > 0) & ~open_)
    return Clipped(
        np.append(parts.group[good], same),
        np.append(parts.under[good], entire[same] == 2),
        np.append(parts.geometry[good], shapes[same]),
        np.append(parts.area[good], area[same]),
        open_,
    )


def _ahead(stops: Stops, arcs: Arcs) -> Index:
    """
    Return what follows each arc around the face on its left: arcs forward, then backward.

    Two boundaries that cross leave no choice: turn left into the other one, whichever way it goes.
    """
    crossed, count = len(stops.node), len(arcs.curve)
    before = np.empty(crossed, dtype=np.int64)
    before[arcs.following] = np.arange(crossed)
    forward, backward = stops.partner, count + before[stops.partner]
    comes_in = stops.inwards[stops.partner]
    turn_left = np.where(comes_in, forward, backward)
    turn_right = np.where(comes_in, backward, forward)
    ahead = np.arange(2 * count)
    ahead[:crossed] = turn_left[arcs.following]
    ahead[count : count + crossed] = turn_right
    return ahead


def _nodes(curves: Curves, stops: Stops, arcs: Arcs, kept: Index) -> tuple[Index, Index, Index]:
    """Return the nodes along arcs kept, without the last; where each begins; how many it has."""
    arc, forward = kept % len(arcs.curve), kept < len(arcs.curve)
    crossed = arc < len(stops.node)
    first = curves.start[arcs.ring[arc]]
    size = curves.start[arcs.ring[arc] + 1] - first - 1
    at, to = first + size - 1, first + size - 1  # the edges a whole ring begins and ends on
    after = arcs.following[arc[crossed]]
    at[crossed], to[crossed] = stops.edge[arc[crossed]], stops.edge[after]
    between = (to - at) % size
    around = between == 0
    around[crossed] &= after <= arc[crossed]
    between[around] = size[around]
    lead = crossed.astype(np.int64)
    number = between + lead
    start = np.cumsum(number) - number
    step = np.arange(int(number.sum())) - np.repeat(start + lead, number)
    origin, way = np.where(forward, at + 1, to) - first, np.where(forward, 1, -1)
    turned = np.repeat(origin, number) + np.repeat(way, number) * step
    nodes = np.repeat(first, number) + turned % np.repeat(size, number)
    begins = np.where(forward[crossed], arc[crossed], after)
    nodes[start[crossed]] = len(curves.points) + stops.node[begins]
    return nodes, start, number
