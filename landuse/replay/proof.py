"""Every kept run made again from its inputs: the same bytes, or said where they differ."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import landuse
from landuse import history, texts
from landuse.errors import LanduseError
from landuse.history import frames, record
from landuse.judging import Judge
from landuse.replay.again import judging

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.texts import Lang

VERDICTS = ("same", "other_cases", "other_totals", "other_pieces", "unusable")


@dataclass(frozen=True)
class Proof:
    """
    What became of one kept run made again.

    Attributes
    ----------
    number
        Number of the run.
    verdict
        One of `VERDICTS`.
    detail
        Hash of the cases where they are the same; else what differs, or which file is damaged.
    """

    number: int
    verdict: str
    detail: str


def verify(workspace: str | Path, lang: Lang = "zh") -> list[Proof]:
    """
    Make every kept run again from its kept inputs; compare the bytes of cases, totals and pieces.

    Every other output is drawn from these, the findings of the inputs and the maps asked for, which
    are not kept.

    Parameters
    ----------
    workspace
        The workspace folder.
    lang
        Language of the details.

    Returns
    -------
    proofs
        One a run, in the order they were made. A damaged file is a row, not an error.
    """
    judge, store = Judge(), history.Store(workspace)
    found = []
    for path in record.files(store):
        try:
            verdict, detail = _again(workspace, path, judge, lang)
        except LanduseError as err:
            verdict, detail = "unusable", err.said(lang)
        found.append(Proof(int(path.stem), verdict, detail))
    return found


def _again(workspace: str | Path, path: Path, judge: Judge, lang: Lang) -> tuple[str, str]:
    """Make one run again and compare."""
    kept = record.read(path)
    one = history.load(workspace, kept.number)
    with judging(path):
        cases, totals, pieces = judge.everything(
            one.workspace, one.tables, one.on, one.statutes, one.lang
        )
    digest = hashlib.sha256(frames.packed(cases)).hexdigest()
    if f"{digest}.parquet" != kept.cases:
        how = "history.same_values" if cases.equals(one.cases) else "history.other_values"
        return "other_cases", texts.say(how, lang, then=kept.version, now=landuse.__version__)
    if f"{hashlib.sha256(history.totals_text(totals)).hexdigest()}.json" != kept.totals:
        return "other_totals", texts.say("history.other_totals", lang)
    if frames.fingerprint(pieces) != kept.pieces:
        return "other_pieces", texts.say("history.other_pieces", lang)
    return "same", digest
