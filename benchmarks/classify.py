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
SAMPLE = 20_000
"""Rows the row loop really does, and over which all contenders must agree."""

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
    return classify.supply_cases(tables, NO_LAND, on=ON, statutes=law.on(ON))["status"].to_numpy()


def _sentences(tables: dict[str, pd.DataFrame]) -> Any:
    """Classify with articles, sentences and evidence for every case."""
    cases = classify.cases(tables, NO_LAND, on=ON, statutes=law.on(ON))
    return cases["status"].to_numpy(dtype=object)


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
    return np.array([_status(row, pauses.get(row["supply_id"], [])) for row in rows], dtype=object)


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
    import polars as pl

    names = ["supply_id", *_EVENTS, "required_area", "developed_area", "planned_investment",
             "invested"]  # fmt: skip
    supply, pause = (pl.from_arrow(held) for held in _arrow(tables))
    days = [pl.col(name).cast(pl.Date) for name in _EVENTS]
    spans = [pl.col(name).cast(pl.Date) for name in ("begins_on", "ends_on")]
    return supply.select(names).with_columns(days), pause.with_columns(spans)


def _polars(given: Any) -> Any:
    """Classify with polars expressions: the same main statuses, the same pauses."""
    import polars as pl

    supply, pause = given
    on, col = pl.lit(ON), pl.col
    begun, stopped, done = (
        pl.when(col(n) <= on).then(col(n)) for n in ("commenced_on", "suspended_on", "completed_on")
    )
    past = lambda day, years: day.dt.offset_by(f"{years}y") < on  # noqa: E731
    frame = (
        supply.lazy().with_row_index("row").with_columns(begun=begun, stopped=stopped, done=done)
    )
    start = frame.select("supply_id", start=col("agreed_commencement_on"))
    spans = (
        pause.lazy()
        .filter(col("cause") != "E1", col("begins_on") <= on)
        .with_columns(last=pl.min_horizontal(col("ends_on").fill_null(on), on))
        .join(start, on="supply_id")
        .sort("supply_id", "begins_on", "last", "cause")
        .with_columns(reached=col("last").cum_max().shift().over("supply_id"))
        .with_columns(
            after=pl.max_horizontal(
                col("begins_on").dt.offset_by("-1d"), col("start"), col("reached")
            )
        )
        .with_columns(days=(col("last") - col("after")).dt.total_days().clip(0))
        .with_columns(earlier=col("days").cum_sum().over("supply_id") - col("days"))
        .with_columns(
            late=(
                (col("start") + pl.duration(days=col("earlier"))).dt.offset_by("2y")
                < col("begins_on")
            )
        )
        .filter(~col("late").cum_max().over("supply_id"))
        .group_by("supply_id")
        .agg(paused=col("days").sum())
    )
    frame = frame.join(spans, on="supply_id", how="left").with_columns(
        moved=col("agreed_commencement_on") + pl.duration(days=col("paused").fill_null(0))
    )
    wrong = (
        (col("signed_on") > on)
        | (col("done") < col("begun")) | (col("begun") < col("signed_on"))
        | (col("done") < col("signed_on")) | (col("stopped") < col("begun"))
        | (col("production_on") < col("begun"))
    )  # fmt: skip
    poor = past(col("done"), 2) & (col("invested") * 2 < col("planned_investment"))
    short = (col("developed_area") * 3 < col("required_area")) | (
        col("invested") * 4 < col("planned_investment")
    )
    is_done, is_begun = col("done").is_not_null(), col("begun").is_not_null()
    still = is_begun & col("stopped").is_not_null()
    ladder = [
        (wrong.fill_null(value=False), "undetermined"),
        (is_done & (col("production_on") > on), "not_in_production"),
        (is_done & poor, "underperforming"),
        (is_done, "finished"),
        (still & ~past(col("stopped"), 1), "suspended"),
        (still & short, "idle_suspended"),
        (still, "suspended_inefficient"),
        (is_begun & past(col("agreed_completion_on"), 2), "completion_overdue_two_years"),
        (is_begun & (col("agreed_completion_on") < on), "completion_overdue"),
        (is_begun, "in_progress"),
        (col("agreed_commencement_on") >= on, "not_due"),
        (~past(col("agreed_commencement_on"), 1), "overdue"),
        (past(col("moved"), 2), "idle_two_years"),
        (past(col("moved"), 1), "idle_one_year"),
    ]
    chosen: Any = pl
    for mask, status in ladder:
        chosen = chosen.when(mask).then(pl.lit(status))
    last = chosen.otherwise(pl.lit("idle_government"))
    found = frame.select("row", status=last).sort("row").collect()  # the join keeps no order
    return found["status"].to_numpy()


CONTENDERS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], str]] = {
    "columns only": (_same, _nothing, ""),
    READING: (_arrow, _read, ""),
    OURS: (_same, _classify, ""),
    "landuse.classify, with sentences": (_same, _sentences, ""),
    "Python, row by row (scaled up)": (_rows, _loop, ""),
    "polars expressions": (_frames, _polars, "polars"),
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
    wall, cpu = time.perf_counter(), time.process_time()
    found = act(given)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    scale = supplies / SAMPLE if act is _loop and supplies > SAMPLE else 1
    peak = _peak_mb()
    agrees = None if found is None else crc32("".join(found[:SAMPLE]).encode())
    figures = {"cpu_s": cpu * scale, "wall_s": wall * scale, "peak_mb": peak, "statuses": agrees}
    into.write_text(json.dumps(figures), encoding="utf-8")


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
    ours = runs[OURS][0]["statuses"]
    return {
        name: {
            **{key: median(r[key] for r in found) for key in ("cpu_s", "wall_s")},
            "peak_mb": median(r["peak_mb"] or 0.0 for r in found),
            "agrees": None if found[0]["statuses"] is None else found[0]["statuses"] == ours,
        }
        for name, found in runs.items()
    }


def _markdown(found: dict[str, dict[str, Any]]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| contender | cpu s | wall s | peak MB | cpu, reading = 1 | same statuses |"]
    lines += ["|---|---|---|---|---|---|"]
    reading = found[READING]["cpu_s"]
    for name, row in found.items():
        agrees = {None: "-", True: "yes", False: "NO"}[row["agrees"]]
        lines.append(
            f"| {name} | {row['cpu_s']:.2f} | {row['wall_s']:.2f} | {row['peak_mb']:.0f} | "
            f"{row['cpu_s'] / reading:.1f} | {agrees} |"
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
