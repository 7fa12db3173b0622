"""
The coordinate exchange TXT of land surveys (勘测定界界址点坐标交换格式): read, placed, written.

The ministry's reporting software fixed the layout, local practice varies it; what is read here is
the tolerant superset, what is written is the layout itself.
"""

from landuse.exchange.grammar import Document, Point, Record, Remark, is_text, parsed
from landuse.exchange.parcels import Parcel, Parcels, made
from landuse.exchange.writing import ENCODINGS, write

__all__ = [
    "ENCODINGS",
    "Document",
    "Parcel",
    "Parcels",
    "Point",
    "Record",
    "Remark",
    "is_text",
    "made",
    "parsed",
    "write",
]
