"""A report takes the place of the one before it whole or not at all, and of nothing else."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from reports import publish
from reports.errors import ReportError

ROOT = Path(__file__).parents[2]

# Writes a report again and again, each time killed one step later, a step being what changes a
# folder; prints what is there after the kill, and after the next report.
KILLS = """
import os, signal, sys
from pathlib import Path
from reports import publish
from tests.reports.test_publish import content, write

report, can_exchange = Path(sys.argv[1]), sys.argv[2] == "True"
steps, point = 0, -1

def step(event, arguments):
    global steps
    if event in {"os.mkdir", "os.rename", "os.remove", "os.rmdir"} or (
        event == "open" and isinstance(arguments[1], str) and arguments[1] != "r"
    ):
        if steps == point:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

exchange = publish._exchange

def exchange_in_steps(one, other):
    step("os.rename", ())
    is_done = can_exchange and exchange(one, other)
    step("os.rename", ())
    return is_done

publish._exchange = exchange_in_steps
sys.addaudithook(step)
write(report, "old")
while point < 0 or os.waitstatus_to_exitcode(status) == -signal.SIGKILL:
    point += 1
    if not (child := os.fork()):
        steps = 0
        write(report, "new")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    killed, point_before, point = content(report), point, sys.maxsize
    write(report, "newest")
    print(killed, content(report), os.listdir(report.parent))
    write(report, "old")
    point = point_before
"""


def write(folder: Path, text: str) -> None:
    with publish.replaced(folder) as unfinished:
        (unfinished / "charts").mkdir()
        for name in ("index.html", "charts/one.svg", "notes.md"):
            (unfinished / name).write_text(text)


def content(folder: Path) -> set[str]:
    return {
        path.read_text() for path in folder.rglob("*") if path.is_file() and path.name[0] != "."
    }


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_report_that_is_killed_leaves_the_old_one_or_the_new(tmp_path, can_exchange):
    report = tmp_path / "report" / "hub"
    command = [sys.executable, "-c", KILLS, str(report), str(can_exchange)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    told = run.stdout.splitlines()
    assert len(told) > 15
    # Where two folders cannot be exchanged there is an instant without: the next report mends it.
    whole = ("{'old'} ", "{'new'} ") if can_exchange else ("{'old'} ", "{'new'} ", "set() ")
    assert all(line.startswith(whole) for line in told), run.stdout
    assert all(line.endswith(" {'newest'} ['hub']") for line in told), run.stdout
    assert told[-1].startswith("{'new'}")


def test_a_report_that_fails_leaves_the_one_before_it(tmp_path):
    write(tmp_path / "hub", "old")

    def write_half_of_it() -> None:
        with publish.replaced(tmp_path / "hub") as unfinished:
            (unfinished / "index.html").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half_of_it()
    assert content(tmp_path / "hub") == {"old"}
    assert os.listdir(tmp_path) == ["hub"]


def test_a_full_disk_is_said_in_one_line_and_the_old_report_stands(tmp_path):
    write(tmp_path / "hub", "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(ReportError, match=r"hub cannot be written: .* Make room"):
            write(tmp_path / "hub", "too much for such a disk")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert content(tmp_path / "hub") == {"old"}
    assert os.listdir(tmp_path) == ["hub"]


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path):
    (tmp_path / "report").write_text("a file where the folder should be")
    with pytest.raises(ReportError, match="cannot be written"):
        write(tmp_path / "report" / "hub", "new")


@pytest.mark.parametrize("name", ["notes.txt", "charts/mine.svg", "index.html/x"])
def test_a_file_of_somebody_else_is_never_removed(tmp_path, name):
    folder = tmp_path / "hub"
    if name.startswith("index.html"):
        (folder / "index.html").mkdir(parents=True)
    else:
        write(folder, "old")
    (folder / name).write_text("mine")
    with pytest.raises(ReportError, match="which no report wrote"):
        write(folder, "new")
    assert (folder / name).read_text() == "mine"


def test_a_report_of_before_the_list_of_files_is_replaced(tmp_path):
    folder = tmp_path / "hub"
    (folder / "charts").mkdir(parents=True)
    for name in ("index.html", "charts/one.svg", "dbt.html", ".DS_Store"):
        (folder / name).write_text("old")
    write(folder, "new")
    assert content(folder) == {"new"}


def test_two_reports_at_a_time_leave_each_other_alone(tmp_path):
    with publish.replaced(tmp_path / "hub") as one:
        (one / "index.html").write_text("one")
        write(tmp_path / "hub", "other")
        assert content(tmp_path / "hub") == {"other"}
        (one / "extracts").mkdir()
    assert content(tmp_path / "hub") == {"one"}
    assert os.listdir(tmp_path) == ["hub"]


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "hub").symlink_to(tmp_path / "elsewhere")
    write(tmp_path / "hub", "new")
    assert (tmp_path / "hub").is_symlink()
    assert content(tmp_path / "elsewhere") == {"new"}
