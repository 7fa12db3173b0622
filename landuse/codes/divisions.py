"""Division codes (行政区划代码): their names, and the codes that replaced old ones."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@cache
def _tables() -> dict[str, Any]:
    """Return the file of divisions."""
    path = files("landuse") / "codes" / "divisions.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def names() -> dict[str, str]:
    """Return the Chinese name of every division code held, former and statistical ones included."""
    tables = _tables()
    entries = {**tables["divisions"], **tables["statistical"], **tables["former"]}
    return {code: entry["zh"] for code, entry in entries.items()}


def former() -> dict[str, str]:
    """Return the code that replaced each former one."""
    return {code: entry["now"] for code, entry in _tables()["former"].items()}


def statistical() -> frozenset[str]:
    """Return codes of zones that statistics know and the list of divisions does not."""
    return frozenset(_tables()["statistical"])


def current(codes: pd.Series) -> pd.Series:
    """
    Return division codes as they are today.

    Parameters
    ----------
    codes
        Texts that begin with six digits of a division: the division itself, a 宗地代码 or an
        电子监管号. Missing stays missing.

    Returns
    -------
    codes
        Same index and length of text; 许昌县 411023 has become 建安区 411003. Codes that are not
        held are left as they are.
    """
    heads = codes.str[:6]
    known: pd.Series = heads.map(former())
    return codes.where(known.isna(), known.fillna("") + codes.str[6:])
