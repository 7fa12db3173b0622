"""Clipping at clean crossings gives what GEOS gives, or leaves it to GEOS; never anything else."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, affinity, box

from benchmarks import fabric
from landuse import kernels, partition
from landuse.partition import clipping, cutting, overlay
from tests.test_partition_properties import FAR, ON

WAYS = [
    pytest.param(True, marks=pytest.mark.skipif(not find_spec("numba"), reason="no numba")),
    False,
]


def clipped(shapes, pairs, others):
    """Clip shapes by the others each is paired with."""
    shapes, others = np.array(shapes, dtype=object), np.array(others, dtype=object)
    which, what = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return clipping.clipped(shapes, shapely.area(shapes), which, what, others)


def land(made, group):
    """Return what of a group is under and what is not, joined."""
    return [
        shapely.union_all(made.geometry[(made.group == group) & (made.under == under)])
        for under in (True, False)
    ]


def same(found, wanted):
    """Whether two shapes are one land; on a grid, as GEOS may take nearly equal ones for apart."""
    assert found.area == pytest.approx(wanted.area, abs=2e-6)
    return shapely.symmetric_difference(found, wanted, grid_size=1e-5).area < 1e-2


def star(count, inner, outer, turn=0.0, centre=(0, 0)):
    angle = np.arange(2 * count) * np.pi / count + turn
    length = np.where(np.arange(2 * count) % 2, inner, outer)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * length[:, None]
    return Polygon((points + centre).round(3))


RINGED = box(0, 0, 90, 90).difference(box(20, 20, 70, 70))
CLEAN = {
    "one across a side": (box(0, 0, 10, 10), [box(5, 3, 20, 7)]),
    "one across two sides": (box(0, 0, 10, 10), [box(-5, 3, 20, 7)]),
    "a corner": (box(0, 0, 10, 10), [box(5, 5, 20, 20)]),
    "one inside": (box(0, 0, 10, 10), [box(3, 3, 7, 7)]),
    "one all around": (box(3, 3, 7, 7), [box(0, 0, 10, 10)]),
    "one beside": (box(0, 0, 10, 10), [star(3, 1, 2, centre=(11.5, 11.5))]),
    "two over each other": (box(0, 0, 10, 10), [box(1, 1, 6, 6), box(4, 4, 20, 9)]),
    "two that leave a hole between": (
        box(0, 0, 30, 30),
        [box(5, 5, 25, 25).difference(box(10, 10, 20, 26)), box(8, 21, 22, 28)],
    ),
    "one within another": (box(0, 0, 10, 10), [box(1, 1, 9, 9), box(3, 3, 5, 5)]),
    "one within another, across": (box(0, 0, 10, 10), [box(1, 1, 19, 9), box(3, 3, 15, 5)]),
    "a hole crossed": (RINGED, [box(10, 30, 50, 40)]),
    "a hole filled and more": (RINGED, [box(15, 15, 75, 75)]),
    "something in a hole": (RINGED, [box(30, 30, 60, 60)]),
    "a ring in a ring": (RINGED, [box(10, 10, 80, 80).difference(box(15, 15, 75, 75))]),
    "parts, one of them covered": (
        MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10), box(40, 0, 50, 10)]),
        [box(19, -1, 31, 11), box(45, 5, 60, 20)],
    ),
    "stars": (star(9, 30, 60), [star(7, 20, 70, 0.2), star(5, 10, 40, 0.3, (40, 9))]),
    "three in a row": (box(0, 0, 10, 10), [box(k, 1 + k, k + 3, 4 + k) for k in (1, 3, 5)]),
}
UNCLEAN = {
    "a shared side": (box(0, 0, 10, 10), [box(10, 0, 20, 10)]),
    "a side within a side": (box(0, 0, 10, 10), [box(5, 2, 10, 8)]),
    "the same": (box(0, 0, 10, 10), [box(0, 0, 10, 10)]),
    "a corner on a side": (box(0, 0, 10, 10), [Polygon([(10, 5), (20, 0), (20, 10)])]),
    "a corner a hair inside": (box(0, 0, 10, 10), [Polygon([(10 - 2e-14, 5), (20, 0), (20, 10)])]),
    "a corner on a corner": (box(0, 0, 10, 10), [box(10, 10, 20, 20)]),
    "a crossing at a corner": (box(0, 0, 10, 10), [Polygon([(5, -5), (15, 5), (15, -5)])]),
    "three lines in one point": (
        box(0, 0, 10, 10),
        [Polygon([(5, 8), (12, 8), (12, 15)]), Polygon([(5, 15), (15, 15), (15, 5), (12, 2)])],
    ),
    "two crossings a hair apart": (
        box(0, 0, 10, 10),
        [box(5, 5, 20, 6), Polygon([(9, 7), (9, 6 + 2e-14), (12, 6 + 2e-14), (12, 7)])],
    ),
    "others that share a side": (box(0, 0, 10, 10), [box(5, 5, 20, 6), box(5, 6, 20, 7)]),
    "a hole filled to the edge": (RINGED, [box(20, 20, 70, 70)]),
}


@pytest.mark.parametrize("pays", WAYS)
@pytest.mark.parametrize("shift", [(0, 0), FAR])
@pytest.mark.parametrize("name", CLEAN)
def test_clean_crossings_need_no_geos(monkeypatch, name, shift, pays):
    shape, *others = (affinity.translate(s, *shift) for s in (CLEAN[name][0], *CLEAN[name][1]))
    joined = shapely.union_all(others)
    expected = shape.intersection(joined), shape.difference(joined)
    for operation in ("intersection", "difference", "union_all"):
        monkeypatch.setattr(shapely, operation, None)
    with kernels.used(pays=pays):
        made = clipped([shape], [(0, k) for k in range(len(others))], others)
    monkeypatch.undo()
    assert not made.open.any()
    assert shapely.is_valid(made.geometry).all()
    np.testing.assert_allclose(made.area, shapely.area(made.geometry), rtol=1e-12)
    for found, wanted in zip(land(made, 0), expected, strict=True):
        assert same(found, wanted)


@pytest.mark.parametrize("pays", WAYS)
@pytest.mark.parametrize("name", UNCLEAN)
def test_what_touches_is_left_open_and_its_neighbours_are_not(name, pays):
    shape, others = UNCLEAN[name]
    pairs = [(0, k) for k in range(len(others))]
    with kernels.used(pays=pays):
        made = clipped(
            [shape, *CLEAN["a corner"][0:1]],
            [*pairs, (1, len(others))],
            [*others, box(5, 5, 20, 20)],
        )
    assert made.open.tolist() == [True, False]
    assert set(made.group.tolist()) == {1}


def test_a_shape_that_nothing_cuts_is_that_shape():
    shapes = [box(0, 0, 10, 10), box(3, 3, 7, 7)]
    made = clipped(
        shapes, [(0, 0), (1, 1)], [star(3, 1, 2, centre=(11.5, 11.5)), box(0, 0, 10, 10)]
    )
    assert [shapes.index(each) for each in made.geometry] == [0, 1]
    assert made.geometry[0] is shapes[0]
    assert made.under.tolist() == [False, True]


@pytest.mark.parametrize("pays", WAYS)
def test_neighbours_share_the_point_where_a_border_cuts_their_edge(pays):
    slanted = np.array([(3.3, 0.1), (4.7, 99.9)]) + FAR
    west = Polygon([*slanted, np.array((-50, 99)) + FAR, np.array((-50, 1)) + FAR])
    east = Polygon([*slanted[::-1], np.array((50, 1)) + FAR, np.array((50, 99)) + FAR])
    border = np.array([(-77.7, 41.3), (91.9, 57.1)]) + FAR
    north = Polygon([*border, np.array((90, 300)) + FAR, np.array((-90, 300)) + FAR])
    south = Polygon([*border[::-1], np.array((-90, -300)) + FAR, np.array((90, -300)) + FAR])
    with kernels.used(pays=pays):
        made = clipped([west, east, west, east], [(0, 0), (1, 0), (2, 1), (3, 1)], [north, south])
    assert not made.open.any()
    nodes = [set(map(tuple, shapely.get_coordinates(part))) for part in made.geometry]
    known = {tuple(p) for s in (west, east, north, south) for p in shapely.get_coordinates(s)}
    new = [points - known for points in nodes]
    assert len(set.intersection(*new)) == 1  # all eight parts meet in the one point


@pytest.mark.parametrize("pays", WAYS)
def test_too_much_for_one_group_is_left_open(monkeypatch, pays):
    monkeypatch.setattr(clipping, "MOST", 30)
    monkeypatch.setattr(clipping, "BLOCK", 40)
    ring = star(40, 30, 60)
    with kernels.used(pays=pays):
        made = clipped(
            [box(0, 0, 9, 9), ring, box(0, 0, 9, 9)], [(0, 0), (1, 0), (2, 0)], [box(5, 5, 99, 99)]
        )
    assert made.open.tolist() == [False, True, False]
    assert sorted(made.area.tolist()) == [16, 16, 65, 65]


def test_no_groups_become_nothing():
    made = clipped([], [], [])
    assert len(made.group) == len(made.geometry) == len(made.open) == 0


_turned = st.builds(
    lambda x, y, count, inner, outer, turn: star(count, inner, outer, turn, (x, y)),
    st.floats(-30, 30),
    st.floats(-30, 30),
    st.integers(2, 6),
    st.floats(4, 15),
    st.floats(16, 40),
    st.floats(0, 3),
)
_straight = st.builds(
    lambda x, y, w, h: box(x, y, x + w, y + h), *[st.integers(-9, 9)] * 2, *[st.integers(1, 9)] * 2
)


@settings(max_examples=150, deadline=None)
@given(
    shape=_turned | _straight,
    hole=st.none() | _turned | _straight,
    others=st.lists(_turned | _straight, min_size=1, max_size=4),
    shift=st.sampled_from([(0, 0), FAR]),
)
def test_whatever_is_clipped_is_what_geos_makes_of_it(shape, hole, others, shift):
    if hole is not None:
        shape = shape.difference(hole)
    if (
        shape.is_empty
        or shape.geom_type not in {"Polygon", "MultiPolygon"}
        or not shape.area > 1e-3
    ):
        return
    shape, *others = (affinity.translate(each, *shift) for each in (shape, *others))
    if not shapely.is_valid([shape, *others]).all():
        return
    pairs = [(0, k) for k in range(len(others))]
    made = clipped([shape], pairs, others)
    if find_spec("numba"):
        with kernels.used(pays=True):
            again = clipped([shape], pairs, others)
        for name, column in vars(made).items():
            np.testing.assert_array_equal(column, vars(again)[name])
        assert shapely.to_wkb(made.geometry).tolist() == shapely.to_wkb(again.geometry).tolist()
    if not made.open[0]:
        assert shapely.is_valid(made.geometry).all()
        assert made.area.sum() == pytest.approx(shape.area, abs=2e-6)
        joined = shapely.union_all(others)
        for found, wanted in zip(land(made, 0), (shape & joined, shape - joined), strict=True):
            assert same(found, wanted)


@settings(max_examples=60, deadline=None)
@given(
    shapes=st.lists(_turned | _straight, min_size=1, max_size=5),
    sides=st.lists(st.integers(-20, 20), min_size=2, max_size=4, unique=True),
)
def test_cuts_along_zones_add_up_whoever_makes_them(shapes, sides):
    sides = sorted(sides)
    zones = np.array([box(a, -25, b, 25) for a, b in pairwise(sides)])
    shapes = np.array(shapes)
    made = {}
    for most in (0, clipping.MOST):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clipping, "MOST", most)
            made[most] = cutting.cut(shapes, shapely.area(shapes), zones, [])
    by_geos, by_walking = made.values()
    assert by_walking.area.sum() == pytest.approx(shapely.area(shapes).sum(), abs=1e-5)
    for parts, others in ((by_geos, by_walking), (by_walking, by_geos)):
        known = dict(zip(zip(others.shape, others.zone, strict=True), others.area, strict=True))
        for shape, zone, area in zip(parts.shape, parts.zone, parts.area, strict=True):
            assert known.get((shape, zone), 0.0) == pytest.approx(area, abs=2e-6)


def test_pairs_whose_boxes_meet_only_leave_the_shape_alone():
    shape, beside = box(0, 0, 10, 10), Polygon([(9, 12), (12, 9), (12, 12)])
    shapes = np.array([shape, box(50, 0, 60, 10)])
    which, what = overlay.boxes_meeting(shapes, np.array([beside]))
    made = cutting.halved(shapes, shapely.area(shapes), which, what, np.array([beside]), [])
    assert made.zone.tolist() == [-1, -1]
    assert made.geometry.tolist() == shapes.tolist()


def test_a_city_has_the_same_pieces_whoever_cuts_them(monkeypatch):
    land = fabric.repaired(fabric.tables(1_200))
    made = []
    for most in (0, clipping.MOST):
        monkeypatch.setattr(clipping, "MOST", most)
        made.append(partition.pieces(land, on=ON))
    by_geos, by_walking = (each.packed.set_index("piece_id") for each in made)
    assert by_walking.index.equals(by_geos.index)
    np.testing.assert_allclose(by_walking["area_m2"], by_geos["area_m2"], rtol=0, atol=1e-6)
    assert (made[1].accounts["residual_m2"].abs() <= 1e-6).all()
