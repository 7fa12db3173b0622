"""Land too narrow to be built on: streets, belts, lanes. It joins nothing and is no site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse.sites import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from landuse.sites.choices import Choices

    Shapes = NDArray[np.object_]

_DUST_M2 = 1.0  # what opening leaves along a line that is straight to the millimetre


def parted(
    land: GeoDataFrame, pairs: pd.DataFrame, roads: Shapes, choices: Choices
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """
    Part pieces into what is wide enough to be built on and what is not.

    Parameters
    ----------
    land
        Candidates, in the order of `piece_id`.
    pairs
        What `contacts` found among them: land joined by edges is measured as one.
    roads
        Centre lines of roads: they part the land they run through.
    choices
        `min_width_m`, `road_clear_m` and `network` are used.

    Returns
    -------
    wide, narrow
        Rows of `land`, a piece once for each wide part of it; areas add up to those of `land`.

    Notes
    -----
    Wide is what a square of `min_width_m` reaches that stays on the land (morphological opening).
    What then still is a network, by its compactness, is opened at twice the width, and so on.
    Corners and spikes stay: narrow land that meets one wide part and reaches no farther from it
    than the width.
    """
    shapes = land.geometry.to_numpy()
    wide, rest = shapes.copy(), np.full(len(shapes), None, dtype=object)
    tree = shapely.STRtree(roads)
    for own in _groups(len(land), pairs[pairs["how"] == "edge"]):
        whole = _off_roads(_whole(shapes[own], choices.tolerance_m), tree, choices.road_clear_m)
        parts = np.array(list(_wide(whole, choices.min_width_m, choices)), dtype=object)
        for at, kept, left in _cut(own, shapes[own], parts, choices):
            wide[at], rest[at] = kept, left
    is_cut = ~shapely.is_missing(rest)
    whole = shapely.area(wide) + shapely.area(rest, where=is_cut, out=np.zeros(len(rest)))
    narrow = _with(land[is_cut], rest[is_cut], whole[is_cut]).reset_index(drop=True)
    return _apart(_with(land, wide, whole)), narrow


def groups(count: int, pairs: pd.DataFrame) -> NDArray[np.intp]:
    """Return the number of the group each of `count` rows belongs to, joined by pairs."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not count:
        return np.array([], dtype=np.intp)
    ones = np.ones(len(pairs), dtype=np.int8)
    ends = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    found = connected_components(coo_array((ones, ends), shape=(count, count)), directed=False)[1]
    return np.asarray(found, dtype=np.intp)


def _groups(count: int, pairs: pd.DataFrame) -> list[NDArray[np.intp]]:
    """Return the rows of each group."""
    number = groups(count, pairs)
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1) if count else []


def _whole(shapes: Shapes, tolerance: float) -> Any:
    """Return land as one shape; gaps no wider than the tolerance are no edge."""
    if len(shapes) == 1:
        return shapes[0]
    grown = shapely.union_all(shapely.buffer(shapes, tolerance, join_style="mitre"))
    return shapely.buffer(grown, -tolerance, join_style="mitre")


def _off_roads(whole: Any, roads: shapely.STRtree, clear: float) -> Any:
    """Return land without the ground right under a road line."""
    near = roads.geometries[roads.query(whole, predicate="intersects")]
    return shapely.difference(whole, shapely.union_all(shapely.buffer(near, clear)))


def _wide(whole: Any, width: float, choices: Choices) -> Iterator[Any]:
    """Yield the parts of land that are wide enough and no network."""
    half = width / 2
    shrunk = shapely.buffer(whole, -half, join_style="mitre")
    opened = shapely.intersection(shapely.buffer(shrunk, half, join_style="mitre"), whole)
    for part in _polygons(opened):
        if shape.compactness(part) < choices.network:
            yield from _wide(part, 2 * width, choices)
        else:
            yield part


def _cut(
    own: NDArray[np.intp], shapes: Shapes, parts: Shapes, choices: Choices
) -> Iterator[tuple[np.intp, Any, Any]]:
    """Yield row, wide and narrow land of the pieces of a group that have narrow land."""
    rest = shapely.difference(shapes, shapely.union_all(parts))
    touched = shapely.area(rest) > np.minimum(_DUST_M2, shapely.area(shapes) / 2)
    if not touched.any():
        return
    narrow = _left(shapely.union_all(rest[touched]), parts, choices)
    for at, piece in zip(own[touched], shapes[touched], strict=True):
        left, least = _polygons(shapely.intersection(piece, narrow)), min(_DUST_M2, piece.area / 2)
        if sum(each.area for each in left) <= least:
            continue
        rest_of = _polygons(shapely.difference(piece, shapely.multipolygons(left)))
        left += [each for each in rest_of if each.area <= least]
        kept = [each for each in rest_of if each.area > least]
        yield at, *(shapely.multipolygons(np.array(each, dtype=object)) for each in (kept, left))


def _left(rest: Any, parts: Shapes, choices: Choices) -> Any:
    """Return narrow land without corners and spikes of one wide part."""
    reach = choices.min_width_m
    near = shapely.buffer(parts, choices.tolerance_m)
    grown = shapely.buffer(parts, reach, join_style="mitre")
    kept = []
    for each in _polygons(rest):
        met = np.flatnonzero(shapely.intersects(near, each))
        is_corner = len(met) == 1 and shapely.covers(grown[met[0]], each)
        kept += [] if is_corner else [each]
    return shapely.union_all(kept)


def _polygons(found: Any) -> list[Any]:
    """Return the polygons of a shape; points and lines where edges touch are no land."""
    return [p for p in shapely.get_parts(found) if p.geom_type == "Polygon" and p.area > 0]


def _with(land: GeoDataFrame, shapes: Shapes, whole: NDArray[np.float64]) -> GeoDataFrame:
    """Return rows with other shapes; area and occupied area follow by their share of the whole."""
    share = shapely.area(shapes) / whole
    found: GeoDataFrame = land.assign(
        area_m2=land["area_m2"] * share, occupied_m2=land["occupied_m2"] * share
    ).set_geometry(list(shapes), crs=land.crs)
    return found


def _apart(land: GeoDataFrame) -> GeoDataFrame:
    """Return a row for each polygon of each row, the largest first: land apart is not one."""
    rows, shapes = [], []
    for at, whole in enumerate(land.geometry.to_numpy()):
        own = sorted(_polygons(whole), key=lambda part: (-round(part.area, 3), part.bounds))
        rows += [at] * len(own)
        shapes += own
    each = land.iloc[rows].reset_index(drop=True)
    whole_m2 = shapely.area(each.geometry.to_numpy())
    return _with(each, np.array(shapes, dtype=object), whole_m2)
