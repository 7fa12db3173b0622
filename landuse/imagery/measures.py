"""Figures of parcels from their pixels: means with their errors, indices, and how much was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from landuse.imagery.pixels import Pixels

    Values = NDArray[Any]

INDICES = ("ndvi", "ndbi", "bsi", "brightness")
TOP = 0.25
"""Share of a parcel's pixels, the most changed ones, whose mean is its change."""


def index(name: str, bands: Mapping[str, Values]) -> Values | None:
    """
    Return an index of pixels, or None where its bands are not there.

    NDVI = (nir - red) / (nir + red); NDBI = (swir1 - nir) / (swir1 + nir); BSI = ((swir1 + red) -
    (nir + blue)) / (sum of the four); brightness = mean of the visible bands there are.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "brightness":
            visible = [bands[band] for band in ("blue", "green", "red") if band in bands]
            return np.mean(visible, axis=0) if len(visible) > 1 else None
        plus, minus = _TERMS[name]
        if not {*plus, *minus} <= bands.keys():
            return None
        up: Any = sum(bands[band] for band in plus)
        down: Any = sum(bands[band] for band in minus)
        value: Values = (up - down) / (up + down)
        value[~np.isfinite(value)] = np.nan
        return value


_TERMS = {
    "ndvi": (("nir",), ("red",)),
    "ndbi": (("swir1",), ("nir",)),
    "bsi": (("swir1", "red"), ("nir", "blue")),
}


def seen(pixels: Pixels, values: Values) -> tuple[Values, Values]:
    """Return for each parcel the share of its area that is seen, and how many whole pixels are."""
    there = np.isfinite(values)
    area = _sums(pixels, pixels.share)
    visible = _sums(pixels, pixels.share * there)
    whole = _sums(pixels, (there & (pixels.share >= 1.0)).astype(np.int64))
    share = np.divide(visible, area, out=np.zeros(len(area)), where=area > 0)
    return share, whole.astype(np.int64)


def mean(pixels: Pixels, values: Values) -> tuple[Values, Values]:
    """
    Return mean of each parcel by covered area, and its standard error.

    The error takes pixels as independent; neighbours are not quite, so it is a lower bound. NaN
    where nothing is seen.
    """
    there = np.isfinite(values)
    value = values.astype(np.float64)
    weight = pixels.share
    if not there.all():
        weight = np.where(there, weight, 0.0)
        value[~there] = 0.0
    total = _sums(pixels, weight)
    weighed = weight * value
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = _sums(pixels, weighed) / total
        variance = np.maximum(_sums(pixels, weighed * value) / total - middle**2, 0.0)
        effective = total**2 / _sums(pixels, weight * weight)
        return middle, np.sqrt(variance / effective)


def _sums(pixels: Pixels, values: Values) -> Values:
    """Return the sum of each parcel; its pixels stand together."""
    sums = np.zeros(len(pixels.parcels))
    if len(values):
        sums[pixels.owner[pixels.starts]] = np.add.reduceat(values, pixels.starts)
    return sums


def top(pixels: Pixels, values: Values, share: float = TOP) -> Values:
    """Return the mean of the largest pixels that make up a share of each parcel's seen area."""
    count = len(pixels.parcels)
    there = np.flatnonzero(np.isfinite(values) & (pixels.share > 0))
    order = there[np.lexsort((-values[there], pixels.owner[there]))]
    owner, weight = pixels.owner[order], pixels.share[order]
    total = np.bincount(owner, weight, count)
    start = np.cumsum(total) - total
    left = share * total[owner] - (np.cumsum(weight) - weight - start[owner])
    used = np.clip(left, 0.0, weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.bincount(owner, used, count)
        largest: Values = np.bincount(owner, used * values[order], count) / total
    return largest
