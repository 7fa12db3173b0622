"""What the placeholders of sentences stand for, for many cases at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse import schema, texts, units
from landuse.classify import coded
from landuse.terms import IDLE, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from landuse.texts import Lang

_NONE = "—"


class Values:
    """
    What placeholders stand for in the sentences of some cases.

    Parameters
    ----------
    rows
        Cases, with what classification knows beside the contract's columns.
    on
        The day asked for.
    law
        Numbers of the law by placeholder.
    lang
        Language of the sentences.
    """

    def __init__(self, rows: pd.DataFrame, on: date, law: Mapping[str, Any], lang: Lang) -> None:
        self._rows, self._on, self._law, self._lang = rows, on, law, lang
        self._columns: dict[str, Callable[[], pa.Array]] = {
            "clock": lambda: self._day("clock_from"),
            "approved": lambda: self._day("clock_from"),
            "withdrawn": lambda: self._day("withdrawn_on"),
            "basis": lambda: self._spoken("clock_basis", self._heading),
            "gross": lambda: _whole(rows["gross_days"]),
            "years": lambda: _whole(rows["full_years"]),
            "days": self._days,
            "causes": lambda: coded.decoded(rows["causes"]),
            "paused": self._paused,
            "area": lambda: _texts(f"{units.mu(area):.2f}" for area in rows["area_m2"]),
            "share": lambda: percents(rows["footprint_share"].to_numpy()),
            "short": self._short,
            "missing": lambda: self._spoken("missing", self._headings),
            "word": self._word,
        }

    def __getitem__(self, name: str) -> str | pa.Array:
        """Return what a placeholder stands for."""
        if name == "on":
            return self._on.isoformat()
        if name in self._law:
            return str(self._law[name])
        return self._columns[name]()

    def _day(self, name: str) -> pa.Array:
        """Return the days of a column."""
        day = pa.array(self._rows[name].to_numpy().astype("datetime64[D]"))
        return pc.fill_null(pc.cast(pc.cast(day, pa.date32()), pa.large_string()), _NONE)

    def _days(self) -> pa.Array:
        """Return the paused days."""
        return _whole(self._rows["paused_days"].fillna(0.0))

    def _paused(self) -> pa.Array:
        """Return what is said of paused days; nothing where there are none."""
        days, causes = self._rows["paused_days"].fillna(0.0), self._rows["causes"]
        rows = np.flatnonzero(days.to_numpy() != 0)
        told = np.full(len(days), "", dtype=object)
        told[rows] = [
            texts.say("reason.paused_days", self._lang, days=int(count), causes=cause)
            for count, cause in zip(days.iloc[rows], causes.iloc[rows], strict=True)
        ]
        return _texts(told)

    def _spoken(self, name: str, spoken: Callable[[str], str]) -> pa.Array:
        """Return a column of coded words, each said once for all its rows."""
        found = self._rows[name].cat
        said = _texts(spoken(word) for word in found.categories)
        return pc.take(said, pa.array(found.codes.to_numpy()))

    def _heading(self, name: str) -> str:
        """Return the heading of a column of supplies; remainders name none."""
        kind = self._kind()
        return schema.spoken(kind, name, self._lang) if kind == "supply" else ""

    def _headings(self, names: str) -> str:
        """Return the headings of the columns a case lacks."""
        known = [
            schema.spoken(self._kind(), name, self._lang) for name in names.split("；") if name
        ]
        return ("、" if self._lang == "zh" else ", ").join(known)

    def _kind(self) -> str:
        """Return what the cases are cases of; a table holds one kind."""
        return str(self._rows["kind"].iloc[0])

    def _short(self) -> pa.Array:
        """Name which of the two tests of 第二条第二款 is short."""
        columns = (self._rows[name] for name in ("status", "developed_share", "invested_share"))
        return _texts(self._short_one(*row) for row in zip(*columns, strict=True))

    def _short_one(self, status: str, developed: float, invested: float) -> str:
        """Name which of the two tests one case fails; exactly the limit is not short of it."""
        if status != Status.IDLE_SUSPENDED:
            return ""
        law, parts = self._law, []
        if developed < float(law["third"]):
            share, limit = _percent(developed), law["third"]
            parts.append(texts.say("reason.short_area", self._lang, third=limit, developed=share))
        if invested < float(law["quarter"]):
            share, limit = _percent(invested), law["quarter"]
            parts.append(texts.say("reason.short_money", self._lang, quarter=limit, invested=share))
        return "；".join(parts)

    def _word(self) -> pa.Array:
        """疑似闲置, or 闲置土地 where a determination letter is on file: 办法 第九条."""
        suspected = texts.say("reason.word_suspected", self._lang)
        told = np.where(self._rows["status"].isin(IDLE), suspected, "").astype(object)
        rows = np.flatnonzero(self._rows["is_determined"].to_numpy(dtype=bool) & (told != ""))
        told[rows] = [
            texts.say("reason.word_determined", self._lang, number=number)
            for number in self._rows["determination_number"].iloc[rows]
        ]
        return _texts(told)


def _texts(found: Iterable[str]) -> pa.Array:
    """Return texts as Arrow holds them."""
    return pa.array(list(found), pa.large_string())


def _whole(values: pd.Series) -> pa.Array:
    """Return whole numbers as text."""
    numbers = values.to_numpy()
    unknown = np.isnan(numbers)
    counted = pa.array(np.where(unknown, 0, numbers).astype(np.int64), mask=unknown)
    return pc.fill_null(pc.cast(counted, pa.large_string()), _NONE)


def percents(shares: Any) -> pa.Array:
    """Return shares as percentages with one decimal, for sentences."""
    return _texts(_percent(share) for share in shares.tolist())


def _percent(share: float) -> str:
    """Return one share as a percentage."""
    return _NONE if pd.isna(share) else f"{share:.1%}"
