"""The record of a run beside its outputs, and outputs held against it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import landuse
from landuse import entries, folder, law, parsing
from landuse.errors import OutputError
from landuse.found import Judged

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from landuse.history import Past
    from landuse.partition import Partition
    from landuse.profiles import Profile
    from landuse.texts import Lang

_LIBRARIES = (
    "geopandas",
    "shapely",
    "pandas",
    "numpy",
    "pyogrio",
    "pyproj",
    "folium",
    "pypinyin",
    "xlsxwriter",
)


SCHEMA = 1
"""The form of all outputs together: names of files, columns and keys (UPGRADING.md)."""


class Found(Judged, Protocol):
    """What is recorded of a run."""

    @property
    def lang(self) -> Lang: ...  # noqa: D102
    @property
    def inputs(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def entries(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def partition(self) -> Partition: ...  # noqa: D102
    @property
    def past(self) -> Past: ...  # noqa: D102


def of(written: Path, result: Found, profile: Profile | None = None) -> dict[str, Any]:
    """Return the record of a run: day, versions, rules, and the hash of every input and output."""
    outputs = sorted(p for p in written.rglob("*") if p.is_file() and p.name != folder.MARK)
    accounts = result.partition.accounts
    return {
        "tool": "landuse",
        "version": landuse.__version__,
        "schema": SCHEMA,
        "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "workspace": result.workspace.name,
        "is_synthetic": result.workspace.is_synthetic,
        "on": result.on.isoformat(),
        "lang": result.lang,
        "profile": None if profile is None else profile.record(),
        "crs": result.workspace.crs.to_string(),
        "area_method": result.workspace.area_method,
        "rules": law.fingerprint(result.workspace.path),
        "inputs": _records(result.inputs, is_named=profile is None or not profile.published),
        "entries": entries.fingerprint(result.entries),
        "history": result.past.record(),
        "history_unusable": [path.name for path in result.past.frames.unusable],
        "outputs": {p.relative_to(written).as_posix(): digest(p) for p in outputs},
        "counts": {
            "cases": len(result.cases),
            "pieces": len(result.partition.packed),
            "slivers": len(result.partition.slivers),
            "findings": len(result.findings),
        },
        "area_m2": {
            "approvals_in": math.fsum(accounts["area_m2"]),
            "pieces_out": math.fsum(result.partition.packed["area_m2"]),
            "slivers_out": math.fsum(result.partition.slivers["area_m2"]),
            "overlaps_counted_once": math.fsum(result.partition.overlaps["area_m2"]),
        },
    }


def _records(inputs: pd.DataFrame, *, is_named: bool) -> list[dict[str, Any]]:
    """
    Return the input files as JSON can hold them, paths relative to the workspace.

    What is published proves its inputs by their hashes: names of files and of columns may tell
    whose land it is.
    """
    inputs = inputs if is_named else inputs[["sha256"]].sort_values("sha256")
    cells = inputs.astype(object).where(inputs.notna(), None)
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in cells.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    """Return a cell as a JSON value."""
    if value is None or isinstance(value, bool | str):
        return value
    return int(value) if isinstance(value, int) or hasattr(value, "__index__") else str(value)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Difference:
    """A file that is not as the manifest says: `how` is changed, missing or extra."""

    file: str
    how: str


def verify(out: Path) -> tuple[dict[str, Any], list[Difference]]:
    """
    Hold a folder of outputs against its manifest.

    Parameters
    ----------
    out
        Outputs of `landuse build`.

    Returns
    -------
    record, differences
        The manifest, and every file that differs, by name.

    Raises
    ------
    OutputError
        If the folder has no manifest that can be read, or a file cannot be.
    """
    path = out / folder.MARK
    try:
        record = parsing.jsons(path.read_text(encoding="utf-8"))
        listed = {str(name): str(digest) for name, digest in record["outputs"].items()}
        there = {
            file.relative_to(out).as_posix(): digest(file)
            for file in sorted(out.rglob("*"))
            if file.is_file() and file != path
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise OutputError("output.no_manifest", path=path, reason=err) from err
    how = dict.fromkeys(listed.keys() - there.keys(), "missing")
    how |= dict.fromkeys(there.keys() - listed.keys(), "extra")
    both = listed.keys() & there.keys()
    how |= {name: "changed" for name in both if listed[name] != there[name]}
    return record, [Difference(name, how[name]) for name in sorted(how)]
