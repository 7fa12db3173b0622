"""Whole columns at once: rows of other tables fetched, each different value put into words once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def rows(keys: pd.Series, wanted: pd.Series) -> NDArray[Any]:
    """
    Return the place of each wanted key among keys, -1 where there is none.

    Parameters
    ----------
    keys
        Of a table; the first counts where one stands twice (settled tables have none).
    wanted
        Keys to look up; a missing one is found nowhere.
    """
    index = pd.Index(keys)
    if not index.is_unique:
        places = (~keys.duplicated()).to_numpy().nonzero()[0]
        index = index[places]
    else:
        places = None
    found: NDArray[Any] = index.get_indexer(pd.Index(wanted))
    found[wanted.isna().to_numpy()] = -1
    return found if places is None else _through(places, found)


def _through(places: NDArray[Any], found: NDArray[Any]) -> NDArray[Any]:
    """Return places of places, -1 staying -1."""
    there: NDArray[Any] = places[found] if len(places) else found
    there[found < 0] = -1
    return there


def taken(values: pd.Series, numbers: NDArray[Any]) -> pd.Series:
    """Return values by their place, missing where it is -1."""
    return pd.Series(pd.api.extensions.take(values.array, numbers, allow_fill=True))


def each(values: pd.Series, say: Callable[[Any], str | int]) -> pd.Series:
    """Return what is said of each value, asking once for each different one; missing stays so."""
    codes, different = pd.factorize(values)
    said = pd.Series([say(value) for value in different], dtype=object)
    return taken(said, codes)


def filled(values: pd.Series) -> pd.Series:
    """Return texts with empty ones missing; other values as they are."""
    return values.where(values != "") if values.dtype.kind == "O" else values


def first(values: pd.Series, others: pd.Series) -> pd.Series:
    """Return each text, or the other where it is missing or blank."""
    is_blank = values.isna() | (values.astype("str").str.strip() == "")
    return values.where(~is_blank, others)
