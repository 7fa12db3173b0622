"""Memory that was freed, given back to the machine."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

ENOUGH = 100_000
"""Features that must have been worked on before it pays to give memory back."""


def give_back() -> None:
    """
    Hand freed memory to the operating system, where its library keeps it otherwise.

    The C library of Linux keeps what is freed between blocks still in use, and Arrow what it may
    need again; cutting a province leaves gigabytes of both.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
