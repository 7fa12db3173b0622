"""
Every sentence a user reads, in Chinese and English, from one catalogue.

`wording/<section>.toml` holds the sentences; code names them as `section.key`. Values are put
into our own templates only, never compiled as templates themselves, so the text of a spreadsheet
cell stays text.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Lang = Literal["zh", "en"]


class WordingError(Exception):
    """A sentence is missing from the installed package, and so cannot be looked up."""

    def __init__(self, file: str, key: str = "") -> None:
        super().__init__(
            f"安装不完整，请重装 / reinstall: landuse/wording/{file}.toml {key}".rstrip()
        )


@cache
def section(name: str) -> dict[str, dict[str, str]]:
    """
    Return all entries of one file of the catalogue, by key.

    Raises
    ------
    WordingError
        If the package has no such section.
    """
    path = files("landuse") / "wording" / f"{name}.toml"
    try:
        loaded: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise WordingError(name) from err
    return loaded


def template(key: str, lang: Lang) -> str:
    """
    Return the sentence of a key with its placeholders still open.

    Raises
    ------
    WordingError
        If the catalogue does not hold the key in that language.
    """
    name, _, rest = key.partition(".")
    try:
        return section(name)[rest][lang]
    except KeyError as err:
        raise WordingError(name, f"{rest}.{lang}") from err


def say(key: str, lang: Lang = "zh", **values: Any) -> str:
    """
    Return the sentence of a key with values put in.

    Raises
    ------
    WordingError
        If the catalogue does not hold the key in that language.
    """
    return template(key, lang).format_map(values)


def words(keys: str, kind: str, lang: Lang) -> str:
    """
    Return the words of keys joined by +, listed as the language lists them.

    Parameters
    ----------
    keys
        ``hold+lease``; "" gives "".
    kind
        What stands before each key in the catalogue: ``sites.path`` for ``sites.path_hold``.
    lang
        Language of the words.

    Raises
    ------
    WordingError
        If the catalogue does not hold a key in that language.
    """
    comma = "、" if lang == "zh" else ", "
    return comma.join(say(f"{kind}_{key}", lang) for key in keys.split("+") if key)


def word(key: str, kind: str, lang: Lang) -> str:
    """Return the word of a key that a source may have made up, or the key itself."""
    name, _, rest = kind.partition(".")
    known = section(name).get(f"{rest}_{key}")
    return known[lang] if known else key


def distances(rows: Iterable[tuple[str, str, float]], lang: Lang) -> dict[str, str]:
    """Return how far each place is from each kind of network, as one line a place."""
    lines: dict[str, list[str]] = {}
    for place, kind, metres in rows:
        said = f"{word(kind, 'sites.network', lang)} {metres:,.0f} m"
        lines.setdefault(place, []).append(said)
    return {place: "；".join(own) for place, own in lines.items()}
