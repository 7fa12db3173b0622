"""
Layers beside the parcels that answer when they are pointed at: approvals, findings, overlays.

Approvals are those of the run; findings those of its data that have a place; overlays are what
other acts gave to the scene, sites and placements for instance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import findings, texts
from landuse.maps import scene as scenes
from landuse.maps.spec import LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from landuse.maps.codec import Package
    from landuse.maps.scene import Scene, View
    from landuse.maps.spec import Spec

_LOOKS = {
    "approval": {"color": "#8A5A00", "weight": 1.4, "dashArray": "6 3"},
    "finding": {"color": "#B00020", "weight": 1.6},
}


class Layer(NamedTuple):
    """Places with their card (name, about, east, north of a point inside), one a shape."""

    table: pd.DataFrame
    shapes: NDArray[np.object_]


def packed(
    scene: Scene, layers: Callable[[str], Layer], spec: Spec, view: View, package: Package
) -> list[dict[str, Any]]:
    """
    Return the layers a map has beside its parcels, and add them to the package.

    Parameters
    ----------
    scene, layers
        What there is, and the places of each layer by its name.
    spec, view
        What was asked for and the cut that is drawn.
    package
        Grows by a table (name, about, east, north) and the shapes of each layer.

    Raises
    ------
    CrsError
        If a layer cannot be brought to longitude and latitude.
    """
    return [
        told | {"count": _added(layers(told["layer"]), view, package, told["layer"])}
        for told in _asked(scene, spec)
    ]


def _asked(scene: Scene, spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield name, label, look and whether it waits of each layer, the lowest first."""
    for layer in (*(name for name in LAYERS if name in spec.layers), ""):
        if layer in _MADE:
            label = texts.say(f"map.layer_{layer}", scene.lang)
            yield {"layer": layer, "label": label, "hidden": layer in spec.hidden,
                   "look": _LOOKS[layer]}  # fmt: skip
        for own in (each for each in scene.overlays if each.layer == layer):
            is_hidden = own.is_hidden or own.layer in spec.hidden
            look = {"color": own.color, "weight": 2.4}
            yield {"layer": own.name, "label": own.label, "hidden": is_hidden, "look": look}


def layer(scene: Scene, name: str) -> Layer:
    """
    Return the places of a layer (approvals, findings, an overlay of the scene) that have a shape.

    Raises
    ------
    CrsError
        If it cannot be brought to longitude and latitude.
    """
    overlays = {overlay.name: overlay.places for overlay in scene.overlays}
    frame = overlays[name] if name in overlays else _MADE[name](scene)
    shapes = scenes.lonlat(scene, frame, name)
    is_drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes = shapes[is_drawn]
    table = pd.DataFrame({word: frame[word].to_numpy()[is_drawn] for word in ("name", "about")})
    points = shapely.get_coordinates(shapely.point_on_surface(shapely.make_valid(shapes)))
    table["east"], table["north"] = points.round(6).T if len(points) else (0.0, 0.0)
    return Layer(table, shapes)


def _added(whole: Layer, view: View, package: Package, layer: str) -> int:
    """Add what a map shows of a layer to the package and return how many places that is."""
    table, shapes = whole
    if view.place is not None:
        box = shapely.box(*view.pieces.total_bounds) if len(view.pieces) else shapely.Point()
        is_near = shapely.intersects(shapely.envelope(shapes), box)
        table, shapes = table[is_near], shapes[is_near]
    ways = {"name": "text", "about": "text", "east": "float", "north": "float"}
    package.add_table(f"layer.{layer}", table, ways)  # type: ignore[arg-type]
    areas = shapes.copy()
    areas[~np.isin(shapely.get_type_id(shapes), (3, 6))] = None
    package.add_shapes(f"layer.{layer}", areas)
    return len(table)


def _approvals(scene: Scene) -> gpd.GeoDataFrame:
    """Return approvals with number, batch and day."""
    frame = scene.table("approval")
    day = frame["approved_on"].dt.strftime("%Y-%m-%d")
    name = frame["approval_number"].fillna(frame["approval_id"])
    return _shown(frame, name, [frame["batch_name"], day])


def _findings(scene: Scene) -> gpd.GeoDataFrame:
    """Return findings that have a place: what, what to do, who must do it."""
    tables = dict(scene.tables)
    for role in ("supply", "approval"):  # a ledger without shapes is a full input
        table = scene.table(role)
        if "geometry" not in table:
            bare = np.full(len(table), None)
            tables[role] = gpd.GeoDataFrame(table, geometry=bare, crs=scene.workspace.crs)
    found = findings.located(scene.findings, tables, scene.lang)
    where = found["layer"].astype("str") + " " + found["row"].astype("str")
    return _shown(found, found["sentence"], [found["action"], found["responsible"], where])


def _shown(frame: pd.DataFrame, name: pd.Series, parts: list[pd.Series]) -> gpd.GeoDataFrame:
    """Return a frame's places with a name and lines of text, blank ones left out."""
    rows = zip(*(part.astype("object") for part in parts), strict=True)
    about = [
        "\n".join(str(text) for text in row if not pd.isna(text) and str(text)) for row in rows
    ]
    shapes = frame["geometry"] if "geometry" in frame else np.full(len(frame), None)
    told = {"name": name.astype("object").to_numpy(), "about": about}
    return gpd.GeoDataFrame(
        told, geometry=np.asarray(shapes, object), crs=getattr(frame, "crs", None)
    )


_MADE = {"approval": _approvals, "finding": _findings}
