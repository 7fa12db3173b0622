"""
TOML and JSON as strangers write them: what cannot be read is one kind of fault.

Both parsers of the standard library follow values into each other as deep as they are nested, and
give up with an error of their own that says nothing about the file; so do numbers without end.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

_DEEP = "values are nested too deeply"
_LONG = "a number has too many digits"


def toml(text: str) -> dict[str, Any]:
    """
    Parse TOML.

    Raises
    ------
    tomllib.TOMLDecodeError
        If it is none, its values are nested without end, or a number is written without end.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as err:
        raise tomllib.TOMLDecodeError(_DEEP) from err
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as err:  # what `int` says of more digits than it takes
        raise tomllib.TOMLDecodeError(_LONG) from err


def jsons(text: str, **options: Any) -> Any:
    """
    Parse JSON, with options of `json.loads`.

    Raises
    ------
    ValueError
        If it is none, or its values are nested without end.
    """
    try:
        return json.loads(text, **options)
    except RecursionError as err:
        raise ValueError(_DEEP) from err
