"""What is said where work cannot be done, in both languages: it comes up far from who chose one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landuse import texts
from landuse.errors import ClusterError

if TYPE_CHECKING:
    from landuse.texts import Lang


def error(key: str, **values: Any) -> ClusterError:
    """Return the error of a sentence of the catalogue; a value may be a function of a language."""
    return ClusterError("\n".join(_said(key, lang, values) for lang in ("zh", "en")))


def _said(key: str, lang: Lang, values: dict[str, Any]) -> str:
    """Return a sentence in one language."""
    told = {name: value(lang) if callable(value) else value for name, value in values.items()}
    return texts.say(f"cluster.{key}", lang, **told)
