"""Killed at random moments, out of room or out of memory: what was there is whole."""

import random
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import postgis
import pytest
from click.testing import CliRunner
from kept_runs import JULY, JUNE, kept, write

import landuse
from landuse import executor, export, history, pipeline
from landuse.cli import main
from landuse.errors import ClusterError, OutputError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills and limits the POSIX way")
_TIMES = 2


@pytest.fixture
def limited():
    """No file of this process may grow beyond some bytes: what a full disk says."""

    @contextmanager
    def limit(size):
        import resource
        import signal

        old = resource.getrlimit(resource.RLIMIT_FSIZE)
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
            signal.signal(signal.SIGXFSZ, ignored)

    return limit


def test_builds_killed_at_random_moments_leave_everything_whole(tmp_path):
    from benchmarks import kill

    write(tmp_path)
    kill.builds(tmp_path, _TIMES, random.Random(1))


def test_publishes_killed_at_random_moments_leave_one_whole_run(tmp_path):
    from benchmarks import kill

    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    with postgis.server() as at:
        kill.publishes(tmp_path, postgis.database(at, "kill"), _TIMES, random.Random(1))


def test_out_of_room_is_a_sentence_and_nothing_is_lost(tmp_path, limited):
    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    before = {p: p.read_bytes() for p in (tmp_path / "history").rglob("*") if p.is_file()}
    run = landuse.run(tmp_path, on=JULY)
    with limited(1_000), pytest.raises(OutputError, match="--no-history") as caught:
        history.keep(tmp_path, run, made_on=JULY)
    assert "history" in str(caught.value)
    assert {path: path.read_bytes() for path in before} == before
    assert len(history.runs(tmp_path)) == 1
    assert history.keep(tmp_path, run, made_on=JULY).number == 2


def test_a_build_out_of_room_leaves_the_outputs_before(tmp_path, limited):
    write(tmp_path)
    pipeline.build(tmp_path, on=JUNE, made_on=JUNE)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for limit in (30_000, 50_000, 200_000):  # of the table, the GeoPackage, the map
        with limited(limit), pytest.raises(OutputError, match="previous outputs are untouched"):
            pipeline.build(tmp_path, on=JULY, made_on=JULY)
        assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before, limit


def test_a_geopackage_that_is_cut_short_is_noticed(tmp_path, limited):
    write(tmp_path)
    run = landuse.run(tmp_path, on=JUNE)
    for limit in range(20_000, 120_000, 7_000):  # GDAL itself says nothing of some of them
        folder = tmp_path / str(limit)
        folder.mkdir()
        with limited(limit), pytest.raises(OSError, match=r"large|room|space|sqlite|transaction"):
            export.pieces(folder, run.partition, run.described, JUNE)


def test_out_of_memory_is_a_sentence_and_the_outputs_before_stay(tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    write(tmp_path)

    def fill(*_, **__):
        return np.empty(1 << 48)

    monkeypatch.setattr(pipeline, "run", fill)
    done = CliRunner().invoke(main, ["build", "--on", "2018-06-30", str(tmp_path)])
    assert done.exit_code == 2
    assert "内存不足" in done.output
    assert [path.name for path in out.iterdir()] == ["manifest.json"]
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
def test_a_build_above_the_memory_it_was_given_leaves_outputs_and_history(tmp_path):
    write(tmp_path)
    kept(tmp_path, JUNE, JUNE)
    pipeline.build(tmp_path, on=JUNE)
    whole = {p: p.read_bytes() for at in ("out", "history") for p in (tmp_path / at).rglob("*.*")}
    long = {"location": "a" * 8_000_000}
    write(tmp_path, supplies={f"S{n}": {"x": 100.0 * n, **long} for n in range(8)})
    command = [sys.executable, "-m", "landuse", "build", "--memory-limit", "0.2", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    assert done.returncode == 2
    assert "内存不足" in done.stderr.decode("utf-8")
    assert {path: path.read_bytes() for path in whole} == whole
    assert len(history.runs(tmp_path)) == 1
    with pytest.raises(ClusterError, match="too small"):
        executor.limit_memory(0.001)
