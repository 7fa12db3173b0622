"""Which column of a file is which of ours: declared, or known by one of its standard names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landuse import findings, schema
from landuse.errors import LayerError
from landuse.read import raw

if TYPE_CHECKING:
    import pandas as pd

    from landuse.layers import Source

UNIT_WORDS: dict[str, str] = {
    "平方米": "m2",
    "㎡": "m2",
    "公顷": "ha",
    "亩": "mu",
    "万元": "wan_yuan",
    "元": "yuan",
}
"""Unit words a heading or a cell may carry → units."""

_WITH_UNIT = re.compile(rf"^(.+?)\s*[(\[]\s*({'|'.join(UNIT_WORDS)})\s*[)\]]$")


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
        return Match(ours, theirs, _split(theirs)[1])
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
    names = {raw.heading(name) for name in (column.name, column.zh, column.en, *column.aliases)}
    found = []
    for theirs, heading in zip(read.cells.columns, read.headings, strict=True):
        bare, unit = _split(heading)
        if theirs not in taken and (heading in names or bare in names):
            found.append(Match(column.name, str(theirs), unit))
    return found


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


def _split(heading: str) -> tuple[str, str | None]:
    """Split `面积(公顷)` into the name and the unit."""
    parts = _WITH_UNIT.match(heading.partition("#")[0])
    return (parts[1], UNIT_WORDS[parts[2]]) if parts else (heading, None)


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
