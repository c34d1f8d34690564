"""Kills at system calls: each that writes, renames or removes, of a small load, build and report.

A kill at a random instant seldom falls between two writes that belong together. Here strace
counts the calls of an undisturbed run, and then ends the run at each of them in turn, before the
kernel has done what was asked. The same command is then run again: it must end well, and leave
what an undisturbed run leaves.

A call is counted for each thread alone, so that of several threads the first that comes to it
dies. The threads that crawl are therefore looked at by themselves, by the files that they write.
"""

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tqdm import tqdm

from simulator import LocalHubServer, SyntheticHub
from tests.warehouse.parity import build_differences
from tools.faults.kills import FIRST_DATE, HUB, Place, Step, build_step

# What changes a disk. A file that was opened and not yet written is met by the write after it.
CALLS = (
    *("write", "pwrite64", "writev", "sendfile", "copy_file_range", "ftruncate", "fallocate"),
    *("rename", "renameat", "renameat2", "link", "symlink", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "fsync", "fdatasync", "utimensat"),
)
# A page of each kind, and a second one of models.
SMALL_HUB = SyntheticHub(models=3_700, datasets=900, as_of=HUB.as_of)
SCHEMAS = ("marts", "trends", "ecosystem")


class Point(NamedTuple):
    """A point to kill at: the n-th of a system call, on these files if any are named."""

    call: str
    number: int
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" on {len(self.paths)} files of the landing zone" if self.paths else ""
        return f"{self.call} number {self.number}{where}"


@dataclass
class Tried:
    """The results of the kills in one step.

    Attributes:
        points: how many there are.
        killed: how many of those that were tried fell within the step.
        problems: what was wrong when the step had been run again.
    """

    name: str
    points: int = 0
    killed: int = 0
    problems: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)


def can_trace() -> bool:
    """Tell whether strace is installed and may trace."""
    if shutil.which("strace") is None:
        return False
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        try:
            with _traced(process.pid, (), Path(os.devnull)):
                process.communicate()
        except RuntimeError:  # it may trace its own children only
            return False
    return True


@contextmanager
def _traced(pid: int, options: Sequence[str], output: Path) -> Iterator[None]:
    """Trace a process that waits, and all its threads, until it ends."""
    with subprocess.Popen(
        ["strace", "-f", "-p", str(pid), "-o", str(output), *options],
        stderr=subprocess.PIPE,
        text=True,
    ) as strace:
        assert strace.stderr is not None
        said = strace.stderr.readline()
        if "attached" not in said:
            raise RuntimeError(said)
        yield
        strace.stderr.read()


def points(place: Place, step: Step, paths: Sequence[str] = ()) -> list[Point]:
    """Every point of a step, from an undisturbed run of it."""
    trace = place.folder / "trace"
    options = ["-e", f"trace={','.join(CALLS)}", *(f"-P{path}" for path in paths)]
    place.run([step], around=partial(_traced, options=options, output=trace))
    counts: Counter[tuple[str, str]] = Counter()  # by thread and call
    for line in trace.read_text(errors="replace").splitlines():
        if match := re.match(r"(\d+) +(\w+)\(", line):
            counts[match[1], match[2]] += 1
    most: dict[str, int] = {}
    for (_, call), count in counts.items():
        most[call] = max(most.get(call, 0), count)
    return [
        Point(call, number, tuple(paths))
        for call in sorted(most)
        for number in range(1, most[call] + 1)
    ]


def _killed_at(place: Place, step: Step, point: Point) -> bool:
    """Run a step until it comes to the point; gives whether it did."""
    options = [
        *("-e", f"trace={point.call}"),
        *("-e", f"inject={point.call}:signal=KILL:when={point.number}"),
        *(f"-P{path}" for path in point.paths),
    ]
    around = partial(_traced, options=options, output=place.folder / "trace")
    return place.run([step], around=around, may_be_killed=True) is not None


def try_points(
    name: str,
    folder: Path,
    template: Path | None,
    step_of: Callable[[Place], Step],
    problems_of: Callable[[Place], list[str]],
    *,
    most: int | None,
    seed: int,
    paths_of: Callable[[Place], Sequence[str]] = lambda place: (),
) -> Tried:
    """Kill one step at its points, each time from the same beginning, and run it again.

    Args:
        folder: for the places; each is removed after its point.
        template: the place as it is before the step; None for an empty one.
        problems_of: how a place differs from an undisturbed one.
        most: how many points to try, chosen at random; None for all.
        paths_of: the only files to look at.
    """

    def place_at(number: int) -> Place:
        at = folder / f"{name}-{number}".replace(" ", "-")
        if template is not None:
            shutil.copytree(template, at)
        return Place(at)

    first = place_at(0)
    every = points(first, step_of(first), paths_of(first))
    shutil.rmtree(first.folder)
    tried = Tried(name, points=len(every))
    chosen = every if most is None else Random(seed).sample(every, min(most, len(every)))
    for number, point in enumerate(tqdm(chosen, name, disable=None), 1):
        place = place_at(number)
        # What was counted in another folder lies in this one.
        moved = point._replace(paths=tuple(paths_of(place)))
        try:
            if _killed_at(place, step_of(place), moved):
                tried.killed += 1
                tried.calls[point.call] += 1
            place.run([step_of(place)])
            found = problems_of(place)
        except RuntimeError as error:
            found = [str(error)]
        tried.problems += [f"{name}, {point}: {problem}" for problem in found]
        shutil.rmtree(place.folder)
    return tried


def load_step(endpoint: str) -> Step:
    """A first load of one date."""
    return Step("load", ("--hub", endpoint, "--snapshot-date", str(FIRST_DATE)))


def report_step(place: Place) -> Step:
    """A report of what is built, without dbt's own pages."""
    return Step("report", ("build", "--no-docs", "--output", str(place.folder / "report")))


def _landed(place: Place, key: str) -> list[str]:
    """The files that a crawl writes."""
    return [
        str(place.folder / "landing" / key / kind / str(FIRST_DATE) / name)
        for kind, pages in (("models", 2), ("datasets", 1))
        for name in (
            *(f"page-{page:06d}.json.zst" for page in range(1, pages + 1)),
            *(f"page-{page:06d}.manifest.json" for page in range(1, pages + 1)),
            "snapshot.json",
        )
    ]


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


STEPS = ("load", "crawl", "build", "report")


def kill_all(folder: Path, most: Mapping[str, int | None], seed: int) -> list[Tried]:
    """Kill a load, its crawl, a build and a report at so many of their points each.

    Args:
        most: by what is in ``STEPS``; None for every point. What is left out is not killed.
    """
    tried: list[Tried] = []

    def try_step(name: str, *arguments: Any, **options: Any) -> None:
        if name in most:
            options |= {"most": most[name], "seed": seed}
            tried.append(try_points(name, folder, *arguments, **options))

    undisturbed = Place(folder / "undisturbed")
    with LocalHubServer(SMALL_HUB) as server:
        load = load_step(server.endpoint)
        undisturbed.run([load])
        raw = undisturbed.tables("hub_raw")
        (key,) = (p.name for p in (folder / "undisturbed/landing").iterdir() if p.suffix != ".lock")
        loaded = folder / "loaded"
        shutil.copytree(undisturbed.folder, loaded)

        def unlike_raw(place: Place) -> list[str]:
            return build_differences(raw, place.tables("hub_raw"))

        try_step("load", None, lambda place: load, unlike_raw, paths_of=lambda place: ())
        try_step("crawl", None, lambda place: load, unlike_raw, paths_of=partial(_landed, key=key))
    if not {"build", "report"} & most.keys():
        return tried
    undisturbed.run([build_step(undisturbed)])
    marts = undisturbed.tables(*SCHEMAS)
    built = folder / "built"
    shutil.copytree(undisturbed.folder, built)
    try_step(
        "build",
        loaded,
        build_step,
        lambda place: build_differences(marts, place.tables(*SCHEMAS)),
    )
    if "report" in most:
        undisturbed.run([report_step(undisturbed)])
        files = _files(undisturbed.folder / "report")
        try_step(
            "report",
            built,
            report_step,
            lambda place: _unlike(files, _files(place.folder / "report")),
        )
    return tried


def _unlike(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    names = sorted(expected.keys() | found.keys())
    return [f"{name} differs" for name in names if expected.get(name) != found.get(name)]


def table(tried: Sequence[Tried]) -> str:
    """The numbers of points that there are, were tried, and went wrong, as Markdown."""
    lines = ["| killed in | points | tried | wrong afterwards |", "|---|---:|---:|---:|"]
    lines += [f"| {t.name} | {t.points:,} | {t.killed:,} | {len(t.problems):,} |" for t in tried]
    return "\n".join(lines)
