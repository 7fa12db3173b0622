"""
The faults of real data, each put in on purpose.

====================  ======  =============================================================
fault                 number  what it looks like
====================  ======  =============================================================
resurveyed blocks       8 %   all corners of a block moved 5–80 cm: slivers along approvals
resurveyed plots         10   one plot moved alone: slivers and overlaps with neighbours
supplied again            4   a later supply on part of an older one that was not cancelled
overlapping approvals     6   a batch reaches 30 m into its neighbour
approvals with holes      4   land left out of a batch
supplies with holes       4   a substation left out of a plot
approvals in parts        –   batches of blocks that lie apart (from `approvals`)
supplies in parts         4   one plot on both sides of a street
bow-tie                   1   two corners in the wrong order
missing approval day      1   `approved_on` blank, which the contract requires
shifted plot              1   20 m east of where it lies
no geometry               2   a row of the register nobody ever drew
same number twice         1   one 电子监管号, two contracts
exact duplicate           1   the same row twice
wrong declared area      12   15 % above or below the outline
wrong cluster             1   `cluster_id` of another cluster than the one it lies in
outside approvals         3   on blocks never approved (from `strays`)
outside clusters          1   3 km off the cluster (from `strays`)
signed too early          2   contract before the approval of its land
historic code             5   parcel codes of 许昌县 (411023)
hostile names             4   mark-up, a formula, a template and a script as names of firms
1900-01-01                –   the blank of old systems (from `clocks`)
backdated extension       2   (from `clocks`)
pause without a day       1   (from `clocks`); one more names a supply that does not exist
====================  ======  =============================================================
"""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import affinity

from benchmarks.sample import clocks, names
from benchmarks.sample.supplies import Supply, contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.sample.approvals import Batch
    from benchmarks.sample.places import Ground, Record
    from benchmarks.sample.streets import Point

BARE = ("not_due", "overdue", "idle_one_year", "idle_two_years")
"""Statuses of land without footprints, where a fault of the outline moves no building."""


def strays(places: list[Ground], batches: list[Batch]) -> list[Supply]:
    """Return three supplies on land never approved and one outside every cluster."""
    approved = {(b.place.cluster.number, block.row, block.column) for b in batches
                for block in b.blocks}  # fmt: skip
    found = []
    for number in (2, 5, 8):
        place = places[number - 1]
        free = next(block for key, block in place.blocks.items()
                    if (number, *key) not in approved and block.plots)  # fmt: skip
        found.append(Supply(place, free.plots[0], date(2011, 5, 1), clocks.FINISHED, {}))
    place, plot = found[-1].place, found[-1].plot
    idle = next(plan for plan in clocks.PLANS if plan.status == "idle_one_year")
    far = affinity.translate(plot.outline, 3000.0, 4200.0)
    off = type(plot)(plot.corners, f"{place.cluster.county}县城以北", _grid(far))
    return [*found, Supply(place, off, date(2014, 5, 1), idle, {})]


def spoil_approvals(batches: list[Batch]) -> None:
    """Put the faults of approvals into their rows."""
    _overlap(batches)
    whole = [b for b in batches if b.fate == "none" and len(b.blocks) == 1]
    for batch in whole[:4]:
        shape = batch.record["geometry"]
        left_out = _grid(batch.blocks[0].plots[-1].outline.buffer(-12, join_style="mitre"))
        batch.record["geometry"] = shape.difference(left_out)
    whole[5].record["approved_on"] = None


def _overlap(batches: list[Batch]) -> None:
    """Let six batches reach 30 m over the street into their eastern neighbour."""
    owner = {(b.place.cluster.number, block.row, block.column): b for b in batches
             for block in b.blocks}  # fmt: skip
    wanted = 6
    done: set[int] = set()
    for (number, row, column), batch in owner.items():
        beside = owner.get((number, row, column + 1))
        if beside is None or beside is batch or number in done or len(done) == wanted:
            continue
        done.add(number)
        block = next(b for b in beside.blocks if (b.row, b.column) == (row, column + 1))
        (low_u, low_v), (_, high_v) = block.frame[0], block.frame[2]
        strip = ((low_u, low_v), (low_u + 30, low_v), (low_u + 30, high_v), (low_u, high_v))
        shape = shapely.union(batch.record["geometry"], batch.place.plane.draw(strip))
        batch.record["geometry"] = shape


def spoil_supplies(found: list[Supply]) -> list[Record]:
    """
    Put the faults of supplies into their rows.

    Parameters
    ----------
    found
        Every regular supply, in order. Their rows are changed.

    Returns
    -------
    records
        Rows of the register: those given, some of them spoilt, and those added.
    """
    rng = np.random.default_rng([names.SEED, 5])
    _resurvey(found, rng)
    bare = _pool(found, rng, BARE)
    built = _pool(found, rng, ("finished",))
    added = [_supplied_again(bare(), number) for number in range(4)]
    for _ in range(4):
        supply = bare()
        inner = _grid(supply.plot.outline.centroid.buffer(9, quad_segs=1))
        supply.record["geometry"] = supply.record["geometry"].difference(inner)
    bow_tie, shifted = bare().record, _beside_another(bare, found).record
    bow_tie["geometry"] = _bow_tie(bow_tie["geometry"])
    shifted["geometry"] = _grid(affinity.translate(shifted["geometry"], 20.0, 0.0))
    for _ in range(2):
        bare().record["geometry"] = None
    added += _repeated(built().record, built().record)
    _misstate(built, rng)
    for name, pick in zip(names.HOSTILE_HOLDERS, (bare, built, bare, built), strict=True):
        pick().record["right_holder"] = name
    return [*(supply.record for supply in found), *added]


def _grid(shape: shapely.Geometry) -> shapely.Geometry:
    """Round to 1 mm."""
    return shapely.transform(shape, lambda points: np.round(points, 3))


def _pool(
    found: list[Supply], rng: np.random.Generator, statuses: tuple[str, ...]
) -> Callable[[], Supply]:
    """Return a function that yields another supply of some statuses at every call."""
    able = [s for s in found if s.plan.status in statuses and len(s.plot.corners) == 4
            and not s.record.get("phase_of") and s.plan.fill is not clocks.backdated]  # fmt: skip
    able = [s for s in able if s.approved_on != date(2014, 5, 1)]
    order = iter(rng.permutation(len(able)))
    return lambda: able[int(next(order))]


def _beside_another(pick: Callable[[], Supply], found: list[Supply]) -> Supply:
    """Return a supply that covers part of another one when it is shifted east by 20 m."""
    tree = shapely.STRtree([supply.plot.outline for supply in found])
    while True:
        supply = pick()
        moved = affinity.translate(supply.plot.outline, 20.0, 0.0)
        over = [found[int(n)].plot.outline.intersection(moved).area for n in tree.query(moved)]
        if sum(over) - supply.plot.outline.intersection(moved).area > 500:
            return supply


def _resurvey(found: list[Supply], rng: np.random.Generator) -> None:
    """Move the corners of whole blocks together, and of ten plots alone."""
    blocks: dict[tuple[int, str], list[Supply]] = {}
    for supply in found:
        blocks.setdefault((supply.place.cluster.number, supply.plot.location), []).append(supply)
    for members in blocks.values():
        if rng.random() < 0.08:
            _move(members, rng)
    for number in rng.choice(len(found), 10, replace=False):
        _move([found[int(number)]], rng)


def _move(members: list[Supply], rng: np.random.Generator) -> None:
    """Move each corner 5–80 cm in a direction of its own, shared corners together."""
    moved: dict[Point, Point] = {}

    def shift(points: np.ndarray) -> np.ndarray:
        for east, north in points.tolist():
            if (east, north) not in moved:
                length, turn = float(rng.uniform(0.05, 0.8)), float(rng.uniform(0, 2 * math.pi))
                moved[east, north] = (
                    round(east + length * math.cos(turn), 3),
                    round(north + length * math.sin(turn), 3),
                )
        return np.array([moved[east, north] for east, north in points.tolist()])

    for supply in members:
        supply.record["geometry"] = shapely.transform(supply.record["geometry"], shift)


def _supplied_again(old: Supply, number: int) -> Record:
    """Return a later supply of three fifths of a plot to another firm."""
    south, east, north, west = old.plot.corners
    corners = (south, _along(south, east), _along(west, north), west)
    cluster, serial = old.place.cluster, 900 + number
    return old.record | {
        "supply_id": f"{cluster.code}2018B{serial:05d}",
        "parcel_code": f"{old.record['parcel_code'][:14]}{90 + number:05d}",
        "right_holder": f"{cluster.prefix}示例企业{9001 + number}有限公司",
        "contract_number": contract(cluster.prefix, "挂牌出让", 2018, serial),
        "declared_area": round(old.record["declared_area"] * 0.6, 4),
        "signed_on": date(2018, 2, 1), "agreed_delivery_on": date(2018, 4, 1),
        "delivered_on": date(2018, 4, 1), "agreed_commencement_on": date(2018, 12, 1),
        "agreed_completion_on": date(2020, 6, 1), "extension_signed_on": None,
        "extended_commencement_on": None, "investigation_number": None,
        "determination_number": None, "supply_mode": "挂牌出让", "pauses": [],
        "geometry": old.place.plane.draw(corners),
    }  # fmt: skip


def _along(start: Point, end: Point) -> Point:
    """Three fifths of the way."""
    return (start[0] + 0.6 * (end[0] - start[0]), start[1] + 0.6 * (end[1] - start[1]))


def _bow_tie(shape: shapely.Polygon) -> shapely.Polygon:
    """Swap two corners of the plain quadrilateral of a plot."""
    corners = list(shapely.simplify(shape, 5).exterior.coords)[:-1]
    corners[1], corners[2] = corners[2], corners[1]
    return shapely.Polygon(corners)


def _repeated(one: Record, other: Record) -> list[Record]:
    """Return one row with the number of another, and one row again as it is."""
    changed = one | {
        "right_holder": one["right_holder"].replace("有限公司", "实业有限公司"),
        "declared_area": round(one["declared_area"] * 0.9, 4),
        "signed_on": one["signed_on"] + timedelta(days=92),
    }
    return [changed, dict(other)]


def _misstate(pick: Callable[[], Supply], rng: np.random.Generator) -> None:
    """Areas, a cluster, days and codes that cannot be."""
    for number in range(12):
        record = pick().record
        factor = 1.15 if number % 2 else 0.85
        record["declared_area"] = round(record["declared_area"] * factor, 4)
    wrong = pick()
    wrong.record["cluster_id"] = "XC01" if wrong.place.cluster.number != 1 else "XC02"
    for _ in range(2):
        early = pick()
        early.record["signed_on"] = early.approved_on - timedelta(days=int(rng.integers(60, 300)))
    changed = 0
    while changed < 5:
        record = pick().record
        if record["parcel_code"].startswith("411003"):
            record["parcel_code"] = f"411023{record['parcel_code'][6:]}"
            changed += 1


def join(found: list[Supply]) -> list[Supply]:
    """Give four supplies the plot across the street as a second part; return those left."""
    gone: set[int] = set()
    for number, (one, other) in enumerate(itertools.pairwise(found), 1):
        apart = one.plot.outline.distance(other.plot.outline)
        if not _may_join(one, other) or not 15 < apart < 60 or number - 1 in gone:
            continue
        parts = [one.record["geometry"], other.record["geometry"]]
        one.record["geometry"] = shapely.MultiPolygon(parts)
        one.record["declared_area"] += other.record["declared_area"]
        gone.add(number)
        if len(gone) == 4:
            break
    return [supply for number, supply in enumerate(found) if number not in gone]


def _may_join(one: Supply, other: Supply) -> bool:
    """Whether two supplies are plainly finished, plain polygons of one cluster."""
    shapes = [s.record["geometry"] for s in (one, other)]
    return (
        one.place is other.place
        and {one.plan.status, other.plan.status} == {"finished"}
        and all(s is not None and s.geom_type == "Polygon" for s in shapes)
        and one.plot.location != other.plot.location
    )
