"""Codes and numbers: built as their standard has them, and in keeping with the facts beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import codes, findings
from landuse.check import about
from landuse.check.settle import base_ids
from landuse.codes import divisions
from landuse.errors import AssetError
from landuse.terms import Role

if TYPE_CHECKING:
    from landuse.layers import Workspace

_MOST = 0.5  # share of a layer's numbers that must be well built before others are called wrong

_KINDS = {"A": "划拨", "B": "出让"}
"""Letter of an 电子监管号 → how the land was supplied; so in all 392 of two published files."""


def of_supplies(tables: dict[str, pd.DataFrame], workspace: Workspace) -> list[pd.DataFrame]:
    """Name 电子监管号 that are malformed or contradict the contract they belong to."""
    supplies = tables[Role.SUPPLY]
    ids = base_ids(supplies, Role.SUPPLY)
    parts = codes.supervisions(ids)
    year = supplies["signed_on"].dt.year
    other_year = parts["amendment"].isna() & (parts["year"].astype("Float64") != year)
    mode = supplies["supply_mode"]
    wanted: pd.Series = parts["kind"].map(_KINDS)
    named = mode.str.contains("|".join(_KINDS.values()), na=False)
    other_kind = named & wanted.notna() & ~_contains(mode, wanted)
    return [
        _malformed("supply_id_form", supplies, "supply_id", ids, parts["serial"].notna()),
        about.rows(
            "supply_id_year",
            Role.SUPPLY,
            supplies,
            other_year & year.notna(),
            "supply_id",
            year=year.astype("Int64").astype("str"),
        ),
        about.rows(
            "supply_id_kind",
            Role.SUPPLY,
            supplies,
            other_kind,
            "supply_id",
            kind=parts["kind"],
            mode=mode,
        ),
        *_divisions(supplies, "supply_id", parts["division"], workspace),
    ]


def of_parcels(tables: dict[str, pd.DataFrame], workspace: Workspace) -> list[pd.DataFrame]:
    """Name 宗地代码 and 不动产单元代码 that GB/T 37346—2019 forbids, or of other divisions."""
    supplies = tables[Role.SUPPLY]
    code = supplies["parcel_code"]
    parts = codes.parcels(code)
    collective = parts["right"].isin(["A", "C"]) & (parts["ownership"] != "J")
    bare = (parts["fixture"] == "W") != (parts["unit"] == "0" * 8)
    lies = codes.current(parts["division"])
    given = codes.current(codes.supervisions(base_ids(supplies, Role.SUPPLY))["division"])
    zones = divisions.statistical()
    apart = lies.notna() & given.notna() & (lies != given) & ~lies.isin(zones) & ~given.isin(zones)
    apart &= ~lies.str.endswith("00", na=False) & ~given.str.endswith("00", na=False)
    said = [
        ("parcel_code_right", collective, {}),
        ("parcel_code_serial", parts["serial"] == "00000", {}),
        ("parcel_code_fixture", bare & parts["fixture"].notna(), {}),
        ("parcel_code_collective", (parts["ownership"] == "J") & ~collective, {}),
        ("divisions_differ", apart, {"lies": lies, "given": given}),
    ]
    return [
        _malformed("parcel_code_form", supplies, "parcel_code", code, parts["serial"].notna()),
        *(
            about.rows(key, Role.SUPPLY, supplies, where, "parcel_code", **details)
            for key, where, details in said
        ),
        *_divisions(supplies, "parcel_code", parts["division"], workspace),
        about.rows(
            "division_former",
            Role.SUPPLY,
            supplies,
            parts["division"].isin(list(divisions.former())),
            "parcel_code",
            now=codes.current(codes.plain(code)),
        ),
    ]


def of_owners(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name supplies of land that is not the state's, and those whose parcel code says another."""
    supplies = tables[Role.SUPPLY]
    owner = _owner(supplies["ownership"])
    letter = codes.parcels(supplies["parcel_code"])["ownership"]
    differs = owner.notna() & letter.isin(["G", "J"]) & (owner != letter)
    role, said = Role.SUPPLY, {"parcel": supplies["parcel_code"], "letter": letter}
    return [
        about.rows("ownership_collective", role, supplies, owner == "J", "ownership"),
        about.rows("ownership_differs", role, supplies, differs, "ownership", **said),
    ]


def _owner(written: pd.Series) -> pd.Series:
    """Return G for the state and J for a collective, as words or codes of 权属性质 say it."""
    letters = {"G": r"^[12]\d?$|国有", "J": r"^[34]\d?$|集体"}
    owner = pd.Series(pd.NA, index=written.index, dtype="str")
    for letter, form in letters.items():
        owner = owner.mask(written.str.contains(form, regex=True, na=False), letter)
    return owner


def of_approvals(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name 批准文号 that are no document numbers, of another year, or used more than once."""
    approvals = tables[Role.APPROVAL]
    text = approvals["approval_number"]
    parts = codes.approval_numbers(text)
    year = approvals["approved_on"].dt.year
    other_year = parts["year"].notna() & year.notna() & (parts["year"].astype("Float64") != year)
    ids = base_ids(approvals, Role.APPROVAL)
    same = parts["normalised"]
    users = ids[same.notna()].groupby(same[same.notna()])
    shared = same.map(users.nunique()).fillna(0) > 1
    others = same.map(users.agg(lambda group: "、".join(sorted(set(group.dropna())))))
    role = Role.APPROVAL
    return [
        _malformed("approval_number_form", approvals, "approval_number", text, same.notna(), role),
        about.rows(
            "approval_number_year",
            role,
            approvals,
            other_year,
            "approval_number",
            year=year.astype("Int64").astype("str"),
        ),
        about.rows(
            "approval_number_shared", role, approvals, shared, "approval_number", others=others
        ),
    ]


def of_uses(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name land-use codes without a classification, and those it does not have."""
    return [
        *_uses(Role.SUPPLY, tables[Role.SUPPLY], "land_use_code"),
        *_uses(Role.PLAN, tables[Role.PLAN], "plan_code"),
    ]


def of_systems(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Say what is lost where supplies and plan are coded in different classifications."""
    said = []
    supplies, plan = tables[Role.SUPPLY], tables[Role.PLAN]
    targets = sorted(codes.key_of(plan["code_system"]).dropna().unique())
    key = codes.key_of(supplies["code_system"])
    for source, target in ((one, other) for one in key.dropna().unique() for other in targets):
        if source == target:
            continue
        given = codes.plain(supplies["land_use_code"])[key == source].dropna().drop_duplicates()
        known = given[given.isin(codes.classification(source).names)].sort_values()
        try:
            read = codes.translated(known, source, target)
        except AssetError:
            read = pd.DataFrame({"code": None, "loses_detail": False}, index=known.index)
        lost, merged = known[read["code"].isna()], known[read["loses_detail"]]
        said.append(
            findings.rows(
                "use_codes_translated",
                layer=str(supplies.loc[key == source, "source_layer"].iloc[0]),
                column="land_use_code",
                value=codes.classification(source).title,
                other=codes.classification(target).title,
                count=len(known) - len(lost),
                lost="、".join(lost) or "-",
                merged="、".join(merged) or "-",
            )
        )
    return said


def of_industries(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name projects whose industry is no section or division of GB/T 4754—2017."""
    projects = tables[Role.PROJECT]
    code = codes.plain(projects["industry"])
    coded = code.str.fullmatch(r"[A-Z]?\d{2,4}|[A-Z]", na=False)
    known = codes.classification("gbt4754_2017")
    division = code.str.extract(r"(\d{2})")[0]
    section = code.str.extract(r"^([A-Z])")[0]
    right = division.isna() | division.isin(known.names)
    right &= section.isna() | section.isin(known.names)
    right &= division.isna() | section.isna() | (division.map(dict(known.parents)) == section)
    return [
        about.rows("industry_unknown", Role.PROJECT, projects, coded & ~right, "industry"),
    ]


def _uses(role: Role, table: pd.DataFrame, column: str) -> list[pd.DataFrame]:
    """Return the findings about one column of land-use codes."""
    code = codes.plain(table[column])
    named = table["code_system"]
    key = codes.key_of(named)
    said = [
        _each_layer("code_system_missing", table, code.notna() & named.isna(), column),
        about.rows("code_system_unknown", role, table, named.notna() & key.isna(), "code_system"),
    ]
    for system in sorted(key.dropna().unique()):
        held = codes.classification(system)
        inside = (key == system) & code.notna()
        lost = inside & ~code.isin(held.names)
        said.append(about.rows("use_code_unknown", role, table, lost, column, system=held.title))
        if role is Role.SUPPLY:
            meant: pd.Series = code.map(dict(held.names))
            written = table["land_use"]
            other = inside & meant.notna() & written.isin(held.names.values()) & (written != meant)
            said.append(
                about.rows("use_differs", role, table, other, column, meant=meant, written=written)
            )
    return said


def _divisions(
    table: pd.DataFrame, column: str, division: pd.Series, workspace: Workspace
) -> list[pd.DataFrame]:
    """Name numbers whose division is not of the workspace's city, or none that exists there."""
    home = workspace.division_code.rstrip("0")
    home += "0" * (len(home) % 2)
    if not home:
        return []
    given = division.notna()
    foreign = given & ~division.str.startswith(home, na=False)
    known = {code for code in divisions.names() if code.startswith(home)}
    unknown = given & ~foreign & ~division.isin(known) if known else given & False
    role = Role.SUPPLY
    return [
        about.rows(
            "division_foreign", role, table, foreign, column, division=division, home=workspace.name
        ),
        about.rows("division_unknown", role, table, unknown, column, division=division),
    ]


def _malformed(
    code: str,
    table: pd.DataFrame,
    column: str,
    text: pd.Series,
    right: pd.Series,
    role: Role = Role.SUPPLY,
) -> pd.DataFrame:
    """Name numbers that are malformed in a layer most of whose numbers are not."""
    written = text.notna() & ~text.str.startswith("~", na=False)
    share = right[written].groupby(table.loc[written, "source_layer"]).mean()
    usual = table["source_layer"].map(share).fillna(0) > _MOST
    return about.rows(code, role, table, usual & written & ~right, column)


def _each_layer(code: str, table: pd.DataFrame, where: Any, column: str) -> pd.DataFrame:
    """Say once a layer how many rows a thing holds for."""
    counted = table[about.mask(where)].groupby("source_layer", sort=True).size()
    return findings.rows(code, layer=list(counted.index), column=column, count=list(counted))


def _contains(texts: pd.Series, words: pd.Series) -> pd.Series:
    """Whether each text holds the word beside it."""
    pairs = zip(texts.fillna(""), words.fillna(""), strict=True)
    return pd.Series([word in text for text, word in pairs], index=texts.index)
