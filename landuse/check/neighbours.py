"""Land beside land: drawn twice, with a strip between, outside or across the clusters' borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landuse import units
from landuse.check import about
from landuse.check.settle import base_ids
from landuse.terms import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAME_LAND = 0.95
"""Share of the larger of two outlines under the other from which both are the same land."""
NARROW = 0.5
"""Metres between two outlines below which the strip is a fault of drawing, not land."""

_UNLIKELY = 0.49  # of an outline in the box of another: less than half of it can be shared
_TOUCHING = 1e-3  # metres; coordinates are delivered in millimetres
_SHARE = 0.01  # of an outline, and a tenth of a mu: what lies elsewhere is more than a line's width
_LEAST_M2 = 0.1 / units.MU_PER_M2


def coinciding(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name outlines of different ids that are the same land by more than 95 %."""
    said = []
    for code, role in (("supplies_coincide", Role.SUPPLY), ("approvals_coincide", Role.APPROVAL)):
        table = tables[role]
        shapes = table["geometry"].to_numpy()
        usable = np.flatnonzero(table["is_usable"])
        first, second = _alike(shapes[usable])
        area = shapely.area(shapes[usable])
        both = shapely.area(shapely.intersection(shapes[usable][first], shapes[usable][second]))
        share = both / np.maximum(area[first], area[second])
        same = share > SAME_LAND
        first, second, share = usable[first[same]], usable[second[same]], share[same]
        told = _strangers(table, role, first, second)
        said.append(_named(code, table, role, (first[told], second[told]), share[told] * 100))
    return said


def strips(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name supplies between which a strip of less than half a metre is left."""
    table = tables[Role.SUPPLY]
    shapes = table["geometry"].to_numpy()
    usable = np.flatnonzero(table["is_usable"])
    reach = shapely.bounds(shapes[usable]) + NARROW * np.array([-1, -1, 1, 1])
    left, right = shapely.STRtree(shapes[usable]).query(shapely.box(*reach.T))
    first, second = left[left < right], right[left < right]
    width = shapely.distance(shapes[usable][first], shapes[usable][second])
    apart = (width > _TOUCHING) & (width <= NARROW)
    pair = (usable[first[apart]], usable[second[apart]])
    return [_named("supplies_nearly_touch", table, Role.SUPPLY, pair, width[apart])]


def borders(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name supplies that lie outside every cluster without saying one, or across a border."""
    table, clusters = tables[Role.SUPPLY], tables[Role.CLUSTER]
    bounds = clusters["geometry"].to_numpy()
    bounds = bounds[clusters["is_usable"].to_numpy()]
    shapes = table["geometry"].to_numpy()
    usable = table["is_usable"].to_numpy()
    if not len(bounds) or not usable.any():
        return []
    places = np.flatnonzero(usable)
    tree = shapely.STRtree(shapes[places])
    within = np.full(len(table), 0.0)
    area = np.full(len(table), np.nan)
    area[places] = shapely.area(shapes[places])
    whole = tree.query(bounds, predicate="covers")[1]  # prepared once a cluster
    within[places[whole]] = area[places[whole]]
    right, left = tree.query(bounds, predicate="intersects")
    cut = ~np.isin(left, whole)
    left, right = left[cut], right[cut]
    shared = shapely.area(shapely.intersection(shapes[places[left]], bounds[right]))
    np.maximum.at(within, places[left], shared)
    outside = usable & (within == 0) & table["cluster_id"].isna().to_numpy()
    rest = area - within
    across = usable & (within > _least(area)) & (rest > _least(area))
    shown = pd.Series(100 * rest / area, index=table.index)
    return [
        about.rows("supply_outside_clusters", Role.SUPPLY, table, outside, "geometry"),
        about.rows("supply_straddles", Role.SUPPLY, table, across, "geometry", share=shown),
    ]


def sequence(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name supplies signed before any approval of the land under most of them was given."""
    table, approvals = tables[Role.SUPPLY], tables[Role.APPROVAL]
    shapes, under = table["geometry"].to_numpy(), approvals["geometry"].to_numpy()
    usable = (table["is_usable"] & table["signed_on"].notna()).to_numpy()
    dated = (approvals["is_usable"] & approvals["approved_on"].notna()).to_numpy()
    places, bases = np.flatnonzero(usable), np.flatnonzero(dated)
    left, right = shapely.STRtree(under[bases]).query(shapes[places])
    first, second = places[left], bases[right]
    area = shapely.area(shapes)
    likely = _shared_box(shapes[first], under[second]) > _UNLIKELY * area[first]
    first, second = first[likely], second[likely]
    early = table["signed_on"].to_numpy()[first] < approvals["approved_on"].to_numpy()[second]
    earlier = pd.Series(early).groupby(first).transform("any").to_numpy()
    first, second, early = first[earlier], second[earlier], early[earlier]
    shared = shapely.area(shapely.intersection(shapes[first], under[second]))
    main = shared > 0.5 * area[first]
    pairs = pd.DataFrame({"supply": first, "approval": second, "early": early})[main]
    pairs["approved"] = approvals["approved_on"].to_numpy()[pairs["approval"]]
    kept = pairs[pairs.groupby("supply")["early"].transform("all")]
    kept = kept.sort_values(["approved", "approval"]).drop_duplicates("supply")
    where = np.zeros(len(table), dtype=bool)
    where[kept["supply"]] = True
    number = pd.Series("", index=table.index, dtype=object)
    number.iloc[kept["supply"]] = approvals["approval_id"].to_numpy()[kept["approval"]]
    day = pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")
    day.iloc[kept["supply"]] = kept["approved"].to_numpy()
    return [
        about.rows(
            "signed_before_approval",
            Role.SUPPLY,
            table,
            where,
            "signed_on",
            late=day,
            approval=number,
        )
    ]


def _alike(shapes: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each pair of shapes once whose boxes share what the same land must share."""
    left, right = shapely.STRtree(shapes).query(shapes)
    once = left < right
    left, right = left[once], right[once]
    shared = _shared_box(shapes[left], shapes[right])
    area = shapely.area(shapes)
    alike = shared > SAME_LAND * np.maximum(area[left], area[right])
    return left[alike], right[alike]


def _shared_box(a: NDArray[np.object_], b: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the area common to the boxes of two shapes each: what they share is not more."""
    one, other = shapely.bounds(a), shapely.bounds(b)
    low, high = np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:])
    common: NDArray[np.float64] = np.prod(np.maximum(high - low, 0.0), axis=1)
    return common


def _strangers(
    table: pd.DataFrame, role: Role, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether two rows are neither versions of one id nor phases of one another."""
    family = base_ids(table, role)
    if role is Role.SUPPLY:
        family = table["phase_of"].fillna(family)
    names = family.to_numpy(dtype=object)
    told: NDArray[np.bool_] = np.array(
        [a != b for a, b in zip(names[first], names[second], strict=True)], dtype=bool
    )
    return told


def _named(
    code: str,
    table: pd.DataFrame,
    role: Role,
    pair: tuple[NDArray[np.int64], NDArray[np.int64]],
    amount: NDArray[np.float64],
) -> pd.DataFrame:
    """Return a finding for the second of each pair, naming the first and the largest amount."""
    first, second = pair
    ids = table[f"{role}_id"].to_numpy(dtype=object)
    pairs = pd.DataFrame({"row": second, "other": ids[first], "amount": amount})
    pairs = pairs.sort_values(["row", "amount", "other"], ascending=[True, False, True])
    kept = pairs.drop_duplicates("row").set_index("row")
    where = np.zeros(len(table), dtype=bool)
    where[kept.index] = True
    numbered = kept.reindex(range(len(table)))
    return about.rows(
        code,
        role,
        table,
        where,
        "geometry",
        other=pd.Series(numbered["other"].to_numpy(), index=table.index),
        amount=pd.Series(numbered["amount"].to_numpy(), index=table.index),
    )


def _least(area: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what is more than the width of a line, for each area, m²."""
    return np.maximum(_SHARE * area, _LEAST_M2)
