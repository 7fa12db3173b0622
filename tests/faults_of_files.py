"""Faults of whole files: each makes a workspace of one layer, with the fault or without it."""

import json
import sqlite3

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import rasterio
import shapely
from making import layer, workspace

from landuse.crs import webmaps

FAULTS = {}
"""Code → the codes that are rightly said beside it, and what makes a workspace or findings."""

UNITS = {"units": {"declared_area": "m2", "price": "yuan"}}


def fault(code, *also):
    def kept(make):
        FAULTS[code] = (frozenset(also), make)
        return make

    return kept


def some(rng, count=None):
    """Return a ledger of a random length, one row a random supply."""
    count = count or int(rng.integers(6, 15))
    area = rng.integers(5_000, 90_000, count)
    first = int(rng.integers(1, 9000))
    return pd.DataFrame(
        {
            "电子监管号": [f"4110032016B{first + n:05d}" for n in range(count)],
            "土地使用权人": [f"第{n}实业公司" for n in range(count)],
            "供应面积": area.astype(float),
            "成交价款": (area * rng.integers(200, 900)).astype(float),
        }
    )


def squares(rng, areas):
    """Return an outline of each area, side by side, in EPSG:4547."""
    x, y = float(rng.integers(470_000, 490_000)), float(rng.integers(3_755_000, 3_765_000))
    sides = np.sqrt(np.asarray(areas, dtype=float))
    lefts = x + np.arange(len(sides)) * 400
    return shapely.box(lefts, y, lefts + sides, y + sides)


def _short(table):
    """Return a ledger under field names that fit a DBF."""
    names = ("DZJGH", "QLRMC", "GYMJ", "CJJK")
    return table.set_axis(names, axis=1)


def placed(rng, table, crs=4547):
    made = gpd.GeoDataFrame(table, geometry=squares(rng, table.iloc[:, 2]), crs=4547)
    return made if crs == 4547 else made.to_crs(crs)


def data(root):
    folder = root / "layers" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def one(root, file, **keys):
    return workspace(root, {"s": layer("supply", file, **keys)})


def text(root, table, lines=(), **keys):
    """Return a workspace of a CSV; `lines` stand above it."""
    content = "".join(f"{line}\n" for line in lines) + table.to_csv(index=False)
    (data(root) / "s.csv").write_text(content, encoding="utf-8")
    return one(root, "s.csv", **(UNITS | keys))


def vector(root, table, name="s.gpkg", *, without=(), encoding=None, options=None, **keys):
    """Return a workspace of a vector file; `without` are endings of parts left away."""
    pyogrio.write_dataframe(table, data(root) / name, encoding=encoding, **(options or {}))
    for ending in without:
        (data(root) / name).with_suffix(ending).unlink()
    return one(root, name, **(UNITS | keys))


def sheet(root, rows, merged=(), **keys):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(data(root) / "s.xlsx")
    return one(root, "s.xlsx", **(UNITS | keys))


def somewhere(rng, table):
    return table.index[int(rng.integers(0, len(table)))]


def spoilt(root, statement, *values):
    """Change a GeoPackage as no library would."""
    base = sqlite3.connect(data(root) / "s.gpkg")
    for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        base.execute(f'drop trigger "{name}"')
    base.execute(statement, values)
    base.commit()
    base.close()


@fault("column_ambiguous")
def _(rng, root, bad):
    table = some(rng)
    table["坐落"] = "东路"
    table["项目位置"] = "东路"
    if bad:
        table.loc[somewhere(rng, table), "项目位置"] = "西路"
        table.loc[somewhere(rng, table), "坐落"] = "南路"
    return text(root, table if bad else table.drop(columns="坐落"))


@fault("columns_agree")
def _(rng, root, bad):
    table = some(rng)
    table["坐落"] = [f"第{n}路" for n in table.index]
    if bad:
        table["项目位置"] = table["坐落"].mask(rng.random(len(table)) < 0.3)
    return text(root, table)


@fault("heading_repeated")
def _(rng, root, bad):
    table = some(rng).assign(备注="-", 备注二="-")
    return text(root, table.rename(columns={"备注二": "备注"} if bad else {}))


@fault("heading_empty")
def _(rng, root, bad):
    table = some(rng)
    table.insert(int(rng.integers(1, 4)), "备注", "有字")
    return text(root, table.rename(columns={"备注": " "} if bad else {}))


@fault("heading_completed")
def _(rng, root, bad):
    table = placed(rng, some(rng)).rename(
        columns={"土地使用权人": "土地使用权" if bad else "QLRMC"}
    )
    return vector(root, table, "s.shp", encoding="GB18030")


@fault("feature_unreadable")
def _(rng, root, bad):
    made = vector(root, placed(rng, some(rng)))
    if bad:
        table = pyogrio.read_dataframe(data(root) / "s.gpkg")
        row = int(rng.integers(1, len(table) + 1))
        zeros = "substr(geom, 1, length(geom) - 8) || zeroblob(8)"
        spoilt(root, f"update s set geom = cast({zeros} as blob) where fid = ?", row)
    return made


@fault("geometry_damaged")
def _(rng, root, bad):
    made = vector(root, placed(rng, some(rng)))
    if bad:
        row = int(rng.integers(1, 6))
        spoilt(root, "update s set geom = substr(geom, 1, length(geom) / 2) where fid = ?", row)
    return made


@fault("records_lost")
def _(rng, root, bad):
    made = vector(root, placed(rng, _short(some(rng, 12))), "s.shp", encoding="GBK")
    if bad:
        part = data(root) / "s.dbf"
        part.write_bytes(part.read_bytes()[: -int(rng.integers(300, 900))])
    return made


@fault("text_undecodable")
def _(rng, root, bad):
    made = vector(root, placed(rng, some(rng)))
    if bad:
        row = int(rng.integers(1, 6))
        spoilt(root, "update s set 土地使用权人 = cast(x'D6D0' as text) where fid = ?", row)
    return made


@fault("text_cut_at_zero")
def _(rng, root, bad):
    told = placed(rng, some(rng), 4490).to_json(drop_id=True, ensure_ascii=True)
    told = told.replace('"properties": {"', '"properties": {"备注": "\\\\u0000", "')
    told = told.replace("\\\\u0000", "a\\u0000b" if bad else "\\\\u0000")
    (data(root) / "s.geojson").write_text(told, encoding="utf-8")
    return one(root, "s.geojson", **UNITS)


@fault("reader_remark")
def _(rng, root, bad):
    table = placed(rng, some(rng), 4490)
    features = json.loads(table.to_json(drop_id=True))
    for number, feature in enumerate(features["features"]):
        feature["id"] = 7 if bad and number < 2 else number
    features.pop("crs", None)
    (data(root) / "s.geojson").write_text(json.dumps(features), encoding="utf-8")
    return one(root, "s.geojson", **UNITS)


@fault("layer_empty")
def _(rng, root, bad):
    table = some(rng)
    return text(root, table.iloc[:0] if bad else table)


@fault("encoding_contradicts", "encoding_inferred")
def _(rng, root, bad):
    made = vector(root, placed(rng, _short(some(rng))), "s.shp", encoding="GBK")
    (data(root) / "s.cpg").write_text("UTF-8" if bad else "936", encoding="ascii")
    return made


@fault("encoding_inferred")
def _(rng, root, bad):
    without = [".cpg"] if bad else []
    return vector(root, placed(rng, _short(some(rng))), "s.shp", encoding="GBK", without=without)


@fault("encoding_unknown")
def _(rng, root, bad):
    table = placed(rng, some(rng)).rename(columns={"土地使用权人": "QLRMC", "电子监管号": "DZJGH"})
    table = table.rename(columns={"供应面积": "GYMJ", "成交价款": "CJJK"}).assign(
        QLRMC="cafe au lait"
    )
    made = vector(root, table, "s.shp", encoding="ISO-8859-1", without=[".cpg"])
    if bad:
        part = data(root) / "s.dbf"
        part.write_bytes(part.read_bytes().replace(b"cafe au", b"caf\xe9 au"))
    return made


@fault("unit_of_heading")
def _(rng, root, bad):
    table = some(rng)
    units = {"price": "yuan"} if bad else UNITS["units"]
    return text(
        root, table.rename(columns={"供应面积": "供应面积(㎡)"} if bad else {}), units=units
    )


@fault("unit_from_cells")
def _(rng, root, bad):
    table = some(rng)
    table["供应面积"] = table["供应面积"].astype(object)
    if bad:
        row = somewhere(rng, table)
        table.loc[row, "供应面积"] = str(rng.choice(["1.25公顷", "18.5亩", "42538.29平方米"]))
    return text(root, table)


@fault("unit_contradicts_heading")
def _(rng, root, bad):
    return text(root, some(rng).rename(columns={"供应面积": "供应面积(公顷)"} if bad else {}))


def _hectares(rng):
    table = some(rng)
    return table.assign(供应面积=(table["供应面积"] / 10_000 + 0.0001).round(4))


@fault("unit_suspected")
def _(rng, root, bad):
    units = {"price": "yuan"} if bad else {"declared_area": "ha", "price": "yuan"}
    return text(root, _hectares(rng), units=units)


@fault("money_suspected")
def _(rng, root, bad):
    table = some(rng)
    table["成交价款"] = table["成交价款"] / 10_000
    price = {} if bad else {"price": "wan_yuan"}
    return text(root, table, units={"declared_area": "m2", **price})


@fault("unit_of_sheet")
def _(rng, root, bad):
    table = some(rng)
    units = {"price": "yuan"} if bad else UNITS["units"]
    rows = [list(table.columns), *table.to_numpy(dtype=object).tolist()]
    above = ["供地台账", "单位：平方米" if bad else None]
    return sheet(root, [above, *rows], units=units, header_row=2)


@fault("unit_proved_by_column")
def _(rng, root, bad):
    table = _hectares(rng)
    table["折合面积(亩)"] = table["供应面积"] * 15
    return text(
        root, table, units={"price": "yuan"} if bad else {"declared_area": "ha", "price": "yuan"}
    )


@fault("unit_proved_by_geometry")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    table["供应面积"] = table["供应面积"] / 10_000
    units = {} if bad else {"declared_area": "ha"}
    return vector(root, table, units={"price": "yuan", **units})


@fault("unit_contradicted")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    if bad:
        table["供应面积"] = table["供应面积"] * 0.0015
    return vector(root, table)


@fault("pair_swapped")
def _(rng, root, bad):
    table = some(rng)
    low, high = rng.uniform(0.6, 1.2, len(table)), rng.uniform(1.5, 3.0, len(table))
    return text(
        root, table.assign(容积率下限=high if bad else low, 容积率上限=low if bad else high)
    )


@fault("pair_reversed")
def _(rng, root, bad):
    table = some(rng).assign(minRjl=1.0, maxRjl=2.0)
    if bad:
        table.loc[somewhere(rng, table), "minRjl"] = 2.5
    return text(root, table)


@fault("numbers_as_text")
def _(rng, root, bad):
    rows = some(rng)
    cells = [list(rows.columns), *rows.to_numpy(dtype=object).tolist()]
    if bad:
        cells[int(rng.integers(1, len(cells)))][2] = "12345.5"
    return sheet(root, cells)


@fault("header_found")
def _(rng, root, bad):
    lines = ["某市供地台账,,,", "填报单位：某局,,,"][: int(rng.integers(1, 3))] if bad else []
    return text(root, some(rng), lines)


@fault("header_of_rows")
def _(rng, root, bad):
    table = some(rng)
    rows = table.to_numpy(dtype=object).tolist()
    if not bad:
        return sheet(root, [list(table.columns), *rows])
    above = ["电子监管号", "土地使用权人", "供应情况", None], [None, None, "供应面积", "成交价款"]
    return sheet(root, [*above, *rows], ["A1:A2", "B1:B2", "C1:D1"])


@fault("header_short", "row_width", "layer_empty")
def _(rng, root, bad):
    table = some(rng).assign(合同签订日期="2016-01-02", 约定动工日期="2017-01-02")
    made = text(root, table)
    if bad:
        path = data(root) / "s.csv"
        content = path.read_text(encoding="utf-8")
        path.write_text(content.replace("供应面积,", "", 1), encoding="utf-8")
    return made


@fault("row_of_numbers")
def _(rng, root, bad):
    table = some(rng)
    head = pd.DataFrame([range(1, 5)], columns=table.columns) if bad else table.iloc[:0]
    return text(root, pd.concat([head.astype(object), table.astype(object)]))


def _known(root):
    """Write a layer that tells where the city lies."""
    lot = gpd.GeoDataFrame(
        {"cluster_id": ["C1"], "cluster_name": ["某"]},
        geometry=[shapely.box(465_000, 3_750_000, 500_000, 3_770_000)],
        crs=4547,
    )
    pyogrio.write_dataframe(lot, data(root) / "c.gpkg")
    return {"c": layer("cluster", "c.gpkg")}


def _beside(root, table, name, *, without=(), **keys):
    """Return a workspace of a known layer and a shapefile or another file beside it."""
    pyogrio.write_dataframe(table, data(root) / name, encoding="UTF-8")
    for ending in without:
        (data(root) / name).with_suffix(ending).unlink()
    tomls = _known(root) | {"s": layer("supply", name, **(UNITS | keys))}
    return workspace(root, tomls)


@fault("crs_inferred")
def _(rng, root, bad):
    crs = int(rng.choice([4547, 4526, 4490]))
    table = placed(rng, _short(some(rng)), crs)
    return _beside(root, table, "s.shp", without=[".prj"] if bad else [])


@fault("crs_overridden")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    if bad:
        table = table.set_crs(int(rng.choice([3857, 32649])), allow_override=True)
    return vector(root, table, crs="EPSG:4547")


@fault("crs_implausible", "crs_inferred")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    if bad:
        table = table.set_crs(4490, allow_override=True)
    return _beside(root, table, "s.gpkg")


@fault("heights_dropped")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    if bad:
        table.geometry = shapely.force_3d(table.geometry.to_numpy(), float(rng.uniform(50, 90)))
    return vector(root, table)


@fault("geometry_wrong_kind")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    if bad:
        row = somewhere(rng, table)
        table.loc[row, "geometry"] = shapely.LineString(table.geometry[row].exterior.coords[:3])
    return vector(root, table)


@fault("geometry_repaired")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    if bad:
        row = somewhere(rng, table)
        a, b, c, d, _ = table.geometry[row].exterior.coords
        table.loc[row, "geometry"] = shapely.Polygon([a, c, b, d, a])
    return vector(root, table, repair=True)


def _with_ledger(rng, root, name, toml):
    """Return a workspace of one layer beside the ledger that every workspace needs."""
    some(rng).to_csv(data(root) / "ledger.csv", index=False)
    return workspace(root, {name: toml, "s": layer("supply", "ledger.csv", **UNITS)})


@fault("raster_without_crs")
def _(rng, root, bad):
    system = {} if bad else {"crs": "EPSG:4547"}
    place = rasterio.Affine(10, 0, 480_000, 0, -10, 3_760_000)
    pixels = rng.integers(0, 9000, (1, 8, 8)).astype("uint16")
    shape = {"height": 8, "width": 8, "count": 1, "dtype": "uint16"}
    with rasterio.open(
        data(root) / "i.tif", "w", driver="GTiff", transform=place, **shape, **system
    ) as image:
        image.write(pixels)
    toml = "observed_on = 2018-04-02\n" + layer("imagery", "i.tif")
    return _with_ledger(rng, root, "i", toml)


@fault("axes_swapped")
def _(rng, root, bad):
    table = placed(rng, some(rng), int(rng.choice([4547, 4526])))
    if bad:
        table.geometry = shapely.transform(table.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return vector(root, table)


@fault("datum_shifted")
def _(rng, root, bad):
    table = placed(rng, _short(some(rng)))
    crs = f"EPSG:2383 +towgs84={rng.uniform(1, 60):.3f},2,3" if bad else "EPSG:4547"
    return vector(root, table, "s.shp", encoding="UTF-8", without=[".prj"], crs=crs)


@fault("web_map_undone")
def _(rng, root, bad):
    table = placed(rng, _short(some(rng)), 4490)
    crs = str(rng.choice(["GCJ-02", "BD-09"])) if bad else "EPSG:4490"
    return vector(root, table, "s.shp", encoding="UTF-8", without=[".prj"], crs=crs)


@fault("web_map_recognised", "web_map_undone")
def _(rng, root, bad):
    plots = [
        shapely.box(x, y, x + rng.uniform(80, 250), y + rng.uniform(80, 250))
        for x in range(470_000, 473_000, 500)
        for y in range(3_760_000, 3_763_000, 500)
    ]
    supplies = gpd.GeoDataFrame(some(rng, len(plots)), geometry=plots, crs=4547)
    houses = gpd.GeoDataFrame(geometry=gpd.GeoSeries(plots, crs=4547).buffer(-20).to_crs(4490))
    system = str(rng.choice(["GCJ-02", "BD-09"]))
    if bad:
        houses.geometry = shapely.transform(
            houses.geometry.to_numpy(),
            lambda xy: np.column_stack(webmaps.shifted(system, *xy.T)),
        )
    pyogrio.write_dataframe(supplies, data(root) / "s.gpkg")
    pyogrio.write_dataframe(houses, data(root) / "b.gpkg")
    tomls = {"s": layer("supply", "s.gpkg", **UNITS), "b": layer("construction", "b.gpkg")}
    return workspace(root, tomls)


@fault("layers_joined")
def _(rng, root, bad):
    table = placed(rng, some(rng))
    names = ["供地甲", "供地乙"] if bad else ["供地甲"]
    for n, name in enumerate(names):
        part = table.iloc[n :: len(names)]
        pyogrio.write_dataframe(part, data(root) / "s.gpkg", layer=name, append=n > 0)
    return one(root, "s.gpkg", layer="供地*", **UNITS)


@fault("lines_taken_as_polygons")
def _(rng, root, bad):
    shapes = squares(rng, rng.integers(900, 90_000, 5))
    if bad:
        shapes[2] = shapely.LineString(shapes[2].exterior.coords)
    drawing = gpd.GeoDataFrame({"Layer": ["JZX"] * 5}, geometry=shapes, crs=4547)
    pyogrio.write_dataframe(drawing, data(root) / "s.dxf", driver="DXF")
    return _with_ledger(rng, root, "p", layer("plan", "s.dxf", crs="EPSG:4547"))


@fault("datums_taken_as_one")
def _(rng, root, bad):
    return vector(root, placed(rng, some(rng), 4326 if bad else 4490))


@fault("datum_by_proj")
def _(rng, root, bad):
    return vector(root, placed(rng, some(rng), 4322 if bad else 4490))


@fault("value_declared")
def _(rng, root, bad):
    told = {"values": {"land_use": "工业用地"}} if bad else {}
    return vector(root, placed(rng, some(rng)), **told)


@fault("zone_number_contradicts")
def _(rng, root, bad):
    table = placed(rng, some(rng), 4526)
    if bad:
        table = table.set_crs(4547, allow_override=True)
    return vector(root, table)
