"""
Land-use supervision and park planning: what land is in which state, on any day, and why.

`build` does the main job and writes every output, `run` does it in memory, `examine` only reads
and checks, `explain` gives the decision sheet of one case, `forecast` says who crosses which line
in the coming months, `whatif` judges the same land by another law, `observe` holds imagery against
the papers, `offer` joins idle land into sites and `match` places projects on them. All are plain
functions; tables are GeoDataFrames in the CRS of the workspace, areas in m².
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landuse.decision import explain
    from landuse.examining import examine
    from landuse.exchange import write as write_exchange
    from landuse.fieldwork import observe
    from landuse.outlook import forecast
    from landuse.pipeline import build, run
    from landuse.planning import match, offer
    from landuse.read.exchange import read_exchange
    from landuse.trial import whatif

__version__ = "1.1.0"
__all__ = [
    "__version__", "build", "examine", "explain", "forecast", "match", "observe", "offer",
    "read_exchange", "run", "whatif", "write_exchange",
]  # fmt: skip

_WHERE = {
    "build": ("landuse.pipeline", "build"),
    "examine": ("landuse.examining", "examine"),
    "explain": ("landuse.decision", "explain"),
    "forecast": ("landuse.outlook", "forecast"),
    "match": ("landuse.planning", "match"),
    "observe": ("landuse.fieldwork", "observe"),
    "offer": ("landuse.planning", "offer"),
    "read_exchange": ("landuse.read.exchange", "read_exchange"),
    "run": ("landuse.pipeline", "run"),
    "whatif": ("landuse.trial", "whatif"),
    "write_exchange": ("landuse.exchange", "write"),
}


def __getattr__(name: str) -> Any:
    """Load an act when it is first asked for, so that `landuse --help` answers at once."""
    if name not in _WHERE:
        message = f"module 'landuse' has no attribute {name!r}"
        raise AttributeError(message)
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """Name the acts beside the submodules already loaded."""
    return sorted({*globals(), *__all__})
