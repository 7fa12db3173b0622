"""The whole synthetic city, put together in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from benchmarks.sample import approvals, buildings, faults, names, papers, places, supplies

if TYPE_CHECKING:
    from benchmarks.sample.approvals import Batch
    from benchmarks.sample.places import Record


@dataclass(frozen=True)
class City:
    """
    Rows of every layer, by role, in the units their TOML declares.

    `supply` holds all supplies; `city_run` tells which the city delivers. `intended` is the
    status each supply and each unsupplied remainder is meant to have on 2018-06-30.
    """

    tables: dict[str, list[Record]]
    city_run: frozenset[str]
    intended: dict[str, str]


def build() -> City:
    """Draw the city; the same seed gives the same city."""
    grounds = [places.ground(cluster) for cluster in names.CLUSTERS]
    parks = [places.park_record(park, grounds[park.cluster - 1]) for park in names.PARKS]
    batches = approvals.batches(grounds)
    found = supplies.supplies(batches, faults.strays(grounds, batches), parks)
    found = faults.join(found)
    supplies.phase(found)
    footprints = buildings.footprints(found, batches)
    city_run = frozenset(c.cluster_id for c in names.CLUSTERS if c.is_city_run)
    home = {s.record["supply_id"]: s.place.cluster.cluster_id for s in found}
    intended = {s.record["supply_id"]: s.plan.status for s in found}
    tables = {
        "cluster": [places.cluster_record(ground) for ground in grounds],
        "park": parks,
        "pause": papers.pauses(found),
        "enterprise": papers.enterprises(found),
        "project": papers.projects(),
        "construction": footprints,
        "plan": [record for ground in grounds for record in places.plan_records(ground)],
        "network": [record for ground in grounds for record in places.network_records(ground)],
    }
    faults.spoil_approvals(batches)
    tables["approval"] = [batch.record for batch in batches]
    tables["supply"] = faults.spoil_supplies(found)
    for record in tables["supply"]:
        home.setdefault(record["supply_id"], str(record["cluster_id"]))
        intended.setdefault(record["supply_id"], "not_due")
    kept = {record["supply_id"] for record in tables["supply"]}
    intended = {key: status for key, status in intended.items() if key in kept}
    intended |= {batch.record["approval_id"]: _remainder(batch) for batch in batches}
    papers.cause(tables, intended)
    return City(tables, frozenset(k for k, v in home.items() if v in city_run), intended)


def _remainder(batch: Batch) -> str:
    """Return the status the unsupplied remainder of a batch is meant to have."""
    if batch.fate in {"occupied", "withdrawn"}:
        return {"occupied": "occupied", "withdrawn": "lapsed"}[batch.fate]
    if batch.record["approved_on"] is None:
        return "undetermined"
    done = batch.record["compensation_done"]
    if done != "否":
        return {"是": "expropriated", "": "unsupplied"}[done]
    return "lapsed" if batch.approved_on < date(2016, 6, 30) else "unexpropriated"


def counts(city: City) -> Counter[str]:
    """Count the intended statuses."""
    return Counter(city.intended.values())
