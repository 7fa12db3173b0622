"""
A folder that is written whole or not at all.

Outputs grow in a folder beside the target and take its place in one step, so a run that is
killed at any moment leaves the previous outputs whole.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from landuse.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK = "manifest.json"
"""A file every folder of ours holds; a folder without it is not ours to replace."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_ROOM = 1 << 20  # bytes below which a disk is full


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """
    Give an empty folder that takes the target's place when the block ends well.

    Parameters
    ----------
    target
        Folder to write; its parent is made if need be.

    Raises
    ------
    OutputError
        If the target is something else than outputs of ours, or cannot be written. What was
        there is untouched.
    """
    _restore(target)
    _claim(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        growing = tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as err:
        raise OutputError("output.untouched", path=target, reason=err) from err
    folder = target.parent / os.path.basename(growing)  # noqa: PTH119  keeps the caller's spelling
    try:
        yield folder
        folder.chmod(0o755)
        _swap(folder, target)
    except OSError as err:
        reason = _reason(err, folder)
        raise OutputError("output.untouched", path=target, reason=reason) from err
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _reason(err: OSError, folder: Path) -> OSError:
    """Return what the system said; of a library's own words, whether it ran out of room."""
    if err.errno is None and shutil.disk_usage(folder).free < _ROOM:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return err


def _previous(target: Path) -> Path:
    """Where the previous outputs stand for the moment of an exchange in two steps."""
    return target.with_name(f"{target.name}.previous")


def _restore(target: Path) -> None:
    """Put back outputs that a run killed between the two steps of an exchange left aside."""
    previous = _previous(target)
    if previous.is_dir() and not target.exists():
        with suppress(OSError):
            previous.rename(target)


def _claim(target: Path) -> None:
    """Refuse to replace a folder that was not written by us."""
    if not target.exists() or (target.is_dir() and (target / MARK).is_file()):
        return
    if target.is_dir() and not any(target.iterdir()):
        return
    raise OutputError("output.not_ours", folder=target, mark=MARK)


def _swap(folder: Path, target: Path) -> None:
    """Put a folder in the target's place; what stood there ends up in `folder` or is removed."""
    if not target.exists():
        folder.rename(target)
        return
    if _exchange(folder, target):
        return
    previous = _previous(target)
    shutil.rmtree(previous, ignore_errors=True)
    target.rename(previous)
    try:
        folder.rename(target)
    except OSError:
        previous.rename(target)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _exchange(a: Path, b: Path) -> bool:
    """Exchange two folders in one step where the system can; False where it cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE)
    return done == 0
