"""
A folder or a file that is written whole or not at all.

Outputs grow beside the target and take its place in one step, so a run that is killed at any
moment leaves the previous outputs whole. While they grow nobody else may open them; in their place
they have the rights of what stood there, else those that the system gives to what is new.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import stat
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from landuse.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        with growing(target.parent, f".{target.name}.growing-") as folder:
            yield folder
            rights(folder, target)
            _swap(folder, target)
    except OSError as err:
        reason = _reason(err, target.parent)
        raise OutputError("output.untouched", path=target, reason=reason) from err


@contextmanager
def growing(parent: Path, prefix: str) -> Iterator[Path]:
    """
    Give an empty folder that nobody else may open, and remove it when the block ends.

    What killed processes left of the same name is removed first. A lock, which the system lets go
    of when its holder dies, tells it from what is in use; Windows locks no folders, nothing is
    removed there.

    Parameters
    ----------
    parent
        Where to make it.
    prefix
        How its name begins.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    _sweep(parent, prefix)
    folder, held = _made(parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove the folders of killed processes."""
    found: list[Path] = []
    with suppress(OSError):
        found += (path for path in parent.iterdir() if path.name.startswith(prefix))
    for path in found:
        with suppress(OSError):
            held = _lock(path)
            if held is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(held)


def _made(parent: Path, prefix: str) -> tuple[Path, int | None]:
    """Return a folder of our own and the lock on it; one that is swept before it is held is not."""
    while True:
        made = os.path.basename(tempfile.mkdtemp(prefix=prefix, dir=parent))  # noqa: PTH119
        folder = parent / made  # the caller's spelling
        with suppress(BlockingIOError, FileNotFoundError):
            held = _lock(folder)
            if folder.is_dir():
                return folder, held


def _lock(folder: Path) -> int | None:
    """
    Hold a folder until what is returned is closed; None where the system locks no folders.

    Raises
    ------
    OSError
        If somebody else holds it (`BlockingIOError`), or it is no folder of ours.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # some network drives
        os.close(handle)
        return None
    return handle


def put(target: Path, content: bytes) -> None:
    """
    Put a file in its place in one step.

    Raises
    ------
    OSError
        If it cannot be written; what was there is untouched.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        rights(made, target)
        made.replace(target)
    except OSError:
        with suppress(OSError):
            made.unlink()
        raise


def rights(path: Path, target: Path | None = None) -> None:
    """
    Give what takes the place of a target its rights, else those of anything new (umask).

    Where it cannot have the same group, its own may do nothing with it.
    """
    own = path.stat()
    if target is None or not target.exists():
        fresh = 0o777 if path.is_dir() else 0o666
        path.chmod(stat.S_IMODE(own.st_mode) & ~0o777 | fresh & ~_umask())
        return
    old = target.stat()
    mode = stat.S_IMODE(old.st_mode) | (stat.S_IRWXU if path.is_dir() else 0)
    if own.st_gid != old.st_gid and sys.platform != "win32":
        try:
            os.chown(path, -1, old.st_gid)
        except OSError:
            mode &= ~stat.S_IRWXG
    path.chmod(mode)


def _umask() -> int:
    """Return what the system takes away from the rights of everything new."""
    mask = os.umask(0o077)  # it can only be read by setting it
    os.umask(mask)
    return mask


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
