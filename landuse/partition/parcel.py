"""A share as it travels to another process or machine, and a cut as it comes back: bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from landuse import kernels
from landuse.partition.assign import Over
from landuse.partition.share import Share, cut

if TYPE_CHECKING:
    from landuse.partition.overlay import Shapes
    from landuse.partition.share import Cut
    from landuse.partition.slivers import Tolerances


@dataclass(frozen=True)
class Parcel:
    """
    A share as GeoParquet, one file a layer.

    Approvals and supplies carry `owner` (the county the share is of, "" for its halo). `pays`
    tells whether compiled functions are worth their while, `threads` how many may be used.
    """

    owner: str
    layers: dict[str, bytes]
    tolerances: Tolerances
    pays: bool
    threads: int


def packed(share: Share, crs: Any, *, pays: bool, threads: int) -> Parcel:
    """Return a share as it travels."""
    count = len(share.approvals)
    layers = {
        "approval": _written(share.approvals, crs, share.is_own[:count], share.owner),
        "supply": _written(share.supplies, crs, share.is_own[count:], share.owner),
        "construction": _written(share.over.footprints, crs),
        "cluster": _written(share.over.clusters, crs),
        "park": _written(share.over.parks, crs),
    }
    return Parcel(share.owner, layers, share.tolerances, pays, threads)


def _written(shapes: Shapes, crs: Any, is_own: Any = None, owner: str = "") -> bytes:
    """Return shapes as the bytes of a GeoParquet file."""
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, crs=crs))
    if is_own is not None:
        frame["is_own"] = is_own
        frame["owner"] = np.where(is_own, owner, "")
    stream = io.BytesIO()
    frame.to_parquet(stream, compression="zstd", index=False)
    return stream.getvalue()


def _read(layer: bytes) -> gpd.GeoDataFrame:
    """Return a layer."""
    return gpd.read_parquet(io.BytesIO(layer))


def worked(parcel: Parcel) -> Cut:
    """Cut a share that came as bytes; the answer travels too (`opened`)."""
    layers = {role: _read(layer) for role, layer in parcel.layers.items()}
    shapes = {role: layer.geometry.to_numpy().astype(object) for role, layer in layers.items()}
    is_own = [layers[role]["is_own"].to_numpy(dtype=bool) for role in ("approval", "supply")]
    share = Share(
        parcel.owner,
        shapes["approval"],
        shapes["supply"],
        np.concatenate(is_own),
        Over(shapes["construction"], shapes["cluster"], shapes["park"]),
        parcel.tolerances,
    )
    kernels.threads(parcel.threads)
    with kernels.used(pays=parcel.pays), kernels.undisturbed():
        return _through(cut(share), shapely.to_wkb)


def opened(made: Cut) -> Cut:
    """Return a cut that travelled with its geometry as it was."""
    return _through(made, shapely.from_wkb)


def _through(made: Cut, change: Any) -> Cut:
    """Return a cut with all its geometry changed."""
    layout = made.layout
    placed = replace(layout.placed, geometry=change(layout.placed.geometry))
    slivers = replace(layout.slivers, geometry=change(layout.slivers.geometry))
    snapped = [(name, change(shape)) for name, shape in made.snapped]
    return replace(made, layout=replace(layout, placed=placed, slivers=slivers), snapped=snapped)
