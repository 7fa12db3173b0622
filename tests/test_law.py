"""The law in force on a day: dated, sourced, never defaulted."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landuse import law, schema
from landuse.classify import known
from landuse.errors import LawError

DAY = date(2018, 6, 30)

RULE = """
[fee_share]
label = "本地比例"
unit = "share"
modality = "shall"
[[fee_share.value]]
amount = "1/10"
in_force = 2016-01-01
document = "示例市规定"
article = "第一条"
verified = 2026-01-01
"""


def at(folder, code="", name="某市"):
    """Write the settings of a workspace that lies somewhere."""
    (folder / "layers").mkdir(parents=True, exist_ok=True)
    text = f'name = "{name}"\ndivision_code = "{code}"\n' if code else f'name = "{name}"\n'
    (folder / "layers" / "workspace.toml").write_text(text, encoding="utf-8")
    return folder


def overlay(folder, text, name="idle_land.toml", encoding="utf-8"):
    """Write a workspace's own rules."""
    (folder / "layers" / "statutes").mkdir(parents=True, exist_ok=True)
    (folder / "layers" / "statutes" / name).write_text(text, encoding=encoding)
    return folder


def test_a_third_is_a_third():
    assert law.on(DAY)["idle_land.developed_share"].amount == Fraction(1, 3)


def test_an_unknown_rule_raises_and_names_its_neighbours():
    with pytest.raises(LawError, match=r"idle_land\.fee_share"):
        law.on(DAY)["idle_land.fee"]


def test_a_rule_not_yet_in_force_raises():
    with pytest.raises(LawError, match="2012-07-01"):
        law.on(date(2012, 6, 30))["idle_land.investigation_days"]


def test_remembered_law_says_so():
    statutes = law.on(DAY)
    assert statutes["approvals.lapse_years"].verified is None
    assert statutes["approvals.lapse_years"].citation.endswith("（条文待核对）")
    assert "待核对" not in statutes["idle_land.not_commenced_years"].citation


@pytest.mark.parametrize("place", ["", "411000", "370102", "430100", "310115"])
def test_every_value_names_its_document_and_never_quotes_what_was_not_read(tmp_path, place):
    at(tmp_path, place)
    for value in law.on(date(2026, 6, 30), tmp_path).in_force():
        assert value.document, value.key
        assert value.verified or not value.text, value.key


def test_law_between_two_effective_days_is_constant():
    days = [date(2012, 7, 1) + timedelta(days=n) for n in range(0, 2500, 97)]
    amounts = {
        tuple(str(v.amount) for v in law.on(d).in_force() if "idle_land" in v.key) for d in days
    }
    assert len(amounts) == 1


@settings(max_examples=60, deadline=None)
@given(st.dates(date(1999, 4, 28), date(2027, 12, 31)))
def test_law_changes_only_on_days_that_a_statute_names(day):
    before, after = law.on(day), law.on(day + timedelta(days=1))
    said = [
        {v.key: (v.amount, v.document, v.article) for v in s.in_force()} for s in (before, after)
    ]
    changed = {key for key in said[0] | said[1] if said[0].get(key) != said[1].get(key)}
    for key in changed:
        days = {value.in_force for layer in after.layers for value in layer.get(key, ())}
        assert day + timedelta(days=1) in days, key


def test_local_rules_win_from_their_day(tmp_path):
    folder = tmp_path / "layers" / "statutes"
    folder.mkdir(parents=True)
    (folder / "idle_land.toml").write_text(RULE, encoding="utf-8")
    assert law.on(DAY, tmp_path)["idle_land.fee_share"].amount == Fraction(1, 10)
    before = law.on(date(2015, 12, 31), tmp_path)["idle_land.fee_share"]
    assert before.amount == Fraction(1, 5)
    assert law.fingerprint(tmp_path) != law.fingerprint()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('document = "示例市规定"\n', "", "document"),
        ('modality = "shall"', 'modality = "must"', "modality"),
        ("verified = 2026-01-01", "verified = 2026-01-01\nsource = 1", "source"),
        ('amount = "1/10"\n', "", "amount"),
        ("[fee_share]", "[fee_share", "TOML"),
        ('unit = "share"', 'unit = "year"', "unit|in year"),
    ],
)
def test_a_statute_that_cannot_be_meant_is_refused(tmp_path, old, new, words):
    folder = tmp_path / "layers" / "statutes"
    folder.mkdir(parents=True)
    (folder / "idle_land.toml").write_text(RULE.replace(old, new), encoding="utf-8")
    with pytest.raises(LawError, match=words):
        law.on(DAY, tmp_path)


@pytest.mark.parametrize(
    ("code", "name", "has_henan", "has_xuchang"),
    [
        ("411000", "许昌市", True, True),
        ("411082", "长葛市", True, True),
        ("411700", "驻马店市", True, False),
        ("410000", "河南省", True, False),
        ("440100", "广州市", False, False),
        ("", "许昌市示例", True, True),
        ("", "河南省某市", True, False),
        ("", "某市", False, False),
        ("440100", "许昌市", False, False),  # the code has the last word
    ],
)
def test_rules_of_a_place_apply_to_workspaces_that_lie_there(
    tmp_path, code, name, has_henan, has_xuchang
):
    statutes = law.on(date(2022, 6, 30), at(tmp_path, code, name))
    henan = statutes.find("idle_land.cultivated_fee_multiple")
    xuchang = statutes.find("permits.planning_permit_months")
    assert (henan is not None) is has_henan
    assert (xuchang is not None) is has_xuchang
    if henan is not None:
        assert (henan.amount, henan.level, henan.region) == (4, "province", "河南省")
    if xuchang is not None:
        assert (xuchang.amount, xuchang.level, xuchang.region) == (12, "city", "许昌市")


def test_rules_of_another_place_are_unknown_and_not_guessed(tmp_path):
    with pytest.raises(LawError, match="planning_permit_months"):
        law.on(DAY, at(tmp_path, "440100"))["permits.planning_permit_months"]


def test_layers_lie_over_each_other_and_say_what_they_replace(tmp_path):
    at(tmp_path, "411000")
    city = law.on(DAY, tmp_path)["measures.revitalise"]
    assert (city.level, city.document) == ("city", "许集聚办〔2018〕3号")
    assert city.replaces is not None
    assert (city.replaces.level, city.replaces.document) == ("national", "本产品默认口径")
    assert city.changes
    overlay(tmp_path, RULE)
    own = law.on(DAY, tmp_path)["idle_land.fee_share"]
    assert (own.level, own.amount, own.replaces.amount) == (
        "workspace",
        Fraction(1, 10),
        Fraction(1, 5),
    )


def test_every_packaged_rule_that_changes_another_says_what(tmp_path):
    for code in ("411000", "370100", "430000", "310000"):
        for value in law.on(date(2019, 6, 30), at(tmp_path, code)).in_force():
            same = value.replaces is not None and value.replaces.amount == value.amount
            assert value.replaces is None or value.changes or same, value.key


def test_where_a_local_rule_is_repealed_the_rule_below_is_in_force_again(tmp_path):
    at(tmp_path, "411000")
    assert law.on(date(2018, 12, 31), tmp_path)["departments.land"].level == "city"
    after = law.on(date(2019, 1, 1), tmp_path)["departments.land"]
    assert (after.level, after.amount) == ("national", "市自然资源和规划局")


def test_a_repealed_rule_raises():
    assert law.on(date(2012, 6, 30))["idle_land.start_after_contract_years"].amount == 0
    with pytest.raises(LawError, match="repealed from 2012-07-01"):
        law.on(date(2012, 7, 1))["idle_land.start_after_contract_years"]
    assert law.on(date(2012, 7, 1)).find("idle_land.start_after_contract_years") is None


def test_a_rule_of_one_place_changes_no_other_and_no_fingerprint_of_it(tmp_path):
    plain = law.fingerprint()
    assert law.fingerprint(at(tmp_path, "440100")) == plain
    assert law.fingerprint(at(tmp_path, "411000")) != plain


def test_a_file_saved_by_an_office_program_is_read(tmp_path):
    overlay(at(tmp_path), RULE, encoding="utf-8-sig")
    assert law.on(DAY, tmp_path)["idle_land.fee_share"].amount == Fraction(1, 10)
    overlay(tmp_path, RULE, encoding="gb18030")
    with pytest.raises(LawError, match="UTF-8"):
        law.on(DAY, tmp_path)


PARAMETERS = {
    "idle_land.not_commenced_years": 1, "idle_land.recovery_years": 2,
    "idle_land.suspended_years": 1, "idle_land.developed_share": Fraction(1, 3),
    "idle_land.invested_share": Fraction(1, 4), "idle_land.fee_share": Fraction(1, 5),
    "idle_land.fee_share_real_estate": Fraction(1, 5), "idle_land.investigation_days": 30,
    "idle_land.answer_days": 30, "idle_land.fee_payment_days": 30, "idle_land.hearing_days": 5,
    "idle_land.extension_years": 1, "idle_land.extension_times": 1,
    "idle_land.temporary_use_years": 2, "idle_land.shortfall_reading": "literal",
    "idle_land.no_deduction_after_years": 2, "idle_land.cultivated_fee_multiple": 4,
    "approvals.lapse_years": 2, "measures.expropriated_unsupplied_years": 2,
    "approvals.five_year_supply_rate": Fraction(3, 5), "approvals.supply_rate_years": 5,
    "approvals.cohorts": ["2009-2018", "2019-"], "bonds.eligible_until": date(2024, 11, 7),
    "bonds.resupply_share": Fraction(1, 2), "measures.transfer_share": Fraction(1, 4),
    "permits.planning_permit_months": 12, "permits.start_months": 3,
    "inefficient.completion_overdue_years": 2,
}  # fmt: skip


def test_the_parameters_of_the_law(tmp_path):
    statutes = law.on(date(2026, 6, 30), at(tmp_path, "411000"))
    assert {key: statutes[key].amount for key in PARAMETERS} == PARAMETERS


def test_every_rule_is_named_in_both_languages():
    for value in law.on(date(2026, 6, 30)).in_force():
        assert value.label not in {"", value.key}, value.key
        assert value.label_en not in {"", value.key}, value.key


def test_a_quota_of_another_province_is_in_force_there_only(tmp_path):
    shandong = law.on(date(2020, 1, 1), at(tmp_path, "371300"))
    assert shandong["approvals.quota_reward"].amount == Fraction(1, 10)
    assert shandong["approvals.quota_penalty"].amount == Fraction(1, 5)
    assert law.on(date(2020, 1, 1)).find("approvals.quota_reward") is None


def test_what_the_law_allows_is_not_what_it_demands():
    statutes = law.on(date(2026, 6, 30))
    assert statutes["idle_land.fee_share"].modality == "shall"
    assert statutes["idle_land.fee_share_real_estate"].modality == "may"
    assert statutes["idle_land.suspended_years"].modality == "may"
    assert statutes["idle_land.recovery_years_real_estate"].modality == "may"


def test_a_reading_nobody_knows_is_refused(tmp_path):
    text = RULE.replace("fee_share", "shortfall_reading").replace('unit = "share"', 'unit = ""')
    overlay(at(tmp_path), text.replace('"1/10"', '"both"'))
    shares = known.shares(known.Known(DAY, schema.empty("supply")))
    with pytest.raises(LawError, match="literal, lenient"):
        known.shortfall(shares, law.on(DAY, tmp_path))


def test_a_day_must_be_a_day(tmp_path):
    overlay(at(tmp_path), RULE.replace("in_force = 2016-01-01", 'in_force = "2016-01-01"'))
    with pytest.raises(LawError, match="in_force must be a day"):
        law.on(DAY, tmp_path)
