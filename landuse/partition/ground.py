"""What the other acts need of a partition: measured, labelled with cases, and its findings."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landuse import crs as systems
from landuse import findings, geometry
from landuse.partition.admit import admitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import pyproj
    from numpy.typing import NDArray

    from landuse.partition import Partition, Tolerances


def measured(parts: Partition, crs: pyproj.CRS, method: str) -> Partition:
    """
    Measure a partition by the workspace's declared method.

    Parameters
    ----------
    parts
        A partition in `crs`, areas in the plane. Not changed.
    crs
        The workspace's projected system, metres.
    method
        ``plane`` leaves everything as it is; ``ellipsoid`` measures pieces and slivers anew and
        scales each account and overlap by what the projection does to its approval.

    Returns
    -------
    parts
        The same land in `crs`, areas in m² by the method.
    """
    if parts.crs is None:  # no layer has geometry, so nothing said where
        parts = dataclasses.replace(parts, crs=crs, slivers=parts.slivers.set_crs(crs))
    if method == "plane":
        return parts
    shapes = geometry.in_blocks(parts.packed["geometry"])
    areas = [np.empty(0), *(systems.areas(some, crs, method) for some in shapes)]
    pieces = parts.packed.assign(area_m2=np.concatenate(areas))
    slivers = parts.slivers.assign(
        area_m2=systems.areas(parts.slivers.geometry.to_numpy(), crs, method)
    )
    scale = pd.Series(
        (pieces["area_m2"] / parts.packed["area_m2"]).to_numpy(), index=pieces["approval_id"]
    )
    scale = scale.groupby(level=0).mean()
    factor = scale.reindex(parts.accounts["approval_id"]).fillna(1.0).to_numpy()
    sums = {
        "supplied_m2": pieces[pieces["supply_id"] != ""].groupby("approval_id")["area_m2"].sum(),
        "unsupplied_m2": pieces[pieces["supply_id"] == ""].groupby("approval_id")["area_m2"].sum(),
        "sliver_m2": slivers.groupby("approval_id")["area_m2"].sum(),
    }
    accounts = parts.accounts.assign(
        lost_m2=parts.accounts["lost_m2"] * factor,
        residual_m2=parts.accounts["residual_m2"] * factor,
        **{
            name: total.reindex(parts.accounts["approval_id"]).fillna(0.0).to_numpy()
            for name, total in sums.items()
        },
    )
    parts_of_area = ["lost_m2", "supplied_m2", "unsupplied_m2", "sliver_m2", "residual_m2"]
    accounts["area_m2"] = accounts[parts_of_area].sum(axis=1)
    return dataclasses.replace(parts, packed=pieces, slivers=slivers, accounts=accounts)


def occupied(parts: Partition, tables: Mapping[str, pd.DataFrame], on: date) -> Partition:
    """
    Add `occupied_m2` to the pieces: footprints that stand on land not supplied, m².

    Parameters
    ----------
    parts
        A partition. Not changed.
    tables
        `construction` is used; footprints observed after the day do not exist yet.
    on
        The day asked for.

    Returns
    -------
    parts
        `pieces` with `occupied_m2`, 0 for supplied pieces.
    """
    footprints, _ = admitted("construction", tables["construction"], on)
    pieces = parts.packed
    area = np.zeros(len(pieces))
    remainder = np.flatnonzero((pieces["supply_id"] == "").to_numpy())
    shapes = geometry.unpacked(pieces["geometry"].iloc[remainder])
    tree = shapely.STRtree(shapes)
    footprint, piece = tree.query(footprints.shapes, predicate="intersects")
    if len(piece):
        area[remainder] = _covered(shapes, footprints.shapes, piece, footprint)
    return dataclasses.replace(parts, packed=pieces.assign(occupied_m2=area))


def _covered(
    shapes: NDArray[np.object_],
    footprints: NDArray[np.object_],
    piece: NDArray[np.int64],
    footprint: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Area of each shape under any footprint, footprints over each other counted once."""
    pairs = pd.DataFrame({"piece": piece, "footprint": footprint}).sort_values(
        ["piece", "footprint"]
    )
    standing = pairs.groupby("piece")["footprint"].agg(lambda n: shapely.union_all(footprints[n]))
    covered = np.zeros(len(shapes))
    where = standing.index.to_numpy()
    covered[where] = shapely.area(shapely.intersection(shapes[where], standing.to_numpy()))
    return covered


def labelled(parts: Partition, cases: pd.DataFrame) -> Partition:
    """
    Add to each piece the case it belongs to and how that case stands.

    Parameters
    ----------
    parts
        A partition. Not changed.
    cases
        Cases (`classify.cases`).

    Returns
    -------
    parts
        `pieces` with `kind`, `case_id` and the columns of `STANDING`; the rest of a case is told
        by `Described`.
    """
    pieces = parts.packed
    is_supply = pieces["supply_id"] != ""
    kind = pd.Series(np.where(is_supply, "supply", "approval"), index=pieces.index, dtype="str")
    case_id = pieces["supply_id"].where(is_supply, pieces["approval_id"])
    keyed = cases.set_index(list(_KEYS))[list(STANDING)]
    joined = keyed.reindex(pd.MultiIndex.from_arrays([kind, case_id])).set_axis(pieces.index)
    table = pieces.assign(kind=kind, case_id=case_id, **joined)
    order = [c for c in table.columns if c != "geometry"]
    return dataclasses.replace(parts, packed=table[[*order, "geometry"]])


STANDING = ("state", "status", "is_determined")
"""What is told of a case with every piece, always; a province has too many for more."""


class Described:
    """
    Tells with pieces of land everything about the case they belong to.

    Parameters
    ----------
    cases
        Cases (`classify.cases`).
    on
        The day asked for.
    """

    def __init__(self, cases: pd.DataFrame, on: date) -> None:
        repeated = [
            c for c in cases.columns if c not in {*_KEYS, "cluster_id", "park_id", "area_m2"}
        ]
        self._told = cases.set_index(list(_KEYS))[repeated]
        self._on = pd.Timestamp(on)

    def in_blocks(self, pieces: pd.DataFrame, size: int = geometry.BLOCK) -> Iterator[pd.DataFrame]:
        """Yield labelled pieces told of, `size` at a time; one block without rows if none is."""
        for start in range(0, max(len(pieces), 1), size):
            yield self(pieces.iloc[start : start + size])

    def __call__(self, pieces: pd.DataFrame) -> pd.DataFrame:
        """Return labelled pieces, or some of them, with `on` and the columns of their cases."""
        own = [name for name in pieces.columns if name not in {*STANDING, "geometry"}]
        last = [name for name in pieces.columns if name == "geometry"]
        keys = pd.MultiIndex.from_arrays([pieces[name] for name in _KEYS])
        told = self._told.reindex(keys).set_axis(pieces.index)
        table = pieces.assign(on=self._on, **told)
        return table[[*own, "on", *self._told.columns, *last]]


_KEYS = ("kind", "case_id")


def found(
    parts: Partition, tables: Mapping[str, pd.DataFrame], tolerances: Tolerances
) -> pd.DataFrame:
    """
    Return what laying the layers over each other brought to light, as findings.

    Parameters
    ----------
    parts
        A partition.
    tables
        The tables it was made from, for where a feature came from.
    tolerances
        What was too thin to be land.
    """
    return findings.gather(
        [
            *(_overlap(parts, tables, role) for role in _OVERLAPPING),
            _outside(parts, tables, tolerances),
            _slivers(parts),
            _snapped(parts),
        ]
    )


_OVERLAPPING = {
    "approval": "approval_overlap",
    "supply": "supply_overlap",
    "cluster": "cluster_overlap",
    "park": "park_overlap",
}


def _overlap(parts: Partition, tables: Mapping[str, pd.DataFrame], role: str) -> pd.DataFrame:
    """Land that two features of one role claim: counted once, said who kept it."""
    faults = parts.overlaps[parts.overlaps["is_fault"] & (parts.overlaps["role"] == role)]
    where = tables[role].set_index(f"{role}_id").loc[faults["lost_id"]]
    return findings.rows(
        _OVERLAPPING[role],
        layer=where["source_layer"].to_numpy(),
        row=where["source_row"].to_numpy(),
        feature_id=faults["lost_id"].to_numpy(),
        column="geometry",
        value=[f"{area:.2f}" for area in faults["area_m2"]],
        other=faults["kept_id"].to_numpy(),
    )


def _outside(
    parts: Partition, tables: Mapping[str, pd.DataFrame], tolerances: Tolerances
) -> pd.DataFrame:
    """Supplied land that no approval covers, strips too thin to be land left aside."""
    if tables["approval"].empty:
        return findings.none()
    pieces = parts.packed
    pieces = pieces[(pieces["approval_id"] == "") & (pieces["supply_id"] != "")]
    area = pieces.groupby("supply_id")["area_m2"].sum()
    thin = parts.outside_slivers.groupby("supply_id")["area_m2"].sum()
    area = area.sub(thin, fill_value=0.0)
    area = area[area > tolerances.overlap_area_m2].sort_index()
    where = tables["supply"].set_index("supply_id").loc[area.index]
    return findings.rows(
        "supply_outside_approval",
        layer=where["source_layer"].to_numpy(),
        row=where["source_row"].to_numpy(),
        feature_id=area.index.to_numpy(),
        column="geometry",
        value=[f"{m2:.2f}" for m2 in area],
    )


def _slivers(parts: Partition) -> pd.DataFrame:
    """One finding an approval for the strips sorted out of its remainder."""
    sums = parts.slivers.groupby("approval_id")["area_m2"].agg(["sum", "size"]).sort_index()
    return findings.rows(
        "slivers_sorted_out",
        feature_id=sums.index.to_numpy(),
        column="geometry",
        value=[f"{area:.2f}" for area in sums["sum"]],
        number=sums["size"].to_numpy(),
    )


def _snapped(parts: Partition) -> pd.DataFrame:
    """Overlays that succeeded only on a fine grid."""
    return findings.rows(
        "overlay_on_grid",
        column="geometry",
        value=[f"{x:.1f}, {y:.1f}" for x, y in parts.snapped[["x", "y"]].to_numpy()],
        place=[f"{x:.1f} {y:.1f}" for x, y in parts.snapped[["x", "y"]].to_numpy()],
    )
