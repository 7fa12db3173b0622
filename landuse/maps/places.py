"""
The tree of places: the city, its clusters and their parks, with the figures of `totals.json`.

Nothing is added up here; bounds come from the outlines where there are any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landuse import texts
from landuse.maps import scene as scenes
from landuse.terms import Role, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from landuse.maps.atlas import Atlas
    from landuse.maps.scene import Place, Scene, View

Box = list[list[float]]
"""[[south, west], [north, east]] in degrees, as Leaflet takes it."""

Node = dict[str, Any]
"""A place: name, count, area_m2, states (as `State` lists them), idle, bounds, children."""


def tree(atlas: Atlas, view: View) -> Node:
    """
    Return the place a map shows with the places in it.

    Parameters
    ----------
    atlas, view
        What there is, and the cut that is drawn.

    Raises
    ------
    CrsError
        If outlines cannot be brought to longitude and latitude.
    """
    scene, here = atlas.scene, view.place
    if here is not None and here.role == Role.PARK:
        return _node(scene, here, atlas)
    parks: dict[str, list[Node]] = {}
    for place in scenes.places(scene, Role.PARK):
        host = str(place.total(scene)["cluster_id"] or "")
        if here is None or here.id == host:
            parks.setdefault(host, []).append(_node(scene, place, atlas))
    if here is not None:
        return _node(scene, here, atlas) | {"children": parks.get(here.id, [])}
    clusters = [
        _node(scene, place, atlas) | {"children": parks.pop(place.id, [])}
        for place in scenes.places(scene, Role.CLUSTER)
    ]
    rest = [node for nodes in parks.values() for node in nodes]
    return _told(scene.workspace.name, view.totals, None) | {"children": clusters + rest}


def called(scene: Scene, place: Place) -> str:
    """Return what a place is called: its name, else its id."""
    if place.id == scenes.OUTSIDE:
        return texts.say("map.outside", scene.lang)
    name = place.total(scene)[f"{place.role}_name"]
    return name if isinstance(name, str) and name.strip() else place.id


def _node(scene: Scene, place: Place, atlas: Atlas) -> Node:
    """Return a cluster or park without what lies in it."""
    extent = atlas.extents(place.role).get(place.id)
    return _told(called(scene, place), place.total(scene), box(extent) if extent else None)


def box(bounds: Iterable[float]) -> Box:
    """Return west, south, east, north as Leaflet takes them."""
    west, south, east, north = (round(float(value), 6) for value in bounds)
    return [[south, west], [north, east]]


def _told(name: str, total: Mapping[str, Any], bounds: Box | None) -> Node:
    """Return a place without children."""
    return {
        "name": name,
        **pair(total),
        "states": [pair(total["states"][state]) for state in State],
        "idle": pair(total["idle"]),
        "bounds": bounds,
        "children": [],
    }


def pair(total: Any) -> dict[str, float]:
    """Return the count and the area of a total."""
    return {"count": int(total["count"]), "area_m2": float(total["area_m2"] or 0.0)}
