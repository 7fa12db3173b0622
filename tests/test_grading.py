"""Grades of firms: the published cut, both variants, exceptions with reasons, unknown unknown."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import making
import pandas as pd
import pytest

from landuse import classify, grading, law, schema
from landuse.errors import AssetError
from landuse.grading.paper import paper
from landuse.grading.scheme import Adjustment
from landuse.papers import plain

ON = date(2018, 6, 30)
EXAMPLE = grading.load()
NONE = schema.empty("supply")
FIRM = {
    "cluster_id": "C1", "is_above_scale": True, "occupied_area": 10_000.0, "tax": 1e6,
    "revenue": 1e7, "profit": 1e6, "research_spending": 1e5, "output_value": 1e7,
    "energy_tce": 100.0, "emissions_t": 1.0,
}  # fmt: skip


def firms(*listed):
    rows = [FIRM | {"enterprise_id": f"{n:03d}"} | row for n, row in enumerate(listed)]
    return schema.conform(pd.DataFrame(rows), "enterprise")


def counts(grades):
    return tuple(grades.count(grade) for grade in "ABC")


def test_anyang_below_scale_comes_out_as_published():
    tax = [float(n) for n in range(39)]
    assert counts(grading.cut(tax, tax, tax, EXAMPLE)) == (6, 29, 4)  # 安阳 2018: 规下 39


def test_anyang_above_scale_can_only_be_rounded_cluster_by_cluster():
    a, c = Fraction(15, 100), Fraction(1, 10)
    assert (grading.rounded(a, 235), grading.rounded(c, 235)) != (37, 22)  # city-wide: 35, 24
    sizes = [45, 24, 32, 24, 53, 24, 33]
    assert sum(sizes) == 235
    total = [counts(grading.cut(*[[float(n) for n in range(s)]] * 3, EXAMPLE)) for s in sizes]
    assert tuple(map(sum, zip(*total, strict=True))) == (37, 176, 22)  # as published


def test_the_two_variants_choose_by_their_own_indicators():
    # firm 0 pays most tax per area, firm 1 researches; both are in the upper half
    listed = [{"tax": 1.4e6}, {"tax": 1.2e6, "research_spending": 2e5}, *[{}] * 5]
    new = grading.graded(firms(*listed), NONE, EXAMPLE, ON)
    old = grading.graded(firms(*listed), NONE, replace(EXAMPLE, variant="2017"), ON)
    assert new["grade"].eq("A").tolist().index(True) == 1
    assert old["grade"].eq("A").tolist().index(True) == 0
    assert (new["grade"] == "A").sum() == (old["grade"] == "A").sum() == 1


def test_the_worst_are_chosen_by_energy_in_the_trial_and_with_emissions_later():
    listed = [*[{}] * 8, {"energy_tce": 130.0}, {"energy_tce": 120.0, "emissions_t": 3.0}]
    new = grading.graded(firms(*listed), NONE, EXAMPLE, ON)["grade"]
    old = grading.graded(firms(*listed), NONE, replace(EXAMPLE, variant="2017"), ON)["grade"]
    assert new[new == "C"].index.tolist() == [9]
    assert old[old == "C"].index.tolist() == [8]


def test_scores_are_ratio_times_weight_up_to_the_cap():
    fixed = replace(
        EXAMPLE, indicators=tuple(replace(i, baseline=1e-9) for i in EXAMPLE.indicators)
    )
    found = grading.graded(firms({}), NONE, fixed, ON).iloc[0]
    assert found["score"] == pytest.approx(150)
    mean = grading.graded(firms({}, {}), NONE, EXAMPLE, ON)
    assert mean["score"].tolist() == pytest.approx([100, 100])
    loss = grading.graded(firms({"profit": -1e6}, {"profit": 3e6}), NONE, EXAMPLE, ON)
    assert loss["score_profit_per_area"].tolist() == pytest.approx([0, 22.5])


def test_points_are_added_and_taken_off_up_to_their_caps_and_said():
    listed = [{}, {"bonus": 4.0, "points_reason": "上市企业"}, {"deduction": 99.0}, {"bonus": -3.0}]
    table = firms(*listed)
    found = grading.graded(table, NONE, EXAMPLE, ON)
    assert found["score"].tolist() == pytest.approx([100, 104, 90, 100])
    assert found["score_bonus"].tolist() == [0, 4, 0, 0]
    assert found["score_deduction"].tolist() == pytest.approx([0, 0, -10, 0])
    told = plain.write([paper(table, found, EXAMPLE, law.on(ON))])
    assert "+4.00" in told
    assert "上市企业" in told
    assert "-10.00" in told
    assert "加减分未注明事项" in told
    below = firms({"is_above_scale": False, "bonus": 4.0}, {"is_above_scale": False})
    assert grading.graded(below, NONE, EXAMPLE, ON)["score"].tolist() == [
        1e6,
        1e6,
    ]  # 实缴税收 alone


def test_low_efficiency_follows_from_a_computed_grade_and_from_halted_firms(tmp_path):
    folder = tmp_path / "layers" / "grading"
    folder.mkdir(parents=True)
    (folder / "scheme.toml").write_text('label = "本市权重"\nvariant = "2017"\n', encoding="utf-8")
    done = {"signed_on": "2012-01-05", "delivered_on": "2012-02-01", "commenced_on": "2012-06-01",
            "agreed_commencement_on": "2012-06-01", "agreed_completion_on": "2014-06-01",
            "completed_on": "2014-05-01", "production_on": "2014-10-01"}  # fmt: skip
    ids = [f"S{n}" for n in range(10)]
    own = [
        FIRM | {"enterprise_id": f"{n}", "supply_id": key, "energy_tce": 100.0 + 50 * (n == 9)}
        for n, key in enumerate(ids)
    ]
    own[0] |= {"halted_on": "2017-01-01"}
    tables = making.tables(supply=[done | {"supply_id": key} for key in ids], enterprise=own)
    for filled, status in ((False, "finished"), (True, "underperforming")):
        made = dict(tables)
        if filled:
            found = grading.filled(tables["enterprise"], tables["supply"], tmp_path, ON)
            made["enterprise"] = found
        cases = classify.cases(made, pieces_of(), on=ON, statutes=law.on(ON)).set_index("case_id")
        assert cases.loc["S9", "status"] == status  # 投而未达标: last by energy among ten
        assert cases.loc["S0", "status"] == "halted"
        assert cases.loc["S1", "status"] == "finished"


def pieces_of():
    """No land that was cut."""
    texts = ("cluster_id", "park_id", "approval_id", "supply_id", "part")
    return pd.DataFrame({name: pd.Series(dtype="str") for name in texts}).assign(
        area_m2=pd.Series(dtype="float64"), occupied_m2=pd.Series(dtype="float64")
    )


def test_a_missing_figure_leaves_the_grade_unknown_and_is_named():
    found = grading.graded(firms({"tax": None}, {"energy_tce": 0.0}, {}), NONE, EXAMPLE, ON)
    assert found["grade"].isna().tolist() == [True, True, False]
    assert found["missing"].tolist() == ["tax", "energy_tce", ""]
    assert found["source"].tolist() == ["unknown", "unknown", "computed"]
    unknown = grading.graded(firms({"is_above_scale": None}), NONE, EXAMPLE, ON).iloc[0]
    assert unknown["missing"] == "is_above_scale"


def test_new_small_and_lower_firms_are_not_evaluated():
    began = schema.conform(
        pd.DataFrame({"supply_id": ["S"], "production_on": [pd.Timestamp("2016-07-01")]}), "supply"
    )
    listed = [{"supply_id": "S"}, {"is_above_scale": False, "occupied_area": 3000.0}]
    listed += [{"is_above_scale": False}, {}]
    found = grading.graded(firms(*listed), began, EXAMPLE, ON)
    assert found["why"].tolist() == ["new", "small", "", ""]
    assert found["group"].tolist() == ["", "", "city", "C1"]
    trial = grading.graded(firms(*listed), began, replace(EXAMPLE, variant="2017"), ON)
    assert trial["why"].tolist() == ["new", "below_scale", "below_scale", ""]
    assert trial["grade"].isna().tolist() == [True, True, True, False]


def test_vetoes_and_overrides_carry_their_reasons():
    listed = (
        Adjustment("000", "veto", "重大环境事故", document="许环罚〔2018〕1号"),
        Adjustment("001", "override", "上市企业", grade="A"),
        Adjustment("002", "exclude", "公用事业"),
    )
    scheme = replace(EXAMPLE, adjustments=listed)
    found = grading.graded(firms({}, {}, {}, {}), NONE, scheme, ON)
    assert found["grade"].tolist()[:2] == ["C", "A"]
    assert found["source"].tolist() == ["veto", "override", "excluded", "computed"]
    assert found["why"].tolist() == ["重大环境事故许环罚〔2018〕1号", "上市企业", "公用事业", ""]
    assert pd.isna(found["grade"].iloc[2])


def test_grades_do_not_depend_on_the_order_of_rows():
    table = firms(*({"tax": 1e6 + 1e4 * (n % 7)} for n in range(40)))
    found = grading.graded(table, NONE, EXAMPLE, ON)
    turned = grading.graded(table.iloc[::-1], NONE, EXAMPLE, ON)
    pd.testing.assert_frame_equal(turned.sort_index(), found)


def test_the_paper_says_whose_weights_and_why_a_firm_has_no_grade():
    table = firms({"tax": None}, {"is_above_scale": False, "occupied_area": 10.0}, {"grade": "B"})
    made = paper(table, grading.graded(table, NONE, EXAMPLE, ON), EXAMPLE, law.on(ON))
    told = plain.write([made])
    for part in ("示例权重", "不是官方权重", "缺：实缴税收", "占地不足 5 亩", "倒逼转型"):
        assert part in told
    assert "国税局、地税局" in told  # the names of the day: before the reform of 2019
    after = paper(
        table, grading.graded(table, NONE, EXAMPLE, ON), EXAMPLE, law.on(date(2019, 1, 1))
    )
    assert "市生态环境局、市税务局" in plain.write([after])
    assert "A 类 0 家，B 类 1 家，C 类 0 家；不参评 1 家，缺指标无法评定 1 家" in told


def test_only_a_scheme_of_the_workspace_fills_grades_and_never_over_a_source(tmp_path):
    table = firms({"grade": "B", "tax": 9e5}, {}, {})
    assert grading.filled(table, NONE, tmp_path, ON) is table
    folder = tmp_path / "layers" / "grading"
    folder.mkdir(parents=True)
    (folder / "scheme.toml").write_text('label = "本市权重"\nvariant = "2017"\n', encoding="utf-8")
    found = grading.filled(table, NONE, tmp_path, ON)
    assert found["grade"].iloc[0] == "B"
    assert found["grade"].notna().all()
    assert table["grade"].isna().sum() == 2
    assert grading.load(tmp_path).variant == "2017"


def test_the_example_says_that_it_is_one_and_has_a_policy_for_every_grade():
    assert EXAMPLE.label == "示例权重"
    assert all({"field", *"ABC"} == set(policy) for policy in EXAMPLE.policies)


ONE = """[[indicator]]
name = "tax_per_area"
label = "x"
label_en = "x"
per = ["tax", "occupied_area"]
weight = 100
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("variant = '2017'", "label"),
        ("label = 'x'\nvariant = '2018'", "variant 2018"),
        ("label = 'x'\nweights = 1", "weights"),
        ("label = 'x'\na_share = '2/3'", "shares"),
        ("label = 'x'\n[[adjust]]\nenterprise_id = '1'\nkind = 'veto'\nreason = ''", "adjust 1"),
        ("label =", "not valid TOML"),
        ("label = ''", "words or the number they must be: label"),
        ("label = 'x'\ncap = true", "number they must be: cap"),
        ("label = 'x'\ncap = nan\nbonus_cap = inf", "must be: cap, bonus_cap"),
        ("label = 'x'\nnew_years = 1.5", "must be: new_years"),
        ("label = 'x'\ntop = '1e999999999'", "must be: top"),
        ("label = 'x'\ntop = '3/2'", "must be: top"),
        ("label = 'x'\nindicator = [{ weight = 100 }]", r"\[\[indicator\]\] 1: name"),
        ("label = 'x'\n" + ONE.replace('"occupied_area"', ""), r"\[\[indicator\]\] 1: per"),
        (f"label = 'x'\n{ONE.replace('100', 'nan')}", r"\[\[indicator\]\] 1: weight"),
        (f"label = 'x'\n{ONE}baseline = inf\n", r"\[\[indicator\]\] 1: baseline"),
        (f"label = 'x'\n{ONE}baseline = 0\n", "baseline of tax_per_area must be above 0"),
        ("label = 'x'\n[[policy]]\nfield = 'a'\nA = 'b'\nB = 'c'\nC = 1", r"\[\[policy\]\] 1: C"),
        ("label = 'x'\n[[adjust]]\nenterprise_id = 1\nkind = 'veto'\nreason = 'y'",
         r"\[\[adjust\]\] 1: enterprise_id"),
        ("label = 'x'\n[[adjust]]\nenterprise_id = '1'\nkind = 'veto'\nreason = 1",
         r"\[\[adjust\]\] 1"),
    ],
)  # fmt: skip
def test_a_scheme_that_cannot_be_meant_is_refused(tmp_path, text, said):
    folder = tmp_path / "layers" / "grading"
    folder.mkdir(parents=True)
    (folder / "scheme.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AssetError, match=said):
        grading.load(tmp_path)
