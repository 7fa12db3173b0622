"""What the bulletin is made of, and how its words and figures are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from landuse import texts, units
from landuse.found import Judged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from landuse.texts import Lang


class Diff(Protocol):
    """What changed between two kept runs (`history.Diff`)."""

    @property
    def matrix(self) -> pd.DataFrame: ...  # noqa: D102


class Moved(Protocol):
    """What moved since the run kept before (`history.moves.Moved`)."""

    @property
    def since(self) -> date: ...  # noqa: D102
    @property
    def diff(self) -> Diff: ...  # noqa: D102
    @property
    def transitions(self) -> pd.DataFrame: ...  # noqa: D102


class Past(Protocol):
    """What the kept runs say beside a run (`history.Past`)."""

    @property
    def moved(self) -> Moved | None: ...  # noqa: D102
    @property
    def series(self) -> pd.DataFrame: ...  # noqa: D102


class Results(Judged, Protocol):
    """What a run found (`pipeline.Run`), as far as the bulletin says it."""

    @property
    def totals(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def past(self) -> Past: ...  # noqa: D102
    @property
    def entries(self) -> pd.DataFrame: ...  # noqa: D102


def say(key: str, lang: Lang, **values: Any) -> str:
    """Return a sentence of the bulletin."""
    return texts.say(f"bulletin.{key}", lang, **values)


def mu(area_m2: float) -> str:
    """Return an area in mu as a bulletin writes it."""
    return f"{units.mu(area_m2):,.2f}"


def share(value: float | None) -> str:
    """Return a share in percent; a dash where it is unknown."""
    return "—" if value is None or not np.isfinite(value) else f"{value:.1%}"


def day(on: date, lang: Lang) -> str:
    """Return a day as an official paper writes it."""
    return texts.say("workbook.day", lang, year=on.year, month=on.month, day=on.day)


def heads(lang: Lang, *keys: str) -> tuple[str, ...]:
    """Return the headings of a table."""
    return tuple(say(f"col_{key}", lang) for key in keys)


def rule(results: Results, key: str) -> Any:
    """Return the amount of a rule that need not be there; None where it is not in force."""
    found = results.statutes.find(key)
    return None if found is None else found.amount
