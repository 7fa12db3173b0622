"""
The states of other runs, packed for the slider: shapes stay, styles change.

A frame is kept as its difference to the frame before, which is nothing for almost every case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.maps import style

if TYPE_CHECKING:
    from landuse.maps.codec import Packing
    from landuse.maps.scene import Scene, View

EPOCH = pd.Timestamp("1970-01-01")


def pack(scene: Scene, view: View) -> tuple[pd.DataFrame, dict[str, Packing], dict[str, Any]]:
    """
    Return the table of the slider, how it is packed, and what the page is told of it.

    Parameters
    ----------
    scene
        Its `frames` have columns day (a calendar date), case_id, state and status, one row a case
        and day; a case that is absent on a day had no record then.
    view
        The map; its cases give the rows. Its own day is always one of the frames.

    Returns
    -------
    table, packings, told
        Empty where there are not at least two days. Column `k` of the table: number of the style
        (0: absent) less that of frame k - 1; frame 0 less that of today's style.

    Raises
    ------
    ValueError
        If a case stands twice in one frame.
    """
    frames = scene.frames
    if frames is None or frames.empty:
        return pd.DataFrame(index=view.cases.index), {}, {}
    days = pd.to_datetime(frames["day"]).dt.normalize()
    on = pd.Timestamp(scene.on)
    listed = sorted({*days.unique(), on})
    if len(listed) < 2:
        return pd.DataFrame(index=view.cases.index), {}, {}
    numbers = {s.status: n for n, s in reversed([*enumerate(style.styles(), start=1)])}
    painted = frames["status"].astype("str").map(numbers).fillna(0).astype("int64")
    rows = pd.DataFrame({"day": days, "case_id": frames["case_id"], "style": painted})
    wide = rows.pivot(index="case_id", columns="day", values="style")
    now = view.cases["style"].to_numpy() + 1
    columns, before = {}, now
    for number, day in enumerate(listed):
        seen = now if day == on else _at(wide, day, view)
        columns[str(number)] = seen - before
        before = seen
    told = {"days": [int((day - EPOCH).days) for day in listed], "now": listed.index(on)}
    packings: dict[str, Packing] = dict.fromkeys(columns, "whole")
    return pd.DataFrame(columns, index=view.cases.index), packings, told


def _at(wide: pd.DataFrame, day: pd.Timestamp, view: View) -> Any:
    """Return the style of each case on a day, counted from 1; 0 where it is absent."""
    found = wide[day].reindex(view.cases["case_id"]).fillna(0)
    return found.to_numpy().astype(np.int64)
