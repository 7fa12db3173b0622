"""The tables of a partition: identifiers instead of positions, a fixed order, no rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse import geometry
from landuse.partition.admit import UNUSABLE
from landuse.partition.assign import PARTS
from landuse.partition.overlay import DUST_M2
from landuse.partition.precedence import phase_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from landuse.partition.admit import Admitted
    from landuse.partition.assign import Layout, Placed
    from landuse.partition.overlay import Index, Snapped
    from landuse.partition.precedence import Overlaps
    from landuse.partition.share import Cut, Share, Strips
    from landuse.partition.slivers import Tolerances
    from landuse.partition.tiling import Tiling

    Tables = dict[str, pd.DataFrame]


Frame = TypeVar("Frame", bound=pd.DataFrame)

ORDER = {
    "packed": ["piece_id"],
    "slivers": ["approval_id", "cluster_id", "park_id", "west", "south", "area_m2"],
    "overlaps": ["role", "kept_id", "lost_id"],
    "accounts": ["approval_id"],
    "outside_slivers": ["supply_id", "area_m2", "width_m"],
    "unusable": list(UNUSABLE),
    "snapped": ["operation", "x", "y", "area_m2"],
    "shares": ["owner"],
}
"""The tables, and what their rows are ordered by."""

_EDGES = ["west", "south"]


def of_share(share: Share, cut: Cut) -> Tables:
    """Return what a county adds to each table, in no order yet; all shapes are packed."""
    tiling, layout = cut.tiling, cut.layout
    lost = {"approval": (tiling.taken, share.approvals), "supply": (tiling.again, share.supplies)}
    return {
        "packed": _pieces(layout, share),
        "slivers": _slivers(layout, share),
        "overlaps": overlap_table(lost, share.tolerances),
        "accounts": _accounts(tiling, layout, share),
        "outside_slivers": _outside(cut.strips, share),
        "snapped": snapped_table(cut.snapped),
        "shares": _counted(share),
    }


def whole(parts: Sequence[Tables], crs: Any) -> dict[str, Any]:
    """Return the tables of a partition, in order, from all that adds to them."""
    tables = {name: _gathered(name, parts) for name in ORDER}
    slivers = geometry.opened(tables["slivers"].drop(columns=_EDGES), crs)
    return {**tables, "slivers": slivers}


def _gathered(name: str, parts: Sequence[Tables]) -> pd.DataFrame:
    """
    Return one table, in the order of its own content.

    A province has millions of pieces: what is put in order is positions, and each column is made
    once.
    """
    adding = [part[name] for part in parts if name in part]
    if name != "packed":
        return ordered(pd.concat(adding, ignore_index=True), ORDER[name])
    columns = {column: [each[column] for each in adding] for column in adding[0]}
    order = pc.array_sort_indices(geometry.stacked(columns["piece_id"]))
    made = {column: _taken(of, order) for column, of in columns.items()}
    return pd.DataFrame(made, copy=False)


def _pieces(layout: Layout, share: Share) -> pd.DataFrame:
    """Return one row a piece."""
    columns = _piece_columns(layout, share)
    at = np.flatnonzero(layout.area > DUST_M2)
    shown = ("cluster_id", "park_id", "approval_id", "supply_id", "part")
    named = {name: _words(columns[name][0], columns[name][1][at]) for name in shown}
    ids = pd.Series(_piece_ids(columns.values(), at), dtype="str")
    shapes = pd.Series(layout.placed.geometry).take(at).reset_index(drop=True)
    area = layout.area[at]
    return pd.DataFrame({"piece_id": ids, **named, "area_m2": area, "geometry": shapes}, copy=False)


def _piece_columns(layout: Layout, share: Share) -> dict[str, tuple[NDArray[Any], Index]]:
    """Return the words of each column that names a piece, and their positions, -1 for none."""
    placed = layout.placed
    return {
        "approval_id": (np.append(share.approvals.ids, ""), layout.approval),
        "supply_id": (np.append(share.supplies.ids, ""), layout.supply),
        "part": (PARTS, placed.part),
        "cluster_id": (np.append(share.clusters.ids, ""), placed.cluster),
        "park_id": (np.append(share.parks.ids, ""), placed.park),
    }


def _slivers(layout: Layout, share: Share) -> pd.DataFrame:
    """Return one row a strip and zone, with two edges of its box, which order it."""
    placed: Placed = layout.slivers
    real = np.flatnonzero(layout.sliver_area > DUST_M2)
    shapes = pd.Series(placed.geometry).take(real).reset_index(drop=True)
    west, south = shapely.bounds(geometry.unpacked(shapes))[:, :2].T
    return pd.DataFrame(
        {
            "approval_id": _named(share.approvals, layout.sliver_approval[real]),
            "cluster_id": _named(share.clusters, placed.cluster[real]),
            "park_id": _named(share.parks, placed.park[real]),
            "area_m2": layout.sliver_area[real],
            "width_m": layout.sliver_width[real],
            "geometry": shapes,
            "west": west,
            "south": south,
        }
    )


def overlap_table(
    lost: Mapping[str, tuple[Overlaps, Admitted]], tolerances: Tolerances
) -> pd.DataFrame:
    """Return land that features of a role claim twice: who keeps it, and who loses it."""
    found = [_overlaps(role, *each) for role, each in lost.items()]
    table = pd.concat(found, ignore_index=True)
    table["is_fault"] = (table["area_m2"] > tolerances.overlap_area_m2) & ~table["is_phase"]
    return table[table["area_m2"] > DUST_M2]


def _accounts(tiling: Tiling, layout: Layout, share: Share) -> pd.DataFrame:
    """Return where the area of each approval of the county went, in m²."""
    approvals, count = share.approvals, len(share.approvals.ids)
    supplied = (tiling.supply >= 0) & (tiling.approval >= 0)
    area = tiling.area
    rest = layout.supply < 0
    table = pd.DataFrame(
        {
            "approval_id": pd.Series(approvals.ids, dtype="str"),
            "area_m2": shapely.area(approvals.shapes),
            "lost_m2": _summed(tiling.taken.lost, tiling.taken.area, count),
            "supplied_m2": _summed(tiling.approval[supplied], area[supplied], count),
            "unsupplied_m2": _summed(layout.approval[rest], layout.area[rest], count),
            "sliver_m2": _summed(layout.sliver_approval, layout.sliver_area, count),
        }
    )
    table["residual_m2"] = table["area_m2"] - table.iloc[:, 2:].sum(axis=1)
    return table[share.is_own[:count]]


def _outside(strips: Strips, share: Share) -> pd.DataFrame:
    """Return the strips of supplies outside every approval that are too thin to be land."""
    table = pd.DataFrame(
        {
            "supply_id": _named(share.supplies, strips.supply),
            "area_m2": strips.area,
            "width_m": strips.width,
        }
    )
    return table[table["area_m2"] > DUST_M2]


def _counted(share: Share) -> pd.DataFrame:
    """Return how much the county owned and borrowed."""
    mine, count = share.is_own, len(share.approvals.ids)
    return pd.DataFrame(
        {
            "owner": pd.Series([share.owner], dtype="str"),
            "approvals": [int(mine[:count].sum())],
            "supplies": [int(mine[count:].sum())],
            "halo": [int((~mine).sum())],
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
    return ordered(table, ORDER["snapped"])


def ordered(table: Frame, by: list[str]) -> Frame:
    """Return a table in the order of its own content, numbered from 0."""
    return table.sort_values(by, kind="stable", ignore_index=True)


def _taken(columns: Sequence[pd.Series], order: pa.Array) -> Any:
    """Return columns put together, in another order."""
    if columns[0].dtype == np.float64:
        return np.concatenate(columns)[order.to_numpy()]
    return pd.Series(geometry.stacked(columns).take(order), dtype=columns[0].dtype)


def _named(features: Admitted, position: Index) -> pd.Series:
    """Return identifiers of positions, "" for none."""
    return _words(np.append(features.ids, ""), position)


def _words(words: NDArray[Any], position: Index) -> pd.Series:
    """Return the words at positions; -1 is the last."""
    known = pa.array(words, type=pa.large_string())
    return pd.Series(known.take(pa.array(position % len(words))), dtype="str")


def _piece_ids(columns: Iterable[tuple[NDArray[Any], Index]], at: Index) -> pa.Array:
    """Join the words that name pieces to identifiers; a slash inside one is written %2F."""
    parts = []
    for words, position in columns:
        known = pa.array(words, type=pa.large_string(), from_pandas=True)
        for mark, written in (("%", "%25"), ("/", "%2F")):
            known = pc.replace_substring(known, mark, written)
        parts.append(known.take(pa.array(position[at] % len(words))))
    return pc.binary_join_element_wise(*parts, pa.scalar("/", type=pa.large_string()))


def _overlaps(role: str, overlaps: Overlaps, features: Admitted) -> pd.DataFrame:
    """Return overlaps of a role with identifiers."""
    columns = {
        "role": pd.Series(role, index=range(len(overlaps.area)), dtype="str"),
        "kept_id": _named(features, overlaps.kept),
        "lost_id": _named(features, overlaps.lost),
        "area_m2": overlaps.area,
        "is_phase": phase_pairs(overlaps.kept, overlaps.lost, features.parent),
    }
    return pd.DataFrame(columns)


def _summed(position: Index, area: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Sum areas by position."""
    return np.bincount(position, area, minlength=count).astype(np.float64)
