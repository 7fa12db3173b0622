"""
The act: every map a workspace asks for, as files that open by a double click.

Each file holds all it needs and connects to nothing; the same scene gives the same bytes.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from landuse import offline
from landuse.errors import MapError
from landuse.maps import extras, fields, grid, ground, index, initials, settings, spec
from landuse.maps import scene as scenes
from landuse.maps.atlas import Atlas
from landuse.maps.codec import Package
from landuse.maps.index import Entry
from landuse.maps.layer import OfflineMap
from landuse.maps.page import Content
from landuse.maps.scene import Place, Scene
from landuse.maps.spec import Spec
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from landuse.maps.codec import Packing
    from landuse.maps.scene import Overlay, Results
    from landuse.texts import Lang

Wanted = tuple[str, Spec, "Place | None"]
"""File stem, specification and place of a map."""

_log = logging.getLogger(__name__)
_CASES: dict[str, Packing] = {
    "case_id": "text",
    "kind": "text",
    "name": "text",
    "style": "whole",
    "is_guest": "whole",
    "area_m2": "float",
}
_PIECES: dict[str, Packing] = {"case": "whole", "is_built": "whole", "area_m2": "float"}


@offline.cut_off()
def write(  # noqa: PLR0913  each is one thing asked for
    folder: Path,
    results: Results,
    *,
    lang: Lang = "zh",
    frames: pd.DataFrame | None = None,
    sites: Callable[[Lang], Sequence[Overlay]] | None = None,
    sites_everywhere: bool = False,
    told: Callable[[Any], pd.DataFrame] | None = None,
    within: Callable[[list[str], list[str]], Results] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """
    Write every map the workspace's `maps/` asks for, and the page that lists them.

    Parameters
    ----------
    folder
        Where the files go; it is made where it does not exist.
    results
        What there is to draw: a run, or a `Scene` made by hand.
    lang
        Language of everything but the data, and of maps that ask for their own.
    frames
        States of other runs: columns day, case_id, state and status, one row a case and day. With
        two days or more the maps get a slider.
    sites
        Returns sites as overlays (`Overlay.layer` is ``site``) in a language; asked only if a map
        shows them.
    sites_everywhere
        Have them on every map; where its specification does not ask for them, they wait for their
        tick.
    told
        Returns what the law says and asks of the cases of results (`Scene.told`); asked only if a
        map is wanted.
    within
        Returns the results of some clusters and parks (`part.within`). Where there are more than
        `MOST` cases, maps of places are made of some thousands of them at a time.
    report
        Called after each map with how many are written and how many there are.

    Returns
    -------
    paths
        The files, `index.html` last.

    Raises
    ------
    MapError
        If a specification cannot be meant as written, or two maps would be one file.
    AssetError
        If a file of the page is missing from the installation.
    CrsError
        If pieces or outlines cannot be brought to longitude and latitude.
    """
    scene = Scene.listed(results, lang)
    specs = spec.load(scene.workspace.path)
    if sites_everywhere:
        specs = tuple(_with_sites(asked) for asked in specs)
    if sites is None or not any("site" in asked.layers for asked in specs):
        sites = _none
    wanted = _wanted(specs, scene)
    folder.mkdir(parents=True, exist_ok=True)
    is_cut = within is not None and len(results.cases) > MOST
    made = _Atlases(lang, frames, told, cache(sites))
    entries: list[Entry] = []
    for some in _groups(wanted, scene) if is_cut else [wanted] if wanted else []:
        atlas_in = made.of(_part(results, some, within) if is_cut and within else results)
        for name, asked, place in some:
            drawn = _drawn(atlas_in(asked.lang or lang), asked, place)
            (folder / f"{name}.html").write_bytes(drawn.html().encode("utf-8"))
            entries.append(Entry(f"{name}.html", drawn.content.settings, place))
            if report is not None:
                report(len(entries), len(wanted))
    listed = folder / "index.html"
    listed.write_bytes(index.render(scene, entries).encode("utf-8"))
    _log.info("maps: %d maps of %d cases", len(entries), len(results.cases))
    return [*(folder / entry.file for entry in entries), listed]


MOST = 20_000
"""Cases that maps of places are made of at a time."""


def _groups(wanted: Sequence[Wanted], scene: Scene) -> Iterator[list[Wanted]]:
    """Yield maps to be made together, in their order: of the city, or of places with few cases."""
    for is_city, each in groupby(wanted, key=lambda one: one[2] is None):
        group: list[Wanted] = []
        count = 0
        for one in each:
            own = 0 if is_city or one[2] is None else one[2].total(scene)["count"]
            if group and count + own > MOST:
                yield group
                group, count = [], 0
            group.append(one)
            count += own
        yield group


def _part(
    results: Results,
    some: Sequence[Wanted],
    within: Callable[[list[str], list[str]], Results],
) -> Results:
    """Return what some maps show: everything where they are of the city, else their places."""
    places = [place for _, _, place in some if place is not None]
    if not places:
        return results
    clusters, parks = (
        [place.id for place in places if place.role == role] for role in (Role.CLUSTER, Role.PARK)
    )
    return within(clusters, parks)


@dataclass(frozen=True)
class _Atlases:
    """How scenes are made of results: language, frames of the slider, words of the law, sites."""

    lang: Lang
    frames: pd.DataFrame | None
    told: Callable[[Any], pd.DataFrame] | None
    sites: Callable[[Lang], Sequence[Overlay]]

    def of(self, results: Results) -> Callable[[Lang], Atlas]:
        """Return what makes, once a language, the atlas of results."""
        scene = Scene.of(results, self.lang)
        if self.frames is not None:
            scene = replace(scene, frames=self.frames)
        if self.told is not None:
            scene = replace(scene, told=self.told(results))

        @cache
        def atlas_in(lang: Lang) -> Atlas:
            overlays = [*scene.overlays, *self.sites(lang)]
            return Atlas(replace(scene, lang=lang, overlays=overlays))

        return atlas_in


def _with_sites(asked: Spec) -> Spec:
    """Return a specification with the layer of sites, which waits if nobody asked for it."""
    if "site" in asked.layers:
        return asked
    return replace(asked, layers=(*asked.layers, "site"), hidden=(*asked.hidden, "site"))


def _none(lang: Lang) -> Sequence[Overlay]:
    """Return no layer in any language."""
    del lang
    return ()


@offline.cut_off()
def figure(
    results: Results,
    asked: Spec | None = None,
    *,
    cluster_id: str | None = None,
    park_id: str | None = None,
    lang: Lang = "zh",
    is_offline: bool = True,
) -> OfflineMap:
    """
    Return one map as a folium map, for a notebook or to add layers to.

    Parameters
    ----------
    results
        What there is to draw: a run, or a `Scene` made by hand.
    asked
        What is wanted; everything where nothing is.
    cluster_id, park_id
        One cluster, one park of any cluster, or neither for the whole city.
    lang
        Language of everything but the data.
    is_offline
        Whether the page may connect to nothing. False lets tiles and popups of added layers work
        where there is a network.

    Raises
    ------
    AssetError
        If a file of the page is missing from the installation.
    CrsError
        If pieces or outlines cannot be brought to longitude and latitude.
    """
    place = None if cluster_id is None else Place(Role.CLUSTER, cluster_id)
    place = place if park_id is None else Place(Role.PARK, park_id)
    asked = asked or Spec("map")
    atlas = Atlas(Scene.of(results, asked.lang or lang))
    return _drawn(atlas, asked, place, is_offline=is_offline)


def _drawn(
    atlas: Atlas, asked: Spec, place: Place | None, *, is_offline: bool = True
) -> OfflineMap:
    """Return one map."""
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
    return OfflineMap(Content(told, package.base64(), tuple(hosts)), is_offline=is_offline)


def _wanted(specs: Iterable[Spec], scene: Scene) -> list[Wanted]:
    """Return file stem, specification and place of every map."""
    wanted: list[Wanted] = []
    for asked in specs:
        if asked.split_by:
            found = scenes.places(scene, asked.split_by)
            stems = _stems([place.id for place in found])
            wanted += [(f"{asked.name}-{stems[place.id]}", asked, place) for place in found]
        else:
            wanted.append((asked.name, asked, None))
    twice = [n for n, k in Counter(name.casefold() for name, _, _ in wanted).items() if k > 1]
    if twice:
        raise MapError("maps.twice", name=twice[0])
    return wanted


def _stems(ids: list[str]) -> dict[str, str]:
    """Return a safe file name for each id, whatever it holds; different ids, different names."""
    plain = {id_: re.sub(r"[^\w-]", "_", unicodedata.normalize("NFC", id_))[:60] for id_ in ids}
    plain[scenes.OUTSIDE] = "outside"
    taken = Counter(stem.casefold() for stem in plain.values())
    return {id_: _stem(id_, plain[id_], taken[plain[id_].casefold()] == 1) for id_ in ids}


def _stem(id_: str, plain: str, is_alone: bool) -> str:
    """Return the plain name where it tells the id apart, else one with a digest of the id."""
    if is_alone and plain in {id_, "outside"}:
        return plain
    return f"{plain}-{hashlib.sha256(id_.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
