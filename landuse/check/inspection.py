"""The act of checking: every question about the tables, asked once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from landuse import findings as findings_module
from landuse.check import (
    amounts,
    days,
    links,
    neighbours,
    numbers,
    places,
    sources,
    stages,
)

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from landuse.layers import Workspace

_log = logging.getLogger(__name__)


def findings(tables: dict[str, pd.DataFrame], workspace: Workspace, on: date) -> pd.DataFrame:
    """
    Name everything a land clerk should know before trusting a result.

    Parameters
    ----------
    tables
        One table a role, from `settled`; geometry in the workspace's CRS. Not changed.
    workspace
        Its settings and source layers.
    on
        The day asked for; what happened later counts as not yet known.

    Returns
    -------
    findings
        As `landuse.findings.gather` orders them. One of severity `forbids` stands against any
        result.
    """
    tables = places.measured(tables)
    asked = [
        sources.nothing(tables),
        sources.absent(tables),
        sources.ages(workspace, on),
        amounts.required(tables),
        amounts.areas(tables, workspace),
        amounts.shares(tables),
        amounts.grades(tables),
        days.blanks(tables),
        days.of_supplies(tables, workspace, on),
        days.against_sources(tables, workspace, on),
        days.of_approvals(tables),
        days.of_pauses(tables),
        links.references(tables),
        links.causes(tables),
        links.parcels(tables),
        links.lookalikes(tables),
        numbers.of_supplies(tables, workspace),
        numbers.of_parcels(tables, workspace),
        numbers.of_owners(tables),
        numbers.of_approvals(tables),
        numbers.of_uses(tables),
        numbers.of_systems(tables),
        numbers.of_industries(tables),
        places.shapes(tables),
        places.memberships(tables),
        places.misplaced(tables),
        neighbours.coinciding(tables),
        neighbours.strips(tables),
        neighbours.borders(tables),
        neighbours.sequence(tables),
        stages.missing(tables, on),
    ]
    found = findings_module.gather(table for answers in asked for table in answers)
    _log.info("check: %d findings of %d kinds", len(found), found["code"].nunique())
    return found
