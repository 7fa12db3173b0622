"""Which columns each sheet has, in which order, how they look, and which are added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landuse.terms import State
from landuse.workbook.ledger import say

if TYPE_CHECKING:
    from landuse.texts import Lang


@dataclass(frozen=True)
class Column:
    """
    One column of a sheet.

    `style` is a key of `book.NUMBER_FORMATS` or of `book.ALIGNMENTS`. The heading is
    `workbook.col_<heading or key>`; columns of one `group` that follow each other stand under a
    common head.
    """

    key: str
    style: str
    width: float
    group: str = ""
    heading: str = ""
    is_summed: bool = False
    is_filled_in: bool = False
    is_hidden: bool = False

    def shown(self, lang: Lang) -> str:
        """Return the heading people read."""
        return say(f"col_{self.heading or self.key}", lang)


def _c(key: str, style: str, width: float, group: str = "", *, is_summed: bool = False) -> Column:
    """Return a column headed by its own key."""
    return Column(key, style, width, group, is_summed=is_summed)


def _f(key: str, style: str, width: float, group: str = "") -> Column:
    """Return a column staff fill in."""
    return Column(key, style, width, group, is_filled_in=True)


_PLACE = (
    _c("seq", "count", 4.5),
    _c("county", "center", 8.5),
    _c("cluster", "text", 10.5),
    _c("park", "text", 9),
)
_DISPOSAL = (
    _f("measures", "text", 26, "disposal"),
    _f("lead", "center", 9, "disposal"),
    _f("support", "text", 12, "disposal"),
    _f("person", "center", 7, "disposal"),
    _f("due_on", "day", 9.5, "disposal"),
    _f("progress", "text", 11, "disposal"),
)
_BASIS = (
    Column("line_label", "text", 11, "basis", "line"),
    _c("priority", "points", 5.5, "basis"),
    _c("priority_parts", "text", 13, "basis"),
)
_REMARK = (
    _f("site_check", "center", 8),
    _f("remark", "text", 13),
    Column("slip", "slip", 9, is_hidden=True),
)

UNSUPPLIED = (
    *_PLACE,
    _c("approval_number", "text", 17),
    _c("batch_name", "text", 24),
    _c("approved_on", "day", 9.5),
    _c("approved_ha", "ha", 8.5, "area", is_summed=True),
    _c("supplied_ha", "ha", 8.5, "area", is_summed=True),
    _c("unsupplied_ha", "ha", 8.5, "area", is_summed=True),
    _c("unsupplied_mu", "mu", 8.5, "area", is_summed=True),
    _c("years", "count", 8),
    Column("status_word", "status", 13, heading="expropriation"),
    _c("is_occupied", "center", 7),
    _f("unsupplied_cause", "text", 12),
    *_BASIS,
    _c("supply_terms", "text", 12, "basis"),
    *_DISPOSAL,
    *_REMARK,
)
"""批而未供: domain form 7.1, sheet 1."""

_PARCEL = (
    *_PLACE,
    _c("parcel_code", "text", 10),
    _c("supply_id", "text", 9),
    _c("right_holder", "text", 12),
    _c("project_name", "text", 12),
    _c("location", "text", 10),
    _c("land_use", "text", 8),
    _c("supply_mode", "center", 5.5),
    _c("area_ha", "ha", 8.5, "supplied_area", is_summed=True),
    _c("area_mu", "mu", 8, "supplied_area", is_summed=True),
    _c("price_wan", "wan", 9.5, is_summed=True),
    _c("signed_on", "day", 9.5),
    _c("agreed_delivery_on", "day", 9.5, "delivery"),
    _c("delivered_on", "day", 9.5, "delivery"),
)
_PAPERS = (
    _c("investigation_number", "text", 9, "papers"),
    _c("determination_number", "text", 8.5, "papers"),
)

UNBUILT = (
    *_PARCEL,
    _c("agreed_commencement_on", "day", 9.5, "agreed"),
    _c("agreed_completion_on", "day", 9.5, "agreed"),
    _c("extended_commencement_on", "day", 9.5, "agreed"),
    _c("is_commenced", "center", 4.5),
    _c("days_late", "days", 5, "idle"),
    _c("gross", "center", 7, "idle"),
    _c("net", "center", 7, "idle"),
    Column("status_word", "status", 9, "idle", "status"),
    Column("cause_word", "text", 9, "idle", "cause"),
    _f("delay_cause", "text", 8, "idle"),
    *_PAPERS,
    _c("grade", "center", 4.5),
    *_BASIS,
    Column("bond_word", "center", 6, "basis", "bond"),
    _f("measures", "text", 18, "disposal"),
    _c("is_fee_due_word", "center", 5, "disposal"),
    _c("fee_wan", "wan", 8.5, "disposal", is_summed=True),
    *_DISPOSAL[1:],
    *_REMARK,
)
"""供而未建: domain form 7.1, sheet 2."""

UNFINISHED = (
    *_PARCEL,
    _c("agreed_commencement_on", "day", 9.5, "commencement"),
    _c("extended_commencement_on", "day", 9.5, "commencement"),
    _c("commenced_on", "day", 9.5, "commencement"),
    _c("agreed_completion_on", "day", 9.5, "completion"),
    _c("completion_days_late", "days", 5, "completion"),
    _c("suspended_on", "day", 9.5, "suspension"),
    _c("suspended", "center", 7, "suspension"),
    _c("net", "center", 7, "suspension"),
    _c("required_ha", "ha", 8, "developed", is_summed=True),
    _c("developed_ha", "ha", 8, "developed", is_summed=True),
    _c("built_share", "share", 6, "developed"),
    _c("planned_wan", "wan", 9.5, "investment", is_summed=True),
    _c("invested_wan", "wan", 9.5, "investment", is_summed=True),
    _c("invested_share", "share", 6, "investment"),
    Column("status_word", "status", 9, heading="status"),
    Column("cause_word", "text", 9, "cause", "lawful_cause"),
    _f("delay_cause", "text", 8, "cause"),
    *_PAPERS,
    _c("grade", "center", 4.5),
    *_BASIS,
    Column("bond_word", "center", 6, "basis", "bond"),
    _f("measures", "text", 18, "disposal"),
    *_DISPOSAL[1:],
    *_REMARK,
)
"""建而未成: domain form 7.1, sheet 3; no fee, for this land goes the way of 第十二条."""

INEFFICIENT = (
    *_PLACE,
    _c("counted_in", "center", 11),
    _c("supply_id", "text", 17),
    _c("enterprise", "text", 20),
    _c("project_name", "text", 20),
    _c("area_ha", "ha", 10, "occupied", is_summed=True),
    _c("area_mu", "mu", 10, "occupied", is_summed=True),
    _f("floor_area", "m2", 11),
    _c("production_on", "day", 9.5),
    _c("halted_on", "day", 9.5),
    _c("tax_wan", "wan", 10, "tax", is_summed=True),
    _c("tax_per_mu", "wan", 10, "tax"),
    _c("grade", "center", 6),
    Column("status_word", "status", 15, heading="status"),
    *_BASIS,
    *_DISPOSAL,
    *_REMARK,
)
"""低效/停产: domain form 7.1, sheet 4."""

UNDETERMINED = (
    *_PLACE,
    Column("kind_word", "center", 8, heading="kind"),
    _c("case_id", "text", 16),
    _c("right_holder", "text", 20),
    _c("project_name", "text", 20),
    _c("area_ha", "ha", 10, "land", is_summed=True),
    _c("area_mu", "mu", 10, "land", is_summed=True),
    _c("signed_or_approved_on", "day", 9.5),
    Column("missing_word", "text", 24, "to_verify", "missing"),
    _c("reason", "text", 44, "to_verify"),
    _f("measures", "text", 18, "disposal"),
    *_DISPOSAL[1:],
    _f("verified_result", "text", 16),
    *_REMARK,
)
"""待核实: what is missing, and who finds it out."""

FINDINGS = (
    _c("seq", "count", 6),
    _c("layer", "text", 14),
    _c("row", "count", 7),
    _c("feature_id", "text", 18),
    _c("column", "text", 18),
    _c("value", "text", 22),
    Column("severity_word", "status", 11, heading="severity"),
    _c("message", "text", 56),
    _c("action", "text", 44),
    _c("responsible", "center", 16),
    _c("code", "text", 24),
    _f("settled", "center", 10),
    _f("remark", "text", 13),
)
"""数据问题: the findings, worded."""


def _trio(key: str, group: str = "") -> tuple[Column, ...]:
    """Return the columns of number, hectares and mu of one kind of land."""
    return (
        Column(f"{key}_count", "count", 5, group or key, "count"),
        Column(f"{key}_ha", "ha", 9.5, group or key, "ha"),
        Column(f"{key}_mu", "mu", 9.5, group or key, "mu"),
    )


SUMMARY = (
    _c("seq", "count", 4.5),
    _c("county", "center", 10),
    _c("cluster", "text", 18),
    _c("park", "text", 20),
    *(column for state in State for column in _trio(state.value)),
    *_trio("all"),
    *_trio("idle", "idle_land"),
    *_trio("determined")[:2],
    Column("supply_rate", "share", 7, "rates"),
    Column("built_rate", "share", 7, "rates"),
    Column("idle_rate", "share", 7, "rates"),
    Column("disposed_count", "count", 6, "disposed", "count"),
    Column("disposed_ha", "ha", 9.5, "disposed", "ha"),
    Column("disposal_rate", "share", 7, "disposed"),
)
"""汇总: domain form 7.1, sheet 5."""

ORDER = (
    "summary",
    "unsupplied",
    "unbuilt",
    "unfinished",
    "inefficient",
    "undetermined",
    "findings",
    "notes",
)
"""Sheets from left to right; the name shown is `workbook.sheet_<key>`."""

COLUMNS: dict[str, tuple[Column, ...]] = {
    "summary": SUMMARY,
    "unsupplied": UNSUPPLIED,
    "unbuilt": UNBUILT,
    "unfinished": UNFINISHED,
    "inefficient": INEFFICIENT,
    "undetermined": UNDETERMINED,
    "findings": FINDINGS,
}

STATE_SHEETS: dict[State, str] = {
    State.APPROVED_UNSUPPLIED: "unsupplied",
    State.SUPPLIED_UNBUILT: "unbuilt",
    State.BUILT_UNFINISHED: "unfinished",
    State.COMPLETED: "inefficient",
    State.UNDETERMINED: "undetermined",
}
"""The sheet in which cases of a state are counted; of 已建成 only what is inefficient."""
