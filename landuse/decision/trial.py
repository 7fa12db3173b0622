"""
What the same law would say of one case if its facts were different.

The facts of one case are laid side by side in as many versions as there are questions, and
`classify.cases` answers all of them in one go. Nothing here knows a rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import classify, dispose, schema
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landuse.brief.view import View
    from landuse.texts import Lang


@dataclass(frozen=True)
class Change:
    """
    What is supposed instead of what stands on record.

    `facts` are cells of the case's own row, `firms` of its firms, `running` of its pauses that
    still run; `pauses` are added; of those on record only the first `kept_pauses` stay, where
    given; `occupied_m2` of footprints stand on an unsupplied remainder.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    firms: Mapping[str, Any] = field(default_factory=dict)
    running: Mapping[str, Any] = field(default_factory=dict)
    pauses: tuple[Mapping[str, Any], ...] = ()
    kept_pauses: int | None = None
    occupied_m2: float | None = None


@dataclass(frozen=True)
class Answer:
    """What the law says of one version of the facts."""

    status: Status
    missing: str
    is_determined: bool
    fee_cny: float
    paused_days: float

    def same(self, other: Answer) -> bool:
        """Whether two answers are the same to a reader: amounts aside."""
        mine = (self.status, self.missing, self.is_determined)
        return mine == (other.status, other.missing, other.is_determined)


class Trial:
    """Asks the law about versions of one case."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._id = str(view.case["case_id"])
        tables = view.found.tables
        self._own = _family(tables[view.role], view.role, self._id)
        self._at = int(np.flatnonzero((self._own[f"{view.role}_id"] == self._id).to_numpy())[0])
        ids = self._own[f"{view.role}_id"]
        is_supply = view.role == "supply"
        self._pauses = view.pauses if is_supply else tables["pause"].iloc[:0]
        self._firms = view.firms if is_supply else tables["enterprise"].iloc[:0]
        pieces = pd.DataFrame(view.found.land.drop(columns="geometry", errors="ignore"))
        mine = pieces[f"{view.role}_id"].isin(ids)
        self._pieces = pieces[mine if is_supply else mine & (pieces["supply_id"] == "")]

    def case(self, lang: Lang) -> pd.Series:
        """Return the case as the run has it, told in another language."""
        found = self._view.found
        tables = self._tables([Change()])
        cases = classify.cases(
            tables, self._ground([Change()]), on=found.on, statutes=found.statutes, lang=lang
        )
        name = _name(0, self._id)
        told = dispose.measures(
            cases, on=found.on, statutes=found.statutes, tables=tables, lang=lang
        )
        row = told[told["case_id"] == name].iloc[0].copy()
        row["case_id"] = self._id
        return row

    def ask(self, changes: Sequence[Change]) -> list[Answer]:
        """
        Return what the law says of each version, in order.

        Raises
        ------
        LawError
            If a rule that is needed is not in force on the day.
        """
        found = self._view.found
        cases = classify.cases(
            self._tables(changes),
            self._ground(changes),
            on=found.on,
            statutes=found.statutes,
            told=False,
        )
        rows = cases.set_index("case_id").loc[[_name(n, self._id) for n in range(len(changes))]]
        columns = ["status", "missing", "is_determined", "fee_cny", "paused_days"]
        return [
            Answer(Status(status), str(missing), bool(determined), float(fee), float(paused))
            for status, missing, determined, fee, paused in rows[columns].itertuples(index=False)
        ]

    def _tables(self, changes: Sequence[Change]) -> dict[str, pd.DataFrame]:
        """Return the tables of the run with the versions in place of the one case."""
        view, tables = self._view, dict(self._view.found.tables)
        for role in ("supply", "approval", "pause", "enterprise"):
            tables[role] = tables[role].iloc[:0]
        tables["construction"] = tables["construction"].iloc[:1]  # whether anybody looked
        columns = (f"{view.role}_id", *(("phase_of",) if view.role == "supply" else ()))
        own = _versions(self._own, len(changes), columns)
        tables[view.role] = _put(own, [c.facts for c in changes], len(self._own), self._at)
        if view.role == "supply":
            tables["pause"] = self._paused(changes)
            firms = _versions(self._firms, len(changes), ("supply_id",))
            tables["enterprise"] = _put_all(firms, [c.firms for c in changes])
        return tables

    def _paused(self, changes: Sequence[Change]) -> pd.DataFrame:
        """Return the pauses of every version."""
        pauses = _versions(self._pauses, len(changes), ("supply_id",))
        place = np.tile(np.arange(len(self._pauses)), len(changes))
        version = np.repeat(np.arange(len(changes)), len(self._pauses))
        for n, change in enumerate(changes):
            for name, value in change.running.items():
                pauses.loc[(version == n) & pauses["ends_on"].isna().to_numpy(), name] = value
        kept = [len(self._pauses) if c.kept_pauses is None else c.kept_pauses for c in changes]
        pauses = pauses[place < np.repeat(np.array(kept, dtype=np.int64), len(self._pauses))]
        added = [
            {**row, "supply_id": _name(n, self._id)}
            for n, change in enumerate(changes)
            for row in change.pauses
        ]
        if not added:
            return pauses
        return pd.concat([pauses, schema.conform(pd.DataFrame(added), "pause")], ignore_index=True)

    def _ground(self, changes: Sequence[Change]) -> pd.DataFrame:
        """Return the pieces of every version."""
        pieces = _versions(self._pieces, len(changes), (f"{self._view.role}_id",))
        size = len(self._pieces)
        for n, change in enumerate(changes):
            if change.occupied_m2 is not None and size:
                where = pieces.index[n * size : (n + 1) * size]
                pieces.loc[where, "occupied_m2"] = 0.0
                pieces.loc[where[0], "occupied_m2"] = change.occupied_m2
        return pieces


def _family(table: pd.DataFrame, role: str, case_id: str) -> pd.DataFrame:
    """Return the row of a case and, of a phased supply, those of its parent and its phases."""
    mine = table[f"{role}_id"] == case_id
    if role == "supply":
        parent = table.loc[mine, "phase_of"].dropna()
        mine |= (table["phase_of"] == case_id) | table["supply_id"].isin(parent)
    return table[mine]


def _name(version: int, case_id: str) -> str:
    """Return the identifier of one version of a case."""
    return f"{version}#{case_id}"


def _versions(table: pd.DataFrame, count: int, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return a table repeated, its identifiers telling the versions apart."""
    copies = table.iloc[np.tile(np.arange(len(table)), count)].reset_index(drop=True)
    version = [n for n in range(count) for _ in range(len(table))]
    for name in columns:
        own = zip(version, copies[name].astype(object), strict=True)
        named = [_name(n, value) if isinstance(value, str) else None for n, value in own]
        copies[name] = pd.Series(named, index=copies.index, dtype=object).astype("str")
    return copies


def _put(
    table: pd.DataFrame, changes: Sequence[Mapping[str, Any]], size: int, at: int
) -> pd.DataFrame:
    """Return a table of versions with cells put into row `at` of each."""
    for name in sorted({name for change in changes for name in change}):
        cells = table[name].astype(object).to_numpy(copy=True)
        for n, change in enumerate(changes):
            if name in change:
                cells[n * size + at] = change[name]
        table[name] = pd.Series(cells, index=table.index, dtype=object).astype(table[name].dtype)
    return table


def _put_all(table: pd.DataFrame, changes: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table of versions with cells put into every row of each."""
    size = len(table) // len(changes) if changes else 0
    for at in range(size):
        table = _put(table, changes, size, at)
    return table
