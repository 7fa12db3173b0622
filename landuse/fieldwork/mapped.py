"""The visit list as a map: one page that opens offline, with pictures before and after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from landuse import brief, folder, maps, texts
from landuse.errors import OutputError
from landuse.maps.spec import Spec

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.fieldwork import Observation
    from landuse.texts import Lang

_COLOUR = "#6A1B9A"
_LANGS: tuple[Lang, Lang] = ("zh", "en")


def scene(found: Observation) -> maps.Scene:
    """Return what the maps draw, with visits and pictures."""
    drawn = maps.Scene.of(found.run, found.lang)
    land = found.parcels[["kind", "case_id", "geometry"]]
    listed = found.visits.merge(land, on=["kind", "case_id"], how="left")
    name = listed["rank"].astype(str) + "  " + listed["right_holder"].fillna(listed["case_id"])
    about = listed["decides"] + "\n" + listed["sentence"]
    places = gpd.GeoDataFrame(
        {"name": name, "about": about}, geometry=listed["geometry"], crs=found.parcels.crs
    )
    label = texts.say("imagery.title_visits", found.lang)
    visits = maps.Overlay("visit", label, _COLOUR, places)
    told = brief.told(found.run, found.lang)
    chips = {case: [maps.Chip(*chip) for chip in own] for case, own in found.chips.items()}
    cases = _with_evidence(drawn.cases, found.evidence)
    return replace(drawn, cases=cases, overlays=(visits,), chips=chips, told=told)


def _with_evidence(cases: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    """Return the cases of the map with what imagery says beside their evidence."""
    keys = ["kind", "case_id"]
    said = evidence[evidence["source"] != ""].set_index(keys)["sentence"]
    here = pd.MultiIndex.from_frame(cases[keys])
    more = pd.Series(said.reindex(here).to_numpy(), index=cases.index)
    both = cases["evidence"].where(more.isna(), cases["evidence"] + "；" + more)
    return cases.assign(evidence=both)


def write(path: Path, found: Observation) -> None:
    """
    Write the map.

    Raises
    ------
    OutputError
        If the file cannot be written; what was there is untouched.
    """
    chinese, english = (texts.say("imagery.title_visits", lang) for lang in _LANGS)
    asked = Spec("visits", chinese, english)
    page = maps.figure(scene(found), asked, lang=found.lang).html().encode("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder.put(path, page)
    except OSError as err:
        raise OutputError("output.cannot_replace", path=path, reason=err) from err
