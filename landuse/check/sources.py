"""What is wrong with whole layers: none to classify, too old, too new, or not there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse import findings, units
from landuse.terms import Role

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from landuse.layers import Workspace

_UNDECIDED = (
    Role.CLUSTER,
    Role.APPROVAL,
    Role.SUPPLY,
    Role.CONSTRUCTION,
    Role.PAUSE,
    Role.ENTERPRISE,
)
"""Roles whose absence leaves a question of the law open."""


def nothing(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Forbid a result where there is neither a supply nor an approval."""
    if len(tables[Role.SUPPLY]) or len(tables[Role.APPROVAL]):
        return []
    return [findings.rows("nothing_to_classify")]


def absent(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Say once what a missing role leaves undecided."""
    return [
        findings.rows(f"no_{role}", column=str(role))
        for role in _UNDECIDED
        if not len(tables[role])
    ]


def ages(workspace: Workspace, on: date) -> list[pd.DataFrame]:
    """Name layers that show a day long before, or after, the day asked for."""
    said = []
    for source in workspace.sources:
        if source.role is Role.IMAGERY:
            continue
        shown = units.days([np.datetime64(source.as_of)])
        code = "as_of_after_on" if source.as_of > on else "as_of_old"
        if source.as_of > on or units.full_years(shown, on)[0] >= 1:
            found = findings.rows(
                code, layer=source.name, value=source.as_of.isoformat(), on=on.isoformat()
            )
            said.append(found)
    return said
