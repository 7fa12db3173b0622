"""The law in force on a day: dated, sourced, never defaulted."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from landuse import law
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


def test_every_value_names_its_document_and_never_quotes_what_was_not_read():
    for value in law.on(DAY).in_force():
        assert value.document, value.key
        assert value.verified or not value.text, value.key


def test_law_between_two_effective_days_is_constant():
    days = [date(2012, 7, 1) + timedelta(days=n) for n in range(0, 2500, 97)]
    amounts = {
        tuple(str(v.amount) for v in law.on(d).in_force() if "idle_land" in v.key) for d in days
    }
    assert len(amounts) == 1


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
