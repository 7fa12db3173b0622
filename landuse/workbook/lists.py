"""The lists of a run, that of the city and those of its counties: written here or elsewhere."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landuse.errors import OutputError
from landuse.executor import Here, underway
from landuse.workbook import counties, ledger
from landuse.workbook.writing import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landuse.executor import Executor
    from landuse.texts import Lang
    from landuse.workbook.ledger import Results

AHEAD = 200_000
"""Cases of lists that are written elsewhere at once, or two lists; a longer one stays here."""


@dataclass(frozen=True)
class Job:
    """A list to write: name of its file, what it is made of, its language and what titles name."""

    name: str
    results: Results
    lang: Lang
    place: str

    def __str__(self) -> str:
        """Return what errors call it."""
        return self.name


@dataclass(frozen=True)
class Begun:
    """Lists that are being written: which, whether elsewhere, and what is made elsewhere."""

    folder: Path
    jobs: Callable[[], Iterator[Job]]
    far: Sequence[bool]
    contents: Iterator[bytes]
    plan: Any

    def finish(self) -> list[Path]:
        """
        Write every list, and return their files.

        Raises
        ------
        OutputError
            If a file cannot be written, or a sheet cannot hold its rows.
        ClusterError
            If the executor cannot do its work.
        """
        written = []
        for job, is_far in zip(self.jobs(), self.far, strict=True):
            path = self.folder / job.name
            if is_far:
                _put(path, next(self.contents))
            else:
                write(path, job.results, lang=job.lang, place=job.place, plan=self.plan)
            written.append(path)
        return written


def begin(
    folder: Path,
    results: Results,
    *,
    lang: Lang = "zh",
    plan: Any = None,
    per_county: bool = False,
    executor: Executor | None = None,
) -> Begun:
    """
    Have the disposal workbook of a city begun by whoever writes it, `disposal.xlsx`.

    Parameters
    ----------
    folder
        Where `Begun.finish` writes; it exists by then.
    results, lang, plan
        As for `write`.
    per_county
        Write one workbook a county too, `disposal-<division code>.xlsx`; what no county answers
        for goes into `disposal-other.xlsx`. Together they hold every case of the city once, and
        their totals add up to its own.
    executor
        Who writes them (`landuse.executor`); this process, when they are finished, if not given,
        and in any case lists of land to offer. They are the same bytes.

    Raises
    ------
    ClusterError
        If the executor cannot do its work.
    """

    def jobs() -> Iterator[Job]:
        yield Job("disposal.xlsx", results, lang, "")
        for name, place, county in counties.of(results, lang) if per_county else ():
            yield Job(f"disposal-{name}.xlsx", county, lang, place)

    sizes = [len(results.cases)]
    if per_county:
        sizes += [county["count"] for county in results.totals["counties"]]
    executor = (executor or Here()).fit(len(sizes), features=0)
    stays = executor.is_here or plan is not None
    far = [not stays and size <= AHEAD for size in sizes]
    contents: Iterator[bytes] = iter(())
    if any(far):
        sent = (_carried(job) for job, is_far in zip(jobs(), far, strict=True) if is_far)
        contents = executor.results(made, sent, underway.most(compress(sizes, far), AHEAD))
    return Begun(folder, jobs, far, contents, plan)


def _carried(job: Job) -> Job:
    """Return a job with what its list shows and nothing else."""
    return Job(job.name, ledger.Carried.of(job.results), job.lang, job.place)


def made(job: Job) -> bytes:
    """Return the file of a list; while it grows it lies where nobody else may look."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, job.name)
        write(path, job.results, lang=job.lang, place=job.place)
        return path.read_bytes()


def _put(path: Path, content: bytes) -> None:
    """Write a list that was made elsewhere."""
    try:
        path.write_bytes(content)
    except OSError as err:
        raise OutputError("output.in_use", path=path, reason=err) from err
