"""What the documents say is what there is."""

import re
import subprocess
from pathlib import Path

from landuse import pipeline, schema
from landuse.cli import main
from landuse.terms import Role

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


def commands(text):
    return [line for line in text.splitlines() if line.startswith("python -m pip install")]


def test_both_readmes_give_the_same_two_commands():
    assert commands(README) == commands(CHINESE)
    assert len(commands(README)) == 2
    assert commands(README)[1].endswith("python -m pytest")


def test_ci_runs_the_test_command_of_the_readme():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in text
    assert "pytest" not in text.replace("python -m pytest.*", "")


def test_every_command_is_in_the_readme():
    for name in main.places:
        assert f"`landuse {name} " in README, name
        assert re.search(rf"landuse {name}\b", CHINESE), name


def test_every_role_is_in_the_readme():
    line = next(line for line in README.splitlines() if line.startswith("role = "))
    assert set(line.split("#")[1].split()) == set(Role)


def test_constraints_pin_every_dependency_and_name_no_host():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "@" not in text
    pinned = {line.split("==")[0].lower() for line in text.splitlines() if "==" in line}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.S | re.M)[1]
    needed = {re.split(r"[<>=]", name)[0].lower() for name in re.findall(r'"([^"]+)"', block)}
    assert needed <= pinned


def test_the_acts_of_a_run_are_those_of_the_house():
    assert pipeline.ACTS[:2] == ("read", "check")
    assert schema.names("supply")[0] == "supply_id"


def test_lint_and_types():
    import sys

    for command in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
