"""Footprints: halls on finished plots, parts of halls on others, and some where none may be."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import shapely

from benchmarks.sample import names

if TYPE_CHECKING:
    from benchmarks.sample.approvals import Batch
    from benchmarks.sample.places import Ground, Plot, Record
    from benchmarks.sample.supplies import Supply

OBSERVED, LATER = date(2018, 5, 31), date(2018, 7, 31)
"""Day of the survey, and of a later one that nobody knows of on the day of the sample."""

UNFINISHED = {"in_progress", "completion_overdue", "completion_overdue_two_years", "suspended",
              "idle_suspended", "suspended_inefficient"}  # fmt: skip
COMPLETED = {"finished", "not_in_production", "halted", "underperforming"}


def footprints(supplies: list[Supply], batches: list[Batch]) -> list[Record]:
    """Return every footprint with its number, plot and day of observation."""
    rng = np.random.default_rng([names.SEED, 4])
    records = [record for supply in supplies for record in _on_supply(supply, rng)]
    for batch in batches:
        if batch.fate == "occupied":
            records += _on_unsupplied(batch, OBSERVED, rng)
    untouched = [batch for batch in batches if batch.fate == "none"]
    for batch in untouched[-2:]:
        records += _on_unsupplied(batch, LATER, rng)
    return [{"construction_id": f"JZ{n:05d}", **record} for n, record in enumerate(records, 1)]


def _on_supply(supply: Supply, rng: np.random.Generator) -> list[Record]:
    """Halls of one supply, after the status it is meant to have."""
    status = supply.plan.status
    if status in COMPLETED:
        shapes, stage = _halls(supply.place, supply.plot, rng, 1.0), "已建成"
    elif status in UNFINISHED:
        built = supply.record.get("developed_area")
        share = float(rng.uniform(0.35, 0.8))
        if built is not None:
            share = built / supply.record["required_area"]
        stage = "停工" if "suspended" in status else "在建"
        shapes = _halls(supply.place, supply.plot, rng, share)[:1]
    else:
        return []
    day = LATER if status == "in_progress" and rng.random() < 0.08 else OBSERVED
    named = supply.record["supply_id"] if rng.random() < 0.5 else None
    return [
        {"supply_id": named, "observed_on": day, "stage": stage, "geometry": shape}
        for shape in shapes
    ]


def _on_unsupplied(batch: Batch, day: date, rng: np.random.Generator) -> list[Record]:
    """Halls on up to three plots nobody was granted."""
    plots = batch.blocks[0].plots[:3]
    shapes = [hall for plot in plots for hall in _halls(batch.place, plot, rng, 1.0)]
    return [
        {"supply_id": None, "observed_on": day, "stage": "已建成", "geometry": shape}
        for shape in shapes
    ]


def _halls(
    place: Ground, plot: Plot, rng: np.random.Generator, share: float
) -> list[shapely.Polygon]:
    """Return one or two halls set back from the edges of a plot, shortened to a share."""
    south, east, north, west = plot.corners
    wide = (east[0] - south[0] + north[0] - west[0]) / 2
    deep = (west[1] - south[1] + north[1] - east[1]) / 2
    back = float(rng.uniform(9, 16))
    left, right = back / wide, 1 - back / wide
    low, high = back / deep, 1 - back / deep
    if left >= right or low >= high:
        return []
    right = left + (right - left) * share
    if rng.random() < 0.55:
        gap = 14 / deep
        middle = low + (high - low) * float(rng.uniform(0.42, 0.6))
        spans = [(left, right, low, middle - gap / 2), (left, right * 0.82, middle + gap / 2, high)]
    else:
        spans = [(left, right, low, low + (high - low) * float(rng.uniform(0.62, 0.85)))]
    return [
        _hall(place, plot, span) for span in spans
        if (span[1] - span[0]) * wide > 12 and (span[3] - span[2]) * deep > 12
    ]  # fmt: skip


def _hall(place: Ground, plot: Plot, span: tuple[float, float, float, float]) -> shapely.Polygon:
    """Return a hall between shares of the width and depth of a plot."""
    corners = np.array(plot.corners)
    left, right, low, high = span
    ring = [
        (1 - s) * (1 - t) * corners[0] + s * (1 - t) * corners[1]
        + s * t * corners[2] + (1 - s) * t * corners[3]
        for s, t in ((left, low), (right, low), (right, high), (left, high))
    ]  # fmt: skip
    return shapely.Polygon(place.plane.warp.points([(float(u), float(v)) for u, v in ring]))
