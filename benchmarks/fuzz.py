"""
Readers fed by a fuzzer that follows coverage: nothing but our errors may come out.

    python -m pip install atheris
    python -m benchmarks.fuzz exchange -max_total_time=600

`exchange` is the coordinate exchange TXT, `ledger` a CSV, `lines` JSON lines, `workbook` an xlsx.
Whatever follows the name is passed on to libFuzzer. atheris is no dependency of the project.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

ENDINGS = {"exchange": "txt", "ledger": "csv", "lines": "jsonl", "workbook": "xlsx"}
_TOML = """role = "supply"
title = "t"
file = "data/s.{ending}"
as_of = 2018-05-31
"""


def prepared(root: Path, ending: str) -> Path:
    """Write a workspace of one layer and return the file that is read."""
    data = root / "layers" / "data"
    data.mkdir(parents=True)
    settings = 'name = "t"\ncrs = "EPSG:4547"\n'
    (root / "layers" / "workspace.toml").write_text(settings, encoding="utf-8")
    (root / "layers" / "s.toml").write_text(_TOML.format(ending=ending), encoding="utf-8")
    return data / f"s.{ending}"


def main() -> None:
    """Fuzz one reader until libFuzzer is told to stop."""
    fuzzer: Any = importlib.import_module("atheris")
    name = sys.argv.pop(1)
    with fuzzer.instrument_imports(include=["landuse"]):
        read = importlib.import_module("landuse.read")
        layers = importlib.import_module("landuse.layers")
        errors = importlib.import_module("landuse.errors")
    root = Path(tempfile.mkdtemp(prefix="landuse-fuzz-"))
    path = prepared(root, ENDINGS[name])
    workspace = layers.load(root)

    def one(content: bytes) -> None:
        path.write_bytes(content)
        try:
            read.tables(workspace)
        except errors.LanduseError:
            return

    fuzzer.Setup([*sys.argv, f"-artifact_prefix={root}/"], one)
    fuzzer.Fuzz()


if __name__ == "__main__":
    main()
