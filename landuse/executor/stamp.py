"""What has to be the same wherever a job is done, for the answer to be the same."""

from __future__ import annotations

import hashlib
import zlib
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

import landuse


@cache
def stamp() -> dict[str, str]:
    """
    Return name -> version of what decides the bytes of an answer.

    The version of this package carries a hash of its code, so that two states of a checkout differ.
    """
    code = hashlib.sha256()
    root = Path(landuse.__file__).parent
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        code.update(path.relative_to(root).as_posix().encode())
        code.update(path.read_text(encoding="utf-8").encode())
    return {
        "landuse": f"{landuse.__version__}+{code.hexdigest()[:12]}",
        "numpy": np.__version__,
        "shapely": shapely.__version__,
        "GEOS": shapely.geos_version_string,
        "pandas": pd.__version__,
        "geopandas": gpd.__version__,
        "pyproj": pyproj.__version__,
        "PROJ": pyproj.proj_version_str,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
