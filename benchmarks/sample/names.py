"""Who and where: clusters, parks, streets, products and words of the synthetic city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SEED = 20180606
AS_OF = date(2018, 5, 31)
ON = date(2018, 6, 30)
"""The day for which the intended statuses hold."""


@dataclass(frozen=True)
class Cluster:
    """
    One 产业集聚区; centre in metres (EPSG:4547), area in km², angle in degrees.

    `prefix` begins the names of its firms, `code` its supervision numbers, `cadastre` the parcel
    codes (function zones have no cadastre of their own).
    """

    number: int
    name: str
    county: str
    division_code: str
    code: str
    cadastre: str
    centre: tuple[float, float]
    area_km2: float
    angle: float
    industries: str
    products: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def cluster_id(self) -> str:
        """Identifier in the data, with its leading zero."""
        return f"XC{self.number:02d}"

    @property
    def prefix(self) -> str:
        """Place name that begins the names of firms."""
        return self.county[:2]

    @property
    def is_city_run(self) -> bool:
        """Whether the city, not a county, delivers the supply file."""
        return self.number <= 3


CLUSTERS = (
    Cluster(1, "许昌经济技术产业集聚区", "许昌市", "411071", "411000", "411002",
            (477_500, 3_763_500), 18.0, 8, "电力电子、装备制造、发制品",
            ("智能开关柜", "电子元器件", "发制品", "数控机床部件"), ("C38", "C39", "C41", "C34")),
    Cluster(2, "中原电气谷核心区", "许昌市", "411003", "411000", "411003",
            (492_500, 3_769_500), 16.0, -6, "电力装备、新能源汽车",
            ("智能配电终端", "新能源客车", "充电设备", "继电保护装置"),
            ("C38", "C36", "C38", "C38")),
    Cluster(3, "魏都产业集聚区", "许昌市", "411002", "411002", "411002",
            (483_600, 3_769_600), 6.2, 3, "环保装备、发制品",
            ("环保设备", "假发", "包装制品"), ("C35", "C41", "C22")),
    Cluster(4, "许昌尚集产业集聚区", "许昌市", "411003", "411003", "411003",
            (483_000, 3_779_700), 11.0, 14, "发制品、电子信息",
            ("人发制品", "通信模块", "精细化工助剂"), ("C41", "C39", "C26")),
    Cluster(5, "禹州市产业集聚区", "禹州市", "411081", "411081", "411081",
            (451_200, 3_779_000), 14.0, -11, "装备制造、中医药",
            ("铸造机械", "中药饮片", "陶瓷机械"), ("C35", "C27", "C35")),
    Cluster(6, "长葛市产业集聚区", "长葛市", "411082", "411082", "411082",
            (480_500, 3_788_500), 15.0, 5, "装备制造、食品冷链",
            ("冷链食品", "工程机械部件", "蜂制品"), ("C13", "C35", "C14")),
    Cluster(7, "长葛市大周再生金属循环产业集聚区", "长葛市", "411082", "411082", "411082",
            (490_300, 3_793_000), 9.3, 19, "再生不锈钢、再生铝、再生铜",
            ("再生铝合金", "再生不锈钢板材", "铜杆"), ("C32", "C31", "C32")),
    Cluster(8, "鄢陵县产业集聚区", "鄢陵县", "411024", "411024", "411024",
            (519_500, 3_771_000), 10.7, -4, "纺织、食品、机械",
            ("高档面料", "花木饮品", "箱包"), ("C17", "C15", "C19")),
    Cluster(9, "襄城县产业集聚区", "襄城县", "411025", "411025", "411025",
            (453_000, 3_750_500), 11.0, 10, "光伏、硅材料",
            ("太阳能电池片", "单晶硅片", "纸制品"), ("C38", "C39", "C22")),
    Cluster(10, "襄城县循环经济产业集聚区", "襄城县", "411025", "411025", "411025",
            (451_000, 3_741_000), 12.5, -16, "煤焦化、硅碳新材料",
            ("负极材料", "焦化副产品", "硅烷气"), ("C30", "C25", "C26")),
)  # fmt: skip
"""Names: formats 6.1. Centres and areas are schematic; only the county is meant."""


@dataclass(frozen=True)
class Park:
    """One 区中园: where in its cluster (share of its radius), how large, and how shaped."""

    number: int
    name: str
    cluster: int
    offset: tuple[float, float]
    area_km2: float
    theme: str
    is_inside: bool = True

    @property
    def park_id(self) -> str:
        """Identifier in the data."""
        return f"QZY{self.number:02d}"


PARKS = (
    Park(1, "中原电气谷智能电网产业园", 2, (-0.32, 0.30), 2.4, "智能电网"),
    Park(2, "5G小镇", 2, (0.42, 0.32), 1.3, "5G通信"),
    Park(3, "森源新能源汽车产业园", 2, (0.05, -0.40), 2.0, "新能源汽车"),
    Park(4, "许昌经济技术产业集聚区智能装备制造产业园", 1, (0.34, 0.25), 2.6, "智能装备"),
    Park(5, "生物医药产业园", 1, (-0.36, -0.28), 1.5, "生物医药"),
    Park(6, "禹州市产业集聚区医药健康产业园", 5, (0.25, -0.30), 2.2, "医药健康"),
    Park(7, "长葛市产业集聚区众品冷链物流园", 6, (-0.30, 0.28), 1.8, "冷链物流"),
    Park(8, "许昌尚集产业集聚区中兴智汇电子信息产业园", 4, (0.30, 0.30), 1.6, "电子信息"),
    Park(9, "许昌精细化工园区", 4, (-0.28, -0.34), 1.4, "精细化工"),
    Park(10, "长葛大周产业集聚区中德再生金属生态城", 7, (0.12, 0.0), 14.5, "再生金属",
         is_inside=False),
    Park(11, "鄢陵县智慧信息产业园", 8, (-0.25, 0.30), 1.2, "智慧信息"),
    Park(12, "襄城县硅材料产业园", 9, (0.62, -0.10), 2.2, "硅材料", is_inside=False),
)  # fmt: skip
"""Names: formats 6.2. 10 is larger than its cluster, 12 lies partly outside its own."""

STREETS_EAST = ("新兴路", "永昌路", "龙兴路", "瑞昌路", "陈庄街", "宏腾路", "周庄街", "永宁街",
                "屯田路", "阳光大道", "科技路", "创业路", "工业大道", "滨河路")  # fmt: skip
STREETS_NORTH = ("魏武大道", "延安路", "文峰路", "劳动路", "学府街", "建安大道", "忠武路",
                 "兴业大道", "智慧大道", "朝阳路", "双创大道", "仓库路", "纬电路",
                 "景福路")  # fmt: skip

SCALES = ("年产{n}万套{p}", "年产{n}万吨{p}", "{p}扩建", "{p}生产基地", "{p}智能化改造",
          "高端{p}制造")  # fmt: skip
HOSTILE_HOLDERS = (
    '示例企业<b>甲</b>&"乙"有限公司',
    "=示例企业SUM(A1)",
    "{{ 7*7 }}示例企业",
    "</script><script>alert('示例企业')</script>",
)
"""Names no register would take, to prove that every output escapes what it shows."""

SUPPLY_MODES = (("挂牌出让", 0.83), ("协议出让", 0.05), ("拍卖出让", 0.02), ("租赁", 0.03),
                ("划拨", 0.06), ("作价出资或入股", 0.01))  # fmt: skip
MODE_LETTER = {"划拨": "A", "租赁": "C"}
LAND_USES = (("0601", "工业用地", 0.90), ("0604", "仓储用地", 0.05), ("0804", "科研用地", 0.03),
             ("0505", "商务金融用地", 0.02))  # fmt: skip
PUBLIC_USES = (("0809", "公用设施用地"), ("0803", "教育用地"), ("0810", "公园与绿地"))
CODE_SYSTEM = "GB/T 21010-2017"
PLAN_SYSTEM = "GB 50137-2011"
