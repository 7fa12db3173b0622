"""
What the card of a parcel says, field by field.

Only facts that other acts have settled; a field without a value is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from landuse import findings, schema, terms, texts
from landuse.terms import Role

if TYPE_CHECKING:
    from landuse.maps.codec import Packing
    from landuse.maps.scene import Scene, View
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


@dataclass(frozen=True)
class Field:
    """One line of the card: `column` of the packed table, `group` it stands under."""

    column: str
    label: str
    shown: Shown
    group: str


_SUPPLY = {
    "identity": ("parcel_code", "project_name", "location", "supply_mode", "land_use"),
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


def table(scene: Scene, view: View) -> tuple[pd.DataFrame, list[Field]]:
    """
    Return what the cards of a map say.

    Parameters
    ----------
    scene
        Source tables and language.
    view
        One map; its cases give the rows.

    Returns
    -------
    table, fields
        One row a case, in the order of `view.cases`: the columns of the fields, and `case_id`,
        `kind`, `name`, `project` and `code` to search by, and the `HIDDEN` ones. Fields that no
        case fills are left out.
    """
    cases = view.cases
    result = pd.DataFrame({"case_id": cases["case_id"], "kind": cases["kind"]})
    result["area_m2"] = cases["area_m2"]
    fields = [
        *_joined(result, scene, Role.SUPPLY, _SUPPLY),
        *_joined(result, scene, Role.APPROVAL, _APPROVAL),
        *_places(result, scene, cases),
        *_of_case(result, cases, scene.lang),
        *_pauses(result, scene, cases["paused_days"]),
        *_findings(result, scene),
        *_told(result, scene),
        *_origin(result, scene),
    ]
    result["idle_band"] = _bands(cases, scene.lang)
    result["name"] = _first(cases["right_holder"], result["approval.batch_name"])
    result["project"] = cases["project_name"]
    result["code"] = _first(result["supply.parcel_code"], result["approval.approval_number"])
    filled = [f for f in fields if result[f.column].notna().any()]
    return result, sorted(filled, key=lambda f: GROUPS.index(f.group))


def _joined(
    result: pd.DataFrame, scene: Scene, role: Role, groups: dict[str, tuple[str, ...]]
) -> list[Field]:
    """Add columns of a source table to the cases made from it; return their fields."""
    key = f"{role}_id"
    # ids are unique once the checks are settled; a caller's own frame may be less tidy
    source = scene.table(role).drop_duplicates(key).set_index(key)
    source = source[[name for names in groups.values() for name in names]]
    source = source.reindex(result["case_id"]).set_axis(result.index)
    is_of_role = result["kind"] == role
    fields = []
    for group, names in groups.items():
        for name in names:
            column = schema.column(role, name)
            values = source[name].where(is_of_role)
            if column.kind == "bool":
                values = _yes_no(values, scene.lang)
            result[f"{role}.{name}"] = values
            label = schema.heading(role, name, scene.lang)
            fields.append(Field(f"{role}.{name}", label, _SHOWN[column.kind], group))
    return fields


def _places(result: pd.DataFrame, scene: Scene, cases: pd.DataFrame) -> list[Field]:
    """Add the names of the cluster and the park a case is counted in."""
    fields = []
    for role in (Role.CLUSTER, Role.PARK):
        source = scene.table(role).drop_duplicates(f"{role}_id")
        names = source.set_index(f"{role}_id")[f"{role}_name"]
        ids = cases[f"{role}_id"]
        result[f"{role}_name"] = _first(ids.map(names), ids.where(ids != ""))
        label = schema.heading(role, f"{role}_name", scene.lang)
        fields.append(Field(f"{role}_name", label, "text", "identity"))
    return fields


def _of_case(result: pd.DataFrame, cases: pd.DataFrame, lang: Lang) -> list[Field]:
    """Add what was judged about a case."""
    fields = []
    for group, names in _CASE.items():
        for name in names:
            result[name] = _said(cases, name, lang)
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
        if (table[name].fillna("").astype("str") != "").any()
    ]


def _bands(cases: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return how many full years land has lain idle, in words; missing where it does not."""
    years = cases["full_years"].fillna(0).clip(0, len(_BANDS) - 1).astype("int64")
    words = years.map({n: texts.say(f"map.{band}", lang) for n, band in enumerate(_BANDS)})
    return words.astype(object).where(cases["status"].isin(terms.IDLE))


def _pauses(result: pd.DataFrame, scene: Scene, counted: pd.Series) -> list[Field]:
    """Add the lawful pauses of a supply, as text and as days since 1970 from/to."""
    lang, rows = scene.lang, scene.table(Role.PAUSE)
    rows = rows[rows["begins_on"].notna()].sort_values(["supply_id", "begins_on"])
    ends = rows["ends_on"].dt.strftime("%Y-%m-%d").fillna(texts.say("map.still", lang))
    causes = rows["cause"].map({code: _cause(code, lang) for code in rows["cause"].unique()})
    span = rows["begins_on"].dt.strftime("%Y-%m-%d") + " – " + ends
    rows = rows.assign(
        said=(causes + " " + span + " " + rows["document_number"].fillna("")).str.strip(),
        days=_numbered(rows["begins_on"]) + "/" + _numbered(rows["ends_on"]),
    )
    is_supply = result["kind"] == Role.SUPPLY
    for column, source, link in (("pauses", "said", "\n"), ("pause_days", "days", " ")):
        joined = rows.groupby("supply_id")[source].agg(link.join).astype(object)
        result[column] = result["case_id"].map(joined).where(is_supply)
    # a pause that deducts nothing is said to deduct nothing
    has_any = result["pauses"].notna()
    result["paused_days"] = result["paused_days"].where(~has_any, counted)
    return [Field("pauses", texts.say("map.field_pauses", lang), "text", "days")]


def _numbered(days: pd.Series) -> pd.Series:
    """Return calendar days as text of days since 1970, "x" where there is none."""
    counted = days.astype("datetime64[s]").astype("int64") // 86_400
    return counted.astype("str").where(days.notna(), "x")


def _cause(code: str, lang: Lang) -> str:
    """Return a cause of delay with its words."""
    words = terms.PAUSE_CAUSES.get(code)
    return str(code) if words is None else f"{code} {words[0 if lang == 'zh' else 1]}"


def _findings(result: pd.DataFrame, scene: Scene) -> list[Field]:
    """Add what was found wrong with a case's own row, the gravest first."""
    roles = {source.name: str(source.role) for source in scene.workspace.sources}
    found = scene.findings
    found = found[found["feature_id"].isin(result["case_id"])]
    shown = findings.rendered(found, scene.lang)
    shown["role"] = shown["layer"].map(roles)
    shown["rank"] = shown["severity"].map({level: n for n, level in enumerate(_LEVELS)})
    shown["level"] = [texts.say(f"map.level_{word}", scene.lang) for word in shown["severity"]]
    shown = shown[shown["role"].isin([Role.SUPPLY, Role.APPROVAL])].sort_values(
        "rank", kind="stable"
    )
    frame = texts.template("map.finding", scene.lang)
    shown["line"] = [frame.format_map(row) for row in shown.to_dict("records")]
    groups = shown.groupby(["role", "feature_id"], sort=False)
    keys = pd.MultiIndex.from_arrays([result["kind"], result["case_id"]])
    lines = groups["line"].agg("\n".join).astype(object)
    result["findings"] = lines.reindex(keys).to_numpy()
    result["finding_level"] = groups["level"].first().astype(object).reindex(keys).to_numpy()
    return [Field("findings", texts.say("map.group_findings", scene.lang), "text", "findings")]


def _told(result: pd.DataFrame, scene: Scene) -> list[Field]:
    """Add what the law says and what it asks next."""
    if scene.told is None:
        return []
    for name in _TOLD:
        result[name] = result["case_id"].map(scene.told[name])
    return [
        Field(name, texts.say(f"map.field_{name}", scene.lang), "text", "law") for name in _TOLD
    ]


def _origin(result: pd.DataFrame, scene: Scene) -> list[Field]:
    """Add the file, the layer or sheet, the row and the day a case's own facts come from."""
    sources = {source.name: source for source in scene.workspace.sources}
    told = pd.Series(index=result.index, dtype=object)
    for role in (Role.SUPPLY, Role.APPROVAL):
        own = scene.table(role).drop_duplicates(f"{role}_id").set_index(f"{role}_id")
        lines = pd.Series(index=own.index, dtype=object)
        for (layer, file), rows in own.groupby(["source_layer", "source_file"], sort=False):
            source = sources.get(str(layer))
            where = [str(file), source.layer or "" if source else ""]
            day = source.as_of.isoformat() if source else "—"
            said = texts.template("map.origin", scene.lang)
            place = _BETWEEN.join(filter(None, where))
            lines[rows.index] = [
                said.format(place=place, row=row, day=day) for row in rows["source_row"]
            ]
        told = told.where(result["kind"] != role, result["case_id"].map(lines))
    result["origin"] = told
    return [Field("origin", texts.say("map.field_origin", scene.lang), "text", "papers")]


def _said(cases: pd.DataFrame, name: str, lang: Lang) -> pd.Series:
    """Return what is said of each case under one name; missing where nothing is."""
    if name == "idle_days":  # the same count runs for land that is late without being idle
        return cases["net_days"].where(cases["status"].isin(terms.IDLE))
    values = cases[name]
    if name == "paused_days":
        return values.where(values > 0)
    if name == "next_status":
        values = values.map({status: terms.label(status, lang) for status in terms.Status})
    if name == "clock_basis":
        values = values.map(_headings(lang)).fillna(values)
    if name == "missing":
        values = pd.Series(
            [
                _BETWEEN.join(schema.spoken(role, word, lang) for word in cell.split(_BETWEEN))
                for role, cell in zip(cases["kind"], values.fillna(""), strict=True)
            ],
            index=cases.index,
            dtype=object,
        )
    return values.where(values.astype("str") != "")


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
    words = {True: texts.say("map.yes", lang), False: texts.say("map.no", lang)}
    return values.astype(object).map(words, na_action="ignore")


def _first(values: pd.Series, others: pd.Series) -> pd.Series:
    """Return each value, or the other where it is missing or blank."""
    is_blank = values.isna() | (values.astype("str").str.strip() == "")
    return values.astype(object).where(~is_blank, others.astype(object))
