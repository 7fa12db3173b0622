"""The record of a kept run: what was asked, when, of which inputs and rules, and where it lies."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyproj

from landuse import layers, parsing
from landuse.errors import LanduseError
from landuse.history.store import blamed, place
from landuse.terms import Role

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.history.store import Store
    from landuse.layers import Workspace

FORMAT = 1
"""The form of the history's files; a later one reads the earlier ones."""
_TEXTS = ("lang", "version", "rules", "law", "cases", "totals", "pieces")
_NAME = re.compile(r"[0-9a-f]{64}\.(parquet|json)")


@dataclass(frozen=True)
class Kept:
    """
    A kept run.

    Attributes
    ----------
    number
        Runs of a workspace count from 1 in the order they were made.
    on, made_on
        The day asked for, and the day the run was made: on which day that was known.
    lang, version, rules
        Language of its texts, version of the package, fingerprint of the statute files.
    workspace
        Name, division code, reference system, area method, whether synthetic, and the sources
        with the days their data show.
    inputs, entries
        Input files with their hashes, and the fingerprint of accepted entries, as in the manifest.
    tables
        Role → rows, name of the table, name of its column of geometry ("" for none) and its place.
    law, cases, totals
        Names of the kept law, cases and totals.
    pieces
        Fingerprint of the pieces of land (`frames.fingerprint`); they are not kept, they are made
        again.
    case_count
        How many cases it has.
    """

    number: int
    on: date
    made_on: date
    lang: str
    version: str
    rules: str
    workspace: dict[str, Any]
    inputs: list[dict[str, Any]]
    entries: dict[str, Any]
    tables: dict[str, dict[str, Any]]
    law: str
    cases: str
    totals: str
    pieces: str
    case_count: int

    def names(self) -> set[str]:
        """Return the names of every kept file but packs of geometry."""
        tables = {name for entry in self.tables.values() for name in self._of(entry)}
        return tables | {self.law, self.cases, self.totals}

    @staticmethod
    def _of(entry: dict[str, Any]) -> set[str]:
        """Return the names of the files of one table."""
        return {entry["table"], entry["keys"]} - {""}

    def said(self) -> dict[str, Any]:
        """Return everything but the number, as JSON holds it."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        del plain["number"]
        return {**plain, "on": self.on.isoformat(), "made_on": self.made_on.isoformat()}


def settings(workspace: Workspace) -> dict[str, Any]:
    """Return what figures depend on of a workspace, as JSON holds it."""
    sources = [
        {
            "name": source.name,
            "role": str(source.role),
            "title": source.title,
            "path": source.path,
            "as_of": source.as_of.isoformat(),
            "values": {
                name: value.isoformat() if isinstance(value, date) else value
                for name, value in source.values.items()
            },
        }
        for source in workspace.sources
    ]
    return {
        "name": workspace.name,
        "division_code": workspace.division_code,
        "crs": workspace.crs.to_string(),
        "area_method": workspace.area_method,
        "is_synthetic": workspace.is_synthetic,
        "sources": sources,
    }


def workspace_of(kept: Kept, path: Path) -> Workspace:
    """Return the workspace as it was declared when a run was kept."""
    said = kept.workspace
    sources = tuple(
        layers.Source(
            name=source["name"],
            role=Role(source["role"]),
            title=source["title"],
            path=source["path"],
            as_of=date.fromisoformat(source["as_of"]),
            values=source.get("values", {}),
        )
        for source in said["sources"]
    )
    return layers.Workspace(
        path,
        said["name"],
        said["division_code"],
        pyproj.CRS.from_user_input(said["crs"]),
        said["area_method"],
        said["is_synthetic"],
        sources,
    )


def write(store: Store, kept: Kept) -> None:
    """Write the record of a run, after everything it names."""
    said = json.dumps(kept.said(), ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()
    whole = {"format": FORMAT, "sha256": digest, "run": kept.said()}
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    place(store.record(kept.number), text.encode())


def files(store: Store) -> list[Path]:
    """Return the records of a workspace in the order the runs were made."""
    found = [path for path in store.runs.glob("*.json") if path.stem.isdecimal()]
    return sorted(found, key=lambda path: int(path.stem))


def read(path: Path) -> Kept:
    """
    Read the record of a run.

    Raises
    ------
    LanduseError
        If the file is damaged, was edited, or is of a later version; it is named.
    """
    with blamed(path):
        whole = parsing.jsons(path.read_text(encoding="utf-8"))
        if whole.get("format", FORMAT) > FORMAT:
            raise LanduseError("history.later", path=path)
        run = whole["run"]
        said = json.dumps(run, ensure_ascii=False, sort_keys=True)
        days = {name: date.fromisoformat(run[name]) for name in ("on", "made_on")}
        kept = Kept(number=int(path.stem), **{**run, **days})
        workspace_of(kept, path.parents[2])
        is_sound = hashlib.sha256(said.encode()).hexdigest() == whole["sha256"] and _is_typed(kept)
    if not is_sound:
        raise LanduseError("history.damaged", path=path)
    return kept


def _is_typed(kept: Kept) -> bool:
    """Whether a record holds what a record holds."""
    said, space = kept.said(), kept.workspace
    kinds: dict[type, list[Any]] = {
        str: [*(said[name] for name in _TEXTS), space["name"], space["division_code"]],
        int: [kept.case_count, *(e[name] for e in kept.tables.values() for name in ("rows", "at"))],
        bool: [space["is_synthetic"]],
        dict: [kept.entries, *kept.inputs],
    }
    return (
        all(type(value) is kind for kind, values in kinds.items() for value in values)
        and space["area_method"] in layers.AREA_METHODS
        and kept.lang in {"zh", "en"}
        and set(kept.tables) == {str(role) for role in Role}
        and all(_NAME.fullmatch(name) is not None for name in kept.names())
    )
