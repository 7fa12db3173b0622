"""
Land shared out by county: who owns what, what lies across the border, and what one county cuts.

A feature has one owner: the county of the cluster nearest to its middle, the lower cluster where
two are as near. A county is given its own features and every other one that meets them (its
halo); a tile belongs to the owner of its approval, else of its supply. What a county cuts depends
on nothing else, so it is the same wherever it is cut and whoever else is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse import geometry, kernels
from landuse.codes import divisions as codes
from landuse.partition.admit import ROLES
from landuse.partition.assign import Layout, Over, Placed, assigned
from landuse.partition.slivers import Tolerances, sorted_out
from landuse.partition.tiling import Tiling, tiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.partition.admit import Admitted
    from landuse.partition.overlay import Index, Shapes, Snapped


@dataclass(frozen=True)
class Share:
    """
    One county's land and its halo.

    `owners` tells the county of each approval, then each supply; the strongest come first, as in
    the whole. `clusters` and `parks` keep what no other of them has.
    """

    owner: str
    approvals: Admitted
    supplies: Admitted
    owners: NDArray[np.object_]
    footprints: Shapes
    clusters: Admitted
    parks: Admitted
    tolerances: Tolerances

    @property
    def is_own(self) -> NDArray[np.bool_]:
        """Whether the county owns each approval, then each supply."""
        mine: NDArray[np.bool_] = self.owners == self.owner
        return mine


@dataclass(frozen=True)
class Strips:
    """Strips of supplies outside approvals too thin to be land: supply, m², mean width in m."""

    supply: Index
    area: NDArray[np.float64]
    width: NDArray[np.float64]


@dataclass(frozen=True)
class Cut:
    """What a share became; tiles are without their geometry, which is packed in the layout."""

    tiling: Tiling
    layout: Layout
    strips: Strips
    snapped: Snapped


def cut(share: Share) -> Cut:
    """Cut a share: tiles of what is owned, slivers sorted out, parts placed."""
    snapped: Snapped = []
    approvals, supplies = share.approvals.shapes, share.supplies.shapes
    tiling, inside = tiled(approvals, supplies, share.is_own, snapped)
    over = Over(share.footprints, share.clusters.shapes, share.parks.shapes)
    layout = assigned(tiling, over, share.tolerances, snapped)
    strips = _strips(tiling, inside, share.tolerances)
    layout = replace(layout, placed=_packed(layout.placed), slivers=_packed(layout.slivers))
    nothing = tiling.geometry[:0].copy()  # a view of it would keep the shapes of all tiles
    return Cut(replace(tiling, geometry=nothing), layout, strips, snapped)


def _packed(placed: Placed) -> Placed:
    """Return shapes packed: a third of their room, and what travels."""
    shapes: Any = geometry.packed(placed.geometry)
    return replace(placed, geometry=shapes)


def _strips(tiling: Tiling, inside: Index, tolerances: Tolerances) -> Strips:
    """Return the thin strips of supplies that lie partly in approvals."""
    tile = np.flatnonzero((tiling.approval < 0) & np.isin(tiling.supply, inside))
    told = sorted_out(tiling.geometry[tile], tolerances)
    return Strips(tiling.supply[tile[told.owner]], told.area, told.width)


def owners(
    shapes: Shapes, clusters: Admitted, division: NDArray[np.object_]
) -> NDArray[np.object_]:
    """
    Return the county that owns each shape; "" where clusters do not say.

    Parameters
    ----------
    shapes
        Features of one projected CRS in metres.
    clusters
        Usable clusters in order of identifier, and the division code of each ("" for none).
    division
        Division code of each cluster.
    """
    if not len(clusters.ids) or not len(shapes) or len(set(division)) == 1:
        return np.full(len(shapes), division[0] if len(division) else "", dtype=object)
    blocks = np.array_split(shapes, max(1, len(shapes) // _OWNED))
    owner = kernels.beside(lambda block: _owners(block, clusters, division), blocks)
    return np.concatenate(owner)


_OWNED = 20_000
"""Features whose owner one thread finds in one go, at least."""


def _owners(
    shapes: Shapes, clusters: Admitted, division: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return the county that owns each shape."""
    owner = np.full(len(shapes), "", dtype=object)
    west, south, east, north = shapely.bounds(shapes).T
    middle = shapely.points((west + east) / 2, (south + north) / 2)
    cluster, shape = shapely.STRtree(middle).query(clusters.shapes, predicate="intersects")
    apart = np.setdiff1d(np.arange(len(middle)), shape)  # few, and dearer
    far, nearest = shapely.STRtree(clusters.shapes).query_nearest(middle[apart])
    shape, cluster = np.append(shape, apart[far]), np.append(cluster, nearest)
    order = np.lexsort((cluster, shape))
    shape, first = np.unique(shape[order], return_index=True)
    owner[shape] = division[cluster[order[first]]]
    return owner


def divisions(clusters: Admitted, table: pd.DataFrame) -> NDArray[np.object_]:
    """Return the division code of today of each usable cluster, "" where its table says none."""
    if "division_code" not in table:
        return np.full(len(clusters.ids), "", dtype=object)
    known = table.drop_duplicates("cluster_id").set_index("cluster_id")["division_code"]
    code = codes.current(known.reindex(clusters.ids).astype("str"))
    return code.str[:6].fillna("").to_numpy(dtype=object)


def sizes(approvals: Shapes, supplies: Shapes, owner: NDArray[np.object_]) -> dict[str, int]:
    """Return how many corners the features of each county have, by code."""
    names, county = np.unique(owner.astype(str), return_inverse=True)
    corners = shapely.get_num_coordinates(np.concatenate([approvals, supplies]))
    counted = np.bincount(county, corners).astype(int)
    return dict(zip(names.tolist(), counted.tolist(), strict=True)) or {"": 0}


def shared(
    features: Mapping[str, Admitted],
    owner: NDArray[np.object_],
    tolerances: Tolerances,
    names: Sequence[str],
) -> Iterator[Share]:
    """
    Share land out, one county after the other as they are asked for.

    Parameters
    ----------
    features
        Of each role (`admit.ROLES`), approvals and supplies the strongest first.
    owner
        The county of each approval, then each supply.
    tolerances
        What is a sliver.
    names
        All counties (`sizes`), in the order asked for.
    """
    approvals, supplies, *others = (features[role] for role in ROLES)
    shapes, count = np.concatenate([approvals.shapes, supplies.shapes]), len(approvals.ids)
    layers = [shapes, *(each.shapes for each in others)]
    trees = [shapely.STRtree(layer) for layer in layers] if len(names) > 1 else []
    for name in names:
        own = np.flatnonzero(owner == name)
        met = [np.unique(tree.query(shapes[own])[1]) for tree in trees]
        taken = met or [np.arange(len(layer)) for layer in layers]
        member = np.union1d(taken[0], own)
        footprints, clusters, parks = (
            each.taken(index) for each, index in zip(others, taken[1:], strict=True)
        )
        yield Share(
            name,
            approvals.taken(member[member < count]),
            supplies.taken(member[member >= count] - count),
            owner[member],
            footprints.shapes,
            clusters,
            parks,
            tolerances,
        )
