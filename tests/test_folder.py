"""Outputs are written whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from landuse import folder
from landuse.errors import OutputError


def write(target, text):
    with folder.replacing(target) as growing:
        (growing / folder.MARK).write_text(text, encoding="utf-8")
        (growing / "a.txt").write_text(text, encoding="utf-8")


def names(path):
    return [entry.name for entry in path.iterdir()]


def fail_halfway(target):
    with folder.replacing(target) as growing:
        (growing / "a.txt").write_text("half", encoding="utf-8")
        _ = 1 / 0


def test_a_new_folder_replaces_the_old_one(tmp_path):
    target = tmp_path / "out"
    write(target, "one")
    write(target, "two")
    assert (target / "a.txt").read_text(encoding="utf-8") == "two"
    assert names(tmp_path) == ["out"]


def test_a_failure_leaves_the_previous_outputs(tmp_path):
    target = tmp_path / "out"
    write(target, "one")
    with pytest.raises(ZeroDivisionError):
        fail_halfway(target)
    assert (target / "a.txt").read_text(encoding="utf-8") == "one"
    assert names(tmp_path) == ["out"]


def test_the_exchange_in_two_steps_gives_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_exchange", lambda *_: False)
    target = tmp_path / "out"
    write(target, "one")
    write(target, "two")
    assert (target / "a.txt").read_text(encoding="utf-8") == "two"
    assert names(tmp_path) == ["out"]


def test_a_file_that_excel_holds_is_a_sentence_and_nothing_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_exchange", lambda *_: False)
    target = tmp_path / "out"
    write(target, "one")
    rename = type(target).rename

    def held(path, other):
        if path == target:  # what Windows says of a folder with an open file in it
            raise PermissionError(13, "The process cannot access the file")
        return rename(path, other)

    with monkeypatch.context() as patched:
        patched.setattr(type(target), "rename", held)
        with pytest.raises(OutputError, match="Close files of it that are open"):
            write(target, "two")
    assert (target / "a.txt").read_text(encoding="utf-8") == "one"
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.ESTALE])
def test_a_drive_that_vanishes_is_a_sentence(tmp_path, number):
    target = tmp_path / "out"
    write(target, "one")

    def vanish():
        with folder.replacing(target) as growing:
            (growing / "a.txt").write_text("half", encoding="utf-8")
            raise OSError(number, os.strerror(number), str(growing))

    with pytest.raises(OutputError, match="cannot be written"):
        vanish()
    assert (target / "a.txt").read_text(encoding="utf-8") == "one"


def test_outputs_left_aside_between_the_two_steps_are_put_back(tmp_path):
    target = tmp_path / "out"
    write(target, "one")
    target.rename(tmp_path / "out.previous")
    write(target, "two")
    assert (target / "a.txt").read_text(encoding="utf-8") == "two"
    assert names(tmp_path) == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights and locks of folders as POSIX has them")
def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path):
    target = tmp_path / "out"
    line = "import sys; from pathlib import Path; from landuse import folder\n"
    line += "with folder.replacing(Path(sys.argv[1])) as g: print(g, flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", line, target], **pipes) as run:
        left = tmp_path / run.stdout.readline().decode().strip()
        assert left.stat().st_mode & 0o777 == 0o700  # half done, for nobody else
        (left / "secret.txt").write_text("x", encoding="utf-8")
        (tmp_path / ".out.growing-link").symlink_to(tmp_path)
        write(target, "one")
        assert left.is_dir()
        run.kill()
    write(target, "two")
    assert sorted(names(tmp_path)) == [".out.growing-link", "out"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights and locks of folders as POSIX has them")
def test_outputs_keep_the_rights_the_office_gave_them(tmp_path):
    target, file = tmp_path / "out", tmp_path / "a.csv"
    before = os.umask(0o027)
    try:
        write(target, "one")
        folder.put(file, b"one")
        assert rights_of(target, target / "a.txt", file) == [0o750, 0o640, 0o640]
        target.chmod(0o2770)
        file.chmod(0o660)
        write(target, "two")
        folder.put(file, b"two")
    finally:
        os.umask(before)
    assert rights_of(target, file) == [0o2770, 0o660]


def rights_of(*paths):
    return [path.stat().st_mode & 0o7777 for path in paths]


@pytest.mark.skipif(sys.platform == "win32", reason="rights and locks of folders as POSIX has them")
def test_a_group_that_cannot_be_kept_gets_nothing(tmp_path, monkeypatch):
    file = tmp_path / "a.csv"
    file.write_bytes(b"one")
    file.chmod(0o664)
    real = type(file).stat
    other = os.stat_result((*real(file)[:5], 1 + real(file).st_gid, *real(file)[6:]))

    def refuse(*_):
        raise PermissionError(errno.EPERM, "not of that group")

    monkeypatch.setattr(os, "chown", refuse)
    monkeypatch.setattr(type(file), "stat", lambda p, **_: other if p == file else real(p))
    folder.put(file, b"two")
    assert real(file).st_mode & 0o777 == 0o604


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path):
    target = tmp_path / "photos"
    target.mkdir()
    (target / "wedding.jpg").write_bytes(b"x")
    with pytest.raises(OutputError, match="left alone"):
        write(target, "one")
    assert names(target) == ["wedding.jpg"]


def test_a_file_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "out").write_bytes(b"x")
    with pytest.raises(OutputError, match="left alone"):
        write(tmp_path / "out", "one")


def test_an_empty_folder_may_be_used(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", "one")
    assert (tmp_path / "out" / "a.txt").is_file()


WRITER = """
import sys, itertools
from pathlib import Path
from landuse import folder
for n in itertools.count():
    with folder.replacing(Path(sys.argv[1])) as growing:
        for name in ("a", "b", folder.MARK):
            (growing / name).write_text(str(n) * 4000, encoding="utf-8")
    print(n, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill outright")
def test_killed_at_any_moment_the_outputs_are_whole(tmp_path):
    target = tmp_path / "out"
    write(target, "first")
    for n in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, target], stdout=subprocess.PIPE
        ) as run:
            run.stdout.readline()
            time.sleep(0.003 * n)
            run.kill()
        texts = {p.name: p.read_text(encoding="utf-8") for p in target.iterdir()}
        assert texts.keys() == {"a", "b", folder.MARK}
        assert len(set(texts.values())) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere outputs are exchanged in two steps")
def test_two_that_write_at_once_leave_the_outputs_of_one(tmp_path):
    target = tmp_path / "out"
    write(target, "first")
    command = [sys.executable, "-c", WRITER, target]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for run in both:
        assert [int(run.stdout.readline()) for _ in range(60)] == list(range(60))
    for run in both:
        run.kill()
        run.wait()
        run.stdout.close()
    texts = {p.name: p.read_text(encoding="utf-8") for p in target.iterdir()}
    assert texts.keys() == {"a", "b", folder.MARK}
    assert len(set(texts.values())) == 1
