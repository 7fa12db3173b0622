"""Situations a lawyer can read: facts of one supply, the day, what must come out."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from landuse import classify, law, schema

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "situations"


def situations(folder):
    for path in sorted(folder.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


def tables(case):
    roles = ("supply", "approval", "construction", "pause", "enterprise")
    found = {role: schema.empty(role) for role in roles}
    rows = {
        "supply": [{"supply_id": "S1"} | case["supply"]] if "supply" in case else [],
        "approval": [{"approval_id": "A1"} | case["approval"]] if "approval" in case else [],
        "pause": [{"supply_id": "S1"} | pause for pause in case.get("pauses", [])],
        "enterprise": [
            {"enterprise_id": f"E{n}", "supply_id": "S1"} | firm
            for n, firm in enumerate(case.get("enterprises", []))
        ],
    }
    for role, given in rows.items():
        if given:
            found[role] = schema.conform(pd.DataFrame(given), role)
    return found


def pieces(case):
    blank = {"cluster_id": "C1", "park_id": "", "supply_id": "", "part": "", "occupied_m2": 0.0}
    rows = []
    if "approval" in case:
        remainder = {"approval_id": "A1", "area_m2": 10_000.0}
        rows = [blank | remainder | {"occupied_m2": case.get("occupied_m2", 0.0)}]
    columns = [*blank, "approval_id", "area_m2"]
    return pd.DataFrame(rows, columns=columns)


def outcome(case):
    """Classify the one supply or approval of a situation."""
    day = case["on"]
    found = classify.cases(tables(case), pieces(case), on=day, statutes=law.on(day))
    assert len(found) == 1
    return found.iloc[0]


def check(case):
    row = outcome(case)
    for key, expected in case["expect"].items():
        if key == "missing_has":
            assert expected in row["missing"].split("；"), row["missing"]
        elif key == "fee_cny" and expected == "unknown":
            assert pd.isna(row["fee_cny"])
            assert "price" in row["missing"].split("；")
        elif key == "fee_cny" and expected == "none":
            assert pd.isna(row["fee_cny"])
            assert "price" not in row["missing"].split("；")
        elif key in {"clock_from", "next_status_on"}:
            assert row[key].date() == expected
        else:
            assert row[key] == expected, (key, row[key], row["reason"])


@pytest.mark.parametrize("case", list(situations(HERE / "situations")))
def test_situation(case):
    check(case)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared situations are not beside the checkout")
@pytest.mark.parametrize("case", list(situations(SHARED)))
def test_shared_situation(case):
    check(case)
