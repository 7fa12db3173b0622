"""One file as it stands: cells under its own headings, nothing converted yet."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import findings
from landuse.codes.numbers import HALF_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pyproj
    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionArray

    Ids = NDArray[np.object_] | ExtensionArray
    """Ids of the rows of a file, None or NaN where a row has none; made texts only when said."""

_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_INVISIBLE = dict.fromkeys((0xFEFF, 0x200B, 0x2060))  # no script needs them
_PLAIN = r"\x00-\u024f\u2000-\u206f\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffff"  # never joined
_JOINER = re.compile(rf"(?:(?<=[{_PLAIN}])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[{_PLAIN}]|$)")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_UNSEEN = re.compile("[\ufeff\u200b-\u200d\u2060\x00-\x08\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Raw:
    """
    One file as it stands.

    `cells` has one column a heading of the file, in file order; `headings` names them as the file
    does, where a repeated heading becomes `name#1`, `name#2` in `cells`. `rows` are the numbers a
    person sees. `geometry` and `crs` are None for a table. `units` are those a line above the
    header names for the whole table.
    """

    cells: pd.DataFrame
    headings: tuple[str, ...]
    rows: NDArray[np.int64]
    encoding: str = ""
    geometry: NDArray[np.object_] | None = None
    crs: pyproj.CRS | None = None
    findings: tuple[pd.DataFrame, ...] = field(default_factory=tuple)
    refused: int = 0
    units: tuple[str, ...] = ()


def half_width(text: str) -> str:
    """Return a text with full-width letters, digits and signs as their ASCII counterparts."""
    return text.translate(HALF_WIDTH)


def trimmed(text: str) -> str:
    """
    Return a text without blanks around it, invisible marks and control characters.

    A control character becomes a blank. A joiner stays where it makes one sign of two, as in
    pictures of families and in scripts of India and Persia.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = _CONTROL.sub(" ", text.translate(_INVISIBLE))
    return _JOINER.sub("", kept.strip()).strip()


def has_unseen(text: str, kept: str) -> bool:
    """Whether `trimmed` took more than blanks and line breaks out of a text to get what it kept."""
    return len(_UNSEEN.findall(text)) > len(_UNSEEN.findall(kept))


def heading(value: Any) -> str:
    """Return a heading in the form in which headings are compared: no line breaks inside."""
    whole = "" if value is None else str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    words = half_width(trimmed(whole)).split()
    return ("" if _IDEOGRAPH.search("".join(words)) else " ").join(words)


def unique(headings: Sequence[str]) -> list[str]:
    """Return headings told apart: a repeated one gets `#1`, `#2` … in file order."""
    total = Counter(headings)
    seen: Counter[str] = Counter()
    named = []
    for name in headings:
        seen[name] += 1
        named.append(name if total[name] == 1 else f"{name}#{seen[name]}")
    return named


def frame(named: Sequence[str], columns: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Return cells as a table of objects."""
    made = {
        name: pd.Series(list(cells), dtype=object)
        for name, cells in zip(named, columns, strict=True)
    }
    return pd.DataFrame(made)


def remarks(headings: Sequence[str], layer: str, file: str) -> list[pd.DataFrame]:
    """Return a finding for each heading that occurs more than once."""
    repeated = [name for name, times in Counter(headings).items() if times > 1 and name]
    places = [
        ", ".join(str(i + 1) for i, other in enumerate(headings) if other == name)
        for name in repeated
    ]
    found = findings.rows(
        "heading_repeated", layer=layer, column=repeated, value=places, file=[file] * len(repeated)
    )
    return [found]
