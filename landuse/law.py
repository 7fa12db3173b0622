"""
The law in force on a day, as dated data with its source and how certain it is.

Values live in `statutes/*.toml`. Law comes in layers: national, then province and city (files named
`<file>.<division code>.toml`, for workspaces that lie there), then the workspace's own
`layers/statutes/*.toml`. A higher layer wins while it is in force. A rule that is unknown, or has
no value in force, raises: nothing defaults.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from landuse import amounts, parsing
from landuse.errors import LawError, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    History = tuple["Value", ...]
    Layer = dict[str, History]

_RULE_KEYS = {"label", "label_en", "unit", "modality", "value"}
_VALUE_KEYS = {
    "amount", "in_force", "repealed", "document", "article", "text", "verified", "note", "changes",
}  # fmt: skip
MODALITIES = ("shall", "may", "defined")
"""应当 / 可以 / a definition; a `may` never comes out as a `must`."""
LEVELS = ("national", "province", "city", "county", "workspace")
"""Who made a rule, the widest first."""
_CODE = re.compile(r"\d{6}")
_BLANK = {"unit", "article", "text", "note", "changes"}  # words that may be empty
_TEXTS = _BLANK | {"label", "label_en", "document"}


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
    changes: str = ""
    level: str = "national"
    region: str = ""
    replaces: Value | None = None

    @property
    def citation(self) -> str:
        """Document and article, marked where the text was remembered and not read."""
        mark = "" if self.verified else "（条文待核对）"
        return f"{self.document}{self.article}{mark}"


class Statutes:
    """The values in force on one day; look up with `statutes["idle_land.fee_share"]`."""

    def __init__(self, on: date, layers: Iterable[Layer], workspace: Path | None = None) -> None:
        self.on = on
        self.workspace = workspace
        self.layers = tuple(layers)
        self._keys = sorted(set().union(*self.layers))
        self._found: dict[str, Value | None] = {}

    def __getitem__(self, key: str) -> Value:
        """
        Return the value in force.

        Raises
        ------
        LawError
            If the key is unknown, or nothing is in force on the day.
        """
        found = self._standing(key)
        if found is not None:
            return found
        values = self._history(key)
        if not values:
            file = key.partition(".")[0]
            near = [known for known in self._keys if known.startswith(f"{file}.")]
            raise LawError("law.no_rule", rule=key, known=[*(near or self._keys)])
        past = [value for value in values if value.in_force <= self.on]
        if past:
            last = past[-1]
            raise LawError("law.repealed", rule=key, day=last.in_force, document=last.document)
        raise LawError(
            "law.not_yet",
            rule=key,
            on=self.on,
            document=values[0].document,
            day=values[0].in_force,
        )

    def __iter__(self) -> Iterator[str]:
        """Iterate over all keys, in force or not."""
        return iter(self._keys)

    def find(self, key: str) -> Value | None:
        """Return the value in force, or None where there is none; for rules that may be absent."""
        try:
            return self[key]
        except LawError:
            return None

    def _standing(self, key: str) -> Value | None:
        """
        Return the value of the highest layer that has one in force.

        Where a local rule was repealed, the rule below it is in force again.
        """
        if key not in self._found:
            self._found[key] = self._looked_up(key)
        return self._found[key]

    def _looked_up(self, key: str) -> Value | None:
        """Go through the layers from below."""
        standing = [value for layer in self.layers if (value := self._current(layer.get(key, ())))]
        if not standing:
            return None
        below = standing[-2] if len(standing) > 1 else None
        return replace(standing[-1], replaces=below)

    def _current(self, history: History) -> Value | None:
        """Return the value of one layer in force on the day."""
        past = [value for value in history if value.in_force <= self.on]
        return None if not past or past[-1].repealed else past[-1]

    def _history(self, key: str) -> list[Value]:
        """Return every value a rule has had or will have, by day and layer."""
        values = [value for layer in self.layers for value in layer.get(key, ())]
        return sorted(values, key=lambda value: value.in_force)

    def in_force(self) -> list[Value]:
        """Return every value in force on the day, by key."""
        return [value for key in self._keys if (value := self._standing(key))]


def on(day: date, workspace: Path | None = None) -> Statutes:
    """
    Return the law in force on a day.

    Parameters
    ----------
    day
        The day asked for.
    workspace
        Folder whose place (`division_code`, else `name`, of `layers/workspace.toml`) says which
        provincial and city rules apply, and whose `layers/statutes/*.toml` lie over them all.
        National rules only, if not given.

    Raises
    ------
    LawError
        If a statute file is not written as it must be.
    """
    packaged = _packaged()
    code = _place(workspace)
    regions = sorted(region for region in packaged if region and code.startswith(_stem(region)))
    layers = [packaged[""], *(packaged[region] for region in regions)]
    for path in _own_files(workspace):
        if _region_of(path.name):
            name = path.name.split(".")[0]
            raise LawError("law.own_name", file=path.name, name=name)
        text = _decoded(path.read_bytes(), path.name)
        layers.append(_fitted(_histories(path.stem, text, path.name, "workspace"), path.name))
    _check_units(layers)
    return Statutes(day, layers, workspace)


def fingerprint(workspace: Path | None = None) -> str:
    """
    Return one SHA-256 over every file of rules that applies, so that a run names its rules.

    A workspace's own table of measures (`layers/measures/*.toml`) is among them.
    """
    code = _place(workspace)
    texts = [
        (entry.name, entry.read_bytes())
        for entry in files("landuse").joinpath("statutes").iterdir()
        if entry.name.endswith(".toml") and code.startswith(_stem(_region_of(entry.name)))
    ]
    texts += [(f"local/{path.name}", path.read_bytes()) for path in _own_files(workspace)]
    texts += [(f"measures/{path.name}", path.read_bytes()) for path in own_measures(workspace)]
    whole = hashlib.sha256()
    for name, content in sorted(texts):
        whole.update(name.encode() + b"\0" + content.replace(b"\r\n", b"\n") + b"\0")
    return whole.hexdigest()


def own_measures(workspace: Path | None) -> list[Path]:
    """Return the tables of measures a workspace lays over the packaged one, by name."""
    return _own_files(workspace, "measures")


def _own_files(workspace: Path | None, kind: str = "statutes") -> list[Path]:
    """Files of rules a workspace lays over the packaged ones, by name."""
    folder = None if workspace is None else workspace / "layers" / kind
    return sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else []


def _place(workspace: Path | None) -> str:
    """
    Return the division code that says whose rules apply; "" where nothing tells.

    A workspace without a code is placed by its name where that holds the name of a region the
    package has rules of; the innermost such region is taken.
    """
    path = None if workspace is None else workspace / "layers" / "workspace.toml"
    if path is None or not path.is_file():
        return ""
    settings = _parsed(_decoded(path.read_bytes(), path.name), path.name)
    code, name = str(settings.get("division_code", "")), str(settings.get("name", ""))
    named = [region for region, label in _region_names().items() if label in name]
    return code or max(named, key=lambda region: len(_stem(region)), default="")


def _region_of(filename: str) -> str:
    """Return the division code in the name of a statute file; "" for a national one."""
    parts = filename.removesuffix(".toml").split(".")
    return parts[1] if len(parts) > 1 else ""


def _stem(code: str) -> str:
    """Return the part of a division code that all places inside it share: 411000 -> 4110."""
    while code.endswith("00"):
        code = code[:-2]
    return code


def _level(region: str) -> str:
    """Return who makes the rules of a division code."""
    return {0: "national", 2: "province", 4: "city"}.get(len(_stem(region)), "county")


def _packaged_texts() -> Iterable[tuple[str, str]]:
    """Yield name and text of each statute file of the package, by name."""
    for entry in sorted(files("landuse").joinpath("statutes").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            yield entry.name, entry.read_text(encoding="utf-8")


@cache
def _packaged() -> dict[str, Layer]:
    """Read the statutes that ship with the package, by division code; "" holds the national."""
    found: dict[str, Layer] = {"": {}}
    for name, text in _packaged_texts():
        region = _region_of(name)
        if region and not _CODE.fullmatch(region):
            raise LawError("law.region_code", file=name, region=region)
        rules = _histories(name.split(".")[0], text, name, _level(region))
        found[region] = found.get(region, {}) | rules
    return found


def _fitted(layer: Layer, where: str) -> Layer:
    """Return rules of a workspace, each amount in the kind the package has of its rule."""
    shipped = [v for known in _packaged().values() for history in known.values() for v in history]
    like = {v.key: v.amount for v in reversed(shipped) if v.amount is not None}
    return {
        key: tuple(
            replace(v, amount=amounts.alike(v.amount, like.get(key), v.unit, where, key))
            for v in history
        )
        for key, history in layer.items()
    }


@cache
def _region_names() -> dict[str, str]:
    """Return the name of each region the package has rules of, by division code."""
    return {
        _region_of(name): str(_parsed(text, name).get("region", ""))
        for name, text in _packaged_texts()
        if _region_of(name)
    }


def _check_units(layers: Sequence[Layer]) -> None:
    """Refuse a rule that changes another and is in another unit."""
    units: dict[str, str] = {}
    for layer in layers:
        for key, history in layer.items():
            if units.setdefault(key, history[0].unit) != history[0].unit:
                raise LawError(
                    "law.unit",
                    rule=key,
                    document=history[0].document,
                    unit=history[0].unit or phrase("law.no_unit"),
                    other=units[key] or phrase("law.no_unit"),
                )


def _decoded(content: bytes, where: str) -> str:
    """Return the text of a file of the workspace."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise LawError("law.not_utf8", file=where, reason=err) from err


def _parsed(text: str, where: str) -> dict[str, Any]:
    """Parse TOML."""
    try:
        return parsing.toml(text)
    except tomllib.TOMLDecodeError as err:
        raise LawError("workspace.not_toml", file=f"statutes/{where}", reason=err) from err


def _histories(stem: str, text: str, where: str, level: str) -> Layer:
    """Parse one statute file into the dated values of its rules."""
    parsed = _parsed(text, where)
    region = parsed.pop("region", "")
    if not isinstance(region, str) or (not region and level in LEVELS[1:-1]):
        raise LawError("law.no_region", file=where)
    try:
        return {
            f"{stem}.{name}": tuple(
                replace(value, level=level, region=region)
                for value in _history(f"{stem}.{name}", rule, where)
            )
            for name, rule in parsed.items()
        }
    except (TypeError, AttributeError, ArithmeticError) as err:
        raise LawError("law.not_meant", file=where, reason=err) from err


def _history(key: str, rule: Any, where: str) -> History:
    """Return the values of one rule in the order of their days."""
    if not isinstance(rule, dict) or set(rule) - _RULE_KEYS or not rule.get("value"):
        raise LawError("law.rule_keys", file=where, rule=key, known=sorted(_RULE_KEYS))
    if rule.get("modality") not in MODALITIES:
        raise LawError("law.modality", file=where, rule=key, known=[*MODALITIES])
    _refuse_no_texts(rule, key, where)
    values = tuple(_value(key, rule, entry, where) for entry in rule["value"])
    starts = [value.in_force for value in values]
    if starts != sorted(set(starts)):
        raise LawError("law.order", file=where, rule=key)
    return values


def _value(key: str, rule: dict[str, Any], entry: dict[str, Any], where: str) -> Value:
    """Read one dated value, refusing one without its source."""
    unknown = set(entry) - _VALUE_KEYS
    absent = {"in_force", "document", "article", "verified"} - set(entry)
    if unknown or absent or ("amount" not in entry and not entry.get("repealed")):
        lacks = sorted(absent) or ["amount"]
        faults = [phrase("law.lacks", names=lacks)] if absent or not unknown else []
        faults += [phrase("law.has_unknown", names=sorted(unknown))] if unknown else []
        raise LawError("law.value_keys", file=where, rule=key, faults=faults)
    if type(entry["in_force"]) is not date:
        raise LawError("law.in_force", file=where, rule=key)
    _refuse_no_texts(entry, key, where)
    verified, repealed = entry["verified"], entry.get("repealed", False)
    if (verified is not False and type(verified) is not date) or not isinstance(repealed, bool):
        raise LawError("law.verified", file=where, rule=key)
    return Value(
        key=key,
        label=rule.get("label", key),
        label_en=rule.get("label_en", key),
        unit=rule.get("unit", ""),
        modality=rule["modality"],
        amount=amounts.read(entry.get("amount"), None),
        in_force=entry["in_force"],
        repealed=repealed,
        document=entry["document"],
        article=entry["article"],
        text=entry.get("text", ""),
        verified=verified or None,
        note=entry.get("note", ""),
        changes=entry.get("changes", ""),
    )


def _refuse_no_texts(table: dict[str, Any], key: str, where: str) -> None:
    """Refuse what is read as words and is none."""
    for name, given in table.items():
        if name in _TEXTS and not (isinstance(given, str) and (given.strip() or name in _BLANK)):
            raise LawError("law.text", file=where, rule=key, name=name)
