"""
No library that reads files may connect while the program reads: what a file names is not fetched.

GDAL, in each of the libraries that carry it, and netCDF follow addresses in files: services,
schemas, overviews, tiles. All of them go through curl, which is told of a proxy that cannot be.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOWHERE = "http://127.0.0.1:0"  # no port 0 can be connected to
_SETTINGS = {
    **dict.fromkeys(("GDAL_HTTP_PROXY", "GDAL_HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE),
    **dict.fromkeys(("HTTPS_PROXY", "all_proxy", "ALL_PROXY", "ftp_proxy"), _NOWHERE),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), ""),
    "PROJ_NETWORK": "OFF",
}
_HEAD = 4096
_BLANKS = b" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe"


@contextmanager
def cut_off() -> Iterator[None]:
    """Keep libraries from connecting for the length of a block, or of a function."""
    before = {name: os.environ.get(name) for name in _SETTINGS}
    os.environ.update(_SETTINGS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def is_xml(path: Path) -> bool:
    """
    Whether a file is XML, whatever its ending says.

    The drivers that connect (services, schemas, tiles) all know their files by that.
    """
    if path.is_dir():
        return False
    with path.open("rb") as stream:
        return stream.read(_HEAD).lstrip(_BLANKS).startswith(b"<")


def is_address(path: Path) -> bool:
    """
    Whether the library that reads vector files takes a path for an address, and opens another file.

    It splits at ``!``, for a member of an archive, and drops what follows ``;`` and line breaks.
    """
    from pyogrio.util import vsi_path

    return bool(vsi_path(path) != os.fspath(path))
