"""Which column of a file is which of ours: declared, or known by one of its standard names."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from landuse import findings, schema
from landuse.errors import LayerError
from landuse.read import raw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from landuse.layers import Source
    from landuse.terms import Role

UNIT_WORDS: dict[str, str] = {
    "平方米": "m2",
    "平米": "m2",
    "㎡": "m2",
    "m²": "m2",
    "m2": "m2",
    "公顷": "ha",
    "hm²": "ha",
    "hm2": "ha",
    "ha": "ha",
    "亩": "mu",
    "平方公里": "km2",
    "平方千米": "km2",
    "km²": "km2",
    "km2": "km2",
    "亿元": "yi_yuan",
    "万元": "wan_yuan",
    "元": "yuan",
}
"""Unit words a heading or a cell may carry → units."""

_UNITS = "|".join(sorted(UNIT_WORDS, key=len, reverse=True))
_WITH_UNIT = re.compile(
    rf"^(.+?)\s*(?:[(\[]\s*(?:单位:)?({_UNITS})\s*[)\]]|[_/,]\s*(?:单位:)?({_UNITS}))$",
    re.IGNORECASE,
)
_DASHES = re.compile(r"[\s—–―_-]+")


@dataclass(frozen=True)
class Match:
    """One of our columns, the file's column it is taken from, and the unit its heading names."""

    name: str
    theirs: str
    unit: str | None = None


def matched(read: raw.Raw, source: Source, file: str) -> tuple[list[Match], list[pd.DataFrame]]:
    """
    Match a file's columns to those of the layer's role.

    Returns
    -------
    matches, findings
        In the order of the role's columns. A column that two headings answer to is left empty
        and named in the findings.

    Raises
    ------
    LayerError
        If a declared column is not there or not one, a required column has no source, or one has a
        value for every row and a column of the file that says something.
    """
    declared = {ours: _declared(read, source, ours, file) for ours in source.columns}
    taken = {match.theirs for match in declared.values()}
    matches: list[Match] = []
    said: list[pd.DataFrame] = []
    is_cut = file.lower().endswith((".shp", ".zip"))
    for column in schema.columns(source.role):
        if column.name in declared:
            matches.append(declared[column.name])
            continue
        candidates = _candidates(read, source.role, column, taken)
        if column.name in source.values:
            _refuse_filled(read, source, column.name, file, candidates)
            continue
        if len(candidates) > 1:
            candidates, alike = _agreeing(read, candidates, column, source, file)
            said += alike
        if not candidates and is_cut:
            candidates, cut = _completed(read, column, source, file)
            said += cut
        if len(candidates) == 1:
            matches.append(candidates[0])
        elif candidates:
            named = ", ".join(match.theirs for match in candidates)
            found = findings.rows(
                "column_ambiguous", layer=source.name, column=column.name, value=named, file=file
            )
            said.append(found)
        if column.required and len(candidates) != 1 and source.role != "imagery":
            _refuse_required(read, source, column.name, file, candidates)
    said.append(_told(read, matches, source, file))
    return matches, said


def _told(read: raw.Raw, matches: list[Match], source: Source, file: str) -> pd.DataFrame:
    """Say which column was taken from where, and which were not used."""
    used = {match.theirs for match in matches}
    unused = [str(name) for name in read.cells.columns if name not in used]
    return findings.rows(
        "columns_matched",
        layer=source.name,
        file=file,
        pairs="; ".join(f"{match.name}={match.theirs}" for match in matches) or "-",
        unused=", ".join(unused) or "-",
    )


def _declared(read: raw.Raw, source: Source, ours: str, file: str) -> Match:
    """Return the match a TOML declares."""
    theirs = raw.heading(source.columns[ours])
    where = f"layers/{source.name}.toml"
    if theirs in read.cells.columns:
        return Match(ours, theirs, split(theirs)[1])
    if theirs in read.headings:
        named = [name for name in read.cells.columns if name.startswith(f"{theirs}#")]
        raise LayerError(
            "read.heading_twice",
            where=where,
            file=file,
            heading=theirs,
            count=len(named),
            names=[*named],
        )
    raise LayerError(
        "read.no_heading", where=where, name=ours, heading=theirs, file=file, known=_listed(read)
    )


def _candidates(read: raw.Raw, role: Role, column: schema.Column, taken: set[str]) -> list[Match]:
    """
    Return every heading that is one of a column's names, with the unit it carries.

    Of names that count only where no better one is there, one that tells its unit comes first.
    """
    first, then = (_answering(read, role, column, taken, keys) for keys in _names(role, column))
    return first or [match for match in then if match.unit] or then


def _answering(
    read: raw.Raw, role: Role, column: schema.Column, taken: set[str], keys: frozenset[str]
) -> list[Match]:
    """Return every heading that is one of some names."""
    found = []
    for theirs, heading in zip(read.cells.columns, read.headings, strict=True):
        bare, unit = split(heading)
        if theirs not in taken and {key(heading), key(bare)} & keys:
            implied = _listed_names(role, column).units.get(heading)
            found.append(Match(column.name, str(theirs), unit or implied))
    return found


def _agreeing(
    read: raw.Raw, candidates: list[Match], column: schema.Column, source: Source, file: str
) -> tuple[list[Match], list[pd.DataFrame]]:
    """Return the fullest of several columns that say the same wherever they say something."""
    if len({match.unit for match in candidates}) > 1:
        return candidates, []
    texts = [_written(read.cells[match.theirs]) for match in candidates]
    first = texts[0]
    for other in texts[1:]:
        if ((first != other) & first.ne("") & other.ne("")).any():
            return candidates, []
    filled = [int(text.ne("").sum()) for text in texts]
    best = candidates[filled.index(max(filled))]
    if any((text.ne("") & texts[candidates.index(best)].eq("")).any() for text in texts):
        return candidates, []
    found = findings.rows(
        "columns_agree",
        layer=source.name,
        column=column.name,
        value=best.theirs,
        others=", ".join(match.theirs for match in candidates if match is not best),
        file=file,
    )
    return [best], [found]


def _written(cells: pd.Series) -> pd.Series:
    """Return cells as they are compared: text without blanks, '' where missing."""
    return cells.astype("str").fillna("").str.replace(r"\s", "", regex=True)


def key(heading: str) -> str:
    """Return a heading in the form in which two are the same: without dashes and blanks."""
    return _DASHES.sub("", heading)


@dataclass(frozen=True)
class _Names:
    """Names sources use for a column, those that count only without them, and implied units."""

    first: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)


@cache
def _all_listed() -> Mapping[tuple[str, str], _Names]:
    """Return the names of `names.toml`, by role and column."""
    path = files("landuse") / "read" / "names.toml"
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        (role, column): _Names(
            tuple(entry.get("names", ())), tuple(entry.get("then", ())), entry.get("units", {})
        )
        for role, columns in held.items()
        for column, entry in columns.items()
    }


def _listed_names(role: Role, column: schema.Column) -> _Names:
    """Return the names sources use for a column."""
    return _all_listed().get((str(role), column.name), _Names())


@cache
def _names(role: Role, column: schema.Column) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of a column's names, and of those that count only where none is there."""
    listed = _listed_names(role, column)
    own = (column.name, column.zh, column.en, *listed.first)
    return _keys(own), _keys(listed.then)


def _keys(names: Iterable[str]) -> frozenset[str]:
    """Return names as they are compared; field names in capitals may be small."""
    forms = {*names, *(name.lower() for name in names if name.isascii() and name.isupper())}
    return frozenset(key(raw.heading(name)) for name in forms)


def known(source: Source) -> frozenset[str]:
    """Return the keys of all headings a layer's role knows, and of those its TOML declares."""
    by_role = {
        name
        for column in schema.columns(source.role)
        for names in _names(source.role, column)
        for name in names
    }
    return frozenset(by_role | {key(raw.heading(theirs)) for theirs in source.columns.values()})


def _whole(role: Role, column: schema.Column) -> tuple[str, ...]:
    """Return the Chinese names of a column that a DBF may have cut."""
    listed = _listed_names(role, column)
    return (column.zh, *listed.first, *listed.then)


def _completed(
    read: raw.Raw, column: schema.Column, source: Source, file: str
) -> tuple[list[Match], list[pd.DataFrame]]:
    """Return headings a DBF cut to ten bytes that only this column's names begin with."""
    found = []
    for theirs, heading in zip(read.cells.columns, read.headings, strict=True):
        lengths = {len(heading.encode(codec)) for codec in ("gb18030", "utf-8")}
        owners = {
            other.name
            for other in schema.columns(source.role)
            for name in _whole(source.role, other)
            if name.startswith(heading)
        }
        if lengths & {9, 10} and owners == {column.name}:
            found.append(Match(column.name, str(theirs)))
    said = [
        findings.rows(
            "heading_completed",
            layer=source.name,
            column=column.name,
            value=match.theirs,
            file=file,
        )
        for match in found
        if len(found) == 1
    ]
    return found, said


def split(heading: str) -> tuple[str, str | None]:
    """Split `面积(公顷)` into the name and the unit."""
    parts = _WITH_UNIT.match(heading.partition("#")[0])
    return (parts[1], UNIT_WORDS[(parts[2] or parts[3]).lower()]) if parts else (heading, None)


def _refuse_required(
    read: raw.Raw, source: Source, name: str, file: str, candidates: list[Match]
) -> None:
    """Say that a required column has no source, or more than one."""
    where = f"layers/{source.name}.toml"
    if candidates:
        named = [match.theirs for match in candidates]
        raise LayerError("read.heading_unclear", where=where, name=name, names=named, file=file)
    raise LayerError(
        "read.heading_required", where=where, name=name, file=file, known=_listed(read)
    )


def _refuse_filled(
    read: raw.Raw, source: Source, name: str, file: str, candidates: list[Match]
) -> None:
    """Refuse one value for every row where the file itself says something."""
    filled = [
        match.theirs for match in candidates if _written(read.cells[match.theirs]).ne("").any()
    ]
    if filled:
        raise LayerError(
            "read.value_and_cells",
            where=f"layers/{source.name}.toml",
            name=name,
            file=file,
            headings=filled,
        )


def _listed(read: raw.Raw) -> list[str]:
    """Return the columns a file has."""
    return [str(name) for name in read.cells.columns]
