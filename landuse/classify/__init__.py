"""
The legal state of every supply and every unsupplied remainder, on a day.

States are derived from facts, never stored; unknown stays unknown; an idle parcel is 疑似 until a
determination letter is on file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse import facts, geometry, schema
from landuse import findings as findings_module
from landuse.classify import approved, coded, conflicts, phases, reasons, supplied, tenure
from landuse.classify import remarks as remarks_module
from landuse.classify.holders import holders
from landuse.classify.known import Known, is_leased
from landuse.terms import STATE_OF, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from landuse.classify.coded import Rows
    from landuse.classify.known import Numbers
    from landuse.law import Statutes
    from landuse.texts import Lang

_TEXTS = frozenset({"id", "text"})


def cases(
    tables: Mapping[str, pd.DataFrame],
    pieces: pd.DataFrame,
    *,
    on: date,
    statutes: Statutes,
    lang: Lang = "zh",
    told: bool = True,
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
    told
        Whether `reason` and `evidence` are composed; where nobody reads them they stay empty.

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
        approval_cases(tables["approval"], pieces, on=on, statutes=statutes),
        supply_cases(tables, pieces, on=on, statutes=statutes),
    ]
    shaped = []
    for table in found:
        table["articles"] = reasons.articles(table, statutes)
        if told:
            least = statutes["inefficient.occupied_min_area"].amount
            table["reason"] = reasons.sentences(table, on, statutes, lang)
            table["evidence"] = reasons.evidence(table, lang, least)
        shaped.append(_shaped(table))
    return pd.concat(shaped, ignore_index=True)


def findings(
    cases: pd.DataFrame, tables: Mapping[str, pd.DataFrame], statutes: Statutes
) -> pd.DataFrame:
    """
    Return findings where papers disagree with footprints, each other or the term of the right.

    They change no status.

    Raises
    ------
    LawError
        If a rule that tells what counts is not in force on the day.
    """
    return findings_module.gather(
        [
            *conflicts.with_footprints(cases, tables["supply"], statutes),
            conflicts.restarts_unproven(cases, tables, statutes),
            *tenure.clocks_reset(tables["supply"], statutes),
            *tenure.terms(cases, tables["supply"], statutes),
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
    firms = holders(tables["enterprise"], supplies["supply_id"], on)
    ground = _ground(pieces[pieces["supply_id"] != ""], "supply_id", supplies["supply_id"])
    found = supplied.statuses(Known(on, supplies), tables["pause"], firms, statutes)
    result = found.assign(case_id=supplies["supply_id"], area_m2=_supply_area(supplies, ground, on))
    result = phases.share(supplies, result)
    if tables["construction"].empty:
        built = np.full(len(supplies), np.nan)  # nobody looked: not the same as nothing there
    else:
        built = (ground["built_m2"] / ground["area_m2"]).to_numpy()
    share = result["developed_share"].to_numpy()
    return result.assign(
        kind=coded.repeated("supply", len(supplies)),
        cluster_id=coded.either(ground["cluster_id"], supplies["cluster_id"]),
        park_id=coded.either(ground["park_id"], supplies["park_id"]),
        right_holder=supplies["right_holder"],
        project_name=supplies["project_name"],
        declared_area_m2=supplies["declared_area"],
        is_determined=coded.has_text(supplies["determination_number"]),
        built_share=np.where(np.isnan(share), built, share),
        footprint_share=built,
        grade=firms.words(),
        fee_cny=_fees(supplies, result, statutes),
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
    exists = facts.exists(approvals, "approved_on", on)
    mapped = geometry.is_usable(approvals["geometry"]) if "geometry" in approvals else False
    there = facts.among(approvals["approval_id"], remainder["approval_id"])
    left = approvals[exists & (there | ~np.asarray(mapped))].reset_index(drop=True)
    ground = _ground(remainder, "approval_id", left["approval_id"])
    result = approved.statuses(left, ground["occupied_m2"], on, statutes)
    unmapped = ground["area_m2"].isna()
    result.loc[unmapped, ["status", "missing"]] = [Status.UNDETERMINED.value, "geometry"]
    return result.assign(
        case_id=left["approval_id"],
        kind=coded.repeated("approval", len(left)),
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
        **{name: coded.repeated("", len(left)) for name in ("causes", "follows", "remarks")},
        determination_number="",
    )


def _ground(pieces: pd.DataFrame, key: str, ids: pd.Series) -> pd.DataFrame:
    """Sum the pieces of each supply or remainder, and name where most of it lies."""
    whose, area = coded.positions(pieces[key], ids), pieces["area_m2"].to_numpy()
    areas = {
        "area_m2": area,
        "built_m2": np.where((pieces["part"] == "built").to_numpy(), area, 0.0),
        "occupied_m2": pieces["occupied_m2"].to_numpy(),
    }
    sums = pd.DataFrame(areas).groupby(whose).sum().astype(np.float64)
    there = sums.index.to_numpy() >= 0
    ground: dict[str, Any] = {}
    for name, found in sums[there].items():
        ground[str(name)] = np.full(len(ids), np.nan)
        ground[str(name)][sums.index[there]] = found
    for place in ("cluster_id", "park_id"):
        ground[place] = _mostly(pieces[place], area, whose, len(ids))
    return pd.DataFrame(ground, index=ids.index, copy=False)


def _mostly(place: pd.Series, area: Numbers, whose: Rows, count: int) -> pd.Categorical[str]:
    """Name the place where most of each of some supplies lies; of equal places the first."""
    code, names = pd.factorize(place, sort=True)
    rows = (whose >= 0) & (code >= 0)
    kinds = max(len(names), 1)
    shares = pd.Series(area[rows]).groupby(whose[rows] * kinds + code[rows]).sum()
    of, which = np.divmod(shares.index.to_numpy(dtype=np.int64), kinds)
    order = np.lexsort((which, -shares.to_numpy(), of))
    first = order[np.flatnonzero(np.diff(of[order], prepend=-1))]
    most = np.full(count, -1, dtype=np.int32)
    most[of[first]] = which[first]
    return coded.words(most, list(names))


def _supply_area(supplies: pd.DataFrame, ground: pd.DataFrame, on: date) -> pd.Series:
    """Area by the pieces; declared where there is no usable geometry; 0 before the signing."""
    if "geometry" in supplies:
        mapped = geometry.is_usable(supplies["geometry"])
    else:
        mapped = np.zeros(len(supplies), dtype=bool)
    there = facts.exists(supplies, "signed_on", on)
    declared = phases.remainder(supplies, supplies["declared_area"].where(there, 0.0))
    if mapped.any():
        declared = declared.mask(mapped, ground["area_m2"].fillna(0.0))
    return declared.where(there, 0.0)


def _fees(supplies: pd.DataFrame, result: pd.DataFrame, statutes: Statutes) -> pd.Series:
    """
    Idle-land fee in yuan where one year has passed; missing where none is due or the base is not.

    闲置土地处置办法 第十四条第一项: 20 % of the 出让 or 划拨 price. A lease has no national base.
    """
    fee = np.full(len(result), np.nan)
    due = np.flatnonzero(coded.of(result["status"]) == coded.CODE[Status.IDLE_ONE_YEAR])
    if len(due):
        share = statutes["idle_land.fee_share"].amount
        price = supplies["price"].to_numpy()[due]
        is_charged = (price > 0) & ~is_leased(supplies["supply_mode"].iloc[due])
        is_charged &= (result["follows"].iloc[due] == "").to_numpy()
        fee[due] = np.where(is_charged, price * share.numerator / share.denominator, np.nan)
    return pd.Series(fee, index=result.index)


def _shaped(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a table of cases into the contract's columns and dtypes, ordered by case_id."""
    order = coded.order(table["case_id"])
    if order is not None:
        table = table.take(order)
    columns = {}
    for name, kind in schema.CASE_COLUMNS.items():
        dtype = schema.DTYPES[kind]
        if name == "state":
            columns[name] = _states(table["status"])
        elif name not in table:
            fill = "" if kind in _TEXTS else None
            columns[name] = pd.Series(fill, index=range(len(table)), dtype=dtype)
        elif kind in _TEXTS:
            columns[name] = coded.written(coded.filled(table[name]))
        else:
            columns[name] = table[name].astype(dtype).reset_index(drop=True)
    return pd.DataFrame(columns, copy=False)


def _states(status: pd.Series) -> pd.Series:
    """Return the state that each status refines."""
    states = pa.array(["", *(STATE_OF[word].value for word in Status)], pa.large_string())
    return coded.written(pc.take(states, pa.array(coded.of(status))))
