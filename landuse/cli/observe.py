"""The command `landuse observe`: what imagery shows beside the papers, and what it is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landuse import console, door, handout, texts
from landuse.errors import OutputError

if TYPE_CHECKING:
    from datetime import date

_MAP = ".html"


@click.command(cls=door.Command)
@console.common
@click.option(
    "--output",
    "outputs",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
)
@click.option("--inner", type=click.FloatRange(min=0))
@click.option("--evaluate", is_flag=True)
@click.option(
    "--truth",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--changed", type=int, default=1)
@click.option("--unchanged", type=int, default=0)
def observe(
    workspace: Path, on: date, lang: texts.Lang, outputs: tuple[Path, ...], **asked: Any
) -> None:
    """Say what imagery shows on each case beside the papers, and which cases to visit first."""
    from landuse import fieldwork
    from landuse.fieldwork import mapped, shown

    forms = {path: _form(path) for path in outputs}
    console.say(texts.say("cli.day", lang, on=on), err=True)
    with console.progress(lang) as report:
        found = fieldwork.observe(
            workspace, on=on, lang=lang, inner_m=asked["inner"], report=report
        )
    if asked["evaluate"]:
        _evaluate(found, forms, asked)
        return
    for path, form in forms.items():
        if form == _MAP:
            mapped.write(path, found)
            console.say(texts.say("handout.written", lang, path=path), err=True)
    tables = {path: form for path, form in forms.items() if form != _MAP}
    for path, form in tables.items():
        written = handout.write(path, form, shown.sheets(found), shown.record(found), on=on)
        for one in written:
            console.say(texts.say("handout.written", lang, path=one), err=True)
    if not outputs:
        for sheet in shown.printed(found):
            console.print_sheet(sheet, lang)
    console.say(shown.summary(found), err=True)


def _evaluate(found: Any, forms: dict[Path, str], asked: dict[str, Any]) -> None:
    """Print or write what the evidence is worth."""
    from landuse.fieldwork import worth

    if len(forms) > 1 or _MAP in forms.values():
        raise OutputError("imagery.one_table")
    values = (asked["changed"], asked["unchanged"])
    told = worth.evaluated(found, asked["truth"], values)
    path, form = next(iter(forms.items()), (None, None))
    console.hand_out(worth, told, form, path)


def _form(path: Path) -> str:
    """Return the format a file name tells."""
    suffix = path.suffix.lower()
    if suffix == _MAP:
        return suffix
    if suffix.removeprefix(".") not in handout.FORMATS:
        raise OutputError("output.which_map", path=path)
    return suffix.removeprefix(".")
