"""Workers that are missing, differ or die are told of in a sentence, in both languages."""

from __future__ import annotations

import os
import pickle
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import loopback
from benchmarks import workspace as delivered
from landuse import cli, executor
from landuse.errors import ClusterError
from landuse.executor import cluster, stamp

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="no dask.distributed")


def refused(address, zh, en, function=str, jobs=(1,)):
    """Do jobs that cannot be done and hold what is said against both languages."""
    with pytest.raises(ClusterError) as told:
        list(executor.Cluster(address).results(function, jobs))
    first, second = str(told.value).splitlines()
    assert zh in first
    assert en in second
    return str(told.value)


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "tcp://nowhere.invalid:8786", "http://127.0.0.1:9", "tcp://"]
)
def test_nobody_at_the_address(address, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    refused(address, f"{address} 没有 dask 调度器应答", f"No dask scheduler answers at {address}")


def test_a_build_says_so_and_writes_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "PATIENCE_S", 1)
    delivered.written(tmp_path / "w", 300, counties=2)
    command = ["build", str(tmp_path / "w"), "--on", "2018-05-31", "--workers", "tcp://127.0.0.1:9"]
    done = CliRunner().invoke(cli.main, command)
    assert done.exit_code == 2
    assert "没有 dask 调度器应答" in done.output
    assert not (tmp_path / "w" / "out").exists()


def test_a_scheduler_without_workers(monkeypatch):
    monkeypatch.setattr(cluster, "ALONE_S", 3)
    with loopback.running(0) as running:
        refused(running.address, "没有工作进程", "has had no worker for 3 s")


def test_a_scheduler_that_is_lost():
    with loopback.running(1, paths=(HERE,)) as running:
        threading.Timer(2.0, running.scheduler.kill).start()
        refused(running.address, "连接中断", "broke", waits, range(30))


def waits(number):
    time.sleep(0.5)
    return number


def test_workers_that_are_killed_over_one_job(monkeypatch):
    """The system ends what runs out of memory just so: at once, without a word."""
    monkeypatch.setattr(cluster, "ATTEMPTS", 2)
    variables = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with loopback.running(0, scheduled=variables, paths=(HERE,)) as running:
        running.add("--nanny")
        running.wait(1)
        said = refused(running.address, "最可能是内存不足", "want of memory", os._exit, [9])
    assert said.count("9") == 2


def test_a_process_of_this_machine_that_is_ended():
    with pytest.raises(ClusterError, match=r"(?s)内存不足.*--workers"):
        list(executor.Processes(1).results(os._exit, [9]))


def test_a_worker_of_another_version(tmp_path):
    text = "import landuse\nlanduse.__version__ = '0.0.9'\n"
    (tmp_path / "sitecustomize.py").write_text(text, encoding="utf-8")
    with loopback.running(1, paths=(tmp_path, HERE)) as running:
        said = refused(running.address, "软件版本不同", "has other versions")
    mine = stamp.stamp()["landuse"]
    assert f"landuse: {mine} here, 0.0.9+{mine.partition('+')[2]} there" in said


def test_a_worker_without_the_package(tmp_path):
    (tmp_path / "landuse").mkdir()
    (tmp_path / "landuse" / "__init__.py").write_text("", encoding="utf-8")
    with loopback.running(1, paths=(tmp_path,)) as running:
        refused(running.address, "未安装 landuse", "lacks landuse or has an old one")


def test_what_decides_the_bytes_is_stamped():
    made = stamp.stamp()
    drawn = {"pandas", "geopandas", "pyproj", "PROJ", "zlib"}
    assert set(made) == {"landuse", "numpy", "shapely", "GEOS", *drawn}
    with pytest.raises(ClusterError, match=r"numpy: 0 here, .* there"):
        cluster.alike({**made, "numpy": "0"}, b"not looked into")
    assert pickle.loads(cluster.alike(made, cluster.packed((str, 1)))) == "1"
    assert cluster.opened(cluster.packed(None)) is None
    assert len(cluster.packed("闲置" * 9_999)) < 999
