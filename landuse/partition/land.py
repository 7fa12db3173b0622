"""The land of a day, admitted and ready to be shared out by county."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.partition import tables as made
from landuse.partition.admit import ROLES, admitted, common_crs
from landuse.partition.precedence import approval_order, owned, supply_order
from landuse.partition.share import divisions, owners, shared, sizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from landuse.partition.admit import Admitted
    from landuse.partition.overlay import Snapped
    from landuse.partition.share import Share
    from landuse.partition.slivers import Tolerances
    from landuse.partition.tables import Tables


@dataclass(frozen=True)
class Land:
    """
    Land that may be shared out.

    `common` is what adds to the tables of a partition and is of no county, `counties` the corners
    of each that owns land, `features` those of a role, approvals and supplies the strongest first,
    and `owner` the county of each approval, then each supply.
    """

    crs: Any
    common: Tables
    counties: Mapping[str, int]
    features: Mapping[str, Admitted]
    owner: NDArray[np.object_]
    tolerances: Tolerances

    @property
    def count(self) -> int:
        """How many approvals and supplies there are."""
        return len(self.owner)

    def shares(self, names: Sequence[str]) -> Iterator[Share]:
        """Share the land of counties out, one after the other as they are asked for."""
        return shared(self.features, self.owner, self.tolerances, names)


def admitted_land(tables: Mapping[str, pd.DataFrame], on: date, tolerances: Tolerances) -> Land:
    """
    Return what of the land takes part on a day, by whom it is owned, and what cannot take part.

    Arguments and errors are those of `partition.pieces`.
    """
    crs = common_crs(tables)
    found = {role: admitted(role, tables[role], on) for role in ROLES}
    features = {role: usable for role, (usable, _) in found.items()}
    approvals, supplies = features["approval"], features["supply"]
    approvals = approvals.taken(approval_order(approvals.ids, approvals.days))
    supplies = supplies.taken(supply_order(supplies.ids, supplies.days, supplies.parent))
    clusters = features["cluster"]
    shapes = np.concatenate([approvals.shapes, supplies.shapes])
    owner = owners(shapes, clusters, divisions(clusters, tables["cluster"]))
    snapped: Snapped = []
    lost = {}
    for role in ("cluster", "park"):
        kept, overlaps = owned(features[role].shapes, snapped)
        lost[role] = (overlaps, features[role])
        features[role] = features[role].drawn(kept)
    common = {
        "overlaps": made.overlap_table(lost, tolerances),
        "unusable": pd.concat([listed for _, listed in found.values()]),
        "snapped": made.snapped_table(snapped),
    }
    features |= {"approval": approvals, "supply": supplies}
    counties = sizes(approvals.shapes, supplies.shapes, owner)
    return Land(crs, common, counties, features, owner, tolerances)
