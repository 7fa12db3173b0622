"""Which rows of a ledger are records, and which are sums, notes, or the header once more."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from landuse.read import raw

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUM = "|".join(("合计", "总计", "小计", "共计", "累计", "总和"))
_WHOLE = "|".join(("本页", "本表", "分项", "全[省市县区]"))
_TOTALS = re.compile(rf"(?:{_WHOLE})?(?:{_SUM})(?:\(.*\)|:.*)?")
_OF_PART = re.compile(rf"[\u4e00-\u9fff]{{1,8}}(?:{_SUM})")
_NOTES = (
    "注", "备注", "说明", "填表", "制表", "填报", "审核", "复核", "负责", "数据来源", "资料来源",
    "打印", "联系",
)  # fmt: skip
_OF_WHAT = "|".join(("人", "单位", "日期", "时间", "电话"))
_NOTE = re.compile(rf"^(?:{'|'.join(_NOTES)})\d*(?:{_OF_WHAT})?\s*[:：]")
_FIRST_CELLS = 3  # where the word of a row of totals stands
_NEARLY_ALL = 0.8
_ENOUGH = 3  # cells that make a row of column numbers


def aside(cells: Sequence[Any], headings: Sequence[str], *, is_first: bool) -> tuple[str, str]:
    """
    Tell what a row is that is no record.

    Parameters
    ----------
    cells
        Its cells, as many as there are headings.
    headings
        The headings of the table.
    is_first
        Whether it is the first row below the header, where columns may be numbered.

    Returns
    -------
    code, value
        Code of the finding and the cell that tells; ``("", "")`` for a record.
    """
    filled = list(islice((text for text in map(_text, cells) if text), _FIRST_CELLS))
    for text in filled:
        if not text.isascii() and _TOTALS.fullmatch(raw.half_width("".join(text.split()))):
            return "row_of_totals", text
    if _OF_PART.fullmatch("".join(filled[0].split())):
        return "row_of_totals", filled[0]
    if _NOTE.match(filled[0]):
        return "row_of_notes", filled[0]
    if raw.heading(filled[0]) in headings and _is_header(cells, headings):
        return "row_of_headings", filled[0]
    if is_first and _is_numbering([text for text in map(_text, cells) if text]):
        return "row_of_numbers", " ".join(filled)
    return "", ""


def _is_header(cells: Sequence[Any], headings: Sequence[str]) -> bool:
    """Whether nearly all filled cells say what stands above them."""
    pairs = [(raw.heading(cell), name) for cell, name in zip(cells, headings, strict=True)]
    filled = sum(bool(cell) for cell, _ in pairs)
    same = sum(cell == name for cell, name in pairs if cell)
    return filled > 1 and same > filled * _NEARLY_ALL


def _text(cell: Any) -> str:
    """Return a cell as text without blanks around it."""
    return "" if cell is None else str(cell).strip()


def _is_numbering(filled: Sequence[str]) -> bool:
    """Whether cells number their columns: 1 2 3 …, the first perhaps 甲 乙 or 栏次."""
    numbers = [text.removesuffix(".0") for text in filled if text not in {"甲", "乙", "丙", "栏次"}]
    wanted = [str(n) for n in range(1, len(numbers) + 1)]
    return len(numbers) >= _ENOUGH and [n.strip("()") for n in numbers] == wanted
