"""What the workbook is made of: everything a run has found, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
import shapely

from landuse import facts, texts
from landuse.found import Judged
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from landuse.law import Statutes
    from landuse.layers import Workspace
    from landuse.texts import Lang


class Parts(Protocol):
    """
    The accounts of a partition.

    One row an approval: approval_id, area_m2, lost_m2, supplied_m2, unsupplied_m2, sliver_m2,
    residual_m2.
    """

    @property
    def accounts(self) -> pd.DataFrame: ...  # noqa: D102


class Grading(Protocol):
    """How firms are graded, as far as what follows by grade is shown."""

    @property
    def policies(self) -> Sequence[Mapping[str, str]]: ...  # noqa: D102


class Results(Judged, Protocol):
    """
    What a run found, as far as the workbook shows it; none of it is changed.

    `tables` holds role -> table (cluster, park, approval, supply, pause and enterprise are used;
    areas in m², money in yuan), `cases` the table of cases after `dispose.measures`, `totals`
    what `totals.json` holds, `findings` findings not yet worded, `inputs` one row a source file
    with `layer` (stem of its TOML) and `rows`, `scores` how sound each is (`check.scorecard`),
    `entries` what was accepted (`entries.read`), `scheme` how firms are graded, `on`
    the day asked for.
    """

    @property
    def partition(self) -> Parts: ...  # noqa: D102
    @property
    def totals(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def scores(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def inputs(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def entries(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def scheme(self) -> Grading: ...  # noqa: D102


@dataclass(frozen=True)
class Carried:
    """What a run found (`Results`), as far as a list of its cases shows it, to be sent away."""

    workspace: Workspace
    on: date
    statutes: Statutes
    tables: Mapping[str, pd.DataFrame]
    cases: pd.DataFrame
    partition: Parts
    totals: Mapping[str, Any]
    findings: pd.DataFrame
    scores: pd.DataFrame
    inputs: pd.DataFrame
    entries: pd.DataFrame
    scheme: Grading

    @classmethod
    def of(cls, results: Results) -> Carried:
        """Leave out shapes, and rows of tables that no case of the results looks up."""
        told = {field.name: getattr(results, field.name) for field in fields(cls)}
        return cls(**told | {"tables": _carried(results), "partition": _accounts(results)})


@dataclass(frozen=True)
class _Accounts:
    """The accounts of approvals (`Parts`)."""

    accounts: pd.DataFrame


def _accounts(results: Results) -> _Accounts:
    """Return the accounts of the approvals listed."""
    table = results.partition.accounts
    return _Accounts(table[facts.among(table["approval_id"], results.cases["case_id"])])


def _carried(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables a list is made of: whole for places, by id for what cases look up."""
    tables = {role: results.tables[role] for role in (Role.CLUSTER, Role.PARK)}
    for role, column in _LOOKED_UP.items():
        table = results.tables[role]
        tables[role] = table[facts.among(table[column], results.cases["case_id"])]
    tables[Role.SUPPLY] = tables[Role.SUPPLY].assign(has_shape=has_shape(tables[Role.SUPPLY]))
    return {role: pd.DataFrame(t.drop(columns="geometry", errors="ignore"))
            for role, t in tables.items()}  # fmt: skip


_LOOKED_UP = {
    Role.APPROVAL: "approval_id",
    Role.SUPPLY: "supply_id",
    Role.PAUSE: "supply_id",
    Role.ENTERPRISE: "supply_id",
}
"""Tables of which a list shows rows by the id of a case, and the column that has it."""


def has_shape(supplies: pd.DataFrame) -> pd.Series:
    """Whether each supply has a shape with any extent; a table that was carried says so itself."""
    if "has_shape" in supplies or "geometry" not in supplies:
        return supplies.get("has_shape", pd.Series(False, index=supplies.index))
    shapes = np.asarray(supplies["geometry"], dtype=object)
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return pd.Series(drawn, index=supplies.index)


def looked_up(column: pd.Series, ids: pd.Series) -> pd.Series:
    """Look up a column by identifier, keeping its dtype; missing where there is none such."""
    return column.reindex(ids).set_axis(ids.index)


def say(key: str, lang: Lang, **values: Any) -> str:
    """Return a sentence of the workbook."""
    return texts.say(f"workbook.{key}", lang, **values)


def day_shown(day: date, lang: Lang) -> str:
    """Return a day as the head of a form writes it."""
    return say("day", lang, year=day.year, month=day.month, day=day.day)


def area_shown(results: Results, lang: Lang) -> str:
    """Return how areas are measured: method and reference system."""
    method = say(f"area_{results.workspace.area_method}", lang)
    return f"{method} {crs_code(results)}"


def crs_code(results: Results) -> str:
    """Return the code of the reference system, or its name where it has none."""
    authority = results.workspace.crs.to_authority()
    return ":".join(authority) if authority else str(results.workspace.crs.name)
