"""Compiled functions give what the plain ones give, to the last bit, and prove only what is so."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, affinity, box

from benchmarks import fabric
from landuse import geometry, kernels, partition, rings
from tests.test_partition import workspace
from tests.test_partition_properties import FAR, HARD, ON, _boxes, _bytes, _conserved, _layer

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")


def both(tables, monkeypatch):
    """Return a partition made plain, and one made by compiled functions."""
    made = []
    for pays in (10**9, 0):
        monkeypatch.setattr(partition, "PAYS", pays)
        made.append(partition.pieces(tables, on=ON))
    return made


def ring(points, centre=FAR):
    return Polygon(np.asarray(points, dtype=float) + centre)


def wave(count, radius, depth, phase=0.0):
    """Return a ring of many vertices on a millimetre grid."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    length = radius + depth * np.sin(19 * angle + phase)
    return ring((np.stack([np.cos(angle), np.sin(angle)], axis=1) * length[:, None]).round(3))


def colliding(count):
    """Return points whose search in the table of numbers begins in one slot."""
    from landuse.kernels.hashing import _ODD, _OTHER, slot_of

    x = np.arange(200_000, dtype=float) / 8
    bits = x.view(np.uint64)
    y = np.zeros(1).view(np.uint64)
    with np.errstate(over="ignore"):
        keys = bits * _ODD ^ (y + _ODD) * _OTHER
    same = [k for k in range(len(x)) if slot_of(keys[k], np.uint64(1023)) == 7][:count]
    return np.stack([x[same], np.zeros(len(same))], axis=1)


HARDER = {
    "rings of thousands of vertices": (
        {"A": wave(6_000, 900, 40), "B": wave(3_000, 300, 20, 1.0)},
        {"S": wave(5_000, 880, 40, 0.4), "T": wave(2_500, 500, 60)},
    ),
    "the same ring again, a millimetre off": (
        {"A": wave(400, 90, 5)},
        {f"S{k}": affinity.translate(wave(400, 90, 5), k / 1_000, 0) for k in range(4)},
    ),
    "rings in rings in rings": (
        {
            f"A{k}": wave(60, 200 - 20 * k, 2).difference(wave(60, 190 - 20 * k, 2))
            for k in range(9)
        },
        {
            f"S{k}": wave(60, 195 - 20 * k, 2).difference(wave(60, 185 - 20 * k, 2))
            for k in range(9)
        },
    ),
    "a supply outside, one that touches a corner, one that shares a side": (
        {"A": box(0, 0, 50, 50)},
        {"S": box(90, 90, 99, 99), "T": box(50, 50, 60, 60), "U": box(50, 10, 60, 20)},
    ),
    "a checkerboard of corners": (
        {"A": box(0, 0, 80, 80)},
        {
            f"S{x}{y}": box(x, y, x + 10, y + 10)
            for x in range(0, 80, 10)
            for y in range(x % 20, 80, 20)
        },
    ),
    "one long edge through many small shapes": (
        {"A": ring([(0, 0), (9_000, 300), (9_000, 301), (0, 1)])},
        {
            f"S{k}": ring([(90 * k, 0), (90 * k + 60, 0), (90 * k + 60, 400), (90 * k, 400)])
            for k in range(99)
        },
    ),
}


@needs_numba
@pytest.mark.parametrize("name", [*HARD, *HARDER])
def test_hard_land_is_the_same_land(name, monkeypatch):
    shapes = (HARD | HARDER)[name]
    tables = workspace(approval=shapes[0], supply=shapes[1])
    plain, compiled = both(tables, monkeypatch)
    assert _bytes(compiled) == _bytes(plain)
    _conserved(compiled, tables)


@needs_numba
@settings(max_examples=25, deadline=None)
@given(
    approvals=_boxes,
    supplies=_boxes,
    footprints=_boxes,
    turn=st.sampled_from([0, 0, 17.3]),
    shift=st.sampled_from([(0, 0), FAR]),
)
def test_any_boxes_are_the_same_land(approvals, supplies, footprints, turn, shift):
    tables = workspace(
        approval=_layer("approval", approvals, shift, turn),
        supply=_layer("supply", supplies, shift, turn),
        construction=_layer("construction", footprints, shift, turn),
    )
    with pytest.MonkeyPatch.context() as patch:
        plain, compiled = both(tables, patch)
    assert _bytes(compiled) == _bytes(plain)


@needs_numba
def test_the_fabric_is_the_same_land(monkeypatch):
    """Surveyed again, shifted, bow-ties, spikes, holes, several blocks and threads."""
    monkeypatch.setattr(partition.tiling, "BLOCK", 300)
    plain, compiled = both(fabric.tables(800), monkeypatch)
    assert _bytes(compiled) == _bytes(plain)
    assert (compiled.accounts["residual_m2"].abs() <= 1e-6).all()


@needs_numba
def test_keys_that_collide_stay_apart():
    from landuse.kernels import hashing
    from landuse.partition import noding

    points = colliding(150)
    points = np.concatenate([points, points[::-1], -points[:1] * 0.0])
    for one, other in zip(hashing.numbered(points), noding._numbered(points), strict=True):
        np.testing.assert_array_equal(one, other)
    keys = np.arange(0, 2**40, 2**31)
    keys = np.concatenate([keys, keys])
    for one, other in zip(hashing.grouped(keys), noding.grouped(keys), strict=True):
        np.testing.assert_array_equal(one, other)


@needs_numba
@pytest.mark.parametrize("edges", [1, 7, 900])
def test_cuts_are_put_in_one_order(edges):
    from landuse.partition import noding

    rng = np.random.default_rng(edges)
    edge, node = rng.integers(0, edges, 2_000), rng.permutation(2_000)
    place = rng.integers(0, 99, 2_000) / 99  # many at one place
    plain = noding._along_edges(edge, place, node, edges)
    with kernels.used(pays=True):
        np.testing.assert_array_equal(noding._along_edges(edge, place, node, edges), plain)


def test_plain_keys_that_collide_stay_apart(monkeypatch):
    from landuse.partition import noding

    points = np.random.default_rng(3).integers(0, 9, (200, 2)).astype(float)
    kept, number = noding._numbered(points)
    monkeypatch.setattr(noding, "_PRIME_X", np.uint64(0))
    monkeypatch.setattr(noding, "_PRIME_Y", np.uint64(0))
    again, numbers = noding._numbered(points)
    np.testing.assert_array_equal(kept[number], points)
    np.testing.assert_array_equal(again[numbers], points)
    assert len(kept) == len(again) == len(np.unique(points, axis=0))


_place = st.tuples(st.integers(0, 6), st.integers(0, 6))


@needs_numba
@settings(max_examples=200, deadline=None)
@given(st.lists(_place, min_size=3, max_size=9), st.sampled_from([(0, 0), FAR]))
def test_only_simple_rings_are_proved_simple(places, shift):
    polygon = ring(places, shift)
    with kernels.used(pays=True):
        assert geometry.is_valid(np.array([polygon]))[0] == shapely.is_valid(polygon)


@needs_numba
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(_place, st.integers(1, 4), st.booleans()), min_size=2, max_size=4),
    st.sampled_from([(0, 0), FAR]),
)
def test_only_valid_shapes_of_several_rings_are_proved_valid(drawn, shift):
    """Holes outside, in holes and across, parts in parts, parts that touch in a corner."""
    corners = [
        np.array(ring(box(x, y, x + s, y + s).exterior.coords, shift).exterior.coords)
        for (x, y), s, _ in drawn
    ]
    polygons: list[list[np.ndarray]] = []
    for points, (_, _, is_hole) in zip(corners, drawn, strict=True):
        if is_hole and polygons:
            polygons[-1].append(points)
        else:
            polygons.append([points])
    shape = shapely.MultiPolygon([Polygon(p[0], p[1:]) for p in polygons])
    with kernels.used(pays=True):
        assert geometry.is_valid(np.array([shape]))[0] == shapely.is_valid(shape)


_RINGS = {
    "waves": wave(900, 90, 9),
    "a ring of six thousand": wave(6_000, 900, 40),
    "a box": box(0, 0, 1, 2),
    "a hole": box(0, 0, 9, 9).difference(box(2, 2, 4, 4)),
    "parts apart": shapely.union_all([box(0, 0, 1, 1), box(2, 0, 3, 1), box(5, 5, 6, 6)]),
    "rings around rings": wave(60, 200, 2).difference(wave(60, 190, 2)),
}


@needs_numba
def test_plain_shapes_are_proved_valid_without_geos(monkeypatch):
    shapes = np.array(list(_RINGS.values()))
    monkeypatch.setattr(shapely, "is_valid", lambda shapes: np.zeros(len(shapes), dtype=bool))
    with kernels.used(pays=True):
        assert geometry.is_valid(shapes).all()
    assert not geometry.is_valid(shapes).any()


@needs_numba
def test_a_part_within_a_part_is_left_to_geos(monkeypatch):
    nested = shapely.MultiPolygon([box(0, 0, 9, 9), box(2, 2, 4, 4)])
    island = shapely.MultiPolygon([box(0, 0, 9, 9).difference(box(1, 1, 8, 8)), box(2, 2, 4, 4)])
    asked = []
    monkeypatch.setattr(
        shapely, "is_valid", lambda shapes: asked.extend(shapes) or len(shapes) == 0
    )
    with kernels.used(pays=True):
        geometry.is_valid(np.array([nested, island]))
    assert asked == [nested, island]


@pytest.mark.parametrize("pays", [pytest.param(True, marks=needs_numba), False])
def test_areas_of_rings_are_the_areas_of_shapes(pays):
    shapes = np.array(list(_RINGS.values()))
    taken = rings.taken(shapes)
    with kernels.used(pays=pays):
        np.testing.assert_allclose(taken.areas(len(shapes)), shapely.area(shapes), rtol=1e-15)


@pytest.mark.parametrize("pays", [pytest.param(True, marks=needs_numba), False])
@pytest.mark.parametrize("seed", range(8))
def test_shapes_are_packed_as_geos_writes_them(pays, seed):
    many = shapely.MultiPolygon([_RINGS["rings around rings"], box(0, 0, 1, 1)])
    known = [*_RINGS.values(), many, shapely.MultiPolygon([box(0, 0, 1, 1)])]
    shapes = np.array(known, dtype=object)[np.random.default_rng(seed).permutation(len(known))]
    several = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    with kernels.used(pays=pays):
        content, begins = rings.taken(shapes).wkb(several)
        column = geometry.packed(shapes)
    wkb = shapely.to_wkb(shapes).tolist()
    assert column.tolist() == wkb
    assert content.tobytes() == b"".join(wkb)
    assert np.diff(begins).tolist() == list(map(len, wkb))


@pytest.mark.parametrize("pays", [pytest.param(True, marks=needs_numba), False])
def test_what_is_empty_or_has_heights_is_packed_too(pays):
    odd = [shapely.Polygon(), shapely.MultiPolygon(), shapely.force_3d(box(0, 0, 1, 1), 7.0)]
    for shapes in ([], odd, *([each] for each in odd)):
        with kernels.used(pays=pays):
            column = geometry.packed(np.array(shapes, dtype=object))
        assert column.tolist() == [shapely.to_wkb(each) for each in shapes]


@pytest.mark.parametrize("of_one", [0, 1, 3])
@pytest.mark.parametrize("several", [0, 1, 2])
def test_rings_become_the_shapes_they_were_taken_from(of_one, several):
    shapes = [box(k, 0, k + 0.5, 1) for k in range(of_one)]
    shapes += [
        shapely.MultiPolygon([box(k, 2, k + 0.2, 3), box(k + 0.5, 2, k + 0.9, 3)])
        for k in range(several)
    ]
    shapes = np.array(shapes, dtype=object)
    assert list(rings.taken(shapes).shapes()) == list(shapes)


def test_without_numba_the_plain_functions_answer(monkeypatch):
    monkeypatch.setattr(kernels, "present", lambda: False)
    monkeypatch.setattr(kernels, "import_module", None)
    monkeypatch.setattr(partition, "PAYS", 0)
    made = partition.pieces(workspace(approval={"A": box(0, 0, 9, 9)}), on=ON)
    assert made.pieces["area_m2"].tolist() == [81]


def test_small_work_stays_plain(monkeypatch):
    monkeypatch.setattr(kernels, "import_module", None)
    partition.pieces(workspace(approval={"A": box(0, 0, 9, 9)}), on=ON)


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_left_as_it_was(was_on):
    import gc

    (gc.enable if was_on else gc.disable)()
    try:
        with kernels.undisturbed():
            assert not gc.isenabled()
        assert gc.isenabled() == was_on
    finally:
        gc.enable()


def test_the_switch_is_left_as_it_was():
    with kernels.used(pays=True), kernels.used(pays=False) as inner:
        assert not inner
    with kernels.used(pays=False) as on:
        assert not on
