"""
What the maps of one scene share, made once: cards, parcels, outlines, layers and films.

A map is a cut of it. However many maps there are, no source is gone through more than once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import crs, terms
from landuse.maps import extras, fields, film, scene
from landuse.maps.columns import rows
from landuse.maps.scene import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.maps.extras import Layer
    from landuse.maps.fields import Cards
    from landuse.maps.film import Reel
    from landuse.maps.scene import Place, Scene


Bounds = tuple[float, ...]
"""West, south, east, north in degrees."""


class Outlines(NamedTuple):
    """
    Shapes of a role in longitude and latitude, one a row of its table.

    `is_drawn` is False where there is none. `bounds` has west, south, east, north; `points` lie
    inside the shapes, latitude first.
    """

    shapes: NDArray[np.object_]
    is_drawn: NDArray[np.bool_]
    bounds: NDArray[np.float64]
    points: NDArray[np.float64]


class Atlas:
    """
    A scene from which any number of maps are cut.

    Cases stand in the order of their ids. Pieces that belong to no case (land of a cluster never
    approved) are left out. Whatever cannot be brought to longitude and latitude raises CrsError
    when it is first asked for.
    """

    def __init__(self, scene_: Scene) -> None:
        self.scene = scene_
        self._outlines: dict[str, Outlines] = {}
        self._extents: dict[str, dict[str, Bounds]] = {}
        self._layers: dict[str, Layer] = {}
        self._rows: dict[tuple[str, str], dict[str, NDArray[np.intp]]] = {}

    @cached_property
    def cases(self) -> pd.DataFrame:
        """Every case with its `style`."""
        cases = self.scene.cases.sort_values(["case_id", "kind"], ignore_index=True)
        return cases.assign(style=scene.styled(cases))

    @cached_property
    def cards(self) -> Cards:
        """What the cards of all cases say."""
        return fields.cards(self.scene, self.cases)

    @cached_property
    def reel(self) -> Reel | None:
        """The states of all cases on the days of the slider."""
        return film.reel(self.scene, self.cases)

    @cached_property
    def pieces(self) -> pd.DataFrame:
        """Every piece of a case in the order of ids, with `case`, the row of its case (or -1)."""
        pieces = self.scene.pieces[self.scene.pieces["case_id"].fillna("") != ""]
        pieces = pieces.sort_values("piece_id", ignore_index=True)
        return pd.DataFrame(
            {
                "piece_id": pieces["piece_id"],
                "cluster_id": pieces["cluster_id"],
                "park_id": pieces["park_id"],
                "case": rows(self.cases["case_id"], pieces["case_id"]),
                "is_built": (pieces["part"] == terms.Part.BUILT).to_numpy().astype(np.int64),
                "area_m2": pieces["area_m2"],
                "geometry": np.asarray(pieces.geometry, dtype=object),
            }
        )

    def outlines(self, role: str) -> Outlines:
        """Return the outlines of a role."""
        if role not in self._outlines:
            shapes = scene.lonlat(self.scene, self.scene.table(role), role)
            is_drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
            inside = shapely.point_on_surface(shapes)
            points = np.column_stack([shapely.get_y(inside), shapely.get_x(inside)]).round(6)
            bounds = shapely.bounds(shapes).reshape(-1, 4)
            self._outlines[role] = Outlines(shapes, is_drawn, bounds, points)
        return self._outlines[role]

    def extents(self, role: str) -> dict[str, Bounds]:
        """Return west, south, east, north of each outline of a role that has one, by id."""
        if role not in self._extents:
            found = self.outlines(role)
            ids = self.scene.table(role)[f"{role}_id"][found.is_drawn].astype("str")
            bounds = map(tuple, found.bounds[found.is_drawn].tolist())
            self._extents[role] = dict(zip(ids, bounds, strict=True))
        return self._extents[role]

    def layer(self, name: str) -> Layer:
        """Return a layer beside the parcels (approvals, findings, an overlay of the scene)."""
        if name not in self._layers:
            self._layers[name] = extras.layer(self.scene, name)
        return self._layers[name]

    def view(self, place: Place | None = None) -> View:
        """
        Return what one map shows: the whole city where no place is given.

        Cases are those counted in the place, and those counted elsewhere with a piece in it.
        """
        if place is None:
            own, pieces = np.arange(len(self.cases)), self.pieces
            totals = self.scene.totals["city"]
        else:
            pieces = self.pieces.iloc[self._of(place, "pieces")]
            guests = pieces["case"].to_numpy()
            own = np.union1d(self._of(place, "cases"), guests[guests >= 0]).astype(np.intp)
            totals = place.total(self.scene)
        cases = self.cases.iloc[own].reset_index(drop=True)
        is_guest = place is not None and cases[place.column].fillna("") != place.id
        cases["is_guest"] = pd.Series(is_guest, index=cases.index).astype("int64")
        return View(place, totals, cases, self._placed(pieces, own), own)

    def _of(self, place: Place, kind: str) -> NDArray[np.intp]:
        """Return the rows of the cases or pieces of a place."""
        key = (kind, place.column)
        if key not in self._rows:
            table = self.cases if kind == "cases" else self.pieces
            places = table[place.column].astype(object).fillna("")
            found = table.groupby(places.to_numpy()).indices
            self._rows[key] = {str(id_): np.asarray(at, np.intp) for id_, at in found.items()}
        return self._rows[key].get(place.id, np.empty(0, np.intp))

    def _placed(self, pieces: pd.DataFrame, own: NDArray[np.intp]) -> gpd.GeoDataFrame:
        """Return pieces that have a shape along a Hilbert curve, with the row of the map's case."""
        pieces = pieces[(pieces["case"] >= 0).to_numpy()]
        source = self.scene.pieces.crs or self.scene.workspace.crs
        shapes = crs.transformed(pieces["geometry"].to_numpy(), source, crs.CGCS2000, "pieces")
        is_drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        placed = gpd.GeoDataFrame(
            {
                "piece_id": pieces["piece_id"].to_numpy(),
                "case": np.searchsorted(own, pieces["case"].to_numpy()),
                "is_built": pieces["is_built"].to_numpy(),
                "area_m2": pieces["area_m2"].to_numpy(),
            },
            geometry=gpd.GeoSeries(shapes, crs=crs.CGCS2000),
        )[is_drawn].reset_index(drop=True)
        if placed.empty:
            return placed
        order = np.argsort(placed.hilbert_distance().to_numpy(), kind="stable")
        return placed.iloc[order].reset_index(drop=True)
