"""
What the card of a parcel says, field by field.

Only facts that other acts have settled; a field without a value is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from landuse import findings, schema, terms, texts
from landuse.maps.columns import each, filled, first, rows, taken
from landuse.terms import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.maps.codec import Packing
    from landuse.maps.scene import Scene
    from landuse.schema import Kind
    from landuse.texts import Lang

Shown = Literal["text", "day", "area", "money", "share", "days", "number"]

_BETWEEN = "；"
"""Stands between several things of one cell."""

_SHOWN: dict[Kind, Shown] = {
    "id": "text",
    "text": "text",
    "bool": "text",
    "day": "day",
    "m2": "area",
    "cny": "money",
    "share": "share",
    "number": "number",
}
PACKINGS: dict[Shown, Packing] = {
    "text": "text",
    "day": "whole",
    "days": "float",
    "area": "float",
    "money": "float",
    "share": "float",
    "number": "float",
}


Found = dict[str, pd.Series]
"""Columns that grow, one row a case."""

Names = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One line of the card: `column` of the packed table, `group` it stands under."""

    column: str
    label: str
    shown: Shown
    group: str


_SUPPLY = {
    "identity": ("parcel_code", "location", "supply_mode", "land_use"),
    "area": ("declared_area", "required_area", "developed_area"),
    "days": (
        "signed_on", "agreed_delivery_on", "delivered_on", "agreed_commencement_on",
        "extended_commencement_on", "commenced_on", "suspended_on", "resumed_on",
        "agreed_completion_on", "completed_on", "production_on",
    ),
    "papers": ("contract_number", "investigation_number", "determination_number"),
}  # fmt: skip
_APPROVAL = {
    "identity": ("approval_number", "batch_name", "compensation_done"),
    "area": ("declared_area",),
    "days": ("approved_on", "withdrawn_on"),
}
_CASE: dict[str, tuple[str, ...]] = {
    "judgement": (
        "reason", "missing", "articles", "evidence", "clock_from", "clock_basis", "gross_days",
        "paused_days", "idle_days",
        "built_share", "invested_share", "next_status", "next_status_on",
    ),
    "action": ("grade", "measures", "fee_cny", "lead", "support", "due_on"),
}  # fmt: skip
_TOLD = ("law", "steps")
GROUPS = ("identity", "area", "judgement", "action", "days", "law", "papers", "findings")
"""Groups of the card in the order they are read."""


HIDDEN: dict[str, Packing] = {"idle_band": "text", "finding_level": "text", "pause_days": "text"}
"""Columns that filters and the line of days read, and no card shows."""

FACETS = {
    "idle_band": "map.facet_idle",
    "grade": "map.field_grade",
    "measures": "map.field_measures",
    "lead": "map.field_lead",
    "finding_level": "map.group_findings",
}
"""Columns one can filter by, with what they are called."""

_BANDS = ("idle_band_0", "idle_band_1", "idle_band_2", "idle_band_3")
_LEVELS = ("error", "warning", "info")


class Cards(NamedTuple):
    """
    What the cards of all cases say.

    `table` has one row a case: the columns of `fields`, `case_id`, `kind` and `name` to search by,
    and the `HIDDEN` ones.
    """

    table: pd.DataFrame
    fields: list[Field]

    def of(self, rows: NDArray[np.intp]) -> Cards:
        """Return the cards of some cases; fields that none of them fills are left out."""
        table = self.table.iloc[rows].reset_index(drop=True)
        return Cards(table, [f for f in self.fields if table[f.column].notna().any()])


def cards(scene: Scene, cases: pd.DataFrame) -> Cards:
    """
    Return what the cards of cases say.

    Parameters
    ----------
    scene
        Source tables and language.
    cases
        They give the rows; a range index.
    """
    lang = scene.lang
    found = {name: cases[name] for name in ("case_id", "kind", "area_m2")}
    own = {role: _own(scene, role, cases) for role in (Role.SUPPLY, Role.APPROVAL)}
    fields = [
        *_project(found, cases, lang),
        *_joined(found, scene, Role.SUPPLY, own[Role.SUPPLY], _SUPPLY),
        *_joined(found, scene, Role.APPROVAL, own[Role.APPROVAL], _APPROVAL),
        *_places(found, scene, cases),
        *_of_case(found, cases, lang),
        *_pauses(found, scene, cases["paused_days"]),
        *_findings(found, scene),
        *_told(found, scene),
        *_origin(found, scene, own),
    ]
    found["idle_band"] = _bands(cases, lang)
    found["name"] = first(cases["right_holder"], found["approval.batch_name"])
    return Cards(pd.DataFrame(found), sorted(fields, key=lambda f: GROUPS.index(f.group)))


def _own(scene: Scene, role: Role, cases: pd.DataFrame) -> NDArray[np.intp]:
    """Return the row of each case in the table of a role, -1 where it is of another."""
    found = rows(scene.table(role)[f"{role}_id"], cases["case_id"])
    return np.where(cases["kind"] == role, found, -1)


def _project(found: Found, cases: pd.DataFrame, lang: Lang) -> list[Field]:
    """Add the project, by which cases of both roles are searched."""
    found["project"] = filled(cases["project_name"])
    return [Field("project", schema.heading(Role.SUPPLY, "project_name", lang), "text", "identity")]


def _joined(
    found: Found, scene: Scene, role: Role, own: NDArray[np.intp], groups: dict[str, Names]
) -> list[Field]:
    """Add columns of a source table to the cases made from it; return their fields."""
    source = scene.table(role)
    fields = []
    for group, names in groups.items():
        for name in names:
            column = schema.column(role, name)
            values = source[name]
            if column.kind == "bool":
                values = _yes_no(values, scene.lang)
            found[f"{role}.{name}"] = taken(values, own)
            label = schema.heading(role, name, scene.lang)
            fields.append(Field(f"{role}.{name}", label, _SHOWN[column.kind], group))
    return fields


def _places(found: Found, scene: Scene, cases: pd.DataFrame) -> list[Field]:
    """Add the names of the cluster and the park a case is counted in."""
    fields = []
    for role in (Role.CLUSTER, Role.PARK):
        source = scene.table(role)
        ids = filled(cases[f"{role}_id"])
        names = taken(source[f"{role}_name"], rows(source[f"{role}_id"], ids))
        found[f"{role}_name"] = first(names, ids)
        label = schema.heading(role, f"{role}_name", scene.lang)
        fields.append(Field(f"{role}_name", label, "text", "identity"))
    return fields


def _of_case(found: Found, cases: pd.DataFrame, lang: Lang) -> list[Field]:
    """Add what was judged about a case."""
    fields = []
    for group, names in _CASE.items():
        for name in names:
            found[name] = _said(cases, name, lang)
            shown = "days" if name.endswith("_days") else _SHOWN[schema.CASE_COLUMNS[name]]
            label = texts.say(f"map.field_{name}", lang)
            fields.append(Field(name, label, shown, group))
    return fields


def facets(table: pd.DataFrame, lang: Lang) -> list[dict[str, Any]]:
    """Return the filters of a map: those whose column any case fills, with their known order."""
    orders = {
        "idle_band": [texts.say(f"map.{band}", lang) for band in _BANDS],
        "finding_level": [texts.say(f"map.level_{level}", lang) for level in _LEVELS],
    }
    return [
        {
            "name": name,
            "label": texts.say(label, lang),
            "is_list": name == "measures",
            "values": orders.get(name, []),
        }
        for name, label in FACETS.items()
        if table[name].notna().any()
    ]


def _bands(cases: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return how many full years land has lain idle, in words; missing where it does not."""
    years = cases["full_years"].fillna(0).clip(0, len(_BANDS) - 1)
    idle = years.where(cases["status"].isin(terms.IDLE))
    return each(idle, lambda full: texts.say(f"map.{_BANDS[int(full)]}", lang))


def _pauses(found: Found, scene: Scene, counted: pd.Series) -> list[Field]:
    """Add the lawful pauses of a supply, as text and as days since 1970 from/to."""
    lang, pauses = scene.lang, scene.table(Role.PAUSE)
    pauses = pauses[pauses["begins_on"].notna()].sort_values(["supply_id", "begins_on"])
    field = Field("pauses", texts.say("map.field_pauses", lang), "text", "days")
    if pauses.empty:
        found["pauses"] = found["pause_days"] = _nothing(found)
        return [field]
    ends = pauses["ends_on"].dt.strftime("%Y-%m-%d").fillna(texts.say("map.still", lang))
    causes = each(pauses["cause"], partial(_cause, lang=lang)).set_axis(pauses.index)
    span = pauses["begins_on"].dt.strftime("%Y-%m-%d") + " – " + ends
    pauses = pauses.assign(
        said=(causes + " " + span + " " + pauses["document_number"].fillna("")).str.strip(),
        days=_numbered(pauses["begins_on"]) + "/" + _numbered(pauses["ends_on"]),
    )
    groups = pauses.groupby("supply_id")
    for column, source, link in (("pauses", "said", "\n"), ("pause_days", "days", " ")):
        joined = groups[source].agg(link.join).astype(object)
        own = rows(joined.index.to_series(), found["case_id"])
        found[column] = taken(joined, np.where(found["kind"] == Role.SUPPLY, own, -1))
    # a pause that deducts nothing is said to deduct nothing
    found["paused_days"] = found["paused_days"].where(found["pauses"].isna(), counted)
    return [field]


def _nothing(found: Found) -> pd.Series:
    """Return a column that says nothing of any case."""
    return pd.Series(None, index=found["case_id"].index, dtype=object)


def _numbered(days: pd.Series) -> pd.Series:
    """Return calendar days as text of days since 1970, "x" where there is none."""
    counted = days.astype("datetime64[s]").astype("int64") // 86_400
    return counted.astype("str").where(days.notna(), "x")


def _cause(code: str, lang: Lang) -> str:
    """Return a cause of delay with its words."""
    words = terms.PAUSE_CAUSES.get(code)
    return str(code) if words is None else f"{code} {words[0 if lang == 'zh' else 1]}"


def _findings(found: Found, scene: Scene) -> list[Field]:
    """Add what was found wrong with a case's own row, the gravest first."""
    roles = {source.name: str(source.role) for source in scene.workspace.sources}
    known = scene.findings
    known = known[known["feature_id"].isin(found["case_id"])]
    field = Field("findings", texts.say("map.group_findings", scene.lang), "text", "findings")
    if known.empty:
        found["findings"] = found["finding_level"] = _nothing(found)
        return [field]
    shown = findings.rendered(known, scene.lang)
    shown["role"] = shown["layer"].map(roles)
    shown["rank"] = shown["severity"].map({level: n for n, level in enumerate(_LEVELS)})
    shown["level"] = [texts.say(f"map.level_{word}", scene.lang) for word in shown["severity"]]
    shown = shown[shown["role"].isin([Role.SUPPLY, Role.APPROVAL])]
    shown = shown.sort_values("rank", kind="stable")
    frame = texts.template("map.finding", scene.lang)
    named = [name for _, name, _, _ in Formatter().parse(frame) if name]
    shown["line"] = [frame.format_map(row) for row in shown[named].to_dict("records")]
    shown["key"] = _key(shown["role"], shown["feature_id"])
    groups = shown.groupby("key", sort=False)
    lines, levels = groups["line"].agg("\n".join), groups["level"].first()
    own = rows(lines.index.to_series(), _key(found["kind"], found["case_id"]))
    found["findings"] = taken(lines.astype(object), own)
    found["finding_level"] = taken(levels.astype(object), own)
    return [field]


def _key(role: pd.Series, id_: pd.Series) -> pd.Series:
    """Return role and id as one text."""
    return role.astype("str") + " " + id_


def _told(found: Found, scene: Scene) -> list[Field]:
    """Add what the law says and what it asks next."""
    if scene.told is None:
        return []
    own = rows(scene.told.index.to_series(), found["case_id"])
    for name in _TOLD:
        found[name] = taken(scene.told[name], own)
    return [
        Field(name, texts.say(f"map.field_{name}", scene.lang), "text", "law") for name in _TOLD
    ]


def _origin(found: Found, scene: Scene, own: dict[Role, NDArray[np.intp]]) -> list[Field]:
    """Add the file, the layer or sheet, the row and the day a case's own facts come from."""
    sources = {source.name: source for source in scene.workspace.sources}
    said = texts.template("map.origin", scene.lang)
    declared = {
        name: f"{_BETWEEN}{texts.say('layers.all', scene.lang, values=values)}"
        for name, source in sources.items()
        if (values := source.declared(scene.lang))
    }
    told = pd.Series(index=found["case_id"].index, dtype=object)
    for role, numbers in own.items():
        table = scene.table(role)[["source_layer", "source_file", "source_row"]]
        table = table.iloc[numbers[numbers >= 0]]
        lines = pd.Series(index=table.index, dtype=object)
        for (layer, file), part in table.groupby(["source_layer", "source_file"], sort=False):
            source = sources.get(str(layer))
            where = [str(file), source.layer or "" if source else ""]
            day = source.as_of.isoformat() if source else "—"
            place = _BETWEEN.join(filter(None, where))
            lines[part.index] = [
                said.format(place=place, row=row, day=day) + declared.get(str(layer), "")
                for row in part["source_row"]
            ]
        told.iloc[(numbers >= 0).nonzero()[0]] = lines.to_numpy()
    found["origin"] = told
    return [Field("origin", texts.say("map.field_origin", scene.lang), "text", "papers")]


def _said(cases: pd.DataFrame, name: str, lang: Lang) -> pd.Series:
    """Return what is said of each case under one name; missing where nothing is."""
    if name == "idle_days":  # the same count runs for land that is late without being idle
        return cases["net_days"].where(cases["status"].isin(terms.IDLE))
    values = filled(cases[name])
    if name == "paused_days":
        return values.where(values > 0)
    if name == "next_status":
        return each(values, lambda status: terms.label(terms.Status(status), lang))
    if name == "clock_basis":
        headings = _headings(lang)
        return each(values, lambda column: headings.get(column, column))
    if name == "missing":
        return _missing(values, cases["kind"], lang)
    return values


def _missing(values: pd.Series, kind: pd.Series, lang: Lang) -> pd.Series:
    """Return the headings of the facts a case lacks."""
    told = pd.Series(index=values.index, dtype=object)
    for role in (Role.SUPPLY, Role.APPROVAL):
        own = values.where(kind == role)
        spoken = each(own, partial(_spoken, role=role, lang=lang))
        told = told.where(own.isna().to_numpy(), spoken.to_numpy())
    return told


def _spoken(cell: str, role: Role, lang: Lang) -> str:
    """Return the headings of the columns of a cell."""
    return _BETWEEN.join(schema.spoken(role, word, lang) for word in cell.split(_BETWEEN))


def _headings(lang: Lang) -> dict[str, str]:
    """Return the headings of the days a count can begin with."""
    return {
        column.name: schema.heading(role, column.name, lang)
        for role in (Role.APPROVAL, Role.SUPPLY)
        for column in schema.columns(role)
        if column.kind == "day"
    }


def _yes_no(values: pd.Series, lang: Lang) -> pd.Series:
    """Return a boolean as a word."""
    return each(values, lambda is_so: texts.say("map.yes" if is_so else "map.no", lang))
