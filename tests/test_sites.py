"""Land joined into sites: golden contacts, conservation, order, shape, terms, parks, commands."""

import math
from datetime import date

import geopandas as gpd
import making
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse import law
from landuse.sites import Choices, at_least, joined, measured, shape
from landuse.sites.candidates import use_of
from landuse.sites.cores import cores
from landuse.sites.functions import functions, services
from landuse.sites.parks import park_land, parks
from landuse.sites.terms import MODES, terms

DAY = date(2018, 6, 30)
CRS = "EPSG:4547"
WEST, SOUTH = 477_000.0, 3_765_000.0


def box(west, south, east, north):
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def line(*points):
    return shapely.LineString([(WEST + x, SOUTH + y) for x, y in points])


def land(*rows):
    """Return pieces from (name, shape) with further columns; 征而未供 if not told."""
    made = []
    for name, geometry, *rest in rows:
        blank = {
            "piece_id": name, "case_id": name, "cluster_id": "C1", "park_id": "",
            "approval_id": name, "supply_id": "", "part": "", "status": "expropriated",
            "state": "approved_unsupplied", "right_holder": "", "occupied_m2": 0.0,
            "next_status": "", "next_status_on": pd.NaT,
        }  # fmt: skip
        made.append(blank | dict(*rest) | {"area_m2": geometry.area, "geometry": geometry})
    frame = pd.DataFrame(made)
    frame["next_status_on"] = pd.to_datetime(frame["next_status_on"]).astype("datetime64[s]")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def found(*rows, choices=None, **roles):
    pieces = land(*rows)
    tables = making.tables(**roles)
    return measured(joined(pieces, pieces, tables, on=DAY, choices=choices), tables, choices)


def groups(answer):
    rows = answer.members.groupby("site_id")["piece_id"]
    return sorted("".join(sorted(own)) for _, own in rows)


ROAD = {"network_id": "N", "kind": "road"}
GOLDEN = {
    "a shared edge of 100 m joins": ([("A", box(0, 0, 100, 100)), ("B", box(100, 0, 200, 100))],
                                     ["AB"]),
    "a corner does not": ([("A", box(0, 0, 100, 100)), ("B", box(100, 100, 200, 200))], ["A", "B"]),
    "corners 4 m apart do not": ([("A", box(0, 0, 100, 100)), ("B", box(103, 103, 200, 200))],
                                 ["A", "B"]),
    "an edge of 9 m is too short": ([("A", box(0, 0, 100, 100)), ("B", box(100, 91, 200, 200))],
                                    ["A", "B"]),
    "an edge of 11 m is not": ([("A", box(0, 0, 100, 100)), ("B", box(100, 89, 200, 200))],
                               ["AB"]),
    "a gap of 4 cm is a shared edge": (
        [("A", box(0, 0, 100, 100)), ("B", box(100.04, 0, 200, 100))], ["AB"]),
    "a strip of 4 m is crossed": ([("A", box(0, 0, 100, 100)), ("B", box(104, 0, 200, 100))],
                                  ["AB"]),
    "a strip of 6 m is not": ([("A", box(0, 0, 100, 100)), ("B", box(106, 0, 200, 100))],
                              ["A", "B"]),
    "a strip of others' land is not": (
        [("A", box(0, 0, 100, 100)), ("B", box(104, 0, 200, 100)),
         ("X", box(100, 0, 104, 100), {"status": "finished", "state": "completed"})], ["A", "B"]),
    "another cluster": (
        [("A", box(0, 0, 100, 100)), ("B", box(100, 0, 200, 100), {"cluster_id": "C2"})],
        ["A", "B"]),
    "land to be expropriated is no land in reserve": (
        [("A", box(0, 0, 100, 100)), ("B", box(100, 0, 200, 100), {"status": "unexpropriated"})],
        ["A", "B"]),
    "built and occupied land is no site": (
        [("A", box(0, 0, 100, 100), {"status": "idle_suspended", "part": "built"}),
         ("B", box(100, 0, 200, 100), {"status": "occupied"}), ("C", box(300, 0, 400, 100))],
        ["C"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_contacts(name):
    rows, expected = GOLDEN[name]
    assert groups(found(*rows)) == expected


def test_a_road_parts_what_a_strip_or_an_edge_would_join():
    strip = [("A", box(0, 0, 100, 100)), ("B", box(104, 0, 200, 100))]
    edge = [("A", box(0, 0, 100, 100)), ("B", box(100, 0, 200, 100))]
    for rows, x in ((strip, 102), (edge, 100)):
        road = ROAD | {"geometry": line((x, -50), (x, 150))}
        assert groups(found(*rows)) == ["AB"]
        assert groups(found(*rows, network=[road])) == ["A", "B"]
        pipe = road | {"kind": "water"}
        assert groups(found(*rows, network=[pipe])) == ["AB"]


def test_choices_are_choices():
    rows = [("A", box(0, 0, 100, 100)), ("B", box(100, 91, 200, 200), {"status": "lapsed"})]
    assert groups(found(*rows, choices=Choices(min_shared_m=5, across_paths=True))) == ["AB"]


def test_use_comes_from_the_contract_then_from_the_plan():
    plan = [{"function": "living", "geometry": box(100, -10, 300, 200)}]
    rows = [("A", box(0, 0, 100, 100)), ("B", box(100, 0, 200, 100)), ("C", box(200, 0, 300, 100))]
    answer = found(*rows, plan=plan)
    assert groups(answer) == ["A", "BC"]
    assert dict(zip(answer.sites["site_id"], answer.sites["use"], strict=True)) == {
        "S:A": "", "S:B": "living",
    }  # fmt: skip
    assert use_of("工业用地") == "production"
    assert use_of(None) == ""


def test_the_earliest_day_and_what_must_happen_first():
    idle = {"status": "idle_one_year", "supply_id": "S1", "next_status": "idle_two_years",
            "next_status_on": "2019-03-02", "right_holder": "甲"}  # fmt: skip
    two = {"status": "idle_two_years", "supply_id": "S2", "right_holder": "乙"}
    supply = [{"supply_id": "S1"}, {"supply_id": "S2", "is_mortgaged": True}]
    rows = [("A", box(0, 0, 100, 100), idle), ("B", box(100, 0, 200, 100), two)]
    site = found(*rows, supply=supply).sites.iloc[0]
    assert str(site["earliest_on"].date()) == "2019-03-02"
    assert site["must"].split("+") == ["await_two_years", "clear_mortgage", "recover"]
    assert site["holders"] == "乙；甲"
    sealed = found(*rows, supply=[supply[0], supply[1] | {"is_seized": True}]).sites.iloc[0]
    assert pd.isna(sealed["earliest_on"])
    assert sealed["seized_count"] == 1
    waiting = found(("A", box(0, 0, 99, 99), {"status": "unexpropriated"})).sites.iloc[0]
    assert pd.isna(waiting["earliest_on"])


def test_frontage_and_distances():
    road = ROAD | {"geometry": line((-500, -20), (500, -20))}
    pipe = {"network_id": "W", "kind": "water", "geometry": line((300, -500), (300, 500))}
    answer = found(("A", box(0, 0, 200, 100)), network=[road, pipe])
    site = answer.sites.iloc[0]
    assert site["road_m"] == pytest.approx(20)
    assert site["frontage_m"] == pytest.approx(200 + 2 * 10, abs=0.5)  # the sides, up to 30 m
    assert dict(zip(answer.networks["kind"], answer.networks["distance_m"], strict=True)) == (
        pytest.approx({"road": 20.0, "water": 100.0})
    )
    assert np.isnan(found(("A", box(0, 0, 200, 100))).sites["road_m"].iloc[0])


def test_a_hole_is_no_frontage_unless_a_road_runs_in_it():
    ring = box(0, 0, 200, 200).difference(box(10, 80, 50, 120))
    beside = ROAD | {"geometry": line((-5, -500), (-5, 500))}
    inside = ROAD | {"geometry": line((30, 85), (30, 115))}
    outer = found(("A", ring), network=[beside]).sites.iloc[0]["frontage_m"]
    assert outer == pytest.approx(200 + 2 * 25, abs=0.5)
    both = found(("A", ring), network=[beside, inside]).sites.iloc[0]["frontage_m"]
    assert both == pytest.approx(outer + 160, abs=45)


def test_shape_of_a_square_and_of_an_l():
    square, ell = box(0, 0, 100, 100), box(0, 0, 320, 80).union(box(0, 0, 80, 320))
    assert shape.compactness([square])[0] == pytest.approx(math.pi / 4)
    long, short = shape.usable_rectangle(square)
    assert (long, short) == pytest.approx((100, 100))
    long, short = shape.usable_rectangle(ell)
    assert long * short <= 320 * 80 + 1
    assert long * short > 0.5 * 320 * 80


def test_a_long_strip_that_bends_has_a_rectangle():
    """400 m by 36 m, its middle 5 m off the straight line."""
    west = shapely.LineString([(0, 0), (200, 5), (400, 0)])
    strip = shapely.buffer(west, 18, cap_style="flat")
    long, short = shape.usable_rectangle(strip)
    assert long * short > 0.7 * strip.area
    assert 25 < short < 36


DUMBBELL = shapely.union_all([box(0, 0, 100, 100), box(100, 40, 400, 60), box(400, 0, 520, 100)])


def held(answer, *rows):
    """Nothing is lost, nothing twice, no site is narrow or a network."""
    shapes = [*answer.sites.geometry, *answer.narrow.geometry]
    whole = math.fsum(r[1].area for r in rows)
    assert math.fsum([*answer.sites["area_m2"], *answer.narrow["area_m2"]]) == pytest.approx(whole)
    assert math.fsum(s.area for s in shapes) == pytest.approx(whole)
    assert shapely.union_all(shapes).area == pytest.approx(whole)
    assert answer.sites["area_m2"].sum() == pytest.approx(answer.members["area_m2"].sum())
    assert answer.sites["site_id"].is_unique
    assert (answer.sites["compactness"] >= Choices().network).all()
    assert not shapely.is_empty(shapely.buffer(answer.sites.geometry.to_numpy(), -14.9)).any()


def test_a_corridor_joins_nothing_and_is_left_out():
    answer = found(("A", DUMBBELL))
    assert answer.sites["site_id"].tolist() == ["S:A", "S:A~2"]
    assert answer.sites["area_m2"].tolist() == pytest.approx([12_000, 10_000], rel=1e-6)
    assert answer.narrow["area_m2"].tolist() == pytest.approx([6_000], rel=1e-6)
    assert answer.narrow["rest_in"].tolist() == ["S:A、S:A~2"]
    held(answer, ("A", DUMBBELL))
    wide = cores(answer.sites, making.tables())
    assert wide["core_id"].tolist() == ["S:A#1", "S:A~2#1"]
    small = found(("A", DUMBBELL), choices=Choices(min_width_m=15))
    assert small.sites["area_m2"].tolist() == pytest.approx([DUMBBELL.area])
    assert small.narrow.empty


def test_parts_of_a_piece_that_lie_apart_are_sites_apart():
    far = box(0, 0, 100, 100).union(box(3_000, 0, 3_200, 100))
    answer = found(("A", far))
    assert answer.sites["site_id"].tolist() == ["S:A", "S:A~2"]
    assert answer.sites["area_m2"].tolist() == pytest.approx([20_000, 10_000])
    held(answer, ("A", far))
    near = box(0, 0, 100, 100).union(box(104, 0, 200, 100))
    assert groups(found(("A", near))) == ["A"]


def test_narrow_pieces_side_by_side_are_wide_and_corners_stay():
    strips = [(f"{n}", box(12 * n, 0, 12 * n + 12, 100)) for n in range(4)]
    answer = found(*strips)
    assert groups(answer) == ["0123"]
    assert answer.narrow.empty
    lone = found(strips[0])
    assert lone.sites.empty
    assert lone.narrow[["piece_id", "rest_in"]].to_numpy().tolist() == [["0", ""]]
    spike = [(WEST + 40, SOUTH + 100), (WEST + 60, SOUTH + 100), (WEST + 50, SOUTH + 125)]
    spiked = box(0, 0, 100, 100).union(shapely.Polygon(spike))
    assert found(("A", spiked)).narrow.empty


def test_a_road_parts_the_land_it_runs_through():
    rows = [("A", box(0, 0, 300, 100))]
    road = ROAD | {"geometry": line((150, -50), (150, 150))}
    answer = found(*rows, network=[road])
    assert answer.sites["area_m2"].tolist() == pytest.approx([14_900, 14_900])
    assert answer.narrow["area_m2"].tolist() == pytest.approx([200])
    held(answer, *rows)
    ends = ROAD | {"geometry": line((150, -50), (150, 20))}
    assert len(found(*rows, network=[ends]).sites) == 1


@settings(max_examples=10, deadline=None)
@given(
    streets=st.floats(8.0, 45.0),
    fields=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=3),
    halves=st.booleans(),
    roads=st.booleans(),
)
def test_streets_around_blocks_are_no_site_but_fields_are(streets, fields, halves, roads):
    step = 150 + streets
    blocks = {(x, y): box(x * step, y * step, x * step + 150, y * step + 150)
              for x in range(3) for y in range(3)}  # fmt: skip
    taken = shapely.union_all([g for key, g in blocks.items() if key not in fields])
    free = box(-streets, -streets, 3 * step, 3 * step).difference(taken)
    cut = [box(-99, -99, 320, 999), box(320, -99, 999, 999)]
    parts = [free.intersection(part) for part in cut] if halves else [free]
    rows = [(f"{n}", part) for n, part in enumerate(parts)]
    middle = [x * step - streets / 2 for x in range(4)]
    lines = [line((x, -50), (x, 999)) for x in middle] + [line((-50, y), (999, y)) for y in middle]
    network = [ROAD | {"geometry": each} for each in lines] if roads else []
    answer = found(*rows, network=network)
    held(answer, *rows)
    for key in fields:
        inside = shapely.intersection(answer.sites.geometry.to_numpy(), blocks[key])
        assert shapely.area(inside).max() == pytest.approx(150 * 150)
    if not fields and (roads or streets < 29):
        assert answer.sites.empty


def test_large_plots_are_cut_into_equal_parts_but_no_thinner_than_a_plot():
    answer = found(("A", box(0, 0, 400, 100)), ("B", box(1000, 0, 1040, 40)))
    cut = cores(answer.sites, making.tables(), max_mu=20.0)
    assert cut["core_id"].tolist() == ["S:A#1.1", "S:A#1.2", "S:A#1.3", "S:B#1"]
    own = cut[cut["site_id"] == "S:A"]
    assert own["area_m2"].tolist() == pytest.approx([40_000 / 3] * 3)
    assert shapely.union_all(own.geometry.to_numpy()).area == pytest.approx(40_000)
    thin = cores(answer.sites, making.tables(), max_mu=1.5)
    assert thin["short_m"].min() >= 25
    assert thin["area_m2"].sum() == pytest.approx(40_000 + 1_600)


@settings(max_examples=30, deadline=None)
@given(shares=st.lists(st.floats(0.05, 1.0), min_size=1, max_size=5))
def test_a_cut_conserves_area_and_never_overlaps(shares):
    ell = box(0, 0, 320, 80).union(box(0, 0, 80, 320))
    parts = shape.cut(ell, shares)
    areas = np.array([part.area for part in parts])
    assert areas == pytest.approx(np.array(shares) / sum(shares) * ell.area, rel=1e-6)
    assert shapely.union_all(parts).area == pytest.approx(areas.sum())


def test_at_least_keeps_what_is_large_enough():
    answer = found(("A", box(0, 0, 100, 100)), ("B", box(500, 0, 520, 20)))
    kept = at_least(answer, 10)
    assert kept.sites["site_id"].tolist() == ["S:A"]
    assert kept.members["site_id"].unique().tolist() == ["S:A"]


@settings(max_examples=40, deadline=None)
@given(
    cells=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20),
    order=st.randoms(use_true_random=False),
    gap=st.sampled_from([0.0, 0.02, 3.0, 8.0]),
)
def test_area_is_conserved_whatever_the_order(cells, order, gap):
    step = 50 + gap
    rows = [(f"{x}{y}", box(x * step, y * step, x * step + 50, y * step + 50))
            for x, y in sorted(cells)]  # fmt: skip
    mixed = list(rows)
    order.shuffle(mixed)
    one, two = found(*rows), found(*mixed)
    assert math.fsum(one.sites["area_m2"]) == pytest.approx(
        math.fsum(r[1].area for r in rows), abs=1e-6
    )
    assert sorted(one.members["piece_id"]) == sorted(r[0] for r in rows)
    pd.testing.assert_frame_equal(one.members, two.members)
    pd.testing.assert_frame_equal(
        one.sites.drop(columns="geometry"), two.sites.drop(columns="geometry")
    )
    assert len(one.sites) == _rook_count(cells if gap < 5 else ()) + (len(cells) * (gap > 5))


def _rook_count(cells):
    """Count groups of cells that share sides, by flooding."""
    left, count = set(cells), 0
    while left:
        heap = [left.pop()]
        count += 1
        while heap:
            x, y = heap.pop()
            near = left & {(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)}
            left -= near
            heap += near
    return count


def test_nothing_is_no_site():
    answer = found(("X", box(0, 0, 10, 10), {"status": "finished", "state": "completed"}))
    assert answer.sites.empty
    assert answer.members.empty
    assert at_least(answer, 10).sites.empty


def test_terms_follow_the_law_of_the_day():
    sites = pd.DataFrame(
        {"site_id": ["A", "B", "C"], "use": ["production", "living", ""], "path": "ready",
         "seized_count": 0}
    )  # fmt: skip
    old, new = (terms(sites, law.on(day)) for day in (DAY, date(2022, 1, 1)))
    own = new[new["site_id"] == "A"].set_index("mode")
    assert tuple(own.index) == MODES
    assert own.loc["elastic_grant", "grant_years"] == 50
    assert own.loc["long_lease", "lease_years"] == 20
    assert np.isnan(old.set_index(["site_id", "mode"]).loc[("A", "long_lease"), "lease_years"])
    assert not new.loc[new["site_id"] == "B", "fits"].any()
    assert new.loc[new["site_id"] == "C", "fits"].isna().all()


def test_terms_without_one_for_industry_leave_the_grant_unknown(tmp_path):
    folder = tmp_path / "layers" / "statutes"
    folder.mkdir(parents=True)
    text = """[grant_terms]
unit = "year"
modality = "shall"
[[grant_terms.value]]
amount = { a = 70 }
in_force = 2000-01-01
document = "x"
article = ""
verified = false
"""
    (folder / "permits.toml").write_text(text, encoding="utf-8")
    sites = pd.DataFrame(
        {"site_id": ["A"], "use": ["production"], "path": "ready", "seized_count": 0}
    )
    found = terms(sites, law.on(date(2022, 1, 1), tmp_path)).set_index("mode")
    assert np.isnan(found.loc["elastic_grant", "grant_years"])
    assert found.loc["long_lease", "lease_years"] == 20


CLUSTER = {"cluster_id": "C1", "cluster_name": "甲", "geometry": box(0, 0, 1000, 1000)}


def test_parks_are_placed_by_geometry():
    inside, across, away = box(0, 0, 100, 100), box(900, 0, 1100, 100), box(5000, 0, 5100, 100)
    shapes = {"P1": inside, "P2": across, "P3": away}
    rows = [{"park_id": name, "park_name": name, "cluster_id": "C9", "geometry": g}
            for name, g in shapes.items()]  # fmt: skip
    pieces = land(("A", inside, {"park_id": "P1"}), ("B", box(200, 0, 300, 100)))
    register = parks(making.tables(cluster=[CLUSTER], park=rows), pieces).set_index("park_id")
    assert register["relation"].to_dict() == {"P1": "within", "P2": "partly", "P3": "outside"}
    assert register["host_cluster"].to_dict() == {"P1": "C1", "P2": "C1", "P3": ""}
    assert register.loc["P2", "inside_share"] == pytest.approx(0.5)
    assert register["approved_unsupplied"].tolist() == [10_000, 0, 0]


def test_functions_and_what_idle_land_adds():
    plan = [{"function": "production", "geometry": box(0, 0, 1000, 500)},
            {"function": "production", "geometry": box(0, 400, 1000, 500)},
            {"function": "living", "geometry": box(0, 500, 1000, 700)}]  # fmt: skip
    road = ROAD | {"geometry": line((0, 500), (1000, 500))}
    tables = making.tables(cluster=[CLUSTER], plan=plan, network=[road])
    pieces = land(("A", box(0, 0, 100, 100)))
    answer = joined(pieces, pieces, tables, on=DAY)
    mix = functions(tables, answer.sites, law.on(DAY)).set_index("function")
    assert mix.loc["production", "share"] == pytest.approx(0.5)  # overlaps count once
    assert mix.loc["living", "area_m2"] == pytest.approx(200_000)
    assert mix.loc["production", "idle_share"] == pytest.approx(0.02)
    assert mix.loc["production", "mix_then"] == pytest.approx(5 / 7)
    assert mix.loc["production", "mix_now"] == pytest.approx(49 / 69)
    assert mix["norm"].to_dict() == {
        "production": "above", "living": "within", "business": "", "ecology": "below",
        "infrastructure": "below",
    }  # fmt: skip
    roads = services(tables, answer.sites, law.on(DAY)).iloc[0]
    assert roads["km_per_km2"] == pytest.approx(1.0)
    assert (roads["norm_low"], roads["norm"]) == (8.0, "below")
    assert roads["covered_share"] == pytest.approx(0.6)
    assert roads["idle_covered_share"] == pytest.approx(0.0)
    before = services(tables, answer.sites, law.on(date(2015, 1, 1))).iloc[0]
    assert before["norm"] == ""


def test_land_for_parks_is_named_once():
    park = {"park_id": "P1", "park_name": "园", "cluster_id": "C1", "geometry": box(0, 0, 100, 100)}
    rows = [
        ("A", box(50, 0, 150, 100)),  # half inside
        ("B", box(100, 120, 200, 220)),  # across a street
        ("C", box(400, 0, 900, 500)),  # 375 mu of its own
        ("D", box(400, 600, 500, 700)),  # too small for a park
    ]
    tables = making.tables(cluster=[CLUSTER], park=[park])
    pieces = land(*rows)
    answer = joined(pieces, pieces, tables, on=DAY)
    own = park_land(tables, answer.sites)
    shown = [tuple(r) for r in own[["site_id", "purpose", "park_id"]].to_numpy()]
    assert shown == [
        ("S:A", "inside", "P1"), ("S:A", "larger", "P1"), ("S:B", "larger", "P1"),
        ("S:C", "new", ""),
    ]  # fmt: skip
    assert own["area_m2"].tolist() == pytest.approx([5_000, 5_000, 10_000, 250_000])
