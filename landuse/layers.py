"""
The catalogue of a workspace: its settings and its source layers, as their TOML declare them.

Nothing is opened here but TOML; unknown keys are refused with the list of allowed ones.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from landuse import crs as crs_module
from landuse import database, parsing, schema, texts
from landuse.errors import LayerError, WorkspaceError, kind
from landuse.terms import Role
from landuse.units import FACTORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyproj

    from landuse.texts import Lang

AREA_METHODS = ("plane", "ellipsoid")
BANDS = ("blue", "green", "red", "nir", "swir1", "swir2", "light", "class")
"""What a band of imagery may mean; `light` is light at night, `class` the value of a class map."""
CLASSES = ("built", "building", "bare", "vegetation", "water")
"""What a value of a class map may mean."""

_WORKSPACE_KEYS: dict[str, type] = {
    "name": str,
    "division_code": str,
    "crs": str,
    "area_method": str,
    "synthetic": bool,
    "profiles": dict,
}
_LAYER_KEYS: dict[str, type | tuple[type, ...]] = {
    "role": str,
    "title": str,
    "file": str,
    "layer": str,
    "header_row": int,
    "crs": str,
    "encoding": str,
    "as_of": date,
    "observed_on": date,
    "source": str,
    "licence": str,
    "repair": bool,
    "bands": dict,
    "nodata": (int, float),
    "scale": (int, float),
    "offset": (int, float),
    "mask": dict,
    "classes": dict,
    "columns": dict,
    "values": dict,
    "units": dict,
}
_IMAGERY_KEYS = ("bands", "nodata", "scale", "offset", "mask", "classes")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_MEANT: dict[str, type] = {"day": date, "bool": bool, "id": str, "text": str}
"""Kind of a column → what its value may be in TOML; else a number."""
_UNITS_OF: dict[str, tuple[str, ...]] = {
    "m2": ("m2", "ha", "mu", "km2"),
    "cny": ("yuan", "wan_yuan", "yi_yuan"),
    "share": ("share", "percent"),
}


@dataclass(frozen=True)
class Source:
    """One source layer: what it tells about, where it lies and how to read it."""

    name: str
    role: Role
    title: str
    path: str
    as_of: date
    source: str = ""
    licence: str = ""
    layer: str | None = None
    header_row: int = 1
    crs: str | None = None
    encoding: str | None = None
    repair: bool = False
    observed_on: date | None = None
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    bands: dict[str, int | str] = field(default_factory=dict)
    nodata: float | None = None
    scale: float | None = None
    offset: float | None = None
    mask: dict[str, Any] = field(default_factory=dict)
    classes: dict[str, list[int]] = field(default_factory=dict)

    def declared(self, lang: Lang = "zh") -> str:
        """Return what the workspace says of every row of the layer, as people read it; or ""."""
        yes = {True: texts.say("layers.yes", lang), False: texts.say("layers.no", lang)}
        said = [
            f"{schema.heading(self.role, name, lang)} = "
            f"{yes[value] if isinstance(value, bool) else value}"
            + (f" {self.units[name]}" if name in self.units else "")
            for name, value in self.values.items()
        ]
        return texts.say("layers.comma", lang).join(said)


@dataclass(frozen=True)
class Workspace:
    """
    A folder holding `layers/` and `maps/`, with its settings and source layers.

    `profiles` are as its TOML says (`landuse.profiles`). `marking` (密级, or 「内部资料 注意保管」)
    and `map_approval` (审图号) stand on everything that is written; a profile sets them.
    """

    path: Path
    name: str
    division_code: str
    crs: pyproj.CRS
    area_method: str
    is_synthetic: bool
    sources: tuple[Source, ...]
    profiles: Mapping[str, Any] = field(default_factory=dict)
    marking: str = ""
    map_approval: str = ""

    def sources_of(self, role: str) -> tuple[Source, ...]:
        """Return the source layers of a role, by name."""
        return tuple(source for source in self.sources if source.role == role)

    def declared(self, lang: Lang = "zh") -> str:
        """Return what the workspace declares in place of its sources, layer by layer; or ""."""
        told = [(source.title, source.declared(lang)) for source in self.sources if source.values]
        lines = [texts.say("layers.of", lang, title=title, values=said) for title, said in told]
        return texts.say("layers.semicolon", lang).join(lines)


def load(path: str | Path) -> Workspace:
    """
    Read the catalogue of a workspace.

    Parameters
    ----------
    path
        Folder that holds `layers/workspace.toml`.

    Raises
    ------
    WorkspaceError
        If the folder is no workspace, or a TOML cannot be meant as written.
    LayerError
        If a layer's TOML cannot.
    CrsError
        If the workspace's crs is not projected in metres.
    """
    root = Path(path)
    folder = root / "layers"
    if not (folder / "workspace.toml").is_file():
        raise WorkspaceError("workspace.none", root=root, file=folder / "workspace.toml")
    settings = _read(folder / "workspace.toml", WorkspaceError)
    _check_keys(settings, _WORKSPACE_KEYS, "layers/workspace.toml", WorkspaceError)
    _require(settings, ("name", "crs"), "layers/workspace.toml", WorkspaceError)
    method = settings.get("area_method", "plane")
    if method not in AREA_METHODS:
        raise WorkspaceError("workspace.area_method", method=method)
    files = sorted(p for p in folder.glob("*.toml") if p.name != "workspace.toml")
    sources = tuple(_source(path) for path in files)
    if not any(source.role in {Role.SUPPLY, Role.APPROVAL} for source in sources):
        raise WorkspaceError("workspace.no_land", folder=folder)
    return Workspace(
        path=root,
        name=settings["name"],
        division_code=settings.get("division_code", ""),
        crs=crs_module.computable(settings["crs"], "layers/workspace.toml"),
        area_method=method,
        is_synthetic=settings.get("synthetic", False),
        sources=sources,
        profiles=settings.get("profiles", {}),
    )


def _read(path: Path, error: type[WorkspaceError]) -> dict[str, Any]:
    """Parse a TOML file of the workspace."""
    try:
        return parsing.toml(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise error("workspace.not_toml", file=f"layers/{path.name}", reason=err) from err


def _check_keys(
    given: dict[str, Any],
    allowed: dict[str, Any],
    where: str,
    error: type[WorkspaceError],
) -> None:
    """Refuse unknown keys and values of the wrong type."""
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        raise error("workspace.unknown_key", where=where, names=[*unknown], known=[*allowed])
    for key, value in given.items():
        if not isinstance(value, allowed[key]):
            raise error(
                "workspace.kind", where=where, name=key, given=value, expected=kind(allowed[key])
            )


def _require(
    given: dict[str, Any], keys: tuple[str, ...], where: str, error: type[WorkspaceError]
) -> None:
    """Refuse a file that leaves out a key it needs."""
    absent = [key for key in keys if key not in given]
    if absent:
        raise error("workspace.missing", where=where, names=[*absent])


def _source(path: Path) -> Source:
    """Read the TOML of one source layer."""
    where = f"layers/{path.name}"
    given = _read(path, LayerError)
    _check_keys(given, _LAYER_KEYS, where, LayerError)
    _require(given, ("role", "title", "file", "as_of"), where, LayerError)
    if given["role"] not in set(Role):
        raise LayerError("workspace.role", where=where, role=given["role"], known=[*Role])
    role = Role(given["role"])
    _check_plain(given, where)
    _check_file(given["file"], role, where)
    _check_columns(given, role, where)
    _check_values(given, role, where)
    _check_imagery(given, role, where)
    return Source(
        name=path.stem,
        role=role,
        path=given["file"],
        **{key: given[key] for key in given if key not in {"role", "file"}},
    )


def _check_plain(given: dict[str, Any], where: str) -> None:
    """Refuse values whose type is right and whose meaning is not."""
    for key in ("as_of", "observed_on"):
        if isinstance(given.get(key), datetime):
            raise LayerError("workspace.as_of", where=where, name=key, given=given[key])
    row = given.get("header_row", 1)
    if isinstance(row, bool) or row < 1:
        raise LayerError("workspace.header_row", where=where, given=row)
    for name, theirs in given.get("columns", {}).items():
        if not isinstance(theirs, str):
            raise LayerError("workspace.heading", where=where, name=name, given=theirs)


def _check_imagery(given: dict[str, Any], role: Role, where: str) -> None:
    """Refuse bands, masks and classes that cannot be meant, and any of them beside a table."""
    named = [key for key in _IMAGERY_KEYS if key in given]
    if named and role is not Role.IMAGERY:
        raise LayerError("workspace.imagery_only", where=where, names=[*named], role=role)
    for name, band in given.get("bands", {}).items():
        if name not in BANDS:
            raise LayerError("workspace.band_name", where=where, name=name, known=[*BANDS])
        if not isinstance(band, int | str) or isinstance(band, bool):
            raise LayerError("workspace.band", where=where, name=name, given=band)
    mask = given.get("mask", {})
    _check_keys(mask, {"file": str, "values": list, "bits": list}, f"{where} [mask]", LayerError)
    if mask:
        _require(mask, ("file",), f"{where} [mask]", LayerError)
        _check_file(mask["file"], role, where)
    _check_keys(given.get("classes", {}), dict.fromkeys(CLASSES, list), where, LayerError)
    lists = {**given.get("classes", {}), **{k: v for k, v in mask.items() if k != "file"}}
    for name, values in lists.items():
        if not all(isinstance(v, int) and not isinstance(v, bool) for v in values):
            raise LayerError("workspace.numbers", where=where, name=name, given=values)


def _check_file(file: str, role: Role, where: str) -> None:
    """Refuse a path that leads out of the workspace's layers, or an address that holds a secret."""
    if database.is_address(file):
        wrong = database.fault(file)
        if role is Role.IMAGERY:
            raise LayerError("database.imagery", where=where)
        if wrong:
            raise LayerError("database.at", where=where, reason=wrong)
        return
    parts = PurePosixPath(file.replace("\\", "/"))
    is_foreign = (
        "://" in file or parts.is_absolute() or ":" in parts.parts[0] if parts.parts else True
    )
    if is_foreign or ".." in parts.parts or file.startswith("/vsi"):
        raise LayerError("workspace.outside", where=where, file=file)
    device = next((part for part in parts.parts if _DEVICE.fullmatch(part)), None)
    if device is not None:
        raise LayerError("workspace.device", where=where, name=device)


def _check_columns(given: dict[str, Any], role: Role, where: str) -> None:
    """Refuse columns and units that the role does not know."""
    known = schema.names(role)
    for table in ("columns", "values", "units"):
        unknown = sorted(set(given.get(table, {})) - set(known))
        if unknown:
            raise LayerError(
                "workspace.not_in_role",
                where=where,
                table=table,
                names=[*unknown],
                role=role,
                known=[*known],
            )
    for name, unit in given.get("units", {}).items():
        allowed = _UNITS_OF.get(schema.column(role, name).kind, ())
        if unit not in allowed or unit not in FACTORS:
            raise LayerError(
                "workspace.unit",
                where=where,
                name=name,
                unit=unit,
                allowed=[*allowed],
            )


def _check_values(given: dict[str, Any], role: Role, where: str) -> None:
    """Refuse a value for every row that cannot be one, or that stands beside a column."""
    for name, value in given.get("values", {}).items():
        column = schema.column(role, name)
        meant = _MEANT.get(column.kind, int | float)
        is_meant = isinstance(value, meant) and (column.kind == "bool") is isinstance(value, bool)
        if not is_meant or isinstance(value, datetime) or value == "":
            raise LayerError(
                "workspace.value", where=where, name=name, given=value, expected=kind(meant)
            )
        if name == schema.id_column(role):
            raise LayerError("workspace.value_of_id", where=where, name=name)
        if name in given.get("columns", {}):
            raise LayerError("workspace.value_and_column", where=where, name=name)
