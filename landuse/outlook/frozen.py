"""
The facts as they were known on a day, held still while the calendar goes on.

What is dated later does not exist, and nothing new happens: a pause that runs goes on running, a
firm that works goes on working, production that had not begun does not begin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse import facts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_NEVER = pd.Timestamp("9999-12-31")


def tables(given: Mapping[str, pd.DataFrame], on: date) -> dict[str, pd.DataFrame]:
    """
    Hold the tables of a workspace still.

    Parameters
    ----------
    given
        Tables by role. Not changed.
    on
        The last day whose facts are known.

    Returns
    -------
    tables
        The same roles. Supplies and approvals dated after `on` are never signed and never
        approved; events after it are missing; the end of a pause after it is missing, so that the
        pause is open; production that begins after it never begins. On `on` itself they are
        classified as the given ones.
    """
    day = pd.Timestamp(on)
    supplies = facts.known(given["supply"], on)
    for name in ("signed_on", "production_on"):
        supplies[name] = supplies[name].mask(supplies[name] > day, _NEVER)
    approved = given["approval"]["approved_on"]
    approvals = given["approval"].assign(approved_on=approved.mask(approved > day, _NEVER))
    pauses = given["pause"][~(given["pause"]["begins_on"] > day)]
    return {
        **given,
        "supply": supplies,
        "approval": _until(approvals, "withdrawn_on", day),
        "pause": _until(pauses, "ends_on", day),
        "enterprise": _until(given["enterprise"], "halted_on", day),
    }


def pauses_ended(frozen: Mapping[str, pd.DataFrame], on: date) -> dict[str, pd.DataFrame]:
    """Return frozen tables in which every open pause ends on `on`, the earliest it can end."""
    pauses = frozen["pause"]
    ended = pauses["ends_on"].mask(_is_open(pauses), pd.Timestamp(on))
    return {**frozen, "pause": pauses.assign(ends_on=ended)}


def open_supplies(frozen: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the identifiers of supplies with a pause that has not ended."""
    pauses = frozen["pause"]
    ids: pd.Series = pauses.loc[_is_open(pauses), "supply_id"]
    return ids


def _is_open(pauses: pd.DataFrame) -> pd.Series:
    """Whether a pause has no end."""
    ends = pauses["ends_on"]
    return ends.isna() | facts.is_blank_day(ends)


def _until(table: pd.DataFrame, column: str, day: pd.Timestamp) -> pd.DataFrame:
    """Blank what is dated after a day."""
    return table.assign(**{column: table[column].mask(table[column] > day)})
