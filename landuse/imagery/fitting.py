"""
What built land looks like in one scene, learned from parcels whose status is certain.

A straight line between the pixels of completed parcels and of land never supplied (linear
discriminant); then the share of such pixels at which a parcel counts as built. Both are the scene's
own. What it is worth is measured on parcels left out, and stands beside the thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.imagery import measures

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    Values = NDArray[Any]

FEWEST = 8
"""Certain parcels of each kind below which nothing is learned."""
GENERAL_NDVI = 0.3
"""NDVI above which a pixel is vegetation where the scene gives no threshold of its own."""
_NDVI_RANGE = (0.15, 0.55)
_FOLDS = 5
_SHRINK = 0.1
_LEAST_SPREAD = 0.02


@dataclass(frozen=True)
class Line:
    """Pixels are built where their features times `weights` exceed `cut`."""

    names: tuple[str, ...]
    weights: Values
    cut: float

    def is_built(self, features: Values) -> Values:
        """Return 1.0 where a pixel is built, 0.0 where not, NaN where not seen."""
        found: Values = np.where(
            np.isfinite(features).all(axis=1), features @ self.weights > self.cut, np.nan
        )
        return found


@dataclass(frozen=True)
class Fit:
    """
    The thresholds of one scene.

    Attributes
    ----------
    ndvi
        Above it a pixel is vegetation.
    is_own
        Whether it is the scene's own (Otsu), not the general one.
    line
        Which pixels are built; None where too few parcels are certain.
    share
        Share of built pixels from which a parcel counts as built.
    spread
        Standard deviation of the share among parcels of one kind, when left out.
    completed, unsupplied
        Certain parcels it was learned from.
    accuracy
        Mean of the shares of both kinds that are told rightly when left out.
    left_out
        Parcel -> share of built pixels, told by what was learned without it.
    """

    ndvi: float
    is_own: bool
    line: Line | None = None
    share: float = float("nan")
    spread: float = float("nan")
    completed: int = 0
    unsupplied: int = 0
    accuracy: float = float("nan")
    left_out: Mapping[int, float] = field(default_factory=dict)


def features(bands: Mapping[str, Values]) -> tuple[tuple[str, ...], Values]:
    """Return the features of pixels that the bands allow, one column each."""
    found = {name: measures.index(name, bands) for name in measures.INDICES}
    offered = {name: values for name, values in found.items() if values is not None}
    if "brightness" in offered:
        offered["ln(brightness)"] = np.log(np.maximum(offered.pop("brightness"), 1e-6))
    if not offered:
        return (), np.empty((0, 0))
    return tuple(offered), np.column_stack(list(offered.values())).astype(np.float64)


def vegetation(ndvi: Values) -> tuple[float, bool]:
    """Return the NDVI that parts a scene's pixels best in two (Otsu), and whether it is its own."""
    values = np.sort(ndvi[np.isfinite(ndvi)].astype(np.float64))
    if len(values) < 100:
        return GENERAL_NDVI, False
    count = np.arange(1, len(values))
    below = np.cumsum(values)[:-1]
    total = values.sum()
    apart = below / count - (total - below) / (len(values) - count)
    place = int(np.argmax(count * (len(values) - count) * apart**2))
    cut = float(values[place : place + 2].mean())
    low, high = _NDVI_RANGE
    return (cut, True) if low <= cut <= high else (GENERAL_NDVI, False)


def fitted(
    names: tuple[str, ...], pixels: Values, owner: Values, certain: pd.DataFrame, ndvi: Values
) -> Fit:
    """
    Learn the thresholds of a scene.

    Parameters
    ----------
    names
        Names of the features.
    pixels
        Features of pixels of certain parcels, one row a pixel, none missing.
    owner
        Parcel of each pixel: position in `certain`.
    certain
        Certain parcels: parcel, is_completed (the others were never supplied).
    ndvi
        NDVI of pixels all over the scene.
    """
    cut, is_own = vegetation(ndvi)
    used, owner = np.unique(owner, return_inverse=True)
    kind = certain["is_completed"].to_numpy(bool)[used]
    completed, unsupplied = int(kind.sum()), int((~kind).sum())
    if not names or min(completed, unsupplied) < FEWEST:
        return Fit(cut, is_own, completed=completed, unsupplied=unsupplied)
    told = np.empty(len(kind))
    right = np.empty(len(kind), bool)
    turn = np.where(kind, np.cumsum(kind), np.cumsum(~kind)) % _FOLDS
    for fold in range(_FOLDS):
        out = turn == fold
        line, share = _learned(names, pixels, owner, kind, ~out)
        told[out] = _shares(line, pixels, owner, len(kind))[out]
        right[out] = (told[out] >= share) == kind[out]
    line, share = _learned(names, pixels, owner, kind, np.ones(len(kind), bool))
    off = np.where(kind, told - told[kind].mean(), told - told[~kind].mean())
    spread = max(float(np.sqrt((off**2).mean())), _LEAST_SPREAD)
    accuracy = float((right[kind].mean() + right[~kind].mean()) / 2)
    parcels = certain["parcel"].to_numpy()[used].tolist()
    left_out = dict(zip(parcels, told.tolist(), strict=True))
    return Fit(cut, is_own, line, share, spread, completed, unsupplied, accuracy, left_out)


def _learned(
    names: tuple[str, ...], pixels: Values, owner: Values, kind: Values, used: Values
) -> tuple[Line, float]:
    """Return the line and the share learned from some of the parcels."""
    chosen = used[owner]
    x, built = pixels[chosen], kind[owner[chosen]]
    middle = np.array([x[~built].mean(axis=0), x[built].mean(axis=0)])
    off = x - middle[built.astype(int)]
    shared = off.T @ off / len(x)
    shared = (1 - _SHRINK) * shared + _SHRINK * np.diag(np.diag(shared))
    shared += np.diag(np.full(len(names), 1e-12))
    weights = np.linalg.solve(shared, middle[1] - middle[0])
    line = Line(names, weights, float(weights @ middle.mean(axis=0)))
    return line, _best(_shares(line, pixels, owner, len(kind))[used], kind[used])


def _shares(line: Line, pixels: Values, owner: Values, count: int) -> Values:
    """Return the share of built pixels of each parcel."""
    built = line.is_built(pixels)
    shares: Values = np.bincount(owner, built, count) / np.bincount(owner, minlength=count)
    return shares


def _best(shares: Values, kind: Values) -> float:
    """Return the share that parts the two kinds best; between two parcels, the middle."""
    order = np.argsort(shares, kind="stable")
    known, built = shares[order], kind[order]
    lost = np.concatenate([[0], np.cumsum(built)]) / max(built.sum(), 1)
    won = np.concatenate([[0], np.cumsum(~built)]) / max((~built).sum(), 1)
    bounds = np.concatenate([[0.0], known, [1.0]])
    is_between = bounds[1:] > bounds[:-1]  # equal parcels cannot be parted
    place = int(np.argmax(np.where(is_between, won - lost, -np.inf)))
    around = bounds[place : place + 2]
    return float(around.mean())
