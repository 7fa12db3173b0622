"""What is packed for the page comes out of it exactly, whatever is put in."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landuse.maps import assets, codec

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NODE = shutil.which("node")
JS = Path(__file__).parent / "js"
STEP = 40_075_016.7 / codec.WORLD
"""Metres of a step at the equator."""

READ = """([text, columns, ways]) => {
  const kept = window.DecompressionStream;
  const ask = async (way) => {
    window.DecompressionStream = way === 'inflate' ? undefined : kept;
    const found = await landuse.unpack(text);
    window.DecompressionStream = kept;
    const out = { tables: {}, shapes: {} };
    Object.keys(found.tables).forEach((name) => {
      out.tables[name] = {};
      columns[name].forEach((column) => {
        const read = found.tables[name].get(column);
        out.tables[name][column] = Array.from({ length: found.tables[name].rows }, (u, i) => {
          const value = read(i);
          if (Object.is(value, -0)) return '-0';
          if (typeof value !== 'number' || Number.isFinite(value)) return value;
          return String(value).replace('Infinity', 'inf');
        });
      });
    });
    Object.keys(found.shapes).forEach((name) => {
      const shapes = found.shapes[name];
      out.shapes[name] = Array.from({ length: shapes.count }, (u, i) => shapes.rings(i, false));
    });
    return JSON.stringify(out);
  };
  const next = async (before, way) => [...(await before), await ask(way)];
  return ways.reduce(next, Promise.resolve([]));
}"""


@pytest.fixture(scope="module")
def unpacked():
    """Return a function that reads a package with and without the browser's own gunzip."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        for name in ("base.js", "inflate.js", "codec.js"):
            page.add_script_tag(content=assets.own(name))

        def read(package, columns):
            both = page.evaluate(READ, [package.base64(), columns, ["stream", "inflate"]])
            assert both[0] == both[1]
            return json.loads(both[0])

        yield read
        browser.close()


def table(unpacked, frame, packings):
    package = codec.Package()
    package.add_table("t", frame, packings)
    return unpacked(package, {"t": list(packings)})["tables"]["t"]


QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXTS = st.one_of(
    st.none(),
    st.text(st.characters(codec=None), max_size=12),
    st.sampled_from(["", "</script>", "{{7*7}}", "\u2028\u2029", "\\1`${x}`", "\ufeffa", "a\x00b"]),
)
FLOATS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([-0.0, 0.1, 1 / 3, 2.0**31, -(2.0**31), 12345.67, 1e-5, 5e-324, 10521.613333]),
    st.integers(-(10**9), 10**9).map(lambda n: n / 100),
)


@QUICK
@given(values=st.lists(TEXTS, max_size=30))
def test_texts_come_back_character_by_character(unpacked, values):
    found = table(unpacked, pd.DataFrame({"a": pd.Series(values, dtype=object)}), {"a": "text"})
    assert found["a"] == values


@QUICK
@given(values=st.lists(FLOATS, max_size=30), cents=st.booleans())
def test_numbers_come_back_to_the_last_bit(unpacked, values, cents):
    if cents:  # a column that is all hundredths takes the short way
        values = [round(v, 2) if math.isfinite(v) and abs(v) < 1e7 else math.nan for v in values]
    found = table(unpacked, pd.DataFrame({"a": np.array(values, float)}), {"a": "float"})
    for got, asked in zip(found["a"], values, strict=True):
        if math.isnan(asked):
            assert got is None
        else:
            back = float(got)
            assert (back, math.copysign(1, back)) == (asked, math.copysign(1, asked))


@QUICK
@given(values=st.lists(st.one_of(st.none(), st.integers(-(2**29), 2**29)), max_size=30))
def test_whole_numbers_and_days_come_back(unpacked, values):
    frame = pd.DataFrame({"a": pd.array(values, dtype="Int64")})
    day = [None if v is None else v % 90_000 - 20_000 for v in values]
    frame["b"] = pd.to_datetime(pd.Series(day, dtype="Float64"), unit="D")
    found = table(unpacked, frame, {"a": "whole", "b": "whole"})
    assert found == {"a": values, "b": day}


def polygons():
    corner = st.tuples(st.floats(73, 135), st.floats(18, 53))
    size = st.floats(1e-6, 0.5)
    box = st.builds(lambda at, w, h: shapely.box(*at, at[0] + w, at[1] + h), corner, size, size)
    holed = box.map(lambda b: b.difference(shapely.affinity.scale(b, 0.4, 0.4)))
    many = st.lists(st.one_of(box, holed), max_size=3).map(shapely.union_all)
    return st.one_of(st.none(), box, holed, many)


@QUICK
@given(shapes=st.lists(polygons(), max_size=8))
def test_shapes_come_back_within_a_step_of_the_map(unpacked, shapes):
    package = codec.Package()
    package.add_shapes("s", shapes)
    found = unpacked(package, {})["shapes"]["s"]
    assert len(found) == len(shapes)
    for given_shape, rings in zip(shapes, found, strict=True):
        known = [] if given_shape is None else shapely.get_parts([given_shape])
        known = [part for part in known if part.geom_type == "Polygon" and not part.is_empty]
        expected = shapely.get_rings(shapely.orient_polygons(known)) if known else []
        assert len(rings) == len(expected)
        for ring, line in zip(rings, expected, strict=True):
            points = shapely.get_coordinates(line)[:-1]
            seen = np.array(ring)[:, ::-1]
            assert seen.shape == points.shape
            metres = np.abs(seen - points) * 111_320
            metres[:, 0] *= np.cos(np.radians(points[:, 1]))
            # half a step, and the half of a millionth of a degree that `rings` rounds to
            assert metres.max() <= STEP / 2 * np.cos(np.radians(18)) + 0.06


def test_what_is_drawn_is_within_eight_centimetres(unpacked):
    del unpacked
    points = np.random.default_rng(1).uniform((73, 18), (135, 53), (20_000, 2))
    steps = codec._steps(points)
    lon = (steps[:, 0] / codec.WORLD - 0.5) * 360
    lat = np.degrees(np.arctan(np.sinh((0.5 - steps[:, 1] / codec.WORLD) * 2 * np.pi)))
    east = np.abs(lon - points[:, 0]) * 111_320 * np.cos(np.radians(points[:, 1]))
    north = np.abs(lat - points[:, 1]) * 110_950
    assert max(east.max(), north.max()) <= 0.08


def test_a_text_of_a_megabyte_and_many_rows_come_back(unpacked):
    rng = np.random.default_rng(5)
    long = "".join(map(chr, rng.integers(0x4E00, 0x9FA5, 350_000))) + "\u2028</script>{{"
    values = [long, None, "短", long] + [f"许国土资〔2018〕{n}号" for n in range(3_000)]
    found = table(unpacked, pd.DataFrame({"a": pd.Series(values, dtype=object)}), {"a": "text"})
    assert len(long.encode()) > 1_000_000
    assert found["a"] == values


def test_columns_that_are_equal_are_kept_once():
    frame = pd.DataFrame({"a": ["x", "y"], "b": ["x", "y"], "c": [1.5, 2.5], "d": [1.5, 2.5]})
    package = codec.Package()
    package.add_table("t", frame, {"a": "text", "b": "text", "c": "float", "d": "float"})
    told = package.tables["t"]["columns"]
    assert told["a"] == told["b"] != told["c"] == told["d"]
    assert told["c"]["as"] == "decimal2"


def test_the_same_input_gives_the_same_bytes():
    frame = pd.DataFrame({"a": ["x", None], "b": [0.1, np.nan]})

    def packed():
        package = codec.Package()
        package.add_table("t", frame, {"a": "text", "b": "float"})
        package.add_shapes("s", [shapely.box(113, 34, 114, 35)])
        return package.base64()

    assert packed() == packed()


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_node_reads_it_too(tmp_path):
    package = codec.Package()
    package.add_table("t", pd.DataFrame({"a": [0.25, np.nan]}), {"a": "float"})
    (tmp_path / "p").write_text(package.base64(), encoding="ascii")
    command = [NODE, str(JS / "unpack.js"), str(tmp_path / "p"), "inflate", '{"t": ["a"]}']
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found["tables"]["t"]["a"] == [0.25, None]
