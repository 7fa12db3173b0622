"""What is installed with us: named, pinned, under accepted licences, and not known to be bad."""

import importlib.metadata
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "THIRD-PARTY.md").read_text(encoding="utf-8")
ADVISORIES = tomllib.loads((ROOT / "tests" / "advisories.toml").read_text(encoding="utf-8"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = {
    "Installed with `pip install landuse`": set(),
    "Installed with an extra (`postgis`, `fast`, `cluster`, `notebook`)": {
        "postgis", "fast", "cluster", "notebook",
    },
    "Installed for the tests alone": {"test"},
}  # fmt: skip
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
CLAIMS = {  # what metadata of before 2024 says, and what it may mean
    "MIT": {"MIT"},
    "MIT License": {"MIT"},
    "BSD": {"BSD-2-Clause", "BSD-3-Clause"},
    "BSD License": {"BSD-2-Clause", "BSD-3-Clause"},
    "New BSD": {"BSD-3-Clause"},
    "BSD 3-Clause": {"BSD-3-Clause"},
    "BSD-3-Clause": {"BSD-3-Clause"},
    "BSD-2-Clause": {"BSD-2-Clause"},
    "(same as Leaflet)": {"BSD-2-Clause"},
    "Apache 2.0": {"Apache-2.0"},
    "Apache-2.0": {"Apache-2.0"},
    "Apache License": {"Apache-2.0"},
    "Apache Software License": {"Apache-2.0"},
    "ISC License (ISCL)": {"ISC"},
    "MPL-2.0": {"MPL-2.0"},
    "Mozilla Public License 2.0 (MPL 2.0)": {"MPL-2.0"},
    "Python Software Foundation License": {"PSF-2.0"},
}


def section(title):
    """Return the rows of a table of the page, first cell to second."""
    text = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.M)
    return dict(rows[1:])


def listed(title):
    """Return licence by package of a section."""
    rows = section(title).items()
    return {name: licence for licence, names in rows for name in names.split(", ")}


def ours(extras):
    """Return what we ask for: of the checkout, not of whatever was installed from it."""
    project = SETTINGS["project"]
    optional = (project["optional-dependencies"][extra] for extra in sorted(extras))
    return [*project["dependencies"], *(text for asked in optional for text in asked)]


@cache
def needed(extras, windows=False):
    """Return the names of everything that is asked for, from landuse down."""
    place = {**default_environment(), **(WINDOWS if windows else {})}
    found, waiting = {}, [("landuse", frozenset(extras))]
    while waiting:
        name, wanted = waiting.pop()
        if wanted <= found.get(name, frozenset()) and name in found:
            continue
        found[name] = found.get(name, frozenset()) | wanted
        try:
            asked = ours(wanted) if name == "landuse" else importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            assert windows, f"{name} is asked for and not installed"
            continue
        for text in asked:
            one = Requirement(text)
            cases = found[name] | {""}
            if one.marker is None or any(one.marker.evaluate({**place, "extra": e}) for e in cases):
                waiting.append((canonicalize_name(one.name), frozenset(one.extras)))
    return found.keys() - {"landuse"}


def everything(windows=False):
    return needed(frozenset().union(*EXTRAS.values()), windows)


def pinned():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pairs = re.findall(r"^([^#\s=]+)==(\S+)", text, re.M)
    return {canonicalize_name(name): version for name, version in pairs}


def claimed(name):
    """Return what the metadata says of a licence, else the first line of its own licence file."""
    found = importlib.metadata.distribution(name)
    expression = found.metadata.get("License-Expression")
    if expression:
        return [expression]
    heads = [h.split(" :: ")[-1] for h in found.metadata.get_all("Classifier") or []
             if h.startswith("License ::")]  # fmt: skip
    said = (found.metadata.get("License") or "").strip().splitlines()
    if not heads and said:
        return [said[0].strip()]
    own = [p for p in found.files or [] if p.name.upper().startswith("LICEN")]
    return heads or [own[0].read_text(encoding="utf-8").strip().splitlines()[0]]


def test_the_page_names_what_is_installed_and_nothing_else():
    before = frozenset()
    for title, extras in EXTRAS.items():
        earlier = needed(before) if extras else set()
        before |= extras
        assert needed(before) - earlier == listed(title).keys(), title


def is_accepted(licence):
    accepted = {name for row in section("Licences accepted") for name in row.split(", ")}
    return any(set(choice.split(" AND ")) <= accepted for choice in licence.split(" OR "))


@pytest.mark.parametrize("title", EXTRAS)
def test_the_licence_is_the_one_on_the_page_and_accepted(title):
    for name, licence in listed(title).items():
        assert is_accepted(licence), (name, licence)
        for claim in claimed(name):
            assert claim == licence or licence in CLAIMS.get(claim, set()), (name, claim, licence)


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "UNKNOWN", ""])
def test_other_licences_are_not_accepted(licence):
    assert not is_accepted(licence)


def test_binary_packages_that_carry_libraries_are_named():
    named = {name for row in section("Inside the binary packages") for name in row.split(", ")}
    carrying = {
        name for name in everything()
        if any(".libs/" in str(p) for p in importlib.metadata.files(name) or [])
    }  # fmt: skip
    assert carrying <= named


def test_every_package_is_pinned_on_windows_too_and_the_pin_is_what_is_installed():
    pins = pinned()
    assert everything() <= pins.keys()
    assert everything(windows=True) <= pins.keys()
    assert pins.keys() <= everything() | everything(windows=True)
    apart = {n: (importlib.metadata.version(n), pins[n]) for n in everything()
             if importlib.metadata.version(n) != pins[n]}  # fmt: skip
    assert apart == {}, "install with -c constraints.txt"


def is_bad(version, entry):
    return Version(entry.get("from", "0")) <= Version(version) < Version(entry["fixed"])


def test_no_pinned_version_is_known_to_be_bad():
    pins = pinned()
    found = [(e["package"], e["id"]) for e in ADVISORIES["bad"]
             if e["package"] in pins and is_bad(pins[e["package"]], e)]  # fmt: skip
    assert found == []
    assert is_bad("14.0.0", {"from": "0.14.0", "fixed": "14.0.1"})
    for entry in ADVISORIES["open"]:
        assert pins[entry["package"]] == entry["version"], "is it still open in this version?"


def test_no_version_that_is_allowed_without_pins_is_known_to_be_bad():
    project = SETTINGS["project"]
    extras = [text for asked in project["optional-dependencies"].values() for text in asked]
    build = SETTINGS["build-system"]["requires"]
    for asked in [*project["dependencies"], *extras, *build]:
        one = Requirement(asked)
        least = [s.version for s in one.specifier if s.operator in {">=", "=="}]
        for entry in ADVISORIES["bad"]:
            if canonicalize_name(one.name) == entry["package"]:
                assert not is_bad(least[0], entry), (asked, entry["id"])


def test_every_advisory_says_how_it_is_known():
    for entry in ADVISORIES["bad"]:
        assert entry["how"] in {"read", "remembered"}
        assert Version(entry["fixed"])
