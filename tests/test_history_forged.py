"""
Kept files that say what nobody kept, each with the right hash: refused, or told by judging again.

A hash proves that a file is what its record names. Who can write into the folder can write a record
too, so what stands in a file is doubted on its own: no line of code comes out, and no figure of a
list or of totals that do not fit each other.
"""

import copy
import hashlib
import json
from contextlib import suppress
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from kept_runs import JULY, kept, write

from landuse import history, replay
from landuse.errors import LanduseError
from landuse.history import believed, frames, record, reel, rules
from landuse.history.store import FAULTS
from landuse.replay import listing, proof

JUNK = (None, "x", -1, 7.5, True, [], ["a"], {}, {"a": 1}, 10**30, "\0", "2018-02-30")


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """A workspace with one run of July, as it was kept."""
    root = tmp_path_factory.mktemp("honest")
    write(root)
    kept(root, JULY, date(2018, 8, 1))
    return root


@pytest.fixture
def forge(honest):
    """Put a forged record of July into the history, the newest one, and take it away again."""
    store = history.Store(honest)
    first = said(honest)

    def forged(**changes):
        told = {**first.said(), **changes}
        record.write(store, SimpleNamespace(number=2, said=lambda: told))
        return honest

    yield forged
    store.record(2).unlink(missing_ok=True)


def said(root, number=1):
    return record.read(history.Store(root).record(number))


def put(root, content, suffix=".parquet"):
    return history.Store(root).put(content, suffix)


def refused(root):
    """Whether every reader refuses run 2: it is named, and no figure of it is shown."""
    readers = (
        lambda: history.load(root, 2),
        lambda: history.film(root),
        lambda: history.series(root),
        lambda: replay.diff(root, "#1", "#2"),
    )
    for reads in readers:
        with pytest.raises(LanduseError) as caught:
            reads()
        assert "0002.json" in str(caught.value)
    return True


def leaves(value, path=()):
    """Yield the way to every value of a JSON."""
    if path:
        yield path
    items = (
        value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    )
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def set_at(whole, path, value):
    """Return a JSON with another value in one place; `...` takes the place out."""
    changed = copy.deepcopy(whole)
    at = changed
    for key in path[:-1]:
        at = at[key]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed


CASES = {
    "a case left out": lambda t: t[1:],
    "a case twice": lambda t: pd.concat([t, t[:1]], ignore_index=True),
    "one case in the place of another": lambda t: pd.concat([t[:-1], t[:1]], ignore_index=True),
    "another status": lambda t: t.assign(status="finished", state="completed"),
    "a status of another state": lambda t: t.assign(status="finished"),
    "no status there is": lambda t: t.assign(status="moon"),
    "no status": lambda t: t.assign(status=pd.Series([None] * len(t), dtype="str")),
    "another kind": lambda t: t.assign(kind="moon"),
    "no name": lambda t: t.assign(case_id=pd.Series([None] * len(t), dtype="str")),
    "areas doubled": lambda t: t.assign(area_m2=t["area_m2"] * 2),
    "an area without end": lambda t: t.assign(area_m2=np.inf),
    "areas as text": lambda t: t.assign(area_m2=t["area_m2"].astype("str")),
    "areas as whole numbers": lambda t: t.assign(area_m2=t["area_m2"].astype("int64")),
    "another cluster": lambda t: t.assign(cluster_id="C9"),
    "days as text": lambda t: t.assign(due_on=t["due_on"].astype("str")),
    "no list at all": lambda t: t[[]],
    "one column too few": lambda t: t.drop(columns="area_m2"),
    "of no measure": lambda t: t.drop(columns="measures"),
}


@pytest.mark.parametrize("how", CASES)
def test_a_list_that_does_not_fit_is_refused(forge, honest, how):
    cases = frames.unpacked(history.Store(honest).get(said(honest).cases))
    root = forge(cases=put(honest, frames.packed(CASES[how](cases))))
    assert refused(root)


BYTES = {
    "nothing": b"",
    "no Parquet": b"PAR1" * 9,
    "text": "甲".encode(),
    "nested without end": b"[" * 9_000,
    "null": b"null",
    "a list": b"[1]",
    "half a pair": b'"\\ud800"',
    "no UTF-8": b"\xff\xfe",
}


def no_note():
    held = pa.BufferOutputStream()
    pq.write_table(pa.table({"case_id": ["a"]}), held)
    return held.getvalue().to_pybytes()


def cut_inside():
    """Parquet whose ends are sound and whose pages are not."""
    content = bytearray(frames.packed(pd.DataFrame({"a": [f"文本{n}" for n in range(500)]})))
    content[4:200] = bytes(196)
    return bytes(content)


@pytest.mark.parametrize("what", ["cases", "totals", "law", "table", "keys"])
@pytest.mark.parametrize("content", [*BYTES.values(), no_note(), cut_inside()])
def test_bytes_that_are_nothing_are_refused(forge, honest, what, content):
    name = put(honest, content, ".json" if what in {"totals", "law"} else ".parquet")
    if what in {"table", "keys"}:
        tables = said(honest).tables
        root = forge(tables={**tables, "supply": {**tables["supply"], what: name}})
    else:
        root = forge(**{what: name})
    with pytest.raises(LanduseError, match=r"0002\.json"):
        history.load(root, 2)


def tolerated(reads):
    """Whether something can be read, or is refused by naming the history."""
    try:
        reads()
    except LanduseError as err:
        return "history" in str(err)
    return True


def others(path, old):
    """Return what cannot stand in the place of a figure of totals."""
    if path[-1] == "count":
        return [*JUNK, old + 1, -1 - old, float(old), ...]
    if path[-1] == "area_m2":
        return [*(x for x in JUNK if type(x) not in {int, float}), old + 1.0, -1.0 - old, ...]
    return [*JUNK, ...]


def test_no_figure_of_totals_can_be_changed_alone(honest):
    """Every figure that a curve or a comparison draws is held against the cases."""
    july = said(honest)
    cases, totals = history.figures(history.Store(honest), july)

    def tried(content):
        with pytest.raises(FAULTS):
            believed.totals(content, "2018-07-31", cases)

    many = 0
    for path in leaves(totals):
        if not {"states", "idle"} & set(path) or path[0] not in {"city", "clusters"}:
            continue
        old = totals
        for key in path:
            old = old[key]
        for value in others(path, old):
            tried(json.dumps(set_at(totals, path, value)).encode())
            many += 1
    assert many > 1_000
    content = history.totals_text(totals)
    place = content.index(b'"area_m2": ') + len(b'"area_m2": ')
    for word in (b'"\\ud800"', b"1e999", b"NaN", b"-Infinity", b"1" * 5_000):
        tried(content[:place] + word + content[content.index(b",", place) :])
    for name in ("on", "city", "clusters", "parks"):
        tried(json.dumps({k: v for k, v in totals.items() if k != name}).encode())


def test_anything_in_the_place_of_anything_else_of_totals_breaks_nothing(honest):
    july = said(honest)
    cases, totals = history.figures(history.Store(honest), july)
    rest = [path for path in leaves(totals) if not {"states", "idle"} & set(path)]
    assert len(rest) > 50
    for n, path in enumerate(rest):
        changed = set_at(totals, path, (*JUNK, ...)[n % (len(JUNK) + 1)])
        with suppress(FAULTS):
            believed.totals(json.dumps(changed).encode(), "2018-07-31", cases)
            reel.figures(JULY, changed)


def test_anything_in_the_place_of_anything_of_a_record_is_refused_or_listed(forge, honest):
    plain = said(honest).said()
    ways = list(leaves(plain))
    assert len(ways) > 100
    for n, path in enumerate(ways):
        root = forge(**set_at(plain, path, (*JUNK, ...)[n % (len(JUNK) + 1)]))
        assert tolerated(lambda: listing.runs(history.runs(root), "市", "zh"))  # noqa: B023
        if n % 4 == 0:
            assert tolerated(lambda: history.load(root, 2))  # noqa: B023


INPUTS = {
    "a row too few": lambda t: t[1:],
    "a column as text": lambda t: t.assign(declared_area=t["declared_area"].astype("str")),
    "a day as text": lambda t: t.assign(signed_on=t["signed_on"].astype("str")),
    "numbers as objects": lambda t: t.assign(price=t["price"].astype("object")),
    "no identifier": lambda t: t.drop(columns="supply_id"),
    "no source": lambda t: t.drop(columns="source_row"),
}


@pytest.mark.parametrize("how", INPUTS)
def test_an_input_of_another_form_is_refused(forge, honest, how):
    tables = said(honest).tables
    entry = tables["supply"]
    table = INPUTS[how](frames.unpacked(history.Store(honest).get(entry["table"])))
    new = {**entry, "table": put(honest, frames.packed(table))}
    root = forge(tables={**tables, "supply": new})
    with pytest.raises(LanduseError, match=r"0002\.json"):
        history.load(root, 2)


FACTS = {
    "an identifier twice": lambda t: t.assign(supply_id="S1"),
    "no identifiers": lambda t: t.assign(supply_id=pd.Series([None] * len(t), dtype="str")),
    "no days": lambda t: t.assign(signed_on=pd.NaT, agreed_commencement_on=pd.NaT),
    "an area without end": lambda t: t.assign(declared_area=np.inf, price=-np.inf),
    "hostile names": lambda t: t.assign(right_holder="=1+1\0\u202e</script>"),
    "another day": lambda t: t.assign(agreed_commencement_on=pd.Timestamp("1677-09-22")),
    "rows from nowhere": lambda t: t.assign(source_row=-(2**63)),
}


@pytest.mark.parametrize("how", FACTS)
def test_other_facts_are_told_by_judging_again(forge, honest, how):
    tables = said(honest).tables
    entry = tables["supply"]
    table = frames.unpacked(history.Store(honest).get(entry["table"]))
    dtypes = table.dtypes
    table = FACTS[how](table).astype(dtypes)
    root = forge(tables={**tables, "supply": {**entry, "table": put(honest, frames.packed(table))}})
    same = proof.verify(root)[1].verdict
    # where a row stood in its file is no fact of a case
    assert same == "same" if how == "rows from nowhere" else same != "same"
    assert tolerated(lambda: replay.snapshot(root, "2018-07-15@2018-08-01"))


SHAPES = {
    "a point": shapely.Point(1, 1),
    "a line": shapely.LineString([(0, 0), (1, 1)]),
    "an empty polygon": shapely.Polygon(),
    "one that crosses itself": shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]),
    "far away": shapely.box(1e300, 1e300, 1.1e300, 1.1e300),
    "without end": shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)]),
    "none": None,
}


@pytest.mark.parametrize("how", SHAPES)
def test_another_shape_is_refused_or_told_by_judging_again(forge, honest, how):
    store = history.Store(honest)
    keys, shapes = frames.digests(np.array([SHAPES[how]] * 3, dtype=object))
    store.put_shapes(shapes)
    tables = said(honest).tables
    entry = {**tables["supply"], "keys": put(honest, frames.packed_keys(keys))}
    root = forge(tables={**tables, "supply": entry})
    assert proof.verify(root)[1].verdict != "same"
    assert tolerated(lambda: replay.diff(root, "#1", "#2"))


@pytest.mark.parametrize("content", [b"", b"\x01\x03\x00\x00\x00\xff\xff\xff\xff"])
@pytest.mark.parametrize("is_named_so", [True, False])
def test_a_geometry_that_is_none_or_another_is_refused(forge, honest, content, is_named_so):
    store = history.Store(honest)
    key = hashlib.sha256(content if is_named_so else b"another").digest()
    pack = frames.packed_shapes({key: content})
    path = store.shapes / f"{hashlib.sha256(pack).hexdigest()}.parquet"
    path.write_bytes(pack)
    tables = said(honest).tables
    entry = {**tables["supply"], "keys": put(honest, frames.packed_keys([key] * 3))}
    root = forge(tables={**tables, "supply": entry})
    with pytest.raises(LanduseError) as caught:
        history.load(root, 2)
    path.unlink()
    assert "0002.json" in str(caught.value) if is_named_so else path.name in str(caught.value)


def test_a_law_with_anything_in_the_place_of_anything_is_refused_or_told(forge, honest):
    store = history.Store(honest)
    plain = json.loads(store.get(said(honest).law))
    key = "idle_land.fee_share"
    layer = {key: plain[0][key]}
    for n, path in enumerate(leaves(layer)):
        for step in range(15):
            value = (*JUNK, ..., {"fraction": "1/0"}, {"day": "x"})[step]
            changed = [{**plain[0], **set_at(layer, path, value)}, *plain[1:]]
            with suppress(FAULTS):
                rules.packed(rules.unpacked(json.dumps(changed).encode()))
            if n % 3 == 0 and step == n % 15:
                root = forge(law=put(honest, json.dumps(changed).encode(), ".json"))
                assert tolerated(lambda: replay.diff(root, "#1", "#2"))  # noqa: B023


def test_what_is_forged_throughout_only_judging_again_tells(forge, honest):
    """A list and totals that fit each other are believed; `history --verify` tells them."""
    store = history.Store(honest)
    july = said(honest)
    cases, _ = history.figures(store, july)
    root = forge(cases=put(honest, frames.packed(cases.assign(right_holder="某某公司"))))
    assert history.load(root, 2).cases["right_holder"].eq("某某公司").all()
    assert [one.verdict for one in proof.verify(root)] == ["same", "other_cases"]
