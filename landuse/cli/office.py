"""The commands of the office: the law and its table of measures, and drafts of letters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landuse import console, door, law, texts
from landuse.errors import LanduseError

if TYPE_CHECKING:
    from datetime import date

    from landuse.law import Statutes


@click.command("law", cls=door.Command)
@click.argument("key", required=False)
@console.on
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
)
@click.option("--measures", is_flag=True)
@click.option(
    "--run",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
)
@console.lang
def show_law(
    key: str | None, on: date, workspace: Path, lang: texts.Lang, measures: bool, **asked: Any
) -> None:
    """Print value, article and text in force on a day, or the table of measures."""
    statutes = law.on(on, workspace)
    if measures:
        _measures(statutes, lang, asked["run"], asked["output"])
        return
    values = [statutes[key]] if key else statutes.in_force()
    for value in values:
        name = value.label if lang == "zh" else value.label_en
        console.say(f"{value.key} = {value.amount} {value.unit}".rstrip())
        console.say(f"  {name}")
        console.say(f"  {value.citation}  {value.in_force}")
        if value.level != "national":
            console.say(f"  [{value.level}] {value.region}".rstrip())
        if value.replaces is not None:
            console.say(f"  {value.replaces.citation} → {value.changes}")
        for extra in (value.text, value.note):
            if extra:
                console.say(f"  {extra}")


def _measures(statutes: Statutes, lang: texts.Lang, run: Path | None, output: Path | None) -> None:
    """Print or write the table of measures, with how many cases of a run each line answered."""
    import pandas as pd

    from landuse import decision
    from landuse.dispose import review

    cases = None if run is None else pd.read_parquet(run / "cases.parquet", columns=["line"])
    sheet = decision.Sheet([review.paper(statutes, lang, cases)])
    if output is None:
        console.say(sheet.text, nl=False)
    else:
        sheet.write(output, decision.chosen_format(None, output))
        console.say(texts.say("measures.written", lang, path=output), err=True)


@click.command(cls=door.Command)
@console.common
@click.option("--id", "ids", multiple=True)
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(["investigation", "determination"])
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
)
def notices(
    workspace: Path, on: date, lang: texts.Lang, ids: tuple[str, ...], **asked: Any
) -> None:
    """
    Draft 闲置土地调查通知书 and 认定书 where the law asks for them, without number or date.

    Raises
    ------
    LanduseError
        If the file asked for is named as anything but a Word file.
    """
    from landuse import decision, pipeline
    from landuse import notices as room

    output = asked["output"]
    if output is not None and output.suffix.lower() != ".docx":
        raise LanduseError("asked.word_only", path=output)
    found = pipeline.run(workspace, on=on, lang="zh")
    letters = room.drafts(found, ids, kinds=asked["kinds"] or room.KINDS)
    if not letters:
        console.say(texts.say("notices.nothing", lang), err=True)
    elif asked["folder"] is not None:
        asked["folder"].mkdir(parents=True, exist_ok=True)
        for name, letter in room.named(letters):
            decision.Sheet([letter]).to_docx(asked["folder"] / name)
        said = {"count": str(len(letters)), "path": str(asked["folder"])}
        console.say(texts.say("notices.written", lang, **said), err=True)
    elif output is None:
        for letter in letters:
            said = {"case_id": letter.subject, "letter": letter.title}
            console.say(texts.say("notices.row", lang, **said))
    else:
        path = decision.Sheet(letters).to_docx(output)
        said = {"count": str(len(letters)), "path": str(path)}
        console.say(texts.say("notices.written", lang, **said), err=True)


@click.command(cls=door.Command)
@console.common
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
)
def grade(workspace: Path, on: date, lang: texts.Lang, output: Path | None) -> None:
    """Grade enterprises A, B, C by the scheme of the workspace, else by an example."""
    from landuse import decision, examining, grading
    from landuse.grading.paper import paper

    tables = examining.examine(workspace, on=on).tables
    scheme = grading.load(workspace)
    found = grading.graded(tables["enterprise"], tables["supply"], scheme, on)
    sheet = decision.Sheet(
        [paper(tables["enterprise"], found, scheme, law.on(on, workspace), lang)]
    )
    if output is None:
        console.say(sheet.text, nl=False)
    else:
        sheet.write(output, decision.chosen_format(None, output))
        console.say(texts.say("grading.written", lang, path=output), err=True)


@click.command(cls=door.Command)
@click.argument("out", type=click.Path(path_type=Path, file_okay=False, exists=True))
@console.lang
def verify(out: Path, lang: texts.Lang) -> None:
    """Hold outputs against their manifest: what was changed, is missing, or is not of it."""
    from landuse import manifest

    record, differences = manifest.verify(out)
    for one in differences:
        console.say(texts.say(f"cli.verified_{one.how}", lang, file=one.file))
    if differences:
        click.get_current_context().exit(1)
    profile = record.get("profile") or {"name": "—"}
    said = {"on": record["on"], "version": record["version"], "profile": profile["name"]}
    digest, count = manifest.digest(out / "manifest.json"), len(record["outputs"])
    console.say(texts.say("cli.verified_same", lang, digest=digest, count=count, **said))
