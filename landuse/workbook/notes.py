"""The last sheet: what the words mean, how areas are counted, on which data, by which law."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from landuse import __version__, terms, texts, units
from landuse.cells import clean
from landuse.terms import STATE_OF, State, Status
from landuse.workbook import body, layout
from landuse.workbook.book import NUMBER_FORMATS
from landuse.workbook.ledger import area_shown, crs_code, day_shown, say
from landuse.workbook.sheets import STATE_SHEETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from xlsxwriter.worksheet import Worksheet

    from landuse.law import Value
    from landuse.texts import Lang
    from landuse.workbook.book import Book
    from landuse.workbook.ledger import Results

_WIDTHS = (26, 20, 36, 22, 13, 26)
_LINE = 16.0  # points a line of text takes


@dataclass(frozen=True)
class Heading:
    """A heading of one part."""

    text: str


@dataclass(frozen=True)
class Pair:
    """A word and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True)
class Grid:
    """A small table: heads and rows of as many cells as the sheet has columns."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


Block = Heading | Pair | Grid


def write(book: Book, tables: Mapping[str, pd.DataFrame], plan: Any = None) -> None:
    """
    Write the sheet of notes.

    Parameters
    ----------
    book
        The open workbook.
    tables
        Sheet → its rows with the columns of `listing.COUNTED`, set against the totals.
    plan
        What can be offered (`planning.Plan`), if the list shows it.
    """
    page = book.add("notes")
    for position, width in enumerate(_WIDTHS):
        page.set_column(position, position, width)
    style = book.format(font_size=18, bold=True, align="center")
    mark = book.say("synthetic_mark") if book.results.workspace.is_synthetic else ""
    page.set_row(0, 34)
    page.merge_range(0, 0, 0, len(_WIDTHS) - 1, "", style)
    title = book.say("title_notes", place=book.place) + mark
    page.write_string(0, 0, clean(title), style)
    row = 1
    for block in _blocks(book.results, tables, book.lang, plan):
        row = _block(book, page, block, row)
    page.freeze_panes(1, 0)
    page.print_area(0, 0, row, len(_WIDTHS) - 1)
    layout.printed(book, page, 0, is_wide=False)


def _block(book: Book, page: Worksheet, block: Block, row: int) -> int:
    """Write one block; return the next free row."""
    last = len(_WIDTHS) - 1
    if isinstance(block, Heading):
        style = book.format(
            font_name=book.say("font_heads"), font_size=12, bold=True, bg_color="#D9E1E8", border=1
        )
        page.set_row(row, 22)
        page.merge_range(row, 0, row, last, "", style)
        page.write_string(row, 0, clean(block.text), style)
        return row + 1
    if isinstance(block, Pair):
        word = book.format(border=1, bold=True, text_wrap=True)
        meaning = book.format(border=1, text_wrap=True)
        lines = max(
            body.text_lines(block.word, _WIDTHS[0]),
            body.text_lines(block.meaning, sum(_WIDTHS[1:])),
        )
        page.set_row(row, _LINE * lines + 2)
        page.write_string(row, 0, clean(block.word), word)
        page.merge_range(row, 1, row, last, "", meaning)
        page.write_string(row, 1, clean(block.meaning), meaning)
        return row + 1
    return _grid(book, page, block, row)


def _grid(book: Book, page: Worksheet, grid: Grid, row: int) -> int:
    """Write a small table; return the next free row."""
    head = book.format(border=1, bold=True, align="center", text_wrap=True, bg_color="#F2F2F2")
    for position, text in enumerate(grid.heads):
        page.write_string(row, position, clean(text), head)
    for offset, cells in enumerate(grid.rows, start=1):
        words = [cell if isinstance(cell, str) else "" for cell in cells]
        lines = max(body.text_lines(t, w) for t, w in zip(words, _WIDTHS, strict=True))
        page.set_row(row + offset, _LINE * lines + 2)
        for position, cell in enumerate(cells):
            _cell(book, page, (row + offset, position), cell)
    return row + 1 + len(grid.rows)


def _cell(book: Book, page: Worksheet, place: tuple[int, int], value: Any) -> None:
    """Write text, a count or an area in ha."""
    if isinstance(value, str):
        page.write_string(*place, clean(value), book.format(border=1, text_wrap=True))
    elif value is None:
        page.write_blank(*place, None, book.format(border=1))
    else:
        shown = "0" if isinstance(value, int) else NUMBER_FORMATS["ha"]
        page.write_number(*place, value, book.format(border=1, num_format=shown, align="right"))


def _blocks(
    results: Results, tables: Mapping[str, pd.DataFrame], lang: Lang, plan: Any
) -> Iterator[Block]:
    """Yield all parts in order."""
    yield from _general(results, lang)
    yield from _sources(results, lang)
    yield from _scores(results, lang)
    yield Heading(say("notes_states", lang))
    for status in Status:
        word = f"{terms.label(STATE_OF[status], lang)} · {terms.label(status, lang)}"
        yield Pair(word, say(f"status_{status}", lang))
    yield Pair(say("notes_idle_word", lang), say("notes_idle_word_text", lang))
    yield Pair(say("notes_years", lang), say("notes_years_text", lang))
    yield Heading(say("notes_counting", lang))
    for key in (
        "areas",
        "rounding",
        "overlap",
        "straddle",
        "sheets",
        "money",
        "priority",
        "fill_in",
        "causes",
        "disposed",
        "shades",
    ):
        yield Pair(say(f"notes_{key}", lang), say(f"notes_{key}_text", lang))
    if plan is not None:
        yield Pair(say("notes_offered", lang), plan.basis(lang))
    yield _slivers(results, lang)
    yield Heading(say("notes_reconciled", lang))
    yield _reconciled(results, tables, lang)
    yield Heading(say("notes_policy", lang))
    yield _policy(results, lang)
    yield Heading(say("notes_rules", lang))
    heads = ("rule", "amount", "document", "article", "in_force", "verified")
    in_force = results.statutes.in_force()
    in_force.sort(key=lambda value: value.key.startswith("departments."))
    rules = [_rule(value, lang) for value in in_force]
    yield Grid([say(f"head_{key}", lang) for key in heads], rules)


def _general(results: Results, lang: Lang) -> Iterator[Block]:
    """Tell the day, the place, the measure of area, and the program."""
    yield Heading(say("notes_general", lang))
    if results.workspace.is_synthetic:
        yield Pair(say("synthetic", lang), say("notes_synthetic", lang))
    yield Pair(say("notes_place", lang), results.workspace.name)
    yield Pair(say("notes_day", lang), say("notes_day_text", lang, day=day_shown(results.on, lang)))
    crs = f"{results.workspace.crs.name} ({crs_code(results)})"
    yield Pair(say("notes_area", lang), f"{area_shown(results, lang)}；{crs}")
    yield Pair(say("notes_program", lang), f"landuse {__version__}")


def _sources(results: Results, lang: Lang) -> Iterator[Block]:
    """List every source layer with the day its data show."""
    yield Heading(say("notes_sources", lang))
    heads = ("layer", "role", "source", "file", "as_of", "rows")
    inputs = results.inputs
    rows = []
    for source in results.workspace.sources:
        own = inputs[inputs["layer"] == source.name] if len(inputs) else inputs
        count = int(own["rows"].sum()) if len(own) else None
        label = terms.label(source.role, lang)
        day = source.as_of.isoformat()
        rows.append((source.title, label, source.source, source.path, day, count))
    yield Grid([say(f"head_{key}", lang) for key in heads], rows)
    declared = results.workspace.declared(lang)
    if declared:
        yield Pair(say("notes_declared", lang), texts.say("layers.all", lang, values=declared))


def _scores(results: Results, lang: Lang) -> Iterator[Block]:
    """List how sound each source is, and what each office must mend in it."""
    scores = results.scores
    titles = {source.name: source.title for source in results.workspace.sources}
    rows = [
        (
            titles.get(score["layer"], score["layer"] or say("no_layer", lang)),
            score["responsible"] or say("all_offices", lang),
            "" if score["sound_share"] != score["sound_share"] else f"{score['sound_share']:.1%}",
            int(score["forbids"] + score["error"]),
            int(score["warning"]),
            int(score["rows_with_errors"]),
        )
        for score in scores.to_dict("records")
    ]
    if rows:
        yield Heading(say("notes_scores", lang))
        heads = ("layer", "responsible", "sound_share", "errors", "warnings", "rows_with_errors")
        yield Grid([say(f"head_{key}", lang) for key in heads], rows)


def _slivers(results: Results, lang: Lang) -> Pair:
    """Say how much land fell into slivers and into the residual, all approvals together."""
    balance = results.totals["city"]["balance"]
    sliver, residual = (balance[key] for key in ("sliver_m2", "residual_m2"))
    meaning = say("notes_slivers_text", lang, sliver=f"{sliver:,.2f}", residual=f"{residual:,.2f}")
    return Pair(say("notes_slivers", lang), meaning)


def _reconciled(results: Results, tables: Mapping[str, pd.DataFrame], lang: Lang) -> Grid:
    """Set each state in the summary against the sheet it is listed in."""
    rows: list[tuple[Any, ...]] = []
    for state in State:
        total = results.totals["city"]["states"][state.value]
        sheet = STATE_SHEETS[state]
        table = tables[sheet][tables[sheet]["variant"] != "muted"]
        area = "unsupplied_ha" if sheet == "unsupplied" else "area_ha"
        finished = total["statuses"][Status.FINISHED.value] if state is State.COMPLETED else None
        note = "" if finished is None else say("finished", lang, count=finished["count"])
        listed = float(table[area].sum())
        rest = 0.0 if finished is None else units.ha(finished["area_m2"])
        gap = units.ha(total["area_m2"]) - listed - rest
        if abs(gap) >= 0.00005:
            note = f"{note}{say('gap', lang, gap=f'{gap:.4f}')}"
        rows.append(
            (
                f"{terms.label(state, lang)} → {say(f'sheet_{sheet}', lang)}",
                int(total["count"]),
                note or say("agrees", lang),
                len(table),
                units.ha(total["area_m2"]),
                listed,
            )
        )
    heads = ("state", "count_summary", "remark", "count_sheet", "ha_summary", "ha_sheet")
    return Grid([say(f"head_{key}", lang) for key in heads], rows)


def _policy(results: Results, lang: Lang) -> Grid:
    """List what each grade of firms is given, by field."""
    own = say("policy_proposed", lang)
    rows = [
        (policy["field"], *(policy[grade] for grade in "ABC"), own, say("policy_source", lang))
        for policy in results.scheme.policies
    ]
    heads = ("policy_field", "grade_a", "grade_b", "grade_c", "policy_kind", "document")
    return Grid([say(f"head_{key}", lang) for key in heads], rows)


def _rule(value: Value, lang: Lang) -> tuple[str, ...]:
    """Return one rule in force with its source and how sure its text is."""
    if value.verified:
        sure = say("verified", lang, day=value.verified.isoformat())
    else:
        sure = say("unverified", lang)
    return (
        value.label if lang == "zh" else value.label_en,
        _amount(value, lang),
        value.document,
        value.article,
        value.in_force.isoformat(),
        f"{sure}；{value.note}" if value.note else sure,
    )


def _amount(value: Value, lang: Lang) -> str:
    """Return the amount of a rule as people read it."""
    amount = value.amount
    if amount is True:
        return say("yes", lang)
    if isinstance(amount, list):
        return "、".join(str(part) for part in amount)
    if isinstance(amount, Fraction):
        return f"{amount} ({float(amount):.1%})"
    unit = say(f"unit_{value.unit}", lang) if value.unit in {"year", "day", "m2"} else ""
    return f"{amount}{unit}"
