"""
Natural persons in texts: found where holders are named, masked wherever they stand.

A name is a surname of `persons.toml` with one or two characters more, standing by itself or in a
list of names. Whatever holds a word of an organisation is a firm and stays.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

_HAN = r"\u3400-\u9fff"
_BREAKS = re.compile(r"[\s、，,;；/\\()（）\[\]【】:：|&+]+")
_NUMERALS = r"\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341"  # one to ten
_TAIL = re.compile(rf"等?[0-9{_NUMERALS}]*[人户名]?$")
_DOTTED = re.compile(rf"[{_HAN}]{{1,12}}([·•・][{_HAN}]{{1,12}})+")
_CARD = re.compile(
    r"(?<!\d)[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


@cache
def _words() -> tuple[frozenset[str], frozenset[str], re.Pattern[str]]:
    """Return surnames of one and of two characters, and what tells an organisation."""
    path = files("landuse") / "profiles" / "persons.toml"
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    firm = re.compile("|".join(map(re.escape, sorted(given["organisations"], key=len)[::-1])))
    return frozenset("".join(given["surnames"])), frozenset(given["compound"]), firm


def names(cells: Iterable[object]) -> set[str]:
    """
    Return the names of natural persons that stand in cells.

    Parameters
    ----------
    cells
        Holders, heads or staff: one name or several, with or without 等3人 behind.
    """
    found = set()
    for cell in {str(cell) for cell in cells if isinstance(cell, str)}:
        for part in _BREAKS.split(cell):
            for word in {part, _TAIL.sub("", part)}:
                if _is_person(word):
                    found.add(word)
    return found


def _is_person(word: str) -> bool:
    """Whether a word by itself is the name of a natural person."""
    single, compound, firm = _words()
    if firm.search(word):
        return False
    if _DOTTED.fullmatch(word):
        return True
    if not re.fullmatch(rf"[{_HAN}]{{2,4}}", word):
        return False
    if word[:2] in compound:
        return 3 <= len(word) <= 4
    return word[0] in single and len(word) <= 3


def masked(name: str) -> str:
    """Return 张某某 for 张建国, 欧阳某 for 欧阳修, 买某某 for 买买提·吐尔逊."""
    _, compound, _ = _words()
    if re.search(r"[·•・]", name):
        return f"{name[0]}某某"
    head = name[:2] if name[:2] in compound and len(name) > 2 else name[0]
    return head + "某" * (len(name) - len(head))


class Masks:
    """Masks some names, and every identity card and mobile phone, in texts."""

    def __init__(self, known: Iterable[str], *, is_on: bool = True) -> None:
        self.is_on = is_on
        self.names = sorted(set(known), key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(re.escape, self.names))) if self.names else None

    def text(self, text: str) -> str:
        """Return a text with what it must not say masked."""
        if not self.is_on:
            return text
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: masked(match[0]), text)
        return _PHONE.sub(_starred, _CARD.sub(_starred, text))

    def column(self, cells: pd.Series) -> pd.Series:
        """Return a column of texts masked; each different text is looked at once."""
        if not self.is_on:
            return cells
        different = [cell for cell in cells.dropna().unique() if isinstance(cell, str)]
        changed = {cell: self.text(cell) for cell in different}
        changed = {cell: new for cell, new in changed.items() if new != cell}
        if not changed:
            return cells
        new = [changed.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
        return pd.Series(new, index=cells.index, dtype=cells.dtype)


def secrets(cells: Iterable[object]) -> set[str]:
    """Return the identity cards and mobile phones that stand in cells."""
    texts = {cell for cell in cells if isinstance(cell, str)}
    return {found for text in texts for way in (_CARD, _PHONE) for found in way.findall(text)}


def _starred(match: re.Match[str]) -> str:
    """Keep the first three and the last two characters."""
    return match[0][:3] + "*" * (len(match[0]) - 5) + match[0][-2:]
