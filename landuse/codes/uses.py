"""
Classifications of land use and industries: names, translation, and what a translation loses.

The same digits mean different land in different classifications (1001 is a railway in GB/T 21010
and industry in the guide of 2023), so a code is nothing without the name of its classification.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse.codes.numbers import plain
from landuse.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SYSTEMS = (
    "gbt21010_2017",
    "sandiao",
    "landsea_2020",
    "landsea_2023",
    "gb50137_2011",
    "gbt4754_2017",
)
"""Classifications that are held."""


@dataclass(frozen=True)
class Classification:
    """One classification: code → name, and code → the class above it ('' at the top)."""

    key: str
    title: str
    title_en: str
    verified: bool
    note: str
    aliases: tuple[str, ...]
    names: Mapping[str, str]
    names_en: Mapping[str, str]
    parents: Mapping[str, str]

    @property
    def leaves(self) -> frozenset[str]:
        """Codes that no other code refines."""
        return frozenset(self.names) - frozenset(self.parents.values())


@dataclass(frozen=True)
class _Translation:
    """How codes of one classification read in another."""

    codes: Mapping[str, str]
    lossy: frozenset[str]
    vague: frozenset[str]
    verified: bool


@cache
def classification(key: str) -> Classification:
    """
    Return one classification.

    Raises
    ------
    AssetError
        If it is not one of `SYSTEMS`.
    """
    if key not in SYSTEMS:
        raise AssetError("tables.no_classification", name=key, known=[*SYSTEMS])
    loaded = _file(key)
    classes = loaded["classes"]
    return Classification(
        key=key,
        title=loaded["title"],
        title_en=loaded["title_en"],
        verified=loaded["verified"],
        note=loaded["note"],
        aliases=tuple(loaded["aliases"]),
        names={code: entry["zh"] for code, entry in classes.items()},
        names_en={code: entry["en"] for code, entry in classes.items()},
        parents={code: entry.get("parent", "") for code, entry in classes.items()},
    )


def key_of(written: pd.Series) -> pd.Series:
    """Return the classification a source names (`GB/T 21010-2017`, 三调 …); missing if none."""
    keys: pd.Series = _compared(written).map(_titles())
    return keys


@cache
def _titles() -> dict[str, str]:
    """Return every compared name of a classification → its key."""
    named = {
        name: key
        for key in SYSTEMS
        for name in (key, classification(key).title, *classification(key).aliases)
    }
    compared = _compared(pd.Series(list(named), dtype="str"))
    return dict(zip(compared, named.values(), strict=True))


def restored(codes: pd.Series) -> pd.Series:
    """
    Return codes of digits with the leading zero a spreadsheet took off.

    No classification of land use has codes of one, three or five digits alone.
    """
    short = codes.str.fullmatch(r"\d(?:\d\d){0,2}", na=False)
    return codes.where(~short, "0" + codes)


def translated(codes: pd.Series, source: str, target: str) -> pd.DataFrame:
    """
    Read codes of one classification in another.

    Parameters
    ----------
    codes
        Codes of `source`; missing allowed.
    source, target
        Keys of `SYSTEMS`.

    Returns
    -------
    read
        Same index. `code` of the target, missing where none is known; `loses_detail` where other
        classes of the source fall into the same code; `lacks_detail` where the target tells apart
        what the source does not; `is_verified` whether anybody compared the table with the texts.

    Raises
    ------
    AssetError
        If no translation between the two is held.
    """
    held = _translation(source, target)
    found: pd.Series = codes.map(dict(held.codes)).astype("str")
    return pd.DataFrame(
        {
            "code": found,
            "loses_detail": codes.isin(held.lossy),
            "lacks_detail": codes.isin(held.vague),
            "is_verified": held.verified,
        },
        index=codes.index,
    )


@cache
def _translation(source: str, target: str) -> _Translation:
    """Return the translation from one classification into another, with what it loses."""
    from_, to = classification(source), classification(target)
    if source == target:
        return _Translation({c: c for c in from_.names}, frozenset(), frozenset(), from_.verified)
    held = [t for t in _file("translations")["tables"] if (t["from"], t["to"]) == (source, target)]
    if not held:
        raise AssetError("tables.no_translation", source=source, target=target)
    table = held[0]
    codes = _SAME[table["same"]](from_, to) | table["codes"]
    codes |= {code: codes[parent] for code, parent in _refined(from_, codes).items()}
    sharing: dict[str, list[str]] = {}
    for code, other in codes.items():
        sharing.setdefault(other, []).append(code)
    lossy = {
        code
        for code, other in codes.items()
        if any(not _is_within(one, code, from_) for one in sharing[other] if one != code)
        or (from_.parents[code] in sharing[other])
    }
    vague = {c for c, other in codes.items() if c in from_.leaves and other not in to.leaves}
    return _Translation(codes, frozenset(lossy), frozenset(vague), table["verified"])


def _by_code(source: Classification, target: Classification) -> dict[str, str]:
    """Return the codes that stand in both."""
    return {code: code for code in source.names if code in target.names}


def _by_name(source: Classification, target: Classification) -> dict[str, str]:
    """Return codes with those of the same name; a name two classes share tells nothing."""
    ours, theirs = _once(source.names), _once(target.names)
    return {code: theirs[name] for name, code in ours.items() if name in theirs}


def _refined(source: Classification, known: Mapping[str, str]) -> dict[str, str]:
    """
    Return classes not known that refine a known one, with that one.

    A class of the topmost level tells nothing of those below it: editions move whole branches
    (parks stand under public services here and under open space there).
    """
    return {
        code: parent
        for code, parent in source.parents.items()
        if code not in known and parent in known and source.parents[parent]
    }


def _once(names: Mapping[str, str]) -> dict[str, str]:
    """Return names that only one class has, with its code."""
    times = Counter(names.values())
    return {name: code for code, name in names.items() if times[name] == 1}


_SAME: Mapping[str, Callable[[Classification, Classification], dict[str, str]]] = {
    "code": _by_code,
    "name": _by_name,
}


def _is_within(code: str, other: str, system: Classification) -> bool:
    """Whether one class is the other or lies below it."""
    while code and code != other:
        code = system.parents[code]
    return code == other


@cache
def _file(name: str) -> dict[str, Any]:
    """Read one table."""
    path = files("landuse") / "codes" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _compared(texts: pd.Series) -> pd.Series:
    """Return names of classifications in the form in which they are compared."""
    return plain(texts.astype("str")).str.replace(r"[/—()（）〔〕、,，]", "", regex=True)
