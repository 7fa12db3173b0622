"""
How long it takes to find where supplied land is not built on, and against whom.

`python -m benchmarks.built --supplies 20000` lays footprints over supplies: our splitting, as the
partition does it, gives both sides; `geopandas.overlay(how="difference")` gives the unbuilt side.
Contenders alternate in one process; the land of both must agree. CPU seconds, medians.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from benchmarks import fabric
from landuse import kernels
from landuse.partition import cutting, overlay

if TYPE_CHECKING:
    from collections.abc import Callable

    from landuse.partition.overlay import Snapped


def _ours(land: dict[str, Any]) -> float:
    """Split supplies into what is built on and the rest."""
    supplies, built = (land[role].geometry.to_numpy() for role in ("supply", "construction"))
    snapped: Snapped = []
    with kernels.used(pays=True), kernels.undisturbed():
        which, what = overlay.boxes_meeting(supplies, built)
        parts = cutting.halved(supplies, shapely.area(supplies), which, what, built, snapped)
    return float(shapely.area(parts.geometry[parts.zone < 0]).sum())


def _peer(land: dict[str, Any]) -> float:
    """Take footprints from supplies with geopandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lines and points that are dropped
        shapes = [land[role][["geometry"]] for role in ("supply", "construction")]
        return float(gpd.overlay(*shapes, how="difference").area.sum())


CONTENDERS: dict[str, Callable[[dict[str, Any]], float]] = {
    "landuse.partition, built and unbuilt": _ours,
    'geopandas.overlay(how="difference")': _peer,
}


def main() -> None:
    """Print the table, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    land = fabric.repaired(fabric.tables(given.supplies))
    taken: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    areas: dict[str, float] = {}
    for _ in range(given.rounds):
        for name, act in CONTENDERS.items():
            begun = time.process_time()
            areas[name] = act(land)
            taken[name].append(time.process_time() - begun)
    peer = median(list(taken.values())[1])
    print("| contender | CPU s | overlay takes | unbuilt m2 |\n|---|---|---|---|")
    for name, found in taken.items():
        cpu = median(found)
        print(f"| {name} | {cpu:.2f} | {peer / cpu:.1f}x | {areas[name]:,.3f} |")
    print(f"\nThey differ by {np.ptp(list(areas.values())):.1e} m2 in all.")
    if given.json:
        given.json.write_text(json.dumps({"cpu_s": taken, "m2": areas}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
