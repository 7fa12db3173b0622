"""How many of the faults put into a clean city are found, and how much is said besides."""

from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pytest
from faults_of_ledgers import ALL, City
from making import catalogue, layer, tables, workspace

from landuse import check, findings, read

ON = date(2018, 6, 6)
SEEDS = range(8)
ROLES = ("cluster", "approval", "supply", "pause", "enterprise")
SAID_OF_LAYERS = {"no_construction", "no_enterprise", "no_pause"}


def said_of(city):
    """Return (code, id) of everything that is said of a row of the city."""
    made = tables(
        cluster=city.clusters,
        approval=city.approvals,
        supply=city.supplies,
        pause=city.pauses,
        enterprise=city.enterprises,
        park=city.parks,
        project=city.projects,
    )
    known = catalogue(*ROLES)
    object.__setattr__(known, "division_code", "411000")
    settled, one = check.settled(made)
    found = findings.gather([one, check.findings(settled, known, ON)])
    found = found[~found["code"].isin(SAID_OF_LAYERS)]
    ids = found["feature_id"].str.split("~").str[0]
    return set(zip(found["code"], ids, strict=True))


def measured(pairs):
    """Return recall and precision by code from (expected, said) of several runs."""
    put, seen, right = Counter(), Counter(), Counter()
    for expected, said in pairs:
        put.update(code for code, _ in expected)
        seen.update(code for code, _ in said)
        right.update(code for code, _ in expected & said)
    codes = sorted({*put, *seen})
    table = pd.DataFrame(
        {
            "put_in": [put[code] for code in codes],
            "found": [seen[code] for code in codes],
            "recall": [right[c] / put[c] if put[c] else np.nan for c in codes],
            "precision": [right[c] / seen[c] if seen[c] else np.nan for c in codes],
        },
        index=codes,
    )
    print("\n" + table.to_string(float_format="{:.3f}".format))  # noqa: T201
    return table


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_said_of_a_clean_city(seed):
    assert said_of(City(np.random.default_rng(seed))) == set()


def test_every_fault_of_a_ledger_is_found_and_nothing_else_is_said():
    pairs = []
    for seed in SEEDS:
        rng = np.random.default_rng(1000 + seed)
        city = City(rng)
        for n in rng.permutation(2 * len(ALL)):
            ALL[n % len(ALL)](city)
        pairs.append((city.expected, said_of(city)))
    table = measured(pairs)
    assert len(table) >= len(ALL)
    assert table["recall"].eq(1).all(), table[table["recall"] < 1]
    assert table["precision"].eq(1).all(), table[table["precision"] < 1]


HEAD = "电子监管号,供应面积,成交价款,合同签订日期,约定动工日期,是否查封,土地用途代码"
CELLS = {
    "day_ambiguous": (3, ["06/07/2016", "6.7.16", "16-6-7"]),
    "day_incomplete": (4, ["2016年6月", "2016", "2016-06"]),
    "day_unreadable": (3, ["待定", "2016-02-30", "二〇一六年二月三十日"]),
    "number_unreadable": (1, ["约三亩", "1.2.3", "一万"]),
    "number_negative": (1, ["-3", "-0.5"]),
    "number_not_finite": (2, ["inf", "NaN"]),
    "cell_error": (2, ["#REF!", "#N/A"]),
    "flag_unreadable": (5, ["也许", "2"]),
    "id_unreliable": (0, ["4.11003E+15", "4.11003201600001E+27"]),
    "zero_restored": (6, ["601", "5"]),
    "invisible_removed": (0, ["\ufeffA{n}", "A\u200b{n}", "A{n}\u200d"]),
}
LINES = {
    "row_width": ["A{n},1,2", "A{n},1,2,2016-01-01,2016-06-01,否,0601,多"],
    "row_unreadable": ['A{n},"1,2,2016-01-01,2016-06-01,否,0601'],
    "row_of_totals": ["合计,9,,,,,", "某区小计,9,,,,,", ",共 计,,,,,"],
    "row_of_notes": ["注：截至五月,,,,,,", "填表人：某,,,,,,"],
    "row_of_headings": [HEAD],
    "row_shifted": ["A{n},某公司,1,九千,2016-01-01,否,0601"],
}
BESIDE = {"row_shifted": {"number_unreadable", "day_unreadable"}}
"""What is rightly said of the cells of such a row too."""


def spoilt(rng):
    """Return the text of a ledger with each fault in two rows, and (code, row) of what is wrong."""
    faults = [code for code in (*CELLS, *LINES) for _ in range(2)]
    plan = [*faults, *[""] * (200 - len(faults))]
    lines, expected = [HEAD], set()
    for row, at in enumerate(rng.permutation(len(plan)), start=2):
        code = plan[at]
        cells = [f"A{row}", f"{row}.5", "3000", "2016-01-01", "2016/6/1", "否", "0601"]
        if code in CELLS:
            place, wrong = CELLS[code]
            cells[place] = str(rng.choice(wrong)).format(n=row)
        line = ",".join(cells)
        if code in LINES:
            line = str(rng.choice(LINES[code])).format(n=row)
        lines.append(line)
        expected |= {(one, row) for one in ({code} | BESIDE.get(code, set())) if one}
    return "\n".join(lines) + "\n", expected


def test_every_fault_of_a_file_is_found_and_nothing_else_is_said(tmp_path):
    pairs = []
    for seed in SEEDS:
        text, expected = spoilt(np.random.default_rng(seed))
        root = tmp_path / str(seed)
        made = workspace(root, {"s": layer("supply", "s.csv")}, {"s.csv": text})
        found = read.tables(made).findings
        found = found[(found["row"] > 0) & (found["code"] != "unit_from_cells")]
        pairs.append((expected, set(zip(found["code"], found["row"], strict=True))))
    table = measured(pairs)
    assert table["recall"].eq(1).all(), table[table["recall"] < 1]
    assert table["precision"].eq(1).all(), table[table["precision"] < 1]
