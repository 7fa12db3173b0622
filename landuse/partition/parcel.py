"""A share as it travels to another process or machine: WKB, as in the tables that come back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from landuse import geometry, kernels
from landuse.partition.share import cut
from landuse.partition.tables import of_share

if TYPE_CHECKING:
    from landuse.partition.admit import Admitted
    from landuse.partition.share import Share
    from landuse.partition.tables import Tables


class Job(Protocol):
    """
    A share to be cut by somebody else, whose name in errors is its `str`.

    `pays` tells whether compiled functions are worth their while, `threads` how many may be used.
    """

    @property
    def pays(self) -> bool: ...  # noqa: D102
    @property
    def threads(self) -> int: ...  # noqa: D102

    def opened(self) -> Share:
        """Return the share, with shapes."""


@dataclass(frozen=True)
class Parcel:
    """A share with WKB in place of its geometry; a `Job`."""

    share: Share
    pays: bool
    threads: int

    def __str__(self) -> str:
        """Return what errors call it."""
        share = self.share
        layers = (share.footprints, *(each.shapes for each in _features(share).values()))
        return f"{share.owner or '-'}, {sum(layer.nbytes for layer in layers) / 1e6:,.1f} MB"

    def opened(self) -> Share:
        """Return the share, with shapes."""
        return _changed(self.share, geometry.unpacked)


def packed(share: Share, *, pays: bool, threads: int) -> Parcel:
    """Return a share as it travels."""
    return Parcel(_changed(share, geometry.packed), pays, threads)


def here(share: Share) -> Tables:
    """Cut a share, and return what it adds to each table."""
    return of_share(share, cut(share))


def opened(job: Job) -> Tables:
    """Cut the share of a job here."""
    return here(job.opened())


def worked(job: Job) -> Tables:
    """Cut the share of a job that came from elsewhere, as it asks for."""
    kernels.threads(job.threads)
    with kernels.used(pays=job.pays), kernels.undisturbed():
        return opened(job)


def _changed(share: Share, change: Any) -> Share:
    """Return a share with all its geometry changed."""
    features: dict[str, Any] = {
        name: each.drawn(change(each.shapes)) for name, each in _features(share).items()
    }
    return replace(share, footprints=change(share.footprints), **features)


def _features(share: Share) -> dict[str, Admitted]:
    """Return the features of a share that have names."""
    return {name: getattr(share, name) for name in ("approvals", "supplies", "clusters", "parks")}
