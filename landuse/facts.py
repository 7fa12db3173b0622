"""
What the papers say on a day, before any law: blanks, hindsight and contradictions.

`check` names contradictions as findings and `classify` refuses to answer over them; both ask
here, so they cannot disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse import schema
from landuse.codes import divisions
from landuse.units import BLANK_BEFORE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from numpy.typing import NDArray

    from landuse.units import Days

EVENTS = (
    "delivered_on",
    "permit_on",
    "commenced_on",
    "suspended_on",
    "resumed_on",
    "earlier_suspended_on",
    "completed_on",
)
"""Days on which something happened, as against days on which something was agreed to happen."""

_EXTENSION = ("extended_commencement_on", "extension_signed_on")


def among(values: pd.Series | pd.Index, others: pd.Series) -> NDArray[np.bool_]:
    """Whether each text is one of others that may be many; a missing one is not."""
    kept = pa.array(others.dropna().astype("str"), pa.large_string())
    asked = pa.array(values.astype("str"), pa.large_string())
    there: NDArray[np.bool_] = pc.is_in(asked, kept, skip_nulls=True).to_numpy(zero_copy_only=False)
    return there


def day_columns(role: str) -> list[str]:
    """Return the columns of a role that hold days."""
    return [column.name for column in schema.columns(role) if column.kind == "day"]


def is_blank_day(values: pd.Series) -> pd.Series:
    """Whether a day is one of those that systems write for an empty cell (before 1950)."""
    blank: pd.Series = values.notna() & (values < pd.Timestamp(BLANK_BEFORE))
    return blank


def exists(table: pd.DataFrame, column: str, on: date) -> pd.Series:
    """Whether each row exists on a day: its `column` is not after it; a missing day exists."""
    there: pd.Series = ~(table[column] > pd.Timestamp(on))
    return there


def known(supplies: pd.DataFrame, on: date) -> pd.DataFrame:
    """
    Return supplies as they were known on a day.

    Parameters
    ----------
    supplies
        Table of role `supply`. Not changed.
    on
        The day asked for.

    Returns
    -------
    supplies
        Same index. Sentinel days are missing, and so is every event after `on`: what happened
        later was not known. An extension signed later takes its new day with it.
        `production_on` keeps a later day, which tells that production had not begun.
    """
    result = supplies.copy()
    for name in day_columns("supply"):
        result[name] = seen(name, lambda column: supplies[column].to_numpy(copy=True), on)
    return result


def seen(name: str, days: Callable[[str], Days], on: date) -> Days:
    """
    Return one column of supplies as it was known on a day.

    Parameters
    ----------
    name
        A column that holds days.
    days
        Gives what stands in a column, as an array of its own; rows are alike for all.
    on
        The day asked for.

    Returns
    -------
    days
        What `days` gave, NaT where missing or, by the rules of `known`, not known.
    """
    found = days(name)
    nothing = np.datetime64("NaT")
    np.putmask(found, found < np.datetime64(BLANK_BEFORE), nothing)
    if name in EVENTS:
        np.putmask(found, found > np.datetime64(on), nothing)
    elif name in _EXTENSION:
        np.putmask(found, days("extension_signed_on") > np.datetime64(on), nothing)
    return found


def backdated_extension(supplies: pd.DataFrame) -> pd.Series:
    """
    Whether an extension names a start that precedes its own signing.

    Such an agreement cannot be performed (domain C12, 中山); it is not applied.
    """
    backdated: pd.Series = supplies["extended_commencement_on"] < supplies["extension_signed_on"]
    return backdated


CONTRADICTIONS: dict[str, tuple[str, str]] = {
    "completed_before_commenced": ("completed_on", "commenced_on"),
    "commenced_before_signed": ("commenced_on", "signed_on"),
    "completed_before_signed": ("completed_on", "signed_on"),
    "suspended_before_commenced": ("suspended_on", "commenced_on"),
    "production_before_commenced": ("production_on", "commenced_on"),
}
"""Contradiction → the day that is too early, and the day it cannot precede."""


def contradictions(supplies: pd.DataFrame) -> pd.DataFrame:
    """
    Tell which pairs of days contradict each other.

    Parameters
    ----------
    supplies
        Table of role `supply`, as known on the day asked for.

    Returns
    -------
    contradictions
        Boolean columns named as in `CONTRADICTIONS`, same index. A missing day contradicts
        nothing.
    """
    found = {
        code: (supplies[early] < supplies[late]).to_numpy()
        for code, (early, late) in CONTRADICTIONS.items()
    }
    return pd.DataFrame(found, index=supplies.index)


def counties(table: pd.DataFrame, clusters: pd.DataFrame) -> pd.Series:
    """
    Return the county that answers for each row, as its division code of today.

    Parameters
    ----------
    table
        Cases, or pieces and slivers of land: `cluster_id`, and `kind` and `case_id` where they
        have them.
    clusters
        Table of role `cluster`.

    Returns
    -------
    counties
        The county of the cluster; outside every cluster that of the 电子监管号 of a supply; ""
        where neither says.
    """
    known = clusters.drop_duplicates("cluster_id").set_index("cluster_id")["division_code"]
    code = table["cluster_id"].map(known.dropna().to_dict()).astype("str")
    if "case_id" in table:
        own = table["case_id"].astype("str").str.extract(r"^(\d{6})", expand=False)
        code = code.fillna(own.where(table["kind"] == "supply"))
    return divisions.current(code).fillna("")
