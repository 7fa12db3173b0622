"""
A seeded land fabric of any size: parcels that share edges exactly, and the dirt of real ledgers.

Clusters are distorted lattices of 22 x 22 cells with wiggly edges on a millimetre grid, at
Gauss-Krueger coordinates (x about 3.8e7), where float64 has its smallest step at 7e-9 m. Half of
the approvals follow cell edges exactly, 35 % were surveyed again (5 to 80 cm off), 15 % are
shifted by 5 to 30 m. With several counties, land is approved and supplied across each border they
share, along arcs of more than a thousand vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

CRS = "EPSG:4526"
ORIGIN = (38_500_000.0, 3_700_000.0)
CELLS = 22  # cells along one side of a cluster
SPACING = 80.0  # metres between lattice nodes
PITCH = 2_500.0  # metres between clusters
SUPPLIES_PER_CLUSTER = 370
BLOCKS_PER_CLUSTER = 111
FOOTPRINTS_PER_SUPPLY = 1.49


@dataclass(frozen=True)
class Lattice:
    """Nodes and the four wiggles of each edge, first axis the cluster."""

    nodes: Array
    along: Array
    up: Array


def tables(supplies: int, *, seed: int = 20180531, counties: int = 1) -> dict[str, pd.DataFrame]:
    """
    Return approval, supply, construction, cluster and park tables of a fabric.

    Parameters
    ----------
    supplies
        Number of ordinary supplies; re-supplied ones come on top (1.5 %).
    seed
        Seed of the one generator everything is drawn from.
    counties
        Number of counties the clusters belong to, row by row.

    Returns
    -------
    tables
        Role -> GeoDataFrame in EPSG:4526 (metres). About 0.7 % of the supplies are invalid.
    """
    rng = np.random.default_rng(seed)
    count = max(1, round(supplies / SUPPLIES_PER_CLUSTER))
    lattice = _lattice(count, rng)
    cells = _outlines(lattice, 1)
    made = {
        "approval": _approvals(_outlines(lattice, 2), count, rng),
        "supply": _supplies(cells, min(supplies, len(cells)), rng),
        "cluster": _clusters(count),
        "park": _parks(count),
    }
    made["construction"] = _footprints(made["supply"], rng)
    return made if counties == 1 else _bordered(made, counties)


def _bordered(made: dict[str, Any], counties: int) -> dict[str, Any]:
    """Give clusters to counties, and lay land across the borders between them."""
    count = len(made["cluster"])
    side = int(np.ceil(np.sqrt(count)))
    row = np.arange(count) // side
    county = row * counties // (row[-1] + 1)
    code = pd.Series(411001 + county).astype("str")
    south = np.arange(count - side)
    south = south[county[south] != county[south + side]]
    arcs = [_arc(corner, length) for length in (1.0, 0.6) for corner in _corners(count)[south]]
    for role, rings in (("approval", arcs[: len(south)]), ("supply", arcs[len(south) :])):
        extra = _table(role, shapely.polygons(rings) if rings else np.empty(0, dtype=object))
        extra[f"{role}_id"] = "X" + extra[f"{role}_id"]
        day = {"approval": "approved_on", "supply": "signed_on"}[role]
        extra[day] = np.datetime64("2012-05-04", "s")
        made[role] = pd.concat([made[role], extra], ignore_index=True)
        made[role]["source_row"] = np.arange(1, len(made[role]) + 1)
    return made | {"cluster": made["cluster"].assign(division_code=code)}


def _arc(corner: Array, length: float) -> Array:
    """Return a ring between two curves of 1,201 vertices from one cluster into the next."""
    along = np.linspace(0, length, 1_201)
    west = corner[0] + 300 + 120 * np.sin(3 * along)
    north = corner[1] + 1_400 + along * (PITCH - 1_000)
    curve = np.stack([west, north], axis=1)
    east = curve + np.array([180.0, 0.0])
    ring = np.concatenate([curve[::-1], east]).round(3)
    return np.concatenate([ring, ring[:1]])


def repaired(made: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the tables with invalid polygons made valid, as a layer with `repair = true` would."""
    fixed = {}
    for role, table in made.items():
        geometry = table.geometry.to_numpy(copy=True)
        bad = ~shapely.is_valid(geometry)
        geometry[bad] = shapely.make_valid(geometry[bad], method="structure", keep_collapsed=False)
        fixed[role] = table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=CRS))
    return fixed


def _lattice(count: int, rng: np.random.Generator) -> Lattice:
    """Draw distorted lattices on a square of clusters."""
    side = int(np.ceil(np.sqrt(count)))
    corner = np.stack(np.divmod(np.arange(count), side)[::-1], axis=1) * PITCH + ORIGIN
    steps = np.arange(CELLS + 1) * SPACING
    grid = np.stack(np.meshgrid(steps, steps, indexing="xy"), axis=-1)
    nodes = corner[:, None, None, :] + grid + rng.uniform(-9, 9, (count, *grid.shape))
    nodes = nodes.round(3)
    return Lattice(
        nodes,
        _wiggles(nodes[:, :, :-1], nodes[:, :, 1:], rng),
        _wiggles(nodes[:, :-1], nodes[:, 1:], rng),
    )


def _wiggles(begin: Array, end: Array, rng: np.random.Generator) -> Array:
    """Place four vertices beside each straight edge, up to 1.5 m off."""
    share = np.arange(1, 5)[:, None] / 5
    line = begin[..., None, :] + (end - begin)[..., None, :] * share
    return np.asarray((line + rng.uniform(-1.5, 1.5, line.shape)).round(3))


def _outlines(lattice: Lattice, size: int) -> Array:
    """Return closed rings of blocks of size x size cells, shape (blocks, vertices, 2)."""
    low = slice(0, CELLS, size)
    high = slice(size, CELLS + 1, size)
    nodes, along, up = lattice.nodes, lattice.along, lattice.up
    south = [_side(nodes, along, (low, i), (low, i)) for i in _steps(size)]
    east = [_side(nodes, up, (i, high), (i, high)) for i in _steps(size)]
    north = [_side(nodes, along, (high, i), (high, i)) for i in _steps(size)]
    west = [_side(nodes, up, (i, low), (i, low)) for i in _steps(size)]
    forth = np.concatenate(south + east, axis=3)
    back = np.concatenate(west + north, axis=3)
    # West and north run from the south-west to the north-east node; walked back they close.
    last = nodes[:, high, high][..., None, :]
    first = nodes[:, low, low][..., None, :]
    ring = np.concatenate([forth, last, back[..., :0:-1, :], first], axis=3)
    return ring.reshape(-1, ring.shape[3], 2)


def _steps(size: int) -> list[slice]:
    """Return the slices of the cells inside a block."""
    return [slice(i, CELLS, size) for i in range(size)]


def _side(nodes: Array, edges: Array, node: Any, edge: Any) -> Array:
    """Return a start node followed by the wiggles of its edge."""
    start = nodes[:, node[0], node[1]][..., None, :]
    return np.concatenate([start, edges[:, edge[0], edge[1]]], axis=3)


def _approvals(rings: Array, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Take blocks as approvals: exact, surveyed again, shifted; and 2 % that overlap others."""
    chosen = _chosen(len(rings), min(BLOCKS_PER_CLUSTER * count, len(rings)), rng)
    rings = rings[chosen].copy()
    kind = rng.choice(3, len(rings), p=[0.5, 0.35, 0.15])
    rings[kind == 1] += _surveyed(rings[kind == 1].shape, rng)
    rings[kind == 2] += _shift((kind == 2).sum(), 5, 30, rng)
    extra = rings[rng.random(len(rings)) < 0.02]
    rings = np.concatenate([rings, extra + _shift(len(extra), 20, 60, rng)]).round(3)
    rings[:, -1] = rings[:, 0]
    table = _table("approval", shapely.polygons(rings))
    table["approved_on"] = _days("2006-01-01", 3000, len(table), rng)
    table["withdrawn_on"] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")
    return table


def _surveyed(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Draw offsets of 5 to 80 cm for each vertex."""
    length = rng.uniform(0.05, 0.8, shape[:2])
    angle = rng.uniform(0, 2 * np.pi, shape[:2])
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)


def _shift(count: int, low: float, high: float, rng: np.random.Generator) -> Array:
    """Draw one offset for each ring."""
    length, angle = rng.uniform(low, high, count), rng.uniform(0, 2 * np.pi, count)
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=-1)[:, None, :]


def _supplies(rings: Array, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Take cells as supplies and put the dirt in."""
    order = rng.permutation(len(rings))
    chosen, free = np.sort(order[:count]), np.sort(order[count:])
    rings_of = rings[chosen].copy()
    kind = rng.choice(5, count, p=[0.943, 0.005, 0.002, 0.03, 0.02])
    rings_of[kind == 1, 3:12] = rings_of[kind == 1, 11:2:-1]
    tip = rings_of[kind == 2, 7] + _shift((kind == 2).sum(), 20, 40, rng)[:, 0]
    rings_of[kind == 2, 6], rings_of[kind == 2, 7] = tip, rings_of[kind == 2, 5]
    polygons = shapely.polygons(rings_of.round(3))
    polygons[kind == 3] = _multipart(polygons[kind == 3], chosen[kind == 3], rings, free)
    polygons[kind == 4] = _holed(rings_of[kind == 4])
    again = rings_of[(rng.random(count) < 0.015) & (kind == 0)]
    again = (again + _shift(len(again), 10, 40, rng)).round(3)
    table = _table("supply", np.concatenate([polygons, shapely.polygons(again)]))
    table["signed_on"] = _days("2009-01-01", 3000, len(table), rng)
    table["phase_of"] = pd.Series(np.nan, index=table.index, dtype="str")
    return table


def _multipart(polygons: Array, cell: Array, rings: Array, free: Array) -> Array:
    """Add to each polygon a free cell of its cluster, where there is one that does not touch it."""
    parts = polygons.copy()
    if not len(free):
        return parts
    nearest = free[np.minimum(np.searchsorted(free, cell), len(free) - 1)]
    taken = np.unique(nearest, return_index=True)[1]
    for i in taken:
        extra = shapely.Polygon(rings[nearest[i]])
        if nearest[i] // CELLS**2 == cell[i] // CELLS**2 and not parts[i].intersects(extra):
            parts[i] = shapely.MultiPolygon([parts[i], extra])
    return parts


def _holed(rings: Array) -> Array:
    """Cut a diamond of 10 m out of the middle of each ring."""
    middle = rings[:, :-1].mean(axis=1)
    diamond = np.array([(-10, 0), (0, 10), (10, 0), (0, -10), (-10, 0)], dtype=float)
    holes = (middle[:, None] + diamond).round(3)
    made = [shapely.Polygon(r, [h]) for r, h in zip(rings, holes, strict=True)]
    return np.array(made, dtype=object)


def _footprints(supply: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Put turned rectangles on three quarters of the supplies, some across their edges."""
    wanted = round(FOOTPRINTS_PER_SUPPLY * len(supply))
    middle = shapely.get_coordinates(shapely.centroid(supply.geometry.to_numpy()))
    on = rng.choice(len(supply), max(1, round(0.75 * len(supply))), replace=False)
    middle = middle[rng.choice(on, wanted)] + rng.uniform(-22, 22, (wanted, 2))
    half = rng.uniform(6, 16, (wanted, 1, 2))
    corners = half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)], dtype=float)
    turn = rng.uniform(-0.2, 0.2, wanted)
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x, y = (
        corners[..., 0] * cos - corners[..., 1] * sin,
        corners[..., 0] * sin + corners[..., 1] * cos,
    )
    rings = (np.stack([x, y], axis=-1) + middle[:, None]).round(3)
    table = _table("construction", shapely.polygons(rings))
    table["observed_on"] = _days("2012-01-01", 2000, wanted, rng)
    return table


def _clusters(count: int) -> gpd.GeoDataFrame:
    """Return boxes that leave the outer half row of cells outside."""
    low = _corners(count) + SPACING / 2
    return _table("cluster", shapely.box(*low.T, *(low + (CELLS - 1) * SPACING).T))


def _parks(count: int) -> gpd.GeoDataFrame:
    """Return three boxes a cluster; the third reaches beyond it."""
    low = np.repeat(_corners(count), 3, axis=0)
    left = np.tile([100.0, 700.0, 1_300.0], count)
    width = np.tile([600.0, 600.0, 450.0], count)
    x = low[:, 0] + left
    return _table("park", shapely.box(x, low[:, 1] + 150, x + width, low[:, 1] + 900))


def _corners(count: int) -> Array:
    """Return the south-west corner of each cluster."""
    side = int(np.ceil(np.sqrt(count)))
    return np.stack(np.divmod(np.arange(count), side)[::-1], axis=1) * PITCH + ORIGIN


def _chosen(total: int, count: int, rng: np.random.Generator) -> Array:
    """Draw distinct indices, ascending."""
    return np.sort(rng.choice(total, count, replace=False))


def _days(first: str, span: int, count: int, rng: np.random.Generator) -> Array:
    """Draw days of a span."""
    return np.datetime64(first, "s") + rng.integers(0, span, count).astype("timedelta64[D]")


def _table(role: str, polygons: Array) -> gpd.GeoDataFrame:
    """Return a table of a role with running identifiers and provenance."""
    number = pd.Series(np.arange(1, len(polygons) + 1))
    columns = {
        f"{role}_id": role[0].upper() + number.astype("str").str.zfill(8),
        "source_layer": role,
        "source_file": f"data/{role}.gpkg",
        "source_row": number,
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(polygons), crs=CRS)
