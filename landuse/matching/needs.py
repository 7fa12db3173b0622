"""
Networks a project needs: from its own row, from the caller, and whether a site has them.

许集聚办〔2018〕3号 names 路网、骨干电网、通信网络、集中供热热源及配套管网 and gives no distance.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.matching.wishes import Wishes

WORDS: dict[str, tuple[str, ...]] = {
    "power": ("power", "供电", "电网", "电力", "通电"),
    "water": ("water", "供水", "给水", "自来水", "水网"),
    "sewer": ("sewer", "排水", "污水"),
    "heat": ("heat", "供热", "热力", "蒸汽", "集中供热"),
    "gas": ("gas", "供气", "燃气", "天然气"),
    "telecom": ("telecom", "通信", "光纤", "网络"),
    "road": ("road", "道路", "路网", "公路"),
}
"""Kind of network → words that mean it."""

UNREAD = ""
"""Stands for a need nobody can read: no site is known to have it."""

_PART = re.compile(r"\s*([^\d\s]*)\s*(?:(\d+(?:\.\d+)?)\s*(?:m|米)?)?\s*")


def asked(text: object, default_m: float) -> dict[str, float]:
    """
    Return kind → greatest distance (m) that a cell such as ``供电500、供水`` asks for.

    Parameters
    ----------
    text
        What the row says; several needs are parted by a comma, a semicolon or 、.
    default_m
        Distance where the row gives none.

    Returns
    -------
    asked
        A need that cannot be read stands under `UNREAD`.

    Examples
    --------
    >>> asked("供电500、供水", 300.0)
    {'power': 500.0, 'water': 300.0}
    >>> asked("尽快", 300.0)
    {'': 300.0}
    """
    found: dict[str, float] = {}
    for part in re.split(r"[,，、;；]", text if isinstance(text, str) else ""):
        if not part.strip():
            continue
        match = _PART.fullmatch(part)
        kind = kind_of(match[1]) if match else UNREAD
        reach = float(match[2]) if match and match[2] else default_m
        found[kind] = min(reach, found.get(kind, reach))
    return found


def kind_of(word: str) -> str:
    """Return the kind of network a word means; "" where it means none."""
    said = word.strip().lower()
    return next((kind for kind, words in WORDS.items() if said in words), UNREAD)


def too_far(
    projects: pd.DataFrame, site_ids: pd.Series, networks: pd.DataFrame, wishes: Wishes
) -> NDArray[np.bool_]:
    """Whether a network a project needs is farther than allowed, or at an unknown distance."""
    distances = _distances(site_ids, networks)
    unknown = np.full(len(site_ids), np.inf)
    far = np.zeros((len(projects), len(site_ids)), dtype=bool)
    for row, wanted in enumerate(_wanted(projects, wishes)):
        for kind, most in wanted.items():
            far[row] |= ~(distances.get(kind, unknown) <= most)
    return far


def _wanted(projects: pd.DataFrame, wishes: Wishes) -> list[Mapping[str, float]]:
    """Return what each project needs: of every project, of its own row, and of the caller."""
    said = projects["network_needs"] if "network_needs" in projects else [None] * len(projects)
    return [
        {**wishes.network_m, **asked(text, wishes.need_m), **wishes.needs.get(name, {})}
        for name, text in zip(projects["project_id"], said, strict=True)
    ]


def _distances(site_ids: pd.Series, networks: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return kind → distance (m) of each site; infinite where unknown."""
    found: dict[str, NDArray[np.float64]] = {}
    for kind, own in networks.groupby("kind"):
        known = own.drop_duplicates("site_id").set_index("site_id")["distance_m"]
        values: NDArray[np.float64] = known.reindex(site_ids).to_numpy(dtype=float)
        found[str(kind)] = np.where(np.isnan(values), np.inf, values)
    return found
