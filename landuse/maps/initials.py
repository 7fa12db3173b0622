"""
Which letter the reading of a character can begin with, for searching by pinyin initials.

A character of several readings stands under several letters: 长 is found by c and by z.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")


def table(columns: Iterable[pd.Series]) -> dict[str, str]:
    """
    Return letter -> the Chinese characters of some texts that it can stand for.

    Parameters
    ----------
    columns
        Texts; missing ones are passed over.
    """
    signs: set[str] = set()
    for column in columns:
        signs.update(*column.dropna().astype("str").unique())
    chinese = sorted(sign for sign in signs if sign >= "\u3400" and sign.isalpha())
    if not chinese:
        return {}
    from pypinyin.pinyin_dict import pinyin_dict

    found: dict[str, list[str]] = {}
    for sign in chinese:
        readings = pinyin_dict.get(ord(sign), "").split(",")
        letters = {unicodedata.normalize("NFD", reading)[:1] for reading in readings}
        for letter in sorted(letters & _LATIN):
            found.setdefault(letter, []).append(sign)
    return {letter: "".join(found[letter]) for letter in sorted(found)}
