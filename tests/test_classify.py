"""Classification as a whole: properties no argument can touch."""

import dataclasses
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse import classify, law, schema
from landuse.classify import clock, coded, phases
from landuse.outlook import frozen
from landuse.terms import IDLE, STATE_OF, State, Status

EVENTS = (
    "signed_on", "agreed_delivery_on", "delivered_on", "agreed_commencement_on",
    "extended_commencement_on", "extension_signed_on", "agreed_completion_on", "commenced_on",
    "suspended_on", "resumed_on", "completed_on", "production_on",
)  # fmt: skip
DAY = date(2018, 6, 30)
DAYS = st.none() | st.dates(date(2010, 1, 1), date(2021, 12, 31))
MONEY = st.none() | st.floats(0, 1e9)
SUPPLY = st.fixed_dictionaries(
    {
        **dict.fromkeys(EVENTS, DAYS),
        **dict.fromkeys(
            ("required_area", "developed_area", "planned_investment", "invested"), MONEY
        ),
        "price": MONEY,
        "invested_includes_land": st.none() | st.booleans(),
    }
)
PAUSE = st.fixed_dictionaries(
    {
        "cause": st.sampled_from(["G1", "G2", "G6", "FM", "E1"]),
        "begins_on": DAYS,
        "ends_on": DAYS,
    }
)
NO_PIECES = pd.DataFrame(
    columns=["approval_id", "supply_id", "cluster_id", "park_id", "part", "area_m2", "occupied_m2"]
)


def tables(supplies, pauses=()):
    found = {
        role: schema.empty(role)
        for role in ("supply", "approval", "construction", "pause", "enterprise")
    }
    rows = [{"supply_id": f"S{n:03}"} | supply for n, supply in enumerate(supplies)]
    found["supply"] = schema.conform(pd.DataFrame(rows), "supply")
    if pauses:
        rows = [{"supply_id": "S000"} | pause for pause in pauses]
        found["pause"] = schema.conform(pd.DataFrame(rows), "pause")
    return found


def cases(supplies, pauses=(), on=DAY):
    given_tables = tables(supplies, pauses)
    return classify.cases(given_tables, NO_PIECES, on=on, statutes=law.on(on))


@settings(max_examples=40, deadline=None)
@given(st.lists(SUPPLY, min_size=1, max_size=12), st.lists(PAUSE, max_size=4))
def test_every_supply_has_one_state_a_reason_and_names_what_it_lacks(supplies, pauses):
    found = cases(supplies, pauses)
    assert len(found) == len(supplies)
    assert list(found.columns) == list(schema.CASE_COLUMNS)
    for row in found.itertuples():
        assert STATE_OF[Status(row.status)] == State(row.state)
        assert row.reason
        if row.state == State.UNDETERMINED:
            assert row.missing
        if row.status in IDLE:
            assert "疑似闲置" in row.reason
            assert row.articles
    assert (found["net_days"].dropna() <= found["gross_days"].dropna()).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(SUPPLY, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(supplies, random):
    straight = cases(supplies)
    order = list(range(len(supplies)))
    random.shuffle(order)
    given_tables = tables(supplies)
    given_tables["supply"] = given_tables["supply"].iloc[order]
    shuffled = classify.cases(given_tables, NO_PIECES, on=DAY, statutes=law.on(DAY))
    pd.testing.assert_frame_equal(straight, shuffled)


RANK = [Status.NOT_DUE, Status.OVERDUE, Status.IDLE_GOVERNMENT, Status.IDLE_ONE_YEAR,
        Status.IDLE_TWO_YEARS]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.dates(date(2014, 1, 1), date(2019, 1, 1)), st.integers(0, 900))
def test_more_days_without_an_event_never_make_land_less_idle(start, more):
    supply = [{"agreed_commencement_on": start}]
    now = cases(supply)["status"][0]
    later = cases(supply, on=DAY + timedelta(days=more))["status"][0]
    assert RANK.index(Status(later)) >= RANK.index(Status(now))


LINES = (
    RANK,
    [Status.IN_PROGRESS, Status.COMPLETION_OVERDUE, Status.COMPLETION_OVERDUE_TWO_YEARS],
    [Status.SUSPENDED, Status.IDLE_SUSPENDED],
    [Status.SUSPENDED, Status.SUSPENDED_INEFFICIENT],
    [Status.SUSPENDED, Status.UNDETERMINED],
    [Status.FINISHED, Status.UNDERPERFORMING],
)
"""Ways of land on which nothing happens, each step graver than the one before."""


def never_better(now, later):
    """Whether a status is the same or further along one of the ways."""
    return now == later or any(
        now in line and later in line and line.index(later) > line.index(now) for line in LINES
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(SUPPLY, min_size=1, max_size=6), st.lists(PAUSE, max_size=3), st.integers(1, 1500))
def test_days_without_an_event_lead_every_supply_along_its_own_way(supplies, pauses, more):
    held = [p for p in pauses if p["ends_on"] is not None and p["ends_on"] <= DAY]
    given_tables = frozen.tables(tables(supplies, held), DAY)
    first, last = (
        classify.cases(given_tables, NO_PIECES, on=on, statutes=law.on(on))["status"]
        for on in (DAY, DAY + timedelta(days=more))
    )
    for now, later in zip(first, last, strict=True):
        assert never_better(Status(now), Status(later)), (now, later)


@settings(max_examples=40, deadline=None)
@given(st.dates(date(2014, 1, 1), date(2018, 6, 1)), st.lists(PAUSE, max_size=4), PAUSE)
def test_a_pause_never_makes_land_more_idle(start, pauses, another):
    supply = [{"agreed_commencement_on": start}]
    without = cases(supply, pauses).iloc[0]
    with_it = cases(supply, [*pauses, another]).iloc[0]
    assert not with_it["full_years"] > without["full_years"]
    if with_it["status"] != Status.NOT_DELIVERED != without["status"]:
        assert RANK.index(with_it["status"]) <= RANK.index(without["status"])


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2013, 1, 1), date(2018, 6, 1)), st.lists(PAUSE, max_size=3), PAUSE)
def test_a_pause_never_makes_works_later(finish, pauses, another):
    supply = [{"commenced_on": date(2012, 6, 1), "agreed_completion_on": finish}]
    without, with_it = (
        Status(cases(supply, given_pauses)["status"][0])
        for given_pauses in (pauses, [*pauses, another])
    )
    assert never_better(with_it, without)


@settings(max_examples=40, deadline=None)
@given(
    st.dates(date(2014, 1, 1), date(2018, 6, 1)),
    st.lists(
        st.tuples(st.dates(date(2013, 1, 1), date(2018, 12, 31)), st.none() | st.integers(0, 900)),
        max_size=5,
    ),
)
def test_paused_days_equal_those_counted_one_by_one(start, spans):
    pauses = [
        {"cause": "G6", "begins_on": b, "ends_on": None if n is None else b + timedelta(days=n)}
        for b, n in spans
    ]
    found = cases([{"agreed_commencement_on": start}], pauses).iloc[0]
    counted = set()
    for begins, length in sorted(spans, key=lambda s: (s[0], s[1] is None, s[1])):
        moved = start + timedelta(days=len(counted))
        try:
            second = moved.replace(year=moved.year + 2)
        except ValueError:
            second = moved.replace(year=moved.year + 2, day=28)
        if begins > second:
            break
        last = DAY if length is None else min(DAY, begins + timedelta(days=length))
        day = max(begins, start + timedelta(days=1))
        while day <= last:
            counted.add(day)
            day += timedelta(days=1)
    assert found["paused_days"] == len(counted)


def test_inputs_are_left_as_they_were():
    given_tables = tables([{"agreed_commencement_on": date(1900, 1, 1)}], [{"cause": "G1"}])
    before = {role: table.copy() for role, table in given_tables.items()}
    classify.cases(given_tables, NO_PIECES, on=DAY, statutes=law.on(DAY))
    for role, table in before.items():
        pd.testing.assert_frame_equal(table, given_tables[role])


def test_a_determination_letter_turns_the_word():
    supply = {
        "agreed_commencement_on": date(2016, 1, 1),
        "determination_number": "示例闲定〔2018〕1号",
    }
    row = cases([supply]).iloc[0]
    assert row["is_determined"]
    assert "疑似" not in row["reason"]
    assert "示例闲定〔2018〕1号" in row["reason"]


def test_hostile_text_in_a_fact_stays_text():
    supply = {"agreed_commencement_on": date(2016, 1, 1), "determination_number": "{on}{0}%s"}
    assert "{on}{0}%s" in cases([supply]).iloc[0]["reason"]


def test_an_open_pause_before_the_clock_is_not_counted_before_it():
    open_pause = tables([{}], [{"cause": "G1", "begins_on": date(2010, 1, 1)}])["pause"]
    started = np.array(["2018-06-20"], dtype="datetime64[D]")
    found = clock.paused(open_pause, np.array([0]), started, DAY, law.on(DAY))
    assert found.days.tolist() == [10]
    assert found.is_undelivered.tolist() == [True]


@pytest.mark.parametrize("share", ["developed", "invested"])
def test_shares_are_compared_exactly(share):
    facts = {"commenced_on": date(2012, 1, 1), "suspended_on": date(2015, 1, 1)}
    part, whole, names = {
        "developed": (0.1 + 0.2, 0.9, ("developed_area", "required_area")),
        "invested": (1.0, 4.0, ("invested", "planned_investment")),
    }[share]
    row = cases([facts | dict(zip(names, (part, whole), strict=True))]).iloc[0]
    assert row["status"] == Status.UNDETERMINED  # exactly the limit is not short


def test_every_status_of_supplied_land_has_a_rank():
    supplied = {status for status, state in STATE_OF.items() if state != State.APPROVED_UNSUPPLIED}
    assert set(phases.WORST_FIRST) == supplied
    assert len(phases.WORST_FIRST) == len(supplied)


def phased(rows, on=DAY):
    given_tables = tables(rows)
    found = classify.cases(given_tables, NO_PIECES, on=on, statutes=law.on(on))
    return found.set_index("case_id")


IDLE_PHASE = {"phase_of": "S000", "agreed_commencement_on": date(2016, 1, 1), "declared_area": 60.0}


def test_phases_of_each_other_in_a_ring_are_no_phases():
    rows = [
        {"phase_of": "S001", "agreed_commencement_on": date(2016, 1, 1)},
        {"phase_of": "S000", "agreed_commencement_on": date(2018, 12, 31)},
    ]
    found = phased(rows)
    assert found["status"].to_dict() == {"S000": "idle_two_years", "S001": "not_due"}


def test_a_phase_signed_after_the_day_takes_nothing_from_its_parcel():
    parcel = {"declared_area": 60.0, "agreed_commencement_on": date(2018, 12, 31)}
    found = phased([parcel, IDLE_PHASE | {"signed_on": date(2018, 7, 1)}])
    assert found.loc["S000", "area_m2"] == 60
    assert found.loc["S000", "status"] == "not_due"


def test_a_parcel_keeps_its_own_letter_and_takes_the_clock_of_its_worst_phase():
    parcel = {"declared_area": 60.0, "determination_number": "示例闲定〔2018〕1号"}
    found = phased([parcel, IDLE_PHASE])
    assert found.loc["S000", "status"] == "idle_two_years"
    assert found.loc["S000", "is_determined"]
    assert not found.loc["S001", "is_determined"]
    assert found.loc["S000", "clock_from"] == found.loc["S001", "clock_from"]


@settings(max_examples=30, deadline=None)
@given(st.lists(SUPPLY, min_size=2, max_size=6), st.data())
def test_phases_conserve_the_declared_area(supplies, data):
    areas = data.draw(st.lists(st.integers(1, 50), min_size=len(supplies), max_size=len(supplies)))
    rows = [
        s | {"declared_area": float(a), "signed_on": None}
        for s, a in zip(supplies, areas, strict=True)
    ]
    rows[0]["declared_area"] = float(sum(areas))  # the phases are parts of the first
    for row in rows[1:]:
        row["phase_of"] = "S000"
    assert phased(rows)["area_m2"].sum() == pytest.approx(sum(areas))


@settings(max_examples=30, deadline=None)
@given(st.lists(SUPPLY, min_size=1, max_size=8))
def test_the_lenient_reading_never_makes_land_more_idle(supplies):
    given_tables, base = tables(supplies), law.on(DAY)
    literal = classify.cases(given_tables, NO_PIECES, on=DAY, statutes=base)

    class Lenient(law.Statutes):
        def __getitem__(self, key):
            value = super().__getitem__(key)
            is_reading = key == "idle_land.shortfall_reading"
            return dataclasses.replace(value, amount="lenient") if is_reading else value

    lenient = classify.cases(given_tables, NO_PIECES, on=DAY, statutes=Lenient(DAY, base.layers))
    idle = lenient["status"] == Status.IDLE_SUSPENDED
    assert (literal.loc[idle, "status"] == Status.IDLE_SUSPENDED).all()


def test_sentences_are_composed_only_where_they_are_read():
    given_tables = tables([{"agreed_commencement_on": date(2016, 1, 1)}, {}])
    told = classify.cases(given_tables, NO_PIECES, on=DAY, statutes=law.on(DAY))
    bare = classify.cases(given_tables, NO_PIECES, on=DAY, statutes=law.on(DAY), told=False)
    silent = ["reason", "evidence"]
    assert told["reason"].str.len().min() > 0
    assert (bare[silent] == "").all(axis=None)
    pd.testing.assert_frame_equal(told.drop(columns=silent), bare.drop(columns=silent))


@settings(max_examples=20, deadline=None)
@given(st.lists(SUPPLY, min_size=2, max_size=3), st.lists(PAUSE, max_size=4))
def test_a_case_is_told_alike_alone_and_among_others(supplies, pauses):
    together = cases(supplies, pauses).set_index("case_id")
    for n, supply in enumerate(supplies):
        alone = cases([supply], pauses if n == 0 else ()).iloc[0]
        other = together.loc[f"S{n:03}"]
        for name in ("status", "missing", "articles", "reason", "evidence", "next_status"):
            assert alone[name] == other[name]


def _texts(values):
    return pd.Series(pd.array(values, dtype="str"))


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 31, 64, 65])
def test_keys_are_found_whatever_their_length(length):
    among = [f"{n:x}".rjust(length, "k")[-length:] for n in range(16)]
    wanted = [*among[::-3], None, "", "x" * length, "é" * max(1, length // 2), among[0] + "0"]
    found = coded.positions(_texts(wanted), _texts(among))
    assert found.tolist() == [among.index(key) if key in among else -1 for key in wanted]
    assert (
        coded.positions(_texts([f"{key}0" for key in among]), _texts(among)).tolist() == [-1] * 16
    )
    mixed = [*among, "of another length"]
    assert coded.positions(_texts(mixed[::-1]), _texts(mixed)).tolist() == [*range(16, -1, -1)]


def test_keys_that_mix_to_one_number_are_told_apart(monkeypatch):
    monkeypatch.setattr(coded, "_mixed", lambda packed: packed[:, 0] % 2)
    among = [f"{n:016d}" for n in range(40)]
    assert coded.positions(_texts(among[::-1]), _texts(among)).tolist() == [*range(39, -1, -1)]
    one = coded.positions(_texts([among[2], among[4]]), _texts([among[0], among[1]]))
    assert one.tolist() == [-1, -1]
