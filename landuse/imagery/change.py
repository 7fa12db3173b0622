"""
How much changed between two dates, once both are brought to one light.

Pixels that did not change carry the comparison: they are found by iterated canonical correlation
(IR-MAD; Nielsen 2007, IEEE TIP 16(2)), each band of the later date is brought to the earlier by a
straight line through them, and what is then left is measured in their own spread. Nothing is fitted
on labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import eigh
from scipy.special import chdtrc, chdtri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Values = NDArray[Any]

BANDS = ("blue", "green", "red", "nir", "swir1")
"""Bands that enter a comparison, where both dates have them."""
FEWEST = 500
"""Pixels seen on both dates below which two dates are not compared."""
_ROUNDS = 30
_ENOUGH = 1e-4


@dataclass(frozen=True)
class Relation:
    """
    How a later date is brought to an earlier one.

    Attributes
    ----------
    bands
        Bands of both dates.
    gain, shift
        later * gain + shift is in the light of the earlier date.
    spread
        Standard deviation of what is left on unchanged pixels.
    unchanged
        Share of the sample that counts as unchanged.
    pixels
        Size of the sample.
    """

    bands: tuple[str, ...]
    gain: Values
    shift: Values
    spread: Values
    unchanged: float
    pixels: int

    def normalised(self, later: Mapping[str, Values]) -> dict[str, Values]:
        """Return the bands of the later date in the light of the earlier."""
        lines = zip(self.bands, self.gain, self.shift, strict=True)
        return {band: later[band] * gain + shift for band, gain, shift in lines}

    def change(self, earlier: Mapping[str, Values], later: Mapping[str, Values]) -> Values:
        """
        Return the change of pixels: ln(1 + sum of squares of the differences in their spreads).

        An unchanged pixel has about ln(1 + number of bands); NaN where a date sees nothing.
        """
        moved = self.normalised(later)
        squares: Any = sum(
            ((moved[band] - earlier[band]) / spread) ** 2
            for band, spread in zip(self.bands, self.spread, strict=True)
        )
        found: Values = np.log1p(squares)
        return found


def relation(earlier: Mapping[str, Values], later: Mapping[str, Values]) -> Relation | None:
    """
    Return how a later date is brought to an earlier one.

    Parameters
    ----------
    earlier, later
        Band -> values of the same pixels, NaN where not seen.

    Returns
    -------
    relation
        None where there is no common band, or fewer than `FEWEST` pixels are seen on both.
    """
    bands = tuple(band for band in BANDS if band in earlier and band in later)
    if not bands:
        return None
    a = np.column_stack([earlier[band] for band in bands]).astype(np.float64)
    b = np.column_stack([later[band] for band in bands]).astype(np.float64)
    there = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    a, b = a[there], b[there]
    varied = (np.ptp(a, axis=0) > 0) & (np.ptp(b, axis=0) > 0) if len(a) else np.zeros(1, bool)
    if len(a) < FEWEST or not varied.all():
        return None
    weight = _unchanged(a, b)
    total = weight.sum()
    middle_a, middle_b = weight @ a / total, weight @ b / total
    spread_a = np.sqrt(weight @ (a - middle_a) ** 2 / total)
    spread_b = np.sqrt(weight @ (b - middle_b) ** 2 / total)
    gain = spread_a / spread_b
    shift = middle_a - gain * middle_b
    left = np.sqrt(weight @ (b * gain + shift - a) ** 2 / total)
    spread = np.maximum(left, 1e-6 * np.abs(middle_a).max())
    return Relation(bands, gain, shift, spread, float(total / len(a)), len(a))


def _unchanged(a: Values, b: Values) -> Values:
    """Return how probably each pixel did not change, by iterated canonical correlation."""
    size = a.shape[1]
    weight = np.ones(len(a))
    known = np.zeros(size)
    for _ in range(_ROUNDS):
        joined = np.hstack([a, b])
        middle = weight @ joined / weight.sum()
        off = joined - middle
        shared = (off * weight[:, None]).T @ off / weight.sum()
        shared += np.diag(np.diag(shared)) * 1e-9
        own_a, own_b, cross = shared[:size, :size], shared[size:, size:], shared[:size, size:]
        squares, left = eigh(cross @ np.linalg.solve(own_b, cross.T), own_a)
        strength = np.sqrt(np.clip(squares, 1e-12, 1 - 1e-9))
        right = np.linalg.solve(own_b, cross.T @ left) / strength
        apart = off[:, :size] @ left - off[:, size:] @ right
        score = (apart**2 / (2 * (1 - strength))).sum(axis=1)
        score *= chdtri(size, 0.5) / np.median(score)  # half of the pixels carry the comparison
        weight = chdtrc(size, score) + 1e-9
        if np.abs(strength - known).max() < _ENOUGH:
            break
        known = strength
    return weight
