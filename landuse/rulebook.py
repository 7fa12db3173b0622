"""
Another law for a question: the rules in force, and the same with some of them changed.

A rulebook is one value a key. It is taken from the law of a day (`landuse.law`) and never written
back: what is tried here is no law.
"""

from __future__ import annotations

import dataclasses
import difflib
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import amounts, law, texts
from landuse.errors import LanduseError, LawError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from landuse.law import Statutes, Value
    from landuse.texts import Lang

_DIGITS = 30  # before or behind the point of a decimal
_LIST_MARKS = str.maketrans("，、；;", ",,,,")


class Rulebook(law.Statutes):
    """One value a rule, on top of the law of a day; remembers which rules were asked for."""

    def __init__(self, base: Statutes, values: Mapping[str, Value] | None = None) -> None:
        super().__init__(base.on, (), base.workspace)
        self._base = base
        given = {value.key: value for value in base.in_force()} if values is None else values
        self.values: Mapping[str, Value] = given
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Value:
        """
        Return the value of a rule.

        Raises
        ------
        LawError
            If the rulebook has none; the law it is taken from says why.
        """
        self.asked.add(key)
        return self.values[key] if key in self.values else self._base[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over all rules, in force or not."""
        return iter(sorted({*self._base, *self.values}))

    def in_force(self) -> list[Value]:
        """Return every value there is, by key."""
        return [value for _, value in sorted(self.values.items())]

    def replaced(self, changed: Mapping[str, Value]) -> Rulebook:
        """Return a rulebook with some values replaced, on the same law."""
        return Rulebook(self._base, {**self.values, **changed})


@dataclass(frozen=True)
class Change:
    """What is asked to be changed: the law of another day, files of rules, single amounts."""

    as_of_law: date | None
    statutes: str | Path | None
    values: Mapping[str, Any]
    lang: Lang

    def refuse_nothing(self) -> None:
        """
        Refuse a question that asks nothing.

        Raises
        ------
        LanduseError
            If nothing is changed.
        """
        if self.as_of_law is None and self.statutes is None and not self.values:
            raise LanduseError("law.nothing_changed")

    def applied(self, base: Statutes, workspace: Path) -> Rulebook:
        """
        Return the rules with the change made: first the day, then the files, then the amounts.

        Parameters
        ----------
        base
            The law of the day asked for.
        workspace
            Folder whose local rules belong to the law.

        Raises
        ------
        LawError
            If a rule is unknown, a file cannot be used, or an amount is not of its rule's kind.
        """
        began = base if self.as_of_law is None else law.on(self.as_of_law, workspace)
        values = {value.key: value for value in began.in_force()}
        if self.statutes is not None:
            values = _with_files(values, Path(self.statutes), began)
        for key, given in self.values.items():
            _refuse_unknown([key], began)
            current = values.get(key) or began[key]
            values[key] = _assumed(current, given, self.lang)
        return Rulebook(began, values)


def assigned(given: Iterable[str]) -> dict[str, str]:
    """
    Read ``RULE=AMOUNT`` as a command line gives it.

    Raises
    ------
    LawError
        If one is not of that form, or a rule is given twice.
    """
    found: dict[str, str] = {}
    for text in given:
        key, mark, amount = (part.strip() for part in text.partition("="))
        if not (key and mark and amount):
            raise LawError("law.bad_set", given=text)
        if key in found:
            raise LawError("law.set_twice", rule=key)
        found[key] = amount
    return found


def differing(old: Rulebook, new: Rulebook) -> list[str]:
    """Return the rules whose amounts differ, or that only one of the two has, by key."""
    return [
        key
        for key in sorted({*old.values, *new.values})
        if key not in old.values
        or key not in new.values
        or old.values[key].amount != new.values[key].amount
    ]


def compared(old: Rulebook, new: Rulebook, keys: Iterable[str], lang: Lang) -> pd.DataFrame:
    """Return some rules of two rulebooks side by side, as text; "" where one has none."""
    rows = []
    for key in keys:
        pair = (old.values.get(key), new.values.get(key))
        named = pair[0] or pair[1]
        rows.append(
            {
                "key": key,
                "label": "" if named is None else named.label if lang == "zh" else named.label_en,
                **{
                    f"{column}{side}": "" if value is None else get(value)
                    for column, get in (("", _amount_shown), ("citation_", _citation))
                    for side, value in zip(("before", "after"), pair, strict=True)
                },
            }
        )
    names = ("key", "label", "before", "after", "citation_before", "citation_after")
    return pd.DataFrame(rows, columns=list(names)).astype("str")


def _amount_shown(value: Value) -> str:
    """Return an amount as text."""
    amount = value.amount
    return "、".join(str(part) for part in amount) if isinstance(amount, list) else str(amount)


def _citation(value: Value) -> str:
    """Return document and article."""
    return value.citation


def _refuse_unknown(keys: Iterable[str], known: Iterable[str]) -> None:
    """
    Refuse rules nobody knows, with close names.

    Raises
    ------
    LawError
        Naming the first unknown rule.
    """
    names = list(known)
    for key in keys:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=3, cutoff=0.5)
            tail = key.rpartition(".")[2]
            near = near or [name for name in names if tail and tail in name][:3]
            raise LawError("law.unknown_rule", rule=key, near=[*near])


def _with_files(values: dict[str, Value], path: Path, base: Statutes) -> dict[str, Value]:
    """
    Lay files of rules over some values, as a workspace lays its own over the national ones.

    Raises
    ------
    LawError
        If there is no file, or one cannot be used.
    """
    inner = path / "layers" / "statutes"
    folder = inner if inner.is_dir() else path
    files = [path] if path.is_file() else sorted(folder.glob("*.toml"))
    if not files or any(file.suffix.lower() != ".toml" for file in files):
        raise LawError("law.no_files", path=path)
    with tempfile.TemporaryDirectory() as made:
        own = Path(made) / "layers" / "statutes"
        own.mkdir(parents=True)
        for file in files:
            shutil.copyfile(file, own / f"{file.stem}.toml")
        laid = law.on(base.on, Path(made)).in_force()
        keys = _keys(own)
    _refuse_unknown(keys, base)
    return values | {value.key: value for value in laid if value.level == law.LEVELS[-1]}


def _keys(folder: Path) -> list[str]:
    """Return the rules that files hold."""
    return [
        f"{file.stem}.{name}"
        for file in sorted(folder.glob("*.toml"))
        for name, rule in tomllib.loads(file.read_text(encoding="utf-8-sig")).items()
        if isinstance(rule, dict)
    ]


def _assumed(value: Value, given: Any, lang: Lang) -> Value:
    """Return a value with another amount, marked as assumed and not as law."""
    return dataclasses.replace(
        value,
        amount=_amount(value, given),
        document=texts.say("whatif.assumed", lang),
        article="",
        text="",
        verified=None,
        note="",
    )


def _amount(value: Value, given: Any) -> Any:
    """
    Read an amount as the kind of its rule.

    Raises
    ------
    LawError
        If it is not of that kind.
    """
    written = ",".join(map(str, given)) if isinstance(given, list | tuple) else str(given).strip()
    try:
        return _read(value, written)
    except (ValueError, InvalidOperation, ZeroDivisionError) as err:
        example = _amount_shown(value)
        raise LawError("law.bad_amount", rule=value.key, given=written, example=example) from err


def _read(value: Value, written: str) -> Any:
    """
    Read text as the kind of the amount of a rule.

    Raises
    ------
    ValueError
        If it is not of that kind.
    """
    like = value.amount
    result: Any = None
    if isinstance(like, bool):
        result = {"true": True, "false": False}.get(written.lower())
    elif isinstance(like, int | float):
        result = type(like)(written)
    elif isinstance(like, Fraction):
        share = written.removesuffix("%")
        part = Fraction(share) if "/" in share else _exact(share)
        result = part / 100 if share != written else part
    elif isinstance(like, list):
        parts = [part.strip() for part in written.translate(_LIST_MARKS).split(",")]
        is_text = all(isinstance(each, str) for each in like)
        result = [part if is_text else float(part) for part in parts if part]
    elif isinstance(like, str):
        result = written or None
    if result is None or not amounts.fits(result, like, value.unit):
        raise ValueError(written)
    return result


def _exact(written: str) -> Fraction:
    """
    Return a decimal as it is written.

    Raises
    ------
    ValueError
        If its exponent is none of a share.
    """
    given = Decimal(written)
    if abs(given.adjusted()) > _DIGITS:
        raise ValueError(written)
    return Fraction(given)
