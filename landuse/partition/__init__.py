"""
Pieces that tile: approved, supplied and built land cut into parts that lose nothing.

Every square metre of an approval and of a supply is in exactly one piece or sliver, or is counted
as lost to an overlap. Nothing is repaired and nothing is snapped to a grid; a polygon that cannot
be used is left out and listed, and the rest goes on.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import geometry, kernels, memory
from landuse.executor import Here
from landuse.partition import tables as made
from landuse.partition.admit import ROLES, UNUSABLE, admitted, common_crs
from landuse.partition.assign import Over
from landuse.partition.parcel import packed, worked
from landuse.partition.precedence import approval_order, owned, supply_order
from landuse.partition.share import cut, divisions, joined, owners, shared, sizes
from landuse.partition.slivers import Tolerances

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from datetime import date

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landuse.executor import Executor
    from landuse.partition.overlay import Snapped
    from landuse.partition.precedence import Overlaps
    from landuse.partition.share import Cut, Places, Share

__all__ = ["Begun", "Partition", "Tolerances", "begin", "pieces"]

PAYS = 20_000
"""Features from which compiled functions pay, where there are any: below, a second at most."""


@dataclass(frozen=True)
class Partition:
    """
    What the partition made; all tables have a RangeIndex and an order of their own content.

    Attributes
    ----------
    packed
        piece_id, cluster_id, park_id, approval_id, supply_id, part ("built", "unbuilt", or ""
        for what is not supplied), area_m2 (plane, before coordinates are rounded), geometry (WKB;
        `pieces` has shapes). Identifiers are "" for none.
    crs
        The reference system of the tables; None where none holds geometry.
    slivers
        approval_id, cluster_id, park_id, area_m2, width_m (of the whole strip), geometry: strips
        of the unsupplied remainder too thin to be land.
    overlaps
        role, kept_id, lost_id, area_m2, is_phase (the loser is the parcel the keeper is a phase
        of), is_fault (above the tolerance and no phase). Land under three shapes is lost twice,
        each time to the strongest.
    accounts
        approval_id, area_m2, lost_m2, supplied_m2, unsupplied_m2, sliver_m2, residual_m2: one row
        an approval that takes part. The residual is what rounding leaves, below 1e-6 m².
    outside_slivers
        supply_id, area_m2, width_m: strips of supplies outside every approval that are too thin
        to be land. They stay in their pieces.
    unusable
        role, feature_id, source_layer, source_row, reason ("missing", "empty", "not_polygonal",
        "not_finite", "invalid"): features that take no part.
    snapped
        operation, x, y, area_m2: overlays that succeeded only on a grid of 16 units in the last
        place of the coordinates (1.2e-7 m at 4e7 m).
    shares
        owner, approvals, supplies, halo: one row a county that owns land (by the cluster nearest
        to the middle of a feature), how many features it owns, and how many of others it needed
        because they meet its own.
    """

    packed: DataFrame
    crs: Any
    slivers: GeoDataFrame
    overlaps: DataFrame
    accounts: DataFrame
    outside_slivers: DataFrame
    unusable: DataFrame
    snapped: DataFrame
    shares: DataFrame

    @property
    def pieces(self) -> GeoDataFrame:
        """The pieces with their shapes, opened each time: they take three times the room."""
        return geometry.opened(self.packed, self.crs)


def pieces(
    tables: Mapping[str, DataFrame],
    *,
    on: date,
    tolerances: Tolerances | None = None,
    executor: Executor | None = None,
) -> Partition:
    """
    Cut the land of a day into pieces that tile.

    Parameters
    ----------
    tables
        Role -> table for approval, supply, construction, cluster and park, with the columns of
        the contract and their provenance; identifiers are unique in their role. Geometry in one
        projected CRS in metres. Not changed.
    on
        Approvals, supplies and footprints dated later do not exist yet; undated ones do.
        Withdrawn approvals stay.
    tolerances
        What is a sliver and which overlap is a fault; the defaults of `Tolerances` if not given.
    executor
        Who cuts the land of each county (`landuse.executor`); this process if not given. The
        answer is the same.

    Returns
    -------
    partition
        Tables whose bytes depend on what the rows say, not on their order. Who keeps land under
        two shapes is said in `landuse.partition.precedence`. Supplied pieces are built where any
        footprint stands, whoever it is said to belong to. Pieces are cut at the borders of
        clusters and parks; a park may reach beyond its cluster. Parts below 1e-6 m² that
        rounding makes are counted in the accounts but are no pieces.

    Raises
    ------
    CrsMismatchError
        If tables that hold geometry differ in their CRS, or one has none.
    CrsError
        If the CRS is geographic.
    ClusterError
        If the executor cannot do its work.
    """
    return begin(tables, on=on, tolerances=tolerances, executor=executor).finish()


def begin(
    tables: Mapping[str, DataFrame],
    *,
    on: date,
    tolerances: Tolerances | None = None,
    executor: Executor | None = None,
) -> Begun:
    """
    Share out the land of a day to whoever cuts it; `Begun.finish` waits for the pieces.

    Jobs done elsewhere are on their way from now on; what this process does, it does when the
    pieces are asked for. Arguments and errors are those of `pieces`.
    """
    tolerances = tolerances or Tolerances()
    pays = sum(len(tables[role]) for role in ROLES) >= PAYS
    with kernels.used(pays=pays), kernels.undisturbed():
        return _begun(tables, on, tolerances, executor or Here(), pays=pays)


def _begun(
    tables: Mapping[str, DataFrame],
    on: date,
    tolerances: Tolerances,
    executor: Executor,
    *,
    pays: bool,
) -> Begun:
    """Share out the land, by whichever functions are in use."""
    crs = common_crs(tables)
    found = {role: admitted(role, tables[role], on) for role in ROLES}
    unusable = pd.concat([listed for _, listed in found.values()])
    features = {role: usable for role, (usable, _) in found.items()}
    approvals, supplies = features["approval"], features["supply"]
    approvals = approvals.reordered(approval_order(approvals.ids, approvals.days))
    supplies = supplies.reordered(supply_order(supplies.ids, supplies.days, supplies.parent))
    clusters, parks = features["cluster"], features["park"]
    snapped: Snapped = []
    zones = {role: owned(features[role].shapes, snapped) for role in ("cluster", "park")}
    over = Over(features["construction"].shapes, *(kept for kept, _ in zones.values()))
    shapes = np.concatenate([approvals.shapes, supplies.shapes])
    owner = owners(shapes, clusters, divisions(clusters, tables["cluster"]))
    size = sizes(approvals.shapes, supplies.shapes, owner)
    executor = executor.fit(len(size), len(owner))
    counties = list(size) if executor.is_here else sorted(size, key=size.__getitem__, reverse=True)
    known: list[Places] = []
    shares = shared(approvals.shapes, supplies.shapes, over, owner, tolerances, counties)
    return Begun(
        crs,
        made.Names(approvals, supplies, clusters, parks),
        {role: overlaps for role, (_, overlaps) in zones.items()},
        unusable,
        snapped,
        tolerances,
        tuple(size),
        known,
        _sent(shares, known, executor),
        pays,
    )


def _sent(
    shares: Iterable[tuple[Share, Places]], known: list[Places], executor: Executor
) -> Generator[Cut]:
    """Have shares cut, here or wherever the executor does its work; note of what each is made."""
    pays = kernels.on()

    def own() -> Iterator[Share]:
        for share, places in shares:
            known.append(places)
            yield share

    if executor.is_here:
        return executor.results(cut, own())
    parcels = (packed(share, pays=pays, threads=executor.threads) for share in own())
    return executor.results(worked, parcels)


@dataclass(frozen=True)
class Begun:
    """
    Land that is being cut.

    `known` holds what the shares sent were made of, `counties` the owners in the order of the
    answer, `lost` the overlaps of clusters and parks.
    """

    crs: Any
    names: made.Names
    lost: Mapping[str, Overlaps]
    unusable: DataFrame
    snapped: Snapped
    tolerances: Tolerances
    counties: tuple[str, ...]
    known: list[Places]
    cuts: Generator[Cut]
    pays: bool

    def finish(self) -> Partition:
        """
        Wait for the pieces and put them together.

        Raises
        ------
        ClusterError
            If the executor cannot do its work.
        """
        with kernels.used(pays=self.pays), kernels.undisturbed(), closing(self):
            return self._put_together()

    def close(self) -> None:
        """Let go of what has not been cut."""
        self.cuts.close()

    def _put_together(self) -> Partition:
        """Return the tables, by whichever functions are in use."""
        names = self.names
        spares = len(names.approvals.ids) + len(names.supplies.ids) >= memory.MANY
        done = {place.owner: (each, place) for each, place in self._worked(spares=spares)}
        places = [done[name][1] for name in self.counties]
        whole = joined([done.pop(name)[0] for name in self.counties], places)
        if spares:
            memory.give_back()
        snapped = [*self.snapped, *whole.snapped]
        makers: dict[str, Callable[[], DataFrame]] = {
            "packed": lambda: made.piece_table(whole.layout, names),
            "slivers": lambda: made.sliver_table(whole.layout, names, self.crs),
            "overlaps": lambda: made.overlap_table(whole.tiling, self.lost, names, self.tolerances),
            "accounts": lambda: made.account_table(whole.tiling, whole.layout, names),
            "outside_slivers": lambda: made.outside_table(whole.strips, names),
            "unusable": lambda: made.ordered(self.unusable, list(UNUSABLE)),
            "snapped": lambda: made.snapped_table(snapped),
            "shares": lambda: made.share_table(places),
        }
        whole_tables: Any = kernels.beside(lambda make: make(), makers.values())
        return Partition(crs=self.crs, **dict(zip(makers, whole_tables, strict=True)))

    def _worked(self, *, spares: bool) -> Iterator[tuple[Cut, Places]]:
        """Yield each cut as it comes, with what it was made of."""
        worked_on = 0
        for number, each in enumerate(self.cuts):
            yield each, self.known[number]
            worked_on += len(self.known[number].is_own)
            if spares and worked_on >= memory.OFTEN:
                memory.give_back()
                worked_on = 0
