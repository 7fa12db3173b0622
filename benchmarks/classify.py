"""
How long it takes to classify a city, a province, a country; and against whom.

`python -m benchmarks.classify --supplies 1000000 --pauses 200000` prints a Markdown table. Each
contender runs in a process of its own, in alternating rounds, on the same seeded columns. CPU
seconds are those of the call alone, of all its threads, without the making of what a contender
reads (row values, Arrow tables, polars frames); peak memory is that of the whole process,
and the row "columns only" says how much of it is there before the call. The yardstick is reading
the same columns once: an Arrow table to pandas, then one aggregate of every column.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import pandas as pd
import pyarrow as pa

from landuse import classify, law, schema

if TYPE_CHECKING:
    from collections.abc import Callable

ON = date(2018, 6, 30)
STATUTES = law.on(ON)
SAMPLE = 20_000
"""Rows the row loop really does, and over which all contenders must agree."""

SAME = ("status", "clock_from", "clock_basis", "gross_days", "paused_days", "net_days",
        "full_years", "next_status", "next_status_on", "causes", "invested_share",
        "developed_share", "fee_cny")  # fmt: skip
"""Columns in which contenders are held against ours."""

READING = "reading the columns once"
OURS = "landuse.classify, without sentences"
_EVENTS = ("signed_on", "agreed_commencement_on", "agreed_completion_on", "commenced_on",
           "suspended_on", "completed_on", "production_on")  # fmt: skip


def columns(supplies: int, pauses: int) -> dict[str, pd.DataFrame]:
    """Return seeded tables: a sixth not begun, a sixth being built, the rest completed."""
    draw = np.random.default_rng(411000)
    ids = pd.array([f"4110{n:012d}" for n in range(supplies)], dtype="str")
    stage = draw.integers(0, 6, supplies)
    signed = np.datetime64("2008-01-01", "s") + draw.integers(0, 3600, supplies) * 86_400
    table = {"supply_id": ids, "signed_on": signed}
    gaps = {"agreed_commencement_on": (100, 700), "agreed_completion_on": (600, 1500)}
    for name, (low, high) in gaps.items():
        table[name] = signed + draw.integers(low, high, supplies) * 86_400
    begun = signed + draw.integers(90, 500, supplies) * 86_400
    day = {
        "commenced_on": (stage > 0, begun),
        "suspended_on": (draw.random(supplies) < 0.05, begun + 200 * 86_400),
        "completed_on": (stage > 1, begun + draw.integers(300, 900, supplies) * 86_400),
        "production_on": (stage > 1, begun + draw.integers(700, 1500, supplies) * 86_400),
    }
    day["suspended_on"] = ((stage == 1) & day["suspended_on"][0], day["suspended_on"][1])
    for name, (there, when) in day.items():
        table[name] = np.where(there, when, np.datetime64("NaT"))
    for name in ("required_area", "developed_area", "planned_investment", "invested", "price"):
        table[name] = draw.integers(1, 100_000, supplies).astype(float)
    table["declared_area"] = draw.integers(1_000, 100_000, supplies).astype(float)
    waiting = np.flatnonzero(stage == 0)
    which = draw.choice(waiting, pauses)
    starts = signed[which] + draw.integers(100, 2000, pauses) * 86_400
    lasts = starts + draw.integers(10, 800, pauses) * 86_400
    pause = pd.DataFrame(
        {
            "supply_id": ids[which],
            "cause": draw.choice(["G2", "G6", "FM", "E1"], pauses),
            "begins_on": starts,
            "ends_on": np.where(draw.random(pauses) < 0.1, np.datetime64("NaT"), lasts),
        }
    )
    found = {role: schema.empty(role) for role in ("approval", "construction", "enterprise")}
    found["supply"] = schema.conform(pd.DataFrame(table), "supply")
    return found | {"pause": schema.conform(pause, "pause")}


NO_LAND = pd.DataFrame(
    columns=["approval_id", "supply_id", "cluster_id", "park_id", "part", "area_m2", "occupied_m2"]
)


def _nothing(_: Any) -> None:
    """Do nothing, to see what the columns take."""


def _arrow(tables: dict[str, pd.DataFrame]) -> list[pa.Table]:
    """Prepare the columns as Arrow holds them."""
    return [pa.Table.from_pandas(tables[role]) for role in ("supply", "pause")]


def _read(held: list[pa.Table]) -> None:
    """Bring every column into pandas and look at each of its cells once."""
    for table in held:
        frame = table.to_pandas()
        for name in frame:
            values = frame[name]
            values.max() if values.dtype.kind in "mMfib" else values.notna().sum()


def _classify(tables: dict[str, pd.DataFrame]) -> Any:
    """Classify without sentences."""
    return classify.supply_cases(tables, NO_LAND, on=ON, statutes=STATUTES)


def _sentences(tables: dict[str, pd.DataFrame]) -> Any:
    """Classify with articles, sentences and evidence for every case."""
    return classify.cases(tables, NO_LAND, on=ON, statutes=STATUTES)


def _same(given: Any) -> Any:
    """Prepare nothing."""
    return given


def _rows(tables: dict[str, pd.DataFrame]) -> tuple[list[Any], dict[str, list[Any]]]:
    """Prepare rows of Python values, as a script that reads CSV has them."""
    some = tables["supply"].iloc[:SAMPLE]
    pauses: dict[str, list[Any]] = {}
    kept = tables["pause"][tables["pause"]["supply_id"].isin(some["supply_id"])]
    for row in kept.itertuples():
        ends = None if pd.isna(row.ends_on) else row.ends_on.date()
        pauses.setdefault(row.supply_id, []).append((row.begins_on.date(), ends, row.cause))
    plain = some[["supply_id", *_EVENTS, "required_area", "developed_area", "planned_investment",
                  "invested"]].astype(object)  # fmt: skip
    rows = [
        {k: v.date() if isinstance(v, pd.Timestamp) else None if v is pd.NaT else v
         for k, v in row.items()}
        for row in plain.to_dict("records")
    ]  # fmt: skip
    return rows, pauses


def _loop(given: tuple[list[Any], dict[str, list[Any]]]) -> Any:
    """Classify one row after the other."""
    rows, pauses = given
    return {"status": [_status(row, pauses.get(row["supply_id"], [])) for row in rows]}


def _years(day: date, years: int) -> date:
    """Return the corresponding day some years later."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _status(row: dict[str, Any], pauses: list[Any]) -> str:  # noqa: PLR0911  a ladder
    """Return the main status of one supply in plain Python."""
    known = {k: None if row[k] is not None and row[k] > ON else row[k] for k in (
        "commenced_on", "suspended_on", "completed_on")}  # fmt: skip
    begun, stopped, done = known.values()
    production = row["production_on"]
    pairs = ((done, begun), (begun, row["signed_on"]), (done, row["signed_on"]),
             (stopped, begun), (production, begun))  # fmt: skip
    if row["signed_on"] > ON or any(a and b and a < b for a, b in pairs):
        return "undetermined"
    if done:
        if production and production > ON:
            return "not_in_production"
        poor = _years(done, 2) < ON and row["invested"] * 2 < row["planned_investment"]
        return "underperforming" if poor else "finished"
    if begun and stopped:
        if not _years(stopped, 1) < ON:
            return "suspended"
        short = row["developed_area"] * 3 < row["required_area"]
        short = short or row["invested"] * 4 < row["planned_investment"]
        return "idle_suspended" if short else "suspended_inefficient"
    finish, start = row["agreed_completion_on"], row["agreed_commencement_on"]
    if begun:
        late = "completion_overdue_two_years" if _years(finish, 2) < ON else "completion_overdue"
        return late if finish < ON else "in_progress"
    if start >= ON:
        return "not_due"
    if not _years(start, 1) < ON:
        return "overdue"
    moved = start + timedelta(days=_paused(start, pauses))
    if _years(moved, 2) < ON:
        return "idle_two_years"
    return "idle_one_year" if _years(moved, 1) < ON else "idle_government"


def _paused(start: date, pauses: list[Any]) -> int:
    """Count the days of lawful pauses once."""
    total, reached = 0, start
    for begins, ends, cause in sorted(pauses, key=lambda p: (p[0], min(p[1] or ON, ON), p[2])):
        if cause == "E1" or begins > ON:
            continue
        if _years(start + timedelta(days=total), 2) < begins:
            break
        last = min(ends or ON, ON)
        total += max(0, (last - max(begins - timedelta(days=1), reached)).days)
        reached = max(reached, last)
    return total


def _frames(tables: dict[str, pd.DataFrame]) -> Any:
    """Prepare polars frames of the columns used."""
    from benchmarks import classify_polars

    return classify_polars.frames(*_arrow(tables))


def _polars(given: Any) -> Any:
    """Classify with polars expressions: the same main statuses, the same pauses."""
    from benchmarks import classify_polars

    return classify_polars.statuses(given)


def _polars_clocks(given: Any) -> Any:
    """Classify with polars expressions, clocks, next steps, shares and fees too."""
    from benchmarks import classify_polars

    return classify_polars.clocks(given)


CONTENDERS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], str]] = {
    "columns only": (_same, _nothing, ""),
    READING: (_arrow, _read, ""),
    OURS: (_same, _classify, ""),
    "landuse.classify, with sentences": (_same, _sentences, ""),
    "Python, row by row (scaled up)": (_rows, _loop, ""),
    "polars expressions, status alone": (_frames, _polars, "polars"),
    "polars expressions, the same columns": (_frames, _polars_clocks, "polars"),
}


def _peak_mb() -> float | None:
    """Return the peak memory of this process in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measured(name: str, supplies: int, pauses: int, into: Path) -> None:
    """Run one contender in this process and write its figures."""
    prepare, act, _ = CONTENDERS[name]
    given = prepare(columns(supplies, pauses))
    scale = supplies / SAMPLE if act is _loop and supplies > SAMPLE else 1
    figures: dict[str, Any] = {}
    for call in ("first", "again"):
        wall, cpu = time.perf_counter(), time.process_time()
        found = act(given)
        figures[f"{call}_cpu_s"] = (time.process_time() - cpu) * scale
        figures[f"{call}_wall_s"] = (time.perf_counter() - wall) * scale
        figures["peak_mb"] = figures.get("peak_mb", _peak_mb())
    into.write_text(json.dumps(figures | {"found": _digests(found)}), encoding="utf-8")


def _digests(found: Any) -> dict[str, int]:
    """Return a number for what a contender says in each column of the first rows."""
    if found is None:
        return {}
    digests = {}
    for name in set(SAME) & set(found if isinstance(found, dict) else found.columns):
        cells = found[name] if isinstance(found, dict) else found[name][:SAMPLE].to_list()
        digests[name] = crc32("|".join(map(_told, cells)).encode())
    return digests


def _told(cell: Any) -> str:
    """Return a cell as text, however a library holds it."""
    if pd.isna(cell) or cell == "":
        return ""
    if isinstance(cell, str):
        return cell
    return str(cell)[:10] if isinstance(cell, date) else f"{float(cell):.12g}"


def _run(name: str, supplies: int, pauses: int) -> dict[str, Any]:
    """Run one contender in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "benchmarks.classify", "--only", name, "--into", str(into)]
        command += ["--supplies", str(supplies), "--pauses", str(pauses)]
        subprocess.run(command, check=True)
        figures: dict[str, Any] = json.loads(into.read_text(encoding="utf-8"))
        return figures


def _rounds(supplies: int, pauses: int, rounds: int) -> dict[str, dict[str, Any]]:
    """Run all contenders in alternating rounds; medians, and whether statuses agree with ours."""
    present = [name for name, (_, _, needs) in CONTENDERS.items() if not needs or find_spec(needs)]
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in present}
    for _ in range(rounds):
        for name in present:
            runs[name].append(_run(name, supplies, pauses))
    ours = runs[OURS][0]["found"]
    return {name: _summed(found, ours) for name, found in runs.items()}


def _summed(runs: list[dict[str, Any]], ours: dict[str, int]) -> dict[str, Any]:
    """Return medians and spread of the runs of a contender, and in what it agrees with ours."""
    said = runs[0]["found"]
    keys = [key for key in runs[0] if key.endswith("_s")]
    return {
        **{key: median(r[key] for r in runs) for key in keys},
        "spread": [[r[key] for r in runs] for key in ("first_cpu_s", "again_cpu_s")],
        "peak_mb": median(r["peak_mb"] or 0.0 for r in runs),
        "same": sorted(name for name in said if ours[name] == said[name]),
        "others": sorted(name for name in said if ours[name] != said[name]),
    }


def _markdown(found: dict[str, dict[str, Any]]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| contender | CPU s, first call | again | wall s | peak MB | of ours | same columns |"
    ]
    lines += ["|---|---|---|---|---|---|---|"]
    ours = found[OURS]
    for name, row in found.items():
        times = [
            f"{row[f'{call}_cpu_s']:.2f} ({min(spread):.2f} to {max(spread):.2f})"
            for call, spread in zip(("first", "again"), row["spread"], strict=True)
        ]
        ratios = " / ".join(f"{row[key] / ours[key]:.1f}" for key in ("first_cpu_s", "again_cpu_s"))
        agrees = f"{len(row['same'])}" + (f", NOT {row['others']}" if row["others"] else "")
        lines.append(
            f"| {name} | {times[0]} | {times[1]} | {row['first_wall_s']:.2f} | "
            f"{row['peak_mb']:.0f} | {ratios} | {agrees} |"
        )
    absent = [n for n, (_, _, needs) in CONTENDERS.items() if needs and not find_spec(needs)]
    return "\n".join([*lines, *(f"\nNot run: {name} (not installed)." for name in absent)])


def main() -> None:
    """Print the table, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, default=1_000_000)
    parser.add_argument("--pauses", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        _measured(given.only, given.supplies, given.pauses, given.into)
        return
    found = _rounds(given.supplies, given.pauses, given.rounds)
    print(f"{given.supplies} supplies, {given.pauses} pauses, {given.rounds} rounds\n")
    print(_markdown(found))
    if given.json:
        record = {"supplies": given.supplies, "pauses": given.pauses, "rows": found}
        given.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
