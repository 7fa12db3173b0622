"""
The leak test: every output of a profile is opened and searched for what it must not hold.

It knows the outputs only as files and shares no code with what wrote them: packages of maps are
unpacked, workbooks and papers unzipped with what is embedded in them, databases read table by
table. A file it cannot look into counts as a leak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse.errors import LeakError
from landuse.leaks import opening
from landuse.leaks.searching import Leak, Search

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj

    from landuse.profiles import Hidden

__all__ = ["Leak", "check", "found"]

_MOST_NAMED = 5


def found(folder: Path, hidden: Hidden, crs: pyproj.CRS) -> list[Leak]:
    """
    Return every place of a folder of outputs that holds what it must not.

    Parameters
    ----------
    folder
        Outputs; all files below it are looked into, names of files too.
    hidden
        What must not be there.
    crs
        Reference system of its vertices.
    """
    search = Search(hidden, crs)
    leaks = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        leaks += search.of(name, [opening.Part("name", text=name), *opening.parts(path)])
    return leaks


def check(folder: Path, hidden: Hidden, crs: pyproj.CRS) -> None:
    """
    Refuse outputs that hold what they must not.

    Raises
    ------
    LeakError
        With the first places and how many there are.
    """
    leaks = found(folder, hidden, crs)
    if leaks:
        first = leaks[:_MOST_NAMED]
        raise LeakError(
            "profiles.leaked", profile=hidden.profile.name, count=len(leaks), first=first
        )
