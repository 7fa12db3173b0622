"""Runs into the store and out of it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import landuse
from landuse import entries as entries_module
from landuse import law
from landuse.errors import LanduseError
from landuse.found import Judged
from landuse.history import believed, frames, record, rules
from landuse.history.record import Kept
from landuse.history.store import Store, blamed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import pandas as pd

    from landuse.law import Layer, Statutes
    from landuse.layers import Workspace
    from landuse.texts import Lang


class Found(Judged, Protocol):
    """What is kept of a run."""

    @property
    def lang(self) -> Lang: ...  # noqa: D102
    @property
    def inputs(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def totals(self) -> dict[str, Any]: ...  # noqa: D102
    def described(self) -> Iterator[pd.DataFrame]: ...  # noqa: D102
    @property
    def entries(self) -> pd.DataFrame: ...  # noqa: D102


@dataclass(frozen=True)
class Snapshot:
    """
    What was known of a day: a kept run, or one just made.

    Attributes
    ----------
    workspace, on, lang
        The workspace as declared then, the day asked for, the language of texts.
    made_on, number
        Day the run was made and its number; None for one that is not kept.
    layers
        The whole law it was made by, of every day.
    tables, cases, totals
        Checked input tables by role, cases and totals.
    """

    workspace: Workspace
    on: date
    lang: Lang
    made_on: date | None
    number: int | None
    layers: tuple[Layer, ...]
    tables: Mapping[str, pd.DataFrame]
    cases: pd.DataFrame
    totals: dict[str, Any]

    @property
    def statutes(self) -> Statutes:
        """The law in force on the day asked for."""
        return law.Statutes(self.on, self.layers)


def of(run: Found) -> Snapshot:
    """Return a run just made as a snapshot."""
    return Snapshot(
        workspace=run.workspace,
        on=run.on,
        lang=run.lang,
        made_on=None,
        number=None,
        layers=run.statutes.layers,
        tables=run.tables,
        cases=run.cases,
        totals=run.totals,
    )


def keep(workspace: str | Path, run: Found, *, made_on: date) -> Kept:
    """
    Keep a run: record, checked inputs, law, cases and totals, each content once.

    Parameters
    ----------
    workspace
        The workspace folder; `history/` in it is written.
    run
        What `landuse.run` found.
    made_on
        The day the run is made. It stands in the history and in no output.

    Returns
    -------
    kept
        The record. The same run made again on the same day is not kept twice.

    Raises
    ------
    OutputError
        If the history cannot be written; what was kept before is untouched.

    Notes
    -----
    A kept file that is damaged does not stand in the way: what the run needs is written anew.
    """
    store = Store(workspace)
    with store.writing():
        shapes: dict[bytes, bytes] = {}
        tables = {role: _put(store, table, shapes) for role, table in run.tables.items()}
        store.put_shapes(shapes)
        last = [int(path.stem) for path in record.files(store)]
        kept = Kept(
            number=max(last, default=0) + 1,
            on=run.on,
            made_on=made_on,
            lang=run.lang,
            version=landuse.__version__,
            rules=law.fingerprint(run.workspace.path),
            workspace=record.settings(run.workspace),
            inputs=_records(run.inputs),
            entries=dict(entries_module.fingerprint(run.entries)),
            tables=tables,
            law=store.put(rules.packed(run.statutes.layers), ".json"),
            cases=store.put(frames.packed(run.cases)),
            totals=store.put(totals_text(run.totals), ".json"),
            pieces=frames.fingerprint(run.described()),
            case_count=len(run.cases),
        )
        same = _same(store, kept)
        if same is None:
            record.write(store, kept)
    return same or kept


def _same(store: Store, kept: Kept) -> Kept | None:
    """Return the run that says the same as one about to be kept, made on the same day."""
    for path in reversed(record.files(store)):
        with suppress(LanduseError):  # a damaged record says nothing
            earlier = record.read(path)
            if earlier.said() == kept.said():
                return earlier
            if earlier.made_on < kept.made_on:
                return None
    return None


def _put(store: Store, table: pd.DataFrame, shapes: dict[bytes, bytes]) -> dict[str, Any]:
    """Keep a table without its geometry, and collect that."""
    names = [str(name) for name in table.columns]
    if "geometry" not in names:
        return {"rows": len(table), "table": store.put(frames.packed(table)), "keys": "", "at": 0}
    keys, own = frames.digests(table["geometry"].to_numpy())
    shapes |= own
    return {
        "rows": len(table),
        "table": store.put(frames.packed(table.drop(columns="geometry"))),
        "keys": store.put(frames.packed_keys(keys)),
        "at": names.index("geometry"),
    }


def totals_text(totals: Mapping[str, Any]) -> bytes:
    """Return totals as they are kept and compared."""
    return json.dumps(totals, ensure_ascii=False, allow_nan=False).encode()


def _records(inputs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the input files as JSON can hold them."""
    found: list[dict[str, Any]] = json.loads(inputs.to_json(orient="records", force_ascii=False))
    return found


def runs(workspace: str | Path) -> list[Kept]:
    """
    Return the kept runs of a workspace in the order they were made.

    Raises
    ------
    LanduseError
        If a record is damaged; the file is named.
    """
    return [record.read(path) for path in record.files(Store(workspace))]


def load(workspace: str | Path, number: int) -> Snapshot:
    """
    Return a kept run.

    Parameters
    ----------
    workspace
        The workspace folder.
    number
        Its number in `runs`.

    Raises
    ------
    LanduseError
        If there is no such run, or one of its files is missing or damaged; the file is named.
    """
    store = Store(workspace)
    path = store.record(number)
    if not path.is_file():
        raise LanduseError("history.no_run", number=number, path=store.root)
    with store.reading():
        kept = record.read(path)
        with blamed(path):
            return _loaded(store, kept, record.workspace_of(kept, Path(workspace)))


def _loaded(store: Store, kept: Kept, space: Workspace) -> Snapshot:
    """Return a kept run by its record."""
    keys = {
        role: frames.unpacked_keys(store.get(entry["keys"]))
        for role, entry in kept.tables.items()
        if entry["keys"]
    }
    wanted = {key for column in keys.values() for key in column if key is not None}
    shapes = store.get_shapes(wanted)
    if wanted - shapes.keys():
        raise LanduseError("history.missing", path=store.shapes)
    tables = {}
    for role, entry in kept.tables.items():
        table = believed.table(store.get(entry["table"]), role, entry["rows"])
        if entry["keys"]:
            table = frames.with_geometry(table, keys[role], shapes, space.crs, entry["at"])
            believed.shapes(table, role)
        tables[role] = table
    lang: Lang = "en" if kept.lang == "en" else "zh"
    cases, totals = figures(store, kept)
    return Snapshot(
        workspace=space,
        on=kept.on,
        lang=lang,
        made_on=kept.made_on,
        number=kept.number,
        layers=rules.unpacked(store.get(kept.law)),
        tables=tables,
        cases=cases,
        totals=totals,
    )


def figures(store: Store, kept: Kept) -> tuple[pd.DataFrame, dict[str, Any]]:
    """
    Return the cases and the totals of a kept run, held against each other.

    Raises
    ------
    LanduseError
        If a file is missing or damaged, or what it says cannot be; it or the record is named.
    """
    with blamed(store.record(kept.number)):
        cases = believed.cases(store.get(kept.cases), kept.case_count)
        return cases, believed.totals(store.get(kept.totals), kept.on.isoformat(), cases)


def known(kept: list[Kept], *, on: date | None = None, made_by: date | None = None) -> Kept | None:
    """
    Return the newest run that was known on a day; None where there is none.

    Parameters
    ----------
    kept
        Runs in the order they were made.
    on
        Only runs asked for this day.
    made_by
        Only runs made by the end of this day.
    """
    fit = [
        run
        for run in kept
        if (on is None or run.on == on) and (made_by is None or run.made_on <= made_by)
    ]
    return max(fit, key=lambda run: (run.made_on, run.number), default=None)
