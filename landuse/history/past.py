"""What the kept runs say beside a run just made; each part is found when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from landuse.history import moves, reel

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from landuse.history.comparing import Judge
    from landuse.history.keeping import Found
    from landuse.history.moves import Moved


@dataclass(frozen=True)
class Past:
    """
    The film up to a run, its series by month, and what moved since the run kept before.

    Attributes
    ----------
    workspace
        The workspace folder.
    run
        The run just made; it is the last frame.
    judge
        Returns the cases of tables on a day by a law (`comparing.diff`).
    """

    workspace: str | Path
    run: Found
    judge: Judge

    @cached_property
    def frames(self) -> reel.Reel:
        """The frames there are."""
        return reel.of(self.workspace, self.run)

    @cached_property
    def film(self) -> pd.DataFrame:
        """State of every case in every frame (`history.film`)."""
        return reel.shown(self.frames)

    @cached_property
    def series(self) -> pd.DataFrame:
        """Figures of every place month by month, with target lines (`history.series`)."""
        return reel.monthly(self.frames)

    @cached_property
    def moved(self) -> Moved | None:
        """What moved since the run kept before (`history.moved`)."""
        return moves.moved(self.workspace, self.run, self.judge)

    def record(self) -> list[dict[str, Any]]:
        """Return which kept runs stand beside this one, as a manifest holds them."""
        return [
            {"on": kept.on.isoformat(), "cases": kept.cases, "totals": kept.totals}
            for kept in self.frames.frames
        ]
