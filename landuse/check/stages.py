"""What a parcel must tell from a stage of its life on: a law's question nobody could answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse import facts, schema
from landuse.check import about
from landuse.terms import Role

if TYPE_CHECKING:
    from datetime import date

_ALWAYS = (
    # 闲置土地处置办法 第二条: one third and one quarter cannot be told without these four
    (
        "suspended_fields_missing",
        "suspended_on",
        ("required_area", "developed_area", "planned_investment", "invested"),
    ),
    # 第五条, 第九条: a determination follows an investigation
    ("determined_fields_missing", "determination_number", ("investigation_number",)),
)
"""Code, the column that tells the stage, and what must be filled from it on."""

_USUALLY = (
    ("signed_fields_missing", "signed_on", ("right_holder", "supply_mode", "declared_area")),
    ("begun_fields_missing", "commenced_on", ("agreed_completion_on",)),
)
"""The same, asked only in layers that fill the column for most rows of the stage."""

_MOST = 0.5


def missing(tables: dict[str, pd.DataFrame], on: date) -> list[pd.DataFrame]:
    """
    Name supplies that lack what their stage requires.

    Parameters
    ----------
    tables
        One table a role, from `settled`.
    on
        The day asked for; later events have not been reached.
    """
    known = facts.known(tables[Role.SUPPLY], on)
    said = []
    for code, stage, columns in (*_ALWAYS, *_USUALLY):
        reached = known[stage].notna()
        if stage == "suspended_on":
            reached &= known["completed_on"].isna() & known["resumed_on"].isna()
        blank = known[list(columns)].isna()
        if (code, stage, columns) in _USUALLY:
            filled = (~blank[reached]).groupby(known.loc[reached, "source_layer"]).mean()
            usual = filled.reindex(known["source_layer"]).set_axis(known.index) > _MOST
            blank &= usual
        where = reached & blank.any(axis=1)
        said.append(about.rows(code, Role.SUPPLY, known, where, stage, absent=_named(blank, where)))
    return said


def _named(blank: pd.DataFrame, where: pd.Series) -> pd.Series:
    """Return the headings of each row's blank columns."""
    headings = {name: schema.heading(Role.SUPPLY, str(name), "zh") for name in blank.columns}
    names = pd.Series("", index=blank.index, dtype=object)
    for row in blank.index[where]:
        absent = blank.loc[row]
        names[row] = "、".join(headings[name] for name in absent.index[absent])
    return names
