"""Drives that are full, read-only or gone: a sentence that helps, and what was there is whole."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from kept_runs import JULY, JUNE, kept, write

import landuse
from landuse import history, pipeline
from landuse.cli import main
from landuse.errors import LayerError, OutputError
from landuse.read import files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions the POSIX way")
NOBODY = 65534


@pytest.fixture
def place():
    """A folder anybody may reach: pytest's own are closed to all but their user."""
    folder = Path(tempfile.mkdtemp(prefix="landuse-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def closed(path, mode):
    """Take permissions of a path away; whoever is above them steps down meanwhile."""
    before, above = path.stat().st_mode, os.geteuid() == 0
    path.chmod(mode)
    if above:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if above:
            os.seteuid(0)
        path.chmod(before)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def said(*arguments):
    done = CliRunner().invoke(main, [*map(str, arguments)])
    assert done.exit_code == 2, done.output
    return done.output


def test_folders_that_may_not_be_read_or_written(place):
    write(place)
    kept(place, JUNE, JUNE)
    pipeline.build(place, on=JUNE)
    before, run = contents(place), landuse.run(place, on=JULY)
    for name in ("layers/workspace.toml", "layers/supplies.toml", "layers/data/supplies.geojson"):
        with closed(place / name, 0):
            told = said("check", "--lang", "en", place)
        assert f"{name} cannot be read: Permission denied" in told
    with closed(place / "history" / "runs" / "0001.json", 0):
        assert "0001.json" in said("history", place)
    with closed(place, 0o555):
        told = said("build", "--on", JULY, "--no-history", place)
        assert "没有权限" in told
        assert "无法写入" in told
    with closed(place / "history" / ".lock", 0o444), pytest.raises(OutputError, match="denied"):
        history.keep(place, run, made_on=JULY)
    assert contents(place) == before


def test_a_folder_on_the_way_of_a_pattern_that_may_not_be_listed(place):
    """What lies in it would be missing from every sum without a word."""
    write(place)
    layers = place / "layers"
    for town in ("a", "b"):
        (layers / "data" / town / "deep").mkdir(parents=True)
    (layers / "data" / "supplies.geojson").rename(layers / "data" / "a" / "deep" / "s.geojson")
    declared = (layers / "supplies.toml").read_text(encoding="utf-8")
    for pattern in ("data/*/*/*.geojson", "data/**/s.geojson", "data/?/deep/s.*"):
        text = declared.replace("data/supplies.geojson", pattern)
        (layers / "supplies.toml").write_text(text, encoding="utf-8")
        assert len(landuse.run(place, on=JUNE).tables["supply"])
        with closed(layers / "data" / "b", 0):
            told = said("check", "--lang", "en", place)
        assert "b cannot be read: Permission denied" in told, pattern


def test_a_drive_that_vanishes_while_it_is_read(tmp_path, monkeypatch):
    """Nor is it said that the outputs cannot be written, though they were begun."""
    write(tmp_path)
    pipeline.build(tmp_path, on=JUNE)
    before = contents(tmp_path)

    for number in (errno.EIO, errno.ESTALE, errno.ENODEV, errno.EACCES):

        def gone(*_, number=number):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(files, "sha256", gone)
        with pytest.raises(LayerError, match=os.strerror(number)) as caught:
            pipeline.build(tmp_path, on=JULY)
        assert "网络盘" in str(caught.value)
        assert contents(tmp_path) == before


IN_A_ROOM_OF_ITS_OWN = """
import errno, os, subprocess, sys
from datetime import date
from pathlib import Path
from landuse import pipeline
from landuse.errors import OutputError
root, room = map(Path, sys.argv[1:])
def mount(*options):
    if subprocess.run(["mount", *options, room], capture_output=True).returncode:
        sys.exit("no mount")
def contents():
    return {path: path.read_bytes() for path in room.rglob("*") if path.is_file()}
def refused(on):
    try:
        pipeline.build(root, on=on, out=room / "out")
    except OutputError as err:
        return str(err)
mount("-t", "tmpfs", "-o", "size=32m", "tmpfs")
pipeline.build(root, on=date(2018, 6, 30), out=room / "out")
before = contents()
with (room / "filler").open("wb", buffering=0) as stream:
    try:
        while True:
            stream.write(bytes(1 << 16))
    except OSError as err:
        assert err.errno == errno.ENOSPC
    stream.truncate(stream.tell() - (1 << 17))
print(refused(date(2018, 7, 31)))
(room / "filler").unlink()
assert contents() == before
mount("-o", "remount,ro")
print(refused(date(2018, 7, 31)))
assert contents() == before
"""


def test_a_disk_that_is_really_full_and_one_that_is_read_only(tmp_path):
    """In a name space of its own a process may mount what it likes."""
    apart = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("no name space for mounts here")
    write(tmp_path)
    room = tmp_path / "room"
    room.mkdir()
    command = [*apart, sys.executable, "-c", IN_A_ROOM_OF_ITS_OWN, tmp_path, room]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    if b"no mount" in done.stderr:
        pytest.skip("no mounts here")
    assert done.returncode == 0, done.stderr.decode()
    told = done.stdout.decode()
    assert "磁盘空间不足" in told
    assert "磁盘只读" in told
    assert told.count("原有成果未改动") == 2
