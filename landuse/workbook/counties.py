"""One list a county, each with its own totals; together they are the list of the city."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from landuse import facts
from landuse.terms import Role
from landuse.workbook.ledger import say
from landuse.workbook.rows import division

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import pandas as pd

    from landuse.law import Statutes
    from landuse.layers import Workspace
    from landuse.texts import Lang
    from landuse.workbook.ledger import Grading, Parts, Results

_OTHERS = "other"


@dataclass(frozen=True)
class County:
    """
    What a run found in one county, as the workbook shows it (`ledger.Results`).

    Attributes
    ----------
    whole
        What the run found in the city.
    code
        Division code; "" for what no county answers for.
    homes
        The county of every cluster, case and finding of the city.
    """

    whole: Results
    code: str
    homes: Homes

    @property
    def workspace(self) -> Workspace:
        """The workspace of the city, by which a returned list is known."""
        return self.whole.workspace

    @property
    def on(self) -> date:
        """The day asked for."""
        return self.whole.on

    @property
    def statutes(self) -> Statutes:
        """The law in force."""
        return self.whole.statutes

    @property
    def partition(self) -> Parts:
        """The accounts of all approvals; only those of the cases listed are looked up."""
        return self.whole.partition

    @property
    def scores(self) -> pd.DataFrame:
        """How sound the source files are, of the city."""
        return self.whole.scores

    @property
    def inputs(self) -> pd.DataFrame:
        """The source files, of the city."""
        return self.whole.inputs

    @property
    def entries(self) -> pd.DataFrame:
        """What was accepted, of the city."""
        return self.whole.entries

    @property
    def scheme(self) -> Grading:
        """How firms are graded, of the city."""
        return self.whole.scheme

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The tables of the city, with the clusters of the county."""
        own = self.whole.tables[Role.CLUSTER][self.homes.clusters == self.code]
        return {**self.whole.tables, Role.CLUSTER: own}

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The cases the county answers for."""
        return self.whole.cases[self.homes.cases == self.code]

    @cached_property
    def totals(self) -> Mapping[str, Any]:
        """The figures of the county, as `totals.json` has them for a city."""
        totals = self.whole.totals
        own = next(c for c in totals["counties"] if c["division_code"] == self.code)
        inside = set(self.tables[Role.CLUSTER]["cluster_id"])
        outside = {"cluster_id": "", "cluster_name": "", **own["outside_clusters"]}
        parks = [p for p in totals["parks"] if p["cluster_id"] in inside]
        if not self.code:
            known = set(self.whole.tables[Role.CLUSTER]["cluster_id"])
            parks = [p for p in totals["parks"] if p["cluster_id"] not in known]
        return {
            **totals,
            "city": own,
            "clusters": [*(c for c in totals["clusters"] if c["cluster_id"] in inside), outside],
            "parks": parks,
        }

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The findings about what lies in the county; those about whole layers belong to none."""
        return self.whole.findings[self.homes.findings == self.code]


@dataclass(frozen=True)
class Homes:
    """Division codes, "" for none, one a cluster, one a case and one a finding."""

    clusters: pd.Series
    cases: pd.Series
    findings: pd.Series

    @classmethod
    def of(cls, results: Results) -> Homes:
        """Tell the county of everything; a finding belongs to the county of what it names."""
        clusters = results.tables[Role.CLUSTER]
        by_id: dict[str, str] = {}
        for role in (Role.ENTERPRISE, Role.PARK, Role.CLUSTER):
            table = results.tables[role]
            by_id |= dict(zip(table[f"{role}_id"], facts.counties(table, clusters), strict=True))
        cases = facts.counties(results.cases, clusters)
        by_id |= dict(zip(results.cases["case_id"], cases, strict=True))
        findings = results.findings["feature_id"].map(by_id).fillna("")
        return cls(facts.counties(clusters, clusters), cases, findings)


def of(results: Results, lang: Lang) -> Iterator[tuple[str, str, County]]:
    """
    Yield the counties of a city: how their file and their title name them, and what lies there.

    Parameters
    ----------
    results
        What a run found in the city; its totals have `counties`.
    lang
        Language of the names.
    """
    homes = Homes.of(results)
    for entry in results.totals["counties"]:
        code = entry["division_code"]
        name = division(code, lang) if code else say("no_county", lang)
        yield code or _OTHERS, f"{results.workspace.name}{name}", County(results, code, homes)
