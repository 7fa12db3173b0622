"""
What the law says about a case and what it asks next, told in short beside a parcel on the map.

The words are those of the decision sheet (`landuse explain`), made by the same functions: `told`
gives them for every case the law asks something about, `view` and `articles` for one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import facts
from landuse.brief import articles
from landuse.brief.view import Found, View, every, of
from landuse.papers.blocks import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from landuse.papers.blocks import Block
    from landuse.texts import Lang

__all__ = ["Found", "View", "of", "teller", "told"]


def told(found: Found, lang: Lang = "zh") -> pd.DataFrame:
    """
    Tell the articles and the steps of the law for every case that has steps to be taken.

    Parameters
    ----------
    found
        What a run found.
    lang
        Language of the texts.

    Returns
    -------
    told
        Indexed by case_id: `law` (each article with its text where it was read and how certain it
        is) and `steps` (each step with its days), one line each, joined by line breaks.

    Raises
    ------
    LawError
        If a rule that is needed is not in force on the day.
    """
    known: dict[Any, str] = {}
    told_before: dict[Any, Text] = {}
    ids, law, steps = [], [], []
    for view in every(found, articles.having_steps(found), lang, articles.COLUMNS):
        key = view.case["articles"], view.case["line"], view.causes
        if key not in known:
            known[key] = _lines(articles.cited(view))
        ids.append(str(view.case["case_id"]))
        law.append(known[key])
        steps.append(_lines(articles.steps(view, told_before)))
    return pd.DataFrame({"law": law, "steps": steps}, index=pd.Index(ids, name="case_id"))


def _lines(blocks: Iterable[Block]) -> str:
    """Return the texts of blocks, one line each."""
    return "\n".join(block.text for block in blocks if isinstance(block, Text))


def teller(found: Found, lang: Lang = "zh") -> Callable[[Any], pd.DataFrame]:
    """
    Return what tells (`told`) of parts of what a run found; of a city everything is told once.

    Of more cases than `KEPT`, each part is told when it is asked for, so that memory is bounded.
    """
    whole = cache(lambda: told(found, lang))

    def tell(part: Any) -> pd.DataFrame:
        if len(found.cases) > KEPT:
            return told(part, lang)
        return whole()[facts.among(whole().index, part.cases["case_id"])]

    return tell


KEPT = 200_000
"""Cases of a city whose texts are kept between its maps."""
