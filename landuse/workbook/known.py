"""What the rows of a list look up, made once: a province is gone through in many blocks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from landuse import facts, terms
from landuse.terms import Role

if TYPE_CHECKING:
    from landuse.texts import Lang
    from landuse.workbook.ledger import Results


class Known:
    """
    Tables of what a run found by the id of a case, one row each.

    Parameters
    ----------
    results
        What the workbook is made of; not changed.
    lang
        Language of the words.
    """

    def __init__(self, results: Results, lang: Lang) -> None:
        self.results = results
        self.lang = lang

    @cached_property
    def approvals(self) -> pd.DataFrame:
        """Approvals by `approval_id`, without shapes."""
        table = self.results.tables[Role.APPROVAL].drop(columns="geometry", errors="ignore")
        return pd.DataFrame(table).drop_duplicates("approval_id").set_index("approval_id")

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Accounts of approvals by `approval_id`."""
        table = self.results.partition.accounts
        return table.drop_duplicates("approval_id").set_index("approval_id")

    def supplies(self, ids: pd.Series) -> pd.DataFrame:
        """Return some supplies as known on the day, by `supply_id`; those there are."""
        places = self._supplies.reindex(ids.dropna().unique()).dropna().astype("int64")
        some = self.results.tables[Role.SUPPLY].iloc[places.to_numpy()]
        return facts.known(some, self.results.on).set_index("supply_id")

    @cached_property
    def _supplies(self) -> pd.Series:
        """Position of each supply by its id."""
        ids = self.results.tables[Role.SUPPLY]["supply_id"]
        return pd.Series(range(len(ids)), index=ids)[~ids.duplicated().to_numpy()]

    @cached_property
    def firms(self) -> pd.DataFrame:
        """Name, halt and tax of the firms on each supply; several are joined and added up."""
        known = self.results.tables[Role.ENTERPRISE].sort_values("enterprise_id", kind="stable")
        known = known[known["supply_id"].notna()]
        halted = known["halted_on"]
        blank = facts.is_blank_day(halted) | (halted > pd.Timestamp(self.results.on))
        by_supply = known.assign(halted_on=halted.mask(blank)).groupby("supply_id")
        named = known[["supply_id", "enterprise_name"]].dropna().drop_duplicates()
        return pd.DataFrame(
            {
                "name": named.groupby("supply_id")["enterprise_name"].agg("；".join),
                "halted_on": by_supply["halted_on"].max(),
                "tax": by_supply["tax"].sum(min_count=1),
            }
        )

    @cached_property
    def causes(self) -> pd.Series:
        """Lawful pauses on record on the day, in words, by `supply_id`."""
        pauses = self.results.tables[Role.PAUSE]
        begun = pauses["begins_on"].isna() | (pauses["begins_on"] <= pd.Timestamp(self.results.on))
        column = 0 if self.lang == "zh" else 1
        known = {code: f"{code} {label[column]}" for code, label in terms.PAUSE_CAUSES.items()}
        named = pauses[begun][["supply_id", "cause"]].dropna().drop_duplicates()
        named = named.sort_values("cause")
        shown = named.assign(cause=[known.get(code, code) for code in named["cause"]])
        return shown.groupby("supply_id")["cause"].agg("；".join)
