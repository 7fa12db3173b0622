"""The tables of a partition: identifiers instead of positions, a fixed order, no rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse import geometry
from landuse.partition.assign import PARTS
from landuse.partition.overlay import DUST_M2
from landuse.partition.precedence import phase_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from landuse.partition.admit import Admitted
    from landuse.partition.assign import Layout, Placed
    from landuse.partition.overlay import Index, Snapped
    from landuse.partition.precedence import Overlaps
    from landuse.partition.share import Places, Strips
    from landuse.partition.slivers import Tolerances
    from landuse.partition.tiling import Tiling


Frame = TypeVar("Frame", bound=pd.DataFrame)


@dataclass(frozen=True)
class Names:
    """The features positions refer to."""

    approvals: Admitted
    supplies: Admitted
    clusters: Admitted
    parks: Admitted


def piece_table(layout: Layout, names: Names) -> pd.DataFrame:
    """
    Return one row a piece, ordered by `piece_id`; the shapes are packed.

    A province has millions: what is put in order is positions, and each column is made once.
    """
    placed, columns = layout.placed, _piece_columns(layout, names)
    at = np.flatnonzero(layout.area > DUST_M2)
    ids = _piece_ids(columns.values(), at)
    order = pc.array_sort_indices(ids)
    ids, at = ids.take(order), at[order.to_numpy()]
    shapes = pd.Series(placed.geometry).take(at).reset_index(drop=True)
    shown = ("cluster_id", "park_id", "approval_id", "supply_id", "part")
    named = {name: _words(columns[name][0], columns[name][1][at]) for name in shown}
    ids = pd.Series(ids, dtype="str")
    return pd.DataFrame(
        {"piece_id": ids, **named, "area_m2": layout.area[at], "geometry": shapes}, copy=False
    )


def _piece_columns(layout: Layout, names: Names) -> dict[str, tuple[NDArray[Any], Index]]:
    """Return the words of each column that names a piece, and their positions, -1 for none."""
    placed = layout.placed
    return {
        "approval_id": (np.append(names.approvals.ids, ""), layout.approval),
        "supply_id": (np.append(names.supplies.ids, ""), layout.supply),
        "part": (PARTS, placed.part),
        "cluster_id": (np.append(names.clusters.ids, ""), placed.cluster),
        "park_id": (np.append(names.parks.ids, ""), placed.park),
    }


def sliver_table(layout: Layout, names: Names, crs: Any) -> gpd.GeoDataFrame:
    """Return one row a strip and zone, ordered by approval, zone and geometry."""
    columns = {
        "approval_id": _named(names.approvals, layout.sliver_approval),
        **_zones(layout.slivers, names),
        "width_m": layout.sliver_width,
    }
    table = geometry.opened(_spatial(columns, layout.slivers, layout.sliver_area), crs)
    west, south = shapely.bounds(table.geometry.to_numpy())[:, :2].T
    keyed = table.assign(west=west, south=south)
    keyed = ordered(keyed, ["approval_id", "cluster_id", "park_id", "west", "south", "area_m2"])
    return keyed[["approval_id", "cluster_id", "park_id", "area_m2", "width_m", "geometry"]]


def overlap_table(
    tiling: Tiling, zones: Mapping[str, Overlaps], names: Names, tolerances: Tolerances
) -> pd.DataFrame:
    """Return land claimed twice, by role, who keeps it and who loses it."""
    phase = phase_pairs(tiling.again.kept, tiling.again.lost, names.supplies.parent)
    table = pd.concat(
        [
            _overlaps("approval", tiling.taken, names.approvals, False),
            _overlaps("supply", tiling.again, names.supplies, phase),
            _overlaps("cluster", zones["cluster"], names.clusters, False),
            _overlaps("park", zones["park"], names.parks, False),
        ],
        ignore_index=True,
    )
    table["is_fault"] = (table["area_m2"] > tolerances.overlap_area_m2) & ~table["is_phase"]
    return ordered(table[table["area_m2"] > DUST_M2], ["role", "kept_id", "lost_id"])


def account_table(tiling: Tiling, layout: Layout, names: Names) -> pd.DataFrame:
    """Return where the area of each approval went, in m², ordered by identifier."""
    count = len(names.approvals.ids)
    supplied = (tiling.supply >= 0) & (tiling.approval >= 0)
    area = tiling.area
    rest = layout.supply < 0
    table = pd.DataFrame(
        {
            "approval_id": pd.Series(names.approvals.ids, dtype="str"),
            "area_m2": shapely.area(names.approvals.shapes),
            "lost_m2": _summed(tiling.taken.lost, tiling.taken.area, count),
            "supplied_m2": _summed(tiling.approval[supplied], area[supplied], count),
            "unsupplied_m2": _summed(layout.approval[rest], layout.area[rest], count),
            "sliver_m2": _summed(layout.sliver_approval, layout.sliver_area, count),
        }
    )
    table["residual_m2"] = table["area_m2"] - table.iloc[:, 2:].sum(axis=1)
    return ordered(table, ["approval_id"])


def outside_table(strips: Strips, names: Names) -> pd.DataFrame:
    """Return the strips of supplies outside every approval that are too thin to be land."""
    table = pd.DataFrame(
        {
            "supply_id": _named(names.supplies, strips.supply),
            "area_m2": strips.area,
            "width_m": strips.width,
        }
    )
    return ordered(table[table["area_m2"] > DUST_M2], ["supply_id", "area_m2", "width_m"])


def share_table(places: Sequence[Places]) -> pd.DataFrame:
    """Return how much each county owned and borrowed."""
    own = [each.is_own for each in places]
    approvals = [int(each.is_own[: len(each.approval)].sum()) for each in places]
    return pd.DataFrame(
        {
            "owner": pd.Series([each.owner for each in places], dtype="str"),
            "approvals": approvals,
            "supplies": [int(mine.sum()) - n for mine, n in zip(own, approvals, strict=True)],
            "halo": [int((~mine).sum()) for mine in own],
        }
    )


def snapped_table(snapped: Snapped) -> pd.DataFrame:
    """Return the overlays that needed a grid: operation, a point of the shape and its area."""
    shapes = np.array([shape for _, shape in snapped], dtype=object)
    middle = shapely.centroid(shapes)
    table = pd.DataFrame(
        {
            "operation": pd.Series([operation for operation, _ in snapped], dtype="str"),
            "x": shapely.get_x(middle),
            "y": shapely.get_y(middle),
            "area_m2": shapely.area(shapes),
        }
    )
    return ordered(table, ["operation", "x", "y", "area_m2"])


def ordered(table: Frame, by: list[str]) -> Frame:
    """Return a table in the order of its own content, numbered from 0."""
    return table.sort_values(by, kind="stable", ignore_index=True)


def _spatial(columns: dict[str, Any], placed: Placed, area: NDArray[np.float64]) -> pd.DataFrame:
    """Return placed shapes as a table, packed and without dust."""
    real = area > DUST_M2
    table = pd.DataFrame(columns)[real].reset_index(drop=True)
    shapes = pd.Series(placed.geometry)[real].reset_index(drop=True)
    return table.assign(area_m2=area[real], geometry=shapes)


def _named(features: Admitted, position: Index) -> pd.Series:
    """Return identifiers of positions, "" for none."""
    return _words(np.append(features.ids, ""), position)


def _words(words: NDArray[Any], position: Index) -> pd.Series:
    """Return the words at positions; -1 is the last."""
    known = pa.array(words, type=pa.large_string())
    return pd.Series(known.take(pa.array(position % len(words))), dtype="str")


def _zones(placed: Placed, names: Names) -> dict[str, Any]:
    """Return the identifiers of the zones shapes lie in."""
    return {
        "cluster_id": _named(names.clusters, placed.cluster),
        "park_id": _named(names.parks, placed.park),
    }


def _piece_ids(columns: Iterable[tuple[NDArray[Any], Index]], at: Index) -> pa.Array:
    """Join the words that name pieces to identifiers; a slash inside one is written %2F."""
    parts = []
    for words, position in columns:
        known = pa.array(words, type=pa.large_string(), from_pandas=True)
        for mark, written in (("%", "%25"), ("/", "%2F")):
            known = pc.replace_substring(known, mark, written)
        parts.append(known.take(pa.array(position[at] % len(words))))
    return pc.binary_join_element_wise(*parts, pa.scalar("/", type=pa.large_string()))


def _overlaps(
    role: str, overlaps: Overlaps, features: Admitted, is_phase: NDArray[np.bool_] | bool
) -> pd.DataFrame:
    """Return overlaps of a role with identifiers."""
    kept, lost = _named(features, overlaps.kept), _named(features, overlaps.lost)
    columns = {"kept_id": kept, "lost_id": lost, "area_m2": overlaps.area}
    table = pd.DataFrame(columns)
    table.insert(0, "role", pd.Series(role, index=table.index, dtype="str"))
    table["is_phase"] = np.broadcast_to(np.asarray(is_phase, dtype=bool), len(table))
    return table


def _summed(position: Index, area: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Sum areas by position."""
    return np.bincount(position, area, minlength=count).astype(np.float64)
