"""A share as it travels to another process or machine: WKB, as in the cut that comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from landuse import geometry, kernels
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
        size = sum(layer.nbytes for layer in layers)
        return f"{share.owner or '-'}, {size / 1e6:,.1f} MB"


def packed(share: Share, *, pays: bool, threads: int) -> Parcel:
    """Return a share as it travels."""
    return Parcel(_share(share, geometry.packed), pays, threads)


def unpacked(parcel: Parcel) -> Share:
    """Return the share a parcel holds."""
    return _share(parcel.share, geometry.unpacked)


def worked(parcel: Parcel) -> Cut:
    """Cut a share that travelled."""
    kernels.threads(parcel.threads)
    with kernels.used(pays=parcel.pays), kernels.undisturbed():
        return cut(unpacked(parcel))


def _share(share: Share, change: Any) -> Share:
    """Return a share with all its geometry changed."""
    over: Over = replace(share.over, **{k: change(layer) for k, layer in vars(share.over).items()})
    approvals, supplies = change(share.approvals), change(share.supplies)
    return replace(share, approvals=approvals, supplies=supplies, over=over)
