"""
How a site may be supplied: 弹性年期出让, 先租后让, 租让结合, 长期租赁.

许集聚办〔2018〕3号 names the four for industrial projects that qualify; the longest terms come
from the statutes. Where a rule is not in force on the day, the longest term stays unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.sites.choices import READY

if TYPE_CHECKING:
    from landuse.law import Statutes

MODES = ("elastic_grant", "lease_then_grant", "lease_with_grant", "long_lease")
"""弹性年期出让, 先租后让, 租让结合, 长期租赁."""

_INDUSTRY = "工业"  # key of the table of longest terms


def terms(sites: pd.DataFrame, statutes: Statutes) -> pd.DataFrame:
    """
    Return every site with every mode of supply, whether it fits, and why.

    Parameters
    ----------
    sites
        site_id, use, path, seized_count.
    statutes
        The law of the day: `permits.grant_terms` and `permits.lease_years`.

    Returns
    -------
    terms
        site_id, mode, fits (boolean, missing where the use is unknown), grant_years, lease_years
        (longest of each part, NaN where the mode has no such part or no rule is in force), reason
        (key of the wording), articles.
    """
    grant, lease = statutes.find("permits.grant_terms"), statutes.find("permits.lease_years")
    longest = float(grant.amount.get(_INDUSTRY, np.nan)) if grant else np.nan
    rented = float(lease.amount) if lease else np.nan
    parts = {
        "elastic_grant": (longest, np.nan),
        "lease_then_grant": (longest, rented),
        "lease_with_grant": (longest, rented),
        "long_lease": (np.nan, rented),
    }
    rows = [
        {
            "site_id": site["site_id"],
            "mode": mode,
            "fits": fits,
            "grant_years": parts[mode][0],
            "lease_years": parts[mode][1],
            "reason": reason,
            "articles": "；".join(
                rule.citation
                for rule, years in zip((grant, lease), parts[mode], strict=True)
                if rule is not None and not np.isnan(years)
            ),
        }
        for site in sites.to_dict("records")
        for fits, reason in [_fits(site["use"], site["path"], site["seized_count"])]
        for mode in MODES
    ]
    columns = ["site_id", "mode", "fits", "grant_years", "lease_years", "reason", "articles"]
    return pd.DataFrame(rows, columns=columns).astype({"fits": "boolean"})


def _fits(use: str, path: str, seized: int) -> tuple[object, str]:
    """Return whether the four modes fit a site, and the reason."""
    if use not in {"production", ""}:
        return False, "not_industrial"
    if use == "":
        return pd.NA, "use_unknown"
    if seized:
        return False, "seized"
    return (True, "in_reserve") if path == READY else (True, f"after_{path.partition('+')[0]}")
