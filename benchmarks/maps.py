"""
The map page against plain folium, on the same parcels with the same attributes, in one run.

`python -m benchmarks.maps --parcels 50000` prints a Markdown table. The peer is
`folium.GeoJson` of a GeoDataFrame on a map with `prefer_canvas`, its fill by status as ours and
nothing else (no tooltips, no popups), opened at the same view; with `--bare` the same without any
style too, which is less than a map of statuses is. Their Leaflet is put into the page from the
installed package and their other files (jQuery, Bootstrap, icons) are left out, so no time is
lost on a network. Ours is the whole page: legend, list, search, card, print. Python's time is CPU
seconds in a process of its own, from tables in memory to the text of the page; contenders
alternate, figures are medians.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import folium

from benchmarks import browsing, parcels
from landuse import crs, maps
from landuse.maps import assets, style
from landuse.maps.atlas import Atlas

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from landuse.maps import Scene

OURS, THEIRS = "landuse.maps, the whole page", "folium GeoJson on canvas, by status"
BARE = "folium GeoJson on canvas, one colour"


def _page(scene: Scene) -> str:
    """Return our page."""
    return maps.figure(scene).html()


def _frame(scene: Scene) -> gpd.GeoDataFrame:
    """Return the parcels with all that our cards say, as a planner would have them."""
    whole = Atlas(scene)
    view = whole.view()
    said = whole.cards.of(view.rows).table
    cases = said.join(view.cases[["state", "status", "is_determined"]])
    for name in cases.columns[[dtype.kind == "M" for dtype in cases.dtypes]]:
        cases[name] = cases[name].dt.strftime("%Y-%m-%d")
    cases = cases[[name for name in cases if cases[name].notna().any()]]
    frame = view.pieces[["case", "geometry"]].join(cases, on="case").drop(columns="case")
    return frame.to_crs(crs.CGCS2000)


def _folium(frame: gpd.GeoDataFrame) -> str:
    """Return the peer's page, coloured by status."""
    fills = {found.status: found.fill for found in style.styles()}

    def look(feature: dict[str, Any]) -> dict[str, Any]:
        fill = fills[feature["properties"]["status"]]
        return {"fillColor": fill, "fillOpacity": 1, "color": "#555555", "weight": 0.7}

    return _drawn(frame, folium.GeoJson(frame, style_function=look))


def _bare(frame: gpd.GeoDataFrame) -> str:
    """Return the peer's page in folium's own blue."""
    return _drawn(frame, folium.GeoJson(frame))


def _drawn(frame: gpd.GeoDataFrame, layer: folium.GeoJson) -> str:
    """Return a page of folium with one layer."""
    west, south, east, north = frame.total_bounds
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=_zoom(frame),
        tiles=None,
        prefer_canvas=True,
    )
    layer.add_to(drawn)
    return str(drawn.get_root().render())


def _zoom(frame: gpd.GeoDataFrame) -> int:
    """Return the zoom our page opens with."""
    west, _, east, _ = frame.total_bounds
    return 11 if len(frame) > 20_000 or east - west > 0.25 else 12


CONTENDERS: dict[str, tuple[Callable[[Any], str], Callable[[Scene], Any]]] = {
    OURS: (_page, lambda scene: scene),
    THEIRS: (_folium, _frame),
    BARE: (_bare, _frame),
}


def _made(name: str, count: int, into: Path, fabric: str) -> None:
    """Make one page in this process and write it with what it took."""
    make, prepare = CONTENDERS[name]
    given = prepare(parcels.scene(count, fabric=fabric))
    begun = time.process_time()
    text = make(given)
    took = time.process_time() - begun
    content = text.encode("utf-8")
    (into / "page.html").write_bytes(content if name == OURS else _cut_off(text).encode("utf-8"))
    figures = {"python_s": took, "bytes": len(content)}
    (into / "made.json").write_text(json.dumps(figures), encoding="utf-8")


def _cut_off(text: str) -> str:
    """Return a folium page that holds its Leaflet and asks for nothing else."""
    text = re.sub(r'<script src="https?://[^"]*"></script>', "", text)
    text = re.sub(r'<link rel="stylesheet" href="https?://[^"]*"/>', "", text)
    leaflet = f"<style>{assets.styles()}</style><script>{assets.scripts()[0]}</script>"
    return text.replace("<head>", "<head>" + leaflet, 1)


def _run(name: str, count: int, into: Path, fabric: str) -> dict[str, Any]:
    """Make one page in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.maps", "--parcels", str(count)]
    command += ["--fabric", fabric]
    subprocess.run([*command, "--only", name, "--into", str(into)], check=True)
    made: dict[str, Any] = json.loads((into / "made.json").read_text(encoding="utf-8"))
    return made


def _rounds(given: argparse.Namespace, names: list[str], folder: Path) -> dict[str, dict[str, Any]]:
    """Make every page and open it, in alternating rounds; medians."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with sync_playwright() as play:
        for _ in range(given.rounds):
            for name in names:
                into = folder / str(names.index(name))
                into.mkdir(exist_ok=True)
                made = _run(name, given.parcels, into, given.fabric)
                made |= _opened(play, name, into / "page.html")
                found[name].append(made)
                print(json.dumps({"contender": name} | made), file=sys.stderr, flush=True)
    return {name: _medians(runs) for name, runs in found.items()}


def _opened(play: Any, name: str, page_file: Path) -> dict[str, Any]:
    """Open a page and move it about."""
    acts = {"pan": browsing.PAN, "zoom": browsing.ZOOM}
    if name != OURS:
        return _flat(browsing.opened(play, page_file, browsing.THEIRS, acts))
    acts = {"sizes": browsing.SIZES} | acts | {"filter_ms": browsing.FILTER}
    return _flat(browsing.opened(play, page_file, browsing.OURS, acts))


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    """Return figures by one name each."""
    flat = {key: value for key, value in found.items() if not isinstance(value, dict | list)}
    for act in ("pan", "zoom"):
        flat |= {f"{act}_{key}": value for key, value in found[act].items()}
    if "sizes" in found:
        flat |= dict(zip(("px_10", "px_50", "px_90"), found["sizes"], strict=True))
    return flat


def _medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of each figure."""
    return {key: median(run[key] for run in runs) for key in runs[0]}


_ROWS = {
    "file, MB": ("bytes", 1e-6, 2),
    "made by Python, CPU s": ("python_s", 1, 2),
    "all drawn, ms": ("drawn_ms", 1, 0),
    "heap, MB": ("heap_mb", 1, 1),
    "panning, frames a second": ("pan_fps", 1, 1),
    "panning, worst frame, ms": ("pan_worst", 1, 0),
    "zooming, frames a second": ("zoom_fps", 1, 1),
    "zooming, worst frame, ms": ("zoom_worst", 1, 0),
    "a filter, ms of script": ("filter_ms", 1, 1),
}


def _markdown(found: dict[str, dict[str, Any]]) -> str:
    """Return the medians as a Markdown table, with the ratio of ours to theirs."""
    names = list(found)
    lines = [f"| | {' | '.join(names)} | ours / theirs |", "|---" * (len(names) + 2) + "|"]
    for label, (key, factor, digits) in _ROWS.items():
        values = [found[name].get(key) for name in names]
        shown = ["-" if value is None else f"{value * factor:,.{digits}f}" for value in values]
        ours, theirs = found[OURS].get(key), found.get(THEIRS, {}).get(key)
        ratio = f"{ours / theirs:.3f}" if ours and theirs else "-"
        lines.append(f"| {label} | {' | '.join(shown)} | {ratio} |")
    sizes = ", ".join(f"{found[OURS][key]:.1f}" for key in ("px_10", "px_50", "px_90"))
    return "\n".join([*lines, "", f"Parcels in the first view: {sizes} px (10 %, median, 90 %)."])


def main() -> None:
    """Print the table, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fabric", choices=("streets", "lattice"), default="streets")
    parser.add_argument("--ours", action="store_true", help="leave the peers out")
    parser.add_argument("--bare", action="store_true", help="folium in one colour as well")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        _made(given.only, given.parcels, given.into, given.fabric)
        return
    with tempfile.TemporaryDirectory() as folder:
        names = [OURS] if given.ours else [OURS, THEIRS, *([BARE] if given.bare else [])]
        found = _rounds(given, names, Path(folder))
    print(f"{given.parcels} parcels of {given.fabric}, {given.rounds} rounds\n\n{_markdown(found)}")
    if given.json:
        text = json.dumps({"parcels": given.parcels, "found": found}, indent=2)
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
