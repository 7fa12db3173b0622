"""The slider over other days: shapes stay, states change, figures follow."""

from dataclasses import replace
from datetime import date

import maps_scene
import pandas as pd
import pytest
from maps_tab import NEEDS_CHROMIUM, Tab, browsing, showing

from landuse import maps, terms
from landuse.maps import style
from landuse.maps.atlas import Atlas


@pytest.fixture(scope="module")
def scene():
    made = maps_scene.rich()
    return replace(made, frames=maps_scene.film(made))


@pytest.fixture(scope="module")
def browser():
    with browsing() as opened:
        yield opened


@pytest.fixture
def shown(browser, tmp_path):
    with showing(browser, tmp_path) as show:
        yield show


def unrolled(table, told, view):
    """The styles of each frame as the page puts them together: -1 where there was no case."""
    frames, before = [], view.cases["style"].to_numpy() + 1
    for k in range(len(told["days"])):
        before = before + table[str(k)].to_numpy()
        frames.append(before - 1)
    return frames


def test_frames_come_out_as_they_went_in(scene):
    atlas = Atlas(scene)
    view, (table, told) = atlas.view(), atlas.reel
    days = [date.fromordinal(719163 + day) for day in told["days"]]
    assert days == [date(2016, 12, 31), date(2017, 12, 31), maps_scene.ON]
    assert set(table) == {"0", "1", "2"}
    first, second, last = unrolled(table, told, view)
    assert list(last) == list(view.cases["style"])
    assert list(first[1:]) == list(second[1:])
    assert first[0] == -1
    painted = style.styles()
    known = view.cases["status"].where(~view.cases["status"].isin(terms.IDLE), "overdue")
    assert [painted[k].status for k in second] == list(known)


@pytest.mark.parametrize("keep", [0, 1])
def test_one_day_is_no_film(scene, keep):
    frames = scene.frames[scene.frames["day"] == maps_scene.ON].iloc[: keep * 100]
    alone = replace(scene, frames=frames)
    assert Atlas(alone).reel is None
    assert maps.figure(alone).content.settings["film"] is None


def test_days_that_lack_the_map_s_own_get_it_and_order_does_not_matter(scene):
    frames = scene.frames[scene.frames["day"] != maps_scene.ON].sample(frac=1, random_state=1)
    other = replace(scene, frames=frames)
    one, told = Atlas(other).reel
    assert told["now"] == 2
    pd.testing.assert_frame_equal(one, Atlas(scene).reel.table)


def test_a_case_twice_on_a_day_is_refused(scene):
    twice = pd.concat([scene.frames, scene.frames.iloc[:1]])
    with pytest.raises(ValueError, match="duplicate"):
        _ = Atlas(replace(scene, frames=twice)).reel


def at(page, frame):
    page.evaluate(f"""() => {{
        const range = document.getElementById('frame');
        range.value = '{frame}';
        range.dispatchEvent(new Event('input'));
    }}""")


@NEEDS_CHROMIUM
def test_the_slider_shows_the_states_of_the_day(shown, scene):
    page = shown(maps.figure(scene))
    assert page.inner_text("#frame-day") == "2018-05-31"
    total = scene.totals["city"]
    before = page.evaluate("landuse.model.sums.map((s) => s.count)")
    tiles = "[...document.querySelectorAll('.landuse-tile')].map((c) => c.toDataURL()).join()"
    figure = page.evaluate(tiles)
    at(page, 0)
    assert page.inner_text("#frame-day") == "2016-12-31"
    assert "当时无记录 1 宗" in page.inner_text("#frame-note")
    assert page.inner_text("[data-mark=idle] .count") == "0"
    assert page.inner_text(".total .word") == "小计"
    assert page.inner_text(".total .count") == f"{total['count'] - 1:,}"
    row = page.locator("[data-state=supplied_unbuilt]")
    row.locator(".fold").click()
    overdue = row.locator("[data-status=overdue] .count").inner_text()
    then = scene.frames[scene.frames["day"] == date(2016, 12, 31)]
    assert overdue == f"{(then['status'] == 'overdue').sum():,}"
    page.wait_for_timeout(300)
    assert page.evaluate(tiles) != figure
    at(page, 2)
    assert page.evaluate("landuse.model.sums.map((s) => s.count)") == before
    assert page.inner_text(".total .count") == f"{total['count']:,}"
    assert page.inner_text(".total .word") == "合计"


@NEEDS_CHROMIUM
def test_it_plays_to_the_end_and_the_keyboard_moves_it(shown, scene):
    page = shown(maps.figure(scene), before="window.setInterval = (act) => setTimeout(act, 1) && 7")
    page.focus("#frame")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#frame-day") == "2017-12-31"
    assert page.get_attribute("#frame", "aria-valuetext") == "2017-12-31"
    page.click("#play")
    page.wait_for_selector("#frame-day:text-is('2018-05-31')")
    assert "播放" in page.inner_text("#play")


@NEEDS_CHROMIUM
def test_the_card_tells_the_day_s_state_from_today_s_judgement(shown, scene):
    page = shown(maps.figure(scene))
    at(page, 0)
    idle = next(iter(scene.chips))
    page.fill("#search", idle)
    page.wait_for_selector("#found:text-is('1 宗')")
    page.press("#search", "Enter")
    assert page.inner_text("#card .card-status strong") == "逾期未动工"
    assert "2016-12-31" in page.inner_text("#card .card-then")
    assert scene.cases.set_index("case_id").loc[idle, "reason"] in page.inner_text("#card")
    assert "t=2016-12-31" in page.evaluate("landuse.model.link.text()")


@NEEDS_CHROMIUM
def test_a_map_without_other_days_has_no_slider(browser, tmp_path, scene):
    path = tmp_path / "a.html"
    maps.figure(replace(scene, frames=None)).save(path)
    tab = Tab(browser, path)
    assert tab.ready().is_hidden("#slider")
    assert tab.wrong == []
    tab.context.close()
