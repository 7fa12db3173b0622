"""Clusters, their blocks and plots, the parks in them, the plan and the networks."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from benchmarks.sample import names
from benchmarks.sample.streets import Plane, Point, Street, star, streets, warp_of

if TYPE_CHECKING:
    from benchmarks.sample.names import Cluster, Park

Record = dict[str, Any]


@dataclass
class Plot:
    """A cell of land between cuts: its corners in the plane and its outline in metres."""

    corners: tuple[Point, ...]
    location: str
    outline: shapely.Polygon = field(default_factory=shapely.Polygon)


@dataclass
class Block:
    """Land between four streets. `frame` reaches to the far edges of two of them."""

    row: int
    column: int
    frame: tuple[Point, ...]
    inner: tuple[float, float, float, float]
    plots: list[Plot]
    outline: shapely.Polygon = field(default_factory=shapely.Polygon)


@dataclass
class Ground:
    """What a cluster is made of before anyone was granted anything."""

    cluster: Cluster
    plane: Plane
    outline: shapely.Polygon
    east: list[Street]
    north: list[Street]
    blocks: dict[tuple[int, int], Block]


def ground(cluster: Cluster) -> Ground:
    """Lay out one cluster: outline, streets, blocks and plots."""
    rng = np.random.default_rng([names.SEED, 1, cluster.number])
    plane = Plane(warp_of(cluster, rng))
    ring = star(rng, cluster.area_km2 * 1e6)
    outline = shapely.Polygon(plane.warp.points(ring))
    reach = 1.5 * math.sqrt(cluster.area_km2 * 1e6 / math.pi)
    shift = cluster.number
    across = streets(rng, reach, names.STREETS_NORTH[shift:] + names.STREETS_NORTH[:shift])
    along = streets(rng, reach, names.STREETS_EAST[shift:] + names.STREETS_EAST[:shift])
    blocks = {
        (row, column): _block(rng, cluster, (row, column), across, along)
        for row in range(len(along) - 1)
        for column in range(len(across) - 1)
    }
    for block in blocks.values():
        plane.lay(block.frame)
        plane.lay(_rectangle(*block.inner))
        for plot in block.plots:
            plane.lay(plot.corners)
    plane.settle()
    return Ground(cluster, plane, outline, along, across, _drawn(rng, plane, blocks, outline))


def _drawn(
    rng: np.random.Generator,
    plane: Plane,
    blocks: dict[tuple[int, int], Block],
    outline: shapely.Polygon,
) -> dict[tuple[int, int], Block]:
    """Blocks in metres that lie in the outline, a few of them reaching over it."""
    kept = {}
    for key, block in blocks.items():
        block.outline = plane.draw(block.frame)
        inside = block.outline.intersection(outline).area / block.outline.area
        reaches_over = rng.random() < 0.06
        if inside > 0.995 or (reaches_over and inside > 0.8):
            for plot in block.plots:
                plot.outline = plane.draw(plot.corners)
            kept[key] = block
    return kept


def _rectangle(low_u: float, low_v: float, high_u: float, high_v: float) -> tuple[Point, ...]:
    """Corners of a rectangle of the plane, anticlockwise."""
    return ((low_u, low_v), (high_u, low_v), (high_u, high_v), (low_u, high_v))


def _block(
    rng: np.random.Generator,
    cluster: Cluster,
    key: tuple[int, int],
    across: list[Street],
    along: list[Street],
) -> Block:
    """Lay one block between its streets: its plots, and greens along some of its edges."""
    row, column = key
    west, east, south, north = across[column], across[column + 1], along[row], along[row + 1]
    inner = (west.high, south.high, east.low, north.low)
    low_u, low_v, high_u, high_v = inner
    if rng.random() < 0.45:
        low_v = round(low_v + float(rng.uniform(10, 34)), 3)
    if rng.random() < 0.2:
        high_u = round(high_u - float(rng.uniform(10, 25)), 3)
    location = f"{cluster.county}{south.name}以北、{west.name}以东"
    plots = [Plot(corners, location) for corners in _plots(rng, (low_u, low_v, high_u, high_v))]
    frame = _rectangle(west.low, south.low, east.low, north.low)
    return Block(row, column, frame, inner, plots)


def _plots(
    rng: np.random.Generator, room: tuple[float, float, float, float]
) -> list[tuple[Point, ...]]:
    """Cut a rectangle into rows and the rows into plots, some of the cuts slanted."""
    low_u, low_v, high_u, high_v = room
    if rng.random() < 0.07:
        return [_rectangle(*room)]
    parts = 1 if high_v - low_v < 190 else 2
    levels = [low_v, high_v]
    if parts == 2:
        levels.insert(1, round(low_v + (high_v - low_v) * float(rng.uniform(0.38, 0.62)), 3))
    found: list[tuple[Point, ...]] = []
    for below, above in itertools.pairwise(levels):
        cuts = _cuts(rng, low_u, high_u)
        found += [
            ((left[0], below), (right[0], below), (right[1], above), (left[1], above))
            for left, right in itertools.pairwise(cuts)
        ]
    return found


def _cuts(rng: np.random.Generator, low: float, high: float) -> list[tuple[float, float]]:
    """Where cuts meet the lower and the upper edge of a row."""
    count = max(1, round((high - low) / float(rng.uniform(95, 196))))
    steps = np.cumsum(rng.uniform(0.7, 1.3, count))
    ends = low + (high - low) * steps / steps[-1]
    cuts = [(low, low)]
    for end in ends[:-1]:
        slant = float(rng.uniform(-9, 9)) if rng.random() < 0.25 else 0.0
        cuts.append((round(float(end), 3), round(float(end) + slant, 3)))
    return [*cuts, (high, high)]


def cluster_record(place: Ground) -> Record:
    """Return the row of a cluster."""
    cluster = place.cluster
    return {
        "cluster_id": cluster.cluster_id,
        "cluster_name": cluster.name,
        "division_code": cluster.division_code,
        "leading_industries": cluster.industries,
        "planned_area": cluster.area_km2,
        "geometry": place.outline,
    }


def park_record(park: Park, place: Ground) -> Record:
    """Return the row of a park: whole blocks of its cluster, most of them inside its outline."""
    side = math.sqrt(park.area_km2 * 1e6)
    reach = math.sqrt(place.cluster.area_km2 * 1e6 / math.pi)
    centre = (park.offset[0] * reach, park.offset[1] * reach)
    for _ in range(40):
        columns = _between(place.north, centre[0], side * 1.1)
        rows = _between(place.east, centre[1], side / 1.1)
        shape = place.plane.draw(_rectangle(columns[0], rows[0], columns[1], rows[1]))
        if not park.is_inside or place.outline.covers(shape):
            break
        side *= 0.95
        centre = (centre[0] * 0.97, centre[1] * 0.97)
    return {
        "park_id": park.park_id,
        "park_name": park.name,
        "cluster_id": place.cluster.cluster_id,
        "theme": park.theme,
        "geometry": shape,
    }


def _between(found: list[Street], middle: float, length: float) -> tuple[float, float]:
    """Near edges of the two streets closest to the ends of a length."""
    edges = [street.low for street in found]
    low = min(edges, key=lambda edge: abs(edge - (middle - length / 2)))
    high = min((e for e in edges if e > low), key=lambda edge: abs(edge - (middle + length / 2)))
    return low, high


PLAN_BANDS = (
    ("ecology", "G2", (-2.0, -0.93), (-2.0, 2.0)),
    ("living", "R2", (-0.93, -0.62), (-2.0, 2.0)),
    ("business", "B2", (-0.62, -0.42), (-0.45, 0.45)),
    ("infrastructure", "U1", (0.62, 0.92), (0.25, 2.0)),
    ("production", "W1", (0.62, 2.0), (-2.0, 0.25)),
    ("production", "M1", (-0.42, 0.1), (-2.0, 2.0)),
    ("production", "M2", (-2.0, 2.0), (-2.0, 2.0)),
)
"""Function, code of GB 50137 and the band of the cluster, as shares of its radius; first wins."""


def plan_records(place: Ground) -> list[Record]:
    """Return the planned functions of a cluster; together they tile its outline."""
    reach = math.sqrt(place.cluster.area_km2 * 1e6 / math.pi)
    left, records = place.outline, []
    for function, code, across, along in PLAN_BANDS:
        columns = _snapped(place.north, across, reach)
        rows = _snapped(place.east, along, reach)
        band = place.plane.draw(_rectangle(columns[0], rows[0], columns[1], rows[1]))
        taken = left.intersection(band) if code != "M2" else left
        left = left.difference(band)
        records += [
            {"function": function, "plan_code": code, "code_system": names.PLAN_SYSTEM,
             "geometry": part}
            for part in shapely.get_parts(shapely.set_precision(taken, 0.001))
            if part.geom_type == "Polygon" and part.area > 2000
        ]  # fmt: skip
    return records


def _snapped(found: list[Street], share: tuple[float, float], reach: float) -> tuple[float, float]:
    """Near edges of the streets closest to two shares of the radius."""
    low = share[0] * reach
    return _between(found, (low + share[1] * reach) / 2, share[1] * reach - low)


def network_records(place: Ground) -> list[Record]:
    """Return streets, water mains under the wide ones and two power lines of a cluster."""
    ends = (place.east[0].axis, place.east[-1].axis)
    lines = [(s, ((s.axis, ends[0]), (s.axis, ends[1]))) for s in place.north]
    ends = (place.north[0].axis, place.north[-1].axis)
    lines += [(s, ((ends[0], s.axis), (ends[1], s.axis))) for s in place.east]
    records: list[Record] = []
    for number, (street, line) in enumerate(lines):
        shapes = _in_pieces(place, line)
        kinds = ["road", *(["water"] if street.width == 40 else [])]
        kinds += ["power"] if street.width == 40 and number % 2 else []
        records += [{"kind": kind, "geometry": shape} for kind in kinds for shape in shapes]
    name = place.cluster.cluster_id
    return [{"network_id": f"{name}-{n:03d}", **r} for n, r in enumerate(records, 1)]


def _in_pieces(place: Ground, line: tuple[Point, Point]) -> list[shapely.LineString]:
    """Return what of a street runs in the outline, or a little over it."""
    steps = np.linspace(0, 1, 24)
    start, end = np.array(line[0]), np.array(line[1])
    whole = shapely.LineString(
        place.plane.warp.points([tuple(start + (end - start) * s) for s in steps])
    )
    near = shapely.set_precision(whole.intersection(place.outline.buffer(60)), 0.001)
    return [part for part in shapely.get_parts(near) if part.length > 200]
