"""How firms are graded: indicators, weights, shares and exceptions, as data of the workspace."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from landuse import amounts, parsing, schema
from landuse.errors import AssetError, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Variant = Literal["2017", "2019"]
GRADES = ("A", "B", "C")
RERANKED: dict[Variant, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "2017": (("tax_per_area",), ("output_per_energy",)),
    "2019": (("tax_per_area", "research_intensity"), ("output_per_energy", "tax_per_emission")),
}
"""Indicators by whose scores A, and C, are chosen: 郑州 2018 (trial), 安阳 2019 (formal)."""

_KINDS = {"exclude", "veto", "override"}
_SHARES = ("top", "a_share", "c_share")
_SHARE = Fraction(1, 2)
_LIKE: Mapping[str, Any] = {
    "label": "x", "variant": "x", "cap": 1.5, "new_years": 1, "least_area_m2": 1.5,
    "bonus_cap": 1.5, "deduction_cap": 1.5, **dict.fromkeys(_SHARES, _SHARE),
}  # fmt: skip
_LIKE_OF: Mapping[str, Mapping[str, Any]] = {
    "indicator": {"name": "x", "label": "x", "label_en": "x", "per": ["x"], "weight": 1.5},
    "adjust": dict.fromkeys(("enterprise_id", "kind"), "x"),
    "policy": dict.fromkeys(("field", *GRADES), "x"),
}
"""What each entry of a scheme is alike in kind."""


@dataclass(frozen=True)
class Indicator:
    """One figure per another; `baseline` is None where the mean of those evaluated is meant."""

    name: str
    label: str
    label_en: str
    per: tuple[str, str]
    weight: float
    baseline: float | None


@dataclass(frozen=True)
class Adjustment:
    """A firm taken out (`exclude`), made C (`veto`) or given a grade (`override`), and why."""

    enterprise_id: str
    kind: str
    reason: str
    grade: str = ""
    document: str = ""


@dataclass(frozen=True)
class Scheme:
    """A way of grading."""

    label: str
    variant: Variant
    cap: float
    top: Fraction
    a_share: Fraction
    c_share: Fraction
    new_years: int
    least_area_m2: float
    bonus_cap: float
    deduction_cap: float
    indicators: tuple[Indicator, ...]
    adjustments: tuple[Adjustment, ...]
    policies: tuple[dict[str, str], ...]


def own(workspace: Path) -> Path | None:
    """Return the scheme a workspace has written, or None."""
    path = workspace / "layers" / "grading" / "scheme.toml"
    return path if path.is_file() else None


def load(workspace: Path | None = None) -> Scheme:
    """
    Return the scheme of a workspace over the packaged example, or the example.

    Raises
    ------
    AssetError
        If the scheme is not written as it must be.
    """
    example = tomllib.loads((files("landuse") / "decisions" / "grading.toml").read_text("utf-8"))
    path = None if workspace is None else own(workspace)
    if path is None:
        return _scheme(example, "landuse/decisions/grading.toml")
    try:
        given = parsing.toml(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise AssetError("workspace.not_toml", file=path.name, reason=err) from err
    unknown = set(given) - {*example, "adjust"}
    if unknown or "label" not in given:
        raise AssetError("tables.no_label", file=path.name, unknown=sorted(unknown))
    return _scheme({**example, **given}, path.name)


def _scheme(given: dict[str, Any], where: str) -> Scheme:
    """Read a scheme, refusing what nobody can mean."""
    try:
        _refuse_kinds(given, where)
        shares = {name: amounts.read(given[name], _SHARE) for name in _SHARES}
        made = Scheme(
            label=given["label"],
            variant=given["variant"],
            cap=float(given["cap"]),
            new_years=int(given["new_years"]),
            least_area_m2=float(given["least_area_m2"]),
            bonus_cap=float(given["bonus_cap"]),
            deduction_cap=float(given["deduction_cap"]),
            indicators=tuple(_indicator(entry) for entry in given["indicator"]),
            adjustments=tuple(Adjustment(**entry) for entry in given.get("adjust", [])),
            policies=tuple(given["policy"]),
            **shares,
        )
        _refuse(made, where)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as err:
        raise AssetError("tables.not_scheme", where=where, reason=err) from err
    return made


def _refuse_kinds(given: dict[str, Any], where: str) -> None:
    """Refuse an entry of another kind: words for a number, a number without end, no list."""
    wrong = _unlike(given, _LIKE, "")
    for name, like in _LIKE_OF.items():
        for number, entry in enumerate(given.get(name, []), start=1):
            wrong += _unlike(entry, like, f"[[{name}]] {number}: ")
            base = entry.get("baseline", "mean")
            if base != "mean" and not amounts.fits(base, 1.5, ""):
                wrong.append(f"[[{name}]] {number}: baseline")
            if name == "indicator" and len(entry.get("per", [])) != 2:
                wrong.append(f"[[{name}]] {number}: per")
            if name == "adjust" and not all(isinstance(text, str) for text in entry.values()):
                wrong.append(f"[[{name}]] {number}")
    if wrong:
        names = [*dict.fromkeys(wrong)]
        raise AssetError("tables.scheme", where=where, faults=[phrase("tables.kind", names=names)])


def _unlike(table: dict[str, Any], like: Mapping[str, Any], at: str) -> list[str]:
    """Return the names of what is of another kind, or not there."""
    read = {name: amounts.read(table.get(name), one) for name, one in like.items()}
    return [f"{at}{name}" for name, one in like.items() if not amounts.fits(read[name], one, "")]


def _indicator(entry: dict[str, Any]) -> Indicator:
    """Read one indicator."""
    baseline = entry["baseline"]
    return Indicator(
        name=entry["name"],
        label=entry["label"],
        label_en=entry["label_en"],
        per=(entry["per"][0], entry["per"][1]),
        weight=float(entry["weight"]),
        baseline=None if baseline == "mean" else float(baseline),
    )


def _refuse(made: Scheme, where: str) -> None:
    """Refuse a variant, figure, weight or adjustment that nobody can mean."""
    known = set(schema.names("enterprise"))
    names = {indicator.name for indicator in made.indicators}
    wrong = []
    if made.variant not in RERANKED:
        wrong.append(phrase("tables.variant", given=made.variant, known=[*RERANKED]))
    else:
        needed = {name for names_ in RERANKED[made.variant] for name in names_}
        wrong += [phrase("tables.indicator", name=name) for name in sorted(needed - names)]
    strange = [c for i in made.indicators for c in i.per if c not in known]
    wrong += [phrase("tables.column", name=name) for name in strange]
    low = [i.name for i in made.indicators if i.baseline is not None and i.baseline <= 0]
    wrong += [phrase("tables.baseline", name=name) for name in low]
    if abs(sum(i.weight for i in made.indicators) - 100) > 1e-9:
        wrong.append(phrase("tables.hundred"))
    if min(made.bonus_cap, made.deduction_cap) < 0:
        wrong.append(phrase("tables.caps"))
    if made.a_share > made.top or made.c_share > 1 - made.top:
        wrong.append(phrase("tables.shares"))
    for one in made.adjustments:
        is_graded = one.kind != "override" or one.grade in GRADES
        if one.kind not in _KINDS or not one.reason or not is_graded:
            wrong.append(phrase("tables.adjust", id=one.enterprise_id))
    if wrong:
        raise AssetError("tables.scheme", where=where, faults=wrong)
