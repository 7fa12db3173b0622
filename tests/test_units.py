"""Areas and the calendar: every legal clock is counted here."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landuse import units

DAYS = st.dates(date(1960, 1, 1), date(2090, 12, 31))


def one(day):
    return units.days([day])


@pytest.mark.parametrize(
    ("start", "on", "years"),
    [
        (date(2017, 6, 6), date(2018, 6, 6), 0),
        (date(2017, 6, 6), date(2018, 6, 7), 1),
        (date(2016, 2, 29), date(2017, 2, 28), 0),
        (date(2016, 2, 29), date(2017, 3, 1), 1),
        (date(2016, 2, 29), date(2020, 2, 29), 3),
        (date(2016, 2, 29), date(2020, 3, 1), 4),
        (date(2017, 12, 31), date(2019, 12, 31), 1),
        (date(2017, 12, 31), date(2020, 1, 1), 2),
        (date(2017, 6, 6), date(2016, 1, 1), 0),
        (date(2017, 6, 6), date(2017, 6, 6), 0),
    ],
)
def test_full_years(start, on, years):
    assert units.full_years(one(start), on)[0] == years


def test_a_missing_day_has_no_years():
    assert np.isnan(units.full_years(units.days(["NaT"]), date(2018, 1, 1))).all()


@given(DAYS, st.integers(0, 5))
def test_a_year_is_full_on_the_day_past_and_not_before(start, years):
    first = units.first_day_past(one(start), years)
    before = first - np.timedelta64(1, "D")
    assert units.full_years(one(start), first)[0] == years
    assert units.full_years(one(start), before)[0] == max(years - 1, 0)


@given(DAYS, DAYS)
def test_another_day_never_takes_a_year_away(start, on):
    today = units.full_years(one(start), on)[0]
    assert units.full_years(one(start), on + timedelta(days=1))[0] - today in {0, 1}


@given(st.lists(DAYS, min_size=1, max_size=5), DAYS)
def test_years_of_many_days_by_one_are_those_of_each(starts, on):
    by_one = units.full_years(units.days(starts), on)
    by_each = units.full_years(units.days(starts), units.days([on] * len(starts)))
    assert by_one.tolist() == by_each.tolist()


@given(DAYS, st.integers(1, 30))
def test_the_last_start_is_the_last_from_which_the_years_have_passed(on, years):
    last = units.last_start(on, years)
    assert units.full_years(last, units.days([on]))[0] >= years
    assert units.full_years(last + np.timedelta64(1, "D"), units.days([on]))[0] < years


@given(DAYS, st.integers(-40, 40))
def test_the_corresponding_day_keeps_month_and_day(start, years):
    shifted = units.add_years(one(start), years)[0].astype(object)
    assert shifted.year == start.year + years
    assert (shifted.month, shifted.day) in {(start.month, start.day), (2, 28)}


@given(DAYS, DAYS)
def test_days_between_counts_the_last_and_not_the_first(a, b):
    assert units.days_between(one(a), b)[0] == max((b - a).days, 0)


@pytest.mark.parametrize(
    ("m2", "mu"),
    [(13979.84, 20.97), (16726.97, 25.09), (33420, 50.13), (201304.489, 301.957)],
)
def test_published_conversions_to_mu(m2, mu):
    assert round(units.mu(m2), 3 if mu == 301.957 else 2) == mu


def test_fifteen_mu_are_a_hectare():
    assert units.mu(units.M2_PER_HA) == pytest.approx(15, abs=1e-12)
    assert units.FACTORS["mu"] * 15 == pytest.approx(units.FACTORS["ha"], abs=1e-9)


def test_many_days_are_answered_as_each_is():
    days = np.arange(np.datetime64("1999-12-01"), np.datetime64("2004-03-05"))
    many = np.append(days, np.datetime64("NaT", "D"))
    few = [many[at : at + 1] for at in range(len(many))]
    for years in (1, 2, -3):
        each = np.concatenate([units.add_years(day, years) for day in few])
        np.testing.assert_array_equal(units.add_years(many, years), each)
    on = date(2004, 2, 29)
    each = np.concatenate([units.full_years(day, on) for day in few])
    np.testing.assert_array_equal(units.full_years(many, on), each)
    assert (units.full_years(many, on) > 0).any()
