"""
The states of other runs, packed for the slider: shapes stay, styles change.

A frame is kept as its difference to the frame before, which is nothing for almost every case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from landuse.maps import style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.maps.scene import Scene

EPOCH = pd.Timestamp("1970-01-01")


class Reel(NamedTuple):
    """
    The frames of all cases.

    Column `k` of `table`, all whole numbers: number of the style (0: absent) less that of frame
    k - 1; frame 0 less that of today's style. `told` is what the page is told of them.
    """

    table: pd.DataFrame
    told: dict[str, Any]

    def of(self, rows: NDArray[np.intp]) -> pd.DataFrame:
        """Return the frames of some cases."""
        return self.table.iloc[rows].reset_index(drop=True)


def reel(scene: Scene, cases: pd.DataFrame) -> Reel | None:
    """
    Return the frames of the slider, None where there are not at least two days.

    Parameters
    ----------
    scene
        Its `frames` have columns day (a calendar date), case_id, state and status, one row a case
        and day; a case that is absent on a day had no record then. Its own day is always one.
    cases
        Cases with their `style`; they give the rows.

    Raises
    ------
    ValueError
        If a case stands twice in one frame.
    """
    frames = scene.frames
    if frames is None or frames.empty:
        return None
    days = pd.to_datetime(frames["day"]).dt.normalize()
    on = pd.Timestamp(scene.on)
    listed = sorted({*days.unique(), on})
    if len(listed) < 2:
        return None
    numbers = {s.status: n for n, s in reversed([*enumerate(style.styles(), start=1)])}
    own = frames["case_id"].isin(cases["case_id"])
    frames, days = frames[own], days[own]
    painted = frames["status"].astype("str").map(numbers).fillna(0).astype("int64")
    rows = pd.DataFrame({"day": days, "case_id": frames["case_id"], "style": painted})
    wide = rows.pivot(index="case_id", columns="day", values="style")
    now = cases["style"].to_numpy() + 1
    columns, before = {}, now
    for number, day in enumerate(listed):
        seen = now if day == on else _at(wide, day, cases)
        columns[str(number)] = seen - before
        before = seen
    told = {"days": [int((day - EPOCH).days) for day in listed], "now": listed.index(on)}
    return Reel(pd.DataFrame(columns, index=cases.index), told)


def _at(wide: pd.DataFrame, day: pd.Timestamp, cases: pd.DataFrame) -> Any:
    """Return the style of each case on a day, counted from 1; 0 where it is absent."""
    found = wide[day].reindex(cases["case_id"]).fillna(0)
    return found.to_numpy().astype(np.int64)
