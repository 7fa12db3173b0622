"""
Projects placed on sites, beside scipy's bare solver on the same options.

    python -m benchmarks.matching --projects 500 --sites 5000

The bare solver gets every option at once (`scipy.optimize.milp`, HiGHS), with the weights that put
one more project before all reasons; it says whether it proved its answer within `--limit` seconds.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse.matching import Wishes, assigned
from landuse.matching.limits import grid
from landuse.matching.options import NONE, Options, options

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEADS = (
    "电力装备", "纺织、食品", "环保装备", "电子信息", "装备", "食品", "再生铝", "纺织", "光伏",
    "化工",
)  # fmt: skip
_SIDE_M = 30_000.0


def made(
    projects: int, sites: int, *, seed: int = 1
) -> tuple[pd.DataFrame, gpd.GeoDataFrame, dict[str, pd.DataFrame]]:
    """Return projects, sites and places of a synthetic city; areas log-normal around 33 mu."""
    draw = np.random.default_rng(seed)
    clusters = [f"C{n}" for n in range(len(_LEADS))]
    area = draw.lognormal(10, 0.8, sites)
    west, south = draw.uniform(0, _SIDE_M, (2, sites))
    side = np.sqrt(area)
    days = pd.to_datetime(draw.choice(["2018-06-30", "2019-03-01"], sites))
    land = gpd.GeoDataFrame(
        {
            "site_id": [f"S{n:05d}" for n in range(sites)],
            "cluster_id": draw.choice(clusters, sites),
            "park_id": draw.choice(["", "Q1", "Q2"], sites),
            "use": draw.choice(["production", "", "living"], sites, p=[0.8, 0.1, 0.1]),
            "path": draw.choice(["ready", "recover"], sites),
            "area_m2": area,
            "road_m": draw.uniform(0, 600, sites),
            "compactness": draw.uniform(0.3, 0.8, sites),
            "earliest_on": days.astype("datetime64[s]"),
        },
        geometry=shapely.box(west, south, west + side, south + side),
        crs="EPSG:4547",
    )
    targets = pd.to_datetime(draw.choice(["2018-12-01", "2019-12-01"], projects))
    home = draw.choice(clusters, projects)
    wanted = pd.DataFrame(
        {
            "project_id": [f"P{n:04d}" for n in range(projects)],
            "cluster_id": np.where(draw.random(projects) < 0.5, home, None),
            "industry": draw.choice(["C38", "C17", "C13", "C26", "C39"], projects),
            "area_needed": draw.lognormal(10, 0.8, projects),
            "target_on": targets.astype("datetime64[s]"),
        }
    )
    places = {
        "cluster": pd.DataFrame({"cluster_id": clusters, "leading_industries": _LEADS}),
        "park": pd.DataFrame({"park_id": ["Q1", "Q2"], "theme": ["智能电网", "食品冷链"]}),
    }
    return wanted, land, places


def bare(open_to: Options, area_m2: NDArray[np.float64], limit: float) -> dict[str, Any]:
    """Solve the same program with scipy alone, all options at once."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    count, projects = len(open_to), int(open_to.project.max()) + 1
    more = np.flatnonzero(open_to.other != NONE)
    rows = [open_to.project, projects + open_to.site, projects + open_to.other[more]]
    columns = [np.arange(count), np.arange(count), more]
    shares = [
        np.ones(count),
        open_to.area_m2 / area_m2[open_to.site],
        open_to.rest_m2[more] / area_m2[open_to.other[more]],
    ]
    rules = coo_array(
        (np.concatenate(shares), (np.concatenate(rows), np.concatenate(columns))),
        shape=(projects + len(area_m2), count),
    ).tocsr()
    answer = milp(
        c=-(projects + 1.0 + open_to.score),
        integrality=np.ones(count, dtype=np.uint8),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rules, -np.inf, 1.0),
        options={"mip_rel_gap": 1e-9, "time_limit": limit, "presolve": False},
    )
    taken = np.zeros(count, dtype=bool) if answer.x is None else answer.x > 0.5
    return {
        "placed": int(taken.sum()),
        "score": round(float(open_to.score[taken].sum()), 3),
        "proven": answer.status == 0,
    }


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=500)
    parser.add_argument("--sites", type=int, default=5000)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wanted, land, places = made(asked.projects, asked.sites, seed=asked.seed)
    start = time.perf_counter()
    found = assigned(wanted, land, places)
    ours = time.perf_counter() - start
    score = found.placed.drop_duplicates("project_id")["score"]
    print(f"{asked.projects} projects, {asked.sites} sites")
    print(
        f"landuse {ours:.1f} s: {len(score)} placed, score {score.sum():.3f}, "
        f"proven {found.is_proven}"
    )
    far = pd.DataFrame(columns=["site_id", "kind", "distance_m"])
    table = grid(wanted, land, places, far, Wishes())
    open_to = options(wanted, land, table, Wishes())
    start = time.perf_counter()
    alone = bare(open_to, land["area_m2"].to_numpy(dtype=float), asked.limit)
    print(
        f"scipy   {time.perf_counter() - start:.1f} s: {alone['placed']} placed, score "
        f"{alone['score']:.3f}, proven {alone['proven']} ({len(open_to)} options)"
    )


if __name__ == "__main__":
    main()
