"""How good each source is: what was found in it, by severity and by who must mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse import findings as findings_module
from landuse.terms import Severity

if TYPE_CHECKING:
    from landuse.layers import Workspace
    from landuse.texts import Lang

COLUMNS = (
    "layer",
    "source",
    "responsible",
    "rows",
    "forbids",
    "error",
    "warning",
    "info",
    "rows_with_errors",
    "sound_share",
)
"""Columns of a scorecard."""

_REFUSED = ("row_width", "row_unreadable", "feature_unreadable")  # rows that are in no table


def scorecard(
    tables: dict[str, pd.DataFrame],
    found: pd.DataFrame,
    workspace: Workspace,
    lang: Lang = "zh",
) -> pd.DataFrame:
    """
    Count what was found, by source layer and responsible office.

    Parameters
    ----------
    tables
        One table a role, from `settled`.
    found
        Findings of any acts, from `findings.gather`.
    workspace
        Its source layers.
    lang
        Language of the offices.

    Returns
    -------
    scores
        Columns as in `COLUMNS`: for each layer one row of all its findings (`responsible` empty)
        and one for each office that must act. `rows` are those delivered, the refused ones
        included; `sound_share` is the share of rows without a finding of severity ``error`` or
        ``forbids``, missing where there are no rows. Findings about no layer stand under ``""``.
        Worst layers first.
    """
    shown = findings_module.rendered(found, lang)
    rows = _rows(tables)
    refused = found[found["code"].isin(_REFUSED)].groupby("layer").size()
    sources = {source.name: source.source for source in workspace.sources}
    names = sorted({*sources, *rows, *shown["layer"]})
    scores = []
    for layer in names:
        mine = shown[shown["layer"] == layer]
        parts = [("", mine), *((str(who), part) for who, part in mine.groupby("responsible"))]
        for who, part in parts:
            score = _score(part, rows.get(layer, 0) + int(refused.get(layer, 0)))
            scores.append(
                {"layer": layer, "source": sources.get(layer, ""), "responsible": who, **score}
            )
    table = pd.DataFrame(scores, columns=list(COLUMNS))
    worst = table["sound_share"].groupby(table["layer"]).transform("min").fillna(2.0)
    order = table.assign(worst=worst, some=table["responsible"] != "")
    keys = ["worst", "layer", "some", "error", "responsible"]
    ascending = [True, True, True, False, True]
    ranked = order.sort_values(keys, ascending=ascending, kind="stable")
    return table.loc[ranked.index].reset_index(drop=True)


def _rows(tables: dict[str, pd.DataFrame]) -> dict[str, int]:
    """Return how many rows each layer has."""
    counted: dict[str, int] = {}
    for table in tables.values():
        for layer, number in table["source_layer"].value_counts().items():
            counted[str(layer)] = counted.get(str(layer), 0) + int(number)
    return counted


def _score(part: pd.DataFrame, rows: int) -> dict[str, float]:
    """Count findings by severity, and the rows of a layer that have errors."""
    grave = part[part["severity"].isin([Severity.ERROR, Severity.FORBIDS]) & (part["row"] > 0)]
    faulty = len(grave[["row", "feature_id"]].drop_duplicates())
    counts = part["severity"].value_counts()
    return {
        "rows": rows,
        **{str(level): int(counts.get(str(level), 0)) for level in Severity},
        "rows_with_errors": faulty,
        "sound_share": 1 - min(faulty, rows) / rows if rows else float("nan"),
    }
