"""
Rows that do not stand under their headings: where a heading is missing, and rows that slipped.

Nothing is moved. What the contents tell about the place is said, so that a person can mend the
source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landuse import findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from landuse.read.raw import Ids

_KINDS = (
    (re.compile(r"日期|时间|date|time", re.IGNORECASE), re.compile(r"(?:19|20)\d{2}\D.*|\d{8}")),
    (re.compile(r"面积|价|金额|容积率|area|price", re.IGNORECASE), re.compile(r"[\d.,]+\D*")),
    (re.compile(r"url|网址|链接", re.IGNORECASE), re.compile(r"\w+://.*")),
)
"""What a heading says of its cells, and how such cells are written."""

_SHIFTED = ("day_unreadable", "number_unreadable", "flag_unreadable")
_ENOUGH_FAULTS = 2


def missing_heading(
    headings: Sequence[str], rows: Sequence[Sequence[str]], layer: str, file: str
) -> list[pd.DataFrame]:
    """
    Say where a header lacks a name when every row has one field more than it.

    Parameters
    ----------
    headings
        Names of the header.
    rows
        Fields of the refused rows, each one longer than the header.
    layer, file
        For the finding.

    Returns
    -------
    findings
        One, with the places before which a name would make headings and contents agree best;
        none where nothing tells.
    """
    faults = [_misfits(headings, rows, place) for place in range(len(headings) + 1)]
    least = min(faults, default=0)
    if not rows or least == max(faults):
        return []
    places = [place for place, count in enumerate(faults) if count == least]
    found = findings.rows(
        "header_short",
        layer=layer,
        file=file,
        value=headings[places[-1]] if places[-1] < len(headings) else "",
        first=places[0] + 1,
        last=places[-1] + 1,
        count=len(rows),
    )
    return [found]


def _misfits(headings: Sequence[str], rows: Sequence[Sequence[str]], place: int) -> int:
    """Count the cells that are not what their heading says, were a name put in at a place."""
    count = 0
    for number, heading in enumerate(headings):
        at = number if number < place else number + 1
        for says, written in _KINDS:
            if says.search(heading):
                cells = (row[at].strip() for row in rows)
                count += sum(bool(cell) and not written.fullmatch(cell) for cell in cells)
                break
    return count


def slipped(
    found: Sequence[pd.DataFrame], rows: NDArray[np.int64], ids: Ids, layer: str
) -> pd.DataFrame:
    """
    Name rows several of whose cells are not what their columns hold: they probably slipped.

    Parameters
    ----------
    found
        Findings of the conversion of one file.
    rows, ids
        Row numbers and ids of the file.
    layer
        For the finding.
    """
    faults = findings.gather(table[table["code"].isin(_SHIFTED)] for table in found)
    counted = faults.groupby("row")["column"].agg(lambda names: ", ".join(sorted(set(names))))
    several = counted[faults.groupby("row")["column"].nunique() >= _ENOUGH_FAULTS]
    named = dict(zip(rows.tolist(), ids, strict=True)) if len(several) else {}
    return findings.rows(
        "row_shifted",
        layer=layer,
        row=list(several.index),
        feature_id=[named.get(row, "") for row in several.index],
        value=list(several),
    )
