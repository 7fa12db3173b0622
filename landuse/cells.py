"""Text as a spreadsheet can hold it: nothing dropped unseen, nothing read as markup."""

from __future__ import annotations

import re

LONGEST = 32_767  # UTF-16 units a cell holds

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNHOLDABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CUT = "…[…]"


def clean(text: str) -> str:
    """
    Return text a cell can hold, for a writer that takes `<r>…</r>` for rich-text markup.

    Such a text gets a full-width bracket; for the rest see `holdable`.
    """
    shown = holdable(text)
    return "\uff1c" + shown[1:] if shown.startswith("<r>") else shown


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
    shown = _UNHOLDABLE.sub("\ufffd", shown)
    units = shown.encode("utf-16-le")
    if len(units) // 2 > LONGEST:
        kept = units[: 2 * (LONGEST - len(_CUT))].decode("utf-16-le", errors="ignore")
        shown = kept + _CUT
    return shown
