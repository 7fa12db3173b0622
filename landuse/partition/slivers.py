"""Strips that surveying leaves along edges: told from land by mean width and area, never lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse.partition import overlay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Index, Shapes


@dataclass(frozen=True)
class Tolerances:
    """
    What is too thin to be land.

    Attributes
    ----------
    sliver_width_m
        m. A connected part whose mean width (twice its area by its perimeter) is below this may
        be a sliver. Two surveys of one boundary differ by some decimetres each (a boundary point
        of a cadastral survey is good to 5 to 15 cm, one taken from a map to 0.5 m); no parcel of
        land is one metre wide.
    sliver_area_m2
        m². A part must also be smaller than this: one mu. A strip along two kilometres of
        boundary may be thin, but no ledger may leave a whole mu out of the unsupplied land.
    overlap_area_m2
        m². Overlaps above this are faults a person must look at; those below are listed. A
        square metre is the last place of areas in documents.
    """

    sliver_width_m: float = 1.0
    sliver_area_m2: float = 10_000 / 15
    overlap_area_m2: float = 1.0


@dataclass(frozen=True)
class Sorted:
    """Shapes without their slivers; slivers: position of the shape, polygon, m², width in m."""

    kept: Shapes
    kept_area: NDArray[np.float64]
    owner: Index
    slivers: Shapes
    area: NDArray[np.float64]
    width: NDArray[np.float64]


def sorted_out(shapes: Shapes, tolerances: Tolerances) -> Sorted:
    """
    Take the connected parts that are slivers out of shapes.

    Parameters
    ----------
    shapes
        Valid polygons or multipolygons, not empty, projected CRS in metres. Not changed.
    tolerances
        A part is a sliver if it is both thinner and smaller.

    Returns
    -------
    sorted
        Every part is either in `kept` (empty polygons where nothing is) or in `slivers`; areas
        are in m².
    """
    parts, owner = _parts(shapes)
    area, length = shapely.area(parts), shapely.length(parts)
    width = 2 * area / np.where(length > 0, length, 1.0)
    thin = (width < tolerances.sliver_width_m) & (area < tolerances.sliver_area_m2)
    kept = shapes.copy()
    touched = np.unique(owner[thin])
    of_touched = np.isin(owner, touched) & ~thin
    kept[touched] = overlay.gathered(
        parts[of_touched], np.searchsorted(touched, owner[of_touched]), len(touched)
    )
    left = np.bincount(owner[~thin], area[~thin], minlength=len(shapes)).astype(np.float64)
    return Sorted(kept, left, owner[thin], parts[thin], area[thin], width[thin])


def _parts(shapes: Shapes) -> tuple[Shapes, Index]:
    """Return the polygons of shapes, those of one part first, and the position of each."""
    one = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    single, several = np.flatnonzero(one), np.flatnonzero(~one)
    parts, of = shapely.get_parts(shapes[several], return_index=True)
    return np.concatenate([shapes[single], parts]), np.concatenate([single, several[of]])
