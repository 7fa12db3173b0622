"""The ground a placed project takes: a whole plot, or a part cut across its longer axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from landuse.sites import shape

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_WHOLE = 1 - 1e-6  # of a plot: what is left is no part


def cut(placed: pd.DataFrame, plots: GeoDataFrame) -> GeoDataFrame:
    """
    Cut the ground of every placement out of its plot.

    Parameters
    ----------
    placed
        project_id, site_id (the plot), area_m2.
    plots
        site_id, of_site, area_m2, geometry; CRS in metres.

    Returns
    -------
    grounds
        project_id, site_id, of_site, area_m2, long_m, short_m, geometry. Grounds of one plot lie
        side by side in the order of projects, from one end, and never overlap.
    """
    columns = ["project_id", "site_id", "of_site", "area_m2", "long_m", "short_m", "geometry"]
    known = plots.set_index("site_id")
    rows = []
    for name, own in placed.sort_values(["site_id", "project_id"]).groupby("site_id", sort=True):
        plot = known.loc[name]
        areas = own["area_m2"].tolist()
        taken = math.fsum(areas)
        rest = [plot["area_m2"] - taken] if taken < plot["area_m2"] * _WHOLE else []
        grounds = shape.cut(plot["geometry"], [*areas, *rest])[: len(areas)]
        for project, ground in zip(own["project_id"], grounds, strict=True):
            sides = shape.usable_rectangle(ground)
            rows.append((project, name, plot["of_site"], ground.area, *sides, ground))
    table = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=columns), geometry="geometry", crs=plots.crs
    )
    return table.sort_values(["project_id", "site_id"]).reset_index(drop=True)
