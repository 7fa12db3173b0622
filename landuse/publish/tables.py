"""The tables a run is published as: names, keys, indexes, and rows as the database holds them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

import landuse
from landuse import findings, history
from landuse.terms import State, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landuse.history import Kept
    from landuse.pipeline import Run
    from landuse.texts import Lang

SHAPE = "geometry"
"""Name of the column of geometry."""

STAGED = "number"
"""The column the history is brought up to date by, run by run."""

_TYPES = (
    ("datetime", "date"),
    ("bool", "boolean"),
    ("int", "bigint"),
    ("float", "double precision"),
)
_NUL = re.compile("\x00")
_HALF = re.compile("[\ud800-\udfff]")
_CASE_KEY = ("kind", "case_id")
_FRAME = ("kind", "case_id", "state", "status", "cluster_id", "park_id", "area_m2")


@dataclass(frozen=True)
class Table:
    """
    A table to publish.

    Attributes
    ----------
    name, key, indexes
        Its name, the columns of its primary key, and those of further indexes.
    rows
        Its rows; `SHAPE` holds geometries (m, workspace CRS), `jsonb` columns text.
    jsonb
        Columns that hold JSON.
    """

    name: str
    key: tuple[str, ...]
    rows: pd.DataFrame
    indexes: tuple[tuple[str, ...], ...] = ()
    jsonb: frozenset[str] = field(default_factory=frozenset)

    @property
    def has_shape(self) -> bool:
        """Whether it has geometry."""
        return SHAPE in self.rows

    def types(self) -> dict[str, str]:
        """Return each column's type, but geometry's."""
        found = {}
        for name, dtype in self.rows.dtypes.items():
            if name != SHAPE:
                kind = next((sql for word, sql in _TYPES if str(dtype).startswith(word)), "text")
                found[str(name)] = "jsonb" if name in self.jsonb else kind
        return found

    def records(self, srid: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows as COPY takes them; polygons as multipolygons in EWKB."""
        columns = [
            _shapes(cells, srid) if name == SHAPE else _cells(cells)
            for name, cells in self.rows.items()
        ]
        yield from zip(*columns, strict=True)


def _cells(cells: pd.Series) -> list[Any]:
    """Return the cells of a column; missing ones as None, text as a database can hold it."""
    if str(cells.dtype).startswith("datetime"):
        days = cells.dt.strftime("%Y-%m-%d").astype(object)
        return list(days.where(cells.notna(), None))
    plain = cells.astype(object).where(cells.notna(), None)
    return [_text(value) if isinstance(value, str) else value for value in plain]


def _text(value: str) -> str:
    """Return text PostgreSQL can hold: NUL becomes its picture, half a pair U+FFFD."""
    return _HALF.sub("\ufffd", _NUL.sub("\u2400", value))


def _shapes(shapes: pd.Series, srid: int) -> list[str | None]:
    """Return polygons as multipolygons in hexadecimal EWKB."""
    found = shapes.to_numpy(dtype=object).copy()
    for n in np.flatnonzero(shapely.get_type_id(found) == shapely.GeometryType.POLYGON):
        found[n] = shapely.MultiPolygon([found[n]])
    marked = shapely.set_srid(found, srid)
    return list(shapely.to_wkb(marked, hex=True, include_srid=True, byte_order=1))


def of(run: Run) -> list[Table]:
    """
    Return the tables of a run.

    Parameters
    ----------
    run
        What `landuse.run` found; areas in m².
    """
    pieces = _labelled(run.pieces, run.lang)
    slivers = run.partition.slivers.reset_index(drop=True)
    slivers.insert(0, "sliver_id", np.arange(1, len(slivers) + 1, dtype=np.int64))
    found = findings.rendered(run.findings, run.lang).astype("str")
    found["row"] = found["row"].astype("int64")
    found.insert(0, "finding_id", np.arange(1, len(found) + 1, dtype=np.int64))
    return [
        Table("run", ("workspace",), _run(run), jsonb=frozenset({"as_of", "totals"})),
        Table(
            "cases", _CASE_KEY, _labelled(run.cases, run.lang),
            (("status",), ("cluster_id",), ("lead",)),
        ),
        Table("pieces", ("piece_id",), pieces, (_CASE_KEY, ("status",), ("cluster_id",))),
        Table("slivers", ("sliver_id",), slivers, (("approval_id",),)),
        Table("findings", ("finding_id",), found, (("code",), ("feature_id",))),
        Table("totals", ("place", "place_id", "state", "status"), _totals(run.totals)),
        Table("series", ("month", "place", "place_id", "measure"), run.past.series),
    ]  # fmt: skip


def _labelled(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return cases or pieces with the words for state and status beside the identifiers."""
    determined = table["is_determined"].fillna(value=False)
    words = {
        "state_label": [label(State(word), lang) for word in table["state"]],
        "status_label": [
            label(Status(word), lang, is_determined=bool(known))
            for word, known in zip(table["status"], determined, strict=True)
        ],
    }
    return table.assign(
        **{name: pd.Series(w, table.index, dtype="str") for name, w in words.items()}
    )


def _run(run: Run) -> pd.DataFrame:
    """Return the one row that says which run is published."""
    workspace = run.workspace
    as_of = {source.name: source.as_of.isoformat() for source in workspace.sources}
    row = {
        "workspace": workspace.name,
        "is_synthetic": workspace.is_synthetic,
        "day": pd.Timestamp(run.on),
        "lang": run.lang,
        "version": landuse.__version__,
        "crs": workspace.crs.to_string(),
        "area_method": workspace.area_method,
        "as_of": json.dumps(as_of, ensure_ascii=False),
        "totals": history.totals_text(run.totals).decode(),
    }
    return pd.DataFrame([row])


def _totals(totals: Mapping[str, Any]) -> pd.DataFrame:
    """Return counts and areas by place, state and status; status "" is the whole state."""
    places = [("city", "", str(totals["workspace"]), totals["city"])]
    for place in ("cluster", "park"):
        for entry in totals[f"{place}s"]:
            places.append((place, entry[f"{place}_id"], entry[f"{place}_name"], entry))
    rows = [
        (*who, state, status, figure["count"], figure["area_m2"])
        for *who, entry in places
        for state, whole in entry["states"].items()
        for status, figure in {"": whole, **whole["statuses"]}.items()
    ]
    names = ["place", "place_id", "place_name", "state", "status", "count", "area_m2"]
    table = pd.DataFrame(rows, columns=names)
    return table.astype({"count": "int64", "area_m2": "float64"})


def runs(kept: list[Kept], store: history.Store) -> Table:
    """Return the kept runs, one row each, with the hash of their record and their totals."""
    rows = [
        {
            "number": one.number,
            "day": pd.Timestamp(one.on),
            "made_on": pd.Timestamp(one.made_on),
            "version": one.version,
            "rules": one.rules,
            "case_count": one.case_count,
            "record": record(one),
            "totals": _totals_text(store, one),
        }
        for one in kept
    ]
    names = ("number", "day", "made_on", "version", "rules", "case_count", "record", "totals")
    dtypes = {"number": "int64", "case_count": "int64", "day": "datetime64[s]"}
    text = dict.fromkeys(("version", "rules", "record", "totals"), "str")
    table = pd.DataFrame(rows, columns=list(names)).astype(
        {**dtypes, **text, "made_on": "datetime64[s]"}
    )
    return Table("runs", (STAGED,), table, (("day", "made_on"),), frozenset({"totals"}))


def _totals_text(store: history.Store, kept: Kept) -> str:
    """Return the totals of a kept run as JSON."""
    return history.totals_text(history.figures(store, kept)[1]).decode()


def record(kept: Kept) -> str:
    """Return the hash of a record, by which a run already published is known."""
    said = json.dumps(kept.said(), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def frame(kept: Kept | None, store: history.Store) -> Table:
    """Return the states of the cases of one kept run; without one, the empty table."""
    if kept is None:
        dtypes = dict.fromkeys(_FRAME[:-1], "str") | {"area_m2": "float64"}
        cases = pd.DataFrame(columns=list(_FRAME)).astype(dtypes)
    else:
        cases = history.figures(store, kept)[0][list(_FRAME)]
    number = 0 if kept is None else kept.number
    cases.insert(0, STAGED, np.full(len(cases), number, dtype=np.int64))
    return Table("history", (STAGED, *_CASE_KEY), cases, (_CASE_KEY,))
