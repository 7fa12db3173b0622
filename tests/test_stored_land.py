"""Land kept as partitioned GeoParquet: cut the same, read by others, never taken for another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from test_partition import box, workspace
from test_partition_properties import ON, _bytes

from benchmarks import fabric
from landuse import executor, partition
from landuse.errors import ClusterError, OutputError
from landuse.partition import dataset, parcel, precedence
from landuse.partition.admit import NEVER, Admitted

COUNTIES = ["411001", "411002", "411003"]


@pytest.fixture(scope="module")
def land():
    return fabric.repaired(fabric.tables(2_600, counties=3))


@pytest.fixture
def kept(land, tmp_path):
    partition.store(land, tmp_path / "land", on=ON)
    return tmp_path / "land"


@pytest.mark.parametrize("who", [executor.Here(), executor.Processes(2)])
def test_land_that_was_kept_is_cut_the_same(land, kept, who):
    assert _bytes(partition.stored(kept, executor=who)) == _bytes(partition.pieces(land, on=ON))


def test_any_program_can_read_what_each_county_owns_and_borrows(land, kept):
    shares = partition.pieces(land, on=ON).shares.set_index("owner")
    for role in ("approval", "supply"):
        found = []
        for county in COUNTIES:
            table = gpd.read_parquet(kept / role / f"county={county}" / "land.parquet")
            assert table.crs == land[role].crs
            found += table.loc[table["owner"] == county, f"{role}_id"].tolist()
            column = {"approval": "approvals", "supply": "supplies"}[role]
            assert (table["owner"] == county).sum() == shares.loc[county, column]
        assert sorted(found) == sorted(land[role][f"{role}_id"])
    record = json.loads((kept / "manifest.json").read_text("utf-8"))
    assert record["kind"] == dataset.KIND
    assert record["on"] == ON.isoformat()
    assert [each["owner"] for each in record["counties"]] == COUNTIES


def test_keeping_land_twice_is_the_same_as_once(land, kept):
    def digests():
        files = sorted(path for path in kept.rglob("*") if path.is_file())
        return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    before = digests()
    partition.store(land, kept, on=ON)
    assert digests() == before


def test_land_that_is_nowhere_and_of_nobody(tmp_path):
    partition.store(workspace(), tmp_path / "none", on=ON)
    assert _bytes(partition.stored(tmp_path / "none")) == _bytes(
        partition.pieces(workspace(), on=ON)
    )
    alone = workspace(approval={"A": box(0, 0, 10, 10)}, supply={"S": box(2, 2, 20, 8)})
    partition.store(alone, tmp_path / "one", on=ON)
    assert _bytes(partition.stored(tmp_path / "one")) == _bytes(partition.pieces(alone, on=ON))


@pytest.mark.parametrize("name", ["../../..", "..", "41/10", "许昌", "a:b?", "%2F"])
def test_a_county_called_anything_stays_in_its_folder(name, tmp_path):
    tables = workspace(approval={"A": box(0, 0, 10, 10)}, cluster={"K": box(0, 0, 20, 20)})
    tables["cluster"]["division_code"] = [name]
    partition.store(tables, tmp_path / "at" / "land", on=ON)
    assert [path.name for path in tmp_path.iterdir()] == ["at"]
    assert [path.name for path in (tmp_path / "at").iterdir()] == ["land"]
    assert len(list((tmp_path / "at" / "land" / "approval").iterdir())) == 1
    assert _bytes(partition.stored(tmp_path / "at" / "land")) == _bytes(
        partition.pieces(tables, on=ON)
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_land_that_was_changed_or_is_gone_is_told(kept, lang):
    path = kept / "supply" / "county=411002" / "land.parquet"
    gpd.read_parquet(path).iloc[1:].to_parquet(path)
    with pytest.raises(ClusterError) as caught:
        partition.stored(kept)
    assert {"zh": "与写入时不同", "en": "is not what was written"}[lang] in caught.value.said(lang)
    path.unlink()
    with pytest.raises(ClusterError) as caught:
        partition.stored(kept)
    assert {"zh": "以同一路径访问", "en": "by this path"}[lang] in caught.value.said(lang)
    assert str(kept) in caught.value.said(lang)


def test_nothing_but_land_is_replaced_or_cut(land, tmp_path):
    (tmp_path / "manifest.json").write_text('{"files": {}}', encoding="utf-8")
    with pytest.raises(OutputError, match="holds no land"):
        partition.store(land, tmp_path, on=ON)
    with pytest.raises(OutputError, match="holds no land"):
        partition.stored(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
    with pytest.raises(OutputError, match="holds no land"):
        partition.stored(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "value"),
    [("counties", 3), ("counties", [{}]), ("crs", {"type": "x"}), ("tolerances", {"a": 1})],
)
def test_a_forged_manifest_is_no_land(kept, name, value):
    path = kept / "manifest.json"
    record = json.loads(path.read_text("utf-8")) | {name: value}
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(OutputError, match="holds no land"):
        partition.stored(kept)
    (kept / "overlaps.parquet").write_bytes(b"PAR1")
    with pytest.raises(OutputError, match="holds no land"):
        partition.stored(kept)


def test_a_folder_that_cannot_be_shared_is_told(land, tmp_path):
    (tmp_path / "file").write_bytes(b"")

    class Sharing(executor.Processes):
        shared = tmp_path / "file"

    with pytest.raises(ClusterError, match="cannot use the shared folder"):
        partition.begin(land, on=ON, executor=Sharing(1))


def test_land_handed_over_in_a_folder_is_gone_in_the_end(land, tmp_path):
    class Sharing(executor.Here):
        shared, is_here, seen = tmp_path, False, ()

        def results(self, function, jobs):
            sent = list(jobs)
            self.seen = [sorted(path.name for path in Path(sent[0].folder).iterdir())]
            yield from map(function, sent)

    away = Sharing()
    made = partition.begin(land, on=ON, executor=away)
    assert _bytes(made.finish()) == _bytes(partition.pieces(land, on=ON))
    assert away.seen == [["approval", "cluster", "construction", "park", "supply"]]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("workers", [None, "1", "3"])
def test_a_folder_is_shared_with_workers_elsewhere_alone(workers, tmp_path):
    with pytest.raises(ClusterError, match=r"(?s)须与.*goes with --workers tcp"):
        executor.chosen(workers, tmp_path)


def test_a_phase_keeps_the_nearest_of_what_it_is_a_phase_of():
    """5 is a phase of 4 … of 0; 6 and 7 are phases of each other; 8 is of 7."""
    ids = np.array(list("ABCDEFGHI"), dtype=object)
    shapes = np.full(9, shapely.box(0, 0, 1, 1))
    parent = np.array([-1, 0, 1, 2, 3, 4, 7, 6, 7])
    every = Admitted(ids, np.full(9, NEVER), shapes, parent)
    taken = every.taken(np.array([5, 2, 0, 8, 6]))
    assert taken.ids.tolist() == list("FCAIG")
    assert taken.parent.tolist() == [1, 2, -1, 4, 4]
    assert every.taken(np.array([8])).parent.tolist() == [-1]
    pairs = np.array([(a, b) for a in range(5) for b in range(5) if a != b]).T
    whole = np.array([5, 2, 0, 8, 6])[pairs]
    assert (
        precedence.phase_pairs(*pairs, taken.parent).tolist()
        == precedence.phase_pairs(*whole, parent).tolist()
    )


def test_a_phase_of_a_phase_in_another_county_is_no_fault():
    """S3 is a phase of S2, far away, which is one of S1: they share land and no rule is broken."""
    tables = workspace(
        supply={"S1": box(0, 0, 10, 10), "S2": box(500, 0, 510, 10), "S3": box(0, 0, 5, 10)},
        cluster={"K1": box(0, 0, 20, 20), "K2": box(490, 0, 520, 20)},
    )
    tables["cluster"]["division_code"] = ["411002", "411003"]
    tables["supply"]["phase_of"] = [None, "S1", "S2"]
    made = partition.pieces(tables, on=ON)
    assert made.overlaps[["kept_id", "lost_id", "is_phase"]].to_numpy().tolist() == [
        ["S3", "S1", True]
    ]


def test_what_errors_call_land_in_a_folder(kept):
    job = dataset.kept(kept).job("411002", pays=False, threads=1)
    assert str(job) == f"411002, {kept}"
    assert parcel.worked(job)["shares"]["owner"].tolist() == ["411002"]
