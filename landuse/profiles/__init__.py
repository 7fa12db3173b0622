"""
Who may see what: a profile turns what a run found into what its outputs may hold.

It is applied once, between the acts and the writers, which see nothing else. Ours are `OURS`; a
workspace declares its own, or its own of the same name, in `layers/workspace.toml`.
"""

from landuse.profiles.declared import OURS, Profile, chosen
from landuse.profiles.hiding import Hidden, applied, coarsened, shaped

__all__ = ["OURS", "Hidden", "Profile", "applied", "chosen", "coarsened", "shaped"]
