"""Tables judged on a day by a law, in the order of `pipeline.run`; equal land is cut once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse import balance, classify, dispose, partition
from landuse.partition import admit, ground

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from landuse.law import Statutes
    from landuse.layers import Workspace
    from landuse.partition import Partition
    from landuse.texts import Lang


_MOST = 12  # ways the land was cut that are remembered


class Judge:
    """Judges as often as needed; remembers how the land was cut."""

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
        pieces = self._land(workspace, tables, on).pieces
        cases = classify.cases(tables, pieces, on=on, statutes=statutes, lang=lang)
        supplies = tables["supply"]
        sealed = supplies.loc[supplies["is_seized"].fillna(value=False), "supply_id"]
        return dispose.measures(cases, on=on, statutes=statutes, sealed=sealed, lang=lang)

    def everything(
        self,
        workspace: Workspace,
        tables: Mapping[str, pd.DataFrame],
        on: date,
        statutes: Statutes,
        lang: Lang,
    ) -> tuple[pd.DataFrame, dict[str, Any]]:
        """
        Return cases and totals of tables on a day by a law.

        Raises
        ------
        LawError
            If a rule that is needed is not in force.
        """
        cases = self.cases(workspace, tables, on, statutes, lang)
        parts = ground.labelled(self._land(workspace, tables, on), cases, on)
        return cases, balance.totals(workspace, dict(tables), cases, parts, on)

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
            parts = partition.pieces(tables, on=on)
            parts = ground.measured(parts, workspace.crs, workspace.area_method)
            self._cut[key] = ground.occupied(parts, tables, on)
        return self._cut[key]
