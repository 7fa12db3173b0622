"""What scenes show of parcels: figures on each date, and what changed up to the last."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse.imagery import change, fitting, measures, parcels, pixels
from landuse.imagery.rasters import Grid, common

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pyproj
    from numpy.typing import NDArray

    from landuse.imagery.change import Relation
    from landuse.imagery.fitting import Fit
    from landuse.imagery.pixels import Look, Pixels
    from landuse.imagery.scenes import Scene

    Values = NDArray[Any]

FEWEST_PIXELS = 30
"""Whole pixels of a parcel below which nothing is said of it."""
_SAMPLE = (10, 28)  # windows along each side of the scene, and pixels along each side of a window
_CERTAIN = (300, 200)  # parcels of each kind, and pixels of each, that are learned from
_FIGURES = ("seen_share", "whole_pixels", "built_share", "built_share_se", "vegetation_share")


@dataclass(frozen=True)
class Observed:
    """
    What scenes show of parcels.

    Attributes
    ----------
    dates
        One row a parcel (`parcel`, its position) and date (`on`): seen_share, whole_pixels, mean
        and standard error of ndvi, ndbi, bsi, brightness; built_share with built_share_se,
        vegetation_share. NaN where bands or certain parcels are lacking, or nothing is seen.
    changes
        One row a parcel and earlier date (`since`): score of the change up to the last date, the
        share that both dates see, and two plain measures to hold it against: magnitude (mean
        length of the difference of blue, green, red, nir as they are) and ndvi_change (mean of
        |NDVI - NDVI|).
    fits
        Thresholds by date.
    relations
        How each earlier date is compared with the last; None where it cannot be.
    grid
        The grid of all figures; None without a scene.
    inner_m
        Metres taken off parcels all around.
    """

    dates: pd.DataFrame
    changes: pd.DataFrame
    fits: dict[date, Fit] = field(default_factory=dict)
    relations: dict[date, Relation | None] = field(default_factory=dict)
    grid: Grid | None = None
    inner_m: float = 0.0


def observed(
    scenes: Sequence[Scene],
    shapes: NDArray[np.object_],
    crs: pyproj.CRS,
    *,
    certain: pd.DataFrame | None = None,
    inner_m: float | None = None,
) -> Observed:
    """
    Return what scenes show of parcels.

    Parameters
    ----------
    scenes
        Scenes with a band of reflected light.
    shapes
        Parcels, valid polygons or None.
    crs
        Their system, in metres.
    certain
        Parcels whose status is certain on a day: columns parcel, is_completed, and the days
        `begins` and `ends` between which that holds (NaT: always).
    inner_m
        Metres taken off parcels all around; half a pixel if not given.

    Raises
    ------
    CrsError
        If there is no way from the parcels' system into that of the scenes.
    """
    if not scenes:
        nothing = pd.DataFrame({"parcel": [], "on": []})
        return Observed(nothing, nothing.rename(columns={"on": "since"}))
    grid = common(scenes)
    inner = grid.pixel_m / 2 if inner_m is None else inner_m
    polygons = pixels.placed(shapes, crs, grid, inner_m=inner)
    seen = pixels.looks(scenes)
    sample = _joined(list(pixels.gathered(seen, grid, _windows(grid, polygons))), len(seen))
    relations = {
        look.on: change.relation(sample[n], sample[-1]) for n, look in enumerate(seen[:-1])
    }
    fits = _fits(seen, grid, polygons, sample, certain)
    dates, changes = [], []
    for found in pixels.gathered(seen, grid, polygons):
        for look, bands in zip(seen, found.values, strict=True):
            dates.append(_date(found, look.on, bands, fits[look.on]))
        for look, bands in zip(seen[:-1], found.values[:-1], strict=True):
            changes.append(_changed(found, look.on, bands, found.values[-1], relations[look.on]))
    return Observed(
        dates=_stacked(dates, "on", len(polygons), [look.on for look in seen]),
        changes=_stacked(changes, "since", len(polygons), [look.on for look in seen[:-1]]),
        fits=fits,
        relations=relations,
        grid=grid,
        inner_m=inner,
    )


def _windows(grid: Grid, polygons: Values) -> Values:
    """Return squares of pixels spread over where the parcels lie."""
    box = np.array(shapely.total_bounds(polygons))
    if np.isnan(box).any():
        return np.empty(0, object)
    left, top = np.maximum(np.floor(box[:2]), 0)
    right, bottom = np.minimum(np.ceil(box[2:]), (grid.width, grid.height))
    count, side = _SAMPLE
    if right <= left or bottom <= top:
        return np.empty(0, object)
    xs = np.unique(np.linspace(left, max(right - side, left), count).round())
    ys = np.unique(np.linspace(top, max(bottom - side, top), count).round())
    x, y = (each.ravel() for each in np.meshgrid(xs, ys))
    step_x = np.diff(xs).min() if len(xs) > 1 else side
    step_y = np.diff(ys).min() if len(ys) > 1 else side
    wide, high = min(side, step_x), min(side, step_y)
    boxes: Values = shapely.box(x, y, np.minimum(x + wide, right), np.minimum(y + high, bottom))
    return boxes


def _joined(parts: list[Pixels], count: int) -> list[dict[str, Values]]:
    """Return band -> values of all parts, for each look."""
    if not parts:
        return [{} for _ in range(count)]
    return [
        {band: np.concatenate([part.values[n][band] for part in parts]) for band in values}
        for n, values in enumerate(parts[0].values)
    ]


def _fits(
    seen: list[Look],
    grid: Grid,
    polygons: Values,
    sample: list[dict[str, Values]],
    certain: pd.DataFrame | None,
) -> dict[date, Fit]:
    """Return the thresholds of every date."""
    fits = {}
    for look, around in zip(seen, sample, strict=True):
        ndvi = measures.index("ndvi", around) if around else None
        chosen = _certain(certain, look.on)
        parts = list(pixels.gathered([look], grid, polygons[chosen["parcel"].to_numpy(int)]))
        names, values, owner = _training(parts)
        fits[look.on] = fitting.fitted(
            names,
            values,
            owner,
            chosen,
            np.empty(0) if ndvi is None else ndvi,
        )
    return fits


def _certain(certain: pd.DataFrame | None, on: date) -> pd.DataFrame:
    """Return the parcels that are certain on a day, no more than are needed, spread evenly."""
    if certain is None:
        return pd.DataFrame({"parcel": [], "is_completed": []})
    holds = parcels.holding(certain, on, on)
    kinds = [group for _, group in certain[holds].groupby("is_completed")]
    most = _CERTAIN[0]
    spread = [
        g.iloc[np.unique(np.linspace(0, len(g) - 1, min(most, len(g))).astype(int))] for g in kinds
    ]
    return pd.concat(spread, ignore_index=True) if spread else certain.iloc[:0]


def _training(parts: list[Pixels]) -> tuple[tuple[str, ...], Values, Values]:
    """Return features and owner of whole, seen pixels, no more of a parcel than are needed."""
    names: tuple[str, ...] = ()
    rows, owners = [np.empty((0, 0))], [np.empty(0, np.int64)]
    for part in parts:
        names, values = fitting.features(part.values[0])
        if not names:
            return (), rows[0], owners[0]
        usable = np.flatnonzero((part.share >= 1.0) & np.isfinite(values).all(axis=1))
        count = np.bincount(part.owner[usable], minlength=len(part.parcels))
        start = np.cumsum(count) - count
        nth = np.arange(len(usable)) - start[part.owner[usable]]
        step = np.ceil(count / _CERTAIN[1])[part.owner[usable]]
        usable = usable[nth % step == 0]
        rows.append(values[usable])
        owners.append(part.parcels[part.owner[usable]])
    whole = [row for row in rows if row.size]
    return (
        names,
        np.concatenate(whole) if whole else np.empty((0, len(names))),
        np.concatenate(owners),
    )


def _date(found: Pixels, on: date, bands: dict[str, Values], fit: Fit) -> pd.DataFrame:
    """Return the figures of parcels on one date."""
    reference = next(values for name, values in bands.items() if name not in {"class", "light"})
    seen_share, whole = measures.seen(found, reference)
    table = {"parcel": found.parcels, "seen_share": seen_share, "whole_pixels": whole}
    for name in measures.INDICES:
        values = measures.index(name, bands)
        nothing = np.full(len(found.parcels), np.nan)
        both = (nothing, nothing) if values is None else measures.mean(found, values)
        table[name], table[f"{name}_se"] = both
        if name == "ndvi" and values is not None:
            is_green = np.where(np.isfinite(values), values > fit.ndvi, np.nan)
            table["vegetation_share"], _ = measures.mean(found, is_green)
    if fit.line is not None:
        built = fit.line.is_built(fitting.features(bands)[1])
        table["built_share"], sampled = measures.mean(found, built)
        table["built_share_se"] = np.hypot(sampled, fit.spread)
    return pd.DataFrame(table).assign(on=pd.Timestamp(on))


def _changed(
    found: Pixels,
    since: date,
    earlier: dict[str, Values],
    later: dict[str, Values],
    relation: Relation | None,
) -> pd.DataFrame:
    """Return the change of parcels up to the last date."""
    table = pd.DataFrame({"parcel": found.parcels, "since": pd.Timestamp(since)})
    if relation is None:
        return table.assign(change=math.nan)
    values = relation.change(earlier, later)
    share, _ = measures.seen(found, values)
    plain = [b for b in ("blue", "green", "red", "nir") if b in relation.bands]
    squares: Any = sum((later[band] - earlier[band]) ** 2 for band in plain)
    greens: list[Any] = [measures.index("ndvi", bands) for bands in (earlier, later)]
    green = (
        math.nan
        if any(each is None for each in greens)
        else measures.mean(found, np.abs(greens[1] - greens[0]))[0]
    )
    return table.assign(
        change=measures.top(found, values),
        compared_share=share,
        magnitude=measures.mean(found, np.sqrt(squares))[0],
        ndvi_change=green,
    )


def _stacked(parts: list[pd.DataFrame], day: str, count: int, days: list[date]) -> pd.DataFrame:
    """Return all rows by day and parcel; a parcel in no tile has figures of nothing seen."""
    every = pd.MultiIndex.from_product(
        [pd.DatetimeIndex(days), range(count)], names=[day, "parcel"]
    )
    told = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({day: [], "parcel": []})
    table = told.set_index([day, "parcel"]).reindex(every).reset_index()
    columns = _FIGURES if day == "on" else ("change", "compared_share")
    for name in columns:
        if name not in table:
            table[name] = np.nan
    fill = {"seen_share": 0.0, "whole_pixels": 0, "compared_share": 0.0}
    return table.fillna({name: value for name, value in fill.items() if name in table})
