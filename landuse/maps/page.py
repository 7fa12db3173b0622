"""
One self-contained page: a skeleton from folium, and everything else put in afterwards.

folium and branca compile text as templates more than once, so a spreadsheet cell with braces
would run as code. Here nothing but our own skeleton (and layers a planner adds) passes through
them; data, settings, titles, scripts and styles are spliced into the finished text, each once.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass
from typing import Any

from landuse import texts
from landuse.errors import MapError
from landuse.maps import assets

_SLOT = re.compile(r"\[\[landuse:([a-z]+)\]\]")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_OUTWARD = re.compile(
    r"<(?:script|link|img|iframe|source|object|embed|base)\b[^>]*"
    r"\b(?:src|srcset|href|data)\s*=\s*[\"']?\s*(?:https?:|ftp:|//)[^\s\"'>]*",
    re.IGNORECASE,
)
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Content:
    """
    What is spliced into a page: settings as plain data, the packed tables as base64.

    `hosts` are those whose pictures a basemap of the specification needs; there are none else.
    """

    settings: dict[str, Any]
    package: str
    hosts: tuple[str, ...] = ()


def finished(skeleton: str, content: Content, *, is_offline: bool = True) -> str:
    """
    Return the page: the rendered skeleton with its slots filled.

    Parameters
    ----------
    skeleton
        `assets/page.html` as folium rendered it.
    content
        What the map shows.
    is_offline
        Whether the page must stand alone: a policy forbids every connection, and a layer that
        needs one is refused.

    Raises
    ------
    MapError
        If the skeleton lost a slot or, with `is_offline`, something in it loads from outside.
    """
    parts = _parts(content)
    names = _SLOT.findall(skeleton)
    if sorted(names) != sorted([*parts, "policy"]):
        raise MapError("maps.slots", names=[*names])
    if len(re.findall(r"</script", skeleton, re.IGNORECASE)) != _ends(skeleton):
        raise MapError("maps.script_end")
    head, tail = skeleton.split("[[landuse:policy]]")
    # one pass: what is put in is not searched again
    head, tail = (_SLOT.sub(lambda match: parts[match[1]], text) for text in (head, tail))
    if not is_offline:
        return head + tail
    outward = _OUTWARD.search(head + tail)
    if outward is not None:
        raise MapError("maps.outward", address=outward[0][:120])
    return head + policy(tail, content.hosts) + tail


def policy(text: str, hosts: tuple[str, ...] = ()) -> str:
    """
    Return the rule that forbids the page everything but its own scripts, pictures and styles.

    Parameters
    ----------
    text
        The page from the rule on; its scripts may run, and no others.
    hosts
        Where pictures may come from besides.
    """
    digests = [hashlib.sha256(script.encode("utf-8")).digest() for script in _SCRIPT.findall(text)]
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests)
    rules = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        f"img-src {' '.join(('data:', 'blob:', *hosts))}; base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


def as_json(data: Any) -> str:
    """Return data as JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return storable(text.translate(_ESCAPES))


def storable(text: str) -> str:
    """Return text that UTF-8 can hold; a lone surrogate becomes an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _ends(skeleton: str) -> int:
    """Return how many scripts the skeleton has: its own three, and files that layers link to."""
    return 3 + len(re.findall(r'<script src="[^"]*"></script>', skeleton))


def _parts(content: Content) -> dict[str, str]:
    """Return what goes into each slot."""
    told = content.settings
    lang = told["lang"]
    name = texts.say("map.page_title", lang, workspace=told["workspace"], title=told["title"])
    scripts = "\n".join(f"<script>{script}</script>" for script in assets.scripts())
    return {
        "lang": "zh-CN" if lang == "zh" else "en",
        "title": html.escape(storable(name)),
        "styles": f"<style>{assets.styles()}</style>",
        "scripts": scripts,
        "notice": html.escape(texts.say("map.notice", lang)),
        "noscript": html.escape(texts.say("map.noscript", lang)),
        "settings": as_json(told),
        "package": content.package,
    }
