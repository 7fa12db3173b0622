"""
The days of a supply for each status it is meant to have on 2018-06-30.

`PLANS` says how many supplies of each kind there are and when their agreed start D lies; each
kind has one small function that fills in the rest. Statuses: contract section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from benchmarks.sample.places import Record

LAST_ENTRY = date(2018, 5, 28)
"""Last day of which the register of 2018-05-31 can know."""


def _days(rng: np.random.Generator, low: int, high: int) -> timedelta:
    return timedelta(days=int(rng.integers(low, high)))


def between(rng: np.random.Generator, low: date, high: date) -> date:
    """Return a day from low to high, both possible."""
    return low + timedelta(days=int(rng.integers(0, max((high - low).days, 0) + 1)))


def agreed(rng: np.random.Generator, signed: date, start: date) -> Record:
    """Return what every contract says: delivery, start and completion."""
    delivery = min(signed + _days(rng, 20, 120), start - timedelta(days=20))
    handed = delivery + _days(rng, -10, 25)
    return {
        "signed_on": signed,
        "agreed_delivery_on": delivery,
        "delivered_on": handed if handed <= LAST_ENTRY else None,
        "agreed_commencement_on": start,
        "agreed_completion_on": start + _days(rng, 540, 800),
    }


def _begun(rng: np.random.Generator, facts: Record, latest: date = LAST_ENTRY) -> Record:
    """Works began around the agreed start, a permit before that."""
    start = min(facts["agreed_commencement_on"] + _days(rng, -60, 90), latest)
    start = max(start, facts["signed_on"] + timedelta(days=40))
    return {"permit_on": start - _days(rng, 3, 35), "commenced_on": start}


def finished(rng: np.random.Generator, facts: Record) -> Record:
    """Built and, in most cases, in production."""
    begun = _begun(rng, facts, date(2017, 6, 30))
    done = min(begun["commenced_on"] + _days(rng, 280, 760), LAST_ENTRY - timedelta(days=40))
    running = min(done + _days(rng, 20, 180), LAST_ENTRY)
    return begun | {
        "completed_on": done,
        "production_on": running if rng.random() < 0.85 else None,
    }


def in_production(rng: np.random.Generator, facts: Record) -> Record:
    """Built and in production for certain: what stops or falls short must have begun."""
    built = finished(rng, facts)
    return built | {"production_on": built["completed_on"] + timedelta(days=60)}


def not_in_production(rng: np.random.Generator, facts: Record) -> Record:
    """Built; production is announced for later."""
    later = between(rng, date(2018, 8, 1), date(2019, 6, 30))
    return finished(rng, facts) | {"production_on": later}


def in_progress(rng: np.random.Generator, facts: Record) -> Record:
    """Under construction, completion not yet due."""
    due = max(facts["agreed_completion_on"], between(rng, date(2018, 8, 1), date(2019, 9, 30)))
    sentinel = date(1900, 1, 1) if rng.random() < 0.2 else None
    return _begun(rng, facts) | {"agreed_completion_on": due, "completed_on": sentinel}


def completion_overdue(rng: np.random.Generator, facts: Record) -> Record:
    """Under construction after the agreed completion, for less than two years."""
    due = between(rng, date(2016, 9, 1), date(2018, 6, 10))
    due = max(due, facts["agreed_commencement_on"] + timedelta(days=240))
    return _begun(rng, facts, date(2017, 3, 31)) | {"agreed_completion_on": due}


def completion_overdue_two_years(rng: np.random.Generator, facts: Record) -> Record:
    """Under construction two full years after the agreed completion."""
    due = facts["agreed_commencement_on"] + _days(rng, 300, 420)
    return _begun(rng, facts) | {"agreed_completion_on": min(due, date(2016, 6, 20))}


def _shares(built: float, invested: float, price: float = 0) -> Record:
    """Shares of a stopped project; areas and money are filled in from them later."""
    return {"built_share": built, "invested_share": invested, "price_share": price,
            "stopped": True}  # fmt: skip


def suspended(rng: np.random.Generator, facts: Record) -> Record:
    """Fill in works stopped for less than a year."""
    begun = _begun(rng, facts, date(2017, 6, 30))
    stop = between(rng, date(2017, 7, 10), date(2018, 4, 30))
    shares = _shares(float(rng.uniform(0.1, 0.7)), float(rng.uniform(0.1, 0.6)))
    return begun | shares | {"suspended_on": stop}


def _stopped_long(rng: np.random.Generator, facts: Record) -> Record:
    """Fill in works stopped a full year or more; one in six resumed once before that."""
    begun = _begun(rng, facts, date(2016, 6, 30))
    stop = between(rng, begun["commenced_on"] + timedelta(days=60), date(2017, 6, 15))
    again = {"resumed_on": stop - timedelta(days=45)} if rng.random() < 0.17 else {}
    return begun | again | {"suspended_on": stop}


def idle_suspended(rng: np.random.Generator, facts: Record) -> Record:
    """Fill in a full stop with too little built, or too little invested."""
    short = float(rng.uniform(0.05, 0.30)), float(rng.uniform(0.28, 0.6))
    if rng.random() < 0.4:
        short = float(rng.uniform(0.36, 0.6)), float(rng.uniform(0.06, 0.23))
    return _stopped_long(rng, facts) | _shares(*short)


def short_but_for_land(rng: np.random.Generator, facts: Record) -> Record:
    """Fill in a full stop; a third of the money is spent, but part of it on the land."""
    return _stopped_long(rng, facts) | _shares(0.55, 0.33, 0.22)


def suspended_inefficient(rng: np.random.Generator, facts: Record) -> Record:
    """Fill in a full stop with enough built and invested; some lie on the line exactly."""
    shares = float(rng.uniform(0.38, 0.8)), float(rng.uniform(0.3, 0.8))
    if rng.random() < 0.2:
        shares = 1 / 3, 0.25
    return _stopped_long(rng, facts) | _shares(*shares)


def share_unknown(rng: np.random.Generator, facts: Record) -> Record:
    """Fill in a full stop; enough is built, what was invested nobody wrote down."""
    return _stopped_long(rng, facts) | _shares(0.5, float("nan"))


def contradictory(rng: np.random.Generator, facts: Record) -> Record:
    """Completed before it was begun."""
    built = finished(rng, facts)
    return built | {"completed_on": built["commenced_on"] - timedelta(days=200),
                    "production_on": None}  # fmt: skip


def dateless(rng: np.random.Generator, _facts: Record) -> Record:
    """No day but that of signing; half hold the blank that old systems write for none."""
    blank = date(1900, 1, 1) if rng.random() < 0.5 else None
    return {"agreed_delivery_on": None, "delivered_on": None, "agreed_commencement_on": blank,
            "agreed_completion_on": None}  # fmt: skip


def untouched(_rng: np.random.Generator, _facts: Record) -> Record:
    """Nothing was begun."""
    return {}


def delivered_only(_rng: np.random.Generator, facts: Record) -> Record:
    """No agreed start: one year after the land was handed over."""
    handed = facts["agreed_commencement_on"] - timedelta(days=365)
    return {"agreed_commencement_on": None, "delivered_on": handed,
            "agreed_delivery_on": handed, "signed_on": handed - timedelta(days=70)}  # fmt: skip


def extended(rng: np.random.Generator, facts: Record) -> Record:
    """Move the start by a supplementary agreement signed in time."""
    start = facts["agreed_commencement_on"]
    old = start - timedelta(days=int(rng.integers(180, 360)))
    return {"agreed_commencement_on": old, "extended_commencement_on": start,
            "signed_on": old - timedelta(days=200), "agreed_delivery_on": old - timedelta(days=150),
            "delivered_on": old - timedelta(days=140),
            "extension_signed_on": old - timedelta(days=25)}  # fmt: skip


def backdated(_rng: np.random.Generator, facts: Record) -> Record:
    """Add an extension whose new start lies before its own signing (domain C12)."""
    start = facts["agreed_commencement_on"]
    return {"extended_commencement_on": start + timedelta(days=300),
            "extension_signed_on": start + timedelta(days=590)}  # fmt: skip


def undelivered(_rng: np.random.Generator, facts: Record) -> Record:
    """Never handed over; an open G1 pause says so."""
    late = facts["agreed_delivery_on"] + timedelta(days=1)
    return {"delivered_on": None, "pauses": [("G1", late, None)]}


def government(rng: np.random.Generator, facts: Record) -> Record:
    """Late by a year or two, nearly all of it the government's doing."""
    start = facts["agreed_commencement_on"] + _days(rng, 10, 120)
    cause = str(rng.choice(["G2", "G3", "G4", "G5", "G6"]))
    end = None if rng.random() < 0.6 else between(rng, date(2018, 3, 1), date(2018, 5, 20))
    return {"pauses": [(cause, start, end)]}


def force_majeure(rng: np.random.Generator, facts: Record) -> Record:
    """Late by more than a year after a flood, which is treated like the government's doing."""
    (_, start, end), *_ = government(rng, facts)["pauses"]
    return {"pauses": [("FM", start, end)]}


def short_pause(_rng: np.random.Generator, facts: Record) -> Record:
    """Add a pause too short to matter, from two offices with overlapping days."""
    start = facts["agreed_commencement_on"] + timedelta(days=30)
    return {"pauses": [("G4", start, start + timedelta(days=20)),
                       ("G6", start + timedelta(days=10), start + timedelta(days=25))]}  # fmt: skip


def late_pause(_rng: np.random.Generator, facts: Record) -> Record:
    """Add a pause that began when the land was already two full years late."""
    start = facts["agreed_commencement_on"] + timedelta(days=760)
    return {"pauses": [("G2", start, None)]}


def asserted_pause(_rng: np.random.Generator, _facts: Record) -> Record:
    """Add a government cause asserted without a first day."""
    return {"pauses": [("G6", None, None)]}


@dataclass(frozen=True)
class Plan:
    """How many supplies of a kind, the days between which D lies, and what fills in the rest."""

    name: str
    status: str
    count: int
    first: date
    last: date
    fill: Callable[[np.random.Generator, Record], Record]


def _plan(status: str, count: int, first: str, last: str, fill: Callable[..., Record]) -> Plan:
    name = fill.__name__ if fill is not untouched else status
    return Plan(name, status, count, date.fromisoformat(first), date.fromisoformat(last), fill)


PLANS = (
    _plan("not_due", 34, "2018-07-05", "2019-05-31", untouched),
    _plan("not_due", 4, "2018-07-20", "2018-11-15", extended),
    _plan("not_delivered", 14, "2017-01-15", "2018-03-31", undelivered),
    _plan("overdue", 17, "2017-07-10", "2018-06-15", untouched),
    _plan("overdue", 3, "2017-07-10", "2018-05-15", delivered_only),
    _plan("overdue", 2, "2017-08-01", "2018-05-15", short_pause),
    _plan("idle_one_year", 16, "2016-07-05", "2017-06-20", untouched),
    _plan("idle_one_year", 3, "2016-07-05", "2017-06-20", extended),
    _plan("idle_one_year", 3, "2016-07-05", "2017-06-20", delivered_only),
    _plan("idle_one_year", 3, "2016-08-20", "2017-03-31", short_pause),
    _plan("idle_one_year", 1, "2016-08-20", "2017-03-31", asserted_pause),
    _plan("idle_two_years", 16, "2013-06-01", "2016-06-20", untouched),
    _plan("idle_two_years", 3, "2013-06-01", "2016-04-20", late_pause),
    _plan("idle_two_years", 2, "2013-06-01", "2015-12-20", backdated),
    _plan("idle_government", 10, "2016-01-10", "2017-06-10", government),
    _plan("idle_government", 2, "2016-01-10", "2017-06-10", force_majeure),
    _plan("in_progress", 70, "2016-07-01", "2018-04-20", in_progress),
    _plan("completion_overdue", 22, "2015-01-01", "2016-12-31", completion_overdue),
    _plan("completion_overdue_two_years", 10, "2013-01-01", "2015-04-30",
          completion_overdue_two_years),
    _plan("suspended", 12, "2015-09-01", "2017-05-31", suspended),
    _plan("idle_suspended", 15, "2013-06-01", "2016-03-31", idle_suspended),
    _plan("idle_suspended", 3, "2013-06-01", "2016-03-31", short_but_for_land),
    _plan("suspended_inefficient", 10, "2013-06-01", "2016-03-31", suspended_inefficient),
    _plan("undetermined", 6, "2012-01-01", "2017-06-30", dateless),
    _plan("undetermined", 4, "2012-01-01", "2016-06-30", contradictory),
    _plan("undetermined", 4, "2013-06-01", "2016-03-31", share_unknown),
    _plan("not_in_production", 36, "2014-06-01", "2017-03-31", not_in_production),
    _plan("halted", 45, "2010-06-01", "2015-06-30", in_production),
    _plan("underperforming", 40, "2010-06-01", "2015-06-30", in_production),
)  # fmt: skip
"""Everything that is not plainly finished; the remaining supplies are."""

FINISHED = Plan("finished", "finished", 0, date(2009, 10, 1), date(2017, 3, 31), finished)


def facts(plan: Plan, approved_on: date, rng: np.random.Generator) -> Record:
    """Return the days of one supply of a kind on land approved on a day."""
    earliest = max(plan.first, approved_on + timedelta(days=190 + _lead(plan)))
    start = between(rng, earliest, plan.last)
    signed = max(start - _days(rng, 140, 400), approved_on + timedelta(days=45))
    signed = min(signed, LAST_ENTRY)
    base = agreed(rng, signed, start)
    return base | plan.fill(rng, base)


def fits(plan: Plan, approved_on: date) -> bool:
    """Whether land approved on a day can carry a supply of a kind."""
    return approved_on + timedelta(days=200 + _lead(plan)) <= plan.last


def _lead(plan: Plan) -> int:
    """Days before D that a kind needs beyond the usual, for an older contract of its own."""
    return 420 if plan.fill in {extended, delivered_only} else 0
