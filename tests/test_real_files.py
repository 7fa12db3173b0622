"""Real public files that no one here made: what is read from them, and what is said of them."""

import csv
import io
import shutil
from collections import Counter
from datetime import date

import pandas as pd
import pyogrio
import pytest
from making import SHARED, codes, layer, workspace

from landuse import check, findings, read

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared real files are not here")

GUANGDONG = {
    "supply_id": "md5Mark",
    "right_holder": "landHolder",
    "project_name": "projectName",
    "location": "projectLocation",
    "supply_mode": "supplyType",
    "land_use": "landPurpose",
    "declared_area": "area",
    "price": "transferPrice",
    "signed_on": "signTime",
    "agreed_delivery_on": "agreedDeliveryTime",
    "agreed_commencement_on": "agreedStartTime",
    "agreed_completion_on": "agreedCompletionTime",
    "commenced_on": "actualStartTime",
    "completed_on": "actualCompletionTime",
}


def brought(root, *names):
    """Copy shared files below the workspace's layers/data."""
    folder = root / "layers" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        source = DATA / name
        shutil.copyfile(source, folder / source.name)


def ledger(root, name, crs="EPSG:4547", **keys):
    """Read one shared ledger as the supply layer of a workspace."""
    brought(root, f"supply-records/{name}")
    made = workspace(root, {"s": layer("supply", name, **keys)}, crs=crs)
    return made, read.tables(made)


@pytest.fixture(scope="module")
def guangdong(tmp_path_factory):
    return ledger(
        tmp_path_factory.mktemp("guangdong"),
        "guangdong_2020_results.csv",
        as_of="2020-04-15",
        columns=GUANGDONG,
        units={"declared_area": "ha", "price": "wan_yuan"},
    )


@pytest.fixture(scope="module")
def truth():
    """Return the same file by the csv module alone."""
    text = (DATA / "supply-records" / "guangdong_2020_results.csv").read_text(encoding="gb18030")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_guangdong_is_read_whole(guangdong, truth):
    _, reading = guangdong
    table = reading.tables["supply"]
    assert len(table) == len(truth) == 1075
    assert reading.inputs[["encoding", "refused"]].values.tolist() == [["GB18030", 0]]
    assert table["supply_id"].tolist() == [row["md5Mark"] for row in truth]
    assert table["source_row"].tolist() == list(range(2, 1077))
    assert codes(reading.findings) == {"columns_matched": 1, "pair_swapped": 1}
    areas = [float(row["area"]) * 10_000 for row in truth]
    assert table["declared_area"].tolist() == pytest.approx(areas)
    prices = sum(float(row["transferPrice"]) for row in truth if row["transferPrice"]) * 10_000
    assert table["price"].sum() == pytest.approx(prices)
    for ours in ("signed_on", "agreed_commencement_on", "commenced_on", "completed_on"):
        days = [row[GUANGDONG[ours]] for row in truth]
        assert table[ours].dt.strftime("%Y-%m-%d").fillna("").tolist() == days, ours


def test_contradictions_of_guangdong_are_named(guangdong, truth):
    made, reading = guangdong
    settled, _ = check.settled(reading.tables)
    found = check.findings(settled, made, date(2020, 4, 15))
    pairs = {
        "commenced_before_signed": ("actualStartTime", "signTime"),
        "completed_before_signed": ("actualCompletionTime", "signTime"),
        "completed_before_commenced": ("actualCompletionTime", "actualStartTime"),
    }
    for code, (early, late) in pairs.items():
        rows = [
            number
            for number, row in enumerate(truth, start=2)
            if row[early] and row[late] and row[early] < row[late]
        ]
        assert sorted(found.loc[found["code"] == code, "row"]) == rows
        assert rows, code
    later = [n for n, row in enumerate(truth, start=2) if row["signTime"] > "2020-04-15"]
    assert found.loc[found["code"] == "day_after_as_of", "row"].tolist() == later
    assert codes(found)["layer_without_geometry"] == 1
    assert codes(found)["supplies_alike"] == 4
    assert not findings.forbid(found)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("zhengzhou_agreement_results.csv", 190),
        ("zhengzhou_allocation_results.csv", 167),
        ("zhengzhou_auction_results.csv", 177),
    ],
)
def test_zhengzhou_rows_are_refused_and_never_shifted(tmp_path, name, rows):
    columns = {} if "agreement" in name else {"supply_id": "唯一标识"}
    _, reading = ledger(tmp_path, name, columns=columns)
    assert len(reading.tables["supply"]) == 0
    assert reading.inputs["refused"].tolist() == [rows]
    refused = reading.findings[reading.findings["code"] == "row_width"]
    assert len(refused) == rows
    assert refused["row"].min() == 2
    assert codes(reading.findings)["layer_empty"] == 1
    short = reading.findings[reading.findings["code"] == "header_short"]
    assert short["value"].tolist() == ["爬取地址url"]


def test_zhengzhou_is_right_once_its_header_is(tmp_path):
    lines = (
        (DATA / "supply-records" / "zhengzhou_agreement_results.csv").read_bytes().decode("gb18030")
    )
    header, rest = lines.split("\n", 1)
    mended = header.replace("爬取地址url", "爬取日期,爬取地址url") + "\n" + rest
    keys = {
        "columns": {"supply_id": "唯一标识", "declared_area": "面积"},
        "units": {"declared_area": "ha"},
    }
    made = workspace(tmp_path, {"s": layer("supply", "z.csv", **keys)}, {"z.csv": mended})
    reading = read.tables(made)
    table = reading.tables["supply"]
    assert len(table) == 190
    assert table["supply_id"].str.fullmatch("[0-9a-f]{32}").all()
    assert table["declared_area"].iloc[0] == pytest.approx(9824.52)
    assert table["signed_on"].iloc[0] == pd.Timestamp("2014-12-04")
    assert table["location"].iloc[0] == "刘砦路南、丰乐路西"


def test_a_legacy_workbook_with_repeated_headings(tmp_path):
    _, reading = ledger(
        tmp_path,
        "landchina_2017_results.xls",
        as_of="2017-01-31",
        columns={"supply_id": "链接", "signed_on": "合同签订日期"},
    )
    table = reading.tables["supply"]
    assert len(table) == 3677
    assert table["declared_area"].isna().sum() == 94  # the rows without detail
    assert table["declared_area"].iloc[0] == pytest.approx(185_265)
    assert table["land_use"].iloc[0] == "军事设施用地"
    found = codes(reading.findings)
    assert found["heading_repeated"] == 1
    assert found["unit_of_heading"] == 1
    assert found["columns_agree"] == 3  # 土地坐落, 土地用途 and 供应方式 stand there twice
    assert found["pair_swapped"] == 1
    assert found["money_suspected"] == 1  # 成交价格 is in 万元, as the site has it


def test_a_workbook_with_english_headings(tmp_path):
    _, reading = ledger(
        tmp_path,
        "beijing_2019_results.xlsx",
        columns={
            "supply_id": "Electronic supervision number",
            "agreed_commencement_on": "Agreed start time",
            "commenced_on": "Actual start time",
        },
    )
    table = reading.tables["supply"]
    assert len(table) == 189
    assert table["supply_id"].iloc[0] == "1101002019B01585"
    assert table["agreed_commencement_on"].notna().sum() == 66
    assert table["commenced_on"].notna().sum() == 0


def test_json_lines_in_gb18030(tmp_path):
    _, reading = ledger(
        tmp_path,
        "landchina_2018_gb18030.jsonl",
        columns={"supply_id": "idnumber", "signed_on": "date4sign", "declared_area": "area"},
    )
    table = reading.tables["supply"]
    assert len(table) == 241
    assert table["supply_id"].iloc[0] == "1306262018B00730"
    assert table["signed_on"].iloc[0] == pd.Timestamp("2018-12-31")
    assert codes(reading.findings)["unit_suspected"] == 1


def test_prague_leaves_web_mercator_behind(tmp_path):
    brought(tmp_path, "parcels/prague_bubenec.gpkg")
    plots = layer("supply", "prague_bubenec.gpkg", layer="plots", columns={"supply_id": "ID_2"})
    keys = {"layer": "buildings", "columns": {"construction_id": "uID"}}
    houses = layer("construction", "prague_bubenec.gpkg", **keys)
    made = workspace(tmp_path, {"s": plots, "c": houses}, crs="EPSG:32633")
    reading = read.tables(made)
    table = reading.tables["supply"]
    assert (len(table), len(reading.tables["construction"])) == (407, 144)
    assert reading.inputs["crs"].tolist() == ["EPSG:3857", "EPSG:3857"]
    raw = pyogrio.read_dataframe(DATA / "parcels" / "prague_bubenec.gpkg", layer="plots")
    expected = raw.to_crs(32633).area
    assert table.area.tolist() == pytest.approx(expected.tolist(), rel=1e-9)
    assert raw.area.sum() / table.area.sum() == pytest.approx(2.44, abs=0.02)
    settled, said = check.settled(reading.tables)
    assert settled["supply"]["supply_id"].is_unique
    assert not findings.forbid(
        findings.gather([said, check.findings(settled, made, date(2020, 1, 1))])
    )


def test_philadelphia_feet_become_metres(tmp_path):
    brought(tmp_path, "parcels/philadelphia_vacant_excerpt.gpkg")
    keys = {"columns": {"supply_id": "opa_id"}}
    toml = layer("supply", "philadelphia_vacant_excerpt.gpkg", **keys)
    reading = read.tables(workspace(tmp_path, {"s": toml}, crs="EPSG:26918"))
    table = reading.tables["supply"]
    feet = pyogrio.read_dataframe(DATA / "parcels" / "philadelphia_vacant_excerpt.gpkg")
    assert len(table) == len(feet) == 1109
    expected = feet.area * (1200 / 3937) ** 2
    # two projections, each with a scale within 4 in 10 000 of 1
    assert (table.area / expected).between(0.9985, 1.0015).all()
    assert table.crs == "EPSG:26918"


def test_a_gbk_shapefile_without_cpg(tmp_path):
    brought(
        tmp_path, *(f"shapefile-gbk/chinese_poly.{part}" for part in ("shp", "shx", "dbf", "prj"))
    )
    keys = {"columns": {"supply_id": "ADCODE99", "project_name": "NAME"}}
    toml = layer("supply", "chinese_poly.shp", **keys)
    reading = read.tables(workspace(tmp_path, {"s": toml}, crs="EPSG:32652"))
    assert reading.tables["supply"]["project_name"].tolist() == ["黑龙江省"]
    assert reading.tables["supply"]["supply_id"].tolist() == ["230000"]
    assert reading.inputs["encoding"].tolist() == ["GB18030"]
    assert codes(reading.findings)["encoding_inferred"] == 1


def test_county_boundaries_as_clusters(tmp_path):
    brought(tmp_path, "boundaries/xuchang_districts.geojson")
    keys = {"columns": {"cluster_id": "adcode", "cluster_name": "name"}}
    tomls = {
        "c": layer("cluster", "xuchang_districts.geojson", **keys),
        "s": layer("supply", "s.csv"),
    }
    made = workspace(
        tmp_path, tomls, {"s.csv": "supply_id,declared_area\n007,1\n"}, method="ellipsoid"
    )
    table = read.tables(made).tables["cluster"]
    assert table["cluster_id"].tolist() == sorted(table["cluster_id"])
    assert len(table) == 6
    assert table.area.sum() / 1e6 == pytest.approx(4981.3, rel=5e-4)


def test_hostile_text_stays_text(tmp_path):
    lines = (DATA / "hostile-text" / "csv-payload.txt").read_text(encoding="utf-8").splitlines()
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(["电子监管号", "项目名称"])
    writer.writerows([f"A{n}", text] for n, text in enumerate(lines))
    made = workspace(tmp_path, {"s": layer("supply", "s.csv")}, {"s.csv": rows.getvalue()})
    table = read.tables(made).tables["supply"]
    kept = Counter(text.strip() for text in lines if text.strip())
    assert Counter(table["project_name"].dropna()) == kept
