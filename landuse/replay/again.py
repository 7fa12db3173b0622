"""What was kept, judged again: where that cannot be done, the history is named."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from landuse.errors import LanduseError
from landuse.history.store import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def judging(path: Path) -> Iterator[None]:
    """
    Say of kept inputs and law that they cannot be judged, whatever fails in a block that does.

    Each kept file is looked at when it is read; what only the check of all inputs at once would
    find (an identifier twice, a shape that crosses itself) reaches the acts if it was forged.

    Parameters
    ----------
    path
        The record, or the history.

    Raises
    ------
    LanduseError
        If anything fails that is no error of ours already.
    """
    try:
        yield
    except FAULTS as err:
        raise LanduseError("history.not_judged", path=path, reason=err) from err
