"""What became of an earlier match: who stays, who gives way, who cannot stay, and at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse.matching.solve import solved, staying

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landuse.matching.options import Options
    from landuse.matching.solve import Answer

OUTCOMES = ("stays", "gives_way", "impossible", "gone")
"""Still there; moved so that more have a place; its land will no longer do; no project now."""


def kept(
    previous: pd.DataFrame | None, known: pd.DataFrame, land: pd.DataFrame
) -> frozenset[tuple[int, int]]:
    """Return positions of project and site of an earlier match, where both are still there."""
    if previous is None:
        return frozenset()
    project = {name: n for n, name in enumerate(known["project_id"])}
    site = {name: n for n, name in enumerate(land["site_id"])}
    both = zip(previous["project_id"], previous["site_id"], strict=True)
    return frozenset((project[p], site[s]) for p, s in both if p in project and s in site)


def outcomes(
    previous: pd.DataFrame | None,
    open_to: Options,
    answer: Answer,
    before: frozenset[tuple[int, int]],
    known: pd.DataFrame,
) -> pd.DataFrame:
    """
    Return what became of each project of an earlier match.

    Parameters
    ----------
    previous
        Its `placed`; None where there was none.
    open_to, answer
        What projects could take, and what is taken.
    before
        What `kept` returned.
    known
        The projects, by position.

    Returns
    -------
    outcomes
        project_id, site_id (where it was; two joined by +), outcome (one of `OUTCOMES`).
    """
    columns = ["project_id", "site_id", "outcome"]
    if previous is None:
        return pd.DataFrame(columns=columns, dtype="str")
    stays = staying(open_to, before)
    could = set(open_to.project[stays].tolist())
    there = set(open_to.project[answer.taken[stays[answer.taken]]].tolist())
    at = {name: n for n, name in enumerate(known["project_id"])}
    rows = []
    for name, own in previous.groupby("project_id", sort=True):
        position = at.get(name)
        outcome = (
            "gone" if position is None
            else "stays" if position in there
            else "gives_way" if position in could
            else "impossible"
        )  # fmt: skip
        rows.append((name, "+".join(sorted(own["site_id"])), outcome))
    return pd.DataFrame(rows, columns=columns)


def gain(
    open_to: Options,
    area_m2: NDArray[np.float64],
    answer: Answer,
    before: frozenset[tuple[int, int]],
) -> float:
    """Return by how much reasons would be better if nobody had to stay; NaN without a match."""
    if not before:
        return float("nan")
    free = solved(open_to, area_m2)
    scores = (float(open_to.score[each.taken].sum()) for each in (free, answer))
    best, ours = scores
    return max(round(best - ours, 3), 0.0)
