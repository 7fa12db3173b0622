"""The coordinate exchange TXT as a source layer, and as a table for whoever has only the file."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from landuse import crs as crs_module
from landuse import exchange, findings
from landuse.errors import LayerError
from landuse.exchange.grammar import AREA, COUNT, HEAD
from landuse.read import encodings, raw
from landuse.read.files import refuse_larger

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.layers import Source

MEASURED = "面积(平方米)"
"""Heading under which the declared area stands in the unit that was found for it."""

_NAMED_BY_CHECK = frozenset({"exchange_geometry_invalid"})  # the act of checking says it as well


def opened(path: Path, source: Source) -> raw.Raw:
    """
    Read a coordinate exchange TXT; the row of a parcel is the line of its head.

    Raises
    ------
    LayerError
        If the file is too large, not text, or not in the encoding declared, or an order of axes
        is declared.
    """
    where = f"layers/{source.name}.toml"
    if source.crs is not None and "+axis" in source.crs:
        raise LayerError("read.exchange_axis", where=where)
    made, encoding = _made(path, source.encoding, where)
    cells = _cells(made)
    headings = [raw.heading(name) for name in cells.columns]
    rows = np.array([parcel.record.line for parcel in made.parcels], dtype=np.int64)
    said = [remark for remark in made.remarks if remark.code not in _NAMED_BY_CHECK]
    found = tuple(_found(said, source.name, path.name))
    named = cells.set_axis(raw.unique(headings), axis=1)
    return raw.Raw(named, tuple(headings), rows, encoding, _shapes(made), made.crs, found)


def read_exchange(
    path: str | Path, *, crs: str | None = None, encoding: str | None = None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Read a coordinate exchange TXT (勘测定界界址点坐标交换格式).

    Parameters
    ----------
    path
        File; UTF-8, GBK and GB18030 are told apart.
    crs
        System of the coordinates where the file does not tell it, such as ``EPSG:4526``.
    encoding
        Encoding, if the text is garbled.

    Returns
    -------
    parcels, findings
        One row a parcel in file order, with the fields of its head, the entries of the file's
        header, `面积(平方米)` (the declared area in m²) and `source_row` (the line of its head);
        polygons in the file's own system, east before north, None where a record is wrong. The
        findings name the line, columns as in `landuse.findings`.

    Raises
    ------
    LayerError
        If the file cannot be read, or is not text.
    CrsError
        If `crs` is not known.

    Examples
    --------
    >>> parcels, findings = landuse.read_exchange(folder / "layers" / "data" / "batch.txt")
    >>> parcels["地块编号"].tolist(), parcels.crs.to_epsg()
    (['1'], 4526)
    """
    path = Path(path)
    if not path.is_file():
        raise LayerError("read.no_file", path=path)
    made, _ = _made(path, encoding, path.name)
    system = crs_module.parse(crs, path.name) if crs else made.crs
    cells = _cells(made)
    cells["source_row"] = [parcel.record.line for parcel in made.parcels]
    geometry = gpd.GeoSeries(_shapes(made), index=cells.index, crs=system)
    return gpd.GeoDataFrame(cells, geometry=geometry), findings.gather(
        _found(made.remarks, path.name, path.name)
    )


def _made(path: Path, encoding: str | None, where: str) -> tuple[exchange.Parcels, str]:
    """Return the parcels of a file and the encoding it was read in."""
    refuse_larger(path, where)
    text, used = encodings.text(path, encoding, where)
    if not exchange.is_text(text):
        raise LayerError("read.not_exchange", where=where, file=path.name)
    return exchange.made(exchange.parsed(text)), used


def _cells(made: exchange.Parcels) -> pd.DataFrame:
    """Return what heads and header say as text, and the declared areas as numbers."""
    count = len(made.parcels)
    columns: dict[str, Any] = {
        name: [parcel.record.head.get(name) or None for parcel in made.parcels]
        for name in (COUNT, AREA, *HEAD)
    }
    columns[MEASURED] = [
        None if np.isnan(parcel.declared_area) else parcel.declared_area for parcel in made.parcels
    ]
    for key, value in (made.document.project | made.document.about).items():
        columns.setdefault(key, [value or None] * count)
    return raw.frame(list(columns), columns.values())


def _shapes(made: exchange.Parcels) -> NDArray[np.object_]:
    """Return the geometry of every parcel."""
    shapes: NDArray[np.object_] = np.empty(len(made.parcels), dtype=object)
    shapes[:] = [parcel.geometry for parcel in made.parcels]
    return shapes


def _found(remarks: Iterable[exchange.Remark], layer: str, file: str) -> list[pd.DataFrame]:
    """Return remarks as findings, those of one code together."""
    by_code: dict[str, list[exchange.Remark]] = defaultdict(list)
    for remark in remarks:
        by_code[remark.code].append(remark)
    return [
        findings.rows(
            code,
            layer=layer,
            row=[remark.line for remark in those],
            value=[remark.value for remark in those],
            column="geometry",
            file=file,
            **{fact: [remark.facts[fact] for remark in those] for fact in those[0].facts},
        )
        for code, those in by_code.items()
    ]
