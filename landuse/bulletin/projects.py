"""How the major projects go, where a layer of projects is there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from landuse import units
from landuse.bulletin.saying import heads, mu, rule, say, share
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


_NEAREST = 10
"""Projects named whose target is near; the others are in the layer."""


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
    order = say("stages", lang).split("|")
    found = sorted(table["stage"].unique())
    stages = [*(stage for stage in order if stage in found), *(s for s in found if s not in order)]
    rows = [(stage, *_sums(table[table["stage"] == stage])) for stage in stages]
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
    """Say how far the projects that the plan follows have come, then each, the largest first."""
    wanted = rule(results, "targets.major_projects")
    said = {"wanted": wanted, "least": f"{least / units.FACTORS['yi_yuan']:g}"}
    total = _yi(major["investment"].sum())
    yield Text("line", say("major", lang, count=len(major), yi=total, **said))
    if major.empty:
        return
    yield from _year(results, major, lang)
    listed = major.sort_values(["investment", "project_id"], ascending=[False, True]).head(_MOST)
    rows = zip(
        listed["project_name"].astype(str),
        listed["stage"],
        [_yi(yuan) for yuan in listed["investment"]],
        [_yi(yuan) for yuan in listed["invested"]],
        [share(part) for part in listed["invested"] / listed["investment"]],
        [_yi(yuan) for yuan in _this_year(results, listed)],
        _days(listed),
        strict=True,
    )
    columns = heads(
        lang, "project", "progress", "whole", "invested", "invested_share", "this_year", "target"
    )
    widths = (0.345, 0.105, 0.09, 0.115, 0.095, 0.115, 0.135)
    yield Text("caption", say("major_list", lang))
    yield Table(columns, tuple(rows), widths, is_dense=True)


def _this_year(results: Results, table: pd.DataFrame) -> pd.Series:
    """Return what was invested this year; unknown where the data are of another year."""
    layers = [s for s in results.workspace.sources if s.role is Role.PROJECT]
    is_current = all(source.as_of.year == results.on.year for source in layers)
    return table["invested_this_year"] if is_current else table["invested_this_year"] * float("nan")


def _year(results: Results, major: pd.DataFrame, lang: Lang) -> Iterator[Block]:
    """Set what was invested against the whole and against the target of the year."""
    invested, this_year = major["invested"], _this_year(results, major)
    known = invested.notna()
    said = {
        "known": int(known.sum()),
        "silent": int((~known).sum()),
        "invested": _yi(invested.sum()),
        "share": share(invested.sum() / major.loc[known, "investment"].sum()),
    }
    if not known.any():
        yield Text("line", say("major_silent", lang))
        return
    yield Text("line", say("major_invested", lang, **said))
    goal = rule(results, "targets.major_year_investment")
    if goal is None or not this_year.notna().any():
        return
    gone = results.on.timetuple().tm_yday / date(results.on.year, 12, 31).timetuple().tm_yday
    said = {
        "this_year": _yi(this_year.sum()),
        "goal": f"{goal / units.FACTORS['yi_yuan']:g}",
        "share": share(this_year.sum() / goal),
        "gone": share(gone),
    }
    ahead = this_year.sum() / goal >= gone
    yield Text("line", say("year_ahead" if ahead else "year_behind", lang, **said))


def _near(results: Results, table: pd.DataFrame, lang: Lang) -> Iterator[Block]:
    """Name the projects whose target is past or near."""
    soon = table["target_on"] <= pd.Timestamp(results.on) + pd.Timedelta(days=_SOON)
    near = table[soon].sort_values(["target_on", "project_id"])
    if near.empty:
        return
    listed = near.head(_NEAREST)
    key = "near" if len(listed) == len(near) else "near_cut"
    yield Text("line", say(key, lang, days=_SOON, count=len(near), shown=len(listed)))
    rows = zip(listed["project_name"].astype(str), listed["stage"], _days(listed), strict=True)
    yield Table(heads(lang, "project", "progress", "target"), tuple(rows), (0.54, 0.24, 0.22))


def _days(table: pd.DataFrame) -> list[str]:
    """Return target days as text; a dash where there is none."""
    return ["—" if day is pd.NaT else f"{day:%Y-%m-%d}" for day in table["target_on"]]


def _yi(yuan: float) -> str:
    """Return money in 100 million yuan; a dash where it is unknown."""
    return "—" if pd.isna(yuan) else f"{yuan / units.FACTORS['yi_yuan']:,.2f}"
