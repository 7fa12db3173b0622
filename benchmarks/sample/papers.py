"""Tables that come with the map layers: pauses, enterprises and projects."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.sample import clocks, names

if TYPE_CHECKING:
    from benchmarks.sample.places import Record
    from benchmarks.sample.supplies import Supply

DOCUMENTS = {"G1": "国土函", "G2": "规划函", "G3": "政文", "G4": "信访函", "G5": "文物函",
             "G6": "政办函", "FM": "应急函"}  # fmt: skip


def pauses(supplies: list[Supply]) -> list[Record]:
    """Return every lawful pause, one that overlaps another, and one of a supply nobody knows."""
    rng = np.random.default_rng([names.SEED, 6])
    records = [
        {
            "supply_id": supply.record["supply_id"],
            "cause": cause,
            "begins_on": begins,
            "ends_on": ends,
            "document_number": _document(supply, cause, begins, rng),
        }
        for supply in supplies
        for cause, begins, ends in supply.record["pauses"]
    ]
    unknown = {"supply_id": "4110002013B99999", "cause": "G6", "begins_on": date(2016, 3, 1),
               "ends_on": date(2016, 9, 30), "document_number": "许政办函〔2016〕99号"}  # fmt: skip
    return [*records, unknown]


def _document(
    supply: Supply, cause: str, begins: date | None, rng: np.random.Generator
) -> str | None:
    """Return the number of the paper that proves a pause; an assertion has none."""
    if begins is None:
        return None
    place = supply.place.cluster.prefix[0]
    return f"{place}{DOCUMENTS[cause]}〔{begins.year}〕{int(rng.integers(1, 200))}号"


HOLDER = (("E1", 0.35), ("E2", 0.2), ("E3", 0.12), ("E5", 0.2), ("E6", 0.08), ("E9", 0.05))
LATE = {"overdue", "idle_one_year", "idle_two_years", "completion_overdue", "suspended",
        "completion_overdue_two_years", "idle_suspended", "suspended_inefficient"}  # fmt: skip
UNSUPPLIED = {
    "expropriated": (("S1", 0.45), ("S2", 0.3), ("S5", 0.1), ("S6", 0.15)),
    "unexpropriated": (("S3", 0.8), ("S5", 0.2)),
    "occupied": (("S4", 1.0),),
}
"""Causes a ledger names where it names one, by status, with their shares."""


def cause(tables: dict[str, list[Record]], intended: dict[str, str]) -> None:
    """Name the cause of half of what is late and of a third of what is not supplied."""
    rng = np.random.default_rng([names.SEED, 11])
    for role, column, told in (
        ("supply", "delay_cause", 0.5),
        ("approval", "unsupplied_cause", 0.35),
    ):
        for record in tables[role]:
            status = intended.get(record[f"{role}_id"], "")
            choices = HOLDER if role == "supply" and status in LATE else UNSUPPLIED.get(status, ())
            record[column] = None
            if choices and rng.random() < told:
                codes, shares = zip(*choices, strict=True)
                record[column] = str(rng.choice(codes, p=shares))


GRADE_OF = {"underperforming": "C"}
ENTERPRISES = {"finished": 0.37, "underperforming": 1.0, "halted": 1.0}
"""Share of the supplies of a status whose firm is in the evaluation table."""
LEVELS = {"A": 1.9, "B": 1.0, "C": 0.3, "": 0.8}
"""How good the figures of a grade are against those of grade B."""


def enterprises(supplies: list[Supply]) -> list[Record]:
    """Return the firms of the 2017 evaluation: 15 % A, 10 % C, the rest B, small ones ungraded."""
    rng = np.random.default_rng([names.SEED, 7])
    chosen = [
        s for s in supplies
        if s.record.get("production_on") and rng.random() < ENTERPRISES.get(s.plan.status, 0)
        and s.record["production_on"] <= names.ON
    ]  # fmt: skip
    return [_enterprise(supply, number, rng) for number, supply in enumerate(chosen, 1)]


def _enterprise(supply: Supply, number: int, rng: np.random.Generator) -> Record:
    """Return one row: money in 万元, area in mu."""
    status, record = supply.plan.status, supply.record
    above = status != "finished" or rng.random() < 0.92
    grade = GRADE_OF.get(status) or str(rng.choice(["A", "B"], p=[0.19, 0.81]))
    halted = None
    if status == "halted":
        grade = str(rng.choice(["C", "B", ""], p=[0.25, 0.45, 0.30]))
        first = max(record["production_on"] + timedelta(days=60), date(2015, 10, 1))
        halted = clocks.between(rng, first, date(2018, 5, 20))
    mu = supply.plot.outline.area * 0.0015
    return {
        "enterprise_id": f"{number:06d}",
        "enterprise_name": record["right_holder"],
        "supply_id": record["supply_id"],
        "cluster_id": supply.place.cluster.cluster_id,
        "grade": grade if above else "",
        "halted_on": halted,
        "is_above_scale": "是" if above else "否",
        "occupied_area": round(mu, 2),
        **_figures(mu, LEVELS[grade] * (0.05 if halted else 1.0), rng),
    }


def _figures(mu: float, level: float, rng: np.random.Generator) -> Record:
    """Return the figures of the evaluation year (domain 5), better or worse with the level."""
    tax = mu * 9.8 * level * float(rng.lognormal(0, 0.25))
    output = mu * 260 * level**0.5 * float(rng.lognormal(0, 0.3))
    revenue = output * float(rng.uniform(0.88, 1.02))
    return {
        "tax": round(tax, 2),
        "revenue": round(revenue, 2),
        "profit": round(revenue * 0.065 * level - mu * (3 if level < 0.5 else 0), 2),
        "research_spending": round(revenue * 0.018 * level * float(rng.lognormal(0, 0.4)), 2),
        "output_value": round(output, 2),
        "energy_tce": round(output * 0.11 / level**0.7 * float(rng.lognormal(0, 0.3)), 1),
        "emissions_t": round(tax * 0.012 / level * float(rng.lognormal(0, 0.5)), 3),
        "employees": int(max(6, mu * 3.1 * float(rng.lognormal(0, 0.3)))),
    }


PROJECTS = 150
MAJOR = 40
"""As many projects of 5 亿元 and more as the plan of 2018 follows."""
KINDS = (("招商", 0.6), ("技改", 0.3), ("增资扩产", 0.1))
PROGRESS = (("在谈", 0.3), ("已签约", 0.35), ("待供地", 0.2), ("已开工", 0.15))


def projects() -> list[Record]:
    """Return projects that look for land; area in mu, investment in 亿元."""
    rng = np.random.default_rng([names.SEED, 8])
    records = []
    for number in range(1, PROJECTS + 1):
        cluster = names.CLUSTERS[int(rng.integers(len(names.CLUSTERS)))]
        kind, progress = (
            str(rng.choice([word for word, _ in table], p=[share for _, share in table]))
            for table in (KINDS, PROGRESS)
        )
        area = round(float(rng.lognormal(3.9, 0.6)), 1)
        made = int(rng.integers(len(cluster.products)))
        title = str(rng.choice(names.SCALES)).format(
            n=int(rng.integers(1, 80)), p=cluster.products[made]
        )
        records.append({
            "project_id": f"XM2018{number:04d}",
            "project_name": f"{title}项目（示例）",
            "kind": kind,
            "cluster_id": cluster.cluster_id if rng.random() < 0.85 else None,
            "industry": cluster.codes[made],
            "area_needed": None if kind == "技改" and rng.random() < 0.5 else area,
            "investment": round(area * float(rng.uniform(0.022, 0.05)), 2),
            "progress": progress,
            "target_on": date(2018, 7, 1) + timedelta(days=int(rng.integers(0, 540))),
        })  # fmt: skip
    return _invested([*records, *_major(MAJOR - sum(r["investment"] >= 5 for r in records))])


def _major(count: int) -> list[Record]:
    """Return manufacturing projects of 5 亿元 and more on land they hold, which they extend."""
    rng = np.random.default_rng([names.SEED, 9])
    records = []
    for number in range(PROJECTS + 1, PROJECTS + 1 + count):
        cluster = names.CLUSTERS[int(rng.integers(len(names.CLUSTERS)))]
        made = int(rng.integers(len(cluster.products)))
        title = str(rng.choice(names.SCALES)).format(
            n=int(rng.integers(80, 200)), p=cluster.products[made]
        )
        records.append({
            "project_id": f"XM2018{number:04d}",
            "project_name": f"{title}重大项目（示例）",
            "kind": "增资扩产",
            "cluster_id": cluster.cluster_id,
            "industry": cluster.codes[made],
            "area_needed": None,
            "investment": round(float(rng.uniform(5.2, 24.0)), 2),
            "progress": "已签约" if rng.random() < 0.2 else "已开工",
            "target_on": date(2018, 7, 1) + timedelta(days=int(rng.integers(0, 540))),
        })  # fmt: skip
    return records


def _invested(records: list[Record]) -> list[Record]:
    """Add what was invested so far and this year, 亿元; one major project in twelve did not say."""
    rng = np.random.default_rng([names.SEED, 10])
    told = []
    for record in records:
        whole, this_year = 0.0, 0.0
        if record["progress"] == "已开工":
            whole = record["investment"] * float(rng.uniform(0.15, 0.8))
            this_year = whole * float(rng.uniform(0.3, 1.0))
        is_silent = record["investment"] >= 5 and rng.random() < 1 / 12
        amounts = (None, None) if is_silent else (round(whole, 2), round(this_year, 2))
        told.append({**record, "invested": amounts[0], "invested_this_year": amounts[1]})
    return told
