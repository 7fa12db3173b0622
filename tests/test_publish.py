"""Runs in a shared PostGIS, and layers out of one: a real server, started for these tests."""

import json
import math
from datetime import date
from xml.etree import ElementTree as ET

import making
import pandas as pd
import postgis
import pytest
import shapely
from click.testing import CliRunner
from kept_runs import JULY, JUNE, SUPPLIES, kept, write

import landuse
from landuse import database, export, read
from landuse.cli import main
from landuse.errors import DatabaseError, LayerError
from landuse.maps import style
from landuse.publish import publish, styles

psycopg = pytest.importorskip("psycopg")

HOSTILE = "Robert'); DROP TABLE cases;--\t\"\\.\n\0河南"


@pytest.fixture(scope="module")
def server():
    with postgis.server() as at:
        yield at


@pytest.fixture
def address(server, request):
    return postgis.database(server, request.node.name[:60])


@pytest.fixture(scope="module")
def june(tmp_path_factory):
    """A workspace with two kept runs and a hostile name, and the run of June."""
    root = tmp_path_factory.mktemp("june")
    write(root, supplies=SUPPLIES | {"S3": {**SUPPLIES["S3"], "right_holder": HOSTILE}})
    kept(root, date(2018, 5, 31), date(2018, 6, 1))
    kept(root, JUNE, date(2018, 7, 1))
    return landuse.run(root, on=JUNE)


def rows(address, query, *values):
    with psycopg.connect(address) as connection:
        return connection.execute(query, values or None).fetchall()


def everything(address, schema="landuse"):
    """Return the content of every published table, as text."""
    names = [n for (n,) in rows(
        address, "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", schema
    )]  # fmt: skip
    return {
        name: sorted(r[0] for r in rows(address, f'SELECT t::text FROM "{schema}"."{name}" AS t'))
        for name in names
    }


def test_what_is_published_equals_the_files(address, june, tmp_path):
    done = publish(address, june)
    assert (done.new_runs, done.is_styled) == (2, True)
    export.cases(tmp_path, june.cases)
    cases = pd.read_parquet(tmp_path / "cases.parquet")
    names = ", ".join(f'"{name}"' for name in cases.columns)
    found = rows(address, f"SELECT {names} FROM landuse.cases ORDER BY kind, case_id")
    want = cases.sort_values(["kind", "case_id"]).astype(object)
    want = want.where(want.notna(), None).to_dict("split")["data"]

    def plain(value):
        if isinstance(value, pd.Timestamp):
            return value.date()
        return value.replace("\0", "\u2400") if isinstance(value, str) else value

    assert [list(row) for row in found] == [[plain(v) for v in row] for row in want]
    shapes = rows(
        address, "SELECT piece_id, ST_AsBinary(geometry), ST_SRID(geometry) FROM landuse.pieces"
    )
    there = {piece: shapely.from_wkb(bytes(wkb)) for piece, wkb, _ in shapes}
    assert {srid for *_, srid in shapes} == {4547}
    for piece in june.pieces.itertuples():
        whole = shapely.MultiPolygon(shapely.get_parts(piece.geometry).tolist())
        assert shapely.to_wkb(there[piece.piece_id]) == shapely.to_wkb(whole)
    totals = rows(address, "SELECT totals FROM landuse.run")[0][0]
    assert totals == json.loads(json.dumps(june.totals))
    city = dict(rows(
        address,
        "SELECT state, area_m2 FROM landuse.totals WHERE place = 'city' AND status = ''",
    ))  # fmt: skip
    states = june.totals["city"]["states"]
    assert city == {state: entry["area_m2"] for state, entry in states.items()}
    areas = rows(address, "SELECT area_m2 FROM landuse.pieces")
    assert math.fsum(a for (a,) in areas) == pytest.approx(math.fsum(city.values()), abs=1e-6)
    assert done.rows["findings"] == len(june.findings)


def test_publishing_again_changes_nothing_and_takes_what_is_new(address, june):
    publish(address, june)
    first = everything(address)
    assert publish(address, june).new_runs == 0
    assert everything(address) == first
    root = june.workspace.path
    number = kept(root, JULY, date(2018, 8, 1)).number
    done = publish(address, june)
    assert done.new_runs == 1
    assert {n for (n,) in rows(address, "SELECT number FROM landuse.history")} == {1, 2, number}
    (root / "history" / "runs" / f"{number:04d}.json").unlink()
    publish(address, june)
    assert everything(address) == first


def test_a_failure_leaves_what_was_there(address, june, monkeypatch):
    publish(address, june)
    first = everything(address)
    monkeypatch.setattr("landuse.publish.styles.qml", lambda *_: "<not xml")
    with pytest.raises(DatabaseError, match="内容未改变"):
        publish(address, landuse.run(june.workspace.path, on=JULY))
    assert everything(address) == first


def test_indexes_keys_and_headings(address, june):
    publish(address, june)
    kinds = dict(rows(
        address,
        "SELECT indexdef, 1 FROM pg_indexes WHERE schemaname = 'landuse' AND tablename = 'pieces'",
    ))  # fmt: skip
    assert any("gist (geometry)" in text for text in kinds)
    assert any("UNIQUE" in text and "(piece_id)" in text for text in kinds)
    assert any("(kind, case_id)" in text for text in kinds)
    bare = rows(
        address,
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'landuse'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 "
        "AND coalesce(col_description(c.oid, a.attnum), a.attname) = a.attname",
    )
    assert bare == []


def test_a_reader_may_read_and_nothing_else(address, june):
    role = 'read"er; --'
    publish(address, june, readers=[role])
    with psycopg.connect(address) as connection:
        name = psycopg.sql.Identifier(role)
        connection.execute(psycopg.sql.SQL("SET ROLE {}").format(name))
        assert connection.execute("SELECT count(*) FROM landuse.history").fetchone()[0] > 0
        assert connection.execute("SELECT count(*) FROM layer_styles").fetchone()[0] == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM landuse.cases")


def test_names_of_schemas_are_names(address, june):
    schema = 'of"fice; DROP SCHEMA public;--'
    publish(address, june, schema=schema)
    assert rows(address, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema) == [(1,)]
    for wrong in ("", "x" * 64, "a\0b"):
        with pytest.raises(DatabaseError):
            publish(address, june, schema=wrong)


def test_what_is_not_ours_is_left_alone(address, june):
    rows_before = "CREATE SCHEMA landuse; CREATE TABLE landuse.cases (mine int)"
    with psycopg.connect(address) as connection:
        connection.execute(rows_before)
    with pytest.raises(DatabaseError, match="--schema"):
        publish(address, june)
    publish(address, june, schema="other")
    with psycopg.connect(address) as connection:
        connection.execute("ALTER TABLE other.cases DROP COLUMN fee_cny")
    with pytest.raises(DatabaseError, match="fee_cny"):
        publish(address, june, schema="other")


def test_the_style_in_the_database_is_that_of_the_map(address, june):
    publish(address, june)
    found = rows(address, "SELECT styleqml::text, stylesld::text, useasdefault FROM layer_styles")
    assert len(found) == 1
    qml, sld = (ET.fromstring(text) for text in found[0][:2])
    rules = qml.findall("renderer-v2/rules/rule")
    assert len(rules) == len(style.styles()) == len(sld.findall(".//{*}Rule"))
    words = [rule.get("label") for rule in rules]
    assert "疑似闲置（满一年）" in words
    assert "闲置土地（满一年）" in words
    assert words == [name.text for name in sld.findall(".//{*}Rule/{*}Name")]
    symbols = {s.get("name") for s in qml.findall("renderer-v2/symbols/symbol")}
    assert symbols == {rule.get("symbol") for rule in rules}
    aliases = {a.get("field"): a.get("name") for a in qml.findall("aliases/alias")}
    assert aliases["status_label"] == "状态"
    assert styles.qml({}, "en") != styles.qml({}, "zh")


TYPES = {"declared_area": "numeric", "price": "numeric", "commenced_on": "date"}


def put(address, table, name):
    """Put a table into the database, as an office would hold it."""
    sql = psycopg.sql
    columns = [c for c in table.columns if c != "geometry"]
    parts = [
        sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(TYPES.get(c, "text"))) for c in columns
    ]
    has_shape = "geometry" in table
    if has_shape:
        parts.append(sql.SQL("geom geometry(Geometry, 4547)"))
    where = sql.Identifier(*name)
    with psycopg.connect(address) as connection:
        connection.execute(
            sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name[0]))
        )
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(where, sql.SQL(", ").join(parts)))
        for row in table.to_dict("records"):
            cells = [None if pd.isna(row[c]) else str(row[c]) for c in columns]
            values = sql.SQL(", ").join([sql.Placeholder()] * len(cells))
            if has_shape:
                values += sql.SQL(", ST_GeomFromWKB({}, 4547)").format(sql.Placeholder())
                cells.append(shapely.to_wkb(row["geometry"]))
            connection.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(where, values), cells)


def test_layers_out_of_a_database_give_what_their_files_give(address, tmp_path):
    import geopandas as gpd

    write(tmp_path, pauses=["S1,G1,2017-08-01,2017-09-01,〔2017〕1号"])
    run = landuse.run(tmp_path, on=JUNE)
    data = tmp_path / "layers" / "data"
    put(address, gpd.read_file(data / "supplies.geojson"), ("土地", "供地 台账"))
    put(address, gpd.read_file(data / "approvals.geojson"), ("土地", "批次"))
    put(address, pd.read_csv(data / "pauses.csv", dtype=str), ("public", "pauses"))
    for path in data.iterdir():
        path.unlink()
    for name, role, layer in (
        ("supplies", "supply", "土地.供地 台账"),
        ("approvals", "approval", "批次"),
        ("pauses", "pause", "pauses"),
    ):
        text = making.layer(role, "x", layer=layer).replace('"data/x"', f'"{address}"')
        (tmp_path / "layers" / f"{name}.toml").write_text(text, encoding="utf-8")
    again = landuse.run(tmp_path, on=JUNE)
    assert again.totals == run.totals
    pd.testing.assert_frame_equal(again.cases, run.cases)
    assert list(again.pieces.geometry.to_wkb()) == list(run.pieces.geometry.to_wkb())
    assert again.inputs["sha256"].str.len().eq(64).all()
    assert list(again.inputs.query("role == 'supply'")["crs"]) == ["EPSG:4547"]
    pd.testing.assert_frame_equal(landuse.run(tmp_path, on=JUNE).inputs, again.inputs)


def source(address, tmp_path, layer="", **keys):
    keys |= {"layer": layer} if layer else {}
    text = making.layer(keys.pop("role", "supply"), "x", **keys).replace('"data/x"', f'"{address}"')
    return making.workspace(tmp_path, {"layer": text})


def test_a_table_that_is_not_there_or_not_one_is_said(address, tmp_path):
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE one (a geometry, b geometry); CREATE TABLE two (c int)")
    with pytest.raises(LayerError, match=r"public\.one, public\.two"):
        read.tables(source(address, tmp_path))
    with pytest.raises(LayerError, match="'three'"):
        read.tables(source(address, tmp_path, "three"))
    with pytest.raises(LayerError, match="a, b"):
        read.tables(source(address, tmp_path, "one"))
    with pytest.raises(LayerError, match=r"layer\.toml.*refused|layer\.toml.*未能完成"):
        read.tables(source(address.replace("?", "_no?"), tmp_path, "one"))


def test_cells_of_every_type_are_read_as_a_file_holds_them(address, tmp_path):
    with psycopg.connect(address) as connection:
        connection.execute(
            "CREATE TABLE t (supply_id numeric, right_holder varchar, declared_area numeric(12,2),"
            " signed_on timestamp, is_seized bool, location jsonb, price money, g geography);"
            "INSERT INTO t VALUES (4110002018000123, '甲', 1000.50, '2018-01-02', true,"
            " '{\"a\": 1}', NULL, "
            "ST_GeogFromText('POLYGON((114 34,114.001 34,114.001 34.001,114 34))')),"
            "(2, NULL, 'NaN', 'infinity', NULL, NULL, NULL, NULL)"
        )
    found = read.tables(source(address, tmp_path, units={"declared_area": "m2"}))
    table = found.tables["supply"]
    assert list(table["supply_id"]) == ["2", "4110002018000123"]
    assert table["declared_area"].iloc[1] == 1000.50
    assert table["signed_on"].iloc[1] == pd.Timestamp("2018-01-02")
    assert pd.isna(table["declared_area"].iloc[0])
    assert pd.isna(table["signed_on"].iloc[0])
    assert bool(table["is_seized"].iloc[1])
    assert table.geometry.iloc[0] is None
    assert table.geometry.iloc[1].area == pytest.approx(5_124, abs=1)
    assert found.inputs["crs"].iloc[0] == "EPSG:4326"


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://office:secret@db/land",
        "postgresql://office@db/land?password=secret",
        "postgresql://office@db/land?PassWord=secret",
        "postgresql://office@db/land?p%61ssword=secret",
        "postgres://a:secret@one,b@two/land",
        "postgresql://office@db/land?sslpassword=secret",
    ],
)
def test_a_password_in_a_toml_is_refused(tmp_path, wrong):
    with pytest.raises(LayerError, match="PGPASSWORD") as caught:
        source(wrong, tmp_path)
    assert "secret" not in str(caught.value)
    refused = CliRunner().invoke(main, ["publish", wrong, str(tmp_path)])
    assert refused.exit_code == 2
    assert "PGPASSWORD" in refused.stderr
    assert "secret" not in refused.output


@pytest.mark.parametrize("wrong", ["postgresql://db/x?options=-c%20role=a", "postgresql://db/x#y"])
def test_other_options_are_refused_with_those_there_are(tmp_path, wrong):
    with pytest.raises(LayerError, match="sslmode"):
        source(wrong, tmp_path)


def test_imagery_is_no_table(tmp_path):
    with pytest.raises(LayerError, match="影像"):
        source("postgresql://db/x", tmp_path, role="imagery")


def test_the_password_comes_from_the_environment_or_pgpass(server, june, tmp_path, monkeypatch):
    _, port = server
    name = postgis.database(server, "by_password").partition("?")[0].rpartition("/")[2]
    where = f"postgresql://office@127.0.0.1:{port}/{name}"
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    with pytest.raises(DatabaseError, match=r"\.pgpass") as caught:
        publish(where, june)
    assert postgis.PASSWORD not in str(caught.value)
    monkeypatch.setenv("PGPASSWORD", postgis.PASSWORD)
    assert publish(where, june).rows["cases"] == 4
    monkeypatch.delenv("PGPASSWORD")
    secret = tmp_path / "pgpass"
    secret.write_text(f"127.0.0.1:{port}:*:office:{postgis.PASSWORD}\n", encoding="utf-8")
    secret.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(secret))
    assert publish(where, june).new_runs == 0


def test_a_database_without_postgis_or_without_a_server_is_said(server, june):
    bare = postgis.database(server, "bare")
    with psycopg.connect(bare) as connection:
        connection.execute("DROP EXTENSION postgis")
    with pytest.raises(DatabaseError, match="CREATE EXTENSION"):
        publish(bare, june)
    with pytest.raises(DatabaseError, match=r"127\.0\.0\.1:1/x"):
        publish("postgresql://127.0.0.1:1/x", june)


def test_the_command(address, june):
    done = CliRunner().invoke(
        main, ["publish", address, "--on", "2018-06-30", "--reader", "r", str(june.workspace.path)]
    )
    assert done.exit_code == 0, done.output
    assert "landuse.cases\t4" in done.stdout
    assert "新增历史记录 2 次" in done.stderr


def test_addresses_are_shown_without_secrets():
    assert database.shown("postgresql://u:p@h:1/d?sslkey=x") == "postgresql://u@h:1/d"
