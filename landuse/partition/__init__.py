"""
Pieces that tile: approved, supplied and built land cut into parts that lose nothing.

Every square metre of an approval and of a supply is in exactly one piece or sliver, or is counted
as lost to an overlap. Nothing is repaired and nothing is snapped to a grid; a polygon that cannot
be used is left out and listed, and the rest goes on.
"""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landuse import folder as outputs
from landuse import geometry, kernels, memory
from landuse.executor import Here
from landuse.partition import dataset, parcel
from landuse.partition import tables as made
from landuse.partition.admit import ROLES
from landuse.partition.land import admitted_land
from landuse.partition.slivers import Tolerances

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from datetime import date

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landuse.executor import Executor
    from landuse.partition.dataset import Kept
    from landuse.partition.land import Land
    from landuse.partition.share import Share
    from landuse.partition.tables import Tables

__all__ = ["Begun", "Partition", "Tolerances", "begin", "pieces", "store", "stored"]

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
    with _used(sum(len(tables[role]) for role in ROLES)) as pays:
        land = admitted_land(tables, on, tolerances or Tolerances())
        who = (executor or Here()).fit(len(land.counties), land.count)
        order = _order(land.counties, who)
        with ExitStack() as held:
            cuts = _sent(land, order, who, held)
            return Begun(land, order, cuts, held.pop_all(), pays)


def store(
    tables: Mapping[str, DataFrame],
    folder: str | Path,
    *,
    on: date,
    tolerances: Tolerances | None = None,
) -> None:
    """
    Keep the land of a day as partitioned GeoParquet, each county with its halo.

    Parameters
    ----------
    tables, on, tolerances
        As for `pieces`.
    folder
        Where to write what `landuse.partition.dataset` describes; land kept there is replaced.

    Raises
    ------
    OutputError
        If the folder holds something else, or cannot be written; what was there is untouched.
    CrsMismatchError, CrsError
        As for `pieces`.
    """
    with _used(sum(len(tables[role]) for role in ROLES)):
        dataset.keep(Path(folder), admitted_land(tables, on, tolerances or Tolerances()), on)


def stored(folder: str | Path, *, executor: Executor | None = None) -> Partition:
    """
    Cut land that was kept (`store`); each county is read by whoever cuts it.

    Parameters
    ----------
    folder
        Where the land lies; workers elsewhere reach it by the same path.
    executor
        As for `pieces`.

    Returns
    -------
    partition
        What `pieces` makes of the tables that were kept.

    Raises
    ------
    OutputError
        If the folder holds no land that was kept.
    ClusterError
        If the land of a county cannot be read where it is to be cut or is not what was written,
        or the executor cannot do its work.
    """
    kept = dataset.kept(Path(folder).absolute())
    with _used(kept.count) as pays:
        who = (executor or Here()).fit(len(kept.counties), kept.count)
        order = _order(kept.counties, who)
        jobs = (kept.job(name, pays=pays, threads=who.threads) for name in order)
        cuts = who.results(parcel.opened if who.is_here else parcel.worked, jobs)
        return Begun(kept, order, cuts, ExitStack(), pays).finish()


@contextmanager
def _used(features: int) -> Iterator[bool]:
    """Use compiled functions meanwhile, where so many features are worth it; tell if they are."""
    pays = features >= PAYS
    with kernels.used(pays=pays), kernels.undisturbed():
        yield pays


def _order(counties: Mapping[str, int], who: Executor) -> list[str]:
    """Return counties in the order they are cut in: elsewhere the one with most corners first."""
    if who.is_here:
        return list(counties)
    return sorted(counties, key=counties.__getitem__, reverse=True)


def _sent(land: Land, order: list[str], who: Executor, held: ExitStack) -> Generator[Tables]:
    """Have counties cut, here or wherever the executor does its work."""
    shares, pays = land.shares(order), kernels.on()
    if who.is_here:
        return who.results(parcel.here, shares)
    if who.shared is None:
        packed = (parcel.packed(share, pays=pays, threads=who.threads) for share in shares)
        return who.results(parcel.worked, packed)
    with dataset.reached(who.shared):
        within = held.enter_context(outputs.growing(who.shared, _SHARED))
        outputs.rights(within)

    def put(share: Share) -> dataset.Stored:
        with dataset.reached(within):
            return dataset.put(share, within, land.crs, pays=pays, threads=who.threads)

    return who.results(parcel.worked, map(put, shares))


_SHARED = ".landuse-land-"  # how the folders of builds under way are called


@dataclass(frozen=True)
class Begun:
    """
    Land that is being cut.

    `order` is that of the counties as they are cut, `held` what is let go of in the end.
    """

    land: Land | Kept
    order: list[str]
    cuts: Generator[Tables]
    held: ExitStack
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
            done = dict(zip(self.order, self._worked(), strict=True))
            adding = [self.land.common, *(done.pop(name) for name in self.land.counties)]
            return Partition(crs=self.land.crs, **made.whole(adding, self.land.crs))

    def close(self) -> None:
        """Let go of what has not been cut."""
        self.cuts.close()
        self.held.close()

    def _worked(self) -> Iterator[Tables]:
        """Yield what each county adds as it comes; a province gives back the room that took."""
        worked_on = 0
        for each in self.cuts:
            yield each
            worked_on += int(each["shares"].drop(columns="owner").to_numpy().sum())
            if self.land.count >= memory.MANY and worked_on >= memory.OFTEN:
                memory.give_back()
                worked_on = 0
