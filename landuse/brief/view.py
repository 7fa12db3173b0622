"""One case of a run, with the rows it came from and the language it is told in."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from landuse import schema, texts, units
from landuse.errors import LanduseError
from landuse.found import Judged
from landuse.terms import Status, label

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import date
    from fractions import Fraction

    from landuse.law import Value
    from landuse.layers import Source
    from landuse.texts import Lang

SEPARATOR = "；"
"""Stands between the names and articles of one cell of a case."""


class Found(Judged, Protocol):
    """What a run found (`pipeline.Run`)."""

    @property
    def lang(self) -> Lang: ...  # noqa: D102
    @property
    def land(self) -> pd.DataFrame: ...  # noqa: D102


class Beside:
    """Pauses of supplies in the order of their days, and their firms, looked up when asked for."""

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        order = ["begins_on", "ends_on", "cause", "source_row"]
        pauses = tables["pause"].sort_values(order, kind="stable")
        self.pauses = _by_supply(pauses)
        self.firms = _by_supply(tables["enterprise"].sort_values("source_row", kind="stable"))
        causes = pauses.groupby("supply_id", sort=False)["cause"].unique()
        self.causes = {str(id_): frozenset(own) for id_, own in causes.items()}


@dataclass(frozen=True)
class View:
    """
    A case and its own row (values by column), what stands beside it, and the law of the day.

    Of many cases at once (`every`) only the columns asked for are there.
    """

    found: Found
    case: Any
    row: Any
    lang: Lang
    beside: Beside

    @cached_property
    def pauses(self) -> pd.DataFrame:
        """Its pauses in the order of their days."""
        return self.beside.pauses(str(self.case["case_id"]))

    @cached_property
    def firms(self) -> pd.DataFrame:
        """The firms on it."""
        return self.beside.firms(str(self.case["case_id"]))

    @property
    def causes(self) -> frozenset[str]:
        """The causes of its pauses."""
        return self.beside.causes.get(str(self.case["case_id"]), frozenset())

    @property
    def on(self) -> date:
        """The day asked for."""
        return self.found.on

    @property
    def role(self) -> str:
        """`supply` or `approval`."""
        return str(self.case["kind"])

    @property
    def status(self) -> Status:
        """The status the run gave."""
        return Status(self.case["status"])

    @property
    def missing(self) -> list[str]:
        """Names of columns the case lacks, or which contradict each other."""
        return [name for name in str(self.case["missing"]).split(SEPARATOR) if name]

    @property
    def reserved(self) -> float:
        """Land the contract reserves for later, m²; 0 where it names none."""
        agreed = self.row["is_reserve_agreed"]
        return float(self.row["reserved_area"]) if pd.notna(agreed) and bool(agreed) else 0.0

    @property
    def required(self) -> float:
        """Area to be developed, m², without what the contract reserves; NaN where unknown."""
        return float(self.row["required_area"]) - self.reserved

    def say(self, key: str, **values: Any) -> str:
        """Return a sentence of the sheet."""
        return texts.say(f"explain.{key}", self.lang, **values)

    def heading(self, name: str, role: str | None = None) -> str:
        """Return the heading of a column, or the name itself where the role has none."""
        return schema.spoken(role or self.role, name, self.lang)

    def label(self, status: Status, *, is_determined: bool = False) -> str:
        """Return what people read for a status."""
        return label(status, self.lang, is_determined=is_determined)

    def rule(self, key: str) -> Value | None:
        """Return the value of a rule, or None where nothing is in force on the day."""
        return self.found.statutes.find(key)

    def share(self, amount: Fraction) -> str:
        """Return a share as the law writes it: 20%, and 1/3 where no whole percentage is exact."""
        percent = amount * 100
        return f"{percent}%" if percent.denominator == 1 else str(amount)

    def source(self, layer: str) -> Source | None:
        """Return the source layer a row came from."""
        return next((s for s in self.found.workspace.sources if s.name == layer), None)

    def shown(self, value: Any, kind: str = "") -> str:
        """Return a cell as people read it, with its unit; `—` where it is empty."""
        if pd.isna(value) or value == "":
            return "—"
        if isinstance(value, pd.Timestamp):
            return value.date().isoformat()
        if kind == "bool":
            return self.say("yes" if value else "no")
        if kind == "m2":
            return self.say("area", m2=f"{value:,.2f}", mu=f"{units.mu(value):,.2f}")
        if kind == "cny":
            return self.say("money", yuan=f"{value:,.2f}")
        return f"{value:,.2f}" if isinstance(value, float) else str(value)


def of(found: Found, case_id: str, lang: Lang) -> View:
    """
    Return the view of a case.

    Raises
    ------
    LanduseError
        If no case has this id; close ids are named.
    """
    matches = found.cases[found.cases["case_id"] == case_id]
    if matches.empty:
        near = difflib.get_close_matches(case_id, list(found.cases["case_id"]), n=3, cutoff=0.5)
        raise LanduseError(
            "asked.no_case",
            workspace=found.workspace.name,
            case_id=case_id,
            on=found.on,
            near=[*near],
        )
    case = matches.iloc[0]
    role = str(case["kind"])
    table = found.tables[role]
    row = table.iloc[pd.Index(table[f"{role}_id"]).get_loc(case_id)]
    return View(found, case, row, lang, Beside(found.tables))


def every(
    found: Found, cases: pd.DataFrame, lang: Lang, columns: Collection[str]
) -> Iterator[View]:
    """
    Yield the view of each of some cases of a run, in their order.

    Parameters
    ----------
    found
        What the run found.
    cases
        Rows of `found.cases`.
    lang
        Language they are told in.
    columns
        What the views know of cases and of their own rows.
    """
    beside = Beside(found.tables)
    ids = {role: pd.Index(found.tables[role][f"{role}_id"]) for role in cases["kind"].unique()}
    for start in range(0, len(cases), _BLOCK):
        some = cases.iloc[start : start + _BLOCK]
        rows: list[Any] = [None] * len(some)
        for role, index in ids.items():
            at = np.flatnonzero(some["kind"] == role)
            own = found.tables[role].iloc[index.get_indexer(some["case_id"].iloc[at])]
            for place, row in zip(at, _records(own, columns), strict=True):
                rows[place] = row
        for case, row in zip(_records(some, columns), rows, strict=True):
            yield View(found, case, row, lang, beside)


_BLOCK = 10_000
"""Cases that are looked up at a time."""


def _records(table: pd.DataFrame, columns: Collection[str]) -> list[dict[Any, Any]]:
    """Return the rows of a table as values by column, of some columns."""
    return table[[name for name in table.columns if name in columns]].to_dict("records")


def _by_supply(table: pd.DataFrame) -> Callable[[str], pd.DataFrame]:
    """Return what gives the rows of one supply."""
    places = table.groupby("supply_id", sort=False).indices
    none = table.iloc[:0]
    return lambda supply_id: table.iloc[places[supply_id]] if supply_id in places else none
