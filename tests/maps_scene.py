"""A city of boxes for the tests of the maps: every status, holes, parts and hostile names."""

import base64
import itertools
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from landuse import balance, findings, law, layers, schema, terms
from landuse.maps import Chip, Scene

ON = date(2018, 5, 31)
CRS = pyproj.CRS.from_epsg(4547)
CORNERS = {"XC01": (470_000, 3_765_000), "XC02": (473_500, 3_766_000), "XC03": (471_500, 3_762_000)}
NAMES = {"XC01": "魏都产业集聚区", "XC02": "建安产业集聚区", "XC03": "长葛产业集聚区"}
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}",
    "</script><script>alert(2)</script>",
    "`${alert(3)}`",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "[[landuse:settings]] [[landuse:policy]]",
    "\u2028line\u2029<!--&amp;\\u003c",
]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
REASON = "约定动工日 2016-03-01，至判定日已满{}年，未见合法顺延，亦无开工记录。"


def scene(side=22, hostile=True, lang="zh", path=None, synthetic=True):
    """Return a scene of three clusters of side x side parcels."""
    rng = np.random.default_rng(7)
    rows = list(_parcels(side, rng))
    cases = _cases(pd.DataFrame(rows), rng)
    if hostile:
        cases.loc[cases.index[: len(HOSTILE)], "right_holder"] = HOSTILE
    pieces = _pieces(rows, cases)
    tables = _tables(cases, side)
    space = layers.Workspace(path, "许昌市", "411000", CRS, "plane", synthetic, ())
    totals = _totals(space, tables, cases, pieces)
    totals["as_of"] = {"supplies": "2018-05-31", "approvals": "2018-04-30"}
    return Scene(space, tables, pieces, cases, totals, ON, lang)


def rich(side=8, **options):
    """Return a scene with grades, years idle, pauses, findings, contracts and pictures as well."""
    made = scene(side, **options)
    cases = made.cases.sort_values("case_id").reset_index(drop=True)
    number = pd.Series(range(len(cases)))
    is_supply = cases["kind"] == "supply"
    cases["grade"] = number.mod(4).map({0: "A", 1: "B", 2: "C", 3: ""}).where(is_supply, "")
    cases.loc[cases["status"].isin(terms.IDLE), "full_years"] = number.mod(5)
    supply = made.tables["supply"].copy()
    supply["contract_number"] = [f"豫(许昌)出让(2014)第{n:04d}号" for n in range(len(supply))]
    idle = cases.loc[cases["status"] == "idle_two_years", "case_id"].tolist()
    pause = pd.DataFrame({"supply_id": idle[:2], "cause": ["G1", "FM"]})
    pause["begins_on"] = pd.Timestamp("2017-01-01")
    pause["ends_on"] = [pd.Timestamp("2017-03-31"), pd.NaT]
    pause["document_number"] = ["许政文〔2017〕9号", None]
    found = findings.rows(
        "required_missing",
        layer="supplies",
        row=7,
        feature_id=idle[0],
        column="right_holder",
        heading="土地使用权人",
    )
    sources = (layers.Source("supplies", terms.Role.SUPPLY, "供地台账", "data/a.csv", ON),)
    return replace(
        made,
        cases=cases,
        tables=dict(made.tables) | {"supply": supply, "pause": schema.conform(pause, "pause")},
        findings=found,
        workspace=replace(made.workspace, sources=sources),
        chips={
            idle[0]: [
                Chip(date(2016, 5, 12), "影像", PIXEL),
                Chip(date(2018, 5, 9), "影像", PIXEL),
            ]
        },
    )


def film(made):
    """Return frames of three days: on the first no case was idle and one was not there at all."""
    known = made.cases.sort_values("case_id")[["case_id", "state", "status"]]
    then = known.copy()
    is_idle = then["status"].isin(terms.IDLE)
    then.loc[is_idle, ["state", "status"]] = ["supplied_unbuilt", "overdue"]
    days = [date(2016, 12, 31), date(2017, 12, 31), ON]
    frames = [then.iloc[1:], then, known]
    return pd.concat([f.assign(day=d) for f, d in zip(frames, days, strict=True)])


def _parcels(side, rng):
    """Yield one row a parcel: blocks of parcels with streets between them."""
    weights = np.array([5, 9, 3, 2, 2, 2, 5, 7, 6, 4, 3, 12, 5, 3, 3, 2, 2, 25, 4, 3, 5, 4], float)
    statuses = list(terms.Status)
    draws = iter(rng.choice(len(statuses), 3 * side * side, p=weights / weights.sum()))
    for cluster, (x0, y0) in CORNERS.items():
        for row, column in itertools.product(range(side), repeat=2):
            x = x0 + column * 110 + (column // 4) * 45 + rng.uniform(-3, 3)
            y = y0 + row * 80 + (row // 3) * 40 + rng.uniform(-3, 3)
            number = row * side + column
            box = shapely.box(x, y, x + 105 + rng.uniform(-20, 2), y + 76)
            status = statuses[next(draws)]
            if number < len(statuses):
                status = statuses[number]
            yield {
                "case_id": f"{cluster}-{number:05d}",
                "cluster_id": cluster,
                "status": status,
                "geometry": box,
                "number": number,
            }


def _cases(rows, rng):
    """Return cases of the contract, in no particular order."""
    count = len(rows)
    status = [terms.Status(word) for word in rows["status"]]
    cases = pd.DataFrame(
        {
            name: pd.Series([None] * count, dtype=schema.DTYPES[kind])
            for name, kind in schema.CASE_COLUMNS.items()
        }
    )
    cases["case_id"] = rows["case_id"].astype("str")
    is_approval = [terms.STATE_OF[s] == terms.State.APPROVED_UNSUPPLIED for s in status]
    cases["kind"] = np.where(is_approval, "approval", "supply")
    cases["cluster_id"] = rows["cluster_id"].astype("str")
    cases["park_id"] = np.where(rows["number"] % 7 == 0, "P1", "")
    cases["right_holder"] = [_firm(i) for i in range(count)]
    cases.loc[cases["kind"] == "approval", "right_holder"] = None
    cases["project_name"] = [f"年产{i}万件精密部件项目" for i in range(count)]
    cases["area_m2"] = [g.area for g in rows["geometry"]]
    cases["state"] = [str(terms.STATE_OF[s]) for s in status]
    cases["status"] = [str(s) for s in status]
    idle = cases["status"].isin(terms.IDLE)
    cases["is_determined"] = pd.Series(idle & (rng.random(count) < 0.3), dtype="boolean")
    cases.loc[idle, "clock_from"] = pd.Timestamp("2016-03-01")
    cases.loc[idle, ["gross_days", "paused_days", "net_days"]] = [821.0, 90.0, 731.0]
    cases["reason"] = np.where(idle, REASON.format("两"), "事实齐全。")
    cases.loc[idle, "articles"] = "闲置土地处置办法 第二条；闲置土地处置办法 第十四条"
    cases.loc[idle, "measures"] = "下达《闲置土地调查通知书》；征缴土地闲置费"
    cases.loc[idle, "lead"] = "市国土资源局"
    cases.loc[idle, "due_on"] = pd.Timestamp("2018-07-30")
    cases.loc[cases["status"] == "undetermined", "missing"] = "约定动工日期；交地日期"
    return cases.sample(frac=1, random_state=3).reset_index(drop=True)


def _firm(number):
    """Return the name of a firm."""
    places = ["许昌", "魏都", "长葛", "禹州", "鄢陵", "襄城"]
    kinds = ["精密机械", "新材料科技", "电力装备", "发制品", "食品", "智能家居", "生物医药"]
    return f"{places[number % 6]}{'鸿远瑞丰盛泰恒达'[number % 8]}{kinds[number % 7]}有限公司"


def _pieces(rows, cases):
    """Return pieces: a third of the building land in two parts, some with a hole, some in two."""
    known = cases.set_index("case_id")
    found = []
    for row in rows:
        case = known.loc[row["case_id"]]
        box, number = row["geometry"], row["number"]
        west, south, east, north = box.bounds
        parts = [("", box)]
        if case.state in {"built_unfinished", "completed"} and number % 3 == 0:
            middle = (west + east) / 2
            parts = [
                ("built", shapely.box(west, south, middle, north)),
                ("unbuilt", shapely.box(middle, south, east, north)),
            ]
        elif number % 41 == 5:
            parts = [("", box.difference(box.centroid.buffer(18, 6)))]
        elif number % 53 == 7:
            gap = shapely.box(west + 40, south, west + 55, north)
            parts = [("", box.difference(gap))]
        elif number % 97 == 11:
            continue
        for part, shape in parts:
            found.append({"case_id": row["case_id"], "part": part, "geometry": shape})
    frame = gpd.GeoDataFrame(found, geometry="geometry", crs=CRS)
    frame = frame.join(
        known[["cluster_id", "park_id", "kind", "state", "status", "is_determined"]], on="case_id"
    )
    frame["piece_id"] = [f"{i:06d}" for i in range(len(frame))]
    frame["approval_id"] = "A1"
    frame["supply_id"] = frame["case_id"].where(frame["kind"] == "supply", "")
    frame["area_m2"] = frame.area
    return frame


def _tables(cases, side):
    """Return supplies, approvals and outlines."""
    supply = pd.DataFrame({"supply_id": cases.loc[cases["kind"] == "supply", "case_id"].to_numpy()})
    supply["parcel_code"] = [f"411002100001GB{i:05d}" for i in range(len(supply))]
    supply["location"] = "许昌市魏武大道与永宁街交叉口东北角"
    supply["land_use"] = "工业用地"
    supply["signed_on"] = pd.Timestamp("2014-12-05")
    supply["agreed_commencement_on"] = pd.Timestamp("2016-03-01")
    approval = pd.DataFrame(
        {"approval_id": cases.loc[cases["kind"] == "approval", "case_id"].to_numpy()}
    )
    approval["batch_name"] = "许昌市2014年度第三批城市建设用地"
    approval["approval_number"] = [f"豫政土〔2014〕{i}号" for i in range(len(approval))]
    approval["approved_on"] = pd.Timestamp("2014-06-30")
    approval["compensation_done"] = True
    width, height = side * 110 + side // 4 * 45 + 40, side * 80 + side // 3 * 40 + 40
    boxes = {k: shapely.box(x - 40, y - 40, x + width, y + height) for k, (x, y) in CORNERS.items()}
    cluster = _outlined(
        "cluster", {"cluster_id": [*boxes], "cluster_name": [*NAMES.values()]}, boxes.values()
    )
    parks = [
        b.intersection(
            shapely.box(b.bounds[0] + 60, b.bounds[1] + 60, b.bounds[0] + 900, b.bounds[1] + 700)
        )
        for b in boxes.values()
    ]
    park = _outlined(
        "park",
        {"park_id": ["P1", "P2", "P3"], "park_name": ["装备园", "发制品园", "食品园"]},
        parks,
    )
    lines = [
        shapely.LineString([(x - 60, y + 300 * k), (x + width, y + 300 * k)])
        for x, y in CORNERS.values()
        for k in range(3)
    ]
    network = _outlined(
        "network", {"network_id": [str(i) for i in range(9)], "kind": ["road"] * 9}, lines
    )
    plan = _outlined(
        "plan",
        {"function": ["production", "living", "other"]},
        [b.buffer(300) for b in boxes.values()],
    )
    tables = {
        "supply": schema.conform(supply, "supply"),
        "approval": schema.conform(approval, "approval"),
    }
    return tables | {"cluster": cluster, "park": park, "network": network, "plan": plan}


def _outlined(role, columns, shapes):
    """Return a table of a role with shapes."""
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)
    return schema.conform(frame, role)


def _totals(space, tables, cases, pieces):
    """Return the totals as the balance makes them."""
    slivers = pd.DataFrame(
        {"approval_id": [], "cluster_id": [], "park_id": [], "area_m2": []}, dtype=object
    ).astype({"area_m2": "float64"})
    accounts = pd.DataFrame({"approval_id": ["none"], "area_m2": [0.0], "lost_m2": [0.0]})
    parts = SimpleNamespace(packed=pieces, slivers=slivers, accounts=accounts)
    return balance.totals(space, tables, cases, parts, law.on(ON))
