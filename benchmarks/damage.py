"""
Damaged files of the formats GDAL reads, each read in a process of its own.

    nice -n 10 python -m benchmarks.damage 240

Seeded flips, cuts and splices of a small valid file; one that brings the process down is a crash,
whatever GDAL was doing. Each format gets so many seconds; a row of a table is printed for each.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

GIB = 4.0
"""Memory files may take beyond the program; arrow sets whole GiB aside, so less tells nothing."""
SECONDS = 60.0
"""Seconds until a file that is still being read is given up."""
KINDS = ("read", "refused", "memory", "other", "crash")
_FORMATS: dict[str, dict[str, Any]] = {
    "gpkg": {}, "shp": {}, "fgb": {}, "geojson": {}, "kml": {"driver": "KML"},
    "dxf": {"driver": "DXF"}, "mif": {"driver": "MapInfo File"}, "tif": {},
}  # fmt: skip
_PARTS = {"shp": ("shp", "shx", "dbf"), "mif": ("mif", "mid")}
_LAYER = 'title = "t"\nfile = "data/s.{}"\nas_of = 2018-05-31\ncrs = "EPSG:{}"\n'
_OWN = {
    "dxf": '[columns]\nsupply_id = "EntityHandle"\n',
    "kml": '[columns]\nsupply_id = "Name"\n',
    "tif": "observed_on = 2018-05-31\n[bands]\nblue = 1\n",
}


class Outcome(NamedTuple):
    """What became of a job, one of `KINDS`, and what it cost."""

    kind: str
    said: Any
    seconds: float
    mib: float


def _work(job: Callable[..., Any], givens: Sequence[Any], gib: float, end: Any) -> None:
    """Do a job with each of what is given, under a limit of memory, and send what became of it."""
    from landuse import executor
    from landuse.errors import LanduseError

    held = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    executor.limit_memory(gib + held / 2**30)
    for given in givens:
        begun = time.process_time()
        try:
            found: tuple[str, Any] = ("read", job(given))
        except LanduseError as err:
            found = ("refused", str(err))
        except MemoryError:
            found = ("memory", traceback.format_exc())
        except BaseException:  # whatever it is, it is counted
            found = ("other", traceback.format_exc())
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10 - held / 2**20
        end.send((*found, time.process_time() - begun, most))


def apart(job: Callable[..., Any], givens: Sequence[Any], gib: float = GIB) -> Iterator[Outcome]:
    """
    Do a job with each of what is given in a process of its own; a new one after a crash.

    Parameters
    ----------
    job
        A function of a module; what it returns must be small.
    givens
        What it is called with, one after another; a `range` is sent as cheaply as one.
    gib
        Memory it may take beyond what the libraries take.
    """
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["landuse.read.reading"])
    done = 0
    while done < len(givens):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(job, givens[done:], gib, theirs))
        process.start()
        theirs.close()
        try:
            while done < len(givens):
                try:
                    one = Outcome(*ours.recv()) if ours.poll(SECONDS) else None
                except EOFError:
                    one = None
                done += 1
                if one is None:
                    process.kill()  # nothing, where it is gone already
                    process.join()
                    yield Outcome("crash", f"exit {process.exitcode}", SECONDS, 0)
                    break
                yield one
                if one.kind == "memory":
                    break  # what libraries lost does not come back
        finally:
            process.kill()
            process.join()


def tables(root: Path) -> dict[str, int]:
    """Read a workspace; return how often each finding was made, and how many rows there are."""
    from landuse import layers, read

    made = read.tables(layers.load(root))
    rows = sum(len(table) for table in made.tables.values())
    counted = made.findings["code"].value_counts()
    return {**{str(code): int(count) for code, count in counted.items()}, "rows": rows}


def seeded(root: Path, ending: str) -> None:
    """Write a workspace of one small layer, and its files once more as they are whole."""
    data = root / "layers" / "data"
    data.mkdir(parents=True)
    role, crs = ("imagery", 4547) if ending == "tif" else ("supply", 4547)
    boxes = [shapely.box(x, 3_766_000, x + 100, 3_766_100) for x in (500_000, 500_200, 500_400)]
    cells = {
        "supply_id": ["A1", "A2", "A3"],
        "right_hold": ["许昌甲公司", None, "乙"],
        "price": [1.5, 2, 3],
    }
    frame = gpd.GeoDataFrame(cells, geometry=boxes, crs=crs)
    if ending in {"geojson", "kml"}:
        frame, crs = frame.to_crs(4326), 4326
    path = data / f"s.{ending}"
    if ending == "tif":
        _picture(path)
        (root / "layers" / "c.toml").write_text(
            'role = "supply"\n' + _LAYER.format("csv", crs), "utf-8"
        )
        (data / "s.csv").write_text("supply_id\nA1\n", encoding="utf-8")
    else:
        kept = frame[["geometry"]] if ending == "dxf" else frame
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MapInfo has no bounds for the grid
            pyogrio.write_dataframe(kept, path, **_FORMATS[ending])
    settings = 'name = "t"\ncrs = "EPSG:4547"\n'
    (root / "layers" / "workspace.toml").write_text(settings, encoding="utf-8")
    toml = f'role = "{role}"\n' + _LAYER.format(ending, crs) + _OWN.get(ending, "")
    (root / "layers" / "s.toml").write_text(toml, encoding="utf-8")
    for part in _PARTS.get(ending, (ending,)):
        (root / f"whole.{part}").write_bytes((data / f"s.{part}").read_bytes())


def _picture(path: Path) -> None:
    """Write a small raster in tiles."""
    import rasterio

    place = rasterio.transform.from_origin(500_000, 3_766_100, 10, 10)
    told = {"count": 1, "dtype": "uint8", "crs": "EPSG:4547", "transform": place}
    with rasterio.open(
        path, "w", driver="GTiff", width=64, height=64, compress="deflate", **told
    ) as image:
        image.write(np.arange(64 * 64, dtype="uint8").reshape(1, 64, 64))


def damaged(content: bytes, dice: random.Random) -> bytes:
    """Return bytes flipped, overwritten by extreme numbers, cut, or with a stretch said twice."""
    changed = bytearray(content)
    for _ in range(dice.randint(0, 6)):
        at = dice.randrange(len(changed))
        word = dice.choice(
            (bytes([dice.randrange(256)]), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 8)
        )
        changed[at : at + len(word)] = word
    if dice.random() < 0.2:
        changed = changed[: dice.randrange(len(changed))]
    elif dice.random() < 0.3:
        at, far = sorted(dice.randrange(len(changed)) for _ in range(2))
        changed[at:at] = changed[at:far] * dice.randint(1, 3)
    return bytes(changed)


def pixels(root: Path) -> None:
    """Read the raster of a workspace as its layer does, and its pixels."""
    import rasterio

    tables(root)
    with rasterio.open(root / "layers" / "data" / "s.tif", driver="GTiff") as image:
        image.read(1, window=((0, 64), (0, 64)))


def tried(root: Path, ending: str, seed: int) -> None:
    """Damage one part of a layer by a seed, and read it."""
    dice = random.Random(seed)
    parts = _PARTS.get(ending, (ending,))
    chosen = dice.choice(parts)
    for part in parts:
        whole = (root / f"whole.{part}").read_bytes()
        held = damaged(whole, dice) if part == chosen else whole
        (root / "layers" / "data" / f"s.{part}").write_bytes(held)
    pixels(root) if ending == "tif" else tables(root)


def fuzzed(ending: str, seconds: float) -> int:
    """Damage one format for so many seconds, print what became of the files; return the faults."""
    made: list[Outcome] = []
    told: dict[str, int] = {}
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "w"
        seeded(root, ending)
        for one in apart(partial(tried, root, ending), range(1 << 30)):
            if one.kind not in {"read", "refused"}:
                told.setdefault(str(one.said), len(made))
            made.append(one)
            if time.monotonic() > end:
                break
    count = Counter(one.kind for one in made)
    cells = [count[kind] for kind in KINDS]
    most = f"{max(one.seconds for one in made):.1f} | {max(one.mib for one in made):.0f}"
    print(f"| {ending} | {len(made):,} | {' | '.join(map(str, cells))} | {most} |", flush=True)
    for said, seed in told.items():
        print(f"{ending}, seed {seed}: {said}", file=sys.stderr)
    return len(made) - count["read"] - count["refused"]


def main() -> None:
    """Damage every format for so many seconds each."""
    seconds, names = float(sys.argv[1]), sys.argv[2:] or list(_FORMATS)
    print(f"| format | files | {' | '.join(KINDS)} | most CPU s | most MiB |")
    print("|---" * (4 + len(KINDS)) + "|")
    sys.exit(min(sum(fuzzed(ending, seconds) for ending in names), 1))


if __name__ == "__main__":
    main()
