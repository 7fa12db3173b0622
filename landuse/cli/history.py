"""The commands of the history: runs kept, what moved between two days, and alerts."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landuse import console, door, handout, texts
from landuse.errors import LanduseError

if TYPE_CHECKING:
    from landuse.replay.alerts import Alerts

ALERT = 3
"""Exit code of `alerts` where something crossed a line or will within 30 days."""

_workspace = click.argument(
    "workspace", type=click.Path(path_type=Path, file_okay=False), default=Path()
)


@click.command(cls=door.Command)
@_workspace
@click.option("--verify", is_flag=True)
@click.option("--prune", type=int, metavar="N")
@click.option("--compact", is_flag=True)
@click.option("--on", "point", metavar="DAY[@KNOWN]")
@console.options
@console.lang
def history(workspace: Path, lang: texts.Lang, **asked: Any) -> None:
    """
    List the runs kept, show a list as it was known then, prove runs, keep the history small.

    Raises
    ------
    LanduseError
        If a file is asked for and no day whose list it should hold.
    """
    from landuse import history as room
    from landuse import layers, replay
    from landuse.replay import listing, proof

    if asked["point"]:
        form = handout.chosen(asked["form"], asked["output"])
        one = replay.snapshot(workspace, asked["point"], lang)
        console.hand_out(listing, one, form, asked["output"])
        return
    if asked["form"] or asked["output"]:
        raise LanduseError("asked.which_list")
    if asked["prune"] is not None or asked["compact"]:
        prune = asked["prune"]
        done = room.compact(workspace) if prune is None else room.prune(workspace, prune)
        said = {"removed": done.removed, "freed": done.freed, "size": done.size}
        console.say(texts.say("history.pruned", lang, **said), err=True)
        return
    if asked["verify"]:
        found = proof.verify(workspace, lang)
        console.print_sheet(listing.proofs(found, lang), lang)
        click.get_current_context().exit(int(any(one.verdict != "same" for one in found)))
    kept = room.runs(workspace)
    if not kept:
        console.say(texts.say("history.empty", lang), err=True)
        return
    console.print_sheet(listing.runs(kept, layers.load(workspace).name, lang), lang)


@click.command(cls=door.Command)
@click.argument("before", metavar="DAY_A")
@click.argument("after", metavar="DAY_B")
@_workspace
@console.options
@console.lang
def diff(
    before: str,
    after: str,
    workspace: Path,
    lang: texts.Lang,
    form: str | None,
    output: Path | None,
) -> None:
    """Say what moved between two days, and why."""
    from landuse import replay
    from landuse.replay import drawn, shown

    is_map = form is None and output is not None and output.suffix.lower() == ".html"
    form = None if is_map else handout.chosen(form, output)
    found = replay.diff(workspace, before, after, lang)
    if is_map and output is not None:
        handout.place(output, drawn.page(found))
        console.say(texts.say("handout.written", lang, path=output), err=True)
        console.say(shown.summary(found), err=True)
        return
    console.hand_out(shown, found, form, output)


@click.command(cls=door.Command)
@_workspace
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
)
@console.lang
def alerts(
    workspace: Path, on: datetime | None, outputs: tuple[Path, ...], lang: texts.Lang
) -> None:
    """Say who newly crossed a line since the last kept run, and who will within 30 and 90 days."""
    from landuse.replay import alerts as room

    forms = [_form(path) for path in outputs]
    day = on.date() if on else date.today()  # noqa: DTZ011  the user's own day
    found = room.alerts(workspace, on=day, lang=lang)
    for path, form in zip(outputs, forms, strict=True):
        _write(path, form, found)
    if not outputs:
        console.say(room.text(found), nl=False)
    console.say(room.summary(found), err=True)
    click.get_current_context().exit(ALERT if found.is_urgent else 0)


def _form(path: Path) -> str:
    """Return the format that a file name tells."""
    return "txt" if path.suffix.lower() == ".txt" else str(handout.chosen(None, path))


def _write(path: Path, form: str, found: Alerts) -> None:
    """Write alerts to one file and say so."""
    from landuse.replay import alerts as room

    paths = [path]
    if form == "txt":
        room.write(path, found)
    else:
        sheets, record = room.sheets(found), room.record(found)
        paths = handout.write(path, form, sheets, record, on=found.on)
    for written in paths:
        console.say(texts.say("handout.written", found.lang, path=written), err=True)
