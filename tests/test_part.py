"""Maps made of some places at a time are the maps made of everything at once."""

import pickle
import shutil
from datetime import date
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import landuse
from landuse import brief, maps, part
from landuse.executor import Processes
from landuse.maps import drawing

ROOT = Path(__file__).parents[1]
DAYS = date(2017, 6, 30), date(2018, 6, 30)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """Return the sample with every layer on every map, and the states of two days."""
    folder = tmp_path_factory.mktemp("part")
    shutil.copytree(ROOT / "layers", folder / "layers")
    (folder / "maps").mkdir()
    for split in ("cluster", "park"):
        text = f'split_by = "{split}"\nlayers = ["approval", "finding"]\n'
        (folder / "maps" / f"{split}s.toml").write_text(text, encoding="utf-8")
    ground = '[[basemaps]]\ntitle = "ground"\nfile = "ground.geojson"\n'
    (folder / "maps" / "ground.toml").write_text(f'title = "all"\n{ground}', encoding="utf-8")
    (folder / "maps" / "city.toml").write_text('title = "city"', encoding="utf-8")
    square = gpd.GeoDataFrame(geometry=[box(113.7, 34.0, 113.9, 34.1)], crs="EPSG:4490")
    square.to_file(folder / "ground.geojson")
    run = landuse.run(folder, on=DAYS[1])
    then = run.cases.assign(state="supplied_unbuilt", status="not_due", day=DAYS[0])
    return run, pd.concat([then[::2], run.cases.assign(day=DAYS[1])])


def test_maps_of_some_places_at_a_time_are_the_same_bytes(city, tmp_path, monkeypatch):
    run, frames = city
    told = partial(brief.told, lang="zh")
    whole = maps.write(tmp_path / "whole", run, frames=frames, told=told)
    asked = []

    divided = part.Divided(run)

    def within(clusters, parks):
        asked.append((clusters, parks))
        return divided.within(clusters, parks)

    monkeypatch.setattr(drawing, "MOST", 300)
    parts = maps.write(tmp_path / "parts", run, frames=frames, told=told, within=within)
    assert [path.name for path in parts] == [path.name for path in whole]
    for one, other in zip(parts, whole, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert len(asked) > 3
    assert sorted(c for clusters, _ in asked for c in clusters) == sorted(
        entry["cluster_id"] for entry in run.totals["clusters"] if entry["count"]
    )


def test_a_map_of_more_than_a_page_can_show_is_left_out_and_told(city, tmp_path, monkeypatch):
    run, _ = city
    whole = maps.write(tmp_path / "whole", run)
    biggest = max(place["count"] for place in run.totals["clusters"])
    assert biggest < run.totals["city"]["count"]
    monkeypatch.setattr(drawing, "LARGEST", biggest)
    left = maps.write(tmp_path / "left", run)
    assert {path.name for path in whole} - {path.name for path in left} == {
        "city.html",
        "ground.html",
    }
    for one in left[:-1]:
        assert one.read_bytes() == (tmp_path / "whole" / one.name).read_bytes(), one.name
    told = left[-1].read_text("utf-8")
    assert f"未绘制 city.html：共 {run.totals['city']['count']:,} 宗" in told
    assert f"{biggest:,} 宗" in told
    assert "未绘制 ground.html" in told
    assert "未绘制" not in whole[-1].read_text("utf-8")
    monkeypatch.setattr(drawing, "LARGEST", 0)
    none = maps.write(tmp_path / "none", run, lang="en")
    assert "city.html is not drawn" in none[-1].read_text("utf-8")
    assert len(none) < len(left)


class Elsewhere:
    """Does jobs where there is no workspace."""

    threads, is_here = 1, False

    def __init__(self, folder):
        self.folder, self.jobs = folder, []

    def fit(self, jobs, features):
        assert (jobs > 0, features) == (True, 0)
        return self

    def results(self, function, jobs, *ahead):
        del ahead
        for job in jobs:
            self.jobs.append(str(job))
            sent = pickle.dumps((function, job))
            gone = self.folder.rename(self.folder.with_name("gone"))
            try:
                does, what = pickle.loads(sent)
                made = pickle.dumps(does(what))
            finally:
                gone.rename(self.folder)
            yield pickle.loads(made)


@pytest.mark.parametrize("most", [10**6, 500])
def test_maps_drawn_elsewhere_need_no_file_of_the_workspace(city, tmp_path, monkeypatch, most):
    run, frames = city
    how = {"frames": frames, "told": partial(brief.told, lang="zh")}
    whole = maps.write(tmp_path / "whole", run, **how)
    monkeypatch.setattr(drawing, "SENT", 300)
    monkeypatch.setattr(drawing, "AHEAD", most)
    away = Elsewhere(run.workspace.path)
    made = maps.begin(
        tmp_path / "away", run, within=part.Divided(run).within, executor=away, **how
    ).finish()
    assert len(away.jobs) > 3
    assert not any("ground.html" in job for job in away.jobs)
    assert any("city.html" in job for job in away.jobs) == (most > len(run.cases))
    assert (tmp_path / "away" / "ground.html").exists()
    for one, other in zip(made, whole, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_maps_drawn_by_other_processes_are_the_same_bytes(city, tmp_path, monkeypatch):
    run, frames = city
    monkeypatch.setattr(drawing, "SENT", 900)
    how = {"frames": frames, "told": partial(brief.told, lang="zh"), "lang": "en"}
    whole = maps.write(tmp_path / "whole", run, **how)
    within = part.Divided(run).within
    away = maps.begin(tmp_path / "away", run, within=within, executor=Processes(2), **how)
    assert not (tmp_path / "away").exists()  # nothing is written before all is well
    made = away.finish()
    assert [path.name for path in made] == [path.name for path in whole]
    for one, other in zip(made, whole, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_a_part_holds_little_more_than_its_places(city):
    run, _ = city
    cluster = run.totals["clusters"][1]["cluster_id"]
    some = part.Divided(run).within([cluster], [])
    assert set(some.land["cluster_id"]) == {cluster}
    guests = some.cases[some.cases["cluster_id"] != cluster]
    assert set(guests["case_id"]) <= set(some.land["case_id"])
    assert len(some.cases) < len(run.cases) / 3
    assert len(some.tables["supply"]) < len(run.tables["supply"]) / 2
    assert len(run.land) > len(some.land) > 0


def test_no_place_is_no_land(city):
    run, _ = city
    none = part.Divided(run).within([], [])
    assert none.land.empty
    assert none.cases.empty
    assert none.tables["supply"].empty
