"""
The kept runs of a workspace as a film: the state of every case, and the figures, day by day.

A frame is a day asked for, as it is known by its newest run. A run just made is a frame too and
stands in for a kept one of its day; no frame is later than it, so the same run made again after
later ones shows the same film.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.errors import LanduseError
from landuse.history import keeping, record
from landuse.history.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from landuse.history.keeping import Found
    from landuse.history.record import Kept

MOST = 24
"""Frames a film has if no other number is asked for."""

COLUMNS = ("day", "case_id", "state", "status", "kind", "cluster_id", "area_m2")
SERIES = (
    "month", "day", "place", "place_id", "place_name", "measure", "count", "area_m2", "target_m2",
)  # fmt: skip
IDLE = "idle"
"""The measure of a series that the plan wants disposed of by the end of the year."""

_TEXT = COLUMNS[1:6]


@dataclass(frozen=True)
class Reel:
    """
    The frames there are, in the order of their days, and the files that should be frames.

    Attributes
    ----------
    frames
        Kept runs, one a day, the newest knowledge of it.
    run
        A run just made, later than all of them; None where there is none.
    unusable
        Records that are damaged; they are left out.
    """

    store: Store
    frames: tuple[Kept, ...]
    run: Found | None
    unusable: tuple[Path, ...]


def of(workspace: str | Path, run: Found | None = None, *, until: date | None = None) -> Reel:
    """
    Return the frames of a workspace.

    Parameters
    ----------
    workspace
        The workspace folder.
    run
        A run just made (`landuse.run`); its day is the last frame.
    until
        The last day shown; the day of `run` if that is given, else no limit.
    """
    store = Store(workspace)
    last = run.on if run is not None else until
    by_day: dict[date, Kept] = {}
    unusable = []
    for path in record.files(store):
        try:
            kept = record.read(path)
            store.get(kept.cases)
            store.get(kept.totals)
        except LanduseError:
            unusable.append(path)
            continue
        is_late = last is not None and (kept.on > last or (run is not None and kept.on == last))
        older = by_day.get(kept.on)
        if not is_late and (older is None or _order(kept) > _order(older)):
            by_day[kept.on] = kept
    return Reel(store, tuple(by_day[day] for day in sorted(by_day)), run, tuple(unusable))


def _order(kept: Kept) -> tuple[date, int]:
    """Return what the newest knowledge is told by."""
    return kept.made_on, kept.number


def film(
    workspace: str | Path,
    run: Found | None = None,
    *,
    until: date | None = None,
    at_most: int = MOST,
) -> pd.DataFrame:
    """
    Return the state of every case in every frame.

    Parameters
    ----------
    workspace
        The workspace folder.
    run
        A run just made (`landuse.run`); its day is the last frame.
    until
        The last day shown, if no run is given.
    at_most
        How many frames; of more, as many are taken evenly, the first and the last among them.

    Returns
    -------
    film
        `COLUMNS`, one row a case and frame, by day, kind and case: `day` (datetime64), `case_id`,
        `state`, `status`, `kind` (identifiers of supplies and approvals may be the same),
        `cluster_id`, `area_m2`. Areas of a frame sum to those of its cases. Empty without frames.
    """
    return shown(of(workspace, run, until=until), at_most)


def shown(found: Reel, at_most: int = MOST) -> pd.DataFrame:
    """Return the film of a reel (`film`)."""
    room = at_most - (found.run is not None)
    parts = [_kept(found.store, kept) for kept in _spread(found.frames, room)]
    if found.run is not None:
        parts.append(frame(found.run.cases, found.run.on))
    if not parts:
        empty = dict.fromkeys(_TEXT, "str") | {"day": "datetime64[s]", "area_m2": "float64"}
        return pd.DataFrame(columns=list(COLUMNS)).astype(empty)
    return pd.concat(parts, ignore_index=True)


def _kept(store: Store, kept: Kept) -> pd.DataFrame:
    """Return the frame of a kept run."""
    cases, _ = keeping.figures(store, kept)
    return frame(cases, kept.on)


def _spread(kept: Sequence[Kept], room: int) -> list[Kept]:
    """Return at most some frames, evenly over those there are."""
    if len(kept) <= room:
        return list(kept)
    if room < 1:
        return []
    places = np.linspace(0, len(kept) - 1, room).round().astype(int)
    return [kept[n] for n in places] if room > 1 else [kept[-1]]


def frame(cases: pd.DataFrame, on: date) -> pd.DataFrame:
    """Return the rows of one frame."""
    columns = {name: cases[name].astype("str") for name in _TEXT}
    day = np.full(len(cases), np.datetime64(on, "s"))
    table = pd.DataFrame({"day": day, **columns, "area_m2": cases["area_m2"].astype("float64")})
    return table.sort_values(["kind", "case_id"], ignore_index=True)[list(COLUMNS)]


def series(
    workspace: str | Path, run: Found | None = None, *, until: date | None = None
) -> pd.DataFrame:
    """
    Return the figures of the city, each cluster and each park month by month, with target lines.

    Parameters
    ----------
    workspace
        The workspace folder.
    run
        A run just made (`landuse.run`); its day is the last one.
    until
        The last day shown, if no run is given.

    Returns
    -------
    series
        `SERIES`, of each month its last frame. `month` (``2018-06``), `day`; `place` (``city``,
        ``cluster``, ``park``), `place_id` ("" for the city, and for land outside every cluster),
        `place_name`; `measure` (the five states, and `IDLE`: 疑似闲置 of every status);
        `count` and `area_m2` as the totals of that day say. `target_m2` stands at `IDLE`
        alone: what may be left on a straight way from the stock at the first frame of the year
        (the last one before it where there is one) to nothing on 31 December.

    Notes
    -----
    许集聚办〔2018〕3号 二（一）3: 力争年底前基本完成闲置的厂房、设备、土地等资产盘活任务. It
    names no number for 基本; the line leads to none left.
    """
    return monthly(of(workspace, run, until=until))


def monthly(found: Reel) -> pd.DataFrame:
    """Return the series of a reel (`series`)."""
    last = {(kept.on.year, kept.on.month): kept for kept in found.frames}
    if found.run is not None:
        last.pop((found.run.on.year, found.run.on.month), None)
    said = [(kept.on, keeping.figures(found.store, kept)[1]) for kept in last.values()]
    if found.run is not None:
        said.append((found.run.on, found.run.totals))
    rows = [row for on, totals in said for row in figures(on, totals)]
    table = pd.DataFrame(rows, columns=list(SERIES[:-1]))
    table["day"] = pd.to_datetime(table["day"]).astype("datetime64[s]")
    table = table.astype({"count": "int64", "area_m2": "float64"})
    return table.assign(target_m2=_targets(table))


def figures(on: date, totals: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of one day."""
    places = [("city", "", str(totals["workspace"]), totals["city"])]
    for place in ("cluster", "park"):
        for entry in totals[f"{place}s"]:
            places.append((place, entry[f"{place}_id"], entry[f"{place}_name"], entry))
    month = f"{on:%Y-%m}"
    return [
        (month, on, *who, measure, figure["count"], figure["area_m2"])
        for *who, entry in places
        for measure, figure in {**entry["states"], IDLE: entry["idle"]}.items()
    ]


def _targets(table: pd.DataFrame) -> pd.Series:
    """Return what may be left of the idle land of each row on the way to the end of its year."""
    idle = table[table["measure"] == IDLE]
    places = zip(idle["place"], idle["place_id"], strict=True)
    days, areas = idle["day"].dt.date.tolist(), idle["area_m2"].tolist()
    began: dict[tuple[str, str], tuple[int, date, float]] = {}
    latest: dict[tuple[str, str], tuple[date, float]] = {}
    left = []
    for place, day, area in zip(places, days, areas, strict=True):
        if place not in began or began[place][0] != day.year:
            began[place] = (day.year, *latest.get(place, (day, area)))
        _, start, stock = began[place]
        end = date(day.year, 12, 31)
        whole = max((end - max(start, date(day.year - 1, 12, 31))).days, 1)
        left.append(stock * ((end - day).days / whole))
        latest[place] = (day, area)
    return pd.Series(left, index=idle.index, dtype="float64").reindex(table.index)
