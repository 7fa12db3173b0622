"""
What clusters and parks consist of (产城融合), against which norms, and what idle land would change.

许集聚办〔2018〕3号 asks for a better layout of production, living, business, ecology and gives no
figure. Ranges of national standards speak of a whole city: they stand beside the figures as a
reference, with their source, and no place is said to break them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landuse.units import M2_PER_KM2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geopandas import GeoDataFrame

    from landuse.law import Statutes

FUNCTIONS = ("production", "living", "business", "ecology", "infrastructure")


def functions(
    tables: Mapping[str, pd.DataFrame],
    sites: GeoDataFrame,
    statutes: Statutes,
) -> pd.DataFrame:
    """
    Return the mix of functions of each cluster and park, and what its idle land would change.

    Parameters
    ----------
    tables
        `cluster`, `park`, `plan` and `network`, in the CRS of the sites.
    sites
        Idle land with its use: `Sites.sites`, and `Sites.narrow`, which is idle too.
    statutes
        Norms: `planning.mix`.

    Returns
    -------
    functions
        place (``cluster`` or ``park``), place_id, function, area_m2 (planned), share (of the
        place), idle_m2 (land of sites planned so), idle_share (of the planned), mix_now and
        mix_then (share of all land planned, without and with the idle land in use), norm_low,
        norm_high, norm (``below``, ``within``, ``above`` of mix_then; "" where there is none).
        NaN without a layer.
    """
    plan, rule = tables["plan"], statutes.find("planning.mix")
    norms = rule.amount if rule else {}
    rows: list[dict[str, object]] = []
    for place, place_id, shape in places(tables):
        own = sites[shapely.intersects(sites.geometry.to_numpy(), shape)]
        planned = {f: _within(shape, plan, "function", f) for f in FUNCTIONS}
        idle = {f: _within(shape, own, "use", f) for f in FUNCTIONS}
        used = {f: max(planned[f] - idle[f], 0.0) for f in FUNCTIONS}
        for function in FUNCTIONS:
            low, high = norms.get(function, (np.nan, np.nan))
            then = _ratio(planned[function], sum(planned.values()))
            rows.append(
                {
                    "place": place,
                    "place_id": place_id,
                    "function": function,
                    "area_m2": planned[function] if len(plan) else np.nan,
                    "share": planned[function] / shape.area if len(plan) else np.nan,
                    "idle_m2": idle[function],
                    "idle_share": _ratio(idle[function], planned[function]),
                    "mix_now": _ratio(used[function], sum(used.values())),
                    "mix_then": then,
                    "norm_low": low,
                    "norm_high": high,
                    "norm": _against(then, low, high),
                }
            )
    columns = [
        "place", "place_id", "function", "area_m2", "share", "idle_m2", "idle_share", "mix_now",
        "mix_then", "norm_low", "norm_high", "norm",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def services(
    tables: Mapping[str, pd.DataFrame],
    sites: GeoDataFrame,
    statutes: Statutes,
    *,
    within_m: float = 300.0,
) -> pd.DataFrame:
    """
    Return road density and coverage by networks of each cluster and park.

    Parameters
    ----------
    tables
        `cluster`, `park` and `network`, in the CRS of the sites.
    sites
        `Sites.sites`.
    statutes
        The norm: `planning.road_density`. No paper at hand gives one for coverage.
    within_m
        Distance up to which a network covers land; a choice, not a norm.

    Returns
    -------
    services
        place, place_id, kind (of network), area_m2 (of the place), length_m, km_per_km2,
        covered_share (within reach), idle_covered_share (of the land of sites), norm_low, norm
        (as in `functions`; of roads only).
    """
    network, rule = tables["network"], statutes.find("planning.road_density")
    least = float(rule.amount) if rule else np.nan
    rows: list[dict[str, object]] = []
    if "geometry" not in network:
        network = network.iloc[:0]
    for place, place_id, shape in places(tables):
        inside = shapely.intersection(sites.geometry.to_numpy(), shape)
        idle = shapely.union_all(inside[shapely.area(inside) > 0])
        for kind, own in network.groupby("kind", sort=True):
            lines = own.geometry.to_numpy()
            near = shapely.union_all(shapely.buffer(lines, within_m))
            length = float(shapely.length(shapely.intersection(lines, shape)).sum())
            density = length / 1000 / (shape.area / M2_PER_KM2)
            low = least if kind == "road" else np.nan
            rows.append(
                {
                    "place": place,
                    "place_id": place_id,
                    "kind": kind,
                    "area_m2": shape.area,
                    "length_m": length,
                    "km_per_km2": density,
                    "covered_share": near.intersection(shape).area / shape.area,
                    "idle_covered_share": _ratio(near.intersection(idle).area, idle.area),
                    "norm_low": low,
                    "norm": _against(density, low, np.inf),
                }
            )
    columns = [
        "place", "place_id", "kind", "area_m2", "length_m", "km_per_km2", "covered_share",
        "idle_covered_share", "norm_low", "norm",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _ratio(part: float, whole: float) -> float:
    """Return a share; NaN of nothing."""
    return part / whole if whole else np.nan


def _against(value: float, low: float, high: float) -> str:
    """Return where a value lies to a norm; "" where either is unknown."""
    if np.isnan(value) or np.isnan(low):
        return ""
    return "below" if value < low else "above" if value > high else "within"


def places(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, shapely.Geometry]]:
    """Yield kind, identifier and shape of each cluster and park that has one."""
    for place in ("cluster", "park"):
        table = tables[place]
        if "geometry" not in table:
            continue
        for name, own in table.groupby(f"{place}_id", sort=True):
            shapes = own.geometry.to_numpy()
            shape = shapely.union_all([s for s in shapes if s is not None and s.is_valid])
            if not shape.is_empty:
                yield place, str(name), shape


def _within(shape: shapely.Geometry, table: pd.DataFrame, column: str, value: str) -> float:
    """Return the land of a place that a table gives one value; overlaps count once."""
    own = table[table[column] == value]
    if not len(own):
        return 0.0
    inside = shapely.intersection(own.geometry.to_numpy(), shape)
    return float(shapely.union_all(inside[~shapely.is_missing(inside)]).area)
