"""A difference of two days as a map: the later day, what moved laid over it, both on a slider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from landuse import crs, geometry, history, judging, maps, texts, units
from landuse.history.comparing import CHANGES
from landuse.partition import ground
from landuse.replay import shown
from landuse.terms import Status, label

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from landuse.history import Diff
    from landuse.texts import Lang

_COLORS = {
    "new": "#005F73", "gone": "#6A040F", "state": "#B00020",
    "status": "#8A5A00", "area": "#5A189A", "measure": "#3A5A40",
}  # fmt: skip
_KEY = ["kind", "case_id"]


def page(found: Diff) -> bytes:
    """
    Return one self-contained map of what moved.

    Parameters
    ----------
    found
        A difference of two snapshots (`history.diff`).

    Returns
    -------
    page
        HTML in UTF-8: the parcels of the later day, one layer for each kind of change with
        statuses, areas and causes, and a slider of both days where they differ. Gone cases are
        drawn where they last were. The same difference gives the same bytes.

    Raises
    ------
    MapError, AssetError
        If the page cannot be made.
    CrsError
        If shapes cannot be brought to longitude and latitude.
    """
    after, lang = found.after, found.lang
    parts = judging.land(after.workspace, after.tables, after.on)
    packed = ground.labelled(parts, after.cases).packed
    pieces = geometry.opened(ground.Described(after.cases, after.on)(packed), parts.crs)
    scene = maps.Scene(
        after.workspace,
        after.tables,
        pieces,
        after.cases,
        after.totals,
        after.on,
        lang,
        frames=history.frame(found.before.cases, found.before.on),
        overlays=_overlays(found, pieces),
    )
    title = texts.say("history.title_map", lang)
    asked = maps.Spec("diff", title=title, title_en=title, note=shown.note(found))
    return maps.figure(scene, asked, lang=lang).html().encode("utf-8")


def _overlays(found: Diff, pieces: gpd.GeoDataFrame) -> list[maps.Overlay]:
    """Return one layer for each kind of change that occurs."""
    where = _where(found, pieces)
    layers = []
    for change in reversed(CHANGES):  # what weighs more lies above
        rows = found.changes[found.changes["change"] == change]
        if rows.empty:
            continue
        shapes = where.reindex(pd.MultiIndex.from_frame(rows[_KEY])).to_numpy()
        told = {"name": _names(rows), "about": _about(rows, change, found.lang)}
        places = gpd.GeoDataFrame(told, geometry=shapes, crs=found.workspace.crs)
        name = texts.say(f"history.change_{change}", found.lang)
        is_hidden = change == "measure"  # they follow the statuses
        layers.append(maps.Overlay(f"move_{change}", name, _COLORS[change], places, is_hidden))
    return layers


def _where(found: Diff, pieces: gpd.GeoDataFrame) -> pd.Series:
    """Return the shape of each case by kind and id: as the later day has it, else the earlier."""
    rest = pieces[(pieces["supply_id"] == "") & (pieces["case_id"].fillna("") != "")]
    remainders = rest.groupby("case_id").geometry.agg(shapely.union_all)
    known = [("approval", remainders.index, remainders.to_numpy())]
    for one in (found.after, found.before):
        for kind in ("supply", "approval"):
            table = one.tables[kind]
            if "geometry" in table:
                shapes = crs.transformed(
                    table["geometry"].to_numpy(), one.workspace.crs, found.workspace.crs, kind
                )
                known.append((kind, table[f"{kind}_id"], shapes))
    parts = [
        pd.Series(
            shapes, index=pd.MultiIndex.from_product([[kind], ids.astype(object)], names=_KEY)
        )
        for kind, ids, shapes in known
    ]
    every = pd.concat(parts)
    every = every[~shapely.is_missing(every.to_numpy())]
    first: pd.Series = every[~every.index.duplicated()]
    return first


def _names(rows: pd.DataFrame) -> list[str]:
    """Return whose land each row is of."""
    holders = rows["right_holder"].fillna("").astype(str)
    return [f"{case} {who}".strip() for case, who in zip(rows["case_id"], holders, strict=True)]


def _about(rows: pd.DataFrame, change: str, lang: Lang) -> list[str]:
    """Return what moved and why, line by line."""
    causes = shown.words(rows["causes"], "cause", lang)
    lines = []
    for row, why in zip(rows.to_dict("records"), causes, strict=True):
        said = [_step(row, change, lang), f"{texts.say('history.column_causes', lang)}：{why}"]
        lines.append("\n".join([*said, *([row["detail"]] if row["detail"] else [])]))
    return lines


def _step(row: Mapping[Hashable, Any], change: str, lang: Lang) -> str:
    """Return what a row was and is."""
    if change == "measure":
        return f"{row['measures_before']} → {row['measures_after']}"
    outside = texts.say("history.outside", lang)
    known = bool(row["is_determined"])
    ends = [
        label(Status(str(row[name])), lang, is_determined=known) if row[name] else outside
        for name in ("from_status", "to_status")
    ]
    areas = [
        "—" if pd.isna(row[name]) else f"{units.mu(row[name]):,.2f}"
        for name in ("area_before_m2", "area_after_m2")
    ]
    mu = texts.say("map.mu_unit", lang)
    return f"{ends[0]} → {ends[1]}，{areas[0]} → {areas[1]} {mu}"
