"""
Damaged files of the formats other libraries read, each read in a process of its own.

    nice -n 10 python -m benchmarks.damage 240
    nice -n 10 python -m benchmarks.damage 240 tif jp2

Seeded flips, cuts and splices of a small valid file, or of one part of it; one that brings the
process down is a crash, whatever the library was doing. Images are read as `landuse observe` reads
them, as the later of two days. Each format gets so many seconds; a row of a table is printed for
each. Files that our own code reads are changed by what that code does with them: see
`benchmarks.fuzz`.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
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
_VECTORS: dict[str, dict[str, Any]] = {
    "gpkg": {}, "shp": {}, "fgb": {}, "geojson": {}, "kml": {"driver": "KML"},
    "gdb": {"driver": "OpenFileGDB"}, "dxf": {"driver": "DXF"},
    "mif": {"driver": "MapInfo File"}, "tab": {"driver": "MapInfo File"},
}  # fmt: skip
_PACKED = {"zip": "shp", "kmz": "kml"}
_IMAGES = {"tif": "GTiff", "img": "HFA", "bsq": "ENVI", "jp2": "JP2OpenJPEG"}
_FORMATS = (*_VECTORS, *_PACKED, "parquet", "xlsx", *_IMAGES)
_LAYER = 'role = "{}"\ntitle = "t"\nfile = "data/{}"\nas_of = 2018-05-31\ncrs = "EPSG:{}"\n'
_OWN = {
    "dxf": '[columns]\nsupply_id = "EntityHandle"\n',
    "kml": '[columns]\nsupply_id = "Name"\n',
}
_SEEN = "observed_on = {}\n[bands]\nblue = 1\ngreen = 2\nred = 3\nnir = 4\n"
_BOXES = [shapely.box(x, 3_765_700, x + 160, 3_765_900) for x in (500_010, 500_200, 500_400)]


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
    """Write a workspace of one small layer, or image; its files once more as they are whole."""
    layers = root / "layers"
    data = layers / "data"
    data.mkdir(parents=True)
    settings = 'name = "t"\ncrs = "EPSG:4547"\n'
    (layers / "workspace.toml").write_text(settings, encoding="utf-8")
    kind = _PACKED.get(ending, ending)
    declared = _LAYER.format("supply", f"s.{ending}", 4326 if kind in {"geojson", "kml"} else 4547)
    if ending in _IMAGES:
        (layers / "c.toml").write_text(_LAYER.format("supply", "c.csv", 4547), encoding="utf-8")
        (data / "c.csv").write_text("supply_id\nA1\n", encoding="utf-8")
        before = _LAYER.format("imagery", "before.tif", 4547) + _SEEN.format("2017-05-31")
        (layers / "before.toml").write_text(before, encoding="utf-8")
        _picture(data / "before.tif", "GTiff", 20)
        _picture(data / f"s.{ending}", _IMAGES[ending], 10)
        declared = declared.replace("supply", "imagery", 1) + _SEEN.format("2018-05-31")
    else:
        _written(data / f"s.{kind}")
    (layers / "s.toml").write_text(declared + _OWN.get(kind, ""), encoding="utf-8")
    if ending in _PACKED:
        files = sorted(data.iterdir())
        with zipfile.ZipFile(data / f"s.{ending}", "w", zipfile.ZIP_DEFLATED) as pack:
            for file in files:
                pack.write(file, "doc.kml" if kind == "kml" else file.name)
        for file in files:
            file.unlink()
    shutil.copytree(data, root / "whole")


def _written(path: Path) -> None:
    """Write three parcels in the format of an ending."""
    cells = {
        "supply_id": ["A1", "A2", "A3"],
        "right_hold": ["许昌甲公司", None, "乙"],
        "price": [1.5, 2, 3],
    }
    ending = path.suffix[1:]
    frame = gpd.GeoDataFrame(cells, geometry=_BOXES, crs=4547)
    if ending in {"geojson", "kml"}:
        frame = frame.to_crs(4326)
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "xlsx":
        frame.drop(columns="geometry").to_excel(path, index=False)
    else:
        kept = frame[["geometry"]] if ending == "dxf" else frame
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MapInfo has no bounds for the grid
            pyogrio.write_dataframe(kept, path, **_VECTORS[ending])


def _picture(path: Path, driver: str, pixel_m: int) -> None:
    """Write a small raster of four bands."""
    import rasterio

    place = rasterio.transform.from_origin(500_000, 3_766_000, pixel_m, pixel_m)
    side = 640 // pixel_m
    told = {"count": 4, "dtype": "uint8", "crs": "EPSG:4547", "transform": place}
    own = {"compress": "deflate"} if driver == "GTiff" else {}
    with rasterio.open(
        path, "w", driver=driver, width=side, height=side, nodata=0, **told, **own
    ) as image:
        image.write(np.arange(4 * side * side, dtype="uint8").reshape(4, side, side))


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


def seen(root: Path) -> int:
    """Read the images of a workspace as its layers do, and what they show of parcels."""
    import pyproj

    from landuse import layers
    from landuse.imagery import observing, scenes

    tables(root)
    found = scenes.scenes(layers.load(root))
    shapes = np.array(_BOXES, dtype=object)
    return len(observing.observed(found, shapes, pyproj.CRS(4547)).dates)


def tried(root: Path, ending: str, seed: int) -> None:
    """Damage one part of a layer by a seed, and read it."""
    dice = random.Random(seed)
    data, whole = root / "layers" / "data", root / "whole"
    parts = sorted(part for part in whole.rglob("*") if part.is_file() and part.stat().st_size)
    chosen = dice.choice([p for p in parts if p.relative_to(whole).parts[0].startswith("s.")])
    shutil.rmtree(data)
    shutil.copytree(whole, data)
    held = data / chosen.relative_to(whole)
    held.write_bytes(damaged(chosen.read_bytes(), dice))
    seen(root) if ending in _IMAGES else tables(root)


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
    seconds, names = float(sys.argv[1]), sys.argv[2:] or _FORMATS
    print(f"| format | files | {' | '.join(KINDS)} | most CPU s | most MiB |")
    print("|---" * (4 + len(KINDS)) + "|")
    sys.exit(min(sum(fuzzed(ending, seconds) for ending in names), 1))


if __name__ == "__main__":
    main()
