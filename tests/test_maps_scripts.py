"""The page's own scripts and styles: lint, unit tests, what old browsers and bad text forbid."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from landuse.maps import assets

ROOT = Path(__file__).parents[1]
JS = ROOT / "tests" / "js"
OURS = sorted((ROOT / "landuse" / "assets").glob("*"))
SCRIPTS = [path for path in OURS if path.suffix == ".js"]
STYLES = [path for path in OURS if path.suffix == ".css"]
NODE = shutil.which("node")
OXLINT = shutil.which("oxlint", path=str(Path(sys.executable).parent)) or shutil.which("oxlint")

SINKS = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|"
    r"\.on\w+ ?= ?[\"'`]"
)
"""Ways by which text would become markup or code."""

YOUNG = (
    r"\.(at|replaceAll|toSorted|toReversed|toSpliced|findLast|findLastIndex|hasOwn)\(|"
    r"structuredClone|Promise\.any|(\?\?|\|\||&&)=|^\s+(static \w+ =|#\w+)"
)
"""What Chrome 80 does not know (it knows `?.`, `??` and generators)."""

YOUNG_STYLES = r"(?<![-\w])(inset|aspect-ratio)\s*:|:(is|where|has)\(|color-mix|\ddvh"


def test_every_script_is_loaded_once():
    assert sorted(assets.SCRIPTS) == [path.name for path in SCRIPTS]


def test_scripts_pass_the_linter():
    if OXLINT is None:
        pytest.skip("oxlint is not installed")
    done = subprocess.run(
        [OXLINT, "-c", JS / "oxlint.json", "--deny-warnings", ROOT / "landuse" / "assets", JS],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_scripts_pass_their_own_tests():
    if NODE is None:
        pytest.skip("node is not installed")
    files = sorted(JS.glob("*.test.js"))
    done = subprocess.run(
        [NODE, "--test", *files], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_is_strict_small_and_makes_no_markup_of_text(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"use strict";\n/* ')
    assert len(text.splitlines()) <= 400
    assert re.findall(SINKS, text) == []
    assert re.search(YOUNG, text, re.MULTILINE) is None


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_a_style_sheet_loads_nothing_and_is_read_by_old_browsers(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"@import|url\((?![\"']?data:|#)", text) == []
    assert re.search(YOUNG_STYLES, text) is None
