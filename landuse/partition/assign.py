"""Give tiles their place: slivers sorted out, built parts told apart, cut at clusters and parks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landuse.partition import cutting, overlay
from landuse.partition.slivers import sorted_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Index, Shapes, Snapped
    from landuse.partition.slivers import Tolerances
    from landuse.partition.tiling import Tiling

NONE, UNBUILT, BUILT = 0, 1, 2
PARTS = np.array(["", "unbuilt", "built"])


@dataclass(frozen=True)
class Placed:
    """
    Shapes with the position of their tile, their part, cluster and park (-1: none), and m².

    Once a share is cut, its shapes are packed (`geometry.packed`).
    """

    tile: Index
    part: Index
    cluster: Index
    park: Index
    geometry: Shapes
    area: NDArray[np.float64]


@dataclass(frozen=True)
class Layout:
    """All pieces and slivers in place, with their area in m² and their approval and supply."""

    approval: Index
    supply: Index
    placed: Placed
    area: NDArray[np.float64]
    sliver_approval: Index
    slivers: Placed
    sliver_area: NDArray[np.float64]
    sliver_width: NDArray[np.float64]


@dataclass(frozen=True)
class Over:
    """What is laid over tiles: footprints, and clusters and parks that share no area."""

    footprints: Shapes
    clusters: Shapes
    parks: Shapes


def assigned(tiling: Tiling, over: Over, tolerances: Tolerances, snapped: Snapped) -> Layout:
    """
    Place the tiles.

    Parameters
    ----------
    tiling
        Tiles of approvals and supplies.
    over
        Usable footprints, clusters and parks, in order of identifier.
    tolerances
        What is a sliver.
    snapped
        As in `overlay.robust`.

    Notes
    -----
    Slivers are told before anything is cut at a border, so that a border makes none; an approval
    that nothing was taken from is land however thin it is.
    """
    clusters, parks = over.clusters, over.parks
    remainder = np.flatnonzero((tiling.supply < 0) & _is_cut(tiling))
    told = sorted_out(tiling.geometry[remainder], tolerances)
    shapes, area = tiling.geometry.copy(), tiling.drawn.copy()
    shapes[remainder], area[remainder] = told.kept, told.kept_area
    split = _split(tiling, shapes, area, over.footprints, snapped)
    placed = _in_zones(_in_zones(split, clusters, "cluster", snapped), parks, "park", snapped)
    sliver = _unplaced(np.arange(len(told.slivers)), told.slivers, told.area)
    slivers = _in_zones(_in_zones(sliver, clusters, "cluster", snapped), parks, "park", snapped)
    of_sliver = remainder[told.owner[slivers.tile]]
    rounding = tiling.area / tiling.drawn
    return Layout(
        approval=tiling.approval[placed.tile],
        supply=tiling.supply[placed.tile],
        placed=placed,
        area=placed.area * rounding[placed.tile],
        sliver_approval=tiling.approval[of_sliver],
        slivers=slivers,
        sliver_area=slivers.area * rounding[of_sliver],
        sliver_width=told.width[slivers.tile],
    )


def _is_cut(tiling: Tiling) -> NDArray[np.bool_]:
    """Whether supply or a stronger approval took land from the approval of each tile."""
    within = (tiling.approval >= 0) & (tiling.supply >= 0)
    touched = np.concatenate([tiling.approval[within], tiling.taken.lost])
    return np.isin(tiling.approval, touched)


def _unplaced(tile: Index, shapes: Shapes, area: NDArray[np.float64]) -> Placed:
    """Return shapes without part, cluster and park."""
    outside = np.full(len(tile), -1)
    return Placed(tile, np.full(len(tile), NONE), outside, outside, shapes, area)


def _split(
    tiling: Tiling,
    shapes: Shapes,
    area: NDArray[np.float64],
    footprints: Shapes,
    snapped: Snapped,
) -> Placed:
    """Split supplied tiles into built and unbuilt; what is not supplied has no part."""
    tile = np.flatnonzero(area > 0)
    supplied = tile[tiling.supply[tile] >= 0]
    rest = tile[tiling.supply[tile] < 0]
    which, what = overlay.boxes_meeting(shapes[supplied], footprints)
    parts = cutting.halved(shapes[supplied], area[supplied], which, what, footprints, snapped)
    return Placed(
        tile=np.concatenate([rest, supplied[parts.shape]]),
        part=np.concatenate([np.full(len(rest), NONE), np.where(parts.zone < 0, UNBUILT, BUILT)]),
        cluster=np.full(len(rest) + len(parts.shape), -1),
        park=np.full(len(rest) + len(parts.shape), -1),
        geometry=np.concatenate([shapes[rest], parts.geometry]),
        area=np.concatenate([area[rest], parts.area]),
    )


def _in_zones(placed: Placed, zones: Shapes, kind: str, snapped: Snapped) -> Placed:
    """Cut shapes at the borders of clusters or parks and note where each part lies."""
    parts = cutting.cut(placed.geometry, placed.area, zones, snapped)
    return Placed(
        tile=placed.tile[parts.shape],
        part=placed.part[parts.shape],
        cluster=parts.zone if kind == "cluster" else placed.cluster[parts.shape],
        park=parts.zone if kind == "park" else placed.park[parts.shape],
        geometry=parts.geometry,
        area=parts.area,
    )
