"""
What the page is told besides its parcels: words, styles, figures, outlines, where to look.

All of it becomes one JSON; names in it are data like any cell of a spreadsheet.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse import schema, terms, texts
from landuse.maps import chips, fields, places, scene, style
from landuse.maps.places import pair
from landuse.terms import Role, State, Status

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from landuse.maps.atlas import Atlas, Bounds
    from landuse.maps.codec import Package
    from landuse.maps.fields import Field
    from landuse.maps.places import Box
    from landuse.maps.scene import Place, Scene, View
    from landuse.maps.spec import Spec
    from landuse.texts import Lang

_LATE = {
    Status.OVERDUE,
    Status.COMPLETION_OVERDUE,
    Status.COMPLETION_OVERDUE_TWO_YEARS,
    Status.SUSPENDED,
    Status.SUSPENDED_INEFFICIENT,
    *terms.IDLE,
}
"""Statuses whose count of days is one of delay."""

_EPOCH = date(1970, 1, 1)
_CHINA: Box = [[18.0, 73.0], [54.0, 135.0]]


def settings(
    atlas: Atlas, spec: Spec, view: View, shown: list[Field], package: Package
) -> dict[str, Any]:
    """
    Return the settings of one map, and add its outlines to the package.

    Parameters
    ----------
    atlas, spec, view
        What there is, what was asked for and the cut that is drawn.
    shown
        Fields of the card.
    package
        Grows by one set of shapes a role drawn around the parcels, and the pictures of cases.

    Raises
    ------
    MapError
        If a picture of a case is none a page can show.
    CrsError
        If outlines cannot be brought to longitude and latitude.
    """
    scene, lang = atlas.scene, atlas.scene.lang
    marks = marks_of(scene)
    around = [_outlines(atlas, spec, view, role, package) for role in spec.outlines]
    outlines = [found for found in around if found["names"]]
    clusters = next((o for o in outlines if o["role"] == Role.CLUSTER), None)
    return {
        "lang": lang,
        "title": title(scene, spec, view.place),
        "note": "　".join(filter(None, (*marks, spec.remark(lang)))),
        "workspace": scene.workspace.name,
        "synthetic": texts.say("map.synthetic", lang) if scene.workspace.is_synthetic else "",
        "reported_by": spec.reported_by,
        "marking": "　".join(filter(None, (spec.marking, *marks))),
        "on": (scene.on - _EPOCH).days,
        "dates": dates(scene),
        "as_of": as_of(scene),
        "basis": basis(scene),
        "texts": {key: entry[lang] for key, entry in texts.section("map").items()},
        "styles": style.as_data(),
        "fills": {str(state): fill for state, fill in style.FILLS.items()},
        "ticked": ticked(spec),
        "idle": sorted(terms.IDLE),
        "late": sorted(_LATE),
        "unchecked": [texts.say("map.unchecked", word) for word in ("zh", "en")],
        "tree": places.tree(atlas, view),
        "chips": chips.packed(scene, view, package),
        "figures": figures(view, lang),
        "fields": [
            {"column": f.column, "label": f.label, "shown": f.shown, "group": f.group}
            for f in shown
        ],
        "groups": list(fields.GROUPS),
        "ids": {role: schema.heading(role, f"{role}_id", lang) for role in ("supply", "approval")},
        "outlines": outlines,
        "places": _places(clusters),
        "bounds": _bounds(view, clusters),
    }


def marks_of(scene: Scene) -> list[str]:
    """Return what must stand on a map of this workspace: its marking and its 审图号."""
    space = scene.workspace
    number = space.map_approval
    told = texts.say("map.map_approval", scene.lang, number=number) if number else ""
    return [mark for mark in (space.marking, told) if mark]


def title(scene: Scene, spec: Spec, place: Place | None) -> str:
    """Return what the map is called: the specification's title and, if cut, the place's name."""
    heading = spec.heading(scene.lang)
    if place is None:
        return heading
    name = places.called(scene, place)
    return texts.say("map.cluster_title", scene.lang, title=heading, name=name)


def dates(scene: Scene) -> str:
    """Return the days a reader must know: of the data, and the one asked for."""
    found = sorted(day for day in scene.totals["as_of"].values() if day)
    span = found[0] if found else "–"
    if found and found[0] != found[-1]:
        span = texts.say("map.as_of_range", scene.lang, first=found[0], last=found[-1])
    return texts.say("map.dates", scene.lang, as_of=span, on=scene.on.isoformat())


def as_of(scene: Scene) -> list[str]:
    """Return the day of each source layer, by title."""
    titles = {source.name: source.title for source in scene.workspace.sources}
    return [f"{titles.get(name, name)}  {day}" for name, day in scene.totals["as_of"].items()]


def basis(scene: Scene) -> str:
    """Return how areas were measured and in which reference system."""
    crs = scene.workspace.crs
    code = f" (EPSG:{crs.to_epsg()})" if crs.to_epsg() else ""
    method = texts.say(f"map.method_{scene.workspace.area_method}", scene.lang)
    return texts.say("map.basis", scene.lang, method=method, crs=crs.name + code)


def ticked(spec: Spec) -> list[str]:
    """Return the statuses that are ticked when the map opens."""
    if not spec.states and not spec.statuses:
        return [str(status) for status in Status]
    return [
        str(status)
        for status in Status
        if status in spec.statuses or terms.STATE_OF[status] in spec.states
    ]


def figures(view: View, lang: Lang) -> dict[str, Any]:
    """Return the totals of the map's extent with the words people read, in the words' order."""
    total = view.totals
    return {
        **{key: pair(total[key]) for key in ("idle", "determined", "without_geometry")},
        "total": pair(total),
        "states": [
            {
                "state": state,
                "label": terms.label(state, lang),
                **pair(total["states"][state]),
                "statuses": _statuses(total["states"][state]["statuses"], state, lang),
            }
            for state in State
        ],
    }


def _statuses(found: dict[str, Any], state: State, lang: Lang) -> list[dict[str, Any]]:
    """Return the figures of the statuses of a state."""
    return [
        {
            "status": status,
            "label": terms.label(status, lang),
            "label_determined": terms.label(status, lang, is_determined=True),
            **pair(found[status]),
        }
        for status in Status
        if terms.STATE_OF[status] is state
    ]


def _outlines(atlas: Atlas, spec: Spec, view: View, role: str, package: Package) -> dict[str, Any]:
    """Pack the outlines of a role that touch the map's extent, with their names."""
    found, lang = atlas.outlines(role), atlas.scene.lang
    is_drawn = found.is_drawn
    if view.place is not None and (extent := atlas.extents(view.place.role).get(view.place.id)):
        is_drawn = is_drawn & _touches(found.bounds, extent)
    shapes = found.shapes[is_drawn]
    package.add_shapes(role, shapes)
    kinds = _kinds(atlas.scene.table(role)[is_drawn], role)
    names = {word: _name(role, word, lang) for word in kinds}
    return {
        "role": role,
        "label": terms.label(Role(role), lang),
        "hidden": role in spec.hidden,
        "names": [names[word] for word in kinds],
        "looks": [
            [names[word], look] for word in sorted(names) if (look := style.look(role, word))
        ],
        "at": [] if role == Role.NETWORK else found.points[is_drawn].tolist(),
        "boxes": [*map(places.box, found.bounds[is_drawn])] if role == Role.CLUSTER else [],
    }


def _touches(bounds: NDArray[np.float64], extent: Bounds) -> NDArray[np.bool_]:
    """Whether boxes reach into another."""
    west, south, east, north = extent
    return (
        (bounds[:, 0] <= east)
        & (bounds[:, 2] >= west)
        & (bounds[:, 1] <= north)
        & (bounds[:, 3] >= south)
    )


def _kinds(frame: pd.DataFrame, role: str) -> list[str]:
    """Return the word that tells outlines of a role apart, or the outline's own name."""
    column = {Role.PLAN: "function", Role.NETWORK: "kind"}.get(Role(role), f"{role}_name")
    return [str(word) for word in frame[column].fillna("")]


def _name(role: str, word: str, lang: Lang) -> str:
    """Return what people read for a kind; a word that is not ours is shown as it is."""
    entry = (
        texts.section("map").get(f"{role}_{word}") if role in {Role.PLAN, Role.NETWORK} else None
    )
    return entry[lang] if entry else word


def _places(clusters: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the clusters one can go to, by name."""
    if clusters is None:
        return []
    found = zip(clusters["names"], clusters["boxes"], strict=True)
    return [{"name": name, "bounds": box} for name, box in sorted(found)]


def _bounds(view: View, clusters: dict[str, Any] | None) -> Box:
    """Return what the map shows when it opens: its clusters and pieces, else the country."""
    place = view.place
    is_cluster = place is not None and place.role == Role.CLUSTER and place.id != scene.OUTSIDE
    is_left_out = place is not None and not is_cluster and len(view.pieces)
    boxes = [] if clusters is None or is_left_out else [*map(_bounds_of, clusters["boxes"])]
    if len(view.pieces) and not (is_cluster and boxes):
        boxes.append(view.pieces.total_bounds)
    if not boxes:
        return _CHINA
    west, south = np.min([box[:2] for box in boxes], axis=0)
    east, north = np.max([box[2:] for box in boxes], axis=0)
    return places.box((west, south, east, north))


def _bounds_of(box: Box) -> list[float]:
    """Return a box as west, south, east, north."""
    (south, west), (north, east) = box
    return [west, south, east, north]
