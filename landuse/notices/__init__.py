"""
Drafts of 闲置土地调查通知书 and 闲置土地认定书, from what a run found.

闲置土地处置办法 第五、六条 (investigation) and 第九、十条 (determination). A draft carries no
number, no date and no seal: those, and every fact the data do not hold, are marked blanks for the
office.
A letter is drafted only where the law asks for it (`due`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pandas as pd

from landuse import texts
from landuse.errors import LanduseError
from landuse.notices.letters import letter
from landuse.papers import to_docx
from landuse.terms import IDLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from landuse.found import Judged
    from landuse.papers import Document

Kind = Literal["investigation", "determination"]
KINDS: tuple[Kind, ...] = ("investigation", "determination")
"""调查通知书 and 认定书, in the order the law takes them."""

__all__ = ["KINDS", "drafts", "due", "named", "to_docx"]

_UNSAFE = re.compile(r'[\\/:*?"<>|~\s\x00-\x1f]+')

_RULES = {
    "investigation": "idle_land.investigation_days",
    "determination": "idle_land.determination",
}


def due(found: Judged) -> pd.Series:
    """
    Say which letter each case asks for on the day.

    Parameters
    ----------
    found
        What a run found.

    Returns
    -------
    due
        Index of `found.cases`. `investigation` where a case is suspected to be idle and no
        investigation number is on file (第五条); `determination` where it was investigated and not
        determined (第九条); empty otherwise, and where the rule is not in force on the day.
    """
    cases = found.cases
    supplies = found.tables["supply"].drop_duplicates("supply_id").set_index("supply_id")
    number = cases["case_id"].map(supplies["investigation_number"]).fillna("").str.strip()
    asks = cases["status"].isin(list(IDLE)) & (cases["kind"] == "supply")
    asks &= ~cases["is_determined"].fillna(value=False).astype(bool)
    word = pd.Series("", index=cases.index, dtype="str")
    for kind, is_theirs in zip(KINDS, (number == "", number != ""), strict=True):
        if found.statutes.find(_RULES[kind]) is not None:
            word[asks & is_theirs] = kind
    return word


def drafts(
    found: Judged,
    ids: Collection[str] = (),
    *,
    kinds: Collection[str] = KINDS,
) -> list[Document]:
    """
    Draft the letters that are due, one a case.

    Parameters
    ----------
    found
        What a run found.
    ids
        Cases to draft for; all that ask for a letter if empty.
    kinds
        Letters wanted, of `KINDS`; they are Chinese.

    Returns
    -------
    letters
        By kind and case.

    Raises
    ------
    LanduseError
        If a case named asks for no letter of the kinds wanted.
    """
    asked = due(found)
    asked = asked[asked.isin(list(kinds))]
    cases = found.cases.loc[asked.index].assign(letter=asked)
    absent = [case_id for case_id in ids if case_id not in set(cases["case_id"])]
    if absent:
        raise LanduseError("asked.no_letter_due", ids=[*absent])
    if ids:
        cases = cases[cases["case_id"].isin(list(ids))]
    rank = cases["letter"].map({kind: n for n, kind in enumerate(KINDS)})
    cases = cases.assign(rank=rank).sort_values(["rank", "case_id"], kind="stable")
    return [letter(found, case) for _, case in cases.iterrows()]


def named(letters: Sequence[Document]) -> Iterator[tuple[str, Document]]:
    """Yield each letter with the name of a file of its own: number, kind and case, no two alike."""
    digits = len(str(len(letters)))
    for number, document in enumerate(letters, start=1):
        kind = next(k for k in KINDS if texts.say(f"notices.title_{k}") in document.title)
        said = {
            "number": f"{number:0{digits}d}",
            "letter": texts.say(f"notices.title_{kind}"),
            "case_id": _UNSAFE.sub("_", document.subject)[:80],
        }
        yield texts.say("notices.file", "zh", **said), document
