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
    from landuse.partition.share import Cut
    from landuse.partition.slivers import Tolerances


ROLES = ("approval", "supply", "construction", "cluster", "park")
"""Layers of a parcel, in the order of its rows."""


@dataclass(frozen=True)
class Parcel:
    """
    A share as one GeoParquet file.

    Its rows carry `role` and, for approvals and supplies, `owner` (the county the share is of, ""
    for its halo). `pays` tells whether compiled functions are worth their while, `threads` how
    many may be used.
    """

    owner: str
    land: bytes
    tolerances: Tolerances
    pays: bool
    threads: int

    def __str__(self) -> str:
        """Return what errors call it."""
        return f"{self.owner or '-'}, {len(self.land) / 1e6:,.1f} MB"


def packed(share: Share, crs: Any, *, pays: bool, threads: int) -> Parcel:
    """Return a share as it travels."""
    over = share.over
    layers = (share.approvals, share.supplies, over.footprints, over.clusters, over.parks)
    shapes = np.concatenate(layers)
    owner = np.full(len(shapes), "", dtype=object)
    owner[: len(share.is_own)][share.is_own] = share.owner
    is_own = np.zeros(len(shapes), dtype=bool)
    is_own[: len(share.is_own)] = share.is_own
    columns = {"role": np.repeat(ROLES, [len(each) for each in layers]), "owner": owner}
    land = gpd.GeoDataFrame(columns | {"is_own": is_own}, geometry=gpd.GeoSeries(shapes, crs=crs))
    stream = io.BytesIO()
    land.to_parquet(stream, compression="zstd", index=False)
    return Parcel(share.owner, stream.getvalue(), share.tolerances, pays, threads)


def unpacked(parcel: Parcel) -> Share:
    """Return the share a parcel holds."""
    land = gpd.read_parquet(io.BytesIO(parcel.land), columns=["role", "is_own", "geometry"])
    shapes = land.geometry.to_numpy().astype(object)
    counts = land["role"].value_counts().reindex(ROLES, fill_value=0)
    approvals, supplies, *over = np.split(shapes, np.cumsum(counts)[:-1])
    is_own = land["is_own"].to_numpy(dtype=bool)[: len(approvals) + len(supplies)]
    return Share(parcel.owner, approvals, supplies, is_own, Over(*over), parcel.tolerances)


def worked(parcel: Parcel) -> Cut:
    """Cut a share that came as bytes; the answer travels too (`opened`)."""
    share = unpacked(parcel)
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
