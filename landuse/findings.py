"""
Bad data is a row: where, what, why it matters, what to do, and who must do it.

A finding holds a code and facts. Severity, wording and responsibility stand once, in
`wording/findings_<act>.toml`, so that no act words the same fault twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import geometry, schema, texts
from landuse.errors import AssetError
from landuse.terms import Role, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from landuse.texts import Lang

COLUMNS = ("layer", "row", "feature_id", "code", "column", "value", "details")
SHOWN = (
    "layer",
    "row",
    "feature_id",
    "code",
    "severity",
    "column",
    "value",
    "message",
    "action",
    "responsible",
)
ON_MAP = (
    "code",
    "severity",
    "sentence",
    "layer",
    "row",
    "feature_id",
    "action",
    "responsible",
    "geometry",
)
"""Columns of `located`."""
ACTS = ("read", "check", "partition", "classify")
"""Acts that find faults; the wording of each stands in a file of its own."""

_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_LONGEST_VALUE = 200  # characters of a cell repeated in a finding; more helps nobody


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return the wording, severity and responsible office of every code."""
    return {code: entry for act in ACTS for code, entry in texts.section(f"findings_{act}").items()}


def none() -> pd.DataFrame:
    """Return a table of findings without rows."""
    return _none().copy()


@cache
def _none() -> pd.DataFrame:
    """Make that table once; hundreds of checks of a run find nothing."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})


def rows(
    code: str,
    *,
    layer: Any = "",
    row: Any = 0,
    feature_id: Any = "",
    column: Any = "",
    value: Any = "",
    **details: Any,
) -> pd.DataFrame:
    """
    Return findings of one code, one row for each element of the arguments.

    Parameters
    ----------
    code
        Key of one of `wording/findings_<act>.toml`.
    layer, row, feature_id, column, value
        Scalars, or sequences of one common length. `row` is the row a person sees in the source.
    **details
        Further facts the sentence needs, scalars or sequences alike.

    Raises
    ------
    AssetError
        If the code is not in the catalogue.
    """
    severity(code)
    given = {"layer": layer, "row": row, "feature_id": feature_id, "column": column, "value": value}
    length = max((len(v) for v in (*given.values(), *details.values()) if _is_many(v)), default=1)
    if length == 0:
        return none()
    extra = {name: _spread(v, length) for name, v in details.items()}
    table: dict[str, list[Any]] = {name: _spread(v, length) for name, v in given.items()}
    table["value"] = [_shown(v) for v in table["value"]]
    table["feature_id"] = [_shown(v) for v in table["feature_id"]]
    table["code"] = [code] * length
    table["details"] = [{name: extra[name][i] for name in extra} for i in range(length)]
    return pd.DataFrame({name: pd.Series(table[name], dtype=object) for name in COLUMNS})


def _is_many(value: Any) -> bool:
    """Whether a value holds one element a row."""
    return hasattr(value, "__len__") and not isinstance(value, str)


def _spread(value: Any, length: int) -> list[Any]:
    """Repeat a scalar, or list a sequence of the right length."""
    if not _is_many(value):
        return [value] * length
    if len(value) != length:
        message = f"arguments of a finding have {len(value)} and {length} elements"
        raise ValueError(message)
    return list(value)


def _shown(value: Any) -> str:
    """Return a cell as text, shortened, empty where missing."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    text = str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def severity(code: str) -> Severity:
    """
    Return the severity of a code.

    Raises
    ------
    AssetError
        If the code is not in the catalogue.
    """
    entry = catalogue().get(code)
    if entry is None:
        raise AssetError("tables.no_finding", code=code)
    return Severity(entry["severity"])


def gather(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join tables of findings, the gravest first, in an order no input order can change."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return none()
    joined = pd.concat(filled, ignore_index=True)
    rank = joined["code"].map(lambda code: _RANK[severity(code)])
    keys = joined.assign(
        rank=rank,
        row=joined["row"].astype(int),
        shown=joined["details"].map(lambda details: repr(sorted(details.items()))),
    )
    order = ["rank", "code", "layer", "row", "feature_id", "column", "value", "shown"]
    return joined.loc[keys.sort_values(order, kind="stable").index].reset_index(drop=True)


def forbid(table: pd.DataFrame) -> bool:
    """Whether any finding stands against a result."""
    return any(severity(code) is Severity.FORBIDS for code in table["code"].unique())


def rendered(table: pd.DataFrame, lang: Lang = "zh") -> pd.DataFrame:
    """Return findings as files show them: with severity, sentence, action and office."""
    known = catalogue()
    shown = table.loc[:, [name for name in COLUMNS if name != "details"]].copy()
    entries = [known[code] for code in table["code"]]
    named = [name for name in COLUMNS if name not in {"code", "details"}]
    cells = zip(*(table[name].tolist() for name in named), strict=True)
    values = [
        {**details, **dict(zip(named, row, strict=True))}
        for details, row in zip(table["details"], cells, strict=True)
    ]
    pairs = list(zip(entries, values, strict=True))
    shown["severity"] = [str(entry["severity"]) for entry in entries]
    shown["message"] = [entry[lang].format_map(value) for entry, value in pairs]
    shown["action"] = [entry[f"action_{lang}"].format_map(value) for entry, value in pairs]
    shown["responsible"] = [entry[f"responsible_{lang}"] for entry in entries]
    return shown[list(SHOWN)]


@dataclass(frozen=True)
class Forbidding:
    """The sentences of the findings that forbid a result, for an error to say."""

    table: pd.DataFrame

    def said(self, lang: Lang) -> str:
        """Return a line for each sentence."""
        shown = rendered(self.table, lang)
        forbidding = shown[shown["severity"] == str(Severity.FORBIDS)]
        lines = [f"{row.message} {row.action}" for row in forbidding.itertuples()]
        return "\n".join(dict.fromkeys(lines))


def located(
    table: pd.DataFrame, tables: Mapping[str, pd.DataFrame], lang: Lang = "zh"
) -> gpd.GeoDataFrame:
    """
    Return the findings that have a place, to be drawn on a map or opened in a GIS.

    Parameters
    ----------
    table
        Findings as `gather` orders them, such as `Run.findings` or `Examined.findings`; or some of
        them with their places (`places`) as `geometry`.
    tables
        One table a role, from `read.tables` or `check.settled`; geometry in the workspace's CRS.
    lang
        Language of sentence, action and office.

    Returns
    -------
    located
        Columns as in `ON_MAP`, CRS of the tables, a fresh RangeIndex, order of `table`. The
        geometry is the point a fault names (a self-intersection), else the outline of the row, or
        of the supply or approval it belongs to (a pause, an enterprise, slivers). An outline may
        be invalid: that can be the fault. Findings about a whole layer, or without usable
        coordinates, have none and are left out.
    """
    outlines = [each for each in tables.values() if "geometry" in each]
    crs = next((each.crs for each in outlines if each.crs is not None), None)
    shapes = table["geometry"].to_numpy() if "geometry" in table else places(table, tables)
    drawable = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & geometry.is_finite(shapes)
    shown = rendered(table[drawable], lang).rename(columns={"message": "sentence"})
    geometries = gpd.GeoSeries(shapes[drawable], index=shown.index, crs=crs)
    return gpd.GeoDataFrame(shown, geometry=geometries)[list(ON_MAP)].reset_index(drop=True)


def places(table: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> NDArray[np.object_]:
    """Return where each finding lies, as `located` says it, None where nothing says so."""
    shapes = _spots(table)
    for known in _outlines(tables):
        keys = [pd.Index(table[name]) for name in known.index.names]
        asked = pd.MultiIndex.from_arrays(keys) if len(keys) > 1 else _base(table["feature_id"])
        place = known.index.get_indexer(asked)
        takes = shapely.is_missing(shapes) & (place >= 0)
        shapes[takes] = known.to_numpy()[place[takes]]
    return shapes


def _spots(table: pd.DataFrame) -> NDArray[np.object_]:
    """Return the point each finding names in its detail `place`, None where it names none."""
    shapes: NDArray[np.object_] = np.full(len(table), None, dtype=object)
    for n, details in enumerate(table["details"]):
        if details.get("place"):
            shapes[n] = shapely.Point([float(number) for number in details["place"].split()[:2]])
    return shapes


def _outlines(tables: Mapping[str, pd.DataFrame]) -> list[pd.Series]:
    """Return outlines by layer, row and id, by layer and row where one, and by id."""
    parts = []
    by_id = _by_id(tables)
    for role, table in tables.items():
        if "geometry" in table:
            shapes = table["geometry"].to_numpy()
        elif "supply_id" in table:
            place = by_id.index.get_indexer(_base(table["supply_id"]))
            shapes = np.array([*by_id, None], dtype=object)[place]  # -1, an unknown id, takes None
        else:
            continue
        identity = schema.id_column(role)
        ids = table[identity] if identity else pd.Series("", index=table.index)
        facts = {"layer": table["source_layer"], "row": table["source_row"]}
        parts.append(pd.DataFrame({**facts, "feature_id": ids.fillna(""), "shape": shapes}))
    known = pd.concat(parts, ignore_index=True)
    exact = ["layer", "row", "feature_id"]
    whole = known.drop_duplicates(exact).set_index(exact)["shape"]
    row = known.drop_duplicates(exact[:2], keep=False).set_index(exact[:2])["shape"]
    return [whole, row, by_id.rename_axis("feature_id")]


def _by_id(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the outlines of supplies and approvals by their id."""
    kinds = ((tables[role], schema.id_column(role)) for role in (Role.SUPPLY, Role.APPROVAL))
    outlines = pd.concat(
        [pd.Series(table["geometry"].to_numpy(), index=_base(table[name])) for table, name in kinds]
    )
    return outlines[~outlines.index.duplicated() & (outlines.index != "")]


def _base(ids: pd.Series) -> pd.Index:
    """Return ids without the mark that tells two rows of the same id apart."""
    return pd.Index([str(name).partition("~")[0] for name in ids.fillna("")], dtype="str")
