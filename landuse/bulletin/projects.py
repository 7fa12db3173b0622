"""How the major projects go, where a layer of projects is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse import units
from landuse.bulletin.saying import heads, mu, rule, say
from landuse.papers import Table, Text
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landuse.bulletin.saying import Results
    from landuse.papers import Block
    from landuse.texts import Lang

_SOON = 90
"""Days ahead in which a target is near."""

_MOST = 40
"""Projects named one by one: as many as the plan of 2018 follows."""


def projects(results: Results, lang: Lang) -> Iterator[Block]:
    """Say how all projects go by stage, then the major ones one by one, or those that are near."""
    table = results.tables[Role.PROJECT].sort_values("project_id", kind="stable")
    if table.empty:
        return
    table = table.assign(stage=table["progress"].fillna("—").astype(str))
    late = table["target_on"].notna() & (table["target_on"] < pd.Timestamp(results.on))
    yield Text("section", say("section_projects", lang))
    said = {"count": len(table), "mu": mu(table["area_needed"].sum()), "late": int(late.sum())}
    yield Text("line", say("projects", lang, yi=_yi(table["investment"].sum()), **said))
    rows = [(str(stage), *_sums(group)) for stage, group in table.groupby("stage")]
    columns = heads(lang, "progress", "projects", "mu", "yi")
    yield Table(columns, tuple(rows), (0.34, 0.16, 0.26, 0.24))
    least = rule(results, "targets.major_investment")
    if least is not None:
        yield from _major(results, table[table["investment"] >= least], least, lang)
    yield from _near(results, table, lang)


def _sums(group: pd.DataFrame) -> tuple[str, str, str]:
    """Return number, land needed and investment of projects."""
    return str(len(group)), mu(group["area_needed"].sum()), _yi(group["investment"].sum())


def _major(results: Results, major: pd.DataFrame, least: float, lang: Lang) -> Iterator[Block]:
    """Name the projects the plan follows, the largest first."""
    wanted = rule(results, "targets.major_projects")
    said = {"wanted": wanted, "least": f"{least / units.FACTORS['yi_yuan']:g}"}
    total = _yi(major["investment"].sum())
    yield Text("line", say("major", lang, count=len(major), yi=total, **said))
    listed = major.sort_values(["investment", "project_id"], ascending=[False, True]).head(_MOST)
    rows = zip(
        listed["project_name"].astype(str),
        [_yi(yuan) for yuan in listed["investment"]],
        listed["stage"],
        _days(listed),
        strict=True,
    )
    columns = heads(lang, "project", "yi", "progress", "target")
    if len(listed):
        yield Table(columns, tuple(rows), (0.46, 0.18, 0.16, 0.2))


def _near(results: Results, table: pd.DataFrame, lang: Lang) -> Iterator[Block]:
    """Name the projects whose target is past or near."""
    soon = table["target_on"] <= pd.Timestamp(results.on) + pd.Timedelta(days=_SOON)
    near = table[soon].sort_values(["target_on", "project_id"])
    if near.empty:
        return
    listed = near.head(_MOST)
    key = "near" if len(listed) == len(near) else "near_cut"
    yield Text("line", say(key, lang, days=_SOON, count=len(near), shown=len(listed)))
    rows = zip(listed["project_name"].astype(str), listed["stage"], _days(listed), strict=True)
    yield Table(heads(lang, "project", "progress", "target"), tuple(rows), (0.54, 0.24, 0.22))


def _days(table: pd.DataFrame) -> list[str]:
    """Return target days as text; a dash where there is none."""
    return ["—" if day is pd.NaT else f"{day:%Y-%m-%d}" for day in table["target_on"]]


def _yi(yuan: float) -> str:
    """Return money in 100 million yuan."""
    return f"{yuan / units.FACTORS['yi_yuan']:,.2f}"
