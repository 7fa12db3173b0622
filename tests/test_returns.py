"""A list goes out, is worked on in an office program, and comes back with the edits and no more."""

import json
import random
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landuse import cells, cli, entries, returns, slip, workbook
from landuse.errors import EntryError
from landuse.workbook.sheets import COLUMNS
from tests.test_workbook import HOSTILE, make_results

NAME = "许昌市"
SHEET = "供而未建"
DAY = date(2018, 7, 10)
SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
WHO = {"by": "李四", "why": "示例函〔2018〕1号", "on": DAY}


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A workspace and the list made from it."""
    folder = tmp_path_factory.mktemp("sent")
    results = make_results(folder / "workspace")
    workbook.write(folder / "disposal.xlsx", results)
    return results, folder / "disposal.xlsx"


@pytest.fixture
def workspace(sent, tmp_path):
    """A copy of the workspace in which nothing was accepted."""
    shutil.copytree(sent[0].workspace.path, tmp_path / "workspace")
    return tmp_path / "workspace"


def at(text):
    return pd.Timestamp(text).to_pydatetime()


class Opened:
    """A list opened as a person does: rows by case, columns by their heads."""

    def __init__(self, path):
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def page(self, sheet=SHEET):
        return self.book[sheet]

    def column(self, head, sheet=SHEET):
        page = self.page(sheet)
        for row in (3, 4):
            for cell in page[row]:
                if str(cell.value).replace("\n", "") == head:
                    return cell.column
        raise AssertionError(head)

    def rows(self, sheet=SHEET):
        """Return row numbers of cases in their order."""
        place = self.column("回填标识", sheet)
        cells = self.page(sheet).iter_rows(min_col=place, max_col=place)
        return [c.row for (c,) in cells if isinstance(c.value, str) and c.value[8:9] == "{"]

    def case(self, row, sheet=SHEET):
        text = self.page(sheet).cell(row, self.column("回填标识", sheet)).value
        return slip.parsed(text).case_id

    def write(self, row, head, value, sheet=SHEET):
        cell = self.page(sheet).cell(row, self.column(head, sheet))
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # as typed text, whatever it begins with

    def save(self, path):
        self.book.save(path)
        return path


def edits(plan):
    return {(c.case_id, c.field): c.value for c in plan.changes.itertuples()}


def planned(workspace, *paths):
    return returns.planned(paths, workspace, NAME)


def test_a_list_nobody_touched_changes_nothing(sent, workspace):
    plan = planned(workspace, sent[1])
    assert plan.changes.empty
    assert plan.notices.empty


def test_exactly_the_edits_come_back(sent, workspace, tmp_path):
    book = Opened(sent[1])
    first, second, third = book.rows()[:3]
    book.write(first, "责任人", "张三")
    book.write(first, "完成时限", at("2018-12-31"))
    book.write(second, "完成时限", "2018年9月1日")
    book.write(third, "备注", "=HYPERLINK(1)")
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    assert edits(plan) == {
        (book.case(first), "person"): "张三",
        (book.case(first), "due_on"): "2018-12-31",
        (book.case(second), "due_on"): "2018-09-01",
        (book.case(third), "remark"): "=HYPERLINK(1)",
    }
    assert set(plan.changes["verdict"]) == {"clean"}
    assert plan.notices.empty


def test_rows_and_columns_may_be_moved_and_sheets_renamed(sent, workspace, tmp_path):
    book = Opened(sent[1])
    page, rows = book.page(), book.rows()
    case = book.case(rows[0])
    book.write(rows[0], "责任人", "张三")
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(str(merged))
    values = [[c.value for c in page[row]] for row in rows]
    for row, line in zip(rows, reversed(values), strict=True):  # sorted
        for column, value in enumerate(line, start=1):
            page.cell(row, column).value = value
    page.insert_cols(3)  # everything to the right moves
    page.title = "魏都区填报"
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    assert edits(plan) == {(case, "person"): "张三"}
    assert plan.notices.empty


def test_what_was_deleted_or_added_is_said_and_nothing_is_taken(sent, workspace, tmp_path):
    book = Opened(sent[1])
    page, rows = book.page(), book.rows()
    gone = book.case(rows[1])
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(str(merged))
    page.delete_rows(rows[1])
    page.insert_rows(rows[0] + 1)
    for head, text in (("宗地编号", "新"), ("土地使用权人", "示例企业"), ("责任人", "王五")):
        book.write(rows[0] + 1, head, text)
    book.write(rows[0], "成交价款（万元）", 1)
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    assert plan.changes.empty
    assert plan.notices["key"].tolist() == ["facts_altered", "row_added", "rows_gone"]
    assert plan.notices["what"].tolist()[2] == gone


def test_a_deleted_column_counts_as_unchanged(sent, workspace, tmp_path):
    book = Opened(sent[1])
    page = book.page()
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(str(merged))
    page.delete_cols(book.column("责任单位"))
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    assert plan.changes.empty
    assert plan.notices[["key", "what"]].values.tolist() == [["column_missing", "lead"]]


def test_an_altered_slip_is_said(sent, workspace, tmp_path):
    book = Opened(sent[1])
    row = book.rows()[0]
    text = book.page().cell(row, book.column("回填标识")).value
    book.page().cell(row, book.column("回填标识")).value = text.replace("supply", "supplx")
    book.write(row, "责任人", "张三")
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    assert plan.changes.empty
    assert plan.notices["key"].tolist() == ["slip_altered", "rows_gone"]


def test_days_nobody_can_read_are_not_guessed(sent, workspace, tmp_path):
    book = Opened(sent[1])
    row = book.rows()[0]
    book.write(row, "完成时限", "年底前")
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    assert plan.changes[["verdict", "decision", "value"]].values.tolist() == [
        ["unreadable", "", "年底前"]
    ]
    assert "2018-12-31" in plan.changes["remark"][0]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2018.6.6", "2018-06-06"),
        ("2018/06/06", "2018-06-06"),
        ("\uff12\uff10\uff11\uff18-6-6", "2018-06-06"),
        ("20180606", "2018-06-06"),
        (43257, "2018-06-06"),
        (at("2018-06-06"), "2018-06-06"),
    ],
)
def test_days_are_read_as_people_type_them(typed, read):
    assert slip.value(typed, "day") == read


@pytest.mark.parametrize("typed", ["6/6/2018", "2018-13-01", "2018", 6, "二〇一八年"])
def test_ambiguous_days_are_refused(typed):
    with pytest.raises(EntryError):
        slip.value(typed, "day")


def test_two_offices_that_disagree_are_named_with_both_values(sent, workspace, tmp_path):
    paths = []
    for office, person in (("魏都", "张三"), ("禹州", "李四")):
        book = Opened(sent[1])
        book.write(book.rows()[0], "责任人", person)
        book.write(book.rows()[1], "责任人", "王五")
        paths.append(book.save(tmp_path / f"{office}.xlsx"))
    plan = planned(workspace, *paths)
    torn = plan.changes[plan.changes["verdict"] == "conflict"]
    assert torn[["file", "value", "decision"]].values.tolist() == [
        ["魏都.xlsx", "张三", ""],
        ["禹州.xlsx", "李四", ""],
    ]
    assert len(plan.changes) == 3  # what both say is said once
    returns.write(tmp_path / "plan.xlsx", plan, "zh")
    chosen = returns.read(tmp_path / "plan.xlsx")
    chosen.loc[chosen["value"] == "李四", "decision"] = returns.ACCEPT
    done = returns.accepted(workspace, chosen, **WHO)
    assert sorted(done["value"]) == ["李四", "王五"]
    chosen.loc[chosen["value"] == "张三", "decision"] = returns.ACCEPT
    with pytest.raises(EntryError, match="two values"):
        returns.accepted(workspace, chosen, **WHO)


def test_accepting_twice_changes_nothing_and_later_edits_meet_what_holds(sent, workspace, tmp_path):
    book = Opened(sent[1])
    row = book.rows()[0]
    book.write(row, "责任人", "张三")
    path = book.save(tmp_path / "back.xlsx")
    plan = planned(workspace, path)
    assert len(returns.accepted(workspace, plan.changes, **WHO)) == 1
    assert returns.accepted(workspace, plan.changes, **WHO).empty
    assert planned(workspace, path).changes.empty
    assert len(list((workspace / "layers" / "decisions").iterdir())) == 1
    book.write(row, "责任人", "赵六")
    later = planned(workspace, book.save(tmp_path / "later.xlsx"))
    assert later.changes[["verdict", "held", "value"]].values.tolist() == [
        ["conflict", "张三", "赵六"]
    ]


def test_a_plan_that_is_stale_is_refused(sent, workspace, tmp_path):
    plans = []
    for person in ("张三", "李四"):
        book = Opened(sent[1])
        book.write(book.rows()[0], "责任人", person)
        plans.append(planned(workspace, book.save(tmp_path / f"{person}.xlsx")))
    returns.accepted(workspace, plans[0].changes, **WHO)
    with pytest.raises(EntryError, match="plan again"):
        returns.accepted(workspace, plans[1].changes, **WHO)


def test_who_and_why_are_asked_for(sent, workspace):
    plan = planned(workspace, sent[1])
    with pytest.raises(EntryError, match="--by"):
        returns.accepted(workspace, plan.changes, by=" ", why="x", on=DAY)


def test_an_accepted_value_stands_in_the_next_list_beside_the_facts(sent, workspace, tmp_path):
    results, path = sent
    book = Opened(path)
    row = book.rows()[0]
    case, lead = book.case(row), book.column("责任单位")
    before = book.page().cell(row, lead).value
    book.write(row, "责任单位", "示例局")
    book.write(row, "完成时限", at("2019-01-31"))
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    returns.accepted(workspace, plan.changes, **WHO)
    following = type(results)(**vars(results) | {"entries": entries.read(workspace)})
    workbook.write(tmp_path / "next.xlsx", following)
    again = Opened(tmp_path / "next.xlsx")
    place = next(r for r in again.rows() if again.case(r) == case)
    cell = again.page().cell(place, lead)
    assert cell.value == "示例局"
    assert all(word in cell.comment.text for word in ("李四", "2018-07-10", "示例函〔2018〕1号"))
    assert str(before or "—") in cell.comment.text
    assert again.page().cell(place, again.column("完成时限")).value == at("2019-01-31")
    assert planned(workspace, tmp_path / "next.xlsx").changes.empty
    assert results.cases.equals(following.cases)


def test_hostile_text_goes_there_and_back(sent, workspace, tmp_path):
    book = Opened(sent[1])
    typed = {}
    texts = [*HOSTILE, "\u202e反向", "😀", '"引号"', "a\nb", "<script>", "5E10", "0012", " 空 格"]
    for row, text in zip(book.rows(), texts, strict=False):
        book.write(row, "备注", text)
        typed[(book.case(row), "remark")] = text.strip()
    plan = planned(workspace, book.save(tmp_path / "back.xlsx"))
    assert edits(plan) == typed
    returns.write(tmp_path / "plan.xlsx", plan, "zh")
    assert edits(returns.Plan(returns.read(tmp_path / "plan.xlsx"), None)) == typed


FIELDS = ["责任人", "配合单位", "处置进展", "现场核实", "备注"]
KEYS = dict(zip(FIELDS, ["person", "support", "progress", "site_check", "remark"], strict=True))
SHEETS = ["批而未供", "供而未建", "建而未成", "待核实"]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=30)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(WORDS, min_size=1000 // 4, max_size=1000 // 4), st.integers(0, 10**6))
def test_a_thousand_random_edits_return_exactly(sent, tmp_path_factory, words, seed):
    book = Opened(sent[1])
    draw = random.Random(seed)
    places = [(sheet, row, head) for sheet in SHEETS for row in book.rows(sheet) for head in FIELDS
              if (sheet, head) != ("批而未供", "完成时限")]  # fmt: skip
    expected = {}
    for (sheet, row, head), text in zip(draw.sample(places, len(words)), words, strict=True):
        book.write(row, head, text, sheet)
        about = slip.parsed(book.page(sheet).cell(row, book.column("回填标识", sheet)).value)
        if slip.shown_text(text) != about.given.get(KEYS[head], ""):
            expected[(about.case_id, KEYS[head])] = slip.shown_text(text)
    path = book.save(tmp_path_factory.mktemp("random") / "back.xlsx")
    plan = planned(sent[0].workspace.path, path)
    assert edits(plan) == expected
    assert plan.notices.empty


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_saved_by_libreoffice_the_edits_are_the_same(sent, workspace, tmp_path):
    book = Opened(sent[1])
    first = book.rows()[0]
    book.write(first, "责任人", "张三")
    book.write(first, "完成时限", at("2018-12-31"))
    book.save(tmp_path / "back.xlsx")
    for source in (sent[1], tmp_path / "back.xlsx"):
        out = tmp_path / source.stem
        profile = (tmp_path / "profile").as_uri()
        command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to"]
        subprocess.run(
            [*command, "xlsx", "--outdir", str(out), str(source)], check=True, timeout=180
        )
    untouched = planned(workspace, tmp_path / "disposal" / "disposal.xlsx")
    assert untouched.changes.empty
    assert untouched.notices.empty
    edited = planned(workspace, tmp_path / "back" / "back.xlsx")
    assert edits(edited) == {
        (book.case(first), "person"): "张三",
        (book.case(first), "due_on"): "2018-12-31",
    }
    again = openpyxl.load_workbook(tmp_path / "back" / "back.xlsx")
    rules = again[SHEET].data_validations.dataValidation
    assert {rule.type for rule in rules} == {"list", "date"}
    assert again[SHEET].protection.sheet


def office_python():
    """Return the Python that can talk to LibreOffice; None where there is none."""
    for name in ("/usr/bin/python3", shutil.which("python3")):
        asked = [name, "-c", "import uno"]
        if name and not subprocess.run(asked, check=False, capture_output=True).returncode:
            return name
    return None


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_typed_into_libreoffice_exactly_the_edits_come_back(sent, workspace, tmp_path):
    python = office_python()
    if python is None:
        pytest.skip("no Python here has uno, by which LibreOffice is worked")
    book = Opened(sent[1])
    row, other = book.rows()[:2]
    typed = {
        (row, "责任人"): ("person", "张三", "张三"),
        (row, "完成时限"): ("due_on", "2018-12-30", "2018-12-30"),
        (row, "处置进展"): ("progress", "已处置完毕", "已处置完毕"),
        (other, "备注"): ("remark", "已约谈", "已约谈"),
        (other, "完成时限"): ("due_on", "2018年9月1日", "2018-09-01"),
    }
    cells = [[SHEET, r - 1, book.column(head) - 1, text] for (r, head), (_, text, _) in
             typed.items()]  # fmt: skip
    profile, pipe = (tmp_path / "profile").as_uri(), f"landuse{tmp_path.name}{id(book)}"
    office = subprocess.Popen(
        ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore",
         f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    try:
        script = Path(__file__).with_name("office_edits.py")
        target = tmp_path / "back.xlsx"
        command = [python, str(script), str(sent[1]), str(target), pipe]
        subprocess.run(command, input=json.dumps(cells).encode(), check=True, timeout=180)
    finally:
        office.wait(60)
    plan = planned(workspace, target)
    assert edits(plan) == {(book.case(r), field): said for (r, _), (field, _, said) in
                           typed.items()}  # fmt: skip
    assert plan.notices.empty
    assert set(plan.changes["sheet"]) == {"已填"}


def test_a_list_saved_by_wps_comes_back(sent, workspace, tmp_path):
    """Habits of WPS: no dimension that holds, days and numbers as text, full-width digits, sheet
    copied, list rules written anew, trailing empty rows, shared strings with phonetic runs."""
    book = Opened(sent[1])
    first, second = book.rows()[:2]
    case = book.case(first)
    book.write(first, "完成时限", "２０１８年１２月３０日")
    book.write(first, "责任人", " 张三　")
    book.write(second, "处置进展", "自拟进展")
    signed = book.column("合同签订日期")
    book.page().cell(first, signed).value = "2015-12-08"  # a day that became text is the same day
    book.page().data_validations.dataValidation.clear()
    book.page().append([None] * 10)
    book.page().protection.sheet = False
    path = book.save(tmp_path / "wps.xlsx")
    with zipfile.ZipFile(path) as parts:
        held = {name: parts.read(name) for name in parts.namelist()}
    with zipfile.ZipFile(path, "w") as parts:
        for name, content in held.items():
            wrong = re.sub(rb'<dimension ref="[^"]*" ?/>', b'<dimension ref="A1:A1"/>', content)
            parts.writestr(name, wrong if name.startswith("xl/worksheets/sheet") else content)
    plan = planned(workspace, path)
    assert edits(plan) == {
        (case, "due_on"): "2018-12-30",
        (case, "person"): "张三",
        (book.case(second), "progress"): "自拟进展",
    }
    assert plan.notices.empty


def test_only_what_is_to_be_filled_in_is_unlocked(sent):
    book = Opened(sent[1])
    row = book.rows()[0]
    unlocked = {c.column for c in book.page()[row] if not c.protection.locked}
    filled = {n for n, c in enumerate(COLUMNS["unbuilt"], start=1) if c.is_filled_in}
    assert unlocked == filled
    assert book.page().protection.sheet
    assert (
        book.page()
        .column_dimensions[openpyxl.utils.get_column_letter(book.column("回填标识"))]
        .hidden
    )


def test_other_workbooks_and_other_cities_are_refused(sent, workspace, tmp_path):
    plain = openpyxl.Workbook()
    plain.save(tmp_path / "plain.xlsx")
    (tmp_path / "text.xlsx").write_text("no workbook", encoding="utf-8")
    for name in ("plain", "text"):
        with pytest.raises(EntryError):
            planned(workspace, tmp_path / f"{name}.xlsx")
    with pytest.raises(EntryError, match="许昌市"):
        returns.planned([sent[1]], workspace, "另一个市")


def test_a_damaged_file_of_entries_is_named(workspace):
    folder = workspace / "layers" / "decisions"
    folder.mkdir()
    (folder / "0001.jsonl").write_text('{"kind": "supply"}\n', encoding="utf-8")
    with pytest.raises(EntryError, match=r"0001\.jsonl, line 1"):
        entries.read(workspace)


def test_two_acceptances_never_share_a_number(workspace):
    entry = pd.DataFrame([dict.fromkeys(entries.COLUMNS, "x") | {"row": 1}])
    names = [entries.append(workspace, entry).name for _ in range(3)]
    assert names == ["0001.jsonl", "0002.jsonl", "0003.jsonl"]
    assert len(entries.read(workspace)) == 3


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.text(SIGNS + ",;|'\"\\\t\r\n 甲n1\u2028\x00", max_size=12),
        min_size=len(entries.COLUMNS),
        max_size=len(entries.COLUMNS),
    )
)
def test_an_entry_comes_back_as_it_was_and_begins_no_formula(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("entries")
    wanted = pd.DataFrame([dict(zip(entries.COLUMNS, values, strict=True)) | {"row": 7}])
    text = entries.append(folder, wanted).read_text("utf-8")
    assert entries.read(folder).to_dict("records") == wanted.to_dict("records")
    parts = re.split(r"[,;|\t\n\r \"']", text)
    assert [part for part in parts if re.match(cells.RUNS, part)] == []


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_after_a_comma_is_an_escape_and_a_day_is_not(workspace, sign):
    entry = dict.fromkeys(entries.COLUMNS, f"2018-06-30,{sign}1") | {"row": 1}
    text = entries.append(workspace, pd.DataFrame([entry])).read_text("utf-8")
    assert f'"2018-06-30,\\u{ord(sign):04x}1"' in text
    assert entries.read(workspace)["value"].tolist() == [f"2018-06-30,{sign}1"]


def test_the_command_plans_then_applies(sent, workspace, tmp_path):
    book = Opened(sent[1])
    book.write(book.rows()[0], "责任人", "张三")
    back = book.save(tmp_path / "back.xlsx")
    run = CliRunner().invoke
    done = run(cli.main, ["return", str(back), str(workspace)])
    assert done.exit_code == 0, done.output
    assert "张三" in done.output
    assert not (workspace / "layers" / "decisions").exists()
    plan = tmp_path / "back-plan.xlsx"
    assert run(cli.main, ["return", str(plan), str(workspace)]).exit_code == 2  # who and why
    told = ["--by", "李四", "--why", "示例函"]
    assert run(cli.main, ["return", str(plan), str(workspace), *told]).exit_code == 0
    assert entries.read(workspace)["value"].tolist() == ["张三"]
    assert run(cli.main, ["return", str(Path(workspace))]).exit_code == 2
