"""One letter: its facts, its blanks, its paragraphs in the order 第六条 and 第十条 ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import schema, texts, units
from landuse.papers.blocks import Table, Text, document
from landuse.terms import PAUSE_CAUSES, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landuse.found import Judged
    from landuse.papers.blocks import Block, Document

_FACTS = (
    "supply_id", "parcel_code", "location", "land_use", "supply_mode", "declared_area", "price",
    "contract_number", "signed_on", "delivered_on", "agreed_commencement_on",
    "extended_commencement_on", "commenced_on", "suspended_on",
)  # fmt: skip
_OPTIONAL = {"extended_commencement_on", "commenced_on", "suspended_on"}
"""Facts that most land has none of: left out where empty, not marked as blanks."""


class _Writer:
    """Writes the facts of one case and remembers what it left blank, and what nobody has read."""

    def __init__(self, found: Judged, case: pd.Series) -> None:
        self.found, self.case = found, case
        own = found.tables["supply"]
        self.row = own[own["supply_id"] == case["case_id"]].iloc[0]
        self.blanks: list[str] = []
        self.remembered: list[str] = []

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of a letter."""
        return texts.say(f"notices.{key}", "zh", **values)

    def blank(self, name: str) -> str:
        """Return a visible blank, remembered for the note at the end."""
        if name not in self.blanks:
            self.blanks.append(name)
        return self.say("blank")

    def filled(self, value: Any, name: str) -> str:
        """Return a fact as people read it, a blank where there is none."""
        if value is None or value is pd.NaT or pd.isna(value) or not str(value).strip():
            return self.blank(name)
        return _day(value) if isinstance(value, pd.Timestamp) else str(value).strip()

    def amount(self, key: str) -> str:
        """Return the amount of a rule, a blank where none is in force."""
        rule = self.found.statutes.find(f"idle_land.{key}")
        if rule is None:
            return self.blank(self.say(f"name_{key}"))
        return f"{rule.amount}{self.mark(key)}"

    def mark(self, key: str) -> str:
        """
        Return the mark behind what the letter takes from a rule: "" where its text was read.

        What was remembered and not read is remembered here for the note at the end.
        """
        rule = self.found.statutes.find(f"idle_land.{key}")
        if rule is not None and rule.verified:
            return ""
        name = self.say(f"article_{key}") if rule is None else rule.article
        if name not in self.remembered:
            self.remembered.append(name)
        return self.say("remembered")


def letter(found: Judged, case: pd.Series) -> Document:
    """
    Draft one letter.

    Parameters
    ----------
    found
        What a run found.
    case
        A row of its cases with `letter`, the kind of `landuse.notices.KINDS`.

    Raises
    ------
    LawError
        If no name of the land authority is known for the day.
    """
    writer = _Writer(found, case)
    parts = _investigation if case["letter"] == "investigation" else _determination
    return document(
        str(case["case_id"]), found.on.isoformat(), "zh", _whole(writer, parts), "letter"
    )


def _day(value: pd.Timestamp) -> str:
    """Return a day as official papers write it."""
    return texts.say("notices.day", "zh", year=value.year, month=value.month, day=value.day)


def _whole(writer: _Writer, parts: Callable[[_Writer], Iterator[Block]]) -> Iterator[Block]:
    """Yield a letter: head, its own paragraphs, who signs, and what is left to fill in."""
    kind = writer.case["letter"]
    office = str(writer.found.statutes["departments.land"].amount)
    yield Text("title", office)
    yield Text("title", writer.say(f"title_{kind}"))
    yield Text("subtitle", writer.say("number"))
    yield Text("mark", writer.say("draft"))
    if writer.found.workspace.is_synthetic:
        yield Text("mark", writer.say("synthetic"))
    holder = writer.filled(writer.row["right_holder"], writer.say("name_holder"))
    yield Text("address", writer.say("addressee", holder=holder))
    yield from parts(writer)
    yield Text("signature", writer.say("signed", office=office))
    yield Text("signature", writer.say("dated"))
    names = writer.say("comma").join(writer.blanks)
    yield Text("note", writer.say("to_fill", names=names))
    if writer.remembered:
        articles = writer.say("comma").join(writer.remembered)
        yield Text("note", writer.say("to_compare", articles=articles))
    yield Text("note", writer.say("source", on=writer.found.on, line=writer.case["line_label"]))


def _investigation(writer: _Writer) -> Iterator[Block]:
    """Yield 第六条 (一)-(六)."""
    marks = {"asked": writer.mark("investigation_days"), "contents": writer.mark("notice_contents")}
    yield Text("line", writer.say("opening_investigation", **marks))
    yield from _holder(writer)
    yield from _land(writer)
    yield Text("section", writer.say("facts_investigation"))
    yield Text("line", str(writer.case["reason"]))
    yield Text("line", writer.say(_article(writer), mark=_text_mark(writer)))
    yield Text("section", writer.say("asked"))
    yield Text("line", writer.say("asked_by", days=writer.amount("answer_days")))
    for n in range(1, 6):
        yield Text("item", writer.say(f"asked_{n}"))
    yield Text("section", writer.say("rights"))
    yield Text("line", writer.say("rights_are"))
    yield Text("section", writer.say("other_investigation"))
    contact, phone = (writer.blank(writer.say(f"name_{n}")) for n in ("contact", "phone"))
    yield Text("line", writer.say("contact", contact=contact, phone=phone))


def _determination(writer: _Writer) -> Iterator[Block]:
    """Yield 第十条 (一)-(五)."""
    number = writer.filled(writer.row["investigation_number"], writer.say("name_investigation"))
    marks = {
        "found": writer.mark("determination"), "contents": writer.mark("determination_contents"),
    }  # fmt: skip
    yield Text("line", writer.say("opening_determination", number=number, **marks))
    yield from _holder(writer)
    yield from _land(writer)
    yield Text("section", writer.say("facts_determination"))
    yield Text("line", str(writer.case["reason"]))
    yield Text("line", writer.say(_article(writer), mark=_text_mark(writer)))
    yield Text("section", writer.say("conclusion"))
    yield from _causes(writer)
    yield Text("line", writer.say(_conclusion(writer)))
    yield Text("section", writer.say("other_determination"))
    yield Text("line", writer.say("published", mark=writer.mark("publication")))
    if writer.found.statutes.find("idle_land.restrictions") is not None:
        yield Text("line", writer.say("restricted", mark=writer.mark("restrictions")))
    yield Text("line", writer.say("remedy", court=writer.blank(writer.say("name_remedy"))))


def _article(writer: _Writer) -> str:
    """Return which paragraph of 第二条 the land falls under."""
    return "article_stopped" if _is(writer, Status.IDLE_SUSPENDED) else "article_unbuilt"


def _text_mark(writer: _Writer) -> str:
    """Return the mark behind the paragraph of 第二条 that the land falls under."""
    key = "suspended_years" if _is(writer, Status.IDLE_SUSPENDED) else "not_commenced_years"
    return writer.mark(key)


def _is(writer: _Writer, status: Status) -> bool:
    """Whether the case has a status."""
    return bool(writer.case["status"] == status)


def _conclusion(writer: _Writer) -> str:
    """Return the conclusion: 认定 where the law says so, 可以认定 for works that stopped."""
    return "may_conclude" if _is(writer, Status.IDLE_SUSPENDED) else "concluded"


def _causes(writer: _Writer) -> Iterator[Block]:
    """Yield the causes on file, and the blank for the cause that the office finds."""
    pauses = writer.found.tables["pause"]
    own = pauses[pauses["supply_id"] == writer.case["case_id"]]
    for row in own.sort_values(["begins_on", "cause"], kind="stable").itertuples():
        yield Text("item", _cause(writer, row))
    if not len(own):
        yield Text("line", writer.say("no_cause", mark=writer.mark("government_causes")))
    yield Text("line", writer.say("cause", cause=writer.blank(writer.say("name_cause"))))


def _cause(writer: _Writer, row: object) -> str:
    """Say one cause on file with its days and its document."""
    code = str(getattr(row, "cause", ""))
    begins, ends = (getattr(row, name, None) for name in ("begins_on", "ends_on"))
    name = PAUSE_CAUSES.get(code, (code, code))[0]
    return writer.say(
        "cause_on_file",
        cause=name,
        begins=writer.filled(begins, writer.say("name_begins")),
        ends=writer.say("running") if pd.isna(ends) else _day(pd.Timestamp(ends)),
        document=writer.filled(getattr(row, "document_number", None), writer.say("name_document")),
    )


def _holder(writer: _Writer) -> Iterator[Block]:
    """Yield who holds the land."""
    yield Text("section", writer.say("holder"))
    holder = writer.filled(writer.row["right_holder"], writer.say("name_holder"))
    address = writer.blank(writer.say("name_address"))
    yield Text("line", writer.say("holder_is", holder=holder, address=address))


def _land(writer: _Writer) -> Iterator[Block]:
    """Yield the facts of the land as a table; the area of the contract, as the law takes it."""
    yield Text("section", writer.say("land"))
    rows = []
    for name in _FACTS:
        heading, value = schema.heading("supply", name), writer.row[name]
        if name in _OPTIONAL and pd.isna(value):
            continue
        if name == "declared_area" and pd.notna(value):
            value = writer.say("area", m2=f"{value:,.2f}", mu=f"{units.mu(value):,.2f}")
        if name == "price" and pd.notna(value):
            value = writer.say("money", yuan=f"{value:,.2f}")
        rows.append((heading, writer.filled(value, heading)))
    half = -(-len(rows) // 2)
    right = [*rows[half:], ("", "")][:half]
    pairs = tuple((*one, *other) for one, other in zip(rows[:half], right, strict=True))
    head = (writer.say("head_item"), writer.say("head_fact")) * 2
    yield Table(head, pairs, (0.19, 0.31, 0.2, 0.3), is_dense=True)
