"""Write `layers/data` of this repository anew: `python -m benchmarks.sample`."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.sample import city, files

DATA = Path(__file__).parents[2] / "layers" / "data"


def main(folder: Path = DATA) -> None:
    """Build the city, write it, and say what was written and what it is meant to show."""
    made = city.build()
    written = files.write(made, folder)
    for path in written:
        print(f"{path.stat().st_size:>10,}  {path.relative_to(folder).as_posix()}")
    print(f"{sum(path.stat().st_size for path in written):>10,}  bytes in {len(written)} files")
    for role, records in made.tables.items():
        print(f"{len(records):>6}  {role}")
    for status, number in sorted(city.counts(made).items()):
        print(f"{number:>6}  meant to be {status}")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
