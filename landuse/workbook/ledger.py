"""What the workbook is made of: everything a run has found, and how it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from landuse import facts, texts
from landuse.found import Judged
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd

    from landuse.texts import Lang


class Parts(Protocol):
    """
    The accounts of a partition.

    One row an approval: approval_id, area_m2, lost_m2, supplied_m2, unsupplied_m2, sliver_m2,
    residual_m2.
    """

    @property
    def accounts(self) -> pd.DataFrame: ...  # noqa: D102


class Grading(Protocol):
    """How firms are graded, as far as what follows by grade is shown."""

    @property
    def policies(self) -> Sequence[Mapping[str, str]]: ...  # noqa: D102


class Results(Judged, Protocol):
    """
    What a run found, as far as the workbook shows it; none of it is changed.

    `tables` holds role -> table (cluster, park, approval, supply, pause and enterprise are used;
    areas in m², money in yuan), `cases` the table of cases after `dispose.measures`, `totals`
    what `totals.json` holds, `findings` findings not yet worded, `inputs` one row a source file
    with `layer` (stem of its TOML) and `rows`, `scores` how sound each is (`check.scorecard`),
    `entries` what was accepted (`entries.read`), `scheme` how firms are graded, `on`
    the day asked for.
    """

    @property
    def partition(self) -> Parts: ...  # noqa: D102
    @property
    def totals(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def scores(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def inputs(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def entries(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def scheme(self) -> Grading: ...  # noqa: D102


def supplies(results: Results, ids: pd.Series) -> pd.DataFrame:
    """Return some supplies as known on the day, by `supply_id`."""
    table = results.tables[Role.SUPPLY]
    known = facts.known(table[facts.among(table["supply_id"], ids)], results.on)
    return known.drop_duplicates("supply_id").set_index("supply_id")


def approvals(results: Results) -> pd.DataFrame:
    """Return approvals by `approval_id`."""
    return results.tables[Role.APPROVAL].drop_duplicates("approval_id").set_index("approval_id")


def looked_up(column: pd.Series, ids: pd.Series) -> pd.Series:
    """Look up a column by identifier, keeping its dtype; missing where there is none such."""
    return column.reindex(ids).set_axis(ids.index)


def say(key: str, lang: Lang, **values: Any) -> str:
    """Return a sentence of the workbook."""
    return texts.say(f"workbook.{key}", lang, **values)


def day_shown(day: date, lang: Lang) -> str:
    """Return a day as the head of a form writes it."""
    return say("day", lang, year=day.year, month=day.month, day=day.day)


def area_shown(results: Results, lang: Lang) -> str:
    """Return how areas are measured: method and reference system."""
    method = say(f"area_{results.workspace.area_method}", lang)
    return f"{method} {crs_code(results)}"


def crs_code(results: Results) -> str:
    """Return the code of the reference system, or its name where it has none."""
    authority = results.workspace.crs.to_authority()
    return ":".join(authority) if authority else str(results.workspace.crs.name)
