"""A clean small city, and every fault its ledgers may have, put into rows of its own."""

from datetime import date, timedelta

import numpy as np
import shapely

EDGE = 2300.0  # metres east of the origin where the clusters end
ORIGIN = np.array([500_000.0, 3_760_000.0])
COLUMNS, ROWS = 15, 18
HEIGHT = ROWS * 150.0 + 100
DAY = timedelta(days=1)


def box(x, y, width=100.0, height=100.0):
    low = ORIGIN + np.array([x, y])
    return shapely.box(low[0], low[1], low[0] + width, low[1] + height)


class City:
    """The rows of a clean city and what a check should say of those that are spoilt."""

    def __init__(self, rng):
        self.rng = rng
        self.expected = set()
        self.supplies = [self._supply(n) for n in range(COLUMNS * ROWS)]
        self.pauses, self.enterprises, self.projects = [], [], []
        self.clusters = [
            {"cluster_id": "C1", "cluster_name": "西", "geometry": box(-50, -50, 1525, HEIGHT)},
            {"cluster_id": "C2", "cluster_name": "东", "geometry": box(1475, -50, 825, HEIGHT)},
        ]
        self.parks = [
            {**each, "park_id": each["cluster_id"].replace("C", "K"), "park_name": "园"}
            for each in self.clusters
        ]
        self.approvals = [self._approval(n) for n in range(ROWS)]
        self._free = iter(rng.permutation(len(self.supplies)).tolist())
        self._free_approvals = iter(rng.permutation(ROWS).tolist())

    def _supply(self, n):
        column, row = n % COLUMNS, n // COLUMNS
        signed = date(2016, 1, 1) + int(self.rng.integers(0, 300)) * DAY
        begun = bool(self.rng.random() < 0.5)
        return {
            "supply_id": f"411003{signed.year}B{n + 1:05d}",
            "parcel_code": f"411003001002GB{n + 1:05d}",
            "cluster_id": "C1" if column < 10 else "C2",
            "right_holder": f"第{n}公司",
            "project_name": f"第{n}项目",
            "location": f"第{row}路第{column}号",
            "supply_mode": "挂牌出让",
            "land_use": "工业用地",
            "land_use_code": "0601",
            "code_system": "GB/T 21010-2017",
            "declared_area": 10_000.0,
            "price": 3e6,
            "signed_on": signed,
            "agreed_commencement_on": signed + 180 * DAY,
            "agreed_completion_on": signed + 900 * DAY,
            "commenced_on": signed + 150 * DAY if begun else None,
            "required_area": 9_000.0,
            "developed_area": 4_000.0,
            "planned_investment": 5e7,
            "invested": 2e7,
            "invested_includes_land": False,
            "geometry": box(column * 150, row * 150),
        }

    def _approval(self, n):
        return {
            "approval_id": f"P{n:02d}",
            "approval_number": f"豫政土〔2015〕{100 + n}号",
            "approved_on": date(2015, 6, 1),
            "batch_name": f"第{n}批次",
            "declared_area": 2270.0 * 120,
            "geometry": box(-20, n * 150 - 10, 2270, 120),
        }

    def pick(self):
        """Return a supply nobody has spoilt yet."""
        return self.supplies[next(self._free)]

    def pick_approval(self):
        return self.approvals[next(self._free_approvals)]

    def tell(self, row, *codes, key="supply_id"):
        self.expected |= {(code, row[key]) for code in codes}

    def last(self, one, other):
        """Return the later of two rows of the table."""
        return max(one, other, key=lambda row: next(
            n for n, known in enumerate(self.supplies) if known is row))  # fmt: skip


def changed(code, *also, **facts):
    """Return a fault that puts facts into a row; a function is asked for the fact of the row."""

    def fault(city):
        row = city.pick()
        given = {n: value(row) if callable(value) else value for n, value in facts.items()}
        row.update(given)
        city.tell(row, code, *also)

    fault.__name__ = code
    return fault


def _after(column, days):
    return lambda row: row[column] + days * DAY


def _digits(row, start, text):
    return row["supply_id"][:start] + text + row["supply_id"][start + len(text) :]


SIGNED = "signed_on"
DAYS = [
    changed(
        "completed_before_commenced",
        commenced_on=_after(SIGNED, 90),
        completed_on=_after(SIGNED, 60),
    ),
    changed("commenced_before_signed", commenced_on=_after(SIGNED, -30)),
    changed(
        "completed_before_signed",
        "completed_without_start",
        commenced_on=None,
        completed_on=_after(SIGNED, -9),
    ),
    changed(
        "suspended_before_commenced",
        commenced_on=_after(SIGNED, 90),
        suspended_on=_after(SIGNED, 60),
    ),
    changed("suspended_without_start", commenced_on=None, suspended_on=_after(SIGNED, 60)),
    changed(
        "production_before_commenced",
        commenced_on=_after(SIGNED, 90),
        production_on=_after(SIGNED, 60),
    ),
    changed("resumed_without_stop", resumed_on=_after(SIGNED, 300)),
    changed("delivered_before_signing", delivered_on=_after(SIGNED, -30)),
    changed("permit_before_signing", permit_on=_after(SIGNED, -30)),
    changed("start_agreed_before_signing", agreed_commencement_on=_after(SIGNED, -1)),
    changed("completion_agreed_before_start", agreed_completion_on=_after(SIGNED, 100)),
    changed("extension_unsigned", extended_commencement_on=_after(SIGNED, 300)),
    changed(
        "extension_backdated",
        extended_commencement_on=_after(SIGNED, 300),
        extension_signed_on=_after(SIGNED, 320),
    ),
    changed(
        "extension_too_long",
        extended_commencement_on=_after(SIGNED, 180 + 370),
        extension_signed_on=_after(SIGNED, 100),
    ),
    changed(
        "resumed_before_suspended",
        commenced_on=_after(SIGNED, 90),
        suspended_on=_after(SIGNED, 200),
        resumed_on=_after(SIGNED, 150),
    ),
    changed(
        "suspended_after_completion",
        commenced_on=_after(SIGNED, 90),
        completed_on=_after(SIGNED, 300),
        suspended_on=_after(SIGNED, 310),
    ),
    changed(
        "production_before_completion",
        commenced_on=_after(SIGNED, 90),
        completed_on=_after(SIGNED, 400),
        production_on=_after(SIGNED, 300),
    ),
    changed(
        "extension_before_agreed",
        extended_commencement_on=_after(SIGNED, 150),
        extension_signed_on=_after(SIGNED, 100),
    ),
    changed(
        "extension_before_signing",
        extended_commencement_on=_after(SIGNED, 300),
        extension_signed_on=_after(SIGNED, -10),
    ),
    changed("start_before_permit", commenced_on=_after(SIGNED, 90), permit_on=_after(SIGNED, 120)),
    changed(
        "start_before_delivery", commenced_on=_after(SIGNED, 90), delivered_on=_after(SIGNED, 120)
    ),
    changed("delivery_agreed_before_signing", agreed_delivery_on=_after(SIGNED, -10)),
    changed("day_blank", delivered_on=date(1900, 1, 1)),
    changed("day_after_as_of", commenced_on=date(2018, 6, 3)),
]

FACTS = [
    changed(
        "suspended_fields_missing",
        commenced_on=_after(SIGNED, 90),
        suspended_on=_after(SIGNED, 200),
        developed_area=None,
    ),
    changed("determined_fields_missing", determination_number="某闲认〔2018〕1号"),
    changed("signed_fields_missing", right_holder=None),
    changed("begun_fields_missing", commenced_on=_after(SIGNED, 90), agreed_completion_on=None),
    changed("clock_unknown", commenced_on=None, agreed_commencement_on=None),
    changed("area_differs", declared_area=11_500.0),
    changed("area_zero", "area_differs", "required_exceeds_declared", declared_area=0.0),
    changed("invested_exceeds_planned", invested=6e7),
    changed("developed_exceeds_required", developed_area=9_500.0),
    changed("required_exceeds_declared", required_area=10_500.0),
    changed("invested_below_price", invested=1e6, invested_includes_land=True),
    changed("phase_unknown", phase_of="4110032016B99999"),
    changed("cluster_unknown", cluster_id="C9"),
    changed("cluster_differs", cluster_id=lambda row: {"C1": "C2", "C2": "C1"}[row["cluster_id"]]),
    changed("geometry_missing", geometry=None),
    changed("phase_of_itself", phase_of=lambda row: row["supply_id"]),
    changed("park_unknown", park_id="K9"),
    changed("park_differs", park_id=lambda row: {"C1": "K2", "C2": "K1"}[row["cluster_id"]]),
    changed(
        "area_unknown",
        "geometry_missing",
        "signed_fields_missing",
        declared_area=None,
        geometry=None,
    ),
    changed(
        "geometry_not_finite",
        geometry=shapely.Polygon([(0, 0), (float("inf"), 0), (1, 1), (0, 0)]),
    ),
    changed("geometry_empty", geometry=shapely.Polygon()),
]

NUMBERS = [
    changed("supply_id_form", supply_id=lambda row: row["supply_id"] + "X"),
    changed("supply_id_year", supply_id=lambda row: _digits(row, 6, "2014")),
    changed("supply_id_kind", supply_mode="划拨"),
    changed(
        "division_foreign", "divisions_differ", supply_id=lambda row: _digits(row, 0, "410802")
    ),
    changed(
        "division_unknown", "divisions_differ", supply_id=lambda row: _digits(row, 0, "411099")
    ),
    changed("parcel_code_form", parcel_code=lambda r: "丘-" + r["parcel_code"][-3:]),
    changed("parcel_code_right", parcel_code=lambda r: r["parcel_code"].replace("GB", "GA")),
    changed("parcel_code_collective", parcel_code=lambda r: r["parcel_code"].replace("GB", "JB")),
    changed(
        "parcel_code_serial",
        parcel_code=lambda r: (
            r["parcel_code"].replace("001002", r["parcel_code"][-3:] + "009")[:14] + "00000"
        ),
    ),
    changed("parcel_code_fixture", parcel_code=lambda r: r["parcel_code"] + "W00010001"),
    changed("divisions_differ", parcel_code=lambda r: r["parcel_code"].replace("411003", "411081")),
    changed("division_former", parcel_code=lambda r: r["parcel_code"].replace("411003", "411023")),
    changed("use_code_unknown", land_use_code="0699"),
    changed("use_differs", land_use_code="0604"),
    changed("code_system_unknown", code_system="本局自编"),
    changed("cause_unlisted", delay_cause="股东不和"),
    changed("ownership_collective", "ownership_differs", ownership="集体土地所有权"),
    changed(
        "ownership_differs",
        "parcel_code_collective",
        ownership="20",
        parcel_code=lambda r: r["parcel_code"].replace("GB", "JB"),
    ),
]


def geometry_invalid(city):
    row = city.pick()
    (a, b, c, d, _) = row["geometry"].exterior.coords
    row["geometry"] = shapely.Polygon([a, c, b, d, a])
    city.tell(row, "geometry_invalid")


def supply_straddles(city):
    row = city.pick()
    place = sum(code == "supply_straddles" for code, _ in city.expected)
    row.update(geometry=box(EDGE - 45, place * 150), cluster_id="C2")
    city.tell(row, "supply_straddles")


def _far(code, **facts):
    def fault(city):
        row = city.pick()
        place = sum(known == code for known, _ in city.expected)
        row.update(geometry=box(9_000, place * 150 + (5_000 if facts else 0)), **facts)
        city.tell(row, code)

    return fault


def supplies_coincide(city):
    row, other = city.pick(), city.pick()
    shift = float(city.rng.uniform(-2, 2))
    moved = shapely.transform(other["geometry"], lambda points: points + np.array([shift, 0.5]))
    row.update(geometry=moved, cluster_id=other["cluster_id"])
    city.tell(city.last(row, other), "supplies_coincide")


def supplies_nearly_touch(city):
    row, other = city.pick(), city.pick()
    _, low, right, high = other["geometry"].bounds
    strip = float(city.rng.uniform(0.05, 0.45))
    shape = shapely.box(right + strip, low, right + strip + 20, high)
    row.update(geometry=shape, declared_area=shape.area, cluster_id=other["cluster_id"])
    row.update(required_area=None, developed_area=None)
    city.tell(city.last(row, other), "supplies_nearly_touch")


def signed_before_approval(city):
    row = city.pick()
    row.update(signed_on=date(2015, 3, 1), supply_id=_digits(row, 6, "2015"), commenced_on=None)
    city.tell(row, "signed_before_approval")


def id_conflicting(city):
    row = city.pick()
    city.supplies.append({**row, "right_holder": "另一公司"})
    city.tell(row, "id_conflicting")


def row_repeated(city):
    row = city.pick()
    city.supplies.append(dict(row))
    city.tell(row, "row_repeated")


def parcel_repeated(city):
    row, other = city.pick(), city.pick()
    row["parcel_code"] = other["parcel_code"]
    city.tell(row, "parcel_repeated")
    city.tell(other, "parcel_repeated")


def supplies_alike(city):
    row, other = city.pick(), city.pick()
    same = ("location", "right_holder", "project_name", "signed_on", "supply_mode")
    row.update({name: other[name] for name in same})
    row.update(agreed_completion_on=other["agreed_completion_on"], commenced_on=None)
    row["agreed_commencement_on"] = other["agreed_commencement_on"]
    city.tell(row, "supplies_alike")
    city.tell(other, "supplies_alike")


def _pause(code, **facts):
    def fault(city):
        row = city.pick()
        base = {"supply_id": row["supply_id"], "cause": "G1", "begins_on": date(2017, 1, 1),
                "ends_on": date(2017, 3, 1), "document_number": "某发〔2017〕1号"}  # fmt: skip
        given = {name: value(row) if callable(value) else value for name, value in facts.items()}
        pause = {**base, **given}
        city.pauses.append(pause)
        city.tell(pause, code)

    return fault


def pauses_overlap(city):
    row = city.pick()
    for begins, ends in ((date(2017, 1, 1), date(2017, 3, 1)), (date(2017, 2, 1), None)):
        city.pauses.append({"supply_id": row["supply_id"], "cause": "FM", "begins_on": begins,
                            "ends_on": ends, "document_number": "某"})  # fmt: skip
    city.tell(row, "pauses_overlap")


def grade_unknown(city):
    number = len(city.enterprises)
    firm = {"enterprise_id": f"E{number}", "supply_id": city.pick()["supply_id"], "grade": "D"}
    city.enterprises.append(firm)
    city.tell(firm, "grade_unknown", key="enterprise_id")


def _approval(code, *also, **facts):
    def fault(city):
        row = city.pick_approval()
        row.update(
            {name: value(row) if callable(value) else value for name, value in facts.items()}
        )
        city.tell(row, code, *also, key="approval_id")

    return fault


def approval_number_shared(city):
    row, other = city.pick_approval(), city.pick_approval()
    row["approval_number"] = other["approval_number"]
    for each in (row, other):
        city.tell(each, "approval_number_shared", key="approval_id")


def industry_unknown(city):
    number = len(city.projects)
    project = {"project_id": f"J{number}", "project_name": "某", "industry": "X99"}
    city.projects.append(project)
    city.tell(project, "industry_unknown", key="project_id")


def park_elsewhere(city):
    row = city.pick()
    place = sum(known == "park_elsewhere" for known, _ in city.expected)
    row.update(geometry=box(19_000, place * 150), cluster_id=None, park_id="K1")
    city.tell(row, "park_elsewhere", "supply_outside_clusters")


def required_missing(city):
    number = len(city.approvals)
    row = {**city.approvals[0], "approval_id": f"P{number}", "approved_on": None}
    row.update(
        approval_number=f"豫政土〔2015〕{900 + number}号", geometry=box(0, -150 * number, 2270, 120)
    )
    city.approvals.append(row)
    city.tell(row, "required_missing", key="approval_id")


OTHERS = [
    geometry_invalid,
    supply_straddles,
    _far("supply_outside_clusters", cluster_id=None),
    _far("cluster_elsewhere"),
    supplies_coincide,
    supplies_nearly_touch,
    signed_before_approval,
    id_conflicting,
    row_repeated,
    parcel_repeated,
    supplies_alike,
    _pause("supply_unknown", supply_id=lambda row: _digits(row, 11, "9")),
    _pause("pause_cause_unknown", cause="G7"),
    _pause("pause_without_begin", begins_on=None),
    _pause("pause_ends_before_begin", ends_on=date(2016, 1, 1)),
    _pause("pause_undocumented", document_number=None),
    pauses_overlap,
    grade_unknown,
    _approval("approval_number_form", approval_number="第三批次"),
    _approval(
        "approval_number_year",
        approval_number=lambda row: f"豫政土〔2013〕{row['approval_id'][1:]}9号",
    ),
    _approval("withdrawn_before_approved", withdrawn_on=date(2015, 1, 1)),
    approval_number_shared,
    industry_unknown,
    park_elsewhere,
    required_missing,
]
"""Faults that need more than other facts in one row."""

ALL = [*DAYS, *FACTS, *NUMBERS, *OTHERS]
