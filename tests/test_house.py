"""The house itself: floors, sizes, docstrings, one catalogue of texts."""

import ast
import errno
import re
import string
import tomllib
from pathlib import Path

import pytest

from landuse import errors

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "landuse"
FLOORS = [
    ["errors", "terms", "texts", "units", "cells", "parsing", "offline", "memory"],
    [
        "law", "amounts", "schema", "findings", "facts", "kernels", "rings", "geometry", "crs",
        "layers", "folder", "codes", "executor",
        "exchange", "entries", "slip", "packed", "papers", "database", "found",
        "coverage", "profiles", "part",
    ],
    [
        "read", "check", "partition", "classify", "dispose", "balance", "export", "workbook",
        "bulletin", "returns", "history", "maps", "starter", "flows", "handout", "rulebook",
        "sites", "matching", "notices", "grading", "imagery", "leaks",
    ],
    ["examining", "judging", "brief", "planning", "manifest"],
    ["pipeline"],
    ["reclassify"],
    ["outlook", "trial", "decision", "fieldwork"],
    ["replay", "publish"],
    ["console"],
    ["door"],
    ["cli"],
]  # fmt: skip
TOP_LEVEL = {
    "landuse", "layers", "maps", "notebooks", "benchmarks", "docs", "tests",
    "pyproject.toml", "README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE",
    "CONTRIBUTING.md", "UPGRADING.md", "THIRD-PARTY.md", "MANIFEST.in",
    "constraints.txt", ".ci", ".gitignore", ".gitattributes",
}  # fmt: skip


def rooms():
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if not room.startswith("__"):
            yield room, path


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] != "landuse":
            continue
        tail = (node.module or "").removeprefix("landuse").strip(".")
        yield from [tail.split(".")[0]] if tail else [alias.name for alias in node.names]


def test_imports_go_down():
    floor = {name: n for n, row in enumerate(FLOORS) for name in row}
    assert {room for room, _ in rooms()} == floor.keys()
    upward = {
        (room, target)
        for room, path in rooms()
        for target in imports(path)
        if target != room and target in floor and floor[target] >= floor[room] >= 2
    }
    assert upward == set()


def test_words_and_things_have_no_circle():
    edges = {}
    for room, path in rooms():
        edges.setdefault(room, set()).update(t for t in imports(path) if t != room)
    seen, done = [], set()

    def visit(room):
        assert room not in seen, [*seen, room]
        if room in done:
            return
        seen.append(room)
        for target in sorted(edges.get(room, ())):
            visit(target)
        seen.pop()
        done.add(room)

    for room in sorted(edges):
        visit(room)


@pytest.mark.parametrize("path", [p for _, p in rooms()], ids=lambda p: p.stem)
def test_files_and_functions_stay_small(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                assert body[-1].end_lineno - body[0].lineno + 1 <= 50, node.name


def test_public_functions_that_raise_our_errors_say_so():
    for _, path in rooms():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            raised = {
                name
                for inner in ast.walk(node)
                if isinstance(inner, ast.Raise) and inner.exc is not None
                for name in re.findall(r"\b([A-Z]\w+(?:Error|Failed))\b", ast.unparse(inner.exc))
            }
            doc = ast.get_docstring(node) or ""
            assert all(name in doc for name in raised), (path.name, node.name, raised)


def test_every_text_has_both_languages():
    for path in sorted((PACKAGE / "wording").glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            needed = {"zh", "en"}
            if path.stem.startswith("findings_"):
                needed |= {"action_zh", "action_en", "responsible_zh", "responsible_en", "severity"}
            assert needed <= entry.keys(), (path.name, key)
            for zh, en in (("zh", "en"), ("action_zh", "action_en")):
                if zh in entry:
                    fields = [set(re.findall(r"\{(\w+)", entry[name])) for name in (zh, en)]
                    assert fields[1] <= fields[0], (path.name, key)


def sentences_of_errors():
    """Every call that makes one of our errors or a part of its sentence, with where it stands."""
    ours = {name for name, kind in vars(errors).items() if is_ours(kind)} | {"error", "phrase"}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ours:
                yield f"{path.name}:{node.lineno}", node


def is_ours(kind):
    return isinstance(kind, type) and issubclass(kind, errors.LanduseError)


def catalogue_of_errors():
    return {
        f"{path.stem.removeprefix('errors_')}.{key}": entry
        for path in sorted((PACKAGE / "wording").glob("errors_*.toml"))
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_errors_name_a_sentence_and_give_all_of_its_values():
    known = catalogue_of_errors()
    for where, call in sentences_of_errors():
        key = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
        assert key in known, (where, ast.unparse(call))
        assert len(call.args) == 1, where
        given = {keyword.arg for keyword in call.keywords}
        assert fields(known[key]["zh"]) == fields(known[key]["en"]) == given, (where, key)


def test_every_sentence_of_an_error_is_said_somewhere_and_in_chinese():
    asked = {call.args[0].value for _, call in sentences_of_errors()} | {"machine.none"}
    for key, entry in catalogue_of_errors().items():
        assert key in asked or hasattr(errno, key.removeprefix("machine.errno_")), key
        english = re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", entry["zh"])
        assert english is None, (key, entry["zh"])


def test_chinese_stands_where_it_may():
    allowed = {"terms.py", "schema.py"}
    for _, path in rooms():
        if path.name in allowed:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_long = len(re.findall(r"[\u4e00-\u9fff]", node.value)) > 8
                assert id(node) in docs or not is_long, (path.name, node.lineno, node.value)


def test_the_root_holds_what_the_plan_lists():
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    assert {name.split("/")[0] for name in listed} <= TOP_LEVEL
