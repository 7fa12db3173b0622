"""Wherever the land of a county is cut, it is cut the same, and a worker that dies costs no run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from benchmarks import fabric
from benchmarks import workspace as delivered
from landuse import cli, executor, partition
from landuse.errors import ClusterError
from landuse.partition import parcel, share
from tests.test_partition import box, workspace
from tests.test_partition_properties import ON, _bytes

needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="no dask.distributed")
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def land():
    return fabric.repaired(fabric.tables(2_600, counties=3))


@pytest.fixture(scope="module")
def here(land):
    return partition.pieces(land, on=ON)


class Travelling(executor.Here):
    """Does jobs here as if they came from elsewhere, the last county first."""

    is_here = False
    threads = 1

    def results(self, function, jobs):
        made = [function(job) for job in list(jobs)[::-1]]
        return iter(made[::-1])


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


def test_no_share_without_land():
    made = partition.pieces(workspace(), on=ON)
    assert made.shares["halo"].tolist() == [0]


def test_processes_of_this_machine_cut_the_same(land, here):
    away = partition.pieces(land, on=ON, executor=executor.Processes(2))
    assert _bytes(away) == _bytes(here)


def test_a_parcel_says_who_owns_what(land):
    approvals, supplies = (land[role].geometry.to_numpy() for role in ("approval", "supply"))
    nothing = np.empty(0, dtype=object)
    owner = np.repeat(["a", "b"], [len(approvals), len(supplies)]).astype(object)
    over = share.Over(nothing, nothing, nothing)
    (first, _), _ = share.shared(approvals, supplies, over, owner, partition.Tolerances())
    sent = parcel.packed(first, fabric.CRS, pays=False, threads=1)
    layer = parcel._read(sent.layers["supply"])
    assert set(layer["owner"]) == {""}
    assert parcel._read(sent.layers["approval"])["owner"].tolist() == ["a"] * len(approvals)
    assert layer.crs == fabric.CRS
    back = shapely.to_wkb(layer.geometry.to_numpy())
    assert back.tolist() == shapely.to_wkb(first.supplies).tolist()


@pytest.mark.parametrize("asked", ["many", "0", "-1", ""])
def test_wrong_workers_are_refused(asked):
    with pytest.raises(ClusterError, match="number of processes"):
        executor.chosen(asked)


def test_workers_are_chosen(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert isinstance(executor.chosen("1"), executor.Here)
    assert executor.chosen("3").count == 3
    machine = executor.chosen(None)
    assert machine.fit(3, executor.LARGE).count == 3
    assert isinstance(machine.fit(1, executor.LARGE), executor.Here)
    assert isinstance(machine.fit(9, executor.LARGE - 1), executor.Here)


@needs_dask
def test_nobody_at_the_address(monkeypatch):
    monkeypatch.setattr(executor, "PATIENCE", "500ms")
    with pytest.raises(ClusterError, match="No dask scheduler"):
        list(executor.Cluster("tcp://127.0.0.1:9").results(str, [1]))


def _started(*command):
    """Start a part of a cluster as a process of its own."""
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": paths}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", *command], env=environment, cwd=ROOT, **quiet)


def _worker(address):
    command = ("distributed.cli.dask_worker", address, "--nworkers", "1", "--nthreads", "1")
    return _started(*command, "--no-nanny", "--no-dashboard")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Run a scheduler and two workers in processes of their own, over TCP."""
    told = tmp_path_factory.mktemp("cluster") / "scheduler.json"
    scheduler = ("distributed.cli.dask_scheduler", "--host", "tcp://127.0.0.1", "--port", "0")
    parts = [_started(*scheduler, "--no-dashboard", "--scheduler-file", str(told))]
    try:
        import distributed

        for _ in range(600):
            if told.exists() and told.stat().st_size:
                break
            time.sleep(0.1)
        address = json.loads(told.read_text(encoding="utf-8"))["address"]
        parts += [_worker(address), _worker(address)]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield address, parts
    finally:
        for part in parts:
            part.kill()
            part.wait()


def _slow(number):
    time.sleep(0.4)
    return number, os.getpid()


@needs_dask
def test_workers_over_tcp_cut_the_same(land, here, cluster):
    away = partition.pieces(land, on=ON, executor=executor.Cluster(cluster[0]))
    assert _bytes(away) == _bytes(here)


@needs_dask
def test_a_build_on_workers_gives_the_same_bytes(cluster, tmp_path):
    delivered.written(tmp_path / "w", 300, counties=2)
    digests = []
    for workers in ("1", cluster[0]):
        out = tmp_path / workers.replace("/", "").replace(":", "")
        command = ["build", str(tmp_path / "w"), "--on", "2018-05-31", "--out", str(out)]
        done = CliRunner().invoke(cli.main, [*command, "--no-history", "--workers", workers])
        assert done.exit_code == 0, done.output
        files = sorted(path for path in out.rglob("*") if path.is_file())
        digests.append({p.relative_to(out): sha256(p.read_bytes()).hexdigest() for p in files})
    assert digests[0] == digests[1]
    assert len(digests[0]) > 5


@needs_dask
def test_a_killed_worker_costs_a_retry(cluster):
    address, parts = cluster
    found = []
    work = executor.Cluster(address)
    doing = threading.Thread(target=lambda: found.extend(work.results(_slow, range(8))))
    doing.start()
    time.sleep(1.0)
    os.kill(parts[1].pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    parts.append(_worker(address))
    doing.join(timeout=120)
    assert [number for number, _ in found] == list(range(8))


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
