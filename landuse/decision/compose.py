"""One sheet from one case: the blocks in the order an office reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from landuse import dispose
from landuse.brief import articles
from landuse.brief.view import SEPARATOR, of
from landuse.decision import arithmetic, possible, record, turning
from landuse.decision.record import Origins
from landuse.decision.search import solve
from landuse.decision.trial import Trial
from landuse.dispose import priority
from landuse.papers.blocks import Table, Text, document
from landuse.terms import IDLE, State, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landuse.brief.view import Found, View
    from landuse.decision.search import Question, Stretch
    from landuse.decision.trial import Answer
    from landuse.papers.blocks import Block, Document
    from landuse.texts import Lang


def sheet(found: Found, case_id: str, lang: Lang) -> Document:
    """
    Compose the decision sheet of a case.

    Parameters
    ----------
    found
        What a run found.
    case_id
        The supply_id or approval_id.
    lang
        Language of the sheet; where it is not the run's, the sentences of the case are told again.

    Raises
    ------
    LanduseError
        If no case has this id; close ids are named.
    LawError
        If a rule that is needed is not in force on the day.
    """
    view = of(found, case_id, lang)
    trial = Trial(view)
    if lang != found.lang:
        view = replace(view, case=trial.case(lang))
    asked = [arithmetic.questions(view), possible.questions(view), turning.questions(view)]
    flat = solve(trial, [question for questions in asked for question in questions])
    answers: list[list[list[Stretch]]] = []
    for questions in asked:
        answers.append(flat[: len(questions)])
        flat = flat[len(questions) :]
    return document(case_id, found.on.isoformat(), lang, _blocks(view, asked, answers))


def _blocks(
    view: View, asked: Sequence[Sequence[Question]], answers: Sequence[list[list[Stretch]]]
) -> Iterator[Block]:
    """Yield the sheet block by block."""
    origins = Origins(view)
    yield from _head(view)
    yield from (Text("section", view.say("facts")), *record.facts(view, origins))
    dates = list(arithmetic.dates(view, answers[0], origins))
    yield origins.table()
    yield from (Text("section", view.say("dates")), *dates, *arithmetic.shares(view))
    yield Text("section", view.say("missing"))
    yield from _missing(view, asked[1], answers[1])
    yield Text("section", view.say("turning"))
    yield from _turning(view, asked[2], answers[2])
    yield from (Text("section", view.say("articles")), *articles.cited(view))
    yield from (Text("section", view.say("steps")), *articles.steps(view))
    yield from (Text("section", view.say("disposal")), *_disposal(view))
    yield from (Text("section", view.say("evidence")), *record.evidence(view))
    yield from (Text("section", view.say("notes")), *_notes(view))


def _head(view: View) -> Iterator[Block]:
    """Yield title and conclusion; 疑似 stands there unless a determination letter is on file."""
    workspace = view.found.workspace
    yield Text("title", view.say("title", workspace=workspace.name))
    yield Text("subtitle", view.say("subtitle", case_id=view.case["case_id"], on=view.on))
    if workspace.is_synthetic:
        yield Text("mark", view.say("synthetic"))
    yield Text("section", view.say("conclusion"))
    determined = bool(view.case["is_determined"])
    state = label(State(view.case["state"]), view.lang)
    status = view.label(view.status, is_determined=determined)
    key = "state_only" if state == status else "state"
    yield Text("lead", view.say(key, state=state, status=status))
    yield Text("line", str(view.case["reason"]))
    if view.status in IDLE and not determined:
        yield Text("warning", view.say("suspected"))


def _missing(
    view: View, questions: Sequence[Question], answers: list[list[Stretch]]
) -> Iterator[Block]:
    """Yield what is missing, and the status that each value it can have would give."""
    if not view.missing:
        yield Text("line", view.say("nothing"))
        return
    names = view.say("comma").join(view.heading(name) for name in view.missing)
    yield Text("line", view.say("lacks", names=names))
    told = [
        (question.say(s.low, s.high), s.answer)
        for question, stretches in zip(questions, answers, strict=True)
        for s in stretches
    ]
    settled = [(text, answer) for text, answer in told if answer.status != Status.UNDETERMINED]
    for text, answer in settled or told:
        status = _named(view, answer)
        if pd.notna(answer.fee_cny):
            fee = view.say("fee_then", fee=f"{answer.fee_cny:,.2f}")
            status = f"{status}{fee}"
        yield Text("item", view.say("possible", supposed=text, status=status))
    if not told:
        yield Text("line", view.say("no_values"))


def _turning(
    view: View, questions: Sequence[Question], answers: list[list[Stretch]]
) -> Iterator[Block]:
    """Yield the suppositions that would give another status, with that status."""
    turned: list[tuple[Question, Stretch]] = [
        (question, stretch)
        for question, stretches in zip(questions, answers, strict=True)
        for stretch in stretches
        if _differs(view, stretch.answer)
    ]
    groups = {question.group for question, _ in turned if not question.otherwise}
    shown = [(q, s) for q, s in turned if not (q.otherwise and q.group in groups)]
    for question, stretch in shown:
        text = question.say(stretch.low, stretch.high)
        status = _named(view, stretch.answer)
        yield Text("item", view.say("turned", supposed=text, status=status))
    if not shown:
        is_open = view.status == Status.UNDETERMINED
        yield Text("line", view.say("turned_missing" if is_open else "turned_nothing"))


def _differs(view: View, answer: Answer) -> bool:
    """Whether an answer is another than the run's."""
    present = (view.status, bool(view.case["is_determined"]))
    return (answer.status, answer.is_determined) != present


def _named(view: View, answer: Answer) -> str:
    """Return the label of an answer; 待核实 with what is then missing."""
    status = view.label(answer.status, is_determined=answer.is_determined)
    names = [name for name in answer.missing.split(SEPARATOR) if name]
    if answer.status != Status.UNDETERMINED or not names:
        return status
    lacks = view.say("comma").join(view.heading(name) for name in names)
    return view.say("then_lacks", status=status, names=lacks)


def _disposal(view: View) -> Iterator[Block]:
    """Yield the measures, who leads, who helps, and by when."""
    case = view.case
    measures = "" if pd.isna(case["measures"]) else str(case["measures"])
    for measure in filter(None, measures.split(SEPARATOR)):
        yield Text("item", measure)
    support = view.shown(case["support"]).replace(SEPARATOR, view.say("comma"))
    due = view.shown(case["due_on"])
    yield Text("line", view.say("office", lead=view.shown(case["lead"]), support=support, due=due))
    yield Text("line", view.say("table_line", line=case["line_label"]))
    if pd.notna(case["supply_terms"]):
        terms = str(case["supply_terms"]).replace(SEPARATOR, view.say("comma"))
        yield Text("line", view.say("supply_terms", terms=terms))
    if pd.notna(case["bond"]):
        yield Text("line", view.say(f"bond_{case['bond']}"))
    yield Text("line", view.say("priority", points=f"{case['priority']:.1f}"))
    yield _priority(view)


def _priority(view: View) -> Table:
    """Return the parts of the priority with their weights and what would change them."""
    table = dispose.decisions(view.found.statutes.workspace)
    parts = priority.explained(view.case, table, view.on, view.lang)
    head = tuple(view.say(f"priority_{n}") for n in ("part", "points", "change"))
    rows = [(p.name, f"{p.points:.1f} / {p.weight:g}", p.change) for p in parts]
    return Table(head, tuple(rows), (0.18, 0.2, 0.62))


def _notes(view: View) -> Iterator[Block]:
    """Yield the cautions every reader of a sheet must know."""
    yield Text("line", view.say("caution"))
    yield Text("line", view.say("remembered"))
    yield Text("line", view.say("calendar"))
