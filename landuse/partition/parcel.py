"""A share as it travels to another process or machine, and a cut as it comes back: WKB."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely

from landuse import kernels
from landuse.partition.share import Share, cut

if TYPE_CHECKING:
    from landuse.partition.assign import Over
    from landuse.partition.share import Cut


@dataclass(frozen=True)
class Parcel:
    """
    A share with WKB in place of its geometry.

    `pays` tells whether compiled functions are worth their while, `threads` how many may be used.
    """

    share: Share
    pays: bool
    threads: int

    def __str__(self) -> str:
        """Return what errors call it."""
        share = self.share
        layers = (share.approvals, share.supplies, *vars(share.over).values())
        size = sum(len(shape) for layer in layers for shape in layer)
        return f"{share.owner or '-'}, {size / 1e6:,.1f} MB"


def packed(share: Share, *, pays: bool, threads: int) -> Parcel:
    """Return a share as it travels."""
    return Parcel(_share(share, shapely.to_wkb), pays, threads)


def unpacked(parcel: Parcel) -> Share:
    """Return the share a parcel holds."""
    return _share(parcel.share, shapely.from_wkb)


def worked(parcel: Parcel) -> Cut:
    """Cut a share that travelled; the answer travels too (`opened`)."""
    kernels.threads(parcel.threads)
    with kernels.used(pays=parcel.pays), kernels.undisturbed():
        return _cut(cut(unpacked(parcel)), shapely.to_wkb)


def opened(made: Cut) -> Cut:
    """Return a cut that travelled with its geometry as it was."""
    return _cut(made, shapely.from_wkb)


def _share(share: Share, change: Any) -> Share:
    """Return a share with all its geometry changed."""
    over: Over = replace(share.over, **{k: change(layer) for k, layer in vars(share.over).items()})
    approvals, supplies = change(share.approvals), change(share.supplies)
    return replace(share, approvals=approvals, supplies=supplies, over=over)


def _cut(made: Cut, change: Any) -> Cut:
    """Return a cut with all its geometry changed."""
    layout = made.layout
    placed = replace(layout.placed, geometry=change(layout.placed.geometry))
    slivers = replace(layout.slivers, geometry=change(layout.slivers.geometry))
    snapped = [(name, change(shape)) for name, shape in made.snapped]
    return replace(made, layout=replace(layout, placed=placed, slivers=slivers), snapped=snapped)
