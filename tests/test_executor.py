"""Wherever the land of a county is cut, it is cut the same, and a worker that dies costs no run."""

from __future__ import annotations

import os
import pickle
import random
import threading
import time
from datetime import date
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import landuse
from benchmarks import fabric, loopback
from benchmarks import workspace as delivered
from landuse import cli, examining, executor, partition
from landuse.errors import CheckFailed, ClusterError
from landuse.executor import machine, underway
from landuse.maps import drawing
from landuse.partition import parcel
from landuse.partition.land import admitted_land
from tests.test_partition import box, workspace
from tests.test_partition_properties import ON, _bytes
from tests.test_partition_ways import Travelling

needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="no dask.distributed")
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def land():
    return fabric.repaired(fabric.tables(2_600, counties=3))


@pytest.fixture(scope="module")
def here(land):
    return partition.pieces(land, on=ON)


def test_shares_that_travel_are_cut_the_same(land, here):
    away = partition.pieces(land, on=ON, executor=Travelling())
    assert _bytes(away) == _bytes(here)
    assert here.shares["owner"].tolist() == ["411001", "411002", "411003"]
    assert (here.shares["halo"] > 0).all()
    assert here.shares["approvals"].sum() == len(land["approval"])
    assert here.shares["supplies"].sum() == len(land["supply"])


def test_one_county_or_three_is_the_same_land(land, here):
    """Borders of counties change nothing but the last bits: same pieces, same areas."""
    whole = {**land, "cluster": land["cluster"].drop(columns="division_code")}
    alone = partition.pieces(whole, on=ON)
    assert alone.pieces["piece_id"].tolist() == here.pieces["piece_id"].tolist()
    np.testing.assert_allclose(alone.pieces["area_m2"], here.pieces["area_m2"], atol=2e-6, rtol=0)
    assert (here.accounts["residual_m2"].abs() <= 1e-6).all()
    ids = ["role", "kept_id", "lost_id"]
    assert alone.overlaps[ids].equals(here.overlaps[ids])


def test_land_across_a_border_is_whole(here):
    across = here.pieces[here.pieces["approval_id"].str.startswith("X")]
    assert len(across)
    account = here.accounts.set_index("approval_id").loc[across["approval_id"].unique()]
    lost, kept = account["lost_m2"], account[["supplied_m2", "unsupplied_m2", "sliver_m2"]]
    np.testing.assert_allclose(lost + kept.sum(axis=1), account["area_m2"], atol=1e-6)


def test_the_owner_is_the_nearest_cluster_s_county():
    tables = workspace(
        approval={"A": box(0, 0, 10, 10), "B": box(95, 0, 109, 10), "C": box(45, 0, 55, 10)},
        cluster={"K1": box(-20, 0, 0, 10), "K2": box(100, 0, 120, 10)},
    )
    tables["cluster"]["division_code"] = ["411002", "411023"]
    made = partition.pieces(tables, on=ON)
    # C is as near to both; 411023 is 411003 today.
    assert made.shares[["owner", "approvals"]].to_numpy().tolist() == [["411002", 2], ["411003", 1]]


WHOLE = st.integers(0, 12)
BOXES = st.lists(
    st.tuples(WHOLE, WHOLE, WHOLE, WHOLE).filter(lambda b: b[0] != b[2] and b[1] != b[3]),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(approvals=BOXES, supplies=BOXES)
def test_each_square_metre_of_three_counties_is_cut_once(approvals, supplies):
    """Three counties meet in the middle; one approval and one supply lie across all three."""
    tables = workspace(
        approval={f"A{k}": _ten(each) for k, each in enumerate([(3, 3, 9, 9), *approvals])},
        supply={f"S{k}": _ten(each) for k, each in enumerate([(5, 4, 8, 7), *supplies])},
        cluster={"K1": box(0, 0, 60, 60), "K2": box(60, 0, 120, 60), "K3": box(0, 60, 120, 120)},
    )
    alone = partition.pieces(tables, on=ON)
    tables["cluster"]["division_code"] = ["411002", "411003", "411024"]
    made = partition.pieces(tables, on=ON)
    assert _bytes(partition.pieces(tables, on=ON, executor=Travelling())) == _bytes(made)
    whole = shapely.union_all(
        [shape for role in ("approval", "supply") for shape in tables[role].geometry]
    )
    kept = [*made.pieces.geometry, *made.slivers.geometry]
    assert shapely.union_all(kept).symmetric_difference(whole).area < 1e-6
    assert abs(shapely.area(kept).sum() - whole.area) < 1e-6
    assert made.shares["approvals"].sum() == len(tables["approval"])
    assert made.pieces["piece_id"].tolist() == alone.pieces["piece_id"].tolist()
    np.testing.assert_allclose(made.pieces["area_m2"], alone.pieces["area_m2"], atol=1e-6, rtol=0)
    np.testing.assert_allclose(
        made.accounts.drop(columns="approval_id"),
        alone.accounts.drop(columns="approval_id"),
        atol=1e-6,
        rtol=0,
    )


def _ten(corners):
    """Return a box of tens of metres between two corners."""
    west, south, east, north = (10 * value for value in corners)
    return box(min(west, east), min(south, north), max(west, east), max(south, north))


def test_no_share_without_land():
    made = partition.pieces(workspace(), on=ON)
    assert made.shares["halo"].tolist() == [0]


def test_processes_of_this_machine_cut_the_same(land, here):
    away = partition.pieces(land, on=ON, executor=executor.Processes(2))
    assert _bytes(away) == _bytes(here)


def test_a_parcel_says_who_owns_what(land):
    whole = admitted_land(land, ON, partition.Tolerances())
    assert list(whole.counties) == ["411001", "411002", "411003"]
    first = next(whole.shares(["411002"]))
    sent = pickle.loads(pickle.dumps(parcel.packed(first, pays=False, threads=1)))
    assert not any(map(shapely.is_geometry, sent.share.approvals.shapes))
    back = sent.opened()
    assert back.owner == "411002"
    assert set(back.owners) == set(whole.counties)
    assert back.is_own.tolist() == [owner == "411002" for owner in first.owners]
    for name in ("approvals", "supplies", "clusters", "parks"):
        one, other = getattr(back, name), getattr(first, name)
        assert one.ids.tolist() == other.ids.tolist()
        assert one.parent.tolist() == other.parent.tolist()
        assert (shapely.to_wkb(one.shapes) == shapely.to_wkb(other.shapes)).all()
    assert (shapely.to_wkb(back.footprints) == shapely.to_wkb(first.footprints)).all()


@pytest.mark.parametrize("asked", ["many", "0", "-1", ""])
def test_wrong_workers_are_refused(asked):
    with pytest.raises(ClusterError, match=r"(?s)应为进程数.*number of processes"):
        executor.chosen(asked)


def test_workers_are_chosen(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert isinstance(executor.chosen("1"), executor.Here)
    assert executor.chosen("3").count == 3
    itself = executor.chosen(None)
    assert itself.fit(3, machine.LARGE).count == 3
    assert isinstance(itself.fit(1, machine.LARGE), executor.Here)
    assert isinstance(itself.fit(9, machine.LARGE - 1), executor.Here)


@pytest.fixture(scope="module")
def cluster():
    """Run a scheduler and two workers in processes of their own, over TCP."""
    with loopback.running(2, paths=(HERE,)) as running:
        yield running


def _slow(number):
    time.sleep(0.4)
    return number, os.getpid()


@needs_dask
def test_workers_over_tcp_cut_the_same(land, here, cluster):
    away = partition.pieces(land, on=ON, executor=executor.Cluster(cluster.address))
    assert _bytes(away) == _bytes(here)


@needs_dask
def test_a_build_on_workers_gives_the_same_bytes(cluster, tmp_path, monkeypatch):
    delivered.written(tmp_path / "w", 300, counties=2, maps=True)
    monkeypatch.setattr(drawing, "SENT", 150)  # so that several jobs travel
    digests = []
    shared = tmp_path / "共享"
    shared.mkdir()
    handed_over = ["--workers", cluster.address, "--shared", str(shared)]
    for number, who in enumerate((["--workers", "1"], handed_over[:2], handed_over)):
        out = tmp_path / str(number)
        command = ["build", str(tmp_path / "w"), "--on", "2018-05-31", "--out", str(out)]
        options = ["--no-history", "--per-county", *who]
        done = CliRunner().invoke(cli.main, [*command, *options])
        assert done.exit_code == 0, done.output
        files = sorted(path for path in out.rglob("*") if path.is_file())
        digests.append({p.relative_to(out): sha256(p.read_bytes()).hexdigest() for p in files})
    assert digests[0] == digests[1] == digests[2]
    assert not list(shared.iterdir())
    assert len([name for name in digests[0] if name.suffix == ".html"]) > 2


@needs_dask
def test_a_killed_worker_costs_a_retry(cluster):
    import distributed

    found, hit = [], []
    work = executor.Cluster(cluster.address)
    doing = threading.Thread(target=lambda: found.extend(work.results(_slow, range(8))))
    with distributed.Client(cluster.address, set_as_default=False) as watching:
        doing.start()
        for _ in range(600):
            if all(watching.processing().values()):
                break
            time.sleep(0.05)
        hit.append(cluster.kill_one(random.Random(1), watching))
    doing.join(timeout=120)
    assert hit == [True]
    assert [number for number, _ in found] == list(range(8))


def _odd(number):
    if number == 5:
        raise ZeroDivisionError
    return 2 * number


@pytest.mark.parametrize(("ahead", "sent"), [(None, 9), (1, 1), (3, 3), (99, 9)])
def test_jobs_are_on_their_way_before_they_are_asked_for(ahead, sent):
    seen = []

    def send(job):
        seen.append(job)
        return job

    answers = underway.begun(underway.answers(send, lambda job, _: _odd(job), range(9), ahead))
    assert seen == list(range(sent))
    assert next(answers) == 0
    assert len(seen) == min(sent + 1, 9)
    assert [next(answers) for _ in range(4)] == [2, 4, 6, 8]
    with pytest.raises(ZeroDivisionError):
        next(answers)


def test_processes_end_with_what_they_were_asked_for():
    answers = executor.Processes(2).results(_slow, range(40), ahead=3)
    assert next(answers)[0] == 0
    begun = time.monotonic()
    answers.close()
    assert time.monotonic() - begun < 6  # what had been sent, not the forty
    assert list(executor.Processes(1).results(abs, [], ahead=2)) == []


def test_whoever_asks_at_the_same_time_shares_processes():
    work = executor.Processes(1)
    one, other = work.results(_slow, range(2)), work.results(_slow, range(3))
    first = [next(one), next(other), next(one)]
    assert list(one) == []
    assert len({process for _, process in [*first, *other]}) == 1
    assert next(work.results(_slow, [0]))[1] != first[0][1]  # they had ended


def test_a_check_that_forbids_lets_go_of_land_that_is_being_cut(tmp_path, monkeypatch):
    delivered.written(tmp_path / "w", 1_200, counties=2)
    seen = []

    class Cutting(Travelling):
        def results(self, function, jobs):
            del function
            return underway.begun(self._cut(list(jobs)))

        def _cut(self, jobs):
            seen.append(len(jobs))
            try:
                yield None
            finally:
                seen.append("closed")

    def forbid(table):
        raise CheckFailed("output.forbidden", lines=[*table["code"][:1]])

    monkeypatch.setattr(examining, "refuse", forbid)
    away = Cutting()
    with pytest.raises(CheckFailed):
        landuse.run(tmp_path / "w", on=date(2018, 5, 31), executor=away)
    assert seen == [2, "closed"]


@needs_dask
def test_a_local_cluster_answers():
    import distributed

    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**options) as local:
        work = executor.Cluster(local.scheduler_address)
        assert list(work.results(abs, [-2, 3])) == [2, 3]
        with pytest.raises(ZeroDivisionError):
            list(work.results(_broken, [1]))


def _broken(number):
    return number / 0
