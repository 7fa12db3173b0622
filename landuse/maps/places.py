"""
The tree of places: the city, its clusters and their parks, with the figures of `totals.json`.

Nothing is added up here; bounds come from the outlines where there are any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse import texts
from landuse.maps import scene as scenes
from landuse.terms import Role, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.maps.scene import Place, Scene, View

Node = dict[str, Any]
"""A place: name, count, area_m2, states (as `State` lists them), idle, bounds, children."""


def tree(scene: Scene, view: View) -> Node:
    """
    Return the place a map shows with the places in it.

    Parameters
    ----------
    scene, view
        What there is, and the cut that is drawn.

    Raises
    ------
    CrsError
        If outlines cannot be brought to longitude and latitude.
    """
    boxes = {role: _boxes(scene, role) for role in (Role.CLUSTER, Role.PARK)}
    parks: dict[str, list[Node]] = {}
    for place in scenes.places(scene, Role.PARK):
        total = place.total(scene.totals)
        node = _node(called(scene, place), total, boxes[Role.PARK].get(place.id))
        parks.setdefault(str(total["cluster_id"] or ""), []).append(node)
    if view.place is None:
        root = _node(scene.workspace.name, view.totals, None)
        clusters = scenes.places(scene, Role.CLUSTER)
        for place in clusters:
            box = boxes[Role.CLUSTER].get(place.id)
            node = _node(called(scene, place), place.total(scene.totals), box)
            node["children"] = parks.pop(place.id, [])
            root["children"].append(node)
        root["children"] += [node for rest in parks.values() for node in rest]
        return root
    box = boxes[view.place.role].get(view.place.id)
    root = _node(called(scene, view.place), view.totals, box)
    if view.place.role == Role.CLUSTER:
        root["children"] = parks.get(view.place.id, [])
    return root


def called(scene: Scene, place: Place) -> str:
    """Return what a place is called: its name, else its id."""
    if place.id == scenes.OUTSIDE:
        return texts.say("map.outside", scene.lang)
    name = place.total(scene.totals)[f"{place.role}_name"]
    return name if isinstance(name, str) and name.strip() else place.id


def _node(name: str, total: Mapping[str, Any], bounds: list[list[float]] | None) -> Node:
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


def _boxes(scene: Scene, role: Role) -> dict[str, list[list[float]]]:
    """Return the box of each outline of a role, as Leaflet takes it, by id."""
    frame = scene.table(role)
    bounds = shapely.bounds(scenes.lonlat(scene, frame, role)).reshape(-1, 4).round(6)
    return {
        str(id_): [[south, west], [north, east]]
        for id_, (west, south, east, north) in zip(
            frame[f"{role}_id"], bounds.tolist(), strict=True
        )
        if np.isfinite([west, south, east, north]).all()
    }
