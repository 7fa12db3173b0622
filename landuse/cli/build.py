"""The main job and its first half: `landuse build` and `landuse check`."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from landuse import (
    cells,
    console,
    door,
    examining,
    executor,
    export,
    findings,
    pipeline,
    texts,
    units,
)
from landuse import check as gate
from landuse.errors import LanduseError
from landuse.terms import State, label

if TYPE_CHECKING:
    import pandas as pd

    from landuse.pipeline import Run


@click.command(cls=door.Command)
@console.common
@click.option("--out", type=click.Path(path_type=Path))
@click.option("--no-history", is_flag=True)
@click.option(
    "--profile",
    metavar="NAME",
)
@click.option("--per-county", is_flag=True)
@click.option("--with-sites", is_flag=True)
@click.option(
    "--workers",
    metavar="N|tcp://HOST:PORT",
)
@click.option("--shared", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--memory-limit", type=click.FloatRange(min=0.2), metavar="GIB")
def build(  # noqa: PLR0913, PLR0917  one a choice of the user
    workspace: Path,
    on: date,
    lang: texts.Lang,
    out: Path | None,
    no_history: bool,
    per_county: bool,
    with_sites: bool,
    workers: str | None,
    shared: Path | None,
    profile: str | None,
    memory_limit: float | None,
) -> None:
    """Do the main job: read, check, partition, classify, dispose, write everything."""
    target = workspace / "out" if out is None else out
    if memory_limit is not None:
        executor.limit_memory(memory_limit)
    console.say(texts.say("cli.day", lang, on=on), err=True)
    with console.progress(lang) as report:
        made_on = None if no_history else date.today()  # noqa: DTZ011  the user's own day
        result = pipeline.build(
            workspace,
            on=on,
            out=target,
            lang=lang,
            report=report,
            made_on=made_on,
            per_county=per_county,
            with_sites=with_sites,
            executor=executor.chosen(workers, shared),
            profile=profile,
        )
    _print_totals(result, lang)
    _print_findings(result.findings, lang)
    for record in result.past.frames.unusable:
        console.say(LanduseError("history.damaged", path=record).said(lang), err=True)
    for name in ("maps/index.html", "lists/disposal.xlsx", "totals.json", "findings.csv"):
        if (target / name).exists():
            told = texts.say(f"cli.look_{Path(name).stem}", lang, path=target / name)
            console.say(told, err=True)


@click.command(cls=door.Command)
@console.common
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
)
def check(workspace: Path, on: date, lang: texts.Lang, out: Path | None) -> None:
    """Read and check only: print and write the findings and the scores of the sources."""
    with console.progress(lang) as report:
        seen = examining.gate(workspace, on=on, report=report)
    target = workspace / "check" if out is None else out
    scores = gate.scorecard(seen.tables, seen.findings, seen.workspace, lang)
    export.checked(target, seen.findings, scores, lang)
    _print_findings(seen.findings, lang)
    for row in seen.inputs[seen.inputs["rows"] > 0].itertuples():
        told = "; ".join(filter(None, (str(row.matched), str(row.declared))))
        if told:
            console.say(f"{row.file!s}: {told}", err=True)
    _print_scores(scores, lang)
    for name in ("findings", "scores"):
        console.say(texts.say(f"cli.look_{name}", lang, path=target / f"{name}.csv"), err=True)
    examining.refuse(seen.findings)


def _print_totals(result: Run, lang: texts.Lang) -> None:
    """Print count and area by state for the city."""
    table = Table(title=console.printed(f"{result.workspace.name} {result.on}"))
    for column in ("state", "count", "ha", "mu"):
        justify: Any = "left" if column == "state" else "right"
        table.add_column(texts.say(f"cli.column_{column}", lang), justify=justify)
    for state in State:
        entry = result.totals["city"]["states"][state.value]
        area = entry["area_m2"]
        name = label(state, lang)
        table.add_row(name, str(entry["count"]), f"{units.ha(area):.4f}", f"{units.mu(area):.2f}")
    Console().print(table)


_SCORES = ("layer", "responsible", "rows", "error", "warning", "info", "rows_with_errors")


def _print_scores(scores: pd.DataFrame, lang: texts.Lang) -> None:
    """Print how sound each source is, and how much each office has to mend in it."""
    table = Table(title=texts.say("cli.scores", lang))
    for name in (*_SCORES, "sound_share"):
        heading = texts.say(f"cli.score_{name}", lang)
        justify: Any = "left" if name in {"layer", "responsible"} else "right"
        table.add_column(heading, justify=justify, overflow="fold")
    for row in scores.to_dict("records"):
        is_whole = row["responsible"] == ""
        if not is_whole and not row["forbids"] + row["error"] + row["warning"]:
            continue
        share = f"{row['sound_share']:.1%}" if is_whole and row["rows"] else ""
        layer = row["layer"] if is_whole else ""
        told = [
            console.printed(str(cell)) for cell in (layer, *(row[n] for n in _SCORES[1:]), share)
        ]
        table.add_row(*told, style="bold" if is_whole else None)
    Console().print(table)


_MOST_SAID = 300  # UTF-16 units of a sentence on the terminal; findings.csv has all of it


def _print_findings(table: pd.DataFrame, lang: texts.Lang) -> None:
    """Print how many findings of each code there are and what the first says, the gravest first."""
    counts = Counter(table["code"])
    shown = findings.rendered(table.drop_duplicates("code"), lang)
    for row in shown.itertuples():
        message = cells.short(" ".join(str(row.message).split()), _MOST_SAID)
        said = f"{row.severity:8} {counts[row.code]:6}  {row.code}  {message}"
        console.say(said, err=True)
