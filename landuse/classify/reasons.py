"""
Why a case has its status, in one sentence, with the articles and the evidence beside it.

Every number in a sentence comes from the case or from the statutes in force on the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse import texts
from landuse.classify import coded, remarks, values, wording
from landuse.terms import STATE_OF, State, Status

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from landuse.law import Statutes
    from landuse.texts import Lang

_ARTICLES: dict[Status, tuple[str, ...]] = {
    Status.UNEXPROPRIATED: ("approvals.lapse_years",),
    Status.LAPSED: ("approvals.lapse_years",),
    Status.OCCUPIED: ("approvals.occupied_is_unsupplied",),
    Status.NOT_DELIVERED: ("idle_land.government_causes",),
    Status.NOT_DUE: ("idle_land.not_commenced_years",),
    Status.OVERDUE: ("idle_land.not_commenced_years",),
    Status.IDLE_ONE_YEAR: ("idle_land.not_commenced_years", "idle_land.fee_share"),
    Status.IDLE_TWO_YEARS: ("idle_land.not_commenced_years", "idle_land.recovery_years"),
    Status.IDLE_GOVERNMENT: (
        "idle_land.not_commenced_years",
        "idle_land.government_causes",
        "idle_land.disposal_menu",
    ),
    Status.COMPLETION_OVERDUE_TWO_YEARS: ("inefficient.completion_overdue_years",),
    Status.SUSPENDED: ("idle_land.suspended_years",),
    Status.IDLE_SUSPENDED: ("idle_land.suspended_years", "idle_land.disposal_menu"),
    Status.SUSPENDED_INEFFICIENT: ("idle_land.suspended_years",),
    Status.UNDERPERFORMING: ("inefficient.underperforming_share",),
}
"""Rules a status leans on; what leans on no rule of law names none."""

_DELIVERY_BASES = ("delivered_on", "agreed_delivery_on")
_CONTRADICTED = {"signed_on": "undetermined_unsigned", "supply_id": "undetermined_conflict"}
_STOP: dict[str, str] = {"zh": "。", "en": "."}
_LINK: dict[str, str] = {"zh": "；", "en": "; "}


def rules_of(status: Status) -> tuple[str, ...]:
    """Return the keys of the rules a status leans on."""
    return _ARTICLES.get(status, ())


def articles(cases: pd.DataFrame, statutes: Statutes) -> pd.Series:
    """
    Return the documents and articles each case leans on, joined by ；.

    Raises
    ------
    LawError
        If one of them is not in force on the day.
    """
    noted, basis = cases["remarks"].cat, cases["clock_basis"]
    derived = basis.isin(_DELIVERY_BASES).to_numpy()
    kinds = len(noted.categories)
    status = coded.of(cases["status"]).astype(np.int64)
    place, there = coded.numbered((status * 2 + derived) * kinds + noted.codes.to_numpy())
    cited = []
    for found in there:
        word, is_derived = coded.STATUSES[found // kinds // 2], bool(found // kinds % 2)
        rules = [statutes[key].citation for key in _ARTICLES.get(Status(word), ())]
        if is_derived:
            rules.append(statutes["idle_land.start_after_delivery_years"].citation)
        codes = noted.categories[found % kinds].split(remarks.SEPARATOR)
        rules += [remarks.citation(code, statutes) for code in remarks.RULES if code in codes]
        cited.append("；".join(rule for rule in rules if rule))
    written = pc.take(pa.array(cited, pa.large_string()), pa.array(place))
    return coded.written(written).set_axis(cases.index)


def sentences(cases: pd.DataFrame, on: date, statutes: Statutes, lang: Lang) -> pd.Series:
    """
    Return one sentence a case.

    Parameters
    ----------
    cases
        Cases with what `supply_cases` and `approval_cases` add to the contract's columns.
    on
        The day asked for.
    statutes
        The law in force on it.
    lang
        Language of the sentences.

    Raises
    ------
    LawError
        If a rule whose number a sentence names is not in force on the day.
    """
    law, keys = _numbers(statutes), _keys(cases)
    plain = wording.by_key(
        keys,
        {key: texts.template(f"reason.{key}", lang) for key in keys.cat.categories},
        lambda rows: values.Values(cases.iloc[rows], on, law, lang),
    )
    return _extended(coded.written(plain).set_axis(cases.index), cases, lang)


def _keys(cases: pd.DataFrame) -> pd.Series:
    """Name the sentence of each case."""
    code = coded.of(cases["status"]).astype(np.int64)
    names = [*coded.STATUSES, "in_progress_open", "lapsed_withdrawn", *_CONTRADICTED.values()]
    missing = cases["missing"].cat
    building = code == coded.CODE[Status.IN_PROGRESS]
    code[building & cases["clock_from"].isna().to_numpy()] = names.index("in_progress_open")
    if "withdrawn_on" in cases:
        withdrawn = cases["withdrawn_on"].notna().to_numpy()
        code[(code == coded.CODE[Status.LAPSED]) & withdrawn] = names.index("lapsed_withdrawn")
    undetermined = code == coded.CODE[Status.UNDETERMINED]
    for name, key in _CONTRADICTED.items():
        if name in missing.categories:
            lacks = missing.codes.to_numpy() == missing.categories.get_loc(name)
            code[undetermined & lacks] = names.index(key)
    place, there = coded.numbered(code)
    return pd.Series(coded.words(place, [names[n] for n in there]))


def _extended(sentences: pd.Series, cases: pd.DataFrame, lang: Lang) -> pd.Series:
    """Add the remarks of cases to their sentences, and the phase or parcel they go with."""
    noted, follows = cases["remarks"], cases["follows"]
    more = np.flatnonzero((noted != "").to_numpy() | (follows != "").to_numpy())
    if not len(more):
        return sentences
    told = [
        _longer(sentence, note, parcel, lang)
        for sentence, note, parcel in zip(
            sentences.iloc[more], noted.iloc[more], follows.iloc[more], strict=True
        )
    ]
    longer = sentences.astype(object).to_numpy(copy=True)
    longer[more] = told
    return pd.Series(longer, index=sentences.index, dtype="str")


def _longer(sentence: str, noted: str, follows: str, lang: Lang) -> str:
    """Add the remarks of a case to its sentence, and the phase or parcel it is decided with."""
    if noted:
        stop = _STOP[lang]
        clauses = [texts.say(f"reason.remark_{code}", lang) for code in noted.split("；")]
        sentence = _LINK[lang].join([sentence.removesuffix(stop), *clauses]) + stop
    if follows:
        return texts.say("reason.follows", lang, follows=follows, sentence=sentence)
    return sentence


def _numbers(statutes: Statutes) -> dict[str, Any]:
    """Return the numbers of the law that sentences name."""
    return {
        "one": statutes["idle_land.not_commenced_years"].amount,
        "two": statutes["idle_land.recovery_years"].amount,
        "halt": statutes["idle_land.suspended_years"].amount,
        "third": statutes["idle_land.developed_share"].amount,
        "quarter": statutes["idle_land.invested_share"].amount,
        "late": statutes["inefficient.completion_overdue_years"].amount,
        "lapse": statutes["approvals.lapse_years"].amount,
    }


def evidence(cases: pd.DataFrame, lang: Lang, least_m2: float) -> pd.Series:
    """
    Say whether built footprints agree with the papers; they change no status.

    Parameters
    ----------
    cases
        Cases with `footprint_share` (missing where nothing was measured) and `area_m2`.
    lang
        Language of the sentence.
    least_m2
        Footprint in m² below which nothing is said to stand.
    """
    share = cases["footprint_share"].to_numpy()
    stands = share * cases["area_m2"].to_numpy() >= least_m2
    code = coded.of(cases["status"])
    seen = ~np.isnan(share) & (code != coded.CODE[Status.UNDETERMINED])
    seen &= (cases["kind"] == "supply").to_numpy()
    names = (
        "evidence_papers", "evidence_agree", "evidence_built", "evidence_bare", "evidence_unseen",
    )  # fmt: skip
    key = np.where(seen, 1, 0)
    key[seen & stands & _of_state(code, State.SUPPLIED_UNBUILT)] = 2
    key[seen & ~stands & _of_state(code, State.COMPLETED)] = 3
    key[seen & ~stands & _of_state(code, State.BUILT_UNFINISHED)] = 4
    place, there = coded.numbered(key)
    keys = pd.Series(coded.words(place, [names[n] for n in there]))
    told = wording.by_key(
        keys,
        {name: texts.template(f"reason.{name}", lang) for name in keys.cat.categories},
        lambda rows: {"share": values.percents(share[rows])},
    )
    return coded.written(told).set_axis(cases.index)


def _of_state(code: coded.Codes, state: State) -> NDArray[np.bool_]:
    """Whether each status refines a state."""
    return coded.is_any(code, [status for status in Status if STATE_OF[status] == state])
