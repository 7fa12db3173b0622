"""folium's layers on our map: their text is not compiled again, and live markup is warned about."""

import os
import re
from contextlib import suppress

import folium
import geopandas as gpd
import maps_scene
import pytest
import shapely

from landuse import maps
from landuse.errors import MapError
from landuse.maps.guests import LiveTextWarning

PROCESS = "{{ cycler.__init__.__globals__.os.getpid() }}"


@pytest.fixture(scope="module")
def scene():
    return maps_scene.scene(3)


def places(text):
    return gpd.GeoDataFrame({"name": [text]}, geometry=[shapely.Point(113.7, 34)], crs=4326)


def test_plain_folium_runs_what_a_cell_holds():
    """The fault itself: if this fails, folium has mended it, and our guard may go."""
    drawn = folium.Map(tiles=None)
    folium.GeoJson(places("{{7*7}} " + PROCESS)).add_to(drawn)
    text = drawn.get_root().render()
    assert re.search(rf'"name": "49 {os.getpid()}"', text)


def test_on_our_map_the_same_cell_stays_as_it_is(scene):
    drawn = maps.figure(scene)
    folium.GeoJson(places("{{7*7}} " + PROCESS)).add_to(drawn)
    text = drawn.html()
    assert f'"name": "{{{{7*7}}}} {PROCESS}"' in text
    assert f"49 {os.getpid()}" not in text


def test_popups_and_tooltips_are_not_compiled_again(scene):
    drawn = maps.figure(scene, is_offline=False)
    mark = folium.Marker([34, 113.7], popup="{{7*7}} a", tooltip="{{6*6}} b")
    mark.add_to(drawn)
    text = drawn.html()
    assert "{{7*7}} a" in text
    assert "{{6*6}} b" in text


def test_braces_that_cannot_be_compiled_are_said_plainly(scene):
    drawn = maps.figure(scene)
    folium.GeoJson(places("{% raw %}")).add_to(drawn)
    with pytest.raises(MapError, match="takes for a template"):
        drawn.html()


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "${alert(1)}", "`", "<svg onload=alert(1)>", "a</script>b"],
)
def test_text_a_browser_would_run_is_warned_about(scene, text):
    for make in (
        lambda: folium.Marker([34, 113.7], tooltip=text),
        lambda: folium.Marker([34, 113.7], popup=text),
        lambda: folium.GeoJson(places(text), tooltip=folium.GeoJsonTooltip(["name"])),
    ):
        drawn = maps.figure(scene, is_offline=False)
        make().add_to(drawn)
        with pytest.warns(LiveTextWarning, match="as markup"), suppress(MapError):
            drawn.html()


def test_text_that_would_end_its_script_is_refused(scene):
    drawn = maps.figure(scene)
    folium.Marker([34, 113.7], tooltip="a</script><script>alert(1)").add_to(drawn)
    with pytest.warns(LiveTextWarning), pytest.raises(MapError, match="end its own script"):
        drawn.html()


def test_words_are_not_warned_about(scene):
    drawn = maps.figure(scene, is_offline=False)
    folium.Marker([34, 113.7], tooltip="<b>许昌</b> a < b", popup="甲 & 乙").add_to(drawn)
    folium.GeoJson(places("魏都区 1<2"), name="地块").add_to(drawn)
    assert "\\u9b4f\\u90fd\\u533a 1\\u003c2" in drawn.html()


def test_our_layer_is_one_of_folium(scene):
    from landuse.maps.layer import ParcelLayer

    assert issubclass(ParcelLayer, folium.map.Layer)
    assert isinstance(maps.figure(scene), folium.Map)
