"""What is offered and placed, as tables people read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from landuse import texts, units
from landuse.matching.earlier import OUTCOMES
from landuse.sites.money import BOUNDS
from landuse.terms import State, Status, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.law import Statutes
    from landuse.matching import Match, Wishes
    from landuse.planning import Offer, Placement
    from landuse.texts import Lang

    Tables = dict[str, pd.DataFrame]
    Kinds = Mapping[str, Mapping[str, str]]

SITES: Kinds = {
    "sites": {
        "site_id": "text", "cluster_name": "text", "park_name": "text", "use": "text",
        "path": "text", "area_mu": "mu", "core_mu": "mu", "piece_count": "count", "long_m": "m2",
        "short_m": "m2", "compactness": "m2", "frontage_m": "m2", "networks": "text",
        "statuses": "text", "holders": "text", "seized_count": "count", "mortgaged_count": "count",
        "must": "text", "earliest_on": "day", "area_m2": "m2",
    },
    "plots": {
        "core_id": "text", "site_id": "text", "area_mu": "mu", "long_m": "m2", "short_m": "m2",
        "frontage_m": "m2", "road_m": "m2", "area_m2": "m2",
    },
    "members": {
        "site_id": "text", "piece_id": "text", "case_id": "text", "status": "text",
        "right_holder": "text", "area_m2": "m2", "area_mu": "mu",
    },
    "narrow": {
        "piece_id": "text", "case_id": "text", "cluster_name": "text", "use": "text",
        "status": "text", "area_m2": "m2", "area_mu": "mu", "rest_in": "text",
    },
    "terms": {
        "site_id": "text", "mode": "text", "fits": "text", "grant_years": "count",
        "lease_years": "count", "reason": "text", "articles": "text",
    },
    "money": {
        "site_id": "text", "item": "text", "low_cny": "yuan", "mid_cny": "yuan",
        "high_cny": "yuan",
    },
    "parameters": {
        "parameter_word": "text", "parameter": "text", "use": "text", "low": "rate", "mid": "rate",
        "high": "rate", "unit": "text", "basis": "text",
    },
    "functions": {
        "place": "text", "place_name": "text", "function": "text", "area_mu": "mu", "share": "rate",
        "idle_mu": "mu", "idle_share": "rate", "mix_now": "rate", "mix_then": "rate",
        "norm_low": "rate", "norm_high": "rate", "norm": "text", "source": "text",
    },
    "services": {
        "place": "text", "place_name": "text", "kind": "text", "length_m": "m2",
        "km_per_km2": "m2", "covered_share": "rate", "idle_covered_share": "rate",
        "norm_low": "m2", "norm": "text", "source": "text",
    },
    "parks": {
        "park_name": "text", "theme": "text", "declared_name": "text", "host_name": "text",
        "relation": "text", "inside_share": "rate", "area_mu": "mu",
        **{state.value: "mu" for state in State},
    },
    "park_land": {
        "purpose": "text", "park_name": "text", "cluster_name": "text", "site_id": "text",
        "area_mu": "mu", "distance_m": "m2", "path": "text", "earliest_on": "day",
    },
}  # fmt: skip
SITES_PRINTED = (
    "site_id", "cluster_name", "use", "path", "area_mu", "core_mu", "long_m", "short_m",
    "frontage_m", "must", "earliest_on",
)  # fmt: skip
MATCH: Kinds = {
    "placed": {
        "project_id": "text", "project_name": "text", "site_id": "text", "of_site": "text",
        "area_mu": "mu", "share_of_site": "rate", "long_m": "m2", "short_m": "m2", "score": "rate",
        "industry": "rate", "theme": "rate", "fit": "rate", "road": "rate", "compact": "rate",
        "ready": "rate",
    },
    "unplaced": {
        "project_id": "text", "project_name": "text", "need_mu": "mu", "cause": "text",
        "cluster": "count", "use": "count", "theme": "count", "day": "count", "network": "count",
        "area": "count",
    },
    "alternatives": {
        "project_id": "text", "project_name": "text", "rank": "count", "site_id": "text",
        "score": "rate", "is_free": "text",
    },
    "left": {"site_id": "text", "area_mu": "mu", "taken_mu": "mu", "left_mu": "mu"},
    "earlier": {
        "project_id": "text", "project_name": "text", "site_id": "text", "outcome": "text",
    },
    "wishes": {"wish": "text", "value": "rate", "unit": "text"},
}  # fmt: skip


def words(values: pd.Series, section: str, lang: Lang) -> list[str]:
    """Return keys, or several joined by +, as words."""
    return [texts.words(str(value), section, lang) for value in values.astype(object).fillna("")]


def _statuses(values: pd.Series, lang: Lang) -> list[str]:
    """Return statuses, or several joined by +, as their labels."""
    return ["、".join(label(Status(v), lang) for v in value.split("+") if v) for value in values]


def _names(tables: Mapping[str, pd.DataFrame], place: str) -> dict[str, str]:
    """Return the name of each cluster or park."""
    rows = tables[place][[f"{place}_id", f"{place}_name"]].dropna()
    return dict(rows.itertuples(index=False, name=None))


def raw_sites(found: Offer) -> Tables:
    """Return the tables of an offer without shapes, identifiers untranslated."""
    return {
        "sites": pd.DataFrame(found.sites.drop(columns="geometry")),
        "plots": pd.DataFrame(found.plots.drop(columns="geometry")),
        "members": found.members,
        "narrow": pd.DataFrame(found.narrow.drop(columns="geometry")),
        "networks": found.networks,
        "terms": found.terms,
        "money": found.money,
        "parameters": found.parameters,
        "functions": found.functions,
        "services": found.services,
        "parks": found.parks,
        "park_land": found.park_land,
    }


def sites(
    raw: Tables, tables: Mapping[str, pd.DataFrame], statutes: Statutes, lang: Lang
) -> Tables:
    """
    Return the tables of `landuse sites` as people read them.

    Parameters
    ----------
    raw
        What `raw_sites` returns.
    tables
        Tables of the workspace, for names.
    statutes
        The law of the day: where the norms are cited from.
    lang
        Language of the words.
    """
    clusters, parks = _names(tables, "cluster"), _names(tables, "park")
    rules = {key: statutes.find(f"planning.{key}") for key in ("mix", "road_density")}
    sources = {key: rule.citation if rule else "" for key, rule in rules.items()}
    near = texts.distances(raw["networks"].itertuples(index=False, name=None), lang)
    names = ("sites", "plots", "members", "narrow", "terms")
    table, plot, member, narrow, term = (raw[name] for name in names)
    yes = {True: texts.say("sites.yes", lang), False: texts.say("sites.no", lang)}
    fits = term["fits"].astype(object).where(term["fits"].notna(), None)
    return {
        "sites": table.assign(
            cluster_name=table["cluster_id"].map(clusters),
            park_name=table["park_id"].map(parks),
            use=words(table["use"], "sites.function", lang),
            path=words(table["path"], "sites.path", lang),
            must=words(table["must"], "sites.must", lang),
            statuses=_statuses(table["statuses"], lang),
            networks=table["site_id"].map(near),
            area_mu=units.mu(table["area_m2"]),
            core_mu=units.mu(table["core_m2"]),
        ),
        "plots": plot.assign(area_mu=units.mu(plot["area_m2"])),
        "members": member.assign(
            status=_statuses(member["status"], lang), area_mu=units.mu(member["area_m2"])
        ),
        "narrow": narrow.assign(
            cluster_name=narrow["cluster_id"].map(clusters),
            use=words(narrow["use"], "sites.function", lang),
            status=_statuses(narrow["status"], lang),
            area_mu=units.mu(narrow["area_m2"]),
        ),
        "terms": term.assign(
            mode=words(term["mode"], "sites.mode", lang),
            reason=words(term["reason"], "sites.reason", lang),
            fits=[texts.say("sites.unknown", lang) if f is None else yes[bool(f)] for f in fits],
        ),
        "money": raw["money"].assign(item=words(raw["money"]["item"], "sites.item", lang)),
        "parameters": parameters(raw["parameters"], lang),
        **_places(raw, {**clusters, **parks}, sources, lang),
        **_parks(raw, clusters, parks, lang),
    }


def parameters(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return the parameters of money in the units shown, with where each comes from."""
    wan = table["parameter"].isin(["tax_mu", "appraisal_mu", "reserve_mu"])
    scale = wan.map({True: 1 / units.FACTORS["wan_yuan"], False: 1.0})
    basis = [
        texts.say(f"sites.basis_{row.basis}", lang, count=row.count_, source=row.source)
        for row in table.rename(columns={"count": "count_"}).itertuples()
    ]
    return table.assign(
        parameter_word=words(table["parameter"], "sites.parameter", lang),
        use=words(table["use"], "sites.function", lang),
        unit=[texts.say(f"sites.unit_{'wan_mu' if w else 'share'}", lang) for w in wan],
        basis=basis,
        **{bound: table[bound] * scale for bound in BOUNDS},
    )


def _places(
    raw: Tables, names: Mapping[str, str], sources: Mapping[str, str], lang: Lang
) -> Tables:
    """Return functions and networks of clusters and parks as people read them."""
    function, service = raw["functions"], raw["services"]
    cited = {
        "functions": function["norm"].ne("").map({True: sources["mix"], False: ""}),
        "services": service["norm"].ne("").map({True: sources["road_density"], False: ""}),
    }
    shown = {
        name: table.assign(
            place_name=table["place_id"].map(names),
            place=words(table["place"], "sites.place", lang),
            norm=words(table["norm"], "sites.norm", lang),
            source=cited[name],
        )
        for name, table in (("functions", function), ("services", service))
    }
    return {
        "functions": shown["functions"].assign(
            function=words(function["function"], "sites.function", lang),
            area_mu=units.mu(function["area_m2"]),
            idle_mu=units.mu(function["idle_m2"]),
        ),
        "services": shown["services"].assign(
            kind=[texts.word(k, "sites.network", lang) for k in service["kind"]]
        ),
    }


def _parks(
    raw: Tables, clusters: Mapping[str, str], parks: Mapping[str, str], lang: Lang
) -> Tables:
    """Return the register of parks and the land for parks as people read them."""
    park, land = raw["parks"], raw["park_land"]
    return {
        "parks": park.assign(
            park_name=park["park_id"].map(parks),
            declared_name=park["declared_cluster"].map(clusters),
            host_name=park["host_cluster"].map(clusters),
            relation=words(park["relation"], "sites.relation", lang),
            area_mu=units.mu(park["area_m2"]),
            **{s.value: units.mu(park[s.value]) for s in State},
        ),
        "park_land": land.assign(
            park_name=land["park_id"].map(parks),
            cluster_name=land["cluster_id"].map(clusters),
            purpose=words(land["purpose"], "sites.purpose", lang),
            path=words(land["path"], "sites.path", lang),
            area_mu=units.mu(land["area_m2"]),
        ),
    }


def raw_match(found: Placement) -> Tables:
    """Return the tables of a placement without shapes, identifiers untranslated."""
    about = found.grounds[["project_id", "site_id", "of_site", "long_m", "short_m"]]
    return {
        "placed": found.match.placed.merge(about, on=["project_id", "site_id"], how="left"),
        "unplaced": found.match.unplaced,
        "alternatives": found.match.alternatives,
        "left": found.match.left,
        "earlier": found.match.earlier,
    }


def proof(found: Match, lang: Lang) -> str:
    """Return how good a placement is known to be, and what became of an earlier one."""
    score = float(found.placed.drop_duplicates("project_id")["score"].sum())
    share = found.gap / (score + found.gap) if found.gap else 0.0
    key = "proven" if found.is_proven else "unproven"
    said = texts.say(f"matching.{key}", lang, most=found.most, share=f"{share:.1%}")
    if not len(found.earlier):
        return said
    counts = {name: int((found.earlier["outcome"] == name).sum()) for name in OUTCOMES}
    gain = 0.0 if math.isnan(found.gain) else found.gain
    return said + texts.say("matching.earlier", lang, **counts, gain=f"{gain:.3f}")


def match(raw: Tables, projects: pd.DataFrame, lang: Lang) -> Tables:
    """Return the tables of `landuse match` as people read them."""
    known = projects.drop_duplicates("project_id").set_index("project_id")
    yes = {True: texts.say("sites.yes", lang), False: texts.say("sites.no", lang)}
    named = {
        name: raw[name].assign(project_name=raw[name]["project_id"].map(known["project_name"]))
        for name in ("placed", "unplaced", "alternatives", "earlier")
    }
    left = raw["left"]
    return {
        "placed": named["placed"].assign(area_mu=units.mu(raw["placed"]["area_m2"])),
        "unplaced": named["unplaced"].assign(
            need_mu=units.mu(raw["unplaced"]["project_id"].map(known["area_needed"])),
            cause=words(raw["unplaced"]["cause"], "matching.cause", lang),
        ),
        "alternatives": named["alternatives"].assign(
            is_free=raw["alternatives"]["is_free"].map(yes)
        ),
        "earlier": named["earlier"].assign(
            outcome=words(raw["earlier"]["outcome"], "matching.outcome", lang)
        ),
        "left": left.assign(
            area_mu=units.mu(left["area_m2"]),
            taken_mu=units.mu(left["taken_m2"]),
            left_mu=units.mu(left["left_m2"]),
        ),
    }


def wishes(chosen: Wishes, lang: Lang) -> pd.DataFrame:
    """Return the limits and weights a placement was made by."""
    metres = texts.say("matching.unit_m", lang)
    kinds = {*chosen.network_m, *(kind for own in chosen.needs.values() for kind in own)}
    word = {kind: texts.word(kind, "sites.network", lang) for kind in kinds}
    rows = [
        (
            texts.say(f"matching.column_{name}", lang),
            weight,
            texts.say("matching.unit_weight", lang),
        )
        for name, weight in chosen.weights.items()
    ]
    rows += [(word[kind], most, metres) for kind, most in chosen.network_m.items()]
    for project, asked in chosen.needs.items():
        rows += [(f"{project} {word[kind]}", most, metres) for kind, most in asked.items()]
    for name in ("need_m", "together_m", "road_m"):
        rows.append((texts.say(f"matching.wish_{name}", lang), getattr(chosen, name), metres))
    share = texts.say("matching.unit_share", lang)
    rows.append((texts.say("matching.wish_least_part", lang), chosen.least_part, share))
    return pd.DataFrame(rows, columns=["wish", "value", "unit"])
