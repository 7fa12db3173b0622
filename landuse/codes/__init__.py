"""
Codes and numbers of the land administration: how they are built and what they name.

The tables are data (`*.toml` beside this file); each says where it was read and whether anybody
compared it with the official text.
"""

from landuse.codes.divisions import current, names
from landuse.codes.numbers import approval_numbers, parcels, plain, supervisions
from landuse.codes.uses import Classification, classification, key_of, restored, translated

__all__ = [
    "Classification",
    "approval_numbers",
    "classification",
    "current",
    "key_of",
    "names",
    "parcels",
    "plain",
    "restored",
    "supervisions",
    "translated",
]
