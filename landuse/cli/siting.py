"""How sites and placements are shown: on a terminal, as sheets, and as the record for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landuse import handout, reclassify, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from landuse.layers import Workspace
    from landuse.planning.told import Kinds, Tables
    from landuse.texts import Lang


@dataclass(frozen=True)
class Answer:
    """Tables as people read them, those of programs, and what is said about them."""

    section: str
    workspace: Workspace
    on: date
    lang: Lang
    shown: Tables
    raw: Tables
    counts: dict[str, Any]


class Shown:
    """How an answer of either command is shown."""

    def __init__(self, kinds: Kinds, first: tuple[str, ...] = ()) -> None:
        self._kinds, self._first = kinds, first

    def sheets(self, found: Answer) -> list[handout.Sheet]:
        """Return every table."""
        return [table(found, name, kinds) for name, kinds in self._kinds.items()]

    def printed(self, found: Answer) -> Sequence[handout.Sheet]:
        """Return what a terminal has room for."""
        name, kinds = next(iter(self._kinds.items()))
        chosen = {column: kinds[column] for column in self._first or kinds}
        rest = list(self._kinds)[1:2] if not self._first else []
        more = [table(found, other, self._kinds[other]) for other in rest]
        return [table(found, name, chosen), *more]

    def record(self, found: Answer) -> dict[str, Any]:
        """Return the tables as JSON, identifiers untranslated, figures unrounded."""
        return handout.record_of(found.raw, reclassify.about(found))

    def summary(self, found: Answer) -> str:
        """Return the whole in one sentence."""
        is_none = found.section == "sites" and found.counts["all"] and not found.counts["count"]
        key = f"{found.section}.summary{'_none' if is_none else ''}"
        return texts.say(key, found.lang, **found.counts)


def note(found: Answer) -> str:
    """Return what must be said with every table and map of an answer."""
    return texts.say(f"{found.section}.note", found.lang, **found.counts, **reclassify.said(found))


def table(found: Answer, name: str, kinds: Mapping[str, str]) -> handout.Sheet:
    """Return columns of one table with what must stand above it."""
    section, mark = f"{found.section}.{name}", found.workspace.is_synthetic
    return handout.sheet(section, found.shown[name], kinds, found.lang, note=note(found), mark=mark)
