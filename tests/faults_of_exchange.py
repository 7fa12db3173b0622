"""Faults of a coordinate exchange TXT: each is put into one parcel of a clean file."""

import geopandas as gpd
import shapely

from landuse.exchange import write
from landuse.read.exchange import read_exchange

FAULTS = {}
"""Code → the codes that are rightly said beside it, and what reads or writes such a file."""

HEADER = """[属性描述]
格式版本号=1.01版本
坐标系=2000国家大地坐标系
几度分带=3
带号=38
计量单位=米
[地块坐标]"""


class File:
    """Three parcels, each a head and the rows of its closed ring."""

    def __init__(self, rng):
        self.rng = rng
        self.header = HEADER
        self.parcels = []
        for n in range(3):
            north, east = 3_766_000 + 300 * n, 38_500_000 + int(rng.integers(0, 900))
            side = int(rng.integers(40, 200))
            corners = [(0, 0), (0, side), (side, side), (side, 0), (0, 0)]
            points = [
                [f"J{i % 4 + 1}", 1, north - dn, east + de] for i, (dn, de) in enumerate(corners)
            ]
            head = ["5", f"{side * side / 10_000:.4f}", f"DK-{n}", "某地块", "面", "", "", "", "@"]
            self.parcels.append([head, points])
        self.before = []
        self.wrong = self.parcels[int(rng.integers(0, 3))]

    @property
    def text(self):
        lines = [self.header, *self.before]
        for head, points in self.parcels:
            lines.append(",".join(head))
            lines += [
                p if isinstance(p, str) else f"{p[0]},{p[1]},{p[2]:.3f},{p[3]:.3f}" for p in points
            ]
        return "\n".join(lines) + "\n"


def fault(code, *also):
    def kept(spoil):
        def make(rng, root, bad):
            file = File(rng)
            if bad:
                spoil(file)
            path = root / "x.txt"
            path.write_text(file.text, encoding="utf-8")
            return read_exchange(path, crs="EPSG:4526")[1]

        FAULTS[code] = (frozenset(also), make)
        return spoil

    return kept


@fault("exchange_line_unreadable")
def _(file):
    file.wrong[1].insert(2, "此行不是坐标")


@fault("exchange_point_not_number")
def _(file):
    number, ring, north, east = file.wrong[1][1]
    file.wrong[1][1] = f"{number},{ring},{north},{east}".replace("0", "O", 9)


@fault("exchange_points_without_head")
def _(file):
    file.before = ["J1,1,3766000.000,38500000.000", "J2,1,3766000.000,38500010.000"]


@fault("exchange_head_unclear")
def _(file):
    file.wrong[0][:] = ["某地块", "甲@"]


@fault("exchange_count_differs")
def _(file):
    file.wrong[0][0] = str(file.rng.integers(7, 30))


@fault("exchange_area_differs")
def _(file):
    file.wrong[0][1] = "7.7777"


@fault("exchange_area_unit")
def _(file):
    file.wrong[0][1] = f"{float(file.wrong[0][1]) * 10_000:.2f}"


@fault("exchange_axes_swapped")
def _(file):
    for point in file.wrong[1]:
        point[2:] = point[:1:-1]


@fault("exchange_zone_conflict")
def _(file):
    file.header = HEADER.replace("带号=38", "带号=39")


@fault("exchange_zone_unknown")
def _(file):
    file.header = HEADER.replace("带号=38", "带号=99")


@fault("exchange_zone_mixed")
def _(file):
    file.wrong[1][2][3] += 1_000_000


@fault("exchange_zones_differ")
def _(file):
    file.header = HEADER.replace("带号=38", "带号=")
    for point in file.wrong[1]:
        point[3] += -1_000_000 + 250_000


@fault("exchange_zones_unknown")
def _(file):
    file.header = HEADER.replace("2000国家大地坐标系", "").replace("带号=38", "带号=")
    for point in file.wrong[1]:
        point[3] -= 1_000_000


@fault("exchange_coordinates_unclear")
def _(file):
    file.wrong[1][1][2:] = [12.0, 4.0e7]


@fault("exchange_closing_differs")
def _(file):
    file.wrong[1][-1][3] += float(file.rng.uniform(0.05, 3))


@fault("exchange_ring_too_short")
def _(file):
    file.wrong[1][:] = file.wrong[1][:2]
    file.wrong[0][0] = "2"


@fault("exchange_rings_too_many")
def _(file):
    rows = []
    for ring in range(2001):
        for corner, point in enumerate(file.wrong[1]):
            rows.append([f"J{ring}-{corner % 4}", ring, point[2] + 500 * ring, point[3]])
    file.wrong[1][:] = rows
    file.wrong[0][:2] = [str(len(rows)), "0"]


@fault("exchange_rings_closed")
def _(file):
    file.wrong[1].pop()
    file.wrong[0][0] = "4"


@fault("exchange_points_repeated")
def _(file):
    row = int(file.rng.integers(1, 3))
    file.wrong[1].insert(row, list(file.wrong[1][row]))
    file.wrong[0][0] = "6"


@fault("exchange_geometry_invalid")
def _(file):
    points = file.wrong[1]
    points[1][2:], points[2][2:] = points[2][2:], points[1][2:]


def _written(code, good, wrong):
    def make(rng, root, bad):
        lots = [
            shapely.box(500_000 + 90 * n, 3_766_000, 500_060 + 90 * n, 3_766_070) for n in (0, 1)
        ]
        names = [f"第{rng.integers(1, 99)}地块", wrong if bad else good]
        table = gpd.GeoDataFrame(
            {"地块编号": ["a", "b"], "地块名称": names}, geometry=lots, crs=4547
        )
        return write(table, root / "x.txt")

    FAULTS[code] = (frozenset(), make)


def _entry(rng, root, bad):
    lot = shapely.box(500_000, 3_766_000, 500_060, 3_766_070)
    table = gpd.GeoDataFrame({"地块编号": ["a"]}, geometry=[lot], crs=4547)
    office = f"第{rng.integers(1, 99)}测绘队"
    told = {"数据产生单位": f"{office}\n{office}" if bad else office}
    return write(table, root / "x.txt", about=told)


FAULTS["exchange_entry_replaced"] = (frozenset(), _entry)
_written("exchange_text_replaced", "甲乙", "甲,乙")
_written("exchange_encoding_widened", "龙镇", "䶮镇")
