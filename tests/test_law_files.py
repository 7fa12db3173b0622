"""How statute files become law: what a file says comes out whole, and what it may not say."""

import hashlib
import re
from datetime import date
from fractions import Fraction

import pytest

from landuse import law
from landuse.errors import LawError

DAY = date(2018, 6, 30)

FULL = """
[fee_share]
label = "土地闲置费比例"
label_en = "idle-land fee"
unit = "share"
modality = "may"
[[fee_share.value]]
amount = "1/10"
in_force = 2012-07-01
document = "示例办法"
article = "第十四条"
text = "按照百分之十征缴"
verified = 2026-01-01
note = "与旧办法不同"
changes = "由五分之一改为十分之一"
[[fee_share.value]]
in_force = 2020-01-01
repealed = true
document = "示例废止决定"
article = ""
verified = false
"""

SHORT = """
[fee_share]
modality = "shall"
[[fee_share.value]]
amount = "约十分之一"
in_force = 2012-07-01
document = "示例办法"
article = "第十四条"
verified = false
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Put statutes made in a test in the place of those the package ships."""
    folder = tmp_path / "package" / "statutes"
    folder.mkdir(parents=True)

    def place(**texts):
        for name, text in texts.items():
            path = folder / f"{name.replace('_in_', '.')}.toml"
            path.write_text(text, encoding="utf-8")
        law._packaged.cache_clear()
        law._region_names.cache_clear()
        return tmp_path

    def found(name):
        assert name == "landuse"
        return folder.parent

    monkeypatch.setattr(law, "files", found)
    yield place
    law._packaged.cache_clear()
    law._region_names.cache_clear()


def lies(folder, *, code="", name=""):
    """Write the settings of a workspace."""
    (folder / "layers").mkdir(exist_ok=True)
    settings = f'division_code = "{code}"\n' * bool(code) + f'name = "{name}"\n' * bool(name)
    (folder / "layers" / "workspace.toml").write_text(settings, encoding="utf-8")
    return folder


def own(folder, text, name="idle"):
    """Write a workspace's own statutes."""
    (folder / "layers" / "statutes").mkdir(parents=True, exist_ok=True)
    path = folder / "layers" / "statutes" / f"{name}.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return folder


def rule(amount, unit="year", *, region="", name="term", day="2012-07-01"):
    """Return a statute file of one rule."""
    return (
        f'region = "{region}"\n'
        * bool(region)
        + f'[{name}]\nunit = "{unit}"\nmodality = "shall"\n[[{name}.value]]\namount = {amount}\n'
        f'in_force = {day}\ndocument = "示例"\narticle = "一"\nverified = false\n'
    )


def refusal(folder, day=DAY):
    """Return the words with which the law of a workspace is refused."""
    with pytest.raises(LawError) as refused:
        law.on(day, folder)
    return refused.value.said("en")


def test_a_rule_comes_out_as_its_file_says(package):
    found = law.on(DAY, package(idle=FULL))["idle.fee_share"]
    assert found == law.Value(
        key="idle.fee_share",
        label="土地闲置费比例",
        label_en="idle-land fee",
        unit="share",
        modality="may",
        amount=Fraction(1, 10),
        in_force=date(2012, 7, 1),
        repealed=False,
        document="示例办法",
        article="第十四条",
        text="按照百分之十征缴",
        verified=date(2026, 1, 1),
        note="与旧办法不同",
        changes="由五分之一改为十分之一",
        level="national",
        region="",
        replaces=None,
    )
    assert found.citation == "示例办法第十四条"


def test_what_a_file_leaves_out_is_empty_and_not_invented(package):
    found = law.on(DAY, package(idle=SHORT))["idle.fee_share"]
    assert found == law.Value(
        key="idle.fee_share",
        label="idle.fee_share",
        label_en="idle.fee_share",
        unit="",
        modality="shall",
        amount="约十分之一",
        in_force=date(2012, 7, 1),
        repealed=False,
        document="示例办法",
        article="第十四条",
        text="",
        verified=None,
        note="",
    )
    assert found.citation == "示例办法第十四条（条文待核对）"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (
            date(2012, 6, 30),
            "'idle.fee_share' is not in force on 2012-06-30: its first value, 示例办法, is in "
            "force from 2012-07-01.",
        ),
        (date(2012, 7, 1), ""),
        (date(2019, 12, 31), ""),
        (date(2020, 1, 1), "'idle.fee_share' was repealed from 2020-01-01 (示例废止决定)."),
    ],
)
def test_before_its_first_day_and_from_its_repeal_there_is_no_rule(package, day, words):
    statutes = law.on(day, package(idle=FULL))
    assert [value.key for value in statutes.in_force()] == ([] if words else ["idle.fee_share"])
    if words:
        assert statutes.find("idle.fee_share") is None
        with pytest.raises(LawError) as refused:
            statutes["idle.fee_share"]
        assert refused.value.said("en") == words


def test_a_rule_nobody_wrote_is_answered_with_those_there_are(package):
    statutes = law.on(DAY, package(idle=rule(1), bonds=rule(2), idle_more=rule(3)))
    assert list(statutes) == ["bonds.term", "idle.term", "idle_more.term"]
    for key, known in (
        ("idle.fee", "idle.term"),
        ("idle.term.fee", "idle.term"),
        ("fees.term", "bonds.term, idle.term, idle_more.term"),
    ):
        with pytest.raises(LawError) as refused:
            statutes[key]
        assert refused.value.said("en") == f"no rule '{key}'. Known: {known}."


def test_national_province_city_county_and_workspace_lie_over_each_other(package):
    folder = package(
        idle=rule(1),
        idle_in_410000=rule(2, region="河南省"),
        idle_in_411000=rule(3, region="许昌市"),
        idle_in_411082=rule(4, region="长葛市"),
        idle_in_411700=rule(9, region="驻马店市"),
    )
    value = law.on(DAY, own(lies(folder, code="411082"), rule(5)))["idle.term"]
    seen = []
    while value is not None:
        seen.append((value.amount, value.level, value.region))
        value = value.replaces
    assert seen == [(5, "workspace", ""), (4, "county", "长葛市")]
    for code, *expected in (
        ("411002", 5, "workspace", 3, "city", "许昌市"),
        ("410100", 5, "workspace", 2, "province", "河南省"),
        ("110000", 5, "workspace", 1, "national", ""),
    ):
        value = law.on(DAY, lies(folder, code=code))["idle.term"]
        below = value.replaces
        assert [value.amount, value.level, below.amount, below.level, below.region] == expected


def test_a_workspace_without_a_code_lies_in_the_innermost_region_its_name_holds(package):
    folder = package(
        idle=rule(1),
        idle_in_410000=rule(2, region="河南省"),
        idle_in_411000=rule(3, region="许昌市"),
        idle_in_440000=rule(4, region="广东省"),
    )
    amounts = {
        name: law.on(DAY, lies(folder, name=name))["idle.term"].amount
        for name in ("河南省许昌市示例", "许昌市广东省产业园", "河南省", "某市", "")
    }
    assert amounts == {
        "河南省许昌市示例": 3,
        "许昌市广东省产业园": 3,
        "河南省": 2,
        "某市": 1,
        "": 1,
    }


def test_two_files_of_one_place_are_one_law(package):
    folder = package(
        idle=rule(1), bonds=rule(2), idle_in_411000=rule(3, region="许昌市"),
        bonds_in_411000=rule(4, region="许昌市"),
    )  # fmt: skip
    (folder / "package" / "statutes" / "README.md").write_text("[", encoding="utf-8")
    amounts = {value.key: value.amount for value in law.on(DAY, folder).in_force()}
    assert amounts == {"bonds.term": 2, "idle.term": 1}
    amounts = {v.key: v.amount for v in law.on(DAY, lies(folder, code="411000")).in_force()}
    assert amounts == {"bonds.term": 4, "idle.term": 3}


def test_values_of_all_layers_tell_why_none_is_in_force(package):
    folder = package(idle=rule(1, day="2020-01-01"))
    own(folder, rule(2, day="2019-01-01"))
    with pytest.raises(LawError, match=r"on 2018-06-30: .* from 2019-01-01\.$"):
        law.on(DAY, folder)["idle.term"]


def test_a_workspace_without_settings_or_rules_of_its_own_has_the_national_law(package, tmp_path):
    package(idle=rule(1), idle_in_411000=rule(3, region="许昌市"))
    for workspace in (None, tmp_path, tmp_path / "nowhere"):
        assert law.on(DAY, workspace)["idle.term"].amount == 1


KEYS = "label, label_en, modality, unit, value"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[term", "statutes/idle.toml is not valid TOML in UTF-8: "),
        (rule(1).replace("[term]", "[term]\nsource = 1"),
         f"statutes/idle.toml: [idle.term] needs [[value]] tables and only {KEYS}."),
        ('[term]\nmodality = "shall"\n',
         f"statutes/idle.toml: [idle.term] needs [[value]] tables and only {KEYS}."),
        ("term = 1", f"statutes/idle.toml: [idle.term] needs [[value]] tables and only {KEYS}."),
        (rule(1).replace('"shall"', '"must"'),
         "statutes/idle.toml: [idle.term] modality must be one of shall, may, defined."),
        (rule(1) + rule(2).partition('"shall"\n')[2],
         "statutes/idle.toml: [idle.term] values must have different in_force days, ascending."),
        (rule(1) + rule(2, day="2012-06-30").partition('"shall"\n')[2],
         "statutes/idle.toml: [idle.term] values must have different in_force days, ascending."),
        (rule(1).replace("amount = 1\n", ""),
         "statutes/idle.toml: a value of [idle.term] lacks amount."),
        (rule(1).replace('document = "示例"\narticle = "一"\n', ""),
         "statutes/idle.toml: a value of [idle.term] lacks article, document."),
        (rule(1).replace("verified = false", "read = 1\nby = 2"),
         "statutes/idle.toml: a value of [idle.term] lacks verified, has unknown by, read."),
        (rule(1).replace("in_force = 2012-07-01\n", ""),
         "statutes/idle.toml: a value of [idle.term] lacks in_force."),
        (rule(1, day="2012-07-01T00:00:00"),
         "statutes/idle.toml: [idle.term] in_force must be a day: in_force = 2012-07-01."),
        ("region = 1\n" + rule(1),
         'statutes/idle.toml: write first whose rules these are: region = "…".'),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_meant_is_refused_with_its_place(package, text, words):
    refused = refusal(own(package(), text))
    assert refused.startswith(words)
    assert refused == words or "TOML" in words
    assert refusal(package(idle=text)) == refused


def test_a_repealed_value_needs_no_amount_and_a_day_before_it_is_the_old_law(package):
    text = rule(1) + rule(2, day="2018-06-30").partition('"shall"\n')[2].replace(
        "amount = 2", "repealed = true"
    )
    folder = own(package(), text)
    assert law.on(date(2018, 6, 29), folder)["idle.term"].amount == 1
    assert law.on(DAY, folder).find("idle.term") is None


def test_the_latest_repeal_is_the_one_that_is_named(package):
    again = FULL.partition('"may"\n')[2].replace("2012-07-01", "2021-01-01")
    again = again.replace("2020-01-01", "2022-01-01").replace("废止决定", "第二次废止决定")
    statutes = law.on(date(2022, 1, 1), package(idle=FULL + again))
    with pytest.raises(LawError, match=r"repealed from 2022-01-01 \(示例第二次废止决定\)\.$"):
        statutes["idle.fee_share"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("idle_in_41", rule(1, region="河南省"),
         "statutes/idle.41.toml: '41' is not a division code of six digits."),
        ("idle_in_4110000", rule(1, region="许昌市"),
         "statutes/idle.4110000.toml: '4110000' is not a division code of six digits."),
        ("idle_in_410000", rule(1),
         'statutes/idle.410000.toml: write first whose rules these are: region = "…".'),
        ("idle_in_411000", rule(1),
         'statutes/idle.411000.toml: write first whose rules these are: region = "…".'),
        ("idle_in_411082", rule(1),
         'statutes/idle.411082.toml: write first whose rules these are: region = "…".'),
    ],
)  # fmt: skip
def test_rules_of_a_place_must_say_of_which(package, name, text, words):
    assert refusal(package(**{name: text})) == words


@pytest.mark.parametrize(
    ("below", "above", "words"),
    [
        ("year", "month", "is in month, the rule it changes is in year."),
        ("year", "", "is in no unit, the rule it changes is in year."),
        ("", "year", "is in year, the rule it changes is in no unit."),
    ],
)
def test_a_rule_keeps_the_unit_of_the_rule_it_changes(package, below, above, words):
    folder = own(package(idle=rule(1, below)), rule(1, above))
    assert refusal(folder) == f"[idle.term] of 示例 {words}"


def test_a_file_in_another_encoding_is_named(package):
    folder = own(package(), "")
    path = folder / "layers" / "statutes" / "idle.toml"
    path.write_bytes(rule(1).encode("gb18030"))
    words = refusal(folder)
    assert words.startswith("idle.toml is not UTF-8: byte ")
    assert words.endswith(". Save it again as UTF-8.")
    path.unlink()
    (lies(folder) / "layers" / "workspace.toml").write_bytes("name = '许昌市'".encode("gb18030"))
    assert refusal(folder).startswith("workspace.toml is not UTF-8: ")


def test_settings_that_are_no_toml_are_named(package):
    folder = lies(package())
    (folder / "layers" / "workspace.toml").write_text("name =", encoding="utf-8")
    assert "workspace.toml is not valid TOML in UTF-8: " in refusal(folder)


def test_the_fingerprint_is_that_of_the_files_that_apply(package):
    folder = package(
        idle=rule(1),
        idle_in_411000=rule(3, region="许昌市"),
        idle_in_370000=rule(4, region="山东省"),
    )
    (folder / "package" / "statutes" / "README.md").write_text("rules", encoding="utf-8")
    own(lies(folder, code="411000"), rule(5).replace("\n", "\r\n"))
    (folder / "layers" / "measures").mkdir()
    for name in ("b", "a"):
        (folder / "layers" / "measures" / f"{name}.toml").write_text(name, encoding="utf-8")
    assert [path.stem for path in law.own_measures(folder)] == ["a", "b"]
    assert law.own_measures(folder / "nowhere") == law.own_measures(None) == []
    parts = {
        "idle.411000.toml": rule(3, region="许昌市"),
        "idle.toml": rule(1),
        "local/idle.toml": rule(5),
        "measures/a.toml": "a",
        "measures/b.toml": "b",
    }
    whole = b"".join(name.encode() + b"\0" + text.encode() + b"\0" for name, text in parts.items())
    assert law.fingerprint(folder) == hashlib.sha256(whole).hexdigest()
    assert law.fingerprint() == hashlib.sha256(f"idle.toml\0{rule(1)}\0".encode()).hexdigest()


def test_the_law_knows_whose_workspace_it_is_of(package):
    folder = package(idle=rule(1))
    assert law.on(DAY, folder).workspace == folder
    assert law.on(DAY).workspace is None


def test_a_fraction_stays_exact_and_other_words_stay_words(package):
    amounts = {'"1/3"': Fraction(1, 3), '"10/25"': Fraction(2, 5), '"1/0"': "1/0", '"x1/3"': "x1/3",
               '"a"': "a", "0.25": 0.25, "2": 2, "true": True}  # fmt: skip
    for written, amount in amounts.items():
        found = law.on(DAY, own(package(), rule(written)))["idle.term"].amount
        assert found == amount
        assert type(found) is type(amount)


NUMBERS = ("nan", "inf", "-inf", "-1", "1e300", "1" + "0" * 400, "0x" + "f" * 5_000)
OTHERS = (
    "[]",
    "{}",
    "{ a = { b = [1] } }",
    '""',
    '" "',
    '[["x"]]',
    "2012-07-01T00:00:00",
    "07:00:00",
)


MANY = [f"c{n}" for n in range(61)]


@pytest.mark.parametrize(
    ("shipped", "unit", "right", "wrong", "words"),
    [
        ("1", "year", ("0", "999"), (*NUMBERS, *OTHERS, "1.5", "true", '"1"', "1000"),
         "a whole number from 0 to 999"),
        ("50", "m2", ("0", "49.5", "1e9"), (*NUMBERS, *OTHERS, "true", '"1"'),
         "a number of 0 or more"),
        ("9.76", "yuan", ("15", "0.5"), (*NUMBERS, *OTHERS, "true", '"1"'),
         "a number of 0 or more"),
        ('"1/5"', "share", ('"0/1"', "1", "0.2"), (*NUMBERS, *OTHERS, "true", '"6/5"', '"1/0"'),
         'a share from 0 to 1, such as "1/5"'),
        ("true", "", ("false",), (*NUMBERS, *OTHERS, "1", "0", '"true"'), "true or false"),
        ('"甲"', "", ('"乙"',), (*NUMBERS, *OTHERS, "true", '["乙"]', '"1/3"'), "words, not empty"),
        ('["甲"]', "", ("[]", '["乙", "丙"]', str(MANY[:60])),
         (*NUMBERS, *OTHERS[1:], '"甲"', '["乙", 1]', '[""]', str(MANY)),
         "a list of at most 60 words, none empty"),
        ("[0.04, 0.05]", "share", ("[0, 1]",), (*NUMBERS, *OTHERS, "[0.04]", "[nan, 1]"),
         "a list of 2 numbers of 0 or more"),
        ("{ a = 70 }", "year", ("{ b = 20, c = 3 }",), (*NUMBERS, *OTHERS, "{ a = 1.5 }"),
         "a table, each value of which is a whole number from 0 to 999"),
        ("2024-11-07", "", ("2025-01-01",), (*NUMBERS, *OTHERS, '"2025-01-01"'),
         "a day such as 2012-07-01"),
    ],
)  # fmt: skip
def test_an_amount_is_of_the_kind_that_ships(package, shipped, unit, right, wrong, words):
    folder = package(idle=rule(shipped, unit))
    for written in right:
        assert law.on(DAY, own(folder, rule(written, unit)))["idle.term"].level == "workspace"
    for written in wrong:
        text = f"statutes/idle.toml: [idle.term] amount cannot be meant; it must be {words}."
        assert refusal(own(folder, rule(written, unit))) == text


def test_a_file_of_ones_own_that_bears_a_region_is_refused(package):
    folder = own(package(), rule(2), name="idle.410000")
    assert refusal(folder).startswith("statutes/idle.410000.toml: a file of your own bears")
    assert refusal(folder).endswith("rename it to idle.toml, or nobody asks for what it says.")


def test_a_share_written_as_a_decimal_is_exact(package):
    folder = package(idle=rule('"1/5"', "share"))
    found = law.on(DAY, own(folder, rule("0.2", "share")))["idle.term"].amount
    assert (found, type(found)) == (Fraction(1, 5), Fraction)


@pytest.mark.parametrize("written", [*NUMBERS[:3], *NUMBERS[4:], "[{ a = [nan] }]"])
def test_a_rule_of_ones_own_has_any_amount_that_can_be_written_down(package, written):
    assert "no number without end or above 10^15" in refusal(own(package(), rule(written)))
    for right in ("-1", '"x"', "[[1]]", "{ a = 2012-07-01 }", "07:00:00"):
        assert law.on(DAY, own(package(), rule(right)))["idle.term"]


@pytest.mark.parametrize("wrong", ["1", "true", "nan", "[]", '["a"]', "{}", "2012-07-01", '" "'])
def test_words_are_words(package, wrong):
    for name in ("label", "label_en", "unit"):
        text = (
            rule(1)
            .replace('unit = "year"\n', "")
            .replace("[term]\n", f"[term]\n{name} = {wrong}\n")
        )
        told(own(package(), text), name, wrong)
    for name in ("document", "article", "text", "note", "changes"):
        line = f"{name} = {wrong}\n"
        text = re.sub(f"{name} = .*\n", "", rule(1)).replace("in_force", f"{line}in_force")
        told(own(package(), text), name, wrong)


def told(folder, name, wrong):
    """Hold what is said of words that are none; some may be blank."""
    if wrong == '" "' and name not in {"label", "label_en", "document"}:
        assert law.on(DAY, folder)["idle.term"]
    else:
        assert f"[idle.term] {name} must be words" in refusal(folder)


@pytest.mark.parametrize(
    "line", ["verified = true", 'verified = ""', "verified = 2012-07-01T00:00:00", "verified = 0",
             'verified = false\nrepealed = "false"', "verified = false\nrepealed = 1"]
)  # fmt: skip
def test_read_and_repealed_are_not_guessed(package, line):
    refused = refusal(own(package(), rule(1).replace("verified = false", line)))
    assert "[idle.term] verified must be the day the text was read, or false" in refused


def test_a_number_of_more_digits_than_python_reads_is_no_toml(package):
    words = refusal(own(package(), rule("1" * 5_000)))
    assert words == "statutes/idle.toml is not valid TOML in UTF-8: a number has too many digits."
