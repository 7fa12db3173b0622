"""Which industries (GB/T 4754 divisions) a theme of a park or a leading industry stands for."""

from __future__ import annotations

import re

WORDS: dict[str, tuple[str, ...]] = {
    "电力": ("38",), "电网": ("38",), "电气": ("38",), "装备": ("34", "35", "36", "37", "38"),
    "机械": ("33", "34", "35"), "汽车": ("36", "38"), "电子": ("39",),
    "信息": ("39", "63", "64", "65"),
    "通信": ("39", "63"), "医药": ("27", "35"), "健康": ("14", "27"), "中药": ("27",),
    "食品": ("13", "14", "15"), "冷链": ("13", "14", "59"), "物流": ("53", "54", "58", "59"),
    "发制品": ("41",), "环保": ("35", "77"), "化工": ("26", "29"), "焦化": ("25", "26"),
    "再生": ("32", "42"), "不锈钢": ("31", "33"), "金属": ("31", "32", "33"), "铝": ("32",),
    "铜": ("32",), "纺织": ("17", "18"), "光伏": ("38", "39"), "硅": ("26", "30", "38", "39"),
    "新材料": ("26", "28", "30"),
}  # fmt: skip
"""A word → divisions it covers; a design of this package, not a classification of law."""


def divisions(text: object) -> frozenset[str]:
    """Return the divisions the words of a theme stand for; none where no word is known."""
    said = text if isinstance(text, str) else ""
    return frozenset(code for word, codes in WORDS.items() if word in said for code in codes)


def division(industry: object) -> str:
    """Return the division (two digits) of an industry code such as C38 or 3823; "" if unknown."""
    found = re.match(r"\s*[A-Ta-t]?\s*([0-9]{2})", industry if isinstance(industry, str) else "")
    return found[1] if found else ""


def is_of(wanted: str, said: object) -> bool:
    """Whether a park of the theme `said` is one of the theme `wanted`: by its words, or by name."""
    theme = said if isinstance(said, str) else ""
    shared = any(word in wanted and word in theme for word in WORDS)
    return bool(theme) and (shared or wanted.strip() in theme or theme in wanted)
