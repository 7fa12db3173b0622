"""Who may see what: profiles applied once, and every planted leak found in every kind of output."""

import base64
import hashlib
import io
import json
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from click.testing import CliRunner
from kept_runs import JUNE, write
from making import workspace
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

import landuse
from landuse import leaks, pipeline, profiles
from landuse.cli import main
from landuse.errors import LeakError, WorkspaceError
from landuse.maps.codec import Package
from landuse.profiles import persons

PERSON, CARD, PHONE = "张建国", "411002198001011234", "13837412345"
PRICE = 8_365_421.37
EAST, NORTH = 500_013.37, 3_700_000.0
SUPPLIES = {
    "S1": {"agreed_commencement_on": "2017-07-15", "price": PRICE, "x": 13.37,
           "right_holder": f"{PERSON}、李四", "project_name": f"{PERSON}住宅 {PHONE}"},
    "S2": {"agreed_commencement_on": "2016-01-01", "x": 213.37, "width": 31.0,
           "right_holder": "许昌示例制造有限公司", "project_name": f"二期（{CARD}）"},
}  # fmt: skip
OWN = """
[profiles.board]
based_on = "leaders"
marking = "秘密"
grid_m = 20
hidden = ["supply.price", "case.fee_cny"]
[profiles.paper]
based_on = "public"
coordinates = "coarse"
map_approval = "豫S〔2018〕001号"
"""


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    root = write(tmp_path_factory.mktemp("profiles"), supplies=SUPPLIES)
    path = root / "layers" / "workspace.toml"
    path.write_text(path.read_text(encoding="utf-8") + OWN, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def run(space):
    return landuse.run(space, on=JUNE)


@pytest.fixture(scope="module")
def built(space):
    """Outputs of some profiles."""
    names = ("internal", "board", "public")
    for name in names:
        pipeline.build(space, on=JUNE, out=space / name, profile=name)
    return {name: space / name for name in names}


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("张三", {"张三"}),
        ("张建国、李四等3人", {"张建国", "李四"}),
        ("欧阳修远", {"欧阳修远"}),
        ("买买提·吐尔逊", {"买买提·吐尔逊"}),
        ("许昌示例有限公司（法定代表人：王五）", {"王五"}),
        ("许昌示例有限公司", set()),
        ("华南机械", set()),
        ("许昌县财政局", set()),
        ("王庄村", set()),
        ("", set()),
    ],
)
def test_natural_persons_are_told_from_firms(cell, found):
    assert persons.names([cell]) == found


def test_masks():
    masks = persons.Masks({"张建国", "张建", "欧阳修", "买买提·吐尔逊"})
    assert masks.text("张建国与张建、欧阳修") == "张某某与张某、欧阳某"
    assert masks.text("买买提·吐尔逊") == "买某某"
    assert masks.text(f"电话{PHONE}，身份证{CARD}") == f"电话138{'*' * 6}45，身份证411{'*' * 13}34"
    assert masks.text("4110022018000112345678") == "4110022018000112345678"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[profiles.a]\nhiden = []", "hiden"),
        ("[profiles.a]\nhidden = ['supply.supply_id']", "supply.supply_id"),
        ("[profiles.a]\nhidden = ['supply']", "supply"),
        ("[profiles.a]\nhidden = ['case.state']", "case.state"),
        ("[profiles.a]\ncoordinates = 'rough'", "exact, coarse, absent"),
        ("[profiles.a]\ngrid_m = 1", "10"),
        ("[profiles.a]\ngrid_m = true", "grid_m"),
        ("[profiles.a]\nbased_on = 'b'", "internal, leaders, public"),
        ("[profiles.a]\npublished = true", "审图号"),
        ("[profiles]\na = 1", "profiles.a"),
        ("", "internal, leaders, public"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(tmp_path, text, words):
    made = workspace(tmp_path, {"s": 'role = "supply"\ntitle = "t"\nfile = "f.csv"\n'
                                     "as_of = 2018-01-01\n"})  # fmt: skip
    path = tmp_path / "layers" / "workspace.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    made = landuse.layers.load(tmp_path)
    with pytest.raises(WorkspaceError, match=re.escape(words)):
        profiles.chosen(made, "a")


def everything(folder):
    """Return all text of outputs, as the leak test opens them."""
    parts = [p for path in folder.rglob("*") if path.is_file() for p in leaks.opening.parts(path)]
    return "\n".join(part.text for part in parts)


def test_internal_outputs_hold_everything_and_their_mark(built):
    text = everything(built["internal"])
    assert PERSON in text
    assert PHONE in text
    for file in ("lists/disposal.xlsx", "lists/bulletin.docx", "maps/overview.html"):
        parts = leaks.opening.parts(built["internal"] / file)
        assert any("内部资料 注意保管" in part.text for part in parts), file


def test_masked_and_coarse_outputs(built):
    text = everything(built["board"])
    for word in (PERSON, "李四", CARD, PHONE):
        assert word not in text, word
    assert "张某某、李某" in text
    assert "许昌示例制造有限公司" in text
    assert "秘密" in text
    pieces = gpd.read_parquet(built["board"] / "pieces.parquet")
    assert (shapely.get_coordinates(pieces.geometry) % 20 == 0).all()
    cases = pd.read_parquet(built["board"] / "cases.parquet")
    assert cases["fee_cny"].isna().all()
    told = json.loads((built["board"] / "manifest.json").read_text(encoding="utf-8"))["profile"]
    assert (told["name"], told["coordinates"], told["grid_m"]) == ("board", "coarse", 20)


def test_published_outputs_have_no_shapes_and_the_same_figures(built):
    public = built["public"]
    assert not (public / "maps").exists()
    assert gpd.read_parquet(public / "pieces.parquet").geometry.isna().all()
    one, two = (json.loads((built[name] / "totals.json").read_text(encoding="utf-8"))["city"]
                for name in ("internal", "public"))  # fmt: skip
    assert one == two
    book = openpyxl.load_workbook(public / "lists" / "disposal.xlsx")
    assert "张某某、李某" in {cell.value for sheet in book for row in sheet for cell in row}


def test_the_manifest_of_published_outputs_names_no_input(built):
    hashed, named = (
        json.loads((built[name] / "manifest.json").read_text(encoding="utf-8"))["inputs"]
        for name in ("public", "board")
    )
    assert all(set(one) == {"sha256"} for one in hashed)
    assert {one["sha256"] for one in hashed} == {one["sha256"] for one in named}


def test_a_published_map_says_its_approval(run):
    shown, _ = profiles.applied(run, profiles.chosen(run.workspace, "paper"))
    page = landuse.maps.figure(shown).html()
    assert "审图号：豫S〔2018〕001号" in page


def test_the_run_that_was_made_is_not_changed(run):
    before = run.cases.copy(), run.tables["supply"].copy(), run.pieces.copy()
    profiles.applied(run, profiles.chosen(run.workspace, "public"))
    pd.testing.assert_frame_equal(run.cases, before[0])
    pd.testing.assert_frame_equal(run.tables["supply"], before[1])
    pd.testing.assert_frame_equal(run.pieces, before[2])


def in_zip(path, name, text):
    with zipfile.ZipFile(path, "a") as book:
        book.writestr(name, text)


def in_text(path, text):
    path.write_text(path.read_text(encoding="utf-8-sig") + text, encoding="utf-8")


def in_cell(path, value, *, is_comment=False):
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("隐")
    sheet.sheet_state = "hidden"
    sheet["C9"] = "x" if is_comment else value
    if is_comment:
        sheet["C9"].comment = openpyxl.comments.Comment(value, "a")
    book.save(path)


def in_paper(path, *runs, is_header=False):
    paper = docx.Document(path)
    holder = paper.sections[0].header.paragraphs[0] if is_header else paper.add_paragraph()
    for run in runs:
        holder.add_run(run)
    paper.save(path)


def in_columns(path, notes=None, **columns):
    table = pq.read_table(path)
    for name, value in columns.items():
        table = table.append_column(name, [[value] * len(table)])
    if notes:
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), **notes})
    pq.write_table(table, path)


def in_database(path, value):
    with closing(sqlite3.connect(path)) as book:
        book.execute("CREATE TABLE more (a)")
        book.execute("INSERT INTO more VALUES (?)", (value,))
        book.commit()


def in_map(path, text=None, number=None, shape=None, picture=None):
    """Put something into the package of a map."""
    package = Package()
    frame = pd.DataFrame({"t": [text or "a"], "n": [number or 0.5]})
    package.add_table("t", frame, {"t": "text", "n": "float"})
    package.add_shapes("s", [shape])
    if picture:
        package.add_picture(picture)
    page = path.read_text(encoding="utf-8")
    slot = r'(id="landuse-package">)[^<]*'
    path.write_text(re.sub(slot, rf"\g<1>{package.base64()}", page), encoding="utf-8")


def picture(text):
    return b"\x89PNG\r\n\x1a\n....tEXtComment\0" + text.encode()


def corner(run):
    return landuse.crs.transformed(
        shapely.points([[EAST, NORTH]]), run.workspace.crs, landuse.crs.CGCS2000, "test"
    )[0]


MAP, BOOK, PAPER = "maps/overview.html", "lists/disposal.xlsx", "lists/bulletin.docx"
PLANTS = {
    "name of a file": lambda f, _: (f / f"{PERSON}.csv").write_text("a", encoding="utf-8"),
    "file of another kind": lambda f, _: (f / "a.bin").write_bytes(PERSON.encode("gbk")),
    "json": lambda f, _: in_text(f / "totals.json", f'"{PERSON}"'),
    "json escaped": lambda f, _: in_text(f / "totals.json", json.dumps(PERSON)),
    "json number": lambda f, _: in_text(f / "manifest.json", f" {PRICE}"),
    "csv": lambda f, _: in_text(f / "findings.csv", f",{PHONE},"),
    "csv number": lambda f, _: in_text(f / "findings.csv", f',"{PRICE:,.2f}",'),
    "csv place": lambda f, _: in_text(f / "findings.csv", f"\r\n{EAST},{NORTH}"),
    "csv place in degrees": lambda f, r: in_text(
        f / "findings.csv", f"\r\n{corner(r).y:.7f} {corner(r).x:.7f}"
    ),
    "page": lambda f, _: in_text(f / MAP, f"<!-- {PERSON} -->"),
    "page by entities": lambda f, _: in_text(
        f / MAP, "".join(f"&#{ord(char)};" for char in PERSON)
    ),
    "index": lambda f, _: in_text(f / "maps/index.html", f"<p>{CARD}</p>"),
    "picture in a page": lambda f, _: in_text(
        f / MAP, f"data:image/png;base64,{base64.b64encode(picture(PERSON)).decode()}"
    ),
    "map text": lambda f, _: in_map(f / MAP, text=f"住宅 {PERSON}"),
    "map number": lambda f, _: in_map(f / MAP, number=PRICE),
    "map number in 万元": lambda f, _: in_map(f / MAP, number=PRICE / 1e4),
    "map shape": lambda f, r: in_map(f / MAP, shape=shapely.LineString([corner(r), (113, 34)])),
    "map picture": lambda f, _: in_map(f / MAP, picture=picture(PERSON)),
    "hidden sheet": lambda f, _: in_cell(f / BOOK, PERSON),
    "number in a sheet": lambda f, _: in_cell(f / BOOK, PRICE),
    "comment in a sheet": lambda f, _: in_cell(f / BOOK, PHONE, is_comment=True),
    "properties of a sheet": lambda f, _: in_zip(
        f / BOOK, "docProps/custom.xml", f'<p v="{PERSON}"/>'
    ),
    "picture in a sheet": lambda f, _: in_zip(f / BOOK, "xl/media/a.png", picture(PERSON)),
    "word cut by runs": lambda f, _: in_paper(f / PAPER, PERSON[:1], PERSON[1:]),
    "header of a paper": lambda f, _: in_paper(f / PAPER, PERSON, is_header=True),
    "number in a paper": lambda f, _: in_paper(f / PAPER, f"{PRICE:,.2f} 元"),
    "workbook in a paper": lambda f, _: in_zip(f / PAPER, "word/embeddings/a.xlsx", nested()),
    "column": lambda f, _: in_columns(f / "cases.parquet", a=f"x{PERSON}"),
    "number in a column": lambda f, _: in_columns(f / "cases.parquet", a=PRICE),
    "notes of a table": lambda f, _: in_columns(f / "cases.parquet", notes={"a": PERSON}),
    "places in columns": lambda f, _: in_columns(f / "cases.parquet", x=EAST, y=NORTH),
    "shape of a table": lambda f, _: in_columns(
        f / "series.parquet", g=shapely.to_wkb(shapely.Point(EAST, NORTH))
    ),
    "table of a database": lambda f, _: in_database(f / "pieces.gpkg", PERSON),
    "number in a database": lambda f, _: in_database(f / "pieces.gpkg", PRICE),
    "blob in a database": lambda f, _: in_database(f / "pieces.gpkg", PERSON.encode("gb18030")),
    "name of a folder": lambda f, _: placed(f / PERSON / "a.csv", b"a"),
    "file without an ending": lambda f, _: placed(f / "a", PERSON.encode("utf-16-le")),
    "bytes in another order": lambda f, _: placed(f / "a.dat", PERSON.encode("utf-16-be")),
    "key of json": lambda f, _: in_text(f / "totals.json", json.dumps({PERSON: 1})),
    "json in json": lambda f, _: in_text(f / "totals.json", json.dumps(json.dumps(PERSON))),
    "place in json": lambda f, _: in_text(f / "totals.json", json.dumps([EAST, NORTH])),
    "place turned": lambda f, _: in_text(f / "totals.json", json.dumps([NORTH, EAST])),
    "card in csv": lambda f, _: in_text(f / "findings.csv", f"\n{CARD}"),
    "attribute of a page": lambda f, _: in_text(f / MAP, f'<p title="{PERSON}"></p>'),
    "script of a page": lambda f, _: in_text(f / MAP, f"<script>{json.dumps(PERSON)}</script>"),
    "style of a page": lambda f, _: in_text(f / MAP, f"<style>/* {PHONE} */</style>"),
    "address in a page": lambda f, _: in_text(f / MAP, f'<a href="#{quote(PERSON)}"></a>'),
    "page by hex entities": lambda f, _: in_text(
        f / MAP, "".join(f"&#x{ord(c):x};" for c in PERSON)
    ),
    "page cut by tags": lambda f, _: in_text(f / MAP, f"<b>{PERSON[0]}</b>{PERSON[1:]}"),
    "number in the index": lambda f, _: in_text(f / "maps/index.html", f"<td>{PRICE:,.2f}</td>"),
    "map with a phone": lambda f, _: in_map(f / MAP, text=PHONE),
    "name of a sheet": lambda f, _: in_book(f / BOOK, lambda b: b.create_sheet(PERSON)),
    "title of a workbook": lambda f, _: in_book(
        f / BOOK, lambda b: setattr(b.properties, "title", PERSON)
    ),
    "author of a workbook": lambda f, _: in_book(
        f / BOOK, lambda b: setattr(b.properties, "creator", PERSON)
    ),
    "foot of a sheet": lambda f, _: in_book(
        f / BOOK, lambda b: setattr(b.active.oddFooter.center, "text", PERSON)
    ),
    "choices of a cell": lambda f, _: in_book(
        f / BOOK, lambda b: b.active.add_data_validation(choices("A1", f'"{PERSON},a"'))
    ),
    "formula of a cell": lambda f, _: in_cell(f / BOOK, f'=LEN("{PERSON}")'),
    "name of a range": lambda f, _: in_book(
        f / BOOK, lambda b: b.defined_names.add(DefinedName("a", attr_text=f'"{PERSON}"'))
    ),
    "place in a sheet": lambda f, _: in_book(
        f / BOOK, lambda b: b.create_sheet("b").append([EAST, NORTH])
    ),
    "file in a workbook": lambda f, _: in_zip(f / BOOK, "xl/embeddings/a.docx", nested()),
    "name of a part": lambda f, _: in_zip(f / BOOK, f"xl/{PERSON}.xml", "<a/>"),
    "footnote of a paper": lambda f, _: in_zip(f / PAPER, "word/footnotes.xml", f"<w>{CARD}</w>"),
    "comment of a paper": lambda f, _: in_zip(f / PAPER, "word/comments.xml", f"<w>{PERSON}</w>"),
    "picture in a paper": lambda f, _: in_zip(f / PAPER, "word/media/a.png", picture(PERSON)),
    "author of a paper": lambda f, _: in_author(f / PAPER, PERSON),
    "table of a paper": lambda f, _: in_rows(f / PAPER, PERSON),
    "name of a column": lambda f, _: in_columns(f / "cases.parquet", **{PERSON: 1}),
    "list in a column": lambda f, _: in_columns(f / "cases.parquet", a=[PERSON]),
    "bytes in a column": lambda f, _: in_columns(f / "cases.parquet", a=PERSON.encode("gbk")),
    "table named after": lambda f, _: in_sql(f / "pieces.gpkg", f'CREATE TABLE "{PERSON}" (a)'),
    "view of a database": lambda f, _: in_sql(
        f / "pieces.gpkg", f"CREATE VIEW a AS SELECT '{PERSON}' AS b"
    ),
    "description of a layer": lambda f, _: in_sql(
        f / "pieces.gpkg", f"UPDATE gpkg_contents SET description = '{PERSON}'"
    ),
    "shape in a database": lambda f, _: in_database(
        f / "pieces.gpkg", shapely.to_wkb(shapely.Point(EAST, NORTH))
    ),
}


def placed(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def in_book(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def choices(cell, listed):
    rule = DataValidation("list", listed)
    rule.add(cell)
    return rule


def in_author(path, name):
    paper = docx.Document(path)
    paper.core_properties.author = name
    paper.save(path)


def in_rows(path, text):
    paper = docx.Document(path)
    paper.add_table(1, 1).cell(0, 0).text = text
    paper.save(path)


def in_sql(path, command):
    with closing(sqlite3.connect(path)) as book:
        book.execute(command)
        book.commit()


def nested():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        book.writestr("xl/sharedStrings.xml", f"<t>{PERSON}</t>")
    return stream.getvalue()


@pytest.fixture(scope="module")
def hidden(run):
    return profiles.applied(run, profiles.chosen(run.workspace, "board"))[1]


def test_what_was_built_leaks_nothing(built, hidden, run):
    assert leaks.found(built["board"], hidden, run.workspace.crs) == []
    assert leaks.found(built["internal"], hidden, run.workspace.crs) != []


@pytest.mark.parametrize("plant", PLANTS)
def test_every_planted_leak_is_found(built, hidden, run, tmp_path, plant):
    folder = tmp_path / "out"
    shutil.copytree(built["board"], folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    PLANTS[plant](folder, run)
    for path, content in before.items():  # only what was touched is searched again
        if path.read_bytes() == content:
            path.unlink()
    assert leaks.found(folder, hidden, run.workspace.crs), plant


def test_a_build_that_would_leak_writes_nothing(space, built, monkeypatch):
    before = {p: p.read_bytes() for p in built["board"].rglob("*") if p.is_file()}
    whole = landuse.export.totals
    with monkeypatch.context() as patched:
        patched.setattr(
            "landuse.export.totals", lambda folder, told: whole(folder, {**told, "x": PERSON})
        )
        with pytest.raises(LeakError, match=r"totals\.json") as caught:
            pipeline.build(space, on=JUNE, out=built["board"], profile="board")
    assert PERSON not in str(caught.value)
    assert {p: p.read_bytes() for p in built["board"].rglob("*") if p.is_file()} == before


def test_the_history_of_a_profile_is_whole(run):
    shown, _ = profiles.applied(run, profiles.chosen(run.workspace, "public"))
    assert replace(shown, whole=run).past is run.past


def verified(folder):
    done = CliRunner().invoke(main, ["verify", str(folder), "--lang", "en"])
    return done.exit_code, done.output


def test_outputs_are_held_against_their_manifest(built, tmp_path):
    folder = tmp_path / "out"
    shutil.copytree(built["public"], folder)
    code, said = verified(folder)
    assert code == 0
    assert "profile public" in said
    assert hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest() in said
    in_text(folder / "totals.json", " ")
    (folder / "lists" / "bulletin.docx").unlink()
    (folder / "lists" / "new.txt").write_text("a", encoding="utf-8")
    code, said = verified(folder)
    assert code == 1
    assert said.splitlines() == [
        "missing: lists/bulletin.docx",
        "not in the manifest: lists/new.txt",
        "changed: totals.json",
    ]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"outputs": 3}'])
def test_a_folder_without_a_manifest_is_said(tmp_path, text):
    if text is not None:
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    code, said = verified(tmp_path)
    assert code == 2
    assert "manifest.json" in said


@pytest.mark.parametrize("page", ["security.md", "security.zh-CN.md"])
def test_the_page_for_the_security_office_names_tests_that_are_there(page):
    root = Path(__file__).parents[1]
    text = (root / "docs" / page).read_text(encoding="utf-8")
    tests = set(re.findall(r"`(test_[\w*]+\.py)`", text))
    assert len(tests) > 6
    assert all(list((root / "tests").glob(name)) for name in tests)
    assert str(len(PLANTS)) in text
    for name in profiles.OURS:
        assert name in text


def test_sites_are_not_offered_to_an_audience_they_could_tell_too_much(tmp_path):
    root = Path(__file__).parents[1]
    args = ["build", str(root), "--on", "2018-06-30", "--out", str(tmp_path / "o")]
    done = CliRunner().invoke(main, [*args, "--with-sites", "--profile", "public"])
    assert done.exit_code != 0
    assert "招商地块" in f"{done.output}{done.exception}"
    assert not (tmp_path / "o").exists()
