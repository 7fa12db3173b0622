"""
The door: commands found by name, what they say of themselves, and how they refuse.

A command's module is loaded when it is called, so that `landuse --help` answers at once. Texts
stand in `wording/help.toml`, refusals in `wording/errors_usage.toml`, in the language of `--lang`.
"""

from __future__ import annotations

import difflib
import errno
import io
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from landuse import console, offline, texts
from landuse.errors import CheckFailed, LanduseError, phrase, unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landuse.errors import Phrase
    from landuse.texts import Lang

_WIDTH = 80
_NO_MEMORY = re.compile(r"bad_alloc|can't start new thread|[Cc]annot allocate|[Oo]ut of memory")
_EXTRA = re.compile(r"unexpected extra arguments? \((.*)\)")


class Command(click.Command):
    """A command whose help is looked up and whose wrong use is told in the language asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; what cannot be meant is one of our errors."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as err:
            raise refusal(err, ctx) from err

    def get_help(self, ctx: click.Context) -> str:
        """Return what the command does, an example, and its options."""
        lang, name = language(ctx), str(self.name)
        options = [
            (param.get_help_record(ctx), help_of(name, param, lang))
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
        ]
        example = texts.say("help.example", lang) + texts.say(f"help.{name}.example", lang)
        paragraphs = texts.say(f"help.{name}", lang).split("\n\n")
        table = _columns([(record[0], told) for record, told in options if record])
        heading = texts.say("help.options", lang)
        return _page(_usage(self, ctx), [*paragraphs, example], heading, table)


class Group(click.Group):
    """
    All commands, loaded when called; turns our errors into one sentence and the right exit code.

    Exit: 0 done, 1 findings forbid a result, 2 wrong use.
    """

    def __init__(self, commands: Mapping[str, str], **given: Any) -> None:
        super().__init__(**given)
        self.places = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return sorted(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        del ctx
        if cmd_name not in self.places:
            return None
        module, _, name = self.places[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is asked for."""
        if args[0] not in self.places:
            near = difflib.get_close_matches(args[0], self.places, n=3)
            raise LanduseError("usage.command", given=args[0], known=near or sorted(self.places))
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the commands with what each does."""
        lang = language(ctx)
        told = {name: texts.say(f"help.{name}", lang) for name in self.list_commands(ctx)}
        table = _columns([(name, text.partition("\n")[0]) for name, text in told.items()])
        paragraphs = [texts.say("help.main", lang), texts.say("help.more", lang)]
        return _page(_usage(self, ctx), paragraphs, texts.say("help.commands", lang), table)

    def main(self, args: Sequence[str] | None = None, *given: Any, **extra: Any) -> Any:
        """Run the command line; `Context.obj` is its language, known before anything is read."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")
        words = sys.argv[1:] if args is None else list(args)
        return super().main(words, *given, obj=console.language(words), **extra)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Parse what stands before the command."""
        lang: Lang = extra.get("obj") or "zh"
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as err:
            console.say(refusal(err, err.ctx).said(lang), err=True)
            raise click.exceptions.Exit(2) from err

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        lang: Lang = ctx.obj
        try:
            with offline.cut_off():
                return super().invoke(ctx)
        except CheckFailed as err:
            console.say(err.said(lang), err=True)
            ctx.exit(1)
        except LanduseError as err:
            console.say(err.said(lang), err=True)
            ctx.exit(2)
        except texts.WordingError as err:
            console.say(str(err), err=True)
            ctx.exit(2)
        except Exception as err:
            if _is_short_of_memory(err):
                told = texts.say("cli.no_memory", lang)
            elif isinstance(err, OSError) and err.errno not in {None, errno.EPIPE}:
                told = unreachable(err, Path.cwd()).said(lang)
            else:
                raise
            console.say(told, err=True)
            ctx.exit(2)


def _is_short_of_memory(err: Exception) -> bool:
    """Whether an error is a library's way to say that it was given no memory."""
    return isinstance(err, MemoryError) or _NO_MEMORY.search(str(err)) is not None


def language(ctx: click.Context) -> Lang:
    """Return the language the command line asks for."""
    return "en" if ctx.find_object(str) == "en" else "zh"


def help_of(command: str, option: click.Option, lang: Lang) -> str:
    """Return what an option does: its own sentence, else the one it has everywhere."""
    known = texts.section("help")
    own = f"{command}.{option.name}"
    if own in known:
        return known[own][lang]
    return texts.say(f"help.any.{option.opts[-1].removeprefix('--')}", lang)


def refusal(err: click.UsageError, ctx: click.Context | None) -> LanduseError:
    """Return a wrong use as one of our errors."""
    path = "landuse" if ctx is None else ctx.command_path
    if isinstance(err, click.NoSuchOption):
        return _unknown(err, path)
    if isinstance(err, click.MissingParameter):
        return LanduseError("usage.missing", command=path, name=_name(err.param, err.param_hint))
    if isinstance(err, click.BadOptionUsage):
        return LanduseError("usage.no_value", command=path, name=err.option_name)
    if isinstance(err, click.BadParameter):
        name = _name(err.param, err.param_hint)
        return LanduseError("usage.value", command=path, name=name, wanted=_wanted(err))
    if (extra := _EXTRA.search(err.message)) is not None:
        return LanduseError("usage.extra", command=path, given=extra[1])
    return LanduseError(
        "usage.other", command=path, reason=phrase("usage.words", words=err.message)
    )


def _unknown(err: click.NoSuchOption, path: str) -> LanduseError:
    """Return an option that is not there, with those it may have been."""
    if near := list(err.possibilities or []):
        return LanduseError("usage.option_near", command=path, given=err.option_name, near=near)
    return LanduseError("usage.option", command=path, given=err.option_name)


def _name(param: click.Parameter | None, hint: Sequence[str] | str | None) -> str:
    """Return what an option or argument is called on the command line."""
    if isinstance(param, click.Option):
        return param.opts[0]
    if param is not None:
        return param.make_metavar(click.Context(click.Command("landuse")))
    return hint if isinstance(hint, str) else " ".join(hint or ())


def _wanted(err: click.BadParameter) -> Phrase:
    """Return what the value of an option or argument must be."""
    kind = None if err.param is None else err.param.type
    if isinstance(kind, click.DateTime):
        return phrase("usage.day")
    if isinstance(kind, click.Choice):
        return phrase("usage.choice", choices=[str(choice) for choice in kind.choices])
    if isinstance(kind, click.Path):
        return phrase("usage.file") if kind.file_okay else phrase("usage.folder")
    if kind in {click.INT, click.FLOAT} or isinstance(kind, click.IntRange | click.FloatRange):
        return phrase("usage.number")
    return phrase("usage.words", words=err.message)


def _usage(command: click.Command, ctx: click.Context) -> str:
    """Return how a command is written."""
    lang = language(ctx)
    pieces = command.collect_usage_pieces(ctx)[1:]
    options = texts.say("help.options_metavar", lang)
    return texts.say("help.usage", lang) + " ".join([ctx.command_path, options, *pieces])


def _columns(rows: list[tuple[str, str]]) -> Table:
    """Return names with what they mean beside them."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, max_width=30)
    table.add_column(overflow="fold")
    for name, told in rows:
        table.add_row(Text(name), Text(told))
    return table


def _page(usage: str, paragraphs: list[str], heading: str, table: Table) -> str:
    """Return one page of help: Chinese characters are two columns wide, which rich knows."""
    page = Console(file=io.StringIO(), width=_WIDTH, color_system=None, legacy_windows=False)
    page.print(Text(usage), Text(), sep="\n")
    for text in paragraphs:
        page.print(Padding(Text(text), (0, 0, 1, 2)))
    page.print(Text(heading), Padding(table, (0, 2)), sep="\n")
    told: str = page.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in told.splitlines())
