"""
Charts as office programs draw them themselves: sharp on paper, with the figures they show inside.

A chart is a part of the Word file (DrawingML); the same figures give the same bytes. Tones differ
in grey, too.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landuse.papers.blocks import Bars

_TONES = {
    "shares": ("E69F00", "D55E00", "0072B2", "BDBDBD", "F2F2F2"),
    "amounts": ("FDD0A2", "A63603", "9ECAE1", "525252", "F2F2F2"),
    "columns": ("A63603", "D9D9D9", "0072B2", "F2F2F2", "525252"),
}
"""Fills by form of the chart; neighbours differ in grey, too."""
_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PLACE = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_EMU_A_MM = 36_000
_WIDTH_MM, _HEAD_MM, _BAR_MM, _COLUMNS_MM = 156, 20, 6.8, 72


def add(word: Any, bars: Bars, title: str) -> None:
    """
    Add a chart as a paragraph of its own.

    Parameters
    ----------
    word
        The document (python-docx).
    bars
        What it shows.
    title
        What people hear who cannot see it.
    """
    package = word.part.package
    name = package.next_partname("/word/charts/chart%d.xml")
    number = int(str(name).removeprefix("/word/charts/chart").removesuffix(".xml"))
    part = Part(PackURI(str(name)), _TYPE, _xml(bars).encode("utf-8"), package)
    key = word.part.relate_to(part, f"{_RELATION}/chart")
    height = _COLUMNS_MM if bars.form == "columns" else _HEAD_MM + _BAR_MM * len(bars.rows)
    extent = f'cx="{_WIDTH_MM * _EMU_A_MM}" cy="{int(height * _EMU_A_MM)}"'
    told = escape(title, quote=True)
    drawing = (
        f'<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f'<wp:inline xmlns:wp="{_PLACE}" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent {extent}/><wp:docPr id="{number}" name="chart{number}" descr="{told}"/>'
        f'<a:graphic xmlns:a="{_DRAWING}"><a:graphicData uri="{_CHART}">'
        f'<c:chart xmlns:c="{_CHART}" xmlns:r="{_RELATION}" r:id="{key}"/>'
        f"</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    word.add_paragraph().add_run()._r.append(parse_xml(drawing))


def _xml(bars: Bars) -> str:
    """Return the chart."""
    is_lying = bars.form != "columns"
    grouping = {"shares": "percentStacked", "amounts": "stacked", "columns": "clustered"}[bars.form]
    form = "0%" if bars.form == "shares" else "#,##0"
    overlap = '<c:overlap val="100"/>' if is_lying else ""
    plot = (
        f'<c:barChart><c:barDir val="{"bar" if is_lying else "col"}"/>'
        f'<c:grouping val="{grouping}"/><c:varyColors val="0"/>{"".join(_series(bars))}'
        f'<c:gapWidth val="{40 if is_lying else 60}"/>{overlap}'
        '<c:axId val="1"/><c:axId val="2"/></c:barChart>'
    )
    names = _axis("cat", 1, 2, "l" if is_lying else "b", is_reversed=is_lying)
    values = _axis("val", 2, 1, "b" if is_lying else "l", form, crosses_last=is_lying)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<c:chartSpace xmlns:c="{_CHART}" xmlns:a="{_DRAWING}"><c:roundedCorners val="0"/>'
        '<c:chart><c:autoTitleDeleted val="1"/>'
        f"<c:plotArea><c:layout/>{plot}{names}{values}</c:plotArea>"
        f'<c:legend><c:legendPos val="t"/><c:overlay val="0"/>{_letters()}</c:legend>'
        '<c:plotVisOnly val="1"/></c:chart></c:chartSpace>'
    )


def _series(bars: Bars) -> Iterator[str]:
    """Yield one series for each part of the bars."""
    labels = "".join(
        f'<c:pt idx="{n}"><c:v>{escape(label)}</c:v></c:pt>'
        for n, (label, _) in enumerate(bars.rows)
    )
    count = f'<c:ptCount val="{len(bars.rows)}"/>'
    for n, (name, tone) in enumerate(zip(bars.names, _TONES[bars.form], strict=False)):
        points = "".join(
            f'<c:pt idx="{at}"><c:v>{amounts[n]!r}</c:v></c:pt>'
            for at, (_, amounts) in enumerate(bars.rows)
        )
        yield (
            f'<c:ser><c:idx val="{n}"/><c:order val="{n}"/>'
            f'<c:tx><c:strRef><c:f>{escape(name)}</c:f><c:strCache><c:ptCount val="1"/>'
            f'<c:pt idx="0"><c:v>{escape(name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
            f'<c:spPr><a:solidFill><a:srgbClr val="{tone}"/></a:solidFill>'
            '<a:ln w="6350"><a:solidFill><a:srgbClr val="404040"/></a:solidFill></a:ln></c:spPr>'
            f'<c:invertIfNegative val="0"/><c:cat><c:strLit>{count}{labels}</c:strLit></c:cat>'
            f"<c:val><c:numLit><c:formatCode>General</c:formatCode>{count}{points}</c:numLit></c:val>"
            "</c:ser>"
        )


def _axis(  # noqa: PLR0913  what an axis is made of
    kind: str,
    own: int,
    other: int,
    side: str,
    form: str = "General",
    *,
    is_reversed: bool = False,
    crosses_last: bool = False,
) -> str:
    """Return an axis; bars that lie are read from above, so their names run downwards."""
    order = "maxMin" if is_reversed else "minMax"
    grid = '<c:majorGridlines><c:spPr><a:ln w="3175"><a:solidFill><a:srgbClr val="D9D9D9"/>'
    lines = f"{grid}</a:solidFill></a:ln></c:spPr></c:majorGridlines>" if kind == "val" else ""
    return (
        f'<c:{kind}Ax><c:axId val="{own}"/><c:scaling><c:orientation val="{order}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{side}"/>{lines}'
        f'<c:numFmt formatCode="{form}" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        f'{_letters()}<c:crossAx val="{other}"/>'
        f'<c:crosses val="{"max" if crosses_last else "autoZero"}"/></c:{kind}Ax>'
    )


def _letters() -> str:
    """Return how the words of a chart are set."""
    return (
        '<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="1000"><a:latin typeface="Times New Roman"/>'
        '<a:ea typeface="仿宋"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )
