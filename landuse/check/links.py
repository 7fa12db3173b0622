"""References between tables, and rows that speak of the same land."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse import terms
from landuse.check import about
from landuse.check.settle import base_ids
from landuse.terms import Role

if TYPE_CHECKING:
    import pandas as pd

_LINKS = (
    ("supply_unknown", Role.PAUSE, "supply_id", Role.SUPPLY),
    ("supply_unknown", Role.ENTERPRISE, "supply_id", Role.SUPPLY),
    ("supply_unknown", Role.CONSTRUCTION, "supply_id", Role.SUPPLY),
    ("phase_unknown", Role.SUPPLY, "phase_of", Role.SUPPLY),
    ("cluster_unknown", Role.SUPPLY, "cluster_id", Role.CLUSTER),
    ("cluster_unknown", Role.PARK, "cluster_id", Role.CLUSTER),
    ("cluster_unknown", Role.ENTERPRISE, "cluster_id", Role.CLUSTER),
    ("cluster_unknown", Role.PROJECT, "cluster_id", Role.CLUSTER),
    ("park_unknown", Role.SUPPLY, "park_id", Role.PARK),
)
"""Code, the table and column that refer, and the table referred to."""


_CAUSES = (
    (Role.SUPPLY, "delay_cause", terms.HOLDER_CAUSES),
    (Role.APPROVAL, "unsupplied_cause", terms.UNSUPPLIED_CAUSES),
)
"""Columns that name a cause, and the causes there are."""


def references(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """
    Name references that lead nowhere.

    A table that is absent altogether is said once elsewhere and not again by every row. A supply
    in conflict is still found under the id its rows share.
    """
    said = []
    for code, role, column, target in _LINKS:
        table, others = tables[role], tables[target]
        if len(others) == 0 or not table[column].notna().any():
            continue
        known = set(base_ids(others, target).dropna())
        lost = table[column].notna() & ~table[column].isin(known)
        said.append(about.rows(code, role, table, lost, column))
    supplies = tables[Role.SUPPLY]
    itself = supplies["phase_of"] == base_ids(supplies, Role.SUPPLY)
    said.append(about.rows("phase_of_itself", Role.SUPPLY, supplies, itself, "phase_of"))
    return said


def causes(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name pauses whose cause is no lawful one (闲置土地处置办法 第八条), and unknown causes."""
    pauses = tables[Role.PAUSE]
    unlawful = ~pauses["cause"].isin(list(terms.PAUSE_CAUSES))
    said = [about.rows("pause_cause_unknown", Role.PAUSE, pauses, unlawful, "cause")]
    for role, column, known in _CAUSES:
        told = tables[role][column]
        strange = [text for text in told.dropna().unique() if not terms.cause_code(text, known)]
        said.append(about.rows("cause_unlisted", role, tables[role], told.isin(strange), column))
    return said


def parcels(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name supplies that share a parcel code and are no phases of one another."""
    supplies = tables[Role.SUPPLY]
    ids = base_ids(supplies, Role.SUPPLY)
    family = supplies["phase_of"].fillna(ids)
    coded = supplies["parcel_code"].notna()
    families = family[coded].groupby(supplies.loc[coded, "parcel_code"]).nunique()
    shared = coded & (supplies["parcel_code"].map(families).fillna(0) > 1)
    others = (
        ids[shared]
        .groupby(supplies.loc[shared, "parcel_code"])
        .agg(lambda group: "、".join(sorted(set(group))))
    )
    named = supplies["parcel_code"].map(others)
    return [
        about.rows("parcel_repeated", Role.SUPPLY, supplies, shared, "parcel_code", others=named)
    ]


def lookalikes(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name supplies of different ids with the same place, holder, project, area and day."""
    supplies = tables[Role.SUPPLY]
    facts = ["location", "right_holder", "project_name", "declared_area", "signed_on"]
    told = supplies[["location", "declared_area", "signed_on"]].notna().all(axis=1)
    if "is_conflicting" in supplies:
        told &= ~supplies["is_conflicting"]
    alike = told & supplies[told].duplicated(facts, keep=False).reindex(
        supplies.index, fill_value=False
    )
    ids = supplies.loc[alike, "supply_id"]
    keys = [supplies.loc[alike, name] for name in facts]
    others = ids.groupby(keys, dropna=False).transform(lambda group: "、".join(sorted(group)))
    named = others.reindex(supplies.index)
    return [about.rows("supplies_alike", Role.SUPPLY, supplies, alike, "supply_id", others=named)]
