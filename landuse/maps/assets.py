"""
The files a page is made of: Leaflet from its package, our own scripts and styles, as text.

Nothing is fetched. Leaflet must be the very file that folium is written for.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from landuse.errors import AssetError

LEAFLET_SHA256 = "5819285cec13"
"""First digits of Leaflet 1.9.3's leaflet.js, the version of folium 0.20."""

SCRIPTS = (
    "base.js",
    "inflate.js",
    "codec.js",
    "boxes.js",
    "painter.js",
    "tiles.js",
    "outlines.js",
    "grounds.js",
    "things.js",
    "tools.js",
    "search.js",
    "facets.js",
    "film.js",
    "model.js",
    "legend.js",
    "list.js",
    "timeline.js",
    "card.js",
    "sheetmap.js",
    "print.js",
    "xlsx.js",
    "takeout.js",
    "tabs.js",
    "tree.js",
    "hash.js",
    "app.js",
)
"""Our scripts in the order they are loaded."""

_NOTICE = """/*
Leaflet 1.9.3, https://leafletjs.com
Copyright (c) 2010-2022, Volodymyr Agafonkin
Copyright (c) 2010-2011, CloudMade
All rights reserved.

Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions
   and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of
   conditions and the following disclaimer in the documentation and/or other materials provided
   with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT
OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
*/
"""


@cache
def own(name: str) -> str:
    """
    Return one of our own files.

    Raises
    ------
    AssetError
        If the installed package lacks it.
    """
    try:
        return (files("landuse") / "assets" / name).read_text(encoding="utf-8")
    except FileNotFoundError as err:
        raise AssetError("tables.asset", name=name) from err


@cache
def scripts() -> tuple[str, ...]:
    """
    Return Leaflet with its notice, then our scripts.

    Raises
    ------
    AssetError
        If a file is missing or Leaflet is not the one this package was written for.
    """
    code = _leaflet("leaflet.js")
    digest = hashlib.sha256(code).hexdigest()
    if not digest.startswith(LEAFLET_SHA256):
        raise AssetError("tables.leaflet_altered", digest=digest[:12], expected=LEAFLET_SHA256)
    # browsers read CR LF as LF, and the page's policy is over what they read
    leaflet = re.sub(r"//# sourceMappingURL=\S+\s*$", "", code.decode("utf-8").replace("\r", ""))
    return tuple(_closed(text) for text in (_NOTICE + leaflet, *map(own, SCRIPTS)))


@cache
def styles() -> str:
    """
    Return the style sheets, Leaflet's with its images inside.

    Raises
    ------
    AssetError
        If a file is missing.
    """
    sheet = _leaflet("leaflet.css").decode("utf-8")
    return re.sub(r"url\((?!#)([^)]+)\)", _data_uri, sheet) + own("map.css")


def _data_uri(match: re.Match[str]) -> str:
    """Return a picture a style sheet names as part of the sheet."""
    content = base64.b64encode(_leaflet(match[1].strip("'\""))).decode("ascii")
    return f"url(data:image/png;base64,{content})"


def _closed(script: str) -> str:
    """Return a script that cannot end its own element."""
    return re.sub(r"<(/script|!--)", r"\\x3C\1", script, flags=re.IGNORECASE)


def _leaflet(name: str) -> bytes:
    """Return a file of the package xstatic-leaflet."""
    try:
        from xstatic.pkg import leaflet

        return Path(leaflet.BASE_DIR, name).read_bytes()
    except (ImportError, FileNotFoundError) as err:
        raise AssetError("tables.leaflet", name=name) from err
