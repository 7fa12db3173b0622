"""Classification in polars expressions: the main status alone, and with all that ours finds."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from polars import col

ON = date(2018, 6, 30)
DAYS = ("signed_on", "agreed_commencement_on", "agreed_completion_on", "commenced_on",
        "suspended_on", "completed_on", "production_on")  # fmt: skip
NUMBERS = ("required_area", "developed_area", "planned_investment", "invested", "price")


def frames(supply: Any, pause: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Prepare polars frames of the columns used, days as dates."""
    supply, pause = pl.DataFrame(pl.from_arrow(supply)), pl.DataFrame(pl.from_arrow(pause))
    days = [col(name).cast(pl.Date) for name in DAYS]
    spans = [col(name).cast(pl.Date) for name in ("begins_on", "ends_on")]
    kept = supply.select("supply_id", *DAYS, *NUMBERS)
    return kept.with_columns(days), pause.with_columns(spans)


def _past(day: pl.Expr, years: int) -> pl.Expr:
    """Whether some full years have passed since a day."""
    return day.dt.offset_by(f"{years}y") < pl.lit(ON)


def _known(supply: pl.DataFrame) -> pl.LazyFrame:
    """Return supplies without what happened later."""
    begun, stopped, done = (
        pl.when(col(n) <= pl.lit(ON)).then(col(n))
        for n in ("commenced_on", "suspended_on", "completed_on")
    )
    rows = supply.lazy().with_row_index("row")
    return rows.with_columns(begun=begun, stopped=stopped, done=done)


def _paused(known: pl.LazyFrame, pause: pl.DataFrame) -> pl.LazyFrame:
    """Return what pauses take off each clock of land on which works have not begun."""
    on = pl.lit(ON)
    waiting = known.filter(col("begun").is_null(), col("done").is_null())
    start = waiting.select("supply_id", start=col("agreed_commencement_on"))
    before = (col("begins_on").dt.offset_by("-1d"), col("start"), col("reached"))
    moved = col("start") + pl.duration(days=col("earlier"))
    return (
        pause.lazy()
        .filter(col("cause") != "E1", col("begins_on") <= on)
        .with_columns(last=pl.min_horizontal(col("ends_on").fill_null(on), on))
        .join(start, on="supply_id")
        .sort("supply_id", "begins_on", "last", "cause")
        .with_columns(reached=col("last").cum_max().shift().over("supply_id"))
        .with_columns(after=pl.max_horizontal(*before))
        .with_columns(days=(col("last") - col("after")).dt.total_days().clip(0))
        .with_columns(earlier=col("days").cum_sum().over("supply_id") - col("days"))
        .with_columns(late=moved.dt.offset_by("2y") < col("begins_on"))
        .filter(~col("late").cum_max().over("supply_id"))
    )


def statuses(given: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    """Return the main status of each supply."""
    known = _known(given[0])
    days = _paused(known, given[1]).group_by("supply_id").agg(paused=col("days").sum())
    found = _moved(known, days).select("row", status=_status())
    return found.sort("row").collect()  # a join keeps no order


def _moved(known: pl.LazyFrame, days: pl.LazyFrame) -> pl.LazyFrame:
    """Add the start of each clock moved by its pauses."""
    moved = col("agreed_commencement_on") + pl.duration(days=col("paused").fill_null(0))
    return known.join(days, on="supply_id", how="left").with_columns(moved=moved)


def _short() -> pl.Expr:
    """Whether works stopped short of a third of the land or a quarter of the money."""
    area = col("developed_area") * 3 < col("required_area")
    return area | (col("invested") * 4 < col("planned_investment"))


def _status() -> Any:
    """Return the main status: the first rung that holds."""
    on = pl.lit(ON)
    wrong = (
        (col("signed_on") > on)
        | (col("done") < col("begun")) | (col("begun") < col("signed_on"))
        | (col("done") < col("signed_on")) | (col("stopped") < col("begun"))
        | (col("production_on") < col("begun"))
    )  # fmt: skip
    poor = _past(col("done"), 2) & (col("invested") * 2 < col("planned_investment"))
    is_done, is_begun = col("done").is_not_null(), col("begun").is_not_null()
    still = is_begun & col("stopped").is_not_null()
    ladder = [
        (wrong.fill_null(value=False), "undetermined"),
        (is_done & (col("production_on") > on), "not_in_production"),
        (is_done & poor, "underperforming"),
        (is_done, "finished"),
        (still & ~_past(col("stopped"), 1), "suspended"),
        (still & _short(), "idle_suspended"),
        (still, "suspended_inefficient"),
        (is_begun & _past(col("agreed_completion_on"), 2), "completion_overdue_two_years"),
        (is_begun & (col("agreed_completion_on") < on), "completion_overdue"),
        (is_begun, "in_progress"),
        (col("agreed_commencement_on") >= on, "not_due"),
        (~_past(col("agreed_commencement_on"), 1), "overdue"),
        (_past(col("moved"), 2), "idle_two_years"),
        (_past(col("moved"), 1), "idle_one_year"),
    ]
    chosen: Any = pl
    for mask, status in ladder:
        chosen = chosen.when(mask).then(pl.lit(status))
    return chosen.otherwise(pl.lit("idle_government"))


def clocks(given: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    """Return the status of each supply, its clock, its next step, its shares and its fee."""
    known = _known(given[0])
    counted = col("days") > 0
    days = (
        _paused(known, given[1])
        .group_by("supply_id")
        .agg(
            paused=col("days").sum(),
            open=(counted & (col("ends_on").is_null() | (col("ends_on") > pl.lit(ON)))).any(),
            causes=col("cause").filter(counted).unique().sort().str.join("、"),
        )
    )
    frame = _moved(known, days).with_columns(
        status=_status(), paused=col("paused").fill_null(0), open=col("open").fill_null(value=False)
    )
    frame = _clock(frame)
    names = ("row", "status", "clock_from", "clock_basis", "gross_days", "paused_days", "net_days",
             "full_years", "next_status", "next_status_on", "causes", "invested_share",
             "developed_share", "fee_cny")  # fmt: skip
    return frame.select(names).sort("row").collect()


_WAITING = ("not_due", "overdue", "idle_one_year", "idle_two_years", "idle_government")
_STILL = ("suspended", "idle_suspended", "suspended_inefficient")
_BUILDING = ("in_progress", "completion_overdue", "completion_overdue_two_years")


def _clock(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add the clock of each status, what follows it, the shares and the fee."""
    on, status = pl.lit(ON), col("status")
    waits, still = status.is_in(_WAITING), status.is_in(_STILL)
    builds = status.is_in(_BUILDING)
    start, finish = col("agreed_commencement_on"), col("agreed_completion_on")
    begin = pl.when(waits).then(start).when(still).then(col("stopped")).when(builds).then(finish)
    basis = (
        pl.when(waits).then(pl.lit("agreed_commencement_on"))
        .when(still).then(pl.lit("suspended_on"))
        .when(builds).then(pl.lit("agreed_completion_on")).otherwise(pl.lit(""))
    )  # fmt: skip
    runs = waits | still | builds
    off = pl.when(waits).then(col("paused")).when(runs).then(0)
    since = pl.when(waits).then(col("moved")).otherwise(begin)
    gross = (on - begin).dt.total_days().clip(0)
    back = (on.dt.month().cast(pl.Int32) * 100 + on.dt.day()) <= (
        since.dt.month().cast(pl.Int32) * 100 + since.dt.day()
    )
    years = (on.dt.year() - since.dt.year() - back.cast(pl.Int32)).clip(0)
    share = {
        name: pl.when((col(whole) > 0) & (col(part) >= 0)).then(col(part) / col(whole))
        for name, part, whole in (
            ("invested_share", "invested", "planned_investment"),
            ("developed_share", "developed_area", "required_area"),
        )
    }
    due = (status == "idle_one_year") & (col("price") > 0)
    following, when = _following()
    return frame.with_columns(
        clock_from=begin, clock_basis=basis, gross_days=gross, paused_days=off,
        net_days=(gross - off).clip(0), full_years=years, next_status=following,
        next_status_on=when, causes=pl.when(~waits).then(pl.lit("")).otherwise(col("causes")),
        fee_cny=pl.when(due).then(col("price") / 5), **share,
    )  # fmt: skip


def _following() -> tuple[Any, Any]:
    """Return the next status of each supply and its first day; unknown while a pause runs."""
    status, settled, day = col("status"), ~col("open"), pl.duration(days=1)
    start, finish = col("agreed_commencement_on"), col("agreed_completion_on")
    year = lambda found, years: found.dt.offset_by(f"{years}y") + day  # noqa: E731
    government = (status == "overdue") & (col("paused") > 0)
    steps = [
        (status == "not_due", "overdue", start + day),
        (government, "idle_government", year(start, 1)),
        (status == "overdue", "idle_one_year", year(start, 1)),
        ((status == "idle_government") & settled, "idle_one_year", year(col("moved"), 1)),
        ((status == "idle_one_year") & settled, "idle_two_years", year(col("moved"), 2)),
        (status == "in_progress", "completion_overdue", finish + day),
        (status == "completion_overdue", "completion_overdue_two_years", year(finish, 2)),
        ((status == "suspended") & _short(), "idle_suspended", year(col("stopped"), 1)),
        (status == "suspended", "suspended_inefficient", year(col("stopped"), 1)),
    ]
    names: Any = pl
    days: Any = pl
    for mask, then, when in steps:
        names, days = names.when(mask).then(pl.lit(then)), days.when(mask).then(when)
    return names.otherwise(pl.lit("")), days
