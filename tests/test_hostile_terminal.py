"""What stands in data, settings and file names is shown on a terminal and steers nothing there."""

import csv
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import click
import pandas as pd
import pytest
from click.testing import CliRunner
from making import layer, workspace

from landuse import cells, console, export, findings, handout
from landuse.cli import build, main
from landuse.papers import blocks
from landuse.terms import State

PACKAGE = Path(__file__).parents[1] / "landuse"
ESCAPES = (
    "\x1b[31m红\x1b]8;;http://a.example\x1b\\链\x1b]8;;\x07\x9b2J\u202e反\u2066左\x08[/red][link=x]"
)
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def space(root):
    """Write a workspace whose name, titles, headings, ids and file names are escapes."""
    told = json.dumps(ESCAPES)
    name = "s\u202e[0m.csv"
    text = f'supply_id,right_holder,agreed_commencement_on,{ESCAPES}\nA,"{ESCAPES}",2015-01-01,1\n'
    toml = layer("supply", name).replace('title = "supply"', f"title = {told}\nsource = {told}")
    workspace(root, {"s": toml}, {name: text})
    settings = root / "layers" / "workspace.toml"
    settings.write_text(f'name = {told}\ncrs = "EPSG:4547"\n', encoding="utf-8")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    made = tmp_path_factory.mktemp("terminal")
    space(made)
    return made


@pytest.mark.parametrize(
    ("command", "lang"),
    [
        (("check",), "en"),
        (("explain", "A", "--format", "text"), "zh"),
        ((ESCAPES,), "zh"),
    ],
)
def test_no_command_prints_what_steers_a_terminal(root, command, lang):
    given = [*command, "--on", "2018-06-30", "--lang", lang, str(root)]
    done = CliRunner().invoke(main, given)
    assert done.exit_code in {0, 2}, done.exception
    assert not STEERS.search(done.output), ascii(STEERS.findall(done.output))
    assert done.output.strip()


def test_totals_and_tables_take_no_text_for_markup(capsys):
    state = {"area_m2": 1.0, "count": 1}
    totals = {"city": {"states": dict.fromkeys(State, state)}}
    named = SimpleNamespace(name=ESCAPES)
    build._print_totals(SimpleNamespace(workspace=named, on="2018", totals=totals), "zh")
    table = pd.DataFrame({"a": [ESCAPES]})
    console.print_sheet(handout.Sheet("t", ESCAPES, ESCAPES, {ESCAPES: "text"}, table), "zh")
    told = capsys.readouterr().out
    assert not STEERS.search(told)
    assert told.count("[/red]") >= 4


def test_a_wrong_setting_is_quoted_harmlessly(tmp_path):
    space(tmp_path)
    settings = tmp_path / "layers" / "workspace.toml"
    settings.write_text(f"crs = {json.dumps(ESCAPES)}\nname = 'a'\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 2
    assert not STEERS.search(done.output)
    assert "红" in done.output


def test_what_is_spelled_stays_readable():
    assert cells.spelled("a\n\tb 河南") == "a\n\tb 河南"
    assert cells.spelled("\x1b[1m\x9b1m\u202e") == "␛[1m[U+009B]1m[U+202E]"
    assert blocks.clean("a\tb\r\nc\x1b") == "a␉b c␛"


def test_a_table_is_piped_as_it_is_and_shown_harmlessly(monkeypatch):
    shown = []
    monkeypatch.setattr(click, "echo", lambda text, **_: shown.append(text))
    console.data("a\u202eb")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    console.data("a\u202eb")
    assert shown == ["a\u202eb", "a[U+202E]b"]


def test_a_cell_of_csv_is_never_a_formula(tmp_path):
    signs = [
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        "\t=",
        " =",
        "\uff1d",
        "\uff0b",
        "\uff0d",
        "\uff20",
        "\u3000=",
    ]
    table = pd.DataFrame({"a": [f"{sign}1+1" for sign in signs]})
    sheet = handout.Sheet("t", "t", "", {"a": "text"}, table)
    said = findings.rows("reader_remark", layer="=1+1", value=[f"{sign}1+1" for sign in signs])
    export.findings_csv(tmp_path / "findings.csv", said, "zh")
    written = (tmp_path / "findings.csv").read_text("utf-8-sig")
    for text in (handout.text("csv", [sheet], {}), written):
        told = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert sum("1+1" in cell for cell in told) >= len(signs)
        assert not [
            cell
            for cell in told
            if re.match(r"\s*[=+@\uff1d\uff0b\uff0d\uff20\t\r\n]|-[^\d]", cell)
        ]


def test_only_the_console_prints():
    rooms = {p: p.read_text("utf-8") for p in PACKAGE.rglob("*.py") if p.name != "console.py"}
    loud = [p.name for p, text in rooms.items() if re.search(r"\becho\(|(?<!\.)\bprint\(", text)]
    assert loud == []
