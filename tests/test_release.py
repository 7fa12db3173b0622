"""What a release hands out: a wheel that is whole, always the same, and works by itself."""

import email
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import date
from pathlib import Path

import pytest

import landuse

ROOT = Path(__file__).parents[1]
INFO = f"landuse-{landuse.__version__}.dist-info"
SDIST = "from setuptools import build_meta; build_meta.build_sdist('dist')"


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    names = {name for name in listed if name and (ROOT / name).is_file()}
    return names or pytest.skip("not a git checkout")


def checkout(folder):
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def pip(*arguments, cwd, **place):
    command = [sys.executable, "-m", "pip", *arguments, "--no-deps", "--quiet"]
    subprocess.run(command, cwd=cwd, env={**os.environ, **place}, check=True)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return checkout(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def wheel(source):
    pip(
        "wheel",
        "--no-build-isolation",
        "-w",
        "dist",
        ".",
        cwd=source,
        SOURCE_DATE_EPOCH="1795824000",
    )
    return next((source / "dist").glob("*.whl"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = {name for name in tracked() if name.startswith("landuse/")}
    assert {name for name in names if not name.startswith(INFO)} == ours
    for ending in (".toml", ".js", ".css", ".html", ".example", "py.typed"):
        assert any(name.endswith(ending) for name in ours)
    assert {f"{INFO}/licenses/{name}" for name in ("LICENSE", "THIRD-PARTY.md")} <= names


def test_the_wheel_says_what_it_is(wheel):
    text = zipfile.ZipFile(wheel).read(f"{INFO}/METADATA").decode("utf-8")
    said = email.message_from_string(text)
    assert said["Name"] == "landuse"
    assert said["Version"] == landuse.__version__
    assert said["License-Expression"] == "MIT"
    assert said["Requires-Python"] == "<3.14,>=3.11"
    assert said.get_all("License-File") == ["LICENSE", "THIRD-PARTY.md"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## {landuse.__version__} – 20" in changes


def test_the_wheel_is_the_same_bytes_each_time(wheel, tmp_path):
    again = checkout(tmp_path)
    pip(
        "wheel", "--no-build-isolation", "-w", "dist", ".", cwd=again,
        SOURCE_DATE_EPOCH="1795824000", PYTHONHASHSEED="4711", TZ="Pacific/Kiritimati", LC_ALL="C",
    )  # fmt: skip
    assert next((again / "dist").glob("*.whl")).read_bytes() == wheel.read_bytes()


def test_the_source_archive_is_the_whole_checkout(source):
    subprocess.run([sys.executable, "-c", SDIST], cwd=source, check=True, capture_output=True)
    with tarfile.open(next((source / "dist").glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert tracked() - names == {".gitattributes", ".gitignore"}
    assert not {name for name in names if name.endswith(".pyc")}


def test_the_wheel_works_without_a_checkout_and_writes_the_same(wheel, tmp_path):
    pip("install", "--target", "installed", wheel, cwd=tmp_path)
    place = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def command(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "landuse", *arguments],
            cwd=tmp_path, env=place, check=True, capture_output=True, text=True, encoding="utf-8",
        ).stdout  # fmt: skip

    assert landuse.__version__ in command("--version")
    command("new", "city", "--name", "示例市", "--crs", "EPSG:4547")
    assert (tmp_path / "city" / "layers" / "workspace.toml").is_file()
    assert "第十四条" in command("law", "idle_land.fee_share", "--on", "2018-06-30")
    command("build", "--no-history", "--on", "2018-06-30", "--out", "out", str(ROOT))
    landuse.build(ROOT, on=date(2018, 6, 30), out=tmp_path / "ours")
    wheels, ours = (
        json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))
        for name in ("out", "ours")
    )
    assert wheels == ours
