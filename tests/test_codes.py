"""Codes and numbers of the land administration, as a clerk would read them."""

from datetime import date

import pandas as pd
import pytest
import shapely
from making import SHARED, catalogue, tables
from making import codes as counted

from landuse import check, codes
from landuse.check import numbers
from landuse.codes import divisions, uses
from landuse.errors import AssetError


def wide(text):
    """Return a text as a Chinese input method writes it in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def texts(*values):
    return pd.Series(values, dtype="str")


def test_an_electronic_supervision_number_taken_apart():
    parts = codes.supervisions(
        texts("4110022018B00001", wide("4110022018b00001-2"), "411002", None)
    )
    assert parts.iloc[0].tolist()[:4] == ["411002", "2018", "B", "00001"]
    assert parts["amendment"].iloc[1] == "2"
    assert parts.iloc[2:].isna().all(axis=None)


def test_a_parcel_code_and_the_unit_code_it_begins():
    parts = codes.parcels(texts("411003001002GB00012", "411003 001002 GB00012 F00010001", "丘12"))
    assert parts.iloc[0].tolist()[:6] == ["411003", "001", "002", "G", "B", "00012"]
    assert parts[["fixture", "unit"]].iloc[1].tolist() == ["F", "00010001"]
    assert parts["fixture"].isna().tolist() == [True, False, True]
    assert parts.iloc[2].isna().all()


@pytest.mark.parametrize(
    "written",
    [
        "豫政土〔2018〕123号",
        "豫政土[2018]123号",
        "豫政土（2018）123号",
        "豫政土(2018)第0123号",
        f"豫政土【{wide('2018')}】{wide('123')}号",
        f"豫政土{wide('[2018]')} 123 号",
    ],
)
def test_an_approval_number_has_one_form_whatever_its_brackets(written):
    given = texts(written)
    parts = codes.approval_numbers(given)
    assert parts["normalised"].tolist() == ["豫政土〔2018〕123号"]
    assert given.tolist() == [written]


@pytest.mark.parametrize("written", ["2018年第三批次", "豫政土2018-123", "", "豫政土〔18〕1号"])
def test_what_is_no_document_number_is_missing(written):
    assert codes.approval_numbers(texts(written)).isna().all(axis=None)


def test_a_former_county_becomes_the_district_of_today():
    given = texts("411023", "411023001002GB00012", "411024", None)
    assert codes.current(given).tolist()[:3] == ["411003", "411003001002GB00012", "411024"]
    assert codes.current(given).isna().tolist() == [False, False, False, True]
    assert divisions.former() == {"411023": "411003"}


def test_the_same_digits_are_other_land_in_another_classification():
    assert codes.classification("gbt21010_2017").names["1001"] == "铁路用地"
    assert codes.classification("landsea_2023").names["1001"] == "工业用地"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("GB/T 21010-2017", "gbt21010_2017"),
        (wide("GB/T 21010—2017"), "gbt21010_2017"),
        ("三调", "sandiao"),
        ("用地用海2020", "landsea_2020"),
        ("自然资发〔2023〕234号", "landsea_2023"),
        ("GB 50137-2011", "gb50137_2011"),
        ("别的", None),
    ],
)
def test_names_of_classifications(written, key):
    found = codes.key_of(texts(written)).iloc[0]
    assert found == key if key else pd.isna(found)


def test_translation_says_what_it_loses():
    read = codes.translated(
        texts("0204", "060102", "090301", "0602", "0601", "x"), "landsea_2020", "landsea_2023"
    )
    assert read["code"].tolist()[:5] == ["0205", "1207", "0903", "060201", "0601"]
    assert pd.isna(read["code"].iloc[5])
    assert read["loses_detail"].tolist() == [False, True, True, False, False, False]
    vague = codes.translated(texts("0601"), "gbt21010_2017", "landsea_2023").iloc[0]
    assert (vague["code"], vague["lacks_detail"]) == ("1001", True)
    back = codes.translated(texts("100102"), "landsea_2023", "gbt21010_2017").iloc[0]
    assert (back["code"], back["loses_detail"], back["is_verified"]) == ("0601", True, False)


@pytest.mark.parametrize(
    ("source", "code", "target", "read"),
    [
        ("gbt21010_2017", "0101", "landsea_2023", "0101"),
        ("gbt21010_2017", "0204", "landsea_2023", "0205"),  # one name, other digits
        ("gbt21010_2017", "1001", "landsea_2023", "1201"),  # the same digits are industry there
        ("gbt21010_2017", "0809", "landsea_2023", "13"),
        ("gbt21010_2017", "0604", "landsea_2023", "1101"),
        ("gbt21010_2017", "0810", "landsea_2023", "14"),  # parks left public services
        ("landsea_2023", "080403", "gbt21010_2017", "0803"),  # schools are education
        ("landsea_2023", "0702", "gbt21010_2017", None),
        ("sandiao", "1104A", "gbt21010_2017", "1104"),
        ("sandiao", "0201K", "landsea_2023", "0201"),
        ("gb50137_2011", "M2", "landsea_2023", "100102"),
        ("gb50137_2011", "R21", "landsea_2023", "070102"),  # three classes bear its name
        ("gb50137_2011", "H13", "landsea_2023", None),  # the guide knows no such group
        ("gbt21010_2017", "06", "landsea_2023", None),  # industry and storage are two there
    ],
)
def test_classes_of_one_name_read_as_each_other(source, code, target, read):
    found = codes.translated(texts(code), source, target).iloc[0]
    assert (None if pd.isna(found["code"]) else found["code"]) == read
    assert not found["is_verified"]


def test_what_a_refinement_reads_as_loses_it():
    read = codes.translated(texts("080403", "0804"), "landsea_2023", "gbt21010_2017")
    assert read["code"].tolist() == ["0803", "0803"]
    assert read["loses_detail"].tolist() == [True, False]


def test_what_no_table_translates_raises():
    with pytest.raises(AssetError, match="no translation from 'sandiao' to 'gb50137_2011'"):
        codes.translated(texts("0601"), "sandiao", "gb50137_2011")
    with pytest.raises(AssetError, match="There are: gbt21010_2017"):
        codes.classification("gbt21010")


def test_a_translation_into_itself_changes_nothing():
    read = codes.translated(texts("0601", "9999"), "sandiao", "sandiao")
    assert read["code"].tolist()[0] == "0601"
    assert pd.isna(read["code"].iloc[1])


@pytest.mark.parametrize("key", uses.SYSTEMS)
def test_every_class_lies_in_one_that_is_there(key):
    held = codes.classification(key)
    assert {parent for parent in held.parents.values() if parent} <= set(held.names)
    assert held.verified is False
    assert held.note


@pytest.mark.parametrize(
    ("key", "tops", "all_classes"),
    [("gbt21010_2017", 12, 85), ("sandiao", 13, 81), ("landsea_2020", 24, 169),
     ("landsea_2023", 24, 175), ("gb50137_2011", 10, 110), ("gbt4754_2017", 20, 117)],
)  # fmt: skip
def test_how_many_classes_there_are(key, tops, all_classes):
    held = codes.classification(key)
    assert len(held.names) == all_classes
    assert sum(not parent for parent in held.parents.values()) == tops


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared tables are not here")
@pytest.mark.parametrize(
    ("source", "target", "untranslated"),
    [
        ("gb50137_2011", "landsea_2023", "H H1 H11 H12 H13 H14 H2 H9 E E2 E9"),
        ("gbt21010_2017", "landsea_2023", "06 0802 0906"),
        ("sandiao", "landsea_2023", "07"),
        ("sandiao", "gbt21010_2017", "00"),
        ("landsea_2020", "landsea_2023", ""),
    ],
)
def test_what_no_class_of_the_target_is(source, target, untranslated):
    given = texts(*codes.classification(source).names)
    read = codes.translated(given, source, target)
    assert given[read["code"].isna()].tolist() == untranslated.split()


def test_every_translated_code_is_one_of_the_target():
    for table in uses._file("translations")["tables"]:
        source, target = (codes.classification(table[end]) for end in ("from", "to"))
        assert set(table["codes"]) <= set(source.names)
        assert set(table["codes"].values()) <= set(target.names)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared tables are not here")
def test_the_crosswalk_between_the_years_is_the_one_that_was_issued():
    listed = pd.read_csv(SHARED / "codes" / "landsea_2020_to_2023.csv", dtype="str")
    read = codes.translated(listed["code_2020"], "landsea_2020", "landsea_2023")
    assert read["code"].tolist() == listed["code_2023"].tolist()


SUPPLY = {
    "supply_id": "4110032018B00001",
    "parcel_code": "411003001002GB00012",
    "supply_mode": "挂牌出让",
    "signed_on": "2018-03-01",
    "agreed_commencement_on": "2018-09-01",
    "land_use": "工业用地",
    "land_use_code": "0601",
    "code_system": "GB/T 21010-2017",
    "declared_area": 10_000.0,
}


def found(role="supply", division="411000", **facts):
    """Return the codes of findings about one row beside three good ones."""
    good = SUPPLY if role == "supply" else APPROVAL
    key = f"{role}_id"
    rows = [{**good, **facts}]
    for n in range(2, 5):
        other = {**good, key: good[key][:-1] + str(n)}
        rows.append(other | ({"parcel_code": f"{good['parcel_code'][:-1]}{n + 2}"}
                             if role == "supply" else {}))  # fmt: skip
    settled, _ = check.settled(tables(**{role: rows}))
    workspace = catalogue()
    object.__setattr__(workspace, "division_code", division)
    said = [
        *numbers.of_supplies(settled, workspace),
        *numbers.of_parcels(settled, workspace),
        *numbers.of_approvals(settled),
        *numbers.of_uses(settled),
    ]
    return counted(pd.concat(said)) if any(len(table) for table in said) else {}


APPROVAL = {
    "approval_id": "P1",
    "approval_number": "豫政土〔2016〕1号",
    "approved_on": "2016-05-01",
    "declared_area": 1.0,
}


def test_good_numbers_are_left_in_peace():
    assert found() == {}
    assert found("approval", approval_number=None) == {"approval_number_shared": 3}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"supply_id": "41100320180001"}, "supply_id_form"),
        ({"signed_on": "2017-03-01"}, "supply_id_year"),
        ({"supply_mode": "划拨"}, "supply_id_kind"),
        ({"supply_id": "4108032018B00001"}, "division_foreign"),
        ({"supply_id": "4110992018B00001"}, "division_unknown"),
        ({"parcel_code": "411003001002GB12"}, "parcel_code_form"),
        ({"parcel_code": "411003001002GA00012"}, "parcel_code_right"),
        ({"parcel_code": "411003001002GB00000"}, "parcel_code_serial"),
        ({"parcel_code": "411003001002GB00012W00010001"}, "parcel_code_fixture"),
        ({"parcel_code": "411003001002GB00012F00000000"}, "parcel_code_fixture"),
        ({"parcel_code": "411003001002JB00012"}, "parcel_code_collective"),
        ({"parcel_code": "411081001002GB00012"}, "divisions_differ"),
        ({"parcel_code": "411023001002GB00012"}, "division_former"),
        ({"code_system": None}, "code_system_missing"),
        ({"code_system": "自编"}, "code_system_unknown"),
        ({"land_use_code": "0699"}, "use_code_unknown"),
        ({"land_use_code": "0604"}, "use_differs"),
    ],
)
def test_one_fault_of_a_number_is_one_finding(facts, code):
    said = found(**facts)
    assert said.pop(code) == 1
    assert set(said) <= {"divisions_differ"}


@pytest.mark.parametrize(
    "facts",
    [
        {"supply_id": "4110032017B00001-1"},
        {"supply_id": "4110712018B00001"},
        {"parcel_code": "411003 001002 GB00012 W00000000"},
        {"supply_mode": "协议出让"},
        {"supply_mode": "租赁"},
        {"land_use": "厂房用地"},
    ],
)
def test_what_is_no_fault(facts):
    assert found(**facts) == {}


def test_a_workspace_without_division_asks_nothing_of_divisions():
    assert found(division="", supply_id="3702032018B00001", parcel_code=None) == {}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"approval_number": "第三批次"}, "approval_number_form"),
        ({"approval_number": "豫政土〔2015〕9号"}, "approval_number_year"),
    ],
)
def test_faults_of_approval_numbers(facts, code):
    assert found("approval", **facts)[code] == 1


def test_industries():
    given = ["C36", "36", "3670", "C", "汽车制造", "C99", "B36"]
    rows = [
        {"project_id": str(n), "project_name": "某", "industry": name}
        for n, name in enumerate(given)
    ]
    said = numbers.of_industries(tables(project=rows))[0]
    assert said["value"].tolist() == ["C99", "B36"]


def test_findings_of_numbers_are_part_of_the_check():
    box = shapely.box(500_000, 3_760_000, 500_100, 3_760_100)
    settled, _ = check.settled(tables(supply=[{**SUPPLY, "geometry": box, "land_use_code": "06"}]))
    said = check.findings(settled, catalogue(), date(2018, 6, 6))
    assert counted(said)["use_differs"] == 1
