"""Which blocks were approved when, in which batches, and what became of each batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely

from benchmarks.sample import names

if TYPE_CHECKING:
    from benchmarks.sample.places import Block, Ground, Plot, Record

APPROVED_SHARE = 0.70
"""Share of the blocks of a cluster that was ever approved; the rest is still farmland."""
BATCH_SIZES = (0.66, 0.22, 0.08, 0.04)
"""Shares of batches of one, two, three and four blocks."""
FIRST_DAY, LAST_DAY = date(2009, 3, 1), date(2018, 4, 20)
ORDINALS = "一二三四五六七八九十"

FATES = {"full": 0.74, "partial": 0.13, "none": 0.08, "occupied": 0.03, "withdrawn": 0.02}
"""
Shares of batches: wholly supplied but for streets and greens, partly, not at all, built on
without supply, withdrawn.
"""
SUPPLIED_SHARE = {"full": 1.0, "partial": 0.5, "none": 0.0, "occupied": 0.0, "withdrawn": 0.0}
COMPENSATION = {
    "full": (("是", 0.94), ("", 0.06)),
    "partial": (("是", 0.88), ("", 0.12)),
    "none": (("是", 0.42), ("否", 0.40), ("", 0.18)),
    "occupied": (("是", 1.0),),
    "withdrawn": (("否", 1.0),),
}
"""Whether compensation is done: yes, no, or not said."""


@dataclass
class Batch:
    """An approval and the blocks in it."""

    place: Ground
    blocks: list[Block]
    approved_on: date
    fate: str
    record: Record

    def plots(self, rng: np.random.Generator) -> list[Plot]:
        """Return the plots of the batch that were supplied."""
        share = SUPPLIED_SHARE[self.fate]
        return [p for block in self.blocks for p in block.plots if rng.random() < share]


def batches(places: list[Ground]) -> list[Batch]:
    """Return every batch of the city in the order of its days of approval."""
    rng = np.random.default_rng([names.SEED, 2])
    found = [batch for place in places for batch in _batches_of(place, rng)]
    found.sort(key=lambda b: (b.approved_on, b.place.cluster.number, b.blocks[0].row,
                              b.blocks[0].column))  # fmt: skip
    for number, batch in enumerate(found, 1):
        batch.record = _record(batch, number, rng)
    return found


def _batches_of(place: Ground, rng: np.random.Generator) -> list[Batch]:
    """Group the approved blocks of a cluster, those near its centre approved first."""
    order = _from_the_centre(place, rng)
    left = dict.fromkeys(order[: round(APPROVED_SHARE * len(order))])
    total, found = len(left), []
    span = (LAST_DAY - FIRST_DAY).days
    while left:
        share = 1 - len(left) / total
        day = FIRST_DAY + timedelta(days=int(span * min(max(share + rng.normal(0, 0.09), 0), 1)))
        keys = _grown(next(iter(left)), left, rng)
        fate = _fate(rng, day)
        found.append(Batch(place, [place.blocks[key] for key in keys], day, fate, {}))
        for key in keys:
            del left[key]
    return found


def _from_the_centre(place: Ground, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Blocks in the order in which the town grew: from the centre outwards, unevenly."""
    middle = np.array(place.outline.centroid.coords[0])
    far = {
        key: float(np.hypot(*(np.array(block.outline.centroid.coords[0]) - middle)))
        + float(rng.normal(0, 330))
        for key, block in place.blocks.items()
    }
    return sorted(far, key=lambda key: (far[key], key))


def _grown(
    first: tuple[int, int], left: dict[tuple[int, int], None], rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return a batch from its first block: neighbours of it, sometimes one that lies apart."""
    size = 1 + int(rng.choice(4, p=BATCH_SIZES))
    keys = [first]
    while len(keys) < size:
        near = [
            key for key in left if key not in keys and
            any(abs(key[0] - k[0]) + abs(key[1] - k[1]) == 1 for k in keys)
        ]  # fmt: skip
        apart = [key for key in left if key not in keys and key not in near]
        pool = apart[:12] if apart and (not near or rng.random() < 0.12) else near
        if not pool:
            break
        keys.append(pool[int(rng.integers(len(pool)))])
    return keys


def _fate(rng: np.random.Generator, day: date) -> str:
    """Draw what became of a batch; a young one is rarely supplied in full."""
    weight = dict(FATES)
    if day > date(2016, 6, 30):
        weight |= {"full": 0.24, "partial": 0.30, "none": 0.44, "occupied": 0.02, "withdrawn": 0.0}
    fates = list(weight)
    shares = np.array([weight[f] for f in fates])
    return fates[int(rng.choice(len(fates), p=shares / shares.sum()))]


def _record(batch: Batch, number: int, rng: np.random.Generator) -> Record:
    """Return the row of a batch."""
    cluster, day = batch.place.cluster, batch.approved_on
    shape = shapely.union_all([block.outline for block in batch.blocks])
    answers, shares = zip(*COMPENSATION[batch.fate], strict=True)
    withdrawn = None
    if batch.fate == "withdrawn":
        withdrawn = day + timedelta(days=int(rng.integers(500, 1000)))
    kind = "城市" if cluster.number <= 3 else "乡镇"
    ordinal = ORDINALS[int(rng.integers(10))]
    return {
        "approval_id": f"{cluster.cadastre}{day.year}PC{number:04d}",
        "approval_number": f"豫政土〔{day.year}〕{int(rng.integers(20, 1400))}号",
        "approved_on": day,
        "batch_name": f"{cluster.county}{day.year}年度第{ordinal}批{kind}建设用地",
        "declared_area": round(shape.area / 10_000 * float(rng.normal(1, 0.0004)), 4),
        "compensation_done": str(rng.choice(answers, p=shares)),
        "withdrawn_on": min(withdrawn, date(2018, 3, 20)) if withdrawn else None,
        "geometry": shape,
    }
