"""
Coordinates counted from a corner of the land, in which overlays are exact to 1e-11 m.

At zone coordinates of 4e7 m a node two edges make is rounded to 7e-9 m; along a street front that
is more than a square millimetre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Shapes


@dataclass(frozen=True)
class Frame:
    """Coordinates counted from `origin` (x, y) in m, in the directions of the CRS."""

    origin: NDArray[np.float64]

    def local(self, shapes: Shapes) -> Shapes:
        """Return shapes counted from the origin."""
        moved = shapely.transform(shapes, lambda points: points - self.origin)
        return np.asarray(moved, dtype=object)

    def back(self, shapes: Shapes) -> Shapes:
        """Return local polygons in the CRS; what rounding would make invalid goes on its grid."""
        made = self._back(shapes)
        broken = np.flatnonzero(~shapely.is_valid(made))
        step = float(np.spacing(np.abs(self.origin).max()))
        made[broken] = self._back(shapely.set_precision(shapes[broken], step))
        return made

    def _back(self, shapes: Shapes) -> Shapes:
        """Add the origin to coordinates."""
        moved = shapely.transform(shapes, lambda points: points + self.origin)
        return np.asarray(moved, dtype=object)


def frame_of(shapes: Shapes) -> Frame:
    """Return a frame with its origin at the whole metre where the box nearest to zero begins."""
    corner = shapely.bounds(shapes)[:, :2]
    nearest = np.abs(corner).argmin(axis=0)
    return Frame(np.floor(corner[nearest, [0, 1]]))
