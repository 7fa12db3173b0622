"""
The look of the map for other programs: QML for QGIS and SLD for map servers.

Both are drawn from the same styles as our own maps (`maps.style`); labels are those of `terms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from landuse import texts
from landuse.maps import style
from landuse.terms import IDLE, Status, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.maps.style import Style
    from landuse.texts import Lang

_MM_PER_PX = 0.2646  # a CSS pixel
_PX_PER_MM = 1 / _MM_PER_PX
_HATCH_MM, _DOTS_MM, _DOT_MM = 1.8, 2.0, 0.6
_ANGLES = {"hatch": (45,), "cross": (45, 135), "dots": (), "": ()}
_SE, _OGC, _SLD = (f"http://www.opengis.net/{name}" for name in ("se", "ogc", "sld"))


def qml(headings: Mapping[str, str], lang: Lang) -> str:
    """
    Return the style of the pieces for QGIS: a rule a status, with the headings of its columns.

    Parameters
    ----------
    headings
        Heading people read above each column, by column.
    lang
        Language of labels.
    """
    root = ET.Element("qgis", version="3.22.0", styleCategories="AllStyleCategories")
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0")
    rules = ET.SubElement(renderer, "rules", key="landuse")
    symbols = ET.SubElement(renderer, "symbols")
    for number, one in enumerate(style.styles()):
        ET.SubElement(
            rules,
            "rule",
            key=f"landuse{number}",
            symbol=str(number),
            filter=_expression(one),
            label=_label(one, lang),
        )
        _symbol(symbols, str(number), one)
    aliases = ET.SubElement(root, "aliases")
    for n, (name, heading) in enumerate(headings.items()):
        ET.SubElement(aliases, "alias", index=str(n), field=name, name=heading)
    shown = '"status_label" || \' \' || coalesce("right_holder", "case_id")'
    ET.SubElement(root, "previewExpression").text = shown
    ET.SubElement(root, "mapTip").text = '[% "status_label" %]<br>[% "reason" %]'
    return ET.tostring(root, encoding="unicode")


def _label(one: Style, lang: Lang) -> str:
    """Return the words of a style."""
    return label(Status(one.status), lang, is_determined=one.is_determined)


def _expression(one: Style) -> str:
    """Return which pieces have a style, as QGIS says it."""
    said = f"\"status\" = '{one.status}'"
    if one.status not in IDLE:
        return said
    return f'{said} AND {"" if one.is_determined else "NOT "}coalesce("is_determined", false)'


def _rgb(colour: str) -> str:
    """Return #RRGGBB as QGIS writes a colour."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _symbol(parent: ET.Element, name: str, one: Style) -> None:
    """Write the symbol of a style: fill, outline and pattern."""
    symbol = ET.SubElement(parent, "symbol", type="fill", name=name, alpha="1", clip_to_extent="1")
    _layer(
        symbol,
        "SimpleFill",
        color=_rgb(one.fill),
        style="solid",
        outline_color=_rgb(one.stroke),
        outline_style="dash" if one.dash else "solid",
        outline_width=f"{one.width * _MM_PER_PX:.3f}",
        outline_width_unit="MM",
    )
    for n, angle in enumerate(_ANGLES[one.pattern], start=1):
        lines = _layer(
            symbol, "LinePatternFill", angle=str(angle), distance=str(_HATCH_MM), distance_unit="MM"
        )
        inner = ET.SubElement(lines, "symbol", type="line", name=f"@{name}@{n}", alpha="1")
        _layer(inner, "SimpleLine", line_color=_rgb(one.ink), line_width="0.26")
    if one.pattern == "dots":
        axes = {f"distance_{axis}": str(_DOTS_MM) for axis in "xy"}
        dots = _layer(symbol, "PointPatternFill", **axes)
        inner = ET.SubElement(dots, "symbol", type="marker", name=f"@{name}@1", alpha="1")
        marker = {"name": "circle", "size": str(_DOT_MM), "outline_style": "no"}
        _layer(inner, "SimpleMarker", color=_rgb(one.ink), **marker)


def _layer(symbol: ET.Element, kind: str, **properties: str) -> ET.Element:
    """Write one layer of a symbol."""
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0"})
    for key, value in properties.items():
        ET.SubElement(layer, "prop", k=key, v=value)
    return layer


def sld(lang: Lang) -> str:
    """
    Return the same style as SLD 1.1 for map servers.

    Parameters
    ----------
    lang
        Language of labels.
    """
    root = ET.Element(f"{{{_SLD}}}StyledLayerDescriptor", version="1.1.0")
    layer = ET.SubElement(root, f"{{{_SLD}}}NamedLayer")
    ET.SubElement(layer, f"{{{_SE}}}Name").text = "pieces"
    user = ET.SubElement(layer, f"{{{_SLD}}}UserStyle")
    ET.SubElement(user, f"{{{_SE}}}Name").text = texts.say("publish.style", lang)
    kind = ET.SubElement(user, f"{{{_SE}}}FeatureTypeStyle")
    for one in style.styles():
        _rule(kind, one, lang)
    return ET.tostring(root, encoding="unicode")


def _rule(kind: ET.Element, one: Style, lang: Lang) -> None:
    """Write the rule of a style."""
    rule = ET.SubElement(kind, f"{{{_SE}}}Rule")
    ET.SubElement(rule, f"{{{_SE}}}Name").text = _label(one, lang)
    place = ET.SubElement(rule, f"{{{_OGC}}}Filter")
    if one.status in IDLE:
        place = ET.SubElement(place, f"{{{_OGC}}}And")
        _equal(place, "is_determined", "true" if one.is_determined else "false")
    _equal(place, "status", one.status)
    polygon = ET.SubElement(rule, f"{{{_SE}}}PolygonSymbolizer")
    _svg(ET.SubElement(polygon, f"{{{_SE}}}Fill"), {"fill": one.fill})
    outline = {"stroke": one.stroke, "stroke-width": f"{one.width:g}"}
    outline |= {"stroke-dasharray": "4 2"} if one.dash else {}
    _svg(ET.SubElement(polygon, f"{{{_SE}}}Stroke"), outline)
    for angle in _ANGLES[one.pattern]:
        mark = _mark(rule, "shape://slash" if angle == 45 else "shape://backslash", _HATCH_MM)
        line = {"stroke": one.ink, "stroke-width": "1"}
        _svg(ET.SubElement(mark, f"{{{_SE}}}Stroke"), line)
    if one.pattern == "dots":
        mark = _mark(rule, "circle", _DOT_MM)
        _svg(ET.SubElement(mark, f"{{{_SE}}}Fill"), {"fill": one.ink})


def _equal(place: ET.Element, name: str, value: str) -> None:
    """Write that a column has a value."""
    equal = ET.SubElement(place, f"{{{_OGC}}}PropertyIsEqualTo")
    ET.SubElement(equal, f"{{{_OGC}}}PropertyName").text = name
    ET.SubElement(equal, f"{{{_OGC}}}Literal").text = value


def _svg(place: ET.Element, values: Mapping[str, str]) -> None:
    """Write parameters of a fill or an outline."""
    for name, value in values.items():
        ET.SubElement(place, f"{{{_SE}}}SvgParameter", name=name).text = value


def _mark(rule: ET.Element, name: str, size_mm: float) -> ET.Element:
    """Write a pattern of marks that fills a polygon, and return its mark."""
    polygon = ET.SubElement(rule, f"{{{_SE}}}PolygonSymbolizer")
    fill = ET.SubElement(ET.SubElement(polygon, f"{{{_SE}}}Fill"), f"{{{_SE}}}GraphicFill")
    graphic = ET.SubElement(fill, f"{{{_SE}}}Graphic")
    mark = ET.SubElement(graphic, f"{{{_SE}}}Mark")
    ET.SubElement(mark, f"{{{_SE}}}WellKnownName").text = name
    ET.SubElement(graphic, f"{{{_SE}}}Size").text = f"{size_mm * _PX_PER_MM:.1f}"
    return mark
