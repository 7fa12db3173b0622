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
from typing import TYPE_CHECKING

from landuse.errors import MapError
from landuse.maps import fields, index, settings, spec
from landuse.maps import scene as scenes
from landuse.maps.codec import Package
from landuse.maps.index import Entry
from landuse.maps.layer import OfflineMap
from landuse.maps.page import Content
from landuse.maps.scene import Scene
from landuse.maps.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from landuse.maps.codec import Packing
    from landuse.maps.scene import Results
    from landuse.texts import Lang

_log = logging.getLogger(__name__)
_CASES: dict[str, Packing] = {
    "case_id": "text",
    "kind": "text",
    "name": "text",
    "project": "text",
    "code": "text",
    "style": "whole",
    "is_guest": "whole",
    "area_m2": "float",
}
_PIECES: dict[str, Packing] = {"case": "whole", "is_built": "whole", "area_m2": "float"}


def write(
    folder: Path,
    results: Results,
    *,
    lang: Lang = "zh",
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
        Language of everything but the data.
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
    scene = Scene.of(results, lang)
    wanted = _wanted(spec.load(scene.workspace.path), scene)
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for done, (name, asked, cluster_id) in enumerate(wanted, start=1):
        drawn = _drawn(scene, asked, cluster_id)
        (folder / f"{name}.html").write_bytes(drawn.html().encode("utf-8"))
        entries.append(_entry(name, drawn, asked))
        if report is not None:
            report(done, len(wanted))
    listed = folder / "index.html"
    listed.write_bytes(index.render(scene, entries).encode("utf-8"))
    _log.info("maps: %d maps of %d cases", len(entries), len(scene.cases))
    return [*(folder / entry.file for entry in entries), listed]


def figure(
    results: Results,
    asked: Spec | None = None,
    *,
    cluster_id: str | None = None,
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
    cluster_id
        One cluster, or None for the whole city.
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
    return _drawn(Scene.of(results, lang), asked or Spec("map"), cluster_id, is_offline=is_offline)


def _drawn(
    scene: Scene, asked: Spec, cluster_id: str | None, *, is_offline: bool = True
) -> OfflineMap:
    """Return one map."""
    view = scenes.view(scene, cluster_id)
    table, shown = fields.table(scene, view)
    table[["style", "is_guest"]] = view.cases[["style", "is_guest"]]
    package = Package()
    package.add_table("cases", table, _CASES | {f.column: fields.PACKINGS[f.shown] for f in shown})
    package.add_table("pieces", view.pieces, _PIECES)
    package.add_shapes("pieces", view.pieces.geometry.to_numpy())
    told = settings.settings(scene, asked, view, shown, package)
    return OfflineMap(Content(told, package.base64()), is_offline=is_offline)


def _wanted(specs: Iterable[Spec], scene: Scene) -> list[tuple[str, Spec, str | None]]:
    """Return file stem, specification and cluster of every map."""
    wanted: list[tuple[str, Spec, str | None]] = []
    ids = scenes.cluster_ids(scene)
    for asked in specs:
        if asked.split_by:
            stems = _stems(ids)
            wanted += [(f"{asked.name}-{stems[id_]}", asked, id_) for id_ in ids]
        else:
            wanted.append((asked.name, asked, None))
    twice = [n for n, k in Counter(name.casefold() for name, _, _ in wanted).items() if k > 1]
    if twice:
        message = f"maps: two maps would both be {twice[0]}.html. Rename one of the TOML files."
        raise MapError(message)
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


def _entry(name: str, drawn: OfflineMap, asked: Spec) -> Entry:
    """Return what the index says about a map; its figures are those of its legend."""
    told = drawn.content.settings
    figures = told["figures"]
    return Entry(
        file=f"{name}.html",
        title=told["title"],
        note=told["note"],
        count=figures["total"]["count"],
        area_m2=figures["total"]["area_m2"],
        idle_m2=figures["idle"]["area_m2"],
        is_part=bool(asked.split_by),
    )
