"""The order of the acts, and the record of a run."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import (
    balance,
    brief,
    bulletin,
    check,
    classify,
    entries,
    examining,
    export,
    findings,
    folder,
    geometry,
    grading,
    history,
    judging,
    kernels,
    law,
    layers,
    leaks,
    manifest,
    maps,
    memory,
    offline,
    part,
    partition,
    planning,
    profiles,
    workbook,
)
from landuse.errors import OutputError
from landuse.partition import ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    import geopandas as gpd

    from landuse.executor import Executor
    from landuse.texts import Lang

    Report = Callable[[str, int], None]

_log = logging.getLogger(__name__)

ACTS = (
    "read",
    "check",
    "partition",
    "classify",
    "dispose",
    "balance",
    "export",
    "workbook",
    "maps",
)
"""Stages a run reports, in their order."""


@dataclass(frozen=True)
class Run:
    """Everything one run found, in memory."""

    workspace: layers.Workspace
    on: date
    lang: Lang
    statutes: law.Statutes
    tables: dict[str, pd.DataFrame]
    inputs: pd.DataFrame
    findings: pd.DataFrame
    partition: partition.Partition
    cases: pd.DataFrame
    totals: dict[str, Any]
    entries: pd.DataFrame
    whole: Run | None = None
    """The run this one shows with a profile applied; None for one that shows everything."""

    @property
    def land(self) -> pd.DataFrame:
        """What each piece is and how its case stands, shapes in WKB: `pieces` without the rest."""
        return self.partition.packed

    @cached_property
    def pieces(self) -> gpd.GeoDataFrame:
        """Pieces with the classification of their supply or approval, put together when asked."""
        return geometry.opened(pd.concat(self.described()), self.partition.crs)

    def described(self) -> Iterator[pd.DataFrame]:
        """Yield `pieces` some rows at a time, shapes in WKB; a province has too many at once."""
        return ground.Described(self.cases, self.on).in_blocks(self.partition.packed)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """How sound each source is, by who must mend it (`check.scorecard`)."""
        if self.whole is not None:
            return self.whole.scores
        return check.scorecard(self.tables, self.findings, self.workspace, self.lang)

    @cached_property
    def scheme(self) -> grading.Scheme:
        """How firms are graded: the workspace's own scheme, else the example."""
        return grading.load(self.workspace.path)

    @cached_property
    def past(self) -> history.Past:
        """The film of the kept runs up to this one, and what moved since the one before."""
        if self.whole is not None:
            return self.whole.past
        return history.Past(self.workspace.path, self, judging.Judge().cases)


def _silent(stage: str, rows: int) -> None:
    """Report nothing."""
    del stage, rows


def run(
    path: str | Path,
    *,
    on: date,
    lang: Lang = "zh",
    report: Report = _silent,
    executor: Executor | None = None,
) -> Run:
    """
    Read, check, partition, classify, dispose and balance a workspace, in memory.

    Parameters
    ----------
    path
        The workspace folder.
    on
        The day asked for.
    lang
        Language of the reasons.
    report
        Called with each stage and its number of rows.
    executor
        Who cuts the land of each county (`landuse.executor`); this process if not given.

    Raises
    ------
    CheckFailed
        If a finding forbids a result.
    WorkspaceError, LayerError, CrsError
        If the workspace or one of its layers cannot be read as declared.
    LawError
        If a rule that is needed is not in force on the day.
    ClusterError
        If the executor cannot do its work.

    Examples
    --------
    >>> found = landuse.run(folder, on=date(2018, 6, 30))
    >>> found.totals["city"]["count"] == len(found.cases)
    True
    """
    with kernels.undisturbed():
        return _run(path, on, lang, report, executor)


def _run(path: str | Path, on: date, lang: Lang, report: Report, executor: Executor | None) -> Run:
    """Do everything up to the totals."""
    seen = examining.taken(path, report=report)
    with closing(partition.begin(seen.tables, on=on, executor=executor)) as begun:
        seen = examining.checked(seen, on=on, report=report)
        examining.refuse(seen.findings)
        statutes = law.on(on, seen.workspace.path)
        parts = judging.measured(begun, seen.workspace, seen.tables, on)
    report("partition", len(parts.packed))
    memory.give_back()
    cases = judging.cases(seen.tables, parts, on, statutes, lang, report)
    parts = ground.labelled(parts, cases)
    totals = balance.totals(seen.workspace, seen.tables, cases, parts, statutes)
    report("balance", len(cases))
    memory.give_back()
    laid = ground.found(parts, seen.tables, partition.Tolerances())
    conflicts = classify.findings(cases, seen.tables, statutes)
    return Run(
        workspace=seen.workspace,
        on=on,
        lang=lang,
        statutes=statutes,
        tables=seen.tables,
        inputs=seen.inputs,
        findings=findings.gather([seen.findings, laid, conflicts]),
        partition=parts,
        cases=cases,
        totals=totals,
        entries=entries.read(seen.workspace.path),
    )


def build(  # noqa: PLR0913  each is one thing asked for
    path: str | Path,
    *,
    on: date,
    out: str | Path | None = None,
    lang: Lang = "zh",
    report: Report = _silent,
    made_on: date | None = None,
    per_county: bool = False,
    with_sites: bool = False,
    executor: Executor | None = None,
    profile: str | None = None,
) -> Run:
    """
    Do the main job: everything of `run`, and every output file, whole or not at all.

    Parameters
    ----------
    path
        The workspace folder.
    on
        The day asked for.
    out
        Folder to write; `out/` in the workspace if not given.
    lang
        Language of what people read.
    report
        Called with each stage and its number of rows.
    made_on
        Day the run is made; the run is kept in `history/` if given. It stands in no output.
    per_county
        Write a disposal list of each county too.
    with_sites
        Add land to offer and projects placed to lists and maps; not together with a profile.
    executor
        Who cuts the land of each county and draws maps (`landuse.executor`); this process if not
        given. The outputs are the same bytes.
    profile
        Name of who may see the outputs (`profiles.chosen`); everything may be seen if not given.
        What is kept in `history/` is whole in any case.

    Raises
    ------
    CheckFailed
        If a finding forbids a result, or an output would hold what the profile hides; nothing is
        written.
    OutputError
        If the folder cannot be written, or sites are asked for together with a profile; what was
        there is untouched.
    WorkspaceError, LayerError, MapError, CrsError, LawError
        If the workspace, a layer, a map or a rule cannot be used.
    ClusterError
        If the executor cannot do its work; nothing is written.

    Examples
    --------
    >>> made = landuse.build(folder, on=date(2018, 6, 30), out=folder / "out")
    >>> sorted(each.name for each in (folder / "out" / "lists").iterdir())
    ['bulletin.docx', 'disposal.xlsx']
    """
    target = Path(path) / "out" if out is None else Path(out)
    if offline.is_address(target):
        raise OutputError("output.address", path=target)
    if with_sites and profile is not None:
        raise OutputError("profiles.no_sites", profile=profile)
    asked = None if profile is None else profiles.chosen(layers.load(path), profile)
    with folder.replacing(target) as growing:
        result = run(path, on=on, lang=lang, report=report, executor=executor)
        shown, hidden = (result, None) if asked is None else profiles.applied(result, asked)
        if hidden is not None:
            shown = replace(shown, whole=result)
        _write(
            growing,
            shown,
            report,
            asked,
            executor,
            per_county=per_county,
            with_sites=with_sites,
        )
        if hidden is not None:
            leaks.check(growing, hidden, result.workspace.crs)
    if made_on is not None:
        history.keep(path, result, made_on=made_on)
    _log.info("built %s for %s: %d cases", target, on, len(result.cases))
    return result


def _write(  # noqa: PLR0913  each is one thing asked for
    growing: Path,
    result: Run,
    report: Report,
    profile: profiles.Profile | None,
    executor: Executor | None,
    *,
    per_county: bool,
    with_sites: bool,
) -> None:
    """Write every output of a run, as a profile shows it, into a folder; the manifest last."""
    whole = planning.Plan(result.whole or result)
    plan = whole if with_sites else None
    listed = workbook.begin(
        growing / "lists",
        result,
        lang=result.lang,
        plan=plan,
        per_county=per_county,
        executor=executor,
    )
    begun = None
    if profile is None or profile.coordinates != "absent":
        begun = maps.begin(
            growing / "maps",
            result,
            lang=result.lang,
            frames=result.past.film,
            sites=lambda lang: _layers(whole, profile, lang, with_placed=with_sites),
            sites_everywhere=with_sites,
            told=brief.teller(result, result.lang),
            within=part.Divided(result).within,
            executor=executor,
        )
    with kernels.undisturbed():
        _write_files(growing, result, listed, report)
    if begun is not None:
        begun.finish()
    report("maps", len(result.land))
    export.manifest(growing, manifest.of(growing, result, profile))


def _write_files(growing: Path, result: Run, listed: workbook.Begun, report: Report) -> None:
    """Write the tables of a run, and its lists as they are made."""
    export.pieces(growing, result.partition, result.described, result.on)
    export.cases(growing, result.cases)
    export.totals(growing, result.totals)
    export.series(growing, result.past.series)
    export.findings_csv(growing / "findings.csv", result.findings, result.lang)
    report("export", len(result.land))
    memory.give_back()
    (growing / "lists").mkdir()
    listed.finish()
    bulletin.write(growing / "lists" / "bulletin.docx", result, lang=result.lang)
    report("workbook", len(result.cases))
    memory.give_back()


def _layers(
    plan: planning.Plan, profile: profiles.Profile | None, lang: Lang, *, with_placed: bool
) -> list[maps.Overlay]:
    """Return sites as layers of a map; a profile sees their area alone, and shapes as it may."""
    if profile is None:
        return plan.layers(lang, with_placed=with_placed)
    return [planning.cards.bare(profiles.shaped(plan.offer.sites, profile), lang)]
