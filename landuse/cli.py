"""
The command line: the only place that prints, catches our errors and knows the terminal.

Tables go to stdout, everything else to stderr. Exit: 0 done, 1 findings forbid a result, 2 wrong
use.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import landuse
from landuse import export, findings, law, starter, texts, units
from landuse.errors import CheckFailed, LanduseError
from landuse.returns.planning import VERDICTS
from landuse.terms import State, label

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from landuse.pipeline import Run
    from landuse.returns import Plan

_STAGES = 9


class _Group(click.Group):
    """Turns our errors into one sentence and the right exit code, in one place."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; findings that forbid exit 1, wrong use exits 2."""
        try:
            return super().invoke(ctx)
        except CheckFailed as err:
            click.echo(str(err), err=True)
            ctx.exit(1)
        except LanduseError as err:
            click.echo(str(err), err=True)
            ctx.exit(2)


def _day(_: click.Context, __: click.Parameter | None, value: datetime | None) -> date:
    """Return the day given, or today."""
    return date.today() if value is None else value.date()  # noqa: DTZ011  the user's own day


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command on a workspace takes."""
    for decorate in (
        click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True),
        click.option(
            "--on",
            type=click.DateTime(["%Y-%m-%d"]),
            callback=_day,
            help="The day asked for, YYYY-MM-DD; today if not given.",
        ),
        click.argument(
            "workspace", type=click.Path(path_type=Path, file_okay=False), default=Path()
        ),
    ):
        command = decorate(command)
    return command


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(landuse.__version__, prog_name="landuse")
def main() -> None:
    """Land-use supervision: which land is in which state on any day, why, and what to do."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


@main.command()
@_common
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write; default: WORKSPACE/out"
)
def build(workspace: Path, on: date, lang: texts.Lang, out: Path | None) -> None:
    """
    Do the main job: read, check, partition, classify, dispose, write everything.

    Example: landuse build --on 2018-06-30 --out out .
    """
    from landuse import pipeline

    target = workspace / "out" if out is None else out
    click.echo(texts.say("cli.day", lang, on=on), err=True)
    with _progress(lang) as report:
        result = pipeline.build(workspace, on=on, out=target, lang=lang, report=report)
    _print_totals(result, lang)
    _print_findings(result.findings, lang)
    for name in ("maps/index.html", "lists/disposal.xlsx", "totals.json", "findings.csv"):
        click.echo(texts.say(f"cli.look_{Path(name).stem}", lang, path=target / name), err=True)


@main.command()
@_common
@click.option("--out", type=click.Path(path_type=Path), help="CSV; default: WORKSPACE/findings.csv")
def check(workspace: Path, on: date, lang: texts.Lang, out: Path | None) -> None:
    """
    Read and check only: print the findings and write them as CSV.

    Example: landuse check --on 2018-06-30 .
    """
    from landuse import pipeline

    with _progress(lang) as report:
        seen = pipeline.examine(workspace, on=on, report=report)
    target = workspace / "findings.csv" if out is None else out
    export.findings_csv(target, seen.findings, lang)
    _print_findings(seen.findings, lang)
    click.echo(texts.say("cli.look_findings", lang, path=target), err=True)
    pipeline.refuse(seen.findings, lang)


@main.command()
@click.argument("arguments", nargs=-1, metavar="ID... [WORKSPACE]")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    help="The day asked for, YYYY-MM-DD; today if not given.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "html", "docx"]),
    help="How to write the sheet; default: as the name of --output says, else text.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; needed for html and docx.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def explain(
    arguments: tuple[str, ...], on: date, form: str | None, output: Path | None, lang: texts.Lang
) -> None:
    """
    Print or write the decision sheet (判定书) of one or more supplies or approvals.

    A folder as the last of several arguments is the workspace.

    Example: landuse explain 4110022016B00123 --on 2018-06-30 --output sheet.docx .
    """
    from landuse import decision, pipeline

    has_folder = len(arguments) > 1 and Path(arguments[-1]).is_dir()
    ids = arguments[:-1] if has_folder else arguments
    chosen = decision.chosen_format(form, output, lang)
    decision.require_ids(ids, lang)
    with _progress(lang) as report:
        workspace = Path(arguments[-1]) if has_folder else Path()
        result = pipeline.run(workspace, on=on, lang=lang, report=report)
    sheet = decision.sheet(result, ids, lang)
    if output is None:
        click.echo(sheet.to_markdown() if chosen == "md" else sheet.text, nl=False)
    else:
        sheet.write(output, chosen)
        click.echo(texts.say("explain.written", lang, path=output), err=True)


@main.command("law")
@click.argument("key", required=False)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    help="The day asked for, YYYY-MM-DD; today if not given.",
)
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder whose layers/statutes lay local rules over the national ones.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def show_law(key: str | None, on: date, workspace: Path, lang: texts.Lang) -> None:
    """
    Print value, article and text in force on a day.

    Example: landuse law idle_land.fee_share --on 2018-06-30
    """
    statutes = law.on(on, workspace)
    values = [statutes[key]] if key else statutes.in_force()
    for value in values:
        name = value.label if lang == "zh" else value.label_en
        click.echo(f"{value.key} = {value.amount} {value.unit}".rstrip())
        click.echo(f"  {name}")
        click.echo(f"  {value.citation}  {value.in_force}")
        for extra in (value.text, value.note):
            if extra:
                click.echo(f"  {extra}")


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", default="示例市", show_default=True, help="Name of the city.")
@click.option("--crs", default="EPSG:4547", show_default=True, help="Projected CRS in metres.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def new(directory: Path, name: str, crs: str, lang: texts.Lang) -> None:
    """
    Start a workspace for another city: layer files to fill in, tables with the right headings.

    Example: landuse new zhumadian --name 驻马店市 --crs EPSG:4547
    """
    starter.write(directory, name=name, crs=crs, on=_day(click.get_current_context(), None, None))
    click.echo(texts.say("cli.started", lang, path=directory), err=True)


@main.command("return")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--plan", type=click.Path(path_type=Path), help="Where to write what was edited.")
@click.option("--accept", is_flag=True, help="Accept every edit nobody contradicts, at once.")
@click.option("--by", default="", help="Who accepts.")
@click.option("--why", default="", help="On which ground, for instance a letter and its number.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def take_back(
    files: tuple[Path, ...], plan: Path | None, accept: bool, by: str, why: str, lang: texts.Lang
) -> None:
    """
    Read filled-in lists back: first say what was edited, then accept what a person chose.

    FILES are workbooks, or one plan with its decisions; a folder as the last of them is the
    workspace.

    Example: landuse return disposal-weidu.xlsx disposal-yuzhou.xlsx .
    """
    from landuse import layers, returns

    books = [path for path in files if path.is_file()]
    workspace = files[-1] if files[-1].is_dir() else Path()
    if len(books) < len(files) - files[-1].is_dir() or not books:
        raise click.UsageError(texts.say("returns.usage", lang))
    name = layers.load(workspace).name
    today = date.today()  # noqa: DTZ011  the user's own day
    if len(books) == 1 and returns.is_plan(books[0]):
        done = returns.accepted(workspace, returns.read(books[0]), by=by, why=why, on=today)
        click.echo(texts.say("returns.accepted", lang, count=len(done)), err=True)
        return
    found = returns.planned(books, workspace, name, lang)
    _print_plan(found, lang)
    if accept:
        done = returns.accepted(workspace, found.changes, by=by, why=why, on=today)
        click.echo(texts.say("returns.accepted", lang, count=len(done)), err=True)
    elif len(found.changes):
        target = plan or books[0].with_name(f"{books[0].stem}-plan.xlsx")
        returns.write(target, found, lang)
        click.echo(texts.say("returns.plan_written", lang, path=target), err=True)


def _print_plan(plan: Plan, lang: texts.Lang) -> None:
    """Print what was edited, then what a person should know."""
    for change in plan.changes.itertuples():
        field = texts.say(f"workbook.col_{change.field}", lang)
        verdict = texts.say(f"returns.verdict_{change.verdict}", lang)
        click.echo(f"{verdict}  {change.case_id}  {field}  {change.given!r} → {change.value!r}")
    for notice in plan.notices.itertuples():
        known = {"file": notice.file, "sheet": notice.sheet, "row": notice.row}
        what = notice.what
        if notice.key.startswith("column_"):
            what = texts.say(f"workbook.col_{what}", lang)
        click.echo(texts.say(f"returns.notice_{notice.key}", lang, what=what, **known), err=True)
    counts = {v: int((plan.changes["verdict"] == v).sum()) for v in VERDICTS}
    key = "changes" if len(plan.changes) else "no_changes"
    click.echo(texts.say(f"returns.{key}", lang, count=len(plan.changes), **counts), err=True)


class _progress:  # noqa: N801  used as a context manager
    """A progress bar on a terminal, nothing elsewhere; gives the callback that moves it."""

    def __init__(self, lang: texts.Lang) -> None:
        self._lang = lang
        console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Callable[[str, int], None]:
        self._bar.start()
        task = self._bar.add_task(texts.say("cli.start", self._lang), total=_STAGES)

        def report(stage: str, rows: int) -> None:
            done = texts.say("cli.stage", self._lang, stage=stage, rows=rows)
            self._bar.update(task, advance=1, description=done)

        return report

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


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


def _print_findings(table: pd.DataFrame, lang: texts.Lang) -> None:
    """Print how many findings of each code there are, the gravest first."""
    shown = findings.rendered(table, lang)
    pairs = Counter(zip(shown["severity"], shown["code"], strict=True))
    for (severity, code), count in pairs.items():
        click.echo(f"{severity:8} {count:6}  {code}", err=True)
