"""
Drawings (DXF): the drawing's own layers, and closed polylines as the polygons they outline.

A drawing names no reference system and has no fields but those of CAD; what it says is geometry.
"""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse import findings
from landuse.errors import LayerError
from landuse.terms import Role

if TYPE_CHECKING:
    from landuse.layers import Source
    from landuse.read.raw import Raw

LAYER = "Layer"
"""Field in which the layer of a drawing stands."""

_LINES_STAY = frozenset({Role.NETWORK, Role.PROJECT})


def of(read: Raw, source: Source, file: str) -> Raw:
    """
    Return the entities of a drawing that a source means, closed lines as polygons.

    Raises
    ------
    LayerError
        If `layer` names no layer of the drawing.
    """
    kept = _on_layer(read, source, file)
    if kept.geometry is None or source.role in _LINES_STAY:
        return kept
    lines = shapely.get_type_id(kept.geometry) == shapely.GeometryType.LINESTRING
    closed = lines & shapely.is_closed(kept.geometry)
    closed &= shapely.get_num_coordinates(kept.geometry) >= 4
    if not closed.any():
        return kept
    shapes = kept.geometry.copy()
    shapes[closed] = [shapely.Polygon(line.coords) for line in shapes[closed]]
    said = findings.rows(
        "lines_taken_as_polygons", layer=source.name, file=file, count=int(closed.sum())
    )
    return replace(kept, geometry=shapes, findings=(*kept.findings, said))


def _on_layer(read: Raw, source: Source, file: str) -> Raw:
    """Return the entities on the layers asked for, all where none is."""
    if source.layer is None:
        return read
    names = read.cells[LAYER].astype(str) if LAYER in read.cells else read.cells.index.astype(str)
    wanted = np.array([fnmatchcase(name, source.layer) for name in names], dtype=bool)
    if not wanted.any():
        raise LayerError(
            "read.no_drawing_layer",
            where=source.name,
            file=file,
            layer=source.layer,
            names=sorted(set(names)),
        )
    shapes = None if read.geometry is None else read.geometry[wanted]
    cells = read.cells[wanted].reset_index(drop=True)
    return replace(read, cells=cells, rows=read.rows[wanted], geometry=shapes)
