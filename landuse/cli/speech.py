"""
What the command line itself says, in the language it is asked for: help, usage, wrong options.

Help stands in `wording/help.toml`. The sentences of click are English and looked up by gettext at
the moment they are said; while our command line runs in Chinese, `wording/click.toml` answers.
"""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from landuse import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def language(args: Sequence[str]) -> texts.Lang:
    """Return the language a command line asks for, before it is parsed."""
    asked = [after for before, after in pairwise((*args, "")) if before == "--lang"]
    asked += [word.partition("=")[2] for word in args if word.startswith("--lang=")]
    return "en" if asked == ["en"] else "zh"


def explain(group: click.Group, lang: texts.Lang) -> None:
    """Put the help of a language on a group, its commands and their options."""
    known = texts.section("help")
    for command in (group, *group.commands.values()):
        name = str(command.name)
        command.help = known[name][lang]
        for option in command.params:
            if isinstance(option, click.Option) and option.expose_value:
                entry = known.get(f"{name}_{option.name}") or known[str(option.name)]
                option.help = entry[lang]


@contextmanager
def speaking(lang: texts.Lang) -> Iterator[None]:
    """Let click speak a language for the length of a block."""
    if lang == "en":
        yield
        return
    known = {entry["en"]: entry["zh"] for entry in texts.section("click").values()}

    def one(_: str, message: str) -> str:
        return known.get(message, message)

    def counted(_: str, single: str, many: str, number: int) -> str:
        message = single if number == 1 else many
        return known.get(message, message)

    own = gettext.dgettext, gettext.dngettext
    gettext.dgettext, gettext.dngettext = one, counted  # type: ignore[assignment]
    try:
        yield
    finally:
        gettext.dgettext, gettext.dngettext = own
