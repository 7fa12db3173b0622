"""A profile applied: tables, cases and shapes as its outputs may show them, and what was hidden."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import findings, geometry, schema
from landuse.profiles import persons
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from landuse.layers import Workspace
    from landuse.profiles.declared import Profile

_NAMED = (
    (Role.SUPPLY, "right_holder"), (Role.ENTERPRISE, "enterprise_name"),
)  # fmt: skip
_STAFF = ("accepted_by",)
_LEAST_TEXT = 8  # characters, of Chinese half as many; a shorter text stands anywhere by chance
_LEAST_DIGITS = 7  # the same of a number


class Parts(Protocol):
    """A partition, as far as it has shapes."""

    @property
    def packed(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def pieces(self) -> gpd.GeoDataFrame: ...  # noqa: D102
    @property
    def slivers(self) -> gpd.GeoDataFrame: ...  # noqa: D102


class Found(Protocol):
    """What a run found (`pipeline.Run`); none of it is changed."""

    @property
    def workspace(self) -> Workspace: ...  # noqa: D102
    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def cases(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def entries(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def partition(self) -> Parts: ...  # noqa: D102


Any_Run = TypeVar("Any_Run", bound=Found)


@dataclass(frozen=True)
class Hidden:
    """
    What the outputs of a profile must not hold (`landuse.leaks`).

    Attributes
    ----------
    profile
        The profile.
    words
        Texts: names and numbers of natural persons, and texts of hidden columns that no visible
        column says.
    visible
        What the visible columns say, line by line: a hidden text within it gives nothing away.
    numbers
        Numbers of hidden columns that no visible column says, sorted, in yuan or m².
    vertices
        Every vertex there is, east and north in metres of the workspace, shape (n, 2); none where
        they may stand.
    """

    profile: Profile
    words: tuple[str, ...]
    visible: str
    numbers: NDArray[np.float64]
    vertices: NDArray[np.float64]


def applied(run: Any_Run, profile: Profile) -> tuple[Any_Run, Hidden]:
    """
    Return a run as the outputs of a profile may show it, and what they must not hold.

    Parameters
    ----------
    run
        What a run found; it is not changed.
    profile
        What may be seen.

    Returns
    -------
    shown, hidden
        The same run with hidden cells empty, persons masked and shapes coarse or absent.
    """
    is_on = profile.persons == "masked"
    masks = persons.Masks(_people(run) if is_on else (), is_on=is_on)
    secret = _secrets(run) if is_on else set()
    shape = _shaper(profile)
    tables = {role: _table(role, own, profile, masks, shape) for role, own in run.tables.items()}
    cases = _masked(_emptied(run.cases, "case", profile), masks)
    pieces, slivers = (
        _shaped(_masked(_emptied(table, "case", profile), masks), shape)
        for table in (run.partition.pieces, run.partition.slivers)
    )
    parts = dataclasses.replace(  # type: ignore[type-var]
        run.partition, packed=geometry.closed(pieces), slivers=slivers
    )
    shown = dataclasses.replace(  # type: ignore[type-var]
        run,
        workspace=dataclasses.replace(
            run.workspace, marking=profile.marking, map_approval=profile.map_approval
        ),
        tables=tables,
        cases=cases,
        partition=parts,
        findings=_findings(run.findings, profile, masks),
        entries=run.entries[:0] if "entries" in profile.hidden else _masked(run.entries, masks),
    )
    return shown, _hidden(run, shown, profile, {*masks.names, *secret})


def _people(run: Found) -> set[str]:
    """Return the names of natural persons a run knows."""
    cells = [run.tables[role][column] for role, column in _NAMED]
    staff = [run.entries[column] for column in _STAFF]
    filled = run.entries.loc[run.entries["field"] == "person", "value"]
    return {name for column in (*cells, *staff, filled) for name in persons.names(column)}


def _secrets(run: Found) -> set[str]:
    """Return the identity cards and phones that stand anywhere in a run."""
    tables = [*run.tables.values(), run.cases, run.entries]
    found: set[str] = set()
    for table in tables:
        for name in _texts(table):
            found |= persons.secrets(table[name].unique())
    return found


def _texts(table: pd.DataFrame) -> list[str]:
    """Return the columns of a table that hold text."""
    return [
        str(name)
        for name in table.columns
        if name != "geometry" and pd.api.types.is_string_dtype(table[name].dtype)
    ]


def shaped(table: gpd.GeoDataFrame, profile: Profile) -> gpd.GeoDataFrame:
    """Return a table made of exact shapes with its shapes as a profile shows them."""
    shown: gpd.GeoDataFrame = _shaped(table, _shaper(profile))
    return shown


def _table(
    role: str,
    table: pd.DataFrame,
    profile: Profile,
    masks: persons.Masks,
    shape: Callable[[NDArray[np.object_]], NDArray[np.object_]],
) -> pd.DataFrame:
    """Return one table as a profile shows it."""
    if role in profile.hidden:
        none: pd.DataFrame = table[:0]
        return none
    shown: pd.DataFrame = _shaped(_masked(_emptied(table, role, profile), masks), shape)
    return shown


def _emptied(table: pd.DataFrame, name: str, profile: Profile) -> pd.DataFrame:
    """Return a table with the hidden columns empty."""
    mine = [word.partition(".")[2] for word in profile.hidden if word.startswith(f"{name}.")]
    blank: dict[str, Any] = {}
    for column in (own for own in mine if own in table):
        dtype = table[column].dtype
        fill = "" if name == "case" and pd.api.types.is_string_dtype(dtype) else None
        blank[column] = pd.Series(fill, index=table.index, dtype=dtype)
    return table.assign(**blank)


def _masked(table: pd.DataFrame, masks: persons.Masks) -> Any:
    """Return a table with its texts masked."""
    changed = {name: masks.column(table[name]) for name in _texts(table)}
    return table.assign(**{n: cells for n, cells in changed.items() if cells is not table[n]})


def _shaped(
    table: pd.DataFrame, shape: Callable[[NDArray[np.object_]], NDArray[np.object_]]
) -> Any:
    """Return a table with its shapes as a profile shows them."""
    if "geometry" not in table:
        return table
    shapes = gpd.GeoSeries(
        shape(table["geometry"].to_numpy()), index=table.index, crs=getattr(table, "crs", None)
    )
    return table.assign(geometry=shapes)


def _shaper(profile: Profile) -> Callable[[NDArray[np.object_]], NDArray[np.object_]]:
    """Return what a profile does to shapes."""
    if profile.coordinates == "coarse":
        return lambda shapes: coarsened(shapes, profile.grid_m)
    if profile.coordinates == "absent":
        return lambda shapes: np.full(len(shapes), None, dtype=object)
    return lambda shapes: shapes


def coarsened(shapes: NDArray[np.object_], step: float) -> NDArray[np.object_]:
    """
    Return shapes whose every vertex lies on a grid.

    Parameters
    ----------
    shapes
        Shapes in a projected system, metres; None stays None.
    step
        Width of the grid, metres.

    Returns
    -------
    shapes
        What collapses becomes the square of the grid it stands in. Neighbours may overlap or part
        by up to a step; areas are told by the tables and not by these shapes.
    """
    sound = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    made = shapely.set_precision(sound, step, mode="valid_output")
    lost = shapely.is_empty(made) & ~shapely.is_empty(shapes)
    if lost.any():
        at = shapely.get_coordinates(shapely.centroid(shapely.envelope(sound[lost])))
        low = np.floor(at / step) * step
        made[lost] = shapely.box(*low.T, *(low + step).T)
    return np.asarray(made, dtype=object)


def _findings(table: pd.DataFrame, profile: Profile, masks: persons.Masks) -> pd.DataFrame:
    """Return findings as a profile shows them; without exact shapes they name no point."""
    if "findings" in profile.hidden:
        return findings.none()
    is_exact = profile.coordinates == "exact"
    details = [
        {
            name: masks.text(value) if isinstance(value, str) else value
            for name, value in told.items()
            if name != "place" or is_exact
        }
        for told in table["details"]
    ]
    plain = {name: masks.column(table[name]) for name in ("feature_id", "value")}
    return table.assign(details=pd.Series(details, index=table.index, dtype=object), **plain)


def _hidden(run: Found, shown: Found, profile: Profile, persons_: set[str]) -> Hidden:
    """Return what a run holds and its outputs must not."""
    before, after = (_columns(one) for one in (run, shown))
    gone = {name: cells for name, cells in before.items() if _is_gone(name, profile)}
    seen = _said(after.values()) | {shown.workspace.name}
    words = {word for word in _said(gone.values()) - seen if _is_telling(word)}
    return Hidden(
        profile,
        tuple(sorted(persons_ | words)),
        "\n".join(sorted(seen)),
        _numbers(gone, after),
        _vertices(run, profile),
    )


def _is_telling(word: str) -> bool:
    """Whether a text is long enough not to stand somewhere by chance."""
    return sum(1 if char.isascii() else 2 for char in word) >= _LEAST_TEXT


def _columns(run: Found) -> dict[str, pd.Series]:
    """Return every column of tables and cases by its name."""
    tables = {**run.tables, "case": run.cases, "entries": run.entries}
    return {
        f"{table}.{name}": own[name]
        for table, own in tables.items()
        for name in own.columns
        if name not in {"geometry", *schema.PROVENANCE}
    }


def _is_gone(name: str, profile: Profile) -> bool:
    """Whether a column is hidden, by itself or with its table."""
    return name in profile.hidden or name.partition(".")[0] in profile.hidden


def _said(columns: Iterable[pd.Series]) -> set[str]:
    """Return the different texts of columns."""
    return {
        cell
        for column in columns
        if pd.api.types.is_string_dtype(column.dtype)
        for cell in column.dropna().unique()
    }


def _numbers(gone: Mapping[str, pd.Series], kept: Mapping[str, pd.Series]) -> NDArray[np.float64]:
    """Return hidden numbers of many digits that no visible column has."""
    hidden, seen = (
        np.unique(np.concatenate([np.empty(0), *map(_floats, columns.values())]))
        for columns in (gone, kept)
    )
    hidden = hidden[np.isfinite(hidden) & (np.abs(hidden) >= 1)]
    long = [len(f"{number:.2f}".strip("0").replace(".", "").rstrip("0")) for number in hidden]
    hidden = hidden[np.array(long, dtype=int) >= _LEAST_DIGITS]
    return np.asarray(np.setdiff1d(hidden, seen), dtype=np.float64)


def _floats(column: pd.Series) -> NDArray[np.float64]:
    """Return the numbers of a column of numbers, nothing of others."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return np.empty(0)
    return column.dropna().to_numpy(dtype=np.float64)


def _vertices(run: Found, profile: Profile) -> NDArray[np.float64]:
    """Return every vertex of a run, unless the profile may show them."""
    if profile.coordinates == "exact":
        return np.empty((0, 2))
    shapes = [table["geometry"].to_numpy() for table in run.tables.values() if "geometry" in table]
    shapes.append(run.partition.pieces.geometry.to_numpy())
    return np.unique(np.concatenate([*map(shapely.get_coordinates, shapes)]), axis=0)
