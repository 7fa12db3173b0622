"""The kept runs as a film, their figures by month, and what moved since the run before."""

import dataclasses
import math
import shutil
from datetime import date

import pandas as pd
import pytest
from kept_runs import JULY, JUNE, SUPPLIES, kept, write

import landuse
from landuse import history
from landuse.terms import STATE_OF, State, Status

AUGUST = date(2018, 8, 31)
BEGUN = {"S3": {**SUPPLIES["S3"], "commenced_on": "2018-07-20"}}


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """June as known in July and again in August, July, and a run of August just made."""
    root = write(tmp_path_factory.mktemp("three"))
    kept(root, JUNE, date(2018, 7, 1))
    write(root, supplies=SUPPLIES | BEGUN)
    kept(root, JULY, date(2018, 8, 1))
    kept(root, date(2018, 7, 1), date(2018, 8, 2))
    done = {"S2": {**SUPPLIES["S2"], "completed_on": "2018-08-10"}}
    write(root, supplies=SUPPLIES | BEGUN | done)
    kept(root, JUNE, date(2018, 8, 3))
    return root, landuse.run(root, on=AUGUST)


def days(film):
    return [str(day.date()) for day in film["day"].unique()]


def test_a_film_shows_each_day_as_it_is_known_now(three):
    root, run = three
    film = history.film(root, run)
    assert days(film) == ["2018-06-30", "2018-07-01", "2018-07-31", "2018-08-31"]
    states = film.pivot_table("status", "case_id", "day", aggfunc="first").to_numpy().tolist()
    assert states == [
        ["expropriated"] * 4,
        ["overdue", "overdue", "idle_one_year", "idle_one_year"],
        ["in_progress", "in_progress", "in_progress", "finished"],
        ["not_due", "not_due", "in_progress", "in_progress"],
    ]
    last = film[film["day"] == pd.Timestamp(AUGUST)]
    assert math.fsum(last["area_m2"]) == pytest.approx(run.totals["city"]["area_m2"], abs=1e-6)


def test_a_film_ends_with_the_day_asked_for(three):
    root, run = three
    earlier = dataclasses.replace(run, on=JUNE)
    assert days(history.film(root, earlier)) == ["2018-06-30"]
    assert days(history.film(root, until=JULY)) == ["2018-06-30", "2018-07-01", "2018-07-31"]
    assert len(history.film(root, until=date(2018, 1, 1))) == 0


def test_of_too_many_days_some_are_shown_with_the_first_and_the_last(three):
    root, run = three
    assert days(history.film(root, run, at_most=3)) == ["2018-06-30", "2018-07-31", "2018-08-31"]
    assert days(history.film(root, run, at_most=1)) == ["2018-08-31"]
    assert days(history.film(root, at_most=2)) == ["2018-06-30", "2018-07-31"]


def test_a_damaged_run_is_left_out_of_the_film_and_named(three, tmp_path):
    root, run = three
    shutil.copytree(root / "history", tmp_path / "history")
    past = history.Past(tmp_path, run, run.past.judge)
    number = {one.on: one for one in history.runs(root)}[JULY]
    path = tmp_path / "history" / "objects" / number.cases
    path.write_bytes(path.read_bytes()[:-9])
    assert "2018-07-31" not in days(past.film)
    assert [p.name for p in past.frames.unusable] == [f"{number.number:04d}.json"]
    assert past.moved.since == date(2018, 7, 1)


def test_the_series_says_what_the_totals_say_of_the_last_day_of_each_month(three):
    root, run = three
    series = history.series(root, run)
    city = series[series["place"] == "city"]
    assert list(city["day"].dt.date.unique()) == [JUNE, JULY, AUGUST]
    for measure, figure in run.totals["city"]["states"].items():
        row = city[(city["month"] == "2018-08") & (city["measure"] == measure)].iloc[0]
        assert (row["count"], row["area_m2"]) == (figure["count"], figure["area_m2"])
    idle = city[city["measure"] == "idle"].set_index("month")
    assert list(idle["count"]) == [0, 1, 1]
    assert series.loc[series["measure"] != "idle", "target_m2"].isna().all()


def of_idle(run, on, area):
    """Return a run with one case, which is idle."""
    status = Status.IDLE_ONE_YEAR
    one = {"state": STATE_OF[status].value, "status": status.value, "area_m2": area}
    cases = run.cases[:1].assign(cluster_id="", park_id="", **one)
    own, none = {"count": 1, "area_m2": area}, {"count": 0, "area_m2": 0.0}
    states = {
        state.value: {
            **(own if state is STATE_OF[status] else none),
            "statuses": {
                s.value: own if s is status else none for s in Status if STATE_OF[s] is state
            },
        }
        for state in State
    }
    place = {**own, "states": states, "idle": own}
    land = {"cluster_id": "", "cluster_name": "", **place}
    totals = {
        "workspace": "市",
        "on": on.isoformat(),
        "city": place,
        "clusters": [land],
        "parks": [],
    }
    return dataclasses.replace(run, on=on, cases=cases, totals=totals)


def test_the_target_line_leads_to_nothing_left_at_the_end_of_the_year(three, tmp_path):
    _, run = three

    def line(*stock):
        for on, area in stock:
            history.keep(tmp_path, of_idle(run, on, area), made_on=on)
        series = history.series(tmp_path)
        return list(
            series.loc[(series["measure"] == "idle") & (series["place"] == "city"), "target_m2"]
        )

    # 365 days from New Year's Eve; 73 days on, four fifths may be left
    found = line((date(2017, 12, 31), 100.0), (date(2018, 3, 14), 95.0), (date(2018, 12, 31), 50.0))
    assert found == [0.0, pytest.approx(80.0), 0.0]
    # the next year starts from what was left, whatever came since
    assert line((date(2019, 7, 1), 100.0))[-1] == pytest.approx(50.0 * 183 / 365)


def test_what_moved_since_the_run_before_by_cause(three):
    _, run = three
    moved = run.past.moved
    assert (moved.since, moved.number) == (JULY, 2)
    rows = moved.transitions
    assert rows.to_dict("records") == [
        {
            "from_status": "in_progress",
            "to_status": "finished",
            "causes": "day；document",
            "count": 1,
            "area_m2": pytest.approx(10_000.0),
        }
    ]


def test_land_that_came_and_went_stands_in_the_transitions(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    rest = {k: v for k, v in SUPPLIES.items() if k != "S2"}
    write(tmp_path, supplies=rest | {"S3": {**SUPPLIES["S3"], "width": 150.0}, "S4": {"x": 600}})
    run = landuse.run(tmp_path, on=JULY)
    rows = run.past.moved.transitions
    found = {tuple(key): (count, round(area)) for *key, count, area in rows.itertuples(index=False)}
    assert found == {
        ("overdue", "idle_one_year", "day"): (1, 10_000),
        ("in_progress", "", "correction"): (1, 10_000),
        ("expropriated", "", "geometry"): (0, 5_000),
        ("", "not_due", "geometry"): (0, 5_000),
        ("", "undetermined", "document"): (1, 10_000),
    }
    stays = run.past.moved.diff.matrix.query("from_status == to_status")
    into = pd.concat([rows, stays]).query("to_status != ''")
    assert math.fsum(into["area_m2"]) == pytest.approx(run.totals["city"]["area_m2"], abs=1e-6)
    assert into["count"].sum() == run.totals["city"]["count"]


def test_a_first_run_has_no_past(tmp_path):
    run = landuse.run(write(tmp_path), on=JUNE)
    assert run.past.moved is None
    assert days(run.past.film) == ["2018-06-30"]
    assert run.past.record() == []


def test_the_outputs_of_a_day_do_not_hang_on_later_runs(tmp_path):
    write(tmp_path)
    made = []
    for out, on in (("a", JUNE), ("b", JULY), ("c", JUNE)):
        landuse.build(tmp_path, on=on, out=tmp_path / out, made_on=on)
        files = sorted(p for p in (tmp_path / out).rglob("*") if p.is_file())
        made.append([(p.relative_to(tmp_path / out), p.read_bytes()) for p in files])
    assert made[0] == made[2]
    series = pd.read_parquet(tmp_path / "b" / "series.parquet")
    assert list(series["month"].unique()) == ["2018-06", "2018-07"]
