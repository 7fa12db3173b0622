"""Hard limits and weighted reasons: what forbids a project a site, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.matching.themes import division, divisions

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS = ("cluster", "use", "theme", "day", "network", "area")
"""Hard limits in the order in which the first broken one is named."""

REASONS = ("industry", "theme", "fit", "road", "compact", "ready")


@dataclass(frozen=True)
class Wishes:
    """
    What a placement must hold, and what it should.

    Attributes
    ----------
    weights
        Weight of each of `REASONS`; a design, not law.
    network_m
        Kind of network → greatest distance (m) for every project. None by default: the papers
        give no distance.
    needs
        Project → kind → greatest distance (m), beside `network_m`.
    together_m
        Greatest distance between two sites that one project takes together.
    least_part
        Least share of its need that a project takes from the second of two sites.
    road_m
        Distance to a road at which nothing speaks for a site any more.
    """

    weights: Mapping[str, float] = field(
        default_factory=lambda: {
            "industry": 0.3, "theme": 0.2, "fit": 0.2, "road": 0.1, "compact": 0.1, "ready": 0.1,
        }
    )  # fmt: skip
    network_m: Mapping[str, float] = field(default_factory=dict)
    needs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    together_m: float = 100.0
    least_part: float = 0.2
    road_m: float = 500.0


def pairs(
    projects: pd.DataFrame,
    sites: pd.DataFrame,
    places: Mapping[str, pd.DataFrame],
    networks: pd.DataFrame,
    wishes: Wishes,
) -> pd.DataFrame:
    """
    Return every project with every site: the limit broken first, and each reason from 0 to 1.

    Parameters
    ----------
    projects, sites
        Tables as `assigned` takes them, without missing needs.
    places
        Tables of `cluster` and `park`.
    networks
        site_id, kind, distance_m.
    wishes
        Limits and weights.

    Returns
    -------
    pairs
        project, site (positions), broken ("" where nothing forbids), `REASONS`, score (to three
        decimals: a difference below that is no reason).
    """
    grid = pd.MultiIndex.from_product(
        [range(len(projects)), range(len(sites))], names=["project", "site"]
    ).to_frame(index=False)
    p = projects.iloc[grid["project"]].reset_index(drop=True)
    s = sites.iloc[grid["site"]].reset_index(drop=True)
    leads = dict(
        zip(places["cluster"]["cluster_id"], places["cluster"]["leading_industries"], strict=True)
    )
    themes = dict(zip(places["park"]["park_id"], places["park"]["theme"], strict=True))
    code = p["industry"].map(division)
    lead = _covers(code, s["cluster_id"].map(leads))
    theme = _covers(code, s["park_id"].map(themes))
    makes = pd.Series(["06" <= c <= "46" for c in code], index=p.index, dtype=bool)
    rules = {
        "cluster": p["cluster_id"].notna()
        & (p["cluster_id"].astype(object) != s["cluster_id"].astype(object)),
        "use": makes & ~s["use"].isin(["production", ""]),
        "theme": theme == 0,
        "day": s["earliest_on"].isna() | (p["target_on"] < s["earliest_on"]),
        "network": _too_far(p["project_id"], s["site_id"], networks, wishes),
        "area": p["area_needed"] > s["area_m2"],
    }
    broken = np.select([rules[name].to_numpy() for name in LIMITS], LIMITS, default="")
    grid["broken"] = broken
    grid["industry"] = (lead == 1).astype(float)
    grid["theme"] = (theme == 1).astype(float)
    grid["fit"] = (p["area_needed"] / s["area_m2"]).clip(upper=1.0)
    grid["road"] = (1 - s["road_m"] / wishes.road_m).clip(0, 1).fillna(0.0)
    grid["compact"] = s["compactness"].clip(0, 1).fillna(0.0)
    grid["ready"] = (s["path"] == "ready").astype(float)
    weights = np.array([wishes.weights.get(name, 0.0) for name in REASONS])
    grid["score"] = (grid[list(REASONS)].to_numpy(dtype=float) @ weights).round(3)
    return grid


def _covers(code: pd.Series, said: pd.Series) -> pd.Series:
    """Return 1 where the words cover the industry, 0 where not, NaN where either is unknown."""
    known = {words: divisions(words) for words in said.dropna().unique()}
    values = [
        float(one in known[words]) if one and isinstance(words, str) and known[words] else np.nan
        for one, words in zip(code, said, strict=True)
    ]
    return pd.Series(values, index=code.index, dtype=float)


def _too_far(
    project: pd.Series, site: pd.Series, networks: pd.DataFrame, wishes: Wishes
) -> pd.Series:
    """Whether a network the project needs is farther than allowed, or at an unknown distance."""
    keys = zip(networks["site_id"], networks["kind"], strict=True)
    distance = dict(zip(keys, networks["distance_m"].astype(float), strict=True))
    wanted = {name: {**wishes.network_m, **wishes.needs.get(name, {})} for name in set(project)}
    far = [
        any(not distance.get((s, kind), np.inf) <= most for kind, most in wanted[p].items())
        for p, s in zip(project, site, strict=True)
    ]
    return pd.Series(far, index=project.index, dtype=bool)
