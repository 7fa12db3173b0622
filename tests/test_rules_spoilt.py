"""
Every leaf and every table of the rules that ship, replaced by what cannot be meant.

A workspace that writes such a file is told a sentence of ours, or its land is judged and every
text about it is made: nothing in between.
"""

import json
import math
import random
import tomllib
from datetime import date, datetime, time, timedelta
from importlib.resources import files

import pandas as pd
import pytest
import sheet_cases as facts

from landuse import brief, dispose, grading, law, notices
from landuse.bulletin import saying
from landuse.dispose import review
from landuse.errors import LanduseError
from landuse.grading import paper
from landuse.papers import markdown
from landuse.workbook import notes

PACKAGE = files("landuse")
WRONG = (
    {}, [], "", " ", True, math.nan, math.inf, -1, -0.5, 10**400, 10**18, 1e300, 0, 1.5, 99_999,
    "x", {"a": {"b": [1]}}, {"G1": 1}, [["x"]], [{}], [1, "x"], [math.nan], ["a"], "\0<r>=1+1",
    "1/3", "9/1", "7" * 400 + "/1", date(1, 1, 1), date(9999, 12, 31), time(1),
    datetime.fromisoformat("2012-07-01T00:00:00"),
)  # fmt: skip
LAND = {
    "supply": [
        {**facts.GRANT, "supply_id": "S0"},
        {**facts.STOPPED, "supply_id": "S1"},
        {**facts.GRANT, "supply_id": "S2", "agreed_commencement_on": "2015-01-01"},
        {
            **facts.GRANT,
            "supply_id": "S3",
            "agreed_commencement_on": None,
            "signed_on": "2011-01-01",
        },
        {**facts.GRANT, "supply_id": "S4", "is_seized": True, "investigation_number": "一"},
        {**facts.STOPPED, "supply_id": "S5", "suspended_on": None, "completed_on": "2016-09-01"},
    ],
    "pause": [{**facts.CAUSES[0], "supply_id": "S4"}],
    "approval": [facts.BATCH],
    "enterprise": [{"enterprise_id": f"{n}", "supply_id": f"S{n}", "tax": n} for n in range(6)],
    "pieces": [facts.REMAINDER],
}


def written(value):
    """Return a value as TOML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, float):
        return str(value)  # nan, inf
    if isinstance(value, str):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool | int) else value.isoformat()


def places(value, way=()):
    """Yield the way to each leaf and each table."""
    if way:
        yield way
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*way, key))


def spoilt(value, way, wrong):
    """Return a table with another value in one place."""
    if not way:
        return wrong
    made = value.copy()
    made[way[0]] = spoilt(value[way[0]], way[1:], wrong)
    return made


def parsed(*name):
    return tomllib.loads(PACKAGE.joinpath(*name).read_text("utf-8"))


def statutes():
    """Yield each rule that ships, alone, as a file of a workspace."""
    for entry in sorted(PACKAGE.joinpath("statutes").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".toml"):
            for rule, told in parsed("statutes", entry.name).items():
                if rule != "region":
                    yield f"statutes/{entry.name.split('.')[0]}.toml", {rule: told}


def measures():
    """Yield each line of the table of measures as one of a workspace, and the priority."""
    table = parsed("decisions", "measures.toml")
    for line in table["row"]:
        yield "measures/own.toml", {"row": [{**line, "name": f"own_{line['name']}"}]}
    yield "measures/own.toml", {"priority": table["priority"]}


def schemes():
    """Yield the scheme of grading with one adjustment of each kind."""
    told = {"reason": "一", "document": "二"}
    adjust = [
        {"enterprise_id": "0", "kind": "veto", **told},
        {"enterprise_id": "1", "kind": "override", "grade": "A", **told},
        {"enterprise_id": "2", "kind": "exclude", **told},
    ]
    yield "grading/scheme.toml", {**parsed("decisions", "grading.toml"), "adjust": adjust}


def day_of(table, way):
    """Return a day on which the value that was changed is the one in force, where there is one."""
    values = next(iter(table.values()))["value"]
    later = [each["in_force"] for each in values[way[2] + 1 :]] if len(way) > 2 else []
    return later[0] - timedelta(days=1) if later else date(2026, 6, 30)


def cases(kind):
    """Return every mutation of a kind of file: name, text, day."""
    found = []
    for name, table in kind():
        for way in places(table):
            is_dated = kind is statutes and not (len(way) > 2 and way[1] != "value")
            on = day_of(table, way) if is_dated else facts.DAY
            found += [(name, table, way, wrong, max(on, date(2000, 1, 1))) for wrong in WRONG]
    return found


def hear(err):
    """Hold a refusal to be a sentence in both languages."""
    assert all(err.said(lang) for lang in ("zh", "en"))


def judged(root, on):
    """Judge the land by the rules of a workspace and make every text about it."""
    try:
        scheme = grading.load(root)
        found = facts.found(on=on, statutes=law.on(on, root), **LAND)
        brief.told(found)
        notices.drafts(found)
        review.paper(found.statutes, "zh", found.cases)
        [notes._rule(value, "en") for value in found.statutes.in_force()]
        [saying.rule(found, key) for key in found.statutes]
        firms, supplies = found.tables["enterprise"], found.tables["supply"]
        firms = firms.assign(grade=pd.Series(None, index=firms.index, dtype="str"))
        grading.filled(firms, supplies, root, on)
        grades = grading.graded(firms, supplies, scheme, on)
        markdown.write([paper.paper(firms, grades, scheme, found.statutes)])
    except LanduseError as err:
        hear(err)


@pytest.mark.parametrize(
    ("kind", "read", "tried", "most"),
    [
        (statutes, lambda root, on: law.on(on, root), 4_000, 12),
        (measures, lambda root, _: dispose.decisions(root), 300, 4),
        (schemes, lambda root, _: grading.load(root), 300, 4),
    ],
    ids=["statutes", "measures", "schemes"],
)
def test_a_spoilt_file_is_refused_with_a_sentence_or_works(tmp_path, kind, read, tried, most):
    worked = 0
    for name, table, way, wrong, on in random.Random(8).sample(cases(kind), tried):
        path = tmp_path / "layers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{json.dumps(k)} = {written(v)}\n" for k, v in spoilt(table, way, wrong).items()]
        path.write_text("".join(lines), encoding="utf-8")
        try:
            read(tmp_path, on)
        except LanduseError as err:
            hear(err)
        else:
            if worked < most and (kind is not statutes or "amount" in way):
                judged(tmp_path, on)
                worked += 1
        path.unlink()
    assert worked == most
