"""
Files named by the hash of what they hold, below the folder `history/` of a workspace.

`objects/` holds tables, totals and law, `shapes/` packs of geometry, `runs/` one record a run.
A file appears whole or not at all and never changes; the record comes last, so a run that is
killed while it is kept leaves nothing that counts. One lock lets one writer in at a time; the
system lets go of it when its holder dies.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyarrow as pa
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from landuse import folder
from landuse.errors import LanduseError, OutputError
from landuse.history import frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FAULTS = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, OSError, CRSError,
    ShapelyError, pa.ArrowException,
)  # fmt: skip
"""What comes of reading a file that says what is not so, with the right hash."""

FOLDER = "history"
_GROWING = ".growing-"
_RETRY_S = 0.1
_HELD = (errno.EACCES, errno.EDEADLK)  # what Windows says where somebody else holds a lock


class Store:
    """The kept files of one workspace."""

    def __init__(self, workspace: str | Path) -> None:
        self.root = Path(workspace) / FOLDER
        self.objects = self.root / "objects"
        self.shapes = self.root / "shapes"
        self.runs = self.root / "runs"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """
        Be the only writer for the length of a block; what killed ones left is removed.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        try:
            for part in (self.objects, self.shapes, self.runs):
                part.mkdir(parents=True, exist_ok=True)
            with (self.root / ".lock").open("a+b") as stream:
                _lock(stream)
                for part in (self.objects, self.shapes, self.runs):
                    for left in part.glob(f"{_GROWING}*"):  # of a writer that was killed
                        left.unlink()
                yield
        except OSError as err:
            raise OutputError("history.cannot_write", path=self.root, reason=err) from err

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep writers away for the length of a block, where the folder can be written at all."""
        if not os.access(self.root, os.W_OK):
            yield
            return
        with self.writing():
            yield

    def put(self, content: bytes, suffix: str = ".parquet") -> str:
        """Keep content once and return its name."""
        name = f"{hashlib.sha256(content).hexdigest()}{suffix}"
        place(self.objects / name, content)
        return name

    def get(self, name: str) -> bytes:
        """
        Return kept content.

        Raises
        ------
        LanduseError
            If the file is missing or is not what its name says; it is named.
        """
        return sound(self.objects / name)

    def record(self, number: int) -> Path:
        """Return where the record of a run lies."""
        return self.runs / f"{number:04d}.json"

    def packs(self) -> list[Path]:
        """Return the packs of geometry by name."""
        return sorted(path for path in self.shapes.glob("*.parquet") if path.name[0] != ".")

    def put_shapes(self, shapes: dict[bytes, bytes]) -> None:
        """Keep the geometries that no sound pack has yet, as one more pack."""
        known, _ = self._search(shapes)
        fresh = {key: shape for key, shape in shapes.items() if key not in known}
        if fresh:
            content = frames.packed_shapes(fresh)
            place(self.shapes / f"{hashlib.sha256(content).hexdigest()}.parquet", content)

    def get_shapes(self, wanted: Iterable[bytes]) -> dict[bytes, bytes]:
        """
        Return those of some geometries that are kept, by digest.

        Raises
        ------
        LanduseError
            If one is not there and a pack is damaged; the pack is named.
        """
        keys = set(wanted)
        found, damaged = self._search(keys)
        if damaged and keys - found.keys():
            raise LanduseError("history.damaged", path=damaged[0])
        return found

    def _search(self, wanted: Iterable[bytes]) -> tuple[dict[bytes, bytes], list[Path]]:
        """Return those of some geometries that sound packs hold, and the packs that are not."""
        left = set(wanted)
        found: dict[bytes, bytes] = {}
        damaged = []
        for path in self.packs() if left else []:
            try:
                content = sound(path)
                with blamed(path):
                    own = frames.unpacked_shapes(content, left)
            except LanduseError:
                damaged.append(path)
                continue
            found |= own
            left -= own.keys()
        return found, damaged

    def sweep(self, objects: set[str], packs: set[str]) -> int:
        """Remove every file that is not named, and return how many bytes that freed."""
        freed = 0
        for part, kept in ((self.objects, objects), (self.shapes, packs), (self.runs, None)):
            for path in sorted(part.iterdir()):
                is_kept = kept is None or path.name in kept
                if is_kept and not path.name.startswith(_GROWING):
                    continue
                freed += path.stat().st_size
                path.unlink()
        return freed

    def size(self) -> int:
        """Return the bytes of all kept files."""
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())


@contextmanager
def blamed(path: Path) -> Iterator[None]:
    """
    Name a file of the history as the cause of what goes wrong in a block that reads it.

    What has the hash that its record names is blamed on the record: the file is what was written.

    Raises
    ------
    LanduseError
        If anything does.
    """
    try:
        yield
    except FAULTS as err:
        raise LanduseError("history.damaged", path=path) from err


def place(path: Path, content: bytes) -> None:
    """Put a file in its place in one step; the same content twice is written once."""
    if path.is_file() and path.read_bytes() == content:
        return
    handle, name = tempfile.mkstemp(prefix=_GROWING, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        folder.rights(Path(name), path)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise


def sound(path: Path) -> bytes:
    """
    Return the content of a file that is named by its hash.

    Raises
    ------
    LanduseError
        If it is missing or damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as err:
        raise LanduseError("history.missing", path=path) from err
    if hashlib.sha256(content).hexdigest() != path.stem:
        raise LanduseError("history.damaged", path=path)
    return content


def _lock(stream: IO[bytes]) -> None:
    """Wait until nobody else holds the lock of a file, and take it until the file is closed."""
    if sys.platform == "win32":
        import msvcrt

        stream.seek(0)
        while True:
            try:
                msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError as err:
                if err.errno not in _HELD:
                    raise
                time.sleep(_RETRY_S)
            else:
                return
    else:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX)
