"""Hard limits and weighted reasons: what forbids a project a site, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.matching import needs
from landuse.matching.themes import division, divisions, is_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from landuse.matching.wishes import Wishes

LIMITS = ("cluster", "use", "theme", "day", "network", "area")
"""Hard limits in the order in which the first broken one is named."""

REASONS = ("industry", "theme", "fit", "road", "compact", "ready")

FREE, AREA = len(LIMITS), LIMITS.index("area")
"""In `Grid.broken`: nothing forbids the site; it is only too small."""


@dataclass(frozen=True)
class Grid:
    """
    Every project (row) with every site (column).

    Attributes
    ----------
    broken
        Position in `LIMITS` of the limit broken first, `FREE` where none is.
    reasons
        Each of `REASONS` from 0 to 1, as arrays that broadcast to the grid.
    score
        Weighted sum of the reasons, to three decimals: a difference below that is no reason.
    """

    broken: NDArray[np.int8]
    reasons: Mapping[str, NDArray[np.float64]]
    score: NDArray[np.float64]


def grid(
    projects: pd.DataFrame,
    sites: pd.DataFrame,
    places: Mapping[str, pd.DataFrame],
    networks: pd.DataFrame,
    wishes: Wishes,
) -> Grid:
    """
    Return every project with every site.

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
    """
    leads = _named(places["cluster"], "cluster_id", "leading_industries", sites["cluster_id"])
    themes = _named(places["park"], "park_id", "theme", sites["park_id"])
    codes = [division(industry) for industry in projects["industry"]]
    lead, theme = _covers(codes, leads), _covers(codes, themes)
    need = projects["area_needed"].to_numpy(dtype=float)[:, None]
    area = sites["area_m2"].to_numpy(dtype=float)[None, :]
    cluster = projects["cluster_id"].astype(object).to_numpy()[:, None]
    makes = np.array(["06" <= code <= "46" for code in codes], dtype=bool)[:, None]
    target = projects["target_on"].to_numpy(dtype="datetime64[s]")[:, None]
    earliest = sites["earliest_on"].to_numpy(dtype="datetime64[s]")[None, :]
    rules = {
        "cluster": ~pd.isna(cluster) & (cluster != sites["cluster_id"].astype(object).to_numpy()),
        "use": makes & ~sites["use"].isin(["production", ""]).to_numpy()[None, :],
        "theme": (theme == 0) | _asks_another_theme(projects, themes),
        "day": np.isnat(earliest) | (target < earliest),
        "network": needs.too_far(projects, sites["site_id"], networks, wishes),
        "area": need > area,
    }
    broken = np.full((len(projects), len(sites)), FREE, dtype=np.int8)
    for position in range(len(LIMITS) - 1, -1, -1):  # the first limit has the last word
        broken[np.broadcast_to(rules[LIMITS[position]], broken.shape)] = position
    reasons = {
        "industry": (lead == 1).astype(float),
        "theme": (theme == 1).astype(float),
        "fit": np.minimum(need / area, 1.0),
        "road": _row((1 - sites["road_m"] / wishes.road_m).clip(0, 1)),
        "compact": _row(sites["compactness"].clip(0, 1)),
        "ready": _row(sites["path"] == "ready"),
    }
    return Grid(broken, reasons, _score(reasons, broken.shape, wishes))


def _score(
    reasons: Mapping[str, NDArray[np.float64]], shape: tuple[int, ...], wishes: Wishes
) -> NDArray[np.float64]:
    """Return the weighted sum of the reasons, one by one: the same whoever else is there."""
    whole = np.zeros(shape)
    for name, value in reasons.items():
        whole += wishes.weights.get(name, 0.0) * value
    return whole.round(3)


def _row(values: pd.Series) -> NDArray[np.float64]:
    """Return what is true of sites for every project alike; what is unknown speaks for nothing."""
    known: Any = values.astype(float).fillna(0.0).to_numpy()
    row: NDArray[np.float64] = known[None, :]
    return row


def _named(table: pd.DataFrame, key: str, column: str, ids: pd.Series) -> list[object]:
    """Return what the table says of each id; None where it says nothing."""
    said = dict(zip(table[key], table[column], strict=True))
    found = [said.get(name) for name in ids]
    return [words if isinstance(words, str) else None for words in found]


def _covers(codes: list[str], said: list[object]) -> NDArray[np.float64]:
    """Return 1 where the words cover the industry, 0 where not, NaN where either is unknown."""
    one, which = np.unique(np.array(codes, dtype=object).astype(str), return_inverse=True)
    words = sorted({text for text in said if isinstance(text, str)})
    small = np.full((len(one), len(words) + 1), np.nan)  # the last column is unknown
    for column, text in enumerate(words):
        known = divisions(text)
        for row, code in enumerate(one):
            if code and known:
                small[row, column] = float(code in known)
    at = {text: n for n, text in enumerate(words)}
    columns = np.array([at[t] if isinstance(t, str) else len(words) for t in said], dtype=np.int64)
    found: NDArray[np.float64] = small[which.reshape(-1)[:, None], columns[None, :]]
    return found


def _asks_another_theme(projects: pd.DataFrame, themes: list[object]) -> NDArray[np.bool_]:
    """Whether a project asks for a park of a theme and the site lies in none such."""
    wanted = projects["park_theme"] if "park_theme" in projects else pd.Series([None])
    texts = [text if isinstance(text, str) and text.strip() else None for text in wanted]
    cache = {text: np.array([not is_of(text, said) for said in themes], dtype=bool)
             for text in set(texts) if text is not None}  # fmt: skip
    none = np.zeros(len(themes), dtype=bool)
    rows = [none if text is None else cache[text] for text in texts]
    return np.array(rows, dtype=bool).reshape(len(rows), len(themes))
