"""What counts as one site: choices with their reasons, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from landuse.terms import Status

UNKNOWN = ""

READY, EXPROPRIATE, REAPPROVE, RECOVER = "ready", "expropriate", "reapprove", "recover"

PATHS: dict[str, str] = {
    Status.EXPROPRIATED: READY,
    Status.UNEXPROPRIATED: EXPROPRIATE,
    Status.UNSUPPLIED: EXPROPRIATE,
    Status.LAPSED: REAPPROVE,
    Status.IDLE_ONE_YEAR: RECOVER,
    Status.IDLE_TWO_YEARS: RECOVER,
    Status.IDLE_GOVERNMENT: RECOVER,
    Status.IDLE_SUSPENDED: RECOVER,
}
"""Status of land that may become a site → its way to a supply. 实际已用未供 is not free."""

USES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("infrastructure", ("公用设施", "交通", "道路", "环卫")),
    ("ecology", ("绿地", "公园", "生态", "水域")),
    ("production", ("工业", "仓储", "工矿", "物流")),
    ("living", ("住宅", "居住", "教育", "医疗")),
    ("business", ("商服", "商务", "商业", "金融", "科研")),
)
"""Planned function → words of a land use that belong to it."""


@dataclass(frozen=True)
class Choices:
    """
    When two pieces of land are one site.

    Attributes
    ----------
    min_shared_m
        Shortest shared edge. A corner is no contact (rook contiguity): over a corner nobody can
        drive or build, and joining by corners doubles the land of large sites.
    tolerance_m
        Gap that still counts as a shared edge: drafts of two surveys do not meet to the millimetre.
    strip_m
        Widest strip of nobody's land that is crossed; 0 crosses none. A strip on which a road
        runs, or land of a third party lies, is never crossed.
    road_clear_m
        An edge along which a road line runs closer than this is no shared edge.
    across_paths
        Whether land joins that takes different ways to its supply, for instance land in reserve
        and land that must be recovered first.
    min_width_m
        Narrower land takes a road or a belt of trees, but no workshop with its yard: it joins
        nothing and is left out, with its area. Towns with small houses want less.
    network
        Compactness below which land is a network and no site, however wide: streets of 40 m around
        blocks. It is opened at twice the width, and again, until what is left is none. A street
        becomes one when it is about sixty times as long as wide.
    frontage_m
        Distance of a road's centre line up to which a boundary fronts on it.
    """

    min_shared_m: float = 10.0
    tolerance_m: float = 0.05
    strip_m: float = 5.0
    road_clear_m: float = 1.0
    across_paths: bool = False
    min_width_m: float = 30.0
    network: float = 0.05
    frontage_m: float = 30.0

    def __post_init__(self) -> None:
        """Refuse a width that nothing is narrower than."""
        if not self.min_width_m > 0:
            message = f"min_width_m must be positive, got {self.min_width_m}"
            raise ValueError(message)
