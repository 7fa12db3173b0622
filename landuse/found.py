"""What a run found, as far as every act after it reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from landuse.law import Statutes
    from landuse.layers import Workspace


class Judged(Protocol):
    """
    Workspace, day, law, tables and cases of a run (`pipeline.Run`); none of it is changed.

    `tables` holds role -> table (areas in m², money in yuan), `cases` the columns of the contract.
    An act that needs more names it in a protocol of its own over this one.
    """

    @property
    def workspace(self) -> Workspace: ...  # noqa: D102
    @property
    def on(self) -> date: ...  # noqa: D102
    @property
    def statutes(self) -> Statutes: ...  # noqa: D102
    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def cases(self) -> pd.DataFrame: ...  # noqa: D102
