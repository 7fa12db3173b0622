"""Letters: drafted only where the law asks for them, blanks marked, never numbered or dated."""

import re
import shutil
import subprocess
from datetime import date

import pandas as pd
import pytest
import sheet_cases as made
from click.testing import CliRunner

from landuse import law, notices, papers, terms, texts
from landuse.cli import main
from landuse.dispose import decisions, review
from landuse.errors import LanduseError
from landuse.papers.blocks import Table, Text
from landuse.terms import Status

NUMBER = "许国土闲调〔2018〕7号"
BLANK = texts.say("notices.blank")


def drafted(on=made.DAY, **supply):
    return made.found(on=on, supply=[made.GRANT | supply])


def words(letter):
    return "\n".join(
        "\n".join(f"{row[n]}：{row[n + 1]}" for row in block.rows for n in (0, 2))
        if isinstance(block, Table)
        else block.text
        for block in letter.blocks
    )


def test_suspected_land_gets_the_notice_of_investigation():
    found = drafted()
    assert notices.due(found).tolist() == ["investigation"]
    (letter,) = notices.drafts(found)
    text = words(letter)
    for part in (
        "市国土资源局\n闲置土地调查通知书", "测试机械有限公司：", "第二条第一款", "30〔待核〕日内",
        "4,000,000.00 元", "电子监管号：4110022016B00001",
    ):  # fmt: skip
        assert part in text


def test_a_draft_is_never_numbered_dated_or_issued():
    text = words(notices.drafts(drafted())[0])
    assert texts.say("notices.number") in text
    assert texts.say("notices.dated") in text
    assert "不具有效力" in text
    assert not re.search("〔20[0-9]{2}〕[0-9]+号", text)


def test_what_the_data_do_not_hold_is_a_visible_blank_and_listed():
    text = words(notices.drafts(drafted(parcel_code=None, price=None))[0])
    listed = next(line for line in text.splitlines() if line.startswith("待填写："))
    for name in ("宗地编号", "成交价款"):
        assert f"{name}：{BLANK}" in text
        assert name in listed
    assert f"地址：{BLANK}" in text
    assert all(name in listed for name in ("文号", "签发日期", "使用权人地址", "联系人"))
    assert not re.search("nan|nat|none", text, re.IGNORECASE)


def test_after_the_investigation_comes_the_determination():
    found = drafted(investigation_number=NUMBER)
    assert notices.due(found).tolist() == ["determination"]
    text = words(notices.drafts(found)[0])
    assert NUMBER in text
    assert "拟认定为闲置土地" in text
    assert "台账未登记" in text  # that no cause is on file does not make it the holder's


def test_what_was_remembered_and_not_read_is_marked_where_it_is_cited():
    text = words(notices.drafts(drafted())[0])
    mark = texts.say("notices.remembered")
    assert f"第五条、第六条{mark}的规定" in text  # 第五条 was read, what a notice holds was not
    assert f"30{mark}日内" in text
    assert f"第二条第一款{mark}" not in text
    listed = next(line for line in text.splitlines() if line.startswith("标有〔待核〕处"))
    assert "第六条" in listed
    assert "第五条第二款" in listed
    assert "第二条" not in listed
    second = words(notices.drafts(drafted(investigation_number=NUMBER))[0])
    assert f"第九条、第十条{mark}的规定" in second
    assert f"第二十四条{mark}" in second
    assert f"第十一条{mark}" not in second


def test_each_letter_has_a_file_of_its_own():
    letters = notices.drafts(drafted(supply_id='甲/乙:"1"'))
    (name,) = [name for name, _ in notices.named(letters)]
    assert name == "1-闲置土地调查通知书-甲_乙_1_.docx"
    many = [name for name, _ in notices.named([*letters] * 12)]
    assert many[0].startswith("01-")
    assert len(set(many)) == 12


def test_determined_land_and_land_that_is_not_idle_get_no_letter():
    done = drafted(investigation_number=NUMBER, determination_number="认1")
    young = drafted(on=date(2017, 6, 1))
    for found in (done, young):
        assert notices.due(found).tolist() == [""]
        assert notices.drafts(found) == []
        with pytest.raises(LanduseError, match=made.GRANT["supply_id"]):
            notices.drafts(found, [made.GRANT["supply_id"]])


def test_every_status_asks_for_a_letter_exactly_where_it_is_idle():
    found = drafted()
    for status in Status:
        found.cases["status"] = status.value
        assert (notices.due(found) != "").all() == (status in terms.IDLE)


def test_stopped_works_may_be_determined_and_causes_are_named():
    facts = made.GOVERNMENT | {"investigation_number": NUMBER}
    found = made.found(supply=[facts], pause=made.CAUSES)
    assert "台账登记的原因：" in words(notices.drafts(found)[0])
    found.cases["status"] = "idle_suspended"
    text = words(notices.drafts(found)[0])
    assert "可以认定为闲置土地" in text
    assert "第二条第二款" in text


def test_the_same_letters_give_the_same_bytes():
    assert papers.to_docx(notices.drafts(drafted())) == papers.to_docx(notices.drafts(drafted()))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_measures_is_one_paper_with_the_cases_of_each_line(lang):
    cases = pd.DataFrame({"line": ["halted", "halted", "judicial"]})
    paper = review.paper(law.on(made.DAY), lang, cases)
    (table,) = [block for block in paper.blocks if isinstance(block, Table)]
    listed = decisions().lines
    assert len(table.rows) == len(listed)
    counts = {line.name: row[-1] for line, row in zip(listed, table.rows, strict=True)}
    assert (counts["halted"], counts["judicial"], counts["finished"]) == ("2", "1", "0")
    assert sum(map(int, counts.values())) == len(cases)
    assert abs(sum(table.widths) - 1) < 1e-9
    # every citation a line leans on is listed by its number below the table, remembered ones marked
    notes = "\n".join(block.text for block in paper.blocks if isinstance(block, Text))
    assert "第十二条*" in notes
    assert all(f"{code} " in notes for code in ("G1", "FM", "E1", "S6"))
    bare = review.paper(law.on(made.DAY), lang)
    assert len(bare.blocks[3].rows[0]) == len(table.rows[0]) - 1


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_measures_print_on_one_page_and_letters_on_two(tmp_path):
    cases = pd.DataFrame({"line": ["halted"] * 1000})
    paper = review.paper(law.on(made.DAY), "zh", cases)
    (tmp_path / "m.docx").write_bytes(papers.to_docx([paper]))
    letters = [*notices.drafts(drafted()), *notices.drafts(drafted(investigation_number=NUMBER))]
    (tmp_path / "n.docx").write_bytes(papers.to_docx(letters))
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    command += ["--outdir", str(tmp_path), str(tmp_path / "m.docx"), str(tmp_path / "n.docx")]
    subprocess.run(command, check=True, timeout=180)
    pages = [
        len(re.findall(rb"/Type\s*/Page\b", (tmp_path / name).read_bytes()))
        for name in ("m.pdf", "n.pdf")
    ]
    assert pages == [1, 4]
    pdf = (tmp_path / "m.pdf").read_bytes()
    assert re.search(rb"/MediaBox\s*\[0 0 119\d[.\d]* 84\d", pdf)  # A3, on its side


def test_drafts_are_no_page_whatever_the_file_is_called(tmp_path):
    asked = ["notices", "--on", "2018-06-30", "--output", str(tmp_path / "a.html"), str(tmp_path)]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 2
    assert ".docx" in done.output
    assert not (tmp_path / "a.html").exists()
