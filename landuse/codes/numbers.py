"""
Numbers that carry facts: 电子监管号, 宗地代码, 不动产单元代码 and 批准文号, taken apart.

A number that is not built as its standard has it comes back as missing parts, never as a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

HALF_WIDTH: Mapping[int, int] = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)
} | {0x3000: 0x20}  # fmt: skip
"""Full-width letters, digits and signs → ASCII, for `str.translate`."""

_BRACKETS = str.maketrans("[(【〖「", "〔" * 5) | str.maketrans("])】〗」", "〕" * 5)

SUPERVISION = (
    r"(?P<division>\d{6})(?P<year>(?:19|20)\d{2})(?P<kind>[A-Z])(?P<serial>\d{5})"
    r"(?:-(?P<amendment>\d+))?"
)
"""电子监管号 of a supply, 16 signs and perhaps an amendment (seen in published results)."""

PARCEL = (
    r"(?P<division>\d{6})(?P<zone>\d{3})(?P<subzone>\d{3})(?P<ownership>[GJZ])"
    r"(?P<right>[ABCDEFGHLNSWXY])(?P<serial>\d{5})(?:(?P<fixture>[FLQW])(?P<unit>\d{8}))?"
)
"""Code of a parcel (19 signs) or of a unit with a fixture (28): GB/T 37346—2019."""

_APPROVAL = (
    r"(?P<agency>[\u4e00-\u9fff]{1,12})〔(?P<year>(?:19|20)\d{2})〕第?0*(?P<number>\d{1,5})号"
)


def plain(texts: pd.Series) -> pd.Series:
    """Return codes in half width and capitals, without blanks and the dashes of their groups."""
    shown = texts.str.translate(HALF_WIDTH).str.upper()
    return shown.str.replace(r"[\s\u2010-\u2015_-]", "", regex=True)


def supervisions(ids: pd.Series) -> pd.DataFrame:
    """
    Take 电子监管号 apart.

    Parameters
    ----------
    ids
        Texts; missing allowed.

    Returns
    -------
    parts
        Columns division, year, kind (A … Z), serial, amendment; missing where the number is not
        built so. Same index. Built as `[S63]` of two published results; kind A is 划拨 in both.
    """
    shown = ids.str.translate(HALF_WIDTH).str.upper().str.replace(r"\s", "", regex=True)
    return _parts(shown, SUPERVISION)


def parcels(codes: pd.Series) -> pd.DataFrame:
    """
    Take 宗地代码 and 不动产单元代码 apart.

    Parameters
    ----------
    codes
        Texts of 19 or 28 signs, written in groups or not; missing allowed.

    Returns
    -------
    parts
        Columns division, zone (地籍区), subzone (地籍子区), ownership (G state, J collective,
        Z open), right (B is 建设用地使用权), serial, fixture and unit (of 28 signs). Same index.
    """
    return _parts(plain(codes), PARCEL)


def approval_numbers(texts: pd.Series) -> pd.DataFrame:
    """
    Take document numbers such as 豫政土〔2018〕123号 apart.

    Parameters
    ----------
    texts
        As written: any brackets, with or without 第, leading zeros, full-width digits.

    Returns
    -------
    parts
        Columns agency, year, number and `normalised` in the one form ``agency〔year〕number号``;
        missing where the text is no such number. Same index; `texts` is not changed.
    """
    shown = texts.str.translate(HALF_WIDTH).str.translate(_BRACKETS)
    parts = _parts(shown.str.replace(r"\s", "", regex=True), _APPROVAL)
    joined = parts["agency"] + "〔" + parts["year"] + "〕" + parts["number"] + "号"
    return parts.assign(normalised=joined)


def _parts(texts: pd.Series, form: str) -> pd.DataFrame:
    """Return the named groups of a form that a whole text must have."""
    return texts.astype("str").str.extract(rf"^{form}$", flags=re.ASCII)
