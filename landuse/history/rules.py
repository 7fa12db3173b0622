"""The whole law a run was made by as text, and back: every value of every day, layer by layer."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from landuse import law
from landuse.history import believed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from landuse.law import Layer, Statutes, Value

_TEXTS = (
    "key", "label", "label_en", "unit", "modality", "document", "article", "text", "note",
    "changes", "level", "region",
)  # fmt: skip
_FIELDS = [field.name for field in dataclasses.fields(law.Value) if field.name != "replaces"]


def packed(layers: Sequence[Layer]) -> bytes:
    """Return layers of law as JSON."""
    plain = [
        {key: [_plain(value) for value in history] for key, history in layer.items()}
        for layer in layers
    ]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()


def unpacked(content: bytes) -> tuple[Layer, ...]:
    """Return the layers that `packed` made bytes of."""
    return tuple(
        {key: tuple(_value(entry) for entry in history) for key, history in layer.items()}
        for layer in believed.plain(content)
    )


class Exchanged(law.Statutes):
    """The law of a day with some rules as another law has them."""

    def __init__(self, base: Statutes, other: Statutes, keys: Collection[str]) -> None:
        super().__init__(base.on, base.layers)
        self._other, self._keys_taken = other, frozenset(keys)

    def __getitem__(self, key: str) -> Value:
        """
        Return the value in force, of the other law where the rule is taken from it.

        Raises
        ------
        LawError
            If the key is unknown, or nothing is in force.
        """
        return self._other[key] if key in self._keys_taken else super().__getitem__(key)

    def in_force(self) -> list[Value]:
        """Return every value in force, by key."""
        kept = {v.key: v for v in super().in_force() if v.key not in self._keys_taken}
        taken = {v.key: v for v in self._other.in_force() if v.key in self._keys_taken}
        return [value for _, value in sorted({**kept, **taken}.items())]


def differing(before: Statutes, after: Statutes) -> list[str]:
    """Return the rules whose amounts in force differ, or that only one law has, by key."""
    old, new = ({value.key: value.amount for value in one.in_force()} for one in (before, after))
    missing = object()
    keys = sorted({*old, *new})
    return [key for key in keys if old.get(key, missing) != new.get(key, missing)]


def _plain(value: Value) -> dict[str, Any]:
    """Return a value as JSON can hold it; exact fractions and days are marked."""
    return {name: _marked(getattr(value, name)) for name in _FIELDS}


def _marked(content: Any) -> Any:
    """Mark what JSON has no word for."""
    if isinstance(content, Fraction):
        return {"fraction": str(content)}
    return {"day": content.isoformat()} if isinstance(content, date) else content


def _value(entry: dict[str, Any]) -> Value:
    """
    Return a value from JSON.

    Raises
    ------
    ValueError
        If it has no text or day where it must.
    """
    given = {}
    for name, content in entry.items():
        given[name] = content
        if isinstance(content, dict) and "fraction" in content:
            given[name] = Fraction(content["fraction"])
        elif isinstance(content, dict) and "day" in content:
            given[name] = date.fromisoformat(content["day"])
    value = law.Value(**given)
    texts = [getattr(value, name) for name in _TEXTS]
    if not all(isinstance(text, str) for text in texts) or type(value.in_force) is not date:
        raise ValueError(value.key)
    return value
