"""The decision sheet: what it says, what it asks, and that it never disagrees with the table."""

from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import sheet_cases as made
from hypothesis import given
from hypothesis import strategies as st

import landuse
from landuse import brief, classify, decision, law
from landuse.brief import view
from landuse.decision import search, trial
from landuse.decision.trial import Answer, Change
from landuse.errors import LanduseError
from landuse.papers.blocks import Text
from landuse.terms import Status, label

ROOT = Path(__file__).parents[1]
SHEETS = Path(__file__).parent / "sheets"
ID = made.GRANT["supply_id"]


def sections(text):
    """Return the numbered parts of a Chinese sheet, by their heading."""
    found, name = {}, "head"
    for line in text.splitlines():
        if len(line) > 1 and line[0] in "一二三四五六七八九十" and line[1] == "、":
            name = line[2:]
        else:
            found.setdefault(name, []).append(line)
    return found


def turning(supply, **roles):
    text = decision.sheet(made.found(supply=[supply], **roles), supply["supply_id"])
    return sections(text)["改变结论的条件"]


def possible(supply, **roles):
    text = decision.sheet(made.found(supply=[supply], **roles), supply["supply_id"])
    return sections(text)["缺失或矛盾的事实与仍可能的结论"]


def holds(lines, *parts):
    """Whether one line holds all parts."""
    return any(all(part in line for part in parts) for line in lines)


@pytest.mark.parametrize(
    ("name", "case_id", "facts"),
    [
        ("idle_one_year", ID, {"supply": [made.GRANT]}),
        ("idle_government", ID, {"supply": [made.GOVERNMENT], "pause": made.CAUSES}),
        ("undetermined", ID, {"supply": [made.UNKNOWN]}),
        ("expropriated", "PC2015001", {"approval": [made.BATCH], "pieces": [made.REMAINDER]}),
    ],
)
def test_the_sheet_reads_as_it_was_approved(name, case_id, facts):
    text = decision.sheet(made.found(**facts), case_id).text
    before, _, rest = text.partition("六、依据\n")
    law_cited, _, after = rest.partition("\n七、")
    told = f"{before}六、依据\n（略）\n七、{after}"  # what the law files hold is tested below
    assert told == (SHEETS / f"{name}.txt").read_text(encoding="utf-8")
    assert law_cited.startswith("1. ")


def test_each_article_stands_once_with_its_text_and_certainty():
    run = made.found(supply=[made.STOPPED])
    lines = sections(decision.sheet(run, ID))["依据"]
    items = [line for line in lines if line[:1].isdigit() and line[1:3] == ". "]
    citations = run.cases["articles"].iloc[0].split("；")
    assert [citation for citation in citations if holds(items, citation)] == citations
    assert len(items) == len(set(citations))
    assert holds(lines, "原文：", "中止开发建设满一年")
    assert holds(lines, "2026-11-23 已据公开来源核对")


def test_the_card_on_the_map_says_word_for_word_what_the_sheet_says():
    run = made.found(supply=[made.STOPPED])
    for lang in ("zh", "en"):
        card = brief.told(run, lang).loc[ID]
        whole = [
            block.text
            for block in decision.sheet(run, ID, lang).documents[0].blocks
            if isinstance(block, Text)
        ]
        assert set(card["law"].split("\n")) | set(card["steps"].split("\n")) <= set(whole)
        assert all(card)


def test_every_case_the_law_asks_something_of_is_told_alike_alone_and_among_others(sample):
    told = brief.told(sample)
    assert told.index.is_unique
    assert 0 < len(told) < len(sample.cases)
    for case_id in told.index[:: len(told) // 12]:
        whole = str(decision.sheet(sample, case_id))
        lines = "\n".join(told.loc[case_id]).split("\n")
        assert all(line in whole for line in lines)


def test_what_the_contract_reserves_is_taken_off_in_writing():
    reserved = {"required_area": 40_000.0, "reserved_area": 16_000.0, "is_reserve_agreed": True}
    supply = made.STOPPED | reserved | {"developed_area": 7_999.0, "invested": 60_000_000.0}
    lines = sections(decision.sheet(made.found(supply=[supply]), ID))["期限与数额推算"]
    assert holds(lines, "7,999.00", "（应动工面积 40,000.00 － 合同约定预留 16,000.00）", "33.33%")
    assert holds(turning(supply), "8,000.00", "停建低效")


def test_of_the_causes_only_those_on_record_are_quoted():
    text = decision.sheet(made.found(supply=[made.GOVERNMENT], pause=made.CAUSES), ID)
    assert "军事管制" not in "".join(sections(text)["依据"])


def test_the_least_government_days_are_counted_to_the_day():
    # 2017-05-01 + 60 days is 2017-06-30, of which a year is first full on 2018-07-01
    assert holds(turning(made.GRANT), "不少于 60 天", "疑似闲置（政府原因）")


def test_a_start_proven_on_any_day_since_the_contract_ends_the_suspicion():
    assert holds(turning(made.GRANT), "2016-03-01 至 2018-06-30", "“在建”")


def test_an_extension_must_reach_the_day_a_year_before():
    lines = turning(made.GRANT)
    assert holds(lines, "2017-05-01 以前签订", "2017-06-30 至 2018-05-01", "逾期未动工")


def test_unproven_causes_leave_the_gross_time():
    lines = turning(made.GOVERNMENT, pause=made.CAUSES)
    assert holds(lines, "未获证明", "疑似闲置（满一年）")


def test_the_least_investment_is_found_to_the_yuan():
    # a quarter of 100,000,003 is 25,000,000.75
    assert holds(turning(made.STOPPED), "达到 2,500.0001 万元", "停建低效")


def test_land_price_in_the_figures_is_taken_off_both():
    facts = {"planned_investment": 100e6, "price": 20e6, "invested_includes_land": True}
    lines = turning({**made.STOPPED, **facts, "invested": 30e6})
    assert holds(lines, "达到 4,000 万元", "停建低效")  # a quarter of 100 less 20, and 20


def test_the_least_area_is_found_to_the_hundredth():
    facts = {"developed_area": 1_000.0, "invested": 50e6}
    assert holds(turning({**made.STOPPED, **facts}), "3,333.34 平方米", "停建低效")


def test_where_both_shares_are_short_both_must_be_made_good():
    lines = turning({**made.STOPPED, "developed_area": 1_000.0})
    assert holds(lines, "3,333.34 平方米且", "2,500.0001 万元", "停建低效")
    assert not holds(lines, "若已投资额达到")


def test_another_law_gives_other_answers(tmp_path):
    folder = tmp_path / "layers" / "statutes"
    folder.mkdir(parents=True)
    (folder / "idle_land.toml").write_text(
        '[invested_share]\nunit = "share"\nmodality = "may"\n[[invested_share.value]]\n'
        'amount = "1/2"\nin_force = 2012-07-01\ndocument = "本地"\narticle = ""\n'
        "verified = false\n",
        encoding="utf-8",
    )
    lines = turning(made.STOPPED, statutes=law.on(made.DAY, tmp_path))
    assert holds(lines, "达到 5,000.0002 万元", "停建低效")


def test_a_missing_start_leaves_these_answers():
    lines = possible(made.UNKNOWN)
    assert holds(lines, "约定动工日期不晚于 2016-06-29", "疑似闲置（满两年）")
    assert holds(
        lines, "约定动工日期在 2016-06-30 至 2017-06-29 之间", "疑似闲置（满一年）", "800,000.00"
    )
    assert holds(lines, "约定动工日期在 2017-06-30 至 2018-06-29 之间", "逾期未动工")
    assert holds(lines, "约定动工日期不早于 2018-06-30", "未到约定动工日")
    assert holds(lines, "实际交地日期在 2016-03-01 至 2016-06-29 之间", "疑似闲置（满一年）")


def test_unknown_shares_are_told_side_by_side():
    unknown = {"required_area": None, "developed_area": None, "invested": None}
    lines = possible({**made.STOPPED, **unknown})
    assert holds(lines, "不足应动工面积的 1/3且", "不足总投资额的 25%", "疑似闲置")
    assert holds(lines, "达到应动工面积的 1/3且", "达到总投资额的 25%", "停建低效")


def test_of_two_contradicting_days_either_may_be_wrong():
    lines = possible({**made.GRANT, "commenced_on": "2017-05-01", "completed_on": "2017-01-01"})
    assert holds(lines, "实际竣工日期 2017-01-01 有误", "在建")
    assert holds(lines, "实际动工日期 2017-05-01 有误", "已建成")


def test_a_missing_price_says_what_the_fee_would_be():
    assert holds(possible({**made.GRANT, "price": None}), "100 万元", "200,000.00 元")


def test_unknown_compensation_leaves_two_answers():
    batch = {**made.BATCH, "compensation_done": None}
    text = decision.sheet(made.found(approval=[batch], pieces=[made.REMAINDER]), "PC2015001")
    assert holds(text.splitlines(), "“是”：征而未供")
    assert holds(text.splitlines(), "“否”：批文失效")


def test_a_contract_of_a_later_day_is_told_with_that_supposition():
    assert holds(possible({**made.GRANT, "signed_on": "2018-07-20"}), "若合同在判定日已签订")


def test_the_word_is_suspected_until_a_letter_is_on_file():
    text = decision.sheet(made.found(supply=[made.GRANT]), ID)
    assert "状态：供而未建；细分：疑似闲置（满一年）" in text
    assert "不得作为闲置土地对外使用" in text
    with_letter = {**made.GRANT, "determination_number": "国土闲认〔2018〕1号"}
    text = decision.sheet(made.found(supply=[with_letter]), ID)
    assert "细分：闲置土地（满一年）" in text
    assert "不得作为闲置土地对外使用" not in text
    assert "《闲置土地认定书》已出具，文号 国土闲认〔2018〕1号" in text


def test_steps_keep_shall_and_may_and_name_their_days():
    steps = sections(decision.sheet(made.found(supply=[made.GRANT]), ID))["法定步骤"]
    assert holds(steps, "应当自发现疑似闲置之日起 30 日内", "至 2018-07-30")
    assert holds(steps, "自《征缴土地闲置费决定书》送达之日起 30 日内")
    assert holds(steps, "20%", "800,000.00 元")
    assert not holds(steps, "抵押权人")
    steps = sections(decision.sheet(made.found(supply=[made.STOPPED]), ID))["法定步骤"]
    assert holds(steps, "可以认定为闲置土地")
    assert not holds(steps, "征缴土地闲置费决定书")


def test_a_rule_that_is_not_in_force_gives_no_step():
    row = {**made.GRANT, "signed_on": "2008-01-01", "agreed_commencement_on": "2009-01-01"}
    text = decision.sheet(made.found(supply=[row], on=date(2010, 6, 30)), ID)
    assert "30 日内调查核实" not in text


def test_before_2012_the_clock_of_a_contract_without_a_start_ran_from_its_signing():
    row = {**made.UNKNOWN, "signed_on": "2009-01-01"}
    run = made.found(supply=[row], on=date(2010, 6, 30))
    days = sections(decision.sheet(run, ID))["期限与数额推算"]
    assert holds(days, "未约定动工日期：自合同签订日期 2009-01-01 起算", "国土资源部令第5号")


def test_remembered_law_and_invented_data_are_marked():
    run = made.found(supply=[made.GOVERNMENT], pause=made.CAUSES, synthetic=True)
    text = decision.sheet(run, ID)
    assert "示意数据" in text
    assert holds(sections(text)["依据"], "条文待核对：此条为记忆或转引")
    assert "示意数据" not in decision.sheet(made.found(supply=[made.GRANT]), ID)


def test_what_happened_after_the_day_is_not_known_on_it():
    text = decision.sheet(made.found(supply=[{**made.GRANT, "commenced_on": "2018-07-15"}]), ID)
    assert "2018-07-15（晚于判定日，当日尚不知晓）" in text
    assert "细分：疑似闲置（满一年）" in text


def test_the_firms_on_the_land_are_facts_with_their_row():
    firm = {"enterprise_id": "E1", "enterprise_name": "甲公司", "supply_id": ID, "grade": "C"}
    text = decision.sheet(made.found(supply=[made.GRANT], enterprise=[firm]), ID)
    assert "企业 甲公司：企业类别：C〔2〕" in text
    assert "〔2〕：企业名录；layers/data/enterprises.csv；—；1；2018-05-31" in text


def test_an_english_sheet_of_a_chinese_run_is_english_throughout():
    run = made.found(supply=[made.GRANT])
    text = decision.sheet(run, ID, "en")
    assert text == decision.sheet(made.found(supply=[made.GRANT], lang="en"), ID, "en")
    assert "suspected idle (one full year)" in text
    assert "60 days or more" in text
    assert "The start was due on 2017-05-01" in text


def test_close_ids_are_named_and_none_is_wrong_use():
    run = made.found(supply=[made.GRANT])
    with pytest.raises(LanduseError, match=ID):
        decision.sheet(run, ID[:-1] + "9")
    with pytest.raises(LanduseError, match="编号"):
        decision.sheet(run, [])
    with pytest.raises(LanduseError, match="on="):
        decision.explain("somewhere", ID)


@pytest.fixture(scope="module")
def sample():
    return landuse.run(ROOT, on=made.DAY)


def few(run):
    """Return a few cases of every status."""
    return run.cases.groupby("status").head(2)


@pytest.fixture(scope="module")
def sheets(sample):
    """Return a few sheets of every status, and how often each asked the law."""
    told, rounds = {}, Counter()
    real = classify.cases

    def counted(*arguments, **named):
        rounds[len(told)] += 1
        return real(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classify, "cases", counted)
        for case_id in few(sample)["case_id"]:
            told[case_id] = decision.sheet(sample, case_id)
    return told, rounds


def test_a_sheet_asks_the_law_a_few_times_only(sheets):
    assert max(sheets[1].values()) <= 4


def test_the_sheet_and_the_table_never_disagree(sample, sheets):
    for case in few(sample).itertuples():
        text = sheets[0][case.case_id]
        head = sections(text)["结论"][0]
        assert label(Status(case.status), is_determined=case.is_determined) in head
        assert case.reason in text
        assert f"判定日 {sample.on}" in text
        for citation in filter(None, case.articles.split("；")):
            assert citation in text
        days = sections(text)["期限与数额推算"]
        if case.next_status:
            assert holds(days, f"自 {case.next_status_on.date()} 起")
        if pd.notna(case.gross_days) and pd.notna(case.clock_from):
            assert holds(days, f"{case.gross_days:.0f} 天")


def test_the_same_facts_asked_again_give_the_same_answer(sample):
    for case in sample.cases.groupby("status").head(1).itertuples():
        asked = trial.Trial(view.of(sample, case.case_id, "zh"))
        answer = asked.ask([Change()])[0]
        assert (answer.status, answer.missing) == (case.status, case.missing)
        told = asked.case("zh")
        pd.testing.assert_series_equal(
            told.drop("area_m2"),
            sample.cases.loc[case.Index].drop("area_m2"),
            check_names=False,
            check_dtype=False,
        )


def test_phases_and_parcels_are_asked_together():
    parcel = {**made.GRANT, "declared_area": 20_000.0}
    phase = {**made.GRANT, "supply_id": "P1", "phase_of": ID, "declared_area": 20_000.0}
    run = made.found(supply=[parcel, {**phase, "agreed_commencement_on": "2015-05-01"}])
    for case in run.cases.itertuples():
        answer = trial.Trial(view.of(run, case.case_id, "zh")).ask([Change()])[0]
        assert answer.status == case.status


class Steps:
    """A law of steps: what it answers changes at the given numbers."""

    def __init__(self, steps):
        self.steps = sorted(steps)

    def ask(self, changes):
        return [
            Answer(Status.OVERDUE, str(sum(c.occupied_m2 >= s for s in self.steps)), False, 0, 0)
            for c in changes
        ]


@given(st.integers(0, 10**9), st.data())
def test_the_search_finds_every_turn_exactly(span, data):
    steps = data.draw(st.sets(st.integers(1, max(span, 1)), max_size=3))
    steps = {step for step in steps if step <= span}
    question = search.Question(lambda n: Change(occupied_m2=n), lambda *_: "", 0, span)
    stretches = search.solve(Steps(steps), [question])[0]
    assert [s.low for s in stretches] == [0, *sorted(steps)]
    assert [s.high + 1 for s in stretches][:-1] == sorted(steps)
    assert stretches[-1].high == span
