"""How each form of paper is set: page, margins, sizes of letters and distance of lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.papers.blocks import Form


@dataclass(frozen=True)
class Look:
    """
    Page and margins (top, bottom, left, right) in mm, sizes of letters and pitch of lines in pt.

    `cell_gap` is the room above and below the text of a cell, `cell_side` that beside it, in pt;
    amounts in cells stand at the right where `has_amounts_right`. `sizes` names the kinds of text
    that are not of the `body` size; `dense` and `table` are those of cells.
    """

    width: float
    height: float
    margins: tuple[float, float, float, float]
    footer: float
    body: float
    pitch: float
    title_pitch: float
    cell_pitch: float
    dense_pitch: float
    cell_gap: float
    cell_side: float
    has_amounts_right: bool
    sizes: Mapping[str, float]

    @property
    def text_width(self) -> float:
        """Width of a line in mm."""
        return self.width - self.margins[2] - self.margins[3]


_OFFICIAL = Look(
    width=210,
    height=297,
    margins=(37, 35, 28, 26),
    footer=25,
    body=16,
    pitch=28,
    title_pitch=34,
    cell_pitch=18,
    dense_pitch=14,
    cell_gap=1,
    cell_side=5.4,
    has_amounts_right=True,
    sizes={
        "title": 22, "subtitle": 16, "section": 16, "table": 12, "dense": 9.5, "page": 14,
        "quote": 14, "mark": 14, "note": 12,
    },
)  # fmt: skip

LOOKS: Mapping[Form, Look] = {
    "a4": _OFFICIAL,
    "letter": replace(_OFFICIAL, body=15, pitch=24, title_pitch=30),
    "a3": Look(
        width=420,
        height=297,
        margins=(9, 9, 10, 10),
        footer=4,
        body=7.5,
        pitch=9.5,
        title_pitch=16,
        cell_pitch=8.5,
        dense_pitch=8.5,
        cell_gap=0,
        cell_side=2,
        has_amounts_right=False,
        sizes={
            "title": 13, "subtitle": 8, "section": 8.5, "table": 7, "dense": 7, "page": 7,
            "quote": 7, "mark": 8, "note": 6.5,
        },
    ),
}  # fmt: skip
"""`a4`: margins, sizes and pitch of GB/T 9704 公文格式, tables set smaller."""
