"""What whoever places projects asks for; none of it is law."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Wishes:
    """
    What a placement must hold, and what it should.

    Attributes
    ----------
    weights
        Weight of each of `REASONS`; a design, not law.
    network_m
        Kind of network → greatest distance (m) for every project. None by default: the papers
        give no distance.
    needs
        Project → kind → greatest distance (m), beside `network_m` and what its own row asks.
    need_m
        Greatest distance (m) to a network that a project's row asks for without saying how far.
    together_m
        Greatest distance between two sites that one project takes together.
    least_part
        Least share of its need that a project takes from the second of two sites.
    road_m
        Distance to a road at which nothing speaks for a site any more.
    """

    weights: Mapping[str, float] = field(
        default_factory=lambda: {
            "industry": 0.3, "theme": 0.2, "fit": 0.2, "road": 0.1, "compact": 0.1, "ready": 0.1,
        }
    )  # fmt: skip
    network_m: Mapping[str, float] = field(default_factory=dict)
    needs: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    need_m: float = 500.0
    together_m: float = 100.0
    least_part: float = 0.2
    road_m: float = 500.0
