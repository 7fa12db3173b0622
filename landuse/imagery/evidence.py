"""
What is seen on each parcel, how sure that is, and whether it agrees with the papers.

Evidence, never a verdict: no state changes by it. What a grade rests on stands in its sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from landuse import texts
from landuse.imagery import parcels as papers_room
from landuse.imagery.observing import FEWEST_PIXELS
from landuse.terms import Agreement, Seen, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.imagery.observing import Observed
    from landuse.texts import Lang

    Values = NDArray[Any]

SURE = 0.8
"""Confidence from which a contradiction is a conflict; below it is a doubt."""
LEAST_SEEN = 0.5
"""Share of a parcel that must be free of clouds and nodata."""
FALSE_ALARMS = 0.05
"""Share of unchanged parcels that the limit of change lets through."""
_FEW_STABLE = 20
_CLASSES = {
    "built": Seen.BUILT.value,
    "building": Seen.BUILDING.value,
    "bare": Seen.BARE.value,
    "vegetation": Seen.VEGETATION.value,
    "water": Seen.OPEN.value,
}
_FOOTPRINT = 0.1  # share of a parcel under footprints from which it is not open land
_MOSTLY = 0.5  # share of vegetation from which a parcel is green


def limits(seen: Observed, certain: pd.DataFrame) -> pd.DataFrame:
    """
    Return from which score a parcel counts as changed, for each earlier date.

    Returns
    -------
    limits
        since, limit, basis (``certain``: what 5 % of parcels exceed whose papers exclude a change;
        ``spread``: three robust standard deviations above the middle of all), parcels.
    """
    last = seen.dates["on"].max() if len(seen.dates) else pd.NaT
    rows = []
    for since, group in seen.changes.groupby("since", sort=True):
        holds = papers_room.holding(certain, since, last)
        scores = group.set_index("parcel")["change"]
        stable = scores.reindex(certain.loc[holds, "parcel"]).dropna()
        if len(stable) >= _FEW_STABLE:
            limit: Any = stable.quantile(1 - FALSE_ALARMS)
            basis, count = "certain", len(stable)
        else:
            known = scores.dropna()
            middle = known.median()
            limit = middle + 3 * 1.4826 * (known - middle).abs().median()
            basis, count = "spread", len(known)
        rows.append((since, float(limit), basis, count))
    return pd.DataFrame(rows, columns=["since", "limit", "basis", "parcels"])


def evidence(
    table: pd.DataFrame,
    seen: Observed,
    told: pd.DataFrame,
    limit: pd.DataFrame,
    drawn: pd.DataFrame,
    lang: Lang = "zh",
) -> pd.DataFrame:
    """
    Return what is seen of each parcel and how it stands to the papers.

    Parameters
    ----------
    table
        Parcels (`parcels.parcels`).
    seen
        What scenes show of them, by position.
    told
        What class maps say of them (`others.told`).
    limit
        From which score a parcel counts as changed (`limits`).
    drawn
        What footprints say of them (`footprints.told`).
    lang
        Language of the sentences.

    Returns
    -------
    evidence
        One row a parcel, index of `table`: case_id, kind, since, on, seen (`Seen`), source
        (``scene``, ``class_map`` or ""), confidence (0 to 1), whole_pixels, seen_share, the
        indices with their errors, built_share, built_share_se, vegetation_share, change, limit,
        is_changed, map_on, map_built_share, footprint_on,
        footprint_share, papers, grade (`Agreement`), sentence.
    """
    made = _last_seen(table, seen)
    made = _compared(table, made, seen, limit)
    made = _words(made, seen)
    made = _class_maps(made, told)
    others = drawn.set_index("parcel").reindex(np.arange(len(made))).set_axis(made.index)
    made = made.assign(footprint_on=pd.to_datetime(others["footprint_on"]))
    made["footprint_share"] = others["footprint_share"].astype(float)
    made["papers"] = papers_room.papers(table, made["on"].fillna(made["map_on"]))
    made["grade"] = _grades(made, table["commenced_on"])
    facts = made.assign(commenced_on=table["commenced_on"], completed_on=table["completed_on"])
    made["sentence"] = [_sentence(row, lang) for row in facts.itertuples()]
    made.insert(0, "case_id", table["case_id"])
    made.insert(1, "kind", table["kind"])
    return made


def _last_seen(table: pd.DataFrame, seen: Observed) -> pd.DataFrame:
    """Return the figures of the last date on which each parcel is seen, else of the last date."""
    rows = seen.dates.assign(
        is_seen=(seen.dates["seen_share"] >= LEAST_SEEN)
        & (seen.dates["whole_pixels"] >= FEWEST_PIXELS)
    )
    last = rows.sort_values(["is_seen", "on"]).groupby("parcel").tail(1).set_index("parcel")
    made = last.reindex(np.arange(len(table))).set_axis(table.index)
    made["on"] = pd.to_datetime(made["on"])
    return made.assign(is_seen=made["is_seen"].eq(other=True))


def _compared(
    table: pd.DataFrame, made: pd.DataFrame, seen: Observed, limit: pd.DataFrame
) -> pd.DataFrame:
    """Add since, change, limit and is_changed: from the last date before works began, if any."""
    anchor = table["commenced_on"].fillna(table["signed_on"]).to_numpy()
    count = len(table)
    since = np.full(count, np.datetime64("NaT"), "datetime64[s]")
    score, bound = np.full(count, np.nan), np.full(count, np.nan)
    is_last = made["is_seen"] & (made["on"] == seen.dates["on"].max())
    for when, most in zip(limit["since"], limit["limit"], strict=True):
        group = seen.changes[seen.changes["since"] == when].set_index("parcel")
        group = group.reindex(np.arange(count))
        usable = is_last & (group["compared_share"].to_numpy() >= LEAST_SEEN)
        day = pd.Timestamp(when).to_datetime64()
        better = usable.to_numpy() & (np.isnat(since) | (day < anchor))
        since[better], bound[better] = day, most
        score[better] = group["change"].to_numpy()[better]
    changed = np.where(np.isnan(score), np.nan, score >= bound)
    return made.assign(since=since, change=score, limit=bound, is_changed=changed)


def _words(made: pd.DataFrame, seen: Observed) -> pd.DataFrame:
    """Add what is seen, and how sure that is."""
    share, green = made["built_share"], made["vegetation_share"]
    fits = {pd.Timestamp(on): fit for on, fit in seen.fits.items()}
    cut = made["on"].map({on: fit.share for on, fit in fits.items()})
    spread = made["on"].map({on: fit.spread for on, fit in fits.items()})
    is_green, is_built = green >= _MOSTLY, share >= cut
    is_changed = made["is_changed"] == 1
    word: Any = np.select(
        [
            made["seen_share"] < LEAST_SEEN,
            made["whole_pixels"] < FEWEST_PIXELS,
            is_built & ~(is_green & (green > share)),
            is_green,
            share.isna() & green.isna(),
            is_changed,
            share.isna(),
        ],
        [Seen.HIDDEN, Seen.SMALL, Seen.BUILT, Seen.VEGETATION, "", Seen.BUILDING, Seen.OPEN],
        Seen.BARE,
    )
    by_share = ndtr((share - cut).abs() / spread)
    by_green = ndtr((green - _MOSTLY).abs() / 0.2)
    sure = np.where(word == Seen.VEGETATION, by_green, by_share)
    sure = np.where(np.isnan(sure), np.where(word == Seen.OPEN, by_green, 0.5), sure)
    sure = sure * made["seen_share"] * np.minimum(1, made["whole_pixels"] / (2 * FEWEST_PIXELS))
    is_said = ~np.isin(word, [Seen.HIDDEN, Seen.SMALL, ""])
    return made.assign(
        seen=np.where(made["on"].isna() | (word == ""), Seen.HIDDEN.value, word.astype(str)),
        source=np.where(is_said, "scene", ""),
        confidence=np.where(is_said, sure, np.nan),
    )


def _class_maps(made: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """
    Add what the last class map says; where no scene says anything, that is what is seen.

    A class that holds less than half of a parcel says nothing of it: the rest may be a class
    without a name.
    """
    usable = told[(told["what"] != "light") & (told["whole_pixels"] >= FEWEST_PIXELS)]
    newest = usable[usable["on"] == usable.groupby("parcel")["on"].transform("max")]
    shares = newest.pivot_table(index="parcel", columns="what", values="value", aggfunc="max")
    shares = shares.reindex(np.arange(len(made))).set_axis(made.index)
    day = newest.groupby("parcel")["on"].max().reindex(np.arange(len(made)))
    made = made.assign(map_on=pd.to_datetime(day.to_numpy()), map_built_share=np.nan)
    if not len(shares.columns):
        return made
    if "built" in shares:
        made["map_built_share"] = shares["built"]
    most = shares.fillna(0).idxmax(axis=1).map(_CLASSES)
    takes = (made["source"] == "") & (shares.max(axis=1) >= _MOSTLY)
    made.loc[takes, "seen"] = most[takes]
    made.loc[takes, "confidence"] = shares.max(axis=1)[takes]
    made.loc[takes, "source"] = "class_map"
    return made


def _grades(made: pd.DataFrame, commenced_on: pd.Series) -> Values:
    """
    Return how what is seen stands to the papers.

    Bare soil can be works or idle land: against a start on paper it speaks only if it has not
    changed since a scene from before the start. Where a class map, or footprints drawn by then,
    side with the papers, a conflict is a doubt.
    """
    papers, seen = made["papers"], made["seen"]
    is_built, is_works = seen == Seen.BUILT, seen == Seen.BUILDING
    is_open = seen.isin([Seen.BARE, Seen.VEGETATION, Seen.OPEN])
    is_still = made["is_changed"] == 0
    is_before = made["since"] < commenced_on
    is_green = seen == Seen.VEGETATION
    expected = {"completed": is_built, "started": is_built | is_works, "not_started": is_open}
    against = {
        "completed": is_open & (is_still | is_green),
        "started": is_open & is_still & is_before,
        "not_started": is_built,
    }
    agrees = pd.Series(data=False, index=made.index)
    conflicts = agrees.copy()
    for said, rows in expected.items():
        agrees |= (papers == said) & rows
        conflicts |= (papers == said) & against[said]
    is_mute = (papers == "started") & is_open & ~is_green & ~is_before
    is_against = made["map_built_share"].notna() & (
        (made["map_built_share"] >= _MOSTLY) != is_built
    )
    day = made["on"].fillna(made["map_on"])
    is_against |= is_open & (made["footprint_on"] <= day) & (made["footprint_share"] >= _FOOTPRINT)
    sure = (made["confidence"] >= SURE) & ~is_against
    grade: Values = np.select(
        [(made["source"] == "") | (papers == "unknown") | is_mute, agrees, conflicts & sure],
        [Agreement.NONE, Agreement.AGREE, Agreement.CONFLICT],
        Agreement.DOUBT,
    )
    return grade.astype(str)


def _sentence(row: Any, lang: Lang) -> str:
    """Return the papers and the imagery of one parcel in one sentence."""
    if not row.source:
        key = "small" if row.seen == Seen.SMALL else "hidden"
        told = {"pixels": int(np.nan_to_num(row.whole_pixels)), "fewest": FEWEST_PIXELS}
        shown = 0.0 if pd.isna(row.seen_share) else row.seen_share
        return texts.say(f"imagery.{key}", lang, **told, share=f"{shown:.0%}")
    day = {"started": row.commenced_on, "completed": row.completed_on}.get(row.papers, pd.NaT)
    papers = texts.say(f"imagery.papers_{row.papers}", lang)
    if not pd.isna(day):
        papers += texts.say("imagery.papers_day", lang, day=day.date())
    on = row.on if row.source == "scene" else row.map_on
    facts = [texts.say("imagery.seen", lang, seen=label(Seen(row.seen), lang))]
    if not pd.isna(row.is_changed):
        key = "changed" if row.is_changed else "unchanged"
        facts.append(texts.say(f"imagery.{key}", lang, since=row.since.date()))
    if not pd.isna(row.built_share):
        both = {"share": f"{row.built_share:.0%}", "error": f"{row.built_share_se:.0%}"}
        facts.append(texts.say("imagery.share", lang, **both))
    if not pd.isna(row.map_built_share):
        facts.append(
            texts.say(
                "imagery.map", lang, day=row.map_on.date(), share=f"{row.map_built_share:.0%}"
            )
        )
    if not pd.isna(row.footprint_share):
        both = {"day": row.footprint_on.date(), "share": f"{row.footprint_share:.0%}"}
        facts.append(texts.say("imagery.footprints", lang, **both))
    joined = texts.say("imagery.comma", lang).join(facts)
    sure = f"{row.confidence:.0%}"
    return texts.say(
        "imagery.sentence", lang, papers=papers, day=on.date(), facts=joined, sure=sure
    )
