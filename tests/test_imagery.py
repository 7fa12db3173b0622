"""Scenes, the figures of parcels, and what is made of them."""

import dataclasses
import hashlib
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from making import SHARED, layer, workspace
from rasterio import Affine
from rasterio.errors import NotGeoreferencedWarning

from landuse import layers
from landuse.errors import LayerError
from landuse.imagery import (
    change,
    chips,
    evaluating,
    fitting,
    footprints,
    measures,
    observing,
    others,
    pixels,
)
from landuse.imagery import scenes as room
from landuse.imagery.rasters import Reader, common
from landuse.read import files, mosaics, reading

CRS = pyproj.CRS.from_epsg(4547)
EAST, NORTH = 480000.0, 3770000.0
BANDS = {"blue": 1, "green": 2, "red": 3, "nir": 4, "swir1": 5}
GREEN, SOIL, ROOF = (400, 700, 500, 3400, 1900), (1000, 1300, 1800, 2500, 3000), (1800,) * 5


def save(path, values, *, pixel=10.0, crs="EPSG:4547", corner=(EAST, NORTH), **more):
    """Write a raster of one or several bands."""
    values = np.atleast_3d(values.T).T if values.ndim == 2 else values
    path.parent.mkdir(parents=True, exist_ok=True)
    form = {"driver": "GTiff", "dtype": values.dtype, **more}
    if crs is not None:
        form |= {"crs": crs, "transform": Affine(pixel, 0, corner[0], 0, -pixel, corner[1])}
    size = {"count": len(values), "height": values.shape[1], "width": values.shape[2]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", **form, **size) as image:
            image.write(values)
    return path


def ground(rows, columns, kinds=(GREEN,), seed=0):
    """Return five bands of vertical stripes, one a kind, with a little noise."""
    stripe = np.arange(columns) * len(kinds) // columns
    values = np.array(kinds, float)[stripe].T[:, None, :].repeat(rows, axis=1)
    noise = np.random.default_rng(seed).normal(0, 20, values.shape)
    return np.clip(values + noise, 1, 10000).astype(np.uint16)


def scene(path, on=date(2018, 5, 13), bands=BANDS, **more):
    """Return a scene of one file."""
    made = {name: room.opened(path, number, None, "test") for name, number in bands.items()}
    return room.Scene(path.stem, path.stem, on, made, **more)


def square(column, row, side, pixel=10.0):
    """Return a parcel by pixels of the scene."""
    x, y = EAST + column * pixel, NORTH - row * pixel
    return shapely.box(x, y - side * pixel, x + side * pixel, y)


def read(scenes, *shapes):
    """Return the pixels of parcels in one tile."""
    grid = common(scenes)
    polygons = pixels.placed(np.array(shapes, object), CRS, grid)
    (found,) = pixels.gathered(pixels.looks(scenes), grid, polygons)
    return found


# scenes


def declared(tmp_path, file, bands, **keys):
    """Return the scenes of a workspace with one imagery layer."""
    text = layer("imagery", file, **keys) + "observed_on = 2018-05-13\n"
    supplies = layer("supply", "s.csv")
    own = workspace(tmp_path, {"supply": supplies, "i": text + bands})
    return room.scenes(own)


def test_bands_are_named_by_number_or_by_their_own_file(tmp_path):
    data = tmp_path / "layers" / "data"
    for name in ("B04", "B08"):
        save(data / "s2" / f"T49_{name}.tif", np.ones((4, 4), np.uint16))
    (made,) = declared(tmp_path, "s2/*.tif", '[bands]\nred = "B04"\nnir = "B08"\n')
    assert made.bands["nir"].path.name == "T49_B08.tif"
    assert made.observed_on == date(2018, 5, 13)
    assert made.offers("ndvi")
    assert not made.offers("bsi")
    assert "swir1" in made.narrowed("zh")


def test_a_text_that_names_no_file_or_two_is_refused(tmp_path):
    for name in ("B04", "B08"):
        save(tmp_path / "layers/data/s2" / f"{name}.tif", np.ones((4, 4), np.uint16))
    with pytest.raises(LayerError, match="exactly one file"):
        declared(tmp_path, "s2/*.tif", '[bands]\nred = "B0"\n')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[bands]\npurple = 1\n", "purple"),
        ("[bands]\nred = true\n", "number of a band"),
        ('[bands]\nred = 1\n[mask]\nfile = "../../cloud.tif"\n', "below layers"),
        ("[bands]\nred = 1\n[mask]\nvalues = [1]\n", "file is missing"),
        ("[bands]\nclass = 1\n[classes]\nforest = [1]\n", "forest"),
        ('[bands]\nclass = 1\n[classes]\nbuilt = ["a"]\n', "whole numbers"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, text, words):
    with pytest.raises(LayerError, match=words):
        declared(tmp_path, "i.tif", text)


def test_keys_of_imagery_beside_a_table_are_refused(tmp_path):
    with pytest.raises(LayerError, match="belong to role imagery"):
        workspace(tmp_path, {"supply": layer("supply", "s.csv", scale=2)})


def test_an_image_without_place_is_refused_with_a_sentence(tmp_path):
    save(tmp_path / "layers/data/i.tif", np.ones((4, 4), np.uint16), crs=None)
    with pytest.raises(LayerError, match="没有地理参考"):
        declared(tmp_path, "i.tif", "[bands]\nred = 1\n")


def test_scale_and_offset_of_the_layer_go_before_those_of_the_file(tmp_path):
    save(tmp_path / "layers/data/i.tif", np.full((4, 4), 2000, np.uint16))
    text = "scale = 0.0001\noffset = -0.1\n[bands]\nred = 1\n"
    (made,) = declared(tmp_path, "i.tif", text)
    found = read([made], square(0, 0, 4))
    assert found.values[0]["red"] == pytest.approx(0.1)


@pytest.mark.parametrize("name", ["x.dat", "scene"])
def test_envi_is_read_with_and_without_an_ending(tmp_path, name):
    path = tmp_path / "layers/data" / name
    path.parent.mkdir(parents=True)
    form = {"driver": "ENVI", "crs": "EPSG:4547", "dtype": "uint8", "count": 2}
    place = Affine(10, 0, EAST, 0, -10, NORTH)
    with rasterio.open(path, "w", width=3, height=3, transform=place, **form) as image:
        image.write(np.array([np.full((3, 3), 7), np.full((3, 3), 9)], np.uint8))
    (made,) = declared(tmp_path, name, "[bands]\nred = 2\n")
    assert read([made], square(0, 0, 3)).values[0]["red"].tolist() == [9.0] * 9


# mosaics


def mosaic(folder, *names, extra=""):
    """Write a VRT that names files."""
    sources = "".join(f"<SourceFilename>{name}</SourceFilename>" for name in names)
    path = folder / "m.vrt"
    path.write_text(f"<VRTDataset>{extra}{sources}</VRTDataset>", encoding="utf-8")
    return path


def test_a_mosaic_is_made_of_files_beside_it(tmp_path):
    save(tmp_path / "a.tif", np.ones((2, 2), np.uint8))
    assert mosaics.sources(mosaic(tmp_path, "a.tif", "a.tif")) == [tmp_path / "a.tif"]


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "/vsicurl/http://x/y.tif", "http://x/y.tif", "none.tif", "a" * 3_000]
)
def test_a_mosaic_leads_nowhere_else(tmp_path, name):
    with pytest.raises(LayerError, match="beside or below"):
        mosaics.sources(mosaic(tmp_path, name))


def test_a_mosaic_of_mosaics_and_one_that_computes_are_refused(tmp_path):
    (tmp_path / "a.tif").write_text("<VRTDataset/>", encoding="utf-8")
    with pytest.raises(LayerError, match="itself XML"):
        mosaics.sources(mosaic(tmp_path, "a.tif"))
    with pytest.raises(LayerError, match="function"):
        mosaics.sources(mosaic(tmp_path, extra="<PixelFunctionCode>x</PixelFunctionCode>"))
    (tmp_path / "m.vrt").write_text("<!DOCTYPE x><VRTDataset/>", encoding="utf-8")
    with pytest.raises(LayerError, match="entities"):
        mosaics.sources(tmp_path / "m.vrt")


def test_a_mosaic_of_two_tiles_is_one_scene(tmp_path):
    from benchmarks import scenery

    data = tmp_path / "layers/data"
    left = save(data / "a.tif", np.full((5, 4, 4), 3, np.uint16))
    right = save(data / "b.tif", np.full((5, 4, 4), 5, np.uint16), corner=(EAST + 40, NORTH))
    (data / "m.vrt").write_text(scenery._mosaic([left, right]), encoding="utf-8")
    (made,) = declared(tmp_path, "m.vrt", "[bands]\nred = 3\n")
    found = read([made], square(0, 0, 8))
    red = found.values[0]["red"]
    assert np.bincount(red[np.isfinite(red)].astype(int)).tolist() == [0, 0, 0, 16, 0, 16]
    assert len(mosaics.sources(data / "m.vrt")) == 2


# inputs


def imagery_read(folder):
    """Read the imagery of a workspace alone."""
    own = layers.load(folder)
    return reading.tables(dataclasses.replace(own, sources=own.sources_of("imagery")))


def hashed(folder):
    """Return file -> hash of the imagery of a workspace, as the manifest names it."""
    return imagery_read(folder).inputs.set_index("file")["sha256"].to_dict()


def test_every_file_of_a_scene_is_an_input_and_counts(tmp_path):
    from benchmarks import scenery

    data = tmp_path / "layers/data"
    tile = save(data / "a.tif", np.ones((2, 4, 4), np.uint16))
    mask = save(data / "cloud.tif", np.zeros((4, 4), np.uint8))
    (data / "m.vrt").write_text(scenery._mosaic([tile]), encoding="utf-8")
    masked = '[bands]\nred = 2\n[mask]\nfile = "data/cloud.tif"\nvalues = [1]\n'
    declared(tmp_path, "m.vrt", masked)
    first = hashed(tmp_path)
    scene_file, mask_file = "layers/data/m.vrt", "layers/data/cloud.tif"
    assert first.keys() == {scene_file, mask_file}
    assert first[mask_file] == hashlib.sha256(mask.read_bytes()).hexdigest()
    save(tile, np.full((2, 4, 4), 2, np.uint16))
    second = hashed(tmp_path)
    assert second[scene_file] != first[scene_file]
    assert second[mask_file] == first[mask_file]
    (data / "a.tfw").write_text("10\n0\n0\n-10\n0\n0\n", encoding="utf-8")
    assert hashed(tmp_path)[scene_file] != second[scene_file]
    assert len(imagery_read(tmp_path).tables["imagery"]) == 1


@pytest.mark.parametrize("name", ["x.dat.hdr", "x.hdr"])
def test_the_header_of_an_image_belongs_to_it(tmp_path, name):
    image, header = tmp_path / "x.dat", tmp_path / name
    image.write_bytes(b"1")
    header.write_bytes(b"1")
    (tmp_path / "y.dat").write_bytes(b"1")
    assert files.members(image) == [image, header]
    taken = files.members(image.rename(tmp_path / "x.img"))
    assert (header in taken) == (name == "x.hdr")


def test_a_mask_that_leads_elsewhere_is_refused(tmp_path):
    data = tmp_path / "layers/data"
    save(data / "a.tif", np.ones((2, 4, 4), np.uint16))
    text = "<VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>"
    (data / "cloud.vrt").write_text(text, encoding="utf-8")
    declared(tmp_path, "a.tif", "[bands]\nred = 2\n")
    layer_file = tmp_path / "layers/i.toml"
    masked = layer_file.read_text(encoding="utf-8") + '[mask]\nfile = "data/cloud.vrt"\n'
    layer_file.write_text(masked, encoding="utf-8")
    with pytest.raises(LayerError, match="beside or below"):
        imagery_read(tmp_path)


# pixels of parcels


def test_a_parcel_gets_its_own_pixels_with_their_shares(tmp_path):
    path = save(tmp_path / "a.tif", np.arange(25, dtype=np.uint16).reshape(5, 5) + 1)
    found = read([scene(path, bands={"red": 1})], square(1.5, 2, 1), square(0, 0, 1))
    assert found.parcels.tolist() == [0, 1]
    assert found.owner.tolist() == [0, 0, 1]
    assert found.share.tolist() == pytest.approx([0.5, 0.5, 1.0])
    assert found.values[0]["red"].tolist() == [12.0, 13.0, 1.0]


def test_nodata_clouds_and_what_lies_outside_are_not_seen(tmp_path):
    values = np.full((4, 6), 9, np.uint16)
    values[:, 0] = 0
    path = save(tmp_path / "a.tif", values)
    cloud = save(tmp_path / "c.tif", np.eye(4, 6, k=1, dtype=np.uint8) * 8)
    mask = room.Mask(room.opened(cloud, 1, None, ""), bits=(3,))
    made = scene(path, bands={"red": 1}, nodata=0, mask=mask)
    found = read([made], square(-1, 0, 4))
    share, whole = measures.seen(found, found.values[0]["red"])
    assert whole.tolist() == [6]  # of 16: 4 outside, 4 nodata, 2 cloud
    assert share.tolist() == [0.375]


def test_scenes_of_one_day_are_one_picture(tmp_path):
    west = save(tmp_path / "a.tif", np.full((4, 4), 1, np.uint16))
    east = save(tmp_path / "b.tif", np.full((4, 4), 2, np.uint16), corner=(EAST + 40, NORTH))
    both = [scene(west, bands={"red": 1}), scene(east, bands={"red": 1})]
    found = read(both, square(2, 0, 4))
    assert sorted(found.values[0]["red"].tolist()) == [1.0] * 8 + [2.0] * 8


def test_a_coarser_band_is_brought_onto_the_grid_of_the_finer(tmp_path):
    fine = save(tmp_path / "f.tif", np.full((8, 8), 5, np.uint16))
    coarse = save(tmp_path / "c.tif", np.full((4, 4), 7, np.uint16), pixel=20.0)
    bands = {
        "red": room.opened(fine, 1, None, ""),
        "swir1": room.opened(coarse, 1, None, ""),
    }
    made = room.Scene("s", "s", date(2018, 5, 13), bands)
    found = read([made], square(1, 1, 6))
    assert common([made]).pixel_m == 10.0
    assert set(found.values[0]["swir1"].tolist()) == {7.0}


def test_dates_of_other_grids_and_systems_meet_on_the_coarser(tmp_path):
    fine = save(tmp_path / "f.tif", np.full((60, 60), 4, np.uint16))
    other = pyproj.Transformer.from_crs(4547, 32649, always_xy=True).transform(EAST, NORTH)
    coarse = save(
        tmp_path / "c.tif", np.full((20, 20), 6, np.uint16),
        pixel=30.0, crs="EPSG:32649", corner=other,
    )  # fmt: skip
    dates = [
        scene(fine, date(2016, 1, 1), {"red": 1}),
        scene(coarse, date(2018, 1, 1), {"red": 1}),
    ]
    grid = common(dates)
    assert grid.pixel_m == pytest.approx(30.0)
    found = read(dates, square(20, 20, 20))
    for look, value in zip(found.values, (4.0, 6.0), strict=True):
        assert set(look["red"][np.isfinite(look["red"])].tolist()) == {value}
        assert np.isfinite(look["red"]).all()


def test_each_of_several_bands_is_brought_onto_another_grid(tmp_path):
    values = np.arange(1, 4, dtype=np.uint16)[:, None, None] * np.ones((8, 8), np.uint16)
    fine = scene(save(tmp_path / "f.tif", values), bands={"red": 1, "nir": 2, "swir1": 3})
    coarse = save(tmp_path / "c.tif", np.full((3, 3), 9, np.uint16), pixel=30.0)
    dates = [fine, scene(coarse, date(2018, 8, 1), {"red": 1})]
    found = read(dates, square(0, 0, 6)).values[0]
    assert {name: set(seen.tolist()) for name, seen in found.items()} == {
        "red": {1.0}, "nir": {2.0}, "swir1": {3.0},
    }  # fmt: skip


@pytest.mark.parametrize("pixel", [10.0, 20.0])
@pytest.mark.parametrize("how", ["band", "mask"])
def test_what_a_file_calls_transparent_or_masks_is_not_seen(tmp_path, how, pixel):
    """On its own grid as on another; a fourth band that is read for infrared hides nothing."""
    values = np.full((4, 8, 8), 50, np.uint8)
    values[3], values[3, :4] = 255, 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        path = save(tmp_path / "a.tif", values if how == "band" else values[:3])
        if how == "mask":
            with rasterio.open(path, "r+") as image:
                image.write_mask(values[3])
    grid = scene(save(tmp_path / "g.tif", np.ones((4, 4), np.uint8), pixel=pixel), bands={"red": 1})
    taken = {"red": 1, "nir": 4}
    for numbers, top in (((), False), (taken.values(), how == "band")):
        band = room.opened(path, 1, None, "", taken=numbers)
        with Reader(band, common([grid]), nodata=None) as reader:
            values, seen = reader.read(rasterio.windows.Window(0, 0, 4, 4))
        half = int(40 / pixel)
        assert (seen[:half] == top).all()
        assert seen[half:].all()
        assert (values[seen] == 50).all()


def test_the_bands_a_layer_names_are_no_transparency(tmp_path):
    save(tmp_path / "layers" / "data" / "a.tif", np.full((4, 4, 4), 9, np.uint8))
    for bands, is_masked in (("red = 1", True), ("red = 1\nnir = 4", False)):
        (made,) = declared(tmp_path, "a.tif", f"[bands]\n{bands}\n")
        assert made.bands["red"].is_masked == is_masked


def test_a_file_that_is_no_image_or_lies_nowhere_is_told(tmp_path):
    (tmp_path / "no.tif").write_bytes(b"II*\0 no image")
    with pytest.raises(LayerError, match="cannot be opened as imagery"):
        room.opened(tmp_path / "no.tif", 1, None, "layers/i.toml")
    with pytest.raises(LayerError, match="cannot be opened as imagery"):
        evaluating.changed(tmp_path / "no.tif", (1, 2), [], np.empty(0, object), CRS)
    for corner in ((float("nan"), NORTH), (1e300, 1e300)):
        far = save(tmp_path / "far.tif", np.ones((4, 4), np.uint8), corner=corner)
        near = save(tmp_path / "near.tif", np.ones((4, 4), np.uint8), crs="EPSG:4490", pixel=1.0,
                    corner=(113, 34))  # fmt: skip
        with pytest.raises(LayerError, match="no georeference"):
            common([scene(far, bands={"red": 1}), scene(near, bands={"red": 1})])


@pytest.mark.parametrize("pixel", [10.0, 20.0])
@pytest.mark.parametrize("moment", ["before it is opened", "while it is read"])
def test_an_image_that_breaks_off_is_told(tmp_path, pixel, moment):
    """On its own grid as on another: which file, why, and what to look at."""
    path = save(tmp_path / "a.tif", np.full((64, 64), 7, np.uint16))
    grid = scene(save(tmp_path / "g.tif", np.ones((8, 8), np.uint8), pixel=pixel), bands={"red": 1})
    band = room.opened(path, 1, None, "")
    whole = path.read_bytes()
    told = r"(?s)影像 a\.tif 读到一半无法继续：.+。文件是否完整？.*The image a\.tif cannot be read"

    def read():
        with Reader(band, common([grid]), nodata=None) as reader:
            path.write_bytes(whole[:200])
            reader.read(rasterio.windows.Window(0, 0, 8, 8))

    if moment == "before it is opened":
        path.write_bytes(b"II*\0")
    with pytest.raises(LayerError, match=told) as caught:
        read()
    assert caught.value.key == "imagery.not_read"


def test_a_header_that_is_no_text_is_told(tmp_path):
    data = tmp_path / "layers" / "data"
    save(data / "a.bsq", np.ones((2, 2), np.uint8), driver="ENVI")
    header = data / "a.hdr"
    header.write_bytes(header.read_bytes().replace(b'PROJCS["', b'PROJCS["\xff\xfe'))
    (data / "a.bsq.aux.xml").unlink(missing_ok=True)
    with pytest.raises(LayerError, match="not text in utf-8"):
        declared(tmp_path, "a.bsq", "[bands]\nred = 1\n")
    supplies = {"supply": layer("supply", "s.csv"), "i": layer("imagery", "a.bsq")
                + "observed_on = 2018-05-13\n[bands]\nred = 1\n"}  # fmt: skip
    made = workspace(tmp_path, supplies, {"s.csv": "supply_id\nA1\n"})
    with pytest.raises(LayerError, match="not text in utf-8"):
        reading.tables(made)


def test_a_window_may_reach_beyond_the_file(tmp_path):
    band = room.opened(save(tmp_path / "a.tif", np.full((3, 3), 8, np.uint8)), 1, None, "")
    made = room.Scene("s", "s", date(2018, 1, 1), {"red": band})
    with Reader(band, common([made]), nodata=None) as reader:
        values, seen = reader.read(rasterio.windows.Window(-1, 2, 3, 3))
        assert values.tolist() == [[0, 8, 8], [0, 0, 0], [0, 0, 0]]
        assert (seen == (values == 8)).all()
        assert not reader.read(rasterio.windows.Window(50, 50, 2, 2))[1].any()


def test_tiles_give_what_the_whole_gives(tmp_path, monkeypatch):
    path = save(tmp_path / "a.tif", np.arange(1600, dtype=np.uint16).reshape(40, 40))
    made = scene(path, bands={"red": 1})
    grid = common([made])
    shapes = [square(3 * n % 31, 5 * n % 29, 6.5) for n in range(40)]
    polygons = pixels.placed(np.array(shapes, object), CRS, grid)
    means = []
    for side in (2048, 8):
        told = np.full(len(shapes), np.nan)
        parts = 0
        monkeypatch.setattr(pixels, "_FEWEST_SIDE", side)
        monkeypatch.setattr(pixels, "_SIDE", side)
        for found in pixels.gathered(pixels.looks([made]), grid, polygons):
            told[found.parcels], _ = measures.mean(found, found.values[0]["red"])
            parts += 1
        means.append(told)
    assert parts > 10
    assert means[0] == pytest.approx(means[1])


# figures


def bunch(values, share=None, owner=None):
    """Return pixels of one parcel, or of several."""
    values = np.asarray(values, np.float32)
    owner = np.zeros(len(values), int) if owner is None else np.asarray(owner)
    share = np.ones(len(values)) if share is None else np.asarray(share, float)
    return pixels.Pixels(np.arange(owner.max() + 1), owner, share, [{"red": values}])


def test_mean_and_error_by_covered_area():
    found = bunch([1.0, 3.0, np.nan], share=[1.0, 0.5, 1.0])
    middle, error = measures.mean(found, found.values[0]["red"])
    assert middle[0] == pytest.approx(5 / 3)
    variance = (1.0 * (2 / 3) ** 2 + 0.5 * (4 / 3) ** 2) / 1.5
    assert error[0] == pytest.approx(np.sqrt(variance / (1.5**2 / 1.25)))


def test_the_top_quarter_is_of_the_area_not_of_the_pixels():
    found = bunch([1, 2, 3, 10, 5, 6], share=[1, 1, 1, 1, 0.5, 1], owner=[0, 0, 0, 0, 1, 1])
    assert measures.top(found, found.values[0]["red"]).tolist() == pytest.approx([10.0, 6.0])


def test_indices_are_as_they_are_written():
    bands = {"blue": 0.05, "green": 0.08, "red": 0.1, "nir": 0.3, "swir1": 0.2}
    bands = {name: np.array([value]) for name, value in bands.items()}
    assert measures.index("ndvi", bands)[0] == pytest.approx(0.5)
    assert measures.index("ndbi", bands)[0] == pytest.approx(-0.2)
    assert measures.index("bsi", bands)[0] == pytest.approx(-0.05 / 0.65)
    assert measures.index("ndbi", {"nir": bands["nir"]}) is None


def test_another_light_is_no_change():
    random = np.random.default_rng(1)
    kinds = np.array([GREEN, SOIL, ROOF], float)[random.integers(0, 3, 4000)]
    then = dict(zip(BANDS, (kinds + random.normal(0, 40, kinds.shape)).T, strict=True))
    now = dict(zip(BANDS, (kinds * 1.3 + 200 + random.normal(0, 40, kinds.shape)).T, strict=True))
    for band in BANDS:
        now[band][:400] = SOIL[list(BANDS).index(band)] * 1.3 + 200
        then[band][:400] = GREEN[list(BANDS).index(band)]
    found = change.relation(then, now)
    assert found.gain == pytest.approx(np.full(5, 1 / 1.3), rel=0.02)
    score = found.change(then, now)
    assert np.quantile(score[:400], 0.05) > np.quantile(score[400:], 0.99)


def test_too_few_common_pixels_are_not_compared():
    few = {"red": np.arange(100.0), "nir": np.arange(100.0)}
    assert change.relation(few, few) is None
    assert change.relation({"red": np.arange(1e4)}, {"nir": np.arange(1e4)}) is None
    same = {"red": np.ones(10000)}
    assert change.relation(same, same) is None


def test_thresholds_are_the_scenes_own():
    random = np.random.default_rng(2)
    owner = np.repeat(np.arange(40), 50)
    certain = pd.DataFrame({"parcel": np.arange(40) + 100, "is_completed": np.arange(40) % 2 == 0})
    built = certain["is_completed"].to_numpy()[owner] & (random.random(2000) < 0.7)
    values = random.normal(0, 0.4, (2000, 2)) + built[:, None] * [2.0, -1.0]
    ndvi = np.concatenate([random.normal(0.1, 0.05, 500), random.normal(0.6, 0.05, 500)])
    fit = fitting.fitted(("a", "b"), values, owner, certain, ndvi)
    assert fit.is_own
    assert 0.25 < fit.ndvi < 0.45
    assert 0.1 < fit.share < 0.6
    assert fit.accuracy == 1.0
    assert fit.left_out.keys() == set(range(100, 140))
    few = fitting.fitted(("a", "b"), values[:300], owner[:300], certain.iloc[:6], ndvi)
    assert few.line is None


def test_parcels_of_equal_share_cannot_be_parted():
    shares = np.array([0.0, 0.0, 0.0, 0.0, 0.6, 1.0])
    kind = np.array([False, False, False, True, True, True])
    assert fitting._best(shares, kind) == pytest.approx(0.3)


def test_a_histogram_without_two_humps_takes_the_general_threshold():
    flat = np.full(1000, 0.02) + np.linspace(0, 0.01, 1000)
    assert fitting.vegetation(flat) == (fitting.GENERAL_NDVI, False)


# observing


def pictures(tmp_path, *kinds):
    """Return scenes, one a year from 2016, each of vertical stripes."""
    made = []
    for number, stripes in enumerate(kinds):
        path = save(tmp_path / f"{2016 + number}.tif", ground(60, 160, stripes, seed=number))
        made.append(scene(path, date(2016 + number, 5, 13)))
    return made


def test_small_parcels_and_their_borders_are_told_apart(tmp_path):
    dates = pictures(tmp_path, (GREEN, SOIL), (GREEN, SOIL))
    shapes = np.array([square(10, 10, 8), square(100, 10, 4), None], object)
    seen = observing.observed(dates, shapes, CRS)
    last = seen.dates[seen.dates["on"] == "2017-05-13"]
    assert seen.inner_m == 5.0
    assert last["whole_pixels"].tolist() == [36, 4, 0]  # half a pixel less all around
    assert last["seen_share"].tolist() == [1.0, 1.0, 0.0]
    assert last["ndvi"].iloc[0] == pytest.approx(2900 / 3900, abs=0.02)
    assert last["ndvi"].isna().tolist() == [False, False, True]


def test_what_was_built_on_has_changed_and_its_neighbour_has_not(tmp_path):
    stripes = (GREEN, SOIL, ROOF) * 5
    dates = pictures(tmp_path, (*stripes, GREEN), (*stripes, ROOF))
    shapes = np.array([square(column, 20, 8) for column in range(1, 160, 10)], object)
    seen = observing.observed(dates, shapes, CRS)
    score = seen.changes["change"].to_numpy()
    assert score[15] > 2 * score[:15].max()
    assert (seen.changes["compared_share"] == 1.0).all()


def test_no_scene_shows_nothing():
    seen = observing.observed([], np.array([square(0, 0, 5)], object), CRS)
    assert seen.dates.empty
    assert seen.grid is None


def test_a_class_map_and_light_at_night_tell_shares_and_means(tmp_path):
    values = np.ones((10, 10), np.uint8)
    values[:, 5:] = 2
    made = scene(
        save(tmp_path / "k.tif", values), bands={"class": 1}, classes={"built": [2], "bare": [1]}
    )
    light = scene(save(tmp_path / "l.tif", values * 4), bands={"light": 1})
    told = others.told([made, light], np.array([square(4, 0, 4)], object), CRS)
    shown = told.set_index("what")["value"].to_dict()
    assert shown == pytest.approx({"built": 0.75, "bare": 0.25, "light": 7.0})


def test_footprints_of_the_newest_day_are_shares_of_a_parcel():
    drawn = pd.DataFrame(
        {
            "geometry": [
                square(0, 0, 2), square(2, 0, 2), square(0, 0, 4), square(0, 0, 4), None,
            ],
            "observed_on": pd.to_datetime(
                ["2018-05-31", "2018-05-31", "2015-01-01", "2019-01-01", "2018-05-31"]
            ),
        }
    )  # fmt: skip
    shapes = np.array([square(0, 0, 4), square(50, 50, 4), None], object)
    told = footprints.told(shapes, drawn, date(2018, 6, 30))
    assert told["parcel"].tolist() == [0]
    assert told["footprint_share"].tolist() == pytest.approx([0.5])
    assert told["footprint_on"].tolist() == [pd.Timestamp("2018-05-31")]


def test_pictures_are_small_and_show_the_parcel(tmp_path):
    made = pictures(tmp_path, (GREEN, ROOF))
    days = {"a": [date(2016, 5, 13)], "b": [date(2000, 1, 1)], "c": [date(2016, 5, 13)]}
    shapes = {"a": square(75, 20, 12), "b": square(1, 1, 5), "c": square(900, 900, 5)}
    found = chips.chips(made, shapes, CRS, days)
    assert found.keys() == {"a"}
    ((day, title, picture),) = found["a"]
    assert (day, title) == (date(2016, 5, 13), "2016")
    assert picture.startswith(b"\xff\xd8\xff")
    assert len(picture) < 12_000


# what it is worth


def test_auc_counts_pairs():
    truth = np.array([False, False, True, True])
    assert evaluating.auc(np.array([1.0, 2.0, 3.0, 4.0]), truth) == 1.0
    assert evaluating.auc(np.array([1.0, 3.0, 2.0, 4.0]), truth) == 0.75
    assert evaluating.auc(np.array([1.0, 1.0, 1.0, 1.0]), truth) == 0.5
    assert np.isnan(evaluating.auc(np.array([1.0]), np.array([True])))


def test_a_score_of_chance_is_not_above_chance():
    random = np.random.default_rng(4)
    truth = random.random(400) < 0.3
    told = evaluating.judged(random.random(400), truth, 0.5)
    assert told["auc"] <= told["chance_auc"]
    best = evaluating.judged(truth.astype(float), truth, 0.5)
    assert (best["auc"], best["precision"], best["recall"]) == (1.0, 1.0, 1.0)


def test_a_label_without_place_takes_the_grid_of_its_size(tmp_path):
    made = [scene(save(tmp_path / "a.tif", np.ones((20, 30), np.uint16)), bands={"red": 1})]
    label = np.ones((20, 30), np.uint8)
    label[:10, :10] = 2
    path = save(tmp_path / "label.tif", label, crs=None)
    shapes = np.array([square(2, 2, 4), square(20, 10, 4), square(500, 1, 4)], object)
    told = evaluating.changed(path, (2, 1), made, shapes, CRS)
    assert told.tolist()[:2] == [1.0, 0.0]
    assert np.isnan(told[2])
    small = save(tmp_path / "small.tif", label[:5], crs=None)
    with pytest.raises(LayerError, match="没有地理参考"):
        evaluating.changed(small, (2, 1), made, shapes, CRS)


@pytest.mark.skipif(not (SHARED / "data/imagery").is_dir(), reason="no shared imagery here")
def test_change_is_told_better_than_by_plain_measures_in_a_real_city():
    from benchmarks import imagery

    row = imagery.judged_city(Path(SHARED) / "data/imagery", "rennes", 300)
    assert row["change"] > max(row["magnitude"], row["magnitude_top"]) + 0.005
    assert row["change"] > max(row["ndvi_change"], row["ndvi_change_top"]) + 0.05
    assert row["change"] > row["chance"]
