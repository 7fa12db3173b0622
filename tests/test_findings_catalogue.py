"""
Every code of the catalogue: put in on purpose, found, and nothing else said.

`python -m pytest -s` prints recall and precision of each code over random copies. Faults of single
rows and cells, many in one city or file, are measured in `test_findings_measured.py`.
"""

import faults_of_exchange
import faults_of_files
import faults_of_land
import numpy as np
import pandas as pd
import pytest
from faults_of_ledgers import ALL, City
from making import catalogue, tables
from test_findings_measured import CELLS, LINES, measured

from landuse import check, classify, findings, judging, law, partition, read
from landuse.partition import ground

FILES = faults_of_files.FAULTS | faults_of_exchange.FAULTS
SEEDS = range(2)
ALWAYS = "columns_matched"
"""Said of every file that is read: which column was taken from where."""


def of_files(made):
    """Return the codes that are said of a workspace, or that writing a file gave."""
    found = made if isinstance(made, pd.DataFrame) else read.tables(made).findings
    return set(found["code"])


def of_land(land, *, judged=True):
    """Return (code, id) of what checking, laying over each other and judging say of a city."""
    made = tables(**land.rows)
    known = catalogue(*land.rows, on=land.as_of)
    settled, said = check.settled(made)
    asked = [said, check.findings(settled, known, land.on)]
    if judged:
        statutes = law.on(land.on)
        parts = judging.land(known, settled, land.on)
        cases = judging.cases(settled, parts, land.on, statutes, "zh")
        parts = faults_of_land.with_snaps(parts, land.snaps)
        asked += [
            ground.found(parts, settled, partition.Tolerances()),
            classify.findings(cases, settled, statutes),
        ]
    found = findings.gather(asked)
    return set(zip(found["code"], found["feature_id"].str.split("~").str[0], strict=True))


def test_every_code_of_the_catalogue_has_a_fault_of_its_own():
    """A code is added with a fault that raises it, or this fails."""
    rng = np.random.default_rng(0)
    city = City(rng)
    for spoil in ALL:
        spoil(city)
    land = faults_of_land.Land(rng)
    for spoil in faults_of_land.ROWS:
        spoil(land)
    raised = {code for code, _ in city.expected | land.expected} | {*CELLS, *LINES}
    raised |= {*FILES, *faults_of_land.WHOLES, ALWAYS}
    known = set(findings.catalogue())
    assert known - raised == set(), "codes without a fault"
    assert raised - known == set(), "faults of codes that are gone"


def all_as_expected(pairs):
    table = measured(pairs)
    assert table["recall"].eq(1).all(), table[table["recall"] < 1]
    assert table["precision"].eq(1).all(), table[table["precision"] < 1]


def test_every_fault_of_a_whole_file_is_found_and_nothing_else_is_said(tmp_path):
    pairs = []
    for n, (code, (also, make)) in enumerate(sorted(FILES.items())):
        for seed in SEEDS:
            said = []
            for bad in (False, True):
                root = tmp_path / f"{n}-{seed}-{bad}"
                root.mkdir()
                said.append(of_files(make(np.random.default_rng(seed), root, bad)))
            clean, spoilt = said
            assert code not in clean
            kept = (code, seed, *also)
            pairs.append(({(one, kept) for one in {code} | also},
                          {(one, kept) for one in spoilt - clean}))  # fmt: skip
    all_as_expected(pairs)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_said_of_a_clean_city_that_is_judged(seed):
    assert of_land(faults_of_land.Land(np.random.default_rng(seed))) == set()


def test_every_fault_that_only_judging_shows_is_found_and_nothing_else_is_said():
    pairs = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        land = faults_of_land.Land(rng)
        for n in rng.permutation(len(faults_of_land.ROWS)):
            faults_of_land.ROWS[n](land)
        pairs.append((land.expected, of_land(land)))
    all_as_expected(pairs)


def test_every_fault_of_a_whole_layer_is_found_and_nothing_else_is_said():
    pairs = []
    for code, spoil in sorted(faults_of_land.WHOLES.items()):
        for seed in SEEDS[:1]:
            land = faults_of_land.Land(np.random.default_rng(seed))
            spoil(land)
            told = of_land(land, judged=code.endswith("_overlap"))
            expected = {code} | faults_of_land.BESIDE.get(code, set())
            kept = (code, seed)
            pairs.append(({(one, kept) for one in expected}, {(one, kept) for one, _ in told}))
    all_as_expected(pairs)
