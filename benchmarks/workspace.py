"""
A whole workspace of fabric of any size, as a bureau would deliver it.

`python -m benchmarks.workspace FOLDER --supplies 100000 --counties 7` writes approvals, supplies
with a ledger of twelve Chinese columns, footprints, clusters and parks as GeoPackages.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import shapely

from benchmarks import fabric, read

_KEPT = {
    "approval": ["approval_id", "approved_on"],
    "construction": ["construction_id", "observed_on"],
    "cluster": ["cluster_id", "cluster_name", "division_code"],
    "park": ["park_id", "park_name"],
}


def written(folder: Path, supplies: int, *, counties: int = 1, maps: bool = False) -> None:
    """
    Write a workspace.

    Parameters
    ----------
    folder
        Where; made if it is not there.
    supplies, counties
        As in `fabric.tables`. Invalid polygons are made valid first, as the peers need it.
    maps
        Whether it asks for a map of the city and one of each cluster.
    """
    data = folder / "layers" / "data"
    data.mkdir(parents=True)
    made = fabric.repaired(fabric.tables(supplies, counties=counties))
    for role in ("cluster", "park"):
        made[role][f"{role}_name"] = made[role][f"{role}_id"]
    for role, columns in _KEPT.items():
        have = [name for name in columns if name in made[role]]
        _layer(folder, role, made[role][[*have, "geometry"]])
    shapes = made["supply"].geometry.to_numpy()
    ledger = gpd.GeoDataFrame(read.ledger(made["supply"]), geometry=shapes, crs=fabric.CRS)
    _layer(folder, "supply", ledger)
    settings = f'name = "测试"\ncrs = "{fabric.CRS}"\narea_method = "plane"\nsynthetic = true\n'
    (folder / "layers" / "workspace.toml").write_text(settings, encoding="utf-8")
    (folder / "maps").mkdir(exist_ok=True)
    if maps:
        text = 'title = "全市"\n'
        (folder / "maps" / "city.toml").write_text(text, encoding="utf-8")
        text = 'title = "集聚区"\nsplit_by = "cluster"\n'
        (folder / "maps" / "clusters.toml").write_text(text, encoding="utf-8")


def _layer(folder: Path, role: str, table: Any) -> None:
    """Write one layer and its TOML."""
    shapes = table.geometry.to_numpy().astype(object)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    shapes[single] = shapely.multipolygons(shapes[single][:, None])
    table = gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=shapes, crs=fabric.CRS)
    file = folder / "layers" / "data" / f"{role}.gpkg"
    pyogrio.write_dataframe(table, file, layer=role, use_arrow=True)
    text = f'role = "{role}"\ntitle = "{role}"\nfile = "data/{role}.gpkg"\nas_of = 2018-05-31\n'
    (folder / "layers" / f"{role}.toml").write_text(text, encoding="utf-8")


def main() -> None:
    """Write a workspace into the folder named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--supplies", type=int, default=10_000)
    parser.add_argument("--counties", type=int, default=1)
    parser.add_argument("--maps", action="store_true")
    given = parser.parse_args()
    written(given.folder, given.supplies, counties=given.counties, maps=given.maps)


if __name__ == "__main__":
    main()
