"""
Situations a lawyer can read: facts, the day, what must come out.

Keys of a case: `supply` or `supplies`, `approval`, `pauses`, `enterprises`, `constructions` and
`occupied_m2` are facts; `rules` are a workspace's own readings; `expect` is what comes out of the
one case, `expects` of several by id, `days` the status day by day, `finds` the findings. `source`,
`published` and `assumed` are for the reader.
"""

import re
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landuse import classify, law, schema

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "situations"
ROLES = ("supply", "approval", "construction", "pause", "enterprise")
COUNTED = {"area_m2", "fee_cny", "built_share", "invested_share"}


def situations(folder):
    for path in sorted(folder.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            for day, status in case.get("days", {}).items():
                found = case | {
                    "on": tomllib.loads(f"d = {day}")["d"],
                    "expect": {"status": status},
                }
                yield pytest.param(found, id=f"{path.stem}: {case['name']} on {day}")
            if "on" in case:
                yield pytest.param(case, id=f"{path.stem}: {case['name']}")


def tables(case):
    found = {role: schema.empty(role) for role in ROLES}
    supplies = case.get("supplies", [case["supply"]] if "supply" in case else [])
    given = {
        "supply": [{"supply_id": "S1"} | row for row in supplies],
        "approval": [{"approval_id": "A1"} | case["approval"]] if "approval" in case else [],
        "pause": [{"supply_id": "S1"} | pause for pause in case.get("pauses", [])],
        "enterprise": [
            {"enterprise_id": f"E{n}", "supply_id": "S1"} | firm
            for n, firm in enumerate(case.get("enterprises", []))
        ],
        "construction": [
            {"construction_id": f"B{n}", "supply_id": "S1"} | seen
            for n, seen in enumerate(case.get("constructions", []))
        ],
    }
    for role, rows in given.items():
        if rows:
            found[role] = schema.conform(pd.DataFrame(rows), role)
    if given["construction"]:
        squares = [shapely.box(0, 0, row["m2"] / 10, 10) for row in given["construction"]]
        found["construction"] = gpd.GeoDataFrame(
            found["construction"], geometry=squares, crs="EPSG:4547"
        )
    return found


def pieces(case):
    blank = {"cluster_id": "C1", "park_id": "", "supply_id": "", "part": "", "occupied_m2": 0.0}
    rows = []
    if "approval" in case:
        remainder = {"approval_id": "A1", "area_m2": 10_000.0}
        rows = [blank | remainder | {"occupied_m2": case.get("occupied_m2", 0.0)}]
    columns = [*blank, "approval_id", "area_m2"]
    return pd.DataFrame(rows, columns=columns)


def statutes(case, folder):
    """Return the law of the day, with the readings of the case laid over it as a workspace does."""
    base = law.on(case["on"])
    written = folder / "layers" / "statutes"
    written.mkdir(parents=True)
    for key, amount in case.get("rules", {}).items():
        file, _, name = key.partition(".")
        shown = f'"{amount}"' if isinstance(amount, str) else amount
        text = (
            f'[{name}]\nunit = "{base[key].unit}"\nmodality = "{base[key].modality}"\n'
            f"[[{name}.value]]\namount = {shown}\nin_force = 2000-01-01\n"
            'document = "本地口径"\narticle = ""\nverified = false\n'
        )
        (written / f"{file}.toml").write_text(text, encoding="utf-8")
    return law.on(case["on"], folder)


def check(case, folder):
    in_force, given = statutes(case, folder), tables(case)
    found = classify.cases(given, pieces(case), on=case["on"], statutes=in_force)
    keyed = found.set_index("case_id")
    expects = case.get("expects") or {found.loc[0, "case_id"]: case["expect"]}
    assert "expects" in case or len(found) == 1
    for case_id, expected in expects.items():
        for key, value in expected.items():
            compare(keyed.loc[case_id], key, value)
    if "finds" in case:
        codes = classify.findings(found, given, in_force)["code"].tolist()
        assert codes == case["finds"]


def compare(row, key, expected):
    if key == "missing_has":
        assert expected in row["missing"].split("；"), row["missing"]
    elif key == "reason_has":
        assert expected in row["reason"], row["reason"]
    elif key == "articles_has":
        assert expected in row["articles"], row["articles"]
    elif key == "fee_cny" and expected == "unknown":
        assert pd.isna(row["fee_cny"])
        assert "price" in row["missing"].split("；")
    elif key == "fee_cny" and expected == "none":
        assert pd.isna(row["fee_cny"])
        assert "price" not in row["missing"].split("；")
    elif key in {"clock_from", "next_status_on"}:
        assert row[key].date() == expected
    elif key in COUNTED:
        assert row[key] == pytest.approx(expected, abs=1e-6)
    else:
        assert row[key] == expected, (key, row[key], row["reason"])


@pytest.mark.parametrize("case", list(situations(HERE / "situations")))
def test_situation(case, tmp_path):
    check(case, tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared situations are not beside the checkout")
@pytest.mark.parametrize("case", list(situations(SHARED)))
def test_shared_situation(case, tmp_path):
    check(case, tmp_path)


def test_every_boundary_row_stands_somewhere():
    named = [case.values[0]["name"] for case in situations(HERE / "situations")]
    rows = {int(found[1]) for name in named if (found := re.match(r"row (\d\d): ", name))}
    source = (HERE / "test_boundary_rows.py").read_text(encoding="utf-8")
    rows |= {int(number) for number in re.findall(r"def test_row_(\d\d)_", source)}
    assert rows == set(range(1, 46))


def test_every_published_case_says_what_was_published():
    text = (HERE / "situations" / "published_cases.toml").read_text(encoding="utf-8")
    cases = tomllib.loads(text)["case"]
    assert all(case["published"] and case["source"] for case in cases)
    assert {case["name"].split()[0] for case in cases} == {f"C{n}" for n in range(1, 17)}
