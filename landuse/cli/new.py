"""`landuse new`: a workspace to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landuse import console, door, starter, texts

if TYPE_CHECKING:
    from landuse.texts import Lang


@click.command(cls=door.Command)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--name", default="示例市")
@click.option("--crs", default="EPSG:4547")
@console.lang
def new(directory: Path, name: str, crs: str, lang: Lang) -> None:
    """Start a workspace for another city: layer files and tables to fill in."""
    starter.write(
        directory, name=name, crs=crs, on=console.day(click.get_current_context(), None, None)
    )
    console.say(texts.say("cli.started", lang, path=directory), err=True)
