"""
How long it takes to read a layer and to check it, and against whom.

`python -m benchmarks.read --rows 1000000` writes a GeoPackage of that many supplies with twelve
Chinese columns and reads it in alternating rounds, each contender in a process of its own.
`--checks 100000` does the same for the checks, against `geopandas.overlay` of the layer with
itself, and `--txt 50000` for the coordinate exchange TXT. CPU and wall seconds are those of the
call alone, without imports.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

import landuse
from benchmarks import fabric
from benchmarks.partition import _peak_mb
from landuse import check, layers, read

if TYPE_CHECKING:
    from collections.abc import Callable

ON = date(2018, 5, 31)
FILE = "supplies.gpkg"
TXT = "parcels.txt"
_WORDS = ("工业用地", "商服用地", "住宅用地", "公共管理与公共服务用地", "仓储用地")
_MODES = ("挂牌出让", "划拨", "协议出让", "拍卖出让")


def workspace(folder: Path, rows: int, crs: str = fabric.CRS, *, repaired: bool = False) -> None:
    """
    Write a workspace of one layer.

    Parameters
    ----------
    folder
        Where.
    rows
        Number of supplies.
    crs
        The workspace's system; the layer is in EPSG:4526.
    repaired
        Whether invalid polygons are made valid first.
    """
    data = folder / "layers" / "data"
    data.mkdir(parents=True)
    made = {"supply": fabric.tables(rows)["supply"].iloc[:rows]}
    supplies = fabric.repaired(made)["supply"] if repaired else made["supply"]
    placed = gpd.GeoDataFrame(
        ledger(supplies), geometry=supplies.geometry.to_numpy(), crs=fabric.CRS
    )
    pyogrio.write_dataframe(placed, data / FILE, layer="供地", use_arrow=True)
    settings = f'name = "测试"\ncrs = "{crs}"\narea_method = "plane"\n'
    (folder / "layers" / "workspace.toml").write_text(settings, encoding="utf-8")
    layer = f'role = "supply"\ntitle = "供地"\nfile = "data/{FILE}"\nas_of = 2018-05-31\n'
    (folder / "layers" / "supplies.toml").write_text(layer, encoding="utf-8")


def ledger(supplies: pd.DataFrame) -> pd.DataFrame:
    """Return twelve columns as a county's ledger has them: two unique, four of names, the rest."""
    rng = np.random.default_rng(7)
    number = pd.Series(np.arange(1, len(supplies) + 1)).astype("str").str.zfill(7)
    signed = supplies["signed_on"].astype("datetime64[s]").reset_index(drop=True)
    few = rng.integers(0, max(1, len(supplies) // 8), len(supplies))
    holders = pd.Series(few).astype("str")
    start = signed + pd.Timedelta(days=365)
    return pd.DataFrame(
        {
            "电子监管号": "411003"
            + signed.dt.strftime("%Y")
            + number.str[:2]
            + "B"
            + number.str[2:],
            "宗地代码": "411003" + number.str[:6] + "GB" + number.str[2:],
            "土地使用权人": "许昌第" + holders + "实业有限公司",
            "项目名称": "年产" + holders + "万件智能装备（一期）项目",
            "土地坐落": "尚集镇第" + pd.Series(few % 997).astype("str") + "路东侧",
            "供应方式": rng.choice(_MODES, len(supplies)),
            "土地用途": rng.choice(_WORDS, len(supplies)),
            "供应面积": shapely.area(supplies.geometry.to_numpy()).round(2),
            "成交价款": rng.integers(10, 900, len(supplies)) * 10_000.0,
            "合同签订日期": signed.dt.date,
            "约定动工日期": start.dt.date,
            "实际动工日期": start.dt.date.where(rng.random(len(supplies)) < 0.5, None),
        }
    )


def _file(folder: Path) -> Path:
    return folder / "layers" / "data" / FILE


def _pyogrio(folder: Path) -> Callable[[], Any]:
    """Read the layer as a table with geometry."""
    return lambda: pyogrio.read_dataframe(_file(folder), use_arrow=True)


def _geopandas(folder: Path) -> Callable[[], Any]:
    """Read the layer as most notebooks do."""
    return lambda: gpd.read_file(_file(folder))


def _tables(folder: Path) -> Callable[[], Any]:
    """Read the workspace, as `landuse build` does."""
    known = layers.load(folder)
    return lambda: read.tables(known)


def _hash(folder: Path) -> Callable[[], Any]:
    """Hash the file alone."""

    def hashed() -> str:
        with _file(folder).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    return hashed


def _valid(folder: Path) -> Callable[[], Any]:
    """Ask of every polygon whether it is valid, and nothing else."""
    shapes = pyogrio.read_dataframe(_file(folder), columns=[], use_arrow=True).geometry.to_numpy()
    return lambda: shapely.is_valid(shapes)


def _checks(folder: Path) -> Callable[[], Any]:
    """Settle the ids and ask everything `landuse check` asks."""
    known = layers.load(folder)
    tables = read.tables(known).tables

    def asked() -> pd.DataFrame:
        return check.findings(check.settled(tables)[0], known, ON)

    return asked


def _overlay(folder: Path) -> Callable[[], Any]:
    """Lay the layer over itself with geopandas."""
    layer = pyogrio.read_dataframe(_file(folder), columns=["电子监管号"], use_arrow=True)

    def laid() -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # lines and points that are dropped
            return gpd.overlay(layer, layer, how="intersection")

    return laid


def _txt(folder: Path) -> Callable[[], Any]:
    """Read the coordinate exchange TXT."""
    return lambda: landuse.read_exchange(folder / TXT)


def _txt_written(folder: Path) -> Callable[[], Any]:
    """Write the coordinate exchange TXT."""
    parcels = _parcels(_file(folder))
    return lambda: landuse.write_exchange(parcels, folder / "again.txt")


def _fiona(folder: Path) -> Callable[[], Any]:
    """Read the same parcels from the GeoPackage, record by record."""

    def records() -> list[Any]:
        with fiona.open(_file(folder)) as held:
            return [(dict(r.properties), shapely.geometry.shape(r.geometry)) for r in held]

    return records


def _parcels(file: Path) -> gpd.GeoDataFrame:
    """Return the supplies with the two names of the exchange format's head."""
    supplies = pyogrio.read_dataframe(file, use_arrow=True)
    return supplies.rename(columns={"电子监管号": "地块编号", "项目名称": "地块名称"})


READING: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "pyogrio.read_dataframe(use_arrow=True)": _pyogrio,
    "landuse.read.tables": _tables,
    "geopandas.read_file": _geopandas,
    "SHA-256 of the file alone": _hash,
    "shapely.is_valid alone": _valid,
}
CHECKING: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "geopandas.overlay of the layer with itself": _overlay,
    "landuse.check, every question": _checks,
}

EXCHANGE: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "fiona, the same parcels as records of a GeoPackage": _fiona,
    "landuse.read_exchange": _txt,
    "landuse.write_exchange": _txt_written,
}
ALL = READING | CHECKING | EXCHANGE


def _measured(name: str, folder: Path) -> None:
    """Run one contender in this process and print what it took."""
    call = ALL[name](folder)
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    took = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    print(json.dumps(took | {"peak_mb": _peak_mb()}))


def _rounds(names: list[str], folder: Path, rounds: int) -> list[dict[str, Any]]:
    """Run contenders in alternating rounds, each in a process of its own; medians."""
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            command = [sys.executable, "-m", "benchmarks.read", "--only", name]
            done = subprocess.run(
                [*command, "--folder", str(folder)], check=True, capture_output=True, text=True
            )
            taken[name].append(json.loads(done.stdout.splitlines()[-1]))
    return [
        {"contender": name, **{key: median(run[key] or 0 for run in runs) for key in runs[0]}}
        for name, runs in taken.items()
    ]


def _markdown(rows: list[dict[str, Any]], peer: str) -> str:
    """Return the rows as a Markdown table; the first row is the peer."""
    lines = [
        f"| contender | CPU s | wall s | peak MB | CPU, {peer} = 1 |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['contender']} | {row['cpu_s']:.2f} | {row['wall_s']:.2f} | {row['peak_mb']:.0f} | "
        f"{row['cpu_s'] / rows[0]['cpu_s']:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Print a table of reading, and one of checking if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--checks", type=int, help="check that many parcels too")
    parser.add_argument("--txt", type=int, help="read and write a TXT of that many parcels too")
    parser.add_argument("--crs", default=fabric.CRS, help="the workspace's system")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=ALL, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        _measured(given.only, given.folder)
        return
    jobs = [(READING, given.rows, False, "pyogrio")]
    if given.checks:
        jobs.append((CHECKING, given.checks, True, "overlay"))
    if given.txt:
        jobs.append((EXCHANGE, given.txt, True, "fiona"))
    for contenders, rows, repaired, peer in jobs:
        with tempfile.TemporaryDirectory() as made:
            workspace(Path(made), rows, given.crs, repaired=repaired)
            if contenders is EXCHANGE:
                landuse.write_exchange(_parcels(_file(Path(made))), Path(made) / TXT)
            size = _file(Path(made)).stat().st_size >> 20
            found = _rounds(list(contenders), Path(made), given.rounds)
        print(f"{rows} polygons, {size} MiB, {given.rounds} rounds\n\n{_markdown(found, peer)}\n")


if __name__ == "__main__":
    main()
