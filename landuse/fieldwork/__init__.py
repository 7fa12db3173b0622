"""
What imagery says of the cases of a run, and which of them are worth a visit.

The cases stay as they are. For each case whose papers and imagery do not agree the facts are
exchanged for what the imagery shows, and the same law judges again: what would change if a visit
confirmed it is what the visit would decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import offline, reclassify
from landuse.errors import LayerError
from landuse.fieldwork import visiting
from landuse.imagery import chips, evidence, footprints, observing, others, parcels, scenes
from landuse.terms import Agreement, Role, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from geopandas import GeoDataFrame

    from landuse.imagery.observing import Observed
    from landuse.imagery.scenes import Scene
    from landuse.layers import Workspace
    from landuse.pipeline import Report, Run
    from landuse.texts import Lang

_LIGHT = {"blue", "green", "red", "nir", "swir1", "swir2"}
MOST_PICTURED = 300
"""Visits whose parcels are pictured, the first of the list."""


@dataclass(frozen=True)
class Observation:
    """
    What imagery says of a run.

    Attributes
    ----------
    run
        The run it is held against; nothing of it is changed.
    scenes
        Scenes up to the day asked for.
    parcels
        Cases with land, and what the papers say of them (`imagery.parcels`).
    observed
        Figures by parcel and date (`imagery.observing`).
    class_maps
        What class maps and night lights say (`imagery.others`).
    limits
        From which score a parcel counts as changed (`imagery.evidence.limits`).
    evidence
        One row a parcel (`imagery.evidence`).
    visits
        Cases worth a visit, the one that would decide most first (`visiting`).
    """

    run: Run
    scenes: tuple[Scene, ...]
    parcels: GeoDataFrame
    observed: Observed
    class_maps: pd.DataFrame
    limits: pd.DataFrame
    evidence: pd.DataFrame
    visits: pd.DataFrame

    @property
    def workspace(self) -> Workspace:
        """The workspace of the run."""
        return self.run.workspace

    @property
    def on(self) -> date:
        """The day asked for."""
        return self.run.on

    @property
    def lang(self) -> Lang:
        """Language of what people read."""
        return self.run.lang

    @property
    def inputs(self) -> pd.DataFrame:
        """Every file of the imagery with its hash: layer, file, sha256."""
        read = self.run.inputs
        rows = read.loc[read["role"] == Role.IMAGERY, ["layer", "file", "sha256"]]
        return rows.reset_index(drop=True)

    @cached_property
    def chips(self) -> Mapping[str, Sequence[tuple[date, str, bytes]]]:
        """Pictures before and after of the first `MOST_PICTURED` visits, by case."""
        listed = self.visits.head(MOST_PICTURED)
        rows = self.evidence.set_index("case_id").loc[listed["case_id"], ["since", "on"]]
        both = zip(rows.index, rows["since"], rows["on"], strict=True)
        days = {
            str(case): [day.date() for day in (since, on) if not pd.isna(day)]
            for case, since, on in both
        }
        shapes = self.parcels.set_index("case_id").geometry
        return chips.chips(
            [scene for scene in self.scenes if _LIGHT & scene.bands.keys()],
            {case: shapes[case] for case in days},
            self.parcels.crs,
            days,
        )


@offline.cut_off()
def observe(
    path_or_run: str | Path | Run,
    *,
    on: date | None = None,
    lang: Lang = "zh",
    inner_m: float | None = None,
    report: Report | None = None,
) -> Observation:
    """
    Say what imagery shows on each case, how it stands to the papers, and what to visit first.

    Parameters
    ----------
    path_or_run
        A workspace folder with layers of role imagery, or what `landuse.run` returned.
    on
        The day asked for; needed for a folder, and the run's own for a run. Scenes of later days
        are left aside.
    lang
        Language of what people read.
    inner_m
        Metres taken off parcels all around against what neighbours leave in a border pixel; half
        a pixel if not given.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    LayerError
        If the workspace has no scene up to that day, or one cannot be used as declared.
    CheckFailed
        If a finding forbids a result.
    WorkspaceError, CrsError, LawError, LanduseError
        If the workspace, a layer, a rule or the day cannot be used.

    Examples
    --------
    A workspace without imagery is told so; README, "Imagery as evidence", has the layer.

    >>> landuse.observe(found)
    Traceback (most recent call last):
    landuse.errors.LayerError: ...
    """
    run = reclassify.found(path_or_run, on, lang, report)
    known = tuple(s for s in scenes.scenes(run.workspace) if s.observed_on <= run.on)
    if not known:
        raise LayerError("imagery.no_scene", on=run.on)
    table = parcels.parcels(run.cases, run.pieces, run.tables["supply"])
    shapes = table.geometry.to_numpy()
    certain = parcels.certain(table, run.on)
    seen = observing.observed(
        [scene for scene in known if _LIGHT & scene.bands.keys()],
        shapes, table.crs, certain=certain, inner_m=inner_m,
    )  # fmt: skip
    if report is not None:
        report("imagery", len(known))
    told = others.told(known, shapes, table.crs, seen.inner_m)
    limits = evidence.limits(seen, certain)
    drawn = footprints.told(shapes, run.tables["construction"], run.on)
    found = evidence.evidence(table, seen, told, limits, drawn, lang)
    if report is not None:
        report("observe", len(found))
    return Observation(
        run=run,
        scenes=known,
        parcels=table,
        observed=seen,
        class_maps=told,
        limits=limits,
        evidence=found,
        visits=visiting.visits(run, found, lang),
    )


def summary(found: Observation) -> dict[str, Any]:
    """Return how many parcels are seen, and how many stand how to the papers."""
    grades = found.evidence["grade"].value_counts()
    unseen = found.evidence["seen"].isin([Seen.HIDDEN, Seen.SMALL])
    counts = {str(grade): int(grades.get(grade, 0)) for grade in Agreement}
    return {
        "parcels": len(found.evidence),
        "seen": int((~unseen).sum()),
        "visits": len(found.visits),
        **counts,
    }
