"""
What it costs that a site lies idle, with low, middle and high: fee, capital, tax, buy-back.

No figure here is a claim on anybody. Each rests on parameters that `parameters` lists with where
they come from, and that the user may set. What is not known stays unknown.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import units
from landuse.errors import LanduseError
from landuse.sites.candidates import use_of
from landuse.sites.choices import RECOVER
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from landuse.law import Statutes

ITEMS = ("idle_fee", "capital", "interest", "tax", "buy_back")
"""Idle fee, capital tied up, its cost a year, tax forgone a year, price of buying back."""

PARAMETERS = ("tax_mu", "appraisal_mu", "reserve_mu", "interest")
"""Tax of a mu a year, price and cost of a mu (yuan), and the yearly rate (share)."""

BOUNDS = ("low", "mid", "high")
_LEAST = 5  # grants of a use that a price is drawn from
_YEARS = 5  # back to which grants are compared
_GRADES = ("C", "B", "A")
_UNKNOWN = (math.nan, math.nan, math.nan)


def parameters(
    tables: Mapping[str, pd.DataFrame],
    statutes: Statutes,
    on: date,
    changed: Mapping[str, Sequence[float]] | None = None,
) -> pd.DataFrame:
    """
    Return every parameter with its low, middle and high value and where they come from.

    Parameters
    ----------
    tables
        `enterprise` (tax, occupied area, grade) and `supply` (price, area, day, use).
    statutes
        `planning.interest` is used.
    on
        The day asked for: grants of the five years before it are compared.
    changed
        Parameter → one value, or low, middle and high, instead of the workspace's own.

    Returns
    -------
    parameters
        parameter, use ("" for all), low, mid, high (yuan a mu, or a share), basis (key of the
        wording), source (citation where there is one), count (of firms or grants).

    Raises
    ------
    LanduseError
        If a parameter is unknown, has another number of values than one or three, or falls.
    """
    given = {name: _three(name, values) for name, values in (changed or {}).items()}
    rows = [_tax(tables["enterprise"]), *_prices(tables["supply"], on)]
    rows.append(("reserve_mu", "", _UNKNOWN, "unknown", "", 0))
    rate = statutes.find("planning.interest")
    if rate is None:
        rows.append(("interest", "", _UNKNOWN, "unknown", "", 0))
    else:
        rows.append(("interest", "", _three("interest", rate.amount), "law", rate.citation, 0))
    kept = [row for row in rows if row[0] not in given]
    kept += [(name, "", values, "set", "", 0) for name, values in given.items()]
    kept.sort(key=lambda row: (PARAMETERS.index(row[0]), row[1]))
    columns = ["parameter", "use", *BOUNDS, "basis", "source", "count"]
    return pd.DataFrame([(*row[:2], *row[2], *row[3:]) for row in kept], columns=columns)


def _three(name: str, values: Sequence[float]) -> tuple[float, float, float]:
    """Return low, middle and high of what a user set."""
    if name not in PARAMETERS:
        known = "、".join(PARAMETERS)
        raise LanduseError("asked.no_parameter", name=name, known=known)
    three = [float(v) for v in values] * (3 if len(values) == 1 else 1)
    if len(three) != 3 or three != sorted(three) or not all(map(math.isfinite, three)):
        raise LanduseError("asked.no_range", name=name)
    return three[0], three[1], three[2]


_Row = tuple[str, str, tuple[float, float, float], str, str, int]


def _tax(firms: pd.DataFrame) -> _Row:
    """Return the tax of a mu by grade: all firms of C, of B and of A, put in rising order."""
    known = firms[(firms["occupied_area"] > 0) & firms["tax"].notna()]
    sums = known.groupby("grade")[["tax", "occupied_area"]].sum().reindex(list(_GRADES))
    rates = (sums["tax"] / units.mu(sums["occupied_area"])).to_numpy(dtype=float)
    if np.isnan(rates).any():
        return ("tax_mu", "", _UNKNOWN, "unknown", "", 0)
    count = int(known["grade"].isin(_GRADES).sum())
    low, mid, high = sorted(rates.tolist())
    return ("tax_mu", "", (low, mid, high), "own_grades", "", count)


def _prices(supplies: pd.DataFrame, on: date) -> list[_Row]:
    """Return the price of a mu of each use: quartiles of the grants of the last years."""
    day, today = supplies["signed_on"], pd.Timestamp(on)
    recent = (day <= today) & (day > today - pd.DateOffset(years=_YEARS))
    known = supplies[recent & (supplies["price"] > 0) & (supplies["declared_area"] > 0)]
    rate = known["price"] / units.mu(known["declared_area"])
    found: list[_Row] = []
    for use, own in rate.groupby([use_of(text) for text in known["land_use"]]):
        if len(own) >= _LEAST and use:
            low, mid, high = (float(own.quantile(share)) for share in (0.25, 0.5, 0.75))
            found.append(("appraisal_mu", str(use), (low, mid, high), "own_grants", "", len(own)))
    return found or [("appraisal_mu", "", _UNKNOWN, "unknown", "", 0)]


def money(
    sites: pd.DataFrame,
    members: pd.DataFrame,
    cases: pd.DataFrame,
    supplies: pd.DataFrame,
    values: pd.DataFrame,
) -> pd.DataFrame:
    """
    Return what each site costs while it lies idle.

    Parameters
    ----------
    sites
        `Sites.sites`.
    members
        All idle land: `Sites.members`, and `Sites.narrow`, which has its share of a case too.
    cases
        Cases of the run: area_m2, fee_cny, is_determined, kind, status.
    supplies
        Table of role `supply`: price.
    values
        What `parameters` returns.

    Returns
    -------
    money
        One row a site and item: site_id, item, low_cny, mid_cny, high_cny (NaN where unknown).

    Notes
    -----
    idle_fee
        The fee of the cases the land belongs to, by its share of the area (闲置土地处置办法 第十四
        条): low only where 闲置 is determined, else as if it will be.
    capital
        The price paid for the land, by area; for land in reserve `reserve_mu`.
    tax
        Land for production at the tax of a mu of firms graded C, B and A.
    buy_back
        The lower of appraisal and cost of land that must be recovered (自然资发〔2024〕242号); land
        idle two full years may be taken back for nothing, so its low is 0. Where one of the two is
        unknown the other is still the most that is paid.
    """
    sums = _sums(_parts(sites, members, cases, supplies, values), sites)
    rate, tax = _of(values, "interest"), _of(values, "tax_mu")
    mu = units.mu(sites["area_m2"]).to_numpy(dtype=float)
    makes = np.where(sites["use"].isin(["production", ""]), mu, np.nan)
    found: dict[str, tuple[NDArray[np.float64], ...]] = {
        "idle_fee": tuple(sums[f"idle_fee_{bound}"] for bound in BOUNDS),
        "capital": tuple(sums[f"capital_{bound}"] for bound in BOUNDS),
        "interest": tuple(sums[f"capital_{b}"] * r for b, r in zip(BOUNDS, rate, strict=True)),
        "tax": tuple(makes * each for each in tax),
        "buy_back": tuple(sums[f"buy_back_{bound}"] for bound in BOUNDS),
    }
    names = sites["site_id"].to_numpy(dtype=object)
    columns = {f"{bound}_cny": np.stack([found[item][n] for item in ITEMS], axis=1).ravel()
               for n, bound in enumerate(BOUNDS)}  # fmt: skip
    keys = {"site_id": np.repeat(names, len(ITEMS)), "item": list(ITEMS) * len(names)}
    return pd.DataFrame(keys | columns)


def _sums(parts: pd.DataFrame, sites: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Return the sums of each site; of what is partly unknown the sum is unknown."""
    columns = parts.columns.drop("site_id")
    by_site = parts.groupby("site_id")[list(columns)]
    known = by_site.sum().where(by_site.count().eq(by_site.size(), axis=0))
    whole = known.reindex(sites["site_id"])
    return {str(name): whole[name].to_numpy(dtype=float) for name in columns}


def _of(values: pd.DataFrame, name: str, use: str = "") -> tuple[float, float, float]:
    """Return low, middle and high of a parameter: of a use, else of all; NaN where unknown."""
    own = values[(values["parameter"] == name) & values["use"].isin([use, ""])]
    if own.empty:
        return _UNKNOWN
    row = own.sort_values("use").iloc[-1]
    return (float(row["low"]), float(row["mid"]), float(row["high"]))


def _parts(
    sites: pd.DataFrame,
    members: pd.DataFrame,
    cases: pd.DataFrame,
    supplies: pd.DataFrame,
    values: pd.DataFrame,
) -> pd.DataFrame:
    """Return fee, capital and buy-back of each piece of a site."""
    own = members[members["site_id"].isin(sites["site_id"])].reset_index(drop=True)
    case = cases.drop_duplicates("case_id").set_index("case_id").reindex(own["case_id"])
    about = sites.set_index("site_id")[["use", "path"]].reindex(own["site_id"]).fillna("")
    area = own["area_m2"].to_numpy(dtype=float)
    price = supplies.drop_duplicates("supply_id").set_index("supply_id")["price"]
    paid = price.reindex(own["case_id"]).to_numpy(dtype=float)
    paid = paid * area / case["area_m2"].to_numpy(dtype=float)
    is_supply = (case["kind"] == "supply").to_numpy(dtype=bool)
    idle = own["case_id"].map(members.groupby("case_id")["area_m2"].sum()).to_numpy(dtype=float)
    fee = case["fee_cny"].to_numpy(dtype=float) * area / idle
    fee = np.where(own["status"] == Status.IDLE_ONE_YEAR, fee, 0.0)
    is_sure = (case["is_determined"] == True).to_numpy(dtype=bool)  # noqa: E712  it may be missing
    is_free = (own["status"] == Status.IDLE_TWO_YEARS).to_numpy(dtype=bool)
    recovered = about["path"].str.contains(RECOVER).to_numpy(dtype=bool) & is_supply
    reserve, mu = _of(values, "reserve_mu"), units.mu(area)
    prices = {use: _of(values, "appraisal_mu", use) for use in set(about["use"])}
    found: dict[str, Any] = {"site_id": own["site_id"]}
    for n, bound in enumerate(BOUNDS):
        lowest = _lower(mu * np.array([prices[use][n] for use in about["use"]]), paid, bound)
        lowest = np.where(is_free & (bound == "low"), 0.0, lowest)
        found[f"idle_fee_{bound}"] = np.where(is_sure, fee, 0.0) if bound == "low" else fee
        found[f"capital_{bound}"] = np.where(is_supply, paid, mu * reserve[n])
        found[f"buy_back_{bound}"] = np.where(recovered, lowest, 0.0)
    return pd.DataFrame(found)


def _lower(
    appraisal: NDArray[np.float64],
    cost: NDArray[np.float64],
    bound: str,
) -> NDArray[np.float64]:
    """Return the lower of two; where one is unknown the other is the most it can be."""
    return np.fmin(appraisal, cost) if bound == "high" else np.minimum(appraisal, cost)
