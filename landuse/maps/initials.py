"""
Which letter the reading of a character can begin with, for searching by pinyin initials.

A character of several readings stands under several letters: 长 is found by c and by z.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
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
        signs.update("".join(column.dropna().astype("str").tolist()))
    chinese = sorted(sign for sign in signs if sign >= "\u3400" and sign.isalpha())
    if not chinese:
        return {}
    known = _readings()
    found: dict[str, list[str]] = {}
    for sign in chinese:
        readings = known.get(ord(sign), "").split(",")
        letters = {unicodedata.normalize("NFD", reading)[:1] for reading in readings}
        for letter in sorted(letters & _LATIN):
            found.setdefault(letter, []).append(sign)
    return {letter: "".join(found[letter]) for letter in sorted(found)}


@cache
def _readings() -> dict[int, str]:
    """
    Return the readings of each character: pypinyin's own table, by its file.

    To import the package would load its phrases as well, which takes a quarter of a second.
    """
    package = find_spec("pypinyin")
    places = package.submodule_search_locations if package is not None else None
    file = Path(next(iter(places or ())), "pinyin_dict.py")
    spec = spec_from_file_location("landuse_pinyin", file)
    if spec is None or spec.loader is None:
        message = f"{file} cannot be read."
        raise ImportError(message)
    table = module_from_spec(spec)
    spec.loader.exec_module(table)
    readings: dict[int, str] = table.pinyin_dict
    return readings
