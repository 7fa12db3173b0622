"""Runs made in tests from rows, without files."""

import dataclasses
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import making
import pandas as pd

from landuse import classify, law, layers, pipeline

DAY = date(2018, 6, 30)
_LAND = ("kind", "case_id", "approval_id", "supply_id", "cluster_id", "park_id", "part")
_AREAS = ("area_m2", "occupied_m2")


def land(rows=()):
    """Return pieces from rows given as dicts; a supply's piece names it, a remainder its batch."""
    made = []
    for row in rows:
        kind = "supply" if row.get("supply_id") else "approval"
        blank = dict.fromkeys(_LAND, "") | dict.fromkeys(_AREAS, 0.0)
        made.append({**blank, "kind": kind, "case_id": row[f"{kind}_id"], **row})
    return pd.DataFrame(made, columns=[*_LAND, *_AREAS])


def run(on=DAY, pieces=(), path=Path("nowhere"), **roles):
    """Return what a run would find of some rows: everything but maps, totals and findings."""
    catalogue = making.catalogue()
    workspace = layers.Workspace(
        path, "测试", "", catalogue.crs, "plane", is_synthetic=False, sources=catalogue.sources
    )
    tables = making.tables(**roles)
    for role in ("supply", "approval"):
        tables[role] = pd.DataFrame(tables[role].drop(columns="geometry"))
    ground, statutes = land(pieces), law.on(on, path)
    found = {
        "workspace": workspace,
        "on": on,
        "lang": "zh",
        "statutes": statutes,
        "tables": tables,
        "partition": SimpleNamespace(packed=ground),
        "cases": classify.cases(tables, ground, on=on, statutes=statutes),
    }
    unasked = {field.name: None for field in dataclasses.fields(pipeline.Run)}
    return pipeline.Run(**(unasked | found))


def statute(folder, text, name="idle_land.toml"):
    """Write a file of local rules below a workspace folder."""
    rules = folder / "layers" / "statutes"
    rules.mkdir(parents=True, exist_ok=True)
    (rules / name).write_text(text, encoding="utf-8")
    return rules / name


def rule(name, *values, unit="year"):
    """Return the TOML of a rule from (day, amount) pairs."""
    lines = [f"[{name}]", f'unit = "{unit}"', 'modality = "shall"']
    for day, amount in values:
        lines += [f"[[{name}.value]]", f"in_force = {day}", 'document = "测试"', 'article = ""']
        lines += ["verified = false", "repealed = true" if amount is None else f"amount = {amount}"]
    return "\n".join(lines) + "\n"
