"""What the command line says of itself, help and wrong use, in the language asked for."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from landuse import texts
from landuse.cli import main, speech

COMMANDS = sorted(main.commands)
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")


def said(*args):
    done = CliRunner().invoke(main, [*args])
    return done.exit_code, done.output


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_is_said_in_the_language_asked_for(command, lang, monkeypatch):
    monkeypatch.setattr(main.commands[command], "_help_option", None)  # click keeps it
    told = said(command, "--help", "--lang", lang)[1]
    ours = re.sub("(示例：|Example: ).*", "", told)
    if lang == "zh":
        assert all(word in told for word in ("用法", "选项", "显示本说明后退出"))
        assert not ENGLISH.search(ours), told
    else:
        assert all(word in told for word in ("Usage:", "Options:", "Show this message and exit."))
        assert not re.search("[，。：]", ours), told


def test_help_says_every_option_and_nothing_else():
    needed = {"main"}
    for name in COMMANDS:
        needed.add(name)
        for option in main.commands[name].params:
            if isinstance(option, click.Option):
                own = f"{name}_{option.name}"
                needed.add(own if own in texts.section("help") else option.name)
    assert needed == set(texts.section("help"))


def test_what_is_said_in_place_of_click_is_what_click_says():
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py")
    )
    for key, entry in texts.section("click").items():
        english = entry["en"].replace("\n", "\\n").replace("\t", "\\t")
        assert f'"{english}"' in source or f"'{english}'" in source, key
        for sign in re.findall(r"\{\w+|%\(\w+", entry["en"]):
            assert sign in entry["zh"] or sign == "{choice", key


@pytest.mark.parametrize(
    ("args", "zh", "en"),
    [
        (["bild"], "没有命令 'bild'", "No such command 'bild'"),
        (["build", "--ou", "x"], "没有选项 '--ou'", "No such option"),
        (["build", "--on", "x"], "写法不对，应为", "does not match the format"),
        (["build", "--on"], "须写一个值", "requires an argument"),
        (["forecast", "--months", "x"], "不是数字", "is not a valid integer"),
        (["explain", "--format", "pdf", "x"], "不可选；可选：", "is not one of"),
        (["build", "here", "there"], "多出的参数：there", "unexpected extra argument"),
        (["forecast", "nowhere", "--months", "0"], "月数应为 1 到 120", "must be 1 to 120"),
    ],
)
def test_wrong_use_is_said_in_the_language_asked_for(args, zh, en):
    for lang, word, other in (("zh", zh, en), ("en", en, zh)):
        code, told = said(*args[:1], "--lang", lang, *args[1:])
        assert code == 2
        assert word in told
        assert other not in told


@pytest.mark.parametrize(
    ("args", "lang"),
    [
        ([], "zh"),
        (["build", "--lang", "en"], "en"),
        (["build", "--lang=en"], "en"),
        (["build", "--lang"], "zh"),
        (["build", "--lang", "fr"], "zh"),
    ],
)
def test_the_language_is_known_before_a_line_is_parsed(args, lang):
    assert speech.language(args) == lang
