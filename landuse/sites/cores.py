"""The parts of a site wide enough to be built on: corridors between them are land, but no plot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from landuse.sites import measures, shape
from landuse.sites.choices import Choices
from landuse.units import MU_PER_M2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame


def cores(
    sites: GeoDataFrame,
    tables: Mapping[str, pd.DataFrame],
    *,
    min_mu: float = 1.0,
    max_mu: float | None = None,
    choices: Choices | None = None,
) -> GeoDataFrame:
    """
    Return the contiguous parts of sites that are wide enough to be built on.

    Parameters
    ----------
    sites
        `Sites.sites`.
    tables
        Tables of the workspace; the roads of `network` are used.
    min_mu
        Smaller parts are left out.
    max_mu
        Larger parts are cut into equal ones across their longer axis, but none thinner than
        the least width along it.
    choices
        As for `joined`; the least width and the reach of frontage are used.

    Returns
    -------
    cores
        Columns of `sites`, with core_id; area and shape are those of the core. A part is shrunk
        and grown by half the width (morphological opening), so a core lies within its site.
    """
    rows: list[dict[str, Any]] = []
    chosen = choices or Choices()
    width_m = chosen.min_width_m
    for site in sites.drop(columns=list(_MEASURED), errors="ignore").to_dict("records"):
        parts = [p for p in _parts(site["geometry"], width_m / 2) if p.area * MU_PER_M2 >= min_mu]
        for number, whole in enumerate(parts, start=1):
            cut = _cut(whole, max_mu, width_m)
            is_one = len(cut) == 1
            names = [f"#{number}" if is_one else f"#{number}.{k}" for k in range(1, len(cut) + 1)]
            rows += [
                {**site, "core_id": site["site_id"] + name, "area_m2": p.area, "geometry": p}
                for name, p in zip(names, cut, strict=True)
            ]
    columns = [*sites.columns.drop(list(_MEASURED), errors="ignore"), "core_id"]
    table = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns), geometry="geometry", crs=sites.crs
    )
    table["earliest_on"] = table["earliest_on"].astype("datetime64[s]")
    return measures.added(table, measures.roads(tables["network"]), chosen.frontage_m)


_DUST_M2 = 1.0  # what cutting leaves of an edge
_MEASURED = ("long_m", "short_m", "compactness", "frontage_m", "road_m")


def _parts(site: Any, half: float) -> list[Any]:
    """Return wide parts of a shape, the largest first; at a neck the larger keeps its ground."""
    shrunk = shapely.get_parts(shapely.buffer(site, -half, join_style="mitre"))
    order = sorted(shrunk, key=lambda part: (-round(part.area, 3), part.bounds))
    found: list[Any] = []
    for part in order:
        grown = shapely.intersection(site, shapely.buffer(part, half, join_style="mitre"))
        near = [other for other in found if shapely.intersects(other, grown)]
        rest = shapely.difference(grown, shapely.union_all(near)) if near else grown
        pieces = shapely.get_parts(rest)
        wide = [p for p in pieces if p.geom_type == "Polygon" and p.area > _DUST_M2]
        found += [max(wide, key=lambda piece: piece.area)] if wide else []
    return found


def _cut(whole: Any, max_mu: float | None, width_m: float) -> list[Any]:
    """Cut a part that is too large into equal ones."""
    if max_mu is None:
        return [whole]
    count = math.ceil(whole.area * MU_PER_M2 / max_mu - 1e-9)
    count = max(min(count, int(shape.length(whole) / width_m)), 1)
    return shape.cut(whole, [whole.area / count] * count)
