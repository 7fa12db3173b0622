"""
Whole cases, column by column: `tests/judged/*.toml`, all judged on one day in one table.

A row of the file is the facts and, under `judged`, every column of the case that is not empty.
`supply` or `approval`, `pauses`, `firms`, `pieces` and `seen` (footprints of `m2` m²) are
facts; `is_drawn` gives the row a shape. `finds` are the findings beside the case.
`reason` and `evidence` are written in both languages; evidence that is not written is 仅台账.
"""

import tomllib
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landuse import classify, law, schema

HERE = Path(__file__).parent
DAY = date(2018, 6, 30)
PAPERS = {"zh": "仅台账", "en": "papers only"}
PIECE = {
    "approval_id": "", "supply_id": "", "cluster_id": "", "park_id": "", "part": "",
    "area_m2": 0.0, "occupied_m2": 0.0,
}  # fmt: skip


def rows(kind):
    text = (HERE / "judged" / f"{kind}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["case"]


def table(role, facts):
    """Return a table of a role; facts that are no column of it are those the check adds."""
    made = schema.conform(pd.DataFrame(facts), role) if facts else schema.empty(role)
    if role in {"supply", "approval"}:
        made["source_layer"], made["source_row"] = role, range(1, len(facts) + 1)
        made["is_conflicting"] = [row.get("is_conflicting", False) for row in facts]
        shapes = [shapely.box(0, 0, 9, 9) if row.get("is_drawn") else None for row in facts]
        return gpd.GeoDataFrame(made, geometry=shapes, crs="EPSG:4547")
    return made


def gathered(kind):
    """Return the tables and pieces of all rows of one kind."""
    facts, land = {role: [] for role in ("supply", "approval", "pause", "enterprise")}, []
    for row in rows(kind):
        name = {f"{kind}_id": row["id"]}
        facts[kind].append(name | row.get(kind, {}) | {"is_drawn": row.get("is_drawn", False)})
        facts["pause"] += [name | pause for pause in row.get("pauses", [])]
        firms = [name | firm for firm in row.get("firms", [])]
        facts["enterprise"] += [
            {"enterprise_id": f"{row['id']}-{n}"} | firm for n, firm in enumerate(firms)
        ]
        land += [PIECE | name | piece for piece in row.get("pieces", [])]
    made = {role: table(role, found) for role, found in facts.items()}
    made["construction"] = footprints(kind)
    return made, pd.DataFrame(land, columns=list(PIECE))


def footprints(kind):
    """Return what was seen on the land; somebody looked, even where nothing stands."""
    seen = [
        {f"{kind}_id": row["id"]} | shape for row in rows(kind) for shape in row.get("seen", [])
    ]
    seen = [{"construction_id": f"B{n}"} | shape for n, shape in enumerate(seen)]
    shapes = [shapely.box(0, 0, shape["m2"] / 10, 10) for shape in seen]
    made = schema.conform(pd.DataFrame(seen or [{"construction_id": "B0"}]), "construction")
    return gpd.GeoDataFrame(made, geometry=shapes or [None], crs="EPSG:4547")


def judged(kind, lang="zh", pick=lambda made: made):
    """Return the cases of one kind by id, each with its columns that are not empty."""
    made, land = gathered(kind)
    found = classify.cases(pick(made), land, on=DAY, statutes=law.on(DAY), lang=lang)
    assert list(found.columns) == list(schema.CASE_COLUMNS)
    assert set(found["kind"]) == {kind}
    shown = found.drop(columns="kind").rename(columns={"reason": f"reason_{lang}"})
    return {row["case_id"]: full(row, lang) for row in shown.to_dict("records")}


def full(row, lang):
    """Return what a row says, as a file would write it."""
    said = {
        name: value.date() if isinstance(value, pd.Timestamp) else value
        for name, value in row.items()
        if not (pd.isna(value) or value == "" or name == "case_id")
    }
    told = said.pop("evidence")
    return said if told == PAPERS[lang] else said | {f"evidence_{lang}": told}


def written(kind, lang):
    """Return what the file says, without the sentences of the other language."""
    other = {"zh": "_en", "en": "_zh"}[lang]
    return {
        row["id"]: {k: v for k, v in row["judged"].items() if not k.endswith(other)}
        for row in rows(kind)
        if "judged" in row
    }


def differences(expected, found):
    """Return, by case, the columns that differ: what is written, and what came out."""
    differ = {}
    for case_id in expected.keys() | found.keys():
        one, other = expected.get(case_id, {}), found.get(case_id, {})
        for name in one.keys() | other.keys():
            is_number = isinstance(one.get(name), float) and name in other
            same = pytest.approx(one[name], abs=1e-6) if is_number else one.get(name)
            if other.get(name) != same:
                differ.setdefault(case_id, {})[name] = (one.get(name), other.get(name))
    return differ


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["supply", "approval"])
def test_every_case_is_judged_as_it_is_written(kind, lang):
    assert differences(written(kind, lang), judged(kind, lang)) == {}


@pytest.mark.parametrize("kind", ["supply", "approval"])
def test_the_order_of_the_rows_changes_no_word(kind):
    def turned(made):
        return {role: found.iloc[::-1] for role, found in made.items()}

    assert judged(kind, pick=turned) == judged(kind)


def test_where_nobody_looked_nothing_is_said_of_buildings():
    def unseen(made):
        return made | {"construction": made["construction"].iloc[:0]}

    expected = written("supply", "zh")
    for case in expected.values():
        case.pop("evidence_zh", None)
        case.pop("built_share", None)
    for row in rows("supply"):
        facts = row["supply"]
        if facts.get("required_area", 0) > 0 and facts.get("developed_area", -1) >= 0:
            share = facts["developed_area"] / facts["required_area"]
            expected[row["id"]]["built_share"] = share
    assert differences(expected, judged("supply", pick=unseen)) == {}


def test_without_shapes_areas_are_those_declared():
    def shapeless(made):
        tables = {role: pd.DataFrame(made[role]) for role in ("supply", "approval")}
        return made | {role: found.drop(columns="geometry") for role, found in tables.items()}

    drawn = {row["id"] for row in rows("supply") if row.get("is_drawn")}
    found = judged("supply", pick=shapeless)
    for case_id, case in written("supply", "zh").items():
        area = case.get("declared_area_m2") if case_id in drawn else case.get("area_m2")
        assert found[case_id].get("area_m2") == area, case_id
    unknown = judged("approval", pick=shapeless)
    assert unknown.keys() - written("approval", "zh").keys() == {"A19"}
    assert (unknown["A19"]["status"], unknown["A19"]["missing"]) == ("undetermined", "geometry")


def test_without_rows_there_are_no_cases():
    made, land = gathered("supply")
    empty = {role: found.iloc[:0] for role, found in made.items()}
    found = classify.cases(empty, land.iloc[:0], on=DAY, statutes=law.on(DAY))
    assert (len(found), list(found.columns)) == (0, list(schema.CASE_COLUMNS))
    assert classify.findings(found, empty, law.on(DAY)).empty


def test_what_disagrees_is_found_with_its_row():
    made, land = gathered("supply")
    statutes = law.on(DAY)
    cases = classify.cases(made, land, on=DAY, statutes=statutes)
    found = classify.findings(cases, made, statutes)
    expected = {
        (row["id"], find["code"], find["column"], find["value"], "supply", n)
        for n, row in enumerate(rows("supply"), start=1)
        for find in row.get("finds", [])
    }
    names = ["feature_id", "code", "column", "value", "layer", "row"]
    assert set(found[names].itertuples(index=False, name=None)) == expected
    assert len(found) == len(expected)
