"""
Land kept as partitioned GeoParquet, which whoever cuts a county reads for himself.

A folder holds ``approval/county=411002/land.parquet``, and so for every role and county: what the
county owns and its halo, the strongest first; `owner` says whose each approval and supply is. What
is of no county lies beside it, and `manifest.json` says what there is.
"""

from __future__ import annotations

import hashlib
import json
import platform
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from pyproj.exceptions import CRSError

from landuse import folder as outputs
from landuse.errors import ClusterError, OutputError
from landuse.partition.admit import BEGINS, NEVER, ROLES, Admitted
from landuse.partition.share import Share
from landuse.partition.slivers import Tolerances

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from landuse.partition.land import Land
    from landuse.partition.tables import Tables

KIND = "landuse.land"
"""What the manifest of such a folder says that it is."""

_COMMON = ("overlaps", "unusable", "snapped")
_NAMELESS = "__HIVE_DEFAULT_PARTITION__"  # what the programs that read such folders call it


@dataclass(frozen=True)
class Stored:
    """A county's land in a folder, known by the hash of its files; a `parcel.Job`."""

    folder: str
    owner: str
    digest: str
    tolerances: Tolerances
    pays: bool
    threads: int

    def __str__(self) -> str:
        """Return what errors call it."""
        return f"{self.owner or '-'}, {self.folder}"

    def opened(self) -> Share:
        """
        Return the share, with shapes.

        Raises
        ------
        ClusterError
            If it cannot be read from here, or is not what was written.
        """
        folder = Path(self.folder)
        with reached(folder):
            files = {role: _at(folder, role, self.owner).read_bytes() for role in ROLES}
        if _digest(files) != self.digest:
            raise ClusterError("cluster.changed", folder=folder)
        return _share(self.owner, self.tolerances, files)


@dataclass(frozen=True)
class Kept:
    """What a folder says of the land in it: as in `Land`, and the hash of each county's files."""

    folder: Path
    crs: Any
    common: Tables
    counties: Mapping[str, int]
    digests: Mapping[str, str]
    count: int
    tolerances: Tolerances

    def job(self, county: str, *, pays: bool, threads: int) -> Stored:
        """Return the land of a county as it is handed over."""
        where, digest = str(self.folder), self.digests[county]
        return Stored(where, county, digest, self.tolerances, pays, threads)


@contextmanager
def reached(folder: Path) -> Iterator[None]:
    """
    Turn an error of the system meanwhile into a sentence about a folder that workers share.

    Raises
    ------
    ClusterError
        If there was one.
    """
    try:
        yield
    except OSError as err:
        raise ClusterError(
            "cluster.unshared", where=platform.node(), folder=folder, reason=err
        ) from err


def put(share: Share, folder: Path, crs: Any, *, pays: bool, threads: int) -> Stored:
    """
    Write the land of a county, and return what is handed over instead of it.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    files = {}
    for role, table in _tables(share, crs).items():
        content = BytesIO()
        table.to_parquet(content, index=False, compression="zstd")
        files[role] = content.getvalue()
        path = _at(folder, role, share.owner)
        path.parent.mkdir(parents=True)
        path.write_bytes(files[role])
    where = str(folder.absolute())
    return Stored(where, share.owner, _digest(files), share.tolerances, pays, threads)


def keep(folder: Path, land: Land, on: date) -> None:
    """
    Write land, whole or not at all.

    Raises
    ------
    OutputError
        If something else is there, or it cannot be written.
    """
    if (folder / outputs.MARK).exists():
        _manifest(folder)
    with outputs.replacing(folder) as growing:
        stored = [
            put(share, growing, land.crs, pays=False, threads=1)
            for share in land.shares(list(land.counties))
        ]
        digests = {each.owner: each.digest for each in stored}
        for name in _COMMON:
            table = land.common[name].reset_index(drop=True)
            table.to_parquet(growing / f"{name}.parquet")
        counties = [
            {"owner": owner, "corners": corners, "sha256": digests[owner]}
            for owner, corners in land.counties.items()
        ]
        record = {
            "kind": KIND,
            "on": on.isoformat(),
            "crs": None if land.crs is None else land.crs.to_json_dict(),
            "count": land.count,
            "tolerances": asdict(land.tolerances),
            "counties": counties,
        }
        text = json.dumps(record, ensure_ascii=False, indent=1)
        (growing / outputs.MARK).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def kept(folder: Path) -> Kept:
    """
    Return what is said of the land in a folder.

    Raises
    ------
    OutputError
        If it holds no land that was kept.
    """
    record = _manifest(folder)
    try:
        counties = record["counties"]
        return Kept(
            folder=folder,
            crs=None if record["crs"] is None else pyproj.CRS.from_json_dict(record["crs"]),
            common={name: pd.read_parquet(folder / f"{name}.parquet") for name in _COMMON},
            counties={each["owner"]: each["corners"] for each in counties},
            digests={each["owner"]: each["sha256"] for each in counties},
            count=record["count"],
            tolerances=Tolerances(**record["tolerances"]),
        )
    except (OSError, LookupError, TypeError, ValueError, CRSError) as err:
        raise OutputError("output.no_land", folder=folder) from err


def _manifest(folder: Path) -> dict[str, Any]:
    """Return what the manifest of kept land says; refuse any other."""
    try:
        record: dict[str, Any] = json.loads((folder / outputs.MARK).read_text("utf-8"))
    except (OSError, ValueError) as err:
        raise OutputError("output.no_land", folder=folder) from err
    if not isinstance(record, dict) or record.get("kind") != KIND:
        raise OutputError("output.no_land", folder=folder)
    return record


def _at(folder: Path, role: str, owner: str) -> Path:
    """Return where the land of a role and county lies."""
    return folder / role / f"county={quote(owner, safe='') or _NAMELESS}" / "land.parquet"


def _digest(files: Mapping[str, bytes]) -> str:
    """Return one hash of the files of a county."""
    each = (hashlib.sha256(files[role]).digest() for role in ROLES)
    return hashlib.sha256(b"".join(each)).hexdigest()


def _tables(share: Share, crs: Any) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a share."""
    approvals, supplies = share.approvals, share.supplies
    count = len(approvals.ids)
    columns: dict[str, dict[str, Any]] = {
        "approval": {
            "approval_id": approvals.ids,
            "owner": share.owners[:count],
            BEGINS["approval"]: approvals.days,
        },
        "supply": {
            "supply_id": supplies.ids,
            "owner": share.owners[count:],
            BEGINS["supply"]: supplies.days,
            "phase_of": pd.Series(supplies.ids, dtype="str").reindex(supplies.parent).array,
        },
        "construction": {},
        "cluster": {"cluster_id": share.clusters.ids},
        "park": {"park_id": share.parks.ids},
    }
    shapes = (
        approvals.shapes,
        supplies.shapes,
        share.footprints,
        share.clusters.shapes,
        share.parks.shapes,
    )
    return {
        role: gpd.GeoDataFrame(columns[role], geometry=gpd.GeoSeries(drawn), crs=crs)
        for role, drawn in zip(ROLES, shapes, strict=True)
    }


def _share(owner: str, tolerances: Tolerances, files: Mapping[str, bytes]) -> Share:
    """Return a share from the files of its layers."""
    tables = {role: gpd.read_parquet(BytesIO(content)) for role, content in files.items()}
    read = {role: _admitted(role, table) for role, table in tables.items()}
    owners = pd.concat([tables[role]["owner"] for role in ("approval", "supply")])
    return Share(
        owner,
        read["approval"],
        read["supply"],
        owners.to_numpy(dtype=object),
        read["construction"].shapes,
        read["cluster"],
        read["park"],
        tolerances,
    )


def _admitted(role: str, table: gpd.GeoDataFrame) -> Admitted:
    """Return the features of a layer, in its order."""
    count, begins, name = len(table), BEGINS.get(role), f"{role}_id"
    nothing = np.full(count, "", dtype=object)
    ids = table[name].to_numpy(dtype=object) if name in table else nothing
    days = table[begins].to_numpy() if begins in table else np.full(count, NEVER)
    parent = np.full(count, -1, dtype=np.int64)
    if "phase_of" in table and table["phase_of"].notna().any():
        parent = pd.Index(ids).get_indexer(table["phase_of"].to_numpy(dtype=object))
    shapes = table.geometry.to_numpy().astype(object)
    return Admitted(ids, days.astype("datetime64[s]"), shapes, parent)
