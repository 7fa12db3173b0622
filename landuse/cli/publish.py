"""The command that publishes a run to a shared database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from landuse import console, door, texts

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


@click.command(cls=door.Command)
@click.argument("address", metavar="ADDRESS")
@console.common
@click.option("--schema", default="landuse")
@click.option(
    "--reader",
    "readers",
    multiple=True,
    metavar="ROLE",
)
def publish(address: str, workspace: Path, on: date, lang: texts.Lang, **asked: Any) -> None:
    """Publish a day and the kept runs to PostgreSQL/PostGIS, in one transaction."""
    from landuse import database, pipeline
    from landuse import publish as room

    database.refuse(address)
    console.say(texts.say("cli.day", lang, on=on), err=True)
    run = pipeline.run(workspace, on=on, lang=lang)
    done = room.publish(address, run, schema=asked["schema"], readers=asked["readers"])
    for name, count in done.rows.items():
        console.say(f"{asked['schema']}.{name}\t{count}")
    where = database.shown(address)
    console.say(texts.say("publish.done", lang, address=where, new=done.new_runs), err=True)
    if not done.is_styled:
        console.say(texts.say("publish.no_styles", lang), err=True)
