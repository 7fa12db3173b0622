"""Memory that was freed, given back to the machine."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

MANY = 500_000
"""Features from which room freed while they are cut is given back: to get it again takes time."""

OFTEN = 100_000
"""Features worked on between one time and the next."""


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
