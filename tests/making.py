"""Small workspaces made in tests."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from landuse import layers, schema
from landuse.terms import Role

SHARED = Path(__file__).parents[2] / "shared"


def workspace(root, tomls, texts=None, crs="EPSG:4547", method="plane"):
    """Write a workspace and load its catalogue; `texts` are files below layers/data."""
    (root / "layers" / "data").mkdir(parents=True, exist_ok=True)
    settings = f'name = "测试"\ncrs = "{crs}"\narea_method = "{method}"\n'
    (root / "layers" / "workspace.toml").write_text(settings, encoding="utf-8")
    for name, text in tomls.items():
        (root / "layers" / f"{name}.toml").write_text(text, encoding="utf-8")
    for name, content in (texts or {}).items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (root / "layers" / "data" / name).write_bytes(data)
    return layers.load(root)


def layer(role, file, *, as_of="2018-05-31", **keys):
    """Return the TOML of a layer; a dict becomes a table."""
    plain = {"role": role, "title": role, "file": f"data/{file}", **keys}
    lines = [f"as_of = {as_of}"]
    tables = []
    for key, value in plain.items():
        if isinstance(value, dict):
            rows = [f'{ours} = "{theirs}"' for ours, theirs in value.items()]
            tables += [f"[{key}]", *rows]
        elif isinstance(value, bool):
            lines.append(f"{key} = {str(value).lower()}")
        elif isinstance(value, int):
            lines.append(f"{key} = {value}")
        else:
            lines.append(f'{key} = "{value}"')
    return "\n".join([*lines, *tables]) + "\n"


def codes(found):
    """Return how often each code was found."""
    return found["code"].value_counts().to_dict()


def tables(**roles):
    """Return one table a role from rows given as dicts, as `read.tables` would."""
    made = {}
    for role in Role:
        rows = roles.get(str(role), [])
        frame = pd.DataFrame([{k: v for k, v in row.items() if k != "geometry"} for row in rows])
        frame["source_layer"] = [row.get("source_layer", str(role)) for row in rows]
        frame["source_file"] = [f"layers/data/{role}.gpkg"] * len(rows)
        frame["source_row"] = [row.get("source_row", n) for n, row in enumerate(rows, start=1)]
        for column in schema.columns(role):
            if column.kind == "day" and column.name in frame:
                frame[column.name] = pd.to_datetime(frame[column.name])
        table = schema.conform(frame, role)
        if schema.may_have_geometry(role):
            shapes = gpd.GeoSeries(
                [row.get("geometry") for row in rows], crs="EPSG:4547", dtype="geometry"
            )
            table = gpd.GeoDataFrame(table, geometry=shapes)
        made[str(role)] = table
    return made


def catalogue(*sources, on="2018-05-31", method="plane"):
    """Return a workspace of which nothing lies on a disk."""
    made = tuple(
        layers.Source(
            name=name, role=Role(name), title=name, path=name, as_of=date.fromisoformat(on)
        )
        for name in sources or ("supply",)
    )
    crs = pyproj.CRS.from_epsg(4547)
    return layers.Workspace(Path("nowhere"), "测试", "", crs, method, False, made)
