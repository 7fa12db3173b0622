"""
What moved between two days, and why.

A cause is found by judging again with one thing exchanged at a time: the day, the rules, the
documents that arrived, the corrections, the geometry, the settings of the workspace. What moves a
case alone is its cause; where nothing does alone, everything that must change for it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import texts
from landuse.history import aligning, flow, mixing, record, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from landuse.history.keeping import Snapshot
    from landuse.law import Statutes
    from landuse.layers import Workspace
    from landuse.texts import Lang

    Mask = NDArray[np.bool_]
    Judge = Callable[[Workspace, Mapping[str, pd.DataFrame], date, Statutes, Lang], pd.DataFrame]

CAUSES = ("day", "rule", *mixing.FACTS, "setting", "program")
"""A day passed, a rule changed, a document arrived, a correction of the source, an edit of
geometry, other settings of the workspace, another version of the program."""

CHANGES = ("new", "gone", "state", "status", "area", "measure")
EFFECTS = ("alone", "each", "together")
WHO = ("case_id", "kind", "right_holder", "project_name", "cluster_id", "park_id", "is_determined")
COLUMNS = (
    *WHO, "change", "from_status", "to_status", "area_before_m2", "area_after_m2",
    "measures_before", "measures_after", "causes", "effect", "detail",
)  # fmt: skip
SEPARATOR = "；"
_KEY = ["kind", "case_id"]
_MOST_DETAILS = 6
_ONE_RULE = "rule:"


@dataclass(frozen=True)
class Diff:
    """
    What moved between two snapshots; areas in m².

    Attributes
    ----------
    before, after, lang
        The two snapshots, and the language of texts.
    changes
        One row a case and change (`CHANGES`): whose land, statuses, areas and measures before and
        after, `causes` (of `CAUSES`, joined), `effect` (`EFFECTS`: one cause alone; several, each
        of which would do; several that had to come together), `detail` (facts and rules that
        changed for the case itself; a rule is named if it moves the case alone or once all else
        has changed).
    facts
        Every difference of the inputs (`mixing.table_of`).
    rules
        Keys of the rules whose amounts in force differ.
    matrix, stock
        Flows from status to status and the stocks they lead from and to (`flow`).
    """

    before: Snapshot
    after: Snapshot
    lang: Lang
    changes: pd.DataFrame
    facts: pd.DataFrame
    rules: list[str]
    matrix: pd.DataFrame
    stock: pd.DataFrame

    @property
    def on(self) -> date:
        """The later day."""
        return self.after.on

    @property
    def workspace(self) -> Workspace:
        """The workspace as declared for the later one."""
        return self.after.workspace


def diff(before: Snapshot, after: Snapshot, judge: Judge, lang: Lang = "zh") -> Diff:
    """
    Say what moved between two snapshots, with causes found by judging again.

    Parameters
    ----------
    before, after
        The two snapshots (`load`).
    judge
        Returns the cases of tables on a day by a law; given workspace, tables, day, law and
        language.
    lang
        Language of measures.

    Raises
    ------
    LawError
        If a rule that is needed is not in force.
    """
    pairs = mixing.pairs(before.tables, after.tables)
    trials = _Trials(before, after, pairs, judge, lang)
    changes = trials.changes()
    facts = mixing.table_of(pairs)
    changes["detail"] = _details(changes, facts, before, after, lang)
    return Diff(
        before=before,
        after=after,
        lang=lang,
        changes=changes[list(COLUMNS)],
        facts=facts,
        rules=trials.rules,
        matrix=flow.matrix(before.cases, after.cases),
        stock=flow.stock(before.cases, after.cases, before.totals, after.totals),
    )


class _Trials:
    """Judgements of everything between two snapshots, each made once."""

    def __init__(
        self,
        before: Snapshot,
        after: Snapshot,
        pairs: Mapping[str, mixing.Pair],
        judge: Judge,
        lang: Lang,
    ) -> None:
        self._before, self._after, self._judge, self._lang = before, after, judge, lang
        self._pairs = pairs
        self.rules = rules.differing(before.statutes, after.statutes)
        differs = {fact for pair in pairs.values() for fact in pair.kinds()}
        settings = [record.settings(one.workspace) for one in (before, after)]
        if any(settings[0][name] != settings[1][name] for name in ("crs", "area_method")):
            differs.add("setting")
        differs |= {"rule"} if self.rules else set()
        differs |= {"day"} if before.on != after.on else set()
        self._differs = [cause for cause in CAUSES if cause in differs]
        self._known: dict[frozenset[str], pd.DataFrame] = {}

    def cases(self, taken: frozenset[str]) -> pd.DataFrame:
        """Judge the earlier snapshot with some things taken from the later one."""
        if taken not in self._known:
            old, new = self._before, self._after
            tables = dict(new.tables)
            for role, pair in self._pairs.items():
                tables[role] = pair.mixed(taken)
            self._known[taken] = _keyed(
                self._judge(
                    new.workspace if "setting" in taken else old.workspace,
                    tables,
                    new.on if "day" in taken else old.on,
                    self._statutes(taken),
                    self._lang,
                )
            )
        return self._known[taken]

    def _statutes(self, taken: frozenset[str]) -> Statutes:
        """Return the law with all rules taken from the later one, or some, or none."""
        old, new = self._before.statutes, self._after.statutes
        single = [name.removeprefix(_ONE_RULE) for name in taken if name.startswith(_ONE_RULE)]
        if "rule" in taken:
            return new
        return rules.Exchanged(old, new, single) if single else old

    def _rules(self, change: str, index: pd.MultiIndex, causes: list[str]) -> list[str]:
        """Name the rules that made each case change, alone or with everything else changed."""
        if not any("rule" in names.split(SEPARATOR) for names in causes):
            return [""] * len(index)
        goal = self.cases(frozenset(self._differs))
        others = frozenset(self._differs) - {"rule"}
        does = {}
        for key in self.rules:
            one = frozenset({f"{_ONE_RULE}{key}"})
            alone = _same(change, self.cases(one), goal, index)
            does[key] = alone | _same(change, self.cases(others | one), goal, index)
        return [
            SEPARATOR.join([key for key in self.rules if does[key][n]] or self.rules)
            if "rule" in causes[n].split(SEPARATOR)
            else ""
            for n in range(len(index))
        ]

    def changes(self) -> pd.DataFrame:
        """Return one row a case and change, without details."""
        old = self._listed(self._before, frozenset())
        new = self._listed(self._after, frozenset(self._differs))
        found = []
        for change, index in _changed(old, new).items():
            if len(index):
                causes, effects = self._causes(change, index, old, new)
                rows = _described(index, old, new, change)
                named = self._rules(change, index, causes)
                found.append(rows.assign(causes=causes, effect=effects, rules=named))
        if not found:
            return pd.DataFrame(columns=[*COLUMNS, "rules"])
        joined = pd.concat(found, ignore_index=True)
        return joined.sort_values(_KEY, kind="stable", ignore_index=True)

    def _listed(self, one: Snapshot, taken: frozenset[str]) -> pd.DataFrame:
        """Return the cases as the list said them; judged again where it was in another language."""
        return _keyed(one.cases) if one.lang == self._lang else self.cases(taken)

    def _causes(
        self, change: str, index: pd.MultiIndex, old: pd.DataFrame, new: pd.DataFrame
    ) -> tuple[list[str], list[str]]:
        """Name what made each case change in one respect, and whether it did so alone."""
        everything = frozenset(self._differs)
        goal = self.cases(everything)
        start = self.cases(frozenset())
        alone = {c: _same(change, self.cases(frozenset({c})), goal, index) for c in self._differs}
        moved = ~_same(change, start, goal, index)
        strays = ~_same(change, start, old, index) | ~_same(change, goal, new, index)
        joint = moved & ~np.logical_or.reduce([*alone.values(), ~moved])
        needed = {}
        if joint.any():
            for cause in self._differs:
                without = self.cases(everything - {cause})
                needed[cause] = joint & ~_same(change, without, goal, index)
        causes, effects = [], []
        for n in range(len(index)):
            source = needed if joint[n] else alone
            names = [cause for cause, mask in source.items() if moved[n] and mask[n]]
            names = names or (list(self._differs) if moved[n] else [])
            effect = "together" if joint[n] else "alone" if len(names) < 2 else "each"
            names += ["program"] if strays[n] else []
            causes.append(SEPARATOR.join(names))
            effects.append("together" if strays[n] and len(names) > 1 else effect)
        return causes, effects


def _keyed(cases: pd.DataFrame) -> pd.DataFrame:
    """Index cases by kind and identifier."""
    return cases.set_index(pd.MultiIndex.from_frame(cases[_KEY].astype(object)))


def _changed(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, pd.MultiIndex]:
    """Return which cases changed in which respect."""
    found = aligning.compared(aligning.columns(old), aligning.columns(new))
    both = {name: old.index[found.old[mask]] for name, mask in found.changed.items()}
    ends = {"new": new.index[found.added], "gone": old.index[found.gone]}
    rows = {**ends, **both}
    return {name: pd.MultiIndex.from_tuples(index, names=_KEY) for name, index in rows.items()}


def _same(change: str, one: pd.DataFrame, two: pd.DataFrame, index: pd.MultiIndex) -> Mask:
    """Whether two judgements agree on each case in one respect."""
    there, here = index.isin(one.index), index.isin(two.index)
    if change in {"new", "gone"}:
        same: Mask = there == here
        return same
    column = {"area": "area_m2", "measure": "measures"}.get(change, "status")
    left, right = one[column].reindex(index), two[column].reindex(index)
    equal = _near(left, right) if change == "area" else _texts(left) == _texts(right)
    result: Mask = (there == here) & equal
    return result


def _near(one: pd.Series, two: pd.Series) -> Mask:
    """Whether areas are the same but for rounding."""
    gap = (one.to_numpy(dtype=float) - two.to_numpy(dtype=float)).round(6)
    same: Mask = (one.isna() & two.isna()).to_numpy() | (np.abs(gap) < aligning.LEAST_M2)
    return same


def _texts(cells: pd.Series) -> NDArray[np.object_]:
    """Return text cells, missing ones as ""."""
    return cells.astype(object).where(cells.notna(), "").to_numpy()


def _described(
    index: pd.MultiIndex, old: pd.DataFrame, new: pd.DataFrame, change: str
) -> pd.DataFrame:
    """Return whose land changed, and from what to what."""
    latest = (old if change == "gone" else new).loc[index, list(WHO)].reset_index(drop=True)
    columns: dict[str, Any] = {"change": change}
    for name, status, suffix, table in (
        ("before", "from_status", "before", old),
        ("after", "to_status", "after", new),
    ):
        rows = table.reindex(index)
        columns[status] = _texts(rows["status"])
        columns[f"area_{suffix}_m2"] = rows["area_m2"].to_numpy()
        columns[f"measures_{name}"] = _texts(rows["measures"])
    return latest.assign(**columns)


def _details(
    changes: pd.DataFrame,
    facts: pd.DataFrame,
    before: Snapshot,
    after: Snapshot,
    lang: Lang,
) -> list[str]:
    """Say for each change which facts of the case itself and which rules were exchanged."""
    own: dict[tuple[str, str, str], list[str]] = {}
    for fact in facts.itertuples():
        kind = "approval" if fact.role == "approval" else "supply"
        said = f"{fact.role!s}.{fact.column!s} {fact.before or '—'!s} → {fact.after or '—'!s}"
        own.setdefault((kind, str(fact.case_id), str(fact.cause)), []).append(said)
    found = []
    for row in changes.itertuples():
        parts: list[str] = []
        for cause in str(row.causes).split(SEPARATOR):
            if cause == "day":
                parts.append(f"{before.on} → {after.on}")
            elif cause == "rule":
                parts.append(str(row.rules))
            elif cause in mixing.FACTS:
                lines = own.get((str(row.kind), str(row.case_id), cause))
                parts += lines or [texts.say("history.other_rows", lang)]
        shown = parts[:_MOST_DETAILS] + ["…"] * (len(parts) > _MOST_DETAILS)
        found.append(SEPARATOR.join(shown))
    return found
