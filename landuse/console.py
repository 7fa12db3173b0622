"""
Answers on the terminal or as files: the options that say where, and the tables a person reads.

Tables go to stdout, everything else to stderr. Text of the data is text and never markup.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from landuse import cells, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landuse import handout

_STAGES = 9
_PIPED_WIDTH = 200  # columns where no terminal says how wide it is


class Shown(Protocol):
    """How one kind of answer is shown (`outlook.shown`, `trial.shown`)."""

    def printed(self, found: Any, /) -> Sequence[handout.Sheet]: ...  # noqa: D102
    def sheets(self, found: Any, /) -> Sequence[handout.Sheet]: ...  # noqa: D102
    def record(self, found: Any, /) -> dict[str, Any]: ...  # noqa: D102
    def summary(self, found: Any, /) -> str: ...  # noqa: D102


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print text of ours and of the data; what would steer a terminal is shown, not obeyed."""
    click.echo(cells.spelled(text), err=err, nl=nl)


def data(text: str) -> None:
    """Print a file to stdout: as it is where a program reads it, harmless on a terminal."""
    click.echo(cells.spelled(text) if sys.stdout.isatty() else text, nl=False)


def printed(text: str) -> Text:
    """Return text for a table on the terminal: never markup, and it steers nothing."""
    return Text(cells.spelled(text))


def language(args: Sequence[str]) -> texts.Lang:
    """Return the language a command line asks for, before it is parsed."""
    asked = [b for a, b in pairwise((*args, "")) if a == "--lang"]
    asked += [word.partition("=")[2] for word in args if word.startswith("--lang=")]
    return "en" if asked == ["en"] else "zh"


def day(_: click.Context, __: click.Parameter | None, value: datetime | None) -> date:
    """Return the day given, or today."""
    return date.today() if value is None else value.date()  # noqa: DTZ011  the user's own day


on = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", callback=day)
"""The option that says for which day."""

lang = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: click.get_current_context().find_object(str) or "zh",
)
"""The option that says in which language a command answers."""


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command on a workspace takes."""
    for decorate in (
        lang,
        on,
        click.argument(
            "workspace", type=click.Path(path_type=Path, file_okay=False), default=Path()
        ),
    ):
        command = decorate(command)
    return command


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where a table goes."""
    from landuse import handout

    for decorate in (
        click.option(
            "--output",
            type=click.Path(path_type=Path, dir_okay=False),
        ),
        click.option("--format", "form", type=click.Choice(handout.FORMATS)),
    ):
        command = decorate(command)
    return command


def hand_out(shown: Shown, found: Any, form: str | None, output: Path | None) -> None:
    """
    Print an answer, or write it in the format asked for; then say it in one sentence.

    Parameters
    ----------
    shown
        How this kind of answer is shown.
    found
        The answer; it has a day and a language.
    form, output
        Format and file (`handout.chosen`).

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from landuse import handout

    if form is None:
        for sheet in shown.printed(found):
            print_sheet(sheet, found.lang)
    elif output is None:
        data(handout.text(form, shown.sheets(found), shown.record(found)))
    else:
        sheets, record = shown.sheets(found), shown.record(found)
        for path in handout.write(output, form, sheets, record, on=found.on):
            say(texts.say("handout.written", found.lang, path=path), err=True)
    say(shown.summary(found), err=True)


def print_sheet(sheet: handout.Sheet, lang: texts.Lang) -> None:
    """Print one table with its title and what must stand beside it."""
    from landuse import handout

    table = Table(title=printed(sheet.title), caption=printed(sheet.note))
    columns = []
    for heading, kind, held in sheet.columns():
        justify: Any = "left" if kind in {"text", "long", "day"} else "right"
        table.add_column(printed(heading), justify=justify, overflow="fold")
        columns.append([printed(handout.shown(value, kind)) for value in held])
    for row in zip(*columns, strict=True):
        table.add_row(*row)
    if not len(sheet.cells):
        table.add_row(texts.say("handout.none", lang))
    console = Console()
    Console(width=console.width if console.is_terminal else _PIPED_WIDTH).print(table)


class progress:  # noqa: N801  used as a context manager
    """A progress bar on a terminal, nothing elsewhere; gives the callback that moves it."""

    def __init__(self, lang: texts.Lang) -> None:
        self._lang = lang
        terminal = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeElapsedColumn(),
            console=terminal,
            transient=True,
            disable=not terminal.is_terminal,
        )

    def __enter__(self) -> Callable[[str, int], None]:
        self._bar.start()
        task = self._bar.add_task(texts.say("cli.start", self._lang), total=_STAGES)

        def report(stage: str, rows: int) -> None:
            done = texts.say("cli.stage", self._lang, stage=stage, rows=rows)
            self._bar.update(task, advance=1, description=cells.spelled(done))

        return report

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
