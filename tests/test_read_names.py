"""The names bureaus, cadastres and the land market give our columns, whole headers at a time."""

import tomllib
from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from making import codes

from landuse import schema
from landuse.errors import LayerError
from landuse.layers import Source
from landuse.read import headings, raw
from landuse.terms import Role
from landuse.units import FACTORS

OLD_PAGE = (
    "行政区 电子监管号 项目名称 项目位置 面积(公顷) 土地来源 土地用途 供地方式 土地使用年限 "
    "行业分类 土地级别 成交价格(万元) 土地使用权人 约定容积率下限 约定容积率上限 约定交地时间 "
    "约定开工时间 约定竣工时间 实际开工时间 实际竣工时间 批准单位 合同签订日期"
)
SERVICE = (
    "xzqFullName zdBh zdZl mj tdYt crNx gyFs tdJb minRjl maxRjl cjJg srDw qdRq xmMc bh jdSj jgSj "
    "tdSyqr dzBaBh"
)
COUNTY = (
    "项目名称 用地单位名称 宗地号 监管号 供地方式 出让合同号 用地位置 规划用途 供地面积 出让面积 "
    "约定交地时间 实际交地时间 约定开工时间 实际开工时间 约定竣工时间 "
    "实际竣工时间 应动工开发面积 已开工面积 固定资产累计投入"
)
CADASTRE = "BSM YSDM DZJGH ZDDM BDCDYH QLRMC ZL TDYT DLBM QSXZ QLXZ ZDMJ RJL"
PINYIN = (
    "DZJGH XMMC SYQR TDZL GYFS GYMJ CRMJ CJJK HTBH QDRQ YDJDRQ SJJDRQ YDKGRQ SJKGRQ YDJGRQ SJJGRQ"
)
HEADERS = [
    (
        "supply",
        OLD_PAGE,
        "supply_id=电子监管号 right_holder=土地使用权人 project_name=项目名称 location=项目位置 "
        "supply_mode=供地方式 land_use=土地用途 declared_area=面积(公顷):ha "
        "price=成交价格(万元):wan_yuan "
        "signed_on=合同签订日期 agreed_delivery_on=约定交地时间 "
        "agreed_commencement_on=约定开工时间 agreed_completion_on=约定竣工时间 "
        "commenced_on=实际开工时间 completed_on=实际竣工时间 term_years=土地使用年限",
    ),
    (
        "supply",
        SERVICE,
        "supply_id=dzBaBh parcel_code=zdBh right_holder=tdSyqr project_name=xmMc location=zdZl "
        "supply_mode=gyFs land_use=tdYt declared_area=mj:m2 price=cjJg:wan_yuan contract_number=bh "
        "signed_on=qdRq agreed_delivery_on=jdSj agreed_completion_on=jgSj term_years=crNx",
    ),
    (
        "supply",
        COUNTY,
        "supply_id=监管号 parcel_code=宗地号 right_holder=用地单位名称 project_name=项目名称 "
        "location=用地位置 supply_mode=供地方式 land_use=规划用途 declared_area=供地面积 "
        "contract_number=出让合同号 agreed_delivery_on=约定交地时间 delivered_on=实际交地时间 "
        "agreed_commencement_on=约定开工时间 agreed_completion_on=约定竣工时间 "
        "commenced_on=实际开工时间 completed_on=实际竣工时间 required_area=应动工开发面积 "
        "developed_area=已开工面积 invested=固定资产累计投入",
    ),
    (
        "supply",
        CADASTRE,
        "supply_id=DZJGH parcel_code=ZDDM right_holder=QLRMC location=ZL land_use=TDYT "
        "land_use_code=DLBM declared_area=ZDMJ ownership=QSXZ",
    ),
    (
        "supply",
        PINYIN.lower(),
        "supply_id=dzjgh right_holder=syqr project_name=xmmc location=tdzl supply_mode=gyfs "
        "declared_area=gymj price=cjjk contract_number=htbh signed_on=qdrq "
        "agreed_delivery_on=ydjdrq delivered_on=sjjdrq agreed_commencement_on=ydkgrq "
        "agreed_completion_on=ydjgrq commenced_on=sjkgrq completed_on=sjjgrq",
    ),
    (
        "approval",
        "标识码 要素代码 年份 项目名称 市批文号 省批文号 批次名称 批准日期 面积 图形面积",
        "approval_id=标识码 approval_number=省批文号 approved_on=批准日期 batch_name=批次名称 "
        "declared_area=面积",
    ),
    (
        "approval",
        "电子监管号 建设项目名称 项目位置 用地总面积(公顷) 占耕地 批次类型 批准文号 批准时间",
        "approval_id=电子监管号 approval_number=批准文号 approved_on=批准时间 "
        "batch_name=建设项目名称 declared_area=用地总面积(公顷):ha",
    ),
    (
        "cluster",
        "集聚区代码 集聚区名称 规划面积(平方公里) 主导产业 XZQDM",
        "cluster_id=集聚区代码 cluster_name=集聚区名称 division_code=XZQDM "
        "leading_industries=主导产业 planned_area=规划面积(平方公里):km2",
    ),
    ("plan", "BSM YDYHFLDM YDYHFLMC DLBM MJ", "plan_code=YDYHFLDM"),
    (
        "construction",
        "BSM JZWBH JZWMC GCRQ DZJGH",
        "construction_id=JZWBH supply_id=DZJGH observed_on=GCRQ",
    ),
]


def matched(role, names):
    layer = Source(name="s", role=Role(role), title="s", path="s", as_of=date(2018, 5, 31))
    cells = pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    file = raw.Raw(cells, tuple(names), np.empty(0, dtype=np.int64))
    return headings.matched(file, layer, "s.gpkg")


@pytest.mark.parametrize(("role", "header", "pairs"), HEADERS)
def test_a_header_of_a_known_kind_needs_no_declaration(role, header, pairs):
    matches, said = matched(role, header.split())
    found = [f"{m.name}={m.theirs}" + (f":{m.unit}" if m.unit else "") for m in matches]
    assert found == sorted(pairs.split(), key=found.index)
    assert codes(pd.concat(said)) == {"columns_matched": 1}


def test_what_was_matched_and_what_was_not_is_told():
    _, said = matched("supply", ["电子监管号", "面积", "备注"])
    told = said[-1].iloc[0]["details"]
    assert told["pairs"] == "supply_id=电子监管号; declared_area=面积"
    assert told["unused"] == "备注"


def test_the_area_of_the_parcel_counts_only_where_that_of_the_supply_is_not_told():
    for names, area in ((["宗地面积"], "宗地面积"), (["宗地面积", "供地面积"], "供地面积")):
        matches, _ = matched("supply", ["监管号", *names])
        assert {m.name: m.theirs for m in matches}["declared_area"] == area


def test_nothing_stands_for_an_electronic_supervision_number():
    with pytest.raises(LayerError, match="supply_id"):
        matched("supply", ["ZDDM", "ZDMJ", "QLRMC"])


def test_every_name_belongs_to_one_column_of_its_role():
    listed = tomllib.loads((files("landuse") / "read" / "names.toml").read_text(encoding="utf-8"))
    for role, columns in listed.items():
        assert set(columns) <= set(schema.names(role))
        owners = {}
        for column in schema.columns(role):
            entry = columns.get(column.name, {})
            assert set(entry) <= {"names", "then", "units"}
            assert set(entry.get("units", {}).values()) <= set(FACTORS)
            for name in (column.name, column.zh, column.en, *entry.get("names", ())):
                key = headings.key(raw.heading(name)).lower()
                assert owners.setdefault(key, column.name) == column.name, (role, name)
