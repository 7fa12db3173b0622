"""Questions about one day: `landuse explain`, `forecast` and `whatif`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landuse import console, door, handout, texts

if TYPE_CHECKING:
    from datetime import date


@click.command(cls=door.Command)
@click.argument("arguments", nargs=-1, metavar="ID... [WORKSPACE]")
@console.on
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "html", "docx"]),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
)
@console.lang
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
        console.say(sheet.to_markdown() if chosen == "md" else sheet.text, nl=False)
    else:
        sheet.write(output, chosen)
        console.say(texts.say("explain.written", lang, path=output), err=True)


@click.command(cls=door.Command)
@console.common
@click.option("--months", type=int, default=12)
@console.options
def forecast(
    workspace: Path, on: date, lang: texts.Lang, months: int, form: str | None, output: Path | None
) -> None:
    """Say who crosses which line in the coming months, if nothing new happens."""
    from landuse import outlook
    from landuse.outlook import shown

    form = handout.chosen(form, output)
    console.say(texts.say("cli.day", lang, on=on), err=True)
    with console.progress(lang) as report:
        found = outlook.forecast(workspace, on=on, months=months, lang=lang, report=report)
    console.hand_out(shown, found, form, output)


@click.command(cls=door.Command)
@console.common
@click.option("--as-of-law", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY")
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
    console.say(texts.say("cli.day", lang, on=on), err=True)
    with console.progress(lang) as report:
        result = pipeline.run(workspace, on=on, lang=lang, report=report)
    found = trial.whatif(
        result, as_of_law=day, statutes=asked["statutes"], values=values, lang=lang
    )
    console.hand_out(shown, found, form, output)
