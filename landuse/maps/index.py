"""The page that lists the maps, with their figures; plain HTML that needs no script."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from landuse import texts, units
from landuse.maps import assets, page, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.maps.scene import Scene

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Entry:
    """One map: its file, title and note, and the figures of its extent."""

    file: str
    title: str
    note: str
    count: int
    area_m2: float
    idle_m2: float
    is_part: bool


def render(scene: Scene, entries: Sequence[Entry]) -> str:
    """
    Return the page that lists the maps.

    Parameters
    ----------
    scene
        Gives the workspace's name, days and language.
    entries
        The maps; those of the whole city are listed first.
    """
    lang = scene.lang
    heads = "".join(
        f"<th scope=col>{_say(scene, key)}</th>"
        for key in ("index_map", "index_count", "index_mu", "index_idle")
    )
    mark = f"<strong>{_say(scene, 'synthetic')}</strong>" if scene.workspace.is_synthetic else ""
    title = _text(texts.say("map.index_title", lang, workspace=scene.workspace.name))
    rows = "\n".join(_row(entry) for entry in sorted(entries, key=lambda e: e.is_part))
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
<p>{_text(settings.dates(scene))}</p><p>{_text(settings.basis(scene))}</p></header>
<main><table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody></table>
<p class=note>{_say(scene, "index_note")}</p></main>
</body>
</html>
"""


def _row(entry: Entry) -> str:
    """Return the line of one map."""
    kind = ' class="part"' if entry.is_part else ""
    note = f"<small>{_text(entry.note)}</small>" if entry.note else ""
    mu, idle = units.mu(entry.area_m2), units.mu(entry.idle_m2)
    return (
        f'<tr{kind}><td><a href="{quote(entry.file)}">{_text(entry.title)}</a>{note}</td>'
        f"<td>{entry.count:,}</td><td>{mu:,.2f}</td><td>{idle:,.2f}</td></tr>"
    )


def _say(scene: Scene, key: str) -> str:
    """Return a sentence of the catalogue as HTML."""
    return _text(texts.say(f"map.{key}", scene.lang))


def _text(text: str) -> str:
    """Return text as HTML."""
    return html.escape(page.storable(text))
