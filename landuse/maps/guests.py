"""
Layers a planner adds to our map: folium's own, whose text folium does not treat as text.

folium wraps what it has rendered in `branca.element.Element`, which compiles it as a template once
more, so that a cell with braces runs as Python while the map is made (docs/upstream). On our maps
rendered text stays text. What popups and tooltips hold is still markup for the browser, as folium
means it; that is warned about where it looks like more than words.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIVE = re.compile(
    r"\$\{|`|</?script|<(?:svg|iframe|object|embed)\b|<[^>]*\son\w+\s*=|javascript:", re.IGNORECASE
)
_SHOWN = 60


class LiveTextWarning(UserWarning):
    """A layer that was added holds text a browser would run, not show."""


class Verbatim(Element):
    """Text that was rendered and is not compiled again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """Return the text."""
        del kwargs
        return self.text


class Holder(Element):
    """A part of a page whose children are kept as the text they were rendered to."""

    def __init__(self, part: Element) -> None:
        super().__init__()
        self._template = part._template
        self._parent = part._parent

    def add_child(self, child: Element, name: str | None = None, index: int | None = None) -> Any:
        """Add a child; one that is nothing but rendered text is not compiled again."""
        if type(child) is Element and child._template_str is not None:
            name = name or child.get_name()
            child = Verbatim(child._template_str)
        return super().add_child(child, name=name, index=index)


def warn(page: Element, own: tuple[type, ...]) -> None:
    """
    Warn of added layers whose text a browser would run.

    Parameters
    ----------
    page
        The figure with all its layers.
    own
        Kinds of element that are ours and hold no text of users.
    """
    for element in _below(page):
        if isinstance(element, own):
            continue
        found = next((text for text in _texts(element) if _LIVE.search(text)), None)
        if found is not None:
            message = (
                f"{element._name} holds {found[:_SHOWN]!r}: folium hands popups, tooltips and "
                "names to the browser as markup. Escape the text (html.escape), or use a layer "
                "of landuse.maps."
            )
            warnings.warn(message, LiveTextWarning, stacklevel=4)


def _below(element: Element) -> Iterator[Element]:
    """Yield all elements below one; popups keep theirs apart."""
    for child in element._children.values():
        yield child
        yield from _below(child)
    if isinstance(element, folium.Popup):
        yield from _below(element.html)


def _texts(element: Element) -> Iterator[str]:
    """Yield the texts an element holds, in its fields and in the properties of its data."""
    for name, value in vars(element).items():
        if not name.startswith("_") or name == "_name":
            yield from _words(value)


def _words(value: Any) -> Iterator[str]:
    """Yield the texts in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from _words(key)
            yield from _words(held)
    elif isinstance(value, list | tuple):
        for held in value:
            if not isinstance(held, int | float):
                yield from _words(held)
