"""
Parcels as a coordinate exchange TXT, in the layout that reporting software reads.

Ten attributes in their order, X = northing before Y = easting, rings closed and numbered through
each parcel, areas in hectares with four decimals. Points keep four decimals: read back, no
coordinate has moved by more than 0.05 mm.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse import findings, folder
from landuse.crs import grids
from landuse.errors import CrsError, OutputError, phrase
from landuse.exchange.grammar import (
    ABOUT,
    AREA,
    COUNT,
    HEAD,
    PARCELS,
    POLYGON,
    PROJECT,
    is_text,
    parsed,
)
from landuse.units import M2_PER_HA

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

DECIMALS = 4
"""Digits of a coordinate behind the point."""

ENCODINGS = ("GBK", "GB18030", "UTF-8-SIG")
_SYSTEMS = {
    "CGCS2000": "2000国家大地坐标系",
    "Xian 1980": "1980西安坐标系",
    "Beijing 1954": "1954年北京坐标系",
}
_KIND = "记录图形属性"
_UNHOLDABLE = re.compile("[\ud800-\udfff]")  # halves of surrogate pairs, which no encoding has
_SPOILS = str.maketrans({",": "、", "，": "、", "@": " ", "\uff20": " "})
_CONTROLS = dict.fromkeys((*range(0x20), 0x7F), " ")


def write(
    parcels: gpd.GeoDataFrame,
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    about: Mapping[str, str] | None = None,
    project: Mapping[str, str] | None = None,
    encoding: str = "GBK",
) -> pd.DataFrame:
    """
    Write parcels as a coordinate exchange TXT, whole or not at all.

    Parameters
    ----------
    parcels
        Polygons in a Gauss-Krüger grid of China (`EPSG:4526` writes zone numbers, `EPSG:4547`
        does not); one row a parcel.
    path
        File to write.
    columns
        Field of the head (one of `HEAD`, such as ``地块编号``) → column of `parcels` it is taken
        from; what is not named is taken from a column of its own name.
    about
        Entries of the section of attributes beside those the coordinates tell: the producing
        office, the day.
    project
        Entries of the section of the project; none: no such section.
    encoding
        One of `ENCODINGS`. Text that GBK cannot hold is written in GB18030, and that is found.

    Returns
    -------
    findings
        What was written otherwise than it stands in the table.

    Raises
    ------
    CrsError
        If the table is in no Gauss-Krüger grid of China.
    OutputError
        If a parcel has no number or no valid polygon, a column is not there, an entry has a name
        that would not be read back, the encoding is unknown, or the file cannot be written.

    Examples
    --------
    >>> land = found.tables["approval"].assign(地块编号="1", 地块名称="甲")
    >>> len(landuse.write_exchange(land, folder / "parcels.txt"))
    0
    """
    target = Path(path)
    if encoding.upper() not in ENCODINGS:
        raise OutputError(
            "output.encoding", file=target.name, encoding=encoding, known=[*ENCODINGS]
        )
    grid = None if parcels.crs is None else grids.of(parcels.crs)
    if grid is None:
        raise CrsError("crs.exchange_grid", file=target.name, crs=parcels.crs)
    heads, said = _heads(parcels, columns or {}, target)
    lines, told = _header(grid, about or {}, project or {}, target)
    for head, shape in zip(heads, parcels.geometry, strict=True):
        lines += _parcel(head, shape)
    text = "\r\n".join([*lines, ""])
    codec, widened = _codec(text, encoding.upper(), target)
    _put(target, text.encode(codec))
    return findings.gather([*told, *said, *widened])


def _header(
    grid: grids.Grid, about: Mapping[str, str], project: Mapping[str, str], target: Path
) -> tuple[list[str], list[pd.DataFrame]]:
    """Return the lines before the first parcel, and which entries had to be changed."""
    told = {
        "格式版本号": "1.01版本",
        "数据产生单位": "",
        "数据产生日期": "",
        "坐标系": _SYSTEMS[grid.datum],
        "几度分带": str(grid.width),
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": str(grid.zone),
        "精度": f"{10.0**-DECIMALS:.{DECIMALS}f}",
        "转换参数": ",,,,,,",
    }
    fixed = {"坐标系", "几度分带", "带号"}
    wrong = [key for key in [*about, *project] if _is_misread(key)]
    wrong += sorted({*about} & {*project})
    if wrong:
        raise OutputError("output.header_keys", file=target.name, names=wrong)
    told |= {key: _plain(value) for key, value in about.items() if key not in fixed}
    entries = {key: _plain(value) for key, value in project.items()}
    given = [*about.items(), *project.items()]
    changed = [
        (key, str(value), used)
        for key, value in given
        if (used := (entries if key in project else told)[key]) != str(value)
    ]
    said = findings.rows(
        "exchange_entry_replaced",
        column=[key for key, _, _ in changed],
        value=[value for _, value, _ in changed],
        used=[used for _, _, used in changed],
    )
    lines = [f"[{PROJECT}]", *(f"{key}={value}" for key, value in entries.items())]
    return [
        *(lines if project else []),
        f"[{ABOUT}]",
        *(f"{key}={value}" for key, value in told.items()),
        f"[{PARCELS}]",
    ], [said]


def _is_misread(key: str) -> bool:
    """Whether the name of an entry would come back as something else, or as a field of a head."""
    entry = f"{key}=1"
    if not key or key.startswith("[") or key in {COUNT, AREA, *HEAD} or not is_text(entry):
        return True
    return _UNHOLDABLE.search(key) is not None or parsed(f"[{ABOUT}]\n{entry}").about != {key: "1"}


def _plain(value: Any) -> str:
    """Return a value on one line, without what no text file holds."""
    text = _UNHOLDABLE.sub("\ufffd", str(value).translate(_CONTROLS))
    return " ".join(text.split())


def _heads(
    parcels: gpd.GeoDataFrame, columns: Mapping[str, str], target: Path
) -> tuple[list[dict[str, str]], list[pd.DataFrame]]:
    """Return the text fields of every head, and which of them had to be changed."""
    unknown = sorted(set(columns) - set(HEAD))
    absent = sorted(set(columns.values()) - set(parcels.columns))
    if unknown or absent:
        raise OutputError("output.no_columns", file=target.name, names=[*unknown + absent])
    given = {name: columns.get(name, name) for name in HEAD if columns.get(name, name) in parcels}
    if "地块编号" not in given:
        raise OutputError("output.no_number", file=target.name)
    said, fields = [], {}
    for name, column in given.items():
        texts = ["" if _is_missing(v) else str(v) for v in parcels[column]]
        clean = [_plain(text.translate(_SPOILS)) for text in texts]
        if name == _KIND:  # nothing but polygons is written
            clean = [POLYGON] * len(texts)
        changed = [i for i, text in enumerate(texts) if text and text != clean[i]]
        said.append(
            findings.rows(
                "exchange_text_replaced",
                row=[i + 1 for i in changed],
                column=column,
                value=[texts[i] for i in changed],
                used=[clean[i] for i in changed],
            )
        )
        fields[name] = clean
    _refuse(parcels, fields["地块编号"], target)
    return [{name: fields[name][i] for name in fields} for i in range(len(parcels))], said


def _is_missing(value: Any) -> bool:
    """Whether a cell is empty."""
    return bool(pd.isna(value))


def _refuse(parcels: gpd.GeoDataFrame, numbers: list[str], target: Path) -> None:
    """Refuse parcels that no reporting software takes: without number, without valid polygon."""
    shapes = parcels.geometry.to_numpy()
    nameless = np.array([not number for number in numbers], dtype=bool)
    sound = np.isin(shapely.get_type_id(shapes), [3, 6]) & ~shapely.is_empty(shapes)
    sound[sound] = shapely.is_valid(shapes[sound])
    for wrong, what in (
        (nameless, phrase("output.numberless")),
        (~sound, phrase("output.shapeless")),
    ):
        if wrong.any():
            rows = np.flatnonzero(wrong) + 1
            listed = [*rows[:10].tolist(), *(["…"] if len(rows) > 10 else [])]
            raise OutputError("output.rows_refused", file=target.name, rows=listed, what=what)


def _parcel(head: dict[str, str], shape: Any) -> list[str]:
    """Return the head and the points of one parcel."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    rows: list[str] = []
    begun = 0
    for number, ring in enumerate(rings, start=1):
        points = shapely.get_coordinates(ring)[:-1]
        labels = [f"J{begun + i}" for i in range(1, len(points) + 1)]
        for label, (east, north) in zip(
            [*labels, labels[0]], np.vstack([points, points[:1]]).tolist(), strict=True
        ):
            rows.append(f"{label},{number},{north:.{DECIMALS}f},{east:.{DECIMALS}f}")
        begun += len(points)
    fields = {_KIND: POLYGON, **head}
    named = [fields.get(name, "") for name in HEAD[:-1]]
    note = fields.get(HEAD[-1])  # the head of ten fields; that of nine is the usual one
    area = f"{shape.area / M2_PER_HA:.4f}"
    return [",".join([str(len(rows)), area, *named, *([note] if note else []), "@"]), *rows]


def _codec(text: str, encoding: str, target: Path) -> tuple[str, list[pd.DataFrame]]:
    """Return the codec that holds every character, and a finding where it is not the one asked."""
    if encoding != "GBK":
        return encoding.lower(), []
    try:
        text.encode("gbk")
    except UnicodeEncodeError:
        rare = "".join(sorted({sign for sign in text if not _is_in_gbk(sign)}))
        return "gb18030", [findings.rows("exchange_encoding_widened", value=rare, file=target.name)]
    return "gbk", []


def _is_in_gbk(sign: str) -> bool:
    """Whether GBK has a character."""
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def _put(target: Path, data: bytes) -> None:
    """Write a file in one step; what stood there stays until the new one is whole."""
    try:
        folder.put(target, data)
    except OSError as err:
        raise OutputError("output.cannot", path=target, reason=err) from err
