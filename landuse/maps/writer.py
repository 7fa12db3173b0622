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
from typing import TYPE_CHECKING, Any

from landuse import offline
from landuse.errors import MapError
from landuse.executor import Here
from landuse.maps import drawing, index, spec
from landuse.maps import scene as scenes
from landuse.maps.atlas import Atlas
from landuse.maps.index import Entry
from landuse.maps.layer import OfflineMap
from landuse.maps.scene import Place, Scene
from landuse.maps.spec import Spec
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from landuse.executor import Executor
    from landuse.maps.drawing import Wanted
    from landuse.maps.page import Content
    from landuse.maps.scene import Overlay, Results
    from landuse.texts import Lang

_log = logging.getLogger(__name__)


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
    within: Callable[..., Results] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """
    Write every map the workspace's `maps/` asks for, and the page that lists them.

    One of more than `drawing.LARGEST` cases is left out; the page says so.

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
        `drawing.MOST` cases, maps of places are made of some thousands of them at a time.
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
    begun = begin(
        folder,
        results,
        lang=lang,
        frames=frames,
        sites=sites,
        sites_everywhere=sites_everywhere,
        told=told,
        within=within,
    )
    return begun.finish(report)


@offline.cut_off()
def begin(  # noqa: PLR0913  each is one thing asked for
    folder: Path,
    results: Results,
    *,
    lang: Lang = "zh",
    frames: pd.DataFrame | None = None,
    sites: Callable[[Lang], Sequence[Overlay]] | None = None,
    sites_everywhere: bool = False,
    told: Callable[[Any], pd.DataFrame] | None = None,
    within: Callable[..., Results] | None = None,
    executor: Executor | None = None,
) -> Begun:
    """
    Have every map begun by whoever draws them; `Begun.finish` waits for them and writes them.

    Parameters
    ----------
    folder, results, lang, frames, sites, sites_everywhere, told, within
        As in `write`.
    executor
        Who draws maps (`landuse.executor`); this process, when they are finished, if not given or
        if there is no `within`, and in any case maps with files of the workspace below them. They
        are the same bytes.

    Raises
    ------
    MapError
        If a specification cannot be meant as written, or two maps would be one file.
    ClusterError
        If the executor cannot do its work.
    """
    scene = Scene.listed(results, lang)
    specs = spec.load(scene.workspace.path)
    if sites_everywhere:
        specs = tuple(_with_sites(asked) for asked in specs)
    if sites is None or not any("site" in asked.layers for asked in specs):
        sites = _none
    every = _wanted(specs, scene)
    wanted = [one for one in every if drawing.count(one[2], scene) <= drawing.LARGEST]
    left_out = [one for one in every if one not in wanted]
    overlays = {own: sites(own) for own in {asked.lang or lang for _, asked, _ in wanted}}
    # A machine left to itself draws here: sharing out costs what a second processor gains.
    executor = (executor if executor and within else Here()).fit(len(wanted), features=0)
    most = drawing.MOST if executor.is_here else drawing.SENT
    is_cut = within is not None and (not executor.is_here or len(results.cases) > most)
    groups = list(drawing.groups(wanted, scene, most)) if is_cut else [wanted] if wanted else []
    divided = drawing.Divided(results, within if is_cut else None, travels=not executor.is_here)

    def job(some: Sequence[Wanted]) -> drawing.Job:
        part = divided.of(some)
        law = None if told is None else told(part)
        return drawing.Job(part, tuple(some), lang, frames, overlays, law)

    drawn = drawing.drawn(groups, scene, job, executor)
    return Begun(folder, results, scene, wanted, left_out, drawn)


@dataclass(frozen=True)
class Begun:
    """
    Maps that are being drawn: what is wanted, and what each shows, some maps at a time.

    `left_out` holds those of more cases than a page can show.
    """

    folder: Path
    results: Results
    scene: Scene
    wanted: Sequence[Wanted]
    left_out: Sequence[Wanted]
    drawn: Iterator[Iterable[Content]]

    @offline.cut_off()
    def finish(self, report: Callable[[int, int], None] | None = None) -> list[Path]:
        """
        Write the maps, and the page that lists them; arguments, answer and errors as in `write`.

        Raises
        ------
        ClusterError
            If the executor cannot do its work.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        entries: list[Entry] = []
        shown = (content for some in self.drawn for content in some)
        for (name, _, place), content in zip(self.wanted, shown, strict=True):
            page = OfflineMap(content).html()
            (self.folder / f"{name}.html").write_bytes(page.encode("utf-8"))
            told = {key: content.settings[key] for key in index.SHOWN}
            entries.append(Entry(f"{name}.html", told, place))
            if report is not None:
                report(len(entries), len(self.wanted))
        listed = self.folder / "index.html"
        listed.write_bytes(index.render(self.scene, entries, self._left_out()).encode("utf-8"))
        _log.info("maps: %d maps of %d cases", len(entries), len(self.results.cases))
        return [*(self.folder / entry.file for entry in entries), listed]

    def _left_out(self) -> list[tuple[str, int]]:
        """Return each map that was left out, and of how many cases it would be."""
        return [
            (f"{name}.html", drawing.count(place, self.scene)) for name, _, place in self.left_out
        ]


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
    return OfflineMap(drawing.content(atlas, asked, place), is_offline=is_offline)


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
