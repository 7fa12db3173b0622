"""Faults that only show when layers are laid over each other, judged, or asked about as wholes."""

import dataclasses
from datetime import date, timedelta

import numpy as np
import shapely
from faults_of_ledgers import COLUMNS, HEIGHT, City, box

from landuse.partition import overlay
from landuse.partition.tables import snapped_table

ROWS = []
"""Faults of single rows, which tell the city what should be said of whom."""

WHOLES = {}
"""Code of a fault of a whole layer → what spoils a city."""

DAY = timedelta(days=1)
CLUSTER_EDGE = 9
"""Column of the last supply before the border between the two clusters."""
LAST_REACHED = 3
"""Row of the last approval that `approval_overlap` may reach."""


class Land(City):
    """A clean city with footprints, a pause and an enterprise, so that no layer is wanting."""

    def __init__(self, rng):
        super().__init__(rng)
        self.constructions, self.plan = [], []
        self.on, self.as_of = date(2018, 6, 6), "2018-05-31"
        self.snaps = []
        self.free = rng.permutation(len(self.supplies)).tolist()
        for row in self.supplies:
            row.update(term_years=50.0)
            if row["commenced_on"] is None:
                row.update(developed_area=None)
        row = self.working()
        self.seen(row, date(2018, 3, 1))
        cause = {"supply_id": row["supply_id"], "cause": "FM", "document_number": "某发〔2017〕1号"}
        self.pauses.append(cause | {"begins_on": date(2017, 1, 1), "ends_on": date(2017, 2, 1)})
        firm = {"enterprise_id": "E1", "supply_id": row["supply_id"], "grade": "A"}
        self.enterprises.append(firm)

    @property
    def rows(self):
        """Rows of every role."""
        return {
            "cluster": self.clusters,
            "park": self.parks,
            "approval": self.approvals,
            "supply": self.supplies,
            "pause": self.pauses,
            "enterprise": self.enterprises,
            "construction": self.constructions,
            "plan": self.plan,
        }

    def pick(self):
        return self.supplies[self.free.pop()]

    def pair(self):
        """Return two free supplies side by side in one cluster, signed on different days."""
        for n in self.free:
            row, other = self.supplies[n], self.supplies[(n + 1) % len(self.supplies)]
            inside = n % COLUMNS not in {CLUSTER_EDGE, COLUMNS - 1}
            if inside and n + 1 in self.free and row["signed_on"] != other["signed_on"]:
                self.free = [m for m in self.free if m not in {n, n + 1}]
                return row, other
        raise AssertionError

    def one_of(self, *numbers):
        """Return one of some approvals, each of which stands for one kind of fault."""
        return self.approvals[int(self.rng.choice(numbers))]

    def seen(self, row, day, share=0.5, height=100.0):
        """Let a footprint on a supply be observed on a day."""
        west, south, east, _ = row["geometry"].bounds
        self.constructions.append(
            {
                "construction_id": f"B{len(self.constructions)}",
                "supply_id": row["supply_id"],
                "observed_on": day,
                "geometry": shapely.box(west, south, west + (east - west) * share, south + height),
            }
        )

    def waiting(self):
        """Return a supply on which nothing has begun."""
        row = self.pick()
        row.update(commenced_on=None, developed_area=None, invested=None)
        return row

    def working(self):
        row = self.pick()
        row.update(commenced_on=row["signed_on"] + 90 * DAY, developed_area=4_000.0)
        return row


def shaped(row, geometry):
    """Give a row another outline, and its ledger that area."""
    row.update(geometry=geometry, declared_area=geometry.area)
    if "required_area" in row:
        row.update(required_area=None, developed_area=None)


def shifted(shape, east=0.0, north=0.0):
    return shapely.transform(shape, lambda points: points + np.array([east, north]))


def row_fault(spoil):
    ROWS.append(spoil)
    return spoil


def whole_fault(spoil):
    WHOLES[spoil.__name__] = spoil
    return spoil


@row_fault
def approval_overlap(land):
    n = int(land.rng.choice([0, 2]))
    row, north = land.approvals[n], land.approvals[n + 1]
    shaped(row, row["geometry"].union(shifted(row["geometry"], north=35)))
    land.tell(north, "approval_overlap", key="approval_id")


@row_fault
def approvals_coincide(land):
    row = land.one_of(5, 7)
    twin = {**row, "approval_id": "P99", "approval_number": "豫政土〔2015〕999号"}
    shaped(twin, row["geometry"].intersection(shifted(row["geometry"], east=1.0)))
    land.approvals.append(twin)
    land.tell(twin, "approvals_coincide", "approval_overlap", key="approval_id")


@row_fault
def slivers_sorted_out(land):
    row = land.one_of(9, 11)
    west, south, east, north = row["geometry"].bounds
    strip = shapely.box(west, south, west + float(land.rng.uniform(0.1, 0.6)), north)
    shaped(row, shapely.union(shapely.box(west + 3, south, east, north), strip))
    land.tell(row, "slivers_sorted_out", key="approval_id")


@row_fault
def supply_overlap(land):
    row, other = land.pair()
    west, south, east, north = row["geometry"].bounds
    shaped(row, shapely.box(west, south, east + float(land.rng.uniform(60, 90)), north))
    land.tell(min(row, other, key=lambda each: each["signed_on"]), "supply_overlap")


@row_fault
def supply_outside_approval(land):
    n = next(n for n in land.free if n // COLUMNS > LAST_REACHED)
    land.free.remove(n)
    row = land.supplies[n]
    west, south, east, north = row["geometry"].bounds
    shaped(row, shapely.box(west, south, east, north + float(land.rng.uniform(15, 35))))
    land.tell(row, "supply_outside_approval")


@row_fault
def overlay_on_grid(land):
    land.snaps.append(land.pick()["geometry"])
    land.expected.add(("overlay_on_grid", ""))


@row_fault
def built_but_not_commenced(land):
    row = land.waiting()
    land.seen(row, date(2018, 3, 1))
    land.tell(row, "built_but_not_commenced")


@row_fault
def completed_but_bare(land):
    row = land.working()
    row.update(completed_on=row["signed_on"] + 400 * DAY, developed_area=None)
    land.seen(row, date(2018, 3, 1), share=0.05, height=float(land.rng.uniform(3, 9)))
    land.tell(row, "completed_but_bare")


@row_fault
def restart_unproven(land):
    row = land.working()
    row.update(suspended_on=date(2017, 3, 1), resumed_on=date(2017, 9, 1))
    land.seen(row, date(2017, 1, 1), share=0.4)
    land.seen(row, date(2018, 2, 1), share=0.4)
    land.tell(row, "restart_unproven")


@row_fault
def stops_joined(land):
    row = land.working()
    row.update(earlier_suspended_on=date(2017, 2, 1), resumed_on=date(2017, 6, 1))
    row.update(suspended_on=date(2017, 11, 1))
    land.seen(row, date(2017, 1, 1), share=0.4)
    land.seen(row, date(2017, 8, 1), share=0.4)
    land.tell(row, "stops_joined", "resumed_before_suspended")


def _following(land, code, mode):
    row, first = land.waiting(), land.waiting()
    first.update(supply_mode=mode)
    row["preceded_by"] = first["supply_id"]
    land.tell(row, code)


@row_fault
def clock_reset_by_grant(land):
    _following(land, "clock_reset_by_grant", "租赁")


@row_fault
def clock_reset_by_contract(land):
    _following(land, "clock_reset_by_contract", "挂牌出让")


@row_fault
def preceding_unknown(land):
    row = land.pick()
    row["preceded_by"] = "4110032010B99999"
    land.tell(row, "preceding_unknown")


@row_fault
def term_over(land):
    row = land.waiting()
    row["term_years"] = float(land.rng.choice([0.5, 1.0]))
    land.tell(row, "term_over")


@row_fault
def term_too_short(land):
    row = land.waiting()
    row["term_years"] = float(land.rng.choice([3.0, 3.5]))
    land.tell(row, "term_too_short")


@row_fault
def id_missing(land):
    land.pick()["supply_id"] = None
    land.expected.add(("id_missing", ""))


@row_fault
def parts_joined(land):
    row = land.pick()
    west, south, east, north = row["geometry"].bounds
    middle = (west + east) / 2 + float(land.rng.uniform(-20, 20))
    row["geometry"] = shapely.box(west, south, middle, north)
    land.supplies.append({**row, "geometry": shapely.box(middle, south, east, north)})
    land.tell(row, "parts_joined")


@whole_fault
def cluster_overlap(land):
    land.clusters[0]["geometry"] = box(-50, -50, 1528 + float(land.rng.uniform(0, 15)), HEIGHT)


@whole_fault
def park_overlap(land):
    land.parks[0]["geometry"] = box(-50, -50, 1528 + float(land.rng.uniform(0, 15)), HEIGHT)


def _without(code, *roles):
    def spoil(land):
        for role in roles:
            land.rows[role].clear()

    WHOLES[code] = spoil


for _role in ("cluster", "approval", "supply", "construction", "pause", "enterprise"):
    _without(f"no_{_role}", _role)
_without("nothing_to_classify", "supply", "approval")


@whole_fault
def as_of_old(land):
    land.on = date(2020, 6, 6) + int(land.rng.integers(0, 300)) * DAY


@whole_fault
def as_of_after_on(land):
    land.as_of = str(land.on + int(land.rng.integers(1, 300)) * DAY)


@whole_fault
def layer_without_geometry(land):
    for row in land.supplies:
        row["geometry"] = None


@whole_fault
def layer_misplaced(land):
    for row in land.constructions:
        row["geometry"] = shifted(row["geometry"], east=float(land.rng.uniform(8e4, 9e5)))


@whole_fault
def clock_unknown_layer(land):
    for row in land.supplies:
        row.update(agreed_commencement_on=None, commenced_on=None)


@whole_fault
def signed_after_on(land):
    row = land.waiting()
    row.update(signed_on=date(2016, 12, 30))
    row.update(agreed_commencement_on=date(2017, 6, 1), agreed_completion_on=date(2019, 6, 1))
    land.on = date(2016, 12, 29) - int(land.rng.integers(0, 20)) * DAY


@whole_fault
def event_after_on(land):
    land.working()
    land.on = date(2016, 11, 20)


@whole_fault
def invested_unclear(land):
    for row in land.supplies:
        row["invested_includes_land"] = None


@whole_fault
def code_system_missing(land):
    for row in land.supplies:
        row["code_system"] = row["code_system"] if land.rng.random() < 0.9 else None


@whole_fault
def use_codes_translated(land):
    system = str(land.rng.choice(["用地用海分类2023", "三调"]))
    code = {"三调": "0601"}.get(system, "1001")
    land.plan.append({"plan_code": code, "code_system": system, "geometry": box(0, 0, 900, 900)})


BESIDE = {
    "nothing_to_classify": {"no_supply", "no_approval"},
    "signed_after_on": {"as_of_after_on", "event_after_on"},
    "event_after_on": {"as_of_after_on"},
}
"""What is rightly said beside the fault of a whole layer."""


def with_snaps(parts, shapes):
    """Return a partition as it is where plain overlays of some shapes fail and a grid is needed."""
    if not shapes:
        return parts

    def intersection(left, right, grid_size=None):
        if grid_size is None:
            raise shapely.GEOSException("TopologyException")
        return shapely.intersection(left, right, grid_size=grid_size)

    held, told = np.array(shapes, dtype=object), []
    overlay.robust(intersection, held, held, told)
    return dataclasses.replace(parts, snapped=snapped_table(told))
