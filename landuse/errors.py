"""
What a caller or a clerk must change before the work can go on.

LanduseError
├── WorkspaceError        a TOML of the workspace says something that cannot be meant
│   ├── LayerError        a layer file: path, columns, units, encoding
│   └── MapError          a map specification
├── CrsError              coordinates without a usable reference system
│   └── CrsMismatchError  two tables that do not share one
├── LawError              a rule that is unknown, or not in force on the day
├── AssetError            a file the package itself needs is missing
├── DatabaseError         a database cannot be reached, read or written
├── ClusterError          workers elsewhere cannot be reached, or die
├── OutputError           outputs cannot be put where they were asked for
└── CheckFailed           findings forbid a result

An error carries the key of its sentence and the values of it; the sentence is looked up in
`wording/errors_*.toml` when somebody reads it, in the language of who reads. Faults of the data are
not here: they are rows of the findings (`landuse.findings`).
"""

from __future__ import annotations

import errno
import re
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from landuse import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from landuse.texts import Lang

_TOML_PLACE = re.compile(r"at line (\d+), column (\d+)")


class LanduseError(Exception):
    """
    Anything a caller must change; the sentence says what, where, why and what to do.

    Parameters
    ----------
    key
        ``section.name``: the entry ``name`` of ``wording/errors_<section>.toml``.
    values
        What is put into the sentence: text and numbers as they are; lists joined as the language
        joins them; a `Phrase`, another of our errors or an error of the system in words.
    """

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values: Mapping[str, Any] = values

    def said(self, lang: Lang) -> str:
        """Return the sentence in one language."""
        return _said(self.key, self.values, lang)

    def __str__(self) -> str:
        """Return the sentence in Chinese and in English: Python knows no language of a run."""
        return f"{self.said('zh')}\n{self.said('en')}"


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence, looked up as the sentence is."""

    key: str
    values: Mapping[str, Any]

    def said(self, lang: Lang) -> str:
        """Return the part in one language."""
        return _said(self.key, self.values, lang)


def phrase(key: str, /, **values: Any) -> Phrase:
    """Return a part of a sentence (`LanduseError` on key and values)."""
    return Phrase(key, values)


def _said(key: str, values: Mapping[str, Any], lang: Lang) -> str:
    """Return the sentence of a key."""
    shown = {name: _shown(value, lang) for name, value in values.items()}
    return texts.template(f"errors_{key}", lang).format_map(shown)


def _shown(value: Any, lang: Lang) -> Any:
    """Return a value as it stands in a sentence."""
    if hasattr(value, "said"):
        return value.said(lang)
    if isinstance(value, BaseException):
        return _reason(value, lang)
    if isinstance(value, list | tuple):
        listed = ("、" if lang == "zh" else ", ").join(str(_shown(one, lang)) for one in value)
        return listed or texts.say("errors_machine.none", lang)
    return value


def _reason(err: BaseException, lang: Lang) -> str:
    """Return why the system or a library could not do something, as a part of a sentence."""
    if isinstance(err, OSError) and err.errno is not None:
        known = texts.section("errors_machine").get(f"errno_{errno.errorcode.get(err.errno)}")
        return known[lang] if known else str(err.strerror)
    if isinstance(err, UnicodeDecodeError):
        return phrase("machine.not_text", codec=err.encoding, byte=err.start + 1).said(lang)
    plain = " ".join(str(err).split()).rstrip(".")
    place = _TOML_PLACE.search(plain) if isinstance(err, tomllib.TOMLDecodeError) else None
    if place is None:
        return phrase("machine.own_words", words=plain or type(err).__name__).said(lang)
    line, column, what = place[1], place[2], plain[: place.start()].strip(" (")
    return phrase("machine.toml_place", line=line, column=column, reason=what).said(lang)


@contextmanager
def reached(place: str | Path) -> Iterator[None]:
    """
    Say of files that are read below a place what the system says of them.

    Raises
    ------
    LayerError
        If one is not to be read: a drive that is gone, no permission, held by another program.
    """
    try:
        yield
    except OSError as err:
        raise unreachable(err, place) from err


def unreachable(err: OSError, place: str | Path) -> LayerError:
    """Return what is told of a file the system does not let near."""
    return LayerError("machine.unreachable", file=err.filename or place, reason=err)


_KINDS: dict[Any, Phrase] = {
    str: phrase("workspace.kind_str"),
    list: phrase("workspace.kind_list"),
    dict: phrase("workspace.kind_dict"),
    bool: phrase("workspace.kind_bool"),
    int: phrase("workspace.kind_int"),
    date: phrase("workspace.kind_date"),
}


def kind(wanted: Any) -> Phrase:
    """Return what a value of a TOML should be, for a sentence."""
    return _KINDS.get(wanted) or phrase("workspace.kind_number")


class WorkspaceError(LanduseError):
    """The workspace, or one of its TOML files, cannot be used as written."""


class LayerError(WorkspaceError):
    """A source layer cannot be read as its TOML declares it."""


class MapError(WorkspaceError):
    """A map specification asks for something that does not exist."""


class CrsError(LanduseError):
    """Coordinates have no reference system that may be relied on."""


class CrsMismatchError(CrsError, ValueError):
    """Two tables that are laid over each other have different reference systems."""


class LawError(LanduseError):
    """A rule is unknown, or none of its values is in force on the day asked for."""


class AssetError(LanduseError):
    """A file that ships with the package, or with one it needs, is missing or altered."""


class ClusterError(LanduseError):
    """Workers elsewhere cannot be reached, are not set up, or die over one job again and again."""


class OutputError(LanduseError):
    """Outputs cannot be written where they were asked for; what was there is untouched."""


class DatabaseError(LanduseError):
    """A database cannot be reached, read or written; nothing in it has changed."""


class EntryError(LanduseError):
    """What staff filled in, or what was accepted of it, cannot be read or written."""


class CheckFailed(LanduseError):  # noqa: N818  it is an outcome, not a mistake
    """Findings of severity `forbids` stand against a result; nothing was written."""


class LeakError(CheckFailed):
    """Outputs hold what their profile must not; nothing was written."""
