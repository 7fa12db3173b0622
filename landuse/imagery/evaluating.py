"""
What the evidence is worth in these scenes: held against parcels whose truth is known.

A parcel is never judged by what was learned from itself. Beside each figure stands what chance
gives when the same truths are dealt out at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from landuse.errors import LayerError
from landuse.imagery import measures, pixels, scenes
from landuse.imagery.evidence import LEAST_SEEN
from landuse.imagery.observing import FEWEST_PIXELS
from landuse.imagery.rasters import common
from landuse.units import MU_PER_M2

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    from landuse.imagery.observing import Observed
    from landuse.imagery.scenes import Band, Scene

    Values = NDArray[Any]

SIZES = (0.0, 10.0, 20.0, 50.0, np.inf)
"""Borders of the sizes of parcels, in mu."""
CHANGED_SHARE = 0.1
"""Share of a parcel that must have changed by a raster for the parcel to count as changed."""
_DEALS = 200
_SEED = 20180630


def auc(score: Values, truth: Values) -> float:
    """Return the chance that a true parcel scores above a false one; NaN without both kinds."""
    ranks = rankdata(score)
    true = int(truth.sum())
    false = len(truth) - true
    if not true or not false:
        return float("nan")
    return float((ranks[truth].sum() - true * (true + 1) / 2) / (true * false))


def judged(score: Values, truth: Values, limit: float) -> dict[str, float]:
    """
    Return what a score is worth.

    Parameters
    ----------
    score
        Larger is rather true; none missing.
    truth
        Boolean.
    limit
        From which score a parcel is called true; NaN calls none and asks for no precision.

    Returns
    -------
    judged
        parcels, true, called; precision and recall at the limit; auc; chance_auc: the AUC that
        2.5 % of random deals of the same truths exceed; chance_precision: the share of true ones.
    """
    called = score >= limit
    hits = float((called & truth).sum())
    random = np.random.default_rng(_SEED)
    dealt = [auc(score, random.permutation(truth)) for _ in range(_DEALS)]
    return {
        "parcels": len(score),
        "true": int(truth.sum()),
        "called": int(called.sum()) if not np.isnan(limit) else float("nan"),
        "precision": hits / called.sum() if called.any() else float("nan"),
        "recall": hits / truth.sum() if truth.any() and not np.isnan(limit) else float("nan"),
        "auc": auc(score, truth),
        "chance_auc": float(np.quantile(dealt, 0.975)),
        "chance_precision": float(truth.mean()) if len(truth) else float("nan"),
    }


def by_size(
    what: str, score: pd.Series, truth: pd.Series, area_m2: pd.Series, limit: float
) -> pd.DataFrame:
    """
    Return what a score is worth for parcels of each size, and for all.

    Parameters
    ----------
    what
        Name of what is judged.
    score, truth, area_m2
        By parcel; a missing truth is not asked, a missing score is counted as `unsaid`.
    limit
        From which score a parcel is called true.
    """
    known = truth.notna()
    size = np.digitize(area_m2 * MU_PER_M2, SIZES[1:-1])
    rows = []
    for number in (*range(len(SIZES) - 1), -1):
        here = known & ((size == number) if number >= 0 else True)
        said = here & score.notna()
        told = judged(score[said].to_numpy(float), truth[said].to_numpy(bool), limit)
        low, high = (SIZES[number], SIZES[number + 1]) if number >= 0 else (SIZES[0], SIZES[-1])
        rows.append(
            {"what": what, "from_mu": low, "to_mu": high, "unsaid": int(here.sum() - said.sum())}
            | told
        )
    return pd.DataFrame(rows)


def scores(seen: Observed, since: Any, count: int) -> pd.DataFrame:
    """Return change since a date and the plain measures, missing where nothing may be said."""
    rows = seen.changes[seen.changes["since"] == pd.Timestamp(since)].set_index("parcel")
    table = rows.reindex(range(count))
    last = seen.dates[seen.dates["on"] == seen.dates["on"].max()].set_index("parcel")
    whole = last["whole_pixels"].reindex(range(count)).fillna(0)
    said = (table["compared_share"] >= LEAST_SEEN) & (whole >= FEWEST_PIXELS)
    return table[["change", "magnitude", "ndvi_change"]].where(said)


def changed(
    path: Path,
    values: tuple[int, int],
    known: Sequence[Scene],
    shapes: NDArray[np.object_],
    crs: pyproj.CRS,
) -> pd.Series:
    """
    Return which parcels changed by a raster, by position; missing where it does not say.

    Parameters
    ----------
    path
        The raster, first band. Without georeference it takes the grid of the earliest scene that
        has its size.
    values
        Value of changed and of unchanged pixels; others are unknown.
    known
        The scenes.
    shapes, crs
        Parcels and their system, in metres.

    Raises
    ------
    LayerError
        If it cannot be opened, or has no georeference and the size of no scene.
    CrsError
        If there is no way from the parcels' system into its own.
    """
    band = _placed(path, known)
    day = min(scene.observed_on for scene in known)
    scene = scenes.Scene("truth", path.name, day, {"class": band})
    grid = common([scene])
    polygons = pixels.placed(shapes, crs, grid)
    truth = np.full(len(shapes), np.nan)
    for found in pixels.gathered([pixels.Look(day, (scene,))], grid, polygons):
        read = found.values[0]["class"]
        there = np.isin(read, values)
        is_changed = np.where(there, (read == values[0]).astype(float), np.nan)
        share, _ = measures.mean(found, is_changed)
        seen, _ = measures.seen(found, is_changed)
        said = np.where(share >= CHANGED_SHARE, 1.0, 0.0)
        truth[found.parcels] = np.where(seen >= LEAST_SEEN, said, np.nan)
    return pd.Series(truth)


def _placed(path: Path, known: Sequence[Scene]) -> Band:
    """Return where a raster lies: as it says, else as the scene of its size."""
    with scenes.image(path, path.name) as held:
        size = (held.height, held.width)
        has_place = held.crs is not None and not held.transform.is_identity
    if has_place:
        return scenes.opened(path, 1, None, path.name)
    grids = [scene.grid for scene in known]
    same = [grid for grid in grids if (grid.height, grid.width) == size]
    if not same:
        sizes = ", ".join(f"{grid.height}×{grid.width}" for grid in grids)
        raise LayerError(
            "imagery.truth_size", file=path.name, size=f"{size[0]}×{size[1]}", sizes=sizes
        )
    return scenes.Band(path, 1, same[0].crs, same[0].transform, *size)
