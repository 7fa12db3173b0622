"""
Bad data is a row: where, what, why it matters, what to do, and who must do it.

A finding holds a code and facts. Severity, wording and responsibility stand once, in
`wording/findings_<act>.toml`, so that no act words the same fault twice.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import texts
from landuse.errors import AssetError
from landuse.terms import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    text = str(value)
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
        message = f"landuse/wording/findings_*.toml have no entry for '{code}'."
        raise AssetError(message)
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
    values = [
        {
            **details,
            **{name: row[name] for name in ("layer", "row", "feature_id", "column", "value")},
        }
        for details, row in zip(table["details"], table.to_dict("records"), strict=True)
    ]
    pairs = list(zip(entries, values, strict=True))
    shown["severity"] = [str(entry["severity"]) for entry in entries]
    shown["message"] = [entry[lang].format_map(value) for entry, value in pairs]
    shown["action"] = [entry[f"action_{lang}"].format_map(value) for entry, value in pairs]
    shown["responsible"] = [entry[f"responsible_{lang}"] for entry in entries]
    return shown[list(SHOWN)]
