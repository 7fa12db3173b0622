"""What docs/security.md promises of the whole program and no other test holds."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from kept_runs import write

from landuse import database, profiles
from landuse.cli import main
from landuse.errors import DatabaseError
from landuse.maps import assets
from landuse.profiles import hiding

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("security.md", "security.zh-CN.md")]
OF_NO_DATA = {"law", "new", "verify"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_without_a_profile_is_named_on_the_page(page):
    text = page.read_text(encoding="utf-8")
    for name in main.places:
        options = {opt for option in main.get_command(None, name).params for opt in option.opts}
        assert ("--profile" in options) == (name == "build")
        assert f"`{name}`" in text or name in OF_NO_DATA, name


def test_a_build_writes_outputs_and_history_and_nothing_anywhere_else(tmp_path):
    home, scratch, space = (tmp_path / name for name in ("home", "scratch", "space"))
    for folder in (home, scratch, space):
        folder.mkdir()
    write(space)
    before = hashes(space)
    places = {"HOME": home, "USERPROFILE": home, "TMPDIR": scratch, "TEMP": scratch, "TMP": scratch}
    told = {name: str(path) for name, path in places.items()}
    command = [sys.executable, "-m", "landuse", "build", "--on", "2018-06-30", str(space)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **told}, cwd=ROOT)
    assert {path.name for path in space.iterdir()} == {"layers", "out", "history"}
    assert before.items() <= hashes(space).items()
    assert [*home.rglob("*"), *scratch.rglob("*")] == []


def hashes(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in files}


def test_a_map_keeps_nothing_in_the_browser_and_asks_for_nothing():
    whole = "\n".join(assets.scripts())
    kept = r"localStorage|sessionStorage|indexedDB|document\.cookie|serviceWorker|caches\."
    assert not re.search(kept, whole)
    ours = "\n".join(p.read_text("utf-8") for p in (ROOT / "landuse" / "assets").glob("*.js"))
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon", ours)


def test_what_public_hides_is_told_and_no_more():
    hidden = set(profiles.OURS["public"].hidden)
    assert {word for word in hidden if "." not in word} == {
        "findings", "entries", "pause", "enterprise", "project",
    }  # fmt: skip
    stays = {"right_holder", "project_name", "location", "parcel_code", "determination_number"}
    assert not {f"supply.{name}" for name in stays} & hidden
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not [name for name in stays if f"`{name}`" not in text]


def test_what_a_workspace_hides_stands_in_the_place_of_what_its_base_hides():
    own = {"mine": {"based_on": "public", "hidden": ["case.right_holder"]}}
    chosen = profiles.chosen(SimpleNamespace(profiles=own), "mine")
    assert chosen.hidden == ("case.right_holder",)
    assert chosen.coordinates == "absent"


def test_short_texts_and_round_sums_are_not_searched_for():
    assert [hiding._is_telling(text) for text in ("三个字", "四个汉字", "1234567", "12345678")] == [
        False, True, False, True,
    ]  # fmt: skip
    sums = pd.Series([5_000_000.0, 123_456_000.0, 1_234_567.0])
    assert np.array_equal(hiding._numbers({"supply.price": sums}, {}), [1_234_567.0])


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("postgresql://db/x", "!password"),
        ("postgresql://db/x?sslmode=require", "!password"),
        ("postgresql://db/x?sslmode=verify-full", None),
    ],
)
def test_a_password_goes_in_clear_to_no_server_that_was_not_checked(monkeypatch, address, refused):
    psycopg = pytest.importorskip("psycopg")
    asked = {}

    def connect(_, **options):
        asked.update(options)
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(DatabaseError), database.connected(address):
        pass
    assert asked.get("require_auth") == refused
