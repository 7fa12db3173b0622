"""Class maps and light at night: shares and means of parcels, each on its own grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.imagery import measures, pixels
from landuse.imagery.rasters import common

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import NDArray

    from landuse.imagery.scenes import Scene

_COLUMNS = ("scene", "on", "parcel", "whole_pixels", "what", "value")


def told(
    scenes: Sequence[Scene], shapes: NDArray[np.object_], crs: pyproj.CRS, inner_m: float = 0.0
) -> pd.DataFrame:
    """
    Return what class maps and night lights say of parcels.

    Parameters
    ----------
    scenes
        Scenes; those with neither band are passed over.
    shapes
        Parcels, valid polygons or None.
    crs
        Their system, in metres.
    inner_m
        Metres taken off parcels all around.

    Returns
    -------
    told
        scene, on, parcel (position), whole_pixels, what (a class, or ``light``), value: the share
        of the seen area of that class, or the mean of the light. Only parcels that are seen.

    Raises
    ------
    CrsError
        If there is no way from the parcels' system into that of a scene.
    """
    rows = [pd.DataFrame({name: [] for name in _COLUMNS})]
    for scene in scenes:
        if not {"class", "light"} & scene.bands.keys():
            continue
        grid = common([scene])
        polygons = pixels.placed(shapes, crs, grid, inner_m=inner_m)
        look = pixels.Look(scene.observed_on, (scene,))
        for found in pixels.gathered([look], grid, polygons):
            for what, values in _values(scene, found.values[0]):
                mean, _ = measures.mean(found, values)
                _, whole = measures.seen(found, values)
                table = {"parcel": found.parcels, "whole_pixels": whole, "value": mean}
                named: dict[str, Any] = {
                    "scene": scene.name,
                    "on": pd.Timestamp(scene.observed_on),
                    "what": what,
                }
                rows.append(pd.DataFrame(table).assign(**named)[list(_COLUMNS)].dropna())
    filled = [row for row in rows if len(row)]
    return pd.concat(filled, ignore_index=True) if filled else rows[0]


def _values(scene: Scene, bands: dict[str, Any]) -> list[tuple[str, NDArray[Any]]]:
    """Return for each class whether a pixel is of it, and the light."""
    found = []
    for name, values in scene.classes.items() if "class" in bands else ():
        is_it = np.isin(bands["class"], values).astype(np.float32)
        found.append((name, np.where(np.isnan(bands["class"]), np.nan, is_it)))
    if "light" in bands:
        found.append(("light", bands["light"]))
    return found
