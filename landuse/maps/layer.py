"""
The map as folium knows it, so that a planner can lay any folium layer over it.

Its lists of files are its own (folium's are shared by all maps), and its ids are not random: the
same scene gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import folium
from branca.element import Figure
from folium.elements import JSCSSMixin
from folium.map import Layer
from folium.template import Template
from jinja2 import TemplateSyntaxError

from landuse.errors import MapError
from landuse.maps import assets, guests, page

if TYPE_CHECKING:
    from landuse.maps.page import Content


class OfflineFigure(Figure):
    """A page that needs nothing from outside; its content is put in after rendering."""

    def __init__(self, content: Content, *, is_offline: bool) -> None:
        super().__init__(ratio="62%")
        self._template = Template(assets.own("page.html"))
        self._id = "landuse"
        self.header._children.clear()
        self.header, self.html, self.script = map(
            guests.Holder, (self.header, self.html, self.script)
        )
        self.content = content
        self.is_offline = is_offline

    def render(self, **kwargs: Any) -> str:
        """
        Return the finished page.

        Raises
        ------
        MapError
            If a layer that was added loads something from outside and the page may not, holds
            braces folium cannot compile, or text that would end its own script.
        """
        guests.warn(self, (OfflineMap, ParcelLayer))
        try:
            skeleton = super().render(**kwargs)
        except TemplateSyntaxError as err:
            raise MapError("maps.braces", reason=err) from err
        return page.finished(skeleton, self.content, is_offline=self.is_offline)


class OfflineMap(folium.Map):
    """
    A folium map without tiles that holds Leaflet itself.

    Parameters
    ----------
    content
        What the page shows.
    is_offline
        False in a notebook that is online: folium's other files are linked and the page may
        connect, so that tiles and popups of added layers work.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, Object.assign(
            {center: {{ this.location|tojson }}}, {{ this.options|tojavascript }}));
        {% endmacro %}
        """
    )

    def __init__(self, content: Content, *, is_offline: bool = True) -> None:
        (south, west), (north, east) = content.settings["bounds"]
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_start=11,
            zoom_control=False,
            min_zoom=4,
            max_zoom=20,
            attribution_control=False,
            fade_animation=False,
        )
        self.default_js = [] if is_offline else _without_leaflet(folium.Map.default_js)
        self.default_css = [] if is_offline else _without_leaflet(folium.Map.default_css)
        self._id = "landuse"
        self.content = content
        OfflineFigure(content, is_offline=is_offline).add_child(self)
        ParcelLayer().add_to(self)

    def html(self) -> str:
        """
        Return the whole page.

        Raises
        ------
        MapError
            If a layer that was added loads something from outside and the page may not.
        """
        rendered: str = self.get_root().render()
        return rendered


def _without_leaflet(links: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return folium's links but those to Leaflet, which the page holds itself."""
    return [(name, url) for name, url in links if not name.startswith("leaflet")]


class ParcelLayer(JSCSSMixin, Layer):
    """The parcels and all that is read beside them; its data lie in the page."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = landuse.parcelLayer("landuse-package", "landuse-settings");
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__(name="parcels", overlay=True, control=False)
        self._name = "ParcelLayer"
        self._id = "landuse"
