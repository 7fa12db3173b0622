"""Profiles as they are declared: ours, and those of a workspace."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from landuse import schema, texts
from landuse.errors import WorkspaceError
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.layers import Workspace

COORDINATES = ("exact", "coarse", "absent")
PERSONS = ("plain", "masked")
WHOLE = ("findings", "entries")
"""Tables beside the roles that may be hidden: findings, and what staff filled in."""

LEAST_GRID_M = 10.0
"""A finer grid would give survey coordinates away."""

_WHERE = "layers/workspace.toml"
_NEEDED = frozenset({
    "case_id", "kind", "cluster_id", "park_id", "state", "status", "is_determined", "area_m2",
})  # fmt: skip
"""Columns of a case that say what it is; an output without them is none."""


@dataclass(frozen=True)
class Profile:
    """
    What outputs of one kind may hold.

    Attributes
    ----------
    name
        What `--profile` calls it.
    marking
        密级, or 「内部资料 注意保管」; it stands on every output people read.
    map_approval
        审图号; it stands on every map.
    published
        Whether outputs leave the office. Maps of a published profile need a `map_approval`.
    coordinates
        ``exact``; ``coarse``: every vertex on a grid of `grid_m` metres; ``absent``: no shapes, and
        no maps.
    grid_m
        Width of that grid, at least 10 m.
    persons
        ``plain``, or ``masked``: names of natural persons become 张某某, identity cards and mobile
        phones asterisks, wherever they stand. Names of firms stay.
    hidden
        Columns (``supply.price``, ``case.fee_cny``) and whole tables (``pause``, ``findings``,
        ``entries``) that are left empty.
    """

    name: str
    marking: str = ""
    map_approval: str = ""
    published: bool = False
    coordinates: str = "exact"
    grid_m: float = 50.0
    persons: str = "plain"
    hidden: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the profile as a manifest states it."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return told | {"hidden": list(self.hidden)}


OURS = {
    "internal": Profile("internal", marking=texts.say("profiles.keep")),
    "leaders": Profile(
        "leaders",
        marking=texts.say("profiles.keep"),
        coordinates="coarse",
        persons="masked",
        hidden=("findings",),
    ),
    "public": Profile(
        "public",
        published=True,
        coordinates="absent",
        persons="masked",
        hidden=(
            "findings", "entries", "pause", "enterprise", "project", "supply.price",
            "supply.contract_number", "supply.planned_investment", "supply.invested",
            "supply.is_seized", "supply.is_mortgaged", "case.fee_cny", "case.is_fee_due",
            "case.bond", "case.invested_share", "case.evidence", "case.reason", "case.missing",
            "case.grade", "case.priority_grade",
        ),
    ),
}  # fmt: skip
"""internal: everything, marked. leaders: masked and coarse. public: no shapes, no money."""


def chosen(workspace: Workspace, name: str) -> Profile:
    """
    Return a profile by its name, as the workspace declares it or as ours is.

    Parameters
    ----------
    workspace
        Its `[profiles.<name>]` goes before ours. What it leaves out is as `based_on` says, or as
        ours of the same name, or as internal.
    name
        The name asked for.

    Raises
    ------
    WorkspaceError
        If there is no such profile, or it cannot be meant as written.
    """
    known = {**OURS, **workspace.profiles}
    if name not in known:
        raise WorkspaceError("profiles.unknown", name=name, known=[*known])
    if name not in workspace.profiles:
        return OURS[name]
    given = workspace.profiles[name]
    where = f"{_WHERE} [profiles.{name}]"
    if not isinstance(given, dict):
        raise WorkspaceError("profiles.no_table", where=where)
    base = str(given.get("based_on", name if name in OURS else "internal"))
    if base not in OURS:
        raise WorkspaceError("profiles.unknown", name=base, known=[*OURS])
    own = {key: value for key, value in given.items() if key != "based_on"}
    _check_types(own, where)
    if "hidden" in own:
        own["hidden"] = tuple(str(word) for word in own["hidden"])
    made = replace(OURS[base], **{**own, "name": name})
    _check(made, where)
    return made


def _check_types(given: Mapping[str, Any], where: str) -> None:
    """Refuse unknown keys and values of another type."""
    kinds: dict[str, tuple[type, ...]] = {
        "marking": (str,), "map_approval": (str,), "published": (bool,), "coordinates": (str,),
        "grid_m": (int, float), "persons": (str,), "hidden": (list,),
    }  # fmt: skip
    for key, value in given.items():
        if (
            key not in kinds
            or not isinstance(value, kinds[key])
            or (isinstance(value, bool) and bool not in kinds[key])
        ):
            raise _bad(where, key, value, ("based_on", *kinds))


def _bad(where: str, name: str, value: object, allowed: tuple[str, ...]) -> WorkspaceError:
    """Return the error of a key that cannot be meant."""
    return WorkspaceError("profiles.bad_key", where=where, name=name, value=value, allowed=allowed)


def _check(made: Profile, where: str) -> None:
    """Refuse words that mean nothing, and maps that may not be published."""
    for key, allowed in (("coordinates", COORDINATES), ("persons", PERSONS)):
        if getattr(made, key) not in allowed:
            raise _bad(where, key, getattr(made, key), tuple(allowed))
    if not made.grid_m >= LEAST_GRID_M:
        raise WorkspaceError("profiles.fine_grid", where=where, least=LEAST_GRID_M)
    for word in made.hidden:
        if not _can_hide(word):
            raise WorkspaceError("profiles.cannot_hide", where=where, word=word)
    if made.published and made.coordinates != "absent" and not made.map_approval:
        raise WorkspaceError("profiles.no_approval", where=where)


def _can_hide(word: str) -> bool:
    """Whether a column or table is there and outputs can do without it."""
    table, _, column = word.partition(".")
    if table == "case":
        return column in schema.CASE_COLUMNS and column not in _NEEDED
    if table not in set(Role):
        return word in WHOLE
    if not column:
        return table not in {Role.SUPPLY, Role.APPROVAL}
    needed = {c.name for c in schema.columns(table) if c.required} | {"cluster_id", "park_id"}
    return column in schema.names(table) and column not in needed
