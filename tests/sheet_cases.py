"""Small runs made in tests of the decision sheet: every fact stands on this page."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import making
import pandas as pd
import pyproj

from landuse import classify, dispose, law, layers
from landuse.terms import Role

DAY = date(2018, 6, 30)
_TITLES = {
    "supply": ("供地台账", "layers/data/supplies.xlsx"),
    "approval": ("建设用地批次", "layers/data/approvals.xlsx"),
    "pause": ("政府原因和不可抗力", "layers/data/pauses.csv"),
    "enterprise": ("企业名录", "layers/data/enterprises.csv"),
}


@dataclass(frozen=True)
class Found:
    """What `pipeline.Run` shows to the sheet."""

    workspace: layers.Workspace
    on: date
    lang: str
    statutes: law.Statutes
    tables: dict
    land: pd.DataFrame
    cases: pd.DataFrame


def found(*, on=DAY, lang="zh", statutes=None, pieces=(), synthetic=False, **roles):
    """Return the run of tables given as rows; areas are the declared ones."""
    statutes = statutes or law.on(on)
    tables = making.tables(**roles)
    sources = []
    for role, (title, file) in _TITLES.items():
        tables[role]["source_file"] = file
        sources.append(layers.Source(role, Role(role), title, file, date(2018, 5, 31)))
    crs = pyproj.CRS.from_epsg(4547)
    workspace = layers.Workspace(Path("x"), "测试市", "", crs, "plane", synthetic, tuple(sources))
    land = _pieces(pieces)
    cases = classify.cases(tables, land, on=on, statutes=statutes, lang=lang)
    cases = dispose.measures(cases, on=on, statutes=statutes, tables=tables, lang=lang)
    return Found(workspace, on, lang, statutes, tables, land, cases)


def _pieces(rows):
    """Return a table of pieces as `partition` makes them."""
    texts = ("cluster_id", "park_id", "approval_id", "supply_id", "part")
    table = pd.DataFrame({name: [row.get(name, "") for row in rows] for name in texts}, dtype="str")
    for name in ("area_m2", "occupied_m2"):
        table[name] = pd.Series([row.get(name, 0.0) for row in rows], dtype="float64")
    return table


GRANT = {
    "supply_id": "4110022016B00001",
    "right_holder": "测试机械有限公司",
    "project_name": "机械加工项目",
    "supply_mode": "挂牌出让",
    "land_use": "工业用地",
    "declared_area": 20_000.0,
    "price": 4_000_000.0,
    "contract_number": "豫出让（2016）第1号",
    "signed_on": "2016-03-01",
    "delivered_on": "2016-04-01",
    "agreed_commencement_on": "2017-05-01",
    "is_mortgaged": False,
    "is_seized": False,
}
"""Granted land, to be begun by 2017-05-01 and not begun: one full year late on 2018-06-30."""

STOPPED = {
    **GRANT,
    "agreed_commencement_on": "2016-06-01",
    "commenced_on": "2016-06-01",
    "agreed_completion_on": "2019-06-01",
    "suspended_on": "2017-03-01",
    "required_area": 10_000.0,
    "developed_area": 5_000.0,
    "planned_investment": 100_000_003.0,
    "invested": 10_000_000.0,
}
"""Half built on, a tenth invested, works stopped on 2017-03-01."""

GOVERNMENT = {**GRANT, "agreed_commencement_on": "2016-06-30", "delivered_on": "2016-04-01"}
CAUSES = [
    {
        "supply_id": GRANT["supply_id"],
        "cause": "G2",
        "begins_on": "2017-01-01",
        "ends_on": "2017-12-31",
        "document_number": "规划函〔2017〕1号",
    },
    {
        "supply_id": GRANT["supply_id"],
        "cause": "G6",
        "begins_on": "2017-12-01",
        "ends_on": "2018-02-28",
        "document_number": "政办函〔2017〕9号",
    },
]
"""Two causes that overlap in December 2017: 365 days and 59 more, 424 in all."""

UNKNOWN = {
    key: value
    for key, value in GRANT.items()
    if key not in {"agreed_commencement_on", "delivered_on"}
}
"""Nobody knows when works were to begin, nor when the land was handed over."""

BATCH = {
    "approval_id": "PC2015001",
    "approval_number": "豫政土〔2015〕1号",
    "approved_on": "2015-03-10",
    "batch_name": "2015 年度第一批次",
    "declared_area": 30_000.0,
    "compensation_done": True,
}
REMAINDER = {"approval_id": "PC2015001", "area_m2": 10_000.0}
"""One hectare of the batch is not supplied."""
