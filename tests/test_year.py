"""A year of monthly runs with scripted events: every move with its cause, every sum in balance."""

import math
from datetime import date, timedelta

import pytest
from kept_runs import SUPPLIES, kept, write

import landuse
from landuse import history, law
from landuse.judging import Judge
from landuse.replay import proof

RULE = """
[recovery_years]
label = "试"
unit = "{unit}"
modality = "shall"
[[recovery_years.value]]
amount = 3
in_force = 2012-07-01
document = "本市规定"
article = "第一条"
verified = false
"""
BASE = {
    # one full year past its start from 16 July, two from 16 July of the next year
    "A": SUPPLIES["S1"],
    "B": SUPPLIES["S2"],
    "C": {"agreed_commencement_on": "2018-09-20", "x": 400},
    "D": {"agreed_commencement_on": "2016-01-01", "x": 600},
    "E": {"agreed_commencement_on": "2019-06-01", "x": 800},
    "F": {"agreed_commencement_on": "2019-06-01", "x": 1000},
}
LOT = {"x": 0, "width": 1400.0}
# month → what the office learns in it: changed cells of a supply, a supply more (None: no more)
EVENTS = {
    3: {"E": {"commenced_on": "2018-03-10"}},
    4: {"G": {"agreed_commencement_on": "2019-01-01", "x": 1200, "signed_on": "2018-04-02"}},
    5: {"E": {"commenced_on": "2018-03-12"}},  # another day, the same state
    6: {"F": {"agreed_commencement_on": "2018-01-01"}},
    8: {"B": {"completed_on": "2018-08-10"}},
    9: {"G": None},
    10: {"E": {"width": 150.0}},
}
# month → (case, change): causes; what no list expects must not be there
EXPECTED = {
    3: {("E", "state"): "day；document"},
    4: {("G", "new"): "document", ("P1", "area"): "day；document"},
    5: {},
    6: {("F", "status"): "correction"},
    7: {("A", "status"): "day"},
    8: {("B", "state"): "day；document"},
    9: {("G", "gone"): "correction", ("P1", "area"): "correction", ("C", "status"): "day"},
    10: {("E", "area"): "geometry", ("P1", "area"): "geometry"},
    11: {("D", "status"): "rule"},
    12: {},
    2: {},
}


def month_end(month):
    return date(2018 + month // 12, month % 12 + 1, 1) - timedelta(days=1)


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """Twelve runs, each made from what was known at the end of its month."""
    root = tmp_path_factory.mktemp("year")
    supplies = {name: dict(cells) for name, cells in BASE.items()}
    for month in range(1, 13):
        for name, cells in EVENTS.get(month, {}).items():
            if cells is None:
                del supplies[name]
            else:
                supplies[name] = supplies.get(name, {}) | cells
        write(root, supplies=supplies, approvals=(LOT,))
        if month == 11:
            own = root / "layers" / "statutes"
            own.mkdir()
            unit = law.on(month_end(1))["idle_land.recovery_years"].unit
            (own / "idle_land.toml").write_text(RULE.format(unit=unit), encoding="utf-8")
        kept(root, month_end(month), month_end(month))
    return root


@pytest.fixture(scope="module")
def moves(year):
    judge, ends = Judge(), {month: history.load(year, month) for month in range(1, 13)}
    return {
        month: history.diff(ends[month - 1], ends[month], judge.cases) for month in range(2, 13)
    }


@pytest.mark.parametrize("month", EXPECTED)
def test_every_move_of_a_month_has_its_cause(moves, month):
    changes = moves[month].changes
    found = {
        (row.case_id, row.change): row.causes
        for row in changes.itertuples()
        if row.change != "measure"
    }
    assert found == EXPECTED[month]


def test_no_change_is_without_a_cause(moves):
    for month, found in moves.items():
        assert (found.changes["causes"] != "").all(), month
        assert not found.changes["causes"].str.contains("program").any(), month


def test_the_film_and_the_flows_of_the_year_reconcile(year, moves):
    film = history.film(year)
    runs = history.runs(year)
    assert [day.date() for day in film["day"].unique()] == [run.on for run in runs]
    stock = film.groupby(["day", "status"])["area_m2"].agg(math.fsum)
    for run in runs:
        totals = history.load(year, run.number).totals["city"]
        frame = film[film["day"].dt.date == run.on]
        assert len(frame) == totals["count"]
        assert math.fsum(frame["area_m2"]) == pytest.approx(totals["area_m2"], abs=1e-6)
        for state, entry in totals["states"].items():
            mine = math.fsum(frame.loc[frame["state"] == state, "area_m2"])
            assert mine == pytest.approx(entry["area_m2"], abs=1e-6), (run.on, state)
    for month, found in moves.items():
        gaps = found.stock[[c for c in found.stock if c.startswith("gap_")]]
        assert gaps.abs().max().max() < 1e-6
        days = [film["day"].unique()[n] for n in (month - 2, month - 1)]
        into = found.matrix.groupby("to_status")["area_m2"].agg(math.fsum)
        out = found.matrix.groupby("from_status")["area_m2"].agg(math.fsum)
        for flows, day in ((out, days[0]), (into, days[1])):
            for status, area in stock[day].items():
                assert flows[status] == pytest.approx(area, abs=1e-6), (month, status)
        moved = history.transitions(found)
        assert (moved["causes"] != "").all(), month


def test_the_year_is_proved_and_takes_little_room(year):
    assert {one.verdict for one in proof.verify(year)} == {"same"}
    series = history.series(year)
    city = series[(series["place"] == "city") & (series["measure"] == "idle")]
    assert list(city["month"]) == [f"2018-{month:02d}" for month in range(1, 13)]
    assert list(city["count"]) == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert landuse.run(year, on=month_end(12)).past.moved.since == month_end(11)
