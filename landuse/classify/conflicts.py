"""Where the papers of a supply disagree with what stands on it, or with the papers before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse import facts, findings, geometry
from landuse.classify import clock
from landuse.classify.known import Known, is_leased
from landuse.terms import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.law import Statutes


def with_footprints(
    cases: pd.DataFrame, supplies: pd.DataFrame, statutes: Statutes
) -> list[pd.DataFrame]:
    """
    Return findings where papers and built footprints contradict each other.

    Raises
    ------
    LawError
        If the least footprint that counts is not in force on the day.
    """
    least = statutes["inefficient.occupied_min_area"].amount
    stands = cases["built_share"] * cases["area_m2"] >= least
    seen = (cases["kind"] == "supply") & cases["built_share"].notna()
    masks = {
        "built_but_not_commenced": seen & stands & (cases["state"] == State.SUPPLIED_UNBUILT),
        "completed_but_bare": seen & ~stands & (cases["state"] == State.COMPLETED),
    }
    columns = {"built_but_not_commenced": "commenced_on", "completed_but_bare": "completed_on"}
    keyed = supplies.set_index("supply_id")
    return [
        _said(
            code,
            keyed.loc[cases.loc[mask, "case_id"]],
            columns[code],
            [f"{share:.1%}" for share in cases.loc[mask, "built_share"]],
        )
        for code, mask in masks.items()
    ]


def _said(code: str, where: pd.DataFrame, column: str, value: list[str]) -> pd.DataFrame:
    """Return one finding a supply; `where` has supply_id as its index."""
    return findings.rows(
        code,
        layer=where["source_layer"].to_numpy(),
        row=where["source_row"].to_numpy(),
        feature_id=where.index.to_numpy(),
        column=column,
        value=value,
    )


def restarts_unproven(
    cases: pd.DataFrame, tables: Mapping[str, pd.DataFrame], statutes: Statutes
) -> pd.DataFrame:
    """
    Return findings of works resumed on paper of which footprints show nothing.

    A restart is proven where footprints seen after it add `idle_land.genuine_resumption_share` to
    those seen before. Where nobody looked after the restart nothing is said.

    Raises
    ------
    LawError
        If that share is not in force on the day.
    """
    supplies, built = tables["supply"], tables["construction"]
    day = statutes.on
    known = facts.known(supplies, day).set_index("supply_id")
    begun = set(cases.loc[cases["state"] == State.BUILT_UNFINISHED, "case_id"])
    resumed = known[(known["resumed_on"] >= known["suspended_on"]) & known.index.isin(begun)]
    if resumed.empty or built.empty or "geometry" not in built:
        return findings.none()
    dated = built["observed_on"].notna() & (built["observed_on"] <= pd.Timestamp(day))
    mine = dated & built["supply_id"].isin(resumed.index)
    seen = built[mine & geometry.is_usable(built["geometry"])]
    least = float(statutes["idle_land.genuine_resumption_share"].amount)
    since = resumed["resumed_on"].to_dict()
    growth = {
        str(name): _growth(footprints, since[str(name)])
        for name, footprints in seen.groupby("supply_id", sort=True)
    }
    poor = {name: share for name, share in growth.items() if share < least}
    where = resumed.loc[list(poor)]
    values = [f"{share:.1%}" for share in poor.values()]
    return _said("restart_unproven", where, "resumed_on", values)


def _growth(seen: pd.DataFrame, resumed: Any) -> float:
    """Share by which footprints grew after a day; NaN where nobody looked both before and after."""
    after = (seen["observed_on"] > resumed).to_numpy()
    if not after.any() or after.all():
        return float("nan")
    shapes = seen["geometry"].to_numpy()
    before = shapely.union_all(shapes[~after])
    added = shapely.difference(shapely.union_all(shapes[after]), before)
    return float(shapely.area(added) / shapely.area(before))


def clocks_reset(supplies: pd.DataFrame, statutes: Statutes) -> pd.DataFrame:
    """
    Return findings of parcels let first and granted later (先租后让), with their first start.

    Raises
    ------
    LawError
        If a start must be derived and no rule is in force for it.

    Notes
    -----
    A new contract gives a new start, but does not silently end the time the land lay idle under the
    lease.
    """
    known = facts.known(supplies, statutes.on)
    start, _ = clock.start(Known(statutes.on, supplies), statutes)
    known = known.assign(first=start.astype("datetime64[s]"), leased=is_leased(known))
    keyed = known[(known["parcel_code"].fillna("") != "") & known["signed_on"].notna()]
    keyed = keyed[keyed["signed_on"] <= pd.Timestamp(statutes.on)]
    let = keyed[keyed["leased"] & keyed["first"].notna()].sort_values(["signed_on", "supply_id"])
    earliest = let.drop_duplicates("parcel_code")[["parcel_code", "signed_on", "first"]]
    pairs = keyed.merge(earliest, on="parcel_code", suffixes=("", "_before"))
    pairs = pairs[pairs["signed_on"] > pairs["signed_on_before"]].set_index("supply_id")
    first = np.datetime_as_string(pairs["first_before"].to_numpy().astype("datetime64[D]"))
    return _said("clock_reset_by_grant", pairs, "agreed_commencement_on", list(first))
