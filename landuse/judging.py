"""Tables judged on a day by a law: the order of the acts, for a run and for judging again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse import balance, classify, dispose, partition
from landuse.partition import admit, ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    import pandas as pd

    from landuse.executor import Executor
    from landuse.law import Statutes
    from landuse.layers import Workspace
    from landuse.partition import Begun, Partition
    from landuse.texts import Lang

    Report = Callable[[str, int], None]


_MOST = 12  # ways the land was cut that are remembered


def land(
    workspace: Workspace,
    tables: Mapping[str, pd.DataFrame],
    on: date,
    executor: Executor | None = None,
) -> Partition:
    """
    Cut the land, measure it as the workspace declares, and see what stands on it.

    Parameters
    ----------
    workspace
        Its reference system and area method are used.
    tables
        Checked tables by role, geometry in the CRS of the workspace.
    on
        The day asked for.
    executor
        Who cuts the land (`landuse.executor`); this process if not given.

    Raises
    ------
    ClusterError
        If the executor cannot do its work.
    """
    return measured(partition.begin(tables, on=on, executor=executor), workspace, tables, on)


def measured(
    begun: Begun, workspace: Workspace, tables: Mapping[str, pd.DataFrame], on: date
) -> Partition:
    """Return land that is being cut as `land` does."""
    parts = ground.measured(begun.finish(), workspace.crs, workspace.area_method)
    return ground.occupied(parts, tables, on)


def cases(
    tables: Mapping[str, pd.DataFrame],
    parts: Partition,
    on: date,
    statutes: Statutes,
    lang: Lang,
    report: Report = lambda *_: None,
) -> pd.DataFrame:
    """
    Classify supplies and remainders, and say what must be done about them.

    Parameters
    ----------
    tables
        Checked tables by role.
    parts
        The land as it was cut (`land`).
    on
        The day asked for.
    statutes
        The law to judge by.
    lang
        Language of texts.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    LawError
        If a rule that is needed is not in force.
    """
    found = classify.cases(tables, parts.packed, on=on, statutes=statutes, lang=lang)
    report("classify", len(found))
    found = dispose.measures(found, on=on, statutes=statutes, tables=tables, lang=lang)
    report("dispose", len(found))
    return found


class Judge:
    """Judges as often as needed; equal land is cut once."""

    def __init__(self) -> None:
        self._cut: dict[str, Partition] = {}

    def cases(
        self,
        workspace: Workspace,
        tables: Mapping[str, pd.DataFrame],
        on: date,
        statutes: Statutes,
        lang: Lang,
    ) -> pd.DataFrame:
        """
        Return the cases of tables on a day by a law.

        Parameters
        ----------
        workspace
            Its reference system and area method are used.
        tables
            Checked tables by role.
        on
            The day asked for.
        statutes
            The law to judge by.
        lang
            Language of texts.

        Raises
        ------
        LawError
            If a rule that is needed is not in force.
        """
        return cases(tables, self._land(workspace, tables, on), on, statutes, lang)

    def everything(
        self,
        workspace: Workspace,
        tables: Mapping[str, pd.DataFrame],
        on: date,
        statutes: Statutes,
        lang: Lang,
    ) -> tuple[pd.DataFrame, dict[str, Any], Iterator[pd.DataFrame]]:
        """
        Return cases, totals and pieces, some at a time, of tables on a day by a law.

        Raises
        ------
        LawError
            If a rule that is needed is not in force.
        """
        found = self.cases(workspace, tables, on, statutes, lang)
        parts = ground.labelled(self._land(workspace, tables, on), found)
        figures = balance.totals(workspace, tables, found, parts, statutes)
        return found, figures, ground.Described(found, on).in_blocks(parts.packed)

    def _land(
        self, workspace: Workspace, tables: Mapping[str, pd.DataFrame], on: date
    ) -> Partition:
        """Cut the land of a day, or return how the same land was cut before."""
        whole = hashlib.sha256(f"{workspace.crs.to_string()} {workspace.area_method}".encode())
        for role in admit.ROLES:
            found, _ = admit.admitted(role, tables[role], on)
            for ids in ("\x1f".join(map(str, found.ids)), found.days.tobytes()):
                whole.update(ids.encode() if isinstance(ids, str) else ids)
            whole.update(np.asarray(found.parent).tobytes())
            for shape in shapely.to_wkb(found.shapes):
                whole.update(shape)
        key = whole.hexdigest()
        if key not in self._cut:
            while len(self._cut) >= _MOST:
                del self._cut[next(iter(self._cut))]
            self._cut[key] = land(workspace, tables, on)
        return self._cut[key]
