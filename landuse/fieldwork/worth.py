"""What the evidence is worth in a bureau's own scenes, by size of parcel, as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import handout, reclassify, texts
from landuse.imagery import evaluating, parcels
from landuse.read import files

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from landuse.fieldwork import Observation
    from landuse.imagery.fitting import Fit
    from landuse.layers import Workspace
    from landuse.texts import Lang

_KINDS = {
    "what": "text", "size": "text", "parcels": "count", "unsaid": "count", "true": "count",
    "called": "count", "precision": "text", "recall": "text", "auc": "text",
    "chance_precision": "text", "chance_auc": "text",
}  # fmt: skip


@dataclass(frozen=True)
class Worth:
    """
    What the evidence is worth.

    Attributes
    ----------
    workspace, on, lang
        Whose scenes, on which day, in which language.
    table
        One row for each kind of statement and size of parcel (`evaluating.by_size`): built (held
        against certain parcels, each left out of the learning), changed, and beside it the two
        plain measures.
    has_truth
        Whether a raster says what changed; else the days of the papers do.
    inputs
        Files it rests on with their hashes: those of the imagery, and that raster.
    """

    workspace: Workspace
    on: date
    lang: Lang
    table: pd.DataFrame
    has_truth: bool
    inputs: pd.DataFrame


def evaluated(found: Observation, truth: Path | None, values: tuple[int, int]) -> Worth:
    """
    Return what the evidence is worth.

    Parameters
    ----------
    found
        What imagery says.
    truth
        A raster of what changed from the first to the last date; None takes works that began
        between them by the papers for changed, and parcels that are certain on both for unchanged.
    values
        Its value of changed and of unchanged pixels.

    Raises
    ------
    LayerError
        If the raster has no place.
    """
    area = found.parcels["area_m2"]
    tables = []
    if found.observed.fits:
        last = max(found.observed.fits)
        built = _built(found, last, found.observed.fits[last])
        if built is not None:
            tables.append(built)
    if len(found.limits):
        since = found.limits["since"].min()
        told = _papers(found, since) if truth is None else _raster(found, truth, values)
        scores = evaluating.scores(found.observed, since, len(area))
        limit = found.limits.set_index("since").loc[since, "limit"]
        for name in scores:
            at = limit if name == "change" else np.nan
            tables.append(evaluating.by_size(str(name), scores[name], told, area, at))
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    inputs = found.inputs
    if truth is not None:
        row = {"layer": "", "file": truth.name, "sha256": files.sha256(truth)}
        inputs = pd.concat([inputs, pd.DataFrame([row])], ignore_index=True)
    return Worth(found.workspace, found.on, found.lang, table, truth is not None, inputs)


def _raster(found: Observation, truth: Path, values: tuple[int, int]) -> pd.Series:
    """Return what changed by a raster."""
    shapes = found.parcels.geometry.to_numpy()
    return evaluating.changed(truth, values, found.scenes, shapes, found.parcels.crs)


def _papers(found: Observation, since: pd.Timestamp) -> pd.Series:
    """Return what changed by the papers: 1 where works began, 0 where a parcel was certain."""
    last = found.observed.dates["on"].max()
    began = found.parcels["commenced_on"]
    truth = pd.Series(np.nan, index=np.arange(len(found.parcels)))
    certain = parcels.certain(found.parcels, found.on)
    stable = parcels.holding(certain, since, last)
    truth.iloc[certain.loc[stable, "parcel"].to_numpy()] = 0.0
    truth[((began > since) & (began <= last)).to_numpy()] = 1.0
    return truth


def _built(found: Observation, on: date, fit: Fit) -> pd.DataFrame | None:
    """Return what telling built from never supplied is worth, each parcel left out."""
    if fit.line is None:
        return None
    certain = parcels.certain(found.parcels, found.on)
    certain = certain[parcels.holding(certain, on, on)]
    every = np.arange(len(found.parcels))
    truth = certain.set_index("parcel")["is_completed"].astype(float).reindex(every)
    dates = found.observed.dates
    share = (
        dates[dates["on"] == pd.Timestamp(on)]
        .set_index("parcel")["built_share"]
        .reindex(truth.index)
    )
    left_out = pd.Series(fit.left_out, dtype=float)
    share.loc[left_out.index] = left_out
    said = found.evidence["source"] == "scene"
    return evaluating.by_size(
        "built", share.where(said), truth, found.parcels["area_m2"], fit.share
    )


def sheets(found: Worth) -> list[handout.Sheet]:
    """Return the table."""
    lang, table = found.lang, found.table
    size = [
        f"{low:g}–{high:g}" if np.isfinite(high) else f"≥ {low:g}"
        for low, high in zip(table["from_mu"], table["to_mu"], strict=True)
    ]
    shown = table.assign(
        size=size,
        what=[texts.say(f"imagery.what_{what}", lang) for what in table["what"]],
        **{name: _number(table[name], "{:.0%}")
           for name in ("precision", "recall", "chance_precision")},
        **{name: _number(table[name], "{:.3f}") for name in ("auc", "chance_auc")},
    )  # fmt: skip
    key = "truth_raster" if found.has_truth else "truth_papers"
    note = texts.say("imagery.note", lang, **reclassify.said(found))
    note += " " + texts.say(f"imagery.{key}", lang)
    mark = found.workspace.is_synthetic
    return [handout.sheet("imagery.worth", shown, _KINDS, lang, note=note, mark=mark)]


printed = sheets


def record(found: Worth) -> dict[str, Any]:
    """Return the table as JSON can hold it."""
    table = found.table.replace([np.inf, -np.inf], np.nan)
    return handout.record_of({"worth": table, "inputs": found.inputs}, reclassify.about(found))


def summary(found: Worth) -> str:
    """Return how to read it."""
    return texts.say("imagery.worth_summary", found.lang)


def _number(values: pd.Series, form: str) -> list[str]:
    """Return figures as text."""
    return ["" if pd.isna(value) else form.format(value) for value in values]
