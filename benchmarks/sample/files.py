"""
Write the city as the offices would deliver it: many formats, encodings, systems and units.

Nothing here depends on the day of writing: the timestamps inside GeoPackages, DBF headers and
workbooks are those of the register.
"""

from __future__ import annotations

import csv
import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import shapely
import xlsxwriter
from pyogrio import raw
from pyproj import Transformer

from benchmarks.sample import names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.sample.city import City
    from benchmarks.sample.places import Record

METRES, ZONED, DEGREES = "EPSG:4547", "EPSG:4526", "EPSG:4490"
ZONE = 38_000_000.0
"""EPSG:4526 is EPSG:4547 with the number of the zone before the easting."""

Fields = dict[str, str]

CLUSTER: Fields = {
    "cluster_id": "集聚区编号", "cluster_name": "集聚区名称", "division_code": "行政区划代码",
    "leading_industries": "主导产业", "planned_area": "规划面积_平方公里",
}  # fmt: skip
PARK: Fields = {"park_id": "园区编号", "park_name": "园区名称", "cluster_id": "集聚区编号",
                "theme": "主题"}  # fmt: skip
APPROVAL: Fields = {
    "approval_id": "PC_BH", "approval_number": "批准文号", "approved_on": "批准日期",
    "batch_name": "批次名称", "declared_area": "批准面积", "compensation_done": "补偿完成",
    "withdrawn_on": "撤回日期", "unsupplied_cause": "未供原因",
}  # fmt: skip
SUPPLY: Fields = {
    "supply_id": "电子监管号", "parcel_code": "宗地代码", "cluster_id": "集聚区编号",
    "park_id": "区中园编号", "right_holder": "土地使用权人", "project_name": "项目名称",
    "location": "土地坐落", "supply_mode": "供地方式", "land_use": "土地用途",
    "land_use_code": "用途代码", "code_system": "用途分类", "declared_area": "供地面积_公顷",
    "price": "成交价款_万元", "contract_number": "合同编号", "signed_on": "合同签订日期",
    "agreed_delivery_on": "约定交地时间", "delivered_on": "实际交地时间",
    "agreed_commencement_on": "约定开工时间", "extended_commencement_on": "补充协议动工时间",
    "extension_signed_on": "补充协议签订时间", "agreed_completion_on": "约定竣工时间",
    "permit_on": "施工许可时间", "commenced_on": "实际开工时间", "suspended_on": "停工时间",
    "resumed_on": "复工时间", "completed_on": "实际竣工时间", "production_on": "投产时间",
    "required_area": "应动工面积", "developed_area": "已动工面积",
    "planned_investment": "总投资_万元", "invested": "已投资_万元",
    "invested_includes_land": "投资含地价", "is_seized": "是否查封", "is_mortgaged": "是否抵押",
    "determination_number": "认定书文号", "investigation_number": "调查通知书文号",
    "phase_of": "所属分期宗地", "delay_cause": "停建原因",
}  # fmt: skip
CONSTRUCTION: Fields = {"construction_id": "建筑编号", "supply_id": "电子监管号",
                        "observed_on": "观测日期", "stage": "建设阶段"}  # fmt: skip
PAUSE: Fields = {"supply_id": "电子监管号", "cause": "原因代码", "begins_on": "开始日期",
                 "ends_on": "结束日期", "document_number": "证明文件文号"}  # fmt: skip
ENTERPRISE: Fields = {
    "enterprise_id": "企业编号", "enterprise_name": "企业名称", "supply_id": "电子监管号",
    "cluster_id": "集聚区编号", "grade": "评价类别", "halted_on": "停产日期",
    "is_above_scale": "是否规上", "occupied_area": "占地面积（亩）", "tax": "实缴税收（万元）",
    "revenue": "主营业务收入（万元）", "profit": "利润总额（万元）",
    "research_spending": "研发投入（万元）", "output_value": "总产值（万元）",
    "energy_tce": "综合能耗（吨标准煤）", "emissions_t": "污染物排放量（吨）",
    "employees": "从业人员（人）",
}  # fmt: skip
PROJECT: Fields = {
    "project_id": "项目编号", "project_name": "项目名称", "kind": "项目类型",
    "cluster_id": "集聚区编号", "industry": "行业代码", "area_needed": "用地需求（亩）",
    "investment": "总投资（亿元）", "progress": "进展", "target_on": "计划开工日期",
    "invested": "累计完成投资（亿元）", "invested_this_year": "本年完成投资（亿元）",
}  # fmt: skip
PLAN: Fields = {"function": "功能", "plan_code": "规划用途代码", "code_system": "用途分类标准"}
NETWORK: Fields = {"network_id": "网络编号", "kind": "类型"}

ENTERPRISE_TITLE = "许昌市产业集聚区企业分类综合评价表（2017年度，示意数据）"


def write(city: City, folder: Path) -> list[Path]:
    """
    Write every data file of the sample.

    Parameters
    ----------
    city
        The rows, geometry in EPSG:4547.
    folder
        `layers/data` of a workspace; files of the same names are replaced.

    Returns
    -------
    paths
        Files written, sorted.
    """
    (folder / "supplies").mkdir(parents=True, exist_ok=True)
    kept = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{names.AS_OF}T00:00:00.000Z"})
    try:
        _write_vectors(city, folder)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": kept})
    tables = city.tables
    _write_csv(tables["pause"], PAUSE, folder / "pauses.csv", "utf-8-sig", date.isoformat)
    _write_csv(tables["project"], PROJECT, folder / "projects.csv", "gb18030", _slashed)
    _write_xlsx(tables["enterprise"], folder / "enterprises.xlsx")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_vectors(city: City, folder: Path) -> None:
    """Write every layer that has geometry."""
    tables = city.tables
    geojson = {"driver": "GeoJSON", "crs": DEGREES, "geometry_type": "Polygon",
               "COORDINATE_PRECISION": "9"}  # fmt: skip
    _write(tables["cluster"], CLUSTER, folder / "clusters.geojson", geojson, _degrees)
    _write(tables["park"], PARK, folder / "parks.geojson", geojson, _degrees)
    shapefile = {"driver": "ESRI Shapefile", "encoding": "GBK", "geometry_type": "Polygon",
                 "DBF_DATE_LAST_UPDATE": f"{names.AS_OF}", "RESIZE": "YES"}  # fmt: skip
    _write(tables["approval"], APPROVAL, folder / "approvals.shp", shapefile)
    package = {"driver": "GPKG", "geometry_type": "MultiPolygon", "layer": "供地"}
    city_run = [r for r in tables["supply"] if r["supply_id"] in city.city_run]
    counties = [r for r in tables["supply"] if r["supply_id"] not in city.city_run]
    _write(city_run, SUPPLY, folder / "supplies" / "city.gpkg", package)
    _write(
        counties, SUPPLY, folder / "supplies" / "counties.gpkg", package | {"crs": ZONED}, _zoned
    )
    flat = {"driver": "FlatGeobuf", "geometry_type": "Polygon"}
    _write(tables["construction"], CONSTRUCTION, folder / "construction.fgb", flat)
    package["layer"] = "规划用途"
    _write(tables["plan"], PLAN, folder / "plan.gpkg", package)
    lines = {"driver": "FlatGeobuf", "geometry_type": "LineString"}
    _write(tables["network"], NETWORK, folder / "network.fgb", lines)


def _write(
    records: list[Record],
    fields: Fields,
    path: Path,
    options: dict[str, Any],
    move: Callable[[np.ndarray], np.ndarray] | None = None,
) -> None:
    """Write rows as one layer under the field names of its office."""
    path.unlink(missing_ok=True)
    shapes = np.array([record["geometry"] for record in records], dtype=object)
    if move is not None:
        shapes = shapely.transform(shapes, move)
    if options["geometry_type"] == "MultiPolygon":
        shapes = np.array([_multi(shape) for shape in shapes], dtype=object)
    columns = [_column([r.get(name) for r in records], name) for name in fields]
    raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=[values for values, _ in columns],
        fields=list(fields.values()),
        field_mask=[missing for _, missing in columns],
        **{"crs": METRES, **options},
    )


def _multi(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """Return a polygon as one of several parts, as GeoPackages of offices hold them."""
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape


def _column(values: list[Any], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of a field as days, numbers or text, and which are missing."""
    missing = np.array([v is None or (isinstance(v, float) and math.isnan(v)) for v in values])
    if name.endswith("_on"):
        return np.array([None if m else v for v, m in zip(values, missing, strict=True)],
                        dtype="datetime64[D]"), missing  # fmt: skip
    if any(isinstance(value, float) for value in values):
        return np.array([np.nan if m else v for v, m in zip(values, missing, strict=True)],
                        dtype=np.float64), missing  # fmt: skip
    return np.array([None if m else str(v) for v, m in zip(values, missing, strict=True)],
                    dtype=object), missing  # fmt: skip


def _degrees(points: np.ndarray) -> np.ndarray:
    """Longitude and latitude of metres."""
    east, north = Transformer.from_crs(METRES, DEGREES, always_xy=True).transform(*points.T)
    degrees: np.ndarray = np.round(np.column_stack([east, north]), 9)
    return degrees


def _zoned(points: np.ndarray) -> np.ndarray:
    """Metres with the number of the zone before the easting."""
    zoned: np.ndarray = np.round(points + np.array([ZONE, 0.0]), 3)
    return zoned


def _slashed(day: date) -> str:
    """Return a day as spreadsheets of clerks show it, without leading zeros."""
    return f"{day.year}/{day.month}/{day.day}"


def _write_csv(
    records: list[Record], fields: Fields, path: Path, encoding: str, show: Callable[[date], str]
) -> None:
    """Write rows as a comma-separated table with the line ends of Windows."""
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(fields.values())
        for record in records:
            row = [record.get(name) for name in fields]
            writer.writerow([show(v) if isinstance(v, date) else v for v in row])


def _write_xlsx(records: list[Record], path: Path) -> None:
    """Write the evaluation table: a title above the headings, numbers kept as text where codes."""
    made = datetime(names.AS_OF.year, names.AS_OF.month, names.AS_OF.day)  # noqa: DTZ001 - Excel
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"title": ENTERPRISE_TITLE, "created": made})
        title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("评价表")
        sheet.merge_range(0, 0, 0, len(ENTERPRISE) - 1, ENTERPRISE_TITLE, title)
        sheet.write_row(1, 0, ENTERPRISE.values(), head)
        sheet.set_column(0, len(ENTERPRISE) - 1, 14)
        sheet.freeze_panes(2, 2)
        for row, record in enumerate(records, 2):
            for column, name in enumerate(ENTERPRISE):
                _write_cell(sheet, (row, column), record.get(name), day)


def _write_cell(sheet: Any, place: tuple[int, int], value: Any, day: Any) -> None:
    """Write one cell after the type of its value; text is never read as a formula."""
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(*place, value, day)
    elif isinstance(value, str):
        sheet.write_string(*place, value)
    else:
        sheet.write_number(*place, value)
