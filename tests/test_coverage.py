"""Which share of a pixel a polygon covers, against hand, shapely and exactextract."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse import coverage


def shares(*polygons):
    """Return {(polygon, row, column): share}."""
    found = coverage.fractions(np.array(polygons, dtype=object))
    keys = zip(found.owner, found.row, found.column, strict=True)
    return {
        tuple(map(int, key)): float(share) for key, share in zip(keys, found.share, strict=True)
    }


def stars(count, seed, size=9.0, around=100.0):
    """Return star-shaped polygons, some with holes, some of several parts."""
    random = np.random.default_rng(seed)

    def star(x, y, radius):
        turns = np.sort(random.random(18)) * 2 * np.pi
        reach = radius * (0.5 + 0.5 * random.random(18))
        return shapely.Polygon(
            np.column_stack([x + reach * np.cos(turns), y + reach * np.sin(turns)])
        )

    made = []
    for number in range(count):
        x, y = random.random(2) * around
        shape = star(x, y, 0.2 + random.random() * size).buffer(0)
        if number % 3 == 0:
            shape = shape.difference(shapely.Point(x, y).buffer(0.7, quad_segs=3))
        if number % 4 == 0:
            shape = shape.union(shapely.box(x + 20, y, x + 21.3, y + 2.6))
        made.append(shape)
    return np.array(made, dtype=object)


def test_a_box_on_pixels_covers_them_wholly():
    assert shares(shapely.box(2, 5, 4, 6)) == {(0, 5, 2): 1.0, (0, 5, 3): 1.0}


def test_a_box_between_pixels_covers_parts():
    found = shares(shapely.box(0.5, 0.25, 1.5, 1.0))
    assert found == pytest.approx({(0, 0, 0): 0.375, (0, 0, 1): 0.375})


def test_a_triangle_covers_half_of_the_pixels_on_its_side():
    found = shares(shapely.Polygon([(0, 0), (3, 0), (3, 3)]))
    half = {(0, n, n): 0.5 for n in range(3)}
    whole = {(0, 0, 1): 1.0, (0, 0, 2): 1.0, (0, 1, 2): 1.0}
    assert found == pytest.approx(half | whole)


@pytest.mark.parametrize("turned", [False, True])
def test_holes_are_taken_out_however_their_rings_turn(turned):
    hole = [(1, 1), (2, 1), (2, 2), (1, 2)]
    found = shares(
        shapely.Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [hole[:: -1 if turned else 1]])
    )
    assert (0, 1, 1) not in found
    assert sum(found.values()) == pytest.approx(8.0)


def test_none_and_empty_cover_nothing_and_positions_stay():
    found = shares(None, shapely.Polygon(), shapely.box(-1, -1, 0, 0))
    assert found == {(2, -1, -1): 1.0}


def test_overlapping_polygons_each_have_their_own():
    assert len(shares(shapely.box(0, 0, 2, 2), shapely.box(0, 0, 2, 2))) == 8


def test_agrees_with_shapely_pixel_by_pixel():
    polygons = stars(300, seed=3)
    found = coverage.fractions(polygons)
    pixels = shapely.box(found.column, found.row, found.column + 1, found.row + 1)
    exact = shapely.area(shapely.intersection(polygons[found.owner], pixels))
    assert np.abs(found.share - exact).max() < 1e-9
    whole = np.bincount(found.owner, found.share, len(polygons))
    assert np.abs(whole - shapely.area(polygons)).max() < 1e-8


def test_agrees_with_exactextract():
    exactextract = pytest.importorskip("exactextract")
    import geopandas as gpd
    from exactextract.raster import NumPyRasterSource

    polygons = stars(60, seed=5, around=80.0)
    size = 120
    inside = np.array([p.intersection(shapely.box(0, 0, size, size)) for p in polygons])
    raster = NumPyRasterSource(
        np.zeros((size, size)), xmin=0, ymin=0, xmax=size, ymax=size, srs_wkt="EPSG:4547"
    )
    flipped = shapely.transform(
        inside, lambda points: points * np.array([1, -1]) + np.array([0, size])
    )
    told = exactextract.exact_extract(
        raster,
        gpd.GeoDataFrame(geometry=list(flipped), crs="EPSG:4547"),
        ["cell_id", "coverage"],
        output="pandas",
    )
    found = coverage.fractions(inside)
    ours = np.zeros((len(inside), size * size))
    ours[found.owner, found.row * size + found.column] = found.share
    theirs = np.zeros_like(ours)
    for number, row in enumerate(told.itertuples()):
        theirs[number, np.asarray(row.cell_id, int)] = row.coverage
    assert np.abs(ours - theirs).max() < 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_moving_by_whole_pixels_moves_the_pixels(seed, east, north):
    shape = stars(1, seed)
    moved = shapely.transform(shape, lambda points: points + np.array([east, north]))
    here, there = coverage.fractions(shape), coverage.fractions(moved)
    a = np.zeros((200, 200))
    b = np.zeros((200, 200))
    a[here.row + 40, here.column + 40] = here.share
    b[there.row + 40 - north, there.column + 40 - east] = there.share
    assert np.abs(a - b).max() < 1e-6


def test_many_batches_give_what_one_gives(monkeypatch):
    polygons = stars(50, seed=9)
    whole = coverage.fractions(polygons)
    monkeypatch.setattr(coverage, "_CELLS", 200)
    parts = coverage.fractions(polygons)
    assert (whole.owner == parts.owner).all()
    assert np.abs(whole.share - parts.share).max() < 1e-9
