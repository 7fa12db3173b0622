"""Maps put into jobs: what each shows, worked out here or wherever it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from landuse import offline
from landuse.executor import underway
from landuse.maps import extras, fields, grid, ground, initials, settings
from landuse.maps.atlas import Atlas
from landuse.maps.codec import Package
from landuse.maps.page import Content
from landuse.maps.scene import Scene
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from landuse.executor import Executor
    from landuse.maps.codec import Packing
    from landuse.maps.scene import Overlay, Place, Results
    from landuse.maps.spec import Spec
    from landuse.texts import Lang

Wanted: TypeAlias = "tuple[str, Spec, Place | None]"
"""File stem, specification and place of a map."""

MOST = 20_000
"""Cases that maps of places are made of at a time."""

SENT = 4_000
"""Cases that maps of places are made of at a time where jobs are shared out."""

AHEAD = 200_000
"""Cases in jobs that are on their way at once, or two jobs; maps of a larger city stay here."""

LARGEST = 300_000
"""Cases one page shows at most: 50 to 130 MB. What a province has; a page of more is of no use."""

_CASES: dict[str, Packing] = {
    "case_id": "text",
    "kind": "text",
    "name": "text",
    "style": "whole",
    "is_guest": "whole",
    "area_m2": "float",
}
_PIECES: dict[str, Packing] = {"case": "whole", "is_built": "whole", "area_m2": "float"}


@dataclass(frozen=True)
class Job:
    """
    Maps to draw, and what there is to draw (`writer.write` says what is what).

    `overlays` holds the sites in each language of the maps.
    """

    results: Results
    wanted: Sequence[Wanted]
    lang: Lang
    frames: pd.DataFrame | None
    overlays: Mapping[Lang, Sequence[Overlay]]
    told: pd.DataFrame | None

    def __str__(self) -> str:
        """Return what errors call it."""
        return ", ".join(f"{name}.html" for name, _, _ in self.wanted)

    def atlases(self) -> Callable[[Lang], Atlas]:
        """Return what makes, once a language, the atlas of the results."""
        scene = Scene.of(self.results, self.lang)
        if self.frames is not None:
            scene = replace(scene, frames=self.frames)
        if self.told is not None:
            scene = replace(scene, told=self.told)

        @cache
        def atlas_in(lang: Lang) -> Atlas:
            return Atlas(
                replace(scene, lang=lang, overlays=[*scene.overlays, *self.overlays[lang]])
            )

        return atlas_in


def contents(job: Job) -> Iterator[Content]:
    """Yield what each map of a job shows."""
    atlas_in = job.atlases()
    for _, asked, place in job.wanted:
        yield content(atlas_in(asked.lang or job.lang), asked, place)


@offline.cut_off()
def listed(job: Job) -> list[Content]:
    """Return what each map of a job shows, all at once, as it travels."""
    return list(contents(job))


def count(place: Place | None, scene: Scene) -> int:
    """Return how many cases a map of a place, or of the whole city, counts."""
    total = scene.totals["city"] if place is None else place.total(scene)
    counted: int = total["count"]
    return counted


def groups(wanted: Sequence[Wanted], scene: Scene, most: int) -> Iterator[list[Wanted]]:
    """Yield maps to be made together, in their order: of the city, or of places with few cases."""
    for (is_city, _), each in groupby(
        wanted, key=lambda one: (one[2] is None, _needs_files(one[1]))
    ):
        group: list[Wanted] = []
        held = 0
        for one in each:
            own = 0 if is_city else count(one[2], scene)
            if group and held + own > most:
                yield group
                group, held = [], 0
            group.append(one)
            held += own
        yield group


def _needs_files(asked: Spec) -> bool:
    """Whether maps need files of the workspace, which are where the command runs."""
    return any(below.file or below.imagery for below in asked.basemaps)


def drawn(
    some: Sequence[Sequence[Wanted]],
    scene: Scene,
    job: Callable[[Sequence[Wanted]], Job],
    executor: Executor,
) -> Iterator[Iterable[Content]]:
    """Have groups of maps drawn, each of the job it makes; yield what they show in their order."""
    cases = [sum(count(place, scene) for _, _, place in group) for group in some]
    stay = [
        executor.is_here or _needs_files(group[0][1]) or (group[0][2] is None and held > AHEAD)
        for group, held in zip(some, cases, strict=True)
    ]
    far = [(group, n) for group, n, stays in zip(some, cases, stay, strict=True) if not stays]
    ahead = underway.most((n for _, n in far), AHEAD)
    sent = executor.results(listed, (job(group) for group, _ in far), ahead) if far else iter([])
    return (
        contents(job(group)) if stays else next(sent)
        for group, stays in zip(some, stay, strict=True)
    )


@dataclass(frozen=True)
class Divided:
    """Results of which maps are given the part they show, if there is who divides them."""

    results: Results
    within: Callable[..., Results] | None
    travels: bool

    def of(self, some: Sequence[Wanted]) -> Results:
        """Return what some maps show: everything where they are of the city, else their places."""
        places = [place for _, _, place in some if place is not None]
        if self.within is None:
            return self.results
        if not places:
            return _lean(self.within(), some) if self.travels else self.results
        clusters, parks = (
            [place.id for place in places if place.role == role]
            for role in (Role.CLUSTER, Role.PARK)
        )
        return _lean(self.within(clusters, parks), some)


def _lean(results: Results, some: Sequence[Wanted]) -> Results:
    """Return a part without shapes that none of some maps shows: supplies are shown as pieces."""
    part: Any = results
    layers = {layer for _, asked, _ in some for layer in asked.layers}
    hidden = {Role.SUPPLY, Role.CONSTRUCTION, Role.APPROVAL} - layers
    tables = {role: _shapeless(t) if role in hidden else t for role, t in part.tables.items()}
    found = part.findings if "finding" in layers else _shapeless(part.findings)
    lean: Results = replace(part, tables=tables, findings=found)
    return lean


def _shapeless(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its shapes."""
    return pd.DataFrame(table.drop(columns="geometry", errors="ignore"))


def content(atlas: Atlas, asked: Spec, place: Place | None) -> Content:
    """Return what one map shows."""
    scene, view = atlas.scene, atlas.view(place)
    table, shown = atlas.cards.of(view.rows)
    table[["style", "is_guest"]] = view.cases[["style", "is_guest"]]
    package = Package()
    packings = _CASES | fields.HIDDEN | {f.column: fields.PACKINGS[f.shown] for f in shown}
    package.add_table("cases", table, packings)
    package.add_table("pieces", view.pieces, _PIECES)
    package.add_shapes("pieces", view.pieces.geometry.to_numpy())
    told = settings.settings(atlas, asked, view, shown, package)
    told["layers"] = extras.packed(atlas.scene, atlas.layer, asked, view, package)
    told["basemaps"] = ground.told(scene, asked, told["bounds"], package)
    told["grid"] = grid.told(scene.workspace.crs)
    told["facets"] = fields.facets(table, scene.lang)
    told["initials"] = initials.table([table["name"], table["project"]])
    told["film"] = None
    if atlas.reel is not None:
        told["film"] = atlas.reel.told
        frames = atlas.reel.of(view.rows)
        package.add_table("film", frames, dict.fromkeys(map(str, frames), "whole"))
    hosts = sorted({host for below in asked.basemaps for host in below.hosts()})
    return Content(told, package.base64(), tuple(hosts))
