"""
Every column of every table: name, type, unit and heading.

Readers, checks, the workbook and the documentation are all drawn from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from landuse.terms import Role

if TYPE_CHECKING:
    from landuse.texts import Lang

Kind = Literal["id", "text", "day", "m2", "cny", "number", "share", "bool"]

DTYPES: dict[str, Any] = {
    "id": "str",
    "text": "str",
    "day": "datetime64[s]",
    "m2": "float64",
    "cny": "float64",
    "number": "float64",
    "share": "float64",
    "bool": "boolean",
}
"""Kind of a column → pandas dtype. Missing values are NaN, NaT or pd.NA, never 0 or ''."""

PROVENANCE = ("source_layer", "source_file", "source_row")
"""Where a row came from: stem of the layer's TOML, file in the workspace, row a person sees."""


@dataclass(frozen=True)
class Column:
    """One column of a role; names that sources use for it stand in `read/names.toml`."""

    name: str
    kind: Kind
    zh: str
    en: str
    required: bool = False


_c = Column

_ROLES: dict[Role, tuple[Column, ...]] = {
    Role.CLUSTER: (
        _c("cluster_id", "id", "产业集聚区编号", "cluster id", required=True),
        _c("cluster_name", "text", "产业集聚区", "cluster", required=True),
        _c("division_code", "id", "行政区划代码", "division code"),
        _c("leading_industries", "text", "主导产业", "leading industries"),
        _c("planned_area", "m2", "规划面积", "planned area"),
    ),
    Role.PARK: (
        _c("park_id", "id", "区中园编号", "park id", required=True),
        _c("park_name", "text", "区中园", "park", required=True),
        _c("cluster_id", "id", "产业集聚区编号", "cluster id"),
        _c("theme", "text", "主题", "theme"),
    ),
    Role.APPROVAL: (
        _c("approval_id", "id", "批次编号", "approval id", required=True),
        _c("approval_number", "text", "批准文号", "approval number"),
        _c("approved_on", "day", "批准日期", "approved on", required=True),
        _c("batch_name", "text", "批次/项目名称", "batch or project"),
        _c("declared_area", "m2", "批准面积", "declared area"),
        _c("compensation_done", "bool", "征收补偿是否完成", "compensation done"),
        _c("withdrawn_on", "day", "撤回日期", "withdrawn on"),
        _c("unsupplied_cause", "text", "未供原因", "why not supplied"),
    ),
    Role.SUPPLY: (
        _c("supply_id", "id", "电子监管号", "supply id", required=True),
        _c("parcel_code", "id", "宗地编号", "parcel code"),
        _c("cluster_id", "id", "产业集聚区编号", "cluster id"),
        _c("park_id", "id", "区中园编号", "park id"),
        _c("right_holder", "text", "土地使用权人", "right holder"),
        _c("project_name", "text", "项目名称", "project"),
        _c("location", "text", "土地坐落", "location"),
        _c("supply_mode", "text", "供应方式", "supply mode"),
        _c("land_use", "text", "土地用途", "land use"),
        _c("land_use_code", "id", "土地用途代码", "land-use code"),
        _c("code_system", "text", "用途分类标准", "code system"),
        _c("declared_area", "m2", "供应面积", "declared area"),
        _c("price", "cny", "成交价款", "price"),
        _c("contract_number", "text", "合同编号", "contract number"),
        _c("signed_on", "day", "合同签订日期", "signed on"),
        _c("agreed_delivery_on", "day", "约定交地日期", "agreed delivery"),
        _c("delivered_on", "day", "实际交地日期", "delivered on"),
        _c("agreed_commencement_on", "day", "约定动工日期", "agreed start"),
        _c("extended_commencement_on", "day", "补充协议动工日期", "extended start"),
        _c("extension_signed_on", "day", "补充协议签订日期", "extension signed on"),
        _c("agreed_completion_on", "day", "约定竣工日期", "agreed completion"),
        _c("permit_on", "day", "施工许可证日期", "construction permit"),
        _c("commenced_on", "day", "实际动工日期", "started on"),
        _c("suspended_on", "day", "停工日期", "suspended on"),
        _c("resumed_on", "day", "复工日期", "resumed on"),
        _c("completed_on", "day", "实际竣工日期", "completed on"),
        _c("production_on", "day", "投产日期", "in production since"),
        _c("required_area", "m2", "应动工面积", "area to be developed"),
        _c("developed_area", "m2", "已动工面积", "area developed"),
        _c("planned_investment", "cny", "总投资额", "planned investment"),
        _c("invested", "cny", "已投资额", "invested"),
        _c("invested_includes_land", "bool", "投资是否含地价", "investment includes land price"),
        _c("is_seized", "bool", "是否查封", "seized"),
        _c("is_mortgaged", "bool", "是否抵押", "mortgaged"),
        _c("determination_number", "text", "认定书文号", "determination number"),
        _c("investigation_number", "text", "调查通知书文号", "investigation number"),
        _c("phase_of", "id", "所属宗地（分期）", "phase of"),
        _c("term_years", "number", "使用年限（年）", "term (years)"),
        _c("reserved_area", "m2", "应动工面积中的预留面积", "reserved area"),
        _c("is_reserve_agreed", "bool", "预留是否合同约定", "reserve agreed in the contract"),
        _c("earlier_suspended_on", "day", "上一次停工日期", "earlier stop"),
        _c("preceded_by", "id", "承接的原供地编号", "supply it follows"),
        _c("ownership", "text", "权属性质", "ownership"),
        _c("delay_cause", "text", "未动工或停建原因", "why delayed"),
    ),
    Role.CONSTRUCTION: (
        _c("construction_id", "id", "建筑编号", "construction id"),
        _c("supply_id", "id", "电子监管号", "supply id"),
        _c("observed_on", "day", "观测日期", "observed on"),
        _c("stage", "text", "建设阶段", "stage"),
    ),
    Role.PAUSE: (
        _c("supply_id", "id", "电子监管号", "supply id", required=True),
        _c("cause", "id", "原因代码", "cause", required=True),
        _c("begins_on", "day", "起始日期", "begins on", required=True),
        _c("ends_on", "day", "终止日期", "ends on"),
        _c("document_number", "text", "证明文件文号", "document number"),
    ),
    Role.ENTERPRISE: (
        _c("enterprise_id", "id", "企业编号", "enterprise id", required=True),
        _c("enterprise_name", "text", "企业名称", "enterprise"),
        _c("supply_id", "id", "电子监管号", "supply id"),
        _c("cluster_id", "id", "产业集聚区编号", "cluster id"),
        _c("grade", "id", "企业类别", "grade"),
        _c("halted_on", "day", "停产日期", "halted on"),
        _c("is_above_scale", "bool", "是否规上", "above scale"),
        _c("occupied_area", "m2", "占地面积", "occupied area"),
        _c("tax", "cny", "实缴税收", "tax paid"),
        _c("revenue", "cny", "主营业务收入", "revenue"),
        _c("profit", "cny", "利润总额", "profit"),
        _c("research_spending", "cny", "研发投入", "research spending"),
        _c("output_value", "cny", "总产值", "output value"),
        _c("energy_tce", "number", "综合能耗（吨标准煤）", "energy (tce)"),
        _c("emissions_t", "number", "污染物排放量（吨）", "emissions (t)"),
        _c("employees", "number", "从业人员（人）", "employees"),
        _c("bonus", "number", "加分", "bonus points"),
        _c("deduction", "number", "扣分", "points deducted"),
        _c("points_reason", "text", "加扣分事项", "why points"),
    ),
    Role.PROJECT: (
        _c("project_id", "id", "项目编号", "project id", required=True),
        _c("project_name", "text", "项目名称", "project", required=True),
        _c("kind", "text", "项目类型", "kind"),
        _c("cluster_id", "id", "产业集聚区编号", "cluster id"),
        _c("industry", "id", "行业代码", "industry"),
        _c("area_needed", "m2", "用地需求", "area needed"),
        _c("investment", "cny", "总投资", "investment"),
        _c("progress", "text", "进展", "progress"),
        _c("target_on", "day", "目标日期", "target day"),
        _c("invested", "cny", "累计完成投资", "invested so far"),
        _c("invested_this_year", "cny", "本年完成投资", "invested this year"),
        _c("park_theme", "text", "意向园区主题", "park theme wanted"),
        _c("network_needs", "text", "管网需求", "network needs"),
    ),
    Role.PLAN: (
        _c("function", "id", "功能", "function"),
        _c("plan_code", "id", "规划用途代码", "plan code"),
        _c("code_system", "text", "用途分类标准", "code system"),
    ),
    Role.NETWORK: (
        _c("network_id", "id", "网络编号", "network id"),
        _c("kind", "id", "类型", "kind"),
    ),
    Role.IMAGERY: (_c("observed_on", "day", "影像日期", "observed on"),),
}  # fmt: skip

_VECTOR = frozenset(
    {Role.CLUSTER, Role.PARK, Role.APPROVAL, Role.CONSTRUCTION, Role.PLAN, Role.NETWORK}
)
_MAY_BE_VECTOR = frozenset({Role.SUPPLY, Role.PROJECT})

CASE_COLUMNS: dict[str, Kind] = {
    "case_id": "id",
    "kind": "id",
    "cluster_id": "id",
    "park_id": "id",
    "right_holder": "text",
    "project_name": "text",
    "area_m2": "m2",
    "declared_area_m2": "m2",
    "state": "id",
    "status": "id",
    "is_determined": "bool",
    "clock_from": "day",
    "clock_basis": "id",
    "gross_days": "number",
    "paused_days": "number",
    "net_days": "number",
    "full_years": "number",
    "next_status": "id",
    "next_status_on": "day",
    "built_share": "share",
    "invested_share": "share",
    "missing": "text",
    "articles": "text",
    "reason": "text",
    "evidence": "text",
    "grade": "id",
    "measures": "text",
    "fee_cny": "cny",
    "lead": "text",
    "support": "text",
    "due_on": "day",
    "priority": "number",
    "cause": "id",
    "line": "id",
    "line_label": "text",
    "is_fee_due": "bool",
    "bond": "id",
    "supply_terms": "text",
    "priority_status": "number",
    "priority_years": "number",
    "priority_area": "number",
    "priority_grade": "number",
    "priority_urgency": "number",
}
"""Columns of a case with their kinds: those of the contract in its order, then `dispose`'s own."""


def columns(role: str) -> tuple[Column, ...]:
    """Return the columns of a role in the order of the contract."""
    return _ROLES[Role(role)]


def column(role: str, name: str) -> Column:
    """
    Return one column of a role.

    Raises
    ------
    KeyError
        If the role has no such column.
    """
    return next(c for c in columns(role) if c.name == name) if name in names(role) else _no(name)


def _no(name: str) -> Column:
    raise KeyError(name)


def names(role: str) -> tuple[str, ...]:
    """Return the column names of a role."""
    return tuple(c.name for c in columns(role))


def id_column(role: str) -> str | None:
    """Return the column that identifies a row of a role, or None where nothing does."""
    first = columns(role)[0]
    return first.name if first.kind == "id" and first.name.endswith("_id") else None


def heading(role: str, name: str, lang: Lang = "zh") -> str:
    """Return the heading people read above a column."""
    found = column(role, name)
    return found.zh if lang == "zh" else found.en


@cache
def spoken(role: str | None, name: str, lang: Lang = "zh") -> str:
    """Return what people read for a column, the shape included; another name as it is."""
    if name == "geometry":
        return "图形" if lang == "zh" else "geometry"
    return name if role is None or name not in names(role) else heading(role, name, lang)


def needs_geometry(role: str) -> bool:
    """Whether a layer of this role is worthless without geometry."""
    return Role(role) in _VECTOR


def may_have_geometry(role: str) -> bool:
    """Whether a layer of this role can have geometry at all."""
    return Role(role) in _VECTOR | _MAY_BE_VECTOR


def empty(role: str) -> pd.DataFrame:
    """Return a table of a role without rows, every column present with its dtype."""
    return _blank(role).copy()


@cache
def _blank(role: str) -> pd.DataFrame:
    """Return the one table without rows that all of a role are copies of."""
    data = {c.name: pd.Series(dtype=DTYPES[c.kind]) for c in columns(role)}
    source = {"source_layer": "str", "source_file": "str", "source_row": "int64"}
    data |= {name: pd.Series(dtype=dtype) for name, dtype in source.items()}
    return pd.DataFrame(data)


def conform(frame: pd.DataFrame, role: str) -> pd.DataFrame:
    """
    Return the table with every column of its role, in order, with the dtypes of the contract.

    Parameters
    ----------
    frame
        A table of the role; columns may be missing or of a looser dtype. Not changed.
    role
        One of the roles of the contract.

    Returns
    -------
    frame
        Same index and, where there is geometry, same geometry and CRS. Columns the role does
        not know are left out.
    """
    wanted = _blank(role).dtypes
    result = frame.copy(deep=False)
    for name in wanted.index.intersection(frame.columns):
        if frame[name].dtype != wanted[name]:
            result[name] = frame[name].astype(wanted[name])
    filled: dict[str, pd.Series] = {}
    missing: dict[str, pd.Series] = {}
    for name, dtype in wanted[~wanted.index.isin(frame.columns)].items():
        if str(dtype) not in filled:
            fill = 0 if dtype == "int64" else None
            filled[str(dtype)] = pd.Series(fill, index=frame.index, dtype=dtype)
        missing[str(name)] = filled[str(dtype)]
    if missing:
        result = pd.concat([result, pd.DataFrame(missing)], axis=1)
    return result[[*wanted.index, *(["geometry"] if "geometry" in result else [])]]
