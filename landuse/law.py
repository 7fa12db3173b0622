"""
The law in force on a day, as dated data with its source and how certain it is.

Values live in `statutes/*.toml`; a workspace may lay its own `layers/statutes/*.toml` over them.
A rule that is unknown, or has no value in force, raises: nothing defaults.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from landuse.errors import LawError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_RULE_KEYS = {"label", "label_en", "unit", "modality", "value"}
_VALUE_KEYS = {
    "amount", "in_force", "repealed", "document", "article", "text", "verified", "note", "changes",
}  # fmt: skip
MODALITIES = ("shall", "may", "defined")
"""应当 / 可以 / a definition; a `may` never comes out as a `must`."""


@dataclass(frozen=True)
class Value:
    """One value of a rule, with the document that gives it."""

    key: str
    label: str
    label_en: str
    unit: str
    modality: str
    amount: Any
    in_force: date
    repealed: bool
    document: str
    article: str
    text: str
    verified: date | None
    note: str

    @property
    def citation(self) -> str:
        """Document and article, marked where the text was remembered and not read."""
        mark = "" if self.verified else "（条文待核对）"
        return f"{self.document}{self.article}{mark}"


class Statutes:
    """The values in force on one day; look up with `statutes["idle_land.fee_share"]`."""

    def __init__(self, on: date, histories: Mapping[str, tuple[Value, ...]]) -> None:
        self.on = on
        self._histories = dict(histories)

    def __getitem__(self, key: str) -> Value:
        """
        Return the value in force.

        Raises
        ------
        LawError
            If the key is unknown, or nothing is in force on the day.
        """
        history = self._histories.get(key)
        if history is None:
            file = key.partition(".")[0]
            near = [known for known in sorted(self._histories) if known.startswith(f"{file}.")]
            message = f"no rule '{key}'. Known: {', '.join(near or sorted(self._histories))}."
            raise LawError(message)
        current = [value for value in history if value.in_force <= self.on]
        if not current:
            first = history[0]
            message = (
                f"'{key}' is not in force on {self.on}: its first value, {first.document}, "
                f"is in force from {first.in_force}."
            )
            raise LawError(message)
        if current[-1].repealed:
            message = f"'{key}' was repealed from {current[-1].in_force} ({current[-1].document})."
            raise LawError(message)
        return current[-1]

    def __iter__(self) -> Iterator[str]:
        """Iterate over all keys, in force or not."""
        return iter(sorted(self._histories))

    def in_force(self) -> list[Value]:
        """Return every value in force on the day, by key."""
        return [
            self[key]
            for key, history in sorted(self._histories.items())
            if any(value.in_force <= self.on for value in history)
            and not [value for value in history if value.in_force <= self.on][-1].repealed
        ]


def on(day: date, workspace: Path | None = None) -> Statutes:
    """
    Return the law in force on a day.

    Parameters
    ----------
    day
        The day asked for.
    workspace
        Folder whose `layers/statutes/*.toml` lay local rules over the national ones.

    Raises
    ------
    LawError
        If a statute file is not written as it must be.
    """
    histories = dict(_packaged())
    folder = None if workspace is None else workspace / "layers" / "statutes"
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob("*.toml")):
            local = _histories(path.stem, path.read_text(encoding="utf-8"), path.name)
            histories |= _overlaid(histories, local, path.name)
    return Statutes(day, histories)


def fingerprint(workspace: Path | None = None) -> str:
    """Return one SHA-256 over every statute file that applies, so that a run names its rules."""
    texts = [(e.name, e.read_bytes()) for e in files("landuse").joinpath("statutes").iterdir()]
    folder = None if workspace is None else workspace / "layers" / "statutes"
    if folder is not None and folder.is_dir():
        texts += [(f"local/{p.name}", p.read_bytes()) for p in folder.glob("*.toml")]
    whole = hashlib.sha256()
    for name, content in sorted(texts):
        whole.update(name.encode() + b"\0" + content.replace(b"\r\n", b"\n") + b"\0")
    return whole.hexdigest()


@cache
def _packaged() -> dict[str, tuple[Value, ...]]:
    """Read the statutes that ship with the package."""
    found: dict[str, tuple[Value, ...]] = {}
    for entry in sorted(files("landuse").joinpath("statutes").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            stem = entry.name.removesuffix(".toml")
            found |= _histories(stem, entry.read_text(encoding="utf-8"), entry.name)
    return found


def _overlaid(
    base: Mapping[str, tuple[Value, ...]], local: dict[str, tuple[Value, ...]], where: str
) -> dict[str, tuple[Value, ...]]:
    """Join local values to the national history of a key; a local value wins from its day."""
    joined = {}
    for key, values in local.items():
        earlier = tuple(v for v in base.get(key, ()) if v.in_force < values[0].in_force)
        joined[key] = earlier + values
        if key in base and base[key][0].unit != values[0].unit:
            message = f"{where}: [{key}] is in {values[0].unit}, the rule it changes is in another."
            raise LawError(message)
    return joined


def _histories(stem: str, text: str, where: str) -> dict[str, tuple[Value, ...]]:
    """Parse one statute file into the dated values of its rules."""
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        message = f"statutes/{where} is not valid TOML: {err}."
        raise LawError(message) from err
    return {
        f"{stem}.{name}": _history(f"{stem}.{name}", rule, where) for name, rule in parsed.items()
    }


def _history(key: str, rule: Any, where: str) -> tuple[Value, ...]:
    """Return the values of one rule in the order of their days."""
    if not isinstance(rule, dict) or set(rule) - _RULE_KEYS or not rule.get("value"):
        message = f"statutes/{where}: [{key}] needs [[value]] tables and only {sorted(_RULE_KEYS)}."
        raise LawError(message)
    if rule.get("modality") not in MODALITIES:
        message = f"statutes/{where}: [{key}] modality must be one of {', '.join(MODALITIES)}."
        raise LawError(message)
    values = tuple(_value(key, rule, entry, where) for entry in rule["value"])
    starts = [value.in_force for value in values]
    if starts != sorted(set(starts)):
        message = f"statutes/{where}: [{key}] values must have different in_force days, ascending."
        raise LawError(message)
    return values


def _value(key: str, rule: dict[str, Any], entry: dict[str, Any], where: str) -> Value:
    """Read one dated value, refusing one without its source."""
    unknown = set(entry) - _VALUE_KEYS
    absent = {"in_force", "document", "article", "verified"} - set(entry)
    if unknown or absent or ("amount" not in entry and not entry.get("repealed")):
        message = (
            f"statutes/{where}: a value of [{key}] lacks {', '.join(sorted(absent)) or 'amount'}"
            f"{' and has unknown ' + ', '.join(sorted(unknown)) if unknown else ''}."
        )
        raise LawError(message)
    verified = entry["verified"]
    return Value(
        key=key,
        label=rule.get("label", key),
        label_en=rule.get("label_en", key),
        unit=rule.get("unit", ""),
        modality=rule["modality"],
        amount=_amount(entry.get("amount")),
        in_force=entry["in_force"],
        repealed=bool(entry.get("repealed", False)),
        document=entry["document"],
        article=entry["article"],
        text=entry.get("text", ""),
        verified=verified if isinstance(verified, date) else None,
        note=entry.get("note", ""),
    )


def _amount(raw: Any) -> Any:
    """Return an amount; a fraction such as "1/3" stays exact."""
    if isinstance(raw, str) and raw.replace("/", "", 1).isdigit() and "/" in raw:
        return Fraction(raw)
    return raw
