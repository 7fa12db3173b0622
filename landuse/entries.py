"""
What staff filled in and someone accepted: append-only, beside the facts, never over them.

Each acceptance is one file `layers/decisions/0001.jsonl`, `0002.jsonl`, ... with one entry a
line; files are never changed. The last entry of a field is what holds. Signs that begin a formula
are written as JSON escapes, so that no spreadsheet that cuts a line into cells runs one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from landuse import folder, parsing, texts
from landuse.errors import EntryError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

COLUMNS = (
    "kind", "case_id", "field", "value", "given", "given_on", "accepted_by", "accepted_on", "why",
    "file", "sheet", "row",
)  # fmt: skip
"""`value` and `given` are texts: days as ISO, "" for an emptied field. `given` is what the list
said when it went out on `given_on`; `file`, `sheet`, `row` say where the value was filled in."""

KEY = ["kind", "case_id", "field"]

_FORMULA = re.compile(r"(?<!\w)[=+\-@\uff1d\uff0b\uff0d\uff20]")
_DONE = "progress_7"  # the choice that says a case has been disposed of


def read(workspace: Path) -> pd.DataFrame:
    """
    Return all entries of a workspace, in the order they were accepted.

    Parameters
    ----------
    workspace
        The workspace folder.

    Returns
    -------
    entries
        Columns `COLUMNS` as text; `row` as integer. Empty if nothing was ever accepted.

    Raises
    ------
    EntryError
        If a line cannot be read; the file and line are named.
    """
    lines = [entry for path in _files(workspace) for entry in _read(path)]
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    return table.astype({name: "int64" if name == "row" else "str" for name in COLUMNS})


def latest(entries: pd.DataFrame) -> pd.DataFrame:
    """Return the entry of each field that holds, ordered by kind, case and field."""
    last = entries.drop_duplicates(KEY, keep="last")
    return last.sort_values(KEY, kind="stable", ignore_index=True)


def disposal(entries: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """
    Say which cases are duties, of which progress was reported, and which are disposed of.

    Parameters
    ----------
    entries
        Accepted entries.
    cases
        Cases: `kind`, `case_id`, `due_on`.

    Returns
    -------
    disposal
        Index of `cases`. `is_reported`: a progress was accepted; `is_done`: it says 已处置完毕;
        `is_duty`: the case has a deadline or is done. Of a case nobody reported nothing is known.
    """
    told = latest(entries)
    told = told[(told["field"] == "progress") & (told["value"] != "")]
    words = {texts.say(f"choices.{_DONE}", lang) for lang in ("zh", "en")}
    keys = pd.MultiIndex.from_frame(cases[["kind", "case_id"]].astype(str))
    reported, done = (
        keys.isin(pd.MultiIndex.from_frame(rows[["kind", "case_id"]]))
        for rows in (told, told[told["value"].isin(words)])
    )
    is_duty = cases["due_on"].notna() | done
    known = {"is_reported": reported, "is_done": done, "is_duty": is_duty.to_numpy()}
    return pd.DataFrame(known, index=cases.index)


def fingerprint(entries: pd.DataFrame) -> dict[str, object]:
    """Return number and SHA-256 of entries, so that a run names what it showed."""
    text = entries.to_csv(index=False, lineterminator="\n")
    return {"count": len(entries), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def append(workspace: Path, entries: pd.DataFrame) -> Path:
    """
    Write entries as the next file, whole or not at all, and return it.

    Parameters
    ----------
    workspace
        The workspace folder.
    entries
        Columns `COLUMNS`, at least one row.

    Raises
    ------
    EntryError
        If the folder cannot be written.
    """
    place = workspace / "layers" / "decisions"
    records = entries[list(COLUMNS)].to_dict("records")
    text = "".join(f"{_line(record)}\n" for record in records)
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".growing-", dir=place)
        growing = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            folder.rights(growing)
            return _placed(growing, place)
        finally:
            growing.unlink(missing_ok=True)
    except OSError as err:
        raise EntryError("entries.cannot_write", folder=place, reason=err) from err


def _line(record: Mapping[Hashable, object]) -> str:
    """Return an entry as JSON that holds the same when it is read, and begins no formula."""
    told = json.dumps(record, ensure_ascii=False)
    return _FORMULA.sub(lambda sign: f"\\u{ord(sign.group()):04x}", told)


def _placed(growing: Path, folder: Path) -> Path:
    """Give a finished file the next free number; two writers never get the same one."""
    number = max((int(path.stem) for path in _numbered(folder)), default=0)
    while True:
        number += 1
        target = folder / f"{number:04d}.jsonl"
        try:
            os.link(growing, target)
        except FileExistsError:
            continue
        return target


def _files(workspace: Path) -> list[Path]:
    """Return the files of entries in their order."""
    return sorted(_numbered(workspace / "layers" / "decisions"), key=lambda path: int(path.stem))


def _numbered(folder: Path) -> list[Path]:
    """Return the numbered files of a folder."""
    return [path for path in folder.glob("*.jsonl") if path.stem.isdecimal()]


def _read(path: Path) -> Iterator[dict[str, object]]:
    """Yield the entries of one file."""
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            entry = parsing.jsons(line.decode())
            complete = _is_entry(entry)
        except ValueError:
            complete = False
        if not complete:
            raise EntryError("entries.damaged", path=path, line=number)
        yield entry


def _is_entry(entry: object) -> bool:
    """Whether a line holds every column: texts, and a whole number of the row."""
    if not isinstance(entry, dict) or set(entry) != set(COLUMNS):
        return False
    texts_ = (entry[name] for name in COLUMNS if name != "row")
    row = entry["row"]
    return all(isinstance(text, str) for text in texts_) and type(row) is int and 0 <= row < 1 << 31
