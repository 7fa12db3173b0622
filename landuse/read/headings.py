"""Which column of a file is which of ours: declared, or known by one of its standard names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from landuse import findings, schema
from landuse.errors import LayerError
from landuse.read import raw

if TYPE_CHECKING:
    import pandas as pd

    from landuse.layers import Source

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

ALIAS_UNITS: dict[str, str] = {
    "mj": "m2",
    "cjJg": "wan_yuan",
    "Area (hectare)": "ha",
    "Transaction price (ten thousand yuan)": "wan_yuan",
}
"""Field names of the public land-market service that imply a unit."""

_SECOND_CHOICE = frozenset({"BDCDYH", "不动产单元号", "不动产单元代码"})
"""Names of 28 signs that stand beside the 宗地代码 of 19 in the same table."""

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
        If a declared column is not there or not one, or a required column has no source.
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
        candidates = _candidates(read, column, taken)
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
        pairs="; ".join(f"{match.name}={match.theirs}" for match in matches),
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
        message = (
            f"{where}: {file} has {theirs!r} {len(named)} times. Name one: {', '.join(named)}."
        )
        raise LayerError(message)
    message = (
        f"{where}: column {ours!r} is taken from {theirs!r}, which {file} does not have. "
        f"It has: {_listed(read)}. Correct [columns]."
    )
    raise LayerError(message)


def _candidates(read: raw.Raw, column: schema.Column, taken: set[str]) -> list[Match]:
    """Return every heading that is one of a column's names, with the unit it carries."""
    names = _names(column)
    found = []
    for theirs, heading in zip(read.cells.columns, read.headings, strict=True):
        bare, unit = split(heading)
        if theirs not in taken and {key(heading), key(bare)} & names:
            found.append(Match(column.name, str(theirs), unit or ALIAS_UNITS.get(heading)))
    first = [match for match in found if match.theirs not in _SECOND_CHOICE]
    return first or found


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


@cache
def _names(column: schema.Column) -> frozenset[str]:
    """Return every form of a column's names; field names in capitals may be small."""
    names = {column.name, column.zh, column.en, *column.aliases}
    names |= {name.lower() for name in names if name.isascii() and name.isupper()}
    return frozenset(key(raw.heading(name)) for name in names)


def known(source: Source) -> frozenset[str]:
    """Return the keys of all headings a layer's role knows, and of those its TOML declares."""
    by_role = {name for column in schema.columns(source.role) for name in _names(column)}
    return frozenset(by_role | {key(raw.heading(theirs)) for theirs in source.columns.values()})


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
            for name in (other.zh, *other.aliases)
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
        named = ", ".join(match.theirs for match in candidates)
        message = f"{where}: {name!r} could be any of {named} of {file}. Declare one in [columns]."
    else:
        message = (
            f"{where}: {name!r} is required and no column of {file} is known to be it. "
            f"It has: {_listed(read)}. Declare it in [columns]."
        )
    raise LayerError(message)


def _listed(read: raw.Raw) -> str:
    """Return the columns a file has."""
    return ", ".join(str(name) for name in read.cells.columns) or "no columns"
