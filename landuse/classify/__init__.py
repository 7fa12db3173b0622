"""
The legal state of every supply and every unsupplied remainder, on a day.

States are derived from facts, never stored; unknown stays unknown; an idle parcel is 疑似 until a
determination letter is on file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import facts, geometry, schema
from landuse import findings as findings_module
from landuse.classify import approved, conflicts, known, phases, reasons, supplied
from landuse.classify import remarks as remarks_module
from landuse.terms import STATE_OF, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from landuse.law import Statutes
    from landuse.texts import Lang

_GRADES = ("A", "B", "C")


def cases(
    tables: Mapping[str, pd.DataFrame],
    pieces: pd.DataFrame,
    *,
    on: date,
    statutes: Statutes,
    lang: Lang = "zh",
) -> pd.DataFrame:
    """
    Give every supply and every unsupplied remainder its case.

    Parameters
    ----------
    tables
        Tables by role; `supply`, `approval`, `construction`, `pause` and `enterprise` are used.
        Identifiers are unique within a role.
    pieces
        Table of pieces (`partition`): areas in m², and `occupied_m2` of unsupplied pieces.
    on
        The day asked for.
    statutes
        The law in force on it.
    lang
        Language of the reasons.

    Returns
    -------
    cases
        Columns of `schema.CASE_COLUMNS`, one row a supply or remainder, ordered by kind and
        case_id. Areas are those of the pieces, or the declared ones where a supply has no usable
        geometry. `measures` and what follows from them are empty: `dispose` fills them.

    Raises
    ------
    LawError
        If a rule that is needed is not in force on the day.
    """
    found = [
        supply_cases(tables, pieces, on=on, statutes=statutes),
        approval_cases(tables["approval"], pieces, on=on, statutes=statutes),
    ]
    joined = pd.concat([table for table in found if len(table)] or found[:1], ignore_index=True)
    joined["articles"] = reasons.articles(joined, statutes)
    joined["reason"] = reasons.sentences(joined, on, statutes, lang)
    least = statutes["inefficient.occupied_min_area"].amount
    joined["evidence"] = reasons.evidence(joined, lang, least)
    joined = joined.sort_values(["kind", "case_id"], kind="stable", ignore_index=True)
    return _shaped(joined)


def findings(
    cases: pd.DataFrame, tables: Mapping[str, pd.DataFrame], statutes: Statutes
) -> pd.DataFrame:
    """
    Return findings where papers and footprints, or two papers, disagree; they change no status.

    Raises
    ------
    LawError
        If a rule that tells what counts is not in force on the day.
    """
    return findings_module.gather(
        [
            *conflicts.with_footprints(cases, tables["supply"], statutes),
            conflicts.restarts_unproven(cases, tables, statutes),
            conflicts.clocks_reset(tables["supply"], statutes),
        ]
    )


def supply_cases(
    tables: Mapping[str, pd.DataFrame], pieces: pd.DataFrame, *, on: date, statutes: Statutes
) -> pd.DataFrame:
    """
    Return the cases of all supplies, without sentences.

    Raises
    ------
    LawError
        If a rule that is needed is not in force on the day.
    """
    supplies = tables["supply"].reset_index(drop=True)
    holders = _holders(tables["enterprise"], supplies["supply_id"])
    seen = known.gather(supplies, tables["pause"], holders, on, statutes)
    ground = _ground(pieces[pieces["supply_id"] != ""], "supply_id").reindex(supplies["supply_id"])
    ground.index = supplies.index
    found = supplied.statuses(seen, statutes)
    late = found["clock_basis"] == "agreed_completion_on"
    result = found.assign(
        case_id=supplies["supply_id"],
        area_m2=_supply_area(supplies, ground, on),
        causes=seen.pauses["causes"].mask(late, seen.late_pauses["causes"]),
    )
    result = phases.share(supplies, result)
    built = (ground["built_m2"] / ground["area_m2"]).to_numpy()
    if tables["construction"].empty:
        built = np.full(len(supplies), np.nan)  # nobody looked: not the same as nothing there
    share = result["developed_share"].to_numpy()
    return result.assign(
        kind="supply",
        cluster_id=ground["cluster_id"].where(ground["cluster_id"].notna(), supplies["cluster_id"]),
        park_id=ground["park_id"].where(ground["park_id"].notna(), supplies["park_id"]),
        right_holder=supplies["right_holder"],
        project_name=supplies["project_name"],
        declared_area_m2=supplies["declared_area"],
        is_determined=supplies["determination_number"].fillna("").str.strip() != "",
        built_share=np.where(np.isnan(share), built, share),
        footprint_share=built,
        grade=holders["grade"],
        fee_cny=_fees(supplies, result["status"], statutes).where(result["follows"] == ""),
        remarks=remarks_module.remarks(supplies, result, statutes),
        determination_number=supplies["determination_number"],
    )


def approval_cases(
    approvals: pd.DataFrame, pieces: pd.DataFrame, *, on: date, statutes: Statutes
) -> pd.DataFrame:
    """
    Return the cases of all approvals with an unsupplied remainder, without sentences.

    Raises
    ------
    LawError
        If the rule of lapse is not in force on the day.
    """
    remainder = pieces[(pieces["supply_id"] == "") & (pieces["approval_id"] != "")]
    ground = _ground(remainder, "approval_id")
    exists = facts.exists(approvals, "approved_on", on)
    mapped = geometry.is_usable(approvals["geometry"]) if "geometry" in approvals else False
    kept = exists & (approvals["approval_id"].isin(ground.index) | ~np.asarray(mapped))
    left = approvals[kept].reset_index(drop=True)
    ground = ground.reindex(left["approval_id"]).reset_index(drop=True)
    result = approved.statuses(left, ground["occupied_m2"], on, statutes)
    unmapped = ground["area_m2"].isna()
    result.loc[unmapped, ["status", "missing"]] = [Status.UNDETERMINED.value, "geometry"]
    return result.assign(
        case_id=left["approval_id"],
        kind="approval",
        cluster_id=ground["cluster_id"],
        park_id=ground["park_id"],
        right_holder="",
        project_name=left["batch_name"],
        area_m2=ground["area_m2"],
        declared_area_m2=left["declared_area"],
        is_determined=False,
        invested_share=np.nan,
        developed_share=np.nan,
        built_share=ground["occupied_m2"] / ground["area_m2"],
        footprint_share=ground["occupied_m2"] / ground["area_m2"],
        grade="",
        fee_cny=np.nan,
        causes="",
        follows="",
        remarks="",
        determination_number="",
    )


def _ground(pieces: pd.DataFrame, key: str) -> pd.DataFrame:
    """Sum the pieces of each supply or remainder, and name where most of it lies."""
    built = pieces["area_m2"].where(pieces["part"] == "built", 0.0)
    sums = pieces.assign(built_m2=built).groupby(key)[["area_m2", "built_m2", "occupied_m2"]].sum()
    for place in ("cluster_id", "park_id"):
        shares = pieces.groupby([key, place])["area_m2"].sum().reset_index()
        shares = shares.sort_values([key, "area_m2", place], ascending=[True, False, True])
        sums[place] = shares.drop_duplicates(key).set_index(key)[place]
    return sums


def _supply_area(supplies: pd.DataFrame, ground: pd.DataFrame, on: date) -> pd.Series:
    """Area by the pieces; declared where there is no usable geometry; 0 before the signing."""
    if "geometry" in supplies:
        mapped = geometry.is_usable(supplies["geometry"])
    else:
        mapped = np.zeros(len(supplies), dtype=bool)
    there = facts.exists(supplies, "signed_on", on)
    declared = phases.remainder(supplies, supplies["declared_area"].where(there, 0.0))
    return declared.mask(mapped, ground["area_m2"].fillna(0.0)).where(there, 0.0)


def _holders(enterprises: pd.DataFrame, supply_ids: pd.Series) -> pd.DataFrame:
    """Return grade and day of halting of the firms on each supply: the worst grade, all halted."""
    linked = enterprises[enterprises["supply_id"].notna()]
    if linked.empty:
        empty = {"grade": pd.Series(dtype="str"), "halted_on": pd.Series(dtype="datetime64[s]")}
        return pd.DataFrame(empty, index=supply_ids.index)
    grade = linked[linked["grade"].isin(_GRADES)].groupby("supply_id")["grade"].max()
    halted = linked.groupby("supply_id")["halted_on"].max()
    running = linked.loc[linked["halted_on"].isna(), "supply_id"]
    return pd.DataFrame(
        {
            "grade": grade.reindex(supply_ids).set_axis(supply_ids.index),
            "halted_on": halted.reindex(supply_ids)
            .set_axis(supply_ids.index)
            .mask(supply_ids.isin(running)),
        }
    )


def _fees(supplies: pd.DataFrame, status: pd.Series, statutes: Statutes) -> pd.Series:
    """
    Idle-land fee in yuan where one year has passed; missing where none is due or the base is not.

    闲置土地处置办法 第十四条第一项: 20 % of the 出让 or 划拨 price. A lease has no national base.
    """
    due = status == Status.IDLE_ONE_YEAR
    if not due.any():
        return pd.Series(np.nan, index=status.index)
    share = statutes["idle_land.fee_share"].amount
    price = supplies["price"].where(supplies["price"] > 0)
    price = price.mask(supplied.is_leased(supplies))
    fee: pd.Series = (price * share.numerator / share.denominator).where(due)
    return fee


def _shaped(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a table of cases into the contract's columns and dtypes."""
    states = {status.value: state.value for status, state in STATE_OF.items()}
    full = table.assign(
        state=table["status"].map(states),
        measures="",
        lead="",
        support="",
        due_on=np.datetime64("NaT", "s"),
        priority=np.nan,
    )
    for name, kind in schema.CASE_COLUMNS.items():
        full[name] = full[name].astype(schema.DTYPES[kind])
        if kind in {"id", "text"}:
            full[name] = full[name].fillna("")
    return full[list(schema.CASE_COLUMNS)]
