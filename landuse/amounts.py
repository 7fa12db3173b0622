"""
What kind of amount a rule has: a number, a share, words, a day. Another amount of it must be alike.

The kind is that of an amount the package ships for the rule. A rule the package does not know may
have any amount that can be written down.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from landuse.errors import LawError, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.errors import Phrase

_FRACTION = re.compile(r"\d{1,9}/[1-9]\d{0,8}")
_DECIMAL = re.compile(r"[01](\.\d{1,18})?")
_WHOLE = {"", "year", "month", "day", "workday"}  # units that are counted and not measured
_MOST_WHOLE, _MOST = 999, 10**15
_MOST_WORDS = 60  # causes of a pause are kept as bits of one number
_KINDS = {
    bool: phrase("law.kind_yes"),
    date: phrase("law.kind_day"),
    Fraction: phrase("law.kind_share"),
    str: phrase("law.kind_text"),
    list: phrase("law.kind_texts", most=_MOST_WORDS),
    int: phrase("law.kind_number"),
    float: phrase("law.kind_number"),
    type(None): phrase("law.kind_plain"),
}


def read(raw: Any, like: Any) -> Any:
    """
    Return an amount as it is reckoned with; a share stays exact.

    Parameters
    ----------
    raw
        As a file holds it: a fraction may be written "1/3", a share as a decimal too, "0.25".
    like
        An amount of the same rule; None where there is none.
    """
    if isinstance(raw, str) and _FRACTION.fullmatch(raw):
        return Fraction(raw)
    is_written = isinstance(raw, str) and _DECIMAL.fullmatch(raw)
    if isinstance(like, Fraction) and (is_written or _is_number(raw)):
        return Fraction(str(raw))
    return raw


def alike(raw: Any, like: Any, unit: str, file: str, rule: str) -> Any:
    """
    Return an amount in the kind of another of its rule; none stays none.

    Parameters
    ----------
    raw, like
        As of `read`.
    unit
        The unit of the rule.
    file, rule
        Where the amount stands.

    Raises
    ------
    LawError
        If it is of another kind.
    """
    amount = read(raw, like)
    if amount is not None and not fits(amount, like, unit):
        raise LawError("law.amount", file=file, rule=rule, kind=wanted(like, unit))
    return amount


def fits(amount: Any, like: Any, unit: str) -> bool:
    """
    Whether an amount is of the kind of another of its rule.

    Parameters
    ----------
    amount
        As `read` returns it.
    like
        An amount of the same rule; None where there is none.
    unit
        The unit of the rule.
    """
    if isinstance(like, bool | date | str | Fraction | list | dict):
        return isinstance(amount, type(like)) and _holds(amount, like)
    if like is None:
        return _is_plain(amount)
    return _is_number(amount) and (not _is_counted(like, unit) or _is_count(amount))


def _holds(amount: Any, like: Any) -> bool:
    """Whether what is of the type of another is filled as that is."""
    if isinstance(amount, list):
        return _list_fits(amount, like)
    if isinstance(amount, dict):
        return _table_fits(amount, like)
    if isinstance(amount, Fraction):
        return 0 <= amount <= 1
    return type(amount) is type(like) and (not isinstance(amount, str) or bool(amount.strip()))


def wanted(like: Any, unit: str) -> Phrase:
    """Return in words what `fits` asks for."""
    if isinstance(like, dict):
        return phrase("law.kind_table", kind=wanted(next(iter(like.values())), ""))
    if isinstance(like, list) and not isinstance(like[0], str):
        return phrase("law.kind_numbers", count=len(like))
    if _is_counted(like, unit):
        return phrase("law.kind_count", most=_MOST_WHOLE)
    return _KINDS[type(like)]


def _is_number(amount: Any) -> bool:
    """Whether it is a number an area, a sum of money or a share can be."""
    return type(amount) in {int, float} and 0 <= amount <= _MOST


def _is_counted(like: Any, unit: str) -> bool:
    """Whether a rule counts in whole numbers."""
    return type(like) is int and unit in _WHOLE


def _is_count(amount: Any) -> bool:
    """Whether it is a whole number a calendar can be moved by."""
    return type(amount) is int and amount <= _MOST_WHOLE


def _list_fits(amount: list[Any], like: list[Any]) -> bool:
    """Whether a list is words, or as many numbers as the other."""
    if isinstance(like[0], str):
        return len(amount) <= _MOST_WORDS and all(fits(each, "", "") for each in amount)
    return len(amount) == len(like) and all(map(_is_number, amount))


def _table_fits(amount: Mapping[str, Any], like: Mapping[str, Any]) -> bool:
    """Whether a table has values of the kind of the other's, under names of its own."""
    example = next(iter(like.values()))
    return bool(amount) and all(fits(each, example, "") for each in amount.values())


def _is_plain(amount: Any) -> bool:
    """Whether it can be printed and compared: every number in it is finite and of real size."""
    if isinstance(amount, list):
        return all(map(_is_plain, amount))
    if isinstance(amount, dict):
        return all(map(_is_plain, amount.values()))
    if isinstance(amount, int | float):
        return abs(amount) <= _MOST
    return True
