"""Measures, offices, deadlines and priority: one answer for everything, from data, cited."""

import functools
import itertools
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landuse import dispose, law, schema, terms
from landuse.dispose import priority, table
from landuse.errors import AssetError
from landuse.terms import STATE_OF, State, Status

ON = date(2018, 6, 30)
ROOT = Path(__file__).parents[1]
OWN = """
[priority.weight]
status = 50
area = 15

[[row]]
name = "own_halted"
label = "停产企业先约谈"
label_en = "talk to halted firms first"
status = ["halted"]
measures = ["先行约谈"]
measures_en = ["talk first"]
authority = ["measures.revitalise"]
lead = "reform"
support = []
due = "year_end"
"""


law_on = functools.cache(law.on)


def make_cases(listed):
    frame = pd.DataFrame(listed)
    frame["case_id"] = frame.get("case_id", pd.Series([f"S{n}" for n in range(len(frame))]))
    frame["state"] = [STATE_OF[Status(status)].value for status in frame["status"]]
    for name, kind in schema.CASE_COLUMNS.items():
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype=object)
        frame[name] = frame[name].astype(schema.DTYPES[kind])
    return frame[list(schema.CASE_COLUMNS)]


def supplies(**facts):
    return schema.conform(pd.DataFrame([facts]), "supply")


def pauses(*listed):
    """Lawful pauses of S0: cause, first and last day."""
    rows = [
        {"supply_id": "S0", "cause": cause, "begins_on": pd.Timestamp(begins),
         "ends_on": pd.Timestamp(ends) if ends else pd.NaT}
        for cause, begins, ends in listed
    ]  # fmt: skip
    return schema.conform(pd.DataFrame(rows, columns=list(schema.names("pause"))), "pause")


def disposed(on=ON, sealed=(), lang="zh", signed=None, statutes=None, **facts):
    own = supplies(
        supply_id=facts.setdefault("case_id", "S0"),
        is_seized=facts["case_id"] in sealed,
        signed_on=pd.Timestamp(signed) if signed else pd.NaT,
        delay_cause=facts.pop("delay_cause", None),
    )
    tables = {"supply": own, "pause": pauses(*facts.pop("pauses", ()))}
    facts.setdefault("kind", "supply")
    statutes = statutes or law_on(on)
    cases = make_cases([facts])
    return dispose.measures(cases, on=on, statutes=statutes, tables=tables, lang=lang).iloc[0]


def lines(listed):
    return dispose.measures(make_cases(listed), on=ON, statutes=law_on(ON))["line"].tolist()


def combinations():
    """Yield every combination of words a case can be."""
    for words in itertools.product(*table.WORDS.values()):
        yield dict(zip(table.WORDS, words, strict=True))


def test_every_combination_of_words_has_exactly_one_line_and_no_line_is_dead():
    decisions = dispose.decisions()
    names = [line.name for line in decisions.lines]
    assert len(names) == len(set(names))
    words = list(combinations())
    assert len(words) == len(Status) * len(table.CAUSES) * 4 * 4 * 3 == 22 * 25 * 48
    reached = {names[decisions.first(facts)] for facts in words}  # raises where there is none
    assert reached == set(names)
    labels = [line.label for line in decisions.lines]
    assert len(labels) == len(set(labels))


def test_no_status_escapes_when_nothing_else_is_known():
    unknown = {"grade": "none", "cause": "unknown", "duration": "unknown", "share": "unknown"}
    for status in Status:
        found = dispose.decisions().first({"status": str(status), **unknown})
        line = dispose.decisions().lines[found]
        assert "unknown" in line.duration
        assert "unknown" in line.share


def test_words_of_a_case_come_from_its_figures():
    listed = [
        {"full_years": 0, "built_share": 1 / 3, "invested_share": 0.25, "grade": "A"},
        {"full_years": 1, "built_share": 0.33, "invested_share": None, "grade": "甲"},
        {"full_years": 2, "built_share": 0.5, "invested_share": None},
        {"full_years": None, "built_share": 0.9, "invested_share": 0.2499},
    ]
    cases = make_cases([{"status": "idle_suspended", **facts} for facts in listed])
    found = table.facts(cases, pd.Series(["G2", "mixed", "E1", "unknown"]), law.on(ON))
    assert found["cause"].tolist() == ["G2", "mixed", "E1", "unknown"]
    assert found["grade"].tolist() == ["A", "none", "none", "none"]
    assert found["duration"].tolist() == ["under_one", "one", "two_or_more", "unknown"]
    # a third and a quarter exactly are not 不足; one shortfall suffices (第二条第二款)
    assert found["share"].tolist() == ["enough", "short", "unknown", "short"]


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"status": "idle_two_years"}, "unknown"),
        ({"status": "idle_two_years", "paused_days": 0}, "holder"),
        ({"status": "idle_two_years", "paused_days": 9}, "mixed"),
        ({"status": "idle_government", "paused_days": 9}, "G"),  # no record of which
        ({"status": "not_delivered", "paused_days": 0}, "G1"),
        ({"status": "overdue", "paused_days": 0, "delay_cause": "资金不足"}, "E1"),
        ({"status": "overdue", "paused_days": 0, "delay_cause": "e5"}, "E5"),
        ({"status": "overdue", "paused_days": 0, "delay_cause": "E6 囤地"}, "E6"),
        ({"status": "overdue", "paused_days": 0, "delay_cause": "E6 资金不足"}, "holder"),
        ({"status": "overdue", "paused_days": 0, "delay_cause": "老板跑路"}, "holder"),
        ({"status": "overdue", "paused_days": 9, "delay_cause": "E1"}, "mixed"),
        ({"status": "idle_government", "paused_days": 9, "sealed": ["S0"]}, "E4"),
    ],
)
def test_the_cause_is_what_stands_on_record(facts, cause):
    assert disposed(**facts)["cause"] == cause


def test_the_leading_government_cause_is_that_of_most_days_after_the_clock_began():
    early, late = ("G4", "2015-01-01", "2016-12-31"), ("G2", "2017-03-01", "2017-05-31")
    facts = {"status": "idle_government", "paused_days": 100, "clock_from": "2016-12-01"}
    facts["clock_from"] = pd.Timestamp(facts["clock_from"])
    assert disposed(**facts, pauses=[early, late])["cause"] == "G2"  # 92 days against 31
    assert disposed(**facts, pauses=[early, ("G2", "2017-03-01", "2017-03-05")])["cause"] == "G4"
    equal = [("G6", "2017-03-01", "2017-03-09"), ("G2", "2017-03-01", "2017-03-09")]
    assert disposed(**facts, pauses=equal)["cause"] == "G2"  # by code
    running = [("G4", "2017-03-01", "2017-12-31"), ("FM", "2017-03-01", None)]
    assert disposed(**facts, pauses=running)["cause"] == "FM"
    unlawful = [("G7", "2017-03-01", None), ("G2", "2018-07-01", None)]
    assert disposed(**facts, pauses=unlawful)["cause"] == "G"


def test_why_approved_land_is_not_supplied_chooses_its_line():
    own = pd.DataFrame({"approval_id": ["A0"], "unsupplied_cause": ["S2 项目落空"]})
    tables = {"approval": schema.conform(own, "approval")}
    facts = {"case_id": "A0", "kind": "approval", "status": "expropriated"}
    for years, line in ((1, "expropriated_lost"), (2, "expropriated_two_years_lost")):
        cases = make_cases([facts | {"full_years": years}])
        found = dispose.measures(cases, on=ON, statutes=law_on(ON), tables=tables).iloc[0]
        assert (found["cause"], found["line"]) == ("S2", line)
        assert "二次招商" in found["measures"]


def test_land_is_swapped_only_where_a_plan_was_changed():
    # 第十二条第五项: the third condition of an exchange is a lawful change of plan
    decisions = dispose.decisions()
    for facts in combinations():
        line = decisions.lines[decisions.first(facts)]
        if any("置换土地" in measure for measure in line.measures):
            assert facts["cause"] in {"G2", "G3"}
            assert "idle_land.swap_conditions" in line.authority
    assert (
        "置换土地"
        in disposed(status="idle_government", pauses=[("G2", "2017-01-01", None)])["measures"]
    )


def test_codes_of_causes_are_those_of_the_rules():
    assert law.on(ON)["idle_land.holder_causes"].amount == {
        code: words[0].replace("其他自身原因", "其他")
        for code, words in terms.HOLDER_CAUSES.items()
    }


def test_every_line_is_whole_and_cites_a_rule_that_exists():
    statutes = law.on(ON)
    for line in dispose.decisions().lines:
        assert len(line.measures) == len(line.measures_en) > 0
        assert line.authority, line.name
        for key in (*line.authority, *line.due_rules):
            assert statutes[key].document
        for office in (line.lead, *line.support):
            assert statutes[f"departments.{office}"].amount


@pytest.mark.parametrize(
    ("status", "grade", "paused", "line"),
    [
        ("unexpropriated", None, 0, "unexpropriated"),
        ("occupied", None, 0, "occupied"),
        ("overdue", "C", 0, "overdue_c"),
        ("overdue", None, 0, "overdue"),
        ("idle_one_year", "A", 0, "idle_one_year_a"),
        ("idle_one_year", "B", 0, "idle_one_year_b"),
        ("idle_one_year", "C", 0, "idle_one_year"),
        ("idle_one_year", "甲", 0, "idle_one_year"),
        ("idle_suspended", "A", 0, "idle_suspended_ab"),
        ("idle_suspended", "A", 9, "idle_suspended_government"),
        ("idle_one_year", "A", 9, "idle_one_year_mixed"),
        ("idle_two_years", "A", 9, "idle_two_years_mixed"),
        ("suspended", "C", 0, "suspended_c"),
        ("idle_suspended", None, 0, "idle_suspended"),
        ("halted", "A", 0, "halted_a"),
        ("halted", "B", 0, "halted"),
        ("halted", "C", 0, "halted_c"),
    ],
)
def test_lines_follow_grade_and_cause(status, grade, paused, line):
    assert lines([{"status": status, "grade": grade, "paused_days": paused}]) == [line]


def test_duration_and_share_choose_the_line():
    years = [{"status": "expropriated", "full_years": n} for n in (1, 2, None)]
    assert lines(years) == ["expropriated", "expropriated_two_years", "expropriated"]
    late = "completion_overdue_two_years"
    built = [{"status": late, "built_share": b, "invested_share": 0.5} for b in (0.1, 0.5, None)]
    assert lines(built) == [f"{late}_short", late, late]


def test_the_fee_is_due_on_one_year_of_own_delay_and_nowhere_else():
    due = {line.name: set(line.status) for line in dispose.decisions().lines if line.fee}
    assert set().union(*due.values()) == {"idle_one_year"}
    assert all(
        line.fee
        for line in dispose.decisions().lines
        if "idle_one_year" in line.status and "E4" not in line.cause
    )
    assert disposed(status="idle_one_year")["is_fee_due"]
    assert not disposed(status="idle_suspended")["is_fee_due"]


@pytest.mark.parametrize(
    ("on", "signed", "status", "bond"),
    [
        (date(2025, 3, 3), "2016-01-01", "idle_suspended", None),  # the rule is not in force
        (date(2025, 3, 4), "2024-11-07", "idle_suspended", "eligible"),
        (date(2025, 3, 4), "2024-11-08", "idle_suspended", "not_eligible"),
        (date(2025, 3, 4), None, "idle_suspended", "unknown"),
        (date(2025, 3, 4), "2016-01-01", "idle_two_years", None),  # recovered without payment
        (date(2025, 3, 4), "2016-01-01", "finished", None),
    ],
)
def test_bonds_follow_the_day_of_signing(on, signed, status, bond):
    found = disposed(on=on, signed=signed, status=status)["bond"]
    assert pd.isna(found) if bond is None else found == bond


def test_land_supplied_again_names_the_flexible_ways():
    assert (
        disposed(status="idle_two_years")["supply_terms"]
        == "弹性年期出让；先租后让；租让结合；长期租赁"
    )
    assert pd.isna(disposed(status="in_progress")["supply_terms"])
    own = law.on(ON, ROOT)["measures.supply_terms"]
    assert (own.document, own.article) == ("许集聚办〔2018〕3号", "二（五）3")
    assert own.verified


def test_a_workspace_lays_its_own_lines_and_weights(tmp_path):
    folder = tmp_path / "layers" / "measures"
    folder.mkdir(parents=True)
    (folder / "own.toml").write_text(OWN, encoding="utf-8")
    case = disposed(status="halted", grade="A", statutes=law.on(ON, tmp_path))
    assert (case["line"], case["measures"]) == ("own_halted", "先行约谈")
    assert case["priority_status"] == pytest.approx(50 * 0.6)
    assert disposed(status="halted", grade="A")["line"] == "halted_a"
    assert law.fingerprint(tmp_path) != law.fingerprint(None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[priority.weight]\nstatus = 50", "not 100"),
        ("[priority.weight]\ncolour = 1", "colour"),
        ("[other]\na = 1", "unknown"),
        ("= 1", "not valid TOML"),
        ('[[row]]\nname = "halted_a"\n', "missing"),
        ("[priority.weight]\nstatus = nan", "must be: weight"),
        ("[priority.weight]\nstatus = true", "must be: weight"),
        ("[priority.grade]\nA = 'x'", "must be: grade"),
        ("[priority]\nyears_full = inf", "must be: years_full"),
        ("[priority]\nyears_full = 0", "years_full.* above 0"),
        (OWN.replace('["先行约谈"]', '"先行约谈"'), "must be: measures"),
        (OWN.replace('["先行约谈"]', '[""]'), "must be: measures"),
        (OWN.replace('lead = "reform"', "lead = 1"), "must be: lead"),
        (OWN.replace('label = "停产企业先约谈"', 'label = " "'), "must be: label"),
        (OWN.replace('status = ["halted"]', 'status = "halted"'), "must be: status"),
        (OWN + "fee = 1\n", "must be: fee"),
        (OWN.replace('due = "year_end"', "due_days = true"), "must be: due_days"),
        (OWN.replace('due = "year_end"', "due_months = 1e300"), "must be: due_months"),
        (OWN.replace('due = "year_end"', "due_days = -1"), "must be: due_days"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(tmp_path, text, said):
    folder = tmp_path / "layers" / "measures"
    folder.mkdir(parents=True)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AssetError, match=said):
        dispose.decisions(tmp_path)


@pytest.mark.parametrize("rule", ["measures.supply_terms", "idle_land.fee_share"])
def test_a_deadline_is_taken_from_days_alone(tmp_path, rule):
    folder = tmp_path / "layers" / "measures"
    folder.mkdir(parents=True)
    text = OWN.replace('due = "year_end"', f'due_rules = ["idle_land.answer_days", "{rule}"]')
    (folder / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AssetError, match=f"own_halted.*{rule}"):
        disposed(status="halted", statutes=law.on(ON, tmp_path))


def test_suspended_idle_land_pays_no_fee_and_is_not_recovered_free():
    for grade, paused in itertools.product((*"ABC", None), (0, 30)):
        text = disposed(status="idle_suspended", grade=grade, paused_days=paused)["measures"]
        assert "闲置费" not in text
        assert "无偿" not in text


def test_government_land_goes_the_way_of_article_twelve():
    case = disposed(status="idle_government", articles="甲")
    assert "延长动工开发期限" in case["measures"]
    assert "闲置费" not in case["measures"]
    assert case["articles"].startswith("甲；")
    assert "第十二条（条文待核对）" in case["articles"]
    assert "第八条" in case["articles"]


def test_two_years_lead_to_recovery_by_the_land_bureau():
    case = disposed(status="idle_two_years", next_status_on=None)
    assert "无偿收回" in case["measures"]
    assert case["lead"] == "市国土资源局"
    assert case["due_on"] == pd.Timestamp("2018-12-31")


def test_offices_have_the_names_of_the_day():
    old, new = (
        disposed(on=day, status="idle_one_year", grade="A")
        for day in (date(2018, 12, 31), date(2019, 1, 1))
    )
    assert (old["lead"], old["support"]) == ("市国土资源局", "市工业和信息化委")
    assert (new["lead"], new["support"]) == ("市自然资源和规划局", "市工业和信息化局")
    assert disposed(status="halted")["lead"] == "市发展改革委"
    statutes = law.on(date(2019, 1, 1))
    assert not statutes["departments.land"].verified
    renamed = {"land", "industry", "banking", "environment", "tax", "safety", "market"}
    old, new = law.on(date(2018, 12, 31), ROOT), law.on(date(2019, 1, 1), ROOT)
    keys = [key for key in old if key.startswith("departments.")]
    assert {key.split(".")[1] for key in keys if old[key].amount != new[key].amount} == renamed
    assert len(keys) == 18


def test_the_deadline_is_the_clock_or_year_end_whichever_is_first():
    near = disposed(status="overdue", next_status_on=pd.Timestamp("2018-09-02"))
    far = disposed(status="overdue", next_status_on=pd.Timestamp("2019-03-02"))
    none = disposed(status="overdue")
    assert near["due_on"] == pd.Timestamp("2018-09-01")  # the last day before idleness
    assert far["due_on"] == none["due_on"] == pd.Timestamp("2018-12-31")


def test_deadlines_of_law_and_of_practice():
    assert disposed(status="idle_one_year")["due_on"] == pd.Timestamp("2018-08-29")  # 30 + 30 days
    assert disposed(status="occupied")["due_on"] == pd.Timestamp("2018-09-30")
    assert disposed(on=date(2018, 11, 30), status="occupied")["due_on"] == pd.Timestamp(
        "2018-12-31"
    )
    assert disposed(on=date(2026, 3, 1), status="lapsed")["due_on"] == pd.Timestamp("2026-12-31")
    assert pd.isna(disposed(status="in_progress")["due_on"])


def test_before_the_law_there_is_no_clock_of_the_law():
    case = disposed(on=date(2010, 5, 1), status="idle_one_year")
    assert case["due_on"] == pd.Timestamp("2010-12-31")
    assert "53号" not in case["articles"]


def test_calm_land_is_only_looked_at():
    assert disposed(status="finished")["measures"] == "供后常规巡查"
    assert disposed(status="in_progress")["measures"] == "常规巡查"
    assert "提醒" in disposed(status="not_due")["measures"]


def test_sealed_land_goes_the_joint_way():
    case = disposed(status="idle_two_years", case_id="S0", sealed=["S0"])
    assert case["measures"].startswith("府院联动")
    assert pd.isna(case["due_on"])
    assert disposed(status="finished", case_id="S0", sealed=["S0"])["measures"] == "供后常规巡查"


def test_priority_is_the_stated_sum():
    decisions = dispose.decisions()
    rules = decisions.priority
    assert sum(rules["weight"].values()) == 100
    case = disposed(
        status="idle_one_year", net_days=365.0, area_m2=50_000.0, grade="C",
        next_status_on=pd.Timestamp(ON) + pd.Timedelta(days=73),
    )  # fmt: skip
    assert case["priority"] == pytest.approx(45 * 0.9 + 20 / 3 + 20 * 0.5 + 5 + 10 * 0.8)
    approval = disposed(status="lapsed", gross_days=730.0, area_m2=0.0, grade="A")
    assert approval["priority"] == pytest.approx(45 * 0.8 + 20 * 2 / 3)
    most = disposed(
        status="idle_two_years",
        net_days=9e9,
        area_m2=1e9,
        grade="C",
        next_status_on=pd.Timestamp(ON),
    )
    assert most["priority"] == pytest.approx(100)
    assert disposed(status="finished", grade="A")["priority"] == 0


def test_the_parts_of_priority_add_up_and_say_what_would_change_them():
    case = disposed(
        status="overdue", net_days=365.0, area_m2=50_000.0, grade="B", next_status="idle_one_year",
        next_status_on=pd.Timestamp(ON) + pd.Timedelta(days=73),
    )  # fmt: skip
    parts = priority.explained(case, dispose.decisions(), ON)
    assert [part.name for part in parts] == ["状态", "时长", "面积", "企业类别", "临期"]
    assert sum(part.points for part in parts) == pytest.approx(case["priority"])
    points = [case[f"priority_{name}"] for name in priority.PARTS]
    assert [part.points for part in parts] == pytest.approx(points)
    assert sum(part.weight for part in parts) == 100
    told = [part.change for part in parts]
    assert told[0] == "2018-09-11 转为“疑似闲置（满一年）”：+20.2 分"  # 45 × (0.90 - 0.45)
    assert told[1] == "再延误 30 日：+0.5 分"  # 20 × 30 / 365 / 3
    assert told[2] == "面积每增加 1 公顷：+2.0 分"
    assert told[3] == "评为 A 类：-2.5 分，评为 C 类：+2.5 分"
    assert "73 日" in told[4]
    bare = priority.explained(disposed(status="finished"), dispose.decisions(), ON, "en")
    assert bare[0].change == "no next status by law"


def test_longer_delay_never_makes_land_less_urgent():
    days = np.arange(0.0, 2000.0, 50)
    cases = make_cases([{"status": "idle_one_year", "net_days": d, "area_m2": 1e4} for d in days])
    found = dispose.measures(cases, on=ON, statutes=law_on(ON))["priority"]
    assert found.is_monotonic_increasing


def test_columns_index_and_input_are_kept():
    cases = make_cases([{"status": s, "grade": "A"} for s in Status]).set_index(
        pd.Index(range(100, 100 + len(Status)))
    )
    before = cases.copy()
    found = dispose.measures(cases, on=ON, statutes=law_on(ON))
    pd.testing.assert_frame_equal(cases, before)
    assert found.index.equals(cases.index)
    assert list(found.columns) == list(schema.CASE_COLUMNS)
    for name, kind in schema.CASE_COLUMNS.items():
        assert str(found[name].dtype) == schema.DTYPES[kind], name
    assert found.loc[found["state"] != State.COMPLETED, "measures"].notna().all()


def test_order_of_rows_does_not_matter():
    cases = make_cases([{"status": s, "grade": g, "paused_days": 0} for s in Status for g in "ABC"])
    found = dispose.measures(cases, on=ON, statutes=law_on(ON))
    turned = dispose.measures(cases.iloc[::-1], on=ON, statutes=law_on(ON))
    pd.testing.assert_frame_equal(turned.sort_index(), found)


def test_no_cases_give_no_measures():
    cases = make_cases([{"status": "finished"}]).iloc[:0]
    assert dispose.measures(cases, on=ON, statutes=law_on(ON)).empty


def test_english_comes_from_the_same_table():
    case = disposed(status="idle_two_years", lang="en")
    assert case["measures"].isascii() or "；" in case["measures"]
    assert case["lead"] == "municipal land authority"


@pytest.mark.parametrize(
    "change",
    [{"status": ["idle"]}, {"grade": ["D"]}, {"due_days": 3}, {"due": "soon"}, {"colour": "red"}],
)
def test_a_row_that_cannot_be_meant_is_refused(change):
    row = {
        "name": "x", "label": "甲", "label_en": "x", "status": ["halted"],
        "measures": ["a"], "measures_en": ["a"],
        "authority": [], "lead": "land", "support": [], "due": "clock",
    }  # fmt: skip
    assert table.line(row, "here").name == "x"
    with pytest.raises(AssetError, match="row 'x'"):
        table.line(row | change, "here")


def test_a_status_without_a_row_is_an_error():
    with pytest.raises(AssetError, match="has no row"):
        dispose.decisions().first(dict.fromkeys(table.WORDS, "nothing"))
