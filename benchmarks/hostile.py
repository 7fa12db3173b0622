"""
Hostile text in every field of every layer, and every output looked at for what it did.

    python -m benchmarks.hostile --strings naughty-strings.txt

Row n of a layer holds string n in its first field of text, string n + 1 in the next and so on, so
that one run puts every string into every field. Pages are opened in a Chromium that is cut off
from every address: a dialog, a request, an error, an element nobody wrote or a mark on the window
is something executed. In workbooks and papers that is a formula, a link, a field or an outer
relation; in CSV a cell that a spreadsheet would run; in what is printed whatever steers a
terminal. Text that comes out other than it was read is
altered, but for what `landuse.cells` states of spreadsheets.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pandas as pd
import rasterio
import shapely
from click.testing import CliRunner

from benchmarks import hostile_seen as seen
from landuse import cli, schema
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

STRINGS = (
    "<script>window.hit=1</script>", "</script><script>window.hit=1</script>",
    '"><img src=x onerror="window.hit=1">', "<svg/onload=window.hit=1>", "javascript:alert(1)",
    "</style><script>window.hit=1</script>", "</title><svg onload=window.hit=1>",
    "{{7*7}}", "{%raw%}", "${window.hit=1}", "`${window.hit=1}`", "`", "'", '"', "\\", "甲\\",
    "\\u003cb\\u003e", "[[landuse:policy]]",
    "'); DROP TABLE cases;--", "=1+1", '=HYPERLINK("http://a.example";"b")', "+1+1", "-1+1",
    "@SUM(A1)", "\t=1+1", "\r=1+1", "=cmd|' /C calc'!A0", "=DDE(\"a\";\"b\";\"c\")",
    "http://a.example/?b", "mailto:a@b.example", "file:///etc/passwd", "../../etc/passwd",
    "C:\\CON", "NUL", "\u202e反向", "\u2066左\u2069", "\u200f右", "😀",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\ufeff甲", "乙\u200b丙", "丁\u200d戊", "\x07己", "_x0041_", "]]>", "<!--", "<?xml?>",
    "&lt;b&gt;&amp;", "&#60;b&#62;", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    "<r><t>x</t></r>", "a\u2028b\u2029c", "a\nb", "%s%n{0}", "{HYPERLINK a}", "\ufffe",
    "\x1b]8;;http://a.example\x1b\\链\x1b]8;;\x1b\\", "\x1b[2J\x1b[31m红", "\x9b2J清",
    "[/red][link=x]y[/link]", "\uff1d1+1", " =1+1", "土" * 2_000,
)  # fmt: skip
"""What the tests put in; the benchmark takes more from a file."""

DAYS = ("2018-05-31", "2018-06-30")
_FREE = ("parcel_code",)  # a number of the office's own, that points to nothing
TEXT = "sheet.txt"
FILES = {
    "explain": ("sheet.md", "sheet.html", "sheet.docx", TEXT),
    "notices": ("drafts.docx",),
    "forecast": ("ahead.xlsx", "ahead.csv", "ahead.json"),
    "diff": ("moved.html", "moved.xlsx", "moved.json"),
    "alerts": ("alerts.txt", "alerts.xlsx"),
    "sites": ("sites.html", "sites.xlsx", "sites.json", "sites.gpkg"),
    "match": ("placed.html", "placed.xlsx"),
    "grade": ("grades.html", "grades.docx"),
    "observe": ("seen.html", "seen.xlsx", "seen.csv", "seen.json"),
}
"""What each command is made to write beside what it prints."""


def fields(role: str) -> list[str]:
    """Return the fields of a layer that hold any text."""
    return [c.name for c in schema.columns(role) if c.kind == "text" or c.name in _FREE]


def count_of_fields() -> int:
    """Return how many fields of text all layers have."""
    return sum(len(fields(role)) for role in Role)


def _rows(role: str, strings: Sequence[str]) -> Iterable[dict[str, Any]]:
    """Yield a row a string, each field with the next one."""
    makers: dict[str, Callable[[int], dict[str, Any]]] = {
        "cluster": lambda n: {"cluster_id": f"C{n}"},
        "park": lambda n: {"park_id": f"K{n}", "cluster_id": f"C{n}"},
        "approval": lambda n: {"approval_id": f"P{n}", "approved_on": "2014-01-01",
                               "compensation_done": True, "declared_area": 10_000},
        "supply": lambda n: {"supply_id": f"S{n}", "signed_on": "2015-01-01", "price": 1e6,
                             "declared_area": 10_000,
                             "agreed_commencement_on": f"2016-06-{n % 28 + 1:02d}",
                             "agreed_completion_on": "2020-01-01"},
        "construction": lambda n: {"construction_id": f"B{n}", "observed_on": "2018-01-01"},
        "pause": lambda n: {"supply_id": f"S{n}", "cause": "G1", "begins_on": "2017-01-01",
                            "ends_on": "2017-02-01"},
        "enterprise": lambda n: {"enterprise_id": f"E{n}", "supply_id": f"S{n}", "tax": 1e5},
        "project": lambda n: {"project_id": f"J{n}", "area_needed": 6_000},
        "plan": lambda _: {"function": "production"},
        "network": lambda n: {"network_id": f"N{n}", "kind": "road"},
    }  # fmt: skip
    own = makers[role]
    for n in range(len(strings)):
        texts = {name: strings[(n + k) % len(strings)] for k, name in enumerate(fields(role))}
        if "determination_number" in texts and n % 4:
            del texts["determination_number"]  # what is determined gets no letter any more
        yield {**own(n), **texts}


def _shape(role: str, n: int) -> Any:
    """Return the shape of row n: plots lie 150 m apart, other layers are laid over them."""
    east, north = 500_000 + n % 25 * 150.0, 3_766_000 + n // 25 * 150.0
    if role == "network":
        return shapely.LineString([(east, north - 20), (east + 100, north - 20)])
    inset = {"cluster": -20.0, "park": -10.0, "approval": -5.0, "construction": 40.0}.get(role, 0.0)
    if role == "approval" and n % 3 == 0:
        inset = -20.0
    return shapely.box(east + inset, north + inset, east + 100 - inset, north + 100 - inset)


def write(root: Path, strings: Sequence[str]) -> None:
    """Write a workspace of all layers whose every field of text is hostile."""
    data = root / "layers" / "data"
    data.mkdir(parents=True)
    (root / "maps").mkdir()
    settings = f"name = {json.dumps(strings[2])}\ncrs = 'EPSG:4547'\n"
    (root / "layers" / "workspace.toml").write_text(settings, encoding="utf-8")
    spec = json.dumps(strings[1], ensure_ascii=False)
    text = f"title = {spec}\nnote = {spec}\nmarking = {spec}\nreported_by = {spec}\n"
    layers = 'layers = ["approval", "finding", "site"]\n'
    (root / "maps" / "all.toml").write_text(text + layers, encoding="utf-8")
    for role in (r for r in Role if r is not Role.IMAGERY):
        rows = list(_rows(role, strings))
        ending = (
            "geojson" if schema.may_have_geometry(role) and role is not Role.PROJECT else "jsonl"
        )
        if ending == "jsonl":
            told = "".join(json.dumps(row) + "\n" for row in rows)
        else:
            crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
            made = [
                {"type": "Feature", "properties": row,
                 "geometry": shapely.geometry.mapping(_shape(role, n))}
                for n, row in enumerate(rows)
            ]  # fmt: skip
            whole = {"type": "FeatureCollection", "crs": crs, "features": made}
            told = json.dumps(whole)
        name = f"={role}+1 '&{{{{7}}}}${{8}}`--.{ending}"
        (data / name).write_text(told, encoding="utf-8")
        toml = f'role = "{role}"\ntitle = {spec}\nfile = "data/{name}"\n'
        path = root / "layers" / f"{role}.toml"
        path.write_text(f"{toml}as_of = 2018-05-31\nsource = {spec}\n", encoding="utf-8")
    _pictures(root, spec)


def _pictures(root: Path, spec: str) -> None:
    """Write two images of the land, of which the later is brighter on half of it."""
    place = rasterio.Affine(10, 0, 499_900, 0, -10, 3_767_000)
    facts = {"driver": "GTiff", "width": 400, "height": 110, "count": 3, "dtype": "uint8"}
    for n, day in enumerate(("2017-05-01", "2018-05-01")):
        name = f"=now{n}+1 '&{{{{7}}}}${{8}}`.tif"
        pixels = np.full((3, 110, 400), 60, dtype=np.uint8)
        pixels[:, :, :200] += np.uint8(90 * n)
        with rasterio.open(
            root / "layers" / "data" / name, "w", crs="EPSG:4547", transform=place, **facts
        ) as image:
            image.write(pixels)
        toml = f'role = "imagery"\ntitle = {spec}\nfile = "data/{name}"\nas_of = {day}\n'
        toml += f"observed_on = {day}\nsource = {spec}\nbands = {{ red = 1, green = 2, nir = 3 }}\n"
        (root / "layers" / f"imagery{n}.toml").write_text(toml, encoding="utf-8")


def _called(told: Path, *arguments: str) -> None:
    """Run a command as a person does, and keep what it prints."""
    done = CliRunner().invoke(cli.main, list(arguments), catch_exceptions=False)
    with told.open("a", encoding="utf-8", newline="") as stream:
        stream.write(done.output)
    if done.exit_code not in {0, 3}:
        message = f"landuse {' '.join(arguments[:3])}: {done.output[-2_000:]}"
        raise click.ClickException(message)


def outputs(
    root: Path, ids: Sequence[str], files: dict[str, tuple[str, ...]], days: Sequence[str]
) -> list[Path]:
    """Make every output of a workspace; return the files."""
    made = root / "made"
    made.mkdir()
    for day in days:
        _called(made / "build.term", "build", "--on", day, "--with-sites", str(root))
    _called(made / "check.term", "check", "--out", str(made), "--on", days[-1], str(root))
    for command, names in files.items():
        for name in (*names, None):
            on = DAYS if command == "diff" else ("--on", DAYS[1])
            own = {"explain": ids, "sites": ("--min-mu", "1"), "match": ("--min-mu", "1")}
            form = ("--format", "text") if command == "explain" and name in {None, TEXT} else ()
            out = ("--output", str(made / name)) if name else ()
            printed = made / f"{command}.term"
            _called(printed, command, *own.get(command, ()), *on, *form, *out, str(root))
    return sorted(p for at in (root / "out", made) for p in at.rglob("*") if p.is_file())


def told(strings: Sequence[str]) -> seen.Told:
    """Return what the rules of reading make of the right holder and the project of each supply."""
    return {
        row["supply_id"]: (seen.as_read(row["right_holder"]), seen.as_read(row["project_name"]))
        for row in _rows("supply", strings)
    }


def published(root: Path, wanted: seen.Told) -> tuple[int, list[str]]:
    """Publish into a PostGIS of our own and return what came out altered."""
    import psycopg

    import landuse
    from benchmarks import postgis
    from landuse.publish import publish

    with postgis.server() as at:
        address = postgis.database(at, "hostile")
        publish(address, landuse.run(root, on=date.fromisoformat(DAYS[1])))
        with psycopg.connect(address) as connection:
            rows = connection.execute(
                "SELECT case_id, right_holder, project_name FROM landuse.cases"
            ).fetchall()
    found = seen.pairs(pd.DataFrame(rows, columns=["case_id", "right_holder", "project_name"]))
    return seen.held("postgis", wanted, found)


def tried(
    root: Path,
    strings: Sequence[str],
    files: dict[str, tuple[str, ...]],
    days: Sequence[str] = DAYS,
    *,
    with_database: bool = True,
) -> dict[str, Any]:
    """Put strings into every field, make the outputs, and return what was counted and found."""
    write(root, strings)
    wanted = told(strings)
    paths = outputs(root, list(wanted), files, days)
    many, wrong = seen.altered(root, wanted, paths)
    if with_database:
        more, others = published(root, wanted)
        many, wrong = many + more, wrong + others
    return {
        "strings": len(strings), "fields": count_of_fields(),
        "outputs": len(paths) + with_database, "endings": sorted({path.suffix for path in paths}),
        "compared": many, "executed": seen.executed(paths), "unguarded": seen.unguarded(paths),
        "altered": wrong,
    }  # fmt: skip


def main() -> None:
    """Try the strings of ours and those of files, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=FILES, help="commands beside build")
    parser.add_argument("--strings", type=Path, nargs="*", default=[])
    parser.add_argument("--long", action="store_true", help="one string of 10 MB instead")
    asked = parser.parse_args()
    lines = [
        line
        for path in asked.strings
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n")
    ]
    strings = list(dict.fromkeys([*STRINGS, *(line for line in lines if line.strip())]))
    strings = ["土" * (10 << 20), *STRINGS[:3]] if asked.long else strings
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        only = {name: FILES[name] for name in (FILES if asked.only is None else asked.only)}
        found = tried(Path(folder) / "w", strings, only)
    many = found["strings"] * found["fields"] * found["outputs"]
    print(
        "| strings | fields | outputs | combinations | compared | executed | altered | unguarded |"
    )
    print("|---|---|---|---|---|---|---|---|")
    wrong = [found[name] for name in ("executed", "altered", "unguarded")]
    cells = [found["strings"], found["fields"], found["outputs"], many, found["compared"]]
    print("| " + " | ".join(f"{cell:,}" for cell in [*cells, *map(len, wrong)]) + " |")
    print(f"{time.monotonic() - begun:.0f} s")
    print(json.dumps(wrong, ensure_ascii=False, indent=1))
    sys.exit(any(wrong))


if __name__ == "__main__":
    main()
