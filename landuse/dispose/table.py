"""
The table of measures as data: its words, its lines, and which line answers for a case.

Lines are read from the top; the first whose conditions all hold is the answer, so no case has two.
A workspace lays its own lines (`layers/measures/*.toml`) over the packaged ones.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import amounts, law, parsing
from landuse.errors import AssetError, phrase
from landuse.terms import HOLDER_CAUSES, PAUSE_CAUSES, UNSUPPLIED_CAUSES, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from landuse.law import Statutes

GRADES = ("A", "B", "C", "none")
GOVERNMENT = ("G", *PAUSE_CAUSES)
CAUSES = (*GOVERNMENT, "mixed", *HOLDER_CAUSES, *UNSUPPLIED_CAUSES, "holder", "unknown")
DURATIONS = ("under_one", "one", "two_or_more", "unknown")
SHARES = ("short", "enough", "unknown")
WORDS: Mapping[str, tuple[str, ...]] = {
    "status": tuple(str(status) for status in Status),
    "cause": CAUSES,
    "duration": DURATIONS,
    "grade": GRADES,
    "share": SHARES,
}
"""Conditions of a line and the words each may hold; exactly one of each holds for a case."""

_DEADLINES = ("due", "due_days", "due_months", "due_rules")
_NEEDED = {
    "name", "label", "label_en", "status", "measures", "measures_en", "authority", "lead",
    "support",
}  # fmt: skip
_DUE = {"clock", "year_end", "none"}
_LIKE = {"str": "x", "tuple[str, ...]": ["x"], "bool": True, "int": 1}
"""An example of each type a line declares."""
_WHERE = "decisions/measures.toml"


@dataclass(frozen=True)
class Line:
    """One line of the table: its conditions, and what follows where they all hold."""

    name: str
    label: str
    label_en: str
    status: tuple[str, ...]
    measures: tuple[str, ...]
    measures_en: tuple[str, ...]
    authority: tuple[str, ...]
    lead: str
    support: tuple[str, ...]
    grade: tuple[str, ...] = GRADES
    cause: tuple[str, ...] = CAUSES
    duration: tuple[str, ...] = DURATIONS
    share: tuple[str, ...] = SHARES
    fee: bool = False
    bond: bool = False
    resupply: bool = False
    due: str = ""
    due_days: int = 0
    due_months: int = 0
    due_rules: tuple[str, ...] = ()

    def answers(self, facts: Mapping[str, str]) -> bool:
        """Whether every condition of the line holds for one combination of words."""
        return all(facts[name] in getattr(self, name) for name in WORDS)


@dataclass(frozen=True)
class Decisions:
    """The table of measures with the weights of priority, for one workspace."""

    lines: tuple[Line, ...]
    always_government: frozenset[str]
    government_with_pauses: frozenset[str]
    priority: Mapping[str, Any] = field(repr=False)

    @cached_property
    def _by_status(self) -> dict[str, list[int]]:
        """Positions of the lines that may answer for a status, in order."""
        found: dict[str, list[int]] = {}
        for position, line in enumerate(self.lines):
            for status in line.status:
                found.setdefault(status, []).append(position)
        return found

    def first(self, facts: Mapping[str, str]) -> int:
        """
        Return the position of the line that answers for one combination of words.

        Raises
        ------
        AssetError
            If no line answers.
        """
        for position in self._by_status.get(facts["status"], ()):
            if self.lines[position].answers(facts):
                return position
        raise AssetError("tables.no_row", where=_WHERE, facts=dict(facts))


def decisions(workspace: Path | None = None) -> Decisions:
    """
    Return the table of measures.

    Parameters
    ----------
    workspace
        Folder whose `layers/measures/*.toml` stand before the packaged lines and whose
        `[priority]` keys replace the packaged ones.

    Raises
    ------
    AssetError
        If a table is not written as it must be.
    """
    own = law.own_measures(workspace)
    return _laid(tuple((path.name, path.read_bytes()) for path in own))


@cache
def _laid(own: tuple[tuple[str, bytes], ...]) -> Decisions:
    """Lay the tables of a workspace over the packaged one."""
    base = tomllib.loads((files("landuse") / _WHERE).read_text(encoding="utf-8"))
    rows = [line(entry, f"landuse/{_WHERE}") for entry in base["row"]]
    priority: dict[str, Any] = base["priority"]
    before: list[Line] = []
    for name, content in own:
        where = f"layers/measures/{name}"
        added = _read(content, where)
        try:
            before += [line(entry, where) for entry in added.get("row", [])]
            priority = _weighed(priority, added.get("priority", {}), where)
        except (TypeError, AttributeError, ValueError) as err:
            raise AssetError("tables.not_measures", where=where, reason=err) from err
    names = [row.name for row in (*before, *rows)]
    if len(names) != len(set(names)):
        double = sorted({name for name in names if names.count(name) > 1})
        raise AssetError("tables.lines_twice", names=[*double])
    return Decisions(
        lines=(*before, *rows),
        always_government=frozenset(base["cause"]["always"]),
        government_with_pauses=frozenset(base["cause"]["with_pauses"]),
        priority=priority,
    )


def _read(content: bytes, where: str) -> dict[str, Any]:
    """Parse a table of a workspace."""
    try:
        parsed = parsing.toml(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise AssetError("workspace.not_toml", file=where, reason=err) from err
    if set(parsed) - {"row", "priority"}:
        unknown = sorted(set(parsed) - {"row", "priority"})
        raise AssetError(
            "workspace.unknown_key", where=where, names=unknown, known=["row", "priority"]
        )
    return parsed


def _weighed(base: dict[str, Any], own: dict[str, Any], where: str) -> dict[str, Any]:
    """Lay weights of a workspace over the packaged ones, refusing names nobody knows."""
    laid = dict(base)
    for key, value in own.items():
        known = base.get(key)
        strange = set(value) - set(known) if isinstance(known, dict) else set()
        if known is None or isinstance(value, dict) != isinstance(known, dict) or strange:
            raise AssetError(
                "tables.priority",
                where=where,
                name=key,
                strange=sorted(strange),
                known=sorted(base),
            )
        laid[key] = {**known, **value} if isinstance(known, dict) else value
    weights = {name: value for name, value in laid.items() if isinstance(value, dict)}
    limits = {name: (value, 1.5) for name, value in laid.items() if name not in weights}
    _refuse_kinds({name: (value, {"x": 1.5}) for name, value in weights.items()} | limits, where)
    if not all(value for value, _ in limits.values()):
        raise AssetError("tables.limits", where=where, names=[*limits])
    if abs(sum(laid["weight"].values()) - 100) > 1e-9:
        raise AssetError("tables.weights", where=where, total=sum(laid["weight"].values()))
    return laid


def line(entry: dict[str, Any], where: str) -> Line:
    """
    Read one line.

    Raises
    ------
    AssetError
        If it holds words nobody knows, or a deadline that is none or two.
    """
    name = entry.get("name", "?")
    types = {key: _LIKE[str(one.type)] for key, one in Line.__dataclass_fields__.items()}
    unknown = set(entry) - set(types)
    _refuse_kinds({k: (v, types[k]) for k, v in entry.items() if k in types}, where)
    for key, allowed in WORDS.items():
        unknown |= set(entry.get(key, ())) - set(allowed)
    deadlines = [key for key in _DEADLINES if key in entry]
    absent = _NEEDED - set(entry)
    if unknown or absent or len(deadlines) != 1 or entry.get("due", "clock") not in _DUE:
        raise AssetError(
            "tables.row",
            where=where,
            name=name,
            unknown=sorted(unknown),
            absent=sorted(absent),
            deadlines=deadlines,
        )
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Line(**given)


def _refuse_kinds(pairs: Mapping[str, tuple[Any, Any]], where: str) -> None:
    """Refuse values that are of another kind than their examples."""
    wrong = [name for name, (value, like) in pairs.items() if not amounts.fits(value, like, "")]
    if wrong:
        raise AssetError("tables.scheme", where=where, faults=[phrase("tables.kind", names=wrong)])


def facts(cases: pd.DataFrame, causes: pd.Series, statutes: Statutes) -> pd.DataFrame:
    """
    Return the words of the table that hold for each case; what is not known is `unknown`.

    Parameters
    ----------
    cases
        Columns `status`, `grade`, `full_years`, `built_share` (developed area or footprint, 0-1)
        and `invested_share`.
    causes
        Cause of each case (`landuse.dispose.causes.of`), same index.
    statutes
        Law of the day: 闲置土地处置办法 第二条 gives the two shares.
    """
    years = cases["full_years"]
    found = {
        "status": cases["status"],
        "cause": causes,
        "duration": np.select([years < 1, years < 2, years >= 2], DURATIONS[:3], "unknown"),
        "grade": cases["grade"].where(cases["grade"].isin(GRADES[:3]), "none"),
        "share": _shares(cases, statutes),
    }
    return pd.DataFrame(found, index=cases.index).astype(object)


def _shares(cases: pd.DataFrame, statutes: Statutes) -> NDArray[np.str_]:
    """Whether built or invested falls short of the law's shares (a third and a quarter)."""
    short = np.zeros(len(cases), dtype=bool)
    known = np.ones(len(cases), dtype=bool)
    for column, key in (("built_share", "developed"), ("invested_share", "invested")):
        rule = statutes.find(f"idle_land.{key}_share")
        if rule is None:
            return np.full(len(cases), "unknown")
        share = cases[column]
        known &= share.notna().to_numpy()
        short |= (share * rule.amount.denominator < rule.amount.numerator).to_numpy()
    return np.select([short, known], SHARES[:2], "unknown")


def matched(words: pd.DataFrame, table: Decisions) -> NDArray[np.int64]:
    """
    Return the position of the line that answers for each case.

    Parameters
    ----------
    words
        What holds for each case (`facts`).
    table
        The table of measures.

    Raises
    ------
    AssetError
        If the table has no answer for a case.
    """
    kinds = words.drop_duplicates(ignore_index=True)
    answers = [
        table.first(dict(zip(WORDS, told, strict=True)))
        for told in kinds[list(WORDS)].itertuples(index=False, name=None)
    ]
    joined = words.merge(kinds.assign(answer=answers), how="left")
    return joined["answer"].to_numpy(dtype=np.int64)
