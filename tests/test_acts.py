"""Every act `import landuse` offers runs as its docstring says, on a workspace of three rows."""

import doctest
from datetime import date

import geopandas as gpd
import making
import pytest
import shapely

import landuse
import landuse.units
from landuse import planning

DAY = date(2018, 6, 30)
ACTS = [name for name in landuse.__all__ if name != "__version__"]
SUPPLIES = "电子监管号,供应面积（平方米）,合同签订日期\n4110032015B00001,10000,2015-03-01\n"
PROJECTS = "项目编号,项目名称,用地需求（亩）\nXM1,甲,30\n"
PLACE = shapely.box(477_000, 3_765_000, 477_400, 3_765_400)


@pytest.fixture(scope="module")
def spaces(tmp_path_factory):
    """Return what the examples speak of: a folder, the run of it, the day's class."""
    folder = tmp_path_factory.mktemp("acts")
    layers = {
        "approval": making.layer("approval", "a.geojson", crs="EPSG:4547"),
        "supply": making.layer("supply", "s.csv"),
        "project": making.layer("project", "p.csv", columns={"area_needed": "用地需求（亩）"}),
    }
    making.workspace(folder, layers, {"s.csv": SUPPLIES, "p.csv": PROJECTS})
    data = folder / "layers" / "data"
    row = {"approval_id": ["PC1"], "approved_on": ["2014-05-01"], "compensation_done": [True]}
    land = gpd.GeoDataFrame(row, geometry=[PLACE], crs=4547)
    land.to_file(data / "a.geojson")
    parcel = land.assign(地块编号="1", 地块名称="甲").to_crs(4526)
    landuse.write_exchange(parcel, data / "batch.txt")
    found = landuse.run(folder, on=DAY)
    return {"landuse": landuse, "folder": folder, "found": found, "date": date}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_runs_as_its_docstring_says(spaces, name):
    finder = doctest.DocTestFinder(recurse=False)
    (examples,) = finder.find(getattr(landuse, name), name, globs=dict(spaces))
    result = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(examples)
    assert result.failed == 0
    assert result.attempted >= 2 - (name == "observe")


def test_the_small_land_holds_a_site_and_its_project(spaces):
    found = spaces["found"]
    assert landuse.units.mu(planning.offer(found).sites["area_m2"]).round().tolist() == [240]
    assert planning.match(found).match.placed["project_id"].tolist() == ["XM1"]
