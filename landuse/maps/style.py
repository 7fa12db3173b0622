"""
How land is drawn: one style a status, defined here and handed to the page as data.

The fill tells the state (Okabe-Ito palette, domain 7.4), a pattern and the outline tell what the
law makes of it, so a print in black and white and an eye without red or green read it as well:
hatched = 疑似闲置, cross-hatched = 闲置土地, dotted = 低效, white and dashed = 待核实.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from landuse import terms
from landuse.terms import Role, State, Status

Pattern = Literal["", "hatch", "cross", "dots"]

FILLS: dict[State, str] = {
    State.APPROVED_UNSUPPLIED: "#E69F00",
    State.SUPPLIED_UNBUILT: "#D55E00",
    State.BUILT_UNFINISHED: "#0072B2",
    State.COMPLETED: "#BDBDBD",
    State.UNDETERMINED: "#FFFFFF",
}
IDLE_INK = "#6A1B9A"
INEFFICIENT_INK = "#CC79A7"
UNDETERMINED_INK = "#374151"
NEUTRAL_INK = "#6B7280"

_TONES: dict[Status, float] = {
    Status.UNSUPPLIED: 0.72,
    Status.UNEXPROPRIATED: 0.5,
    Status.EXPROPRIATED: 0.25,
    Status.OCCUPIED: -0.3,
    Status.NOT_DELIVERED: 0.78,
    Status.NOT_DUE: 0.55,
    Status.OVERDUE: 0.25,
    Status.IDLE_GOVERNMENT: 0.65,
    Status.IDLE_ONE_YEAR: 0.42,
    Status.IDLE_TWO_YEARS: 0.1,
    Status.IN_PROGRESS: 0.55,
    Status.COMPLETION_OVERDUE: 0.3,
    Status.SUSPENDED: 0.1,
    Status.IDLE_SUSPENDED: 0.5,
    Status.FINISHED: 0.5,
}
"""Share of white (below 0: of black) in a state's fill; pale where little is wrong, or hatched."""


@dataclass(frozen=True)
class Style:
    """Fill, outline (width and dash in CSS pixels) and pattern of one kind of land."""

    status: str
    is_determined: bool
    fill: str
    stroke: str
    width: float
    dash: bool
    pattern: Pattern
    ink: str


def styles() -> tuple[Style, ...]:
    """
    Return the styles in the order they are painted, the most urgent last.

    Every status has one style; those that can be idle have a second one for land with a
    认定书.
    """
    ends = [Status.FINISHED, Status.UNDETERMINED]
    idle = [status for status in Status if status in terms.IDLE]
    inefficient = [status for status in Status if status in terms.INEFFICIENT]
    others = [s for s in Status if s not in {*ends, *idle, *inefficient}]
    ordered = [Status.FINISHED, *others, *inefficient, Status.UNDETERMINED, *idle]
    suspected = [_style(status) for status in ordered]
    return (*suspected, *(_style(status, is_determined=True) for status in idle))


def _style(status: Status, *, is_determined: bool = False) -> Style:
    """Return the style of a status."""
    base = FILLS[terms.STATE_OF[status]]
    tone = _TONES.get(status, 0.0)
    fill = mixed(base, "#FFFFFF" if tone > 0 else "#000000", abs(tone))
    if status in terms.IDLE:
        pattern: Pattern = "cross" if is_determined else "hatch"
        width = 2.4 if is_determined else 1.6
        return Style(status, is_determined, fill, IDLE_INK, width, False, pattern, IDLE_INK)
    if status in terms.INEFFICIENT:
        ink = mixed(INEFFICIENT_INK, "#000000" if base == "#BDBDBD" else "#FFFFFF", 0.35)
        return Style(status, False, fill, mixed(base, "#000000", 0.45), 1.0, False, "dots", ink)
    if status == Status.UNDETERMINED:
        return Style(status, False, fill, UNDETERMINED_INK, 1.5, True, "", "")
    return Style(status, False, fill, mixed(base, "#000000", 0.35), 0.7, False, "", "")


def mixed(colour: str, other: str, share: float) -> str:
    """Return `colour` with a share of `other` in it; colours as #RRGGBB."""
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def as_data() -> list[dict[str, Any]]:
    """Return the styles for the page, in painting order."""
    return [asdict(style) for style in styles()]


PLAN_FILLS: dict[str, str] = {
    "production": "#E8D9CF",
    "living": "#F6EBC8",
    "business": "#F3D9DC",
    "ecology": "#D6E8D2",
    "infrastructure": "#DADDE2",
}
"""Planned functions: pale, they lie under the parcels."""

PLAN_OTHER = "#E7E5E4"

NETWORK_LINES: dict[str, dict[str, str]] = {
    "road": {"color": "#8A6D3B"},
    "water": {"color": "#1B7FA8", "dashArray": "7 3"},
    "power": {"color": "#A23B72", "dashArray": "2 3"},
}
"""Kinds of network; others are grey."""

NETWORK_OTHER = {"color": NEUTRAL_INK}


def look(role: str, word: str) -> dict[str, str]:
    """Return how one kind of network, or one planned function, differs from the others."""
    if role == Role.PLAN:
        return {"fillColor": PLAN_FILLS.get(word, PLAN_OTHER)}
    return NETWORK_LINES.get(word, NETWORK_OTHER) if role == Role.NETWORK else {}
