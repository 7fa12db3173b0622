"""Examines what was read; changes no fact, and only tells rows apart that share an id."""

from landuse.check.inspection import findings
from landuse.check.scores import scorecard
from landuse.check.settle import settled

__all__ = ["findings", "scorecard", "settled"]
