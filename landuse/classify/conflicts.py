"""Where the papers of a supply disagree with what stands on it, or with the papers before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from landuse import facts, findings, geometry
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
        said(
            code,
            keyed.loc[cases.loc[mask, "case_id"]],
            columns[code],
            [f"{share:.1%}" for share in cases.loc[mask, "built_share"]],
        )
        for code, mask in masks.items()
    ]


def said(code: str, where: pd.DataFrame, column: str, value: list[str]) -> pd.DataFrame:
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
    those seen before. Where nobody looked after the restart nothing is said. Of works that stopped
    again, what was seen until the second stop tells; where it shows nothing, the two stops may be
    one (`stops_joined`).

    Raises
    ------
    LawError
        If that share is not in force on the day.
    """
    supplies, built = tables["supply"], tables["construction"]
    day = statutes.on
    known = facts.known(supplies, day).set_index("supply_id")
    begun = cases.loc[cases["state"] == State.BUILT_UNFINISHED, "case_id"]
    known = known[facts.among(known.index, begun)]
    resumed = known[known["resumed_on"] >= known["suspended_on"]]
    between = known["resumed_on"] >= known["earlier_suspended_on"]
    stopped = known[between & (known["resumed_on"] < known["suspended_on"])]
    if built.empty or "geometry" not in built or (resumed.empty and stopped.empty):
        return findings.none()
    least = float(statutes["idle_land.genuine_resumption_share"].amount)
    until = pd.Series(pd.Timestamp(day), index=resumed.index)
    poor = _poor(built, resumed["resumed_on"], until, least)
    again = _poor(built, stopped["resumed_on"], stopped["suspended_on"], least)
    first = stopped["earlier_suspended_on"].dt.strftime("%Y-%m-%d")
    return findings.gather(
        [
            said("restart_unproven", resumed.loc[list(poor)], "resumed_on", list(poor.values())),
            said(
                "stops_joined",
                stopped.loc[list(again)],
                "earlier_suspended_on",
                [f"{share}（{first[name]}）" for name, share in again.items()],
            ),
        ]
    )


def _poor(built: pd.DataFrame, since: pd.Series, until: pd.Series, least: float) -> dict[str, str]:
    """Return by how much footprints grew where that shows no genuine restart, by supply."""
    last = until.astype("datetime64[s]").reindex(built["supply_id"]).to_numpy()
    mine = (built["observed_on"].to_numpy() <= last) & geometry.is_usable(built["geometry"])
    growth = {
        str(name): _growth(footprints, since[name])
        for name, footprints in built[mine].groupby("supply_id", sort=True)
    }
    return {name: f"{share:.1%}" for name, share in growth.items() if share < least}


def _growth(seen: pd.DataFrame, resumed: Any) -> float:
    """Share by which footprints grew after a day; NaN where nobody looked both before and after."""
    after = (seen["observed_on"] > resumed).to_numpy()
    if not after.any() or after.all():
        return float("nan")
    shapes = seen["geometry"].to_numpy()
    before = shapely.union_all(shapes[~after])
    added = shapely.difference(shapely.union_all(shapes[after]), before)
    return float(shapely.area(added) / shapely.area(before))
