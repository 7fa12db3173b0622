"""
The command line: the only place that prints, catches our errors and knows the terminal.

Tables go to stdout, everything else to stderr. Exit: 0 done, 1 findings forbid a result, 2 wrong
use.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

import landuse
from landuse import check as gate
from landuse import console, export, findings, handout, starter, texts, units
from landuse.cli import history, office, sites, speech
from landuse.cli.observe import observe
from landuse.cli.publish import publish
from landuse.cli.returning import take_back
from landuse.errors import CheckFailed, LanduseError
from landuse.terms import State, label
from landuse.texts import WordingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from landuse.pipeline import Run


class _Group(click.Group):
    """Turns our errors into one sentence and the right exit code, in one place."""

    def main(self, args: Sequence[str] | None = None, *given: Any, **extra: Any) -> Any:
        """Run the command line; `Context.obj` is its language, known before anything is read."""
        words = sys.argv[1:] if args is None else list(args)
        lang = speech.language(words)
        speech.explain(self, lang)
        with speech.speaking(lang):
            return super().main(words, *given, obj=lang, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; findings that forbid exit 1, wrong use exits 2."""
        lang: texts.Lang = ctx.obj
        try:
            return super().invoke(ctx)
        except CheckFailed as err:
            click.echo(err.said(lang), err=True)
            ctx.exit(1)
        except LanduseError as err:
            click.echo(err.said(lang), err=True)
            ctx.exit(2)
        except MemoryError:
            click.echo(texts.say("cli.no_memory", lang), err=True)
            ctx.exit(2)
        except WordingError as err:
            click.echo(str(err), err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(landuse.__version__, prog_name="landuse")
def main() -> None:
    """Land-use supervision: which land is in which state on any day, why, and what to do."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


@main.command()
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
def build(  # noqa: PLR0913, PLR0917  one a choice of the user
    workspace: Path,
    on: date,
    lang: texts.Lang,
    out: Path | None,
    no_history: bool,
    per_county: bool,
    with_sites: bool,
    workers: str | None,
    profile: str | None,
) -> None:
    """Do the main job: read, check, partition, classify, dispose, write everything."""
    from landuse import executor, pipeline

    target = workspace / "out" if out is None else out
    click.echo(texts.say("cli.day", lang, on=on), err=True)
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
            executor=executor.chosen(workers),
            profile=profile,
        )
    _print_totals(result, lang)
    _print_findings(result.findings, lang)
    for record in result.past.frames.unusable:
        click.echo(LanduseError("history.damaged", path=record).said(lang), err=True)
    for name in ("maps/index.html", "lists/disposal.xlsx", "totals.json", "findings.csv"):
        if (target / name).exists():
            click.echo(texts.say(f"cli.look_{Path(name).stem}", lang, path=target / name), err=True)


@main.command()
@console.common
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
)
def check(workspace: Path, on: date, lang: texts.Lang, out: Path | None) -> None:
    """Read and check only: print and write the findings and the scores of the sources."""
    from landuse import pipeline

    with console.progress(lang) as report:
        seen = pipeline.gate(workspace, on=on, report=report)
    target = workspace / "check" if out is None else out
    scores = gate.scorecard(seen.tables, seen.findings, seen.workspace, lang)
    export.checked(target, seen.findings, scores, lang)
    _print_findings(seen.findings, lang)
    for row in seen.inputs[seen.inputs["rows"] > 0].itertuples():
        told = "; ".join(filter(None, (str(row.matched), str(row.declared))))
        if told:
            click.echo(f"{row.file!s}: {told}", err=True)
    _print_scores(scores, lang)
    for name in ("findings", "scores"):
        click.echo(texts.say(f"cli.look_{name}", lang, path=target / f"{name}.csv"), err=True)
    pipeline.refuse(seen.findings)


@main.command()
@click.argument("arguments", nargs=-1, metavar="ID... [WORKSPACE]")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=console.day,
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "html", "docx"]),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def explain(
    arguments: tuple[str, ...], on: date, form: str | None, output: Path | None, lang: texts.Lang
) -> None:
    """Print or write the decision sheet (判定书) of one or more supplies or approvals."""
    from landuse import decision, pipeline

    has_folder = len(arguments) > 1 and Path(arguments[-1]).is_dir()
    ids = arguments[:-1] if has_folder else arguments
    chosen = decision.chosen_format(form, output)
    decision.require_ids(ids)
    with console.progress(lang) as report:
        workspace = Path(arguments[-1]) if has_folder else Path()
        result = pipeline.run(workspace, on=on, lang=lang, report=report)
    sheet = decision.sheet(result, ids, lang)
    if output is None:
        click.echo(sheet.to_markdown() if chosen == "md" else sheet.text, nl=False)
    else:
        sheet.write(output, chosen)
        click.echo(texts.say("explain.written", lang, path=output), err=True)


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", default="示例市", show_default=True)
@click.option("--crs", default="EPSG:4547", show_default=True)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def new(directory: Path, name: str, crs: str, lang: texts.Lang) -> None:
    """Start a workspace for another city: layer files and empty tables to fill in."""
    starter.write(
        directory, name=name, crs=crs, on=console.day(click.get_current_context(), None, None)
    )
    click.echo(texts.say("cli.started", lang, path=directory), err=True)


@main.command()
@console.common
@click.option("--months", type=int, default=12, show_default=True)
@console.options
def forecast(
    workspace: Path, on: date, lang: texts.Lang, months: int, form: str | None, output: Path | None
) -> None:
    """Say who crosses which line in the coming months, if nothing new happens."""
    from landuse import outlook
    from landuse.outlook import shown

    form = handout.chosen(form, output)
    click.echo(texts.say("cli.day", lang, on=on), err=True)
    with console.progress(lang) as report:
        found = outlook.forecast(workspace, on=on, months=months, lang=lang, report=report)
    console.hand_out(shown, found, form, output)


@main.command()
@console.common
@click.option("--as-of-law", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--statutes", type=click.Path(path_type=Path, exists=True))
@click.option("--set", "amounts", multiple=True)
@console.options
def whatif(
    workspace: Path, on: date, lang: texts.Lang, form: str | None, output: Path | None, **asked: Any
) -> None:
    """Judge the same land on the same day by another law: who moves, and by which rule."""
    from landuse import pipeline, rulebook, trial
    from landuse.trial import shown

    form = handout.chosen(form, output)
    day = asked["as_of_law"] and asked["as_of_law"].date()
    values = rulebook.assigned(asked["amounts"])
    rulebook.Change(day, asked["statutes"], values, lang).refuse_nothing()
    click.echo(texts.say("cli.day", lang, on=on), err=True)
    with console.progress(lang) as report:
        result = pipeline.run(workspace, on=on, lang=lang, report=report)
    found = trial.whatif(
        result, as_of_law=day, statutes=asked["statutes"], values=values, lang=lang
    )
    console.hand_out(shown, found, form, output)


main.add_command(take_back)
for command in office.COMMANDS:
    main.add_command(command)
for command in (*history.COMMANDS, publish, sites.sites, sites.match, observe):
    main.add_command(command)


def _print_totals(result: Run, lang: texts.Lang) -> None:
    """Print count and area by state for the city."""
    table = Table(title=f"{result.workspace.name} {result.on}")
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
        cells = [str(row[name]) for name in _SCORES[1:]]
        table.add_row(layer, *cells, share, style="bold" if is_whole else None)
    Console().print(table)


def _print_findings(table: pd.DataFrame, lang: texts.Lang) -> None:
    """Print how many findings of each code there are, the gravest first."""
    shown = findings.rendered(table, lang)
    pairs = Counter(zip(shown["severity"], shown["code"], strict=True))
    for (severity, code), count in pairs.items():
        click.echo(f"{severity:8} {count:6}  {code}", err=True)
