"""A real ledger on two days: which statuses moved by days alone, and which by what happened."""

from collections import Counter
from datetime import date

import pandas as pd
import pytest
from making import SHARED, layer, workspace
from test_real_files import GUANGDONG, brought

import landuse
from landuse import law
from landuse.outlook import frozen
from landuse.reclassify import Again

LEDGER = "supply-records/guangdong_2020_results.csv"
pytestmark = pytest.mark.skipif(
    not (SHARED / "data" / LEDGER).is_file(), reason="the shared ledger of Guangdong is not here"
)
BEFORE, AFTER = date(2019, 4, 15), date(2020, 4, 15)
HAPPENED = ("signed_on", "commenced_on", "completed_on")


@pytest.fixture(scope="module")
def statuses(tmp_path_factory):
    """Statuses before, after by days alone, and after with what happened; the ledger beside."""
    root = tmp_path_factory.mktemp("ledger")
    brought(root, LEDGER)
    ledger = layer(
        "supply",
        "guangdong_2020_results.csv",
        as_of=AFTER.isoformat(),
        columns=GUANGDONG,
        units={"declared_area": "ha", "price": "wan_yuan"},
    )
    run = landuse.run(workspace(root, {"ledger": ledger}).path, on=BEFORE)
    still = Again(run.cases, frozen.tables(run.tables, BEFORE), run.land)
    known = Again(run.cases, run.tables, run.land)
    found = pd.DataFrame(
        {
            "before": run.cases["status"].astype(object),
            "days_alone": still.at(AFTER, law.on(AFTER))["status"],
            "after": known.at(AFTER, law.on(AFTER))["status"],
        }
    )
    supplies = run.tables["supply"].set_index("supply_id").loc[run.cases["case_id"]]
    return found, supplies.reset_index()


DAYS_ALONE = {
    ("not_due", "overdue"): 172,
    ("overdue", "idle_one_year"): 86,
    ("idle_one_year", "idle_two_years"): 13,
    ("in_progress", "completion_overdue"): 121,
    ("completion_overdue", "completion_overdue_two_years"): 22,
}
"""Moves of the year if nothing had happened in it."""

MATRIX = {
    "undetermined": {"undetermined": 95, "not_due": 84, "overdue": 1},
    "not_due": {"not_due": 56, "overdue": 138, "in_progress": 33, "finished": 3},
    "overdue": {"idle_one_year": 62, "in_progress": 21, "completion_overdue": 3},
    "idle_one_year": {"idle_two_years": 13},
    "idle_two_years": {
        "idle_two_years": 58, "completion_overdue": 1, "completion_overdue_two_years": 3,
    },
    "in_progress": {"in_progress": 57, "completion_overdue": 74, "finished": 58},
    "completion_overdue": {
        "completion_overdue": 55, "completion_overdue_two_years": 18, "finished": 7,
    },
    "completion_overdue_two_years": {"completion_overdue_two_years": 94, "finished": 6},
    "finished": {"finished": 135},
}  # fmt: skip
"""Status on 2019-04-15 -> status on 2020-04-15 -> supplies, with what happened in the year."""


def counted(table, one, other):
    return Counter(table[[one, other]].itertuples(index=False, name=None))


def test_statuses_of_two_days_and_the_moves_between_them(statuses):
    found, _ = statuses
    expected = {(a, b): n for a, row in MATRIX.items() for b, n in row.items()}
    assert counted(found, "before", "after") == expected
    assert sum(expected.values()) == 1075


def test_days_alone_move_each_case_one_step_of_its_own_clock(statuses):
    found, _ = statuses
    moved = found[found["before"] != found["days_alone"]]
    assert counted(moved, "before", "days_alone") == DAYS_ALONE


def test_what_days_alone_do_not_explain_is_an_event_on_record(statuses):
    found, supplies = statuses
    other = (found["days_alone"] != found["after"]).to_numpy()
    days = supplies[list(HAPPENED)]
    in_between = ((days > pd.Timestamp(BEFORE)) & (days <= pd.Timestamp(AFTER))).any(axis=1)
    assert other.sum() == 220
    assert in_between[other].all()
    quiet = ~in_between.to_numpy()
    assert (found.loc[quiet, "days_alone"] == found.loc[quiet, "after"]).all()
