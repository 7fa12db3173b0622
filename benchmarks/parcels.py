"""
A seeded city of supplied parcels for the maps: shapes of many sizes, and a full ledger.

Clusters are turned grids whose streets and depths are drawn from a heavy-tailed distribution, so
parcels of a tenth and of thirty hectares lie side by side; edges have none to seven vertices of
their own, shared by both neighbours. Some parcels have holes, some two parts. The other fabric is
that of the partition (`benchmarks/fabric.py`), on which the painter was never tuned. The cases are
those `landuse.classify` and `landuse.dispose` make of the ledger.
"""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from benchmarks import fabric as lattices
from landuse import balance, classify, dispose, law, layers, schema
from landuse.maps import Scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

ON = date(2018, 6, 30)
CRS = pyproj.CRS.from_epsg(4547)
CENTRE = (485_000.0, 3_770_000.0)
ROWS, COLUMNS = 50, 50
"""Cells of a cluster."""
DEPTH = 96.0
"""Metres, the median side of a parcel."""
_WIGGLES = 7
_PLACES = ("许昌", "魏都", "建安", "长葛", "禹州", "鄢陵", "襄城", "颍川", "五女店", "灵井", "大周")
_WORDS = (
    "鸿远",
    "瑞丰",
    "盛泰",
    "恒达",
    "金汇",
    "森源",
    "宏伟",
    "百川",
    "银河",
    "龙正",
    "奔马",
    "黄河",
)
_KINDS = (
    "精密机械",
    "新材料科技",
    "电力装备",
    "发制品",
    "食品",
    "智能家居",
    "生物医药",
    "再生金属",
)
_STREETS = ("魏武大道", "永宁街", "许州路", "八一路", "新元大道", "劳动路", "延安路", "五一路")


def scene(parcels: int, *, seed: int = 20181130, fabric: str = "streets") -> Scene:
    """
    Return the scene of a city of so many supplied parcels, each with one piece.

    Parameters
    ----------
    parcels
        How many; the city grows with them.
    seed
        Seed of the one generator everything is drawn from.
    fabric
        `streets`, or `lattice` for the outlines of the partition's benchmark.
    """
    rng = np.random.default_rng(seed)
    shapes, cluster = _shapes(parcels, rng) if fabric == "streets" else _lattice(parcels, seed)
    area = shapely.area(shapes)
    tables = _tables(shapes, cluster, area, rng)
    statutes = law.on(ON)
    pieces = _pieces(tables["supply"], shapes, cluster, area)
    cases = classify.cases(tables, pieces, on=ON, statutes=statutes)
    cases = dispose.measures(cases, on=ON, statutes=statutes, tables=tables)
    slivers = pd.DataFrame(columns=["approval_id", "cluster_id", "park_id", "area_m2"])
    accounts = pd.DataFrame({"approval_id": ["none"], "area_m2": [0.0], "lost_m2": [0.0]})
    parts: Any = SimpleNamespace(
        packed=pieces, slivers=slivers.astype({"area_m2": float}), accounts=accounts
    )
    known = ["kind", "state", "status", "is_determined"]
    parts.packed = pieces.join(cases.set_index("case_id")[known], on="case_id")
    space = layers.Workspace(None, "许昌市", "411000", CRS, "plane", True, ())  # type: ignore[arg-type]
    totals = balance.totals(space, tables, cases, parts, statutes)
    totals["as_of"] = {"supplies": "2018-05-31"}
    return Scene(space, tables, parts.packed, cases, totals, ON)


def _shapes(parcels: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the polygons and the number of the cluster of each."""
    grids = []
    count = -(-parcels // round(ROWS * COLUMNS * 0.94))
    across = int(np.ceil(np.sqrt(count * 1.6)))  # as wide a city as a screen is
    pitch = 1.22 * DEPTH * 1.3 * ROWS
    for number in range(count):
        at = np.array([number % across - across / 2, number // across - count / across / 2])
        grids.append(_grid(CENTRE + at * pitch, rng))
    shapes = np.concatenate(grids)
    cluster = np.repeat(np.arange(count), ROWS * COLUMNS)
    kept = np.sort(rng.choice(len(shapes), parcels, replace=False))
    free = np.setdiff1d(np.arange(len(shapes)), kept)
    chosen = shapes[kept]
    _add_parts(chosen, shapes, kept, free)
    _cut_holes(chosen, rng)
    return chosen, cluster[kept]


def _lattice(parcels: int, seed: int) -> tuple[Array, Array]:
    """Return the supplies of the partition's fabric, and the number of the cluster of each."""
    made = lattices.repaired(lattices.tables(parcels, seed=seed))["supply"].geometry.to_numpy()
    prefix = np.array([38_000_000.0, 0.0])  # the zone in front of the easting
    shapes = shapely.transform(made[:parcels], lambda points: points - prefix)
    corner = shapely.bounds(shapes)[:, :2] - (np.array(lattices.ORIGIN) - prefix)
    cells = np.floor(corner / lattices.PITCH + 0.02).astype(int)
    return shapes, np.unique(cells, axis=0, return_inverse=True)[1]


def _grid(centre: Array, rng: np.random.Generator) -> Array:
    """Return the cells of one cluster as polygons."""
    xs = np.concatenate([[0], np.cumsum(rng.lognormal(np.log(DEPTH), 0.55, COLUMNS))])
    ys = np.concatenate([[0], np.cumsum(rng.lognormal(np.log(DEPTH), 0.55, ROWS))])
    nodes = np.stack(np.meshgrid(xs - xs[-1] / 2, ys - ys[-1] / 2), axis=-1)
    nodes += rng.uniform(-6, 6, nodes.shape)
    east = _edges(nodes[:, :-1], nodes[:, 1:], rng)
    north = _edges(nodes[:-1], nodes[1:], rng)
    angle = rng.uniform(-0.5, 0.5)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    rings = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            sides = (
                nodes[row, column],
                east[row][column],
                nodes[row, column + 1],
                north[row][column + 1],
                nodes[row + 1, column + 1],
                east[row + 1][column][::-1],
                nodes[row + 1, column],
                north[row][column][::-1],
            )
            rings.append(np.vstack(sides) @ turn + centre)
    return np.array([shapely.Polygon(ring.round(3)) for ring in rings], dtype=object)


def _edges(begin: Array, end: Array, rng: np.random.Generator) -> list[list[Array]]:
    """Return the vertices between two nodes of a grid, none to seven."""
    counts = rng.integers(0, _WIGGLES + 1, begin.shape[:2])
    off = rng.uniform(-2.5, 2.5, (*begin.shape[:2], _WIGGLES, 2))
    found = []
    for row in range(len(begin)):
        line = []
        for column in range(begin.shape[1]):
            share = (np.arange(counts[row, column]) + 1)[:, None] / (counts[row, column] + 1)
            straight = begin[row, column] + (end[row, column] - begin[row, column]) * share
            line.append(straight + off[row, column, : counts[row, column]])
        found.append(line)
    return found


def _add_parts(chosen: Array, shapes: Array, kept: Array, free: Array) -> None:
    """Give free cells to the parcel before them that they do not touch, as second parts."""
    for cell in free[::4]:
        owner = int(np.searchsorted(kept, cell - 2))
        if owner < len(chosen) and shapely.disjoint(chosen[owner], shapes[cell]):
            parts = [*shapely.get_parts(chosen[owner]), shapes[cell]]
            chosen[owner] = shapely.MultiPolygon(parts)


def _cut_holes(chosen: Array, rng: np.random.Generator) -> None:
    """Cut a house out of one parcel in fifty, where there is room."""
    for number in np.flatnonzero(rng.random(len(chosen)) < 0.02):
        shape = chosen[number]
        hole = shapely.box(-12, -9, 12, 9)
        at = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
        hole = shapely.transform(hole, lambda points, at=at: (points + at).round(3))
        if shapely.contains_properly(shape, hole):
            chosen[number] = shapely.difference(shape, hole)


def _tables(shapes: Array, cluster: Array, area: Array, rng: np.random.Generator) -> dict[str, Any]:
    """Return supplies with a full ledger, clusters, and the other roles empty."""
    roles = ("approval", "construction", "enterprise", "pause", "park", "network", "plan")
    boxes = [
        shapely.convex_hull(shapely.GeometryCollection(list(shapes[cluster == number])))
        for number in range(cluster.max() + 1)
    ]
    ids = [f"XC{number + 1:02d}" for number in range(len(boxes))]
    names = [f"{_PLACES[n % len(_PLACES)]}第{n + 1}产业集聚区" for n in range(len(boxes))]
    frame = gpd.GeoDataFrame({"cluster_id": ids, "cluster_name": names}, geometry=boxes, crs=CRS)
    return {role: schema.empty(role) for role in roles} | {
        "supply": schema.conform(pd.DataFrame(_ledger(cluster, area, rng)), "supply"),
        "cluster": schema.conform(frame, "cluster"),
    }


def _ledger(cluster: Array, area: Array, rng: np.random.Generator) -> dict[str, Any]:
    """Return the columns a land bureau keeps."""
    count = len(cluster)
    signed = np.datetime64("2008-01-01", "s") + rng.integers(0, 3700, count) * 86_400
    year = signed.astype("datetime64[Y]").astype(int) + 1970
    place = rng.integers(0, len(_PLACES), count)
    kind = rng.choice(_KINDS, count)
    running = np.arange(count)
    price = np.round(area * rng.uniform(180, 420, count), 2)
    return {
        "supply_id": [f"4110{y}B{n:05d}" for y, n in zip(year, running, strict=True)],
        "parcel_code": [f"4110{c % 90 + 10:02d}{n % 997:06d}GB{n:05d}"
                        for c, n in zip(cluster, running, strict=True)],
        "cluster_id": [f"XC{number + 1:02d}" for number in cluster],
        "right_holder": [f"{_PLACES[p]}{w}{v}{k}有限公司" for p, w, v, k in zip(
            place, rng.choice(_WORDS, count), rng.choice(_WORDS, count), kind, strict=True)],
        "project_name": [f"年产{n}万件{k}项目{t}" for n, k, t in zip(
            rng.integers(1, 900, count), kind,
            rng.choice(["", "（一期）", "（二期）", "技改"], count), strict=True)],
        "location": [f"{_PLACES[p]}区{a}与{b}交叉口{d}" for p, a, b, d in zip(
            place, rng.choice(_STREETS, count), rng.choice(_STREETS, count),
            rng.choice(["东北角", "西侧", "以南约300米", "东南角"], count), strict=True)],
        "supply_mode": rng.choice(["挂牌出让", "拍卖出让", "协议出让", "划拨"], count),
        "land_use": rng.choice(["工业用地", "仓储用地", "商服用地", "其他商服用地"], count),
        "declared_area": np.round(area, 2),
        "price": price,
        "contract_number": [f"豫（许）出让（{y}年）第{n:05d}号"
                            for y, n in zip(year, running, strict=True)],
        **_days(signed, count, rng),
        **_money(area, price, count, rng),
    }  # fmt: skip


def _days(signed: Array, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Return the days of each supply; a third have not begun, a sixth are being built."""

    def after(day: Array, low: int, high: int, share: float = 1.0) -> Array:
        there = rng.random(count) < share
        return np.where(there, day + rng.integers(low, high, count) * 86_400, np.datetime64("NaT"))

    start = after(signed, 100, 700, 0.97)
    begun = after(signed, 90, 500, 0.67)
    done = after(begun, 500, 1200, 0.8)
    stopped = np.where(np.isnat(done), after(begun, 60, 300, 0.2), np.datetime64("NaT"))
    return {
        "signed_on": signed,
        "agreed_delivery_on": after(signed, 20, 90, 0.9),
        "delivered_on": after(signed, 25, 110, 0.85),
        "agreed_commencement_on": start,
        "agreed_completion_on": after(signed, 900, 1500, 0.95),
        "commenced_on": begun,
        "suspended_on": stopped,
        "completed_on": done,
        "production_on": after(done, 30, 400, 0.9),
    }


def _money(area: Array, price: Array, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Return areas and investment of each supply."""
    planned = np.round(area * rng.uniform(2000, 6000, count), -4)
    return {
        "required_area": np.round(area * 0.9, 2),
        "developed_area": np.round(area * rng.uniform(0, 0.9, count), 2),
        "planned_investment": planned,
        "invested": np.round(planned * rng.uniform(0, 1.2, count) + price * 0, -4),
        "determination_number": np.where(
            rng.random(count) < 0.01, [f"许国土资认〔2017〕{n}号" for n in range(count)], None
        ),
    }


def _pieces(supply: pd.DataFrame, shapes: Array, cluster: Array, area: Array) -> gpd.GeoDataFrame:
    """Return one piece a supply."""
    return gpd.GeoDataFrame(
        {
            "piece_id": [f"{n:07d}" for n in range(len(shapes))],
            "case_id": supply["supply_id"],
            "supply_id": supply["supply_id"],
            "approval_id": "",
            "cluster_id": [f"XC{number + 1:02d}" for number in cluster],
            "park_id": "",
            "part": "",
            "area_m2": area,
            "occupied_m2": 0.0,
        },
        geometry=shapes,
        crs=CRS,
    )
