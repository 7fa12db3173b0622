"""Text as spreadsheets, papers and terminals can hold it: nothing unseen, nothing obeyed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST = 32_767  # UTF-16 units a cell holds

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNHOLDABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
RUNS = r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]"
"""How a cell of a CSV begins that some spreadsheet would run."""

LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""Begins what office programs take for a character, `_x0041_` for A, unless it is escaped."""

_CUT = "…[…]"
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_HIDDEN = re.compile("[\x80-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def clean(text: str) -> str:
    """
    Return text a cell can hold, for a writer that takes `<r>…</r>` for rich-text markup.

    Such a text gets a full-width bracket; for the rest see `holdable`.
    """
    shown = holdable(text)
    return "\uff1c" + shown[1:] if shown.startswith("<r>") else shown


def all_clean(texts: Collection[str]) -> bool:
    """Whether `clean` would surely leave every text as it is, told of all of them at once."""
    whole = "".join(texts)
    short = 2 * max(map(len, texts), default=0) <= LONGEST
    return short and whole.isprintable() and "<r>" not in whole


def holdable(text: str) -> str:
    """
    Return text a cell can hold.

    Control characters become their pictures (U+2400 onwards), halves of surrogate pairs and
    non-characters U+FFFD; line ends become line feeds; what is too long is cut with a mark.
    """
    if text.isprintable() and 2 * len(text) <= LONGEST:
        return text  # most texts: nothing in them is to be replaced
    shown = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = _CONTROL.sub(lambda found: chr(0x2400 + ord(found.group())), shown)
    return short(_UNHOLDABLE.sub("\ufffd", shown), LONGEST)


def short(text: str, most: int) -> str:
    """Return text of at most so many UTF-16 units, a mark at its end where it is cut."""
    if 2 * len(text) <= most:
        return text
    units = text.encode("utf-16-le")
    if len(units) // 2 <= most:
        return text
    return units[: 2 * (most - len(_CUT))].decode("utf-16-le", errors="ignore") + _CUT


def spelled(text: str) -> str:
    """
    Return text that tells what it holds and steers nothing it is shown on.

    Control characters but line feeds and tabs become their pictures (U+2400 onwards), an escape
    of a terminal among them; marks that turn the direction of writing or hide, and controls of
    eight bits, are shown by their number, for instance ``[U+202E]``.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = _STEERING.sub(lambda found: chr(0x2400 + min(ord(found.group()), 0x21)), text)
    shown = _HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", shown)
    return _UNHOLDABLE.sub("\ufffd", shown)


def guarded(text: str) -> str:
    """Return text as a cell of a CSV that no spreadsheet runs: an apostrophe before it."""
    return f"'{text}" if re.match(RUNS, text) else text
