"""
Offline maps of parcels: one HTML file a map, opened by a double click, connected to nothing.

`write` makes the files a workspace asks for (`begin` lets others draw them meanwhile), `figure` one
map for a notebook.
"""

from landuse.maps.scene import Chip, Overlay, Scene
from landuse.maps.spec import Spec
from landuse.maps.writer import Begun, begin, figure, write

__all__ = ["Begun", "Chip", "Overlay", "Scene", "Spec", "begin", "figure", "write"]
