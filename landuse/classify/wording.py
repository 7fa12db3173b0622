"""
Many sentences at once: each pattern is taken apart once and joined column by column.

Values are put between the literal parts of our own templates and never read as templates.
"""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.classify import coded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    import pandas as pd

    from landuse.classify.coded import Rows

    class Filled(Protocol):
        """Gives what a placeholder stands for: one text for all rows, or one for each."""

        def __getitem__(self, name: str) -> str | pa.Array: ...


def by_key(
    keys: pd.Series, templates: Mapping[str, str], filled: Callable[[Rows], Filled]
) -> pa.Array:
    """
    Return one sentence a row, each from the template of its key.

    Parameters
    ----------
    keys
        Coded words, one a row, each of them a key of `templates`.
    templates
        Patterns with named placeholders.
    filled
        Gives what the placeholders stand for at some rows.
    """
    code = coded.of(keys)
    order, parts = [], []
    for n, key in enumerate(keys.cat.categories):
        rows = np.flatnonzero(code == n)
        order.append(rows)
        parts.append(composed(templates[key], len(rows), filled(rows)))
    if not parts:
        return pa.array([], pa.large_string())
    place = np.empty(len(code), dtype=np.int64)
    place[np.concatenate(order)] = np.arange(len(code))
    return pc.take(pa.concat_arrays(parts), pa.array(place))


def composed(template: str, count: int, filled: Filled) -> pa.Array:
    """
    Return a template filled in for some rows.

    Parameters
    ----------
    template
        A pattern with named placeholders.
    count
        Number of rows.
    filled
        What the placeholders stand for.
    """
    parts: list[str | pa.Array] = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(filled[name])
    joined: list[str | pa.Array] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    if len(joined) == 1 and isinstance(joined[0], str):
        return pa.repeat(pa.scalar(joined[0], pa.large_string()), count)
    columns = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in joined]
    return pc.binary_join_element_wise(*columns, pa.scalar("", pa.large_string()))
