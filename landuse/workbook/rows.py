"""The rows of the sheets of cases and findings: values in the units shown, never rounded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import facts, findings, schema, slip, terms, texts, units
from landuse.terms import INEFFICIENT, Role, Severity, State
from landuse.workbook import fillable, ledger, words
from landuse.workbook.known import Known
from landuse.workbook.ledger import looked_up, say
from landuse.workbook.listing import Listing
from landuse.workbook.sheets import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from landuse.layers import Source
    from landuse.texts import Lang
    from landuse.workbook.ledger import Results

_WAN = units.FACTORS["wan_yuan"]


def of(results: Results, lang: Lang) -> Iterator[tuple[str, Listing]]:
    """
    Yield the rows of every sheet but the summary and the notes.

    Parameters
    ----------
    results
        What the workbook is made of.
    lang
        Language of the words.

    Yields
    ------
    sheet, rows
        Key of the sheet, and its rows with the columns of `sheets.COLUMNS`, `tone` (how strongly
        the status is shown) and `variant` ("muted": listed here, counted in another sheet). Areas
        in ha and mu, money in 10,000 yuan, unrounded; days as datetime64; missing values missing.
    """
    cases = results.cases.reset_index(drop=True)
    order = _order(cases)
    state, status = (cases[name].iloc[order] for name in ("state", "status"))
    wasted = status.isin(INEFFICIENT)
    at = {each: order[(state == each).to_numpy()] for each in State}
    bad = {each: order[(wasted & (state == each)).to_numpy()] for each in State}
    picked = {
        "unsupplied": at[State.APPROVED_UNSUPPLIED],
        "unbuilt": at[State.SUPPLIED_UNBUILT],
        "unfinished": at[State.BUILT_UNFINISHED],
        "inefficient": np.concatenate([bad[State.COMPLETED], bad[State.BUILT_UNFINISHED]]),
        "undetermined": at[State.UNDETERMINED],
    }
    numbers = pd.Series(range(1, len(picked["unfinished"]) + 1), picked["unfinished"])
    known = Known(results, lang)
    for sheet, places in picked.items():
        some = _Cases(known, cases, places, sheet, numbers)
        yield sheet, Listing(len(places), some.made, some.keys())
    yield "findings", Listing(len(results.findings), partial(_found, results, lang))


@dataclass(frozen=True)
class _Cases:
    """The cases of a sheet, `places` their positions, `numbers` those of the sheet pointed to."""

    known: Known
    cases: pd.DataFrame
    places: NDArray[np.intp]
    sheet: str
    numbers: pd.Series

    def keys(self) -> list[str | None]:
        """Return kind and identifier of each case, None for rows that point to another sheet."""
        some = self.cases[["kind", "case_id", "state"]].iloc[self.places]
        keys = some["kind"].astype(str) + ":" + some["case_id"].astype(str)
        points = (some["state"] == State.BUILT_UNFINISHED) & (self.sheet == "inefficient")
        return [None if muted else key for key, muted in zip(keys, points, strict=True)]

    def made(self, first: int, last: int) -> pd.DataFrame:
        """Return some rows of the sheet."""
        some = self.cases.iloc[self.places[first:last]]
        ids = {name: some[name].fillna("").astype(str) for name in ("cluster_id", "park_id")}
        rows = _described(self.known, some.assign(**ids))
        if self.sheet == "inefficient":
            rows = _pointing(rows, self.numbers, self.known.lang)
        return _shaped(rows, self.sheet, self.known.results.on.isoformat(), first)


def _found(results: Results, lang: Lang, first: int, last: int) -> pd.DataFrame:
    """Return some rows of the sheet of findings."""
    rows = _findings(results, results.findings.iloc[first:last], lang)
    return _shaped(rows, "findings", results.on.isoformat(), first)


def _shaped(table: pd.DataFrame, sheet: str, on: str, first: int) -> pd.DataFrame:
    """Keep the columns of the sheet and number its rows; what nobody knows yet is blank."""
    numbers = np.arange(first + 1, first + len(table) + 1)
    numbered = table.reset_index(drop=True).assign(seq=numbers)
    if sheet != "findings":
        found = pd.Series(fillable.slips(numbered, COLUMNS[sheet], on), dtype=object)
        key = numbered["kind"].astype(str) + ":" + numbered["case_id"].astype(str)
        numbered = numbered.assign(slip=found, case_key=key.where(found != slip.POINTER))
    kept = [column.key for column in COLUMNS[sheet]]
    return numbered.reindex(columns=[*kept, "tone", "variant", "case_key"])


def _order(cases: pd.DataFrame) -> NDArray[np.intp]:
    """Order by cluster (outside last), park, priority (highest first) and identifier."""
    cluster, park = (cases[name].fillna("").astype(str) for name in ("cluster_id", "park_id"))
    keys = pd.DataFrame(
        {
            "outside": cluster == "",
            "cluster": cluster,
            "park": park,
            "priority": -cases["priority"].fillna(0),
            "case": cases["case_id"],
        }
    )
    return keys.sort_values(list(keys.columns), kind="stable").index.to_numpy()


def _described(known: Known, cases: pd.DataFrame) -> pd.DataFrame:
    """Join to cases what their supplies, approvals, clusters and enterprises tell."""
    results, lang = known.results, known.lang
    parts = [cases, _place(results, cases, lang), _approval(known, cases), _supply(known, cases)]
    joined = pd.concat(parts, axis=1)
    enterprise = _enterprise(known, joined)
    clock = words.clock(results.on, joined, lang)
    described = words.described(known.causes, joined, lang)
    whole = pd.concat([joined, enterprise, clock, described], axis=1)
    return fillable.overlaid(whole, results.entries)


def _place(results: Results, cases: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Name of county, cluster and park of each case."""
    clusters = results.tables[Role.CLUSTER].drop_duplicates("cluster_id").set_index("cluster_id")
    parks = results.tables[Role.PARK].drop_duplicates("park_id").set_index("park_id")
    cluster = looked_up(clusters["cluster_name"], cases["cluster_id"])
    code = facts.counties(cases, results.tables[Role.CLUSTER])
    return pd.DataFrame(
        {
            "county": code.map({c: division(c, lang) for c in code.unique() if c}),
            "cluster": cluster.fillna(cases["cluster_id"]).mask(
                cases["cluster_id"] == "", say("outside", lang)
            ),
            "park": looked_up(parks["park_name"], cases["park_id"]).fillna(cases["park_id"]),
        }
    )


def division(code: str, lang: Lang) -> str:
    """Return the name of a county, or its code where the name is not known."""
    return texts.section("divisions").get(code, {}).get(lang, code)


def _approval(known: Known, cases: pd.DataFrame) -> pd.DataFrame:
    """Return what the approval of each remainder tells; missing for supplies."""
    approvals, accounts = known.approvals, known.accounts
    ids = cases["case_id"].where(cases["kind"] == "approval")
    day = approvals["approved_on"].mask(facts.is_blank_day(approvals["approved_on"]))
    approved_on = looked_up(day, ids)
    area = looked_up(accounts["area_m2"], ids).fillna(looked_up(approvals["declared_area"], ids))
    return pd.DataFrame(
        {
            "approval_number": looked_up(approvals["approval_number"], ids),
            "batch_name": looked_up(approvals["batch_name"], ids),
            "unsupplied_cause": words.caused(
                looked_up(approvals["unsupplied_cause"], ids), terms.UNSUPPLIED_CAUSES, known.lang
            ),
            "approved_on": approved_on,
            "approved_ha": units.ha(area),
            "supplied_ha": units.ha(looked_up(accounts["supplied_m2"], ids)),
            "unsupplied_ha": units.ha(cases["area_m2"]),
            "unsupplied_mu": units.mu(cases["area_m2"]),
            "years": units.full_years(units.days(approved_on), known.results.on),
        }
    )


_OF_SUPPLY = (
    "parcel_code", "location", "supply_mode", "signed_on", "agreed_delivery_on", "delivered_on",
    "agreed_commencement_on", "extended_commencement_on", "agreed_completion_on", "commenced_on",
    "suspended_on", "production_on", "investigation_number", "determination_number", "is_seized",
    "is_mortgaged", "phase_of", "price", "delay_cause",
)  # fmt: skip


def _supply(known: Known, cases: pd.DataFrame) -> pd.DataFrame:
    """Return what the supply of each case tells; missing for approvals."""
    ids = cases["case_id"].where(cases["kind"] == "supply")
    supplies = known.supplies(ids)
    has_shape = ledger.has_shape(supplies).reindex(ids, fill_value=False).set_axis(cases.index)
    found = pd.DataFrame(supplies).reindex(ids).set_axis(cases.index, axis=0)
    use = found["land_use"].fillna("").astype(str)
    code = found["land_use_code"].fillna("").astype(str)
    coded = (use + " (" + code + ")").where((use != "") & (code != ""), use + code)
    later = pd.Timestamp(known.results.on)
    return found[list(_OF_SUPPLY)].assign(
        supply_id=ids,
        land_use=coded,
        production_on=found["production_on"].mask(found["production_on"] > later),
        price_wan=found["price"] / _WAN,
        required_ha=units.ha(found["required_area"]),
        developed_ha=units.ha(found["developed_area"]),
        planned_wan=found["planned_investment"] / _WAN,
        invested_wan=found["invested"] / _WAN,
        has_shape=has_shape,
        delay_cause=words.caused(found["delay_cause"], terms.HOLDER_CAUSES, known.lang),
    )


def _enterprise(known: Known, cases: pd.DataFrame) -> pd.DataFrame:
    """Name, halt and tax of the enterprises on each supply."""
    firms, ids = known.firms, cases["case_id"]
    tax, mu = looked_up(firms["tax"], ids), units.mu(cases["area_m2"])
    name = looked_up(firms["name"], ids)
    return pd.DataFrame(
        {
            "enterprise": name.mask(name == "").fillna(cases["right_holder"]),
            "halted_on": looked_up(firms["halted_on"], ids),
            "tax_wan": tax / _WAN,
            "tax_per_mu": (tax / _WAN / mu).where(mu > 0),
        }
    )


def _pointing(listed: pd.DataFrame, numbers: pd.Series, lang: Lang) -> pd.DataFrame:
    """Point from rows counted in another sheet to their number there, where they are filled in."""
    muted = listed["state"] == State.BUILT_UNFINISHED
    there = say("sheet_unfinished", lang)
    pointer = [say("see", lang, sheet=there, number=numbers[i]) for i in listed.index[muted]]
    result = listed.assign(variant=listed["variant"].mask(muted, "muted"))
    result.loc[muted, "remark"] = pointer
    filled_in = [column.key for column in COLUMNS["inefficient"] if column.is_filled_in]
    for key in set(filled_in) & (set(result.columns) - {"remark"}):
        result[key] = result[key].mask(muted)
    return result


def _findings(results: Results, some: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return findings as sentences, with the rank of each as a word."""
    table = findings.rendered(some, lang).reset_index(drop=True)
    labels = {str(word): terms.label(word, lang) for word in Severity}
    tones = words.tones()
    sources = {source.name: source for source in results.workspace.sources}
    pairs = zip(table["layer"], table["column"], strict=True)
    headings = [_heading(sources.get(layer), column, lang) for layer, column in pairs]
    titles = [sources[name].title if name in sources else name for name in table["layer"]]
    return table.assign(
        layer=titles,
        column=headings,
        severity_word=table["severity"].map(labels),
        row=table["row"].astype(float).where(table["row"].astype(float) > 0),
        tone=[tones.get(word, "") for word in table["severity"]],
        variant="",
    )


def _heading(source: Source | None, column: str, lang: Lang) -> str:
    """Heading of a column of a source layer, or its name where the role has none such."""
    return schema.spoken(None if source is None else source.role, column, lang)
