"""What is to be done, by whom and where, how far it has come, and the target of the year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse import entries, units
from landuse.bulletin.saying import day, heads, mu, rule, say, share
from landuse.papers import Bars, Table, Text
from landuse.terms import INEFFICIENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from landuse.bulletin.saying import Results
    from landuse.papers import Block
    from landuse.texts import Lang


def duties(results: Results, lang: Lang) -> Iterator[Block]:
    """Say how many cases have a deadline, by office and by cluster; the others are no duties."""
    city = results.totals["city"]
    figures = city["duties"]
    told = entries.disposal(results.entries, results.cases)
    cases = results.cases.assign(**{name: told[name] for name in ("is_reported", "is_done")})
    cases = cases[cases["due_on"].notna()]
    done = int(cases["is_done"].sum())
    yield Text("section", say("section_duties", lang))
    said = {
        "count": figures["count"],
        "mu": mu(figures["area_m2"]),
        "due": figures["this_year"],
        "year": results.on.year,
        "done": done,
        "rate": _rate(done, figures["count"]),
        "whole": city["count"],
        "rest": city["count"] - figures["count"],
    }
    yield Text("line", say("duties", lang, **said))
    yield Text("line", say("done" if cases["is_reported"].any() else "done_unknown", lang, **said))
    by_lead = _finished(cases, cases["lead"].fillna(""))
    leads = sorted(figures["leads"].items(), key=lambda item: (-item[1]["count"], item[0]))
    rows = [_row(name or "—", part, by_lead.get(name)) for name, part in leads]
    columns = ("count", "mu", "due", "done", "done_rate")
    widths = (0.28, 0.12, 0.18, 0.15, 0.15, 0.12)
    if rows:
        yield Text("caption", say("by_lead", lang))
        yield Table(heads(lang, "lead", *columns), tuple(rows), widths)
    by_cluster = _finished(cases, cases["cluster_id"].fillna(""))
    listed = [
        _row(
            c["cluster_name"] or say("outside", lang),
            c["duties"],
            by_cluster.get(c["cluster_id"]),
        )
        for c in results.totals["clusters"]
    ]
    if listed:
        whole = _finished(cases, pd.Series("", index=cases.index)).get("")
        listed.append(_row(say("city", lang), figures, whole))
        yield Text("caption", say("by_cluster", lang))
        yield Table(heads(lang, "cluster", *columns), tuple(listed), widths, is_dense=True)


def _finished(cases: pd.DataFrame, groups: pd.Series) -> dict[str, int]:
    """Return how many cases of a group are done; nothing of one that has reported none."""
    sums = cases[["is_reported", "is_done"]].groupby(groups).sum()
    known = sums[sums["is_reported"] > 0]["is_done"]
    return {str(name): int(count) for name, count in known.items()}


def _row(name: str, part: Mapping[str, Any], finished: int | None) -> tuple[str, ...]:
    """Return one row of duties; dashes where nobody has reported."""
    return (
        name,
        str(part["count"]),
        mu(part["area_m2"]),
        str(part["this_year"]),
        "—" if finished is None else str(finished),
        "—" if finished is None else _rate(finished, part["count"]),
    )


def _rate(part: int, whole: int) -> str:
    """Return a share of cases."""
    return share(part / whole if whole else None)


def target(results: Results, lang: Lang) -> Iterator[Block]:
    """Say how idle land goes towards the end of the year, by which the plan wants none left."""
    city = results.totals["city"]
    idle = city["idle"]
    yield Text("section", say("section_target", lang))
    if rule(results, "targets.revitalise_by"):
        yield Text("line", say("target_plan", lang))
    slow = [
        state["statuses"][status]
        for state in city["states"].values()
        for status in state["statuses"]
        if status in INEFFICIENT
    ]
    left = (pd.Timestamp(results.on.year, 12, 31) - pd.Timestamp(results.on)).days
    said = {
        "idle": idle["count"],
        "mu": mu(idle["area_m2"]),
        "slow": sum(part["count"] for part in slow),
        "slow_mu": mu(sum(part["area_m2"] for part in slow)),
        "days": left,
        "pace": mu(idle["area_m2"] / max(left / 30.4, 1)),
    }
    yield Text("line", say("target_left", lang, **said))
    yield from _way(results, lang)


def _way(results: Results, lang: Lang) -> Iterator[Block]:
    """Show the months of the year against the line to none left, where runs were kept."""
    series = results.past.series
    is_own = (series["place"] == "city") & (series["measure"] == "idle")
    months = series[is_own & (series["day"].dt.year == results.on.year)].sort_values("day")
    if len(months) < 2:
        yield Text("line", say("one_month", lang))
        return
    first, now = months.iloc[0], months.iloc[-1]
    gap = now["area_m2"] - now["target_m2"]
    less = first["area_m2"] - now["area_m2"]
    said = {
        "since": day(first["day"].date(), lang),
        "first": mu(first["area_m2"]),
        "less": mu(abs(less)),
        "share": share(abs(less) / first["area_m2"] if first["area_m2"] else None),
        "gap": mu(abs(gap)),
        "target": mu(now["target_m2"]),
    }
    yield Text("line", say("way_less" if less >= 0 else "way_more", lang, **said))
    yield Text("line", say("behind" if gap > 0 else "ahead_of", lang, **said))
    title = say("chart_target", lang)
    yield Text("caption", title)
    names = (say("idle_left", lang), say("may_be_left", lang))
    bars = tuple(
        (str(row.month), (units.mu(row.area_m2), units.mu(row.target_m2)))
        for row in months.itertuples()
    )
    yield Bars(names, bars, "columns", title)
