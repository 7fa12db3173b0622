"""Reads what bureaus deliver into the contract's tables; repairs and drops nothing silently."""

from landuse.read.reading import Reading, tables

__all__ = ["Reading", "tables"]
