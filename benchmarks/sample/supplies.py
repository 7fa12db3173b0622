"""Who got which plot, on what terms, and what stands on it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from benchmarks.sample import clocks, names

if TYPE_CHECKING:
    from datetime import date

    from benchmarks.sample.approvals import Batch
    from benchmarks.sample.places import Ground, Plot, Record

MU = 0.0015
PRICE_PER_MU = (11.0, 19.0)
"""Price of industrial land, 万元 a mu."""


@dataclass
class Supply:
    """A plot that was supplied: its place, the kind of its story and its row."""

    place: Ground
    plot: Plot
    approved_on: date
    plan: clocks.Plan
    record: Record


def supplies(batches: list[Batch], strays: list[Supply], parks: list[Record]) -> list[Supply]:
    """Return every supply of the city with its row; faults are added later."""
    rng = np.random.default_rng([names.SEED, 3])
    open_plots = [(b, plot) for b in batches for plot in b.plots(rng)]
    stories = _stories([b.approved_on for b, _ in open_plots], rng)
    found = [
        Supply(batch.place, plot, batch.approved_on, story, {})
        for (batch, plot), story in zip(open_plots, stories, strict=True)
        if story is not None
    ]
    found += strays
    for number, supply in enumerate(found, 1):
        supply.record = _record(supply, number, rng)
    _number(found, rng)
    _name_parks(found, parks, rng)
    return found


def _stories(approved: list[date], rng: np.random.Generator) -> list[clocks.Plan | None]:
    """Give each plot a story its approval allows; a plot too young for any stays unsupplied."""
    stories: list[clocks.Plan | None] = [None] * len(approved)
    age = np.array([(names.ON - day).days for day in approved])
    for plan in sorted(clocks.PLANS, key=lambda p: (-p.last.toordinal(), p.name)):
        able = [n for n, day in enumerate(approved)
                if stories[n] is None and clocks.fits(plan, day)]  # fmt: skip
        weight = np.exp(-age[able] / 800)
        chosen = rng.choice(able, plan.count, replace=False, p=weight / weight.sum())
        for number in chosen:
            stories[int(number)] = plan
    for number, day in enumerate(approved):
        if stories[number] is None and clocks.fits(clocks.FINISHED, day):
            stories[number] = clocks.FINISHED
    return stories


def _record(supply: Supply, number: int, rng: np.random.Generator) -> Record:
    """Return the row of a supply; areas in ha, money in 万元, as the registers write them."""
    days = clocks.facts(supply.plan, supply.approved_on, rng)
    cluster, mu = supply.place.cluster, supply.plot.outline.area * MU
    mode = _drawn(rng, [(mode, share) for mode, share in names.SUPPLY_MODES])
    uses = names.PUBLIC_USES if mode == "划拨" else names.LAND_USES
    use = uses[int(rng.integers(len(uses)))] if mode == "划拨" else _use(rng)
    product = str(rng.choice(cluster.products))
    holder = number if number == 1 or rng.random() < 0.94 else number - 1
    title = str(rng.choice(names.SCALES)).format(n=int(rng.integers(1, 60)), p=product)
    record = {
        "cluster_id": cluster.cluster_id if rng.random() < 0.92 else None,
        "right_holder": f"{cluster.prefix}示例企业{holder:04d}有限公司",
        "project_name": f"{title}项目",
        "location": supply.plot.location,
        "supply_mode": mode,
        "land_use": use[1],
        "land_use_code": use[0],
        "code_system": names.CODE_SYSTEM,
        "declared_area": round(mu / 15 * float(rng.normal(1, 0.0004)), 4),
        "price": _price(mode, mu, rng),
        "is_mortgaged": "是" if rng.random() < 0.08 else "否",
        "is_seized": "是" if rng.random() < 0.015 else "否",
        "geometry": supply.plot.outline,
        "pauses": days.pop("pauses", []),
    }
    return record | _money(days, supply.plot.outline.area, rng) | days


def _drawn(rng: np.random.Generator, choices: list[tuple[str, float]]) -> str:
    """One of several words by their shares."""
    words, shares = zip(*choices, strict=True)
    return str(rng.choice(words, p=shares))


def _use(rng: np.random.Generator) -> tuple[str, str]:
    """Code and name of a use of land that is paid for."""
    code = _drawn(rng, [(code, share) for code, _, share in names.LAND_USES])
    return code, next(name for other, name, _ in names.LAND_USES if other == code)


def _price(mode: str, mu: float, rng: np.random.Generator) -> float | None:
    """Price in 万元: a year's rent for a lease; none for land that was allocated free of charge."""
    per_mu = float(rng.uniform(*PRICE_PER_MU))
    if mode == "划拨":
        return None if rng.random() < 0.6 else round(per_mu * mu * 0.5, 2)
    return round(per_mu * mu * (0.06 if mode == "租赁" else 1), 2)


def _money(days: Record, area: float, rng: np.random.Generator) -> Record:
    """Planned and spent money in 万元, areas to be developed and developed in m²."""
    built, invested = days.pop("built_share", None), days.pop("invested_share", None)
    price_share, stopped = days.pop("price_share", 0), days.pop("stopped", False)
    planned = float(round(area * MU * float(rng.uniform(180, 420)), 0))
    if not stopped:
        return {"planned_investment": planned if rng.random() < 0.8 else None}
    required = float(round(area * float(rng.uniform(0.55, 0.8)) / 3) * 3)
    planned = round(planned / 4) * 4.0
    facts: Record = {
        "required_area": required,
        "developed_area": required / 3 if built == 1 / 3 else round(required * built, 2),
        "planned_investment": planned,
        "invested": None if np.isnan(invested) else round(planned * invested, 2),
        "invested_includes_land": "是" if price_share else "否",
    }
    if price_share:
        facts |= {"price": round(planned * price_share, 2), "supply_mode": "挂牌出让",
                  "land_use": "工业用地", "land_use_code": "0601"}  # fmt: skip
    return facts


def _number(found: list[Supply], rng: np.random.Generator) -> None:
    """Give each supply its 电子监管号, parcel code, contract and, where due, notice numbers."""
    counters: dict[str, int] = {}

    def following(key: str) -> int:
        counters[key] = counters.get(key, int(rng.integers(3, 60))) + 1
        return counters[key]

    for supply in found:
        record, cluster = supply.record, supply.place.cluster
        year = record["signed_on"].year
        letter = names.MODE_LETTER.get(record["supply_mode"], "B")
        key = f"{cluster.code}{year}{letter}"
        serial = following(key)
        record["supply_id"] = f"{key}{serial:05d}"
        zone = f"{cluster.cadastre}{cluster.number:03d}{1 + int(rng.integers(4)):03d}"
        record["parcel_code"] = f"{zone}GB{following(zone):05d}"
        record["contract_number"] = contract(cluster.prefix, record["supply_mode"], year, serial)
        record.update(_notices(supply, serial, rng))


def contract(prefix: str, mode: str, year: int, serial: int) -> str:
    """Return the number of a contract or of an allocation decision."""
    if mode == "划拨":
        return f"{prefix[0]}国土划字〔{year}〕{serial}号"
    word = "租赁" if mode == "租赁" else "出让"
    return f"豫({prefix})工业{word}({year}年)第{serial:04d}号"


def _notices(supply: Supply, serial: int, rng: np.random.Generator) -> Record:
    """Return the notices served: some idle land is investigated, some of that determined."""
    status, short = supply.plan.status, supply.place.cluster.prefix[0]
    chance = {"idle_one_year": 0.5, "idle_two_years": 0.8, "idle_government": 0.6,
              "idle_suspended": 0.5}.get(status, 0.0)  # fmt: skip
    if rng.random() >= chance:
        return {}
    found = {"investigation_number": f"{short}国土闲调〔2017〕{serial}号"}
    if rng.random() < 0.45:
        found["determination_number"] = f"{short}国土闲认〔2018〕{serial}号"
    return found


def _name_parks(found: list[Supply], parks: list[Record], rng: np.random.Generator) -> None:
    """Most supplies in a park name it; the others are found by their geometry."""
    tree = shapely.STRtree([park["geometry"] for park in parks])
    inside = [s.plot.outline.representative_point() for s in found]
    for number, park in zip(*tree.query(inside, predicate="within"), strict=True):
        if rng.random() < 0.75:
            found[int(number)].record["park_id"] = parks[int(park)]["park_id"]


PHASED = 6
"""Projects granted in two phases, each on its own plot."""


def phase(found: list[Supply]) -> None:
    """Make some neighbours two phases of one project: the first finished, the second not."""
    pairs = [
        (first, second)
        for first, second in itertools.pairwise(found)
        if first.plot.location == second.plot.location
        and first.plan.status == "finished"
        and second.plan.status in {"idle_one_year", "overdue", "in_progress", "suspended"}
    ]
    for first, second in pairs[:: max(1, len(pairs) // PHASED)][:PHASED]:
        shared = ("right_holder", "supply_mode", "contract_number", "land_use", "land_use_code")
        second.record |= {name: first.record[name] for name in shared}
        second.record |= {
            "supply_id": f"{first.record['supply_id']}-2",
            "phase_of": first.record["supply_id"],
            "project_name": f"{first.record['project_name']}（二期）",
        }
