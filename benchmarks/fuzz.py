"""
Everything that reads what others wrote, fed by a fuzzer that follows coverage.

    python -m pip install atheris
    python -m benchmarks.fuzz exchange -max_total_time=600
    python -m benchmarks.fuzz all 240

Nothing but our errors may come out. `all` gives each target so many seconds, one after another, and
prints a row of a table for each; whatever follows the name of one is passed on to libFuzzer. Of
workbooks the parts inside are changed, not the zip around them. Formats that GDAL reads are no
targets here, as it cannot be followed: see `benchmarks.damage`. atheris is no dependency.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[bytes], None]

DAY = date(2018, 6, 30)
SECONDS = 20
"""Seconds of the processor one content may take."""
_ROOMS = ("read", "returns", "pipeline", "entries", "manifest", "grading", "slip", "history")
WORDS = (
    *(b"1", b"-1", b"0", b"1e400", b"nan", b"inf", b"true", b"null", b"2018-01-01", b'"1/0"'),
    *(b'""', b'"x"', b"[]", b"[1]", b'[["a"]]', b"{}", b'{"a": 1}', b'{a = "b"}', b'"\\u0000"'),
    *(b"[" * 3_000, b'"..\\\\x"', b'"http://a/b"', b'"[*"', b"=1+1", b"99999999999999999999"),
)
"""Values put in the place of others."""
_VALUE = re.compile(rb"(?:=|:|,|>)\s*(\"[^\"\n]*\"|[^\s,<>\"}\]]+)")
LEDGER = (
    "电子监管号,土地使用权人,供应面积,成交价款,合同签订日期,约定动工日期\n"
    "4110022016B00001,某公司,1.5公顷,300,2016-01-01,2016-06-01\n"
    '4110022016B00002,"某,厂",2,10万元,2016年1月2日,2019.1.1\n'
)
LINES = '{"电子监管号": "4110022016B00001", "供应面积": 1.5, "合同签订日期": "2016-01-01"}\n' * 2
EXCHANGE = """[属性描述]
格式版本号=1.01版本
坐标系=2000国家大地坐标系
几度分带=3
带号=38
[地块坐标]
4,1.0000,DK-1,甲,面,,工业用地,0601,@
J1,1,3766000.000,38500000.000
J2,1,3766000.000,38500100.000
J3,1,3765900.000,38500100.000
J4,1,3765900.000,38500000.000
"""
WORKSPACE = """name = "许昌市"
division_code = "411000"
crs = "EPSG:4547"
area_method = "plane"
synthetic = true
[profiles.board]
based_on = "leaders"
marking = "秘密"
grid_m = 20
hidden = ["supply.price", "findings"]
"""
LAYER = """role = "supply"
title = "供地台账"
file = "data/s.csv"
as_of = 2018-05-31
encoding = "UTF-8"
header_row = 1
repair = false
[columns]
supply_id = "电子监管号"
[units]
declared_area = "ha"
"""
MAP = """title = "总览"
note = "注"
lang = "zh"
split_by = "cluster"
states = ["supplied_unbuilt"]
outlines = ["cluster"]
layers = ["approval"]
[[basemaps]]
title = "底图"
file = "maps/a.png"
bounds = [113.0, 34.0, 114.0, 35.0]
[[basemaps]]
online = "https://host.example/{z}/{x}/{y}.png"
"""
STATUTE = """[land_transfer_share]
label = "比例"
unit = "share"
modality = "shall"
[[land_transfer_share.value]]
amount = "1/5"
in_force = 2012-07-01
document = "文件"
article = "第一条"
verified = false
"""
MEASURES = """[[row]]
name = "own"
label = "自定"
label_en = "own"
status = ["overdue"]
measures = ["催告"]
measures_en = ["urge"]
authority = []
lead = "县局"
support = ["管委会"]
due_months = 3
[priority]
urgency_days = 300
"""
VRT = """<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Byte" band="1">
<SimpleSource><SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>1</SourceBand>
</SimpleSource></VRTRasterBand></VRTDataset>"""


class Target(NamedTuple):
    """How a target is begun in a folder: the seeds, and what is done with each content."""

    begun: Callable[[Path], tuple[list[bytes], Work]]


def _laid(root: Path, texts: dict[str, str | bytes]) -> None:
    """Write files below a folder."""
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def _space(root: Path, ending: str = "csv") -> Path:
    """Write a workspace of one layer and return the file of its data."""
    path = root / "layers" / "data" / f"s.{ending}"
    layer = f'role = "supply"\ntitle = "t"\nfile = "data/s.{ending}"\nas_of = 2018-05-31\n'
    layer += '[columns]\nsupply_id = "地块编号"\n' if ending == "txt" else ""
    settings = 'name = "许昌市"\ncrs = "EPSG:4547"\n'
    _laid(root, {"layers/workspace.toml": settings, "layers/s.toml": layer})
    _laid(root, {f"layers/data/s.{ending}": LEDGER})
    return path


def _source(ending: str, seed: bytes) -> Target:
    """Return the target of one ending of a source layer."""

    def begun(root: Path) -> tuple[list[bytes], Work]:
        from landuse import layers, read

        path = _space(root, ending)
        workspace = layers.load(root)

        def work(content: bytes) -> None:
            path.write_bytes(content)
            read.tables(workspace)

        return [seed], work

    return Target(begun)


def _parts(whole: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        return {name: book.read(name) for name in book.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    """Return a workbook made of parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return held.getvalue()


def _inside(whole: bytes, path: Path, reads: Callable[[], object]) -> tuple[list[bytes], Work]:
    """Change one part of a workbook at a time: its number is the first byte."""
    parts = _parts(whole)
    names = sorted(name for name in parts if re.search(r"sheet\d*\.xml$|book\.xml$|ings", name))

    def work(content: bytes) -> None:
        name = names[content[0] % len(names)] if content else names[0]
        path.write_bytes(_packed({**parts, name: content[1:]}))
        reads()

    return [bytes([n]) + parts[name] for n, name in enumerate(names)], work


def _ledger_book(root: Path) -> tuple[list[bytes], Work]:
    import xlsxwriter

    from landuse import layers, read

    path = _space(root, "xlsx")
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held)
    sheet = book.add_worksheet()
    for n, line in enumerate(LEDGER.replace('"某,厂"', "某厂").splitlines()):
        sheet.write_row(n, 0, line.split(","))
    book.close()
    workspace = layers.load(root)
    return _inside(held.getvalue(), path, lambda: read.tables(workspace))


def book_of_list(root: Path) -> bytes:
    """Return the list of a small workspace."""
    from landuse import pipeline, workbook

    _space(root)
    workbook.write(root / "list.xlsx", pipeline.run(root, on=DAY))
    return (root / "list.xlsx").read_bytes()


def _returned(root: Path) -> tuple[list[bytes], Work]:
    from landuse import returns

    path = root / "back.xlsx"
    return _inside(book_of_list(root), path, lambda: returns.planned([path], root, "许昌市"))


def _slips(root: Path) -> tuple[list[bytes], Work]:
    """Forge the slips of a list: their mark is right, what they say is anything."""
    from xml.sax.saxutils import escape, unescape
    from zlib import crc32

    from landuse import returns

    path, parts = root / "back.xlsx", _parts(book_of_list(root))
    pattern = re.compile(r"[0-9a-f]{8}(\{&quot;|\{\")[^<]*")
    own = {n: t.decode() for n, t in parts.items() if pattern.search(t.decode("utf-8", "ignore"))}
    seeds = [
        unescape(found.group(), {"&quot;": '"'})[8:].encode()
        for text in own.values()
        for found in pattern.finditer(text)
    ]

    def work(content: bytes) -> None:
        text = content.decode("utf-8", "replace")
        forged = escape(f"{crc32(text.encode(errors='replace')):08x}{text}")
        changed = {n: pattern.sub(lambda _: forged, t).encode() for n, t in own.items()}
        path.write_bytes(_packed({**parts, **changed}))
        returns.planned([path], root, "许昌市")

    return seeds, work


def _plan(root: Path) -> tuple[list[bytes], Work]:
    import pandas as pd

    from landuse import returns
    from landuse.returns.planning import CHANGES, NOTICES

    row = dict.fromkeys(CHANGES, "a") | {"decision": returns.ACCEPT, "verdict": "clean", "row": "6"}
    row["held"] = ""
    plan = returns.Plan(pd.DataFrame([row]), pd.DataFrame(columns=list(NOTICES)))
    path = root / "plan.xlsx"
    returns.write(path, plan, "zh")
    _space(root)

    def reads() -> None:
        if returns.is_plan(path):
            shutil.rmtree(root / "layers" / "decisions", ignore_errors=True)
            returns.accepted(root, returns.read(path), by="a", why="b", on=DAY)

    return _inside(path.read_bytes(), path, reads)


def _file(name: str, seed: str, read: Callable[[Path], object]) -> Target:
    """Return the target of one file of a workspace."""

    def begun(root: Path) -> tuple[list[bytes], Work]:
        _space(root)
        path = root / name
        _laid(root, {name: seed})

        def work(content: bytes) -> None:
            path.write_bytes(content)
            read(root)

        return [seed.encode()], work

    return Target(begun)


def _settings(root: Path) -> None:
    from landuse import layers, profiles

    workspace = layers.load(root)
    for name in workspace.profiles:
        profiles.chosen(workspace, name)


def _layer(root: Path) -> None:
    from landuse import layers, read

    read.tables(layers.load(root))


def _maps(root: Path) -> None:
    from landuse.maps import spec

    for one in spec.load(root):
        one.heading("zh")
        for base in one.basemaps:
            base.hosts()


def _law(root: Path) -> None:
    from landuse import law

    statutes = law.on(DAY, root)
    for value in statutes.in_force():
        str(value.citation)


def _lines(root: Path) -> None:
    from landuse.dispose import table

    table.decisions(root)


def _scheme(root: Path) -> None:
    from landuse import grading

    grading.load(root)


def _entries(root: Path) -> None:
    from landuse import entries

    entries.latest(entries.read(root))


def _manifest(root: Path) -> None:
    from landuse import manifest

    manifest.verify(root / "out")


def _record(root: Path) -> tuple[list[bytes], Work]:
    """Forge the record of a kept run: its hash is right, what it says is anything."""
    from landuse import history, pipeline

    _space(root)
    kept = history.keep(root, pipeline.run(root, on=DAY), made_on=DAY)
    path = root / "history" / "runs" / "0001.json"

    def work(content: bytes) -> None:
        with suppress(ValueError, RecursionError):  # of what is forged here, not of what is read
            run = json.loads(content)
            said = json.dumps(run, ensure_ascii=False, sort_keys=True).encode(errors="replace")
            whole = {"format": 1, "sha256": hashlib.sha256(said).hexdigest(), "run": run}
            content = json.dumps(whole).encode()
        path.write_bytes(content)
        for one in history.runs(root):
            history.load(root, one.number)

    return [json.dumps(kept.said(), ensure_ascii=False).encode()], work


def _held(root: Path) -> tuple[list[bytes], Work]:
    """Forge what a kept run names: hashes and record are right, the first byte tells which file."""
    from landuse import history, pipeline
    from landuse.history import record, reel

    _space(root)
    honest = history.keep(root, pipeline.run(root, on=DAY), made_on=DAY)
    store, supply = history.Store(root), honest.tables["supply"]
    names = [honest.cases, honest.totals, honest.law, supply["table"]]

    def work(content: bytes) -> None:
        place = content[0] % len(names) if content else 0
        name = store.put(content[1:], Path(names[place]).suffix)
        field = ("cases", "totals", "law")[place] if place < 3 else "tables"
        tables = {**honest.tables, "supply": {**supply, "table": name}}
        forged = replace(honest, **{field: tables if field == "tables" else name})
        try:
            if place < 2:
                _, totals = history.figures(store, forged)
                reel.figures(DAY, totals)
            else:
                record.write(store, forged)
                history.load(root, 1)
        finally:
            if name not in names:
                (store.objects / name).unlink()

    return [bytes([n]) + store.get(name) for n, name in enumerate(names)], work


def _mosaic(root: Path) -> None:
    from landuse.read import mosaics

    (root / "a.tif").touch()
    mosaics.sources(root / "a.vrt")


def _entry() -> str:
    from landuse.entries import COLUMNS

    return json.dumps({**dict.fromkeys(COLUMNS, "a"), "row": 6}, ensure_ascii=False) + "\n"


def _example_scheme() -> str:
    from importlib.resources import files

    return (files("landuse") / "decisions" / "grading.toml").read_text(encoding="utf-8")


def targets() -> dict[str, Target]:
    """Return every target by name."""
    return {
        "exchange": _source("txt", EXCHANGE.encode()),
        "ledger": _source("csv", LEDGER.encode()),
        "lines": _source("jsonl", LINES.encode()),
        "workbook": Target(_ledger_book),
        "return": Target(_returned),
        "slip": Target(_slips),
        "plan": Target(_plan),
        "entries": _file("layers/decisions/0001.jsonl", _entry(), _entries),
        "workspace": _file("layers/workspace.toml", WORKSPACE, _settings),
        "layer": _file("layers/s.toml", LAYER, _layer),
        "map": _file("maps/a.toml", MAP, _maps),
        "statute": _file("layers/statutes/local.toml", STATUTE, _law),
        "measures": _file("layers/measures/own.toml", MEASURES, _lines),
        "grading": _file("layers/grading/scheme.toml", _example_scheme(), _scheme),
        "manifest": _file("out/manifest.json", '{"outputs": {"a": "b"}}', _manifest),
        "record": Target(_record),
        "held": Target(_held),
        "mosaic": _file("a.vrt", VRT, _mosaic),
    }


def changed(content: bytes, most: int, seed: int, mutate: Callable[[bytes, int], bytes]) -> bytes:
    """Put another value where one stands, every other time; else change bytes."""
    dice = random.Random(seed)
    places = list(_VALUE.finditer(content))
    if not places or dice.random() < 0.5:
        return mutate(content, most)
    place, word = dice.choice(places), dice.choice(WORDS)
    return (content[: place.start(1)] + word + content[place.end(1) :])[:most]


def fuzzed(name: str, options: list[str]) -> None:
    """Fuzz one target until libFuzzer is told to stop."""
    fuzzer: Any = importlib.import_module("atheris")
    with fuzzer.instrument_imports(include=["landuse", "tomllib"]):
        for module in _ROOMS:
            importlib.import_module(f"landuse.{module}")
        errors = importlib.import_module("landuse.errors")
    root = Path(tempfile.mkdtemp(prefix="landuse-fuzz-"))
    seeds, work = targets()[name].begun(root)
    corpus = root / "seeds"
    _laid(corpus, {str(n): seed for n, seed in enumerate(seeds)})

    def one(content: bytes) -> None:
        begun = time.process_time()
        with suppress(errors.LanduseError):
            work(content)
        if time.process_time() - begun > SECONDS:
            message = f"{len(content)} bytes took {time.process_time() - begun:.0f} s"
            raise TimeoutError(message)

    # a machine that is stopped for a while is no fault: seconds of the processor count
    limits = ["-rss_limit_mb=2048", "-timeout=900", f"-artifact_prefix={root}/"]
    arguments = [sys.argv[0], *limits, *options, str(corpus)]

    def mutator(content: bytes, most: int, seed: int) -> bytes:
        return changed(content, most, seed, fuzzer.Mutate)  # there only once Fuzz is called

    fuzzer.Setup(arguments, one, custom_mutator=mutator)
    fuzzer.Fuzz()


def everything(seconds: int, names: list[str]) -> int:
    """Give each target some seconds in a process of its own; return how many found something."""
    found = 0
    for name in names or targets():
        command = [sys.executable, "-m", "benchmarks.fuzz", name, "-print_final_stats=1"]
        begun = time.monotonic()
        done = subprocess.run(
            [*command, f"-max_total_time={seconds}"], capture_output=True, text=True, check=False
        )
        took = time.monotonic() - begun
        told = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
        runs = int(told.get("number_of_executed_units", 0))
        found += done.returncode != 0
        outcome = f"exit {done.returncode}" if done.returncode else "nothing but our errors"
        print(f"| {name} | {runs:,} | {took:.0f} | {told.get('peak_rss_mb', '')} | {outcome} |")
        if done.returncode:
            print(done.stderr[-6_000:])
        sys.stdout.flush()
    return found


def main() -> None:
    """Fuzz one target or all."""
    name, *options = sys.argv[1:]
    if name == "all":
        sys.exit(min(everything(int(options[0]), options[1:]), 1))
    fuzzed(name, options)


if __name__ == "__main__":
    main()
