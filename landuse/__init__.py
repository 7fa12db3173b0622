"""Land-use supervision and park planning: what land is in which state, on any day, and why."""

__version__ = "0.1.0"
