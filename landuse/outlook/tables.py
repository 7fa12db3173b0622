"""The tables of a forecast: steps with names and offices, months that reconcile, open pauses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import dispose, flows, law
from landuse.reclassify import WHO, named, whose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from landuse.outlook.walk import Walk
    from landuse.pipeline import Run
    from landuse.texts import Lang

_CROSSING = (
    "day", "month", *WHO, "from_status", "to_status", "area_m2", "fee_cny", "is_fee_unknown",
    "is_certain", "lead",
)  # fmt: skip
_UNSETTLED = (*WHO, "area_m2", "status", "earliest_on", "earliest_status", "lead")
_MONTH = (
    "month", "first_day", "last_day", "place", "place_id", "place_name", "status",
    "start_count", "in_count", "out_count", "end_count",
    "start_m2", "in_m2", "out_m2", "end_m2",
    "in_fee_cny", "in_fee_unknown", "unsettled_count", "unsettled_m2",
)  # fmt: skip


class Drawn:
    """Two walks drawn up as tables: pauses that go on, and pauses that end at once."""

    def __init__(self, run: Run, ends: list[date], ahead: Walk, other: Walk, lang: Lang) -> None:
        self._run, self._ends, self._lang = run, ends, lang
        self._ahead, self._other = ahead, other

    def crossings(self) -> pd.DataFrame:
        """Return one row a step, by day, kind and case."""
        steps = self._ahead.steps
        table = whose(self._run, steps["position"]).assign(
            day=steps["day"],
            month=steps["day"].dt.strftime("%Y-%m"),
            from_status=steps["from_status"].astype("str"),
            to_status=steps["to_status"].astype("str"),
            fee_cny=steps["fee_cny"],
            is_fee_unknown=steps["is_fee_unknown"],
            is_certain=self._certain(),
            lead=self._leads(steps.rename(columns={"to_status": "status"})),
        )
        table = table.sort_values(["day", "kind", "case_id"], kind="stable", ignore_index=True)
        return table[list(_CROSSING)]

    def _certain(self) -> pd.Series:
        """Whether a step is the same if every open pause ends on the first day."""
        key = ["position", "day", "to_status"]
        hangs = self._ahead.steps["position"].isin(self._other.stands[self._run.on].index)
        same = pd.MultiIndex.from_frame(self._ahead.steps[key]).isin(
            pd.MultiIndex.from_frame(self._other.steps[key])
        )
        return ~hangs | same

    def unsettled(self) -> pd.DataFrame:
        """Return cases whose steps are others if their open pause ends, with the earliest."""
        key = ["position", "day", "to_status"]
        steps = self._other.steps
        mine = pd.MultiIndex.from_frame(steps[key])
        new = steps[~mine.isin(pd.MultiIndex.from_frame(self._ahead.steps[key]))]
        first = new.drop_duplicates("position").sort_values("position", ignore_index=True)
        now = self._other.stands[self._run.on].loc[first["position"]].reset_index(drop=True)
        table = whose(self._run, first["position"]).assign(
            status=now["status"].astype("str"),
            earliest_on=first["day"],
            earliest_status=first["to_status"].astype("str"),
            lead=self._leads(now.assign(position=first["position"], day=first["day"])),
        )
        return table[list(_UNSETTLED)]

    def _leads(self, rows: pd.DataFrame) -> pd.Series:
        """Name the office that leads for each status, as it is called on the day."""
        lead = pd.Series("", index=rows.index, dtype="str")
        days = rows["day"].to_numpy().astype("datetime64[D]")
        changes = np.array(self._ahead.changes, dtype="datetime64[D]")
        for _, group in rows.groupby(np.searchsorted(changes, days, side="right")):
            day = group["day"].max().date()
            cases = self._run.cases.loc[group["position"]].set_axis(group.index).copy()
            for name in ("status", "grade", "paused_days"):
                cases[name] = group[name].astype(cases[name].dtype)
            statutes = law.on(day, self._run.workspace.path)
            disposed = dispose.measures(
                cases, on=day, statutes=statutes, tables=self._run.tables, lang=self._lang
            )
            lead[group.index] = disposed["lead"].fillna("")
        return lead

    def months(self, share: pd.DataFrame) -> pd.DataFrame:
        """Return stock, in and out of each status by period and place."""
        cases, run = self._run.cases, self._run
        flowing = {
            "start": self._stands(ends=False),
            "in": self._flow("to_status"),
            "out": self._flow("from_status"),
            "end": self._stands(ends=True),
            "unsettled": self._hanging(),
        }
        table = flows.table(flowing, cases, share)
        firsts = [run.on + timedelta(days=1), *(d + timedelta(days=1) for d in self._ends[:-1])]
        table = table.assign(
            month=table["period"].map(lambda n: f"{self._ends[n]:%Y-%m}").astype("str"),
            first_day=pd.to_datetime(table["period"].map(firsts.__getitem__)),
            last_day=pd.to_datetime(table["period"].map(self._ends.__getitem__)),
        )
        return named(table, run)[list(_MONTH)]

    def _flow(self, status: str) -> pd.DataFrame:
        """Return the steps as a flow into or out of a status."""
        steps = self._ahead.steps
        period = np.searchsorted(
            np.array(self._ends, dtype="datetime64[D]"), steps["day"].to_numpy()
        )
        return steps.assign(status=steps[status], period=period)

    def _stands(self, *, ends: bool) -> pd.DataFrame:
        """Return the status of every case at the start or the end of each period."""
        found = []
        for period, (first, last) in enumerate(
            zip([self._run.on, *self._ends[:-1]], self._ends, strict=True)
        ):
            now = self._ahead.stands[last if ends else first]
            found.append(now.rename_axis("position").reset_index().assign(period=period))
        return pd.concat(found, ignore_index=True)

    def _hanging(self) -> pd.DataFrame:
        """Return who stands at the end of each period where only an open pause keeps them."""
        found = [self._flow("to_status")[:0]]
        for period, end in enumerate(self._ends):
            other = self._other.stands[end]
            now = self._ahead.stands[end].loc[other.index]
            unlike = now[now["status"] != other["status"]]
            found.append(unlike.rename_axis("position").reset_index().assign(period=period))
        rows: Iterator[pd.DataFrame] = (table for table in found if len(table))
        return pd.concat([*rows] or found[:1], ignore_index=True)
