"""
What a workspace wants to see: one TOML in `maps/` a map.

A specification chooses a title, what is drawn around the parcels and what is ticked when the map
opens. It holds no figures and no colours: those come from the totals and from `style`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landuse import parsing, texts
from landuse.errors import MapError, kind
from landuse.maps import basemap
from landuse.terms import Role, State, Status

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.maps.basemap import Basemap
    from landuse.texts import Lang

OUTLINES = (Role.CLUSTER, Role.PARK, Role.NETWORK, Role.PLAN)
"""Roles that may be drawn around the parcels."""

LAYERS = ("approval", "site", "finding")
"""Layers a specification may ask for, the lowest first."""

_KEYS: dict[str, type] = {
    "title": str,
    "title_en": str,
    "note": str,
    "note_en": str,
    "lang": str,
    "split_by": str,
    "states": list,
    "statuses": list,
    "outlines": list,
    "hidden": list,
    "reported_by": str,
    "marking": str,
    "layers": list,
    "basemaps": list,
}
SPLITS = ("cluster", "park")
"""What a specification may ask one map each of."""

LANGS = ("zh", "en")
"""Languages a map may be asked in, whatever that of the build."""

_WORDS: dict[str, tuple[str, ...]] = {
    "states": tuple(State),
    "statuses": tuple(Status),
    "outlines": OUTLINES,
    "layers": LAYERS,
    "hidden": (*OUTLINES, *LAYERS),
}
_KINDS = {"str": "text in quotes", "list": "a list like ['a', 'b']"}


@dataclass(frozen=True)
class Spec:
    """
    One map as its TOML asks for it; `name` is the file's stem and names the output.

    `states` and `statuses` are ticked when the map opens (neither given: all are). `outlines` are
    the roles drawn around the parcels, `hidden` those of them that wait to be switched on.
    `layers` are those beside the parcels that answer to a click, `basemaps` what lies beneath.
    `reported_by` is the 填报单位 and `marking` the 密级 (or another mark) that prints carry. `lang`
    is the map's own language; reasons and steps of the law stay in that of the build.
    """

    name: str
    title: str = ""
    title_en: str = ""
    note: str = ""
    note_en: str = ""
    lang: Lang | None = None
    split_by: str = ""
    states: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    outlines: tuple[str, ...] = OUTLINES
    hidden: tuple[str, ...] = (Role.PLAN,)
    reported_by: str = ""
    marking: str = ""
    layers: tuple[str, ...] = ()
    basemaps: tuple[Basemap, ...] = ()

    def heading(self, lang: Lang) -> str:
        """Return the title in a language; the other language's where it has only that."""
        own, other = (self.title, self.title_en) if lang == "zh" else (self.title_en, self.title)
        return own or other or texts.say("map.default_title", lang)

    def remark(self, lang: Lang) -> str:
        """Return the note in a language, or nothing where there is none in it."""
        return self.note if lang == "zh" else self.note_en


def load(workspace: Path) -> tuple[Spec, ...]:
    """
    Read the map specifications of a workspace, by file name.

    Parameters
    ----------
    workspace
        The workspace's folder. Without a `maps/` in it, or with an empty one, one overview of
        everything is meant.

    Raises
    ------
    MapError
        If a specification cannot be meant as written.
    """
    files = sorted((workspace / "maps").glob("*.toml"))
    return tuple(_spec(path) for path in files) or (Spec("overview"),)


def _spec(path: Path) -> Spec:
    """Read one specification."""
    where = f"maps/{path.name}"
    try:
        given = parsing.toml(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise MapError("workspace.not_toml", file=where, reason=err) from err
    _check(given, where)
    if path.stem.casefold() == "index":
        raise MapError("maps.index", where=where)
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    lists["basemaps"] = basemap.parsed(given.get("basemaps", ()), where)
    return Spec(path.stem, **(given | lists))


def _check(given: dict[str, Any], where: str) -> None:
    """Refuse keys and words that no map has."""
    unknown = sorted(set(given) - set(_KEYS))
    if unknown:
        raise MapError("workspace.unknown_key", where=where, names=[*unknown], known=[*_KEYS])
    for key, value in given.items():
        if not isinstance(value, _KEYS[key]):
            raise MapError(
                "workspace.kind", where=where, name=key, given=value, expected=kind(_KEYS[key])
            )
    for key, allowed in _WORDS.items():
        strange = [str(word) for word in given.get(key, []) if word not in allowed]
        if strange:
            raise MapError(
                "maps.strange", where=where, name=key, strange=[*strange], known=[*allowed]
            )
    for key, words in (("split_by", SPLITS), ("lang", LANGS)):
        if given.get(key, words[0]) not in words:
            raise MapError("maps.word", where=where, name=key, given=given[key], known=[*words])
