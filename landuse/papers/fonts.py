"""Chinese letters in charts of matplotlib: a font that has them, or a clear sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landuse.texts import Lang

KNOWN = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN",
    "Microsoft YaHei", "SimHei", "DengXian", "PingFang SC", "Heiti SC", "Hiragino Sans GB",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Serif CJK SC", "SimSun", "Songti SC",
    "Arial Unicode MS",
)  # fmt: skip
"""Fonts with simplified Chinese, those for screens first: of Linux, Windows and macOS."""


def found(names: Iterable[str]) -> str | None:
    """
    Return the first of `KNOWN` among the fonts of a machine, None where there is none.

    Examples
    --------
    >>> found(["DejaVu Sans", "SimHei"])
    'SimHei'
    """
    there = set(names)
    return next((name for name in KNOWN if name in there), None)


def chinese(lang: Lang = "zh") -> str:
    """
    Let charts of matplotlib show Chinese, and say which font they use.

    Returns
    -------
    sentence
        The font that is used from now on, or that there is none and how to get one.
    """
    import matplotlib as mpl
    from matplotlib import font_manager

    name = found(font.name for font in font_manager.fontManager.ttflist)
    if name is None:
        return texts.say("handout.no_font", lang)
    mpl.rcParams["font.sans-serif"] = [name, *mpl.rcParams["font.sans-serif"]]
    mpl.rcParams["font.family"] = "sans-serif"
    mpl.rcParams["axes.unicode_minus"] = False
    return texts.say("handout.font", lang, name=name)
