"""
The page that lists the maps: a tile a place with its figures and small charts, leading to its map.

Plain HTML that needs no script; every figure is that of the map's own legend.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from landuse import terms, texts, units
from landuse.maps import assets, drawing, page, settings, style
from landuse.terms import Role, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landuse.maps.scene import Place, Scene

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
SHOWN = ("figures", "fills", "note", "title", "tree")
"""What of a map's settings its tile shows: of thousands of maps no more is kept."""

_RATES = ("supply_rate", "built_rate", "idle_rate")


@dataclass(frozen=True)
class Entry:
    """One map: its file, `SHOWN` of what it is told, the place it shows (None: the whole city)."""

    file: str
    told: Mapping[str, Any]
    place: Place | None


def render(scene: Scene, entries: Sequence[Entry], left_out: Sequence[tuple[str, int]] = ()) -> str:
    """
    Return the page that lists the maps.

    Parameters
    ----------
    scene
        Gives the workspace's name, days, rates and language.
    entries
        The maps: the city's are shown first, then those of clusters, then those of parks.
    left_out
        File and number of cases of each map that has more than a page can show.
    """
    lang = scene.lang
    mark = f"<strong>{_say(scene, 'synthetic')}</strong>" if scene.workspace.is_synthetic else ""
    mark += "".join(f"<strong>{_text(own)}</strong>" for own in settings.marks_of(scene))
    title = _text(texts.say("map.index_title", lang, workspace=scene.workspace.name))
    groups = [
        ("index_city", [e for e in entries if e.place is None]),
        ("index_clusters", [e for e in entries if e.place and e.place.role == Role.CLUSTER]),
        ("index_parks", [e for e in entries if e.place and e.place.role == Role.PARK]),
    ]
    told = (
        texts.say(
            "map.index_left_out", lang, file=file, count=f"{count:,}", most=f"{drawing.LARGEST:,}"
        )
        for file, count in left_out
    )
    notes = [f'<p class="note"><strong>{_text(sentence)}</strong></p>' for sentence in told]
    body = "\n".join([*notes, *(_group(scene, key, found) for key, found in groups if found)])
    return f"""<!DOCTYPE html>
<html lang="{"zh-CN" if lang == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{assets.own("index.css")}</style>
</head>
<body>
<header><h1>{title}</h1>{mark}
<p>{_text(settings.dates(scene))}</p><p>{_text(settings.basis(scene))}</p>
<ul class="key">{_key(scene)}</ul></header>
<main>
{body}
<p class="note">{_say(scene, "index_note")}</p></main>
</body>
</html>
"""


def _key(scene: Scene) -> str:
    """Return what the colours of the charts mean."""
    return "".join(
        f'<li><i class="{state}" style="background-color:{style.FILLS[state]}"></i>'
        f"{_text(terms.label(state, scene.lang))}</li>"
        for state in State
    )


def _group(scene: Scene, key: str, entries: Sequence[Entry]) -> str:
    """Return the tiles of one kind of place under their heading."""
    tiles = "\n".join(_tile(scene, entry) for entry in entries)
    kind = key.removeprefix("index_")
    head = f'<section class="{kind}"><h2>{_say(scene, key)}</h2>'
    return f'{head}<ul class="tiles">\n{tiles}\n</ul></section>'


def _tile(scene: Scene, entry: Entry) -> str:
    """Return the tile of one map: name, figures, states as a bar, rates as small bars."""
    told, lang = entry.told, scene.lang
    total, idle = told["figures"]["total"], told["figures"]["idle"]
    name = told["title"] if entry.place is None else told["tree"]["name"]
    note = f"<small>{_text(told['note'])}</small>" if told["note"] else ""
    figures = "".join(
        f"<div><dt>{_say(scene, key)}</dt><dd>{value}</dd></div>"
        for key, value in (
            ("index_count", f"{total['count']:,}"),
            ("index_mu", f"{units.mu(total['area_m2']):,.2f}"),
            ("index_idle_count", f"{idle['count']:,}"),
            ("index_idle", f"{units.mu(idle['area_m2']):,.2f}"),
        )
    )
    rates = (scene.totals["city"] if entry.place is None else entry.place.total(scene))["rates"]
    bars = "".join(_rate(scene, key, rates.get(key)) for key in _RATES)
    return (
        f'<li class="tile"><h3><a href="{quote(entry.file)}">{_text(name)}</a></h3>{note}'
        f'<dl>{figures}</dl>{_states(told, lang)}<dl class="rates">{bars}</dl></li>'
    )


def _states(told: Mapping[str, Any], lang: str) -> str:
    """Return the bar of areas by state; what it shows stands in words beside it for readers."""
    del lang
    states = [state for state in told["figures"]["states"] if state["area_m2"] > 0]
    parts = "".join(
        f'<i class="{state["state"]}" style="flex-grow:{state["area_m2"]:.0f};'
        f'background-color:{told["fills"][state["state"]]}"></i>'
        for state in states
    )
    words = "；".join(
        f"{state['label']} {state['count']:,} / {units.mu(state['area_m2']):,.2f}"
        for state in states
    )
    return f'<div class="bar" role="img" aria-label="{_text(words)}">{parts}</div>'


def _rate(scene: Scene, key: str, value: float | None) -> str:
    """Return one rate as a word, a figure and a bar; nothing is drawn where it is unknown."""
    shown = _say(scene, "unknown") if value is None else f"{value:.1%}"
    width = 0 if value is None else min(100, max(0, round(100 * value, 1)))
    return (
        f"<div><dt>{_say(scene, key)}</dt><dd>{shown}</dd>"
        f'<dd class="track" aria-hidden="true"><i style="width:{width}%"></i></dd></div>'
    )


def _say(scene: Scene, key: str) -> str:
    """Return a sentence of the catalogue as HTML."""
    return _text(texts.say(f"map.{key}", scene.lang))


def _text(text: str) -> str:
    """Return text as HTML."""
    return html.escape(page.storable(text))
