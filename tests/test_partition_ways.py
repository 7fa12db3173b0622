"""Who cuts land, in which order and by which functions, and what is told of how it was cut."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import wraps

import numpy as np
import pytest
import shapely
from shapely import affinity, box

from landuse import executor, kernels, partition
from landuse.partition import clipping, cutting, overlay, precedence
from tests.test_partition import BOW_TIE, ON, cut, layer, workspace


class Travelling(executor.Here):
    """Does jobs here as if they came from elsewhere, the last first; remembers what was asked."""

    is_here = False
    threads = 3

    def __init__(self):
        self.fitted, self.jobs = [], []

    def fit(self, jobs, features):
        self.fitted.append((jobs, features))
        return self

    def results(self, function, jobs):
        self.jobs = list(jobs)
        made = [function(replace(job, pays=False)) for job in self.jobs[::-1]]
        return (each for each in made[::-1])


@pytest.fixture
def counties():
    """Three counties: a supply of four corners, two approvals and a supply, one of 64 corners."""
    clusters = {"K1": box(0, 0, 100, 100), "K2": box(200, 0, 300, 100), "K3": box(400, 0, 500, 100)}
    tables = workspace(
        approval={"A": box(210, 10, 240, 40), "B": box(240, 10, 280, 40)},
        supply={
            "S": box(10, 10, 20, 20),
            "T": box(220, 10, 230, 20),
            "U": shapely.Point(450, 50).buffer(9),
        },
        cluster=clusters,
    )
    tables["cluster"]["division_code"] = ["411002", "411003", "411024"]
    return tables


def test_counties_are_sent_away_the_most_corners_first(counties, monkeypatch):
    away = Travelling()
    monkeypatch.setattr(kernels, "on", lambda: True)
    made = partition.pieces(counties, on=ON, executor=away)
    assert away.fitted == [(3, 5)]
    assert [job.share.owner for job in away.jobs] == ["411024", "411003", "411002"]
    assert {(job.pays, job.threads) for job in away.jobs} == {(True, 3)}
    here = partition.pieces(counties, on=ON)
    assert made.pieces.to_wkb().equals(here.pieces.to_wkb())
    assert made.accounts.equals(here.accounts)
    assert here.shares.to_numpy().tolist() == [
        ["411002", 0, 1, 0],
        ["411003", 2, 1, 0],
        ["411024", 0, 1, 0],
    ]
    assert list(here.shares) == ["owner", "approvals", "supplies", "halo"]


@pytest.mark.parametrize(("features", "pays"), [(2, False), (3, True), (4, True)])
def test_compiled_functions_are_used_from_so_many_features_on(monkeypatch, features, pays):
    asked = []

    @contextmanager
    def used(*, pays):
        asked.append(pays)
        yield False

    monkeypatch.setattr(partition, "PAYS", 3)
    monkeypatch.setattr(kernels, "used", used)
    boxes = {f"S{n}": box(20 * n, 0, 20 * n + 10, 10) for n in range(features - 1)}
    cut(approval={"A": box(0, 0, 5, 5)}, supply=boxes)
    assert asked == [pays, pays]  # when land is shared out, and when it is put together


def failing(operation):
    """Return an overlay that fails wherever it is asked for without a grid."""

    @wraps(operation)
    def fails(left, right, grid_size=None):
        if grid_size is None:
            raise shapely.GEOSException("TopologyException")
        return operation(left, right, grid_size=grid_size)

    return fails


def test_overlays_that_need_a_grid_are_told_wherever_they_were_made(monkeypatch):
    """A cluster cut by a stronger one, and an approval by a supply, on which GEOS fails."""
    monkeypatch.setattr(shapely, "difference", failing(shapely.difference))
    made = cut(
        approval={"A": box(500, 0, 600, 100)},
        supply={"S": box(500, 0, 550, 100), "T": box(540, 0, 560, 40)},
        cluster={"K": box(0, 0, 100, 100), "L": box(50, 0, 150, 100)},
    )
    told = made.snapped.round(3).to_numpy().tolist()
    assert ["difference", 100, 50, 10_000] in told
    assert made.overlaps[["role", "area_m2"]].round(3).to_numpy().tolist() == [
        ["cluster", 5_000],
        ["supply", 400],
    ]


def test_overlays_of_land_that_need_a_grid_are_told(monkeypatch):
    """Footprints across a supply: two intersections and differences, on which GEOS fails."""
    for name in ("difference", "intersection"):
        monkeypatch.setattr(shapely, name, failing(getattr(shapely, name)))
    tables = workspace(supply={"S": box(0, 0, 100, 100)}, construction={"F": box(50, 0, 150, 100)})
    made = partition.pieces(tables, on=ON)
    assert partition.pieces(tables, on=ON, executor=Travelling()).snapped.equals(made.snapped)
    assert made.snapped.round(3).to_numpy().tolist() == [
        ["difference", 50, 50, 10_000],
        ["intersection", 50, 50, 10_000],
    ]
    assert made.pieces[["part", "area_m2"]].round(3).to_numpy().tolist() == [
        ["built", 5_000],
        ["unbuilt", 5_000],
    ]


def lying(operation):
    """Return an overlay that answers wrong, without a word, wherever it is asked without a grid."""

    @wraps(operation)
    def lies(left, right, grid_size=None):
        if grid_size is None:
            return np.array([affinity.scale(shape, 0.5) for shape in operation(left, right)])
        return operation(left, right, grid_size=grid_size)

    return lies


@pytest.mark.parametrize("name", ["intersection", "difference"])
def test_parts_that_do_not_add_up_are_made_again_on_a_grid(monkeypatch, name):
    """A shape across two zones and beyond, one across one, one that no zone meets."""
    monkeypatch.setattr(clipping, "MOST", 0)
    monkeypatch.setattr(shapely, name, lying(getattr(shapely, name)))
    shapes = np.array([box(0, 0, 100, 10), box(50, 50, 70, 60), box(500, 0, 510, 10)])
    zones = np.array([box(10, 0, 60, 100), box(60, 0, 90, 40)])
    snapped = []
    made = cutting.cut(shapes, shapely.area(shapes), zones, snapped)
    assert list(zip(made.shape.tolist(), made.zone.tolist(), strict=True)) == [
        (0, -1), (0, 0), (0, 1), (1, -1), (1, 0), (2, -1),
    ]  # fmt: skip
    assert made.area.round(3).tolist() == [200, 500, 300, 100, 100, 100]
    assert shapely.area(made.geometry).round(3).tolist() == made.area.round(3).tolist()
    assert {shape for _, shape in snapped} == {shapes[0], shapes[1]}


@pytest.mark.parametrize("name", ["intersection", "difference"])
def test_land_claimed_twice_that_does_not_add_up_is_made_again_on_a_grid(monkeypatch, name):
    monkeypatch.setattr(shapely, name, lying(getattr(shapely, name)))
    ranked = np.array([box(0, 0, 100, 10), box(50, 0, 150, 10), box(140, 0, 200, 10)])
    snapped = []
    kept, lost = precedence.owned(ranked, snapped)
    assert shapely.area(kept).round(3).tolist() == [1_000, 500, 500]
    told = zip(lost.kept.tolist(), lost.lost.tolist(), lost.area.round(3).tolist(), strict=True)
    assert list(told) == [(0, 1, 500), (1, 2, 100)]
    assert {shape for _, shape in snapped} == {ranked[1], ranked[2]}


def test_only_what_has_an_area_is_land():
    bare, line = shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])
    one, two = box(0, 0, 1, 1), box(2, 0, 4, 1)
    several = shapely.MultiPolygon([one, two])
    given = [one, shapely.GeometryCollection([line, two]), line, several,
             shapely.GeometryCollection([one, line, two])]  # fmt: skip
    made = overlay.polygonal(np.array(given, dtype=object))
    for found, wanted in zip(made, [one, two, bare, several, several], strict=True):
        assert found.geom_type in {"Polygon", "MultiPolygon"}
        assert found.equals(wanted) or (found.is_empty and wanted.is_empty)


def test_tables_are_numbered_in_the_order_of_their_content():
    shapes = {"Z": BOW_TIE, "Y": box(0, 0, 9, 9), "X": BOW_TIE}
    made = cut(approval=shapes, supply=layer("supply", shapes))
    assert made.unusable.index.tolist() == [0, 1, 2, 3]
    assert made.unusable["feature_id"].tolist() == ["X", "Z", "X", "Z"]
    assert made.unusable["source_row"].dtype == "int64"
