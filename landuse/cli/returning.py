"""`landuse return`: filled-in lists read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from landuse import console, door, texts
from landuse.returns.planning import VERDICTS

if TYPE_CHECKING:
    from landuse.returns import Plan


@click.command("return", cls=door.Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--plan", type=click.Path(path_type=Path))
@click.option("--accept", is_flag=True)
@click.option("--by", default="")
@click.option("--why", default="")
@console.lang
def take_back(
    files: tuple[Path, ...], plan: Path | None, accept: bool, by: str, why: str, lang: texts.Lang
) -> None:
    """Read filled-in lists back: first say what was edited, then accept what a person chose."""
    from landuse import layers, returns

    books = [path for path in files if path.is_file()]
    workspace = files[-1] if files[-1].is_dir() else Path()
    name = layers.load(workspace).name
    today = date.today()  # noqa: DTZ011  the user's own day
    if len(books) == 1 and returns.is_plan(books[0]):
        done = returns.accepted(workspace, returns.read(books[0]), by=by, why=why, on=today)
        console.say(texts.say("returns.accepted", lang, count=len(done)), err=True)
        return
    found = returns.planned(books, workspace, name, lang)
    _print_plan(found, lang)
    if accept:
        done = returns.accepted(workspace, found.changes, by=by, why=why, on=today)
        console.say(texts.say("returns.accepted", lang, count=len(done)), err=True)
    elif len(found.changes):
        target = plan or books[0].with_name(f"{books[0].stem}-plan.xlsx")
        returns.write(target, found, lang)
        console.say(texts.say("returns.plan_written", lang, path=target), err=True)


def _print_plan(plan: Plan, lang: texts.Lang) -> None:
    """Print what was edited, then what a person should know."""
    for change in plan.changes.itertuples():
        field = texts.say(f"workbook.col_{change.field}", lang)
        verdict = texts.say(f"returns.verdict_{change.verdict}", lang)
        console.say(f"{verdict}  {change.case_id}  {field}  {change.given!r} → {change.value!r}")
    for notice in plan.notices.itertuples():
        known = {"file": notice.file, "sheet": notice.sheet, "row": notice.row}
        what = str(notice.what)
        if str(notice.key).startswith("column_"):
            what = texts.say(f"workbook.col_{what}", lang)
        console.say(texts.say(f"returns.notice_{notice.key}", lang, what=what, **known), err=True)
    counts = {v: int((plan.changes["verdict"] == v).sum()) for v in VERDICTS}
    key = "changes" if len(plan.changes) else "no_changes"
    console.say(texts.say(f"returns.{key}", lang, count=len(plan.changes), **counts), err=True)
