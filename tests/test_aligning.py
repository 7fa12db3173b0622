"""Two lists of cases row beside row: the fast way finds what looking up each name finds."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse.history import aligning, flow
from landuse.terms import STATE_OF

STATUSES = [str(status) for status in STATE_OF]
LISTS = st.lists(st.integers(0, 400).map(lambda n: f"4110{n:04d}"), unique=True, max_size=300)


@settings(deadline=None, max_examples=60)
@given(before=LISTS, after=LISTS, is_ordered=st.booleans())
def test_names_are_found_where_they_stand(before, after, is_ordered):
    if is_ordered:
        before, after = sorted(before), sorted(after)
    where = {name: n for n, name in enumerate(after)}
    text = pa.large_string()
    found = aligning.aligned(pa.array(before, text), pa.array(after, text))
    assert found.tolist() == [where.get(name, -1) for name in before]


def cases(rng, names):
    """Return cases of two kinds under the same names, with missing areas and measures."""
    size = len(names)
    status = rng.choice(STATUSES, size)
    return pd.DataFrame(
        {
            "kind": np.where(rng.random(size) < 0.3, "approval", "supply"),
            "case_id": names,
            "state": [str(STATE_OF[word]) for word in status],
            "status": status,
            "area_m2": np.where(rng.random(size) < 0.05, np.nan, rng.uniform(1, 9e4, size)),
            "measures": rng.choice([None, "催告", "收回"], size),
        }
    ).drop_duplicates(["kind", "case_id"])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("is_ordered", [True, False])
def test_differences_and_flows_are_those_of_a_plain_join(seed, is_ordered):
    rng = np.random.default_rng(seed)
    names = np.array([f"S{n:05d}" for n in range(900)])
    one, two = (cases(rng, rng.choice(names, 700)) for _ in "ab")
    keep = rng.random(len(two)) < 0.5  # half of what is in both stays as it was
    same = one.merge(two.loc[keep, ["kind", "case_id"]], on=["kind", "case_id"])
    two = pd.concat([same, two]).drop_duplicates(["kind", "case_id"])
    near = rng.random(len(two)) < 0.2
    two["area_m2"] = two["area_m2"].mask(near, two["area_m2"] + 0.009)
    if is_ordered:
        one, two = (table.sort_values(["kind", "case_id"]) for table in (one, two))
    one, two = (table.reset_index(drop=True) for table in (one, two))
    found = aligning.compared(aligning.columns(one), aligning.columns(two))
    key = ["kind", "case_id"]
    joined = one.merge(two, on=key, how="outer", suffixes=("_a", "_b"), indicator=True)
    both = joined[joined["_merge"] == "both"]
    ids = {
        name: set(one[key].iloc[found.old[mask]].itertuples(index=False, name=None))
        for name, mask in found.changed.items()
    }

    def rows(mask):
        return set(both.loc[mask, key].itertuples(index=False, name=None))

    state, status = (both[f"{n}_a"] != both[f"{n}_b"] for n in ("state", "status"))
    gap = (both["area_m2_a"] - both["area_m2_b"]).abs().round(6)
    areas = ~((both["area_m2_a"].isna() & both["area_m2_b"].isna()) | (gap < 0.01))
    measures = both["measures_a"].fillna("") != both["measures_b"].fillna("")
    want = {"state": state, "status": status & ~state, "area": areas, "measure": measures}
    assert ids == {name: rows(mask) for name, mask in want.items()}
    assert len(found.gone) == (joined["_merge"] == "left_only").sum()
    assert len(found.added) == (joined["_merge"] == "right_only").sum()
    flows, steps = flow.matrix(one, two), flow.steps(one, two)
    for table, column in ((one, "from_status"), (two, "to_status")):
        stock = flows[flows[column] != flow.OUTSIDE].groupby(column)
        for name, rows_of in table.groupby("status"):
            assert stock["count"].sum()[name] == len(rows_of)
            whole = math.fsum(rows_of["area_m2"].dropna())
            assert math.fsum(stock.get_group(name)["area_m2"]) == pytest.approx(whole, abs=1e-9)
    by = steps.groupby(["from_status", "to_status"])["area_m2"].agg(math.fsum)
    for row in flows.itertuples():
        assert by[row.from_status, row.to_status] == pytest.approx(row.area_m2, abs=1e-9)


def test_nothing_and_something():
    rng = np.random.default_rng(0)
    some = cases(rng, np.array(["a", "b"]))
    none = some[:0]
    found = aligning.compared(aligning.columns(none), aligning.columns(some))
    assert (len(found.old), len(found.gone), len(found.added)) == (0, 0, 2)
    assert flow.matrix(none, none).empty
    assert flow.matrix(some, none)["count"].sum() == 2
