"""
The same land on the same day by another law: who moves, and which rule moves it.

Rules are tried one at a time and all together; nothing is guessed from what a rule is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse import flows, reclassify, rulebook
from landuse.reclassify import Again, whose
from landuse.rulebook import Rulebook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.layers import Workspace
    from landuse.pipeline import Run
    from landuse.texts import Lang

    Mask = NDArray[np.bool_]

__all__ = ["WhatIf", "whatif"]

_SEPARATOR = "；"
_MOVE = (
    *reclassify.WHO, "from_status", "to_status", "area_m2", "fee_before_cny", "fee_after_cny",
    "fee_change_cny", "is_fee_unknown_before", "is_fee_unknown_after", "rules", "effect",
    "fee_rules", "fee_effect",
)  # fmt: skip
_TOTAL = (
    "place", "place_id", "place_name", "status",
    "before_count", "in_count", "out_count", "after_count",
    "before_m2", "in_m2", "out_m2", "after_m2",
    "before_fee_cny", "after_fee_cny", "before_fee_unknown", "after_fee_unknown",
)  # fmt: skip


@dataclass(frozen=True)
class WhatIf:
    """
    What another law would change; areas in m², money in yuan.

    Attributes
    ----------
    workspace, on, lang
        Where, on which day, and the language of errors and labels.
    rules
        One row a rule that differs: key, label, before, after (amounts as text, "" where the
        rule is not in force), citation_before, citation_after, moved_alone (cases this rule moves
        by itself), is_used (whether classification asked for it).
    moves
        One row a case whose status or fee differs: who and where, from_status, to_status,
        area_m2, fees before, after and their difference (missing where none is due or the base
        is unknown). `rules` (keys joined by ；) move the status, `fee_rules` the fee; `effect` and
        `fee_effect` say how: ``alone`` (that rule by itself does it), ``each`` (each of them by
        itself does), ``together`` (only all of them do), "" where nothing moves.
    totals
        One row a place and status: counts and m² before, in, out, after (before + in - out =
        after), known fees due before and after, and how many are due and unknown.
    """

    workspace: Workspace
    on: date
    lang: Lang
    rules: pd.DataFrame
    moves: pd.DataFrame
    totals: pd.DataFrame


def whatif(
    path_or_run: str | Path | Run,
    *,
    on: date | None = None,
    as_of_law: date | None = None,
    statutes: str | Path | None = None,
    values: Mapping[str, Any] | None = None,
    lang: Lang = "zh",
) -> WhatIf:
    """
    Judge the same land on the same day by another law.

    Parameters
    ----------
    path_or_run
        A workspace folder, or what `landuse.run` returned.
    on
        The day asked for; needed for a folder, and the run's own for a run.
    as_of_law
        Take the law of this day instead.
    statutes
        A TOML file of rules, a folder of such files, or a workspace whose `layers/statutes` are
        meant; laid over the law.
    values
        Rule → amount, laid over that: ``{"idle_land.recovery_years": 3}``. Fractions as "1/3",
        lists joined by commas.
    lang
        Language of labels.

    Raises
    ------
    LawError
        If a rule is unknown (close names are said), an amount is not of the rule's kind, or a
        rule that is needed is not in force.
    LanduseError
        If nothing is changed, or the day is missing or another than that of the run.
    CheckFailed
        If a finding forbids a result.
    WorkspaceError, LayerError, CrsError
        If the workspace or a layer cannot be used.

    Examples
    --------
    >>> other = landuse.whatif(found, values={"idle_land.recovery_years": 3})
    >>> other.rules["key"].tolist()
    ['idle_land.recovery_years']
    """
    asked = rulebook.Change(as_of_law, statutes, values or {}, lang)
    asked.refuse_nothing()
    found = reclassify.found(path_or_run, on, lang)
    after = asked.applied(found.statutes, found.workspace.path)
    trial = _Trial(found, Rulebook(found.statutes), after)
    return WhatIf(
        workspace=found.workspace,
        on=found.on,
        lang=lang,
        rules=trial.rules(lang),
        moves=trial.moves(),
        totals=trial.totals(),
    )


class _Trial:
    """One comparison: the cases by the law, by the other law, and by each rule of it."""

    def __init__(self, run: Run, before: Rulebook, after: Rulebook) -> None:
        self._run, self._old, self._new = run, before, after
        self._again = Again(run.cases, run.tables, run.land)
        self._before, self._after = self._by(before), self._by(after)
        self._asked = before.asked | after.asked
        self._differing = rulebook.differing(before, after)
        both = before.values.keys() & after.values.keys()
        tried = [key for key in self._differing if key in self._asked and key in both]
        self._alone = {key: self._by(self._mixed(before, after, key)) for key in tried}

    def _by(self, rules: Rulebook) -> pd.DataFrame:
        """Classify by a set of rules."""
        return self._again.at(self._run.on, rules)

    @staticmethod
    def _mixed(most: Rulebook, one: Rulebook, key: str) -> Rulebook:
        """Return the rules of one book with a single one taken from the other."""
        return most.replaced({key: one.values[key]})

    def rules(self, lang: Lang) -> pd.DataFrame:
        """Return the rules that differ."""
        table = rulebook.compared(self._old, self._new, self._differing, lang)
        moved = {key: int(self._moved(cases).sum()) for key, cases in self._alone.items()}
        return table.assign(
            moved_alone=table["key"].map(moved).fillna(0).astype("int64"),
            is_used=table["key"].isin(self._asked),
        )

    def _moved(self, cases: pd.DataFrame) -> Mask:
        """Whether each case has another status or another fee than by the law."""
        return ~(_same_status(self._before, cases) & _same_fee(self._before, cases))

    def moves(self) -> pd.DataFrame:
        """Return one row a case that moves."""
        moved = self._moved(self._after)
        old, new = self._before[moved], self._after[moved]
        table = whose(self._run, old.index).assign(
            from_status=old["status"].to_numpy(),
            to_status=new["status"].to_numpy(),
            fee_before_cny=old["fee_cny"].to_numpy(),
            fee_after_cny=new["fee_cny"].to_numpy(),
            is_fee_unknown_before=old["is_fee_unknown"].to_numpy(),
            is_fee_unknown_after=new["is_fee_unknown"].to_numpy(),
        )
        table["fee_change_cny"] = _difference(table)
        for prefix, same in (("", _same_status), ("fee_", _same_fee)):
            rules, effects = self._reasons(same)
            table[f"{prefix}rules"] = rules[moved]
            table[f"{prefix}effect"] = effects[moved]
        names = ("from_status", "to_status", "rules", "effect", "fee_rules", "fee_effect")
        return table[list(_MOVE)].astype(dict.fromkeys(names, "str"))

    def _reasons(self, same: Callable[[pd.DataFrame, pd.DataFrame], Mask]) -> tuple[Any, Any]:
        """Name the rules that move each case in one respect, and how; "" where it stays."""
        moved = ~same(self._before, self._after)
        does = {key: same(cases, self._after) for key, cases in self._alone.items()}
        joint = moved & ~np.logical_or.reduce([*does.values(), np.zeros_like(moved)])
        needed = {}
        if joint.any():
            for key in self._alone:
                without = self._by(self._mixed(self._new, self._old, key))
                needed[key] = joint & ~same(without, self._after)
        rules = np.full(len(moved), "", dtype=object)
        effects = np.full(len(moved), "", dtype=object)
        every = [key for key in self._differing if key in self._asked]
        for n in np.flatnonzero(moved):
            source = needed if joint[n] else does
            found = [key for key, mask in source.items() if mask[n]]
            rules[n] = _SEPARATOR.join(found or every)
            effects[n] = "together" if joint[n] else "alone" if len(found) == 1 else "each"
        return rules, effects

    def totals(self) -> pd.DataFrame:
        """Return counts, areas and fees by place and status, before and after."""
        run = self._run
        differs = self._before["status"] != self._after["status"]
        flowing = {
            "before": self._before,
            "in": self._after[differs],
            "out": self._before[differs],
            "after": self._after,
        }
        table = flows.table(
            {
                name: rows.rename_axis("position").reset_index().assign(period=0)
                for name, rows in flowing.items()
            },
            run.cases,
            flows.shares(run.cases, run.land),
        )
        return reclassify.named(table, run)[list(_TOTAL)]


def _same_status(cases: pd.DataFrame, other: pd.DataFrame) -> Mask:
    """Whether two laws give each case the same status."""
    same: Mask = (cases["status"] == other["status"]).to_numpy()
    return same


def _same_fee(cases: pd.DataFrame, other: pd.DataFrame) -> Mask:
    """Whether two laws give each case the same fee, or both none."""
    one, two = cases["fee_cny"], other["fee_cny"]
    same: Mask = ((one == two) | (one.isna() & two.isna())).to_numpy()
    unknown: Mask = (cases["is_fee_unknown"] == other["is_fee_unknown"]).to_numpy()
    return same & unknown


def _difference(table: pd.DataFrame) -> pd.Series:
    """Fee after less fee before; no fee due counts as 0, an unknown one makes it unknown."""
    before, after = table["fee_before_cny"].fillna(0.0), table["fee_after_cny"].fillna(0.0)
    unknown = table["is_fee_unknown_before"] | table["is_fee_unknown_after"]
    nothing = table["fee_before_cny"].isna() & table["fee_after_cny"].isna()
    change: pd.Series = (after - before).mask(unknown | nothing)
    return change
